//! How a flat thing is held before a camera: its perspective, and how it is bent.

use glam::{Mat3, Vec2, Vec3};

/// Steps to find where a ray meets a bent sheet; each is several times nearer than the one before.
const STEPS: usize = 7;

/// A map between planes as a pinhole camera sees them: lines stay lines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Homography(Mat3);

impl Homography {
    /// The map of the points of a plane, whose first axes after `rotation` are right and down and whose origin is at
    /// `place` in the frame of a camera, to pixels.
    pub(super) fn of_plane(rotation: Mat3, place: Vec3, focal: f32, center: Vec2) -> Self {
        let lens = Mat3::from_cols(Vec3::X * focal, Vec3::Y * focal, center.extend(1.0));
        Self(lens * Mat3::from_cols(rotation.x_axis, rotation.y_axis, place))
    }

    /// Where a point goes; `None` on or behind the horizon.
    pub(super) fn apply(&self, at: Vec2) -> Option<Vec2> {
        let mapped = self.0 * at.extend(1.0);
        (mapped.z > 1e-6).then(|| mapped.truncate() / mapped.z)
    }

    /// The way back; `None` where the plane is seen from its edge.
    pub(super) fn inverse(&self) -> Option<Self> {
        let back = self.0.inverse();
        back.is_finite().then_some(Self(back))
    }
}

/// How paper is bent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bend {
    /// Curvature in 1 per millimetre across `direction`; 0 for flat. Above 0 the middle is nearest to the camera.
    pub curvature: f32,
    /// Direction in which the sheet is curved, in degrees clockwise from the x axis.
    pub direction: f32,
    /// Slopes of the two sides of a crease through the middle, across `direction`; 0 for none.
    pub crease: f32,
}

impl Bend {
    /// Not bent.
    pub const FLAT: Self = Self { curvature: 0.0, direction: 0.0, crease: 0.0 };

    /// How far a place is behind the plane, in millimetres, and the slope there.
    fn depth(&self, at: Vec2) -> (f32, Vec2) {
        let axis = Vec2::from_angle(self.direction.to_radians());
        let across = at.dot(axis);
        // A crease is round by a millimetre.
        let round = (across * across + 1.0).sqrt();
        let depth = 0.5 * self.curvature * across * across + self.crease * (round - 1.0);
        (depth, axis * (self.curvature * across + self.crease * across / round))
    }
}

/// A sheet before a camera. Places on it are in millimetres from its middle, to the right and down.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stand {
    rotation: Mat3,
    place: Vec3,
    focal: f32,
    center: Vec2,
    bend: Bend,
    flat: Homography,
    back: Homography,
}

impl Stand {
    /// `turn` is how the sheet is turned to the right, up and clockwise, in degrees; `scale` is how many pixels a millimetre of
    /// its middle is; its middle is seen at `center`. `None` if only its edge is seen.
    pub(super) fn new(turn: [f32; 3], scale: f32, focal: f32, center: Vec2, bend: Bend) -> Option<Self> {
        let [yaw, pitch, roll] = turn.map(f32::to_radians);
        let rotation =
            Mat3::from_rotation_z(roll) * Mat3::from_rotation_y(-yaw) * Mat3::from_rotation_x(-pitch);
        let place = Vec3::new(0.0, 0.0, focal / scale);
        let flat = Homography::of_plane(rotation, place, focal, center);
        Some(Self { rotation, place, focal, center, bend, flat, back: flat.inverse()? })
    }

    /// Where a place of the sheet is seen, in pixels from the corner.
    pub(super) fn pixel(&self, at: Vec2) -> Vec2 {
        if self.bend == Bend::FLAT {
            return self.flat.apply(at).unwrap_or(self.center);
        }
        let point = self.rotation * at.extend(self.bend.depth(at).0) + self.place;
        point.truncate() * (self.focal / point.z.max(1.0)) + self.center
    }

    /// Which place of the sheet, or of the plane around it, is seen at a pixel.
    pub(super) fn sheet(&self, pixel: Vec2) -> Option<Vec2> {
        let flat = self.back.apply(pixel)?;
        if self.bend == Bend::FLAT {
            return Some(flat);
        }
        let ray = self.rotation.transpose() * ((pixel - self.center) / self.focal).extend(1.0);
        let slant = ray.truncate() / ray.z;
        Some((0..STEPS).fold(flat, |at, _| flat + slant * self.bend.depth(at).0))
    }

    /// Unit vector out of the sheet at a place, in the frame of the camera.
    pub(super) fn normal(&self, at: Vec2) -> Vec3 {
        (self.rotation * self.bend.depth(at).1.extend(-1.0)).normalize()
    }

    /// Unit vector from a place to the camera, in its frame.
    pub(super) fn toward_camera(&self, at: Vec2) -> Vec3 {
        -(self.rotation * at.extend(0.0) + self.place).normalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stand(bend: Bend) -> Stand {
        Stand::new([25.0, -12.0, 8.0], 2.0, 400.0, Vec2::new(100.0, 80.0), bend).unwrap()
    }

    #[test]
    fn a_homography_is_what_a_pinhole_sees() {
        let stand = stand(Bend::FLAT);
        for (x, y) in [(0.0, 0.0), (60.0, 40.0), (-60.0, 40.0), (35.0, -52.0)] {
            let at = Vec2::new(x, y);
            let point = stand.rotation * at.extend(0.0) + stand.place;
            let seen = point.truncate() * (400.0 / point.z) + Vec2::new(100.0, 80.0);
            assert!(stand.pixel(at).distance(seen) < 1e-3, "{at}");
            assert!(stand.sheet(seen).unwrap().distance(at) < 1e-3, "{at}");
        }
        // Lines stay lines, and the middle of a side is not seen in its middle.
        let [a, b, c] = [-50.0, 0.0, 50.0].map(|x| stand.pixel(Vec2::new(x, 20.0)));
        assert!((b - a).perp_dot(c - a).abs() < 0.02 * (c - a).length());
        assert!((a.distance(b) - b.distance(c)).abs() > 1.0);
    }

    #[test]
    fn a_bent_sheet_is_found_again() {
        let bend = Bend { curvature: 0.004, direction: 20.0, crease: 0.1 };
        let stand = stand(bend);
        for (x, y) in [(0.0, 0.0), (60.0, 40.0), (-60.0, 40.0), (35.0, -52.0)] {
            let at = Vec2::new(x, y);
            let found = stand.sheet(stand.pixel(at)).unwrap();
            assert!(found.distance(at) < 0.1, "{at} {found}");
        }
        // It faces away more and more.
        let [left, right] = [-40.0, 40.0].map(|x| stand.normal(Vec2::new(x, 0.0)));
        assert!(left.distance(right) > 0.2 && (left.length() - 1.0).abs() < 1e-5);
    }
}
