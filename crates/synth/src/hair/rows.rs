//! Plaited hair: in rows along the head, and hanging.

use glam::Vec3;

use super::HairPart;
use super::fall::Fall;
use super::flow::{Body, Plan};
use super::ground::Ground;
use super::locks::{Locks, Ribbon};
use super::material::{Strands, Weave};
use super::scalp::Scalp;
use super::style::Hairstyle;
use crate::Stream;

/// A plait as wide as this, in millimetres.
fn plait(width: f32) -> Ribbon {
    Ribbon { width, tip: 0.55, twist: 0.0, wave: 0.0, wavelength: 50.0, coil: 0.0, round: 1.15, shade: 0.1 }
}

/// Plaits from the forehead to the neck, and their loose ends.
pub(super) fn cornrows(style: &Hairstyle, ground: &Ground<'_>, stream: &mut Stream) -> HairPart {
    let count = 9 + stream.below(6);
    let ribbon = plait(150.0 / count as f32);
    let end = ground.marks.chin + style.cut;
    let mut locks = Locks::default();
    for row in 0..count {
        let lean = ((row as f32 + 0.5) / count as f32 * 2.0 - 1.0) * 1.5;
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
        let [before, last] = [places[places.len() - 2], places[places.len() - 1]];
        let fall =
            Fall { end: end.min(last.y - 15.0), rows: 14, curtain: 0.0, above: 4.0, turn: 0.0, thin: 1.0 };
        let heading = (last - before).normalize_or(Vec3::NEG_Y);
        let mut loose = vec![last];
        let hanging = fall.hang(ground, last, heading, stream.between(-12.0, 12.0), 1.0);
        loose.extend(hanging.iter().map(|knot| knot.place));
        locks.add(ground, &loose, &ribbon, stream.between(0.8, 1.0), stream);
    }
    locks.part(style, Weave::Plait(7.0))
}

/// Many thin plaits that hang from the parting, over a dark sheet.
pub(super) fn braids(
    style: &Hairstyle,
    scalp: &Scalp<'_>,
    plan: &Plan,
    strands: Strands,
    stream: &mut Stream,
) -> Vec<HairPart> {
    let ground = scalp.ground;
    let shallow = |share: f32| {
        let body = Body { top: share * plan.body.top, sides: share * plan.body.sides, ..plan.body };
        let fall = plan.fall.map(|fall| Fall { above: 2.0 + 4.0 * share, ..fall });
        Plan { body, fall, ..*plan }
    };
    let under = Plan { columns: 38, ..shallow(0.8) }.sheet(scalp).evened(2).outside(ground, 4.5);
    let mut parts = under.parts(ground, style, Strands { tone: 0.5, ..strands });
    let width = stream.between(5.5, 9.0);
    let ribbon = Ribbon { round: 1.2, tip: 0.75, ..plait(width) };
    let mut locks = Locks::default();
    for (share, tone) in [(0.85, 0.8), (1.0, 1.0)] {
        let columns = (400.0 / width) as usize;
        let sheet = Plan { columns, ..shallow(share) }.sheet(scalp).evened(1).outside(ground, 6.0);
        for column in &sheet.columns {
            let off = stream.between(0.0, 2.0);
            let places: Vec<Vec3> =
                column.iter().map(|knot| knot.place + ground.outward(knot.place) * off).collect();
            locks.add(ground, &places, &ribbon, tone * stream.between(0.88, 1.08), stream);
        }
    }
    parts.push(locks.part(style, Weave::Plait(1.1 * width)));
    parts
}
