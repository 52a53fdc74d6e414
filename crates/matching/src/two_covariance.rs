//! The model behind Joint Bayesian and PLDA: `x = mu + eps`, one `mu ~ N(0, S_mu)` per person and one
//! `eps ~ N(0, S_eps)` per photo.

use nalgebra::{Cholesky, DMatrix, Dyn};

use crate::Error;
use crate::linear::{check_share, cholesky, shrunk, symmetric};
use crate::training::Moments;

/// The covariances of people and of the photos of a person.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TwoCovariance {
    /// `S_mu`.
    pub(crate) between: DMatrix<f64>,
    /// `S_eps`.
    pub(crate) within: DMatrix<f64>,
}

/// What the M-step takes for the unknown `mu` of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum EmUpdate {
    /// Its posterior mean alone: `S_mu = cov(mu_i)`, `S_eps = cov(x_ij - mu_i)` (Chen et al., ECCV 2012). The
    /// likelihood may fall, and the covariance between people comes out too small where people have few photos.
    Mean,
    /// Its posterior distribution, mean and covariance: the expectation-maximisation of Dempster, Laird and Rubin,
    /// under which, without shrinkage, the likelihood of the training set never falls.
    #[default]
    Posterior,
}

/// How the two covariances are learned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EmOptions {
    /// Rounds of expectation-maximisation from the covariances of the identities' means and within identities;
    /// 0 keeps these. 10 to 50 are usual.
    pub iterations: usize,
    /// What a round does.
    pub update: EmUpdate,
    /// 0..=1: how far the eigenvalues of both covariances are pulled towards their mean after each round. 0
    /// believes the training set; at 1 all directions count alike, and PLDA orders pairs as the cosine of centred
    /// vectors does. With fewer people than ten times the dimension it has to be large.
    pub shrinkage: f64,
    /// Keep only this many principal components first; `None` keeps the space.
    pub dimensions: Option<usize>,
}

impl Default for EmOptions {
    fn default() -> Self {
        Self { iterations: 20, update: EmUpdate::default(), shrinkage: 0.0, dimensions: None }
    }
}

const WITHIN: &str = "within identities";

impl TwoCovariance {
    /// Learns the covariances from vectors centred about 0.
    pub(crate) fn train(moments: &Moments, options: &EmOptions) -> Result<Self, Error> {
        check_share("shrinkage", options.shrinkage)?;
        moments.check_people()?;
        let shrink = |model: Self| Self {
            between: shrunk(&model.between, options.shrinkage),
            within: shrunk(&model.within, options.shrinkage),
        };
        let of_counts = Self { between: symmetric(moments.of_means()), within: symmetric(moments.within()) };
        let mut model = shrink(of_counts);
        cholesky(model.within.clone(), WITHIN)?;
        for _ in 0..options.iterations {
            model = shrink(model.round(moments, options.update)?);
        }
        Ok(model)
    }

    /// `(m S_mu + S_eps)`, the covariance of a person's sum of `m` photos, divided by `m`.
    fn of_sum(&self, photos: usize) -> Result<Cholesky<f64, Dyn>, Error> {
        cholesky(&self.between * photos as f64 + &self.within, WITHIN)
    }

    /// One round. With `K = (m S_mu + S_eps)^-1` the published formulas become short: `F + m G_m = K` and
    /// `S_eps G_m = -S_mu K`, so that `mu_i = S_mu K sum_j x_ij` and `eps_ij = x_ij - mu_i`. The posterior
    /// covariance of
    /// `mu_i` is `S_mu - m S_mu K S_mu`. All of it depends on a person only through the sum and number of photos.
    fn round(&self, moments: &Moments, update: EmUpdate) -> Result<Self, Error> {
        let (dimension, vectors) = (self.within.nrows(), moments.vectors() as f64);
        let mut between = DMatrix::zeros(dimension, dimension);
        let mut within = moments.scatter.clone();
        let mut photos: Vec<usize> = moments.counts.clone();
        photos.sort_unstable();
        photos.dedup();
        for m in photos {
            let people: Vec<usize> =
                (0..moments.counts.len()).filter(|&at| moments.counts[at] == m).collect();
            let inverse = self.of_sum(m)?;
            let sums = moments.sums.select_columns(&people);
            let means = &self.between * inverse.solve(&sums);
            let square = &means * means.transpose();
            let cross = &sums * means.transpose();
            within += &square * m as f64 - &cross - cross.transpose();
            between += square;
            if update == EmUpdate::Posterior {
                let uncertainty = &self.between - &self.between * inverse.solve(&self.between) * m as f64;
                within += &uncertainty * (m * people.len()) as f64;
                between += uncertainty * people.len() as f64;
            }
        }
        Ok(Self {
            between: symmetric(between / moments.counts.len() as f64),
            within: symmetric(within / vectors),
        })
    }

    /// Refuses what no covariances can be: sizes that differ, asymmetry, negative or no variance within.
    pub(crate) fn check(&self) -> Result<(), String> {
        let size = self.within.nrows();
        for (name, matrix) in [("between", &self.between), ("within", &self.within)] {
            if matrix.shape() != (size, size) || size == 0 {
                return Err(format!("its covariances do not have {size} rows and columns each"));
            }
            if (matrix - matrix.transpose()).amax() > 1e-9 * matrix.amax() {
                return Err(format!("its covariance {name} is not symmetric"));
            }
        }
        let bad = |error: Error| error.to_string();
        cholesky(self.within.clone(), WITHIN).map_err(bad)?;
        // A covariance between of low rank is fine; a negative one is not.
        let lift = 1e-9 * (self.between.amax() + self.within.amax());
        let lifted = &self.between + DMatrix::identity(size, size) * lift;
        match Cholesky::new(lifted) {
            Some(_) => Ok(()),
            None => Err("its covariance between has negative eigenvalues".to_owned()),
        }
    }
}

/// A vector made ready to be scored against others: of the quadratic form of two vectors, what one of them says
/// alone, and what is multiplied with the other.
#[derive(Clone, Debug, PartialEq)]
pub struct Projected {
    pub(crate) values: Vec<f64>,
    pub(crate) own: f64,
}

impl Projected {
    /// `own_a + own_b + <a, b>`; both must come from one scorer.
    pub(crate) fn score(&self, other: &Self) -> f64 {
        let product: f64 = self.values.iter().zip(&other.values).map(|(a, b)| a * b).sum();
        self.own + other.own + product
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulation::normal;
    use crate::training::Moments;

    /// Draws people from known covariances; not unit vectors, as the model wants it.
    fn draw(truth: &TwoCovariance, counts: &[usize], seed: u64) -> (Moments, Vec<Vec<DMatrix<f64>>>) {
        let mut random = fastrand::Rng::with_seed(seed);
        let size = truth.within.nrows();
        let (between, within) = (
            Cholesky::new(truth.between.clone()).unwrap().l(),
            Cholesky::new(truth.within.clone()).unwrap().l(),
        );
        let mut gauss = |root: &DMatrix<f64>| root * DMatrix::from_fn(size, 1, |_, _| normal(&mut random));
        let people: Vec<Vec<DMatrix<f64>>> = counts
            .iter()
            .map(|&count| {
                let mu = gauss(&between);
                (0..count).map(|_| &mu + gauss(&within)).collect()
            })
            .collect();
        let mut sums = DMatrix::zeros(size, counts.len());
        let mut scatter = DMatrix::zeros(size, size);
        for (at, person) in people.iter().enumerate() {
            for photo in person {
                let mut sum = sums.column_mut(at);
                sum += photo.column(0);
                scatter += photo * photo.transpose();
            }
        }
        (Moments { counts: counts.to_vec(), sums, scatter }, people)
    }

    /// Brute force: the Gaussian of all photos of a person at once, `m d` values with `S_mu + S_eps` on the diagonal
    /// blocks and `S_mu` elsewhere.
    fn log_likelihood(model: &TwoCovariance, people: &[Vec<DMatrix<f64>>]) -> f64 {
        let size = model.within.nrows();
        people
            .iter()
            .map(|person| {
                let all = person.len() * size;
                let covariance = DMatrix::from_fn(all, all, |row, column| {
                    let within = if row / size == column / size {
                        model.within[(row % size, column % size)]
                    } else {
                        0.0
                    };
                    model.between[(row % size, column % size)] + within
                });
                let x = DMatrix::from_fn(all, 1, |row, _| person[row / size][row % size]);
                let inverse = covariance.clone().try_inverse().unwrap();
                -0.5 * (covariance.determinant().ln() + (x.transpose() * inverse * &x)[0])
            })
            .sum()
    }

    fn truth() -> TwoCovariance {
        TwoCovariance {
            between: DMatrix::from_row_slice(3, 3, &[2.0, 0.3, 0.0, 0.3, 1.0, 0.2, 0.0, 0.2, 0.5]),
            within: DMatrix::from_row_slice(3, 3, &[0.5, -0.2, 0.1, -0.2, 1.0, 0.0, 0.1, 0.0, 1.5]),
        }
    }

    #[test]
    fn the_likelihood_never_falls_and_the_truth_is_found() {
        let counts: Vec<usize> = (0..600).map(|at| 1 + at % 5).collect();
        let (moments, people) = draw(&truth(), &counts, 3);
        let options = |iterations| EmOptions { iterations, ..EmOptions::default() };
        let mut last = f64::NEG_INFINITY;
        for rounds in 0..8 {
            let model = TwoCovariance::train(&moments, &options(rounds)).unwrap();
            let now = log_likelihood(&model, &people);
            assert!(now > last - 1e-6, "round {rounds}: {last} to {now}");
            last = now;
        }
        let found = TwoCovariance::train(&moments, &options(50)).unwrap();
        assert!((&found.between - truth().between).norm() < 0.25, "{}", found.between);
        assert!((&found.within - truth().within).norm() < 0.2, "{}", found.within);
        assert_eq!(found.check(), Ok(()));
    }

    /// The formulas as published, one person and photo after the other, with every inverse written out.
    #[test]
    fn a_round_of_means_is_the_published_one() {
        let (moments, people) = draw(&truth(), &[1, 2, 2, 3, 5, 4], 9);
        let start = truth();
        let found = start.round(&moments, EmUpdate::Mean).unwrap();
        let f = start.within.clone().try_inverse().unwrap();
        let (mut between, mut within, mut photos) = (DMatrix::zeros(3, 3), DMatrix::zeros(3, 3), 0.0);
        for person in &people {
            let m = person.len() as f64;
            let g = -(&start.between * m + &start.within).try_inverse().unwrap() * &start.between * &f;
            let sum = person.iter().fold(DMatrix::zeros(3, 1), |sum, photo| sum + photo);
            let mu = &start.between * (&f + &g * m) * &sum;
            between += &mu * mu.transpose() / people.len() as f64;
            for photo in person {
                let eps = photo + &start.within * &g * &sum;
                within += &eps * eps.transpose();
                photos += 1.0;
            }
        }
        assert!((found.between - between).norm() < 1e-10);
        assert!((found.within - within / photos).norm() < 1e-10);
    }

    #[test]
    fn covariances_are_checked() {
        let changed = |change: fn(&mut TwoCovariance)| {
            let mut model = truth();
            change(&mut model);
            model.check().unwrap_err()
        };
        assert!(changed(|model| model.between[(0, 1)] = 9.0).contains("not symmetric"));
        assert!(changed(|model| model.between[(1, 1)] = -1.0).contains("negative"));
        assert!(changed(|model| model.within[(1, 1)] = -1.0).contains("singular"));
        assert!(changed(|model| model.within = DMatrix::identity(2, 2)).contains("rows"));
    }
}
