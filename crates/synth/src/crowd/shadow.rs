//! What keeps the light of lamps from others in a crowd: bodies as balls.

use glam::Vec3;

use super::stage::{View, Window};
use super::{Crowd, Member, Thing};
use crate::wear::solid::ball;
use crate::{Lamp, Mesh};

/// Half axes of a head, of a trunk with its arms and of its middle below the origin of the head, in millimetres.
const HEAD: Vec3 = Vec3::new(80.0, 118.0, 100.0);
const TRUNK: Vec3 = Vec3::new(205.0, 330.0, 120.0);
const BELOW: f32 = 470.0;
/// Shadows of what is farther than this, in millimetres, are too soft to be seen.
const FAR: f32 = 2500.0;
/// How far beside the line from somebody to a lamp others keep no light away, in millimetres.
const WIDE: f32 = 650.0;

/// A ball about a place in the frame of the camera, upright, with half axes to the side, up and ahead.
struct Blob {
    middle: Vec3,
    radii: Vec3,
}

impl Crowd {
    /// All others that may be between somebody and a lamp, in the frame of that head.
    pub(super) fn before(&self, member: &Member, view: &View) -> Option<Mesh> {
        let others = self.people.iter().filter(|other| {
            let apart = other.place - member.place;
            let between = |lamp: &Lamp| {
                let toward = lamp.direction.normalize_or(Vec3::NEG_Z);
                let along = apart.dot(toward);
                along > 0.0 && along < FAR && (apart - toward * along).length() < WIDE
            };
            apart != Vec3::ZERO && self.lighting.light.lamps.iter().any(between)
        });
        merged(others.flat_map(|other| blobs(other.place)), view)
    }

    /// What lies on a barrier, in its frame.
    pub(super) fn upon(&self, barrier: &Thing, view: &View) -> Option<Mesh> {
        let half = |thing: &Thing| thing.kind.half() * thing.size;
        let lying = |thing: &&Thing| {
            let above = thing.place + Vec3::Y * half(thing) - barrier.place;
            half(thing) > 0.0 && above.y.abs() < 5.0 && above.z.abs() < 100.0
        };
        let blob = |thing: &Thing| Blob { middle: thing.place, radii: Vec3::splat(half(thing)) };
        merged(self.things.iter().filter(lying).map(blob), view)
    }
}

/// Head and trunk of somebody.
fn blobs(place: Vec3) -> [Blob; 2] {
    let trunk = place + Vec3::Y * BELOW;
    [Blob { middle: place, radii: HEAD }, Blob { middle: trunk, radii: TRUNK }]
}

fn merged(blobs: impl Iterator<Item = Blob>, view: &View) -> Option<Mesh> {
    let mut all = Mesh::default();
    let camera = view.camera(Window::default());
    for blob in blobs {
        let mut mesh = ball(Vec3::ZERO, blob.radii, 16, 10);
        mesh.positions.iter_mut().for_each(|place| *place = camera.unlocate(blob.middle + *place));
        all.append(&mesh);
    }
    (!all.positions.is_empty()).then_some(all)
}
