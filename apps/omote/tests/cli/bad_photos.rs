//! Photos that are none, or not whole: each is named with what to do, and the others are still processed.

use fixtures::photo::Scene;
use serde_json::{Value, json};

use crate::support::{Studio, portrait};

/// Detects in a bad file and a good photo: the bad one must be named with `words`, the good one still be processed.
#[track_caller]
fn refused(name: &str, bytes: &[u8], words: &[&str]) {
    let studio = Studio::new();
    studio.portrait("in/a.jpg", 1);
    studio.write(format!("in/{name}"), bytes);
    studio.portrait("in/z.jpg", 2);
    let bad = format!("in/{name}");
    let run = studio.json(&["detect", "in/a.jpg", &bad, "in/z.jpg"]).ended(2);
    let error = run.one("error");
    assert_eq!(error["path"], json!({"text": bad}));
    for word in words {
        assert!(run.error().contains(word), "`{word}` is not in: {}", run.error());
    }
    let good: Vec<usize> =
        run.all("photo").iter().map(|photo| photo["faces"].as_array().unwrap().len()).collect();
    assert_eq!(good, [1, 1], "{run:?}");
    let summary = run.summary();
    assert_eq!((&summary["photos"], &summary["failed"]), (&json!(3), &json!(1)));
    assert_eq!(summary["reason"], "some input failed");

    let words_run = studio.omote(&["detect", &bad, "in/z.jpg"]);
    words_run.failed_with(&["omote: ", &bad, words[0]]);
}

#[test]
fn truncated() {
    let whole = portrait(3).jpeg(90);
    refused("cut.jpg", &whole[..whole.len() / 2], &["truncated", "download it again"]);
    let whole = portrait(3).png();
    refused("cut.png", &whole[..whole.len() / 2], &["end", "download it again"]);
    refused("head.jpg", &portrait(3).jpeg(90)[..4], &["JPEG", "download it again"]);
}

#[test]
fn zero_bytes() {
    refused("empty.jpg", b"", &["empty", "0 bytes", "download it again"]);
}

#[test]
fn no_picture_under_a_pictures_name() {
    refused("letter.jpg", b"Dear Ada, please find enclosed\n", &["not a picture", "supported are JPEG, PNG"]);
    refused("page.png", b"<!DOCTYPE html><html></html>", &["not a picture"]);
    refused("clip.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", &["HEI", "not supported", ";"]);
    refused("noise.jpg", &[0xde, 0xad, 0xbe, 0xef].repeat(500), &["not a picture"]);
}

#[test]
fn a_header_that_claims_sixty_thousand_pixels_squared() {
    refused(
        "bomb.png",
        &png_header(60_000, 60_000),
        &["60000 x 60000 pixels", "more than the limit", "raise the limit (--max-megapixels)"],
    );
}

/// A PNG file that announces a size and ends.
fn png_header(width: u32, height: u32) -> Vec<u8> {
    let mut chunk = b"IHDR".to_vec();
    chunk.extend(width.to_be_bytes());
    chunk.extend(height.to_be_bytes());
    chunk.extend([8, 2, 0, 0, 0]);
    let crc = !chunk.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    });
    let data = [&b"\0\0\0\x04IDAT\x78\x9c\x03\0"[..], &[0, 0, 0, 0]].concat();
    [&b"\x89PNG\r\n\x1a\n\0\0\0\x0d"[..], &chunk, &crc.to_be_bytes(), &data].concat()
}

#[test]
fn the_size_limit_is_a_flag() {
    let studio = Studio::new();
    studio.photo("wide.png", &Scene::new(1250, 1000).face(1, 300, 300, 220));
    studio.omote(&["detect", "wide.png", "--max-megapixels", "2"]).ended(0);
    let run = studio.json(&["detect", "wide.png", "--max-megapixels", "1"]).ended(2);
    assert!(run.error().contains("1250 x 1000 pixels"), "{run:?}");
    assert!(run.error().contains("--max-megapixels"), "the remedy is not named: {}", run.error());
}

#[test]
fn a_photo_that_needs_more_memory_than_all_may_use() {
    let studio = Studio::new();
    studio.photo("wide.png", &Scene::new(1250, 1000));
    studio.portrait("ada.jpg", 1);
    let run = studio.json(&["detect", "wide.png", "ada.jpg", "--memory", "2"]).ended(2);
    assert!(run.error().contains("raise --memory"), "{run:?}");
    assert_eq!(run.all("photo").len(), 1);
}

#[test]
fn what_is_not_there() {
    let studio = Studio::new();
    studio.portrait("ada.jpg", 1);
    for (missing, reason) in
        [("nobody.jpg", "No such file"), ("no/where", "No such file"), ("*.gif", "matches no file")]
    {
        let run = studio.json(&["detect", missing, "ada.jpg"]).ended(2);
        assert_eq!(run.one("error")["path"], json!({"text": missing}));
        assert!(run.error().contains(reason) || cfg!(windows), "{run:?}");
        assert_eq!(run.all("photo").len(), 1);
    }
    std::fs::create_dir(studio.path("bare")).unwrap();
    let run = studio.json(&["detect", "bare"]).ended(2);
    assert!(run.error().contains("holds no photo"), "{run:?}");
    let run = studio.omote(&["detect"]).ended(2);
    assert!(run.stderr.contains("<PHOTO>"), "{run:?}");
}

#[test]
fn a_wrong_extension_is_no_obstacle() {
    let studio = Studio::new();
    studio.write("png.jpg", &portrait(1).png());
    studio.write("jpeg.png", &portrait(2).jpeg(90));
    studio.write("photo.txt", &portrait(3).jpeg(90));
    studio.write("photo", &portrait(4).png());
    let run = studio.json(&["detect", "png.jpg", "jpeg.png", "photo.txt", "photo"]).ended(0);
    assert_eq!(run.summary()["faces"], 4);
}

#[test]
fn one_pixel_is_a_photo_without_a_face() {
    let studio = Studio::new();
    for size in [(1, 1), (1, 400), (2, 1), (33, 2)] {
        studio.photo("dot.png", &Scene::new(size.0, size.1));
        for flags in [&[][..], &["--try-rotations"], &["--detect-size", "native"], &["--detect-size", "640"]]
        {
            let run = studio.json(&[&["detect", "dot.png"][..], flags].concat()).ended(1);
            assert_eq!(run.one("photo")["faces"], json!([]), "{size:?} {flags:?}");
        }
        studio.json(&["embed", "--aligned", "dot.png"]);
    }
}

#[test]
fn a_folder_with_a_photos_name_is_a_folder() {
    let studio = Studio::new();
    studio.portrait("in/album.jpg/a.jpg", 1);
    let run = studio.json(&["detect", "in"]).ended(0);
    assert_eq!(run.one("photo")["path"], json!({"text": "in/album.jpg/a.jpg"}));
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read() {
    use std::fs::{self, File, Permissions};
    use std::os::unix::fs::PermissionsExt;

    let studio = Studio::new();
    studio.portrait("in/a.jpg", 1);
    studio.portrait("in/secret.jpg", 2);
    fs::set_permissions(studio.path("in/secret.jpg"), Permissions::from_mode(0o000)).unwrap();
    if File::open(studio.path("in/secret.jpg")).is_ok() {
        eprintln!("skipped: this user may read everything");
        return;
    }
    let run = studio.json(&["detect", "in"]).ended(2);
    assert!(run.error().contains("Permission denied"), "{run:?}");
    assert_eq!(run.all("photo").len(), 1);
}

#[cfg(unix)]
#[test]
fn what_is_neither_file_nor_folder() {
    use std::os::unix::fs::symlink;
    use std::process::Command;

    let studio = Studio::new();
    studio.portrait("in/a.jpg", 1);
    symlink("nowhere.jpg", studio.path("in/dangling.jpg")).unwrap();
    let run = studio.json(&["detect", "in"]).ended(2);
    assert_eq!(run.one("error")["path"], json!({"text": "in/dangling.jpg"}));
    assert_eq!(run.all("photo").len(), 1);
    // A pipe would be waited for, for ever.
    if Command::new("mkfifo").arg(studio.path("pipe.jpg")).status().is_ok_and(|status| status.success()) {
        let run = studio.json(&["detect", "pipe.jpg", "in/a.jpg"]).ended(2);
        assert!(run.error().contains("not a file"), "{run:?}");
    }
    let run = studio.json(&["detect", "/dev/null", "/dev/zero", "in/a.jpg"]).ended(2);
    assert_eq!(run.all("error").len(), 2);
}

#[cfg(unix)]
#[test]
fn a_loop_of_folders_is_reported_and_left() {
    let studio = Studio::new();
    studio.portrait("in/a.jpg", 1);
    studio.portrait("in/deep/b.jpg", 2);
    std::os::unix::fs::symlink("..", studio.path("in/deep/loop")).unwrap();
    let run = studio.json(&["detect", "in"]).ended(2);
    assert_eq!(run.one("error")["path"], json!({"text": "in/deep/loop"}));
    assert!(run.error().contains("link back to in") && run.error().contains("remove the link"), "{run:?}");
    assert_eq!(run.all("photo").len(), 2);
}

#[test]
fn one_bad_photo_among_two_hundred() {
    let studio = Studio::new();
    let (face, cut) = (Scene::new(96, 96).face(1, 24, 24, 48).jpeg(90), portrait(1).jpeg(90));
    for n in 0..200 {
        let bytes = if n == 117 { &cut[..cut.len() / 2] } else { &face[..] };
        studio.write(format!("in/{n:03}.jpg"), bytes);
    }
    let run = studio.json(&["detect", "in"]).ended(2);
    assert_eq!(run.one("error")["path"], json!({"text": "in/117.jpg"}));
    let photos = run.all("photo");
    assert_eq!(photos.len(), 199);
    assert!(photos.iter().all(|photo| photo["faces"].as_array().is_some_and(|faces| faces.len() == 1)));
    let summary = run.summary();
    let counts = [&summary["photos"], &summary["failed"], &summary["faces"]];
    assert_eq!(counts, [&json!(200), &json!(1), &json!(199)]);
}

#[test]
fn a_picture_too_wide_to_be_drawn_is_still_answered() {
    let studio = Studio::new();
    // JPEG, the format of drawn pictures, ends at 65,535 pixels.
    studio.write("scroll.png", &imaging::encode_png(&imaging::Image::new(66_000, 8)).unwrap());
    studio.portrait("ada.jpg", 1);
    let run = studio.json(&["detect", "scroll.png", "ada.jpg", "--draw", "drawn"]).ended(2);
    assert!(run.error().contains("66000 x 8"), "{run:?}");
    let drawn: Vec<Value> = run.all("photo").iter().map(|photo| photo["drawn"].clone()).collect();
    assert!(drawn.contains(&json!({"text": "drawn/ada.jpg"})), "{run:?}");
}
