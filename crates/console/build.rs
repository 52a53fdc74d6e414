//! Tells the programs which commit they are built from.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=OMOTE_COMMIT");
    let git = |arguments: &[&str]| {
        let output =
            Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
    };
    // Whoever packs the program outside of a repository says it by the variable.
    let commit = std::env::var("OMOTE_COMMIT").ok().or_else(|| git(&["rev-parse", "HEAD"]));
    if let Some(commit) = commit.filter(|commit| commit.chars().all(|c| c.is_ascii_hexdigit())) {
        println!("cargo::rustc-env=OMOTE_COMMIT={commit}");
    }
    // A file that is not there would be built for again and again.
    let watched = ["HEAD", "logs/HEAD"].map(|file| git(&["rev-parse", "--git-path", file]));
    for file in watched.into_iter().flatten().filter(|file| Path::new(file).exists()) {
        println!("cargo::rerun-if-changed={file}");
    }
    println!("cargo::rerun-if-changed=build.rs");
}
