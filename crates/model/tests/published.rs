//! The real files, where they are: every ONNX file of the shared models is known, and every model resolves.

use std::fs;
use std::path::PathBuf;

use omote_model::{Error, Import, Kind, Origin, Store, catalogue};

fn shared_models() -> Option<PathBuf> {
    let models = std::env::var_os("OMOTE_SHARED").map(|shared| PathBuf::from(shared).join("models"));
    let models = models.filter(|models| models.is_dir());
    if models.is_none() {
        println!("skipped: OMOTE_SHARED does not name a folder with models");
    }
    models
}

#[test]
fn all_shared_models_are_known() {
    let Some(models) = shared_models() else { return };
    let store = Store::open(&[models]).unwrap();
    let listing = store.list();
    let names: Vec<&str> = listing.models.iter().map(|model| model.manifest.name.as_str()).collect();
    let expected = [
        "fsanet",
        "mobilefacenet",
        "mtcnn",
        "scrfd-2.5g",
        "ultraface-320",
        "ultraface-640",
        "yunet-n",
        "yunet-n-320",
        "yunet-s",
        "yunet-s-640",
    ];
    assert_eq!(names, expected);
    assert!(listing.others.is_empty() && listing.problems.is_empty(), "{listing:?}");
    for name in names {
        let installed = store.resolve(name).unwrap();
        assert_eq!(installed.fingerprint, installed.manifest.fingerprint());
        assert_eq!(installed.files.len(), installed.manifest.roles().len());
    }
    for (kind, name) in
        [(Kind::Detector, "yunet-n"), (Kind::Embedder, "mobilefacenet"), (Kind::HeadPose, "fsanet")]
    {
        assert_eq!(store.default_for(kind).unwrap().manifest.name, name);
    }
}

#[test]
fn published_files_are_found_under_any_name() {
    let Some(models) = shared_models() else { return };
    let root = tempfile::tempdir().unwrap();
    fs::copy(models.join("yunet/yunet_n_320_320.onnx"), root.path().join("a.onnx")).unwrap();
    fs::copy(models.join("mtcnn/pnet.onnx"), root.path().join("b.onnx")).unwrap();
    let store = Store::open(&[root.path().into()]).unwrap();
    assert_eq!(store.resolve("yunet-n-320").unwrap().files[0].path, root.path().join("a.onnx"));
    assert_eq!(store.default_for(Kind::Detector).unwrap().manifest.name, "yunet-n-320");
    let message = store.resolve("mtcnn").unwrap_err().to_string();
    assert!(message.contains("rnet.onnx"), "{message}");
    assert_eq!(store.list().problems, [message]);
}

#[test]
fn published_files_are_imported_as_what_they_are() {
    let Some(models) = shared_models() else { return };
    let root = tempfile::tempdir().unwrap();
    let store = Store::open(&[]).unwrap();
    let import = |files: &[&str], like, name| {
        let files: Vec<PathBuf> = files.iter().map(|file| models.join(file)).collect();
        store.import(&Import { files: &files, like, name, into: root.path() })
    };
    // In any order; the roles are known from the content.
    let imported = import(&["mtcnn/onet.onnx", "mtcnn/pnet.onnx", "mtcnn/rnet.onnx"], None, None).unwrap();
    let published = catalogue::find("mtcnn").and_then(|entry| entry.manifest()).unwrap();
    assert_eq!(&imported.manifest, published);
    import(&["yunet/yunet_s_640_640.onnx"], Some("face_detection_yunet_2023mar"), None).unwrap();
    import(&["mobilefacenet/mobilefacenet.onnx"], None, Some("mine")).unwrap();
    let installed = Store::open(&[root.path().into()]).unwrap();
    for (name, folder) in [("mtcnn", "mtcnn"), ("yunet_s_640_640", "yunet-s-640"), ("mine", "mine")] {
        assert_eq!(installed.resolve(name).unwrap().origin, Origin::Folder(root.path().join(folder)));
    }

    let refused: [(&[&str], _, _, &str); 5] = [
        (&["mtcnn/pnet.onnx", "mtcnn/rnet.onnx"], None, None, "the file for `onet` was not given"),
        (&["mtcnn/pnet.onnx", "mobilefacenet/mobilefacenet.onnx"], None, None, "the file for `rnet`"),
        (
            &["mobilefacenet/mobilefacenet.onnx", "yunet/yunet_n_dynamic.onnx"],
            None,
            None,
            "one model at a time",
        ),
        (&["mobilefacenet/mobilefacenet.onnx"], Some("sface"), None, "leave out --like"),
        (&["mobilefacenet/mobilefacenet.onnx"], None, Some("sface"), "published model `sface`"),
    ];
    for (files, like, name, expected) in refused {
        let error = import(files, like, name).unwrap_err();
        assert!(matches!(error, Error::Import { .. }), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
}
