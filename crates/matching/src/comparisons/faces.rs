//! Faces that are known to be of somebody: what error rates are measured on.

use std::ops::Range;

use model::{Embedding, FileHash, Fingerprint};
use sha2::{Digest, Sha256};

use crate::{Error, Rule, Template};

/// Faces of one model, each with the number of the person it shows. Faces of a person lie together.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledFaces {
    fingerprint: Fingerprint,
    dimension: usize,
    /// Row-major unit vectors, by person.
    vectors: Vec<f32>,
    magnitudes: Vec<f32>,
    qualities: Vec<f32>,
    /// The numbers given for the people, ascending.
    people: Vec<u32>,
    /// Where each person's faces start, and the end of the last.
    starts: Vec<usize>,
}

impl LabelledFaces {
    /// Takes faces as (embedding, quality 0..=100, number of the person). The order of people does not matter.
    ///
    /// # Errors
    /// [`Error::NoFaces`]; [`Error::Unlabelled`]; [`Error::DifferentModels`] and [`Error::DifferentLengths`] where
    /// the faces were not made by one model; [`Error::BadFace`] for a vector that is not finite and of unit length,
    /// or a quality or magnitude out of its range.
    pub fn new<'a>(
        faces: impl IntoIterator<Item = (&'a Embedding, f32, Option<u32>)>,
    ) -> Result<Self, Error> {
        let mut labelled = Vec::new();
        for (index, (face, quality, person)) in faces.into_iter().enumerate() {
            let person = person.ok_or(Error::Unlabelled { index })?;
            // A template of one face checks that face.
            Template::pool(&[(face.clone(), quality)], Rule::Mean).map_err(|error| match error {
                Error::BadFace { reason, .. } => Error::BadFace { index, reason },
                other => other,
            })?;
            labelled.push((person, face, quality));
        }
        let Some(&(_, first, _)) = labelled.first() else {
            return Err(Error::NoFaces);
        };
        for (_, face, _) in &labelled {
            if face.fingerprint != first.fingerprint {
                return Err(Error::DifferentModels { left: first.fingerprint, right: face.fingerprint });
            }
            if face.vector.len() != first.vector.len() {
                return Err(Error::DifferentLengths { left: first.vector.len(), right: face.vector.len() });
            }
        }
        labelled.sort_by_key(|&(person, ..)| person);

        let mut all = Self {
            fingerprint: first.fingerprint,
            dimension: first.vector.len(),
            vectors: Vec::with_capacity(labelled.len() * first.vector.len()),
            magnitudes: Vec::with_capacity(labelled.len()),
            qualities: Vec::with_capacity(labelled.len()),
            people: Vec::new(),
            starts: Vec::new(),
        };
        for (at, (person, face, quality)) in labelled.into_iter().enumerate() {
            if all.people.last() != Some(&person) {
                all.people.push(person);
                all.starts.push(at);
            }
            all.vectors.extend_from_slice(&face.vector);
            all.magnitudes.push(face.magnitude);
            all.qualities.push(quality);
        }
        all.starts.push(all.magnitudes.len());
        Ok(all)
    }

    /// The faces of some of the people, given by their places in [`people`](Self::people), in ascending order of
    /// those places. Places that do not exist are left out.
    ///
    /// # Errors
    /// [`Error::NoFaces`] if none is left.
    pub fn subset(&self, places: &[usize]) -> Result<Self, Error> {
        let mut places: Vec<usize> =
            places.iter().copied().filter(|&place| place < self.people.len()).collect();
        places.sort_unstable();
        places.dedup();
        if places.is_empty() {
            return Err(Error::NoFaces);
        }
        let mut part = Self {
            fingerprint: self.fingerprint,
            dimension: self.dimension,
            vectors: Vec::new(),
            magnitudes: Vec::new(),
            qualities: Vec::new(),
            people: Vec::new(),
            starts: vec![0],
        };
        for place in places {
            let faces = self.faces_of(place);
            part.people.push(self.people[place]);
            part.vectors
                .extend_from_slice(&self.vectors[faces.start * self.dimension..faces.end * self.dimension]);
            part.magnitudes.extend_from_slice(&self.magnitudes[faces.clone()]);
            part.qualities.extend_from_slice(&self.qualities[faces]);
            part.starts.push(part.magnitudes.len());
        }
        Ok(part)
    }

    /// Only some of the faces, in any order and each once, at least one of every person.
    pub(crate) fn only(&self, mut faces: Vec<usize>) -> Self {
        faces.sort_unstable();
        let starts = self.starts.iter().map(|start| faces.partition_point(|face| face < start)).collect();
        Self {
            fingerprint: self.fingerprint,
            dimension: self.dimension,
            vectors: faces.iter().flat_map(|&face| self.vector(face)).copied().collect(),
            magnitudes: faces.iter().map(|&face| self.magnitudes[face]).collect(),
            qualities: faces.iter().map(|&face| self.qualities[face]).collect(),
            people: self.people.clone(),
            starts,
        }
    }

    /// The model that made the faces.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The numbers of the people, ascending.
    pub fn people(&self) -> &[u32] {
        &self.people
    }

    /// The number of photos of each person, in the order of [`people`](Self::people); at least 1.
    pub fn photos_of_people(&self) -> impl Iterator<Item = usize> {
        self.starts.windows(2).map(|pair| pair[1] - pair[0])
    }

    /// Every unit vector with the number of its person.
    pub fn vectors_with_people(&self) -> impl Iterator<Item = (&[f32], u32)> {
        self.vectors.chunks_exact(self.dimension).zip(self.person_of_faces()).map(|(vector, place)| {
            // Places are below the number of people.
            (vector, self.people[place as usize])
        })
    }

    /// The number of faces; at least 1.
    pub fn len(&self) -> usize {
        self.magnitudes.len()
    }

    /// Whether there are no faces, which cannot be.
    pub fn is_empty(&self) -> bool {
        self.magnitudes.is_empty()
    }

    /// SHA-256 of the people's numbers and their faces' vectors: the same for the same faces, whatever the order of
    /// the people.
    pub fn hash(&self) -> FileHash {
        let mut hash = Sha256::new();
        for (place, person) in self.people.iter().enumerate() {
            hash.update(person.to_le_bytes());
            hash.update((self.faces_of(place).len() as u64).to_le_bytes());
            for face in self.faces_of(place) {
                for value in self.vector(face) {
                    hash.update(value.to_le_bytes());
                }
            }
        }
        FileHash(hash.finalize().into())
    }

    pub(crate) fn dimension(&self) -> usize {
        self.dimension
    }

    pub(crate) fn vectors(&self) -> &[f32] {
        &self.vectors
    }

    pub(crate) fn vector(&self, face: usize) -> &[f32] {
        &self.vectors[face * self.dimension..(face + 1) * self.dimension]
    }

    /// The places of a person's faces.
    pub(crate) fn faces_of(&self, place: usize) -> Range<usize> {
        self.starts[place]..self.starts[place + 1]
    }

    /// For every face the place of its person.
    pub(crate) fn person_of_faces(&self) -> Vec<u32> {
        (0..self.people.len()).flat_map(|place| self.faces_of(place).map(move |_| place as u32)).collect()
    }

    /// One template per person, of all its faces.
    pub(crate) fn templates(&self, rule: Rule) -> Result<Vec<f32>, Error> {
        let mut templates = Vec::with_capacity(self.people.len() * self.dimension);
        for place in 0..self.people.len() {
            let faces: Vec<(Embedding, f32)> = self
                .faces_of(place)
                .map(|face| {
                    let vector = self.vector(face).to_vec();
                    let magnitude = self.magnitudes[face];
                    (Embedding { vector, magnitude, fingerprint: self.fingerprint }, self.qualities[face])
                })
                .collect();
            templates.extend(Template::pool(&faces, rule)?.vector);
        }
        Ok(templates)
    }
}
