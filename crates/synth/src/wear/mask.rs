//! Medical masks: stretched over nose and chin and held at the ears.

use glam::{Vec2, Vec3};

use super::WornPart;
use super::fabric::{Fabric, Weave};
use super::fit::{Fit, SIDES};
use super::hull::Hull;
use super::solid::{cord, curve, sheet, tube};
use crate::{Landmark, Mesh, Seed};

/// A kind of mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MaskKind {
    /// Three layers with pleats.
    Surgical,
    /// A respirator shaped like a cup (FFP2, N95).
    Respirator,
    /// Sewn of cloth.
    Cloth,
}

impl MaskKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::Surgical, Self::Respirator, Self::Cloth];
}

/// A mask over nose, mouth and chin.
#[derive(Clone, Debug, PartialEq)]
pub struct Mask {
    /// What kind it is.
    pub kind: MaskKind,
    /// What it is made of.
    pub cloth: Fabric,
    /// What its strings are made of.
    pub string: Fabric,
}

impl Mask {
    /// Any mask.
    pub fn sample(seed: Seed) -> Self {
        Self::of(MaskKind::ALL[seed.of("mask").stream().weighted(&[3.0, 1.2, 1.5])], seed)
    }

    /// One kind of mask.
    pub fn of(kind: MaskKind, seed: Seed) -> Self {
        let mut stream = seed.of("mask cloth").stream();
        let white = Vec3::splat(stream.between(0.65, 0.85));
        let number = seed.of("weave").value();
        let plain = |color: Vec3| Fabric::cloth(Weave::Woven, color, color, number);
        let cloth = match kind {
            MaskKind::Surgical => {
                let colors = [
                    Vec3::new(0.36, 0.6, 0.75),
                    Vec3::new(0.3, 0.6, 0.55),
                    Vec3::splat(0.02),
                    white,
                    Vec3::new(0.75, 0.45, 0.52),
                ];
                let color = colors[stream.weighted(&[5.0, 1.0, 1.5, 1.5, 0.6])] * stream.between(0.85, 1.1);
                Fabric { weave: Weave::Pleats, ..plain(color) }
            }
            MaskKind::Respirator => plain(if stream.chance(0.8) { white } else { Vec3::splat(0.02) }),
            MaskKind::Cloth => {
                let (color, second) = (Fabric::dye(&mut stream), Fabric::dye(&mut stream));
                let weave = match stream.weighted(&[3.0, 1.0, 1.0, 1.0]) {
                    0 => Weave::Woven,
                    1 => Weave::Dots(stream.between(6.0, 12.0)),
                    2 => Weave::Print(stream.between(8.0, 20.0)),
                    _ => Weave::Plaid(stream.between(8.0, 18.0)),
                };
                Fabric::cloth(weave, color, second, number)
            }
        };
        let string = plain(if cloth.color.max_element() < 0.1 { Vec3::splat(0.02) } else { white });
        Self { kind, cloth, string }
    }

    pub(super) fn make(&self, fit: &Fit<'_>) -> Vec<WornPart> {
        let corners = fit.both(Landmark::MouthCorner);
        let mouth = (corners[0] + corners[1]) / 2.0;
        let centre = Vec3::new(0.0, mouth.y, mouth.z - 75.0);
        let head = fit.head(centre);
        let taut = head.clone().stretched(24);
        let outline = Outline::new(fit, &taut, self.kind);
        let bulge = match self.kind {
            MaskKind::Respirator => 9.0,
            MaskKind::Surgical => 2.5,
            MaskKind::Cloth => 1.5,
        };
        // Where the cloth stands away from the skin it must not stand before the eyes.
        let lids = [36, 39, 40, 41, 42, 45, 46, 47].map(|lid| fit.at(Landmark::Ibug(lid)).y);
        let free = lids.into_iter().fold(f32::INFINITY, f32::min) - 1.0;
        let mask = sheet(48, 32, false, |u, v| {
            let at = outline.at(u, v);
            let inside = (1.0 - (2.0 * u - 1.0).powi(2)) * (1.0 - (2.0 * v - 1.0).powi(2));
            let seam =
                if self.kind == MaskKind::Cloth { 2.0 * (-((u - 0.5) * 30.0).powi(2)).exp() } else { 0.0 };
            let pleat = if self.kind == MaskKind::Surgical {
                0.8 * (v * 10.0 * std::f32::consts::PI).sin().abs()
            } else {
                0.0
            };
            let above = 1.6 + bulge * inside.max(0.0) + (seam + pleat) * inside.max(0.0).sqrt();
            let point = taut.point(at, above);
            point.with_y(point.y.min(free))
        });
        let mut parts = vec![WornPart::cloth(mask, self.cloth)];
        let mut strings = Mesh::default();
        for (number, side) in SIDES.into_iter().enumerate() {
            let u = number as f32;
            let u = 1.0 - u;
            let ear = fit.at(Landmark::EarTop(side));
            let lobe = fit.at(Landmark::EarLobe(side));
            let back = Vec3::new(ear.x, ear.y + 1.5, ear.z - 4.0);
            let low = lobe + Vec3::new(0.0, 0.0, -8.0);
            for (v, end) in [(0.93, back), (0.08, low)] {
                let start = taut.point(outline.at(u, v), 1.8);
                strings.append(&string(&head, start, end));
            }
        }
        parts.push(WornPart::solid(strings, self.string));
        if self.kind != MaskKind::Cloth {
            // The wire in the upper edge.
            let wire: Vec<Vec3> =
                (0..=16).map(|at| taut.point(outline.at(0.3 + 0.4 * at as f32 / 16.0, 0.95), 2.4)).collect();
            let bend =
                tube(&wire, false, 6, Vec3::Y, |_, angle| Vec2::from_angle(angle) * Vec2::new(0.7, 2.0));
            parts.push(WornPart::solid(bend, Fabric { weave: Weave::Woven, ..self.cloth }));
        }
        parts
    }
}

/// A string from the mask to an ear that lies on the cheek.
fn string(head: &Hull, start: Vec3, end: Vec3) -> Mesh {
    let path: Vec<Vec3> = (0..=20)
        .map(|at| {
            let point = start.lerp(end, at as f32 / 20.0);
            head.outside(point, 1.4)
        })
        .collect();
    cord(&curve(&path, 20), 1.1, 6)
}

/// The outline of a mask on the chart of the head.
struct Outline {
    /// From the person's right to the left: azimuth, lowest and highest elevation.
    columns: [[f32; 3]; 9],
}

impl Outline {
    fn new(fit: &Fit<'_>, head: &Hull, kind: MaskKind) -> Self {
        let wide = if kind == MaskKind::Respirator { 0.86 } else { 1.0 };
        let on = |point: Vec3| head.coordinates(point);
        // What stands out farther is cut lower, so that it does not stand before the eyes.
        let lower = if kind == MaskKind::Respirator { Vec3::NEG_Y * 5.0 } else { Vec3::ZERO };
        let nose = fit.at(Landmark::NoseBridge).lerp(fit.at(Landmark::NoseTip), 0.38) + lower;
        let corners = [Landmark::Ibug(39), Landmark::Ibug(42)].map(|corner| fit.at(corner).y);
        let bridge = nose.with_y(nose.y.min(corners[0].min(corners[1]) - 5.0));
        let chin = fit.at(Landmark::Menton) + Vec3::new(0.0, -4.0, -12.0);
        let [eye, _] = fit.both(Landmark::EyeCenter);
        let cheek = on(Vec3::new(eye.x * 0.62, eye.y - 23.0, eye.z - 10.0) + lower);
        let bone = on(Vec3::new(eye.x * 1.35, eye.y - 34.0, eye.z - 26.0));
        let corner = fit.at(Landmark::MouthCorner(crate::Side::Left));
        let ear = fit.at(Landmark::EarCanal(crate::Side::Left));
        let edge = on(corner.lerp(ear, 0.42 * wide) + Vec3::Y * 2.0);
        let jaw =
            on(fit.at(Landmark::Menton).lerp(fit.at(Landmark::Gonion(crate::Side::Left)), 0.45)
                + Vec3::Y * 2.0);
        let (top, bottom) = (on(bridge).y, on(chin).y);
        let half = edge.x.max(0.75);
        // Highest on the nose, then down along the cheek; lowest under the chin, then up along the jaw.
        let upper = [top, cheek.y, cheek.y * 0.45 + bone.y * 0.55, bone.y, edge.y + 0.26];
        let lower = [bottom, bottom * 0.97, bottom * 0.6 + jaw.y * 0.4, jaw.y, edge.y - 0.32];
        let columns = [4, 3, 2, 1, 0, 1, 2, 3, 4];
        let columns = std::array::from_fn(|at| {
            let away = columns[at];
            let azimuth = half * [0.0, 0.22, 0.48, 0.75, 1.0][away];
            [if at < 4 { -azimuth } else { azimuth }, lower[away], upper[away].max(lower[away] + 0.2)]
        });
        Self { columns }
    }

    fn at(&self, u: f32, v: f32) -> Vec2 {
        let place = u * 8.0;
        let column = (place as usize).min(7);
        let part = place - column as f32;
        let smooth = part;
        let mix = |at: usize| {
            let [before, a, b, after] = [column.max(1) - 1, column, column + 1, (column + 2).min(8)]
                .map(|column| self.columns[column][at]);
            let t = smooth;
            0.5 * (2.0 * a
                + (b - before) * t
                + (2.0 * before - 5.0 * a + 4.0 * b - after) * t * t
                + (3.0 * a - before - 3.0 * b + after) * t * t * t)
        };
        let (low, high) = (mix(1), mix(2));
        Vec2::new(mix(0), low + (high - low) * v)
    }
}
