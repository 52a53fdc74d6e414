//! Skull, face as a whole, forehead and eyes.

use super::{ShapeMode, mode};
use crate::shape::field::{Bump, FAR};
use crate::shape::place::Place::*;

pub(super) const UPPER: &[ShapeMode] = &[
    // Skull.
    mode("size", "head", 2.0, &[Bump::grow(Origin, [FAR; 3], [0.01; 3])]),
    mode(
        "skull breadth",
        "head",
        3.4,
        &[Bump::grow(Vertex, [160.0, 175.0, 190.0], [1.0 / 76.0, 0.0, 0.0]).core(0.3)],
    ),
    mode(
        "skull length",
        "head",
        4.5,
        &[Bump::shift(Occiput, [130.0, 150.0, 140.0], [0.0, 0.0, -1.0]).core(0.1)],
    ),
    mode(
        "skull height",
        "head",
        4.0,
        &[Bump::shift(Vertex, [150.0, 95.0, 170.0], [0.0, 1.0, 0.0]).core(0.1)],
    ),
    mode(
        "crown back",
        "head",
        3.5,
        &[Bump::shift(Vertex, [110.0, 75.0, 80.0], [0.0, 0.8, -0.6]).off([0.0, -15.0, -60.0])],
    ),
    mode(
        "occiput low",
        "head",
        3.0,
        &[
            Bump::shift(Occiput, [90.0, 60.0, 70.0], [0.0, 0.0, -0.8]).off([0.0, -35.0, 0.0]),
            Bump::shift(Occiput, [90.0, 55.0, 70.0], [0.0, 0.0, 0.6]).off([0.0, 40.0, 0.0]),
        ],
    ),
    mode(
        "parietal width",
        "head",
        2.5,
        &[Bump::shift(Temple, [60.0, 55.0, 60.0], [1.0, 0.1, 0.0]).off([6.0, 35.0, -60.0])],
    ),
    // Face as a whole.
    mode(
        "face breadth",
        "face",
        2.2,
        &[Bump::grow(Subnasale, [170.0, 120.0, 150.0], [1.0 / 68.0, 0.0, 0.0])
            .off([0.0, 5.0, -50.0])
            .core(0.35)],
    ),
    mode(
        "middle face length",
        "face",
        1.8,
        &[Bump::shift(Menton, [FAR, 165.0, 175.0], [0.0, -1.0, 0.0]).off([0.0, -60.0, 10.0]).core(0.65)],
    ),
    mode(
        "lower face length",
        "face",
        4.4,
        &[Bump::shift(Menton, [FAR, 108.0, 150.0], [0.0, -1.0, 0.0]).off([0.0, -60.0, 0.0]).core(0.6)],
    ),
    mode(
        "middle face forward",
        "face",
        2.0,
        &[Bump::shift(Subnasale, [55.0, 55.0, 80.0], [0.0, 0.0, 1.0]).off([0.0, 4.0, 0.0]).core(0.15)],
    ),
    mode(
        "face flatness",
        "face",
        1.8,
        &[
            Bump::shift(Cheekbone, [40.0, 55.0, 55.0], [0.25, 0.0, 0.9]).off([8.0, 4.0, -8.0]),
            Bump::shift(Subnasale, [34.0, 60.0, 60.0], [0.0, 0.0, -0.7]).off([0.0, 15.0, 0.0]),
        ],
    ),
    mode(
        "face taper",
        "face",
        3.4,
        &[
            Bump::grow(Menton, [130.0, 80.0, 110.0], [-1.0 / 60.0, 0.0, 0.0])
                .off([0.0, 5.0, -30.0])
                .core(0.15),
            Bump::grow(Glabella, [130.0, 75.0, 120.0], [0.6 / 68.0, 0.0, 0.0])
                .off([0.0, 10.0, -40.0])
                .core(0.1),
        ],
    ),
    mode(
        "fat",
        "face",
        2.1,
        &[
            Bump::shift(Cheek, [46.0, 50.0, 60.0], [0.85, -0.1, 0.7]).core(0.05),
            Bump::shift(Jaw, [44.0, 44.0, 62.0], [0.8, -0.5, 0.2]),
            Bump::shift(Menton, [55.0, 45.0, 60.0], [0.0, -1.3, 0.3]).off([0.0, -10.0, -28.0]),
            Bump::grow(Throat, [110.0, 75.0, 95.0], [0.022, 0.0, 0.022]).off([0.0, -30.0, -25.0]).core(0.1),
            Bump::shift(Eye, [26.0, 16.0, 30.0], [0.0, -0.12, 0.2]).off([2.0, 11.0, 4.0]),
        ],
    ),
    // Forehead and brow.
    mode(
        "forehead slope",
        "forehead",
        3.8,
        &[Bump::shift(Forehead, [85.0, 62.0, 75.0], [0.0, 0.1, -1.0]).off([0.0, 18.0, -6.0])],
    ),
    mode(
        "forehead bulge",
        "forehead",
        1.5,
        &[Bump::shift(Forehead, [38.0, 36.0, 55.0], [0.1, 0.0, 1.0]).off([22.0, 2.0, 0.0])],
    ),
    mode(
        "forehead width",
        "forehead",
        2.6,
        &[Bump::shift(Temple, [40.0, 55.0, 62.0], [1.0, 0.0, 0.1]).off([-8.0, 22.0, 16.0])],
    ),
    mode(
        "forehead roundness",
        "forehead",
        1.9,
        &[Bump::shift(Temple, [34.0, 50.0, 45.0], [0.4, 0.0, 0.9]).off([-16.0, 18.0, 30.0])],
    ),
    mode(
        "temples",
        "forehead",
        1.95,
        &[Bump::shift(Temple, [24.0, 34.0, 36.0], [1.0, 0.0, 0.2]).off([0.0, -4.0, 8.0])],
    ),
    mode(
        "brow ridge",
        "brow",
        2.4,
        &[
            Bump::shift(BrowMiddle, [24.0, 17.0, 30.0], [0.0, -0.15, 0.9]).off([-4.0, 1.0, 0.0]),
            Bump::shift(Glabella, [22.0, 17.0, 30.0], [0.0, 0.0, 0.7]),
        ],
    ),
    mode("outer brow ridge", "brow", 1.1, &[Bump::shift(BrowOuter, [20.0, 17.0, 26.0], [0.4, 0.0, 0.9])]),
    mode("glabella", "brow", 1.3, &[Bump::shift(Glabella, [17.0, 19.0, 26.0], [0.0, 0.0, 1.0])]),
    mode(
        "brow height",
        "brow",
        2.8,
        &[Bump::shift(BrowMiddle, [30.0, 19.0, 36.0], [0.0, 1.0, 0.0]).off([0.0, 3.0, 0.0]).core(0.1)],
    ),
    mode(
        "brow tilt",
        "brow",
        2.4,
        &[
            Bump::shift(BrowOuter, [22.0, 18.0, 34.0], [0.0, 1.0, 0.0]).off([0.0, 2.0, 0.0]),
            Bump::shift(BrowInner, [15.0, 15.0, 30.0], [0.0, -0.6, 0.0]).off([2.0, 2.0, 0.0]),
        ],
    ),
    mode(
        "brow spacing",
        "brow",
        1.65,
        &[Bump::shift(BrowInner, [15.0, 14.0, 30.0], [1.0, 0.1, 0.0]).off([3.0, 0.0, 0.0])],
    ),
    // Orbit and eye.
    mode(
        "eye spacing",
        "eye",
        1.05,
        &[Bump::shift(Eyeball, [30.0, 30.0, 60.0], [1.0, 0.0, 0.0]).off([0.0, 0.0, 8.0]).core(0.42)],
    ),
    mode(
        "eye height on the face",
        "eye",
        1.1,
        &[Bump::shift(Eyeball, [34.0, 30.0, 60.0], [0.0, 1.0, 0.0]).off([0.0, 0.0, 8.0]).core(0.42)],
    ),
    mode(
        "eye depth",
        "eye",
        1.75,
        &[Bump::shift(Eyeball, [26.0, 23.0, 40.0], [0.0, 0.0, -1.0]).off([0.0, -1.0, 6.0]).core(0.42)],
    ),
    mode(
        "eye size",
        "eye",
        1.2,
        &[Bump::grow(Eye, [25.0, 20.0, 40.0], [1.0 / 15.0, 1.0 / 13.0, 0.0]).core(0.35)],
    ),
    mode(
        "eye width",
        "eye",
        1.15,
        &[
            Bump::shift(OuterCanthus, [11.0, 11.0, 26.0], [1.0, -0.05, -0.45]),
            Bump::shift(InnerCanthus, [8.5, 9.0, 24.0], [-0.3, 0.0, 0.05]),
        ],
    ),
    mode(
        "eye opening",
        "eye",
        0.9,
        &[Bump::shift(UpperLid, [17.0, 9.5, 26.0], [0.0, 1.0, -0.1]).off([0.0, 0.6, 0.0])],
    ),
    mode(
        "lower lid height",
        "eye",
        0.6,
        &[Bump::shift(LowerLid, [16.0, 8.5, 26.0], [0.0, 1.0, 0.1]).off([1.0, -0.6, 0.0])],
    ),
    mode("eye tilt", "eye", 3.9, &[Bump::turn(Eye, [25.0, 22.0, 40.0], [0.0, 0.0, 1.0]).core(0.4)]),
    mode(
        "upper lid arch",
        "eye",
        0.7,
        &[
            Bump::shift(UpperLid, [9.0, 9.0, 24.0], [0.0, 0.6, 0.0]).off([-6.0, -0.6, 0.0]),
            Bump::shift(UpperLid, [9.0, 9.0, 24.0], [0.0, -0.6, 0.0]).off([6.5, -0.6, 0.0]),
        ],
    ),
    mode(
        "epicanthic fold",
        "eye",
        1.4,
        &[
            Bump::shift(InnerCanthus, [9.0, 8.5, 22.0], [0.45, -0.65, 0.35]).off([1.0, 2.0, 0.0]),
            Bump::shift(UpperLid, [18.0, 8.0, 24.0], [0.0, -0.45, 0.6]).off([-1.0, 5.0, 0.0]),
            Bump::shift(Nasion, [11.0, 15.0, 24.0], [0.0, 0.0, -0.35]).off([0.0, -5.0, 0.0]),
        ],
    ),
    mode(
        "lid fullness",
        "eye",
        1.45,
        &[Bump::shift(UpperLid, [19.0, 9.5, 24.0], [0.0, -0.45, 0.9]).off([2.0, 7.0, 0.0])],
    ),
    mode(
        "orbit hollow",
        "eye",
        1.05,
        &[Bump::shift(UpperLid, [15.0, 9.0, 24.0], [0.0, 0.1, -1.0]).off([-8.0, 8.5, 0.0])],
    ),
    mode(
        "outer lid hood",
        "eye",
        1.3,
        &[Bump::shift(OuterCanthus, [13.0, 11.0, 24.0], [0.1, -0.8, 0.45]).off([-1.0, 6.5, 0.0])],
    ),
    mode(
        "outer corner droop",
        "eye",
        1.05,
        &[Bump::shift(OuterCanthus, [12.0, 11.0, 26.0], [0.0, -1.0, 0.0])],
    ),
    mode(
        "bags below the eyes",
        "eye",
        0.75,
        &[
            Bump::shift(LowerLid, [17.0, 8.0, 22.0], [0.0, -0.15, 1.0]).off([0.0, -6.5, 0.0]),
            Bump::shift(LowerLid, [18.0, 8.0, 22.0], [0.0, 0.0, -0.5]).off([-2.0, -14.0, 0.0]),
        ],
    ),
];
