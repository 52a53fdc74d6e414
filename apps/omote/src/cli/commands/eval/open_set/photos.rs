//! Photos with the people in them, as they are drawn from.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::bail;
use evaluation::OpenSetDraw;

use crate::cli::args::ALL_PHOTOS;
use crate::cli::inputs::expand;
use crate::cli::labelled::People;
use console::count;

/// Names that a message gives as examples.
const EXAMPLES: usize = 3;

/// Photos of people who are known.
pub struct Photos {
    /// The photos, by name.
    pub paths: Vec<PathBuf>,
    /// The number of the person in each.
    pub people: Vec<u32>,
    /// The person of each number.
    pub names: Vec<String>,
}

impl Photos {
    /// All photos below a folder. Every one must be of somebody known: a set of which a part is left out gives other
    /// numbers.
    pub fn read(data: &Path, identities: &Path) -> anyhow::Result<Photos> {
        let who = People::read(identities)?;
        if !data.exists() {
            bail!("there is no folder {}", data.display());
        }
        let (mut paths, mut people, mut names) = (Vec::new(), Vec::new(), Vec::new());
        let mut numbers: HashMap<String, u32> = HashMap::new();
        for input in expand(&[data.to_owned()]) {
            let path = match input {
                Ok(path) => path,
                Err(unreadable) => bail!("{} {}", unreadable.path.display(), unreadable.reason),
            };
            let person = match who.of(&path) {
                Ok(person) => person,
                Err(reason) => bail!("{}: {reason}", path.display()),
            };
            let number = *numbers.entry(person.clone()).or_insert_with(|| {
                names.push(person);
                names.len() as u32 - 1
            });
            paths.push(path);
            people.push(number);
        }
        // A person's folder is named with all those above it, which say nothing here.
        let short = |name: &String| {
            Path::new(name)
                .file_name()
                .map_or_else(|| name.clone(), |last| last.to_string_lossy().into_owned())
        };
        let short: Vec<String> = names.iter().map(short).collect();
        let unique = short.iter().collect::<HashSet<_>>().len() == short.len();
        Ok(Photos { paths, people, names: if unique { short } else { names } })
    }

    /// Checks that galleries of these sizes can be drawn, in words that name the flags.
    pub fn check(&self, draw: &OpenSetDraw, sizes: &[usize]) -> anyhow::Result<()> {
        let people = self.names.len();
        if let Some(size) = sizes.iter().find(|size| **size >= people) {
            let photos = count(self.paths.len(), "photo", "photos");
            bail!(
                "a gallery of {size} (--people) cannot be drawn from {photos} of {}: it takes more, since somebody who is \
                 not enrolled must be searched for, too. If photos of one person do not lie in one folder, say who is in \
                 them with --identities",
                count(people, "person", "people")
            );
        }
        let mut photos = vec![0; people];
        self.people.iter().for_each(|&person| photos[person as usize] += 1);
        let most = photos.into_iter().max().unwrap_or(0);
        if draw.enrolled != ALL_PHOTOS && draw.enrolled >= most {
            bail!(
                "nobody has more than {}, and {} of each person are to be enrolled (--enrolled): none is left to search for. \
                 Take fewer, or say `all` to search for strangers only",
                count(most, "photo", "photos"),
                draw.enrolled
            );
        }
        Ok(())
    }

    /// Photos of strangers below a folder. They must be of other people, or what they teach is about those who are
    /// searched for.
    pub fn strangers(&self, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
        let mut strangers = Vec::new();
        for input in expand(&[folder.to_owned()]) {
            match input {
                Ok(path) => strangers.push(path),
                Err(unreadable) => bail!("--train: {} {}", unreadable.path.display(), unreadable.reason),
            }
        }
        let here: HashSet<PathBuf> = self.paths.iter().filter_map(|path| path.canonicalize().ok()).collect();
        if let Some(both) =
            strangers.iter().find(|path| path.canonicalize().is_ok_and(|path| here.contains(&path)))
        {
            bail!(
                "{} is among those that are searched for: --train takes photos of other people",
                both.display()
            );
        }
        let names: HashSet<&str> = self.names.iter().map(String::as_str).collect();
        let folders = strangers.iter().filter_map(|path| path.parent()?.file_name()?.to_str());
        let mut both: Vec<&str> = folders.filter(|folder| names.contains(folder)).collect();
        both.sort_unstable();
        both.dedup();
        if !both.is_empty() {
            bail!(
                "{} of --train {} also searched for, for example {}: take photos of other people",
                count(both.len(), "person", "people"),
                if both.len() == 1 { "is" } else { "are" },
                both[..both.len().min(EXAMPLES)].join(", ")
            );
        }
        Ok(strangers)
    }
}
