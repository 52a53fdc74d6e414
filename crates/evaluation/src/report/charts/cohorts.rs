//! One rate for each group of people, with its interval: is somebody served worse?

use super::range;
use crate::Error;
use crate::report::axis::{Axis, Labels, decade_below, round_up};
use crate::report::chart::{Chart, Dot, Entry, Layer, Sample};
use crate::report::curve::{Marker, check_markers};
use crate::report::palette::Ink;
use crate::report::report_error;
use crate::report::scale::Scale;

/// The height of a row, in pixels, and what each further system adds.
const ROW: (f64, f64) = (24.0, 10.0);

/// A rate of one group of people.
#[derive(Clone, Debug, PartialEq)]
pub struct CohortRate {
    /// The group's name.
    pub cohort: String,
    /// The rate in 0..=1; `None` where the group is too small for one: its row stays empty.
    pub rate: Option<f64>,
    /// Its interval, low and high, in 0..=1.
    pub interval: Option<(f64, f64)>,
}

/// Rates with intervals by group, one row to a group, for each system (name and rates). The axis is logarithmic if
/// the rates span more than a power of ten and none is 0. `rate_name` is the axis' title; `markers` are values to
/// compare with, such as the rate over everybody.
///
/// Groups stand from top to bottom in the order in which they are first named.
///
/// # Errors
/// [`Error::Report`] if no group has a rate, and for values that are not rates.
pub fn cohorts(
    rate_name: &str,
    systems: &[(String, Vec<CohortRate>)],
    markers: &[Marker],
) -> Result<Chart, Error> {
    let rates = check(systems, markers)?;
    let (low_rate, high_rate) = range(rates.iter().copied()).unwrap_or(WHOLE);
    let (low, high) = range(intervals(systems).chain(rates)).unwrap_or(WHOLE);
    let axis = if low_rate > 0.0 && high_rate > 10.0 * low_rate {
        (Scale::Log, decade_below(low.max(low_rate / 10.0)), round_up(high))
    } else {
        (Scale::Linear, 0.0, if high > 0.0 { (1.05 * high).min(1.0) } else { 0.01 })
    };
    Ok(rows(rate_name, systems, markers, axis))
}

/// The same of shares that are seen as parts of a whole, such as recall: the axis is linear from 0 to 1.
///
/// # Errors
/// Those of [`cohorts`].
pub fn cohort_shares(
    share_name: &str,
    systems: &[(String, Vec<CohortRate>)],
    markers: &[Marker],
) -> Result<Chart, Error> {
    check(systems, markers)?;
    let (low, high) = WHOLE;
    Ok(rows(share_name, systems, markers, (Scale::Linear, low, high)))
}

const WHOLE: (f64, f64) = (0.0, 1.0);

/// All rates, of which there is at least one.
fn check(systems: &[(String, Vec<CohortRate>)], markers: &[Marker]) -> Result<Vec<f64>, Error> {
    const PART: &str = "cohort chart";
    check_markers(PART, markers)?;
    for (name, rates) in systems {
        for CohortRate { cohort, rate, interval } in rates {
            let (low, high) = interval.unwrap_or(WHOLE);
            let mut values = [rate.unwrap_or(0.0), low, high].into_iter();
            if !values.all(|value| (0.0..=1.0).contains(&value)) || low > high {
                let problem = format!(
                    "{name:?} holds the rate {rate:?} with the interval {interval:?} for {cohort:?}: rates are in \
                     0..=1, and low is below high"
                );
                return Err(report_error(PART, problem));
            }
        }
    }
    let cohorts = systems.iter().flat_map(|(_, rates)| rates);
    let rates: Vec<f64> = cohorts.filter_map(|cohort| cohort.rate).collect();
    if rates.is_empty() {
        return Err(report_error(PART, "no group has a rate: are all groups too small?"));
    }
    Ok(rates)
}

/// The ends of all intervals.
fn intervals(systems: &[(String, Vec<CohortRate>)]) -> impl Iterator<Item = f64> {
    let cohorts = systems.iter().flat_map(|(_, rates)| rates);
    cohorts.filter_map(|cohort| cohort.interval).flat_map(|(low, high)| [low, high])
}

/// The chart of checked rates on an axis from a low to a high end.
fn rows(
    rate_name: &str,
    systems: &[(String, Vec<CohortRate>)],
    markers: &[Marker],
    (scale, low, high): (Scale, f64, f64),
) -> Chart {
    let mut names: Vec<&str> = Vec::new();
    for CohortRate { cohort, .. } in systems.iter().flat_map(|(_, rates)| rates) {
        if !names.contains(&cohort.as_str()) {
            names.push(cohort);
        }
    }
    let row = |cohort: &str| names.iter().position(|name| *name == cohort).map_or(0.0, |row| row as f64);
    let (mut layers, mut legend) = (Vec::new(), Vec::new());
    for (index, (name, rates)) in systems.iter().enumerate() {
        let ink = Ink::series(index);
        let aside = -ROW.1 * (index as f64 - (systems.len() - 1) as f64 / 2.0);
        let dot = Dot { aside, ..Dot::new(ink, index) };
        for CohortRate { cohort, rate, interval } in rates {
            let Some(rate) = *rate else { continue };
            let y = -row(cohort);
            if let Some((low, high)) = *interval {
                layers.push(Layer::Interval { from: (low, y), to: (high, y), ink, aside });
            }
            layers.push(Layer::Dot { at: (rate, y), dot });
        }
        legend.push(Entry { name: name.clone(), sample: Sample::Dot(dot) });
    }
    let words = names.iter().enumerate().map(|(row, name)| (-(row as f64), (*name).to_owned())).collect();
    let labels = if scale == Scale::Log { Labels::Rates } else { Labels::Numbers };
    Chart {
        title: format!("{rate_name} by group"),
        note: String::new(),
        x: Axis { title: rate_name.to_owned(), scale, low, high, labels },
        y: Axis {
            title: String::new(),
            scale: Scale::Linear,
            low: 0.5 - names.len() as f64,
            high: 0.5,
            labels: Labels::Words(words),
        },
        layers,
        legend,
        markers: markers.to_vec(),
        height: names.len() as f64 * (ROW.0 + ROW.1 * (systems.len() - 1) as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(cohort: &str, rate: Option<f64>) -> CohortRate {
        CohortRate { cohort: cohort.to_owned(), rate, interval: rate.map(|rate| (rate / 2.0, rate * 1.5)) }
    }

    #[test]
    fn groups_keep_their_order_and_small_ones_their_row() {
        let rates = vec![group("young", Some(0.02)), group("few", None), group("old", Some(0.04))];
        let chart = cohorts("FNMR", &[("a".to_owned(), rates)], &[]).unwrap();
        let Labels::Words(words) = &chart.y.labels else { panic!("rows are named") };
        assert_eq!(words[1], (-1.0, "few".to_owned()));
        let dots = chart.layers.iter().filter(|layer| matches!(layer, Layer::Dot { .. })).count();
        assert_eq!(dots, 2);
    }

    #[test]
    fn shares_have_the_whole_axis() {
        let rates = || vec![("a".to_owned(), vec![group("young", Some(0.6)), group("old", Some(0.01))])];
        let axis = |chart: Chart| (chart.x.scale, chart.x.low, chart.x.high);
        assert_eq!(axis(cohort_shares("Recall", &rates(), &[]).unwrap()), (Scale::Linear, 0.0, 1.0));
        assert_eq!(axis(cohorts("FNMR", &rates(), &[]).unwrap()), (Scale::Log, 0.001, 1.0));
        assert!(cohort_shares("Recall", &[], &[]).is_err());
    }

    #[test]
    fn bad_rates_are_named() {
        let message = |rates: Vec<CohortRate>| {
            cohorts("FNMR", &[("a".to_owned(), rates)], &[]).unwrap_err().to_string()
        };
        assert!(message(vec![]).contains("no group"));
        assert!(message(vec![group("few", None)]).contains("too small"));
        assert!(message(vec![group("odd", Some(1.5))]).contains("\"odd\""));
    }
}
