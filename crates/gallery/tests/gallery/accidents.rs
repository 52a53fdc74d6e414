//! Killed processes, full disks, damaged and foreign files, folders that cannot be written.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use omote_gallery::{EnrollOptions, EnrolmentId, Error, Gallery, IdentifyOptions, Outcome};

use crate::support::*;

/// Tells a test run that it is a child, and in which folder it is to work.
const FOLDER: &str = "OMOTE_TEST_FOLDER";
const SEED: &str = "OMOTE_TEST_SEED";

fn folder_of_child() -> Option<PathBuf> {
    std::env::var_os(FOLDER).map(PathBuf::from)
}

/// This test binary again, running one of the `child_` tests.
fn child(program: impl AsRef<OsStr>, test: &str, folder: &Path, seed: u64) -> Command {
    let mut command = Command::new(program);
    command.args([&format!("accidents::{test}"), "--exact", "--nocapture", "--test-threads=1"]);
    command.env(FOLDER, folder).env(SEED, seed.to_string()).stdout(Stdio::piped());
    command
}

fn this_binary() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// The enrolments that a child has acknowledged, as (number, seed of the face).
fn acknowledged(child: &mut Child) -> Vec<(i64, u64)> {
    let mut enrolments = Vec::new();
    for line in BufReader::new(child.stdout.take().unwrap()).split(b'\n') {
        let line = String::from_utf8_lossy(&line.unwrap()).into_owned();
        // A line that the kill cut short was not acknowledged.
        if let Some((_, rest)) = line.split_once("enrolled ")
            && let [id, seed, "."] = rest.split(' ').collect::<Vec<_>>()[..]
        {
            enrolments.push((id.parse().unwrap(), seed.parse().unwrap()));
        }
    }
    enrolments
}

fn check_acknowledged(gallery: &Gallery, enrolments: &[(i64, u64)]) {
    for &(id, seed) in enrolments {
        assert_eq!(gallery.vector(EnrolmentId(id)).unwrap(), embedding(seed).vector, "enrolment {id}");
    }
}

/// Enrols faces without end, or until the first error, and acknowledges each on a line of its own.
#[test]
fn child_enrols() {
    let Some(folder) = folder_of_child() else { return };
    let mut random = Random(std::env::var(SEED).unwrap().parse().unwrap());
    let count: u64 = std::env::var("OMOTE_TEST_COUNT").map_or(u64::MAX, |count| count.parse().unwrap());
    let options = EnrollOptions { conflict: Some(0.99), ..plain() };
    let mut gallery = Gallery::open_or_create(&folder, &model(1)).unwrap();
    for round in 0..count {
        let seeds: Vec<u64> = (0..if round % 5 == 4 { 4 } else { 1 }).map(|_| random.next() >> 1).collect();
        let mut faces: Vec<_> = seeds.iter().map(|&seed| face(seed)).collect();
        faces.iter_mut().for_each(|face| face.crop = Some(random.bytes(2000)));
        let name = format!("person {}", random.below(20));
        let faces: Vec<_> = faces.iter().map(|face| (name.as_str(), face)).collect();
        match gallery.enroll_many(&faces, &options) {
            Ok(outcomes) => {
                for (outcome, seed) in outcomes.iter().zip(seeds) {
                    let Outcome::Enrolled { enrolment, .. } = outcome else { panic!("{outcome:?}") };
                    println!("\nenrolled {enrolment} {seed} .");
                }
            }
            Err(error) => {
                println!("\nerror {error:?}");
                eprintln!("{error}");
                assert!(matches!(error, Error::NoRoom { .. }), "{error}");
                return;
            }
        }
        if round % 8 == 7 {
            // Closing writes the cache, so that kills hit that too.
            drop(gallery);
            gallery = Gallery::open(&folder, &model(1)).unwrap();
        }
    }
}

#[test]
fn a_killed_process_loses_nothing_that_it_acknowledged() {
    let kills: u64 = std::env::var("OMOTE_KILLS").map_or(20, |kills| kills.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let mut random = Random(4711);
    let mut all = Vec::new();
    for kill in 0..kills {
        let mut running = child(this_binary(), "child_enrols", folder.path(), kill).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(2_000 + random.below(70_000)));
        running.kill().unwrap();
        let enrolments = acknowledged(&mut running);
        running.wait().unwrap();
        all.extend(&enrolments);
        // A kill before the first commit leaves no gallery, and that is no damage.
        match Gallery::open(folder.path(), &model(1)) {
            Ok(mut gallery) => {
                check_acknowledged(&gallery, &enrolments);
                sound(&mut gallery);
                // Leaves the cache as the killed process left it, for the next one.
                std::mem::forget(gallery);
            }
            Err(Error::NoGallery { .. }) => assert!(all.is_empty()),
            Err(error) => panic!("after kill {kill}: {error}"),
        }
    }
    assert!(all.len() as u64 > kills, "the test must see enrolments: {} in {kills} kills", all.len());
    let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
    check_acknowledged(&gallery, &all);
    sound(&mut gallery);
}

#[test]
fn two_processes_enrol_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut running: Vec<Child> = (0..2)
        .map(|seed| {
            let mut command = child(this_binary(), "child_enrols", folder.path(), 100 + seed);
            command.env("OMOTE_TEST_COUNT", "30").spawn().unwrap()
        })
        .collect();
    let mut gallery = Gallery::open_or_create(folder.path(), &model(1)).unwrap();
    let all: Vec<_> = running.iter_mut().flat_map(acknowledged).collect();
    for child in &mut running {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(all.len(), 2 * (24 + 6 * 4));
    check_acknowledged(&gallery, &all);
    assert_eq!(gallery.stats().unwrap().enrolments, 96);
    sound(&mut gallery);
    drop(gallery);
    sound(&mut Gallery::open(folder.path(), &model(1)).unwrap());
}

#[test]
fn a_gallery_in_the_making_is_none_or_whole() {
    for _ in 0..40 {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| Gallery::open_or_create(folder.path(), &model(1)).unwrap());
            }
            scope.spawn(|| {
                loop {
                    match Gallery::open(folder.path(), &model(1)) {
                        Ok(_) => break,
                        Err(error) => assert!(matches!(error, Error::NoGallery { .. }), "{error}"),
                    }
                }
            });
        });
    }
}

#[test]
#[cfg(unix)]
fn a_limit_on_the_size_of_files_is_a_clear_error_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path(), 3, 1));
    let script = "trap '' XFSZ; ulimit -f 4000; exec \"$0\" \"$@\"";
    let command = child("sh", "child_enrols", folder.path(), 5);
    let mut limited = Command::new("sh");
    limited.args(["-c", script]).arg(this_binary()).args(command.get_args());
    limited.envs(command.get_envs().filter_map(|(key, value)| Some((key, value?))));
    let output = limited.output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(
        stderr.contains("no room left to write the gallery") && stderr.contains("free some space"),
        "{stderr}"
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let enrolled: Vec<(i64, u64)> = text
        .lines()
        .filter_map(|line| line.strip_prefix("enrolled "))
        .map(|rest| {
            let parts: Vec<&str> = rest.split(' ').collect();
            (parts[0].parse().unwrap(), parts[1].parse().unwrap())
        })
        .collect();
    assert!(enrolled.len() > 3, "{text} {stderr}");

    let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
    check_acknowledged(&gallery, &enrolled);
    assert_eq!(gallery.stats().unwrap().enrolments, 3 + enrolled.len() as u64);
    enroll(&mut gallery, "afterwards", &face(8));
    sound(&mut gallery);
}

/// Reads a gallery and tries to change it, as a user who may only read.
#[test]
fn child_reads() {
    let Some(folder) = folder_of_child() else { return };
    let mut gallery = Gallery::open(&folder, &model(1)).unwrap();
    assert!(!gallery.is_writable());
    let answer = gallery.identify(&[(&embedding(2001)).into()], &IdentifyOptions::default()).unwrap();
    assert_eq!(answer[0].candidates[0].name, "person 2");
    sound(&mut gallery);
    let refused = [
        gallery.enroll("x", &face(1), &plain()).unwrap_err(),
        gallery.rename("person 1", "x").unwrap_err(),
        gallery.forget_people(&["person 1"]).unwrap_err(),
        gallery.rebuild_cache().unwrap_err(),
    ];
    assert!(refused.iter().all(|error| matches!(error, Error::ReadOnly)), "{refused:?}");
    assert!(matches!(Gallery::create(&folder.join("new"), &model(1)), Err(Error::Io { .. })));
    println!("\nread it all");
}

#[test]
#[cfg(unix)]
fn a_read_only_folder_can_be_read() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::os::unix::process::CommandExt;

    for cache in [true, false] {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("a gallery?#%");
        drop(filled(&folder, 5, 2));
        if !cache {
            fs::remove_file(folder.join("index.f16")).unwrap();
        }
        // Whoever may do everything becomes somebody who may not, from a copy of this binary that he may run.
        let binary = parent.path().join("tests");
        fs::copy(this_binary(), &binary).unwrap();
        let root = fs::metadata(&folder).unwrap().uid() == 0;
        let mode = |mode| fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o755)).unwrap();
        mode(0o555);
        let mut command = child(&binary, "child_reads", &folder, 0);
        if root {
            command.uid(65_534).gid(65_534);
        }
        let before = fs::read_dir(&folder).unwrap().count();
        let output = command.output().unwrap();
        mode(0o755);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert!(String::from_utf8_lossy(&output.stdout).contains("read it all"));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), before);
    }
}

#[test]
fn files_that_are_no_gallery_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("gallery.db");
    let attempts = |folder: &Path| {
        [
            Gallery::open(folder, &model(1)).unwrap_err(),
            Gallery::open_as_is(folder).unwrap_err(),
            Gallery::open_or_create(folder, &model(1)).unwrap_err(),
        ]
    };
    assert!(matches!(Gallery::open(folder.path(), &model(1)), Err(Error::NoGallery { .. })));
    assert!(matches!(Gallery::open(&folder.path().join("none"), &model(1)), Err(Error::NoGallery { .. })));
    assert!(!database.exists(), "opening creates nothing");

    for garbage in [&b"these are not the bytes of a database"[..], &[0xff; 10_000]] {
        fs::write(&database, garbage).unwrap();
        for error in attempts(folder.path()) {
            assert!(matches!(error, Error::NotAGallery { .. }), "{error}");
            assert!(error.to_string().contains("gallery.db"), "{error}");
        }
        assert_eq!(fs::read(&database).unwrap(), garbage);
    }
    fs::remove_file(&database).unwrap();
    fs::create_dir(&database).unwrap();
    assert!(attempts(folder.path()).iter().all(|error| matches!(error, Error::NotAGallery { .. })));
    fs::remove_dir(&database).unwrap();

    let other = rusqlite::Connection::open(&database).unwrap();
    other.execute_batch("CREATE TABLE notes (text TEXT)").unwrap();
    drop(other);
    let before = fs::read(&database).unwrap();
    for error in attempts(folder.path()) {
        assert!(error.to_string().contains("another program"), "{error}");
    }
    assert_eq!(fs::read(&database).unwrap(), before);

    // A file in the place of the folder.
    let file = folder.path().join("file");
    fs::write(&file, b"").unwrap();
    assert!(matches!(Gallery::create(&file, &model(1)), Err(Error::Io { .. })));
    assert!(Gallery::open(&file, &model(1)).is_err());
}

#[test]
fn a_newer_format_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path(), 1, 1));
    let database = rusqlite::Connection::open(folder.path().join("gallery.db")).unwrap();
    database.pragma_update(None, "user_version", 3).unwrap();
    drop(database);
    let error = Gallery::open(folder.path(), &model(1)).unwrap_err();
    assert!(matches!(error, Error::Newer { found: 3, known: 2, .. }), "{error}");
    assert!(error.to_string().contains("newer version"));
}

#[test]
fn creating_twice_is_refused_and_an_unfinished_creation_is_finished() {
    let folder = tempfile::tempdir().unwrap();
    // What a crash during the first creation leaves.
    fs::write(folder.path().join("gallery.db"), b"").unwrap();
    assert!(matches!(Gallery::open(folder.path(), &model(1)), Err(Error::NoGallery { .. })));
    drop(Gallery::open_or_create(folder.path(), &model(1)).unwrap());
    assert!(matches!(Gallery::create(folder.path(), &model(1)), Err(Error::Exists { .. })));
    assert!(Gallery::open_or_create(folder.path(), &model(1)).is_ok());
}

#[test]
fn a_damaged_database_is_an_error_and_never_a_wrong_answer() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path(), 30, 3));
    let database = folder.path().join("gallery.db");
    let good = fs::read(&database).unwrap();
    let mut random = Random(99);
    let mut noticed = 0;
    for round in 0..60 {
        let mut bytes = good.clone();
        match round % 3 {
            0 => {
                let at = random.below(bytes.len() as u64) as usize;
                let end = (at + 1 + random.below(3000) as usize).min(bytes.len());
                bytes[at..end].fill(random.next() as u8);
            }
            1 => bytes.truncate(random.below(bytes.len() as u64) as usize),
            _ => (0..20).for_each(|_| {
                let at = random.below(bytes.len() as u64) as usize;
                bytes[at] ^= random.next() as u8;
            }),
        }
        fs::write(&database, &bytes).unwrap();
        let _ = fs::remove_file(folder.path().join("gallery.db-wal"));
        let _ = fs::remove_file(folder.path().join("index.f16"));
        let outcome = Gallery::open(folder.path(), &model(1)).and_then(|mut gallery| {
            let problems = gallery.check();
            let _ = gallery.identify(&[(&embedding(5)).into()], &IdentifyOptions::default());
            let _ = gallery.people(None, 100);
            let _ = gallery.enrolments(None, None, 100);
            let _ = gallery.enroll("x", &face(6), &plain());
            let _ = gallery.export(&mut std::io::sink(), true);
            problems
        });
        noticed += usize::from(!matches!(outcome, Ok(problems) if problems.is_empty()));
    }
    assert!(noticed > 40, "{noticed} of 60");
}
