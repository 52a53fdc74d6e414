//! One photo, from its path to its pixels, within the budget.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use imaging::{Image, decode, probe};

use super::Options;
use super::budget::{Budget, Held};
use crate::{Error, Result};

/// How often a file that turns out larger than it was a moment ago is looked at again.
const ATTEMPTS: usize = 3;

/// Reads and decodes a photo. The bytes it takes are held until the second value is dropped: while it is decoded, the
/// file and what the decoder needs; then the picture alone.
pub(super) fn photo<'a>(path: &Path, options: &Options, budget: &'a Budget) -> Result<(Image, Held<'a>)> {
    let mut needed = file_size(path, options)?;
    let mut known = needed;
    for _ in 0..ATTEMPTS {
        let too_much = || Error::Memory { needed, budget: budget.total() };
        let mut held = budget.take(needed).ok_or_else(too_much)?;
        let bytes = read(path, options)?;
        known = known.max(bytes.len() as u64);
        let header = probe(&bytes, &options.decode)?;
        needed = known.saturating_add(header.decode_bytes);
        if needed > budget.total() {
            return Err(Error::Memory { needed, budget: budget.total() });
        }
        // Whoever waits must hold nothing. So where the rest is not free now, the file is let go, and read again once
        // there is room for all of it.
        if !held.set(needed) {
            continue;
        }
        let image = decode(&bytes, &options.decode)?;
        drop(bytes);
        held.set((image.pixels().len() as u64).min(needed));
        return Ok((image, held));
    }
    Err(Error::Changed)
}

fn file_size(path: &Path, options: &Options) -> Result<u64> {
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(Error::NotAFile);
    }
    if metadata.len() > options.max_file_bytes {
        return Err(Error::FileTooLarge { limit: options.max_file_bytes });
    }
    Ok(metadata.len())
}

/// The bytes of a file that may have grown since its size was asked for.
fn read(path: &Path, options: &Options) -> Result<Vec<u8>> {
    let expected = file_size(path, options)?;
    let mut bytes = Vec::with_capacity(expected as usize + 1);
    File::open(path)?.take(options.max_file_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > options.max_file_bytes {
        return Err(Error::FileTooLarge { limit: options.max_file_bytes });
    }
    Ok(bytes)
}
