//! What is written down of a run: two tables, of its steps and of looks at people who are held out.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::Error;
use crate::error::file;
use crate::held_out::Look;
use crate::learner::Step;

/// Tables of a run, to which lines are added.
pub(crate) struct Log {
    steps: Table,
    looks: Table,
}

impl Log {
    /// Opens the tables of a run; what was written after this step is of a time that is done again.
    pub(crate) fn open(folder: &Path, step: u64) -> Result<Self, Error> {
        Ok(Self {
            steps: Table::open(&folder.join("steps.csv"), "step,loss,accuracy,gradient,rate,parts", step)?,
            looks: Table::open(&folder.join("held_out.csv"), "step,eer,tar_at_1e-2,tar_at_1e-3", step + 1)?,
        })
    }

    pub(crate) fn step(&mut self, step: &Step) -> Result<(), Error> {
        let accuracy = step.accuracy.map_or_else(String::new, |accuracy| accuracy.to_string());
        let parts: Vec<String> = step.parts.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let Step { number, loss, gradient, rate, .. } = step;
        self.steps.add(format_args!("{number},{loss},{accuracy},{gradient},{rate},{}", parts.join("; ")))
    }

    pub(crate) fn look(&mut self, look: &Look) -> Result<(), Error> {
        let Look { step, eer, .. } = look;
        // A rate that rests on too little is left empty.
        let [at_2, at_3] =
            [look.tar_at_2, look.tar_at_3].map(|tar| tar.map_or_else(String::new, |tar| tar.to_string()));
        self.looks.add(format_args!("{step},{eer},{at_2},{at_3}"))
    }

    pub(crate) fn flush(&mut self) -> Result<(), Error> {
        self.steps.flush()?;
        self.looks.flush()
    }
}

/// Writes a file that is there whole or not at all.
pub(crate) fn whole(path: &Path, text: &str) -> Result<(), Error> {
    let partial = path.with_extension("partial");
    fs::write(&partial, text).and_then(|()| fs::rename(&partial, path)).map_err(file(path))
}

struct Table {
    path: PathBuf,
    lines: BufWriter<File>,
}

impl Table {
    /// Keeps the lines whose first number is below `end`.
    fn open(path: &Path, head: &str, end: u64) -> Result<Self, Error> {
        let old = match fs::read_to_string(path) {
            Ok(old) => old,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(file(path)(error)),
        };
        let cells = head.split(',').count();
        let is_before = |line: &&str| {
            let step = line.split(',').next().and_then(|step| step.parse().ok());
            line.split(',').count() == cells && step.is_some_and(|step: u64| step < end)
        };
        // What follows the last end of a line was cut off on the way to the disk.
        let (old, _) = old.rsplit_once('\n').unwrap_or_default();
        let kept = old.lines().skip(1).filter(is_before);
        let text: String = std::iter::once(head).chain(kept).map(|line| format!("{line}\n")).collect();
        whole(path, &text)?;
        let lines = BufWriter::new(File::options().append(true).open(path).map_err(file(path))?);
        Ok(Self { path: path.to_owned(), lines })
    }

    fn add(&mut self, line: std::fmt::Arguments<'_>) -> Result<(), Error> {
        writeln!(self.lines, "{line}").map_err(file(&self.path))
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.lines.flush().and_then(|()| self.lines.get_ref().sync_data()).map_err(file(&self.path))
    }
}
