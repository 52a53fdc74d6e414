//! Celebrities in Frontal-Profile (CFP): the `Protocol` folder.
//!
//! The layout, as the archive unpacks: `Protocol/Pair_list_F.txt` numbers the frontal photos and
//! `Protocol/Pair_list_P.txt` the profiles, one `NUMBER PATH` a line, numbers from 1, paths relative to `Protocol`
//! (`../Data/Images/001/frontal/01.jpg`). `Protocol/Split/FF/01/same.txt` and `diff.txt` hold the pairs of the first fold,
//! one `A,B` a line: two numbers of frontal photos, or in `Split/FP` of a frontal photo and a profile.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::files::{EXTENSIONS, bad_line, lines, locate, quoted, read_text};
use super::pair_protocol::{NamedPairs, PairProtocol};
use crate::Error;

const HELP: &str = "CFP's folder holds Protocol and Data";

/// Which of CFP's two protocols.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CfpSet {
    /// CFP-FF: both photos are frontal.
    FrontalFrontal,
    /// CFP-FP: the first photo is frontal, the second a profile.
    FrontalProfile,
}

impl CfpSet {
    /// `CFP-FF` or `CFP-FP`.
    pub fn name(self) -> &'static str {
        match self {
            Self::FrontalFrontal => "CFP-FF",
            Self::FrontalProfile => "CFP-FP",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::FrontalFrontal => "FF",
            Self::FrontalProfile => "FP",
        }
    }
}

/// Reads one of CFP's protocols from the folder `root`, which holds `Protocol` and `Data`.
///
/// The folds are the folders `01`, `02`, ... in `Protocol/Split/FF` or `FP`, as many as there are; in each fold the pairs of
/// `same.txt` come before those of `diff.txt`. Photos whose extension differs from the listed one are found if they
/// are all jpg, jpeg, png, webp or bmp alike. The identity is the folder above the pose (`001` in
/// `Data/Images/001/frontal/01.jpg`); a set whose pairs contradict these folders is read without identities.
///
/// Sengupta et al., WACV 2016; spec recognition/08, section 3.
///
/// # Errors
/// [`Error::Read`], [`Error::TooLarge`], [`Error::Line`] and [`Error::Layout`] for the files of `Protocol`;
/// [`Error::MissingPhotos`] if photos that the pairs name are absent.
pub fn read_cfp(root: &Path, set: CfpSet) -> Result<PairProtocol, Error> {
    let protocol = root.join("Protocol");
    let frontal = PhotoList::read(&protocol.join("Pair_list_F.txt"))?;
    let profile = match set {
        CfpSet::FrontalFrontal => None,
        CfpSet::FrontalProfile => Some(PhotoList::read(&protocol.join("Pair_list_P.txt"))?),
    };
    let second = profile.as_ref().unwrap_or(&frontal);

    let mut named = NamedPairs::default();
    for fold in folds(&protocol.join("Split").join(set.folder()))? {
        for (file, same) in [("same.txt", true), ("diff.txt", false)] {
            let path = fold.join(file);
            let text = read_text(&path, HELP)?;
            parse_pairs(&path, &text, &frontal, second, same, &mut named)?;
        }
        if named.end_fold().is_empty() {
            let problem = "same.txt and diff.txt hold no pair".to_owned();
            return Err(Error::Layout { path: fold, problem });
        }
    }

    // The listed extension comes first; a mirror in another format has one other for all photos.
    let listed = frontal.extension.as_str();
    let extensions: Vec<&str> =
        [listed].into_iter().chain(EXTENSIONS.into_iter().filter(|other| *other != listed)).collect();
    let images = locate(root, &[root.to_owned()], &extensions, &named.names)?;
    // `Data/Images/001/frontal/01`: the folder above the pose is the person.
    let (identities, people) = named.identities(|photo| photo.rsplit('/').nth(2)).unzip();
    let NamedPairs { pairs, folds, .. } = named;
    let (name, people) = (set.name().to_owned(), people.unwrap_or_default());
    Ok(PairProtocol { name, images, pairs, folds, identities, people, labels: Vec::new() })
}

/// `Pair_list_F.txt` or `Pair_list_P.txt`.
struct PhotoList {
    path: PathBuf,
    /// By the number in the list: the path from the root with `/`, without the extension.
    names: BTreeMap<u32, String>,
    /// Of the first photo.
    extension: String,
}

impl PhotoList {
    fn read(path: &Path) -> Result<Self, Error> {
        Self::parse(path, &read_text(path, HELP)?)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, Error> {
        let mut names = BTreeMap::new();
        let mut extension = None;
        for (line, row) in lines(text) {
            let bad = |problem| bad_line(path, line, problem);
            let (number, photo) = row
                .trim()
                .split_once(char::is_whitespace)
                .and_then(|(number, photo)| Some((number.parse::<u32>().ok()?, photo.trim())))
                .ok_or_else(|| bad(format!("{} is not NUMBER PATH", quoted(row))))?;
            let from_root = from_root(photo)
                .ok_or_else(|| bad(format!("{} is not a path inside CFP's folder", quoted(photo))))?;
            let (name, ext) = from_root
                .rsplit_once('.')
                .filter(|(name, ext)| !name.is_empty() && !name.ends_with('/') && !ext.contains('/'))
                .ok_or_else(|| bad(format!("{} has no extension", quoted(photo))))?;
            extension.get_or_insert_with(|| ext.to_owned());
            if names.insert(number, name.to_owned()).is_some() {
                return Err(bad(format!("number {number} is given twice")));
            }
        }
        let extension = extension.ok_or_else(|| bad_line(path, 1, "the list is empty"))?;
        Ok(Self { path: path.to_owned(), names, extension })
    }
}

/// A path relative to `Protocol` as one relative to its parent, or `None` if it leads out of there.
fn from_root(path: &str) -> Option<String> {
    if path.starts_with(['/', '\\']) || path.contains([':', '\0']) {
        return None;
    }
    let mut parts = vec!["Protocol"];
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The folders `01`, `02`, ... in order. Anything that is not a number (`.DS_Store`) is passed over.
fn folds(split: &Path) -> Result<Vec<PathBuf>, Error> {
    let unreadable = |source| Error::Read { path: split.to_owned(), source, help: HELP };
    let layout = |problem| Error::Layout { path: split.to_owned(), problem };
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(split).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let number = path.file_name().and_then(|name| name.to_str()?.parse::<u32>().ok());
        if let Some(number) = number
            && path.is_dir()
            && found.insert(number, path).is_some()
        {
            return Err(layout(format!("two folders are called fold {number}")));
        }
    }
    if found.is_empty() {
        return Err(layout("there are no folds: folders 01, 02, ... were expected".to_owned()));
    }
    if let Some((expected, _)) = (1..).zip(found.keys()).find(|(expected, number)| expected != *number) {
        return Err(layout(format!("fold {expected:02} is missing")));
    }
    Ok(found.into_values().collect())
}

fn parse_pairs(
    path: &Path,
    text: &str,
    first: &PhotoList,
    second: &PhotoList,
    same: bool,
    named: &mut NamedPairs,
) -> Result<(), Error> {
    for (line, row) in lines(text) {
        let mut numbers = row.split(',').map(|number| number.trim().parse::<u32>().ok());
        let (Some(Some(a)), Some(Some(b)), None) = (numbers.next(), numbers.next(), numbers.next()) else {
            return Err(bad_line(path, line, format!("{} is not A,B (two numbers of photos)", quoted(row))));
        };
        let name = |list: &PhotoList, number| {
            list.names.get(&number).cloned().ok_or_else(|| {
                bad_line(path, line, format!("there is no photo {number} in {}", list.path.display()))
            })
        };
        named.push(name(first, a)?, name(second, b)?, same);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_relative_to_the_root() {
        let cases = [
            ("../Data/Images/001/frontal/01.jpg", Some("Data/Images/001/frontal/01.jpg")),
            ("..\\Data\\Images\\001\\frontal\\01.jpg", Some("Data/Images/001/frontal/01.jpg")),
            ("./photo.jpg", Some("Protocol/photo.jpg")),
            ("../a/./b//../c.png", Some("a/c.png")),
            ("../../secret.jpg", None),
            ("/secret.jpg", None),
            ("C:/secret.jpg", None),
        ];
        for (path, expected) in cases {
            assert_eq!(from_root(path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn lists_of_photos() {
        let text = "1 ../Data/Images/001/frontal/01.jpg\r\n2\t../Data/Images/001/frontal/02.jpg\r\n";
        let list = PhotoList::parse(Path::new("Pair_list_F.txt"), text).unwrap();
        assert_eq!(list.extension, "jpg");
        assert_eq!(list.names[&2], "Data/Images/001/frontal/02");
    }

    #[test]
    fn bad_lists_are_told_with_their_line() {
        let cases = [
            ("", "line 1: the list is empty"),
            ("1\n", "line 1: \"1\" is not NUMBER PATH"),
            ("\nx ../a.jpg\n", "line 2: \"x ../a.jpg\" is not NUMBER PATH"),
            ("1 ../a.jpg\n1 ../b.jpg\n", "line 2: number 1 is given twice"),
            ("1 ../../a.jpg\n", "line 1: \"../../a.jpg\" is not a path inside CFP's folder"),
            ("1 ../a.b/c\n", "line 1: \"../a.b/c\" has no extension"),
            ("1 ../a/.jpg\n", "line 1: \"../a/.jpg\" has no extension"),
            ("1 ..\n", "line 1: \"..\" has no extension"),
        ];
        for (text, expected) in cases {
            let message = PhotoList::parse(Path::new("list.txt"), text).err().unwrap().to_string();
            assert!(message.contains(expected), "{text:?} gave {message:?}");
        }
    }

    #[test]
    fn bad_pairs_are_told_with_their_line() {
        let list = PhotoList::parse(Path::new("list.txt"), "1 ../a.jpg\n2 ../b.jpg\n").unwrap();
        let cases = [
            ("1,3\n", "line 1: there is no photo 3 in list.txt"),
            ("1,2\n0,1\n", "line 2: there is no photo 0"),
            ("1 2\n", "line 1: \"1 2\" is not A,B"),
            ("1,2,1\n", "line 1: \"1,2,1\" is not A,B"),
            ("1,-2\n", "line 1: \"1,-2\" is not A,B"),
        ];
        for (text, expected) in cases {
            let mut named = NamedPairs::default();
            let found = parse_pairs(Path::new("same.txt"), text, &list, &list, true, &mut named);
            let message = found.unwrap_err().to_string();
            assert!(message.contains(expected), "{text:?} gave {message:?}");
        }
    }
}
