//! Do published networks, which learned from photos, take drawn people for people?
//!
//! The networks are not part of the project. These checks run where `OMOTE_SHARED` names a folder with `models/`, and say so
//! where it does not; `.ci/run` sets it. They are for release builds: thousands of pictures are drawn. Larger sets are in
//! docs/synthetic-faces.md.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The folder of models, or `None` after saying that the check is skipped.
fn models() -> Option<PathBuf> {
    let shared = std::env::var_os("OMOTE_SHARED").map(PathBuf::from);
    let models = shared.map(|shared| shared.join("models")).filter(|models| models.is_dir());
    if models.is_none() {
        eprintln!("skipped: OMOTE_SHARED names no folder with models/");
    }
    models
}

/// Runs the program; its records, of which the last says how it ended, and its exit code.
fn lab(folder: &Path, models: &Path, arguments: &[&str]) -> (Vec<Value>, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_omote-lab"))
        .args(arguments)
        .arg("--json")
        .env("OMOTE_MODELS", models)
        .env("OMOTE_ENGINE", "rten")
        .current_dir(folder)
        .output()
        .expect("the program starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let records = text.lines().map(|line| serde_json::from_str(line).expect("a JSON record")).collect();
    (records, output.status.code())
}

/// A folder with the data set of a recipe in `faces`.
fn made(models: &Path, recipe: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("recipe.toml"), recipe).expect("a recipe");
    let (made, code) = lab(folder.path(), models, &["synthesise", "recipe.toml", "faces"]);
    assert_eq!(code, Some(0), "{made:?}");
    folder
}

/// Examines what was made. The record of each network, and all that was required and does not hold.
fn examined(models: &Path, folder: &Path, arguments: &[&str]) -> (Vec<Value>, Vec<Value>) {
    let (mut records, code) = lab(folder, models, &[&["examine", "faces"], arguments].concat());
    assert!(matches!(code, Some(0 | 1)), "{records:?}");
    let summary = records.pop().expect("a summary");
    let required = summary["required"].as_array().expect("what was required");
    let broken = required.iter().filter(|check| check["holds"] == false).cloned().collect();
    (records, broken)
}

/// A number of a record.
fn number(record: &Value, name: &str) -> f64 {
    record[name].as_f64().unwrap_or_else(|| panic!("no {name} in {record}"))
}

/// Detectors, the side of the picture that they see, and how far the median of their points may be from the truth, as a
/// share of the inter-ocular distance: that of the outer corners of the eyes, as 300-W has it.
const DETECTORS: [(&str, &str, f64); 3] =
    [("yunet-n", "480", 0.062), ("yunet-n", "auto", 0.069), ("scrfd-2.5g", "auto", 0.045)];

#[test]
fn detectors_find_the_faces_and_their_points() {
    let Some(models) = models() else { return };
    let recipe = "kind = \"recognition\"\nseed = 7001\npeople = 150\npictures = 2\nsize = 160\n";
    let faces = made(&models, recipe);
    for (name, side, most) in DETECTORS {
        let arguments = ["--least-found", "0.98", "--detector", name, "--detect-size", side];
        let (records, broken) = examined(&models, faces.path(), &arguments);
        let (share, off) = (number(&records[0], "share"), number(&records[0], "points_median_of_corners"));
        let (share, percent) = (100.0 * share, 100.0 * off);
        eprintln!(
            "{name}, {side}: {share:.2} % found, points off by {percent:.2} % of the inter-ocular distance"
        );
        assert!(off <= most && broken.is_empty(), "{broken:?} {}", records[0]);
    }
}

#[test]
fn mobilefacenet_tells_people_apart_and_less_so_when_they_turn() {
    let Some(models) = models() else { return };
    let recipe = "kind = \"recognition\"\nseed = 7002\npeople = 80\npictures = 8\nsize = 112\naligned = true\n\
                  jitter = 0.015\n";
    let wanted = ["--embedder", "mobilefacenet", "--eer", "0.03..0.15", "--in-order"];
    let (records, broken) = examined(&models, made(&models, recipe).path(), &wanted);
    let known = &records[0];
    eprintln!("mobilefacenet: equal error rate {:.2} %", 100.0 * number(known, "eer"));
    assert_eq!(known["falls_with_yaw"], true, "{known}");
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn siblings_are_between_strangers_and_themselves() {
    let Some(models) = models() else { return };
    let recipe = "kind = \"recognition\"\nseed = 7003\npeople = 60\npictures = 5\nsiblings = 2\nsize = 112\n\
                  aligned = true\njitter = 0.015\n";
    let (records, _) = examined(&models, made(&models, recipe).path(), &["--embedder", "mobilefacenet"]);
    let known = &records[0];
    let mean = |name: &str| number(&known[name], "mean");
    eprintln!(
        "mobilefacenet: strangers {:.3}, siblings {:.3}, the same person {:.3}",
        mean("strangers"),
        mean("siblings"),
        mean("same")
    );
    assert_eq!(known["siblings_between"], true, "{known}");
}

#[test]
fn mobilefacenet_is_less_sure_of_worse_pictures() {
    let Some(models) = models() else { return };
    let recipe = "kind = \"quality\"\nseed = 7004\npeople = 30\npictures = 3\ngrades = 4\nsize = 112\naligned = true\n\
                  jitter = 0.015\n";
    let (records, _) = examined(&models, made(&models, recipe).path(), &["--embedder", "mobilefacenet"]);
    let known = &records[0];
    let means = known["by_degradation"].as_array().expect("means by degradation");
    let means: Vec<String> = means.iter().map(|mean| format!("{:.3}", number(mean, "mean"))).collect();
    eprintln!("mobilefacenet: the same person, by grade {}", means.join(", "));
    assert_eq!(known["falls_with_degradation"], true, "{known}");
}
