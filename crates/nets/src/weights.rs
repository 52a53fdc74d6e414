//! Weights in files, under the names of PyTorch.
//!
//! [`save`] and [`load`] write and read safetensors; [`load_published`] reads what PyTorch saved (`.pth`,
//! `.pt`). A file must hold all of a network and nothing else: what is missing, unknown, or of another shape
//! is named. The counters `num_batches_tracked`, which PyTorch keeps beside running statistics and nobody
//! needs, are passed over.

mod header;
mod names;
#[cfg(test)]
pub(crate) mod painted;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use burn::module::Module;
use burn::store::burn_pack::Tensor as Stored;
use burn::store::{ModuleSnapshot, ModuleStore, PytorchStore, SafetensorsStore};

use crate::Error;
use names::{FromPyTorch, ToPyTorch};

/// Writes the weights and running statistics of a module as safetensors, with what is to be known about them.
///
/// The file is there whole or not at all, and the same weights and metadata are the same bytes.
///
/// # Errors
///
/// If it cannot be written.
pub fn save(module: &impl Module, path: &Path, metadata: &BTreeMap<String, String>) -> Result<(), Error> {
    let mut store = SafetensorsStore::from_bytes(None).skip_enum_variants(true).with_to_adapter(ToPyTorch);
    // Running statistics of the last step are only kept with the others when a module leaves training.
    module.valid().save_into(&mut store).map_err(|error| Error::weights(path, error))?;
    let bytes = store.get_bytes().map_err(|error| Error::weights(path, error))?;
    let header = header::with_metadata(&bytes, metadata).map_err(|reason| Error::weights(path, reason))?;
    let file = Error::file(path);
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let written = fs::File::create(&partial).and_then(|mut partial| {
        io::Write::write_all(&mut partial, &header)?;
        io::Write::write_all(&mut partial, header::tensors(&bytes))?;
        partial.sync_all()
    });
    written.and_then(|()| fs::rename(&partial, path)).map_err(file)
}

/// What [`save`] was told about the weights of a file.
///
/// # Errors
///
/// If it cannot be read, or is not safetensors.
pub fn metadata(path: &Path) -> Result<BTreeMap<String, String>, Error> {
    let file = Error::file(path);
    let mut opened = fs::File::open(path).map_err(file)?;
    header::metadata(&mut opened).map_err(file)?.map_err(|reason| Error::weights(path, reason))
}

/// Reads weights and running statistics that [`save`] wrote, or PyTorch as safetensors.
///
/// # Errors
///
/// If it cannot be read, or does not hold the weights of this module.
pub fn load<M: Module>(module: M, path: &Path) -> Result<M, Error> {
    readable(path)?;
    let mut store = SafetensorsStore::from_file(path);
    let tensors = store.get_all_tensors().map_err(|error| Error::weights(path, error))?;
    fill(module, tensors.values().cloned().collect(), path)
}

/// How the names of a published file differ from those of a module.
#[derive(Clone, Copy, Debug, Default)]
pub struct Published<'a> {
    /// Under which key the weights are, if they are not all of the file: `state_dict`, `model`.
    pub key: Option<&'a str>,
    /// Beginnings of names, and what is to stand in their place. The first that fits is taken.
    pub prefixes: &'a [(&'a str, &'a str)],
    /// Beginnings of (published) names that are passed over: what only served training, such as a matrix of
    /// classes.
    pub without: &'a [&'a str],
}

/// What `torch.nn.DataParallel` puts before all names.
pub const DATA_PARALLEL: (&str, &str) = ("module.", "");

/// Reads weights and running statistics that PyTorch saved: a dictionary of tensors, or a module.
///
/// # Errors
///
/// If it cannot be read, or does not hold the weights of this module.
pub fn load_published<M: Module>(module: M, path: &Path, published: Published) -> Result<M, Error> {
    readable(path)?;
    let mut store = PytorchStore::from_file(path);
    if let Some(key) = published.key {
        store = store.with_top_level_key(key);
    }
    let tensors = store.get_all_tensors().map_err(|error| Error::weights(path, error))?;
    let wanted = |tensor: &&Stored| !published.without.iter().any(|start| tensor.name.starts_with(start));
    let renamed = tensors.values().filter(wanted).cloned().map(|mut tensor| {
        let found =
            published.prefixes.iter().find_map(|(from, to)| Some((tensor.name.strip_prefix(from)?, to)));
        if let Some((rest, to)) = found {
            tensor.name = format!("{to}{rest}");
        }
        tensor
    });
    fill(module, renamed.collect(), path)
}

/// Says what is wrong with a path before it is taken for a damaged file.
fn readable(path: &Path) -> Result<(), Error> {
    let file = Error::file(path);
    let opened = fs::File::open(path).map_err(file)?;
    if opened.metadata().map_err(file)?.is_file() {
        return Ok(());
    }
    Err(Error::weights(path, "is a folder, not a file of weights"))
}

/// Compares what there is with what the module needs, and only then reads it.
fn fill<M: Module>(mut module: M, tensors: Vec<Stored>, path: &Path) -> Result<M, Error> {
    let tensors: Vec<Stored> =
        tensors.into_iter().filter(|tensor| !tensor.name.ends_with("num_batches_tracked")).collect();
    // Statistics that wait to be kept would otherwise be kept after what is loaded.
    let needed = module.valid().collect(None, Some(Box::new(ToPyTorch)), true);
    names::compare(&needed, &tensors).map_err(|reason| Error::weights(path, reason))?;
    let result = module.apply(tensors, None, Some(Box::new(FromPyTorch)), true);
    match result.errors.first() {
        Some(error) => Err(Error::weights(path, error)),
        None => Ok(module),
    }
}
