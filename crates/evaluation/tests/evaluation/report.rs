//! The page as a whole: well-formed, self-contained, the same twice, and written in one step.

use omote_evaluation::report::{
    AskedAndMeasured, BandPoint, Block, Cell, Chart, CohortRate, Column, Compared, Comparison, Curve, Format,
    Histogram, Marker, ModelStamp, Picture, PicturePair, Pictures, Report, Section, Stamp, Table,
    calibration, cmc, cohort_shares, cohorts, det, dir, discard, gallery_size, histogram, precision_recall,
    roc, search_calibration, search_scores,
};
use proptest::prelude::*;

/// A page with every chart and block, in which every text is `text`.
fn report(text: &str) -> Report {
    let own = || text.to_owned();
    let picture = |jpeg| Picture { jpeg, name: own(), quality: Some(0.25) };
    let pair = PicturePair {
        a: picture(Some(vec![0xff, 0xd8, 0xff, 0xe0])),
        b: picture(None),
        score: Some(0.5),
        note: own(),
    };
    let table = Table {
        caption: own(),
        columns: vec![Column::new(text, Format::Text), Column::new(text, Format::Percent(2))],
        rows: vec![
            vec![Cell::text(text), Cell::Interval { value: 0.2, low: 0.1, high: 0.3 }],
            vec![Cell::text(text), Cell::NotSupported { needs: own() }],
        ],
        note: own(),
    };
    let comparison = Comparison {
        a: own(),
        b: own(),
        test: own(),
        format: Format::Percent(2),
        rows: vec![Compared {
            metric: own(),
            lower_is_better: true,
            a: 0.1,
            b: 0.2,
            difference: (-0.15, -0.05),
            p_value: None,
        }],
    };
    Report {
        title: own(),
        lead: vec![own()],
        stamp: Stamp {
            protocol: own(),
            models: vec![ModelStamp { name: own(), fingerprint: own() }],
            data: own(),
            version: own(),
            commit: own(),
            engine: own(),
            command: own(),
            date: own(),
            more: vec![(own(), own())],
        },
        sections: vec![
            Section {
                heading: own(),
                blocks: vec![
                    Block::Prose(own()),
                    Block::Charts(charts(text).into_iter().map(|chart| chart.titled(text, text)).collect()),
                ],
            },
            Section { heading: own(), blocks: vec![Block::Table(table), Block::Comparison(comparison)] },
            Section {
                heading: own(),
                blocks: vec![Block::Pictures(Pictures {
                    caption: own(),
                    threshold: Some(0.4),
                    pairs: vec![pair],
                })],
            },
            Section { heading: own(), blocks: vec![] },
        ],
    }
}

fn charts(text: &str) -> Vec<Chart> {
    let band = vec![BandPoint { x: 0.01, low: 0.1, high: 0.3 }, BandPoint { x: 0.1, low: 0.05, high: 0.1 }];
    let curves =
        [Curve::new(text, vec![(1e-3, 0.3), (0.01, 0.2), (0.1, 0.07), (0.9, 0.001)]).with_band(band)];
    let markers = [Marker::new(0.01, text)];
    let ranks = [Curve::new(text, vec![(1.0, 0.8), (2.0, 0.9), (50.0, 0.95)])];
    let bins = Histogram::from_scores(&[0.7, 0.8, 0.9], &[0.0, 0.1, 0.2], 9).unwrap();
    let measured = vec![AskedAndMeasured { asked: 1e-3, measured: 2e-3, predicted: Some((5e-4, 3e-3)) }];
    let rates = vec![CohortRate { cohort: text.to_owned(), rate: Some(0.1), interval: Some((0.05, 0.2)) }];
    vec![
        det(&curves, &markers).unwrap(),
        roc(&curves, &markers).unwrap(),
        dir(&curves, &markers).unwrap(),
        cmc(&ranks).unwrap(),
        discard(&curves).unwrap(),
        histogram(&bins, false, &markers).unwrap(),
        histogram(&bins, true, &markers).unwrap(),
        search_scores(&[0.7, 0.8], &[0.1, 0.2], 9, true, &markers).unwrap(),
        calibration(&[(text.to_owned(), measured.clone())]).unwrap(),
        search_calibration(&[(text.to_owned(), measured)]).unwrap(),
        gallery_size(&ranks).unwrap(),
        cohorts(text, &[(text.to_owned(), rates.clone())], &markers).unwrap(),
        cohort_shares(text, &[(text.to_owned(), rates)], &markers).unwrap(),
        precision_recall(&curves, &[Some((0.5, 0.2))]).unwrap(),
    ]
}

/// The names of the tags of a page in their order, closing ones with a slash; an error where they do not nest.
///
/// Written from XML's grammar, with no knowledge of the page: `<`, a name, attributes `name="value"`, `>` or `/>`.
fn tags(html: &str) -> Result<Vec<String>, String> {
    let body = html.strip_prefix("<!doctype html>").unwrap_or(html);
    let (mut found, mut open) = (Vec::new(), Vec::<String>::new());
    let mut rest = body;
    while let Some(start) = rest.find('<') {
        if rest[..start].contains('>') {
            return Err(format!("a bare > in {:?}", &rest[..start]));
        }
        rest = &rest[start + 1..];
        let closing = rest.starts_with('/');
        rest = rest.trim_start_matches('/');
        let name: String = rest.chars().take_while(char::is_ascii_alphanumeric).collect();
        if name.is_empty() {
            return Err(format!("a bare < before {:?}", rest.get(..20)));
        }
        rest = &rest[name.len()..];
        let end = loop {
            let Some(at) = rest.find(['"', '>', '<']) else { return Err(format!("{name} does not end")) };
            match &rest[at..=at] {
                ">" => break at,
                "\"" => {
                    let value = &rest[at + 1..];
                    let close = value.find('"').ok_or(format!("an attribute of {name} does not end"))?;
                    if value[..close].contains('<') {
                        return Err(format!("< in an attribute of {name}"));
                    }
                    rest = &value[close + 1..];
                }
                _ => return Err(format!("< inside of the tag {name}")),
            }
        };
        let alone = rest[..end].ends_with('/');
        rest = &rest[end + 1..];
        if closing {
            if open.pop().as_deref() != Some(&name) {
                return Err(format!("</{name}> closes nothing; open: {open:?}"));
            }
            found.push(format!("/{name}"));
        } else {
            found.push(name.clone());
            if !alone {
                // A style sheet is not markup: it ends at its end tag.
                if name == "style" {
                    let end = rest.find("</style>").ok_or("style does not end")?;
                    rest = &rest[end..];
                }
                open.push(name);
            }
        }
    }
    if open.is_empty() { Ok(found) } else { Err(format!("left open: {open:?}")) }
}

#[test]
fn the_checker_finds_faults() {
    for bad in ["<p>", "<p></b>", "a < b", "<p title=\"x>y</p>", "<p><b></p></b>", "<p>a > b</p>"] {
        assert!(tags(bad).is_err(), "{bad}");
    }
    assert_eq!(tags("<p>a<br/></p>").unwrap(), ["p", "br", "/p"]);
}

#[test]
fn the_page_is_well_formed_and_self_contained() {
    let html = report("plain").html().unwrap();
    let tags = tags(&html).unwrap();
    assert_eq!(tags.iter().filter(|tag| *tag == "svg").count(), 14);
    for active in
        ["script", "link", "iframe", "object", "embed", "base", "form", "foreignObject", "use", "image"]
    {
        assert!(!tags.iter().any(|tag| tag == active), "{active}");
    }
    // Addresses: the name of SVG's language, which nobody fetches, and nothing else.
    let addresses = html.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    assert!(!addresses.contains("://"), "an address on the page");
    assert!(!html.contains("url(") && !html.contains("@import"));
    for source in html.split("src=\"").skip(1) {
        assert!(source.starts_with("data:image/jpeg;base64,"));
    }
    for link in html.split("href=\"").skip(1) {
        assert!(link.starts_with("#s"));
    }
    assert!(html.contains("default-src 'none'"));
}

#[test]
fn a_chart_is_also_an_svg_file() {
    for chart in charts("a & b") {
        let svg = chart.svg().unwrap();
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" "), "{svg}");
        assert_eq!(tags(&svg).unwrap().first().map(String::as_str), Some("svg"));
        for number in ["NaN", "inf"] {
            assert!(!svg.contains(number), "{number} in {svg}");
        }
    }
}

#[test]
fn the_same_report_is_the_same_page() {
    assert_eq!(report("x").html().unwrap(), report("x").html().unwrap());
}

#[test]
fn a_curve_is_drawn_where_its_values_are() {
    let chart = roc(&[Curve::new("a", vec![(1e-4, 0.5), (1e-2, 0.75), (1.0, 1.0)])], &[]).unwrap();
    let svg = chart.svg().unwrap();
    let line = svg.lines().find(|line| line.starts_with("<polyline class=\"s1\"") && line.contains(' '));
    // The legend's sample is drawn last; the first line of the ink is the curve.
    let points = line.unwrap().split("points=\"").nth(1).unwrap().split('"').next().unwrap();
    let points: Vec<(f64, f64)> = points
        .split(' ')
        .map(|point| {
            let (x, y) = point.split_once(',').unwrap();
            (x.parse().unwrap(), y.parse().unwrap())
        })
        .collect();
    assert_eq!(points.len(), 3);
    // Two decades on each side: the middle point is halfway across.
    let (left, right) = (points[0].0, points[2].0);
    assert!((points[1].0 - f64::midpoint(left, right)).abs() <= 0.1, "{points:?}");
    // Rates rise upwards, in proportion: the axis begins at 0.4.
    assert!((points[1].1 - f64::midpoint(points[0].1, points[2].1)).abs() <= 0.1, "{points:?}");
    assert!(points[0].1 > points[2].1);
}

#[test]
fn many_points_make_a_small_chart() {
    let points = (1..=200_000).map(|i| (f64::from(i) * 5e-6, f64::from(i) * 5e-6)).collect();
    let svg = roc(&[Curve::new("a", points)], &[]).unwrap().svg().unwrap();
    assert!(svg.len() < 100_000, "{} bytes", svg.len());
}

#[test]
fn extreme_values_are_drawn_without_harm() {
    let tiny = Curve::new("a", vec![(1e-300, 1e-300), (1e-5, 1e-6), (0.3, 0.1)]);
    for chart in [
        det(std::slice::from_ref(&tiny), &[]),
        roc(&[tiny], &[]),
        discard(&[Curve::new("a", vec![(0.0, 1e-9)])]),
    ] {
        assert!(tags(&chart.unwrap().svg().unwrap()).is_ok());
    }
    let wide = Histogram::from_scores(&[f32::MAX], &[f32::MIN], 10).unwrap();
    assert!(tags(&histogram(&wide, true, &[]).unwrap().svg().unwrap()).is_ok());
    let narrow = Histogram::from_scores(&[1.0], &[1.0_f32.next_up()], 3).unwrap();
    assert!(tags(&histogram(&narrow, false, &[]).unwrap().svg().unwrap()).is_ok());
    let far = Curve::new("a", vec![(1.0, 0.5), (1e300, 0.6)]);
    assert!(tags(&gallery_size(&[far]).unwrap().svg().unwrap()).is_ok());
}

#[test]
fn writing_replaces_the_old_report_or_leaves_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.html");
    report("first").write(&path).unwrap();
    let first = std::fs::read_to_string(&path).unwrap();
    assert_eq!(first, report("first").html().unwrap());

    let mut bad = report("second");
    let uneven =
        Table { columns: vec![Column::new("a", Format::Text)], rows: vec![vec![]], ..Table::default() };
    bad.sections[0].blocks.push(Block::Table(uneven));
    assert!(bad.write(&path).unwrap_err().to_string().contains("0 cells for 1 column"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), first);

    report("third").write(&path).unwrap();
    assert_ne!(std::fs::read_to_string(&path).unwrap(), first);
    let names: Vec<_> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["report.html"], "nothing else is left");
}

#[test]
fn a_report_that_cannot_be_written_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let message = report("x").write(&folder.path().join("missing/report.html")).unwrap_err().to_string();
    assert!(
        message.starts_with("cannot write the report") && message.contains("is the folder there"),
        "{message}"
    );
    // A folder stands where the report should be: the temporary file is taken away again.
    let taken = folder.path().join("taken");
    std::fs::create_dir(&taken).unwrap();
    assert!(report("x").write(&taken).is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever users write, the page has the tags that it has with plain text.
    #[test]
    fn text_never_becomes_markup(text in "x[<>&\"'/=a-z \\PC\u{0}-\u{1f}]{0,40}") {
        let plain = tags(&report("x").html().unwrap()).unwrap();
        let found = tags(&report(&text).html().unwrap()).map_err(TestCaseError::fail)?;
        prop_assert_eq!(plain, found);
    }
}
