//! Earrings.

use std::f32::consts::TAU;

use glam::{Vec2, Vec3};

use super::WornPart;
use super::fabric::Fabric;
use super::fit::{Fit, SIDES};
use super::solid::{ball, tube};
use crate::{Landmark, Mesh, Seed};

/// A pair of earrings.
#[derive(Clone, Debug, PartialEq)]
pub enum Earrings {
    /// Small balls on the lobes, of a radius in millimetres.
    Studs(f32, Fabric),
    /// Rings through the lobes, of a radius in millimetres.
    Hoops(f32, Fabric),
    /// Drops that hang, of a length in millimetres.
    Drops(f32, Fabric),
}

impl Earrings {
    /// Any earrings.
    pub fn sample(seed: Seed) -> Self {
        let mut stream = seed.of("earrings").stream();
        let material = match stream.weighted(&[3.0, 3.0, 1.0, 2.0]) {
            0 => Fabric::metal(Vec3::new(0.95, 0.72, 0.36), 0.25),
            1 => Fabric::metal(Vec3::splat(0.8), 0.25),
            2 => Fabric::plastic(Vec3::new(0.75, 0.71, 0.66), 0.3),
            _ => Fabric::plastic(Fabric::dye(&mut stream), 0.25),
        };
        match stream.below(3) {
            0 => Self::Studs(stream.between(1.8, 4.0), material),
            1 => Self::Hoops(stream.between(6.0, 24.0), material),
            _ => Self::Drops(stream.between(12.0, 45.0), material),
        }
    }

    pub(super) fn make(&self, fit: &Fit<'_>) -> Vec<WornPart> {
        let mut mesh = Mesh::default();
        let material = match self {
            Self::Studs(_, material) | Self::Hoops(_, material) | Self::Drops(_, material) => *material,
        };
        for side in SIDES {
            let sign = side.sign();
            let lobe = fit.at(Landmark::EarLobe(side));
            // The hole is a few millimetres above the lowest point; what hangs is before and outside of the lobe.
            match *self {
                Self::Studs(radius, _) => {
                    let front = lobe + Vec3::new(sign * (radius * 0.7 + 1.0), 4.5, 2.0);
                    mesh.append(&ball(front, Vec3::splat(radius), 14, 8));
                }
                Self::Hoops(radius, _) => {
                    let centre = lobe + Vec3::new(sign * 2.2, 3.0 - radius, 0.0);
                    let ring: Vec<Vec3> = (0..32)
                        .map(|at| {
                            let place = Vec2::from_angle(at as f32 / 32.0 * TAU) * radius;
                            centre + Vec3::new(sign * 0.25 * place.x.abs(), place.y, place.x)
                        })
                        .collect();
                    let thick = 0.7 + radius * 0.04;
                    let section = |_: f32, angle: f32| Vec2::from_angle(angle) * thick;
                    mesh.append(&tube(&ring, true, 8, Vec3::X, section));
                }
                Self::Drops(length, _) => {
                    let hook = lobe + Vec3::new(sign * 2.5, 2.0, 2.0);
                    let end = hook - Vec3::Y * length;
                    let wide = (length * 0.16).clamp(2.5, 6.0);
                    let section = |_: f32, angle: f32| Vec2::from_angle(angle) * 0.6;
                    mesh.append(&tube(&[hook, end], false, 6, Vec3::X, section));
                    mesh.append(&ball(hook, Vec3::splat(1.6), 10, 6));
                    mesh.append(&ball(end, Vec3::new(wide * 0.7, wide * 1.5, wide), 16, 10));
                }
            }
        }
        vec![WornPart::solid(mesh, material)]
    }
}
