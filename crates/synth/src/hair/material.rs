//! What hair looks like from near and far: streaks of strands along locks, ragged edges, thin ends.

use std::f32::consts::TAU;

use glam::{Vec2, Vec3};

use super::color::HairColor;
use crate::curve::ramp;
use crate::{Material, Reflectance, SurfacePoint, noise};

/// The share that a fibre of keratin mirrors head-on: its refractive index is 1.55.
const GLOSS: f32 = 0.046;
/// `uv.y` of a cover is a length in millimetres divided by this, around 0.5.
pub(super) const COMB_SCALE: f32 = 2000.0;
/// Millimetres from 0 to 1 of the `uv` of a sheet.
pub(super) const SHEET_SCALE: f32 = 2000.0;

/// Hair as a material. Its `uv` and `rest` are those of the mesh that it was grown with.
#[derive(Clone, Debug)]
pub struct HairMaterial {
    pigmented: Vec3,
    white: Vec3,
    grey: f32,
    bleached: f32,
    shine: f32,
    seed: u64,
    kind: Kind,
}

/// How strands lie on the mesh.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// On ribbons: `uv.x` counts ribbons, its fraction goes across; `uv.y` goes along; `rest` is the direction
    /// that light sees.
    Locks { locks: Vec<Lock>, weave: Weave },
    /// On a sheet: `uv` is millimetres across and along by [`SHEET_SCALE`]; `rest` is as long as hair
    /// is full, 0..=2, and goes across the strands, or at borders, which can be seen through, along the normal.
    Sheet { strands: Strands, border: bool },
    /// On a cover of the skin: `uv.x` is how much hair there is, `uv.y` goes across the strands.
    Cover(Cover),
    /// On a cover of the skin around the brows; see [`Arch`].
    Brow(Arch),
}

/// What strands of a sheet look like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strands {
    /// Size across them and along them, as a share of the usual.
    pub(super) width: f32,
    pub(super) run: f32,
    /// How far they swing to the sides, in millimetres, and over which length.
    pub(super) wave: f32,
    pub(super) wavelength: f32,
    /// How much normals differ from strand to strand.
    pub(super) tilt: f32,
    /// 0 for strands, 1 for small coils without a direction.
    pub(super) coil: f32,
    /// How much darker they are at the root, 0..=1.
    pub(super) shade: f32,
    /// How bright they are.
    pub(super) tone: f32,
}

/// A brow: `uv.x` is 0.25 at its inner and 0.75 at its outer end, `uv.y` is 0.5 on its middle line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arch {
    /// Height where it is thickest, in millimetres.
    pub(super) thickness: f32,
    /// How well it covers the skin, 0..=1.
    pub(super) density: f32,
    /// How much hair there is between the brows, 0..=1.
    pub(super) joined: f32,
}

impl Arch {
    /// Millimetres from 0 to 1 of `uv.y`.
    pub(super) const TALL: f32 = 100.0;
    /// Millimetres from the inner to the outer end.
    const LONG: f32 = 42.0;

    /// How thick a brow is along its length, as a share: blunt inside, pointed outside.
    fn profile(self, share: f32) -> f32 {
        if share < 0.0 {
            return 0.8;
        }
        let inner = 0.8 + 0.2 * (share / 0.3).min(1.0);
        inner * (1.0 - 0.82 * ((share - 0.45) / 0.55).clamp(0.0, 1.2).powf(1.3))
    }
}

/// A ribbon of strands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lock {
    /// How bright it is against others, about 1.
    pub(super) tone: f32,
    /// How much darker it is at the root, 0..=1.
    pub(super) shade: f32,
    /// In millimetres.
    pub(super) width: f32,
    pub(super) length: f32,
    pub(super) seed: u32,
}

/// What a ribbon is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Weave {
    /// Strands side by side, thinner towards the end.
    Loose,
    /// Round and closed, with the marks of plaiting every so many millimetres.
    Plait(f32),
    /// Lashes: dark and closed at the root, pointed. Their tone is how close they stand.
    Lash,
}

/// A layer of hair over the skin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cover {
    /// How much of the skin is covered where hair is full, 0..=1.
    pub(super) density: f32,
    /// Size of what is seen of strands, in millimetres across them.
    pub(super) strand: f32,
    /// The same along them; as large as `strand` for stubble.
    pub(super) run: f32,
    /// How bright the layer is.
    pub(super) tone: f32,
    /// How much its edge is frayed, 0..=1, and between which shares of hair it goes from nothing to full.
    pub(super) fray: f32,
    pub(super) soft: [f32; 2],
    /// How much brighter and darker tufts are, 0..=1.
    pub(super) tufts: f32,
}

impl HairMaterial {
    pub(super) fn new(color: &HairColor, shine: f32, seed: u64, kind: Kind) -> Self {
        Self {
            pigmented: color.pigmented(),
            white: color.white(),
            grey: color.grey.clamp(0.0, 1.0),
            bleached: color.bleached.clamp(0.0, 1.0),
            shine,
            seed,
            kind,
        }
    }

    /// The colour of strands: `strand`, 0..=1, decides which are white, `along` is 0 at the root.
    fn color(&self, strand: f32, along: f32) -> Vec3 {
        let light = self.pigmented * (1.0 + 1.2 * self.bleached * along * along);
        // White strands lie in streaks: the share stays what it is on average.
        let share = (self.grey + (strand - 0.5) * 1.6 * self.grey.min(1.0 - self.grey)).clamp(0.0, 1.0);
        light.lerp(self.white, share)
    }

    fn of_lock(&self, point: &SurfacePoint, locks: &[Lock], weave: Weave) -> Reflectance {
        let place = point.uv.x.clamp(0.0, 0.999_999) * locks.len() as f32;
        let Some(lock) = locks.get(place as usize) else { return Reflectance::matte(self.pigmented) };
        let across = ((place.fract() - 0.1) / 0.8).clamp(0.0, 1.0);
        let along = point.uv.y.clamp(0.0, 1.0);
        let (x, y) = (across * lock.width, along * lock.length);
        let edge = 1.0 - (2.0 * across - 1.0).abs();
        let root = 1.0 - lock.shade * (1.0 - along * (2.0 - along));
        let [coarse, middle, fine] = streaks(x, y, lock.seed, point.footprint);
        let grain = 0.42 * coarse + 0.34 * middle + 0.28 * fine;
        let mut tone = lock.tone * root * (1.0 + 0.6 * grain);
        let opacity = match weave {
            Weave::Loose => {
                let thin = 0.25 + 0.9 * ((along - 0.55) / 0.45).max(0.0).powi(2);
                let start = (along * 14.0).min(1.0);
                ((edge * 1.5 + 0.75 * (coarse + middle) - thin + 0.35) * 2.2).clamp(0.0, 1.0) * start
            }
            Weave::Lash => {
                let close = tone;
                tone = 1.0;
                let root = (1.0 - along * 3.0).max(0.0) * 0.6;
                // Clumps of lashes look like spikes: they differ little, single lashes more.
                ((close + root - 0.95 * along + 0.25 * middle + 0.7 * fine) * 1.3).clamp(0.0, 1.0)
            }
            Weave::Plait(length) => {
                // Two strands cross over each other in turn; between them it is dark.
                let turn = y / length + 0.35 * (across - 0.5).abs();
                let groove = (turn.fract() - 0.5).abs() * 2.0;
                let seen = (1.8 - point.footprint / length * 3.0).clamp(0.0, 1.0);
                tone *= 1.0 - 0.4 * seen * (groove - 0.35).max(0.0) - 0.3 * (1.0 - edge);
                (edge * 6.0).min(1.0)
            }
        };
        Reflectance {
            albedo: (self.color(0.5 + 0.25 * (middle + fine), along) * tone).clamp(Vec3::ZERO, Vec3::ONE),
            relief: point.rest * 4.0,
            roughness: 0.52 + 0.12 * (1.0 - self.shine),
            gloss: GLOSS * (0.25 + 0.55 * self.shine) * (1.0 + 0.8 * grain).max(0.1) * root,
            scatter: 0.0,
            opacity,
        }
    }

    fn of_sheet(&self, point: &SurfacePoint, strands: &Strands, border: bool) -> Reflectance {
        let Vec2 { x, y } = point.uv * SHEET_SCALE;
        let full = point.rest.length();
        let across = point.rest / full.max(1e-3);
        let seed = self.seed as u32;
        let turn = 5.0 * grains(x / 26.0, y / 140.0, seed ^ 11);
        let swing = (y * TAU / strands.wavelength + turn).sin_cos();
        let (x, size) = (x + strands.wave * swing.0, strands.width);
        let [coarse, middle, fine] =
            streaks(x / size, y / (size * strands.run), seed, point.footprint / size);
        let lock = fading(9.0, point.footprint) * grains(x / 9.0, y / (150.0 * strands.run), seed ^ 7);
        let mut grain = 0.34 * lock + 0.4 * coarse + 0.32 * middle + 0.26 * fine;
        let mut relief = across * (strands.tilt * (0.5 * lock + 1.1 * coarse + middle + 0.6 * fine));
        if strands.coil > 0.0 {
            let curls = |size: f32, salt: u32| {
                let at = Vec3::new(x, y, salt as f32 * 17.3 * size) / (size * strands.width);
                fading(size * strands.width, point.footprint) * noise::gradient(at, self.seed)
            };
            let coils = Vec3::new(curls(6.5, 1), curls(6.5, 2), curls(6.5, 3));
            let small = curls(3.0, 4);
            grain += (0.7 * coils.z + 0.7 * small - grain) * strands.coil;
            relief += (coils * 1.2 + Vec3::splat(0.4 * small) - relief) * strands.coil;
        }
        if border {
            relief = across * 1.6 + relief * 0.5 * strands.coil;
        }
        // On the bends of waves hair turns towards the light and away from it.
        let bend = 0.022 * strands.wave * swing.1 * fading(0.4 * strands.wavelength, point.footprint);
        let root = 1.0 - strands.shade * (1.0 - y / 45.0).clamp(0.0, 1.0);
        let tone = strands.tone * root * (1.0 + 0.5 * grain + bend);
        // Locks end nearly together, hairs do not: else ends are teeth.
        let loose = 0.25 * lock + 0.5 * coarse + 0.7 * middle + 0.6 * fine;
        Reflectance {
            albedo: (self.color(0.5 + 0.25 * (coarse + middle + fine), (y / 260.0).min(1.0)) * tone)
                .clamp(Vec3::ZERO, Vec3::ONE),
            relief,
            roughness: 0.5 + 0.14 * (1.0 - self.shine),
            gloss: GLOSS * (0.25 + 0.6 * self.shine) * (1.0 + 0.9 * grain).max(0.1) * strands.tone * root,
            scatter: 0.0,
            opacity: ((full - 0.7 + 0.75 * loose) * 1.2).clamp(0.0, 1.0),
        }
    }

    fn of_brow(&self, point: &SurfacePoint, arch: &Arch) -> Reflectance {
        let share = (point.uv.x - 0.25) * 2.0;
        let above = (point.uv.y - 0.5) * Arch::TALL;
        // Hairs stand upright at the inner end and lie along the brow at the outer.
        let lean = 0.35 + 1.9 * share.clamp(0.0, 1.0);
        let along = share * Arch::LONG;
        let x = (along - above * lean) / (1.0 + 0.6 * lean);
        let [_, middle, fine] = streaks(x / 0.8, above, self.seed as u32, point.footprint / 0.8);
        let grain = 0.6 * middle + 0.5 * fine;
        let half = 0.5 * arch.thickness * arch.profile(share);
        // The upper edge is softer than the lower.
        let soft = if above > 0.0 { 1.7 } else { 1.1 };
        let inside = (half - above.abs() + 0.9 * grain) / soft + 0.4;
        let ends =
            ((share + 0.05) * 9.0).clamp(0.55 * arch.joined, 1.0) * ((1.06 - share) * 7.0).clamp(0.0, 1.0);
        let opacity = inside.clamp(0.0, 1.0) * ends * arch.density * (0.8 + 0.55 * grain);
        Reflectance {
            albedo: (self.color(0.5 + 0.5 * fine, 0.0) * (0.85 * (1.0 + 0.5 * grain)))
                .clamp(Vec3::ZERO, Vec3::ONE),
            relief: Vec3::ZERO,
            roughness: 0.65,
            gloss: GLOSS * 0.4,
            scatter: 0.0,
            opacity: opacity.clamp(0.0, 1.0),
        }
    }

    fn of_cover(&self, point: &SurfacePoint, cover: &Cover) -> Reflectance {
        let share = point.uv.x;
        let x = (point.uv.y - 0.5) * COMB_SCALE;
        let along = (point.rest.y + point.rest.z) * cover.strand / cover.run;
        let size = cover.strand / 1.2;
        let [coarse, middle, fine] =
            streaks(x / size, along / size, self.seed as u32, point.footprint / size);
        let grain = 0.4 * coarse + 0.4 * middle + 0.3 * fine;
        let [low, high] = cover.soft;
        let tuft = if cover.tufts > 0.0 {
            let at = point.rest / 9.0;
            cover.tufts * fading(9.0, point.footprint) * noise::fractal(at, 2, 0.2, self.seed)
        } else {
            0.0
        };
        let edge = ramp(low, high, share + 0.4 * cover.fray * (high - low) * (grain + tuft));
        let thin = 1.0 - cover.density.min(share);
        let opacity = cover.density * edge * (1.0 + 1.2 * thin * grain);
        let opacity = opacity.clamp(0.0, 1.0);
        Reflectance {
            albedo: (self.color(0.5 + 0.5 * (middle + fine), 0.0)
                * (cover.tone * (1.0 + 0.6 * grain + 0.5 * tuft)))
                .clamp(Vec3::ZERO, Vec3::ONE),
            relief: Vec3::ZERO,
            roughness: 0.6,
            gloss: GLOSS * 0.35 * (0.4 + 0.6 * self.shine),
            scatter: 0.0,
            opacity,
        }
    }
}

impl Material for HairMaterial {
    fn reflectance(&self, point: &SurfacePoint) -> Reflectance {
        match &self.kind {
            Kind::Locks { locks, weave } => self.of_lock(point, locks, *weave),
            Kind::Sheet { strands, border } => self.of_sheet(point, strands, *border),
            Kind::Cover(cover) => self.of_cover(point, cover),
            Kind::Brow(arch) => self.of_brow(point, arch),
        }
    }

    fn sheer(&self) -> bool {
        match &self.kind {
            Kind::Locks { weave, .. } => !matches!(weave, Weave::Plait(_)),
            Kind::Sheet { border, .. } => *border,
            Kind::Cover(cover) => cover.density < 1.0,
            Kind::Brow(_) => true,
        }
    }
}

/// Strands at a place `x` millimetres across and `y` along, in three sizes, each about -1..=1 and 0 on average; those
/// finer than the footprint fade.
fn streaks(x: f32, y: f32, seed: u32, footprint: f32) -> [f32; 3] {
    [(2.8, 45.0, 1), (1.2, 30.0, 2), (0.45, 18.0, 3)].map(|(width, length, salt)| {
        let seen = fading(width, footprint);
        if seen == 0.0 {
            0.0
        } else {
            seen * grains(x / width, y / length, seed.wrapping_mul(31).wrapping_add(salt))
        }
    })
}

/// How much is seen of a pattern of a size: nothing where the footprint is twice as large.
fn fading(size: f32, footprint: f32) -> f32 {
    (1.7 - 0.9 * footprint / size).clamp(0.0, 1.0)
}

/// Random numbers in a grid, -1..=1, with smooth ways between them.
fn grains(x: f32, y: f32, seed: u32) -> f32 {
    let (column, row) = (x.floor(), y.floor());
    let (u, v) = (x - column, y - row);
    let (u, v) = (u * u * (3.0 - 2.0 * u), v * v * (3.0 - 2.0 * v));
    let at = |dx: u32, dy: u32| {
        let mut hash = (column as i32 as u32).wrapping_add(dx).wrapping_mul(0x9e37_79b1);
        hash ^=
            (row as i32 as u32).wrapping_add(dy).wrapping_mul(0x85eb_ca77) ^ seed.wrapping_mul(0xc2b2_ae3d);
        hash = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
        hash = (hash ^ (hash >> 12)).wrapping_mul(0x297a_2d39);
        (hash >> 8) as f32 / 8_388_608.0 - 1.0
    };
    let top = at(0, 0) * (1.0 - u) + at(1, 0) * u;
    let bottom = at(0, 1) * (1.0 - u) + at(1, 1) * u;
    top * (1.0 - v) + bottom * v
}
