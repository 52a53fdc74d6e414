//! Moving and stretching the space of a model, so that the cosine looks at what tells people apart.

use model::Fingerprint;
use nalgebra::DMatrix;

use crate::linear::{centred, check_share, check_unit, eigen, inverse_root, project, shrunk, to_unit};
use crate::parameters::Parameters;
use crate::{Error, TrainingSet};

/// What a [`Whitening`] does to a vector `x` before it is normalised again; `m` is the mean of the training set.
///
/// A `shrinkage` of 0..=1 pulls the eigenvalues of a covariance towards their mean: 0 trusts the training set, 1
/// leaves nothing but the centring. With fewer vectors than a few times the dimension it has to be well above 0.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum WhiteningMethod {
    /// `x - m`: takes out what all faces of a camera or a population have in common. Needs no identities.
    Centre,
    /// `C^(-1/2) (x - m)` with the covariance `C` of all vectors (ZCA). Needs no identities; it also amplifies what
    /// varies little, noise included.
    Zca {
        /// 0..=1.
        shrinkage: f64,
    },
    /// The first principal components of `x - m`, at their own scale. Needs no identities.
    Pca {
        /// How many; 1..=dimension.
        dimensions: usize,
    },
    /// `W^(-1/2) (x - m)` with the covariance `W` within identities: directions in which the photos of a person
    /// differ count less (within-class covariance normalisation, Hatch et al. 2006).
    Wccn {
        /// 0..=1.
        shrinkage: f64,
    },
    /// The eigenvectors of `(W + ridge I)^-1 B` with the largest ratio of the covariance `B` between identities to
    /// that within, scaled to unit covariance within (Fisher's discriminants).
    Lda {
        /// How many; at least 1, at most the dimension and one less than the identities.
        dimensions: usize,
        /// Added to the diagonal of `W`; 0 or more, 1e-3 is usual for unit vectors.
        ridge: f64,
    },
}

impl WhiteningMethod {
    fn name(self) -> &'static str {
        match self {
            Self::Centre => "centre",
            Self::Zca { .. } => "zca",
            Self::Pca { .. } => "pca",
            Self::Wccn { .. } => "wccn",
            Self::Lda { .. } => "lda",
        }
    }
}

/// A trained change of the space: `x -> normalise(P (x - m))`. Cosines of changed vectors are compared as ever, at a
/// threshold of their own.
///
/// The mean belongs to a camera and a population, the projection to the model: [`Whitening::recentred`] keeps the
/// second and takes the first from elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Whitening {
    name: String,
    mean: Vec<f64>,
    /// `None` is the identity.
    projection: Option<DMatrix<f64>>,
    fingerprint: Fingerprint,
}

impl Whitening {
    /// Learns it from vectors; for WCCN and LDA some identities need several.
    ///
    /// # Errors
    /// [`Error::Setting`] for a setting out of its range, [`Error::Training`] where identities are missing,
    /// [`Error::Singular`] for a covariance that cannot be inverted.
    pub fn train(set: &TrainingSet, method: WhiteningMethod) -> Result<Self, Error> {
        let (mean, dimension) = (set.mean(), set.dimension());
        let moments = || set.moments(dimension, |vector| centred(vector, &mean));
        let projection = match method {
            WhiteningMethod::Centre => None,
            WhiteningMethod::Zca { shrinkage } => {
                check_share("shrinkage", shrinkage)?;
                Some(inverse_root(shrunk(&moments().total(), shrinkage), "of all vectors")?)
            }
            WhiteningMethod::Pca { dimensions } => {
                check_dimensions(dimensions, dimension)?;
                Some(principal(moments().total(), dimensions)?)
            }
            WhiteningMethod::Wccn { shrinkage } => {
                check_share("shrinkage", shrinkage)?;
                let moments = moments();
                moments.check_people()?;
                Some(inverse_root(shrunk(&moments.within(), shrinkage), "within identities")?)
            }
            WhiteningMethod::Lda { dimensions, ridge } => {
                let moments = moments();
                moments.check_people()?;
                check_dimensions(dimensions, dimension.min(set.identities() - 1))?;
                if !(ridge.is_finite() && ridge >= 0.0) {
                    return Err(Error::Setting {
                        name: "ridge",
                        value: ridge,
                        allowed: "a number of 0 or more",
                    });
                }
                let within = moments.within() + DMatrix::identity(dimension, dimension) * ridge;
                let root = inverse_root(within, "within identities")?;
                Some(principal(&root * moments.between() * &root, dimensions)? * root)
            }
        };
        Ok(Self { name: method.name().to_owned(), mean, projection, fingerprint: set.fingerprint() })
    }

    /// The same projection about the mean of other vectors: those of the camera or population to be recognised. Both
    /// sides of a comparison may have a mean of their own, such as passport photos against a gate's camera.
    ///
    /// # Errors
    /// [`Error::DifferentModels`] and [`Error::DifferentLengths`] for vectors of another space.
    pub fn recentred(&self, set: &TrainingSet) -> Result<Self, Error> {
        if set.fingerprint() != self.fingerprint {
            return Err(Error::DifferentModels { left: self.fingerprint, right: set.fingerprint() });
        }
        if set.dimension() != self.mean.len() {
            return Err(Error::DifferentLengths { left: self.mean.len(), right: set.dimension() });
        }
        Ok(Self { mean: set.mean(), ..self.clone() })
    }

    /// The changed vector, of unit length and perhaps fewer values.
    ///
    /// # Errors
    /// [`Error::BadVector`] for a vector of another length or not of unit length, and for the one that is the mean.
    pub fn apply(&self, vector: &[f32]) -> Result<Vec<f32>, Error> {
        check_unit(vector, self.mean.len()).map_err(Error::BadVector)?;
        let centred = centred(vector, &self.mean);
        let changed = match &self.projection {
            None => centred,
            Some(projection) => project(projection, &centred),
        };
        let unit = to_unit(changed).ok_or_else(|| {
            Error::BadVector("nothing is left of it after whitening: it is the mean".to_owned())
        })?;
        Ok(unit.into_iter().map(|value| value as f32).collect())
    }

    /// The model whose vectors it takes.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// `centre`, `zca`, `pca`, `wccn` or `lda`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many values a changed vector has.
    pub fn dimension(&self) -> usize {
        self.projection.as_ref().map_or(self.mean.len(), DMatrix::nrows)
    }

    pub(crate) fn to_parameters(&self) -> Parameters {
        Parameters::new(&self.name, self.fingerprint)
            .with_row("mean", &self.mean)
            .with_matrix_if_any("projection", self.projection.as_ref())
    }

    pub(crate) fn from_parameters(parameters: &Parameters) -> Result<Self, String> {
        let mean = parameters.row("mean")?;
        let projection = parameters.matrix_if_any("projection", mean.len())?;
        if projection.is_none() != (parameters.kind == "centre") {
            return Err(format!("its projection does not fit its kind {}", parameters.kind));
        }
        Ok(Self { name: parameters.kind.clone(), mean, projection, fingerprint: parameters.fingerprint })
    }
}

/// Rows that project on the largest principal components of a covariance.
pub(crate) fn principal(covariance: DMatrix<f64>, dimensions: usize) -> Result<DMatrix<f64>, Error> {
    let (_, vectors) = eigen(covariance, "of all vectors")?;
    Ok(vectors.columns(0, dimensions).transpose())
}

pub(crate) fn check_dimensions(dimensions: usize, most: usize) -> Result<(), Error> {
    if (1..=most).contains(&dimensions) {
        return Ok(());
    }
    Err(Error::Setting {
        name: "the number of dimensions",
        value: dimensions as f64,
        allowed: "at least 1, at most the model's dimension, and for LDA less than the number of identities",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cosine;
    use crate::simulation::Simulation;

    const ALL: [WhiteningMethod; 5] = [
        WhiteningMethod::Centre,
        WhiteningMethod::Zca { shrinkage: 0.1 },
        WhiteningMethod::Pca { dimensions: 5 },
        WhiteningMethod::Wccn { shrinkage: 0.1 },
        WhiteningMethod::Lda { dimensions: 4, ridge: 1e-3 },
    ];

    fn set() -> TrainingSet {
        Simulation { people: 40, photos: 4, dimension: 6, offset: 1.0, ..Simulation::default() }.set(1)
    }

    /// Covariance after the change, without the normalisation that follows it.
    fn covariance(whitening: &Whitening, set: &TrainingSet, within: bool) -> DMatrix<f64> {
        let projection = whitening.projection.as_ref().unwrap();
        let moments =
            set.moments(projection.nrows(), |vector| project(projection, &centred(vector, &whitening.mean)));
        if within { moments.within() } else { moments.total() }
    }

    #[test]
    fn what_is_whitened_is_white() {
        let set = set();
        let train = |method| Whitening::train(&set, method).unwrap();
        let zca = train(WhiteningMethod::Zca { shrinkage: 0.0 });
        assert!((covariance(&zca, &set, false) - DMatrix::identity(6, 6)).norm() < 1e-8);
        let wccn = train(WhiteningMethod::Wccn { shrinkage: 0.0 });
        assert!((covariance(&wccn, &set, true) - DMatrix::identity(6, 6)).norm() < 1e-8);
        let lda = train(WhiteningMethod::Lda { dimensions: 3, ridge: 0.0 });
        assert!((covariance(&lda, &set, true) - DMatrix::identity(3, 3)).norm() < 1e-8);
        let pca = covariance(&train(WhiteningMethod::Pca { dimensions: 3 }), &set, false);
        assert!(pca[(0, 0)] >= pca[(1, 1)] && pca[(0, 1)].abs() < 1e-10);
    }

    #[test]
    fn all_of_the_shrinkage_leaves_the_centring() {
        let set = set();
        let centre = Whitening::train(&set, WhiteningMethod::Centre).unwrap();
        for method in [WhiteningMethod::Zca { shrinkage: 1.0 }, WhiteningMethod::Wccn { shrinkage: 1.0 }] {
            let whitening = Whitening::train(&set, method).unwrap();
            for vector in set.vectors() {
                let (a, b) = (centre.apply(vector).unwrap(), whitening.apply(vector).unwrap());
                assert!(cosine(&a, &b) > 0.999_999);
            }
        }
    }

    /// Two cameras add different offsets. Centring each by its own mean brings the faces together again.
    #[test]
    fn centring_by_camera_undoes_an_offset() {
        let faces = Simulation { people: 60, photos: 1, dimension: 16, ..Simulation::default() };
        let (gate, passport) = (Simulation { offset: 2.0, ..faces }.set(7), faces.set(7));
        let centre = Whitening::train(&passport, WhiteningMethod::Centre).unwrap();
        let other = centre.recentred(&gate).unwrap();
        let same_face = |a: &Whitening, b: &Whitening| -> f64 {
            let pairs = passport.vectors().zip(gate.vectors());
            let scores = pairs.map(|(x, y)| f64::from(cosine(&a.apply(x).unwrap(), &b.apply(y).unwrap())));
            scores.sum::<f64>() / 60.0
        };
        let (without, with) = (same_face(&centre, &centre), same_face(&centre, &other));
        assert!(with > 0.9 && without < 0.6, "{without} {with}");
    }

    #[test]
    fn comes_back_from_a_file() {
        for method in ALL {
            let whitening = Whitening::train(&set(), method).unwrap();
            let bytes = whitening.to_parameters().to_bytes().unwrap();
            assert_eq!(Whitening::from_parameters(&Parameters::from_bytes(&bytes).unwrap()), Ok(whitening));
        }
    }

    #[test]
    fn bad_input_is_refused() {
        let set = set();
        for bad in [
            WhiteningMethod::Zca { shrinkage: -0.1 },
            WhiteningMethod::Wccn { shrinkage: f64::NAN },
            WhiteningMethod::Pca { dimensions: 0 },
            WhiteningMethod::Pca { dimensions: 7 },
            WhiteningMethod::Lda { dimensions: 7, ridge: 1e-3 },
            WhiteningMethod::Lda { dimensions: 2, ridge: -1.0 },
        ] {
            assert!(matches!(Whitening::train(&set, bad), Err(Error::Setting { .. })), "{bad:?}");
        }
        let one_photo_each = TrainingSet::unlabelled(&[[1.0, 0.0], [0.0, 1.0]], set.fingerprint()).unwrap();
        let wccn = WhiteningMethod::Wccn { shrinkage: 0.5 };
        assert!(matches!(Whitening::train(&one_photo_each, wccn), Err(Error::Training(_))));
        let zca = WhiteningMethod::Zca { shrinkage: 0.0 };
        assert!(matches!(Whitening::train(&one_photo_each, zca), Err(Error::Singular { .. })));

        let centre = Whitening::train(&one_photo_each, WhiteningMethod::Centre).unwrap();
        assert!(centre.recentred(&set).is_err());
        for bad in [vec![1.0], vec![2.0, 0.0], vec![f32::NAN, 0.0]] {
            assert!(matches!(centre.apply(&bad), Err(Error::BadVector(_))));
        }
        let at_the_mean = TrainingSet::unlabelled(&[[1.0, 0.0], [1.0, 0.0]], set.fingerprint()).unwrap();
        let centre = Whitening::train(&at_the_mean, WhiteningMethod::Centre).unwrap();
        assert!(centre.apply(&[1.0, 0.0]).unwrap_err().to_string().contains("the mean"));
    }
}
