//! Which part of the face a vertex belongs to, with soft borders.

use crate::curve::ramp;
use glam::{Vec2, Vec3};

use super::{
    build::{Part, Skin},
    face::{self, bell},
};

/// A region of the skin. Regions overlap and go over into each other smoothly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Region {
    /// Where hair of the head grows.
    Scalp,
    /// The eyebrows.
    Brow,
    /// Between nose and upper lip, where a moustache grows.
    Moustache,
    /// Chin, jaw and throat, where a beard grows.
    Beard,
    /// Before the ears.
    Sideburn,
    /// From the brows to the hair.
    Forehead,
    /// Cheeks.
    Cheek,
    /// The nose.
    Nose,
    /// The inside of the nostrils.
    Nostril,
    /// The red of the lips.
    Lips,
    /// The inside of the mouth behind the lips.
    MouthInside,
    /// The upper lids.
    UpperLid,
    /// The lower lids.
    LowerLid,
    /// The edges of the lids, where lashes grow.
    Lashes,
    /// Below the lower lids, where shadows lie.
    UnderEye,
    /// The chin.
    Chin,
    /// The ears.
    Ear,
    /// The neck.
    Neck,
    /// The shoulders.
    Shoulder,
}

impl Region {
    /// All regions, in the order of their numbers.
    pub const ALL: [Self; 19] = [
        Self::Scalp,
        Self::Brow,
        Self::Moustache,
        Self::Beard,
        Self::Sideburn,
        Self::Forehead,
        Self::Cheek,
        Self::Nose,
        Self::Nostril,
        Self::Lips,
        Self::MouthInside,
        Self::UpperLid,
        Self::LowerLid,
        Self::Lashes,
        Self::UnderEye,
        Self::Chin,
        Self::Ear,
        Self::Neck,
        Self::Shoulder,
    ];
}

/// Weights of all vertices for each region.
pub(super) fn weights(skin: &Skin) -> Vec<Vec<f32>> {
    let weigh = |region: Region| {
        let vertices = skin.mesh.rest.iter().zip(&skin.parts);
        vertices.map(|(&point, &part)| weight(region, point, part).clamp(0.0, 1.0)).collect()
    };
    Region::ALL.into_iter().map(weigh).collect()
}

fn weight(region: Region, point: Vec3, part: Part) -> f32 {
    let (x, y, z) = (point.x.abs(), point.y, point.z);
    let outside = f32::from(part == Part::Skin);
    let front = ramp(20.0, 45.0, z);
    let eye = Vec2::new(x - face::EYE.x, y - face::EYE.y);
    match region {
        Region::Scalp => outside * scalp(x, y, z),
        Region::Brow => {
            let line = brow_line(x);
            let thick = 5.2 - 0.075 * (x - 12.0).max(0.0);
            let ends = ramp(9.0, 14.0, x) * (1.0 - ramp(50.0, 57.0, x));
            outside * front * ends * (1.0 - ramp(thick * 0.6, thick * 1.4, (y - line).abs()))
        }
        Region::Moustache => {
            let lip = face::lip_border(x.min(25.0), true);
            let below = ramp(lip - 2.0, lip + 2.5, y);
            outside
                * front
                * below
                * (1.0 - ramp(-27.0, -22.0, y))
                * (1.0 - ramp(27.0, 34.0, x))
                * ramp(60.0, 75.0, z)
        }
        Region::Beard => {
            // From before the ear along the cheek to the corner of the mouth, and down to the throat.
            let edge = -41.0 + 31.0 * ramp(25.0, 68.0, x);
            let mouth = 1.0 - lips(x, y, 4.0);
            let throat = ramp(-122.0, -104.0, y);
            outside * (1.0 - ramp(edge - 6.0, edge + 4.0, y)) * throat * ramp(-6.0, 10.0, z) * mouth
        }
        Region::Sideburn => {
            outside
                * ramp(-16.0, -2.0, y)
                * (1.0 - ramp(30.0, 42.0, y))
                * bell(z - 16.0, 7.0)
                * ramp(58.0, 64.0, x)
        }
        Region::Forehead => outside * front * ramp(40.0, 50.0, y) * (1.0 - scalp(x, y, z)),
        Region::Cheek => outside * front * bell(x - 42.0, 22.0) * bell(y + 11.0, 25.0),
        Region::Nose => {
            let wide = 9.0 + 11.0 * ramp(15.0, -12.0, y);
            let along = ramp(-28.0, -23.0, y) * (1.0 - ramp(27.0, 37.0, y));
            outside * along * (1.0 - ramp(wide - 2.0, wide + 4.0, x)) * ramp(80.0, 88.0, z)
        }
        Region::Nostril => outside * face::nostril_inside(Vec3::new(x, y, z)),
        Region::Lips => match part {
            Part::Skin => lips(x, y, 0.8) * front,
            Part::Mouth(row) => 1.0 - ramp(1.0, 3.0, f32::from(row)),
            _ => 0.0,
        },
        Region::MouthInside => match part {
            Part::Mouth(row) => ramp(0.5, 2.5, f32::from(row)),
            _ => 0.0,
        },
        Region::UpperLid | Region::LowerLid => {
            let upper = region == Region::UpperLid;
            let share = ((x - face::EYE_CORNERS[0].x) / (face::EYE_CORNERS[1].x - face::EYE_CORNERS[0].x))
                .clamp(0.0, 1.0);
            let middle = face::EYE_CORNERS[0].lerp(face::EYE_CORNERS[1], share).y;
            let off = if upper { y - middle } else { middle - y };
            let (tall, soft) = if upper { (12.0, 3.0) } else { (9.0, 3.0) };
            let near = 1.0 - ramp(15.0, 20.0, (x - face::EYE.x).abs());
            let away = ramp(-0.6, 0.4, off) * (1.0 - ramp(tall - soft, tall + soft, off)) * near * front;
            if part == Part::Skin || part == Part::Lid { away } else { 0.0 }
        }
        Region::Lashes => {
            let share = (x - face::EYE_CORNERS[0].x) / (face::EYE_CORNERS[1].x - face::EYE_CORNERS[0].x);
            if !(0.0..=1.0).contains(&share) || !matches!(part, Part::Skin | Part::Lid) || z < 60.0 {
                return 0.0;
            }
            let edge = |upper| (face::lid_edge(share, upper).y - y).abs();
            1.0 - ramp(0.4, 1.8, edge(true).min(edge(false)))
        }
        Region::UnderEye => outside * front * bell(eye.x + 2.0, 13.0) * bell(eye.y + 13.0, 5.5),
        Region::Chin => outside * bell(x, 22.0) * bell(y + 78.5, 13.5) * ramp(45.0, 65.0, z),
        Region::Ear => match part {
            Part::Ear(_) => 1.0,
            _ => 0.0,
        },
        Region::Neck => {
            outside * (1.0 - ramp(-112.0, -92.0, y - 0.35 * (30.0 - z).max(0.0))) * (1.0 - shoulder(point))
        }
        Region::Shoulder => outside * shoulder(point),
    }
}

/// Height of the middle of the eyebrow.
fn brow_line(x: f32) -> f32 {
    41.4 + 4.1 * bell(x - 39.0, 16.0)
}

/// Below the base of the neck, which lies higher behind than in front.
fn shoulder(point: Vec3) -> f32 {
    let base = -118.0 - 52.0 * ramp(-20.0, 32.0, point.z);
    1.0 - ramp(base - 9.0, base + 7.0, point.y)
}

/// Inside of the line where hair begins: forehead, temple, before and behind the ear, nape.
fn scalp(x: f32, y: f32, z: f32) -> f32 {
    let forehead = 95.5 - 0.0035 * x * x + 4.0 * bell(x - 36.0, 12.0);
    let temple = 40.0 + 56.0 * ramp(30.0, 62.0, z);
    let nape = -62.0 + 70.0 * ramp(-45.0, -8.0, z);
    let line = if z > 30.0 { temple.min(forehead) } else { nape + (40.0 - nape) * ramp(-8.0, 30.0, z) };
    ramp(line - 6.0, line + 6.0, y)
}

/// Inside of the red of the lips, with a border of some softness.
fn lips(x: f32, y: f32, soft: f32) -> f32 {
    if x > face::MOUTH_CORNER.x + soft {
        return 0.0;
    }
    let upper = face::lip_border(x, true);
    let lower = face::lip_border(x, false);
    ramp(lower - soft, lower + soft, y) * (1.0 - ramp(upper - soft, upper + soft, y))
}
