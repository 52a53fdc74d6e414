//! Scarves around the neck.

use std::f32::consts::{PI, TAU};

use glam::{Vec2, Vec3};

use super::fabric::{Fabric, Weave};
use super::fit::Fit;
use super::solid::sheet;
use super::{FaceArea, WornPart};
use crate::noise;
use crate::{Landmark, Seed};

/// A scarf around the neck.
#[derive(Clone, Debug, PartialEq)]
pub struct Scarf {
    /// How thick it is, in millimetres.
    pub thick: f32,
    /// How many times it goes around the neck.
    pub turns: u32,
    /// Whether it is pulled over chin and mouth.
    pub high: bool,
    /// What it is made of.
    pub cloth: Fabric,
}

impl Scarf {
    /// Any scarf.
    pub fn sample(seed: Seed) -> Self {
        let mut stream = seed.of("scarf").stream();
        let (color, second) = (Fabric::dye(&mut stream), Fabric::dye(&mut stream));
        let weave = match stream.weighted(&[3.0, 2.0, 2.0, 1.0, 1.0]) {
            0 => Weave::Woven,
            1 => Weave::Ribs(stream.between(50.0, 90.0).round()),
            2 => Weave::Plaid(stream.between(10.0, 30.0)),
            3 => Weave::Stripes(stream.between(14.0, 40.0)),
            _ => Weave::Print(stream.between(10.0, 25.0)),
        };
        Self {
            thick: stream.between(9.0, 18.0),
            turns: 1 + stream.below(2) as u32,
            high: stream.chance(0.12),
            cloth: Fabric::cloth(weave, color, second, seed.of("weave").value()),
        }
    }

    pub(super) fn covers(&self) -> &'static [FaceArea] {
        if self.high { &[FaceArea::Mouth, FaceArea::Chin, FaceArea::Neck] } else { &[FaceArea::Neck] }
    }

    pub(super) fn make(&self, fit: &Fit<'_>, seed: Seed) -> Vec<WornPart> {
        let chin = fit.at(Landmark::Menton).y;
        let nose = fit.at(Landmark::Subnasale).y;
        let top = if self.high { nose - 2.0 } else { chin - 9.0 };
        let low = chin - 85.0;
        let neck = fit.neck(low - 10.0, top + 6.0).stretched(if self.high { 14 } else { 4 });
        let fold = seed.of("folds").value();
        let turns = (0..self.turns).map(|turn| {
            let share = turn as f32 / self.turns as f32;
            let (bottom, above) = (low + 28.0 * share, 4.0 - 2.0 * share);
            sheet(72, 20, true, |u, v| {
                let azimuth = (u - 0.5) * TAU;
                let tilt =
                    9.0 * (azimuth + 2.5 * share).sin() * (1.0 - v) + 14.0 * (0.5 - 0.5 * azimuth.cos()) * v;
                let y = bottom + (top - bottom) * v + tilt * if self.high { 0.5 } else { 1.0 };
                let place = Vec3::new(azimuth.sin(), y / 30.0, azimuth.cos());
                let folds = noise::fractal(place * 1.8, 3, 0.0, fold ^ u64::from(turn));
                // Round above and below; turned in at the upper edge.
                let round = (v * PI).sin().max(0.0).powf(0.45);
                let ridges = 0.22 * (v * 3.0 * PI + azimuth.cos() * 2.0 + folds * 2.0).sin();
                let flare = 9.0 * (1.0 - v).powi(2);
                let bulk = self.thick * round * (1.0 + 0.3 * folds + ridges) * (1.0 - 0.25 * share);
                neck.point(Vec2::new(azimuth, y), above + flare + bulk.max(0.0))
            })
        });
        turns.map(|turn| WornPart::cloth(turn, self.cloth)).collect()
    }
}
