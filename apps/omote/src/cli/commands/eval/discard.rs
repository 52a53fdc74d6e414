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
    /// Pairs are left out by the embedder's magnitudes alone, where these were trained to say how good a face is; the
    /// threshold is that of all pairs.
    magnitude: Option<DiscardCurve>,
}

/// Qualities of both faces of each pair.
pub type Qualities = Vec<[Option<f32>; 2]>;

impl Discarded {
    /// At the smallest false match rate that was asked for and is supported; `None` if there is none. With the magnitudes
    /// of an embedder whose magnitudes are qualities.
    pub fn of(
        scored: &Scored,
        measures: &Measures,
        qualities: &Qualities,
        magnitudes: Option<&Qualities>,
    ) -> Result<Option<Discarded>, evaluation::Error> {
        let supported = measures.points.iter().filter(|point| point.fnmr.is_ok()).map(|point| point.asked);
        let Some(fmr) = supported.min_by(f64::total_cmp) else { return Ok(None) };
        let curve = |qualities: &Qualities, threshold, order| {
            let pairs = scored.scores.iter().zip(&scored.same).zip(qualities);
            let pairs: Vec<QualityPair> =
                pairs.map(|((&score, &same), &[a, b])| QualityPair::new(same, score, a, b)).collect();
            Discard { fmr, threshold, order, ..Discard::default() }.curve(&pairs)
        };
        let kept = |qualities| curve(qualities, DiscardThreshold::Fixed, DiscardOrder::Quality);
        Ok(Some(Discarded {
            fmr,
            fixed: kept(qualities)?,
            again: curve(qualities, DiscardThreshold::ReEstimated, DiscardOrder::Quality)?,
            random: curve(qualities, DiscardThreshold::Fixed, DiscardOrder::Random)?,
            magnitude: magnitudes.map(kept).transpose()?,
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
            "by_magnitude": self.magnitude.as_ref().map(points),
        })
    }

    /// For people.
    pub fn describe(&self) -> String {
        let mut curves = vec![
            ("FNMR, THRESHOLD KEPT", &self.fixed),
            ("SET AGAIN", &self.again),
            ("KEPT, AT RANDOM", &self.random),
        ];
        curves.extend(self.magnitude.as_ref().map(|curve| ("KEPT, BY MAGNITUDE ALONE", curve)));
        let headings = std::iter::once("LEFT OUT").chain(curves.iter().map(|(heading, _)| *heading));
        let mut rows: Vec<Vec<String>> = vec![headings.map(String::from).collect()];
        rows.extend(SHOWN.iter().map(|&share| {
            let mut row = vec![format!("{:.0} %", share * 100.0)];
            row.extend(curves.iter().map(|(_, curve)| at(curve, share)));
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
