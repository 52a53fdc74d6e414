//! A neck that turns the head upon the shoulders.

use glam::{Quat, Vec2, Vec3};

use crate::curve::ramp;
use crate::{Camera, Mesh, Pose};

/// Where the neck turns, in the frame of the head: about its fourth vertebra.
const PIVOT: Vec3 = Vec3::new(0.0, -95.0, -15.0);
/// Heights between which the neck bends: above all moves with the head, below with the shoulders.
const BENDING: [f32; 2] = [-92.0, -150.0];
/// Farthest that the shoulders are turned against the head, in degrees.
const FARTHEST: f32 = 55.0;

/// How the shoulders are turned, seen from the head.
pub(crate) struct Neck {
    turn: Quat,
}

impl Neck {
    /// A neck between a head and a body that are turned to the camera like this.
    pub(crate) fn new(head: Pose, body: Pose) -> Self {
        let [head, body] = [head, body].map(|pose| {
            Quat::from_mat3(&Camera::new(1, 1, 1.0, Vec2::ZERO, 1.0, pose, Vec2::ZERO).rotation())
        });
        let (axis, angle) = (head.inverse() * body).normalize().to_axis_angle();
        // More than half a turn one way is less than half the other way.
        let angle = if angle > std::f32::consts::PI { angle - std::f32::consts::TAU } else { angle };
        let most = FARTHEST.to_radians();
        Self { turn: Quat::from_axis_angle(axis, angle.clamp(-most, most)) }
    }

    /// How a body is turned below a head that looks somewhere: partly the same way, and nearly upright.
    pub(crate) fn body(head: Pose) -> Pose {
        Pose { yaw: 0.45 * head.yaw, pitch: 0.2 * head.pitch, roll: 0.2 * head.roll }
    }

    /// Turns what is below the head, as much as it is below.
    pub(crate) fn bend(&self, mesh: &mut Mesh) {
        for (place, normal) in mesh.positions.iter_mut().zip(&mut mesh.normals) {
            let share = share(*place);
            if share > 0.0 {
                let turn = Quat::IDENTITY.lerp(self.turn, share);
                *place = PIVOT + turn * (*place - PIVOT);
                *normal = turn * *normal;
            }
        }
    }
}

/// How much a place moves with the shoulders, 0..=1. Behind, the neck begins higher.
fn share(place: Vec3) -> f32 {
    ramp(BENDING[0], BENDING[1], place.y - 0.35 * (30.0 - place.z).clamp(0.0, 90.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Template;

    #[test]
    fn shoulders_turn_and_the_face_stays() {
        let template = Template::get();
        let head = Pose { yaw: 30.0, pitch: 10.0, roll: -8.0 };
        let body = Pose { yaw: 0.0, pitch: 0.0, roll: 0.0 };
        let mut bent = template.mesh().clone();
        Neck::new(head, body).bend(&mut bent);
        let back = Camera::new(1, 1, 1.0, Vec2::ZERO, 1.0, head, Vec2::ZERO).rotation();
        let straight = Camera::new(1, 1, 1.0, Vec2::ZERO, 1.0, body, Vec2::ZERO).rotation();
        let mut low = 0;
        for (place, rest) in bent.positions.iter().zip(&template.mesh().positions) {
            if rest.y > -90.0 && rest.z > 20.0 {
                assert_eq!(place, rest);
            }
            if rest.y < -168.0 {
                // Seen by the camera, the shoulders are turned as the body.
                low += 1;
                assert!((back * (*place - PIVOT)).distance(straight * (*rest - PIVOT)) < 0.01);
            }
        }
        assert!(low > 20, "{low}");
    }

    #[test]
    fn no_neck_is_wrung() {
        let turned = |yaw| Pose { yaw, pitch: 0.0, roll: 0.0 };
        let angle = |head, body| Neck::new(turned(head), turned(body)).turn.to_axis_angle().1.to_degrees();
        assert!((angle(60.0, 30.0) - 30.0).abs() < 0.01);
        assert!((angle(90.0, -40.0) - FARTHEST).abs() < 0.01);
        assert_eq!(angle(25.0, 25.0), 0.0);
    }
}
