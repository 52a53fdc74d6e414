//! What a surface mirrors.

use std::f32::consts::PI;

use glam::Vec3;

use super::fragments::Fragment;
use crate::Lamp;

/// The mirroring layer of a surface: GGX with the joint shadowing of Smith (Heitz 2014, "Understanding the
/// masking-shadowing function").
pub(super) struct Gloss {
    normal: Vec3,
    view: Vec3,
    /// Cosine of the angle between them.
    facing: f32,
    /// Where the mirrored line of sight goes.
    pub(super) mirror: Vec3,
    /// Shares mirrored head-on and at a slant.
    straight: f32,
    grazing: f32,
    alpha: f32,
    /// 0..=1, with the bend of the surface within a pixel.
    pub(super) roughness: f32,
    /// Share of even light that is mirrored to the eye.
    pub(super) whole: f32,
}

impl Gloss {
    pub(super) fn new(fragment: &Fragment) -> Self {
        let surface = &fragment.reflectance;
        let (normal, view) = (fragment.normal, -fragment.position.normalize_or(Vec3::Z));
        let facing = normal.dot(view).max(0.05);
        // Normals that differ within a pixel blur its highlight as roughness does (Tokuyoshi & Kaplanyan 2019);
        // without it the highlight of an eye would come and go.
        let square =
            surface.roughness.clamp(0.05, 1.0).powi(4) + (0.5 * fragment.bend * fragment.bend).min(0.18);
        let alpha = square.sqrt().min(1.0);
        let roughness = alpha.sqrt();
        let straight = surface.gloss.clamp(0.0, 1.0);
        let mirror = (2.0 * facing * normal - view).normalize_or(normal);
        // What is rough mirrors less at a slant than what is smooth, or the rims of faces would be white.
        let grazing = (1.0 - roughness).powi(2).max(straight);
        let whole = mirrored_share(straight, grazing, roughness, facing);
        Self { normal, view, facing, mirror, straight, grazing, alpha, roughness, whole }
    }

    /// Radiance that a lamp of colour 1 mirrors to the eye.
    pub(super) fn of_lamp(&self, lamp: &Lamp, toward: Vec3) -> f32 {
        let lit = self.normal.dot(toward);
        if lit <= 0.0 {
            return 0.0;
        }
        // A large lamp has a large highlight, dimmer by as much (Karis 2013, "Real shading in Unreal Engine 4").
        let alpha = (self.alpha + 0.5 * lamp.radius()).min(1.0);
        let half = (toward + self.view).normalize_or(self.normal);
        let (along, across) = (self.normal.dot(half).max(0.0), self.view.dot(half).max(0.0));
        let square = alpha * alpha;
        let spread = along * along * (square - 1.0) + 1.0;
        let distribution = square / (PI * spread * spread);
        let shadowing = |cos: f32| (square + (1.0 - square) * cos * cos).sqrt();
        let visible = 0.5 / (lit * shadowing(self.facing) + self.facing * shadowing(lit));
        let fresnel = self.straight + (self.grazing - self.straight) * (1.0 - across).powi(5);
        PI * distribution * visible * fresnel * lit
    }

    /// How much of what is mirrored arrives where only `open` of the sky is seen (Lagarde & de Rousiers 2014, "Moving
    /// Frostbite to physically based rendering").
    pub(super) fn unhidden(&self, open: f32) -> f32 {
        ((self.facing + open).powf((-16.0 * self.roughness - 1.0).exp2()) - 1.0 + open).clamp(0.0, 1.0)
    }
}

/// Share of even light that a GGX surface mirrors: the fit of Karis 2014 ("Physically based shading on mobile").
fn mirrored_share(straight: f32, grazing: f32, roughness: f32, facing: f32) -> f32 {
    let r =
        [1.0 - roughness, 0.0425 - 0.0275 * roughness, 1.04 - 0.572 * roughness, 0.022 * roughness - 0.04];
    let a = (r[0] * r[0]).min((-9.28 * facing).exp2()) * r[0] + r[1];
    (straight * (r[2] - 1.04 * a) + grazing * (1.04 * a + r[3])).clamp(0.0, 1.0)
}
