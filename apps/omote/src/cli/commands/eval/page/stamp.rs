//! How the result was made.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

use anyhow::Context;
use evaluation::PairProtocol;
use evaluation::report::{ModelStamp, Stamp};
use model::FileHash;

use crate::cli::setup::Setup;

/// What is known without a model: program, command and date.
pub fn stamp(protocol: String, data: String) -> Stamp {
    Stamp {
        protocol,
        data,
        version: concat!("omote ", env!("CARGO_PKG_VERSION")).to_owned(),
        commit: console::commit().unwrap_or_default().to_owned(),
        command: command(),
        date: jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string(),
        ..Stamp::default()
    }
}

/// The models of a run, the detector first.
pub fn models(setup: &Setup) -> Vec<ModelStamp> {
    let ran = setup.record();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    let model = |role: &str| {
        let model = &ran[role];
        let flip = if model["flip"] == true { " (with mirror image)" } else { "" };
        Some(ModelStamp { name: text(&model["name"])? + flip, fingerprint: text(&model["fingerprint"])? })
    };
    ["detector", "embedder"].into_iter().filter_map(model).collect()
}

/// The program's arguments as a shell takes them.
fn command() -> String {
    let quoted =
        |argument: String| match argument.contains(|c: char| c.is_whitespace() || "'\"\\$*".contains(c)) {
            true => format!("'{}'", argument.replace('\'', "'\\''")),
            false => argument,
        };
    let arguments =
        std::env::args_os().skip(1).map(|argument| quoted(argument.to_string_lossy().into_owned()));
    std::iter::once("omote".to_owned()).chain(arguments).collect::<Vec<_>>().join(" ")
}

/// The hash of a file's bytes.
pub fn hash_of_file(path: &Path) -> anyhow::Result<String> {
    let hash = File::open(path).and_then(FileHash::of_reader);
    Ok(format!("sha256:{}", hash.with_context(|| format!("cannot read {}", path.display()))?))
}

/// The hash of a protocol's pairs, their labels, and the names of its photos below `root`: the same wherever the data
/// lies.
pub fn hash_of_protocol(protocol: &PairProtocol, root: &Path) -> String {
    let mut text = String::new();
    for image in &protocol.images {
        let name = image.strip_prefix(root).unwrap_or(image);
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(text, "{}", name.display());
    }
    for pair in &protocol.pairs {
        let _ = writeln!(text, "{} {} {}", pair.a, pair.b, u8::from(pair.same));
    }
    let _ = writeln!(text, "{:?}", protocol.folds);
    for labels in &protocol.labels {
        let _ = writeln!(text, "{} {:?}", labels.name, labels.values);
        let _ = writeln!(text, "{:?}", labels.of_pairs);
    }
    format!("sha256:{}", FileHash::of(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use evaluation::{Pair, PairLabels};

    use super::*;

    #[test]
    fn labels_belong_to_what_is_measured() {
        let hash = |value: Option<u8>| {
            let labels = PairLabels {
                name: "light".to_owned(),
                values: vec!["day".to_owned()],
                of_pairs: vec![value, Some(0)],
            };
            let protocol = PairProtocol {
                name: "made up".to_owned(),
                images: ["root/a.png", "root/b.png"].map(Into::into).to_vec(),
                pairs: vec![Pair { a: 0, b: 1, same: true }, Pair { a: 1, b: 0, same: true }],
                folds: vec![0..1, 1..2],
                identities: None,
                people: Vec::new(),
                labels: vec![labels],
            };
            hash_of_protocol(&protocol, Path::new("root"))
        };
        assert_eq!(hash(None), hash(None));
        assert_ne!(hash(None), hash(Some(0)));
    }
}
