//! Joint Bayesian: the odds that two vectors are of one person (Chen et al., "Bayesian Face Revisited", ECCV 2012).

use model::Fingerprint;
use nalgebra::DMatrix;

use crate::linear::{centred, check_unit, cholesky, eigen, project, symmetric};
use crate::parameters::Parameters;
use crate::two_covariance::{EmOptions, Projected, TwoCovariance};
use crate::whitening::{check_dimensions, principal};
use crate::{Error, TrainingSet};

/// A trained Joint Bayesian score of centred vectors, perhaps reduced to their principal components,
///
/// `r(x1, x2) = x1ᵀ A x1 + x2ᵀ A x2 - 2 x1ᵀ G x2`,
///
/// with `F = S_eps^-1`, `G = -(2 S_mu + S_eps)^-1 S_mu S_eps^-1` and `A = (S_mu + S_eps)^-1 - (F + G)`. It is twice
/// the logarithm of the likelihood ratio of "one person" to "two people", up to a constant; unlike a cosine it has no
/// bounds. It helps features whose photos of a person differ much more in some directions than in others, as those of
/// a plain softmax do; expect little of a margin loss, which has spent its training on that.
#[derive(Clone, Debug, PartialEq)]
pub struct JointBayesian {
    mean: Vec<f64>,
    /// To the principal components; `None` is the identity.
    projection: Option<DMatrix<f64>>,
    model: TwoCovariance,
    fingerprint: Fingerprint,
    a: DMatrix<f64>,
    /// `Lᵀ` with `L Lᵀ = -2 G`, so that the product of two vectors is one inner product.
    root: DMatrix<f64>,
}

impl JointBayesian {
    /// Learns it from people with several photos each.
    ///
    /// # Errors
    /// [`Error::Setting`] for an option out of its range, [`Error::Training`] for one person only or one photo each,
    /// [`Error::Singular`] for too few photos to know how those of a person differ.
    pub fn train(set: &TrainingSet, options: &EmOptions) -> Result<Self, Error> {
        let mean = set.mean();
        let projection = match options.dimensions {
            None => None,
            Some(dimensions) => {
                check_dimensions(dimensions, set.dimension())?;
                let all = set.moments(set.dimension(), |vector| centred(vector, &mean));
                Some(principal(all.total(), dimensions)?)
            }
        };
        let moments = set.moments(options.dimensions.unwrap_or(set.dimension()), |vector| {
            reduced(&projection, centred(vector, &mean))
        });
        let model = TwoCovariance::train(&moments, options)?;
        Self::new(mean, projection, model, set.fingerprint())
    }

    fn new(
        mean: Vec<f64>,
        projection: Option<DMatrix<f64>>,
        model: TwoCovariance,
        fingerprint: Fingerprint,
    ) -> Result<Self, Error> {
        let Matrices { a, g } = matrices(&model)?;
        let (values, vectors) = eigen(g * -2.0, "between identities")?;
        // -G is positive semidefinite; what is below 0 is rounding.
        let root = DMatrix::from_fn(vectors.ncols(), vectors.nrows(), |row, column| {
            values[row].max(0.0).sqrt() * vectors[(column, row)]
        });
        Ok(Self { mean, projection, model, fingerprint, a, root })
    }

    /// Makes a vector ready for [`JointBayesian::score`].
    ///
    /// # Errors
    /// [`Error::BadVector`] for a vector of another length or not of unit length.
    pub fn prepare(&self, vector: &[f32]) -> Result<Projected, Error> {
        check_unit(vector, self.mean.len()).map_err(Error::BadVector)?;
        let x = reduced(&self.projection, centred(vector, &self.mean));
        let own = project(&self.a, &x).iter().zip(&x).map(|(a, x)| a * x).sum();
        Ok(Projected { values: project(&self.root, &x), own })
    }

    /// `r` of two vectors that this scorer prepared; larger is more alike.
    pub fn score(&self, a: &Projected, b: &Projected) -> f64 {
        a.score(b)
    }

    /// The model whose vectors it takes.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// How many values of a vector it looks at.
    pub fn dimension(&self) -> usize {
        self.a.nrows()
    }

    pub(crate) fn to_parameters(&self, kind: &str) -> Parameters {
        Parameters::new(kind, self.fingerprint)
            .with_row("mean", &self.mean)
            .with_matrix("between", &self.model.between)
            .with_matrix("within", &self.model.within)
            .with_matrix_if_any("projection", self.projection.as_ref())
    }

    pub(crate) fn from_parameters(parameters: &Parameters) -> Result<Self, String> {
        let mean = parameters.row("mean")?;
        let projection = parameters.matrix_if_any("projection", mean.len())?;
        let size = projection.as_ref().map_or(mean.len(), DMatrix::nrows);
        let model = TwoCovariance {
            between: parameters.matrix("between", size)?,
            within: parameters.matrix("within", size)?,
        };
        model.check()?;
        Self::new(mean, projection, model, parameters.fingerprint).map_err(|error| error.to_string())
    }
}

fn reduced(projection: &Option<DMatrix<f64>>, centred: Vec<f64>) -> Vec<f64> {
    match projection {
        None => centred,
        Some(projection) => project(projection, &centred),
    }
}

struct Matrices {
    a: DMatrix<f64>,
    g: DMatrix<f64>,
}

fn matrices(model: &TwoCovariance) -> Result<Matrices, Error> {
    const WHAT: &str = "within identities";
    let TwoCovariance { between, within } = model;
    let f = cholesky(within.clone(), WHAT)?.inverse();
    let g = symmetric(-cholesky(between * 2.0 + within, WHAT)?.solve(&(between * &f)));
    let a = symmetric(cholesky(between + within, WHAT)?.inverse() - f - &g);
    Ok(Matrices { a, g })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosine;
    use crate::simulation::{Simulation, miss_rate};
    use crate::two_covariance::EmUpdate;

    #[test]
    fn golden_scalar() {
        let one = DMatrix::identity(1, 1);
        let model = TwoCovariance { between: one.clone(), within: one };
        let Matrices { a, g } = matrices(&model).unwrap();
        assert!((1.0 + g[0] - 2.0 / 3.0).abs() < 1e-12, "F + G, with F = 1");
        assert!((g[0] + 1.0 / 3.0).abs() < 1e-12);
        assert!((a[0] + 1.0 / 6.0).abs() < 1e-12);
        let scorer = JointBayesian::new(vec![0.0], None, model, Simulation::MODEL).unwrap();
        let face = scorer.prepare(&[1.0]).unwrap();
        assert!((scorer.score(&face, &face) - 1.0 / 3.0).abs() < 1e-12, "2 A - 2 G");
    }

    /// Photos differ a lot along a few directions, which a cosine cannot know.
    #[test]
    fn beats_the_cosine_where_photos_of_a_person_differ_much() {
        let world = Simulation { dimension: 24, photos: 5, nuisance: 4.0, ..Simulation::default() };
        let training = Simulation { people: 150, ..world }.set(1);
        let (test, identities) = Simulation { people: 40, ..world }.faces(2);
        let plain = miss_rate(|a, b| f64::from(cosine(&test[a], &test[b])), &identities, 1e-2);
        for update in [EmUpdate::Mean, EmUpdate::Posterior] {
            for dimensions in [None, Some(20)] {
                let options = EmOptions { update, dimensions, ..EmOptions::default() };
                let scorer = JointBayesian::train(&training, &options).unwrap();
                let ready: Vec<_> = test.iter().map(|face| scorer.prepare(face).unwrap()).collect();
                let learned = miss_rate(|a, b| scorer.score(&ready[a], &ready[b]), &identities, 1e-2);
                assert!(learned < 0.5 * plain, "{options:?}: {learned}, cosine {plain}");
            }
        }
    }

    #[test]
    fn comes_back_from_a_file() {
        for dimensions in [None, Some(3)] {
            let options = EmOptions { dimensions, ..EmOptions::default() };
            let set = Simulation { dimension: 6, ..Simulation::default() }.set(5);
            let scorer = JointBayesian::train(&set, &options).unwrap();
            let bytes = scorer.to_parameters("joint-bayesian").to_bytes().unwrap();
            let parameters = Parameters::from_bytes(&bytes).unwrap();
            assert_eq!(JointBayesian::from_parameters(&parameters), Ok(scorer));
        }
    }

    #[test]
    fn bad_input_is_refused() {
        let set = Simulation { dimension: 6, ..Simulation::default() }.set(5);
        let train = |options| JointBayesian::train(&set, &options);
        let bad = |options| matches!(train(options), Err(Error::Setting { .. }));
        assert!(bad(EmOptions { shrinkage: 1.5, ..EmOptions::default() }));
        assert!(bad(EmOptions { dimensions: Some(7), ..EmOptions::default() }));
        let scorer = train(EmOptions::default()).unwrap();
        assert!(matches!(scorer.prepare(&[1.0, 0.0]), Err(Error::BadVector(_))));

        // Two people with two photos each cannot say how photos differ in six directions, unless helped.
        let few = Simulation { people: 2, photos: 2, dimension: 6, ..Simulation::default() }.set(1);
        let result = JointBayesian::train(&few, &EmOptions::default());
        assert!(matches!(result, Err(Error::Singular { .. })));
        let helped = EmOptions { shrinkage: 0.2, ..EmOptions::default() };
        assert!(JointBayesian::train(&few, &helped).is_ok());
        let single = Simulation { photos: 1, ..Simulation::default() }.set(1);
        assert!(matches!(JointBayesian::train(&single, &helped), Err(Error::Training(_))));
    }
}
