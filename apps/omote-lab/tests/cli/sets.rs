//! Data sets are made and verified.

use std::fs;

use super::support::{failed_with, lab, summary};

const RECIPE: &str =
    "kind = \"recognition\"\nseed = 5\npeople = 3\npictures = 2\nsize = 112\naligned = true\njitter = 0.01\n";

#[test]
fn a_recipe_becomes_a_data_set_that_can_be_verified() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("small.toml"), RECIPE).unwrap();
    let made = lab(folder, &["synthesise", "small.toml", "faces", "--json"]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let made = summary(&made);
    assert_eq!((&made["pictures"], &made["made"], &made["rows"]), (&6.into(), &6.into(), &6.into()));
    assert!(folder.join("faces/images/000000/000005.png").exists());

    // The same again is there already, and elsewhere the same bytes come out.
    let again = summary(&lab(folder, &["--json", "synthesise", "small.toml", "faces"]));
    assert_eq!((&again["made"], &again["sha256"]), (&0.into(), &made["sha256"]));
    let other = summary(&lab(folder, &["--json", "synthesise", "small.toml", "others", "--threads", "1"]));
    assert_eq!(other["sha256"], made["sha256"]);

    let verified = lab(folder, &["verify", "faces"]);
    assert_eq!(verified.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&verified.stdout).contains("6 pictures: all are what was written"));
    fs::write(folder.join("faces/images/000000/000003.png"), "spoilt").unwrap();
    failed_with(&lab(folder, &["verify", "faces"]), &["000003.png", "is not the picture that was written"]);
}

#[test]
fn what_cannot_be_made_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    failed_with(&lab(folder, &["synthesise", "none.toml", "faces"]), &["none.toml"]);
    fs::write(folder.join("bad.toml"), RECIPE.replace("people = 3", "people = 0")).unwrap();
    failed_with(&lab(folder, &["synthesise", "bad.toml", "faces"]), &["bad.toml", "people", "at least 1"]);
    assert!(!folder.join("faces").exists(), "nothing is left behind");
    fs::write(folder.join("small.toml"), RECIPE).unwrap();
    failed_with(&lab(folder, &["synthesise", "small.toml", "."]), &["is not empty", "name a new folder"]);
    let file = lab(folder, &["synthesise", "small.toml", "small.toml"]);
    failed_with(&file, &["small.toml is no folder", "name a new one"]);
    failed_with(&lab(folder, &["verify", "."]), &["holds no data set"]);
}

#[test]
fn a_sheet_is_a_picture_of_its_subject() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let made = lab(folder, &["sheet", "people", "people.png", "--people", "2", "--size", "32", "--json"]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let made = summary(&made);
    assert_eq!(made["pictures"], 16);
    let sheet = imaging::decode(&fs::read(folder.join("people.png")).unwrap(), &Default::default()).unwrap();
    assert_eq!((&made["width"], &made["height"]), (&sheet.width().into(), &sheet.height().into()));
    failed_with(&lab(folder, &["sheet", "people", "people.gif"]), &["people.gif", ".png, .jpg or .jpeg"]);
    failed_with(&lab(folder, &["sheet", "people", "none/people.png"]), &["there is no folder none"]);
    failed_with(&lab(folder, &["sheet", "cars", "cars.png"]), &["cars", "people"]);
}
