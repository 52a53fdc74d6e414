//! Writes a report with made-up numbers in every chart, table and picture, to look at the layout:
//!
//!     cargo run -p omote-evaluation --example report_page -- report.html

use std::path::Path;

use imaging::{Image, encode_jpeg};
use omote_evaluation::probit;
use omote_evaluation::report::{
    AskedAndMeasured, BandPoint, Block, Cell, CohortRate, Column, Compared, Comparison, Curve, Format,
    Histogram, Marker, ModelStamp, Picture, PicturePair, Pictures, Report, Section, Stamp, Table,
    calibration, cmc, cohorts, det, dir, discard, gallery_size, histogram, roc,
};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Two made-up systems: name and how far apart (in standard deviations) their genuine and impostor scores lie.
const SYSTEMS: [(&str, f64); 2] = [("MobileFaceNet (w600k)", 4.4), ("EdgeFace-XS γ=0.6", 3.7)];

fn main() -> Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "report.html".to_owned());
    let report = Report {
        title: "LFW View 2: MobileFaceNet against EdgeFace-XS".to_owned(),
        lead: vec![
            "At a false match rate of 0.001 MobileFaceNet rejects 9.0 % of genuine pairs (95 % interval 7.7–10.5 %), \
             EdgeFace-XS 27.1 % (24.8–29.5 %)."
                .to_owned(),
            "The difference of 18.1 percentage points is real by the paired test. All numbers here are made up."
                .to_owned(),
        ],
        stamp: stamp(),
        sections: vec![verification()?, comparison(), identification()?, quality()?, trust()?, errors()?],
    };
    report.write(Path::new(&path))?;
    println!("{path}");
    Ok(())
}

fn stamp() -> Stamp {
    let model = |name: &str, fingerprint: &str| ModelStamp {
        name: name.to_owned(),
        fingerprint: fingerprint.to_owned(),
    };
    Stamp {
        protocol: "LFW View 2 (6,000 pairs, 10 folds), unrestricted, labelled outside data".to_owned(),
        models: vec![
            model(
                "MobileFaceNet (w600k)",
                "9cc6e4a75f0e2bf0b1aed94578f144d15175f357bdc05e815e5c4a02b319eb4f",
            ),
            model("EdgeFace-XS γ=0.6", "0d34e1a7ff8b4c6f0f1b1b8b51d6b3f4a9b6b1dd0c1f3f5cf2e3a4d5b6c7d8e9"),
        ],
        data: "sha256:3c6e0b8a9c15224a8228b9a98ca1531d1f0e5bff2ee1b1d0b9a39a4a2fd7c3ce".to_owned(),
        version: "omote 0.1.0".to_owned(),
        commit: "32e3e95".to_owned(),
        engine: "rten 0.27.0, CPU, 8 threads".to_owned(),
        command: "omote eval lfw --data lfw --compare mobilefacenet edgeface-xs --report lfw.html".to_owned(),
        date: "2025-01-31 14:05 UTC".to_owned(),
        more: vec![("Seed".to_owned(), "7".to_owned())],
    }
}

/// The share of a standard normal distribution below `z`, from the inverse by bisection: enough for made-up curves.
fn normal(z: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if probit(middle) < z { low = middle } else { high = middle }
    }
    low
}

/// FMR and FNMR of normally distributed scores at falling thresholds.
fn trade_off(apart: f64) -> Vec<(f64, f64)> {
    (0..=240).map(|step| 5.0 - f64::from(step) * 0.04).map(|z| (normal(-z), normal(z - apart))).collect()
}

/// A band that widens where there is less data.
fn around(points: &[(f64, f64)], widening: f64) -> Vec<BandPoint> {
    let band = points.iter().filter(|point| point.0 > 1e-5).map(|&(x, y)| {
        let wide = widening * (1.0 + 0.25 * (0.01 / x).max(1.0).ln());
        let z = probit(y.clamp(1e-9, 1.0 - 1e-9));
        BandPoint { x, low: normal(z - wide), high: normal(z + wide) }
    });
    band.collect()
}

/// Noise in -1..1 that is the same on every machine.
fn noise(seed: u64) -> f64 {
    let mut x = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// Normally distributed scores.
fn scores(count: u64, mean: f64, deviation: f64, seed: u64) -> Vec<f32> {
    let draw = |i| probit(f64::midpoint(1.0, noise(seed * 1_000_003 + i)).clamp(1e-9, 1.0 - 1e-9));
    (0..count).map(|i| (mean + deviation * draw(i)) as f32).collect()
}

fn verification() -> Result<Section> {
    let curves: Vec<Curve> = SYSTEMS
        .iter()
        .map(|&(name, apart)| {
            let points: Vec<_> = trade_off(apart).into_iter().filter(|point| point.0 >= 1e-5).collect();
            let band = around(&points, 0.09);
            Curve::new(name, points).with_band(band)
        })
        .collect();
    let accept = |curve: &Curve| Curve {
        points: curve.points.iter().map(|&(fmr, fnmr)| (fmr, 1.0 - fnmr)).collect(),
        band: curve.band.iter().map(|b| BandPoint { x: b.x, low: 1.0 - b.high, high: 1.0 - b.low }).collect(),
        ..curve.clone()
    };
    let targets = [Marker::new(1e-4, "FMR 10⁻⁴"), Marker::new(1e-3, "FMR 0.001")];
    let bins = Histogram::from_scores(&scores(30_000, 0.62, 0.12, 1), &scores(300_000, 0.05, 0.09, 2), 70)?;
    let thresholds = [Marker::new(0.328, "FMR 0.001: 0.328"), Marker::new(0.385, "FMR 10⁻⁴: 0.385")];
    let rate = |value: f64, spread: f64| Cell::Interval { value, low: value / spread, high: value * spread };
    let table = Table {
        caption: "Rates with 95 % intervals".to_owned(),
        columns: vec![
            Column::new("System", Format::Text),
            Column::new("EER", Format::Percent(2)),
            Column::new("FNMR at FMR 0.01", Format::Percent(2)),
            Column::new("FNMR at FMR 0.001", Format::Percent(2)),
            Column::new("FNMR at FMR 10⁻⁵", Format::Percent(2)),
            Column::new("Threshold", Format::Decimal(3)),
            Column::new("Pairs", Format::Decimal(0)),
        ],
        rows: vec![
            vec![
                Cell::text(SYSTEMS[0].0),
                rate(0.0139, 1.12),
                rate(0.0191, 1.15),
                rate(0.0902, 1.17),
                Cell::NotSupported { needs: "1,000,000 impostor pairs".to_owned() },
                Cell::Number(0.328),
                Cell::Number(330_000.0),
            ],
            vec![
                Cell::text(SYSTEMS[1].0),
                rate(0.0322, 1.1),
                rate(0.0851, 1.11),
                rate(0.2706, 1.09),
                Cell::NotSupported { needs: "1,000,000 impostor pairs".to_owned() },
                Cell::Number(0.291),
                Cell::Number(330_000.0),
            ],
            vec![
                Cell::text("Chance"),
                Cell::Number(0.5),
                Cell::Number(0.99),
                Cell::Number(0.999),
                Cell::Missing,
                Cell::Missing,
                Cell::Missing,
            ],
        ],
        note: "Intervals by bootstrap over 5,749 identities, 2,000 resamples. Thresholds at FMR 0.001."
            .to_owned(),
    };
    Ok(Section {
        heading: "Verification".to_owned(),
        blocks: vec![
            Block::Prose(
                "Shades are 95 % intervals by resampling people. Nothing is shown below the false match rate that \
                 the data supports."
                    .to_owned(),
            ),
            Block::Table(table),
            Block::Charts(vec![
                det(&curves, &targets)?,
                roc(&curves.iter().map(accept).collect::<Vec<_>>(), &targets)?,
                histogram(&bins, false, &thresholds)?
                    .titled("Scores of MobileFaceNet", "Each kind's shares add up to 1."),
                histogram(&bins, true, &thresholds)?
                    .titled("Scores of MobileFaceNet, logarithmic", "The tails, where the thresholds are."),
            ]),
        ],
    })
}

fn comparison() -> Section {
    let row = |metric: &str, lower_is_better, a, b, difference, p| Compared {
        metric: metric.to_owned(),
        lower_is_better,
        a,
        b,
        difference,
        p_value: Some(p),
    };
    let comparison = Comparison {
        a: "MobileFaceNet".to_owned(),
        b: "EdgeFace-XS".to_owned(),
        test: "paired bootstrap over 5,749 identities, 2,000 resamples".to_owned(),
        format: Format::Percent(2),
        rows: vec![
            row("FNMR at FMR 0.001", true, 0.0902, 0.2706, (-0.2071, -0.1533), 0.0005),
            row("Equal error rate", true, 0.0139, 0.0322, (-0.0215, -0.0152), 0.0005),
            row("Accuracy by 10 folds", false, 0.9877, 0.9868, (-0.0021, 0.0038), 0.571),
        ],
    };
    Section { heading: "Paired comparison".to_owned(), blocks: vec![Block::Comparison(comparison)] }
}

fn identification() -> Result<Section> {
    let ranks = |floor: f64| (1..=50).map(|k| (f64::from(k), 1.0 - floor / f64::from(k).powf(0.6))).collect();
    let sizes =
        |rate: f64| [25.0, 100.0, 300.0, 1000.0, 3000.0].map(|n: f64| (n, rate * n.powf(0.45))).to_vec();
    let sized = |name: &str, rate: f64| {
        let points = sizes(rate);
        let band = points.iter().map(|&(x, y)| BandPoint { x, low: y * 0.8, high: y * 1.25 }).collect();
        Curve::new(name, points).with_band(band)
    };
    let found = |apart| trade_off(apart).into_iter().map(|(fpir, fnir)| (fpir, 1.0 - fnir)).collect();
    let [first, second] = SYSTEMS;
    Ok(Section {
        heading: "Identification".to_owned(),
        blocks: vec![Block::Charts(vec![
            cmc(&[Curve::new(first.0, ranks(0.06)), Curve::new(second.0, ranks(0.14))])?,
            gallery_size(&[sized(first.0, 0.004), sized(second.0, 0.013)])?
                .titled("Errors by gallery size", "FNIR at FPIR 0.01, threshold set for each size."),
            dir(
                &[Curve::new(first.0, found(3.6)), Curve::new(second.0, found(2.9))],
                &[Marker::new(0.01, "FPIR 0.01")],
            )?,
        ])],
    })
}

fn quality() -> Result<Section> {
    let falling =
        |speed: f64| (0..=30).map(|i| f64::from(i) * 0.01).map(|x| (x, 0.09 * (-speed * x).exp())).collect();
    let oracle =
        (0..=30).map(|i| f64::from(i) * 0.01).map(|x| (x, ((0.09 - x) / (1.0 - x)).max(0.0))).collect();
    let group = |cohort: &str, rate: Option<f64>| CohortRate {
        cohort: cohort.to_owned(),
        rate,
        interval: rate.map(|rate| (rate * 0.72, rate * 1.36)),
    };
    let groups = |scale: f64| {
        vec![
            group("Women", Some(0.041 * scale)),
            group("Men", Some(0.028 * scale)),
            group("Under 25", Some(0.052 * scale)),
            group("25 to 60", Some(0.027 * scale)),
            group("Over 60 (needs 120 more pairs)", None),
            group("Frontal", Some(0.012 * scale)),
            group("Profile", Some(0.093 * scale)),
        ]
    };
    let [first, second] = SYSTEMS;
    Ok(Section {
        heading: "Quality and groups".to_owned(),
        blocks: vec![Block::Charts(vec![
            discard(&[
                Curve::new("magnitude", falling(5.0)),
                Curve::new("CR-FIQA(S)", falling(7.5)),
                Curve::new("sharpness", falling(2.0)),
                Curve::new("at random", vec![(0.0, 0.09), (0.3, 0.09)]).reference(),
                Curve::new("ideal", oracle).reference(),
            ])?
            .titled(
                "Error versus discard",
                "FNMR at the threshold of FMR 0.001 on all pairs, which is kept.",
            ),
            cohorts(
                "FNMR at FMR 0.001",
                &[(first.0.to_owned(), groups(1.0)), (second.0.to_owned(), groups(1.9))],
                &[Marker::new(0.034, "everybody")],
            )?,
        ])],
    })
}

fn trust() -> Result<Section> {
    let points = |shift: f64, seed: u64| -> Vec<AskedAndMeasured> {
        [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]
            .into_iter()
            .enumerate()
            .map(|(i, asked): (usize, f64)| {
                let wide = 1.15 + 0.35 * (0.1 / asked).log10();
                let measured = asked * shift * (0.2 * noise(seed + i as u64)).exp();
                AskedAndMeasured { asked, measured, predicted: Some((asked / wide, (asked * wide).min(1.0))) }
            })
            .collect()
    };
    let systems =
        [("CelebA to CelebA".to_owned(), points(1.0, 3)), ("CelebA to LFW".to_owned(), points(1.9, 40))];
    let five: Vec<Curve> =
        (0..6).map(|i| Curve::new(format!("system {i}"), trade_off(4.4 - 0.35 * f64::from(i)))).collect();
    Ok(Section {
        heading: "Calibration".to_owned(),
        blocks: vec![Block::Charts(vec![
            calibration(&systems)?,
            det(&five, &[])?.titled("Six systems", "All inks and dashes."),
        ])],
    })
}

/// A face of a kind: an oval on a ground, in colours by number.
fn face(seed: u64) -> Result<Vec<u8>> {
    let tone = |part: u64| (150.0 + 90.0 * noise(seed * 31 + part)) as u8;
    let (ground, skin) =
        ([tone(1), tone(2), tone(3)], [tone(4) / 2 + 90, tone(5) / 2 + 60, tone(6) / 2 + 40]);
    let mut pixels = Vec::with_capacity(112 * 112 * 3);
    for y in 0..112 {
        for x in 0..112 {
            let inside = |cx: f64, cy: f64, rx: f64, ry: f64| {
                ((f64::from(x) - cx) / rx).powi(2) + ((f64::from(y) - cy) / ry).powi(2) < 1.0
            };
            let dark =
                inside(38.3, 51.7, 6.0, 4.0) || inside(73.5, 51.5, 6.0, 4.0) || inside(56.0, 88.0, 16.0, 3.0);
            pixels.extend(if dark {
                [40, 30, 30]
            } else if inside(56.0, 62.0, 40.0, 52.0) {
                skin
            } else {
                ground
            });
        }
    }
    let image = Image::from_rgb(112, 112, pixels).ok_or("three bytes to a pixel")?;
    Ok(encode_jpeg(&image, 85)?)
}

fn errors() -> Result<Section> {
    let picture = |seed: u64, name: &str| -> Result<Picture> {
        let quality = 20.0 + 6.0 * noise(seed);
        Ok(Picture { jpeg: Some(face(seed)?), name: name.to_owned(), quality: Some(quality) })
    };
    let mut pairs = Vec::new();
    for i in 0..4 {
        let (a, b) = (
            picture(2 * i, &format!("Person_{i}/Person_{i}_0001.jpg"))?,
            picture(2 * i + 1, "Richard_Norton-Taylor <&> Sons/Richard_0012.jpg")?,
        );
        pairs.push(PicturePair { a, b, score: Some(0.71 - 0.05 * i as f64), note: String::new() });
    }
    pairs[0].note = "Suspected: one person under two names.".to_owned();
    let mut rejected = vec![PicturePair {
        a: picture(91, "Anna_0001.jpg")?,
        b: Picture { jpeg: None, name: "Anna_0007.jpg".to_owned(), quality: None },
        score: None,
        note: "No face was found in the second photo.".to_owned(),
    }];
    rejected.push(PicturePair {
        a: picture(92, "面影_0001.jpg")?,
        b: picture(93, "面影_0002.jpg")?,
        score: Some(-0.042),
        note: String::new(),
    });
    let shown = |caption: &str, pairs| {
        Block::Pictures(Pictures { caption: caption.to_owned(), threshold: Some(0.328), pairs })
    };
    Ok(Section {
        heading: "Worst errors".to_owned(),
        blocks: vec![
            shown("Impostor pairs with the highest scores", pairs),
            shown("Genuine pairs with the lowest scores", rejected),
        ],
    })
}
