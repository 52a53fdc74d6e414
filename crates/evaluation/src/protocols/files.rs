//! Reading protocol files, and finding the photos that they name.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::Error;

/// LFW's `pairs.txt` has 160 kB, CFP's longest list some 200.
const MAX_BYTES: u64 = 8 << 20;

/// Photos that are looked for in every possible place before the set is taken to be absent.
const PROBES: usize = 1000;

/// Missing photos that an error names.
const EXAMPLES: usize = 3;

/// The formats in which mirrors of the benchmarks come.
pub(crate) const EXTENSIONS: [&str; 5] = ["jpg", "jpeg", "png", "webp", "bmp"];

/// Reads a whole text file. `help` says where the file belongs, in case it cannot be read.
pub(super) fn read_text(path: &Path, help: &'static str) -> Result<String, Error> {
    read_text_up_to(path, MAX_BYTES, help)
}

/// Reads a whole text file of at most `limit` bytes.
pub(crate) fn read_text_up_to(path: &Path, limit: u64, help: &'static str) -> Result<String, Error> {
    String::from_utf8(read_bytes(path, limit, help)?).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
        bad_line(path, line, "not UTF-8 text: is it a protocol file?")
    })
}

/// Reads a whole file of at most `limit` bytes.
pub(crate) fn read_bytes(path: &Path, limit: u64, help: &'static str) -> Result<Vec<u8>, Error> {
    let unreadable = |source| Error::Read { path: path.to_owned(), source, help };
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes)).map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(Error::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

/// The lines that are not blank, each with its number from 1, without a byte order mark.
pub(crate) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty())
}

pub(crate) fn bad_line(path: &Path, line: usize, problem: impl Into<String>) -> Error {
    Error::Line { path: path.to_owned(), line, problem: problem.into() }
}

/// A piece of a file as an error message shows it: quoted, control characters escaped, never long.
pub(crate) fn quoted(text: &str) -> String {
    const MOST: usize = 40;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// Finds the photos: `FOLDER/NAME.EXTENSION` with one folder and one extension for all of them.
///
/// `names` are relative to a folder, use `/`, and lack the extension. The first photo that exists anywhere decides.
pub(crate) fn locate(
    root: &Path,
    folders: &[PathBuf],
    extensions: &[&str],
    names: &[String],
) -> Result<Vec<PathBuf>, Error> {
    let at = |folder: &Path, name: &str, extension: &str| {
        let mut path = folder.to_owned();
        path.extend(name.split('/'));
        // Not `set_extension`, which would take a dot in a person's name for the start of one.
        path.as_mut_os_string().push(".");
        path.as_mut_os_string().push(extension);
        path
    };
    let places = || folders.iter().flat_map(|folder| extensions.iter().map(move |ext| (folder, *ext)));
    let place = names
        .iter()
        .take(PROBES)
        .find_map(|name| places().find(|(folder, ext)| at(folder, name, ext).is_file()))
        .or_else(|| places().next());
    let Some((folder, extension)) = place else {
        return Ok(Vec::new());
    };

    let paths: Vec<PathBuf> = names.iter().map(|name| at(folder, name, extension)).collect();
    check_present(root, &paths)?;
    Ok(paths)
}

/// Checks that all photos are there. `root` is the folder that the error names.
pub(super) fn check_present(root: &Path, paths: &[PathBuf]) -> Result<(), Error> {
    let (mut missing, mut examples) = (0, Vec::new());
    for path in paths.iter().filter(|path| !path.is_file()) {
        missing += 1;
        if examples.len() < EXAMPLES {
            examples.push(path.clone());
        }
    }
    if missing > 0 {
        return Err(Error::MissingPhotos { root: root.to_owned(), missing, total: paths.len(), examples });
    }
    Ok(())
}

/// What is in a folder, by name, in the order of the names.
pub(crate) fn entries(folder: &Path, help: &'static str) -> Result<Vec<(String, PathBuf)>, Error> {
    let unreadable = |source| Error::Read { path: folder.to_owned(), source, help };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().into_string().map_err(|name| Error::Layout {
            path: folder.to_owned(),
            problem: format!("the name {name:?} is not UTF-8: it belongs to no benchmark"),
        })?;
        found.push((name, entry.path()));
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_numbered_as_an_editor_does() {
        let text = "\u{feff}one\r\n\n  \t\nfour\n";
        assert_eq!(lines(text).collect::<Vec<_>>(), [(1, "one"), (4, "four")]);
        assert_eq!(lines("").count(), 0);
    }

    #[test]
    fn quotes_are_short_and_printable() {
        assert_eq!(quoted("a\tb\u{1b}"), r#""a\tb\u{1b}""#);
        assert_eq!(quoted(&"面".repeat(1000)), format!("\"{}\"...", "面".repeat(40)));
    }

    #[test]
    fn text_that_is_not_text_is_told_with_its_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pairs.txt");
        std::fs::write(&path, b"10\t300\n\xff\xd8\xff\n").unwrap();
        let message = read_text(&path, "").unwrap_err().to_string();
        assert!(message.ends_with("pairs.txt, line 2: not UTF-8 text: is it a protocol file?"), "{message}");
    }

    #[test]
    fn a_huge_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pairs.txt");
        File::create(&path).unwrap().set_len(MAX_BYTES + 1).unwrap();
        assert!(matches!(read_text(&path, ""), Err(Error::TooLarge { .. })));
    }
}
