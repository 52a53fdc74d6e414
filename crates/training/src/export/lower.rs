//! From the operations of Burn to those of ONNX.

mod arithmetic;
mod layers;
mod shapes;

use std::collections::{BTreeMap, BTreeSet};

use burn::tensor::{TensorData, TensorId};
use burn_ir::{NumericOperationIr, OperationIr, ScalarIr, TensorIr};

use super::graph::{Attribute, Graph, Numbers, Port, Side, Value};
use super::recording::{Recording, name_of, refused};
use crate::error::Result;

/// What an operation gives; `None` if ONNX files of this crate do not have it.
type Lowered = Result<Option<Value>>;

/// Writes the recorded operations as a graph.
pub(super) fn lower(recording: &Recording, input: &str) -> Result<Graph> {
    let mut graph = Graph::default();
    let images = graph.value();
    let shape = recording.sides[&recording.input].clone();
    graph.inputs.push(Port { name: input.to_owned(), value: images, shape });
    let values = BTreeMap::from([(recording.input, images)]);
    let mut lowering = Lowering { recording, graph, values, spread: BTreeSet::new() };
    for operation in &recording.operations {
        lowering.operation(operation)?;
    }
    for (name, id) in &recording.outputs {
        let value = lowering.known(*id)?;
        let shape = recording.sides[id].clone();
        lowering.graph.outputs.push(Port { name: name.clone(), value, shape });
    }
    Ok(lowering.graph)
}

struct Lowering<'a> {
    recording: &'a Recording,
    graph: Graph,
    values: BTreeMap<TensorId, Value>,
    /// Constants that Burn has once for each image, and the file once for all: they are spread over the
    /// images by the operation that reads them.
    spread: BTreeSet<Value>,
}

impl Lowering<'_> {
    fn operation(&mut self, operation: &OperationIr) -> Result<()> {
        let spreads = matches!(
            operation,
            OperationIr::NumericFloat(
                _,
                NumericOperationIr::Add(_)
                    | NumericOperationIr::Sub(_)
                    | NumericOperationIr::Mul(_)
                    | NumericOperationIr::Div(_)
            )
        );
        let once =
            |tensor: &TensorIr| self.values.get(&tensor.id).is_some_and(|value| self.spread.contains(value));
        if !spreads && operation.inputs().any(once) {
            let name = name_of(operation);
            return Err(refused(format!(
                "its operation {name} reads a constant that is as large as the batch"
            )));
        }
        let value = match operation {
            OperationIr::Init(_) | OperationIr::Drop(_) => return Ok(()),
            OperationIr::BaseFloat(operation) => self.shape(operation)?,
            OperationIr::NumericFloat(_, operation) => self.arithmetic(operation)?,
            OperationIr::Float(_, operation) => self.function(operation)?,
            OperationIr::Activation(operation) => self.activation(operation)?,
            OperationIr::Module(operation) => self.layer(operation)?,
            _ => None,
        };
        match (value, operation.outputs().next()) {
            (Some(value), Some(output)) => {
                self.values.insert(output.id, value);
                Ok(())
            }
            _ => Err(refused(format!(
                "the operation {} of Burn has no counterpart here; export/lower.rs is where one is added",
                name_of(operation)
            ))),
        }
    }

    /// What a tensor of Burn is in the graph.
    fn read(&mut self, tensor: &TensorIr) -> Result<Value> {
        self.known(tensor.id)
    }

    fn known(&mut self, id: TensorId) -> Result<Value> {
        if let Some(value) = self.values.get(&id) {
            return Ok(*value);
        }
        let Some(data) = self.recording.constants.get(&id) else {
            return Err(refused("it reads a tensor that none of its operations gives".to_owned()));
        };
        let value = self.graph.constant(data.shape().to_vec(), numbers(data)?);
        self.values.insert(id, value);
        Ok(value)
    }

    fn sides(&self, tensor: &TensorIr) -> &[Side] {
        &self.recording.sides[&tensor.id]
    }

    /// The size of a dimension that is not that of the batch.
    fn fixed(&self, tensor: &TensorIr, axis: usize) -> Result<usize> {
        match self.sides(tensor).get(axis) {
            Some(Side::Fixed(size)) => Ok(*size),
            _ => Err(refused("it works across the images of a batch".to_owned())),
        }
    }

    fn scalar(&mut self, scalar: ScalarIr) -> Value {
        self.graph.float(scalar.elem())
    }

    fn unary(&mut self, operator: &str, input: &TensorIr) -> Lowered {
        let input = self.read(input)?;
        Ok(Some(self.graph.node(operator, &[input], vec![])))
    }
}

fn numbers(data: &TensorData) -> Result<Numbers> {
    if let Ok(values) = data.as_slice::<f32>() {
        return Ok(Numbers::F32(values.to_vec()));
    }
    if let Ok(values) = data.as_slice::<i64>() {
        return Ok(Numbers::I64(values.to_vec()));
    }
    if let Ok(values) = data.as_slice::<i32>() {
        return Ok(Numbers::I64(values.iter().map(|&value| value.into()).collect()));
    }
    Err(refused(format!("a constant is of {:?}; convert the network to f32 first", data.dtype())))
}
