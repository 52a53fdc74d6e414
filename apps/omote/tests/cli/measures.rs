//! `omote eval pad`, `landmarks`, `ages`, `attributes` and what `eval scores` says of quality: outputs of any program,
//! from CSV files. Also the page of WIDER FACE, and what a program is told that cannot be understood.

use std::fmt::Write as _;
use std::fs;

use fixtures::photo::Scene;
use serde_json::{Value, json};

use crate::support::Studio;

/// A number from 0 to below 1, as good as random and always the same.
fn noise(number: u32) -> f64 {
    f64::from(number.wrapping_mul(2_654_435_769) >> 8) / f64::from(1 << 24)
}

#[track_caller]
fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

/// The number and its interval, which holds it.
#[track_caller]
fn measured(value: &Value) -> (f64, f64, f64) {
    let (found, low, high) =
        (number(&value["value"]), number(&value["interval"][0]), number(&value["interval"][1]));
    assert!((low..=high).contains(&found), "{value}");
    (found, low, high)
}

/// 12 people with 10 presentations of each kind. Of the screens 3 in 10 pass at 0.5, of the prints none, and 1 in 10 live
/// faces does not.
fn presentations(people: std::ops::Range<u32>) -> String {
    let mut csv = "species,score,person\n".to_owned();
    for person in people {
        for shot in 0..10 {
            let part = noise(person * 10 + shot) / 10.0;
            let live = if shot == 0 { 0.4 } else { 0.8 };
            let screen = if shot < 3 { 0.6 } else { 0.2 };
            for (kind, score) in [("live", live), ("screen", screen), ("print", 0.1)] {
                let _ = writeln!(csv, "{kind},{:.5},p{person}", score + part);
            }
        }
    }
    csv
}

#[test]
fn presentation_attacks_are_measured_by_their_worst_kind() {
    let studio = Studio::new();
    studio.write("test.csv", presentations(0..12).as_bytes());
    studio.write("dev.csv", presentations(11..30).as_bytes());
    let flags = ["--resamples", "100", "--apcer", "0.1,0.01"];
    let at = [&["eval", "pad", "test.csv", "--threshold", "0.5"], &flags[..]].concat();
    let summary = studio.json(&at).ended(0).summary();
    assert_eq!((&summary["bona_fide"], &summary["attacks"]), (&json!(120), &json!(240)));
    assert_eq!((&summary["worst_species"], &summary["apcer"]), (&json!("screen"), &json!(0.3)));
    let [print, screen] = [0, 1].map(|kind| &summary["species"][kind]);
    assert_eq!(
        (&print["species"], &print["accepted"], &screen["accepted"]),
        (&json!("print"), &json!(0), &json!(36))
    );
    // Nothing passed in 120 attempts by 12 people: each counts once.
    let (found, low, high) = measured(&print["apcer"]);
    assert!(found == 0.0 && low == 0.0 && (0.2..0.25).contains(&high), "{print}");
    assert_eq!(measured(&summary["bpcer"]).0, 0.1);
    assert_eq!(measured(&summary["acer"]).0, 0.2);
    // 120 attacks of a kind support a rate of 0.1, and not one of 0.01.
    let rates = &summary["bpcer_at_apcer"];
    assert!(number(&rates[0]["apcer"]) <= 0.1);
    measured(&rates[0]["bpcer"]);
    assert!(
        rates[1]["bpcer"].is_null() && rates[1]["unsupported"].as_str().unwrap().contains("1000 are needed")
    );

    // A threshold at which nothing goes wrong, of a dozen people: nobody is sure of that.
    let perfect = presentations(0..12).replace("screen,0.6", "screen,0.3").replace("live,0.4", "live,0.7");
    studio.write("perfect.csv", perfect.as_bytes());
    let run =
        studio.json(&[&["eval", "pad", "perfect.csv", "--threshold", "0.5"], &flags[..]].concat()).ended(0);
    for rate in ["acer", "bpcer"] {
        let (found, low, high) = measured(&run.summary()[rate]);
        assert!(found == 0.0 && low == 0.0 && high > 0.1, "{run:?}");
    }

    // The threshold of a development set, with one person of the test in it.
    let dev = [&["eval", "pad", "test.csv", "--dev", "dev.csv"], &flags[..]].concat();
    let run = studio.json(&dev).ended(0);
    assert!(run.stderr.contains("1 person is in both files, such as p11"), "{run:?}");
    assert_eq!(run.summary()["people_in_both"], 1);
    assert!(number(&run.summary()["threshold"]) > 0.1);
    let words = studio.omote(&[&["eval", "pad", "test.csv"], &flags[..]].concat()).ended(0).stdout;
    for part in
        ["APCER screen (the worst)", "BPCER at APCER 0.1", "no BPCER is reported at APCER 0.01", "flatters"]
    {
        assert!(words.contains(part), "{part} in {words}");
    }
}

#[test]
fn ages_have_a_mean_error_and_cumulative_scores() {
    let studio = Studio::new();
    // Always 4 years too old, and every tenth face 12; of 40 faces the last has no estimate.
    let mut csv = "age,estimate,person\n".to_owned();
    for face in 0..40 {
        let age = 20 + face;
        let off = if face % 10 == 0 { 12 } else { 4 };
        let estimate = if face == 39 { String::new() } else { (age + off).to_string() };
        let _ = writeln!(csv, "{age},{estimate},p{}", face / 2);
    }
    studio.write("ages.csv", csv.as_bytes());
    let run = studio.json(&["eval", "ages", "ages.csv", "--within", "5,15", "--resamples", "100"]).ended(0);
    let summary = run.summary();
    assert_eq!((&summary["faces"], &summary["without_estimate"]), (&json!(40), &json!(1)));
    let (mean, low, high) = measured(&summary["mae"]);
    assert!((mean - (35.0 * 4.0 + 4.0 * 12.0) / 39.0).abs() < 1e-9 && low >= 4.0 && high < 7.0);
    let scores = &summary["cumulative_scores"];
    assert_eq!((measured(&scores[0]).0, measured(&scores[1]).0), (35.0 / 40.0, 39.0 / 40.0));
    assert_eq!(summary["intervals"]["people"], 20);
    let words = studio.omote(&["eval", "ages", "ages.csv", "--resamples", "100"]).ended(0).stdout;
    assert!(words.contains("MAE in years") && words.contains("CS@5") && words.contains("87.50 %"), "{words}");
}

#[test]
fn attributes_have_a_matrix_and_a_balanced_accuracy() {
    let studio = Studio::new();
    let mut csv = String::new();
    for face in 0..100 {
        // 90 without a hat are right; of 10 with one, 6.
        let (truth, answer) = match face {
            0..90 => ("none", "none"),
            90..96 => ("hat", "hat"),
            96..99 => ("hat", "none"),
            _ => ("hat", ""),
        };
        let _ = writeln!(csv, "hat,{truth},{answer}");
    }
    studio.write("hats.csv", csv.as_bytes());
    let summary = studio.json(&["eval", "attributes", "hats.csv", "--resamples", "100"]).ended(0).summary();
    let hat = &summary["attributes"][0];
    assert_eq!(measured(&hat["accuracy"]).0, 0.96);
    assert_eq!(measured(&hat["balanced_accuracy"]).0, 0.8);
    let class = &hat["classes"][0];
    assert_eq!(
        (&class["class"], &class["answers"], &class["unanswered"]),
        (&json!("hat"), &json!([6, 3]), &json!(1))
    );
    assert_eq!(measured(&class["recall"]).0, 0.6);
    let words = studio.omote(&["eval", "attributes", "hats.csv", "--resamples", "100"]).ended(0).stdout;
    assert!(words.contains("AS hat") && words.contains("balanced accuracy 80.00 %"), "{words}");
}

#[test]
fn landmarks_have_errors_failures_and_an_area() {
    let studio = Studio::new();
    // Eyes 40 pixels apart; the nose of face `n` is `n / 2` pixels off, which by eyes is n / 240. One face is not found.
    let mut csv = "face,point,x,y,found_x,found_y,box_width,box_height\n".to_owned();
    for face in 0..21 {
        for (point, [x, y]) in [[30.0, 40.0], [70.0, 40.0], [50.0, 60.0]].into_iter().enumerate() {
            let off = if point == 2 { f64::from(face) / 2.0 } else { 0.0 };
            let found = if face == 20 { ",".to_owned() } else { format!("{x},{}", y + off) };
            let _ = writeln!(csv, "{face},{point},{x},{y},{found},80,80");
        }
    }
    studio.write("points.csv", csv.as_bytes());
    let flags = ["--limits", "0.05", "--resamples", "100"];
    let by = |more: &[&'static str]| [&["eval", "landmarks", "points.csv"], more, &flags[..]].concat();
    let summary = studio.json(&by(&["--eyes", "0,1"])).ended(0).summary();
    assert_eq!(
        (&summary["faces"], &summary["missed"], &summary["points"]),
        (&json!(21), &json!(1), &json!(3))
    );
    assert!((measured(&summary["nme"]).0 - 190.0 / 20.0 / 240.0).abs() < 1e-6);
    let at = &summary["limits"][0];
    // Faces 13 to 19 lie above 12 / 240, and the one that was not found.
    assert!((measured(&at["failure_rate"]).0 - 8.0 / 21.0).abs() < 1e-9, "{at}");
    let area: f64 = (0..12).map(|face| 1.0 - f64::from(face) / 12.0).sum::<f64>() / 21.0;
    assert!((measured(&at["auc"]).0 - area).abs() < 1e-6, "{at}");
    let by_box = studio.json(&by(&["--normaliser", "box"])).ended(0).summary();
    assert!((measured(&by_box["nme"]).0 - 190.0 / 20.0 / 480.0).abs() < 1e-6);
    studio.omote(&by(&[])).failed_with(&["which of the 3 points are the eyes?", "--eyes LEFT,RIGHT"]);
    studio.omote(&by(&["--eyes", "0,3"])).failed_with(&["image 0", "landmark 3"]);
    studio.omote(&by(&["--eyes", "0,1", "--normaliser", "box"])).failed_with(&["--eyes", "leave one"]);
    let words = studio.omote(&by(&["--eyes", "0,1"])).ended(0).stdout;
    assert!(words.contains("NME of the faces found") && words.contains("failures above 0.05"), "{words}");
}

#[test]
fn files_that_cannot_be_measured_are_refused_with_line_and_remedy() {
    let studio = Studio::new();
    let cases: [(&str, &str, &[&str]); 8] = [
        ("pad", "live,0.5\nprint,x\n", &["list.csv, line 2", "the score \"x\"", "leave it blank"]),
        ("pad", "print,0.5\n", &["no row is of a live face", "bona-fide"]),
        ("ages", "1985,30\n", &["list.csv, line 1", "is it a year of birth?"]),
        ("ages", "", &["line 1", "empty"]),
        ("attributes", "hat,yes,no\n", &["\"hat\" is \"yes\" for all faces", "add faces of another class"]),
        ("attributes", "hat,,no\n", &["line 1", "the column truth is blank"]),
        ("landmarks", "a,0,1,1,2,\n", &["line 1", "found_y is blank"]),
        ("landmarks", "a,1,1,1,2,2\n", &["line 1", "no point 0"]),
    ];
    for (command, csv, words) in cases {
        studio.write("list.csv", csv.as_bytes());
        studio.omote(&["eval", command, "list.csv"]).failed_with(words);
    }
    for command in ["pad", "ages", "attributes", "landmarks"] {
        let run = studio.json(&["eval", command, "nowhere.csv"]).ended(2);
        assert!(run.error().contains("nowhere.csv"), "{run:?}");
    }
    // Measured, but of too few people for an interval.
    studio.write("list.csv", b"age,estimate,person\n20,25,ann\n30,30,ben\n");
    let summary = studio.json(&["eval", "ages", "list.csv"]).ended(0).summary();
    assert_eq!((&summary["mae"]["value"], &summary["mae"]["interval"]), (&json!(2.5), &Value::Null));
    assert!(summary["intervals"]["missing"].as_str().unwrap().contains("only 2 people"), "{summary}");
}

#[test]
fn scores_with_qualities_say_what_leaving_out_poor_faces_gains() {
    let studio = Studio::new();
    // Of the genuine pairs every fifth has a poor face, and fails.
    let mut csv = "same,score,quality_a,quality_b\n".to_owned();
    for pair in 0..200 {
        let poor = pair % 5 == 0;
        let (score, quality) = if poor { (0.0, 10.0) } else { (0.9, 80.0) };
        let _ = writeln!(csv, "1,{score},{},90", quality + noise(pair));
        let _ = writeln!(csv, "0,{:.4},95,{}", noise(pair + 1000) / 2.0, if poor { 12.0 } else { 85.0 });
    }
    studio.write("scores.csv", csv.as_bytes());
    let command =
        ["eval", "scores", "scores.csv", "--fmr", "0.1", "--resamples", "100", "--report", "page.html"];
    let summary = studio.json(&command).ended(0).summary();
    let curves = &summary["error_versus_discard"];
    let at = |curve: &str, point: usize| number(&curves[curve][point][1]);
    assert_eq!(curves["fmr"], 0.1);
    assert_eq!(
        (at("threshold_kept", 0), at("threshold_kept", 4), at("threshold_set_again", 4)),
        (0.2, 0.0, 0.0)
    );
    assert!(at("at_random", 4) > 0.1);
    let page = fs::read_to_string(studio.path("page.html")).unwrap();
    assert!(page.contains("Error versus discard"));
    // Two curves, each with the band around it.
    assert!(page.contains("The shade around a curve is its 95 % interval"));
    let words = studio.omote(&command).ended(0).stdout;
    assert!(words.contains("LEFT OUT") && words.contains("SET AGAIN"), "{words}");
    studio.write("scores.csv", b"same,score,quality_a\n1,0.5,3\n0,0.1,2\n");
    studio.omote(&["eval", "scores", "scores.csv"]).failed_with(&["does not name the column quality_b"]);
}

#[test]
fn few_people_have_curves_without_a_band() {
    let studio = Studio::new();
    let mut csv = "same,score,id_a,id_b\n".to_owned();
    for pair in 0..100 {
        let _ = writeln!(
            csv,
            "1,{:.4},ann,ann\n0,{:.4},ann,ben",
            0.3 + noise(pair) / 2.0,
            noise(pair + 500) / 2.0
        );
    }
    studio.write("scores.csv", csv.as_bytes());
    studio.omote(&["eval", "scores", "scores.csv", "--fmr", "0.2", "--report", "page.html"]).ended(0);
    let page = fs::read_to_string(studio.path("page.html")).unwrap();
    assert!(page.contains("Detection error trade-off") && !page.contains("The shade around a curve"));
}

#[test]
fn wider_face_becomes_a_page() {
    let studio = Studio::new();
    // Two faces of 60 and 20 pixels; the smaller is found with a low score, and there is a find on nothing.
    studio.write("labels.txt", b"# 0--Parade/a.jpg 640 480\n100 100 160 160\n300 300 320 320\n");
    studio.write("found/0--Parade/a.txt", b"a\n3\n100 100 60 60 0.9\n300 300 20 20 0.3\n10 10 50 50 0.6\n");
    let command =
        ["eval", "wider", ".", "--labels", "labels.txt", "--predictions", "found", "--report", "page.html"];
    let summary = studio.json(&command).ended(0).summary();
    assert_eq!(summary["report"]["text"], "page.html");
    let page = fs::read_to_string(studio.path("page.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    assert_eq!(page.matches("<svg ").count(), 2, "precision against recall, and recall by level");
    for list in ["easy", "hard"] {
        assert!(page.contains(&format!("{:.2}", number(&summary[list]["ap"]) * 100.0)), "{list}: {summary}");
    }
    for part in ["size", "10 to 29 px", "sha256:", "Not to be compared with published numbers", "found"] {
        assert!(page.contains(part), "{part}");
    }
    // The same by a detector of our own: it and its size are stamped.
    for photo in ["a", "b"] {
        let scene = Scene::new(640, 480).face(1, 100, 100, 160);
        studio.photo(format!("images/0--Parade/{photo}.jpg"), &scene);
    }
    let faces = ["a", "b"].map(|photo| format!("# 0--Parade/{photo}.jpg 640 480\n100 100 260 260\n"));
    studio.write("labels.txt", faces.concat().as_bytes());
    let own = ["eval", "wider", ".", "--labels", "labels.txt", "--report", "own.html"];
    let summary = studio.json(&own).ended(0).summary();
    let page = fs::read_to_string(studio.path("own.html")).unwrap();
    let detector = &summary["ran"]["detector"];
    for name in ["name", "fingerprint"] {
        assert!(page.contains(detector[name].as_str().unwrap()), "{summary}");
    }
    assert!(page.contains("Detection size"));
    // A photo that cannot be read leaves no page.
    fs::remove_file(studio.path("own.html")).unwrap();
    studio.write("images/0--Parade/b.jpg", b"no photo");
    let run = studio.omote(&own).ended(2);
    assert!(run.stderr.contains("own.html is not written") && !studio.path("own.html").exists(), "{run:?}");
    // Nothing is measured for a page that cannot be written.
    let nowhere = [&command[..8], &["no/page.html"]].concat();
    assert!(studio.json(&nowhere).ended(2).error().contains("there is no folder no"));
}

#[test]
fn what_cannot_be_understood_is_an_error_record_with_json() {
    let studio = Studio::new();
    for arguments in [
        &["--json", "eval", "adges", "ages.csv"][..],
        &["eval", "ages", "--json"],
        &["eval", "ages", "a.csv", "--within", "x", "--json"],
        &["--json"],
    ] {
        let run = crate::support::Run::of(studio.bare(arguments)).ended(2);
        assert!(!run.error().is_empty() && !run.error().starts_with("error"), "{run:?}");
        assert!(run.stderr.is_empty(), "{run:?}");
    }
    // People, and those who ask for help, get text as ever.
    let run = crate::support::Run::of(studio.bare(&["eval", "ages"])).ended(2);
    assert!(run.stdout.is_empty() && run.stderr.contains("Usage"), "{run:?}");
    let help = crate::support::Run::of(studio.bare(&["eval", "ages", "--help", "--json"])).ended(0);
    assert!(help.stdout.contains("Usage"), "{help:?}");
    // A file of this name is no wish for JSON.
    let run = crate::support::Run::of(studio.bare(&["eval", "adges", "--", "--json"])).ended(2);
    assert!(run.stdout.is_empty(), "{run:?}");
}
