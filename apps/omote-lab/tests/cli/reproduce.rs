//! A study is followed, stopped, and measured again without its runs.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use super::support::{command, failed_with, lab, summary};

const STUDY: &str = "[sets.faces]\nkind = 'drawn'\n\
    recipe = { kind = 'recognition', seed = 1, people = 24, pictures = 3, size = 56, width = 48, aligned = true }\n\
    [sets.others]\nkind = 'drawn'\n\
    recipe = { kind = 'recognition', seed = 2, people = 30, pictures = 5, size = 56, width = 48, aligned = true }\n\
    [sets.photos]\nkind = 'photos'\ndata = { kind = 'celeba', path = 'celeba' }\ndetector = 'none'\nsize = '96x112'\n\
    [grids.margins]\nseeds = [1, 2]\n\
    arms = [{ name = 'm = 1', recipe = { loss = { margin = 1 } } }, { name = 'm = 4', seeds = [1] }]\n\
    tests = [\n  { name = 'strangers', data = { kind = 'written', path = 'others' } },\n  \
    { name = 'learned', data = { kind = 'written', path = 'faces', people = { people = 6 } } },\n]\n\
    [grids.margins.recipe]\nrun = { steps = 6, batch = 12 }\ndata = { kind = 'written', path = 'faces' }\n\
    backbone = { kind = 'sphereface', depth = 4, width = 0.125, input = [56, 48], dimension = 8 }\n\
    loss = { kind = 'a-softmax', margin = 4 }\n\
    [grids.toy]\nseeds = [1]\narms = [{ name = 'm = 4' }]\n\
    tests = [{ name = 'learned', data = { kind = 'written', path = 'others' } }]\n\
    [grids.toy.recipe]\nrun = { steps = 4, batch = 8 }\ndata = { kind = 'written', path = 'others' }\n\
    backbone = { kind = 'sphereface', depth = 4, width = 0.125, input = [56, 48], dimension = 2 }\n\
    loss = { kind = 'a-softmax', margin = 4 }\n\
    [grids.pair]\nseeds = [1]\nclasses = true\narms = [{ name = 'softmax' }]\n\
    tests = [{ name = 'learned', data = { kind = 'written', path = 'others', people = { people = 2 } } }]\n\
    [grids.pair.recipe]\nrun = { steps = 4, batch = 8 }\ndata = { kind = 'written', path = 'others', people = { people = 2 } }\n\
    backbone = { kind = 'sphereface', depth = 4, width = 0.125, input = [56, 48], dimension = 2 }\nloss = { kind = 'softmax' }\n\
    [grids.photos]\nseeds = [1]\narms = [{ name = 'm = 1' }]\n\
    tests = [{ name = 'strangers', data = { kind = 'written', path = 'photos' } }]\n\
    [grids.photos.recipe]\nrun = { steps = 4, batch = 8 }\ndata = { kind = 'written', path = 'photos' }\n\
    backbone = { kind = 'sphereface', depth = 4, input = [56, 48] }\nloss = { kind = 'softmax' }\n";

const COMMAND: [&str; 7] = ["reproduce", "sphereface", "out", "--studies", "studies", "--models", "models"];

/// A folder with the study, and no models.
fn shelf() -> tempfile::TempDir {
    let shelf = tempfile::tempdir().unwrap();
    for folder in ["studies", "models"] {
        fs::create_dir(shelf.path().join(folder)).unwrap();
    }
    fs::write(shelf.path().join("studies/sphereface.toml"), STUDY).unwrap();
    shelf
}

fn reproduce(shelf: &Path) -> std::process::Output {
    lab(shelf, &[&["--json"], &COMMAND[..]].concat())
}

#[test]
fn a_study_is_followed_and_measured_again_without_its_runs() {
    let shelf = shelf();
    let shelf = shelf.path();
    let study = shelf.join("studies/sphereface.toml");
    let first = reproduce(shelf);
    let last = summary(&first);
    // Six steps show nothing: what matters is that it is said.
    assert_eq!(first.status.code(), Some(1), "{first:?}");
    let claims = last["claims"].as_array().unwrap();
    assert_eq!(claims.len(), 2, "margins and the toy, and of two margins no order: {last}");
    assert!(claims.iter().all(|claim| claim["verdict"].is_string()), "{last}");
    let kept = |file: &str| fs::read_to_string(shelf.join("out").join(file)).unwrap();
    let text = kept("results.md");
    for said in [
        "# SphereFace",
        "| m = 4 | 1 |",
        "| m = 1 | 1, 2 |",
        "none were given with --photos",
        "figures/01.svg",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(kept("figures/01.svg").starts_with("<svg") && kept("report.html").contains("<svg"));
    let record = kept("results.json");

    // The vectors are enough.
    for folder in ["runs", "sets"] {
        fs::remove_dir_all(shelf.join("out").join(folder)).unwrap();
    }
    let again = reproduce(shelf);
    assert_eq!(summary(&again)["claims"], last["claims"]);
    assert_eq!(kept("results.json"), record);
    assert!(!shelf.join("out/runs").exists());

    // Vectors of another study are not taken for those of this one.
    fs::write(&study, STUDY.replace("steps = 6", "steps = 7")).unwrap();
    failed_with(&lab(shelf, &COMMAND), &["m-1", "strangers.safetensors", "another recipe"]);
}

#[test]
fn photos_that_are_not_there_are_told_before_anything_is_made() {
    let shelf = shelf();
    let shelf = shelf.path();
    let with_photos = [&COMMAND[..], &["--photos", "models"]].concat();
    failed_with(&lab(shelf, &with_photos), &["set \"photos\"", "looked for in models", "celeba"]);
    assert!(!shelf.join("out/sets").exists());
}

#[test]
fn processes_that_share_a_study_train_each_run_once() {
    let shelf = shelf();
    let shelf = shelf.path();
    let start = || command(shelf, &COMMAND).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let said = [start(), start()].map(|process| {
        let output = process.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8(output.stderr).unwrap()
    });
    for run in ["margins: run 1 of 3", "margins: run 2 of 3", "margins: run 3 of 3", "toy: run 1 of 1"] {
        let begun = said.iter().flat_map(|text| text.lines());
        let begun = begun.filter(|line| line.contains(run) && !line.contains("another process")).count();
        assert_eq!(begun, 1, "{run}: {said:?}");
    }
    assert!(shelf.join("out/results.md").exists());
}
