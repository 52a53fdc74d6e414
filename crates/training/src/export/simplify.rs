//! Makes a graph smaller without changing what it computes: what a trained network does each time is done
//! once, here.

use super::graph::{Constant, Graph, Node, Value, node};

/// Rewrites patterns until none is left, and removes what nothing reads.
pub(super) fn simplify(graph: &mut Graph) {
    maxima(graph);
    slopes(graph);
    normalisations(graph);
    graph.sweep();
    outputs(graph);
}

/// The larger of two values, which Burn finds by comparing them and choosing.
fn maxima(graph: &mut Graph) {
    for at in 0..graph.nodes.len() {
        let chosen = &graph.nodes[at];
        let compared = chosen.input(0).and_then(|mask| graph.maker(mask)).map(|at| &graph.nodes[at]);
        let (Some(compared), "Where") = (compared, chosen.operator.as_str()) else { continue };
        let [a, b] = [compared.input(0), compared.input(1)];
        let smaller = compared.operator == "Less" && chosen.input(1) == b && chosen.input(2) == a;
        if let (true, Some(a), Some(b)) = (smaller, a, b) {
            graph.nodes[at] = node("Max", &[a, b], chosen.output, vec![]);
        }
    }
}

/// A rectifier whose slopes are at most 1 is the larger of a value and its product with the slope. Most of
/// MobileFaceNet's time in ONNX Runtime 1.31 is that of `PRelu`; this way it takes less than a third.
fn slopes(graph: &mut Graph) {
    for node in std::mem::take(&mut graph.nodes) {
        let constant =
            node.input(1).and_then(|slopes| graph.constants.get(&slopes)).and_then(Constant::floats);
        let gentle = constant.is_some_and(|slopes| slopes.iter().all(|&slope| slope <= 1.0));
        match (node.operator.as_str(), node.input(0).zip(node.input(1))) {
            ("PRelu", Some((input, slopes))) if gentle => {
                let product = graph.node("Mul", &[input, slopes], vec![]);
                graph.nodes.push(self::node("Max", &[input, product], node.output, vec![]));
            }
            _ => graph.nodes.push(node),
        }
    }
}

/// Normalisation after a convolution or a product becomes part of it. Before a convolution it stays: a
/// convolution pads with zeros, which are not zeros before the normalisation.
fn normalisations(graph: &mut Graph) {
    for at in 0..graph.nodes.len() {
        let normalisation = graph.nodes[at].clone();
        let Some(lines) = Lines::of(graph, &normalisation) else { continue };
        let Some(input) = normalisation.input(0) else { continue };
        let Some(before) = graph.maker(input).filter(|_| graph.readers(input) == 1) else { continue };
        if let Some(folded) = fold(graph, &graph.nodes[before].clone(), &lines) {
            graph.nodes[before] = folded;
            graph.replace(normalisation.output, input);
        }
    }
}

/// What a normalisation does to each channel: `scale * x + shift`.
struct Lines {
    scale: Vec<f64>,
    shift: Vec<f64>,
}

impl Lines {
    fn of(graph: &Graph, node: &Node) -> Option<Self> {
        if node.operator != "BatchNormalization" {
            return None;
        }
        let floats = |at: usize| graph.constants.get(&node.input(at)?)?.floats();
        let (gamma, beta, mean, variance) = (floats(1)?, floats(2)?, floats(3)?, floats(4)?);
        let epsilon = f64::from(node.float("epsilon")?);
        let scale: Vec<f64> = gamma
            .iter()
            .zip(variance)
            .map(|(&gamma, &variance)| f64::from(gamma) / (f64::from(variance) + epsilon).sqrt())
            .collect();
        let shift = scale.iter().zip(beta.iter().zip(mean));
        let shift = shift.map(|(scale, (&beta, &mean))| f64::from(beta) - scale * f64::from(mean)).collect();
        Some(Self { scale, shift })
    }
}

/// The node with weights and bias of which the lines are part, if it is one that can take them.
fn fold(graph: &mut Graph, node: &Node, lines: &Lines) -> Option<Node> {
    let weight = graph.constants.get(&node.input(1)?)?.clone();
    let channels = lines.scale.len();
    // Which channel of the output each weight is for.
    let channel: Box<dyn Fn(usize) -> usize> = match node.operator.as_str() {
        "Conv" => {
            let each = weight.shape[1..].iter().product::<usize>().max(1);
            Box::new(move |at| at / each)
        }
        "ConvTranspose" => {
            let groups = usize::try_from(node.int("group")?).ok()?;
            let (inputs, outputs) = (weight.shape[0] / groups, weight.shape[1]);
            let area: usize = weight.shape[2..].iter().product();
            Box::new(move |at| at / (area * outputs * inputs) * outputs + at / area % outputs)
        }
        "Gemm" => Box::new(move |at| at % channels),
        _ => return None,
    };
    let bias = match node.input(2) {
        Some(bias) => graph.constants.get(&bias)?.floats()?.to_vec(),
        None => vec![0.0; channels],
    };
    let weights = weight.floats()?.iter().enumerate();
    let weights =
        weights.map(|(at, &weight)| (f64::from(weight) * lines.scale[channel(at)]) as f32).collect();
    let biases = bias.iter().zip(lines.scale.iter().zip(&lines.shift));
    let biases = biases.map(|(&bias, (scale, shift))| (f64::from(bias) * scale + shift) as f32).collect();
    let mut folded = node.clone();
    let inputs: [Value; 2] = [graph.floats(weight.shape.clone(), weights), graph.floats([channels], biases)];
    folded.inputs.truncate(1);
    folded.inputs.extend(inputs.map(Some));
    Some(folded)
}

/// An output of the file is given by a node, and by one of its own.
fn outputs(graph: &mut Graph) {
    for at in 0..graph.outputs.len() {
        let value = graph.outputs[at].value;
        let taken = graph.outputs[..at].iter().any(|port| port.value == value);
        if taken || graph.maker(value).is_none() {
            graph.outputs[at].value = graph.node("Identity", &[value], vec![]);
        }
    }
}
