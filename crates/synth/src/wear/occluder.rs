//! Things between a face and the camera.

use std::f32::consts::{PI, TAU};

use glam::{Affine3A, Mat3, Vec2, Vec3};

use super::fabric::{Fabric, Weave};
use super::fit::Fit;
use super::hull::Hull;
use super::solid::{ball, sheet, tube};
use super::{FaceArea, WornPart};
use crate::{Landmark, Mesh, Seed};

/// Half the sides of a phone, in millimetres, and where the middle of its lenses is.
const PHONE: Vec3 = Vec3::new(36.0, 75.0, 4.0);
const LENSES: Vec3 = Vec3::new(17.0, 48.0, 4.0);
/// What is seen in a lens.
const GLASS: Vec3 = Vec3::splat(0.004);

/// A kind of occluder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OccluderKind {
    /// A hand over mouth and chin.
    HandMouth,
    /// A hand at a cheek.
    HandCheek,
    /// A hand over an eye.
    HandEye,
    /// A phone held before the face.
    Phone,
    /// A cup at the mouth.
    Cup,
    /// A microphone before the mouth.
    Microphone,
    /// A book or a sheet of paper before the lower face.
    Book,
    /// Bars of a fence or a window before the face.
    Bars,
}

impl OccluderKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::HandMouth,
        Self::HandCheek,
        Self::HandEye,
        Self::Phone,
        Self::Cup,
        Self::Microphone,
        Self::Book,
        Self::Bars,
    ];
}

/// Something before a face.
#[derive(Clone, Debug, PartialEq)]
pub struct Occluder {
    /// What it is.
    pub kind: OccluderKind,
    /// What it is made of; for hands the colour of the skin.
    pub material: Fabric,
}

impl Occluder {
    /// Anything; `skin` is the linear colour of the person's skin, for hands.
    pub fn sample(seed: Seed, skin: Vec3) -> Self {
        let at = seed.of("occluder").stream().below(OccluderKind::ALL.len());
        Self::of(OccluderKind::ALL[at], seed, skin)
    }

    /// One kind of occluder.
    pub fn of(kind: OccluderKind, seed: Seed, skin: Vec3) -> Self {
        use OccluderKind::{Book, Cup, HandCheek, HandEye, HandMouth, Phone};
        let mut stream = seed.of("occluder color").stream();
        let (color, second) = (Fabric::dye(&mut stream), Fabric::dye(&mut stream));
        let number = seed.of("weave").value();
        let material = match kind {
            HandMouth | HandCheek | HandEye => Fabric {
                weave: Weave::Mottled(30.0),
                second: skin * Vec3::new(1.0, 0.93, 0.92),
                roughness: 0.5,
                gloss: 0.028,
                ..Fabric::plastic(skin, 0.5)
            },
            Phone => Fabric::plastic(if stream.chance(0.6) { Vec3::splat(0.015) } else { color }, 0.2),
            Cup if stream.chance(0.5) => Fabric::plastic(Vec3::splat(0.75), 0.35),
            Cup => Fabric { weave: Weave::Stripes(45.0), second, ..Fabric::plastic(color, 0.4) },
            Book => Fabric::cloth(Weave::Print(stream.between(25.0, 60.0)), color, second, number),
            OccluderKind::Microphone => Fabric::metal(Vec3::splat(stream.between(0.05, 0.4)), 0.5),
            OccluderKind::Bars => Fabric::metal(Vec3::splat(stream.between(0.03, 0.3)), 0.5),
        };
        Self { kind, material: Fabric { seed: number, ..material } }
    }

    pub(super) fn covers(&self) -> &'static [FaceArea] {
        match self.kind {
            OccluderKind::HandMouth | OccluderKind::Book => &[FaceArea::Mouth, FaceArea::Chin],
            OccluderKind::Phone => &[FaceArea::Nose, FaceArea::Mouth],
            OccluderKind::Cup | OccluderKind::Microphone => &[FaceArea::Mouth],
            // One cheek, one eye, and stripes of everything: less than half of each.
            OccluderKind::HandCheek | OccluderKind::HandEye | OccluderKind::Bars => &[],
        }
    }

    pub(super) fn make(&self, fit: &Fit<'_>, seed: Seed) -> Vec<WornPart> {
        let mut stream = seed.of("held").stream();
        let front = fit.front();
        let [left, right] = fit.both(Landmark::MouthCorner);
        let mouth = (left + right) / 2.0;
        let turn = stream.between(-0.25, 0.25);
        let side = if stream.chance(0.5) { 1.0 } else { -1.0 };
        let hand = |place: Vec2, angle: f32, spread: f32| resting(hand(side, spread), place, angle, &front);
        let mesh = match self.kind {
            OccluderKind::HandMouth => {
                hand(Vec2::new(side * 12.0, mouth.y - 4.0), side * (1.25 + turn), 0.06)
            }
            OccluderKind::HandCheek => {
                hand(Vec2::new(side * 52.0, mouth.y + 2.0), side * (turn * 0.6 - 0.05), 0.1)
            }
            OccluderKind::HandEye => {
                let eye = fit.both(Landmark::EyeCenter)[usize::from(side < 0.0)];
                hand(Vec2::new(eye.x + side * 4.0, eye.y - 18.0), side * (0.5 + turn), 0.14)
            }
            OccluderKind::Phone => {
                let phone = slab(PHONE, 9.0);
                let place = Vec2::new(stream.between(-20.0, 20.0), mouth.y + stream.between(-25.0, 20.0));
                let seat = seat(&phone, place, turn * 0.6, &front);
                let bump = Fabric { color: self.material.color * 0.7 + 0.02, ..self.material };
                let parts =
                    [(phone, self.material), (camera(), bump), (lenses(), Fabric::plastic(GLASS, 0.1))];
                let seated = |(mesh, stuff): (Mesh, Fabric)| WornPart::cloth(mesh.transformed(&seat), stuff);
                return parts.map(seated).into();
            }
            OccluderKind::Book => {
                let book = slab(Vec3::new(75.0, 100.0, 9.0), 3.0);
                resting(book, Vec2::new(stream.between(-15.0, 15.0), mouth.y - 78.0), turn * 0.3, &front)
            }
            OccluderKind::Cup => {
                let cup = sheet(36, 12, true, |u, v| {
                    let around = Vec2::from_angle((u - 0.25) * -TAU);
                    let radius = if v == 0.0 { 0.0 } else { 30.0 + 8.0 * v };
                    Vec3::new(around.x * radius, 78.0 * (v.max(0.02) - 1.0), around.y * radius)
                });
                resting(cup, Vec2::new(turn * 20.0, mouth.y + 5.0), turn * 0.4, &front)
            }
            OccluderKind::Microphone => {
                let mut microphone = ball(Vec3::ZERO, Vec3::new(24.0, 27.0, 24.0), 24, 14);
                let handle =
                    [Vec3::new(0.0, -22.0, 0.0), Vec3::new(0.0, -40.0, 2.0), Vec3::new(0.0, -190.0, 8.0)];
                let section = |v: f32, angle: f32| Vec2::from_angle(angle) * (17.0 - 5.0 * v);
                microphone.append(&tube(&handle, false, 16, Vec3::Z, section));
                resting(microphone, Vec2::new(turn * 30.0, mouth.y - 12.0), turn * 1.4, &front)
            }
            OccluderKind::Bars => {
                let depth = fit.at(Landmark::NoseTip).z + 25.0;
                let (pitch, thick) = (stream.between(45.0, 80.0), stream.between(4.0, 9.0));
                let lead = stream.between(-0.5, 0.5) * pitch;
                let mut bars = Mesh::default();
                for bar in -4..=4 {
                    let x = lead + pitch * bar as f32;
                    let path = [Vec3::new(x, 320.0, depth), Vec3::new(x, -420.0, depth)];
                    let section = |_: f32, angle: f32| Vec2::from_angle(angle) * thick;
                    bars.append(&tube(&path, false, 12, Vec3::Z, section));
                }
                bars
            }
        };
        vec![WornPart::cloth(mesh, self.material)]
    }
}

/// Brings a thing before a face: turned in the plane of the picture, at a place, and as near as it goes.
fn resting(mesh: Mesh, place: Vec2, angle: f32, front: &Hull) -> Mesh {
    let seat = seat(&mesh, place, angle, front);
    mesh.transformed(&seat)
}

/// How a thing is moved to be there.
fn seat(mesh: &Mesh, place: Vec2, angle: f32, front: &Hull) -> Affine3A {
    let turn = Affine3A::from_mat3_translation(Mat3::from_rotation_z(angle), place.extend(0.0));
    let gap = |at: &Vec3| {
        let at = turn.transform_point3(*at);
        front.crest(at.truncate(), Vec2::splat(2.0)) + 1.5 - at.z
    };
    let depth = mesh.positions.iter().map(gap).fold(f32::NEG_INFINITY, f32::max);
    Affine3A::from_translation(Vec3::Z * depth) * turn
}

/// What stands out of a phone's back around its lenses.
fn camera() -> Mesh {
    slab(Vec3::new(13.0, 21.0, 1.6), 6.0).transformed(&Affine3A::from_translation(LENSES))
}

/// The lenses in it, one above the other.
fn lenses() -> Mesh {
    let mut lenses = Mesh::default();
    for up in [-9.5, 9.5] {
        lenses.append(&ball(LENSES + Vec3::new(0.0, up, 1.4), Vec3::new(7.5, 7.5, 1.6), 20, 10));
    }
    lenses
}

/// A box with round corners, seen from the front.
fn slab(half: Vec3, round: f32) -> Mesh {
    let power = 2.0 * round / half.x;
    sheet(48, 16, true, |u, v| {
        let (sin, cos) = (u * TAU).sin_cos();
        let corner = Vec2::new(cos.signum() * cos.abs().powf(power), sin.signum() * sin.abs().powf(power));
        // Back, rim and front.
        let (share, depth) = match v {
            v if v < 0.25 => (v / 0.25, 1.0),
            v if v > 0.75 => ((1.0 - v) / 0.25, -1.0),
            v => (1.0, (0.5 - v) / 0.25),
        };
        Vec3::new(-corner.x * half.x * share, corner.y * half.y * share, -depth * half.z)
    })
}

/// A hand with its palm toward -z and fingers up, the thumb on the side of a sign.
fn hand(thumb: f32, spread: f32) -> Mesh {
    let mut hand = ball(Vec3::new(0.0, -40.0, 0.0), Vec3::new(40.0, 50.0, 14.0), 32, 24);
    // A palm is squarer than a ball, and wider at the fingers than at the wrist.
    for at in &mut hand.positions {
        let local = (at.y + 40.0) / 50.0;
        let full = (1.0 - local * local).max(1e-4).sqrt();
        at.x *= (0.86 + 0.14 * local) * full.powf(-0.72);
        at.z *= full.powf(-0.5);
    }
    hand.rest = hand.positions.clone();
    hand.smooth_normals(&[]);
    let finger = |hand: &mut Mesh, root: Vec3, way: Vec3, length: f32, thick: f32| {
        let path: Vec<Vec3> = (0..=14)
            .map(|at| {
                let share = at as f32 / 14.0;
                // Fingers bend toward the face.
                root + way * length * share - Vec3::Z * 5.0 * share * share
            })
            .collect();
        let section = move |v: f32, angle: f32| {
            let tip = (1.0 - ((v - 0.86).max(0.0) / 0.14).powi(2)).max(0.0).sqrt();
            let joint = 1.0 + 0.04 * (v * 3.0 * TAU).cos() - 0.08 * v;
            Vec2::from_angle(angle) * thick * joint * tip.max(0.05)
        };
        hand.append(&tube(&path, false, 14, Vec3::Z, section));
    };
    for (at, length) in [76.0, 86.0, 81.0, 64.0].into_iter().enumerate() {
        let across = (1.5 - at as f32) * thumb;
        let root = Vec3::new(across * 19.0, -12.0 - 4.0 * across.abs(), 1.0);
        let way = Vec2::from_angle(PI / 2.0 - across * spread).extend(0.0);
        finger(&mut hand, root, way, length, 9.4 - 0.6 * (at == 3) as u8 as f32);
    }
    let way = Vec3::new(0.75 * thumb, 0.66, -0.05).normalize();
    finger(&mut hand, Vec3::new(18.0 * thumb, -56.0, 0.0), way, 72.0, 11.5);
    // The wrist.
    let path = [Vec3::new(0.0, -52.0, 0.0), Vec3::new(0.0, -100.0, 2.0), Vec3::new(0.0, -230.0, 14.0)];
    hand.append(&tube(&path, false, 18, Vec3::Z, |_, angle| Vec2::from_angle(angle) * Vec2::new(29.0, 17.0)));
    hand
}
