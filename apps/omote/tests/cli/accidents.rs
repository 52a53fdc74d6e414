//! What must not hurt a gallery: a full disk, and a program that is killed.

#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use serde_json::Value;

use crate::support::{Run, Studio, THRESHOLD, portrait};

/// The numbers of the enrolments that whole lines of output acknowledge.
fn acknowledged(output: &str) -> BTreeSet<i64> {
    let whole = output.rsplit_once('\n').map_or("", |(whole, _)| whole);
    let records = whole.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let enrolled = records.filter(|record| record["status"] == "enrolled");
    enrolled.map(|record| record["enrolment"].as_i64().unwrap()).collect()
}

/// The numbers of the enrolments that a gallery has, by everybody in it.
fn enrolled(studio: &Studio, gallery: &str) -> BTreeSet<i64> {
    let list = studio.json(&["gallery", "list", "--gallery", gallery]);
    let mut numbers = BTreeSet::new();
    for person in list.all("person") {
        let name = person["name"].as_str().unwrap();
        let shown = studio.json(&["gallery", "show", name, "--gallery", gallery]).ended(0);
        let shown = shown.all("enrolment");
        assert_eq!(shown.len() as u64, person["enrolments"].as_u64().unwrap());
        numbers.extend(shown.iter().map(|enrolment| enrolment["enrolment"].as_i64().unwrap()));
    }
    numbers
}

/// The program under another one, in the studio.
fn under(studio: &Studio, outer: &[&str], arguments: &[&str]) -> Command {
    let inner = studio.command(arguments);
    let mut command = Command::new(outer[0]);
    command.args(&outer[1..]).arg(inner.get_program()).args(inner.get_args()).current_dir(studio.path("."));
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// Many photos of one person, more than the places that the tests give them hold.
fn with_photos(count: u32) -> Studio {
    let studio = Studio::new();
    let photo = portrait(1).jpeg(90);
    for n in 0..count {
        // What follows the end of a JPEG file is nothing to see, and makes another file.
        studio.write(format!("in/{n:03}.jpg"), &[&photo[..], &n.to_le_bytes()].concat());
    }
    studio
}

/// Checks what was left by an enrolment that ran out of room.
#[track_caller]
fn ran_out_of_room(studio: &Studio, run: &Run, gallery: &str) {
    assert_eq!(run.code, 2, "{run:?}");
    let error = run.error();
    assert!(error.contains("no room left to write the gallery"), "{error}");
    assert!(error.contains("free some space"), "{error}");
    let acknowledged = acknowledged(&run.stdout);
    assert!(!acknowledged.is_empty(), "not one fitted: {run:?}");
    studio.omote(&["gallery", "check", "--gallery", gallery]).ended(0);
    assert_eq!(enrolled(studio, gallery), acknowledged);
    // With room, it goes on.
    let rest = ["in", "--as", "Ada", "--gallery", gallery];
    let run = studio.enroll(&rest).ended(0);
    assert_eq!(run.summary()["already"].as_u64().unwrap(), acknowledged.len() as u64);
}

#[test]
fn a_full_disk_leaves_the_gallery_sound() {
    let studio = with_photos(60);
    fs::create_dir(studio.path("disk")).unwrap();
    // In a namespace of its own, the little disk goes with the program; its content is copied out before.
    let script = "mount -t tmpfs -o size=400k tmpfs disk || exit 77; \"$@\"; code=$?; cp -r disk/gallery saved; exit $code";
    let command =
        ["enroll", "in", "--as", "Ada", "--gallery", "disk/gallery", "--threshold", THRESHOLD, "--json"];
    let mut command = under(&studio, &["unshare", "-m", "sh", "-c", script, "sh"], &command);
    let output = match command.output() {
        Ok(output) if output.status.code() != Some(77) && !output.stdout.is_empty() => output,
        _ => return eprintln!("skipped: this user may not mount a disk"),
    };
    ran_out_of_room(&studio, &Run::from(output), "saved");
}

#[test]
fn a_limit_on_files_leaves_the_gallery_sound() {
    let studio = with_photos(60);
    // Without the trap the signal would kill the program, which is the other test.
    let script = "trap '' XFSZ; ulimit -f 600; exec \"$@\"";
    let command = ["enroll", "in", "--as", "Ada", "--threshold", THRESHOLD, "--json"];
    let run = Run::of(under(&studio, &["sh", "-c", script, "sh"], &command));
    ran_out_of_room(&studio, &run, "gallery");
}

#[test]
fn two_programs_enroll_into_one_gallery() {
    let studio = Studio::new();
    let mut running = Vec::new();
    for person in 0..3 {
        let name = format!("Person {person}");
        let photo = portrait(person).jpeg(90);
        for n in 0..6 {
            studio.write(format!("in/{person}/{n}.jpg"), &[&photo[..], &[n]].concat());
        }
        let folder = format!("in/{person}");
        let mut command = studio.command(&["enroll", &folder, "--as", &name, "--threshold", THRESHOLD]);
        running.push(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    }
    for child in running {
        Run::from(child.wait_with_output().unwrap()).ended(0);
    }
    assert_eq!(studio.listed(), (0..3).map(|n| (format!("Person {n}"), 6)).collect::<Vec<_>>());
    studio.omote(&["gallery", "check"]).ended(0);
}

/// `OMOTE_KILLS=200 cargo test -p omote --test cli killed` for a long run.
#[test]
fn killed_while_it_enrolls() {
    let kills: u32 = env::var("OMOTE_KILLS").map_or(5, |kills| kills.parse().unwrap());
    let studio = Studio::new();
    let mut acknowledged_so_far = BTreeSet::new();
    for kill in 0..kills {
        let name = format!("Person {kill}");
        let photo = portrait(kill).jpeg(90);
        for n in 0..8 {
            studio.write(format!("in/{n}.jpg"), &[&photo[..], &kill.to_le_bytes()[..], &[n]].concat());
        }
        let mut command =
            studio.command(&["--json", "enroll", "in", "--as", &name, "--threshold", THRESHOLD]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut said = String::new();
        // Somewhere between the start, where the gallery is made, and the end.
        for _ in 0..kill % 7 {
            output.read_line(&mut said).unwrap();
        }
        std::thread::sleep(Duration::from_micros(u64::from(kill * 7919 % 5000)));
        child.kill().unwrap();
        child.wait().unwrap();
        output.read_to_string(&mut said).unwrap();
        acknowledged_so_far.extend(acknowledged(&said));
        if studio.path("gallery/gallery.db").exists() {
            studio.omote(&["gallery", "check"]).ended(0);
        }
    }
    let there = enrolled(&studio, "gallery");
    let lost: Vec<_> = acknowledged_so_far.difference(&there).collect();
    assert!(lost.is_empty(), "acknowledged and not there: {lost:?}");
    assert!(kills < 5 || acknowledged_so_far.len() >= 8, "{acknowledged_so_far:?}");
}
