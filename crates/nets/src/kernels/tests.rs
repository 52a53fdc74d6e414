//! Every kernel against the definition, and every gradient against differences.

use proptest::prelude::*;

use super::*;

/// Numbers that look random, from -1 to 1.
fn numbers(count: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 * 2.0 - 1.0
    };
    (0..count).map(|_| next()).collect()
}

/// Few different numbers, so that many are equal.
fn few(count: usize, seed: u32) -> Vec<f32> {
    numbers(count, seed).iter().map(|x| (2.0 * x).round()).collect()
}

/// A convolution by its definition; every channel by itself if `alone`.
fn defined(of: &Convolution, alone: bool, input: &[f32], weight: &[f32], bias: &[f32]) -> Vec<f32> {
    let ([height, width], [down, across], k, [from, to]) = (of.input, of.output(), of.kernel, of.channels);
    let source = |at: usize, k: usize, side: usize| {
        (at * of.stride + k).checked_sub(of.padding).filter(|&line| line < side)
    };
    let mut output = Vec::new();
    for image in input.chunks_exact(from * height * width) {
        for (y, x) in (0..down * across).map(|at| (at / across, at % across)) {
            for o in 0..to {
                let mut sum = f64::from(bias[o]);
                let channels = if alone { o..o + 1 } else { 0..from };
                let depth = channels.len();
                for (place, c) in channels.enumerate() {
                    for (ky, kx) in (0..k * k).map(|at| (at / k, at % k)) {
                        let (Some(sy), Some(sx)) = (source(y, ky, height), source(x, kx, width)) else {
                            continue;
                        };
                        let w = weight[((o * depth + place) * k + ky) * k + kx];
                        sum += f64::from(w) * f64::from(image[(sy * width + sx) * from + c]);
                    }
                }
                output.push(sum as f32);
            }
        }
    }
    output
}

fn close(a: &[f32], b: &[f32], tolerance: f32) -> Result<(), TestCaseError> {
    prop_assert_eq!(a.len(), b.len());
    for (at, (a, b)) in a.iter().zip(b).enumerate() {
        prop_assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{at}: {a} {b}");
    }
    Ok(())
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

/// What a linear map's gradients must be: of each argument, the same product with any direction.
fn adjoint(
    apply: impl Fn(&[f32]) -> Vec<f32>,
    at: usize,
    gradient: &[f32],
    output: &[f32],
) -> Result<(), TestCaseError> {
    prop_assert_eq!(gradient.len(), at);
    for seed in 0..3 {
        let direction = numbers(at, 90 + seed);
        let (forward, back) = (dot(&apply(&direction), output), dot(&direction, gradient));
        prop_assert!((forward - back).abs() < 1e-3 * (1.0 + forward.abs()), "{forward} {back}");
    }
    Ok(())
}

/// Channels up to more than a panel holds.
fn shapes() -> impl Strategy<Value = (Convolution, usize)> {
    let kernel = prop_oneof![Just(1usize), Just(2), Just(3), Just(5), Just(7)];
    ((1usize..9, 1usize..90), (7usize..12, 7usize..16), kernel, 1usize..4, 0usize..9, 0usize..11).prop_map(
        |((from, to), (height, width), kernel, stride, padding, images)| {
            let of = Convolution { channels: [from, to], input: [height, width], kernel, stride, padding };
            (of, images)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn convolutions_and_their_gradients((of, images) in shapes()) {
        let [from, to] = of.channels;
        let size = from * of.input[0] * of.input[1];
        let (x, w, b) = (numbers(images * size, 1), numbers(to * from * of.kernel * of.kernel, 2), numbers(to, 3));
        let y = convolution(&of, &x, &w, Some(&b));
        close(&y, &defined(&of, false, &x, &w, &b), 1e-4)?;
        let dy = numbers(y.len(), 4);
        let back = convolution_backward(&of, &x, &w, &dy, true);
        adjoint(|x| convolution(&of, x, &w, None), x.len(), &back.input, &dy)?;
        adjoint(|w| convolution(&of, &x, w, None), w.len(), &back.weight, &dy)?;
        let none = vec![0.0; w.len()];
        adjoint(|b| convolution(&of, &x, &none, Some(b)), to, &back.bias, &dy)?;
        let without = convolution_backward(&of, &x, &w, &dy, false);
        prop_assert!(without.input.is_empty() && without.weight == back.weight && without.bias == back.bias);
    }

    #[test]
    fn depthwise_convolutions_and_their_gradients((of, images) in shapes(), whole in any::<bool>()) {
        let mut of = Convolution { channels: [of.channels[0]; 2], ..of };
        if whole {
            of = Convolution { input: [of.kernel; 2], padding: 0, ..of };
        }
        let channels = of.channels[0];
        let size = channels * of.input[0] * of.input[1];
        let (x, w, b) = (numbers(images * size, 1), numbers(channels * of.kernel * of.kernel, 2), numbers(channels, 3));
        let y = depthwise(&of, &x, &w, Some(&b));
        close(&y, &defined(&of, true, &x, &w, &b), 1e-4)?;
        let dy = numbers(y.len(), 4);
        let (dx, dw, db) = depthwise_backward(&of, &x, &w, &dy);
        adjoint(|x| depthwise(&of, x, &w, None), x.len(), &dx, &dy)?;
        adjoint(|w| depthwise(&of, &x, w, None), w.len(), &dw, &dy)?;
        let none = vec![0.0; w.len()];
        adjoint(|b| depthwise(&of, &x, &none, Some(b)), channels, &db, &dy)?;
    }

    #[test]
    fn rectifiers_and_their_gradients(channels in 1usize..70, pixels in 1usize..90) {
        let (x, slopes) = (numbers(pixels * channels, 1), numbers(channels, 2));
        let slope = |at: usize| slopes[at % channels];
        let wanted: Vec<f32> = x.iter().enumerate().map(|(at, x)| x.max(0.0) + slope(at) * x.min(0.0)).collect();
        close(&prelu(&x, &slopes), &wanted, 1e-6)?;
        let dy = numbers(x.len(), 3);
        let (dx, da) = prelu_backward(&x, &slopes, &dy);
        for at in 0..x.len() {
            prop_assert_eq!(dx[at], dy[at] * if x[at] > 0.0 { 1.0 } else { slope(at) });
        }
        let zero = prelu(&x, &vec![0.0; channels]);
        let of_slopes =
            |slopes: &[f32]| -> Vec<f32> { prelu(&x, slopes).iter().zip(&zero).map(|(y, zero)| y - zero).collect() };
        adjoint(of_slopes, channels, &da, &dy)?;
    }

    #[test]
    fn clipping_and_its_gradient(count in 1usize..300) {
        let (x, dy) = (numbers(count, 1), numbers(count, 2));
        let clipped: Vec<f32> = x.iter().map(|x| x.clamp(-0.5, 0.25)).collect();
        prop_assert_eq!(&clip(&x, -0.5, 0.25), &clipped);
        let back = clip_backward(&x, &dy, -0.5, 0.25);
        for at in 0..count {
            prop_assert_eq!(back[at], if x[at] == clipped[at] { dy[at] } else { 0.0 });
        }
        prop_assert_eq!(add(&x, &dy), x.iter().zip(&dy).map(|(x, y)| x + y).collect::<Vec<f32>>());
    }

    #[test]
    fn windows_and_their_gradients(channels in 1usize..70, sides in [1usize..8, 1usize..8], images in 0usize..4) {
        let of = Halving { input: sides, channels };
        let ([height, width], [down, across]) = (sides, of.output());
        let x = few(images * height * width * channels, 1);
        let dy = numbers(images * down * across * channels, 2);
        let (mut y, mut dx) = (Vec::new(), vec![0.0; x.len()]);
        for (at, &gradient) in dy.iter().enumerate() {
            let (channel, pixel) = (at % channels, at / channels);
            let (column, line, image) = (pixel % across, pixel / across % down, pixel / across / down);
            let place = |y: usize, x: usize| ((image * height + y) * width + x) * channels + channel;
            let columns = || 2 * column..(2 * column + 2).min(width);
            let window = (2 * line..(2 * line + 2).min(height)).flat_map(|y| columns().map(move |x| place(y, x)));
            let first = window.reduce(|first, other| if x[other] > x[first] { other } else { first }).unwrap();
            y.push(x[first]);
            dx[first] = gradient;
        }
        prop_assert_eq!(&halve(&of, &x), &y);
        prop_assert_eq!(&halve_backward(&of, &x, &dy), &dx);
    }

    #[test]
    fn competitions_and_their_gradients(channels in 1usize..70, pixels in 0usize..90) {
        let pairs = few(2 * channels * pixels, 3);
        let dy = numbers(channels * pixels, 4);
        let kept = larger(&pairs, channels);
        let back = larger_backward(&pairs, channels, &dy);
        for at in 0..dy.len() {
            let [a, b] = [0, channels].map(|half| at / channels * 2 * channels + half + at % channels);
            prop_assert_eq!(kept[at], pairs[a].max(pairs[b]));
            let expected = if pairs[a] < pairs[b] { [0.0, dy[at]] } else { [dy[at], 0.0] };
            prop_assert_eq!([back[a], back[b]], expected);
        }
    }

    #[test]
    fn scales_and_their_gradients(channels in 1usize..70, pixels in 1usize..90) {
        let (x, scales, shifts) = (numbers(pixels * channels, 1), numbers(channels, 2), numbers(channels, 3));
        let wanted: Vec<f32> =
            x.iter().enumerate().map(|(at, x)| x * scales[at % channels] + shifts[at % channels]).collect();
        close(&affine(&x, &scales, &shifts), &wanted, 1e-6)?;
        let (dy, none) = (numbers(x.len(), 4), vec![0.0; channels]);
        let (dx, dscales, dshifts) = affine_backward(&x, &scales, &dy);
        adjoint(|x| affine(x, &scales, &none), x.len(), &dx, &dy)?;
        adjoint(|scales| affine(&x, scales, &none), channels, &dscales, &dy)?;
        adjoint(|shifts| affine(&x, &none, shifts), channels, &dshifts, &dy)?;
    }

    #[test]
    fn normalisation_and_its_gradients(channels in 1usize..40, pixels in 2usize..300, far in 0u32..3) {
        let origin = [0.0, 3.0, -40.0][far as usize];
        let x: Vec<f32> = numbers(pixels * channels, 1).iter().map(|x| x + origin).collect();
        let (gamma, beta) = (numbers(channels, 2), numbers(channels, 3));
        let apply = |x: &[f32], gamma: &[f32], beta: &[f32]| {
            batch_norm(x, &BatchStatistics::of(x, channels), gamma, beta, 1e-3)
        };
        let statistics = BatchStatistics::of(&x, channels);
        let y = apply(&x, &vec![1.0; channels], &vec![0.0; channels]);
        for channel in 0..channels {
            let of: Vec<f32> = y.iter().skip(channel).step_by(channels).copied().collect();
            let (mean, square) = (of.iter().sum::<f32>() / of.len() as f32, dot(&of, &of) / of.len() as f64);
            let spread = f64::from(statistics.variance[channel]);
            prop_assert!(mean.abs() < 1e-3 && (square - spread / (spread + 1e-3)).abs() < 3e-3, "{mean} {square}");
        }
        let dy = numbers(x.len(), 4);
        let (dx, dgamma, dbeta) = batch_norm_backward(&x, &statistics, &gamma, 1e-3, &dy);
        adjoint(|beta| apply(&x, &vec![0.0; channels], beta), channels, &dbeta, &dy)?;
        adjoint(|gamma| apply(&x, gamma, &vec![0.0; channels]), channels, &dgamma, &dy)?;
        // It is not linear in what is normalised: by central differences.
        let direction = numbers(x.len(), 5);
        let moved = |by: f32| -> Vec<f32> { x.iter().zip(&direction).map(|(x, d)| x + by * d).collect() };
        let ahead = |by: f32| dot(&apply(&moved(by), &gamma, &beta), &dy);
        let (slope, back) = ((ahead(5e-3) - ahead(-5e-3)) / 1e-2, dot(&direction, &dx));
        prop_assert!((slope - back).abs() < 0.03 * (1.0 + slope.abs()), "{slope} {back}");
    }
}

#[test]
fn one_value_far_away_does_not_lose_the_variance() {
    let mut x = numbers(4000, 1);
    x[0] = 1000.0;
    let variance = BatchStatistics::of(&x, 1).variance[0];
    let mean = x.iter().map(|&x| f64::from(x)).sum::<f64>() / 4000.0;
    let wanted = x.iter().map(|&x| (f64::from(x) - mean).powi(2)).sum::<f64>() / 4000.0;
    assert!((f64::from(variance) - wanted).abs() < 1e-4 * wanted, "{variance} {wanted}");
}

#[test]
fn what_is_no_number_stays_none() {
    assert!(clip(&[f32::NAN], 0.0, f32::INFINITY)[0].is_nan());
    let [nan, one] = [f32::NAN, 1.0];
    assert!(larger(&[nan, one, one, nan], 2).iter().all(|x| x.is_nan()));
    assert_eq!(larger_backward(&[nan, one, one, nan], 2, &[5.0, 6.0]), [5.0, 0.0, 0.0, 6.0]);
    let of = Halving { input: [2, 2], channels: 1 };
    assert!(halve(&of, &[one, nan, one, one])[0].is_nan());
    assert_eq!(halve_backward(&of, &[one, nan, one, one], &[5.0]), [0.0, 5.0, 0.0, 0.0]);
    // Nor is its gradient made 0, which would hide it from who looks at gradients.
    assert_eq!(clip_backward(&[f32::NAN, 2.0, 7.0], &[3.0; 3], 0.0, 6.0), [3.0, 3.0, 0.0]);
    assert!(clip_backward(&[2.0], &[f32::NAN], 0.0, 6.0)[0].is_nan());
}

#[test]
fn threads_do_not_change_a_bit() {
    let of = Convolution { channels: [8, 8], input: [15, 14], kernel: 3, stride: 2, padding: 1 };
    let (x, w, b) = (numbers(19 * 8 * 15 * 14, 1), numbers(8 * 8 * 9, 2), numbers(8, 3));
    let (dy, same) = (numbers(19 * 8 * 8 * 7, 4), numbers(x.len(), 5));
    let halving = Halving { input: of.input, channels: 8 };
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let back = convolution_backward(&of, &x, &w, &dy, true);
            let statistics = BatchStatistics::of(&x, 8);
            let normal = batch_norm_backward(&x, &statistics, &b, 1e-5, &same);
            let alone = depthwise_backward(&of, &x, &w[..72], &dy);
            let slopes = prelu_backward(&x, &b, &same);
            let scales = affine_backward(&x, &b, &same);
            vec![
                convolution(&of, &x, &w, Some(&b)),
                back.input,
                back.weight,
                back.bias,
                depthwise(&of, &x, &w[..72], Some(&b)),
                alone.0,
                alone.1,
                alone.2,
                batch_norm(&x, &statistics, &b, &b, 1e-5),
                statistics.mean,
                statistics.variance,
                normal.0,
                normal.1,
                normal.2,
                prelu(&x, &b),
                slopes.0,
                slopes.1,
                affine(&x, &b, &b),
                scales.0,
                scales.1,
                scales.2,
                add(&x, &same),
                clip(&x, 0.0, 0.5),
                clip_backward(&x, &same, 0.0, 0.5),
                larger(&x, 4),
                larger_backward(&x, 4, &same[..x.len() / 2]),
                halve(&halving, &x),
                halve_backward(&halving, &x, &dy),
            ]
        })
    };
    let bits = |found: Vec<Vec<f32>>| -> Vec<Vec<u32>> {
        found.into_iter().map(|values| values.into_iter().map(f32::to_bits).collect()).collect()
    };
    let alone = bits(run(1));
    for threads in 2..8 {
        assert!(alone == bits(run(threads)), "{threads} threads");
    }
}

#[test]
fn no_values_have_gradients_of_zero() {
    let of = Convolution { channels: [2, 3], input: [5, 4], kernel: 3, stride: 1, padding: 1 };
    assert!(convolution(&of, &[], &[1.0; 54], Some(&[1.0; 3])).is_empty());
    let back = convolution_backward(&of, &[], &[1.0; 54], &[], true);
    assert_eq!((back.input, back.weight, back.bias), (vec![], vec![0.0; 54], vec![0.0; 3]));
    let of = Convolution { channels: [2; 2], ..of };
    assert!(depthwise(&of, &[], &[1.0; 18], None).is_empty());
    assert_eq!(depthwise_backward(&of, &[], &[1.0; 18], &[]), (vec![], vec![0.0; 18], vec![0.0; 2]));
    assert_eq!(prelu_backward(&[], &[1.0; 2], &[]), (vec![], vec![0.0; 2]));
    assert_eq!(affine_backward(&[], &[1.0; 2], &[]), (vec![], vec![0.0; 2], vec![0.0; 2]));
    let statistics = BatchStatistics::of(&[], 2);
    assert_eq!((&statistics.mean, &statistics.variance), (&vec![0.0; 2], &vec![0.0; 2]));
    assert!(batch_norm(&[], &statistics, &[1.0; 2], &[0.0; 2], 1e-5).is_empty());
    let back = batch_norm_backward(&[], &statistics, &[1.0; 2], 1e-5, &[]);
    assert_eq!(back, (vec![], vec![0.0; 2], vec![0.0; 2]));
}

#[test]
#[should_panic(expected = "an image of 4 x 9 with 1 around it is too small for a filter of 7 x 7")]
fn an_image_smaller_than_a_filter_is_refused() {
    let of = Convolution { channels: [1, 1], input: [4, 9], kernel: 7, stride: 1, padding: 1 };
    convolution(&of, &[0.0; 36], &[0.0; 49], None);
}
