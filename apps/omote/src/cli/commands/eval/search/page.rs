//! The result of a protocol of searches as a page.

use std::path::{Path, PathBuf};

use evaluation::report::{Cell, Column, Format, Marker, Picture, Stamp, Table};
use evaluation::{Error, IdentificationProtocol, Interval};

use super::{Args, Searched, Series};
use crate::cli::commands::eval::faces::{Found, Photos};
use crate::cli::commands::eval::page::{
    SearchCurves, SearchPage, SearchScores, SearchedPhoto, hash_of_photos, models, percent, rate, short_name,
    stamp, thousands, worst_searches,
};
use crate::cli::setup::Setup;

/// Writes the page.
pub fn write(
    path: &Path,
    args: &Args,
    protocol: &IdentificationProtocol,
    images: &[PathBuf],
    setup: &Setup,
    found: &Found,
    searched: &Searched,
) -> anyhow::Result<()> {
    let draws = args.draws.bootstrap();
    let curves = searched
        .series()
        .map(|(name, series)| SearchCurves::of(name, &series.trials, protocol.enrolled(), &draws));
    let curves = curves.collect::<Result<Vec<_>, Error>>()?;
    let supported: Vec<(f64, f64)> = supported(&searched.all).collect();
    let show = |photo: usize| Picture {
        jpeg: found.faces[photo].as_ref().and_then(|_| Photos::Files(images, args.face).crop(photo, setup)),
        name: short_name(&images[photo]),
        quality: found.faces[photo].as_ref().map(|face| f64::from(face.quality.score)),
    };
    // The strictest rate that the data supports.
    let threshold =
        supported.iter().copied().min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, threshold)| threshold);
    let pictures = worst_searches(
        &searches(protocol, found, searched),
        threshold,
        |photo| short_name(&images[photo]),
        show,
    );
    let page = SearchPage {
        title: format!("{}: {}", protocol.name, setup.identity()?.name),
        lead: lead(protocol, searched),
        measures: measures(searched),
        curves,
        fpir: supported.iter().map(|(fpir, _)| *fpir).collect(),
        more: Vec::new(),
        scores: searched.series().map(|(name, series)| scores(name, series)).collect(),
        pictures,
        stamp: stamped(args, protocol, setup),
    };
    page.write(path)
}

/// The rates that are reported, with their thresholds.
fn supported(series: &Series) -> impl Iterator<Item = (f64, f64)> {
    let reported = |open: &super::OpenSet| Some((open.asked, open.point.as_ref().ok()?.threshold));
    // Where all strangers may raise an alarm there is no threshold to show.
    series.measured.open_set.iter().filter_map(reported).filter(|(_, threshold)| threshold.is_finite())
}

fn lead(protocol: &IdentificationProtocol, searched: &Searched) -> Vec<String> {
    let measured = &searched.all.measured;
    let mut words = format!(
        "{} people are enrolled; {} probes show them, {} show others.",
        thousands(protocol.enrolled()),
        thousands(measured.mated),
        thousands(measured.non_mated)
    );
    if let Some(first) = measured.ranks.first() {
        words += &format!(
            " The first candidate is the right one for {}{}.",
            percent(first.rate),
            interval(&first.interval)
        );
    }
    for open in &measured.open_set {
        if let Ok(point) = &open.point {
            words += &format!(
                " At a false positive identification rate of {}, {} are found{}.",
                rate(open.asked),
                percent(point.tpir()),
                open.interval.as_ref().map(|fnir| interval(&turned(fnir))).unwrap_or_default()
            );
        }
    }
    let missing = measured.open_set.iter().filter_map(|open| open.point.as_ref().err());
    let missing = missing.map(|reason| {
        let mut letters = reason.chars();
        let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
        format!("{first}{}.", letters.as_str())
    });
    std::iter::once(words).chain(missing).collect()
}

fn interval(interval: &Interval) -> String {
    format!(" (95 % interval {:.2}–{:.2} %)", interval.low * 100.0, interval.high * 100.0)
}

/// The interval of the other share.
fn turned(interval: &Interval) -> Interval {
    Interval { low: 1.0 - interval.high, high: 1.0 - interval.low, level: interval.level }
}

fn measures(searched: &Searched) -> Vec<Table> {
    let columns = vec![
        Column::new("Probes", Format::Text),
        Column::new("Measure", Format::Text),
        Column::new("Value", Format::Percent(2)),
        Column::new("Threshold", Format::Decimal(3)),
    ];
    let mut rows = Vec::new();
    for (name, series) in searched.series() {
        let cells = |measure: String, value: Cell, threshold: Cell| {
            vec![Cell::text(name), Cell::Text(measure), value, threshold]
        };
        for at in &series.measured.ranks {
            let Interval { low, high, .. } = at.interval;
            let value = Cell::Interval { value: at.rate, low, high };
            rows.push(cells(format!("Found at rank {}", at.rank), value, Cell::Missing));
        }
        for open in &series.measured.open_set {
            let measure = format!("DIR at FPIR {}", rate(open.asked));
            let (value, threshold) = match (&open.point, &open.interval) {
                (Ok(point), fnir) => {
                    let value = point.tpir();
                    let with = fnir.as_ref().map(turned);
                    let with = with.map(|Interval { low, high, .. }| Cell::Interval { value, low, high });
                    let threshold = Some(point.threshold).filter(|threshold| threshold.is_finite());
                    (with.unwrap_or(Cell::Number(value)), threshold.map_or(Cell::Missing, Cell::Number))
                }
                (Err(_), _) => (Cell::NotSupported { needs: "more non-mated probes".into() }, Cell::Missing),
            };
            rows.push(cells(measure, value, threshold));
        }
    }
    let table = Table {
        caption: "Measures with 95 % intervals".into(),
        columns,
        rows,
        note: format!(
            "{} DIR, the detection and identification rate, is the share of mated probes whose person is the first \
             candidate, at the threshold or above it.",
            searched.grounds
        ),
    };
    if table.rows.is_empty() { Vec::new() } else { vec![table] }
}

fn scores(name: &str, series: &Series) -> SearchScores {
    let (mut mated, mut non_mated) = (Vec::new(), Vec::new());
    for gallery in series.trials.galleries() {
        let (of_mated, of_strangers) = gallery.scores();
        mated.extend(of_mated);
        non_mated.extend(of_strangers);
    }
    let marker = |(fpir, threshold)| Marker::new(threshold, format!("FPIR {}: {threshold:.3}", rate(fpir)));
    let thresholds = supported(series).map(marker).collect();
    let name = if name == "all" { "All probes".to_owned() } else { name.to_owned() };
    SearchScores { name, mated, non_mated, thresholds }
}

/// The searches, with the best photo of each template to stand for it.
fn searches(protocol: &IdentificationProtocol, found: &Found, searched: &Searched) -> Vec<SearchedPhoto> {
    let quality = |photo: usize| found.faces[photo].as_ref().map_or(-1.0, |face| face.quality.score);
    let best = |photos: &[usize]| photos.iter().copied().max_by(|&a, &b| quality(a).total_cmp(&quality(b)));
    let template = |entry: usize| best(&protocol.gallery[entry].images);
    let probes = protocol.probes.iter().zip(&searched.found);
    let search = |(probe, search): (&evaluation::Probe, &evaluation::ProbeSearch)| {
        let of_person = |person: u32| protocol.gallery.iter().position(|entry| entry.identity == person);
        let own = search.mate.or_else(|| probe.identity.and_then(of_person));
        Some(SearchedPhoto {
            probe: best(&probe.images)?,
            result: search.result,
            found: search.top.and_then(template),
            own: own.and_then(template),
        })
    };
    probes.filter_map(search).collect()
}

/// How the page was made.
fn stamped(args: &Args, protocol: &IdentificationProtocol, setup: &Setup) -> Stamp {
    // Photos of a list lie beside it.
    let root = if args.data.is_dir() { Some(&*args.data) } else { args.data.parent() };
    let mut roles = vec![String::new(); protocol.images.len()];
    for (number, template) in protocol.gallery.iter().enumerate() {
        template.images.iter().for_each(|&image| roles[image] += &format!("g{number}:{}", template.identity));
    }
    for (number, probe) in protocol.probes.iter().enumerate() {
        probe.images.iter().for_each(|&image| roles[image] += &format!("p{number}:{:?}", probe.person));
    }
    let photos = protocol.images.iter().map(|image| &*image.path).zip(roles);
    let hash = hash_of_photos(photos, root.unwrap_or(&args.data));
    let (templates, probes) = (protocol.gallery.len(), protocol.probes.len());
    let words = format!(
        "{} ({} templates enrolled, {} probes)",
        protocol.name,
        thousands(templates),
        thousands(probes)
    );
    let mut stamp = stamp(words, hash);
    stamp.models = models(setup);
    stamp.engine = setup.engine();
    stamp.more = args.draws.stamped();
    stamp.more.push(("Rule".into(), args.rule.to_string()));
    stamp.more.push(("Face".into(), args.face.to_string()));
    stamp.more.push(("Detection size".into(), args.recognise.detect.detect_size.to_string()));
    stamp.more.push(("Data hash".into(), "of the lists and the photos' names, not of their pixels".into()));
    stamp
}
