//! Eyelashes: four bent strips along the edges of the lids.

use glam::Vec3;

use super::HairPart;
use super::color::HairColor;
use super::locks::Locks;
use super::material::Weave;
use crate::head::{Landmark, Side, Template};
use crate::{Mesh, Seed};

/// The lashes of a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lashes {
    /// Length of the upper lashes in millimetres; the lower ones are about half as long. 6 to 11 is usual.
    pub length: f32,
    /// How close they stand, 0..=1.
    pub density: f32,
    /// Their colour; mascara is a dark dye.
    pub color: HairColor,
    /// Where each lash grows.
    pub seed: Seed,
}

impl Lashes {
    /// Lashes as people of a sex (0 female, 1 male) with hair of a colour have them.
    pub fn sample(seed: Seed, sex: f32, hair: &HairColor) -> Self {
        let mut stream = seed.stream();
        let made_up = stream.chance(0.55 * (1.0 - sex));
        let mut color = hair.of_brows();
        if made_up {
            color.dye = Some(Vec3::splat(0.012));
        }
        Self {
            length: (7.0 + 1.2 * stream.normal(2.5) + if made_up { 1.5 } else { 0.0 }).max(4.0),
            density: (if made_up { 0.85 } else { 0.55 } + 0.1 * stream.normal(2.5)).clamp(0.2, 1.0),
            color,
            seed,
        }
    }

    /// Grows the lashes on the lids of a skin that has the triangles of the template.
    pub fn grow(&self, template: &Template, skin: &Mesh) -> Vec<HairPart> {
        let mut strips = Locks::default();
        let mut stream = self.seed.of("lashes").stream();
        for side in Side::BOTH {
            let middle = template.locate(skin, template.anchor(Landmark::EyeCenter(side))).0;
            for (edge, upper) in template.lid_edges(side).into_iter().zip([true, false]) {
                let count = edge.len();
                let columns: Vec<[Vec3; 4]> = edge
                    .iter()
                    .enumerate()
                    .map(|(at, &vertex)| {
                        let share = at as f32 / (count - 1).max(1) as f32;
                        let root = skin.positions[vertex as usize];
                        // Lashes fan out from the middle of the eye; they are longest towards the temple.
                        let fan = (root.x - middle.x) / 15.0;
                        let rise = if upper { 1.0 } else { -0.8 };
                        let ends = (share * 6.0).min((1.0 - share) * 5.0).clamp(0.25, 1.0);
                        let length =
                            self.length * (0.65 + 0.35 * share) * ends * if upper { 1.0 } else { 0.55 };
                        let ahead = Vec3::new(0.45 * fan, 0.15 * rise, 1.0).normalize();
                        let bent = Vec3::new(0.6 * fan, 0.95 * rise, 0.75).normalize();
                        let root = root + ahead * 0.3;
                        [0.0, 0.35, 0.7, 1.0].map(|part: f32| {
                            root + ahead * (length * part * (1.0 - 0.5 * part))
                                + bent * (0.5 * length * part * part)
                        })
                    })
                    .collect();
                strips.sheet(&columns, self.density, &mut stream);
            }
        }
        strips.colored(&self.color, 0.2, self.seed, Weave::Lash)
    }
}
