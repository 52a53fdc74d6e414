//! Beards and moustaches: layers over the skin, which hang where hair is long.

use glam::{Vec2, Vec3};

use super::HairPart;
use super::color::HairColor;
use super::material::{COMB_SCALE, Cover, HairMaterial, Kind};
use crate::curve::ramp;
use crate::head::{Landmark, Region, Template};
use crate::{Mesh, Seed, noise};

/// Where a beard is left to grow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BeardKind {
    /// Nowhere.
    Clean,
    /// Everywhere, for a few days.
    Stubble,
    /// On the upper lip.
    Moustache,
    /// On the chin.
    Goatee,
    /// Around the mouth.
    Circle,
    /// Everywhere.
    Full,
}

impl BeardKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Clean, Self::Stubble, Self::Moustache, Self::Goatee, Self::Circle, Self::Full];
}

/// The beard of a person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beard {
    /// Where it grows.
    pub kind: BeardKind,
    /// Length in millimetres: 1 stubble, 5 short, 40 long.
    pub length: f32,
    /// How well it covers the skin, 0..=1.
    pub density: f32,
    /// 0 straight, 1 coily.
    pub curl: f32,
    /// Its colour.
    pub color: HairColor,
    /// Where each hair grows.
    pub seed: Seed,
}

impl Beard {
    /// No beard.
    pub fn none() -> Self {
        let color = HairColor::natural(1.5, 0.1);
        Self { kind: BeardKind::Clean, length: 0.0, density: 0.0, curl: 0.0, color, seed: Seed::new(0) }
    }

    /// A beard as people of a sex (0 female, 1 male) and age in years with hair of a colour and curl (0..=1) wear it.
    pub fn sample(seed: Seed, sex: f32, age: f32, hair: &HairColor, curl: f32) -> Self {
        let mut stream = seed.stream();
        if sex < 0.5 || age < 16.0 {
            return Self { color: hair.of_beard(), seed, ..Self::none() };
        }
        let grown = ((age - 16.0) / 8.0).clamp(0.0, 1.0);
        let weights = [0.5, 0.2, 0.05, 0.04 * grown, 0.06 * grown, 0.2 * grown];
        let kind = BeardKind::ALL[stream.weighted(&weights)];
        let length = match kind {
            BeardKind::Clean => 0.0,
            BeardKind::Stubble => stream.log_between(0.6, 2.2),
            BeardKind::Moustache => stream.log_between(4.0, 10.0),
            BeardKind::Goatee | BeardKind::Circle => stream.log_between(3.0, 25.0),
            BeardKind::Full => stream.log_between(3.0, 55.0),
        };
        let density = (0.75 + 0.2 * stream.normal(2.0)).clamp(0.35, 1.0) * (0.5 + 0.5 * grown);
        Self { kind, length, density, curl, color: hair.of_beard(), seed }
    }

    /// Grows it on a skin that has the triangles of the template. A clean face has none.
    pub fn grow(&self, template: &Template, skin: &Mesh) -> Vec<HairPart> {
        if self.kind == BeardKind::Clean || self.length <= 0.0 {
            return Vec::new();
        }
        let cover = self.cover(template);
        let chin = template.locate(skin, template.anchor(Landmark::Menton)).0.y;
        let stubble = self.length < 2.5;
        // From the skin to the ends of the hair: more and more is seen through.
        let layers: &[(f32, f32)] =
            if stubble { &[(0.3, 1.0)] } else { &[(0.15, 1.0), (0.6, 0.97), (1.0, 0.7)] };
        let layer = |(number, &(share, density)): (usize, &(f32, f32))| {
            let density = if stubble { 0.25 + 0.2 * self.length } else { density };
            let cover_of = Cover {
                density: self.density.sqrt() * density,
                strand: if stubble { 1.1 } else { 1.3 + 0.5 * self.curl },
                run: if stubble { 1.5 } else { 4.0 - 2.0 * self.curl },
                tone: 0.68 + 0.14 * number as f32,
                fray: if stubble { 0.5 } else { 1.0 },
                soft: [0.04 + 0.1 * number as f32, 0.7 + 0.12 * number as f32],
                tufts: if stubble { 0.3 } else { 0.7 },
            };
            let seed = self.seed.number(number as u64).value();
            let material = HairMaterial::new(&self.color, 0.4, seed, Kind::Cover(cover_of));
            let mesh = self.layer(skin, &cover, share, chin);
            HairPart { mesh, material, casts_shadow: false }
        };
        layers.iter().enumerate().map(layer).collect()
    }

    /// How much beard each vertex has, 0..=1.
    fn cover(&self, template: &Template) -> Vec<f32> {
        let [beard, lip, burns] =
            [Region::Beard, Region::Moustache, Region::Sideburn].map(|region| template.weights(region));
        let rest = &template.mesh().rest;
        let of = |at: usize| {
            let place = rest[at];
            // The throat is shaved below the jaw, and a moustache is lower towards its ends.
            let beard = beard[at] * ramp(-122.0, -90.0, place.y + 0.1 * (place.x.abs() - 20.0));
            let top = -25.5 - 8.0 * (place.x.abs() / 30.0).powi(2);
            let lip = lip[at] * ((top - place.y) / 3.0).clamp(0.0, 1.0);
            let near = |far: f32, soft: f32| ((far + soft - place.x.abs()) / soft).clamp(0.0, 1.0);
            let chin = beard
                * near(15.0 + 8.0 * ramp(-62.0, -85.0, place.y), 10.0)
                * ((place.z - 55.0) / 12.0).clamp(0.0, 1.0);
            let corners = beard
                * near(27.0 + 4.0 * ramp(-85.0, -60.0, place.y), 10.0)
                * ((place.z - 60.0) / 12.0).clamp(0.0, 1.0);
            match self.kind {
                BeardKind::Clean => 0.0,
                BeardKind::Moustache => lip,
                BeardKind::Goatee => chin,
                BeardKind::Circle => lip.max(corners),
                BeardKind::Stubble => beard.max(lip).max(0.8 * burns[at]),
                BeardKind::Full => beard.max(lip).max(burns[at]),
            }
        };
        (0..rest.len()).map(of).collect()
    }

    /// The skin where a beard grows, moved out by a share of its length. Long hair hangs from the chin.
    fn layer(&self, skin: &Mesh, cover: &[f32], share: f32, chin: f32) -> Mesh {
        let mut mesh = Mesh::default();
        let mut moved = vec![u32::MAX; skin.positions.len()];
        let out = 0.3 + share * (0.55 * self.length.min(6.0) + 0.16 * (self.length.min(30.0) - 6.0).max(0.0));
        let down = share * (self.length - 7.0).max(0.0);
        let least = 0.04 + 0.1 * share;
        for triangle in &skin.triangles {
            let full = triangle.map(|at| cover[at as usize]);
            let bare = full.iter().all(|&full| full < least);
            // What lies below the thick of a beard is not seen.
            let hidden = self.length > 2.5 && share < 0.3 && full.iter().all(|&full| full > 0.95);
            if bare || hidden {
                continue;
            }
            let corners = triangle.map(|at| {
                let at = at as usize;
                if moved[at] == u32::MAX {
                    moved[at] = mesh.positions.len() as u32;
                    let (place, rest) = (skin.positions[at], skin.rest[at]);
                    let full = cover[at];
                    // Cheeks and lip are kept shorter than the chin, and below it hair hangs from in front.
                    let low = ramp(chin + 45.0, chin + 6.0, place.y) * ramp(40.0, 75.0, rest.z);
                    let uneven =
                        1.0 + 0.22 * noise::gradient(rest * Vec3::new(0.11, 0.03, 0.05), self.seed.value());
                    let hanging = Vec3::new(0.0, -1.0, 0.12) * (down * low * full * uneven);
                    let thick = out * (0.15 + 0.85 * full) * uneven;
                    mesh.positions.push(place + skin.normals[at] * thick + hanging);
                    mesh.normals.push(skin.normals[at]);
                    mesh.rest.push(rest);
                    // Ends are thin.
                    let thin = 1.0 - 0.55 * share * ramp(chin + 14.0, chin - 2.0, place.y);
                    mesh.uvs.push(Vec2::new(full * thin, 0.5 + (rest.x - 0.3 * rest.z) / COMB_SCALE));
                }
                moved[at]
            });
            mesh.triangles.push(corners);
        }
        if down > 3.0 {
            mesh.smooth_normals(&[]);
        }
        mesh
    }
}
