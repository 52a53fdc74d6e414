//! The bytes of an ONNX file. The same graph gives the same bytes.

use std::cell::RefCell;
use std::collections::BTreeMap;

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, NodeProto, OperatorSetIdProto,
    TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};
use rten_onnx::protobuf::{EncodeMessage, MessageWriter, ProtobufError, ValueWriter, WriteValue};

use super::graph::{Attribute, Constant, Graph, Node, Numbers, Port, Side, Value};
use super::recording::refused;
use crate::error::Result;

/// What rten 0.27 and every ONNX Runtime of the last years read.
const OPERATOR_SET: i64 = 17;
const FORMAT: i64 = 8;
pub(super) const PRODUCER: &str = "omote";
/// The dimension of the images of a batch.
pub(super) const BATCH: &str = "batch";

/// Writes a graph. Nodes that give outputs are named after them.
pub(super) fn write(graph: &Graph) -> Result<Vec<u8>> {
    let mut names = Names::default();
    for port in graph.inputs.iter().chain(&graph.outputs) {
        names.0.insert(port.value, port.name.clone());
    }
    let proto = GraphProto {
        node: graph.nodes.iter().map(|node| node_proto(node, &mut names)).collect(),
        initializer: graph
            .constants
            .iter()
            .map(|(value, constant)| tensor(names.of(*value), constant))
            .collect(),
        input: graph.inputs.iter().map(port).collect(),
        output: graph.outputs.iter().map(port).collect(),
        value_info: Vec::new(),
    };
    let mut bytes = Vec::new();
    let written = Model(&proto).encode(ValueWriter::new(&mut bytes));
    written.map_err(|error| refused(format!("its file cannot be written: {error}")))?;
    Ok(bytes)
}

/// Names of values, made up in the order in which nodes read and give them.
#[derive(Default)]
struct Names(BTreeMap<Value, String>);

impl Names {
    fn of(&mut self, value: Value) -> String {
        let next = self.0.len();
        self.0.entry(value).or_insert_with(|| format!("value_{next}")).clone()
    }
}

fn node_proto(node: &Node, names: &mut Names) -> NodeProto {
    let input =
        node.inputs.iter().map(|input| input.map(|value| names.of(value)).unwrap_or_default()).collect();
    let output = names.of(node.output);
    NodeProto {
        name: Some(output.clone()),
        input,
        output: vec![output],
        op_type: Some(node.operator.clone()),
        attribute: node.attributes.iter().map(|(name, attribute)| attribute_proto(name, attribute)).collect(),
        domain: None,
    }
}

fn attribute_proto(name: &str, attribute: &Attribute) -> AttributeProto {
    let mut proto = AttributeProto { name: Some(name.to_owned()), ..AttributeProto::default() };
    proto.r#type = Some(match attribute {
        Attribute::Int(value) => {
            proto.i = Some(*value);
            AttributeType::INT
        }
        Attribute::Ints(values) => {
            proto.ints = values.clone();
            AttributeType::INTS
        }
        Attribute::Float(value) => {
            proto.f = Some(*value);
            AttributeType::FLOAT
        }
        Attribute::Text(text) => {
            proto.s = Some(text.clone());
            AttributeType::STRING
        }
    });
    proto
}

fn tensor(name: String, constant: &Constant) -> TensorProto {
    fn bytes<T: Copy, const N: usize>(values: &[T], of: fn(T) -> [u8; N]) -> Vec<u8> {
        values.iter().flat_map(|value| of(*value)).collect()
    }
    let (kind, bytes) = match &constant.numbers {
        Numbers::F32(values) => (DataType::FLOAT, bytes(values, f32::to_le_bytes)),
        Numbers::I64(values) => (DataType::INT64, bytes(values, i64::to_le_bytes)),
        Numbers::I32(values) => (DataType::INT32, bytes(values, i32::to_le_bytes)),
        Numbers::I8(values) => (DataType::INT8, bytes(values, i8::to_le_bytes)),
        Numbers::U8(values) => (DataType::UINT8, values.clone()),
    };
    TensorProto {
        name: Some(name),
        dims: constant.shape.iter().map(|&size| size as i64).collect(),
        data_type: Some(kind),
        raw_data: Some(RefCell::new(bytes)),
        ..TensorProto::default()
    }
}

fn port(port: &Port) -> ValueInfoProto {
    let dimension = |side: &Side| match side {
        Side::Fixed(size) => Dimension { dim_value: Some(*size as i64), dim_param: None },
        Side::Batch(1) => Dimension { dim_value: None, dim_param: Some(BATCH.to_owned()) },
        Side::Batch(times) => Dimension { dim_value: None, dim_param: Some(format!("{times} {BATCH}")) },
    };
    let shape = TensorShapeProto { dim: port.shape.iter().map(dimension).collect() };
    let shape = (!port.shape.is_empty()).then_some(shape);
    let tensor = TypeProtoTensor { elem_type: Some(DataType::FLOAT), shape };
    let kind = TypeProto { tensor_type: Some(tensor), ..TypeProto::default() };
    ValueInfoProto { name: Some(port.name.clone()), r#type: Some(kind) }
}

/// A model whose graph has a name. ONNX wants one, and rten-onnx writes none.
struct Model<'a>(&'a GraphProto);

/// See [`Model`].
struct Named<'a>(&'a GraphProto);

impl EncodeMessage for Model<'_> {
    fn encode_fields<W: WriteValue>(&self, fields: &mut MessageWriter<W>) -> Result<(), ProtobufError> {
        fields.write_int64(1, FORMAT)?;
        fields.write_string(2, PRODUCER)?;
        fields.write_message(7, &Named(self.0))?;
        let set = OperatorSetIdProto { domain: Some(String::new()), version: Some(OPERATOR_SET) };
        fields.write_message(8, &set)
    }
}

impl EncodeMessage for Named<'_> {
    fn encode_fields<W: WriteValue>(&self, fields: &mut MessageWriter<W>) -> Result<(), ProtobufError> {
        fields.write_repeated_message(1, &self.0.node)?;
        fields.write_string(2, "network")?;
        fields.write_repeated_message(5, &self.0.initializer)?;
        fields.write_repeated_message(11, &self.0.input)?;
        fields.write_repeated_message(12, &self.0.output)
    }
}
