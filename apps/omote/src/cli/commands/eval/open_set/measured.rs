//! What the searches amount to, with how sure each number is.

use std::collections::BTreeMap;

use evaluation::{
    Bootstrap, Difference, Error, Interval, MIN_FALSE_MATCHES, MIN_IDENTITY_PAIRS, SearchStatistic,
    SearchTrials, Support,
};
use serde_json::{Value, json};

use super::Asked;
use super::calibrated::{Calibrations, Checked};
use super::galleries::{Found, Galleries};
use super::method::Method;
use crate::cli::commands::eval::page::{SearchedPhoto, rate, thousands};
use console::{Reporter, count};

/// The ranks that are reported.
const RANKS: [usize; 3] = [1, 5, 10];

/// All that was measured.
pub struct Measured {
    /// Best-face first.
    pub methods: Vec<OfMethod>,
    /// What was drawn for the intervals, and of which sizes there are none, and why.
    pub grounds: String,
    /// Searches of best-face in the largest gallery of the first split.
    pub example: Vec<SearchedPhoto>,
    /// Where the calibration of best-face comes from, if there is one.
    pub calibrated: Option<Origin>,
}

/// Where a calibration comes from.
pub struct Origin {
    /// In words.
    pub words: String,
    record: Value,
}

/// What one method came to.
pub struct OfMethod {
    /// Which.
    pub method: Method,
    /// By ascending size.
    pub sizes: Vec<OfSize>,
}

/// What one method came to in the galleries of one size.
pub struct OfSize {
    /// People in the gallery.
    pub people: usize,
    /// Mated and non-mated probes: means over the splits.
    pub probes: (f64, f64),
    /// The numbers; the error says why one is not reported.
    pub numbers: Vec<Number>,
    /// What a calibration said, where there is one.
    pub checked: Vec<Checked>,
    /// The searches.
    pub trials: SearchTrials,
}

/// One measure.
pub struct Number {
    /// Which.
    pub statistic: SearchStatistic,
    /// The mean over the splits, or why it is not reported.
    pub value: Result<f64, String>,
    /// For other people, 95 %; `None` where there are too few people.
    pub interval: Option<Interval>,
    /// Over the splits; `None` below two.
    pub deviation: Option<f64>,
    /// The mean threshold, for open sets.
    pub threshold: Option<f64>,
    /// How much more than best-face on the same splits; `None` for best-face itself.
    pub difference: Option<Difference>,
}

impl Measured {
    /// Searches by every method and measures.
    pub fn of(
        galleries: &Galleries<'_>,
        asked: &Asked,
        calibrations: &Calibrations,
        draws: &Bootstrap,
        reporter: &mut Reporter,
    ) -> anyhow::Result<Measured> {
        reporter.start(asked.methods.iter().map(|&method| galleries.steps(method)).sum(), "searches");
        let mut few: BTreeMap<usize, String> = BTreeMap::new();
        let (mut methods, mut example): (Vec<OfMethod>, Vec<SearchedPhoto>) = (Vec::new(), Vec::new());
        for &method in &asked.methods {
            let Found { trials, example: of_method } = galleries.search(method, || reporter.step())?;
            example.extend(of_method);
            let mut sizes = Vec::new();
            for (number, trials) in trials.into_iter().enumerate() {
                let people = galleries.sizes[number];
                let gallery = galleries.enrolled(people);
                let baseline = methods.first().map(|first| &first.sizes[number].trials);
                let statistics = statistics(method, &asked.fpir, galleries.precision);
                let measured = numbers(&trials, baseline, &statistics, draws)?;
                few.extend(measured.few.map(|error| (people, error.to_string())));
                let checked = calibrations.of(method).map_or(Ok(Vec::new()), |calibrated| {
                    let check = |&fpir| Checked::new(&calibrated.calibration, &gallery, fpir, &trials);
                    asked.fpir.iter().map(check).collect::<anyhow::Result<_>>()
                })?;
                sizes.push(OfSize {
                    people,
                    probes: probes(&trials),
                    numbers: measured.numbers,
                    checked,
                    trials,
                });
            }
            methods.push(OfMethod { method, sizes });
        }
        reporter.finish();
        let calibrated = calibrations
            .of(Method::BestFace)
            .map(|calibrated| Origin { words: calibrated.describe(), record: calibrated.record() });
        let mut grounds = format!("intervals by {} draws of people", draws.resamples);
        for (people, reason) in few {
            grounds += &format!("; none for galleries of {people}: {reason}");
        }
        Ok(Measured { methods, grounds, example, calibrated })
    }

    /// For JSON.
    pub fn record(&self) -> Value {
        let methods: Vec<Value> = self
            .methods
            .iter()
            .map(|of| {
                let sizes: Vec<Value> = of.sizes.iter().map(OfSize::record).collect();
                json!({"method": of.method.to_string(), "galleries": sizes})
            })
            .collect();
        json!({
            "methods": methods, "intervals": self.grounds,
            "calibration": self.calibrated.as_ref().map(|origin| &origin.record),
        })
    }
}

impl OfSize {
    fn record(&self) -> Value {
        let (mated, non_mated) = self.probes;
        let interval = |interval: Interval| [interval.low, interval.high];
        let numbers: Vec<Value> = self
            .numbers
            .iter()
            .map(|number| match &number.value {
                Ok(value) => json!({
                    "measure": name(number.statistic), "value": value, "interval": number.interval.map(interval),
                    "deviation_over_splits": number.deviation, "threshold": number.threshold,
                    "difference": number.difference.as_ref().map(|found| json!({
                        "value": found.difference.value, "interval": interval(found.difference.interval),
                        "p_value": found.p_value,
                    })),
                }),
                Err(reason) => json!({"measure": name(number.statistic), "unsupported": reason}),
            })
            .collect();
        json!({
            "people": self.people, "mated": mated, "non_mated": non_mated, "measures": numbers,
            "calibration": self.checked.iter().map(Checked::record).collect::<Vec<_>>(),
        })
    }
}

/// A calibration enrols all photos that it has of a person: more photos find more strangers.
/// As tables name it.
pub fn name(statistic: SearchStatistic) -> String {
    match statistic {
        SearchStatistic::HitRate(rank) => format!("rank {rank}"),
        SearchStatistic::MeanAveragePrecision => "mAP".to_owned(),
        SearchStatistic::TpirAtFpir(fpir) => format!("DIR at FPIR {}", rate(fpir)),
    }
}

fn statistics(method: Method, fpir: &[f64], precision: bool) -> Vec<SearchStatistic> {
    let mut statistics: Vec<SearchStatistic> = RANKS.map(SearchStatistic::HitRate).to_vec();
    if precision && method.ranks_photos() {
        statistics.push(SearchStatistic::MeanAveragePrecision);
    }
    if method.has_thresholds() {
        statistics.extend(fpir.iter().map(|&fpir| SearchStatistic::TpirAtFpir(fpir)));
    }
    statistics
}

/// Mated and non-mated probes of a gallery, on average.
fn probes(trials: &SearchTrials) -> (f64, f64) {
    let galleries = trials.galleries();
    let (mated, non_mated) = galleries
        .iter()
        .map(|gallery| gallery.probes())
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    (mated as f64 / galleries.len() as f64, non_mated as f64 / galleries.len() as f64)
}

/// Numbers, and why they have no intervals if they have none.
struct Numbers {
    numbers: Vec<Number>,
    few: Option<Error>,
}

fn numbers(
    trials: &SearchTrials,
    baseline: Option<&SearchTrials>,
    statistics: &[SearchStatistic],
    draws: &Bootstrap,
) -> anyhow::Result<Numbers> {
    let reasons: Vec<Option<String>> = statistics.iter().map(|&one| unsupported(trials, one)).collect();
    let supported = statistics.iter().zip(&reasons).filter(|(_, reason)| reason.is_none());
    let supported: Vec<SearchStatistic> = supported.map(|(&statistic, _)| statistic).collect();
    let drawn = if supported.is_empty() { Ok(Vec::new()) } else { trials.estimate(draws, &supported) };
    let (drawn, few) = match drawn {
        Ok(drawn) => (drawn, None),
        Err(error @ Error::TooFewPeople { .. }) => (Vec::new(), Some(error)),
        Err(error) => return Err(error.into()),
    };
    let mut drawn = drawn.into_iter();
    let number = |(&statistic, reason): (&SearchStatistic, Option<String>)| -> anyhow::Result<Number> {
        let blank = |value| Number {
            statistic,
            value,
            interval: None,
            deviation: None,
            threshold: None,
            difference: None,
        };
        if let Some(reason) = reason {
            return Ok(blank(Err(reason)));
        }
        let against =
            baseline.filter(|_| few.is_none()).filter(|baseline| unsupported(baseline, statistic).is_none());
        let difference = against.map(|baseline| trials.difference(baseline, draws, statistic)).transpose()?;
        Ok(Number {
            interval: drawn.next().map(|estimate| estimate.interval),
            deviation: trials.standard_deviation(statistic),
            threshold: threshold(trials, statistic),
            difference,
            ..blank(Ok(trials.value(statistic)?))
        })
    };
    let numbers = statistics.iter().zip(reasons).map(number).collect::<anyhow::Result<_>>()?;
    Ok(Numbers { numbers, few })
}

/// The mean threshold over the splits; `None` where all strangers may raise an alarm in one of them.
fn threshold(trials: &SearchTrials, statistic: SearchStatistic) -> Option<f64> {
    let SearchStatistic::TpirAtFpir(fpir) = statistic else { return None };
    let of = trials.galleries().iter().map(|gallery| gallery.threshold_at_fpir(fpir));
    let thresholds: Vec<f64> = of.collect::<Option<_>>()?;
    let mean = thresholds.iter().sum::<f64>() / thresholds.len() as f64;
    mean.is_finite().then_some(mean)
}

/// Why a number is not reported. An open-set rate must rest on as many false positives, of as many different pairs of
/// people, as a false match rate does.
fn unsupported(trials: &SearchTrials, statistic: SearchStatistic) -> Option<String> {
    let name = name(statistic);
    if trials.galleries().iter().all(|gallery| gallery.probes().0 == 0) {
        return Some(format!("no {name} is reported: nobody who is enrolled has another photo"));
    }
    let SearchStatistic::TpirAtFpir(fpir) = statistic else { return None };
    let Support { impostors, false_matches, identity_pairs } = trials.support(fpir);
    let pairs = identity_pairs.unwrap_or(0);
    if false_matches >= MIN_FALSE_MATCHES && pairs >= MIN_IDENTITY_PAIRS {
        return None;
    }
    let remedy = match Support::impostors_needed(fpir) {
        needed if needed > impostors => format!(
            "so {} or more photos of people who are not enrolled instead of {}",
            thousands(needed),
            thousands(impostors)
        ),
        _ if false_matches < MIN_FALSE_MATCHES => {
            "so more photos with a face and a score of their own".to_owned()
        }
        _ => format!("and of {MIN_IDENTITY_PAIRS} different pairs of people, so more people"),
    };
    Some(format!(
        "no {name} is reported: it would rest on {} of {} of people (at least {MIN_FALSE_MATCHES} are needed, \
         {remedy})",
        count(false_matches, "false positive", "false positives"),
        count(pairs, "pair", "pairs")
    ))
}
