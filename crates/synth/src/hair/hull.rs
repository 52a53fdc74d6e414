//! How far the skin lies from a point inside of it, in every direction: what hair must stay outside of.

use glam::{Vec3, Vec4, Vec4Swizzles};

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

impl Hull {
    /// The hull of those triangles whose vertices are all wanted. `values` are kept along with it, one for each
    /// vertex.
    pub(super) fn new(mesh: &Mesh, center: Vec3, values: &[f32], wanted: impl Fn(usize) -> bool) -> Self {
        let texels = vec![Vec4::ZERO; 6 * STRIDE * STRIDE];
        let mut hull = Self { center, texels, values: vec![0.0; 6 * STRIDE * STRIDE] };
        for triangle in &mesh.triangles {
            let corners = triangle.map(|at| at as usize);
            if corners.iter().all(|&at| wanted(at)) {
                let [positions, normals] =
                    [&mesh.positions, &mesh.normals].map(|of| corners.map(|at| of[at]));
                hull.draw(positions.map(|at| at - center), normals, corners.map(|at| values[at]));
            }
        }
        hull.fill();
        hull
    }

    pub(super) fn center(&self) -> Vec3 {
        self.center
    }

    fn draw(&mut self, corners: [Vec3; 3], normals: [Vec3; 3], values: [f32; 3]) {
        let flat = (corners[1] - corners[0]).cross(corners[2] - corners[0]);
        let height = flat.dot(corners[0]);
        // Seen edge-on, or from within.
        if height <= 1e-3 * flat.length() {
            return;
        }
        let middle = corners[0] + corners[1] + corners[2];
        let most = middle.abs().max_element();
        for face in 0..6_usize {
            let (axis, sign) = (face / 2, if face.is_multiple_of(2) { 1.0 } else { -1.0 });
            if middle[axis] * sign < 0.5 * most {
                continue;
            }
            let ahead = corners.map(|at| at[axis] * sign);
            if ahead.iter().any(|&ahead| ahead < 1.0) {
                continue;
            }
            let place = |corner: usize, other: usize| {
                let slope = corners[corner][(axis + other) % 3] / ahead[corner];
                (slope + 1.0) * 0.5 * SIDE as f32 + 0.5
            };
            let [x, y] = [[0, 1, 2].map(|at| place(at, 1)), [0, 1, 2].map(|at| place(at, 2))];
            let range = |of: [f32; 3]| {
                let least = of.into_iter().fold(f32::INFINITY, f32::min).ceil().max(0.0) as usize;
                let most = of.into_iter().fold(f32::NEG_INFINITY, f32::max).floor();
                least..((most + 1.0).clamp(0.0, STRIDE as f32) as usize)
            };
            let double = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0]);
            if double.abs() < 1e-9 {
                continue;
            }
            for row in range(y) {
                for column in range(x) {
                    let (px, py) = (column as f32, row as f32);
                    let weight =
                        |a: usize, b: usize| ((x[a] - px) * (y[b] - py) - (x[b] - px) * (y[a] - py)) / double;
                    let weights = [weight(1, 2), weight(2, 0), weight(0, 1)];
                    if weights.iter().any(|&weight| weight < -1e-4) {
                        continue;
                    }
                    let direction = direction(face, px, py);
                    let distance = height / flat.dot(direction);
                    let at = (face * STRIDE + row) * STRIDE + column;
                    if distance > self.texels[at].w {
                        let sum =
                            |of: [Vec3; 3]| of[0] * weights[0] + of[1] * weights[1] + of[2] * weights[2];
                        self.texels[at] = sum(normals).normalize_or(direction).extend(distance);
                        self.values[at] = (0..3).map(|at| values[at] * weights[at]).sum();
                    }
                }
            }
        }
    }

    /// Gives texels that no triangle covers the mean of their neighbours, from the edges of the hole inwards.
    fn fill(&mut self) {
        let mut empty: Vec<usize> = (0..self.texels.len()).filter(|&at| self.texels[at].w == 0.0).collect();
        while !empty.is_empty() {
            let mut filled = Vec::new();
            for &at in &empty {
                let (row, column) = (at / STRIDE % STRIDE, at % STRIDE);
                let around = [
                    (row > 0).then(|| at - STRIDE),
                    (row + 1 < STRIDE).then(|| at + STRIDE),
                    (column > 0).then(|| at - 1),
                    (column + 1 < STRIDE).then(|| at + 1),
                ];
                let known = around.into_iter().flatten().filter(|&at| self.texels[at].w > 0.0);
                let (sum, count) =
                    known.fold((Vec4::ZERO, 0.0), |(sum, count), at| (sum + self.texels[at], count + 1.0));
                if count > 0.0 {
                    let normal = sum.xyz().normalize_or(Vec3::Y);
                    filled.push((at, normal.extend(sum.w / count)));
                }
            }
            if filled.is_empty() {
                // A side of the cube without any triangle takes over from the sides around it.
                let before = empty.len();
                self.join();
                empty.retain(|&at| self.texels[at].w == 0.0);
                if empty.len() == before {
                    break;
                }
            }
            for &(at, texel) in &filled {
                self.texels[at] = texel;
            }
            empty.retain(|&at| self.texels[at].w == 0.0);
        }
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

    /// The hull in a direction of any length.
    pub(super) fn look(&self, toward: Vec3) -> Shore {
        let size = toward.abs();
        let axis = if size.x >= size.y && size.x >= size.z {
            0
        } else if size.y >= size.z {
            1
        } else {
            2
        };
        let face = 2 * axis + usize::from(toward[axis] < 0.0);
        let scale = 0.5 * SIDE as f32 / size[axis].max(1e-6);
        let place = |other: usize| (toward[(axis + other) % 3] * scale + 0.5 * SIDE as f32 + 0.5).max(0.0);
        let (x, y) = (place(1), place(2));
        let (column, row) = ((x as usize).min(STRIDE - 2), (y as usize).min(STRIDE - 2));
        let (x, y) = (x - column as f32, y - row as f32);
        let at = (face * STRIDE + row) * STRIDE + column;
        let weights = [(1.0 - x) * (1.0 - y), x * (1.0 - y), (1.0 - x) * y, x * y];
        let corners = [at, at + 1, at + STRIDE, at + STRIDE + 1];
        let (mut texel, mut value) = (Vec4::ZERO, 0.0);
        for (at, weight) in corners.into_iter().zip(weights) {
            texel += self.texels[at] * weight;
            value += self.values[at] * weight;
        }
        Shore { distance: texel.w, normal: texel.xyz().normalize_or(Vec3::Y), value }
    }

    /// How far outside a place is, in millimetres along the normal, and that normal. Negative is inside.
    pub(super) fn height(&self, place: Vec3) -> (f32, Vec3) {
        let toward = place - self.center;
        let shore = self.look(toward);
        let distance = toward.length();
        // At most as steep as 75 degrees: what is nearly edge-on would otherwise seem near.
        let steep = (toward.dot(shore.normal) / distance.max(1e-6)).max(0.26);
        ((distance - shore.distance) * steep, shore.normal)
    }
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
    use glam::Vec2;

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
