//! `omote scorer`, and `omote eval` with other scores than the cosine.

use std::fs;

use fixtures::photo::Scene;
use serde_json::{Value, json};

use crate::support::Studio;

/// An aligned crop, more or less well aligned so that scores vary.
fn crop(person: u32, photo: u32) -> Scene {
    let off = (person * 7 + photo * 11) % 12;
    Scene::new(56, 56).face(person, off, (off * 5) % 10, 56 - 2 * off)
}

/// `people` people from number `first` on, `photos` aligned crops of each, in a folder each.
fn people(studio: &Studio, folder: &str, first: u32, people: u32, photos: u32) {
    for person in first..first + people {
        for photo in 0..photos {
            studio.photo(format!("{folder}/{person}/{photo}.png"), &crop(person, photo));
        }
    }
}

/// 24 people of two crops each, every person compared with himself and with the next.
fn pairs(studio: &Studio, with_people: bool) {
    pairs_of(studio, 24, with_people);
}

fn pairs_of(studio: &Studio, count: u32, with_people: bool) {
    people(studio, "test", 1000, count, 2);
    let mut csv = if with_people { "a,id_a,b,id_b\n" } else { "a,b,same\n" }.to_owned();
    for n in 0..count {
        let (a, b) = (1000 + n, 1000 + (n + 1) % count);
        csv += &match with_people {
            true => format!("{a}/0.png,{a},{a}/1.png,{a}\n{a}/0.png,{a},{b}/1.png,{b}\n"),
            false => format!("{a}/0.png,{a}/1.png,1\n{a}/0.png,{b}/1.png,0\n"),
        };
    }
    studio.write("test/pairs.csv", csv.as_bytes());
}

const EVAL: [&str; 9] =
    ["eval", "pairs", "test/pairs.csv", "--aligned", "--fmr", "0.1", "--resamples", "40", "--seed=3"];

#[test]
fn every_scorer_is_trained_kept_and_shown() {
    let studio = Studio::new();
    people(&studio, "strangers", 0, 20, 3);
    let listed = studio.json(&["scorer", "list"]).ended(0).all("scorer");
    assert_eq!((listed.len(), &listed[0]["name"]), (14, &json!("cosine")));
    let words = studio.omote(&["scorer", "list"]).ended(0);
    assert!(words.stdout.contains("as-norm") && words.stdout.contains("LEARNS FROM"), "{words:?}");
    for scorer in ["wccn", "as-norm", "plda", "template-adaptation"] {
        let file = format!("{scorer}.scorer");
        let run =
            studio.json(&["scorer", "train", scorer, "strangers", "--aligned", "--out", &file]).ended(0);
        let summary = run.summary();
        assert_eq!((&summary["people"], &summary["faces"]), (&json!(20), &json!(60)));
        let shown = studio.json(&["scorer", "show", &file]).ended(0).one("scorer");
        assert_eq!(shown["name"], scorer);
        assert_eq!(shown["embedder"], summary["ran"]["embedder"]["fingerprint"]);
    }
    let words = studio.omote(&["scorer", "show", "as-norm.scorer"]).ended(0);
    assert!(words.stdout.contains("cohort") && words.stdout.contains("60"), "{words:?}");
    assert!(
        fs::read_dir(studio.path(""))
            .unwrap()
            .all(|entry| { !entry.unwrap().file_name().to_string_lossy().ends_with(".partial") })
    );
}

#[test]
fn what_cannot_be_learned_is_said_and_nothing_is_written() {
    let studio = Studio::new();
    people(&studio, "single", 0, 5, 1);
    let train = |scorer: &str, photos: &str, output: &str| {
        studio.omote(&["scorer", "train", scorer, photos, "--aligned", "--out", output])
    };
    train("magic", "single", "a.scorer").failed_with(&["no such scorer", "joint-bayesian"]);
    train("wccn", "single", "a.scorer").failed_with(&["one vector", "add photos"]);
    train("wccn", "nowhere", "a.scorer").failed_with(&["nowhere"]);
    train("centre", "single", "no/such/a.scorer").failed_with(&["--out", "there is no folder no/such"]);
    train("centre", "single", "single").failed_with(&["single (--out)", "it is a folder"]);
    assert!(!studio.path("a.scorer").exists());
    train("z-norm", "single", "a.scorer").failed_with(&[
        "z-norm cannot be learned",
        "5 people",
        "it takes 10",
    ]);
    assert!(!studio.path("a.scorer").exists());
    studio.write("a.scorer", b"omoteSC1 and what an earlier version wrote");
    studio.omote(&["scorer", "show", "a.scorer"]).failed_with(&[
        "a.scorer",
        "earlier version",
        "--flip",
        "omote scorer train",
    ]);
    studio.write("a.scorer", b"not a scorer");
    studio.omote(&["scorer", "show", "a.scorer"]).failed_with(&["a.scorer", "not a scorer"]);
    studio.omote(&["scorer", "show", "b.scorer"]).failed_with(&["b.scorer"]);
}

#[test]
fn a_weak_estimate_is_said() {
    let studio = Studio::new();
    people(&studio, "strangers", 0, 20, 2);
    let train = ["scorer", "train", "z-norm", "strangers", "--aligned", "--out", "a.scorer"];
    let run = studio.json(&train).ended(0);
    let weak = "of 20 people the spread of scores is known to 16 % only; it takes 200";
    assert_eq!(run.summary()["weak"], json!([weak]));
    assert!(run.stderr.contains(&format!("z-norm is a weak estimate: {weak}")), "{run:?}");

    pairs(&studio, false);
    let run =
        studio.omote(&[&EVAL[..], &["--scorers", "z-norm,t-norm,wccn", "--train", "strangers"]].concat());
    let run = run.ended(0);
    // One half teaches; scorers that want the same are named together.
    assert!(run.stderr.contains("a weak estimate of z-norm, t-norm: of 10 people"), "{run:?}");
    assert!(
        run.stderr.contains("a weak estimate of wccn: 10 photos beyond the first of each person"),
        "{run:?}"
    );
}

#[test]
fn a_scorer_is_for_vectors_made_as_those_it_learned_from() {
    let studio = Studio::new();
    pairs(&studio, false);
    people(&studio, "strangers", 0, 20, 3);
    let train = ["scorer", "train", "wccn", "strangers", "--aligned", "--out"];
    studio.omote(&[&train[..], &["plain.scorer"]].concat()).ended(0);
    studio.omote(&[&train[..], &["flip.scorer", "--flip"]].concat()).ended(0);
    let shown = studio.json(&["scorer", "show", "flip.scorer"]).ended(0).one("scorer");
    assert_eq!((&shown["flip"], &shown["people"]), (&json!(true), &json!(20)));
    let verify = ["verify", "test/1000/0.png", "test/1000/1.png", "--aligned"];
    let calibrate = ["calibrate", "strangers", "--aligned"];
    for command in [&EVAL[..], &verify[..], &calibrate[..]] {
        let with = |more: &[&str]| studio.omote(&[command, more].concat());
        let wrong = with(&["--scorer", "plain.scorer", "--flip"]);
        wrong.failed_with(&["plain.scorer", "without --flip", "leave --flip out"]);
        let wrong = with(&["--scorer", "flip.scorer"]);
        wrong.failed_with(&["flip.scorer", "with --flip", "give --flip"]);
    }
    studio.omote(&[&EVAL[..], &["--scorer", "flip.scorer", "--flip"]].concat()).ended(0);
}

#[test]
fn people_who_taught_a_scorer_are_found_in_a_test() {
    let studio = Studio::new();
    pairs(&studio, true);
    people(&studio, "strangers", 1020, 30, 2);
    studio.omote(&["scorer", "train", "wccn", "strangers", "--aligned", "--out", "own.scorer"]).ended(0);
    let eval = [&EVAL[..], &["--scorer", "own.scorer"]].concat();
    let words = "4 of the 24 people of the test have the name of one whom own.scorer (wccn) was learned from";
    let run = studio.omote(&eval).ended(0);
    assert!(run.stderr.contains(words) && run.stdout.contains(words), "{run:?}");
    let record = studio.json(&eval).ended(0).summary()["scorers"]["files"][0].clone();
    assert_eq!((&record["people"], &record["people_also_in_test"]), (&json!(30), &json!(4)));

    let run =
        studio.omote(&["calibrate", "test", "--aligned", "--fmr", "0.1", "--scorer", "own.scorer"]).ended(0);
    assert!(
        run.stderr.contains("4 of these people have the name of one whom own.scorer was learned"),
        "{run:?}"
    );

    people(&studio, "others", 0, 20, 2);
    studio.omote(&["scorer", "train", "wccn", "others", "--aligned", "--out", "own.scorer"]).ended(0);
    let run = studio.omote(&eval).ended(0);
    assert!(!run.stderr.contains("people of the test"), "{run:?}");
    assert!(run.stdout.contains("none of the 24 people of the test has the name"), "{run:?}");
    // Where nobody knows who is in the test, that is said.
    pairs(&studio, false);
    let run = studio.json(&eval).ended(0);
    assert_eq!(run.summary()["scorers"]["files"][0]["people_also_in_test"], Value::Null);
    assert!(studio.omote(&eval).ended(0).stdout.contains("the people of the test have no names"));
}

#[test]
fn without_scorers_nothing_is_learned() {
    let studio = Studio::new();
    pairs(&studio, true);
    people(&studio, "train", 0, 40, 2);
    let eval = [&EVAL[..], &["--train", "train"]].concat();
    let run = studio.omote(&eval).ended(0);
    assert!(!run.stdout.contains("Learned from"), "{run:?}");
    assert!(run.stdout.contains("Nothing was learned: no --scorers were named. 20 of 40 people"), "{run:?}");
    let table = studio.json(&eval).ended(0).summary()["scorers"].clone();
    assert_eq!((&table["people_teaching"], &table["people_setting_thresholds"]), (&Value::Null, &json!(20)));
}

/// The table, its first row checked to be the cosine's and the others to be in order.
#[track_caller]
fn rows(summary: &Value) -> Vec<Value> {
    let rows = summary["scorers"]["rows"].as_array().unwrap().clone();
    assert_eq!(rows[0]["scorer"], "cosine");
    let fnmr = |row: &Value| row["fnmr_at_fmr"][0]["fnmr"].as_f64().unwrap();
    assert!(rows[1..].is_sorted_by(|a, b| fnmr(a) <= fnmr(b)), "{rows:?}");
    rows
}

#[test]
fn all_scorers_stand_in_one_table_with_their_differences() {
    let studio = Studio::new();
    pairs(&studio, true);
    people(&studio, "train", 0, 40, 2);
    let command = [&EVAL[..], &["--scorers", "all", "--train", "train", "--report", "page.html"]].concat();
    let run = studio.json(&command).ended(0);
    let summary = run.summary();
    let table = &summary["scorers"];
    assert_eq!(table["fnmr_over"], "all pairs of the photos");
    assert_eq!((&table["genuine"], &table["impostor"]), (&json!(24), &json!(48 * 47 / 2 - 24)));
    assert_eq!((&table["people_teaching"], &table["people_setting_thresholds"]), (&json!(20), &json!(20)));
    let rows = rows(&summary);
    let mut names: Vec<&str> = rows.iter().map(|row| row["scorer"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 15);
    assert!(names.contains(&"fusion") && names.contains(&"template-adaptation"));
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 15, "each once");

    // The cosine is the one that is measured without scorers, too.
    assert_eq!(rows[0]["accuracy"], summary["accuracy"]);
    assert_eq!((&rows[0]["eer"], &rows[0]["auc"]), (&summary["eer"], &summary["auc"]));
    assert!(rows[0]["fnmr_at_fmr"][0]["difference"].is_null());
    for row in &rows[1..] {
        let point = &row["fnmr_at_fmr"][0];
        let number = |name: &str| point[name].as_f64().unwrap();
        let cosine = rows[0]["fnmr_at_fmr"][0]["fnmr"].as_f64().unwrap();
        assert!((number("difference") - (number("fnmr") - cosine)).abs() < 1e-12, "{row}");
        let ends = [0, 1].map(|end| point["difference_interval"][end].as_f64().unwrap());
        assert!(ends[0] <= ends[1] && point["p_value"].is_number(), "{row}");
    }
    // The same numbers in one thread, and whatever else is in the table.
    let few = [&EVAL[..], &["--scorers", "wccn,plda", "--train", "train", "--threads", "1"]].concat();
    let few = studio.json(&few).ended(0).summary();
    for row in few["scorers"]["rows"].as_array().unwrap() {
        let name = &row["scorer"];
        let same = rows.iter().find(|other| other["scorer"] == *name).unwrap();
        let fields = ["accuracy", "auc", "eer", "fnmr_at_fmr", "shift"];
        assert!(name == "fusion" || fields.iter().all(|field| row[field] == same[field]), "{row} {same}");
    }
    let page = fs::read_to_string(studio.path("page.html")).unwrap();
    assert!(page.contains("Scorers, with 95 % intervals") && page.contains("joint-bayesian"));
    assert!(page.contains("Thresholds set at FMR 0.001 on other people"));
}

#[test]
fn thresholds_are_set_on_other_people_and_tried_here() {
    let studio = Studio::new();
    // 72 people of two photos each make 10,224 pairs of different people, enough for 1 in 1,000.
    people(&studio, "train", 0, 144, 2);
    let command = [&EVAL[..], &["--scorers", "wccn", "--train", "train"]].concat();
    // 24 people make 1,104, of whom no such rate can be told.
    pairs(&studio, true);
    for row in rows(&studio.json(&command).ended(0).summary()) {
        let reason = row["shift"]["unsupported"].as_str().unwrap();
        assert!(reason.contains("set on --train") && reason.contains("at least 10 are needed"), "{reason}");
    }
    pairs_of(&studio, 110, true);
    for row in rows(&studio.json(&command).ended(0).summary()) {
        let shift = &row["shift"];
        let ends = [0, 1].map(|end| shift["fmr_interval"][end].as_f64().unwrap());
        let fmr = shift["fmr"].as_f64().unwrap();
        assert!(ends[0] <= fmr && fmr <= ends[1] && fmr < 0.1, "{row}");
        assert!(shift["threshold"].is_number() && shift["fnmr_there"].is_number(), "{row}");
    }
}

#[test]
fn scorers_from_files_are_measured_without_a_training_set() {
    let studio = Studio::new();
    pairs(&studio, false);
    people(&studio, "strangers", 0, 20, 3);
    studio.omote(&["scorer", "train", "wccn", "strangers", "--aligned", "--out", "own.scorer"]).ended(0);
    let run = studio.json(&[&EVAL[..], &["--scorer", "own.scorer"]].concat()).ended(0);
    let summary = run.summary();
    let table = &summary["scorers"];
    // Nobody knows who is in these photos.
    assert_eq!((&table["fnmr_over"], &table["impostor"]), (&json!("the protocol's pairs"), &json!(24)));
    let names: Vec<&Value> = table["rows"].as_array().unwrap().iter().map(|row| &row["scorer"]).collect();
    assert_eq!(names, ["cosine", "own.scorer (wccn)"]);
    assert!(table["rows"][1]["shift"].is_null());
    assert!(table["rows"][1]["fnmr_at_fmr"][0]["unsupported"].as_str().unwrap().contains("FMR 0.1"));
    let words = studio.omote(&[&EVAL[..], &["--scorer", "own.scorer"]].concat()).ended(0);
    assert!(
        words.stdout.contains("own.scorer (wccn)") && words.stdout.contains("Best first by EER"),
        "{words:?}"
    );

    studio.other_embedder();
    let other = [&EVAL[..], &["--scorer", "own.scorer", "--embedder", "painted-other"]].concat();
    studio.omote(&other).failed_with(&["own.scorer", "another embedder", "train it again"]);
    studio.omote(&[&EVAL[..], &["--scorer", "no.scorer"]].concat()).failed_with(&["no.scorer"]);
    studio.omote(&[&EVAL[..], &["--scorers", "wccn"]].concat()).failed_with(&["--train"]);
    studio
        .omote(&[&EVAL[..], &["--scorers", "magic", "--train", "strangers"]].concat())
        .failed_with(&["magic", "no such scorer"]);
    studio.omote(&[&EVAL[..], &["--scorers", "wccn", "--train", "nowhere"]].concat()).failed_with(&[
        "nowhere",
        "no such folder",
        "--train",
    ]);
    people(&studio, "couple", 0, 2, 2);
    studio
        .omote(&[&EVAL[..], &["--scorers", "wccn", "--train", "couple"]].concat())
        .failed_with(&["couple", "2 people", "too few", "--train"]);
}

#[test]
fn people_in_both_sets_are_named() {
    let studio = Studio::new();
    pairs(&studio, true);
    people(&studio, "train", 1020, 30, 2);
    let run = studio.omote(&[&EVAL[..], &["--scorers", "centre", "--train", "train"]].concat()).ended(0);
    assert!(run.stderr.contains("4 people of train may be in the test as well, 1020"), "{run:?}");
    // 15 people with two photos each set no threshold for one false match in a thousand.
    assert!(run.stdout.contains("the people of --train set no threshold"), "{run:?}");
}

#[test]
fn two_embedders_are_fused() {
    let studio = Studio::new();
    studio.other_embedder();
    pairs(&studio, true);
    people(&studio, "train", 0, 30, 2);
    let models = ["--embedder", "painted-embedder", "--compare", "painted-other", "--train", "train"];
    let run = studio.json(&[&EVAL[..], &models].concat()).ended(0);
    let summary = run.summary();
    let rows = rows(&summary);
    let mut names: Vec<&str> = rows.iter().map(|row| row["scorer"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["cosine", "cosine of painted-other", "fusion"]);
    let fnmr = |name: &str| {
        let row = rows.iter().find(|row| row["scorer"] == name).unwrap();
        row["fnmr_at_fmr"][0]["fnmr"].as_f64().unwrap()
    };
    // The second embedder is that of the comparison.
    let compared = &summary["comparison"]["all_pairs"]["fnmr_at_fmr"][0]["fnmr"];
    assert_eq!(fnmr("cosine of painted-other"), compared.as_f64().unwrap());
    assert!(fnmr("fusion") <= fnmr("cosine").max(fnmr("cosine of painted-other")), "{rows:?}");
}

#[test]
fn verify_goes_by_a_scorer_and_its_calibration() {
    let studio = Studio::new();
    people(&studio, "strangers", 0, 20, 3);
    people(&studio, "staff", 500, 30, 3);
    for scorer in ["plda", "wccn"] {
        let file = format!("{scorer}.scorer");
        studio.omote(&["scorer", "train", scorer, "strangers", "--aligned", "--out", &file]).ended(0);
    }
    let verify = |more: &[&str]| {
        let command = ["verify", "staff/500/0.png", "staff/500/2.png", "--aligned", "--fmr", "0.05"];
        studio.json(&[&command[..], more].concat())
    };
    let error = verify(&["--scorer", "plda.scorer"]).ended(2).error();
    assert!(error.contains("omote calibrate PHOTOS --scorer plda.scorer"), "{error}");
    let calibrate = ["calibrate", "staff", "--aligned", "--fmr", "0.05", "--scorer", "plda.scorer"];
    let rates = studio.json(&calibrate).ended(0).summary()["rates"].clone();
    assert_eq!(rates.as_array().unwrap().len(), 1, "it knows nothing of searches");

    let run = verify(&["--scorer", "plda.scorer"]);
    let pair = run.one("pair");
    let threshold = &pair["threshold"];
    assert_eq!((&threshold["scorer"], &threshold["cosine"]), (&json!("plda"), &Value::Null));
    assert_eq!(threshold["score"], rates[0]["threshold"]);
    let is_match = pair["score"].as_f64().unwrap() >= threshold["score"].as_f64().unwrap();
    assert_eq!((&pair["same"], run.code), (&json!(is_match), i32::from(!is_match)));
    let words = studio.omote(&[
        "verify",
        "staff/500/0.png",
        "staff/511/0.png",
        "--aligned",
        "--scorer",
        "plda.scorer",
        "--fmr",
        "0.05",
    ]);
    assert!(words.ended(1).stdout.starts_with("different people: plda "));

    // A calibration is that of one scorer, and not of the cosine.
    let named = ["--calibration", "plda.scorer.toml"];
    let error = verify(&[&named[..], &["--scorer", "wccn.scorer"]].concat()).ended(2).error();
    assert!(error.contains("plda.scorer.toml is not the calibration of wccn.scorer"), "{error}");
    let error = verify(&named).ended(2).error();
    assert!(error.contains("plda.scorer.toml is the calibration of the scorer plda"), "{error}");
    fs::create_dir_all(studio.path("models/calibrations")).unwrap();
    fs::rename(studio.path("plda.scorer.toml"), studio.path("models/calibrations/plda.toml")).unwrap();
    let error = verify(&[]).ended(2).error();
    assert!(error.contains("nobody has measured what scores of painted-embedder"), "{error}");
}
