//! `omote group` and `eval`: many faces at once.

use std::fs;

use fixtures::photo::Scene;
use serde_json::{Value, json};

use crate::photos::three_people;
use crate::support::{Studio, THRESHOLD};

/// Four people with three photos each, one folder a person.
fn album() -> Studio {
    let studio = Studio::new();
    for person in 0..4 {
        studio.portrait(format!("album/{person}/a.jpg"), person);
        studio.photo(format!("album/{person}/b.png"), &Scene::new(260, 200).face(person, 40, 30, 110));
        studio.photo(
            format!("album/{person}/c.jpg"),
            &Scene::new(180, 180).brightness(0.9).face(person, 40, 50, 80),
        );
    }
    studio
}

#[test]
fn faces_are_sorted_into_people() {
    let studio = album();
    studio.photo("album/sky.jpg", &Scene::new(200, 200));
    let run = studio.json(&["group", "album", "--threshold", THRESHOLD]).ended(0);
    let groups = run.all("group");
    assert_eq!(groups.len(), 4);
    for group in groups {
        let faces = group["faces"].as_array().unwrap();
        assert_eq!(faces.len(), 3);
        let folder = |face: &Value| face["path"]["text"].as_str().unwrap()[..8].to_owned();
        assert!(faces.iter().all(|face| folder(face) == folder(&faces[0])), "{group}");
    }
    let summary = run.summary();
    assert_eq!(
        (&summary["photos"], &summary["faces"], &summary["people"]),
        (&json!(13), &json!(12), &json!(4))
    );
    let words = studio.omote(&["group", "album", "--threshold", THRESHOLD]).ended(0);
    assert!(words.stdout.starts_with("person 1 (3 faces)\n  album/"), "{words:?}");
    assert!(words.stdout.contains("12 faces of 4 people"), "{words:?}");
}

#[test]
fn groups_agree_with_the_truth() {
    let studio = album();
    let run = studio.json(&["group", "album", "--threshold", THRESHOLD, "--truth", "folders"]).ended(0);
    let agreement = &run.summary()["agreement"];
    assert_eq!(agreement["people"], 4);
    for measure in [&agreement["pairwise"]["f"], &agreement["bcubed"]["f"], &agreement["nmi"]] {
        assert!((measure.as_f64().unwrap() - 1.0).abs() < 1e-9, "{agreement}");
    }
    // A photo in the wrong folder: of 12 pairs in a group 10 are in a folder, of 13 pairs in a folder 10 in a group.
    fs::rename(studio.path("album/0/c.jpg"), studio.path("album/1/d.jpg")).unwrap();
    let run = studio.json(&["group", "album", "--threshold", THRESHOLD, "--truth", "folders"]).ended(0);
    let pairwise = &run.summary()["agreement"]["pairwise"];
    for (measure, expected) in [("precision", 10.0 / 12.0), ("recall", 10.0 / 13.0)] {
        assert!((pairwise[measure].as_f64().unwrap() - expected).abs() < 1e-9, "{measure}: {pairwise}");
    }
}

#[test]
fn a_contact_sheet_shows_every_face() {
    let studio = album();
    studio.photo("album/3/<&\">.jpg", &Scene::new(190, 190).face(3, 40, 40, 90));
    studio.omote(&["group", "album", "--threshold", THRESHOLD, "--html", "people.html"]).ended(0);
    let page = fs::read_to_string(studio.path("people.html")).unwrap();
    assert_eq!(page.matches("<section>").count(), 4);
    assert_eq!(page.matches("<img ").count(), 13);
    assert_eq!(
        page.matches("src=\"data:image/jpeg;base64,").count(),
        13,
        "a page of its own, without other files"
    );
    assert!(page.contains("Person 1") && page.contains("13 faces of 4 people"));
    assert!(page.contains("&lt;&amp;&quot;&gt;.jpg") && !page.contains("<&\">.jpg"));
    studio
        .omote(&["group", "album", "--threshold", THRESHOLD, "--html", "no/where/people.html"])
        .failed_with(&[
            "cannot write no/where/people.html (--html): there is no folder no/where: make it first",
        ]);
}

#[test]
fn aligned_crops_are_grouped_as_they_are() {
    let studio = album();
    for person in 0..4 {
        studio.omote(&["align", &format!("album/{person}"), "--out", &format!("crops/{person}")]).ended(0);
    }
    fs::remove_dir_all(studio.path("models/detector")).unwrap();
    let command = ["group", "--aligned", "--truth", "folders", "crops", "--threshold", THRESHOLD];
    let run = studio.json(&command).ended(0);
    let summary = run.summary();
    assert_eq!((&summary["faces"], &summary["agreement"]["pairwise"]["f"]), (&json!(12), &json!(1.0)));
}

#[test]
fn one_face_of_each_photo_may_be_grouped() {
    let studio = Studio::new();
    studio.photo("three.jpg", &three_people());
    studio.portrait("two.jpg", 2);
    studio.photo("sky.jpg", &Scene::new(200, 200));
    let photos = ["group", "three.jpg", "two.jpg", "sky.jpg", "--threshold", THRESHOLD];
    let run = studio.json(&photos).ended(0);
    assert_eq!((&run.summary()["faces"], &run.summary()["people"]), (&json!(4), &json!(3)));
    let run = studio.json(&[&photos[..], &["--face", "largest"]].concat()).ended(0);
    assert_eq!((&run.summary()["faces"], &run.summary()["people"]), (&json!(2), &json!(1)));
    assert_eq!(run.one("photo")["path"], json!({"text": "sky.jpg"}));
}

#[test]
fn nothing_to_group_is_an_answer() {
    let studio = Studio::new();
    studio.photo("sky.jpg", &Scene::new(200, 200));
    let run = studio.json(&["group", "sky.jpg", "--threshold", THRESHOLD]).ended(1);
    assert_eq!(run.summary()["people"], 0);
    studio
        .omote(&["group", "sky.jpg", "--threshold", THRESHOLD, "--truth", "folders"])
        .failed_with(&["no face was found", "nothing to compare"]);
    studio.omote(&["group", "sky.jpg"]).failed_with(&["no threshold for grouping", "--threshold"]);
}

/// Six people with two photos each in LFW's layout, and two folds of three pairs of either kind.
fn little_lfw() -> Studio {
    let studio = Studio::new();
    for person in 0..6 {
        let name = format!("Person_{person}");
        studio.portrait(format!("lfw/images/{name}/{name}_0001.jpg"), person);
        let other = Scene::new(240, 240).face(person, 60, 50, 110);
        studio.photo(format!("lfw/images/{name}/{name}_0002.jpg"), &other);
    }
    let mut pairs = "2\t3\n".to_owned();
    for fold in 0..2 {
        let person = |n: usize| fold * 3 + n % 3;
        (0..3).for_each(|n| pairs += &format!("Person_{}\t1\t2\n", person(n)));
        (0..3).for_each(|n| pairs += &format!("Person_{}\t1\tPerson_{}\t2\n", person(n), person(n + 1)));
    }
    studio.write("lfw/pairs.txt", pairs.as_bytes());
    studio
}

#[test]
fn lfw_is_evaluated_fold_by_fold() {
    let studio = little_lfw();
    let run = studio.json(&["eval", "lfw", "lfw"]).ended(0);
    let summary = run.summary();
    assert_eq!(
        (&summary["pairs"], &summary["errors"], &summary["accuracy"]),
        (&json!(12), &json!(0), &json!(1.0))
    );
    assert_eq!((&summary["photos"], &summary["photos_without_face"]), (&json!(12), &json!(0)));
    assert_eq!(summary["folds"].as_array().unwrap().len(), 2);
    let words = studio.omote(&["eval", "lfw", "lfw", "--flip"]).ended(0);
    assert!(words.stdout.starts_with("LFW View 2: 100.00 +- 0.00 %"), "{words:?}");
}

#[test]
fn a_photo_without_a_face_counts_against_the_accuracy() {
    let studio = little_lfw();
    studio.photo("lfw/images/Person_0/Person_0_0002.jpg", &Scene::new(200, 200));
    let run = studio.json(&["eval", "lfw", "lfw"]).ended(0);
    let summary = run.summary();
    assert_eq!(summary["photos_without_face"], 1);
    assert_eq!(run.one("photo")["faces"], json!([]), "it is no error, but it is told");
    // In one pair of the same person, and in one of different people, which is decided right.
    assert_eq!((&summary["pairs_not_scored"], &summary["errors"]), (&json!(2), &json!(1)));
    assert_eq!(summary["pairs"], 12);
}

#[test]
fn an_unreadable_photo_of_a_benchmark_is_reported() {
    let studio = little_lfw();
    studio.write("lfw/images/Person_0/Person_0_0002.jpg", b"");
    let run = studio.json(&["eval", "lfw", "lfw"]).ended(2);
    assert!(run.error().contains("empty"), "{run:?}");
    assert_eq!(run.summary()["pairs"], 12);
}

#[test]
fn a_benchmark_that_is_not_there_or_not_whole_is_refused() {
    let studio = little_lfw();
    studio.omote(&["eval", "lfw", "nowhere"]).failed_with(&["pairs.txt", "LFW's folder holds"]);
    fs::remove_file(studio.path("lfw/images/Person_3/Person_3_0001.jpg")).unwrap();
    studio.omote(&["eval", "lfw", "lfw"]).failed_with(&["Person_3_0001"]);
    studio.write("lfw/pairs.txt", b"2\t3\nPerson_0\t1\n");
    studio.omote(&["eval", "lfw", "lfw"]).failed_with(&["pairs.txt", "NAME N1 N2"]);
    studio.omote(&["eval", "ijb-c", "lfw"]).failed_with(&["'ijb-c'", "'ijb'"]);
}
