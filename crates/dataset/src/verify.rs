//! Is a data set what was written?

use std::collections::BTreeMap;
use std::path::Path;

use crate::left_out::{LEFT_OUT, left_out};
use crate::write::{IMAGES, TRUTH, hash};
use crate::{Error, Manifest, Table, Value};

/// Holds the table against the manifest and every picture against the table. `progress` is called with 1 for every
/// picture.
///
/// # Errors
/// [`Error::Folder`] if the folder holds no data set or one that is not whole, or a file is not what was written;
/// [`Error::File`] and [`Error::Table`] for what cannot be read.
pub fn verify(folder: &Path, progress: &dyn Fn(u64)) -> Result<Manifest, Error> {
    let refused =
        |path: &Path, reason: &str| Error::Folder { path: path.to_owned(), reason: reason.to_owned() };
    let (manifest, wanted) = Manifest::whole(folder)?;
    let truth = folder.join(TRUTH);
    if hash(&truth)? != wanted {
        return Err(refused(&truth, "is not the table that was written: make the set anew"));
    }
    let mut count = 0;
    left_out(folder, &mut |_| count += 1)?;
    if count != manifest.left_out.unwrap_or(0) {
        let list = folder.join(LEFT_OUT);
        return Err(refused(&list, "does not name as many pictures as the manifest: make the set anew"));
    }
    // A picture of several faces has several rows.
    let mut pictures: BTreeMap<String, String> = BTreeMap::new();
    Table::each(
        &truth,
        |name| ["image", "sha256"].contains(&name),
        |row| {
            if let Ok([Value::Text(name), Value::Text(hash)]) = <[Value; 2]>::try_from(row) {
                pictures.insert(name, hash);
            }
        },
    )?;
    if pictures.len() as u64 != manifest.kept() {
        return Err(refused(&truth, "does not name as many pictures as the manifest: make the set anew"));
    }
    for (name, wanted) in pictures {
        let path = folder.join(IMAGES).join(name);
        if hash(&path)? != wanted {
            return Err(refused(&path, "is not the picture that was written: make the set anew"));
        }
        progress(1);
    }
    Ok(manifest)
}
