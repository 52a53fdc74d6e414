//! What a surface mirrors.

use std::f32::consts::PI;
use std::sync::LazyLock;

use glam::{Vec2, Vec3};

use super::fragments::Fragment;
use crate::Lamp;

/// The golden angle in radians: steps of it are spread evenly around a circle.
const GOLDEN: f32 = 2.399_963;

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
        let [even, slanted] = mirrored(roughness, facing);
        let whole = (straight * even + grazing * slanted).min(1.0);
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
        let fresnel = self.straight + (self.grazing - self.straight) * (1.0 - across).powi(5);
        PI * distribution * visible(square, self.facing, lit) * fresnel * lit
    }

    /// How much of what is mirrored arrives where only `open` of the sky is seen (Lagarde & de Rousiers 2014, "Moving
    /// Frostbite to physically based rendering").
    pub(super) fn unhidden(&self, open: f32) -> f32 {
        ((self.facing + open).powf((-16.0 * self.roughness - 1.0).exp2()) - 1.0 + open).clamp(0.0, 1.0)
    }
}

/// What facets do not hide from each other of light and view, by the cosines of their angles from the normal and the
/// square of alpha, divided by four times these cosines.
fn visible(square: f32, facing: f32, lit: f32) -> f32 {
    let shadowing = |cos: f32| (square + (1.0 - square) * cos * cos).sqrt();
    0.5 / (lit * shadowing(facing) + facing * shadowing(lit))
}

/// Cells of the table of [`mirrored`] along each axis.
const CELLS: usize = 24;
/// Facets that are tried for each of its entries.
const FACETS: usize = 256;

/// Shares of even light that are mirrored: what is to be multiplied with the share mirrored head-on, and with that at a
/// slant (Karis 2013, "Real shading in Unreal Engine 4"). Between entries of a table that is made once.
fn mirrored(roughness: f32, facing: f32) -> [f32; 2] {
    static TABLE: LazyLock<Vec<[f32; 2]>> = LazyLock::new(|| {
        let value = |at: usize| at as f32 / CELLS as f32;
        let entry = |at: usize| integrated(value(at / (CELLS + 1)), value(at % (CELLS + 1)));
        (0..(CELLS + 1).pow(2)).map(entry).collect()
    });
    let cell = |value: f32| {
        let place = value.clamp(0.0, 1.0) * CELLS as f32;
        let first = (place as usize).min(CELLS - 1);
        (first, place - first as f32)
    };
    let ((row, down), (column, right)) = (cell(roughness), cell(facing));
    let first = row * (CELLS + 1) + column;
    let along = |at: usize, part: usize| TABLE[at][part] + (TABLE[at + 1][part] - TABLE[at][part]) * right;
    [0, 1].map(|part| {
        let (upper, lower) = (along(first, part), along(first + CELLS + 1, part));
        upper + (lower - upper) * down
    })
}

/// An entry of the table: the mean over facets, drawn as often as they are seen.
fn integrated(roughness: f32, facing: f32) -> [f32; 2] {
    let square = roughness.powi(4).max(1e-6);
    let facing = facing.max(0.02);
    let view = Vec3::new((1.0 - facing * facing).sqrt(), 0.0, facing);
    let mut sums = [0.0; 2];
    for facet in 0..FACETS {
        let share = (facet as f32 + 0.5) / FACETS as f32;
        let along = ((1.0 - share) / (1.0 + (square - 1.0) * share)).sqrt();
        let (sin, cos) = (facet as f32 * GOLDEN).sin_cos();
        let half = (Vec2::new(cos, sin) * (1.0 - along * along).max(0.0).sqrt()).extend(along);
        let across = view.dot(half);
        let lit = (2.0 * across * half - view).z;
        if lit > 0.0 && across > 0.0 {
            let weight = 4.0 * visible(square, facing, lit) * lit * across / along;
            let slanted = (1.0 - across).powi(5);
            sums = [sums[0] + weight * (1.0 - slanted), sums[1] + weight * slanted];
        }
    }
    sums.map(|sum| sum / FACETS as f32)
}
