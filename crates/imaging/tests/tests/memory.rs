//! The memory in use while decoding is what the header promised.

#![allow(unsafe_code)] // A global allocator cannot be written without.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use omote_imaging::{DecodeOptions, decode, encode_jpeg, probe};

use crate::files;

/// Counts the bytes that each thread holds; the decoders use no thread but the caller's.
struct Counting;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

fn count(change: isize) {
    // At the end of a thread the counters may be gone already.
    let _ = HELD.try_with(|held| {
        held.set(held.get() + change);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(held.get())));
    });
}

// SAFETY: every call is handed on unchanged to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promises are the callee's conditions.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn peak<T>(work: impl FnOnce() -> T) -> u64 {
    let before = HELD.get();
    PEAK.set(before);
    drop(work());
    (PEAK.get() - before) as u64
}

/// Tables and buffers of fixed size that decoders keep.
const FIXED: u64 = 1 << 20;

#[test]
fn decoding_takes_no_more_than_promised() {
    let options = DecodeOptions::default();
    let image = files::photo(1200, 900);
    let mut cases = files::all(&image);
    cases.push(("turned jpeg", files::with_exif(&encode_jpeg(&image, 80).unwrap(), &files::exif(6)), 0));
    let wide = image::DynamicImage::ImageRgba16(files::dynamic(&image).to_rgba16());
    cases.push(("16-bit png", files::png_of(&wide), 0));
    cases.push(("16-bit tiff", files::library_tiff(&wide), 0));
    let grey = image::DynamicImage::ImageLuma8(files::dynamic(&image).to_luma8());
    cases.push(("grey webp", files::webp_of(&grey, &[]), 0));
    for (name, bytes, _) in cases {
        let promised = probe(&bytes, &options).unwrap().decode_bytes;
        let used = peak(|| decode(&bytes, &options).unwrap());
        assert!(used <= promised + FIXED, "{name}: {used} bytes used, {promised} promised");
        assert!(promised <= 3 * used, "{name}: {used} bytes used, {promised} promised");
    }
}

#[test]
fn a_huge_header_takes_no_memory() {
    for bytes in [files::png_header(60_000, 60_000), files::tiff_header(60_000, 60_000, 1, &[])] {
        let used = peak(|| decode(&bytes, &DecodeOptions::default()).unwrap_err());
        assert!(used < FIXED, "{used}");
    }
}
