//! How hair hangs where the head does not hold it.

use glam::Vec3;

use super::ground::Ground;
use super::sheet::{FULL, Knot};
use crate::curve::ramp;

/// How hair hangs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fall {
    /// Height at which it ends, in millimetres.
    pub(super) end: f32,
    pub(super) rows: usize,
    /// How far from the middle hair hangs beside the face, as a share of half the breadth of the skull.
    pub(super) curtain: f32,
    /// How far above skin and clothes it lies, in millimetres.
    pub(super) above: f32,
    /// How ends turn: inwards if positive, outwards if negative, -1..=1.
    pub(super) turn: f32,
    /// How long the thin ends are, in millimetres.
    pub(super) thin: f32,
}

impl Fall {
    /// The places below `from`, to which hair came in the direction `heading`. `uneven` is how much higher than others
    /// it ends; `full` is how close it lies.
    pub(super) fn hang(
        &self,
        ground: &Ground<'_>,
        from: Vec3,
        heading: Vec3,
        uneven: f32,
        full: f32,
    ) -> Vec<Knot> {
        let end = self.end + uneven;
        let (mut place, mut heading) = (from, heading);
        let mut knots = Vec::with_capacity(self.rows);
        for row in 0..self.rows {
            let left = self.rows - row;
            let step = ((place.y - end) / left as f32).max(1.0);
            let keep = 0.25_f32.powf(step / 12.0);
            let mut want = Vec3::NEG_Y;
            let close = ramp(45.0, 5.0, place.y - end);
            if self.turn != 0.0 && close > 0.0 {
                let out = ground.outward(place);
                want = (want - Vec3::new(out.x, 0.0, out.z) * (0.9 * self.turn * close)).normalize_or(want);
            }
            heading = (heading * keep + want * (1.0 - keep)).normalize_or(want);
            let next = self.aside(ground, place + heading * step);
            // Close at the root, it comes to lie over clothes further down.
            let above =
                self.above * (0.35 + 0.65 * ramp(ground.marks.chin + 20.0, ground.marks.chin - 60.0, next.y));
            let next = ground.outside(next, above);
            heading = (next - place).normalize_or(heading);
            place = next;
            let tip = ramp(0.0, self.thin, place.y - end);
            knots
                .push(Knot { place, full: full.min(FULL) * if left == 1 { 0.0 } else { 0.25 + 0.75 * tip } });
        }
        knots
    }

    /// Moves hair that would hang before the face to the side and back.
    fn aside(&self, ground: &Ground<'_>, place: Vec3) -> Vec3 {
        let marks = &ground.marks;
        if self.curtain == 0.0 || place.z < marks.ear_z + 15.0 {
            return place;
        }
        let low = ramp(marks.brow + 48.0, marks.brow, place.y);
        let open = low * self.curtain * marks.half * ramp(marks.ear_z + 15.0, marks.ear_z + 45.0, place.z);
        let missing = (open - place.x.abs()).clamp(0.0, 14.0);
        let ahead = (place.z - marks.ear_z - 48.0).clamp(0.0, 8.0) * low;
        place + Vec3::new(missing.copysign(place.x), 0.0, -ahead)
    }
}
