//! Memory in cache lines: vectors padded to whole, aligned lines, so that no load of a kernel crosses two.
#![allow(unsafe_code)] // a slice of aligned arrays is read and written as one slice of numbers

/// Bytes in a cache line, and in the widest register.
pub(crate) const LINE: usize = 64;

/// One aligned cache line of numbers.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Line<T, const N: usize>(pub(crate) [T; N]);

/// Sixteen values in single precision.
pub(crate) type Floats = Line<f32, 16>;
/// 64 codes of a row, offset by 128.
pub(crate) type Bytes = Line<u8, LINE>;
/// 64 codes of a query.
pub(crate) type Codes = Line<i8, LINE>;

impl<T: Copy, const N: usize> Line<T, N> {
    /// Lines for `len` numbers.
    pub(crate) fn needed(len: usize) -> usize {
        len.div_ceil(N)
    }

    /// Lines that hold `value` everywhere.
    pub(crate) fn filled(value: T, lines: usize) -> Vec<Self> {
        vec![Self([value; N]); lines]
    }
}

/// All numbers of some lines.
pub(crate) fn flat<T, const N: usize>(lines: &[Line<T, N>]) -> &[T] {
    const { assert!(size_of::<T>() * N == LINE && size_of::<Line<T, N>>() == LINE) };
    // SAFETY: a line is exactly an array of N numbers, and lines follow each other without gaps.
    unsafe { std::slice::from_raw_parts(lines.as_ptr().cast(), lines.len() * N) }
}

/// All numbers of some lines, to be written.
pub(crate) fn flat_mut<T, const N: usize>(lines: &mut [Line<T, N>]) -> &mut [T] {
    const { assert!(size_of::<T>() * N == LINE && size_of::<Line<T, N>>() == LINE) };
    // SAFETY: as in `flat`.
    unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), lines.len() * N) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_aligned_and_without_gaps() {
        let mut lines = Floats::filled(0.0, Floats::needed(33));
        assert_eq!(lines.len(), 3);
        assert!(lines.as_ptr().cast::<u8>().align_offset(LINE) == 0);
        for (at, value) in flat_mut(&mut lines).iter_mut().enumerate() {
            *value = at as f32;
        }
        assert_eq!(lines[2].0[15], 47.0);
        assert!(flat(&lines).iter().enumerate().all(|(at, &value)| value == at as f32));
        assert!(flat::<f32, 16>(&[]).is_empty());
    }
}
