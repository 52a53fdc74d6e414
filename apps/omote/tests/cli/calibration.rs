//! `omote calibrate`, and answers that go by it.

use fixtures::photo::{Background, Scene};
use serde_json::Value;

use crate::support::{Studio, THRESHOLD, portrait};

/// Thirty painted people with three photos each, in a folder each, more or less noisy so that scores vary.
fn crowd() -> Studio {
    let studio = Studio::new();
    for person in 0..30 {
        for photo in 0..3 {
            let noise = Background::Noise { seed: u64::from(person * 3 + photo), amplitude: 60 };
            let scene = Scene::new(150, 150).background(noise).brightness(1.0 - 0.04 * photo as f32);
            let scene = scene.face(person, 20 + 5 * photo, 25, 90 + (person + photo) % 7);
            studio.photo(format!("people/{person}/{photo}.jpg"), &scene);
        }
    }
    studio
}

#[test]
fn verify_goes_by_what_was_measured() {
    let studio = crowd();
    studio.portrait("ada.jpg", 1);
    studio.portrait("bob.jpg", 2);
    let run = studio
        .json(&["calibrate", "people", "--fmr", "1e-2", "--galleries", "5", "--data", "a crowd"])
        .ended(0);
    let summary = run.summary();
    assert_eq!((&summary["people"], &summary["faces"]), (&30.into(), &90.into()));
    let rate = &summary["rates"][0];
    let (low, high) = (rate["next"]["low"].as_f64().unwrap(), rate["next"]["high"].as_f64().unwrap());
    assert!(low <= 0.01 && 0.01 <= high, "{rate}");

    let run = studio.json(&["verify", "ada.jpg", "people/1/1.jpg", "--fmr", "1e-2"]).ended(0);
    let pair = run.one("pair");
    assert_eq!((&pair["same"], &pair["answer"]), (&true.into(), &"match".into()));
    assert_eq!(pair["threshold"]["cosine"], rate["threshold"]);
    assert_eq!(pair["threshold"]["calibration"]["data"], "a crowd");
    assert!(pair["threshold"]["fmr_at_score"]["rate"].as_f64().unwrap() <= 0.01);
    let words = studio.omote(&["verify", "ada.jpg", "bob.jpg", "--fmr", "1e-2"]).ended(1);
    assert!(words.stdout.starts_with("different people: cosine "), "{words:?}");
    assert!(words.stdout.contains("calibrated on 30 people (a crowd, "), "{words:?}");

    // What the data cannot support is said, and no answer is made up.
    let run = studio.json(&["verify", "ada.jpg", "bob.jpg", "--fmr", "1e-9"]).ended(1);
    let pair = run.one("pair");
    assert_eq!((&pair["same"], &pair["answer"]), (&Value::Null, &"not supported".into()));
    // Nor is there one for a face that cannot be judged.
    studio.photo("blurred.png", &Scene::new(64, 64).face(1, 8, 8, 40));
    let run =
        studio.json(&["verify", "ada.jpg", "blurred.png", "--fmr", "1e-2", "--min-quality", "95"]).ended(1);
    assert_eq!(run.one("pair")["answer"], "not good enough");
}

#[test]
fn a_calibration_can_be_named_and_belongs_to_its_model() {
    let studio = crowd();
    studio.other_embedder();
    studio.portrait("ada.jpg", 1);
    studio.omote(&["calibrate", "people", "--embedder", "painted-embedder", "--out", "own.toml"]).ended(0);
    let verify = |embedder: &str, more: &[&str]| {
        let command = ["verify", "ada.jpg", "people/1/0.jpg", "--fmr", "1e-2", "--embedder", embedder];
        studio.omote(&[&command[..], more].concat())
    };
    verify("painted-embedder", &["--calibration", "own.toml"]).ended(0);
    verify("painted-embedder", &[]).failed_with(&["omote calibrate"]);
    verify("painted-other", &["--calibration", "own.toml"])
        .failed_with(&["own.toml is the calibration of", "not of"]);
    verify("painted-embedder", &["--calibration", "own.toml", "--flip"])
        .failed_with(&["own.toml", "with flip"]);
    studio.write("broken.toml", b"format = 1\nmodel = ");
    verify("painted-embedder", &["--calibration", "broken.toml"]).failed_with(&["broken.toml"]);
}

#[test]
fn the_threshold_rises_with_the_gallery() {
    let studio = crowd();
    studio.omote(&["calibrate", "people"]).ended(0);
    let mut thresholds = Vec::new();
    for (gallery, people, photos) in [("small", 2, 1), ("large", 12, 1), ("many", 2, 3)] {
        for person in 0..people {
            for photo in 0..photos {
                let scene = portrait(person).brightness(1.0 - 0.03 * photo as f32);
                studio.photo(format!("{gallery}-staff/Person {person}/{photo}.jpg"), &scene);
            }
        }
        let staff = format!("{gallery}-staff");
        let enroll = ["enroll", &staff, "--names", "folders", "--gallery", gallery];
        // Nobody can say which faces look alike for 1 in 10,000 pairs of 30 people.
        studio.omote(&enroll).failed_with(&["looks like somebody else", "--threshold", "about", "people"]);
        studio.omote(&[&enroll[..], &["--threshold", THRESHOLD]].concat()).ended(0);
        let command =
            ["identify", "people/1/1.jpg", "people/29/1.jpg", "--gallery", gallery, "--fpir", "0.1"];
        let run = studio.json(&command).ended(0);
        let threshold = &run.summary()["threshold"];
        assert_eq!(
            (&threshold["fpir_asked"], &threshold["photos_per_person"]),
            (&0.1.into(), &f64::from(photos).into())
        );
        let cosine = threshold["cosine"].as_f64().unwrap();
        for photo in run.all("photo") {
            let face = &photo["faces"][0];
            let is_match = face["candidates"][0]["score"].as_f64().unwrap() >= cosine;
            assert_eq!(face["answer"], if is_match { "match" } else { "unknown" });
        }
        thresholds.push(cosine);
    }
    assert!(thresholds[1] > thresholds[0] && thresholds[2] > thresholds[0], "{thresholds:?}");
}

#[test]
fn halves_of_the_people_check_the_rates() {
    let studio = crowd();
    let command =
        ["calibrate", "people", "--check-splits", "4", "--fmr", "0.05", "--fpir", "0.2", "--galleries", "3"];
    let run = studio.json(&command);
    let summary = run.summary();
    let checks = summary["checks"].as_array().unwrap();
    let rates: Vec<&str> = checks.iter().filter_map(|check| check["rate"].as_str()).collect();
    let of_searches =
        ["1 photo, on average", "1 photo, one gallery", "all photos, on average", "all photos, one gallery"]
            .map(|kind| format!("FPIR 0.2, 3 people with {kind}"));
    assert_eq!(rates[0], "FMR 0.05");
    assert_eq!(rates[1..], of_searches);
    assert!(checks.iter().all(|check| check["splits"] == 4 && check["held"].as_u64().unwrap() <= 4));
    assert!(!studio.path("home/data/omote/calibrations").exists(), "a check writes nothing");
}

#[test]
fn a_calibration_that_answers_for_nothing_is_not_written() {
    let studio = crowd();
    let asked = ["calibrate", "people", "--galleries", "1000", "--fmr"];
    fn with<'a>(asked: &[&'a str], fmr: &'a str) -> Vec<&'a str> {
        [asked, &[fmr]].concat()
    }
    let words = studio.omote(&with(&asked, "1e-8,1e-9")).ended(1);
    for said in
        ["cannot support a false match rate", "people are needed", "nothing is written", "They do for --fmr"]
    {
        assert!(words.stdout.contains(said), "{said}: {words:?}");
    }
    let summary = studio.json(&with(&asked, "1e-8")).ended(1).summary();
    assert_eq!((&summary["file"], &summary["reason"]), (&Value::Null, &"nothing found".into()));
    assert!(!studio.path("home/data/omote/calibrations").exists());
    // What it names can be asked for, and then the rest does not matter.
    let least = summary["least_fmr"].as_f64().unwrap();
    let run = studio.omote(&with(&asked, &format!("{least:.1e},1e-8"))).ended(0);
    assert!(run.stdout.contains("written to") && run.stdout.contains("people are needed"), "{run:?}");
    assert!(studio.path("home/data/omote/calibrations").exists());
}

#[test]
fn what_cannot_be_calibrated_is_said() {
    let studio = Studio::new();
    for person in 0..3 {
        for photo in 0..2 {
            studio.portrait(format!("few/{person}/{photo}.jpg"), person);
        }
    }
    studio.omote(&["calibrate", "few"]).failed_with(&["people", "10"]);
    studio.write("who.txt", b"0.jpg Ada\n0.jpg Bob\n");
    studio.omote(&["calibrate", "few", "--people", "who.txt"]).failed_with(&["who.txt, line 2", "twice"]);
    studio.write("who.txt", b"0.jpg\n");
    studio
        .omote(&["calibrate", "few", "--people", "who.txt"])
        .failed_with(&["who.txt, line 1", "PHOTO PERSON"]);
    studio.omote(&["calibrate", "few", "--people", "nobody.txt"]).failed_with(&["nobody.txt", "folders"]);
    studio.omote(&["calibrate", "nowhere"]).failed_with(&["nowhere", "no face of a known person was found"]);
    for flag in [["--fpir", "0.1"], ["--galleries", "5"], ["--enrolment", "mean"]] {
        let run = studio.omote(&[&["calibrate", "few", "--scorer", "a.scorer"], &flag[..]].concat());
        run.failed_with(&["cannot be used with", flag[0]]);
    }
    assert!(!studio.path("home/data/omote/calibrations").exists());
}
