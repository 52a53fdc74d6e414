//! Galleries with known faults.

use index::View;
use omote_clustering::{Error, Finding, Fix, Gallery, Kind, LintOptions, Severity, lint};

const DIM: usize = 64;

/// The same numbers everywhere, normal enough: sums of four uniform ones.
struct Random(u64);

impl Random {
    fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.uniform() * bound as f64) as usize
    }

    fn direction(&mut self) -> Vec<f64> {
        unit((0..DIM).map(|_| (0..4).map(|_| self.uniform() - 0.5).sum()).collect())
    }
}

fn unit(values: Vec<f64>) -> Vec<f64> {
    let length = values.iter().map(|x| x * x).sum::<f64>().sqrt();
    values.into_iter().map(|x| x / length).collect()
}

fn mix(a: &[f64], share: f64, b: &[f64]) -> Vec<f64> {
    unit(a.iter().zip(b).map(|(a, b)| share.sqrt() * a + (1.0 - share).sqrt() * b).collect())
}

/// A gallery in the making.
struct Faces {
    random: Random,
    values: Vec<f32>,
    people: Vec<Option<usize>>,
    quality: Vec<f32>,
    photos: Vec<usize>,
}

impl Faces {
    /// `people` people, number 10 and up, of `photos` photos each, with a mean cosine of 0.5.
    fn crowd(people: usize, photos: usize, seed: u64) -> Self {
        let random = Random(0x2545_f491_4f6c_dd1d ^ seed);
        let (values, people_of, quality, of) = (vec![], vec![], vec![], vec![]);
        let mut faces = Self { random, values, people: people_of, quality, photos: of };
        for person in 0..people {
            let looks = faces.random.direction();
            faces.add(10 + person, &looks, photos);
        }
        faces
    }

    fn add(&mut self, person: usize, looks: &[f64], photos: usize) {
        for _ in 0..photos {
            let noise = self.random.direction();
            self.push(Some(person), &mix(looks, 0.5, &noise), 80.0);
        }
    }

    fn push(&mut self, person: Option<usize>, vector: &[f64], quality: f32) {
        self.values.extend(vector.iter().map(|&x| x as f32));
        self.people.push(person);
        self.quality.push(quality);
        self.photos.push(self.photos.len());
    }

    fn vector(&self, face: usize) -> Vec<f64> {
        self.values[face * DIM..(face + 1) * DIM].iter().map(|&x| f64::from(x)).collect()
    }

    fn lint(&self) -> Vec<Finding> {
        let faces = View::f32(DIM, &self.values).unwrap();
        let gallery = Gallery {
            faces: &faces,
            people: &self.people,
            quality: Some(&self.quality),
            photos: Some(&self.photos),
        };
        lint(&gallery, &LintOptions::default()).unwrap()
    }
}

/// Gives `count` random faces the name of another random person; returns them.
fn plant_errors(labels: &mut [Option<usize>], count: usize, random: &mut Random) -> Vec<usize> {
    let mut names: Vec<usize> = labels.iter().copied().flatten().collect();
    names.sort_unstable();
    names.dedup();
    let mut planted = Vec::new();
    while planted.len() < count {
        let (face, name) = (random.below(labels.len()), names[random.below(names.len())]);
        if !planted.contains(&face) && labels[face] != Some(name) {
            labels[face] = Some(name);
            planted.push(face);
        }
    }
    planted
}

#[test]
fn a_sound_gallery_has_no_findings() {
    assert_eq!(Faces::crowd(30, 12, 1).lint(), []);
}

#[test]
fn planted_errors_are_found_and_put_right() {
    for seed in 0..3 {
        let mut faces = Faces::crowd(40, 12, seed);
        let truth = faces.people.clone();
        let mut planted = plant_errors(&mut faces.people, 25, &mut Random(seed + 99));
        let found = faces.lint();
        let mislabels: Vec<&Finding> = found.iter().filter(|found| found.kind == Kind::Mislabel).collect();
        let mut flagged: Vec<usize> = mislabels.iter().flat_map(|found| found.faces.clone()).collect();
        flagged.sort_unstable();
        planted.sort_unstable();
        assert_eq!(flagged, planted, "seed {seed}");
        let sure = mislabels.iter().filter(|found| found.confidence > 0.9).count();
        assert!(sure >= 15, "seed {seed}: {sure}");
        assert!(mislabels.iter().all(|found| found.people.len() == 2), "seed {seed}: {mislabels:#?}");
        let before = faces.people.clone();
        mislabels.iter().for_each(|found| found.fix.as_ref().unwrap().apply(&mut faces.people).unwrap());
        assert_eq!(faces.people, truth, "seed {seed}");
        let undo = mislabels.iter().rev().map(|found| found.fix.as_ref().unwrap().inverse());
        undo.for_each(|fix| fix.apply(&mut faces.people).unwrap());
        assert_eq!(faces.people, before, "seed {seed}");
    }
}

#[test]
fn a_face_that_fits_nobody_is_taken_out() {
    let mut faces = Faces::crowd(10, 12, 4);
    let looks = mix(&faces.vector(0), 0.5, &faces.random.direction());
    let away: Vec<f64> = looks.iter().map(|x| -x).collect();
    faces.push(Some(10), &away, 80.0);
    let found = faces.lint();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].fix, Some(Fix::Remove { face: 120, from: 10 }));
    let why = found[0].why(|face| format!("face {face}"), |person| format!("person {person}"));
    assert!(
        why.contains("faces of person 10 with evidence -") && why.contains("nobody else's better"),
        "{why}"
    );
    assert_eq!(found[0].severity(), Severity::Error);
}

#[test]
fn one_person_under_two_names() {
    let mut faces = Faces::crowd(20, 12, 5);
    // Faces 0..12 are of person 10; five of them get the name 99.
    let moved = vec![1, 3, 5, 7, 9];
    moved.iter().for_each(|&face| faces.people[face] = Some(99));
    let found = faces.lint();
    let merge = Fix::Merge { from: 99, to: 10, faces: moved.clone() };
    assert_eq!(found[0].kind, Kind::OnePersonTwoNames);
    assert_eq!((&found[0].faces, &found[0].people), (&moved, &vec![99, 10]));
    assert_eq!(found[0].fix, Some(merge));
    assert!(found[0].confidence > 0.9);
}

#[test]
fn two_people_under_one_name() {
    let mut faces = Faces::crowd(20, 12, 6);
    (12..24).for_each(|face| faces.people[face] = Some(10));
    let found = faces.lint();
    let split = found.iter().find(|found| found.kind == Kind::TwoPeopleOneName).unwrap();
    assert!(split.confidence > 0.9);
    let Some(Fix::Split { person: 10, faces: moved, new }) = &split.fix else { panic!("{split:?}") };
    assert!(*moved == (0..12).collect::<Vec<_>>() || *moved == (12..24).collect::<Vec<_>>(), "{moved:?}");
    assert!(!faces.people.contains(&Some(*new)));
}

#[test]
fn twins_are_told_apart() {
    let mut faces = Faces::crowd(20, 12, 7);
    let looks = faces.random.direction();
    for (twin, name) in [70, 71].into_iter().enumerate() {
        let own = faces.random.direction();
        let looks = mix(&looks, 0.8, &own);
        faces.add(name, &looks, 20);
        assert_eq!(faces.people.len(), 240 + 20 * (twin + 1));
    }
    let found = faces.lint();
    let twins: Vec<&Finding> = found.iter().filter(|found| found.kind == Kind::TwinRisk).collect();
    assert_eq!(twins.len(), 1, "{found:?}");
    assert_eq!((&twins[0].people, &twins[0].fix), (&vec![70, 71], &None));
    assert!(!found.iter().any(|found| found.kind == Kind::OnePersonTwoNames));
}

#[test]
fn a_blurred_face_near_everybody_is_a_hub() {
    // Everybody has something in common, and the hub has little else.
    let mut faces = Faces::crowd(0, 0, 8);
    let common = faces.random.direction();
    for person in 0..30 {
        let own = faces.random.direction();
        faces.add(10 + person, &mix(&common, 0.3, &own), 8);
    }
    let hub = mix(&common, 0.8, &faces.vector(0));
    faces.push(Some(10), &hub, 12.0);
    let hubs = |found: Vec<Finding>| -> Vec<Vec<usize>> {
        found.into_iter().filter(|found| found.kind == Kind::LowQualityHub).map(|found| found.faces).collect()
    };
    assert_eq!(hubs(lint_at(&faces, 0.25)), [vec![240]]);
    faces.quality[240] = 90.0;
    assert!(hubs(lint_at(&faces, 0.25)).is_empty(), "a good face is no hub");
}

fn lint_at(faces: &Faces, stranger_cosine: f32) -> Vec<Finding> {
    let view = View::f32(DIM, &faces.values).unwrap();
    let gallery =
        Gallery { faces: &view, people: &faces.people, quality: Some(&faces.quality), photos: None };
    lint(&gallery, &LintOptions { stranger_cosine, ..LintOptions::default() }).unwrap()
}

#[test]
fn one_picture_twice() {
    let mut faces = Faces::crowd(10, 12, 9);
    let (copy, other) = (faces.vector(5), faces.vector(20));
    faces.push(Some(10), &copy, 95.0);
    faces.push(Some(15), &other, 10.0);
    faces.push(None, &other, 99.0);
    faces.people[122] = None;
    let found: Vec<Finding> =
        faces.lint().into_iter().filter(|found| found.kind == Kind::Duplicate).collect();
    // The better copy of face 5 stays. Face 20 is of person 11, as its copy should be; of its two copies one is
    // nobody's.
    assert_eq!(found[0].fix, Some(Fix::Remove { face: 5, from: 10 }));
    assert!(found.iter().all(|found| !found.faces.contains(&122)));
}

#[test]
fn one_picture_under_two_names_goes_to_the_right_one() {
    let mut faces = Faces::crowd(10, 12, 10);
    let copy = faces.vector(20);
    faces.push(Some(15), &copy, 95.0);
    let found = faces.lint();
    let moved = found.iter().find(|found| found.kind == Kind::Duplicate).unwrap();
    assert_eq!(moved.fix, Some(Fix::Move { face: 120, from: Some(15), to: 11 }));
    assert!(moved.confidence > 0.9);
}

#[test]
fn two_copies_under_the_right_name_ask_once_for_a_third() {
    let mut faces = Faces::crowd(10, 12, 10);
    let copy = faces.vector(20);
    faces.push(Some(11), &copy, 80.0);
    faces.push(Some(15), &copy, 95.0);
    let found: Vec<Finding> =
        faces.lint().into_iter().filter(|found| found.kind == Kind::Duplicate).collect();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].fix, Some(Fix::Move { face: 121, from: Some(15), to: 11 }));
}

#[test]
fn a_name_twice_in_one_photo() {
    let mut faces = Faces::crowd(10, 12, 11);
    // Face 20 of person 11 is in the photo of face 3, under the same name.
    faces.people[20] = Some(10);
    faces.photos[20] = faces.photos[3];
    let found = faces.lint();
    let twice = found.iter().find(|found| found.kind == Kind::TwiceInOnePhoto).unwrap();
    assert_eq!(twice.fix, Some(Fix::Remove { face: 20, from: 10 }));
    // The same person in a mirror is less of a finding.
    faces.people[20] = Some(11);
    faces.photos[20] = faces.photos[21];
    let mirror = faces.lint().into_iter().find(|found| found.kind == Kind::TwiceInOnePhoto);
    assert!(mirror.is_none_or(|mirror| mirror.confidence < twice.confidence));
}

#[test]
fn the_order_of_faces_does_not_matter() {
    let mut faces = Faces::crowd(20, 10, 12);
    plant_errors(&mut faces.people, 12, &mut Random(5));
    let mut reversed =
        Faces { values: vec![], people: vec![], quality: vec![], photos: vec![], random: Random(1) };
    for face in (0..200).rev() {
        reversed.push(faces.people[face], &faces.vector(face), 80.0);
    }
    let key = |finding: &Finding, turned: bool| {
        let mut faces: Vec<usize> =
            finding.faces.iter().map(|&face| if turned { 199 - face } else { face }).collect();
        faces.sort_unstable();
        (faces, finding.people.clone(), (finding.confidence * 1e6).round() as i64)
    };
    let mut straight: Vec<_> = faces.lint().iter().map(|finding| key(finding, false)).collect();
    let mut turned: Vec<_> = reversed.lint().iter().map(|finding| key(finding, true)).collect();
    straight.sort();
    turned.sort();
    assert_eq!(straight, turned);
    assert_eq!(faces.lint(), faces.lint());
}

#[test]
fn few_faces_and_copies() {
    let lint_of = |values: &[f32], people: &[Option<usize>]| {
        let faces = View::f32(2, values).unwrap();
        lint(&Gallery { faces: &faces, people, quality: None, photos: None }, &LintOptions::default())
    };
    assert_eq!(lint_of(&[], &[]), Ok(vec![]));
    assert_eq!(lint_of(&[0.6, 0.8], &[Some(3)]), Ok(vec![]));
    assert_eq!(lint_of(&[0.6, 0.8, 1.0, 0.0], &[None, None]), Ok(vec![]));
    let copies = lint_of(&[0.6, 0.8].repeat(30), &[Some(usize::MAX); 30]).unwrap();
    assert_eq!(copies.len(), 29);
    assert!(copies.iter().all(|copy| copy.kind == Kind::Duplicate && copy.confidence == 1.0));
}

#[test]
fn bad_input() {
    let values = [0.0, 1.0, 1.0, 0.0];
    let faces = View::f32(2, &values).unwrap();
    let (people, quality, photos) = ([Some(0), Some(1)], [50.0, f32::NAN], [0]);
    let good = Gallery { faces: &faces, people: &people, quality: None, photos: None };
    let options = LintOptions::default();
    assert_eq!(lint(&good, &options), Ok(vec![]));
    let cases = [
        (Gallery { people: &people[..1], ..good }, "1 people were given for 2 faces"),
        (Gallery { photos: Some(&photos), ..good }, "1 photos were given for 2 faces"),
        (Gallery { quality: Some(&quality[..1]), ..good }, "1 qualities were given for 2 faces"),
        (Gallery { quality: Some(&quality), ..good }, "the quality of face 1 is NaN"),
    ];
    for (gallery, message) in cases {
        let error = lint(&gallery, &options).unwrap_err().to_string();
        assert!(error.starts_with(message), "{error}");
    }
    let refused = [
        LintOptions { stranger_cosine: f32::NAN, ..options },
        LintOptions { duplicate_cosine: 1.5, ..options },
        LintOptions { low_quality: -1.0, ..options },
        LintOptions { confidence: 2.0, ..options },
        LintOptions { neighbours: 0, ..options },
    ];
    for options in refused {
        assert!(matches!(lint(&good, &options), Err(Error::Parameter { .. })), "{options:?}");
    }
    let bad = [f32::NAN, 0.0, 1.0, 0.0];
    let faces = View::f32(2, &bad).unwrap();
    assert!(matches!(lint(&Gallery { faces: &faces, ..good }, &options), Err(Error::Vector { face: 0, .. })));
}
