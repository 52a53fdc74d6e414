//! Painted faces are found in photos and cut out.

use std::fs;
use std::path::Path;
use std::process::Output;

use dataset::{Source, Truth, Written};
use fixtures::models;
use fixtures::photo::Scene;
use tempfile::TempDir;

use super::support::{failed_with, lab, records, summary};

/// Models, and photos of two people; one photo shows nobody, and one is spoiled.
fn studio() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    models::write(&folder.path().join("models")).unwrap();
    let put = |file: &str, bytes: Vec<u8>| {
        let path = folder.path().join("photos").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    put("anna/1.png", Scene::new(240, 200).face(1, 40, 50, 84).png());
    // The face in the middle is hers, though another is larger.
    put("anna/2.png", Scene::new(400, 240).face(2, 0, 40, 112).face(1, 150, 70, 98).png());
    put("ben/1.png", Scene::new(240, 200).face(2, 90, 50, 98).png());
    put("ben/2.png", Scene::new(240, 200).png());
    put("ben/3.jpg", b"no photo".to_vec());
    folder
}

fn crop(folder: &Path, arguments: &[&str]) -> Output {
    let always = ["crop", "photos", "faces", "--models", "models", "--engine", "rten"];
    lab(folder, &[&always[..], &["--kind", "folders", "--detector", models::DETECTOR], arguments].concat())
}

#[test]
fn faces_are_cut_out_and_the_rest_is_listed() {
    let studio = studio();
    let folder = studio.path();
    let made = crop(folder, &["--json"]);
    assert_eq!(made.status.code(), Some(2), "{made:?}");
    let said = records(&made);
    assert_eq!((&said[0]["type"], &said[0]["path"]["text"]), (&"photo".into(), &"ben/2.png".into()));
    assert_eq!(said[1]["type"], "error");
    assert!(said[1]["error"].as_str().unwrap().contains("3.jpg"), "{said:?}");
    let last = summary(&made);
    assert_eq!(
        (&last["photos"], &last["faces"], &last["without_face"], &last["failed"]),
        (&5.into(), &3.into(), &1.into(), &1.into())
    );

    let faces = folder.join("faces");
    let truth = Truth::open(&faces, 9).unwrap();
    assert!(truth.is_aligned());
    let template = geometry::Template::ARCFACE_112;
    for shown in truth.pictures() {
        let row = &shown.rows[0];
        let five = row.five().unwrap();
        let worst = five.0.iter().zip(&template.points.0).map(|(a, b)| a.distance(*b));
        assert!(worst.fold(0.0, f32::max) < 3.0, "{five:?}");
        assert!(row.face().is_some() && row.float("score").unwrap() > 0.5);
        assert_eq!(row.text("aligned_by"), Some("landmarks"));
    }
    let found: Vec<_> = truth.pictures().map(|shown| shown.rows[0].integer("faces").unwrap()).collect();
    assert_eq!(found, [1, 2, 1]);
    let written = Written::open(&faces, None).unwrap();
    let classes = written.classes().unwrap();
    assert_eq!((classes.of, classes.names), (vec![0, 0, 1], ["anna", "ben"].map(String::from).to_vec()));
    // Both of hers show the same painted person: block for block the same colours.
    let blocks = |index: u64| {
        let image = written.sample(index).unwrap().image;
        [(40, 40), (56, 56), (72, 72), (40, 72)].map(|(x, y)| image.pixel(x, y))
    };
    let apart = |a: u64, b: u64| {
        let pairs = blocks(a).into_iter().flatten().zip(blocks(b).into_iter().flatten());
        pairs.map(|(a, b)| u32::from(a.abs_diff(b))).sum::<u32>()
    };
    assert!(apart(0, 1) < apart(0, 2) / 4, "{} {}", apart(0, 1), apart(0, 2));
    assert_eq!(lab(folder, &["verify", "faces"]).status.code(), Some(0));

    // Again, nothing is made, and the same is listed.
    let again = crop(folder, &["--json"]);
    assert_eq!((records(&again).len(), &summary(&again)["made"]), (3, &0.into()));
    assert_eq!(summary(&again)["sha256"], last["sha256"]);
    failed_with(&crop(folder, &["--size", "128"]), &["faces holds a data set of another recipe"]);
}

#[test]
fn crops_have_the_size_and_format_that_is_asked_for() {
    let studio = studio();
    let folder = studio.path();
    fs::remove_file(folder.join("photos/ben/3.jpg")).unwrap();
    let made = crop(folder, &["--size", "96x112", "--jpeg", "90"]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    let text = String::from_utf8(made.stdout).unwrap();
    assert!(text.contains("ben/2.png: no face") && text.contains("3 faces of 4 photos in faces"), "{text}");
    let bytes = fs::read(folder.join("faces/images/000000/000002.jpg")).unwrap();
    let image = imaging::decode(&bytes, &Default::default()).unwrap();
    assert_eq!((image.width(), image.height()), (96, 112));
}

#[test]
fn what_cannot_be_cropped_is_said() {
    let studio = studio();
    let folder = studio.path();
    failed_with(&crop(folder, &["--size", "100"]), &["multiple of 112 or 128"]);
    failed_with(&crop(folder, &["--jpeg", "0"]), &["--jpeg"]);
    let of = |kind: &str, from: &str| {
        let arguments =
            ["crop", from, "faces", "--kind", kind, "--detector", models::DETECTOR, "--models", "models"];
        lab(folder, &arguments)
    };
    failed_with(&of("folders", "none"), &["none is not there"]);
    failed_with(&of("celeba", "photos"), &["photos holds no identity_CelebA.txt"]);
    failed_with(&of("cars", "photos"), &["cars", "folders", "utkface"]);
    assert!(!folder.join("faces").exists(), "nothing is left behind");
    // Photos that are not to be had now are no photos without a face: nothing is left out because a disk is away.
    fs::write(folder.join("list.txt"), "photos/anna/1.png anna\naway/2.png ben\n").unwrap();
    let list = [
        "crop",
        "list.txt",
        "listed",
        "--kind",
        "list",
        "--detector",
        models::DETECTOR,
        "--models",
        "models",
    ];
    failed_with(&lab(folder, &list), &["away/2.png", "start again, which goes on"]);
    fs::create_dir(folder.join("away")).unwrap();
    fs::copy(folder.join("photos/ben/1.png"), folder.join("away/2.png")).unwrap();
    let made = lab(folder, &list);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    assert!(String::from_utf8_lossy(&made.stdout).contains("2 faces of 2 photos"), "{made:?}");
    // However many are broken, they are left out and listed, with the reason each time.
    let bad = |number: u32| folder.join(format!("photos/cleo/{number}.jpg"));
    fs::create_dir(folder.join("photos/cleo")).unwrap();
    (0..60).for_each(|number| fs::write(bad(number), "no photo").unwrap());
    for _ in 0..2 {
        let made = crop(folder, &["--json", "--threads", "1"]);
        assert_eq!((made.status.code(), &summary(&made)["failed"]), (Some(2), &61.into()));
        let said = records(&made);
        assert!(said[1]["error"].as_str().unwrap().contains("not a picture"), "{said:?}");
    }
    fs::remove_dir_all(folder.join("photos/cleo")).unwrap();
    fs::remove_dir_all(folder.join("faces")).unwrap();
    // Nobody anywhere: nothing is found.
    fs::remove_dir_all(folder.join("photos/anna")).unwrap();
    fs::remove_file(folder.join("photos/ben/1.png")).unwrap();
    fs::remove_file(folder.join("photos/ben/3.jpg")).unwrap();
    let made = crop(folder, &["--json"]);
    assert_eq!((made.status.code(), &summary(&made)["without_face"]), (Some(1), &1.into()));
}
