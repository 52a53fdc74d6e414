//! The worst errors as pairs of pictures.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::escape::escape;
use super::{number, report_error};
use crate::Error;

const PART: &str = "pictures";

/// What every JPEG file begins with.
const JPEG: [u8; 3] = [0xff, 0xd8, 0xff];

/// Pairs that a system got wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Pictures {
    /// Above the pictures, such as `Impostor pairs with the highest scores`.
    pub caption: String,
    /// A pair is accepted at this score or more, in the unit of the scores; `None` where no score decides, as in a
    /// ranking.
    pub threshold: Option<f64>,
    /// In the order in which they are shown.
    pub pairs: Vec<PicturePair>,
}

/// Two pictures that were compared.
#[derive(Clone, Debug, PartialEq)]
pub struct PicturePair {
    /// The first picture.
    pub a: Picture,
    /// The second picture.
    pub b: Picture,
    /// Their score; `None` if a face was not found.
    pub score: Option<f64>,
    /// More to say, such as what the label is suspected to be. May be empty.
    pub note: String,
}

/// A face.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// A small crop as the bytes of a JPEG file (the `imaging` crate's `encode_jpeg` makes one); `None` leaves an
    /// empty frame. All of it goes into the page: 112 x 112 pixels take about 5 kB.
    pub jpeg: Option<Vec<u8>>,
    /// The person's name or the file's.
    pub name: String,
    /// The face's quality, in the unit of the quality measure.
    pub quality: Option<f64>,
}

impl Pictures {
    pub(super) fn html(&self) -> Result<String, Error> {
        if let Some(threshold) = self.threshold.filter(|threshold| !threshold.is_finite()) {
            return Err(report_error(PART, format!("the threshold of {:?} is {threshold}", self.caption)));
        }
        let mut html = String::from("<figure class=\"pictures\">\n");
        let threshold = self.threshold.map(|threshold| {
            format!(" <span class=\"quiet\">threshold {}</span>", number::decimal(threshold, 3))
        });
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            html,
            "<figcaption>{}{}</figcaption>",
            escape(&self.caption),
            threshold.unwrap_or_default()
        );
        if self.pairs.is_empty() {
            html.push_str("<p class=\"note\">None.</p>\n");
        }
        html.push_str("<div class=\"pairs\">\n");
        for pair in &self.pairs {
            html.push_str("<figure class=\"pair\"><div class=\"faces\">");
            push_face(&mut html, &pair.a)?;
            push_face(&mut html, &pair.b)?;
            html.push_str("</div><figcaption>");
            let score = pair.score.map_or_else(|| "no score".to_owned(), |score| number::decimal(score, 3));
            let _ = write!(html, "<b>{score}</b>");
            if let Some(threshold) = self.threshold {
                let accepted = pair.score.is_some_and(|score| score >= threshold);
                let verdict = if accepted { "accepted" } else { "rejected" };
                let _ = write!(html, " <span class=\"quiet\">{verdict}</span>");
            }
            for picture in [&pair.a, &pair.b] {
                push_name(&mut html, picture);
            }
            if !pair.note.is_empty() {
                let _ = write!(html, "<span class=\"note\">{}</span>", escape(&pair.note));
            }
            html.push_str("</figcaption></figure>\n");
        }
        html.push_str("</div></figure>\n");
        Ok(html)
    }
}

fn push_face(html: &mut String, picture: &Picture) -> Result<(), Error> {
    let name = escape(&picture.name);
    let Some(jpeg) = &picture.jpeg else {
        let _ =
            write!(html, "<span class=\"empty\" role=\"img\" aria-label=\"no picture of {name}\"></span>");
        return Ok(());
    };
    check_jpeg(&picture.name, jpeg)?;
    let data = BASE64.encode(jpeg);
    let _ = write!(html, "<img alt=\"{name}\" title=\"{name}\" src=\"data:image/jpeg;base64,{data}\" />");
    Ok(())
}

/// Pages hold JPEG files alone.
pub(super) fn check_jpeg(name: &str, bytes: &[u8]) -> Result<(), Error> {
    if bytes.starts_with(&JPEG) {
        return Ok(());
    }
    let problem = format!("the picture of {name:?} is not a JPEG file: encode the crop as one");
    Err(report_error(PART, problem))
}

fn push_name(html: &mut String, picture: &Picture) {
    let name = escape(&picture.name);
    let _ = write!(html, "<span class=\"name\" title=\"{name}\">{name}</span>");
    if let Some(quality) = picture.quality.filter(|quality| quality.is_finite()) {
        let _ = write!(html, "<span class=\"quiet\">quality {}</span>", number::shortest_of(quality, 2));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(jpeg: Option<Vec<u8>>, name: &str) -> Picture {
        Picture { jpeg, name: name.to_owned(), quality: Some(0.5) }
    }

    fn pictures(a: Picture, b: Picture, score: Option<f64>) -> Pictures {
        let pairs = vec![PicturePair { a, b, score, note: String::new() }];
        Pictures { caption: "Worst".to_owned(), threshold: Some(0.4), pairs }
    }

    #[test]
    fn pictures_are_part_of_the_page() {
        let jpeg = picture(Some(vec![0xff, 0xd8, 0xff, 0xe0]), "\"><script>");
        let html = pictures(jpeg, picture(None, "b"), Some(0.7123)).html().unwrap();
        assert!(html.contains("src=\"data:image/jpeg;base64,/9j/4A==\""), "{html}");
        assert!(html.contains("no picture of b") && html.contains("0.712") && html.contains("accepted"));
        assert!(!html.contains("<script>"));
    }

    #[test]
    fn what_is_no_jpeg_is_refused() {
        let html = pictures(picture(Some(b"<svg>".to_vec()), "a.svg"), picture(None, "b"), None).html();
        assert!(html.unwrap_err().to_string().contains("\"a.svg\" is not a JPEG"));
    }
}
