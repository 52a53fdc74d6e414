//! What faces do.

use super::field::{Bump, Lips, Sides};
use super::mode::{ExpressionMode, LidMotion};
use super::place::Place::*;

const fn mode(name: &'static str, action_unit: u8, bumps: &'static [Bump]) -> ExpressionMode {
    ExpressionMode { name, action_unit, bumps, lids: LidMotion::NONE, jaw: [0.0; 2] }
}

impl ExpressionMode {
    /// Shares of the opening that the upper and the lower lids of the left and the right eye cover.
    const fn lids(self, upper: [f32; 2], lower: [f32; 2]) -> Self {
        Self { lids: LidMotion { upper, lower }, ..self }
    }

    /// Turns the jaw by degrees, and moves it to the left by millimetres.
    const fn jaw(self, degrees: f32, left: f32) -> Self {
        Self { jaw: [degrees, left], ..self }
    }
}

const LEFT: Sides = Sides::Left;
const RIGHT: Sides = Sides::Right;

const fn smile(side: Sides) -> [Bump; 5] {
    [
        Bump::shift(MouthCorner, [27.0, 25.0, 44.0], [6.5, 7.0, -4.5]).off([5.0, 0.0, 0.0]).sides(side),
        Bump::shift(UpperLip, [26.0, 14.0, 26.0], [0.5, 1.6, -1.2])
            .lips(Lips::Upper)
            .off([10.0, 0.0, 0.0])
            .sides(side),
        Bump::shift(Cheekbone, [26.0, 22.0, 38.0], [0.5, 2.2, 3.0]).off([-4.0, -14.0, 0.0]).sides(side),
        Bump::shift(Ala, [8.0, 18.0, 22.0], [1.0, 0.5, -1.6]).off([11.0, -10.0, -2.0]).sides(side),
        Bump::shift(Ala, [12.0, 14.0, 22.0], [0.9, 0.5, 0.0]).off([3.0, 2.0, 0.0]).sides(side),
    ]
}

const fn frown(side: Sides) -> [Bump; 2] {
    [
        Bump::shift(MouthCorner, [22.0, 19.0, 36.0], [0.5, -5.5, -1.0]).sides(side),
        Bump::shift(MouthCorner, [14.0, 16.0, 24.0], [0.5, -0.5, -0.8]).off([5.0, -14.0, 0.0]).sides(side),
    ]
}

const fn inner_brow(side: Sides) -> [Bump; 2] {
    [
        Bump::shift(BrowInner, [20.0, 20.0, 36.0], [-0.5, 5.0, 0.5]).off([2.0, 2.0, 0.0]).sides(side),
        Bump::shift(BrowInner, [24.0, 20.0, 40.0], [0.0, 1.6, 0.6]).off([2.0, 18.0, 0.0]).sides(side),
    ]
}

const fn outer_brow(side: Sides) -> [Bump; 2] {
    [
        Bump::shift(BrowOuter, [28.0, 21.0, 40.0], [0.3, 5.5, 0.0]).off([-8.0, 2.0, 0.0]).sides(side),
        Bump::shift(BrowOuter, [28.0, 21.0, 44.0], [0.0, 2.0, 0.3]).off([-8.0, 20.0, 0.0]).sides(side),
    ]
}

const fn brow_lower(side: Sides) -> [Bump; 3] {
    [
        Bump::shift(BrowInner, [20.0, 17.0, 36.0], [-2.4, -3.6, 1.0]).off([3.0, 2.0, 0.0]).sides(side),
        Bump::shift(BrowMiddle, [22.0, 17.0, 36.0], [-1.0, -2.4, 0.5]).sides(side),
        Bump::shift(Glabella, [9.0, 16.0, 26.0], [0.0, -0.6, 0.7]).off([4.0, 0.0, 0.0]).sides(side),
    ]
}

const fn cheek_raise(side: Sides) -> [Bump; 2] {
    [
        Bump::shift(Cheekbone, [28.0, 22.0, 40.0], [0.0, 3.4, 2.0]).off([-4.0, -6.0, 0.0]).sides(side),
        Bump::shift(OuterCanthus, [15.0, 14.0, 26.0], [-0.5, -0.6, 0.5]).off([7.0, 0.0, 0.0]).sides(side),
    ]
}

const fn upper_lip(side: Sides) -> [Bump; 3] {
    [
        Bump::shift(UpperLip, [22.0, 16.0, 28.0], [0.0, 3.2, 0.6])
            .lips(Lips::Upper)
            .off([11.0, -2.0, 0.0])
            .sides(side),
        Bump::shift(Ala, [13.0, 16.0, 24.0], [0.6, 1.8, 0.3]).off([4.0, 2.0, 0.0]).sides(side),
        Bump::shift(Ala, [9.0, 15.0, 22.0], [0.0, 0.8, 1.0]).off([12.0, 2.0, -2.0]).sides(side),
    ]
}

const fn sneer(side: Sides) -> [Bump; 3] {
    [
        Bump::shift(Ala, [14.0, 18.0, 24.0], [1.0, 3.2, 0.2]).off([2.0, 4.0, 0.0]).sides(side),
        Bump::shift(Bridge, [9.0, 16.0, 22.0], [0.0, 1.2, 0.9]).off([8.0, -2.0, -6.0]).sides(side),
        Bump::shift(BrowInner, [14.0, 14.0, 28.0], [-0.6, -1.6, 0.4]).sides(side),
    ]
}

const fn dimple(side: Sides) -> [Bump; 2] {
    [
        Bump::shift(MouthCorner, [17.0, 14.0, 30.0], [2.6, 0.8, -2.6]).sides(side),
        Bump::shift(MouthCorner, [9.0, 9.0, 20.0], [0.0, 0.0, -1.2]).off([8.0, 1.0, -3.0]).sides(side),
    ]
}

const fn lip_depress(side: Sides) -> [Bump; 2] {
    [
        Bump::shift(LowerLip, [21.0, 16.0, 28.0], [0.6, -3.4, 0.3])
            .lips(Lips::Lower)
            .off([10.0, 2.0, 0.0])
            .sides(side),
        Bump::shift(LowerLip, [15.0, 12.0, 24.0], [0.0, -1.0, 0.6])
            .lips(Lips::Lower)
            .off([12.0, -12.0, 0.0])
            .sides(side),
    ]
}

/// The movements of the face. A coefficient of 1 in [`Form::expression`](crate::Form::expression) is as much as most
/// people can do. Gaze is apart.
pub const EXPRESSION_MODES: &[ExpressionMode] = &[
    mode("blink left", 45, &[]).lids([0.93, 0.0], [0.07, 0.0]),
    mode("blink right", 45, &[]).lids([0.0, 0.93], [0.0, 0.07]),
    mode(
        "squint left",
        7,
        &[Bump::shift(LowerLid, [18.0, 9.0, 24.0], [0.0, 0.8, 0.7]).off([1.0, -6.0, 0.0]).sides(LEFT)],
    )
    .lids([0.16, 0.0], [0.26, 0.0]),
    mode(
        "squint right",
        7,
        &[Bump::shift(LowerLid, [18.0, 9.0, 24.0], [0.0, 0.8, 0.7]).off([1.0, -6.0, 0.0]).sides(RIGHT)],
    )
    .lids([0.0, 0.16], [0.0, 0.26]),
    mode("wide eye left", 5, &[]).lids([-0.22, 0.0], [-0.06, 0.0]),
    mode("wide eye right", 5, &[]).lids([0.0, -0.22], [0.0, -0.06]),
    mode(
        "jaw open",
        26,
        &[
            Bump::turn(Menton, [95.0, 64.0, 85.0], [22.0, 0.0, 0.0])
                .off([0.0, 24.0, -4.0])
                .core(0.4)
                .about(JawJoint)
                .lips(Lips::Lower),
            Bump::shift(MouthCorner, [22.0, 20.0, 34.0], [-2.0, 0.0, -1.0]),
            Bump::shift(Cheek, [26.0, 30.0, 40.0], [-1.6, -1.0, -1.0]),
            Bump::shift(UpperLip, [28.0, 14.0, 30.0], [0.0, 0.8, -0.6]).lips(Lips::Upper),
        ],
    )
    .jaw(22.0, 0.0),
    mode(
        "jaw left",
        30,
        &[Bump::shift(Menton, [60.0, 62.0, 75.0], [6.0, 0.0, 0.0]).lips(Lips::Lower).core(0.1)],
    )
    .jaw(0.0, 6.0),
    mode(
        "jaw right",
        30,
        &[Bump::shift(Menton, [60.0, 62.0, 75.0], [-6.0, 0.0, 0.0]).lips(Lips::Lower).core(0.1)],
    )
    .jaw(0.0, -6.0),
    mode(
        "jaw forward",
        29,
        &[Bump::shift(Menton, [60.0, 60.0, 75.0], [0.0, 0.0, 4.0]).lips(Lips::Lower).core(0.1)],
    ),
    mode("smile left", 12, &smile(LEFT)).lids([0.05, 0.0], [0.12, 0.0]),
    mode("smile right", 12, &smile(RIGHT)).lids([0.0, 0.05], [0.0, 0.12]),
    mode("frown left", 15, &frown(LEFT)),
    mode("frown right", 15, &frown(RIGHT)),
    mode("dimple left", 14, &dimple(LEFT)),
    mode("dimple right", 14, &dimple(RIGHT)),
    mode("inner brow raise left", 1, &inner_brow(LEFT)).lids([-0.02, 0.0], [0.0; 2]),
    mode("inner brow raise right", 1, &inner_brow(RIGHT)).lids([0.0, -0.02], [0.0; 2]),
    mode("outer brow raise left", 2, &outer_brow(LEFT)).lids([-0.04, 0.0], [0.0; 2]),
    mode("outer brow raise right", 2, &outer_brow(RIGHT)).lids([0.0, -0.04], [0.0; 2]),
    mode("brow lower left", 4, &brow_lower(LEFT)).lids([0.06, 0.0], [0.03, 0.0]),
    mode("brow lower right", 4, &brow_lower(RIGHT)).lids([0.0, 0.06], [0.0, 0.03]),
    mode("cheek raise left", 6, &cheek_raise(LEFT)).lids([0.08, 0.0], [0.18, 0.0]),
    mode("cheek raise right", 6, &cheek_raise(RIGHT)).lids([0.0, 0.08], [0.0, 0.18]),
    mode("sneer left", 9, &sneer(LEFT)).lids([0.05, 0.0], [0.08, 0.0]),
    mode("sneer right", 9, &sneer(RIGHT)).lids([0.0, 0.05], [0.0, 0.08]),
    mode("upper lip raise left", 10, &upper_lip(LEFT)),
    mode("upper lip raise right", 10, &upper_lip(RIGHT)),
    mode("lower lip depress left", 16, &lip_depress(LEFT)),
    mode("lower lip depress right", 16, &lip_depress(RIGHT)),
    mode(
        "chin raise",
        17,
        &[
            Bump::shift(LowerLip, [32.0, 20.0, 34.0], [0.0, 2.6, 1.2])
                .lips(Lips::Lower)
                .off([0.0, -4.0, 0.0]),
            Bump::shift(Pogonion, [22.0, 20.0, 30.0], [0.0, 2.2, 0.8]),
            Bump::shift(UpperLip, [28.0, 12.0, 28.0], [0.0, 1.2, 0.7]).lips(Lips::Upper),
        ],
    ),
    mode(
        "lip pucker",
        18,
        &[
            Bump::grow(Mouth, [46.0, 28.0, 46.0], [-0.36, 0.12, 0.0]).core(0.35),
            Bump::shift(Mouth, [30.0, 24.0, 40.0], [0.0, 0.0, 6.5]).core(0.1),
            Bump::shift(Cheek, [28.0, 30.0, 38.0], [-0.8, 0.0, -1.5]),
        ],
    ),
    mode(
        "lip stretch",
        20,
        &[
            Bump::shift(MouthCorner, [26.0, 22.0, 40.0], [6.0, -1.2, -4.0]),
            Bump::grow(Mouth, [32.0, 14.0, 28.0], [0.0, -0.12, 0.0]),
        ],
    ),
    mode(
        "lip press",
        24,
        &[
            Bump::shift(UpperLip, [28.0, 10.0, 26.0], [0.0, -1.3, -1.4])
                .lips(Lips::Upper)
                .off([0.0, -1.0, 0.0]),
            Bump::shift(LowerLip, [28.0, 11.0, 26.0], [0.0, 1.5, -1.5])
                .lips(Lips::Lower)
                .off([0.0, 1.0, 0.0]),
        ],
    ),
    mode(
        "lips part",
        25,
        &[
            Bump::shift(LowerLip, [24.0, 15.0, 30.0], [0.0, -3.0, 0.0])
                .lips(Lips::Lower)
                .off([0.0, 3.0, 0.0])
                .core(0.1),
            Bump::shift(UpperLip, [24.0, 12.0, 30.0], [0.0, 0.8, 0.0])
                .lips(Lips::Upper)
                .off([0.0, -3.0, 0.0]),
        ],
    ),
    mode(
        "cheek puff",
        34,
        &[
            Bump::shift(Cheek, [36.0, 38.0, 46.0], [5.0, 0.0, 4.5]),
            Bump::shift(Mouth, [30.0, 22.0, 34.0], [0.0, 0.0, 1.2]),
        ],
    ),
    mode(
        "cheek suck",
        35,
        &[
            Bump::shift(Cheek, [28.0, 30.0, 40.0], [-2.8, 0.0, -2.8]),
            Bump::grow(Mouth, [40.0, 22.0, 40.0], [-0.12, 0.0, 0.0]),
        ],
    ),
    mode("nostril dilate", 38, &[Bump::shift(Ala, [11.0, 12.0, 20.0], [1.3, 0.4, 0.0]).off([3.0, 2.0, 0.0])]),
];
