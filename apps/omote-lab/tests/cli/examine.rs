//! Networks look at data sets of painted faces.

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use dataset::{Column, Kind, Options, Sample, Source, Value, write};
use fixtures::models;
use fixtures::photo::Scene;
use imaging::Image;
use tempfile::TempDir;

use super::support::{failed_with, lab, records, summary};

/// Pictures of each person.
const PICTURES: u64 = 4;
/// The points in the order of the field.
const FIVE: [&str; 5] = ["left_eye", "right_eye", "nose", "left_mouth", "right_mouth"];

/// Painted people, so many that intervals can be given.
#[derive(Clone, Copy)]
struct Painted {
    people: u64,
    aligned: bool,
    /// How many pixels the truth lies right of the faces.
    off: f32,
}

impl Source for Painted {
    fn recipe(&self) -> String {
        format!("kind = \"painted\"\npeople = {}\naligned = {}\n", self.people, self.aligned)
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = vec![
            Column::new("person", Kind::Integer, "number of the person"),
            Column::new("family", Kind::Integer, "number of the family"),
            Column::new("yaw", Kind::Float, "degrees"),
        ];
        let edges = ["x1", "y1", "x2", "y2"].map(|edge| format!("face_{edge}"));
        let points = FIVE.iter().flat_map(|point| ["x", "y"].map(|axis| format!("{point}_{axis}")));
        columns.extend(edges.into_iter().chain(points).map(|name| Column::new(name, Kind::Float, "pixels")));
        columns
    }

    fn len(&self) -> u64 {
        self.people * PICTURES
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        let (person, picture) = (index / PICTURES, index % PICTURES);
        let scene = match self.aligned {
            true => Scene::new(112, 112).face(person as u32, 0, 0, 112),
            false => Scene::new(240, 200).face(person as u32, 40 + 10 * picture as u32, 50, 84),
        };
        let face = scene.faces()[0];
        let mut row: Vec<Value> = [person, person / 2].map(|number| Value::Integer(number as i64)).to_vec();
        row.push(Value::Float(12.0 * picture as f32));
        let edges = [face.bounds.x1, face.bounds.y1, face.bounds.x2, face.bounds.y2];
        let points = face.landmarks.0.iter().flat_map(|point| [point.x, point.y]);
        let places = edges.into_iter().chain(points).enumerate();
        row.extend(
            places.map(|(at, place)| Value::Float(if at % 2 == 0 { place + self.off } else { place })),
        );
        let image = Image::from_rgb(scene.width(), scene.height(), scene.rgb()).ok_or("no picture")?;
        Ok(Sample { image, rows: vec![row] })
    }
}

/// A folder with models, and the data set `faces`.
struct Studio {
    folder: TempDir,
}

impl Studio {
    fn of(painted: Painted) -> Self {
        let folder = tempfile::tempdir().unwrap();
        models::write(&folder.path().join("models")).unwrap();
        write(&painted, &folder.path().join("faces"), Options { threads: 2 }, &|_| ()).unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Examines the data set with the painted models on the built-in engine.
    fn examine(&self, arguments: &[&str]) -> Output {
        let always = ["examine", "faces", "--models", "models", "--engine", "rten"];
        lab(self.folder.path(), &[&always[..], arguments].concat())
    }
}

const PEOPLE: Painted = Painted { people: 12, aligned: false, off: 0.0 };
const DETECTOR: [&str; 2] = ["--detector", models::DETECTOR];
const EMBEDDER: [&str; 2] = ["--embedder", models::EMBEDDER];

#[test]
fn a_detector_says_whether_it_finds_the_faces() {
    let studio = Studio::of(PEOPLE);
    let required = ["--least-found", "0.98", "--most-off", "0.06"];
    let seen = studio.examine(&[&DETECTOR[..], &required, &["--json"]].concat());
    assert_eq!(seen.status.code(), Some(0), "{seen:?}");
    let records = records(&seen);
    assert_eq!(records.len(), 2);
    let found = &records[0];
    assert_eq!((&found["type"], &found["name"]), (&"detector".into(), &models::DETECTOR.into()));
    assert_eq!(
        (&found["faces"], &found["found"], &found["false_positives"]),
        (&48.into(), &48.into(), &0.into())
    );
    assert!(found["points_median"].as_f64().unwrap() < 0.03, "{found}");
    assert_eq!(found["by_yaw"][0]["faces"], 24, "yaw 0 and 12 of 0, 12, 24 and 36");
    assert_eq!((&records[1]["exit_code"], &records[1]["pictures"]), (&0.into(), &48.into()));
    assert_eq!(records[1]["required"].as_array().unwrap().len(), 2);

    let text = studio.examine(&[&DETECTOR[..], &["--pictures", "10"]].concat());
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("10 of 10 faces found, 100.00 %") && text.contains("left mouth corner"), "{text}");
}

#[test]
fn what_does_not_hold_ends_with_1() {
    // The truth lies 15 pixels beside the faces: they are still found, and their points are not where they should be.
    let studio = Studio::of(Painted { off: 15.0, ..PEOPLE });
    let required = ["--least-found", "0.98", "--most-off", "0.06"];
    let seen = studio.examine(&[&DETECTOR[..], &required].concat());
    assert_eq!(seen.status.code(), Some(1), "{seen:?}");
    let text = String::from_utf8(seen.stdout).unwrap();
    assert!(text.contains("at least 0.98: holds") && text.contains("at most 0.06: DOES NOT HOLD"), "{text}");
    // Far enough beside, no box is a face's.
    let studio = Studio::of(Painted { off: 60.0, ..PEOPLE });
    let seen = studio.examine(&[&DETECTOR[..], &["--least-found", "0.5", "--json"]].concat());
    assert_eq!((seen.status.code(), &records(&seen)[0]["found"]), (Some(1), &0.into()));
    assert_eq!(records(&seen)[0]["false_positives"], 48);
}

#[test]
fn an_embedder_says_whether_it_knows_the_people() {
    for aligned in [false, true] {
        let studio = Studio::of(Painted { aligned, ..PEOPLE });
        let seen = studio.examine(&[&EMBEDDER[..], &["--eer", "0..0.01", "--json"]].concat());
        assert_eq!(seen.status.code(), Some(0), "{seen:?}");
        let known = &records(&seen)[0];
        assert_eq!(
            (&known["people"], &known["faces"], &known["missed"]),
            (&12.into(), &48.into(), &0.into())
        );
        assert!(known["eer"].as_f64().unwrap() < 1e-6 && known["interval"].is_array(), "{known}");
        // 6 pairs of each person; of the 66 pairs of people 6 are siblings.
        let pairs = |of: &str| known[of]["pairs"].as_u64().unwrap();
        assert_eq!((pairs("same"), pairs("siblings"), pairs("strangers")), (72, 96, 960));
        assert!(known["same"]["mean"].as_f64().unwrap() > 0.9);
        assert!(known["strangers"]["mean"].as_f64().unwrap() < 0.3);
    }
    let studio = Studio::of(PEOPLE);
    let seen =
        studio.examine(&[&EMBEDDER[..], &["--aligned-by", models::DETECTOR, "--eer", "0.03..0.15"]].concat());
    assert_eq!(seen.status.code(), Some(1), "{seen:?}");
    let text = String::from_utf8(seen.stdout).unwrap();
    assert!(text.contains("48 faces of 12 people, cut out by the points of painted-detector"), "{text}");
    assert!(
        text.contains("equal error rate 0.00 %") && text.contains("0.03 to 0.15: DOES NOT HOLD"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_examined_is_said() {
    let studio = Studio::of(Painted { people: 2, ..PEOPLE });
    failed_with(&studio.examine(&[]), &["--detector", "--embedder"]);
    failed_with(&studio.examine(&["--detector", "nobody"]), &["nobody"]);
    failed_with(
        &studio.examine(&["--detector", models::EMBEDDER]),
        &[models::EMBEDDER, "a detector is needed"],
    );
    failed_with(&studio.examine(&["--embedder", models::EMBEDDER, "--eer", "1..0"]), &["0.03..0.15"]);
    failed_with(&studio.examine(&["--detector", models::DETECTOR, "--eer", "0..1"]), &["--embedder"]);
    let elsewhere = ["examine", "models", "--models", "models", "--detector", models::DETECTOR];
    failed_with(&lab(studio.folder.path(), &elsewhere), &["models holds no data set"]);
    failed_with(
        &lab(studio.folder.path(), &["examine", "faces", "--detector", "a"]),
        &["--models", "OMOTE_MODELS"],
    );

    // A picture that is gone is named, and the rest is looked at.
    fs::remove_file(studio.path("faces/images/000000/000002.png")).unwrap();
    let seen = studio.examine(&[&DETECTOR[..], &["--json"]].concat());
    assert_eq!(seen.status.code(), Some(2));
    assert_eq!((&summary(&seen)["failed"], &records(&seen)[1]["faces"]), (&1.into(), &7.into()));
    failed_with(&studio.examine(&DETECTOR), &["000002.png"]);
    fs::remove_file(studio.path("faces/truth.parquet")).unwrap();
    failed_with(&studio.examine(&DETECTOR), &["truth.parquet"]);

    let aligned = Studio::of(Painted { people: 2, aligned: true, off: 0.0 });
    failed_with(&aligned.examine(&DETECTOR), &["cut out already", "aligned = true"]);
    let alone = Studio::of(Painted { people: 1, aligned: true, off: 0.0 });
    failed_with(&alone.examine(&EMBEDDER), &[models::EMBEDDER, "different people"]);
}
