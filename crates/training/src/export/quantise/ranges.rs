//! Which values flow between layers.

use std::collections::{BTreeMap, BTreeSet};

use engine::{Choice, Engine, Options, Session, Tensor, Threads};

use super::Range;
use crate::error::Result;
use crate::export::graph::{Graph, Port, Value};
use crate::export::recording::refused;
use crate::export::write;

/// Bins of the histogram from which percentiles are read: fine against 256 steps.
const BINS: usize = 4096;

/// The least and the largest value of an activation, 0 among them: padding is 0, and must be so exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Limits {
    low: f32,
    high: f32,
}

impl Limits {
    fn with(self, value: f32) -> Self {
        Self { low: self.low.min(value), high: self.high.max(value) }
    }

    fn width(self) -> f32 {
        self.high - self.low
    }

    /// The size of a step, and which of 0..255 is 0.
    pub(super) fn steps(self) -> (f32, u8) {
        let scale = self.width() / 255.0;
        if scale < f32::MIN_POSITIVE {
            return (1.0, 0);
        }
        (scale, (-self.low / scale).round_ties_even().clamp(0.0, 255.0) as u8)
    }
}

/// The engine of which every machine has the same.
pub(super) fn engine() -> Result<Engine> {
    Ok(Engine::open(&Options { choice: Choice::Rten, library: None })?)
}

/// The limits of `values` while the network runs on the images.
pub(super) fn measure(
    engine: &Engine,
    graph: &Graph,
    values: &BTreeSet<Value>,
    images: &[Tensor],
    range: Range,
) -> Result<BTreeMap<Value, Limits>> {
    if images.is_empty() {
        return Err(refused("there are no images to calibrate with; give some hundred".to_owned()));
    }
    let session = told(engine, graph, values)?;
    let mut limits: BTreeMap<Value, Limits> =
        values.iter().map(|&value| (value, Limits::default())).collect();
    for image in images {
        for (limits, tensor) in limits.values_mut().zip(seen(&session, values, image)?) {
            if tensor.data.iter().any(|value| !value.is_finite()) {
                return Err(refused(
                    "it makes values of the calibration images that are not finite".to_owned(),
                ));
            }
            *limits = tensor.data.iter().fold(*limits, |limits, &value| limits.with(value));
        }
    }
    match range {
        Range::Percentile(percent) if percent < 100.0 => {
            let mut counts = vec![vec![0u64; BINS]; limits.len()];
            for image in images {
                let tensors = seen(&session, values, image)?;
                for ((counts, limits), tensor) in counts.iter_mut().zip(limits.values()).zip(tensors) {
                    tensor.data.iter().for_each(|&value| counts[bin(*limits, value)] += 1);
                }
            }
            let cut = limits.into_iter().zip(counts);
            Ok(cut.map(|((value, limits), counts)| (value, within(limits, &counts, percent))).collect())
        }
        _ => Ok(limits),
    }
}

/// The network with `values` as further outputs.
fn told(engine: &Engine, graph: &Graph, values: &BTreeSet<Value>) -> Result<Session> {
    let mut graph = graph.clone();
    for (at, &value) in values.iter().enumerate() {
        let made = graph.node("Identity", &[value], vec![]);
        graph.outputs.push(Port { name: format!("layer {at}"), value: made, shape: Vec::new() });
    }
    let onnx = write::write(&graph)?;
    Ok(engine.load(&onnx, "the network that is quantised", Threads::SINGLE)?)
}

fn seen(session: &Session, values: &BTreeSet<Value>, image: &Tensor) -> Result<Vec<Tensor>> {
    let mut outputs = session.run(image)?;
    Ok(outputs.split_off(outputs.len() - values.len()))
}

fn bin(limits: Limits, value: f32) -> usize {
    let place = (value - limits.low) / limits.width().max(f32::MIN_POSITIVE);
    ((place * BINS as f32) as usize).min(BINS - 1)
}

/// Limits without the rarest values at both ends.
fn within(limits: Limits, counts: &[u64], percent: f64) -> Limits {
    let rare = counts.iter().sum::<u64>() as f64 * (1.0 - percent / 100.0) / 2.0;
    let cut = |counts: &mut dyn Iterator<Item = &u64>| {
        let mut left = rare;
        counts
            .take_while(|&&count| {
                left -= count as f64;
                left >= 0.0
            })
            .count()
    };
    let (first, last) = (cut(&mut counts.iter()), cut(&mut counts.iter().rev()));
    let edge = |bins: usize| bins as f32 / BINS as f32 * limits.width();
    Limits { low: (limits.low + edge(first)).min(0.0), high: (limits.high - edge(last)).max(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_a_step() {
        // (low, high, scale, zero)
        let cases =
            [(0.0, 2.55, 0.01, 0), (-2.55, 0.0, 0.01, 255), (-1.0, 1.55, 0.01, 100), (0.0, 0.0, 1.0, 0)];
        for (low, high, scale, zero) in cases {
            let (found, at) = Limits { low, high }.steps();
            assert!((found - scale).abs() < 1e-6 && at == zero, "{low} {high}: {found} {at}");
        }
        assert_eq!(Limits::default().with(3.0).with(5.0), Limits { low: 0.0, high: 5.0 });
    }

    #[test]
    fn percentiles_cut_both_ends_alike() {
        let limits = Limits { low: -10.0, high: 10.0 };
        let mut counts = vec![0; BINS];
        for value in 0..10_000 {
            counts[bin(limits, (value as f32 - 5_000.0) / 5_000.0)] += 1;
        }
        counts[bin(limits, -10.0)] += 1;
        counts[bin(limits, 10.0)] += 1;
        let found = within(limits, &counts, 99.0);
        assert!((found.low + 0.99).abs() < 0.02 && (found.high - 0.99).abs() < 0.02, "{found:?}");
        assert_eq!(within(limits, &counts, 100.0), limits);
    }
}
