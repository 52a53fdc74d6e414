//! Flags that several commands share.

use std::path::PathBuf;

use analysis::Face;
use clap::Args;
use geometry::Point;

use super::scan::Analyzed;

/// Photos to read.
#[derive(Args, Debug)]
pub struct Inputs {
    /// Photos: files, folders (searched to the bottom), or quoted globs such as '*.jpg'
    #[arg(required = true, value_name = "PHOTO")]
    pub photos: Vec<PathBuf>,
}

/// Where models are, and on what they run.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Models and machine")]
pub struct EngineArgs {
    /// Folder of models: NAME/model.toml, or plain ONNX files that the catalogue knows (may be given again)
    /// [default: where `omote models import` puts them]
    #[arg(long, env = "OMOTE_MODELS", value_name = "DIR", value_delimiter = PATH_LIST)]
    pub models: Vec<PathBuf>,
    /// Inference engine: auto, rten (built in) or onnxruntime (auto: ONNX Runtime if found, else rten)
    #[arg(long, env = "OMOTE_ENGINE", default_value = "auto", value_name = "ENGINE")]
    pub engine: engine::Choice,
    /// ONNX Runtime's library (libonnxruntime.so.1.22.0 and the like), or a folder that holds it
    #[arg(long, env = "OMOTE_ENGINE_LIB", value_name = "FILE")]
    pub engine_lib: Option<PathBuf>,
    /// Threads in all [default: the processors of this machine]
    #[arg(long, env = "OMOTE_THREADS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

/// Which models run, on what, and how much they may use.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Models and machine")]
pub struct ModelArgs {
    #[command(flatten)]
    pub on: EngineArgs,
    /// Detector, by its name in `omote models list` [default: the best one installed]
    #[arg(long, env = "OMOTE_DETECTOR", value_name = "NAME")]
    pub detector: Option<String>,
    /// Embedder, by its name in `omote models list`, or the path of its folder with a / (./mine) [default: the best one installed]
    #[arg(long, visible_alias = "model", env = "OMOTE_EMBEDDER", value_name = "NAME")]
    pub embedder: Option<String>,
    /// Most memory for decoded pixels at any time, in MiB
    #[arg(long, default_value_t = 256, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..=1 << 20))]
    pub memory: u64,
    /// Largest photo that is decoded, in megapixels
    #[arg(long, default_value_t = 64, value_name = "MP", value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub max_megapixels: u64,
}

/// Separates folders in an environment variable, as in PATH.
pub const PATH_LIST: char = if cfg!(windows) { ';' } else { ':' };

impl EngineArgs {
    /// The thread budget.
    pub fn threads(&self) -> usize {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.map_or_else(cores, usize::from)
    }
}

/// How faces are found.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Detection")]
pub struct DetectArgs {
    /// Smallest face, in pixels of the photo (its box's shorter side)
    #[arg(long, default_value_t = 0.0, value_name = "PIXELS", value_parser = non_negative)]
    pub min_face: f32,
    /// Keep only the N largest faces of a photo (0: all)
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub max_faces: usize,
    /// Lowest detector score, 0 to 1 [default: the detector's own]
    #[arg(long, value_name = "SCORE", value_parser = unit)]
    pub score: Option<f32>,
    /// Side of the picture that the detector sees: auto, native (the photo's own size) or pixels
    #[arg(long, default_value = "auto", value_name = "SIZE")]
    pub detect_size: analysis::DetectSize,
    /// Where a photo shows no face upright, also try it turned by 90, 180 and 270 degrees
    #[arg(long)]
    pub try_rotations: bool,
}

/// How a face becomes a template.
#[derive(Args, Debug, Clone, Copy)]
#[command(next_help_heading = "Recognition")]
pub struct EmbedArgs {
    /// Average the embeddings of the face and its mirror image: slower, slightly more accurate
    #[arg(long)]
    pub flip: bool,
    /// The photos are aligned crops of one face each: no detection
    #[arg(long)]
    pub aligned: bool,
}

/// From a photo to templates: all that detecting and embedding need.
#[derive(Args, Debug, Clone)]
pub struct RecogniseArgs {
    /// How a face becomes a template.
    #[command(flatten)]
    pub embed: EmbedArgs,
    /// How faces are found.
    #[command(flatten)]
    pub detect: DetectArgs,
    /// Which models run, and on what.
    #[command(flatten)]
    pub models: ModelArgs,
}

/// Which gallery.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Gallery")]
pub struct GalleryArgs {
    /// The gallery's folder
    #[arg(long, env = "OMOTE_GALLERY", default_value = "gallery", value_name = "DIR")]
    pub gallery: PathBuf,
}

/// Which of several faces is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceChoice {
    /// The face with the largest box.
    Largest,
    /// The face nearest to the photo's centre.
    Central,
    /// The face of this number, counted from 1 in the order of `omote detect`.
    Number(usize),
}

impl std::str::FromStr for FaceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<FaceChoice, String> {
        match text {
            "largest" => Ok(FaceChoice::Largest),
            "central" => Ok(FaceChoice::Central),
            _ => match text.parse() {
                Ok(number @ 1..) => Ok(FaceChoice::Number(number)),
                _ => Err("expected largest, central, or a face's number from 1".into()),
            },
        }
    }
}

impl std::fmt::Display for FaceChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            FaceChoice::Largest => f.write_str("largest"),
            FaceChoice::Central => f.write_str("central"),
            FaceChoice::Number(number) => write!(f, "{number}"),
        }
    }
}

impl FaceChoice {
    /// The face that is meant among those of a photo of this size.
    ///
    /// # Errors
    /// Words for the user: there is no face, no such number, or several and no choice.
    pub fn pick(choice: Option<FaceChoice>, found: &Analyzed) -> Result<&Face, String> {
        let faces = &found.faces;
        let center = Point::new(found.size.0 as f32 / 2.0, found.size.1 as f32 / 2.0);
        let off_center = |face: &&Face| face.bounds.center().distance(center);
        let picked = match choice {
            None if faces.len() > 1 => {
                let count = faces.len();
                return Err(format!(
                    "shows {count} faces: say which with --face largest, central or 1..{count}"
                ));
            }
            None => faces.first(),
            Some(FaceChoice::Largest) => {
                faces.iter().max_by(|a, b| a.bounds.area().total_cmp(&b.bounds.area()))
            }
            Some(FaceChoice::Central) => faces.iter().min_by(|a, b| off_center(a).total_cmp(&off_center(b))),
            Some(FaceChoice::Number(number)) if !faces.is_empty() => {
                let missing = || format!("has no face {number}: `omote detect` shows {}", faces.len());
                return faces.get(number - 1).ok_or_else(missing);
            }
            Some(FaceChoice::Number(_)) => None,
        };
        picked.ok_or_else(|| NO_FACE.to_owned())
    }
}

/// What is said of a photo without a face.
pub const NO_FACE: &str = "no face was found";

/// A number from 0 to 1.
pub fn unit(text: &str) -> Result<f32, String> {
    bounded(text, 0.0, 1.0)
}

/// A cosine, from -1 to 1.
pub fn cosine(text: &str) -> Result<f32, String> {
    bounded(text, -1.0, 1.0)
}

/// A quality, from 0 to 100.
pub fn quality(text: &str) -> Result<f32, String> {
    bounded(text, 0.0, 100.0)
}

/// All photos of a person.
pub const ALL_PHOTOS: usize = usize::MAX;

/// A number of photos of a person, or all of them.
pub fn photos(text: &str) -> Result<usize, String> {
    match text.parse() {
        _ if text == "all" => Ok(ALL_PHOTOS),
        Ok(number @ 1..ALL_PHOTOS) => Ok(number),
        _ => Err("expected a number of photos from 1, or all".to_owned()),
    }
}

fn non_negative(text: &str) -> Result<f32, String> {
    bounded(text, 0.0, f32::MAX)
}

fn bounded(text: &str, low: f32, high: f32) -> Result<f32, String> {
    match text.parse::<f32>() {
        Ok(value) if (low..=high).contains(&value) => Ok(value),
        _ if high == f32::MAX => Err(format!("expected a number of at least {low}")),
        _ => Err(format!("expected a number from {low} to {high}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_is_chosen_by_size_place_or_number() {
        for (text, choice) in [
            ("largest", Ok(FaceChoice::Largest)),
            ("central", Ok(FaceChoice::Central)),
            ("2", Ok(FaceChoice::Number(2))),
        ] {
            assert_eq!(text.parse(), choice);
            assert_eq!(choice.map(|choice| choice.to_string()), Ok(text.to_owned()));
        }
        for text in ["0", "-1", "biggest", ""] {
            assert!(text.parse::<FaceChoice>().is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert_eq!(unit("0.5"), Ok(0.5));
        for text in ["1.1", "-0.1", "NaN", "inf", "x"] {
            assert!(unit(text).is_err(), "{text}");
        }
        assert!(non_negative("inf").is_err());
    }
}
