use fast_image_resize as fir;
use fir::images::{TypedCroppedImageMut, TypedImage, TypedImageRef};
use fir::pixels::U8x3;
use geometry::Rect;

use crate::Image;

mod enlarge;

/// The picture with another size.
///
/// Bilinear with pixel centres on a half-pixel grid: where it shrinks, the filter widens to cover every source pixel
/// (area-correct, no aliasing); where it enlarges, it equals OpenCV's `INTER_LINEAR` to one level. The two axes are
/// independent; the aspect ratio is the caller's business. Without pixels on either side the result is black.
pub fn resize(image: &Image, width: u32, height: u32) -> Image {
    resize_region(image, &whole(image), width, height)
}

/// How values between pixels are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interpolation {
    /// The nearest pixel.
    Nearest,
    /// Between two pixels along each axis.
    Bilinear,
    /// The mean of the source pixels whose centres an output pixel covers; where it enlarges, the nearest.
    Area,
    /// Cubic curves through four pixels along each axis (Catmull and Rom).
    Bicubic,
    /// Lanczos' window of six pixels along each axis.
    Lanczos,
}

impl Interpolation {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Nearest, Self::Bilinear, Self::Area, Self::Bicubic, Self::Lanczos];
}

/// The picture with another size, by an interpolation of choice, with the flaws that it has: unlike [`resize`], all
/// but [`Interpolation::Area`] skip pixels where they shrink, as the functions of many programs do. For pictures that
/// are to look as others made them.
pub fn resize_by(image: &Image, width: u32, height: u32, interpolation: Interpolation) -> Image {
    let algorithm = match interpolation {
        Interpolation::Nearest => fir::ResizeAlg::Nearest,
        Interpolation::Bilinear => fir::ResizeAlg::Interpolation(fir::FilterType::Bilinear),
        Interpolation::Area => fir::ResizeAlg::Convolution(fir::FilterType::Box),
        Interpolation::Bicubic => fir::ResizeAlg::Interpolation(fir::FilterType::CatmullRom),
        Interpolation::Lanczos => fir::ResizeAlg::Interpolation(fir::FilterType::Lanczos3),
    };
    let mut out = Image::new(width, height);
    if !image.is_empty() && !out.is_empty() {
        run_by(image, &whole(image), &mut out, (width, height), algorithm);
    }
    out
}

/// A part of the picture, resized; see [`resize`].
///
/// `region` counts from the left and top *edges* of the picture, 0..=width and 0..=height, fractions allowed, and is cut
/// to the picture. An empty or non-finite region gives a black picture.
pub fn resize_region(image: &Image, region: &Rect, width: u32, height: u32) -> Image {
    let mut out = Image::new(width, height);
    run(image, region, &mut out, width, height);
    out
}

/// Resizes the picture into the top-left `width` x `height` pixels of `canvas`; the rest of the canvas stays as it is.
///
/// This is the letterbox of a detector without a second copy. Sizes greater than the canvas are cut to it.
pub fn resize_into(image: &Image, canvas: &mut Image, width: u32, height: u32) {
    run(image, &whole(image), canvas, width, height);
}

fn whole(image: &Image) -> Rect {
    Rect::new(0.0, 0.0, image.width() as f32, image.height() as f32)
}

fn run(image: &Image, region: &Rect, canvas: &mut Image, width: u32, height: u32) {
    let (width, height) = (width.min(canvas.width()), height.min(canvas.height()));
    let part = region.clip(image.width() as f32, image.height() as f32);
    // NaN fails these comparisons too.
    let nonempty = part.x2 > part.x1 && part.y2 > part.y1;
    if !nonempty || width == 0 || height == 0 {
        return;
    }
    let grows = |from: u32, to: u32| (2..=to).contains(&from);
    if part == whole(image) && grows(image.width(), width) && grows(image.height(), height) {
        enlarge::enlarge(image, canvas, width, height);
        return;
    }
    let bilinear = fir::ResizeAlg::Convolution(fir::FilterType::Bilinear);
    run_by(image, &part, canvas, (width, height), bilinear);
}

/// Resizes a part of the picture, which is not empty, into the top-left pixels of `canvas`, which has as many.
fn run_by(
    image: &Image,
    part: &Rect,
    canvas: &mut Image,
    (width, height): (u32, u32),
    algorithm: fir::ResizeAlg,
) {
    let (canvas_width, canvas_height) = (canvas.width(), canvas.height());
    let done = (|| -> Option<()> {
        // Typed, since otherwise what resizes twelve other kinds of pixels is compiled too, which takes minutes.
        let source =
            TypedImageRef::<U8x3>::from_buffer(image.width(), image.height(), image.pixels()).ok()?;
        let target =
            TypedImage::<U8x3>::from_buffer(canvas_width, canvas_height, canvas.pixels_mut()).ok()?;
        let mut target = TypedCroppedImageMut::new(target, 0, 0, width, height).ok()?;
        let options = fir::ResizeOptions::new()
            .resize_alg(algorithm)
            .crop(part.x1.into(), part.y1.into(), part.width().into(), part.height().into())
            .use_alpha(false);
        fir::Resizer::new().resize_typed(&source, &mut target, &options).ok()
    })();
    debug_assert!(done.is_some(), "the sizes were checked above");
}
