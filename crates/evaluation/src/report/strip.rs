//! Pictures side by side.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::escape::escape;
use super::pictures::check_jpeg;
use super::text;
use crate::Error;

/// Width and height of a picture, in pixels of the drawing.
const SIDE: f64 = 84.0;
/// Between two pictures.
const GAP: f64 = 4.0;
/// Size of the names below them.
const NAME_SIZE: f64 = 12.0;
/// Pictures in a row.
const IN_A_ROW: usize = 10;

/// Pictures side by side, such as means of faces from the worst to the best.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// What they show.
    pub caption: String,
    /// Each as the bytes of a JPEG file, with a name of a word or two. All of it goes into the page.
    pub pictures: Vec<(String, Vec<u8>)>,
}

impl Strip {
    /// The pictures as an `svg` element that is also a valid SVG file.
    ///
    /// # Errors
    /// [`Error::Report`] for a picture that is not a JPEG file.
    pub fn svg(&self) -> Result<String, Error> {
        let (columns, rows) =
            (self.pictures.len().clamp(1, IN_A_ROW), self.pictures.len().div_ceil(IN_A_ROW));
        let row_height = SIDE + 2.0 * NAME_SIZE;
        let (width, height) = (columns as f64 * (SIDE + GAP) - GAP, rows as f64 * row_height);
        let mut svg = String::new();
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\" role=\"img\" aria-label=\"{}\" \
             font-family=\"Helvetica, Arial, 'Liberation Sans', sans-serif\" font-size=\"{NAME_SIZE}\">",
            escape(&self.caption)
        );
        for (index, (name, jpeg)) in self.pictures.iter().enumerate() {
            check_jpeg(name, jpeg)?;
            let (x, y) = ((index % IN_A_ROW) as f64 * (SIDE + GAP), (index / IN_A_ROW) as f64 * row_height);
            let _ = writeln!(
                svg,
                "<image x=\"{x}\" y=\"{y}\" width=\"{SIDE}\" height=\"{SIDE}\" \
                 href=\"data:image/jpeg;base64,{}\"/>\n\
                 <text class=\"quiet\" fill=\"currentColor\" text-anchor=\"middle\" x=\"{}\" y=\"{}\">{}</text>",
                BASE64.encode(jpeg),
                x + SIDE / 2.0,
                y + SIDE + 1.3 * NAME_SIZE,
                escape(&text::shortened(name, NAME_SIZE, SIDE)),
            );
        }
        svg.push_str("</svg>");
        Ok(svg)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_filled_one_after_the_other() {
        let picture = ("1 <of> 3".to_owned(), vec![0xff, 0xd8, 0xff, 0xe0]);
        let strip = |count| Strip { caption: "Means".to_owned(), pictures: vec![picture.clone(); count] };
        let svg = strip(12).svg().unwrap();
        assert_eq!(svg.matches("href=\"data:image/jpeg;base64,/9j/4A==\"").count(), 12);
        assert!(svg.contains("viewBox=\"0 0 876 216\"") && svg.contains("1 &lt;of&gt; 3"), "{svg}");
        assert!(strip(0).svg().is_ok());
        let other = Strip { caption: String::new(), pictures: vec![(String::new(), b"PNG".to_vec())] };
        assert!(other.svg().is_err());
    }
}
