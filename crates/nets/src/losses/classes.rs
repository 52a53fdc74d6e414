//! The class matrix: a vector, or several, for each class.

use burn::module::{Module, Param};
use burn::nn::Initializer;
use burn::tensor::{Device, Distribution, Int, Tensor};
use serde::{Deserialize, Serialize};

use super::cosines::unit;
use super::precision::in_f32;

/// How a class matrix begins. All that matters after normalisation is how long the vectors are: short ones
/// turn faster.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Initialization {
    /// Normal with a deviation of 0.01: ArcFace, PartialFC, CurricularFace, ElasticFace.
    #[default]
    Normal,
    /// Uniform from -1 to 1, then scaled to unit length: MagFace, AdaFace.
    Unit,
    /// Xavier's, normal: SphereFace and its successors.
    Xavier,
}

/// `[C K, d]`: `K` centres for each of `C` classes, those of a class next to each other.
#[derive(Module, Debug)]
pub struct ClassMatrix {
    /// The vectors, not normalised.
    pub weight: Param<Tensor<2>>,
    /// Centres of a class: 1, except for sub-centre ArcFace.
    pub centers: usize,
}

impl ClassMatrix {
    /// Drawn with the device's random numbers: seed the device for the same matrix again.
    pub(super) fn new(
        classes: usize,
        centers: usize,
        dimension: usize,
        initialization: Initialization,
        device: &Device,
    ) -> Self {
        let shape = [classes * centers, dimension];
        let draw = |how: Initializer| how.init_with(shape, Some(dimension), Some(classes), device);
        let weight = match initialization {
            Initialization::Normal => draw(Initializer::Normal { mean: 0.0, std: 0.01 }),
            Initialization::Xavier => draw(Initializer::XavierNormal { gain: 1.0 }),
            Initialization::Unit => {
                let drawn = Tensor::random(shape, Distribution::Uniform(-1.0, 1.0), device);
                Param::from_tensor(unit(drawn))
            }
        };
        Self { weight, centers }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.weight.dims()[0] / self.centers
    }

    /// All vectors, in the precision in which losses are computed.
    pub(super) fn all(&self) -> Tensor<2> {
        in_f32(self.weight.val())
    }

    /// The vectors of some classes, in the order of `classes`; the others take no part in the gradient.
    pub(super) fn some(&self, classes: Tensor<1, Int>) -> Tensor<2> {
        let [rows, dimension] = self.weight.dims();
        let [selected] = classes.dims();
        self.all()
            .reshape([rows / self.centers, self.centers * dimension])
            .select(0, classes)
            .reshape([selected * self.centers, dimension])
    }
}
