//! Laying one picture behind another.

use glam::{Vec2, Vec3, Vec4};

use crate::{Camera, Part, Picture, Pose};

/// Covered more than this, a pixel shows nothing of what is behind.
const HALF: f32 = 0.5;
/// A lens less out of focus than this, in pixels, is sharp.
const SHARP: f32 = 0.8;

/// Where something stands before a camera.
#[derive(Clone, Copy)]
pub(super) struct View {
    /// Focal length of the camera, in pixels.
    pub(super) focal: f32,
    /// Where its axis meets the picture, in pixels.
    pub(super) center: Vec2,
    /// Of the thing's origin, in the frame of the camera, in millimetres.
    pub(super) place: Vec3,
    /// How the thing is turned.
    pub(super) pose: Pose,
}

/// A part of a picture, in pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

impl View {
    /// A camera that sees a window of the picture.
    pub(super) fn camera(&self, window: Window) -> Camera {
        let corner = Vec2::new(window.x as f32, window.y as f32);
        let (width, height) = (window.width as u32, window.height as u32);
        let (offset, distance) = (self.place.truncate(), self.place.z);
        Camera::new(width, height, self.focal, self.center - corner, distance, self.pose, offset)
    }

    /// The window in which surfaces are seen, with some pixels around it.
    pub(super) fn window(&self, parts: &[Part<'_>], size: [usize; 2], margin: f32) -> Window {
        let whole = Window { x: 0, y: 0, width: size[0], height: size[1] };
        let camera = self.camera(whole);
        let (mut low, mut high) = (Vec2::INFINITY, Vec2::NEG_INFINITY);
        for place in parts.iter().flat_map(|part| &part.mesh.positions) {
            // What reaches behind the camera may be seen anywhere.
            let Some((at, _)) = camera.project(*place) else { return whole };
            (low, high) = (low.min(at), high.max(at));
        }
        let end = Vec2::new(size[0] as f32, size[1] as f32);
        let low = (low - margin - 1.0).floor().clamp(Vec2::ZERO, end - 1.0);
        let high = (high + margin + 1.0).ceil().clamp(low + 1.0, end);
        let [x, y] = low.to_array().map(|at| at as usize);
        let [width, height] = (high - low).to_array().map(|length| length as usize);
        Window { x, y, width, height }
    }
}

/// A picture that is put together from what is nearest to what is farthest.
pub(super) struct Stage {
    width: usize,
    color: Vec<Vec3>,
    /// How much of each pixel nothing fills yet, 0..=1.
    open: Vec<f32>,
}

impl Stage {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self { width, color: vec![Vec3::ZERO; width * height], open: vec![1.0; width * height] }
    }

    /// Whether something that is laid already hides what comes behind it.
    pub(super) fn is_hidden(&self, x: usize, y: usize) -> bool {
        self.open[y * self.width + x] < HALF
    }

    /// Lays a picture of things behind all that is there. `blur` is the radius of the disc that a point becomes, in
    /// pixels.
    pub(super) fn lay(&mut self, window: Window, picture: &Picture, blur: f32) {
        let cover = picture.coverage(|_| true);
        let mut pixels: Vec<Vec4> =
            picture.color.iter().zip(cover).map(|(color, cover)| color.extend(cover.min(1.0))).collect();
        if blur > SHARP {
            blurred(&mut pixels, window.width, window.height, blur);
        }
        for (row, pixels) in pixels.chunks_exact(window.width).enumerate() {
            let first = (window.y + row) * self.width + window.x;
            let places = first..first + window.width;
            let under = self.color[places.clone()].iter_mut().zip(&mut self.open[places]);
            for ((color, open), pixel) in under.zip(pixels) {
                *color += pixel.truncate() * *open;
                *open *= 1.0 - pixel.w;
            }
        }
    }

    /// The whole with what is behind everything.
    pub(super) fn finish(mut self, background: &[Vec3]) -> Vec<Vec3> {
        for ((color, open), behind) in self.color.iter_mut().zip(&self.open).zip(background) {
            *color += *behind * *open;
        }
        self.color
    }
}

/// Blurs as a lens out of focus nearly does: two means over squares, along each axis one after the other.
fn blurred(pixels: &mut [Vec4], width: usize, height: usize, radius: f32) {
    // Two boxes of this half width spread as a disc of the radius does.
    let reach = (0.61 * radius - 0.5).round().max(1.0) as usize;
    let mut line = Vec::new();
    for _ in 0..2 {
        for row in pixels.chunks_exact_mut(width) {
            mean_along(row.iter_mut(), reach, &mut line);
        }
        for column in 0..width {
            mean_along(pixels[column..].iter_mut().step_by(width).take(height), reach, &mut line);
        }
    }
}

/// Running means; beyond the ends is what the ends are.
fn mean_along<'a>(values: impl Iterator<Item = &'a mut Vec4>, reach: usize, line: &mut Vec<Vec4>) {
    let mut values: Vec<&mut Vec4> = values.collect();
    line.clear();
    line.extend(values.iter().map(|value| **value));
    let at = |place: isize| line[place.clamp(0, line.len() as isize - 1) as usize];
    let reach = reach as isize;
    let mut sum: Vec4 = (-reach..=reach).map(at).sum();
    for (place, value) in (0..).zip(values.iter_mut()) {
        **value = sum / (2 * reach + 1) as f32;
        sum += at(place + reach + 1) - at(place - reach);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blur_keeps_what_there_is_and_spreads_it() {
        let mut pixels = vec![Vec4::ZERO; 41 * 31];
        pixels[15 * 41 + 20] = Vec4::ONE;
        blurred(&mut pixels, 41, 31, 5.0);
        let sum: Vec4 = pixels.iter().sum();
        assert!((sum - 1.0).abs().max_element() < 1e-4, "{sum}");
        let spread: f32 = (0..pixels.len()).map(|at| ((at % 41) as f32 - 20.0).powi(2) * pixels[at].x).sum();
        // A disc of radius r has the variance r * r / 4 along each axis.
        assert!((spread - 25.0 / 4.0).abs() < 2.0, "{spread}");
    }

    #[test]
    fn near_things_hide_far_ones() {
        let picture = |color: f32, share: f32| Picture {
            width: 2,
            height: 1,
            color: vec![Vec3::splat(color * share), Vec3::ZERO],
            depth: vec![1.0; 2],
            normal: vec![Vec3::Z; 2],
            part: vec![Some(0), None],
            shares: vec![(0, 0, share)],
        };
        let mut stage = Stage::new(4, 1);
        let window = Window { x: 1, y: 0, width: 2, height: 1 };
        stage.lay(window, &picture(1.0, 0.75), 0.0);
        assert!(stage.is_hidden(1, 0) && !stage.is_hidden(2, 0) && !stage.is_hidden(0, 0));
        stage.lay(window, &picture(0.4, 1.0), 0.0);
        let color = stage.finish(&[Vec3::splat(0.2); 4]);
        assert!((color[1].x - 0.85).abs() < 1e-6 && (color[2].x - 0.2).abs() < 1e-6, "{color:?}");
    }
}
