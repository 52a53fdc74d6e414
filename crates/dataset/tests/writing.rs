//! A data set is the same whoever makes it, however often it was interrupted.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use imaging::{Image, encode_png};
use omote_dataset::{
    Column, Error, Kept, Kind, LeftOut, Manifest, Options, Recipe, Sample, Source, Table, Value, left_out,
    verify, write,
};
use sha2::{Digest, Sha256};

/// Makes samples of numbers; cannot make one of them.
struct Numbers {
    len: u64,
    cannot: Option<u64>,
    made: AtomicU64,
}

impl Numbers {
    fn new(len: u64) -> Self {
        Self { len, cannot: None, made: AtomicU64::new(0) }
    }
}

impl Source for Numbers {
    fn recipe(&self) -> String {
        "numbers, version 1".to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        vec![
            Column::new("number", Kind::Integer, "the number"),
            Column::new("even", Kind::Flag, "whether it is"),
        ]
    }

    fn len(&self) -> u64 {
        self.len
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        if self.cannot == Some(index) {
            return Err("it is an unlucky number".to_owned());
        }
        self.made.fetch_add(1, Ordering::Relaxed);
        let row = |number: u64| vec![Value::Integer(number as i64), Value::Flag(number.is_multiple_of(2))];
        // Every third picture shows two.
        let rows = if index.is_multiple_of(3) { vec![row(index), row(index + 1)] } else { vec![row(index)] };
        Ok(Sample { image: picture(index), rows })
    }
}

/// The picture of a number: that many pixels of its color.
fn picture(number: u64) -> Image {
    Image::filled(1 + number as u32 % 7, 2, [number as u8; 3])
}

/// All files of a folder with their bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            files.extend(below(&name, &path));
        } else {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
    files
}

fn below(name: &str, folder: &Path) -> BTreeMap<String, Vec<u8>> {
    files(folder).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)).collect()
}

fn make(source: &Numbers, folder: &Path, threads: usize) -> Result<(Manifest, u64), Error> {
    let done = AtomicU64::new(0);
    let progress = |pictures| {
        done.fetch_add(pictures, Ordering::Relaxed);
    };
    let manifest = write(source, folder, Options { threads }, &progress)?;
    Ok((manifest, done.into_inner()))
}

#[test]
fn threads_and_interruptions_leave_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let (once, again) = (folder.path().join("once"), folder.path().join("again"));
    let (manifest, done) = make(&Numbers::new(345), &once, 1).unwrap();
    assert_eq!((manifest.pictures, manifest.rows, done), (345, Some(460), 345));
    assert!(manifest.is_whole());

    // Number 250 cannot be made at first: what was whole by then stays, and nothing else.
    let unlucky = Numbers { cannot: Some(250), ..Numbers::new(345) };
    let error = make(&unlucky, &again, 1).unwrap_err();
    assert_eq!(error.to_string(), "sample 250: it is an unlucky number");
    assert!(!Manifest::load(&again).unwrap().unwrap().is_whole());
    let left = files(&again);
    assert!(
        left.keys().all(|name| !name.starts_with("images/000002") && !name.ends_with(".part")),
        "{left:?}"
    );
    // Whoever was killed leaves more behind.
    fs::create_dir_all(again.join("images/000002.part")).unwrap();
    fs::write(again.join("images/000002.part/000200.png"), "half").unwrap();
    fs::create_dir_all(again.join("images/000003")).unwrap();
    fs::write(again.join("images/000003/other.png"), "a part without its table").unwrap();

    let lucky = Numbers::new(345);
    let (resumed, done) = make(&lucky, &again, 3).unwrap();
    assert_eq!((resumed, done), (manifest.clone(), 345));
    assert_eq!(lucky.made.load(Ordering::Relaxed), 145, "200 were there");
    assert_eq!(files(&again), files(&once));

    // Once whole there is nothing to do.
    let idle = Numbers::new(345);
    assert_eq!(make(&idle, &once, 2).unwrap(), (manifest, 345));
    assert_eq!(idle.made.load(Ordering::Relaxed), 0);
}

#[test]
fn the_table_knows_every_picture() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("new/folder");
    make(&Numbers::new(7), &folder, 2).unwrap();
    let table = Table::load(&folder.join("truth.parquet")).unwrap();
    let names: Vec<&str> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["image", "sha256", "number", "even"]);
    assert_eq!(table.rows.len(), 10);
    assert_eq!(table.rows[0][0], Value::Text("000000/000000.png".to_owned()));
    let file = encode_png(&picture(1)).unwrap();
    let hash: String = Sha256::digest(&file).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(table.rows[2][1..3], [Value::Text(hash), Value::Integer(1)]);
    assert_eq!(fs::read(folder.join("images/000000/000001.png")).unwrap(), file);
    assert_eq!(Manifest::load(&folder).unwrap().unwrap().columns[2].about, "the number");
}

#[test]
fn nothing_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("holiday.jpg"), "mine").unwrap();
    let error = make(&Numbers::new(3), folder, 1).unwrap_err().to_string();
    assert!(error.contains("is not empty") && error.contains("name a new folder"), "{error}");

    let set = folder.join("set");
    make(&Numbers::new(3), &set, 1).unwrap();
    let error = make(&Numbers::new(4), &set, 1).unwrap_err().to_string();
    assert!(error.contains("another recipe or version"), "{error}");

    // Nor is it gone on with where the columns have another meaning now.
    let manifest = fs::read_to_string(set.join("dataset.toml")).unwrap();
    fs::write(set.join("dataset.toml"), manifest.replace("whether it is", "whether it was")).unwrap();
    let error = make(&Numbers::new(3), &set, 1).unwrap_err().to_string();
    assert!(error.contains("another recipe or version"), "{error}");

    for bad in ["", "format = 9\npictures = 3\nrecipe = \"\"", "\u{0}"] {
        fs::write(set.join("dataset.toml"), bad).unwrap();
        let error = make(&Numbers::new(3), &set, 1).unwrap_err();
        assert!(matches!(&error, Error::Folder { path, .. } if path.ends_with("dataset.toml")), "{error}");
    }
    let file = folder.join("holiday.jpg");
    assert!(matches!(make(&Numbers::new(3), &file, 1).unwrap_err(), Error::Folder { .. }));
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

#[test]
fn sources_are_held_to_their_word() {
    struct Bad(fn() -> Vec<Vec<Value>>, &'static [&'static str]);
    impl Source for Bad {
        fn recipe(&self) -> String {
            String::new()
        }
        fn columns(&self) -> Vec<Column> {
            self.1.iter().map(|name| Column::new(*name, Kind::Float, "")).collect()
        }
        fn len(&self) -> u64 {
            1
        }
        fn sample(&self, _: u64) -> Result<Sample, String> {
            Ok(Sample { image: picture(1), rows: self.0() })
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str, bad: Bad| {
        write(&bad, &folder.path().join(name), Options { threads: 1 }, &|_| ()).unwrap_err().to_string()
    };
    assert!(made("a", Bad(Vec::new, &["yaw"])).contains("no row"));
    assert!(made("b", Bad(|| vec![vec![]], &["yaw"])).contains("2 values for 3 columns"));
    assert!(made("c", Bad(|| vec![vec![Value::Flag(true)]], &["yaw"])).contains("in the column yaw"));
    assert!(made("d", Bad(Vec::new, &["image"])).contains("two columns of the name image"));
}

#[test]
fn what_changed_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("set");
    make(&Numbers::new(123), &folder, 2).unwrap();
    let checked = AtomicU64::new(0);
    let progress = |pictures| {
        checked.fetch_add(pictures, Ordering::Relaxed);
    };
    let check = || verify(&folder, &progress).map_err(|error| error.to_string());
    check().unwrap();
    assert_eq!(checked.load(Ordering::Relaxed), 123);
    let picture = folder.join("images/000001/000110.png");
    let bytes = fs::read(&picture).unwrap();
    fs::write(&picture, "111").unwrap();
    let error = check().unwrap_err();
    assert!(error.contains("000110.png") && error.contains("is not the picture"), "{error}");
    fs::remove_file(&picture).unwrap();
    assert!(check().unwrap_err().contains("000110.png"));
    fs::write(&picture, bytes).unwrap();
    check().unwrap();
    fs::write(folder.join("truth.parquet"), "no table").unwrap();
    assert!(check().unwrap_err().contains("truth.parquet"));

    let unfinished = folder.with_file_name("unfinished");
    let unlucky = Numbers { cannot: Some(2), ..Numbers::new(5) };
    make(&unlucky, &unfinished, 1).unwrap_err();
    assert!(verify(&unfinished, &|_| ()).unwrap_err().to_string().contains("not whole"));
    assert!(verify(&folder.join("images"), &|_| ()).unwrap_err().to_string().contains("no data set"));
}

#[test]
fn an_empty_set_is_a_set() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("empty");
    let (manifest, done) = make(&Numbers::new(0), &folder, 4).unwrap();
    assert_eq!((manifest.rows, done), (Some(0), 0));
    assert_eq!(Table::load(&folder.join("truth.parquet")).unwrap().rows, Vec::<Vec<Value>>::new());
}

/// Whatever is written to `/dev/full` is told that the disk is full.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said_and_leaves_nothing_half_made() {
    let folder = tempfile::tempdir().unwrap();
    let (once, full) = (folder.path().join("once"), folder.path().join("full"));
    make(&Numbers::new(250), &once, 1).unwrap();
    for name in ["dataset.part", "parts/000001.part", "truth.part"] {
        let path = full.join(name);
        if name == "dataset.part" {
            fs::create_dir(&full).unwrap();
        } else {
            let unlucky = Numbers { cannot: Some(120), ..Numbers::new(250) };
            make(&unlucky, &full, 1).unwrap_err();
        }
        std::os::unix::fs::symlink("/dev/full", &path).unwrap();
        let error = make(&Numbers::new(250), &full, 1).unwrap_err();
        assert!(matches!(&error, Error::File { path: of, .. } if *of == path), "{error}");
        let said = error.to_string();
        assert!(said.contains("make room and start again; what is done is kept"), "{said}");
        assert!(!path.is_symlink() && !full.join("truth.parquet").exists());
        assert!(!Manifest::load(&full).unwrap().is_some_and(|manifest| manifest.is_whole()));
    }
    let (_, done) = make(&Numbers::new(250), &full, 1).unwrap();
    assert_eq!((done, files(&full)), (250, files(&once)));
}

#[test]
fn the_recipes_that_come_along_can_be_made() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../recipes");
    // Recipes of training runs are in a folder below.
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let recipes: Vec<_> = entries.filter(|path| path.is_file()).collect();
    assert!(recipes.len() > 5, "{recipes:?}");
    for path in recipes {
        let source = Recipe::load(&path).unwrap().source();
        assert!(source.len() > 100 && source.columns().len() > 150, "{}", path.display());
    }
}

/// Numbers of which some are not worth keeping: none from 100 to 199, and no others that are divisible by 7.
struct Picked(Numbers);

impl Source for Picked {
    fn recipe(&self) -> String {
        "picked numbers".to_owned()
    }

    fn columns(&self) -> Vec<Column> {
        self.0.columns()
    }

    fn len(&self) -> u64 {
        self.0.len
    }

    fn sample(&self, index: u64) -> Result<Sample, String> {
        self.0.sample(index)
    }

    fn kept(&self, index: u64) -> Result<Kept, String> {
        match index {
            100..200 => Ok(Kept::Broken(format!("number {index}: is broken"))),
            _ if index.is_multiple_of(7) => Ok(Kept::Nothing(format!("number {index}"))),
            _ => self.sample(index).map(Kept::Sample),
        }
    }
}

#[test]
fn what_is_not_worth_keeping_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let (whole, broken) = (folder.path().join("whole"), folder.path().join("broken"));
    let told = AtomicU64::new(0);
    let count = |pictures| {
        told.fetch_add(pictures, Ordering::Relaxed);
    };
    let manifest = write(&Picked(Numbers::new(250)), &whole, Options { threads: 3 }, &count).unwrap();
    // 15 of the first hundred, the second, and 7 of the last fifty.
    assert_eq!((manifest.pictures, manifest.left_out, told.into_inner()), (250, Some(122), 250));
    assert_eq!(verify(&whole, &|_| ()).unwrap(), manifest);
    let numbers: Vec<i64> = Table::load(&whole.join("truth.parquet"))
        .unwrap()
        .rows
        .iter()
        .map(|row| match row[2] {
            Value::Integer(number) => number,
            ref other => panic!("{other:?}"),
        })
        .collect();
    assert!(
        !numbers.contains(&14) && !numbers.contains(&150) && numbers.contains(&99) && numbers.contains(&201)
    );
    let why = |folder: &Path| {
        let mut list = Vec::new();
        left_out(folder, &mut |one| list.push(one)).unwrap();
        list
    };
    let all = why(&whole);
    let first = LeftOut { number: 0, is_broken: false, what: "number 0".to_owned() };
    assert_eq!((all.len(), &all[0], all.iter().filter(|one| one.is_broken).count()), (122, &first, 100));
    // Interrupted, it ends the same.
    let unlucky = Picked(Numbers { cannot: Some(230), ..Numbers::new(250) });
    assert!(write(&unlucky, &broken, Options { threads: 1 }, &|_| ()).is_err());
    let again = write(&Picked(Numbers::new(250)), &broken, Options { threads: 1 }, &|_| ()).unwrap();
    assert_eq!((again, why(&broken)), (manifest, all));
    fs::remove_file(whole.join("images/000002/000201.png")).unwrap();
    assert!(verify(&whole, &|_| ()).is_err());
    // Nothing at all is a set too.
    let nothing = folder.path().join("nothing");
    let manifest = write(&Picked(Numbers::new(1)), &nothing, Options { threads: 1 }, &|_| ()).unwrap();
    assert_eq!((manifest.left_out, manifest.rows), (Some(1), Some(0)));
    assert_eq!(verify(&nothing, &|_| ()).unwrap(), manifest);
}
