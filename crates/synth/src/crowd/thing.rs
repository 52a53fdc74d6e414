//! Things that stand among people and are no faces, though some look a little like one.

use std::f32::consts::TAU;

use glam::{Vec2, Vec3};

use super::paint::{Paint, Pattern};
use crate::wear::solid::{ball, cord, sheet};
use crate::{
    Clothing, Complexion, Hairstyle, Item, Mask, Material, Mesh, Occluder, OccluderKind, Part, Pose, Seed,
    Stream, Template, grow, make,
};

/// What a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ThingKind {
    /// A ball of one colour, of wedges or with speckles.
    Ball,
    /// An apple, an orange or a melon.
    Fruit,
    /// A face that is drawn on a disc or a sheet of paper.
    Cartoon,
    /// A head without a face, with hair or clothes, as dolls and shop windows have.
    Dummy,
    /// A hand.
    Hand,
    /// A medical mask that nobody wears.
    Mask,
    /// A box with two holes and a slit.
    Fixture,
    /// A wall, a hedge, a desk or the backs of seats, before people.
    Barrier,
    /// What people stand on.
    Floor,
}

impl ThingKind {
    /// Things that a detector may take for a face.
    pub const LURES: [Self; 7] =
        [Self::Ball, Self::Fruit, Self::Cartoon, Self::Dummy, Self::Hand, Self::Mask, Self::Fixture];

    /// How far the middle of a ball, a fruit or a mask of size 1 is above what it lies on, in millimetres; 0 for what
    /// does not lie.
    pub(super) fn half(self) -> f32 {
        match self {
            Self::Ball | Self::Fruit => 100.0,
            Self::Mask => 52.0,
            _ => 0.0,
        }
    }
}

/// A thing somewhere before the camera.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thing {
    /// What it is.
    pub kind: ThingKind,
    /// Where its origin is, in the frame of the camera, in millimetres: the middle of a ball, the upper front edge of a
    /// barrier, any point of the floor.
    pub place: Vec3,
    /// How it is turned.
    pub pose: Pose,
    /// Its size against that of a head; barriers and floors are as large as they must be.
    pub size: f32,
    /// Whether it stands where grass and hedges grow.
    pub outside: bool,
    /// What else differs: colours, patterns.
    pub seed: Seed,
}

/// Surfaces of a thing, in its own frame, which is as that of a head.
pub(super) struct Body {
    surfaces: Vec<(Mesh, Box<dyn Material>, bool)>,
}

impl Body {
    /// Shadows are places of the floor, x to the right and z away from the origin's, where something stands.
    pub(super) fn new(thing: &Thing, shadows: &[Vec2]) -> Self {
        let mut stream = thing.seed.of("thing").stream();
        let mut surfaces: Vec<(Mesh, Box<dyn Material>, bool)> = Vec::new();
        let number = thing.seed.value();
        let mut add = |mesh: Mesh, material: Paint| surfaces.push((mesh, Box::new(material), false));
        match thing.kind {
            ThingKind::Ball => {
                let pattern = [Pattern::Plain, Pattern::Wedges(6.0), Pattern::Speckles][stream.below(3)];
                let (color, second) = (color(&mut stream), color(&mut stream));
                let roughness = stream.between(0.25, 0.7);
                let round = ball(Vec3::ZERO, Vec3::splat(105.0), 32, 20);
                add(round, Paint::new(pattern, color, second, roughness, number));
            }
            ThingKind::Fruit => fruit(&mut stream, number, &mut add),
            ThingKind::Cartoon => {
                let yellow = stream.chance(0.5);
                let color =
                    if yellow { Vec3::new(0.85, 0.6, 0.06) } else { color(&mut stream).lerp(Vec3::ONE, 0.5) };
                let pattern =
                    Pattern::Cartoon { smile: stream.between(-1.0, 1.0), cheeks: stream.chance(0.5) };
                let paint = Paint::new(pattern, color, Vec3::splat(0.03), 0.6, number);
                add(if stream.chance(0.6) { disc(95.0) } else { panel(100.0, 115.0) }, paint);
            }
            ThingKind::Dummy => surfaces = dummy(thing.seed, &mut stream),
            ThingKind::Hand | ThingKind::Mask => {
                let skin = Complexion::sample(thing.seed, stream.between(0.0, 1.0), 40.0, 0.5).color();
                let item = match thing.kind {
                    ThingKind::Hand => Item::Occluder(Occluder::of(OccluderKind::HandEye, thing.seed, skin)),
                    _ => Item::Mask(Mask::sample(thing.seed)),
                };
                let template = Template::get();
                // The strings of a mask that nobody wears are not taut but lie behind it: its first part is enough.
                let parts = make(&item, template, template.mesh(), thing.seed).into_iter().take(1);
                for part in parts {
                    surfaces.push((centred(part.mesh), Box::new(part.material), part.two_sided));
                }
            }
            ThingKind::Fixture => {
                let color = color(&mut stream).lerp(Vec3::splat(0.6), 0.5);
                let paint = Paint::new(Pattern::Fixture, color, color * 0.1, 0.4, number);
                add(panel(85.0, stream.between(70.0, 105.0)), paint);
            }
            ThingKind::Barrier => add(barrier(), barrier_paint(&mut stream, thing.outside, number)),
            ThingKind::Floor => {
                let mut paint = floor_paint(&mut stream, thing.outside, number);
                paint.shadows = shadows.to_vec();
                add(floor(), paint);
            }
        }
        if !matches!(thing.kind, ThingKind::Barrier | ThingKind::Floor) {
            for (mesh, ..) in &mut surfaces {
                mesh.positions.iter_mut().for_each(|place| *place *= thing.size);
            }
        }
        Self { surfaces }
    }

    pub(super) fn parts(&self) -> Vec<Part<'_>> {
        self.surfaces
            .iter()
            .map(|(mesh, material, two_sided)| Part {
                mesh,
                material: material.as_ref(),
                casts_shadow: true,
                two_sided: *two_sided,
            })
            .collect()
    }
}

/// Any colour that things are made in.
fn color(stream: &mut Stream) -> Vec3 {
    let channel = |stream: &mut Stream| stream.between(0.15, 0.95).powi(2);
    Vec3::new(channel(stream), channel(stream), channel(stream))
}

fn fruit(stream: &mut Stream, number: u64, add: &mut impl FnMut(Mesh, Paint)) {
    let (color, second, pattern, radii) = match stream.below(3) {
        // An apple, an orange, a melon.
        0 => (
            Vec3::new(0.5, 0.05, 0.03),
            Vec3::new(0.6, 0.5, 0.1),
            Pattern::Speckles,
            Vec3::new(100.0, 92.0, 100.0),
        ),
        1 => (Vec3::new(0.8, 0.3, 0.02), Vec3::new(0.7, 0.25, 0.02), Pattern::Speckles, Vec3::splat(98.0)),
        _ => (
            Vec3::new(0.1, 0.22, 0.04),
            Vec3::new(0.4, 0.45, 0.15),
            Pattern::Wedges(14.0),
            Vec3::new(100.0, 125.0, 100.0),
        ),
    };
    let mut body = ball(Vec3::ZERO, radii, 40, 24);
    if pattern == Pattern::Speckles {
        // The pits at the stalk.
        for place in &mut body.positions {
            let off = Vec2::new(place.x, place.z).length() / radii.x;
            place.y *= 1.0 - 0.4 * (-(off / 0.3).powi(2)).exp();
        }
        body.smooth_normals(&[]);
    }
    add(body, Paint::new(pattern, color, second, 0.35, number));
    let stalk = [Vec3::Y * 0.55 * radii.y, Vec3::new(4.0, radii.y, 3.0), Vec3::new(12.0, 1.2 * radii.y, 5.0)];
    add(
        cord(&stalk, 4.0, 8),
        Paint::new(Pattern::Plain, Vec3::new(0.1, 0.06, 0.03), Vec3::ZERO, 0.8, number),
    );
}

/// A smooth head and neck in a wig or in clothes.
fn dummy(seed: Seed, stream: &mut Stream) -> Vec<(Mesh, Box<dyn Material>, bool)> {
    let template = Template::get();
    let skin = template.mesh();
    let color = match stream.below(3) {
        0 => Vec3::splat(stream.between(0.5, 0.8)),
        1 => Vec3::new(0.62, 0.45, 0.34) * stream.between(0.5, 1.1),
        _ => Vec3::splat(stream.between(0.02, 0.1)),
    };
    let plastic = Paint::new(Pattern::Plain, color, color, 0.4, seed.value());
    let head = ball(Vec3::new(0.0, 20.0, 8.0), Vec3::new(76.0, 112.0, 98.0), 40, 26);
    let neck = cord(&[Vec3::new(0.0, -180.0, -25.0), Vec3::new(0.0, -40.0, -8.0)], 52.0, 24);
    let mut surfaces: Vec<(Mesh, Box<dyn Material>, bool)> =
        vec![(head, Box::new(plastic.clone()), false), (neck, Box::new(plastic), false)];
    if stream.chance(0.7) {
        let hair = Hairstyle::sample(seed.of("wig"), stream.between(0.0, 1.0), 30.0, 0.5);
        for part in grow(&hair, template, skin) {
            surfaces.push((part.mesh, Box::new(part.material), true));
        }
    }
    let clothing = Item::Clothing(Clothing::sample(seed.of("clothing"), 0.5));
    for part in make(&clothing, template, skin, seed) {
        surfaces.push((part.mesh, Box::new(part.material), part.two_sided));
    }
    surfaces
}

/// Moves the middle of a surface to the origin.
fn centred(mut mesh: Mesh) -> Mesh {
    let (low, high) = mesh
        .positions
        .iter()
        .fold((Vec3::INFINITY, Vec3::NEG_INFINITY), |(low, high), place| (low.min(*place), high.max(*place)));
    mesh.positions.iter_mut().for_each(|place| *place -= 0.5 * (low + high));
    mesh
}

/// A slightly domed disc that faces ahead, painted from corner to corner of its square.
fn disc(radius: f32) -> Mesh {
    let mut mesh = sheet(36, 10, true, |u, v| {
        let at = Vec2::from_angle(-u * TAU) * v * radius;
        at.extend(14.0 * (1.0 - v * v))
    });
    for (uv, place) in mesh.uvs.iter_mut().zip(&mesh.positions) {
        *uv = place.truncate() / (2.0 * radius) + 0.5;
    }
    facing(mesh)
}

/// A flat panel that faces ahead.
fn panel(half_width: f32, half_height: f32) -> Mesh {
    facing(sheet(6, 6, false, |u, v| {
        Vec3::new((2.0 * u - 1.0) * half_width, (2.0 * v - 1.0) * half_height, 0.0)
    }))
}

/// Turns triangles round if they do not face ahead.
fn facing(mut mesh: Mesh) -> Mesh {
    if mesh.normals.iter().map(|normal| normal.z).sum::<f32>() < 0.0 {
        mesh.triangles.iter_mut().for_each(|triangle| triangle.swap(1, 2));
        mesh.normals.iter_mut().for_each(|normal| *normal = -*normal);
    }
    mesh
}

/// A wall wide enough for every picture, with a top that is 120 mm deep.
fn barrier() -> Mesh {
    const WIDE: f32 = 60_000.0;
    let mut mesh =
        facing(sheet(160, 12, false, |u, v| Vec3::new((u - 0.5) * WIDE, -3200.0 * (1.0 - v), 0.0)));
    mesh.append(&sheet(160, 1, false, |u, v| Vec3::new((u - 0.5) * WIDE, 0.0, -120.0 * v)));
    mesh
}

fn barrier_paint(stream: &mut Stream, outside: bool, number: u64) -> Paint {
    let wood = Vec3::new(0.36, 0.22, 0.12) * stream.between(0.3, 1.4);
    let hedge = if outside { 1.0 } else { 0.0 };
    match stream.weighted(&[1.0, hedge, 1.0, 1.0]) {
        0 => Paint::new(Pattern::Boards(stream.between(70.0, 190.0)), wood, wood * 0.35, 0.6, number),
        1 => {
            let leaf = Vec3::new(0.09, 0.2, 0.04) * stream.between(0.5, 1.3);
            Paint::new(Pattern::Leaves, leaf * 0.35, leaf * 1.5, 0.8, number)
        }
        2 => {
            let dull = color(stream).lerp(Vec3::splat(0.25), 0.65);
            Paint::new(Pattern::Plain, dull, Vec3::ZERO, 0.9, number)
        }
        _ => Paint::new(Pattern::Plain, Vec3::splat(stream.between(0.15, 0.6)), Vec3::ZERO, 0.9, number),
    }
}

/// A floor from near the camera to the horizon, denser near by.
fn floor() -> Mesh {
    sheet(40, 40, false, |u, v| {
        let far = 600.0 * 250f32.powf(v);
        Vec3::new((u - 0.5) * (4000.0 + 3.0 * far), 0.0, -far)
    })
}

fn floor_paint(stream: &mut Stream, outside: bool, number: u64) -> Paint {
    let grey = Vec3::splat(stream.between(0.08, 0.35));
    let ground = if outside { 1.0 } else { 0.0 };
    match stream.weighted(&[1.0, 1.0, ground, ground]) {
        0 if outside => Paint::new(Pattern::Plain, grey, grey, 0.9, number),
        0 => {
            // Carpets and linoleum have some colour.
            let dull = color(stream).lerp(grey, 0.75);
            Paint::new(Pattern::Plain, dull, dull, 0.8, number)
        }
        1 => Paint::new(Pattern::Slabs(stream.between(300.0, 900.0)), grey * 1.3, grey * 0.4, 0.8, number),
        2 => {
            let grass = Vec3::new(0.1, 0.17, 0.04) * stream.between(0.6, 1.4);
            Paint::new(Pattern::Leaves, grass, grass * 1.25, 0.9, number)
        }
        _ => {
            let sand = Vec3::new(0.5, 0.4, 0.27) * stream.between(0.5, 1.1);
            Paint::new(Pattern::Plain, sand, sand, 0.9, number)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_face_the_camera_and_are_of_their_size() {
        let pose = Pose { yaw: 0.0, pitch: 0.0, roll: 0.0 };
        for kind in ThingKind::LURES {
            for number in 0..4 {
                let seed = Seed::new(number);
                let body = Body::new(
                    &Thing { kind, place: Vec3::Z * 1000.0, pose, size: 1.0, outside: true, seed },
                    &[],
                );
                let places: Vec<Vec3> =
                    body.surfaces.iter().flat_map(|(mesh, ..)| mesh.positions.clone()).collect();
                assert!(places.iter().all(|place| place.is_finite() && place.length() < 700.0), "{kind:?}");
                assert!(places.iter().any(|place| place.length() > 40.0), "{kind:?}");
                let front = body.surfaces.iter().flat_map(|(mesh, ..)| &mesh.normals);
                assert!(front.map(|normal| normal.z.max(0.0)).sum::<f32>() > 1.0, "{kind:?}");
            }
        }
    }
}
