//! `omote verify`: two photos, one question.

use fixtures::photo::{Background, Scene};
use serde_json::{Value, json};

use crate::photos::three_people;
use crate::support::{Studio, THRESHOLD};

#[test]
fn the_same_person_is_recognised_in_another_photo() {
    let studio = Studio::new();
    studio.portrait("passport.jpg", 1);
    let selfie =
        Scene::new(330, 260).background(Background::Noise { seed: 4, amplitude: 40 }).brightness(0.9);
    studio.photo("selfie.jpg", &selfie.face(1, 60, 50, 130));
    let run = studio.json(&["verify", "passport.jpg", "selfie.jpg", "--threshold", THRESHOLD]).ended(0);
    let pair = run.one("pair");
    assert_eq!(pair["same"], true);
    assert!(pair["score"].as_f64().unwrap() > 0.8);
    assert_eq!(pair["threshold"], json!({"cosine": 0.5, "fmr": null}));
    assert_eq!((&pair["a"], &pair["b"]), (&json!({"text": "passport.jpg"}), &json!({"text": "selfie.jpg"})));
    assert_eq!(run.summary()["reason"], "ok");

    let words = studio.omote(&["verify", "passport.jpg", "selfie.jpg", "--threshold", THRESHOLD]).ended(0);
    assert!(words.stdout.starts_with("same person: cosine "), "{words:?}");
    assert!(words.stdout.contains("threshold 0.500, as given: its error rate is unknown"), "{words:?}");
}

#[test]
fn different_people_end_with_1() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    studio.portrait("bob.jpg", 2);
    let run = studio.json(&["verify", "ada.jpg", "bob.jpg", "--threshold", THRESHOLD]).ended(1);
    assert_eq!(run.one("pair")["same"], false);
    assert_eq!(run.summary()["reason"], "nothing found");
    // The threshold decides, and may be any cosine.
    studio.omote(&["verify", "ada.jpg", "bob.jpg", "--threshold", "-0.9"]).ended(0);
    studio.omote(&["verify", "ada.jpg", "ada.jpg", "--threshold", "1.1"]).failed_with(&["from -1 to 1"]);
}

#[test]
fn a_model_without_a_calibration_needs_a_threshold() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    studio.omote(&["verify", "ada.jpg", "ada.jpg"]).failed_with(&[
        "scores of painted-embedder",
        "omote calibrate",
        "--threshold",
    ]);
}

#[test]
fn without_a_face_nothing_is_said_about_the_people() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    studio.photo("sky.jpg", &Scene::new(200, 200));
    for (a, b) in [("ada.jpg", "sky.jpg"), ("sky.jpg", "ada.jpg"), ("sky.jpg", "sky.jpg")] {
        let run = studio.json(&["verify", a, b, "--threshold", THRESHOLD]).ended(1);
        let pair = run.one("pair");
        assert_eq!((&pair["same"], &pair["score"]), (&Value::Null, &Value::Null));
        assert_eq!(pair["no_face_in"], json!({"text": "sky.jpg"}));
    }
    let words = studio.omote(&["verify", "ada.jpg", "sky.jpg", "--threshold", THRESHOLD]).ended(1);
    assert!(words.stdout.starts_with("cannot tell: no face was found in sky.jpg"), "{words:?}");
}

#[test]
fn of_several_faces_one_must_be_chosen() {
    let studio = Studio::new();
    studio.photo("three.jpg", &three_people());
    for person in 1..=3 {
        studio.portrait(format!("{person}.jpg"), person);
    }
    let run = studio.json(&["verify", "1.jpg", "three.jpg", "--threshold", THRESHOLD]).ended(2);
    assert_eq!(run.one("error")["path"], json!({"text": "three.jpg"}));
    assert!(run.error().contains("shows 3 faces") && run.error().contains("--face"), "{run:?}");
    assert!(run.all("pair").is_empty());

    let same = |person: u32, which: &str| {
        let photo = format!("{person}.jpg");
        studio.omote(&["verify", &photo, "three.jpg", "--face", which, "--threshold", THRESHOLD]).code == 0
    };
    // Person 2 is both in the middle and the largest.
    assert!(same(2, "largest") && same(2, "central") && !same(1, "largest"));
    // Numbers are those of `omote detect`.
    let faces = studio.json(&["detect", "three.jpg"]).one("photo")["faces"].clone();
    for (number, face) in (1..).zip(faces.as_array().unwrap()) {
        let left = face["box"][0].as_f64().unwrap();
        let person = if left < 100.0 {
            1
        } else if left < 400.0 {
            2
        } else {
            3
        };
        assert!(same(person, &number.to_string()), "face {number} is person {person}");
    }
    studio
        .omote(&["verify", "1.jpg", "three.jpg", "--face", "9", "--threshold", THRESHOLD])
        .failed_with(&["three.jpg: has no face 9", "shows 3"]);
    studio
        .omote(&["verify", "1.jpg", "three.jpg", "--face", "0", "--threshold", THRESHOLD])
        .failed_with(&["largest, central, or a face's number from 1"]);
}

#[test]
fn one_unreadable_photo_is_named_and_no_verdict_is_given() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    let run = studio.json(&["verify", "ada.jpg", "nobody.jpg", "--threshold", THRESHOLD]).ended(2);
    assert_eq!(run.one("error")["path"], json!({"text": "nobody.jpg"}));
    assert!(run.all("pair").is_empty());
    assert_eq!(run.summary()["reason"], "some input failed");
}
