//! Checks that a file is an ONNX Runtime library that can be used, before crate `ort` gets to see it: `ort` panics on
//! some of the files that are refused here, and the loader of the system crashes on others.
#![allow(unsafe_code)] // Loading a library and calling its entry point.

use std::ffi::CStr;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use ort::sys::{ORT_API_VERSION, OrtApiBase};

/// Loads the library and returns its version, or says why it cannot be used.
///
/// Whatever was loaded stays loaded: unloading a library that has started threads or registered itself somewhere
/// is not safe in general.
pub(crate) fn inspect(path: &Path) -> Result<String, String> {
    check_file(path)?;
    // SAFETY: loading a library runs its initialisers. This one was named by the user or lies where ONNX Runtime is
    // installed, so it is trusted as the programs on `PATH` are.
    let library = unsafe { libloading::Library::new(path) }.map_err(|error| error.to_string())?;
    let library = std::mem::ManuallyDrop::new(library);
    // SAFETY: a library that exports this name is ONNX Runtime, whose header declares it so since its first release.
    let entry = unsafe { library.get::<unsafe extern "system" fn() -> *const OrtApiBase>(c"OrtGetApiBase") }
        .map_err(|_| {
            "it is a library, but not ONNX Runtime: it does not export `OrtGetApiBase`".to_owned()
        })?;
    // SAFETY: the entry point takes nothing and returns a pointer to a static table, or null; the table starts with
    // the two functions of `OrtApiBase` in every release.
    let base = unsafe { entry().as_ref() }.ok_or("`OrtGetApiBase` returned nothing")?;
    // SAFETY: the version is a static string that ends with a zero byte.
    let version = unsafe { CStr::from_ptr((base.GetVersionString)()) }.to_string_lossy().into_owned();
    // SAFETY: any number may be asked for; the answer for a version that the library does not have is null.
    let api = unsafe { (base.GetApi)(ORT_API_VERSION) };
    if api.is_null() || !is_recent(&version) {
        return Err(format!("it is version {version}, but 1.{ORT_API_VERSION} or newer is needed"));
    }
    Ok(version)
}

/// Whether this version reports to its maker unless the environment says otherwise. On Windows, the system does the
/// reporting and asks its user.
pub(crate) fn reports(version: &str) -> bool {
    const SINCE: u32 = 29;
    cfg!(not(windows)) && minor(version).is_none_or(|minor| minor >= SINCE)
}

/// The comparison that `ort` makes.
fn is_recent(version: &str) -> bool {
    minor(version).is_some_and(|minor| minor >= ORT_API_VERSION)
}

fn minor(version: &str) -> Option<u32> {
    version.split('.').nth(1)?.parse().ok()
}

/// Refuses what is not a file, and what is a part of a library only: the loader maps the missing part of a download
/// that broke off, and the first access to it ends the process.
fn check_file(path: &Path) -> Result<(), String> {
    let kind = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !kind.is_file() {
        return Err("it is not a file".to_owned());
    }
    let mut file = File::open(path).map_err(|error| error.to_string())?;
    match elf_end(&mut file) {
        Ok(Some(end)) if end > kind.len() => {
            Err(format!("the file is cut off: it has {} of at least {end} bytes", kind.len()))
        }
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

/// Where the last segment of a 64-bit little-endian ELF file ends; `None` for files of any other kind, which the
/// loader judges.
fn elf_end(file: &mut (impl Read + Seek)) -> io::Result<Option<u64>> {
    let mut header = [0; 64];
    if !read_fully(file, &mut header)? || !header.starts_with(b"\x7fELF\x02\x01") {
        return Ok(None);
    }
    let u16_at = |bytes: &[u8], at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    let u64_at =
        |bytes: &[u8], at: usize| bytes[at..at + 8].iter().rev().fold(0, |n, &b| n << 8 | u64::from(b));
    let (table, size, count) = (u64_at(&header, 32), u16_at(&header, 54), u16_at(&header, 56));
    let mut end = table.saturating_add(u64::from(size) * u64::from(count));
    file.seek(SeekFrom::Start(table))?;
    let mut segment = [0; 56];
    for _ in 0..count {
        if usize::from(size) != segment.len() || !read_fully(file, &mut segment)? {
            break;
        }
        end = end.max(u64_at(&segment, 8).saturating_add(u64_at(&segment, 32)));
    }
    Ok(Some(end))
}

/// Whether there were enough bytes left to fill `buffer`.
fn read_fully(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_minor_number() {
        assert!(is_recent("1.17.0") && is_recent("1.31.1") && is_recent("1.100"));
        assert!(!is_recent("1.16.3") && !is_recent("1.9.0") && !is_recent("") && !is_recent("new"));
        if cfg!(not(windows)) {
            assert!(reports("1.29.0") && reports("1.31.1") && !reports("1.28.1"));
        }
    }

    #[test]
    fn the_end_of_an_elf_file_is_read_from_its_segments() {
        let mut elf = vec![0; 64 + 56];
        elf[..6].copy_from_slice(b"\x7fELF\x02\x01");
        elf[32] = 64; // the table of segments follows the header
        elf[54] = 56;
        elf[56] = 1;
        elf[64 + 8 + 1] = 0x10; // offset 0x1000
        elf[64 + 32] = 0x23; // size
        let end = |bytes: &[u8]| elf_end(&mut io::Cursor::new(bytes)).unwrap();
        assert_eq!(end(&elf), Some(0x1023));
        // The table itself is cut off, or lies beyond any file.
        assert_eq!(end(&elf[..100]), Some(120));
        elf[32..40].fill(0xff);
        assert_eq!(end(&elf), Some(u64::MAX));
        assert_eq!(end(b"\x7fELF"), None);
        assert_eq!(end(&[b'x'; 100]), None);
    }

    #[test]
    fn what_is_not_a_library_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(inspect(folder.path()).unwrap_err(), "it is not a file");
        assert!(inspect(&folder.path().join("gone.so")).is_err());
        for bytes in [&b""[..], b"INPUT(libonnxruntime.so.1)", &[0x7f; 4096]] {
            let file = folder.path().join("libonnxruntime.so");
            std::fs::write(&file, bytes).unwrap();
            assert!(inspect(&file).is_err());
        }
    }
}
