//! MTCNN: K. Zhang, Z. Zhang, Z. Li, Y. Qiao, "Joint Face Detection and Alignment Using Multitask Cascaded Convolutional
//! Networks", IEEE Signal Processing Letters 23(10), 2016, arXiv 1604.02878. The conventions are those of the authors'
//! `detect_face.m`: boxes are 1-based with inclusive ends until the very last step.

mod pyramid;
mod window;

use engine::{Engine, Session, Tensor, Threads};
use geometry::{Landmarks, Overlap, Point, Rect, Similarity, nms};
use imaging::Image;
use model::{Batch, Input, Installed};

use self::window::Window;
use super::file;
use super::yunet::finite;
use crate::canvas::{Fit, Placement};
use crate::detection::select;
use crate::{DetectOptions, DetectSize, Detection, Detector, Error, Result};

/// Scores from which on a window passes P-Net, R-Net and O-Net.
const THRESHOLDS: [f32; 3] = [0.6, 0.7, 0.7];
/// Ratio of one level of the pyramid to the one before: the area halves.
const FACTOR: f64 = 0.709;
/// Smallest face searched for where the options name none, pixels.
const MIN_FACE: f32 = 20.0;
/// Side of P-Net's field of view. Smaller faces would need an enlarged photo, which is not made: no level of the
/// pyramid is larger than the photo.
const CELL: u32 = 12;
/// Pixels of one run of P-Net. A larger level is run in strips, exactly, so that memory does not grow with the photo.
const STRIP_PIXELS: usize = 1 << 19;
/// Windows in one run of R-Net or O-Net.
const BATCH: usize = 64;
/// Only so many windows of one level, and of all levels together, go on: suppression takes time with their square, and
/// a picture of noise has hundreds of thousands.
const MAX_LEVEL_WINDOWS: usize = 16_384;
const MAX_WINDOWS: usize = 4096;

/// The cascade of three networks: proposals, their refinement, and the output with landmarks.
pub(super) struct Mtcnn {
    name: String,
    input: Input,
    proposal: Session,
    refine: Session,
    output: Session,
}

impl Mtcnn {
    pub(super) fn open(model: &Installed, engine: &Engine, threads: Threads) -> Result<Self> {
        let name = &model.manifest.name;
        let load = |role: &'static str| -> Result<Session> {
            Ok(engine.load(file(model, role)?, &format!("{name} {role}"), threads)?)
        };
        Ok(Self {
            name: name.clone(),
            input: model.manifest.input.clone(),
            proposal: load("pnet")?,
            refine: load("rnet")?,
            output: load("onet")?,
        })
    }

    fn broken(&self, reason: String) -> Error {
        Error::Output { model: self.name.clone(), reason }
    }

    /// The cascade on a photo, in 0-based pixels of it.
    fn cascade(&self, photo: &Image, min_face: f32, score: f32) -> Result<Vec<Detection>> {
        let (width, height) = (photo.width(), photo.height());
        let mut windows = Vec::new();
        for scale in pyramid::scales(width, height, min_face) {
            let mut level = self.propose(photo, scale, THRESHOLDS[0].min(score))?;
            keep_best(&mut level, MAX_LEVEL_WINDOWS);
            windows.extend(suppress(level, 0.5));
        }
        let mut windows = suppress(windows, 0.7);
        windows.truncate(MAX_WINDOWS);
        let visible = |window: &Window| window.meets(width, height);
        let mut windows: Vec<_> = windows
            .iter()
            .map(|window| window.regressed(0.0).squared().truncated())
            .filter(visible)
            .collect();
        if windows.is_empty() {
            return Ok(Vec::new());
        }

        let threshold = THRESHOLDS[1].min(score);
        let [scores, offsets] = self.judge(&self.refine, photo, &windows, 24, [2, 4])?;
        for (i, window) in windows.iter_mut().enumerate() {
            window.score = scores[2 * i + 1];
            window.offsets = std::array::from_fn(|k| offsets[4 * i + k]);
        }
        windows.retain(|window| window.score > threshold);
        let windows: Vec<_> = suppress(windows, 0.7)
            .iter()
            .map(|window| window.regressed(1.0).squared().truncated())
            .filter(visible)
            .collect();
        if windows.is_empty() {
            return Ok(Vec::new());
        }

        let [scores, offsets, points] = self.judge(&self.output, photo, &windows, 48, [2, 4, 10])?;
        let found: Vec<_> = windows
            .iter()
            .enumerate()
            .filter(|(i, _)| scores[2 * i + 1] > score)
            .map(|(i, window)| {
                let mut window = *window;
                window.score = scores[2 * i + 1];
                window.offsets = std::array::from_fn(|k| offsets[4 * i + k]);
                let p = &points[10 * i..][..10];
                let landmarks = Landmarks(std::array::from_fn(|k| {
                    Point::new(
                        window.x1 + window.width() * p[k] - 1.0,
                        window.y1 + window.height() * p[k + 5] - 1.0,
                    )
                }));
                (window.regressed(1.0), landmarks)
            })
            .collect();
        let boxes: Vec<_> = found.iter().map(|(window, _)| (window.rect(), window.score)).collect();
        Ok(nms(&boxes, 0.7, Overlap::Min, 1.0)
            .into_iter()
            .map(|i| Detection {
                bounds: found[i].0.rect().translated(-1.0, -1.0),
                score: found[i].0.score.clamp(0.0, 1.0),
                landmarks: finite(found[i].1),
            })
            .collect())
    }

    /// P-Net on one level of the pyramid. Its map has a cell for every second pixel, each of which sees 12 x 12 pixels.
    fn propose(&self, photo: &Image, scale: f64, threshold: f32) -> Result<Vec<Window>> {
        let side = |length: u32| (f64::from(length) * scale).ceil().max(1.0) as u32;
        let level = imaging::resize(photo, side(photo.width()), side(photo.height()));
        let (width, height) = (level.width() as usize, level.height() as usize);
        let (columns, total_rows) = (pyramid::cells(width), pyramid::cells(height));
        let rows_at_once = pyramid::strip_rows(width, STRIP_PIXELS);
        let mut windows = Vec::new();
        for first in (0..total_rows).step_by(rows_at_once) {
            let rows = rows_at_once.min(total_rows - first);
            let top = 2 * first;
            let bottom = if first + rows == total_rows { height } else { top + 2 * rows + 10 };
            let rgb = &level.pixels()[top * width * 3..bottom * width * 3];
            let shape = self.input.shape(1, width as u32, (bottom - top) as u32);
            let mut tensor = Tensor::new(shape, vec![0.0; rgb.len()]);
            self.input.prepare_into(rgb, &mut tensor.data);
            let outputs = self.proposal.run(&tensor)?;
            let [probabilities, offsets] = [2, 4].map(|channels| {
                outputs.iter().find(|output| output.shape == [1, channels, rows, columns]).ok_or_else(|| {
                    let shapes: Vec<_> = outputs.iter().map(|output| &output.shape).collect();
                    self.broken(format!(
                        "P-Net's outputs are {shapes:?} where [1, {channels}, {rows}, {columns}] was expected"
                    ))
                })
            });
            let (probabilities, offsets) = (&probabilities?.data, &offsets?.data);
            let cells = rows * columns;
            for (cell, &score) in probabilities[cells..].iter().enumerate() {
                if score >= threshold {
                    let (column, row) = (cell % columns, first + cell / columns);
                    let offsets = std::array::from_fn(|k| offsets[k * cells + cell]);
                    windows.push(Window::of_cell(column, row, scale, score, offsets));
                }
            }
        }
        Ok(windows)
    }

    /// R-Net or O-Net on the windows, cut out and resized to `side` pixels; one array per output, its rows in the order
    /// of the windows, `columns` values each.
    fn judge<const N: usize>(
        &self,
        network: &Session,
        photo: &Image,
        windows: &[Window],
        side: u32,
        columns: [usize; N],
    ) -> Result<[Vec<f32>; N]> {
        let mut results = columns.map(|columns| Vec::with_capacity(windows.len() * columns));
        let batch = if self.input.batch == Batch::Dynamic { BATCH } else { 1 };
        let length = (side * side * 3) as usize;
        for windows in windows.chunks(batch) {
            let mut tensor =
                Tensor::new(self.input.shape(windows.len(), side, side), vec![0.0; windows.len() * length]);
            for (window, values) in windows.iter().zip(tensor.data.chunks_exact_mut(length)) {
                let crop = cut(photo, window, side);
                self.input.prepare_into(crop.pixels(), values);
            }
            let outputs = network.run(&tensor)?;
            for (result, columns) in results.iter_mut().zip(columns) {
                let shape = [windows.len(), columns];
                let output = outputs.iter().find(|output| output.shape == shape).ok_or_else(|| {
                    let shapes: Vec<_> = outputs.iter().map(|output| &output.shape).collect();
                    self.broken(format!(
                        "{}'s outputs are {shapes:?} where {shape:?} was expected",
                        network.label()
                    ))
                })?;
                result.extend_from_slice(&output.data);
            }
        }
        Ok(results)
    }
}

impl Detector for Mtcnn {
    fn name(&self) -> &str {
        &self.name
    }

    fn default_score(&self) -> f32 {
        THRESHOLDS[2]
    }

    /// `Auto` and `Native` search the photo at its own size; a fixed size searches the photo scaled to fit it.
    fn detect(&self, photo: &Image, options: &DetectOptions) -> Result<Vec<Detection>> {
        let score = options.score.unwrap_or(THRESHOLDS[2]);
        let min_face = if options.min_face > 0.0 { options.min_face } else { MIN_FACE };
        let found = match options.size {
            DetectSize::Auto | DetectSize::Native => self.cascade(photo, min_face, score)?,
            DetectSize::Fixed(side) if !(DetectSize::SMALLEST..=DetectSize::LARGEST).contains(&side) => {
                return Err(Error::NetworkSize {
                    model: self.name.clone(),
                    asked: side.to_string(),
                    reason: format!(
                        "sizes from {} to {} can be used",
                        DetectSize::SMALLEST,
                        DetectSize::LARGEST
                    ),
                });
            }
            DetectSize::Fixed(side) => {
                let mut placement = Placement::fitted(
                    (photo.width(), photo.height()),
                    (side, side),
                    (side, side),
                    Fit::Round,
                );
                placement.canvas = placement.inner;
                let scaled = placement.draw(photo);
                let found = self.cascade(&scaled, min_face * placement.scale.0, score)?;
                found.iter().map(|face| placement.back_on_photo(face)).collect()
            }
        };
        Ok(select(found, photo, options))
    }
}

/// The pixels of a window, resized; black where the window reaches beyond the photo.
fn cut(photo: &Image, window: &Window, side: u32) -> Image {
    let (width, height) = (photo.width() as f32, photo.height() as f32);
    let inside = window.x1 >= 1.0 && window.y1 >= 1.0 && window.x2 <= width && window.y2 <= height;
    if inside {
        let edges = Rect::new(window.x1 - 1.0, window.y1 - 1.0, window.x2, window.y2);
        return imaging::resize_region(photo, &edges, side, side);
    }
    imaging::warp_antialiased(photo, &crop_map(window, side), side, side, [0; 3])
}

/// The map from photo to network input for a window: pixel edges go to pixel edges.
fn crop_map(window: &Window, side: u32) -> Similarity {
    let scale = side as f32 / window.width();
    let shift = |first: f32| (0.5 - (first - 1.0)) * scale - 0.5;
    Similarity { a: scale, b: 0.0, tx: shift(window.x1), ty: shift(window.y1) }
}

fn keep_best(windows: &mut Vec<Window>, count: usize) {
    if windows.len() > count {
        windows.sort_by(|a, b| b.score.total_cmp(&a.score));
        windows.truncate(count);
    }
}

fn suppress(windows: Vec<Window>, threshold: f32) -> Vec<Window> {
    let boxes: Vec<(Rect, f32)> = windows.iter().map(|window| (window.rect(), window.score)).collect();
    nms(&boxes, threshold, Overlap::Union, 1.0).into_iter().map(|i| windows[i]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_cut_from_edge_to_edge() {
        let window = Window { x1: 11.0, y1: 21.0, x2: 58.0, y2: 68.0, score: 1.0, offsets: [0.0; 4] };
        // 48 pixels from the 0-based pixel (10, 20) on, to 24: its first two pixels are centred at output pixel 0.
        let map = crop_map(&window, 24);
        assert_eq!(map.apply(Point::new(10.5, 20.5)), Point::new(0.0, 0.0));
        assert_eq!(map.apply(Point::new(56.5, 66.5)), Point::new(23.0, 23.0));
        let same = crop_map(&window, 48);
        assert_eq!(same.apply(Point::new(10.0, 20.0)), Point::new(0.0, 0.0));
    }
}
