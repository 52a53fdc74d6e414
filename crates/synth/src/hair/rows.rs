//! Hair plaited in rows along the head.

use glam::Vec3;

use super::HairPart;
use super::ground::Ground;
use super::locks::{Locks, Ribbon};
use super::material::Weave;
use super::strand::{Comb, Root, Run};
use super::style::Hairstyle;
use crate::Stream;

/// Plaits from the forehead to the neck, and their loose ends.
pub(super) fn grow(style: &Hairstyle, ground: &Ground<'_>, run: &Run, stream: &mut Stream) -> HairPart {
    let count = 9 + stream.below(6);
    let ribbon = Ribbon {
        width: 150.0 / count as f32,
        tip: 0.55,
        twist: 0.0,
        wave: 0.0,
        wavelength: 50.0,
        coil: 0.0,
        round: 1.15,
        shade: 0.1,
    };
    let falling = Run {
        comb: Comb { gather: None, down: 1.0, ..run.comb },
        lift: 0.2,
        gravity: 1.0,
        fall: 20.0,
        volume: 4.0,
        cling: 0.2,
        cut: ground.marks.chin + style.cut,
        ..*run
    };
    let mut locks = Locks::default();
    for row in 0..count {
        let lean = (row as f32 + 0.5) / count as f32 * 2.0 - 1.0;
        let lean = lean * 1.5;
        let mut places = Vec::new();
        // From the front over the head to the back, about an axis that points out of the face.
        for step in 0..=46 {
            let angle = 0.25 + 2.35 * step as f32 / 46.0;
            let toward = Vec3::new(lean.sin() * angle.sin(), lean.cos() * angle.sin(), angle.cos());
            let shore = ground.skull.look(toward);
            if shore.value > 0.45 {
                places.push(ground.skull.center() + toward.normalize() * shore.distance + shore.normal * 2.6);
            } else if !places.is_empty() {
                break;
            }
        }
        if places.len() < 4 {
            continue;
        }
        let under = ground.skull.height(places[0]).1 * 2.0;
        places[0] -= under;
        locks.add(ground, &places, &ribbon, stream.between(0.85, 1.05), stream);
        let last = places[places.len() - 1];
        let normal = ground.skull.height(last).1;
        let root = Root {
            place: last,
            normal,
            layer: 0.5,
            length: (last.y - falling.cut).max(15.0) * 1.1,
            fringe: false,
            cut: 0.0,
        };
        if let Some(loose) = falling.lay(ground, &root, 14) {
            locks.add(ground, &loose, &ribbon, stream.between(0.8, 1.0), stream);
        }
    }
    locks.part(style, Weave::Plait(7.0))
}
