//! Packed data is what the chores make of its sources.

use std::io::Write as _;
use std::path::Path;
use xtask::{files, schema, seal};

#[test]
fn the_schema_is_what_the_dump_says() {
    // The dump is large and another's: it lies beside the project. Without it, this test proves nothing, and
    // the digest in the extract stands alone.
    let Some(folder) = std::env::var_os("LEASTWISE_TEST_DATA") else {
        let mut aloud = std::io::stderr();
        writeln!(
            aloud,
            "SKIPPED: the provider's schema; LEASTWISE_TEST_DATA names no folder"
        )
        .unwrap();
        return;
    };
    let packed = schema::pack(&Path::new(&folder).join("aws-provider-schema-6.25.0.json.gz")).unwrap();
    assert_eq!(
        packed,
        files::read_text(&files::root().join(schema::PACKED)).unwrap()
    );
}

#[test]
fn every_data_file_bears_its_digest() {
    let mut sealed = 0;
    for path in files::below(&files::root().join("stdlib/catalogue"), "") {
        let text = files::read_text(&path).unwrap();
        if let Some((line, body)) = seal::split(&text) {
            assert!(
                line.contains(&files::sha256(body.as_bytes())),
                "{}",
                path.display()
            );
            sealed += 1;
        }
    }
    assert_eq!(sealed, 3, "the table, the quotas and the schema");
}
