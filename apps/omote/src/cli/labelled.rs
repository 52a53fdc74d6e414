//! Photos of people who are known: what scores are learned from and error rates measured on.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use analysis::Face;
use anyhow::{Context, bail};

use super::args::{FaceChoice, NO_FACE};
use super::inputs::Input;
use super::scan::{Pass, scan_faces};
use super::setup::Setup;
use console::Reporter;

/// The flag that says who is in the photos of a command.
#[derive(clap::Args, Debug)]
pub struct PeopleArgs {
    /// Who is in the photos: `folders` (those of one person lie in one folder), or a text file with a line
    /// `PHOTO PERSON` for each photo
    #[arg(long, value_name = "FROM", default_value = "folders")]
    pub people: PathBuf,
}

/// Who is in which photo.
pub enum People {
    /// Photos of a person lie in one folder.
    Folders,
    /// A list by file name.
    List {
        /// The list.
        file: PathBuf,
        /// File name to person.
        people: HashMap<String, String>,
    },
}

/// Faces with the numbers of their people.
pub struct Labelled {
    /// The chosen face of every photo that shows one, and the number of its person.
    pub faces: Vec<(Face, u32)>,
    /// The photo of each face.
    pub photos: Vec<PathBuf>,
    /// The person of each number.
    pub names: Vec<String>,
    /// Photos in which there was no face.
    pub without_face: usize,
    /// How the photos went; those of nobody known are among the failed, those without a face are not.
    pub pass: Pass,
}

impl People {
    /// `folders`, or the name of a text file with a line `PHOTO PERSON` for each photo.
    pub fn read(from: &Path) -> anyhow::Result<People> {
        if from == Path::new("folders") {
            return Ok(People::Folders);
        }
        let text = fs::read_to_string(from).with_context(|| {
            format!(
                "{}: say `folders`, or name a text file with a line `PHOTO PERSON` for each photo",
                from.display()
            )
        })?;
        let mut people = HashMap::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let Some((photo, person)) = line.trim().split_once(char::is_whitespace) else {
                bail!("{}, line {}: `{line}` is not `PHOTO PERSON`", from.display(), number + 1);
            };
            let person = person.trim().to_owned();
            if people.insert(photo.to_owned(), person).is_some() {
                bail!("{}, line {}: {photo} is listed twice", from.display(), number + 1);
            }
        }
        Ok(People::List { file: from.to_owned(), people })
    }

    /// What a person is called elsewhere: of a folder its own name and not where it lies.
    pub fn known_as(&self, name: &str) -> String {
        match self {
            People::Folders => Path::new(name)
                .file_name()
                .map_or_else(|| name.to_owned(), |name| name.to_string_lossy().into_owned()),
            People::List { .. } => name.to_owned(),
        }
    }

    /// Who is in this photo; the error says why nobody knows.
    pub fn of(&self, photo: &Path) -> Result<String, String> {
        match self {
            People::Folders => {
                let folder = photo.parent().filter(|folder| folder.file_name().is_some());
                let folder = folder.ok_or("it lies in no folder that could name its person")?;
                Ok(folder.to_string_lossy().into_owned())
            }
            People::List { file, people } => {
                let name = photo.file_name().unwrap_or_default().to_string_lossy();
                let person = people.get(name.as_ref()).cloned();
                person.ok_or_else(|| format!("{} does not say who is in it", file.display()))
            }
        }
    }
}

impl Labelled {
    /// Embeds the chosen face of every photo whose person is known.
    pub fn read(
        inputs: Vec<Input>,
        people: &People,
        choice: FaceChoice,
        setup: &Setup,
        reporter: &mut Reporter,
    ) -> anyhow::Result<Labelled> {
        let (mut found, mut photos, mut names) = (Vec::new(), Vec::new(), Vec::new());
        let mut numbers = HashMap::new();
        let (mut missed, mut without_face) = (0, 0);
        let mut pass = scan_faces(inputs, setup, reporter, |reporter, photo, analyzed| {
            let picked = people.of(&photo.path).and_then(|person| {
                let face = FaceChoice::pick(Some(choice), &analyzed)?;
                Ok((face.clone(), person))
            });
            match picked {
                Ok((face, person)) => {
                    let number = *numbers.entry(person.clone()).or_insert_with(|| {
                        names.push(person);
                        names.len() as u32 - 1
                    });
                    found.push((Face { crop: None, ..face }, number));
                    photos.push(photo.path.clone());
                    Ok(())
                }
                Err(reason) if reason == NO_FACE => {
                    without_face += 1;
                    Ok(reporter.no_face(&photo.path)?)
                }
                Err(reason) => {
                    missed += 1;
                    Ok(reporter.fail(&photo.path, &reason)?)
                }
            }
        })?;
        pass.failed += missed;
        Ok(Labelled { faces: found, photos, names, without_face, pass })
    }

    /// The vectors and the numbers of their people.
    pub fn vectors(&self) -> (Vec<&[f32]>, Vec<u32>) {
        let embedded = self
            .faces
            .iter()
            .filter_map(|(face, person)| Some((&face.embedding.as_ref()?.vector[..], *person)));
        embedded.unzip()
    }
}
