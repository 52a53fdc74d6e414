//! A plotters backend that writes SVG for a page with themes.
//!
//! Plotters' own SVG backend writes fixed colours and whole pixels. This one writes an [`Ink`]'s class and light
//! colour, dashes by `stroke-dasharray`, and coordinates to a tenth of a pixel, so that one drawing is right on
//! white, on black and on paper.
//!
//! A plotters style carries a colour and a width. Here the red byte is the ink's number and the green byte says
//! whether the line is dashed; see [`pen`].

use std::convert::Infallible;
use std::fmt::Write as _;

use plotters::style::RGBAColor;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
    FontTransform,
};

use super::escape::escape;
use super::palette::Ink;

/// Plotters counts in whole units: this many are one pixel of the drawing.
const UNITS: f64 = 10.0;

/// Pixels as plotters units.
pub(super) fn units(pixels: f64) -> i32 {
    // A float-to-int cast saturates, and NaN becomes 0; places are within the drawing anyhow.
    (pixels * UNITS).round() as i32
}

/// The plotters colour that stands for an ink.
pub(super) fn pen(ink: Ink, dashed: bool, opacity: f64) -> RGBAColor {
    RGBAColor(ink.number(), u8::from(dashed), 0, opacity)
}

/// Appends the elements that plotters draws to an SVG document.
pub(super) struct Canvas<'a> {
    svg: &'a mut String,
    size: (u32, u32),
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl<'a> Canvas<'a> {
    /// `size` is in units, [`UNITS`] to the pixel. The caller writes the `svg` tag around what is drawn.
    pub(super) fn new(svg: &'a mut String, size: (u32, u32)) -> Self {
        Self { svg, size }
    }

    /// `<NAME class=… color=…`: the class lets the page's theme decide, the colour holds without a page.
    fn open(&mut self, name: &str, colour: BackendColor) {
        let ink = Ink::from_number(colour.rgb.0);
        // Writing to a String cannot fail, here and below.
        let _ = write!(self.svg, "<{name} class=\"{}\" color=\"{}\"", ink.class(), ink.light());
        if colour.alpha < 1.0 {
            let _ = write!(self.svg, " opacity=\"{:.2}\"", colour.alpha);
        }
    }

    fn attributes<const N: usize>(&mut self, lengths: [(&str, i32); N]) {
        for (name, units) in lengths {
            let _ = write!(self.svg, " {name}=\"{}\"", pixels(units));
        }
    }

    fn fill(&mut self) {
        self.svg.push_str(" fill=\"currentColor\"");
    }

    fn outline(&mut self, style: &impl BackendStyle) {
        self.svg.push_str(" fill=\"none\"");
        self.stroke(style);
    }

    fn stroke(&mut self, style: &impl BackendStyle) {
        let width = pixels(style.stroke_width() as i32);
        let _ = write!(self.svg, " stroke=\"currentColor\" stroke-width=\"{width}\"");
        let colour = style.color();
        if colour.rgb.1 == 1
            && let Some(dash) = Ink::from_number(colour.rgb.0).dash()
        {
            let _ = write!(self.svg, " stroke-dasharray=\"{dash}\"");
        }
    }

    fn points(&mut self, points: impl IntoIterator<Item = BackendCoord>) {
        self.svg.push_str(" points=\"");
        for (index, (x, y)) in points.into_iter().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            let _ = write!(self.svg, "{gap}{},{}", pixels(x), pixels(y));
        }
        self.svg.push('"');
    }

    fn close(&mut self) -> Drawn {
        self.svg.push_str("/>\n");
        Ok(())
    }
}

impl DrawingBackend for Canvas<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, colour: BackendColor) -> Drawn {
        self.draw_rect(point, (point.0 + 1, point.1 + 1), &colour, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.open("line", style.color());
        self.attributes([("x1", from.0), ("y1", from.1), ("x2", to.0), ("y2", to.1)]);
        self.stroke(style);
        self.close()
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        self.open("rect", style.color());
        let size = (bottom_right.0 - upper_left.0, bottom_right.1 - upper_left.1);
        self.attributes([("x", upper_left.0), ("y", upper_left.1), ("width", size.0), ("height", size.1)]);
        if fill {
            self.fill()
        } else {
            self.outline(style)
        }
        self.close()
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.open("polyline", style.color());
        self.outline(style);
        self.svg.push_str(" stroke-linejoin=\"round\"");
        self.points(path);
        self.close()
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        centre: BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        self.open("circle", style.color());
        self.attributes([("cx", centre.0), ("cy", centre.1), ("r", radius as i32)]);
        if fill {
            self.fill()
        } else {
            self.outline(style)
        }
        self.close()
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        corners: I,
        style: &S,
    ) -> Drawn {
        self.open("polygon", style.color());
        self.fill();
        self.points(corners);
        self.close()
    }

    /// The anchor's vertical part: `Bottom` is the base line, `Center` the middle of capital letters.
    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        self.open("text", style.color());
        // The size is that of the font in pixels. A capital letter of Helvetica is 0.72 of it high.
        let size = style.size();
        let lowered = match style.anchor().v_pos {
            VPos::Top => 0.72,
            VPos::Center => 0.36,
            VPos::Bottom => 0.0,
        } * size;
        let anchor = match style.anchor().h_pos {
            HPos::Left => "start",
            HPos::Center => "middle",
            HPos::Right => "end",
        };
        let (x, y) = (pixels(at.0), pixels(at.1));
        let _ = write!(self.svg, " x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"{size}\"");
        if lowered > 0.0 {
            let _ = write!(self.svg, " dy=\"{lowered:.1}\"");
        }
        if let FontStyle::Bold = style.style() {
            self.svg.push_str(" font-weight=\"600\"");
        }
        let degrees = match style.transform() {
            FontTransform::None => None,
            FontTransform::Rotate90 => Some(90),
            FontTransform::Rotate180 => Some(180),
            FontTransform::Rotate270 => Some(270),
        };
        if let Some(degrees) = degrees {
            let _ = write!(self.svg, " transform=\"rotate({degrees} {x} {y})\"");
        }
        let _ = writeln!(self.svg, " fill=\"currentColor\">{}</text>", escape(text));
        Ok(())
    }
}

/// Units as pixels with a decimal where there is one.
fn pixels(units: i32) -> String {
    let value = f64::from(units) / UNITS;
    if units % 10 == 0 { format!("{value:.0}") } else { format!("{value:.1}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::element::{Circle, PathElement, Text};
    use plotters::prelude::{FontDesc, IntoDrawingArea, ShapeStyle};
    use plotters::style::{Color, FontFamily};

    #[test]
    fn elements_carry_class_colour_and_dash() {
        let mut svg = String::new();
        let area = Canvas::new(&mut svg, (1000, 1000)).into_drawing_area();
        let dashed = ShapeStyle::from(pen(Ink::Series(1), true, 1.0)).stroke_width(18);
        area.draw(&PathElement::new(vec![(10, 20), (35, 47)], dashed)).unwrap();
        area.draw(&Circle::new((100, 100), 30, pen(Ink::Grid, false, 0.5).filled())).unwrap();
        drop(area);
        assert_eq!(
            svg,
            "<polyline class=\"s2\" color=\"#d55e00\" fill=\"none\" stroke=\"currentColor\" \
             stroke-width=\"1.8\" stroke-dasharray=\"7 3\" stroke-linejoin=\"round\" points=\"1,2 3.5,4.7\"/>\n\
             <circle class=\"grid\" color=\"#e6e6e1\" opacity=\"0.50\" cx=\"10\" cy=\"10\" r=\"3\" \
             fill=\"currentColor\"/>\n"
        );
    }

    #[test]
    fn text_is_escaped() {
        let mut svg = String::new();
        let area = Canvas::new(&mut svg, (1000, 1000)).into_drawing_area();
        let font = FontDesc::new(FontFamily::SansSerif, 12.0, FontStyle::Normal);
        area.draw(&Text::new("</svg><script>", (0, 0), font.color(&pen(Ink::Text, false, 1.0)))).unwrap();
        drop(area);
        assert!(svg.contains("&lt;/svg&gt;&lt;script&gt;</text>"), "{svg}");
    }
}
