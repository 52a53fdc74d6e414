//! The cache follows the truth, and is made anew where it cannot.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use omote_gallery::{Gallery, IdentifyOptions};

use crate::support::*;

fn index(folder: &Path) -> std::path::PathBuf {
    folder.join("index.f16")
}

fn found(gallery: &mut Gallery, seed: u64) -> (String, f32) {
    let answer =
        gallery.identify(&[(&embedding(seed)).into()], &IdentifyOptions::default()).unwrap().remove(0);
    (answer.candidates[0].name.clone(), answer.candidates[0].score)
}

#[test]
fn it_is_written_and_caught_up_and_not_written_without_need() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path(), 20, 2));
    let written = || -> (u64, SystemTime) {
        let found = fs::metadata(index(folder.path())).unwrap();
        (found.len(), found.modified().unwrap())
    };
    let first = written();
    let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
    assert_eq!(gallery.stats().unwrap().pending, 0);
    assert_eq!(found(&mut gallery, 7001).0, "person 7");
    drop(gallery);
    assert_eq!(written(), first);

    let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
    enroll(&mut gallery, "new", &face(555));
    assert_eq!(found(&mut gallery, 555).0, "new");
    assert_eq!(gallery.stats().unwrap().pending, 1);
    drop(gallery);
    assert_eq!(written().0, first.0, "there was room");
    let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
    assert_eq!(gallery.stats().unwrap().pending, 0);
    assert_eq!(found(&mut gallery, 555).0, "new");
    sound(&mut gallery);
}

#[test]
fn it_grows_and_loses_its_blank_rows_under_readers() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path(), 4, 1));
    let mut reader = Gallery::open(folder.path(), &model(1)).unwrap();
    assert_eq!(found(&mut reader, 1000).0, "person 1");
    let small = fs::metadata(index(folder.path())).unwrap().len();
    let mut writer = Gallery::open(folder.path(), &model(1)).unwrap();
    let faces: Vec<_> = (0..2500).map(|at| (format!("q{}", at / 2), face(10_000_000 + at))).collect();
    for batch in faces.chunks(500) {
        let batch: Vec<_> = batch.iter().map(|(name, face)| (name.as_str(), face)).collect();
        writer.enroll_many(&batch, &plain()).unwrap();
        assert_eq!(found(&mut writer, 2000).0, "person 2");
    }
    assert!(fs::metadata(index(folder.path())).unwrap().len() > small);
    assert_eq!(found(&mut reader, 10_002_499).0, "q1249");
    let names: Vec<String> = (0..600).map(|at| format!("q{at}")).collect();
    writer.forget_people(&names.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
    assert_eq!(found(&mut reader, 10_002_499).0, "q1249");
    assert!(found(&mut reader, 10_000_000).1 < 0.99);
    for gallery in [&mut writer, &mut reader] {
        sound(gallery);
    }
}

/// What a test does to the cache of a closed gallery.
type Damage = fn(&Path);

#[test]
fn damage_is_noticed_and_repaired() {
    let cases: [(&str, Damage); 9] = [
        ("missing", |path| fs::remove_file(path).unwrap()),
        ("empty", |path| fs::write(path, b"").unwrap()),
        ("short", |path| fs::File::options().write(true).open(path).unwrap().set_len(5000).unwrap()),
        ("foreign", |path| fs::write(path, b"SQLite format 3\0 and more".repeat(1000)).unwrap()),
        ("a folder", |path| {
            fs::remove_file(path).unwrap();
            fs::create_dir(path).unwrap();
        }),
        ("magic", |path| flip(path, 0)),
        ("gallery", |path| flip(path, 16)),
        ("rows", |path| flip(path, 88)),
        ("checksum", |path| flip(path, 112)),
    ];
    for (what, damage) in cases {
        let folder = tempfile::tempdir().unwrap();
        drop(filled(folder.path(), 30, 2));
        damage(&index(folder.path()));
        let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
        assert_eq!(found(&mut gallery, 3001).0, "person 3", "{what}");
        sound(&mut gallery);
        drop(gallery);
        if what != "a folder" {
            let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
            assert_eq!(gallery.stats().unwrap().pending, 0, "{what}: written anew");
            sound(&mut gallery);
        }
    }
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

#[test]
fn the_cache_of_another_history_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path(), 5, 1));
    let backup = fs::read(folder.path().join("gallery.db")).unwrap();
    let enroll_one = |name: &str, seed| {
        let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
        enroll(&mut gallery, name, &face(seed));
    };
    enroll_one("first history", 71);
    let cache = fs::read(index(folder.path())).unwrap();
    // The backup comes back, and reaches the same change number with another face.
    fs::write(folder.path().join("gallery.db"), &backup).unwrap();
    enroll_one("second history", 72);
    fs::write(index(folder.path()), &cache).unwrap();
    let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
    assert_eq!(found(&mut gallery, 72).0, "second history");
    assert!(found(&mut gallery, 71).1 < 0.9);
    sound(&mut gallery);
    drop(gallery);
    // A backup that is older than the cache.
    fs::write(folder.path().join("gallery.db"), &backup).unwrap();
    let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
    assert!(found(&mut gallery, 72).1 < 0.9);
    sound(&mut gallery);
}

#[test]
fn a_changed_row_is_found_by_a_check_and_repaired() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path(), 5, 1));
    let bytes = fs::read(index(folder.path())).unwrap();
    let half = half::f16::from_f32(embedding(2000).vector[0]).to_le_bytes();
    let second = half::f16::from_f32(embedding(2000).vector[1]).to_le_bytes();
    let at = bytes.windows(4).position(|window| window == [half, second].concat()).unwrap();
    flip(&index(folder.path()), at);
    let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
    let problems = gallery.check().unwrap();
    assert_eq!(problems.len(), 1);
    assert!(problems[0].contains("another vector for enrolment 3"), "{problems:?}");
    gallery.rebuild_cache().unwrap();
    sound(&mut gallery);
}

#[test]
fn a_cache_that_is_long_behind_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path(), 3, 1));
    let old = fs::read(index(folder.path())).unwrap();
    let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
    let faces: Vec<_> = (0..5000).map(|at| face(10_000_000 + at)).collect();
    let faces: Vec<_> = faces.iter().map(|face| ("many", face)).collect();
    gallery.enroll_many(&faces, &plain()).unwrap();
    drop(gallery);
    fs::write(index(folder.path()), &old).unwrap();
    let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
    assert_eq!(gallery.stats().unwrap().pending, 0);
    assert_eq!(found(&mut gallery, 10_004_999).0, "many");
    sound(&mut gallery);
}
