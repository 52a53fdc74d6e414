//! Triangles with what is needed to shade them.

use glam::{Affine3A, Vec2, Vec3};

/// A surface of triangles. All lists of vertices have the same length.
///
/// Positions are in millimetres. In the frame of the head x points to the person's left (right in a frontal picture), y
/// up and z out of the face; the origin is midway between the ear canals. Triangles are anticlockwise seen from outside.
#[derive(Clone, Debug, Default)]
pub struct Mesh {
    /// Where vertices are.
    pub positions: Vec<Vec3>,
    /// Unit vectors out of the surface.
    pub normals: Vec<Vec3>,
    /// Places on the chart of the surface, 0..=1.
    pub uvs: Vec<Vec2>,
    /// Where vertices are on the mean head without expression: what patterns of the skin go by, so that they move with it.
    pub rest: Vec<Vec3>,
    /// Three vertices each.
    pub triangles: Vec<[u32; 3]>,
}

impl Mesh {
    /// Makes the normals anew: the mean of those of the triangles around a vertex, weighted by their areas. Vertices that
    /// `seams` pairs up lie at one place and get one normal.
    pub fn smooth_normals(&mut self, seams: &[[u32; 2]]) {
        self.normals.clear();
        self.normals.resize(self.positions.len(), Vec3::ZERO);
        for &[a, b, c] in &self.triangles {
            let [p, q, r] = [a, b, c].map(|at| self.positions[at as usize]);
            // Its length is twice the area.
            let normal = (q - p).cross(r - p);
            [a, b, c].into_iter().for_each(|at| self.normals[at as usize] += normal);
        }
        for &[a, b] in seams {
            let sum = self.normals[a as usize] + self.normals[b as usize];
            self.normals[a as usize] = sum;
            self.normals[b as usize] = sum;
        }
        self.normals.iter_mut().for_each(|normal| *normal = normal.normalize_or(Vec3::Z));
    }

    /// Moves and turns the surface. `rest` stays.
    pub fn transformed(&self, by: &Affine3A) -> Self {
        let mut moved = self.clone();
        moved.positions.iter_mut().for_each(|position| *position = by.transform_point3(*position));
        let turned = |normal: &mut Vec3| *normal = by.transform_vector3(*normal).normalize_or(Vec3::Z);
        moved.normals.iter_mut().for_each(turned);
        moved
    }

    /// Adds the triangles of a grid of `columns` x `rows` quads whose corners are the first vertices, row by row.
    pub(crate) fn add_grid(&mut self, columns: u32, rows: u32) {
        let line = columns + 1;
        for row in 0..rows {
            for at in row * line..row * line + columns {
                self.triangles.push([at, at + 1, at + line + 1]);
                self.triangles.push([at, at + line + 1, at + line]);
            }
        }
    }

    /// Adds another surface.
    pub fn append(&mut self, other: &Self) {
        let first = self.positions.len() as u32;
        self.positions.extend_from_slice(&other.positions);
        self.normals.extend_from_slice(&other.normals);
        self.uvs.extend_from_slice(&other.uvs);
        self.rest.extend_from_slice(&other.rest);
        self.triangles.extend(other.triangles.iter().map(|triangle| triangle.map(|at| at + first)));
    }
}
