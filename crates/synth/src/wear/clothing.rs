//! Clothes down to the chest.

mod torso;

use std::f32::consts::{PI, TAU};

use glam::Vec3;

use super::WornPart;
use super::fabric::{Fabric, Weave};
use super::fit::Fit;
use super::solid::{ball, cord, curve, sheet};
use crate::curve::ramp;
use crate::{Mesh, Seed};
pub(super) use torso::Torso;

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
    /// The collar of a shirt, unbuttoned.
    Open,
    /// A collar that stands, with a zip.
    Zip,
}

impl Collar {
    /// All kinds.
    pub const ALL: [Self; 8] =
        [Self::Round, Self::Vee, Self::Shirt, Self::Suit, Self::Hood, Self::Turtle, Self::Open, Self::Zip];
}

/// Clothes down to the chest.
#[derive(Clone, Debug, PartialEq)]
pub struct Clothing {
    /// How they end at the neck.
    pub collar: Collar,
    /// Half the breadth of the shoulders with the arms, in millimetres: 185..=240.
    pub shoulders: f32,
    /// What they are made of.
    pub cloth: Fabric,
    /// What the collar, tie or border is made of.
    pub trim: Fabric,
}

impl Clothing {
    /// Any clothes; `sex` is 0 for a female and 1 for a male build.
    pub fn sample(seed: Seed, sex: f32) -> Self {
        let at = seed.of("clothing").stream().weighted(&[4.0, 1.5, 2.0, 1.8, 1.5, 1.0, 1.8, 1.0]);
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
        let shoulders = 198.0 + 22.0 * sex + 7.0 * stream.normal(2.0);
        Self { collar, shoulders, cloth, trim }
    }

    /// How many millimetres of skin are bare in front below the pit of the neck; none under collars that close.
    pub fn bare(&self) -> f32 {
        match self.collar {
            Collar::Round => 9.0,
            Collar::Vee => 18.0,
            Collar::Open => 30.0,
            _ => 0.0,
        }
    }

    pub(super) fn make(&self, fit: &Fit<'_>, seed: Seed) -> Vec<WornPart> {
        let body = Torso::new(fit, self.shoulders, seed.of("folds").value());
        let mut parts = Vec::new();
        let (front, back) = match self.collar {
            Collar::Round => (13.0, 6.0),
            Collar::Vee => (78.0, 4.0),
            Collar::Shirt => (12.0, 0.0),
            Collar::Suit => (125.0, 15.0),
            Collar::Hood => (20.0, 2.0),
            Collar::Turtle | Collar::Zip => (0.0, 0.0),
            Collar::Open => (40.0, 0.0),
        };
        let point = matches!(self.collar, Collar::Vee | Collar::Suit | Collar::Shirt | Collar::Open);
        let neckline = Neckline { front, back, point };
        if self.collar == Collar::Suit {
            let shirt = Fabric::cloth(Weave::Woven, Vec3::splat(0.72), Vec3::splat(0.72), self.cloth.seed);
            let under = Neckline { front: 8.0, back: 0.0, point: true };
            parts.push(WornPart::cloth(body.shirt(&under, 1.5), shirt));
            parts.push(WornPart::cloth(body.collar(26.0, 36.0, 0.16), shirt));
            parts.push(WornPart::cloth(body.tie(), self.trim));
        }
        if self.collar == Collar::Vee {
            let under = Neckline { front: 22.0, back: 8.0, point: false };
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
                parts.push(WornPart::cloth(body.collar(24.0, 34.0, 0.16), self.trim));
                parts.push(WornPart::solid(body.buttons(30.0), Fabric::plastic(Vec3::splat(0.6), 0.3)));
            }
            Collar::Suit => parts.push(WornPart::cloth(body.lapels(&neckline), self.cloth)),
            Collar::Hood => {
                parts.push(WornPart::cloth(body.hood(), self.cloth));
                parts.push(WornPart::solid(body.strings(), self.trim));
            }
            Collar::Turtle => parts.push(WornPart::cloth(body.roll(), self.trim)),
            Collar::Open => {
                parts.push(WornPart::cloth(body.border(&neckline, above, 14.0), self.cloth));
                parts.push(WornPart::cloth(body.collar(20.0, 40.0, 0.6), self.trim));
                parts.push(WornPart::solid(body.buttons(58.0), Fabric::plastic(Vec3::splat(0.5), 0.3)));
            }
            Collar::Zip => {
                parts.push(WornPart::cloth(body.stand(34.0), self.cloth));
                parts.push(WornPart::solid(body.zip(), Fabric::metal(Vec3::splat(0.5), 0.35)));
            }
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
        self.front * front + self.back * (share * 2.0).min(1.0)
    }
}

impl Torso {
    fn shirt(&self, neckline: &Neckline, above: f32) -> Mesh {
        let mut shirt = sheet(64, 26, true, |u, v| {
            let azimuth = (u - 0.5) * TAU;
            let top = neckline.drop(azimuth);
            // Dense at the shoulders.
            self.at(azimuth, top + (400.0 - top) * (1.0 - v).powf(1.8), above)
        });
        // Patterns go around the arms and not through them.
        for place in &mut shirt.rest {
            let aside = ramp(0.6, 0.95, place.x.abs() / self.shoulders());
            place.x -= place.x.signum() * place.z * aside;
        }
        shirt
    }

    fn border(&self, neckline: &Neckline, above: f32, wide: f32) -> Mesh {
        sheet(64, 3, true, |u, v| {
            let azimuth = (u - 0.5) * TAU;
            let down = neckline.drop(azimuth) - 1.5 + wide * (1.0 - v);
            self.at(azimuth, down, above + 0.6 + 1.2 * (v * PI).sin())
        })
    }

    /// A collar that stands and turns down: `stand` high, `fall` long, and open in front by an azimuth to each side.
    fn collar(&self, stand: f32, fall: f32, open: f32) -> Mesh {
        let half = PI - open;
        sheet(52, 10, false, |u, v| {
            let around = (u - 0.5) * 2.0 * half;
            // Open in front, where the points are.
            let azimuth = if around > 0.0 { around - PI } else { around + PI };
            let front = (0.5 + 0.5 * azimuth.cos()).powi(2);
            let top = stand * (0.9 - 0.35 * front);
            let length = fall * (0.85 + 0.75 * front.powi(3));
            let (up, above) = if v > 0.7 {
                let share = (v - 0.7) / 0.3;
                (top - stand * share, 2.5 - 0.5 * share)
            } else {
                let share = 1.0 - v / 0.7;
                (top - length * share, 4.0 + 6.0 * share.powf(0.7))
            };
            self.at(azimuth, -up, above)
        })
    }

    fn tie(&self) -> Mesh {
        let mut tie = sheet(8, 24, false, |u, v| {
            let down = (1.0 - v) * 170.0;
            let half = if down < 24.0 { 13.0 - down * 0.2 } else { 8.5 + (down - 24.0) * 0.13 };
            let knot = if down < 26.0 { 7.0 } else { 4.0 };
            let across = (u - 0.5) * 2.0;
            let azimuth = across * half / self.radius(0.0, down);
            self.at(azimuth, down + 1.0, 3.0 + knot * (1.0 - across * across))
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
                let down = neckline.drop(edge) - 1.5;
                let wide = 10.0 + 44.0 * (v * 1.25).min(1.0).mul_add(PI, 0.0).sin().max(0.0).powf(0.7);
                let azimuth = sign * (edge + share * wide / self.radius(edge, down).max(60.0));
                self.at(azimuth, down + share * wide * 0.35, 10.0 + 2.5 * (share * PI).sin())
            }));
        }
        both
    }

    /// Buttons down the front from `first` on.
    fn buttons(&self, first: f32) -> Mesh {
        let mut buttons = Mesh::default();
        for number in 0..4 {
            let centre = self.at(0.0, first + 62.0 * number as f32, 4.5);
            buttons.append(&ball(centre, Vec3::new(5.0, 5.0, 1.6), 12, 6));
        }
        buttons
    }

    /// A hood lies as a thick roll around the neck, thickest behind.
    fn hood(&self) -> Mesh {
        sheet(52, 12, true, |u, v| {
            let azimuth = (u - 0.5) * TAU;
            let behind = 0.5 - 0.5 * azimuth.cos();
            let round = (v * PI).sin().max(0.0);
            let down = 34.0 + 8.0 * behind - (38.0 + 22.0 * behind) * v;
            let fold = 3.0 * (azimuth * 3.0 + v * 4.0).sin();
            self.at(azimuth, down, 3.5 + (9.0 + 15.0 * behind + fold) * round.powf(0.7))
        })
    }

    fn strings(&self) -> Mesh {
        let mut strings = Mesh::default();
        for azimuth in [-0.42f32, 0.42] {
            let path: Vec<Vec3> = (0..6)
                .map(|at| self.at(azimuth * (1.0 - 0.05 * at as f32), 24.0 + 20.0 * at as f32, 6.0))
                .collect();
            strings.append(&cord(&curve(&path, 16), 2.2, 8));
        }
        strings
    }

    /// A collar that stands up around the neck.
    fn stand(&self, high: f32) -> Mesh {
        sheet(52, 8, true, |u, v| {
            let azimuth = (u - 0.5) * TAU;
            let round = (v * PI).sin().max(0.0).powf(0.4);
            self.at(azimuth, 3.0 - (3.0 + high) * v, 4.0 + 2.6 * round)
        })
    }

    /// A zip down the front, from the edge of a standing collar.
    fn zip(&self) -> Mesh {
        let path: Vec<Vec3> = (0..9).map(|at| self.at(0.0, 26.0 * at as f32 - 30.0, 5.6)).collect();
        cord(&curve(&path, 32), 1.8, 6)
    }

    /// The collar of a turtleneck.
    fn roll(&self) -> Mesh {
        sheet(52, 10, true, |u, v| {
            let azimuth = (u - 0.5) * TAU;
            let behind = 0.5 - 0.5 * azimuth.cos();
            let top = 34.0 * behind - 30.0 - Torso::base(azimuth);
            let round = (v * PI).sin().max(0.0).powf(0.4);
            self.at(azimuth, 3.0 - (3.0 + top) * v, 3.4 + 4.2 * round)
        })
    }
}
