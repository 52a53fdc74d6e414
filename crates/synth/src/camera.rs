//! Where points of the head are seen.

use geometry::Pose;
use glam::{Mat3, Vec2, Vec3};

/// Nothing nearer than this is seen, in millimetres.
const NEAR: f32 = 10.0;

/// A pinhole camera that looks at a head.
///
/// The frame of the camera has x to the right, y down and z away from it. Pixels are squares, and the centre of the
/// first is at (0.5, 0.5).
#[derive(Clone, Debug, PartialEq)]
pub struct Camera {
    width: u32,
    height: u32,
    focal: f32,
    center: Vec2,
    rotation: Mat3,
    translation: Vec3,
}

impl Camera {
    /// A camera for pictures of `width` x `height` pixels with a focal length of `focal` pixels whose axis meets
    /// the picture at `center`, in pixels. The origin of the head is `distance` millimetres away along the axis and
    /// `offset` millimetres beside it, to the right and down.
    ///
    /// The head is turned by R = Rz(roll) Ry(yaw) Rx(pitch) as [`Pose`] has it: positive yaw turns the nose to the
    /// person's left (right in the picture), positive pitch lifts it, positive roll turns the head clockwise in the
    /// picture.
    pub fn new(
        width: u32,
        height: u32,
        focal: f32,
        center: Vec2,
        distance: f32,
        pose: Pose,
        offset: Vec2,
    ) -> Self {
        Self { width, height, focal, center, rotation: rotation(pose), translation: offset.extend(distance) }
    }

    /// A camera `distance` millimetres away that sees `span` millimetres of the plane through the head's origin
    /// from the left to the right of the picture. The point of the turned head that is `up` millimetres above its
    /// origin is in the middle; 25 mm are about the middle of a face.
    pub fn portrait(width: u32, height: u32, span: f32, distance: f32, pose: Pose, up: f32) -> Self {
        let center = Vec2::new(width as f32, height as f32) * 0.5;
        let focal = width as f32 * distance / span;
        let at = rotation(pose) * (Vec3::Y * up);
        Self::new(width, height, focal, center, distance, pose, -at.truncate())
    }

    /// The same camera with only a part of its picture: `width` x `height` pixels, of which the first is the one at
    /// (`left`, `top`). The part may reach beyond the picture, and shows what is there.
    pub fn window(&self, left: i32, top: i32, width: u32, height: u32) -> Self {
        let center = self.center - Vec2::new(left as f32, top as f32);
        Self { width, height, center, ..self.clone() }
    }

    /// Width of the picture in pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height of the picture in pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Focal length in pixels.
    pub fn focal(&self) -> f32 {
        self.focal
    }

    /// Where the axis meets the picture, in pixels.
    pub fn center(&self) -> Vec2 {
        self.center
    }

    /// Turns directions of the frame of the head into the frame of the camera.
    pub fn rotation(&self) -> Mat3 {
        self.rotation
    }

    /// A point of the frame of the head in the frame of the camera, in millimetres.
    pub fn locate(&self, point: Vec3) -> Vec3 {
        self.rotation * point + self.translation
    }

    /// Where a point of the frame of the head is seen, in pixels, and how deep it lies along the axis, in
    /// millimetres. None for points that are behind the camera or almost in it.
    pub fn project(&self, point: Vec3) -> Option<(Vec2, f32)> {
        let at = self.locate(point);
        self.pixel(at).map(|pixel| (pixel, at.z))
    }

    /// The point of the frame of the head that is seen at a pixel, so many millimetres deep along the axis.
    pub(crate) fn place(&self, pixel: Vec2, depth: f32) -> Vec3 {
        self.unlocate(((pixel - self.center) / self.focal * depth).extend(depth))
    }

    /// A point of the frame of the camera in the frame of the head, in millimetres.
    pub(crate) fn unlocate(&self, at: Vec3) -> Vec3 {
        self.rotation.transpose() * (at - self.translation)
    }

    /// Where a point of the frame of the camera is seen, in pixels.
    pub(crate) fn pixel(&self, at: Vec3) -> Option<Vec2> {
        (at.z >= NEAR).then(|| at.truncate() * (self.focal / at.z) + self.center)
    }
}

/// From the frame of the head to the frame of the camera.
fn rotation(pose: Pose) -> Mat3 {
    let [yaw, pitch, roll] = [pose.yaw, pose.pitch, pose.roll].map(f32::to_radians);
    // Pose has y down and z towards the camera, the head y up; both turn the same way about y, but not about x and z.
    let turned = Mat3::from_rotation_z(-roll) * Mat3::from_rotation_y(yaw) * Mat3::from_rotation_x(-pitch);
    Mat3::from_diagonal(Vec3::new(1.0, -1.0, -1.0)) * turned
}

#[cfg(test)]
mod tests {
    use geometry::{Landmarks, Point};
    use proptest::prelude::*;

    use super::*;

    const NOSE: Vec3 = Vec3::new(0.0, 0.0, 110.0);

    fn camera(yaw: f32, pitch: f32, roll: f32) -> Camera {
        let pose = Pose { yaw, pitch, roll };
        Camera::new(200, 100, 800.0, Vec2::new(100.0, 50.0), 1000.0, pose, Vec2::ZERO)
    }

    #[test]
    fn turns_go_the_documented_way() {
        let seen = |yaw, pitch, roll, point| {
            camera(yaw, pitch, roll).project(point).unwrap().0 - Vec2::new(100.0, 50.0)
        };
        assert_eq!(seen(0.0, 0.0, 0.0, NOSE), Vec2::ZERO);
        assert!(seen(20.0, 0.0, 0.0, NOSE).x > 1.0, "the nose goes to the person's left");
        assert!(seen(0.0, 20.0, 0.0, NOSE).y < -1.0, "the nose goes up");
        assert!(seen(0.0, 0.0, 20.0, Vec3::X * 50.0).y > 1.0, "clockwise");
        assert!(seen(0.0, 0.0, 0.0, Vec3::new(50.0, 80.0, 0.0)).distance(Vec2::new(40.0, -64.0)) < 1e-4);
        // Nearer is larger: 800 * 50 / 900.
        let (pixel, depth) = camera(0.0, 0.0, 0.0).project(Vec3::new(50.0, 0.0, 100.0)).unwrap();
        assert!((pixel.x - 144.444).abs() < 1e-3 && (depth - 900.0).abs() < 1e-3);
        assert_eq!(camera(0.0, 0.0, 0.0).project(Vec3::Z * 1000.0), None);
    }

    #[test]
    fn a_window_shows_a_part_of_the_picture() {
        let whole = camera(20.0, 5.0, 0.0);
        let window = whole.window(30, -10, 60, 40);
        assert_eq!((window.width(), window.height(), window.focal()), (60, 40, whole.focal()));
        let [(all, depth), (part, same)] = [&whole, &window].map(|camera| camera.project(NOSE).unwrap());
        assert!((all - part).distance(Vec2::new(30.0, -10.0)) < 1e-4 && depth == same, "{all} {part}");
    }

    #[test]
    fn poses_agree_with_those_estimated_from_points() {
        // The generic face of the estimate, y up, from so far away that perspective is nothing.
        let face = [
            [-31.5, 35.0, -28.0],
            [31.5, 35.0, -28.0],
            [0.0; 3],
            [-25.0, -32.0, -22.0],
            [25.0, -32.0, -22.0],
        ];
        for (yaw, pitch, roll) in [(30.0, 0.0, 0.0), (0.0, 15.0, 0.0), (-20.0, -10.0, 25.0)] {
            let pose = Pose { yaw, pitch, roll };
            let camera = Camera::new(200, 100, 2e6, Vec2::ZERO, 1e6, pose, Vec2::ZERO);
            let points = face.map(|point| {
                let (pixel, _) = camera.project(Vec3::from_array(point)).unwrap();
                Point::new(pixel.x, pixel.y)
            });
            let found = Pose::from_landmarks(&Landmarks(points)).unwrap();
            let off = [found.yaw - yaw, found.pitch - pitch, found.roll - roll];
            assert!(off.iter().all(|off| off.abs() < 0.1), "{pose:?} {found:?}");
        }
    }

    proptest! {
        #[test]
        fn a_rotation_keeps_lengths_and_hands(
            yaw in -90.0f32..90.0, pitch in -60.0f32..60.0, roll in -180.0f32..180.0,
        ) {
            let rotation = rotation(Pose { yaw, pitch, roll });
            prop_assert!((rotation.determinant() - 1.0).abs() < 1e-4);
            prop_assert!((rotation * rotation.transpose()).abs_diff_eq(Mat3::IDENTITY, 1e-4));
        }

        #[test]
        fn a_portrait_has_its_point_in_the_middle(
            yaw in -90.0f32..90.0, pitch in -40.0f32..40.0, up in -50.0f32..50.0,
        ) {
            let camera = Camera::portrait(160, 120, 260.0, 900.0, Pose { yaw, pitch, roll: 12.0 }, up);
            let (pixel, _) = camera.project(Vec3::Y * up).unwrap();
            prop_assert!(pixel.distance(Vec2::new(80.0, 60.0)) < 1e-2);
        }
    }
}
