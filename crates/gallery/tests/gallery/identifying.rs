//! Who is it: against a comparison with everybody.

use std::collections::HashMap;

use matching::{Rule, Template, cosine};
use model::Embedding;
use omote_gallery::{Answer, EnrolmentId, Gallery, IdentifyOptions, PersonScore, Query};
use proptest::prelude::*;

use crate::support::*;

#[test]
fn open_and_closed_set() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = filled(folder.path(), 10, 2);
    let (near, far) = (lookalike(3000, 0.7, 77), embedding(999_999));
    let queries = [Query::from(&near.embedding), (&far).into()];

    let open = IdentifyOptions { threshold: Some(0.6), people: 3, ..IdentifyOptions::default() };
    let answers = gallery.identify(&queries, &open).unwrap();
    let found = answers[0].person().unwrap();
    assert_eq!(
        (found.name.as_str(), answers[0].accepted().len(), answers[0].candidates.len()),
        ("person 3", 1, 3)
    );
    assert!((found.score - 0.7).abs() < 1e-4);
    assert_eq!(gallery.vector(found.enrolment).unwrap(), embedding(3000).vector);
    assert_eq!(answers[1].person(), None, "unknown is an answer");
    assert!(!answers[1].candidates.is_empty());

    let closed = IdentifyOptions { threshold: None, people: 100, ..IdentifyOptions::default() };
    let answers = gallery.identify(&queries, &closed).unwrap();
    assert!(answers[1].person().is_some());
    assert_eq!(answers[1].candidates.len(), 10);
    let none = IdentifyOptions { people: 0, ..closed };
    for score in SCORES {
        let answers = gallery.identify(&queries, &IdentifyOptions { score, ..none.clone() }).unwrap();
        assert_eq!(answers.len(), 2);
        assert!(answers.iter().all(|answer| answer.candidates.is_empty()));
    }
    assert_eq!(gallery.identify(&[], &none).unwrap(), vec![]);
}

#[test]
fn an_empty_gallery_knows_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = Gallery::create(folder.path(), &model(1)).unwrap();
    for score in SCORES {
        let options = IdentifyOptions { score, ..IdentifyOptions::default() };
        let answers = gallery.identify(&[(&embedding(1)).into()], &options).unwrap();
        assert_eq!(answers, [Answer { candidates: vec![], threshold: None }]);
    }
}

#[test]
fn marks_are_honoured() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = filled(folder.path(), 5, 1);
    let probe = lookalike(2000, 0.9, 50);
    let options = IdentifyOptions { threshold: Some(0.5), people: 5, ..IdentifyOptions::default() };
    let who = |gallery: &mut Gallery| {
        let query = Query { embedding: &probe.embedding, source: Some(&probe.source) };
        gallery.identify(&[query], &options).unwrap().remove(0)
    };
    assert_eq!(who(&mut gallery).person().unwrap().name, "person 2");

    assert!(gallery.not_this_person(&probe.source, "person 2").unwrap());
    assert!(!gallery.not_this_person(&probe.source, "person 2").unwrap(), "marked already");
    assert!(gallery.not_this_person(&probe.source, "nobody").is_err());
    let answer = who(&mut gallery);
    assert_eq!(answer.person(), None);
    assert_eq!(answer.candidates.len(), 4);
    assert!(!names(&answer).contains(&"person 2"));
    // Without its place the face is just a face.
    let plain_query = gallery.identify(&[(&probe.embedding).into()], &options).unwrap();
    assert_eq!(plain_query[0].person().unwrap().name, "person 2");

    use omote_gallery::{EnrollOptions, Outcome};
    assert_eq!(gallery.enroll("person 2", &probe, &plain()).unwrap(), Outcome::MarkedNot);
    assert!(gallery.remove_mark(&probe.source, "person 2").unwrap());
    assert_eq!(who(&mut gallery).person().unwrap().name, "person 2");
    gallery.not_this_person(&probe.source, "person 2").unwrap();
    let forced = gallery.enroll("person 2", &probe, &EnrollOptions { force: true, ..plain() }).unwrap();
    assert!(matches!(forced, Outcome::Enrolled { .. }));
    assert_eq!(gallery.stats().unwrap().marks, 0, "force takes the mark back");
}

#[test]
fn a_marked_enrolment_is_not_named_and_blocks_a_merge() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = filled(folder.path(), 3, 1);
    let id = enroll(&mut gallery, "person 0", &lookalike(1000, 0.9, 60));
    assert!(gallery.enrolment_is_not(id, "person 0").is_err());
    assert!(gallery.enrolment_is_not(EnrolmentId(12345), "person 1").is_err());
    assert!(gallery.enrolment_is_not(id, "person 1").unwrap());
    let query = Query { embedding: &lookalike(1000, 0.9, 60).embedding, source: Some(&source(60)) };
    let answer = gallery.identify(&[query], &IdentifyOptions::default()).unwrap().remove(0);
    assert!(!names(&answer).contains(&"person 1"));
    for (from, into) in [("person 0", "person 1"), ("person 1", "person 0")] {
        assert!(matches!(gallery.merge(from, into), Err(omote_gallery::Error::Marked { .. })));
    }
    assert_eq!(gallery.merge("person 0", "person 2").unwrap(), 2);
}

/// One step in the life of a gallery.
#[derive(Clone, Debug)]
enum Step {
    Enroll(Vec<(u8, u64)>),
    Forget(u8),
    Merge(u8, u8),
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let faces = prop::collection::vec((0u8..6, 0u64..60), 1..12);
    prop_oneof![
        5 => faces.prop_map(Step::Enroll),
        1 => (0u8..6).prop_map(Step::Forget),
        1 => (0u8..6, 0u8..6).prop_map(|(from, into)| Step::Merge(from, into)),
        2 => Just(Step::Reopen),
    ]
}

/// All ways to score people.
const SCORES: [PersonScore; 4] = [
    PersonScore::BestFace,
    PersonScore::Template(Rule::Mean),
    PersonScore::Template(Rule::QualityWeighted),
    PersonScore::Template(Rule::MagnitudeWeighted),
];

/// Everybody's score by comparing with every vector in single precision, best first.
fn brute_force(gallery: &Gallery, query: &[f32], rule: PersonScore) -> Vec<(String, f32)> {
    let mut faces: HashMap<i64, Vec<(Embedding, f32)>> = HashMap::new();
    for enrolment in gallery.enrolments(None, None, usize::MAX).unwrap() {
        let embedding = embedding_of(gallery.vector(enrolment.id).unwrap(), &model(1));
        let embedding = Embedding { magnitude: enrolment.magnitude, ..embedding };
        faces.entry(enrolment.person.0).or_default().push((embedding, enrolment.quality));
    }
    let mut scores = Vec::new();
    for person in gallery.people(None, usize::MAX).unwrap() {
        let Some(faces) = faces.get(&person.id.0) else { continue };
        let score = match rule {
            PersonScore::BestFace => {
                faces.iter().map(|(face, _)| cosine(query, &face.vector)).fold(-1.0, f32::max)
            }
            PersonScore::Template(rule) => cosine(query, &Template::pool(faces, rule).unwrap().vector),
        };
        scores.push((person.name, score));
    }
    scores.sort_by(|a, b| b.1.total_cmp(&a.1));
    scores
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn identify_is_a_comparison_with_everybody(
        steps in prop::collection::vec(step(), 1..8),
        probes in prop::collection::vec(0u64..80, 1..4),
        people in 1usize..8,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut gallery = Gallery::create(folder.path(), &model(1)).unwrap();
        // A second process that has had the gallery open all along.
        let mut bystander = Gallery::open(folder.path(), &model(1)).unwrap();
        for step in steps {
            match step {
                Step::Enroll(faces) => {
                    let faces: Vec<_> = faces.iter().map(|(who, seed)| (format!("p{who}"), face(*seed))).collect();
                    let faces: Vec<_> = faces.iter().map(|(who, face)| (who.as_str(), face)).collect();
                    gallery.enroll_many(&faces, &plain()).unwrap();
                }
                Step::Forget(who) => drop(gallery.forget_people(&[&format!("p{who}")])),
                Step::Merge(from, into) => drop(gallery.merge(&format!("p{from}"), &format!("p{into}"))),
                Step::Reopen => {
                    drop(gallery);
                    gallery = Gallery::open(folder.path(), &model(1)).unwrap();
                }
            }
        }
        for gallery in [&mut gallery, &mut bystander] {
            for score in SCORES {
                let options = IdentifyOptions { people, score, threads: 2, threshold: None };
                let probes: Vec<_> = probes.iter().map(|&seed| embedding(seed)).collect();
                let queries: Vec<Query<'_>> = probes.iter().map(Into::into).collect();
                let answers = gallery.identify(&queries, &options).unwrap();
                for (probe, answer) in probes.iter().zip(&answers) {
                    let wanted = brute_force(gallery, &probe.vector, score);
                    prop_assert_eq!(answer.candidates.len(), wanted.len().min(people));
                    for (found, (name, score)) in answer.candidates.iter().zip(&wanted) {
                        prop_assert!((found.score - score).abs() < 1e-6, "{} is not {}", found.score, score);
                        let tie = wanted.iter().filter(|(_, other)| (other - score).abs() < 1e-6).count() > 1;
                        prop_assert!(tie || found.name == *name);
                    }
                }
            }
            sound(gallery);
        }
    }
}

#[test]
fn faces_that_half_precision_cannot_tell_apart_are_ordered_by_the_truth() {
    let folder = tempfile::tempdir().unwrap();
    let mut gallery = Gallery::create(folder.path(), &model(1)).unwrap();
    let probe = embedding(7);
    for at in 0..60u64 {
        enroll(&mut gallery, &format!("p{at:02}"), &lookalike(7, 0.8 + at as f32 * 2e-6, 100 + at));
    }
    let options = IdentifyOptions { people: 3, ..IdentifyOptions::default() };
    let answer = gallery.identify(&[(&probe).into()], &options).unwrap().remove(0);
    let wanted = brute_force(&gallery, &probe.vector, PersonScore::BestFace);
    let wanted: Vec<f32> = wanted.iter().take(3).map(|(_, score)| *score).collect();
    let found: Vec<f32> = answer.candidates.iter().map(|candidate| candidate.score).collect();
    assert_eq!(found, wanted);
}
