use std::f32::consts::{PI, TAU};

use geometry::Pose;
use glam::{Vec2, Vec3};
use proptest::prelude::*;

use super::*;
use crate::{Lamp, Reflectance, Sh9, SurfacePoint};

/// The same everywhere.
struct Plain(Reflectance);

impl Material for Plain {
    fn reflectance(&self, _: &SurfacePoint) -> Reflectance {
        self.0
    }

    fn sheer(&self) -> bool {
        self.0.opacity < 1.0
    }
}

fn dull(albedo: f32) -> Plain {
    Plain(Reflectance { gloss: 0.0, roughness: 1.0, ..Reflectance::matte(Vec3::splat(albedo)) })
}

/// A ball of any half axes.
fn ball(center: Vec3, radii: Vec3, rows: u32) -> Mesh {
    let columns = rows * 2;
    let mut mesh = Mesh::default();
    for row in 0..=rows {
        for column in 0..=columns {
            let (v, u) = (row as f32 / rows as f32, column as f32 / columns as f32);
            let ((sin, y), (x, z)) = ((v * PI).sin_cos(), (u * TAU).sin_cos());
            let at = Vec3::new(x * sin, y, z * sin);
            mesh.positions.push(center + at * radii);
            mesh.normals.push((at / radii).normalize());
        }
    }
    for row in 0..rows {
        for column in 0..columns {
            let a = row * (columns + 1) + column;
            let c = a + columns + 1;
            mesh.triangles.extend([[a, c, a + 1], [a + 1, c, c + 1]]);
        }
    }
    mesh
}

/// A square that faces the camera of a frontal picture.
fn card(z: f32, side: f32) -> Mesh {
    let corner = |x: f32, y: f32| Vec3::new(x * side * 0.5, y * side * 0.5, z);
    Mesh {
        positions: vec![corner(-1.0, -1.0), corner(1.0, -1.0), corner(1.0, 1.0), corner(-1.0, 1.0)],
        normals: vec![Vec3::Z; 4],
        triangles: vec![[0, 1, 2], [0, 2, 3]],
        ..Mesh::default()
    }
}

fn part<'a>(mesh: &'a Mesh, material: &'a dyn Material) -> Part<'a> {
    Part { mesh, material, casts_shadow: true, two_sided: false }
}

fn scene<'a>(parts: &[Part<'a>], side: u32, pose: Pose, light: Light) -> Scene<'a> {
    let camera = Camera::portrait(side, side, 260.0, 900.0, pose, 0.0);
    Scene { parts: parts.to_vec(), camera, light, background: None }
}

fn lamp(azimuth: f32, elevation: f32, size: f32) -> Light {
    Light { ambient: Sh9::default(), lamps: vec![Lamp::at(azimuth, elevation, Vec3::ONE, size)] }
}

fn even() -> Light {
    Light::even(Vec3::ONE)
}

fn pixel(picture: &Picture, x: u32, y: u32) -> Vec3 {
    picture.color[(y * picture.width + x) as usize]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn markers_are_drawn_where_they_are_projected(
        yaw in -90.0f32..90.0, pitch in -40.0f32..40.0, roll in -180.0f32..180.0,
        x in -70.0f32..70.0, y in -70.0f32..70.0, z in -70.0f32..70.0,
    ) {
        let (center, material) = (Vec3::new(x, y, z), dull(0.5));
        let marker = ball(center, Vec3::splat(5.0), 16);
        let scene = scene(&[part(&marker, &material)], 160, Pose { yaw, pitch, roll }, even());
        let picture = render(&scene, 4);
        let (mut sum, mut weights) = (Vec2::ZERO, 0.0);
        for (at, share) in picture.coverage(|_| true).into_iter().enumerate() {
            sum += (Vec2::new((at % 160) as f32, (at / 160) as f32) + 0.5) * share;
            weights += share;
        }
        let (seen, _) = scene.camera.project(center).unwrap();
        prop_assert!((sum / weights).distance(seen) < 0.1, "{} {seen}", sum / weights);
    }

    #[test]
    fn the_box_of_the_mask_is_that_of_the_vertices(
        yaw in -90.0f32..90.0, pitch in -40.0f32..40.0, roll in -180.0f32..180.0,
        side in 40u32..200, samples in 1u32..=4,
    ) {
        let material = dull(0.5);
        let head = ball(Vec3::new(5.0, 0.0, 10.0), Vec3::new(70.0, 100.0, 80.0), 30);
        let scene = scene(&[part(&head, &material)], side, Pose { yaw, pitch, roll }, even());
        let (mut low, mut high) = (Vec2::INFINITY, Vec2::NEG_INFINITY);
        for position in &head.positions {
            let (at, _) = scene.camera.project(*position).unwrap();
            (low, high) = (low.min(at), high.max(at));
        }
        let found = render(&scene, samples).bounds(|part| part == 0).unwrap();
        let off = [found.x1 - low.x, found.y1 - low.y, found.x2 - high.x, found.y2 - high.y];
        prop_assert!(off.iter().all(|off| off.abs() < 1.0), "{off:?}");
    }
}

/// The irradiance of a cosine lobe at an angle is 2/3 (sin + (pi - angle) cos): two clamped cosines convolved.
#[test]
fn a_ball_in_a_cosine_lobe_is_shaded_as_by_the_closed_form() {
    let toward = Vec3::new(0.4, -0.6, -0.5).normalize();
    let mut light = Light { ambient: Sh9::default(), lamps: Vec::new() };
    light.ambient.add_cosine_lobe(toward, Vec3::ONE);
    let (ball, material) = (ball(Vec3::ZERO, Vec3::splat(100.0), 60), dull(0.5));
    let picture = render(&scene(&[part(&ball, &material)], 100, Pose::default(), light), 2);
    let mut seen = 0;
    let whole: Vec<_> = picture.shares.iter().filter(|(.., share)| *share == 1.0).collect();
    for (pixel, ..) in whole {
        let (color, normal) = (picture.color[*pixel as usize], picture.normal[*pixel as usize]);
        seen += 1;
        let angle = normal.dot(toward).clamp(-1.0, 1.0).acos();
        let exact = 0.5 / PI * 2.0 / 3.0 * (angle.sin() + (PI - angle) * angle.cos());
        // Of the brightest place, which has 2/3 of the radiance.
        assert!((color.x - exact).abs() < 0.01 * 0.5 * 2.0 / 3.0, "{normal} {angle}: {exact} {color}");
    }
    assert!(seen > 3000);
}

#[test]
fn energy_is_not_created() {
    for (roughness, gloss) in [(0.1, 0.04), (0.4, 0.028), (0.4, 0.5), (1.0, 0.028), (1.0, 1.0)] {
        let ball = ball(Vec3::ZERO, Vec3::splat(100.0), 30);
        let material = Plain(Reflectance { roughness, gloss, ..Reflectance::matte(Vec3::ONE) });
        let parts = [part(&ball, &material)];
        // A white ball in even white light cannot be told from it, but some light is lost between rough facets.
        for color in render(&scene(&parts, 40, Pose::default(), even()), 2).color {
            assert!(color.max_element() < 1.001, "{roughness} {gloss}: {color}");
        }
        // Lamps all around are even light too, when each has 4 / count of it.
        let count = 80;
        let mut sum = vec![0.0; 40 * 40];
        for at in 0..count {
            let elevation = (1.0 - (2.0 * at as f32 + 1.0) / count as f32).asin().to_degrees();
            let light = lamp(at as f32 * 137.508, elevation, 1.0);
            let picture = render(&scene(&parts, 40, Pose::default(), light), 1);
            sum.iter_mut().zip(picture.color).for_each(|(sum, color)| *sum += color.x * 4.0 / count as f32);
        }
        // Sampled by few lamps, highlights are uneven, so the mean is what must hold.
        let lit: Vec<f32> = sum.iter().copied().filter(|sum| *sum > 0.0).collect();
        let mean = lit.iter().sum::<f32>() / lit.len() as f32;
        assert!((0.5..1.01).contains(&mean), "{roughness} {gloss}: {mean}");
    }
}

#[test]
fn shadows_fall_on_the_side_away_from_the_lamp() {
    let (wall, ball, material) = (card(-60.0, 400.0), ball(Vec3::ZERO, Vec3::splat(30.0), 30), dull(0.5));
    for (azimuth, elevation, dark, bright) in
        [(-50.0, 0.0, [75, 50], [25, 50]), (50.0, 0.0, [25, 50], [75, 50]), (0.0, 50.0, [50, 75], [50, 25])]
    {
        let parts = [part(&wall, &material), part(&ball, &material)];
        let picture = render(&scene(&parts, 100, Pose::default(), lamp(azimuth, elevation, 2.0)), 2);
        let [dark, bright] = [dark, bright].map(|[x, y]| pixel(&picture, x, y).x);
        assert!(dark < 0.02 && bright > 0.2, "{azimuth} {elevation}: {dark} {bright}");
        // What does not cast a shadow leaves the wall as it is.
        let parts = [part(&wall, &material), Part { casts_shadow: false, ..part(&ball, &material) }];
        let picture = render(&scene(&parts, 100, Pose::default(), lamp(azimuth, elevation, 2.0)), 2);
        assert!(pixel(&picture, 75, 50).x > 0.2 && pixel(&picture, 50, 75).x > 0.2);
    }
}

#[test]
fn larger_lamps_have_softer_shadows() {
    let (wall, ball, material) = (card(-60.0, 400.0), ball(Vec3::ZERO, Vec3::splat(30.0), 30), dull(0.5));
    let parts = [part(&wall, &material), part(&ball, &material)];
    let half_lit = |size| {
        let picture = render(&scene(&parts, 100, Pose::default(), lamp(-50.0, 0.0, size)), 2);
        let row = (62..100).map(|x| pixel(&picture, x, 50).x);
        row.filter(|light| (0.06..0.24).contains(light)).count()
    };
    assert!(half_lit(1.0) <= 4 && half_lit(20.0) >= 5, "{} {}", half_lit(1.0), half_lit(20.0));
}

#[test]
fn a_lit_ball_has_no_specks_of_shadow() {
    let (ball, material) = (ball(Vec3::ZERO, Vec3::splat(100.0), 40), dull(1.0));
    for light in [lamp(30.0, 20.0, 0.5), lamp(-70.0, 40.0, 10.0), lamp(10.0, -60.0, 30.0)] {
        let toward = light.lamps[0].direction;
        let picture = render(&scene(&[part(&ball, &material)], 120, Pose::default(), light), 2);
        for ((color, normal), share) in
            picture.color.iter().zip(&picture.normal).zip(picture.coverage(|_| true))
        {
            let lit = normal.dot(toward);
            if share == 1.0 && lit > 0.15 {
                assert!((color.x - lit).abs() < 0.05, "{normal}: {color} {lit}");
            }
        }
    }
}

#[test]
fn hollows_are_darker_than_hills() {
    // Two balls that touch: the groove between them sees less of the sky.
    let [left, right] = [-40.0, 40.0].map(|x| ball(Vec3::new(x, 0.0, 0.0), Vec3::splat(40.0), 30));
    let material = dull(0.5);
    let picture =
        render(&scene(&[part(&left, &material), part(&right, &material)], 100, Pose::default(), even()), 2);
    let (top, groove) = (pixel(&picture, 34, 50).x, pixel(&picture, 48, 50).x);
    assert!(top > 0.45 && groove < 0.75 * top, "{top} {groove}");
}

#[test]
fn relief_never_turns_a_surface_away_from_the_eye() {
    let gray = |relief: Vec3| Plain(Reflectance { relief, ..dull(0.5).0 });
    let card = card(0.0, 200.0);
    let seen = |material: &Plain, behind: bool| {
        let yaw = if behind { 180.0 } else { 0.0 };
        let both = Part { two_sided: true, ..part(&card, material) };
        let scene = scene(&[both], 32, Pose { yaw, pitch: 0.0, roll: 0.0 }, even());
        pixel(&render(&scene, 1), 16, 16).x
    };
    let (flat, outward) = (gray(Vec3::ZERO), gray(4.0 * Vec3::Z));
    for behind in [false, true] {
        let (expected, found) = (seen(&flat, behind), seen(&outward, behind));
        assert!((found - expected).abs() < 0.02 * expected, "{behind} {found} {expected}");
    }
}

#[test]
fn sheer_surfaces_let_through_what_is_behind() {
    let (near, far, wall) = (card(20.0, 100.0), card(0.0, 100.0), card(-20.0, 400.0));
    let color = |albedo, opacity| {
        Plain(Reflectance { gloss: 0.0, roughness: 1.0, opacity, ..Reflectance::matte(albedo) })
    };
    let (red, green, blue) = (color(Vec3::X, 0.5), color(Vec3::Y, 0.5), color(Vec3::Z, 1.0));
    // The order of parts does not matter, but that of depths does. The middle is too near for much to be hidden.
    for parts in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        let all = [part(&near, &red), part(&far, &green), part(&wall, &blue)];
        let parts = parts.map(|at| Part { casts_shadow: false, ..all[at] });
        let found = pixel(&render(&scene(&parts, 50, Pose::default(), lamp(0.0, 0.0, 1.0)), 2), 25, 25);
        assert!(found.distance(Vec3::new(0.5, 0.25, 0.25)) < 1e-3, "{found}");
    }
    // Clear glass still mirrors.
    let glass =
        Plain(Reflectance { roughness: 0.05, gloss: 0.04, opacity: 0.0, ..Reflectance::matte(Vec3::ZERO) });
    let found = pixel(&render(&scene(&[part(&near, &glass)], 50, Pose::default(), even()), 2), 25, 25);
    assert!((0.03..0.06).contains(&found.x), "{found}");
}

#[test]
fn thin_bodies_glow_red_against_the_light() {
    let glow = |thickness: f32| {
        let skin = Plain(Reflectance { scatter: 2.5, ..dull(0.6).0 });
        let ear = ball(Vec3::ZERO, Vec3::new(60.0, 60.0, thickness * 0.5), 30);
        pixel(&render(&scene(&[part(&ear, &skin)], 60, Pose::default(), lamp(180.0, 0.0, 5.0)), 2), 30, 30)
    };
    let (thin, thick) = (glow(5.0), glow(60.0));
    assert!(thin.x > 0.03 && thin.x > 3.0 * thin.y && thick.x < 1e-3, "{thin} {thick}");
}

#[test]
fn light_wanders_over_the_edge_of_a_shadow() {
    let (wall, ball) = (card(-60.0, 400.0), ball(Vec3::ZERO, Vec3::splat(30.0), 30));
    let picture = |scatter| {
        let material = Plain(Reflectance { scatter, ..dull(0.5).0 });
        let parts = [part(&wall, &material), part(&ball, &material)];
        render(&scene(&parts, 200, Pose::default(), lamp(-50.0, 0.0, 1.0)), 2)
    };
    let (skin, clay) = (picture(3.0), picture(0.0));
    let redder = |picture: &Picture| {
        let row = (124..200).map(|x| pixel(picture, x, 100));
        row.map(|color| color.x - color.z).fold(0.0, f32::max)
    };
    assert!(redder(&skin) > 0.01 && redder(&clay) < 1e-6, "{} {}", redder(&skin), redder(&clay));
}

#[test]
fn a_scene_has_one_picture() {
    let (wall, ball, material) = (card(-60.0, 400.0), ball(Vec3::ZERO, Vec3::splat(60.0), 30), dull(0.5));
    let hair = Plain(Reflectance { opacity: 0.6, ..Reflectance::matte(Vec3::splat(0.2)) });
    let parts = [part(&wall, &material), part(&ball, &hair)];
    let scene = scene(&parts, 60, Pose { yaw: 20.0, pitch: 5.0, roll: 3.0 }, Light::studio());
    assert_eq!(render(&scene, 3), render(&scene, 3));
}

#[test]
fn the_background_is_seen_where_nothing_else_is() {
    let (card, material) = (card(0.0, 50.0), dull(0.5));
    let mut scene = scene(&[part(&card, &material)], 20, Pose::default(), even());
    scene.background = Some((0..400).map(|at| Vec3::splat(at as f32)).collect());
    let picture = render(&scene, 1);
    assert_eq!(pixel(&picture, 1, 3), Vec3::splat(61.0));
    assert_eq!((picture.part[0], picture.depth[0], picture.normal[0]), (None, f32::INFINITY, Vec3::ZERO));
    let middle = 10 * 20 + 10;
    assert_eq!((picture.part[middle], picture.normal[middle]), (Some(0), Vec3::NEG_Z));
    assert!((picture.depth[middle] - 900.0).abs() < 1e-2 && picture.color[middle].x < 0.6);
}

#[test]
fn broken_meshes_are_left_out() {
    let material = dull(0.5);
    let mut broken = card(0.0, 100.0);
    broken.triangles = vec![[0, 1, 9], [0, 0, 1], [2, 2, 2]];
    let mut behind = card(5000.0, 100.0);
    behind.positions[2].x = f32::NAN;
    let empty = Mesh::default();
    let parts = [part(&broken, &material), part(&behind, &material), part(&empty, &material)];
    let picture = render(&scene(&parts, 10, Pose::default(), Light::studio()), 2);
    assert!(picture.shares.is_empty() && picture.bounds(|_| true).is_none());
    let nothing = render(&scene(&parts, 0, Pose::default(), Light::studio()), 2);
    assert!(nothing.color.is_empty());
}
