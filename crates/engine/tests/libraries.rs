//! Library files that cannot be used are errors that name them and the remedy.

use std::path::{Path, PathBuf};
use std::process::Command;

use omote_engine::{Choice, Engine, Error, Options};

use crate::engines;

fn refuse(choice: Choice, library: &Path) -> Error {
    Engine::open(&Options { choice, library: Some(library.to_owned()) }).unwrap_err()
}

/// Asserts that the library is refused for `reason`, also where the choice of the engine was left open.
fn assert_refused(library: &Path, reason: &str) {
    for choice in [Choice::OnnxRuntime, Choice::Auto] {
        let error = refuse(choice, library).to_string();
        for words in [reason, "pip install", "--engine-lib", "--engine rten", &library.to_string_lossy()] {
            assert!(error.contains(words), "`{error}` does not say `{words}`");
        }
    }
    // The built-in engine does not look at it.
    let options = Options { choice: Choice::Rten, library: Some(library.to_owned()) };
    assert_eq!(Engine::open(&options).unwrap().info().name, "rten");
}

/// The ONNX Runtime of this machine, which is that of this process from now on.
fn onnxruntime() -> Option<PathBuf> {
    engines().get(1).and_then(|engine| engine.info().library.clone())
}

#[test]
fn what_is_no_library() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("libonnxruntime.so");
    for bytes in [&b""[..], b"not a library", &[0; 5000]] {
        std::fs::write(&library, bytes).unwrap();
        assert_refused(&library, "cannot be used as ONNX Runtime");
    }
    assert_refused(&folder.path().join("gone.so"), "cannot be used as ONNX Runtime");
    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    assert_refused(&empty, "was not found");
}

#[test]
#[cfg(target_os = "linux")]
fn another_library() {
    // The maths library or the unwinder: some library that this very process uses.
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let library = maps.split_whitespace().find(|path| path.contains("/libgcc_s") || path.contains("/libm."));
    let Some(library) = library else { return println!("skipped: no shared library in this process") };
    assert_refused(Path::new(library), "does not export `OrtGetApiBase`");
}

#[test]
#[cfg(target_os = "linux")]
fn libraries_that_only_pretend() {
    let old = r#"
        #[repr(C)] pub struct Base(extern "system" fn(u32) -> *const u8, extern "system" fn() -> *const u8);
        extern "system" fn api(_: u32) -> *const u8 { std::ptr::null() }
        extern "system" fn version() -> *const u8 { c"1.9.2".as_ptr().cast() }
        static BASE: Base = Base(api, version);
        #[unsafe(no_mangle)] pub extern "system" fn OrtGetApiBase() -> *const Base { &BASE }"#;
    let empty = r#"
        #[unsafe(no_mangle)] pub extern "system" fn OrtGetApiBase() -> *const u8 { std::ptr::null() }"#;
    let folder = tempfile::tempdir().unwrap();
    for (name, source, reason) in
        [("old", old, "it is version 1.9.2, but 1.17 or newer"), ("empty", empty, "nothing")]
    {
        let (from, to) =
            (folder.path().join(format!("{name}.rs")), folder.path().join(format!("lib{name}.so")));
        std::fs::write(&from, source).unwrap();
        let mut compiler = Command::new("rustc");
        compiler
            .args(["--edition=2024", "--crate-type=cdylib", "--crate-name=pretender", "-o"])
            .arg(&to)
            .arg(&from);
        match compiler.status() {
            Ok(status) => assert!(status.success()),
            Err(error) => return println!("skipped: no rustc ({error})"),
        }
        assert_refused(&to, reason);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_library_that_is_cut_off() {
    let Some(library) = onnxruntime() else { return };
    let folder = tempfile::tempdir().unwrap();
    let part = folder.path().join("libonnxruntime.so");
    let bytes = std::fs::read(library).unwrap();
    for length in [3, 64, 200, 4096, bytes.len() / 2, bytes.len() * 9 / 10] {
        std::fs::write(&part, &bytes[..length]).unwrap();
        assert_refused(&part, "cannot be used as ONNX Runtime");
    }
}

#[test]
fn a_second_onnxruntime() {
    let Some(library) = onnxruntime() else { return };
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().canonicalize().unwrap().join(library.file_name().unwrap());
    std::fs::copy(&library, &copy).unwrap();
    let error = refuse(Choice::OnnxRuntime, &copy);
    assert!(
        matches!(&error, Error::LibraryTaken { asked, loaded } if *asked == copy && *loaded == library),
        "{error}"
    );
    // The first one by another name is the same one.
    #[cfg(unix)]
    {
        let link = folder.path().join("libonnxruntime.so.link");
        std::os::unix::fs::symlink(&library, &link).unwrap();
        let options = Options { choice: Choice::OnnxRuntime, library: Some(link) };
        assert_eq!(Engine::open(&options).unwrap().info().library, Some(library));
    }
}
