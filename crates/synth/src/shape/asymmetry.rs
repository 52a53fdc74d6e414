//! How the two sides of a head differ.

use super::field::{Bump, FAR, Sides};
use super::mode::ShapeMode;
use super::place::Place::*;

const fn mode(name: &'static str, region: &'static str, spread: f32, bumps: &'static [Bump]) -> ShapeMode {
    ShapeMode { name, region, spread, bumps }
}

const ODD: Sides = Sides::Odd;

/// The modes by which the left side differs from the right. A coefficient of 1 in
/// [`Form::asymmetry`](crate::Form::asymmetry) is one standard deviation: as much as is hardly noticed, about 1 mm
/// (ears more). Mirrored heads have the other sign.
pub const ASYMMETRY_MODES: &[ShapeMode] = &[
    mode(
        "face bent to the left",
        "face",
        1.1,
        &[Bump::shift(Menton, [FAR, 100.0, 150.0], [1.0, 0.0, 0.0]).core(0.05)],
    ),
    mode(
        "nose bent to the left",
        "nose",
        0.75,
        &[Bump::shift(NoseTip, [26.0, 34.0, 45.0], [1.0, 0.0, 0.0]).off([0.0, 2.0, 0.0])],
    ),
    mode("bridge bent to the left", "nose", 0.6, &[Bump::shift(Bridge, [18.0, 22.0, 34.0], [1.0, 0.0, 0.0])]),
    mode(
        "left eye higher",
        "eye",
        0.45,
        &[Bump::shift(Eyeball, [30.0, 26.0, 60.0], [0.0, 1.0, 0.0])
            .off([0.0, 0.0, 8.0])
            .core(0.42)
            .sides(ODD)],
    ),
    mode(
        "left eye more open",
        "eye",
        0.26,
        &[Bump::shift(UpperLid, [17.0, 9.5, 26.0], [0.0, 1.0, -0.1]).off([0.0, 0.6, 0.0]).sides(ODD)],
    ),
    mode(
        "left brow higher",
        "brow",
        0.7,
        &[Bump::shift(BrowMiddle, [30.0, 20.0, 36.0], [0.0, 1.0, 0.0])
            .off([0.0, 3.0, 0.0])
            .core(0.1)
            .sides(ODD)],
    ),
    mode(
        "left cheek fuller",
        "cheek",
        0.9,
        &[Bump::shift(Cheek, [32.0, 34.0, 44.0], [0.7, 0.0, 0.7]).sides(ODD)],
    ),
    mode(
        "left cheekbone broader",
        "cheek",
        0.8,
        &[Bump::shift(Zygion, [34.0, 34.0, 44.0], [1.0, 0.0, 0.2]).off([0.0, 0.0, 8.0]).sides(ODD)],
    ),
    mode(
        "mouth moved to the left",
        "mouth",
        0.8,
        &[Bump::shift(Mouth, [48.0, 26.0, 45.0], [1.0, 0.0, 0.0]).core(0.3)],
    ),
    mode(
        "left corner of the mouth higher",
        "mouth",
        0.6,
        &[Bump::shift(MouthCorner, [18.0, 14.0, 28.0], [0.0, 1.0, 0.0]).sides(ODD)],
    ),
    mode(
        "left side of the jaw broader",
        "jaw",
        1.3,
        &[Bump::shift(Gonion, [42.0, 46.0, 60.0], [1.0, 0.0, 0.0]).off([0.0, 2.0, 8.0]).sides(ODD)],
    ),
    mode(
        "chin moved to the left",
        "chin",
        1.0,
        &[Bump::shift(Pogonion, [46.0, 34.0, 50.0], [1.0, 0.0, 0.0]).off([0.0, -4.0, 0.0]).core(0.1)],
    ),
    mode(
        "left ear farther out",
        "ear",
        2.0,
        &[Bump::turn(Ear, [24.0, 52.0, 40.0], [0.0, 1.0, 0.0]).off([12.0, 4.0, -18.0]).core(0.35).sides(ODD)],
    ),
    mode(
        "left ear higher",
        "ear",
        1.2,
        &[Bump::shift(Ear, [34.0, 66.0, 55.0], [0.0, 1.0, 0.0]).off([8.0, 2.0, -6.0]).core(0.45).sides(ODD)],
    ),
];
