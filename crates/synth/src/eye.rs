//! What eyes are made of.

mod iris;

use glam::{Vec2, Vec3};

use crate::material::{Material, Reflectance, SurfacePoint};
use crate::noise;
use crate::random::Seed;

pub use iris::Iris;

/// Radius of the eyeball in millimeters.
const EYEBALL: f32 = 12.0;
/// Radius of the bend of the cornea in millimeters.
const CORNEA: f32 = 7.8;
/// Radius of the visible iris in millimeters.
const IRIS: f32 = 5.9;

/// An eyeball: white, iris and pupil. The chart of the eyeball has the middle of the pupil at (0.5, 0.5); the way
/// from there is the angle around the middle of the ball in turns.
#[derive(Clone, Debug, PartialEq)]
pub struct EyeMaterial {
    iris: Iris,
    pupil: f32,
    white: Vec3,
    veins: f32,
    seed: u64,
}

impl EyeMaterial {
    /// Radius of the pupil in millimeters: 1.2 in bright light, 3.5 in dim light. `redness` of the white is 0..=1, `age`
    /// in years.
    pub fn new(iris: &Iris, pupil: f32, redness: f32, age: f32, seed: Seed) -> Self {
        let old = ((age - 20.0) / 60.0).clamp(0.0, 1.0);
        let white = Vec3::new(0.43, 0.40, 0.385).lerp(Vec3::new(0.40, 0.35, 0.29), old);
        Self {
            iris: iris.clone(),
            pupil: pupil.clamp(1.0, 4.2),
            white: white.lerp(Vec3::new(0.60, 0.42, 0.40), 0.35 * redness),
            veins: 0.25 + 0.75 * redness,
            seed: seed.of("veins").value(),
        }
    }

    fn sclera(&self, place: Vec2, footprint: f32) -> Vec3 {
        let radius = place.length();
        // Thin and bluish next to the iris, redder towards the corners.
        let corner = ((place.x.abs() - IRIS) / 5.0).clamp(0.0, 1.0);
        let mut color = self.white.lerp(Vec3::new(0.58, 0.36, 0.33), 0.5 * corner * corner);
        let cloud = noise::gradient(Vec3::new(place.x, place.y, 0.0) * 0.35, self.seed);
        // The lids keep light from the corners.
        color *= (1.0 + 0.05 * cloud) * (1.0 - 0.3 * corner);
        if footprint < 1.2 {
            // Vessels run from the corners to the iris and are the creases of stretched noise.
            let along = Vec3::new(radius * 0.18, place.y * 0.75, 3.0);
            let crease = noise::gradient(along, self.seed ^ 1).abs();
            let thin = (1.0 - crease / (0.03 + 0.04 * footprint)).max(0.0);
            let strength = self.veins * corner.sqrt() * (0.06 / (0.06 + 0.1 * footprint));
            color = color.lerp(Vec3::new(0.50, 0.14, 0.12), 0.6 * thin * strength);
        }
        color
    }
}

impl Material for EyeMaterial {
    fn reflectance(&self, point: &SurfacePoint) -> Reflectance {
        let away = point.uv - 0.5;
        let angle = away.length() * std::f32::consts::TAU;
        // Seen from ahead; the back of the ball, which nobody sees, stays at the rim.
        let radius = EYEBALL * angle.min(std::f32::consts::FRAC_PI_2).sin();
        let place = away.normalize_or_zero() * radius;
        // Edges are as soft as a sample is large: the picture decides what can be told apart.
        let soft = 0.25 + 0.5 * point.footprint;
        let within = |edge: f32, blur: f32| ((edge - radius) / blur + 0.5).clamp(0.0, 1.0);
        let mut albedo = self.sclera(place, point.footprint);
        let inside = within(IRIS, soft + 0.35);
        if inside > 0.0 {
            let share = ((radius - self.pupil) / (IRIS - self.pupil)).clamp(0.0, 1.0);
            let iris = self.iris.color(place.to_angle(), share, point.footprint);
            let eye = iris.lerp(Vec3::splat(0.006), within(self.pupil, soft));
            albedo = albedo.lerp(eye, inside);
        }
        // The upper lid and its lashes keep light from the top of the ball.
        albedo *= 1.0 - 0.55 * ((-0.5 - place.y) / 5.0).clamp(0.0, 1.0);
        Reflectance {
            albedo: albedo.clamp(Vec3::ZERO, Vec3::ONE),
            // The cornea stands before the iris and is rounder than the ball, which makes highlights small.
            relief: Vec3::new(place.x, -place.y, 0.0) * (inside * (1.0 / CORNEA - 1.0 / EYEBALL)),
            roughness: 0.1,
            gloss: 0.028,
            scatter: if inside > 0.5 { 0.0 } else { 0.8 },
            opacity: 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(eye: &EyeMaterial, millimeters: Vec2) -> Vec3 {
        let angle = (millimeters.length() / EYEBALL).asin();
        let uv = Vec2::splat(0.5) + millimeters.normalize() * angle / std::f32::consts::TAU;
        eye.reflectance(&SurfacePoint { uv, rest: Vec3::ZERO, normal: Vec3::Z, footprint: 0.3 }).albedo
    }

    #[test]
    fn eyes_have_a_pupil_an_iris_and_a_white() {
        let iris = Iris::sample(Seed::new(1), 0.1);
        let eye = EyeMaterial::new(&iris, 2.0, 0.2, 30.0, Seed::new(1));
        let brightness = |x: f32| seen(&eye, Vec2::new(x, 0.0)).element_sum();
        assert!(brightness(0.5) < 0.05 && brightness(4.0) > 0.06);
        assert!(brightness(8.0) > 1.8 * brightness(4.0) && brightness(8.0) > 0.95);
        let wide = EyeMaterial::new(&iris, 3.5, 0.2, 30.0, Seed::new(1));
        assert!(seen(&wide, Vec2::new(3.0, 0.0)).element_sum() < brightness(3.0));
    }

    #[test]
    fn irises_run_from_blue_to_black() {
        let mut before = Vec3::ONE;
        for pigment in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let color = Iris::of_pigment(pigment).mean();
            assert!(color.z < before.z && color.element_sum() < before.element_sum(), "{pigment} {color}");
            before = color;
        }
        assert!(Iris::of_pigment(0.0).mean().z > Iris::of_pigment(0.0).mean().x);
        assert!(Iris::of_pigment(0.8).mean().x > 2.0 * Iris::of_pigment(0.8).mean().z);
        let mean =
            |tone: f32| (0..200).map(|at| Iris::sample(Seed::new(at), tone).pigment).sum::<f32>() / 200.0;
        assert!(mean(0.05) < 0.55 && mean(0.4) > mean(0.05) && mean(0.95) > 0.78);
    }
}
