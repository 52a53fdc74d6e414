//! What is not skin: eyeballs, teeth, gums and tongue.

use std::f32::consts::{PI, TAU};

use glam::{Vec2, Vec3};

use super::face::{self, bell};
use crate::Mesh;

/// Surfaces beside the skin.
pub(super) struct Parts {
    /// Left, right.
    pub eyeballs: [Mesh; 2],
    /// Upper, lower.
    pub teeth: [Mesh; 2],
    /// Upper, lower.
    pub gums: [Mesh; 2],
    pub tongue: Mesh,
}

impl Parts {
    pub(super) fn new() -> Self {
        let eye = |sign: f32| eyeball(Vec3::new(face::EYE.x * sign, face::EYE.y, face::EYE.z));
        Self {
            eyeballs: [eye(1.0), eye(-1.0)],
            teeth: [teeth(true), teeth(false)],
            gums: [gum(true), gum(false)],
            tongue: tongue(),
        }
    }
}

/// A surface over a grid of `columns` + 1 times `rows` + 1 places in 0..=1. It is seen from where (u, v) runs
/// anticlockwise.
fn grid(columns: usize, rows: usize, surface: impl Fn(f32, f32) -> (Vec3, Vec2)) -> Mesh {
    let mut mesh = Mesh::default();
    for row in 0..=rows {
        for column in 0..=columns {
            let (point, uv) = surface(column as f32 / columns as f32, row as f32 / rows as f32);
            mesh.positions.push(point);
            mesh.uvs.push(uv);
        }
    }
    mesh.add_grid(columns as u32, rows as u32);
    mesh.rest = mesh.positions.clone();
    mesh.smooth_normals(&[]);
    mesh
}

fn eyeball(centre: Vec3) -> Mesh {
    let mut mesh = grid(32, 20, |around, down| {
        let (turn, angle) = (TAU * around, PI * (1.0 - down));
        let aside = Vec2::new(turn.cos(), turn.sin());
        let point = (aside * angle.sin()).extend(angle.cos()) * face::EYE_RADIUS;
        // Seen in a picture the chart is upright: u to the right, v down.
        (centre + point, Vec2::new(0.5 + aside.x * angle / TAU, 0.5 - aside.y * angle / TAU))
    });
    let outward = mesh.positions.iter().map(|&point| (point - centre).normalize_or(Vec3::Z));
    mesh.normals = outward.collect();
    mesh
}

/// The dental arch from the person's right (0) to the left (1), at the front of the teeth: a parabola-like curve.
fn arch(share: f32, upper: bool) -> (Vec3, Vec3) {
    let angle = (share - 0.5) * 2.0;
    let place = |t: f32| {
        let deep = if upper { 87.6 } else { 85.6 };
        let wide = if upper { 29.0 } else { 27.0 };
        Vec3::new(
            wide * (t * 1.35).sin() / 1.35f32.sin(),
            0.0,
            deep - 45.0 * (1.0 - (t * 1.2).cos()) / (1.0 - 1.2f32.cos()),
        )
    };
    let along = (place(angle + 1e-3) - place(angle - 1e-3)).normalize();
    (place(angle), Vec3::new(-along.z, 0.0, along.x))
}

/// Height of the edge of the front teeth, closed: the upper ones bite before the lower ones.
const BITE: [f32; 2] = [-44.0, -43.2];
/// Teeth of half a row from the middle: their breadth in millimetres.
const BREADTHS: [[f32; 7]; 2] = [[8.6, 6.8, 7.6, 7.0, 6.8, 10.2, 9.6], [5.4, 5.9, 6.9, 7.0, 7.2, 11.0, 10.4]];

fn teeth(upper: bool) -> Mesh {
    let breadths = BREADTHS[usize::from(!upper)];
    let whole: f32 = breadths.iter().sum();
    grid(112, 8, |along, over| {
        let (front, out) = arch(along, upper);
        let off = ((along - 0.5) * 2.0).abs() * whole;
        // Where in its tooth the point is, -1..=1.
        let (mut start, mut number) = (0.0, 0);
        while number < 6 && off > start + breadths[number] {
            start += breadths[number];
            number += 1;
        }
        let within = ((off - start) / breadths[number] * 2.0 - 1.0).clamp(-1.0, 1.0);
        let back = number as f32 / 6.0;
        let gap = within.abs().powi(6);
        let tall = 9.5 - 2.5 * back + if number == 2 { 0.8 } else { 0.0 };
        let sign = if upper { -1.0 } else { 1.0 };
        let round = gap * 0.6;
        // Over the front face, the edge, and back up behind.
        let path = over * 2.0;
        let thick = 2.0 + 5.0 * back;
        let (down, deep) = if path < 1.0 {
            (path, 0.6 * (1.0 - path))
        } else {
            (2.0 - path, thick * (path - 1.0).powf(0.6))
        };
        let bulge = 0.5 * bell(path - 0.45, 0.4) - gap * 0.6;
        let edge = BITE[usize::from(!upper)] - sign * tall * (1.0 - down) - sign * round * down;
        let mut point = front + out * (bulge - deep);
        point.y = edge;
        (point, Vec2::new(along, down))
    })
    .facing(!upper)
}

fn gum(upper: bool) -> Mesh {
    grid(40, 6, |along, over| {
        let (front, out) = arch(along, upper);
        let sign = if upper { 1.0 } else { -1.0 };
        let root = BITE[usize::from(!upper)] + sign * 7.5;
        let turn = PI * over;
        let mut point = front + out * (0.9 * turn.cos() - 3.0 * (1.0 - turn.cos()) - 0.2);
        point.y = root + sign * 8.0 * turn.sin();
        (point, Vec2::new(along, over))
    })
    .facing(upper)
}

fn tongue() -> Mesh {
    grid(16, 14, |along, around| {
        let turn = TAU * around;
        let size = (1.0 - (along * 2.0 - 1.0).powi(4)).max(0.0).sqrt();
        let (wide, tall) = (19.0 * size, 6.5 * size);
        let groove = -1.2 * bell(turn.cos(), 0.25) * turn.sin().max(0.0);
        let point = Vec3::new(
            wide * turn.cos(),
            -53.0 + 2.0 * along + tall * turn.sin() + groove,
            83.0 - 45.0 * along,
        );
        (point, Vec2::new(along, around))
    })
}

impl Mesh {
    /// As it is, or with all triangles turned around.
    fn facing(mut self, as_is: bool) -> Self {
        if !as_is {
            self.triangles.iter_mut().for_each(|triangle| triangle.swap(1, 2));
            self.smooth_normals(&[]);
        }
        self
    }
}
