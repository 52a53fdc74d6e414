//! Where an ONNX Runtime library may be, found without running Python.

use std::cmp::Reverse;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// The folder in which pyenv keeps its Python installations.
const VERSIONS: &str = "versions";

/// The parts of the environment that say where Python keeps its packages.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    pub(crate) ort_dylib_path: Option<PathBuf>,
    pub(crate) virtual_env: Option<PathBuf>,
    pub(crate) conda_prefix: Option<PathBuf>,
    pub(crate) path: Option<OsString>,
    pub(crate) home: Option<PathBuf>,
    pub(crate) pyenv_root: Option<PathBuf>,
    /// Folders of the system's own libraries.
    pub(crate) system: Vec<PathBuf>,
}

/// What a search found.
#[derive(Debug)]
pub(crate) struct Search {
    /// Library files, the likeliest first.
    pub(crate) found: Vec<PathBuf>,
    /// Files and folders that were looked at.
    pub(crate) looked: Vec<PathBuf>,
    /// Whether the user named the place, so that nothing else will do.
    pub(crate) named: bool,
}

impl Surroundings {
    /// Those of this process.
    pub(crate) fn current() -> Self {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let folder = |name| variable(name).map(PathBuf::from);
        let system = ["/usr/local/lib", "/usr/lib", "/usr/lib64", "/opt/homebrew/lib"].map(PathBuf::from);
        let multiarch = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
        Self {
            ort_dylib_path: folder("ORT_DYLIB_PATH"),
            virtual_env: folder("VIRTUAL_ENV"),
            conda_prefix: folder("CONDA_PREFIX"),
            path: variable("PATH"),
            home: std::env::home_dir(),
            pyenv_root: folder("PYENV_ROOT"),
            system: system
                .into_iter()
                .chain([PathBuf::from(multiarch)])
                .filter(|folder| folder.is_dir())
                .collect(),
        }
    }

    /// Looks for the library: at `named` and nowhere else if there is one, else at `ORT_DYLIB_PATH` and nowhere else
    /// if it is set, else everywhere.
    pub(crate) fn search(&self, named: Option<&Path>) -> Search {
        if let Some(place) = named.or(self.ort_dylib_path.as_deref()) {
            let place = std::path::absolute(place).unwrap_or_else(|_| place.to_owned());
            let found = if place.is_dir() { libraries_under(&place) } else { vec![place.clone()] };
            return Search { found, looked: vec![place], named: true };
        }
        let looked = self.places();
        let mut found: Vec<PathBuf> = Vec::new();
        for library in looked.iter().flat_map(|place| libraries_under(place)) {
            if !found.contains(&library) {
                found.push(library);
            }
        }
        Search { found, looked, named: false }
    }

    /// Prefixes of Python installations and folders of libraries, the likeliest first.
    fn places(&self) -> Vec<PathBuf> {
        let mut places: Vec<PathBuf> = Vec::new();
        places.extend(self.virtual_env.clone());
        places.extend(self.conda_prefix.clone());
        if let Some(python) = self.python() {
            places.extend(prefix_of(&python));
            // The link of a virtual environment leads to the installation that it was made from.
            places.extend(python.canonicalize().ok().as_deref().and_then(prefix_of));
        }
        if let Some(home) = &self.home {
            places.push(home.join(".local"));
        }
        let pyenv = self.pyenv_root.clone().or_else(|| self.home.as_ref().map(|home| home.join(".pyenv")));
        places.extend(pyenv.map(|pyenv| pyenv.join(VERSIONS)));
        places.extend(self.system.iter().cloned());
        let mut seen = Vec::new();
        places.retain(|place| {
            let new = !seen.contains(place);
            seen.push(place.clone());
            new
        });
        places
    }

    /// The `python3` that a shell would start.
    fn python(&self) -> Option<PathBuf> {
        let names = if cfg!(windows) { ["python.exe", "python3.exe"] } else { ["python3", "python"] };
        let folders: Vec<_> = std::env::split_paths(self.path.as_ref()?).collect();
        names
            .iter()
            .find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|file| file.is_file()))
    }
}

/// `/usr` for `/usr/bin/python3`; on Windows Python lies in the prefix itself.
fn prefix_of(python: &Path) -> Option<PathBuf> {
    let folder = python.parent()?;
    if folder.ends_with("bin") || folder.ends_with("Scripts") {
        folder.parent().map(Path::to_owned)
    } else {
        cfg!(windows).then(|| folder.to_owned())
    }
}

/// The libraries of a Python prefix, of several in a folder of pyenv's, of an unpacked release, a folder of packages
/// or a plain folder.
fn libraries_under(place: &Path) -> Vec<PathBuf> {
    if place.ends_with(VERSIONS) {
        return entries(place).iter().flat_map(|version| libraries_under(version)).collect();
    }
    let mut folders =
        vec![place.to_owned(), place.join("lib"), place.join("capi"), place.join("onnxruntime/capi")];
    let mut packages = vec![place.join("Lib/site-packages"), place.join("lib/python3/dist-packages")];
    for lib in ["lib", "lib64", "local/lib"] {
        let pythons = entries(&place.join(lib)).into_iter().filter(|folder| is_python(folder));
        packages
            .extend(pythons.flat_map(|folder| [folder.join("site-packages"), folder.join("dist-packages")]));
    }
    folders.extend(packages.into_iter().map(|folder| folder.join("onnxruntime/capi")));
    folders.iter().flat_map(|folder| entries(folder)).filter(|file| is_library(file)).collect()
}

fn is_python(folder: &Path) -> bool {
    folder.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with("python3."))
}

/// Whether the name is that of the library, with or without its version: not of its companions such as
/// `libonnxruntime_providers_shared.so`.
fn is_library(file: &Path) -> bool {
    let Some(name) = file.file_name().and_then(OsStr::to_str) else { return false };
    if cfg!(windows) {
        name.eq_ignore_ascii_case("onnxruntime.dll")
    } else if cfg!(target_os = "macos") {
        name.starts_with("libonnxruntime.") && name.ends_with(".dylib")
    } else {
        name == "libonnxruntime.so" || name.starts_with("libonnxruntime.so.")
    }
}

/// The entries of a folder, those with the highest numbers in their names first, so that 3.12 comes before 3.9; none
/// if it cannot be read.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort_by_cached_key(|path| (Reverse(numbers(path)), path.clone()));
    entries
}

/// The numbers in the name of a file.
fn numbers(path: &Path) -> Vec<u64> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.split(|c: char| !c.is_ascii_digit()).filter_map(|digits| digits.parse().ok()).collect()
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::*;

    /// Writes an empty file and the folders above it.
    fn touch(file: PathBuf) -> PathBuf {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, b"").unwrap();
        file
    }

    const WHEEL: &str = "lib/python3.11/site-packages/onnxruntime/capi/libonnxruntime.so.1.31.1";

    #[test]
    fn an_active_environment_comes_before_the_python_on_the_path() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let active = touch(root.join("active").join(WHEEL));
        touch(
            root.join(
                "active/lib/python3.11/site-packages/onnxruntime/capi/libonnxruntime_providers_shared.so",
            ),
        );
        touch(root.join("base/bin/python3"));
        let base = touch(
            root.join("base/local/lib/python3.12/dist-packages/onnxruntime/capi/libonnxruntime.so.1.20.0"),
        );
        let surroundings = Surroundings {
            virtual_env: Some(root.join("active")),
            path: Some(std::env::join_paths([root.join("empty"), root.join("base/bin")]).unwrap()),
            ..Surroundings::default()
        };
        let search = surroundings.search(None);
        assert_eq!(search.found, [active, base]);
        assert_eq!(search.looked, [root.join("active"), root.join("base")]);
        assert!(!search.named);
    }

    #[test]
    fn a_linked_python_leads_to_where_it_was_installed() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        let library = touch(root.join("base").join(WHEEL));
        let python = touch(root.join("base/bin/python3.11"));
        std::fs::create_dir_all(root.join("venv/bin")).unwrap();
        std::os::unix::fs::symlink(python, root.join("venv/bin/python3")).unwrap();
        let path = Some(root.join("venv/bin").into_os_string());
        let search = Surroundings { path, ..Surroundings::default() }.search(None);
        assert_eq!(search.found, [library]);
        assert_eq!(search.looked, [root.join("venv"), root.join("base")]);
    }

    #[test]
    fn packages_of_the_user_of_pyenv_and_of_the_system_are_found() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let user = touch(root.join(".local").join(WHEEL));
        let newer = touch(root.join(".pyenv/versions/3.12.1").join(WHEEL));
        let older = touch(root.join(".pyenv/versions/3.9.18").join(WHEEL));
        let system = touch(root.join("usr/lib/libonnxruntime.so.1.21"));
        let surroundings = Surroundings {
            home: Some(root.to_owned()),
            system: vec![root.join("usr/lib")],
            ..Surroundings::default()
        };
        assert_eq!(surroundings.search(None).found, [user, newer, older, system]);
    }

    #[test]
    fn a_named_place_is_the_only_one() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let library = touch(root.join(WHEEL));
        let by_variable = touch(root.join("other/libonnxruntime.so"));
        let surroundings = Surroundings {
            virtual_env: Some(root.to_owned()),
            ort_dylib_path: Some(by_variable.clone()),
            ..Surroundings::default()
        };
        assert_eq!(surroundings.search(None).found, [by_variable]);
        // A file, its folder, the folder of packages and the prefix all name the same library.
        for place in [
            library.clone(),
            library.parent().unwrap().into(),
            root.join("lib/python3.11/site-packages"),
            root.into(),
        ] {
            let search = surroundings.search(Some(&place));
            assert_eq!((search.found, search.named), (vec![library.clone()], true), "{}", place.display());
        }
        // What is not there is tried too, so that the error names it.
        assert_eq!(surroundings.search(Some(&root.join("gone.so"))).found, [root.join("gone.so")]);
        assert!(surroundings.search(Some(&root.join("other/.."))).named);
    }

    #[test]
    fn nowhere_to_look_finds_nothing() {
        let search = Surroundings::default().search(None);
        assert!(search.found.is_empty() && search.looked.is_empty());
    }
}
