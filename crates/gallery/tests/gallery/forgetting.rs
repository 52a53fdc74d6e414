//! Nothing of the forgotten is left in any byte of any file.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use half::f16;
use omote_gallery::{Error, Face, Gallery, IdentifyOptions, ModelIdentity};

use crate::support::*;

/// Pieces of 16 bytes, any of which gives away what was forgotten.
#[derive(Default)]
struct Traces(HashSet<[u8; 16]>);

impl Traces {
    fn add(&mut self, bytes: &[u8]) {
        self.0.extend(bytes.as_chunks::<16>().0);
    }

    fn add_face(&mut self, name: &str, face: &Face) {
        let vector = &face.embedding.vector;
        self.add(&vector.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>());
        self.add(&vector.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect::<Vec<_>>());
        self.add(&face.source.path);
        self.add(face.crop.as_deref().unwrap_or_default());
        self.add(name.as_bytes());
    }

    /// How often a piece is found, in any file of the folder, at any byte.
    fn found(&self, folder: &Path) -> usize {
        let mut found = 0;
        for file in fs::read_dir(folder).unwrap() {
            let bytes = fs::read(file.unwrap().path()).unwrap();
            found += bytes.array_windows::<16>().filter(|window| self.0.contains(*window)).count();
        }
        found
    }
}

fn large_model() -> ModelIdentity {
    ModelIdentity { dimension: 256, ..model(1) }
}

/// A person with a name, photos and crops that occur nowhere else.
fn person(seed: u64) -> (String, Vec<Face>) {
    let mut random = Random(seed);
    let faces = (0..1 + random.below(4))
        .map(|_| {
            let mut face = face(random.next());
            face.embedding = embedding_of(vector(random.next(), 256), &large_model());
            face.source.path =
                format!("/secret/{:016x}/{:016x}.jpg", random.next(), random.next()).into_bytes();
            let length = random.below(9000) as usize;
            face.crop = (random.below(3) > 0).then(|| random.bytes(length));
            face
        })
        .collect();
    (format!("Somebody {:016x} {:016x}", random.next(), random.next()), faces)
}

fn enroll_all(gallery: &mut Gallery, (name, faces): &(String, Vec<Face>)) {
    let faces: Vec<_> = faces.iter().map(|face| (name.as_str(), face)).collect();
    gallery.enroll_many(&faces, &plain()).unwrap();
}

#[test]
fn no_trace_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = Gallery::create(folder.path(), &large_model()).unwrap();
    let people: Vec<_> = (0..60).map(person).collect();
    // Interleaved, renamed and merged, so that the database moves its rows about.
    for half in [0, 1] {
        for (name, faces) in &people {
            let (first, second) = faces.split_at(faces.len() / 2);
            enroll_all(&mut gallery, &(name.clone(), [first, second][half].to_vec()));
        }
    }
    gallery.rename(&people[0].0, &format!("{} Junior", people[0].0)).unwrap();
    gallery.merge(&people[1].0, &people[2].0).unwrap();
    gallery.not_this_person(&people[3].1[0].source, &people[4].0).unwrap();
    drop(gallery);
    let mut gallery = Gallery::open(folder.path(), &large_model()).unwrap();
    let mut reader = Gallery::open(folder.path(), &large_model()).unwrap();
    let probe = &people[2].1[0].embedding;
    let nearest = |gallery: &mut Gallery| {
        gallery.identify(&[probe.into()], &IdentifyOptions::default()).unwrap()[0].candidates[0].clone()
    };
    assert_eq!(nearest(&mut reader).name, people[2].0);

    let renamed = format!("{} Junior", people[0].0);
    let gone: Vec<&str> = [0, 1, 2, 3, 9, 10, 31, 59]
        .into_iter()
        .filter(|at| *at != 1)
        .map(|at| people[at].0.as_str())
        .collect();
    let mut gone = gone;
    gone[0] = &renamed;
    let mut traces = Traces::default();
    for at in [0, 1, 2, 3, 9, 10, 31, 59] {
        people[at].1.iter().for_each(|face| traces.add_face(&people[at].0, face));
    }
    assert!(traces.found(folder.path()) > 500, "the test must see what it looks for");
    let faces: usize = [0, 1, 2, 3, 9, 10, 31, 59].iter().map(|&at| people[at].1.len()).sum();
    assert_eq!(gallery.forget_people(&gone).unwrap(), faces);

    assert_eq!(traces.found(folder.path()), 0);
    for gallery in [&mut gallery, &mut reader] {
        assert!(nearest(gallery).score < 0.5);
        sound(gallery);
        assert_eq!(gallery.stats().unwrap().people, 52);
        assert_eq!(gallery.stats().unwrap().marks, 0);
    }
    drop((gallery, reader));
    assert_eq!(traces.found(folder.path()), 0, "closing writes nothing back");
    // The others are as they were.
    let mut gallery = Gallery::open(folder.path(), &large_model()).unwrap();
    let answer =
        gallery.identify(&[(&people[20].1[0].embedding).into()], &IdentifyOptions::default()).unwrap();
    assert_eq!(answer[0].candidates[0].name, people[20].0);
    assert!(answer[0].candidates[0].score > 0.9999);
}

/// SQLite moves rows when it splits, joins and tidies pages. Here that happens to names, whose index is in random order
/// and which are long, short, and changed.
#[test]
fn copies_that_the_database_made_are_wiped_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = Gallery::create(folder.path(), &model(1)).unwrap();
    let mut random = Random(8);
    let mut name =
        || (0..1 + random.below(11)).map(|_| format!("{:016x} ", random.next())).collect::<String>();
    let mut names: Vec<String> = (0..300).map(|_| name()).collect();
    let faces: Vec<_> = (0..300).map(face).collect();
    let people: Vec<_> = names.iter().map(String::as_str).zip(&faces).collect();
    gallery.enroll_many(&people, &plain()).unwrap();
    let mut traces = Traces::default();
    let gone: Vec<usize> = (0..300).step_by(3).collect();
    for round in 0..150 {
        let at = (round * 7) % 300;
        let new = name();
        gallery.rename(&names[at], &new).unwrap();
        let old = std::mem::replace(&mut names[at], new);
        if gone.contains(&at) {
            traces.add(old.trim().as_bytes());
        }
    }
    gone.iter().for_each(|&at| traces.add(names[at].trim().as_bytes()));
    gallery.forget_people(&gone.iter().map(|&at| names[at].as_str()).collect::<Vec<_>>()).unwrap();
    assert_eq!(traces.found(folder.path()), 0);
    sound(&mut gallery);
}

#[test]
fn one_face_is_forgotten_and_the_person_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = Gallery::create(folder.path(), &large_model()).unwrap();
    let (name, mut faces) = person(5);
    faces.truncate(1);
    let mut other = faces[0].clone();
    other.embedding = embedding_of(vector(99, 256), &large_model());
    other.source = source(99);
    other.crop = None;
    let id = enroll(&mut gallery, &name, &faces[0]);
    let kept = enroll(&mut gallery, &name, &other);
    let mut traces = Traces::default();
    traces.add_face("", &faces[0]);
    assert!(traces.found(folder.path()) > 0);

    assert!(matches!(
        gallery.forget_enrolments(&[id, omote_gallery::EnrolmentId(77)]),
        Err(Error::NoEnrolment { id: 77 })
    ));
    assert!(gallery.enrolment(id).is_ok(), "all or nothing");
    gallery.forget_enrolments(&[id]).unwrap();
    assert_eq!(traces.found(folder.path()), 0);
    assert!(gallery.enrolment(id).is_err() && gallery.enrolment(kept).is_ok());
    gallery.forget_enrolments(&[kept]).unwrap();
    assert_eq!(gallery.person(&name).unwrap().unwrap().enrolments, 0);
    assert!(matches!(gallery.forget_people(&[&name, "nobody"]), Err(Error::NoPerson { .. })));
    assert!(gallery.person(&name).unwrap().is_some());
    // Numbers are not used again.
    assert!(enroll(&mut gallery, "Ada", &other) > kept);
    sound(&mut gallery);
}

#[test]
fn what_a_killed_writer_left_in_the_cache_is_wiped_too() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = Gallery::create(folder.path(), &large_model()).unwrap();
    let people: Vec<_> = (0..4).map(person).collect();
    people.iter().for_each(|person| enroll_all(&mut gallery, person));
    drop(gallery);
    let mut traces = Traces::default();
    people[0].1.iter().for_each(|face| traces.add_face(&people[0].0, face));
    // Rows beyond the counted ones, and a new file that never got its name.
    let index = folder.path().join("index.f16");
    let mut bytes = fs::read(&index).unwrap();
    let halves: Vec<u8> = people[0].1[0]
        .embedding
        .vector
        .iter()
        .flat_map(|&value| f16::from_f32(value).to_le_bytes())
        .collect();
    let end = bytes.len();
    bytes[end - halves.len()..].copy_from_slice(&halves);
    fs::write(&index, &bytes).unwrap();
    fs::write(folder.path().join("index.f16.new"), &bytes).unwrap();

    let mut gallery = Gallery::open(folder.path(), &large_model()).unwrap();
    gallery.forget_people(&[&people[0].0]).unwrap();
    assert_eq!(traces.found(folder.path()), 0);
    assert!(!folder.path().join("index.f16.new").exists());
    sound(&mut gallery);
    drop(gallery);

    // And a cache that is no good at all.
    traces = Traces::default();
    people[1].1.iter().for_each(|face| traces.add_face(&people[1].0, face));
    let mut bytes = fs::read(&index).unwrap();
    bytes[20] ^= 1;
    fs::write(&index, &bytes).unwrap();
    let mut gallery = Gallery::open(folder.path(), &large_model()).unwrap();
    gallery.forget_people(&[&people[1].0]).unwrap();
    assert_eq!(traces.found(folder.path()), 0);
    sound(&mut gallery);
}
