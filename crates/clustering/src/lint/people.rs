//! How well faces fit people: a model of the gallery, measured on the gallery itself.

use crate::rows::Rows;

/// Pairs of faces of one person below which the spread within people cannot be measured.
const FEWEST_PAIRS: f64 = 20.0;

/// Everybody's faces, added up.
///
/// Faces are modelled as `x = m + e`: a person's own `m` and the photo's `e` are normal, alike in every direction, with
/// variances `B` and `W` that add up to 1 over all dimensions: the simplest form of PLDA (Prince and Elder 2007). For
/// unit vectors `B` is the mean cosine of two photos of one person. All evidence is per dimension, in nats, so that
/// it is of like size for models of different dimension.
pub(super) struct People<'a> {
    pub(super) rows: &'a Rows,
    /// The caller's number of each person, ascending.
    pub(super) ids: Vec<usize>,
    /// The place in `ids` of each face's person.
    pub(super) of: Vec<Option<usize>>,
    /// The faces of each person, ascending.
    pub(super) members: Vec<Vec<usize>>,
    /// The sums of the faces of each person, one after another.
    sums: Vec<f64>,
    /// The squared lengths of the sums.
    squared: Vec<f64>,
    /// `B`, from 0.05 to 0.95.
    pub(super) between: f64,
}

/// Some faces of one person: their number and their sum.
#[derive(Clone)]
pub(super) struct Sum {
    pub(super) faces: usize,
    pub(super) sum: Vec<f64>,
}

impl Sum {
    pub(super) fn new(dim: usize) -> Self {
        Self { faces: 0, sum: vec![0.0; dim] }
    }

    pub(super) fn add(&mut self, row: &[f32]) {
        self.faces += 1;
        self.sum.iter_mut().zip(row).for_each(|(sum, &value)| *sum += f64::from(value));
    }

    pub(super) fn remove(&mut self, row: &[f32]) {
        self.faces -= 1;
        self.sum.iter_mut().zip(row).for_each(|(sum, &value)| *sum -= f64::from(value));
    }

    pub(super) fn squared(&self) -> f64 {
        self.sum.iter().map(|value| value * value).sum()
    }
}

impl<'a> People<'a> {
    pub(super) fn new(rows: &'a Rows, labels: &[Option<usize>]) -> Self {
        let mut ids: Vec<usize> = labels.iter().copied().flatten().collect();
        ids.sort_unstable();
        ids.dedup();
        let of: Vec<Option<usize>> =
            labels.iter().map(|label| ids.binary_search(label.as_ref()?).ok()).collect();
        let mut members = vec![Vec::new(); ids.len()];
        let mut sums = vec![0.0; ids.len() * rows.dim()];
        for (face, person) in of.iter().enumerate() {
            if let Some(person) = *person {
                members[person].push(face);
                let sum = &mut sums[person * rows.dim()..(person + 1) * rows.dim()];
                sum.iter_mut().zip(rows.row(face)).for_each(|(sum, &value)| *sum += f64::from(value));
            }
        }
        let squared = sums.chunks_exact(rows.dim()).map(|sum| sum.iter().map(|value| value * value).sum());
        let squared = squared.collect();
        let mut people = Self { rows, ids, of, members, sums, squared, between: 0.5 };
        people.between = people.mean_cosine().unwrap_or(0.5).clamp(0.05, 0.95);
        people
    }

    /// The mean cosine of two faces of one person, over all such pairs.
    fn mean_cosine(&self) -> Option<f64> {
        let (mut pairs, mut cosines) = (0.0, 0.0);
        for (person, members) in self.members.iter().enumerate() {
            let faces = members.len() as f64;
            pairs += faces * (faces - 1.0);
            // The squared sum holds every ordered pair, and every face with itself.
            cosines += self.squared[person] - faces;
        }
        (pairs >= 2.0 * FEWEST_PAIRS).then(|| cosines / pairs)
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn sum(&self, person: usize) -> &[f64] {
        &self.sums[person * self.rows.dim()..(person + 1) * self.rows.dim()]
    }

    pub(super) fn whole(&self, person: usize) -> Sum {
        Sum { faces: self.members[person].len(), sum: self.sum(person).to_vec() }
    }

    /// The log likelihood of some faces being of one person, up to terms that depend on the faces one by one: from the
    /// number of the faces and the squared length of their sum.
    fn likelihood(&self, faces: usize, squared: f64) -> f64 {
        let (faces, b) = (faces as f64, self.between);
        let w = 1.0 - b;
        0.5 * (b * squared / (w * (w + faces * b)) - (1.0 + faces * b / w).ln())
    }

    /// The evidence for one person rather than two: the log likelihood ratio for two sets of faces.
    pub(super) fn one_person(&self, a: &Sum, b: &Sum) -> f64 {
        let both: f64 = a.sum.iter().zip(&b.sum).map(|(x, y)| (x + y) * (x + y)).sum();
        self.likelihood(a.faces + b.faces, both)
            - self.likelihood(a.faces, a.squared())
            - self.likelihood(b.faces, b.squared())
    }

    /// The evidence for some faces being of one person rather than each of another.
    pub(super) fn coherence(&self, faces: &Sum) -> f64 {
        self.likelihood(faces.faces, faces.squared()) - faces.faces as f64 * self.likelihood(1, 1.0)
    }

    /// The evidence for a face being of a person rather than a stranger's; the face itself does not count.
    pub(super) fn fit(&self, face: usize, person: usize) -> f64 {
        let row = self.rows.row(face);
        let (mut faces, mut squared) = (self.members[person].len(), self.squared[person]);
        let mut dot: f64 =
            self.sum(person).iter().zip(row).map(|(&sum, &value)| sum * f64::from(value)).sum();
        if self.of[face] == Some(person) {
            faces -= 1;
            squared += 1.0 - 2.0 * dot;
            dot -= 1.0;
        }
        self.likelihood(faces + 1, squared + 2.0 * dot + 1.0)
            - self.likelihood(faces, squared)
            - self.likelihood(1, 1.0)
    }

    /// The evidence for two faces being of one person.
    pub(super) fn pair(&self, a: usize, b: usize) -> f64 {
        let squared = 2.0 + 2.0 * f64::from(self.rows.cosine(a, b));
        self.likelihood(2, squared) - 2.0 * self.likelihood(1, 1.0)
    }

    /// The evidence for two people being one, and the mean cosine of a face of one with one of the other.
    pub(super) fn alike(&self, a: usize, b: usize) -> (f64, f64) {
        let dot: f64 = self.sum(a).iter().zip(self.sum(b)).map(|(x, y)| x * y).sum();
        let (of_a, of_b) = (self.members[a].len(), self.members[b].len());
        let evidence = self.likelihood(of_a + of_b, self.squared[a] + 2.0 * dot + self.squared[b])
            - self.likelihood(of_a, self.squared[a])
            - self.likelihood(of_b, self.squared[b]);
        (evidence, dot / (of_a * of_b) as f64)
    }
}

/// The logistic function.
pub(super) fn probability(logit: f64) -> f64 {
    1.0 / (1.0 + (-logit).exp())
}

#[cfg(test)]
mod tests {
    use index::View;

    use super::*;

    /// ln N(x; 0, covariance) of one dimension, for faces with covariance `W I + B 11'`, by Gaussian elimination.
    fn normal(values: &[f64], b: f64) -> f64 {
        let n = values.len();
        let mut matrix: Vec<Vec<f64>> = (0..n)
            .map(|i| (0..n).map(|j| if i == j { 1.0 } else { b }).chain([values[i]]).collect())
            .collect();
        let mut log_determinant = 0.0;
        for pivot in 0..n {
            let row = matrix[pivot].clone();
            log_determinant += row[pivot].ln();
            for other in matrix.iter_mut().skip(pivot + 1) {
                let factor = other[pivot] / row[pivot];
                other.iter_mut().zip(&row).for_each(|(value, &above)| *value -= factor * above);
            }
        }
        // After elimination, x' C^-1 x is the sum of squares of the last column over the pivots.
        let squares: f64 = (0..n).map(|i| matrix[i][n].powi(2) / matrix[i][i]).sum();
        -0.5 * (log_determinant + squares + n as f64 * std::f64::consts::TAU.ln())
    }

    #[test]
    fn evidence_is_that_of_normal_distributions() {
        let angles = [0.1_f32, 0.4, 0.9, 2.0, 2.3];
        let values: Vec<f32> = angles.iter().flat_map(|angle| [angle.cos(), angle.sin()]).collect();
        let rows = Rows::read(&View::f32(2, &values).unwrap()).unwrap();
        let people = People::new(&rows, &[Some(9), Some(9), Some(9), Some(3), Some(3)]);
        assert_eq!(people.ids, [3, 9]);
        assert_eq!(people.between, 0.5, "six pairs are too few to measure");
        // A model of dimension 2 has variances of half the size: values are scaled up to match, and added over both.
        let of = |faces: &[usize]| -> f64 {
            (0..2)
                .map(|axis| {
                    let scaled: Vec<f64> = faces
                        .iter()
                        .map(|&face| f64::from(values[face * 2 + axis]) * 2.0_f64.sqrt())
                        .collect();
                    normal(&scaled, people.between)
                })
                .sum::<f64>()
                / 2.0
        };
        let close =
            |found: f64, expected: f64| assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        close(people.fit(3, 1), of(&[0, 1, 2, 3]) - of(&[0, 1, 2]) - of(&[3]));
        close(people.fit(0, 1), of(&[0, 1, 2]) - of(&[1, 2]) - of(&[0]));
        close(people.pair(1, 3), of(&[1, 3]) - of(&[1]) - of(&[3]));
        let both = people.one_person(&people.whole(0), &people.whole(1));
        assert!((both - people.alike(0, 1).0).abs() < 1e-12);
        close(both, of(&[0, 1, 2, 3, 4]) - of(&[0, 1, 2]) - of(&[3, 4]));
    }

    #[test]
    fn a_person_of_one_face_says_nothing_about_it() {
        let rows = Rows::read(&View::f32(2, &[1.0, 0.0]).unwrap()).unwrap();
        assert!(People::new(&rows, &[Some(0)]).fit(0, 0).abs() < 1e-12);
    }
}
