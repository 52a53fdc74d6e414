//! How wide a text will be, without a font at hand.
//!
//! Charts ask for Helvetica or Arial, whose widths every system's stand-in (Liberation Sans, Nimbus Sans) shares, so
//! the table of those widths is enough to place labels. Where another font is used, the gaps between labels absorb
//! the difference.

/// Advance widths of the characters U+0020 to U+007E of Helvetica, in thousandths of the font size (Adobe's AFM
/// file).
const HELVETICA: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278,
    500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469,
    556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500,
    278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

/// The width of `text` in pixels at this font size in pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

/// `text` cut to at most `room` pixels, with an ellipsis if anything was left out.
pub(super) fn shortened(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let room = room - advance('…') * size;
    let mut used = 0.0;
    let kept = text.chars().take_while(|&c| {
        used += advance(c) * size;
        used <= room
    });
    let mut kept: String = kept.collect();
    kept.truncate(kept.trim_end().len());
    kept.push('…');
    kept
}

/// In units of the font size.
fn advance(c: char) -> f64 {
    let code = u32::from(c);
    match code {
        0x20..=0x7e => f64::from(HELVETICA[(code - 0x20) as usize]) / 1000.0,
        // Superscript digits and the raised minus of powers of ten.
        0xb2 | 0xb3 | 0xb9 | 0x2070..=0x207f => 0.34,
        // The middle dot of "2·10⁻⁵".
        0xb7 => 0.28,
        0x2026 => 1.0,
        // Chinese, Japanese, Korean, emoji: as wide as they are high.
        0x1100.. if !(0x1e00..0x2e80).contains(&code) => 1.0,
        _ => 0.6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_font() {
        // 12 px: H 722, i 222.
        assert!((width("Hi", 12.0) - 0.944 * 12.0).abs() < 1e-9);
        // All digits are equally wide, so that numbers stand in columns.
        assert_eq!(width("0123456789", 10.0), width("1111111111", 10.0));
        assert_eq!(width("面", 10.0), 10.0);
        assert!(width("10⁻⁵", 10.0) < width("10-5", 10.0) + 2.0);
    }

    #[test]
    fn long_names_are_cut() {
        assert_eq!(shortened("short", 10.0, 100.0), "short");
        let cut = shortened("a name that is far too long for a legend", 10.0, 80.0);
        assert!(cut.ends_with('…') && cut.len() > 5 && width(&cut, 10.0) <= 80.0, "{cut}");
        assert_eq!(shortened("anything", 10.0, 0.0), "…");
    }
}
