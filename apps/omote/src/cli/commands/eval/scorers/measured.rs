//! What each scorer's scores amount to on one test.

use std::collections::BTreeMap;
use std::time::Instant;

use evaluation::{Bootstrap, Difference, Interval, PairProtocol, ScoredPairs, Scores, Statistic, evaluate};
use matching::Comparisons;
use model::Fingerprint;

use super::super::faces::Found;
use super::super::measures::{self, Measured, Scored};
use super::super::pairs::scored_pairs;
use super::systems::{Ready, System, fuse};
use super::training::{Training, vector};
use super::words::Table;
use console::Reporter;

/// At this false match rate thresholds are set on the people of --train, and scorers are put in order.
pub const OPERATING: f64 = 1e-3;

/// The faces of a protocol.
pub struct Test<'a> {
    /// Of each embedder.
    vectors: Vec<Vec<Option<&'a [f32]>>>,
    protocol: &'a PairProtocol,
    threads: usize,
    measures: &'a measures::Args,
}

/// A scorer's line in the table.
pub struct Row {
    /// The scorer's name.
    pub name: String,
    /// Over the folds of the protocol's pairs.
    pub accuracy: f64,
    /// Of the accuracy.
    pub standard_error: f64,
    /// Of the protocol's pairs.
    pub auc: f64,
    /// Of the protocol's pairs.
    pub eer: f64,
    /// At the false match rates that were asked for; the error says what would be needed.
    pub points: Vec<Result<Point, String>>,
    /// What a threshold that was set on other people does here; `None` without --train.
    pub shift: Option<Result<Shift, String>>,
    /// How long it took, threads together.
    pub seconds: f64,
}

/// False non-matches at one false match rate.
pub struct Point {
    /// The threshold, on the scorer's own scale.
    pub threshold: f64,
    /// The share of false non-matches.
    pub fnmr: Measured,
    /// That of the scorer less that of the cosine, people drawn for both at once; `None` for the cosine.
    pub difference: Option<Difference>,
}

/// A threshold that was set at [`OPERATING`] on other people, tried here.
pub struct Shift {
    /// The threshold, on the scorer's own scale.
    pub threshold: f64,
    /// What the other people show there.
    pub fnmr_there: f64,
    /// The false match rate here.
    pub fmr: Measured,
    /// The false non-match rate here.
    pub fnmr: Measured,
}

/// The pairs by which scorers are compared, and the cosine's, which all others are compared with.
struct Reference {
    pairs: ScoredPairs,
    supported: Vec<bool>,
}

impl<'a> Test<'a> {
    /// The faces that each embedder found in the photos of a protocol.
    pub fn new(
        found: &[&'a Found],
        protocol: &'a PairProtocol,
        threads: usize,
        measures: &'a measures::Args,
    ) -> Test<'a> {
        let vectors = |found: &&'a Found| {
            found.faces.iter().map(|face| face.as_ref().and_then(vector)).collect::<Vec<_>>()
        };
        Test { vectors: found.iter().map(vectors).collect(), protocol, threads, measures }
    }

    /// Measures the systems, the first of which is the cosine, and a fusion of them where there is a training set.
    pub fn measure(
        &self,
        systems: Vec<System>,
        training: Option<&Training>,
        reporter: &Reporter,
    ) -> anyhow::Result<Table> {
        let half = training.map(Training::held_out);
        let people = half.as_ref().map(|half| &half.people[..]);
        let (mut here, mut there) = (Ready::new(), Ready::new());
        let mut reference = None;
        let mut rows = Vec::new();
        for system in &systems {
            let started = Instant::now();
            let scorer = &system.scorer;
            let photos = here.add(scorer, &self.vectors[system.embedder], self.threads)?;
            let held = half.as_ref().map_or(&[][..], |half| &half.vectors[system.embedder]);
            let others = there.add(scorer, held, self.threads)?;
            let score = |photos: &[Option<matching::Prepared>], a: usize, b: usize| {
                scorer.score(photos[a].as_ref()?, photos[b].as_ref()?).ok()
            };
            rows.push(self.row(
                (&system.name, scorer.fingerprint()),
                &|a, b| score(photos, a, b),
                people,
                &|a, b| score(others, a, b),
                &mut reference,
                started,
            )?);
            reporter.step();
        }
        let mut no_fusion = None;
        if let Some(people) = people.filter(|_| systems.len() > 1) {
            let started = Instant::now();
            match fuse(&systems, &there, people, self.measures.draws.seed) {
                Ok(fusion) => rows.push(self.row(
                    ("fusion", systems[0].scorer.fingerprint()),
                    &|a, b| here.fused(&fusion, &systems, a, b),
                    Some(people),
                    &|a, b| there.fused(&fusion, &systems, a, b),
                    &mut reference,
                    started,
                )?),
                Err(error) => no_fusion = Some(error.to_string()),
            }
        }
        let known = self.protocol.identities.is_some();
        let pairs =
            reference.as_ref().map(|Reference { pairs, .. }| [pairs.genuine_count(), pairs.impostor_count()]);
        Ok(Table::new(rows, self.measures, known, pairs.unwrap_or_default(), training, no_fusion))
    }

    fn row(
        &self,
        (name, fingerprint): (&str, Fingerprint),
        score: &(dyn Fn(usize, usize) -> Option<f32> + Sync),
        others: Option<&[u32]>,
        held: &(dyn Fn(usize, usize) -> Option<f32> + Sync),
        reference: &mut Option<Reference>,
        started: Instant,
    ) -> anyhow::Result<Row> {
        let scored = Scored {
            scores: self.protocol.pairs.iter().map(|pair| score(pair.a, pair.b)).collect(),
            same: self.protocol.pairs.iter().map(|pair| pair.same).collect(),
            people: None,
        };
        let folds = evaluate(self.protocol, &scored.scores)?.result;
        let listed = Scores::from_pairs(&scored.scores, &scored.same)?;
        let pairs = match &self.protocol.identities {
            Some(people) => {
                let all = Comparisons::every(fingerprint, people, self.threads, score)?;
                all_pairs(&all, people)
            }
            None => ScoredPairs::of_strangers(&scored.scores, &scored.same),
        };
        let (mut points, mut shift) = (Vec::new(), None);
        match &pairs {
            Ok(pairs) => {
                for (at, &fmr) in self.measures.fmr.iter().enumerate() {
                    points.push(self.point(pairs, fmr, at, reference.as_ref())?);
                }
                if let Some(people) = others {
                    let there = Comparisons::every(fingerprint, people, self.threads, held)
                        .map_err(anyhow::Error::from)
                        .and_then(|there| Ok(all_pairs(&there, people)?));
                    shift = Some(match there {
                        Ok(there) => self.shift(&there, pairs)?,
                        Err(error) => Err(format!("the people of --train set no threshold: {error}")),
                    });
                }
            }
            // The accuracy stands, but nobody can say how sure the rest is.
            Err(error) => points.extend(self.measures.fmr.iter().map(|_| Err(error.to_string()))),
        }
        if let (None, Ok(pairs)) = (&reference, pairs) {
            *reference = Some(Reference { supported: points.iter().map(Result::is_ok).collect(), pairs });
        }
        Ok(Row {
            name: name.to_owned(),
            accuracy: folds.accuracy,
            standard_error: folds.standard_error,
            auc: listed.auc(),
            eer: listed.eer(),
            points,
            shift,
            seconds: started.elapsed().as_secs_f64(),
        })
    }

    fn point(
        &self,
        pairs: &ScoredPairs,
        fmr: f64,
        number: usize,
        reference: Option<&Reference>,
    ) -> anyhow::Result<Result<Point, String>> {
        let at = match supported(pairs, fmr) {
            Ok(at) => at,
            Err(reason) => return Ok(Err(reason)),
        };
        let bootstrap = self.measures.bootstrap();
        let statistic = Statistic::FnmrAtFmr(fmr);
        let fnmr = measured(&bootstrap, pairs, statistic, at.fnmr)?;
        let reference = reference.filter(|reference| reference.supported[number]);
        let difference = reference
            .map(|Reference { pairs: cosine, .. }| kept(bootstrap.difference(pairs, cosine, statistic)))
            .transpose()?;
        Ok(Ok(Point { threshold: at.threshold, fnmr, difference: difference.flatten() }))
    }

    /// Sets the threshold there and tries it here.
    fn shift(&self, there: &ScoredPairs, here: &ScoredPairs) -> anyhow::Result<Result<Shift, String>> {
        let set = match supported(there, OPERATING) {
            Ok(set) => set,
            Err(reason) => return Ok(Err(format!("the people of --train set no threshold: {reason}"))),
        };
        let at = match here.at(set.threshold) {
            Ok(at) => at,
            Err(error) => return Ok(Err(error.to_string())),
        };
        let threshold = set.threshold;
        // A rate that was promised is shown under the same rule as one that was asked for.
        if let Err(unsupported) = here.support(threshold)?.check(OPERATING) {
            return Ok(Err(format!("at the threshold that was set on --train, {unsupported}")));
        }
        let bootstrap = self.measures.bootstrap();
        Ok(Ok(Shift {
            threshold,
            fnmr_there: set.fnmr,
            fmr: measured(&bootstrap, here, Statistic::FmrAtThreshold(threshold), at.fmr)?,
            fnmr: measured(&bootstrap, here, Statistic::FnmrAtThreshold(threshold), at.fnmr)?,
        }))
    }
}

/// The point at a false match rate, unless it would rest on too little; then the reason.
fn supported(pairs: &ScoredPairs, fmr: f64) -> Result<evaluation::OperatingPoint, String> {
    let at = pairs.fnmr_at_fmr(fmr).map_err(|error| error.to_string())?;
    let support = pairs.support(at.threshold).map_err(|error| error.to_string())?;
    support.check(fmr).map_err(|unsupported| unsupported.to_string())?;
    Ok(at)
}

fn measured(
    bootstrap: &Bootstrap,
    pairs: &ScoredPairs,
    statistic: Statistic,
    value: f64,
) -> anyhow::Result<Measured> {
    let estimates = kept(bootstrap.estimate(pairs, &[statistic]))?;
    let interval: Option<Interval> = estimates.map(|estimates| estimates[0].interval);
    Ok(Measured { value, interval })
}

/// A draw may need scores that were not kept, where the pairs as they are do not: there is no interval then.
fn kept<T>(drawn: Result<T, evaluation::Error>) -> Result<Option<T>, evaluation::Error> {
    match drawn {
        Ok(drawn) => Ok(Some(drawn)),
        Err(evaluation::Error::BelowKept { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Every pair of photos as the bootstrap takes them.
fn all_pairs(all: &Comparisons, people: &[u32]) -> Result<ScoredPairs, evaluation::Error> {
    let mut photos: BTreeMap<u32, u64> = BTreeMap::new();
    people.iter().for_each(|&person| *photos.entry(person).or_default() += 1);
    // Both number people by the order of their numbers.
    scored_pairs(all, &photos.into_values().collect::<Vec<u64>>(), |person| person)
}
