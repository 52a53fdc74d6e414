//! How locks of hair run: from a root over the skull, as they are combed, then down as they are heavy.

use crate::curve::ramp;
use glam::Vec3;

use super::ground::Ground;
use crate::noise;

/// Which way hair is combed: directions that are added, each as strong as its number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Comb {
    /// To both sides, away from the parting.
    pub(super) apart: f32,
    /// Where the parting is, in millimetres to the left of the middle.
    pub(super) parting: f32,
    /// Backwards; forwards if negative.
    pub(super) back: f32,
    /// Away from the whorl at the crown.
    pub(super) whorl: f32,
    /// Down.
    pub(super) down: f32,
    /// To a place where hair is held together.
    pub(super) gather: Option<Vec3>,
}

/// How hair of a head runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    pub(super) comb: Comb,
    /// How steeply hair leaves the skin: 0 flat, 1 upright.
    pub(super) lift: f32,
    /// How much of its direction a lock keeps over 10 mm, 0..=1.
    pub(super) stiffness: f32,
    /// How much hair falls, 0..=1, and after how many millimetres.
    pub(super) gravity: f32,
    pub(super) fall: f32,
    /// How thick all layers of hair are together, in millimetres.
    pub(super) volume: f32,
    /// How much hair that stands off is drawn to its layer, 0..=1.
    pub(super) cling: f32,
    /// How far from the middle hair may hang before the face, as a share of half the breadth of the skull; 0 for
    /// anywhere.
    pub(super) curtain: f32,
    /// Whether hair goes behind the ears.
    pub(super) tucked: bool,
    /// The height at which hair is cut off, in millimetres.
    pub(super) cut: f32,
    /// How unlike its neighbours a lock runs, 0..=1.
    pub(super) mess: f32,
    /// How ends turn: inwards if positive, outwards if negative, -1..=1.
    pub(super) turn: f32,
    pub(super) seed: u64,
}

/// Where a lock begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Root {
    pub(super) place: Vec3,
    pub(super) normal: Vec3,
    /// 0 for hair that lies below all other, 1 for the outermost.
    pub(super) layer: f32,
    pub(super) length: f32,
    /// Whether it may fall over the brow.
    pub(super) fringe: bool,
    /// How much higher than its neighbours it is cut off, in millimetres.
    pub(super) cut: f32,
}

impl Run {
    /// The direction in which hair is combed at a place with a normal: a unit vector along the skin, or zero.
    pub(super) fn combed(&self, ground: &Ground<'_>, place: Vec3, normal: Vec3) -> Vec3 {
        let marks = &ground.marks;
        let comb = &self.comb;
        let crown = Vec3::new(-6.0, marks.top - 12.0, marks.back * 0.45);
        let mut way = Vec3::NEG_Y * comb.down + Vec3::NEG_Z * comb.back;
        if comb.apart != 0.0 {
            // Behind the crown there is no parting.
            let behind = ramp(crown.z + 25.0, crown.z - 20.0, place.z);
            let side = ((place.x - comb.parting) / 6.0).clamp(-1.0, 1.0);
            way.x += side * comb.apart * (1.0 - behind);
            way += (place - crown).normalize_or_zero() * (comb.apart * behind);
        }
        if comb.whorl != 0.0 {
            way += (place - crown).normalize_or_zero() * comb.whorl;
        }
        if let Some(goal) = comb.gather {
            way += (goal - place).normalize_or_zero() * 2.0;
        }
        way += normal.cross(way) * (1.6 * self.mess * noise::gradient(place * 0.035, self.seed));
        (way - normal * way.dot(normal)).normalize_or_zero()
    }

    /// Lays a lock in at most `steps` straight pieces and says where it goes; `None` if it is cut off at once.
    pub(super) fn lay(&self, ground: &Ground<'_>, root: &Root, steps: usize) -> Option<Vec<Vec3>> {
        let step = root.length / steps as f32;
        if step < 0.2 {
            return None;
        }
        let marks = &ground.marks;
        let cut = self.cut + root.cut;
        let keep = self.stiffness.powf(step / 10.0);
        let mut place = root.place;
        let combed = self.combed(ground, place, root.normal);
        let mut heading =
            (combed * (1.0 - self.lift) + root.normal * (self.lift + 0.12)).normalize_or(root.normal);
        let mut places = Vec::with_capacity(steps + 1);
        places.push(place);
        let (mut height, mut normal) = (0.0, root.normal);
        for at in 1..=steps {
            let gone = at as f32 * step;
            let mut want = self.combed(ground, place, normal);
            if self.comb.gather.is_some_and(|goal| place.distance(goal) < step) {
                break;
            }
            let hanging = ramp(0.0, 25.0, height - self.volume);
            let fall = self.gravity
                * ramp(0.0, self.fall, gone).max(hanging)
                * self.held(ground, place, root.fringe);
            want = want * (1.0 - fall) + Vec3::NEG_Y * fall;
            if self.turn != 0.0 {
                let end = ramp(0.7, 1.0, gone / root.length).max(ramp(self.cut + 35.0, self.cut, place.y));
                want -= normal * (self.turn * end * 1.2);
            }
            if self.tucked {
                // Over the ear, then down behind it.
                let above = ramp(marks.ear_top - 60.0, marks.ear_top, place.y)
                    * ramp(marks.ear_top + 40.0, marks.ear_top + 12.0, place.y)
                    * ramp(marks.ear_z - 24.0, marks.ear_z - 6.0, place.z);
                want = want * (1.0 - above) + Vec3::new(0.0, 0.25, -1.0) * above;
            }
            heading = (heading * keep + want * (1.0 - keep)).normalize_or(want);
            let mut next = place + heading * step;
            next = self.aside(ground, next, root.fringe);
            let rise = ramp(0.0, 22.0, gone);
            let layer = 0.8 + self.volume * (0.12 + 0.88 * root.layer) * rise;
            (height, normal) = ground.height(next);
            let away = height - layer;
            let inside = away < 0.0;
            let pull = if inside { 1.0 } else { self.cling * (1.0 - ramp(0.0, 60.0, gone) * self.gravity) };
            next -= normal * (away * pull);
            height -= away * pull;
            if inside {
                next = ground.outside(next, 0.8);
            }
            heading = (next - place).normalize_or(heading);
            let over = cut - next.y;
            if over > 0.0 {
                places.push(next + (place - next) * (over / (place.y - next.y).max(over)));
                break;
            }
            place = next;
            places.push(place);
        }
        (places.len() > 1).then_some(places)
    }

    /// How much hair may fall at a place, 0..=1: above the forehead it is combed to the side first.
    fn held(&self, ground: &Ground<'_>, place: Vec3, fringe: bool) -> f32 {
        let marks = &ground.marks;
        if self.curtain == 0.0 || fringe {
            return 1.0;
        }
        let middle = ramp(0.8 * marks.half, 0.5 * marks.half, place.x.abs());
        1.0 - middle * ramp(marks.ear_z + 25.0, marks.ear_z + 55.0, place.z)
    }

    /// Moves hair that would hang before the face to the side and back.
    fn aside(&self, ground: &Ground<'_>, place: Vec3, fringe: bool) -> Vec3 {
        let marks = &ground.marks;
        if self.curtain == 0.0 || fringe || place.z < marks.ear_z + 15.0 {
            return place;
        }
        let low = ramp(marks.brow + 48.0, marks.brow, place.y);
        let open = low * self.curtain * marks.half * ramp(marks.ear_z + 15.0, marks.ear_z + 45.0, place.z);
        let missing = (open - place.x.abs()).clamp(0.0, 14.0);
        let ahead = (place.z - marks.ear_z - 48.0).clamp(0.0, 8.0) * low;
        place + Vec3::new(missing.copysign(place.x), 0.0, -ahead)
    }
}
