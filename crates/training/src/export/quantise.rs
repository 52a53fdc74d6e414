//! Networks whose convolutions and products are of 8-bit integers.
//!
//! What flows between layers is written as `QuantizeLinear` and `DequantizeLinear` around layers that are of
//! floats on paper (QDQ). ONNX Runtime finds these pairs and computes with integers between them; rten
//! computes with floats that were rounded in the same way. Weights are of one scale for each output channel,
//! symmetric; activations of one scale and zero point for each tensor, 0..255 (Krishnamoorthi, "Quantizing
//! deep convolutional networks for efficient inference", 2018, sections 2 and 3).
//!
//! Between a convolution and its rectifier nothing is rounded if the rectifier only clips, which the range of
//! 0..255 does by itself. A rectifier with slopes is of floats, between two roundings.

mod ranges;

use std::collections::{BTreeMap, BTreeSet};

use engine::Tensor;

use self::ranges::Limits;
use super::graph::{Attribute, Graph, Node, Numbers, Value, node};
use super::recording::refused;
use super::{read, write};
use crate::error::Result;

/// Which values the 256 steps of an activation reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Range {
    /// All that were seen: nothing is clipped.
    All,
    /// So many percent of what was seen, above 50 and up to 100, the rest cut off at both ends alike: finer
    /// steps, and rare values are clipped. 99.99 is usual.
    Percentile(f64),
}

/// How a network is quantised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantisation {
    /// Which values activations reach.
    pub range: Range,
    /// The first and the last layer stay of floats: mistakes there cost most. Where the last is a matrix over
    /// all of a map, as in IResNet, it is a good part of the file.
    pub keep_ends: bool,
    /// Weights use 7 of the 8 bits. Processors without VNNI instructions add products in 16 bits, where those
    /// of 8 bits do not always fit; there, ONNX Runtime may compute something else without this.
    pub seven_bits: bool,
}

impl Default for Quantisation {
    /// All values, ends of floats, 8 bits.
    fn default() -> Self {
        Self { range: Range::All, keep_ends: true, seven_bits: false }
    }
}

/// The int8 twin of a file that [`to_onnx`](super::to_onnx) wrote.
///
/// `calibration` is what the network will see, pre-processed: some hundred images of many people. They are
/// run by the built-in engine, one tensor at a time, and every layer's values are held in memory meanwhile,
/// so tensors should be of one image or few.
///
/// How much accuracy is lost must be measured: embeddings of the twin may be compared with those of the
/// network only then ([`Manifest::compatible_with`](model::Manifest::compatible_with)).
///
/// # Errors
/// [`Error::Engine`](crate::Error::Engine) if the file is no model or does not take the images,
/// [`Error::Export`](crate::Error::Export) if it was not written here, has nothing to quantise, there are no
/// images, or they make values that are not finite.
pub fn quantise(onnx: &[u8], calibration: &[Tensor], how: &Quantisation) -> Result<Vec<u8>> {
    if let Range::Percentile(percent) = how.range
        && !(50.0 < percent && percent <= 100.0)
    {
        return Err(refused(format!("the percentile must be above 50 and up to 100, not {percent}")));
    }
    // The engine looks at the file first: what it refuses is not safe to read here.
    let engine = ranges::engine()?;
    engine.load(onnx, "the network that is quantised", engine::Threads::SINGLE)?;
    let graph = read::read(onnx)?;
    let layers = layers(&graph, how.keep_ends);
    if layers.is_empty() {
        return Err(refused("it has no layers that can be quantised".to_owned()));
    }
    let last = results(&graph);
    let values: BTreeSet<Value> = layers
        .iter()
        .flat_map(|&at| [graph.nodes[at].input(0), Some(rectified(&graph, graph.nodes[at].output))])
        .flatten()
        .filter(|value| !last.contains(value))
        .collect();
    let limits = ranges::measure(&engine, &graph, &values, calibration, how.range)?;
    write::write(&rewritten(graph, &layers, &limits, how.seven_bits))
}

/// Where the layers stand that become integers: convolutions and products with constant weights, as they are
/// written here.
fn layers(graph: &Graph, keep_ends: bool) -> Vec<usize> {
    let suits = |node: &Node| {
        let constant =
            |at: usize| graph.constants.get(&node.input(at)?).filter(|known| known.floats().is_some());
        let Some(weight) = constant(1) else { return false };
        // Filters are [out, in, height, width], matrices [in, out].
        let channels = match (node.operator.as_str(), &weight.shape[..]) {
            ("Conv", [channels, _, _, _]) | ("Gemm", [_, channels]) => *channels,
            _ => return false,
        };
        let plain = node.operator == "Conv" || node.attributes.is_empty();
        plain
            && channels > 0
            && (node.input(2).is_none() || constant(2).is_some_and(|b| b.shape == [channels]))
    };
    let all: Vec<usize> =
        graph.nodes.iter().enumerate().filter(|(_, node)| suits(node)).map(|(at, _)| at).collect();
    match (keep_ends, all.len()) {
        (false, _) => all,
        (true, 0..=2) => Vec::new(),
        (true, count) => all[1..count - 1].to_vec(),
    }
}

/// The outputs, and what they are before their shape is changed: these are not rounded.
fn results(graph: &Graph) -> BTreeSet<Value> {
    let mut found = BTreeSet::new();
    for port in &graph.outputs {
        let mut value = Some(port.value);
        while let Some(result) = value.filter(|value| found.insert(*value)) {
            let maker = graph.maker(result).map(|at| &graph.nodes[at]);
            let moves = |node: &&Node| matches!(node.operator.as_str(), "Reshape" | "Transpose" | "Identity");
            value = maker.filter(moves).and_then(|node| node.input(0));
        }
    }
    found
}

/// A layer's output, after a rectifier that only clips it.
fn rectified(graph: &Graph, output: Value) -> Value {
    let mut readers = graph.nodes.iter().filter(|node| node.inputs.contains(&Some(output)));
    match (readers.next(), graph.readers(output)) {
        (Some(reader), 1) if matches!(reader.operator.as_str(), "Relu" | "Clip") => reader.output,
        _ => output,
    }
}

/// The scale and the zero point of an activation, in the file.
struct Steps {
    scale: f32,
    constants: [Value; 2],
}

fn rewritten(
    mut graph: Graph,
    layers: &[usize],
    limits: &BTreeMap<Value, Limits>,
    seven_bits: bool,
) -> Graph {
    let nodes = std::mem::take(&mut graph.nodes);
    let steps: BTreeMap<Value, Steps> = limits
        .iter()
        .map(|(&value, limits)| {
            let (scale, zero) = limits.steps();
            let constants = [graph.float(scale), graph.constant([], Numbers::U8(vec![zero]))];
            (value, Steps { scale, constants })
        })
        .collect();
    let mut rounded = BTreeMap::new();
    let images: Vec<Value> = graph.inputs.iter().map(|port| port.value).collect();
    for value in images {
        round(&mut graph, value, &steps, &mut rounded);
    }
    for (at, mut node) in nodes.into_iter().enumerate() {
        if layers.contains(&at)
            && let Some(steps) = node.input(0).and_then(|value| steps.get(&value))
        {
            integers(&mut graph, &mut node, steps.scale, seven_bits);
        }
        for input in node.inputs.iter_mut().flatten() {
            *input = *rounded.get(input).unwrap_or(input);
        }
        let output = node.output;
        graph.nodes.push(node);
        round(&mut graph, output, &steps, &mut rounded);
    }
    graph.sweep();
    graph
}

/// Rounds a value to its steps, if it has some; what reads it later reads the rounded one.
fn round(
    graph: &mut Graph,
    value: Value,
    steps: &BTreeMap<Value, Steps>,
    rounded: &mut BTreeMap<Value, Value>,
) {
    if let Some(Steps { constants: [scale, zero], .. }) = steps.get(&value) {
        let integers = graph.node("QuantizeLinear", &[value, *scale, *zero], vec![]);
        let floats = graph.node("DequantizeLinear", &[integers, *scale, *zero], vec![]);
        rounded.insert(value, floats);
    }
}

/// Rounds the weights of a layer, and its bias to the steps in which integers are added up.
fn integers(graph: &mut Graph, layer: &mut Node, input: f32, seven_bits: bool) {
    let constants = |graph: &Graph, at: usize| {
        let constant = graph.constants.get(&layer.input(at)?)?;
        Some((constant.shape.clone(), constant.floats()?.to_vec()))
    };
    let Some((shape, weights)) = constants(graph, 1) else { return };
    let bias = constants(graph, 2).map(|(_, bias)| bias);
    // The axis of output channels.
    let axis = usize::from(layer.operator == "Gemm");
    let (channels, each) = (shape[axis], shape[axis + 1..].iter().product::<usize>().max(1));
    let channel = |at: usize| at / each % channels;
    let most = if seven_bits { 63.0 } else { 127.0 };
    let mut largest = vec![0.0f32; channels];
    for (at, weight) in weights.iter().enumerate() {
        largest[channel(at)] = largest[channel(at)].max(weight.abs());
    }
    let scales: Vec<f32> = (0..channels)
        .map(|channel| {
            // A channel of tiny weights and a large bias has larger steps than its weights need, so that the
            // bias fits.
            let bias = bias.as_ref().map_or(0.0, |bias| bias[channel].abs());
            (largest[channel] / most).max(bias / (input * 2f32.powi(30))).max(f32::MIN_POSITIVE * 1e6)
        })
        .collect();
    let quantised = weights.iter().enumerate();
    let quantised = quantised.map(|(at, weight)| (weight / scales[channel(at)]).round_ties_even() as i8);
    let quantised = Numbers::I8(quantised.collect());
    layer.inputs[1] =
        Some(floats(graph, shape, quantised, Numbers::I8(vec![0; channels]), scales.clone(), axis));
    if let Some(bias) = bias {
        let scales: Vec<f32> = scales.iter().map(|scale| scale * input).collect();
        let steps = bias.iter().zip(&scales);
        let steps =
            steps.map(|(&bias, &scale)| (f64::from(bias) / f64::from(scale)).round_ties_even() as i32);
        let quantised = Numbers::I32(steps.collect());
        let zeros = Numbers::I32(vec![0; channels]);
        layer.inputs[2] = Some(floats(graph, vec![channels], quantised, zeros, scales, 0));
    }
}

/// Integers that are in the file, as the floats for which they stand.
fn floats(
    graph: &mut Graph,
    shape: Vec<usize>,
    integers: Numbers,
    zeros: Numbers,
    scales: Vec<f32>,
    axis: usize,
) -> Value {
    let count = scales.len();
    let inputs =
        [graph.constant(shape, integers), graph.floats([count], scales), graph.constant([count], zeros)];
    let output = graph.value();
    let attributes: Vec<(&str, Attribute)> = vec![("axis", axis.into())];
    graph.nodes.push(node("DequantizeLinear", &inputs, output, attributes));
    output
}
