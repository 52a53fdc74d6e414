//! What YuNet, SCRFD and UltraFace share: one network sees the photo once, a decoder reads boxes from its outputs.

use engine::{Engine, Session, Tensor, Threads};
use geometry::{Overlap, Rect, nms};
use imaging::Image;
use model::{Input, Installed, Output, Size};

use super::{file, positions};
use crate::canvas::{Fit, Placement};
use crate::detection::select;
use crate::scratch::Scratch;
use crate::{DetectOptions, DetectSize, Detection, Detector, Error, Result};

/// Reads the faces that score at least so much from the network's outputs, in pixels of a canvas of this size, in any
/// order, overlapping ones included. `Err` says in what way the outputs are not this detector's.
pub(super) type Decode = fn(&[Tensor], (u32, u32), f32) -> Result<Vec<Detection>, String>;

/// What makes one detector different from the others.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    /// Score from which on a face counts.
    pub(super) score: f32,
    /// Boxes overlapping a better one by more than this are the same face (intersection over union).
    pub(super) overlap: f32,
    /// See [`nms`].
    pub(super) extent: f32,
    /// Boxes are cut to whole pixels before their overlap is measured.
    pub(super) whole_pixels: bool,
    /// How the photo is fitted into the network's input.
    pub(super) fit: Fit,
    pub(super) decode: Decode,
}

impl Rules {
    /// The best of each group of faces that overlap, best score first.
    pub(super) fn suppress(&self, mut found: Vec<Detection>) -> Vec<Detection> {
        if found.len() > MAX_CANDIDATES {
            found.sort_by(|a, b| b.score.total_cmp(&a.score));
            found.truncate(MAX_CANDIDATES);
        }
        let boxes: Vec<(Rect, f32)> = found
            .iter()
            .map(|face| {
                let b = face.bounds;
                let measured = if self.whole_pixels {
                    Rect::from_xywh(b.x1.trunc(), b.y1.trunc(), b.width().trunc(), b.height().trunc())
                } else {
                    b
                };
                (measured, face.score)
            })
            .collect();
        nms(&boxes, self.overlap, Overlap::Union, self.extent).into_iter().map(|i| found[i]).collect()
    }
}

/// Only so many of the best boxes reach the suppression, whose time grows with their square (OpenCV's `top_k`).
const MAX_CANDIDATES: usize = 5000;

/// `Auto` runs at the photo's own long side between these.
const AUTO_SMALLEST: u32 = 320;
const AUTO_LARGEST: u32 = 640;

/// The second look of `Auto`: the canvas is this many times smaller, but at least so many pixels.
const SECOND_SHRINK: u32 = 4;
const SECOND_SMALLEST: u32 = 96;

/// The second look only adds faces longer than this part of the photo's long side: the first look is more exact
/// for all others.
const SECOND_FACE: f32 = 0.4;

/// A detector of one network.
pub(super) struct SingleShot {
    name: String,
    rules: Rules,
    input: Input,
    /// For each output that the decoder reads, its position in the file; empty: as they come.
    order: Vec<usize>,
    session: Session,
    scratch: Scratch,
}

impl SingleShot {
    pub(super) fn open(rules: Rules, model: &Installed, engine: &Engine, threads: Threads) -> Result<Self> {
        let manifest = &model.manifest;
        let session = engine.load(file(model, "model")?, &manifest.name, threads)?;
        let names: &[String] = match &manifest.output {
            Output::Faces { names, .. } => names,
            _ => &[],
        };
        Ok(Self {
            name: manifest.name.clone(),
            rules,
            input: manifest.input.clone(),
            order: positions(&session, names, &manifest.name)?,
            session,
            scratch: Scratch::default(),
        })
    }

    /// Where the photo lies on the network's canvas for the first look.
    fn first(&self, photo: (u32, u32), size: DetectSize) -> Result<Placement> {
        let refuse = |reason: String| {
            Err(Error::NetworkSize { model: self.name.clone(), asked: size.to_string(), reason })
        };
        let fitted = |canvas| Placement::fitted(photo, canvas, canvas, self.rules.fit);
        let multiple = match (self.input.size, size) {
            (Size::Fixed { width, height }, DetectSize::Auto) => return Ok(fitted((width, height))),
            (Size::Fixed { width, height }, DetectSize::Fixed(side)) if side == width.max(height) => {
                return Ok(fitted((width, height)));
            }
            (Size::Fixed { width, height }, _) => {
                return refuse(format!(
                    "its file takes only pictures of {width}x{height}; use auto, or a model with a dynamic size"
                ));
            }
            (Size::Dynamic { multiple_of }, _) => multiple_of.max(1),
        };
        let up = |side: u32| side.div_ceil(multiple).saturating_mul(multiple);
        let (width, height) = photo;
        let long = width.max(height);
        match size {
            DetectSize::Auto => {
                let side = up(long).clamp(up(AUTO_SMALLEST), up(AUTO_LARGEST));
                if (AUTO_SMALLEST..=side).contains(&long) {
                    return Ok(Placement::unscaled(photo, (up(width), up(height))));
                }
                let tight = Placement::fitted(photo, (side, side), (side, side), self.rules.fit);
                Ok(Placement { canvas: (up(tight.inner.0), up(tight.inner.1)), ..tight })
            }
            DetectSize::Native if long > DetectSize::LARGEST => refuse(format!(
                "the photo is {width}x{height}, and its own size is taken up to {} pixels a side; use auto or a number",
                DetectSize::LARGEST
            )),
            DetectSize::Native => Ok(Placement::unscaled(photo, (up(width), up(height)))),
            DetectSize::Fixed(side) if !(DetectSize::SMALLEST..=DetectSize::LARGEST).contains(&side) => {
                refuse(format!("sizes from {} to {} can be used", DetectSize::SMALLEST, DetectSize::LARGEST))
            }
            DetectSize::Fixed(side) if !side.is_multiple_of(multiple) => {
                refuse(format!("its sides are multiples of {multiple}, for example {}", up(side)))
            }
            DetectSize::Fixed(side) => Ok(fitted((side, side))),
        }
    }

    /// The second, small look of `Auto`, where it can find something new: faces that fill a canvas larger than 320
    /// pixels are beyond the network's receptive field, and where nothing was found it may be for that reason.
    fn second(&self, photo: (u32, u32), first: &Placement, nothing_found: bool) -> Option<Placement> {
        let shrink = |side: u32| (side / SECOND_SHRINK).max(1);
        match self.input.size {
            // A fixed canvas costs as much again, however little of it the photo covers.
            Size::Fixed { .. } => nothing_found.then(|| {
                let area = (shrink(first.canvas.0), shrink(first.canvas.1));
                Placement::fitted(photo, area, first.canvas, self.rules.fit)
            }),
            Size::Dynamic { multiple_of } => {
                let long = first.inner.0.max(first.inner.1);
                if !nothing_found && long <= AUTO_SMALLEST {
                    return None;
                }
                let multiple = multiple_of.max(1);
                let up = |side: u32| side.div_ceil(multiple).saturating_mul(multiple);
                let side = shrink(long).max(SECOND_SMALLEST);
                let tight = Placement::fitted(photo, (side, side), (side, side), self.rules.fit);
                Some(Placement { canvas: (up(tight.inner.0), up(tight.inner.1)), ..tight })
            }
        }
    }

    /// Runs the network once; faces in pixels of the photo, overlapping ones removed.
    fn look(&self, photo: &Image, placement: &Placement, score: f32) -> Result<Vec<Detection>> {
        let canvas = placement.draw(photo);
        let (width, height) = placement.canvas;
        let shape = self.input.shape(1, width, height);
        let mut tensor = Tensor::new(shape, self.scratch.take(canvas.pixels().len()));
        self.input.prepare_into(canvas.pixels(), &mut tensor.data);
        drop(canvas);
        let outputs = self.session.run(&tensor);
        self.scratch.give(tensor.data);
        let mut outputs = outputs?;
        if !self.order.is_empty() {
            outputs = self.order.iter().map(|&i| std::mem::take(&mut outputs[i])).collect();
        }
        let found = (self.rules.decode)(&outputs, placement.canvas, score)
            .map_err(|reason| Error::Output { model: self.name.clone(), reason })?;
        Ok(self.rules.suppress(found).iter().map(|face| placement.back_on_photo(face)).collect())
    }
}

impl Detector for SingleShot {
    fn name(&self) -> &str {
        &self.name
    }

    fn default_score(&self) -> f32 {
        self.rules.score
    }

    fn detect(&self, photo: &Image, options: &DetectOptions) -> Result<Vec<Detection>> {
        let size = (photo.width(), photo.height());
        let score = options.score.unwrap_or(self.rules.score);
        let first = self.first(size, options.size)?;
        let mut found = self.look(photo, &first, score)?;
        if options.size == DetectSize::Auto
            && let Some(second) = self.second(size, &first, found.is_empty())
        {
            let long = SECOND_FACE * size.0.max(size.1) as f32;
            let large = self.look(photo, &second, score)?;
            found.extend(
                large.into_iter().filter(|face| face.bounds.width().max(face.bounds.height()) >= long),
            );
            let boxes: Vec<_> = found.iter().map(|face| (face.bounds, face.score)).collect();
            found =
                nms(&boxes, self.rules.overlap, Overlap::Union, 0.0).into_iter().map(|i| found[i]).collect();
        }
        Ok(select(found, photo, options))
    }
}

/// The values of one output, if it holds `rows` rows of `columns` values, with or without leading axes of 1.
pub(super) fn rows(outputs: &[Tensor], index: usize, rows: usize, columns: usize) -> Result<&[f32], String> {
    let tensor = outputs.get(index).ok_or_else(|| format!("output {index} is missing"))?;
    let fits = tensor.data.len() == rows * columns && tensor.shape.last() == Some(&columns);
    fits.then_some(tensor.data.as_slice()).ok_or_else(|| {
        format!(
            "output {index} has the shape {:?} where {rows} rows of {columns} were expected",
            tensor.shape
        )
    })
}
