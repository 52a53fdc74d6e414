//! Sheets of hair: locks side by side as one surface, which has no gaps.

use glam::{Vec2, Vec3};

use super::HairPart;
use super::ground::Ground;
use super::material::{HairMaterial, Kind, SHEET_SCALE, Strands};
use super::style::Hairstyle;
use crate::{Mesh, noise};

/// Fullness from which nothing is seen through hair, and the most that means anything.
const CLOSED: f32 = 1.6;
pub(super) const FULL: f32 = 2.0;

/// A place of a column.
#[derive(Clone, Copy, Debug)]
pub(super) struct Knot {
    pub(super) place: Vec3,
    /// How close strands lie: 0 none, 1 about half of the surface, [`FULL`] everywhere.
    pub(super) full: f32,
}

/// A grid of columns from the roots to the tips, side by side from the person's right to the left or the other way.
pub(super) struct Sheet {
    pub(super) columns: Vec<Vec<Knot>>,
    /// Whether the last column lies beside the first.
    pub(super) closed: bool,
    /// Whether it goes around itself rather than around the head; then columns go clockwise, seen along them.
    pub(super) tube: bool,
}

impl Sheet {
    /// Makes columns more even: each becomes the mean with those beside it, `rounds` times.
    pub(super) fn evened(mut self, rounds: usize) -> Self {
        let count = self.columns.len();
        for _ in 0..rounds {
            let old = self.columns.clone();
            for (at, column) in self.columns.iter_mut().enumerate() {
                let edge = !self.closed && (at == 0 || at + 1 == count);
                if edge {
                    continue;
                }
                let (before, after) = (&old[(at + count - 1) % count], &old[(at + 1) % count]);
                for ((knot, a), b) in column.iter_mut().zip(before).zip(after) {
                    knot.place = knot.place * 0.5 + (a.place + b.place) * 0.25;
                }
            }
        }
        self
    }

    /// Moves what lies too deep out of the head: `least` millimetres above it at the tips.
    pub(super) fn outside(mut self, ground: &Ground<'_>, least: f32) -> Self {
        for column in &mut self.columns {
            let rows = column.len() as f32;
            for (row, knot) in column.iter_mut().enumerate() {
                let high = least * (4.0 * row as f32 / rows).min(1.0);
                knot.place = ground.outside(knot.place, high.max(0.4));
            }
        }
        self
    }

    /// Pushes locks of about `wide` millimetres out and in by up to `deep`, more towards the tips, and waves them.
    pub(super) fn clumped(mut self, ground: &Ground<'_>, deep: f32, wide: f32, seed: u64) -> Self {
        let across = self.across();
        for (column, x) in self.columns.iter_mut().zip(across) {
            let rows = column.len() as f32 - 1.0;
            let mut along = 0.0;
            let mut before = column[0].place;
            for (row, knot) in column.iter_mut().enumerate() {
                along += knot.place.distance(before);
                before = knot.place;
                let at = Vec3::new(x / wide, along / (6.0 * wide), 0.5);
                let free = (along / 25.0).min(1.0) * (0.5 + 0.5 * row as f32 / rows);
                knot.place += ground.outward(knot.place) * (deep * free * noise::gradient(at, seed));
            }
        }
        self
    }

    /// Waves columns out and in by `deep` millimetres over a wavelength, neighbours nearly alike.
    pub(super) fn waved(mut self, ground: &Ground<'_>, deep: f32, wavelength: f32, seed: u64) -> Self {
        if deep < 0.2 {
            return self;
        }
        let across = self.across();
        for (column, x) in self.columns.iter_mut().zip(across) {
            let turn = 5.0 * noise::gradient(Vec3::new(x / 40.0, 3.5, 0.5), seed);
            let (mut along, mut before) = (0.0, column[0].place);
            for knot in column.iter_mut() {
                along += knot.place.distance(before);
                before = knot.place;
                let free = (along / 60.0).min(1.0);
                let swing = (along * std::f32::consts::TAU / wavelength + turn).sin();
                knot.place += ground.outward(knot.place) * (deep * free * swing);
            }
        }
        self
    }

    /// The same hair `high` millimetres farther out and no fuller than `most`.
    pub(super) fn raised(&self, ground: &Ground<'_>, high: f32, most: f32) -> Self {
        let raise = |knot: &Knot| {
            let place = knot.place + ground.outward(knot.place) * (high * (0.5 * knot.full).min(1.0));
            Knot { place: ground.outside(place, 1.8), full: knot.full.min(most) }
        };
        let columns = self.columns.iter().map(|column| column.iter().map(raise).collect());
        Self { columns: columns.collect(), closed: self.closed, tube: self.tube }
    }

    /// How far columns lie from the first one, in millimetres, where they are farthest apart.
    pub(super) fn across(&self) -> Vec<f32> {
        let mut sum = 0.0;
        let mut across = vec![0.0];
        for pair in self.columns.windows(2) {
            let widest = pair[0].iter().zip(&pair[1]).map(|(a, b)| a.place.distance(b.place));
            // Far ends of hair fan out; the head itself says how wide hair is.
            sum += widest.fold(0.0, f32::max).min(14.0);
            across.push(sum);
        }
        across
    }

    /// Two parts of one look: what is closed, and its borders, which can be seen through.
    pub(super) fn parts(&self, ground: &Ground<'_>, style: &Hairstyle, strands: Strands) -> Vec<HairPart> {
        let seed = style.seed.of("sheet").value();
        let material = |border: bool| {
            let kind = Kind::Sheet { strands, border };
            HairMaterial::new(&style.color, style.shine, seed, kind)
        };
        let part = |border: bool| {
            let mesh = self.mesh(ground, border);
            HairPart { mesh, material: material(border), casts_shadow: !border }
        };
        let parts = [part(false), part(true)];
        parts.into_iter().filter(|part| !part.mesh.triangles.is_empty()).collect()
    }

    /// Triangles whose corners are all closed, or the others. `rest` is as long as hair is full: the direction across the
    /// strands, or at borders the normal, since they are lit as the body that they lie on from both sides; `uv` is across and along, by [`SHEET_SCALE`] millimetres.
    fn mesh(&self, ground: &Ground<'_>, border: bool) -> Mesh {
        let mut mesh = Mesh::default();
        let (count, rows) = (self.columns.len(), self.columns.first().map_or(0, Vec::len));
        if count < 2 || rows < 2 {
            return mesh;
        }
        let across = self.across();
        let wide = across[count - 1] + across[count - 1] / (count - 1) as f32;
        let lines = if self.closed { count + 1 } else { count };
        let sign = self.sign(ground);
        let closed = |line: usize, row: usize| self.columns[line % count][row].full >= CLOSED;
        let mut numbers = vec![u32::MAX; lines * rows];
        for line in 0..lines - 1 {
            for row in 0..rows - 1 {
                let corners = [(line, row), (line + 1, row), (line, row + 1), (line + 1, row + 1)];
                let shut = corners.iter().all(|&(line, row)| closed(line, row));
                let none = corners.iter().all(|&(line, row)| self.columns[line % count][row].full <= 0.0);
                if shut == border || none {
                    continue;
                }
                let quad = corners.map(|(line, row)| {
                    let number = &mut numbers[line * rows + row];
                    if *number == u32::MAX {
                        *number = mesh.positions.len() as u32;
                        let x = if line == count { wide } else { across[line] };
                        self.add(ground, &mut mesh, [line, row], x, sign);
                    }
                    *number
                });
                let [a, b, c, d] = quad;
                let [p, q, r, s] = quad.map(|at| mesh.positions[at as usize]);
                let normals = quad.iter().map(|&at| mesh.normals[at as usize]).sum::<Vec3>();
                let right = (s - p).cross(r - q).dot(normals) > 0.0;
                mesh.triangles.extend(if right { [[a, b, d], [a, d, c]] } else { [[a, d, b], [a, c, d]] });
            }
        }
        if border {
            for (rest, normal) in mesh.rest.iter_mut().zip(&mesh.normals) {
                *rest = *normal * rest.length();
            }
        }
        mesh
    }

    /// Whether what goes across and then along turns to the outside (1) or to the inside (-1).
    fn sign(&self, ground: &Ground<'_>) -> f32 {
        if self.tube {
            return 1.0;
        }
        let mut sum = 0.0;
        for pair in self.columns.windows(2).step_by(3) {
            for (a, b) in pair[0].windows(2).zip(&pair[1]).step_by(2) {
                let normal = (b.place - a[0].place).cross(a[1].place - a[0].place);
                sum += normal.dot(ground.outward(a[0].place));
            }
        }
        sum.signum()
    }

    fn add(&self, ground: &Ground<'_>, mesh: &mut Mesh, [line, row]: [usize; 2], x: f32, sign: f32) {
        let count = self.columns.len();
        let column = &self.columns[line % count];
        let knot = column[row];
        let beside = |row: usize| {
            let (before, after) = if self.closed {
                ((line + count - 1) % count, (line + 1) % count)
            } else {
                (line.saturating_sub(1), (line + 1).min(count - 1))
            };
            self.columns[after][row].place - self.columns[before][row].place
        };
        let out = ground.outward(knot.place);
        // Where columns meet in a point, the next row says how they lie.
        let (at, row) = (row, row.clamp(1, column.len() - 2));
        let ahead = column[row + 1].place - column[row - 1].place;
        let across = beside(row);
        let normal = (across.cross(ahead) * sign).normalize_or(out);
        // The body of the head gives sheets that lie on it an even light.
        let out = if self.tube { normal } else { out };
        let along: f32 = column[..=at].windows(2).map(|pair| pair[0].place.distance(pair[1].place)).sum();
        mesh.positions.push(knot.place);
        mesh.normals.push((normal + out * 0.3).normalize_or(out));
        mesh.rest.push(across.normalize_or(Vec3::X) * knot.full.clamp(0.02, FULL));
        mesh.uvs.push(Vec2::new(x, along) / SHEET_SCALE);
    }
}
