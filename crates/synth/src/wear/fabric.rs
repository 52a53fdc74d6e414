//! What worn things are made of.

use glam::{Vec2, Vec3};

use crate::noise;
use crate::{Material, Reflectance, Stream, SurfacePoint};

/// How a surface is patterned. Lengths are in millimetres on the item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Weave {
    /// One colour.
    Plain,
    /// Woven: fine threads and soft unevenness.
    Woven,
    /// Knitted in ribs along v; the number is how many there are along u.
    Ribs(f32),
    /// Level stripes of two colours; the number is how high a pair is.
    Stripes(f32),
    /// Stripes both ways, of a width.
    Plaid(f32),
    /// Dots, at a distance from each other.
    Dots(f32),
    /// A print of patches, of a size.
    Print(f32),
    /// Patches of two colours that run into each other, as in tortoiseshell and camouflage, of a size.
    Mottled(f32),
    /// A lens: darker at the top by a share, with the reflection of a window of a strength.
    Lens {
        /// Share by which opacity falls from the top to the bottom.
        fade: f32,
        /// Opacity of the reflection.
        glare: f32,
    },
    /// Three pleats across, as in a surgical mask.
    Pleats,
    /// Panels sewn together along v; the number is how many there are along u.
    Panels(f32),
}

/// A material of things that are worn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fabric {
    /// The pattern.
    pub weave: Weave,
    /// Linear sRGB, 0..=1.
    pub color: Vec3,
    /// The other colour of the pattern.
    pub second: Vec3,
    /// Roughness of the gloss, 0..=1.
    pub roughness: f32,
    /// Share mirrored head-on, 0..=1.
    pub gloss: f32,
    /// Share that covers what lies behind, 0..=1.
    pub opacity: f32,
    /// What makes the same pattern fall differently.
    pub seed: u64,
}

impl Fabric {
    /// Dull cloth.
    pub fn cloth(weave: Weave, color: Vec3, second: Vec3, seed: u64) -> Self {
        Self { weave, color, second, roughness: 0.85, gloss: 0.02, opacity: 1.0, seed }
    }

    /// Plastic, wood or horn.
    pub fn plastic(color: Vec3, roughness: f32) -> Self {
        Self { roughness, gloss: 0.045, ..Self::cloth(Weave::Plain, color, color, 0) }
    }

    /// Metal of a colour.
    pub fn metal(color: Vec3, roughness: f32) -> Self {
        Self { roughness, gloss: 0.5, ..Self::cloth(Weave::Plain, color * 0.6, color, 0) }
    }

    /// A colour that cloth is dyed: dark and dull more often than not.
    pub(super) fn dye(stream: &mut Stream) -> Vec3 {
        let base = match stream.weighted(&[3.0, 2.0, 5.0]) {
            0 => Vec3::splat(stream.log_between(0.012, 0.2)),
            1 => Vec3::splat(stream.between(0.45, 0.8)),
            _ => Vec3::splat(stream.log_between(0.05, 0.5)),
        };
        let angle = stream.between(0.0, std::f32::consts::TAU);
        let vivid = stream.between(0.0, 1.0).powi(2) * 0.85;
        let hue = Vec3::new(angle.cos(), (angle - 2.094).cos(), (angle + 2.094).cos());
        base * (Vec3::ONE + vivid * hue)
    }

    fn mixed(&self, share: f32) -> Vec3 {
        self.color.lerp(self.second, share.clamp(0.0, 1.0))
    }
}

/// 0 on one side of an edge and 1 on the other; as soft as the sample is wide, so that it does not flicker.
fn edge(value: f32, soft: f32) -> f32 {
    (value / soft.max(1e-3) + 0.5).clamp(0.0, 1.0)
}

/// Share of a stripe in a period of 1 that is `share` wide, softened.
fn stripe(place: f32, share: f32, soft: f32) -> f32 {
    if soft > 0.7 {
        return share;
    }
    let from_middle = (place.rem_euclid(1.0) - 0.5).abs();
    edge(share / 2.0 - from_middle, soft)
}

impl Material for Fabric {
    fn sheer(&self) -> bool {
        self.opacity < 1.0 || matches!(self.weave, Weave::Lens { .. })
    }

    fn reflectance(&self, point: &SurfacePoint) -> Reflectance {
        let (at, fine) = (point.rest, point.footprint);
        let uneven = 1.0 + 0.08 * noise::fractal(at * 0.05, 3, fine * 0.05, self.seed);
        let mut surface = Reflectance {
            albedo: self.color,
            relief: Vec3::ZERO,
            roughness: self.roughness,
            gloss: self.gloss,
            scatter: 0.0,
            opacity: self.opacity,
        };
        match self.weave {
            Weave::Plain => {}
            Weave::Woven => {
                surface.albedo *= uneven;
                if fine < 1.5 {
                    surface.albedo *= 1.0 + 0.12 * noise::gradient(at * 0.9, self.seed);
                }
            }
            Weave::Ribs(count) => {
                let rib = (point.uv.x * count * std::f32::consts::TAU).cos();
                // Ribs that are finer than the sample are not seen.
                let seen = (2.5 - fine * count / 150.0).clamp(0.0, 1.0);
                surface.albedo *= (0.85 + 0.25 * rib * seen) * uneven;
            }
            Weave::Stripes(high) => {
                surface.albedo = self.mixed(stripe(at.y / high, 0.4, fine / high)) * uneven;
            }
            Weave::Plaid(size) => {
                let soft = fine / size;
                let level = stripe(at.y / size, 0.35, soft);
                let upright = stripe(at.x / size, 0.35, soft);
                let thin = stripe(at.y / size + 0.5, 0.06, soft).max(stripe(at.x / size + 0.5, 0.06, soft));
                surface.albedo = self.mixed(0.5 * (level + upright)).lerp(Vec3::splat(0.6), 0.5 * thin);
            }
            Weave::Dots(size) => {
                let place = Vec2::new(at.x, at.y) / size;
                let cell = Vec2::new(place.x + 0.5 * place.y.floor(), place.y);
                let from_middle = (cell - cell.floor() - 0.5).length();
                let share = if fine > size { 0.2 } else { edge(0.26 - from_middle, fine / size) };
                surface.albedo = self.mixed(share) * uneven;
            }
            Weave::Print(size) => {
                let (distance, number) = noise::cells(at / size, self.seed);
                let shade = (number >> 40 & 0xff) as f32 / 255.0;
                let share = edge(0.5 - distance, fine / size) * (0.4 + 0.6 * shade);
                surface.albedo = self.mixed(share) * uneven;
            }
            Weave::Mottled(size) => {
                let value = noise::fractal(at / size, 3, fine / size, self.seed);
                surface.albedo = self.mixed(edge(value - 0.05, 0.35));
            }
            Weave::Lens { fade, glare } => {
                // A window is mirrored as a slanted bright patch on the upper part.
                let slant = point.uv.x + 0.35 * point.uv.y;
                let patch = stripe(slant * 0.9 + 0.25, 0.28, 0.12) * edge(point.uv.y - 0.35, 0.5);
                let share = glare * patch;
                surface.opacity = (self.opacity * (1.0 - fade * (1.0 - point.uv.y))).max(share);
                surface.albedo = self.color.lerp(Vec3::splat(0.75), share / surface.opacity.max(1e-3));
            }
            Weave::Pleats => {
                let fold = [0.3, 0.5, 0.7].map(|line| point.uv.y - line);
                let shade = fold.map(|way| if (0.0..0.06).contains(&way) { 1.0 - way / 0.06 } else { 0.0 });
                surface.albedo *= (1.0 - 0.35 * shade.into_iter().sum::<f32>()) * uneven;
                surface.scatter = 1.0;
            }
            Weave::Panels(count) => {
                let seam = stripe(point.uv.x * count + 0.5, 0.03, (fine * count / 250.0).min(0.6));
                surface.albedo *= (1.0 - 0.4 * seam) * uneven;
            }
        }
        surface.albedo = surface.albedo.clamp(Vec3::splat(0.004), Vec3::splat(0.95));
        surface
    }
}
