//! Ribbons of strands along the ways of locks.

use std::f32::consts::TAU;

use glam::{Vec2, Vec3};

use super::HairPart;
use super::color::HairColor;
use super::ground::Ground;
use super::material::{HairMaterial, Kind, Lock, Weave};
use super::style::Hairstyle;
use crate::{Mesh, Seed, Stream};

/// Green albedo from which hair is fair.
const FAIR: f32 = 0.09;

/// A mesh of ribbons, and what is known of each.
///
/// The normals are those of the ribbons, but hair is lit as the body that it covers: single ribbons, which turn
/// this way and that, would be dark and bright by chance. So `rest` of their mesh is the direction that light
/// sees, which [`HairMaterial`] turns the normal to.
#[derive(Default)]
pub(super) struct Locks {
    pub(super) mesh: Mesh,
    pub(super) locks: Vec<Lock>,
    /// Which ribbon each vertex belongs to, and where on it: across and along, 0..=1.
    places: Vec<(usize, f32, f32)>,
}

/// How a ribbon is shaped.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ribbon {
    /// Where it is widest, in millimetres.
    pub(super) width: f32,
    /// How wide its end is, as a share.
    pub(super) tip: f32,
    /// How far it turns out of the surface, in radians, at most.
    pub(super) twist: f32,
    /// How far it swings to the sides, in millimetres, and over which length.
    pub(super) wave: f32,
    pub(super) wavelength: f32,
    /// How much of a swing goes round, 0 for a wave, 1 for a corkscrew.
    pub(super) coil: f32,
    /// How round it is shaded, in radians to each side.
    pub(super) round: f32,
    /// How much darker its root is, 0..=1.
    pub(super) shade: f32,
}

impl Locks {
    /// Adds a ribbon along places that are outside of the ground. `tone` is its brightness.
    pub(super) fn add(
        &mut self,
        ground: &Ground<'_>,
        places: &[Vec3],
        ribbon: &Ribbon,
        tone: f32,
        stream: &mut Stream,
    ) {
        let steps = places.len() - 1;
        let step = places[0].distance(places[1]).max(0.1);
        let lock = self.locks.len();
        let (phase, twist) = (stream.between(0.0, TAU), stream.between(-ribbon.twist, ribbon.twist));
        let stretch = stream.between(0.8, 1.25);
        let first = self.mesh.positions.len() as u32;
        for (at, &place) in places.iter().enumerate() {
            let along = at as f32 / steps as f32;
            let ahead = places[(at + 1).min(steps)] - places[at.saturating_sub(1)];
            let ahead = ahead.normalize_or(Vec3::NEG_Y);
            let out = ground.outward(place);
            let out = (out - ahead * out.dot(ahead)).normalize_or(out);
            let side = ahead.cross(out).normalize_or(Vec3::X);
            // Roots stay where they are.
            let free = (along * steps as f32 * step / 20.0).min(1.0);
            let swing = phase + at as f32 * step * TAU / (ribbon.wavelength * stretch);
            let sway = side * swing.sin() + out * (ribbon.coil * (1.0 + swing.cos()));
            let center = place + sway * (ribbon.wave * free);
            let turned = side * (twist * free).cos() + out * (twist * free).sin();
            let facing = turned.cross(ahead).normalize_or(out);
            let body = ground.outward(place);
            let normal = body + facing * (0.5 * facing.dot(body).signum());
            let swell = if along < 0.25 { 0.6 + 1.6 * along } else { 1.0 };
            let narrow = 1.0 - (1.0 - ribbon.tip) * ((along - 0.4) / 0.6).max(0.0);
            let half = 0.5 * ribbon.width * swell * narrow;
            for (across, sign) in [(0.0, -1.0), (1.0, 1.0)] {
                let edge = ground.outside(center + turned * (half * sign), if at == 0 { 0.2 } else { 0.6 });
                let bent = normal * ribbon.round.cos() + turned * (ribbon.round.sin() * sign);
                self.mesh.positions.push(edge);
                self.mesh.normals.push(facing);
                self.mesh.rest.push(bent.normalize_or(body));
                self.places.push((lock, across, along));
            }
        }
        for at in 0..steps as u32 {
            let [a, b, c, d] = [0, 1, 2, 3].map(|corner| first + 2 * at + corner);
            self.mesh.triangles.extend([[a, b, c], [b, d, c]]);
        }
        let (length, seed) = (step * steps as f32, stream.below(1 << 24) as u32);
        self.locks.push(Lock { tone, shade: ribbon.shade, width: ribbon.width, length, seed });
    }

    /// Adds a sheet of hairs that stand side by side: columns of places from the root to the end.
    pub(super) fn sheet(&mut self, columns: &[[Vec3; 4]], tone: f32, stream: &mut Stream) {
        let (Some(start), Some(end)) = (columns.first(), columns.last()) else { return };
        let lock = self.locks.len();
        let (first, last) = (self.mesh.positions.len() as u32, columns.len() as u32 - 1);
        for (number, column) in columns.iter().enumerate() {
            let beside = columns[(number + 1).min(last as usize)][0] - columns[number.saturating_sub(1)][0];
            for (at, &place) in column.iter().enumerate() {
                let ahead = column[(at + 1).min(3)] - column[at.max(1) - 1];
                self.mesh.positions.push(place);
                self.mesh.normals.push(beside.cross(ahead).normalize_or(Vec3::Y));
                self.mesh.rest.push(Vec3::Z);
                self.places.push((lock, number as f32 / last.max(1) as f32, at as f32 / 3.0));
            }
        }
        for column in 0..last {
            for at in 0..3 {
                let [a, b] = [first + 4 * column + at, first + 4 * column + at + 4];
                self.mesh.triangles.extend([[a, b, a + 1], [b, b + 1, a + 1]]);
            }
        }
        let (width, seed) = (start[0].distance(end[0]), stream.below(1 << 24) as u32);
        self.locks.push(Lock { tone, shade: 0.0, width, length: 8.0, seed });
    }

    /// The hair of these ribbons in the colour and with the shine of a style.
    pub(super) fn part(self, style: &Hairstyle, weave: Weave) -> HairPart {
        // Light shines through fair hair; a shadow would be as hard as that of a wall.
        let dense = style.color.albedo().y < FAIR && matches!(weave, Weave::Plait(_));
        self.made(&style.color, style.shine, style.seed, weave, dense)
    }

    /// The hair of these ribbons in a colour; it casts no shadow. None if there are none.
    pub(super) fn colored(self, color: &HairColor, shine: f32, seed: Seed, weave: Weave) -> Vec<HairPart> {
        if self.locks.is_empty() { Vec::new() } else { vec![self.made(color, shine, seed, weave, false)] }
    }

    /// The chart has ribbon beside ribbon, with margins between them.
    fn made(
        mut self,
        color: &HairColor,
        shine: f32,
        seed: Seed,
        weave: Weave,
        casts_shadow: bool,
    ) -> HairPart {
        let count = self.locks.len().max(1) as f32;
        let chart = |&(lock, across, along): &(usize, f32, f32)| {
            Vec2::new((lock as f32 + 0.1 + 0.8 * across) / count, along)
        };
        self.mesh.uvs = self.places.iter().map(chart).collect();
        let kind = Kind::Locks { locks: self.locks, weave };
        let material = HairMaterial::new(color, shine, seed.of("strands").value(), kind);
        HairPart { mesh: self.mesh, material, casts_shadow }
    }
}
