//! The colours and dashes of charts, in light and in dark.
//!
//! A drawing names an [`Ink`], never a colour. The page defines for each ink one CSS variable per theme; the light
//! colour also stands in the drawing itself, so that a chart cut out of the page for a paper is complete.

use std::fmt::Write as _;

/// What a line, area or text of a chart is drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// Titles of axes, names in the legend.
    Text,
    /// Numbers at ticks, target lines, the first reference curve.
    Quiet,
    /// The frame and the ticks; dashed, the second reference curve and the diagonal of equal rates.
    Frame,
    /// Grid lines.
    Grid,
    /// What lies under the chart: the halo of a point.
    Paper,
    /// The system with this number. Beyond [`Ink::SERIES`] systems the inks start again.
    Series(u8),
}

struct Colours {
    class: &'static str,
    light: &'static str,
    dark: &'static str,
    /// Lengths of strokes and gaps in pixels; empty for a solid line.
    dash: &'static str,
}

const fn ink(class: &'static str, light: &'static str, dark: &'static str, dash: &'static str) -> Colours {
    Colours { class, light, dark, dash }
}

/// The inks that are no series, then the series.
///
/// Blue, vermilion, green and purple follow Okabe and Ito's palette for colour-blind readers ("Color universal
/// design", 2008), darkened for thin lines on white (contrast at least 3:1, WCAG 2.2, 1.4.11) and lightened on
/// black. The last two were chosen to stay away from them under all three kinds of colour blindness.
const COLOURS: [Colours; 11] = [
    ink("text", "#1c1c1a", "#ececea", ""),
    ink("quiet", "#5f5f5a", "#a3a39c", "2 3"),
    ink("frame", "#8a8a84", "#7d7d77", "6 4"),
    ink("grid", "#e6e6e1", "#30302d", ""),
    ink("paper", "#ffffff", "#1b1b1a", ""),
    ink("s1", "#0072b2", "#5ab4ec", ""),
    ink("s2", "#d55e00", "#ff9447", "7 3"),
    ink("s3", "#008a66", "#35cfa3", "2 2.5"),
    ink("s4", "#a4407f", "#e893c7", "9 3 2 3"),
    ink("s5", "#4a3000", "#fff2b0", "12 4"),
    ink("s6", "#7a3fe0", "#9470ff", "4 2 1 2"),
];

impl Ink {
    /// How many systems have an ink of their own.
    pub(super) const SERIES: usize = COLOURS.len() - Self::FIRST_SERIES;
    const FIRST_SERIES: usize = 5;

    /// The ink of the system with this number, counted from 0.
    pub(super) fn series(index: usize) -> Self {
        // The remainder is far below 256.
        Self::Series((index % Self::SERIES) as u8)
    }

    /// The ink's number, which stands for it in a plotters style.
    pub(super) fn number(self) -> u8 {
        match self {
            Self::Text => 0,
            Self::Quiet => 1,
            Self::Frame => 2,
            Self::Grid => 3,
            Self::Paper => 4,
            Self::Series(index) => Self::FIRST_SERIES as u8 + index % Self::SERIES as u8,
        }
    }

    /// The inverse of [`number`](Self::number). Numbers that no ink has stand for text.
    pub(super) fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Quiet,
            2 => Self::Frame,
            3 => Self::Grid,
            4 => Self::Paper,
            5..=10 => Self::Series(number - Self::FIRST_SERIES as u8),
            _ => Self::Text,
        }
    }

    /// The CSS class, which also names the variable of its colour.
    pub(super) fn class(self) -> &'static str {
        self.colours().class
    }

    /// The colour on white, as `#rrggbb`.
    pub(super) fn light(self) -> &'static str {
        self.colours().light
    }

    /// The strokes and gaps of a dashed line; `None` for a solid one.
    pub(super) fn dash(self) -> Option<&'static str> {
        Some(self.colours().dash).filter(|dash| !dash.is_empty())
    }

    fn colours(self) -> &'static Colours {
        &COLOURS[usize::from(self.number())]
    }
}

/// The style sheet that gives every ink its colour: dark on white for print and light themes, light on black where
/// the reader's screen is dark.
pub(super) fn style_sheet() -> String {
    let mut css = String::from(":root {");
    for Colours { class, light, .. } in &COLOURS {
        // Writing to a String cannot fail.
        let _ = write!(css, " --{class}: {light};");
    }
    css.push_str(" }\n@media screen and (prefers-color-scheme: dark) { :root {");
    for Colours { class, dark, .. } in &COLOURS {
        let _ = write!(css, " --{class}: {dark};");
    }
    css.push_str(" } }\n");
    for Colours { class, .. } in &COLOURS {
        let _ = writeln!(css, "svg .{class} {{ color: var(--{class}); }}");
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Colours {
        fn light(&self) -> &str {
            self.light
        }

        fn dark(&self) -> &str {
            self.dark
        }
    }

    /// A channel of `#rrggbb`, the two digits from `at` on, as linear light.
    fn channel(colour: &str, at: usize) -> f64 {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    }

    /// WCAG 2.2's relative luminance of `#rrggbb`.
    fn luminance(colour: &str) -> f64 {
        0.2126 * channel(colour, 1) + 0.7152 * channel(colour, 3) + 0.0722 * channel(colour, 5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn inks_are_legible_in_both_themes() {
        let paper = &COLOURS[usize::from(Ink::Paper.number())];
        for Colours { class, light, dark, .. } in &COLOURS {
            let needed = match *class {
                "grid" | "paper" => continue,
                "text" | "quiet" => 4.5,
                _ => 3.0,
            };
            assert!(contrast(light, paper.light) >= needed, "{class} on white");
            assert!(contrast(dark, paper.dark) >= needed, "{class} on black");
        }
    }

    /// CIELAB of linear sRGB under daylight.
    fn lab(rgb: [f64; 3]) -> [f64; 3] {
        let [r, g, b] = rgb.map(|channel| channel.clamp(0.0, 1.0));
        let f = |t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
        let x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
        let y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
        let z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    #[test]
    fn series_differ_for_colour_blind_readers() {
        // Machado, Oliveira and Fernandes 2009, severity 1: protanopia, deuteranopia, tritanopia; first, full sight.
        const SIGHTS: [[[f64; 3]; 3]; 4] = [
            [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
            [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
            [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_820, 0.042_940, 0.968_881],
            ],
            [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        ];
        let series = &COLOURS[Ink::FIRST_SERIES..];
        for (name, theme) in [("light", Colours::light as fn(&Colours) -> &str), ("dark", Colours::dark)] {
            for sight in SIGHTS {
                let seen: Vec<[f64; 3]> = series
                    .iter()
                    .map(|colours| {
                        let rgb = [1, 3, 5].map(|at| channel(theme(colours), at));
                        lab(sight.map(|row| row.iter().zip(rgb).map(|(weight, value)| weight * value).sum()))
                    })
                    .collect();
                for (i, a) in seen.iter().enumerate() {
                    for (j, b) in seen.iter().enumerate().skip(i + 1) {
                        let distance = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                        // Five times what is just noticed side by side.
                        assert!(distance > 11.5, "{name}: s{} and s{} are {distance:.1} apart", i + 1, j + 1);
                    }
                }
            }
        }
    }

    #[test]
    fn every_ink_is_its_own() {
        let all = (0..COLOURS.len() as u8).map(Ink::from_number);
        let (mut classes, mut dashes) = (Vec::new(), Vec::new());
        for ink in all {
            assert_eq!(Ink::from_number(ink.number()), ink);
            assert!(!classes.contains(&ink.class()));
            classes.push(ink.class());
            if let Ink::Series(_) = ink {
                assert!(!dashes.contains(&ink.dash()), "{ink:?} is told apart by its dash alone");
                dashes.push(ink.dash());
            }
        }
        assert_eq!(Ink::series(Ink::SERIES), Ink::series(0));
    }
}
