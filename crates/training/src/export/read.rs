//! ONNX files that this crate wrote, as graphs.

use std::collections::BTreeMap;

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, ModelProto, TensorProto, ValueInfoProto,
};

use super::graph::{Attribute, Constant, Graph, Node, Numbers, Port, Side, Value};
use super::recording::refused;
use super::write::{BATCH, PRODUCER};
use crate::error::Result;

/// Reads what [`write`](super::write::write) wrote.
///
/// An engine must have loaded the bytes before: rten-onnx does not return from some files that are damaged.
pub(super) fn read(bytes: &[u8]) -> Result<Graph> {
    let foreign =
        || refused("its file is not one that was exported here, or it is quantised already".to_owned());
    let model = ModelProto::parse_buf(bytes).map_err(|_| foreign())?;
    if model.producer_name.as_deref() != Some(PRODUCER) {
        return Err(foreign());
    }
    let proto = model.graph.ok_or_else(foreign)?;
    let mut graph = Graph::default();
    let mut values = BTreeMap::new();
    let mut value =
        |graph: &mut Graph, name: &str| *values.entry(name.to_owned()).or_insert_with(|| graph.value());
    for info in &proto.input {
        let found = value(&mut graph, info.name.as_deref().unwrap_or_default());
        graph.inputs.push(read_port(info, found).ok_or_else(foreign)?);
    }
    for tensor in &proto.initializer {
        let found = value(&mut graph, tensor.name.as_deref().unwrap_or_default());
        graph.constants.insert(found, read_tensor(tensor).ok_or_else(foreign)?);
    }
    for node in &proto.node {
        let inputs = node.input.iter();
        let inputs = inputs.map(|name| (!name.is_empty()).then(|| value(&mut graph, name))).collect();
        let [output] = &node.output[..] else { return Err(foreign()) };
        let output = value(&mut graph, output);
        let operator = node.op_type.clone().ok_or_else(foreign)?;
        let attributes: Option<_> = node.attribute.iter().map(read_attribute).collect();
        graph.nodes.push(Node { operator, inputs, output, attributes: attributes.ok_or_else(foreign)? });
    }
    for info in &proto.output {
        let found = value(&mut graph, info.name.as_deref().unwrap_or_default());
        graph.outputs.push(read_port(info, found).ok_or_else(foreign)?);
    }
    Ok(graph)
}

fn read_port(info: &ValueInfoProto, value: Value) -> Option<Port> {
    let shape = info.r#type.as_ref()?.tensor_type.as_ref()?.shape.as_ref()?;
    let side = |dimension: &Dimension| match (dimension.dim_value, dimension.dim_param.as_deref()) {
        (Some(size), _) => usize::try_from(size).ok().map(Side::Fixed),
        (None, Some(BATCH)) => Some(Side::Batch(1)),
        (None, other) => other?.strip_suffix(BATCH)?.trim_end().parse().ok().map(Side::Batch),
    };
    let shape = shape.dim.iter().map(side).collect::<Option<_>>()?;
    Some(Port { name: info.name.clone()?, value, shape })
}

fn read_tensor(tensor: &TensorProto) -> Option<Constant> {
    let shape: Vec<usize> =
        tensor.dims.iter().map(|&size| usize::try_from(size).ok()).collect::<Option<_>>()?;
    let bytes = tensor.raw_data.as_ref()?.borrow();
    let (fours, eights) = (bytes.as_chunks::<4>().0, bytes.as_chunks::<8>().0);
    let numbers = match tensor.data_type? {
        DataType::FLOAT => Numbers::F32(fours.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()),
        DataType::INT64 => Numbers::I64(eights.iter().map(|bytes| i64::from_le_bytes(*bytes)).collect()),
        _ => return None,
    };
    let count = match &numbers {
        Numbers::F32(values) => values.len(),
        Numbers::I64(values) => values.len(),
        _ => return None,
    };
    let elements = shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
    (elements == Some(count)).then_some(Constant { shape, numbers })
}

fn read_attribute(attribute: &AttributeProto) -> Option<(String, Attribute)> {
    let value = match attribute.r#type? {
        AttributeType::INT => Attribute::Int(attribute.i?),
        AttributeType::INTS => Attribute::Ints(attribute.ints.clone()),
        AttributeType::FLOAT => Attribute::Float(attribute.f?),
        AttributeType::STRING => Attribute::Text(attribute.s.clone()?),
        _ => return None,
    };
    Some((attribute.name.clone()?, value))
}
