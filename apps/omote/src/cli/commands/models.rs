//! `omote models`: what is installed, what is known, and how a file becomes a model.

use std::fs::File;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Subcommand};
use model::{CommercialUse, FileHash, Import, Kind, Listed, Manifest, Origin, Output, Size, catalogue};
use serde_json::{Value, json};

use crate::cli::setup;
use console::Outcome;
use console::{Reporter, path_value, table};

/// What to do with models.
#[derive(Subcommand, Debug)]
#[command(after_help = "Example: omote models list --all")]
pub enum Command {
    /// List the installed models, and with --all the published ones that omote knows
    #[command(after_help = "Example: omote models list --models ~/Downloads/onnx")]
    List {
        #[command(flatten)]
        folders: Folders,
        /// Also list published models that are not installed, with their licence and address
        #[arg(long)]
        all: bool,
    },
    /// Copy ONNX files into the model folder, with a manifest beside them
    #[command(
        after_help = "A file that the catalogue knows by its SHA-256 needs nothing else. Any other needs --like: mean, \
scale, colour order and alignment cannot be read from an ONNX file, and omote never guesses them.\n\n\
Example: omote models import w600k_r50.onnx face_detection_yunet_2023mar.onnx\n\
Example: omote models import mine.onnx --like w600k-r50 --name mine"
    )]
    Import {
        /// ONNX files; those of one unknown model (with --like) in the order of its roles
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// The model whose pre-processing, alignment and output the file shares
        #[arg(long, value_name = "NAME")]
        like: Option<String>,
        /// The new model's name [default: the catalogue's, or the file's]
        #[arg(long, value_name = "NAME")]
        name: Option<String>,
        #[command(flatten)]
        folders: Folders,
    },
    /// Show a model: what it wants, what it gives, its licence and fingerprint
    #[command(after_help = "Example: omote models show mobilefacenet")]
    Show {
        /// The model's name
        name: String,
        #[command(flatten)]
        folders: Folders,
    },
    /// Read models' files again and check their SHA-256
    #[command(after_help = "Example: omote models verify")]
    Verify {
        /// Names [default: every installed model]
        names: Vec<String>,
        #[command(flatten)]
        folders: Folders,
    },
}

/// Where models are looked for.
#[derive(Args, Debug)]
pub struct Folders {
    /// Folder of models (may be given again); an import goes into the first [default: the user's data folder]
    #[arg(long, env = "OMOTE_MODELS", value_name = "DIR", value_delimiter = crate::cli::args::PATH_LIST)]
    models: Vec<PathBuf>,
}

/// Runs the command.
pub fn run(command: &Command, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    match command {
        Command::List { folders, all } => list(folders, *all, reporter),
        Command::Import { files, like, name, folders } => {
            import(files, like.as_deref(), name.as_deref(), folders, reporter)
        }
        Command::Show { name, folders } => show(name, folders, reporter),
        Command::Verify { names, folders } => verify(names, folders, reporter),
    }
}

fn list(folders: &Folders, all: bool, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let listing = setup::open_store(&folders.models)?.list();
    let mut rows =
        vec![["NAME", "KIND", "SIZE", "LICENCE", "COMMERCIAL", "FINGERPRINT"].map(String::from).to_vec()];
    for listed in &listing.models {
        reporter.answer(&record(&listed.manifest, Some(listed)), String::new)?;
        rows.push(row(&listed.manifest));
    }
    if listing.models.is_empty() {
        reporter.complain("no model is installed here; `omote models list --all` shows where to get some");
    } else {
        reporter.text(&table(&rows))?;
    }
    if !listing.others.is_empty() {
        reporter.text("")?;
    }
    for (path, entry) in &listing.others {
        let why = match entry {
            Some(entry) => format!("{} ({}): known, but not run by omote", entry.name, entry.task),
            None => "not in the catalogue: import it with `omote models import FILE --like NAME`".to_owned(),
        };
        let record = json!({"type": "other", "path": path_value(path), "note": why});
        reporter.answer(&record, || format!("{}: {why}", path.display()))?;
    }
    for problem in &listing.problems {
        reporter
            .answer(&json!({"type": "problem", "problem": problem}), || format!("\nproblem: {problem}"))?;
    }
    if all {
        list_published(&listing.models, reporter)?;
    }
    let outcome = Outcome { failed: listing.problems.len(), found: all || !listing.models.is_empty() };
    reporter.summary(&outcome, json!({"models": listing.models.len()}), String::new)?;
    Ok(outcome)
}

fn list_published(installed: &[Listed], reporter: &mut Reporter) -> anyhow::Result<()> {
    let missing = |name: &str| !installed.iter().any(|listed| listed.manifest.name == name);
    let mut rows =
        vec![["PUBLISHED", "TASK", "RUNS", "LICENCE", "COMMERCIAL", "ADDRESS"].map(String::from).to_vec()];
    for entry in catalogue::entries().iter().filter(|entry| missing(&entry.name)) {
        let runs = entry.manifest().is_some();
        let record = json!({
            "type": "published", "name": entry.name, "task": entry.task, "runs": runs,
            "licence": entry.licence.name, "commercial_use": entry.licence.commercial_use.to_string(),
            "source": entry.source,
            "files": entry.files.iter().map(|file| json!({"file": file.file, "sha256": file.sha256.to_string()}))
                .collect::<Vec<_>>(),
        });
        reporter.answer(&record, String::new)?;
        let (licence, use_) = (&entry.licence.name, entry.licence.commercial_use);
        let runs = if runs { "yes" } else { "no" };
        rows.push(
            [&entry.name, &entry.task, runs, licence, &use_.to_string(), &entry.source]
                .map(String::from)
                .to_vec(),
        );
    }
    reporter.text(&format!("\n{}", table(&rows)))?;
    Ok(())
}

fn import(
    files: &[PathBuf],
    like: Option<&str>,
    name: Option<&str>,
    folders: &Folders,
    reporter: &mut Reporter,
) -> anyhow::Result<Outcome> {
    let into = match folders.models.first() {
        Some(folder) => folder.clone(),
        None => setup::data_folder()
            .context("no home folder is known: name one with --models DIR")?
            .join("models"),
    };
    let known: Vec<PathBuf> = folders.models.iter().filter(|folder| folder.is_dir()).cloned().collect();
    let store = setup::open_store(&known)?;
    // Files of several published models can be given at once; an unknown model's files belong together.
    let groups: Vec<Vec<PathBuf>> = if like.is_some() { vec![files.to_vec()] } else { group_by_model(files) };
    let mut outcome = Outcome { failed: 0, found: false };
    for group in &groups {
        match store.import(&Import { files: group, like, name, into: &into }) {
            Ok(imported) => {
                outcome.found = true;
                let manifest = &imported.manifest;
                let record = json!({
                    "type": "imported", "name": manifest.name, "kind": manifest.kind().to_string(),
                    "folder": path_value(&imported.folder), "created": imported.created,
                    "fingerprint": manifest.fingerprint().to_string(), "licence": manifest.licence.name,
                    "commercial_use": manifest.licence.commercial_use.to_string(),
                });
                let verb = if imported.created { "imported" } else { "already there:" };
                reporter.answer(&record, || {
                    let place = imported.folder.display();
                    format!(
                        "{verb} {} ({}, {}) in {place}",
                        manifest.name,
                        manifest.kind(),
                        manifest.licence.name
                    )
                })?;
                if manifest.licence.commercial_use == CommercialUse::No {
                    reporter.complain(&format!("{}: its licence forbids commercial use", manifest.name));
                }
            }
            Err(error) => {
                outcome.failed += 1;
                reporter.fail(&group[0], &error.to_string())?;
            }
        }
    }
    reporter.summary(&outcome, json!({}), String::new)?;
    Ok(outcome)
}

/// Puts the files of one published model together; a file that the catalogue does not know stands alone.
fn group_by_model(files: &[PathBuf]) -> Vec<Vec<PathBuf>> {
    let mut groups: Vec<(Option<&str>, Vec<PathBuf>)> = Vec::new();
    for file in files {
        let hash = File::open(file).and_then(FileHash::of_reader).ok();
        let known = hash.and_then(|hash| catalogue::by_sha256(&hash)).map(|(entry, _)| entry.name.as_str());
        match groups.iter_mut().find(|(name, _)| known.is_some() && *name == known) {
            Some((_, group)) => group.push(file.clone()),
            None => groups.push((known, vec![file.clone()])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn show(name: &str, folders: &Folders, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let store = setup::open_store(&folders.models)?;
    let model = store.resolve(name).map_err(|error| setup::with_problems(&store, error))?;
    let manifest = &model.manifest;
    let mut record = record(manifest, None);
    record["files"] =
        model.files.iter().map(|file| json!({"role": file.role, "path": path_value(&file.path)})).collect();
    let manifest_text = manifest.to_toml()?;
    reporter.answer(&record, || {
        let files: Vec<String> = model
            .files
            .iter()
            .zip(&manifest.files)
            .map(|(file, listed)| {
                format!("# {}: {} (SHA-256 {})", file.role, file.path.display(), listed.sha256)
            })
            .collect();
        let twins = match manifest.compatible_with.len() {
            0 => String::new(),
            n => format!("# comparable with {n} other model(s), see compatible_with\n"),
        };
        format!(
            "# fingerprint {}\n{}\n{twins}\n{}",
            model.fingerprint,
            files.join("\n"),
            manifest_text.trim_end()
        )
    })?;
    Ok(Outcome::DONE)
}

fn verify(names: &[String], folders: &Folders, reporter: &mut Reporter) -> anyhow::Result<Outcome> {
    let store = setup::open_store(&folders.models)?;
    let names = match names {
        [] => store.list().models.iter().map(|listed| listed.manifest.name.clone()).collect(),
        names => names.to_vec(),
    };
    let mut outcome = Outcome::default();
    for name in &names {
        let error = store.verify(name).err().map(|error| error.to_string());
        match &error {
            None => outcome.found = true,
            Some(_) => outcome.failed += 1,
        }
        let record = json!({"type": "model", "name": name, "ok": error.is_none(), "error": error});
        reporter.answer(&record, || match &error {
            None => format!("{name}: ok"),
            Some(error) => format!("{name}: {error}"),
        })?;
    }
    reporter.summary(&outcome, json!({"models": names.len()}), String::new)?;
    Ok(outcome)
}

fn row(manifest: &Manifest) -> Vec<String> {
    let size = match manifest.input.size {
        Size::Fixed { width, height } => format!("{width}x{height}"),
        Size::Dynamic { .. } => "any".to_owned(),
    };
    vec![
        manifest.name.clone(),
        manifest.kind().to_string(),
        size,
        manifest.licence.name.clone(),
        manifest.licence.commercial_use.to_string(),
        manifest.fingerprint().short().to_string(),
    ]
}

fn record(manifest: &Manifest, listed: Option<&Listed>) -> Value {
    let mut record = json!({
        "type": "model",
        "name": manifest.name,
        "title": manifest.title,
        "kind": manifest.kind().to_string(),
        "licence": manifest.licence.name,
        "commercial_use": manifest.licence.commercial_use.to_string(),
        "source": manifest.source,
        "fingerprint": manifest.fingerprint().to_string(),
    });
    if let (Kind::Embedder, Output::Embedding { dimension, .. }) = (manifest.kind(), &manifest.output) {
        record["dimension"] = json!(dimension);
    }
    if let Some(listed) = listed {
        record["paths"] = listed.paths.iter().map(|path| path_value(path)).collect();
        record["known_from"] = json!(match listed.origin {
            Origin::Folder(_) => "model.toml",
            Origin::Catalogue => "catalogue",
        });
    }
    record
}
