//! The CSV files of faces one at a time: presentations, landmarks, ages, attributes.

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use omote_evaluation::{
    AgeErrors, AgeList, AttributeList, Error, LandmarkErrors, LandmarkList, LandmarkNormaliser,
    PresentationList, read_ages_csv, read_attributes_csv, read_landmarks_csv, read_presentations_csv,
};
use proptest::prelude::*;
use tempfile::TempDir;

fn file(csv: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("list.csv");
    std::fs::write(&path, csv).unwrap();
    (dir, path)
}

fn read<T>(csv: impl AsRef<[u8]>, reader: impl Fn(&Path) -> Result<T, Error>) -> Result<T, Error> {
    let (_dir, path) = file(csv);
    reader(&path)
}

/// Each file is refused with a message that has these words.
#[track_caller]
fn assert_refused<T: Debug>(cases: &[(&str, &str)], reader: impl Fn(&Path) -> Result<T, Error>) {
    for (csv, words) in cases {
        let message = read(csv, &reader).unwrap_err().to_string();
        assert!(message.contains(words), "{csv:?} gave {message:?}");
    }
}

#[test]
fn presentations() {
    let expected = PresentationList {
        name: "list".to_owned(),
        species: vec!["print".to_owned(), "3D mask".to_owned()],
        kinds: vec![None, Some(0), Some(1), None, Some(0)],
        scores: vec![Some(0.9), Some(0.25), None, Some(-1.5), Some(0.5)],
        people: None,
        names: Vec::new(),
    };
    let rows = "live,0.9\nprint,0.25\n3D mask,\nBona-Fide,-1.5\nprint,.5\n";
    for csv in [rows.to_owned(), format!("species,score\n{rows}")] {
        assert_eq!(read(csv, read_presentations_csv).unwrap(), expected);
    }
    let point = expected.attack().unwrap().at(0.5);
    assert_eq!((point.apcer, point.worst_species.as_str(), point.bpcer), (0.5, "print", 0.5));
    // Drawn twice, once and not at all.
    let point = expected.drawn(&[2, 0, 1, 1, 1]).unwrap().at(0.5);
    assert_eq!((point.apcer, point.bpcer), (1.0, 1.0 / 3.0));
    assert!(matches!(expected.drawn(&[0, 1, 1, 0, 1]), Err(Error::Empty { .. })));
    assert!(matches!(expected.drawn(&[1]), Err(Error::Length { expected: 5, got: 1, .. })));

    let named = |csv| read(csv, read_presentations_csv).unwrap();
    let dev = named("score,person,species\n1,ann,live\n0,ben,print\n");
    let test = named("live,1,cy\nprint,0,ben\nprint,0,ben\n");
    assert_eq!((dev.people.as_deref(), test.people.as_deref()), (Some(&[0, 1][..]), Some(&[0, 1, 1][..])));
    assert_eq!(test.shared_people(&dev), ["ben"]);
    assert!(expected.shared_people(&test).is_empty());

    let cases = [
        ("", "line 1: the file is empty"),
        ("live\n", "line 1: 1 columns without a header"),
        ("live,0.5\nprint,nan\n", "line 2: the score \"nan\" is no finite number"),
        ("species,score\nlive,0.5\n,0.5\n", "line 3: the column species is blank"),
        ("species,score\nlive,0.5,ann\n", "line 2: 3 columns"),
        ("species,person\nlive,ann\n", "the header does not name the column score"),
        ("live,1,ann\nprint,0,\n", "line 2: the column person is blank"),
        ("print,0.1\n", "no row is of a live face"),
        ("live,0.1\n", "no row is of an attack"),
        ("live,\nprint,\n", "no presentation has a score"),
    ];
    assert_refused(&cases, read_presentations_csv);
    let many: String = (0..1002).map(|kind| format!("attack {kind},0.5\n")).collect();
    assert_refused(&[(&many, "line 1001: more than 1000 kinds of attack")], read_presentations_csv);
}

#[test]
fn ages() {
    let expected = AgeList {
        name: "list".to_owned(),
        ages: vec![20.0, 31.5],
        estimates: vec![Some(24.5), None],
        people: Some(vec![0, 1]),
    };
    for csv in ["20,24.5,ann\n31.5,,ben\n", "person,estimate,age\nann,24.5,20\nben,,31.5\n"] {
        assert_eq!(read(csv, read_ages_csv).unwrap(), expected);
    }
    let errors = AgeErrors::new(&expected.ages, &expected.estimates).unwrap();
    assert_eq!((errors.mean_absolute_error(), errors.share_within(5.0)), (Some(4.5), 0.5));
    let cases = [
        (
            "20,30\n1985,30\n",
            "line 2: the age \"1985\" is not in years, from 0 to 130: is it a year of birth?",
        ),
        ("-1,30\n", "line 1: the age \"-1\""),
        (",30\n", "line 1: the column age is blank"),
        ("20,inf\n", "line 1: the estimate \"inf\" is no finite number"),
        ("20,\n30,\n", "no face has an estimate"),
        ("age,estimate\n", "no face has an estimate"),
        ("age,sex\n20,m\n", "line 1: \"sex\" is no column; the columns are age, estimate, person"),
    ];
    // A file whose first row has but one known name is taken for one without a header.
    assert_refused(&cases[..6], read_ages_csv);
    assert_refused(&[("age,estimate,sex\n20,20,m\n", cases[6].1)], read_ages_csv);
}

#[test]
fn attributes() {
    let csv = "hair,red,red\nglasses,yes,no\nhair,black,\nglasses,no,no\nhair,red,blond\n";
    let expected = [
        AttributeList {
            attribute: "glasses".to_owned(),
            classes: ["no", "yes"].map(String::from).to_vec(),
            truth: vec![1, 0],
            answers: vec![Some(0), Some(0)],
            people: None,
        },
        AttributeList {
            attribute: "hair".to_owned(),
            classes: ["black", "blond", "red"].map(String::from).to_vec(),
            truth: vec![2, 0, 2],
            answers: vec![Some(2), None, Some(1)],
            people: None,
        },
    ];
    assert_eq!(read(csv, read_attributes_csv).unwrap(), expected);
    assert_eq!(read(format!("attribute,truth,answer\n{csv}"), read_attributes_csv).unwrap(), expected);
    let matrix = expected[1].matrix().unwrap();
    assert_eq!((matrix.count(2, 1), matrix.unanswered(), matrix.balanced_accuracy()), (1, 1, 0.25));

    let cases = [
        ("hair,red,red\nhair,red,black\n", "\"hair\" is \"red\" for all faces"),
        ("hair,,red\n", "line 1: the column truth is blank"),
        (",red,red\n", "line 1: the column attribute is blank"),
        ("attribute,truth,answer\n", "there is no row"),
        ("hair,red,red,ann\nhair,black,red,\n", "line 2: the column person is blank"),
    ];
    assert_refused(&cases, read_attributes_csv);
    let ages: String = (0..101).map(|age| format!("age,{age},{age}\n")).collect();
    assert_refused(&[(&ages, "line 101: \"age\" has more than 100 classes")], read_attributes_csv);
}

/// Two faces of two points, ten pixels apart; the second one was found three and four pixels off in one point.
const FACES: &str = "b,1,30,10,30,10\na,0,0,0,,\nb,0,20,10,23,14\na,1,10,0,,\n";

#[test]
fn landmarks() {
    let list = read(FACES, read_landmarks_csv).unwrap();
    assert_eq!(list.points(), 2);
    assert_eq!(list.faces.iter().map(|face| face.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    let eyes = list.errors(LandmarkNormaliser::Eyes(0, 1)).unwrap();
    assert_eq!(eyes, [Some(0.25), None]);
    assert_eq!(LandmarkErrors::new(&eyes).unwrap().failure_rate(0.3), 0.5);
    let no_box = list.errors(LandmarkNormaliser::BoxSize).unwrap_err().to_string();
    assert!(no_box.starts_with("image b: ") && no_box.contains("box_width"), "{no_box}");
    let no_eye = list.errors(LandmarkNormaliser::Eyes(0, 2)).unwrap_err().to_string();
    assert!(no_eye.contains("landmark 2"), "{no_eye}");

    let header = "face,point,x,y,found_x,found_y,box_width,box_height,person\n";
    let boxed = format!("{header}b,0,20,10,23,14,30,40,ann\nb,1,30,10,30,10,30,40,ann\n");
    let list: LandmarkList = read(&boxed, read_landmarks_csv).unwrap();
    assert_eq!((list.people.as_deref(), list.faces[0].size), (Some(&[0][..]), Some((30.0, 40.0))));
    let close = |found: Vec<Option<f64>>, expected: f64| (found[0].unwrap() - expected).abs() < 1e-9;
    assert!(close(list.errors(LandmarkNormaliser::BoxDiagonal).unwrap(), 2.5 / 50.0));
    assert!(close(list.errors(LandmarkNormaliser::BoxSize).unwrap(), 2.5 / 1200_f64.sqrt()));
    // All true points in one place: nothing to divide by, whether the face was found or not.
    let flat = read("a,0,1,1,2,2\na,1,3,1,4,4\nb,0,5,5,,\nb,1,5,5,,\n", read_landmarks_csv).unwrap();
    assert!(flat.errors(LandmarkNormaliser::Eyes(0, 1)).unwrap_err().to_string().starts_with("image b: "));

    let other_box = format!("{header}b,0,20,10,23,14,30,40,ann\nb,1,30,10,30,10,31,40,ann\n");
    let other_person = format!("{header}b,0,20,10,23,14,30,40,ann\nb,1,30,10,30,10,30,40,ben\n");
    let no_width = format!("{header}b,0,20,10,23,14,0,40,ann\n");
    let cases = [
        ("a,0,1,1,2,2\na,0,3,1,4,4\n", "line 1: \"a\" has the point 0 twice"),
        ("a,1,1,1,2,2\n", "line 1: \"a\" has no point 0"),
        ("a,0,1,1,2,2\nb,0,1,1,2,2\nb,1,1,1,2,2\n", "line 2: \"b\" has 2 points, where \"a\" has 1"),
        ("a,0,1,1,2,2\na,1,3,1,,\n", "line 2: \"a\" has points that were found and points that were not"),
        ("a,0,1,1,2,\n", "line 1: the column found_y is blank"),
        ("a,0,1,1,2,NaN\n", "line 1: found_y is \"NaN\""),
        ("a,x,1,1,2,2\n", "line 1: the point \"x\" is no number from 0 to 9999"),
        ("a,10000,1,1,2,2\n", "line 1: the point \"10000\""),
        ("a,0,,1,2,2\n", "line 1: the column x is blank"),
        ("a,0,1,1,,\n", "no face was found"),
        ("face,point,x,y,found_x,found_y\n", "there is no row"),
        ("face,point,x,y,found_x,found_y,box_width\n", "does not name the column box_height"),
        (&other_box, "line 3: \"b\" has another box here than on line 2"),
        (&other_person, "line 3: \"b\" has another person here than on line 2"),
        (&no_width, "line 2: box_width is \"0\", where a number above 0 was expected"),
    ];
    assert_refused(&cases, read_landmarks_csv);
}

/// Text that looks like one of the lists often enough to get past the first line.
fn list_like() -> impl Strategy<Value = Vec<u8>> {
    let cell = prop_oneof![
        6 => prop::sample::select(vec!["a", "b", "live", "print", "0", "1", "20", "0.5", "", "nan", "-3"])
            .prop_map(str::to_owned),
        2 => prop::sample::select(vec![
            "species", "score", "person", "age", "estimate", "attribute", "truth", "answer", "face", "point", "x",
            "y", "found_x", "found_y", "box_width", "box_height",
        ])
        .prop_map(str::to_owned),
        1 => "\\PC{0,6}",
        1 => Just("\"".to_owned()),
    ];
    let row = prop::collection::vec(cell, 2..7).prop_map(|cells| cells.join(",") + "\n");
    let text = prop::collection::vec(row, 0..12).prop_map(|rows| rows.concat().into_bytes());
    prop_oneof![4 => text, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    #[test]
    fn no_text_makes_a_list_reader_panic(text in list_like()) {
        let (_dir, path) = file(text);
        if let Ok(list) = read_presentations_csv(&path) {
            prop_assert_eq!(list.kinds.len(), list.scores.len());
            prop_assert!(list.attack().is_ok());
        }
        if let Ok(list) = read_ages_csv(&path) {
            prop_assert!(AgeErrors::new(&list.ages, &list.estimates).unwrap().mean_absolute_error().is_some());
        }
        for list in read_attributes_csv(&path).unwrap_or_default() {
            prop_assert!(list.matrix().unwrap().balanced_accuracy() <= 1.0);
        }
        if let Ok(list) = read_landmarks_csv(&path) {
            prop_assert!(list.points() > 0);
            if let Ok(errors) = list.errors(LandmarkNormaliser::Eyes(0, 1)) {
                prop_assert!(LandmarkErrors::new(&errors).is_ok());
            }
        }
    }
}
