use fast_image_resize as fir;
use fir::images::{CroppedImageMut, Image as Target, ImageRef};
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
    let (canvas_width, canvas_height) = (canvas.width(), canvas.height());
    let done = (|| -> Option<()> {
        let source =
            ImageRef::new(image.width(), image.height(), image.pixels(), fir::PixelType::U8x3).ok()?;
        let mut target =
            Target::from_slice_u8(canvas_width, canvas_height, canvas.pixels_mut(), fir::PixelType::U8x3)
                .ok()?;
        let mut target = CroppedImageMut::new(&mut target, 0, 0, width, height).ok()?;
        let options = fir::ResizeOptions::new()
            .resize_alg(fir::ResizeAlg::Convolution(fir::FilterType::Bilinear))
            .crop(part.x1.into(), part.y1.into(), part.width().into(), part.height().into())
            .use_alpha(false);
        fir::Resizer::new().resize(&source, &mut target, &options).ok()
    })();
    debug_assert!(done.is_some(), "the sizes were checked above");
}
