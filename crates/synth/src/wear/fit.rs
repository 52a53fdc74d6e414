//! The measures of a head.

use std::f32::consts::FRAC_PI_2;

use glam::{Vec2, Vec3};

use super::hull::{Chart, Hull, around};
use crate::{Landmark, Mesh, Region, Side, Template};

/// Both sides, the left of the person first.
pub(super) const SIDES: [Side; 2] = [Side::Left, Side::Right];

/// A head to fit things to.
pub(super) struct Fit<'a> {
    template: &'a Template,
    skin: &'a Mesh,
}

impl<'a> Fit<'a> {
    pub(super) fn new(template: &'a Template, skin: &'a Mesh) -> Self {
        Self { template, skin }
    }

    /// Where a landmark is.
    pub(super) fn at(&self, landmark: Landmark) -> Vec3 {
        self.template.locate(self.skin, self.template.anchor(landmark)).0
    }

    /// A landmark of both sides, the left first.
    pub(super) fn both(&self, landmark: impl Fn(Side) -> Landmark) -> [Vec3; 2] {
        SIDES.map(|side| self.at(landmark(side)))
    }

    /// The skull from a side; with the ears or without.
    pub(super) fn side(&self, side: Side, ears: bool) -> Hull {
        let ear = self.template.weights(Region::Ear);
        let (low, high) = (Vec2::new(-60.0, -60.0), Vec2::new(90.0, 80.0));
        let sign = side.sign();
        let keep = |at: usize| (ears || ear[at] < 0.3) && self.skin.positions[at].x * sign > 0.0;
        Hull::new(Chart::Side(sign), low, high, [51, 41], self.skin, keep)
    }

    /// The face from the front, 2 mm fine.
    pub(super) fn front(&self) -> Hull {
        let chin = self.at(Landmark::Menton).y;
        let (low, high) = (Vec2::new(-84.0, chin - 30.0), Vec2::new(84.0, 96.0));
        let rows = ((high.y - low.y) / 2.0) as usize + 1;
        Hull::new(Chart::Front, low, high, [85, rows], self.skin, |at| self.skin.positions[at].z > 0.0)
    }

    /// The middle of the skull.
    pub(super) fn centre(&self) -> Vec3 {
        let (front, back) = (self.at(Landmark::Glabella), self.at(Landmark::Occiput));
        Vec3::new(0.0, self.both(Landmark::EarTop)[0].y.max(20.0), (front.z + back.z) / 2.0)
    }

    /// The skull from its middle; with the ears or without.
    pub(super) fn skull(&self, ears: bool) -> Hull {
        let (low, high) = around(-0.9, FRAC_PI_2);
        let ear = self.template.weights(Region::Ear);
        let keep = |at: usize| ears || ear[at] < 0.3;
        Hull::new(Chart::Sphere(self.centre()), low, high, [72, 48], self.skin, keep)
    }

    /// The whole head from a point behind the mouth, finest where masks and scarves lie.
    pub(super) fn head(&self, centre: Vec3) -> Hull {
        let (low, high) = around(-1.2, FRAC_PI_2);
        let bottom = self.at(Landmark::Menton).y - 90.0;
        let inner = [Region::MouthInside, Region::Nostril, Region::Shoulder]
            .map(|region| self.template.weights(region));
        // Walls of mouth and nostrils are close to the centre, so each would be met by many rays, and hidden anyway.
        // Shoulders are not wrapped up with the head.
        let keep =
            |at: usize| self.skin.positions[at].y > bottom && inner.iter().all(|weights| weights[at] < 0.6);
        Hull::new(Chart::Sphere(centre), low, high, [96, 56], self.skin, keep)
    }

    /// Neck and shoulders around an axis in the neck, from `low` to `high` in height.
    pub(super) fn neck(&self, low: f32, high: f32) -> Hull {
        let (bottom, top) = around(low, high);
        let chart = Chart::Column { z: self.axis(0.0), lean: self.axis(1.0) - self.axis(0.0) };
        let inside = |at: usize| self.skin.positions[at].y < high + 10.0;
        Hull::new(chart, bottom, top, [64, 40], self.skin, inside)
    }

    /// Depth of the axis of the neck at a height, in millimetres: it leans forward toward the head.
    pub(super) fn axis(&self, height: f32) -> f32 {
        let back = self.at(Landmark::Occiput).z;
        0.12 * back + 0.12 * (height + 60.0)
    }
}
