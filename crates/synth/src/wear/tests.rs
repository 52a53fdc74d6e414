//! Things fit the heads that they are made for.

use glam::Vec3;

use super::*;
use crate::{Form, Head, Landmark, Side};

const SKIN: Vec3 = Vec3::new(0.5, 0.33, 0.25);

fn head(number: u64) -> Head {
    let seed = Seed::new(77).number(number);
    Head::new(Template::get(), &Form::sample(seed, (number % 2) as f32, 20.0 + (number % 50) as f32))
}

/// The skin with a ball around each triangle.
struct Surface<'a> {
    skin: &'a Mesh,
    balls: Vec<(Vec3, f32)>,
}

impl<'a> Surface<'a> {
    fn new(skin: &'a Mesh) -> Self {
        let ball = |triangle: &[u32; 3]| {
            let corners = triangle.map(|at| skin.positions[at as usize]);
            let middle = (corners[0] + corners[1] + corners[2]) / 3.0;
            (middle, corners.into_iter().map(|corner| corner.distance(middle)).fold(0.0, f32::max))
        };
        Self { skin, balls: skin.triangles.iter().map(ball).collect() }
    }

    /// How far a point is above the skin (below 0 inside), if within `reach`.
    fn height(&self, point: Vec3, reach: f32) -> Option<f32> {
        let mut nearest = (reach, None);
        for (triangle, &(middle, size)) in self.skin.triangles.iter().zip(&self.balls) {
            if middle.distance_squared(point) > (nearest.0 + size).powi(2) {
                continue;
            }
            let corners = triangle.map(|at| self.skin.positions[at as usize]);
            let foot = foot(corners, point);
            let distance = foot.distance(point);
            if distance < nearest.0 {
                let normal = (corners[1] - corners[0]).cross(corners[2] - corners[0]);
                nearest = (distance, Some(distance.copysign(normal.dot(point - foot))));
            }
        }
        nearest.1
    }
}

/// The point of a triangle that is nearest to another (Ericson 2005, "Real-time collision detection", 5.1.5).
fn foot([a, b, c]: [Vec3; 3], point: Vec3) -> Vec3 {
    let along = |from: Vec3, to: Vec3| {
        let way = to - from;
        from + way * ((point - from).dot(way) / way.length_squared().max(1e-12)).clamp(0.0, 1.0)
    };
    let normal = (b - a).cross(c - a);
    let inside = |from: Vec3, to: Vec3| (to - from).cross(point - from).dot(normal) >= 0.0;
    if inside(a, b) && inside(b, c) && inside(c, a) {
        return point - normal * ((point - a).dot(normal) / normal.length_squared().max(1e-12));
    }
    let feet = [along(a, b), along(b, c), along(c, a)];
    feet.into_iter()
        .min_by(|p, q| p.distance_squared(point).total_cmp(&q.distance_squared(point)))
        .unwrap_or(a)
}

/// How many times a ray meets a surface.
fn crossings(mesh: &Mesh, from: Vec3, way: Vec3) -> usize {
    let hit = |triangle: &&[u32; 3]| {
        let [a, b, c] = triangle.map(|at| mesh.positions[at as usize] - from);
        let side = |p: Vec3, q: Vec3| way.dot(p.cross(q));
        let sides = [side(a, b), side(b, c), side(c, a)];
        let same = sides.iter().all(|side| *side > 0.0) || sides.iter().all(|side| *side < 0.0);
        let normal = (b - a).cross(c - a);
        same && a.dot(normal) * way.dot(normal) > 0.0
    };
    mesh.triangles.iter().filter(hit).count()
}

#[test]
fn glasses_rest_on_the_nose_and_reach_the_ears() {
    let template = Template::get();
    for number in 0..100 {
        let head = head(number);
        let glasses = Glasses::sample(Seed::new(number), number % 3 == 0);
        let surface = Surface::new(&head.skin);
        let frame = &glasses.make(&Fit::new(template, &head.skin))[0].mesh;
        let bridge = head.landmark(template, Landmark::NoseBridge);
        let near = |at: &&Vec3| at.x.abs() < 11.0 && at.distance(bridge) < 22.0;
        let rests = frame.positions.iter().filter(near).step_by(7).any(|&at| {
            let height = surface.height(at, 3.0);
            height.is_some_and(|height| height > -1.0)
        });
        assert!(rests, "{number} floats before the nose");
        for side in [Side::Left, Side::Right] {
            let ear = head.landmark(template, Landmark::EarTop(side));
            let beside = |at: &&Vec3| at.x * side.sign() > 40.0 && (at.z - ear.z).abs() < 5.0;
            let reaches =
                frame.positions.iter().filter(beside).step_by(3).any(|&at| surface.height(at, 3.0).is_some());
            assert!(reaches, "{number} does not reach the ear");
            assert!(frame.positions.iter().any(|at| at.x * side.sign() > 40.0 && at.z < ear.z - 6.0));
        }
    }
}

#[test]
fn masks_cover_nose_and_mouth_and_leave_the_eyes_free() {
    let template = Template::get();
    for number in 0..30 {
        let head = head(number);
        let mask = Mask::of(MaskKind::ALL[number as usize % 3], Seed::new(number));
        let cloth = &mask.make(&Fit::new(template, &head.skin))[0].mesh;
        // In front of a point there is one layer of cloth.
        let covered = |landmark: Landmark| {
            let place = head.landmark(template, landmark) + Vec3::new(0.013, 0.017, -1.0);
            crossings(cloth, place, Vec3::Z) > 0
        };
        for landmark in [Landmark::NoseTip, Landmark::Subnasale, Landmark::Ibug(31), Landmark::Ibug(35)] {
            assert!(covered(landmark), "{number} {:?} {landmark:?}", mask.kind);
        }
        for lips in 48..68 {
            assert!(covered(Landmark::Ibug(lips)), "{number} {:?} {lips}", mask.kind);
        }
        for eyes in 36..48 {
            assert!(!covered(Landmark::Ibug(eyes)), "{number} {:?} {eyes}", mask.kind);
        }
    }
}

/// All kinds of everything that is worn but earrings, which go through the lobes.
fn everything(seed: Seed) -> Vec<Item> {
    let mut items = vec![
        Item::Glasses(Glasses::sample(seed, false)),
        Item::Glasses(Glasses::sample(seed, true)),
        Item::Headscarf(Headscarf::sample(seed)),
        Item::Scarf(Scarf::sample(seed)),
        Item::Headphones(Headphones::sample(seed)),
        Item::Necklace(Necklace::sample(seed, 20.0)),
    ];
    items.extend(HatKind::ALL.map(|kind| Item::Hat(Hat::of(kind, seed))));
    items.extend(MaskKind::ALL.map(|kind| Item::Mask(Mask::of(kind, seed))));
    items.extend(OccluderKind::ALL.map(|kind| Item::Occluder(Occluder::of(kind, seed, SKIN))));
    items.extend(Collar::ALL.map(|collar| Item::Clothing(Clothing::of(collar, seed, 0.5))));
    items
}

#[test]
fn nothing_goes_into_the_skin() {
    let template = Template::get();
    let up = Vec3::new(0.011, 1.0, 0.007);
    let mut wrong = Vec::new();
    for number in 0..3 {
        let skin = head(number).skin;
        let surface = Surface::new(&skin);
        for item in everything(Seed::new(number)) {
            let parts = make(&item, template, &skin, Seed::new(number));
            for (part, worn) in parts.iter().enumerate() {
                let step = (worn.mesh.positions.len() / 30).max(1);
                for &at in worn.mesh.positions.iter().skip(number as usize).step_by(step) {
                    let depth = surface.height(at, 12.0).map_or(0.0, |height| -height);
                    if depth > 1.0 && crossings(&skin, at, up) % 2 == 1 {
                        wrong.push(format!("{number} part {part}: {depth} at {at} of {item:.0?}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}: {}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_same_seed_gives_the_same_item() {
    let template = Template::get();
    let skin = head(1).skin;
    let all = |seed: u64| {
        let mut items = everything(Seed::new(seed));
        items.push(Item::Earrings(Earrings::sample(Seed::new(seed))));
        items
    };
    assert_eq!(all(5), all(5));
    for (one, other) in all(5).into_iter().zip(all(6)) {
        assert_ne!(one, other);
        let [first, again] = [0, 1].map(|_| make(&one, template, &skin, Seed::new(3)));
        assert!(!first.is_empty());
        for (a, b) in first.iter().zip(&again) {
            assert_eq!((&a.mesh.positions, a.material), (&b.mesh.positions, b.material));
            let count = a.mesh.positions.len();
            assert!(a.mesh.normals.len() == count && a.mesh.uvs.len() == count && a.mesh.rest.len() == count);
            assert!(a.mesh.positions.iter().chain(&a.mesh.normals).all(|value| value.is_finite()));
            assert!(a.mesh.triangles.iter().flatten().all(|&at| (at as usize) < count));
        }
    }
}

#[test]
fn hats_hide_hair_above_their_edge() {
    let template = Template::get();
    let skin = template.mesh();
    for kind in HatKind::ALL {
        let hat = Item::Hat(Hat::of(kind, Seed::new(2)));
        let limit = hat.hair_limit(template, skin);
        let vertex = template.locate(skin, template.anchor(Landmark::Vertex)).0;
        let lobe = template.locate(skin, template.anchor(Landmark::EarLobe(Side::Left))).0;
        assert_eq!(limit.hides(vertex), kind != HatKind::Headband, "{kind:?}");
        assert!(!limit.hides(lobe));
    }
    assert!(Item::Mask(Mask::sample(Seed::new(1))).covers().contains(&FaceArea::Mouth));
    assert!(Item::Glasses(Glasses::sample(Seed::new(1), true)).covers().contains(&FaceArea::Eyes));
}
