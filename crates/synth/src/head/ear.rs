//! The ear: rings from where it grows out of the head, over its back and rim, into the concha.

use crate::curve::ramp;
use glam::{Vec2, Vec3};

use super::face::bell;

/// Vertices of a ring.
pub(super) const EAR_RING: usize = 48;
/// Middle of the ear's plane on the head's side.
const MIDDLE: Vec3 = Vec3::new(70.5, 2.0, -7.0);
/// Outline of the ear in its plane (backwards, up), beginning at the tragus and going over the top.
const OUTLINE: [[f32; 2]; 15] = [
    [-9.5, -2.0],
    [-10.5, 10.0],
    [-9.0, 22.0],
    [-3.0, 31.0],
    [6.0, 34.5],
    [15.0, 32.5],
    [21.5, 25.0],
    [24.0, 13.0],
    [22.5, 1.0],
    [18.5, -10.0],
    [12.5, -19.0],
    [7.0, -25.5],
    [0.0, -29.0],
    [-6.5, -26.0],
    [-9.8, -15.0],
];
/// Where the ear grows out of the head (backwards, up), beginning before the tragus.
const ROOT: [[f32; 2]; 15] = [
    [-12.5, -2.0],
    [-13.5, 9.0],
    [-12.0, 18.5],
    [-7.0, 24.5],
    [-0.5, 26.0],
    [4.5, 24.0],
    [7.5, 18.5],
    [8.5, 11.0],
    [8.0, 1.0],
    [6.0, -8.0],
    [2.5, -15.0],
    [-1.5, -20.0],
    [-6.0, -22.5],
    [-9.8, -20.0],
    [-11.9, -12.0],
];
/// Rings from the back over the rim to the canal: share of the way from the concha to the outline, height over the
/// ear's plane behind and at the tragus.
const RINGS: [[f32; 3]; 12] = [
    [0.80, -4.5, -0.6],
    [0.97, -3.0, 0.4],
    [1.04, -0.5, 1.4],
    [1.00, 2.0, 1.8],
    [0.91, 1.6, 1.6],
    [0.83, -2.2, 0.8],
    [0.72, -1.2, 0.4],
    [0.62, 1.6, 0.2],
    [0.52, -0.6, -1.0],
    [0.47, -5.0, -3.0],
    [0.36, -7.5, -6.0],
    [0.15, -8.5, -8.0],
];

/// Axes of the ear's plane: backwards, up, outwards. The plane leans back and stands off the head.
fn axes() -> [Vec3; 3] {
    let up = Vec3::new(0.06, 0.976, -0.21).normalize();
    let back = Vec3::new(0.36, 0.0, -0.93);
    let back = (back - up * back.dot(up)).normalize();
    [back, up, back.cross(up)]
}

/// Points of the root, as (z, y) on the side of the head.
pub(super) fn root() -> Vec<Vec2> {
    let [_, up, _] = axes();
    let place = |point: Vec2| Vec2::new(MIDDLE.z - point.x + up.z * point.y, MIDDLE.y + up.y * point.y);
    (0..EAR_RING).map(|at| place(curve(&ROOT, at))).collect()
}

/// Rings from the root inwards, and the last point. `root` is where the root lies on the head.
pub(super) fn rings(root: &[Vec3]) -> (Vec<Vec<Vec3>>, Vec3) {
    let [back, up, out] = axes();
    let concha = Vec2::new(-2.5, -1.5);
    let place = |point: Vec2, height: f32| MIDDLE + back * point.x + up * point.y + out * (height + 4.0);
    let mut rings = Vec::new();
    for &[share, behind, before] in &RINGS {
        let ring = (0..EAR_RING).map(|at| {
            let outline = curve(&OUTLINE, at);
            let free = ramp(-11.0, 4.0, outline.x);
            let point = concha + (outline - concha) * share;
            // The tragus stands before the canal.
            let tragus = 2.6 * (1.0 - free) * bell(outline.y + 1.0, 6.5) * bell(share - 0.5, 0.14);
            place(point, before + (behind - before) * free + tragus)
        });
        rings.push(ring.collect::<Vec<_>>());
    }
    // The root goes over into the back.
    for (at, point) in rings[0].iter_mut().enumerate() {
        *point = point.lerp(root[at], 0.35);
    }
    (rings, place(concha, -9.0))
}

/// A point of a closed curve through points (Catmull and Rom).
fn curve(points: &[[f32; 2]; 15], at: usize) -> Vec2 {
    let place = at as f32 * points.len() as f32 / EAR_RING as f32;
    let first = place.floor() as usize;
    let t = place - first as f32;
    let [a, b, c, d] = [14, 0, 1, 2].map(|off| Vec2::from_array(points[(first + off) % points.len()]));
    b + ((c - a) + ((a * 2.0 - b * 5.0 + c * 4.0 - d) + (b * 3.0 - a - c * 3.0 + d) * t) * t) * (0.5 * t)
}
