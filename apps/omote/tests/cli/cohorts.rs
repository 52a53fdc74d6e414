//! `omote eval`: error rates of parts of the pairs, by the labels of a list.

use std::fs;

use fixtures::photo::Scene;
use serde_json::{Value, json};

use crate::support::{Studio, THRESHOLD};

/// Something that a page must not take for its own words.
const MARKUP: &str = "<script>gate</script>";

/// By hand: 20 people with a pair by day, which scores 0.9, and one at the gate, of which the first 5 score 0.2; each
/// is compared with the 3 who follow by day (0.1, but 0.6 for the first 12 with the next one), and with the one after
/// by an unknown light.
fn scores_by_light(studio: &Studio) {
    let mut csv = "same,score,id_a,id_b,light\n".to_owned();
    for person in 0..20 {
        let gate = if person < 5 { 0.2 } else { 0.8 };
        csv += &format!("1,0.9,p{person},p{person},day\n1,{gate},p{person},p{person},{MARKUP}\n");
        for step in 1..=3 {
            let score = if step == 1 && person < 12 { 0.6 } else { 0.1 };
            csv += &format!("0,{score},p{person},p{},day\n", (person + step) % 20);
        }
        csv += &format!("0,0,p{person},p{},\n", (person + 4) % 20);
    }
    studio.write("light.csv", csv.as_bytes());
}

#[track_caller]
fn near(value: &Value, expected: f64) {
    let found = value.as_f64().unwrap_or_else(|| panic!("{value} is no number"));
    assert!((found - expected).abs() < 1e-9, "{found}, not {expected}");
}

#[test]
fn each_label_is_measured_at_one_threshold() {
    let studio = Studio::new();
    scores_by_light(&studio);
    let command = ["eval", "scores", "light.csv", "--cohorts-at", "0.5", "--resamples", "100"];
    let summary = studio.json(&command).ended(0).summary();
    let cohorts = &summary["cohorts"];
    assert_eq!((&cohorts["threshold"], &cohorts["threshold_of_fmr"]), (&json!(0.5), &Value::Null));
    assert_eq!(summary["no_cohorts"], Value::Null);
    near(&cohorts["all"]["fnmr"], 5.0 / 40.0);
    near(&cohorts["all"]["fmr"], 12.0 / 80.0);

    let light = &cohorts["labels"][0];
    assert_eq!((&light["label"], &light["pairs_without_label"]), (&json!("light"), &json!(20)));
    let [gate, day] = [0, 1].map(|number| &light["cohorts"][number]);
    assert_eq!((&gate["cohort"], &day["cohort"]), (&json!(MARKUP), &json!("day")));
    assert_eq!(
        (&gate["genuine"], &gate["false_non_matches"], &gate["impostor"]),
        (&json!(20), &json!(5), &json!(0))
    );
    near(&gate["fnmr"], 0.25);
    near(&day["fnmr"], 0.0);
    near(&day["fmr"], 12.0 / 60.0);
    for (rate, interval) in [("fnmr", &gate["fnmr_interval"]), ("fmr", &day["fmr_interval"])] {
        let [low, high] = [0, 1].map(|end| interval[end].as_f64().unwrap());
        assert!(low > 0.05 && low < 0.2 && high > 0.25 && high < 0.6, "{rate}: {interval}");
    }
    // Of no pairs there is no rate: ten of 67 are expected at the rate of all, 12 of 80.
    assert_eq!(
        (&gate["fmr"], &gate["no_fmr"]),
        (&Value::Null, &json!("no FMR is reported: needs 67 impostor pairs"))
    );

    let words = studio.omote(&command).ended(0).stdout;
    for part in [
        "cohorts, all at the threshold 0.500, as given",
        "light: day",
        "needs 67 impostor pairs",
        "light: 20 pairs have none and are in no cohort",
        "of 3 such intervals about 0.1 miss the truth by chance",
    ] {
        assert!(words.contains(part), "`{part}` is not in: {words}");
    }
}

#[test]
fn labels_are_shown_on_the_page_as_text() {
    let studio = Studio::new();
    scores_by_light(&studio);
    let command =
        ["eval", "scores", "light.csv", "--fmr", "0.15,1e-3", "--resamples", "100", "--report", "page.html"];
    let cohorts = studio.json(&command).ended(0).summary()["cohorts"].clone();
    near(&cohorts["threshold_of_fmr"], 0.15);
    let page = fs::read_to_string(studio.path("page.html")).unwrap();
    assert!(!page.contains("<script"), "a label is no program");
    assert!(page.contains("&lt;script&gt;gate&lt;/script&gt;"));
    for part in [
        "FNMR by light",
        "FMR by light",
        "By light",
        "that of FMR 0.15 on all pairs",
        "miss the truth by chance",
    ] {
        assert!(page.contains(part), "`{part}` is not on the page");
    }
    assert!(page.contains("20 pairs have no such label and are in no cohort."));
}

#[test]
fn without_a_threshold_the_reason_is_given() {
    let studio = Studio::new();
    scores_by_light(&studio);
    let command =
        ["eval", "scores", "light.csv", "--fmr", "1e-3", "--resamples", "100", "--report", "page.html"];
    let summary = studio.json(&command).ended(0).summary();
    assert_eq!(summary["cohorts"], Value::Null);
    assert!(summary["no_cohorts"].as_str().unwrap().contains("--cohorts-at"), "{summary}");
    assert!(studio.omote(&command).ended(0).stdout.contains("no cohorts: all pairs together support no"));
    let page = fs::read_to_string(studio.path("page.html")).unwrap();
    assert!(page.contains("There are no cohorts: all pairs together support no"));

    studio.write("plain.csv", b"same,score\n1,0.9\n0,0.1\n1,0.8\n0,0.2\n");
    studio
        .omote(&["eval", "scores", "plain.csv", "--cohorts-at", "0.5"])
        .failed_with(&["plain.csv has no labels"]);
    studio.omote(&["eval", "scores", "light.csv", "--cohorts-at", "high"]).failed_with(&["such as 0.4"]);
    let plain = studio.json(&["eval", "scores", "plain.csv", "--resamples", "100"]).ended(0).summary();
    assert_eq!((&plain["cohorts"], &plain["no_cohorts"]), (&Value::Null, &Value::Null));
}

/// Ten people with a passport and a photo at the gate, half of which show nobody.
fn passports() -> Studio {
    let studio = Studio::new();
    let mut csv = "a,b,id_a,id_b,camera_a,camera_b\n".to_owned();
    for person in 0..10 {
        studio.portrait(format!("set/p{person}.png"), person);
        let gate = match person {
            0..5 => Scene::new(160, 160),
            _ => Scene::new(240, 240).face(person, 60, 50, 110),
        };
        studio.photo(format!("set/g{person}.png"), &gate);
        studio.photo(format!("set/q{person}.png"), &Scene::new(220, 220).face(person, 40, 50, 110));
        let next = (person + 1) % 10;
        csv += &format!("p{person}.png,g{person}.png,{person},{person},passport,gate\n");
        csv += &format!("q{person}.png,p{person}.png,{person},{person},passport,passport\n");
        csv += &format!("g{person}.png,p{next}.png,{person},{next},gate,passport\n");
        csv += &format!("p{person}.png,p{next}.png,{person},{next},passport,passport\n");
    }
    studio.write("set/pairs.csv", csv.as_bytes());
    studio
}

#[test]
fn pairs_of_photos_are_measured_by_their_cameras() {
    let studio = passports();
    let command = ["eval", "pairs", "set/pairs.csv", "--cohorts-at", THRESHOLD, "--resamples", "100"];
    studio.other_embedder();
    let both = ["--embedder", "painted-embedder", "--compare", "painted-other", "--report", "page.html"];
    let summary = studio.json(&[&command[..], &both].concat()).ended(0).summary();
    let labels = summary["cohorts"]["labels"].as_array().unwrap();
    assert_eq!(labels[0]["label"], "camera");
    let [mixed, passports] = [0, 1].map(|number| &labels[0]["cohorts"][number]);
    assert_eq!(
        (&mixed["cohort"], &passports["cohort"]),
        (&json!("gate + passport"), &json!("passport + passport"))
    );
    // A photo without a face is not recognised.
    near(&mixed["fnmr"], 0.5);
    near(&passports["fnmr"], 0.0);
    assert_eq!((&mixed["impostor"], &mixed["false_matches"]), (&json!(10), &json!(0)));
    let page = fs::read_to_string(studio.path("page.html")).unwrap();
    for part in [
        "FNMR by camera",
        "By camera, painted-embedder",
        "By camera, painted-other",
        "0.500, as given (painted-other)",
    ] {
        assert!(page.contains(part), "`{part}` is not on the page");
    }
    let others = summary["comparison"]["cohorts"]["labels"].as_array().unwrap();
    assert_eq!(others[0]["cohorts"][0]["genuine"], mixed["genuine"]);

    let csv = fs::read_to_string(studio.path("set/pairs.csv")).unwrap();
    studio.write("set/pairs.csv", csv.replacen("passport,gate", "door,gate", 1).as_bytes());
    studio.omote(&command).failed_with(&["pairs.csv, line 3", "\"camera\" of a photo is"]);
}
