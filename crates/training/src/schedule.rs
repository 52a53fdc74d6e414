//! How the learning rate changes over a run.

use std::f64::consts::PI;

use serde::{Deserialize, Serialize};

/// The section `[schedule]` of a recipe: by which factor the learning rate is multiplied at each step.
///
/// Places in the run are shares of its steps, so that a run that is made shorter keeps its shape.
///
/// ```
/// let schedule: omote_training::Schedule = toml::from_str("kind = 'steps'\nat = [0.5, 0.75]")?;
/// assert_eq!([0, 60, 80].map(|step| (schedule.factor(step, 100) * 100.0).round()), [100.0, 10.0, 1.0]);
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Schedule {
    /// The same all along.
    Constant {
        /// Share of the run over which it rises from nothing.
        #[serde(default)]
        warm_up: f64,
    },
    /// Falls at some places.
    Steps {
        /// Where, as shares of the run, one after the other.
        at: Vec<f64>,
        /// What it is multiplied by there.
        #[serde(default = "tenth")]
        factor: f64,
        /// Share of the run over which it rises from nothing.
        #[serde(default)]
        warm_up: f64,
    },
    /// Half a wave of the cosine from 1 down to `lowest`.
    Cosine {
        /// What is left at the end.
        #[serde(default)]
        lowest: f64,
        /// Share of the run over which it rises from nothing.
        #[serde(default)]
        warm_up: f64,
    },
    /// `(1 - t)^power`, from 1 down to nothing; the power 1 is a straight line.
    Polynomial {
        /// The power.
        #[serde(default = "one")]
        power: f64,
        /// Share of the run over which it rises from nothing.
        #[serde(default)]
        warm_up: f64,
    },
}

fn tenth() -> f64 {
    0.1
}

fn one() -> f64 {
    1.0
}

impl Default for Schedule {
    fn default() -> Self {
        Self::Cosine { lowest: 0.0, warm_up: 0.0 }
    }
}

impl Schedule {
    /// Whether there is such a schedule.
    ///
    /// # Errors
    /// Which field is out of its range, in words.
    pub fn check(&self) -> Result<(), String> {
        if !(0.0..0.9).contains(&self.warm_up()) {
            return Err("warm_up must be from 0 to 0.9, a share of the run".to_owned());
        }
        match self {
            Self::Constant { .. } => Ok(()),
            Self::Steps { at, .. }
                if !at.is_sorted_by(|a, b| a < b) || !at.iter().all(|at| (0.0..1.0).contains(at)) =>
            {
                Err("at must rise, from 0 to below 1: shares of the run".to_owned())
            }
            Self::Steps { factor, .. } if !(*factor > 0.0 && *factor <= 1.0) => {
                Err("factor must be above 0 and at most 1".to_owned())
            }
            Self::Cosine { lowest, .. } if !(0.0..=1.0).contains(lowest) => {
                Err("lowest must be from 0 to 1".to_owned())
            }
            Self::Polynomial { power, .. } if !(0.1..=10.0).contains(power) => {
                Err("power must be from 0.1 to 10".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn warm_up(&self) -> f64 {
        match self {
            Self::Constant { warm_up }
            | Self::Steps { warm_up, .. }
            | Self::Cosine { warm_up, .. }
            | Self::Polynomial { warm_up, .. } => *warm_up,
        }
    }

    /// The factor at a step, counted from 0, of a run of so many.
    pub fn factor(&self, step: u64, steps: u64) -> f64 {
        let steps = steps.max(1) as f64;
        let warm = (self.warm_up() * steps).round();
        if (step as f64) < warm {
            return (step as f64 + 1.0) / warm;
        }
        // Cosine and polynomial begin when it is warm.
        let after = ((step as f64 - warm) / (steps - warm)).clamp(0.0, 1.0);
        match self {
            Self::Constant { .. } => 1.0,
            Self::Steps { at, factor, .. } => {
                factor.powi(at.iter().filter(|&&at| step as f64 >= (at * steps).round()).count() as i32)
            }
            Self::Cosine { lowest, .. } => lowest + (1.0 - lowest) * (1.0 + (PI * after).cos()) / 2.0,
            Self::Polynomial { power, .. } => (1.0 - after).powf(*power),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors(schedule: &Schedule) -> Vec<f64> {
        (0..100).map(|step| (schedule.factor(step, 100) * 1e6).round() / 1e6).collect()
    }

    #[test]
    fn rates_change_as_they_should() {
        let steps = factors(&Schedule::Steps { at: vec![0.5, 0.9], factor: 0.1, warm_up: 0.05 });
        assert_eq!(
            (steps[0], steps[4], steps[5], steps[49], steps[50], steps[90]),
            (0.2, 1.0, 1.0, 1.0, 0.1, 0.01)
        );
        let cosine = factors(&Schedule::Cosine { lowest: 0.1, warm_up: 0.0 });
        assert_eq!((cosine[0], cosine[50]), (1.0, 0.55));
        assert!(cosine.is_sorted_by(|a, b| a > b) && cosine[99] < 0.101);
        let line = factors(&Schedule::Polynomial { power: 1.0, warm_up: 0.2 });
        assert_eq!((line[0], line[19], line[20], line[60]), (0.05, 1.0, 1.0, 0.5));
        let square = factors(&Schedule::Polynomial { power: 2.0, warm_up: 0.0 });
        assert_eq!(square[50], 0.25);
        assert!(factors(&Schedule::Constant { warm_up: 0.0 }).iter().all(|&factor| factor == 1.0));
    }

    #[test]
    fn what_cannot_be_is_named() {
        for (text, said) in [
            ("kind = 'steps'\nat = [0.5, 0.4]", "at must rise"),
            ("kind = 'steps'\nat = [0.5, 1.0]", "at must rise"),
            ("kind = 'steps'\nat = [0.5]\nfactor = 0", "factor"),
            ("kind = 'cosine'\nlowest = 2", "lowest"),
            ("kind = 'cosine'\nwarm_up = 1", "warm_up"),
            ("kind = 'polynomial'\npower = nan", "power"),
        ] {
            let schedule: Schedule = toml::from_str(text).unwrap();
            assert!(schedule.check().unwrap_err().contains(said), "{text}");
        }
        assert!(toml::from_str::<Schedule>("kind = 'cosine'\nrate = 1").is_err());
        assert_eq!(Schedule::default().check(), Ok(()));
    }
}
