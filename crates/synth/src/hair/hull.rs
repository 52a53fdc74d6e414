//! How far the skin lies from a point inside of it, in every direction: what hair must stay outside of.

use glam::{Vec2, Vec3, Vec4, Vec4Swizzles};

use crate::Mesh;

/// Texels along the edge of a face of the cube: about 5 mm of a head.
const SIDE: usize = 36;
/// With a border of one texel, so that what lies between texels needs no other face.
const STRIDE: usize = SIDE + 2;

/// A surface around a center as a cube of distances. Where the surface folds back, the farthest counts.
pub(super) struct Hull {
    center: Vec3,
    /// Normal and distance in millimetres of each texel, six faces of `STRIDE` rows.
    texels: Vec<Vec4>,
    /// The value that was given for the vertices.
    values: Vec<f32>,
}

/// A hull in one direction.
#[derive(Clone, Copy)]
pub(super) struct Shore {
    /// Distance from the center, in millimetres.
    pub(super) distance: f32,
    /// Unit vector out of the surface.
    pub(super) normal: Vec3,
    /// The value that was given for the vertices.
    pub(super) value: f32,
}

/// Where a vertex is seen from the center.
#[derive(Clone, Copy)]
struct Seen {
    /// From the center, in millimetres.
    off: Vec3,
    face: usize,
    /// Texels on that face.
    texel: Vec2,
}

impl Hull {
    /// The hull of those triangles whose vertices are all wanted, and the same with those whose vertices are wanted by
    /// the second as well. `values` are kept along with it, one for each vertex.
    pub(super) fn pair(
        mesh: &Mesh,
        center: Vec3,
        values: &[f32],
        wanted: impl Fn(usize) -> bool,
        more: Option<&dyn Fn(usize) -> bool>,
    ) -> (Self, Option<Self>) {
        let texels = vec![Vec4::ZERO; 6 * STRIDE * STRIDE];
        let mut hull = Self { center, texels, values: vec![0.0; 6 * STRIDE * STRIDE] };
        let chosen: Vec<bool> = (0..mesh.positions.len()).map(wanted).collect();
        let nowhere = Seen { off: Vec3::ZERO, face: 0, texel: Vec2::ZERO };
        let see = |(at, &place): (usize, &Vec3)| {
            if chosen[at] || more.is_some_and(|more| more(at)) { Seen::new(place - center) } else { nowhere }
        };
        let seen: Vec<Seen> = mesh.positions.iter().enumerate().map(see).collect();
        let all = |triangle: &[u32; 3]| triangle.iter().all(|&at| chosen[at as usize]);
        mesh.triangles.iter().filter(|triangle| all(triangle)).for_each(|triangle| {
            hull.draw(triangle.map(|at| at as usize), &seen, &mesh.normals, values);
        });
        let more = more.map(|more| {
            let mut hull = Self { center, texels: hull.texels.clone(), values: hull.values.clone() };
            let also = |triangle: &[u32; 3]| triangle.iter().all(|&at| more(at as usize));
            mesh.triangles.iter().filter(|triangle| !all(triangle) && also(triangle)).for_each(|triangle| {
                hull.draw(triangle.map(|at| at as usize), &seen, &mesh.normals, values);
            });
            hull.fill();
            hull
        });
        hull.fill();
        (hull, more)
    }

    /// The hull of those triangles whose vertices are all wanted.
    pub(super) fn new(mesh: &Mesh, center: Vec3, values: &[f32], wanted: impl Fn(usize) -> bool) -> Self {
        Self::pair(mesh, center, values, wanted, None).0
    }

    pub(super) fn center(&self) -> Vec3 {
        self.center
    }

    fn draw(&mut self, corners: [usize; 3], seen: &[Seen], normals: &[Vec3], values: &[f32]) {
        let [a, b, c] = corners.map(|at| seen[at]);
        if a.face == b.face && b.face == c.face {
            self.draw_on(a.face, [a.texel, b.texel, c.texel], corners, seen, normals, values);
            return;
        }
        for (number, corner) in [a, b, c].into_iter().enumerate() {
            let drawn = [a, b, c][..number].iter().any(|before| before.face == corner.face);
            let texels = [a, b, c].map(|other| texel(other.off, corner.face));
            if let (false, [Some(p), Some(q), Some(r)]) = (drawn, texels) {
                self.draw_on(corner.face, [p, q, r], corners, seen, normals, values);
            }
        }
    }

    fn draw_on(
        &mut self,
        face: usize,
        [p, q, r]: [Vec2; 3],
        corners: [usize; 3],
        seen: &[Seen],
        normals: &[Vec3],
        values: &[f32],
    ) {
        // Most triangles are finer than texels.
        let (low, high) = (p.min(q).min(r), p.max(q).max(r));
        // The conversion cuts off what is below zero, as a border of the face does.
        let last = |place: f32| (place as usize).min(STRIDE - 1);
        let first = |place: f32| place as usize + usize::from(place > place as usize as f32);
        let (columns, rows) = (first(low.x)..=last(high.x), first(low.y)..=last(high.y));
        if columns.is_empty() || rows.is_empty() || high.min_element() < 0.0 {
            return;
        }
        let double = (q - p).perp_dot(r - p);
        if double.abs() < 1e-9 {
            return;
        }
        let share = double.recip();
        let [a, b, c] = corners.map(|at| seen[at].off);
        let flat = (b - a).cross(c - a);
        let height = flat.dot(a);
        // Seen edge-on, or from within.
        if height <= 1e-3 * flat.length() {
            return;
        }
        for row in rows {
            for column in columns.clone() {
                let at = Vec2::new(column as f32, row as f32);
                let weight = |p: Vec2, q: Vec2| (p - at).perp_dot(q - at) * share;
                let weights = [weight(q, r), weight(r, p), weight(p, q)];
                if weights[0].min(weights[1]).min(weights[2]) < -1e-4 {
                    continue;
                }
                let direction = direction(face, at.x, at.y);
                let distance = height / flat.dot(direction);
                let at = (face * STRIDE + row) * STRIDE + column;
                if distance > self.texels[at].w {
                    let (mut normal, mut value) = (Vec3::ZERO, 0.0);
                    for (corner, weight) in corners.into_iter().zip(weights) {
                        normal += normals[corner] * weight;
                        value += values[corner] * weight;
                    }
                    self.texels[at] = normal.normalize_or(direction).extend(distance);
                    self.values[at] = value;
                }
            }
        }
    }

    /// Gives texels that no triangle covers the mean of their neighbours, from the edges of the hole inwards.
    fn fill(&mut self) {
        let mut left = self.texels.iter().filter(|texel| texel.w == 0.0).count();
        while left > 0 {
            let mut edge: Vec<usize> = (0..self.texels.len()).filter(|&at| self.texels[at].w > 0.0).collect();
            let mut sums = vec![(Vec4::ZERO, 0.0); self.texels.len()];
            while !edge.is_empty() {
                let mut reached = Vec::new();
                for &at in &edge {
                    let (row, column) = (at / STRIDE % STRIDE, at % STRIDE);
                    let around = [
                        (row > 0).then(|| at - STRIDE),
                        (row + 1 < STRIDE).then(|| at + STRIDE),
                        (column > 0).then(|| at - 1),
                        (column + 1 < STRIDE).then(|| at + 1),
                    ];
                    for beside in around.into_iter().flatten().filter(|&beside| self.texels[beside].w == 0.0)
                    {
                        if sums[beside].1 == 0.0 {
                            reached.push(beside);
                        }
                        sums[beside].0 += self.texels[at];
                        sums[beside].1 += 1.0;
                    }
                }
                for &at in &reached {
                    let (sum, count) = sums[at];
                    self.texels[at] = sum.xyz().normalize_or(Vec3::Y).extend(sum.w / count);
                }
                left -= reached.len();
                edge = reached;
            }
            // A side of the cube without any triangle takes over from the sides around it.
            self.join();
            let before = left;
            left = self.texels.iter().filter(|texel| texel.w == 0.0).count();
            if left == before {
                break;
            }
        }
        self.join();
    }

    /// Makes the distance and the values even over about `rounds` texels.
    pub(super) fn smoothed(mut self, rounds: usize) -> Self {
        for _ in 0..rounds {
            let old = (self.texels.clone(), self.values.clone());
            for face in 0..6 {
                for row in 1..STRIDE - 1 {
                    for column in 1..STRIDE - 1 {
                        let at = (face * STRIDE + row) * STRIDE + column;
                        let around = [at, at - 1, at + 1, at - STRIDE, at + STRIDE];
                        self.texels[at] = around.iter().map(|&at| old.0[at]).sum::<Vec4>() * 0.2;
                        self.values[at] = around.iter().map(|&at| old.1[at]).sum::<f32>() * 0.2;
                    }
                }
            }
            self.join();
        }
        self
    }

    /// Copies into the borders what the faces beside them say.
    fn join(&mut self) {
        for face in 0..6 {
            for step in 0..STRIDE {
                for (row, column) in [(0, step), (STRIDE - 1, step), (step, 0), (step, STRIDE - 1)] {
                    let shore = self.look(direction(face, column as f32, row as f32));
                    let at = (face * STRIDE + row) * STRIDE + column;
                    self.texels[at] = shore.normal.extend(shore.distance);
                    self.values[at] = shore.value;
                }
            }
        }
    }

    /// The texels around a direction, and how much each counts.
    fn around(toward: Vec3) -> [(usize, f32); 4] {
        let face = face(toward);
        let axis = face / 2;
        let scale = 0.5 * SIDE as f32 / toward[axis].abs().max(1e-6);
        let place = |other: usize| (toward[(axis + other) % 3] * scale + 0.5 * SIDE as f32 + 0.5).max(0.0);
        let (x, y) = (place(1), place(2));
        let (column, row) = ((x as usize).min(STRIDE - 2), (y as usize).min(STRIDE - 2));
        let (x, y) = (x - column as f32, y - row as f32);
        let at = (face * STRIDE + row) * STRIDE + column;
        let corners = [at, at + 1, at + STRIDE, at + STRIDE + 1];
        let weights = [(1.0 - x) * (1.0 - y), x * (1.0 - y), (1.0 - x) * y, x * y];
        [0, 1, 2, 3].map(|corner| (corners[corner], weights[corner]))
    }

    /// The hull in a direction of any length.
    pub(super) fn look(&self, toward: Vec3) -> Shore {
        let (mut texel, mut value) = (Vec4::ZERO, 0.0);
        for (at, weight) in Self::around(toward) {
            texel += self.texels[at] * weight;
            value += self.values[at] * weight;
        }
        Shore { distance: texel.w, normal: texel.xyz().normalize_or(Vec3::Y), value }
    }

    /// How far outside a place is, in millimetres along the normal, and that normal. Negative is inside.
    pub(super) fn height(&self, place: Vec3) -> (f32, Vec3) {
        let toward = place - self.center;
        let texel: Vec4 = Self::around(toward).into_iter().map(|(at, weight)| self.texels[at] * weight).sum();
        let normal = texel.xyz().normalize_or(Vec3::Y);
        let distance = toward.length();
        // At most as steep as 75 degrees: what is nearly edge-on would otherwise seem near.
        let steep = (toward.dot(normal) / distance.max(1e-6)).max(0.26);
        ((distance - texel.w) * steep, normal)
    }
}

impl Seen {
    fn new(off: Vec3) -> Self {
        let face = face(off);
        Self { off, face, texel: texel(off, face).unwrap_or_default() }
    }
}

/// The face of the cube that a direction goes through.
fn face(toward: Vec3) -> usize {
    let size = toward.abs();
    let axis = if size.x >= size.y && size.x >= size.z {
        0
    } else if size.y >= size.z {
        1
    } else {
        2
    };
    2 * axis + usize::from(toward[axis] < 0.0)
}

/// Where a direction goes through the plane of a face, in texels; none if it goes away from it.
fn texel(toward: Vec3, face: usize) -> Option<Vec2> {
    let axis = face / 2;
    let ahead = if face.is_multiple_of(2) { toward[axis] } else { -toward[axis] };
    let slopes = Vec2::new(toward[(axis + 1) % 3], toward[(axis + 2) % 3]) / ahead;
    (ahead > 1.0).then(|| (slopes + 1.0) * (0.5 * SIDE as f32) + 0.5)
}

/// The direction of a texel: a unit vector.
fn direction(face: usize, x: f32, y: f32) -> Vec3 {
    let axis = face / 2;
    let mut direction = Vec3::ZERO;
    direction[axis] = if face.is_multiple_of(2) { 1.0 } else { -1.0 };
    direction[(axis + 1) % 3] = (x - 0.5) * 2.0 / SIDE as f32 - 1.0;
    direction[(axis + 2) % 3] = (y - 0.5) * 2.0 / SIDE as f32 - 1.0;
    direction.normalize()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ellipsoid of half axes in millimetres, open below a height.
    fn ellipsoid(axes: Vec3, open: f32) -> Mesh {
        let mut mesh = Mesh::default();
        let (rows, columns) = (40, 60);
        for row in 0..=rows {
            for column in 0..columns {
                let polar = row as f32 / rows as f32 * 0.9999 * std::f32::consts::PI;
                let azimuth = column as f32 / columns as f32 * std::f32::consts::TAU;
                let unit = Vec3::new(polar.sin() * azimuth.sin(), polar.cos(), polar.sin() * azimuth.cos());
                mesh.positions.push(unit * axes);
                mesh.normals.push((unit / axes).normalize());
                mesh.rest.push(unit * axes);
                mesh.uvs.push(Vec2::ZERO);
                if row < rows && unit.y * axes.y > open {
                    let at = |row: u32, column: u32| row * columns + column % columns;
                    let [a, b] = [at(row, column), at(row, column + 1)];
                    let [c, d] = [at(row + 1, column), at(row + 1, column + 1)];
                    mesh.triangles.extend([[a, c, b], [b, c, d]]);
                }
            }
        }
        mesh
    }

    #[test]
    fn distances_are_those_of_the_surface() {
        let axes = Vec3::new(75.0, 110.0, 95.0);
        let mesh = ellipsoid(axes, -200.0);
        let heights: Vec<f32> = mesh.positions.iter().map(|at| at.y).collect();
        let hull = Hull::new(&mesh, Vec3::ZERO, &heights, |_| true);
        let mut stream = crate::Seed::new(1).stream();
        for _ in 0..500 {
            let unit = Vec3::from_array([0; 3].map(|_| stream.normal(3.0))).normalize();
            let expected = 1.0 / (unit / axes).length();
            let shore = hull.look(unit);
            assert!((shore.distance - expected).abs() < 0.8, "{unit} {} {expected}", shore.distance);
            assert!((shore.value - expected * unit.y).abs() < 1.5);
            let normal = (unit / (axes * axes)).normalize();
            assert!(shore.normal.dot(normal) > 0.99);
            let (height, _) = hull.height(unit * shore.distance + normal * 5.0);
            assert!((height - 5.0).abs() < 1.0, "{height}");
        }
    }

    #[test]
    fn holes_are_filled() {
        let hull = Hull::new(&ellipsoid(Vec3::splat(80.0), -20.0), Vec3::ZERO, &[0.0; 2460], |_| true);
        for toward in [Vec3::NEG_Y, Vec3::new(0.5, -1.0, 0.2), Vec3::new(-0.3, -0.9, -0.5)] {
            assert!((hull.look(toward).distance - 80.0).abs() < 4.0);
        }
        let nothing = Hull::new(&Mesh::default(), Vec3::ZERO, &[], |_| true);
        assert_eq!(nothing.look(Vec3::X).distance, 0.0);
    }
}
