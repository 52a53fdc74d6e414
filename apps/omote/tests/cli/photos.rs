//! `omote detect`, `align` and `embed`: faces in photos.

use std::fs;
use std::path::Path;

use fixtures::photo::{Background, Scene};
use geometry::{Rect, Rotation};
use imaging::Image;
use serde_json::{Value, json};

use crate::support::{Studio, portrait};

/// Three people of different sizes, the middle one the largest.
pub fn three_people() -> Scene {
    Scene::new(600, 300).face(1, 20, 30, 80).face(2, 220, 60, 160).face(3, 450, 100, 100)
}

fn faces(photo: &Value) -> &Vec<Value> {
    photo["faces"].as_array().unwrap()
}

fn bounds(face: &Value) -> Rect {
    let corner = |n: usize| face["box"][n].as_f64().unwrap() as f32;
    Rect::new(corner(0), corner(1), corner(2), corner(3))
}

fn image(scene: &Scene) -> Image {
    Image::from_rgb(scene.width(), scene.height(), scene.rgb()).unwrap()
}

fn decode(path: &Path) -> Image {
    imaging::decode(&fs::read(path).unwrap(), &imaging::DecodeOptions::default()).unwrap()
}

#[test]
fn detect_finds_every_face_where_it_is() {
    let studio = Studio::new();
    let scene = three_people();
    studio.photo("three.jpg", &scene);
    let run = studio.json(&["detect", "three.jpg"]).ended(0);
    let photo = run.one("photo");
    assert_eq!(photo["path"], json!({"text": "three.jpg"}));
    assert_eq!((&photo["width"], &photo["height"]), (&json!(600), &json!(300)));
    assert_eq!(faces(&photo).len(), 3);
    for truth in scene.faces() {
        let near = faces(&photo).iter().find(|face| bounds(face).iou(&truth.bounds) > 0.85);
        let face = near.unwrap_or_else(|| panic!("nothing at {:?} in {photo}", truth.bounds));
        for (point, truth) in face["landmarks"].as_array().unwrap().iter().zip(truth.landmarks.0) {
            let off = |n: usize, truth: f32| (point[n].as_f64().unwrap() as f32 - truth).abs();
            assert!(off(0, truth.x) < 3.0 && off(1, truth.y) < 3.0, "{point} is not at {truth:?}");
        }
        assert!(face["score"].as_f64().unwrap() > 0.9);
        assert!(face["quality"]["score"].as_f64().unwrap() > 50.0);
        assert_eq!(face["alignment"], "landmarks");
    }
    let summary = run.summary();
    assert_eq!(
        (&summary["photos"], &summary["faces"], &summary["failed"]),
        (&json!(1), &json!(3), &json!(0))
    );
    assert_eq!(summary["reason"], "ok");
    assert_eq!(summary["ran"]["detector"]["name"], "painted-detector");
    assert!(summary["ran"]["engine"].as_str().unwrap().starts_with("rten "));
}

#[test]
fn detect_tells_people_the_same_in_words() {
    let studio = Studio::new();
    studio.photo("three.jpg", &three_people());
    studio.photo("sky.jpg", &Scene::new(200, 100));
    let run = studio.omote(&["detect", "three.jpg", "sky.jpg"]).ended(0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    for number in 1..=3 {
        assert!(lines[number - 1].starts_with(&format!("three.jpg: face {number}  ")), "{run:?}");
    }
    assert_eq!(lines[3], "sky.jpg: no face");
    let last = lines.last().unwrap();
    assert!(last.starts_with("2 photos, 3 faces, ") && last.contains("painted-detector on rten"), "{last}");
    assert_eq!(run.stderr, "");
}

#[test]
fn a_photo_without_a_face_is_an_answer_with_its_own_exit_code() {
    let studio = Studio::new();
    studio.photo("sky.jpg", &Scene::new(320, 200).background(Background::Gradient([90, 120, 200], [250; 3])));
    for command in ["detect", "embed"] {
        let run = studio.json(&[command, "sky.jpg"]).ended(1);
        assert_eq!(run.one("photo")["faces"], json!([]));
        assert_eq!(run.summary()["reason"], "nothing found");
    }
    let run = studio.json(&["align", "sky.jpg", "--out", "crops"]).ended(1);
    assert_eq!(run.one("photo")["faces"], json!([]));
    assert_eq!(run.summary()["crops"], 0);
}

#[test]
fn draw_writes_a_picture_beside_the_answer() {
    let studio = Studio::new();
    let scene = three_people();
    studio.photo("three.png", &scene);
    let run = studio.json(&["detect", "three.png", "--draw", "drawn/here"]).ended(0);
    assert_eq!(run.one("photo")["drawn"], json!({"text": "drawn/here/three.jpg"}));
    let drawn = decode(&studio.path("drawn/here/three.jpg"));
    assert_eq!((drawn.width(), drawn.height()), (600, 300));
    // The box of the largest face is green at the middle of its left edge, where the photo is magenta and grey.
    let green = |x: u32| drawn.pixel(x, 140)[1] > 120 && drawn.pixel(x, 140)[0] < 120;
    assert!((215..225).any(green), "no box was drawn");
}

#[test]
fn pictures_never_take_the_place_of_photos() {
    let studio = Studio::new();
    studio.portrait("in/ada.jpg", 1);
    studio.portrait("here.jpg", 1);
    let before = fs::read(studio.path("in/ada.jpg")).unwrap();
    for command in [
        &["detect", "in", "--draw", "in"][..],
        &["detect", "in/ada.jpg", "--draw", "in/../in"],
        &["detect", "here.jpg", "--draw", "."],
        &["align", "in", "--out", "in"],
    ] {
        studio.omote(command).failed_with(&["holds photos that are read", "name another folder"]);
    }
    assert_eq!(fs::read(studio.path("in/ada.jpg")).unwrap(), before);
    studio.omote(&["detect", "in", "--draw", "here.jpg"]).failed_with(&["cannot create here.jpg"]);
    // Into the same folder again is what one does after a change of flags.
    studio.omote(&["detect", "in", "--draw", "drawn"]).ended(0);
    studio.omote(&["detect", "in", "--draw", "drawn"]).ended(0);
}

#[test]
fn a_hundred_faces_are_found() {
    let studio = Studio::new();
    let crowd = (0..100)
        .fold(Scene::new(640, 640), |crowd, n| crowd.face(n, 8 + n % 10 * 64, 8 + n / 10 * 64, 40 + n % 5));
    studio.photo("crowd.png", &crowd);
    let run = studio.json(&["embed", "crowd.png"]).ended(0);
    let photo = run.one("photo");
    assert_eq!(faces(&photo).len(), 100);
    for truth in crowd.faces() {
        assert!(faces(&photo).iter().any(|face| bounds(face).iou(&truth.bounds) > 0.7), "{:?}", truth.bounds);
    }
}

#[test]
fn faces_at_the_border_are_found_and_cut_out() {
    let studio = Studio::new();
    let scene = Scene::new(300, 300).face(4, 0, 0, 90).face(5, 210, 210, 90);
    studio.photo("border.jpg", &scene);
    let run = studio.json(&["align", "border.jpg", "--out", "crops"]).ended(0);
    assert_eq!(run.all("crop").len(), 2);
    for crop in run.all("crop") {
        let found = bounds(&crop["face"]);
        assert!(scene.faces().iter().any(|truth| truth.bounds.iou(&found) > 0.8), "{found:?}");
    }
    // A face that is cut in two by the border is no reason to fail, found or not.
    studio.photo("cut.jpg", &Scene::new(300, 300).face(6, 255, 100, 90));
    let run = studio.json(&["detect", "cut.jpg"]);
    assert!(run.code < 2, "{run:?}");
}

#[test]
fn max_faces_keeps_the_largest() {
    let studio = Studio::new();
    let scene = three_people();
    studio.photo("three.jpg", &scene);
    let run = studio.json(&["detect", "three.jpg", "--max-faces", "1"]).ended(0);
    let photo = run.one("photo");
    assert_eq!(faces(&photo).len(), 1);
    assert!(bounds(&faces(&photo)[0]).iou(&scene.faces()[1].bounds) > 0.85);
}

#[test]
fn min_face_leaves_small_faces_out() {
    let studio = Studio::new();
    studio.photo("three.jpg", &three_people());
    for (smallest, left) in [("0", 3), ("90", 2), ("130", 1), ("400", 0)] {
        let run = studio.json(&["detect", "three.jpg", "--min-face", smallest]);
        assert_eq!(faces(&run.one("photo")).len(), left, "--min-face {smallest}");
        assert_eq!(run.code, i32::from(left == 0));
    }
}

#[test]
fn score_leaves_doubtful_faces_out() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    // The painted detector is never sure beyond 0.9933.
    studio.json(&["detect", "ada.jpg", "--score", "0.99"]).ended(0);
    studio.json(&["detect", "ada.jpg", "--score", "1"]).ended(1);
    for wrong in ["1.5", "-0.1", "NaN", "high"] {
        studio
            .omote(&["detect", "ada.jpg", &format!("--score={wrong}")])
            .failed_with(&["--score", "expected a number from 0 to 1"]);
    }
}

#[test]
fn detect_size_is_auto_native_or_a_number() {
    let studio = Studio::new();
    let scene = three_people();
    studio.photo("three.jpg", &scene);
    for size in ["auto", "native", "320", "640"] {
        let run = studio.json(&["detect", "three.jpg", "--detect-size", size]).ended(0);
        assert_eq!(faces(&run.one("photo")).len(), 3, "--detect-size {size}");
    }
    for size in ["0", "31", "5000", "large", "320x320"] {
        studio
            .omote(&["detect", "three.jpg", "--detect-size", size])
            .failed_with(&["--detect-size", "write auto, native or a number of pixels from 32 to 4096"]);
    }
}

#[test]
fn a_size_that_the_detector_cannot_run_at_is_refused_once() {
    let studio = Studio::new();
    (0..5).for_each(|person| studio.portrait(format!("in/{person}.jpg"), person));
    let run = studio.json(&["detect", "in", "--detect-size", "333"]).ended(2);
    assert!(run.error().contains("multiples of 32, for example 352 (--detect-size)"), "{run:?}");
    assert_eq!(run.summary()["reason"], "the command failed");
}

#[test]
fn a_photo_too_large_for_its_native_size_is_refused_with_a_remedy() {
    let studio = Studio::new();
    studio.write("wide.png", &imaging::encode_png(&Image::new(4200, 40)).unwrap());
    studio.portrait("ada.jpg", 1);
    let run = studio.json(&["detect", "wide.png", "ada.jpg", "--detect-size", "native"]).ended(2);
    assert!(run.error().contains("4200x40"), "{run:?}");
    assert!(run.error().contains("use auto or a number (--detect-size)"), "{run:?}");
    assert_eq!(faces(&run.one("photo")).len(), 1);
}

#[test]
fn a_turned_photo_shows_its_face_when_rotations_are_tried() {
    let studio = Studio::new();
    let scene = Scene::new(260, 200).face(7, 30, 40, 90);
    studio.photo("upright.png", &scene);
    for (turn, back) in
        [(Rotation::Quarter, 270), (Rotation::Half, 180), (Rotation::ThreeQuarter, 90), (Rotation::None, 0)]
    {
        let turned = image(&scene).rotated(turn);
        studio.write("turned.png", &imaging::encode_png(&turned).unwrap());
        let plain = studio.json(&["detect", "turned.png"]);
        assert_eq!(plain.code, i32::from(back != 0), "{turn:?}");

        let run = studio.json(&["detect", "turned.png", "--try-rotations"]).ended(0);
        let photo = run.one("photo");
        assert_eq!((&photo["width"], &photo["height"]), (&json!(turned.width()), &json!(turned.height())));
        let face = &faces(&photo)[0];
        assert_eq!(face.get("rotation").and_then(Value::as_u64).unwrap_or(0), back, "{turn:?}");
        assert!(bounds(face).x2 <= turned.width() as f32 + 2.0, "the box is in the photo as it lies");

        // What is cut out and embedded is upright.
        studio
            .omote(&["verify", "upright.png", "turned.png", "--try-rotations", "--threshold", "0.9"])
            .ended(0);
    }
}

#[test]
fn the_exif_orientation_is_obeyed() {
    let studio = Studio::new();
    let scene = Scene::new(260, 200).face(7, 30, 40, 90);
    // Stored lying on its left side, with the note that it is to be turned clockwise by 90 degrees.
    let lying = imaging::encode_jpeg(&image(&scene).rotated(Rotation::ThreeQuarter), 92).unwrap();
    studio.write("noted.jpg", &with_orientation(&lying, 6));
    studio.write("lost.jpg", &lying);
    studio.json(&["detect", "lost.jpg"]).ended(1);
    let run = studio.json(&["detect", "noted.jpg"]).ended(0);
    let photo = run.one("photo");
    assert_eq!((&photo["width"], &photo["height"]), (&json!(260), &json!(200)));
    assert!(bounds(&faces(&photo)[0]).iou(&scene.faces()[0].bounds) > 0.85);
}

/// A JPEG file with an EXIF block that says only how it is turned.
fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    let length = (exif.len() + 2) as u16;
    let segment = [&[0xff, 0xe1][..], &length.to_be_bytes(), &exif].concat();
    [&jpeg[..2], &segment, &jpeg[2..]].concat()
}

#[test]
fn align_cuts_upright_faces_out() {
    let studio = Studio::new();
    studio.portrait("a/ada.jpg", 1);
    studio.portrait("b/ada.jpg", 2);
    studio.photo("three.jpg", &three_people());
    let run = studio.json(&["align", "a", "b", "three.jpg", "--out", "crops"]).ended(0);
    let paths: Vec<Value> = run.all("crop").iter().map(|crop| crop["path"]["text"].clone()).collect();
    // Photos of one name get names of their own.
    let expected = ["ada_1.png", "ada~2_1.png", "three_1.png", "three_2.png", "three_3.png"]
        .map(|name| format!("crops/{name}"));
    assert_eq!(paths, expected);
    for path in expected {
        let crop = decode(&studio.path(path));
        assert_eq!((crop.width(), crop.height()), (112, 112));
    }
    // A crop is the person it was cut from.
    let aligned = ["--aligned", "--threshold", "0.9"];
    studio.omote(&[&["verify", "crops/ada_1.png", "crops/three_1.png"][..], &aligned].concat()).ended(0);
    studio.omote(&[&["verify", "crops/ada_1.png", "crops/three_2.png"][..], &aligned].concat()).ended(1);
}

#[test]
fn embed_gives_unit_vectors() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    for flags in [&[][..], &["--flip"]] {
        let run = studio.json(&[&["embed", "ada.jpg"][..], flags].concat()).ended(0);
        let photo = run.one("photo");
        let vector = faces(&photo)[0]["embedding"].as_array().unwrap();
        assert_eq!(vector.len(), fixtures::models::DIMENSION);
        let length: f64 = vector.iter().map(|value| value.as_f64().unwrap().powi(2)).sum();
        assert!((length - 1.0).abs() < 1e-4, "{length}");
        assert!(faces(&photo)[0]["magnitude"].as_f64().unwrap() > 0.0);
        assert_eq!(run.summary()["ran"]["embedder"]["flip"], !flags.is_empty());
    }
    let run = studio.omote(&["embed", "ada.jpg"]).ended(0);
    assert!(run.stdout.contains("ada.jpg: face 1") && run.stdout.contains("64 values"), "{run:?}");
}

#[test]
fn an_aligned_crop_needs_no_detector() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    studio.omote(&["align", "ada.jpg", "--out", "crops"]).ended(0);
    fs::remove_dir_all(studio.path("models/detector")).unwrap();
    let run = studio.json(&["embed", "--aligned", "crops/ada_1.png"]).ended(0);
    assert_eq!(faces(&run.one("photo"))[0]["alignment"], "given");
    assert_eq!(run.summary()["ran"]["detector"], Value::Null);
    studio.omote(&["embed", "ada.jpg"]).failed_with(&["no model of kind `detector`", "--models"]);
}

#[test]
fn folders_are_searched_to_the_bottom_and_globs_are_expanded() {
    let studio = Studio::new();
    for name in ["in/b/deep/2.jpg", "in/a/1.jpg", "in/c.PNG", "in/notes.txt", "in/[odd].jpg"] {
        studio.portrait(name, 1);
    }
    let paths = |arguments: &[&str]| -> Vec<Value> {
        let run = studio.json(&[&["detect"], arguments].concat()).ended(0);
        run.all("photo").iter().map(|photo| photo["path"]["text"].clone()).collect()
    };
    assert_eq!(paths(&["in"]), ["in/[odd].jpg", "in/a/1.jpg", "in/b/deep/2.jpg", "in/c.PNG"]);
    assert_eq!(paths(&["in/*/*.jpg"]), ["in/a/1.jpg"]);
    assert_eq!(
        paths(&["in/**/*.jpg", "in/c.*"]),
        ["in/[odd].jpg", "in/a/1.jpg", "in/b/deep/2.jpg", "in/c.PNG"]
    );
    // A file of that very name is no pattern.
    assert_eq!(paths(&["in/[odd].jpg"]), ["in/[odd].jpg"]);
}

#[test]
fn photos_are_answered_in_order_whoever_is_done_first() {
    let studio = Studio::new();
    let big = Scene::new(900, 900).face(1, 300, 300, 200);
    for n in 0..12 {
        let scene = if n % 3 == 0 { &big } else { &portrait(1) };
        studio.photo(format!("in/{n:02}.jpg"), scene);
    }
    for threads in ["1", "2", "5"] {
        let run = studio.json(&["detect", "in", "--threads", threads]).ended(0);
        let paths: Vec<Value> = run.all("photo").iter().map(|photo| photo["path"]["text"].clone()).collect();
        let expected: Vec<String> = (0..12).map(|n| format!("in/{n:02}.jpg")).collect();
        assert_eq!(paths, expected, "--threads {threads}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_that_is_not_utf8_is_read_and_written_as_bytes() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    use crate::support::Run;

    let studio = Studio::new();
    let odd = Path::new(OsStr::from_bytes(b"in/\xff\xfe.jpg"));
    studio.portrait(odd, 1);
    let expected = json!({"bytes": "aW4v//4uanBn"});
    for arguments in [
        [OsStr::new("--json"), OsStr::new("detect"), odd.as_os_str()],
        [OsStr::new("--json"), OsStr::new("detect"), OsStr::new("in")],
    ] {
        let run = Run::of(studio.command(&arguments)).ended(0);
        assert_eq!(run.one("photo")["path"], expected);
    }
    // Its errors too.
    studio.write(odd, b"no picture");
    let run = studio.json(&["detect", "in"]).ended(2);
    assert_eq!(run.one("error")["path"], expected);
}
