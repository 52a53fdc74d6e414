//! A gallery as JSON lines, to be read by other programs, versioned, or moved to another machine.

use std::io::{BufRead, Read, Write};
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use geometry::{Landmarks, Point, Rect};
use model::{Embedding, FileHash, Fingerprint};
use rusqlite::{Connection, Transaction};
use serde::{Deserialize, Serialize};

use crate::gallery::{known_person, person_id};
use crate::{
    EnrolmentId, Error, Face, Gallery, ModelIdentity, Result, Source, enroll, marks, record, vector,
};

const FORMAT: &str = "omote-gallery";
const VERSION: u32 = 1;

/// Longest line that is read: a crop of 16 MiB in base64, and then some.
const LONGEST_LINE: u64 = 32 << 20;

/// How many things were exported, or imported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exchanged {
    /// People; of an import, those who are new.
    pub people: u64,
    /// Enrolments; of an import, those that are new.
    pub enrolments: u64,
    /// Marks; of an import, those that are new.
    pub marks: u64,
    /// Of an import: enrolments of faces that the person has already.
    pub skipped: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: String,
    version: u32,
    model: Model,
    people: u64,
    enrolments: u64,
    marks: u64,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Model {
    name: String,
    fingerprint: Fingerprint,
    dimension: usize,
    flip: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
enum Line {
    Person { name: String, created: i64 },
    Enrolment(Box<EnrolmentLine>),
    Mark { person: String, sha256: String, bounds: [f32; 4] },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EnrolmentLine {
    person: String,
    vector: String,
    magnitude: f32,
    quality: f32,
    path: PathText,
    sha256: String,
    bounds: [f32; 4],
    landmarks: Option<[[f32; 2]; 5]>,
    crop: Option<String>,
    fingerprint: Fingerprint,
    flip: bool,
    engine: String,
    detector: String,
    created: i64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
enum PathText {
    Text(String),
    Bytes(String),
}

impl Head {
    fn identity(&self, compatible_with: Vec<Fingerprint>) -> ModelIdentity {
        let Model { name, fingerprint, dimension, flip } = self.model.clone();
        ModelIdentity { fingerprint, name, dimension, flip, compatible_with }
    }
}

impl Gallery {
    /// Writes the gallery as JSON lines. Crops are most of the size and can be left out. Faces that are set aside, and
    /// the corrections that could be taken back, are no part of it.
    ///
    /// The first line says what follows; then there is one line per person, enrolment and mark, in this order, so that a
    /// person stands before what refers to it. Unknown and missing fields are errors; so is another number of lines than
    /// the first line announces.
    ///
    /// ```json
    /// {"format":"omote-gallery","version":1,"model":{"name":"...","fingerprint":"<64 hex digits>","dimension":512,
    ///  "flip":true},"people":1,"enrolments":1,"marks":1}
    /// {"type":"person","name":"Ada","created":1763000000}
    /// {"type":"enrolment","person":"Ada","vector":"<base64>","magnitude":21.5,"quality":80.0,"path":{"text":"ada.jpg"},
    ///  "sha256":"<64 hex digits>","bounds":[10.0,12.0,90.5,110.0],"landmarks":[[30.0,50.0],...],"crop":"<base64>",
    ///  "fingerprint":"<64 hex digits>","flip":true,"engine":"rten 0.27.0","detector":"yunet","created":1763000001}
    /// {"type":"mark","person":"Ada","sha256":"<64 hex digits>","bounds":[10.0,12.0,90.5,110.0]}
    /// ```
    ///
    /// `vector` is base64 of little-endian `f32`, which comes back bit for bit. `path` is `{"text": ...}`, or `{"bytes":
    /// "<base64>"}` where it is not UTF-8. `landmarks` and `crop` may be `null`. Times are seconds since 1970 UTC, boxes
    /// `[x1, y1, x2, y2]` in pixels.
    ///
    /// # Errors
    /// [`Error::Export`] if `out` fails, or what keeps the gallery from being read.
    pub fn export(&self, out: &mut impl Write, crops: bool) -> Result<Exchanged> {
        // One snapshot, whatever other processes do meanwhile.
        let snapshot = self.connection.unchecked_transaction()?;
        let count = |table| {
            let sql = format!("SELECT count(*) FROM {table}");
            snapshot.query_row(&sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
        };
        let ModelIdentity { fingerprint, name, dimension, flip, .. } = self.meta.model.clone();
        let head = Head {
            format: FORMAT.to_owned(),
            version: VERSION,
            model: Model { name, fingerprint, dimension, flip },
            people: count("people")?,
            enrolments: count("enrolments")?,
            marks: count("marks")?,
        };
        write_line(out, &head)?;
        let mut people = snapshot.prepare("SELECT name, created FROM people ORDER BY id")?;
        let mut rows = people.query([])?;
        while let Some(row) = rows.next()? {
            write_line(out, &Line::Person { name: row.get(0)?, created: row.get(1)? })?;
        }
        let sql = "SELECT enrolments.id, name FROM enrolments JOIN people ON people.id = person ORDER BY enrolments.id";
        let mut enrolments = snapshot.prepare(sql)?;
        let mut rows = enrolments.query([])?;
        while let Some(row) = rows.next()? {
            write_line(out, &self.enrolment_line(EnrolmentId(row.get(0)?), row.get(1)?, crops)?)?;
        }
        marks::each(&snapshot, |person, sha256, bounds| {
            let bounds = corners(&vector::read_bounds(&bounds)?);
            write_line(out, &Line::Mark { person, sha256: FileHash(sha256).to_string(), bounds })
        })?;
        out.flush().map_err(Error::Export)?;
        Ok(Exchanged { people: head.people, enrolments: head.enrolments, marks: head.marks, skipped: 0 })
    }

    fn enrolment_line(&self, id: EnrolmentId, person: String, crops: bool) -> Result<Line> {
        let enrolment = self.enrolment(id)?;
        let crop = if crops { self.crop(id)? } else { None };
        let path = match String::from_utf8(enrolment.source.path) {
            Ok(text) => PathText::Text(text),
            Err(error) => PathText::Bytes(BASE64_STANDARD.encode(error.as_bytes())),
        };
        Ok(Line::Enrolment(Box::new(EnrolmentLine {
            person,
            vector: BASE64_STANDARD.encode(vector::write(&self.vector(id)?)),
            magnitude: enrolment.magnitude,
            quality: enrolment.quality,
            path,
            sha256: enrolment.source.sha256.to_string(),
            bounds: corners(&enrolment.source.bounds),
            landmarks: enrolment.source.landmarks.map(|points| points.0.map(|point| [point.x, point.y])),
            crop: crop.map(|crop| BASE64_STANDARD.encode(crop)),
            fingerprint: enrolment.fingerprint,
            flip: enrolment.flip,
            engine: enrolment.engine,
            detector: enrolment.detector,
            created: enrolment.created,
        })))
    }

    /// Reads what [`Gallery::export`] wrote into this gallery, all of it or nothing. People of the same name become
    /// one; faces that a person already has are skipped.
    ///
    /// # Errors
    /// [`Error::DifferentModel`] for an export of another model; [`Error::Import`] with the line for anything that is
    /// not what the format says, is cut short, or could not have been enrolled.
    pub fn import(&mut self, input: impl BufRead) -> Result<Exchanged> {
        let mut lines = Lines { input, number: 0, buffer: Vec::new() };
        let head = lines.head()?;
        self.import_lines(&head, lines)
    }

    /// Reads what [`Gallery::export`] wrote into the gallery in a folder, which is made for the export's model where
    /// there is none. If the import then fails, the new gallery stays, empty.
    ///
    /// # Errors
    /// As [`Gallery::import`], [`Gallery::open_as_is`] and [`Gallery::create`].
    pub fn import_into(folder: &Path, input: impl BufRead) -> Result<Exchanged> {
        let mut lines = Lines { input, number: 0, buffer: Vec::new() };
        let head = lines.head()?;
        let mut gallery = match Self::open_as_is(folder) {
            Err(Error::NoGallery { .. }) => Self::create(folder, &head.identity(Vec::new()))?,
            other => other?,
        };
        gallery.import_lines(&head, lines)
    }

    fn import_lines(&mut self, head: &Head, mut lines: Lines<impl BufRead>) -> Result<Exchanged> {
        let given = head.identity(self.compatible.clone());
        let dimension = given.dimension;
        let ours = ModelIdentity { compatible_with: self.compatible.clone(), ..self.meta.model.clone() };
        if !ours.accepts(&given) {
            return Err(Error::DifferentModel { gallery: Box::new(ours), given: Box::new(given) });
        }
        let accepted =
            |found: Fingerprint| found == ours.fingerprint || ours.compatible_with.contains(&found);
        self.change(|transaction, _, _| {
            let mut new = Exchanged::default();
            let mut seen = (0, 0, 0);
            while let Some(line) = lines.read::<Line>()? {
                let done = match line {
                    Line::Person { name, created } => {
                        seen.0 += 1;
                        import_person(transaction, &name, created).map(|is_new| new.people += u64::from(is_new))
                    }
                    Line::Enrolment(line) => {
                        seen.1 += 1;
                        if !accepted(line.fingerprint) || line.flip != ours.flip {
                            return Err(lines.refuse("the enrolment is of another model than the file"));
                        }
                        import_enrolment(transaction, *line, dimension).map(|is_new| {
                            *(if is_new { &mut new.enrolments } else { &mut new.skipped }) += 1;
                        })
                    }
                    Line::Mark { person, sha256, bounds } => {
                        seen.2 += 1;
                        import_mark(transaction, &person, &sha256, bounds).map(|is_new| new.marks += u64::from(is_new))
                    }
                };
                done.map_err(|error| lines.located(error))?;
            }
            if seen != (head.people, head.enrolments, head.marks) {
                return Err(lines.refuse(format!(
                    "the file ends after {} people, {} enrolments and {} marks, its first line announces {}, {} and {}",
                    seen.0, seen.1, seen.2, head.people, head.enrolments, head.marks
                )));
            }
            Ok(new)
        })
    }
}

fn write_line(out: &mut impl Write, line: &impl Serialize) -> Result<()> {
    serde_json::to_writer(&mut *out, line).map_err(|error| Error::Export(error.into()))?;
    out.write_all(b"\n").map_err(Error::Export)
}

fn corners(bounds: &Rect) -> [f32; 4] {
    [bounds.x1, bounds.y1, bounds.x2, bounds.y2]
}

fn face_error(reason: impl Into<String>) -> Error {
    Error::Face { reason: reason.into() }
}

fn source(
    path: Vec<u8>,
    sha256: &str,
    [x1, y1, x2, y2]: [f32; 4],
    landmarks: Option<[[f32; 2]; 5]>,
) -> Result<Source> {
    let sha256 = sha256.parse().map_err(|error: model::Error| face_error(error.to_string()))?;
    let landmarks = landmarks.map(|points| Landmarks(points.map(|[x, y]| Point::new(x, y))));
    let source = Source { path, sha256, bounds: Rect::new(x1, y1, x2, y2), landmarks };
    source.check()?;
    Ok(source)
}

fn decode(what: &str, text: &str) -> Result<Vec<u8>> {
    BASE64_STANDARD.decode(text).map_err(|error| face_error(format!("its {what} is not base64: {error}")))
}

fn import_person(connection: &Connection, name: &str, created: i64) -> Result<bool> {
    let name = record::name(name)?;
    if person_id(connection, name)?.is_some() {
        return Ok(false);
    }
    connection.execute("INSERT INTO people (name, created) VALUES (?1, ?2)", (name, created))?;
    Ok(true)
}

fn import_enrolment(connection: &Transaction<'_>, line: EnrolmentLine, dimension: usize) -> Result<bool> {
    let person = known_person(connection, &line.person)?;
    let path = match line.path {
        PathText::Text(text) => text.into_bytes(),
        PathText::Bytes(text) => decode("path", &text)?,
    };
    let bytes = decode("vector", &line.vector)?;
    let vector = vector::read(&bytes, dimension)
        .map_err(|_| face_error(format!("its vector is not {dimension} finite numbers")))?;
    let face = Face {
        embedding: Embedding { vector, magnitude: line.magnitude, fingerprint: line.fingerprint },
        quality: line.quality,
        source: source(path, &line.sha256, line.bounds, line.landmarks)?,
        crop: line.crop.map(|crop| decode("crop", &crop)).transpose()?,
        engine: line.engine,
        detector: line.detector,
    };
    face.check(dimension)?;
    let known = enroll::already(connection, person, &face.source)?;
    if known.or(enroll::set_aside(connection, person, &face.source)?).is_some() {
        return Ok(false);
    }
    enroll::insert(connection, person, &face, line.flip, Some(line.created))?;
    Ok(true)
}

fn import_mark(connection: &Connection, person: &str, sha256: &str, bounds: [f32; 4]) -> Result<bool> {
    let person = known_person(connection, person)?;
    marks::add(connection, person, &source(Vec::new(), sha256, bounds, None)?)
}

/// Lines of JSON, of limited length, numbered for messages.
struct Lines<R> {
    input: R,
    number: u64,
    buffer: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    /// The first line, of a format that is known.
    fn head(&mut self) -> Result<Head> {
        let head: Head = self.read()?.ok_or_else(|| self.refuse("there is nothing in it"))?;
        if head.format != FORMAT || head.version != VERSION {
            let found =
                format!("it is {} version {}, not {FORMAT} version {VERSION}", head.format, head.version);
            return Err(self.refuse(found));
        }
        Ok(head)
    }

    /// The next line; `None` at the end.
    fn read<T: for<'a> Deserialize<'a>>(&mut self) -> Result<Option<T>> {
        self.number += 1;
        self.buffer.clear();
        let read = self.input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut self.buffer);
        match read {
            Err(error) => Err(self.refuse(format!("it cannot be read: {error}"))),
            Ok(0) => Ok(None),
            Ok(_) if self.buffer.len() as u64 == LONGEST_LINE => Err(self.refuse("it is longer than 32 MiB")),
            Ok(_) => {
                serde_json::from_slice(&self.buffer).map(Some).map_err(|error| self.refuse(error.to_string()))
            }
        }
    }

    fn refuse(&self, reason: impl Into<String>) -> Error {
        Error::Import { line: self.number, reason: reason.into() }
    }

    /// What is wrong with the contents of a line is the line's fault; a full disk is not.
    fn located(&self, error: Error) -> Error {
        match error {
            Error::Face { .. } | Error::Name { .. } | Error::NoPerson { .. } => {
                self.refuse(error.to_string())
            }
            other => other,
        }
    }
}
