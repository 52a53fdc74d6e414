//! Boxes, points and names on a picture, for people to look at, and filled shapes.
//!
//! ```
//! use geometry::{Point, Rect};
//! use omote_imaging::{Image, draw};
//!
//! let mut photo = Image::filled(320, 240, [90, 120, 150]);
//! let pen = draw::Pen::for_image(&photo, [0, 220, 90]);
//! let face = Rect::from_xywh(100.0, 80.0, 90.0, 110.0);
//! draw::rectangle(&mut photo, &face, &pen);
//! draw::point(&mut photo, Point::new(130.0, 120.0), &pen);
//! draw::label(&mut photo, &face, "Zoë Ångström 0.87", &pen);
//! ```

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, GlyphId, ScaleFont, point as glyph_point};
use geometry::{Point, Rect};

use crate::Image;

mod polygon;

pub use polygon::{Fill, polygon};

/// How things are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pen {
    /// Colour of lines, points and of the plate behind text; the text itself is black or white, whichever reads better.
    pub color: [u8; 3],
    /// Width of lines in pixels.
    pub thickness: u32,
    /// Height of a line of text in pixels.
    pub text_size: f32,
}

impl Pen {
    /// A pen of this colour whose lines and letters can be seen when the whole picture is.
    pub fn for_image(image: &Image, color: [u8; 3]) -> Self {
        let side = image.width().min(image.height()) as f32;
        Self {
            color,
            thickness: (side / 250.0).round().clamp(1.0, 40.0) as u32,
            text_size: (side / 28.0).clamp(13.0, 200.0),
        }
    }
}

/// The outline of a box; its lines are centred on the box's edges. What lies outside the picture is left out.
pub fn rectangle(image: &mut Image, rect: &Rect, pen: &Pen) {
    if !rect.is_finite() {
        return;
    }
    let [x1, y1, x2, y2] = [rect.x1, rect.y1, rect.x2, rect.y2].map(whole);
    let thickness = i64::from(pen.thickness.max(1));
    let before = thickness / 2;
    let (left, top, right, bottom) = (x1 - before, y1 - before, x2 - before, y2 - before);
    fill(image, (left, top), (right + thickness, top + thickness), pen.color);
    fill(image, (left, bottom), (right + thickness, bottom + thickness), pen.color);
    fill(image, (left, top), (left + thickness, bottom + thickness), pen.color);
    fill(image, (right, top), (right + thickness, bottom + thickness), pen.color);
}

/// A disc with a thin dark rim, three lines wide.
pub fn point(image: &mut Image, at: Point, pen: &Pen) {
    if !at.is_finite() {
        return;
    }
    let radius = 1.5 * pen.thickness.max(1) as f32;
    let rim = radius + (0.5 * pen.thickness as f32).max(1.0);
    let reach = rim.ceil() as i64 + 1;
    let (cx, cy) = (whole(at.x), whole(at.y));
    let columns = clipped(cx - reach, cx + reach + 1, image.width());
    for y in clipped(cy - reach, cy + reach + 1, image.height()) {
        for x in columns.clone() {
            let distance = at.distance(Point::new(x as f32, y as f32));
            // Coverage falls from 1 to 0 across one pixel at the edge.
            let inside = |r: f32| (r + 0.5 - distance).clamp(0.0, 1.0);
            mix(image, x, y, [0; 3], 0.7 * inside(rim));
            mix(image, x, y, pen.color, inside(radius));
        }
    }
}

/// A line of text on a plate: above the box where there is room, otherwise below its upper edge; moved left where it
/// would leave the picture, cut with an ellipsis where it is wider than the picture.
///
/// The font is DejaVu Sans: Latin, Greek, Cyrillic and more, without Chinese, Japanese and Korean. Letters it does not
/// have are shown as a box. Text runs from left to right, one glyph per character: no shaping.
pub fn label(image: &mut Image, rect: &Rect, text: &str, pen: &Pen) {
    let size = if pen.text_size.is_finite() { pen.text_size.clamp(4.0, 1000.0) } else { return };
    if !rect.is_finite() || image.is_empty() || text.is_empty() {
        return;
    }
    let font = FONT.as_scaled(size);
    let padding = (0.15 * size).ceil();
    let room = image.width() as f32 - 2.0 * padding;
    let line = Line::fit(text, size, room);
    let (width, height) = ((line.width + 2.0 * padding).ceil(), (font.height() + padding).ceil());

    let edge = (pen.thickness.max(1) / 2) as f32;
    let above = rect.y1 - edge - height;
    let top = if above >= 0.0 { above } else { rect.y1.max(0.0) };
    let top = top.min(image.height() as f32 - height).max(0.0).round();
    let left = (rect.x1 - edge).min(image.width() as f32 - width).max(0.0).round();

    let (x, y) = (left as i64, top as i64);
    fill(image, (x, y), (x + width as i64, y + height as i64), pen.color);
    let ink = if luminance(pen.color) > 0.25 { [0; 3] } else { [255; 3] };
    let baseline = top + 0.5 * padding + font.ascent();
    for (glyph, offset) in line.glyphs {
        let glyph = glyph.with_scale_and_position(size, glyph_point(left + padding + offset, baseline));
        let Some(outline) = FONT.outline_glyph(glyph) else { continue };
        let bounds = outline.px_bounds();
        let (glyph_x, glyph_y) = (bounds.min.x as i64, bounds.min.y as i64);
        outline.draw(|dx, dy, coverage| {
            let (x, y) = (glyph_x + i64::from(dx), glyph_y + i64::from(dy));
            if (0..i64::from(image.width())).contains(&x) && (0..i64::from(image.height())).contains(&y) {
                mix(image, x as u32, y as u32, ink, coverage);
            }
        });
    }
}

static FONT: LazyLock<FontRef<'static>> =
    LazyLock::new(|| FontRef::try_from_slice(dejavu::sans::regular()).expect("the built-in font is valid"));

/// Glyphs with their distance from the start of the line, pixels.
struct Line {
    glyphs: Vec<(GlyphId, f32)>,
    width: f32,
}

impl Line {
    /// As much of the text as fits into `room` pixels.
    fn fit(text: &str, size: f32, room: f32) -> Self {
        let whole = Self::new(text.chars(), size, room);
        match whole {
            Ok(line) => line,
            Err(fitting) => {
                // One character may be narrower than the ellipsis, so a few are tried.
                (0..=fitting)
                    .rev()
                    .find_map(|count| Self::new(text.chars().take(count).chain(['…']), size, room).ok())
                    .unwrap_or(Self { glyphs: Vec::new(), width: 0.0 })
            }
        }
    }

    /// The line, or how many characters of it fit.
    fn new(text: impl Iterator<Item = char>, size: f32, room: f32) -> Result<Self, usize> {
        let font = FONT.as_scaled(size);
        let mut line = Self { glyphs: Vec::new(), width: 0.0 };
        for character in text {
            let shown = if character.is_control() { ' ' } else { character };
            let glyph = FONT.glyph_id(shown);
            if let Some((previous, _)) = line.glyphs.last() {
                line.width += font.kern(*previous, glyph);
            }
            let end = line.width + font.h_advance(glyph);
            if end > room {
                return Err(line.glyphs.len());
            }
            line.glyphs.push((glyph, line.width));
            line.width = end;
        }
        Ok(line)
    }
}

/// The nearest pixel; positions far outside any picture are moved to where sums cannot overflow.
fn whole(position: f32) -> i64 {
    const FAR: i64 = 1 << 40;
    (position.round() as i64).clamp(-FAR, FAR)
}

/// Fills columns `from.0..to.0` of rows `from.1..to.1`.
fn fill(image: &mut Image, from: (i64, i64), to: (i64, i64), color: [u8; 3]) {
    let columns = clipped(from.0, to.0, image.width());
    for y in clipped(from.1, to.1, image.height()) {
        let row = &mut image.row_mut(y)[columns.start as usize * 3..columns.end as usize * 3];
        for pixel in row.chunks_exact_mut(3) {
            pixel.copy_from_slice(&color);
        }
    }
}

fn clipped(from: i64, to: i64, length: u32) -> std::ops::Range<u32> {
    let start = from.clamp(0, i64::from(length));
    start as u32..to.clamp(start, i64::from(length)) as u32
}

fn mix(image: &mut Image, x: u32, y: u32, color: [u8; 3], coverage: f32) {
    let under = image.pixel(x, y);
    let coverage = coverage.clamp(0.0, 1.0);
    let mixed = std::array::from_fn(|c| {
        let (old, new) = (f32::from(under[c]), f32::from(color[c]));
        (old + (new - old) * coverage).round() as u8
    });
    image.set_pixel(x, y, mixed);
}

/// Amount of light, 0..=1, of an sRGB colour (with 2.2 for sRGB's curve).
fn luminance(color: [u8; 3]) -> f32 {
    let [r, g, b] = color.map(|v| (f32::from(v) / 255.0).powf(2.2));
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREEN: [u8; 3] = [0, 220, 90];

    fn canvas() -> Image {
        Image::filled(200, 120, [128; 3])
    }

    fn pen() -> Pen {
        Pen { color: GREEN, thickness: 2, text_size: 16.0 }
    }

    fn changed(image: &Image) -> usize {
        image.pixels().chunks_exact(3).filter(|p| *p != [128; 3]).count()
    }

    #[test]
    fn an_outline_is_hollow() {
        let mut image = canvas();
        rectangle(&mut image, &Rect::new(20.0, 30.0, 60.0, 80.0), &pen());
        for (x, y) in [(20, 30), (60, 80), (40, 30), (20, 50), (19, 29)] {
            assert_eq!(image.pixel(x, y), GREEN, "({x}, {y})");
        }
        assert_eq!(image.pixel(40, 50), [128; 3]);
        // Two lines of 42 x 2 and two of 48 x 2 between them.
        assert_eq!(changed(&image), 2 * 42 * 2 + 2 * 48 * 2);
    }

    #[test]
    fn a_point_is_round() {
        let mut image = canvas();
        point(&mut image, Point::new(50.0, 40.0), &pen());
        assert_eq!(image.pixel(50, 40), GREEN);
        assert_eq!(image.pixel(52, 40), GREEN);
        assert_ne!(image.pixel(54, 40), [128; 3], "the rim");
        assert_eq!(image.pixel(55, 45), [128; 3]);
    }

    #[test]
    fn a_label_stands_above_its_box_or_inside() {
        let plate_rows = |rect: &Rect| {
            let mut image = canvas();
            label(&mut image, rect, "Ab", &pen());
            (0..120).filter(|y| image.pixel(rect.x1 as u32, *y) == GREEN).collect::<Vec<u32>>()
        };
        let above = plate_rows(&Rect::new(20.0, 60.0, 80.0, 100.0));
        assert!(above.iter().all(|y| *y < 60) && above.len() > 15, "{above:?}");
        let inside = plate_rows(&Rect::new(20.0, 4.0, 80.0, 100.0));
        assert!(inside.iter().all(|y| *y >= 4) && inside.len() > 15, "{inside:?}");
    }

    #[test]
    fn letters_are_drawn() {
        let ink = |text: &str| {
            let mut image = canvas();
            label(&mut image, &Rect::new(20.0, 60.0, 80.0, 100.0), text, &pen());
            image.pixels().chunks_exact(3).filter(|p| *p != [128; 3] && *p != GREEN).count()
        };
        assert_eq!(ink(" "), 0);
        assert!(ink("Zoë") > ink("Zo"), "accents count");
        assert_eq!(ink("日"), ink("本"), "unknown letters are the same box");
        assert!(ink("日") > 10);
        assert_eq!(ink("a\nb"), ink("a b"));
    }

    #[test]
    fn long_text_is_cut() {
        let line = Line::fit(&"long name ".repeat(20), 16.0, 100.0);
        let whole = Line::fit("long name", 16.0, 100.0);
        assert!(line.width <= 100.0 && line.width > 80.0);
        assert_eq!(line.glyphs.last().map(|g| g.0), Some(FONT.glyph_id('…')));
        assert_eq!(whole.glyphs.len(), 9);
        assert!(Line::fit("text", 16.0, 2.0).glyphs.is_empty());
    }

    #[test]
    fn nothing_breaks_outside_the_picture() {
        let rects = [
            Rect::new(-1e30, -1e30, 1e30, 1e30),
            Rect::new(500.0, 500.0, 600.0, 600.0),
            Rect::new(-50.0, -50.0, -10.0, -10.0),
            Rect::new(f32::NAN, 0.0, 1.0, 1.0),
            Rect::new(f32::MAX, f32::MIN, f32::MAX, f32::MAX),
        ];
        for mut image in [canvas(), Image::new(1, 1), Image::new(0, 0)] {
            for rect in rects {
                for pen in [pen(), Pen { color: GREEN, thickness: 0, text_size: f32::NAN }] {
                    rectangle(&mut image, &rect, &pen);
                    point(&mut image, Point::new(rect.x1, rect.y2), &pen);
                    label(&mut image, &rect, "name", &pen);
                }
            }
        }
    }
}
