//! Writing a data set: in parts, in parallel, and again from where it stopped.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use crate::error::file;
use crate::left_out::{LEFT_OUT, LeftOut};
use crate::manifest::UNFINISHED;
use crate::{Column, Error, Kept, Kind, List, Manifest, Sample, Source, Table, Value};

/// Pictures in a part. It decides over the folders, so it is the same for all sets.
const PART: u64 = 100;
/// Most parts: as many folders lie side by side.
const MOST_PARTS: u64 = 1 << 18;
/// Folder of the pictures.
pub(crate) const IMAGES: &str = "images";
/// Folder of the tables of parts, until all are there.
const PARTS: &str = "parts";
/// The table.
pub(crate) const TRUTH: &str = "truth.parquet";

/// How a data set is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// How many threads make samples; 0 counts as 1.
    pub threads: usize,
}

/// Writes a data set into a folder, which is made if it is missing, or goes on with one that was begun. `progress` is
/// called with the number of pictures whenever some are done or left out, first with those that were there.
///
/// # Errors
/// [`Error::Source`] if the source cannot be made; [`Error::Folder`] if the folder holds another data set or anything
/// else; [`Error::File`] where the disk is full or a file cannot be written; [`Error::Sample`] and [`Error::Table`] where
/// the source fails. What is whole by then stays, and the next call goes on from it.
pub fn write(
    source: &dyn Source,
    folder: &Path,
    options: Options,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Manifest, Error> {
    source.check().map_err(|reason| Error::Source { reason })?;
    let columns = columns(source, folder)?;
    let manifest = Manifest::new(source, &columns);
    if let Some(whole) = begin(&manifest, folder)? {
        progress(whole.pictures);
        return Ok(whole);
    }
    let writing = Writing { source, folder, columns };
    let parts = manifest.pictures.div_ceil(PART);
    let missing: Vec<u64> = (0..parts).filter(|&part| !writing.is_done(part)).collect();
    let done = (0..parts).map(|part| writing.pictures(part)).sum::<u64>()
        - missing.iter().map(|&part| writing.pictures(part)).sum::<u64>();
    progress(done);
    writing.make(&missing, options.threads, progress)?;
    writing.finish(manifest, parts)
}

/// The source's columns after those of the picture.
fn columns(source: &dyn Source, folder: &Path) -> Result<Vec<Column>, Error> {
    let own = [
        Column::new("image", Kind::Text, "file of the picture, below images/"),
        Column::new("sha256", Kind::Text, "SHA-256 of that file, hexadecimal"),
    ];
    let columns: Vec<Column> = own.into_iter().chain(source.columns()).collect();
    let mut names = HashSet::new();
    let twice = columns.iter().find(|column| !names.insert(&column.name));
    let refused = |reason: String| Error::Folder { path: folder.to_owned(), reason };
    if let Some(column) = twice {
        return Err(refused(format!("would get two columns of the name {}", column.name)));
    }
    if source.len() > PART * MOST_PARTS {
        return Err(refused(format!(
            "would get {} pictures where {} are the most: make several sets",
            source.len(),
            PART * MOST_PARTS
        )));
    }
    Ok(columns)
}

/// Sees to it that the folder is this data set's. The manifest, if all is done already.
fn begin(manifest: &Manifest, folder: &Path) -> Result<Option<Manifest>, Error> {
    let refused = |reason: &str| Error::Folder { path: folder.to_owned(), reason: reason.to_owned() };
    if folder.exists() && !folder.is_dir() {
        return Err(refused("is no folder: name a new one"));
    }
    fs::create_dir_all(folder).map_err(file(folder))?;
    let Some(found) = Manifest::load(folder)? else {
        for entry in fs::read_dir(folder).map_err(file(folder))? {
            // Whoever was killed at once left this behind.
            if entry.map_err(file(folder))?.file_name() != UNFINISHED {
                return Err(refused("is not empty and holds no data set: name a new folder"));
            }
        }
        manifest.save(folder)?;
        return Ok(None);
    };
    let asked = |manifest: &Manifest| (manifest.recipe.clone(), manifest.pictures, manifest.columns.clone());
    if asked(&found) != asked(manifest) {
        return Err(refused(
            "holds a data set of another recipe or version: name a new folder, or remove this one",
        ));
    }
    Ok(found.is_whole().then_some(found))
}

struct Writing<'a> {
    source: &'a dyn Source,
    folder: &'a Path,
    columns: Vec<Column>,
}

impl Writing<'_> {
    /// Pictures of a part.
    fn pictures(&self, part: u64) -> u64 {
        self.source.len().saturating_sub(part * PART).min(PART)
    }

    fn images(&self, part: u64) -> PathBuf {
        self.folder.join(IMAGES).join(format!("{part:06}"))
    }

    fn table(&self, part: u64) -> PathBuf {
        self.folder.join(PARTS).join(format!("{part:06}.parquet"))
    }

    fn left_out(&self, part: u64) -> PathBuf {
        self.folder.join(PARTS).join(format!("{part:06}.tsv"))
    }

    /// The table is renamed into its place last, so where it is all is.
    fn is_done(&self, part: u64) -> bool {
        self.table(part).is_file()
    }

    /// Makes parts in several threads. After an error all stop with the part at hand.
    fn make(&self, parts: &[u64], threads: usize, progress: &(dyn Fn(u64) + Sync)) -> Result<(), Error> {
        for name in [IMAGES, PARTS] {
            let path = self.folder.join(name);
            fs::create_dir_all(&path).map_err(file(&path))?;
        }
        let (next, failed) = (AtomicU64::new(0), AtomicBool::new(false));
        let first_error = Mutex::new(None);
        let work = || {
            while !failed.load(Ordering::Relaxed)
                && let Some(&part) = parts.get(next.fetch_add(1, Ordering::Relaxed) as usize)
            {
                if let Err(error) = self.make_part(part, &failed, progress) {
                    failed.store(true, Ordering::Relaxed);
                    first_error.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
                }
            }
        };
        std::thread::scope(|scope| {
            (1..threads.clamp(1, parts.len().max(1))).for_each(|_| drop(scope.spawn(work)));
            work();
        });
        first_error.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    fn make_part(
        &self,
        part: u64,
        failed: &AtomicBool,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<(), Error> {
        let images = self.images(part);
        let unfinished = images.with_extension("part");
        // What an earlier attempt left behind.
        for path in [&images, &unfinished] {
            match fs::remove_dir_all(path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(file(path)(error)),
                _ => {}
            }
        }
        let made = self.fill(part, &unfinished, failed, progress);
        let Some((table, left_out)) = made.inspect_err(|_| drop(fs::remove_dir_all(&unfinished)))? else {
            // Another thread failed: nothing half-made stays.
            return fs::remove_dir_all(&unfinished).map_err(file(&unfinished));
        };
        fs::rename(&unfinished, &images).map_err(file(&images))?;
        LeftOut::save(&left_out, &self.left_out(part))?;
        let path = self.table(part);
        let unfinished = path.with_extension("part");
        let saved = table.save(&unfinished);
        saved.inspect_err(|_| drop(fs::remove_file(&unfinished)))?;
        fs::rename(&unfinished, &path).map_err(file(&path))
    }

    /// Makes the pictures of a part; `None` if another thread failed meanwhile.
    fn fill(
        &self,
        part: u64,
        images: &Path,
        failed: &AtomicBool,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Option<(Table, Vec<LeftOut>)>, Error> {
        fs::create_dir_all(images).map_err(file(images))?;
        let mut table = Table { columns: self.columns.clone(), rows: Vec::new() };
        let mut left_out = Vec::new();
        let files = self.source.files();
        for index in part * PART..part * PART + self.pictures(part) {
            if failed.load(Ordering::Relaxed) {
                return Ok(None);
            }
            let wrong = |reason| Error::Sample { index, reason };
            let Sample { image, rows } = match self.source.kept(index).map_err(wrong)? {
                Kept::Sample(sample) => sample,
                Kept::Nothing(what) => {
                    left_out.push(LeftOut { number: index, is_broken: false, what });
                    progress(1);
                    continue;
                }
                Kept::Broken(what) => {
                    left_out.push(LeftOut { number: index, is_broken: true, what });
                    progress(1);
                    continue;
                }
            };
            if rows.is_empty() {
                return Err(wrong("it has no row".to_owned()));
            }
            let bytes = files.encode(&image).map_err(wrong)?;
            let name = format!("{index:06}.{}", files.extension());
            let path = images.join(&name);
            // Not synced one by one, which would take longer than to make them: `verify` finds what a power cut spoiled.
            fs::write(&path, &bytes).map_err(file(&path))?;
            let about = [format!("{part:06}/{name}"), hexadecimal(&Sha256::digest(&bytes))];
            let about = about.map(Value::Text);
            table.rows.extend(rows.into_iter().map(|row| about.iter().cloned().chain(row).collect()));
            table.check().map_err(wrong)?;
            progress(1);
        }
        Ok(Some((table, left_out)))
    }

    /// Makes one table of those of the parts, and says in the manifest that all is there.
    fn finish(&self, mut manifest: Manifest, parts: u64) -> Result<Manifest, Error> {
        let tables: Vec<PathBuf> = (0..parts).map(|part| self.table(part)).collect();
        let unfinished = self.folder.join("truth.part");
        let joined = Table::join(&tables, &self.columns, &unfinished);
        manifest.rows = Some(joined.inspect_err(|_| drop(fs::remove_file(&unfinished)))?);
        manifest.sha256 = Some(hash(&unfinished)?);
        let (mut kept, mut last) = (0, None);
        Table::each(
            &unfinished,
            |name| name == "image",
            |row| {
                kept += u64::from(last.as_ref() != Some(&row));
                last = Some(row);
            },
        )?;
        manifest.left_out = manifest.pictures.checked_sub(kept).filter(|left_out| *left_out > 0);
        let truth = self.folder.join(TRUTH);
        fs::rename(&unfinished, &truth).map_err(file(&truth))?;
        let left_out: Vec<PathBuf> =
            (0..parts).map(|part| self.left_out(part)).filter(|path| path.is_file()).collect();
        if !left_out.is_empty() {
            let read = |path: &PathBuf| fs::read(path).map_err(file(path));
            self.gather(LEFT_OUT, left_out.iter().map(read))?;
        }
        if let Some(list) = self.source.list() {
            self.list(&tables, list)?;
        }
        manifest.save(self.folder)?;
        let tables = self.folder.join(PARTS);
        fs::remove_dir_all(&tables).map_err(file(&tables))?;
        Ok(manifest)
    }

    /// Writes a list of what the tables of the parts say.
    fn list(&self, tables: &[PathBuf], list: List) -> Result<(), Error> {
        let text = |table: &PathBuf| Ok((list.text)(&Table::load(table)?).into_bytes());
        self.gather(list.name, tables.iter().map(text))
    }

    /// Writes a file of what comes of the parts, part by part: all together need not fit into memory.
    fn gather(&self, name: &str, parts: impl Iterator<Item = Result<Vec<u8>, Error>>) -> Result<(), Error> {
        let path = self.folder.join(name);
        let unfinished = path.with_extension("part");
        let write = || {
            let mut out = File::create(&unfinished).map_err(file(&unfinished))?;
            for part in parts {
                out.write_all(&part?).map_err(file(&unfinished))?;
            }
            out.sync_all().map_err(file(&unfinished))
        };
        write().inspect_err(|_| drop(fs::remove_file(&unfinished)))?;
        fs::rename(&unfinished, &path).map_err(file(&path))
    }
}

/// SHA-256 of a file of any size, hexadecimal.
pub(crate) fn hash(path: &Path) -> Result<String, Error> {
    let mut reader = BufReader::new(File::open(path).map_err(file(path))?);
    let mut hash = Sha256::new();
    loop {
        let bytes = reader.fill_buf().map_err(file(path))?;
        if bytes.is_empty() {
            return Ok(hexadecimal(&hash.finalize()));
        }
        hash.update(bytes);
        let read = bytes.len();
        reader.consume(read);
    }
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
