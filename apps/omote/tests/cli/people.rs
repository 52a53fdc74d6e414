//! `omote enroll`, `identify` and `forget`: people by name.

use std::fs;

use fixtures::photo::Scene;
use serde_json::{Value, json};

use crate::photos::three_people;
use crate::support::{Run, Studio, THRESHOLD};

impl Studio {
    /// `omote enroll` with the threshold for painted people, as JSON lines.
    pub fn enroll(&self, arguments: &[&str]) -> Run {
        self.json(&[&["enroll"], arguments, &["--threshold", THRESHOLD]].concat())
    }

    /// `omote identify` with the threshold for painted people, as JSON lines.
    pub fn identify(&self, arguments: &[&str]) -> Run {
        self.json(&[&["identify"], arguments, &["--threshold", THRESHOLD]].concat())
    }

    /// A gallery of Ada (person 1), Bob (2) and Cleo (3), with two photos each.
    pub fn with_gallery() -> Studio {
        let studio = Studio::new();
        for (person, name) in [(1, "Ada"), (2, "Bob"), (3, "Cleo")] {
            studio.portrait(format!("staff/{name}/1.jpg"), person);
            studio.photo(format!("staff/{name}/2.png"), &Scene::new(300, 220).face(person, 40, 50, 120));
        }
        studio.enroll(&["staff", "--names", "folders"]).ended(0);
        studio
    }

    /// The people of the gallery and how many faces each has.
    pub fn listed(&self) -> Vec<(String, u64)> {
        let run = self.json(&["gallery", "list"]);
        let person = |record: &Value| {
            (record["name"].as_str().unwrap().to_owned(), record["enrolments"].as_u64().unwrap())
        };
        run.all("person").iter().map(person).collect()
    }
}

/// Whom each face of the only photo is taken for.
#[track_caller]
pub fn named(run: &Run) -> Vec<Value> {
    run.one("photo")["faces"].as_array().unwrap().iter().map(|face| face["person"].clone()).collect()
}

fn statuses(run: &Run) -> Vec<Value> {
    run.all("enrolment").iter().map(|record| record["status"].clone()).collect()
}

#[test]
fn people_are_enrolled_by_name_folder_or_file() {
    let studio = Studio::new();
    studio.portrait("1.jpg", 1);
    studio.portrait("people/Ada_Lovelace.jpg", 2);
    studio.portrait("teams/Bob/1.jpg", 3);
    studio.portrait("teams/Bob/2.png", 3);

    let run = studio.enroll(&["1.jpg", "--as", "Grace Hopper"]).ended(0);
    let record = run.one("enrolment");
    assert_eq!(record["person"], "Grace Hopper");
    assert_eq!((&record["status"], &record["new_person"]), (&json!("enrolled"), &json!(true)));
    assert!(record["quality"].as_f64().unwrap() > 30.0 && record["enrolment"].is_i64());
    studio.enroll(&["people", "--names", "files"]).ended(0);
    let run = studio.enroll(&["teams", "--names", "folders"]).ended(0);
    assert_eq!(run.summary()["enrolled"], 2);

    let listed = studio.listed();
    assert_eq!(listed, [("Ada Lovelace".into(), 1), ("Bob".into(), 2), ("Grace Hopper".into(), 1)]);
}

#[test]
fn a_photo_without_a_name_is_not_enrolled() {
    let studio = Studio::new();
    studio.portrait("1.jpg", 1);
    studio.omote(&["enroll", "1.jpg", "--threshold", THRESHOLD]).failed_with(&["--as NAME", "--names"]);
    let run = studio.enroll(&["1.jpg", "--names", "folders"]).ended(2);
    assert!(run.error().contains("--as NAME"), "{run:?}");
    let run = studio.enroll(&["1.jpg", "--as", " "]).ended(2);
    assert!(run.error().contains("must not be empty"), "{run:?}");
    assert!(studio.listed().is_empty());
}

#[test]
fn one_impossible_name_does_not_keep_the_others_out() {
    let studio = Studio::new();
    let endless = "x".repeat(210);
    studio.portrait(format!("in/a/{endless}/1.jpg"), 1);
    studio.portrait("in/b/Bob/1.jpg", 2);
    let run = studio.enroll(&["in", "--names", "folders"]).ended(2);
    assert!(run.error().contains("200 characters"), "{run:?}");
    assert_eq!(studio.listed(), [("Bob".into(), 1)]);
}

#[test]
fn the_same_photo_again_changes_nothing() {
    let studio = Studio::with_gallery();
    fs::copy(studio.path("staff/Ada/1.jpg"), studio.path("copy.jpg")).unwrap();
    let before = studio.listed();
    let run = studio.enroll(&["staff", "--names", "folders"]).ended(0);
    assert_eq!(statuses(&run), vec![json!("already"); 6]);
    // A copy elsewhere is the same photo.
    let run = studio.enroll(&["copy.jpg", "--as", "Ada"]).ended(0);
    assert_eq!(statuses(&run), ["already"]);
    assert_eq!(studio.listed(), before);
}

#[test]
fn a_face_of_somebody_else_is_refused_unless_forced() {
    let studio = Studio::with_gallery();
    studio.photo("ada.jpg", &Scene::new(300, 300).face(1, 70, 80, 140));
    let run = studio.enroll(&["ada.jpg", "--as", "Bob"]).ended(2);
    let record = run.one("enrolment");
    assert_eq!((&record["status"], &record["other"]), (&json!("looks like"), &json!("Ada")));
    assert!(record["score"].as_f64().unwrap() > 0.8);
    let words = studio.omote(&["enroll", "ada.jpg", "--as", "Bob", "--threshold", THRESHOLD]).ended(2);
    assert!(words.stdout.contains("it looks like Ada") && words.stdout.contains("--force"), "{words:?}");

    studio.enroll(&["ada.jpg", "--as", "Bob", "--force"]).ended(0);
    assert_eq!(studio.listed(), [("Ada".into(), 2), ("Bob".into(), 3), ("Cleo".into(), 2)]);
}

#[test]
fn a_poor_face_is_refused_unless_forced() {
    let studio = Studio::new();
    studio.photo("far.png", &Scene::new(160, 160).face(1, 60, 60, 24));
    let run = studio.enroll(&["far.png", "--as", "Ada", "--min-quality", "80"]).ended(2);
    let record = run.one("enrolment");
    assert_eq!((&record["status"], &record["minimum"]), (&json!("low quality"), &json!(80.0)));
    assert_eq!(run.summary()["refused"], 1);
    studio.enroll(&["far.png", "--as", "Ada", "--min-quality", "80", "--force"]).ended(0);
    studio
        .omote(&["enroll", "far.png", "--as", "Ada", "--min-quality", "101"])
        .failed_with(&["from 0 to 100"]);
}

#[test]
fn of_several_faces_one_must_be_chosen_to_enroll() {
    let studio = Studio::new();
    studio.photo("three.jpg", &three_people());
    studio.photo("sky.jpg", &Scene::new(200, 200));
    studio.portrait("bob.jpg", 2);
    let run = studio.enroll(&["three.jpg", "sky.jpg", "--as", "Bob"]).ended(2);
    let errors = run.all("error");
    assert!(errors[0]["error"].as_str().unwrap().contains("shows 3 faces"), "{run:?}");
    assert_eq!(errors[1]["error"], "no face was found");
    studio.enroll(&["three.jpg", "--as", "Bob", "--face", "largest"]).ended(0);
    assert_eq!(named(&studio.identify(&["bob.jpg"])), ["Bob"]);
}

#[test]
fn the_known_are_named_and_the_unknown_are_unknown() {
    let studio = Studio::with_gallery();
    studio.photo(
        "party.jpg",
        &Scene::new(600, 300).face(1, 30, 60, 100).face(9, 240, 60, 130).face(3, 450, 90, 110),
    );
    studio.portrait("stranger.jpg", 9);
    let run = studio.identify(&["party.jpg"]).ended(0);
    let photo = run.one("photo");
    for face in photo["faces"].as_array().unwrap() {
        let left = face["box"][0].as_f64().unwrap();
        let expected = match left {
            ..100.0 => json!("Ada"),
            ..300.0 => Value::Null,
            _ => json!("Cleo"),
        };
        assert_eq!(face["person"], expected, "the face at {left}");
        let best = &face["candidates"][0];
        assert_eq!(best["accepted"], !expected.is_null());
        assert_eq!(best["score"].as_f64().unwrap() > 0.8, !expected.is_null());
    }
    let summary = run.summary();
    assert_eq!((&summary["faces"], &summary["recognised"]), (&json!(3), &json!(2)));
    assert_eq!(summary["threshold"]["cosine"], 0.5);

    let run = studio.identify(&["stranger.jpg"]).ended(1);
    assert_eq!(named(&run), [Value::Null]);
    assert_eq!(run.summary()["reason"], "nothing found");
    let words = studio.omote(&["identify", "stranger.jpg", "--threshold", THRESHOLD]).ended(1);
    assert!(words.stdout.starts_with("stranger.jpg: face 1: unknown (most like "), "{words:?}");
}

#[test]
fn in_a_closed_set_everybody_is_somebody() {
    let studio = Studio::with_gallery();
    studio.portrait("stranger.jpg", 9);
    let run = studio.json(&["identify", "stranger.jpg", "--closed"]).ended(0);
    assert!(named(&run)[0].is_string());
    assert_eq!(run.summary()["threshold"], Value::Null);
    studio.omote(&["identify", "stranger.jpg", "--closed", "--threshold", "0.5"]).failed_with(&[
        "--closed",
        "cannot be used with",
        "--threshold",
    ]);
}

#[test]
fn top_names_more_candidates() {
    let studio = Studio::with_gallery();
    studio.portrait("bob.jpg", 2);
    for rule in ["best", "mean", "quality"] {
        let run = studio.identify(&["bob.jpg", "--top", "2", "--template", rule]).ended(0);
        let face = &run.one("photo")["faces"][0];
        let candidates = face["candidates"].as_array().unwrap();
        assert_eq!((candidates.len(), &candidates[0]["name"]), (2, &json!("Bob")));
        assert_eq!((&candidates[0]["accepted"], &candidates[1]["accepted"]), (&json!(true), &json!(false)));
        assert!(candidates[0]["score"].as_f64() > candidates[1]["score"].as_f64());
    }
}

#[test]
fn magnitudes_are_qualities_and_weights_where_a_model_was_trained_for_it() {
    let studio = Studio::with_gallery();
    studio.portrait("bob.jpg", 2);
    let by_magnitude = ["bob.jpg", "--template", "magnitude"];
    let asked = [&["identify"], &by_magnitude[..], &["--threshold", THRESHOLD]].concat();
    studio.omote(&asked).failed_with(&["painted-embedder", "was not trained", "another --template"]);
    let plain = studio.identify(&["bob.jpg"]).ended(0);
    assert_eq!(plain.one("photo")["faces"][0]["quality"]["magnitude"], Value::Null);

    studio.make_magnitudes_qualities();
    let run = studio.identify(&by_magnitude).ended(0);
    let face = &run.one("photo")["faces"][0];
    assert_eq!(face["candidates"][0]["name"], json!("Bob"));
    // Far above the half, so as good as can be.
    assert_eq!(face["quality"]["magnitude"], json!(100.0));
}

#[test]
fn identify_draws_names() {
    let studio = Studio::with_gallery();
    studio.portrait("bob.jpg", 2);
    let run = studio.identify(&["bob.jpg", "--draw", "named"]).ended(0);
    assert_eq!(run.one("photo")["drawn"], json!({"text": "named/bob.jpg"}));
    let plain = fs::read(studio.path("bob.jpg")).unwrap();
    let drawn = fs::read(studio.path("named/bob.jpg")).unwrap();
    assert!(drawn.starts_with(b"\xff\xd8") && drawn != plain);
}

#[test]
fn a_gallery_made_with_flip_is_searched_with_flip() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    studio.enroll(&["ada.jpg", "--as", "Ada", "--flip"]).ended(0);
    let run = studio.identify(&["ada.jpg"]).ended(0);
    assert_eq!(run.summary()["ran"]["embedder"]["flip"], true);
    assert_eq!(named(&run), ["Ada"]);
}

#[test]
fn without_a_gallery_nobody_can_be_identified() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    for command in [
        &["identify", "ada.jpg", "--threshold", "0.5"][..],
        &["forget", "Ada"],
        &["gallery", "list"],
        &["gallery", "check"],
        &["gallery", "export", "out.jsonl"],
    ] {
        let run = studio.omote(&[command, &["--gallery", "nowhere"]].concat());
        run.failed_with(&["there is no gallery in nowhere", "enrol somebody"]);
    }
    assert!(!studio.path("nowhere").exists(), "looking made a gallery");
}

#[test]
fn an_empty_gallery_knows_nobody() {
    let studio = Studio::with_gallery();
    studio.portrait("ada.jpg", 1);
    studio.omote(&["forget", "Ada", "Bob", "Cleo"]).ended(0);
    studio.json(&["gallery", "list"]).ended(1);
    let run = studio.identify(&["ada.jpg"]).ended(1);
    assert_eq!(named(&run), [Value::Null]);
    studio.json(&["identify", "ada.jpg", "--closed"]).ended(1);
}

#[test]
fn the_forgotten_are_gone() {
    let studio = Studio::with_gallery();
    studio.portrait("bob.jpg", 2);
    let run = studio.json(&["forget", "Bob"]).ended(0);
    let record = run.one("forgotten");
    assert_eq!((&record["people"], &record["enrolments"]), (&json!(["Bob"]), &json!(2)));
    assert_eq!(named(&studio.identify(&["bob.jpg"]).ended(1)), [Value::Null]);
    assert_eq!(studio.listed(), [("Ada".into(), 2), ("Cleo".into(), 2)]);
    // Not a trace in any file: names are the easiest to look for.
    for entry in fs::read_dir(studio.path("gallery")).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(9).any(|window| window == b"staff/Bob"), "his path is still there");
    }
    studio.omote(&["gallery", "check"]).ended(0);
}

#[test]
fn forgetting_is_all_or_nothing() {
    let studio = Studio::with_gallery();
    let before = studio.listed();
    studio.omote(&["forget", "Ada", "Nobody"]).failed_with(&["no person \"Nobody\""]);
    assert_eq!(studio.listed(), before);
    studio.omote(&["forget"]).failed_with(&["NAME"]);
    studio.omote(&["forget", "--enrolment", "999"]).failed_with(&["no enrolment 999"]);

    let shown = studio.json(&["gallery", "show", "Ada"]).ended(0);
    let number = shown.all("enrolment")[0]["enrolment"].to_string();
    let words = studio.omote(&["forget", "--enrolment", &number]).ended(0);
    assert_eq!(words.stdout, "forgot 1 enrolment\n");
    assert_eq!(studio.listed()[0], ("Ada".into(), 1));
}
