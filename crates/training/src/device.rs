//! What is computed on.

use burn::tensor::Device;

/// The device of this name: `cpu`, or `cuda` or `cuda:1` for an NVIDIA card, the first or another, in programs that were built
/// with the feature `cuda`.
///
/// # Errors
/// What can be given, in words.
pub fn device(name: &str) -> Result<Device, String> {
    let card = match name.split_once(':') {
        None if name == "cpu" => return Ok(Device::flex()),
        None if name == "cuda" => Some(0),
        Some(("cuda", number)) => number.parse().ok(),
        _ => None,
    };
    card.ok_or_else(|| "cpu, cuda, or cuda:1 for the second card, is needed".to_owned()).and_then(cuda)
}

#[cfg(feature = "cuda")]
fn cuda(card: usize) -> Result<Device, String> {
    Ok(Device::cuda(card))
}

#[cfg(not(feature = "cuda"))]
fn cuda(_: usize) -> Result<Device, String> {
    Err("this program was built without it: build it with --features cuda".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_have_names() {
        assert_eq!(device("cpu"), Ok(Device::flex()));
        for name in ["", "gpu", "cuda:", "cuda:x", "cpu:0", "cuda:-1"] {
            assert!(device(name).unwrap_err().contains("is needed"), "{name}");
        }
        #[cfg(not(feature = "cuda"))]
        assert!(device("cuda:1").unwrap_err().contains("--features cuda"));
    }
}
