//! Necklaces.

use std::f32::consts::TAU;

use glam::{Vec2, Vec3};

use super::WornPart;
use super::fabric::{Fabric, Weave};
use super::fit::Fit;
use super::hull::Hull;
use super::solid::{ball, sheet, tube};
use crate::{Landmark, Mesh, Seed};

/// Heights of the base of the neck above the chin, in millimetres: in front, to the side and behind.
const BASE: [f32; 3] = [-80.0, -27.0, -12.0];
/// How much lower a necklace lies for each millimetre of its length in front: the chest recedes.
const STEEP: f32 = 0.8;
/// How far a necklace is off the skin, in millimetres.
const OFF: f32 = 0.6;
/// How far above the base of the neck a ribbon is worn, in millimetres.
const UP: f32 = 26.0;

/// A necklace that lies on the skin.
#[derive(Clone, Debug, PartialEq)]
pub struct Necklace {
    /// What goes around the neck.
    pub kind: NecklaceKind,
    /// How far below the pit of the neck it hangs in front, in millimetres. Not for ribbons, which go up the neck.
    pub drop: f32,
    /// Radius of what hangs from it, in millimetres; 0 for nothing.
    pub pendant: f32,
    /// What it is made of.
    pub material: Fabric,
}

/// What goes around the neck.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NecklaceKind {
    /// A chain as thick as this, in millimetres.
    Chain(f32),
    /// Beads or pearls of this radius, in millimetres.
    Beads(f32),
    /// A ribbon as wide as this, in millimetres.
    Ribbon(f32),
}

impl Necklace {
    /// Any necklace that lies on the `bare` millimetres of skin below the pit of the neck that clothes leave free.
    pub fn sample(seed: Seed, bare: f32) -> Self {
        let mut stream = seed.of("necklace").stream();
        let metal = match stream.below(2) {
            0 => Fabric::metal(Vec3::new(0.95, 0.72, 0.36), 0.25),
            _ => Fabric::metal(Vec3::splat(0.8), 0.25),
        };
        let pendant = if stream.chance(0.5) { stream.between(2.5, 7.0) } else { 0.0 };
        let (kind, material, pendant) = match stream.weighted(&[5.0, 3.0, 1.0]) {
            0 => (NecklaceKind::Chain(stream.log_between(1.0, 4.0)), metal, pendant),
            1 if stream.chance(0.5) => {
                let pearl = Fabric::plastic(Vec3::new(0.75, 0.71, 0.66), 0.3);
                (NecklaceKind::Beads(stream.between(2.5, 4.5)), pearl, 0.0)
            }
            1 => {
                let dyed = Fabric::plastic(Fabric::dye(&mut stream), 0.3);
                (NecklaceKind::Beads(stream.between(2.5, 5.0)), dyed, 0.0)
            }
            _ => {
                let color = Fabric::dye(&mut stream);
                let ribbon = Fabric::cloth(Weave::Woven, color, color, seed.of("weave").value());
                (NecklaceKind::Ribbon(stream.between(6.0, 16.0)), ribbon, 0.0)
            }
        };
        let room = bare - 2.0 * pendant;
        Self { kind, drop: stream.between((0.4 * room).min(0.0), room), pendant, material }
    }

    pub(super) fn make(&self, fit: &Fit<'_>) -> Vec<WornPart> {
        let chin = fit.at(Landmark::Menton).y;
        let neck = fit.neck(chin - 108.0, chin + 14.0);
        let path = Path { neck, chin, drop: self.drop };
        let mut mesh = match self.kind {
            NecklaceKind::Chain(thick) => {
                let ring: Vec<Vec3> = path.around(96, 0.5 * thick).collect();
                tube(&ring, true, 8, Vec3::Y, |_, angle| Vec2::from_angle(angle) * (0.5 * thick))
            }
            NecklaceKind::Beads(radius) => path.beads(radius),
            NecklaceKind::Ribbon(wide) => sheet(64, 2, true, |u, v| {
                path.neck.point(path.up((u - 0.5) * TAU, UP + (v - 0.5) * wide), OFF)
            }),
        };
        if self.pendant > 0.0 {
            let place = path.on(0.0, self.drop + self.pendant, 0.5 * self.pendant);
            let radii = Vec3::new(self.pendant, self.pendant, 0.5 * self.pendant);
            mesh.append(&ball(place, radii, 16, 10));
        }
        let part = match self.kind {
            NecklaceKind::Ribbon(_) => WornPart::cloth(mesh, self.material),
            _ => WornPart::solid(mesh, self.material),
        };
        vec![part]
    }
}

/// Where a necklace lies.
struct Path {
    neck: Hull,
    chin: f32,
    drop: f32,
}

impl Path {
    /// A place on the skin, `down` from the pit of the neck where it is in front, so that a body with a radius of
    /// `above` lies on it.
    fn on(&self, azimuth: f32, down: f32, above: f32) -> Vec3 {
        let front = (0.5 + 0.5 * azimuth.cos()).powi(2);
        let at = self.up(azimuth, -STEEP * down * front);
        self.neck.point(at, OFF + above)
    }

    /// Azimuth and height of a place above the base of the neck.
    fn up(&self, azimuth: f32, above: f32) -> Vec2 {
        let [front, side, back] = BASE;
        let deep = if azimuth.cos() > 0.0 { front } else { back };
        Vec2::new(azimuth, self.chin + side + (deep - side) * azimuth.cos().powi(2) + above)
    }

    /// Places all around, one after the other.
    fn around(&self, count: usize, above: f32) -> impl Iterator<Item = Vec3> {
        (0..count).map(move |at| self.on(at as f32 / count as f32 * TAU, self.drop, above))
    }

    /// Balls that touch each other.
    fn beads(&self, radius: f32) -> Mesh {
        let mut mesh = Mesh::default();
        let mut last: Option<Vec3> = None;
        for place in self.around(720, radius) {
            if last.is_none_or(|last| last.distance(place) >= 2.0 * radius) {
                mesh.append(&ball(place, Vec3::splat(radius), 10, 6));
                last = Some(place);
            }
        }
        mesh
    }
}
