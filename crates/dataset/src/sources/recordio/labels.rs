//! Who is in which record.

use super::Index;
use super::records::{Packed, Records};
use crate::classes::Naming;

/// From here on whole numbers of 32 bits are no longer exact.
const INEXACT: f32 = 16_777_216.0;

/// A record that holds a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Picture {
    /// Number of the record.
    pub(super) key: u64,
    /// The byte at which it begins.
    pub(super) place: u64,
    /// Number of the person.
    pub(super) class: u32,
}

/// The pictures of a set in the order of their records, and in `naming` who they show.
pub(super) fn pictures(
    records: &Records,
    index: &Index,
    naming: &mut Naming,
) -> Result<Vec<Picture>, String> {
    if let Some(pictures) = by_people(records, index, naming)? {
        return Ok(pictures);
    }
    *naming = Naming::default();
    let mut pictures = Vec::with_capacity(index.len());
    for &(key, place) in index {
        let told = |reason: String| format!("record {key} {reason}");
        let (label, has_picture) = records.label(place).map_err(told)?;
        // Record 0 and those of people say something of others.
        if has_picture {
            let class = naming.number(&name(label).map_err(told)?)?;
            pictures.push(Picture { key, place, class });
        }
    }
    Ok(pictures)
}

/// What the records of people say; `None` if there are none, or they do not hold for all pictures.
fn by_people(records: &Records, index: &Index, naming: &mut Naming) -> Result<Option<Vec<Picture>>, String> {
    let at = |key: u64| index.binary_search_by_key(&key, |(key, _)| *key).ok();
    let Some([first, end]) = at(0).map(|at| index[at].1).and_then(|place| range(records, place)) else {
        return Ok(None);
    };
    let (mut pictures, mut next) = (Vec::with_capacity(index.len()), 1);
    for person in first..end {
        let Some([from, to]) = at(person).and_then(|at| range(records, index[at].1)) else { return Ok(None) };
        let of = at(from).zip(at(to - 1)).and_then(|(from, to)| index.get(from..=to));
        // One after the other, without a gap: otherwise some picture is nobody's, or two people's.
        let Some(of) = of.filter(|of| from == next && to <= first && of.len() as u64 == to - from) else {
            return Ok(None);
        };
        next = to;
        let label = |&(key, place): &(u64, u64)| {
            records.label(place).map_err(|reason| format!("record {key} {reason}"))
        };
        let (Some(start), Some(last)) = (of.first(), of.last()) else { return Ok(None) };
        let ((own, has_picture), (last, _)) = (label(start)?, label(last)?);
        if own != last || !has_picture {
            return Ok(None);
        }
        let class = naming.number(&name(own).map_err(|reason| format!("record {from} {reason}"))?)?;
        pictures.extend(of.iter().map(|&(key, place)| Picture { key, place, class }));
    }
    Ok((next == first).then_some(pictures))
}

/// The two whole numbers, the first the smaller, that a record says instead of a picture.
fn range(records: &Records, place: u64) -> Option<[u64; 2]> {
    let bytes = records.read(place).ok()?;
    let Packed { labels, .. } = Packed::of(&bytes).ok()?;
    let [from, to] = labels.first_chunk()?;
    (1.0 <= *from && from < to && *to < INEXACT).then_some([*from as u64, *to as u64])
}

/// What a person with this label is called.
fn name(label: f32) -> Result<String, String> {
    match label.is_finite() {
        true => Ok(label.to_string()),
        false => Err("has no number for a label: copy the file again".to_owned()),
    }
}
