//! What the inside of the mouth is made of.

use glam::Vec3;

use crate::material::{Material, Reflectance, SurfacePoint};
use crate::noise;
use crate::random::Seed;
use crate::skin::{Complexion, encoded};

/// Teeth, from porcelain to stained.
#[derive(Clone, Debug, PartialEq)]
pub struct Teeth {
    /// How yellow and dark they are, 0 (bleached) to 1 (A4 and beyond on the dentist's shade guide).
    pub stain: f32,
    seed: u64,
}

impl Teeth {
    /// Draws a person's teeth; those of the old are darker. `age` is in years.
    pub fn sample(seed: Seed, age: f32) -> Self {
        let seed = seed.of("teeth");
        let stain = 0.1 + 0.25 * (age / 80.0).clamp(0.0, 1.0) + seed.stream().between(0.0, 0.4);
        Self { stain, seed: seed.value() }
    }
}

impl Material for Teeth {
    fn reflectance(&self, point: &SurfacePoint) -> Reflectance {
        let clean = Vec3::new(0.70, 0.66, 0.58);
        let stained = Vec3::new(0.52, 0.42, 0.27);
        let cloud = 1.0 + 0.06 * noise::gradient(point.rest * 0.5, self.seed);
        Reflectance {
            albedo: (clean.lerp(stained, self.stain.clamp(0.0, 1.0)) * cloud).clamp(Vec3::ZERO, Vec3::ONE),
            relief: Vec3::ZERO,
            roughness: 0.3,
            gloss: 0.045,
            scatter: 1.0,
            opacity: 1.0,
        }
    }
}

/// The wet lining of the mouth: gums, tongue and the inside of cheeks and lips.
#[derive(Clone, Debug, PartialEq)]
pub struct Mucosa {
    albedo: Vec3,
    /// Bumps of the surface: their size in millimeters and how steep they are.
    bumps: (f32, f32),
    seed: u64,
}

impl Mucosa {
    /// Gums. Those of dark people hold some melanin.
    pub fn gums(complexion: &Complexion) -> Self {
        let pale = encoded(0xc4767a);
        let dark = encoded(0x6e4348);
        let albedo = pale.lerp(dark, (complexion.melanin * 2.2).min(0.85));
        Self { albedo, bumps: (1.5, 0.08), seed: complexion.seed.of("gums").value() }
    }

    /// The tongue.
    pub fn tongue(complexion: &Complexion) -> Self {
        let albedo = encoded(0xb4646c).lerp(encoded(0x8a4a52), complexion.melanin);
        Self { albedo, bumps: (0.9, 0.25), seed: complexion.seed.of("tongue").value() }
    }

    /// The inside of cheeks and lips, and the palate.
    pub fn lining(complexion: &Complexion) -> Self {
        Self { albedo: encoded(0x8a3c40), bumps: (4.0, 0.05), seed: complexion.seed.of("lining").value() }
    }
}

impl Material for Mucosa {
    fn reflectance(&self, point: &SurfacePoint) -> Reflectance {
        let (size, steep) = self.bumps;
        let seen = (1.0 - point.footprint / size).clamp(0.0, 1.0);
        let bump = |offset: u64| noise::gradient(point.rest / size, self.seed ^ offset);
        let relief =
            if seen > 0.0 { Vec3::new(bump(1), bump(2), bump(3)) * steep * seen } else { Vec3::ZERO };
        let cloud = 1.0 + 0.12 * noise::gradient(point.rest * 0.15, self.seed);
        Reflectance {
            albedo: (self.albedo * cloud).clamp(Vec3::ZERO, Vec3::ONE),
            relief,
            roughness: 0.35,
            gloss: 0.03,
            scatter: 1.5,
            opacity: 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use glam::Vec2;

    #[test]
    fn mouths_are_red_and_teeth_are_not() {
        let complexion = Complexion::sample(Seed::new(2), 0.5, 30.0, 0.0);
        let point = SurfacePoint {
            uv: Vec2::ZERO,
            rest: Vec3::new(3.0, -40.0, 90.0),
            normal: Vec3::Z,
            footprint: 5.0,
        };
        let [gums, tongue, lining] =
            [Mucosa::gums(&complexion), Mucosa::tongue(&complexion), Mucosa::lining(&complexion)];
        for material in [&gums, &tongue, &lining] {
            let seen = material.reflectance(&point);
            assert!(seen.albedo.x > 1.5 * seen.albedo.y && seen.relief == Vec3::ZERO);
        }
        let [young, old] =
            [10.0, 80.0].map(|age| Teeth::sample(Seed::new(2), age).reflectance(&point).albedo);
        assert!(young.z > old.z && young.x < 1.5 * young.z);
    }
}
