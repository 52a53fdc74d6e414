//! What must hold for every calibration: it says what the next population will show, it is monotone, it is read as
//! it was written, and no file and no question makes it fall over.

use std::fs;
use std::sync::LazyLock;

use model::{Embedding, FileHash, Fingerprint};
use omote_matching::{
    Asked, Calibration, CheckedRate, Comparisons, Decision, Enrolled, Enrolment, Error, Galleries,
    GalleryRate, LabelledFaces, Listed, Next, Outcome, Quality, Rule, Scorer, Source, SplitOptions, Support,
    check_splits, summarise_splits,
};
use proptest::prelude::*;

const MODEL: Fingerprint = Fingerprint([7; 32]);

fn source(enrolment: Enrolment) -> Source {
    Source {
        model: "example".to_owned(),
        flip: false,
        enrolment,
        data: "made-up people".to_owned(),
        data_hash: FileHash([5; 32]),
        command: "omote calibrate example".to_owned(),
        date: "2026-11-22".to_owned(),
    }
}

fn normal(random: &mut fastrand::Rng) -> f64 {
    (-2.0 * (1.0 - random.f64()).ln()).sqrt() * (std::f64::consts::TAU * random.f64()).cos()
}

/// One pair of each two people and two of each with itself. Some people resemble everybody: a score is the sum of
/// what both bring and of what the pair brings, all normal, with a share `of_people` of the variance from people.
fn population(people: u32, of_people: f64, random: &mut fastrand::Rng) -> Vec<Listed> {
    let looks: Vec<f64> = (0..people).map(|_| normal(random) * (of_people / 2.0).sqrt()).collect();
    let mut pairs = Vec::new();
    for a in 0..people {
        for b in 0..a {
            let own = normal(random) * (1.0 - of_people).sqrt();
            let score = looks[a as usize] + looks[b as usize] + own;
            pairs.push(Listed { a, b, score: Some(score as f32) });
        }
        for _ in 0..2 {
            pairs.push(Listed { a, b: a, score: Some((3.0 + normal(random)) as f32) });
        }
    }
    pairs
}

/// People with as many photos as those of `faces` have on average.
fn gallery(people: usize) -> Enrolled {
    Enrolled::evenly(people, 3)
}

fn faces(people: u32, seed: u64) -> LabelledFaces {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut made = Vec::new();
    for person in 0..people {
        let centre: Vec<f64> = (0..10).map(|_| normal(&mut random)).collect();
        for _ in 0..2 + person % 3 {
            let raw = centre.iter().map(|value| (value + 0.6 * normal(&mut random)) as f32).collect();
            made.push((Embedding::from_raw(raw, MODEL).unwrap(), person));
        }
    }
    LabelledFaces::new(made.iter().map(|(face, person)| (face, 50.0, Some(*person)))).unwrap()
}

static CALIBRATION: LazyLock<Calibration> =
    LazyLock::new(|| Calibration::of_faces(source(Enrolment::BestFace), &faces(60, 1), 2).unwrap());

/// The intervals hold what they promise, for populations of the same and of another size; those of independent pairs
/// would not.
#[test]
fn the_next_population_shows_what_was_predicted() {
    const TRIALS: usize = 120;
    let mut random = fastrand::Rng::with_seed(17);
    let (mut held, mut pairs_held, mut fnmr_held) = (0, 0, 0);
    for trial in 0..TRIALS {
        let next_people = if trial % 2 == 0 { 50 } else { 30 };
        let own = Comparisons::listed(MODEL, &population(50, 0.3, &mut random)).unwrap();
        let calibration = Calibration::of_comparisons(source(Enrolment::BestFace), &own).unwrap();
        let threshold = calibration.threshold_for_fmr(0.05).unwrap();
        let next = Comparisons::listed(MODEL, &population(next_people, 0.3, &mut random)).unwrap();
        let people = Next::new(next_people as usize, 0.95).unwrap();

        let predicted = calibration.fmr(threshold, &people);
        assert_eq!(predicted.support, Support::Measured);
        assert!((predicted.value / 0.05 - 1.0).abs() < 1e-6);
        held += usize::from(predicted.holds(next.fmr(threshold)));
        // What the binomial distribution says, as if pairs were independent.
        let variance = 0.05 * 0.95 * (1.0 / own.impostor_count() as f64 + 1.0 / next.impostor_count() as f64);
        pairs_held += usize::from((next.fmr(threshold) - 0.05).abs() < 1.96 * variance.sqrt());

        let cut = calibration.threshold_for_fmr(0.01).unwrap();
        fnmr_held += usize::from(calibration.fnmr(cut, &people).holds(next.fnmr(cut)));
    }
    let share = |count: usize| count as f64 / TRIALS as f64;
    assert!((0.90..=0.995).contains(&share(held)), "{}", share(held));
    assert!((0.90..=1.0).contains(&share(fnmr_held)), "{}", share(fnmr_held));
    assert!(share(pairs_held) < 0.8, "pairs are not independent here: {}", share(pairs_held));
}

/// Beyond what was measured, the tail leads to the true rate within its interval.
#[test]
fn extrapolates_and_says_so() {
    let mut random = fastrand::Rng::with_seed(4);
    let own = Comparisons::listed(MODEL, &population(120, 0.2, &mut random)).unwrap();
    let calibration = Calibration::of_comparisons(source(Enrolment::BestFace), &own).unwrap();
    let again = calibration.same_again();
    // 7,140 pairs make ten false matches at 0.0014; P(score > 3.291) = 0.0005.
    let rate = calibration.fmr(3.291, &again);
    assert_eq!(rate.support, Support::Extrapolated);
    assert!(rate.extrapolated() && rate.holds(5e-4), "{rate:?}");
    assert!((0.3..3.0).contains(&(rate.value / 5e-4)), "{rate:?}");
    // A decade further it cannot tell, says so, and says what it would take.
    let error = calibration.threshold_for_fmr(1e-5).unwrap_err();
    let Error::Unsupported { least, needed, identities: 120, .. } = error else { panic!("{error}") };
    assert!((1e-4..2e-4).contains(&least), "{least}");
    assert!((300..600).contains(&needed), "{needed}");
    let far = calibration.fmr(50.0, &again);
    assert_eq!((far.support, far.low), (Support::Beyond, 0.0));
    assert!((far.value / least - 1.0).abs() < 1e-9);
}

#[test]
fn galleries_that_were_never_seen_are_answered_for() {
    let small = Calibration::of_faces(source(Enrolment::BestFace), &faces(40, 2), 2).unwrap();
    let large = Calibration::of_faces(source(Enrolment::BestFace), &faces(120, 3), 2).unwrap();
    for fpir in [0.3, 0.1] {
        let threshold = small.threshold_for_fpir(&gallery(100), fpir).unwrap();
        let next = Next::new(120, 0.99).unwrap();
        let predicted = small.fpir(&gallery(100), threshold, Galleries::Average, &next).unwrap();
        assert_eq!(predicted.support, Support::Extrapolated);
        assert!((predicted.value / fpir - 1.0).abs() < 1e-6, "{predicted:?}");
        let found = large.fpir(&gallery(100), threshold, Galleries::Average, &large.same_again()).unwrap();
        assert!(predicted.holds(found.value), "{predicted:?} {}", found.value);
    }
}

#[test]
fn thresholds_give_the_rate_they_were_asked_for() {
    let calibration = &*CALIBRATION;
    let next = calibration.same_again();
    for fmr in [0.5, 0.1, 0.03, 0.01, 2e-3] {
        let rate = calibration.fmr(calibration.threshold_for_fmr(fmr).unwrap(), &next);
        assert!((rate.value / fmr - 1.0).abs() < 1e-6, "{fmr}: {rate:?}");
        assert!(rate.low <= rate.value && rate.value <= rate.high);
    }
    for people in [1, 3, 10, 59, 80] {
        for fpir in [0.3, 0.1] {
            let Ok(threshold) = calibration.threshold_for_fpir(&gallery(people), fpir) else { continue };
            let rate = calibration.fpir(&gallery(people), threshold, Galleries::One, &next).unwrap();
            // A gallery so small that the asked rate lies below the first threshold has less.
            assert!(rate.value <= fpir * (1.0 + 1e-6), "{people} {fpir}: {rate:?}");
        }
    }
    // A wider promise takes a wider interval, and a larger population a narrower one.
    let threshold = calibration.threshold_for_fmr(0.01).unwrap();
    let width = |people, level| {
        let rate = calibration.fmr(threshold, &Next::new(people, level).unwrap());
        rate.high / rate.low.max(1e-9)
    };
    assert!(width(60, 0.99) > width(60, 0.9) && width(30, 0.9) > width(300, 0.9));
}

#[test]
fn every_template_rule_is_a_calibration_of_its_own() {
    let people = faces(30, 5);
    let of = |enrolment| Calibration::of_faces(source(enrolment), &people, 1).unwrap();
    let (best, mean) = (of(Enrolment::BestFace), of(Enrolment::Template(Rule::Mean)));
    let threshold = |calibration: &Calibration| calibration.threshold_for_fpir(&gallery(10), 0.2).unwrap();
    assert_ne!(threshold(&best), threshold(&mean));
    assert_eq!(best.threshold_for_fmr(0.01), mean.threshold_for_fmr(0.01));
    for enrolment in [Enrolment::BestFace, Enrolment::Template(Rule::QualityWeighted)] {
        assert_eq!(enrolment.to_string().parse(), Ok(enrolment));
    }
}

#[test]
fn galleries_are_answered_for_by_their_photos() {
    let calibration = &*CALIBRATION;
    let next = calibration.same_again();
    let rate = |gallery: &Enrolled| calibration.fpir(gallery, 0.75, Galleries::One, &next).unwrap();
    let evenly = |photos| rate(&Enrolled::evenly(20, photos)).value;
    // More photos find more strangers, but never in proportion.
    assert!(evenly(1) < evenly(2) && evenly(2) < evenly(3), "{} {} {}", evenly(1), evenly(2), evenly(3));
    assert!(evenly(3) < 3.0 * evenly(1));
    // A mixture lies where its people do.
    let mixed = rate(&Enrolled::counted([1; 15].into_iter().chain([3; 5]))).value;
    assert!((mixed - (0.75 * evenly(1) + 0.25 * evenly(3))).abs() < 1e-9, "{mixed}");
    // With 2 to 4 photos of each, nothing was seen of people with thirty: they count as ten people of three.
    let thirty = rate(&Enrolled::evenly(5, 30));
    assert_eq!((thirty.value, thirty.support), (rate(&Enrolled::evenly(50, 3)).value, Support::Extrapolated));
    for gallery in [Enrolled::evenly(10, 1), Enrolled::evenly(10, 9), Enrolled::counted([1, 1, 2, 7, 1, 3])] {
        let threshold = calibration.threshold_for_fpir(&gallery, 0.2).unwrap();
        let value = |threshold| calibration.fpir(&gallery, threshold, Galleries::One, &next).unwrap().value;
        assert!(value(threshold) <= 0.2 && value(threshold - 1e-6) > 0.2, "{gallery:?} {threshold}");
    }
}

#[test]
fn one_photo_is_as_in_a_population_of_one_photo() {
    // A population whose calibration knows two photos of everybody, and another of which one is enrolled.
    let (known, other) = (faces(60, 11), faces(120, 12));
    let calibration = Calibration::of_faces(source(Enrolment::BestFace), &known, 2).unwrap();
    let options = SplitOptions {
        fmrs: vec![],
        fpirs: [1, 2, usize::MAX].map(|photos| GalleryRate { fpir: 0.2, people: 20, photos }).to_vec(),
        splits: 20,
        seed: 5,
        level: 0.95,
        threads: 2,
    };
    let checks = check_splits(&other, &source(Enrolment::BestFace), &options).unwrap();
    let threshold = calibration.threshold_for_fpir(&Enrolled::evenly(20, 1), 0.2).unwrap();
    for summary in summarise_splits(&checks) {
        assert!(summary.held >= 16, "{summary:?}");
    }
    let one: Vec<f64> = checks.iter().step_by(6).map(|check| check.threshold).collect();
    let (least, most) = one.iter().fold((1.0f64, 0.0f64), |(low, high), &one| (low.min(one), high.max(one)));
    assert!((least - 0.1..=most + 0.1).contains(&threshold), "{threshold} {least} {most}");
}

#[test]
fn splits_are_checked_and_the_same_every_time() {
    let galleries = |fpir, people| vec![GalleryRate { fpir, people, photos: usize::MAX }];
    let (fmrs, fpirs) = (vec![0.05], galleries(0.2, 5));
    let options = SplitOptions { fmrs, fpirs, splits: 6, seed: 3, level: 0.95, threads: 2 };
    let people = faces(50, 6);
    let checks = check_splits(&people, &source(Enrolment::BestFace), &options).unwrap();
    assert_eq!(checks, check_splits(&people, &source(Enrolment::BestFace), &options).unwrap());
    let summary = summarise_splits(&checks);
    assert_eq!(summary.len(), 3);
    assert_eq!(summary[0].rate, CheckedRate::Fmr(0.05));
    for rate in &summary {
        assert!(rate.splits == 6 && rate.held >= 4 && rate.median_width > 1.0, "{rate:?}");
        assert!(rate.widest >= rate.median_width);
    }
    // A level of a half is missed about half of the time: the check can fail.
    let doubtful = SplitOptions { level: 0.5, fpirs: vec![], splits: 20, ..options.clone() };
    let held =
        summarise_splits(&check_splits(&people, &source(Enrolment::BestFace), &doubtful).unwrap())[0].held;
    assert!((4..=17).contains(&held), "{held}");

    let refused = |options: SplitOptions| {
        check_splits(&people, &source(Enrolment::BestFace), &options).unwrap_err().to_string()
    };
    assert!(refused(SplitOptions { splits: 0, ..options.clone() }).contains("splits"));
    assert!(refused(SplitOptions { fpirs: galleries(0.1, 25), ..options.clone() }).contains("it takes 54"));
    assert!(refused(SplitOptions { level: f64::NAN, ..options }).contains("probability"));
}

#[test]
fn is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("calibrations/example.toml");
    CALIBRATION.save(&path).unwrap();
    assert_eq!(Calibration::load(&path).unwrap(), *CALIBRATION);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);

    let folders = [folder.path(), path.parent().unwrap(), &folder.path().join("missing")];
    let find = |model, flip, enrolment| Calibration::load_for(&folders, &model, flip, enrolment);
    let (found, calibration) = find(MODEL, false, Enrolment::BestFace).unwrap().unwrap();
    assert_eq!((found, calibration), (path.clone(), CALIBRATION.clone()));
    assert_eq!(find(Fingerprint([8; 32]), false, Enrolment::BestFace), Ok(None));
    assert_eq!(find(MODEL, true, Enrolment::BestFace), Ok(None));
    assert_eq!(find(MODEL, false, Enrolment::Template(Rule::Mean)), Ok(None));

    let twin = folder.path().join("twin.toml");
    fs::copy(&path, &twin).unwrap();
    let error = find(MODEL, false, Enrolment::BestFace).unwrap_err().to_string();
    assert!(error.contains("twin.toml") && error.contains("example.toml"), "{error}");
    fs::write(&twin, "nonsense").unwrap();
    let error = find(MODEL, false, Enrolment::BestFace).unwrap_err().to_string();
    assert!(error.contains("twin.toml"), "{error}");
    let error = Calibration::load(&folder.path().join("none.toml")).unwrap_err().to_string();
    assert!(error.contains("none.toml") && error.contains("cannot be read"), "{error}");
}

#[test]
fn people_are_found_without_their_names() {
    let names: Vec<String> = (0..60).map(|person| format!("Person {person}")).collect();
    let listed = CALIBRATION.clone().with_people(&names).unwrap();
    assert!(listed.lists_people() && !CALIBRATION.lists_people());
    // However they are written, and once each.
    assert_eq!(listed.overlap(["person_7", "Person 7", "PERSON 59", "Person 60", ""]), Some(2));
    assert_eq!(listed.overlap(&names), Some(60));
    assert_eq!(listed.overlap::<&str>([]), Some(0));
    assert_eq!(CALIBRATION.overlap(&names), None);

    let text = listed.to_toml().unwrap();
    assert_eq!(Calibration::parse(&text, "x.toml").unwrap(), listed);
    assert!(!text.contains("Person") && !text.contains("person_7"));
    // All else is as it was, and the list can be taken out.
    let line = text.lines().find(|line| line.starts_with("people = ")).unwrap();
    assert_eq!(text.replace(&format!("{line}\n"), ""), CALIBRATION.to_toml().unwrap());

    let first = line.split('"').nth(1).unwrap();
    let bad = [
        (text.replacen(first, "ffffffffffff", 1), "do not rise"),
        (text.replacen(first, "00000000000", 1), "12 hexadecimal digits"),
        (text.replacen(first, "nohexdigits!", 1), "12 hexadecimal digits"),
        (text.replace(line, "people = []"), "0 names of 60 people"),
    ];
    for (changed, message) in bad {
        assert_ne!(changed, text, "{message}");
        let error = Calibration::parse(&changed, "x.toml").unwrap_err().to_string();
        assert!(error.contains("x.toml") && error.contains(message), "{message}: {error}");
    }
    let none: [&str; 0] = [];
    assert!(CALIBRATION.clone().with_people(none).is_err());
    let many = (0..61).map(|person| person.to_string());
    assert!(CALIBRATION.clone().with_people(many).unwrap_err().to_string().contains("61 names of 60 people"));
}

/// Replaces the first number of a list.
fn with_first(text: &str, list: &str, number: &str) -> String {
    let start = text.find(&format!("\n{list} = [")).unwrap() + list.len() + 5;
    let end = start + text[start..].find([',', ']']).unwrap();
    format!("{}{number}{}", &text[..start], &text[end..])
}

#[test]
fn refuses_what_no_calibration_says() {
    let text = CALIBRATION.to_toml().unwrap();
    let replaced = |old: &str, new: &str| {
        let changed = text.replacen(old, new, 1);
        assert_ne!(changed, text, "{old}");
        changed
    };
    let cases = [
        (replaced("format = 2", "format = 1"), "measure it anew with `omote calibrate`"),
        (replaced("photos = 2.0", "photos = 1.0"), "photos enrolled of a person do not rise"),
        (replaced("photos = 1.0", "photos = 0.5"), "0.5 photos of a person cannot be"),
        (replaced("flip = false", "flip = false\nnote = 1"), "note"),
        (replaced("\"best-face\"", "\"best\""), "best"),
        (replaced("2026-11-22", "yesterday"), "YYYY-MM-DD"),
        (replaced("made-up people", " "), "data is empty"),
        (replaced("identities = 60", "identities = 3"), "3 people"),
        (replaced("data_sha256 = \"05", "data_sha256 = \"5"), "x.toml"),
        (with_first(&text, "fmr", "nan"), "fmr 0 is NaN"),
        (with_first(&text, "fmr", "0.0001"), "fmr does not fall"),
        (with_first(&text, "fmr", "1.5"), "fmr does not fall"),
        (with_first(&text, "fnmr", "0.9999"), "fnmr does not rise"),
        (with_first(&text, "fmr_spread", "-1.0"), "variance below 0"),
        (with_first(&text, "score", "7.0"), "score does not rise"),
        (with_first(&text, "llr", "99.0"), "llr falls"),
        (with_first(&text, "llr", "99.0, 98.0"), "values for"),
        (with_first(&text, "fpir", "inf"), "galleries of 1"),
        (with_first(&text, "fpir", "0.9"), "fewer false positives"),
        (replaced("size = 1\n", "size = 3\n"), "sizes of galleries"),
        (replaced("scale = ", "scale = -"), "tail"),
    ];
    for (changed, message) in cases {
        let error = Calibration::parse(&changed, "x.toml").unwrap_err().to_string();
        assert!(error.contains("x.toml") && error.contains(message), "{message}: {error}");
    }
}

#[test]
fn refuses_too_little_and_says_what_it_takes() {
    let mut random = fastrand::Rng::with_seed(1);
    let few = Comparisons::listed(MODEL, &population(9, 0.2, &mut random)).unwrap();
    let error = Calibration::of_comparisons(source(Enrolment::BestFace), &few).unwrap_err();
    assert_eq!(error, Error::TooFew { what: "people", found: 9, needed: 10 });
    let alike: Vec<Listed> =
        population(20, 0.2, &mut random).iter().map(|pair| Listed { score: Some(0.5), ..*pair }).collect();
    let alike = Comparisons::listed(MODEL, &alike).unwrap();
    assert!(matches!(
        Calibration::of_comparisons(source(Enrolment::BestFace), &alike),
        Err(Error::TooFew { .. })
    ));
    // All false matches are of one pair of people, as of one person under two names.
    let mut twice = population(20, 0.2, &mut random);
    twice.iter_mut().filter(|pair| pair.a != pair.b).for_each(|pair| pair.score = None);
    twice.extend((0..50).map(|step| Listed { a: 3, b: 4, score: Some(step as f32) }));
    let twice = Comparisons::listed(MODEL, &twice).unwrap();
    let error = Calibration::of_comparisons(source(Enrolment::BestFace), &twice).unwrap_err().to_string();
    assert!(error.contains("1 pairs of different people") && error.contains("it takes 10"), "{error}");
}

#[test]
fn questions_out_of_range_are_refused() {
    let calibration = &*CALIBRATION;
    for rate in [0.0, 1.0, -0.1, f64::NAN, f64::INFINITY] {
        assert!(matches!(calibration.threshold_for_fmr(rate), Err(Error::Setting { .. })));
        assert!(matches!(calibration.threshold_for_fpir(&gallery(5), rate), Err(Error::Setting { .. })));
        assert!(matches!(Next::new(10, rate), Err(Error::Setting { .. })));
    }
    assert!(matches!(calibration.threshold_for_fpir(&gallery(0), 0.1), Err(Error::Setting { .. })));
    assert!(matches!(Next::new(1, 0.9), Err(Error::Setting { .. })));
    let mut random = fastrand::Rng::with_seed(1);
    let pairs = Comparisons::listed(MODEL, &population(20, 0.2, &mut random)).unwrap();
    let pairs = Calibration::of_comparisons(source(Enrolment::BestFace), &pairs).unwrap();
    assert_eq!(pairs.threshold_for_fpir(&gallery(5), 0.1), Err(Error::NoSearches));
}

#[test]
fn decisions_say_what_they_stand_on() {
    let calibration = &*CALIBRATION;
    let next = calibration.same_again();
    let good = Quality { probe: 60.0, reference: Some(70.0), least: 40.0 };
    let verify = |score, quality, fmr| Decision::verify(calibration, score, quality, fmr, &next).unwrap();

    let same = verify(0.99, good, 0.01);
    assert!(same.is_match() && !same.extrapolated());
    assert_eq!(same.asked, Asked::Fmr(0.01));
    assert!(same.rate_at_score.unwrap().value < same.rate_at_threshold.unwrap().value);
    assert!(same.log_likelihood_ratio.unwrap() > 0.0 && same.fnmr_at_threshold.is_some());
    let other = verify(-0.5, good, 0.01);
    assert_eq!(other.outcome, Outcome::NoMatch);
    assert!(other.log_likelihood_ratio.unwrap() < 0.0);

    let unsupported = verify(0.99, good, 1e-9);
    assert!(matches!(unsupported.outcome, Outcome::Unsupported { needed } if needed > 1000));
    assert!(
        unsupported.threshold.is_none() && unsupported.rate_at_score.is_some() && unsupported.extrapolated()
    );
    for poor in [
        Quality { probe: 10.0, ..good },
        Quality { reference: Some(10.0), ..good },
        Quality { probe: f32::NAN, ..good },
    ] {
        assert_eq!(verify(0.99, poor, 0.01).outcome, Outcome::NotGoodEnough);
    }
    let nan = Decision::verify(calibration, f32::NAN, good, 0.01, &next);
    assert!(matches!(nan, Err(Error::BadScore { .. })));

    let alone = Quality { reference: None, ..good };
    let identify =
        |best, people| Decision::identify(calibration, best, alone, &gallery(people), 0.1, &next).unwrap();
    assert_eq!(identify(Some(0.999), 20).outcome, Outcome::Match);
    assert_eq!(identify(Some(0.0), 20).outcome, Outcome::Unknown);
    assert_eq!(identify(None, 20).outcome, Outcome::Unknown);
    assert_eq!(identify(None, 20).rate_at_score, None);
    assert!(matches!(identify(Some(0.999), 100_000_000).outcome, Outcome::Unsupported { .. }));
    assert!(identify(Some(0.9), 30).threshold > identify(Some(0.9), 3).threshold);
}

proptest! {
    #[test]
    fn everything_is_monotone(
        mut scores in prop::collection::vec(-1.5f64..1.5, 2),
        mut sizes in prop::collection::vec(1usize..5000, 2),
        fpir in 0.01f64..0.6,
    ) {
        let calibration = &*CALIBRATION;
        let next = calibration.same_again();
        scores.sort_unstable_by(f64::total_cmp);
        sizes.sort_unstable();
        let (low, high) = (scores[0], scores[1]);
        prop_assert!(calibration.fmr(low, &next).value >= calibration.fmr(high, &next).value);
        prop_assert!(calibration.fnmr(low, &next).value <= calibration.fnmr(high, &next).value);
        prop_assert!(calibration.log_likelihood_ratio(low) <= calibration.log_likelihood_ratio(high));
        let rate = |size, score| calibration.fpir(&gallery(size), score, Galleries::One, &next).unwrap();
        let slack = 1.0 + 1e-9;
        for size in &sizes {
            prop_assert!(rate(*size, low).value * slack >= rate(*size, high).value);
        }
        for score in [low, high] {
            let (small, large) = (rate(sizes[0], score), rate(sizes[1], score));
            prop_assert!(small.value <= large.value * slack, "{sizes:?} {score}: {small:?} {large:?}");
            for rate in [small, large, calibration.fmr(score, &next), calibration.fnmr(score, &next)] {
                prop_assert!(0.0 <= rate.low && rate.low <= rate.value && rate.value <= rate.high && rate.high <= 1.0);
            }
        }
        let thresholds = sizes.iter().map(|&size| calibration.threshold_for_fpir(&gallery(size), fpir));
        if let [Ok(small), Ok(large)] = thresholds.collect::<Vec<_>>()[..] {
            prop_assert!(small <= large + 1e-9);
        }
    }

    #[test]
    fn no_file_and_no_question_makes_it_panic(
        at in 0.0f64..1.0,
        length in 0usize..30,
        what in prop::sample::select(vec![
            "", "0", "9", "-", "e308", "nan", "inf", "1e-308", ",", "]", "[", "\n", "=", "\"", "size = 1", "-0.0",
        ]),
    ) {
        let text = CALIBRATION.to_toml().unwrap();
        let start = (at * text.len() as f64) as usize;
        let end = (start + length).min(text.len());
        let damaged = format!("{}{what}{}", &text[..start], &text[end..]);
        if let Ok(calibration) = Calibration::parse(&damaged, "damaged.toml") {
            let next = Next::new(100, 0.95).unwrap();
            for score in [f64::MIN, -1.0, 0.2, 0.7, 1.0, f64::MAX] {
                for rate in [
                    calibration.fmr(score, &next),
                    calibration.fnmr(score, &next),
                    calibration.fpir(&gallery(7), score, Galleries::One, &next).unwrap(),
                    calibration.fpir(&gallery(700), score, Galleries::Average, &next).unwrap(),
                ] {
                    prop_assert!(rate.low <= rate.value && rate.value <= rate.high, "{rate:?}");
                }
                prop_assert!(calibration.log_likelihood_ratio(score).is_finite());
            }
            for rate in [0.5, 1e-3, 1e-300] {
                let _ = calibration.threshold_for_fmr(rate);
                let _ = calibration.threshold_for_fpir(&gallery(usize::MAX), rate);
            }
        }
    }
}

#[test]
fn scores_on_any_scale_are_calibrated_and_belong_to_their_scorer() {
    let compared = |scorer: &Scorer, faces: &LabelledFaces| {
        let (vectors, people): (Vec<_>, Vec<u32>) = faces.vectors_with_people().unzip();
        let vectors: Vec<Option<&[f32]>> = vectors.into_iter().map(Some).collect();
        let photos = scorer.prepare_all(&vectors, 2).unwrap();
        Comparisons::scored(scorer, &photos, &people, 2).unwrap()
    };
    let (learned, own, next) = (faces(60, 1), faces(60, 2), faces(60, 3));
    let (vectors, people): (Vec<&[f32]>, Vec<u32>) = learned.vectors_with_people().unzip();
    let mut hashes = Vec::new();
    for name in ["joint-bayesian", "as-norm", "wccn"] {
        let scorer = Scorer::train(name, &vectors, &people, MODEL).unwrap();
        let comparisons = compared(&scorer, &own);
        let calibration = Calibration::of_comparisons(source(Enrolment::BestFace), &comparisons)
            .and_then(|calibration| calibration.with_scorer(&scorer))
            .unwrap();
        let key = calibration.scorer().unwrap();
        assert_eq!((&*key.name, key.hash), (name, scorer.hash().unwrap()));
        hashes.push(key.hash);
        let threshold = calibration.threshold_for_fmr(0.02).unwrap();
        let promised = calibration.fmr(threshold, &calibration.same_again());
        let shown = compared(&scorer, &next).fmr(threshold);
        assert!(promised.holds(shown), "{name}: {shown} of {promised:?}");

        let text = calibration.to_toml().unwrap();
        assert_eq!(Calibration::parse(&text, name), Ok(calibration));
        let half = text.replace("scorer_sha256", "# scorer_sha256");
        let error = Calibration::parse(&half, "half.toml").unwrap_err().to_string();
        assert!(error.contains("half.toml") && error.contains("belong together"), "{error}");

        // Whoever looks for the cosine's does not find it.
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.toml"), &text).unwrap();
        let found = Calibration::load_for(&[folder.path()], &MODEL, false, Enrolment::BestFace);
        assert_eq!(found, Ok(None), "{name}");
    }
    hashes.dedup();
    assert_eq!(hashes.len(), 3);
    assert_eq!(CALIBRATION.scorer(), None);
}
