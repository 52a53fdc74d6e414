//! Is a calibration honest? Calibrate on half of the people, measure on the other half, and count how often the
//! measured rate was in the interval that was predicted.

use std::fmt;

use crate::Error;
use crate::comparisons::{Comparisons, LabelledFaces};

use super::searches::Searches;
use super::{Calibration, Enrolled, Galleries, LEAST_PEOPLE, Next, Rate, Source};

/// What to check, and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct SplitOptions {
    /// False match rates to calibrate for.
    pub fmrs: Vec<f64>,
    /// False positive identification rates to calibrate for.
    pub fpirs: Vec<GalleryRate>,
    /// How many random halves.
    pub splits: usize,
    /// Decides which halves and galleries.
    pub seed: u64,
    /// Probability of the prediction intervals, 0.5..1.
    pub level: f64,
    /// Threads; 0 counts as 1.
    pub threads: usize,
}

/// A false positive identification rate of a kind of gallery.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GalleryRate {
    /// The rate.
    pub fpir: f64,
    /// People in the gallery.
    pub people: usize,
    /// Most photos enrolled of each person; `usize::MAX` for all of everybody.
    pub photos: usize,
}

impl fmt::Display for GalleryRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { fpir, people, photos } = self;
        write!(f, "FPIR {fpir}, {people} people with ")?;
        match photos {
            1 => f.write_str("1 photo"),
            &usize::MAX => f.write_str("all photos"),
            photos => write!(f, "{photos} photos"),
        }
    }
}

/// A rate that was calibrated for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CheckedRate {
    /// False matches of pairs.
    Fmr(f64),
    /// False positives of searches.
    Fpir {
        /// What was asked for.
        asked: GalleryRate,
        /// [`Galleries::Average`]: measured over all galleries of that size. [`Galleries::One`]: with one random
        /// gallery, searched for all who are not in it.
        galleries: Galleries,
    },
}

impl fmt::Display for CheckedRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fmr(rate) => write!(f, "FMR {rate}"),
            Self::Fpir { asked, galleries: Galleries::Average } => write!(f, "{asked}, on average"),
            Self::Fpir { asked, galleries: Galleries::One } => write!(f, "{asked}, one gallery"),
        }
    }
}

/// One rate in one split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SplitCheck {
    /// Number of the split, from 0.
    pub split: usize,
    /// What was asked for.
    pub rate: CheckedRate,
    /// The threshold that the calibrated half gave.
    pub threshold: f64,
    /// What it said the other half would show.
    pub predicted: Rate,
    /// What the other half showed.
    pub measured: f64,
}

impl SplitCheck {
    /// Whether the measured rate was in the interval.
    pub fn holds(&self) -> bool {
        self.predicted.holds(self.measured)
    }

    /// The upper end of the interval in multiples of the lower; infinite if that is 0.
    pub fn width(&self) -> f64 {
        self.predicted.high / self.predicted.low
    }
}

/// All splits of one rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SplitSummary {
    /// What was asked for.
    pub rate: CheckedRate,
    /// In how many splits the measured rate was in the interval ...
    pub held: usize,
    /// ... of how many.
    pub splits: usize,
    /// The upper end of the interval in multiples of the lower: the median of the splits ...
    pub median_width: f64,
    /// ... and the largest.
    pub widest: f64,
}

/// Checks a way to calibrate on faces of known people. `source` says what a person is in a gallery and otherwise
/// only labels calibrations that nobody sees.
///
/// Each split calibrates on a random half of the people, takes the thresholds for the rates asked for with the
/// intervals predicted for as many people as are in the other half, and measures the rates there. Nothing of the
/// other half is known to the calibration. Takes some seconds per split for 6,000 faces.
///
/// # Errors
/// [`Error::TooFew`] if a half has fewer than ten people, or not more than a gallery is to have;
/// [`Error::Setting`] for no split or a probability that is none; and all of [`Calibration`].
pub fn check_splits(
    faces: &LabelledFaces,
    source: &Source,
    options: &SplitOptions,
) -> Result<Vec<SplitCheck>, Error> {
    let people = faces.people().len();
    let half = people / 2;
    let largest = options.fpirs.iter().map(|asked| asked.people + 2).max().unwrap_or(0);
    let needed = 2 * largest.max(LEAST_PEOPLE);
    if people < needed {
        return Err(Error::TooFew { what: "people to split in halves", found: people, needed });
    }
    if options.splits == 0 {
        return Err(Error::Setting { name: "the number of splits", value: 0.0, allowed: "at least 1" });
    }
    let mut random = fastrand::Rng::with_seed(options.seed);
    // Apart from the halves, so that these are the same whatever is asked of them.
    let mut galleries = fastrand::Rng::with_seed(!options.seed);
    let mut checks = Vec::new();
    for split in 0..options.splits {
        let mut order: Vec<usize> = (0..people).collect();
        random.shuffle(&mut order);
        let (calibrated, other) = (faces.subset(&order[..half])?, faces.subset(&order[half..])?);
        let one = Split { number: split, other: &other, options };
        if options.fpirs.is_empty() {
            let comparisons = Comparisons::all(&calibrated, options.threads)?;
            one.check_comparisons(&Calibration::of_comparisons(source.clone(), &comparisons)?, &mut checks)?;
        } else {
            let calibration = Calibration::of_faces(source.clone(), &calibrated, options.threads)?;
            one.check_comparisons(&calibration, &mut checks)?;
            one.check_searches(&calibration, &mut galleries, &mut checks)?;
        }
    }
    Ok(checks)
}

struct Split<'a> {
    number: usize,
    other: &'a LabelledFaces,
    options: &'a SplitOptions,
}

impl Split<'_> {
    fn check_comparisons(
        &self,
        calibration: &Calibration,
        checks: &mut Vec<SplitCheck>,
    ) -> Result<(), Error> {
        if self.options.fmrs.is_empty() {
            return Ok(());
        }
        let comparisons = Comparisons::all(self.other, self.options.threads)?;
        let next = Next::new(self.other.people().len(), self.options.level)?;
        for &fmr in &self.options.fmrs {
            let threshold = calibration.threshold_for_fmr(fmr)?;
            checks.push(SplitCheck {
                split: self.number,
                rate: CheckedRate::Fmr(fmr),
                threshold,
                predicted: calibration.fmr(threshold, &next),
                measured: comparisons.fmr(threshold),
            });
        }
        Ok(())
    }

    fn check_searches(
        &self,
        calibration: &Calibration,
        random: &mut fastrand::Rng,
        checks: &mut Vec<SplitCheck>,
    ) -> Result<(), Error> {
        let mut counts: Vec<usize> = self.options.fpirs.iter().map(|asked| asked.photos).collect();
        counts.sort_unstable();
        counts.dedup();
        for photos in counts {
            let enrolment = calibration.source().enrolment;
            let searches = Searches::with_photos(self.other, photos, enrolment, self.options.threads)?;
            for asked in self.options.fpirs.iter().filter(|asked| asked.photos == photos) {
                self.check_galleries(calibration, *asked, &searches, random, checks)?;
            }
        }
        Ok(())
    }

    fn check_galleries(
        &self,
        calibration: &Calibration,
        asked: GalleryRate,
        searches: &[Searches],
        random: &mut fastrand::Rng,
        checks: &mut Vec<SplitCheck>,
    ) -> Result<(), Error> {
        let people = self.other.people().len();
        let photos: Vec<usize> = self.other.photos_of_people().map(|own| own.min(asked.photos)).collect();
        let mut is_in: Vec<bool> = (0..people).map(|place| place < asked.people).collect();
        random.shuffle(&mut is_in);
        let photos_in_one = photos.iter().zip(&is_in).filter(|&(_, is_in)| *is_in).map(|(&photos, _)| photos);
        let one = (Galleries::One, people - asked.people, Enrolled::counted(photos_in_one));
        let average = (Galleries::Average, people, Enrolled::drawn(asked.people, photos.iter().copied()));
        for (galleries, strangers, gallery) in [average, one] {
            let threshold = calibration.threshold_for_fpir(&gallery, asked.fpir)?;
            let measured = match galleries {
                Galleries::Average => {
                    let rates = searches.iter().map(|searches| searches.fpir(asked.people, threshold));
                    rates.sum::<f64>() / searches.len() as f64
                }
                Galleries::One => searches[0].fpir_of_gallery(&is_in, threshold),
            };
            let next = Next::new(strangers, self.options.level)?;
            checks.push(SplitCheck {
                split: self.number,
                rate: CheckedRate::Fpir { asked, galleries },
                threshold,
                predicted: calibration.fpir(&gallery, threshold, galleries, &next)?,
                measured,
            });
        }
        Ok(())
    }
}

/// Counts, for each rate in the order of the checks, how often the interval held and how wide it was.
pub fn summarise_splits(checks: &[SplitCheck]) -> Vec<SplitSummary> {
    let mut rates: Vec<CheckedRate> = Vec::new();
    for check in checks {
        if !rates.contains(&check.rate) {
            rates.push(check.rate);
        }
    }
    let summary = |rate| {
        let of_rate: Vec<&SplitCheck> = checks.iter().filter(|check| check.rate == rate).collect();
        let mut widths: Vec<f64> = of_rate.iter().map(|check| check.width()).collect();
        widths.sort_unstable_by(f64::total_cmp);
        SplitSummary {
            rate,
            held: of_rate.iter().filter(|check| check.holds()).count(),
            splits: of_rate.len(),
            median_width: widths[widths.len() / 2],
            widest: widths[widths.len() - 1],
        }
    };
    rates.into_iter().map(summary).collect()
}
