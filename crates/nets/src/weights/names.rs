//! Names and layouts of tensors, in Burn and in PyTorch.

use std::collections::BTreeMap;

use burn::store::burn_pack::Tensor as Stored;
use burn::store::{
    BurnToPyTorchAdapter, FloatCastAdapter, ModuleAdapter, ModuleContext, PyTorchToBurnAdapter,
};
use burn::tensor::DType;

/// How Burn's store calls a rectifier with slopes, of which its own adapters know nothing.
const PRELU: &str = "Struct:PRelu";

/// As PyTorch names and lays out what a module of Burn holds.
#[derive(Clone)]
pub(super) struct ToPyTorch;

impl ModuleAdapter for ToPyTorch {
    fn adapt(&self, tensor: Stored, context: ModuleContext<'_>) -> Stored {
        let mut tensor = BurnToPyTorchAdapter.adapt(tensor, context);
        if context.module_type() == Some(PRELU)
            && let Some(prefix) = tensor.name.strip_suffix("alpha")
        {
            tensor.name = format!("{prefix}weight");
        }
        tensor
    }

    fn clone_box(&self) -> Box<dyn ModuleAdapter> {
        Box::new(self.clone())
    }
}

/// As a module of Burn needs what PyTorch names and lays out, in single precision whatever it was stored in.
#[derive(Clone)]
pub(super) struct FromPyTorch;

impl ModuleAdapter for FromPyTorch {
    fn adapt(&self, tensor: Stored, context: ModuleContext<'_>) -> Stored {
        FloatCastAdapter::to(DType::F32).adapt(PyTorchToBurnAdapter.adapt(tensor, context), context)
    }

    fn get_alternative_param_name(&self, name: &str, module: &str) -> Option<String> {
        match (name, module) {
            ("alpha", PRELU) => Some("weight".to_owned()),
            _ => PyTorchToBurnAdapter.get_alternative_param_name(name, module),
        }
    }

    fn clone_box(&self) -> Box<dyn ModuleAdapter> {
        Box::new(self.clone())
    }
}

/// Names what a file does not have, has beside it, or has in another shape.
pub(super) fn compare(needed: &[Stored], found: &[Stored]) -> Result<(), String> {
    let mut there: BTreeMap<&str, &Stored> = BTreeMap::new();
    for tensor in found {
        if there.insert(&tensor.name, tensor).is_some() {
            return Err(format!("has {} twice", tensor.name));
        }
    }
    let (mut missing, mut others) = (Vec::new(), Vec::new());
    for tensor in needed {
        match there.remove(tensor.name.as_str()) {
            None => missing.push(tensor.name.clone()),
            Some(found) if found.shape != tensor.shape => {
                let [is, must] = [found, tensor].map(shape);
                others.push(format!("{} is {is}, not {must}", tensor.name));
            }
            Some(found) if !found.dtype.is_float() => {
                others.push(format!("{} has {:?}, not real numbers", tensor.name, found.dtype));
            }
            Some(_) => (),
        }
    }
    let unknown = there.keys().map(|name| name.to_string()).collect();
    let complaints = [("has no ", missing), ("knows others: ", unknown), ("", others)];
    let complaints: Vec<String> = complaints
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("{what}{}", listed(&names)))
        .collect();
    if complaints.is_empty() {
        return Ok(());
    }
    Err(format!("holds another network: {}", complaints.join("; ")))
}

fn shape(tensor: &Stored) -> String {
    let sides: Vec<String> = tensor.shape.iter().map(|side| side.to_string()).collect();
    format!("[{}]", sides.join(", "))
}

/// The first of them, and how many more there are.
fn listed(names: &[String]) -> String {
    const MOST: usize = 5;
    let more = names.len().saturating_sub(MOST);
    let first = names[..names.len() - more].join(", ");
    if more > 0 { format!("{first} and {more} more") } else { first }
}
