//! `omote eval`: every photo of a data set against every other, and calibrations tried on them.

use std::fs;
use std::ops::Range;

use fixtures::photo::{Background, Scene};
use serde_json::Value;

use crate::support::Studio;

/// People with two photos each, those of odd numbers with three, more or less noisy so that scores vary. The last
/// photo of the second person shows nobody. Two pairs of each person are listed.
fn paint(studio: &Studio, folder: &str, people: Range<u32>) {
    let mut csv = "a,id_a,b,id_b\n".to_owned();
    for person in people.clone() {
        for photo in 0..2 + person % 2 {
            let noise = Background::Noise { seed: u64::from(person * 3 + photo), amplitude: 60 };
            let scene = Scene::new(150, 150).background(noise).brightness(1.0 - 0.05 * photo as f32);
            let is_empty = (person, photo) == (people.start + 1, 2);
            let face = |scene: Scene| scene.face(person, 20 + 5 * photo, 25, 90 + (person + photo) % 7);
            studio.photo(
                format!("{folder}/Person_{person}/{photo}.png"),
                &if is_empty { scene } else { face(scene) },
            );
        }
        let other = if person + 1 == people.end { people.start } else { person + 1 };
        // Names are written in another way than the folders.
        let photo = |person: u32, photo: u32| format!("Person_{person}/{photo}.png,person {person}");
        csv += &format!("{},{}\n", photo(person, 0), photo(person, 1));
        csv += &format!("{},{}\n", photo(person, 1 + person % 2), photo(other, 0));
    }
    studio.write(format!("{folder}/pairs.csv"), csv.as_bytes());
}

/// Every photo against every other by the vectors that `omote embed` gives: the scores of the same person, and of two.
fn scores(studio: &Studio, folder: &str) -> [Vec<Option<f64>>; 2] {
    let run = studio.json(&["embed", folder]);
    let photos: Vec<(String, Option<Vec<f64>>)> = run
        .all("photo")
        .iter()
        .map(|photo| {
            let path = photo["path"]["text"].as_str().unwrap();
            let person = path.rsplit('/').nth(1).unwrap().to_owned();
            let vector = photo["faces"][0]["embedding"].as_array();
            (person, vector.map(|vector| vector.iter().map(|value| value.as_f64().unwrap()).collect()))
        })
        .collect();
    let mut scores = [Vec::new(), Vec::new()];
    for (number, (a, x)) in photos.iter().enumerate() {
        for (b, y) in &photos[..number] {
            let cosine = x.as_ref().zip(y.as_ref()).map(|(x, y)| x.iter().zip(y).map(|(x, y)| x * y).sum());
            scores[usize::from(a != b)].push(cosine);
        }
    }
    scores
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("no number: {value}"))
}

#[test]
fn every_photo_is_compared_with_every_other() {
    let studio = Studio::new();
    paint(&studio, "set", 0..12);
    let command = [
        "eval",
        "pairs",
        "set/pairs.csv",
        "--fmr",
        "0.1,1e-3",
        "--resamples",
        "200",
        "--report",
        "page.html",
    ];
    let run = studio.json(&command).ended(0);
    let summary = run.summary();
    let all = &summary["all_pairs"];
    let [genuine, impostor] = scores(&studio, "set");
    assert_eq!(
        (&all["photos"], &all["photos_without_face"], &all["people"]),
        (&30.into(), &1.into(), &12.into())
    );
    assert_eq!((&all["genuine"], &all["impostor"]), (&genuine.len().into(), &impostor.len().into()));

    // The same by hand, one score after the other.
    let point = &all["fnmr_at_fmr"][0];
    // It is the next number above an impostor's score, which is not quite the same in double precision.
    let threshold = number(&point["threshold"]) + 1e-6;
    let accepted =
        |scores: &[Option<f64>]| scores.iter().flatten().filter(|&&score| score >= threshold).count();
    let false_matches = accepted(&impostor);
    assert_eq!(point["false_matches"], false_matches);
    assert!(false_matches >= 10 && false_matches as f64 / impostor.len() as f64 <= 0.1, "{point}");
    let rejected = genuine.len() - accepted(&genuine);
    assert!((number(&point["fnmr"]) - rejected as f64 / genuine.len() as f64).abs() < 1e-12, "{point}");
    assert!(rejected >= 2, "the photo without a face is rejected with both others of its person");
    let interval = [0, 1].map(|end| number(&point["fnmr_interval"][end]));
    assert!(
        interval[0] <= number(&point["fnmr"]) && number(&point["fnmr"]) <= interval[1] && interval[1] > 0.0
    );

    // The listed pairs support less, and all pairs not everything.
    assert!(summary["fnmr_at_fmr"][0]["unsupported"].is_string());
    let refused = all["fnmr_at_fmr"][1]["unsupported"].as_str().unwrap();
    assert!(refused.contains("at FMR 0.001") && refused.contains("10000 or more"), "{refused}");

    let page = fs::read_to_string(studio.path("page.html")).unwrap();
    assert!(page.contains("Every photo against every other") && page.contains("All pairs of photos"));
    assert!(page.contains("30 photos of 12 people (1 without a face"), "{page}");
    assert!(page.contains("Over all pairs of the 30 photos"));
    let words = studio.omote(&command).ended(0).stdout;
    assert!(
        words.contains("every photo against every other") && words.contains("FNMR at FMR 1e-1"),
        "{words}"
    );
    assert!(
        words.contains("30 photos of 12 people (1 without a face, whose pairs count as rejected)"),
        "{words}"
    );
    // Nobody has calibrated the painted embedder.
    assert!(summary["calibration"].is_null() && !words.contains("calibration"), "{words}");
}

#[test]
fn who_is_not_known_or_too_few_is_said() {
    let studio = Studio::new();
    paint(&studio, "set", 0..4);
    let run = studio.json(&["eval", "pairs", "set/pairs.csv"]).ended(0);
    let reason = run.summary()["no_all_pairs"].as_str().unwrap().to_owned();
    assert!(run.summary()["all_pairs"].is_null() && reason.contains("at least 10"), "{reason}");
    let words = studio.omote(&["eval", "pairs", "set/pairs.csv"]).ended(0).stdout;
    assert!(words.contains("not every photo against every other: "), "{words}");
    // Labels without names.
    let listed = "a,b,same\nPerson_0/0.png,Person_0/1.png,1\nPerson_0/0.png,Person_2/1.png,0\n\
                  Person_2/0.png,Person_2/1.png,1\nPerson_1/0.png,Person_2/1.png,0\n";
    studio.write("set/labels.csv", listed.as_bytes());
    let summary = studio.json(&["eval", "pairs", "set/labels.csv"]).ended(0).summary();
    assert!(summary["all_pairs"].is_null() && summary["no_all_pairs"].is_null(), "{summary}");
}

#[test]
fn two_embedders_are_compared_on_all_pairs() {
    let studio = Studio::new();
    studio.other_embedder();
    paint(&studio, "set", 0..12);
    let command =
        ["eval", "pairs", "set/pairs.csv", "--embedder", "painted-embedder", "--compare", "painted-other"];
    let command = [&command[..], &["--fmr", "0.1", "--resamples", "100", "--report", "page.html"]].concat();
    let summary = studio.json(&command).ended(0).summary();
    let comparison = &summary["comparison"];
    let [a, b] = [&summary["all_pairs"], &comparison["all_pairs"]].map(|all| &all["fnmr_at_fmr"][0]["fnmr"]);
    let row = &comparison["all_pairs_differences"][0];
    assert_eq!(row["measure"], "FNMR at FMR 1e-1");
    assert_eq!((&row["a"], &row["b"]), (a, b));
    assert!((number(&row["difference"]) - (number(a) - number(b))).abs() < 1e-12, "{row}");
    assert!(number(&row["interval"][0]) <= number(&row["interval"][1]) && number(&row["p_value"]) <= 1.0);
    let words = studio.omote(&command).ended(0).stdout;
    assert_eq!(words.matches("every photo against every other").count(), 3, "{words}");
}

/// Where the program looks for the user's own calibrations.
const OWN: &str = "home/data/omote/calibrations/own.toml";

#[test]
fn a_calibration_is_tried_and_its_people_are_found() {
    let studio = Studio::new();
    paint(&studio, "own", 0..14);
    paint(&studio, "set", 10..20);
    let run = studio.json(&["calibrate", "own", "--out", OWN, "--fmr", "0.1"]);
    let promised = number(&run.summary()["rates"][0]["threshold"]);
    let file = fs::read_to_string(studio.path(OWN)).unwrap();
    assert!(file.contains("people = [\"") && !file.contains("Person"), "names are not in the file");

    let command = ["eval", "pairs", "set/pairs.csv", "--fmr", "0.1,1e-9", "--resamples", "100"];
    let report = [&command[..], &["--report", "page.html"]].concat();
    let summary = studio.json(&report).ended(0).summary();
    let calibration = &summary["calibration"];
    assert_eq!(calibration["people_in_both"], 4);
    let row = &calibration["thresholds"][0];
    assert_eq!(number(&row["threshold"]), promised);
    let [_, impostor] = scores(&studio, "set");
    let accepted = impostor.iter().flatten().filter(|&&score| score >= promised).count();
    assert_eq!(row["false_matches"], accepted);
    let fmr = number(&row["fmr"]);
    assert!((fmr - accepted as f64 / impostor.len() as f64).abs() < 1e-12, "{row}");
    let [low, high] = ["low", "high"].map(|end| number(&row["promised"][end]));
    assert_eq!(row["as_promised"], low <= fmr && fmr <= high);
    assert!(number(&row["fmr_interval"][0]) <= fmr && fmr <= number(&row["fmr_interval"][1]));
    let refused = calibration["thresholds"][1]["unsupported"].as_str().unwrap();
    assert!(refused.contains("this calibration cannot support"), "{refused}");
    let overlap = "4 of the 10 people of the test have a name that is in the calibration";
    assert!(calibration["overlap"].as_str().unwrap().starts_with(overlap));
    let page = fs::read_to_string(studio.path("page.html")).unwrap();
    assert!(page.contains("The calibration on these photos") && page.contains(overlap), "{page}");

    // One that was made before people were listed still works, and says what it cannot say.
    let list = file.lines().find(|line| line.starts_with("people = ")).unwrap();
    studio.write("old.toml", file.replace(list, "").as_bytes());
    let words = studio.omote(&[&command[..], &["--calibration", "old.toml"]].concat()).ended(0).stdout;
    assert!(words.contains("the calibration on these photos") && words.contains("FMR 1e-1"), "{words}");
    assert!(words.contains("does not list its people"), "{words}");

    // Labels without names: a calibration that was named is missed, any other is not.
    let listed = "a,b,same\nPerson_10/0.png,Person_10/1.png,1\nPerson_10/0.png,Person_12/1.png,0\n\
                  Person_12/0.png,Person_12/1.png,1\nPerson_11/0.png,Person_12/1.png,0\n";
    studio.write("set/labels.csv", listed.as_bytes());
    let labels = ["eval", "pairs", "set/labels.csv"];
    let summary = studio.json(&[&labels[..], &["--calibration", OWN]].concat()).ended(0).summary();
    assert_eq!(summary["no_calibration"], "nobody knows who is in the photos");
    assert!(studio.json(&labels).ended(0).summary()["no_calibration"].is_null());
}

#[test]
fn only_a_calibration_that_was_named_must_be_there() {
    let studio = Studio::new();
    paint(&studio, "set", 0..4);
    studio.write(OWN, b"format = 1\n");
    let command = ["eval", "pairs", "set/pairs.csv"];
    let run = studio.json(&command).ended(0);
    assert!(run.stderr.contains("no calibration is tried") && run.stderr.contains("own.toml"), "{run:?}");
    assert!(run.summary()["calibration"].is_null());
    let named = [&command[..], &["--calibration", "none.toml"]].concat();
    studio.omote(&named).failed_with(&["none.toml"]);
}

#[test]
fn folders_of_one_name_may_be_one_person() {
    let studio = Studio::new();
    paint(&studio, "own", 0..12);
    for photo in 0..2 {
        studio.portrait(format!("more/Person_3/{photo}.png"), 3);
    }
    let run = studio.omote(&["calibrate", "own", "more", "--out", "own.toml", "--fmr", "0.1"]);
    assert!(run.stderr.contains("1 name belongs to several folders"), "{run:?}");
    assert!(
        run.stderr.contains("own/Person_3 and more/Person_3") && run.stderr.contains("--people LIST"),
        "{run:?}"
    );
}
