//! The part of Python's pickle format that InsightFace's `.bin` files use: bytes, booleans, lists and one tuple.
//!
//! A pickle is a program for a stack machine, and the general one can construct any object. This machine knows only
//! the opcodes that put bytes and booleans into two lists; it has no opcode that names a class or calls anything.
//! Bytes are not copied: a value is a range of the input. General readers are no alternative here, since a mark or a
//! reference to the memo, one to five bytes of input, costs them a new vector or a copy of an image.
//!
//! The opcodes are those of Python's `pickletools` (PEP 307, 3154, 574), protocols 2 to 5.

use std::collections::HashMap;
use std::ops::Range;

/// What stood in the two lists.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct BytesAndBools {
    /// Ranges of the input.
    pub(super) bytes: Vec<Range<usize>>,
    pub(super) bools: Vec<bool>,
}

/// Where reading stopped, counted in bytes from 0, and why.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stopped {
    pub(super) at: usize,
    pub(super) problem: String,
}

/// The input has 32-bit offsets here.
pub(super) const MAX_BYTES: u64 = 1 << 30;

/// The number of values that any input may have, for small test sets.
const FREE_VALUES: usize = 1024;

/// Beyond [`FREE_VALUES`], an input has at least this many bytes per value. A pair of pictures is three values (five
/// with the memo) and far more than a hundred bytes. Memory thus stays within a few times the input's size.
const BYTES_PER_VALUE: usize = 16;

const LISTS: usize = 2;

#[derive(Clone, Copy)]
enum Value {
    Mark,
    Bytes {
        start: u32,
        end: u32,
    },
    Bool(bool),
    /// An index into the machine's lists.
    List(u8),
    Tuple(u8, u8),
}

/// Reads `(list of bytes, list of bools)`. `input` has at most [`MAX_BYTES`].
pub(super) fn bytes_and_bools(input: &[u8]) -> Result<BytesAndBools, Stopped> {
    let mut machine = Machine {
        input,
        at: 0,
        stack: Vec::new(),
        lists: Vec::new(),
        memo: HashMap::new(),
        values_left: FREE_VALUES + input.len() / BYTES_PER_VALUE,
    };
    let mut start = 0;
    machine.run(&mut start).map_err(|problem| Stopped { at: start, problem })
}

struct Machine<'a> {
    input: &'a [u8],
    at: usize,
    stack: Vec<Value>,
    lists: Vec<Vec<Value>>,
    memo: HashMap<u32, Value>,
    /// How many more values may be pushed or remembered.
    values_left: usize,
}

impl Machine<'_> {
    /// `start` follows the beginning of the opcode at work.
    fn run(&mut self, start: &mut usize) -> Result<BytesAndBools, String> {
        match self.take(2) {
            Ok([0x80, 2..=5]) => {}
            Ok([0x80, version]) => return Err(format!("pickle protocol {version} is not one of 2 to 5")),
            _ => {
                return Err(
                    "this is no pickle of protocol 2 to 5, as InsightFace's .bin files are".to_owned()
                );
            }
        }
        loop {
            *start = self.at;
            let [opcode] = self.array()?;
            match opcode {
                // FRAME: a length that only helps those who read from a pipe.
                0x95 => drop(self.array::<8>()?),
                b'(' => self.push(Value::Mark)?,
                b']' => self.new_list()?,
                // The byte strings of Python 2 (U, T) and 3 (C, B, 8 bytes of length, bytearray).
                b'U' | b'C' => {
                    let [length] = self.array()?;
                    self.bytes(length.into())?;
                }
                b'T' | b'B' => {
                    let length = u32::from_le_bytes(self.array()?);
                    self.bytes(length.into())?;
                }
                0x8e | 0x96 => {
                    let length = u64::from_le_bytes(self.array()?);
                    self.bytes(length)?;
                }
                0x88 => self.push(Value::Bool(true))?,
                0x89 => self.push(Value::Bool(false))?,
                // A small integer: some programs write 1 and 0 for True and False.
                b'K' => match self.array()? {
                    [truth @ 0..=1] => self.push(Value::Bool(truth == 1))?,
                    [number] => return Err(format!("the number {number}, where True or False was expected")),
                },
                b'q' => {
                    let [index] = self.array()?;
                    self.remember(index.into())?;
                }
                b'r' => {
                    let index = u32::from_le_bytes(self.array()?);
                    self.remember(index)?;
                }
                // MEMOIZE numbers by itself. The limit on values keeps the number small.
                0x94 => self.remember(self.memo.len() as u32)?,
                b'h' => {
                    let [index] = self.array()?;
                    self.recall(index.into())?;
                }
                b'j' => {
                    let index = u32::from_le_bytes(self.array()?);
                    self.recall(index)?;
                }
                b'a' => {
                    let value = self.pop()?;
                    self.top_list()?.push(element(value)?);
                }
                b'e' => self.append_to_mark()?,
                0x86 => self.tuple()?,
                b't' => {
                    let at_mark = self.stack.len().checked_sub(LISTS + 1).and_then(|at| self.stack.get(at));
                    if !matches!(at_mark, Some(Value::Mark)) {
                        return Err("a tuple that does not hold exactly two lists".to_owned());
                    }
                    self.tuple()?;
                    let tuple = self.pop()?;
                    self.pop()?;
                    self.stack.push(tuple);
                }
                b'.' => return self.finish(),
                other => return Err(refusal(other)),
            }
        }
    }

    fn take(&mut self, length: usize) -> Result<&[u8], String> {
        let left = self.input.len() - self.at;
        if length > left {
            return Err(format!("{length} bytes are announced, but the file ends after {left}"));
        }
        let start = self.at;
        self.at += length;
        Ok(&self.input[start..self.at])
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let mut array = [0; N];
        match self.take(N) {
            Ok(bytes) => array.copy_from_slice(bytes),
            Err(_) => return Err("the file ends in the middle: is it complete?".to_owned()),
        }
        Ok(array)
    }

    fn count_value(&mut self) -> Result<(), String> {
        self.values_left = self.values_left.checked_sub(1).ok_or_else(|| {
            format!("more values than {} bytes of pictures and labels can be", self.input.len())
        })?;
        Ok(())
    }

    fn push(&mut self, value: Value) -> Result<(), String> {
        self.count_value()?;
        self.stack.push(value);
        Ok(())
    }

    fn pop(&mut self) -> Result<Value, String> {
        self.stack.pop().ok_or_else(|| "a value is taken where there is none".to_owned())
    }

    fn bytes(&mut self, length: u64) -> Result<(), String> {
        // A length that is no usize is certainly beyond the end.
        self.take(usize::try_from(length).unwrap_or(usize::MAX))?;
        // The input's length fits u32, see MAX_BYTES.
        let (start, end) = ((self.at - length as usize) as u32, self.at as u32);
        self.push(Value::Bytes { start, end })
    }

    fn new_list(&mut self) -> Result<(), String> {
        if self.lists.len() == LISTS {
            return Err("a third list, where one of pictures and one of labels were expected".to_owned());
        }
        self.push(Value::List(self.lists.len() as u8))?;
        self.lists.push(Vec::new());
        Ok(())
    }

    fn top_list(&mut self) -> Result<&mut Vec<Value>, String> {
        match self.stack.last() {
            Some(Value::List(index)) => Ok(&mut self.lists[usize::from(*index)]),
            _ => Err("something is appended to what is no list".to_owned()),
        }
    }

    fn append_to_mark(&mut self) -> Result<(), String> {
        let mark = self.stack.iter().rposition(|value| matches!(value, Value::Mark));
        let mark = mark.ok_or_else(|| "a list's items have no beginning".to_owned())?;
        let items = self.stack.split_off(mark + 1);
        self.pop()?;
        let list = self.top_list()?;
        for item in items {
            list.push(element(item)?);
        }
        Ok(())
    }

    fn tuple(&mut self) -> Result<(), String> {
        match (self.pop()?, self.pop()?) {
            (Value::List(second), Value::List(first)) => {
                self.stack.push(Value::Tuple(first, second));
                Ok(())
            }
            _ => Err("a tuple that does not hold two lists".to_owned()),
        }
    }

    fn remember(&mut self, index: u32) -> Result<(), String> {
        self.count_value()?;
        match self.stack.last() {
            Some(Value::Mark) | None => Err("a value is remembered where there is none".to_owned()),
            Some(value) => {
                self.memo.insert(index, *value);
                Ok(())
            }
        }
    }

    fn recall(&mut self, index: u32) -> Result<(), String> {
        let value = *self.memo.get(&index).ok_or_else(|| format!("value {index} was never remembered"))?;
        self.push(value)
    }

    fn finish(&self) -> Result<BytesAndBools, String> {
        if self.at < self.input.len() {
            return Err(format!("{} bytes follow the end of the pickle", self.input.len() - self.at));
        }
        let [Value::Tuple(first, second)] = self.stack[..] else {
            return Err("this pickle is not (list of pictures, list of labels)".to_owned());
        };
        let list = |index: u8| self.lists[usize::from(index)].iter();
        let bytes = list(first).map(|value| match *value {
            Value::Bytes { start, end } => Some(start as usize..end as usize),
            _ => None,
        });
        let bools = list(second).map(|value| match *value {
            Value::Bool(truth) => Some(truth),
            _ => None,
        });
        let bytes = bytes.collect::<Option<_>>().ok_or("a label stands in the list of pictures")?;
        let bools = bools.collect::<Option<_>>().ok_or("a picture stands in the list of labels")?;
        Ok(BytesAndBools { bytes, bools })
    }
}

/// What may stand in a list.
fn element(value: Value) -> Result<Value, String> {
    match value {
        Value::Bytes { .. } | Value::Bool(_) => Ok(value),
        Value::Mark | Value::List(_) | Value::Tuple(..) => {
            Err("a list holds something other than pictures or labels".to_owned())
        }
    }
}

fn refusal(opcode: u8) -> String {
    let what = match opcode {
        b'c' | 0x93 | b'R' | 0x81 | 0x92 | b'b' | b'i' | b'o' => {
            "an object of some class (a numpy array?), which is never constructed from a file: write the pictures as \
             bytes and the labels as bool"
        }
        b'X' | 0x8c | 0x8d | b'V' => "text, where the bytes of a picture were expected",
        b'}' => "a dictionary, where lists were expected",
        _ => "an instruction that has no place in a list of pictures and labels",
    };
    format!("the pickle holds {what} (opcode 0x{opcode:02x})")
}
