//! The two faces of every answer: JSON lines for programs, text for people.

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use super::outcome::Outcome;

/// Where answers go. With `--json` each record is one line on standard output and nothing else is printed
/// there; without it people get text on standard output and complaints on standard error.
pub struct Reporter {
    json: bool,
    out: BufWriter<Stdout>,
    progress: Option<ProgressBar>,
    /// Whether the last record is out already, or none is wanted.
    summarised: bool,
    /// Whether the work goes on though nobody reads the answers.
    goes_on: bool,
    /// Whether whoever read the answers went away.
    unread: bool,
}

impl Reporter {
    /// A reporter that writes JSON lines, or text.
    pub fn new(json: bool) -> Reporter {
        let out = BufWriter::new(io::stdout());
        Reporter { json, out, progress: None, summarised: false, goes_on: false, unread: false }
    }

    /// From now on the work goes on though nobody reads the answers (`omote enroll ... | head -1`). For commands that
    /// change or write something: what stops between two photos would leave a gallery that nobody can tell the state of,
    /// and no sign of it. Commands that only answer stop, as other programs do.
    pub fn go_on_unread(&mut self) {
        self.goes_on = true;
    }

    /// Shows a progress bar over `total` steps on standard error, if that is a terminal.
    pub fn start(&mut self, total: usize, what: &'static str) {
        if !io::stderr().is_terminal() || total < 2 {
            return;
        }
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len}  {per_sec}  {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(total as u64).with_style(style).with_message(what);
        bar.enable_steady_tick(Duration::from_millis(200));
        self.progress = Some(bar);
    }

    /// Shows a progress bar as [`start`](Self::start), which begins at `done` and says in its own words how it goes:
    /// [`step_saying`](Self::step_saying).
    pub fn start_saying(&mut self, done: u64, total: u64, what: &'static str) {
        if !io::stderr().is_terminal() {
            return;
        }
        let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len}  {eta} left\n{msg}")
            .unwrap_or_else(|_| ProgressStyle::default_bar());
        let bar = ProgressBar::new(total).with_style(style).with_prefix(what).with_position(done);
        bar.reset_eta();
        bar.enable_steady_tick(Duration::from_millis(200));
        self.progress = Some(bar);
    }

    /// One step further, and how it goes.
    pub fn step_saying(&self, how: impl FnOnce() -> String) {
        if let Some(bar) = &self.progress {
            bar.set_message(printable(&how()));
            bar.inc(1);
        }
    }

    /// One step further.
    pub fn step(&self) {
        if let Some(bar) = &self.progress {
            bar.inc(1);
        }
    }

    /// Takes the progress bar away.
    pub fn finish(&mut self) {
        if let Some(bar) = self.progress.take() {
            bar.finish_and_clear();
        }
    }

    /// One answer: `record` as a JSON line, or `text` for people (nothing is printed for an empty text).
    pub fn answer(&mut self, record: &impl Serialize, text: impl FnOnce() -> String) -> io::Result<()> {
        let line = if self.json { serde_json::to_string(record)? } else { printable(&text()) };
        if line.is_empty() {
            return Ok(());
        }
        self.write(&line)
    }

    /// Text for people only: headings, hints and totals that a program does not need.
    pub fn text(&mut self, line: &str) -> io::Result<()> {
        if self.json { Ok(()) } else { self.write(&printable(line)) }
    }

    /// Sends what was answered on its way, so that who reads it knows it while the command goes on.
    pub fn flush(&mut self) -> io::Result<()> {
        if self.unread {
            return Ok(());
        }
        let flushed = self.out.flush();
        self.heard(flushed)
    }

    /// Takes it lightly that the reader went away, if the work is to go on.
    fn heard(&mut self, said: io::Result<()>) -> io::Result<()> {
        match said {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe && self.goes_on => {
                self.unread = true;
                self.complain("nobody reads the answers any more; the work goes on");
                Ok(())
            }
            said => said,
        }
    }

    /// An input that failed: a record of `"type": "error"`, or a line on standard error.
    pub fn fail(&mut self, path: &Path, reason: &str) -> io::Result<()> {
        if self.json {
            return self
                .answer(&json!({"type": "error", "path": path_value(path), "error": reason}), String::new);
        }
        let path = path.display().to_string();
        // Errors about a file of their own name it themselves.
        self.complain(&if reason.starts_with(&path) {
            reason.to_owned()
        } else {
            format!("{path}: {reason}")
        });
        Ok(())
    }

    /// A photo that shows nobody, where only faces are answered.
    pub fn no_face(&mut self, path: &Path) -> io::Result<()> {
        let record = json!({"type": "photo", "path": path_value(path), "faces": []});
        self.answer(&record, || format!("{}: no face", path.display()))
    }

    /// The command cannot go on: why, and the last record.
    pub fn abort(&mut self, reason: &str) -> io::Result<()> {
        self.finish();
        if self.json {
            self.write(&json!({"type": "error", "error": reason}).to_string())?;
            self.write(
                &json!({"type": "summary", "exit_code": 2, "reason": "the command failed"}).to_string(),
            )?;
            return self.flush();
        }
        self.flush()?;
        self.complain(reason);
        Ok(())
    }

    /// A warning or hint for people on standard error, whatever the format of the answers.
    pub fn complain(&self, message: &str) {
        // Nobody may be listening, and that is no reason to stop.
        let say = || drop(writeln!(io::stderr(), "omote: {}", printable(message)));
        match &self.progress {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }

    /// The last record: `details` with the exit code and its reason added. People get `text`.
    pub fn summary(
        &mut self,
        outcome: &Outcome,
        details: Value,
        text: impl FnOnce() -> String,
    ) -> io::Result<()> {
        self.finish();
        self.summarised = true;
        let mut record = json!({"type": "summary"});
        if let (Some(record), Value::Object(details)) = (record.as_object_mut(), details) {
            record.extend(details);
            record.insert("failed".into(), outcome.failed.into());
            record.insert("exit_code".into(), outcome.code().into());
            record.entry("reason").or_insert_with(|| outcome.reason().into());
        }
        self.answer(&record, text)?;
        self.flush()
    }

    /// For commands whose standard output is a file in a format of its own.
    pub fn no_summary(&mut self) {
        self.summarised = true;
    }

    /// The command is through: a bare last record where it gave none, and everything on its way.
    pub fn end(&mut self, outcome: &Outcome) -> io::Result<()> {
        if self.summarised {
            self.finish();
            return self.flush();
        }
        self.summary(outcome, json!({}), String::new)
    }

    fn write(&mut self, line: &str) -> io::Result<()> {
        if self.unread {
            return Ok(());
        }
        let out = &mut self.out;
        let said = match &self.progress {
            Some(bar) => bar.suspend(|| writeln!(out, "{line}").and_then(|()| out.flush())),
            None => writeln!(out, "{line}"),
        };
        self.heard(said)
    }
}

impl Drop for Reporter {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Text without the control characters by which a name or a path could play tricks on a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// A path in JSON, as ripgrep writes it: `{"text": ...}`, or `{"bytes": <base64>}` where it is not UTF-8.
pub fn path_value(path: &Path) -> Value {
    match path.to_str() {
        Some(text) => json!({"text": text}),
        None => json!({"bytes": BASE64.encode(path.as_os_str().as_encoded_bytes())}),
    }
}

/// A number of things, as people write it: "1 face", "2 faces".
pub fn count<N: Display + PartialEq + From<u8>>(number: N, one: &str, several: &str) -> String {
    let unit = if number == N::from(1) { one } else { several };
    format!("{number} {unit}")
}

/// Rows of text in aligned columns; the first row is the heading. Numbers are set flush right.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| {
            let padding = " ".repeat(width - cell.width());
            if is_number(cell) { format!("{padding}{cell}") } else { format!("{cell}{padding}") }
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text.pop();
    text
}

fn is_number(cell: &str) -> bool {
    cell.starts_with(|c: char| c.is_ascii_digit() || c == '-')
        && cell.trim_end_matches([' ', '%']).parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_text_or_bytes() {
        assert_eq!(path_value(Path::new("a/b.jpg")), json!({"text": "a/b.jpg"}));
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            let odd = Path::new(std::ffi::OsStr::from_bytes(b"a\xff"));
            assert_eq!(path_value(odd), json!({"bytes": "Yf8="}));
        }
    }

    #[test]
    fn tables_align_numbers_right_and_text_left() {
        let rows = [["name", "n"], ["Anna", "5"], ["Bo", "12"]].map(|row| row.map(String::from).to_vec());
        assert_eq!(table(&rows), "name  n\nAnna   5\nBo    12");
    }
}
