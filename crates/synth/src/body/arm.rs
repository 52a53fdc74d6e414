//! Arms that hang or are folded before the body, with hands, as seen from afar.

use glam::{Affine3A, Mat3, Vec2, Vec3};

use super::STATURE;
use crate::wear::solid::{ball, curve, tube};
use crate::{Mesh, Stream};

/// Half the thickness of a sleeve at the shoulder and at the cuff, in millimetres.
const SLEEVE: [f32; 2] = [50.0, 33.0];
/// How long fingers are, and how far their roots lie beside the middle of the palm, thumb's side first, in millimetres.
const FINGERS: [[f32; 2]; 4] = [[70.0, 28.0], [78.0, 9.5], [72.0, -9.5], [57.0, -27.0]];

/// What arms do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// They hang.
    Hanging,
    /// Hands lie on each other before the body.
    Joined,
    /// Hands are behind the back.
    Behind,
}

impl Hold {
    pub(super) fn sample(stream: &mut Stream) -> Self {
        [Self::Hanging, Self::Joined, Self::Behind][stream.weighted(&[5.0, 3.0, 1.0])]
    }
}

/// A sleeve and a hand. `side` is 1 for the person's left arm and -1 for the right one; `shoulder` is the middle of the
/// arm where it leaves the chest's clothes. All is in the frame of an upright head.
pub(super) fn arm(side: f32, shoulder: Vec3, stature: f32, hold: Hold, stream: &mut Stream) -> [Mesh; 2] {
    let tall = stature / STATURE;
    // Lower arms end where they do whatever the chest's clothes cover of the upper arm.
    let low = |y: f32| y * tall;
    let loose = stream.between(-1.0, 1.0);
    let (elbow, wrist, way, thumb) = match hold {
        Hold::Hanging => (
            Vec3::new(side * 22.0, low(-480.0), -14.0),
            Vec3::new(side * (28.0 + 6.0 * loose), low(-715.0), 34.0 + 22.0 * loose),
            Vec3::new(-0.08 * side, -1.0, 0.16),
            Vec3::new(-0.45 * side, 0.0, 1.0),
        ),
        Hold::Joined => (
            Vec3::new(side * 25.0, low(-480.0), 4.0),
            Vec3::new(side * 62.0 - shoulder.x, low(-640.0) + 8.0 * side, 124.0 + 15.0 * side),
            Vec3::new(-0.86 * side, -0.5, 0.08),
            Vec3::new(-0.3 * side, 0.8, 0.3),
        ),
        Hold::Behind => (
            Vec3::new(side * 22.0, low(-490.0), -40.0),
            Vec3::new(side * 60.0 - shoulder.x, low(-640.0), -175.0),
            Vec3::new(-0.8 * side, -0.5, -0.1),
            Vec3::new(0.0, 0.8, -0.5),
        ),
    };
    // Elbow and wrist are told from the shoulder to the side and forward, and from the head down.
    let from = |at: Vec3| Vec3::new(shoulder.x + at.x, at.y.min(shoulder.y - 40.0), shoulder.z + at.z);
    let [elbow, wrist] = [elbow, wrist].map(from);
    let path = curve(&[shoulder + Vec3::Y * 70.0, shoulder, elbow, wrist], 15);
    let sleeve = tube(&path, false, 14, Vec3::Z, |v, angle| {
        // Cloth is wider at the elbow.
        let bend = (-((v - 0.62) / 0.12).powi(2)).exp();
        Vec2::from_angle(angle) * (SLEEVE[0] + (SLEEVE[1] - SLEEVE[0]) * v + 4.0 * bend)
    });
    let up = -way.normalize();
    let forward = (thumb - up * thumb.dot(up)).normalize();
    let turn = Mat3::from_cols(up.cross(forward), up, forward);
    [sleeve, hand(side).transformed(&Affine3A::from_mat3_translation(turn, wrist))]
}

/// A hand at rest: it hangs from the wrist at the origin, the thumb ahead, the palm toward the body.
fn hand(side: f32) -> Mesh {
    let mut hand = ball(Vec3::new(0.0, -48.0, 0.0), Vec3::new(15.0, 58.0, 41.0), 12, 8);
    // A palm is squarer than a ball.
    for at in &mut hand.positions {
        let local = ((at.y + 48.0) / 58.0).clamp(-1.0, 1.0);
        at.z *= (1.0 - local * local).max(0.01).powf(-0.3);
    }
    hand.smooth_normals(&[]);
    let wrist = [Vec3::Y * 50.0, Vec3::Y * -25.0];
    hand.append(&tube(&wrist, false, 10, Vec3::Z, |_, angle| {
        Vec2::from_angle(angle) * Vec2::new(19.0, 27.0)
    }));
    let mut finger = |root: Vec3, way: Vec3, length: f32, curl: f32| {
        let path: Vec<Vec3> = (0..=5)
            .map(|at| {
                let share = at as f32 / 5.0;
                root + way * length * share - Vec3::X * side * curl * share * share
            })
            .collect();
        let section = |v: f32, angle: f32| {
            let tip = if v > 0.9 { 0.45 } else { 1.0 - 0.12 * v };
            Vec2::from_angle(angle) * 9.6 * tip
        };
        hand.append(&tube(&path, false, 8, Vec3::Z, section));
    };
    for [length, aside] in FINGERS {
        finger(Vec3::new(0.0, -90.0, aside), Vec3::new(0.0, -1.0, aside / 400.0), length, 24.0);
    }
    let way = Vec3::new(-0.25 * side, -0.85, 0.45).normalize();
    finger(Vec3::new(-4.0 * side, -30.0, 30.0), way, 62.0, 6.0);
    hand
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    #[test]
    fn arms_end_in_hands_on_their_side() {
        let mut stream = Seed::new(1).stream();
        for hold in [Hold::Hanging, Hold::Joined, Hold::Behind] {
            for side in [-1.0, 1.0] {
                let shoulder = Vec3::new(side * 160.0, -300.0, -10.0);
                let [sleeve, hand] = arm(side, shoulder, STATURE, hold, &mut stream);
                let mean = |mesh: &Mesh| mesh.positions.iter().sum::<Vec3>() / mesh.positions.len() as f32;
                let [upper, lower] = [mean(&sleeve), mean(&hand)];
                assert!(upper.y > lower.y + 150.0, "{hold:?} {upper} {lower}");
                assert!(side * upper.x > 100.0 && side * lower.x > -60.0, "{hold:?} {upper} {lower}");
                // The hand hangs together with the cuff.
                let cuff = sleeve.positions.iter().map(|at| at.distance(lower)).fold(f32::INFINITY, f32::min);
                assert!(cuff < 110.0, "{hold:?} {cuff}");
                // Surfaces face outward.
                let out = hand
                    .positions
                    .iter()
                    .zip(&hand.normals)
                    .filter(|(at, normal)| normal.dot(**at - lower) > 0.0);
                assert!(out.count() > hand.positions.len() / 2, "{hold:?}");
            }
        }
    }
}
