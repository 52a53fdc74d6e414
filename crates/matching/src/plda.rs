//! Probabilistic linear discriminant analysis, in its two-covariance form (Brümmer and de Villiers, Odyssey 2010).

use model::Fingerprint;
use nalgebra::DMatrix;

use crate::linear::{centred, check_unit, eigen, inverse_root, project, to_unit};
use crate::parameters::Parameters;
use crate::two_covariance::{EmOptions, Projected, TwoCovariance};
use crate::whitening::{check_dimensions, principal};
use crate::{Error, TrainingSet};

/// A trained likelihood ratio of "one person" to "two people" for centred vectors of unit length.
///
/// It is the model of [`JointBayesian`](crate::JointBayesian) and the two agree up to a constant and a factor of 2.
/// PLDA normalises the length of the *centred* vector before it learns and before it scores (Garcia-Romero and
/// Espy-Wilson 2011), which makes the vectors more Gaussian; and it gives the logarithm of the likelihood ratio
/// itself, 0 where both answers are equally likely. As the model never fits exactly, calibrate it all the same.
///
/// In the basis that makes the covariance within people 1 and that between people diagonal, `psi`, the ratio of two
/// vectors `u` and `v` is a sum over directions:
///
/// `log(1 + psi) - log(1 + 2 psi) / 2 + u v psi / (1 + 2 psi) - (u² + v²) psi² / (2 (1 + psi) (1 + 2 psi))`.
#[derive(Clone, Debug, PartialEq)]
pub struct Plda {
    mean: Vec<f64>,
    /// Rows: the directions of `psi`.
    basis: DMatrix<f64>,
    /// Variance between people over that within, per direction; 0 or more.
    psi: Vec<f64>,
    fingerprint: Fingerprint,
}

impl Plda {
    /// Learns it from people with several photos each.
    ///
    /// # Errors
    /// As [`JointBayesian::train`](crate::JointBayesian::train), and [`Error::Training`] for a vector that is the
    /// mean.
    pub fn train(set: &TrainingSet, options: &EmOptions) -> Result<Self, Error> {
        let mean = set.mean();
        if set.vectors().any(|vector| to_unit(centred(vector, &mean)).is_none()) {
            return Err(Error::Training("a vector is the mean of all: it has no direction".to_owned()));
        }
        let unit = |vector: &[f32]| {
            let centred = centred(vector, &mean);
            to_unit(centred.clone()).unwrap_or(centred)
        };
        let reduction = match options.dimensions {
            None => DMatrix::identity(set.dimension(), set.dimension()),
            Some(dimensions) => {
                check_dimensions(dimensions, set.dimension())?;
                principal(set.moments(set.dimension(), unit).total(), dimensions)?
            }
        };
        let moments = set.moments(reduction.nrows(), |vector| project(&reduction, &unit(vector)));
        let model = TwoCovariance::train(&moments, options)?;
        let (basis, psi) = diagonal(&model)?;
        Ok(Self { mean, basis: basis * reduction, psi, fingerprint: set.fingerprint() })
    }

    /// Makes a vector ready for [`Plda::score`].
    ///
    /// # Errors
    /// [`Error::BadVector`] for a vector of another length or not of unit length, and for the one that is the mean.
    pub fn prepare(&self, vector: &[f32]) -> Result<Projected, Error> {
        check_unit(vector, self.mean.len()).map_err(Error::BadVector)?;
        let unit = to_unit(centred(vector, &self.mean))
            .ok_or_else(|| Error::BadVector("it is the mean of the training set".to_owned()))?;
        let mut values = project(&self.basis, &unit);
        let mut own = 0.0;
        for (value, psi) in values.iter_mut().zip(&self.psi) {
            // The constant is shared out among the two vectors.
            own += 0.5 * (psi.ln_1p() - 0.5 * (2.0 * psi).ln_1p());
            own -= value.powi(2) * psi * psi / (2.0 * (1.0 + psi) * (1.0 + 2.0 * psi));
            *value *= (psi / (1.0 + 2.0 * psi)).sqrt();
        }
        Ok(Projected { values, own })
    }

    /// Natural logarithm of the likelihood ratio of two vectors that this scorer prepared; larger is more alike.
    pub fn score(&self, a: &Projected, b: &Projected) -> f64 {
        a.score(b)
    }

    /// The model whose vectors it takes.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// How many directions it looks at.
    pub fn dimension(&self) -> usize {
        self.psi.len()
    }

    pub(crate) fn to_parameters(&self, kind: &str) -> Parameters {
        Parameters::new(kind, self.fingerprint)
            .with_row("mean", &self.mean)
            .with_row("psi", &self.psi)
            .with_matrix("basis", &self.basis)
    }

    pub(crate) fn from_parameters(parameters: &Parameters) -> Result<Self, String> {
        let (mean, psi) = (parameters.row("mean")?, parameters.row("psi")?);
        let basis = parameters.matrix("basis", mean.len())?;
        if basis.nrows() != psi.len() || psi.iter().any(|&psi| psi < 0.0) {
            return Err("its psi do not fit its basis, or one is negative".to_owned());
        }
        Ok(Self { mean, basis, psi, fingerprint: parameters.fingerprint })
    }
}

/// Basis and `psi` that make the covariance within 1 and that between diagonal.
fn diagonal(model: &TwoCovariance) -> Result<(DMatrix<f64>, Vec<f64>), Error> {
    let root = inverse_root(model.within.clone(), "within identities")?;
    let (psi, vectors) = eigen(&root * &model.between * &root, "between identities")?;
    // A covariance has no negative eigenvalues; what is below 0 is rounding.
    Ok((vectors.transpose() * root, psi.iter().map(|psi| psi.max(0.0)).collect()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::JointBayesian;
    use crate::simulation::{Simulation, miss_rate};

    fn of(model: &TwoCovariance) -> Plda {
        let (basis, psi) = diagonal(model).unwrap();
        Plda { mean: vec![0.0; psi.len()], basis, psi, fingerprint: Simulation::MODEL }
    }

    /// Brute force: both Gaussians of the two vectors side by side, determinant and inverse by elimination.
    fn log_ratio(model: &TwoCovariance, x: &[f32], y: &[f32]) -> f64 {
        let size = x.len();
        let pair = DMatrix::from_iterator(2 * size, 1, x.iter().chain(y).map(|&value| f64::from(value)));
        let log_density = |same: bool| {
            let covariance = DMatrix::from_fn(2 * size, 2 * size, |row, column| {
                let (own, at) = (row / size == column / size, (row % size, column % size));
                (if own || same { model.between[at] } else { 0.0 }) + if own { model.within[at] } else { 0.0 }
            });
            let inverse = covariance.clone().try_inverse().unwrap();
            -0.5 * (covariance.determinant().ln() + (pair.transpose() * inverse * &pair)[0])
        };
        log_density(true) - log_density(false)
    }

    /// Random covariances, that between of any rank, and two unit vectors.
    fn case() -> impl Strategy<Value = (TwoCovariance, Vec<f32>, Vec<f32>)> {
        let square = |size: usize| prop::collection::vec(-1.0f64..1.0, size * size);
        let unit = |size: usize| {
            prop::collection::vec(-1.0f64..1.0, size).prop_filter_map("no direction", |values| {
                Some(to_unit(values)?.into_iter().map(|value| value as f32).collect::<Vec<f32>>())
            })
        };
        (1usize..5)
            .prop_flat_map(move |size| (square(size), square(size), 0..=size, unit(size), unit(size)))
            .prop_map(|(between, within, rank, x, y)| {
                let size = x.len();
                let root = |values: &[f64], rank: usize| {
                    DMatrix::from_row_slice(size, size, values).columns(0, rank).into_owned()
                };
                let (b, w) = (root(&between, rank), root(&within, size));
                let model = TwoCovariance {
                    between: &b * b.transpose(),
                    within: &w * w.transpose() + DMatrix::identity(size, size) * 0.05,
                };
                (model, x, y)
            })
    }

    proptest! {
        #[test]
        fn is_the_ratio_of_two_gaussians((model, x, y) in case()) {
            let plda = of(&model);
            let found = plda.score(&plda.prepare(&x).unwrap(), &plda.prepare(&y).unwrap());
            let wanted = log_ratio(&model, &x, &y);
            prop_assert!((found - wanted).abs() < 1e-5 * (1.0 + wanted.abs()), "{found} {wanted}");
        }

        /// Joint Bayesian goes another way through the same model; the constant is that of any other pair.
        #[test]
        fn is_half_of_joint_bayesian_up_to_a_constant((model, x, y) in case()) {
            let (plda, size) = (of(&model), x.len());
            let parameters = Parameters::new("joint-bayesian", Simulation::MODEL)
                .with_row("mean", &vec![0.0; size])
                .with_matrix("between", &model.between)
                .with_matrix("within", &model.within);
            let joint = JointBayesian::from_parameters(&parameters).unwrap();
            let difference = |a: &[f32], b: &[f32]| {
                let (a, b) = ([a, b].map(|v| plda.prepare(v).unwrap()), [a, b].map(|v| joint.prepare(v).unwrap()));
                plda.score(&a[0], &a[1]) - joint.score(&b[0], &b[1]) / 2.0
            };
            let (one, other) = (difference(&x, &y), difference(&x, &x));
            prop_assert!((one - other).abs() < 1e-5 * (1.0 + one.abs()), "{one} {other}");
        }
    }

    #[test]
    fn likelihood_ratios_are_honest_and_beat_the_cosine() {
        let world = Simulation { dimension: 24, photos: 5, nuisance: 4.0, ..Simulation::default() };
        let plda = Plda::train(&Simulation { people: 200, ..world }.set(1), &EmOptions::default()).unwrap();
        let (test, identities) = Simulation { people: 40, ..world }.faces(2);
        let ready: Vec<_> = test.iter().map(|face| plda.prepare(face).unwrap()).collect();
        let learned = miss_rate(|a, b| plda.score(&ready[a], &ready[b]), &identities, 1e-2);
        let plain = miss_rate(|a, b| f64::from(crate::cosine(&test[a], &test[b])), &identities, 1e-2);
        assert!(learned < 0.5 * plain, "{learned}, cosine {plain}");
        // At a ratio of 1 both kinds of error are rare; a wrong constant would shift one to 1.
        let rate = |same: bool| {
            let mut wrong = (0.0, 0.0);
            for a in 0..test.len() {
                for b in 0..a {
                    if (identities[a] == identities[b]) == same {
                        wrong.0 += f64::from((plda.score(&ready[a], &ready[b]) > 0.0) != same);
                        wrong.1 += 1.0;
                    }
                }
            }
            wrong.0 / wrong.1
        };
        assert!(rate(true) < 0.1 && rate(false) < 0.1, "{} {}", rate(true), rate(false));
    }

    #[test]
    fn all_of_the_shrinkage_leaves_the_cosine_of_centred_vectors() {
        let set = Simulation { dimension: 6, offset: 0.5, ..Simulation::default() }.set(5);
        let plda = Plda::train(&set, &EmOptions { shrinkage: 1.0, ..EmOptions::default() }).unwrap();
        let centre = crate::Whitening::train(&set, crate::WhiteningMethod::Centre).unwrap();
        let faces: Vec<&[f32]> = set.vectors().take(12).collect();
        let ready: Vec<_> = faces.iter().map(|face| plda.prepare(face).unwrap()).collect();
        let moved: Vec<_> = faces.iter().map(|face| centre.apply(face).unwrap()).collect();
        let line = |at: usize| (crate::cosine(&moved[0], &moved[at]), plda.score(&ready[0], &ready[at]));
        let (first, second) = (line(1), line(2));
        let slope = (second.1 - first.1) / f64::from(second.0 - first.0);
        assert!(slope > 0.0);
        for at in 3..12 {
            let (cosine, score) = line(at);
            assert!((score - first.1 - slope * f64::from(cosine - first.0)).abs() < 1e-4, "{at}");
        }
    }

    #[test]
    fn comes_back_from_a_file_and_refuses_what_is_none() {
        let set = Simulation { dimension: 6, ..Simulation::default() }.set(5);
        let options = EmOptions { dimensions: Some(4), ..EmOptions::default() };
        let plda = Plda::train(&set, &options).unwrap();
        let parameters = Parameters::from_bytes(&plda.to_parameters("plda").to_bytes().unwrap()).unwrap();
        assert_eq!(Plda::from_parameters(&parameters), Ok(plda.clone()));
        assert!(Plda::from_parameters(&parameters.clone().with_row("psi", &[1.0])).is_err());
        assert!(Plda::from_parameters(&parameters.with_row("psi", &[1.0, 1.0, 1.0, -1.0])).is_err());
        assert!(matches!(plda.prepare(&[1.0; 6]), Err(Error::BadVector(_))));
        let too_many = EmOptions { dimensions: Some(7), ..EmOptions::default() };
        assert!(matches!(Plda::train(&set, &too_many), Err(Error::Setting { .. })));
    }
}
