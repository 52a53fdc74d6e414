//! ORL and Extended Yale B.

use std::fs;
use std::path::Path;

use omote_evaluation::{Error, IdentificationProtocol, read_orl, read_yale_b};
use tempfile::TempDir;

use crate::layouts::write;

/// Eleven people, so that `s10` must come after `s2`, with seven photos each.
fn orl(folder: &str, extension: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for person in 1..=11 {
        for photo in 1..=7 {
            write(dir.path(), &format!("{folder}s{person}/{photo}.{extension}"), "");
        }
    }
    write(dir.path(), &format!("{folder}README"), "");
    write(dir.path(), &format!("{folder}s1/Thumbs.db"), "");
    dir
}

#[test]
fn orl_in_each_of_its_layouts() {
    for folder in ["", "orl_faces/", "att_faces/"] {
        for extension in ["pgm", "png", "jpg"] {
            let dir = orl(folder, extension);
            let protocol = read_orl(dir.path()).unwrap();
            assert_eq!(protocol.name, "ORL");
            assert_eq!(
                (protocol.people.len(), protocol.people[1].as_str(), protocol.people[10].as_str()),
                (11, "s2", "s11")
            );
            assert_eq!((protocol.gallery.len(), protocol.probes.len()), (55, 22));
            assert_eq!((protocol.enrolled(), protocol.mated()), (11, 22));
            let path = |image: usize| protocol.images[image].path.clone();
            let at = |photo: &str| dir.path().join(format!("{folder}{photo}.{extension}"));
            assert_eq!((protocol.gallery[5].identity, path(protocol.gallery[5].images[0])), (1, at("s2/1")));
            let probe = &protocol.probes[21];
            assert_eq!((probe.identity, probe.person, probe.group), (Some(10), Some(10), None));
            assert_eq!(path(probe.images[0]), at("s11/7"));
            check(&protocol);
        }
    }
}

/// Every photo is a template of its own, and known to nobody but the disk.
fn check(protocol: &IdentificationProtocol) {
    let gallery = protocol.gallery.iter().map(|template| &template.images);
    let mut used: Vec<usize> =
        gallery.chain(protocol.probes.iter().map(|probe| &probe.images)).flatten().copied().collect();
    used.sort_unstable();
    assert!(used.into_iter().eq(0..protocol.images.len()));
    assert!(protocol.images.iter().all(|image| image.path.is_file() && image.landmarks.is_none()));
    assert!((0..).zip(protocol.images.iter()).all(|(media, image)| image.media == media));
}

struct Case {
    what: &'static str,
    damage: fn(&Path),
    expected: &'static str,
}

#[test]
fn orl_with_holes_is_refused() {
    let cases = [
        Case {
            what: "a photo is missing",
            damage: |root| fs::remove_file(root.join("s3/2.pgm")).unwrap(),
            expected: "1 of the 77 photos that the protocol names are missing",
        },
        Case {
            what: "somebody has more photos",
            damage: |root| write(root, "s3/8.pgm", ""),
            expected: "10 of the 88 photos",
        },
        Case {
            what: "nobody",
            damage: |root| {
                fs::read_dir(root).unwrap().for_each(|entry| {
                    let path = entry.unwrap().path();
                    if path.is_dir() {
                        fs::remove_dir_all(path).unwrap()
                    }
                })
            },
            expected: "there is nobody: folders s1, s2, ... were expected",
        },
        Case {
            what: "an absurd number",
            damage: |root| write(root, "s3/4000000000.pgm", ""),
            expected: "photo 4000000000, where numbers from 1 to 10 were expected",
        },
        Case {
            what: "too few photos",
            damage: |root| {
                for person in 1..=11 {
                    for photo in 5..=7 {
                        fs::remove_file(root.join(format!("s{person}/{photo}.pgm"))).unwrap();
                    }
                }
            },
            expected: "nobody has more than 4 photos, of which 5 are the gallery",
        },
    ];
    for Case { what, damage, expected } in cases {
        let dir = orl("", "pgm");
        damage(dir.path());
        let message = read_orl(dir.path()).unwrap_err().to_string();
        assert!(message.contains(expected), "{what}: {message}");
    }
    let message = read_orl(Path::new("no/such/folder")).unwrap_err().to_string();
    assert!(message.contains("ORL's folder holds s1, s2, ..."), "{message}");
}

/// Two people with a light of each subset, two of subset 1.
fn yale_b(folder: &str, extension: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for person in ["yaleB01", "yaleB39"] {
        let photo = |name: &str| write(dir.path(), &format!("{folder}{person}/{person}{name}"), "");
        for light in ["A+000E+00", "A-005E+10", "A+025E+00", "A-035E+40", "A+070E-35", "A-110E+15"] {
            photo(&format!("_P00{light}.{extension}"));
        }
        for other in ["_P00_Ambient.pgm", "_P03A+000E+00.pgm", "_P00A+050E-40.pgm.bad", "_P00.info"] {
            photo(other);
        }
    }
    write(dir.path(), &format!("{folder}readme.txt"), "");
    dir
}

#[test]
fn yale_b_in_each_of_its_layouts() {
    for folder in ["", "CroppedYale/", "ExtendedYaleB/"] {
        for extension in ["pgm", "png"] {
            let dir = yale_b(folder, extension);
            let protocol = read_yale_b(dir.path()).unwrap();
            assert_eq!(protocol.people, ["yaleB01", "yaleB39"]);
            assert_eq!(protocol.groups, ["subset 2", "subset 3", "subset 4", "subset 5"]);
            assert_eq!(protocol.images.len(), 12);
            let gallery: Vec<u32> = protocol.gallery.iter().map(|template| template.identity).collect();
            assert_eq!(gallery, [0, 0, 1, 1]);
            assert_eq!((protocol.enrolled(), protocol.mated(), protocol.probes.len()), (2, 8, 8));
            for (group, light) in [(0, "A+025E+00"), (1, "A-035E+40"), (2, "A+070E-35"), (3, "A-110E+15")] {
                let probes: Vec<_> =
                    protocol.probes.iter().filter(|probe| probe.group == Some(group)).collect();
                assert_eq!(probes.len(), 2);
                for (probe, person) in probes.iter().zip([0, 1]) {
                    assert_eq!(probe.identity, Some(person));
                    let path = &protocol.images[probe.images[0]].path;
                    assert!(path.to_string_lossy().contains(light), "{}", path.display());
                }
            }
            check(&protocol);
        }
    }
}

#[test]
fn yale_b_with_faults_is_refused() {
    let cases = [
        Case {
            what: "nobody",
            damage: |root| {
                ["yaleB01", "yaleB39"].iter().for_each(|p| fs::remove_dir_all(root.join(p)).unwrap())
            },
            expected: "there is nobody: folders yaleB01, yaleB02, ... were expected",
        },
        Case {
            what: "a photo in another person's folder",
            damage: |root| write(root, "yaleB39/yaleB01_P00A+000E+20.pgm", ""),
            expected: "\"yaleB01_P00A+000E+20.pgm\" is a photo of another person",
        },
        Case {
            what: "one light in two formats",
            damage: |root| write(root, "yaleB39/yaleB39_P00A+000E+00.png", ""),
            expected: "are photos under one light",
        },
        Case {
            what: "a name that says nothing",
            damage: |root| write(root, "yaleB39/yaleB39_P00A+0E+00.pgm", ""),
            expected: "is not named like yaleB01_P00A+005E-10.pgm",
        },
        Case {
            what: "nobody to enrol",
            damage: |root| {
                for light in ["A+000E+00", "A-005E+10"] {
                    fs::remove_file(root.join(format!("yaleB39/yaleB39_P00{light}.pgm"))).unwrap();
                }
            },
            expected: "yaleB39: there is no photo of subset 1",
        },
        Case {
            what: "no probe",
            damage: |root| {
                for person in ["yaleB01", "yaleB39"] {
                    for light in ["A+025E+00", "A-035E+40", "A+070E-35", "A-110E+15"] {
                        fs::remove_file(root.join(format!("{person}/{person}_P00{light}.pgm"))).unwrap();
                    }
                }
            },
            expected: "there is no probe",
        },
    ];
    for Case { what, damage, expected } in cases {
        let dir = yale_b("", "pgm");
        damage(dir.path());
        let message = read_yale_b(dir.path()).unwrap_err().to_string();
        assert!(message.contains(expected), "{what}: {message}");
    }
    assert!(matches!(read_yale_b(Path::new("no/such/folder")), Err(Error::Read { .. })));
}

/// Other systems refuse such a name, so only here can it be met.
#[cfg(target_os = "linux")]
#[test]
fn names_that_are_not_utf_8_are_refused() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let strange = OsStr::from_bytes(b"yaleB39_\xff.pgm");
    let dir = yale_b("", "pgm");
    fs::write(dir.path().join("yaleB39").join(strange), "").unwrap();
    let message = read_yale_b(dir.path()).unwrap_err().to_string();
    assert!(message.contains("yaleB39: the name \"yaleB39_\\xFF.pgm\" is not UTF-8"), "{message}");

    let dir = orl("", "pgm");
    fs::write(dir.path().join("s4").join(strange), "").unwrap();
    assert!(read_orl(dir.path()).unwrap_err().to_string().contains("is not UTF-8"));
}
