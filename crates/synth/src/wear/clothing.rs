//! Clothes and the body under them.

use std::f32::consts::{PI, TAU};

use glam::{Vec2, Vec3};

use super::WornPart;
use super::fabric::{Fabric, Weave};
use super::fit::Fit;
use super::hull::Hull;
use super::solid::{ball, cord, curve, sheet};
use crate::noise;
use crate::{Landmark, Mesh, Seed};

/// How clothes end at the neck.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Collar {
    /// A round neck, as of a T-shirt.
    Round,
    /// A V.
    Vee,
    /// The collar of a shirt.
    Shirt,
    /// A shirt and a tie under a jacket.
    Suit,
    /// A hood that lies behind the neck.
    Hood,
    /// A collar that goes up the neck.
    Turtle,
}

impl Collar {
    /// All kinds.
    pub const ALL: [Self; 6] = [Self::Round, Self::Vee, Self::Shirt, Self::Suit, Self::Hood, Self::Turtle];
}

/// Clothes down to the chest.
#[derive(Clone, Debug, PartialEq)]
pub struct Clothing {
    /// How they end at the neck.
    pub collar: Collar,
    /// Half the breadth of the shoulders, in millimetres: 170..=235.
    pub shoulders: f32,
    /// What they are made of.
    pub cloth: Fabric,
    /// What the collar, tie or border is made of.
    pub trim: Fabric,
}

impl Clothing {
    /// Any clothes; `sex` is 0 for a female and 1 for a male build.
    pub fn sample(seed: Seed, sex: f32) -> Self {
        let at = seed.of("clothing").stream().weighted(&[4.0, 1.5, 2.5, 2.0, 1.5, 1.2]);
        Self::of(Collar::ALL[at], seed, sex)
    }

    /// Clothes with one kind of collar.
    pub fn of(collar: Collar, seed: Seed, sex: f32) -> Self {
        let mut stream = seed.of("clothes").stream();
        let number = seed.of("weave").value();
        let (color, second) = (Fabric::dye(&mut stream), Fabric::dye(&mut stream));
        let pattern = match stream.weighted(&[6.0, 1.0, 1.0, 0.7, 0.5]) {
            0 => Weave::Woven,
            1 => Weave::Stripes(stream.log_between(9.0, 60.0)),
            2 => Weave::Plaid(stream.between(12.0, 40.0)),
            3 => Weave::Print(stream.between(15.0, 60.0)),
            _ => Weave::Dots(stream.between(12.0, 30.0)),
        };
        let plain = |color: Vec3| Fabric::cloth(Weave::Woven, color, color, number);
        let (cloth, trim) = match collar {
            Collar::Suit => {
                let dark = Vec3::splat(stream.log_between(0.012, 0.12)) * Vec3::new(0.9, 0.95, 1.15);
                let tie = Fabric { weave: pattern, ..Fabric::cloth(pattern, color, second, number) };
                (plain(dark), tie)
            }
            Collar::Turtle => {
                let ribs = Fabric { weave: Weave::Ribs(stream.between(60.0, 120.0).round()), ..plain(color) };
                (ribs, ribs)
            }
            Collar::Hood => {
                (plain(color), if stream.chance(0.3) { plain(second) } else { plain(color * 0.9) })
            }
            _ => {
                let cloth = Fabric::cloth(pattern, color, second, number);
                let border =
                    if stream.chance(0.2) { plain(second) } else { Fabric { color: color * 0.92, ..cloth } };
                (cloth, border)
            }
        };
        let shoulders = 186.0 + 24.0 * sex + 7.0 * stream.normal(2.0);
        Self { collar, shoulders, cloth, trim }
    }

    pub(super) fn make(&self, fit: &Fit<'_>, seed: Seed) -> Vec<WornPart> {
        let body = Body::new(fit, self.shoulders, seed.of("folds").value());
        let mut parts = Vec::new();
        let (front, back) = match self.collar {
            Collar::Round => (24.0, 4.0),
            Collar::Vee => (75.0, 4.0),
            Collar::Shirt => (26.0, 0.0),
            Collar::Suit => (118.0, 14.0),
            Collar::Hood => (30.0, 2.0),
            Collar::Turtle => (0.0, 0.0),
        };
        let point = matches!(self.collar, Collar::Vee | Collar::Suit | Collar::Shirt);
        let neckline = Neckline { front, back, point };
        if self.collar == Collar::Suit {
            let shirt = Fabric::cloth(Weave::Woven, Vec3::splat(0.72), Vec3::splat(0.72), self.cloth.seed);
            let under = Neckline { front: 22.0, back: 0.0, point: true };
            parts.push(WornPart::cloth(body.shirt(&under, 1.5), shirt));
            parts.push(WornPart::cloth(body.collar(22.0, 34.0), shirt));
            parts.push(WornPart::cloth(body.tie(), self.trim));
        }
        if self.collar == Collar::Vee {
            let under = Neckline { front: 26.0, back: 8.0, point: false };
            let shade = self.trim.color.lerp(Vec3::splat(0.6), 0.75);
            let shirt = Fabric::cloth(Weave::Woven, shade, shade, self.cloth.seed);
            parts.push(WornPart::cloth(body.shirt(&under, 1.0), shirt));
        }
        let above = if self.collar == Collar::Suit { 6.0 } else { 3.0 };
        parts.push(WornPart::cloth(body.shirt(&neckline, above), self.cloth));
        match self.collar {
            Collar::Round | Collar::Vee => {
                parts.push(WornPart::cloth(body.border(&neckline, above, 9.0), self.trim));
            }
            Collar::Shirt => {
                parts.push(WornPart::cloth(body.collar(20.0, 32.0), self.trim));
                parts.push(WornPart::solid(body.buttons(), Fabric::plastic(Vec3::splat(0.6), 0.3)));
            }
            Collar::Suit => parts.push(WornPart::cloth(body.lapels(&neckline), self.cloth)),
            Collar::Hood => {
                parts.push(WornPart::cloth(body.hood(), self.cloth));
                parts.push(WornPart::solid(body.strings(), self.trim));
            }
            Collar::Turtle => parts.push(WornPart::cloth(body.roll(), self.trim)),
        }
        parts
    }
}

/// Where clothes end: how far below the base of the neck.
struct Neckline {
    front: f32,
    back: f32,
    /// Whether it comes to a point in front.
    point: bool,
}

impl Neckline {
    fn drop(&self, azimuth: f32) -> f32 {
        let share = azimuth.abs() / PI;
        let front = if self.point {
            (1.0 - share * 2.4).max(0.0)
        } else {
            (0.5 + 0.5 * (share * 1.6).min(1.0).mul_add(PI, 0.0).cos()).powf(0.8)
        };
        self.front * front + self.back * share
    }
}

/// The upper body.
struct Body {
    neck: Hull,
    /// Height of the base of the neck.
    base: f32,
    chin: f32,
    shoulders: f32,
    folds: u64,
}

impl Body {
    fn new(fit: &Fit<'_>, shoulders: f32, folds: u64) -> Self {
        let chin = fit.at(Landmark::Menton).y;
        let throat = fit.at(Landmark::Throat).y;
        let base = throat.min(chin - 30.0) - 18.0;
        let neck = fit.neck(base - 110.0, chin + 10.0);
        Self { neck, base, chin, shoulders, folds }
    }

    /// Distance of the body from the axis of the neck.
    fn girth(&self, azimuth: f32, y: f32) -> f32 {
        let down = (self.base - y).max(0.0);
        // The slope of the shoulders, then the round of the upper arm.
        let slope = (down / 98.0).min(1.0);
        let wide = 55.0 + (self.shoulders - 55.0) * slope.powf(1.35) * (2.35 - 1.35 * slope) + 0.06 * down;
        let chest = 55.0 + 72.0 * (1.0 - (-down / 80.0).exp());
        let back = 52.0 + 58.0 * (1.0 - (-down / 60.0).exp());
        let (sin, cos) = azimuth.sin_cos();
        let deep = if cos > 0.0 { chest } else { back };
        let power = 2.4;
        ((sin / wide).abs().powf(power) + (cos / deep).abs().powf(power)).powf(-1.0 / power)
    }

    /// A point of clothes `above` the body.
    fn at(&self, azimuth: f32, y: f32, above: f32) -> Vec3 {
        let skin = self.neck.reach(Vec2::new(azimuth, y));
        let low = self.base - 105.0;
        // Below the skin that there is, only the body counts.
        let skin = if y > low { skin } else { 0.0 };
        let place = Vec3::new(azimuth.sin() * 1.6, y / 60.0, azimuth.cos() * 1.6);
        let fold = 2.2 * noise::fractal(place, 3, 0.0, self.folds) * ((self.base - y) / 50.0).clamp(0.0, 1.0);
        let reach = self.girth(azimuth, y).max(skin + fold.abs()) + above + fold.max(-0.8 * above);
        let at = Vec2::new(azimuth, y);
        self.neck.point(at, reach - self.neck.reach(at))
    }

    fn shirt(&self, neckline: &Neckline, above: f32) -> Mesh {
        let bottom = self.base - 300.0;
        sheet(72, 40, true, |u, v| {
            let azimuth = (u - 0.5) * TAU;
            let top = self.base - neckline.drop(azimuth);
            // Dense at the shoulders.
            let down = (1.0 - v).powf(2.0);
            self.at(azimuth, top + (bottom - top) * down, above)
        })
    }

    fn border(&self, neckline: &Neckline, above: f32, wide: f32) -> Mesh {
        sheet(72, 4, true, |u, v| {
            let azimuth = (u - 0.5) * TAU;
            let y = self.base - neckline.drop(azimuth) + 1.5 - wide * (1.0 - v);
            self.at(azimuth, y, above + 0.6 + 1.2 * (v * PI).sin())
        })
    }

    /// A collar that stands and turns down: `stand` high, `fall` long.
    fn collar(&self, stand: f32, fall: f32) -> Mesh {
        let half = PI - 0.16;
        sheet(64, 10, false, |u, v| {
            let around = (u - 0.5) * 2.0 * half;
            // Open in front, where the points are.
            let azimuth = if around > 0.0 { PI - around } else { -PI - around };
            let azimuth = -azimuth;
            let front = (0.5 + 0.5 * azimuth.cos()).powi(2);
            let top = self.base + stand * (0.75 - 0.4 * front);
            let length = fall * (0.85 + 0.75 * front.powi(3));
            let (y, above) = if v > 0.7 {
                let share = (v - 0.7) / 0.3;
                (top - stand * share, 2.5 - 0.5 * share)
            } else {
                let share = 1.0 - v / 0.7;
                (top - length * share, 4.0 + 7.0 * share.powf(0.7))
            };
            self.at(azimuth, y, above)
        })
    }

    fn tie(&self) -> Mesh {
        let top = self.base - 14.0;
        let mut tie = sheet(8, 24, false, |u, v| {
            let down = (1.0 - v) * 170.0;
            let half = if down < 24.0 { 13.0 - down * 0.2 } else { 8.5 + (down - 24.0) * 0.13 };
            let y = top - down;
            let knot = if down < 26.0 { 7.0 } else { 4.0 };
            let across = (u - 0.5) * 2.0;
            let azimuth = across * half / self.girth(0.0, y);
            self.at(azimuth, y, 3.0 + knot * (1.0 - across * across))
        });
        tie.uvs.iter_mut().for_each(|uv| uv.y += 0.4 * uv.x);
        tie
    }

    fn lapels(&self, neckline: &Neckline) -> Mesh {
        let mut both = Mesh::default();
        for sign in [-1.0, 1.0] {
            both.append(&sheet(6, 24, false, |u, v| {
                let share = if sign > 0.0 { u } else { 1.0 - u };
                // From behind the neck down to the button.
                let edge = 2.2 * v;
                let y = self.base - neckline.drop(edge) + 1.5;
                let wide = 10.0 + 44.0 * (v * 1.25).min(1.0).mul_add(PI, 0.0).sin().max(0.0).powf(0.7);
                let azimuth = sign * (edge + share * wide / self.girth(edge, y).max(60.0));
                self.at(azimuth, y - share * wide * 0.35, 8.5 + 2.0 * (share * PI).sin())
            }));
        }
        both
    }

    fn buttons(&self) -> Mesh {
        let mut buttons = Mesh::default();
        for number in 0..4 {
            let centre = self.at(0.0, self.base - 45.0 - 62.0 * number as f32, 4.5);
            buttons.append(&ball(centre, Vec3::new(5.0, 5.0, 1.6), 12, 6));
        }
        buttons
    }

    /// A hood lies as a thick roll around the neck, thickest behind.
    fn hood(&self) -> Mesh {
        sheet(64, 14, true, |u, v| {
            let azimuth = (u - 0.5) * TAU;
            let behind = 0.5 - 0.5 * azimuth.cos();
            let round = (v * PI).sin().max(0.0);
            let y = self.base - 26.0 * (1.0 - behind) - 24.0 + (40.0 + 32.0 * behind) * v;
            let fold = 3.0 * (azimuth * 3.0 + v * 4.0).sin();
            self.at(azimuth, y, 3.5 + (9.0 + 26.0 * behind + fold) * round.powf(0.7))
        })
    }

    fn strings(&self) -> Mesh {
        let mut strings = Mesh::default();
        for azimuth in [-0.42f32, 0.42] {
            let path: Vec<Vec3> = (0..6)
                .map(|at| {
                    self.at(azimuth * (1.0 - 0.05 * at as f32), self.base - 34.0 - 20.0 * at as f32, 6.0)
                })
                .collect();
            strings.append(&cord(&curve(&path, 16), 2.2, 8));
        }
        strings
    }

    /// The collar of a turtleneck.
    fn roll(&self) -> Mesh {
        let (low, high) = (self.base - 8.0, self.chin - 22.0);
        sheet(64, 12, true, |u, v| {
            let azimuth = (u - 0.5) * TAU;
            let top = high + 22.0 * (0.5 - 0.5 * azimuth.cos());
            let y = low + (top - low) * v;
            let round = (v * PI).sin().max(0.0).powf(0.4);
            self.at(azimuth, y, 2.5 + 4.5 * round)
        })
    }
}
