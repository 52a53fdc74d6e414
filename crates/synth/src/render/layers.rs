//! Surfaces that something can be seen through, in layers (Carpenter 1984, "The A-buffer").

use super::Scene;
use super::raster::{Cover, Samples, Surfaces};

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
        for row in cover.y[0] / n..=(cover.y[1] - 1) / n {
            for column in cover.x[0] / n..=(cover.x[1] - 1) / n {
                let (mut mask, mut count, mut sum) = (0, 0, 0.0);
                for y in cover.y[0].max(row * n)..cover.y[1].min(row * n + n) {
                    for x in cover.x[0].max(column * n)..cover.x[1].min(column * n + n) {
                        let nearness = cover.nearness(x, y);
                        let behind = samples.seen[y as usize * samples.width + x as usize].nearness;
                        if nearness > behind && cover.holds(x, y) {
                            mask |= 1 << ((y - row * n) * n + x - column * n);
                            count += 1;
                            sum += nearness;
                        }
                    }
                }
                if count > 0 {
                    let head =
                        &mut self.heads[row as usize * (samples.width / samples.per_axis) + column as usize];
                    self.layers.push(Layer { triangle, mask, nearness: sum / count as f32, next: *head });
                    *head = self.layers.len() as u32 - 1;
                }
            }
        }
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
