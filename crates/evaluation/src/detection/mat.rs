//! As much of MATLAB's file format, version 5, as WIDER FACE's lists need: cells, texts and arrays of numbers.
//!
//! A file is a header of 128 bytes and a row of elements; an element is a kind, a size and that many bytes, padded to
//! a multiple of 8. Every variable is an element `miMATRIX`, mostly inside a zlib-compressed one: flags, dimensions,
//! a name and then numbers, or one more `miMATRIX` for each cell. "MAT-File Format", MathWorks, chapter 1.
//!
//! Sizes are never believed: nothing is allocated that the bytes at hand do not fill, the whole file inflates to a
//! bounded size, and cells nest to a bounded depth.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use flate2::read::ZlibDecoder;

use super::HELP;
use crate::Error;
use crate::protocols::files::{quoted, read_bytes};

/// The validation set's lists have 0.4 MB.
const MAX_BYTES: u64 = 8 << 20;

/// All variables of a file together; the validation set's have 2.7 MB.
const MAX_INFLATED: usize = 16 << 20;

/// WIDER FACE's lists nest numbers in cells in cells.
const MAX_DEPTH: usize = 4;

/// A variable, or what is in a cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Cells in the order in which they are stored: down the columns.
    Cells(Vec<Value>),
    /// One line of text.
    Text(String),
    /// Any class of real numbers.
    Numbers(Numbers),
}

/// A matrix of `rows` x `columns`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Numbers {
    pub(super) rows: usize,
    pub(super) columns: usize,
    /// Down the columns, `rows * columns` of them.
    pub(super) values: Vec<f64>,
}

impl Value {
    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Cells(_) => "cells",
            Self::Text(_) => "text",
            Self::Numbers(_) => "numbers",
        }
    }
}

/// Reads the variables called `wanted`; others are passed over, whatever they are. A wanted one may be absent.
pub(super) fn read_variables(path: &Path, wanted: &[&str]) -> Result<BTreeMap<String, Value>, Error> {
    let bytes = read_bytes(path, MAX_BYTES, HELP)?;
    parse(&bytes, wanted).map_err(|problem| Error::Layout { path: path.to_owned(), problem })
}

fn parse(bytes: &[u8], wanted: &[&str]) -> Result<BTreeMap<String, Value>, String> {
    let mut rest = check_header(bytes)?;
    let mut variables = BTreeMap::new();
    let mut budget = MAX_INFLATED;
    while let Some(element) = Element::next(&mut rest)? {
        let inflated;
        let array = match element.kind {
            COMPRESSED => {
                inflated = inflate(element.data, budget)?;
                budget -= inflated.len();
                match Element::next(&mut inflated.as_slice())? {
                    Some(element) if element.kind == MATRIX => Array::parse(element.data)?,
                    _ => return Err("a compressed element holds no variable".to_owned()),
                }
            }
            MATRIX => Array::parse(element.data)?,
            kind => return Err(format!("an element of kind {kind} is where a variable was expected")),
        };
        let Some(name) = wanted.iter().find(|name| name.as_bytes() == array.name) else { continue };
        let value = array.value(0).map_err(|problem| format!("variable {name}: {problem}"))?;
        if variables.insert((*name).to_owned(), value).is_some() {
            return Err(format!("variable {name} is there twice"));
        }
    }
    Ok(variables)
}

/// Everything after the header.
fn check_header(bytes: &[u8]) -> Result<&[u8], String> {
    if bytes.starts_with(b"MATLAB 7.3") || bytes.starts_with(b"\x89HDF") {
        return Err("is in MATLAB's format 7.3, of which nothing is read: save it with '-v7'".to_owned());
    }
    let Some((header, rest)) = bytes.split_first_chunk::<128>() else {
        return Err(format!("has {} bytes, which is too short for a MATLAB file", bytes.len()));
    };
    match header[124..] {
        [0, 1, b'I', b'M'] => Ok(rest),
        [1, 0, b'M', b'I'] => {
            Err("has big-endian numbers, which are not read: save it on another machine".to_owned())
        }
        _ => Err("is not a MATLAB file of version 5".to_owned()),
    }
}

fn inflate(data: &[u8], limit: usize) -> Result<Vec<u8>, String> {
    let mut inflated = Vec::new();
    // One byte more than allowed tells a full one from one that is too large.
    let mut stream = ZlibDecoder::new(data).take(limit as u64 + 1);
    stream.read_to_end(&mut inflated).map_err(|error| format!("a variable cannot be inflated: {error}"))?;
    if inflated.len() > limit {
        return Err(format!("the variables inflate to more than {MAX_INFLATED} bytes, which no list does"));
    }
    Ok(inflated)
}

// Kinds of elements ("data types").
const INT8: u32 = 1;
const UINT8: u32 = 2;
const INT16: u32 = 3;
const UINT16: u32 = 4;
const INT32: u32 = 5;
const UINT32: u32 = 6;
const SINGLE: u32 = 7;
const DOUBLE: u32 = 9;
const INT64: u32 = 12;
const UINT64: u32 = 13;
const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;
const UTF8: u32 = 16;
const UTF16: u32 = 17;

// Classes of arrays ("array types").
const CELL: u8 = 1;
const CHAR: u8 = 4;
const NUMERIC: std::ops::RangeInclusive<u8> = 6..=15;

struct Element<'a> {
    kind: u32,
    data: &'a [u8],
}

impl<'a> Element<'a> {
    /// Takes the next element off `rest`; `None` at its end.
    fn next(rest: &mut &'a [u8]) -> Result<Option<Self>, String> {
        if rest.is_empty() {
            return Ok(None);
        }
        let (tag, body) = rest.split_first_chunk::<8>().ok_or("ends in the middle of an element")?;
        let first = u32::from_le_bytes([tag[0], tag[1], tag[2], tag[3]]);
        // The small form has the size beside the kind, and up to 4 bytes of data within the tag.
        let (small_size, small_kind) = (first >> 16, first & 0xffff);
        if small_size != 0 {
            let data =
                rest[4..8].get(..small_size as usize).ok_or("has a small element that is too large")?;
            *rest = body;
            return Ok(Some(Self { kind: small_kind, data }));
        }
        let size = u32::from_le_bytes([tag[4], tag[5], tag[6], tag[7]]) as usize;
        let data = body
            .get(..size)
            .ok_or_else(|| format!("has an element of {size} bytes where only {} are left", body.len()))?;
        // Compressed elements are not padded.
        let padding = if first == COMPRESSED { 0 } else { size.wrapping_neg() % 8 };
        *rest = body.get(size + padding..).unwrap_or_default();
        Ok(Some(Self { kind: first, data }))
    }

    /// The next element, which must be there.
    fn expect(rest: &mut &'a [u8], what: &str) -> Result<Self, String> {
        Self::next(rest)?.ok_or_else(|| format!("an array has no {what}"))
    }

    fn numbers(&self) -> Result<Vec<f64>, String> {
        match self.kind {
            INT8 => decode(self.data, |bytes| i8::from_le_bytes(bytes).into()),
            UINT8 => decode(self.data, |bytes| u8::from_le_bytes(bytes).into()),
            INT16 => decode(self.data, |bytes| i16::from_le_bytes(bytes).into()),
            UINT16 => decode(self.data, |bytes| u16::from_le_bytes(bytes).into()),
            INT32 => decode(self.data, |bytes| i32::from_le_bytes(bytes).into()),
            UINT32 => decode(self.data, |bytes| u32::from_le_bytes(bytes).into()),
            SINGLE => decode(self.data, |bytes| f32::from_le_bytes(bytes).into()),
            DOUBLE => decode(self.data, f64::from_le_bytes),
            INT64 => decode(self.data, |bytes| i64::from_le_bytes(bytes) as f64),
            UINT64 => decode(self.data, |bytes| u64::from_le_bytes(bytes) as f64),
            kind => Err(format!("an element of kind {kind} is where numbers were expected")),
        }
    }

    fn text(&self) -> Result<String, String> {
        let text = match self.kind {
            INT8 | UINT8 | UTF8 => String::from_utf8(self.data.to_vec()).ok(),
            UINT16 | UTF16 => {
                let (units, rest) = self.data.as_chunks::<2>();
                let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
                String::from_utf16(&units).ok().filter(|_| rest.is_empty())
            }
            kind => return Err(format!("an element of kind {kind} is where text was expected")),
        };
        text.ok_or_else(|| "a text is not Unicode".to_owned())
    }
}

fn decode<const N: usize>(data: &[u8], number: impl Fn([u8; N]) -> f64) -> Result<Vec<f64>, String> {
    let (chunks, rest) = data.as_chunks::<N>();
    if !rest.is_empty() {
        return Err(format!("{} bytes are not a whole count of numbers of {N}", data.len()));
    }
    Ok(chunks.iter().map(|bytes| number(*bytes)).collect())
}

/// A `miMATRIX` up to its content.
struct Array<'a> {
    class: u8,
    complex: bool,
    dimensions: Vec<usize>,
    name: &'a [u8],
    content: &'a [u8],
}

impl<'a> Array<'a> {
    fn parse(mut rest: &'a [u8]) -> Result<Self, String> {
        if rest.is_empty() {
            // An empty cell may be written so.
            let dimensions = vec![0, 0];
            return Ok(Self { class: *NUMERIC.start(), complex: false, dimensions, name: &[], content: &[] });
        }
        let flags = Element::expect(&mut rest, "flags")?;
        let (UINT32, [class, flags, ..]) = (flags.kind, flags.data) else {
            return Err("an array does not start with its flags".to_owned());
        };
        let dimensions = Element::expect(&mut rest, "dimensions")?;
        let (sizes, odd) = dimensions.data.as_chunks::<4>();
        let dimensions: Option<Vec<usize>> =
            sizes.iter().map(|size| usize::try_from(i32::from_le_bytes(*size)).ok()).collect();
        let dimensions = dimensions
            .filter(|sizes| sizes.len() >= 2 && odd.is_empty())
            .ok_or("the dimensions of an array are not two or more sizes")?;
        let name = Element::expect(&mut rest, "name")?.data;
        Ok(Self { class: *class, complex: flags & 0x08 != 0, dimensions, name, content: rest })
    }

    /// The content; `depth` is the number of cells around it.
    fn value(&self, depth: usize) -> Result<Value, String> {
        match self.class {
            CELL => self.cells(depth).map(Value::Cells),
            CHAR => self.text().map(Value::Text),
            class if NUMERIC.contains(&class) => self.numbers().map(Value::Numbers),
            class => Err(format!("an array of class {class} is neither cells nor text nor numbers")),
        }
    }

    fn cells(&self, depth: usize) -> Result<Vec<Value>, String> {
        if depth == MAX_DEPTH {
            return Err(format!("cells are nested more than {MAX_DEPTH} deep"));
        }
        let count = self.count()?;
        let mut rest = self.content;
        // Checked before anything grows: no cell takes less than the 8 bytes of a tag.
        if count > rest.len() / 8 {
            return Err(format!("{count} cells cannot be in {} bytes", rest.len()));
        }
        let mut cells = Vec::with_capacity(count);
        for number in 1..=count {
            let cell = match Element::next(&mut rest)? {
                Some(element) if element.kind == MATRIX => element,
                _ => return Err(format!("cell {number} of {count} is not there")),
            };
            cells.push(Array::parse(cell.data)?.value(depth + 1)?);
        }
        Ok(cells)
    }

    fn text(&self) -> Result<String, String> {
        if self.count()? == 0 {
            return Ok(String::new());
        }
        if self.dimensions[0] != 1 || self.dimensions.len() > 2 {
            return Err("a text has several rows".to_owned());
        }
        let text = Element::expect(&mut &*self.content, "text")?.text()?;
        if text.chars().any(char::is_control) {
            return Err(format!("the text {} has control characters", quoted(&text)));
        }
        Ok(text)
    }

    fn numbers(&self) -> Result<Numbers, String> {
        if self.complex {
            return Err("the numbers are complex".to_owned());
        }
        let [rows, columns] = self.dimensions[..] else {
            return Err(format!("numbers have {} dimensions, not two", self.dimensions.len()));
        };
        let values = match Element::next(&mut &*self.content)? {
            Some(element) => element.numbers()?,
            None => Vec::new(),
        };
        if values.len() != self.count()? {
            return Err(format!("{} numbers are there for an array of {rows} x {columns}", values.len()));
        }
        Ok(Numbers { rows, columns, values })
    }

    fn count(&self) -> Result<usize, String> {
        let count = self.dimensions.iter().try_fold(1_usize, |count, size| count.checked_mul(*size));
        count.ok_or_else(|| "the dimensions of an array are far too large".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(kind: u32, data: &[u8]) -> Vec<u8> {
        let mut bytes = [kind.to_le_bytes(), (data.len() as u32).to_le_bytes()].concat();
        bytes.extend(data);
        bytes.resize(bytes.len().next_multiple_of(8), 0);
        bytes
    }

    fn array(class: u8, flags: u8, dimensions: &[i32], name: &str, content: &[u8]) -> Vec<u8> {
        let sizes: Vec<u8> = dimensions.iter().flat_map(|size| size.to_le_bytes()).collect();
        let parts = [
            element(UINT32, &[class, flags, 0, 0, 0, 0, 0, 0]),
            element(INT32, &sizes),
            element(INT8, name.as_bytes()),
            content.to_vec(),
        ];
        element(MATRIX, &parts.concat())
    }

    fn file(content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![b' '; 124];
        bytes.extend([0, 1, b'I', b'M']);
        bytes.extend(content);
        bytes
    }

    fn only(content: &[u8]) -> Result<Value, String> {
        let mut variables = parse(&file(content), &["x"])?;
        variables.remove("x").ok_or_else(|| "absent".to_owned())
    }

    fn numbers(rows: usize, columns: usize, values: &[f64]) -> Value {
        Value::Numbers(Numbers { rows, columns, values: values.to_vec() })
    }

    #[test]
    fn every_kind_of_number() {
        let cases: [(u32, Vec<u8>); 10] = [
            (INT8, vec![1, 254]),
            (UINT8, vec![1, 254]),
            (INT16, [1_i16, -2].map(i16::to_le_bytes).concat()),
            (UINT16, [1_u16, 65534].map(u16::to_le_bytes).concat()),
            (INT32, [1_i32, -2].map(i32::to_le_bytes).concat()),
            (UINT32, [1_u32, 7].map(u32::to_le_bytes).concat()),
            (SINGLE, [1_f32, -2.5].map(f32::to_le_bytes).concat()),
            (DOUBLE, [1_f64, -2.5].map(f64::to_le_bytes).concat()),
            (INT64, [1_i64, -2].map(i64::to_le_bytes).concat()),
            (UINT64, [1_u64, 7].map(u64::to_le_bytes).concat()),
        ];
        let second = [-2.0, 254.0, -2.0, 65534.0, -2.0, 7.0, -2.5, -2.5, -2.0, 7.0];
        for ((kind, data), second) in cases.into_iter().zip(second) {
            // MATLAB stores doubles in the smallest kind that holds them: class and kind are independent.
            let found = only(&array(6, 0, &[2, 1], "x", &element(kind, &data)));
            assert_eq!(found, Ok(numbers(2, 1, &[1.0, second])), "kind {kind}");
        }
    }

    #[test]
    fn small_elements_texts_and_empty_cells() {
        let small_numbers = [UINT8 as u8, 0, 3, 0, 7, 8, 9, 0];
        assert_eq!(only(&array(9, 0, &[1, 3], "x", &small_numbers)), Ok(numbers(1, 3, &[7.0, 8.0, 9.0])));
        let wide: Vec<u8> = "Å面".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (kind, data) in [(UTF8, "Å面".as_bytes()), (UINT16, &wide), (UTF16, &wide)] {
            let found = only(&array(CHAR, 0, &[1, 2], "x", &element(kind, data)));
            assert_eq!(found, Ok(Value::Text("Å面".to_owned())));
        }
        let cells = [element(MATRIX, &[]), array(CHAR, 0, &[0, 0], "", &[])].concat();
        assert_eq!(
            only(&array(CELL, 0, &[2, 1], "x", &cells)),
            Ok(Value::Cells(vec![numbers(0, 0, &[]), Value::Text(String::new())]))
        );
    }

    #[test]
    fn other_variables_are_passed_over() {
        let structure = array(2, 0, &[1, 1], "y", &[]);
        let wanted = array(6, 0, &[1, 1], "x", &element(UINT8, &[5]));
        assert_eq!(only(&[structure, wanted.clone()].concat()), Ok(numbers(1, 1, &[5.0])));
        assert_eq!(only(&[wanted.clone(), wanted].concat()), Err("variable x is there twice".to_owned()));
    }

    #[test]
    fn what_is_wrong_is_said() {
        let nested = (0..6).fold(array(6, 0, &[0, 0], "", &[]), |inner, level| {
            array(CELL, 0, &[1, 1], if level == 5 { "x" } else { "" }, &inner)
        });
        let one = element(UINT8, &[5]);
        let cases: [(Vec<u8>, &str); 16] = [
            (nested, "nested more than 4 deep"),
            (vec![1, 2, 3], "ends in the middle of an element"),
            (element(UINT8, &[1]), "kind 2 is where a variable was expected"),
            ([MATRIX.to_le_bytes(), u32::MAX.to_le_bytes()].concat(), "an element of 4294967295 bytes"),
            (element(COMPRESSED, b"not zlib"), "cannot be inflated"),
            (element(MATRIX, &one), "does not start with its flags"),
            (array(6, 0, &[1], "x", &one), "not two or more sizes"),
            (array(6, 0, &[1, -1], "x", &one), "not two or more sizes"),
            (array(6, 0, &[1, 2], "x", &one), "1 numbers are there for an array of 1 x 2"),
            (array(6, 0, &[1, 1, 1], "x", &one), "3 dimensions"),
            (array(6, 8, &[1, 1], "x", &one), "complex"),
            (array(2, 0, &[1, 1], "x", &one), "class 2 is neither"),
            (array(CELL, 0, &[i32::MAX, i32::MAX], "x", &[]), "cells cannot be in 0 bytes"),
            (array(CELL, 0, &[i32::MAX; 3], "x", &[]), "far too large"),
            (array(CHAR, 0, &[2, 1], "x", &element(UTF8, b"ab")), "several rows"),
            (array(CHAR, 0, &[1, 1], "x", &element(UTF8, &[0xff])), "not Unicode"),
        ];
        for (content, expected) in cases {
            let message = only(&content).unwrap_err();
            assert!(message.contains(expected), "{message:?}, not {expected:?}");
        }
        for (bytes, expected) in [
            (b"MATLAB 7.3 MAT-file".to_vec(), "-v7"),
            (vec![0; 127], "too short"),
            (vec![0; 200], "version 5"),
            ([vec![b' '; 124], vec![1, 0, b'M', b'I']].concat(), "big-endian"),
        ] {
            let message = parse(&bytes, &[]).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn what_inflates_without_end_is_refused() {
        use std::io::Write as _;
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![0; MAX_INFLATED + 1]).unwrap();
        let message = only(&element(COMPRESSED, &encoder.finish().unwrap())).unwrap_err();
        assert!(message.contains("inflate to more than"), "{message}");
    }
}
