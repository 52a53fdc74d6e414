//! Which calibration stands behind an answer, and what it says in words.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use matching::{Calibration, Enrolment, Next, Rate, Scorer, Support};
use serde_json::{Value, json};

use super::record::shortest;
use super::setup::{Setup, data_folder};

/// Folder of calibrations, in the user's data folder and beside models.
const FOLDER: &str = "calibrations";

/// Which calibration.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Error rates")]
pub struct CalibrationArgs {
    /// Calibration to go by, a file that `omote calibrate` wrote [default: the one of the embedder in the user's data
    /// folder, beside the models, or built in]
    #[arg(long, value_name = "FILE")]
    pub calibration: Option<PathBuf>,
}

/// A calibration in use.
pub struct Calibrated {
    /// What scores stand for.
    pub calibration: Calibration,
    /// The file, or nothing if it is built in.
    file: Option<PathBuf>,
}

/// Where `omote calibrate` puts calibrations by default.
pub fn folder() -> Option<PathBuf> {
    data_folder().map(|data| data.join(FOLDER))
}

/// Where `omote calibrate` puts the calibration of a scorer by default: beside its file.
pub fn beside_scorer(scorer_file: &Path) -> PathBuf {
    let mut name = scorer_file.as_os_str().to_owned();
    name.push(".toml");
    name.into()
}

/// Of photos of lower quality, 0..=100, error rates say nothing. On CelebA, where FMR is 0.1 % over all pairs, pairs with a
/// photo below 30 have 0.65 %, and hardly any pair of one person is recognised (docs/calibration.md).
pub const LEAST_QUALITY: f32 = 30.0;

impl Calibrated {
    /// The calibration of the setup's embedder, which must exist.
    pub fn need(
        args: &CalibrationArgs,
        models: &[PathBuf],
        setup: &Setup,
        enrolment: Enrolment,
    ) -> anyhow::Result<Calibrated> {
        let found = Calibrated::find(args, models, setup, enrolment)?;
        let model = setup.identity()?;
        found.with_context(|| {
            format!(
                "nobody has measured what scores of {model} stand for ({enrolment}): measure it with `omote calibrate \
                 PHOTOS`, or give a --threshold (a cosine; its error rate is then unknown)"
            )
        })
    }

    /// The calibration of the setup's embedder: the one that is named, else the user's own, else one beside the models, else
    /// a built-in one; `None` if there is none.
    pub fn find(
        args: &CalibrationArgs,
        models: &[PathBuf],
        setup: &Setup,
        enrolment: Enrolment,
    ) -> anyhow::Result<Option<Calibrated>> {
        let model = setup.identity()?;
        if let Some(file) = &args.calibration {
            let calibration = Calibration::load(file)?;
            let source = calibration.source();
            if calibration.fingerprint() != model.fingerprint || source.flip != model.flip {
                let flip = if source.flip { " with --flip" } else { "" };
                bail!(
                    "{} is the calibration of {}{flip} and not of {model}: make one with `omote calibrate`",
                    file.display(),
                    source.model
                );
            }
            if let Some(scorer) = calibration.scorer() {
                bail!(
                    "{} is the calibration of the scorer {}, whose scores are no cosines: give the scorer as well \
                     (`omote verify --scorer`), or another calibration",
                    file.display(),
                    scorer.name
                );
            }
            return Ok(Some(Calibrated { calibration, file: Some(file.clone()) }));
        }
        let beside = models.iter().map(|models| models.join(FOLDER)).collect::<Vec<_>>();
        // The user's own first: what was measured on one's own photos says more than what was measured elsewhere.
        for folders in [folder().into_iter().collect(), beside] {
            let folders: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
            let found = Calibration::load_for(&folders, &model.fingerprint, model.flip, enrolment)?;
            if let Some((file, calibration)) = found {
                return Ok(Some(Calibrated { calibration, file: Some(file) }));
            }
        }
        let built_in = Calibration::built_in(&model.fingerprint, model.flip, enrolment);
        Ok(built_in.map(|calibration| Calibrated { calibration, file: None }))
    }

    /// The calibration of a scorer that was read from `scorer_file`: the one that is named, else the one beside it.
    pub fn of_scorer(
        args: &CalibrationArgs,
        scorer_file: &Path,
        scorer: &Scorer,
        setup: &Setup,
    ) -> anyhow::Result<Calibrated> {
        let file = args.calibration.clone().unwrap_or_else(|| beside_scorer(scorer_file));
        let remedy =
            || format!("make a calibration with `omote calibrate PHOTOS --scorer {}`", scorer_file.display());
        let calibration = Calibration::load(&file).with_context(remedy)?;
        let (source, model) = (calibration.source(), setup.identity()?);
        let same = calibration.scorer().map(|scorer| scorer.hash) == Some(scorer.hash()?);
        if !same || calibration.fingerprint() != model.fingerprint || source.flip != model.flip {
            let (file, scorer_file) = (file.display(), scorer_file.display());
            bail!("{file} is not the calibration of {scorer_file} for {model}: {}", remedy());
        }
        Ok(Calibrated { calibration, file: Some(file) })
    }

    /// The population that rates are predicted for: as many people as it was calibrated on.
    pub fn next(&self) -> Next {
        self.calibration.same_again()
    }

    /// For JSON: where the rates come from.
    pub fn record(&self) -> Value {
        let (source, counts) = (self.calibration.source(), self.calibration.counts());
        json!({
            "file": self.file.as_ref().map(|file| file.display().to_string()),
            "data": source.data, "data_sha256": source.data_hash.to_string(), "date": source.date,
            "people": counts.identities, "faces": counts.faces, "enrolment": source.enrolment.to_string(),
        })
    }

    /// In words.
    pub fn describe(&self) -> String {
        let (source, people) = (self.calibration.source(), self.calibration.counts().identities);
        format!("calibrated on {people} people ({}, {})", source.data, source.date)
    }
}

/// Whether people of a test are those that the calibration was made of. Rates at its thresholds are then too good.
pub enum Overlap {
    /// The calibration does not say who they were.
    NotListed,
    /// The test does not say who is in it.
    Unnamed,
    /// So many people of the test have the name of one in the calibration.
    Named(usize),
}

impl Overlap {
    /// Looks for the names of a test's people.
    pub fn of(calibration: &Calibration, names: &[String]) -> Overlap {
        if names.is_empty() {
            return Overlap::Unnamed;
        }
        calibration.overlap(names).map_or(Overlap::NotListed, Overlap::Named)
    }

    /// For JSON: how many, where it can be said.
    pub fn count(&self) -> Option<usize> {
        match self {
            Overlap::Named(count) => Some(*count),
            Overlap::NotListed | Overlap::Unnamed => None,
        }
    }

    /// In words, of a test of so many people.
    pub fn describe(&self, people: usize) -> String {
        match self {
            Overlap::NotListed => {
                "the calibration does not list its people: whether any of the test's is among them cannot be \
                 checked (one made by this version of `omote calibrate` does)"
                    .to_owned()
            }
            Overlap::Unnamed => {
                "the people of the test have no names: whether any is in the calibration cannot be checked"
                    .to_owned()
            }
            Overlap::Named(0) => {
                format!("none of the {people} people of the test has a name that is in the calibration")
            }
            Overlap::Named(count) => format!(
                "{count} of the {people} people of the test have a name that is in the calibration: if they are the same \
                 people, the rates at its thresholds are too good"
            ),
        }
    }
}

/// A rate for JSON.
pub fn rate_record(rate: &Rate) -> Value {
    let support = match rate.support {
        Support::Measured => "measured",
        Support::Extrapolated => "extrapolated",
        Support::Beyond => "beyond",
    };
    json!({"rate": rate.value, "low": rate.low, "high": rate.high, "level": rate.level, "support": support})
}

/// A rate in words: `0.1 % (0.06 to 0.16 %)`.
pub fn rate_text(rate: &Rate) -> String {
    if rate.support == Support::Beyond {
        return format!("at most {}", percentage(rate.value));
    }
    let mark = if rate.support == Support::Extrapolated { ", extrapolated" } else { "" };
    let ends = [rate.low, rate.high].map(|end| percentage(end).trim_end_matches(" %").to_owned());
    format!("{} (next {} to {} %{mark})", percentage(rate.value), ends[0], ends[1])
}

/// A rate as a percentage with two digits that count.
pub fn percentage(rate: f64) -> String {
    if rate <= 0.0 {
        return "0 %".to_owned();
    }
    let digits = (1.0 - (rate * 100.0).log10().floor()).clamp(0.0, 8.0) as usize;
    let text = format!("{:.digits$}", rate * 100.0);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} %")
}

/// A threshold for JSON, with the digits of single precision.
pub fn threshold_value(threshold: f64) -> f64 {
    shortest(threshold as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_shown_with_the_digits_they_need() {
        for (rate, text) in [
            (0.5, "50 %"),
            (1e-2, "1 %"),
            (1e-3, "0.1 %"),
            (1.23e-3, "0.12 %"),
            (1e-4, "0.01 %"),
            (0.257, "26 %"),
            (9.97e-5, "0.01 %"),
            (0.0, "0 %"),
        ] {
            assert_eq!(percentage(rate), text);
        }
    }
}
