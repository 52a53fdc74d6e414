//! Bilinear enlargement, which is what a detector does to every small photo: several times as fast as the general
//! resize, which computes and stores a filter for every column and row.
//!
//! Each source row is stretched once, into values with 7 bits after the comma; each output row blends two of them. The
//! columns are stretched five pixels at a time where the machine can shuffle bytes; otherwise one by one, with the
//! same bits.

#![allow(unsafe_code)] // Instructions that not every machine has, behind a check.

use crate::Image;

/// Bits after the comma of stretched values; a byte and these fill 15 bits.
const FRACTION: u32 = 7;

/// Resizes the picture into the top-left `width` x `height` pixels of `canvas`, which has at least as many.
///
/// The result is within one level of the exact blend of the four neighbours.
///
/// # Panics
/// If a side of the picture is below 2 or above that of the result.
pub(super) fn enlarge(image: &Image, canvas: &mut Image, width: u32, height: u32) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") {
        // SAFETY: the machine has the instructions.
        unsafe { avx2::enlarge(image, canvas, width, height) };
        return;
    }
    blend_rows(image, canvas, &Axis::new(image.width(), width), height, stretch);
}

/// For every output position along an axis, its left neighbour in the source and the weight of the right one.
struct Axis {
    left: Vec<usize>,
    /// 0..=32767 for 0..1.
    weight: Vec<i16>,
}

impl Axis {
    fn new(from: u32, to: u32) -> Self {
        assert!((2..=to).contains(&from), "from {from} to {to} pixels is no enlargement");
        let step = f64::from(from) / f64::from(to);
        let (left, weight) = (0..to)
            .map(|at| {
                let position = ((f64::from(at) + 0.5) * step - 0.5).clamp(0.0, f64::from(from - 1));
                let left = position.floor().min(f64::from(from - 2));
                (left as usize, ((position - left) * 32768.0).round().min(32767.0) as i16)
            })
            .unzip();
        Self { left, weight }
    }
}

/// What a vector may read or write beyond the end of a row.
const PADDING: usize = 32;

/// Makes every output row from the two stretched source rows around it.
#[inline(always)]
fn blend_rows(
    image: &Image,
    canvas: &mut Image,
    columns: &Axis,
    height: u32,
    mut stretch: impl FnMut(&Axis, &[u8], &mut [i16]),
) {
    let rows = Axis::new(image.height(), height);
    let length = columns.left.len() * 3;
    let mut padded = vec![0; image.width() as usize * 3 + PADDING];
    // Source rows n and n + 1 are never needed beside n + 2: even ones live in the first buffer, odd ones in the second.
    let mut stretched = [vec![0i16; length + PADDING], vec![0i16; length + PADDING]];
    let mut holds = [usize::MAX; 2];
    for (y, (&top, &weight)) in rows.left.iter().zip(&rows.weight).enumerate() {
        for row in [top, top + 1] {
            if holds[row % 2] != row {
                let source = image.row(row as u32);
                padded[..source.len()].copy_from_slice(source);
                stretch(columns, &padded, &mut stretched[row % 2]);
                holds[row % 2] = row;
            }
        }
        let (top, bottom) = (&stretched[top % 2][..length], &stretched[(top + 1) % 2][..length]);
        let out = &mut canvas.row_mut(y as u32)[..length];
        for ((out, &top), &bottom) in out.iter_mut().zip(top).zip(bottom) {
            let value = top + part(bottom - top, weight);
            *out = ((value + (1 << (FRACTION - 1))) >> FRACTION) as u8;
        }
    }
}

/// `value` times a weight, rounded; one instruction on most machines.
#[inline(always)]
fn part(value: i16, weight: i16) -> i16 {
    ((i32::from(value) * i32::from(weight) + (1 << 14)) >> 15) as i16
}

fn stretch(columns: &Axis, row: &[u8], out: &mut [i16]) {
    let pixels = out.as_chunks_mut::<3>().0;
    for ((out, &left), &weight) in pixels.iter_mut().zip(&columns.left).zip(&columns.weight) {
        let neighbours = &row[left * 3..][..6];
        for (channel, out) in out.iter_mut().enumerate() {
            let [a, b] = [channel, channel + 3].map(|at| i16::from(neighbours[at]) << FRACTION);
            *out = a + part(b - a, weight);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::*;

    use super::{Axis, FRACTION, Image, PADDING, blend_rows};

    /// Five output pixels side by side. Enlarged, they have at most six neighbours: 18 bytes of a row.
    struct Block {
        /// First byte of the first left neighbour.
        start: usize,
        /// For each output byte, its left neighbour's, from `start`; the right neighbour's is 3 further on.
        take: [u8; 16],
        weights: [i16; 16],
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn enlarge(image: &Image, canvas: &mut Image, width: u32, height: u32) {
        let columns = Axis::new(image.width(), width);
        let last = columns.left.len() - 1;
        let blocks: Vec<Block> = (0..=last)
            .step_by(5)
            .map(|first| {
                let start = columns.left[first];
                let pixel = |byte: usize| (first + byte / 3).min(last);
                Block {
                    start: start * 3,
                    take: std::array::from_fn(|byte| {
                        ((columns.left[pixel(byte)] - start) * 3 + byte % 3) as u8
                    }),
                    weights: std::array::from_fn(|byte| columns.weight[pixel(byte)]),
                }
            })
            .collect();
        blend_rows(image, canvas, &columns, height, |_, row, out| stretch(&blocks, row, out));
    }

    #[target_feature(enable = "avx2")]
    fn stretch(blocks: &[Block], row: &[u8], out: &mut [i16]) {
        for (number, block) in blocks.iter().enumerate() {
            let neighbours = &row[block.start..][..19];
            let out = &mut out[number * 15..][..16];
            // SAFETY: all five are as long as the vectors: 16 bytes at 0 and at 3 of 19, 16 of 16, and 16 numbers.
            unsafe {
                let take = _mm_loadu_si128(block.take.as_ptr().cast());
                let left = _mm_shuffle_epi8(_mm_loadu_si128(neighbours.as_ptr().cast()), take);
                let right = _mm_shuffle_epi8(_mm_loadu_si128(neighbours.as_ptr().add(3).cast()), take);
                let [left, right] =
                    [left, right].map(|v| _mm256_slli_epi16::<{ FRACTION as i32 }>(_mm256_cvtepu8_epi16(v)));
                let weights = _mm256_loadu_si256(block.weights.as_ptr().cast());
                let part = _mm256_mulhrs_epi16(_mm256_sub_epi16(right, left), weights);
                _mm256_storeu_si256(out.as_mut_ptr().cast(), _mm256_add_epi16(left, part));
            }
        }
    }

    const _: () = assert!(PADDING >= 19, "a block may begin at the second to last pixel");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn picture(width: u32, height: u32, seed: u32) -> Image {
        let byte = |i: u32| ((i ^ seed).wrapping_mul(0x9e37_79b1) >> 13) as u8;
        Image::from_rgb(width, height, (0..width * height * 3).map(byte).collect()).unwrap()
    }

    /// The blend of the four neighbours, not yet rounded.
    fn exact(image: &Image, (width, height): (u32, u32), (x, y, channel): (u32, u32, usize)) -> f64 {
        let place = |at: u32, from: u32, to: u32| {
            let position = (f64::from(at) + 0.5) * f64::from(from) / f64::from(to) - 0.5;
            let position = position.clamp(0.0, f64::from(from - 1));
            (position.floor() as u32, (position.floor() as u32 + 1).min(from - 1), position.fract())
        };
        let ((x0, x1, wx), (y0, y1, wy)) = (place(x, image.width(), width), place(y, image.height(), height));
        let at = |x, y| f64::from(image.pixel(x, y)[channel]);
        let row = |y| at(x0, y) * (1.0 - wx) + at(x1, y) * wx;
        row(y0) * (1.0 - wy) + row(y1) * wy
    }

    proptest! {
        #[test]
        fn is_the_exact_blend_on_every_machine(
            (width, height, seed) in (2u32..40, 2u32..40, any::<u32>()),
            (more_width, more_height) in (0u32..60, 0u32..60),
            margin in 0u32..3,
        ) {
            let image = picture(width, height, seed);
            let size = (width + more_width, height + more_height);
            let canvas = Image::filled(size.0 + margin, size.1 + margin, [9; 3]);
            let (mut fast, mut plain) = (canvas.clone(), canvas);
            enlarge(&image, &mut fast, size.0, size.1);
            blend_rows(&image, &mut plain, &Axis::new(width, size.0), size.1, stretch);
            prop_assert!(fast == plain);
            for y in 0..size.1 + margin {
                for x in 0..size.0 + margin {
                    for channel in 0..3 {
                        let value = f64::from(fast.pixel(x, y)[channel]);
                        if x < size.0 && y < size.1 {
                            let expected = exact(&image, size, (x, y, channel));
                            prop_assert!((value - expected).abs() < 0.55, "{x} {y}: {value} {expected}");
                        } else {
                            prop_assert_eq!(value, 9.0);
                        }
                    }
                }
            }
        }
    }
}
