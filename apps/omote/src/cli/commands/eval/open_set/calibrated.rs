//! What calibrations said of the galleries, beside what was measured in them.

use evaluation::SearchTrials;
use matching::{Calibration, Enrolled, Enrolment, Galleries, Next, Rate};
use serde_json::{Value, json};

use super::Args;
use super::method::Method;
use crate::cli::calibrations::{Calibrated, rate_record, threshold_value};
use crate::cli::setup::Setup;

/// The level of prediction intervals.
const LEVEL: f64 = 0.95;

/// The calibrations that there are for the methods.
pub struct Calibrations(Vec<(Enrolment, Calibrated)>);

/// What a calibration says of galleries of one size at a rate, and how often it came true.
pub struct Checked {
    /// The rate that was asked for.
    pub asked: f64,
    /// The threshold and what was predicted and measured at it; the error says why there is none.
    pub found: Result<Prediction, String>,
}

/// A prediction, and what was measured.
pub struct Prediction {
    /// The threshold that the calibration gives.
    pub threshold: f64,
    /// What one gallery, searched for as many strangers as those here are worth, will show.
    pub predicted: Rate,
    /// What each gallery showed.
    pub measured: Vec<f64>,
    /// In how many galleries that was in the interval.
    pub held: usize,
}

impl Calibrations {
    /// Looks for a calibration of each method. One that is named must fit one of them.
    pub fn find(args: &Args, setup: &Setup, methods: &[Method]) -> anyhow::Result<Calibrations> {
        let mut found = Vec::new();
        for enrolment in methods.iter().filter_map(|method| method.enrolment()) {
            let calibrated =
                Calibrated::find(&args.calibration, &args.recognise.models.on.models, setup, enrolment)?;
            found.extend(
                calibrated
                    .filter(|found| found.calibration.source().enrolment == enrolment)
                    .map(|calibrated| (enrolment, calibrated)),
            );
        }
        if let (Some(file), []) = (&args.calibration.calibration, &found[..]) {
            anyhow::bail!(
                "{} was made for another way to keep several photos of a person than those of --methods: make one with \
                 `omote calibrate --enrolment`",
                file.display()
            );
        }
        Ok(Calibrations(found))
    }

    /// The calibration of a method.
    pub fn of(&self, method: Method) -> Option<&Calibrated> {
        let enrolment = method.enrolment()?;
        self.0.iter().find(|(other, _)| *other == enrolment).map(|(_, calibrated)| calibrated)
    }
}

impl Checked {
    /// Compares what is predicted of galleries with what the trials showed.
    pub fn new(
        calibration: &Calibration,
        gallery: &Enrolled,
        asked: f64,
        trials: &SearchTrials,
    ) -> anyhow::Result<Checked> {
        let threshold = match calibration.threshold_for_fpir(gallery, asked) {
            Ok(threshold) => threshold,
            Err(error @ (matching::Error::Unsupported { .. } | matching::Error::NoSearches)) => {
                return Ok(Checked { asked, found: Err(error.to_string()) });
            }
            Err(error) => return Err(error.into()),
        };
        let worth = trials.galleries().iter().map(|gallery| gallery.strangers_worth());
        let next = match Next::new(worth.reduce(f64::min).unwrap_or(0.0).round() as usize, LEVEL) {
            Ok(next) => next,
            Err(error) => return Ok(Checked { asked, found: Err(error.to_string()) }),
        };
        let predicted = calibration.fpir(gallery, threshold, Galleries::One, &next)?;
        let measured: Vec<f64> =
            trials.galleries().iter().filter_map(|gallery| gallery.fpir(threshold)).collect();
        let held = measured.iter().filter(|&&rate| predicted.holds(rate)).count();
        Ok(Checked { asked, found: Ok(Prediction { threshold, predicted, measured, held }) })
    }

    /// For JSON.
    pub fn record(&self) -> Value {
        match &self.found {
            Ok(found) => json!({
                "fpir_asked": self.asked, "threshold": threshold_value(found.threshold),
                "predicted": rate_record(&found.predicted), "measured": found.mean(),
                "measured_by_split": found.measured, "held": found.held, "splits": found.measured.len(),
            }),
            Err(reason) => json!({"fpir_asked": self.asked, "unsupported": reason}),
        }
    }
}

impl Prediction {
    /// The mean of what the galleries showed.
    pub fn mean(&self) -> f64 {
        self.measured.iter().sum::<f64>() / self.measured.len().max(1) as f64
    }
}
