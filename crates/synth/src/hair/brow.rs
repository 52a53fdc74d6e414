//! Eyebrows: layers over the skin whose hairs lean outwards.

use glam::{Vec2, Vec3};

use super::HairPart;
use super::color::HairColor;
use super::material::{Arch, HairMaterial, Kind};
use crate::head::{Landmark, Template};
use crate::{Mesh, Seed};

/// Farthest from the middle line of a brow that its layer reaches, in millimetres.
const REACH: f32 = 9.0;
/// How high the layers lie above the skin, in millimetres.
const LAYERS: [f32; 2] = [0.5, 1.2];

/// Both eyebrows of a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brows {
    /// Height where they are thickest, in millimetres: 3 plucked, 6 usual, 11 bushy.
    pub thickness: f32,
    /// How well they cover the skin, 0..=1.
    pub density: f32,
    /// How far the middle is raised above its usual place, in millimetres.
    pub arch: f32,
    /// How far the outer end is raised, in millimetres.
    pub tilt: f32,
    /// How long they are, as a share of the usual length.
    pub length: f32,
    /// How far hair also grows between them, 0..=1.
    pub joined: f32,
    /// Their colour.
    pub color: HairColor,
    /// Where each hair grows.
    pub seed: Seed,
}

impl Brows {
    /// Brows as people of a sex (0 female, 1 male) with hair of a colour have them.
    pub fn sample(seed: Seed, sex: f32, hair: &HairColor) -> Self {
        let mut stream = seed.stream();
        Self {
            thickness: (5.3 + 2.2 * sex + 1.6 * stream.normal(2.5)).clamp(2.6, 11.0),
            density: (0.68 + 0.1 * sex + 0.16 * stream.normal(2.5)).clamp(0.3, 1.0),
            arch: (1.2 - 1.4 * sex) + 1.6 * stream.normal(2.5),
            tilt: 1.7 * stream.normal(2.5),
            length: 1.0 + 0.06 * stream.normal(2.5),
            joined: if stream.chance(0.05 + 0.12 * sex) { stream.between(0.1, 0.7) } else { 0.0 },
            color: hair.of_brows(),
            seed,
        }
    }

    /// Grows both brows on a skin that has the triangles of the template.
    pub fn grow(&self, template: &Template, skin: &Mesh) -> Vec<HairPart> {
        let rest = template.mesh();
        let line: Vec<Vec2> = (22..=26)
            .map(|number| template.locate(rest, template.anchor(Landmark::Ibug(number))).0.truncate())
            .collect();
        // Both layers lie on the same places.
        let places: Vec<Option<Vec2>> = skin.rest.iter().map(|rest| self.place(*rest, &line)).collect();
        let ends = [line[0].x, line[line.len() - 1].x];
        let layer = |(number, height): (u64, f32)| {
            let arch = Arch {
                thickness: self.thickness * (1.0 - 0.15 * number as f32),
                density: self.density,
                joined: self.joined,
            };
            let material =
                HairMaterial::new(&self.color, 0.3, self.seed.number(number).value(), Kind::Brow(arch));
            HairPart { mesh: layer(skin, &places, ends, height), material, casts_shadow: false }
        };
        (0..).zip(LAYERS).map(layer).collect()
    }

    /// Where a place of the mean head lies on a brow: the share of its length from the inner end, and millimetres
    /// above its middle line. None far away.
    fn place(&self, rest: Vec3, line: &[Vec2]) -> Option<Vec2> {
        let at = Vec2::new(rest.x.abs(), rest.y);
        let [inner, outer] = [line[0], line[line.len() - 1]];
        if rest.z < 30.0 || (at.y - inner.y).abs() > 30.0 || at.x > outer.x + 20.0 {
            return None;
        }
        let share = (at.x - inner.x) / ((outer.x - inner.x) * self.length);
        let step = (share * (line.len() - 1) as f32).clamp(0.0, line.len() as f32 - 1.001);
        let (from, to) = (line[step as usize], line[step as usize + 1]);
        let middle = from.y + (to.y - from.y) * step.fract();
        let raised = self.arch * (1.0 - (share - 0.62).abs() / 0.62).max(0.0) + self.tilt * (share - 0.4);
        let rise = (to.y - from.y) / (to.x - from.x);
        Some(Vec2::new(share, (at.y - middle - raised) / (1.0 + rise * rise).sqrt()))
    }
}

/// The skin around the brows, moved out. `places` are those of its vertices on a brow, `inner` and `outer` where brows
/// begin and end. `uv.x` is 0.25 at the inner end and 0.75 at the outer, `uv.y` 0.5 on the middle line.
fn layer(skin: &Mesh, places: &[Option<Vec2>], [inner, outer]: [f32; 2], height: f32) -> Mesh {
    let mut mesh = Mesh::default();
    let mut moved = vec![u32::MAX; skin.positions.len()];
    let first = inner - 30.0;
    for triangle in &skin.triangles {
        let near = triangle.iter().any(|&at| {
            let rest = skin.rest[at as usize];
            let inside = rest.x.abs() > first && rest.x.abs() < outer + 8.0;
            inside && places[at as usize].is_some_and(|place| place.y.abs() < REACH)
        });
        if !near || triangle.iter().any(|&at| places[at as usize].is_none()) {
            continue;
        }
        let corners = triangle.map(|at| {
            let at = at as usize;
            if moved[at] == u32::MAX {
                moved[at] = mesh.positions.len() as u32;
                let place = places[at].unwrap_or_default();
                mesh.positions.push(skin.positions[at] + skin.normals[at] * height);
                mesh.normals.push(skin.normals[at]);
                mesh.rest.push(skin.rest[at]);
                mesh.uvs.push(Vec2::new(0.25 + 0.5 * place.x, 0.5 + place.y / Arch::TALL));
            }
            moved[at]
        });
        mesh.triangles.push(corners);
    }
    mesh
}
