//! Scales of axes: linear, logarithmic and probit.

use crate::probit;

/// How values become places on an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scale {
    /// Equal steps for equal differences.
    Linear,
    /// Equal steps for equal ratios; for values above 0.
    Log,
    /// Equal steps for equal differences of normal deviates; for rates between 0 and 1. Scores that are normally
    /// distributed in both classes give a straight DET curve (Martin et al., "The DET curve in assessment of
    /// detection task performance", Eurospeech 1997).
    Probit,
}

impl Scale {
    /// The place of `value` in the scale's own unit. Infinite or NaN where the scale does not hold the value, such
    /// as 0 on a logarithmic one.
    pub(super) fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log => value.log10(),
            Self::Probit => probit(value),
        }
    }

    /// Values for ticks within `low..=high`, from the densest choice to the sparsest. Each is in rising order; those
    /// with fewer than two ticks are left out unless there is no other.
    pub(super) fn tick_choices(self, low: f64, high: f64, whole_numbers: bool) -> Vec<Vec<f64>> {
        let choices = match self {
            Self::Linear => linear_choices(low, high, whole_numbers),
            Self::Log => log_choices(low, high),
            Self::Probit => probit_choices(low, high),
        };
        // A value computed as 0.30000000000000004 is still on an axis that ends at 0.3.
        let slack = (self.place(high) - self.place(low)).abs() * 1e-9;
        let inside = |value: &f64| {
            let place = self.place(*value);
            place >= self.place(low) - slack && place <= self.place(high) + slack
        };
        let mut choices: Vec<Vec<f64>> =
            choices.into_iter().map(|choice| choice.into_iter().filter(inside).collect()).collect();
        if choices.iter().any(|choice: &Vec<f64>| choice.len() >= 2) {
            choices.retain(|choice| choice.len() >= 2);
        }
        choices
    }
}

/// Steps of 1, 2 and 5 times powers of ten.
fn linear_choices(low: f64, high: f64, whole_numbers: bool) -> Vec<Vec<f64>> {
    let range = high - low;
    let largest = range.log10().ceil() as i32;
    let mut choices = Vec::new();
    for exponent in largest - 2..=largest {
        for factor in [1.0, 2.0, 5.0] {
            let step = times_power_of_ten(factor, exponent);
            if whole_numbers && step < 1.0 {
                continue;
            }
            let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
            let count = last - first + 1.0;
            if (1.0..=12.0).contains(&count) {
                // A multiple of the step, divided rather than multiplied where that is exact: 3 / 10, not 3 * 0.1.
                let value = |k: usize| {
                    let multiple = first + k as f64;
                    if exponent < 0 { multiple * factor / 10_f64.powi(-exponent) } else { multiple * step }
                };
                choices.push((0..count as usize).map(value).collect());
            }
        }
    }
    choices
}

/// 1, 2, 5 of each decade; each decade; every second, third ... decade. `low` and `high` are above 0.
fn log_choices(low: f64, high: f64) -> Vec<Vec<f64>> {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil().min(308.0) as i32);
    let decades = |stride: usize| (first..=last).filter(move |k| k.rem_euclid(stride as i32) == 0);
    let fine = decades(1).flat_map(|k| [1.0, 2.0, 5.0].map(|m| times_power_of_ten(m, k))).collect();
    // However many decades there are, the sparsest choice marks few of them.
    let sparsest = (last - first) as usize / 5 + 1;
    let strides = (1..=5).chain([sparsest.max(6)]);
    let coarse = strides.map(|stride| decades(stride).map(|k| times_power_of_ten(1.0, k)).collect());
    std::iter::once(fine).chain(coarse).collect()
}

/// The rates that DET plots mark, from many to few; symmetric about one half.
fn probit_choices(low: f64, high: f64) -> Vec<Vec<f64>> {
    let smallest = low.min(1.0 - high).max(1e-15).log10().floor() as i32;
    let tails = |multiples: &[f64], largest: i32| -> Vec<f64> {
        (smallest..=largest).flat_map(|k| multiples.iter().map(move |&m| times_power_of_ten(m, k))).collect()
    };
    let symmetric = |mut left: Vec<f64>| {
        let right: Vec<f64> = left.iter().rev().filter(|&&rate| rate < 0.5).map(|rate| 1.0 - rate).collect();
        left.extend(right);
        left
    };
    let choice = |mut tail: Vec<f64>, middle: &[f64]| {
        tail.extend_from_slice(middle);
        symmetric(tail)
    };
    vec![
        choice(tails(&[1.0, 2.0, 5.0], -2), &[0.1, 0.2, 0.3, 0.4, 0.5]),
        choice(tails(&[1.0], -2), &[0.02, 0.05, 0.1, 0.2, 0.3, 0.5]),
        choice(tails(&[1.0], -2), &[0.05, 0.2, 0.5]),
        choice(tails(&[1.0], -2), &[0.1, 0.5]),
        choice(tails(&[1.0], -2).into_iter().step_by(2).collect(), &[0.1, 0.5]),
    ]
}

/// `factor` · 10^`exponent`, correctly rounded: powers of ten up to 10^22 are exact, and so is the division.
pub(super) fn times_power_of_ten(factor: f64, exponent: i32) -> f64 {
    if exponent < 0 { factor / 10_f64.powi(-exponent) } else { factor * 10_f64.powi(exponent) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn linear_ticks() {
        let choices = Scale::Linear.tick_choices(0.0, 0.3, false);
        assert!(choices.contains(&vec![0.0, 0.1, 0.2, 0.3]));
        assert!(choices.contains(&vec![0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]));
        let whole = Scale::Linear.tick_choices(1.0, 4.0, true);
        assert_eq!(whole[0], [1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn log_ticks() {
        let choices = Scale::Log.tick_choices(1.0, 50.0, true);
        assert_eq!(choices[0], [1.0, 2.0, 5.0, 10.0, 20.0, 50.0]);
        assert_eq!(choices[1], [1.0, 10.0]);
        let rates = Scale::Log.tick_choices(1e-5, 1.0, false);
        assert_eq!(rates[1], [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1.0]);
        assert_eq!(rates[2], [1e-4, 0.01, 1.0]);
        let wide = Scale::Log.tick_choices(1.0, 1e300, true);
        assert!(wide.last().unwrap().len() <= 7, "{wide:?}");
    }

    #[test]
    fn probit_ticks() {
        let choices = Scale::Probit.tick_choices(1e-5, 0.5, false);
        assert_eq!(choices[2], [1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.2, 0.5]);
        let both = Scale::Probit.tick_choices(0.01, 0.99, false);
        assert_eq!(both[2], [0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 0.99]);
    }

    proptest! {
        #[test]
        fn scales_rise(a in 1e-9..0.999_f64, b in 1e-9..0.999_f64) {
            let (a, b) = (a.min(b), a.max(b));
            for scale in [Scale::Linear, Scale::Log, Scale::Probit] {
                prop_assert!(scale.place(a) < scale.place(b) || b / a < 1.0 + 1e-7, "{:?}", scale);
            }
        }

        #[test]
        fn ticks_rise_within_the_axis(low in 1e-9..0.4_f64, share in 0.001..1.0_f64) {
            let high = low + share * (0.5 - low);
            for scale in [Scale::Linear, Scale::Log, Scale::Probit] {
                for choice in scale.tick_choices(low, high, false) {
                    prop_assert!(choice.windows(2).all(|pair| pair[0] < pair[1]), "{:?} {:?}", scale, choice);
                    let inside = |v: &f64| *v >= low * (1.0 - 1e-6) && *v <= high * (1.0 + 1e-6);
                    prop_assert!(choice.iter().all(inside), "{:?} {:?}", scale, choice);
                }
            }
        }
    }
}
