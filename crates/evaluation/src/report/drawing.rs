//! Drawing a chart by plotters: everything at the place that the chart's layout has found for it.

use std::convert::Infallible;

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::{Circle, PathElement, Polygon, Text};
use plotters::prelude::FontDesc;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontFamily, FontStyle, FontTransform, ShapeStyle};

use super::axis::{TICK_SIZE, Ticks};
use super::canvas::{Canvas, pen, units};
use super::chart::{Chart, Dot, Layer, Legend, Mark, PlacedEntry, ROW, SAMPLE, Sample, TITLE_SIZE};
use super::curve::{BandPoint, visible_pieces};
use super::palette::Ink;

type Drawn = Result<(), DrawingAreaErrorKind<Infallible>>;
type Area<'a> = DrawingArea<Canvas<'a>, Shift>;

/// The rectangle between the axes, in pixels from the top left.
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
}

impl Frame {
    /// The plotters coordinate of a place on both axes, 0 to 1.
    fn at(&self, place: (f64, f64)) -> (i32, i32) {
        let x = self.left + place.0 * (self.right - self.left);
        let y = self.bottom - place.1 * (self.bottom - self.top);
        (units(x), units(y))
    }
}

/// A chart that is being drawn.
pub(super) struct Drawing<'a, 'c> {
    area: Area<'a>,
    frame: Frame,
    chart: &'c Chart,
}

impl<'a, 'c> Drawing<'a, 'c> {
    /// `area` is the whole drawing, `frame` what lies between the axes of `chart`.
    pub(super) fn new(area: Area<'a>, frame: Frame, chart: &'c Chart) -> Self {
        Self { area, frame, chart }
    }

    /// Draws from the bottom up: grid, shades, markers, lines, marks, and the axes and the legend around them.
    /// `words` are the labels of the vertical axis as they are shown.
    pub(super) fn draw(
        &self,
        across: &Ticks,
        up: &Ticks,
        words: &[String],
        marks: &[Mark],
        legend: &Legend,
    ) -> Drawn {
        self.grid(across, up)?;
        self.shades()?;
        self.markers(marks)?;
        self.lines()?;
        self.marks()?;
        self.axes(across, up, words)?;
        self.legend(legend)
    }

    fn place(&self, point: (f64, f64)) -> (f64, f64) {
        (self.chart.x.place(point.0), self.chart.y.place(point.1))
    }

    fn line(&self, points: Vec<(i32, i32)>, ink: Ink, dashed: bool, width: f64) -> Drawn {
        self.area.draw(&PathElement::new(
            points,
            ShapeStyle::from(pen(ink, dashed, 1.0)).stroke_width(units(width) as u32),
        ))
    }

    fn text(
        &self,
        text: &str,
        at: (f64, f64),
        ink: Ink,
        size: f64,
        pos: (HPos, VPos),
        turned: bool,
    ) -> Drawn {
        let transform = if turned { FontTransform::Rotate270 } else { FontTransform::None };
        let style = FontDesc::new(FontFamily::SansSerif, size, FontStyle::Normal)
            .transform(transform)
            .color(&pen(ink, false, 1.0))
            .pos(Pos::new(pos.0, pos.1));
        self.area.draw(&Text::new(text, (units(at.0), units(at.1)), style))
    }

    fn grid(&self, across: &Ticks, up: &Ticks) -> Drawn {
        for (x, _) in &across.labelled {
            self.line(vec![self.frame.at((*x, 0.0)), self.frame.at((*x, 1.0))], Ink::Grid, false, 1.0)?;
        }
        for (y, _) in &up.labelled {
            self.line(vec![self.frame.at((0.0, *y)), self.frame.at((1.0, *y))], Ink::Grid, false, 1.0)?;
        }
        Ok(())
    }

    /// Bands and the insides of histograms, under all lines.
    fn shades(&self) -> Drawn {
        for layer in &self.chart.layers {
            match layer {
                Layer::Band { points, ink } => self.band(points, *ink)?,
                Layer::Steps { edges, heights, ink } => {
                    let outline = self.outline(edges, heights);
                    let corners = outline.into_iter().map(|place| self.frame.at(place)).collect();
                    self.polygon(corners, *ink, 0.22)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn polygon(&self, corners: Vec<(i32, i32)>, ink: Ink, opacity: f64) -> Drawn {
        self.area.draw(&Polygon::new(corners, pen(ink, false, opacity)))
    }

    /// Up one side and back the other. Ends that lie nowhere (a low end of 0 on a log axis) are drawn at the frame.
    fn band(&self, points: &[BandPoint], ink: Ink) -> Drawn {
        let side = |end: fn(&BandPoint) -> f64| -> Vec<(f64, f64)> {
            let places = points.iter().map(|point| self.place((point.x, end(point))));
            let places = places.filter(|(x, y)| (0.0..=1.0).contains(x) && !y.is_nan());
            places.map(|(x, y)| (x, y.clamp(0.0, 1.0))).collect()
        };
        let (low, high) = (side(|point| point.low), side(|point| point.high));
        let mut corners: Vec<(i32, i32)> =
            low.into_iter().chain(high.into_iter().rev()).map(|place| self.frame.at(place)).collect();
        corners.dedup();
        if corners.len() < 3 { Ok(()) } else { self.polygon(corners, ink, 0.18) }
    }

    /// The outline of a histogram as places, closed along the bottom.
    fn outline(&self, edges: &[f64], heights: &[f64]) -> Vec<(f64, f64)> {
        let x = |edge: f64| self.chart.x.place(edge).clamp(0.0, 1.0);
        // An empty bin on a log axis lies infinitely far down.
        let y = |height: f64| self.chart.y.place(height).clamp(0.0, 1.0);
        let mut outline = vec![(edges.first().map_or(0.0, |&edge| x(edge)), 0.0)];
        for (pair, &height) in edges.windows(2).zip(heights) {
            outline.extend([(x(pair[0]), y(height)), (x(pair[1]), y(height))]);
        }
        outline.push((edges.last().map_or(1.0, |&edge| x(edge)), 0.0));
        outline.dedup();
        outline
    }

    fn markers(&self, marks: &[Mark]) -> Drawn {
        for Mark { place, row, middle, label } in marks {
            let above = 8.0 + ROW * *row as f64;
            let (x, top) = self.frame.at((*place, 1.0));
            let bottom = self.frame.at((*place, 0.0));
            self.line(vec![(x, top - units(above - 4.0)), bottom], Ink::Quiet, true, 1.0)?;
            let at = (self.frame.left + middle, self.frame.top - above);
            self.text(label, at, Ink::Quiet, TICK_SIZE, (HPos::Center, VPos::Bottom), false)?;
        }
        Ok(())
    }

    fn lines(&self) -> Drawn {
        for layer in &self.chart.layers {
            match layer {
                Layer::Line { points, stroke } => {
                    let places = points.iter().map(|&point| self.place(point));
                    for piece in visible_pieces(places) {
                        let mut piece: Vec<(i32, i32)> =
                            piece.into_iter().map(|place| self.frame.at(place)).collect();
                        piece.dedup();
                        self.line(piece, stroke.ink, true, stroke.width)?;
                    }
                }
                Layer::Steps { edges, heights, ink } => {
                    let outline = self.outline(edges, heights);
                    let points = outline.into_iter().map(|place| self.frame.at(place)).collect();
                    self.line(points, *ink, false, 1.5)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Intervals and dots, over all lines.
    fn marks(&self) -> Drawn {
        for layer in &self.chart.layers {
            match *layer {
                Layer::Interval { from, to, ink, aside } => self.interval(from, to, ink, aside)?,
                Layer::Dot { at, dot } => {
                    let place = self.place(at);
                    let inside = |share: f64| (0.0..=1.0).contains(&share);
                    if inside(place.0) && inside(place.1) {
                        let (x, y) = self.frame.at(place);
                        let (right, up) = self.aside(dot.aside);
                        self.dot((x + right, y - up), dot)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// How marks of several systems at one value are moved apart, in units to the right and upwards.
    fn aside(&self, pixels: f64) -> (i32, i32) {
        if self.chart.has_words() { (0, units(pixels)) } else { (units(pixels), 0) }
    }

    fn interval(&self, from: (f64, f64), to: (f64, f64), ink: Ink, aside: f64) -> Drawn {
        /// Half the length of the bar's ends, in units.
        const END: i32 = 35;
        // The ends are cut at the frame; an end of 0 on a log axis is infinitely far down.
        let within = |place: (f64, f64)| (place.0.clamp(0.0, 1.0), place.1.clamp(0.0, 1.0));
        let (start, end) = (self.place(from), self.place(to));
        if start.0.is_nan() || start.1.is_nan() || end.0.is_nan() || end.1.is_nan() {
            return Ok(());
        }
        let (right, up) = self.aside(aside);
        let moved = |(x, y): (i32, i32)| (x + right, y - up);
        let (a, b) = (moved(self.frame.at(within(start))), moved(self.frame.at(within(end))));
        self.line(vec![a, b], ink, false, 1.4)?;
        let upright = a.0 == b.0;
        for (end, place) in [(a, start), (b, end)] {
            // No end where the bar goes on beyond the frame.
            if within(place) == place {
                let (dx, dy) = if upright { (END, 0) } else { (0, END) };
                self.line(vec![(end.0 - dx, end.1 - dy), (end.0 + dx, end.1 + dy)], ink, false, 1.4)?;
            }
        }
        Ok(())
    }

    /// A filled mark has a halo in the colour of the paper; a hollow one shows the paper inside.
    fn dot(&self, (x, y): (i32, i32), dot: Dot) -> Drawn {
        let (outer, inner) = if dot.hollow { (dot.ink, Ink::Paper) } else { (Ink::Paper, dot.ink) };
        for (ink, size) in [(outer, 5.2), (inner, 3.8)].map(|(ink, size)| (ink, size * dot.size)) {
            let shape = |corners: &[(f64, f64)]| -> Vec<(i32, i32)> {
                corners.iter().map(|(dx, dy)| (x + units(dx * size), y + units(dy * size))).collect()
            };
            let corners = match dot.shape % 4 {
                0 => {
                    let style = pen(ink, false, 1.0).filled();
                    self.area.draw(&Circle::new((x, y), units(size), style))?;
                    continue;
                }
                1 => shape(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]),
                2 => shape(&[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)]),
                _ => shape(&[(0.0, -1.25), (1.2, 0.85), (-1.2, 0.85)]),
            };
            self.polygon(corners, ink, 1.0)?;
        }
        Ok(())
    }

    fn axes(&self, across: &Ticks, up: &Ticks, words: &[String]) -> Drawn {
        let frame = &self.frame;
        let corner = frame.at((0.0, 0.0));
        self.line(vec![frame.at((0.0, 1.0)), corner, frame.at((1.0, 0.0))], Ink::Frame, false, 1.0)?;
        let tick = |from: (i32, i32), length: f64, upright: bool| {
            let end = units(length);
            let to = if upright { (from.0, from.1 + end) } else { (from.0 - end, from.1) };
            self.line(vec![from, to], Ink::Frame, false, 1.0)
        };
        for &place in &across.small {
            tick(frame.at((place, 0.0)), 3.0, true)?;
        }
        for &place in &up.small {
            tick(frame.at((0.0, place)), 3.0, false)?;
        }
        for (place, label) in &across.labelled {
            tick(frame.at((*place, 0.0)), 5.0, true)?;
            let at = (frame.left + place * (frame.right - frame.left), frame.bottom + 9.0);
            self.text(label, at, Ink::Quiet, TICK_SIZE, (HPos::Center, VPos::Top), false)?;
        }
        for ((place, _), label) in up.labelled.iter().zip(words) {
            if !self.chart.has_words() {
                tick(frame.at((0.0, *place)), 5.0, false)?;
            }
            let at = (frame.left - 8.0, frame.bottom - place * (frame.bottom - frame.top));
            self.text(label, at, Ink::Quiet, TICK_SIZE, (HPos::Right, VPos::Center), false)?;
        }
        let middle = f64::midpoint(frame.left, frame.right);
        let below = frame.bottom + 2.3 * TICK_SIZE;
        self.text(
            &self.chart.x.title,
            (middle, below),
            Ink::Text,
            TITLE_SIZE,
            (HPos::Center, VPos::Top),
            false,
        )?;
        if self.chart.y.title.is_empty() {
            return Ok(());
        }
        let at = (TITLE_SIZE, f64::midpoint(frame.top, frame.bottom));
        self.text(&self.chart.y.title, at, Ink::Text, TITLE_SIZE, (HPos::Center, VPos::Bottom), true)
    }

    fn legend(&self, legend: &Legend) -> Drawn {
        for &PlacedEntry { x: left, y, ref name, sample } in &legend.entries {
            let (from, to) = ((units(left), units(y)), (units(left + SAMPLE), units(y)));
            match sample {
                Sample::Line(stroke) => self.line(vec![from, to], stroke.ink, true, stroke.width)?,
                Sample::Area(ink) => {
                    let corners = [(0.0, -5.0), (SAMPLE, -5.0), (SAMPLE, 5.0), (0.0, 5.0), (0.0, -5.0)];
                    let corners: Vec<(i32, i32)> =
                        corners.iter().map(|(dx, dy)| (from.0 + units(*dx), from.1 + units(*dy))).collect();
                    self.polygon(corners.clone(), ink, 0.22)?;
                    self.line(corners, ink, false, 1.5)?;
                }
                Sample::Dot(dot) => {
                    self.line(vec![from, to], dot.ink, false, 1.4)?;
                    self.dot((i32::midpoint(from.0, to.0), from.1), dot)?;
                }
            }
            let at = (left + SAMPLE + 8.0, y);
            self.text(name, at, Ink::Text, TITLE_SIZE, (HPos::Left, VPos::Center), false)?;
        }
        Ok(())
    }
}
