//! `omote gallery lint` and `undo`, and `omote eval lint`.

use std::fs;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fixtures::photo::Scene;
use serde_json::{Value, json};

use crate::support::{Run, Studio};

const DIM: usize = 64;

/// Sums of uniform numbers, the same everywhere.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn direction(&mut self) -> Vec<f64> {
        unit((0..DIM).map(|_| (0..4).map(|_| self.uniform() - 0.5).sum()).collect())
    }
}

fn unit(values: Vec<f64>) -> Vec<f64> {
    let length = values.iter().map(|x| x * x).sum::<f64>().sqrt();
    values.into_iter().map(|x| x / length).collect()
}

/// A face of a made-up gallery.
#[derive(Clone)]
struct Made {
    /// Whom it shows.
    shows: usize,
    /// Whose name it has.
    name: String,
    vector: Vec<f64>,
    photo: usize,
}

/// Twelve people called P0 to P11 with ten faces each; face `10 p + i` shows person `p`.
fn crowd(seed: u64) -> Vec<Made> {
    let mut random = Random(0x2545_f491_4f6c_dd1d ^ seed);
    let mut faces = Vec::new();
    for person in 0..12 {
        let looks = random.direction();
        for _ in 0..10 {
            let noise = random.direction();
            let vector = unit(looks.iter().zip(&noise).map(|(a, b)| a + b).collect());
            let photo = faces.len();
            faces.push(Made { shows: person, name: format!("P{person}"), vector, photo });
        }
    }
    faces
}

impl Studio {
    /// A gallery of made-up faces, by way of an import.
    fn with_faces(faces: &[Made]) -> Studio {
        let studio = Studio::new();
        let mut names: Vec<&str> = faces.iter().map(|face| face.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let fingerprint = "07".repeat(32);
        let model = json!({"name": "made-up", "fingerprint": fingerprint, "dimension": DIM, "flip": false});
        let mut lines = vec![json!({
            "format": "omote-gallery", "version": 1, "model": model,
            "people": names.len(), "enrolments": faces.len(), "marks": 0,
        })];
        lines.extend(names.iter().map(|name| json!({"type": "person", "name": name, "created": 1})));
        for (at, face) in faces.iter().enumerate() {
            let bytes: Vec<u8> = face.vector.iter().flat_map(|&x| (x as f32).to_le_bytes()).collect();
            let left = at as f32 * 200.0;
            lines.push(json!({
                "type": "enrolment", "person": face.name, "vector": BASE64_STANDARD.encode(bytes),
                "magnitude": 20.0, "quality": 80.0, "path": {"text": format!("photo-{}.jpg", face.photo)},
                "sha256": format!("{:064x}", face.photo), "bounds": [left, 0.0, left + 100.0, 120.0],
                "landmarks": null, "crop": null, "fingerprint": fingerprint, "flip": false, "engine": "none",
                "detector": "none", "created": 2,
            }));
        }
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        studio.write("faces.jsonl", text.as_bytes());
        studio.omote(&["gallery", "import", "faces.jsonl"]).ended(0);
        studio
    }

    fn lint(&self, flags: &[&str]) -> Run {
        self.json(&[&["gallery", "lint", "--threads", "1"], flags].concat())
    }

    /// All that an export says of the gallery.
    fn exported(&self) -> String {
        self.omote(&["gallery", "export", "-"]).ended(0).stdout
    }
}

fn id(finding: &Value) -> &str {
    finding["id"].as_str().unwrap()
}

#[test]
fn a_sound_gallery_has_no_findings() {
    let studio = Studio::with_faces(&crowd(1));
    let run = studio.lint(&["--html", "findings.html"]).ended(1);
    assert_eq!(run.records().len(), 1);
    assert_eq!((&run.summary()["errors"], &run.summary()["faces"]), (&json!(0), &json!(120)));
    assert!(fs::read_to_string(studio.path("findings.html")).unwrap().contains("0 findings in 12 people"));
    let words = studio.omote(&["gallery", "lint"]).ended(1);
    assert_eq!(words.stdout, "0 errors, 0 warnings in 12 people, 120 faces\n");
    studio.omote(&["gallery", "lint", "--apply", "all"]).ended(1);
    let nothing = studio.omote(&["gallery", "undo"]).ended(1);
    assert!(nothing.stdout.contains("nothing to take back"));
    studio.omote(&["gallery", "lint", "--gallery", "nowhere"]).failed_with(&["no gallery in nowhere"]);
}

#[test]
fn wrong_names_are_found_put_right_and_taken_back() {
    let mut faces = crowd(2);
    for (face, name) in [(13, "P4"), (57, "P9")] {
        faces[face].name = name.to_owned();
    }
    let studio = Studio::with_faces(&faces);
    let before = studio.exported();
    let run = studio.lint(&["--html", "findings.html"]).ended(0);
    let found = run.all("finding");
    assert_eq!(found.len(), 2, "{run:?}");
    for finding in &found {
        let face = finding["faces"][0]["enrolment"].as_u64().unwrap() as usize - 1;
        assert!([13, 57].contains(&face));
        assert_eq!((&finding["kind"], &finding["severity"]), (&json!("mislabel"), &json!("error")));
        assert_eq!(finding["faces"][0]["person"], faces[face].name);
        assert_eq!(finding["fix"], json!({"action": "move", "to": format!("P{}", faces[face].shows)}));
        assert_eq!(finding["applied"], false);
        let why = finding["why"].as_str().unwrap();
        assert!(why.contains(&format!("the other faces of {}", faces[face].name)), "{why}");
    }
    let page = fs::read_to_string(studio.path("findings.html")).unwrap();
    assert!(found.iter().all(|finding| page.contains(id(finding))) && page.contains("photo-13.jpg"));
    assert_eq!(before, studio.exported(), "looking changes nothing");

    // Looked at again, they have the same numbers; the first digits are enough, if they are not too few.
    studio
        .omote(&["gallery", "lint", "--apply", &id(&found[0])[..3]])
        .failed_with(&["such as", id(&found[0])]);
    assert_eq!(before, studio.exported());
    let run = studio.lint(&["--apply", &id(&found[0])[..5]]).ended(0);
    assert_eq!((&run.all("finding")[0]["applied"], &run.summary()["applied"]), (&json!(true), &json!(1)));
    let rest = studio.lint(&[]).ended(0).all("finding");
    assert_eq!((rest.len(), id(&rest[0])), (1, id(&found[1])));
    let words = studio.omote(&["gallery", "lint", "--apply", "all"]).ended(0);
    assert!(words.stdout.contains("applied: give it to P"), "{words:?}");
    assert!(words.stdout.contains("1 applied; `omote gallery undo` takes back"), "{words:?}");
    studio.lint(&[]).ended(1);
    studio.omote(&["gallery", "check"]).ended(0);

    let undone = studio.json(&["gallery", "undo"]).ended(0).one("undone");
    assert_eq!((&undone["changes"], &undone["left"]), (&json!(1), &json!(1)));
    studio.omote(&["gallery", "undo"]).ended(0);
    assert_eq!(studio.exported(), before);
    studio.omote(&["gallery", "undo"]).ended(1);
}

#[test]
fn people_are_joined_and_taken_apart() {
    let mut faces = crowd(3);
    // Half of P0 is called Q, and P2 is under the name of P1.
    (0..5).for_each(|at| faces[at].name = "Q".to_owned());
    (20..30).for_each(|at| faces[at].name = "P1".to_owned());
    let studio = Studio::with_faces(&faces);
    let before = studio.exported();
    let run = studio.lint(&["--kinds", "one-person-two-names,two-people-one-name"]).ended(0);
    let fixes: Vec<Value> = run.all("finding").iter().map(|finding| finding["fix"].clone()).collect();
    assert!(fixes.contains(&json!({"action": "split", "person": "P1"})), "{fixes:?}");
    assert!(fixes.iter().any(|fix| fix["action"] == "merge"), "{fixes:?}");
    let flags = ["--kinds", "one-person-two-names,two-people-one-name", "--apply", "all"];
    assert_eq!(studio.lint(&flags).ended(0).summary()["applied"], 2);
    let listed = studio.listed();
    assert_eq!(listed.len(), 12);
    assert!(listed.contains(&("P1 (2)".to_owned(), 10)) && listed.iter().all(|(_, faces)| *faces == 10));
    assert!(!listed.iter().any(|(name, _)| name == "Q") || !listed.iter().any(|(name, _)| name == "P0"));
    studio.omote(&["gallery", "undo"]).ended(0);
    assert_eq!(studio.exported(), before);

    // What somebody has changed since is not overwritten.
    studio.lint(&flags).ended(0);
    studio.omote(&["gallery", "rename", "P1 (2)", "Zoe"]).ended(0);
    let changed = studio.exported();
    studio.omote(&["gallery", "undo"]).failed_with(&["cannot be taken back", "renamed to \"Zoe\" since"]);
    assert_eq!(studio.exported(), changed);
}

#[test]
fn a_copy_is_set_aside_shown_and_brought_back() {
    let mut faces = crowd(4);
    let copy = Made { photo: 500, ..faces[33].clone() };
    faces.push(copy);
    let studio = Studio::with_faces(&faces);
    let before = studio.exported();
    let found = studio.lint(&[]).ended(0).all("finding");
    assert_eq!((&found[0]["kind"], &found[0]["severity"]), (&json!("duplicate"), &json!("warning")));
    assert_eq!(found[0]["fix"], json!({"action": "set aside"}));
    studio.lint(&["--apply", id(&found[0])]).ended(0);
    let shown = studio.json(&["gallery", "show", "P3"]).ended(0).all("enrolment");
    let aside: Vec<&Value> = shown.iter().filter(|face| face["set_aside"] == true).collect();
    assert_eq!((shown.len(), aside.len()), (11, 1));
    assert!(studio.omote(&["gallery", "show", "P3"]).stdout.contains("(set aside)"));
    studio.omote(&["gallery", "undo"]).ended(0);
    assert_eq!(studio.exported(), before);

    // What is set aside can be forgotten, and then nothing is left to take back.
    studio.lint(&["--apply", id(&found[0])]).ended(0);
    let number = aside[0]["enrolment"].to_string();
    studio.omote(&["forget", "--enrolment", &number]).ended(0);
    studio.omote(&["gallery", "undo"]).ended(1);
}

#[test]
fn forgetting_a_person_erases_the_names_before() {
    let mut faces = crowd(5);
    (0..5).for_each(|at| faces[at].name = "A name to be forgotten".to_owned());
    let studio = Studio::with_faces(&faces);
    fs::remove_file(studio.path("faces.jsonl")).unwrap();
    studio.omote(&["gallery", "merge", "A name to be forgotten", "P0"]).ended(0);
    let holds = |word: &str| {
        fs::read_dir(studio.path("gallery")).unwrap().flatten().any(|file| {
            let bytes = fs::read(file.path()).unwrap();
            bytes.windows(word.len()).any(|window| window == word.as_bytes())
        })
    };
    assert!(holds("A name to be forgotten"));
    studio.omote(&["forget", "P0"]).ended(0);
    assert!(!holds("A name to be forgotten"));
    studio.omote(&["gallery", "undo"]).ended(1);
}

#[test]
fn what_was_said_before_bars_a_fix() {
    let mut faces = crowd(6);
    faces[13].name = "P4".to_owned();
    let studio = Studio::with_faces(&faces);
    studio.omote(&["gallery", "not-this-person", "P1", "--enrolment", "14"]).ended(0);
    let found = studio.lint(&[]).ended(0).all("finding");
    assert_eq!(found[0]["barred"], "the face is marked as not that person");
    studio
        .omote(&["gallery", "lint", "--apply", id(&found[0])])
        .failed_with(&["cannot be applied", "marked"]);
    let run = studio.lint(&["--apply", "all"]).ended(0);
    assert_eq!(run.summary()["applied"], 0);
    // It can be unsaid.
    let unsay = ["gallery", "not-this-person", "P1", "--enrolment", "14", "--remove"];
    assert_eq!(studio.json(&unsay).ended(0).one("mark")["removed"], true);
    assert!(studio.omote(&unsay).ended(1).stdout.contains("it was not said"));
    assert_eq!(studio.lint(&["--apply", "all"]).ended(0).summary()["applied"], 1);
}

#[test]
fn what_contradicts_a_mark_after_other_fixes_is_left_out() {
    let mut faces = crowd(8);
    // Half of P0 is called Q, a face of P0 is called P5, and one of P1 is called P4.
    (0..5).for_each(|at| faces[at].name = "Q".to_owned());
    for (face, name) in [(9, "P5"), (13, "P4")] {
        faces[face].name = name.to_owned();
    }
    let studio = Studio::with_faces(&faces);
    let found = studio.lint(&[]).ended(0).all("finding");
    let of_face = |found: &[Value], number: u64| {
        found
            .iter()
            .find(|one| one["faces"][0]["enrolment"] == number && one["kind"] == "mislabel")
            .cloned()
            .unwrap()
    };
    let to = of_face(&found, 10)["fix"]["to"].as_str().unwrap().to_owned();
    // It is to go to the one of P0 and Q, who are to be merged, and somebody has said that it is not the other.
    let other = if to == "P0" { "Q" } else { "P0" };
    studio.omote(&["gallery", "not-this-person", other, "--enrolment", "10"]).ended(0);
    let before = studio.exported();
    assert!(studio.lint(&[]).ended(0).all("finding").iter().all(|one| one["barred"].is_null()));

    let run = studio.lint(&["--apply", "all"]).ended(2);
    let found = run.all("finding");
    let skipped: Vec<&Value> = found.iter().filter(|one| !one["skipped"].is_null()).collect();
    assert_eq!((skipped.len(), &run.summary()["skipped"]), (1, &json!(1)), "{run:?}");
    assert!(["mislabel", "one-person-two-names"].contains(&skipped[0]["kind"].as_str().unwrap()));
    assert_eq!(of_face(&found, 14)["applied"], true);
    assert_eq!(run.summary()["applied"], found.len() - 1);
    assert_eq!(run.summary()["failed"], 1);
    studio.omote(&["gallery", "check"]).ended(0);
    studio.omote(&["gallery", "undo"]).ended(0);
    assert_eq!(studio.exported(), before);
    let words = studio.omote(&["gallery", "lint", "--apply", "all"]).ended(2);
    assert!(
        words.stdout.contains("skipped (") && words.stdout.contains("1 skipped: lint again"),
        "{words:?}"
    );
    studio.omote(&["gallery", "undo"]).ended(0);
    assert_eq!(studio.exported(), before, "all of it is taken back");
}

#[test]
fn one_photo_under_two_names_is_set_aside_and_stays_so() {
    let studio = Studio::with_gallery();
    let wrong = ["enroll", "staff/Bob/1.jpg", "--as", "Ada", "--force", "--threshold", "0.5"];
    studio.omote(&wrong).ended(0);
    // The made-up photos of one person are all so alike that they are copies too.
    let found = studio.lint(&["--kinds", "duplicate"]).ended(0).all("finding");
    let found: Vec<&Value> = found.iter().filter(|found| found["people"] == json!(["Ada", "Bob"])).collect();
    assert_eq!((found.len(), &found[0]["fix"]), (1, &json!({"action": "set aside"})), "{found:?}");
    let words = studio.omote(&["gallery", "lint", "--apply", id(found[0])]).ended(0);
    assert!(words.stdout.contains("applied: set it aside, since Bob has it already"), "{words:?}");
    let again = ["enroll", "staff/Bob/1.jpg", "--as", "Ada", "--force", "--threshold", "0.5"];
    let number = &found[0]["faces"][0]["enrolment"];
    let again = studio.json(&again).ended(0).one("enrolment");
    assert_eq!((&again["status"], &again["enrolment"]), (&json!("set aside"), number));
}

#[test]
fn bad_flags_are_named() {
    let mut faces = crowd(7);
    faces[13].name = "P4".to_owned();
    let studio = Studio::with_faces(&faces);
    for (flags, words) in [
        (["--apply", "123456789"], &["no finding has the number 123456789"][..]),
        (["--apply", ""], &["by its first 4 digits or more"]),
        (["--apply", "1"], &["--apply 1: a finding is meant by", "not by its place in the list"]),
        (["--kinds", "typo"], &["typo", "expected one of mislabel"]),
        (["--confidence", "2"], &["from 0 to 1"]),
        (
            ["--html", "nowhere/page.html"],
            &["cannot write nowhere/page.html (--html): there is no folder nowhere"],
        ),
    ] {
        let before = studio.exported();
        studio.omote(&[&["gallery", "lint"], &flags[..]].concat()).failed_with(words);
        assert_eq!(studio.exported(), before);
    }
    studio.lint(&["--confidence", "1", "--apply", "all"]).ended(1);
}

#[test]
fn faces_are_shown_side_by_side() {
    let studio = Studio::with_gallery();
    studio.omote(&["enroll", "staff/Bob/1.jpg", "--as", "Ada", "--force", "--threshold", "0.5"]).ended(0);
    let run = studio.lint(&["--html", "findings.html"]).ended(0);
    assert!(!run.all("finding").is_empty());
    let page = fs::read_to_string(studio.path("findings.html")).unwrap();
    assert!(page.contains("in question") && page.contains("data:image/jpeg;base64,"));
}

/// Four people of three photos each.
fn four_people(studio: &Studio) {
    for person in 1..=4 {
        for (at, size) in (0..).zip([90, 110, 130]) {
            let scene = Scene::new(300, 260).face(person, 40 + 5 * at, 50, size);
            studio.photo(format!("people/{person}/{at}.png"), &scene);
        }
    }
}

#[test]
fn planted_errors_are_counted() {
    let studio = Studio::new();
    four_people(&studio);
    let command = ["eval", "lint", "people", "--plant", "1", "--seeds", "2", "--seed", "7"];
    let run = studio.json(&[&command[..], &["--html", "flagged.html"]].concat()).ended(0);
    let draws = run.all("draw");
    assert_eq!(draws.len(), 2);
    for (draw, seed) in draws.iter().zip(7..) {
        assert_eq!((&draw["seed"], &draw["planted"], &draw["found"]), (&json!(seed), &json!(1), &json!(1)));
        assert_eq!(draw["untouched"], 11);
        assert!(draw["put_right"].as_u64() <= draw["found"].as_u64());
    }
    let summary = run.summary();
    assert_eq!((&summary["least_found"], &summary["people"]), (&json!(1.0), &json!(4)));
    assert!(fs::read_to_string(studio.path("flagged.html")).unwrap().contains("whose names nobody changed"));
    let words = studio.omote(&[&command[..], &["--half", "second"]].concat()).ended(0);
    assert!(words.stdout.contains("SEED  PLANTED  FOUND"), "{words:?}");
    assert!(words.stdout.contains("6 faces of 2 people"), "{words:?}");
    studio
        .omote(&["eval", "lint", "people", "--plant", "12"])
        .failed_with(&["12 photos with a face of 4 people"]);
    studio.omote(&["eval", "lint", "people", "--plant", "0"]).failed_with(&["0 is not in"]);
}
