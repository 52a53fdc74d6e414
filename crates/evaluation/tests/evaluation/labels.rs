//! Labels of pairs: further columns of the lists, and numbers that are cut into parts.

use std::path::PathBuf;

use omote_evaluation::{Error, PairLabels, PairProtocol, ScoreList, read_pairs_csv, read_scores_csv};
use proptest::prelude::*;

use crate::layouts::write;

fn scores(csv: &str) -> Result<ScoreList, Error> {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "list.csv", csv);
    read_scores_csv(&dir.path().join("list.csv"))
}

fn pairs(csv: &str) -> Result<PairProtocol, Error> {
    let dir = tempfile::tempdir().unwrap();
    for photo in ["a", "b", "c", "d"] {
        write(dir.path(), &format!("{photo}.png"), "");
    }
    write(dir.path(), "list.csv", csv);
    read_pairs_csv(&dir.path().join("list.csv"))
}

fn labels(name: &str, values: &[&str], of_pairs: &[Option<u8>]) -> PairLabels {
    PairLabels {
        name: name.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
        of_pairs: of_pairs.to_vec(),
    }
}

/// Scores with one more column, whose cells these are. The first pair is of one person.
fn with_column(name: &str, cells: impl IntoIterator<Item = String>) -> Result<ScoreList, Error> {
    let rows =
        cells.into_iter().enumerate().map(|(row, cell)| format!("{},0.5,{cell}\n", u8::from(row == 0)));
    scores(&format!("same,score,{name}\n{}", rows.collect::<String>()))
}

#[test]
fn further_columns_are_labels() {
    let list =
        scores("camera,same,score,years\ngate,1,0.9,10\n\"door, old\",0,0.1,9\n,0,0.2,\ngate,0,0.3,10\n")
            .unwrap();
    assert_eq!(
        list.labels,
        [
            labels("camera", &["door, old", "gate"], &[Some(1), Some(0), None, Some(1)]),
            // Numbers are in the order of numbers, and as few as words.
            labels("years", &["9", "10"], &[Some(1), Some(0), None, Some(1)]),
        ]
    );
    assert_eq!(scores("same,score\n1,0.9\n0,0.1\n").unwrap().labels, []);
}

#[test]
fn labels_of_photos_are_taken_together_in_either_order() {
    let both = ["door + door", "door + gate"];
    for header in ["a,b,same,camera_a,camera_b", "a,b,same,camera_b,camera_a"] {
        let csv = format!("{header}\na.png,b.png,1,door,gate\nb.png,a.png,0,gate,door\n");
        let swapped = header.ends_with("_a");
        let message = pairs(&csv).unwrap_err().to_string();
        assert!(message.contains("these two photos are a pair on line 2 already"), "{message} {swapped}");
    }
    let list = pairs(
        "a,b,same,camera_b,camera_a\na.png,b.png,1,gate,door\nc.png,b.png,0,gate,door\na.png,c.png,0,door,\n",
    )
    .unwrap();
    assert_eq!(list.labels, [labels("camera", &["door + gate"], &[Some(0), Some(0), None])]);
    let list =
        scores("same,score,camera_a,camera_b\n1,0.9,gate,door\n0,0.1,door,gate\n0,0,door,door\n").unwrap();
    assert_eq!(list.labels, [labels("camera", &both, &[Some(1), Some(1), Some(0)])]);
}

#[test]
fn labels_follow_their_pairs_into_the_folds() {
    let list = pairs(
        "a,b,same,fold,light\na.png,b.png,1,x,day\na.png,c.png,0,y,night\nb.png,c.png,0,x,\na.png,d.png,0,y,day\n",
    )
    .unwrap();
    assert_eq!((list.pairs[1].a, list.pairs[1].b), (1, 2));
    assert_eq!(list.labels, [labels("light", &["day", "night"], &[Some(0), None, Some(1), Some(0)])]);
    let folder = PathBuf::from(list.images[0].parent().unwrap());
    assert!(list.images.iter().all(|image| image.starts_with(&folder)));
}

#[test]
fn many_numbers_are_cut_into_parts_and_many_words_refused() {
    let list = with_column("years", (0..40).map(|year| (year % 39).to_string())).unwrap();
    let [years] = &list.labels[..] else { panic!("{:?}", list.labels) };
    assert_eq!(years.values, ["0 to 8", "9 to 18", "19 to 28", "29 to 38"].map(str::to_owned)[..]);
    assert_eq!((years.of_pairs[8], years.of_pairs[9], years.of_pairs[39]), (Some(0), Some(1), Some(0)));
    // As many values as there may be.
    let list = with_column("name", (0..30).map(|name| format!("n{name}"))).unwrap();
    assert_eq!(list.labels[0].values.len(), 30);

    let message = |found: Result<ScoreList, Error>| found.unwrap_err().to_string();
    let words = message(with_column("name", (0..31).map(|name| format!("n{name}"))));
    for part in ["line 32", "the label \"name\" has more than 30 different values", "such as 18-30"] {
        assert!(words.contains(part), "{words}");
    }
    let late =
        message(with_column("years", (0..40).map(|n| if n == 35 { "x".into() } else { n.to_string() })));
    assert!(late.contains("line 37") && late.contains("\"x\" is no number"), "{late}");
    // Two ages are no number.
    let rows: String = (0..40).map(|n| format!("{},0.5,{n},7\n", u8::from(n == 0))).collect();
    let ages = message(scores(&format!("same,score,age_a,age_b\n{rows}")));
    assert!(ages.contains("a difference in years"), "{ages}");
}

#[test]
fn bad_labels_are_told() {
    let long = "x".repeat(61);
    let long_name = format!("same,score,{long}\n1,0.5,x\n");
    let long_value = format!("same,score,light\n1,0.5,{long}\n");
    let many: Vec<String> = (0..21).map(|n| format!("l{n}")).collect();
    let many = format!("same,score,{}\n", many.join(","));
    let cases = [
        ("same,score,\n1,0.5,x\n", "line 1: column 3 has no name"),
        ("same,score,light,light\n1,0.5,x,y\n", "line 1: the column \"light\" is named twice"),
        (
            "same,score,light_a\n1,0.5,x\n",
            "line 1: the column light_a is a label of one photo, and that of the other",
        ),
        ("same,score,light_b\n1,0.5,x\n", "light_a, is missing"),
        ("same,score,light,light_a,light_b\n1,0.5,x,y,z\n", "is one of pairs and one of photos"),
        ("same,score,light\n1,0.5,\n0,0.5,\n", "the label \"light\" is blank in all rows"),
        ("same,score,light\n1,0.5,day\n0,0.5\n", "line 3: 2 columns, where the first row has 3"),
        (&long_name, "line 1: the column \"xxxx"),
        (&long_name, "which is longer than 60 characters"),
        ("same,score,light\n1,0.5,\"day\nnight\"\n", "the value \"day\\nnight\", which has a line break"),
        (&long_value, "line 2: the label \"light\" has the value"),
        (&many, "line 1: more than 20 columns of labels"),
    ];
    for (csv, expected) in cases {
        let message = scores(csv).unwrap_err().to_string();
        assert!(message.contains(expected), "{csv:?} gave {message:?}");
    }
    // A photo is what it is.
    let message =
        pairs("a,b,same,pose_a,pose_b\na.png,b.png,1,front,side\nc.png,a.png,0,front,side\n").unwrap_err();
    assert!(
        message
            .to_string()
            .contains("line 3: the label \"pose\" of a photo is \"side\" here, but \"front\" on line 2"),
        "{message}"
    );
    pairs("a,b,same,pose_a,pose_b\na.png,b.png,1,front,\nc.png,a.png,0,front,front\n").unwrap();
}

#[test]
fn parts_are_named_so_that_they_differ() {
    let cut = |numbers: &[f32]| {
        PairLabels::by_quarters("n", &numbers.iter().copied().map(Some).collect::<Vec<_>>()).values
    };
    assert_eq!(cut(&[0.123_45, 0.5, 1.5, 1e6]), ["0.1235", "0.5", "1.5", "1000000"]);
    // Four digits would be the same.
    assert_eq!(cut(&[0.500_01, 0.500_02]), ["0.50001", "0.50002"]);
    assert_eq!(cut(&[7.0; 9]), ["7"]);
    assert_eq!(cut(&[]), [""; 0]);
    assert_eq!(cut(&[f32::NAN]), [""; 0]);
    let most: Vec<f32> = [vec![0.0; 95], (1..=5).map(|n| n as f32).collect()].concat();
    assert_eq!(cut(&most), ["0", "1 to 5"]);
}

proptest! {
    #[test]
    fn parts_hold_every_number_once_and_in_order(
        numbers in prop::collection::vec(prop::option::of(prop_oneof![-3_i8..3, any::<i8>()]), 0..200),
    ) {
        let numbers: Vec<Option<f32>> = numbers.into_iter().map(|number| number.map(f32::from)).collect();
        let parts = PairLabels::by_quarters("n", &numbers);
        let mut sorted: Vec<(f32, u8)> =
            numbers.iter().zip(&parts.of_pairs).filter_map(|(number, part)| Some(((*number)?, (*part)?))).collect();
        prop_assert_eq!(sorted.len(), numbers.iter().flatten().count());
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        prop_assert!(sorted.is_sorted_by_key(|&(_, part)| part), "higher numbers are in later parts");
        let equal_together = |two: &[(f32, u8)]| two[0].0 != two[1].0 || two[0].1 == two[1].1;
        prop_assert!(sorted.windows(2).all(equal_together));
        let mut used: Vec<u8> = sorted.iter().map(|&(_, part)| part).collect();
        used.dedup();
        prop_assert_eq!(used.len(), parts.values.len(), "no part is empty");
        prop_assert!(parts.values.len() <= 4);
        let mut different: Vec<f32> = sorted.iter().map(|&(number, _)| number).collect();
        different.dedup();
        prop_assert!(parts.values.len() >= different.len().min(2));
        let mut names = parts.values.clone();
        names.sort();
        names.dedup();
        prop_assert_eq!(names.len(), parts.values.len());
    }
}
