//! Surfaces that something can be seen through, in layers (Carpenter 1984, "The A-buffer").

use super::Scene;
use super::raster::{Cover, Samples, Surfaces};

/// Most samples along an axis of a pixel.
const MOST: usize = 4;
/// Triangles whose numbers differ by less than this may be one surface.
const SIDE_BY_SIDE: u32 = 4;
/// End of a chain.
const END: u32 = u32::MAX;

/// A sheer triangle in one pixel.
#[derive(Clone, Copy)]
pub(super) struct Layer {
    /// Number of the triangle among those of all parts.
    pub(super) triangle: u32,
    /// Which samples it covers, the first in the lowest bit.
    pub(super) mask: u16,
    /// Mean over these samples.
    pub(super) nearness: f32,
    /// The next layer of the pixel.
    next: u32,
}

/// All sheer triangles in front of what cannot be seen through.
pub(super) struct Layers {
    /// The first layer of each pixel; empty if there are none at all.
    heads: Vec<u32>,
    layers: Vec<Layer>,
}

impl Layers {
    pub(super) fn new(scene: &Scene<'_>, surfaces: &Surfaces, samples: &Samples) -> Self {
        let mut found = Self { heads: Vec::new(), layers: Vec::new() };
        let size = [samples.width, samples.height];
        for ((part, spots), first) in scene.parts.iter().zip(&surfaces.spots).zip(&surfaces.first) {
            if !part.material.sheer() {
                continue;
            }
            if found.heads.is_empty() {
                found.heads = vec![END; samples.seen.len() / samples.per_axis.pow(2)];
            }
            for (triangle, number) in part.mesh.triangles.iter().zip(*first..) {
                if let Some(cover) = Cover::new(triangle, spots, part.two_sided, size) {
                    found.add(&cover, number, samples);
                }
            }
        }
        found
    }

    fn add(&mut self, cover: &Cover, triangle: u32, samples: &Samples) {
        let n = samples.per_axis as i32;
        let mut edges = cover.edges();
        for row in cover.y[0] / n..=(cover.y[1] - 1) / n {
            // What is covered of each row of samples in this row of pixels.
            let mut spans = [[0; 2]; MOST];
            let (mut first, mut end) = (i32::MAX, 0);
            for y in cover.y[0].max(row * n)..cover.y[1].min(row * n + n) {
                let span = cover.span(&mut edges);
                if span[0] < span[1] {
                    spans[(y - row * n) as usize] = span;
                    (first, end) = (first.min(span[0]), end.max(span[1]));
                }
            }
            if first >= end {
                continue;
            }
            for column in first / n..=(end - 1) / n {
                let (mut mask, mut count, mut sum) = (0, 0, 0.0);
                for (y, span) in (0..n).zip(&spans) {
                    for x in span[0].max(column * n)..span[1].min(column * n + n) {
                        let nearness = cover.nearness(x, row * n + y);
                        let behind = samples.seen[(row * n + y) as usize * samples.width + x as usize];
                        if nearness > behind.nearness {
                            mask |= 1 << (y * n + x - column * n);
                            count += 1;
                            sum += nearness;
                        }
                    }
                }
                if count > 0 {
                    let pixel = row as usize * (samples.width / samples.per_axis) + column as usize;
                    self.put(pixel, Layer { triangle, mask, nearness: sum / count as f32, next: END });
                }
            }
        }
    }

    /// Adds a layer to a pixel. Triangles that come one after the other and lie side by side are one surface, such as
    /// the pieces of a ribbon, and become one layer.
    fn put(&mut self, pixel: usize, mut layer: Layer) {
        let head = &mut self.heads[pixel];
        if let Some(last) = self.layers.get_mut(*head as usize)
            && layer.triangle - last.triangle < SIDE_BY_SIDE
            && layer.mask & last.mask == 0
        {
            last.nearness = last.nearness.max(layer.nearness);
            last.mask |= layer.mask;
            return;
        }
        layer.next = *head;
        self.layers.push(layer);
        *head = self.layers.len() as u32 - 1;
    }

    /// Those of a pixel, the nearest first.
    pub(super) fn of(&self, pixel: usize, sorted: &mut Vec<Layer>) {
        sorted.clear();
        let mut at = self.heads.get(pixel).copied().unwrap_or(END);
        while at != END {
            let layer = self.layers[at as usize];
            sorted.push(layer);
            at = layer.next;
        }
        // Triangles at one depth are ordered by number, so that the picture does not depend on the way of sorting.
        sorted.sort_unstable_by(|a, b| b.nearness.total_cmp(&a.nearness).then(a.triangle.cmp(&b.triangle)));
    }
}
