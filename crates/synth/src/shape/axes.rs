//! What sex and age do to every head.

use super::field::{Bump, FAR, Lips};
use super::place::Place::*;

/// What makes the mean head that of a man; the other way round that of a woman. Most of the differences of the means
/// of women and men: a broader face, jaw and nose, a longer lower face, thinner lips and smaller eyes, a
/// heavier brow ridge, chin and neck. The sizes are chosen by eye within what Farkas 1994 has.
pub(super) const MALE: &[Bump] = &[
    Bump::grow(Origin, [FAR; 3], [0.02; 3]),
    Bump::shift(Gonion, [56.0, 62.0, 78.0], [3.8, -1.6, 0.0]).off([0.0, 2.0, 8.0]),
    Bump::shift(Menton, [FAR, 125.0, 150.0], [0.0, -2.0, 0.0]).off([0.0, -60.0, 0.0]).core(0.6),
    Bump::shift(Jaw, [38.0, 34.0, 60.0], [1.0, -0.4, 0.0]),
    Bump::shift(Pogonion, [22.0, 26.0, 36.0], [3.0, 0.0, 0.4]).off([17.0, -4.0, -6.0]),
    Bump::shift(Pogonion, [42.0, 32.0, 48.0], [0.0, -1.0, 1.6]).off([0.0, -4.0, 0.0]).core(0.1),
    Bump::shift(BrowMiddle, [26.0, 18.0, 30.0], [0.0, -2.0, 3.2]).off([-4.0, 0.0, 0.0]),
    Bump::shift(Glabella, [24.0, 18.0, 30.0], [0.0, 0.0, 2.5]),
    Bump::shift(Forehead, [80.0, 56.0, 70.0], [0.0, 0.0, -2.4]).off([0.0, 16.0, -6.0]),
    Bump::shift(NoseTip, [26.0, 38.0, 40.0], [0.0, -0.9, 1.8]).off([0.0, 1.0, 0.0]).core(0.1),
    Bump::shift(Bridge, [16.0, 28.0, 30.0], [0.0, 0.0, 1.1]),
    Bump::shift(Ala, [17.0, 20.0, 30.0], [1.2, 0.0, 0.0]).off([2.0, 4.0, 0.0]),
    Bump::grow(Eye, [25.0, 20.0, 40.0], [-0.04, -0.1, 0.0]).core(0.35),
    Bump::shift(UpperLid, [19.0, 9.5, 24.0], [0.0, -0.45, 0.55]).off([2.0, 7.0, 0.0]),
    Bump::shift(UpperLip, [25.0, 9.5, 24.0], [0.0, -1.0, -0.5]).lips(Lips::Upper),
    Bump::shift(LowerLip, [25.0, 10.5, 24.0], [0.0, 0.95, -0.5]).lips(Lips::Lower),
    Bump::shift(Cheek, [32.0, 34.0, 44.0], [-1.3, 0.0, -1.2]),
    Bump::shift(Cheekbone, [21.0, 20.0, 34.0], [0.0, 0.0, -1.0]).off([-12.0, -9.0, 4.0]),
    Bump::grow(Throat, [150.0, 85.0, 150.0], [0.1, 0.0, 0.075]).off([0.0, -20.0, -40.0]).core(0.2),
    Bump::shift(Throat, [10.0, 10.0, 30.0], [0.0, 0.0, 2.4]).off([0.0, -17.0, 0.0]),
];

/// What the decades from 30 to 72 do, all of it at 72 and more later: what hangs sinks, fat goes from the temples and
/// cheeks, the nose and the ears grow, lips become thin (Coleman and Grover 2006, "The anatomy of the aging face").
/// The sizes are chosen by eye.
pub(super) const AGED: &[Bump] = &[
    Bump::shift(NoseTip, [26.0, 36.0, 45.0], [0.0, -2.6, 0.4]).off([0.0, -2.0, -4.0]).core(0.15),
    Bump::shift(Ala, [15.0, 18.0, 28.0], [1.0, -0.5, 0.0]).off([2.0, 4.0, 0.0]),
    Bump::grow(Ear, [32.0, 52.0, 45.0], [0.0, 0.09, 0.05]).off([8.0, 2.0, -6.0]).core(0.5),
    Bump::shift(Lobe, [18.0, 17.0, 20.0], [0.1, -2.2, 0.0]),
    Bump::shift(BrowMiddle, [32.0, 19.0, 36.0], [0.0, -1.5, 0.0]).off([4.0, 3.0, 0.0]).core(0.1),
    Bump::shift(OuterCanthus, [15.0, 12.0, 24.0], [0.0, -1.5, 0.6]).off([-1.0, 6.5, 0.0]),
    Bump::shift(UpperLid, [17.0, 9.5, 26.0], [0.0, -0.55, 0.1]).off([0.0, 0.6, 0.0]),
    Bump::shift(LowerLid, [17.0, 8.0, 22.0], [0.0, -0.4, 1.2]).off([0.0, -6.5, 0.0]),
    Bump::shift(LowerLid, [19.0, 9.0, 22.0], [0.0, 0.0, -1.2]).off([-2.0, -14.5, 0.0]),
    Bump::shift(Temple, [26.0, 36.0, 38.0], [-1.8, 0.0, -0.4]).off([0.0, -4.0, 8.0]),
    Bump::shift(Cheekbone, [24.0, 22.0, 36.0], [0.0, -1.2, -1.2]).off([-6.0, -9.0, 0.0]),
    Bump::shift(Cheek, [28.0, 30.0, 40.0], [-1.2, -1.5, -1.2]).off([2.0, 4.0, 0.0]),
    Bump::shift(Ala, [8.0, 18.0, 22.0], [0.0, 0.0, -1.3]).off([10.0, -10.0, -2.0]),
    Bump::shift(Ala, [13.0, 21.0, 22.0], [-0.2, -0.6, 1.2]).off([20.0, -9.0, -4.0]),
    Bump::shift(Jaw, [27.0, 24.0, 40.0], [1.4, -2.4, 0.5]).off([-6.0, 5.0, 8.0]),
    Bump::shift(MouthCorner, [14.0, 14.0, 24.0], [-0.2, -1.3, -0.3]),
    Bump::shift(MouthCorner, [9.0, 14.0, 20.0], [0.0, 0.0, -1.0]).off([3.0, -12.0, 0.0]),
    Bump::shift(UpperLip, [25.0, 9.5, 24.0], [0.0, -0.9, -0.7]).lips(Lips::Upper),
    Bump::shift(LowerLip, [25.0, 10.5, 24.0], [0.0, 0.8, -0.6]).lips(Lips::Lower),
    Bump::shift(Subnasale, [26.0, 17.0, 30.0], [0.0, -0.9, -0.4]).off([0.0, -9.0, 0.0]),
    Bump::shift(Menton, [46.0, 34.0, 48.0], [0.0, -2.4, -0.2]).off([0.0, -10.0, -28.0]),
    Bump::shift(Throat, [22.0, 60.0, 50.0], [0.0, -0.5, 1.6]).off([10.0, -10.0, 0.0]),
];

/// What makes a head that of a child of 6; nothing of it is left at 18. The skull is nearly grown then, the face is
/// not (Farkas 1994): a small jaw and nose, large eyes, full cheeks, a round forehead.
pub(super) const CHILD: &[Bump] = &[
    Bump::grow(Origin, [FAR; 3], [-0.055; 3]),
    Bump::shift(Menton, [FAR, 165.0, 175.0], [0.0, 7.0, 0.0]).off([0.0, -60.0, 10.0]).core(0.65),
    Bump::shift(Menton, [FAR, 125.0, 150.0], [0.0, 7.0, 0.0]).off([0.0, -60.0, 0.0]).core(0.6),
    Bump::grow(Subnasale, [170.0, 120.0, 150.0], [-0.09, 0.0, 0.0]).off([0.0, -15.0, -50.0]).core(0.35),
    Bump::shift(Gonion, [56.0, 62.0, 78.0], [-3.0, 2.0, 0.0]).off([0.0, 2.0, 8.0]),
    Bump::shift(Pogonion, [46.0, 36.0, 52.0], [0.0, 1.5, -4.0]).off([0.0, -4.0, 0.0]).core(0.1),
    Bump::shift(NoseTip, [24.0, 34.0, 36.0], [0.0, 1.5, -4.5]).off([0.0, 1.0, 0.0]).core(0.1),
    Bump::shift(Bridge, [18.0, 32.0, 34.0], [0.0, 0.0, -3.0]).off([0.0, 2.0, 0.0]),
    Bump::shift(Ala, [17.0, 20.0, 30.0], [-1.8, 0.0, 0.0]).off([2.0, 4.0, 0.0]),
    Bump::shift(Subnasale, [55.0, 55.0, 80.0], [0.0, 0.0, -2.0]).off([0.0, 4.0, 0.0]).core(0.15),
    Bump::shift(BrowMiddle, [28.0, 22.0, 34.0], [0.0, 0.5, -1.0]).off([-4.0, 0.0, 0.0]),
    Bump::shift(Glabella, [26.0, 22.0, 34.0], [0.0, 0.0, -1.0]),
    Bump::shift(Forehead, [80.0, 56.0, 70.0], [0.0, 0.0, 3.5]).off([0.0, 14.0, -6.0]),
    Bump::grow(Eye, [25.0, 20.0, 40.0], [0.02, 0.06, 0.0]).core(0.35),
    Bump::shift(Cheek, [38.0, 38.0, 46.0], [2.0, 0.0, 1.8]),
    Bump::grow(Mouth, [46.0, 26.0, 50.0], [-0.1, 0.0, 0.0]).core(0.45),
    Bump::grow(Throat, [150.0, 85.0, 150.0], [-0.17, 0.0, -0.14]).off([0.0, -20.0, -40.0]).core(0.2),
];
