//! A network as ONNX has it: operators over named values. It is made by [`lower`](super::lower), made simpler
//! by [`simplify`](super::simplify) and written by [`write`](super::write).

use std::collections::{BTreeMap, BTreeSet};

/// A tensor that flows between operators, or a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Value(u32);

/// The size of a dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// Always the same.
    Fixed(usize),
    /// So many times the number of images.
    Batch(usize),
}

/// Numbers of a constant, of the type in which the file holds them.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Numbers {
    F32(Vec<f32>),
    I64(Vec<i64>),
    I32(Vec<i32>),
    I8(Vec<i8>),
    U8(Vec<u8>),
}

/// What is known before the network runs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Constant {
    pub(super) shape: Vec<usize>,
    pub(super) numbers: Numbers,
}

impl Constant {
    pub(super) fn floats(&self) -> Option<&[f32]> {
        match &self.numbers {
            Numbers::F32(values) => Some(values),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Attribute {
    Int(i64),
    Ints(Vec<i64>),
    Float(f32),
    Text(String),
}

impl From<usize> for Attribute {
    fn from(value: usize) -> Self {
        Self::Int(value as i64)
    }
}

impl<const N: usize> From<[usize; N]> for Attribute {
    fn from(values: [usize; N]) -> Self {
        Self::Ints(values.map(|value| value as i64).to_vec())
    }
}

impl From<f32> for Attribute {
    fn from(value: f32) -> Self {
        Self::Float(value)
    }
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// An operator of ONNX. All that are written here have one output.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) operator: String,
    /// `None` where an optional input is left out.
    pub(super) inputs: Vec<Option<Value>>,
    pub(super) output: Value,
    pub(super) attributes: Vec<(String, Attribute)>,
}

impl Node {
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, attribute)| attribute)
    }

    pub(super) fn int(&self, name: &str) -> Option<i64> {
        match self.attribute(name) {
            Some(Attribute::Int(value)) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn float(&self, name: &str) -> Option<f32> {
        match self.attribute(name) {
            Some(Attribute::Float(value)) => Some(*value),
            _ => None,
        }
    }

    /// The input at a place, if there is one.
    pub(super) fn input(&self, at: usize) -> Option<Value> {
        self.inputs.get(at).copied().flatten()
    }
}

/// An input or output of the network.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Port {
    pub(super) name: String,
    pub(super) value: Value,
    /// Empty if it is not said.
    pub(super) shape: Vec<Side>,
}

/// Nodes stand after those whose outputs they read.
#[derive(Clone, Debug, Default)]
pub(super) struct Graph {
    pub(super) inputs: Vec<Port>,
    pub(super) outputs: Vec<Port>,
    pub(super) nodes: Vec<Node>,
    pub(super) constants: BTreeMap<Value, Constant>,
    values: u32,
}

impl Graph {
    /// A value that nothing gives yet.
    pub(super) fn value(&mut self) -> Value {
        self.values += 1;
        Value(self.values)
    }

    pub(super) fn constant(&mut self, shape: impl Into<Vec<usize>>, numbers: Numbers) -> Value {
        let value = self.value();
        self.constants.insert(value, Constant { shape: shape.into(), numbers });
        value
    }

    pub(super) fn floats(&mut self, shape: impl Into<Vec<usize>>, values: Vec<f32>) -> Value {
        self.constant(shape, Numbers::F32(values))
    }

    pub(super) fn float(&mut self, value: f32) -> Value {
        self.floats([], vec![value])
    }

    /// A list of whole numbers, such as a shape.
    pub(super) fn ints(&mut self, values: Vec<i64>) -> Value {
        self.constant([values.len()], Numbers::I64(values))
    }

    /// Adds a node at the end.
    pub(super) fn node(
        &mut self,
        operator: &str,
        inputs: &[Value],
        attributes: Vec<(&str, Attribute)>,
    ) -> Value {
        let output = self.value();
        self.nodes.push(node(operator, inputs, output, attributes));
        output
    }

    /// Lets all that reads one value read another.
    pub(super) fn replace(&mut self, old: Value, new: Value) {
        let inputs = self.nodes.iter_mut().flat_map(|node| &mut node.inputs).flatten();
        let outputs = self.outputs.iter_mut().map(|port| &mut port.value);
        inputs.chain(outputs).filter(|value| **value == old).for_each(|value| *value = new);
    }

    /// How many inputs of nodes and outputs of the network read a value.
    pub(super) fn readers(&self, value: Value) -> usize {
        let nodes = self.nodes.iter().flat_map(|node| &node.inputs).flatten();
        nodes.chain(self.outputs.iter().map(|port| &port.value)).filter(|read| **read == value).count()
    }

    /// The place of the node that gives a value.
    pub(super) fn maker(&self, value: Value) -> Option<usize> {
        self.nodes.iter().position(|node| node.output == value)
    }

    /// Removes what no output needs.
    pub(super) fn sweep(&mut self) {
        let mut needed: BTreeSet<Value> = self.outputs.iter().map(|port| port.value).collect();
        let mut kept = Vec::with_capacity(self.nodes.len());
        for node in std::mem::take(&mut self.nodes).into_iter().rev() {
            if needed.contains(&node.output) {
                needed.extend(node.inputs.iter().flatten());
                kept.push(node);
            }
        }
        kept.reverse();
        self.nodes = kept;
        self.constants.retain(|value, _| needed.contains(value));
    }
}

/// A node whose inputs are all there.
pub(super) fn node(
    operator: &str,
    inputs: &[Value],
    output: Value,
    attributes: Vec<(&str, Attribute)>,
) -> Node {
    Node {
        operator: operator.to_owned(),
        inputs: inputs.iter().copied().map(Some).collect(),
        output,
        attributes: attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
    }
}
