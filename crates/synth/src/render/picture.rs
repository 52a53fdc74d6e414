//! A finished picture with all that is known about it.

use geometry::Rect;
use glam::Vec3;

use super::Scene;
use super::fragments::Fragments;
use super::shade::Shade;

/// A picture in linear light with its truth. Lists are row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Linear sRGB radiance.
    pub color: Vec<Vec3>,
    /// Depth of what fills most of a pixel along the axis of the camera, in millimetres; infinite where nothing is.
    pub depth: Vec<f32>,
    /// Unit vector out of what fills most of a pixel, in the frame of the camera; zero where nothing is.
    pub normal: Vec<Vec3>,
    /// Number of the part that fills most of a pixel, by its place in the scene.
    pub part: Vec<Option<u32>>,
    /// How much each part fills of each pixel that it is seen in: pixel, part, share in 0..=1.
    pub shares: Vec<(u32, u32, f32)>,
}

impl Picture {
    pub(super) fn compose(scene: &Scene<'_>, fragments: &Fragments, shades: &[Shade]) -> Self {
        let (width, height) = (scene.camera.width(), scene.camera.height());
        let pixels = width as usize * height as usize;
        let mut picture = Self {
            width,
            height,
            color: vec![Vec3::ZERO; pixels],
            depth: vec![f32::INFINITY; pixels],
            normal: vec![Vec3::ZERO; pixels],
            part: vec![None; pixels],
            shares: Vec::with_capacity(fragments.all.len()),
        };
        let mut open = vec![1.0; pixels];
        for (fragment, shade) in fragments.all.iter().zip(shades) {
            let at = fragment.pixel as usize;
            picture.color[at] += shade.dull * fragment.share + shade.mirrored * fragment.sheen;
            open[at] -= fragment.share;
            picture.shares.push((fragment.pixel, fragment.part, fragment.share));
        }
        for pixel in 0..pixels {
            if let Some(fragment) = fragments.main(pixel).map(|at| &fragments.all[at]) {
                picture.depth[pixel] = fragment.position.z;
                picture.normal[pixel] = fragment.normal;
                picture.part[pixel] = Some(fragment.part);
            }
        }
        if let Some(background) = &scene.background {
            for ((color, open), behind) in picture.color.iter_mut().zip(open).zip(background) {
                *color += *behind * f32::max(open, 0.0);
            }
        }
        picture
    }

    /// How much of each pixel the parts fill that `wanted` picks by their numbers, 0..=1.
    pub fn coverage(&self, wanted: impl Fn(usize) -> bool) -> Vec<f32> {
        let mut coverage = vec![0.0; self.color.len()];
        for &(pixel, part, share) in &self.shares {
            if wanted(part as usize) {
                coverage[pixel as usize] += share;
            }
        }
        coverage
    }

    /// The box around the pixels in which the parts are seen that `wanted` picks, in pixels from the corner of the
    /// picture.
    pub fn bounds(&self, wanted: impl Fn(usize) -> bool) -> Option<Rect> {
        let mut bounds: Option<[u32; 4]> = None;
        for &(pixel, part, share) in &self.shares {
            if share > 0.0 && wanted(part as usize) {
                let (x, y) = (pixel % self.width, pixel / self.width);
                let [x1, y1, x2, y2] = bounds.unwrap_or([x, y, x + 1, y + 1]);
                bounds = Some([x1.min(x), y1.min(y), x2.max(x + 1), y2.max(y + 1)]);
            }
        }
        let [x1, y1, x2, y2] = bounds?.map(|edge| edge as f32);
        Some(Rect { x1, y1, x2, y2 })
    }
}
