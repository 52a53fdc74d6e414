//! Learning curves of a run, as SVG files beside its tables.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use evaluation::report::{Curve, Followed, Spans, learning};

use crate::Error;
use crate::error::file;
use crate::log::whole;

/// No line of a table is as long.
const LONGEST: u64 = 1 << 16;
/// Points of a curve: a chart has no room for more.
const POINTS: usize = 200;
/// How far rounding may take a share out of 0 to 1.
const ROUNDING: f64 = 1e-6;

/// The learning curves of a run: `loss.svg`, and `accuracy.svg` and `held_out.svg` where there is something to draw.
///
/// Each [`draw`](Self::draw) reads on from where the last one stopped, and of each column only a few hundred spans are kept,
/// so drawing costs little however long the run is.
pub struct Curves {
    folder: PathBuf,
    steps: Table<6>,
    looks: Table<4>,
    loss: Spans,
    accuracy: Spans,
    held_out: [(&'static str, Spans); 3],
}

impl Curves {
    /// The curves of the tables `steps.csv` and `held_out.csv` in the folder of a run. What is written in their place later,
    /// as when a run goes on after it was stopped, is not seen.
    ///
    /// # Errors
    /// [`Error::File`] if there is no such table.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let spans = || Spans::new(POINTS);
        let held_out = ["EER", "1 − TAR at FMR 0.01", "1 − TAR at FMR 0.001"].map(|name| (name, spans()));
        Ok(Self {
            folder: folder.to_owned(),
            steps: Table::open(folder.join("steps.csv"))?,
            looks: Table::open(folder.join("held_out.csv"))?,
            loss: spans(),
            accuracy: spans(),
            held_out,
        })
    }

    /// Reads what was written since, and draws the curves anew. Each file is there whole or not at all.
    ///
    /// # Errors
    /// [`Error::Line`] for a line that is none of a run; [`Error::File`] if a table cannot be read or a file not written.
    pub fn draw(&mut self) -> Result<(), Error> {
        let Self { steps, looks, loss, accuracy, held_out, .. } = self;
        steps.read(|step, [_, of_loss, right, ..]| {
            loss.add(step, number(of_loss, "the loss")?);
            if !right.is_empty() {
                accuracy.add(step, share(right, "the accuracy")?);
            }
            Ok(())
        })?;
        looks.read(|step, [_, eer, at_2, at_3]| {
            let [of_eer, of_2, of_3] = held_out;
            of_eer.1.add(step, share(eer, "the EER")?);
            for ((_, spans), tar, what) in [(of_2, at_2, "the TAR at 1e-2"), (of_3, at_3, "the TAR at 1e-3")]
            {
                // A rate that rests on too little is left empty.
                if !tar.is_empty() {
                    spans.add(step, 1.0 - share(tar, what)?);
                }
            }
            Ok(())
        })?;
        let held_out: Vec<Curve> = held_out.iter().map(|(name, spans)| spans.curve(*name)).collect();
        self.write("loss.svg", "Loss", Followed::Loss, vec![self.loss.curve("mean of the batch")])?;
        let right = self.accuracy.curve("of the batch, with the right person");
        self.write("accuracy.svg", "Training accuracy", Followed::Share, vec![right])?;
        self.write("held_out.svg", "People who are held out", Followed::ErrorRate, held_out)
    }

    /// Writes a chart of the curves that have points, if there are any.
    fn write(
        &self,
        name: &str,
        title: &str,
        followed: Followed,
        mut curves: Vec<Curve>,
    ) -> Result<(), Error> {
        curves.retain(|curve| !curve.points.is_empty());
        if curves.is_empty() {
            return Ok(());
        }
        whole(&self.folder.join(name), &learning(title, followed, &curves)?.svg()?)
    }
}

/// A table of so many columns that grows at its end; the first column is a step, and rises.
struct Table<const COLUMNS: usize> {
    path: PathBuf,
    reader: BufReader<File>,
    /// Lines that were read.
    line: u64,
    /// The last step.
    step: Option<u64>,
}

impl<const COLUMNS: usize> Table<COLUMNS> {
    fn open(path: PathBuf) -> Result<Self, Error> {
        let reader = BufReader::new(File::open(&path).map_err(file(&path))?);
        Ok(Self { path, reader, line: 0, step: None })
    }

    /// Gives the step and the columns of each line that is new, but of the heading.
    fn read(&mut self, mut row: impl FnMut(f64, [&str; COLUMNS]) -> Result<(), String>) -> Result<(), Error> {
        let mut text = Vec::new();
        loop {
            text.clear();
            let mut reader = self.reader.by_ref().take(LONGEST);
            if reader.read_until(b'\n', &mut text).map_err(file(&self.path))? == 0 {
                return Ok(());
            }
            self.line += 1;
            self.columns(&text)
                .and_then(|columns| match columns {
                    Some((step, columns)) => {
                        self.step = Some(step);
                        row(step as f64, columns)
                    }
                    None => Ok(()),
                })
                .map_err(|reason| Error::Line { path: self.path.clone(), line: self.line, reason })?;
        }
    }

    /// The step and all columns of a line; `None` for the heading.
    fn columns<'a>(&self, text: &'a [u8]) -> Result<Option<(u64, [&'a str; COLUMNS])>, String> {
        let Some(text) = text.strip_suffix(b"\n") else {
            return Err("is cut off, or far too long".to_owned());
        };
        let text = std::str::from_utf8(text).map_err(|_| "is no text".to_owned())?;
        let mut columns = [""; COLUMNS];
        let mut found = text.splitn(COLUMNS, ',');
        for column in &mut columns {
            *column = found
                .next()
                .ok_or_else(|| format!("must have {COLUMNS} columns, apart by commas: {text:?}"))?;
        }
        if self.line == 1 {
            let is_heading = columns[0] == "step";
            return if is_heading { Ok(None) } else { Err("must be the heading of the table".to_owned()) };
        }
        let step = columns[0]
            .parse()
            .map_err(|_| format!("the step must be a whole number, not {:?}", columns[0]))?;
        match self.step.filter(|&last| step <= last) {
            Some(last) => Err(format!("step {step} comes after step {last}")),
            None => Ok(Some((step, columns))),
        }
    }
}

fn number(text: &str, what: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("{what} must be a number, not {text:?}"))
}

/// A share within 0 to 1.
fn share(text: &str, what: &str) -> Result<f64, String> {
    let share = number(text, what)?;
    if (-ROUNDING..=1.0 + ROUNDING).contains(&share) {
        return Ok(share.clamp(0.0, 1.0));
    }
    Err(format!("{what} must be from 0 to 1, not {text}"))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::fs;

    use super::*;
    use crate::log::Log;
    use crate::{Look, Step};

    fn step(number: u64, loss: f32, accuracy: Option<f32>) -> Step {
        Step { number, loss, parts: vec![("cross entropy", loss)], accuracy, gradient: 1.5, rate: 0.1 }
    }

    fn svg(folder: &Path, name: &str) -> String {
        fs::read_to_string(folder.join(name)).unwrap()
    }

    #[test]
    fn a_run_is_drawn_as_it_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        let mut log = Log::open(folder, 0).unwrap();
        let mut curves = Curves::open(folder).unwrap();
        curves.draw().unwrap();
        assert!(!folder.join("loss.svg").exists(), "there is nothing yet");
        (0..40).for_each(|number| log.step(&step(number, 20.0 - number as f32, None)).unwrap());
        log.step(&step(40, f32::NAN, None)).unwrap();
        log.flush().unwrap();
        curves.draw().unwrap();
        assert!(svg(folder, "loss.svg").contains("Loss by Steps: mean of the batch"));
        assert!(!folder.join("accuracy.svg").exists() && !folder.join("held_out.svg").exists());

        (41..900).for_each(|number| log.step(&step(number, 3.0, Some(1.000_000_1))).unwrap());
        for at in [450, 900] {
            let look = Look { step: at, pairs: [9, 9], eer: 0.2, tar_at_2: Some(0.5), tar_at_3: Some(0.25) };
            log.look(&look).unwrap();
        }
        log.flush().unwrap();
        curves.draw().unwrap();
        for (name, said) in [
            ("loss.svg", "mean of the batch"),
            ("accuracy.svg", "Share by Steps"),
            ("held_out.svg", "Error rate by Steps: EER, 1 − TAR at FMR 0.01, 1 − TAR at FMR 0.001"),
        ] {
            let drawn = svg(folder, name);
            assert!(drawn.contains(said) && drawn.ends_with("</svg>"), "{name}: {drawn}");
        }
        let look = Look { step: 901, pairs: [9, 9], eer: 0.2, tar_at_2: None, tar_at_3: None };
        log.look(&look).unwrap();
        log.flush().unwrap();
        curves.draw().unwrap();
        // Read at once it is the same as read bit by bit.
        let drawn = svg(folder, "loss.svg");
        Curves::open(folder).unwrap().draw().unwrap();
        assert_eq!(svg(folder, "loss.svg"), drawn);
    }

    #[test]
    fn a_long_run_makes_a_small_chart() {
        let folder = tempfile::tempdir().unwrap();
        let mut table = String::from("step,loss,accuracy,gradient,rate,parts\n");
        for number in 0..60_000 {
            let loss = 20.0 / f64::from(1 + number / 100) + f64::from(number % 7);
            writeln!(table, "{number},{loss},0.5,1.5,0.1,cross entropy {loss}").unwrap();
        }
        fs::write(folder.path().join("steps.csv"), table).unwrap();
        fs::write(folder.path().join("held_out.csv"), "step,eer,tar_at_1e-2,tar_at_1e-3\n").unwrap();
        Curves::open(folder.path()).unwrap().draw().unwrap();
        let drawn = svg(folder.path(), "loss.svg");
        assert!(drawn.len() < 20_000 && drawn.contains(">40,000</text>"), "{drawn}");
    }

    #[test]
    fn damaged_lines_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let heads = [
            ("steps.csv", "step,loss,accuracy,gradient,rate,parts\n"),
            ("held_out.csv", "step,eer,tar_at_1e-2,tar_at_1e-3\n"),
        ];
        let drawn = |name: &str, text: &str| {
            for (table, head) in heads {
                let lines = if table == name { text } else { "" };
                fs::write(folder.path().join(table), format!("{head}{lines}")).unwrap();
            }
            Curves::open(folder.path()).unwrap().draw()
        };
        drawn("steps.csv", "0,1,,1,0.1,a 1; b 2\n").unwrap();
        let long = format!("0,1,,1,0.1,{}\n", "a".repeat(1 << 17));
        for (name, text, said) in [
            ("steps.csv", "0,1,,1,0.1,a\n1,1,,1\n", "line 3: must have 6 columns"),
            ("steps.csv", "0,one,,1,0.1,a\n", "line 2: the loss must be a number, not \"one\""),
            ("steps.csv", "-1,1,,1,0.1,a\n", "line 2: the step must be a whole number"),
            ("steps.csv", "5,1,,1,0.1,a\n5,1,,1,0.1,a\n", "line 3: step 5 comes after step 5"),
            ("steps.csv", "0,1,1.5,1,0.1,a\n", "the accuracy must be from 0 to 1, not 1.5"),
            ("steps.csv", "0,1,,1,0.1,a\n1,1,,1,0.1", "line 3: is cut off"),
            ("steps.csv", &long, "line 2: is cut off, or far too long"),
            ("held_out.csv", "9,0.1,0.5,NaN\n", "line 2: the TAR at 1e-3 must be from 0 to 1, not NaN"),
            ("held_out.csv", "9,0.1,0.5,0.5,0.5\n", "line 2: the TAR at 1e-3 must be a number"),
        ] {
            let error = drawn(name, text).unwrap_err().to_string();
            assert!(error.contains(name) && error.contains(said), "{said}: {error}");
        }
        fs::write(folder.path().join("steps.csv"), b"\xff\xfe\n").unwrap();
        let error = Curves::open(folder.path()).unwrap().draw().unwrap_err().to_string();
        assert!(error.contains("line 1: is no text"), "{error}");
        fs::remove_file(folder.path().join("steps.csv")).unwrap();
        assert!(
            matches!(Curves::open(folder.path()), Err(Error::File { path, .. }) if path.ends_with("steps.csv"))
        );
    }
}
