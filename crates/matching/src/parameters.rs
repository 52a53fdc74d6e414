//! How a learned score is kept in a file.
//!
//! ```text
//! 8 bytes    "omoteSC2"
//! 4 bytes    length of the header, little-endian
//! header     TOML: kind, fingerprint of the model, settings, arrays, SHA-256 of all that follows; in a file also
//!            [learned]: whether with --flip, and short salted hashes of the names of the people
//! arrays     row by row, little-endian f32 or f64, in the header's order
//! ```

use std::collections::BTreeMap;

use model::Fingerprint;
use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::names::NameHash;

const MAGIC: &[u8; 8] = b"omoteSC2";

/// Files of the first version: they say neither whom a scorer was learned from nor whether with `--flip`.
const FIRST_MAGIC: &[u8; 8] = b"omoteSC1";

/// A header is a few hundred bytes, and 17 for each person: room for two million.
const LONGEST_HEADER: usize = 32 << 20;

/// What vectors a scorer was learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Learned {
    /// Whether each was the mean over a crop and its mirror image.
    pub(crate) flip: bool,
    /// Hashes of the people's names, ascending.
    pub(crate) people: Vec<NameHash>,
}

/// Everything that makes a trained score: numbers by name and arrays by name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameters {
    pub(crate) kind: String,
    pub(crate) fingerprint: Fingerprint,
    settings: BTreeMap<String, f64>,
    arrays: BTreeMap<String, Array>,
    /// Only in a file.
    pub(crate) learned: Option<Learned>,
}

#[derive(Clone, Debug, PartialEq)]
struct Array {
    rows: usize,
    columns: usize,
    values: Values,
}

#[derive(Clone, Debug, PartialEq)]
enum Values {
    Single(Vec<f32>),
    Double(Vec<f64>),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    kind: String,
    fingerprint: Fingerprint,
    sha256: String,
    #[serde(default)]
    settings: BTreeMap<String, f64>,
    #[serde(default)]
    array: Vec<Layout>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    learned: Option<Learned>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Layout {
    name: String,
    rows: usize,
    columns: usize,
    bits: u32,
}

impl Parameters {
    pub(crate) fn new(kind: &str, fingerprint: Fingerprint) -> Self {
        let (settings, arrays) = (BTreeMap::new(), BTreeMap::new());
        Self { kind: kind.to_owned(), fingerprint, settings, arrays, learned: None }
    }

    pub(crate) fn set(mut self, name: &str, value: f64) -> Self {
        self.settings.insert(name.to_owned(), value);
        self
    }

    pub(crate) fn with_row(self, name: &str, values: &[f64]) -> Self {
        self.with(name, 1, values.len(), Values::Double(values.to_vec()))
    }

    pub(crate) fn with_matrix(self, name: &str, matrix: &DMatrix<f64>) -> Self {
        let values = matrix.transpose().as_slice().to_vec();
        self.with(name, matrix.nrows(), matrix.ncols(), Values::Double(values))
    }

    pub(crate) fn with_matrix_if_any(self, name: &str, matrix: Option<&DMatrix<f64>>) -> Self {
        match matrix {
            None => self,
            Some(matrix) => self.with_matrix(name, matrix),
        }
    }

    pub(crate) fn with_vectors(self, name: &str, dimension: usize, values: &[f32]) -> Self {
        self.with(name, values.len() / dimension, dimension, Values::Single(values.to_vec()))
    }

    pub(crate) fn learned_from(self, learned: Learned) -> Self {
        Self { learned: Some(learned), ..self }
    }

    fn with(mut self, name: &str, rows: usize, columns: usize, values: Values) -> Self {
        self.arrays.insert(name.to_owned(), Array { rows, columns, values });
        self
    }

    /// A whole number, 0 or more.
    pub(crate) fn count(&self, name: &str) -> Result<usize, String> {
        let value = self.number(name)?;
        if value >= 0.0 && value <= f64::from(u32::MAX) && value.fract() == 0.0 {
            Ok(value as usize)
        } else {
            Err(format!("its setting {name} is {value}, which is not a number of things"))
        }
    }

    pub(crate) fn number(&self, name: &str) -> Result<f64, String> {
        let value = self.settings.get(name).copied();
        value.filter(|value| value.is_finite()).ok_or_else(|| format!("it has no setting {name}"))
    }

    pub(crate) fn row(&self, name: &str) -> Result<Vec<f64>, String> {
        match self.array(name)? {
            Array { rows: 1, values: Values::Double(values), .. } => Ok(values.clone()),
            _ => Err(format!("its array {name} is not one row of 64-bit numbers")),
        }
    }

    /// A matrix with this many columns.
    pub(crate) fn matrix(&self, name: &str, columns: usize) -> Result<DMatrix<f64>, String> {
        match self.array(name)? {
            Array { rows, columns: found, values: Values::Double(values) } if *found == columns => {
                Ok(DMatrix::from_row_slice(*rows, columns, values))
            }
            _ => Err(format!("its array {name} does not have {columns} columns of 64-bit numbers")),
        }
    }

    pub(crate) fn matrix_if_any(&self, name: &str, columns: usize) -> Result<Option<DMatrix<f64>>, String> {
        self.arrays.contains_key(name).then(|| self.matrix(name, columns)).transpose()
    }

    /// Vectors, one after the other, and their dimension.
    pub(crate) fn vectors(&self, name: &str) -> Result<(&[f32], usize), String> {
        match self.array(name)? {
            Array { columns, values: Values::Single(values), .. } => Ok((values, *columns)),
            Array { .. } => Err(format!("its array {name} does not hold 32-bit numbers")),
        }
    }

    fn array(&self, name: &str) -> Result<&Array, String> {
        self.arrays.get(name).ok_or_else(|| format!("it has no array {name}"))
    }

    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let mut payload = Vec::new();
        for array in self.arrays.values() {
            match &array.values {
                Values::Single(values) => values.iter().for_each(|value| payload.extend(value.to_le_bytes())),
                Values::Double(values) => values.iter().for_each(|value| payload.extend(value.to_le_bytes())),
            }
        }
        let layout = |(name, array): (&String, &Array)| Layout {
            name: name.clone(),
            rows: array.rows,
            columns: array.columns,
            bits: if matches!(array.values, Values::Single(_)) { 32 } else { 64 },
        };
        let header = toml::to_string(&Header {
            kind: self.kind.clone(),
            fingerprint: self.fingerprint,
            sha256: sha256(&payload),
            settings: self.settings.clone(),
            array: self.arrays.iter().map(layout).collect(),
            learned: self.learned.clone(),
        })
        .map_err(|error| error.to_string())?;
        if header.len() > LONGEST_HEADER {
            return Err(format!("its header has {} bytes, more than {LONGEST_HEADER}", header.len()));
        }
        let mut bytes = MAGIC.to_vec();
        bytes.extend((header.len() as u32).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(payload);
        Ok(bytes)
    }

    /// The reverse; every length is checked before anything is reserved for it, every number for being finite.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        if bytes.starts_with(FIRST_MAGIC) {
            return Err(
                "an earlier version wrote it, which did not keep whom a scorer was learned from nor whether \
                        with --flip: learn it again with `omote scorer train`"
                    .to_owned(),
            );
        }
        let rest = bytes.strip_prefix(MAGIC).ok_or("it is not a scorer of this version")?;
        let (size, rest) = rest.split_first_chunk::<4>().ok_or("it ends in its header")?;
        let size = u32::from_le_bytes(*size) as usize;
        let (header, mut payload) =
            rest.split_at_checked(size).filter(|_| size <= LONGEST_HEADER).ok_or("it ends in its header")?;
        let header = std::str::from_utf8(header).map_err(|error| error.to_string())?;
        let header: Header = toml::from_str(header).map_err(|error| format!("its header: {error}"))?;
        if sha256(payload) != header.sha256 {
            return Err("it is damaged: its numbers do not have the SHA-256 that it names".to_owned());
        }
        let mut arrays = BTreeMap::new();
        for Layout { name, rows, columns, bits } in header.array {
            let width = match bits {
                32 => 4,
                64 => 8,
                _ => return Err(format!("its array {name} has numbers of {bits} bits")),
            };
            let size = rows.checked_mul(columns).and_then(|count| count.checked_mul(width));
            let (mine, rest) = size
                .and_then(|size| payload.split_at_checked(size))
                .ok_or_else(|| format!("it ends in array {name}"))?;
            payload = rest;
            let values = if width == 4 {
                let (chunks, _) = mine.as_chunks();
                Values::Single(chunks.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect())
            } else {
                let (chunks, _) = mine.as_chunks();
                Values::Double(chunks.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect())
            };
            let finite = match &values {
                Values::Single(values) => values.iter().all(|value| value.is_finite()),
                Values::Double(values) => values.iter().all(|value| value.is_finite()),
            };
            if !finite || rows == 0 || columns == 0 {
                return Err(format!("its array {name} is empty or has a number that is not finite"));
            }
            if arrays.insert(name.clone(), Array { rows, columns, values }).is_some() {
                return Err(format!("it has two arrays {name}"));
            }
        }
        if !payload.is_empty() {
            return Err(format!("{} bytes follow its last array", payload.len()));
        }
        if header.learned.as_ref().is_some_and(|learned| !NameHash::ascend(&learned.people)) {
            return Err("the hashes of its people do not rise".to_owned());
        }
        let Header { kind, fingerprint, settings, learned, .. } = header;
        Ok(Self { kind, fingerprint, settings, arrays, learned })
    }
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Parameters {
        Parameters::new("example", Fingerprint([5; 32]))
            .set("nearest", 20.0)
            .with_row("mean", &[0.25, -1.0])
            .with_matrix("basis", &DMatrix::from_row_slice(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
            .with_vectors("cohort", 2, &[0.6, 0.8, 1.0, 0.0])
    }

    #[test]
    fn comes_back_as_it_was() {
        let back = Parameters::from_bytes(&example().to_bytes().unwrap()).unwrap();
        assert_eq!(back, example());
        assert_eq!(back.matrix("basis", 3).unwrap()[(0, 2)], 3.0);
        assert_eq!(back.vectors("cohort").unwrap(), ([0.6, 0.8, 1.0, 0.0].as_slice(), 2));
        assert_eq!(back.count("nearest"), Ok(20));
        assert!(back.matrix("basis", 2).is_err() && back.row("basis").is_err() && back.row("none").is_err());
        assert!(back.vectors("mean").is_err() && back.number("none").is_err());
    }

    #[test]
    fn every_byte_counts() {
        let good = example().to_bytes().unwrap();
        for at in 0..good.len() {
            assert!(Parameters::from_bytes(&good[..at]).is_err(), "cut at {at}");
            let mut changed = good.clone();
            changed[at] ^= 0x55;
            assert_ne!(Parameters::from_bytes(&changed), Ok(example()), "changed at {at}");
        }
        let longer: Vec<u8> = good.iter().copied().chain([0]).collect();
        assert!(Parameters::from_bytes(&longer).is_err());
        let first = Parameters::from_bytes(&[FIRST_MAGIC, &good[8..]].concat()).unwrap_err();
        assert!(first.contains("earlier version") && first.contains("omote scorer train"), "{first}");
    }

    #[test]
    fn lengths_are_not_believed() {
        let file = |header: &str| {
            let header = header.replace("HASH", &sha256(&[]));
            let mut bytes = MAGIC.to_vec();
            bytes.extend((header.len() as u32).to_le_bytes());
            bytes.extend(header.as_bytes());
            Parameters::from_bytes(&bytes)
        };
        let start = format!("kind = \"a\"\nfingerprint = \"{}\"\nsha256 = \"HASH\"\n", Fingerprint([1; 32]));
        assert!(file(&start).is_ok());
        for (rows, columns, bits) in
            [(1, 1, 64), (i64::MAX, 1, 64), (1i64 << 40, 1i64 << 40, 32), (0, 1, 32), (1, 1, 8)]
        {
            let array =
                format!("[[array]]\nname = \"v\"\nrows = {rows}\ncolumns = {columns}\nbits = {bits}\n");
            assert!(file(&format!("{start}{array}")).is_err(), "{rows} x {columns}");
        }
        assert!(file(&format!("{start}colour = 1\n")).is_err());
        let learned = |people: &str| file(&format!("{start}[learned]\nflip = true\npeople = [{people}]\n"));
        assert!(learned("\"000000000001\", \"000000000002\"").is_ok());
        for bad in ["\"000000000002\", \"000000000001\"", "\"000000000001\", \"000000000001\"", "\"Ada\""] {
            assert!(learned(bad).is_err(), "{bad}");
        }
    }
}
