//! Checks on real photos and published models, which are not part of the project, and of these models on the album, which
//! is.
//!
//! They run where `OMOTE_SHARED` names a folder with `data/` and `models/`, and say so where it does not; `.ci/run` sets
//! it. Limits stand a little below what was measured (docs/results), so that they fail when accuracy is lost, not when an
//! engine rounds differently.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use geometry::Rect;
use serde_json::Value;

/// The folder of shared data, or `None` after saying that the check is skipped.
fn shared() -> Option<PathBuf> {
    let folder =
        std::env::var_os("OMOTE_SHARED").map(PathBuf::from).filter(|folder| folder.join("data").is_dir());
    if folder.is_none() {
        eprintln!("skipped: OMOTE_SHARED names no folder with data/ and models/");
    }
    folder
}

fn omote(shared: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_omote"))
        .args(arguments)
        .arg("--json")
        .env("OMOTE_MODELS", shared.join("models"))
        .current_dir(shared.join("data"))
        .output()
        .expect("the program starts")
}

/// The last record, which says how a command ended.
fn summary(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    let last = text.lines().last().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    serde_json::from_str(last).expect("a JSON record")
}

#[test]
fn two_photos_of_one_person_match_and_of_two_do_not() {
    let Some(shared) = shared() else { return };
    let photo = |name: &str, number: usize| format!("lfw/images/{name}/{name}_{number:04}.jpg");
    let (a, b) = (photo("Abel_Pacheco", 1), photo("Abel_Pacheco", 4));
    let same = omote(&shared, &["verify", &a, &b]);
    assert_eq!(same.status.code(), Some(0), "{}", String::from_utf8_lossy(&same.stdout));
    let different = omote(&shared, &["verify", &a, &photo("Aaron_Guiel", 1)]);
    assert_eq!(different.status.code(), Some(1), "{}", String::from_utf8_lossy(&different.stdout));
}

#[test]
fn a_gallery_knows_who_is_in_it_and_who_is_not() {
    let Some(shared) = shared() else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let gallery = folder.path().to_string_lossy().into_owned();
    let folder_of_photos = shared.join("data/lfw/images/Tony_Blair");
    let mut photos: Vec<String> = std::fs::read_dir(folder_of_photos)
        .expect("the photos")
        .map(|entry| entry.expect("an entry").path().to_string_lossy().into_owned())
        .collect();
    photos.sort();
    let probe = photos.pop().expect("a photo");
    let mut enroll = vec!["enroll", "--as", "Tony Blair", "--gallery", &gallery, "--face", "central"];
    enroll.extend(photos.iter().map(String::as_str));
    assert_eq!(omote(&shared, &enroll).status.code(), Some(0));
    let identify = |photo: &str| {
        summary(&omote(&shared, &["identify", photo, "--gallery", &gallery, "--max-faces", "1"]))
    };
    assert_eq!(identify(&probe)["recognised"], 1);
    assert_eq!(identify("lfw/images/Abel_Pacheco/Abel_Pacheco_0001.jpg")["recognised"], 0);
}

/// Who is where in the album: photo, and the box of a face.
fn album(folder: &Path) -> Vec<(String, Rect)> {
    let table = std::fs::read_to_string(folder.join("album.csv")).expect("the album's table");
    let rows = table.lines().skip(1).map(|line| line.split(',').collect::<Vec<_>>());
    let number = |cell: &str| cell.parse().expect("a number");
    rows.map(|row| {
        let [x1, y1, x2, y2] = [3, 4, 5, 6].map(|at| number(row[at]));
        (row[0].to_owned(), Rect::new(x1, y1, x2, y2))
    })
    .collect()
}

#[test]
fn the_faces_of_the_album_are_found() {
    let Some(shared) = shared() else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/album");
    let output = omote(&shared, &["detect", &folder.to_string_lossy(), "--detector", "yunet-n"]);
    let text = String::from_utf8_lossy(&output.stdout);
    let mut found: Vec<(String, Rect)> = Vec::new();
    for record in text.lines().map(|line| serde_json::from_str::<Value>(line).expect("a JSON record")) {
        let Some(faces) = record["faces"].as_array() else { continue };
        let photo = Path::new(record["path"]["text"].as_str().expect("a path")).file_name();
        let photo = photo.expect("a name").to_string_lossy().into_owned();
        found.extend(faces.iter().map(|face| {
            let [x1, y1, x2, y2] = [0, 1, 2, 3].map(|at| face["box"][at].as_f64().expect("an edge") as f32);
            (photo.clone(), Rect::new(x1, y1, x2, y2))
        }));
    }
    let everybody = album(&folder);
    let missed = everybody
        .iter()
        .filter(|(photo, truth)| !found.iter().any(|(of, found)| of == photo && found.iou(truth) >= 0.5));
    let missed = missed.count();
    eprintln!("album: {} faces, {missed} missed, {} boxes", everybody.len(), found.len());
    assert!(everybody.len() >= 80 && missed <= 1 && found.len() <= everybody.len() + 1);
}

/// Three of the ten folds: all of them take three times as long, and are in docs/results.
#[test]
#[cfg(unix)]
fn three_folds_of_lfw_view_2() {
    let Some(shared) = shared() else { return };
    let lfw = shared.join("data/lfw").canonicalize().expect("the photos of LFW");
    let folder = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink(lfw.join("images"), folder.path().join("images")).expect("a link");
    let all = std::fs::read_to_string(lfw.join("pairs.txt")).expect("the pairs of LFW");
    let pairs = all.lines().skip(1).take(3 * 600);
    let pairs: String = ["3\t300"].into_iter().chain(pairs).map(|line| format!("{line}\n")).collect();
    std::fs::write(folder.path().join("pairs.txt"), pairs).expect("a list of pairs");
    let data = folder.path().to_string_lossy();
    let arguments = ["eval", "lfw", &data, "--detector", "yunet-n", "--embedder", "mobilefacenet"];
    let result = summary(&omote(&shared, &[&arguments[..], &["--detect-size", "320", "--flip"]].concat()));
    let accuracy = result["accuracy"].as_f64().expect("an accuracy");
    eprintln!(
        "LFW View 2, three folds: {:.2} %, {} errors, {}",
        accuracy * 100.0,
        result["errors"],
        result["ran"]["engine"]
    );
    assert_eq!(result["pairs"], 1800);
    assert_eq!(result["photos_without_face"], 0);
    assert!(accuracy >= 0.990, "accuracy {accuracy}");
}

#[test]
fn groups_of_six_people() {
    let Some(shared) = shared() else { return };
    let result = summary(&omote(&shared, &["group", "glint", "--aligned", "--truth", "folders"]));
    let f = result["agreement"]["pairwise"]["f"].as_f64().expect("a pairwise F");
    eprintln!("glint: pairwise F {f:.4}, {} groups", result["people"]);
    assert!(f >= 0.95, "pairwise F {f}");
}
