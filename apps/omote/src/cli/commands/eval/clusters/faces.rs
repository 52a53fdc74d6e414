//! Vectors with their people, of which a part can be taken.

use clustering::Grouping;
use index::View;

use crate::cli::labelled::Labelled;
use console::count;

/// Faces of known people, as vectors.
#[derive(Clone, Debug)]
pub struct Faces {
    dim: usize,
    values: Vec<f32>,
    /// The person of each face, 0.. without gaps.
    people: Vec<usize>,
    count: usize,
}

impl Faces {
    /// The faces that were found.
    ///
    /// # Errors
    /// Words for the user: there are too few to compare groups with people.
    pub fn of(labelled: &Labelled) -> anyhow::Result<Faces> {
        let (vectors, people) = labelled.vectors();
        let dim = vectors.first().map_or(1, |vector| vector.len());
        let people: Vec<usize> = people.into_iter().map(|person| person as usize).collect();
        let faces = Faces { dim, values: vectors.concat(), people: people.clone(), count: 0 };
        let faces = faces.part(&(0..people.len()).collect::<Vec<_>>());
        let pairs = faces.photos().iter().any(|photos| photos.len() > 1);
        if faces.count < 2 || !pairs {
            anyhow::bail!(
                "{} of {} were found: photos of at least two people are needed, and two of one of them",
                count(faces.len(), "face", "faces"),
                count(faces.count, "person", "people")
            );
        }
        Ok(faces)
    }

    /// Faces of nobody knows whom.
    pub fn of_strangers(vectors: Vec<Vec<f32>>) -> Faces {
        let dim = vectors.first().map_or(1, Vec::len);
        Faces { dim, people: (0..vectors.len()).collect(), count: vectors.len(), values: vectors.concat() }
    }

    /// How many faces there are.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// How many people there are.
    pub fn people(&self) -> usize {
        self.count
    }

    /// The person of each face, from 0.
    pub fn truth(&self) -> &[usize] {
        &self.people
    }

    /// The faces of each person.
    pub fn photos(&self) -> Vec<Vec<usize>> {
        let mut photos = vec![Vec::new(); self.count];
        for (face, &person) in self.people.iter().enumerate() {
            photos[person].push(face);
        }
        photos
    }

    /// Only these faces, in ascending order, with people numbered anew.
    pub fn part(&self, faces: &[usize]) -> Faces {
        let mut names: Vec<usize> = faces.iter().map(|&face| self.people[face]).collect();
        names.sort_unstable();
        names.dedup();
        let number = |&face: &usize| names.partition_point(|&name| name < self.people[face]);
        Faces {
            dim: self.dim,
            values: faces
                .iter()
                .flat_map(|&face| self.values[face * self.dim..][..self.dim].to_vec())
                .collect(),
            people: faces.iter().map(number).collect(),
            count: names.len(),
        }
    }

    /// These faces, and after them others, each of which is taken for the only one of its person.
    pub fn among(&self, others: &Faces) -> Faces {
        Faces {
            dim: self.dim,
            values: [&self.values[..], &others.values].concat(),
            people: self
                .people
                .iter()
                .copied()
                .chain((0..others.len()).map(|other| self.count + other))
                .collect(),
            count: self.count + others.len(),
        }
    }

    /// To be grouped.
    pub fn grouping(&self, threads: usize) -> anyhow::Result<Grouping<'_>> {
        Ok(Grouping::new(View::f32(self.dim, &self.values)?, threads))
    }

    /// Faces whose vectors are the rows of `values`.
    #[cfg(test)]
    pub fn new(dim: usize, values: Vec<f32>, people: Vec<usize>) -> Faces {
        let count = people.iter().max().map_or(0, |last| last + 1);
        Faces { dim, values, people, count }
    }
}
