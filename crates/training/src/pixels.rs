//! From pictures to what a network is given.

use burn::tensor::{Device, Tensor, TensorData};
use imaging::Image;
use model::{Color, Input, Layout, Size};
use nets::backbones::Shape;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// The section `[pixels]` of a recipe: `(value - mean) / deviation` of values from 0 to 255. The model that comes of a run
/// says the same of itself, so nobody can give it something else.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pixels {
    /// Order of the colours.
    pub color: Color,
    /// Subtracted.
    pub mean: f32,
    /// Divided by after that.
    pub deviation: f32,
}

impl Default for Pixels {
    /// From -1 to 1, red first.
    fn default() -> Self {
        Self { color: Color::Rgb, mean: 127.5, deviation: 127.5 }
    }
}

impl Pixels {
    /// Whether there are such pixels.
    ///
    /// # Errors
    /// Which field is out of its range, in words.
    pub fn check(&self) -> Result<(), String> {
        if !(0.0..=255.0).contains(&self.mean) {
            return Err("mean must be from 0 to 255".to_owned());
        }
        if !(self.deviation >= 0.1 && self.deviation <= 1000.0) {
            return Err("deviation must be from 0.1 to 1000".to_owned());
        }
        Ok(())
    }

    /// What a model's manifest says of its input.
    pub fn input(&self, shape: Shape) -> Input {
        Input {
            size: Size::Fixed { width: shape.width as u32, height: shape.height as u32 },
            color: self.color,
            mean: [self.mean; 3],
            std: [self.deviation; 3],
            layout: Layout::Nchw,
            batch: model::Batch::Dynamic,
        }
    }

    /// `[N, 3, H, W]` of pictures of one size.
    pub fn tensor(&self, images: &[Image], device: &Device) -> Tensor<4> {
        let (values, shape) = self.values(images);
        Tensor::from_data(TensorData::new(values, shape), device)
    }

    /// The values of pictures of one size, and their shape `[N, 3, H, W]`.
    pub(crate) fn values(&self, images: &[Image]) -> (Vec<f32>, [usize; 4]) {
        let [width, height] = images.first().map_or([0, 0], |image| [image.width(), image.height()]);
        let input = self.input(Shape { channels: 3, height: height as usize, width: width as usize });
        let values = 3 * (width * height) as usize;
        let mut tensor = vec![0.0; images.len() * values];
        tensor.par_chunks_exact_mut(values.max(1)).zip(images.par_iter()).for_each(|(tensor, image)| {
            input.prepare_into(image.pixels(), tensor);
        });
        (tensor, input.shape(images.len(), width, height))
    }
}
