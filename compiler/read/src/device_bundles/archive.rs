//! The archive: exactly the files of the folder, in a form that leaves nothing to the machine.
//!
//! Source: RFC 1952 (gzip); POSIX.1-2017, "pax", ustar interchange format.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::bufread::GzDecoder;
use tar::{Archive, EntryType};

/// Files of a bundle together are far smaller: what unpacks to more is not read.
const UNPACKED_BYTES_MAX: u64 = 64 << 20;
/// The size of a block, to which every file is padded, and two of which end the archive.
const BLOCK_BYTES: u64 = 512;
/// Magic, the method, no flags, no time, the strongest compression, no system.
const GZIP_HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255];
const TIME_SECONDS: u64 = 315_532_800;

/// Whether an archive holds these files; what is wrong if not.
pub(super) fn compare(bytes: &[u8], tree: &BTreeMap<&str, &[u8]>) -> Result<(), String> {
    if !bytes.starts_with(&GZIP_HEAD) {
        return Err("a head of gzip with a time, a name or a system".to_owned());
    }
    let mut decoder = GzDecoder::new(bytes);
    let mut unpacked = Vec::new();
    let count = decoder
        .by_ref()
        .take(UNPACKED_BYTES_MAX + 1)
        .read_to_end(&mut unpacked);
    if count.is_err() || unpacked.len() as u64 > UNPACKED_BYTES_MAX {
        return Err("no archive, or one that is too large".to_owned());
    }
    if !decoder.into_inner().is_empty() {
        return Err("bytes behind the archive".to_owned());
    }
    let mut archive = Archive::new(unpacked.as_slice());
    let entries = archive.entries().map_err(|_| "no archive".to_owned())?.raw(true);
    let mut expected = tree.iter();
    let mut size = 2 * BLOCK_BYTES;
    for entry in entries {
        let mut entry = entry.map_err(|_| "an entry that is cut".to_owned())?;
        let Some((name, bytes)) = expected.next() else {
            return Err("a file that the folder does not hold".to_owned());
        };
        let header = entry.header();
        let mode = if name.ends_with(".sh") { 0o755 } else { 0o644 };
        let is_plain = header.entry_type() == EntryType::Regular
            && header.as_ustar().is_some()
            && header.link_name_bytes().is_none()
            && header.mode().ok() == Some(mode)
            && header.uid().ok() == Some(0)
            && header.gid().ok() == Some(0)
            && header.mtime().ok() == Some(TIME_SECONDS)
            && header.username_bytes().is_none_or(<[u8]>::is_empty)
            && header.groupname_bytes().is_none_or(<[u8]>::is_empty);
        if !is_plain || &*entry.path_bytes() != name.as_bytes() {
            return Err(format!("an entry that is not `{name}` as the folder has it"));
        }
        let mut held = Vec::new();
        if entry.read_to_end(&mut held).is_err() || held != *bytes {
            return Err(format!("`{name}` differs from the one in the folder"));
        }
        size += BLOCK_BYTES + (held.len() as u64).div_ceil(BLOCK_BYTES) * BLOCK_BYTES;
    }
    if let Some((name, _)) = expected.next() {
        return Err(format!("`{name}` is missing"));
    }
    if unpacked.len() as u64 != size {
        return Err("bytes behind the last file".to_owned());
    }
    Ok(())
}
