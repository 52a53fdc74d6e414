//! The program run in a folder, and what it said.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// Runs the program in a folder, with none of the settings of whoever runs the test.
pub(crate) fn lab<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// The program, to be run in a folder.
pub(crate) fn command<S: AsRef<OsStr>>(folder: &Path, arguments: &[S]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_omote-lab"));
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("OMOTE_")) {
        command.env_remove(name);
    }
    command.args(arguments).current_dir(folder);
    command
}

/// The records on standard output.
pub(crate) fn records(output: &Output) -> Vec<Value> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{output:?}"))).collect()
}

/// The last record.
pub(crate) fn summary(output: &Output) -> Value {
    records(output).pop().unwrap_or_else(|| panic!("{output:?}"))
}

/// Checks that the command failed, and said all of this on standard error.
pub(crate) fn failed_with(output: &Output, said: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(said.iter().all(|said| text.contains(said)), "{said:?}: {text}");
}
