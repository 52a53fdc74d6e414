//! How much more often a score is seen of one person than of two: the likelihood ratio.
//!
//! The ratio of two densities is what pool-adjacent-violators (PAV) estimates under the one assumption that a higher
//! score never speaks less for one person; it is the best such map for every proper scoring rule (Brümmer and du
//! Preez 2013). A logistic map would be a straight line, and scores of faces are not: the ratio flattens where
//! mislabelled and bad photos are. PAV has steps; the map takes a line between their centres, which is monotone too.
//!
//! Where only one kind of pair was seen PAV says "infinitely more". Evidence is bounded by the number of independent
//! observations behind it, so one person is added to the genuine scores below all others, and one pair of people to
//! the impostor scores above.

use crate::comparisons::Comparisons;

/// A monotone map from score to the natural logarithm of the likelihood ratio.
pub(super) struct Likelihood {
    /// (score, logarithm), both ascending.
    centres: Vec<(f64, f64)>,
}

/// Neighbouring bins that share a ratio.
struct Block {
    genuine: f64,
    impostor: f64,
    /// Sum of score times mass, of both.
    moment: f64,
}

impl Block {
    fn ratio_at_most(&self, other: &Self) -> bool {
        self.genuine * other.impostor <= other.genuine * self.impostor
    }
}

impl Likelihood {
    pub(super) fn of(comparisons: &Comparisons) -> Self {
        let impostors = comparisons.impostors();
        let (bins, width) = (impostors.counts().len(), impostors.width());
        let mut genuine = vec![0u64; bins];
        for score in
            comparisons.genuine().iter().map(|genuine| genuine.score).filter(|score| score.is_finite())
        {
            genuine[impostors.bin(f64::from(score))] += 1;
        }
        // Both kinds have the mass 1, apart from the one that is added.
        let genuine_total = genuine.iter().sum::<u64>().max(1) as f64;
        let impostor_total = impostors.total().max(1) as f64;
        let with_genuine = comparisons.genuine_of().iter().filter(|&&pairs| pairs > 0).count().max(1) as f64;
        let people = comparisons.identities().max(2) as f64;
        let (person, pair) = (1.0 / with_genuine, 2.0 / (people * (people - 1.0)));

        let filled = |bin: &usize| genuine[*bin] + impostors.counts()[*bin] > 0;
        let first = (0..bins).find(filled).unwrap_or(0);
        let last = (0..bins).rfind(filled).unwrap_or(bins - 1);
        let mut blocks: Vec<Block> = Vec::new();
        for bin in (first..=last).filter(filled) {
            let mut genuine = genuine[bin] as f64 / genuine_total;
            let mut impostor = impostors.counts()[bin] as f64 / impostor_total;
            genuine += if bin == first { person } else { 0.0 };
            impostor += if bin == last { pair } else { 0.0 };
            let centre = impostors.edge(bin) + 0.5 * width;
            let mut new = Block { genuine, impostor, moment: centre * (genuine + impostor) };
            while let Some(before) = blocks.pop_if(|before| new.ratio_at_most(before)) {
                new.genuine += before.genuine;
                new.impostor += before.impostor;
                new.moment += before.moment;
            }
            blocks.push(new);
        }
        let centres = blocks
            .iter()
            .map(|block| {
                (block.moment / (block.genuine + block.impostor), (block.genuine / block.impostor).ln())
            })
            .collect();
        Self { centres }
    }

    /// The natural logarithm of the likelihood ratio at a score; beyond the first and the last step, theirs.
    pub(super) fn at(&self, score: f64) -> f64 {
        super::line_through(&self.centres, score)
    }
}

#[cfg(test)]
mod tests {
    use model::Fingerprint;

    use super::*;
    use crate::Listed;

    /// Scores in steps of 1/8, so that each step is a bin, as (genuine, impostor) counts from 0 on.
    fn of(counts: &[(u32, u32)]) -> Likelihood {
        let mut pairs = Vec::new();
        for (step, &(genuine, impostor)) in counts.iter().enumerate() {
            let score = Some(step as f32 / 8.0);
            pairs.extend((0..genuine).map(|at| Listed { a: at % 10, b: at % 10, score }));
            pairs.extend((0..impostor).map(|at| Listed { a: at % 9, b: 9, score }));
        }
        Likelihood::of(&Comparisons::listed(Fingerprint([7; 32]), &pairs).unwrap())
    }

    #[test]
    fn is_the_isotonic_regression() {
        let counts = [(1, 9), (4, 30), (2, 25), (0, 12), (6, 8), (5, 10), (20, 4), (12, 2)];
        let likelihood = of(&counts);
        // With the mass of one person below, and of one of 45 pairs of people above.
        let mut mass: Vec<(f64, f64)> =
            counts.iter().map(|&(g, i)| (f64::from(g) / 50.0, f64::from(i) / 100.0)).collect();
        mass[0].0 += 0.1;
        mass[7].1 += 1.0 / 45.0;
        // Isotonic regression is the largest least mean over what contains a place (Robertson et al. 1988).
        let ratio = |from: usize, to: usize| {
            let sum = mass[from..=to].iter().fold((0.0, 0.0), |sum, mass| (sum.0 + mass.0, sum.1 + mass.1));
            sum.0 / sum.1
        };
        let wanted = |place: usize| {
            let least = |from| (place..8).map(|to| ratio(from, to)).fold(f64::INFINITY, f64::min);
            (0..=place).map(least).fold(0.0, f64::max)
        };
        let steps: Vec<f64> = {
            let mut steps: Vec<f64> = (0..8).map(|place| wanted(place).ln()).collect();
            steps.dedup_by(|x, y| (*x - *y).abs() < 1e-9);
            steps
        };
        let found: Vec<f64> = likelihood.centres.iter().map(|&(_, logarithm)| logarithm).collect();
        assert_eq!(found.len(), steps.len());
        assert!(
            found.iter().zip(&steps).all(|(found, wanted)| (found - wanted).abs() < 1e-9),
            "{found:?} {steps:?}"
        );
    }

    #[test]
    fn evidence_is_bounded_by_the_people_behind_it() {
        let likelihood = of(&[(0, 500), (500, 0)]);
        assert!((likelihood.at(9.0) - 45f64.ln()).abs() < 1e-9, "{}", likelihood.at(9.0));
        assert!((likelihood.at(-9.0) - 0.1f64.ln()).abs() < 1e-9, "{}", likelihood.at(-9.0));
    }
}
