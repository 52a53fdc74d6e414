//! Reading bytes in place.
#![allow(unsafe_code)] // a memory map is bytes; copying a gigabyte to give it a type would defeat it

/// The bytes as 16-bit numbers, or `None` if they are not aligned, not whole, or the machine is big-endian.
pub(crate) fn as_u16(bytes: &[u8]) -> Option<&[u16]> {
    // SAFETY: every bit pattern of two bytes is a valid u16.
    let (before, numbers, after) = unsafe { bytes.align_to::<u16>() };
    (cfg!(target_endian = "little") && before.is_empty() && after.is_empty()).then_some(numbers)
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_whole_aligned_numbers() {
        let numbers = [0x3c00_u16, 0x4000];
        // SAFETY: a u16 is two initialised bytes.
        let (_, bytes, _) = unsafe { numbers.align_to::<u8>() };
        assert_eq!(super::as_u16(bytes), Some(&numbers[..]));
        assert_eq!(super::as_u16(&bytes[1..]), None);
        assert_eq!(super::as_u16(&bytes[..3]), None);
        assert_eq!(super::as_u16(&[]), Some(&[][..]));
    }
}
