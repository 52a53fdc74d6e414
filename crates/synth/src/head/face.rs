//! What the face has on top of its form: orbits with lids around the eyeballs, nose, lips, and the small relief
//! between.
//!
//! All is written for the person's left half (x at least 0), by the place (x, y) that is seen from far ahead.

use crate::curve::ramp;
use glam::{Vec2, Vec3};

/// Centre of the left eyeball.
pub(super) const EYE: Vec3 = Vec3::new(31.5, 24.0, 72.0);
/// Radius of the eyeball.
pub(super) const EYE_RADIUS: f32 = 12.0;
/// How thick lids are in front of the eyeball.
const LID: f32 = 1.2;
/// Where the lips meet at the corner of the mouth.
pub(super) const MOUTH_CORNER: Vec2 = Vec2::new(26.4, -41.8);
/// Inner and outer corner of the left eye.
pub(super) const EYE_CORNERS: [Vec2; 2] = [Vec2::new(16.8, 22.4), Vec2::new(45.8, 25.0)];
/// Half of the height that the chart gives to the line between the lips, which has none on the face.
pub(super) const LIP_GAP: f32 = 1.0;

/// A bell of height 1 and a width of about two `width`.
pub(super) fn bell(at: f32, width: f32) -> f32 {
    (-(at / width) * (at / width)).exp()
}

/// The smaller of two, rounded off where they differ by less than `round`.
fn soft_min(a: f32, b: f32, round: f32) -> f32 {
    let h = (round - (a - b).abs()).max(0.0) / round;
    a.min(b) - h * h * round * 0.25
}

/// The edge of the upper (true) or lower lid at a share of the way from the inner to the outer corner.
pub(super) fn lid_edge(share: f32, upper: bool) -> Vec2 {
    let [inner, outer] = EYE_CORNERS;
    let line = inner.lerp(outer, share);
    // The upper lid is highest nearer the nose, the lower lid lowest nearer the temple.
    let height = if upper {
        let t = share.powf(0.9);
        5.3 * (4.0 * t * (1.0 - t)).powf(0.7)
    } else {
        let t = share.powf(1.12);
        -5.2 * (4.0 * t * (1.0 - t)).powf(0.7)
    };
    Vec2::new(line.x, line.y + height)
}

/// Height of the line between the closed lips.
pub(super) fn lip_line(x: f32) -> f32 {
    let t = (x / MOUTH_CORNER.x).min(1.2);
    -42.0 - 0.9 * bell(x, 5.0) + 0.5 * bell(x - 10.0, 6.0) - 0.5 * bell(x - 19.0, 6.0) + 0.3 * t * t
}

/// Height of the border of the red of the upper (true) or lower lip.
pub(super) fn lip_border(x: f32, upper: bool) -> f32 {
    let t = (x / MOUTH_CORNER.x).min(1.0);
    if upper {
        let fall = (1.0 - t * t).max(0.0).powf(0.62);
        lip_line(x) + 8.4 * fall + 1.0 * bell(x - 5.5, 3.0) - 1.1 * bell(x, 2.6)
    } else {
        lip_line(x) - 10.2 * (1.0 - t * t).max(0.0).powf(0.6)
    }
}

/// The face above a point of the form.
pub(super) fn lifted(base: Vec3) -> Vec3 {
    let base = neck(base);
    if base.z < 5.0 || base.y < -110.0 || base.y > 90.0 {
        return base;
    }
    let mut point = base;
    point = mouth(point);
    let x = point.x;
    let y = point.y;
    point.z += relief(x, y);
    point.z = orbit(point);
    nose(point)
}

/// What lies below the skin of the neck: larynx, windpipe, the muscles from behind the ears to the breastbone, and
/// the collarbones.
fn neck(base: Vec3) -> Vec3 {
    let (x, y) = (base.x, base.y);
    if y > -40.0 || base.z < -45.0 {
        return base;
    }
    let out = Vec2::new(x, base.z + 12.0);
    let front = ramp(-20.0, 10.0, base.z);
    // Where the muscle is at this height, as an angle around the neck; 40 mm of skin are about a radian.
    let down = ((-28.0 - y) / 154.0).clamp(0.0, 1.0);
    let muscle = Vec2::new(56.0, 0.0).lerp(Vec2::new(10.0, 46.0), down.powf(0.8));
    let off = (out.x.atan2(out.y) - muscle.x.atan2(muscle.y)) * 46.0;
    let strand = (2.6 * bell(off, 8.5) - 1.3 * bell(off + 15.0, 9.0)) * ramp(-62.0, -100.0, y);
    let larynx = 1.8 * bell(x, 8.0) * bell(y + 121.0, 9.0) + 0.8 * bell(x, 10.0) * ramp(-116.0, -134.0, y);
    let notch = -5.0 * bell(x, 9.0) * bell(y + 183.0, 9.0);
    let bone = y + 183.0 - 0.13 * x;
    let aside = ramp(8.0, 20.0, x);
    let collarbone = aside * (3.2 * bell(bone, 6.0) - 3.4 * bell(bone - 17.0, 10.0) * bell(x - 44.0, 26.0));
    let lift = (strand + larynx + notch + collarbone) * front;
    let level = out.normalize_or_zero() * lift;
    base + Vec3::new(level.x, 0.0, level.y)
}

/// Small relief: brow ridge, cheekbone, folds.
fn relief(x: f32, y: f32) -> f32 {
    let brow = 1.3 * bell(y - 38.2 - 4.0 * bell(x - 36.0, 14.0), 7.0) * bell(x - 28.0, 17.0);
    let cheek =
        3.0 * bell(x - 45.0, 14.0) * bell(y + 1.5, 14.0) - 1.4 * bell(x - 45.0, 11.0) * bell(y + 30.0, 15.0);
    let fold_x = 18.0 + (-18.0 - y) * 0.42;
    let fold = -1.4 * bell(x - fold_x, 4.5) * bell(y + 25.5, 12.0);
    let philtrum = (0.9 * bell(x - 5.2, 2.4) - 1.1 * bell(x, 2.8))
        * ramp(-36.5, -32.5, y)
        * (1.0 - ramp(-28.0, -23.0, y));
    let chin = 2.3 * bell(x, 13.0) * bell(y + 76.5, 9.0);
    // The trough of tears, from the inner corner of the eye down along the bone.
    let trough = -1.1 * bell(y - 13.0 + 0.42 * (x - 20.0), 3.4) * bell(x - 24.0, 9.0);
    brow + cheek + fold + philtrum + chin + trough
}

/// Moves a point of the form to the closed lips.
fn mouth(base: Vec3) -> Vec3 {
    let mut point = base;
    let x = base.x;
    let line = lip_line(x);
    let off = base.y - line;
    let within = 1.0 - ramp(MOUTH_CORNER.x - 0.5, MOUTH_CORNER.x + 9.0, x);
    // The chart leaves a gap for the line between the lips; here it closes.
    let close = LIP_GAP * within * (-(off.abs() - LIP_GAP).max(0.0) / 9.0).exp();
    point.y -= off.signum() * close.min(off.abs());
    let off = point.y - line;
    let upper = off > 0.0;
    let t = (x / MOUTH_CORNER.x).min(1.0);
    let full = (1.0 - t * t).max(0.0).sqrt();
    let tall = (lip_border(x.min(MOUTH_CORNER.x), upper) - lip_line(x)).abs().max(1.5);
    let u = off.abs() / tall;
    let bulge = if upper {
        (2.6 * bell(u - 0.5, 0.5) + 0.5 * bell(u - 1.0, 0.16) - 0.3 * bell(u - 1.4, 0.3)) * full
    } else {
        (3.3 * bell(u - 0.5, 0.5) - 1.1 * bell(u - 1.6, 0.5)) * full
    };
    // The lips roll inwards where they meet; the corners lie in a small pit.
    let roll = -2.5 * bell(off, 1.7) * within;
    let corner = -0.9 * bell(x - MOUTH_CORNER.x - 1.0, 5.0) * bell(off, 6.0);
    point.z += bulge * within + roll + corner;
    point
}

/// Depth of the face around an eye.
fn orbit(point: Vec3) -> f32 {
    let (x, y) = (point.x, point.y);
    let across = ((x - 29.0).abs() / 22.0).powf(2.2);
    let up = ((y - 23.5) / if y > 23.5 { 15.0 } else { 9.5 }).powi(2);
    // The upper lid folds a few millimetres over its edge, where the skin hangs over it from the brow.
    let share = ((x - EYE_CORNERS[0].x) / (EYE_CORNERS[1].x - EYE_CORNERS[0].x)).clamp(0.0, 1.0);
    let over = y - lid_edge(share, true).y;
    let near = bell(x - 32.0, 15.0);
    let fold = near * (2.1 * bell(over - 8.2, 3.4) - 1.6 * bell(over - 4.0, 1.3));
    let hollow = point.z - 15.2 * (-across - up).exp();
    let apart = Vec2::new(x - EYE.x, y - EYE.y).length();
    let radius = EYE_RADIUS + LID;
    let bend = radius * 0.9;
    let drop = |d: f32| (radius * radius - d * d).sqrt();
    let ball =
        EYE.z + if apart < bend { drop(apart) } else { drop(bend) - (apart - bend) * bend / drop(bend) };
    -soft_min(-hollow, -ball, 6.0) + fold
}

/// Lifts a point onto the nose: along a ray that fans out below the tip, so that the underside is reached.
fn nose(base: Vec3) -> Vec3 {
    if base.x > 32.0 || base.y > 60.0 || base.y < -37.0 {
        return base;
    }
    let under = ramp(-4.0, -16.0, base.y) * (1.0 - ramp(-20.0, -29.0, base.y));
    let aside = 1.0 - ramp(14.0, 24.0, base.x);
    let ray = Vec3::new(base.x * 0.02 * aside, -0.95 * under * aside, 1.0);
    let mut far = 36.0;
    for _ in 0..48 {
        let gap = soft_min(far, nose_distance(base + ray * far), 7.0);
        if gap < 0.01 {
            break;
        }
        far -= gap * 0.72;
    }
    nostril(base + ray * far.max(0.0))
}

/// Distance to the nose, rounded together from balls and rods.
fn nose_distance(at: Vec3) -> f32 {
    let ball = |centre: Vec3, radii: Vec3| {
        let scaled = ((at - centre) / radii).length();
        (scaled - 1.0) * radii.min_element()
    };
    let rod = |from: Vec3, to: Vec3, start: f32, end: f32| {
        let share = ((at - from).dot(to - from) / (to - from).length_squared()).clamp(0.0, 1.0);
        at.distance(from.lerp(to, share)) - (start + (end - start) * share)
    };
    let bridge = rod(Vec3::new(0.0, 30.0, 84.5), Vec3::new(0.0, 11.5, 96.7), 8.0, 7.5);
    let lower = rod(Vec3::new(0.0, 11.5, 96.7), Vec3::new(0.0, -6.0, 106.8), 7.2, 7.8);
    let wall = rod(Vec3::new(2.0, 17.0, 90.0), Vec3::new(7.0, -8.0, 95.0), 6.0, 8.0);
    let tip = ball(Vec3::new(0.0, -9.6, 106.4), Vec3::new(8.5, 8.3, 9.8));
    let wing = ball(Vec3::new(11.4, -15.2, 96.5), Vec3::new(6.3, 7.4, 9.0));
    let column = rod(Vec3::new(0.0, -17.0, 107.5), Vec3::new(0.0, -22.0, 98.0), 4.0, 4.0);
    let dorsum = soft_min(soft_min(bridge, lower, 2.0), wall, 6.0);
    let end = soft_min(tip, column, 3.0);
    soft_min(soft_min(dorsum, end, 10.0), wing, 3.8)
}

/// Middle, axis inwards and long axis of the left nostril.
pub(super) const NOSTRIL: Vec3 = Vec3::new(7.0, -20.8, 103.5);
const NOSTRIL_INWARDS: Vec3 = Vec3::new(0.1, 0.94, -0.32);
const NOSTRIL_LONG: Vec3 = Vec3::new(0.42, -0.26, -0.87);

/// How far in the nostril a point of the nose is: 1 in the middle, 0 at the rim.
pub(super) fn nostril_depth(point: Vec3) -> f32 {
    let off = point - NOSTRIL;
    let wide = NOSTRIL_LONG.cross(NOSTRIL_INWARDS);
    let reach = Vec2::new(off.dot(NOSTRIL_LONG) / 5.4, off.dot(wide) / 3.0).length();
    if off.dot(NOSTRIL_INWARDS).abs() < 9.0 { 1.0 - ramp(0.55, 1.0, reach) } else { 0.0 }
}

/// How much a point of the finished head is inside of the left nostril, 0..=1.
pub(super) fn nostril_inside(point: Vec3) -> f32 {
    let off = point - NOSTRIL;
    let along = off.dot(NOSTRIL_INWARDS);
    let wide = NOSTRIL_LONG.cross(NOSTRIL_INWARDS);
    let reach = Vec2::new(off.dot(NOSTRIL_LONG) / 5.4, off.dot(wide) / 3.0).length();
    if along < 12.0 { ramp(1.0, 4.0, along) * (1.0 - ramp(0.9, 1.15, reach)) } else { 0.0 }
}

fn nostril(point: Vec3) -> Vec3 {
    point + NOSTRIL_INWARDS * (7.0 * nostril_depth(point))
}
