//! CelebA as it is published.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use geometry::{Landmarks, Point};

use super::lines::each_line;
use super::photos::{self, Photos, Unread, below, relative};
use crate::truth::{five_columns, five_values};
use crate::{Classes, Column, Error, Kept, Kind, Sample, Source, Value};

/// Most attributes: as many bits as their set has.
const MOST_ATTRIBUTES: usize = 64;

/// Where who is in which photo may be said.
const IDENTITIES: [&str; 3] = ["identity.txt", "identity_CelebA.txt", "Anno/identity_CelebA.txt"];
/// Where attributes may be.
const ATTRIBUTES: [&str; 2] = ["list_attr_celeba.txt", "Anno/list_attr_celeba.txt"];
/// Five points of photos that were aligned, and of those in the wild.
const ALIGNED: [&str; 2] = ["list_landmarks_align_celeba.txt", "Anno/list_landmarks_align_celeba.txt"];
const WILD: [&str; 2] = ["list_landmarks_celeba.txt", "Anno/list_landmarks_celeba.txt"];
/// Where photos may be, and the lists of points that are about them: photos in a folder `images` may be of either kind.
const PHOTOS: [(&str, &[&[&str]]); 5] = [
    ("images", &[&ALIGNED, &WILD]),
    ("img_align_celeba", &[&ALIGNED]),
    ("Img/img_align_celeba", &[&ALIGNED]),
    ("img_celeba", &[&WILD]),
    ("Img/img_celeba", &[&WILD]),
];

/// The layout of CelebA (Liu, Luo, Wang, Tang: Deep Learning Face Attributes in the Wild, ICCV 2015):
///
/// ```text
/// identity_CelebA.txt               or identity.txt: file and number of the person
/// img_align_celeba/000001.jpg       or images/, img_celeba/
/// list_attr_celeba.txt              40 attributes of each photo, if it is there
/// list_landmarks_align_celeba.txt   five points of each photo, if it is there (list_landmarks_celeba.txt with img_celeba/)
/// ```
///
/// also with the lists below `Anno/` and the photos below `Img/`. Photos are those that the list of identities names.
/// Attributes become flags of their names; the points become columns as those of drawn faces. Photos in the lists are told by
/// their names without extension, so that they may have been turned into another format.
#[derive(Debug)]
pub struct Celeba {
    photos: Photos,
    attributes: Option<Attributes>,
    /// The five points, as the list has them.
    points: Option<Vec<Option<Landmarks>>>,
    /// Photos of which a list says nothing.
    unsaid: u64,
}

/// What a list says of photos.
#[derive(Debug)]
struct Attributes {
    names: Vec<String>,
    /// A bit for each name, the first the lowest.
    of: Vec<Option<u64>>,
}

impl Celeba {
    /// Reads the lists of a folder. No photo is opened yet, but the first must be there.
    ///
    /// # Errors
    /// [`Error::Folder`] if there is no list of identities, the photos are not there or a list is not what it should be, with
    /// the line; [`Error::File`] if one cannot be read.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let refused = |reason: &str| Error::Folder { path: folder.to_owned(), reason: reason.to_owned() };
        let identities = first(folder, &IDENTITIES)
            .ok_or_else(|| refused("holds no identity_CelebA.txt: it says who is in which photo"))?;
        let images = PHOTOS.iter().find(|(images, _)| folder.join(images).is_dir());
        let (images, lists) = images.ok_or_else(|| {
            refused("holds neither images/ nor img_align_celeba/ nor img_celeba/: put the photos there")
        })?;
        let images = folder.join(images);
        let mut photos = Photos::new(&images);
        let (mut places, mut formats) = (HashMap::new(), None);
        each_line(&identities, |_, line| {
            let mut words = line.split_ascii_whitespace();
            let (Some(file), Some(person), None) = (words.next(), words.next(), words.next()) else {
                return Err("is not a file and the number of a person: put it right".to_owned());
            };
            if places.insert(stem(file).to_owned(), photos.len() as usize).is_some() {
                return Err(format!("names {file} again: put it right"));
            }
            if photos.len() == 0 && !images.join(file).is_file() {
                formats = Some(by_stem(&images).map_err(|error| error.to_string())?);
            }
            let turned = formats.as_ref().and_then(|files| files.get(stem(file)));
            photos.push(turned.map_or(file, String::as_str), person)
        })?;
        match photos.path(0) {
            None => return Err(refused("holds a list of identities without a photo")),
            Some(first) if !first.is_file() => {
                let reason = format!(
                    "is not there, in no format, though {} names it first: put the photos there, or take the list that \
                     belongs to them",
                    identities.display()
                );
                return Err(Error::Folder { path: first, reason });
            }
            Some(_) => {}
        }
        let list = |names: &[&str], most: usize| {
            first(folder, names)
                .map(|path| read_list(&path, &places, photos.len() as usize, most))
                .transpose()
        };
        let attributes = list(&ATTRIBUTES, MOST_ATTRIBUTES)?.map(Attributes::of).transpose()?;
        let lists: Vec<&[&str]> =
            lists.iter().copied().filter(|names| first(folder, names).is_some()).collect();
        let points = match lists[..] {
            [] => None,
            [names] => list(names, 10)?.map(points).transpose()?,
            _ => {
                return Err(refused(
                    "holds points of aligned photos and of those in the wild: call its images/ img_align_celeba or img_celeba",
                ));
            }
        };
        let unsaid =
            |said: &dyn Fn(usize) -> bool| (0..photos.len() as usize).filter(|&at| !said(at)).count() as u64;
        let unsaid = attributes
            .as_ref()
            .map_or(0, |attributes| unsaid(&|at| attributes.of[at].is_some()))
            .max(points.as_ref().map_or(0, |points| unsaid(&|at| points[at].is_some())));
        Ok(Self { photos, attributes, points, unsaid })
    }
}

/// The first of these files that is there.
fn first(folder: &Path, names: &[&str]) -> Option<PathBuf> {
    names.iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// The photos in a folder by their names without extension, where these are in another format than published.
fn by_stem(folder: &Path) -> Result<HashMap<String, String>, Error> {
    let mut files = HashMap::new();
    for entry in below(folder, 1) {
        let entry = entry?;
        if imaging::is_photo(entry.path()) {
            let file = relative(folder, entry.path())?;
            files.insert(stem(&file).to_owned(), file);
        }
    }
    Ok(files)
}

/// A file's name without its extension.
fn stem(file: &str) -> &str {
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

/// A list with a heading: how many photos, what the numbers mean, and for each photo its name and numbers.
struct NumberList {
    path: PathBuf,
    names: Vec<String>,
    /// For each photo of the source, if the list says something of it.
    of: Vec<Option<Box<[f32]>>>,
}

fn read_list(
    path: &Path,
    places: &HashMap<String, usize>,
    photos: usize,
    most: usize,
) -> Result<NumberList, Error> {
    let mut names: Vec<String> = Vec::new();
    let mut of = vec![None; photos];
    each_line(path, |number, line| {
        let mut words = line.split_ascii_whitespace();
        match number {
            1 if line.trim().parse::<u64>().is_err() => {
                return Err("is not the number of photos, as in the published list".to_owned());
            }
            1 => {}
            2 => names = words.map(str::to_owned).collect(),
            _ => {
                let place = words.next().and_then(|file| places.get(stem(file)));
                let numbers: Vec<f32> = words.map_while(|word| word.parse().ok()).collect();
                if numbers.len() != names.len() || line.split_ascii_whitespace().count() != names.len() + 1 {
                    return Err(format!("is not a file and {} numbers: put it right", names.len()));
                }
                if let Some(told) = place.and_then(|&place| of.get_mut(place)) {
                    *told = Some(numbers.into());
                }
            }
        }
        if names.len() > most {
            return Err(format!("names more than {most} columns"));
        }
        Ok(())
    })?;
    if names.is_empty() {
        let reason = "ends before its heading: copy it again".to_owned();
        return Err(Error::Folder { path: path.to_owned(), reason });
    }
    Ok(NumberList { path: path.to_owned(), names, of })
}

impl Attributes {
    fn of(list: NumberList) -> Result<Self, Error> {
        let own: Vec<String> = photos::columns().into_iter().map(|column| column.name).collect();
        let is_taken = |(at, name): (usize, &String)| own.contains(name) || list.names[..at].contains(name);
        if let Some((_, name)) = list.names.iter().enumerate().find(|&one| is_taken(one)) {
            let reason = format!("has an attribute {name} that cannot be a column of its own: rename it");
            return Err(Error::Folder { path: list.path, reason });
        }
        let bits = |numbers: Box<[f32]>| {
            let bit = |(at, &number): (usize, &f32)| u64::from(number > 0.0) << at;
            numbers.iter().enumerate().map(bit).fold(0, |all, bit| all | bit)
        };
        Ok(Self { names: list.names, of: list.of.into_iter().map(|numbers| numbers.map(bits)).collect() })
    }

    fn values(&self, index: u64) -> impl Iterator<Item = Value> {
        let of = self.of.get(index as usize).copied().flatten();
        (0..self.names.len()).map(move |at| of.map_or(Value::Nothing, |of| Value::Flag(of >> at & 1 == 1)))
    }
}

fn points(list: NumberList) -> Result<Vec<Option<Landmarks>>, Error> {
    let NumberList { path, names, of } = list;
    if names.len() != 10 {
        let reason = format!("has {} columns and not the 10 of five points", names.len());
        return Err(Error::Folder { path, reason });
    }
    let five = |numbers: Box<[f32]>| {
        let (pairs, _) = numbers.as_chunks::<2>();
        <[[f32; 2]; 5]>::try_from(pairs).ok().map(|pairs| Landmarks(pairs.map(|[x, y]| Point::new(x, y))))
    };
    Ok(of.into_iter().map(|numbers| numbers.and_then(five)).collect())
}

impl Celeba {
    /// A sample, or why there is none.
    fn look(&self, index: u64) -> Result<Sample, Unread> {
        let image = self.photos.image(index)?;
        let mut row = self.photos.row(index);
        row.extend(self.attributes.iter().flat_map(|attributes| attributes.values(index)));
        if let Some(points) = &self.points {
            match points.get(index as usize).copied().flatten() {
                Some(five) => row.extend(five_values(&five)),
                None => row.extend([const { Value::Nothing }; 10]),
            }
        }
        Ok(Sample { image, rows: vec![row] })
    }
}

impl Source for Celeba {
    fn recipe(&self) -> String {
        let named = self.attributes.as_ref().map_or(0, |attributes| attributes.names.len());
        format!("{}attributes = {named}\npoints = {}\n", self.photos.recipe("celeba"), self.points.is_some())
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = photos::columns();
        let names = self.attributes.iter().flat_map(|attributes| &attributes.names);
        columns.extend(names.map(|name| Column::new(name, Kind::Flag, "an attribute of CelebA")));
        if self.points.is_some() {
            columns.extend(five_columns());
        }
        columns
    }

    fn classes(&self) -> Option<Classes> {
        Some(self.photos.classes())
    }

    fn remarks(&self) -> Vec<String> {
        let said = format!("photos that are in the list of identities but not in another: {}", self.unsaid);
        (self.unsaid > 0).then_some(said).into_iter().collect()
    }

    fn len(&self) -> u64 {
        self.photos.len()
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        self.look(index).map_err(Unread::reason)
    }

    fn kept(&self, index: u64) -> Result<Kept, String> {
        Unread::kept(self.look(index))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::testing::{photo, shade};
    use super::*;

    const HEADING: &str = "lefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y rightmouth_x rightmouth_y";

    /// Three photos of two people.
    fn layout(images: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (file, level) in [("1.png", 10), ("2.png", 20), ("3.png", 30)] {
            photo(&folder.path().join(images).join(file), level);
        }
        fs::write(folder.path().join("identity_CelebA.txt"), "1.png 2880\n2.png 17\n3.png 2880\n").unwrap();
        folder
    }

    #[test]
    fn lists_become_columns() {
        let folder = layout("img_align_celeba");
        let path = |name: &str| folder.path().join(name);
        let bare = Celeba::open(folder.path()).unwrap();
        let classes = bare.classes().unwrap();
        assert_eq!(
            (classes.of, &classes.names[..]),
            (vec![0, 1, 0], &["2880".to_owned(), "17".to_owned()][..])
        );
        assert_eq!((bare.columns().len(), shade(&bare.sample(2).unwrap()), bare.remarks().len()), (3, 30, 0));

        let attributes = "4\nBald Smiling\n000.jpg 1 1\n2.jpg  1 -1\n1.jpg -1  1\n";
        fs::write(path("list_attr_celeba.txt"), attributes).unwrap();
        let points = format!("1\n{HEADING}\n1.jpg 1 2 3 4 5 6 7 8 9 10\n");
        fs::write(path("list_landmarks_align_celeba.txt"), points).unwrap();
        fs::write(path("list_landmarks_celeba.txt"), "of other photos").unwrap();
        let celeba = Celeba::open(folder.path()).unwrap();
        let names: Vec<String> = celeba.columns().into_iter().map(|column| column.name).collect();
        assert_eq!(names[3..7], ["Bald", "Smiling", "left_eye_x", "left_eye_y"]);
        let rows: Vec<Vec<Value>> = (0..3).map(|at| celeba.sample(at).unwrap().rows.remove(0)).collect();
        assert!(rows.iter().all(|row| row.len() == names.len()));
        assert_eq!(rows[0][3..5], [false, true].map(Value::Flag));
        assert_eq!(rows[1][3..6], [Value::Flag(true), Value::Flag(false), Value::Nothing]);
        assert_eq!(rows[2][3..5], [Value::Nothing, Value::Nothing]);
        assert_eq!((&rows[0][5], &rows[0][14]), (&Value::Float(1.0), &Value::Float(10.0)));
        assert!(celeba.remarks()[0].ends_with(": 2"), "{:?}", celeba.remarks());
        assert_ne!(celeba.recipe(), bare.recipe());
    }

    #[test]
    fn photos_may_be_of_another_format_than_published() {
        let folder = layout("img_align_celeba");
        fs::write(folder.path().join("identity_CelebA.txt"), "1.jpg 2880\n2.jpg 17\n3.jpg 2880\n").unwrap();
        let celeba = Celeba::open(folder.path()).unwrap();
        assert_eq!(shade(&celeba.sample(1).unwrap()), 20);
    }

    #[test]
    fn it_lies_in_several_ways() {
        for images in ["images", "Img/img_celeba"] {
            let folder = layout(images);
            fs::create_dir(folder.path().join("Anno")).unwrap();
            let (from, to) = ("identity_CelebA.txt", "Anno/identity_CelebA.txt");
            fs::rename(folder.path().join(from), folder.path().join(to)).unwrap();
            let points = format!("1\n{HEADING}\n1.jpg 1 2 3 4 5 6 7 8 9 10\n");
            fs::write(folder.path().join("Anno/list_landmarks_celeba.txt"), &points).unwrap();
            assert_eq!(Celeba::open(folder.path()).unwrap().columns().len(), 13);
        }
    }

    #[test]
    fn what_is_not_as_published_is_told() {
        let refused = |file: &str, text: &str| {
            let folder = layout("images");
            fs::write(folder.path().join(file), text).unwrap();
            fs::write(folder.path().join("list_landmarks_celeba.txt"), format!("1\n{HEADING}\n")).unwrap();
            Celeba::open(folder.path()).unwrap_err().to_string()
        };
        for (file, text, said) in [
            ("identity_CelebA.txt", "1.png\n", "line 1 is not a file and the number"),
            ("identity_CelebA.txt", "", "without a photo"),
            ("identity_CelebA.txt", "9.png 1\n", "9.png is not there"),
            ("list_attr_celeba.txt", "", "ends before its heading"),
            ("list_attr_celeba.txt", "Bald\n1.png 1\n", "line 1 is not the number of photos"),
            ("list_attr_celeba.txt", "1\nBald Smiling\n1.png 1\n", "line 3 is not a file and 2 numbers"),
            ("list_attr_celeba.txt", "1\nBald Smiling\n1.png 1 x 1\n", "line 3 is not a file and 2 numbers"),
            ("list_attr_celeba.txt", "1\nBald Bald\n", "an attribute Bald"),
            ("list_attr_celeba.txt", "1\nperson\n", "an attribute person"),
            ("list_landmarks_align_celeba.txt", "1\nx y\n", "aligned photos and of those in the wild"),
        ] {
            let error = refused(file, text);
            assert!(error.contains(said), "{said}: {error}");
        }
        let folder = layout("photos");
        assert!(Celeba::open(folder.path()).unwrap_err().to_string().contains("img_align_celeba"));
        fs::remove_file(folder.path().join("identity_CelebA.txt")).unwrap();
        assert!(Celeba::open(folder.path()).unwrap_err().to_string().contains("identity_CelebA.txt"));
    }
}
