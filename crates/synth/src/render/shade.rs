//! How bright what is seen is.

use std::f32::consts::TAU;

use glam::{Vec3, Vec4};

use super::Scene;
use super::fragments::{Fragment, Fragments};
use super::gloss::Gloss;
use super::occlusion::Occlusion;
use super::scatter::scatter;
use super::shadow::ShadowMap;

/// Lamps that cast shadows: the first ones.
const SHADOWS: usize = 3;
/// Texels of a shadow map for each pixel of the picture's longer side.
const TEXELS: f32 = 1.3;
/// How far red, green and blue light gets through a body, in mm for each mm of its `scatter`.
const THROUGH: Vec3 = Vec3::new(1.6, 0.45, 0.25);
/// Share of the light that enters a body from behind and may come out in front.
const PASSED: f32 = 0.6;
/// Only what faces away from a lamp by more than this (as a sine) may be lit through: along the edge of the light
/// the map of a lamp is too coarse to tell how thick the body is.
const AWAY: f32 = 0.25;
/// Share of the light from one wall of a hollow that finds another.
const BOUNCE: f32 = 0.7;
/// What hides light is itself hidden from the eye for some part, so what is seen to be open is too much: it is
/// raised to this power.
const UNSEEN: f32 = 1.8;
/// Share of the light from all around that reaches at least what is thin, as hair and cloth: it comes through.
const SIFTED: f32 = 0.2;

/// Light that a fragment sends to the eye.
#[derive(Clone, Copy)]
pub(super) struct Shade {
    pub(super) dull: Vec3,
    pub(super) mirrored: Vec3,
}

/// What reaches a fragment.
#[derive(Clone, Copy)]
struct Incidence {
    /// Shares of the first lamps and of the light from all around.
    open: Vec4,
    /// How far the mean direction that the light from all around comes from leans from the normal.
    lean: Vec3,
    /// Thickness of the body towards the first lamps, in mm.
    thickness: [f32; SHADOWS],
}

pub(super) fn shade(scene: &Scene<'_>, fragments: &Fragments) -> Vec<Shade> {
    let incidences = smooth(scene, fragments, &incidences(scene, fragments));
    let mut dull = Vec::with_capacity(incidences.len());
    let mut shades = Vec::with_capacity(incidences.len());
    for (fragment, incidence) in fragments.all.iter().zip(&incidences) {
        let gloss = Gloss::new(fragment);
        let (light, mirrored) = lit(scene, fragment, incidence, &gloss);
        dull.push(light * (1.0 - gloss.whole));
        shades.push(Shade { dull: Vec3::ZERO, mirrored });
    }
    scatter(fragments, scene.camera.focal(), &mut dull);
    for ((shade, dull), fragment) in shades.iter_mut().zip(dull).zip(&fragments.all) {
        shade.dull = dull * fragment.reflectance.albedo;
    }
    shades
}

/// Light that a white surface sends back, and what is mirrored.
fn lit(scene: &Scene<'_>, fragment: &Fragment, incidence: &Incidence, gloss: &Gloss) -> (Vec3, Vec3) {
    let surface = &fragment.reflectance;
    let ambient = &scene.light.ambient;
    let open = incidence.open.w;
    let mut dull = ambient.irradiance((fragment.normal + incidence.lean).normalize_or(fragment.normal))
        * bounced(open, BOUNCE * surface.albedo);
    let mut mirrored = ambient.blurred(gloss.mirror, gloss.roughness) * (gloss.whole * gloss.unhidden(open));
    for (number, lamp) in scene.light.lamps.iter().enumerate() {
        let toward = lamp.direction.normalize_or(Vec3::NEG_Z);
        let facing = fragment.normal.dot(toward);
        let open = if number < SHADOWS { incidence.open[number] } else { 1.0 };
        dull += lamp.color * (lamp.on_slope(facing) * open);
        mirrored += lamp.color * (gloss.of_lamp(lamp, toward) * open);
        if facing < -AWAY && surface.scatter > 0.0 && number < SHADOWS {
            let depth = -incidence.thickness[number] / (THROUGH * surface.scatter);
            dull += lamp.color * depth.exp() * ((-facing - AWAY) / (1.0 - AWAY) * PASSED);
        }
    }
    (dull, mirrored)
}

/// The share of light from all around that reaches a hollow, with what its walls throw to each other: bright
/// hollows are less dark than dull ones (Jimenez et al. 2016, equation 10).
fn bounced(open: f32, albedo: Vec3) -> Vec3 {
    let a = 2.0404 * albedo - 0.3324;
    let b = -4.7951 * albedo + 0.6417;
    let c = 2.7552 * albedo + 0.6903;
    (((a * open + b) * open + c) * open).max(Vec3::splat(open)).min(Vec3::ONE)
}

fn incidences(scene: &Scene<'_>, fragments: &Fragments) -> Vec<Incidence> {
    let occlusion = Occlusion::new(fragments, scene.camera.focal());
    let texels = TEXELS * fragments.width.max(fragments.height) as f32;
    let lamps = &scene.light.lamps[..scene.light.lamps.len().min(SHADOWS)];
    let maps: Vec<ShadowMap> =
        lamps.iter().map(|lamp| ShadowMap::new(scene, lamp, fragments, texels)).collect();
    let incidence = |at: usize| {
        let fragment = &fragments.all[at];
        let turn = turn(fragment.pixel as usize, fragments.width);
        let opening = occlusion.opening(at, turn);
        let mut incidence =
            Incidence { open: Vec4::ONE, lean: opening.lean, thickness: [f32::INFINITY; SHADOWS] };
        incidence.open.w = opening.open;
        for (number, map) in maps.iter().enumerate() {
            let reach = map.reach(fragment, turn * TAU);
            incidence.open[number] = reach.open;
            incidence.thickness[number] = reach.thickness;
        }
        incidence
    };
    (0..fragments.all.len()).map(incidence).collect()
}

/// A turn for each pixel, 0..1, such that all nine pixels of a square have different ones.
fn turn(pixel: usize, width: usize) -> f32 {
    let (x, y) = (pixel % width % 3, pixel / width % 3);
    // Neighbours are far apart in this order.
    [[0, 5, 7], [3, 8, 1], [6, 2, 4]][y][x] as f32 / 9.0
}

/// Averages what is seen over squares of nine pixels, which together have looked everywhere, and darkens hollows.
fn smooth(scene: &Scene<'_>, fragments: &Fragments, incidences: &[Incidence]) -> Vec<Incidence> {
    let (width, height) = (fragments.width, fragments.height);
    let average = |(fragment, incidence): (&Fragment, &Incidence)| {
        let (x, y) = (fragment.pixel as usize % width, fragment.pixel as usize / width);
        let (mut sum, mut lean, mut weights) = (incidence.open, incidence.lean, 1.0);
        for row in y.saturating_sub(1)..(y + 2).min(height) {
            for column in x.saturating_sub(1)..(x + 2).min(width) {
                let Some(at) = fragments.main(row * width + column) else { continue };
                let other = &fragments.all[at];
                let gap = (other.position - fragment.position).dot(fragment.normal) / 2.0;
                if other.pixel == fragment.pixel || gap.abs() > 2.0 {
                    continue;
                }
                let weight = fragment.normal.dot(other.normal).max(0.0) / (1.0 + gap * gap);
                sum += incidences[at].open * weight;
                lean += incidences[at].lean * weight;
                weights += weight;
            }
        }
        let mut open = sum / weights;
        let least = if scene.parts[fragment.part as usize].two_sided { SIFTED } else { 0.0 };
        open.w = open.w.powf(UNSEEN).max(least);
        Incidence { open, lean: lean / weights, ..*incidence }
    };
    fragments.all.iter().zip(incidences).map(average).collect()
}
