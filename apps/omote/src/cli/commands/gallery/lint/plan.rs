//! Which findings are applied together: fixes do not know of each other.

use std::collections::{BTreeMap, HashMap, HashSet};

use clustering::Fix;
use gallery::{Correction, Gallery, LONGEST_NAME, PersonId};

use super::{Listed, Read, chosen};

/// What is done about findings.
pub(super) struct Plan {
    /// The changes, in their order.
    pub(super) corrections: Vec<Correction>,
    /// What becomes of findings that were asked for: applied, or why not.
    fates: BTreeMap<usize, Result<(), &'static str>>,
}

impl Plan {
    /// Takes the findings that were asked for, most certain first, and leaves out those that no longer fit after the
    /// ones before.
    pub(super) fn choose(
        apply: &[String],
        listed: &[Listed],
        read: &Read,
        gallery: &Gallery,
    ) -> anyhow::Result<Plan> {
        let mut plan = Plan { corrections: Vec::new(), fates: BTreeMap::new() };
        let mut people = read.people();
        let mut marks = Marks { gallery, read, merged: HashMap::new() };
        let mut taken = HashSet::new();
        for at in chosen(apply, listed)? {
            let Some(fix) = &listed[at].finding.fix else { continue };
            let mut fate = fits(fix, &people);
            if fate.is_ok() && marks.contradict(fix, &people)? {
                fate = Err(MARKED);
            }
            let fate = fate.and_then(|()| fix.apply(&mut people).map_err(|_| STALE));
            if fate.is_ok() {
                marks.follow(fix);
                plan.corrections.push(correction(fix, read, gallery, &mut taken)?);
            }
            plan.fates.insert(at, fate);
        }
        Ok(plan)
    }

    /// What becomes of a finding; `None` if it was not asked for.
    pub(super) fn fate(&self, at: usize) -> Option<Result<(), &'static str>> {
        self.fates.get(&at).copied()
    }

    /// How many findings are applied.
    pub(super) fn applied(&self) -> usize {
        self.fates.values().filter(|fate| fate.is_ok()).count()
    }

    /// How many were asked for and are not applied.
    pub(super) fn skipped(&self) -> usize {
        self.fates.len() - self.applied()
    }
}

const STALE: &str = "another fix changed these faces first";
const MARKED: &str = "after another fix, a face would go to a person whom it is marked as not being";

/// What the user has said that faces are not, as it stands after the fixes before: who is merged into somebody takes the
/// marks along, and faces that were given to somebody count as his or hers.
struct Marks<'a> {
    gallery: &'a Gallery,
    read: &'a Read,
    /// Of a person, those who were merged into him or her.
    merged: HashMap<usize, Vec<usize>>,
}

impl Marks<'_> {
    /// Whether a fix would give a face to somebody whom it is marked as not being.
    fn contradict(&self, fix: &Fix, people: &[Option<usize>]) -> anyhow::Result<bool> {
        let faces = |person: usize| (0..people.len()).filter(move |&face| people[face] == Some(person));
        match fix {
            Fix::Move { face, to, .. } => self.is_not(*face, *to),
            Fix::Merge { from, to, .. } => {
                let both = faces(*from).map(|face| (face, *to)).chain(faces(*to).map(|face| (face, *from)));
                for (face, person) in both {
                    if self.is_not(face, person)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Fix::Remove { .. } | Fix::Split { .. } => Ok(false),
        }
    }

    fn is_not(&self, face: usize, person: usize) -> anyhow::Result<bool> {
        let merged = self.merged.get(&person).map_or(&[][..], Vec::as_slice);
        for &person in [person].iter().chain(merged) {
            let person: PersonId = Read::person(person);
            if self.gallery.is_marked_not(&self.read.faces[face], person)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn follow(&mut self, fix: &Fix) {
        if let Fix::Merge { from, to, .. } = fix {
            let mut gone = self.merged.remove(from).unwrap_or_default();
            gone.push(*from);
            self.merged.entry(*to).or_default().extend(gone);
        }
    }
}

/// Whether a fix still makes sense: a person that is to get faces has some, and one that goes has no others.
fn fits(fix: &Fix, people: &[Option<usize>]) -> Result<(), &'static str> {
    let faces = |person: usize| people.iter().filter(|&&of| of == Some(person)).count();
    match fix {
        Fix::Move { to, .. } if faces(*to) == 0 => Err("another fix took all faces of that person"),
        Fix::Merge { to, .. } if faces(*to) == 0 => Err("another fix took all faces of that person"),
        Fix::Merge { from, faces: moved, .. } if faces(*from) != moved.len() => Err(STALE),
        Fix::Split { person, faces: moved, .. } if faces(*person) <= moved.len() => Err(STALE),
        _ => Ok(()),
    }
}

fn correction(
    fix: &Fix,
    read: &Read,
    gallery: &Gallery,
    taken: &mut HashSet<String>,
) -> anyhow::Result<Correction> {
    let enrolment = |face: &usize| read.faces[*face].id;
    Ok(match fix {
        Fix::Move { face, to, .. } => {
            let (from, to) = (read.faces[*face].person, Read::person(*to));
            Correction::Move { enrolment: enrolment(face), from, to }
        }
        Fix::Remove { face, from } => {
            Correction::SetAside { enrolment: enrolment(face), from: Read::person(*from) }
        }
        Fix::Split { person, faces, .. } => Correction::Split {
            person: Read::person(*person),
            enrolments: faces.iter().map(enrolment).collect(),
            name: new_name(read.name(*person), gallery, taken)?,
        },
        Fix::Merge { from, to, .. } => {
            Correction::Merge { from: Read::person(*from), into: Read::person(*to) }
        }
    })
}

/// "Ada (2)", or the first number that is free.
fn new_name(of: &str, gallery: &Gallery, taken: &mut HashSet<String>) -> anyhow::Result<String> {
    let mut number = 2;
    loop {
        let suffix = format!(" ({number})");
        let kept = of.chars().take(LONGEST_NAME - suffix.len()).collect::<String>();
        let name = kept.trim_end().to_owned() + &suffix;
        if gallery.person(&name)?.is_none() && taken.insert(name.clone()) {
            return Ok(name);
        }
        number += 1;
    }
}
