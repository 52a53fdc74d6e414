//! The detection error trade-off: FNMR against FMR on normal-deviate axes, where normal scores make a straight line.

use super::roc::Roc;
use crate::Error;

/// A threshold, the two error rates there, and where they lie on probit axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DetPoint {
    /// A pair is accepted if its score is this or more. In the units of the scores.
    pub threshold: f64,
    /// The share of impostor pairs that are accepted, in 0..=1.
    pub fmr: f64,
    /// The share of genuine pairs that are rejected, in 0..=1.
    pub fnmr: f64,
    /// [`probit`] of the clipped FMR: the place on the horizontal axis, in standard deviations.
    pub x: f64,
    /// [`probit`] of the clipped FNMR: the place on the vertical axis, in standard deviations.
    pub y: f64,
}

impl Roc {
    /// The DET curve of the same thresholds.
    ///
    /// Rates of 0 and 1 are infinitely far away on probit axes: for `x` and `y`, not for the rates themselves,
    /// whatever is below `clip` or above `1 - clip` is moved there. A good `clip` is half of one comparison, or the
    /// lowest rate on the axis. Where both kinds of scores are normal with one spread, the line falls at 45 degrees; it
    /// meets `x = y` at the equal error rate.
    ///
    /// Martin et al. 1997, "The DET curve in assessment of detection task performance".
    ///
    /// # Errors
    /// [`Error::Setting`] if `clip` is not above 0 and below 0.5.
    pub fn det(&self, clip: f64) -> Result<Vec<DetPoint>, Error> {
        if !(clip > 0.0 && clip < 0.5) {
            return Err(Error::Setting {
                what: "rate at which a DET curve is clipped",
                value: clip,
                expected: "a rate above 0 and below 0.5",
            });
        }
        let place = |rate: f64| probit(rate.clamp(clip, 1.0 - clip));
        Ok(self
            .points
            .iter()
            .map(|point| {
                let fnmr = 1.0 - point.tar;
                let (x, y) = (place(point.fmr), place(fnmr));
                DetPoint { threshold: point.threshold, fmr: point.fmr, fnmr, x, y }
            })
            .collect())
    }
}

/// The normal deviate of a probability: the `z` with `Phi(z) = p`, the inverse of the standard normal distribution.
///
/// Minus infinity for 0, infinity for 1, NaN outside 0..=1. Relative error about 1e-15.
///
/// Wichura 1988, algorithm AS 241 (PPND16): one rational function for the middle and two for the tails.
#[expect(clippy::excessive_precision, reason = "the digits as published, so that they can be compared")]
pub fn probit(p: f64) -> f64 {
    let middle = p - 0.5;
    if middle.abs() <= 0.425 {
        let r = 0.180_625 - middle * middle;
        return middle
            * ratio(
                r,
                [
                    3.387_132_872_796_366_608_0,
                    1.331_416_678_917_843_774_5e2,
                    1.971_590_950_306_551_442_7e3,
                    1.373_169_376_550_946_112_5e4,
                    4.592_195_393_154_987_145_7e4,
                    6.726_577_092_700_870_085_3e4,
                    3.343_057_558_358_812_810_5e4,
                    2.509_080_928_730_122_672_7e3,
                ],
                [
                    1.0,
                    4.231_333_070_160_091_125_2e1,
                    6.871_870_074_920_579_083_0e2,
                    5.394_196_021_424_751_107_7e3,
                    2.121_379_430_158_659_586_7e4,
                    3.930_789_580_009_271_061_0e4,
                    2.872_908_573_572_194_267_4e4,
                    5.226_495_278_852_854_561_0e3,
                ],
            );
    }
    let tail = p.min(1.0 - p);
    if tail == 0.0 {
        return f64::INFINITY.copysign(middle);
    }
    let r = (-tail.ln()).sqrt();
    let deviate = if r <= 5.0 {
        ratio(
            r - 1.6,
            [
                1.423_437_110_749_683_577_34,
                4.630_337_846_156_545_295_90,
                5.769_497_221_460_691_405_50,
                3.647_848_324_763_204_605_04,
                1.270_458_252_452_368_382_58,
                2.417_807_251_774_506_117_70e-1,
                2.272_384_498_926_918_458_33e-2,
                7.745_450_142_783_414_076_40e-4,
            ],
            [
                1.0,
                2.053_191_626_637_758_821_87,
                1.676_384_830_183_803_849_40,
                6.897_673_349_851_000_045_50e-1,
                1.481_039_764_274_800_745_90e-1,
                1.519_866_656_361_645_719_66e-2,
                5.475_938_084_995_344_946_00e-4,
                1.050_750_071_644_416_843_24e-9,
            ],
        )
    } else {
        ratio(
            r - 5.0,
            [
                6.657_904_643_501_103_777_20,
                5.463_784_911_164_114_369_90,
                1.784_826_539_917_291_335_80,
                2.965_605_718_285_048_912_30e-1,
                2.653_218_952_657_612_309_30e-2,
                1.242_660_947_388_078_438_60e-3,
                2.711_555_568_743_487_578_15e-5,
                2.010_334_399_292_288_132_65e-7,
            ],
            [
                1.0,
                5.998_322_065_558_879_376_90e-1,
                1.369_298_809_227_358_053_10e-1,
                1.487_536_129_085_061_485_25e-2,
                7.868_691_311_456_132_591_00e-4,
                1.846_318_317_510_054_681_80e-5,
                1.421_511_758_316_445_888_70e-7,
                2.044_263_103_389_939_785_64e-15,
            ],
        )
    };
    deviate.copysign(middle)
}

/// The quotient of two polynomials of `x`, coefficients from the lowest power on.
fn ratio(x: f64, above: [f64; 8], below: [f64; 8]) -> f64 {
    let value = |coefficients: [f64; 8]| coefficients.into_iter().rev().fold(0.0, |sum, next| sum * x + next);
    value(above) / value(below)
}

#[cfg(test)]
mod tests {
    use super::super::scores::Scores;
    use super::*;

    #[test]
    fn probit_agrees_with_another_implementation() {
        // scipy.special.ndtri 1.17.
        let golden = [
            (1e-300, -37.047_096_299_361_2),
            (1e-20, -9.262_340_089_798_409),
            (1e-12, -7.034_483_825_301_131),
            (1e-9, -5.997_807_015_007_686_5),
            (1e-6, -4.753_424_308_822_899),
            (1e-4, -3.719_016_485_455_680_4),
            (0.02, -2.053_748_910_631_823),
            (0.0749, -1.440_238_267_527_963_5),
            (0.075, -1.439_531_470_938_456_3),
            (0.2, -0.841_621_233_572_914_2),
            (0.5, 0.0),
            (0.7, 0.524_400_512_708_040_7),
            (0.926, 1.446_632_067_158_979),
            (0.999, 3.090_232_306_167_813),
            (0.999_999, 4.753_424_308_817_087),
        ];
        for (p, z) in golden {
            assert!((probit(p) - z).abs() <= 1e-14 * z.abs(), "{p}: {}", probit(p));
        }
    }

    #[test]
    fn probit_at_and_beyond_the_ends() {
        assert_eq!((probit(0.0), probit(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
        for nothing in [-1e-9, 1.0 + 1e-9, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(probit(nothing).is_nan(), "{nothing}");
        }
        assert!(probit(f64::from_bits(1)).is_finite());
    }

    #[test]
    fn normal_scores_make_a_straight_line_at_45_degrees() {
        // Quantiles of N(2, 1) and N(0, 1): x + y = -2 wherever there are enough scores.
        let quantile = |k: u32| probit((f64::from(k) + 0.5) / 20_000.0);
        let genuine = (0..20_000).map(|k| (quantile(k) + 2.0) as f32).collect();
        let impostor = (0..20_000).map(|k| quantile(k) as f32).collect();
        let scores = Scores::new(genuine, impostor).unwrap();
        let curve = scores.roc().det(0.5 / 20_000.0).unwrap();
        let middle: Vec<_> = curve
            .iter()
            .filter(|p| (0.01..0.99).contains(&p.fmr) && (0.01..0.99).contains(&p.fnmr))
            .collect();
        assert!(middle.len() > 10_000);
        for point in middle {
            assert!((point.x + point.y + 2.0).abs() < 0.003, "{point:?}");
            assert!((scores.fnmr(point.threshold) - point.fnmr).abs() < 1e-12);
        }
        assert!((scores.eer() - 0.158_655).abs() < 1e-4);
        assert!((scores.auc() - 0.921_350).abs() < 1e-4);
        assert!((scores.d_prime().unwrap() - 2.0).abs() < 1e-3);
    }

    #[test]
    fn the_ends_are_clipped() {
        let curve = Scores::new(vec![1.0], vec![0.0]).unwrap().roc().det(0.02).unwrap();
        let end = 2.053_748_910_631_823;
        let places: Vec<_> = curve.iter().map(|point| (point.fmr, point.fnmr)).collect();
        assert_eq!(places, [(0.0, 1.0), (0.0, 0.0), (1.0, 0.0)]);
        for (point, (x, y)) in curve.iter().zip([(-end, end), (-end, -end), (end, -end)]) {
            assert!((point.x - x).abs() < 1e-12 && (point.y - y).abs() < 1e-12, "{point:?}");
        }
        for clip in [0.0, 0.5, -0.1, f64::NAN] {
            let error = Scores::new(vec![1.0], vec![0.0]).unwrap().roc().det(clip).unwrap_err();
            assert!(error.to_string().contains("a rate above 0 and below 0.5"), "{error}");
        }
    }
}
