//! The result in a few sentences.

use super::super::measures::{Measured, Point};
use super::tables::needs;
use super::{Page, System, percent, rate, thousands};

/// What a reader should know who reads no further.
pub fn sentences(page: &Page) -> Vec<String> {
    let several = page.systems.len() > 1;
    let mut lead: Vec<String> = page
        .systems
        .iter()
        .map(|system| {
            let name = if several { format!("{}: ", system.name) } else { String::new() };
            name + &result(system)
        })
        .collect();
    lead.extend(page.systems.first().and_then(unsupported));
    lead.extend(page.all_pairs.sentence());
    lead.extend(page.systems.first().and_then(not_scored));
    lead
}

fn result(system: &System) -> String {
    let mut parts = Vec::new();
    if let Some(report) = system.folds {
        let result = &report.result;
        parts.push(format!(
            "Accuracy {:.2} ± {:.2} % (standard error over {} folds), {} of {} pairs wrong.",
            result.accuracy * 100.0,
            result.standard_error * 100.0,
            result.folds.len(),
            thousands(result.errors()),
            thousands(report.pairs()),
        ));
    }
    let eer = &system.measures.eer;
    parts.push(format!("Equal error rate {}{}.", percent(eer.value), interval(eer)));
    parts.extend(system.measures.points.iter().filter_map(|point| {
        let fnmr = point.fnmr.as_ref().ok()?;
        Some(format!(
            "At a false match rate of {}, {} of genuine pairs are rejected{}.",
            rate(point.asked),
            percent(fnmr.value),
            interval(fnmr)
        ))
    }));
    parts.join(" ")
}

fn interval(measured: &Measured) -> String {
    let words = |interval: evaluation::Interval| {
        let (low, high) = (interval.low * 100.0, interval.high * 100.0);
        format!(" ({:.0} % interval {low:.2}–{high:.2} %)", interval.level * 100.0)
    };
    measured.interval.map(words).unwrap_or_default()
}

/// At which rates nothing is reported, and what it would take.
fn unsupported(system: &System) -> Option<String> {
    let missing = |point: &Point| {
        let unsupported = point.fnmr.as_ref().err()?;
        Some(format!("{} (needs {})", rate(point.asked), needs(unsupported)))
    };
    let rates: Vec<String> = system.measures.points.iter().filter_map(missing).collect();
    (!rates.is_empty()).then(|| {
        format!(
            "Nothing is said at a false match rate of {}: these {} impostor pairs do not support it.",
            rates.join(", "),
            thousands(system.measures.scores.impostor_count())
        )
    })
}

fn not_scored(system: &System) -> Option<String> {
    let count = system.scored.scores.iter().filter(|score| score.is_none()).count();
    let photos = system.folds.and_then(|report| report.photos_without_face).filter(|&photos| photos > 0);
    let photos = photos.map(|photos| format!(": no face was found in {}", photos_in_words(photos)));
    (count > 0).then(|| {
        format!(
            "{} pairs have no score{}. They count as \"not the same\" at every threshold.",
            thousands(count),
            photos.unwrap_or_default()
        )
    })
}

fn photos_in_words(photos: usize) -> String {
    if photos == 1 { "1 photo".to_owned() } else { format!("{} photos", thousands(photos)) }
}
