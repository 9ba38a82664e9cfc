//! Embeds the standard library: its files as text, with the kinds that each declares. Nothing is parsed here.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").ok_or("no manifest folder")?)
        .join("../../stdlib");
    let mut paths = Vec::new();
    collect(&root, "", &mut paths)?;
    paths.sort();

    let mut code = String::from("static FILES: &[LibraryFile] = &[\n");
    for path in &paths {
        let file = root.join(path);
        let mut text = String::new();
        File::open(&file)?.read_to_string(&mut text)?;
        let kinds: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("kind "))
            .filter_map(|rest| rest.split_whitespace().next())
            .collect();
        writeln!(
            code,
            "    LibraryFile {{ path: {path:?}, text: include_str!({file:?}), kinds: &{kinds:?} }},"
        )?;
    }
    code.push_str("];\n");

    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("no output folder")?);
    File::create(out.join("library_files.rs"))?.write_all(code.as_bytes())?;
    writeln!(std::io::stdout(), "cargo:rerun-if-changed={}", root.display())?;
    Ok(())
}

fn collect(folder: &Path, prefix: &str, paths: &mut Vec<String>) -> Outcome<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry
            .file_name()
            .into_string()
            .map_err(|_| "a name in the library is not UTF-8")?;
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{prefix}{name}/"), paths)?;
        } else if name.ends_with(".kdl") {
            paths.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
}
