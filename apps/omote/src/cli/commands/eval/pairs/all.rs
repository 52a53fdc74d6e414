//! Every photo of a data set against every other. The pairs that a benchmark lists are a few thousand, too few for a
//! small false match rate; its photos make millions.

use std::collections::BTreeMap;

use evaluation::{
    Bootstrap, Error, OperatingPoint, PairProtocol, ScoredPair, ScoredPairs, Statistic, Unsupported,
};
use matching::{Comparisons, LabelledFaces};
use serde_json::{Value, json};

use crate::cli::commands::eval::faces::Found;
use crate::cli::commands::eval::measures::{self, Measured, interval, percent, percents};
use crate::cli::commands::eval::page::needs;
use console::{Reporter, table};

/// What every photo against every other says. Only the highest of the impostor scores are kept.
pub struct All {
    /// Photos, those without a face among them.
    pub photos: usize,
    /// Photos without a face: their pairs are rejected at every threshold, and count.
    pub without_face: usize,
    /// The photos of each person.
    pub of_people: Vec<u64>,
    /// The pairs, with their scores.
    pub pairs: ScoredPairs,
    /// At the false match rates that were asked for.
    pub points: Vec<Point>,
    /// How intervals are made.
    pub bootstrap: Bootstrap,
}

/// One point of the ROC curve, or why there is none.
pub struct Point {
    /// The false match rate that was asked for.
    pub asked: f64,
    /// The point at the strict threshold, and the false non-match rate there with its interval.
    pub found: Result<(OperatingPoint, Measured), Refused>,
}

/// Why a number is not given.
pub struct Refused {
    /// In a sentence.
    pub words: String,
    /// What it would take.
    pub needs: String,
}

impl From<Unsupported> for Refused {
    fn from(unsupported: Unsupported) -> Refused {
        Refused { words: unsupported.to_string(), needs: needs(&unsupported) }
    }
}

impl Refused {
    /// Scores that were not kept become words; every other error stays one.
    pub fn from_error(what: &str, error: Error) -> anyhow::Result<Refused> {
        match error {
            Error::BelowKept { kept_from } => Ok(Refused {
                words: format!("no rate is reported at {what}: {error}"),
                needs: format!("impostor scores below {kept_from:.3}, which were not kept"),
            }),
            error => Err(error.into()),
        }
    }
}

impl All {
    /// Compares every photo with every other by the cosine of their faces. `None` if it is not known who is in them;
    /// the inner error says why there are no such pairs.
    pub fn of(
        protocol: &PairProtocol,
        found: &Found,
        threads: usize,
        args: &measures::Args,
        reporter: &mut Reporter,
    ) -> anyhow::Result<Option<Result<All, String>>> {
        let Some(identities) = &protocol.identities else { return Ok(None) };
        let seen = found.faces.iter().zip(identities).filter_map(|(face, &person)| {
            let face = face.as_ref()?;
            Some((face.embedding.as_ref()?, face.quality.score, Some(person)))
        });
        reporter.start(args.fmr.len() + 1, "all pairs");
        let faces = LabelledFaces::new(seen);
        let compared = faces.and_then(|faces| {
            let comparisons = Comparisons::all(&faces, threads)?;
            Ok((faces.people().to_vec(), faces.len(), comparisons))
        });
        reporter.step();
        let (people, with_face, comparisons) = match compared {
            Ok(compared) => compared,
            Err(
                error @ (matching::Error::NoFaces
                | matching::Error::OneClass { .. }
                | matching::Error::TooManyGenuine { .. }),
            ) => return Ok(Some(Err(error.to_string()))),
            Err(error) => return Err(error.into()),
        };
        let mut photos: BTreeMap<u32, u64> = BTreeMap::new();
        identities.iter().for_each(|&person| *photos.entry(person).or_default() += 1);
        // Of people without any face, the comparisons know nothing.
        let numbers: Vec<u32> = photos.keys().copied().collect();
        let place = |number: u32| numbers.partition_point(|&other| other < number) as u32;
        let places: Vec<u32> = people.into_iter().map(place).collect();
        let of_people: Vec<u64> = photos.into_values().collect();
        let pairs = match scored_pairs(&comparisons, &of_people, |place| places[place as usize]) {
            Ok(pairs) => pairs,
            Err(error @ Error::TooFewPeople { .. }) => return Ok(Some(Err(error.to_string()))),
            Err(error) => return Err(error.into()),
        };
        let mut all = All {
            photos: identities.len(),
            without_face: identities.len() - with_face,
            of_people,
            pairs,
            points: Vec::new(),
            bootstrap: args.bootstrap(),
        };
        for &asked in &args.fmr {
            let found = all.point(asked)?;
            all.points.push(Point { asked, found });
            reporter.step();
        }
        reporter.finish();
        Ok(Some(Ok(all)))
    }

    fn point(&self, asked: f64) -> anyhow::Result<Result<(OperatingPoint, Measured), Refused>> {
        let at = match self.pairs.fnmr_at_fmr(asked) {
            Ok(at) => at,
            Err(error) => return Refused::from_error(&format!("FMR {asked}"), error).map(Err),
        };
        if let Err(unsupported) = self.pairs.support(at.threshold)?.check(asked) {
            return Ok(Err(unsupported.into()));
        }
        match self.measured(Statistic::FnmrAtFmr(asked)) {
            Ok(fnmr) => Ok(Ok((at, fnmr))),
            Err(error) => Refused::from_error(&format!("FMR {asked}"), error).map(Err),
        }
    }

    /// A number with its interval.
    pub fn measured(&self, statistic: Statistic) -> Result<Measured, Error> {
        let found = self.bootstrap.estimate(&self.pairs, &[statistic])?[0];
        Ok(Measured { value: found.value, interval: Some(found.interval) })
    }

    /// How many people there are.
    pub fn people(&self) -> usize {
        self.of_people.len()
    }

    /// So many people of equally many photos would say as much: the square of the sum of their photos over the sum of
    /// the squares (Kish 1965, "Survey sampling"). Whoever has many photos counts for much, and so brings much of the
    /// variance.
    pub fn people_worth(&self) -> f64 {
        let sum: f64 = self.of_people.iter().map(|&photos| photos as f64).sum();
        let squares: f64 = self.of_people.iter().map(|&photos| (photos as f64).powi(2)).sum();
        sum * sum / squares
    }

    /// What was compared, in words.
    pub fn counts(&self) -> String {
        let without = match self.without_face {
            0 => "all with a face".to_owned(),
            some => format!("{some} without a face, whose pairs count as rejected"),
        };
        format!(
            "{} photos of {} people ({without}): {} genuine and {} impostor pairs",
            self.photos,
            self.people(),
            self.pairs.genuine_count(),
            self.pairs.impostor_count()
        )
    }

    /// For people.
    pub fn describe(&self) -> String {
        let heading = ["MEASURE", "VALUE", "95 % INTERVAL", "THRESHOLD", "FALSE MATCHES"];
        let mut rows = vec![heading.map(String::from).to_vec()];
        let mut missing = String::new();
        for point in &self.points {
            match &point.found {
                Ok((at, fnmr)) => rows.push(vec![
                    format!("FNMR at FMR {:e}", point.asked),
                    percent(fnmr.value),
                    percents(fnmr),
                    format!("{:.3}", at.threshold),
                    at.false_matches.to_string(),
                ]),
                Err(refused) => missing += &format!("\n{}", refused.words),
            }
        }
        let rows = if rows.len() > 1 { table(&rows) + "\n" } else { String::new() };
        let resamples = self.bootstrap.resamples;
        format!(
            "every photo against every other\n\n{rows}{}; intervals by {resamples} draws of people{missing}",
            self.counts()
        )
    }

    /// For JSON.
    pub fn record(&self) -> Value {
        let point = |point: &Point| match &point.found {
            Ok((at, fnmr)) => json!({
                "fmr_asked": point.asked, "threshold": at.threshold, "fmr": at.fmr,
                "false_matches": at.false_matches, "fnmr": fnmr.value, "fnmr_interval": interval(fnmr),
            }),
            Err(refused) => json!({"fmr_asked": point.asked, "unsupported": refused.words}),
        };
        json!({
            "photos": self.photos, "photos_without_face": self.without_face, "people": self.people(),
            "genuine": self.pairs.genuine_count(), "impostor": self.pairs.impostor_count(),
            "fnmr_at_fmr": self.points.iter().map(point).collect::<Vec<_>>(),
            "resamples": self.bootstrap.resamples, "resampled": "people",
        })
    }
}

/// As the bootstrap takes them. `photos` are those of each person, and `person` finds the number of a person of the
/// comparisons there.
pub fn scored_pairs(
    comparisons: &Comparisons,
    photos: &[u64],
    person: impl Fn(u32) -> u32,
) -> Result<ScoredPairs, Error> {
    let genuine = comparisons.genuine().iter().map(|pair| {
        let person = person(pair.identity);
        // Minus infinity stands for a photo without a face.
        ScoredPair { a: person, b: person, score: Some(pair.score).filter(|score| score.is_finite()) }
    });
    let impostors = comparisons.tail().iter().map(|pair| ScoredPair {
        a: person(pair.a),
        b: person(pair.b),
        score: Some(pair.score),
    });
    // The cut is a single precision number in double precision.
    ScoredPairs::of_all(photos, genuine.chain(impostors), comparisons.cut() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_with_many_photos_are_worth_fewer() {
        let all = |of_people: Vec<u64>| All {
            photos: 0,
            without_face: 0,
            pairs: ScoredPairs::of_all(&[2; 10], [], 0.0).unwrap(),
            of_people,
            points: Vec::new(),
            bootstrap: Bootstrap::default(),
        };
        assert_eq!(all(vec![3; 40]).people_worth(), 40.0);
        assert!((all(vec![100, 1, 1, 1]).people_worth() - 1.06).abs() < 0.01);
    }
}
