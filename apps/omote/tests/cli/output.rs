//! What holds for every command: help, exit codes, records, threads.

use std::fs;

use fixtures::photo::Scene;
use serde_json::Value;

use crate::support::{Run, Studio, THRESHOLD, portrait};

#[test]
fn every_command_explains_itself() {
    let studio = Studio::new();
    for command in [
        "detect",
        "align",
        "embed",
        "verify",
        "enroll",
        "identify",
        "forget",
        "gallery list",
        "gallery show",
        "gallery rename",
        "gallery merge",
        "gallery not-this-person",
        "gallery re-embed",
        "gallery export",
        "gallery import",
        "gallery check",
        "group",
        "eval",
        "models list",
        "models import",
        "models show",
        "models verify",
        "doctor",
        "bench",
        "completions",
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let run = studio.omote(&[&words[..], &["--help"]].concat()).ended(0);
        assert!(run.stdout.contains(&format!("Usage: omote {command}")), "{}", run.stdout);
        assert!(run.stdout.contains(&format!("Example: omote {command}")), "{}", run.stdout);
    }
    let run = studio.omote(&["--help"]).ended(0);
    assert!(run.stdout.contains("Exit codes") && run.stdout.contains("identify"), "{}", run.stdout);
    assert!(studio.omote(&["--version"]).ended(0).stdout.starts_with("omote "));
    studio.omote(&[]).failed_with(&["Usage: omote"]);
    studio.omote(&["recognise"]).failed_with(&["recognise"]);
}

#[test]
fn every_command_ends_with_a_summary_in_json() {
    let studio = Studio::with_gallery();
    studio.portrait("ada.jpg", 1);
    let commands: [&[&str]; 17] = [
        &["detect", "ada.jpg"],
        &["align", "ada.jpg", "--out", "crops"],
        &["embed", "ada.jpg"],
        &["verify", "ada.jpg", "ada.jpg", "--threshold", THRESHOLD],
        &["enroll", "ada.jpg", "--as", "Ada", "--threshold", THRESHOLD],
        &["identify", "ada.jpg", "--threshold", THRESHOLD],
        &["group", "ada.jpg", "--threshold", THRESHOLD],
        &["gallery", "list"],
        &["gallery", "show", "Ada"],
        &["gallery", "rename", "Ada", "A."],
        &["gallery", "merge", "A.", "Bob"],
        &["gallery", "not-this-person", "Cleo", "ada.jpg"],
        &["gallery", "export", "people.jsonl"],
        &["gallery", "import", "people.jsonl"],
        &["gallery", "check"],
        &["forget", "Bob"],
        &["models", "list"],
    ];
    for command in commands {
        let run = studio.json(command).ended(0);
        assert_eq!(run.records().last().unwrap()["reason"], "ok", "{command:?}");
        assert_eq!(run.stderr, "", "{command:?}");
    }
}

#[test]
fn a_command_that_cannot_begin_says_so_in_json_too() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    for command in [
        &["detect", "ada.jpg", "--models", "nowhere"][..],
        &["gallery", "show", "Ada", "--gallery", "nowhere"],
        &["eval", "lfw", "nowhere"],
    ] {
        let run = studio.json(command).ended(2);
        assert!(run.error().contains("nowhere"), "{run:?}");
        assert_eq!(run.summary()["reason"], "the command failed");
    }
}

#[test]
fn a_failed_input_outweighs_a_face() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    studio.photo("sky.jpg", &Scene::new(100, 100));
    for (photos, code, reason) in [
        (&["ada.jpg"][..], 0, "ok"),
        (&["ada.jpg", "sky.jpg"], 0, "ok"),
        (&["sky.jpg"], 1, "nothing found"),
        (&["ada.jpg", "none.jpg"], 2, "some input failed"),
        (&["sky.jpg", "none.jpg"], 2, "some input failed"),
    ] {
        let run = studio.json(&[&["detect"], photos].concat()).ended(code);
        assert_eq!(run.summary()["reason"], reason);
    }
}

#[cfg(unix)]
#[test]
fn names_cannot_play_tricks_on_the_terminal() {
    let studio = Studio::new();
    studio.write("in/\x1b[2J\x07.jpg", &portrait(1).jpeg(90));
    let run = studio.omote(&["detect", "in"]).ended(0);
    assert!(!run.stdout.contains(['\x1b', '\x07']), "{run:?}");
    studio.enroll(&["in", "--as", "\x1b[31mAda"]).ended(0);
    for command in [&["gallery", "list"][..], &["gallery", "show", "\x1b[31mAda"]] {
        let run = studio.omote(command).ended(0);
        assert!(run.stdout.contains("[31mAda") || run.stdout.contains(".jpg"), "{run:?}");
        assert!(!run.stdout.contains(['\x1b', '\x07']), "{run:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn no_more_threads_run_than_were_asked_for() {
    use std::process::Stdio;
    use std::time::Duration;

    let studio = Studio::new();
    let photo = Scene::new(640, 480).face(1, 100, 100, 200).jpeg(90);
    for n in 0..24 {
        studio.write(format!("in/{n}.jpg"), &photo);
    }
    let most = |threads: &str| {
        let mut command = studio.command(&["detect", "in", "--threads", threads]);
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        let (status, mut most) = (format!("/proc/{}/status", child.id()), 0);
        while child.try_wait().unwrap().is_none() {
            let status = fs::read_to_string(&status).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("Threads:"));
            most = most.max(line.map_or(0, |count| count.trim().parse().unwrap()));
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(child.wait().unwrap().success());
        most
    };
    // The main thread waits while the workers work, and rten has a thread beside each of them that does its sums.
    for (threads, limit) in [("1", 3), ("2", 5)] {
        let most = most(threads);
        assert!((2..=limit).contains(&most), "--threads {threads}: {most} threads");
    }
}

#[test]
fn threads_are_a_number() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    for wrong in ["0", "-1", "many", "100000"] {
        studio.omote(&["detect", "ada.jpg", &format!("--threads={wrong}")]).failed_with(&["--threads"]);
    }
    let run = studio.json(&["detect", "ada.jpg", "--threads", "3"]).ended(0);
    // One photo alone gets them all.
    assert_eq!(run.summary()["ran"]["threads"], 3);
}

#[cfg(unix)]
#[test]
fn the_reader_may_go_away() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;

    let studio = Studio::with_gallery();
    let photo = Scene::new(96, 96).face(1, 24, 24, 48).jpeg(90);
    for n in 0..100 {
        studio.write(format!("in/{n}.jpg"), &photo);
    }
    let commands: [&[&str]; 4] = [
        &["detect", "in"],
        &["--json", "embed", "in"],
        &["completions", "bash"],
        &["gallery", "export", "-"],
    ];
    for command in commands {
        let mut child =
            studio.command(command).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        // The reader is dropped with the pipe's end.
        BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert!(!first.is_empty());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*stderr), (Some(0), ""), "{command:?}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_to_be_kept_is_finished_though_nobody_reads() {
    use std::process::Stdio;

    let studio = Studio::new();
    for n in 0..6 {
        studio.photo(format!("in/Person {n}.jpg"), &Scene::new(96, 96).face(n, 24, 24, 48));
    }
    let unread = |command: &[&str]| {
        // The reader has gone before the program starts: nothing depends on who is faster.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = studio.command(command);
        Run::from(command.stdout(writer).stderr(Stdio::piped()).spawn().unwrap().wait_with_output().unwrap())
    };
    let enroll = ["enroll", "in", "--names", "files", "--force"];
    let json = [&["--json"], &enroll[..]].concat();
    // The second time all are there already.
    for command in [&enroll[..], &json, &["detect", "in", "--draw", "found"]] {
        let run = unread(command).ended(0);
        assert_eq!(run.stderr, "omote: nobody reads the answers any more; the work goes on\n", "{command:?}");
        assert_eq!(studio.listed().len(), 6, "{command:?}");
    }
    assert_eq!(fs::read_dir(studio.path("found")).unwrap().count(), 6);
    // What fails is in the exit code, and in words where those are wanted.
    studio.write("in/broken.jpg", b"no photo");
    unread(&enroll).failed_with(&["in/broken.jpg: "]);
    unread(&json).ended(2);
    // What only answers has nothing left to do.
    assert_eq!(unread(&["detect", "in"]).code, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    let studio = Studio::with_gallery();
    let commands: [&[&str]; 4] = [
        &["gallery", "list"],
        &["gallery", "rename", "Ada", "A."],
        &["models", "list"],
        &["completions", "bash"],
    ];
    for command in commands {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command_run = studio.command(command);
        let output = command_run.stdout(full).output().unwrap();
        Run::from(output).failed_with(&["No space left on device"]);
    }
}

#[cfg(unix)]
#[test]
fn nobody_needs_to_read_the_complaints() {
    use std::process::Command;

    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    let program = studio.command(&["--json", "detect", "nowhere.jpg", "ada.jpg"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$@\" 2>&-", "sh"]).arg(program.get_program()).args(program.get_args());
    shell.current_dir(studio.path(".")).env("OMOTE_MODELS", "models").env("OMOTE_ENGINE", "rten");
    let run = Run::of(shell).ended(2);
    let kinds: Vec<Value> = run.records().iter().map(|record| record["type"].clone()).collect();
    assert_eq!(kinds, ["error", "photo", "summary"]);
}
