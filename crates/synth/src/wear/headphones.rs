//! Headphones: cups on the ears and a band over the head.

use std::f32::consts::PI;

use glam::{Vec2, Vec3};

use super::WornPart;
use super::fabric::Fabric;
use super::fit::{Fit, SIDES};
use super::solid::{ball, tube};
use crate::{Landmark, Mesh, Seed};

/// Headphones over the ears.
#[derive(Clone, Debug, PartialEq)]
pub struct Headphones {
    /// Half the width and height of a cup, in millimetres.
    pub cup: Vec2,
    /// What the shells and the band are made of.
    pub shell: Fabric,
    /// What the cushions are made of.
    pub cushion: Fabric,
}

impl Headphones {
    /// Any headphones.
    pub fn sample(seed: Seed) -> Self {
        let mut stream = seed.of("headphones").stream();
        let wide = stream.between(30.0, 38.0);
        let color = if stream.chance(0.6) { Vec3::splat(0.02) } else { Fabric::dye(&mut stream) };
        let cushion = if stream.chance(0.8) { Vec3::splat(0.025) } else { color };
        Self {
            cup: Vec2::new(wide, wide * stream.between(1.0, 1.25)),
            shell: Fabric::plastic(color, stream.between(0.25, 0.6)),
            cushion: Fabric::plastic(cushion, 0.6),
        }
    }

    pub(super) fn make(&self, fit: &Fit<'_>) -> Vec<WornPart> {
        let (mut shell, mut cushion) = (Mesh::default(), Mesh::default());
        let mut ends = [Vec3::ZERO; 2];
        let whole = fit.head(fit.centre());
        for (end, side) in ends.iter_mut().zip(SIDES) {
            let sign = side.sign();
            let (top, lobe) = (fit.at(Landmark::EarTop(side)), fit.at(Landmark::EarLobe(side)));
            let middle = (top + lobe) / 2.0;
            // Cushions lie on the skull around the ear and press the ear a little.
            let skull = fit.side(side, false).crest(Vec2::new(middle.z, middle.y), Vec2::new(12.0, 14.0));
            let beside = fit.side(side, true);
            let ear = Vec2::new(middle.z, middle.y);
            let out = (skull + 8.0).max(middle.x * sign + 3.0);
            let at = |x: f32| Vec3::new(sign * x, ear.y, ear.x - 4.0);
            let mut pad = ball(at(out - 3.0), Vec3::new(11.0, self.cup.y, self.cup.x), 24, 12);
            // Cushions give way to skull and ear.
            pad.positions.iter_mut().for_each(|point| *point = beside.outside(*point, 2.8));
            pad.smooth_normals(&[]);
            cushion.append(&pad);
            shell.append(&ball(at(out + 8.0), Vec3::new(9.0, self.cup.y * 0.9, self.cup.x * 0.9), 24, 12));
            *end = at(out + 10.0) + Vec3::Y * self.cup.y * 0.4;
        }
        let centre = fit.centre();
        let path: Vec<Vec3> = (0..=32)
            .map(|at| {
                let share = at as f32 / 32.0;
                let end = if share < 0.5 { ends[0] } else { ends[1] };
                let up = (share * PI).sin().max(0.0);
                let height = fit.at(Landmark::Vertex).y + 9.0;
                let across = (share * PI).cos().abs().powf(0.7) * end.x;
                let point = Vec3::new(across, end.y + (height - end.y) * up.powf(0.8), end.z);
                let free = whole.outside(point, 7.0);
                if (free - centre).y > 25.0 { free } else { point }
            })
            .collect();
        let band = tube(&path, false, 10, Vec3::Z, |v, angle| {
            let (sin, cos) = angle.sin_cos();
            let wide = 8.0 + 5.0 * (v * PI).sin();
            Vec2::new(cos * 3.0, sin * wide)
        });
        shell.append(&band);
        vec![WornPart::solid(shell, self.shell), WornPart::solid(cushion, self.cushion)]
    }
}
