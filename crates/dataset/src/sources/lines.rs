//! Lists in text files of any length, line by line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::Error;
use crate::error::file;

/// A line of this many bytes is of no list.
const LONGEST: u64 = 1 << 16;

/// Hands out the lines of a text file that are not blank, with their numbers from 1, and neither a byte order mark nor
/// the ends of lines. The reasons of `take` are told with file and line.
pub(crate) fn each_line(
    path: &Path,
    mut take: impl FnMut(u64, &str) -> Result<(), String>,
) -> Result<(), Error> {
    let mut reader = BufReader::new(File::open(path).map_err(file(path))?);
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let read = reader.by_ref().take(LONGEST).read_until(b'\n', &mut bytes).map_err(file(path))?;
        if read == 0 {
            break;
        }
        let refused =
            |reason: &str| Error::Folder { path: path.to_owned(), reason: format!("line {number} {reason}") };
        if read as u64 == LONGEST {
            return Err(refused("is too long to be a line of a list: name a text file"));
        }
        let line = str::from_utf8(&bytes).map_err(|_| refused("is no text: save the list as UTF-8"))?;
        let line = if number == 1 { line.strip_prefix('\u{feff}').unwrap_or(line) } else { line };
        let line = line.trim_end_matches(['\r', '\n']);
        if !line.trim().is_empty() {
            take(number, line).map_err(|reason| refused(&reason))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Result<Vec<(u64, String)>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list.txt");
        std::fs::write(&path, bytes).unwrap();
        let mut lines = Vec::new();
        let take = |number: u64, line: &str| match line {
            "bad" => Err("is bad: make it good".to_owned()),
            line => {
                lines.push((number, line.to_owned()));
                Ok(())
            }
        };
        each_line(&path, take).map_err(|error| error.to_string())?;
        Ok(lines)
    }

    #[test]
    fn lines_come_with_their_numbers() {
        let read = lines("\u{feff}one \r\n\n  \t\nfour".as_bytes()).unwrap();
        assert_eq!(read, [(1, "one ".to_owned()), (4, "four".to_owned())]);
        assert_eq!(lines(b"").unwrap(), []);
    }

    #[test]
    fn what_is_no_list_is_told_with_its_line() {
        for (bytes, said) in [
            (&b"good\nbad\n"[..], "list.txt line 2 is bad: make it good"),
            (b"good\n\xff\xd8\xff\n", "line 2 is no text"),
            (&vec![b'a'; 1 << 17], "line 1 is too long"),
        ] {
            let error = lines(bytes).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }
}
