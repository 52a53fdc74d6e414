//! Whoever is in two sources is found.

use std::fs;
use std::path::Path;

use fixtures::models;
use fixtures::photo::Scene;
use serde_json::Value;
use tempfile::TempDir;

use super::support::{failed_with, lab, records, summary};

/// Models, and two folders of aligned faces: person 3 has the same name in both, person 4 another name and the same
/// photo, and person 5 another name and other photos.
fn studio() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    models::write(&folder.path().join("models")).unwrap();
    let put = |file: &str, person: u32, gain: f32| {
        let path = folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let scene = Scene::new(112, 112).face(person, 0, 0, 112);
        fs::write(path, scene.brightness(gain).png()).unwrap();
    };
    for (name, person) in [("Jane_Doe", 3), ("ben", 4), ("cleo", 5), ("dan", 6)] {
        put(&format!("a/{name}/1.png"), person, 1.0);
        put(&format!("a/{name}/2.png"), person, 0.9);
    }
    for (name, person, gain) in [("doe jane", 7, 1.0), ("b", 4, 0.9), ("c", 5, 0.8), ("e", 8, 1.0)] {
        put(&format!("b/{name}/1.png"), person, gain);
    }
    folder
}

fn met(folder: &Path, arguments: &[&str], code: i32) -> Vec<(String, String, String)> {
    let always = ["overlap", "a", "b", "--kind", "folders", "--json"];
    let output = lab(folder, &[&always[..], arguments].concat());
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    assert_eq!(summary(&output)["people"], Value::from(vec![4, 4]));
    let reason = if code == 0 { "ok" } else { "somebody may be in both" };
    assert_eq!(summary(&output)["reason"], reason);
    let text = |record: &Value, key: &str| record[key].as_str().unwrap().to_owned();
    let meetings = records(&output).into_iter().filter(|record| record["type"] == "meeting");
    meetings.map(|record| (text(&record, "a"), text(&record, "b"), text(&record, "by"))).collect()
}

fn meeting(a: &str, b: &str, by: &str) -> (String, String, String) {
    (a.to_owned(), b.to_owned(), by.to_owned())
}

#[test]
fn people_meet_by_name_by_picture_and_by_face() {
    let studio = studio();
    let folder = studio.path();
    let named = meeting("Jane_Doe", "doe jane", "name");
    assert_eq!(met(folder, &[], 1), std::slice::from_ref(&named));
    assert_eq!(met(folder, &["--pictures"], 1), [named.clone(), meeting("ben", "b", "pictures")]);
    let embedder =
        ["--embedder", models::EMBEDDER, "--least", "0.9", "--models", "models", "--engine", "rten"];
    let mut alike = met(folder, &embedder, 1);
    alike.sort();
    assert_eq!(alike, [named, meeting("ben", "b", "likeness"), meeting("cleo", "c", "likeness")]);
    // The section of a recipe names a source too.
    let recipe = "[data]\nkind = \"joined\"\nof = [{ kind = \"folders\", path = \"b\" }]\n";
    fs::write(folder.join("train.toml"), recipe).unwrap();
    let said = lab(folder, &["overlap", "a", "train.toml", "--kind", "folders", "--kind-b", "data"]);
    assert_eq!(said.status.code(), Some(1), "{said:?}");
    assert!(String::from_utf8_lossy(&said.stdout).contains("Jane_Doe and 1/doe jane: one name"), "{said:?}");
    fs::rename(folder.join("b/doe jane"), folder.join("b/7399")).unwrap();
    assert_eq!(met(folder, &[], 0), []);
}

#[test]
fn what_cannot_be_compared_is_said() {
    let studio = studio();
    let folder = studio.path();
    failed_with(&lab(folder, &["overlap", "a", "none", "--kind", "folders"]), &["none is not there"]);
    failed_with(&lab(folder, &["overlap", "a", "b", "--kind", "folders", "--embedder", "x"]), &["--least"]);
    let least = ["overlap", "a", "b", "--kind", "folders", "--embedder", "x", "--least", "2"];
    failed_with(&lab(folder, &least), &["from -1 to 1"]);
    let written = ["overlap", "a", "b", "--kind", "folders", "--kind-b", "written"];
    failed_with(&lab(folder, &written), &["b holds no data set"]);
    fs::write(folder.join("b/e/2.png"), "no photo").unwrap();
    let pictures = ["overlap", "a", "b", "--kind", "folders", "--pictures"];
    failed_with(&lab(folder, &pictures), &["2.png", "not a picture"]);
    // So it is where people are compared.
    let mut alike = vec!["overlap", "a", "b", "--kind", "folders", "--embedder", models::EMBEDDER];
    alike.extend(["--least", "0.9", "--models", "models", "--engine", "rten"]);
    failed_with(&lab(folder, &alike), &["2.png", "not a picture"]);
    for file in ["doe jane/1.png", "b/1.png", "c/1.png", "e/1.png"] {
        fs::write(folder.join("b").join(file), "no photo").unwrap();
    }
    failed_with(&lab(folder, &alike), &["of no picture there is an embedding", "1.png"]);
    // What does nothing is no flag.
    failed_with(&lab(folder, &[&pictures[..], &["--detect-size", "auto"]].concat()), &["--detect-size"]);
}
