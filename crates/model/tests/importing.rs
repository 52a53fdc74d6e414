//! Import: from ONNX files to a model folder, or a refusal that says why.

use std::fs;
use std::path::{Path, PathBuf};

use omote_model::{CommercialUse, Error, Import, Imported, Manifest, Store};

use crate::stores::{manifest, open, place};

/// A store whose only model is the embedder `base`, and files to import.
struct Workshop {
    root: tempfile::TempDir,
}

impl Workshop {
    fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        place(&root.path().join("models/base"), &manifest("base", b"base"), b"base");
        Self { root }
    }

    fn models(&self) -> PathBuf {
        self.root.path().join("models")
    }

    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.root.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn store(&self) -> Store {
        open(&self.models())
    }

    fn import(&self, files: &[PathBuf], like: Option<&str>, name: Option<&str>) -> Result<Imported, Error> {
        self.store().import(&Import { files, like, name, into: &self.models() })
    }

    /// Every file under the models, as sorted paths.
    fn tree(&self) -> Vec<PathBuf> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { walk(&path, found) } else { found.push(path) }
            }
        }
        let mut found = Vec::new();
        walk(&self.models(), &mut found);
        found.sort();
        found
    }
}

#[test]
fn an_unknown_file_becomes_a_model_like_another() {
    let workshop = Workshop::new();
    let file = workshop.file("tuned.onnx", b"tuned");
    let imported = workshop.import(&[file], Some("base"), None).unwrap();
    assert!(imported.created);
    assert_eq!(imported.folder, workshop.models().join("tuned"));
    assert_eq!(fs::read(imported.folder.join("model.onnx")).unwrap(), b"tuned");

    let model = workshop.store().resolve("tuned").unwrap();
    let base = manifest("base", b"base");
    assert_eq!(model.manifest, imported.manifest);
    assert_eq!((&model.manifest.input, &model.manifest.align), (&base.input, &base.align));
    assert_ne!(model.fingerprint, base.fingerprint());
    // What one knows of the model it is like says nothing of its licence.
    assert_eq!(model.manifest.licence.commercial_use, CommercialUse::Unclear);
}

#[test]
fn importing_again_changes_nothing_and_another_content_is_refused() {
    let workshop = Workshop::new();
    let file = workshop.file("net.onnx", b"1");
    workshop.import(std::slice::from_ref(&file), Some("base"), Some("n")).unwrap();
    let before = workshop.tree();
    assert!(!workshop.import(std::slice::from_ref(&file), Some("base"), Some("n")).unwrap().created);
    let other = workshop.file("other.onnx", b"2");
    let error = workshop.import(&[other], Some("base"), Some("n")).unwrap_err();
    assert!(matches!(error, Error::Exists { .. }) && error.to_string().contains("--name"), "{error}");
    assert_eq!(workshop.tree(), before);

    // The same content that has been damaged since is not "the same".
    fs::write(workshop.models().join("n/model.onnx"), b"damaged").unwrap();
    assert!(matches!(workshop.import(&[file], Some("base"), Some("n")), Err(Error::Exists { .. })));
}

#[test]
fn what_is_not_known_is_not_guessed() {
    let workshop = Workshop::new();
    let file = workshop.file("net.onnx", b"1");
    let odd = workshop.file("my net (1).onnx", b"1");
    let missing = workshop.root.path().join("missing.onnx");
    let folder = workshop.models();
    type Case<'a> = (&'a [PathBuf], Option<&'a str>, Option<&'a str>, &'a str);
    let cases: [Case<'_>; 10] = [
        (&[], None, None, "no file was given"),
        (std::slice::from_ref(&file), None, None, "--like"),
        (std::slice::from_ref(&file), Some("nothing"), None, "no model is named `nothing`"),
        (std::slice::from_ref(&file), Some("retinaface-mv2"), None, "no decoder"),
        (std::slice::from_ref(&file), Some("mtcnn"), None, "3 file(s), pnet, rnet, onet; 1 were given"),
        (std::slice::from_ref(&file), Some("base"), Some("../up"), "`name` must be"),
        (std::slice::from_ref(&file), Some("base"), Some("YuNet_N"), "published model `yunet-n`"),
        (std::slice::from_ref(&odd), Some("base"), None, "--name"),
        (std::slice::from_ref(&missing), Some("base"), None, "missing.onnx"),
        (std::slice::from_ref(&folder), Some("base"), None, "not a regular file"),
    ];
    let before = workshop.tree();
    for (files, like, name, expected) in cases {
        let message = workshop.import(files, like, name).unwrap_err().to_string();
        assert!(message.contains(expected), "{files:?} {like:?} {name:?}: {message}");
    }
    assert_eq!(workshop.tree(), before, "a refused import writes nothing");
}

#[test]
fn files_of_a_cascade_are_given_in_the_order_of_its_roles() {
    let workshop = Workshop::new();
    let files = ["p", "r", "o"].map(|name| workshop.file(name, name.as_bytes()));
    let imported = workshop.import(&files, Some("mtcnn"), Some("cascade")).unwrap();
    for (role, content) in [("pnet", "p"), ("rnet", "r"), ("onet", "o")] {
        assert_eq!(fs::read_to_string(imported.folder.join(format!("{role}.onnx"))).unwrap(), content);
    }
    assert_eq!(workshop.store().resolve("cascade").unwrap().files.len(), 3);
}

#[test]
fn the_target_folder_is_made_and_nothing_half_done_stays() {
    let workshop = Workshop::new();
    let file = workshop.file("net.onnx", b"1");
    let into = workshop.root.path().join("new/deep");
    let request = Import { files: &[file], like: Some("base"), name: None, into: &into };
    workshop.store().import(&request).unwrap();
    let entries: Vec<_> = fs::read_dir(&into).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(entries, ["net"]);
    assert!(Manifest::load(&into.join("net/model.toml")).is_ok());

    // A plain file where the folder should be.
    let blocked = workshop.file("blocked", b"");
    let error = workshop.store().import(&Import { into: &blocked, ..request }).unwrap_err();
    assert!(matches!(error, Error::Io { action: "write", .. }), "{error}");
}
