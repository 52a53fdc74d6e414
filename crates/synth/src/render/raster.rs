//! Which triangle each sample of the picture sees.

use glam::{Vec2, Vec3};

use super::{Part, Scene};

/// Steps of a fixed-point coordinate in one sample, as a power of two. A coordinate is rounded by 0.002 samples at
/// most.
const STEP_BITS: u32 = 8;
const STEPS: f32 = (1 << STEP_BITS) as f32;
const HALF: i32 = 1 << (STEP_BITS - 1);
/// Vertices that lie farther outside than this, in samples, are almost beside the camera.
const FARTHEST: f32 = 4e6;

/// A vertex on a picture.
#[derive(Clone, Copy)]
pub(super) struct Spot {
    /// In steps, from the left and from the top.
    x: i32,
    y: i32,
    /// Grows towards the eye and is linear on the picture: one over the depth in mm, or for a lamp the height
    /// towards it. 0 if the vertex cannot be drawn.
    nearness: f32,
}

impl Spot {
    /// A vertex at a place in samples.
    pub(super) fn new(place: Vec2, nearness: f32) -> Self {
        if place.abs().max_element() < FARTHEST && nearness > 0.0 {
            // Rounded by cutting off, which takes no call.
            let fixed = |value: f32| (value * STEPS + 0.5f32.copysign(value)) as i32;
            Self { x: fixed(place.x), y: fixed(place.y), nearness }
        } else {
            Self { x: 0, y: 0, nearness: 0.0 }
        }
    }

    /// In samples.
    pub(super) fn place(&self) -> Vec2 {
        Vec2::new(self.x as f32, self.y as f32) / STEPS
    }

    pub(super) fn nearness(&self) -> f32 {
        self.nearness
    }
}

/// All surfaces on the picture.
pub(super) struct Surfaces {
    /// Vertices of each part.
    pub(super) spots: Vec<Vec<Spot>>,
    /// Number of the first triangle of each part.
    pub(super) first: Vec<u32>,
    /// The part of each triangle.
    owners: Vec<u32>,
}

impl Surfaces {
    pub(super) fn new(scene: &Scene<'_>, per_axis: u32) -> Self {
        let camera = &scene.camera;
        let spot = |at: &Vec3| {
            let at = camera.locate(*at);
            let place = camera.pixel(at).map(|pixel| pixel * per_axis as f32);
            place.map_or(Spot::new(Vec2::ZERO, 0.0), |place| Spot::new(place, at.z.recip()))
        };
        let mut first = Vec::with_capacity(scene.parts.len());
        let mut owners = Vec::new();
        for (part, number) in scene.parts.iter().zip(0..) {
            first.push(owners.len() as u32);
            owners.resize(owners.len() + part.mesh.triangles.len(), number);
        }
        let spots = scene.parts.iter().map(|part| part.mesh.positions.iter().map(spot).collect());
        Self { spots: spots.collect(), first, owners }
    }

    /// The part that a triangle belongs to.
    pub(super) fn owner(&self, triangle: u32) -> usize {
        self.owners[triangle as usize] as usize
    }
}

/// What one sample sees.
#[derive(Clone, Copy)]
pub(super) struct Sample {
    /// Of what is seen; 0 for nothing.
    pub(super) nearness: f32,
    /// Number of the triangle among those of all parts.
    pub(super) triangle: u32,
}

/// What all samples of a picture see, row by row.
pub(super) struct Samples {
    pub(super) per_axis: usize,
    /// In samples.
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) seen: Vec<Sample>,
}

/// Draws all surfaces that nothing can be seen through.
pub(super) fn rasterize(scene: &Scene<'_>, surfaces: &Surfaces, per_axis: u32) -> Samples {
    let [width, height] =
        [scene.camera.width(), scene.camera.height()].map(|length| (length * per_axis) as usize);
    let mut seen = vec![Sample { nearness: 0.0, triangle: 0 }; width * height];
    for ((part, spots), first) in scene.parts.iter().zip(&surfaces.spots).zip(&surfaces.first) {
        if part.material.sheer() {
            continue;
        }
        draw(part, spots, [width, height], |at, nearness, triangle| {
            if nearness > seen[at].nearness {
                seen[at] = Sample { nearness, triangle: first + triangle };
            }
        });
    }
    Samples { per_axis: per_axis as usize, width, height, seen }
}

/// Calls with each sample that a triangle covers (its place row by row), the nearness there, and the triangle's
/// number.
pub(super) fn draw(part: &Part<'_>, spots: &[Spot], size: [usize; 2], mut each: impl FnMut(usize, f32, u32)) {
    for (triangle, number) in part.mesh.triangles.iter().zip(0..) {
        if let Some(cover) = Cover::new(triangle, spots, part.two_sided, size) {
            cover.each(|x, y, nearness| each(y * size[0] + x, nearness, number));
        }
    }
}

/// The samples that a triangle covers.
pub(super) struct Cover {
    /// First sample and the one after the last, along x and y.
    pub(super) x: [i32; 2],
    pub(super) y: [i32; 2],
    /// For each edge: its value at the first sample (at least 0 inside), and how it grows by a sample along x and y.
    edges: [[i64; 3]; 3],
    /// The same for the nearness.
    nearness: [f32; 3],
}

impl Cover {
    /// None if no sample is covered.
    pub(super) fn new(
        triangle: &[u32; 3],
        spots: &[Spot],
        two_sided: bool,
        size: [usize; 2],
    ) -> Option<Self> {
        let [a, b, c] = *triangle;
        let (a, mut b, mut c) = (*spots.get(a as usize)?, *spots.get(b as usize)?, *spots.get(c as usize)?);
        // With y downwards, triangles that are anticlockwise to the eye have a negative area.
        let mut area = twice_area(a, b, c);
        if area == 0 || (area > 0 && !two_sided) {
            return None;
        }
        let range = |p: i32, q: i32, r: i32, length: usize| {
            let first = (p.min(q).min(r) + (HALF - 1)) >> STEP_BITS;
            let last = (p.max(q).max(r) - HALF) >> STEP_BITS;
            [first.max(0), (last + 1).min(length as i32)]
        };
        let x = range(a.x, b.x, c.x, size[0]);
        if x[0] >= x[1] {
            return None;
        }
        let y = range(a.y, b.y, c.y, size[1]);
        if y[0] >= y[1] || a.nearness.min(b.nearness).min(c.nearness) <= 0.0 {
            return None;
        }
        if area < 0 {
            (b, c, area) = (c, b, -area);
        }
        let edge = |p: Spot, q: Spot| {
            let (dx, dy) = (i64::from(q.x - p.x), i64::from(q.y - p.y));
            let from = |first: i32, from: i32| (i64::from(first) << STEP_BITS) + i64::from(HALF - from);
            let value = dx * from(y[0], p.y) - dy * from(x[0], p.x);
            // A sample on an edge of two triangles belongs to one of them: top and left edges are inside.
            let inside = dy < 0 || (dy == 0 && dx > 0);
            [value - i64::from(!inside), -dy << STEP_BITS, dx << STEP_BITS]
        };
        // Each edge lies opposite to the corner that it weighs.
        let edges = [edge(b, c), edge(c, a), edge(a, b)];
        // The plane through the corners.
        let scale = STEPS / area as f32;
        let [near, far] = [b.nearness - a.nearness, c.nearness - a.nearness];
        let along = |p: i32, q: i32| (p - q) as f32;
        let by_x = (near * along(c.y, a.y) - far * along(b.y, a.y)) * scale;
        let by_y = (far * along(b.x, a.x) - near * along(c.x, a.x)) * scale;
        let from = |first: i32, from: i32| ((first << STEP_BITS) + (HALF - from)) as f32 / STEPS;
        let nearness = [a.nearness + by_x * from(x[0], a.x) + by_y * from(y[0], a.y), by_x, by_y];
        Some(Self { x, y, edges, nearness })
    }

    /// Calls with each sample, x, y and the nearness.
    fn each(&self, mut each: impl FnMut(usize, usize, f32)) {
        let mut edges = self.edges();
        for y in self.y[0]..self.y[1] {
            let [first, end] = self.span(&mut edges);
            for x in first..end {
                each(x as usize, y as usize, self.nearness(x, y));
            }
        }
    }

    /// Values of the edges at the first sample of the first row.
    pub(super) fn edges(&self) -> [i64; 3] {
        self.edges.map(|edge| edge[0])
    }

    /// The samples of a row that are covered, the first and the one after the last; `edges` are those at its first
    /// sample, and become those of the next row.
    pub(super) fn span(&self, edges: &mut [i64; 3]) -> [i32; 2] {
        let [[_, ax, ay], [_, bx, by], [_, cx, cy]] = self.edges;
        let [mut a, mut b, mut c] = *edges;
        *edges = [a + ay, b + by, c + cy];
        let [mut x, end] = self.x;
        while (a | b | c) < 0 {
            (a, b, c, x) = (a + ax, b + bx, c + cx, x + 1);
            if x >= end {
                return [end; 2];
            }
        }
        let first = x;
        while (a | b | c) >= 0 && x < end {
            (a, b, c, x) = (a + ax, b + bx, c + cx, x + 1);
        }
        [first, x]
    }

    /// At a sample.
    pub(super) fn nearness(&self, x: i32, y: i32) -> f32 {
        let [first, by_x, by_y] = self.nearness;
        first + by_x * (x - self.x[0]) as f32 + by_y * (y - self.y[0]) as f32
    }
}

/// In square steps.
fn twice_area(a: Spot, b: Spot, c: Spot) -> i64 {
    let difference = |p: i32, q: i32| i64::from(p) - i64::from(q);
    difference(b.x, a.x) * difference(c.y, a.y) - difference(b.y, a.y) * difference(c.x, a.x)
}
