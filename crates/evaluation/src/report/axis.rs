//! An axis: its range, its title, and which ticks fit on it.

use super::number;
use super::scale::{Scale, times_power_of_ten};
use super::text;

/// Size of the numbers at ticks, in pixels.
pub(super) const TICK_SIZE: f64 = 12.0;

/// The most numbers on one axis: more are read no better.
const MOST_LABELS: usize = 8;

/// How the numbers at ticks are written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Labels {
    /// `0.05`, `10⁻⁴`.
    Rates,
    /// Whole numbers, `1,000`.
    Counts,
    /// With as many decimals as needed.
    Numbers,
    /// These words at these values, and no other ticks.
    Words(Vec<(f64, String)>),
}

/// One axis of a chart. `low < high`, both finite and on the scale.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    pub(super) title: String,
    pub(super) scale: Scale,
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) labels: Labels,
}

/// Which way an axis runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Across,
    Up,
}

/// Where an axis is marked, as shares of its length.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Ticks {
    /// Place and label, in rising order.
    pub(super) labelled: Vec<(f64, String)>,
    /// Places of the small ticks between.
    pub(super) small: Vec<f64>,
}

impl Axis {
    /// A linear axis of numbers.
    pub(super) fn linear(title: &str, low: f64, high: f64) -> Self {
        let (scale, labels) = (Scale::Linear, Labels::Numbers);
        Self { title: title.to_owned(), scale, low, high, labels }
    }

    /// A linear axis of shares that ends at 1 and begins below the lowest of `shares`: at its tenth, or closer to 1 if
    /// all are there.
    pub(super) fn shares(title: &str, shares: impl Iterator<Item = f64>) -> Self {
        Self::linear(title, floor_of_shares(shares), 1.0)
    }

    /// A linear axis of numbers, between round ones, that holds all of `values`, which are finite. It begins or ends at 0 where
    /// that is not far away.
    pub(super) fn around(title: &str, values: impl Iterator<Item = f64>) -> Self {
        let range = |range: Option<(f64, f64)>, value: f64| {
            let (low, high) = range.unwrap_or((value, value));
            Some((low.min(value), high.max(value)))
        };
        let (low, high) = values.fold(None, range).unwrap_or((0.0, 1.0));
        let spread = high - low;
        let low = if low > 0.0 && low < spread { 0.0 } else { low };
        let high = if high < 0.0 && -high < spread { 0.0 } else { high };
        // One value, too, is within its axis.
        let least = if low == 0.0 && high == 0.0 { 1.0 } else { low.abs().max(high.abs()) / 100.0 };
        let step = round_up((high - low).max(least) / 10.0);
        let (low, end) = ((low / step).floor() * step, (high / step).ceil() * step);
        Self::linear(title, low, if end > low { end } else { low + step })
    }

    /// The place of a value: 0 at the low end, 1 at the high end, beyond outside. Infinite or NaN where the scale
    /// does not hold it.
    pub(super) fn place(&self, value: f64) -> f64 {
        let (low, high) = (self.scale.place(self.low), self.scale.place(self.high));
        (self.scale.place(value) - low) / (high - low)
    }

    /// The densest ticks whose labels do not touch on an axis of `length` pixels.
    pub(super) fn ticks(&self, length: f64, direction: Direction) -> Ticks {
        if let Labels::Words(words) = &self.labels {
            let labelled = words.iter().map(|(value, word)| (self.place(*value), word.clone())).collect();
            return Ticks { labelled, small: Vec::new() };
        }
        let choices = self.scale.tick_choices(self.low, self.high, self.labels == Labels::Counts);
        let labelled = |choice: &Vec<f64>| -> Vec<(f64, String)> {
            choice.iter().map(|&value| (self.place(value), self.label(value))).collect()
        };
        let fitting = choices.iter().position(|choice| fit(&labelled(choice), length, direction));
        let chosen = fitting.unwrap_or(choices.len().saturating_sub(1));
        let labels = choices.get(chosen).map(labelled).unwrap_or_default();
        let small = match self.scale {
            Scale::Linear => Vec::new(),
            _ => self.small(&labels, length),
        };
        Ticks { labelled: labels, small }
    }

    /// 2 to 9 of each decade (of both tails of a probit axis), but not where there is a label, and none if they would
    /// stand closer than 3 pixels on average.
    fn small(&self, labels: &[(f64, String)], length: f64) -> Vec<f64> {
        let first = self.low.min(1.0 - self.high.min(1.0)).max(1e-15).log10().floor() as i32;
        let first = if self.scale == Scale::Log { self.low.log10().floor() as i32 } else { first };
        let last = if self.scale == Scale::Log { self.high.log10().ceil() as i32 } else { -1 };
        let tail = (first..=last).flat_map(|k| (1..=9).map(move |m| times_power_of_ten(f64::from(m), k)));
        let other_tail = |value: f64| (self.scale == Scale::Probit).then_some(1.0 - value);
        let values = tail.flat_map(|value| std::iter::once(value).chain(other_tail(value)));
        let mut places: Vec<f64> =
            values.map(|value| self.place(value)).filter(|place| (0.0..=1.0).contains(place)).collect();
        places.sort_by(f64::total_cmp);
        places.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
        places.retain(|place| labels.iter().all(|(label, _)| (label - place).abs() > 1e-6));
        if places.len() as f64 * 3.0 > length { Vec::new() } else { places }
    }

    fn label(&self, value: f64) -> String {
        match self.labels {
            Labels::Rates => number::rate(value),
            Labels::Counts => number::decimal(value, 0),
            Labels::Numbers | Labels::Words(_) => number::shortest(value),
        }
    }
}

/// Whether neighbouring labels keep their distance.
fn fit(labels: &[(f64, String)], length: f64, direction: Direction) -> bool {
    if labels.len() > MOST_LABELS {
        return false;
    }
    labels.windows(2).all(|pair| {
        let distance = (pair[1].0 - pair[0].0) * length;
        let needed = match direction {
            Direction::Across => {
                let half_widths = pair.iter().map(|(_, label)| text::width(label, TICK_SIZE) / 2.0);
                half_widths.sum::<f64>() + 0.6 * TICK_SIZE
            }
            Direction::Up => 1.8 * TICK_SIZE,
        };
        distance >= needed
    })
}

/// The next value below all shares at which an axis may begin.
fn floor_of_shares(shares: impl Iterator<Item = f64>) -> f64 {
    let lowest = shares.fold(1.0, f64::min);
    [0.999, 0.998, 0.995, 0.99, 0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
        .into_iter()
        .find(|&floor| floor < lowest)
        .unwrap_or(0.0)
}

/// The largest of 1, 2, 5 times a power of ten that is at most `value`, which is above 0.
pub(super) fn round_down(value: f64) -> f64 {
    let exponent = value.log10().floor() as i32;
    let steps = [1.0, 2.0, 5.0].map(|factor| times_power_of_ten(factor, exponent));
    steps.into_iter().rev().find(|step| *step <= value * (1.0 + 1e-9)).unwrap_or(steps[0])
}

/// The smallest of 1, 2, 5 times a power of ten that is at least `value`, which is above 0.
pub(super) fn round_up(value: f64) -> f64 {
    let exponent = value.log10().floor() as i32;
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| times_power_of_ten(factor, exponent));
    steps.into_iter().find(|step| *step >= value * (1.0 - 1e-9)).unwrap_or(steps[3])
}

/// The power of ten at or below `value`, which is above 0.
pub(super) fn decade_below(value: f64) -> f64 {
    times_power_of_ten(1.0, (value.log10() + 1e-9).floor() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(scale: Scale, low: f64, high: f64, labels: Labels) -> Axis {
        Axis { title: String::new(), scale, low, high, labels }
    }

    #[test]
    fn axes_around_values_begin_and_end_at_round_numbers() {
        let around = |values: &[f64]| {
            let axis = Axis::around("", values.iter().copied());
            (axis.low, axis.high)
        };
        assert_eq!(around(&[1.0, 9.3]), (0.0, 10.0));
        assert_eq!(around(&[-7.2, -3.0]), (-8.0, 0.0));
        assert_eq!(around(&[71.0, 88.0]), (70.0, 88.0));
        assert_eq!((around(&[]), around(&[0.0, 0.0])), ((0.0, 1.0), (0.0, 0.1)));
        let (low, high) = around(&[5.0]);
        assert!(low <= 5.0 && 5.0 <= high && low < high);
    }

    fn labels(ticks: &Ticks) -> Vec<&str> {
        ticks.labelled.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn golden_places_on_a_probit_axis() {
        let ticks = axis(Scale::Probit, 1e-5, 0.5, Labels::Rates).ticks(400.0, Direction::Across);
        assert_eq!(labels(&ticks), ["10⁻⁵", "10⁻⁴", "0.001", "0.01", "0.05", "0.2", "0.5"]);
        // 1 - ppf(rate) / ppf(1e-5) by scipy.stats.norm
        let places = [0.0, 0.127_993, 0.275_425, 0.454_535, 0.614_327, 0.802_663, 1.0];
        for ((place, label), expected) in ticks.labelled.iter().zip(places) {
            assert!((place - expected).abs() < 1e-6, "{label}: {place}");
        }
        assert!(ticks.small.len() > 20);
    }

    #[test]
    fn golden_places_on_a_log_axis() {
        let ticks = axis(Scale::Log, 1e-4, 1.0, Labels::Rates).ticks(400.0, Direction::Across);
        assert_eq!(labels(&ticks), ["10⁻⁴", "0.001", "0.01", "0.1", "1"]);
        for ((place, _), expected) in ticks.labelled.iter().zip([0.0, 0.25, 0.5, 0.75, 1.0]) {
            assert!((place - expected).abs() < 1e-12);
        }
        // 2 to 9 of four decades.
        assert_eq!(ticks.small.len(), 32);
        assert!((ticks.small[0] - 2_f64.log10() / 4.0).abs() < 1e-12);
    }

    #[test]
    fn ticks_thin_out_where_there_is_no_room() {
        let rates = axis(Scale::Log, 1e-6, 1.0, Labels::Rates);
        assert_eq!(labels(&rates.ticks(120.0, Direction::Across)), ["10⁻⁶", "10⁻⁴", "0.01", "1"]);
        let ranks = axis(Scale::Log, 1.0, 50.0, Labels::Counts);
        assert_eq!(labels(&ranks.ticks(400.0, Direction::Across)), ["1", "2", "5", "10", "20", "50"]);
        let narrow = axis(Scale::Linear, 0.0, 1.0, Labels::Numbers);
        assert_eq!(labels(&narrow.ticks(60.0, Direction::Up)), ["0", "0.5", "1"]);
    }

    #[test]
    fn good_systems_get_a_close_look() {
        assert_eq!(Axis::shares("TAR", [0.9951, 1.0].into_iter()).low, 0.995);
        assert_eq!(Axis::shares("TAR", [0.05].into_iter()).low, 0.0);
    }

    #[test]
    fn rounding() {
        assert_eq!((round_down(0.037), round_up(0.037)), (0.02, 0.05));
        assert_eq!((round_down(0.02), round_up(0.02)), (0.02, 0.02));
        assert_eq!((round_down(7.0), round_up(7.0)), (5.0, 10.0));
        assert_eq!((decade_below(0.001), decade_below(0.004)), (0.001, 0.001));
    }
}
