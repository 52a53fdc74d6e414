//! Error versus discard in a few numbers: how much is gained if the pairs with the poorest faces are left out?

use evaluation::{Discard, DiscardCurve, DiscardOrder, DiscardThreshold, QualityPair};
use serde_json::{Value, json};

use super::measures::{Measures, Scored};
use console::table;

/// Shares of the pairs that people are shown; JSON has all.
const SHOWN: [f64; 5] = [0.0, 0.05, 0.1, 0.2, 0.3];

/// Curves at one false match rate.
pub struct Discarded {
    fmr: f64,
    /// The threshold is that of all pairs.
    fixed: DiscardCurve,
    /// The threshold is set again on the pairs that are left.
    again: DiscardCurve,
    /// Pairs are left out at random, the threshold is that of all pairs.
    random: DiscardCurve,
}

impl Discarded {
    /// At the smallest false match rate that was asked for and is supported; `None` if there is none. `qualities` are
    /// those of both faces of each pair.
    pub fn of(
        scored: &Scored,
        measures: &Measures,
        qualities: &[[Option<f32>; 2]],
    ) -> Result<Option<Discarded>, evaluation::Error> {
        let supported = measures.points.iter().filter(|point| point.fnmr.is_ok()).map(|point| point.asked);
        let Some(fmr) = supported.min_by(f64::total_cmp) else { return Ok(None) };
        let pairs = scored.scores.iter().zip(&scored.same).zip(qualities);
        let pairs: Vec<QualityPair> =
            pairs.map(|((&score, &same), &[a, b])| QualityPair::new(same, score, a, b)).collect();
        let curve = |threshold, order| Discard { fmr, threshold, order, ..Discard::default() }.curve(&pairs);
        Ok(Some(Discarded {
            fmr,
            fixed: curve(DiscardThreshold::Fixed, DiscardOrder::Quality)?,
            again: curve(DiscardThreshold::ReEstimated, DiscardOrder::Quality)?,
            random: curve(DiscardThreshold::Fixed, DiscardOrder::Random)?,
        }))
    }

    /// For JSON: points of the discarded share and FNMR.
    pub fn record(&self) -> Value {
        let points = |curve: &DiscardCurve| -> Vec<[f64; 2]> {
            curve.points.iter().map(|point| [point.discarded, point.fnmr]).collect()
        };
        json!({
            "fmr": self.fmr, "threshold_kept": points(&self.fixed),
            "threshold_set_again": points(&self.again), "at_random": points(&self.random),
        })
    }

    /// For people.
    pub fn describe(&self) -> String {
        let headings = ["LEFT OUT", "FNMR, THRESHOLD KEPT", "SET AGAIN", "KEPT, AT RANDOM"];
        let mut rows = vec![headings.map(String::from).to_vec()];
        rows.extend(SHOWN.iter().map(|&share| {
            let mut row = vec![format!("{:.0} %", share * 100.0)];
            row.extend([&self.fixed, &self.again, &self.random].map(|curve| at(curve, share)));
            row
        }));
        format!(
            "Pairs with the poorest faces left out, at the threshold of FMR {:e} on all pairs, or set again on those that \
             are left:\n\n{}",
            self.fmr,
            table(&rows)
        )
    }
}

/// FNMR where this share is left out; a curve may end before.
fn at(curve: &DiscardCurve, share: f64) -> String {
    let point = curve.points.iter().find(|point| (point.discarded - share).abs() < 1e-9);
    point.map_or("-".to_owned(), |point| format!("{:.2} %", point.fnmr * 100.0))
}
