//! Published models that this version knows by the SHA-256 of their files.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::{FileHash, Kind, Licence, Manifest, ModelFile};

/// One published model.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Short name, for example `yunet-n`.
    pub name: String,
    /// Other names that people know it by.
    pub aliases: Vec<String>,
    /// What it does: a [`Kind`], or a task that omote does not do.
    pub task: String,
    /// Its files.
    pub files: Vec<ModelFile>,
    /// Licence of the weights.
    pub licence: Licence,
    /// Address of the file or of its repository.
    pub source: String,
    /// Whether omote can run it.
    pub support: Support,
}

/// Whether a published model can be run.
#[derive(Clone, Debug)]
pub enum Support {
    /// Its pre-processing is known for sure.
    Runnable(Box<Manifest>),
    /// It is only recognised.
    Listed {
        /// Why it cannot be run.
        reason: String,
    },
}

/// The manifests of the models that can be run, one file each.
const MANIFESTS: &[&str] = &[
    include_str!("../catalogue/adaface-ir101.toml"),
    include_str!("../catalogue/adaface-ir18.toml"),
    include_str!("../catalogue/edgeface-base.toml"),
    include_str!("../catalogue/edgeface-s-gamma-05.toml"),
    include_str!("../catalogue/edgeface-xs-gamma-06.toml"),
    include_str!("../catalogue/edgeface-xxs.toml"),
    include_str!("../catalogue/fsanet.toml"),
    include_str!("../catalogue/mobilefacenet.toml"),
    include_str!("../catalogue/mobilenetv1-0.25.toml"),
    include_str!("../catalogue/mobilenetv2.toml"),
    include_str!("../catalogue/mobilenetv3-large.toml"),
    include_str!("../catalogue/mobilenetv3-small.toml"),
    include_str!("../catalogue/mtcnn.toml"),
    include_str!("../catalogue/scrfd-10g.toml"),
    include_str!("../catalogue/scrfd-2.5g.toml"),
    include_str!("../catalogue/scrfd-500m.toml"),
    include_str!("../catalogue/sface.toml"),
    include_str!("../catalogue/sface-int8.toml"),
    include_str!("../catalogue/sface-int8bq.toml"),
    include_str!("../catalogue/sphere20.toml"),
    include_str!("../catalogue/sphere36.toml"),
    include_str!("../catalogue/ultraface-320.toml"),
    include_str!("../catalogue/ultraface-320-int8.toml"),
    include_str!("../catalogue/ultraface-640.toml"),
    include_str!("../catalogue/w600k-mbf.toml"),
    include_str!("../catalogue/w600k-r50.toml"),
    include_str!("../catalogue/yunet-n.toml"),
    include_str!("../catalogue/yunet-n-320.toml"),
    include_str!("../catalogue/yunet-s.toml"),
    include_str!("../catalogue/yunet-s-640.toml"),
    include_str!("../catalogue/yunet-s-640-int8.toml"),
    include_str!("../catalogue/yunet-s-640-int8bq.toml"),
];

/// Other names of these models, and the models that are only recognised.
const LISTED: &str = include_str!("../catalogue/listed.toml");

/// Models to use where the user named none, best first: the newer and freely sized before the older and fixed, none
/// without landmarks and none whose publisher forbids a use.
const PREFERRED: [(Kind, &[&str]); 3] = [
    (Kind::Detector, &["yunet-n", "yunet-s", "yunet-n-320", "yunet-s-640", "mtcnn"]),
    (Kind::Embedder, &["mobilefacenet", "sface"]),
    (Kind::HeadPose, &["fsanet"]),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawListed {
    aliases: HashMap<String, Vec<String>>,
    model: Vec<RawModel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawModel {
    name: String,
    task: String,
    file: String,
    sha256: String,
    bytes: Option<u64>,
    licence: Licence,
    source: String,
    reason: String,
}

/// The catalogue with its two look-up tables.
struct Catalogue {
    entries: Vec<Entry>,
    by_name: HashMap<String, usize>,
    by_sha256: HashMap<FileHash, (usize, usize)>,
}

impl Entry {
    /// The manifest, if omote can run the model.
    pub fn manifest(&self) -> Option<&Manifest> {
        match &self.support {
            Support::Runnable(manifest) => Some(manifest),
            Support::Listed { .. } => None,
        }
    }

    fn runnable(manifest: Manifest) -> Self {
        Self {
            name: manifest.name.clone(),
            aliases: Vec::new(),
            task: manifest.kind().to_string(),
            files: manifest.files.clone(),
            licence: manifest.licence.clone(),
            source: manifest.source.clone(),
            support: Support::Runnable(Box::new(manifest)),
        }
    }

    fn listed(raw: RawModel) -> Self {
        let sha256 = raw.sha256.parse().expect("the tests read the built-in list");
        Self {
            name: raw.name,
            aliases: Vec::new(),
            task: raw.task,
            files: vec![ModelFile { role: "model".into(), file: raw.file, sha256, bytes: raw.bytes }],
            licence: raw.licence,
            source: raw.source,
            support: Support::Listed { reason: raw.reason },
        }
    }
}

/// Every published model, the ones that can be run first.
pub fn entries() -> &'static [Entry] {
    &catalogue().entries
}

/// A model by its name or another name that people know; case and the difference of `-` and `_` do not matter.
pub fn find(name: &str) -> Option<&'static Entry> {
    let catalogue = catalogue();
    catalogue.by_name.get(&plain(name)).map(|&at| &catalogue.entries[at])
}

/// The model that a file belongs to, and which of its files it is.
pub fn by_sha256(hash: &FileHash) -> Option<(&'static Entry, &'static ModelFile)> {
    let catalogue = catalogue();
    let &(entry, file) = catalogue.by_sha256.get(hash)?;
    let entry = &catalogue.entries[entry];
    Some((entry, &entry.files[file]))
}

/// The models of a kind to use where the user named none, best first.
pub fn preferred(kind: Kind) -> &'static [&'static str] {
    PREFERRED.iter().find(|(of, _)| *of == kind).map_or(&[], |(_, names)| names)
}

/// Up to five names, of the catalogue and of `others`, that contain `name` or are contained in it.
pub(crate) fn similar<'a>(name: &str, others: impl Iterator<Item = &'a str>) -> Vec<String> {
    let wanted = plain(name);
    if wanted.len() < 3 {
        return Vec::new();
    }
    let known = entries().iter().map(|entry| entry.name.as_str());
    let mut names: Vec<String> = Vec::new();
    for name in others.chain(known) {
        let resembles = plain(name).contains(&wanted) || wanted.contains(&plain(name));
        if resembles && names.len() < 5 && !names.iter().any(|other| other == name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace('_', "-")
}

fn catalogue() -> &'static Catalogue {
    static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let runnable = MANIFESTS.iter().map(|text| {
            Entry::runnable(Manifest::parse(text).expect("the tests read every built-in manifest"))
        });
        let raw: RawListed = toml::from_str(LISTED).expect("the tests read the built-in list");
        let listed = raw.model.into_iter().map(Entry::listed);
        Catalogue::new(runnable.chain(listed).collect(), raw.aliases)
    })
}

impl Catalogue {
    fn new(mut entries: Vec<Entry>, mut aliases: HashMap<String, Vec<String>>) -> Self {
        let (mut by_name, mut by_sha256) = (HashMap::new(), HashMap::new());
        for (at, entry) in entries.iter_mut().enumerate() {
            entry.aliases = aliases.remove(&entry.name).unwrap_or_default();
            for name in entry.aliases.iter().chain([&entry.name]) {
                by_name.insert(plain(name), at);
            }
            for (file_at, file) in entry.files.iter().enumerate() {
                by_sha256.insert(file.sha256, (at, file_at));
            }
        }
        Self { entries, by_name, by_sha256 }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;

    use super::*;

    #[test]
    fn every_manifest_file_is_listed_reads_and_bears_its_name() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalogue");
        let mut files = 0;
        for file in folder.read_dir().unwrap() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap();
            if name == "listed" {
                continue;
            }
            files += 1;
            let entry = entries().iter().find(|entry| entry.name == name).expect(name);
            assert_eq!(entry.manifest(), Some(&Manifest::load(&path).unwrap()), "{name}");
        }
        assert_eq!(files, MANIFESTS.len());
    }

    #[test]
    fn no_name_and_no_file_is_there_twice() {
        let (mut names, mut hashes) = (HashSet::new(), HashSet::new());
        for entry in entries() {
            for name in entry.aliases.iter().chain([&entry.name]) {
                assert!(names.insert(plain(name)), "{name}");
                assert_eq!(find(name).unwrap().name, entry.name);
            }
            for file in &entry.files {
                assert!(hashes.insert(file.sha256), "{}", file.file);
                let (found, same) = by_sha256(&file.sha256).unwrap();
                assert_eq!((&found.name, same), (&entry.name, file));
            }
        }
    }

    #[test]
    fn every_alias_belongs_to_an_entry() {
        let raw: RawListed = toml::from_str(LISTED).unwrap();
        let aliases: usize = entries().iter().map(|entry| entry.aliases.len()).sum();
        assert_eq!(aliases, raw.aliases.values().map(Vec::len).sum::<usize>());
    }

    #[test]
    fn people_find_models_by_the_names_they_know() {
        let cases = [
            ("face_detection_yunet_2023mar", "yunet-s-640"),
            ("YuNet_N", "yunet-n"),
            ("det_10g", "scrfd-10g"),
            ("w600k_r50", "w600k-r50"),
            ("version-RFB-320", "ultraface-320"),
            ("buffalo_l", "buffalo-l"),
        ];
        for (name, expected) in cases {
            assert_eq!(find(name).map(|entry| entry.name.as_str()), Some(expected), "{name}");
        }
        assert!(find("yunet-x").is_none());
        assert_eq!(similar("mobilefacenets", ["my-mobilefacenet"].into_iter()), ["mobilefacenet"]);
    }

    #[test]
    fn preferred_models_exist_are_of_their_kind_and_never_forbid_commercial_use() {
        for kind in Kind::ALL {
            assert!(!preferred(kind).is_empty(), "{kind}");
            for name in preferred(kind) {
                let manifest = find(name).and_then(Entry::manifest).expect(name);
                assert_eq!(manifest.kind(), kind, "{name}");
                assert_ne!(manifest.licence.commercial_use, crate::CommercialUse::No, "{name}");
            }
        }
    }

    #[test]
    fn non_commercial_weights_are_marked() {
        for entry in entries() {
            let forbids =
                entry.licence.name.contains("non-commercial") || entry.licence.name.contains("-NC-");
            assert_eq!(forbids, entry.licence.commercial_use == crate::CommercialUse::No, "{}", entry.name);
        }
    }
}
