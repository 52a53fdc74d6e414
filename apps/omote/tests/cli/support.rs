//! A folder with painted photos and the models that recognise them, and the program run in it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

use fixtures::models;
use fixtures::photo::Scene;
use serde_json::Value;
use tempfile::TempDir;

/// Above the cosine of two painted people (at most 0.3), below that of two photos of one (at least 0.8).
pub const THRESHOLD: &str = "0.5";

/// A temporary folder that the program runs in, with the painted models in `models`.
pub struct Studio {
    folder: TempDir,
}

impl Studio {
    pub fn new() -> Studio {
        let studio = Studio { folder: tempfile::tempdir().unwrap() };
        models::write(&studio.path("models")).unwrap();
        studio
    }

    /// A path below the folder.
    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The embedder becomes one that was trained to give good faces a larger magnitude; those here are all good.
    pub fn make_magnitudes_qualities(&self) {
        let path = self.path("models/embedder/model.toml");
        let manifest = fs::read_to_string(&path).unwrap();
        let trained = "magnitude_is_quality = true\nmagnitude_scale = { half = 0.01, step = 0.001 }";
        fs::write(&path, manifest.replace("magnitude_is_quality = false", trained)).unwrap();
    }

    /// Writes a file, and the folders above it.
    pub fn write(&self, name: impl AsRef<Path>, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Writes a photo, as PNG or JPEG by its extension.
    pub fn photo(&self, name: impl AsRef<Path>, scene: &Scene) {
        let is_png = name.as_ref().extension() == Some(OsStr::new("png"));
        self.write(name, &if is_png { scene.png() } else { scene.jpeg(90) });
    }

    /// Writes a photo of one person, who fills half of it.
    pub fn portrait(&self, name: impl AsRef<Path>, person: u32) {
        self.photo(name, &portrait(person));
    }

    /// Writes the second embedder, whose vectors have nothing in common with the first one's.
    pub fn other_embedder(&self) {
        models::write_embedder(&self.path("models/other"), "painted-other", 1).unwrap();
    }

    /// The program with the painted models, on the built-in engine.
    pub fn omote(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments))
    }

    /// The same, with JSON lines.
    pub fn json(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(&[&["--json"], arguments].concat()))
    }

    /// The program in this folder, with none of the settings of whoever runs the test.
    pub fn bare<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_omote"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        let foreign = |name: &OsString| {
            let name = name.to_string_lossy();
            name.starts_with("OMOTE_") || ["ORT_DYLIB_PATH", "VIRTUAL_ENV", "CONDA_PREFIX"].contains(&&*name)
        };
        for (name, _) in env::vars_os().filter(|(name, _)| foreign(name)) {
            command.env_remove(name);
        }
        let home = self.path("home");
        command.env("HOME", &home).env("XDG_DATA_HOME", home.join("data")).env("APPDATA", home.join("data"));
        command
    }

    /// The program with the painted models on the built-in engine, to be run by the caller.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: &[S]) -> Command {
        let mut command = self.bare(arguments);
        command.env("OMOTE_MODELS", "models").env("OMOTE_ENGINE", "rten");
        command
    }
}

/// A photo of one person, large enough for the best quality.
pub fn portrait(person: u32) -> Scene {
    Scene::portrait(person, 200, 200)
}

/// What a run of the program said, and how it ended.
#[derive(Debug)]
pub struct Run {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

impl Run {
    pub fn of(mut command: Command) -> Run {
        Run::from(command.output().unwrap())
    }

    /// The records of a run with `--json`: every line of standard output is one, and the last one is a summary that
    /// agrees with the exit code.
    #[track_caller]
    pub fn records(&self) -> Vec<Value> {
        let record = |line: &str| -> Value {
            let record: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
            assert!(record["type"].is_string(), "a record without a type: {line}");
            record
        };
        let records: Vec<Value> = self.stdout.lines().map(record).collect();
        let last = records.last().unwrap_or_else(|| panic!("no record: {self:?}"));
        assert_eq!(last["type"], "summary", "{self:?}");
        assert_eq!(last["exit_code"], self.code, "{self:?}");
        assert!(last["reason"].is_string(), "{self:?}");
        records
    }

    /// The records of one type.
    #[track_caller]
    pub fn all(&self, kind: &str) -> Vec<Value> {
        self.records().into_iter().filter(|record| record["type"] == kind).collect()
    }

    /// The only record of a type.
    #[track_caller]
    pub fn one(&self, kind: &str) -> Value {
        let mut records = self.all(kind);
        assert_eq!(records.len(), 1, "records of type {kind} in {self:?}");
        records.remove(0)
    }

    /// The last record.
    #[track_caller]
    pub fn summary(&self) -> Value {
        self.one("summary")
    }

    /// The only error, with the name of the file that it is about.
    #[track_caller]
    pub fn error(&self) -> String {
        self.one("error")["error"].as_str().unwrap().to_owned()
    }

    /// Checks the exit code.
    #[track_caller]
    pub fn ended(self, code: i32) -> Run {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Checks that the program ended with 2 and said all of `words` on standard error, in this order.
    #[track_caller]
    pub fn failed_with(self, words: &[&str]) -> Run {
        let run = self.ended(2);
        let mut rest = &run.stderr[..];
        for word in words {
            let at = rest.find(word).unwrap_or_else(|| panic!("`{word}` is not (there) in: {}", run.stderr));
            rest = &rest[at + word.len()..];
        }
        run
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!stderr.contains("panicked"), "{stderr}");
        Run {
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr,
            // A program that was killed has no code.
            code: output.status.code().unwrap_or(-1),
        }
    }
}
