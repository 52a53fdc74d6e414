//! A folder of photos for each person.

use std::path::Path;

use super::photos::{self, Photos, Unread, below, relative};
use crate::{Classes, Column, Error, Kept, Sample, Source};

/// Photos in a folder for each person, at any depth below it:
///
/// ```text
/// anna/1.jpg
/// anna/2.png
/// ben/summer/1.webp
/// ```
///
/// Photos are told by their extensions ([`imaging::is_photo`]), links are followed, and what begins with a dot is passed
/// over. People come in the order of their folders' names, and photos in that of theirs.
#[derive(Debug)]
pub struct Folders {
    photos: Photos,
    /// Photos beside the folders of people.
    beside: u64,
    /// Folders of people without a photo.
    empty: u64,
}

impl Folders {
    /// Looks for the photos below a folder. None is opened yet.
    ///
    /// # Errors
    /// [`Error::Folder`] if it holds no folder with photos, or a name is not UTF-8; [`Error::File`] if something cannot be
    /// looked at.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let refused =
            |path: &Path, reason: &str| Error::Folder { path: path.to_owned(), reason: reason.to_owned() };
        let mut found = Self { photos: Photos::new(folder), beside: 0, empty: 0 };
        for person in below(folder, 1) {
            let person = person?;
            if !person.file_type().is_dir() {
                found.beside += u64::from(imaging::is_photo(person.path()));
                continue;
            }
            let (name, before) = (relative(folder, person.path())?, found.photos.len());
            for entry in below(person.path(), usize::MAX) {
                let entry = entry?;
                if entry.file_type().is_file() && imaging::is_photo(entry.path()) {
                    let pushed = found.photos.push(&relative(folder, entry.path())?, &name);
                    pushed.map_err(|reason| refused(entry.path(), &reason))?;
                }
            }
            found.empty += u64::from(found.photos.len() == before);
        }
        if found.photos.len() == 0 {
            return Err(refused(
                folder,
                "holds no folder with photos: put the photos of each person into a folder of their own",
            ));
        }
        Ok(found)
    }
}

impl Source for Folders {
    fn recipe(&self) -> String {
        self.photos.recipe("folders")
    }

    fn columns(&self) -> Vec<Column> {
        photos::columns()
    }

    fn classes(&self) -> Option<Classes> {
        Some(self.photos.classes())
    }

    fn remarks(&self) -> Vec<String> {
        let said = [
            (self.beside, "photos beside the folders of people, left out"),
            (self.empty, "folders without a photo, left out"),
        ];
        said.into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, said)| format!("{said}: {count}"))
            .collect()
    }

    fn len(&self) -> u64 {
        self.photos.len()
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        self.photos.look(index).map_err(Unread::reason)
    }

    fn kept(&self, index: u64) -> Result<Kept, String> {
        Unread::kept(self.photos.look(index))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{photo, shade};
    use super::*;
    use crate::Value;

    #[test]
    fn each_folder_is_a_person() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        for (file, level) in [("ben/2.png", 20), ("anna/b.png", 11), ("anna/a.png", 10), ("ben/x/1.PNG", 21)]
        {
            photo(&root.join(file), level);
        }
        photo(&root.join("beside.png"), 0);
        photo(&root.join(".hidden/1.png"), 0);
        std::fs::write(root.join("anna/notes.txt"), "no photo").unwrap();
        std::fs::create_dir(root.join("nobody")).unwrap();
        let folders = Folders::open(root).unwrap();
        let classes = folders.classes().unwrap();
        assert_eq!(
            (classes.of, classes.names),
            (vec![0, 0, 1, 1], ["anna", "ben"].map(String::from).to_vec())
        );
        let samples: Vec<Sample> = (0..folders.len()).map(|index| folders.sample(index).unwrap()).collect();
        assert_eq!(samples.iter().map(shade).collect::<Vec<_>>(), [10, 11, 20, 21]);
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(samples[3].rows, [[Value::Integer(1), text("ben"), text("ben/x/1.PNG")]]);
        assert_eq!(folders.columns().len(), 3);
        let said =
            ["photos beside the folders of people, left out: 1", "folders without a photo, left out: 1"];
        assert_eq!(folders.remarks(), said);
        assert!(folders.sample(4).unwrap_err().contains("4 photos"));
    }

    #[test]
    fn the_recipe_goes_by_names() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let recipe = || Folders::open(root).unwrap().recipe();
        photo(&root.join("anna/1.png"), 1);
        let first = recipe();
        assert!(first.starts_with("kind = \"folders\"\nphotos = 1\n"), "{first}");
        assert_eq!(recipe(), first);
        photo(&root.join("ben/1.png"), 1);
        assert_ne!(recipe(), first);
    }

    #[test]
    fn what_is_no_folder_of_people_is_refused() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let refused = |path: &Path| Folders::open(path).unwrap_err().to_string();
        assert!(matches!(Folders::open(&root.join("none")), Err(Error::File { .. })));
        photo(&root.join("1.png"), 1);
        assert!(refused(root).contains("a folder of their own"), "{}", refused(root));
        // A broken photo is found when it is asked for, and named.
        std::fs::create_dir(root.join("anna")).unwrap();
        std::fs::write(root.join("anna/1.jpg"), "no photo").unwrap();
        let error = Folders::open(root).unwrap().sample(0).unwrap_err();
        assert!(error.contains("1.jpg") && error.contains("not a picture"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn links_in_a_circle_are_told() {
        let root = tempfile::tempdir().unwrap();
        photo(&root.path().join("anna/1.png"), 1);
        std::os::unix::fs::symlink(root.path(), root.path().join("anna/again")).unwrap();
        let error = Folders::open(root.path()).unwrap_err().to_string();
        assert!(error.contains("anna") && error.contains("link"), "{error}");
    }
}
