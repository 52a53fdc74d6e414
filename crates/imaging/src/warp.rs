use geometry::{Point, Rect, Similarity};

use crate::{Image, resize_region};

mod projective;

pub use projective::warp_projective;

/// The picture seen through a similarity: `map` takes source positions to positions in the new `width` x `height` picture.
///
/// Every output pixel is sampled bilinearly at `map`'s inverse, pixel centres at integers, as `cv2.warpAffine` does (equal
/// to it within 2 levels: OpenCV rounds positions to 1/32 pixel). Outside the source is `border`; so is everything if
/// `map` has no inverse. Shrinking by more than 2 skips source pixels, also as OpenCV does: see [`warp_antialiased`].
pub fn warp(image: &Image, map: &Similarity, width: u32, height: u32, border: [u8; 3]) -> Image {
    let mut out = Image::new(width, height);
    warp_into(image, map, &mut out, border);
    out
}

/// [`warp`] into a picture that is there already, all of which is overwritten.
pub fn warp_into(image: &Image, map: &Similarity, out: &mut Image, border: [u8; 3]) {
    match Affine::inverse(map) {
        Some(inverse) => sample(image, &inverse, out, border),
        None => out.fill(border),
    }
}

/// [`warp`] that does not skip pixels when it shrinks.
///
/// If `map` shrinks by more than 2, the part of the source that is seen is first resized (area-correct) so far that a
/// factor of 2 is left for the warp; otherwise the result is that of [`warp`], to which it is continuous. Recognition
/// models trained on crops made by OpenCV have seen the aliased kind.
pub fn warp_antialiased(image: &Image, map: &Similarity, width: u32, height: u32, border: [u8; 3]) -> Image {
    let shrink = 2.0 * f64::from(map.scale());
    let Some(inverse) = map.inverse().filter(|_| shrink < 1.0) else {
        return warp(image, map, width, height, border);
    };
    // What the output can see, and as far around it as the filters reach.
    let (right, bottom) = (width as f32 - 0.5, height as f32 - 0.5);
    let corners = [(-0.5, -0.5), (right, -0.5), (-0.5, bottom), (right, bottom)];
    let margin = (2.0 / shrink) as f32;
    let seen = Rect::around(&corners.map(|(x, y)| inverse.apply(Point::new(x, y)))).map(|r| {
        Rect::new(
            (r.x1 - margin).floor(),
            (r.y1 - margin).floor(),
            (r.x2 + margin).ceil(),
            (r.y2 + margin).ceil(),
        )
        .clip(image.width() as f32, image.height() as f32)
    });
    let Some(part) = seen.filter(|r| r.area() > 0.0) else {
        return Image::filled(width, height, border);
    };
    let shrunk = |length: f32| (f64::from(length) * shrink).ceil().max(1.0);
    let (small_width, small_height) = (shrunk(part.width()), shrunk(part.height()));
    let small = resize_region(image, &part, small_width as u32, small_height as u32);
    let mut out = Image::new(width, height);
    if let Some(to_source) = Affine::inverse(map) {
        let sx = small_width / f64::from(part.width());
        let sy = small_height / f64::from(part.height());
        // Pixel centres: source x lies at (x + 0.5 - left) * sx - 0.5 in the small picture.
        let to_small = Affine {
            xx: to_source.xx * sx,
            xy: to_source.xy * sx,
            x0: (to_source.x0 + 0.5 - f64::from(part.x1)) * sx - 0.5,
            yx: to_source.yx * sy,
            yy: to_source.yy * sy,
            y0: (to_source.y0 + 0.5 - f64::from(part.y1)) * sy - 0.5,
        };
        sample(&small, &to_small, &mut out, border);
    }
    out
}

/// Output position (u, v) to source position: x = xx u + xy v + x0, y = yx u + yy v + y0.
struct Affine {
    xx: f64,
    xy: f64,
    x0: f64,
    yx: f64,
    yy: f64,
    y0: f64,
}

impl Affine {
    fn inverse(map: &Similarity) -> Option<Self> {
        let [a, b, tx, ty] = [map.a, map.b, map.tx, map.ty].map(f64::from);
        let det = a * a + b * b;
        let (ia, ib) = (a / det, -b / det);
        let inverse =
            Self { xx: ia, xy: -ib, x0: -(ia * tx - ib * ty), yx: ib, yy: ia, y0: -(ib * tx + ia * ty) };
        [inverse.xx, inverse.xy, inverse.x0, inverse.y0].iter().all(|v| v.is_finite()).then_some(inverse)
    }
}

/// Bits of the bilinear weights. Two of them and a byte fit into 32 bits.
const WEIGHT_BITS: u32 = 11;
/// Distance in pixels that the fast path keeps from the picture's edge, more than its rounding can add up to.
const GUARD: f64 = 1e-3;

fn sample(image: &Image, inverse: &Affine, out: &mut Image, border: [u8; 3]) {
    let width = out.width() as usize;
    for v in 0..out.height() {
        let x = inverse.xy * f64::from(v) + inverse.x0;
        let y = inverse.yy * f64::from(v) + inverse.y0;
        let in_x = inside(x, inverse.xx, image.width(), width);
        let in_y = inside(y, inverse.yx, image.height(), width);
        let first = in_x.0.max(in_y.0).min(width);
        let last = in_x.1.min(in_y.1).max(first);

        let (row, _) = out.row_mut(v).as_chunks_mut::<3>();
        let at = |u: usize| (x + inverse.xx * u as f64, y + inverse.yx * u as f64);
        for (u, pixel) in row[..first].iter_mut().enumerate() {
            *pixel = edge_pixel(image, at(u), border);
        }
        inner_pixels(image, at(first), (inverse.xx, inverse.yx), &mut row[first..last]);
        for (u, pixel) in row.iter_mut().enumerate().skip(last) {
            *pixel = edge_pixel(image, at(u), border);
        }
    }
}

/// The columns u in 0..count for which `start + step u` and its right neighbour lie inside 0..length.
fn inside(start: f64, step: f64, length: u32, count: usize) -> (usize, usize) {
    let (low, high) = (GUARD, f64::from(length) - 1.0 - GUARD);
    let (from, to) = if step > 0.0 {
        ((low - start) / step, (high - start) / step)
    } else if step < 0.0 {
        ((high - start) / step, (low - start) / step)
    } else if (low..high).contains(&start) {
        return (0, count);
    } else {
        return (0, 0);
    };
    // NaN becomes 0, and an end before the start is taken for nothing by the caller.
    let limit = count as f64;
    (from.ceil().clamp(0.0, limit) as usize, (to.floor() + 1.0).clamp(0.0, limit) as usize)
}

/// Pixels whose four neighbours all lie inside the picture.
fn inner_pixels(image: &Image, start: (f64, f64), step: (f64, f64), row: &mut [[u8; 3]]) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("sse4.1") {
        // SAFETY: the machine has the instructions.
        #[allow(unsafe_code)]
        unsafe {
            sse::inner_pixels(image, start, step, row);
        }
        return;
    }
    walk(image, start, step, row, blend_at);
}

/// Steps along a row in fixed point, 32 bits after the comma, and sets each pixel to `blend` of its neighbours: the picture's
/// bytes, the first of the top left one, the bytes from one row to the next, and the weights of right and bottom.
#[inline(always)]
fn walk(
    image: &Image,
    start: (f64, f64),
    step: (f64, f64),
    row: &mut [[u8; 3]],
    blend: impl Fn(&[u8], usize, usize, (u32, u32)) -> Option<[u8; 3]>,
) {
    const ONE: f64 = (1u64 << 32) as f64;
    const HALF_WEIGHT: i64 = 1 << (31 - WEIGHT_BITS);
    if row.is_empty() {
        return;
    }
    let stride = image.width() as usize * 3;
    let (mut x, mut y) = ((start.0 * ONE) as i64 + HALF_WEIGHT, (start.1 * ONE) as i64 + HALF_WEIGHT);
    let (dx, dy) = ((step.0 * ONE) as i64, (step.1 * ONE) as i64);
    let weight = |position: i64| (position as u32) >> (32 - WEIGHT_BITS);
    for out in row {
        let at = (y >> 32) as usize * stride + (x >> 32) as usize * 3;
        if let Some(pixel) = blend(image.pixels(), at, stride, (weight(x), weight(y))) {
            *out = pixel;
        }
        // Only the step after the last pixel can leave the range of the type.
        x = x.wrapping_add(dx);
        y = y.wrapping_add(dy);
    }
}

#[inline(always)]
fn blend_at(pixels: &[u8], at: usize, stride: usize, (wx, wy): (u32, u32)) -> Option<[u8; 3]> {
    let [top, bottom] = [at, at + stride].map(|at| pixels.get(at..).and_then(|rest| rest.first_chunk::<6>()));
    let (top, bottom) = (top?, bottom?);
    Some(std::array::from_fn(|c| {
        blend([top[c], top[c + 3], bottom[c], bottom[c + 3]].map(u32::from), wx, wy)
    }))
}

/// All three channels of a pixel at once, with the same bits.
#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code)]
mod sse {
    use std::arch::x86_64::*;

    use super::{Image, WEIGHT_BITS, blend_at, walk};

    #[target_feature(enable = "sse4.1")]
    pub(super) fn inner_pixels(image: &Image, start: (f64, f64), step: (f64, f64), row: &mut [[u8; 3]]) {
        walk(image, start, step, row, |pixels, at, stride, weights| {
            let [top, bottom] =
                [at, at + stride].map(|at| pixels.get(at..).and_then(|rest| rest.first_chunk::<8>()));
            match (top, bottom) {
                (Some(top), Some(bottom)) => Some(blend(top, bottom, weights)),
                // The last pixels of the picture.
                _ => blend_at(pixels, at, stride, weights),
            }
        });
    }

    #[target_feature(enable = "sse4.1")]
    fn blend(top: &[u8; 8], bottom: &[u8; 8], (wx, wy): (u32, u32)) -> [u8; 3] {
        const ONE: i32 = 1 << WEIGHT_BITS;
        let (wx, wy) = (wx as i32, wy as i32);
        // Left and right neighbour of red, of green and of blue, 16 bits each.
        let pairs = _mm_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1);
        let across = _mm_set1_epi32((wx << 16) | (ONE - wx));
        let [top, bottom] = [top, bottom].map(|neighbours| {
            let neighbours = _mm_shuffle_epi8(_mm_cvtsi64_si128(i64::from_le_bytes(*neighbours)), pairs);
            _mm_madd_epi16(neighbours, across)
        });
        let sum = _mm_add_epi32(
            _mm_mullo_epi32(top, _mm_set1_epi32(ONE - wy)),
            _mm_mullo_epi32(bottom, _mm_set1_epi32(wy)),
        );
        let rounded = _mm_add_epi32(sum, _mm_set1_epi32(1 << (2 * WEIGHT_BITS - 1)));
        let values = _mm_srli_epi32::<{ 2 * WEIGHT_BITS as i32 }>(rounded);
        let bytes = _mm_shuffle_epi8(
            values,
            _mm_setr_epi8(0, 4, 8, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1),
        );
        let [red, green, blue, _] = _mm_cvtsi128_si32(bytes).to_le_bytes();
        [red, green, blue]
    }
}

fn blend([a, b, c, d]: [u32; 4], wx: u32, wy: u32) -> u8 {
    const ONE: u32 = 1 << WEIGHT_BITS;
    let top = a * (ONE - wx) + b * wx;
    let bottom = c * (ONE - wx) + d * wx;
    ((top * (ONE - wy) + bottom * wy + (1 << (2 * WEIGHT_BITS - 1))) >> (2 * WEIGHT_BITS)) as u8
}

/// One pixel with some or all of its neighbours outside, which count as `border`.
fn edge_pixel(image: &Image, (x, y): (f64, f64), border: [u8; 3]) -> [u8; 3] {
    let (width, height) = (f64::from(image.width()), f64::from(image.height()));
    // NaN is outside too.
    if !(x > -1.0 && y > -1.0 && x < width && y < height) {
        return border;
    }
    const ONE: f64 = (1u32 << WEIGHT_BITS) as f64;
    let (left, top) = (x.floor(), y.floor());
    let (wx, wy) = (((x - left) * ONE).round() as u32, ((y - top) * ONE).round() as u32);
    let at = |dx: f64, dy: f64| {
        let (x, y) = (left + dx, top + dy);
        if x >= 0.0 && y >= 0.0 && x < width && y < height { image.pixel(x as u32, y as u32) } else { border }
    };
    let corners = [at(0.0, 0.0), at(1.0, 0.0), at(0.0, 1.0), at(1.0, 1.0)];
    std::array::from_fn(|c| blend(corners.map(|p| u32::from(p[c])), wx, wy))
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn vectors_and_plain_code_give_the_same_bits(
            (width, height, seed) in (2u32..30, 2u32..30, any::<u32>()),
            (x, y) in (0.0f64..1.0, 0.0f64..1.0),
            (dx, dy) in (-1.0f64..1.0, -1.0f64..1.0),
        ) {
            let byte = |i: u32| ((i ^ seed).wrapping_mul(0x9e37_79b1) >> 13) as u8;
            let image =
                Image::from_rgb(width, height, (0..width * height * 3).map(byte).collect()).unwrap();
            let start = (x * f64::from(width - 1), y * f64::from(height - 1));
            // As many pixels as stay inside.
            let stays = |u: usize| {
                let inside = |at: f64, length: u32| (GUARD..=f64::from(length) - 1.0 - GUARD).contains(&at);
                inside(start.0 + dx * u as f64, width) && inside(start.1 + dy * u as f64, height)
            };
            let count = (0..200).take_while(|u| stays(*u)).count();
            let (mut fast, mut plain) = (vec![[0; 3]; count], vec![[0; 3]; count]);
            inner_pixels(&image, start, (dx, dy), &mut fast);
            walk(&image, start, (dx, dy), &mut plain, blend_at);
            prop_assert_eq!(fast, plain);
        }
    }
}
