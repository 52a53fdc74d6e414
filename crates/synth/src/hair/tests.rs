//! What all styles have in common.

use glam::Vec3;

use super::*;
use crate::{Form, HairLimit, Head, Landmark, Material, Mesh, Region, Seed, Side, SurfacePoint, Template};

/// Styles of all families: straight, wavy and curly, on heads of their own.
fn people(each: u64) -> impl Iterator<Item = (Hairstyle, Head)> {
    Family::ALL.into_iter().zip(0..).flat_map(move |(family, number)| {
        (0..each).map(move |variant| {
            let seed = Seed::new(100 * number + variant);
            let form = Form::sample(seed.of("form"), (variant % 2) as f32, 20.0 + 12.0 * variant as f32);
            let style = Hairstyle::of(family, seed, [0.05, 0.4, 0.7][variant as usize % 3]);
            (style, Head::new(Template::get(), &form))
        })
    })
}

/// How often a closed surface winds around a point (Jacobson et al. 2013, "Robust inside-outside segmentation"):
/// about 1 inside and 0 outside, and between them near holes.
fn winding(mesh: &Mesh, point: Vec3) -> f32 {
    let solid = |triangle: &[u32; 3]| {
        let [a, b, c] = triangle.map(|at| mesh.positions[at as usize] - point);
        let [x, y, z] = [a.length(), b.length(), c.length()];
        let below = x * y * z + a.dot(b) * z + b.dot(c) * x + c.dot(a) * y;
        2.0 * a.dot(b.cross(c)).atan2(below)
    };
    mesh.triangles.iter().map(solid).sum::<f32>() / (4.0 * std::f32::consts::PI)
}

/// Distance to the nearest triangle, from its corners and the middles of its edges.
fn distance(mesh: &Mesh, point: Vec3) -> f32 {
    let to_line = |a: Vec3, b: Vec3| {
        let share = ((point - a).dot(b - a) / (b - a).length_squared().max(1e-9)).clamp(0.0, 1.0);
        point.distance(a.lerp(b, share))
    };
    let to = |triangle: &[u32; 3]| {
        let [a, b, c] = triangle.map(|at| mesh.positions[at as usize]);
        let middle = (a + b + c) / 3.0;
        to_line(a, middle).min(to_line(b, middle)).min(to_line(c, middle)).min(to_line(a, b))
    };
    mesh.triangles.iter().map(to).fold(f32::INFINITY, f32::min)
}

#[test]
fn no_hair_grows_into_the_head() {
    let mut checked = 0;
    for (style, head) in people(1) {
        let mut parts = grow(&style, Template::get(), &head.skin);
        let beard = Beard { kind: BeardKind::Full, length: 12.0, density: 1.0, ..Beard::none() };
        parts.extend(beard.grow(Template::get(), &head.skin));
        // Sheets of hair end in nothing, and where nothing is seen may be anywhere: `rest` is as long as they are full.
        let seen = |mesh: &Mesh| {
            let pairs = mesh.positions.clone().into_iter().zip(mesh.rest.clone());
            pairs.filter(|(_, rest)| rest.length() > 0.1).map(|(place, _)| place)
        };
        let vertices: Vec<Vec3> = parts.iter().flat_map(|part| seen(&part.mesh)).collect();
        let floor = head.skin.positions.iter().map(|at| at.y).fold(f32::INFINITY, f32::min);
        for &vertex in vertices.iter().step_by(vertices.len() / 60 + 1) {
            assert!(vertex.is_finite());
            // Below its edge the skin has no inside.
            if vertex.y > floor + 25.0 && winding(&head.skin, vertex) > 0.5 {
                let deep = distance(&head.skin, vertex);
                assert!(deep < 1.0, "{:?} {vertex} {deep}", style.family);
            }
            checked += 1;
        }
    }
    assert!(checked > 600);
}

/// How far out a ray from a point meets a triangle, in lengths of its direction.
fn meets(triangle: [Vec3; 3], from: Vec3, toward: Vec3) -> Option<f32> {
    let [a, b, c] = triangle;
    let (u, v) = (b - a, c - a);
    let cross = toward.cross(v);
    let whole = u.dot(cross);
    if whole.abs() < 1e-9 {
        return None;
    }
    let off = from - a;
    let across = off.cross(u);
    let (x, y) = (off.dot(cross) / whole, toward.dot(across) / whole);
    (x >= -1e-3 && y >= -1e-3 && x + y <= 1.001).then(|| v.dot(across) / whole)
}

#[test]
fn hair_has_no_gaps() {
    let template = Template::get();
    let skin = template.mesh();
    let scalp = template.weights(Region::Scalp);
    for family in Family::ALL {
        if matches!(family, Family::Bald | Family::Buzz | Family::Cornrows) {
            continue;
        }
        let parts = grow(&Hairstyle::of(family, Seed::new(8), 0.3), template, skin);
        let closed: Vec<&HairPart> = parts.iter().filter(|part| !part.material.sheer()).collect();
        let covered = |&at: &usize| {
            let (place, normal) = (skin.positions[at], skin.normals[at]);
            closed.iter().any(|part| {
                part.mesh.triangles.iter().any(|triangle| {
                    let triangle = triangle.map(|at| part.mesh.positions[at as usize]);
                    meets(triangle, place, normal).is_some_and(|far| (0.0..120.0).contains(&far))
                })
            })
        };
        // Well behind the hairline and above the neck all of the scalp lies below closed hair.
        let inside = |at: &usize| scalp[*at] > 0.99 && skin.rest[*at].y > 70.0 && skin.rest[*at].z < 20.0;
        let places: Vec<usize> = (0..scalp.len()).filter(inside).step_by(9).collect();
        assert!(places.len() > 20);
        let bare: Vec<Vec3> = places.iter().filter(|at| !covered(at)).map(|&at| skin.rest[at]).collect();
        assert!(bare.is_empty(), "{family:?} {bare:?}");
    }
}

#[test]
fn hair_lies_flat_under_a_hat() {
    let template = Template::get();
    let skin = template.mesh();
    let normal = Vec3::new(0.0, 0.97, -0.24).normalize();
    let point = template.locate(skin, template.anchor(Landmark::Glabella)).0 + Vec3::Y * 25.0;
    let limit = HairLimit::Above { point, normal };
    for family in Family::ALL {
        let style = Hairstyle::of(family, Seed::new(5), 0.5);
        assert!(grow_under(&style, template, skin, HairLimit::All).is_empty());
        for part in grow_under(&style, template, skin, limit) {
            let mut above: Vec<u32> = part.mesh.triangles.iter().flatten().copied().collect();
            above.sort_unstable();
            above.dedup();
            let places = above.into_iter().map(|at| part.mesh.positions[at as usize]);
            let over = places.filter(|place| (*place - point).dot(normal) > 0.0);
            for place in over.step_by(23) {
                let (high, off) = ((place - point).dot(normal), distance(skin, place));
                assert!(high < 45.0 && off < 7.0, "{family:?} {place} {high} {off}");
            }
        }
    }
}

#[test]
fn hair_is_not_too_much() {
    for (style, head) in people(3) {
        let parts = grow(&style, Template::get(), &head.skin);
        let triangles: usize = parts.iter().map(|part| part.mesh.triangles.len()).sum();
        assert!(triangles <= 20_000, "{:?} {triangles}", style.family);
        assert_eq!(triangles == 0, style.family == Family::Bald);
        for part in &parts {
            let mesh = &part.mesh;
            assert!(mesh.triangles.iter().flatten().all(|&at| (at as usize) < mesh.positions.len()));
            let lists = [mesh.normals.len(), mesh.uvs.len(), mesh.rest.len()];
            assert!(lists.iter().all(|&length| length == mesh.positions.len()));
        }
    }
}

#[test]
fn the_same_seed_is_the_same_hair() {
    let skin = Template::get().mesh();
    for family in Family::ALL {
        let places = |seed: u64| {
            let parts = grow(&Hairstyle::of(family, Seed::new(seed), 0.5), Template::get(), skin);
            parts.into_iter().flat_map(|part| part.mesh.positions).collect::<Vec<_>>()
        };
        assert_eq!(places(3), places(3));
        // A cover alone is as the skin is, only its thickness differs.
        assert!(family == Family::Bald || places(3) != places(4), "{family:?}");
    }
}

#[test]
fn eyes_are_not_covered() {
    for (style, head) in people(4) {
        let parts = grow(&style, Template::get(), &head.skin);
        for side in Side::BOTH {
            let eye = head.landmark(Template::get(), Landmark::EyeCenter(side));
            let covers = |at: &Vec3| {
                let off = *at - eye;
                off.z > -3.0 && off.x.abs() < 15.0 && off.y < 9.0 && off.y > -30.0
            };
            let hidden = parts.iter().flat_map(|part| &part.mesh.positions).find(|at| covers(at));
            assert!(hidden.is_none(), "{:?} {:?}", style.family, hidden.map(|at| *at - eye));
        }
    }
}

#[test]
fn brows_lie_above_the_eyes_and_lashes_at_them() {
    let template = Template::get();
    for (style, head) in people(1).take(4) {
        let brows = Brows::sample(style.seed, 1.0, &style.color).grow(template, &head.skin);
        let lashes = Lashes::sample(style.seed, 0.0, &style.color).grow(template, &head.skin);
        assert!(brows.len() == 2 && lashes.len() == 1);
        let eye = head.landmark(template, Landmark::EyeCenter(Side::Left));
        let left = |parts: &[HairPart]| -> Vec<Vec3> {
            let all = parts.iter().flat_map(|part| &part.mesh.positions);
            all.copied().filter(|at| at.x > 0.0).collect()
        };
        assert!(left(&brows).iter().all(|at| at.y > eye.y && at.distance(eye) < 60.0));
        assert!(left(&lashes).iter().all(|at| at.distance(eye) < 30.0 && at.z > eye.z - 15.0));
    }
}

#[test]
fn beards_are_where_they_belong() {
    let template = Template::get();
    let skin = template.mesh();
    let mouth = template.locate(skin, template.anchor(Landmark::Ibug(51))).0;
    let beard = |kind, length| Beard { kind, length, density: 1.0, ..Beard::none() }.grow(template, skin);
    assert!(beard(BeardKind::Clean, 10.0).is_empty());
    let places =
        |parts: Vec<HairPart>| parts.into_iter().flat_map(|part| part.mesh.positions).collect::<Vec<_>>();
    let goatee = places(beard(BeardKind::Goatee, 8.0));
    assert!(!goatee.is_empty() && goatee.iter().all(|at| at.x.abs() < 45.0 && at.y < mouth.y));
    let full: usize = beard(BeardKind::Full, 30.0).iter().map(|part| part.mesh.triangles.len()).sum();
    assert!((5_000..20_000).contains(&full), "{full}");
}

#[test]
fn fine_strands_fade_far_away_and_colors_stay() {
    let mut style = Hairstyle::of(Family::Long, Seed::new(1), 0.1);
    for (eumelanin, pheomelanin) in [(7.0, 0.1), (1.3, 0.15), (0.12, 0.3), (0.06, 1.0)] {
        style.color = HairColor::natural(eumelanin, pheomelanin);
        let parts = grow(&style, Template::get(), Template::get().mesh());
        let spread = |footprint: f32| {
            let part = &parts[parts.len() - 1];
            let (mut sum, mut squares, mut count) = (Vec3::ZERO, 0.0, 0.0);
            for step in 0..2000 {
                let uv = glam::Vec2::new((step as f32 * 0.618).fract(), 0.5);
                let point = SurfacePoint { uv, rest: Vec3::Z, normal: Vec3::NEG_Z, footprint };
                let surface = part.material.reflectance(&point);
                assert!((0.0..=1.0).contains(&surface.opacity) && surface.albedo.max_element() <= 1.0);
                sum += surface.albedo;
                squares += surface.albedo.x * surface.albedo.x;
                count += 1.0;
            }
            let mean = sum / count;
            (mean, (squares / count - mean.x * mean.x).max(0.0).sqrt() / mean.x)
        };
        let ((near, streaks), (far, _)) = (spread(0.2), spread(8.0));
        assert!(near.distance(far) < 0.12 * far.length(), "{near} {far}");
        assert!(streaks > 0.15, "{streaks}");
        let ratio = far / style.color.albedo();
        assert!(ratio.min_element() > 0.5 && ratio.max_element() < 1.3, "{ratio}");
    }
}
