//! Displacements of the skin around places of the face, as smooth functions of where a point is on the mean head.

use glam::{Quat, Vec3};

use super::place::{Place, Places};

/// Farther than anything: for a field that does not end in a direction.
pub(super) const FAR: f32 = 1e6;

/// Which lip a field moves. The lips touch, so that no function of space alone could part them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Lips {
    Both,
    Upper,
    Lower,
}

/// Where a field is found that is not in the middle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sides {
    /// On the left, and mirrored on the right; once if it is in the middle.
    Both,
    Left,
    Right,
    /// On the left, and turned the other way round on the right.
    Odd,
}

/// How points move.
#[derive(Clone, Copy, Debug)]
enum Push {
    /// All in one direction, in millimetres.
    Shift,
    /// Away from the place along each axis, by so many times their distance.
    Grow,
    /// About axes through the place, by so many degrees.
    Turn,
}

/// A movement that is full at a place and fades to nothing at `reach` from it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bump {
    at: Place,
    off: [f32; 3],
    reach: [f32; 3],
    core: f32,
    push: Push,
    by: [f32; 3],
    lips: Lips,
    sides: Sides,
    pivot: Option<Place>,
}

impl Bump {
    const fn new(at: Place, reach: [f32; 3], push: Push, by: [f32; 3]) -> Self {
        Self {
            at,
            off: [0.0; 3],
            reach,
            core: 0.0,
            push,
            by,
            lips: Lips::Both,
            sides: Sides::Both,
            pivot: None,
        }
    }

    /// Moves by millimetres; x is away from the middle.
    pub(super) const fn shift(at: Place, reach: [f32; 3], by: [f32; 3]) -> Self {
        Self::new(at, reach, Push::Shift, by)
    }

    /// Stretches along the axes, by so many times the distance.
    pub(super) const fn grow(at: Place, reach: [f32; 3], by: [f32; 3]) -> Self {
        Self::new(at, reach, Push::Grow, by)
    }

    /// Turns about the axes, by degrees; those of the left side.
    pub(super) const fn turn(at: Place, reach: [f32; 3], by: [f32; 3]) -> Self {
        Self::new(at, reach, Push::Turn, by)
    }

    /// Lies so many millimetres from the place.
    pub(super) const fn off(self, off: [f32; 3]) -> Self {
        Self { off, ..self }
    }

    /// Is full up to this share of the reach, below 1.
    pub(super) const fn core(self, core: f32) -> Self {
        Self { core, ..self }
    }

    /// Stretches or turns about another place than where it is full.
    pub(super) const fn about(self, pivot: Place) -> Self {
        Self { pivot: Some(pivot), ..self }
    }

    pub(super) const fn lips(self, lips: Lips) -> Self {
        Self { lips, ..self }
    }

    pub(super) const fn sides(self, sides: Sides) -> Self {
        Self { sides, ..self }
    }

    /// What the field does to a point of the mean head. `lower` tells how much the point belongs to the lower lip and
    /// the jaw, 0..=1.
    pub(super) fn displacement(&self, places: &Places, point: Vec3, lower: f32) -> Vec3 {
        let share = match self.lips {
            Lips::Both => 1.0,
            Lips::Upper => 1.0 - lower,
            Lips::Lower => lower,
        };
        if share == 0.0 {
            return Vec3::ZERO;
        }
        let mirror = Vec3::new(-1.0, 1.0, 1.0);
        let right = || mirror * self.on_the_left(places, mirror * point);
        share
            * match self.sides {
                Sides::Both if !self.at.is_paired() && self.off[0] == 0.0 => self.on_the_left(places, point),
                Sides::Both => self.on_the_left(places, point) + right(),
                Sides::Left => self.on_the_left(places, point),
                Sides::Right => right(),
                Sides::Odd => self.on_the_left(places, point) - right(),
            }
    }

    fn on_the_left(&self, places: &Places, point: Vec3) -> Vec3 {
        let from = point - (places.of(self.at) + Vec3::from_array(self.off));
        let away = ((from / Vec3::from_array(self.reach)).length() - self.core) / (1.0 - self.core);
        if away >= 1.0 {
            return Vec3::ZERO;
        }
        let away = away.max(0.0);
        // Its first two derivatives vanish at both ends.
        let weight = 1.0 - away * away * away * (away * (away * 6.0 - 15.0) + 10.0);
        let by = Vec3::from_array(self.by);
        let from = self.pivot.map_or(from, |pivot| point - places.of(pivot));
        weight
            * match self.push {
                Push::Shift => by,
                Push::Grow => by * from,
                Push::Turn => Quat::from_scaled_axis(by * (std::f32::consts::PI / 180.0)) * from - from,
            }
    }

    /// How much of the field an eyeball follows: what is smaller than the eye moves lids only.
    pub(super) fn carries_eyes(&self) -> bool {
        self.reach.iter().all(|reach| *reach >= 23.0)
    }
}
