//! Corrections and taking them back: exactly, after restarts and kills, and not where that is impossible.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use omote_gallery::{
    Correction, Enrolment, EnrolmentId, Error, Gallery, IdentifyOptions, Outcome, Person, PersonId,
};

use crate::support::*;

/// Everything that a correction may change, in numbers and names.
#[derive(Debug, PartialEq)]
struct State {
    people: Vec<Person>,
    enrolments: Vec<(Enrolment, Vec<f32>, Option<Vec<u8>>)>,
    aside: Vec<Enrolment>,
    marks: Vec<String>,
}

fn state(gallery: &Gallery) -> State {
    let mut lines = Vec::new();
    gallery.export(&mut lines, false).unwrap();
    let marks = String::from_utf8(lines).unwrap();
    let marks = marks.lines().filter(|line| line.contains("\"type\":\"mark\"")).map(String::from).collect();
    let enrolments = gallery.enrolments(None, None, 10_000).unwrap().into_iter();
    let with_bytes = |face: Enrolment| {
        let (vector, crop) = (gallery.vector(face.id).unwrap(), gallery.crop(face.id).unwrap());
        (face, vector, crop)
    };
    State {
        people: gallery.people(None, 10_000).unwrap(),
        enrolments: enrolments.map(with_bytes).collect(),
        aside: gallery.set_aside(None).unwrap(),
        marks,
    }
}

fn id(gallery: &Gallery, name: &str) -> PersonId {
    gallery.person(name).unwrap().unwrap().id
}

fn faces(gallery: &Gallery, name: &str) -> Vec<EnrolmentId> {
    gallery.enrolments(Some(name), None, 1000).unwrap().iter().map(|face| face.id).collect()
}

/// Whom a search for a face finds first, and how alike.
fn nearest(gallery: &mut Gallery, seed: u64) -> (String, f32) {
    let answers = gallery.identify(&[(&embedding(seed)).into()], &IdentifyOptions::default()).unwrap();
    (answers[0].candidates[0].name.clone(), answers[0].candidates[0].score)
}

/// A correction that fits the gallery as it is, of any kind.
fn any_correction(gallery: &Gallery, random: &mut Random) -> Option<Correction> {
    let people = gallery.people(None, 100).unwrap();
    let pick = |random: &mut Random| people[random.below(people.len() as u64) as usize].clone();
    let (one, other) = (pick(random), pick(random));
    let of_one = faces(gallery, &one.name);
    let face = *of_one.get(random.below(of_one.len().max(1) as u64) as usize)?;
    Some(match random.below(6) {
        0 if one.id != other.id => Correction::Merge { from: one.id, into: other.id },
        1 | 2 => Correction::SetAside { enrolment: face, from: one.id },
        3 => {
            let enrolments = of_one.into_iter().filter(|_| random.below(2) == 0).collect();
            Correction::Split { person: one.id, enrolments, name: format!("new {}", random.next()) }
        }
        _ => Correction::Move { enrolment: face, from: one.id, to: other.id },
    })
}

#[test]
fn any_corrections_are_taken_back_exactly() {
    for seed in 0..6 {
        let folder = tempfile::tempdir().unwrap();
        let mut random = Random(seed);
        let mut gallery = filled(folder.path(), 6, 4);
        gallery.not_this_person(&source(1000), "person 3").unwrap();
        gallery.not_this_person(&source(77), "person 2").unwrap();
        let mut before = vec![state(&gallery)];
        while before.len() < 12 {
            // The second one must fit what the first one leaves, so it is asked for again if it does not.
            let both: Vec<_> =
                (0..1 + random.below(2)).filter_map(|_| any_correction(&gallery, &mut random)).collect();
            match gallery.correct(&both) {
                Ok(_) if both.is_empty() => {}
                Ok(_) => before.push(state(&gallery)),
                Err(
                    Error::Stale { .. }
                    | Error::Gone { .. }
                    | Error::NoEnrolment { .. }
                    | Error::SamePerson { .. }
                    | Error::Marked { .. },
                ) => {
                    assert_eq!(&state(&gallery), before.last().unwrap(), "seed {seed}: all or nothing");
                }
                Err(error) => panic!("{error}"),
            }
            if random.below(3) == 0 {
                drop(gallery);
                gallery = Gallery::open(folder.path(), &model(1)).unwrap();
            }
        }
        sound(&mut gallery);
        while gallery.undo_levels().unwrap() > 0 {
            assert_eq!(gallery.undo_levels().unwrap() + 1, before.len(), "seed {seed}");
            assert_eq!(Some(state(&gallery)), before.pop(), "seed {seed}");
            gallery.undo().unwrap();
            sound(&mut gallery);
        }
        assert_eq!(Some(state(&gallery)), before.pop(), "seed {seed}");
        assert!(before.is_empty() && matches!(gallery.undo(), Err(Error::NothingToUndo)));
    }
}

#[test]
fn a_face_that_is_set_aside_is_not_found_until_it_is_brought_back() {
    for reopened in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let mut gallery = filled(folder.path(), 4, 3);
        let mut reader = Gallery::open(folder.path(), &model(1)).unwrap();
        let reopen = |gallery: Gallery| match reopened {
            true => {
                drop(gallery);
                Gallery::open(folder.path(), &model(1)).unwrap()
            }
            false => gallery,
        };
        gallery = reopen(gallery);
        assert_eq!(nearest(&mut gallery, 2001).0, "person 2");
        assert_eq!(nearest(&mut reader, 2001).0, "person 2");
        let (person, one) = (id(&gallery, "person 2"), faces(&gallery, "person 2")[1]);
        assert_eq!(gallery.correct(&[Correction::SetAside { enrolment: one, from: person }]).unwrap(), 1);
        gallery = reopen(gallery);
        for gallery in [&mut gallery, &mut reader] {
            assert!(nearest(gallery, 2001).1 < 0.9);
            assert_eq!(gallery.stats().unwrap().enrolments, 11);
            assert_eq!(gallery.set_aside(Some("person 2")).unwrap()[0].id, one);
            assert!(gallery.set_aside(Some("person 1")).unwrap().is_empty());
            sound(gallery);
        }
        // Enrolling the photo again does not bring it back.
        let again = gallery.enroll("person 2", &face(2001), &plain()).unwrap();
        assert_eq!(again, Outcome::SetAside { enrolment: one });
        let undone = gallery.undo().unwrap();
        assert_eq!((undone.number, undone.faces), (1, 1));
        gallery = reopen(gallery);
        for gallery in [&mut gallery, &mut reader] {
            let (name, score) = nearest(gallery, 2001);
            assert!(name == "person 2" && score > 0.999);
            sound(gallery);
        }
        gallery.rebuild_cache().unwrap();
        assert_eq!(nearest(&mut gallery, 2001).0, "person 2");
    }
}

#[test]
fn what_no_longer_fits_is_refused_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = filled(folder.path(), 3, 3);
    let [a, b, c] = [0, 1, 2].map(|person| id(&gallery, &format!("person {person}")));
    let (first, second) = (faces(&gallery, "person 0")[0], faces(&gallery, "person 0")[1]);
    gallery.not_this_person(&source(1), "person 2").unwrap();
    let before = state(&gallery);
    let good = Correction::Move { enrolment: first, from: a, to: b };
    let gone = PersonId(99);
    let named = |name: &str| Correction::Split { person: a, enrolments: vec![second], name: name.to_owned() };
    let cases = [
        (Correction::Move { enrolment: first, from: a, to: c }, "is no longer \"person 0\"'s"),
        (Correction::SetAside { enrolment: EnrolmentId(77), from: a }, "no enrolment 77"),
        (Correction::Move { enrolment: second, from: a, to: c }, "marked as not \"person 2\""),
        (Correction::Move { enrolment: second, from: a, to: gone }, "person number 99 is no longer"),
        (Correction::Merge { from: gone, into: a }, "person number 99 is no longer"),
        (Correction::Merge { from: a, into: a }, "cannot be merged with itself"),
        (Correction::Move { enrolment: second, from: a, to: a }, "cannot be merged with itself"),
        (Correction::Merge { from: a, into: c }, "marked as not \"person 2\""),
        (Correction::Merge { from: c, into: a }, "marked as not \"person 2\""),
        (named("person 1"), "already a person \"person 1\""),
        (named(" "), "must not be empty"),
    ];
    for (bad, message) in cases {
        let error = gallery.correct(&[good.clone(), bad.clone()]).unwrap_err().to_string();
        assert!(error.contains(message), "{bad:?}: {error}");
        assert_eq!(state(&gallery), before, "{bad:?}");
    }
    assert_eq!(gallery.correct(&[]).unwrap(), 0);
    assert_eq!(gallery.undo_levels().unwrap(), 0);
    sound(&mut gallery);
}

#[test]
fn a_photo_that_both_people_have_is_not_theirs_twice() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = filled(folder.path(), 2, 2);
    let twice = enroll(&mut gallery, "person 1", &face(0));
    let [a, b] = [0, 1].map(|person| id(&gallery, &format!("person {person}")));
    let before = state(&gallery);
    gallery.correct(&[Correction::Move { enrolment: twice, from: b, to: a }]).unwrap();
    assert_eq!(faces(&gallery, "person 0").len(), 2);
    assert_eq!(gallery.set_aside(None).unwrap().len(), 1);
    gallery.undo().unwrap();
    assert_eq!(state(&gallery), before);
}

#[test]
fn a_face_is_given_even_where_a_copy_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = filled(folder.path(), 2, 2);
    let copy = enroll(&mut gallery, "person 1", &face(0));
    let [a, b] = [0, 1].map(|person| id(&gallery, &format!("person {person}")));
    let first = faces(&gallery, "person 0")[0];
    gallery.correct(&[Correction::SetAside { enrolment: first, from: a }]).unwrap();
    let before = state(&gallery);
    gallery.correct(&[Correction::Move { enrolment: copy, from: b, to: a }]).unwrap();
    assert!(faces(&gallery, "person 0").contains(&copy));
    assert_eq!(nearest(&mut gallery, 0).0, "person 0");
    gallery.undo().unwrap();
    assert_eq!(state(&gallery), before);
    sound(&mut gallery);
}

#[test]
fn what_has_changed_since_is_not_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = filled(folder.path(), 3, 3);
    let refused = |gallery: &mut Gallery, reason: &str| {
        let before = state(gallery);
        let error = gallery.undo().unwrap_err();
        assert!(matches!(error, Error::CannotUndo { .. }) && error.to_string().contains(reason), "{error}");
        assert_eq!(&state(gallery), &before, "{reason}");
    };
    let (person, faces) = (id(&gallery, "person 0"), faces(&gallery, "person 0"));
    gallery
        .correct(&[Correction::Split { person, enrolments: faces[1..].to_vec(), name: "Eve".to_owned() }])
        .unwrap();
    gallery.rename("Eve", "Eva").unwrap();
    refused(&mut gallery, "\"Eve\" has been renamed to \"Eva\" since");
    gallery.rename("Eva", "Eve").unwrap();
    let more = enroll(&mut gallery, "Eve", &face(70));
    refused(&mut gallery, "\"Eve\" has got other faces");
    gallery.forget_enrolments(&[more]).unwrap();
    gallery.undo().unwrap();
    assert!(gallery.person("Eve").unwrap().is_none());

    gallery.merge("person 1", "person 2").unwrap();
    enroll(&mut gallery, "person 1", &face(71));
    refused(&mut gallery, "there is another person \"person 1\" now");
    gallery.rename("person 1", "somebody").unwrap();
    gallery.undo().unwrap();
    assert_eq!(gallery.person("person 1").unwrap().unwrap().enrolments, 3);

    // A vector of the old model has no place in a gallery of a new one.
    gallery.correct(&[Correction::SetAside { enrolment: faces[0], from: person }]).unwrap();
    let to = model(2);
    let embed = |face: &omote_gallery::StoredFace| {
        Ok(embedding_of(vector(face.enrolment.id.0 as u64, DIMENSION), &to))
    };
    assert!(gallery.re_embed(&to, false, embed).unwrap().switched);
    refused(&mut gallery, "when the gallery was of another model");
    sound(&mut gallery);
}

/// Whether bytes are found in any file of a folder.
fn holds(folder: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|file| {
        let file = fs::read(file.unwrap().path()).unwrap();
        file.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[test]
fn forgetting_erases_the_log_and_what_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = Gallery::create(folder.path(), &model(1)).unwrap();
    let names = ["first secret name", "second secret name", "third secret name", "Grace"];
    for (person, name) in (0_u64..).zip(names) {
        for at in 0..3 {
            enroll(&mut gallery, name, &face(1000 * person + at));
        }
    }
    // With this, the file of the cache has all rows.
    drop(gallery);
    let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
    // Two merges on end, a face aside, a face that goes to Grace, and a person split off.
    gallery.merge(names[0], names[1]).unwrap();
    gallery.merge(names[1], names[2]).unwrap();
    let [secret, grace] = [names[2], "Grace"].map(|name| id(&gallery, name));
    let of_secret = faces(&gallery, names[2]);
    gallery.correct(&[Correction::SetAside { enrolment: of_secret[0], from: secret }]).unwrap();
    gallery.correct(&[Correction::Move { enrolment: of_secret[8], from: secret, to: grace }]).unwrap();
    let split = vec![of_secret[7]];
    gallery
        .correct(&[Correction::Split { person: secret, enrolments: split, name: "Eve".to_owned() }])
        .unwrap();
    let of_grace = faces(&gallery, "Grace");
    gallery.correct(&[Correction::SetAside { enrolment: of_grace[0], from: grace }]).unwrap();
    let bytes =
        |seed: u64| -> Vec<u8> { embedding(seed).vector.iter().flat_map(|x| x.to_le_bytes()).collect() };
    let halves = |seed: u64| -> Vec<u8> {
        embedding(seed).vector.iter().flat_map(|&x| half::f16::from_f32(x).to_le_bytes()).collect()
    };
    assert!(holds(folder.path(), names[0].as_bytes()));
    assert!(holds(folder.path(), &bytes(0)) && holds(folder.path(), &halves(0)));

    // 9 faces, of which one is Grace's now and one Eve's.
    assert_eq!(gallery.forget_people(&[names[2]]).unwrap(), 7);
    for name in &names[..3] {
        assert!(!holds(folder.path(), name.as_bytes()), "{name}");
    }
    for seed in [0, 1, 2, 1000, 1001, 1002, 2000] {
        assert!(!holds(folder.path(), &bytes(seed)) && !holds(folder.path(), &halves(seed)), "{seed}");
    }
    sound(&mut gallery);
    // What is left can still be taken back, and nothing of the forgotten comes with it.
    assert_eq!(gallery.undo_levels().unwrap(), 1);
    gallery.undo().unwrap();
    assert_eq!(faces(&gallery, "Grace").len(), 4);
    assert_eq!(faces(&gallery, "Eve").len(), 1);
    assert!(matches!(gallery.undo(), Err(Error::NothingToUndo)));

    // A single face that is set aside.
    gallery.correct(&[Correction::SetAside { enrolment: of_grace[0], from: grace }]).unwrap();
    gallery.forget_enrolments(&[of_grace[0]]).unwrap();
    assert!(!holds(folder.path(), &bytes(2002)) && !holds(folder.path(), &halves(2002)));
    assert!(gallery.set_aside(None).unwrap().is_empty());
    assert_eq!(gallery.undo_levels().unwrap(), 0);
    sound(&mut gallery);
}

#[test]
fn a_damaged_face_that_is_set_aside_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = filled(folder.path(), 2, 2);
    let (person, one) = (id(&gallery, "person 0"), faces(&gallery, "person 0")[0]);
    gallery.correct(&[Correction::SetAside { enrolment: one, from: person }]).unwrap();
    sound(&mut gallery);
    let database = rusqlite::Connection::open(folder.path().join("gallery.db")).unwrap();
    database.execute("UPDATE set_aside SET vector = x'00'", []).unwrap();
    let problems = gallery.check().unwrap();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].starts_with(&format!("enrolment {one}, which is set aside: ")), "{problems:?}");
}

#[test]
fn a_gallery_of_the_first_format_is_brought_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    let before = state(&filled(folder.path(), 3, 2));
    let database = rusqlite::Connection::open(folder.path().join("gallery.db")).unwrap();
    let tables = "DROP TABLE correction_steps; DROP TABLE corrections; DROP TABLE set_aside";
    database.execute_batch(tables).unwrap();
    database.pragma_update(None, "user_version", 1).unwrap();
    drop(database);
    let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
    assert_eq!(state(&gallery), before);
    gallery.merge("person 0", "person 1").unwrap();
    drop(gallery);
    let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
    gallery.undo().unwrap();
    assert_eq!(state(&gallery), before);
    sound(&mut gallery);
}

const FOLDER: &str = "OMOTE_TEST_FOLDER";
const SEED: &str = "OMOTE_TEST_SEED";

/// Corrects and undoes without end, and acknowledges each with the number of levels that there are then.
#[test]
fn child_corrects() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let mut random = Random(std::env::var(SEED).unwrap().parse().unwrap());
    let mut gallery = Gallery::open(&folder, &model(1)).unwrap();
    loop {
        let levels = gallery.undo_levels().unwrap() as u64;
        if random.below(20) < levels {
            gallery.undo().unwrap();
        } else if let Some(correction) = any_correction(&gallery, &mut random) {
            gallery.correct(&[correction]).unwrap();
        }
        println!("\nlevels {} .", gallery.undo_levels().unwrap());
        if random.below(8) == 0 {
            drop(gallery);
            gallery = Gallery::open(&folder, &model(1)).unwrap();
        }
    }
}

#[test]
fn a_killed_process_leaves_every_correction_whole() {
    let folder = tempfile::tempdir().unwrap();
    let before = state(&filled(folder.path(), 8, 3));
    let mut random = Random(815);
    let mut acknowledged = 0;
    for kill in 0..12 {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["corrections::child_corrects", "--exact", "--nocapture", "--test-threads=1"]);
        command.env(FOLDER, folder.path()).env(SEED, kill.to_string()).stdout(Stdio::piped());
        let mut running = command.spawn().unwrap();
        std::thread::sleep(Duration::from_micros(5_000 + random.below(60_000)));
        running.kill().unwrap();
        let lines = BufReader::new(running.stdout.take().unwrap()).split(b'\n');
        let lines: Vec<String> =
            lines.map(|line| String::from_utf8_lossy(&line.unwrap()).into_owned()).collect();
        running.wait().unwrap();
        let levels = |line: &String| line.strip_prefix("levels ")?.strip_suffix(" .")?.parse().ok();
        let last: Option<usize> = lines.iter().filter_map(levels).next_back();
        acknowledged += lines.iter().filter_map(levels).count();
        let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
        if let Some(last) = last {
            // At most the one that was under way came after it.
            assert!(gallery.undo_levels().unwrap().abs_diff(last) <= 1, "kill {kill}");
        }
        let faces = gallery.stats().unwrap().enrolments as usize + gallery.set_aside(None).unwrap().len();
        assert_eq!(faces, 24, "kill {kill}");
        sound(&mut gallery);
        std::mem::forget(gallery);
    }
    assert!(acknowledged > 12, "the test must see corrections: {acknowledged}");
    let mut gallery = Gallery::open(folder.path(), &model(1)).unwrap();
    while gallery.undo_levels().unwrap() > 0 {
        gallery.undo().unwrap();
    }
    assert_eq!(state(&gallery), before);
    sound(&mut gallery);
}
