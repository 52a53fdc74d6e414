//! Things that look a little like faces, put where such things are.

use glam::Vec3;

use super::{Crowd, FACE_HEIGHT, Thing, ThingKind};
use crate::{Pose, Seed, Stream};

/// Where on the picture the edge of a desk is that stands before people, as a share of the height.
const DESK: [f32; 2] = [0.74, 0.92];
/// A desk is never higher than this below the origin of the nearest head, in millimetres.
const BREAST: f32 = 215.0;
/// Depth of a desk in a picture without people, in millimetres.
const ALONE: [f32; 2] = [700.0, 2500.0];

impl Crowd {
    /// Adds so many things that a detector may take for faces: on a desk before the people, behind it, or on the wall.
    pub fn add_lures(&mut self, count: usize, seed: Seed) {
        if count == 0 {
            return;
        }
        let mut stream = seed.of("lures").stream();
        let nearest = self.people.iter().map(|member| member.place).min_by(|a, b| a.z.total_cmp(&b.z));
        let depth = match nearest {
            Some(place) => (0.86 * place.z).max(place.z - 500.0),
            None => stream.log_between(ALONE[0], ALONE[1]),
        };
        let share = stream.between(DESK[0], DESK[1]);
        let mut edge = (share * self.height as f32 - self.center.y) * depth / self.focal;
        if let Some(place) = nearest {
            edge = edge.max(place.y + BREAST);
        }
        let desk = Vec3::new(0.0, edge, depth);
        self.things.push(self.thing(ThingKind::Barrier, desk, seed.of("desk")));
        for number in 0..count {
            let kind = ThingKind::LURES[stream.below(ThingKind::LURES.len())];
            let thing = self.lure(kind, desk, seed.number(number as u64), &mut stream);
            self.things.push(thing);
        }
    }

    fn lure(&self, kind: ThingKind, desk: Vec3, seed: Seed, stream: &mut Stream) -> Thing {
        // Any place of the picture across, at a depth.
        let across = |depth: f32, stream: &mut Stream| {
            (stream.between(0.03, 0.97) * self.width as f32 - self.center.x) * depth / self.focal
        };
        // No fruit is as large as a head.
        let most = if kind == ThingKind::Fruit { 0.75 } else { 1.3 };
        let size = stream.log_between(0.3, most);
        let turn = |spread: f32, stream: &mut Stream| spread * stream.normal(2.0);
        let (place, size) = match kind {
            // Round things and masks lie on the desk.
            ThingKind::Ball | ThingKind::Fruit | ThingKind::Mask => {
                let depth = desk.z + 60.0;
                (Vec3::new(across(depth, stream), desk.y - kind.half() * size, depth), size)
            }
            // What has an end below stands behind it.
            ThingKind::Dummy | ThingKind::Hand => {
                let depth = desk.z + 220.0;
                let down = if kind == ThingKind::Hand { -60.0 } else { -150.0 };
                (Vec3::new(across(depth, stream), desk.y + down * size, depth), size)
            }
            // Drawings hang on the wall behind everybody.
            _ => {
                let far = self.people.iter().map(|member| member.place.z).fold(desk.z + 400.0, f32::max);
                let depth = far + stream.between(300.0, 900.0);
                let high =
                    (stream.between(0.04, 0.6) * self.height as f32 - self.center.y) * depth / self.focal;
                // As large as a face there or smaller, but not below some pixels.
                let least = 14.0 * depth / (self.focal * FACE_HEIGHT);
                (Vec3::new(across(depth, stream), high, depth), size.max(least))
            }
        };
        let pose = match kind {
            ThingKind::Cartoon | ThingKind::Fixture => {
                Pose { yaw: turn(15.0, stream), pitch: 0.0, roll: turn(8.0, stream) }
            }
            ThingKind::Dummy => Pose { yaw: turn(40.0, stream), pitch: 0.0, roll: 0.0 },
            ThingKind::Hand => Pose { yaw: turn(30.0, stream), pitch: 0.0, roll: turn(20.0, stream) },
            // On its back.
            ThingKind::Mask => {
                Pose { yaw: turn(15.0, stream), pitch: 62.0 + turn(8.0, stream), roll: turn(20.0, stream) }
            }
            _ => Pose { yaw: turn(60.0, stream), pitch: turn(25.0, stream), roll: turn(15.0, stream) },
        };
        Thing { pose, size, ..self.thing(kind, place, seed) }
    }
}
