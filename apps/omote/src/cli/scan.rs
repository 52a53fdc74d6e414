//! One pass over many photos: read, analyse, answer in order, count what failed.

use std::collections::HashSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use analysis::pipeline::{self, Half};
use analysis::{CutOut, Face};
use anyhow::anyhow;
use imaging::Image;
use serde_json::{Value, json};

use super::inputs::Input;
use super::setup::Setup;
use console::Outcome;
use console::{Reporter, count};

/// A photo to be read, with a name for the files that are made from it.
#[derive(Clone, Debug)]
pub struct Photo {
    /// Where it is.
    pub path: PathBuf,
    /// Its file name without extension, made unique among the photos of this run.
    pub stem: String,
    /// Its place among the inputs.
    pub number: usize,
}

impl AsRef<Path> for Photo {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

/// The faces of a photo.
pub struct Analyzed {
    /// Width and height of the photo as it is looked at, in pixels.
    pub size: (u32, u32),
    /// Its faces, best detector score first.
    pub faces: Vec<Face>,
}

/// What a pass over photos met.
pub struct Pass {
    /// Photos tried, those that failed among them.
    pub photos: usize,
    /// Inputs that failed.
    pub failed: usize,
    /// When it began.
    pub started: Instant,
}

impl Pass {
    /// The outcome of a command that found something, or did not.
    pub fn outcome(&self, found: bool) -> Outcome {
        Outcome { failed: self.failed, found }
    }

    /// Counts for the summary, what ran included.
    pub fn record(&self, setup: &Setup, counts: Value) -> Value {
        let mut record = json!({"photos": self.photos, "seconds": self.seconds(), "ran": setup.record()});
        if let (Some(record), Value::Object(counts)) = (record.as_object_mut(), counts) {
            record.extend(counts);
        }
        record
    }

    /// The last line for people.
    pub fn describe(&self, setup: &Setup, counts: &str) -> String {
        let failed = if self.failed > 0 { format!(", {} failed", self.failed) } else { String::new() };
        let photos = count(self.photos, "photo", "photos");
        format!("\n{photos}{failed}, {counts}, {:.2} s ({})", self.seconds(), setup.describe())
    }

    fn seconds(&self) -> f64 {
        (self.started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0
    }
}

/// Runs `work` on every photo, in parallel, and hands the answers to `each` in the order of the inputs. Inputs that
/// cannot be read are reported and counted, and the rest goes on.
pub fn scan<T: Send>(
    inputs: Vec<Input>,
    setup: &Setup,
    reporter: &mut Reporter,
    work: impl Fn(&Photo, Image) -> analysis::Result<T> + Sync,
    each: impl FnMut(&mut Reporter, &Photo, T) -> anyhow::Result<()>,
) -> anyhow::Result<Pass> {
    let first = |photo: &Photo, image| Ok(Half { value: work(photo, image)?, bytes: u64::MAX });
    scan_in_steps(inputs, setup, reporter, first, |_, result| Ok(result), each)
}

/// Finds (or takes as given) and describes the faces of every photo, as [`scan`] with [`faces`] would, but faster: see
/// [`pipeline::run_in_steps`].
pub fn scan_faces(
    inputs: Vec<Input>,
    setup: &Setup,
    reporter: &mut Reporter,
    each: impl FnMut(&mut Reporter, &Photo, Analyzed) -> anyhow::Result<()>,
) -> anyhow::Result<Pass> {
    let first = |_: &_, photo: Image| {
        let cut_out = cut_out(setup, &photo)?;
        Ok(Half { bytes: cut_out.bytes(), value: ((photo.width(), photo.height()), cut_out) })
    };
    let second = |_: &_, (size, cut_out)| Ok(Analyzed { size, faces: setup.analyzer.describe(cut_out)? });
    scan_in_steps(inputs, setup, reporter, first, second, each)
}

/// As [`scan`], where `first` sees the picture and `second` what it made of it.
pub fn scan_in_steps<S, T: Send>(
    inputs: Vec<Input>,
    setup: &Setup,
    reporter: &mut Reporter,
    first: impl Fn(&Photo, Image) -> analysis::Result<Half<S>> + Sync,
    second: impl Fn(&Photo, S) -> analysis::Result<T> + Sync,
    mut each: impl FnMut(&mut Reporter, &Photo, T) -> anyhow::Result<()>,
) -> anyhow::Result<Pass> {
    let mut pass = Pass { photos: inputs.len(), failed: 0, started: Instant::now() };
    let mut photos = Vec::with_capacity(inputs.len());
    for (number, input) in inputs.into_iter().enumerate() {
        match input {
            Ok(path) => photos.push((number, path)),
            Err(unreadable) => {
                pass.failed += 1;
                reporter.fail(&unreadable.path, &unreadable.reason)?;
            }
        }
    }
    reporter.start(photos.len(), "photos");
    let mut result = Ok(());
    pipeline::run_in_steps(named(photos), &setup.pipeline, first, second, |photo, outcome| {
        reporter.step();
        let answered = match outcome {
            Ok(answer) => each(reporter, &photo, answer),
            // Not about this photo: every other one would be refused as well.
            Err(error @ analysis::Error::NetworkSize { .. }) if setup.size_is_fixed() => {
                Err(anyhow!(explain(&error)))
            }
            Err(error) => {
                pass.failed += 1;
                reporter.fail(&photo.path, &explain(&error)).map_err(Into::into)
            }
        };
        match answered {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                result = Err(error);
                ControlFlow::Break(())
            }
        }
    });
    reporter.finish();
    result.map(|()| pass)
}

/// What went wrong with a photo; where a flag is the remedy, which one.
fn explain(error: &analysis::Error) -> String {
    match error {
        analysis::Error::Image(imaging::Error::TooLarge { .. }) => format!("{error} (--max-megapixels)"),
        analysis::Error::NetworkSize { .. } => format!("{error} (--detect-size)"),
        _ => error.to_string(),
    }
}

/// Finds (or takes as given) the faces of a photo.
pub fn faces(setup: &Setup, photo: &Image) -> analysis::Result<Analyzed> {
    let faces = setup.analyzer.describe(cut_out(setup, photo)?)?;
    Ok(Analyzed { size: (photo.width(), photo.height()), faces })
}

fn cut_out(setup: &Setup, photo: &Image) -> analysis::Result<CutOut> {
    let analyzer = &setup.analyzer;
    Ok(match analyzer.detector() {
        Some(_) => analyzer.cut_out(photo, &analyzer.detect(photo)?),
        None => analyzer.given(photo),
    })
}

/// Gives every photo a file stem of its own: `a`, `a~2`, ...
fn named(photos: Vec<(usize, PathBuf)>) -> Vec<Photo> {
    let mut taken = HashSet::new();
    let mut name = |(number, path): (usize, PathBuf)| {
        let base = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let numbered = (2..).map(|copy| format!("{base}~{copy}"));
        let stem = std::iter::once(base.clone()).chain(numbered).find(|stem| taken.insert(stem.clone()));
        Photo { path, stem: stem.unwrap_or(base), number }
    };
    photos.into_iter().map(&mut name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_of_one_name_get_stems_of_their_own() {
        let paths = ["a/x.jpg", "b/x.png", "y.jpg", "c/x.jpg"].map(PathBuf::from);
        let photos = named(paths.into_iter().enumerate().collect());
        let stems: Vec<&str> = photos.iter().map(|photo| photo.stem.as_str()).collect();
        assert_eq!(stems, ["x", "x~2", "y", "x~3"]);
    }
}
