use std::fs;
use std::path::{Path, PathBuf};

use omote_evaluation::{CfpSet, Error, Pair, evaluate_photos, read_cfp, read_lfw};
use proptest::prelude::*;
use tempfile::TempDir;

pub(crate) fn write(root: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn pair(a: usize, b: usize, same: bool) -> Pair {
    Pair { a, b, same }
}

/// Two folds of two pairs over five photos; one person has a dot in the name.
const PAIRS: &str = "2\t1\n\
    Ann_Lee\t1\t2\n\
    Ann_Lee\t1\tBob_St._James\t3\n\
    Bob_St._James\t3\t12\n\
    Bob_St._James\t12\tCy\t1\n";

const PHOTOS: [&str; 5] = [
    "Ann_Lee/Ann_Lee_0001",
    "Ann_Lee/Ann_Lee_0002",
    "Bob_St._James/Bob_St._James_0003",
    "Bob_St._James/Bob_St._James_0012",
    "Cy/Cy_0001",
];

fn lfw(folder: &str, extension: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "pairs.txt", PAIRS);
    for photo in PHOTOS {
        write(dir.path(), &format!("{folder}{photo}.{extension}"), "");
    }
    dir
}

#[test]
fn lfw_in_each_of_its_layouts() {
    for folder in ["images/", "lfw/", "lfw-deepfunneled/", "lfw_funneled/", ""] {
        for extension in ["jpg", "png", "webp"] {
            let dir = lfw(folder, extension);
            let protocol = read_lfw(dir.path()).unwrap();
            assert_eq!(protocol.name, "LFW View 2");
            let expected: Vec<PathBuf> =
                PHOTOS.iter().map(|photo| dir.path().join(format!("{folder}{photo}.{extension}"))).collect();
            assert_eq!(protocol.images, expected);
            assert_eq!(
                protocol.pairs,
                [pair(0, 1, true), pair(0, 2, false), pair(2, 3, true), pair(3, 4, false)]
            );
            assert_eq!(protocol.folds, [0..2, 2..4]);
            assert_eq!(protocol.identities, Some(vec![0, 0, 1, 1, 2]));
        }
    }
}

#[test]
fn lfw_from_files_to_a_report() {
    let dir = lfw("lfw/", "jpg");
    let protocol = read_lfw(dir.path()).unwrap();
    // No face in Cy's only photo; everybody else is told apart.
    let person = [Some(0), Some(0), Some(1), Some(1), None];
    let report = evaluate_photos(&protocol, &person, |a: &i32, b| if a == b { 0.9 } else { 0.1 }).unwrap();
    assert_eq!((report.photos, report.photos_without_face), (5, Some(1)));
    assert_eq!((report.pairs(), report.pairs_without_score()), (4, 1));
    assert_eq!(report.different_without_score, 1);
    // The pair with Cy is one of different people, so rejecting it is right.
    let accuracies: Vec<f64> = report.result.folds.iter().map(|fold| fold.accuracy).collect();
    assert_eq!(accuracies, [1.0, 1.0]);
}

#[test]
fn missing_photos_are_counted_and_named() {
    let dir = lfw("images/", "jpg");
    fs::remove_file(dir.path().join("images/Ann_Lee/Ann_Lee_0001.jpg")).unwrap();
    fs::remove_file(dir.path().join("images/Cy/Cy_0001.jpg")).unwrap();
    let error = read_lfw(dir.path()).unwrap_err();
    let Error::MissingPhotos { missing: 2, total: 5, examples, .. } = &error else { panic!("{error}") };
    assert!(examples[0].ends_with("images/Ann_Lee/Ann_Lee_0001.jpg"));
    assert!(error.to_string().contains("2 of the 5 photos that the protocol names are missing"));

    let empty = tempfile::tempdir().unwrap();
    write(empty.path(), "pairs.txt", PAIRS);
    let error = read_lfw(empty.path()).unwrap_err();
    let Error::MissingPhotos { missing: 5, total: 5, examples, .. } = error else { panic!("{error}") };
    assert_eq!(examples.len(), 3);
}

#[test]
fn a_folder_without_a_protocol_is_told_what_belongs_there() {
    let dir = tempfile::tempdir().unwrap();
    let message = read_lfw(dir.path()).unwrap_err().to_string();
    assert!(message.contains("pairs.txt") && message.contains("LFW's folder holds"), "{message}");
    let message = read_cfp(dir.path(), CfpSet::FrontalProfile).unwrap_err().to_string();
    assert!(message.contains("Pair_list_F.txt") && message.contains("holds Protocol and Data"), "{message}");
}

/// Two people with two frontal photos and two profiles each, two folds with one person's same pair each.
fn cfp(extension: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (list, pose) in [("F", "frontal"), ("P", "profile")] {
        let mut text = String::new();
        for number in 0..4 {
            let photo = format!("{:03}/{pose}/{:02}", number / 2 + 1, number % 2 + 1);
            text += &format!("{} ../Data/Images/{photo}.jpg\n", number + 1);
            write(dir.path(), &format!("Data/Images/{photo}.{extension}"), "");
        }
        write(dir.path(), &format!("Protocol/Pair_list_{list}.txt"), text);
    }
    for (path, pairs) in [
        ("FF/01/same", "1,2\n"),
        ("FF/01/diff", "1,3\n2,4\n"),
        ("FF/02/same", "3,4\n"),
        ("FF/02/diff", "4,1\n"),
        ("FP/01/same", "1,1\n1,2\n"),
        ("FP/01/diff", "2,3\n"),
        ("FP/02/same", "4,4\n"),
        ("FP/02/diff", "4,1"),
    ] {
        write(dir.path(), &format!("Protocol/Split/{path}.txt"), pairs);
    }
    write(dir.path(), "Protocol/Split/FP/.DS_Store", "");
    write(dir.path(), "Protocol/Readme.txt", "");
    dir
}

#[test]
fn cfp_frontal_profile() {
    let dir = cfp("jpg");
    let protocol = read_cfp(dir.path(), CfpSet::FrontalProfile).unwrap();
    assert_eq!(protocol.name, "CFP-FP");
    let expected: Vec<PathBuf> = [
        "001/frontal/01",
        "001/profile/01",
        "001/profile/02",
        "001/frontal/02",
        "002/profile/01",
        "002/frontal/02",
        "002/profile/02",
    ]
    .iter()
    .map(|photo| dir.path().join(format!("Data/Images/{photo}.jpg")))
    .collect();
    assert_eq!(protocol.images, expected);
    assert_eq!(
        protocol.pairs,
        [pair(0, 1, true), pair(0, 2, true), pair(3, 4, false), pair(5, 6, true), pair(5, 1, false)]
    );
    assert_eq!(protocol.folds, [0..3, 3..5]);
    assert_eq!(protocol.identities, Some(vec![0, 0, 0, 0, 1, 1, 1]));
}

#[test]
fn cfp_frontal_frontal_in_another_format() {
    let dir = cfp("webp");
    let protocol = read_cfp(dir.path(), CfpSet::FrontalFrontal).unwrap();
    assert_eq!(protocol.name, "CFP-FF");
    assert_eq!(protocol.images.len(), 4);
    assert!(protocol.images[3].ends_with("Data/Images/002/frontal/02.webp"));
    assert_eq!(
        protocol.pairs,
        [pair(0, 1, true), pair(0, 2, false), pair(1, 3, false), pair(2, 3, true), pair(3, 0, false)]
    );
    assert_eq!(protocol.folds, [0..3, 3..5]);
}

#[test]
fn cfp_whose_folders_are_no_people_has_no_identities() {
    let dir = cfp("jpg");
    write(dir.path(), "Protocol/Split/FF/01/same.txt", "1,3\n");
    let protocol = read_cfp(dir.path(), CfpSet::FrontalFrontal).unwrap();
    assert_eq!(protocol.identities, None);
}

#[test]
fn cfp_with_holes_is_refused() {
    struct Case {
        what: &'static str,
        damage: fn(&Path),
        expected: &'static str,
    }
    let cases = [
        Case {
            what: "a fold is missing",
            damage: |root| fs::rename(root.join("Protocol/Split/FP/01"), root.join("elsewhere")).unwrap(),
            expected: "fold 01 is missing",
        },
        Case {
            what: "no fold",
            damage: |root| {
                fs::remove_dir_all(root.join("Protocol/Split/FP")).unwrap();
                fs::create_dir(root.join("Protocol/Split/FP")).unwrap();
            },
            expected: "there are no folds",
        },
        Case {
            what: "one fold twice",
            damage: |root| fs::create_dir(root.join("Protocol/Split/FP/1")).unwrap(),
            expected: "two folders are called fold 1",
        },
        Case {
            what: "half a fold",
            damage: |root| fs::remove_file(root.join("Protocol/Split/FP/02/diff.txt")).unwrap(),
            expected: "diff.txt",
        },
        Case {
            what: "an empty fold",
            damage: |root| {
                write(root, "Protocol/Split/FP/02/same.txt", "");
                write(root, "Protocol/Split/FP/02/diff.txt", "\n");
            },
            expected: "hold no pair",
        },
        Case {
            what: "a number that no list has",
            damage: |root| write(root, "Protocol/Split/FP/02/same.txt", "4,4\n4,5\n"),
            expected: "line 2: there is no photo 5 in",
        },
        Case {
            what: "a photo is missing",
            damage: |root| fs::remove_file(root.join("Data/Images/001/profile/02.jpg")).unwrap(),
            expected: "1 of the 7 photos that the protocol names are missing",
        },
    ];
    for Case { what, damage, expected } in cases {
        let dir = cfp("jpg");
        damage(dir.path());
        let message = read_cfp(dir.path(), CfpSet::FrontalProfile).unwrap_err().to_string();
        assert!(message.contains(expected), "{what}: {message}");
    }
}

/// Text that looks like a protocol often enough to get past the first line.
fn protocol_like() -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        4 => "[0-9]{1,2}",
        2 => Just("Ann_Lee".to_owned()),
        2 => "[A-C]",
        1 => "\\PC{0,8}",
        1 => "[0-9]{18,22}",
        1 => "\\.\\./Data/[a-b]\\.jpg",
    ];
    let separator = prop_oneof![Just("\t"), Just(" "), Just(","), Just("\r\n"), Just("\n"), Just("\0")];
    let text = prop::collection::vec((word, separator), 0..40).prop_map(|parts| {
        let header = "1 1\n";
        let body: String = parts.into_iter().map(|(word, separator)| word + separator).collect();
        (header.to_owned() + &body).into_bytes()
    });
    prop_oneof![3 => text, 1 => prop::collection::vec(any::<u8>(), 0..200)]
}

proptest! {
    // Each case writes a whole set.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_the_lfw_reader_panic(text in protocol_like()) {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "pairs.txt", text);
        if let Err(error) = read_lfw(dir.path()) {
            let absent = matches!(error, Error::MissingPhotos { .. });
            prop_assert!(absent || error.to_string().contains("pairs.txt"));
        }
    }

    #[test]
    fn no_text_makes_the_cfp_reader_panic(list in protocol_like(), same in protocol_like(), lists: bool) {
        let dir = cfp("jpg");
        if lists {
            write(dir.path(), "Protocol/Pair_list_F.txt", list);
        }
        write(dir.path(), "Protocol/Split/FF/01/same.txt", same);
        if let Ok(protocol) = read_cfp(dir.path(), CfpSet::FrontalFrontal) {
            prop_assert!(protocol.images.iter().all(|image| image.starts_with(dir.path())));
        }
    }

    #[test]
    fn cut_files_are_never_half_read(cut in 0..PAIRS.len() - 1) {
        let dir = lfw("images/", "jpg");
        fs::write(dir.path().join("pairs.txt"), &PAIRS[..cut]).unwrap();
        // A cut within the last number can leave a whole row, with another photo in it.
        prop_assert!(read_lfw(dir.path()).is_err());
    }
}
