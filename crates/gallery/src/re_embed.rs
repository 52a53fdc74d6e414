//! Moving a gallery to another model.

use std::collections::HashSet;

use model::Embedding;
use rusqlite::{Connection, Transaction};

use crate::cache::Cache;
use crate::gallery::person_name;
use crate::record::check_vector;
use crate::schema::Meta;
use crate::{Enrolment, EnrolmentId, Error, Gallery, ModelIdentity, Result, forget, listing, vector};

/// Faces between two commits of new vectors: what an interrupted run has to do again at most.
const BATCH: i64 = 64;

/// An enrolled face, with what a new vector can be made from.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFace {
    /// The enrolment, with the path and hash of the photo and the face's place in it.
    pub enrolment: Enrolment,
    /// Name of the person.
    pub person: String,
    /// The aligned crop as a JPEG or PNG file, if it was stored.
    pub crop: Option<Vec<u8>>,
}

/// A face of which the new model could not be given a vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEmbedded {
    /// Its number.
    pub enrolment: EnrolmentId,
    /// Name of the person.
    pub person: String,
    /// Why, as the caller put it.
    pub reason: String,
}

/// How a re-embedding went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReEmbedding {
    /// Whether the gallery is now of the new model.
    pub switched: bool,
    /// Faces with a vector of the new model.
    pub embedded: usize,
    /// Faces without one; if the gallery has switched they are forgotten.
    pub failed: Vec<NotEmbedded>,
}

impl Gallery {
    /// Gives every face a vector of another model, made by `embed`, and then switches the gallery to that model in one
    /// step.
    ///
    /// Until then the gallery works with the old model. The new vectors are kept beside the old ones as they come, so a
    /// run that was interrupted, or that left faces to be dealt with, goes on where it stopped. `embed` gets each face
    /// with its crop or, without one, the path of its photo, and says what kept it from making a vector. If that
    /// happens the gallery does not switch, unless `drop_failed` allows to forget such faces.
    ///
    /// # Errors
    /// [`Error::Face`] and [`Error::DifferentFace`] if `embed` returns what is not a vector of the new model; else what
    /// keeps the gallery from being read or written. The gallery is then of the old model.
    pub fn re_embed(
        &mut self,
        to: &ModelIdentity,
        drop_failed: bool,
        mut embed: impl FnMut(&StoredFace) -> std::result::Result<Embedding, String>,
    ) -> Result<ReEmbedding> {
        to.check()?;
        self.change(|connection, _, _| {
            let other = "DELETE FROM staged WHERE fingerprint <> ?1 OR flip <> ?2";
            connection.execute(other, (to.fingerprint.0, to.flip))?;
            Ok(())
        })?;
        let mut failed: Vec<NotEmbedded> = Vec::new();
        let embedded = loop {
            self.stage(to, &mut embed, &mut failed)?;
            if !failed.is_empty() && !drop_failed {
                let staged = count(&self.connection)?;
                return Ok(ReEmbedding { switched: false, embedded: staged, failed });
            }
            // Others may have enrolled since: only a transaction can know that nothing is missing.
            let dropped: HashSet<i64> = failed.iter().map(|face| face.enrolment.0).collect();
            if let Some(embedded) = self.change(|transaction, _, _| switch(transaction, to, &dropped))? {
                break embedded;
            }
        };
        self.meta = Meta::read(&self.connection)?;
        self.compatible = to.compatible_with.clone();
        self.people = None;
        self.cache = Cache::new(&self.folder, &self.meta, &self.connection, self.writable)?;
        if !failed.is_empty() {
            self.wipe()?;
        }
        self.refresh()?;
        Ok(ReEmbedding { switched: true, embedded, failed })
    }

    /// Makes the vectors that are missing, except those of faces that have failed.
    fn stage(
        &mut self,
        to: &ModelIdentity,
        embed: &mut impl FnMut(&StoredFace) -> std::result::Result<Embedding, String>,
        failed: &mut Vec<NotEmbedded>,
    ) -> Result<()> {
        let mut after = i64::MIN;
        loop {
            let sql = "SELECT id FROM enrolments WHERE id > ?1 AND id NOT IN (SELECT enrolment FROM staged) \
                       ORDER BY id LIMIT ?2";
            let ids: Vec<i64> = self
                .connection
                .prepare_cached(sql)?
                .query_map([after, BATCH], |row| row.get(0))?
                .collect::<Result<_, _>>()?;
            let Some(&last) = ids.last() else { return Ok(()) };
            after = last;
            let mut made = Vec::new();
            for id in ids {
                if failed.iter().any(|face| face.enrolment.0 == id) {
                    continue;
                }
                let Some(face) = self.stored_face(EnrolmentId(id))? else { continue };
                match embed(&face) {
                    Ok(embedding) => {
                        check_vector(&embedding.vector, to.dimension)?;
                        if embedding.fingerprint != to.fingerprint {
                            let (face, gallery) = (embedding.fingerprint.short(), to.fingerprint.short());
                            return Err(Error::DifferentFace { face, gallery });
                        }
                        made.push((id, embedding));
                    }
                    Err(reason) => {
                        failed.push(NotEmbedded { enrolment: EnrolmentId(id), person: face.person, reason });
                    }
                }
            }
            self.change(|connection, _, _| {
                // A face may have been forgotten while it was embedded.
                let sql =
                    "INSERT OR REPLACE INTO staged SELECT id, ?2, ?3, ?4, ?5 FROM enrolments WHERE id = ?1";
                let mut insert = connection.prepare_cached(sql)?;
                for (id, embedding) in &made {
                    let bytes = vector::write(&embedding.vector);
                    insert.execute((id, to.fingerprint.0, to.flip, bytes, embedding.magnitude))?;
                }
                Ok(())
            })?;
        }
    }

    fn stored_face(&self, id: EnrolmentId) -> Result<Option<StoredFace>> {
        let Some(enrolment) = listing::enrolment(&self.connection, id)? else { return Ok(None) };
        let Some(person) = person_name(&self.connection, enrolment.person)? else { return Ok(None) };
        let crop = if enrolment.has_crop { self.crop(id)? } else { None };
        Ok(Some(StoredFace { enrolment, person, crop }))
    }
}

fn count(connection: &Connection) -> Result<usize> {
    let count: u32 = connection.query_row("SELECT count(*) FROM staged", [], |row| row.get(0))?;
    Ok(count as usize)
}

/// Puts the new vectors in the place of the old ones; `None`, and nothing done, if some face has neither a new vector
/// nor permission to be dropped.
fn switch(
    transaction: &Transaction<'_>,
    to: &ModelIdentity,
    dropped: &HashSet<i64>,
) -> Result<Option<usize>> {
    let missing: Vec<i64> = transaction
        .prepare("SELECT id FROM enrolments WHERE id NOT IN (SELECT enrolment FROM staged)")?
        .query_map([], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    if missing.iter().any(|id| !dropped.contains(id)) {
        return Ok(None);
    }
    for &id in &missing {
        forget::remove(transaction, EnrolmentId(id))?;
    }
    if !missing.is_empty() {
        forget::mark_unwiped(transaction)?;
    }
    let embedded = count(transaction)?;
    transaction.execute_batch(
        "UPDATE enrolments SET vector = staged.vector, magnitude = staged.magnitude, \
         fingerprint = staged.fingerprint, flip = staged.flip FROM staged WHERE staged.enrolment = enrolments.id; \
         DELETE FROM staged;",
    )?;
    transaction.execute(
        "UPDATE meta SET fingerprint = ?1, model = ?2, dimension = ?3, flip = ?4, generation = generation + 1",
        (to.fingerprint.0, &to.name, to.dimension as i64, to.flip),
    )?;
    Ok(Some(embedded))
}
