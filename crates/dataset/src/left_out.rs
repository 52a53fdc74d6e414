//! What is not in a data set, and why: `left-out.tsv`.

use std::fs;
use std::path::Path;

use crate::Error;
use crate::error::file;
use crate::sources::each_line;

/// Name of the list.
pub(crate) const LEFT_OUT: &str = "left-out.tsv";
/// What stands in the second field.
const WHY: [&str; 2] = ["nothing", "broken"];

/// A sample of the source that is not in the data set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// Its number in the source.
    pub number: u64,
    /// Whether it is broken; otherwise there is nothing in it that is worth keeping.
    pub is_broken: bool,
    /// What it is called, and of what is broken why.
    pub what: String,
}

impl LeftOut {
    /// Writes a list as a new file; none of what an earlier attempt wrote stays.
    pub(crate) fn save(list: &[Self], path: &Path) -> Result<(), Error> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(file(path)(error)),
            _ => {}
        }
        let line = |one: &Self| {
            let what = one.what.replace(['\t', '\n', '\r'], " ");
            format!("{}\t{}\t{what}\n", one.number, WHY[usize::from(one.is_broken)])
        };
        let text: String = list.iter().map(line).collect();
        if text.is_empty() { Ok(()) } else { fs::write(path, text).map_err(file(path)) }
    }
}

/// What is not in a data set, and why: shown one after the other to `each`, in the order of the source.
///
/// # Errors
/// [`Error::File`] if the list cannot be read, [`Error::Folder`] if it is not what was written.
pub fn left_out(folder: &Path, each: &mut dyn FnMut(LeftOut)) -> Result<(), Error> {
    let path = folder.join(LEFT_OUT);
    // Where nothing was left out there is no list.
    if !path.try_exists().map_err(file(&path))? {
        return Ok(());
    }
    each_line(&path, |_, line| {
        let mut fields = line.splitn(3, '\t');
        let number = fields.next().and_then(|number| number.parse().ok());
        let why = fields.next().and_then(|why| WHY.iter().position(|known| *known == why));
        let ((number, why), what) = number
            .zip(why)
            .zip(fields.next())
            .ok_or_else(|| "is not what was written: make the set anew".to_owned())?;
        each(LeftOut { number, is_broken: why == 1, what: what.to_owned() });
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(LEFT_OUT);
        let read = || {
            let mut list = Vec::new();
            left_out(folder.path(), &mut |one| list.push(one)).map(|()| list)
        };
        assert_eq!(read().unwrap(), []);
        let one = |number, is_broken, what: &str| LeftOut { number, is_broken, what: what.to_owned() };
        LeftOut::save(&[one(3, false, "a.jpg"), one(7, true, "b:\tis\nbroken")], &path).unwrap();
        assert_eq!(read().unwrap(), [one(3, false, "a.jpg"), one(7, true, "b: is broken")]);
        LeftOut::save(&[], &path).unwrap();
        assert!(!path.exists());
        fs::write(&path, "3\tlost\ta.jpg\n").unwrap();
        assert!(read().unwrap_err().to_string().contains("make the set anew"));
    }
}
