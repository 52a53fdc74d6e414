//! Moving to another model.

use omote_gallery::{Error, Gallery, IdentifyOptions, ModelIdentity, StoredFace};

use crate::support::*;

fn new_model() -> ModelIdentity {
    ModelIdentity { dimension: 48, flip: true, ..model(2) }
}

fn new_embedding(face: &StoredFace) -> model::Embedding {
    let seed = face.enrolment.source.sha256.0[0] as u64 * 1000 + face.enrolment.id.0 as u64;
    embedding_of(vector(seed, 48), &new_model())
}

#[test]
fn the_gallery_switches_when_every_face_has_a_new_vector() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = filled(folder.path(), 40, 2);
    let mut with_crop = face(123_456);
    with_crop.crop = Some(vec![1, 2, 3]);
    let crop_id = enroll(&mut gallery, "cropped", &with_crop);
    let mut bystander = Gallery::open(folder.path(), &model(1)).unwrap();
    let mut seen = Vec::new();
    let done = gallery
        .re_embed(&new_model(), false, |face| {
            seen.push((face.enrolment.id, face.crop.clone()));
            assert!(face.person.starts_with("person") || face.crop.is_some());
            Ok(new_embedding(face))
        })
        .unwrap();
    assert_eq!((done.switched, done.embedded, done.failed.len()), (true, 81, 0));
    assert_eq!(seen.len(), 81);
    assert!(seen.contains(&(crop_id, Some(vec![1, 2, 3]))));
    assert_eq!((gallery.model().fingerprint, gallery.model().dimension), (new_model().fingerprint, 48));
    sound(&mut gallery);
    let stored =
        StoredFace { enrolment: gallery.enrolment(crop_id).unwrap(), person: String::new(), crop: None };
    assert!(stored.enrolment.flip && stored.enrolment.fingerprint == new_model().fingerprint);
    let answer = gallery.identify(&[(&new_embedding(&stored)).into()], &IdentifyOptions::default()).unwrap();
    assert_eq!(answer[0].candidates[0].name, "cropped");

    let old = bystander.identify(&[(&embedding(0)).into()], &IdentifyOptions::default());
    assert!(matches!(old, Err(Error::Replaced)));
    assert!(matches!(bystander.enroll("x", &face(9), &plain()), Err(Error::Replaced)));
    drop(bystander);
    drop(gallery);
    assert!(matches!(Gallery::open(folder.path(), &model(1)), Err(Error::DifferentModel { .. })));
    sound(&mut Gallery::open(folder.path(), &new_model()).unwrap());
}

#[test]
fn a_face_that_fails_keeps_the_old_model_unless_it_may_be_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = filled(folder.path(), 5, 2);
    let mut calls = 0;
    let mut embed = |face: &StoredFace| {
        calls += 1;
        if face.person == "person 3" { Err("the photo is gone".to_owned()) } else { Ok(new_embedding(face)) }
    };
    let done = gallery.re_embed(&new_model(), false, &mut embed).unwrap();
    assert_eq!((done.switched, done.embedded, done.failed.len()), (false, 8, 2));
    assert_eq!(
        (done.failed[0].person.as_str(), done.failed[0].reason.as_str()),
        ("person 3", "the photo is gone")
    );
    assert_eq!(gallery.model().fingerprint, model(1).fingerprint);
    let answer = gallery.identify(&[(&embedding(3000)).into()], &IdentifyOptions::default()).unwrap();
    assert_eq!(answer[0].candidates[0].name, "person 3");
    sound(&mut gallery);

    // The second run does only what is missing.
    let done = gallery.re_embed(&new_model(), true, &mut embed).unwrap();
    assert_eq!((done.switched, done.embedded, done.failed.len()), (true, 8, 2));
    assert_eq!(calls, 10 + 2);
    assert_eq!(gallery.person("person 3").unwrap().unwrap().enrolments, 0);
    sound(&mut gallery);
}

#[test]
fn what_is_not_a_vector_of_the_new_model_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = filled(folder.path(), 2, 1);
    let wrong_length = gallery.re_embed(&new_model(), true, |_| Ok(embedding(1)));
    assert!(matches!(wrong_length, Err(Error::Face { .. })));
    let wrong_model = gallery.re_embed(&new_model(), true, |_| Ok(embedding_of(vector(1, 48), &model(3))));
    assert!(matches!(wrong_model, Err(Error::DifferentFace { .. })));
    assert_eq!(gallery.model().fingerprint, model(1).fingerprint);
    sound(&mut gallery);
}
