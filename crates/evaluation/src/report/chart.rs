//! A chart as SVG: axes, grid, legend and everything drawn between them.
//!
//! The charts of the field (`charts/`) say what is drawn, in values; this file says where, and
//! `drawing.rs` draws it. All lengths are pixels of a
//! drawing [`WIDTH`] pixels wide, which the page scales to the room that there is.

use std::fmt::Write as _;

use plotters::prelude::IntoDrawingArea;

use super::axis::{Axis, Direction, Labels, TICK_SIZE};
use super::canvas::{Canvas, units};
use super::curve::{BandPoint, Curve, Marker};
use super::drawing::{Drawing, Frame};
use super::escape::escape;
use super::palette::Ink;
use super::report_error;
use super::text;
use crate::Error;

/// Width of a drawing in pixels.
const WIDTH: f64 = 440.0;
/// Height between the axes of most charts, in pixels: one for all, so that charts stand level side by side.
pub(super) const HEIGHT: f64 = 285.0;
/// Size of titles and of names in the legend, in pixels.
pub(super) const TITLE_SIZE: f64 = 12.5;
/// From one row of the legend, or of markers, to the next.
pub(super) const ROW: f64 = 19.0;
/// The line sample in the legend.
pub(super) const SAMPLE: f64 = 26.0;
/// The longest name of a row of a chart with words on its axis.
const LONGEST_WORD: f64 = 180.0;

/// A chart that is ready to be put on a page. The functions of this module make one each.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// Above the chart.
    pub title: String,
    /// Below the chart: what it shows and how it is read. May be empty.
    pub note: String,
    pub(super) x: Axis,
    pub(super) y: Axis,
    pub(super) layers: Vec<Layer>,
    pub(super) legend: Vec<Entry>,
    pub(super) markers: Vec<Marker>,
    /// Height between the axes, in pixels.
    pub(super) height: f64,
}

/// Something drawn between the axes, in values of the axes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Layer {
    Line {
        points: Vec<(f64, f64)>,
        stroke: Stroke,
    },
    Band {
        points: Vec<BandPoint>,
        ink: Ink,
    },
    /// Bars side by side, from the bottom of the chart to the height `y` between `edges[i]` and `edges[i + 1]`.
    Steps {
        edges: Vec<f64>,
        heights: Vec<f64>,
        ink: Ink,
    },
    /// A bar with two ends, upright or level.
    Interval {
        from: (f64, f64),
        to: (f64, f64),
        ink: Ink,
        aside: f64,
    },
    Dot {
        at: (f64, f64),
        dot: Dot,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stroke {
    pub(super) ink: Ink,
    /// In pixels.
    pub(super) width: f64,
}

/// A mark at one value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Dot {
    pub(super) ink: Ink,
    /// Circle, square, diamond, triangle, and again.
    pub(super) shape: usize,
    pub(super) hollow: bool,
    /// How far the mark is moved so that those of several systems stand apart, in pixels: to the right on a chart of
    /// upright intervals, upwards on one of level intervals.
    pub(super) aside: f64,
    /// As a share of the usual size.
    pub(super) size: f64,
}

impl Dot {
    /// A filled mark of the usual size, at its place.
    pub(super) fn new(ink: Ink, shape: usize) -> Self {
        Self { ink, shape, hollow: false, aside: 0.0, size: 1.0 }
    }
}

/// A line of the legend.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) sample: Sample,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sample {
    Line(Stroke),
    Area(Ink),
    Dot(Dot),
}

/// The legend as it is drawn.
pub(super) struct Legend {
    pub(super) entries: Vec<PlacedEntry>,
    rows: usize,
}

/// An entry of the legend: the left end of its sample, in pixels from the drawing's top left.
pub(super) struct PlacedEntry {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) name: String,
    pub(super) sample: Sample,
}

impl Chart {
    /// The usual chart: curves between two axes.
    pub(super) fn of_curves(title: &str, note: &str, (x, y): (Axis, Axis), curves: &[Curve]) -> Self {
        let (layers, legend) = curve_layers(curves);
        let (title, note) = (title.to_owned(), note.to_owned());
        Self { title, note, x, y, layers, legend, markers: Vec::new(), height: HEIGHT }
    }

    /// The same chart with values of its horizontal axis marked.
    pub(super) fn marked(self, markers: &[Marker]) -> Self {
        Self { markers: markers.to_vec(), ..self }
    }

    /// The same chart under another title and note.
    #[must_use]
    pub fn titled(self, title: impl Into<String>, note: impl Into<String>) -> Self {
        Self { title: title.into(), note: note.into(), ..self }
    }

    /// The drawing alone, as an `svg` element that is also a valid SVG file.
    ///
    /// # Errors
    /// [`Error::Report`] if the drawing library fails, which it has no reason to.
    pub fn svg(&self) -> Result<String, Error> {
        let ticks_up = self.y.ticks(self.height, Direction::Up);
        let words: Vec<String> = ticks_up
            .labelled
            .iter()
            .map(|(_, label)| text::shortened(label, TICK_SIZE, LONGEST_WORD))
            .collect();
        let widest = words.iter().map(|word| text::width(word, TICK_SIZE)).fold(0.0, f64::max);
        let title_room = if self.y.title.is_empty() { 4.0 } else { 1.6 * TITLE_SIZE };
        let (left, right) = (title_room + widest + 11.0, WIDTH - 16.0);
        let ticks_across = self.x.ticks(right - left, Direction::Across);

        // Long names of rows leave little room beside them: the legend then begins at the drawing's left end.
        let legend_left = if self.has_words() { 2.0 } else { left };
        let legend = self.legend_layout(legend_left, right - legend_left);
        let marks = self.marker_layout(right - left);
        let mark_rows = marks.iter().map(|mark| mark.row + 1).max().unwrap_or(0);
        let top = 8.0 + ROW * (legend.rows + mark_rows) as f64 + if legend.rows > 0 { 4.0 } else { 0.0 };
        let frame = Frame { left, right, top, bottom: top + self.height };
        let height = frame.bottom + 2.7 * TICK_SIZE + TITLE_SIZE;

        let mut svg = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" aria-label=\"{}\" \
             font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\">",
            escape(&self.description())
        );
        {
            let canvas = Canvas::new(&mut svg, (units(WIDTH) as u32, units(height) as u32));
            let drawing = Drawing::new(canvas.into_drawing_area(), frame, self);
            let drawn = drawing.draw(&ticks_across, &ticks_up, &words, &marks, &legend);
            drawn.map_err(|error| report_error("chart", format!("{:?}: {error}", self.title)))?;
        }
        svg.push_str("</svg>");
        Ok(svg)
    }

    /// Whether the vertical axis has words instead of numbers: intervals are level then.
    pub(super) fn has_words(&self) -> bool {
        matches!(self.y.labels, Labels::Words(_))
    }

    /// What a reader who does not see the chart is told.
    fn description(&self) -> String {
        let names: Vec<&str> = self.legend.iter().map(|entry| entry.name.as_str()).collect();
        let of = if names.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
        if self.y.title.is_empty() {
            format!("{}, {}{of}", self.title, self.x.title)
        } else {
            format!("{}, {} by {}{of}", self.title, self.y.title, self.x.title)
        }
    }

    /// Entries from left to right, as many in a row as fit.
    fn legend_layout(&self, left: f64, room: f64) -> Legend {
        let (mut x, mut row) = (0.0, 0);
        let mut entries = Vec::new();
        for Entry { name, sample } in &self.legend {
            let name = text::shortened(name, TITLE_SIZE, room - SAMPLE - 8.0);
            let width = SAMPLE + 8.0 + text::width(&name, TITLE_SIZE);
            if x > 0.0 && x + width > room {
                (x, row) = (0.0, row + 1);
            }
            entries.push(PlacedEntry { x: left + x, y: 12.0 + ROW * row as f64, name, sample: *sample });
            x += width + 20.0;
        }
        Legend { rows: if entries.is_empty() { 0 } else { row + 1 }, entries }
    }

    /// Labels above the frame: each in the lowest row, and over, left or right of its line, where it touches neither
    /// a label placed before it nor the line of another marker.
    fn marker_layout(&self, room: f64) -> Vec<Mark> {
        /// Between a label and what stands beside it.
        const GAP: f64 = 5.0;
        let markers = self.markers.iter().map(|marker| (self.x.place(marker.at) * room, &marker.label));
        let markers: Vec<(f64, &String)> = markers.filter(|(line, _)| (0.0..=room).contains(line)).collect();
        let mut rows: Vec<Vec<(f64, f64)>> = Vec::new();
        let mut marks = Vec::new();
        for (index, &(line, label)) in markers.iter().enumerate() {
            let label = text::shortened(label, TICK_SIZE, room);
            let width = text::width(&label, TICK_SIZE);
            let within = |start: f64| start.clamp(0.0, (room - width).max(0.0));
            let starts = [within(line - width / 2.0), within(line - width), within(line)];
            let others = || markers.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, m)| m.0);
            let clear = |start: f64| others().all(|other| other < start - GAP || other > start + width + GAP);
            let free = |row: &[(f64, f64)], start: f64| {
                row.iter().all(|&(left, right)| start + width + 2.0 * GAP < left || start > right + 2.0 * GAP)
            };
            let place = (0..=rows.len()).find_map(|row| {
                let taken = rows.get(row).map_or(&[][..], Vec::as_slice);
                starts.into_iter().find(|&start| clear(start) && free(taken, start)).map(|start| (row, start))
            });
            // Between two close lines no place is clear; the label then has a row to itself.
            let (row, start) = place.unwrap_or((rows.len(), starts[0]));
            if row == rows.len() {
                rows.push(Vec::new());
            }
            rows[row].push((start, start + width));
            marks.push(Mark { place: line / room, row, middle: start + width / 2.0, label });
        }
        marks
    }
}

/// A marker's line and label.
pub(super) struct Mark {
    /// Share of the x axis.
    pub(super) place: f64,
    /// Counted from the frame upwards.
    pub(super) row: usize,
    /// The label's middle, in pixels from the left end of the axis.
    pub(super) middle: f64,
    pub(super) label: String,
}

/// The layers and the legend of curves: bands, then references, then systems.
fn curve_layers(curves: &[Curve]) -> (Vec<Layer>, Vec<Entry>) {
    let (mut layers, mut legend) = (Vec::new(), Vec::new());
    let (mut systems, mut references) =
        ((0..).map(Ink::series), [Ink::Quiet, Ink::Frame].into_iter().cycle());
    for curve in curves {
        let (inks, width): (&mut dyn Iterator<Item = Ink>, f64) =
            if curve.is_reference { (&mut references, 1.2) } else { (&mut systems, 2.0) };
        let ink = inks.next().unwrap_or(Ink::Text);
        let stroke = Stroke { ink, width };
        if !curve.band.is_empty() {
            layers.push(Layer::Band { points: curve.band.clone(), ink });
        }
        if let [only] = curve.points[..] {
            let dot = Dot::new(ink, 0);
            layers.push(Layer::Dot { at: only, dot });
        }
        layers.push(Layer::Line { points: curve.points.clone(), stroke });
        legend.push(Entry { name: curve.name.clone(), sample: Sample::Line(stroke) });
    }
    (layers, legend)
}
