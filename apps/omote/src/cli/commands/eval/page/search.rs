//! The page of searches: identification rates by rank, open-set rates, scores, and who was not found or taken for
//! somebody else.

use std::fmt::Write as _;
use std::path::Path;

use evaluation::report::{
    BandPoint, Block, Curve, Marker, Picture, PicturePair, Pictures, Report, Section, Stamp, Table, cmc, dir,
    search_scores,
};
use evaluation::{Bootstrap, Error, Estimate, MIN_FALSE_MATCHES, ProbeResult, SearchStatistic, SearchTrials};
use model::FileHash;

use super::rate;

/// More ranks say nothing about a gallery of any size.
const MOST_RANKS: usize = 100;

/// Points of an open-set curve, evenly spaced on a logarithmic axis.
const POINTS: usize = 25;

/// Draws of people behind the shade of a curve: it shows an interval, and is not read off to the second digit.
const BAND_DRAWS: usize = 200;

/// Enough for the shape of a few thousand scores.
const BINS: usize = 60;

/// So many searches of either kind are shown.
const MOST: usize = 6;

/// All that is on the page.
#[derive(Default)]
pub struct SearchPage {
    /// The page's title.
    pub title: String,
    /// The result in a few sentences.
    pub lead: Vec<String>,
    /// What was measured.
    pub measures: Vec<Table>,
    /// One for each gallery or group of probes.
    pub curves: Vec<SearchCurves>,
    /// False positive identification rates to mark.
    pub fpir: Vec<f64>,
    /// After the curves.
    pub more: Vec<Section>,
    /// The scores behind the rates.
    pub scores: Vec<SearchScores>,
    /// Searches that went wrong.
    pub pictures: Vec<Pictures>,
    /// How it was made.
    pub stamp: Stamp,
}

/// What is drawn of a series of searches.
pub struct SearchCurves {
    name: String,
    /// Empty without mated probes.
    cmc: Vec<(f64, f64)>,
    /// FPIR and DIR; empty without probes of both kinds, or if they support no rate.
    dir: Vec<(f64, f64)>,
    band: Vec<BandPoint>,
}

/// The scores that an open-set search decides by.
pub struct SearchScores {
    /// Whose.
    pub name: String,
    /// Of the right people.
    pub mated: Vec<f32>,
    /// The top scores of strangers.
    pub non_mated: Vec<f32>,
    /// Thresholds to mark.
    pub thresholds: Vec<Marker>,
}

/// A search by the photos that stand for its faces.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SearchedPhoto {
    /// Who is searched for.
    pub probe: usize,
    /// What it brought.
    pub result: ProbeResult,
    /// Of the first candidate; `None` without candidates.
    pub found: Option<usize>,
    /// Of the right person in the gallery; `None` for a non-mated probe.
    pub own: Option<usize>,
}

impl SearchCurves {
    /// Measures all points, with bands from the draws where there are people enough.
    pub fn of(name: &str, trials: &SearchTrials, people: usize, draws: &Bootstrap) -> Result<Self, Error> {
        let (mated, strangers) =
            trials.galleries().iter().fold((0, usize::MAX), |(mated, least), gallery| {
                let (of_mated, of_strangers) = gallery.probes();
                (mated + of_mated, least.min(of_strangers))
            });
        let mut curves = Self { name: name.to_owned(), cmc: Vec::new(), dir: Vec::new(), band: Vec::new() };
        if mated > 0 {
            let rates = (1..=people.clamp(1, MOST_RANKS))
                .map(|rank| Ok((rank as f64, trials.value(SearchStatistic::HitRate(rank))?)));
            curves.cmc = rates.collect::<Result<_, Error>>()?;
        }
        let lowest = MIN_FALSE_MATCHES as f64 / strangers as f64;
        if mated == 0 || strangers == 0 || lowest >= 1.0 {
            return Ok(curves);
        }
        let places = (0..POINTS).map(|at| lowest.powf(1.0 - at as f64 / (POINTS - 1) as f64));
        let asked: Vec<SearchStatistic> = places.clone().map(SearchStatistic::TpirAtFpir).collect();
        let draws = Bootstrap { resamples: draws.resamples.min(BAND_DRAWS), ..*draws };
        match trials.estimate(&draws, &asked) {
            Ok(found) => {
                let points = || places.clone().zip(&found);
                curves.dir = points().map(|(fpir, found)| (fpir, found.value)).collect();
                let ends = |(x, Estimate { interval, .. }): (f64, &Estimate)| BandPoint {
                    x,
                    low: interval.low,
                    high: interval.high,
                };
                curves.band = points().map(ends).collect();
            }
            Err(Error::TooFewPeople { .. }) => {
                let values = places.zip(asked).map(|(fpir, one)| Ok((fpir, trials.value(one)?)));
                curves.dir = values.collect::<Result<_, Error>>()?;
            }
            Err(error) => return Err(error),
        }
        Ok(curves)
    }
}

impl SearchPage {
    /// Writes the page in one step.
    pub fn write(self, path: &Path) -> anyhow::Result<()> {
        let sections = self.sections()?;
        let report = Report { title: self.title, lead: self.lead, stamp: self.stamp, sections };
        Ok(report.write(path)?)
    }

    fn sections(&self) -> Result<Vec<Section>, Error> {
        let section = |heading: &str, blocks| Section { heading: heading.to_owned(), blocks };
        let mut sections = Vec::new();
        if !self.measures.is_empty() {
            sections.push(section("Measures", self.measures.iter().cloned().map(Block::Table).collect()));
        }
        sections.push(section("Identification rates", self.rates()?));
        sections.extend(self.more.iter().cloned());
        let scores = self.score_charts()?;
        if !scores.is_empty() {
            sections.push(section("Scores", scores));
        }
        if !self.pictures.is_empty() {
            sections
                .push(section("Worst errors", self.pictures.iter().cloned().map(Block::Pictures).collect()));
        }
        Ok(sections)
    }

    fn rates(&self) -> Result<Vec<Block>, Error> {
        let (mut charts, mut words) = (Vec::new(), Vec::new());
        let ranks: Vec<Curve> = self
            .curves
            .iter()
            .filter(|curves| !curves.cmc.is_empty())
            .map(|curves| Curve::new(&curves.name, curves.cmc.clone()))
            .collect();
        if ranks.is_empty() {
            words.push("There are no rates by rank: nobody who is searched for is enrolled.".to_owned());
        } else {
            charts.push(cmc(&ranks)?);
        }
        let open: Vec<Curve> = self
            .curves
            .iter()
            .filter(|curves| !curves.dir.is_empty())
            .map(|curves| Curve::new(&curves.name, curves.dir.clone()).with_band(curves.band.clone()))
            .collect();
        if open.is_empty() {
            words.push(format!(
                "There is no open-set curve: it takes people who are enrolled and at least {MIN_FALSE_MATCHES} photos of \
                 people who are not."
            ));
        } else {
            let markers: Vec<Marker> =
                self.fpir.iter().map(|&fpir| Marker::new(fpir, format!("FPIR {}", rate(fpir)))).collect();
            let note = format!(
                "Upper left is better. Nothing is drawn below {MIN_FALSE_MATCHES} false positives; shades are 95 % \
                 intervals for other people."
            );
            charts.push(dir(&open, &markers)?.titled("Open-set identification", note));
        }
        let mut blocks: Vec<Block> = words.into_iter().map(Block::Prose).collect();
        if !charts.is_empty() {
            blocks.push(Block::Charts(charts));
        }
        Ok(blocks)
    }

    fn score_charts(&self) -> Result<Vec<Block>, Error> {
        let both =
            self.scores.iter().filter(|scores| !scores.mated.is_empty() && !scores.non_mated.is_empty());
        let charts = both.map(|scores| {
            let SearchScores { name, mated, non_mated, thresholds } = scores;
            let chart = |log| search_scores(mated, non_mated, BINS, log, thresholds);
            Ok(Block::Charts(vec![
                chart(false)?.titled(format!("{name}: scores"), "Each kind's shares add up to 1."),
                chart(true)?.titled(
                    format!("{name}: scores, logarithmic"),
                    "The upper tail of strangers' scores is where thresholds are.",
                ),
            ]))
        });
        charts.collect()
    }
}

/// Searches at the far wrong side, as pictures: strangers who were taken for somebody, and people who were not found.
/// Without a `threshold` the set is closed: whoever is not the first candidate was not found.
pub fn worst_searches(
    searches: &[SearchedPhoto],
    threshold: Option<f64>,
    name: impl Fn(usize) -> String,
    mut show: impl FnMut(usize) -> Picture,
) -> Vec<Pictures> {
    let counts = |score: f32| threshold.is_none_or(|threshold| f64::from(score) >= threshold);
    let place = |score: Option<f32>| score.unwrap_or(f32::INFINITY);
    let mut alarms: Vec<&SearchedPhoto> = searches
        .iter()
        .filter(|one| threshold.is_some() && !one.result.mated && one.result.top_score.is_some_and(counts))
        .collect();
    alarms.sort_by(|a, b| place(b.result.top_score).total_cmp(&place(a.result.top_score)));
    let is_found =
        |result: &ProbeResult| result.mate_rank == Some(1) && result.mate_score.is_some_and(counts);
    let mut misses: Vec<&SearchedPhoto> =
        searches.iter().filter(|one| one.result.mated && !is_found(&one.result)).collect();
    misses.sort_by(|a, b| place(a.result.mate_score).total_cmp(&place(b.result.mate_score)));

    let nothing = || Picture { jpeg: None, name: String::new(), quality: None };
    let mut pictures = Vec::new();
    if threshold.is_some() {
        let pairs = alarms.into_iter().take(MOST).map(|one| PicturePair {
            a: show(one.probe),
            b: one.found.map_or_else(nothing, &mut show),
            score: one.result.top_score.map(f64::from),
            note: String::new(),
        });
        pictures.push(Pictures {
            caption: "Not enrolled, taken for somebody: the highest scores".to_owned(),
            threshold,
            pairs: pairs.collect(),
        });
    }
    let pairs = misses.into_iter().take(MOST).map(|one| {
        let ahead = one.found.zip(one.result.top_score).filter(|_| one.result.mate_rank != Some(1));
        PicturePair {
            a: show(one.probe),
            b: one.own.map_or_else(nothing, &mut show),
            score: one.result.mate_score.map(f64::from),
            note: match (one.result.mate_rank, ahead) {
                (Some(rank), Some((found, score))) => {
                    format!("only candidate {rank}; the first is {} ({score:.3})", name(found))
                }
                (Some(_), None) => "the first candidate, below the threshold".to_owned(),
                (None, Some((found, score))) => {
                    format!("the first candidate is {} ({score:.3})", name(found))
                }
                (None, None) => String::new(),
            },
        }
    });
    pictures.push(Pictures {
        caption: "Enrolled, not found: the lowest scores of probe and own photo".to_owned(),
        threshold,
        pairs: pairs.collect(),
    });
    pictures
}

/// The hash of the names of photos below `root`, each with what it is for: the same wherever the data lies.
pub fn hash_of_photos<'a>(photos: impl Iterator<Item = (&'a Path, String)>, root: &Path) -> String {
    let mut text = String::new();
    for (photo, role) in photos {
        let name = photo.strip_prefix(root).unwrap_or(photo);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} {role}", name.display());
    }
    format!("sha256:{}", FileHash::of(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(probe: usize, mate: Option<(usize, f32)>, top: Option<f32>, mated: bool) -> SearchedPhoto {
        let result = ProbeResult {
            mated,
            mate_rank: mate.map(|(rank, _)| rank),
            mate_score: mate.map(|(_, score)| score),
            top_score: top,
        };
        SearchedPhoto { probe, result, found: top.map(|_| 90), own: mated.then_some(91) }
    }

    fn shown(searches: &[SearchedPhoto], threshold: Option<f64>) -> Vec<Vec<(String, String)>> {
        let show = |photo: usize| Picture { jpeg: None, name: photo.to_string(), quality: None };
        let pictures = worst_searches(searches, threshold, |photo| format!("person {photo}"), show);
        let pair = |pair: &PicturePair| (pair.a.name.clone() + "/" + &pair.b.name, pair.note.clone());
        pictures.iter().map(|pictures| pictures.pairs.iter().map(pair).collect()).collect()
    }

    #[test]
    fn the_worst_come_first() {
        let searches = [
            search(0, Some((1, 0.8)), Some(0.8), true),
            search(1, Some((3, 0.3)), Some(0.6), true),
            search(2, Some((1, 0.2)), Some(0.2), true),
            search(3, None, None, true),
            search(4, None, Some(0.55), false),
            search(5, None, Some(0.7), false),
            search(6, None, Some(0.1), false),
            search(7, None, None, false),
        ];
        let owned = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(pair, note)| ((*pair).to_owned(), (*note).to_owned())).collect()
        };
        let open = shown(&searches, Some(0.5));
        assert_eq!(open[0], owned(&[("5/90", ""), ("4/90", "")]));
        let misses = [
            ("2/91", "the first candidate, below the threshold"),
            ("1/91", "only candidate 3; the first is person 90 (0.600)"),
            ("3/91", ""),
        ];
        assert_eq!(open[1], owned(&misses));
        // A closed set has no alarms, and no threshold that the first candidate could fail.
        assert_eq!(shown(&searches, None), [owned(&misses[1..])]);
    }
}
