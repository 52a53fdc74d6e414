//! False positives by the number of photos that are enrolled of each person.
//!
//! Who is enrolled with more photos is found more often, also for somebody else. So searches are measured several
//! times, with people enrolled with 1, 2, 4 ... and all of their photos: the levels. A gallery is a mixture of people
//! with different numbers of photos, and its rate the mean of the levels', weighted by its people. Between two levels a
//! person counts as partly of either, by the logarithm of the photos. That is exact where hits are rare.

use serde::{Deserialize, Serialize};

use super::open_set::OpenSet;
use super::searches::Searches;
use super::variation::SearchEstimate;
use super::{Enrolled, Enrolment, Estimate, Support};
use crate::Error;
use crate::comparisons::LabelledFaces;

/// A level has so many times the photos of the one before, at least.
const STEP: f64 = 1.5;
/// Most levels in a file.
const MOST_LEVELS: usize = 32;
/// Steps in which a threshold is narrowed down; each halves what is left of a range of at most 2.
const HALVINGS: usize = 60;
/// Where people have on average so many times more photos than anybody had in the calibration, the rate is no longer a
/// measured one.
const FAR: f64 = 1.1;

/// False positive identification rates by photos enrolled, gallery size and threshold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Levels(
    /// By ascending photos.
    Vec<OpenSet>,
);

/// Galleries of people who all have the photos of one level.
struct Part<'a> {
    level: &'a OpenSet,
    /// Share of the people.
    share: f64,
}

impl Levels {
    pub(super) fn of(faces: &LabelledFaces, enrolment: Enrolment, threads: usize) -> Result<Self, Error> {
        let photos_of: Vec<usize> = faces.photos_of_people().collect();
        let people = photos_of.len() as f64;
        // Who has fewer photos is enrolled with all of them.
        let mean = |most: usize| photos_of.iter().map(|&own| own.min(most) as f64).sum::<f64>() / people;
        let all = mean(usize::MAX);
        let mut counts: Vec<usize> = Vec::new();
        for photos in (0..MOST_LEVELS - 1).map(|power| 1usize << power) {
            if mean(photos) * STEP > all {
                break;
            }
            if counts.last().is_none_or(|&last| mean(last) * STEP <= mean(photos)) {
                counts.push(photos);
            }
        }
        counts.push(usize::MAX);
        let level = |photos: usize| {
            OpenSet::of(mean(photos), &Searches::with_photos(faces, photos, enrolment, threads)?)
        };
        Ok(Self(counts.into_iter().map(level).collect::<Result<_, _>>()?))
    }

    /// The rate of a gallery that holds somebody. Where nothing is known (below the lowest threshold), 1.
    pub(super) fn fpir(&self, gallery: &Enrolled, enrolment: Enrolment, score: f64) -> SearchEstimate {
        let (size, parts) = self.parts(gallery, enrolment);
        let mut found = mixed(&parts, size, score);
        if size as f64 > gallery.people() as f64 * FAR {
            found.rate.support = found.rate.support.max(Support::Extrapolated);
        }
        found
    }

    /// The smallest threshold at which a gallery that holds somebody has a rate of at most `fpir`, or else the smallest
    /// rate there is a threshold for.
    pub(super) fn threshold(&self, gallery: &Enrolled, enrolment: Enrolment, fpir: f64) -> Result<f64, f64> {
        let (size, parts) = self.parts(gallery, enrolment);
        let mut least = 0.0f64;
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for part in &parts {
            match part.level.threshold(size, fpir) {
                Ok(threshold) => (low, high) = (low.min(threshold), high.max(threshold)),
                Err(smallest) => least = least.max(smallest),
            }
        }
        if least > 0.0 {
            return Err(least);
        }
        // Each level keeps to the rate at `high`, and so does the mixture.
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if middle <= low || middle >= high {
                break;
            }
            if mixed(&parts, size, middle).rate.value <= fpir { high = middle } else { low = middle }
        }
        Ok(high)
    }

    /// Each level that people are of, and how many people there are in effect.
    ///
    /// A person with more photos than anybody had in the calibration counts as several. That is too many, because
    /// photos of one person are alike, but never too few. A template changes less and less with more photos.
    fn parts(&self, gallery: &Enrolled, enrolment: Enrolment) -> (usize, Vec<Part<'_>>) {
        let mut shares = vec![0.0; self.0.len()];
        let last = self.0.len() - 1;
        let most = self.0[last].photos();
        for (photos, share) in gallery.shares() {
            let above = self.0.partition_point(|level| level.photos() < photos);
            if above == 0 {
                shares[0] += share;
            } else if above > last {
                let more = if enrolment == Enrolment::BestFace { photos / most } else { 1.0 };
                shares[last] += share * more;
            } else {
                let (below, level) = (self.0[above - 1].photos(), self.0[above].photos());
                let part = (photos / below).ln() / (level / below).ln();
                shares[above - 1] += share * (1.0 - part);
                shares[above] += share * part;
            }
        }
        let all: f64 = shares.iter().sum();
        let size = (gallery.people() as f64 * all - 1e-9).ceil() as usize;
        let parts = self.0.iter().zip(shares).filter(|&(_, share)| share > 0.0);
        (size.max(1), parts.map(|(level, share)| Part { level, share: share / all }).collect())
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if !(1..=MOST_LEVELS).contains(&self.0.len()) {
            return Err(format!("there are {} tables of searches and not 1 to {MOST_LEVELS}", self.0.len()));
        }
        if !self.0.is_sorted_by(|a, b| a.photos() < b.photos()) {
            return Err("the photos enrolled of a person do not rise from table to table".to_owned());
        }
        self.0.iter().try_for_each(OpenSet::check)
    }
}

/// The mean of the levels. What it varies with is taken from each as far as it makes up the rate, as if all varied
/// together.
fn mixed(parts: &[Part<'_>], size: usize, score: f64) -> SearchEstimate {
    let found: Vec<(f64, SearchEstimate)> =
        parts.iter().map(|part| (part.share, part.level.fpir(size, score))).collect();
    if let [(_, one)] = found[..] {
        return one;
    }
    // Above the lowest thresholds all is known; below one of them nothing is.
    if found.iter().any(|(_, level)| level.rate.support == Support::Beyond && level.rate.value >= 1.0) {
        return SearchEstimate::UNKNOWN;
    }
    let value: f64 = found.iter().map(|(share, level)| share * level.rate.value).sum();
    let weights: Vec<f64> = found.iter().map(|(share, level)| share * level.rate.value / value).collect();
    let mean = |of: fn(&SearchEstimate) -> f64| -> f64 {
        found.iter().zip(&weights).map(|((_, level), weight)| of(level) * weight).sum()
    };
    let support = found.iter().map(|(_, level)| level.rate.support).max();
    SearchEstimate {
        rate: Estimate {
            value,
            spread: mean(|level| level.rate.spread),
            support: support.unwrap_or(Support::Beyond),
        },
        reach: mean(|level| level.reach),
        probe: mean(|level| level.probe),
        enrolled: mean(|level| level.enrolled),
        pair: mean(|level| level.pair),
    }
}
