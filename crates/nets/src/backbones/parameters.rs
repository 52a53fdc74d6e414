//! The parameters of a module: how many, and drawing them.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

/// How many values are learned, or frozen, as PyTorch counts them: running statistics are none.
pub(crate) fn count(module: &impl Module) -> u64 {
    let mut count = Count::default();
    module.visit(&mut count);
    count.values
}

/// A module with all its parameters drawn, in the order of the layers, whichever is needed first.
pub(crate) fn drawn<M: Module>(module: M) -> M {
    module.visit(&mut Draw);
    module
}

#[derive(Default)]
struct Count {
    names: Vec<String>,
    values: u64,
}

impl ModuleVisitor for Count {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.names.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.names.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !self.names.last().is_some_and(|name| name.starts_with("running_")) {
            self.values += param.lazy_shape().num_elements() as u64;
        }
    }
}

struct Draw;

impl ModuleVisitor for Draw {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if !param.is_initialized() {
            let _ = param.val();
        }
    }
}
