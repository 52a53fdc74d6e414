//! `omote eval open-set`, and the page of searches.

use std::fs;

use fixtures::photo::{Background, Scene};
use serde_json::{Value, json};

use crate::support::Studio;

/// Painted people with a folder each: `photos` of each of the first `several`, and one of each of the others.
fn people(several: u32, photos: u32, others: u32) -> Studio {
    let studio = Studio::new();
    for person in 0..several + others {
        let own = if person < several { photos } else { 1 };
        (0..own)
            .for_each(|photo| studio.photo(format!("people/p{person}/{photo}.jpg"), &scene(person, photo)));
    }
    studio
}

/// A photo that differs from others of the person.
fn scene(person: u32, photo: u32) -> Scene {
    let noise = Background::Noise { seed: u64::from(person * 7 + photo), amplitude: 60 };
    Scene::new(150, 150).background(noise).face(person, 20 + 5 * photo, 25, 90 + (person + photo) % 7)
}

/// The command on `people`, with galleries that they are enough for.
fn open_set<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let command = ["eval", "open-set", "people", "--splits", "8", "--resamples", "100", "--fpir", "0.5,0.01"];
    [&command[..], more].concat()
}

/// One measure of one method in galleries of one size.
#[track_caller]
fn measure<'a>(summary: &'a Value, method: usize, size: usize, name: &str) -> &'a Value {
    let of_size = &summary["methods"][method]["galleries"][size];
    let measures = of_size["measures"].as_array().unwrap_or_else(|| panic!("{summary}"));
    measures.iter().find(|one| one["measure"] == name).unwrap_or_else(|| panic!("{name}: {of_size}"))
}

#[test]
fn random_galleries_are_searched_for_everybody() {
    let studio = people(14, 2, 10);
    let run = studio.json(&open_set(&["--people", "8,5"])).ended(0);
    let summary = run.summary();
    assert_eq!(
        (&summary["people"], &summary["photos"], &summary["enrolled"]),
        (&json!(24), &json!(38), &json!(1))
    );
    let galleries = summary["methods"][0]["galleries"].as_array().unwrap();
    let sizes: Vec<&Value> = galleries.iter().map(|gallery| &gallery["people"]).collect();
    assert_eq!(sizes, [&json!(5), &json!(8)], "sizes are sorted");
    for gallery in galleries {
        let of = |name: &str| gallery[name].as_f64().unwrap();
        let all = of("people") + of("mated") + of("non_mated");
        assert!((all - 38.0).abs() < 1e-9, "every photo has one role: {gallery}");
    }
    for size in [0, 1] {
        // Painted people are told apart by any model that knows them.
        assert_eq!(measure(&summary, 0, size, "rank 1")["value"], 1.0);
        let open = measure(&summary, 0, size, "DIR at FPIR 0.5");
        assert_eq!(open["value"], 1.0);
        assert!(open["interval"].is_array() && open["threshold"].is_number(), "{open}");
        let reason = measure(&summary, 0, size, "DIR at FPIR 0.01")["unsupported"].as_str().unwrap();
        assert!(reason.contains("1,000 or more photos of people who are not enrolled"), "{reason}");
    }
    assert!(summary["calibration"].is_null(), "nobody has measured the painted model");

    // The same seed draws the same galleries, another seed others.
    let numbers = |more: &[&str]| studio.json(&open_set(more)).ended(0).summary()["methods"].clone();
    assert_eq!(numbers(&["--people", "5,8"]), summary["methods"]);
    assert_ne!(numbers(&["--people", "5,8", "--seed", "2"]), summary["methods"]);
    let words = studio.omote(&open_set(&["--people", "5"])).ended(0);
    assert!(
        words.stdout.starts_with("open set: 38 photos of 24 people; 8 random galleries of each size"),
        "{words:?}"
    );
    assert!(
        words.stdout.contains("DIR at FPIR 0.5") && words.stdout.contains("intervals by 100 draws of people")
    );
}

#[test]
fn methods_are_compared_on_the_same_galleries() {
    let studio = people(12, 4, 0);
    for stranger in 0..6 {
        studio.photo(format!("strangers/s{stranger}/a.jpg"), &scene(30 + stranger, 0));
    }
    let more = [
        "--people",
        "5",
        "--enrolled",
        "2",
        "--methods",
        "all",
        "--train",
        "strangers",
        "--k1",
        "4",
        "--k2",
        "2",
    ];
    let run = studio.json(&open_set(&more)).ended(0);
    let summary = run.summary();
    let names: Vec<&Value> = summary["methods"].as_array().unwrap().iter().map(|of| &of["method"]).collect();
    assert_eq!(
        names,
        [
            "best-face",
            "mean",
            "quality-weighted",
            "magnitude-weighted",
            "detection-weighted",
            "insightface",
            "softmax-quality",
            "template-adaptation",
            "re-ranking"
        ]
    );
    for (method, name) in names.iter().enumerate() {
        let rank = measure(&summary, method, 0, "rank 1");
        assert_eq!(rank["value"], 1.0, "{name}");
        assert_eq!(rank["difference"].is_null(), method == 0, "all but the first are compared with it");
    }
    // Photos are ranked by two of them, and a re-ranked distance is none that a threshold could be put on.
    assert!(measure(&summary, 8, 0, "mAP")["difference"]["interval"].is_array());
    let ranked = summary["methods"][8]["galleries"][0]["measures"].to_string();
    assert!(!ranked.contains("DIR"), "{ranked}");

    let some = studio.omote(&open_set(&["--people", "5", "--enrolled", "2", "--methods", "mean"])).ended(0);
    assert!(some.stdout.contains("AGAINST BEST-FACE") && !some.stdout.contains("re-ranking"), "{some:?}");
}

#[test]
fn a_calibration_is_held_against_what_comes() {
    let studio = people(16, 2, 0);
    studio.omote(&["calibrate", "people", "--fpir", "0.2", "--galleries", "5"]).ended(0);
    let more = ["--people", "5", "--enrolled", "all", "--fpir", "0.2"];
    let command = ["eval", "open-set", "people", "--splits", "4", "--resamples", "100"];
    let run = studio.json(&[&command[..], &more].concat()).ended(0);
    let summary = run.summary();
    assert_eq!(summary["calibration"]["people"], 16);
    let gallery = &summary["methods"][0]["galleries"][0];
    let checked = &gallery["calibration"][0];
    assert_eq!((&checked["fpir_asked"], &checked["splits"]), (&json!(0.2), &json!(4)));
    let rate = |value: &Value| value.as_f64().unwrap_or_else(|| panic!("{checked}"));
    let (low, high) = (rate(&checked["predicted"]["low"]), rate(&checked["predicted"]["high"]));
    let held = checked["measured_by_split"].as_array().unwrap();
    let held = held.iter().filter(|of_split| (low..=high).contains(&rate(of_split))).count();
    assert_eq!(rate(&checked["held"]), held as f64);
    // Nobody has a photo left to be found with.
    assert_eq!(gallery["mated"], 0.0);
    let reason = measure(&summary, 0, 0, "rank 1")["unsupported"].as_str().unwrap();
    assert!(reason.contains("nobody who is enrolled has another photo"), "{reason}");
    assert_eq!(summary["intervals"], "intervals by 100 draws of people", "more people would not help");
    let words = studio.omote(&[&command[..], &more].concat()).ended(0);
    assert!(words.stdout.contains("AS PREDICTED") && words.stdout.contains(" of 4"), "{words:?}");
    assert!(!words.stdout.contains("SD OF SPLITS"), "no empty table: {words:?}");
    // With one of two photos enrolled a stranger is found less often, so the threshold may be lower.
    let run = studio.json(&[&command[..], &["--people", "5", "--fpir", "0.2"]].concat()).ended(0);
    let of_one = &run.summary()["methods"][0]["galleries"][0]["calibration"][0];
    assert!(rate(&of_one["threshold"]) < rate(&checked["threshold"]), "{of_one} {checked}");

    studio
        .omote(&["calibrate", "people", "--enrolment", "mean", "--fmr", "0.1", "--out", "mean.toml"])
        .ended(0);
    let named = [&command[..], &more, &["--calibration", "mean.toml"]].concat();
    studio.omote(&named).failed_with(&["mean.toml", "another way"]);
}

#[test]
fn the_page_shows_sizes_methods_and_errors() {
    let studio = people(10, 3, 12);
    // Somebody's photo lies in another's folder.
    studio.photo("people/p3/0.jpg", &scene(4, 5));
    let more = ["--people", "5,8", "--enrolled", "2", "--methods", "all", "--report", "page.html"];
    let summary = studio.json(&open_set(&more)).ended(0).summary();
    assert_eq!(summary["report"]["text"], "page.html");
    let page = fs::read_to_string(studio.path("page.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    for heading in
        ["Measures", "Identification rates", "Size of the gallery", "Methods", "Scores", "Worst errors"]
    {
        assert!(page.contains(&format!("<h2>{heading}</h2>")), "{heading}");
    }
    assert!(page.contains("8 people") && page.contains("softmax-quality"));
    assert!(page.contains("omote --json eval open-set people") && page.contains("sha256:"));
    assert!(page.contains("data:image/jpeg;base64,"), "errors are shown");
    let value = measure(&summary, 0, 0, "DIR at FPIR 0.5")["value"].as_f64().unwrap();
    assert!(page.contains(&format!("{:.2}", value * 100.0)));
}

#[test]
fn a_list_of_searches_becomes_a_page() {
    let studio = Studio::new();
    let mut csv = "role,identity,template,path\n".to_owned();
    for person in 0..12 {
        studio.photo(format!("set/{person}/a.jpg"), &scene(person, 0));
        studio.photo(format!("set/{person}/b.jpg"), &scene(if person == 3 { 4 } else { person }, 1));
        csv += &format!("gallery,{person},,{person}/a.jpg\nprobe,{person},,{person}/b.jpg\n");
    }
    for stranger in 20..40 {
        studio.photo(format!("set/{stranger}.jpg"), &scene(stranger, 0));
        csv += &format!("probe,{stranger},,{stranger}.jpg\n");
    }
    studio.write("set/search.csv", csv.as_bytes());
    let command = ["eval", "search", "set/search.csv", "--fpir", "0.5,0.01", "--resamples", "100"];
    let run = studio.json(&[&command[..], &["--report", "page.html"]].concat()).ended(0);
    let summary = run.summary();
    assert!(summary["intervals"].as_str().unwrap().contains("100 draws of people"), "{summary}");
    let open = &summary["open_set"][0];
    assert!(open["fnir_interval"].is_array(), "{summary}");
    let page = fs::read_to_string(studio.path("page.html")).unwrap();
    let found = summary["ranks"][0]["rate"].as_f64().unwrap();
    assert!((found - 11.0 / 12.0).abs() < 1e-9, "one of twelve shows somebody else: {summary}");
    assert!(page.contains(&format!("{:.2}", found * 100.0)));
    let missed = page.split("Enrolled, not found").nth(1).unwrap();
    assert!(
        missed.contains("3/b.jpg") && missed.contains("the first is") && missed.contains("4/a.jpg"),
        "{missed}"
    );
    assert!(page.contains("Open-set identification") && page.contains("Cumulative match characteristic"));

    // A run that failed leaves no page behind, nor does a page that cannot be written cost any work.
    fs::remove_file(studio.path("page.html")).unwrap();
    studio.write("set/0/b.jpg", b"");
    let run = studio.omote(&[&command[..], &["--report", "page.html"]].concat()).ended(2);
    assert!(run.stderr.contains("page.html is not written") && !studio.path("page.html").exists(), "{run:?}");
    studio
        .omote(&[&command[..], &["--report", "no/page.html"]].concat())
        .failed_with(&["there is no folder no"]);
}

#[test]
fn a_closed_set_has_a_page_without_thresholds() {
    let studio = Studio::new();
    let mut csv = "role,identity,template,path\n".to_owned();
    for person in 0..3 {
        studio.photo(format!("set/{person}/a.jpg"), &scene(person, 0));
        studio.photo(format!("set/{person}/b.jpg"), &scene((person + 1) % 3, 1));
        csv += &format!("gallery,{person},,{person}/a.jpg\nprobe,{person},,{person}/b.jpg\n");
    }
    studio.write("set/search.csv", csv.as_bytes());
    let run = studio.json(&["eval", "search", "set/search.csv", "--report", "page.html"]).ended(0);
    assert_eq!(run.summary()["ranks"][0]["rate"], 0.0);
    let page = fs::read_to_string(studio.path("page.html")).unwrap();
    assert!(
        page.contains("There is no open-set curve") && page.contains("too narrow if people come back"),
        "{page}"
    );
    assert!(!page.contains("accepted"), "nothing is accepted or rejected where there is no threshold");
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let studio = people(4, 2, 2);
    let run = |more: &[&str]| studio.omote(&[&["eval", "open-set", "people"][..], more].concat());
    run(&[]).failed_with(&["a gallery of 25 (--people)", "6 people"]);
    run(&["--people", "0"]).failed_with(&["--people", "smallest is 1"]);
    run(&["--people", "x"]).failed_with(&["--people"]);
    run(&["--people", "3", "--enrolled", "2"]).failed_with(&["2 photos", "--enrolled", "`all`"]);
    run(&["--people", "3", "--enrolled", "0"]).failed_with(&["--enrolled", "or all"]);
    run(&["--people", "3", "--methods", "median"]).failed_with(&["best-face, mean"]);
    run(&["--people", "3", "--methods", "template-adaptation"]).failed_with(&["--train"]);
    run(&["--people", "3", "--methods", "re-ranking", "--lambda", "2"]).failed_with(&["--lambda"]);
    run(&["--people", "3", "--fpir", "2"]).failed_with(&["between 0 and 1"]);
    run(&["--people", "3", "--identities", "who.txt"]).failed_with(&["who.txt"]);
    let adapt = ["--people", "3", "--methods", "template-adaptation", "--train"];
    run(&[&adapt[..], &["people"]].concat()).failed_with(&["is among those that are searched for"]);
    studio.photo("strangers/p1/x.jpg", &scene(30, 0));
    run(&[&adapt[..], &["strangers"]].concat())
        .failed_with(&["1 person of --train is also searched for", "p1"]);
    run(&["--people", "3", "--train", "strangers"])
        .failed_with(&["--train is for template-adaptation", "--methods"]);
    studio.omote(&["eval", "open-set", "nowhere"]).failed_with(&["there is no folder nowhere"]);
    let few = run(&["--people", "3", "--splits", "2"]).ended(0);
    assert!(
        few.stdout.contains("none for galleries of 3: here are only"),
        "six people are too few for them: {few:?}"
    );
}
