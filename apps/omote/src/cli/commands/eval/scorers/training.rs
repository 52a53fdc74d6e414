//! `--train`: people of whom one half teaches and the other half sets thresholds.

use std::collections::HashSet;
use std::path::Path;

use analysis::Face;
use anyhow::{Context, bail};
use evaluation::PairProtocol;
use matching::Scorer;
use model::Fingerprint;

use super::super::faces::of_photos;
use crate::cli::args::FaceChoice;
use crate::cli::inputs::expand;
use crate::cli::labelled::{Labelled, People};
use crate::cli::setup::Setup;
use console::Reporter;

/// Faces of people who are not in the test, in two halves that share nobody.
pub struct Training {
    labelled: Labelled,
    /// Of every person, whether he or she teaches.
    teaches: Vec<bool>,
    /// The same faces as the second embedder sees them, where there is one.
    again: Vec<Option<Face>>,
    failed: usize,
}

/// The people who set thresholds.
pub struct HeldOut<'a> {
    /// The vectors of each embedder, `None` where it found no face.
    pub vectors: [Vec<Option<&'a [f32]>>; 2],
    /// The numbers of the people.
    pub people: Vec<u32>,
}

impl Training {
    /// Reads the photos of a folder.
    pub fn read(
        folder: &Path,
        people: &Path,
        face: FaceChoice,
        setup: &Setup,
        seed: u64,
        reporter: &mut Reporter,
    ) -> anyhow::Result<Training> {
        let people = People::read(people)?;
        let inputs = expand(&[folder.to_owned()]);
        let labelled = Labelled::read(inputs, &people, face, setup, reporter)?;
        let count = labelled.names.len();
        if count < LEAST_PEOPLE {
            bail!(
                "{}: {count} people with a face are too few for two halves (--train): it takes {LEAST_PEOPLE}",
                folder.display()
            );
        }
        let failed = labelled.pass.failed;
        Ok(Training { teaches: halves(count, seed), labelled, again: Vec::new(), failed })
    }

    /// Looks at the faces with a second embedder.
    pub fn see_again(
        &mut self,
        face: FaceChoice,
        setup: &Setup,
        reporter: &mut Reporter,
    ) -> anyhow::Result<()> {
        let found = of_photos(&self.labelled.photos, face, setup, reporter)?;
        self.failed += found.pass.failed;
        self.again = found.faces;
        Ok(())
    }

    /// Photos that could not be read.
    pub fn failed(&self) -> usize {
        self.failed
    }

    /// People, and those of them who teach.
    pub fn people(&self) -> [usize; 2] {
        [self.teaches.len(), self.teaches.iter().filter(|teaches| **teaches).count()]
    }

    /// Trains a scorer of the first embedder on the half that teaches.
    pub fn scorer(&self, name: &str, model: Fingerprint) -> anyhow::Result<Scorer> {
        let (vectors, people) = self.labelled.vectors();
        let both = vectors.into_iter().zip(people);
        let (vectors, people): (Vec<&[f32]>, Vec<u32>) =
            both.filter(|(_, person)| self.teaches[*person as usize]).unzip();
        Scorer::train(name, &vectors, &people, model).with_context(|| {
            format!("cannot learn {name} from the {} people of --train who teach", self.people()[1])
        })
    }

    /// The person on each photo of the half that teaches.
    pub fn teachers(&self) -> Vec<u32> {
        let people = self.labelled.faces.iter().map(|(_, person)| *person);
        people.filter(|person| self.teaches[*person as usize]).collect()
    }

    /// The half that sets thresholds.
    pub fn held_out(&self) -> HeldOut<'_> {
        let faces = self.labelled.faces.iter().enumerate();
        let held: Vec<_> = faces.filter(|(_, (_, person))| !self.teaches[*person as usize]).collect();
        let first = held.iter().map(|(_, (face, _))| vector(face));
        let second = held.iter().map(|(number, _)| vector(self.again.get(*number)?.as_ref()?));
        HeldOut {
            vectors: [first.collect(), second.collect()],
            people: held.iter().map(|(_, (_, person))| *person).collect(),
        }
    }

    /// Names that people of the test have as well.
    pub fn also_in(&self, protocol: &PairProtocol) -> Vec<String> {
        let tested: HashSet<&str> = protocol.people.iter().map(String::as_str).collect();
        // A person who is known by a folder has its whole path for a name.
        let last =
            |name: &String| Path::new(name).file_name().map(|name| name.to_string_lossy().into_owned());
        self.labelled.names.iter().filter_map(last).filter(|name| tested.contains(&**name)).collect()
    }
}

/// The vector of a face.
pub fn vector(face: &Face) -> Option<&[f32]> {
    Some(&face.embedding.as_ref()?.vector)
}

/// Fewer people make no two halves worth the name.
const LEAST_PEOPLE: usize = 4;

/// Whether each person is in the first of two random halves.
fn halves(people: usize, seed: u64) -> Vec<bool> {
    let mut order: Vec<usize> = (0..people).collect();
    fastrand::Rng::with_seed(seed).shuffle(&mut order);
    let mut first = vec![false; people];
    order[..people.div_ceil(2)].iter().for_each(|&person| first[person] = true);
    first
}

#[cfg(test)]
mod tests {
    use super::halves;

    #[test]
    fn halves_are_halves_and_those_of_the_seed() {
        for people in [4, 5, 101] {
            let first = halves(people, 7);
            assert_eq!(first.iter().filter(|first| **first).count(), people.div_ceil(2));
            assert_eq!(first, halves(people, 7));
        }
        assert_ne!(halves(101, 7), halves(101, 8));
    }
}
