//! Export and import.

use omote_gallery::{Error, Exchanged, Gallery};

use crate::support::*;

fn exported(gallery: &Gallery) -> Vec<u8> {
    let mut out = Vec::new();
    gallery.export(&mut out, true).unwrap();
    out
}

/// A gallery with everything that an export can hold.
fn rich(folder: &std::path::Path) -> Gallery {
    let mut gallery = filled(folder, 3, 2);
    let mut face = face(77);
    face.source.path = b"\xff not utf-8 \xfe".to_vec();
    face.source.landmarks = None;
    face.crop = Some((0..=255).collect());
    face.quality = 0.1 + 0.2;
    enroll(&mut gallery, "面 \"quoted\"\n👩🏽‍🚀", &face);
    gallery.not_this_person(&source(1000), "person 2").unwrap();
    gallery
}

#[test]
fn everything_comes_back_bit_for_bit() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = rich(a.path());
    let text = exported(&first);
    assert_eq!(text.iter().filter(|&&byte| byte == b'\n').count(), 1 + 4 + 7 + 1);
    let mut second = Gallery::create(b.path(), &model(1)).unwrap();
    let done = second.import(&text[..]).unwrap();
    assert_eq!(done, Exchanged { people: 4, enrolments: 7, marks: 1, skipped: 0 });
    assert_eq!(exported(&second), text);
    for (one, two) in
        first.enrolments(None, None, 99).unwrap().iter().zip(second.enrolments(None, None, 99).unwrap())
    {
        assert_eq!(first.vector(one.id).unwrap(), second.vector(two.id).unwrap());
        assert_eq!(first.crop(one.id).unwrap(), second.crop(two.id).unwrap());
        assert_eq!((&one.source, one.quality, one.created), (&two.source, two.quality, two.created));
    }
    sound(&mut second);

    let again = second.import(&text[..]).unwrap();
    assert_eq!(again, Exchanged { people: 0, enrolments: 0, marks: 0, skipped: 7 });
    let mut slim = Vec::new();
    first.export(&mut slim, false).unwrap();
    assert!(slim.len() < text.len() && String::from_utf8(slim).unwrap().contains("\"crop\":null"));
}

#[test]
fn another_model_is_refused() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let text = exported(&filled(a.path(), 1, 1));
    let mut other = Gallery::create(b.path(), &model(2)).unwrap();
    assert!(matches!(other.import(&text[..]), Err(Error::DifferentModel { .. })));
}

#[test]
fn anything_wrong_imports_nothing_and_names_the_line() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let text = String::from_utf8(exported(&rich(a.path()))).unwrap();
    let mut gallery = Gallery::create(b.path(), &model(1)).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without_last = lines[..lines.len() - 1].join("\n");
    let cases: Vec<(String, u64)> = vec![
        (String::new(), 1),
        ("not json\n".to_owned(), 1),
        (text.replacen("\"version\":1", "\"version\":2", 1), 1),
        (text.replacen("omote-gallery", "other", 1), 1),
        (without_last, 13),
        (format!("{text}{}\n", lines[1]), 15),
        (text.replacen("\"type\":\"person\"", "\"type\":\"robot\"", 1), 2),
        (text.replacen("\"name\":\"person 1\"", "\"name\":\"\"", 1), 3),
        (text.replacen("\"created\"", "\"extra\":1,\"created\"", 1), 2),
        (text.replacen("\"name\":\"person 1\"", "\"name\":\"somebody else\"", 1), 8),
        (text.replacen("\"vector\":\"", "\"vector\":\"!", 1), 6),
        (text.replacen("\"vector\":\"", "\"vector\":\"AAAA", 1), 6),
        (text.replacen("\"quality\":", "\"quality\":-", 1), 6),
        (text.replacen("\"sha256\":\"", "\"sha256\":\"0", 1), 6),
        (text.replacen("\"bounds\":[", "\"bounds\":[1e39,", 1), 6),
        (text.replacen("\"flip\":false,\"engine\"", "\"flip\":true,\"engine\"", 1), 6),
        (text.replacen("\"magnitude\":", "\"magnitude\":1e999,\"x\":", 1), 6),
        (text[..text.len() / 2].to_owned(), 9),
    ];
    for (at, (text, line)) in cases.iter().enumerate() {
        match gallery.import(text.as_bytes()).unwrap_err() {
            Error::Import { line: found, reason } => assert_eq!(found, *line, "case {at}: {reason}"),
            other => panic!("case {at}: {other}"),
        }
        let stats = gallery.stats().unwrap();
        assert_eq!((stats.people, stats.enrolments, stats.marks), (0, 0, 0), "case {at}");
    }
    gallery.import(text.as_bytes()).unwrap();
    sound(&mut gallery);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 200, ..Default::default() })]

    #[test]
    fn no_damaged_export_is_imported_in_part(at in 0usize..4000, byte: u8) {
        use std::sync::{LazyLock, Mutex};
        static STATE: LazyLock<(tempfile::TempDir, Vec<u8>, Mutex<Gallery>)> = LazyLock::new(|| {
            let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
            let text = exported(&rich(a.path()));
            let gallery = Gallery::create(b.path(), &model(1)).unwrap();
            (b, text, Mutex::new(gallery))
        });
        let (_, text, gallery) = &*STATE;
        let mut damaged = text.clone();
        let at = at % damaged.len();
        damaged[at] = byte;
        let mut gallery = gallery.lock().unwrap();
        if gallery.import(&damaged[..]).is_ok() {
            let names: Vec<String> = gallery.people(None, 99).unwrap().into_iter().map(|person| person.name).collect();
            proptest::prop_assert_eq!(names.len(), 4);
            gallery.forget_people(&names.iter().map(String::as_str).collect::<Vec<_>>()).unwrap();
        }
        let stats = gallery.stats().unwrap();
        proptest::prop_assert_eq!((stats.people, stats.enrolments), (0, 0));
    }
}
