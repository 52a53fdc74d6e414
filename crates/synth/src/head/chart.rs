//! Triangles between points of the flat chart, with openings.

use glam::Vec2;
use spade::{ConstrainedDelaunayTriangulation, Point2, Triangulation};

/// Delaunay triangles (anticlockwise) of the convex hull of points, without those inside of the rings of `holes`.
/// Edges of the rings are edges of triangles. `None` if the rings cross each other.
pub(super) fn triangulated(points: &[Vec2], holes: &[Vec<u32>]) -> Option<Vec<[u32; 3]>> {
    let vertices = points.iter().map(|point| Point2::new(f64::from(point.x), f64::from(point.y))).collect();
    let edges = holes
        .iter()
        .flat_map(|ring| (0..ring.len()).map(|at| [ring[at] as usize, ring[(at + 1) % ring.len()] as usize]));
    let triangulation =
        ConstrainedDelaunayTriangulation::<Point2<f64>>::bulk_load_cdt(vertices, edges.collect()).ok()?;
    if triangulation.num_vertices() != points.len() {
        return None;
    }
    let outlines: Vec<Vec<Vec2>> =
        holes.iter().map(|ring| ring.iter().map(|&at| points[at as usize]).collect()).collect();
    let faces = triangulation.inner_faces().map(|face| face.vertices().map(|vertex| vertex.index() as u32));
    let outside = |&[a, b, c]: &[u32; 3]| {
        let middle = (points[a as usize] + points[b as usize] + points[c as usize]) / 3.0;
        !outlines.iter().any(|outline| inside(outline, middle))
    };
    Some(faces.filter(outside).collect())
}

/// Whether a point is inside of a ring.
pub(super) fn inside(ring: &[Vec2], point: Vec2) -> bool {
    let mut within = false;
    let mut last = ring[ring.len() - 1];
    for &next in ring {
        if (next.y > point.y) != (last.y > point.y) {
            let crossing = last.x + (point.y - last.y) / (next.y - last.y) * (next.x - last.x);
            within ^= point.x < crossing;
        }
        last = next;
    }
    within
}
