//! Nose, cheeks, mouth, jaw, ears and neck.

use super::{ShapeMode, mode};
use crate::shape::field::{Bump, Lips};
use crate::shape::place::Place::*;

pub(super) const LOWER: &[ShapeMode] = &[
    // Nose.
    mode(
        "nose length",
        "nose",
        2.2,
        &[Bump::shift(NoseTip, [33.0, 36.0, 55.0], [0.0, -1.0, 0.0]).off([0.0, -4.0, -6.0]).core(0.2)],
    ),
    mode(
        "nose projection",
        "nose",
        2.8,
        &[Bump::shift(NoseTip, [24.0, 34.0, 36.0], [0.0, 0.0, 1.0]).off([0.0, 1.0, 0.0]).core(0.1)],
    ),
    mode(
        "nose width",
        "nose",
        1.25,
        &[Bump::shift(Ala, [17.0, 20.0, 30.0], [1.0, 0.0, 0.0]).off([2.0, 4.0, 0.0])],
    ),
    mode(
        "nostril flare",
        "nose",
        1.0,
        &[
            Bump::shift(Ala, [10.5, 11.0, 18.0], [1.0, 0.25, 0.2]).off([4.0, 2.0, 2.0]),
            Bump::shift(Ala, [11.0, 13.0, 18.0], [-0.3, 0.0, 0.0]).off([-1.0, 14.0, 0.0]),
        ],
    ),
    mode(
        "ala height",
        "nose",
        1.1,
        &[Bump::shift(Ala, [12.0, 12.0, 20.0], [0.0, 1.0, 0.0]).off([2.0, 2.0, 0.0])],
    ),
    mode(
        "bridge height",
        "nose",
        2.8,
        &[Bump::shift(Bridge, [18.0, 32.0, 34.0], [0.0, 0.0, 1.0]).off([0.0, 2.0, 0.0])],
    ),
    mode(
        "bridge width",
        "nose",
        1.2,
        &[Bump::shift(Bridge, [13.0, 27.0, 26.0], [1.0, 0.0, 0.0]).off([8.0, 2.0, -6.0])],
    ),
    mode(
        "nasal hump",
        "nose",
        1.95,
        &[
            Bump::shift(Bridge, [12.0, 15.0, 28.0], [0.0, 0.0, 1.0]),
            Bump::shift(NoseTip, [14.0, 15.0, 28.0], [0.0, -0.35, -0.3]).off([0.0, 3.0, 0.0]),
        ],
    ),
    mode(
        "nasion depth",
        "nose",
        1.55,
        &[Bump::shift(Nasion, [16.0, 18.0, 28.0], [0.0, 0.0, -1.0]).off([0.0, -1.0, 0.0])],
    ),
    mode("nasion height", "nose", 1.3, &[Bump::shift(Nasion, [18.0, 20.0, 28.0], [0.0, 1.0, 0.0])]),
    mode(
        "tip rotation",
        "nose",
        7.7,
        &[Bump::turn(Subnasale, [23.0, 27.0, 38.0], [-1.0, 0.0, 0.0]).off([0.0, 5.0, -2.0]).core(0.2)],
    ),
    mode(
        "tip width",
        "nose",
        1.2,
        &[Bump::shift(NoseTip, [11.0, 14.0, 20.0], [1.0, 0.1, 0.0]).off([6.0, 0.0, -4.0])],
    ),
    mode(
        "tip roundness",
        "nose",
        1.25,
        &[
            Bump::shift(NoseTip, [13.0, 12.0, 20.0], [0.0, 0.6, 0.5]).off([0.0, 5.0, 0.0]),
            Bump::shift(NoseTip, [12.0, 11.0, 20.0], [0.0, -0.7, 0.2]).off([0.0, -6.0, -2.0]),
        ],
    ),
    mode("tip cleft", "nose", 0.35, &[Bump::shift(NoseTip, [4.5, 10.0, 16.0], [0.0, 0.0, -1.0])]),
    mode(
        "columella",
        "nose",
        1.3,
        &[Bump::shift(Subnasale, [9.0, 12.0, 18.0], [0.0, -1.0, 0.2]).off([0.0, 2.0, 6.0])],
    ),
    // Cheeks.
    mode(
        "cheekbone prominence",
        "cheek",
        2.5,
        &[Bump::shift(Cheekbone, [28.0, 26.0, 40.0], [0.55, 0.1, 0.8])],
    ),
    mode(
        "cheekbone breadth",
        "cheek",
        1.6,
        &[Bump::shift(Zygion, [34.0, 34.0, 44.0], [1.0, 0.0, 0.0]).off([0.0, 0.0, 8.0])],
    ),
    mode(
        "cheekbone height",
        "cheek",
        2.2,
        &[
            Bump::shift(Cheekbone, [30.0, 21.0, 42.0], [0.2, 0.2, 0.55]).off([4.0, 6.0, -4.0]),
            Bump::shift(Cheekbone, [30.0, 22.0, 42.0], [-0.2, 0.1, -0.55]).off([4.0, -16.0, -4.0]),
        ],
    ),
    mode("cheek fullness", "cheek", 2.9, &[Bump::shift(Cheek, [38.0, 40.0, 52.0], [0.75, 0.0, 0.65])]),
    mode(
        "apple of the cheek",
        "cheek",
        1.7,
        &[Bump::shift(Cheekbone, [21.0, 20.0, 34.0], [0.1, -0.1, 1.0]).off([-12.0, -9.0, 4.0])],
    ),
    mode(
        "nasolabial fold",
        "cheek",
        1.0,
        &[
            Bump::shift(Ala, [8.0, 17.0, 22.0], [0.0, 0.0, -0.9]).off([10.0, -10.0, -2.0]),
            Bump::shift(Ala, [12.0, 20.0, 22.0], [-0.2, -0.1, 0.8]).off([20.0, -8.0, -4.0]),
        ],
    ),
    mode(
        "jowls",
        "cheek",
        1.1,
        &[Bump::shift(Jaw, [30.0, 28.0, 44.0], [0.6, -0.5, 0.3]).off([-4.0, 4.0, 6.0])],
    ),
    // Mouth.
    mode(
        "mouth width",
        "mouth",
        1.35,
        &[Bump::grow(Mouth, [46.0, 26.0, 50.0], [1.0 / 25.0, 0.0, 0.0]).core(0.45)],
    ),
    mode(
        "mouth height on the face",
        "mouth",
        1.2,
        &[Bump::shift(Mouth, [42.0, 21.0, 45.0], [0.0, 1.0, 0.0]).core(0.3)],
    ),
    mode("mouth forward", "mouth", 2.5, &[Bump::shift(Mouth, [40.0, 29.0, 45.0], [0.0, 0.0, 1.0]).core(0.1)]),
    mode(
        "upper lip thickness",
        "mouth",
        1.6,
        &[
            Bump::shift(UpperLip, [25.0, 11.5, 24.0], [0.0, 0.85, 0.3]).lips(Lips::Upper),
            Bump::shift(Mouth, [24.0, 9.5, 24.0], [0.0, -0.15, 0.35]).lips(Lips::Upper).off([0.0, 2.5, 0.0]),
        ],
    ),
    mode(
        "lower lip thickness",
        "mouth",
        1.75,
        &[
            Bump::shift(LowerLip, [25.0, 13.0, 24.0], [0.0, -0.9, 0.35]).lips(Lips::Lower),
            Bump::shift(Mouth, [22.0, 9.5, 24.0], [0.0, 0.0, 0.35]).lips(Lips::Lower).off([0.0, -4.0, 0.0]),
        ],
    ),
    mode(
        "upper lip forward",
        "mouth",
        1.25,
        &[Bump::shift(UpperLip, [26.0, 14.0, 30.0], [0.0, 0.0, 1.0]).lips(Lips::Upper).off([0.0, -2.0, 0.0])],
    ),
    mode(
        "lower lip forward",
        "mouth",
        1.25,
        &[Bump::shift(LowerLip, [25.0, 14.0, 30.0], [0.0, 0.0, 1.0]).lips(Lips::Lower).off([0.0, 3.0, 0.0])],
    ),
    mode(
        "bow of the lip",
        "mouth",
        0.75,
        &[
            Bump::shift(BowPeak, [5.5, 7.0, 18.0], [0.1, 0.8, 0.3]).lips(Lips::Upper),
            Bump::shift(UpperLip, [4.5, 6.0, 18.0], [0.0, -0.7, -0.2]).lips(Lips::Upper),
        ],
    ),
    mode(
        "philtrum depth",
        "mouth",
        0.65,
        &[
            Bump::shift(Subnasale, [5.0, 14.0, 18.0], [0.0, 0.0, -1.0]).off([0.0, -8.0, 0.0]),
            Bump::shift(Subnasale, [5.0, 14.0, 18.0], [0.0, 0.0, 0.4]).off([6.5, -9.0, 0.0]),
        ],
    ),
    mode(
        "mouth corner height",
        "mouth",
        1.35,
        &[Bump::shift(MouthCorner, [14.0, 12.0, 24.0], [0.0, 1.0, 0.0])],
    ),
    mode(
        "lip end thickness",
        "mouth",
        0.75,
        &[
            Bump::shift(MouthCorner, [13.0, 8.0, 22.0], [0.0, 0.8, 0.2])
                .lips(Lips::Upper)
                .off([-9.0, 4.0, 4.0]),
            Bump::shift(MouthCorner, [13.0, 8.0, 22.0], [0.0, -0.8, 0.2])
                .lips(Lips::Lower)
                .off([-9.0, -5.0, 4.0]),
        ],
    ),
    // Jaw and chin.
    mode(
        "jaw width",
        "jaw",
        3.9,
        &[Bump::shift(Gonion, [56.0, 62.0, 78.0], [1.0, 0.0, 0.0]).off([0.0, 4.0, 8.0])],
    ),
    mode(
        "jaw angle",
        "jaw",
        3.9,
        &[
            Bump::shift(Gonion, [34.0, 36.0, 42.0], [0.35, -0.9, -0.2]),
            Bump::shift(Jaw, [30.0, 28.0, 40.0], [0.35, -0.3, 0.0]),
        ],
    ),
    mode(
        "jaw edge",
        "jaw",
        1.55,
        &[Bump::shift(Jaw, [30.0, 20.0, 40.0], [1.0, 0.1, 0.3]).off([4.0, 0.0, 0.0])],
    ),
    mode(
        "chin width",
        "chin",
        2.8,
        &[Bump::shift(Pogonion, [22.0, 26.0, 36.0], [1.0, 0.0, 0.1]).off([17.0, -4.0, -6.0])],
    ),
    mode(
        "chin forward",
        "chin",
        3.2,
        &[Bump::shift(Pogonion, [42.0, 32.0, 48.0], [0.0, 0.0, 1.0]).off([0.0, -4.0, 0.0]).core(0.1)],
    ),
    mode("chin height", "chin", 2.4, &[Bump::shift(Menton, [46.0, 34.0, 46.0], [0.0, -1.0, 0.0]).core(0.1)]),
    mode(
        "chin point",
        "chin",
        1.4,
        &[
            Bump::shift(Menton, [17.0, 22.0, 32.0], [0.0, -0.7, 0.6]),
            Bump::shift(Menton, [20.0, 22.0, 34.0], [-0.4, 0.5, -0.3]).off([24.0, 4.0, -4.0]),
        ],
    ),
    mode(
        "chin cleft",
        "chin",
        0.55,
        &[
            Bump::shift(Pogonion, [5.5, 13.0, 18.0], [0.0, 0.0, -1.0]).off([0.0, -3.0, 0.0]),
            Bump::shift(Pogonion, [8.0, 13.0, 18.0], [0.0, 0.0, 0.3]).off([8.0, -3.0, 0.0]),
        ],
    ),
    mode(
        "fold above the chin",
        "chin",
        1.3,
        &[Bump::shift(LowerLip, [27.0, 14.0, 26.0], [0.0, 0.0, -1.0])
            .lips(Lips::Lower)
            .off([0.0, -8.0, -2.0])],
    ),
    // Ears.
    mode(
        "ear size",
        "ear",
        2.0,
        &[Bump::grow(Ear, [32.0, 52.0, 45.0], [0.0, 1.0 / 31.0, 1.0 / 31.0]).off([8.0, 2.0, -6.0]).core(0.5)],
    ),
    mode(
        "ear protrusion",
        "ear",
        5.0,
        &[Bump::turn(Ear, [24.0, 52.0, 40.0], [0.0, 1.0, 0.0]).off([12.0, 4.0, -18.0]).core(0.35)],
    ),
    mode(
        "ear top protrusion",
        "ear",
        2.0,
        &[Bump::shift(EarTop, [17.0, 26.0, 28.0], [1.0, 0.0, 0.1]).off([4.0, 0.0, 0.0])],
    ),
    mode("ear lobe", "ear", 1.6, &[Bump::shift(Lobe, [18.0, 17.0, 20.0], [0.1, -1.0, 0.0])]),
    mode(
        "ear height",
        "ear",
        2.5,
        &[Bump::shift(Ear, [34.0, 66.0, 55.0], [0.0, 1.0, 0.0]).off([8.0, 2.0, -6.0]).core(0.45)],
    ),
    mode(
        "ear tilt",
        "ear",
        4.0,
        &[Bump::turn(Ear, [26.0, 55.0, 50.0], [1.0, 0.0, 0.0]).off([10.0, 2.0, -6.0]).core(0.45)],
    ),
    // Neck.
    mode(
        "neck width",
        "neck",
        3.2,
        &[Bump::grow(Throat, [150.0, 85.0, 150.0], [1.0 / 58.0, 0.0, 0.7 / 58.0])
            .off([0.0, -20.0, -40.0])
            .core(0.2)],
    ),
    mode(
        "throat",
        "neck",
        1.4,
        &[Bump::shift(Throat, [14.0, 20.0, 40.0], [0.0, 0.0, 1.0]).off([0.0, -10.0, 0.0])],
    ),
    mode(
        "double chin",
        "neck",
        2.2,
        &[Bump::shift(Menton, [46.0, 32.0, 46.0], [0.0, -1.0, 0.3]).off([0.0, -10.0, -30.0])],
    ),
];
