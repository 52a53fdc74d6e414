//! Folders of models, made up: what is found, what is refused, in what words.

use std::fs;
use std::path::{Path, PathBuf};

use omote_model::{CommercialUse, Error, FileHash, Kind, Manifest, Origin, Store, catalogue};

/// The manifest of a published embedder with other content, as somebody's own model.
pub(crate) fn manifest(name: &str, content: &[u8]) -> Manifest {
    let published = catalogue::find("mobilefacenet").and_then(|entry| entry.manifest()).unwrap();
    let mut manifest = published.clone();
    manifest.name = name.into();
    manifest.files[0].file = "net.onnx".into();
    manifest.files[0].sha256 = FileHash::of(content);
    manifest.files[0].bytes = None;
    manifest
}

/// Writes a model folder.
pub(crate) fn place(folder: &Path, manifest: &Manifest, content: &[u8]) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("model.toml"), manifest.to_toml().unwrap()).unwrap();
    for file in &manifest.files {
        fs::write(folder.join(&file.file), content).unwrap();
    }
}

pub(crate) fn open(folder: &Path) -> Store {
    Store::open(&[folder.to_path_buf()]).unwrap()
}

#[test]
fn a_model_folder_is_found_at_any_depth_and_checked() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("a/b/mine");
    place(&folder, &manifest("mine", b"weights"), b"weights");
    let store = open(root.path());
    let model = store.resolve("mine").unwrap();
    assert_eq!(model.origin, Origin::Folder(folder.clone()));
    assert_eq!(model.fingerprint, manifest("mine", b"weights").fingerprint());
    let file = model.file("model").unwrap();
    assert_eq!((file.bytes.as_slice(), &file.path), (&b"weights"[..], &folder.join("net.onnx")));
    assert!(model.file("pnet").is_none());
    store.verify("mine").unwrap();

    // Or by its path, whatever folders are looked through.
    let elsewhere = Store::open(&[]).unwrap();
    let path = folder.to_str().unwrap();
    assert_eq!(elsewhere.resolve(path).unwrap().fingerprint, model.fingerprint);
    let error = elsewhere.resolve(&path.replace("mine", "yours")).unwrap_err().to_string();
    assert!(error.contains("yours/model.toml"), "{error}");

    fs::write(folder.join("net.onnx"), b"other").unwrap();
    let error = store.verify("mine").unwrap_err();
    assert!(matches!(&error, Error::WrongHash { expected, found, .. }
        if *expected == FileHash::of(b"weights") && *found == FileHash::of(b"other")));
    let message = error.to_string();
    for part in [
        "net.onnx",
        "mine",
        "--like",
        &FileHash::of(b"weights").to_string(),
        &FileHash::of(b"other").to_string(),
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }

    fs::remove_file(folder.join("net.onnx")).unwrap();
    assert!(matches!(store.resolve("mine"), Err(Error::MissingFile { .. })));
    assert!(open(root.path()).list().problems[0].contains("net.onnx is missing"));
}

#[test]
fn names_that_lead_nowhere_say_what_to_do() {
    let root = tempfile::tempdir().unwrap();
    place(&root.path().join("x"), &manifest("my-faces", b"w"), b"w");
    let store = open(root.path());
    let cases = [
        ("faces", "is it my-faces?"),
        ("yunet-xl", "omote models list"),
        ("mobilefacenet", "is not under"),
        ("sface", "https://"),
        ("retinaface-mv2", "no decoder"),
        ("buffalo_l", "unpack"),
    ];
    for (name, expected) in cases {
        let message = store.resolve(name).unwrap_err().to_string();
        assert!(message.contains(expected), "{name}: {message}");
    }
}

#[test]
fn folders_that_are_none_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let file = root.path().join("file");
    fs::write(&file, b"").unwrap();
    for path in [root.path().join("missing"), file] {
        let message = Store::open(std::slice::from_ref(&path)).unwrap_err().to_string();
        assert!(message.contains("--models") && message.contains(path.to_str().unwrap()), "{message}");
    }
}

#[test]
fn a_broken_manifest_is_a_problem_of_its_own_only() {
    let root = tempfile::tempdir().unwrap();
    place(&root.path().join("good"), &manifest("good", b"w"), b"w");
    fs::create_dir(root.path().join("bad")).unwrap();
    fs::write(root.path().join("bad/model.toml"), "format = 1").unwrap();
    let store = open(root.path());
    store.resolve("good").unwrap();
    let listing = store.list();
    assert_eq!(listing.models.len(), 1);
    assert!(listing.problems[0].contains("bad") && listing.problems[0].contains("kind"), "{listing:?}");
}

#[test]
fn of_two_models_with_one_name_the_first_folder_wins() {
    let root = tempfile::tempdir().unwrap();
    let folders: Vec<PathBuf> = ["one", "two"].map(|name| root.path().join(name)).into();
    place(&folders[0].join("m"), &manifest("m", b"1"), b"1");
    place(&folders[1].join("m"), &manifest("m", b"2"), b"2");
    let store = Store::open(&folders).unwrap();
    assert_eq!(store.resolve("m").unwrap().files[0].bytes, b"1");
    assert!(store.list().problems[0].contains("two"), "{:?}", store.list());
    // The same folder given twice is no conflict.
    let twice = Store::open(&[folders[0].clone(), folders[0].clone()]).unwrap();
    assert!(twice.list().problems.is_empty());
}

#[test]
fn plain_files_are_known_by_content_only() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("mobilefacenet.onnx"), b"not it").unwrap();
    fs::write(root.path().join("stranger.ONNX"), b"unknown").unwrap();
    fs::write(root.path().join("notes.txt"), b"unknown").unwrap();
    let store = open(root.path());
    let error = store.resolve("mobilefacenet").unwrap_err();
    assert!(
        matches!(&error, Error::WrongHash { path, .. } if path.ends_with("mobilefacenet.onnx")),
        "{error}"
    );
    let listing = store.list();
    assert!(listing.models.is_empty());
    let names: Vec<_> =
        listing.others.iter().map(|(path, entry)| (path.file_name().unwrap(), entry.is_some())).collect();
    assert_eq!(names, [("mobilefacenet.onnx".as_ref(), false), ("stranger.ONNX".as_ref(), false)]);
}

#[test]
fn a_model_folder_may_carry_a_published_name() {
    // What an import of a published model leaves is found by every name of that model.
    let root = tempfile::tempdir().unwrap();
    place(&root.path().join("w600k-r50"), &manifest("w600k-r50", b"w"), b"w");
    let store = open(root.path());
    assert_eq!(store.resolve("ARCFACE_R50").unwrap().files[0].bytes, b"w");
    assert_eq!(store.list().models.len(), 1);
}

#[test]
fn the_default_is_the_preferred_then_the_freest() {
    let root = tempfile::tempdir().unwrap();
    let add = |name: &str, commercial_use: CommercialUse| {
        let mut manifest = manifest(name, b"w");
        manifest.licence.commercial_use = commercial_use;
        place(&root.path().join(name), &manifest, b"w");
    };
    let default = || open(root.path()).default_for(Kind::Embedder).map(|model| model.manifest.name);
    let message = default().unwrap_err().to_string();
    assert!(message.contains("embedder") && message.contains("mobilefacenet is at https"), "{message}");
    add("a-forbidden", CommercialUse::No);
    assert_eq!(default().unwrap(), "a-forbidden");
    add("c-unclear", CommercialUse::Unclear);
    assert_eq!(default().unwrap(), "c-unclear");
    add("b-free", CommercialUse::Yes);
    assert_eq!(default().unwrap(), "b-free");
    add("sface", CommercialUse::Yes);
    assert_eq!(default().unwrap(), "sface");
    assert!(open(root.path()).default_for(Kind::Detector).is_err());
}

#[test]
fn a_detector_without_landmarks_is_the_last_choice() {
    let root = tempfile::tempdir().unwrap();
    let add = |name: &str, like: &str| {
        let mut manifest = catalogue::find(like).and_then(|entry| entry.manifest()).unwrap().clone();
        manifest.name = name.into();
        manifest.files[0].sha256 = FileHash::of(b"w");
        place(&root.path().join(name), &manifest, b"w");
    };
    let default = || open(root.path()).default_for(Kind::Detector).unwrap().manifest.name;
    add("bare", "ultraface-320");
    assert_eq!(default(), "bare");
    add("forbidden-with-landmarks", "scrfd-2.5g");
    assert_eq!(default(), "forbidden-with-landmarks");
}

#[test]
fn a_damaged_only_model_is_the_error_of_the_default() {
    let root = tempfile::tempdir().unwrap();
    place(&root.path().join("m"), &manifest("m", b"right"), b"wrong");
    assert!(matches!(open(root.path()).default_for(Kind::Embedder), Err(Error::WrongHash { .. })));
    // A sound model that would come after it does not take its place in silence, one that comes before it does.
    place(&root.path().join("n"), &manifest("n", b"w"), b"w");
    assert!(matches!(open(root.path()).default_for(Kind::Embedder), Err(Error::WrongHash { .. })));
    place(&root.path().join("a"), &manifest("a", b"w"), b"w");
    assert_eq!(open(root.path()).default_for(Kind::Embedder).unwrap().manifest.name, "a");
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_and_hidden_folders_do_no_harm() {
    let root = tempfile::tempdir().unwrap();
    place(&root.path().join("m"), &manifest("m", b"w"), b"w");
    place(&root.path().join(".half.1.importing"), &manifest("half", b"w"), b"w");
    fs::create_dir(root.path().join("sub")).unwrap();
    std::os::unix::fs::symlink(root.path(), root.path().join("sub/up")).unwrap();
    std::os::unix::fs::symlink(root.path().join("m"), root.path().join("sub/same")).unwrap();
    std::os::unix::fs::symlink("nowhere", root.path().join("broken.onnx")).unwrap();
    let listing = open(root.path()).list();
    let names: Vec<_> = listing.models.iter().map(|model| model.manifest.name.as_str()).collect();
    assert_eq!(names, ["m"]);
    assert!(listing.problems.iter().all(|problem| problem.contains("broken.onnx")), "{:?}", listing.problems);
}

#[cfg(unix)]
#[test]
fn a_model_file_that_is_no_file_is_refused() {
    let root = tempfile::tempdir().unwrap();
    place(&root.path().join("m"), &manifest("m", b"w"), b"w");
    fs::remove_file(root.path().join("m/net.onnx")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", root.path().join("m/net.onnx")).unwrap();
    let message = open(root.path()).resolve("m").unwrap_err().to_string();
    assert!(message.contains("not a regular file"), "{message}");
}

#[cfg(unix)]
#[test]
fn links_that_multiply_are_given_up_on() {
    // Eight levels of four links each: 87,380 ways through nine folders.
    let root = tempfile::tempdir().unwrap();
    let level = |at: usize| root.path().join(format!("level{at}"));
    (0..9).for_each(|at| fs::create_dir(level(at)).unwrap());
    for at in 0..8 {
        for link in 0..4 {
            std::os::unix::fs::symlink(level(at + 1), level(at).join(format!("link{link}"))).unwrap();
        }
    }
    let listing = open(&level(0)).list();
    assert!(listing.problems[0].contains("more than 20000 files and folders"), "{:?}", listing.problems);
}
