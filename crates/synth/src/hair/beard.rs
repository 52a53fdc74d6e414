//! Beards and moustaches: layers over the skin, and ribbons where they are long.

use glam::{Vec2, Vec3};

use super::HairPart;
use super::color::HairColor;
use super::ground::{Ground, Hairline};
use super::locks::{Locks, Ribbon};
use super::material::{COMB_SCALE, Cover, HairMaterial, Kind, Weave};
use super::strand::{Comb, Root, Run};
use crate::head::{Region, Template};
use crate::{Mesh, Seed};

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
        let stubble = self.length < 2.5;
        let heights: &[f32] = if stubble { &[0.4] } else { &[0.5, 1.8] };
        let layers = heights.iter().zip(0..).filter(|(height, _)| **height <= self.length.max(0.5));
        let mut parts: Vec<HairPart> = layers
            .map(|(&height, number)| {
                let cover_of = Cover {
                    density: if stubble {
                        self.density * (0.25 + 0.2 * self.length)
                    } else {
                        self.density * [0.94, 0.7][number]
                    },
                    strand: 1.1,
                    run: if stubble { 1.5 } else { 9.0 },
                    tone: 0.62 + 0.1 * number as f32,
                    fray: if stubble { 0.35 } else { 0.9 },
                    tufts: 0.3,
                    tuft: 5.0,
                };
                let seed = self.seed.number(number as u64).value();
                let material = HairMaterial::new(&self.color, 0.4, seed, Kind::Cover(cover_of));
                HairPart { mesh: layer(skin, &cover, height), material, casts_shadow: false }
            })
            .collect();
        if self.length > 3.5 {
            parts.extend(self.ribbons(template, skin, &cover));
        }
        parts
    }

    /// How much beard each vertex has, 0..=1.
    fn cover(&self, template: &Template) -> Vec<f32> {
        let [beard, lip, burns] =
            [Region::Beard, Region::Moustache, Region::Sideburn].map(|region| template.weights(region));
        let rest = &template.mesh().rest;
        let of = |at: usize| {
            let place = rest[at];
            // The throat is shaved below the jaw, and a moustache is lower towards its ends.
            let beard = beard[at] * ((place.y + 112.0) / 16.0).clamp(0.0, 1.0);
            let top = -25.5 - 8.0 * (place.x.abs() / 30.0).powi(2);
            let lip = lip[at] * ((top - place.y) / 3.0).clamp(0.0, 1.0);
            let near = |far: f32, soft: f32| ((far + soft - place.x.abs()) / soft).clamp(0.0, 1.0);
            let chin = beard * near(22.0, 8.0) * ((place.z - 55.0) / 12.0).clamp(0.0, 1.0);
            let corners = beard * near(32.0, 7.0) * ((place.z - 60.0) / 12.0).clamp(0.0, 1.0);
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

    fn ribbons(&self, template: &Template, skin: &Mesh, cover: &[f32]) -> Vec<HairPart> {
        let ground = Ground::new(template, skin, &Hairline::FULL, 0.0, false, 0);
        let run = Run {
            comb: Comb { apart: 0.25, parting: 0.0, back: 0.15, whorl: 0.0, down: 1.0, gather: None },
            lift: 0.18 + 0.2 * self.curl,
            stiffness: 0.6,
            gravity: 0.9,
            fall: 25.0,
            volume: (2.0 + 0.12 * self.length).min(8.0),
            cling: 0.3,
            curtain: 0.0,
            tucked: false,
            cut: -1e6,
            mess: 0.35 + 0.3 * self.curl,
            turn: 0.0,
            seed: self.seed.value(),
        };
        let ribbon = Ribbon {
            width: 5.0,
            tip: 0.3,
            twist: 0.7,
            wave: 0.06 * self.length.min(30.0) * (0.3 + self.curl),
            wavelength: 22.0 - 10.0 * self.curl,
            coil: self.curl,
            round: 0.6,
            shade: 0.3,
        };
        let mut stream = self.seed.of("ribbons").stream();
        let mut locks = Locks::default();
        // One root for every so many square millimetres, wherever the sum of the areas passes the next one.
        let each = 52.0;
        let mut left = stream.between(0.0, each);
        for triangle in &skin.triangles {
            let corners = triangle.map(|at| at as usize);
            let full = corners.iter().map(|&at| cover[at]).sum::<f32>() / 3.0;
            // At the corner of the jaw the skin folds too sharply for anything but layers.
            let ahead = skin.positions[corners[0]].z > ground.marks.ear_z + 26.0;
            if full < 0.3 || !ahead {
                continue;
            }
            let [a, b, c] = corners.map(|at| skin.positions[at]);
            left -= (b - a).cross(c - a).length() * 0.5 * full;
            while left < 0.0 {
                left += each * stream.between(0.7, 1.3);
                let (u, v) = (stream.between(0.0, 1.0).sqrt(), stream.between(0.0, 1.0));
                let place = a * (1.0 - u) + b * (u * (1.0 - v)) + c * (u * v);
                let normal = corners.iter().map(|&at| skin.normals[at]).sum::<Vec3>().normalize_or(Vec3::Z);
                // Cheeks and lip are kept shorter than the chin.
                let low = ((ground.marks.chin + 40.0 - place.y) / 30.0).clamp(0.0, 1.0);
                let length = self.length.min(9.0) + (self.length - 9.0).max(0.0) * low;
                let layer = stream.between(0.2, 1.0);
                let root = Root {
                    place,
                    normal,
                    layer,
                    length: length * stream.between(0.8, 1.15),
                    fringe: true,
                    cut: 0.0,
                };
                if let Some(places) = run.lay(&ground, &root, 5) {
                    locks.add(
                        &ground,
                        &places,
                        &ribbon,
                        (0.7 + 0.3 * layer) * stream.between(0.85, 1.15),
                        &mut stream,
                    );
                }
            }
        }
        locks.colored(&self.color, 0.45, self.seed, Weave::Loose)
    }
}

/// The skin where a beard grows, moved out.
fn layer(skin: &Mesh, cover: &[f32], height: f32) -> Mesh {
    let mut mesh = Mesh::default();
    let mut moved = vec![u32::MAX; skin.positions.len()];
    for triangle in &skin.triangles {
        if triangle.iter().all(|&at| cover[at as usize] < 0.05) {
            continue;
        }
        let corners = triangle.map(|at| {
            let at = at as usize;
            if moved[at] == u32::MAX {
                moved[at] = mesh.positions.len() as u32;
                let place = skin.positions[at];
                mesh.positions.push(place + skin.normals[at] * (height * (0.25 + 0.75 * cover[at])));
                mesh.normals.push(skin.normals[at]);
                mesh.rest.push(skin.rest[at]);
                mesh.uvs.push(Vec2::new(cover[at], 0.5 + (place.x - 0.3 * place.z) / COMB_SCALE));
            }
            moved[at]
        });
        mesh.triangles.push(corners);
    }
    mesh
}
