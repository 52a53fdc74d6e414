//! Light that falls on a head: from all around, and from lamps.
//!
//! Directions are those that the light comes from, in the frame of the camera (x right, y down, z away from it).
//! Radiance 1 is what a white surface sends back that is lit evenly with radiance 1, so colours about 0.5 to 1.5
//! are usual.

mod harmonics;

use glam::Vec3;

pub use harmonics::Sh9;

/// All light of a scene.
#[derive(Clone, Debug, PartialEq)]
pub struct Light {
    /// What comes from all around, without sharp shadows.
    pub ambient: Sh9,
    /// What comes from somewhere; each casts a shadow and costs time.
    pub lamps: Vec<Lamp>,
}

/// A lamp so far away that it stands in one direction, or the sun.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lamp {
    /// Where it stands; of any length but 0.
    pub direction: Vec3,
    /// Radiance that a white surface sends back that faces the lamp, linear sRGB.
    pub color: Vec3,
    /// Angle that it takes up, in degrees, which makes shadows soft: 0.5 for the sun, about 10 for a bulb in a
    /// shade, 30 for a window near by. Held to 0..=60.
    pub size: f32,
}

impl Light {
    /// Light from all around alone.
    pub fn even(radiance: Vec3) -> Self {
        Self { ambient: Sh9::uniform(radiance), lamps: Vec::new() }
    }

    /// A lamp high on the left, one weak on the right, and a room around: shows the form of most things well.
    pub fn studio() -> Self {
        let mut ambient = Sh9::uniform(Vec3::splat(0.22));
        ambient.add_cosine_lobe(Vec3::NEG_Y, Vec3::splat(0.25));
        let key = Lamp::at(-40.0, 35.0, Vec3::splat(0.75), 14.0);
        let fill = Lamp::at(55.0, 10.0, Vec3::splat(0.2), 25.0);
        Self { ambient, lamps: vec![key, fill] }
    }
}

impl Lamp {
    /// A lamp at an azimuth and an elevation in degrees, seen from the head: at 0 behind the camera, at positive
    /// azimuths to the right in the picture (180 behind the head), at positive elevations above.
    pub fn at(azimuth: f32, elevation: f32, color: Vec3, size: f32) -> Self {
        let ((sin_a, cos_a), (sin_e, cos_e)) =
            (azimuth.to_radians().sin_cos(), elevation.to_radians().sin_cos());
        Self { direction: Vec3::new(sin_a * cos_e, -sin_e, -cos_a * cos_e), color, size }
    }

    /// Sine of half the angle that it takes up.
    pub(crate) fn radius(&self) -> f32 {
        (0.5 * self.size.clamp(0.0, 60.0)).to_radians().sin()
    }

    /// Light that a surface gets by the cosine of the angle between its normal and the direction of the lamp: the
    /// cosine, and where the lamp is half below the horizon a smooth end.
    pub(crate) fn on_slope(&self, cos: f32) -> f32 {
        let radius = self.radius();
        if cos.abs() < radius { (cos + radius).powi(2) / (4.0 * radius) } else { cos.max(0.0) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lamps_stand_where_they_are_told() {
        let near = |a: Vec3, b: Vec3| assert!(a.distance(b) < 1e-6, "{a} {b}");
        near(Lamp::at(0.0, 0.0, Vec3::ONE, 1.0).direction, Vec3::NEG_Z);
        near(Lamp::at(90.0, 0.0, Vec3::ONE, 1.0).direction, Vec3::X);
        near(Lamp::at(0.0, 90.0, Vec3::ONE, 1.0).direction, Vec3::NEG_Y);
        near(Lamp::at(180.0, 0.0, Vec3::ONE, 1.0).direction, Vec3::Z);
    }
}
