//! Which way hair runs over the scalp, and how thick it lies there.

use std::f32::consts::{PI, TAU};

use glam::{Vec2, Vec3};

use super::fall::Fall;
use super::scalp::{Scalp, Spot};
use super::sheet::{FULL, Knot, Sheet};
use crate::curve::ramp;
use crate::noise;

/// Millimetres of skin from the crown to the hairline, about.
pub(super) const REACH: f32 = 180.0;

/// Which way hair runs on the disc of the scalp.
#[derive(Clone, Copy, Debug)]
pub(super) enum Flow {
    /// From a line to both sides: `front` is where it meets the forehead, `crown` where it ends. `open` is the azimuth
    /// in radians at which the foremost hair leaves the hairline; the other ends `beyond` the middle.
    Parted { front: Vec2, crown: Vec2, open: f32, beyond: f32 },
    /// From the whole hairline to one place.
    Gathered(Vec2),
    /// From one place to the hairline, and at the forehead beyond it, as a share of the way.
    Whorled(Vec2, f32),
    /// Forwards over the forehead, between two azimuths whose tangent is given, aside by so much on the way.
    Fringe(f32, f32),
}

impl Flow {
    fn closed(self) -> bool {
        matches!(self, Self::Gathered(_) | Self::Whorled(..))
    }

    /// The way of a column, `at` 0..=1 among all columns, on the disc. `share` is 0 at the root.
    fn way(self, at: f32, share: f32) -> Vec2 {
        match self {
            Self::Parted { front, crown, open, beyond } => {
                let lean = 2.0 * at - 1.0;
                let far = lean.abs();
                let start = crown.lerp(front, ((far - 0.35) / 0.65).max(0.0));
                let end = (PI - far * (PI - open)).copysign(lean);
                let straight = start.lerp(Vec2::new(end.sin(), end.cos()) * beyond, share);
                // Near the forehead hair goes around the face rather than across.
                let (azimuth, radius) = (start.x.atan2(start.y), start.length());
                let around = azimuth + (end - azimuth) * share;
                let bent = Vec2::new(around.sin(), around.cos()) * (radius + (beyond - radius) * share);
                straight.lerp(bent, ramp(0.25, 0.75, radius))
            }
            Self::Gathered(goal) => {
                let (sin, cos) = (at * TAU).sin_cos();
                let rim = 1.0 + 0.03 * cos.max(0.0);
                (Vec2::new(sin, cos) * rim).lerp(goal, share)
            }
            Self::Whorled(crown, over) => {
                let (sin, cos) = (at * TAU).sin_cos();
                crown.lerp(Vec2::new(sin, cos) * (1.0 + over * cos.max(0.0).powf(0.7)), share)
            }
            Self::Fringe(wide, aside) => {
                let x = wide * (2.0 * at - 1.0);
                let from = Vec2::new(0.75 * x, 0.5);
                from.lerp(Vec2::new(1.12 * x + aside, 1.5), share)
            }
        }
    }

    /// How far a point of the disc lies from where hair parts or comes together, in millimetres.
    fn parting_gap(self, at: Vec2) -> f32 {
        match self {
            Self::Parted { front, crown, .. } => {
                let line = front - crown;
                let share = ((at - crown).dot(line) / line.length_squared()).clamp(0.0, 1.0);
                at.distance(crown + line * share) * REACH
            }
            _ => f32::INFINITY,
        }
    }
}

/// How thick hair lies, in millimetres.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body {
    /// On the top and at the sides of the head.
    pub(super) top: f32,
    pub(super) sides: f32,
    /// Above the forehead, more than on the top.
    pub(super) front: f32,
    /// At the hairline.
    pub(super) edge: f32,
    /// Within which distance from the hairline it rises.
    pub(super) rise: f32,
    /// How thick it is low at the neck, as a share of the sides.
    pub(super) nape: f32,
    /// Height of lumps and their size.
    pub(super) lumps: [f32; 2],
}

impl Body {
    /// How much of the top of the head a place is, 0..=1.
    pub(super) fn topmost(scalp: &Scalp<'_>, place: Vec3) -> f32 {
        let marks = &scalp.ground.marks;
        ramp(0.25, 0.68, (place.y - marks.ear_top) / (marks.top - marks.ear_top))
    }

    fn depth(&self, scalp: &Scalp<'_>, flow: Flow, at: Vec2, spot: &Spot, seed: u64) -> f32 {
        let top = Self::topmost(scalp, spot.place);
        let ahead = ramp(0.3, 0.85, at.y) * top;
        let marks = &scalp.ground.marks;
        let low = ramp(marks.ear_top - 60.0, marks.ear_top, spot.place.y);
        let sides = self.sides * (self.nape + (1.0 - self.nape) * low);
        let full = sides + (self.top - sides) * top + self.front * ahead;
        let lumps = noise::gradient(spot.place / self.lumps[1], seed)
            + 0.6 * noise::gradient(spot.place / (0.45 * self.lumps[1]), seed ^ 5);
        let full = full + self.lumps[0] * lumps * (0.4 + 0.6 * top);
        let inside = (1.0 - at.length()) * REACH;
        let full = self.edge + (full - self.edge) * ramp(-0.15 * self.rise, self.rise, inside);
        (full * (0.6 + 0.4 * ramp(0.0, 9.0, flow.parting_gap(at)))).max(0.9)
    }
}

/// A sheet that is to be made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) flow: Flow,
    pub(super) body: Body,
    /// What hair does where the head no longer holds it.
    pub(super) fall: Option<Fall>,
    pub(super) columns: usize,
    /// On the head and below.
    pub(super) rows: usize,
    /// How unlike their neighbours columns end, in millimetres.
    pub(super) ragged: f32,
    /// Height at which a fringe ends.
    pub(super) low: f32,
    pub(super) seed: u64,
}

impl Plan {
    pub(super) fn sheet(&self, scalp: &Scalp<'_>) -> Sheet {
        let closed = self.flow.closed();
        let last = if closed { self.columns } else { self.columns - 1 } as f32;
        let columns = (0..self.columns).map(|number| self.column(scalp, number as f32 / last)).collect();
        Sheet { columns, closed, tube: false }
    }

    fn column(&self, scalp: &Scalp<'_>, at: f32) -> Vec<Knot> {
        let uneven = self.ragged
            * (noise::gradient(Vec3::new(at * 70.0, 0.5, 0.5), self.seed)
                + 0.6 * noise::gradient(Vec3::new(at * 230.0, 2.5, 0.5), self.seed));
        let end = self.leaves(scalp, at, uneven);
        let rows = self.rows - 1;
        let mut beyond = 0.0;
        let mut places = Vec::with_capacity(self.rows + self.fall.map_or(0, |fall| fall.rows));
        for row in 0..=rows {
            let share = end * row as f32 / rows as f32;
            // Close to a hairline more happens than on top.
            let share = if let Flow::Gathered(_) = self.flow { share * (0.4 + 0.6 * share) } else { share };
            let point = self.flow.way(at, share);
            let spot = scalp.spot(point);
            let inside = (1.0 - point.length()) * REACH;
            let depth = self.body.depth(scalp, self.flow, point, &spot, self.seed);
            // Thin hair lies flat.
            let depth = if inside > 12.0 { 0.6 + (depth - 0.6) * ramp(0.1, 0.9, spot.cover) } else { depth };
            let place = spot.place + spot.normal * depth;
            let sparse = if inside > 12.0 { [0.1, 0.95] } else { [0.02, 0.55] };
            let grown = ramp(sparse[0], sparse[1], spot.cover).max(ramp(0.0, -3.0, inside));
            let full = FULL
                * match self.flow {
                    Flow::Gathered(_) => grown * ramp(-4.0, 14.0, inside),
                    Flow::Parted { .. } if self.fall.is_none() => {
                        grown * (1.0 - ramp(0.86, 1.0, share / end))
                    }
                    Flow::Parted { .. } => grown,
                    Flow::Whorled(..) => grown * (1.0 - ramp(0.89, 1.0, share / end)),
                    Flow::Fringe(..) => ramp(0.0, 0.2, share) * (1.0 - ramp(0.76, 1.0, share / end)),
                };
            if row == rows {
                beyond = full;
            }
            places.push(Knot { place, full });
        }
        let count = places.len();
        if let Some(fall) = &self.fall {
            let heading = (places[count - 1].place - places[count - 2].place).normalize_or(Vec3::NEG_Y);
            let from = places[count - 1].place;
            places.extend(fall.hang(scalp.ground, from, heading, uneven, beyond));
        }
        // The borders of an open sheet are thin.
        let border = match self.flow {
            Flow::Parted { .. } => (1.0 - (2.0 * at - 1.0).abs()) * 0.5 * self.columns as f32,
            Flow::Fringe(..) => (1.0 - (2.0 * at - 1.0).abs()) * 0.5 * self.columns as f32,
            _ => f32::INFINITY,
        };
        let thin = (0.2 + 0.3 * border).min(1.0);
        places.iter_mut().for_each(|knot| knot.full *= thin);
        places
    }

    /// The share of its way at which a column leaves the head.
    fn leaves(&self, scalp: &Scalp<'_>, at: f32, uneven: f32) -> f32 {
        let steps = 14;
        let share = |step: usize| step as f32 / steps as f32;
        match self.flow {
            Flow::Fringe(..) => {
                let low = self.low + uneven + 30.0 * (2.0 * at - 1.0).powi(4);
                let height = |step| scalp.spot(self.flow.way(at, share(step))).place.y;
                let below = (1..=steps).find(|&step| height(step) < low).unwrap_or(steps);
                let (above, under) = (height(below - 1), height(below));
                share(below - 1) + ((above - low) / (above - under).max(1e-3)).clamp(0.0, 1.0) / steps as f32
            }
            Flow::Parted { .. } if self.fall.is_some() => {
                // Where the head no longer widens downwards.
                let steep = |step| scalp.spot(self.flow.way(at, share(step))).normal.y - 0.1;
                let below = (3..=steps).find(|&step| steep(step) < 0.0).unwrap_or(steps);
                let (above, under) = (steep(below - 1), steep(below));
                if under >= 0.0 {
                    return 1.0;
                }
                share(below - 1) + (above / (above - under).max(1e-3)).clamp(0.0, 1.0) / steps as f32
            }
            Flow::Whorled(..) | Flow::Parted { .. } => 1.0 + (uneven / REACH).clamp(-0.1, 0.1),
            _ => 1.0,
        }
    }
}
