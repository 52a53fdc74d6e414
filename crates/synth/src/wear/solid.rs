//! Simple bodies: sheets, tubes, balls.

use std::f32::consts::{PI, TAU};

use glam::{Vec2, Vec3};

use crate::Mesh;

/// A sheet of `columns` x `rows` quads; `place` says where the point u, v (0..=1 each) is. With u to the right and v
/// up, the outside faces the viewer. A closed sheet meets itself at u = 0 and 1.
pub(crate) fn sheet(
    columns: usize,
    rows: usize,
    closed: bool,
    mut place: impl FnMut(f32, f32) -> Vec3,
) -> Mesh {
    let mut mesh = Mesh::default();
    for row in 0..=rows {
        for column in 0..=columns {
            let uv = Vec2::new(column as f32 / columns as f32, row as f32 / rows as f32);
            mesh.uvs.push(uv);
            mesh.positions.push(place(uv.x, uv.y));
        }
    }
    let wide = columns as u32 + 1;
    mesh.add_grid(columns as u32, rows as u32);
    let seam = |row: u32| [row * wide, row * wide + wide - 1];
    let seams: Vec<[u32; 2]> = if closed { (0..=rows as u32).map(seam).collect() } else { Vec::new() };
    finished(mesh, &seams)
}

/// Makes normals and takes the positions for the pattern's.
fn finished(mut mesh: Mesh, seams: &[[u32; 2]]) -> Mesh {
    mesh.rest = mesh.positions.clone();
    mesh.smooth_normals(seams);
    mesh
}

/// A tube along a path; `section` says how far its surface is from the path at an angle: along the side and along the
/// upper direction that is nearest to `up`. Ends are closed. A closed path returns to its first point by itself.
pub(crate) fn tube(
    path: &[Vec3],
    closed: bool,
    sides: usize,
    up: Vec3,
    section: impl Fn(f32, f32) -> Vec2,
) -> Mesh {
    let last = path.len() - 1;
    let rings = if closed { path.len() } else { last };
    let frame = |at: usize| {
        let (before, after) = if closed {
            (path[(at + last) % path.len()], path[(at + 1) % path.len()])
        } else {
            (path[at.saturating_sub(1)], path[(at + 1).min(last)])
        };
        let along = (after - before).normalize_or(Vec3::Z);
        let side = up.cross(along).normalize_or(along.any_orthonormal_vector());
        (side, along.cross(side))
    };
    let mut mesh = sheet(sides, rings, true, |u, v| {
        let ring = (v * rings as f32).round() as usize;
        let at = if closed { ring % path.len() } else { ring };
        let (side, up) = frame(at);
        let offset = section(v, u * TAU);
        path[at] + side * offset.x + up * offset.y
    });
    if !closed {
        let wide = sides as u32 + 1;
        for (ring, start) in [(0, true), (rings as u32, false)] {
            let centre = mesh.positions.len() as u32;
            mesh.positions.push(path[ring as usize]);
            mesh.uvs.push(Vec2::new(0.5, f32::from(!start)));
            for side in 0..sides as u32 {
                let [a, b] = [ring * wide + side, ring * wide + side + 1];
                mesh.triangles.push(if start { [centre, b, a] } else { [centre, a, b] });
            }
        }
    }
    let seams: Vec<[u32; 2]> = (0..=rings as u32)
        .map(|ring| [ring * (sides as u32 + 1), (ring + 1) * (sides as u32 + 1) - 1])
        .collect();
    finished(mesh, &seams)
}

/// A round tube of one thickness.
pub(crate) fn cord(path: &[Vec3], radius: f32, sides: usize) -> Mesh {
    let way = path[path.len() - 1] - path[0];
    let up = if way.normalize_or_zero().y.abs() < 0.8 { Vec3::Y } else { Vec3::Z };
    tube(path, false, sides, up, |_, angle| Vec2::from_angle(angle) * radius)
}

/// An ellipsoid.
pub(crate) fn ball(centre: Vec3, radii: Vec3, columns: usize, rows: usize) -> Mesh {
    sheet(columns, rows, true, |u, v| {
        let (azimuth, elevation) = (u * TAU, (v - 0.5) * PI);
        let level = Vec3::new(azimuth.sin(), 0.0, azimuth.cos()) * elevation.cos();
        centre + radii * (level + Vec3::Y * elevation.sin())
    })
}

/// A smooth line of `count` + 1 points through some points (Catmull and Rom 1974).
pub(crate) fn curve(through: &[Vec3], count: usize) -> Vec<Vec3> {
    let last = through.len() - 1;
    let point = |at: isize| through[at.clamp(0, last as isize) as usize];
    (0..=count)
        .map(|step| {
            let place = step as f32 / count as f32 * last as f32;
            let at = (place as isize).min(last as isize - 1);
            let t = place - at as f32;
            let [a, b, c, d] = [at - 1, at, at + 1, at + 2].map(point);
            0.5 * (2.0 * b
                + (c - a) * t
                + (2.0 * a - 5.0 * b + 4.0 * c - d) * t * t
                + (3.0 * b - a - 3.0 * c + d) * t * t * t)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_face_outward() {
        let centre = Vec3::new(3.0, 4.0, 5.0);
        let round = ball(centre, Vec3::new(10.0, 20.0, 30.0), 24, 12);
        for (normal, position) in round.normals.iter().zip(&round.positions) {
            assert!(normal.dot(*position - centre) > 0.0);
        }
        let path = [Vec3::ZERO, Vec3::new(0.0, 5.0, 40.0), Vec3::new(10.0, 5.0, 80.0)];
        let pipe = cord(&curve(&path, 12), 3.0, 10);
        let line = curve(&path, 200);
        for (normal, position) in pipe.normals.iter().zip(&pipe.positions) {
            let nearest = line.iter().min_by(|a, b| a.distance(*position).total_cmp(&b.distance(*position)));
            assert!(normal.dot(*position - *nearest.unwrap()) > -0.1);
        }
        let ring: Vec<Vec3> =
            (0..24).map(|at| Vec2::from_angle(at as f32 / 24.0 * TAU).extend(0.0) * 30.0).collect();
        let ring = tube(&ring, true, 8, Vec3::Z, |_, angle| Vec2::from_angle(angle) * 4.0);
        for (normal, position) in ring.normals.iter().zip(&ring.positions) {
            let nearest = position.truncate().normalize().extend(0.0) * 30.0;
            assert!(normal.dot(*position - nearest) > 2.0, "{normal} {position}");
        }
    }

    #[test]
    fn a_curve_goes_through_its_points() {
        let points = [Vec3::ZERO, Vec3::X, Vec3::ONE, Vec3::new(3.0, 1.0, 0.0)];
        let line = curve(&points, 30);
        assert_eq!(line.len(), 31);
        for (at, point) in points.into_iter().enumerate() {
            assert!(line[at * 10].distance(point) < 1e-5);
        }
    }
}
