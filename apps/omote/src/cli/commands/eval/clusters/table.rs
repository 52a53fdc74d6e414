//! How the figures of methods are shown.

use clustering::Method;
use serde_json::{Value, json};

use super::trial::{self, Chosen, Figures, Trial};
use crate::cli::commands::group::method::Choice;
use console::table;

/// What was chosen, the best method first.
pub fn chosen(title: &str, strangers: bool, chosen: &[Chosen]) -> String {
    let mut sorted: Vec<&Chosen> = chosen.iter().collect();
    let score = |chosen: &Chosen| chosen.score().1.unwrap_or(-1.0);
    sorted.sort_by(|a, b| score(b).total_cmp(&score(a)));
    let mut rows = vec![["METHOD", "SCORE", "PAIRWISE F", "BEST PARAMETERS"].map(String::from).to_vec()];
    rows.extend(sorted.into_iter().map(|chosen| match &chosen.best {
        Ok(best) => vec![
            chosen.method.to_string(),
            format!("{:.4}", best.score),
            format!("{:.4}", best.pairwise_f),
            best.choice.describe(),
        ],
        Err(reason) => vec![chosen.method.to_string(), "-".into(), "-".into(), reason.clone()],
    }));
    let strangers = if strangers { ", and once among strangers" } else { "" };
    format!(
        "{title}\nchosen here by the score, {SCORE}{strangers}\n\n{}\n{}\n",
        table(&rows),
        winner(chosen.iter().map(Chosen::score))
    )
}

/// The line about the winner, if there is one.
fn winner(scores: impl Iterator<Item = (Method, Option<f64>)>) -> String {
    let line = |method| format!("best score of those for any number of faces and people: {method}\n");
    trial::winner(scores).map(line).unwrap_or_default()
}

const SCORE: &str = "the mean of pairwise F and BCubed F over five mixes of many and few photos a person";

/// What was measured.
pub fn trials(title: &str, how: &str, trials: &[Trial]) -> String {
    let heading = [
        "METHOD",
        "PAIRWISE F",
        "95 % INTERVAL",
        "PRECISION",
        "RECALL",
        "BCUBED F",
        "NMI",
        "GROUPS",
        "SCORE",
        "SECONDS",
        "PARAMETERS",
    ];
    let mut rows = vec![heading.map(String::from).to_vec()];
    let mut no_interval = None;
    for trial in trials {
        let mut row = vec![trial.method.to_string()];
        match &trial.figures {
            Ok(figures) => {
                let interval = match &figures.interval {
                    Ok(interval) => format!("{:.3} .. {:.3}", interval.low, interval.high),
                    Err(reason) => {
                        no_interval.get_or_insert_with(|| reason.to_string());
                        "-".to_owned()
                    }
                };
                row.extend([
                    format!("{:.4}", figures.pairwise.f),
                    interval,
                    format!("{:.4}", figures.pairwise.precision),
                    format!("{:.4}", figures.pairwise.recall),
                    format!("{:.4}", figures.bcubed.f),
                    format!("{:.4}", figures.nmi),
                    figures.groups.to_string(),
                    format!("{:.4}", figures.score),
                    format!("{:.2}", figures.seconds),
                    parameters(&figures.choices),
                ]);
            }
            Err(reason) => {
                row.extend(vec!["-".to_owned(); heading.len() - 2]);
                row.push(reason.clone());
            }
        }
        rows.push(row);
    }
    let no_interval = no_interval.map_or_else(String::new, |reason| format!("no interval: {reason}\n"));
    format!(
        "{title}\n{how}; score: {SCORE}\n\n{}\n{}{no_interval}",
        table(&rows),
        winner(trials.iter().map(Trial::score))
    )
}

/// One method's record, with what it was chosen by.
pub fn record(trial: &Trial, chosen: Option<&Chosen>) -> Value {
    let mut record = json!({"type": "method", "method": trial.method.name()});
    if let Some(chosen) = chosen {
        record["chosen"] = match &chosen.best {
            Ok(best) => {
                json!({"parameters": best.choice.record(), "score": best.score, "pairwise_f": best.pairwise_f})
            }
            Err(reason) => json!({"error": reason}),
        };
    }
    match &trial.figures {
        Ok(figures) => record["measured"] = measured(figures),
        Err(reason) => record["error"] = json!(reason),
    }
    record
}

fn measured(figures: &Figures) -> Value {
    let rates = |rates: &evaluation::Agreement| json!({"precision": rates.precision, "recall": rates.recall, "f": rates.f});
    let mut pairwise = rates(&figures.pairwise);
    pairwise["interval"] =
        json!(figures.interval.as_ref().ok().map(|interval| [interval.low, interval.high]));
    pairwise["no_interval"] = json!(figures.interval.as_ref().err().map(ToString::to_string));
    json!({
        "parameters": figures.choices.iter().map(Choice::record).collect::<Vec<_>>(), "pairwise": pairwise,
        "bcubed": rates(&figures.bcubed), "nmi": figures.nmi, "groups": figures.groups, "score": figures.score,
        "seconds": figures.seconds,
    })
}

/// What the method was told, once if it was told the same everywhere.
fn parameters(choices: &[Choice]) -> String {
    let mut told: Vec<String> = choices.iter().map(Choice::describe).collect();
    told.dedup();
    told.join(" / ")
}
