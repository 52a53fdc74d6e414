//! Hats: stretched over the skull or standing on it.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use glam::{Vec2, Vec3};

use super::fabric::{Fabric, Weave};
use super::fit::Fit;
use super::hull::Hull;
use super::solid::{ball, sheet};
use super::{FaceArea, HairLimit, WornPart};
use crate::{Landmark, Mesh, Seed, Stream};

/// A kind of hat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HatKind {
    /// A cap with a peak.
    Cap,
    /// A knitted cap.
    Beanie,
    /// A hat with a brim.
    Brimmed,
    /// A bucket hat: the brim hangs.
    Bucket,
    /// A turban.
    Turban,
    /// A hard hat.
    Helmet,
    /// A flat beret.
    Beret,
    /// A band around forehead and head.
    Headband,
}

impl HatKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Cap,
        Self::Beanie,
        Self::Brimmed,
        Self::Bucket,
        Self::Turban,
        Self::Helmet,
        Self::Beret,
        Self::Headband,
    ];
}

/// A hat.
#[derive(Clone, Debug, PartialEq)]
pub struct Hat {
    /// What kind it is.
    pub kind: HatKind,
    /// How low it sits on the forehead: 0 at the hairline, 1 just above the brows.
    pub low: f32,
    /// Height of the crown over the skull, in millimetres.
    pub crown: f32,
    /// Width of the brim or peak, in millimetres.
    pub brim: f32,
    /// What it is made of.
    pub cloth: Fabric,
    /// What its band, cuff or peak is made of.
    pub trim: Fabric,
}

impl Hat {
    /// Any hat.
    pub fn sample(seed: Seed) -> Self {
        let weights = [3.0, 2.5, 1.5, 1.0, 1.0, 0.6, 0.7, 0.6];
        Self::of(HatKind::ALL[seed.of("hat").stream().weighted(&weights)], seed)
    }

    /// One kind of hat.
    pub fn of(kind: HatKind, seed: Seed) -> Self {
        let mut stream = seed.of("hat cloth").stream();
        let number = seed.of("weave").value();
        let (color, second) = (Fabric::dye(&mut stream), Fabric::dye(&mut stream));
        let woven = Fabric::cloth(Weave::Woven, color, color, number);
        let mut low = stream.between(0.25, 0.85);
        let (crown, brim, cloth, trim) = match kind {
            HatKind::Cap => {
                let cloth = Fabric { weave: Weave::Panels(6.0), ..woven };
                let trim = if stream.chance(0.3) { Fabric { color: second, ..woven } } else { woven };
                (stream.between(8.0, 20.0), stream.between(58.0, 76.0), cloth, trim)
            }
            HatKind::Beanie => {
                let ribs = Fabric { weave: Weave::Ribs(stream.between(40.0, 75.0).round()), ..woven };
                let stripes = Fabric { weave: Weave::Stripes(stream.between(12.0, 40.0)), second, ..woven };
                let cloth = if stream.chance(0.25) { stripes } else { ribs };
                let trim = if stream.chance(0.25) { Fabric { color: second, ..ribs } } else { ribs };
                (stream.between(6.0, 26.0), stream.between(30.0, 48.0), cloth, trim)
            }
            HatKind::Brimmed => {
                let straw = Vec3::new(0.62, 0.47, 0.27) * stream.between(0.6, 1.2);
                let color = if stream.chance(0.4) { straw } else { color };
                let cloth = Fabric { color, second: color * 0.7, ..woven };
                let band = Fabric { color: second * 0.4, ..woven };
                (stream.between(28.0, 50.0), stream.between(38.0, 85.0), cloth, band)
            }
            HatKind::Bucket => {
                let print = Fabric { weave: Weave::Print(stream.between(10.0, 25.0)), second, ..woven };
                let cloth = if stream.chance(0.3) { print } else { woven };
                (stream.between(10.0, 18.0), stream.between(40.0, 58.0), cloth, cloth)
            }
            HatKind::Turban => (stream.between(18.0, 30.0), 0.0, woven, woven),
            HatKind::Helmet => {
                let paints = [
                    Vec3::new(0.75, 0.5, 0.03),
                    Vec3::splat(0.75),
                    Vec3::new(0.7, 0.17, 0.02),
                    Vec3::new(0.03, 0.13, 0.5),
                    Vec3::new(0.55, 0.03, 0.03),
                ];
                let shell = Fabric::plastic(paints[stream.below(5)], 0.35);
                (stream.between(28.0, 36.0), stream.between(22.0, 34.0), shell, shell)
            }
            HatKind::Beret => (stream.between(14.0, 22.0), 0.0, woven, woven),
            HatKind::Headband => {
                low = stream.between(0.1, 0.6);
                (5.0, stream.between(28.0, 55.0), woven, woven)
            }
        };
        Self { kind, low, crown, brim, cloth, trim }
    }

    pub(super) fn covers(&self) -> &'static [FaceArea] {
        match self.kind {
            HatKind::Beanie | HatKind::Turban => &[FaceArea::Hair, FaceArea::Forehead],
            HatKind::Headband => &[FaceArea::Forehead],
            _ if self.low > 0.6 => &[FaceArea::Hair, FaceArea::Forehead],
            _ => &[FaceArea::Hair],
        }
    }

    pub(super) fn hair_limit(&self, fit: &Fit<'_>) -> HairLimit {
        if self.kind == HatKind::Headband {
            return HairLimit::None;
        }
        let rim = Rim::new(self, fit);
        let normal = rim.up();
        // Below the edge, so that no hair lies before it.
        HairLimit::Above { point: rim.front - normal * 2.0, normal }
    }

    pub(super) fn make(&self, fit: &Fit<'_>, seed: Seed) -> Vec<WornPart> {
        let rim = Rim::new(self, fit);
        let skull = fit.skull(false).stretched(12);
        let mut stream = seed.of("put on").stream();
        let shape = Shape { hat: self, rim, centre: fit.centre(), skull, lean: stream.normal(1.5) };
        match self.kind {
            HatKind::Cap => shape.cap(),
            HatKind::Beanie => shape.beanie(),
            HatKind::Brimmed | HatKind::Helmet | HatKind::Bucket => shape.brimmed(),
            HatKind::Turban => shape.turban(&mut stream),
            HatKind::Beret => shape.beret(),
            HatKind::Headband => vec![WornPart::cloth(shape.band(self.crown, 0.0, self.brim), self.cloth)],
        }
    }
}

/// The plane in which the edge of a hat lies.
#[derive(Clone, Copy)]
struct Rim {
    front: Vec3,
    back: Vec3,
}

impl Rim {
    fn new(hat: &Hat, fit: &Fit<'_>) -> Self {
        let (brow, hair) = (fit.at(Landmark::Glabella), fit.at(Landmark::Hairline));
        let front = (hair + Vec3::NEG_Y * 4.0).lerp(brow + Vec3::Y * 20.0, hat.low);
        let ears = fit.both(Landmark::EarTop);
        let occiput = fit.at(Landmark::Occiput);
        // Over the ears, and as low behind as the ears allow.
        let drop = match hat.kind {
            HatKind::Beanie | HatKind::Turban => 10.0,
            HatKind::Beret => -22.0,
            _ => 0.0,
        };
        let ear = ears[0].y.max(ears[1].y) + 5.0;
        let middle = ears[0].z;
        let slope = (front.y - ear) / (front.z - middle).max(30.0);
        let back = ear - slope * (middle - occiput.z);
        Self { front, back: Vec3::new(0.0, back - drop * 0.4, occiput.z) }
    }

    fn up(self) -> Vec3 {
        let along = self.front - self.back;
        Vec3::new(0.0, along.z, -along.y).normalize_or(Vec3::Y)
    }
}

/// A hat on a head.
struct Shape<'a> {
    hat: &'a Hat,
    rim: Rim,
    centre: Vec3,
    skull: Hull,
    /// How it is put on, about -1.5..=1.5.
    lean: f32,
}

impl Shape<'_> {
    /// Elevation of the edge at an azimuth, seen from the middle of the skull.
    fn edge(&self, azimuth: f32) -> f32 {
        let (up, way) = (self.rim.up(), Vec3::new(azimuth.sin(), 0.0, azimuth.cos()));
        // The ray that meets the plane at the skull: two steps are enough, as the skull is nearly round.
        let mut elevation = 0.0f32;
        for _ in 0..4 {
            let reach = self.skull.reach(Vec2::new(azimuth, elevation)) * elevation.cos();
            let height = (up.dot(self.rim.front - self.centre) - up.dot(way) * reach) / up.y;
            elevation = (height / reach.max(20.0)).atan();
        }
        elevation
    }

    /// A point above the skull; `v` from the edge to the top, bent there by `pull` toward the back.
    fn over(&self, u: f32, v: f32, above: impl Fn(f32, f32) -> f32) -> Vec3 {
        // The seam is behind.
        let azimuth = (u - 0.5) * TAU;
        let low = self.edge(azimuth);
        let elevation = low + (FRAC_PI_2 - low) * v;
        self.skull.point(Vec2::new(azimuth, elevation), above(azimuth, elevation))
    }

    /// A dome over the skull.
    fn dome(&self, above: impl Fn(f32, f32, f32) -> f32) -> Mesh {
        sheet(64, 20, true, |u, v| self.over(u, v, |azimuth, elevation| above(azimuth, elevation, v)))
    }

    /// A band along the edge: from `start` millimetres above it, `high` millimetres high and `above` the skull.
    fn band(&self, above: f32, start: f32, high: f32) -> Mesh {
        sheet(64, 5, true, |u, v| {
            let azimuth = (u - 0.5) * TAU;
            let elevation = self.edge(azimuth) + (start + high * v) / 95.0;
            // Rounded above and below.
            let round = (1.0 - (2.0 * v - 1.0).powi(4)).max(0.0);
            self.skull.point(Vec2::new(azimuth, elevation), above * (0.45 + 0.55 * round))
        })
    }

    /// A rim around the edge, `wide` millimetres wide at an azimuth and falling by `fall` for each.
    fn brim(&self, arc: f32, above: f32, wide: impl Fn(f32) -> f32, fall: impl Fn(f32) -> f32) -> Mesh {
        let closed = arc >= PI;
        let mut brim = sheet(64, 8, closed, |u, v| {
            let azimuth = (u - 0.5) * 2.0 * arc;
            let inner = self.skull.point(Vec2::new(azimuth, self.edge(azimuth)), above);
            // Peaks point forward, brims all around.
            let across = if closed { inner.x } else { 0.3 * inner.x };
            let away = Vec3::new(across, 0.0, inner.z - self.centre.z).normalize_or(Vec3::Z);
            let out = 1.0 - v;
            inner + away * wide(azimuth) * out - Vec3::Y * fall(azimuth) * wide(azimuth) * out.powf(1.3)
        });
        brim.uvs.iter_mut().for_each(|uv| uv.y = 1.0 - uv.y);
        brim
    }

    fn cap(&self) -> Vec<WornPart> {
        let crown = self.hat.crown;
        let dome = self.dome(|azimuth, _, v| {
            // Caps stand up at the forehead and lie on the head behind.
            let front = (0.5 + 0.5 * azimuth.cos()).powi(2);
            4.0 + crown * (v * (1.0 - 0.5 * v) * 1.6) * (0.35 + 0.65 * front)
        });
        let arc = 1.02;
        let along = |azimuth: f32| (azimuth / arc * FRAC_PI_2).cos().max(0.0).powf(0.55);
        let wide = |azimuth: f32| 3.0 + self.hat.brim * along(azimuth);
        let peak = self.brim(arc, 3.5, wide, |azimuth| 0.16 + 0.55 * (azimuth / arc).powi(2));
        let top = self.over(0.5, 1.0, |_, _| 4.0 + crown * 0.55);
        let button = ball(top, Vec3::new(6.0, 3.0, 6.0), 12, 6);
        vec![
            WornPart::cloth(dome, self.hat.cloth),
            WornPart::cloth(peak, self.hat.trim),
            WornPart::solid(button, self.hat.trim),
        ]
    }

    fn beanie(&self) -> Vec<WornPart> {
        let crown = self.hat.crown;
        let dome = self.dome(|azimuth, elevation, v| {
            // What is too long falls to the back.
            let top = elevation.sin().max(0.0).powi(2);
            5.0 + crown * top * (1.0 - 0.4 * azimuth.cos() * (1.0 - v)) + 0.6 * (azimuth * 9.0).sin() * top
        });
        let cuff = self.band(8.5, -1.0, self.hat.brim);
        vec![WornPart::cloth(dome, self.hat.cloth), WornPart::cloth(cuff, self.hat.trim)]
    }

    fn brimmed(&self) -> Vec<WornPart> {
        let (kind, crown) = (self.hat.kind, self.hat.crown);
        let dome = self.dome(|azimuth, elevation, v| {
            let rise = (v * 3.0).min(1.0);
            match kind {
                HatKind::Brimmed => {
                    // A crease from front to back, and two dents beside it.
                    let up = elevation.sin().max(0.0);
                    let crease = 15.0 * (-(azimuth.sin() * elevation.cos() * 4.5).powi(2)).exp() * up.powi(8);
                    5.0 + crown * up * up - crease
                }
                HatKind::Helmet => {
                    let ridge = 3.0 * (-(azimuth.sin() * elevation.cos() * 7.0).powi(2)).exp();
                    9.0 + crown * (1.0 - (1.0 - v).powi(3)) * 0.9 + ridge * rise
                }
                // Buckets have a flat top with an edge.
                _ => 4.0 + crown * rise * (0.5 + 0.5 * (elevation * 2.0).sin().max(0.0)),
            }
        });
        let (inner, fall, wave) = match kind {
            HatKind::Brimmed => (5.0, 0.08, 0.14 * self.lean),
            HatKind::Helmet => (9.0, 0.25, 0.0),
            _ => (4.0, 1.05, 0.05),
        };
        let wide = |azimuth: f32| match kind {
            HatKind::Helmet => self.hat.brim * (0.25 + 0.75 * (0.5 + 0.5 * azimuth.cos()).powi(3)),
            _ => self.hat.brim,
        };
        let brim = self.brim(PI, inner, wide, |azimuth| fall + wave * (2.0 * azimuth).cos());
        let mut parts = vec![WornPart::cloth(dome, self.hat.cloth), WornPart::cloth(brim, self.hat.cloth)];
        if kind == HatKind::Brimmed {
            parts.push(WornPart::cloth(self.band(9.0 + 0.14 * self.hat.crown, 1.0, 20.0), self.hat.trim));
        }
        parts
    }

    fn turban(&self, stream: &mut Stream) -> Vec<WornPart> {
        let (crown, tilt) = (self.hat.crown, stream.between(0.25, 0.55));
        let wraps = stream.between(3.5, 5.5);
        let dome = sheet(96, 36, true, |u, v| {
            self.over(u, v, |azimuth, elevation| {
                // Layers rise from the temples and cross over the forehead.
                let slanted = elevation + tilt * (azimuth.sin().abs() - 0.5) + 0.08 * azimuth.sin();
                let phase = (slanted * wraps * 1.3).rem_euclid(1.0);
                let layer = (phase * PI).sin().max(0.0).powf(0.6);
                let body = ((v * 5.0).min(1.0)).sqrt() * (1.0 - 0.35 * v * v);
                5.0 + crown * body * (1.0 + 0.15 * azimuth.cos()) + 5.5 * layer * (1.0 - v * v)
            })
        });
        vec![WornPart::cloth(dome, self.hat.cloth)]
    }

    fn beret(&self) -> Vec<WornPart> {
        let (crown, side) = (self.hat.crown, self.lean.signum());
        let dome = self.dome(|azimuth, _, v| {
            // A disc that hangs to one side.
            let hang = 0.5 + 0.5 * (azimuth - side * 1.3).cos();
            let bulge = 6.75 * v * (1.0 - v).powi(2);
            4.0 + crown * 0.3 * v + 2.0 * crown * bulge * (0.35 + 0.65 * hang)
        });
        let edge = self.band(5.0, -1.0, 9.0);
        vec![WornPart::cloth(dome, self.hat.cloth), WornPart::cloth(edge, self.hat.trim)]
    }
}
