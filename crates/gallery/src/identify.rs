//! Who is it? The people of the gallery who resemble a face most.

use std::collections::{HashMap, HashSet};

use index::{Matrix, Precision, SearchOptions};
use matching::{Rule, Template, cosine};
use model::Embedding;
use rusqlite::{Connection, OptionalExtension};

use crate::cache::{Cache, Nearest};
use crate::gallery::person_name;
use crate::record::check_vector;
use crate::schema::Meta;
use crate::{EnrolmentId, Gallery, PersonId, Result, Source, marks, vector};

/// Largest difference between the cosine of two unit vectors and that with one of them in half precision: a relative
/// error of 2^-11 per value and, for the smallest, an absolute one, plus the rounding of sums.
const HALF_ERROR: f32 = 1e-3;

/// A face to be identified.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// Its embedding.
    pub embedding: &'a Embedding,
    /// Where it was found, so that marks about it are honoured; see [`Gallery::not_this_person`].
    pub source: Option<&'a Source>,
}

impl<'a> From<&'a Embedding> for Query<'a> {
    fn from(embedding: &'a Embedding) -> Self {
        Self { embedding, source: None }
    }
}

/// How much a face resembles a person of several enrolments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PersonScore {
    /// As much as the most similar of the person's faces.
    #[default]
    BestFace,
    /// As much as the template that the person's faces make by a rule. The first use after a change of the gallery pools
    /// the faces of all people, from the cache and into memory.
    Template(Rule),
}

/// How to identify.
#[derive(Clone, Debug, PartialEq)]
pub struct IdentifyOptions {
    /// How many people to name per face.
    pub people: usize,
    /// Open set: cosine from which a face is taken for a person. `None`: closed set, somebody it must be.
    pub threshold: Option<f32>,
    /// How people are scored.
    pub score: PersonScore,
    /// Threads for the search; 0 counts as 1.
    pub threads: usize,
}

impl Default for IdentifyOptions {
    fn default() -> Self {
        Self { people: 5, threshold: None, score: PersonScore::BestFace, threads: 1 }
    }
}

/// Somebody whom a face resembles.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Number.
    pub person: PersonId,
    /// Name.
    pub name: String,
    /// Cosine, computed from the stored `f32` vectors.
    pub score: f32,
    /// The person's enrolment that resembles the face most.
    pub enrolment: EnrolmentId,
}

/// Whom one face resembles.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The most similar people, best first, whether or not they reach the threshold. People that the face is marked as
    /// not being are left out.
    pub candidates: Vec<Candidate>,
    /// The threshold that was asked for.
    pub threshold: Option<f32>,
}

impl Answer {
    /// Whom the face is taken for; `None` for "unknown".
    pub fn person(&self) -> Option<&Candidate> {
        self.accepted().first()
    }

    /// The candidates that reach the threshold; all of them in a closed set.
    pub fn accepted(&self) -> &[Candidate] {
        let threshold = self.threshold.unwrap_or(f32::NEG_INFINITY);
        &self.candidates[..self.candidates.partition_point(|candidate| candidate.score >= threshold)]
    }
}

/// A person and how much it resembles a face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Best {
    pub(crate) person: i64,
    pub(crate) enrolment: i64,
    pub(crate) score: f32,
}

/// One template per person, by a rule, in half precision, as of an entry of the change log.
pub(crate) struct PeopleTemplates {
    rule: Rule,
    seq: i64,
    people: Vec<i64>,
    rows: Matrix,
}

impl Gallery {
    /// Names the people whom each face resembles most.
    ///
    /// Candidates come from the cache; their scores, and with them the order, from the vectors in the database. The
    /// answer is that of a comparison with every enrolment in single precision.
    ///
    /// # Errors
    /// [`Error::Face`](crate::Error::Face) and [`Error::DifferentFace`](crate::Error::DifferentFace) for an embedding
    /// that is not of the gallery's model; [`Error::Replaced`](crate::Error::Replaced) if another process has moved the
    /// gallery to another model.
    pub fn identify(&mut self, queries: &[Query<'_>], options: &IdentifyOptions) -> Result<Vec<Answer>> {
        for query in queries {
            check_vector(&query.embedding.vector, self.meta.model.dimension)?;
            self.check_model(query.embedding)?;
        }
        self.refresh()?;
        let mut excluded = Vec::with_capacity(queries.len());
        for query in queries {
            excluded.push(match query.source {
                Some(source) => marks::excluded(&self.connection, source)?,
                None => HashSet::new(),
            });
        }
        let vectors: Vec<&[f32]> = queries.iter().map(|query| &query.embedding.vector[..]).collect();
        let best = match options.score {
            PersonScore::BestFace => best_faces(
                &self.connection,
                &self.cache,
                &self.meta,
                &vectors,
                &excluded,
                options.people,
                options.threads,
            )?,
            PersonScore::Template(rule) => self.best_templates(&vectors, &excluded, rule, options)?,
        };
        best.iter().map(|best| self.answer(best, options.threshold)).collect()
    }

    fn answer(&self, best: &[Best], threshold: Option<f32>) -> Result<Answer> {
        let mut candidates = Vec::with_capacity(best.len());
        for best in best {
            let (person, enrolment) = (PersonId(best.person), EnrolmentId(best.enrolment));
            if let Some(name) = person_name(&self.connection, person)? {
                candidates.push(Candidate { person, name, score: best.score, enrolment });
            }
        }
        Ok(Answer { candidates, threshold })
    }

    fn best_templates(
        &mut self,
        queries: &[&[f32]],
        excluded: &[HashSet<i64>],
        rule: Rule,
        options: &IdentifyOptions,
    ) -> Result<Vec<Vec<Best>>> {
        if options.people == 0 {
            return Ok(vec![Vec::new(); queries.len()]);
        }
        let templates = match self.people.take() {
            Some(templates) if templates.seq == self.cache.seq() && templates.rule == rule => templates,
            _ => people_templates(&self.connection, &self.cache, self.meta.model.dimension, rule)?,
        };
        let templates = self.people.insert(templates);
        let (connection, meta) = (&self.connection, &self.meta);
        let search = SearchOptions { threads: options.threads, ..SearchOptions::default() };
        let mut answers = Vec::with_capacity(queries.len());
        for (query, excluded) in queries.iter().zip(excluded) {
            // People within the error of half precision of the last wanted one may in truth be better.
            let mut k = options.people.saturating_add(excluded.len()).saturating_add(8);
            let people: Vec<i64> = loop {
                let hits = templates.rows.search(query, k, &search)?.remove(0);
                let complete = hits.len() < k;
                let lowest = hits.last().map_or(f32::NEG_INFINITY, |hit| hit.score);
                let known: Vec<(i64, f32)> = hits
                    .iter()
                    .map(|hit| (templates.people[hit.row], hit.score))
                    .filter(|(person, _)| !excluded.contains(person))
                    .collect();
                let bar = known.get(options.people - 1).map(|(_, score)| score - 2.0 * HALF_ERROR);
                if complete || bar.is_some_and(|bar| lowest < bar) {
                    let bar = bar.unwrap_or(f32::NEG_INFINITY);
                    break known
                        .iter()
                        .filter(|(_, score)| *score >= bar)
                        .map(|(person, _)| *person)
                        .collect();
                }
                k = k.saturating_mul(2);
            };
            let mut best = Vec::with_capacity(people.len());
            for person in people {
                best.extend(template_score(connection, meta, (person, rule), query)?);
            }
            answers.push(top(best, options.people));
        }
        Ok(answers)
    }
}

/// The people most similar to one face, by their best faces.
pub(crate) fn best_people(
    connection: &Connection,
    cache: &Cache,
    meta: &Meta,
    query: &[f32],
    excluded: &HashSet<i64>,
    people: usize,
    threads: usize,
) -> Result<Vec<Best>> {
    let excluded = std::slice::from_ref(excluded);
    Ok(best_faces(connection, cache, meta, &[query], excluded, people, threads)?.remove(0))
}

/// The people most similar to each face, by their best faces. Queries for which the first rows of the search were not
/// enough to be sure are searched again for twice as many.
fn best_faces(
    connection: &Connection,
    cache: &Cache,
    meta: &Meta,
    queries: &[&[f32]],
    excluded: &[HashSet<i64>],
    people: usize,
    threads: usize,
) -> Result<Vec<Vec<Best>>> {
    let mut answers = vec![Vec::new(); queries.len()];
    if people == 0 || cache.rows() == 0 {
        return Ok(answers);
    }
    let mut open: Vec<usize> = (0..queries.len()).collect();
    let mut k = people.saturating_mul(2).saturating_add(16);
    while !open.is_empty() {
        k = k.min(cache.rows() + 1);
        let batch: Vec<f32> = open.iter().flat_map(|&query| queries[query]).copied().collect();
        let found = cache.search(&batch, k, threads)?;
        let mut unsure = Vec::new();
        for (query, nearest) in open.into_iter().zip(found) {
            match sure(&nearest, &excluded[query], people) {
                Some(bar) => {
                    let rows = nearest.hits.iter().take_while(|near| near.score >= bar);
                    let mut best: HashMap<i64, Best> = HashMap::new();
                    for near in rows.filter(|near| !excluded[query].contains(&near.person)) {
                        if let Some(found) = face_score(connection, meta, near.enrolment, queries[query])? {
                            let best = best.entry(found.person).or_insert(found);
                            if (found.score, best.enrolment) > (best.score, found.enrolment) {
                                *best = found;
                            }
                        }
                    }
                    answers[query] = top(best.into_values().collect(), people);
                }
                None => unsure.push(query),
            }
        }
        open = unsure;
        k = k.saturating_mul(2);
    }
    Ok(answers)
}

/// The score from which on every row must be looked at in full precision to know the best `people`; `None` if rows
/// with such scores may not have been found.
fn sure(nearest: &Nearest, excluded: &HashSet<i64>, people: usize) -> Option<f32> {
    let mut seen = HashSet::new();
    let last = nearest
        .hits
        .iter()
        .find(|near| !excluded.contains(&near.person) && seen.insert(near.person) && seen.len() == people);
    match last {
        Some(near) => Some(near.score - 2.0 * HALF_ERROR).filter(|&bar| nearest.floor < bar),
        None => (nearest.floor == f32::NEG_INFINITY).then_some(f32::NEG_INFINITY),
    }
}

/// The best of these people, best first; of equal ones who was added first.
fn top(mut best: Vec<Best>, people: usize) -> Vec<Best> {
    best.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.person.cmp(&b.person)));
    best.truncate(people);
    best
}

/// The true score of an enrolment, unless it is gone by now.
fn face_score(connection: &Connection, meta: &Meta, enrolment: i64, query: &[f32]) -> Result<Option<Best>> {
    let sql = "SELECT person, vector FROM enrolments WHERE id = ?1";
    let row = connection
        .prepare_cached(sql)?
        .query_row([enrolment], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
        .optional()?;
    let Some((person, bytes)) = row else { return Ok(None) };
    let score = cosine(query, &vector::read(&bytes, meta.model.dimension)?);
    Ok(Some(Best { person, enrolment, score }))
}

/// The true score of a person's template, unless the person is gone by now.
fn template_score(
    connection: &Connection,
    meta: &Meta,
    (person, rule): (i64, Rule),
    query: &[f32],
) -> Result<Option<Best>> {
    let sql = "SELECT id, vector, magnitude, quality FROM enrolments WHERE person = ?1 ORDER BY id";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([person])?;
    let mut faces = Vec::new();
    let mut closest: Option<(i64, f32)> = None;
    while let Some(row) = rows.next()? {
        let (enrolment, bytes): (i64, Vec<u8>) = (row.get(0)?, row.get(1)?);
        let vector = vector::read(&bytes, meta.model.dimension)?;
        let score = cosine(query, &vector);
        if closest.is_none_or(|(_, best)| score > best) {
            closest = Some((enrolment, score));
        }
        let (magnitude, quality) = (row.get(2)?, row.get(3)?);
        faces.push((Embedding { vector, magnitude, fingerprint: meta.model.fingerprint }, quality));
    }
    // Faces that cancel out have no mean; such a person resembles nobody.
    let (Some((enrolment, _)), Ok(template)) = (closest, Template::pool(&faces, rule)) else {
        return Ok(None);
    };
    Ok(Some(Best { person, enrolment, score: cosine(query, &template.vector) }))
}

/// What each enrolment counts by a rule; `None` if all count alike. Where a person's faces all count nothing, they count alike.
fn weights(connection: &Connection, rule: Rule) -> Result<Option<HashMap<i64, f32>>> {
    let sql = match rule {
        Rule::QualityWeighted => "SELECT id, person, quality FROM enrolments",
        Rule::MagnitudeWeighted => "SELECT id, person, magnitude FROM enrolments",
        _ => return Ok(None),
    };
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    let mut people: HashMap<i64, Vec<(i64, f32)>> = HashMap::new();
    while let Some(row) = rows.next()? {
        people.entry(row.get(1)?).or_default().push((row.get(0)?, row.get(2)?));
    }
    let mut weights = HashMap::new();
    for faces in people.into_values() {
        let all_nothing = faces.iter().all(|(_, weight)| *weight == 0.0);
        weights
            .extend(faces.into_iter().map(|(face, weight)| (face, if all_nothing { 1.0 } else { weight })));
    }
    Ok(Some(weights))
}

fn people_templates(
    connection: &Connection,
    cache: &Cache,
    dimension: usize,
    rule: Rule,
) -> Result<PeopleTemplates> {
    let weights = weights(connection, rule)?;
    let mut places: HashMap<i64, usize> = HashMap::new();
    let mut people = Vec::new();
    let mut sums: Vec<f32> = Vec::new();
    cache.each(|enrolment, person, vector| {
        let weight = weights.as_ref().map_or(1.0, |weights| weights.get(&enrolment).copied().unwrap_or(0.0));
        let place = *places.entry(person).or_insert_with(|| {
            people.push(person);
            sums.resize(sums.len() + dimension, 0.0);
            people.len() - 1
        });
        let sum = &mut sums[place * dimension..(place + 1) * dimension];
        sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += weight * value);
    })?;
    let mut rows = Matrix::new(dimension, Precision::F16)?;
    rows.reserve(people.len());
    for sum in sums.chunks_exact_mut(dimension) {
        let length = sum.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
        if length > 0.0 {
            sum.iter_mut().for_each(|value| *value = (f64::from(*value) / length) as f32);
        }
        rows.push(sum)?;
    }
    Ok(PeopleTemplates { rule, seq: cache.seq(), people, rows })
}
