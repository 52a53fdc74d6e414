//! Reading text files of any length line by line.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

use super::files::bad_line;
use crate::Error;

/// No line of a protocol is longer, in bytes.
const MAX_LINE: usize = 4096;

/// The lines of a file, of which one is held at a time.
pub(super) struct TextLines {
    path: PathBuf,
    help: &'static str,
    reader: BufReader<File>,
    buffer: Vec<u8>,
    line: usize,
}

impl TextLines {
    /// `help` says where the file belongs, in case it cannot be read.
    pub(super) fn open(path: &Path, help: &'static str) -> Result<Self, Error> {
        let unreadable = |source| Error::Read { path: path.to_owned(), source, help };
        let reader = BufReader::with_capacity(1 << 16, File::open(path).map_err(unreadable)?);
        Ok(Self { path: path.to_owned(), help, reader, buffer: Vec::new(), line: 0 })
    }

    /// The next line, without its end and surrounding white space. A blank line is refused unless only blank lines
    /// follow.
    pub(super) fn next_line(&mut self) -> Result<Option<&str>, Error> {
        let mut blank = 0;
        loop {
            if !self.read()? {
                return Ok(None);
            }
            if !self.buffer.trim_ascii().is_empty() {
                break;
            }
            blank += 1;
        }
        if blank > 0 {
            return Err(bad_line(&self.path, self.line - 1, "the line is blank"));
        }
        match std::str::from_utf8(self.buffer.trim_ascii()) {
            Ok(text) => Ok(Some(text)),
            Err(_) => Err(bad_line(&self.path, self.line, "not UTF-8 text: is it a protocol file?")),
        }
    }

    /// An error about the line that was read last.
    pub(super) fn bad(&self, problem: impl Into<String>) -> Error {
        bad_line(&self.path, self.line.max(1), problem)
    }

    fn read(&mut self) -> Result<bool, Error> {
        self.buffer.clear();
        let most = MAX_LINE as u64 + 1;
        let read = self.reader.by_ref().take(most).read_until(b'\n', &mut self.buffer);
        let read = read.map_err(|source| Error::Read { path: self.path.clone(), source, help: self.help })?;
        self.line += usize::from(read > 0);
        if read > MAX_LINE {
            return Err(self.bad(format!("a line of more than {MAX_LINE} bytes: is it a protocol file?")));
        }
        Ok(read > 0)
    }
}
