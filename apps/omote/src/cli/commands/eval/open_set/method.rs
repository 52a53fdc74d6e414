//! Ways to make one candidate of several photos of a person.

use std::fmt;
use std::str::FromStr;

use matching::{Enrolment, FaceNorm, FaceWeight, MediaRule, Pooling, Rule};

/// How much a face of better quality counts by `softmax-quality`: `e` times as much for 20 points of 100.
const BETA: f64 = 0.05;

/// A way to search for a face among people of several photos.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Method {
    /// A person is as alike as the most similar of the photos. What all others are compared with.
    BestFace,
    /// The photos of a person become one vector.
    Pooled(Pooling),
    /// A classifier is trained for each person and for each probe, against a fixed set of strangers.
    Adaptation,
    /// The ranking of the whole gallery is made anew by mutual neighbours. For closed sets only.
    ReRanking,
}

/// Which methods: one by its name, or all of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Choice {
    /// Every method that can be run.
    All,
    /// One.
    One(Method),
}

impl Method {
    /// All, best-face first.
    pub const ALL: [Method; 9] = [
        Method::BestFace,
        Method::Pooled(Pooling { norm: FaceNorm::Unit, weight: FaceWeight::Even, media: MediaRule::Ignore }),
        Method::Pooled(Pooling {
            norm: FaceNorm::Unit,
            weight: FaceWeight::Quality,
            media: MediaRule::Ignore,
        }),
        Method::Pooled(Pooling { norm: FaceNorm::Raw, weight: FaceWeight::Even, media: MediaRule::Ignore }),
        Method::Pooled(Pooling {
            norm: FaceNorm::Unit,
            weight: FaceWeight::Detection,
            media: MediaRule::Ignore,
        }),
        Method::Pooled(Pooling {
            norm: FaceNorm::Raw,
            weight: FaceWeight::Detection,
            media: MediaRule::Ignore,
        }),
        Method::Pooled(Pooling {
            norm: FaceNorm::Unit,
            weight: FaceWeight::Softmax { beta: BETA },
            media: MediaRule::Ignore,
        }),
        Method::Adaptation,
        Method::ReRanking,
    ];

    const NAMES: [&str; 9] = [
        "best-face",
        "mean",
        "quality-weighted",
        "magnitude-weighted",
        "detection-weighted",
        "insightface",
        "softmax-quality",
        "template-adaptation",
        "re-ranking",
    ];

    /// Whether a score stands for itself, so that a threshold may be put on it. A re-ranked distance depends on who
    /// else is searched for.
    pub fn has_thresholds(self) -> bool {
        self != Method::ReRanking
    }

    /// Whether single photos are ranked, so that there is an average precision.
    pub fn ranks_photos(self) -> bool {
        matches!(self, Method::BestFace | Method::ReRanking)
    }

    /// What a calibration calls it, if `omote` can keep a gallery so.
    pub fn enrolment(self) -> Option<Enrolment> {
        let rules = [Rule::Mean, Rule::QualityWeighted, Rule::MagnitudeWeighted];
        let rule = rules.into_iter().find(|&rule| self == Method::Pooled(Pooling::from(rule)));
        if self == Method::BestFace { Some(Enrolment::BestFace) } else { rule.map(Enrolment::Template) }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Self::ALL.iter().zip(Self::NAMES).find(|(method, _)| *method == self);
        f.write_str(known.map_or("pooled", |(_, name)| name))
    }
}

impl FromStr for Choice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Choice::All);
        }
        let known = Method::ALL.into_iter().zip(Method::NAMES).find(|(_, name)| *name == text);
        known
            .map(|(method, _)| Choice::One(method))
            .ok_or_else(|| format!("expected all, or some of {}", Method::NAMES.join(", ")))
    }
}

/// The methods that are meant, best-face first and each once. `all` leaves out what needs strangers if there are none.
pub fn chosen(choices: &[Choice], has_strangers: bool) -> Vec<Method> {
    let can_run = |method: &Method| has_strangers || *method != Method::Adaptation;
    let wanted = |method: &Method| {
        *method == Method::BestFace
            || choices.contains(&Choice::One(*method))
            || (choices.contains(&Choice::All) && can_run(method))
    };
    Method::ALL.into_iter().filter(wanted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_have_names_of_their_own() {
        for method in Method::ALL {
            assert_eq!(method.to_string().parse(), Ok(Choice::One(method)));
        }
        assert_eq!("all".parse(), Ok(Choice::All));
        assert!("median".parse::<Choice>().is_err_and(|error| error.contains("best-face, mean")));
        let kept: Vec<String> =
            Method::ALL.iter().filter_map(|method| Some(method.enrolment()?.to_string())).collect();
        assert_eq!(kept, ["best-face", "mean", "quality-weighted", "magnitude-weighted"]);
    }

    #[test]
    fn best_face_is_always_there_and_first() {
        let names = |choices: &[Choice], strangers| -> Vec<String> {
            chosen(choices, strangers).iter().map(ToString::to_string).collect()
        };
        assert_eq!(names(&[Choice::One(Method::Adaptation)], false), ["best-face", "template-adaptation"]);
        assert_eq!(names(&[Choice::All], true), Method::NAMES);
        assert_eq!(names(&[Choice::All], false).len(), Method::NAMES.len() - 1);
        assert_eq!(names(&[Choice::One(Method::ReRanking), Choice::One(Method::BestFace)], false).len(), 2);
    }
}
