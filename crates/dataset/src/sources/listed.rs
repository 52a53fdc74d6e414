//! A list of photos with who is in them.

use std::path::Path;

use super::lines::each_line;
use super::photos::{self, Photos, Unread};
use crate::{Classes, Column, Error, Kept, Sample, Source};

/// Photos by a list in a text file, one to a line, as one of
///
/// ```text
/// anna/1.jpg<TAB>anna            path and class
/// anna/1.jpg,anna                the same by a comma
/// anna/1.jpg anna                the same by blanks: the class is the last word
/// 0<TAB>17.000000<TAB>a/1.jpg    MXNet's .lst: number, label, path (im2rec)
/// 1<TAB>a/1.jpg<TAB>17           InsightFace's .lst: whether it is aligned, path, label
/// ```
///
/// The first line decides; one of `path`, `file` or `image` and whatever follows is a heading and passed over. By a TAB or
/// a comma further fields may follow a path and its class, as InsightFace's boxes and points do; they are not read. There
/// are no quotes: paths with commas go by TAB. A label that is a whole number is the same class as `17` and as `17.000000`.
/// Blank lines and those that begin with `#` are passed over.
///
/// Paths are relative to the folder of the list, or to a root that is named. Classes are numbered as they first come.
#[derive(Debug)]
pub struct Listed {
    photos: Photos,
}

/// How a line is read.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Layout {
    /// Path and class, by this character.
    By(char),
    /// Path and class, by blanks.
    Blanks,
    /// Number, label, path.
    Mxnet,
    /// Whether it is aligned, path, label.
    Insightface,
}

impl Layout {
    fn of(line: &str) -> Result<Self, String> {
        let fields: Vec<&str> = line.split('\t').collect();
        let is_number = |text: &str| text.trim().parse::<f64>().is_ok();
        match fields[..] {
            [first, second, third, ..] if is_number(first) => match (is_number(second), is_number(third)) {
                (true, false) => Ok(Self::Mxnet),
                (false, true) => Ok(Self::Insightface),
                _ => Err("can be read in several ways: write PATH<TAB>CLASS on each line".to_owned()),
            },
            [_, _, ..] => Ok(Self::By('\t')),
            _ if line.contains(',') => Ok(Self::By(',')),
            _ => Ok(Self::Blanks),
        }
    }

    /// Path and class.
    fn split<'a>(&self, line: &'a str) -> Option<(&'a str, &'a str)> {
        let field = |by: char, at: usize| line.split(by).nth(at);
        let (path, class) = match *self {
            Self::By(by) => (field(by, 0)?, field(by, 1)?),
            Self::Blanks => line.trim().rsplit_once([' ', '\t'])?,
            Self::Mxnet => (field('\t', 2)?, field('\t', 1)?),
            Self::Insightface => (field('\t', 1)?, field('\t', 2)?),
        };
        let (path, class) = (path.trim(), class.trim());
        (!path.is_empty() && !class.is_empty()).then_some((path, class))
    }

    fn describe(&self) -> &'static str {
        match self {
            Self::By('\t') => "PATH<TAB>CLASS",
            Self::By(_) => "PATH,CLASS",
            Self::Blanks => "PATH CLASS",
            Self::Mxnet => "NUMBER<TAB>LABEL<TAB>PATH",
            Self::Insightface => "ALIGNED<TAB>PATH<TAB>LABEL",
        }
    }
}

/// A label without the noughts of a number that is whole.
pub(crate) fn whole(label: &str) -> &str {
    match label.split_once('.') {
        Some((number, noughts))
            if number.parse::<i64>().is_ok() && noughts.bytes().all(|byte| byte == b'0') =>
        {
            number
        }
        _ => label,
    }
}

impl Listed {
    /// Reads a list. No photo is opened yet, but the first must be there.
    ///
    /// # Errors
    /// [`Error::File`] if the list cannot be read, [`Error::Folder`] with the line that is like no other, if it names no
    /// photo, or if the first is not there.
    pub fn open(list: &Path, root: Option<&Path>) -> Result<Self, Error> {
        let mut photos = Photos::new(root.or(list.parent()).unwrap_or(Path::new("")));
        let mut layout = None;
        each_line(list, |_, line| {
            if line.starts_with('#') {
                return Ok(());
            }
            if layout.is_none() {
                let first = line.split(['\t', ',', ' ']).next().unwrap_or_default();
                if ["path", "file", "image"].iter().any(|word| first.eq_ignore_ascii_case(word)) {
                    return Ok(());
                }
                layout = Some(Layout::of(line)?);
            }
            let Some(layout) = layout else { return Ok(()) };
            let wanted = layout.describe();
            let (path, class) =
                layout.split(line).ok_or_else(|| format!("is not {wanted}, as the first: put it right"))?;
            photos.push(path, whole(class))
        })?;
        let refused = |reason: String| Error::Folder { path: list.to_owned(), reason };
        match photos.path(0) {
            None => Err(refused("names no photo: write PATH<TAB>CLASS on each line".to_owned())),
            Some(first) if !first.is_file() => Err(refused(format!(
                "names {} first, which is not there: paths are relative to the list, or to the root that is named",
                first.display()
            ))),
            Some(_) => Ok(Self { photos }),
        }
    }
}

impl Source for Listed {
    fn recipe(&self) -> String {
        self.photos.recipe("list")
    }

    fn columns(&self) -> Vec<Column> {
        photos::columns()
    }

    fn classes(&self) -> Option<Classes> {
        Some(self.photos.classes())
    }

    fn len(&self) -> u64 {
        self.photos.len()
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        self.photos.look(index).map_err(Unread::reason)
    }

    fn kept(&self, index: u64) -> Result<Kept, String> {
        Unread::kept(self.photos.look(index))
    }

    fn remarks(&self) -> Vec<String> {
        self.photos.repeated().into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{photo, shade};
    use super::*;

    /// A list beside four photos.
    fn listed(text: &str) -> Result<Listed, String> {
        let folder = tempfile::tempdir().unwrap();
        for (at, file) in ["a/1.png", "a/2 b.png", "3.png", "4,5.png"].into_iter().enumerate() {
            photo(&folder.path().join(file), at as u8);
        }
        let list = folder.path().join("train.lst");
        std::fs::write(&list, text).unwrap();
        let listed = Listed::open(&list, None).map_err(|error| error.to_string())?;
        // Before the folder goes.
        assert_eq!(shade(&listed.sample(1).unwrap()), 1);
        Ok(listed)
    }

    #[test]
    fn every_layout_says_the_same() {
        for text in [
            "a/1.png\tanna\na/2 b.png\tben\n3.png\tanna\n",
            "# mine\npath,class,box\n\na/1.png,anna,1\r\na/2 b.png, ben\r\n3.png,anna,7\r\n",
            "a/1.png anna\na/2 b.png   ben\n3.png anna\n",
        ] {
            let classes = listed(text).unwrap().classes().unwrap();
            assert_eq!(
                (classes.of, &classes.names[..]),
                (vec![0, 1, 0], &["anna".to_owned(), "ben".to_owned()][..])
            );
        }
        for text in [
            "0\t7.000000\ta/1.png\n1\t9\ta/2 b.png\n2\t7\t3.png\n",
            "1\ta/1.png\t7\n1\ta/2 b.png\t9\t0\t0\t10\t10\n1\t3.png\t7\n",
            "a/1.png 7\na/2 b.png 9\n3.png 7.0\n",
        ] {
            let listed = listed(text).unwrap();
            let classes = listed.classes().unwrap();
            assert_eq!(
                (classes.of, &classes.names[..]),
                (vec![0, 1, 0], &["7".to_owned(), "9".to_owned()][..])
            );
            assert_eq!(listed.photos.file(1), Some("a/2 b.png"));
        }
        assert_eq!(
            listed("a/1.png\t1.50\na/2 b.png\t1.5\n4,5.png\ta,b").unwrap().photos.classes().names.len(),
            3
        );
    }

    #[test]
    fn lines_that_do_not_fit_are_told() {
        for (text, said) in [
            ("", "names no photo"),
            ("path,class\n", "names no photo"),
            ("a/1.png\tanna\n3.png anna\n", "line 2 is not PATH<TAB>CLASS"),
            ("a/1.png,anna\n3.png,\n", "line 2 is not PATH,CLASS"),
            ("a/1.png\n", "line 1 is not PATH CLASS"),
            ("0\t7\ta/1.png\n1\t9\n", "line 2 is not NUMBER<TAB>LABEL<TAB>PATH"),
            ("0\t1\t2\n", "several ways"),
            ("b/1.png anna\n", "names"),
        ] {
            let error = listed(text).unwrap_err();
            assert!(error.contains("train.lst") && error.contains(said), "{said}: {error}");
        }
    }

    #[test]
    fn a_root_is_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        photo(&folder.path().join("photos/1.png"), 9);
        let list = folder.path().join("list.txt");
        std::fs::write(&list, "1.png 3\n").unwrap();
        let error = Listed::open(&list, None).unwrap_err().to_string();
        assert!(error.contains("1.png first, which is not there"), "{error}");
        let listed = Listed::open(&list, Some(&folder.path().join("photos"))).unwrap();
        assert_eq!(shade(&listed.sample(0).unwrap()), 9);
        assert!(listed.remarks().is_empty());
    }
}
