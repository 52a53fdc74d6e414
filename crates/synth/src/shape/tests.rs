use glam::{Vec2, Vec3};

use super::*;
use crate::Seed;

/// What is measured, its mean and spread among people in mm, and how.
type Measure = (&'static str, f32, f32, fn(&Head) -> f32);
/// How many people are measured.
const FORMS: u64 = 2000;

fn template() -> &'static Template {
    Template::get()
}

fn head(form: &Form) -> Head {
    Head::new(template(), form)
}

fn twisted(seed: u64) -> Form {
    let mut form = Form::sample(Seed::new(seed), 0.3, 55.0).with_mood(Seed::new(seed), 1.0);
    form.gaze = [12.0, -7.0];
    form
}

#[test]
fn there_are_enough_modes_and_their_names_differ() {
    assert!(SHAPE_MODES.len() >= 60 && EXPRESSION_MODES.len() >= 20);
    let shapes = SHAPE_MODES.iter().chain(ASYMMETRY_MODES).map(|mode| mode.name);
    let mut names: Vec<&str> = shapes.chain(EXPRESSION_MODES.iter().map(|mode| mode.name)).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn traits_that_go_together_are_modes() {
    for (name, share) in form::COMMON_CAUSES.iter().flat_map(|cause| cause.iter()) {
        assert!(Form::shape_index(name).is_some(), "{name}");
        assert!(share.abs() < 1.0);
    }
    for (name, _, _) in form::MOODS.iter().flat_map(|mood| mood.1) {
        assert_ne!(Form::default().with_expression(name, 0.5), Form::default(), "{name}");
    }
    for mode in SHAPE_MODES {
        let shares =
            form::COMMON_CAUSES.iter().flat_map(|cause| cause.iter()).filter(|(of, _)| *of == mode.name);
        assert!(shares.map(|(_, share)| share * share).sum::<f32>() < 1.0, "{}", mode.name);
    }
}

#[test]
fn the_form_of_zeros_is_the_template() {
    let (zero, mesh) = (head(&Form::default()), template().mesh());
    let farthest = zero.skin.positions.iter().zip(&mesh.positions).map(|(a, b)| a.distance(*b));
    assert!(farthest.fold(0.0, f32::max) < 1e-4);
    let short =
        Form { shape: Vec::new(), asymmetry: vec![0.0; 999], expression: Vec::new(), ..Form::default() };
    assert_eq!(head(&short).skin.positions, zero.skin.positions);
    for (eye, side) in zero.eyes.iter().zip(Side::BOTH) {
        assert!(
            eye.positions.iter().zip(&template().eyeball(side).positions).all(|(a, b)| a.distance(*b) < 1e-4)
        );
    }
}

#[test]
fn a_seed_is_a_head() {
    let of = |seed| head(&Form::sample(Seed::new(seed), 0.5, 30.0)).skin.positions;
    assert_eq!(of(3), of(3));
    let apart = of(3).iter().zip(&of(4)).map(|(a, b)| a.distance(*b)).fold(0.0, f32::max);
    assert!(apart > 4.0, "{apart}");
}

#[test]
fn mirrored_forms_mirror_the_head() {
    let mirror = |point: Vec3| Vec3::new(-point.x, point.y, point.z);
    for seed in 0..6 {
        let form = twisted(seed);
        let (one, other) = (head(&form), head(&form.mirrored()));
        for (at, &twin) in template().twins().iter().enumerate() {
            let off = mirror(one.skin.positions[at]).distance(other.skin.positions[twin as usize]);
            assert!(off < 0.05, "vertex {at} of seed {seed} is {off} mm off");
        }
        assert!(mirror(one.eye_centers[0]).distance(other.eye_centers[1]) < 1e-3);
        assert_eq!(form.mirrored().mirrored(), form);
    }
}

/// Opening of an eye between its lids, and how near their edges come to the centre of the eyeball, in mm.
fn aperture(head: &Head, side: Side) -> (f32, f32) {
    let [upper, lower] = template()
        .lid_edges(side)
        .map(|edge| edge.iter().map(|&at| head.skin.positions[at as usize]).collect::<Vec<_>>());
    let gap = |point: &Vec3| {
        let to_piece = |pair: &[Vec3]| {
            let along = pair[1] - pair[0];
            let share = ((point - pair[0]).dot(along) / along.length_squared()).clamp(0.0, 1.0);
            point.distance(pair[0] + along * share)
        };
        lower.windows(2).map(to_piece).fold(f32::INFINITY, f32::min)
    };
    let center = head.eye_centers[side as usize];
    let near = upper.iter().chain(&lower).map(|point| point.distance(center));
    (upper.iter().map(gap).fold(0.0, f32::max), near.fold(f32::INFINITY, f32::min))
}

#[test]
fn a_blink_closes_every_eye_outside_of_the_eyeball() {
    for seed in 0..40 {
        let sample = Form::sample(Seed::new(seed), (seed % 3) as f32 * 0.5, 20.0 + 2.0 * seed as f32);
        let mut form = sample.with_expression("blink", 1.0);
        form.gaze = [0.0, seed as f32 - 20.0];
        let blinking = head(&form);
        for side in Side::BOTH {
            let (gap, nearest) = aperture(&blinking, side);
            assert!(gap < 0.5, "{gap} mm are open with seed {seed}");
            assert!(nearest > template().eye(side).radius, "{nearest} with seed {seed}");
        }
        form = form.with_expression("blink", 0.0);
        assert!(aperture(&head(&form), Side::Left).0 > 3.0, "seed {seed}");
    }
}

#[test]
fn no_skin_goes_into_the_eyeball() {
    let radius = template().eye(Side::Left).radius;
    for seed in 0..20 {
        let head = head(&twisted(seed));
        for (point, rest) in head.skin.positions.iter().zip(&head.skin.rest) {
            for (side, center) in Side::BOTH.into_iter().zip(head.eye_centers) {
                let before = rest.distance(template().eye(side).centre);
                let seen = before > radius && rest.z > center.z - 2.0 && before < 30.0;
                assert!(!seen || point.distance(center) > radius - 1e-2, "{rest} went to {point}");
            }
        }
    }
}

#[test]
fn lids_and_pupils_follow_the_gaze() {
    let of = |gaze| head(&Form { gaze, ..Form::default() });
    let pupil = |head: &Head| {
        let (eye, middle) = (&head.eyes[0], Vec2::splat(0.5));
        let at = eye.uvs.iter().position(|uv| uv.distance(middle) < 1e-3).unwrap();
        eye.positions[at] - head.eye_centers[0]
    };
    let degrees = |a: f32, b: f32| a.atan2(b).to_degrees();
    let aside = pupil(&of([20.0, 0.0]));
    assert!((degrees(aside.x, aside.z) - 20.0).abs() < 0.1, "{aside}");
    let up = pupil(&of([0.0, 15.0]));
    assert!((degrees(up.y, up.z) - 15.0).abs() < 0.1, "{up}");
    let lid = |up: f32| of([0.0, up]).landmark(template(), Landmark::Ibug(43)).y;
    assert!(
        lid(-20.0) < lid(0.0) - 2.0 && lid(0.0) + 0.8 < lid(12.0),
        "{} {} {}",
        lid(-20.0),
        lid(0.0),
        lid(12.0)
    );
}

#[test]
fn an_open_jaw_parts_the_lips() {
    let open = head(&Form::default().with_expression("jaw open", 1.0));
    let at = |number| open.landmark(template(), Landmark::Ibug(number));
    let gap = at(62).y - at(66).y;
    assert!((20.0..48.0).contains(&gap), "{gap}");
    let still = |landmark| {
        open.landmark(template(), landmark).distance(head(&Form::default()).landmark(template(), landmark))
    };
    assert!(still(Landmark::NoseTip) < 0.5 && still(Landmark::EarTop(Side::Left)) < 0.1);
    // The lower teeth go with the lower lip.
    let lowest =
        |head: &Head| head.teeth[1].positions.iter().map(|point| point.y).fold(f32::INFINITY, f32::min);
    assert!(lowest(&open) < lowest(&head(&Form::default())) - 15.0);
    let smile = head(&Form::default().with_expression("smile", 1.0));
    let corner = |head: &Head| head.landmark(template(), Landmark::MouthCorner(Side::Left));
    let moved = corner(&smile) - corner(&head(&Form::default()));
    assert!(moved.x > 3.0 && moved.y > 3.0, "{moved}");
}

#[test]
fn measures_spread_as_those_of_people() {
    let measures: [Measure; 5] = [
        ("between the pupils", 63.0, 3.6, |head| head.eye_centers[0].distance(head.eye_centers[1])),
        ("breadth of the face", 138.0, 6.0, |head| width(head, Landmark::Zygion)),
        ("nasion to menton", 120.0, 7.0, |head| {
            head.landmark(template(), Landmark::Nasion).distance(head.landmark(template(), Landmark::Menton))
        }),
        ("breadth of the nose", 35.0, 3.5, |head| width(head, Landmark::NoseWing)),
        ("breadth of the mouth", 50.0, 4.0, |head| width(head, Landmark::MouthCorner)),
    ];
    let basis = Basis::get(template());
    let mut sums = [[0.0f64; 2]; 5];
    for seed in 0..FORMS {
        let form = Form::sample(Seed::new(seed), (seed % 2) as f32, 30.0);
        // Landmarks do not need the normals and the eyes of a whole head.
        let moved = basis.moved(template(), &form);
        let skin =
            Mesh { positions: moved.skin, normals: template().mesh().normals.clone(), ..Mesh::default() };
        let head = Head { skin, eye_centers: moved.eyes, ..bare() };
        for (sum, measure) in sums.iter_mut().zip(&measures) {
            let value = f64::from(measure.3(&head));
            *sum = [sum[0] + value, sum[1] + value * value];
        }
    }
    let mut wrong = Vec::new();
    for (sum, (name, mean, spread, _)) in sums.iter().zip(&measures) {
        let found = sum[0] / FORMS as f64;
        let deviation = (sum[1] / FORMS as f64 - found * found).sqrt();
        println!("{name}: {found:.1} +- {deviation:.2}, people {mean} +- {spread}");
        if (found / f64::from(*mean) - 1.0).abs() > 0.06 || (deviation / f64::from(*spread) - 1.0).abs() > 0.2
        {
            wrong.push(*name);
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

fn width(head: &Head, landmark: fn(Side) -> Landmark) -> f32 {
    head.landmark(template(), landmark(Side::Left)).x - head.landmark(template(), landmark(Side::Right)).x
}

fn bare() -> Head {
    let none = || [Mesh::default(), Mesh::default()];
    Head {
        skin: Mesh::default(),
        eyes: none(),
        eye_centers: [Vec3::ZERO; 2],
        teeth: none(),
        gums: none(),
        tongue: Mesh::default(),
    }
}

#[test]
fn no_triangle_turns_over_at_the_ends_of_a_mode() {
    let template = template();
    let normal = |positions: &[Vec3], triangle: [u32; 3]| {
        let [a, b, c] = triangle.map(|at| positions[at as usize]);
        (b - a).cross(c - a)
    };
    let rest = &template.mesh().rest;
    let ends = (0..SHAPE_MODES.len()).flat_map(|at| [(at, -2.5), (at, 2.5)]);
    let mut wrong = Vec::new();
    for (at, value) in ends {
        let form = Form::default().with_shape(SHAPE_MODES[at].name, value);
        let moved = Basis::get(template).moved(template, &form);
        // Slivers have no direction to speak of.
        let over = template.mesh().triangles.iter().filter(|&&triangle| {
            let before = normal(rest, triangle);
            before.length() > 0.1 && before.dot(normal(&moved.skin, triangle)) <= 0.0
        });
        let count = over.count();
        if count > 0 {
            wrong.push((SHAPE_MODES[at].name, value, count));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn children_are_between_their_parents() {
    let parent = |seed| Form::sample(Seed::new(seed), 0.5, 40.0);
    let distance = |a: &Form, b: &Form| {
        a.shape.iter().zip(&b.shape).map(|(a, b)| (a - b) * (a - b)).sum::<f32>() / a.shape.len() as f32
    };
    let (mut siblings, mut strangers) = (0.0, 0.0);
    for seed in 0..50 {
        let (mother, father) = (parent(2 * seed), parent(2 * seed + 1));
        let child = |number| Form::child(&mother, &father, Seed::new(seed).number(number), 0.5, 12.0);
        siblings += distance(&child(0), &child(1));
        strangers += distance(&mother, &father);
    }
    assert!((0.4..0.62).contains(&(siblings / strangers)), "{}", siblings / strangers);
}

#[test]
fn gums_and_teeth_stay_behind_the_skin_of_closed_mouths() {
    // Seen from ahead, the skin in the middle of the chin and the lips must be nearer than what lies behind it.
    for seed in 0..60 {
        let head = head(&Form::sample(Seed::new(100 + seed), (seed % 2) as f32, 30.0));
        let below = head.landmark(template(), Landmark::Ibug(57)) - Vec3::Y * 8.0;
        let skin =
            head.skin.positions.iter().filter(|point| point.truncate().distance(below.truncate()) < 3.0);
        let front = skin.map(|point| point.z).fold(f32::NEG_INFINITY, f32::max);
        let inner = head.gums[1].positions.iter().chain(&head.teeth[1].positions);
        let behind = inner.filter(|point| point.truncate().distance(below.truncate()) < 3.0);
        let farthest = behind.map(|point| point.z).fold(f32::NEG_INFINITY, f32::max);
        assert!(farthest < front, "{farthest} before {front} with seed {seed}");
    }
}
