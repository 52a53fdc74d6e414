//! The database: its tables, how it is opened, and which files are refused.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use model::Fingerprint;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};

use crate::error::io;
use crate::{Error, ModelIdentity, Result};

/// Name of the database within the gallery's folder.
pub(crate) const DATABASE: &str = "gallery.db";

/// "omot": tells a gallery from any other SQLite file.
const APPLICATION: i64 = 0x6f6d_6f74;

/// Version of the tables below. The first one had no [`CORRECTIONS`].
const VERSION: i64 = 2;

/// How long to wait for another process that writes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Pages large enough for three faces of 512 values: a page of 4 KiB holds one and wastes the rest.
const PAGE_SIZE: i64 = 8192;

/// The change log is written by triggers, so that no statement can forget it. Its random token tells this history from
/// that of a restored backup which has reached the same number. AUTOINCREMENT keeps a number from being used twice.
const TABLES: &str = "
CREATE TABLE meta (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    gallery     BLOB NOT NULL CHECK (length(gallery) = 16),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    model       TEXT NOT NULL,
    dimension   INTEGER NOT NULL CHECK (dimension BETWEEN 1 AND 65536),
    flip        INTEGER NOT NULL CHECK (flip IN (0, 1)),
    generation  INTEGER NOT NULL,
    unwiped     INTEGER NOT NULL CHECK (unwiped IN (0, 1)),
    created     INTEGER NOT NULL
) STRICT;

CREATE TABLE people (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    name    TEXT NOT NULL UNIQUE CHECK (octet_length(name) > 0),
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE enrolments (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    person      INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    vector      BLOB NOT NULL,
    magnitude   REAL NOT NULL,
    quality     REAL NOT NULL,
    path        BLOB NOT NULL,
    sha256      BLOB NOT NULL CHECK (length(sha256) = 32),
    bounds      BLOB NOT NULL CHECK (length(bounds) = 16),
    landmarks   BLOB CHECK (length(landmarks) = 40),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    flip        INTEGER NOT NULL CHECK (flip IN (0, 1)),
    engine      TEXT NOT NULL,
    detector    TEXT NOT NULL,
    created     INTEGER NOT NULL,
    crop        BLOB
) STRICT;
CREATE INDEX enrolments_by_person ON enrolments (person);
CREATE INDEX enrolments_by_photo ON enrolments (sha256);

CREATE TABLE marks (
    id      INTEGER PRIMARY KEY,
    person  INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    sha256  BLOB NOT NULL CHECK (length(sha256) = 32),
    bounds  BLOB NOT NULL CHECK (length(bounds) = 16),
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX marks_by_person ON marks (person);
CREATE INDEX marks_by_photo ON marks (sha256);

CREATE TABLE staged (
    enrolment   INTEGER PRIMARY KEY REFERENCES enrolments (id) ON DELETE CASCADE,
    fingerprint BLOB NOT NULL,
    flip        INTEGER NOT NULL,
    vector      BLOB NOT NULL,
    magnitude   REAL NOT NULL
) STRICT;

CREATE TABLE changes (
    seq       INTEGER PRIMARY KEY AUTOINCREMENT,
    kind      TEXT NOT NULL CHECK (kind IN ('add', 'remove', 'update')),
    enrolment INTEGER NOT NULL,
    token     INTEGER NOT NULL DEFAULT (random())
) STRICT;
CREATE TRIGGER enrolment_added AFTER INSERT ON enrolments BEGIN
    INSERT INTO changes (kind, enrolment) VALUES ('add', new.id);
END;
CREATE TRIGGER enrolment_removed AFTER DELETE ON enrolments BEGIN
    INSERT INTO changes (kind, enrolment) VALUES ('remove', old.id);
END;
CREATE TRIGGER enrolment_updated AFTER UPDATE OF person ON enrolments BEGIN
    INSERT INTO changes (kind, enrolment) VALUES ('update', new.id);
END;
";

/// What is needed to take corrections back; see [`crate::Correction`].
///
/// A face that is set aside is in `set_aside` instead of `enrolments`, with all that is known of it. Steps are undone
/// from the last to the first. They refer to people and faces by number only, because these may be gone for a while.
const CORRECTIONS: &str = "
CREATE TABLE set_aside (
    id          INTEGER PRIMARY KEY,
    person      INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    vector      BLOB NOT NULL,
    magnitude   REAL NOT NULL,
    quality     REAL NOT NULL,
    path        BLOB NOT NULL,
    sha256      BLOB NOT NULL CHECK (length(sha256) = 32),
    bounds      BLOB NOT NULL CHECK (length(bounds) = 16),
    landmarks   BLOB CHECK (length(landmarks) = 40),
    fingerprint BLOB NOT NULL CHECK (length(fingerprint) = 32),
    flip        INTEGER NOT NULL CHECK (flip IN (0, 1)),
    engine      TEXT NOT NULL,
    detector    TEXT NOT NULL,
    created     INTEGER NOT NULL,
    crop        BLOB,
    generation  INTEGER NOT NULL
) STRICT;
CREATE INDEX set_aside_by_person ON set_aside (person);
CREATE INDEX set_aside_by_photo ON set_aside (sha256);
CREATE TRIGGER set_aside_removed AFTER DELETE ON set_aside BEGIN
    INSERT INTO changes (kind, enrolment) VALUES ('remove', old.id);
END;

CREATE TABLE corrections (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    created INTEGER NOT NULL
) STRICT;

CREATE TABLE correction_steps (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    correction  INTEGER NOT NULL REFERENCES corrections (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL
                CHECK (kind IN ('move', 'move aside', 'set aside', 'mark', 'add person', 'remove person')),
    item        INTEGER NOT NULL,
    from_person INTEGER,
    to_person   INTEGER,
    name        TEXT,
    created     INTEGER
) STRICT;
CREATE INDEX correction_steps_by_correction ON correction_steps (correction);
CREATE INDEX correction_steps_by_item ON correction_steps (item);
";

/// The single row of table `meta`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Meta {
    /// Random number of the gallery.
    pub(crate) gallery: [u8; 16],
    /// The model, as the gallery knows it.
    pub(crate) model: ModelIdentity,
    /// Grows by one with every re-embedding.
    pub(crate) generation: i64,
    /// Whether something was forgotten whose traces are not wiped yet.
    pub(crate) unwiped: bool,
}

impl Meta {
    pub(crate) fn read(connection: &Connection) -> Result<Self> {
        let sql =
            "SELECT gallery, fingerprint, model, dimension, flip, generation, unwiped FROM meta WHERE id = 1";
        let meta = connection.query_row(sql, [], |row| {
            let model = ModelIdentity {
                fingerprint: Fingerprint(row.get(1)?),
                name: row.get(2)?,
                dimension: row.get::<_, u32>(3)? as usize,
                flip: row.get(4)?,
                compatible_with: Vec::new(),
            };
            Ok(Self { gallery: row.get(0)?, model, generation: row.get(5)?, unwiped: row.get(6)? })
        });
        match meta.optional()? {
            Some(meta) => Ok(meta),
            None => Err(Error::Corrupt { reason: "it does not say which model it is for".to_owned() }),
        }
    }
}

/// Creates the tables in `folder`, which is made if need be. Of two processes that create one gallery at the same time,
/// one wins and the other is told that it exists. A gallery is there entirely or not at all, even after a crash.
pub(crate) fn create(folder: &Path, model: &ModelIdentity) -> Result<Connection> {
    model.check()?;
    fs::create_dir_all(folder).map_err(io("create", folder))?;
    let path = folder.join(DATABASE);
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(&path, flags).map_err(|error| named(error, &path))?;
    prepare(&connection).map_err(|error| named(error, &path))?;
    if let State::Gallery { .. } = state_now(&mut connection, &path)? {
        return Err(Error::Exists { path: folder.to_owned() });
    }
    connection.pragma_update(None, "page_size", PAGE_SIZE)?;
    use_wal(&connection)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if let State::Gallery { .. } = state(&transaction, &path)? {
        return Err(Error::Exists { path: folder.to_owned() });
    }
    transaction.execute_batch(TABLES)?;
    transaction.execute_batch(CORRECTIONS)?;
    transaction.execute(
        "INSERT INTO meta VALUES (1, randomblob(16), ?1, ?2, ?3, ?4, 1, 0, unixepoch())",
        (&model.fingerprint.0, &model.name, model.dimension as i64, model.flip),
    )?;
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    // The database's name in the folder must be as durable as what will be acknowledged into it.
    #[cfg(unix)]
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(io("write", folder))?;
    Ok(connection)
}

/// Opens the database of `folder`; the flag says whether it can be written.
pub(crate) fn open(folder: &Path) -> Result<(Connection, bool)> {
    let path = folder.join(DATABASE);
    match fs::metadata(&path) {
        Ok(found) if found.is_file() => {}
        Ok(_) => return Err(Error::NotAGallery { path, reason: "it is not a file".to_owned() }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::NoGallery { path: folder.to_owned() });
        }
        Err(error) => return Err(io("open", path)(error)),
    }
    let (mut connection, writable) = match connect(&path) {
        // Without the right to write in the folder, SQLite cannot make its shared memory beside the database.
        Err(rusqlite::Error::SqliteFailure(failure, _))
            if matches!(failure.code, ErrorCode::CannotOpen | ErrorCode::ReadOnly) =>
        {
            (connect_read_only(&path).map_err(|error| named(error, &path))?, false)
        }
        other => {
            let connection = other.map_err(|error| named(error, &path))?;
            let writable = !connection.is_readonly(rusqlite::MAIN_DB)?;
            (connection, writable)
        }
    };
    let State::Gallery { version } = state_now(&mut connection, &path)? else {
        return Err(Error::NoGallery { path: folder.to_owned() });
    };
    if writable {
        use_wal(&connection)?;
    }
    if version < VERSION {
        match writable {
            true => upgrade(&mut connection, &path)?,
            false => pretend(&connection)?,
        }
    }
    Ok((connection, writable))
}

/// Adds the tables that a gallery of the first version lacks, all of them or none.
fn upgrade(connection: &mut Connection, path: &Path) -> Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    if let State::Gallery { version: 1 } = state(&transaction, path)? {
        transaction.execute_batch(CORRECTIONS)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    Ok(transaction.commit()?)
}

/// A gallery of the first version that cannot be written is read as one without corrections: by tables of this
/// connection alone, in memory.
fn pretend(connection: &Connection) -> Result<()> {
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection.execute_batch(
        "CREATE TEMP TABLE set_aside AS SELECT *, 0 AS generation FROM enrolments WHERE 0; \
         CREATE TEMP TABLE corrections (id INTEGER PRIMARY KEY, created INTEGER); \
         CREATE TEMP TABLE correction_steps (correction INTEGER, kind TEXT);",
    )?)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    prepare(&connection)?;
    Ok(connection)
}

/// Nobody can be writing into a folder that cannot be written, as far as this user is concerned, and then SQLite may
/// read the file without locks. An unfinished write-ahead log beside it would be missed, so it is an error.
fn connect_read_only(path: &Path) -> rusqlite::Result<Connection> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let unfinished = fs::metadata(log).is_ok_and(|log| log.len() > 0);
    let mut uri = String::from("file:");
    for &byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02x}")),
        }
    }
    uri.push_str(if unfinished { "?mode=ro" } else { "?immutable=1" });
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(uri, flags)?;
    prepare(&connection)?;
    Ok(connection)
}

/// Settings that belong to a connection and not to the file, and a first look into the file.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "secure_delete", true)?;
    // In WAL mode FULL syncs the log on every commit, which is what an acknowledgement promises.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_query_value(None, "schema_version", |_| Ok(()))
}

fn use_wal(connection: &Connection) -> Result<()> {
    let until = Instant::now() + PATIENCE;
    // Where several processes switch at once, SQLite tells all but one at once that it is busy, and waits for none.
    let mode: String = loop {
        match connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)) {
            Err(rusqlite::Error::SqliteFailure(failure, _))
                if failure.code == ErrorCode::DatabaseBusy && Instant::now() < until =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            other => break other?,
        }
    };
    if mode == "wal" {
        Ok(())
    } else {
        Err(Error::Corrupt {
            reason: format!("its journal cannot be a write-ahead log, it stays \"{mode}\""),
        })
    }
}

enum State {
    /// No table: what a crash during creation leaves.
    Empty,
    Gallery {
        version: i64,
    },
}

fn state_now(connection: &mut Connection, path: &Path) -> Result<State> {
    // A transaction that reads sees the database as it was at its first question, whatever is committed meanwhile.
    state(&connection.transaction()?, path)
}

/// What a database is. Another process may be creating it just now, so all questions are asked of one moment: call this
/// within a transaction.
fn state(connection: &Transaction, path: &Path) -> Result<State> {
    let pragma = |name: &str| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .map_err(|error| named(error, path))
    };
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    if application != APPLICATION {
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(|error| named(error, path))?;
        if application == 0 && version == 0 && tables == 0 {
            return Ok(State::Empty);
        }
        let reason = "it is an SQLite database of another program".to_owned();
        return Err(Error::NotAGallery { path: path.to_owned(), reason });
    }
    match version {
        1..=VERSION => Ok(State::Gallery { version }),
        found if found > VERSION => Err(Error::Newer { path: path.to_owned(), found, known: VERSION }),
        found => {
            Err(Error::Corrupt { reason: format!("{} has format {found}, which never was", path.display()) })
        }
    }
}

/// An SQLite error while opening a file, with the file's name.
fn named(error: rusqlite::Error, path: &Path) -> Error {
    match &error {
        rusqlite::Error::SqliteFailure(failure, message) => {
            let reason = message.clone().unwrap_or_else(|| failure.to_string());
            match failure.code {
                ErrorCode::NotADatabase => {
                    let reason = "it is not an SQLite database".to_owned();
                    Error::NotAGallery { path: path.to_owned(), reason }
                }
                ErrorCode::CannotOpen => {
                    Error::Io { action: "open", path: path.to_owned(), source: std::io::Error::other(reason) }
                }
                _ => error.into(),
            }
        }
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Gallery;

    #[test]
    fn a_gallery_of_the_first_version_can_be_read_where_it_cannot_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let model = ModelIdentity {
            fingerprint: Fingerprint([1; 32]),
            name: "test".to_owned(),
            dimension: 4,
            flip: false,
            compatible_with: vec![],
        };
        let connection = create(folder.path(), &model).unwrap();
        let tables = "DROP TABLE correction_steps; DROP TABLE corrections; DROP TABLE set_aside";
        connection.execute_batch(tables).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        drop(connection);
        let connection = connect_read_only(&folder.path().join(DATABASE)).unwrap();
        pretend(&connection).unwrap();
        for table in ["set_aside", "corrections", "correction_steps"] {
            let sql = format!("SELECT count(*) FROM {table}");
            assert_eq!(connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
        }
        drop(connection);
        // Who may write brings it up to date.
        let gallery = Gallery::open_as_is(folder.path()).unwrap();
        let version: i64 =
            gallery.connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, VERSION);
    }
}
