//! IJB-B and IJB-C.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use omote_evaluation::{Error, IdentificationProtocol, TemplatePair, TemplateProtocol, read_ijb};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::layouts::write;

/// Templates 10 and 20 are the galleries' (subjects 7 and 8), 30 and 40 the probes' (8 and 7).
const FACES: &str = "1.jpg 20 5\n2.jpg 20 5\n3.jpg 10 900\n4.jpg 30 77\n5.jpg 20 6\n6.jpg 40 77\n";
const PAIRS: &str = "10 40 1\n10 30 0\n20 30 1\n20 10 0\n";
const G1: &str = "TEMPLATE_ID,SUBJECT_ID,FILENAME,FACE_X\n10,7,img/3.jpg,1\n";
const G2: &str =
    "TEMPLATE_ID,SUBJECT_ID,FILENAME,FACE_X\n20,8,img/1.jpg,1\n20,8,frames/2.jpg,\n20,8,img/5.jpg,4\n";
const PROBES: &str = "TEMPLATE_ID,SUBJECT_ID,FILENAME,FACE_X\n40,7,img/6.jpg,1\n30,8,img/4.jpg,2\n";

fn ijb(prefix: &str, galleries: [&str; 2]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let meta = |name: &str, text: &str| write(dir.path(), &format!("meta/{prefix}{name}"), text);
    meta("_face_tid_mid.txt", FACES);
    meta("_template_pair_label.txt", PAIRS);
    meta(&format!("_1N_gallery_{}.csv", galleries[0]), G1);
    meta(&format!("_1N_gallery_{}.csv", galleries[1]), G2);
    meta("_1N_probe_mixed.csv", PROBES);
    let mut points = String::new();
    for face in 1..=6 {
        write(dir.path(), &format!("loose_crop/{face}.jpg"), "");
        points += &format!("{face}.jpg {face}.5 20 60 20 45 40 30.25 60 60 60 0.{face}\n");
    }
    write(dir.path(), &format!("meta/{prefix}_name_5pts_score.txt"), points);
    dir
}

fn ijbc() -> TempDir {
    ijb("ijbc", ["G1", "G2"])
}

fn pairs(protocol: &TemplateProtocol) -> Result<Vec<TemplatePair>, Error> {
    protocol.pairs()?.collect()
}

#[test]
fn faces_templates_and_pairs() {
    for (prefix, galleries, name) in [("ijbc", ["G1", "G2"], "IJBC"), ("ijbb", ["S1", "S2"], "IJBB")] {
        let dir = ijb(prefix, galleries);
        let protocol = read_ijb(dir.path()).unwrap();
        assert_eq!(protocol.name, name);
        let templates: Vec<_> = protocol.templates.iter().map(|t| (t.id, t.images.as_slice())).collect();
        assert_eq!(templates, [(10, &[2][..]), (20, &[0, 1, 4]), (30, &[3]), (40, &[5])]);
        let face = &protocol.images[2];
        assert_eq!((face.path.as_path(), face.media), (dir.path().join("loose_crop/3.jpg").as_path(), 900));
        let landmarks = face.landmarks.unwrap();
        assert_eq!(
            (landmarks.left_eye().x, landmarks.left_eye().y, landmarks.left_mouth().x),
            (3.5, 20.0, 30.25)
        );
        assert_eq!(face.detector_score, Some(0.3));
        let pair = |a, b, same| TemplatePair { a, b, same };
        assert_eq!(
            pairs(&protocol).unwrap(),
            [pair(0, 3, true), pair(0, 2, false), pair(1, 2, true), pair(1, 0, false)]
        );
    }
}

#[test]
fn each_gallery_is_searched_with_all_probes() {
    for (prefix, galleries) in [("ijbc", ["G1", "G2"]), ("ijbb", ["S1", "S2"])] {
        let dir = ijb(prefix, galleries);
        let protocol = read_ijb(dir.path()).unwrap();
        let searches = protocol.searches().unwrap();
        let summary = |search: &IdentificationProtocol| {
            assert!(Arc::ptr_eq(&search.images, &protocol.images));
            let name = |identity: u32| search.people[identity as usize].clone();
            let gallery: Vec<_> =
                search.gallery.iter().map(|t| (name(t.identity), t.images.clone())).collect();
            let probes: Vec<_> = search
                .probes
                .iter()
                .map(|probe| (probe.identity.map(name), name(probe.person.unwrap()), probe.images.clone()))
                .collect();
            (search.name.clone(), gallery, probes)
        };
        let text = str::to_owned;
        let name = |gallery| format!("{} {gallery}", prefix.to_uppercase());
        assert_eq!(
            searches.iter().map(summary).collect::<Vec<_>>(),
            [
                (
                    name(galleries[0]),
                    vec![(text("7"), vec![2])],
                    vec![(Some(text("7")), text("7"), vec![5]), (None, text("8"), vec![3])],
                ),
                (
                    name(galleries[1]),
                    vec![(text("8"), vec![0, 1, 4])],
                    vec![(None, text("7"), vec![5]), (Some(text("8")), text("8"), vec![3])],
                ),
            ]
        );
    }
}

#[test]
fn the_searches_tell_who_is_in_a_template() {
    let dir = ijbc();
    let protocol = read_ijb(dir.path()).unwrap();
    // Of templates 10, 20, 30, 40: subjects 7, 8, 8, 7.
    let identities = protocol.identities().unwrap().unwrap();
    assert_eq!(identities, [0, 1, 1, 0]);
    for pair in pairs(&protocol).unwrap() {
        assert_eq!(identities[pair.a as usize] == identities[pair.b as usize], pair.same);
    }

    write(dir.path(), "meta/ijbc_1N_probe_mixed.csv", "TEMPLATE_ID,SUBJECT_ID\n40,7\n10,8\n");
    let message = protocol.identities().unwrap_err().to_string();
    assert!(message.contains("probe_mixed.csv, line 3: template 10 is of another subject"), "{message}");
    write(dir.path(), "meta/ijbc_1N_probe_mixed.csv", "TEMPLATE_ID,SUBJECT_ID\n40,7\n");
    assert_eq!(protocol.identities().unwrap(), None);
    fs::remove_file(dir.path().join("meta/ijbc_1N_probe_mixed.csv")).unwrap();
    assert_eq!(protocol.identities().unwrap(), None);
}

/// What reading all of it says.
fn complaint(root: &Path) -> String {
    let all = || -> Result<(), Error> {
        let protocol = read_ijb(root)?;
        pairs(&protocol)?;
        protocol.searches()?;
        Ok(())
    };
    all().err().map(|error| error.to_string()).unwrap_or_default()
}

#[test]
fn bad_lists_are_told_with_their_line() {
    assert_eq!(complaint(ijbc().path()), "");
    let faces = "face_tid_mid.txt";
    let points = "name_5pts_score.txt";
    let list = "template_pair_label.txt";
    let (g1, g2, probes) = ("1N_gallery_G1.csv", "1N_gallery_G2.csv", "1N_probe_mixed.csv");
    let long = "1".repeat(5000);
    let cases: &[(&str, &str, &str)] = &[
        (faces, "", "line 1: the list is empty"),
        (faces, "1.jpg 20\n", "line 1: \"1.jpg 20\" is not NAME TEMPLATE MEDIA"),
        (faces, "1.jpg 20 5 6\n", "line 1: \"1.jpg 20 5 6\" is not NAME TEMPLATE MEDIA"),
        (faces, "1.jpg 20 5\n2.jpg x 5\n", "line 2: \"2.jpg x 5\" is not"),
        (faces, "1.jpg 20 99999999999\n", "line 1: \"1.jpg 20 99999999999\" is not"),
        (faces, "1.jpg 20 5\n\n2.jpg 20 5\n", "line 2: the line is blank"),
        (faces, "../1.jpg 20 5\n", "line 1: \"../1.jpg\" is no name of a crop"),
        (faces, "/etc/passwd 20 5\n", "line 1: \"/etc/passwd\" is no name of a crop"),
        (faces, &long, "line 1: a line of more than 4096 bytes"),
        (faces, "1.jpg 20 5\n", "name_5pts_score.txt, line 2: \"2.jpg 2.5 20 60"),
        (
            faces,
            &format!("{FACES}7.jpg 40 1\n"),
            "name_5pts_score.txt, line 6: the list ends before the face \"7.jpg\"",
        ),
        (
            points,
            "2.jpg 1 2 3 4 5 6 7 8 9 10 1\n",
            "line 1: \"2.jpg\" stands where the list of faces has \"1.jpg\"",
        ),
        (
            points,
            "1.jpg 1 2 3 4 5 6 7 8 9 1\n",
            "line 1: \"1.jpg 1 2 3 4 5 6 7 8 9 1\" is not NAME, ten finite",
        ),
        (points, "1.jpg 1 2 3 4 5 6 7 8 9 NaN 1\n", "is not NAME, ten finite coordinates and a score"),
        (points, "1.jpg 1 2 3 4 5 6 7 8 9 10 -1\n", "is not NAME, ten finite coordinates and a score"),
        (list, "", "line 1: there is no pair"),
        (list, "10 40 1\n20 30 1\n", "line 2: all 2 pairs are of the same person"),
        (list, "10 30 0\n", "line 1: all 1 pairs are of different people"),
        (list, "10 40 1\n10 30 2\n", "line 2: \"10 30 2\" is not TEMPLATE1 TEMPLATE2 LABEL"),
        (list, "10 40\n", "line 1: \"10 40\" is not TEMPLATE1 TEMPLATE2 LABEL"),
        (list, "10 40 1 0\n", "line 1: \"10 40 1 0\" is not"),
        (list, "10 50 0\n", "line 1: template 50 has no face"),
        (list, "10 10 1\n", "line 1: template 10 is paired with itself"),
        (g1, "", "1N_gallery_G1.csv, line 1: the file is empty"),
        (g1, "10,7\n", "line 1: this is no header, which names the columns TEMPLATE_ID, SUBJECT_ID"),
        (g1, "TEMPLATE_ID,SUBJECT_ID\n", "nobody is in the gallery"),
        (g1, "TEMPLATE_ID,SUBJECT_ID\n50,7\n", "line 2: template 50 has no face"),
        (g1, "TEMPLATE_ID,SUBJECT_ID\nx,7\n", "line 2: \"x\" is no number of a template"),
        (g1, "TEMPLATE_ID,SUBJECT_ID\n10,\n", "line 2: the column SUBJECT_ID is blank"),
        (
            g1,
            "TEMPLATE_ID,SUBJECT_ID\n10,7\n10,9\n",
            "line 3: template 10 is of \"9\" here, but of \"7\" on line 2",
        ),
        (g2, "TEMPLATE_ID,SUBJECT_ID\n10,7\n20,7\n", "line 3: subject \"7\" has another template on line 2"),
        (g2, "TEMPLATE_ID,SUBJECT_ID\n40,7\n", "line 2: template 40 is also a probe"),
        (g2, "TEMPLATE_ID,SUBJECT_ID\n20,9\n", "no probe shows anybody of the gallery"),
        (probes, "TEMPLATE_ID,SUBJECT_ID\n", "there is no probe"),
    ];
    for (file, text, expected) in cases {
        let dir = ijbc();
        write(dir.path(), &format!("meta/ijbc_{file}"), text);
        let message = complaint(dir.path());
        assert!(message.contains(expected), "{file}, {text:?} gave {message:?}, not {expected:?}");
    }
}

#[test]
fn a_face_twice_in_one_template_is_refused() {
    let dir = ijbc();
    write(dir.path(), "meta/ijbc_face_tid_mid.txt", FACES.replace("2.jpg", "1.jpg"));
    let points = fs::read_to_string(dir.path().join("meta/ijbc_name_5pts_score.txt")).unwrap();
    write(dir.path(), "meta/ijbc_name_5pts_score.txt", points.replace("2.jpg", "1.jpg"));
    let message = complaint(dir.path());
    assert!(message.contains("line 2: \"1.jpg\" stands twice in template 20"), "{message}");
}

#[test]
fn holes_in_the_folder_are_told() {
    type Case = (&'static str, fn(&Path), &'static str);
    let cases: [Case; 6] = [
        ("no meta", |root| fs::remove_dir_all(root.join("meta")).unwrap(), "holds meta and loose_crop"),
        ("crops", |root| fs::remove_dir_all(root.join("loose_crop")).unwrap(), "6 of the 6 photos"),
        ("a crop", |root| fs::remove_file(root.join("loose_crop/4.jpg")).unwrap(), "1 of the 6 photos"),
        (
            "faces",
            |root| fs::remove_file(root.join("meta/ijbc_face_tid_mid.txt")).unwrap(),
            "there is no list of faces: ijbc_face_tid_mid.txt or",
        ),
        (
            "two sets",
            |root| write(root, "meta/ijbb_face_tid_mid.txt", ""),
            "the lists of two sets, ijbb and ijbc",
        ),
        (
            "galleries",
            |root| {
                for gallery in ["G1", "G2"] {
                    fs::remove_file(root.join(format!("meta/ijbc_1N_gallery_{gallery}.csv"))).unwrap();
                }
            },
            "there is no gallery: ijbc_1N_gallery_G1.csv and",
        ),
    ];
    for (what, damage, expected) in cases {
        let dir = ijbc();
        damage(dir.path());
        let message = complaint(dir.path());
        assert!(message.contains(expected), "{what}: {message}");
    }
}

#[test]
fn pairs_end_after_an_error() {
    let dir = ijbc();
    write(dir.path(), "meta/ijbc_template_pair_label.txt", "10 40 1\n10 x 0\n20 30 1\n");
    let protocol = read_ijb(dir.path()).unwrap();
    let mut pairs = protocol.pairs().unwrap();
    assert!(pairs.next().unwrap().is_ok());
    assert!(pairs.next().unwrap().is_err());
    assert!(pairs.next().is_none());
}

proptest! {
    // Each case writes a whole set.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_makes_the_ijb_reader_panic(
        file in prop::sample::select(vec![
            "face_tid_mid.txt", "name_5pts_score.txt", "template_pair_label.txt", "1N_gallery_G1.csv", "1N_probe_mixed.csv",
        ]),
        words in prop::collection::vec(
            prop_oneof![
                5 => prop::sample::select(vec![
                    "1.jpg", "2.jpg", "10", "20", "30", "0", "1", "7", "-1", "NaN", "1e9", "..", "\"", "TEMPLATE_ID,SUBJECT_ID",
                ]).prop_map(str::to_owned),
                1 => "\\PC{0,6}",
            ],
            0..30,
        ),
        separators in prop::collection::vec(prop::sample::select(vec![" ", " ", ",", "\n"]), 30),
    ) {
        let dir = ijbc();
        let text: String = words.iter().zip(&separators).map(|(word, separator)| word.clone() + separator).collect();
        write(dir.path(), &format!("meta/ijbc_{file}"), text);
        complaint(dir.path());
    }
}
