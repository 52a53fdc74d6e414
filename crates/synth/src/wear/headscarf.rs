//! Scarves over head and neck that leave the face free.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use glam::{Vec2, Vec3};

use super::WornPart;
use super::clothing::Torso;
use super::fabric::{Fabric, Weave};
use super::fit::Fit;
use super::solid::sheet;
use crate::curve::ramp;
use crate::noise;
use crate::{Landmark, Seed, Side};

/// Half the breadth of the shoulders that it is laid over, with clothes, in millimetres.
const SHOULDERS: f32 = 214.0;
/// How far below the chin it goes around the neck, in millimetres.
const UNDER_CHIN: f32 = 9.0;

/// A scarf around head and neck.
#[derive(Clone, Debug, PartialEq)]
pub struct Headscarf {
    /// How far down the forehead it comes: 0 at the hairline, 1 just above the brows.
    pub low: f32,
    /// How thick it lies over the hair, in millimetres.
    pub thick: f32,
    /// What it is made of.
    pub cloth: Fabric,
    /// Whether a cap of another colour shows at the forehead.
    pub under: Option<Fabric>,
}

impl Headscarf {
    /// Any headscarf.
    pub fn sample(seed: Seed) -> Self {
        let mut stream = seed.of("headscarf").stream();
        let (color, second) = (Fabric::dye(&mut stream), Fabric::dye(&mut stream));
        let number = seed.of("weave").value();
        let weave = match stream.weighted(&[6.0, 1.0, 1.0, 1.0]) {
            0 => Weave::Woven,
            1 => Weave::Print(stream.between(12.0, 35.0)),
            2 => Weave::Dots(stream.between(9.0, 20.0)),
            _ => Weave::Mottled(stream.between(20.0, 50.0)),
        };
        let cloth = Fabric::cloth(weave, color, second, number);
        let under = stream.chance(0.3).then(|| Fabric::cloth(Weave::Woven, second * 0.5, second, number));
        Self { low: stream.between(0.2, 0.75), thick: stream.between(6.0, 12.0), cloth, under }
    }

    pub(super) fn make(&self, fit: &Fit<'_>, seed: Seed) -> Vec<WornPart> {
        let centre = fit.centre().with_y(fit.at(Landmark::EarCanal(Side::Left)).y - 10.0);
        let head = fit.head(centre);
        let taut = head.stretched(14);
        let fold = seed.of("folds").value();
        let opening = Opening::new(fit, self.low);
        // Around the face, then back over the head: seen from the middle, rings around the line of sight.
        let hood = |from: f32, to: f32, lift: f32| {
            let (taut, opening) = (&taut, &opening);
            sheet(64, 28, true, move |u, v| {
                let angle = u * TAU;
                let edge = opening.at(angle) - centre;
                let start = edge.normalize_or(Vec3::Z);
                // Below, the cloth does not go around the neck but ends under the jaw, where the other part begins.
                let down = (-angle.sin()).max(0.0).powi(2);
                let end = Vec3::new(0.0, 0.15 - 0.5 * down, -1.0).normalize();
                let share = (from + (to - from) * v) * (1.0 - 0.85 * down);
                let way = start.lerp(end, share * share.mul_add(0.2, 0.8));
                let at = taut.coordinates(centre + way);
                let at = Vec2::new(at.x, at.y.clamp(-1.15, FRAC_PI_2 - 0.01));
                let place = Vec3::new(angle.cos(), angle.sin(), share) * 3.0;
                let wave = 2.2 * noise::fractal(place, 2, 0.0, fold);
                // Pulled together under the chin, it lies in folds beside the jaw.
                let pleats = 2.4 * (11.0 * angle + 2.0 * wave).sin() * ramp(0.3, -0.5, angle.sin());
                // The edge is rolled in.
                let roll = 1.0 - (1.0 - (share * 30.0).min(1.0)).powi(2);
                let thick = self.thick * (0.45 + 0.55 * (share * 5.0).min(1.0)) * roll.sqrt()
                    + (wave + pleats) * (share * 4.0).min(1.0);
                taut.point(at, thick.max(0.8) + lift)
            })
        };
        let mut parts = vec![WornPart::cloth(hood(0.0, 1.0, 0.0), self.cloth)];
        if let Some(under) = self.under {
            let cap = sheet(32, 4, false, |u, v| {
                let angle = 0.6 + (PI - 1.2) * (1.0 - u);
                let edge = opening.at(angle) - Vec3::Y * (9.0 * (1.0 - v)) * angle.sin();
                taut.point(taut.coordinates(edge), 1.6)
            });
            parts.push(WornPart::cloth(cap, under));
        }
        // Wound around the neck, and laid over the shoulders.
        let body = Torso::new(fit, SHOULDERS, fold);
        let mut fall = |from: f32, to: f32, above: f32, turn: f32| {
            let drape = sheet(72, 24, true, |u, v| {
                let azimuth = (u - 0.5) * TAU;
                // Farther down in front than behind, and higher up behind than under the chin.
                let front = 0.5 + 0.5 * azimuth.cos();
                let end = to * (0.55 + 0.45 * front) + 9.0 * (2.0 * azimuth + turn).sin();
                let start = Torso::base(azimuth) + from - 22.0 * (1.0 - front);
                let down = start + (end - start) * (1.0 - v);
                let place = Vec3::new(azimuth.sin(), down / 30.0, azimuth.cos());
                let folds = noise::fractal(place * 1.7 + turn, 3, 0.0, fold ^ 1);
                // Folds run aslant from one shoulder to the other.
                let slanted = ((down - 34.0 * (azimuth + turn).sin()) / 8.5 + 2.5 * folds).sin();
                let hem = ((1.0 - v) * 14.0).min(1.0);
                body.at(azimuth, down, above + (3.0 * folds + 2.6 * slanted) * hem)
            });
            parts.push(WornPart::cloth(drape, self.cloth));
        };
        fall(UNDER_CHIN, 88.0, 13.0, 0.0);
        fall(UNDER_CHIN + 12.0, 34.0, 19.0, 2.0);
        parts
    }
}

/// The edge of the cloth around the face.
struct Opening {
    top: Vec3,
    side: [Vec3; 2],
    bottom: Vec3,
}

impl Opening {
    fn new(fit: &Fit<'_>, low: f32) -> Self {
        let (brow, hair) = (fit.at(Landmark::Glabella), fit.at(Landmark::Hairline));
        let top = hair.lerp(brow + Vec3::Y * 22.0, low);
        let side = [Side::Left, Side::Right].map(|side| {
            let (zygion, ear) = (fit.at(Landmark::Zygion(side)), fit.at(Landmark::EarCanal(side)));
            zygion.lerp(ear, 0.25)
        });
        Self { top, side, bottom: fit.at(Landmark::Menton) + Vec3::new(0.0, -5.0, -14.0) }
    }

    /// At an angle around the face: 0 at the person's left, a quarter turn above.
    fn at(&self, angle: f32) -> Vec3 {
        let (sin, cos) = angle.sin_cos();
        let middle = (self.side[0] + self.side[1]) / 2.0;
        let across = if cos > 0.0 { self.side[0] } else { self.side[1] } - middle;
        let along = if sin > 0.0 { self.top } else { self.bottom } - middle;
        // A little squarer than an ellipse.
        let power = |value: f32| value.abs().powf(0.85);
        let edge = middle + across * power(cos) + along * power(sin);
        // Beside the face it turns without a corner.
        edge.with_z(middle.z + across.z * power(cos) + along.z * sin * sin)
    }
}
