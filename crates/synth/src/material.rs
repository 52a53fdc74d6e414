//! What a surface is made of.

use glam::{Vec2, Vec3};

/// A point of a surface that is seen.
#[derive(Clone, Copy, Debug)]
pub struct SurfacePoint {
    /// Place on the chart, 0..=1.
    pub uv: Vec2,
    /// Place on the mean head without expression, in millimetres; see [`Mesh::rest`](crate::Mesh::rest).
    pub rest: Vec3,
    /// Unit vector out of the surface, in the frame of the camera.
    pub normal: Vec3,
    /// How many millimetres of the surface one sample covers: detail finer than that must be left out, or it glitters.
    pub footprint: f32,
}

/// How a point reflects light.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reflectance {
    /// Share of the light that is scattered back, linear sRGB, 0..=1.
    pub albedo: Vec3,
    /// Offset of the normal by fine relief, in the frame of `rest` (small against 1; zero for a smooth surface).
    pub relief: Vec3,
    /// Roughness of the gloss, 0..=1 (GGX alpha is its square).
    pub roughness: f32,
    /// Share that is mirrored head-on (F0), 0..=1; 0.028 for skin.
    pub gloss: f32,
    /// How far light wanders below the surface, in millimetres; red light wanders farthest. 0 for none.
    pub scatter: f32,
    /// Share of the surface that covers what lies behind, 0..=1: below 1 for the ends of hair and for glass.
    pub opacity: f32,
}

impl Reflectance {
    /// A dull, opaque surface of one colour.
    pub fn matte(albedo: Vec3) -> Self {
        Self { albedo, relief: Vec3::ZERO, roughness: 0.8, gloss: 0.02, scatter: 0.0, opacity: 1.0 }
    }
}

/// What a surface is made of: a colour and gloss for every point.
pub trait Material: Sync {
    /// How a point reflects light. Called about once for each pixel, so it should take less than a microsecond.
    fn reflectance(&self, point: &SurfacePoint) -> Reflectance;

    /// Whether some points let through what lies behind (opacity below 1): hair, glass. Such surfaces are drawn in layers,
    /// which takes longer; the opacity of others is not looked at.
    fn sheer(&self) -> bool {
        false
    }
}

/// What only keeps light from other things: it is drawn elsewhere.
pub(crate) struct Unseen;

impl Material for Unseen {
    fn reflectance(&self, _: &SurfacePoint) -> Reflectance {
        Reflectance { gloss: 0.0, opacity: 0.0, ..Reflectance::matte(Vec3::ZERO) }
    }

    fn sheer(&self) -> bool {
        true
    }
}
