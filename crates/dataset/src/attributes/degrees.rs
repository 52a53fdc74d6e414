//! Attributes that are degrees: as many people have them as in CelebA, whoever comes up.

use std::sync::OnceLock;

use synth::{Form, Seed};

use super::draw;
use crate::truth::shape;

/// People among whom thresholds are found: enough for a point.
const PEOPLE: u64 = 3000;

/// An attribute that those have of whom a sum of modes of the form is highest.
pub(super) struct Degree {
    /// Its name in CelebA.
    name: &'static str,
    /// How many of 100 people have it.
    share: f32,
    /// Modes of the form, and how they count.
    modes: &'static [(&'static str, f32)],
}

const fn degree(name: &'static str, share: f32, modes: &'static [(&'static str, f32)]) -> Degree {
    Degree { name, share, modes }
}

const DEGREES: [Degree; 9] = [
    degree("Bags_Under_Eyes", 20.46, &[("bags below the eyes", 1.0)]),
    degree("Big_Lips", 24.08, &[("upper lip thickness", 1.0), ("lower lip thickness", 1.0)]),
    degree("Big_Nose", 23.45, &[("nose width", 1.0), ("nose length", 1.0), ("nose projection", 1.0)]),
    degree("Chubby", 5.76, &[("fat", 1.0)]),
    degree("Double_Chin", 4.67, &[("double chin", 1.0)]),
    degree("High_Cheekbones", 45.5, &[("cheekbone height", 1.0), ("cheekbone prominence", 1.0)]),
    degree("Narrow_Eyes", 11.51, &[("lower lid height", 1.0), ("eye opening", -1.0)]),
    degree(
        "Oval_Face",
        28.41,
        &[
            ("middle face length", 1.0),
            ("lower face length", 1.0),
            ("face breadth", -1.0),
            ("jaw width", -1.0),
        ],
    ),
    degree("Pointy_Nose", 27.74, &[("tip width", -1.0), ("tip roundness", -1.0)]),
];

impl Degree {
    /// The degree of this name.
    pub(super) fn named(name: &str) -> Option<(&'static Self, f32)> {
        let at = DEGREES.iter().position(|degree| degree.name == name)?;
        Some((&DEGREES[at], thresholds()[at]))
    }

    fn of(&self, form: &Form) -> f32 {
        self.modes.iter().map(|(name, weight)| weight * shape(form, name)).sum()
    }

    /// In words.
    pub(super) fn about(&self, threshold: f32) -> String {
        let modes: Vec<String> = (self.modes.iter())
            .map(|(name, weight)| format!("{} `{name}`", if *weight < 0.0 { "-" } else { "+" }))
            .collect();
        let modes = modes.join(" ");
        let modes = modes.trim_start_matches("+ ");
        format!("the form's modes {modes} are {threshold:.2} or more, as in so many people")
    }
}

/// Whether a face has the attribute of this name.
pub(super) fn holds(form: &Form, name: &str) -> bool {
    Degree::named(name).is_some_and(|(degree, threshold)| degree.of(form) >= threshold)
}

/// What each degree is at least in as many people as have it in CelebA.
fn thresholds() -> &'static [f32; 9] {
    static THRESHOLDS: OnceLock<[f32; 9]> = OnceLock::new();
    THRESHOLDS.get_or_init(|| {
        let seed = Seed::new(0).of("degrees");
        let forms: Vec<Form> = (0..PEOPLE).map(|number| draw::anybody(seed.number(number)).form).collect();
        DEGREES.each_ref().map(|degree| {
            let mut values: Vec<f32> = forms.iter().map(|form| degree.of(form)).collect();
            values.sort_by(|a, b| b.total_cmp(a));
            values[(degree.share / 100.0 * PEOPLE as f32) as usize]
        })
    })
}

#[cfg(test)]
mod tests {
    use synth::SHAPE_MODES;

    use super::*;

    #[test]
    fn degrees_are_of_modes_that_there_are() {
        for degree in &DEGREES {
            for (name, _) in degree.modes {
                assert!(SHAPE_MODES.iter().any(|mode| mode.name == *name), "{name}");
            }
        }
        let (degree, threshold) = Degree::named("Narrow_Eyes").unwrap();
        let about = degree.about(threshold);
        assert!(about.starts_with("the form's modes `lower lid height` - `eye opening` are"), "{about}");
    }
}
