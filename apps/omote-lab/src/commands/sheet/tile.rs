//! One picture of a sheet, and how they lie on it.

use geometry::Rect;
use imaging::draw::{self, Pen};
use imaging::{Image, resize};
use synth::{Degradation, Moment, Person, Seed};

/// Makes a picture of a width and height in pixels.
type Draw = Box<dyn Fn(u32) -> Image + Send + Sync>;

/// Samples of a pixel along each axis.
pub const SAMPLES: u32 = 3;
/// Height of the strip above a picture that says what it shows, in pixels.
const STRIP: u32 = 13;
/// Pixels between pictures.
const GAP: u32 = 2;
/// Pictures that are made worse are seen at this size first: the lengths of harm are those of a face of 112 pixels.
const HARMED: u32 = 160;

/// A picture, and what it shows.
pub struct Tile {
    /// What the strip above it says; nothing when empty.
    pub label: String,
    draw: Draw,
}

impl Tile {
    /// A tile with the picture that `draw` makes, of the width and height that it is given in pixels.
    pub fn new(label: impl Into<String>, draw: impl Fn(u32) -> Image + Send + Sync + 'static) -> Self {
        Self { label: label.into(), draw: Box::new(draw) }
    }

    /// A portrait.
    pub fn portrait(label: impl Into<String>, person: &Person, moment: &Moment) -> Self {
        let (person, moment) = (person.clone(), moment.clone());
        Self::new(label, move |size| moment.portrait(&person, size, size, SAMPLES).image)
    }

    /// A portrait that is made worse.
    pub fn harmed(label: impl Into<String>, person: &Person, moment: &Moment, harm: Degradation) -> Self {
        let (person, moment) = (person.clone(), moment.clone());
        Self::new(label, move |size| {
            let image = moment.portrait(&person, HARMED, HARMED, SAMPLES).image;
            resize(&harm.apply(&image, Seed::new(0)), size, size)
        })
    }

    /// Draws the picture, `size` pixels wide and high.
    pub fn draw(&self, size: u32) -> Image {
        (self.draw)(size)
    }
}

/// Height of the strip: none where no picture needs one.
fn strip(tiles: &[Tile]) -> u32 {
    if tiles.iter().all(|tile| tile.label.is_empty()) { 0 } else { STRIP }
}

/// Width and height of a sheet with room for strips, in pixels.
pub fn extent(tiles: usize, columns: usize, size: u32) -> (u64, u64) {
    let rows = tiles.div_ceil(columns) as u64;
    (columns as u64 * u64::from(size + GAP), rows * u64::from(size + STRIP + GAP))
}

/// Lays pictures in rows, each below its label.
pub fn arrange(tiles: &[Tile], pictures: &[Image], columns: usize, size: u32) -> Image {
    let rows = tiles.len().div_ceil(columns) as u32;
    let strip = strip(tiles);
    let mut sheet = Image::filled(columns as u32 * (size + GAP), rows * (size + strip + GAP), [255; 3]);
    let pen = Pen { color: [255; 3], thickness: 1, text_size: STRIP as f32 - 3.0 };
    for ((tile, picture), at) in tiles.iter().zip(pictures).zip(0..) {
        let left = (at % columns) as u32 * (size + GAP);
        let top = (at / columns) as u32 * (size + strip + GAP);
        put(&mut sheet, picture, left, top + strip);
        if tile.label.is_empty() {
            continue;
        }
        // A label has the room of the pictures without one that follow in its row, and never covers its neighbour's.
        let row = &tiles[at + 1..tiles.len().min((at / columns + 1) * columns)];
        let unlabelled = row.iter().take_while(|tile| tile.label.is_empty()).count() as u32;
        let mut plate = Image::filled(size + unlabelled * (size + GAP), strip, [255; 3]);
        let below = Rect::new(0.0, strip as f32, size as f32, (strip + size) as f32);
        draw::label(&mut plate, &below, &tile.label, &pen);
        put(&mut sheet, &plate, left, top);
    }
    sheet
}

/// Copies a picture into the sheet.
fn put(sheet: &mut Image, picture: &Image, left: u32, top: u32) {
    let begin = left as usize * 3;
    for y in 0..picture.height() {
        let row = picture.row(y);
        sheet.row_mut(top + y)[begin..begin + row.len()].copy_from_slice(row);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_lie_below_their_labels() {
        let blank = |size| Image::new(size, size);
        let tiles: Vec<Tile> = ["a long label", "", "three"].map(|label| Tile::new(label, blank)).into();
        let colors = [[200, 0, 0], [0, 200, 0], [0, 0, 200]];
        let pictures = colors.map(|color| Image::filled(40, 40, color));
        let sheet = arrange(&tiles, &pictures, 2, 40);
        assert_eq!((u64::from(sheet.width()), u64::from(sheet.height())), extent(3, 2, 40));
        let row = 40 + STRIP + GAP;
        for (at, color) in colors.into_iter().enumerate() {
            let (left, top) = (at as u32 % 2 * (40 + GAP), at as u32 / 2 * row + STRIP);
            for (x, y) in [(0, 0), (39, 0), (0, 39), (39, 39)] {
                assert_eq!(sheet.pixel(left + x, top + y), color, "{at}");
            }
        }
        let ink = |left: u32, top: u32| {
            (0..40).any(|x| (0..STRIP).any(|y| sheet.pixel(left + x, top + y) != [255; 3]))
        };
        // The second picture has no label of its own and lends its strip to the first.
        assert!(ink(0, 0) && ink(40 + GAP, 0) && ink(0, row) && !ink(40 + GAP, row));
    }
}
