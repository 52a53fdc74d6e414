use std::ops::Range;

use crate::View;
use crate::error::Error;
use crate::kernels;
use crate::lines::{self, Bytes, LINE, Line, flat_mut};
use crate::workers;

/// Beyond this dimension a sum of products of codes could leave 32 bits: 255 * 127 * 65536 < 2^31.
const MAX_DIM: usize = 65536;

/// Rows encoded by a thread in one go.
const PART: usize = 4096;

/// Rows rounded to one byte a value, with a bound on what the rounding costs.
///
/// Row `x` is kept as whole numbers `c` from -127 to 127 and one scale `s`, so that `x = s c + e`. A query `q` is
/// rounded the same way when it comes, `q = t d + f`. Then `x.q - (s c).(t d) = e.q + (s c).f`, and by Cauchy and
/// Schwarz
///
/// ```text
/// |x.q - s t (c.d)|  <=  |e| |q| + |s c| |f|
/// ```
///
/// where `c.d` is a sum of whole numbers, free of rounding, and the four lengths are measured, not estimated. A row
/// for which `s t (c.d)` plus the bound is below the `k`-th best score found so far cannot be among the best `k`;
/// every other row is scored from its stored values. So the answer is the one of a full search, not nearly so.
#[derive(Clone, Debug)]
pub struct Codes {
    dim: usize,
    /// `c + 128` for each value, each row padded to [`stride`] lines.
    bytes: Vec<Bytes>,
    /// `s` of each row.
    scales: Vec<f32>,
    /// `|e|` of each row, rounded up, with the share of the rounding errors of the scores themselves.
    errors: Vec<f32>,
    /// `|s c|` of each row, rounded up.
    lengths: Vec<f32>,
}

impl Codes {
    /// No codes yet, for rows of `dim` values.
    ///
    /// # Errors
    /// [`Error::ZeroDimension`], [`Error::CodesDimension`].
    pub fn new(dim: usize) -> Result<Self, Error> {
        match dim {
            0 => Err(Error::ZeroDimension),
            1..=MAX_DIM => Ok(Self { dim, bytes: vec![], scales: vec![], errors: vec![], lengths: vec![] }),
            _ => Err(Error::CodesDimension { dim, max: MAX_DIM }),
        }
    }

    /// The codes of all rows of `view`, for [`View::with_codes`], made on at most `threads` threads.
    ///
    /// # Errors
    /// [`Error::CodesDimension`].
    pub fn of(view: &View<'_>, threads: usize) -> Result<Self, Error> {
        let mut codes = Self::new(view.dim())?;
        let rows = view.rows();
        codes.grow(rows);
        let parts = (codes.bytes.chunks_mut(PART * stride(codes.dim)))
            .zip(codes.scales.chunks_mut(PART))
            .zip(codes.errors.chunks_mut(PART))
            .zip(codes.lengths.chunks_mut(PART));
        workers::for_each(threads, parts.enumerate(), |(part, (((bytes, scales), errors), lengths))| {
            let mut row = vec![0.0; view.dim()];
            for (at, bytes) in bytes.chunks_exact_mut(stride(view.dim())).enumerate() {
                let number = part * PART + at;
                view.read(number..number + 1, &mut row);
                (scales[at], errors[at], lengths[at]) = encode(&row, bytes);
            }
        });
        Ok(codes)
    }

    /// Appends the codes of a row. For rows kept in half precision, pass the rounded values.
    ///
    /// # Errors
    /// [`Error::RowLength`].
    pub fn push(&mut self, row: &[f32]) -> Result<(), Error> {
        self.check(row)?;
        self.grow(1);
        self.write(self.rows() - 1, row);
        Ok(())
    }

    /// Replaces the codes of a row.
    ///
    /// # Errors
    /// [`Error::NoSuchRow`], [`Error::RowLength`].
    pub fn set(&mut self, number: usize, row: &[f32]) -> Result<(), Error> {
        self.check(row)?;
        if number >= self.rows() {
            return Err(Error::NoSuchRow { row: number, rows: self.rows() });
        }
        self.write(number, row);
        Ok(())
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.scales.len()
    }

    /// The number of values in a row.
    pub fn dim(&self) -> usize {
        self.dim
    }

    pub(crate) fn reserve(&mut self, rows: usize) {
        self.bytes.reserve_exact(rows.saturating_mul(stride(self.dim)));
        for numbers in [&mut self.scales, &mut self.errors, &mut self.lengths] {
            numbers.reserve_exact(rows);
        }
    }

    /// The codes of some rows.
    pub(crate) fn part(&self, rows: Range<usize>) -> CodesPart<'_> {
        let stride = stride(self.dim);
        CodesPart {
            bytes: &self.bytes[rows.start * stride..rows.end * stride],
            scales: &self.scales[rows.clone()],
            errors: &self.errors[rows.clone()],
            lengths: &self.lengths[rows],
        }
    }

    /// Asks for the codes of some rows, or rather for one of `of` parts of them.
    pub(crate) fn prefetch(&self, rows: Range<usize>, part: usize, of: usize) {
        let stride = stride(self.dim);
        let start = self.bytes.as_ptr().wrapping_add(rows.start * stride);
        kernels::prefetch_part(start.cast(), rows.len() * stride * LINE, part, of);
    }

    fn check(&self, row: &[f32]) -> Result<(), Error> {
        if row.len() == self.dim {
            Ok(())
        } else {
            Err(Error::RowLength { values: row.len(), dim: self.dim })
        }
    }

    fn grow(&mut self, rows: usize) {
        let rows = self.rows() + rows;
        self.bytes.resize(rows * stride(self.dim), Line([offset(0); LINE]));
        for numbers in [&mut self.scales, &mut self.errors, &mut self.lengths] {
            numbers.resize(rows, 0.0);
        }
    }

    fn write(&mut self, number: usize, row: &[f32]) {
        let stride = stride(self.dim);
        let bytes = &mut self.bytes[number * stride..(number + 1) * stride];
        (self.scales[number], self.errors[number], self.lengths[number]) = encode(row, bytes);
    }
}

/// Some consecutive rows of [`Codes`].
pub(crate) struct CodesPart<'a> {
    pub(crate) bytes: &'a [Bytes],
    pub(crate) scales: &'a [f32],
    pub(crate) errors: &'a [f32],
    pub(crate) lengths: &'a [f32],
}

/// A query, rounded like a row: what the bound needs of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodedQuery {
    /// `t`.
    pub(crate) scale: f32,
    /// `|q|`, rounded up.
    pub(crate) length: f32,
    /// `|f|`, rounded up.
    pub(crate) error: f32,
    /// What the offset of the row codes adds to every product: `128` times the sum of `d`.
    pub(crate) offset: i32,
}

impl CodedQuery {
    /// Rounds `query` and writes its codes into `codes`, which are [`stride`] lines of zeros.
    pub(crate) fn encode(query: &[f32], codes: &mut [lines::Codes]) -> Self {
        let codes = &mut flat_mut(codes)[..query.len()];
        let rounded = round(query, codes);
        Self {
            scale: rounded.scale,
            length: up(rounded.length),
            error: up(rounded.error),
            offset: 128 * codes.iter().map(|&code| i32::from(code)).sum::<i32>(),
        }
    }
}

/// The length of a row of codes in memory, in lines.
pub(crate) fn stride(dim: usize) -> usize {
    Bytes::needed(dim)
}

fn offset(code: i8) -> u8 {
    code.cast_unsigned() ^ 0x80
}

/// Writes the codes of a row and returns its scale, error and length as [`Codes`] keeps them.
fn encode(row: &[f32], bytes: &mut [Bytes]) -> (f32, f32, f32) {
    let mut codes = vec![0; row.len()];
    let rounded = round(row, &mut codes);
    flat_mut(bytes).iter_mut().zip(codes).for_each(|(byte, code)| *byte = offset(code));
    // The exact score is rounded once for each value of the vector and its bound a few times more; the errors are at
    // most this share of |x| |q| (Higham 2002, section 3.1), doubled because the parts of the bound are rounded too.
    let share = 2.0 * (row.len() as f64 + 64.0) * f64::from(f32::EPSILON);
    let error = rounded.error + share * (rounded.error + rounded.kept);
    (rounded.scale, up(error), up(rounded.kept))
}

/// What rounding did to a vector: lengths, infinite if the vector is not finite.
struct Rounded {
    scale: f32,
    /// Of the vector.
    length: f64,
    /// Of what the codes say.
    kept: f64,
    /// Of the difference.
    error: f64,
}

/// Rounds a vector to multiples of its largest value over 127.
fn round(row: &[f32], codes: &mut [i8]) -> Rounded {
    const LANES: usize = 8;
    let largest = row.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
    let scale = largest / 127.0;
    // A scale that is not a normal number would make the codes meaningless; without one the whole row is "lost".
    let (scale, inverse) = if scale.is_normal() { (scale, 1.0 / scale) } else { (0.0, 0.0) };
    for (code, &value) in codes.iter_mut().zip(row) {
        *code = nearest(value * inverse).clamp(-127.0, 127.0) as i8;
    }
    // Squares are added in several lanes, which the compiler may not do on its own.
    let (mut length, mut kept, mut error) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
    for (row, codes) in row.chunks(LANES).zip(codes.chunks(LANES)) {
        for (lane, (&value, &code)) in row.iter().zip(codes).enumerate() {
            let (value, coded) = (f64::from(value), f64::from(scale) * f64::from(code));
            length[lane] += value * value;
            kept[lane] += coded * coded;
            error[lane] += (value - coded) * (value - coded);
        }
    }
    // A NaN or an infinite value has come through up to here. Its row then has no bound, so that a search looks at
    // the row itself, which settles it.
    let root = |squares: [f64; LANES]| {
        let sum: f64 = squares.iter().sum();
        if sum.is_finite() { sum.sqrt() } else { f64::INFINITY }
    };
    Rounded { scale, length: root(length), kept: root(kept), error: root(error) }
}

/// A larger single-precision number, by more than the rounding of the sums above, even where numbers are subnormal.
/// Lengths whose products could leave single precision become infinite, and so does the bound.
fn up(value: f64) -> f32 {
    if value < 1e18 { (value * (1.0 + 1e-6)) as f32 + f32::MIN_POSITIVE } else { f32::INFINITY }
}

/// Rounds to a whole number, for numbers below 2^22 in size: adding 1.5 * 2^23 leaves no bits for a fraction. It is
/// several times faster than `f32::round` where that is a call.
fn nearest(value: f32) -> f32 {
    const SHIFT: f32 = 12_582_912.0;
    (value + SHIFT) - SHIFT
}
