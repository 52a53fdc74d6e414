use crate::Landmarks;

/// Where a head is turned, in degrees, as seen in the picture.
///
/// The head's rotation is R = Rz(roll) Ry(yaw) Rx(pitch) in axes x to the right, y down, z towards the camera.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pose {
    /// Positive when the nose points to the right of the picture, -90..=90.
    pub yaw: f32,
    /// Positive when the nose points up, -180..=180.
    pub pitch: f32,
    /// Positive when the head is tilted clockwise as seen, -180..=180.
    pub roll: f32,
}

/// A generic face in mm: x image-right, y down, z towards the camera, origin at the nose tip, in landmark order.
const FACE: [[f64; 3]; 5] =
    [[-31.5, -35.0, -28.0], [31.5, -35.0, -28.0], [0.0, 0.0, 0.0], [-25.0, 32.0, -22.0], [25.0, 32.0, -22.0]];

impl Pose {
    /// Pose from five points by scaled orthography: the camera is taken to look at the generic face from far away.
    ///
    /// The 2 x 3 matrix A that best maps the centred generic face to the centred points is a scaled pair of rows of
    /// the head's rotation; the nearest pair of orthonormal rows is (A A^T)^(-1/2) A, and the third row is their cross
    /// product. That is the projection of [a1; a2; a1 x a2] on the rotations without an SVD, since the third row is
    /// already perpendicular to the first two.
    ///
    /// One pixel of noise in the points costs about 2 to 3 degrees at 60 pixels between the eyes and twice that at 30;
    /// people's faces differ from the generic one by 3 to 6 degrees, mostly in pitch.
    ///
    /// `None` if a coordinate is not finite or the points lie on a line.
    pub fn from_landmarks(points: &Landmarks) -> Option<Self> {
        let [row_x, row_y] = affine(points);
        let (xx, xy, yy) = (dot(row_x, row_x), dot(row_x, row_y), dot(row_y, row_y));
        let det = xx * yy - xy * xy;
        let trace = xx + yy;
        // NaN fails this comparison too.
        if !(det > 1e-9 * trace * trace && trace.is_finite()) {
            return None;
        }
        // Square root of a symmetric 2 x 2 matrix S: (S + sqrt(det) I) / sqrt(trace + 2 sqrt(det)); its inverse has
        // the entries below up to a factor, and the factor is the root's own determinant, sqrt(det).
        let root = det.sqrt();
        let norm = (trace + 2.0 * root).sqrt() * root;
        let (p, q, r) = ((yy + root) / norm, -xy / norm, (xx + root) / norm);
        let r0 = combine(p, row_x, q, row_y);
        let r1 = combine(q, row_x, r, row_y);
        let r2 = cross(r0, r1);
        Some(Self {
            yaw: (-r2[0].clamp(-1.0, 1.0).asin()).to_degrees() as f32,
            pitch: r2[1].atan2(r2[2]).to_degrees() as f32,
            roll: r1[0].atan2(r0[0]).to_degrees() as f32,
        })
    }

    /// Angle in degrees between the direction of the nose and the camera, 0..=180: 0 for a face seen straight on.
    pub fn off_axis(&self) -> f32 {
        let cos = f64::from(self.yaw).to_radians().cos() * f64::from(self.pitch).to_radians().cos();
        cos.clamp(-1.0, 1.0).acos().to_degrees() as f32
    }
}

/// Rows of argmin |points - A face|, both centred.
fn affine(points: &Landmarks) -> [[f64; 3]; 2] {
    let face = centred_face();
    // Normal equations: A = (points face^T) (face face^T)^-1, a 3 x 3 symmetric system.
    let mut gram = [[0.0; 3]; 3];
    let mut right = [[0.0; 3]; 2];
    let mean_x = points.0.iter().map(|p| f64::from(p.x)).sum::<f64>() / 5.0;
    let mean_y = points.0.iter().map(|p| f64::from(p.y)).sum::<f64>() / 5.0;
    for (f, p) in face.iter().zip(&points.0) {
        let centred = [f64::from(p.x) - mean_x, f64::from(p.y) - mean_y];
        for i in 0..3 {
            for j in 0..3 {
                gram[i][j] += f[i] * f[j];
            }
            right[0][i] += centred[0] * f[i];
            right[1][i] += centred[1] * f[i];
        }
    }
    // Rows of the adjugate are cross products of the rows of the (symmetric) matrix.
    let adjugate = [cross(gram[1], gram[2]), cross(gram[2], gram[0]), cross(gram[0], gram[1])];
    let det = dot(gram[0], adjugate[0]);
    right.map(|row| adjugate.map(|a| dot(a, row) / det))
}

fn centred_face() -> [[f64; 3]; 5] {
    let mean: [f64; 3] = std::array::from_fn(|i| FACE.iter().map(|p| p[i]).sum::<f64>() / 5.0);
    FACE.map(|p| std::array::from_fn(|i| p[i] - mean[i]))
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn combine(p: f64, a: [f64; 3], q: f64, b: [f64; 3]) -> [f64; 3] {
    std::array::from_fn(|i| p * a[i] + q * b[i])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Point, Template};

    /// The generic face turned by R = Rz Ry Rx and seen from far away at `scale` pixels per mm.
    fn project(yaw: f32, pitch: f32, roll: f32, scale: f64) -> Landmarks {
        let [(sy, cy), (sp, cp), (sr, cr)] =
            [yaw, pitch, roll].map(|angle| f64::from(angle).to_radians().sin_cos());
        Landmarks(FACE.map(|[x, y, z]| {
            let (y, z) = (cp * y - sp * z, sp * y + cp * z);
            let x = cy * x + sy * z;
            let (x, y) = (cr * x - sr * y, sr * x + cr * y);
            Point::new((scale * x + 300.0) as f32, (scale * y + 200.0) as f32)
        }))
    }

    #[test]
    fn recovers_projected_faces_exactly() {
        for yaw in [-75.0, -30.0, 0.0, 10.0, 60.0] {
            for pitch in [-40.0, 0.0, 25.0] {
                for roll in [-170.0, -45.0, 0.0, 20.0, 90.0] {
                    let pose = Pose::from_landmarks(&project(yaw, pitch, roll, 1.3)).unwrap();
                    for (got, want) in [(pose.yaw, yaw), (pose.pitch, pitch), (pose.roll, roll)] {
                        assert!((got - want).abs() < 0.01, "{yaw} {pitch} {roll}: {pose:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn signs() {
        let nose_at = |yaw, pitch| {
            let p = project(yaw, pitch, 0.0, 1.0);
            p.nose() - p.left_eye().midpoint(p.right_eye())
        };
        assert!(nose_at(20.0, 0.0).x > 0.0, "positive yaw: nose to the right");
        assert!(nose_at(0.0, 20.0).y < nose_at(0.0, 0.0).y, "positive pitch: nose up");
        let tilted = project(0.0, 0.0, 20.0, 1.0);
        assert!(tilted.right_eye().y > tilted.left_eye().y, "positive roll: clockwise");
    }

    #[test]
    fn noise_of_one_pixel_costs_a_few_degrees() {
        // A fixed pattern of +-1 pixel on a face with 60 pixels between the eyes.
        let shifts = [(1.0, -1.0), (-1.0, 1.0), (1.0, 1.0), (-1.0, -1.0), (1.0, 0.0)];
        let mut points = project(25.0, -10.0, 5.0, 60.0 / 63.0);
        for (p, (dx, dy)) in points.0.iter_mut().zip(shifts) {
            *p = *p + Point::new(dx, dy);
        }
        let pose = Pose::from_landmarks(&points).unwrap();
        assert!((pose.yaw - 25.0).abs() < 9.0 && (pose.pitch + 10.0).abs() < 9.0, "{pose:?}");
        assert!((pose.roll - 5.0).abs() < 5.0, "{pose:?}");
    }

    #[test]
    fn the_template_looks_ahead() {
        let pose = Pose::from_landmarks(&Template::ARCFACE_112.points).unwrap();
        assert!(pose.yaw.abs() < 2.0 && pose.roll.abs() < 2.0 && pose.pitch.abs() < 15.0, "{pose:?}");
    }

    #[test]
    fn the_angle_off_axis() {
        assert_eq!(Pose::default().off_axis(), 0.0);
        let turned = Pose { yaw: 30.0, pitch: 0.0, roll: 77.0 };
        assert!((turned.off_axis() - 30.0).abs() < 1e-3);
    }

    #[test]
    fn degenerate_points_have_no_pose() {
        let good = Template::ARCFACE_112.points;
        let line = good.map(|p| Point::new(p.x, 2.0 * p.x));
        let same = good.map(|_| Point::new(5.0, 5.0));
        let nan = good.map(|p| Point::new(f32::NAN, p.y));
        let infinite = good.map(|p| Point::new(p.x, f32::INFINITY));
        for points in [line, same, nan, infinite] {
            assert_eq!(Pose::from_landmarks(&points), None, "{points:?}");
        }
        let huge = Pose::from_landmarks(&good.map(|p| p * 1e30));
        assert!(huge.is_some_and(|p| p.yaw.is_finite()));
    }
}
