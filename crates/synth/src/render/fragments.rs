//! What is seen in each pixel: for every surface there, one point to shade.

use glam::{Vec2, Vec3};

use super::layers::{Layer, Layers};
use super::raster::{Sample, Samples, Surfaces};
use super::{Part, Scene};
use crate::{Reflectance, SurfacePoint};

/// Samples of one part in one pixel are taken for two places of it if their depths are farther apart than this, in
/// mm and in widths of the pixel: a surface that is seen at a slant is deep.
const APART: [f32; 2] = [6.0, 4.0];
/// Layers of a sheer part in one pixel are mixed if their depths are not farther apart than this, in mm.
const STRANDS: f32 = 30.0;
/// What is hidden by all but this share is left out.
const HIDDEN: f32 = 0.02;
/// Most samples in a pixel.
const MOST: usize = 16;
/// No fragment.
const NONE: u32 = u32::MAX;

/// A place on a surface that is seen in a pixel.
#[derive(Clone, Copy)]
pub(super) struct Fragment {
    pub(super) pixel: u32,
    pub(super) part: u32,
    /// How much of the pixel it fills, 0..=1.
    pub(super) share: f32,
    /// How much of the pixel its gloss fills: more than `share` for clear glass.
    pub(super) sheen: f32,
    /// In the frame of the camera, in mm.
    pub(super) position: Vec3,
    /// Unit vector, in the frame of the camera, towards the side that is seen.
    pub(super) normal: Vec3,
    /// How much the normal turns from one pixel to the next, in radians.
    pub(super) bend: f32,
    pub(super) reflectance: Reflectance,
}

/// All places that are shaded, by pixel.
pub(super) struct Fragments {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) all: Vec<Fragment>,
    /// For each pixel, the place in `all` of what fills most of it.
    main: Vec<u32>,
}

impl Fragments {
    pub(super) fn gather(scene: &Scene<'_>, surfaces: &Surfaces, samples: &Samples, layers: &Layers) -> Self {
        let n = samples.per_axis;
        let (width, height) = (samples.width / n, samples.height / n);
        let mut gatherer = Gatherer {
            scene,
            surfaces,
            samples,
            layers,
            sorted: Vec::new(),
            all: Vec::with_capacity(width * height),
        };
        let mut main = vec![NONE; width * height];
        for (pixel, main) in main.iter_mut().enumerate() {
            let first = gatherer.all.len();
            gatherer.pixel(pixel % width, pixel / width, pixel);
            let mut most = 0.0;
            for (fragment, at) in gatherer.all[first..].iter().zip(first as u32..) {
                if fragment.share > most {
                    (*main, most) = (at, fragment.share);
                }
            }
        }
        Self { width, height, all: gatherer.all, main }
    }

    /// The place in `all` of what fills most of a pixel.
    pub(super) fn main(&self, pixel: usize) -> Option<usize> {
        let at = self.main[pixel];
        (at != NONE).then_some(at as usize)
    }
}

/// Samples of a pixel that see the same surface.
#[derive(Clone, Copy, Default)]
struct Group {
    part: usize,
    depth: f32,
    /// How many, and how many of them sheer surfaces leave.
    count: f32,
    left: f32,
    /// Sum of places, in samples.
    sum: Vec2,
}

struct Gatherer<'a> {
    scene: &'a Scene<'a>,
    surfaces: &'a Surfaces,
    samples: &'a Samples,
    layers: &'a Layers,
    sorted: Vec<Layer>,
    all: Vec<Fragment>,
}

impl Gatherer<'_> {
    fn pixel(&mut self, x: usize, y: usize, pixel: usize) {
        let n = self.samples.per_axis;
        let mut seen = [Sample { nearness: 0.0, triangle: 0 }; MOST];
        for row in 0..n {
            let from = (y * n + row) * self.samples.width + x * n;
            seen[row * n..][..n].copy_from_slice(&self.samples.seen[from..][..n]);
        }
        let mut open = [1.0; MOST];
        let corner = Vec2::new((x * n) as f32, (y * n) as f32);
        self.layers.of(pixel, &mut self.sorted);
        if !self.sorted.is_empty() {
            self.sheer(pixel, corner, &mut open);
        }

        let apart = |depth: f32| APART[0] + APART[1] * depth / self.scene.camera.focal();
        if self.sorted.is_empty() && self.even(&seen[..n * n], apart) {
            let middle = (n - 1) / 2 * (n + 1);
            let mut fragment = self.fragment(seen[middle].triangle, corner + 0.5 * n as f32);
            fragment.pixel = pixel as u32;
            self.all.push(fragment);
            return;
        }
        let mut groups = [Group::default(); MOST];
        let mut owners = [0; MOST];
        let mut count = 0;
        for (at, sample) in seen[..n * n].iter().enumerate().filter(|(_, sample)| sample.nearness > 0.0) {
            let part = self.surfaces.owner(sample.triangle);
            let depth = sample.nearness.recip();
            let same = |group: &Group| group.part == part && (group.depth - depth).abs() < apart(depth);
            let group = groups[..count].iter().position(same).unwrap_or(count);
            if group == count {
                groups[group] = Group { part, depth, ..Group::default() };
                count += 1;
            }
            owners[at] = group + 1;
            groups[group].count += 1.0;
            groups[group].left += open[at];
            groups[group].sum += place(at, n);
        }
        for (number, group) in groups[..count].iter().enumerate() {
            let share = group.left / (n * n) as f32;
            if share < HIDDEN {
                continue;
            }
            let middle = group.sum / group.count;
            let off = |at: usize| place(at, n).distance_squared(middle);
            let of_group = (0..n * n).filter(|at| owners[*at] == number + 1);
            if let Some(at) = of_group.min_by(|a, b| off(*a).total_cmp(&off(*b))) {
                let mut fragment = self.fragment(seen[at].triangle, corner + middle);
                (fragment.pixel, fragment.share, fragment.sheen) = (pixel as u32, share, share);
                self.all.push(fragment);
            }
        }
    }

    /// Whether all samples of a pixel see one place of one part, as most do.
    fn even(&self, seen: &[Sample], apart: impl Fn(f32) -> f32) -> bool {
        let part = |sample: &Sample| (sample.nearness > 0.0).then(|| self.surfaces.owner(sample.triangle));
        let depth = seen[0].nearness.recip();
        let near = |sample: &Sample| (sample.nearness.recip() - depth).abs() < apart(depth);
        let first = part(&seen[0]);
        first.is_some() && seen[1..].iter().all(|sample| part(sample) == first && near(sample))
    }

    /// Lays the sheer surfaces of a pixel over each other, the nearest first. `open` becomes what they leave of each
    /// sample. Layers of one part, as strands of hair, are mixed into one fragment.
    fn sheer(&mut self, pixel: usize, corner: Vec2, open: &mut [f32; MOST]) {
        let n = self.samples.per_axis;
        let first = self.all.len();
        let all = (n * n) as f32;
        let sorted = std::mem::take(&mut self.sorted);
        for layer in &sorted {
            let inside = (0..n * n).filter(|at| layer.mask >> at & 1 == 1);
            let (mut left, mut sum, mut count) = (0.0, Vec2::ZERO, 0.0);
            for at in inside.clone() {
                left += open[at] / all;
                sum += place(at, n);
                count += 1.0;
            }
            if left < HIDDEN / 4.0 {
                continue;
            }
            let mut fragment = self.fragment(layer.triangle, corner + sum / count);
            let opacity = fragment.reflectance.opacity.clamp(0.0, 1.0);
            inside.for_each(|at| open[at] *= 1.0 - opacity);
            // What is polished mirrors with all of its surface, however clear: glass. The ends of hair do not.
            let polish = (1.0 - fragment.reflectance.roughness / 0.2).max(0.0);
            fragment.pixel = pixel as u32;
            fragment.share = left * opacity;
            fragment.sheen = left * (opacity + (1.0 - opacity) * polish);
            if fragment.sheen <= 0.0 {
                continue;
            }
            let near = |other: &&mut Fragment| {
                other.part == fragment.part && (other.position.z - fragment.position.z).abs() < STRANDS
            };
            match self.all[first..].iter_mut().find(near) {
                Some(other) => other.mix(&fragment),
                None => self.all.push(fragment),
            }
            if open[..n * n].iter().sum::<f32>() < HIDDEN * all {
                break;
            }
        }
        // Kept for the next pixel, which would have to allocate another.
        self.sorted = sorted;
    }

    /// The point of a triangle that is seen at a place, in samples.
    fn fragment(&self, triangle: u32, place: Vec2) -> Fragment {
        let part = self.surfaces.owner(triangle);
        let Part { mesh, material, .. } = self.scene.parts[part];
        let corners = mesh.triangles[(triangle - self.surfaces.first[part]) as usize];
        let [p, q, r] = corners;
        let spots = &self.surfaces.spots[part];
        let spots = [spots[p as usize], spots[q as usize], spots[r as usize]];
        let [a, b, c] = [spots[0].place(), spots[1].place(), spots[2].place()];
        let area = (b - a).perp_dot(c - a);
        // Weights on the picture, held inside: the middle of several samples may lie beside the triangle.
        let cross = |p: Vec2, q: Vec2| ((p - place).perp_dot(q - place) / area).max(0.0);
        let mut weights = [cross(b, c), cross(c, a), cross(a, b)];
        // Weights on the surface: what is linear there is linear on the picture only when divided by the depth.
        (0..3).for_each(|at| weights[at] *= spots[at].nearness());
        let sum = weights[0] + weights[1] + weights[2];
        weights.iter_mut().for_each(|weight| *weight /= sum);

        let mix = |values: &[Vec3]| {
            value(values, p) * weights[0] + value(values, q) * weights[1] + value(values, r) * weights[2]
        };
        let camera = &self.scene.camera;
        let position = camera.locate(mix(&mesh.positions));
        let smooth = (camera.rotation() * mix(&mesh.normals)).normalize_or(Vec3::NEG_Z);
        // With y downwards, triangles that are seen from inside have a positive area.
        let smooth = if area > 0.0 { -smooth } else { smooth };
        let uv = value(&mesh.uvs, p) * weights[0]
            + value(&mesh.uvs, q) * weights[1]
            + value(&mesh.uvs, r) * weights[2];
        let pixel = position.z / camera.focal();
        let view = -position.normalize_or(Vec3::Z);
        let facing = smooth.dot(view).max(0.2);
        let footprint = pixel / facing.sqrt();
        let reflectance =
            material.reflectance(&SurfacePoint { uv, rest: mix(&mesh.rest), normal: smooth, footprint });
        let normal = (smooth + camera.rotation() * reflectance.relief).normalize_or(smooth);
        // The side that is seen faces the eye: a lock of hair that is seen from the head would be black.
        let away = normal.dot(view).min(0.0);
        let normal = normal - 2.0 * away * view;
        // Squares of how much the normal turns in a millimetre.
        let turn = |p: u32, q: u32| {
            let square = value(&mesh.positions, p).distance_squared(value(&mesh.positions, q));
            value(&mesh.normals, p).distance_squared(value(&mesh.normals, q)) / square.max(1e-6)
        };
        let bend = turn(p, q).max(turn(q, r)).sqrt() * footprint;
        Fragment { pixel: 0, part: part as u32, share: 1.0, sheen: 1.0, position, normal, bend, reflectance }
    }
}

impl Fragment {
    /// Adds another place in the same pixel, weighted by what both fill of it.
    fn mix(&mut self, other: &Self) {
        let weight = other.sheen / (self.sheen + other.sheen);
        let scalar = |a: f32, b: f32| a + (b - a) * weight;
        self.position = self.position.lerp(other.position, weight);
        self.normal = self.normal.lerp(other.normal, weight).normalize_or(self.normal);
        self.bend = scalar(self.bend, other.bend);
        let (mine, its) = (&mut self.reflectance, &other.reflectance);
        let dull = other.share / (self.share + other.share).max(1e-6);
        mine.albedo = mine.albedo.lerp(its.albedo, dull);
        mine.roughness = scalar(mine.roughness, its.roughness);
        mine.gloss = scalar(mine.gloss, its.gloss);
        mine.scatter = scalar(mine.scatter, its.scatter);
        self.share += other.share;
        self.sheen += other.sheen;
    }
}

/// The middle of a sample in its pixel, in samples.
fn place(at: usize, per_axis: usize) -> Vec2 {
    Vec2::new((at % per_axis) as f32 + 0.5, (at / per_axis) as f32 + 0.5)
}

/// A value of a list of vertices; zero where the list is too short.
fn value<T: Copy + Default>(values: &[T], at: u32) -> T {
    values.get(at as usize).copied().unwrap_or_default()
}
