//! What the scores of genuine and impostor pairs amount to, with how sure each number is.

use evaluation::{
    Bootstrap, Interval, OperatingPoint, Resampled, ScoredPair, ScoredPairs, Scores, Statistic, Support,
    Unsupported,
};
use serde_json::{Value, json};

use super::draws;
use console::table;

/// Which error rates are reported, and how intervals are made.
#[derive(clap::Args, Debug, Clone)]
#[group(id = "measures")]
#[command(next_help_heading = "Measures")]
pub struct Args {
    /// False match rates at which the false non-match rate is reported, each 0 to 1
    #[arg(long, value_name = "RATES", value_delimiter = ',', default_value = "1e-2,1e-3,1e-4", value_parser = rate)]
    pub fmr: Vec<f64>,
    #[command(flatten)]
    pub draws: draws::Args,
}

impl Args {
    /// The draws that intervals come from.
    pub fn bootstrap(&self) -> Bootstrap {
        self.draws.bootstrap()
    }
}

/// A rate that can be asked for.
pub fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate < 1.0 => Ok(rate),
        _ => Err("expected a rate between 0 and 1, such as 1e-3".to_owned()),
    }
}

/// Pairs with their scores; `None` where no face was found.
pub struct Scored {
    /// The similarity of each pair.
    pub scores: Vec<Option<f32>>,
    /// Whether each pair shows one person.
    pub same: Vec<bool>,
    /// The people of each pair, if it is known who they are.
    pub people: Option<Vec<[u32; 2]>>,
}

/// A number, and where it will lie if other people are photographed.
#[derive(Clone, Copy)]
pub struct Measured {
    /// The number.
    pub value: f64,
    /// Its 95 % interval; `None` where there are too few people for one.
    pub interval: Option<Interval>,
}

/// One point of the ROC curve, or why there is none.
pub struct Point {
    /// The false match rate that was asked for.
    pub asked: f64,
    /// The point at the strict threshold.
    pub at: OperatingPoint,
    /// The false non-match rate there; the error says what would be needed.
    pub fnmr: Result<Measured, Unsupported>,
}

/// All that is measured on pairs without regard to folds.
pub struct Measures {
    /// The sorted scores.
    pub scores: Scores,
    /// Area under the ROC curve.
    pub auc: Measured,
    /// Equal error rate.
    pub eer: Measured,
    /// How far apart the two kinds of scores lie; `None` where they do not vary.
    pub d_prime: Option<f64>,
    /// At the false match rates that were asked for.
    pub points: Vec<Point>,
    /// What was drawn for the intervals and how often, or why there are none.
    drawn: Result<(Resampled, usize), evaluation::Error>,
    /// How intervals are made, for those of a whole curve.
    pub bootstrap: Bootstrap,
}

impl Scored {
    /// As the bootstrap takes them: by people where they are known.
    pub fn pairs(&self) -> Result<ScoredPairs, evaluation::Error> {
        match self.with_people() {
            Some(pairs) => ScoredPairs::of_people(&pairs),
            None => ScoredPairs::of_strangers(&self.scores, &self.same),
        }
    }

    fn with_people(&self) -> Option<Vec<ScoredPair>> {
        let people = self.people.as_ref()?;
        Some(people.iter().zip(&self.scores).map(|(&[a, b], &score)| ScoredPair { a, b, score }).collect())
    }

    /// What the false match rate at a threshold rests on.
    fn support(&self, point: &OperatingPoint, impostors: usize) -> Support {
        match self.with_people() {
            Some(pairs) => Support::count(&pairs, point.threshold),
            None => Support { impostors, false_matches: point.false_matches, identity_pairs: None },
        }
    }
}

impl Measures {
    /// Measures pairs of both kinds.
    pub fn of(scored: &Scored, args: &Args) -> anyhow::Result<Measures> {
        let scores = Scores::from_pairs(&scored.scores, &scored.same)?;
        let pairs = scored.pairs();
        let bootstrap = args.bootstrap();
        let points: Vec<(f64, OperatingPoint, Result<(), Unsupported>)> = args
            .fmr
            .iter()
            .map(|&asked| {
                let at = scores.fnmr_at_fmr(asked);
                (asked, at, scored.support(&at, scores.impostor_count()).check(asked))
            })
            .collect();
        let supported = points.iter().filter(|(_, _, supported)| supported.is_ok());
        let mut statistics = vec![Statistic::Auc, Statistic::Eer];
        statistics.extend(supported.map(|(asked, ..)| Statistic::FnmrAtFmr(*asked)));
        let drawn = pairs.and_then(|pairs| Ok((pairs.resampled(), bootstrap.estimate(&pairs, &statistics)?)));
        let (drawn, intervals) = match drawn {
            Ok((resampled, estimates)) => {
                let intervals: Vec<Interval> = estimates.iter().map(|estimate| estimate.interval).collect();
                (Ok((resampled, bootstrap.resamples)), intervals)
            }
            // The values stand, but nobody can say how sure they are.
            Err(error @ evaluation::Error::TooFewPeople { .. }) => (Err(error), Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let mut intervals = intervals.into_iter();
        let mut measured = |value| Measured { value, interval: intervals.next() };
        let (auc, eer) = (measured(scores.auc()), measured(scores.eer()));
        let points = points
            .into_iter()
            .map(|(asked, at, supported)| Point { asked, at, fnmr: supported.map(|()| measured(at.fnmr)) })
            .collect();
        Ok(Measures { auc, eer, d_prime: scores.d_prime(), points, drawn, bootstrap, scores })
    }

    /// For JSON.
    pub fn record(&self) -> Value {
        let points: Vec<Value> = self
            .points
            .iter()
            .map(|point| match &point.fnmr {
                Ok(fnmr) => json!({
                    "fmr_asked": point.asked, "threshold": point.at.threshold, "fmr": point.at.fmr,
                    "false_matches": point.at.false_matches, "fnmr": fnmr.value, "fnmr_interval": interval(fnmr),
                }),
                Err(unsupported) => json!({"fmr_asked": point.asked, "unsupported": unsupported.to_string()}),
            })
            .collect();
        json!({
            "genuine": self.scores.genuine_count(), "impostor": self.scores.impostor_count(),
            "auc": self.auc.value, "auc_interval": interval(&self.auc),
            "eer": self.eer.value, "eer_interval": interval(&self.eer),
            "d_prime": self.d_prime, "fnmr_at_fmr": points,
            "resamples": self.drawn.as_ref().ok().map(|(_, resamples)| resamples),
            "resampled": self.drawn.as_ref().ok().map(|(resampled, _)| match resampled {
                Resampled::Identities => "people",
                Resampled::Pairs => "pairs",
            }),
            "no_intervals": self.drawn.as_ref().err().map(ToString::to_string),
        })
    }

    /// For people.
    pub fn describe(&self) -> String {
        let mut rows = vec![["MEASURE", "VALUE", "95 % INTERVAL", "THRESHOLD"].map(String::from).to_vec()];
        let row = |name: String, measured: &Measured, threshold: String| {
            vec![name, percent(measured.value), percents(measured), threshold]
        };
        rows.push(row("EER".into(), &self.eer, String::new()));
        rows.push(row("AUC".into(), &self.auc, String::new()));
        let mut missing = String::new();
        for point in &self.points {
            match &point.fnmr {
                Ok(fnmr) => {
                    let threshold = format!("{:.3}", point.at.threshold);
                    rows.push(row(format!("FNMR at FMR {:e}", point.asked), fnmr, threshold));
                }
                Err(unsupported) => missing += &format!("\n{unsupported}"),
            }
        }
        let (genuine, impostor) = (self.scores.genuine_count(), self.scores.impostor_count());
        let counts = format!("{genuine} genuine and {impostor} impostor pairs; {}", self.grounds());
        format!("{}\n{counts}{missing}", table(&rows))
    }

    /// What the intervals rest on, or why there are none.
    pub fn grounds(&self) -> String {
        match &self.drawn {
            Ok((Resampled::Identities, resamples)) => format!("intervals by {resamples} draws of people"),
            Ok((Resampled::Pairs, resamples)) => format!(
                "intervals by {resamples} draws of single pairs, since nobody knows who is in them: too narrow if people \
                 come back"
            ),
            Err(error) => format!("no intervals: {error}"),
        }
    }
}

/// Both ends of an interval for JSON.
pub fn interval(measured: &Measured) -> Value {
    measured.interval.map_or(Value::Null, |interval| json!([interval.low, interval.high]))
}

/// A share in a table for people.
pub fn percent(value: f64) -> String {
    format!("{:.2} %", value * 100.0)
}

/// An interval in a table for people.
pub fn percents(measured: &Measured) -> String {
    let text = |interval: Interval| format!("{:.2} .. {:.2} %", interval.low * 100.0, interval.high * 100.0);
    measured.interval.map_or("-".to_owned(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_lie_between_0_and_1() {
        assert_eq!(rate("1e-3"), Ok(0.001));
        for text in ["0", "1", "-0.1", "NaN", "x", ""] {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_not_supported_is_said_and_not_shown() {
        let scored = Scored {
            scores: (0..2000)
                .map(|i| Some(if i % 2 == 0 { 1.0 } else { 0.0 } + (i % 97) as f32 / 100.0))
                .collect(),
            same: (0..2000).map(|i| i % 2 == 0).collect(),
            people: None,
        };
        let args = Args { fmr: vec![0.05, 1e-3], draws: draws::Args { resamples: 100, seed: 1 } };
        let measures = Measures::of(&scored, &args).unwrap();
        let record = measures.record();
        assert!(record["fnmr_at_fmr"][0]["fnmr"].is_number());
        assert!(record["fnmr_at_fmr"][1]["fnmr"].is_null());
        assert!(record["fnmr_at_fmr"][1]["unsupported"].as_str().unwrap().contains("10000 or more"));
        assert!(
            measures.describe().contains("FNMR at FMR 5e-2")
                && !measures.describe().contains("FNMR at FMR 1e-3")
        );
    }
}
