//! The CSV files.

use std::path::{Path, PathBuf};

use omote_evaluation::{
    Error, IdentificationProtocol, Pair, PairProtocol, ScoreList, ScoredPair, read_pairs_csv,
    read_scores_csv, read_search_csv,
};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::layouts::write;

/// A folder with the CSV file and photos `a.png` to `f.png` and `sub/g h.png`.
fn folder(csv: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    for photo in ["a", "b", "c", "d", "e", "f", "sub/g h"] {
        write(dir.path(), &format!("{photo}.png"), "");
    }
    write(dir.path(), "list.csv", csv);
    let path = dir.path().join("list.csv");
    (dir, path)
}

// The folders must outlive the reading, which looks for the photos.

fn pairs(csv: &str) -> Result<PairProtocol, Error> {
    let (_dir, path) = folder(csv);
    read_pairs_csv(&path)
}

fn scores(csv: &str) -> Result<ScoreList, Error> {
    let (_dir, path) = folder(csv);
    read_scores_csv(&path)
}

fn search(csv: &str) -> Result<IdentificationProtocol, Error> {
    let (_dir, path) = folder(csv);
    read_search_csv(&path)
}

fn names(images: &[PathBuf]) -> Vec<String> {
    images.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
}

fn pair(a: usize, b: usize, same: bool) -> Pair {
    Pair { a, b, same }
}

#[track_caller]
fn assert_refused<T: std::fmt::Debug>(cases: &[(&str, &str)], read: impl Fn(&str) -> Result<T, Error>) {
    for (csv, expected) in cases {
        let message = read(csv).unwrap_err().to_string();
        assert!(message.contains("list.csv"), "{message}");
        assert!(message.contains(expected), "{csv:?} gave {message:?}, not {expected:?}");
    }
}

#[test]
fn pairs_in_each_form() {
    let labelled = "a.png,b.png,1\nc.png,a.png,0\nsub/g h.png,d.png,1\n";
    let (dir, path) = folder(labelled);
    let expected = read_pairs_csv(&path).unwrap();
    assert_eq!(expected.name, "list");
    assert_eq!(expected.images[0], dir.path().join("a.png"));
    assert_eq!(names(&expected.images), ["a.png", "b.png", "c.png", "g h.png", "d.png"]);
    assert_eq!(expected.pairs, [pair(0, 1, true), pair(2, 0, false), pair(3, 4, true)]);
    assert_eq!(expected.folds, [0..1, 1..2, 2..3]);
    assert_eq!(expected.identities, None);

    for csv in [
        "a,b,same\na.png,b.png,1\nc.png,a.png,0\nsub/g h.png,d.png,1\n",
        "\u{feff}Same , A, B\r\nTRUE, a.png, b.png\r\nfalse, c.png, a.png\r\n\r\nyes,\"sub/g h.png\", d.png",
        "\n\na.png,b.png,1\n\nc.png,a.png,0\nsub/g h.png,d.png,1\n\n",
    ] {
        let protocol = pairs_in(&dir, csv).unwrap();
        assert_eq!(protocol, expected, "{csv:?}");
    }
    for csv in [
        "a.png,ann,b.png,ann\nc.png,cy,a.png,ann\nsub/g h.png,dee,d.png,dee\n",
        "a,b,id_a,id_b,same\na.png,b.png,ann,ann,1\nc.png,a.png,cy,ann,0\nsub/g h.png,d.png,dee,dee,1\n",
    ] {
        let protocol = pairs_in(&dir, csv).unwrap();
        assert_eq!(protocol.identities, Some(vec![0, 0, 1, 2, 2]));
        assert_eq!(protocol.pairs, expected.pairs);
    }
}

fn pairs_in(dir: &TempDir, csv: &str) -> Result<PairProtocol, Error> {
    write(dir.path(), "list.csv", csv);
    read_pairs_csv(&dir.path().join("list.csv"))
}

#[test]
fn folds_are_gathered_in_the_order_in_which_they_are_named() {
    let (_dir, path) =
        folder("a,b,same,fold\na.png,b.png,1,two\na.png,c.png,0,one\nb.png,c.png,0,two\nc.png,d.png,1,one\n");
    let protocol = read_pairs_csv(&path).unwrap();
    assert_eq!(protocol.pairs, [pair(0, 1, true), pair(1, 2, false), pair(0, 2, false), pair(2, 3, true)]);
    assert_eq!(protocol.folds, [0..2, 2..4]);
}

#[test]
fn bad_pairs_are_told_with_their_line() {
    let cases = [
        ("", "line 1: the file is empty"),
        ("\n\n", "line 1: the file is empty"),
        ("a,b,same\n", "there is no pair"),
        (
            "a.png,b.png\n",
            "line 1: 2 columns without a header, where a,b,same or a,id_a,b,id_b were expected",
        ),
        ("a,b,label\na.png,b.png,1\n", "line 1: the header does not name the column same"),
        ("a,b,a\n", "line 1: the column a is named twice"),
        ("a,same\na.png,1\n", "line 1: the header does not name the column b"),
        ("a,b\na.png,b.png\n", "line 1: the header does not name the column same"),
        ("a,b,id_a\na.png,b.png,ann\n", "line 1: the header does not name the column id_b"),
        ("a.png,b.png,1\na.png,c.png\n", "line 2: 2 columns, where the first row has 3"),
        ("a.png,b.png,1\n\n\na.png,,0\n", "line 4: the column b is blank"),
        ("a.png,b.png,1\na.png,c.png,2\n", "line 2: \"2\" is not 1 or 0"),
        ("photo1,photo2,label\na.png,b.png,1\n", "line 1: \"label\" is not 1 or 0"),
        ("a.png,b.png,1\r\na.png,a.png,1\r\n", "line 2: \"a.png\" is paired with itself"),
        (
            "a.png,b.png,1\nc.png,b.png,0\nb.png,a.png,1\n",
            "line 3: these two photos are a pair on line 1 already",
        ),
        (
            "a.png,ann,b.png,ann\nb.png,ben,c.png,cy\n",
            "line 2: \"b.png\" shows \"ben\" here, but \"ann\" on line 1",
        ),
        ("a.png,ann,b.png,\n", "line 1: the column id_b is blank"),
        (
            "a,b,id_a,id_b,same\na.png,b.png,ann,ben,1\n",
            "line 2: the label says the same, but the identities are \"ann\" and \"ben\"",
        ),
        ("a.png,b.png,1\nc.png,d.png,1\n", "all 2 pairs are of the same person"),
        ("a.png,b.png,0\nc.png,d.png,no\n", "all 2 pairs are of different people"),
        ("a,b,same,fold\na.png,b.png,1,x\na.png,c.png,0,x\n", "all pairs are in one fold"),
        ("a,b,same,fold\na.png,b.png,1,x\na.png,c.png,0,\n", "line 3: the column fold is blank"),
    ];
    assert_refused(&cases, pairs);
}

#[test]
fn photos_that_are_not_there_are_counted() {
    let (dir, path) = folder("a.png,b.png,1\nx.png,y.png,0\n");
    let error = read_pairs_csv(&path).unwrap_err();
    let Error::MissingPhotos { root, missing: 2, total: 4, examples } = &error else { panic!("{error}") };
    assert_eq!((root.as_path(), &examples[0]), (dir.path(), &dir.path().join("x.png")));

    let (_dir, path) = folder("gallery,ann,,a.png\nprobe,ann,,x.png\n");
    assert!(matches!(read_search_csv(&path), Err(Error::MissingPhotos { missing: 1, total: 2, .. })));
}

#[test]
fn text_that_is_not_utf_8_is_told_with_its_line() {
    let (_dir, path) = folder(b"a.png,b.png,1\nc.png,\xe4.png,0\n");
    let message = read_pairs_csv(&path).unwrap_err().to_string();
    assert!(message.contains("list.csv, line 2: not UTF-8 text"), "{message}");
}

#[test]
fn scores_in_each_form() {
    let list = scores("1,0.5\n0,-0.25\n1,\n0,1e-3\n").unwrap();
    assert_eq!(list.scores, [Some(0.5), Some(-0.25), None, Some(0.001)]);
    assert_eq!(list.same, [true, false, true, false]);
    assert_eq!((list.identities.as_ref(), list.scored_pairs()), (None, None));
    assert_eq!(scores("score,same\n0.5,yes\n-0.25,no\n,1\n1e-3,0\n").unwrap(), list);

    for csv in ["1,0.5,ann,ann\n0,,ben,ann\n", "score,id_a,id_b\n0.5,ann,ann\n,ben,ann\n"] {
        let list = scores(csv).unwrap();
        assert_eq!(list.identities, Some(vec![[0, 0], [1, 0]]));
        assert_eq!(list.same, [true, false]);
        let expected = [ScoredPair { a: 0, b: 0, score: Some(0.5) }, ScoredPair { a: 1, b: 0, score: None }];
        assert_eq!(list.scored_pairs().unwrap(), expected);
    }
}

#[test]
fn bad_scores_are_told_with_their_line() {
    let cases = [
        ("", "line 1: the file is empty"),
        ("same,score\n", "there is no pair"),
        ("1\n", "line 1: 1 columns without a header, where same,score or same,score,id_a,id_b were expected"),
        ("1,0.5\n0,NaN\n", "line 2: the score \"NaN\" is no finite number"),
        ("1,0.5\n0,inf\n", "line 2: the score \"inf\" is no finite number"),
        ("1,0.5\n0,1e39\n", "line 2: the score \"1e39\" is no finite number"),
        ("1,0.5\n0,\"0,5\"\n", "line 2: the score \"0,5\" is no finite number"),
        ("1,0.5\n,0.5\n", "line 2: the column same is blank"),
        ("1,0.5,ann,ben\n", "line 1: the label says the same, but"),
        ("0,0.5,ann,ann\n", "line 1: the label says different, but"),
        ("1,0.5\n1,0.6\n", "all 2 pairs are of the same person"),
        ("1,\n0,\n", "no pair has a score"),
        ("same,id_a\n1,ann\n", "the header does not name the column score"),
    ];
    assert_refused(&cases, scores);
}

const SEARCH: &str = "role,identity,template,path,media\n\
    gallery,ann,g1,a.png,still\n\
    gallery,ann,g1,b.png,video\n\
    gallery,ben,g2,c.png,\n\
    probe,ann,p1,d.png,video\n\
    Probe,cy,p2,e.png,\n\
    probe,,,f.png,\n\
    probe,ann,p1,sub/g h.png,video\n";

#[test]
fn a_gallery_and_probes() {
    let protocol = search(SEARCH).unwrap();
    assert_eq!(protocol.name, "list");
    assert_eq!(protocol.people, ["ann", "ben", "cy"]);
    let media: Vec<u32> = protocol.images.iter().map(|image| image.media).collect();
    // The blank ones are stills of their own.
    assert_eq!(media, [0, 1, 2, 1, 3, 4, 1]);
    let gallery: Vec<_> = protocol.gallery.iter().map(|t| (t.identity, t.images.as_slice())).collect();
    assert_eq!(gallery, [(0, &[0, 1][..]), (1, &[2][..])]);
    let probes: Vec<_> =
        protocol.probes.iter().map(|p| (p.identity, p.person, p.images.as_slice())).collect();
    // Cy is known but not enrolled; nobody knows who the third is.
    assert_eq!(probes, [(Some(0), Some(0), &[3, 6][..]), (None, Some(2), &[4][..]), (None, None, &[5][..])]);
    assert_eq!((protocol.enrolled(), protocol.mated()), (2, 1));
    assert!(protocol.groups.is_empty() && protocol.probes.iter().all(|probe| probe.group.is_none()));
}

#[test]
fn templates_and_media_are_optional() {
    let expected = search("gallery,ann,,a.png\nprobe,ann,,b.png\n").unwrap();
    assert_eq!(expected.images.iter().map(|image| image.media).collect::<Vec<_>>(), [0, 1]);
    for csv in [
        "gallery,ann,,a.png,\nprobe,ann,,b.png,\n",
        "path,role,identity\na.png,gallery,ann\nb.png,probe,ann\n",
    ] {
        let protocol = search(csv).unwrap();
        assert_eq!((protocol.gallery, protocol.probes), (expected.gallery.clone(), expected.probes.clone()));
    }
}

#[test]
fn bad_galleries_are_told_with_their_line() {
    let cases = [
        ("", "line 1: the file is empty"),
        ("role,identity,path\n", "nobody is in the gallery"),
        ("probe,ann,,a.png\n", "nobody is in the gallery"),
        ("gallery,ann,,a.png\n", "there is no probe"),
        ("gallery,ann,,a.png\nprobe,ben,,b.png\n", "no probe shows anybody of the gallery"),
        (
            "gallery,ann,,a.png\nprobes,ann,,b.png\n",
            "line 2: the role \"probes\" is neither gallery nor probe",
        ),
        ("gallery,,,a.png\n", "line 1: a photo of the gallery has no identity"),
        ("gallery,ann,,a.png\nprobe,ann,,\n", "line 2: the column path is blank"),
        (
            "gallery,ann,,a.png\ngallery,ben,,a.png\n",
            "line 2: \"a.png\" shows \"ben\" here, but \"ann\" on line 1",
        ),
        ("gallery,ann,,a.png\nprobe,ann,,a.png\n", "line 2: \"a.png\" is in the other role on line 1"),
        ("gallery,ann,,a.png\nprobe,,,a.png\n", "line 2: \"a.png\" shows nobody here, but \"ann\" on line 1"),
        ("probe,ann,x,a.png\nprobe,ann,y,a.png\n", "line 2: \"a.png\" is listed on line 1 already"),
        (
            "gallery,ann,x,a.png\ngallery,ben,x,b.png\n",
            "line 2: the template \"x\" is of another identity on line 1",
        ),
        (
            "gallery,ann,x,a.png\nprobe,ann,x,b.png\n",
            "line 2: the template \"x\" is in the other role on line 1",
        ),
        ("a.png,b.png,1\n", "line 1: 3 columns without a header"),
        ("role,path\ngallery,a.png\n", "the header does not name the column identity"),
    ];
    assert_refused(&cases, search);
}

/// Text that looks like one of the tables often enough to get past the first line.
fn table_like() -> impl Strategy<Value = Vec<u8>> {
    let cell = prop_oneof![
        4 => prop::sample::select(vec!["a.png", "b.png", "c.png", "ann", "ben", "1", "0", "0.5", "gallery", "probe"])
            .prop_map(str::to_owned),
        2 => prop::sample::select(vec!["a", "b", "same", "score", "id_a", "id_b", "role", "path", "fold"])
            .prop_map(str::to_owned),
        1 => "\\PC{0,6}",
        1 => Just("\"".to_owned()),
    ];
    let row = prop::collection::vec(cell, 1..6).prop_map(|cells| cells.join(",") + "\n");
    let text = prop::collection::vec(row, 0..12).prop_map(|rows| rows.concat().into_bytes());
    prop_oneof![3 => text, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    #[test]
    fn no_text_makes_a_table_reader_panic(text in table_like()) {
        let (dir, path) = folder(text);
        if let Ok(protocol) = read_pairs_csv(&path) {
            prop_assert!(protocol.folds.last().is_some_and(|fold| fold.end == protocol.pairs.len()));
            prop_assert!(protocol.images.iter().all(|image| dir.path().join(image).is_file()));
        }
        if let Ok(list) = read_scores_csv(&path) {
            prop_assert_eq!(list.scores.len(), list.same.len());
            prop_assert!(list.scores.iter().flatten().all(|score| score.is_finite()));
        }
        if let Ok(protocol) = read_search_csv(&path) {
            check_search(&protocol);
        }
    }

    /// Rows drawn at random, sorted into templates by a second, plainer rule.
    #[test]
    fn every_photo_is_in_its_template(rows in prop::collection::vec((any::<bool>(), 0_usize..3, 0_usize..3), 1..20)) {
        let dir = tempfile::tempdir().unwrap();
        let mut csv = String::new();
        for (photo, (gallery, person, template)) in rows.iter().enumerate() {
            write(dir.path(), &format!("{photo}.png"), "");
            let role = if *gallery { "gallery" } else { "probe" };
            csv += &format!("{role},p{person},{role}{person}{template},{photo}.png\n");
        }
        write(dir.path(), "list.csv", csv);
        let path = dir.path().join("list.csv");
        match read_search_csv(&path) {
            Ok(protocol) => {
                check_search(&protocol);
                let of = |role: bool, person: usize, template: usize| -> Vec<usize> {
                    (0..rows.len()).filter(|photo| rows[*photo] == (role, person, template)).collect()
                };
                for (photo, &(gallery, person, template)) in rows.iter().enumerate() {
                    let expected = of(gallery, person, template);
                    let name = format!("p{person}");
                    let found = if gallery {
                        protocol.gallery.iter().find(|t| t.images.contains(&photo)).map(|t| (Some(t.identity), &t.images))
                    } else {
                        protocol.probes.iter().find(|p| p.images.contains(&photo)).map(|p| (p.person, &p.images))
                    };
                    let (person, images) = found.unwrap();
                    prop_assert_eq!(images, &expected);
                    prop_assert_eq!(&protocol.people[person.unwrap() as usize], &name);
                }
            }
            Err(error) => {
                let mated = rows.iter().any(|a| a.0 && rows.iter().any(|b| !b.0 && a.1 == b.1));
                prop_assert!(!mated, "{}", error);
            }
        }
    }
}

fn check_search(protocol: &IdentificationProtocol) {
    let enrolled = |identity| protocol.gallery.iter().any(|template| template.identity == identity);
    assert!(protocol.mated() > 0);
    for probe in &protocol.probes {
        assert_eq!(probe.identity, probe.person.filter(|person| enrolled(*person)));
    }
    let mut used = vec![0; protocol.images.len()];
    let templates = protocol.gallery.iter().map(|template| &template.images);
    for images in templates.chain(protocol.probes.iter().map(|probe| &probe.images)) {
        images.iter().for_each(|image| used[*image] += 1);
    }
    assert!(used.iter().all(|uses| *uses == 1), "each photo is in one template");
}

#[test]
fn a_missing_table_is_named() {
    let path = Path::new("no/such/list.csv");
    for error in [
        read_pairs_csv(path).unwrap_err(),
        read_scores_csv(path).unwrap_err(),
        read_search_csv(path).unwrap_err(),
    ] {
        assert!(
            matches!(error, Error::Read { .. }) && error.to_string().contains("a CSV file of"),
            "{error}"
        );
    }
}
