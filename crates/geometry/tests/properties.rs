//! Properties that hold for all faces and boxes, not only for the golden ones.

use omote_geometry::{Landmarks, Overlap, Point, Pose, Rect, Rotation, Similarity, Template, nms};
use proptest::prelude::*;

fn point() -> impl Strategy<Value = Point> {
    (-500.0f32..500.0, -500.0f32..500.0).prop_map(|(x, y)| Point::new(x, y))
}

fn similarity() -> impl Strategy<Value = Similarity> {
    (0.2f32..5.0, -179.0f32..179.0, -300.0f32..300.0, -300.0f32..300.0)
        .prop_map(|(scale, degrees, tx, ty)| Similarity::new(scale, degrees, tx, ty))
}

/// Points of a plausible face: the template with every point moved by up to 6 pixels.
fn face() -> impl Strategy<Value = Landmarks> {
    prop::array::uniform5((-6.0f32..6.0, -6.0f32..6.0)).prop_map(|shifts| {
        let mut points = Template::ARCFACE_112.points;
        for (p, (dx, dy)) in points.0.iter_mut().zip(shifts) {
            *p = *p + Point::new(dx, dy);
        }
        points
    })
}

fn boxes() -> impl Strategy<Value = Vec<(Rect, f32)>> {
    let rect = (0.0f32..200.0, 0.0f32..200.0, 1.0f32..80.0, 1.0f32..80.0)
        .prop_map(|(x, y, w, h)| Rect::from_xywh(x, y, w, h));
    prop::collection::vec(rect, 0..40).prop_map(|rects| {
        // Distinct scores: with ties the order of the input would rightly matter.
        rects.into_iter().enumerate().map(|(i, r)| (r, (i as f32 * 0.618).fract())).collect()
    })
}

fn overlap() -> impl Strategy<Value = Overlap> {
    prop_oneof![Just(Overlap::Union), Just(Overlap::Min)]
}

fn any_float() -> impl Strategy<Value = f32> {
    prop_oneof![
        4 => -1e3f32..1e3,
        1 => prop::sample::select(vec![f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN, 0.0]),
    ]
}

proptest! {
    #[test]
    fn fit_recovers_a_similarity(map in similarity(), points in face()) {
        let moved = map.apply_all(&points);
        let found = Similarity::fit(&points.0, &moved.0).unwrap();
        prop_assert!((found.scale() - map.scale()).abs() < 1e-4 * map.scale());
        prop_assert!(found.residual_rms(&points.0, &moved.0) < 2e-3);
        for p in points.0 {
            prop_assert!(found.apply(p).distance(map.apply(p)) < 2e-3);
        }
    }

    #[test]
    fn fit_is_the_least_squares_optimum(points in face(), da in -0.02f32..0.02, db in -0.02f32..0.02, dx in -1.0f32..1.0, dy in -1.0f32..1.0) {
        let template = Template::ARCFACE_112;
        let best = template.fit(&points).unwrap();
        let other = Similarity { a: best.a + da, b: best.b + db, tx: best.tx + dx, ty: best.ty + dy };
        let residual = |m: &Similarity| m.residual_rms(&points.0, &template.points.0);
        prop_assert!(residual(&best) <= residual(&other) + 1e-4);
    }

    #[test]
    fn inverse_and_composition(m in similarity(), n in similarity(), p in point()) {
        let back = m.inverse().unwrap();
        prop_assert!(back.apply(m.apply(p)).distance(p) < 2e-2);
        prop_assert!(m.then(&back).apply(p).distance(p) < 2e-2);
        prop_assert!(m.then(&n).apply(p).distance(n.apply(m.apply(p))) < 2e-2);
    }

    #[test]
    fn alignment_is_equivariant(map in similarity(), points in face()) {
        // A photo that was turned, scaled and moved aligns to the same picture.
        let direct = Template::ARCFACE_112.fit(&points).unwrap();
        let via = map.then(&Template::ARCFACE_112.fit(&map.apply_all(&points)).unwrap());
        for p in points.0 {
            prop_assert!(direct.apply(p).distance(via.apply(p)) < 1e-2);
        }
    }

    #[test]
    fn pose_does_not_depend_on_place_and_size(map in similarity(), points in face()) {
        let unturned = Similarity { a: map.scale(), b: 0.0, ..map };
        let a = Pose::from_landmarks(&points).unwrap();
        let b = Pose::from_landmarks(&unturned.apply_all(&points)).unwrap();
        prop_assert!((a.yaw - b.yaw).abs() < 0.1 && (a.pitch - b.pitch).abs() < 0.1 && (a.roll - b.roll).abs() < 0.1);
        // The mirrored face is turned the other way.
        let c = Pose::from_landmarks(&points.flipped(112)).unwrap();
        prop_assert!((a.yaw + c.yaw).abs() < 0.1 && (a.pitch - c.pitch).abs() < 0.1 && (a.roll + c.roll).abs() < 0.1);
    }

    #[test]
    fn nms_is_idempotent(input in boxes(), overlap in overlap(), threshold in 0.0f32..1.0, extent in prop::sample::select(vec![0.0f32, 1.0])) {
        let kept: Vec<_> = nms(&input, threshold, overlap, extent).into_iter().map(|i| input[i]).collect();
        let again = nms(&kept, threshold, overlap, extent);
        prop_assert_eq!(again, (0..kept.len()).collect::<Vec<_>>());
        prop_assert!(kept.windows(2).all(|w| w[0].1 >= w[1].1));
    }

    #[test]
    fn nms_does_not_depend_on_the_order(input in boxes(), overlap in overlap(), threshold in 0.0f32..1.0, turn in 0usize..40) {
        let kept = |list: &[(Rect, f32)]| -> Vec<(Rect, f32)> {
            nms(list, threshold, overlap, 0.0).into_iter().map(|i| list[i]).collect()
        };
        let mut turned = input.clone();
        turned.rotate_left(turn % input.len().max(1));
        turned.reverse();
        prop_assert_eq!(kept(&input), kept(&turned));
    }

    #[test]
    fn every_dropped_box_overlaps_a_better_kept_one(input in boxes(), threshold in 0.0f32..1.0) {
        let kept = nms(&input, threshold, Overlap::Union, 0.0);
        for (i, (rect, score)) in input.iter().enumerate() {
            let covered = kept.iter().any(|&k| k != i && input[k].1 >= *score && input[k].0.iou(rect) > threshold);
            prop_assert_eq!(kept.contains(&i), !covered);
        }
    }

    #[test]
    fn nothing_breaks_on_any_number(values in prop::collection::vec(any_float(), 40), threshold in any_float()) {
        let rects: Vec<(Rect, f32)> =
            values.chunks_exact(5).map(|v| (Rect::new(v[0], v[1], v[2], v[3]), v[4])).collect();
        for overlap in [Overlap::Union, Overlap::Min] {
            for i in nms(&rects, threshold, overlap, 0.0) {
                prop_assert!(rects[i].0.is_finite() && rects[i].1.is_finite());
            }
        }
        for (a, b) in rects.iter().zip(rects.iter().rev()) {
            prop_assert!((0.0..=1.0).contains(&a.0.iou(&b.0)) && (0.0..=1.0).contains(&a.0.overlap_min(&b.0)));
            let clipped = a.0.clip(20.0, 30.0);
            prop_assert!(!(clipped.width() > 20.0 || clipped.height() > 30.0));
        }
        let points = Landmarks(std::array::from_fn(|i| Point::new(values[i], values[i + 5])));
        if let Some(map) = Template::ARCFACE_112.fit(&points) {
            prop_assert!(map.is_finite());
        }
        if let Some(pose) = Pose::from_landmarks(&points) {
            prop_assert!(pose.yaw.is_finite() && pose.pitch.is_finite() && pose.roll.is_finite());
        }
    }

    #[test]
    fn turning_a_point_four_times_is_nothing(x in 0u16..300, y in 0u16..200) {
        let start = Point::new(f32::from(x), f32::from(y));
        let (mut p, mut size) = (start, (300, 200));
        for _ in 0..4 {
            p = Rotation::Quarter.turn(p, size.0, size.1);
            size = Rotation::Quarter.turned_size(size.0, size.1);
        }
        prop_assert_eq!((p, size), (start, (300, 200)));
    }
}
