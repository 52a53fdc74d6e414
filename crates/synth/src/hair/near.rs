//! The nearest vertex of a few, quickly.

use glam::{IVec3, Vec3};

/// Edge of a cell, in millimetres: vertices farther away are not found.
const CELL: f32 = 6.0;
/// Numbers of lists of cells; cells that are far apart may share one.
const LISTS: usize = 1 << 11;

/// Places with their normals, by cells of space.
pub(super) struct Near {
    /// Where the list of each number begins, and the end.
    first: Vec<u32>,
    vertices: Vec<(Vec3, Vec3)>,
}

impl Near {
    pub(super) fn new(vertices: impl Iterator<Item = (Vec3, Vec3)>) -> Self {
        let mut numbered: Vec<_> = vertices.map(|vertex| (list(cell(vertex.0)), vertex)).collect();
        numbered.sort_by_key(|(number, _)| *number);
        let mut first = vec![0; LISTS + 1];
        numbered.iter().for_each(|(number, _)| first[number + 1] += 1);
        (0..LISTS).for_each(|at| first[at + 1] += first[at]);
        Self { first, vertices: numbered.into_iter().map(|(_, vertex)| vertex).collect() }
    }

    /// The nearest vertex that is at most about 6 mm away, and its normal.
    pub(super) fn look(&self, place: Vec3) -> Option<(Vec3, Vec3)> {
        if self.vertices.is_empty() {
            return None;
        }
        let (mut nearest, mut found) = (CELL * CELL, None);
        // The eight cells around the nearest corner reach half a cell to all sides.
        let corner = (place / CELL).round().as_ivec3() - IVec3::ONE;
        for number in 0..8 {
            let list = list(corner + IVec3::new(number & 1, number >> 1 & 1, number >> 2));
            for &(at, normal) in &self.vertices[self.first[list] as usize..self.first[list + 1] as usize] {
                let far = at.distance_squared(place);
                if far < nearest {
                    (nearest, found) = (far, Some((at, normal)));
                }
            }
        }
        found
    }
}

fn cell(place: Vec3) -> IVec3 {
    (place / CELL).floor().as_ivec3()
}

fn list(cell: IVec3) -> usize {
    (cell.x & 15 | (cell.y & 15) << 4 | (cell.z & 7) << 8) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_found() {
        let mut stream = crate::Seed::new(1).stream();
        let mut place = || Vec3::from_array([0; 3].map(|_| stream.between(-40.0, 40.0)));
        let vertices: Vec<(Vec3, Vec3)> = (0..2000).map(|_| (place(), Vec3::Y)).collect();
        let near = Near::new(vertices.iter().copied());
        for _ in 0..200 {
            let at = place();
            let nearest = vertices.iter().map(|vertex| vertex.0.distance(at)).fold(f32::INFINITY, f32::min);
            if nearest < 0.5 * CELL {
                assert_eq!(near.look(at).map(|vertex| vertex.0.distance(at)), Some(nearest));
            }
        }
        assert_eq!(near.look(Vec3::splat(500.0)), None);
        assert_eq!(Near::new(std::iter::empty()).look(Vec3::ZERO), None);
    }
}
