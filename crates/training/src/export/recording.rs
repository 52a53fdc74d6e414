//! What a network computes, recorded by Burn while it runs on a device that computes nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use burn::backend::{Capture, DispatchTensor};
use burn::module::Module;
use burn::tensor::{CapturedGraph, Device, Shape, Slice, Tensor, TensorData, TensorId};
use burn_ir::{BaseOperationIr, IrVisitorMut, OperationIr, TensorIr, TensorStatus};

use super::graph::Side;
use crate::error::{Error, Result};

/// The numbers of images of the two recordings. Where their shapes differ is where the batch is.
const BATCHES: [usize; 2] = [2, 3];

/// A tensor that a network gives, and its name in the file.
#[derive(Debug)]
pub struct Output {
    name: String,
    tensor: DispatchTensor,
    id: Option<TensorId>,
}

impl Output {
    /// Names what the network gives. Its first dimension is that of the images.
    pub fn new<const D: usize>(name: &str, tensor: Tensor<D>) -> Self {
        let id = tensor.clone().try_into_primitive::<Capture>().ok().map(|tensor| tensor.id());
        Self { name: name.to_owned(), tensor: tensor.into_dispatch(), id }
    }
}

/// The operations of a network, whatever the number of images.
pub(super) struct Recording {
    /// In the order in which they ran. Tensors are numbered in the order in which they appear, and their
    /// shapes are in `sides`.
    pub(super) operations: Vec<OperationIr>,
    pub(super) sides: BTreeMap<TensorId, Vec<Side>>,
    pub(super) constants: BTreeMap<TensorId, TensorData>,
    pub(super) input: TensorId,
    pub(super) outputs: Vec<(String, TensorId)>,
}

impl Recording {
    /// Records `forward` on images of `[channels, height, width]`.
    pub(super) fn of<N: Module>(
        network: &N,
        [channels, height, width]: [usize; 3],
        forward: impl Fn(&N, Tensor<4>) -> Vec<Output>,
    ) -> Result<Self> {
        // Running statistics are shared between clones and would be moved with them; `valid` copies them.
        let network = network.valid();
        let device = Device::capture();
        let pass = |count| Pass::record(&network, &device, [count, channels, height, width], &forward);
        let [small, large] = [pass(BATCHES[0])?, pass(BATCHES[1])?];
        small.compared(large)
    }
}

/// What was recorded with one number of images.
struct Pass {
    operations: Vec<OperationIr>,
    shapes: BTreeMap<TensorId, Vec<usize>>,
    constants: BTreeMap<TensorId, TensorData>,
    input: TensorId,
    outputs: Vec<(String, TensorId)>,
}

impl Pass {
    fn record<N: Module>(
        network: &N,
        device: &Device,
        shape: [usize; 4],
        forward: impl Fn(&N, Tensor<4>) -> Vec<Output>,
    ) -> Result<Self> {
        let mut named = None;
        let recorded = device.capture_scope(|scope| {
            let network = network.valid().to_device(device);
            let images = Output::new("images", Tensor::<4>::zeros(shape, &Device::flex()).to_device(device));
            let outputs = forward(&network, Tensor::from_dispatch(images.tensor.clone()));
            let last: BTreeSet<_> = outputs.iter().filter_map(|output| output.id).collect();
            let completed = scope.complete(images.id, last);
            named = Some((images.id, outputs));
            completed
        });
        let CapturedGraph { graph, values } = recorded.map_err(|error| refused(error.to_string()))?;
        let Some((Some(input), outputs)) = named else {
            return Err(refused("its forward pass was not recorded".to_owned()));
        };
        if outputs.is_empty() {
            return Err(refused("it has no outputs".to_owned()));
        }
        let mut numbering = Numbering::default();
        let input = numbering.number(input, &shape);
        let mut operations = graph.operations;
        for operation in &mut operations {
            without_whole_ranges(operation);
            operation.visit_mut(&mut numbering);
        }
        let mut last = Vec::new();
        for output in outputs {
            let known = output.id.and_then(|id| numbering.numbers.get(&id).copied());
            let id = known.ok_or_else(|| {
                refused(format!("its output `{}` does not depend on the images", output.name))
            })?;
            last.push((output.name, id));
        }
        let numbers = &numbering.numbers;
        let constants = values.into_iter().filter_map(|(id, data)| Some((*numbers.get(&id)?, data)));
        let constants = constants.filter(|(id, _)| *id != input).collect();
        Ok(Self { operations, shapes: numbering.shapes, constants, input, outputs: last })
    }

    /// What this and a pass over more images have in common.
    fn compared(self, other: Self) -> Result<Recording> {
        let at_odds = |what: &str| refused(format!("{what} depends on how many images there are"));
        if let Some((a, _)) = self.operations.iter().zip(&other.operations).find(|(a, b)| a != b) {
            return Err(at_odds(&format!("its operation {}", name_of(a))));
        }
        if self.operations.len() != other.operations.len() || self.outputs != other.outputs {
            return Err(at_odds("what it computes"));
        }
        let mut sides = BTreeMap::new();
        for (id, shape) in self.shapes {
            let dimensions = shape.iter().zip(other.shapes.get(&id).into_iter().flatten());
            let known: Option<Vec<Side>> = dimensions.map(|(&a, &b)| side(a, b)).collect();
            let known = known.filter(|known| known.len() == shape.len());
            sides.insert(id, known.ok_or_else(|| at_odds("more than the first dimension of a tensor"))?);
        }
        for (name, id) in &self.outputs {
            if sides[id].first() != Some(&Side::Batch(1)) {
                return Err(refused(format!("its output `{name}` has not one row for each image")));
            }
        }
        if self.constants != other.constants {
            return Err(at_odds("one of its constants"));
        }
        Ok(Recording {
            operations: self.operations,
            sides,
            constants: self.constants,
            input: self.input,
            outputs: self.outputs,
        })
    }
}

/// The size of a dimension that was `a` and `b` in the two passes.
fn side(a: usize, b: usize) -> Option<Side> {
    let times = a / BATCHES[0];
    match a == b {
        true => Some(Side::Fixed(a)),
        false if [a, b] == BATCHES.map(|count| count * times) => Some(Side::Batch(times)),
        false => None,
    }
}

/// Numbers tensors in the order in which they appear, so that recordings can be compared and files are the
/// same each time.
#[derive(Default)]
struct Numbering {
    numbers: HashMap<TensorId, TensorId>,
    shapes: BTreeMap<TensorId, Vec<usize>>,
}

impl Numbering {
    fn number(&mut self, id: TensorId, shape: &[usize]) -> TensorId {
        let next = TensorId::new(self.numbers.len() as u64);
        let number = *self.numbers.entry(id).or_insert(next);
        self.shapes.entry(number).or_insert_with(|| shape.to_vec());
        number
    }
}

impl IrVisitorMut for Numbering {
    fn visit_tensor_mut(&mut self, tensor: &mut TensorIr) {
        tensor.id = self.number(tensor.id, &tensor.shape.to_vec());
        tensor.shape = Shape::new([]);
        tensor.status = TensorStatus::ReadOnly;
    }
}

/// Writes ranges over all of a dimension without its size, which may be that of the batch.
fn without_whole_ranges(operation: &mut OperationIr) {
    if let OperationIr::BaseFloat(BaseOperationIr::Slice(slice)) = operation {
        for (range, &size) in slice.ranges.iter_mut().zip(slice.tensor.shape.iter()) {
            if *range == Slice::new(0, Some(size as isize), 1) {
                *range = Slice::full();
            }
        }
    }
}

/// What Burn calls an operation, such as `Conv2d`.
pub(super) fn name_of(operation: &OperationIr) -> String {
    let text = format!("{operation:?}");
    let head = text.split(" {").next().unwrap_or_default();
    let names: Vec<&str> =
        head.split(|c: char| !c.is_alphanumeric()).filter(|name| !name.is_empty()).collect();
    let of_structure = names.len().saturating_sub(2);
    names.get(of_structure).copied().unwrap_or("without a name").to_owned()
}

pub(super) fn refused(reason: String) -> Error {
    Error::Export { reason }
}
