//! What a false positive identification rate varies with: who is searched for, who is enrolled, and both together.

use super::searches::{Hit, Searches, chances};
use super::{Estimate, Support, spread};

/// A false positive identification rate and what it varies with.
#[derive(Clone, Copy)]
pub(super) struct SearchEstimate {
    /// With the variance of the logit that a person brings who is both searched for and enrolled.
    pub(super) rate: Estimate,
    /// How much more uncertain the calibration's own rate is than that, because it is drawn from rarer events.
    pub(super) reach: f64,
    pub(super) probe: f64,
    pub(super) enrolled: f64,
    pub(super) pair: f64,
}

impl SearchEstimate {
    /// Nothing is known: 1, and beyond.
    pub(super) const UNKNOWN: Self = Self {
        rate: Estimate { value: 1.0, spread: 0.0, support: Support::Beyond },
        reach: 1.0,
        probe: 0.0,
        enrolled: 0.0,
        pair: 0.0,
    };
}

/// What the rate varies with, at falling thresholds. People may have been enrolled several times, each time with other
/// photos: the rate is the mean.
pub(super) struct Variation<'a> {
    people: usize,
    faces: f64,
    /// Faces of each person.
    faces_of: &'a [f64],
    galleries: Vec<Hits<'a>>,
}

/// The hits of people who are enrolled in one way.
struct Hits<'a> {
    searches: &'a Searches,
    /// For each face, how many people it hits.
    found: Vec<usize>,
    taken: usize,
    /// The hits taken, by the two people.
    sorted: Vec<Hit>,
}

/// Events of people who are enrolled in one way, in galleries of one size.
struct Events {
    /// Of each person who is searched for.
    by_probe: Vec<f64>,
    /// Of each person who is enrolled.
    by_enrolled: Vec<f64>,
    /// The sum of the squares over all pairs of people.
    squares: f64,
}

impl<'a> Variation<'a> {
    /// Of at least one way to enrol the same people.
    pub(super) fn new(searches: &'a [Searches]) -> Self {
        let hits = |searches: &'a Searches| {
            let found = vec![0; searches.person.len()];
            Hits { searches, found, taken: 0, sorted: Vec::new() }
        };
        let first = &searches[0];
        Self {
            people: first.people(),
            faces: first.person.len() as f64,
            faces_of: &first.faces_of,
            galleries: searches.iter().map(hits).collect(),
        }
    }

    /// Takes the hits from a score on, which must not be higher than the last.
    pub(super) fn go_down_to(&mut self, score: f64) {
        self.galleries.iter_mut().for_each(|hits| hits.go_down_to(score));
    }

    /// The rate of galleries of one size.
    pub(super) fn of(&self, size: usize) -> SearchEstimate {
        let (people, faces, others) = (self.people as f64, self.faces, (self.people - 1) as f64);
        let chance = chances(self.people - 1, size);
        let events: Vec<Events> = self.galleries.iter().map(|hits| hits.events(&chance)).collect();
        let ways = events.len() as f64;
        let mean = |value: &dyn Fn(&Events) -> f64| events.iter().map(value).sum::<f64>() / ways;

        let total = mean(&|events| events.by_probe.iter().sum());
        let rate = total / faces;
        let searched = self.faces_of;
        let enrolled: Vec<f64> = searched.iter().map(|own| (faces - own) / others).collect();
        let of_both: Vec<f64> = (0..self.people)
            .map(|person| mean(&|events| events.by_probe[person] + events.by_enrolled[person]))
            .collect();
        let in_both: Vec<f64> = searched.iter().zip(&enrolled).map(|(x, y)| x + y).collect();
        let room = (1.0 - rate).max(1e-6).powi(2);
        let both = spread::spread(&of_both, &in_both, total, faces) / room;
        // A gallery enrols people in one way, so what it varies with is that of one and not that of the mean.
        let probe = mean(&|events| spread::spread(&events.by_probe, searched, total, faces)) / room;
        let enrolled = mean(&|events| spread::spread(&events.by_enrolled, &enrolled, total, faces)) / room;
        // The variance of single cells is the sum of three; the sums over rows and columns still contain some of the
        // third.
        let cells = (people * others * mean(&|events| events.squares) / (total * total) - 1.0) / room;
        let pair = ((cells - probe - enrolled) / (1.0 - 2.0 / others)).max(0.0);
        SearchEstimate {
            rate: Estimate { value: rate, spread: both, support: Support::Measured },
            reach: 1.0,
            probe: (probe - pair / others).max(0.0),
            enrolled: (enrolled - pair / others).max(0.0),
            pair,
        }
    }
}

impl Hits<'_> {
    fn go_down_to(&mut self, score: f64) {
        let count = self.searches.count(score);
        for hit in &self.searches.hits[self.taken..count] {
            self.found[hit.probe as usize] += 1;
            self.sorted.push(*hit);
        }
        self.taken = count;
        let person = &self.searches.person;
        self.sorted.sort_unstable_by_key(|hit| (person[hit.probe as usize], hit.enrolled));
    }

    /// A search that finds somebody counts as one event, shared alike by the people whom it hits: their Shapley
    /// values, because each of them is as likely as the other to be enrolled.
    fn events(&self, chance: &[f64]) -> Events {
        let searches = self.searches;
        let mut by_probe = vec![0.0; searches.people()];
        for (found, &person) in self.found.iter().zip(&searches.person) {
            by_probe[person as usize] += chance[*found];
        }
        let mut by_enrolled = vec![0.0; searches.people()];
        let mut squares = 0.0;
        for cell in self.sorted.chunk_by(|x, y| {
            (searches.person[x.probe as usize], x.enrolled) == (searches.person[y.probe as usize], y.enrolled)
        }) {
            let share = |hit: &Hit| {
                let found = self.found[hit.probe as usize];
                chance[found] / found as f64
            };
            let sum: f64 = cell.iter().map(share).sum();
            by_enrolled[cell[0].enrolled as usize] += sum;
            squares += sum * sum;
        }
        Events { by_probe, by_enrolled, squares }
    }
}
