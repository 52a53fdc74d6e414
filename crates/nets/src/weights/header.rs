//! The header of a safetensors file: its length in 8 bytes, and JSON.

use std::collections::BTreeMap;
use std::io::{self, Read};

use serde_json::{Map, Value};

/// What is not a tensor in the header.
const METADATA: &str = "__metadata__";
/// A header of more bytes is none: that of 200 layers has 100,000.
const MOST: u64 = 16 << 20;

/// The length and the header of a file with other metadata, sorted by name.
pub(super) fn with_metadata(bytes: &[u8], metadata: &BTreeMap<String, String>) -> Result<Vec<u8>, String> {
    let json = bytes.get(8..8 + length(bytes)).ok_or("ends within its header")?;
    let mut header: Map<String, Value> = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    // What PyTorch's users ask for.
    let mut all: Map<String, Value> = Map::from_iter([("format".to_owned(), Value::from("pt"))]);
    all.extend(metadata.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))));
    header.insert(METADATA.to_owned(), Value::Object(all));
    let mut json = serde_json::to_vec(&header).map_err(|error| error.to_string())?;
    // Tensors are aligned to 8 bytes.
    json.resize(json.len().next_multiple_of(8), b' ');
    Ok([&(json.len() as u64).to_le_bytes(), json.as_slice()].concat())
}

/// The tensors of a file, behind its header.
pub(super) fn tensors(bytes: &[u8]) -> &[u8] {
    bytes.get(8 + length(bytes)..).unwrap_or_default()
}

fn length(bytes: &[u8]) -> usize {
    bytes.first_chunk().map_or(0, |length| u64::from_le_bytes(*length) as usize)
}

/// The metadata of a file: outside, whether it could be read; inside, whether it is safetensors.
pub(super) fn metadata(file: &mut impl Read) -> io::Result<Result<BTreeMap<String, String>, String>> {
    let mut length = Vec::new();
    file.take(8).read_to_end(&mut length)?;
    let Some(&length) = length.first_chunk() else {
        return Ok(Err("is too short to be safetensors".to_owned()));
    };
    let length = u64::from_le_bytes(length);
    if length > MOST {
        return Ok(Err(format!("is not safetensors: its header would have {length} bytes")));
    }
    let mut json = Vec::new();
    file.take(length).read_to_end(&mut json)?;
    #[derive(serde::Deserialize)]
    struct Header {
        #[serde(default, rename = "__metadata__")]
        metadata: BTreeMap<String, String>,
    }
    Ok(serde_json::from_slice(&json)
        .map(|header: Header| header.metadata)
        .map_err(|error| format!("is not safetensors: {error}")))
}
