//! `omote group --method` and `omote eval clusters`: all methods of grouping.

use std::ops::Range;

use fixtures::photo::{Background, Scene};
use serde_json::{Value, json};

use crate::support::{Studio, THRESHOLD};

/// Painted people with so many photos each, in a folder each.
fn album(studio: &Studio, folder: &str, people: Range<u32>, photos: u32) {
    for person in people {
        for photo in 0..photos {
            let noise = Background::Noise { seed: u64::from(person * 3 + photo), amplitude: 40 };
            let scene = Scene::new(150, 150).background(noise).face(person, 25, 25 + 5 * photo, 90);
            studio.photo(format!("{folder}/{person}/{photo}.jpg"), &scene);
        }
    }
}

#[test]
fn every_method_finds_who_belongs_together() {
    let studio = Studio::new();
    album(&studio, "album", 0..4, 2);
    for method in [
        &["chinese-whispers", "--threshold", THRESHOLD, "--seed", "3"][..],
        &["connected-components", "--threshold", THRESHOLD, "--neighbours", "3"],
        &["density-peaks", "--threshold", THRESHOLD, "--near", "0.6"],
        &["dbscan", "--threshold", THRESHOLD, "--min-samples", "2"],
        &["hdbscan", "--min-group", "2", "--min-samples", "2"],
        &["average-linkage", "--threshold", THRESHOLD],
        &["rank-order", "--neighbours", "1", "--rank-distance", "0.5"],
        &["k-means", "--people", "4", "--seed", "1"],
    ] {
        let command = [&["group", "album", "--truth", "folders", "--method"], method].concat();
        let summary = studio.json(&command).ended(0).summary();
        assert_eq!(summary["people"], 4, "{summary}");
        assert_eq!(summary["agreement"]["pairwise"]["f"], 1.0, "{summary}");
        assert_eq!(summary["method"], method[0]);
        for flag in method[1..].chunks_exact(2) {
            let told = &summary["parameters"][flag[0].trim_start_matches("--").replace('-', "_")];
            assert!(
                (told.as_f64().unwrap() - flag[1].parse::<f64>().unwrap()).abs() < 1e-9,
                "{flag:?}: {told}"
            );
        }
    }
}

#[test]
fn a_flag_that_says_nothing_to_the_method_is_refused() {
    let studio = Studio::new();
    let refused = |flags: &[&str], words: &[&str]| {
        // There is no such photo, and nobody gets as far as to miss it.
        studio.omote(&[&["group", "none.jpg"], flags].concat()).failed_with(words);
    };
    refused(
        &["--near", "0.5"],
        &["--near says nothing to chinese-whispers", "--threshold, --neighbours, --seed"],
    );
    refused(
        &["--method", "hdbscan", "--threshold", "0.5"],
        &["--threshold", "hdbscan", "--min-samples, --min-group"],
    );
    refused(
        &["--method", "average-linkage", "--neighbours", "9"],
        &["--neighbours", "which takes --threshold"],
    );
    refused(&["--people", "4"], &["--people says nothing to chinese-whispers"]);
    refused(&["--method", "k-means"], &["how many people", "--people"]);
    refused(&["--method", "dbscan", "--same-photo-apart"], &["dbscan cannot keep", "average-linkage"]);
    let few = ["--method", "dbscan", "--threshold", THRESHOLD, "--min-samples", "9", "--neighbours", "3"];
    refused(&few, &["--min-samples 9", "--neighbours 3", "at least 8"]);
    refused(&["--method", "spectral"], &["'spectral'", "chinese-whispers", "k-means"]);
    refused(&["--method", "rank-order", "--rank-distance", "-1"], &["--rank-distance"]);
    refused(&["--method", "dbscan"], &["no threshold", "dbscan", "--threshold", "omote eval clusters"]);
}

#[test]
fn more_people_than_faces_are_not_found() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    let words = studio.omote(&["group", "ada.jpg", "--method", "k-means", "--people", "1"]).ended(0);
    assert!(words.stdout.contains("1 face of 1 person by k-means: people 1"), "{words:?}");
    let run = studio.json(&["group", "ada.jpg", "--method", "k-means", "--people", "2"]).ended(2);
    assert!(run.error().contains("number of people is 2") && run.error().contains("1..=1"), "{run:?}");
}

#[test]
fn two_faces_of_one_photo_can_be_kept_apart() {
    let studio = Studio::new();
    studio.photo("twins.png", &Scene::new(400, 200).face(1, 50, 50, 100).face(1, 250, 50, 100));
    studio.portrait("one.jpg", 1);
    for method in ["chinese-whispers", "average-linkage"] {
        let group = ["group", "twins.png", "one.jpg", "--threshold", THRESHOLD, "--method", method];
        let summary = studio.json(&group).ended(0).summary();
        assert_eq!((&summary["faces"], &summary["people"]), (&json!(3), &json!(1)), "{method}");
        let run = studio.json(&[&group[..], &["--same-photo-apart"]].concat()).ended(0);
        assert_eq!((&run.summary()["people"], &run.summary()["same_photo_apart"]), (&json!(2), &json!(true)));
        let of_twins = |group: &Value| {
            let faces = group["faces"].as_array().unwrap();
            faces.iter().filter(|face| face["path"]["text"] == "twins.png").count()
        };
        assert!(run.all("group").iter().all(|group| of_twins(group) == 1), "{run:?}");
    }
}

#[test]
fn the_truth_may_be_a_list() {
    let studio = Studio::new();
    for (photo, person) in [("a.jpg", 1), ("b.jpg", 1), ("c.jpg", 2)] {
        studio.portrait(format!("mixed/{photo}"), person);
    }
    studio.write("people.txt", b"a.jpg Ada\nb.jpg Ada\nc.jpg Bob\n");
    let group = ["group", "mixed", "--threshold", THRESHOLD, "--truth", "people.txt"];
    let agreement = &studio.json(&group).ended(0).summary()["agreement"];
    assert_eq!((&agreement["people"], &agreement["pairwise"]["f"]), (&json!(2), &json!(1.0)));
    studio.write("people.txt", b"a.jpg Ada\nc.jpg Bob\n");
    studio.omote(&group).failed_with(&["b.jpg", "people.txt does not say who"]);
    studio.omote(&["group", "mixed", "--truth", "nobody.txt"]).failed_with(&["nobody.txt", "folders"]);
}

#[test]
fn parameters_are_chosen_on_other_people() {
    let studio = Studio::new();
    album(&studio, "here", 0..4, 2);
    album(&studio, "there", 5..10, 2);
    let command = ["eval", "clusters", "here", "--choose", "there", "--resamples", "40"];
    let run = studio.json(&command).ended(0);
    let methods = run.all("method");
    assert_eq!(methods.len(), 8);
    for method in &methods {
        let (chosen, measured) = (&method["chosen"], &method["measured"]);
        for rate in [&chosen["score"], &measured["score"], &measured["bcubed"]["f"], &measured["nmi"]] {
            assert!((0.0..=1.0).contains(&rate.as_f64().unwrap()), "{method}");
        }
        assert!(measured["pairwise"]["interval"].is_null(), "four people: {method}");
        assert!(measured["seconds"].as_f64().unwrap() >= 0.0);
    }
    let of = |name: &str| methods.iter().find(|method| method["method"] == name).unwrap();
    let whispers = of("chinese-whispers");
    assert_eq!(
        (&whispers["chosen"]["score"], &whispers["measured"]["pairwise"]["f"]),
        (&json!(1.0), &json!(1.0))
    );
    assert_eq!(whispers["measured"]["groups"], 4);
    // Of equally good settings the first is taken, above the cosines of strangers and below those of friends.
    let threshold = whispers["chosen"]["parameters"]["threshold"].as_f64().unwrap();
    assert!((0.2..0.8).contains(&threshold), "{whispers}");
    assert_eq!(
        of("k-means")["measured"]["parameters"][0]["people"],
        4,
        "it is told how many people there are"
    );
    let summary = run.summary();
    assert_eq!((&summary["faces"], &summary["choose"]["people"]), (&json!(8), &json!(5)));
    assert_eq!(summary["winner"], "chinese-whispers");

    for person in 20..26 {
        studio.portrait(format!("street/{person}.jpg"), person);
    }
    let flags = ["--methods", "dbscan,average-linkage", "--strangers", "street"];
    let words = studio.omote(&[&command[..], &flags].concat()).ended(0);
    for text in [
        "there: 10 faces of 5 people\nchosen here by the score",
        "many and few photos a person, and once among strangers",
        "best score of those for any number of faces and people: dbscan",
        "here: 8 faces of 4 people\nparameters as chosen above",
        "only 4 people",
    ] {
        assert!(words.stdout.contains(text), "{text}: {words:?}");
    }
    assert!(!words.stdout.contains("k-means"), "{words:?}");
    studio.photo("sky/sky.jpg", &Scene::new(100, 100));
    let flags = ["--methods", "chinese-whispers", "--strangers", "sky"];
    studio.omote(&[&command[..], &flags].concat()).failed_with(&["sky shows no face", "--strangers"]);
}

#[test]
fn without_others_one_half_is_for_the_other() {
    let studio = Studio::new();
    album(&studio, "people", 0..20, 2);
    let command =
        ["eval", "clusters", "people", "--methods", "chinese-whispers,hdbscan", "--resamples", "60"];
    let run = studio.json(&command).ended(0);
    let whispers = &run.all("method")[0]["measured"];
    assert_eq!(whispers["parameters"].as_array().unwrap().len(), 2, "one for each half");
    assert_eq!((&whispers["pairwise"]["f"], &whispers["groups"]), (&json!(1.0), &json!(20)));
    assert_eq!(whispers["pairwise"]["interval"], json!([1.0, 1.0]));
    assert_eq!(run.summary()["parameters"], "chosen on the other half of the people");
    assert_eq!(
        studio.json(&command).all("method")[0]["measured"]["score"],
        whispers["score"],
        "one seed, one answer"
    );
}

#[test]
fn methods_are_measured_as_they_are_used() {
    let studio = Studio::new();
    album(&studio, "people", 0..3, 2);
    let run = studio.json(&["eval", "clusters", "people", "--defaults"]).ended(0);
    let methods = run.all("method");
    let of = |name: &str| methods.iter().find(|method| method["method"] == name).unwrap();
    // Nothing has been measured for the painted embedder, and methods without a threshold need nothing.
    assert!(of("dbscan")["error"].as_str().unwrap().contains("no threshold"), "{methods:?}");
    assert!(of("k-means")["measured"]["pairwise"]["f"].is_number(), "{methods:?}");
    let words = studio.omote(&["eval", "clusters", "people", "--defaults"]).ended(0);
    assert!(words.stdout.contains("parameters as `omote group` uses them"), "{words:?}");
}

#[test]
fn what_cannot_be_measured_is_said() {
    let studio = Studio::new();
    album(&studio, "few", 0..4, 2);
    let refused = |flags: &[&str], words: &[&str]| {
        studio.omote(&[&["eval", "clusters"], flags].concat()).failed_with(words);
    };
    refused(&["few"], &["few shows 4 people", "--choose", "--defaults"]);
    refused(&["few", "--choose", "few"], &["--choose names few itself"]);
    refused(
        &["few/1", "--defaults"],
        &["cannot measure on few/1", "2 faces of 1 person", "at least two people"],
    );
    refused(&["few", "--choose", "nowhere"], &["nowhere"]);
    refused(&["few", "--choose", "few/1", "--defaults"], &["--choose"]);
    refused(&["few", "--people", "nobody.txt"], &["nobody.txt", "PHOTO PERSON"]);
    refused(&["few", "--methods", "spectral"], &["spectral", "chinese-whispers"]);
    studio.write("empty/readme.txt", b"no photo");
    refused(&["empty", "--defaults"], &["no photo"]);
}
