//! Light from all around as nine spherical harmonics for each colour (Ramamoorthi & Hanrahan 2001, "An efficient
//! representation for irradiance environment maps"): enough for dull surfaces within about 1 %.

use std::f32::consts::{PI, TAU};
use std::ops::{Add, Mul};

use glam::Vec3;

/// What a dull surface makes of each band: the harmonics of a clamped cosine, A of Ramamoorthi & Hanrahan.
const COSINE: [f32; 3] = [PI, 2.0 * PI / 3.0, PI / 4.0];
/// The band of each harmonic.
const BAND: [usize; 9] = [0, 1, 1, 1, 2, 2, 2, 2, 2];

/// Radiance by direction, up to the second band, linear sRGB. The order is 1; y, z, x; xy, yz, 3zz - 1, xz, xx - yy.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sh9(pub [Vec3; 9]);

impl Sh9 {
    /// The same from everywhere.
    pub fn uniform(radiance: Vec3) -> Self {
        let mut sum = Self::default();
        // The first harmonic is 1 / sqrt(4 pi) everywhere.
        sum.0[0] = radiance * (4.0 * PI).sqrt();
        sum
    }

    /// Adds a broad light: `radiance` from the direction itself, times the cosine of the angle from it elsewhere, and
    /// nothing from behind.
    pub fn add_cosine_lobe(&mut self, direction: Vec3, radiance: Vec3) {
        self.add_zonal(direction, radiance, COSINE);
    }

    /// Adds a light that takes up a disc of `angle` degrees in radius, 0..=180, of even `radiance`: a window, or at
    /// 90 degrees a sky.
    pub fn add_disc(&mut self, direction: Vec3, radiance: Vec3, angle: f32) {
        // Integrals of the Legendre polynomials from cos(angle) to 1, times 2 pi.
        let c = angle.clamp(0.0, 180.0).to_radians().cos();
        let bands = [1.0 - c, 0.5 * (1.0 - c * c), 0.5 * (c - c * c * c)];
        self.add_zonal(direction, radiance, bands.map(|band| TAU * band));
    }

    /// Adds light that is symmetrical about a direction, by the integrals of its radiance with each Legendre
    /// polynomial.
    fn add_zonal(&mut self, direction: Vec3, radiance: Vec3, bands: [f32; 3]) {
        let basis = basis(direction.normalize_or(Vec3::Z));
        for ((sum, basis), band) in self.0.iter_mut().zip(basis).zip(BAND) {
            *sum += radiance * (basis * bands[band]);
        }
    }

    /// Light that a surface gets that faces `normal` (a unit vector), divided by pi: what a white one sends back.
    /// At least 0, where the nine harmonics swing below.
    pub fn irradiance(&self, normal: Vec3) -> Vec3 {
        self.filtered(normal, COSINE.map(|cosine| cosine / PI))
    }

    /// Radiance that arrives from around `direction` (a unit vector) within about `roughness` (0..=1, 1 for the whole
    /// half), for gloss. At least 0.
    pub fn blurred(&self, direction: Vec3, roughness: f32) -> Vec3 {
        // Bands fade as those of a lobe of a Gaussian on the sphere; the broadest is about a cosine lobe.
        let spread = roughness * roughness;
        self.filtered(direction, [1.0, (-0.41 * spread).exp(), (-1.39 * spread).exp()])
    }

    fn filtered(&self, direction: Vec3, bands: [f32; 3]) -> Vec3 {
        let basis = basis(direction);
        let mut sum = Vec3::ZERO;
        for at in 0..9 {
            sum += self.0[at] * (basis[at] * bands[BAND[at]]);
        }
        sum.max(Vec3::ZERO)
    }
}

impl Add for Sh9 {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] + other.0[at]))
    }
}

impl Mul<Vec3> for Sh9 {
    type Output = Self;

    /// Stronger or tinted.
    fn mul(self, color: Vec3) -> Self {
        Self(self.0.map(|light| light * color))
    }
}

/// The nine real harmonics of a unit vector.
fn basis(d: Vec3) -> [f32; 9] {
    [
        0.282_094_8,
        0.488_602_5 * d.y,
        0.488_602_5 * d.z,
        0.488_602_5 * d.x,
        1.092_548_4 * d.x * d.y,
        1.092_548_4 * d.y * d.z,
        0.315_391_57 * (3.0 * d.z * d.z - 1.0),
        1.092_548_4 * d.x * d.z,
        0.546_274_2 * (d.x * d.x - d.y * d.y),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Directions all over the sphere, evenly.
    fn directions(count: usize) -> impl Iterator<Item = Vec3> {
        (0..count).map(move |at| {
            let z = 1.0 - (2.0 * at as f32 + 1.0) / count as f32;
            let (sin, cos) = (at as f32 * 2.399_963).sin_cos();
            Vec3::new(cos, sin, 0.0) * (1.0 - z * z).sqrt() + Vec3::Z * z
        })
    }

    #[test]
    fn the_basis_is_orthonormal() {
        let count = 4000;
        for i in 0..9 {
            for j in 0..9 {
                let sum: f32 = directions(count).map(|d| basis(d)[i] * basis(d)[j]).sum();
                let product = sum * 4.0 * PI / count as f32;
                assert!((product - if i == j { 1.0 } else { 0.0 }).abs() < 2e-3, "{i} {j}: {product}");
            }
        }
    }

    /// The irradiance of a cosine lobe at an angle is 2/3 (sin + (pi - angle) cos): two clamped cosines convolved.
    #[test]
    fn a_sphere_in_a_cosine_lobe_is_shaded_as_by_the_closed_form() {
        let toward = Vec3::new(0.3, -0.5, -0.8).normalize();
        let mut light = Sh9::default();
        light.add_cosine_lobe(toward, Vec3::new(1.0, 0.5, 2.0));
        let brightest = 2.0 * PI / 3.0;
        for normal in directions(500) {
            let angle = normal.dot(toward).clamp(-1.0, 1.0).acos();
            let exact = 2.0 / 3.0 * (angle.sin() + (PI - angle) * angle.cos());
            let found = light.irradiance(normal) * PI;
            let off = (found - exact * Vec3::new(1.0, 0.5, 2.0)).abs() / Vec3::new(1.0, 0.5, 2.0);
            assert!(off.max_element() < 0.01 * brightest, "{angle}: {exact} {found}");
        }
    }

    #[test]
    fn even_light_is_even() {
        let color = Vec3::new(0.2, 0.6, 1.0);
        let mut sky = Sh9::uniform(color);
        assert!(
            sky.irradiance(Vec3::X).distance(color) < 1e-5
                && sky.blurred(Vec3::Y, 0.3).distance(color) < 1e-5
        );
        // Two half spheres make a whole one.
        sky = Sh9::default();
        sky.add_disc(Vec3::Y, color, 90.0);
        assert!(sky.irradiance(Vec3::Y).distance(color) < 0.02);
        sky.add_disc(Vec3::NEG_Y, color, 90.0);
        for direction in directions(50) {
            assert!(sky.irradiance(direction).distance(color) < 1e-5);
        }
        let both = Sh9::uniform(color) + sky * Vec3::splat(0.5);
        assert!(both.irradiance(Vec3::Z).distance(color * 1.5) < 1e-5);
    }
}
