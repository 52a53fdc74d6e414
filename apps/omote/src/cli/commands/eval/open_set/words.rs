//! The result for people.

use evaluation::{Interval, SearchStatistic};

use super::measured::{Measured, Number, OfMethod, OfSize, name};
use crate::cli::calibrations::{percentage, rate_text};
use console::table;

/// All tables.
pub fn describe(measured: &Measured) -> String {
    let mut text = String::new();
    let Some(first) = measured.methods.first() else { return text };
    if let Some(rates) = rates(first) {
        text += &format!("{rates}\n{}\n", measured.grounds);
    }
    for reason in reasons(measured) {
        text += &format!("{reason}\n");
    }
    if let [_, others @ ..] = &measured.methods[..]
        && !others.is_empty()
    {
        text += &format!("\n{}\n", differences(&measured.methods));
    }
    let checked: Vec<String> = measured.methods.iter().filter_map(calibration).collect();
    if let ([_, ..], Some(origin)) = (&checked[..], &measured.calibrated) {
        text += &format!("\nbest-face is {}\n", origin.words);
    }
    for checked in checked {
        text += &format!("\n{checked}");
    }
    text
}

/// Nothing where no number could be had, as where all photos are enrolled and nobody is left to be found.
fn rates(of: &OfMethod) -> Option<String> {
    let headings =
        ["PEOPLE", "MATED", "NON-MATED", "MEASURE", "VALUE", "95 % INTERVAL", "SD OF SPLITS", "THRESHOLD"];
    let mut rows = vec![headings.map(String::from).to_vec()];
    for size in &of.sizes {
        let (mated, non_mated) = size.probes;
        for number in &size.numbers {
            let Ok(value) = number.value else { continue };
            rows.push(vec![
                size.people.to_string(),
                format!("{mated:.0}"),
                format!("{non_mated:.0}"),
                name(number.statistic),
                percent(value),
                number.interval.as_ref().map_or("-".to_owned(), percents),
                number.deviation.map_or("-".to_owned(), percent),
                number.threshold.map(|threshold| format!("{threshold:.3}")).unwrap_or_default(),
            ]);
        }
    }
    (rows.len() > 1).then(|| table(&rows))
}

/// Why numbers are missing: of each size and measure the first method's reason, since the others' is much the same.
pub fn reasons(measured: &Measured) -> Vec<String> {
    let mut reasons = Vec::new();
    let mut said: Vec<(usize, SearchStatistic)> = Vec::new();
    for of in &measured.methods {
        for size in &of.sizes {
            for number in &size.numbers {
                let Err(reason) = &number.value else { continue };
                if !said.contains(&(size.people, number.statistic)) {
                    said.push((size.people, number.statistic));
                    reasons.push(format!("{}, galleries of {}: {reason}", of.method, size.people));
                }
            }
        }
    }
    reasons
}

/// What is compared of methods: the first rank, the mean average precision, and open-set rates.
pub fn is_compared(number: &Number) -> bool {
    !matches!(number.statistic, SearchStatistic::HitRate(rank) if rank > 1)
}

fn differences(methods: &[OfMethod]) -> String {
    let headings = ["PEOPLE", "MEASURE", "METHOD", "VALUE", "AGAINST BEST-FACE", "95 % INTERVAL", "P"];
    let mut rows = vec![headings.map(String::from).to_vec()];
    let row = |size: &OfSize, method: &OfMethod, number: &Number, value: f64| {
        let found = number.difference.as_ref();
        vec![
            size.people.to_string(),
            name(number.statistic),
            method.method.to_string(),
            percent(value),
            found.map_or("-".to_owned(), |found| percent(found.difference.value)),
            found.map_or("-".to_owned(), |found| percents(&found.difference.interval)),
            found.map_or("-".to_owned(), |found| format!("{:.3}", found.p_value)),
        ]
    };
    for (at, size) in methods[0].sizes.iter().enumerate() {
        for number in size.numbers.iter().filter(|number| is_compared(number)) {
            for method in methods {
                let of = method.sizes[at].numbers.iter().find(|other| other.statistic == number.statistic);
                if let Some(of) = of
                    && let Ok(value) = of.value
                {
                    rows.push(row(size, method, of, value));
                }
            }
        }
    }
    table(&rows)
}

fn calibration(of: &OfMethod) -> Option<String> {
    let headings = ["PEOPLE", "FPIR ASKED", "THRESHOLD", "PREDICTED", "MEASURED", "AS PREDICTED"];
    let mut rows = vec![headings.map(String::from).to_vec()];
    let mut missing = String::new();
    for size in &of.sizes {
        for checked in &size.checked {
            match &checked.found {
                Ok(found) => rows.push(vec![
                    size.people.to_string(),
                    checked.asked.to_string(),
                    format!("{:.3}", found.threshold),
                    rate_text(&found.predicted),
                    percentage(found.mean()),
                    format!("{} of {}", found.held, found.measured.len()),
                ]),
                Err(reason) => missing += &format!("galleries of {}: {reason}\n", size.people),
            }
        }
    }
    let heading = format!("{}: at the thresholds of its calibration\n", of.method);
    match (rows.len() > 1, missing.is_empty()) {
        (false, true) => None,
        (true, _) => Some(format!("{heading}{}\n{missing}", table(&rows))),
        (false, false) => Some(heading + &missing),
    }
}

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

fn percents(interval: &Interval) -> String {
    format!("{:.2} .. {:.2} %", interval.low * 100.0, interval.high * 100.0)
}
