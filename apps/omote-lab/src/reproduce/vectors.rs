//! What a network makes of the pictures of a test, kept in a file: with it a run need not be trained again to be measured again.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io::Write;
use std::path::Path;

use analysis::Embedder;
use anyhow::{Context, bail};
use console::Reporter;
use dataset::Value;
use evaluation::{ScoredPair, ScoredPairs};
use half::f16;
use safetensors::tensor::{Dtype, SafeTensors, TensorView, serialize};
use training::Maker;

use super::sets::Pictures;

/// Pictures that are embedded at a time.
const AT_A_TIME: usize = 64;
/// Share of the impostor scores that is kept: enough for a false-match rate of 0.01 in every draw of many people.
const KEPT: f64 = 0.03;
/// So many are kept in any case: few people differ more from draw to draw.
const FEW: usize = 100_000;
/// The entries of the file's header that say what the vectors are of, and who made them.
const STAMP: &str = "of";
const MAKER: &str = "by";
/// Before the name of a column: its codes as a tensor, and its words as an entry of the header, one to a line.
const KNOWN: &str = "known.";

/// The vectors of pictures of people, in the order of the test.
#[derive(Clone, Debug, PartialEq)]
pub struct Vectors {
    /// Values of a vector.
    pub dimension: usize,
    /// Directions, of length 1, one after the other.
    pub directions: Vec<f32>,
    /// Their lengths before they were normalised.
    pub magnitudes: Vec<f32>,
    /// The person of each.
    pub people: Vec<u32>,
    /// Pictures of each person, those without a face among them.
    pub counts: Vec<u64>,
    /// What else the test asked for, by the names of columns: a word for each picture.
    pub known: BTreeMap<String, Vec<String>>,
    /// Which program made them and the network, in words.
    pub maker: String,
}

impl Vectors {
    /// Embeds the pictures of a test.
    ///
    /// # Errors
    /// If a picture cannot be read, or has no vector.
    pub fn of(
        pictures: &Pictures,
        embedder: &Embedder,
        maker: &Maker,
        reporter: &mut Reporter,
    ) -> anyhow::Result<Self> {
        let mut vectors = Self {
            dimension: embedder.dimension(),
            directions: Vec::new(),
            magnitudes: Vec::new(),
            people: pictures.of.clone(),
            counts: pictures.counts.clone(),
            known: BTreeMap::new(),
            maker: words(maker),
        };
        let class = pictures.source.class_column();
        let columns: Vec<String> = pictures.source.columns().into_iter().map(|column| column.name).collect();
        reporter.start(pictures.of.len(), "pictures");
        let numbers: Vec<u64> = (0..pictures.source.len()).collect();
        for numbers in numbers.chunks(AT_A_TIME) {
            let mut images = Vec::with_capacity(numbers.len());
            for &number in numbers {
                let sample = pictures.source.sample(number).map_err(anyhow::Error::msg)?;
                let cells = sample.rows.first().into_iter().flatten();
                for (name, cell) in columns.iter().zip(cells).filter(|(name, _)| **name != class) {
                    vectors.known.entry(name.clone()).or_default().push(word(cell));
                }
                images.push(sample.image);
            }
            for embedding in embedder.embed_all(&images.iter().collect::<Vec<_>>(), false)? {
                vectors
                    .directions
                    .extend(embedding.vector.iter().map(|&value| f16::from_f32(value).to_f32()));
                vectors.magnitudes.push(embedding.magnitude);
                reporter.step();
            }
        }
        reporter.finish();
        Ok(vectors)
    }

    /// Vectors of classes as if they were pictures, one of each.
    pub fn of_classes(classes: &[Vec<f32>], maker: &Maker) -> Self {
        let mut vectors = Self {
            dimension: classes.first().map_or(0, Vec::len),
            directions: Vec::new(),
            magnitudes: Vec::new(),
            people: (0..classes.len() as u32).collect(),
            counts: vec![1; classes.len()],
            known: BTreeMap::new(),
            maker: words(maker),
        };
        for class in classes {
            let length = class.iter().map(|value| value * value).sum::<f32>().sqrt();
            let part = |value: &f32| f16::from_f32(value / length.max(f32::MIN_POSITIVE)).to_f32();
            vectors.directions.extend(class.iter().map(part));
            vectors.magnitudes.push(length);
        }
        vectors
    }

    /// A vector as it was before it was normalised.
    pub fn vector(&self, at: usize) -> Vec<f32> {
        self.direction(at).iter().map(|value| value * self.magnitudes[at]).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.people.len()
    }

    /// A direction.
    pub fn direction(&self, at: usize) -> &[f32] {
        &self.directions[at * self.dimension..][..self.dimension]
    }

    /// The cosine of two.
    pub fn cosine(&self, a: usize, b: usize) -> f32 {
        self.direction(a).iter().zip(self.direction(b)).map(|(a, b)| a * b).sum()
    }

    /// Each picture against each other, for error rates at low false-match rates.
    ///
    /// # Errors
    /// If there are too few people or pairs.
    pub fn pairs(&self) -> anyhow::Result<ScoredPairs> {
        let mut genuine = Vec::new();
        let mut impostors = Vec::new();
        for a in 0..self.len() {
            for b in a + 1..self.len() {
                let pair =
                    ScoredPair { a: self.people[a], b: self.people[b], score: Some(self.cosine(a, b)) };
                if pair.is_genuine() { &mut genuine } else { &mut impostors }.push(pair);
            }
        }
        let kept = ((impostors.len() as f64 * KEPT) as usize).max(FEW);
        let mut lowest = f32::NEG_INFINITY;
        if kept < impostors.len() {
            let score = |pair: &ScoredPair| pair.score.unwrap_or(f32::NEG_INFINITY);
            let (_, at, _) = impostors.select_nth_unstable_by(kept, |a, b| score(b).total_cmp(&score(a)));
            lowest = score(at);
            impostors.retain(|pair| score(pair) >= lowest);
        }
        Ok(ScoredPairs::of_all(&self.counts, genuine.into_iter().chain(impostors), lowest)?)
    }

    /// Writes them to a file, which is there whole or not at all; `of` says what they are of.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, path: &Path, of: &str) -> anyhow::Result<()> {
        let said = || format!("{} cannot be written", path.display());
        let directions: Vec<u8> =
            self.directions.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect();
        let magnitudes: Vec<u8> = self.magnitudes.iter().flat_map(|value| value.to_le_bytes()).collect();
        let people: Vec<u8> = self.people.iter().flat_map(|value| value.to_le_bytes()).collect();
        let counts: Vec<u8> = self.counts.iter().flat_map(|value| value.to_le_bytes()).collect();
        let mut header =
            HashMap::from([(STAMP.to_owned(), of.to_owned()), (MAKER.to_owned(), self.maker.clone())]);
        let mut codes: Vec<(String, Vec<u8>)> = Vec::new();
        for (name, words) in &self.known {
            let name = format!("{KNOWN}{name}");
            let (listed, of) = coded(words);
            header.insert(name.clone(), listed.join("\n"));
            codes.push((name, of.into_iter().flat_map(u32::to_le_bytes).collect()));
        }
        let mut tensors = vec![
            ("directions", TensorView::new(Dtype::F16, vec![self.len(), self.dimension], &directions)?),
            ("magnitudes", TensorView::new(Dtype::F32, vec![self.len()], &magnitudes)?),
            ("people", TensorView::new(Dtype::U32, vec![self.len()], &people)?),
            ("counts", TensorView::new(Dtype::U64, vec![self.counts.len()], &counts)?),
        ];
        for (name, bytes) in &codes {
            tensors.push((name, TensorView::new(Dtype::U32, vec![self.len()], bytes)?));
        }
        let bytes = serialize(tensors, Some(header))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        fs::create_dir_all(folder).with_context(said)?;
        let part = path.with_extension("part");
        let mut file = fs::File::create(&part).with_context(said)?;
        file.write_all(&bytes).and_then(|()| file.sync_all()).with_context(said)?;
        fs::rename(&part, path).with_context(said)
    }

    /// Reads a file; `None` if there is none.
    ///
    /// # Errors
    /// If it is damaged, or its vectors are of something else than `of`.
    pub fn read(path: &Path, of: &str) -> anyhow::Result<Option<Self>> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
        };
        let parsed = parse(&bytes, of);
        parsed.map(Some).with_context(|| format!("{}: take it away to have it made again", path.display()))
    }
}

fn parse(bytes: &[u8], of: &str) -> anyhow::Result<Vectors> {
    let (_, header) = SafeTensors::read_metadata(bytes).context("is no file of vectors")?;
    let entry = |name: &str| header.metadata().as_ref().and_then(|entries| entries.get(name));
    let stamp = entry(STAMP);
    if stamp.is_none_or(|stamp| stamp != of) {
        bail!("its vectors are of another recipe, or of other pictures");
    }
    let tensors = SafeTensors::deserialize(bytes).context("is no file of vectors")?;
    let values = |name: &str, dtype: Dtype| -> anyhow::Result<(Vec<usize>, &[u8])> {
        let tensor = tensors.tensor(name).with_context(|| format!("has no {name}"))?;
        if tensor.dtype() != dtype {
            bail!("its {name} are of another type");
        }
        Ok((tensor.shape().to_vec(), tensor.data()))
    };
    let (shape, directions) = values("directions", Dtype::F16)?;
    let (_, magnitudes) = values("magnitudes", Dtype::F32)?;
    let (_, people) = values("people", Dtype::U32)?;
    let (_, counts) = values("counts", Dtype::U64)?;
    let [length, dimension] = shape[..] else { bail!("its directions are no table") };
    let mut known = BTreeMap::new();
    for (name, listed) in header.metadata().iter().flatten() {
        let Some(column) = name.strip_prefix(KNOWN) else { continue };
        let listed: Vec<&str> = listed.split('\n').collect();
        let (_, codes) = values(name, Dtype::U32)?;
        let words = chunks(codes).map(|code| listed.get(u32::from_le_bytes(code) as usize));
        let words: Option<Vec<String>> = words.map(|word| word.map(|word| (*word).to_owned())).collect();
        known.insert(column.to_owned(), words.with_context(|| format!("its column {column} is damaged"))?);
    }
    let vectors = Vectors {
        dimension,
        directions: chunks(directions).map(|bytes| f16::from_le_bytes(bytes).to_f32()).collect(),
        magnitudes: chunks(magnitudes).map(f32::from_le_bytes).collect(),
        people: chunks(people).map(u32::from_le_bytes).collect(),
        counts: chunks(counts).map(u64::from_le_bytes).collect(),
        known,
        maker: entry(MAKER).cloned().unwrap_or_default(),
    };
    let lengths = [vectors.magnitudes.len(), vectors.people.len()];
    let fits = lengths.into_iter().chain(vectors.known.values().map(Vec::len)).all(|one| one == length);
    if !fits || vectors.people.iter().any(|&person| person as usize >= vectors.counts.len()) {
        bail!("its parts do not fit together");
    }
    Ok(vectors)
}

/// What stands in a cell, as a word; nothing is an empty one.
fn word(cell: &Value) -> String {
    match cell {
        Value::Float(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Text(text) => text.replace('\n', " "),
        Value::Flag(flag) => flag.to_string(),
        Value::Nothing => String::new(),
    }
}

/// The words that there are, and for each of a list which of them it is.
fn coded(words: &[String]) -> (Vec<&str>, Vec<u32>) {
    let mut listed: Vec<&str> = words.iter().map(String::as_str).collect();
    listed.sort_unstable();
    listed.dedup();
    let codes = words.iter().map(|word| listed.partition_point(|known| known < &word.as_str()) as u32);
    let codes = codes.collect();
    (listed, codes)
}

/// Who makes something, in words.
fn words(maker: &Maker) -> String {
    let commit = maker.commit.as_deref().unwrap_or("of no known commit");
    format!("{} {commit} on {}", maker.program, maker.machine)
}

fn chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.as_chunks::<N>().0.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Faces of people on a circle, each `width` degrees wide.
    fn circle(people: u32, faces: u32, width: f32) -> Vectors {
        let mut vectors = Vectors {
            dimension: 2,
            directions: Vec::new(),
            magnitudes: Vec::new(),
            people: Vec::new(),
            counts: vec![u64::from(faces); people as usize],
            known: BTreeMap::new(),
            maker: "somebody".to_owned(),
        };
        for person in 0..people {
            for face in 0..faces {
                let angle = 360.0 * person as f32 / people as f32 + width * face as f32 / faces as f32;
                let (y, x) = angle.to_radians().sin_cos();
                vectors.directions.extend([x, y].map(|value| f16::from_f32(value).to_f32()));
                vectors.magnitudes.push(1.5);
                vectors.people.push(person);
            }
        }
        vectors
    }

    #[test]
    fn what_is_written_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/below/test.safetensors");
        assert_eq!(Vectors::read(&path, "this").unwrap(), None);
        let mut vectors = circle(12, 3, 5.0);
        let harms = (0..36).map(|at| ["blur", "", "noise"][at % 3].to_owned()).collect();
        vectors.known.insert("harm".to_owned(), harms);
        vectors.write(&path, "this").unwrap();
        assert_eq!(Vectors::read(&path, "this").unwrap(), Some(vectors));
        let other = format!("{:#}", Vectors::read(&path, "that").unwrap_err());
        assert!(other.contains("test.safetensors") && other.contains("of another recipe"), "{other}");
        let bytes = fs::read(&path).unwrap();
        for length in [0, 7, 40, bytes.len() - 1] {
            fs::write(&path, &bytes[..length]).unwrap();
            let broken = format!("{:#}", Vectors::read(&path, "this").unwrap_err());
            assert!(broken.contains("take it away"), "{broken}");
        }
    }

    #[test]
    fn the_highest_impostors_are_enough_for_low_rates() {
        // 40 people 9 degrees apart, each 6 degrees wide: nobody is taken for somebody else where few may be.
        let pairs = circle(40, 12, 6.0).pairs().unwrap();
        assert_eq!((pairs.genuine_count(), pairs.impostor_count()), (40 * 66, 780 * 144));
        assert!(pairs.at(-0.99).is_err(), "of low scores nothing is kept");
        let found = pairs.fnmr_at_fmr(0.01).unwrap();
        assert!(found.fmr <= 0.01 && found.fnmr < 0.5, "{found:?}");
        // Faces that were not found count as missed.
        let mut missing = circle(40, 5, 6.0);
        missing.counts[0] = 6;
        assert_eq!(missing.pairs().unwrap().genuine_count(), 405);
    }
}
