//! Models run by rten, the built-in engine.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rten::{DataType, Dimension, Model, ModelOptions, NodeId, ValueType, ValueView};
use rten_tensor::Layout;

use crate::{Error, Io, Tensor, workers};

pub(crate) const NAME: &str = "rten";

/// The version that the workspace pins.
pub(crate) const VERSION: &str = "0.27.0";

/// A model that rten has loaded. Runs share it: its weights are in memory once.
pub(crate) struct RtenModel {
    label: String,
    model: Model,
    per_run: usize,
}

impl RtenModel {
    pub(crate) fn load(onnx: &[u8], label: &str, per_run: usize) -> Result<Self, Error> {
        workers::start();
        let refused = |reason| Error::Model { label: label.to_owned(), engine: NAME, reason };
        // Packing the weights beforehand doubles the time to load and does not make these networks faster: the
        // convolutions of rten 0.27 pack their inputs, not their weights.
        let model = no_panic(|| ModelOptions::with_all_ops().load(onnx.to_vec()))
            .map_err(refused)?
            .map_err(|error| refused(error.to_string()))?;
        let model = Self { label: label.to_owned(), model, per_run };
        for &id in model.model.input_ids().iter().chain(model.model.output_ids()) {
            let element = model.model.node_info(id).and_then(|info| info.dtype());
            if element.is_some_and(|element| element != ValueType::Tensor(DataType::Float)) {
                return Err(model.element_type(id, element));
            }
        }
        Ok(model)
    }

    /// The inputs and outputs of the file.
    pub(crate) fn interface(&self) -> (Vec<Io>, Vec<Io>) {
        let describe = |&id: &NodeId| Io { name: self.name(id), shape: self.shape(id) };
        let inputs = self.model.input_ids().iter().map(describe).collect();
        (inputs, self.model.output_ids().iter().map(describe).collect())
    }

    /// Runs the model on an input that has been checked.
    pub(crate) fn run(&self, input: &Tensor) -> Result<Vec<Tensor>, Error> {
        let failed = |reason| Error::Run { label: self.label.clone(), engine: NAME, reason };
        let view =
            ValueView::from_shape(&input.shape, &input.data).map_err(|error| failed(error.to_string()))?;
        let worker = workers::lend(self.per_run)?;
        let inputs = self.model.input_ids().iter().map(|&id| (id, view.clone().into())).collect();
        let outputs = no_panic(|| self.model.run(inputs, self.model.output_ids(), Some(worker.options())))
            .map_err(failed)?
            .map_err(|error| failed(error.to_string()))?;
        let ids = self.model.output_ids();
        ids.iter()
            .zip(outputs)
            .map(|(&id, value)| {
                let element = value.dtype();
                let tensor: rten_tensor::Tensor<f32> =
                    value.into_tensor().ok_or_else(|| self.element_type(id, Some(element)))?;
                Ok(Tensor { shape: tensor.shape().to_vec(), data: tensor.into_data() })
            })
            .collect()
    }

    fn name(&self, id: NodeId) -> String {
        self.model.node_info(id).and_then(|info| info.name()).unwrap_or_default().to_owned()
    }

    fn shape(&self, id: NodeId) -> Vec<Option<usize>> {
        let shape = self.model.node_info(id).and_then(|info| info.shape()).unwrap_or_default();
        let size = |dimension| match dimension {
            Dimension::Fixed(size) => Some(size),
            Dimension::Symbolic(_) => None,
        };
        shape.into_iter().map(size).collect()
    }

    fn element_type(&self, id: NodeId, element: Option<ValueType>) -> Error {
        Error::ElementType {
            label: self.label.clone(),
            name: self.name(id),
            element: element.map_or_else(|| "unknown".to_owned(), |element| element.to_string()),
        }
    }
}

impl std::fmt::Debug for RtenModel {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("RtenModel").field("label", &self.label).finish_non_exhaustive()
    }
}

/// Turns a panic of rten into an error. rten checks the common faults of a model; malformed attributes, shapes and
/// constants that it does not check end in a failed slice or an overflow, in safe code, so nothing is left broken
/// but the model itself, which is dropped or keeps failing.
fn no_panic<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(run)).map_err(|panic| format!("it stopped at: {}", panic_message(&*panic)))
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("an unknown fault")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_version_is_the_pinned_one() {
        let workspace = include_str!("../../../Cargo.toml");
        assert!(workspace.contains(&format!("rten = {{ version = \"={}\"", super::VERSION)));
    }
}
