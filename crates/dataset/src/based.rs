//! Recipes that are based on others: how `base` is followed, the same wherever a recipe of a run is read.

use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::{Error, recipe};

/// Recipes that are based on each other.
const DEEPEST: usize = 8;
/// Fields of the section `[data]` that are paths.
const PATHS: [&str; 2] = ["path", "root"];
/// Fields that say the same thing in two ways: who gives one takes the other back.
const EITHER: [[&str; 2]; 1] = [["epochs", "steps"]];

/// Reads a recipe as a table, with those that it is based on: `base = "other.toml"` takes another recipe, relative to this
/// one, whose fields those of this one replace, table by table. A table whose `kind` is another replaces the whole. Paths in
/// the section `[data]` of the other are made relative to this one. What the other has and this one does not want is named
/// by `without = ["noise", "run.clip"]`.
///
/// # Errors
/// [`Error::File`] if one cannot be read; [`Error::Folder`] if one is no TOML, or they are based on each other in a circle,
/// or the other has not what is not wanted.
pub fn read_based(path: &Path) -> Result<Table, Error> {
    read(path, 0)
}

/// As [`read_based`], of a text; `path` is what errors call it, and what others are relative to.
///
/// # Errors
/// As [`read_based`].
pub fn parse_based(text: &str, path: &Path) -> Result<Table, Error> {
    parse(text, path, 0)
}

fn refused(path: &Path, reason: String) -> Error {
    Error::Folder { path: path.to_owned(), reason }
}

fn read(path: &Path, depth: usize) -> Result<Table, Error> {
    if depth > DEEPEST {
        let reason =
            format!("is one of more than {DEEPEST} recipes that are based on each other, or in a circle");
        return Err(refused(path, reason));
    }
    parse(&recipe::read(path)?, path, depth)
}

fn parse(text: &str, path: &Path, depth: usize) -> Result<Table, Error> {
    let mut given: Table =
        text.parse().map_err(|error: toml::de::Error| refused(path, format!("is no TOML: {error}")))?;
    let Some(base) = given.remove("base") else {
        return match given.contains_key("without") {
            true => {
                Err(refused(path, "without takes back what a base says, and there is no base".to_owned()))
            }
            false => Ok(given),
        };
    };
    let Some(base) = base.as_str() else {
        return Err(refused(path, "base must be the name of a file".to_owned()));
    };
    let mut table = read(&path.parent().unwrap_or(Path::new("")).join(base), depth + 1)?;
    if let Some(data) = table.get_mut("data") {
        moved(data, Path::new(base).parent().unwrap_or(Path::new("")));
    }
    merge(&mut table, given).map_err(|reason| refused(path, reason))?;
    Ok(table)
}

/// Makes the paths of a section `[data]` relative to the recipe that names the folder of this one so.
fn moved(data: &mut Value, folder: &Path) {
    each_path(data, &|path| folder.join(path));
}

/// Leaves of the paths of a section `[data]` the last names: the folders that data lie in tell of whose machine it is.
pub fn without_folders(data: &mut Value) {
    each_path(data, &|path| path.file_name().map_or_else(PathBuf::new, PathBuf::from));
}

fn each_path(data: &mut Value, change: &dyn Fn(&Path) -> PathBuf) {
    let Some(table) = data.as_table_mut() else { return };
    for (key, value) in table {
        match value {
            Value::String(path) if PATHS.contains(&key.as_str()) => {
                // What is made of text is text.
                *path = change(Path::new(path)).to_string_lossy().into_owned();
            }
            Value::Array(parts) if key == "of" => parts.iter_mut().for_each(|part| each_path(part, change)),
            _ => {}
        }
    }
}

/// Replaces fields of a recipe by those that are given, table by table, and takes back those that it is to be without, as a
/// recipe that is based on it does.
///
/// # Errors
/// What is wrong with `without`, in words.
pub fn merge(base: &mut Table, mut given: Table) -> Result<(), String> {
    if let Some(without) = given.remove("without") {
        let names: Vec<String> = without
            .try_into()
            .map_err(|_| "without must be a list of names, as [\"noise\", \"run.clip\"]".to_owned())?;
        for name in names {
            take_back(base, &name).ok_or_else(|| format!("without {name}: the base has none"))?;
        }
    }
    replace(base, given);
    Ok(())
}

/// Removes a field, whose tables are named before it with dots.
fn take_back(table: &mut Table, name: &str) -> Option<Value> {
    match name.split_once('.') {
        Some((first, rest)) => take_back(table.get_mut(first)?.as_table_mut()?, rest),
        None => table.remove(name),
    }
}

fn replace(base: &mut Table, given: Table) {
    for [one, other] in EITHER {
        for (given_one, other) in [(one, other), (other, one)] {
            if given.contains_key(given_one) && !given.contains_key(other) {
                base.remove(other);
            }
        }
    }
    for (key, value) in given {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(old)), Value::Table(new))
                if new.get("kind").is_none_or(|kind| old.get("kind") == Some(kind)) =>
            {
                replace(old, new);
            }
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::Data;

    #[test]
    fn fields_replace_those_of_the_base() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            path
        };
        let data = "kind = 'folders'\npath = 'photos'\npeople = { most = 50 }";
        write("common/all.toml", &format!("seed = 1\n[data]\n{data}\n[loss]\nkind = 'cosface'\nscale = 30"));
        write("long.toml", "base = 'common/all.toml'\nseed = 2");
        let path =
            write("arm.toml", "base = 'long.toml'\n[data]\npeople = { least = 3 }\n[loss]\nkind = 'arcface'");
        let table = read_based(&path).unwrap();
        assert_eq!(table["seed"].as_integer(), Some(2));
        assert_eq!(table["loss"].as_table().unwrap().len(), 1, "another kind replaces the whole");
        // What is cropped is what is trained on: the people and the place of the base hold.
        let Data::Folders { path, people } = Data::load(&path).unwrap() else { panic!("another kind") };
        assert_eq!((path, people.most, people.least), (PathBuf::from("common/photos"), Some(50), Some(3)));
        let text = "base = 'long.toml'\nwithout = ['data.people', 'seed']\n[data]\nkind = 'folders'";
        let table = parse_based(text, &folder.path().join("r.toml")).unwrap();
        assert!(!table.contains_key("seed"));
        assert_eq!(table["data"].as_table().unwrap().keys().collect::<Vec<_>>(), ["kind", "path"]);
        let joined = "[data]\nkind = 'joined'\nof = [{ kind = 'list', path = 'a.txt', root = '/b' }]";
        write("common/joined.toml", joined);
        let table = parse_based("base = 'common/joined.toml'", &folder.path().join("r.toml")).unwrap();
        let part = table["data"]["of"][0].as_table().unwrap();
        assert_eq!((part["path"].as_str(), part["root"].as_str()), (Some("common/a.txt"), Some("/b")));
        let mut data = table["data"].clone();
        without_folders(&mut data);
        assert_eq!(data["of"][0]["path"].as_str(), Some("a.txt"));
    }

    #[test]
    fn what_cannot_be_followed_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("r.toml");
        fs::write(folder.path().join("plain.toml"), "seed = 1").unwrap();
        for (text, said) in [
            ("base = 'r.toml'", "in a circle"),
            ("base = 3", "base must be the name of a file"),
            ("base = 'nowhere.toml'", "nowhere.toml"),
            ("base = ", "r.toml is no TOML"),
            ("without = ['noise']", "there is no base"),
            ("base = 'plain.toml'\nwithout = ['noise', 'seed']", "without noise: the base has none"),
            ("base = 'plain.toml'\nwithout = 'seed'", "without must be a list of names"),
        ] {
            fs::write(&path, text).unwrap();
            let error = read_based(&path).unwrap_err().to_string();
            assert!(error.contains(said), "{said}: {error}");
        }
    }
}
