//! Faces that do not exist, reproducibly.

use std::path::Path;

use geometry::{Landmarks, Point, Rect};
use model::{Embedding, FileHash, Fingerprint};
use omote_gallery::{EnrollOptions, EnrolmentId, Face, Gallery, ModelIdentity, Outcome, Source};

pub(crate) const DIMENSION: usize = 32;

pub(crate) fn model(byte: u8) -> ModelIdentity {
    ModelIdentity {
        fingerprint: Fingerprint([byte; 32]),
        name: format!("model-{byte}"),
        dimension: DIMENSION,
        flip: false,
        compatible_with: vec![],
    }
}

/// SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// About -1..1, denser in the middle.
    pub(crate) fn value(&mut self) -> f32 {
        let unit = |bits: u64| (bits >> 40) as f32 / (1u64 << 24) as f32;
        unit(self.next()) - unit(self.next())
    }

    pub(crate) fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.next() as u8).collect()
    }
}

pub(crate) fn vector(seed: u64, dimension: usize) -> Vec<f32> {
    let mut random = Random(seed);
    (0..dimension).map(|_| random.value()).collect()
}

pub(crate) fn embedding_of(raw: Vec<f32>, model: &ModelIdentity) -> Embedding {
    Embedding::from_raw(raw, model.fingerprint).unwrap()
}

pub(crate) fn embedding(seed: u64) -> Embedding {
    embedding_of(vector(seed, DIMENSION), &model(1))
}

pub(crate) fn source(seed: u64) -> Source {
    let at = (seed % 100) as f32;
    Source {
        path: format!("photos/photo-{seed}.jpg").into_bytes(),
        sha256: FileHash::of(&seed.to_le_bytes()),
        bounds: Rect::new(at, at + 1.5, at + 80.0, at + 99.25),
        landmarks: Some(Landmarks(std::array::from_fn(|i| Point::new(at + i as f32, at - 0.125)))),
    }
}

/// A face with its own photo; faces of different seeds do not resemble each other.
pub(crate) fn face(seed: u64) -> Face {
    Face {
        embedding: embedding(seed),
        quality: 50.0 + (seed % 50) as f32,
        source: source(seed),
        crop: None,
        engine: "test engine".to_owned(),
        detector: "test detector".to_owned(),
    }
}

/// A face that resembles another one with about this cosine, on another photo.
pub(crate) fn lookalike(of: u64, cosine: f32, seed: u64) -> Face {
    let (a, b) = (embedding(of).vector, embedding(seed).vector);
    let along: f32 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
    let across: Vec<f32> = a.iter().zip(&b).map(|(a, b)| b - along * a).collect();
    let length = across.iter().map(|value| value * value).sum::<f32>().sqrt();
    let sine = (1.0 - cosine * cosine).sqrt() / length;
    let raw = a.iter().zip(&across).map(|(a, b)| cosine * a + sine * b).collect();
    Face { embedding: embedding_of(raw, &model(1)), ..face(seed) }
}

pub(crate) fn plain() -> EnrollOptions {
    EnrollOptions::default()
}

pub(crate) fn enroll(gallery: &mut Gallery, person: &str, face: &Face) -> EnrolmentId {
    match gallery.enroll(person, face, &plain()).unwrap() {
        Outcome::Enrolled { enrolment, .. } => enrolment,
        other => panic!("{person}: {other:?}"),
    }
}

/// A gallery with `people` people of `each` faces; face `f` of person `p` has seed `1000 p + f`.
pub(crate) fn filled(folder: &Path, people: u64, each: u64) -> Gallery {
    let mut gallery = Gallery::create(folder, &model(1)).unwrap();
    let faces: Vec<(String, Face)> = (0..people)
        .flat_map(|person| (0..each).map(move |at| (format!("person {person}"), face(1000 * person + at))))
        .collect();
    let faces: Vec<(&str, &Face)> = faces.iter().map(|(name, face)| (name.as_str(), face)).collect();
    let outcomes = gallery.enroll_many(&faces, &plain()).unwrap();
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Enrolled { .. })));
    gallery
}

/// Names and scores of an answer.
pub(crate) fn names(answer: &omote_gallery::Answer) -> Vec<&str> {
    answer.candidates.iter().map(|candidate| candidate.name.as_str()).collect()
}

pub(crate) fn sound(gallery: &mut Gallery) {
    assert_eq!(gallery.check().unwrap(), Vec::<String>::new());
}
