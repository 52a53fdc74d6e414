//! Labeled Faces in the Wild, View 2: `pairs.txt`.
//!
//! The format, from the data set's own README: the first line holds the number of sets and the number of matched pairs
//! in each, which is also the number of mismatched ones. Then, set after set, the matched pairs as
//! `NAME N1 N2`, followed by the mismatched pairs as `NAME1 N1 NAME2 N2`. Photo N of a person is
//! `NAME/NAME_N.jpg` with N padded to four digits. Columns are separated by tabs.

use std::path::Path;

use super::files::{EXTENSIONS, bad_line, lines, locate, quoted, read_text};
use super::pair_protocol::{NamedPairs, PairProtocol};
use crate::Error;

/// Where the folders of people are, as the archives unpack; the benchmark's own folder is tried last.
const FOLDERS: [&str; 5] = ["images", "lfw", "lfw-deepfunneled", "lfw_funneled", "."];

/// Reads LFW View 2, or any set in its layout, from the folder `root`.
///
/// `root` holds `pairs.txt`, and the photos as `NAME/NAME_0001.jpg` in `root/images`, `root/lfw`,
/// `root/lfw-deepfunneled`, `root/lfw_funneled` or `root` itself. The photos may be jpg, jpeg, png, webp or bmp. Folder and
/// extension are found once, by the first photo that exists, and hold for all. Any number of folds of any size
/// is read; with tabs between the columns, names may contain spaces. Each name is one identity.
///
/// Huang et al. 2007, technical report 07-49; spec recognition/08, section 3.
///
/// # Errors
/// [`Error::Read`], [`Error::TooLarge`] and [`Error::Line`] for `pairs.txt`; [`Error::MissingPhotos`] if photos that it
/// names are absent.
pub fn read_lfw(root: &Path) -> Result<PairProtocol, Error> {
    let path = root.join("pairs.txt");
    let text = read_text(&path, "LFW's folder holds pairs.txt and the photos")?;
    let named = parse(&path, &text)?;
    let folders = FOLDERS.map(|folder| if folder == "." { root.to_owned() } else { root.join(folder) });
    let images = locate(root, &folders, &EXTENSIONS, &named.names)?;
    let (identities, people) = named.identities(|photo| photo.split('/').next()).unzip();
    let NamedPairs { pairs, folds, .. } = named;
    let (name, people) = ("LFW View 2".to_owned(), people.unwrap_or_default());
    Ok(PairProtocol { name, images, pairs, folds, identities, people, labels: Vec::new() })
}

/// The photos' names are `NAME/NAME_0001`.
fn parse(path: &Path, text: &str) -> Result<NamedPairs, Error> {
    let bad = |line, problem: String| bad_line(path, line, problem);
    let mut rows = lines(text);
    let (line, header) = rows.next().ok_or_else(|| {
        bad(1, "the file is empty, where the numbers of folds and of pairs were expected".to_owned())
    })?;
    let header: Vec<&str> = header.split_whitespace().collect();
    let counts = match header[..] {
        [folds, size] => folds.parse::<usize>().ok().zip(size.parse::<usize>().ok()),
        _ => None,
    };
    let (folds, size) = counts
        .filter(|(folds, size)| *folds > 0 && *size > 0 && folds.checked_mul(*size).is_some())
        .ok_or_else(|| {
            let found = quoted(&header.join(" "));
            bad(
                line,
                format!("{found}, where the numbers of folds and of pairs were expected, such as \"10 300\""),
            )
        })?;

    let mut named = NamedPairs::default();
    let mut last_line = line;
    for fold in 1..=folds {
        for (same, kind) in [(true, "same"), (false, "different")] {
            for number in 1..=size {
                let Some((line, row)) = rows.next() else {
                    return Err(bad(
                        last_line,
                        format!(
                            "the file ends before pair {number} of {size} ({kind}) of fold {fold} of {folds}"
                        ),
                    ));
                };
                last_line = line;
                let (a, b) = pair(row, same).map_err(|problem| {
                    bad(line, format!("{problem} (pair {number} of {size}, {kind}, of fold {fold})"))
                })?;
                named.push(a, b, same);
            }
        }
        named.end_fold();
    }
    if let Some((line, row)) = rows.next() {
        let problem = format!("{} follows the {folds} folds of 2 x {size} pairs", quoted(row));
        return Err(bad(line, problem));
    }
    Ok(named)
}

fn pair(row: &str, same: bool) -> Result<(String, String), String> {
    let columns = columns(row, if same { 3 } else { 4 });
    match (&columns[..], same) {
        (&[name, first, second], true) => Ok((photo(name, first)?, photo(name, second)?)),
        (&[name, first, other, second], false) if name != other => {
            Ok((photo(name, first)?, photo(other, second)?))
        }
        (&[name, _, _, _], false) => {
            Err(format!("{} is paired with itself among different people", quoted(name)))
        }
        (_, true) => Err(format!("{} is not NAME N1 N2", quoted(row))),
        (_, false) => Err(format!("{} is not NAME1 N1 NAME2 N2", quoted(row))),
    }
}

/// Splits at tabs, so that names may hold spaces, or at any white space if that does not make the columns wanted.
fn columns(row: &str, wanted: usize) -> Vec<&str> {
    let columns: Vec<&str> = row.trim().split('\t').map(str::trim).collect();
    if columns.len() == wanted { columns } else { row.split_whitespace().collect() }
}

fn photo(name: &str, number: &str) -> Result<String, String> {
    // A name is a folder below the photos', and must not lead anywhere else.
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\\', ':', '\0']) {
        return Err(format!("{} is no person's name", quoted(name)));
    }
    let number: u32 =
        number.parse().map_err(|_| format!("{} is not the number of a photo", quoted(number)))?;
    Ok(format!("{name}/{name}_{number:04}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<NamedPairs, String> {
        parse(Path::new("pairs.txt"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn both_kinds_of_rows() {
        let text = "2\t1\nAnna\t1\t12\nAnna\t1\tBen\t3\nBen\t3\t4\nBen\t4\tAnna\t12\n";
        let named = parsed(text).unwrap();
        assert_eq!(named.names, ["Anna/Anna_0001", "Anna/Anna_0012", "Ben/Ben_0003", "Ben/Ben_0004"]);
        let pairs: Vec<_> = named.pairs.iter().map(|pair| (pair.a, pair.b, pair.same)).collect();
        assert_eq!(pairs, [(0, 1, true), (0, 2, false), (2, 3, true), (3, 1, false)]);
        assert_eq!(named.folds, [0..2, 2..4]);
    }

    #[test]
    fn layout_of_the_text_is_forgiven() {
        let plain = parsed("1 1\nAnna 1 2\nAnna 1 Ben 3\n").unwrap();
        for text in [
            "1\t1\r\nAnna\t1\t2\r\nAnna\t1\tBen\t3\r\n",
            "\u{feff}1 1\n\nAnna  1 2 \n\nAnna\t1 Ben\t3",
            "1\t1\nAnna\t1\t2\t\nAnna\t1\tBen\t3\t\n\n",
        ] {
            assert_eq!(parsed(text).unwrap().names, plain.names, "{text:?}");
        }
    }

    #[test]
    fn names_may_hold_spaces_dots_and_any_letters() {
        let named = parsed("1\t1\nJosé St. John\t1\t2\nJosé St. John\t1\tÅsa\t10000\n").unwrap();
        assert_eq!(
            named.names,
            ["José St. John/José St. John_0001", "José St. John/José St. John_0002", "Åsa/Åsa_10000"]
        );
    }

    #[test]
    fn bad_files_are_told_with_their_line() {
        let cases = [
            ("", "line 1: the file is empty"),
            ("\n\n", "line 1: the file is empty"),
            ("10\n", "line 1: \"10\", where the numbers of folds"),
            ("Anna 1 2\n", "line 1: \"Anna 1 2\", where"),
            ("0 300\n", "line 1: \"0 300\", where"),
            ("-1 2\n", "line 1: \"-1 2\", where"),
            ("18446744073709551615 2\n", "line 1: \"18446744073709551615 2\", where"),
            ("1 1\n", "line 1: the file ends before pair 1 of 1 (same) of fold 1 of 1"),
            ("1 1\nA 1 2\n", "line 2: the file ends before pair 1 of 1 (different) of fold 1 of 1"),
            ("1000000000 1000000000\nA 1 2\n", "line 2: the file ends before pair 2 of 1000000000 (same)"),
            ("1 1\nA 1 B 2\n", "line 2: \"A 1 B 2\" is not NAME N1 N2 (pair 1 of 1, same, of fold 1)"),
            ("1 1\nA 1 2\nA 1 3\n", "line 3: \"A 1 3\" is not NAME1 N1 NAME2 N2"),
            ("1 1\nA 1 2\nA 1 A 3\n", "line 3: \"A\" is paired with itself"),
            ("1 1\nA 1 x\n", "line 2: \"x\" is not the number of a photo"),
            ("1 1\nA 1 99999999999\n", "line 2: \"99999999999\" is not the number of a photo"),
            ("1 1\n../etc 1 2\n", "line 2: \"../etc\" is no person's name"),
            ("1 1\nA/B 1 2\n", "line 2: \"A/B\" is no person's name"),
            ("1 1\nA 1 2\nA 1 B 1\nC 1 2\n", "line 4: \"C 1 2\" follows the 1 folds of 2 x 1 pairs"),
        ];
        for (text, expected) in cases {
            let message = parsed(text).err().unwrap_or_default();
            assert!(message.contains(expected), "{text:?} gave {message:?}, not {expected:?}");
        }
    }
}
