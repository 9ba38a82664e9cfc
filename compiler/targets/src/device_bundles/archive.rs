//! The archive: the same bytes whatever the machine, its clock and its users.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use super::tree::File;

/// The one time of all members: 1980-01-01, the first that every archive format can say.
const TIME_SECONDS: u64 = 315_532_800;
/// "Unknown", in the header of gzip.
const OPERATING_SYSTEM: u8 = 255;
const LEVEL: u32 = 9;
const MODE: u32 = 0o644;
const MODE_EXECUTABLE: u32 = 0o755;

/// Packs files, sorted by path.
pub(super) fn pack(tree: &BTreeMap<String, File>) -> Option<Vec<u8>> {
    let mut builder = Builder::new(Vec::new());
    for (path, file) in tree {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(mode(file));
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(TIME_SECONDS);
        header.set_size(u64::try_from(file.bytes.len()).ok()?);
        builder
            .append_data(&mut header, path, file.bytes.as_slice())
            .ok()?;
    }
    let packed = builder.into_inner().ok()?;
    let mut encoder = GzBuilder::new()
        .mtime(0)
        .operating_system(OPERATING_SYSTEM)
        .write(Vec::new(), Compression::new(LEVEL));
    encoder.write_all(&packed).ok()?;
    encoder.finish().ok()
}

/// The mode of a file on a device.
pub(super) fn mode(file: &File) -> u32 {
    if file.executable { MODE_EXECUTABLE } else { MODE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_give_the_same_bytes() {
        let file = |text: &str, executable| File {
            bytes: text.as_bytes().to_vec(),
            executable,
            purpose: "",
        };
        let tree = BTreeMap::from([
            ("b/c.txt".to_owned(), file("c", false)),
            ("a.sh".to_owned(), file("a", true)),
        ]);
        let packed = pack(&tree).unwrap();
        assert_eq!(packed, pack(&tree.clone()).unwrap());
        // Magic, deflate, no flags, no time, best compression, no system.
        assert_eq!(packed[..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255]);
    }
}
