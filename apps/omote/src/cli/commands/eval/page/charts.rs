//! Charts. What cannot be drawn is said in words: a perfect system has no error curve.

use evaluation::report::{BandPoint, Block, Curve, Histogram, Marker, det, discard, histogram, roc};
use evaluation::{Bootstrap, Discard, DiscardOrder, Error, QualityPair, ScoredPairs, Support};

use super::super::discard::Qualities;
use super::super::measures::Point;
use super::{System, rate, thousands};

/// More points than a chart of some hundred pixels can show.
const POINTS: usize = 800;

/// Rates up to 0.5, where a DET chart ends, at which a band is taken. Between them it is drawn straight.
const BAND_POINTS: usize = 60;

/// Enough for the shape of a few thousand scores.
const BINS: usize = 60;

/// DET and ROC curves, down to the false match rate that the data supports.
pub fn error_rates(systems: &[System]) -> Result<Vec<Block>, Error> {
    let markers: Vec<Marker> = systems.first().map_or_else(Vec::new, |system| {
        supported(system)
            .map(|point| Marker::new(point.asked, format!("FMR {}", rate(point.asked))))
            .collect()
    });
    let curves: Vec<Vec<(f64, f64)>> = systems.iter().map(trade_off).collect();
    let bands: Vec<Vec<BandPoint>> = systems.iter().map(band_of).collect::<Result<_, Error>>()?;
    let named = |of: &dyn Fn(f64) -> f64| -> Vec<Curve> {
        let curves = systems.iter().zip(&curves).zip(&bands).filter(|((_, points), _)| !points.is_empty());
        curves
            .map(|((system, points), band)| {
                let points = points.iter().map(|&(x, y)| (x, of(y))).collect();
                let ends = |&BandPoint { x, low, high }: &BandPoint| {
                    let (low, high) = (of(low), of(high));
                    BandPoint { x, low: low.min(high), high: low.max(high) }
                };
                Curve::new(system.name, points).with_band(band.iter().map(ends).collect())
            })
            .collect()
    };
    // The axis of the DET chart ends at 0.5, and has no place for 0 and 1.
    let has_errors = |&(fmr, fnmr): &(f64, f64)| fmr < 0.5 && fnmr > 0.0 && fnmr < 1.0;
    let (mut charts, mut words) = (Vec::new(), Vec::new());
    if curves.iter().flatten().any(has_errors) {
        charts.push(det(&named(&|fnmr| fnmr), &markers)?);
    } else {
        words.push(
            "There is no DET curve: at no false match rate between what the pairs support and 0.5 was a genuine pair \
             rejected, or there are too few pairs.",
        );
    }
    if curves.iter().any(|points| points.len() > 1) {
        charts.push(roc(&named(&|fnmr| 1.0 - fnmr), &markers)?);
    } else {
        words.push(
            "There is no ROC curve: there are too few pairs of different people for any false match rate.",
        );
    }
    let lowest = systems.iter().map(smallest_fmr).fold(1.0, f64::min);
    let mut blocks: Vec<Block> = words.into_iter().map(|words| Block::Prose(words.into())).collect();
    if !charts.is_empty() {
        blocks.push(Block::Charts(charts));
        let mut least = format!(
            "Nothing is drawn below a false match rate of {}: ten false matches.",
            two_digits(lowest)
        );
        if bands.iter().any(|band| !band.is_empty()) {
            least += " The shade around a curve is its 95 % interval, at each false match rate by itself.";
        }
        blocks.push(Block::Prose(least));
    }
    Ok(blocks)
}

/// A rate without the digits that nobody needs: 10 / 3,000 is `0.0033`.
fn two_digits(exact: f64) -> String {
    format!("{exact:.1e}").parse().map_or_else(|_| exact.to_string(), rate)
}

/// FMR and FNMR from the smallest rate that may be reported up.
fn trade_off(system: &System) -> Vec<(f64, f64)> {
    let lowest = smallest_fmr(system);
    let curve = system.measures.scores.roc().thinned(POINTS);
    let points = curve.points.iter().filter(|point| point.fmr >= lowest && point.fmr > 0.0);
    points.map(|point| (point.fmr, 1.0 - point.tar)).collect()
}

/// Where FNMR may lie; nowhere if there are too few people to say.
fn band_of(system: &System) -> Result<Vec<BandPoint>, Error> {
    match system.scored.pairs() {
        Ok(pairs) => band(&pairs, &system.measures.bootstrap),
        Err(Error::TooFewPeople { .. }) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Where FNMR may lie, from the smallest false match rate that may be reported up.
fn band(pairs: &ScoredPairs, bootstrap: &Bootstrap) -> Result<Vec<BandPoint>, Error> {
    /// Beyond, there is little to see on a logarithmic axis.
    const LAX: [f64; 5] = [0.6, 0.7, 0.8, 0.9, 0.99];
    let impostors = usize::try_from(pairs.impostor_count()).unwrap_or(usize::MAX);
    let lowest = Support { impostors, false_matches: 0, identity_pairs: None }.smallest_fmr();
    let step = |number: usize| number as f64 / (BAND_POINTS - 1) as f64;
    let strict = (0..BAND_POINTS).map(|number| lowest * (0.5 / lowest).powf(step(number)));
    let rates = strict.filter(|_| lowest < 0.5).chain(LAX.into_iter().filter(|&fmr| fmr > lowest));
    // Equal scores, or few people, can leave less behind a rate than the number of pairs promises.
    let mut fmrs = Vec::new();
    for fmr in rates {
        let threshold = pairs.fnmr_at_fmr(fmr)?.threshold;
        if !fmrs.is_empty() || pairs.support(threshold)?.check(fmr).is_ok() {
            fmrs.push(fmr);
        }
    }
    let intervals = bootstrap.fnmr_band(pairs, &fmrs)?;
    let point =
        |(x, interval): (f64, evaluation::Interval)| BandPoint { x, low: interval.low, high: interval.high };
    Ok(fmrs.into_iter().zip(intervals).map(point).collect())
}

fn smallest_fmr(system: &System) -> f64 {
    let impostors = system.measures.scores.impostor_count();
    Support { impostors, false_matches: 0, identity_pairs: None }.smallest_fmr()
}

fn supported<'a>(system: &'a System) -> impl Iterator<Item = &'a Point> {
    system.measures.points.iter().filter(|point| point.fnmr.is_ok())
}

/// How the scores of both kinds lie, with the thresholds.
pub fn scores(systems: &[System]) -> Result<Vec<Block>, Error> {
    let mut blocks = Vec::new();
    for system in systems {
        let scores = &system.measures.scores;
        if scores.genuine().is_empty() || scores.impostor().is_empty() {
            let words = format!(
                "{}: one kind of pairs has no scores, since no faces were found in them.",
                system.name
            );
            blocks.push(Block::Prose(words));
            continue;
        }
        let mut thresholds: Vec<Marker> = supported(system)
            .map(|point| {
                Marker::new(
                    point.at.threshold,
                    format!("FMR {}: {:.3}", rate(point.asked), point.at.threshold),
                )
            })
            .collect();
        thresholds.extend(system.mean_threshold().map(|mean| Marker::new(mean, format!("folds: {mean:.3}"))));
        let bins = Histogram::from_scores(scores.genuine(), scores.impostor(), BINS)?;
        let title = |what: &str| format!("{}: {what}", system.name);
        blocks.push(Block::Charts(vec![
            histogram(&bins, false, &thresholds)?.titled(title("scores"), "Each kind's shares add up to 1."),
            histogram(&bins, true, &thresholds)?
                .titled(title("scores, logarithmic"), "The tails, where the thresholds are."),
        ]));
    }
    Ok(blocks)
}

/// What is gained if pairs with a poor face are left out.
pub fn quality(systems: &[System]) -> Result<Vec<Block>, Error> {
    let lowest = |system: &System| supported(system).map(|point| point.asked).min_by(f64::total_cmp);
    // One rate for all systems: the smallest one that each of them supports.
    let rates: Option<Vec<f64>> = systems.iter().map(lowest).collect();
    let Some(fmr) = rates.and_then(|rates| rates.into_iter().max_by(f64::total_cmp)) else {
        return Ok(vec![Block::Prose(
            "There is no error-versus-discard curve: no false match rate that was asked for is supported, and so there is \
             no threshold to take it at."
                .into(),
        )]);
    };
    let (mut curves, mut references) = (Vec::new(), Vec::new());
    for system in systems {
        let Some(quality) = &system.quality else { continue };
        let curve = |name: &str, quality: &Qualities, order| -> Result<Curve, Error> {
            let scored = system.scored.scores.iter().zip(&system.scored.same).zip(quality);
            let pairs: Vec<QualityPair> =
                scored.map(|((&score, &same), &[a, b])| QualityPair::new(same, score, a, b)).collect();
            let found = Discard { fmr, order, ..Discard::default() }.curve(&pairs)?;
            Ok(Curve::new(name, found.points.iter().map(|point| (point.discarded, point.fnmr)).collect()))
        };
        curves.push(curve(system.name, quality, DiscardOrder::Quality)?);
        if let Some(magnitude) = &system.magnitude {
            let name = format!("{}, magnitude alone", system.name);
            curves.push(curve(&name, magnitude, DiscardOrder::Quality)?);
        }
        if references.is_empty() {
            references.push(curve("at random", quality, DiscardOrder::Random)?.reference());
            references.push(curve("ideal", quality, DiscardOrder::Oracle)?.reference());
        }
    }
    let note = format!(
        "Share of genuine pairs rejected when the pairs with the poorest faces are left out, at the threshold of FMR {} on \
         all pairs, which is kept. A pair is as good as the worse of its faces; {}.",
        rate(fmr),
        reference_note(systems)
    );
    curves.extend(references);
    Ok(vec![Block::Charts(vec![discard(&curves)?.titled("Error versus discard", note)])])
}

fn reference_note(systems: &[System]) -> String {
    let pairs = thousands(systems.first().map_or(0, |system| system.scored.same.len()));
    match systems {
        [_, _, ..] => format!("{pairs} pairs, grey lines for the first system"),
        _ => format!("{pairs} pairs"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_rate_is_short() {
        assert_eq!([10.0 / 3000.0, 0.04, 10.0 / 7e5].map(two_digits), ["0.0033", "0.04", "1.4e-5"]);
    }
}
