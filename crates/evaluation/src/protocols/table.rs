//! CSV files whose columns have known names, read row by row.

use std::fs::File;
use std::io::{Chain, Read as _, Take};
use std::path::{Path, PathBuf};

use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord, Terminator, Trim};

use super::files::{bad_line, quoted};
use crate::Error;

/// Columns besides those of the format. More are not looked at one by one.
const MOST_LABELS: usize = 20;

/// What a CSV file may look like.
pub(super) struct Format {
    /// The names that a header may use.
    pub(super) known: &'static [&'static str],
    /// Whether a header may have other columns, which are passed over. Rows may then be of any length.
    pub(super) others: bool,
    /// The columns of a file without a header, for each number of columns that says enough.
    pub(super) headless: &'static [&'static [&'static str]],
    /// The largest file that is read, in bytes.
    pub(super) limit: u64,
    /// What the file is, in case it cannot be read.
    pub(super) help: &'static str,
}

/// An open CSV file.
pub(super) struct Table {
    path: PathBuf,
    format: &'static Format,
    reader: Reader<Chain<Take<File>, &'static [u8]>>,
    record: StringRecord,
    /// The name of each column, blank for one that is passed over.
    columns: Vec<&'static str>,
    /// The other columns of a header, by number and name, where they are wanted.
    labels: Vec<(usize, String)>,
    /// The first record, which is in `record`, is data and has not been handed out.
    pending: bool,
}

impl Table {
    /// Opens the file and finds out its columns. The first row is a header if at least two of its cells are names of
    /// columns; upper case counts as lower case.
    pub(super) fn open(path: &Path, format: &'static Format) -> Result<Self, Error> {
        Self::open_as(path, format, false)
    }

    /// The same of a file whose header may have other columns as well, to be found in [`labels`](Self::labels).
    pub(super) fn open_labelled(path: &Path, format: &'static Format) -> Result<Self, Error> {
        Self::open_as(path, format, true)
    }

    fn open_as(path: &Path, format: &'static Format, labelled: bool) -> Result<Self, Error> {
        let unreadable = |source| Error::Read { path: path.to_owned(), source, help: format.help };
        let file = File::open(path).map_err(unreadable)?;
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            // Ends a row right after its newline, so that the reader's line number is known; `\r` is trimmed.
            .terminator(Terminator::Any(b'\n'))
            // The last row has a newline too.
            .from_reader(file.take(format.limit + 1).chain(&b"\n"[..]));
        let mut table = Self {
            path: path.to_owned(),
            format,
            reader,
            record: StringRecord::new(),
            columns: Vec::new(),
            labels: Vec::new(),
            pending: true,
        };
        if !table.read()? {
            return Err(bad_line(path, 1, "the file is empty"));
        }
        let known = |cell: &str| format.known.iter().copied().find(|name| name.eq_ignore_ascii_case(cell));
        if table.record.iter().filter_map(known).count() >= 2 {
            table.pending = false;
            for cell in &table.record {
                let name = known(cell);
                if name.is_none() && labelled {
                    if table.labels.len() == MOST_LABELS {
                        return Err(table.bad(format!("more than {MOST_LABELS} columns of labels")));
                    }
                    table.labels.push((table.columns.len(), cell.to_owned()));
                } else if name.is_none() && !format.others {
                    let names = format.known.join(", ");
                    return Err(table.bad(format!("{} is no column; the columns are {names}", quoted(cell))));
                }
                if let Some(name) = name.filter(|name| table.has(name)) {
                    return Err(table.bad(format!("the column {name} is named twice")));
                }
                table.columns.push(name.unwrap_or_default());
            }
        } else {
            let width = table.record.len();
            let columns = format.headless.iter().find(|columns| columns.len() == width).ok_or_else(|| {
                let choices: Vec<String> = format.headless.iter().map(|columns| columns.join(",")).collect();
                let names = format.known.join(", ");
                table.bad(match choices[..] {
                    [] => format!("this is no header, which names the columns {names}"),
                    _ => format!(
                        "{width} columns without a header, where {} were expected; a header may name {names}",
                        choices.join(" or ")
                    ),
                })
            })?;
            table.columns = columns.to_vec();
        }
        Ok(table)
    }

    /// Whether the file has this column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.columns.contains(&column)
    }

    /// The columns of a header that the format does not know, by number and name, from left to right. Only of a file
    /// that was opened for them.
    pub(super) fn labels(&self) -> &[(usize, String)] {
        &self.labels
    }

    /// Refuses a file without these columns.
    pub(super) fn require(&self, columns: &[&str]) -> Result<(), Error> {
        match columns.iter().find(|column| !self.has(column)) {
            Some(column) => Err(self.bad(format!("the header does not name the column {column}"))),
            None => Ok(()),
        }
    }

    /// The next row that is not blank.
    pub(super) fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        if !std::mem::take(&mut self.pending) && !self.read()? {
            return Ok(None);
        }
        if self.record.len() != self.columns.len() && !self.format.others {
            let (got, expected) = (self.record.len(), self.columns.len());
            return Err(self.bad(format!("{got} columns, where the first row has {expected}")));
        }
        Ok(Some(Row { table: self }))
    }

    /// An error about the row that was read last.
    pub(super) fn bad(&self, problem: impl Into<String>) -> Error {
        bad_line(&self.path, self.line(), problem)
    }

    /// The line on which the row that was read last ends, from 1.
    fn line(&self) -> usize {
        // The reader stands at the beginning of the next line. At the end of the file there is no row, but line 1.
        (self.reader.position().line() as usize - 1).max(1)
    }

    /// Reads the next row that is not blank.
    fn read(&mut self) -> Result<bool, Error> {
        loop {
            let more = self.reader.read_record(&mut self.record).map_err(|error| self.unreadable(error))?;
            // The newline that was added counts.
            if self.reader.position().byte() > self.format.limit + 1 {
                return Err(Error::TooLarge { path: self.path.clone(), limit: self.format.limit });
            }
            if !more || self.record.len() > 1 || self.record.get(0).is_some_and(|cell| !cell.is_empty()) {
                return Ok(more);
            }
        }
    }

    fn unreadable(&self, error: csv::Error) -> Error {
        let line = self.line();
        match error.into_kind() {
            ErrorKind::Io(source) => Error::Read { path: self.path.clone(), source, help: self.format.help },
            ErrorKind::Utf8 { .. } => bad_line(&self.path, line, "not UTF-8 text: save the table as UTF-8"),
            kind => bad_line(&self.path, line, format!("no CSV: {kind:?}")),
        }
    }
}

/// A row of a [`Table`].
pub(super) struct Row<'a> {
    table: &'a Table,
}

impl<'a> Row<'a> {
    /// The row's line in the file, from 1.
    pub(super) fn line(&self) -> usize {
        self.table.line()
    }

    /// Whether the file has this column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.table.has(column)
    }

    /// The cell in a column, or `None` if it is blank or there is no such column.
    pub(super) fn get(&self, column: &str) -> Option<&'a str> {
        self.cell(self.table.columns.iter().position(|name| *name == column)?)
    }

    /// The cell in the column of this number, or `None` if it is blank.
    pub(super) fn cell(&self, column: usize) -> Option<&'a str> {
        self.table.record.get(column).filter(|cell| !cell.is_empty())
    }

    /// The cell in a column, which must not be blank.
    pub(super) fn need(&self, column: &str) -> Result<&'a str, Error> {
        self.get(column).ok_or_else(|| self.bad(format!("the column {column} is blank")))
    }

    /// Whether the row is of the same person, by its label in the column `same` or by whether its two identities are
    /// equal. If the row has both they must agree.
    pub(super) fn same(&self) -> Result<bool, Error> {
        let label = if self.table.has("same") {
            let cell = self.need("same")?;
            Some(truth(cell).ok_or_else(|| {
                self.bad(format!(
                    "{} is not 1 or 0 (or true, false, yes, no) for the column same",
                    quoted(cell)
                ))
            })?)
        } else {
            None
        };
        let (id_a, id_b) = if self.table.has("id_a") {
            (self.need("id_a")?, self.need("id_b")?)
        } else {
            return label.ok_or_else(|| self.bad("there is neither a column same nor id_a and id_b"));
        };
        let equal = id_a == id_b;
        match label {
            Some(same) if same != equal => {
                let (id_a, id_b) = (quoted(id_a), quoted(id_b));
                let label = if same { "the same" } else { "different" };
                Err(self.bad(format!("the label says {label}, but the identities are {id_a} and {id_b}")))
            }
            _ => Ok(equal),
        }
    }

    /// An error about this row.
    pub(super) fn bad(&self, problem: impl Into<String>) -> Error {
        self.table.bad(problem)
    }
}

/// A number that is neither infinite nor NaN.
pub(super) fn finite<T: std::str::FromStr + Copy + Into<f64>>(cell: &str) -> Option<T> {
    cell.parse().ok().filter(|&number: &T| number.into().is_finite())
}

fn truth(cell: &str) -> Option<bool> {
    let is = |words: [&str; 3]| words.iter().any(|word| word.eq_ignore_ascii_case(cell));
    match (is(["1", "true", "yes"]), is(["0", "false", "no"])) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static TWO: Format = Format {
        known: &["one", "two"],
        others: false,
        headless: &[&["one", "two"]],
        limit: 30,
        help: "a table of two columns",
    };

    fn table(content: impl AsRef<[u8]>) -> Result<Vec<(usize, String, String)>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("two.csv");
        std::fs::write(&path, content).unwrap();
        let rows = || -> Result<_, Error> {
            let mut table = Table::open(&path, &TWO)?;
            let mut rows = Vec::new();
            while let Some(row) = table.next_row()? {
                rows.push((row.line(), row.need("one")?.to_owned(), row.need("two")?.to_owned()));
            }
            Ok(rows)
        };
        rows().map_err(|error| error.to_string())
    }

    fn row(line: usize, one: &str, two: &str) -> (usize, String, String) {
        (line, one.to_owned(), two.to_owned())
    }

    #[test]
    fn lines_are_numbered_as_an_editor_does() {
        for content in
            ["a,b\n\n\nc,d\n", "a,b\r\n\r\n\r\nc,d\r\n", "a,b\n \n\r\nc,d", "\u{feff}a,b\n\n\nc,d\n\n\n"]
        {
            assert_eq!(table(content), Ok(vec![row(1, "a", "b"), row(4, "c", "d")]), "{content:?}");
        }
        for content in ["two,one\nb,a\n", "TWO, One\r\nb ,\ta\r\n", "\n\"two\",\"one\"\r\n\"b\",\"a\"\r\n"] {
            let rows = table(content).unwrap();
            let [(line, one, two)] = &rows[..] else { panic!("{content:?} gave {rows:?}") };
            assert_eq!((one.as_str(), two.as_str()), ("a", "b"));
            assert_eq!(*line, if content.starts_with('\n') { 3 } else { 2 });
        }
    }

    #[test]
    fn quoted_cells_may_hold_anything() {
        assert_eq!(
            table("\"a, \"\"b\"\"\",\"c\nd\"\ne,f\n"),
            Ok(vec![row(2, "a, \"b\"", "c\nd"), row(3, "e", "f")])
        );
    }

    #[test]
    fn the_limit_is_in_bytes() {
        assert_eq!(table(format!("a,{}\n", "b".repeat(27))).unwrap().len(), 1);
        for content in ["a,b\n".repeat(8), format!("a,\"{}", "b".repeat(28)), " ".repeat(31)] {
            let message = table(&content).unwrap_err();
            assert!(message.contains("two.csv is larger than 30 bytes"), "{content:?} gave {message:?}");
        }
    }

    #[test]
    fn what_is_no_text_is_told_with_its_line() {
        let message = table(b"a,b\n\n\xff,d\n").unwrap_err();
        assert!(message.ends_with("two.csv, line 3: not UTF-8 text: save the table as UTF-8"), "{message}");
        // Another alphabet's text file, as spreadsheets save it.
        assert!(table(b"\xff\xfea\x00,\x00b\x00").unwrap_err().contains("line 1: not UTF-8 text"));
    }
}
