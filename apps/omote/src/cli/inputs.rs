//! From what the user typed (files, folders, globs) to the photos to read.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use imaging::{PHOTO_EXTENSIONS, is_photo};
use walkdir::WalkDir;

/// One photo to read, or the reason why an argument gave none.
pub type Input = Result<PathBuf, Unreadable>;

/// An argument, or a place below a folder, that cannot be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable {
    /// What was asked for.
    pub path: PathBuf,
    /// Why it cannot be read, and what to do.
    pub reason: String,
}

/// Expands arguments into photos, in the order of the arguments and by name within a folder.
///
/// A file is taken as it is, whatever its name. A folder gives the photos below it, links followed, loops
/// reported. An argument that names nothing but holds `*`, `?` or `[` is a glob.
pub fn expand(arguments: &[PathBuf]) -> Vec<Input> {
    let mut inputs = Vec::new();
    for argument in arguments {
        if argument.is_dir() {
            walk(argument, &mut inputs);
        } else if !argument.exists() && is_glob(argument) {
            expand_glob(argument, &mut inputs);
        } else {
            inputs.push(Ok(argument.clone()));
        }
    }
    inputs
}

/// Makes a folder for pictures that are named after photos. One that holds a photo which is to be read is refused:
/// a picture could take its place.
pub fn output_folder(folder: &Path, inputs: &[Input]) -> anyhow::Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let real = |path: &Path| path.canonicalize().ok();
    let parents: HashSet<&Path> = inputs.iter().flatten().filter_map(|photo| photo.parent()).collect();
    // The parent of `a.jpg` is "", which is here.
    let here = |parent: &Path| {
        if parent.as_os_str().is_empty() { Path::new(".").into() } else { parent.to_path_buf() }
    };
    if real(folder)
        .is_some_and(|folder| parents.iter().any(|parent| real(&here(parent)).as_ref() == Some(&folder)))
    {
        bail!(
            "{} holds photos that are read, which pictures could overwrite: name another folder",
            folder.display()
        );
    }
    Ok(())
}

fn is_glob(argument: &Path) -> bool {
    argument.to_str().is_some_and(|text| text.contains(['*', '?', '[']))
}

fn walk(folder: &Path, inputs: &mut Vec<Input>) {
    let before = inputs.len();
    for entry in WalkDir::new(folder).follow_links(true).sort_by_file_name() {
        match entry {
            Ok(entry) if entry.file_type().is_file() && is_photo(entry.path()) => {
                inputs.push(Ok(entry.into_path()));
            }
            Ok(_) => {}
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_path_buf();
                let reason = match error.loop_ancestor() {
                    Some(ancestor) => format!("is a link back to {}: remove the link", ancestor.display()),
                    None => error.io_error().map_or_else(|| error.to_string(), ToString::to_string),
                };
                inputs.push(Err(Unreadable { path, reason }));
            }
        }
    }
    if inputs.len() == before {
        let reason = format!("holds no photo ({} ...)", PHOTO_EXTENSIONS[..6].join(", "));
        inputs.push(Err(Unreadable { path: folder.to_path_buf(), reason }));
    }
}

fn expand_glob(pattern: &Path, inputs: &mut Vec<Input>) {
    let unreadable = |reason: String| Unreadable { path: pattern.to_path_buf(), reason };
    let matches = match glob::glob(&pattern.to_string_lossy()) {
        Ok(matches) => matches,
        Err(error) => return inputs.push(Err(unreadable(format!("is not a valid pattern: {error}")))),
    };
    let before = inputs.len();
    for found in matches {
        match found {
            Ok(path) if path.is_dir() => walk(&path, inputs),
            Ok(path) => inputs.push(Ok(path)),
            Err(error) => {
                let (path, reason) = (error.path().to_path_buf(), error.error().to_string());
                inputs.push(Err(Unreadable { path, reason }));
            }
        }
    }
    if inputs.len() == before {
        inputs.push(Err(unreadable("matches no file".into())));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(inputs: &[Input]) -> Vec<String> {
        let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
        inputs
            .iter()
            .map(|input| input.as_ref().map_or_else(|e| format!("!{}", e.reason), |p| name(p)))
            .collect()
    }

    #[test]
    fn folders_are_walked_in_order_and_only_photos_are_taken() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("b")).unwrap();
        for file in ["c.JPG", "a.png", "notes.txt", "b/z.heic"] {
            fs::write(dir.path().join(file), b"x").unwrap();
        }
        assert_eq!(names(&expand(&[dir.path().to_path_buf()])), ["a.png", "z.heic", "c.JPG"]);
        let explicit = dir.path().join("notes.txt");
        assert_eq!(expand(std::slice::from_ref(&explicit)), [Ok(explicit)]);
    }

    #[test]
    fn globs_match_files_and_say_when_they_match_none() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.jpg"), b"x").unwrap();
        assert_eq!(names(&expand(&[dir.path().join("*.jpg")])), ["a.jpg"]);
        assert_eq!(names(&expand(&[dir.path().join("*.png")])), ["!matches no file"]);
    }

    #[test]
    fn a_file_whose_name_looks_like_a_glob_is_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let odd = dir.path().join("party[1].jpg");
        fs::write(&odd, b"x").unwrap();
        assert_eq!(expand(std::slice::from_ref(&odd)), [Ok(odd)]);
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_loop_is_reported_once() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.jpg"), b"x").unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("loop")).unwrap();
        let inputs = expand(&[dir.path().to_path_buf()]);
        assert_eq!(inputs.len(), 2);
        assert!(inputs[1].as_ref().unwrap_err().reason.contains("link back"));
    }
}
