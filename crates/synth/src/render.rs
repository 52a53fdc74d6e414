//! From surfaces, light and a camera to a picture.
//!
//! Which surface is seen is decided for several samples of each pixel, but a surface is shaded once for each pixel,
//! at the middle of the samples that see it. Light comes from all around and from lamps; see [`Light`].

mod fragments;
mod gloss;
mod layers;
mod occlusion;
mod picture;
mod raster;
mod scatter;
mod shade;
mod shadow;

use glam::Vec3;

pub use picture::Picture;

use crate::{Camera, Light, Material, Mesh};

/// Linear colours of what is behind everything, row by row, one for each pixel. Missing ones are black.
pub type Backdrop = Vec<Vec3>;

/// A surface in a scene.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// Its form, in the frame of the head.
    pub mesh: &'a Mesh,
    /// What it is made of.
    pub material: &'a dyn Material,
    /// Whether it keeps the light of lamps from what lies behind.
    pub casts_shadow: bool,
    /// Whether its triangles are seen from both sides (hair, cloth) or only from outside (closed bodies, which are
    /// drawn faster so).
    pub two_sided: bool,
}

/// Everything that is in a picture.
#[derive(Clone)]
pub struct Scene<'a> {
    /// Surfaces. Their places in this list are their numbers in the picture.
    pub parts: Vec<Part<'a>>,
    /// Where they are seen from.
    pub camera: Camera,
    /// What lights them.
    pub light: Light,
    /// What is behind them; black if nothing.
    pub background: Option<Backdrop>,
}

/// Makes a picture on the thread that calls; the same scene gives the same picture. `samples` is how many samples a
/// pixel has along each axis, held to 1..=4.
///
/// Triangles that reach nearer than 10 mm to the camera, and those with an index that no vertex has, are left out.
pub fn render(scene: &Scene<'_>, samples: u32) -> Picture {
    let samples = samples.clamp(1, 4);
    let surfaces = raster::Surfaces::new(scene, samples);
    let samples = raster::rasterize(scene, &surfaces, samples);
    let layers = layers::Layers::new(scene, &surfaces, &samples);
    let fragments = fragments::Fragments::gather(scene, &surfaces, &samples, &layers);
    let shades = shade::shade(scene, &fragments);
    Picture::compose(scene, &fragments, &shades)
}

#[cfg(test)]
mod tests;
