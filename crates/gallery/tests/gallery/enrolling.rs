//! What is enrolled, what is refused, and what changes nothing.

use omote_gallery::{EnrollOptions, Error, Face, Gallery, Outcome};

use crate::support::*;

#[test]
fn an_enrolment_comes_back_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut wanted = face(1);
    wanted.source.path = b"not/utf-8/\xff\xfe.jpg".to_vec();
    wanted.crop = Some(vec![0xff, 0xd8, 1, 2, 3]);
    let id = {
        let mut gallery = Gallery::create(folder.path(), &model(1)).unwrap();
        let id = enroll(&mut gallery, "  Ada\n", &wanted);
        enroll(&mut gallery, "面 👩🏽‍🚀", &face(2));
        enroll(&mut gallery, "\0 and \u{202e}", &face(3));
        id
    };
    let gallery = Gallery::open(folder.path(), &model(1)).unwrap();
    let found = gallery.enrolment(id).unwrap();
    assert_eq!(
        (&found.source, found.quality, found.magnitude),
        (&wanted.source, wanted.quality, wanted.embedding.magnitude)
    );
    assert_eq!((found.engine, found.detector), (wanted.engine, wanted.detector));
    assert_eq!((found.fingerprint, found.flip, found.has_crop), (model(1).fingerprint, false, true));
    assert!(found.created > 1_600_000_000);
    assert_eq!(gallery.vector(id).unwrap(), wanted.embedding.vector);
    assert_eq!(gallery.crop(id).unwrap(), wanted.crop);
    assert_eq!(gallery.person("Ada").unwrap().unwrap().id, found.person);
    assert!(gallery.person("面 👩🏽‍🚀").unwrap().is_some());
    assert!(gallery.person("\0 and \u{202e}").unwrap().is_some());
    assert!(gallery.person("Bob").unwrap().is_none());
}

#[test]
fn the_same_face_of_the_same_photo_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = Gallery::create(folder.path(), &model(1)).unwrap();
    let id = enroll(&mut gallery, "Ada", &face(1));
    let before = gallery.stats().unwrap();

    let mut again = face(1);
    again.source.path = b"a copy elsewhere.jpg".to_vec();
    again.source.bounds = again.source.bounds.translated(1.9, -1.9);
    assert_eq!(gallery.enroll("Ada", &again, &plain()).unwrap(), Outcome::Already { enrolment: id });
    let force = EnrollOptions { force: true, ..plain() };
    assert_eq!(gallery.enroll("Ada", &again, &force).unwrap(), Outcome::Already { enrolment: id });
    assert_eq!(gallery.stats().unwrap().enrolments, before.enrolments);

    again.source.bounds = again.source.bounds.translated(100.0, 0.0);
    assert!(matches!(
        gallery.enroll("Ada", &again, &plain()).unwrap(),
        Outcome::Enrolled { new_person: false, .. }
    ));
}

#[test]
fn twice_in_one_transaction_is_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = Gallery::create(folder.path(), &model(1)).unwrap();
    let options = EnrollOptions { conflict: Some(0.5), ..plain() };
    let (a, copy, other) = (face(1), lookalike(1, 0.9, 2), face(3));
    let faces: Vec<(&str, &Face)> =
        vec![("Ada", &a), ("Ada", &a), ("Bob", &copy), ("Ada", &copy), ("Bob", &other)];
    let outcomes = gallery.enroll_many(&faces, &options).unwrap();
    assert!(matches!(outcomes[0], Outcome::Enrolled { new_person: true, .. }));
    assert!(matches!(outcomes[1], Outcome::Already { .. }));
    assert!(matches!(&outcomes[2], Outcome::LooksLike { person, .. } if person == "Ada"));
    assert!(matches!(outcomes[3], Outcome::Enrolled { new_person: false, .. }));
    assert!(matches!(outcomes[4], Outcome::Enrolled { new_person: true, .. }));
    sound(&mut gallery);
}

#[test]
fn low_quality_is_refused_unless_forced() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = Gallery::create(folder.path(), &model(1)).unwrap();
    let poor = Face { quality: 19.9, ..face(1) };
    let options = EnrollOptions { min_quality: 20.0, ..plain() };
    let refused = Outcome::LowQuality { quality: 19.9, minimum: 20.0 };
    assert_eq!(gallery.enroll("Ada", &poor, &options).unwrap(), refused);
    assert!(gallery.person("Ada").unwrap().is_none(), "a refused face adds nobody");
    assert!(matches!(
        gallery.enroll("Ada", &poor, &EnrollOptions { force: true, ..options }).unwrap(),
        Outcome::Enrolled { .. }
    ));
}

#[test]
fn somebody_elses_face_is_refused_unless_forced() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = Gallery::create(folder.path(), &model(1)).unwrap();
    let options = EnrollOptions { conflict: Some(0.5), ..plain() };
    enroll(&mut gallery, "Ada", &face(1));

    let similar = lookalike(1, 0.8, 2);
    match gallery.enroll("Bob", &similar, &options).unwrap() {
        Outcome::LooksLike { person, score } => {
            assert_eq!(person, "Ada");
            assert!((score - 0.8).abs() < 1e-4, "{score}");
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        gallery.enroll("Bob", &lookalike(1, 0.49, 3), &options).unwrap(),
        Outcome::Enrolled { .. }
    ));
    let force = EnrollOptions { force: true, ..options.clone() };
    assert!(matches!(gallery.enroll("Bob", &similar, &force).unwrap(), Outcome::Enrolled { .. }));
    // It resembles Ada, and Bob even more: what siblings look like.
    let more_bob = Face { embedding: similar.embedding.clone(), ..face(4) };
    assert!(matches!(gallery.enroll("Bob", &more_bob, &options).unwrap(), Outcome::Enrolled { .. }));
}

#[test]
fn what_cannot_be_stored_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = Gallery::create(folder.path(), &model(1)).unwrap();
    let good = face(1);
    let with = |change: fn(&mut Face)| {
        let mut face = face(1);
        change(&mut face);
        face
    };
    let bad = [
        with(|face| face.embedding.vector.truncate(31)),
        with(|face| face.embedding.vector[0] = f32::NAN),
        with(|face| face.embedding.vector[0] = 2.0),
        with(|face| face.embedding.magnitude = f32::INFINITY),
        with(|face| face.quality = f32::NAN),
        with(|face| face.quality = 100.5),
        with(|face| face.source.bounds.x1 = f32::NAN),
        with(|face| face.source.landmarks.as_mut().unwrap().0[4].y = f32::INFINITY),
        with(|face| face.source.path = vec![b'a'; 70_000]),
        with(|face| face.crop = Some(vec![0; (16 << 20) + 1])),
        with(|face| face.engine = "x".repeat(201)),
    ];
    for (at, bad) in bad.iter().enumerate() {
        let error = gallery.enroll_many(&[("Ada", &good), ("Bob", bad)], &plain()).unwrap_err();
        assert!(matches!(error, Error::Face { .. }), "{at}: {error}");
    }
    let other = with(|face| face.embedding.fingerprint = model(2).fingerprint);
    assert!(matches!(gallery.enroll("Ada", &other, &plain()).unwrap_err(), Error::DifferentFace { .. }));
    for name in ["", " \t", &"x".repeat(201)] {
        assert!(matches!(gallery.enroll(name, &good, &plain()).unwrap_err(), Error::Name { .. }), "{name:?}");
    }
    assert_eq!(gallery.stats().unwrap().people, 0);
}

#[test]
fn a_model_that_is_declared_compatible_may_add_faces() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(folder.path(), 1, 1));
    let mut twin = model(2);
    let error = Gallery::open(folder.path(), &twin).unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, Error::DifferentModel { .. }));
    assert!(
        text.contains("model-1") && text.contains("model-2") && text.contains("omote gallery re-embed"),
        "{text}"
    );

    twin.compatible_with = vec![model(1).fingerprint];
    let mut gallery = Gallery::open(folder.path(), &twin).unwrap();
    let mut face = face(5);
    face.embedding.fingerprint = twin.fingerprint;
    let id = enroll(&mut gallery, "Ada", &face);
    assert_eq!(gallery.enrolment(id).unwrap().fingerprint, twin.fingerprint);
    assert_eq!(gallery.model().fingerprint, model(1).fingerprint);

    twin.flip = true;
    assert!(matches!(Gallery::open(folder.path(), &twin).unwrap_err(), Error::DifferentModel { .. }));
}
