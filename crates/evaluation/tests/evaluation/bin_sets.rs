//! InsightFace's `.bin` sets.

use std::path::PathBuf;

use omote_evaluation::{BinSet, Error, evaluate_photos, read_bin};
use proptest::prelude::*;
use tempfile::TempDir;

use crate::layouts::write;

fn read(content: &[u8]) -> Result<BinSet, Error> {
    let dir = tempfile::tempdir().unwrap();
    read_bin(&file(&dir, content))
}

fn file(dir: &TempDir, content: &[u8]) -> PathBuf {
    write(dir.path(), "agedb_30.bin", content);
    dir.path().join("agedb_30.bin")
}

fn message(content: &[u8]) -> String {
    read(content).unwrap_err().to_string()
}

/// Where Python 2 pickles with protocol 2, its list of 1,000 items and more, with numbered values.
fn python_2(pictures: &[Vec<u8>], same: &[bool]) -> Vec<u8> {
    let mut out = b"\x80\x02".to_vec();
    let mut remembered = 0_u32;
    let mut remember = |out: &mut Vec<u8>| {
        remembered += 1;
        match u8::try_from(remembered) {
            Ok(index) => out.extend([b'q', index]),
            Err(_) => {
                out.push(b'r');
                out.extend(remembered.to_le_bytes());
            }
        }
    };
    out.push(b']');
    remember(&mut out);
    for batch in pictures.chunks(1000) {
        out.push(b'(');
        for picture in batch {
            match u8::try_from(picture.len()) {
                Ok(length) => out.extend([b'U', length]),
                Err(_) => {
                    out.push(b'T');
                    out.extend((picture.len() as u32).to_le_bytes());
                }
            }
            out.extend(picture);
            remember(&mut out);
        }
        out.push(b'e');
    }
    out.push(b']');
    remember(&mut out);
    for batch in same.chunks(1000) {
        match batch {
            [one] => out.extend([if *one { 0x88 } else { 0x89 }, b'a']),
            batch => {
                out.push(b'(');
                out.extend(batch.iter().map(|same| if *same { 0x88 } else { 0x89 }));
                out.push(b'e');
            }
        }
    }
    out.extend(b"\x86.");
    out
}

/// What Python 3.13's `pickle.dumps(([one, two, one, three], [True, False]), protocol=3)` writes.
const PROTOCOL_3: &[u8] =
    b"\x80\x03]q\x00(C\x05\xff\xd8oneq\x01C\x05\xff\xd8twoq\x02h\x01C\x07\xff\xd8threeq\x03e]q\x04\
    (\x88\x89e\x86q\x05.";

/// The same with protocol 4.
const PROTOCOL_4: &[u8] =
    b"\x80\x04\x95)\x00\x00\x00\x00\x00\x00\x00]\x94(C\x05\xff\xd8one\x94C\x05\xff\xd8two\x94h\x01\
    C\x07\xff\xd8three\x94e]\x94(\x88\x89e\x86\x94.";

#[test]
fn files_of_every_python() {
    let long = "x".repeat(256);
    // Written by cPickle and pickle of Python 2.7.18, protocol 2.
    let c_pickle = [
        b"\x80\x02]q\x01(U\x05\xff\xd8oneq\x02U\x05\xff\xd8twoq\x03U\x07\xff\xd8threeq\x04T\x00\x01\x00\x00",
        long.as_bytes(),
        b"q\x05e]q\x06(\x88\x89e\x86.",
    ]
    .concat();
    let pickle = [
        b"\x80\x02]q\x00(U\x05\xff\xd8oneq\x01U\x05\xff\xd8twoq\x02U\x07\xff\xd8threeq\x03T\x00\x01\x00\x00",
        long.as_bytes(),
        b"q\x04e]q\x05(\x88\x89e\x86q\x06.",
    ]
    .concat();
    let (one, two, three): (&[u8], &[u8], &[u8]) = (b"\xff\xd8one", b"\xff\xd8two", b"\xff\xd8three");
    let protocol_5 = [b"\x80\x05", &PROTOCOL_4[2..]].concat();
    let cases: [(&[u8], [&[u8]; 4]); 5] = [
        (&c_pickle, [one, two, three, long.as_bytes()]),
        (&pickle, [one, two, three, long.as_bytes()]),
        // The picture that stands twice is a reference to the memo.
        (PROTOCOL_3, [one, two, one, three]),
        (PROTOCOL_4, [one, two, one, three]),
        (&protocol_5, [one, two, one, three]),
    ];
    for (content, pictures) in cases {
        let set = read(content).unwrap();
        assert_eq!(set.images().collect::<Vec<_>>(), pictures);
        assert_eq!(set.same(), [true, false]);
    }
}

#[test]
fn a_set_of_real_size_becomes_ten_folds() {
    let pictures: Vec<Vec<u8>> = (0..4802_usize).map(|i| vec![i as u8; 60 + i % 300]).collect();
    let same: Vec<bool> = (0..2401).map(|i| i / 120 % 2 == 0).collect();
    let dir = tempfile::tempdir().unwrap();
    let set = read_bin(&file(&dir, &python_2(&pictures, &same))).unwrap();
    assert!(set.images().eq(pictures.iter().map(Vec::as_slice)));
    assert_eq!(set.image(4801), Some(&pictures[4801][..]));
    assert_eq!(set.image(4802), None);

    let protocol = set.protocol();
    assert_eq!((protocol.name.as_str(), protocol.identities.as_ref()), ("agedb_30", None));
    assert_eq!(protocol.images.len(), 4802);
    assert_eq!(protocol.images[17], PathBuf::from("agedb_30.bin#17"));
    assert!(protocol.pairs.iter().zip(0..).all(|(pair, i)| (pair.a, pair.b) == (2 * i, 2 * i + 1)));
    assert_eq!(
        (protocol.folds.len(), protocol.folds[0].clone(), protocol.folds[9].clone()),
        (10, 0..241, 2161..2401)
    );

    // The pictures of a pair are told apart by their bytes here: the report is that of any other protocol.
    let lengths: Vec<Option<usize>> = set.images().map(|picture| Some(picture.len())).collect();
    let report = evaluate_photos(&protocol, &lengths, |a, b| -(a.abs_diff(*b) as f32)).unwrap();
    assert_eq!(
        (report.pairs(), report.same_pairs, report.photos),
        (2401, same.iter().filter(|same| **same).count(), 4802)
    );
}

#[test]
fn what_is_no_such_set_is_refused() {
    let pair = |pictures: &[&[u8]], same: &[bool]| {
        python_2(&pictures.iter().map(|picture| picture.to_vec()).collect::<Vec<_>>(), same)
    };
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (b"".to_vec(), "at byte 0: this is no pickle of protocol 2 to 5"),
        (b"\xff\xd8\xff\xe0JFIF".to_vec(), "this is no pickle"),
        (b"(lp0\n.".to_vec(), "this is no pickle of protocol 2 to 5"),
        (b"\x80\x06].".to_vec(), "protocol 6 is not one of 2 to 5"),
        (b"\x80\x04]".to_vec(), "the file ends in the middle"),
        (b"\x80\x04].".to_vec(), "not (list of pictures, list of labels)"),
        (b"\x80\x04]]].".to_vec(), "a third list"),
        (b"\x80\x04\x86.".to_vec(), "taken where there is none"),
        (b"\x80\x04(\x88t.".to_vec(), "does not hold exactly two lists"),
        (b"\x80\x04e.".to_vec(), "no beginning"),
        (b"\x80\x04\x88a.".to_vec(), "appended to what is no list"),
        (b"\x80\x04]q\x00h\x00a.".to_vec(), "holds something other than"),
        (b"\x80\x04h\x07.".to_vec(), "value 7 was never remembered"),
        (b"\x80\x04q\x07.".to_vec(), "remembered where there is none"),
        (b"\x80\x04]K\x02a.".to_vec(), "the number 2, where True or False"),
        (b"\x80\x04}.".to_vec(), "a dictionary"),
        // numpy.core.multiarray._reconstruct, and what would run a program elsewhere.
        (
            b"\x80\x02]q\x00cnumpy.core.multiarray\n_reconstruct\n.".to_vec(),
            "at byte 5: the pickle holds an object",
        ),
        (b"\x80\x04cos\nsystem\nX\x02\x00\x00\x00ls\x85R.".to_vec(), "never constructed from a file"),
        (b"\x80\x04]\x8c\x03abca.".to_vec(), "text, where the bytes of a picture"),
        (b"\x80\x04B\xff\xff\xff\xff".to_vec(), "4294967295 bytes are announced, but the file ends after 0"),
        (
            b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\xffabc".to_vec(),
            "bytes are announced, but the file ends after 3",
        ),
        ([PROTOCOL_3, b"more"].concat(), "4 bytes follow the end"),
        (pair(&[b"a", b"b", b"c"], &[true, false]), "3 pictures do not make 2 pairs"),
        (pair(&[b"a", b"b", b"c", b""], &[true, false]), "picture 3 (counted from 0) has no bytes"),
        (pair(&[b"a", b"b", b"c", b"d"], &[true, true]), "all 2 pairs are of the same person"),
        (pair(&[b"a", b"b"], &[false]), "all 1 pairs are of different people"),
        (pair(&[], &[]), "there is no pair"),
        (b"\x80\x04](\x88\x89e]\x88a\x86.".to_vec(), "a label stands in the list of pictures"),
        (b"\x80\x04]]U\x01aa\x86.".to_vec(), "a picture stands in the list of labels"),
    ];
    for (content, expected) in cases {
        let message = message(&content);
        assert!(message.contains("agedb_30.bin: "), "{message}");
        assert!(
            message.contains(expected),
            "{:?} gave {message}, not {expected}",
            content.escape_ascii().to_string()
        );
    }
}

#[test]
fn floods_of_tiny_values_are_stopped() {
    // A byte of each of these would cost a value of memory.
    for flood in [&b"\x88"[..], b"(", b"\x94", b"h\x00"] {
        let content = [b"\x80\x04]\x94", &flood.repeat(1 << 20)[..]].concat();
        let message = message(&content);
        assert!(message.contains("more values than"), "{message}");
    }
}

#[test]
fn one_and_zero_are_labels_too() {
    let labels = PROTOCOL_3.windows(2).position(|pair| pair == [0x88, 0x89]).unwrap();
    let content = [&PROTOCOL_3[..labels], b"K\x01K\x00", &PROTOCOL_3[labels + 2..]].concat();
    assert_eq!(read(&content).unwrap().same(), [true, false]);
}

#[test]
fn a_missing_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = read_bin(&dir.path().join("lfw.bin")).unwrap_err();
    assert!(matches!(error, Error::Read { .. }), "{error}");
    assert!(error.to_string().contains("a .bin set is one file"), "{error}");
    assert!(matches!(read_bin(dir.path()), Err(Error::Read { .. })));
}

/// A set that is read, to be damaged.
fn whole() -> Vec<u8> {
    let pictures: Vec<Vec<u8>> = (0..40).map(|i| vec![i; 20 + usize::from(i) * 10]).collect();
    python_2(&pictures, &[true, false].repeat(10))
}

/// What a set that was read must be: slices of the file, two for each label.
fn check(set: &BinSet, content: &[u8]) {
    assert_eq!(set.images().len(), 2 * set.same().len());
    assert!(set.images().all(|picture| !picture.is_empty() && picture.len() < content.len()));
    assert_eq!(set.protocol().pairs.len(), set.same().len());
}

proptest! {
    #[test]
    fn no_bytes_make_the_bin_reader_panic(body in prop::collection::vec(any::<u8>(), 0..300), version in 2_u8..6) {
        for content in [body.clone(), [&[0x80, version], &body[..]].concat()] {
            if let Ok(set) = read(&content) {
                check(&set, &content);
            }
        }
    }

    #[test]
    fn no_program_makes_the_bin_reader_panic(
        opcodes in prop::collection::vec(
            prop::sample::select(vec![
                &b"("[..], b"]", b"\x88", b"\x89", b"K\x01", b"a", b"e", b"t", b"\x86", b"q\x00", b"q\x01", b"h\x00",
                b"h\x01", b"\x94", b"U\x02ab", b"C\x01c", b"r\x02\x00\x00\x00", b"j\x02\x00\x00\x00", b".",
            ]),
            0..60,
        ),
    ) {
        let content = [b"\x80\x04", &opcodes.concat()[..]].concat();
        if let Ok(set) = read(&content) {
            check(&set, &content);
        }
    }

    #[test]
    fn damaged_sets_do_not_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut content = whole();
        for (at, byte) in changes {
            let at = at.index(content.len());
            content[at] = byte;
        }
        if let Ok(set) = read(&content) {
            check(&set, &content);
        }
    }

    #[test]
    fn cut_sets_are_never_half_read(cut in any::<prop::sample::Index>()) {
        let content = whole();
        prop_assert!(read(&content).is_ok());
        prop_assert!(read(&content[..cut.index(content.len())]).is_err());
    }
}
