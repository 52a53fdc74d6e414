//! Files that commands write: tried before the work, and there whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, bail};

/// Tries whether a file can be written, before minutes of work for it are lost. `flag` is the one that named it.
pub fn check(path: &Path, flag: &str) -> anyhow::Result<()> {
    try_place(path).with_context(|| format!("cannot write {} ({flag})", path.display()))
}

fn try_place(path: &Path) -> anyhow::Result<()> {
    if path.is_dir() {
        bail!("it is a folder: name a file in it");
    }
    let Some(name) = path.file_name() else { bail!("it names no file") };
    // A bare file name has the empty parent, which stands for the current folder.
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        bail!("there is no folder {}: make it first", folder.display());
    }
    // Rights, read-only disks and the like are only known by trying. What is there already stays as it is.
    let probe = folder.join(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
    File::create_new(&probe)?;
    Ok(fs::remove_file(&probe)?)
}

/// Writes a file beside its place first, so that one that is cut short never takes the place of an earlier one.
pub fn write(path: &Path, page: impl AsRef<[u8]>) -> anyhow::Result<()> {
    let name = path.file_name().with_context(|| format!("{} names no file", path.display()))?;
    let mut partial = OsString::from(".");
    partial.push(name);
    partial.push(format!(".{}.partial", std::process::id()));
    let partial = path.with_file_name(partial);
    let written = fs::write(&partial, page).and_then(|()| fs::rename(&partial, path));
    written
        .inspect_err(|_| drop(fs::remove_file(&partial)))
        .with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_where_no_file_can_be_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let refused = |path: &Path| format!("{:#}", check(path, "--html").unwrap_err());
        assert!(refused(folder.path()).ends_with("(--html): it is a folder: name a file in it"));
        assert!(refused(&folder.path().join("no/page.html")).contains("there is no folder"));
        check(&folder.path().join("page.html"), "--html").unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "the trial leaves nothing");
    }

    #[test]
    fn a_page_is_whole_or_what_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("page.html");
        write(&path, "old").unwrap();
        write(&path, "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        fs::create_dir(folder.path().join("dir")).unwrap();
        write(&folder.path().join("dir"), "page").unwrap_err();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing half-written stays");
    }
}
