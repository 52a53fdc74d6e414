//! What a network wants to see, and the way from pixels to its tensor.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Exact pre-processing of a model's single image input.
///
/// A channel value `x` in 0..=255 becomes `(x - mean) / std`; mean and std are in the same 0..255 units and in the
/// order of [`Input::color`]. ImageNet's published 0.485 / 0.229 is therefore written 123.675 / 58.395.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Width and height in pixels.
    pub size: Size,
    /// Order of the three channels in the tensor.
    pub color: Color,
    /// Subtracted per channel, 0..255 units.
    pub mean: [f32; 3],
    /// Divides per channel after the mean is subtracted; finite and not 0.
    pub std: [f32; 3],
    /// Order of the tensor's axes.
    pub layout: Layout,
    /// How many pictures one call may hold.
    pub batch: Batch,
}

/// Which picture sizes the network accepts, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// This size only.
    Fixed {
        /// Columns, 1..=4096.
        width: u32,
        /// Rows, 1..=4096.
        height: u32,
    },
    /// Any size whose sides are multiples of a number.
    Dynamic {
        /// 1..=1024; 1 accepts every side.
        multiple_of: u32,
    },
}

/// Order of the colour channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Color {
    /// Red first.
    Rgb,
    /// Blue first, as OpenCV decodes.
    Bgr,
}

/// Order of the tensor's axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// Batch, channel, row, column: one plane per channel.
    Nchw,
    /// Batch, row, column, channel: interleaved.
    Nhwc,
}

/// How many pictures fit in one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Batch {
    /// One: the file fixes the batch axis at 1, or nobody has checked that it is free.
    One,
    /// Any number.
    Dynamic,
}

impl Input {
    /// Width and height where the model fixes them.
    pub fn fixed_size(&self) -> Option<(u32, u32)> {
        match self.size {
            Size::Fixed { width, height } => Some((width, height)),
            Size::Dynamic { .. } => None,
        }
    }

    /// Whether a picture of this size, in pixels, can be fed without resizing.
    pub fn accepts(&self, width: u32, height: u32) -> bool {
        match self.size {
            Size::Fixed { width: w, height: h } => (w, h) == (width, height),
            Size::Dynamic { multiple_of: m } => {
                width > 0 && height > 0 && width.is_multiple_of(m) && height.is_multiple_of(m)
            }
        }
    }

    /// Shape of the tensor for `batch` pictures of this size, in the order of [`Input::layout`].
    pub fn shape(&self, batch: usize, width: u32, height: u32) -> [usize; 4] {
        let (width, height) = (width as usize, height as usize);
        match self.layout {
            Layout::Nchw => [batch, 3, height, width],
            Layout::Nhwc => [batch, height, width, 3],
        }
    }

    /// Turns one RGB8 picture into the network's input values.
    ///
    /// `rgb` is row-major and interleaved, red first, `width * height * 3` bytes. The result has one value per byte,
    /// in the manifest's colour order and layout, and the shape [`Input::shape`]`(1, width, height)`. The division by
    /// std is a product with its reciprocal, in `f32`.
    ///
    /// # Panics
    /// If `rgb` does not have `width * height * 3` bytes.
    pub fn prepare(&self, rgb: &[u8], width: u32, height: u32) -> Vec<f32> {
        assert_eq!(
            rgb.len() as u64,
            u64::from(width) * u64::from(height) * 3,
            "bytes of a {width}x{height} picture"
        );
        let mut tensor = vec![0.0; rgb.len()];
        self.prepare_into(rgb, &mut tensor);
        tensor
    }

    /// [`Input::prepare`] into a buffer that the caller keeps, for example one picture's part of a batch.
    ///
    /// # Panics
    /// If the lengths differ or are not a multiple of 3.
    pub fn prepare_into(&self, rgb: &[u8], tensor: &mut [f32]) {
        assert_eq!(rgb.len(), tensor.len(), "one tensor value per byte");
        assert!(rgb.len().is_multiple_of(3), "three bytes per pixel");
        let pixels = rgb.len() / 3;
        let scale = self.std.map(|std| 1.0 / std);
        // Which of the tensor's channels is red, green and blue.
        let channels = match self.color {
            Color::Rgb => [0, 1, 2],
            Color::Bgr => [2, 1, 0],
        };
        let norms = channels.map(|channel| (self.mean[channel], scale[channel]));
        match self.layout {
            Layout::Nchw => {
                let (first, rest) = tensor.split_at_mut(pixels);
                let (second, third) = rest.split_at_mut(pixels);
                let planes = match self.color {
                    Color::Rgb => [first, second, third],
                    Color::Bgr => [third, second, first],
                };
                split(rgb, planes, norms);
            }
            Layout::Nhwc => {
                for (values, pixel) in tensor.chunks_exact_mut(3).zip(rgb.chunks_exact(3)) {
                    for (color, (mean, scale)) in norms.into_iter().enumerate() {
                        values[channels[color]] = (f32::from(pixel[color]) - mean) * scale;
                    }
                }
            }
        }
    }
}

/// Writes the red, green and blue values of interleaved pixels to a plane each, less a mean and times a scale.
fn split(rgb: &[u8], planes: [&mut [f32]; 3], norms: [(f32, f32); 3]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        /// The compiler turns the loop into vectors where bytes can be shuffled: four times as fast.
        #[target_feature(enable = "avx2")]
        fn wide(rgb: &[u8], planes: [&mut [f32]; 3], norms: [(f32, f32); 3]) {
            split_pixels(rgb, planes, norms);
        }
        // SAFETY: the machine has the instructions.
        #[allow(unsafe_code)]
        unsafe {
            wide(rgb, planes, norms);
        }
        return;
    }
    split_pixels(rgb, planes, norms);
}

#[inline(always)]
fn split_pixels(rgb: &[u8], [red, green, blue]: [&mut [f32]; 3], [r, g, b]: [(f32, f32); 3]) {
    let planes = red.iter_mut().zip(green).zip(blue);
    for (((red, green), blue), pixel) in planes.zip(rgb.as_chunks::<3>().0) {
        let values = pixel.map(f32::from);
        *red = (values[0] - r.0) * r.1;
        *green = (values[1] - g.0) * g.1;
        *blue = (values[2] - b.0) * b.1;
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed { width, height } => write!(f, "{width}x{height}"),
            Self::Dynamic { multiple_of } => write!(f, "any multiple of {multiple_of}"),
        }
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rgb => "rgb",
            Self::Bgr => "bgr",
        })
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Nchw => "nchw",
            Self::Nhwc => "nhwc",
        })
    }
}

impl fmt::Display for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::One => "one",
            Self::Dynamic => "dynamic",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(color: Color, layout: Layout) -> Input {
        let (mean, std) = ([1.0, 2.0, 3.0], [2.0, 4.0, 8.0]);
        let size = Size::Fixed { width: 2, height: 1 };
        Input { size, color, mean, std, layout, batch: Batch::One }
    }

    #[test]
    fn prepares_every_colour_order_and_layout() {
        // Two pixels: (11, 22, 33) and (1, 2, 3). Mean and std follow the tensor's order, not the picture's.
        let picture = [11, 22, 33, 1, 2, 3];
        let cases: [(Color, Layout, [f32; 6]); 4] = [
            (Color::Rgb, Layout::Nchw, [5.0, 0.0, 5.0, 0.0, 3.75, 0.0]),
            (Color::Rgb, Layout::Nhwc, [5.0, 5.0, 3.75, 0.0, 0.0, 0.0]),
            (Color::Bgr, Layout::Nchw, [16.0, 1.0, 5.0, 0.0, 1.0, -0.25]),
            (Color::Bgr, Layout::Nhwc, [16.0, 5.0, 1.0, 1.0, 0.0, -0.25]),
        ];
        for (color, layout, expected) in cases {
            assert_eq!(input(color, layout).prepare(&picture, 2, 1), expected, "{color} {layout}");
        }
    }

    #[test]
    fn agrees_with_division_on_every_byte() {
        let imagenet = Input {
            mean: [123.675, 116.28, 103.53],
            std: [58.395, 57.12, 57.375],
            ..input(Color::Rgb, Layout::Nchw)
        };
        let picture: Vec<u8> = (0..=255).flat_map(|x| [x, x, x]).collect();
        let tensor = imagenet.prepare(&picture, 256, 1);
        let (means, stds) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
        for (at, value) in tensor.iter().enumerate() {
            let (channel, x) = (at / 256, at % 256);
            let expected = (x as f64 / 255.0 - means[channel]) / stds[channel];
            assert!(
                (f64::from(*value) - expected).abs() < 2e-6,
                "channel {channel}, {x}: {value}, {expected}"
            );
        }
    }

    #[test]
    fn shapes_and_sizes() {
        let fixed = input(Color::Rgb, Layout::Nchw);
        assert_eq!(fixed.shape(4, 2, 1), [4, 3, 1, 2]);
        assert_eq!(input(Color::Rgb, Layout::Nhwc).shape(4, 2, 1), [4, 1, 2, 3]);
        assert_eq!(fixed.fixed_size(), Some((2, 1)));
        assert!(fixed.accepts(2, 1) && !fixed.accepts(1, 2));
        let dynamic = Input { size: Size::Dynamic { multiple_of: 32 }, ..fixed };
        assert!(dynamic.accepts(320, 640) && !dynamic.accepts(320, 330) && !dynamic.accepts(0, 32));
        assert_eq!(dynamic.fixed_size(), None);
    }

    #[test]
    fn an_empty_picture_is_an_empty_tensor() {
        assert!(input(Color::Bgr, Layout::Nchw).prepare(&[], 0, 7).is_empty());
    }
}
