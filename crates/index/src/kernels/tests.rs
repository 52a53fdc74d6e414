use half::f16;

use super::{Kernels, available, scalar};
use crate::codes::{self, CodedQuery};
use crate::lines::{Bytes, Floats, flat_mut};
use crate::{Codes, View};

/// Every length around the widths of the kernels, and some larger ones.
fn dims() -> impl Iterator<Item = usize> {
    (1..=70).chain([95, 127, 128, 129, 255, 512, 513])
}

/// Reproducible numbers from -1 to 1 (xorshift).
fn noise(seed: u64, len: usize) -> Vec<f32> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1 << 23) as f32 - 1.0
    };
    (0..len).map(|_| next()).collect()
}

fn halves(values: &[f32]) -> Vec<f16> {
    values.iter().map(|&value| f16::from_f32(value)).collect()
}

fn padded(dim: usize, values: &[f32]) -> Vec<Floats> {
    let stride = Floats::needed(dim);
    let mut lines = Floats::filled(0.0, values.len() / dim * stride);
    for (row, lines) in values.chunks_exact(dim).zip(lines.chunks_exact_mut(stride)) {
        flat_mut(lines)[..dim].copy_from_slice(row);
    }
    lines
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// The vector kernels of this machine, with the scalar twin that must give the same bits.
fn pairs() -> impl Iterator<Item = (&'static Kernels, &'static Kernels)> {
    available()
        .into_iter()
        .filter(|kernels| kernels.name != "scalar")
        .map(|kernels| (kernels, &scalar::FUSED_KERNELS))
}

#[test]
fn the_last_kernels_are_scalar() {
    assert_eq!(available().last().map(|kernels| kernels.name), Some("scalar"));
}

#[test]
fn scalar_dots_are_right() {
    for kernels in [&scalar::KERNELS, &scalar::FUSED_KERNELS] {
        for dim in dims() {
            let (query, rows) = (noise(1, dim), noise(2, 3 * dim));
            let mut scores = [0.0; 3];
            (kernels.dots_f32)(&query, &rows, &mut scores);
            for (row, score) in rows.chunks(dim).zip(scores) {
                let truth: f64 = row.iter().zip(&query).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
                assert!((f64::from(score) - truth).abs() < 1e-6 * dim as f64, "{} dim {dim}", kernels.name);
            }
        }
    }
}

#[test]
fn dots_have_the_bits_of_the_twin() {
    for (kernels, twin) in pairs() {
        for dim in dims() {
            for count in [0, 1, 7] {
                let (query, rows) = (noise(3, dim), noise(4, count * dim));
                let (mut ours, mut theirs) = (vec![0.0; count], vec![1.0; count]);
                (kernels.dots_f32)(&query, &rows, &mut ours);
                (twin.dots_f32)(&query, &rows, &mut theirs);
                assert_eq!(bits(&ours), bits(&theirs), "{} f32 dim {dim}", kernels.name);
                (kernels.dots_f16)(&query, &halves(&rows), &mut ours);
                (twin.dots_f16)(&query, &halves(&rows), &mut theirs);
                assert_eq!(bits(&ours), bits(&theirs), "{} f16 dim {dim}", kernels.name);
            }
        }
    }
}

#[test]
fn tiles_have_the_bits_of_single_dots() {
    for kernels in available() {
        for dim in dims() {
            for (q_count, r_count) in [(1, 1), (1, 9), (3, 4), (4, 4), (4, 5), (5, 8), (9, 7), (8, 3)] {
                let (queries, rows) = (noise(5, q_count * dim), noise(6, r_count * dim));
                let mut tile = vec![0.0; q_count * r_count];
                (kernels.tile)(&padded(dim, &queries), &padded(dim, &rows), Floats::needed(dim), &mut tile);
                for (query, tile) in queries.chunks(dim).zip(tile.chunks(r_count)) {
                    let mut alone = vec![0.0; r_count];
                    (kernels.dots_f32)(query, &rows, &mut alone);
                    assert_eq!(bits(tile), bits(&alone), "{} dim {dim}, {q_count} x {r_count}", kernels.name);
                }
            }
        }
    }
}

#[test]
fn tiles_of_codes_are_exact() {
    for kernels in available() {
        for dim in dims().filter(|dim| dim % 5 != 1) {
            let stride = Bytes::needed(dim);
            for (q_count, r_count) in [(1, 1), (1, 9), (3, 4), (4, 4), (4, 5), (5, 8), (9, 7)] {
                let mut queries = crate::lines::Codes::filled(0, q_count * stride);
                let mut rows = Bytes::filled(0, r_count * stride);
                // Half of the values are extreme, where a sum that saturates would show.
                let byte = |value: f32| if value > 0.0 { 255 } else { (-value * 255.0) as u8 };
                for (code, value) in flat_mut(&mut queries).iter_mut().zip(noise(7, q_count * stride * 64)) {
                    *code = if value > 0.0 { -127 } else { (-value * 127.0) as i8 };
                }
                for (code, value) in flat_mut(&mut rows).iter_mut().zip(noise(8, r_count * stride * 64)) {
                    *code = byte(value);
                }
                let mut sums = vec![0; q_count * r_count];
                (kernels.tile_codes)(&queries, &rows, stride, &mut sums);
                for (q, query) in queries.chunks(stride).enumerate() {
                    for (r, row) in rows.chunks(stride).enumerate() {
                        let pairs = crate::lines::flat(query).iter().zip(crate::lines::flat(row));
                        let truth: i64 = pairs.map(|(&a, &b)| i64::from(a) * i64::from(b)).sum();
                        assert_eq!(i64::from(sums[q * r_count + r]), truth, "{} dim {dim}", kernels.name);
                    }
                }
            }
        }
    }
}

#[test]
fn bounds_have_the_bits_of_the_twin_and_hold() {
    for dim in [1, 5, 64, 70, 512] {
        let (rows, query) = (noise(9, 37 * dim), noise(10, dim));
        let view = View::f32(dim, &rows).expect("whole rows");
        let all = Codes::of(&view, 2).expect("a dimension for codes");
        let mut coded = crate::lines::Codes::filled(0, codes::stride(dim));
        let coded_query = CodedQuery::encode(&query, &mut coded);
        let part = all.part(0..37);
        let (mut sums, mut twin) = (vec![0; 37], vec![0.0; 37]);
        (scalar::KERNELS.tile_codes)(&coded, part.bytes, codes::stride(dim), &mut sums);
        (scalar::KERNELS.bounds)(&sums, &part, &coded_query, &mut twin);
        for kernels in available() {
            let (mut bounds, mut scores) = (vec![0.0; 37], vec![0.0; 37]);
            (kernels.bounds)(&sums, &part, &coded_query, &mut bounds);
            assert_eq!(bits(&bounds), bits(&twin), "{} dim {dim}", kernels.name);
            (kernels.dots_f32)(&query, &rows, &mut scores);
            assert!(
                bounds.iter().zip(&scores).all(|(bound, score)| bound >= score),
                "{} dim {dim}",
                kernels.name
            );
        }
    }
}

#[test]
fn widening_is_exact() {
    let all: Vec<f16> = (0..=u16::MAX).map(f16::from_bits).collect();
    for kernels in available() {
        for len in [0, 1, 15, 17, all.len()] {
            let mut wide = vec![0.0; len];
            (kernels.widen)(&all[..len], &mut wide);
            let same = wide.iter().zip(&all).all(|(&wide, &half)| {
                wide.to_bits() == half.to_f32().to_bits() || wide.is_nan() && half.is_nan()
            });
            assert!(same, "{} len {len}", kernels.name);
        }
    }
}

#[test]
fn narrowing_rounds_to_nearest_even() {
    let mut values = noise(11, 10_000);
    // Halfway cases, subnormal halves, and both sides of the largest half.
    values.extend((0..2000).map(|step| 1.0 + step as f32 / 4096.0));
    values.extend((0..2000).map(|step| step as f32 * 2.0_f32.powi(-26)));
    values.extend([65504.0, 65519.9, 65520.0, -65520.0, 1e-30, 0.0, -0.0]);
    for kernels in available() {
        let mut narrow = vec![f16::ZERO; values.len()];
        (kernels.narrow)(&values, &mut narrow);
        let same =
            values.iter().zip(&narrow).all(|(&value, half)| half.to_bits() == f16::from_f32(value).to_bits());
        assert!(same, "{}", kernels.name);
    }
}
