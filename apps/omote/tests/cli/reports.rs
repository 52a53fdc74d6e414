//! `omote eval --report`: the result as a page.

use std::fs;

use fixtures::photo::Scene;
use serde_json::Value;

use crate::support::Studio;

/// `people` people with two photos each in LFW's layout, and two folds with a pair of each kind for everybody.
fn lfw_of(people: u32) -> Studio {
    let studio = Studio::new();
    let half = people / 2;
    for person in 0..people {
        let name = format!("Person_{person}");
        studio.portrait(format!("lfw/images/{name}/{name}_0001.jpg"), person);
        let other = Scene::new(240, 240).face(person, 60, 50, 110);
        studio.photo(format!("lfw/images/{name}/{name}_0002.jpg"), &other);
    }
    let mut pairs = format!("2\t{half}\n");
    for fold in 0..2 {
        let person = |n: u32| fold * half + n % half;
        (0..half).for_each(|n| pairs += &format!("Person_{}\t1\t2\n", person(n)));
        (0..half).for_each(|n| pairs += &format!("Person_{}\t1\tPerson_{}\t2\n", person(n), person(n + 1)));
    }
    studio.write("lfw/pairs.txt", pairs.as_bytes());
    studio
}

/// The page, which needs nothing but itself.
#[track_caller]
fn page(studio: &Studio, name: &str) -> String {
    let page = fs::read_to_string(studio.path(name)).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    // The name space of SVG is a name, and nothing is loaded from it.
    let without_names = page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "");
    for outside in ["http:", "https:", "src=\"/", "<script", "<link", "@import", "url("] {
        assert!(!without_names.contains(outside), "the page loads something: {outside}");
    }
    page
}

/// A share of the summary as it is written in sentences and tables.
#[track_caller]
fn percent(share: &Value) -> String {
    format!("{:.2}", share.as_f64().unwrap() * 100.0)
}

/// 300 pairs of either kind whose scores overlap.
fn scores_csv(studio: &Studio) {
    let mut csv = "same,score\n".to_owned();
    for i in 0..300 {
        csv += &format!("1,{:.3}\n0,{:.3}\n", 0.3 + f64::from(i) / 500.0, f64::from(i * 7 % 300) / 600.0);
    }
    studio.write("scores.csv", csv.as_bytes());
}

#[test]
fn scores_become_a_page_with_charts_and_intervals() {
    let studio = Studio::new();
    scores_csv(&studio);
    let command =
        ["eval", "scores", "scores.csv", "--fmr", "0.1,1e-3", "--resamples", "100", "--report", "page.html"];
    let summary = studio.json(&command).ended(0).summary();
    let page = page(&studio, "page.html");
    assert_eq!(summary["report"]["text"], "page.html");
    assert_eq!(page.matches("<svg ").count(), 4, "DET, ROC and two histograms");
    let point = &summary["fnmr_at_fmr"][0];
    for number in [&summary["eer"], &summary["auc"], &point["fnmr"], &point["fnmr_interval"][1]] {
        assert!(page.contains(&percent(number)), "{number} is not on the page");
    }
    assert!(page.contains("0.001 (needs 10,000 impostor pairs)"), "what is not supported is said");
    assert!(page.contains("not supported"));
    assert!(page.contains("omote --json eval scores scores.csv --fmr 0.1,1e-3"), "the command is stamped");
    assert!(page.contains("sha256:"));
    // The same again replaces the page, and nothing else is left in the folder.
    studio.omote(&command).ended(0);
    let mut names: Vec<_> =
        fs::read_dir(studio.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["models", "page.html", "scores.csv"]);
}

#[test]
fn a_benchmark_becomes_a_page_with_folds_and_stamp() {
    let studio = lfw_of(12);
    let command = ["eval", "lfw", "lfw", "--fmr", "0.9,1e-3", "--resamples", "100", "--report", "page.html"];
    let summary = studio.json(&command).ended(0).summary();
    let page = page(&studio, "page.html");
    assert_eq!((&summary["errors"], &summary["pairs"]), (&0.into(), &24.into()));
    assert!(
        page.contains("Accuracy 100.00 ± 0.00 % (standard error over 2 folds), 0 of 24 pairs wrong."),
        "{page}"
    );
    assert!(summary["eer_interval"].is_array(), "12 people are enough for intervals");
    assert!(page.contains("intervals by 100 draws of people"));
    for fold in summary["folds"].as_array().unwrap() {
        assert!(page.contains(&format!("{:.3}", fold["threshold"].as_f64().unwrap())));
    }
    for model in ["detector", "embedder"] {
        let model = &summary["ran"][model];
        assert!(page.contains(model["name"].as_str().unwrap()));
        assert!(page.contains(model["fingerprint"].as_str().unwrap()));
    }
    assert!(page.contains("Error versus discard"), "ten false matches support a rate of 0.9");
    assert!(summary["error_versus_discard"]["by_magnitude"].is_null() && !page.contains("magnitude alone"));
}

#[test]
fn magnitudes_have_a_curve_of_their_own_where_they_are_qualities() {
    let studio = lfw_of(12);
    studio.make_magnitudes_qualities();
    let command = ["eval", "lfw", "lfw", "--fmr", "0.9", "--resamples", "100", "--report", "page.html"];
    let summary = studio.json(&command).ended(0).summary();
    assert!(summary["error_versus_discard"]["by_magnitude"].as_array().unwrap().len() > 10);
    assert!(page(&studio, "page.html").contains("painted-embedder, magnitude alone"));
    let words = studio.omote(&command).ended(0).stdout;
    assert!(words.contains("KEPT, BY MAGNITUDE ALONE"), "{words}");
}

#[test]
fn the_worst_errors_are_shown_as_pictures() {
    let studio = lfw_of(6);
    // Two photos have changed places, so that two people are one in a pair of different ones; another shows nobody.
    for (name, person) in [("Person_1", 2), ("Person_2", 1)] {
        studio.portrait(format!("lfw/images/{name}/{name}_0002.jpg"), person);
    }
    studio.photo("lfw/images/Person_5/Person_5_0002.jpg", &Scene::new(200, 200));
    let summary = studio.json(&["eval", "lfw", "lfw", "--report", "page.html"]).ended(0).summary();
    let page = page(&studio, "page.html");
    assert!(summary["errors"].as_u64().unwrap() >= 3, "{summary}");
    assert!(page.contains("Person_5/Person_5_0002.jpg"), "a pair without a score is an error, too");
    assert!(page.contains("no score") && page.contains("no face was found in 1 photo."), "{page}");
    let shown = page.split("Two people, taken for one").nth(1).unwrap();
    for name in ["Person_1/Person_1_0001.jpg", "Person_2/Person_2_0002.jpg"] {
        assert!(shown.contains(name), "{name}");
    }
    assert!(
        page.matches("data:image/jpeg;base64,").count() >= 3,
        "that pair, and one face without its other"
    );
    assert!(page.contains("no intervals: "), "6 people are too few for them");
    assert!(page.contains("There is no error-versus-discard curve"));
}

#[test]
fn a_run_that_fails_leaves_no_page() {
    let studio = lfw_of(6);
    studio.write("lfw/images/Person_0/Person_0_0002.jpg", b"");
    let run = studio.omote(&["eval", "lfw", "lfw", "--report", "page.html"]).ended(2);
    assert!(run.stderr.contains("page.html is not written"), "{run:?}");
    assert!(!studio.path("page.html").exists());
    // A score that is no number.
    studio.write("scores.csv", b"same,score\n1,0.5\n0,x\n");
    studio.omote(&["eval", "scores", "scores.csv", "--report", "page.html"]).ended(2);
    assert!(!studio.path("page.html").exists());
}

#[test]
fn a_page_that_cannot_be_written_is_refused_before_the_work() {
    let studio = lfw_of(6);
    for (path, reason) in [("no/where.html", "there is no folder no"), ("lfw", "it is a folder")] {
        let run = studio.json(&["eval", "lfw", "lfw", "--report", path]).ended(2);
        assert!(run.error().contains("--report") && run.error().contains(reason), "{run:?}");
        assert!(run.summary()["pairs"].is_null(), "nothing was measured");
    }
}

#[test]
fn two_embedders_are_compared_on_the_same_faces() {
    let studio = lfw_of(12);
    studio.other_embedder();
    let command = ["eval", "lfw", "lfw", "--embedder", "painted-embedder", "--compare", "painted-other"];
    let command = [&command[..], &["--fmr", "0.9", "--resamples", "100", "--report", "page.html"]].concat();
    let summary = studio.json(&command).ended(0).summary();
    let comparison = &summary["comparison"];
    assert_eq!(comparison["embedder"]["name"], "painted-other");
    let differences = comparison["differences"].as_array().unwrap();
    let measures: Vec<_> = differences.iter().map(|row| row["measure"].as_str().unwrap()).collect();
    assert_eq!(measures, ["EER", "AUC", "FNMR at FMR 9e-1"]);
    for row in differences {
        let number = |name: &str| row[name].as_f64().unwrap();
        assert!((number("a") - number("b") - number("difference")).abs() < 1e-12, "{row}");
        assert!(row["interval"][0].as_f64() <= row["interval"][1].as_f64());
    }
    assert_eq!((&differences[0]["a"], &differences[0]["b"]), (&summary["eer"], &comparison["eer"]));
    let page = page(&studio, "page.html");
    assert!(page.contains("LFW View 2: painted-embedder against painted-other"));
    assert!(page.contains(comparison["embedder"]["fingerprint"].as_str().unwrap()));
    let words = studio.omote(&command).ended(0);
    assert!(words.stdout.contains("painted-other on the same faces"), "{words:?}");

    let itself = ["eval", "lfw", "lfw", "--embedder", "painted-other", "--compare", "painted-other"];
    studio.omote(&itself).failed_with(&["--compare", "the embedder itself"]);
    let nobody = ["eval", "lfw", "lfw", "--embedder", "painted-other", "--compare", "nobody"];
    studio.omote(&nobody).failed_with(&["nobody"]);
}
