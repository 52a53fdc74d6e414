//! What is found, and how to put it right and back.

use std::fmt;

use crate::Error;

/// What may be wrong with a gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A face does not fit the person whose name it has.
    Mislabel,
    /// Two names stand for one person.
    OnePersonTwoNames,
    /// One name stands for two people.
    TwoPeopleOneName,
    /// Two people are so alike that strangers hardly ever are, and yet can be told apart.
    TwinRisk,
    /// A face of low quality is near faces of many people.
    LowQualityHub,
    /// One picture is there twice.
    Duplicate,
    /// Two faces of one photo have one name.
    TwiceInOnePhoto,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Mislabel,
        Self::OnePersonTwoNames,
        Self::TwoPeopleOneName,
        Self::TwinRisk,
        Self::LowQualityHub,
        Self::Duplicate,
        Self::TwiceInOnePhoto,
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Mislabel => "mislabel",
            Self::OnePersonTwoNames => "one-person-two-names",
            Self::TwoPeopleOneName => "two-people-one-name",
            Self::TwinRisk => "twin-risk",
            Self::LowQualityHub => "low-quality-hub",
            Self::Duplicate => "duplicate",
            Self::TwiceInOnePhoto => "twice-in-one-photo",
        })
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A face has a wrong name, or a name stands for the wrong faces.
    Error,
    /// All names may be right, and yet answers suffer or work is done twice.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
        })
    }
}

/// What speaks for a finding. *Evidence* in numbers is the log likelihood ratio of [`crate::lint()`]'s model per
/// dimension: above 0 for one person, below 0 for two.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Evidence {
    /// How well a face fits other people's faces.
    Fit {
        /// Evidence for the person whose name it has.
        own: f64,
        /// Evidence for the best other person, if above 0.
        other: Option<f64>,
    },
    /// How alike two people are.
    Alike {
        /// The mean cosine of a face of one with a face of the other.
        cosine: f64,
        /// Evidence for one person.
        evidence: f64,
        /// The share of their faces that fit their own name better, 0..=1.
        separable: f64,
    },
    /// The faces of a person fall into two groups.
    Groups {
        /// Faces of the bigger one.
        bigger: usize,
        /// Faces of the smaller one.
        smaller: usize,
        /// Evidence for one person.
        evidence: f64,
    },
    /// A face is near those of many people.
    Crowd {
        /// Its quality, 0..=100.
        quality: f32,
        /// Other people who have it among their nearest faces.
        strangers: usize,
        /// The mean number of such people.
        usual: f64,
    },
    /// Two faces are one picture.
    Copy {
        /// The other face, which stays.
        kept: usize,
        /// Their cosine.
        cosine: f32,
    },
    /// Two faces of one photo have one name.
    SamePhoto {
        /// The number of the photo, as given by the caller.
        photo: usize,
        /// The face that fits better, and stays.
        kept: usize,
    },
}

/// One thing that may be wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// What.
    pub kind: Kind,
    /// The faces that it is about, ascending: those that the fix moves or removes, and for [`Kind::TwinRisk`] the two
    /// of different people that are most alike.
    pub faces: Vec<usize>,
    /// The people that it is about, as they were numbered by the caller; the first is the one that has the faces.
    pub people: Vec<usize>,
    /// How sure this is, in 0..=1; see [`crate::lint()`] for where it comes from.
    pub confidence: f64,
    /// Why; [`Finding::why`] says it in words.
    pub evidence: Evidence,
    /// What would put it right, where anything would.
    pub fix: Option<Fix>,
}

impl Finding {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self.kind {
            Kind::Mislabel | Kind::OnePersonTwoNames | Kind::TwoPeopleOneName | Kind::TwiceInOnePhoto => {
                Severity::Error
            }
            // One picture under two names: one of them is wrong.
            Kind::Duplicate if self.people.len() > 1 => Severity::Error,
            Kind::Duplicate | Kind::TwinRisk | Kind::LowQualityHub => Severity::Warning,
        }
    }

    /// Why, in one sentence for people to read, with the names that `face` and `person` give.
    pub fn why(&self, face: impl Fn(usize) -> String, person: impl Fn(usize) -> String) -> String {
        let name = |number: usize| self.people.get(number).map_or_else(String::new, |&id| person(id));
        let own = name(0);
        match self.evidence {
            Evidence::Fit { own: fits, other: Some(other) } => format!(
                "it fits the other faces of {own} with evidence {fits:.2}, and those of {} with {other:.2}",
                name(1)
            ),
            Evidence::Fit { own: fits, other: None } => format!(
                "it fits the other faces of {own} with evidence {fits:.2}, and nobody else's better than a stranger's \
                 would, with 0"
            ),
            Evidence::Alike { cosine, evidence, separable } => {
                let (both, separable) = (format!("{own} and {}", name(1)), 100.0 * separable);
                match self.kind {
                    Kind::TwinRisk => format!(
                        "the mean cosine of a face of {own} with one of {} is {cosine:.2}, which strangers rarely \
                         reach, but {separable:.0} % of their faces fit their own name better",
                        name(1)
                    ),
                    _ => format!(
                        "the faces of {both} are as alike as those of one person (mean cosine {cosine:.2}, evidence \
                         {evidence:.2}), and {separable:.0} % of them fit their own name better"
                    ),
                }
            }
            Evidence::Groups { bigger, smaller, evidence } => format!(
                "the faces of {own} fall into groups of {bigger} and {smaller} that are less alike than those of one \
                 person (evidence {evidence:.2})"
            ),
            Evidence::Crowd { quality, strangers, usual } => format!(
                "a face of quality {quality:.0} that is among the nearest of {strangers} other people, where \
                 {usual:.1} are usual"
            ),
            Evidence::Copy { kept, cosine } => {
                let kept = face(kept);
                match self.people.len() {
                    1 => format!("it is the same picture as {kept} (cosine {cosine:.3}), which is kept"),
                    _ => format!(
                        "it is the same picture as {kept} (cosine {cosine:.3}) under another name, and fits {} better",
                        name(1)
                    ),
                }
            }
            Evidence::SamePhoto { kept, .. } => {
                format!("{own} is in one photo twice: {} is in it too, and fits better", face(kept))
            }
        }
    }
}

/// A change of who has which faces. Every fix has an inverse, which is a fix too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    /// Gives a face to another person.
    Move {
        /// Which face.
        face: usize,
        /// Whose it is; `None` for nobody's.
        from: Option<usize>,
        /// Whose it becomes.
        to: usize,
    },
    /// Takes a face from its person. It becomes nobody's.
    Remove {
        /// Which face.
        face: usize,
        /// Whose it is.
        from: usize,
    },
    /// Gives some faces of a person to a new one.
    Split {
        /// Whose they are.
        person: usize,
        /// Which faces.
        faces: Vec<usize>,
        /// Whose they become: a number that no other person has.
        new: usize,
    },
    /// Gives all faces of a person to another.
    Merge {
        /// Whose they are.
        from: usize,
        /// Whose they become.
        to: usize,
        /// Which faces `from` has.
        faces: Vec<usize>,
    },
}

impl Fix {
    /// The fix that takes this one back.
    pub fn inverse(&self) -> Self {
        match self.clone() {
            Self::Move { face, from: Some(from), to } => Self::Move { face, from: Some(to), to: from },
            Self::Move { face, from: None, to } => Self::Remove { face, from: to },
            Self::Remove { face, from } => Self::Move { face, from: None, to: from },
            Self::Split { person, faces, new } => Self::Merge { from: new, to: person, faces },
            Self::Merge { from, to, faces } => Self::Split { person: to, faces, new: from },
        }
    }

    /// Changes who has which faces: `people[face]` is the number of the person, `None` for nobody's.
    ///
    /// # Errors
    /// [`Error::StaleFix`] if a face is not where the fix expects it, for instance because another fix came first. Then
    /// nothing is changed.
    pub fn apply(&self, people: &mut [Option<usize>]) -> Result<(), Error> {
        let (faces, from, to) = match self {
            Self::Move { face, from, to } => (std::slice::from_ref(face), *from, Some(*to)),
            Self::Remove { face, from } => (std::slice::from_ref(face), Some(*from), None),
            Self::Split { person, faces, new } => (&faces[..], Some(*person), Some(*new)),
            Self::Merge { from, to, faces } => (&faces[..], Some(*from), Some(*to)),
        };
        let named = |person: Option<usize>| match person {
            Some(person) => format!("with person {person}"),
            None => "with nobody".to_owned(),
        };
        for &face in faces {
            let now = people.get(face).copied();
            if now != Some(from) {
                let now = now.map_or("not there".to_owned(), named);
                return Err(Error::StaleFix { face, now, expected: named(from) });
            }
        }
        faces.iter().for_each(|&face| people[face] = to);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fix_can_be_undone() {
        let before = [Some(4), Some(4), Some(7), None, Some(4)];
        let cases = [
            (Fix::Move { face: 0, from: Some(4), to: 7 }, [Some(7), Some(4), Some(7), None, Some(4)]),
            (Fix::Move { face: 3, from: None, to: 7 }, [Some(4), Some(4), Some(7), Some(7), Some(4)]),
            (Fix::Remove { face: 2, from: 7 }, [Some(4), Some(4), None, None, Some(4)]),
            (Fix::Split { person: 4, faces: vec![1, 4], new: 8 }, [Some(4), Some(8), Some(7), None, Some(8)]),
            (Fix::Merge { from: 7, to: 4, faces: vec![2] }, [Some(4), Some(4), Some(4), None, Some(4)]),
        ];
        for (fix, after) in cases {
            let mut people = before;
            fix.apply(&mut people).unwrap();
            assert_eq!(people, after, "{fix:?}");
            fix.inverse().apply(&mut people).unwrap();
            assert_eq!(people, before, "{fix:?}");
            assert_eq!(fix.inverse().inverse(), fix);
        }
    }

    #[test]
    fn a_stale_fix_changes_nothing() {
        let mut people = [Some(4), Some(7)];
        let fix = Fix::Split { person: 4, faces: vec![0, 1], new: 8 };
        assert!(matches!(fix.apply(&mut people), Err(Error::StaleFix { face: 1, .. })));
        assert_eq!(people, [Some(4), Some(7)]);
        let fix = Fix::Remove { face: 2, from: 4 };
        assert!(fix.apply(&mut people).unwrap_err().to_string().contains("face 2 is not there"));
    }
}
