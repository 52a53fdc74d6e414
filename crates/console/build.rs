//! Tells the programs which commit they are built from.

use std::path::Path;
use std::process::Command;

/// What programs are made of, from here.
const SOURCES: [&str; 4] = ["../../apps", "../../crates", "../../Cargo.toml", "../../Cargo.lock"];

fn main() {
    println!("cargo::rerun-if-env-changed=OMOTE_COMMIT");
    let git = |arguments: &[&str]| {
        let output =
            Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
    };
    // Whoever packs the program outside of a repository says it by the variable.
    let given = std::env::var("OMOTE_COMMIT").ok();
    let commit = given.clone().or_else(|| git(&["rev-parse", "HEAD"]));
    if let Some(commit) = commit.filter(|commit| commit.chars().all(|c| c.is_ascii_hexdigit())) {
        let changed = || git(&[&["status", "--porcelain", "--"], &SOURCES[..]].concat());
        let dirty = given.is_none() && changed().is_some_and(|changes| !changes.is_empty());
        println!("cargo::rustc-env=OMOTE_COMMIT={commit}{}", if dirty { "-dirty" } else { "" });
    }
    // A file that is not there would be built for again and again.
    let watched = ["HEAD", "logs/HEAD"].map(|file| git(&["rev-parse", "--git-path", file]));
    let watched = watched.into_iter().flatten().chain(SOURCES.map(str::to_owned));
    for file in watched.filter(|file| Path::new(file).exists()) {
        println!("cargo::rerun-if-changed={file}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
