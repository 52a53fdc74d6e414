//! `omote gallery`: looking after the people that are enrolled.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use fixtures::photo::Scene;
use serde_json::{Value, json};

use crate::people::named;
use crate::photos::three_people;
use crate::support::{Run, Studio, THRESHOLD};

#[test]
fn people_and_their_enrolments_are_listed() {
    let studio = Studio::with_gallery();
    let run = studio.json(&["gallery", "list"]).ended(0);
    let names: Vec<Value> = run.all("person").iter().map(|person| person["name"].clone()).collect();
    assert_eq!(names, ["Ada", "Bob", "Cleo"]);
    let summary = run.summary();
    assert_eq!((&summary["people"], &summary["enrolments"]), (&json!(3), &json!(6)));
    assert_eq!(summary["model"]["name"], "painted-embedder");

    let run = studio.json(&["gallery", "show", "Bob"]).ended(0);
    let shown = run.all("enrolment");
    assert_eq!(shown.len(), 2);
    for (enrolment, photo) in shown.iter().zip(["staff/Bob/1.jpg", "staff/Bob/2.png"]) {
        assert_eq!(enrolment["person"], "Bob");
        // Whole, since the gallery will be used from other folders.
        let path = enrolment["path"]["text"].as_str().unwrap();
        assert!(path.starts_with('/') && path.ends_with(photo) || cfg!(windows), "{path}");
        assert_eq!((&enrolment["crop"], &enrolment["flip"]), (&json!(true), &json!(false)));
        assert_eq!(enrolment["detector"], "painted-detector");
        assert!(enrolment["engine"].as_str().unwrap().starts_with("rten "));
    }
    let words = studio.omote(&["gallery", "list"]).ended(0);
    assert!(words.stdout.contains("3 people, 6 faces, embedded by painted-embedder"), "{words:?}");
    studio.omote(&["gallery", "show", "Bob"]).ended(0);
    studio.omote(&["gallery", "show", "Nobody"]).failed_with(&["no person \"Nobody\""]);
}

#[test]
fn a_person_gets_another_name() {
    let studio = Studio::with_gallery();
    studio.portrait("bob.jpg", 2);
    let run = studio.json(&["gallery", "rename", "Bob", "Robert"]).ended(0);
    assert_eq!(run.one("renamed"), json!({"type": "renamed", "from": "Bob", "to": "Robert"}));
    assert_eq!(named(&studio.identify(&["bob.jpg"])), ["Robert"]);
    studio.omote(&["gallery", "rename", "Robert", "Ada"]).failed_with(&["already a person \"Ada\"", "merge"]);
    studio.omote(&["gallery", "rename", "Bob", "X"]).failed_with(&["no person \"Bob\""]);
    studio.omote(&["gallery", "rename", "Ada", " "]).failed_with(&["name must not be empty"]);
}

#[test]
fn two_people_become_one() {
    let studio = Studio::with_gallery();
    let run = studio.json(&["gallery", "merge", "Bob", "Ada"]).ended(0);
    assert_eq!(run.one("merged")["enrolments"], 2);
    assert_eq!(studio.listed(), [("Ada".into(), 4), ("Cleo".into(), 2)]);
    studio.omote(&["gallery", "merge", "Ada", "Ada"]).failed_with(&["cannot be merged with itself"]);
    studio.omote(&["gallery", "check"]).ended(0);
}

#[test]
fn a_face_that_is_not_a_person_is_not_named_so_again() {
    let studio = Studio::with_gallery();
    studio.photo("twin.jpg", &Scene::new(240, 240).face(1, 60, 70, 110));
    studio.photo("three.jpg", &three_people());
    assert_eq!(named(&studio.identify(&["twin.jpg"])), ["Ada"]);
    let run = studio.json(&["gallery", "not-this-person", "Ada", "twin.jpg"]).ended(0);
    assert_eq!(run.one("mark"), json!({"type": "mark", "person": "Ada", "new": true}));
    let run = studio.json(&["gallery", "not-this-person", "Ada", "twin.jpg"]).ended(0);
    assert_eq!(run.one("mark")["new"], false);
    assert_ne!(named(&studio.identify(&["twin.jpg"])), ["Ada"]);
    // Nor enrolled so.
    let run = studio.enroll(&["twin.jpg", "--as", "Ada"]).ended(2);
    assert_eq!(run.one("enrolment")["status"], "marked not");

    studio.omote(&["gallery", "not-this-person", "Ada", "three.jpg"]).failed_with(&[
        "three.jpg",
        "shows 3 faces",
        "--face",
    ]);
    studio.omote(&["gallery", "not-this-person", "Ada", "three.jpg", "--face", "2"]).ended(0);
    studio.omote(&["gallery", "not-this-person", "Ada", "nowhere.jpg"]).failed_with(&["nowhere.jpg"]);
    studio
        .omote(&["gallery", "not-this-person", "Nobody", "twin.jpg"])
        .failed_with(&["no person \"Nobody\""]);
    studio.omote(&["gallery", "not-this-person", "Ada"]).failed_with(&["PHOTO"]);
}

#[test]
fn a_gallery_moves_to_another_model_by_its_crops() {
    let studio = Studio::with_gallery();
    studio.other_embedder();
    studio.portrait("bob.jpg", 2);
    // The photos are gone: the crops must do.
    fs::remove_dir_all(studio.path("staff")).unwrap();
    let run = studio.json(&["gallery", "re-embed", "--embedder", "painted-other"]).ended(0);
    let summary = run.summary();
    assert_eq!((&summary["switched"], &summary["embedded"]), (&json!(true), &json!(6)));
    assert_eq!(summary["model"]["name"], "painted-other");
    // The gallery says which embedder it wants; nobody has to name it.
    let run = studio.identify(&["bob.jpg"]).ended(0);
    assert_eq!(named(&run), ["Bob"]);
    assert_eq!(run.summary()["ran"]["embedder"]["name"], "painted-other");
    studio.omote(&["gallery", "check"]).ended(0);
}

#[test]
fn a_gallery_without_crops_moves_by_its_photos() {
    let studio = Studio::new();
    studio.other_embedder();
    studio.portrait("staff/Ada/1.jpg", 1);
    studio.portrait("staff/Bob/1.jpg", 2);
    studio.portrait("bob.jpg", 2);
    studio.enroll(&["staff", "--names", "folders", "--no-crops"]).ended(0);

    // From another folder than the one in which the photos were named.
    let elsewhere = studio.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let re_embed = |flags: &[&str]| {
        let flags = [&["--json", "gallery", "re-embed", "--embedder", "painted-other"], flags].concat();
        let mut command = studio.command(&flags);
        command.current_dir(&elsewhere).env("OMOTE_MODELS", studio.path("models"));
        command.env("OMOTE_GALLERY", studio.path("gallery"));
        Run::of(command)
    };

    // A photo that is gone, or another one now, keeps the gallery where it is.
    fs::rename(studio.path("staff/Ada/1.jpg"), studio.path("kept.jpg")).unwrap();
    studio.portrait("staff/Ada/1.jpg", 5);
    let run = re_embed(&[]).ended(2);
    assert!(
        run.error().contains("enrolment 1 of Ada") && run.error().contains("has changed since"),
        "{run:?}"
    );
    assert_eq!(run.summary()["switched"], false);
    assert_eq!(named(&studio.identify(&["bob.jpg"])), ["Bob"]);

    fs::rename(studio.path("kept.jpg"), studio.path("staff/Ada/1.jpg")).unwrap();
    let run = re_embed(&[]).ended(0);
    assert_eq!(run.summary()["embedded"], 2);
    assert_eq!(named(&studio.identify(&["bob.jpg"])), ["Bob"]);
}

#[test]
fn faces_that_cannot_be_embedded_again_may_be_dropped() {
    let studio = Studio::new();
    studio.other_embedder();
    studio.portrait("ada.jpg", 1);
    studio.portrait("bob.jpg", 2);
    studio.enroll(&["ada.jpg", "--as", "Ada", "--no-crops"]).ended(0);
    studio.enroll(&["bob.jpg", "--as", "Bob"]).ended(0);
    fs::remove_file(studio.path("ada.jpg")).unwrap();
    let command = ["gallery", "re-embed", "--embedder", "painted-other"];
    studio.omote(&command).failed_with(&["enrolment 1 of Ada", "no crop is stored", "ada.jpg"]);
    let run = studio.json(&[&command[..], &["--drop-failed"]].concat()).ended(0);
    assert_eq!((&run.summary()["switched"], &run.summary()["not_embedded"]), (&json!(true), &json!(1)));
    assert_eq!(named(&studio.identify(&["bob.jpg"])), ["Bob"]);
}

#[test]
fn templates_of_another_model_are_refused() {
    let studio = Studio::with_gallery();
    studio.other_embedder();
    studio.portrait("bob.jpg", 2);
    for command in [&["identify", "bob.jpg"][..], &["enroll", "bob.jpg", "--as", "Bob"]] {
        let flags = ["--embedder", "painted-other", "--threshold", THRESHOLD];
        studio.omote(&[command, &flags].concat()).failed_with(&[
            "templates of model painted-embedder",
            "not of painted-other",
            "re-embed",
        ]);
    }
    // Flip makes other vectors, too.
    studio
        .omote(&["identify", "bob.jpg", "--flip", "--threshold", THRESHOLD])
        .failed_with(&["without flip", "with flip"]);
}

#[test]
fn an_export_makes_the_same_gallery_elsewhere() {
    let studio = Studio::with_gallery();
    studio.portrait("bob.jpg", 2);
    studio.omote(&["gallery", "not-this-person", "Ada", "bob.jpg"]).ended(0);
    let run = studio.json(&["gallery", "export", "people.jsonl"]).ended(0);
    let exported = run.one("exported");
    assert_eq!(
        (&exported["people"], &exported["enrolments"], &exported["marks"]),
        (&json!(3), &json!(6), &json!(1))
    );
    let lines = fs::read_to_string(studio.path("people.jsonl")).unwrap();
    assert_eq!(lines.lines().count(), 1 + 3 + 6 + 1);
    let files = fs::read_dir(studio.path(".")).unwrap();
    assert!(files.flatten().all(|file| !file.file_name().to_string_lossy().contains("partial")));

    let import = ["gallery", "import", "people.jsonl", "--gallery", "copy"];
    let run = studio.json(&import).ended(0);
    let imported = run.one("imported");
    assert_eq!(
        (&imported["people"], &imported["enrolments"], &imported["skipped"]),
        (&json!(3), &json!(6), &json!(0))
    );
    assert_eq!(named(&studio.identify(&["bob.jpg", "--gallery", "copy"]).ended(0)), ["Bob"]);
    studio.omote(&["gallery", "check", "--gallery", "copy"]).ended(0);
    // Twice is once.
    let run = studio.json(&import).ended(0);
    assert_eq!((&run.one("imported")["enrolments"], &run.one("imported")["skipped"]), (&json!(0), &json!(6)));
}

#[test]
fn an_export_goes_through_a_pipe() {
    let studio = Studio::with_gallery();
    let export = studio.omote(&["gallery", "export", "-", "--no-crops"]).ended(0);
    assert_eq!(export.stdout.lines().count(), 1 + 3 + 6);
    let first: Value = serde_json::from_str(export.stdout.lines().next().unwrap()).unwrap();
    assert_eq!(first["format"], "omote-gallery");

    let mut command = studio.command(&["--json", "gallery", "import", "-", "--gallery", "copy"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(export.stdout.as_bytes()).unwrap();
    let run = Run::from(child.wait_with_output().unwrap()).ended(0);
    assert_eq!(run.one("imported")["enrolments"], 6);
}

#[test]
fn a_broken_export_is_not_imported_at_all() {
    let studio = Studio::with_gallery();
    studio.omote(&["gallery", "export", "people.jsonl"]).ended(0);
    let whole = fs::read_to_string(studio.path("people.jsonl")).unwrap();
    let short: String = whole.lines().take(6).map(|line| format!("{line}\n")).collect();
    for (name, text, reason) in [
        ("short", short.as_str(), "the file ends after"),
        ("torn", &whole[..whole.len() / 2], "line "),
        ("other", "{\"hello\": 1}\n", "line 1"),
        ("empty", "", "line 1"),
    ] {
        studio.write("broken.jsonl", text.as_bytes());
        let run = studio.omote(&["gallery", "import", "broken.jsonl", "--gallery", name]);
        run.failed_with(&[reason, "nothing was imported"]);
        let list = studio.omote(&["gallery", "list", "--gallery", name]);
        assert_ne!(list.code, 0, "somebody came out of {name}: {list:?}");
    }
    studio.omote(&["gallery", "import", "nowhere.jsonl"]).failed_with(&["cannot read nowhere.jsonl"]);
}

#[test]
fn check_finds_a_gallery_sound_or_damaged() {
    let studio = Studio::with_gallery();
    let run = studio.json(&["gallery", "check"]).ended(0);
    assert_eq!((&run.summary()["people"], &run.summary()["enrolments"]), (&json!(3), &json!(6)));
    assert!(studio.omote(&["gallery", "check"]).stdout.starts_with("sound: 3 people, 6 faces"));

    // Half of the database is overwritten, its head aside.
    let path = studio.path("gallery/gallery.db");
    let mut bytes = fs::read(&path).unwrap();
    let half = bytes.len() / 2;
    bytes[half..].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let run = studio.omote(&["gallery", "check"]).ended(2);
    let said = run.stdout + &run.stderr;
    assert!(said.contains("problem: ") || said.contains("damaged"), "{said}");
}

#[test]
fn a_file_that_is_no_gallery_is_left_alone() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    studio.write("gallery/gallery.db", b"dear diary");
    studio
        .omote(&["enroll", "ada.jpg", "--as", "Ada", "--threshold", THRESHOLD])
        .failed_with(&["gallery.db is not a gallery", "name another folder"]);
    assert_eq!(fs::read(studio.path("gallery/gallery.db")).unwrap(), b"dear diary");
}

#[test]
fn crops_are_optional() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    studio.photo("ada2.jpg", &Scene::new(240, 240).face(1, 50, 50, 100));
    studio.enroll(&["ada.jpg", "--as", "Ada", "--no-crops"]).ended(0);
    studio.enroll(&["ada2.jpg", "--as", "Ada"]).ended(0);
    let run = studio.json(&["gallery", "show", "Ada"]).ended(0);
    let crops: Vec<Value> = run.all("enrolment").iter().map(|enrolment| enrolment["crop"].clone()).collect();
    assert_eq!(crops, [false, true]);
}
