//! The result as a page.

use std::path::Path;

use evaluation::report::{
    AskedAndMeasured, Block, Cell, Column, Curve, Format, Marker, Picture, Section, Stamp, Table,
    gallery_size, search_calibration,
};
use evaluation::{Error, Interval, SearchStatistic};

use super::calibrated::Prediction;
use super::measured::{Measured, Number, OfMethod, OfSize, name};
use super::photos::Photos;
use super::words::{is_compared, reasons};
use super::{Args, Asked};
use crate::cli::commands::eval::faces::{self, Found};
use crate::cli::commands::eval::page::{
    SearchCurves, SearchPage, SearchScores, hash_of_photos, models, percent, rate, short_name, stamp,
    thousands, worst_searches,
};
use crate::cli::setup::Setup;

/// Writes the page.
pub fn write(
    path: &Path,
    args: &Args,
    asked: &Asked,
    photos: &Photos,
    setup: &Setup,
    found: &Found,
    measured: &Measured,
) -> anyhow::Result<()> {
    let Some(first) = measured.methods.first() else { return Ok(()) };
    let draws = args.draws.bootstrap();
    let curves = first.sizes.iter().map(|size| {
        let name = format!("{} people", thousands(size.people));
        SearchCurves::of(&name, &size.trials, size.people, &draws)
    });
    let curves = curves.collect::<Result<Vec<_>, Error>>()?;
    let show = |photo: usize| Picture {
        jpeg: found.faces[photo]
            .as_ref()
            .and_then(|_| faces::Photos::Files(&photos.paths, args.face).crop(photo, setup)),
        name: short_name(&photos.paths[photo]),
        quality: found.faces[photo].as_ref().map(|face| f64::from(face.quality.score)),
    };
    let person = |photo: usize| photos.names[photos.people[photo] as usize].clone();
    let mut more = vec![sizes(asked, measured)?];
    if measured.methods.len() > 1 {
        more.push(methods(&measured.methods));
    }
    more.extend(predictions(measured)?);
    let fpir = asked.fpir.iter().copied();
    let page = SearchPage {
        title: format!("Open set: {}", setup.identity()?.name),
        lead: lead(asked, photos, measured, first),
        measures: vec![measures(measured, first)],
        curves,
        fpir: fpir.filter(|&fpir| first.sizes.iter().any(|size| dir_at(size, fpir).is_some())).collect(),
        more,
        scores: first.sizes.iter().map(scores).collect(),
        pictures: worst_searches(&measured.example, example_threshold(asked, first), person, show),
        stamp: stamped(args, asked, photos, setup),
    };
    page.write(path)
}

/// The rate at which strangers are found, if it is reported.
fn dir_at(size: &OfSize, fpir: f64) -> Option<(&Number, f64)> {
    let number = size.numbers.iter().find(|number| number.statistic == SearchStatistic::TpirAtFpir(fpir))?;
    Some((number, *number.value.as_ref().ok()?))
}

/// The threshold that the example is judged by: that of the strictest rate reported of the first split.
fn example_threshold(asked: &Asked, first: &OfMethod) -> Option<f64> {
    let largest = first.sizes.last()?;
    let fpir = asked.fpir.iter().copied().find(|&fpir| dir_at(largest, fpir).is_some())?;
    let threshold = largest.trials.galleries().first()?.threshold_at_fpir(fpir)?;
    threshold.is_finite().then_some(threshold)
}

fn lead(asked: &Asked, photos: &Photos, measured: &Measured, first: &OfMethod) -> Vec<String> {
    let mut lead = vec![format!(
        "{} photos of {} people. Of each size {} galleries were drawn at random, with {} of each person; everybody is searched \
         for.",
        thousands(photos.paths.len()),
        thousands(photos.names.len()),
        asked.draw.splits,
        asked.enrolled(),
    )];
    for size in &first.sizes {
        let words = size.numbers.iter().filter(|number| is_compared(number)).filter_map(|number| {
            let value = number.value.as_ref().ok()?;
            Some(format!("{}: {}{}", name(number.statistic), percent(*value), interval(number)))
        });
        let words: Vec<String> = words.collect();
        if !words.is_empty() {
            lead.push(format!("Among {} people: {}.", thousands(size.people), words.join("; ")));
        }
    }
    lead.extend(reasons(measured).into_iter().map(|reason| reason + "."));
    lead
}

fn interval(number: &Number) -> String {
    let words = |interval: &Interval| {
        format!(" (95 % interval {:.2}–{:.2} %)", interval.low * 100.0, interval.high * 100.0)
    };
    number.interval.as_ref().map(words).unwrap_or_default()
}

fn value(number: &Number) -> Cell {
    match (&number.value, &number.interval) {
        (Ok(value), Some(Interval { low, high, .. })) => {
            Cell::Interval { value: *value, low: *low, high: *high }
        }
        (Ok(value), None) => Cell::Number(*value),
        (Err(_), _) => Cell::NotSupported { needs: "more photos or people".into() },
    }
}

fn measures(measured: &Measured, first: &OfMethod) -> Table {
    let mut rows = Vec::new();
    for size in &first.sizes {
        for number in &size.numbers {
            rows.push(vec![
                Cell::text(thousands(size.people)),
                Cell::Number(size.probes.0),
                Cell::Number(size.probes.1),
                Cell::Text(name(number.statistic)),
                value(number),
                number.deviation.map_or(Cell::Missing, Cell::Number),
                number.threshold.map_or(Cell::Missing, Cell::Number),
            ]);
        }
    }
    Table {
        caption: format!("{}, with 95 % intervals", first.method),
        columns: vec![
            Column::new("People enrolled", Format::Text),
            Column::new("Mated probes", Format::Decimal(0)),
            Column::new("Non-mated", Format::Decimal(0)),
            Column::new("Measure", Format::Text),
            Column::new("Value", Format::Percent(2)),
            Column::new("SD of the splits", Format::Percent(2)),
            Column::new("Threshold", Format::Decimal(3)),
        ],
        rows,
        note: format!(
            "Means over the random galleries; {}. DIR, the detection and identification rate, is the share of mated probes \
             whose person is the first candidate, at the threshold or above it.",
            measured.grounds
        ),
    }
}

/// The share that is not found, by the size of the gallery.
fn sizes(asked: &Asked, measured: &Measured) -> Result<Section, Error> {
    let curves = measured.methods.iter().take(1).flat_map(|of| {
        asked.fpir.iter().map(move |&fpir| {
            let points =
                of.sizes.iter().filter_map(|size| Some((size.people as f64, 1.0 - dir_at(size, fpir)?.1)));
            Curve::new(format!("FPIR {}", rate(fpir)), points.collect())
        })
    });
    let curves: Vec<Curve> = curves.filter(|curve| !curve.points.is_empty()).collect();
    let block = if curves.is_empty() {
        Block::Prose("No open-set rate is reported of any size.".into())
    } else {
        Block::Charts(vec![gallery_size(&curves)?])
    };
    Ok(Section { heading: "Size of the gallery".into(), blocks: vec![block] })
}

/// Every method beside best-face.
fn methods(methods: &[OfMethod]) -> Section {
    let table = |at: usize| {
        let mut rows = Vec::new();
        for number in methods[0].sizes[at].numbers.iter().filter(|number| is_compared(number)) {
            for of in methods {
                let same = of.sizes[at].numbers.iter().find(|other| other.statistic == number.statistic);
                let Some(same) = same.filter(|same| same.value.is_ok()) else { continue };
                let difference = same.difference.as_ref();
                let against = difference.map(|found| Cell::Interval {
                    value: found.difference.value,
                    low: found.difference.interval.low,
                    high: found.difference.interval.high,
                });
                rows.push(vec![
                    Cell::Text(name(number.statistic)),
                    Cell::text(of.method.to_string()),
                    value(same),
                    against.unwrap_or(Cell::Missing),
                    difference.map_or(Cell::Missing, |found| Cell::Number(found.p_value)),
                ]);
            }
        }
        Table {
            caption: format!("Galleries of {} people", thousands(methods[0].sizes[at].people)),
            columns: vec![
                Column::new("Measure", Format::Text),
                Column::new("Method", Format::Text),
                Column::new("Value", Format::Percent(2)),
                Column::new("Against best-face", Format::Percent(2)),
                Column::new("p", Format::Decimal(3)),
            ],
            rows,
            note: "Differences by a paired bootstrap: both methods meet the same draws of people. Re-ranking looks at the \
                   whole gallery and all other probes, so that there is no threshold for it and no open-set rate."
                .into(),
        }
    };
    let tables = (0..methods[0].sizes.len()).map(table).filter(|table| !table.rows.is_empty());
    Section { heading: "Methods".into(), blocks: tables.map(Block::Table).collect() }
}

/// What calibrations predicted.
fn predictions(measured: &Measured) -> Result<Option<Section>, Error> {
    let mut blocks = Vec::new();
    if let Some(origin) = &measured.calibrated {
        blocks.push(Block::Prose(format!("best-face is {}.", origin.words)));
    }
    for of in &measured.methods {
        let mut rows = Vec::new();
        let mut points: Vec<(String, Vec<AskedAndMeasured>)> = Vec::new();
        for size in &of.sizes {
            points.push((format!("{} people", thousands(size.people)), Vec::new()));
            for checked in &size.checked {
                let Ok(found) = &checked.found else { continue };
                let Prediction { threshold, predicted, measured, held } = found;
                let point = AskedAndMeasured {
                    asked: checked.asked,
                    measured: found.mean(),
                    predicted: Some((predicted.low, predicted.high)),
                };
                points.last_mut().into_iter().for_each(|(_, points)| points.push(point));
                rows.push(vec![
                    Cell::text(thousands(size.people)),
                    Cell::text(rate(checked.asked)),
                    Cell::Number(*threshold),
                    Cell::Interval { value: predicted.value, low: predicted.low, high: predicted.high },
                    Cell::Number(found.mean()),
                    Cell::text(format!("{held} of {}", measured.len())),
                ]);
            }
        }
        if rows.is_empty() {
            continue;
        }
        blocks.push(Block::Table(Table {
            caption: format!("{}: at the thresholds of its calibration", of.method),
            columns: vec![
                Column::new("People enrolled", Format::Text),
                Column::new("FPIR asked", Format::Text),
                Column::new("Threshold", Format::Decimal(3)),
                Column::new("FPIR predicted", Format::Percent(2)),
                Column::new("FPIR measured", Format::Percent(2)),
                Column::new("Splits as predicted", Format::Text),
            ],
            rows,
            note: "The interval is where one gallery, searched for as many strangers as those here are worth (so many of \
                   equally many photos), will lie with a probability of 95 %."
                .into(),
        }));
        points.retain(|(_, points)| !points.is_empty());
        let note = "Means over the splits, with the intervals predicted for one gallery.";
        let chart = search_calibration(&points)?.titled(format!("{}: asked and measured", of.method), note);
        blocks.push(Block::Charts(vec![chart]));
    }
    Ok((!blocks.is_empty()).then(|| Section { heading: "Calibration".into(), blocks }))
}

fn scores(size: &OfSize) -> SearchScores {
    let (mut mated, mut non_mated) = (Vec::new(), Vec::new());
    for gallery in size.trials.galleries() {
        let (of_mated, of_strangers) = gallery.scores();
        mated.extend(of_mated);
        non_mated.extend(of_strangers);
    }
    let marker = |number: &Number| match number.statistic {
        SearchStatistic::TpirAtFpir(fpir) => {
            let threshold = number.threshold?;
            Some(Marker::new(threshold, format!("FPIR {}: {threshold:.3}", rate(fpir))))
        }
        _ => None,
    };
    SearchScores {
        name: format!("{} people", thousands(size.people)),
        mated,
        non_mated,
        thresholds: size.numbers.iter().filter_map(marker).collect(),
    }
}

/// How the page was made.
fn stamped(args: &Args, asked: &Asked, photos: &Photos, setup: &Setup) -> Stamp {
    let files = photos.paths.iter().map(|path| &**path);
    let people = photos.people.iter().map(|&person| photos.names[person as usize].clone());
    let hash = hash_of_photos(files.zip(people), &args.data);
    let words = format!(
        "Open set ({} photos of {} people)",
        thousands(photos.paths.len()),
        thousands(photos.names.len())
    );
    let mut stamp = stamp(words, hash);
    stamp.models = models(setup);
    stamp.engine = setup.engine();
    stamp.more = args.draws.stamped();
    stamp.more.push(("Splits".into(), asked.draw.splits.to_string()));
    stamp.more.push(("Enrolled of a person".into(), asked.enrolled()));
    stamp.more.push(("Face".into(), args.face.to_string()));
    stamp.more.push(("Detection size".into(), args.recognise.detect.detect_size.to_string()));
    stamp.more.push(("Data hash".into(), "of the photos' names and people, not of their pixels".into()));
    stamp
}
