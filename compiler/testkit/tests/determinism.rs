//! The same project gives the same bytes: in another folder, under another locale, on another number of threads.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that fails says where"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use shelf::oracle;
use testkit::golden::{self, Tree};

/// The program, which the tests of `leastwise-cli` build; `None` if only this crate is tested.
fn program() -> Option<PathBuf> {
    let mut folder = std::env::current_exe().ok()?;
    folder.pop();
    folder.pop();
    let path = folder.join(format!("leastwise{}", std::env::consts::EXE_SUFFIX));
    path.is_file().then_some(path)
}

fn copy(from: &Path, to: &Path) {
    for (path, bytes) in golden::tree(from) {
        let to = to.join(path);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::write(to, bytes).unwrap();
    }
}

struct Way {
    folder: &'static str,
    locale: &'static str,
    zone: &'static str,
    threads: &'static str,
}

const WAYS: [Way; 4] = [
    Way {
        folder: "one",
        locale: "C",
        zone: "UTC",
        threads: "1",
    },
    Way {
        folder: "one",
        locale: "C",
        zone: "UTC",
        threads: "4",
    },
    Way {
        folder: "another folder/deeper",
        locale: "tr_TR.UTF-8",
        zone: "Pacific/Chatham",
        threads: "4",
    },
    Way {
        folder: "z",
        locale: "de_DE.UTF-8",
        zone: "America/St_Johns",
        threads: "2",
    },
];

#[test]
fn the_same_project_gives_the_same_bytes_everywhere() {
    let Some(program) = program() else {
        assert!(
            !oracle::is_set(),
            "the program `leastwise` is not built beside this test"
        );
        oracle::skipped(
            "the same bytes everywhere",
            "the program `leastwise` is not built beside this test",
        );
        return;
    };
    let scratch = std::env::temp_dir().join(format!("leastwise-determinism-{}", std::process::id()));
    let mut built = 0;
    for example in golden::cases(&golden::root().join("examples")) {
        let mut first: Option<(i32, Tree, String)> = None;
        for way in &WAYS {
            let folder = scratch.join(way.folder);
            copy(&example, &folder);
            let output = Command::new(&program)
                .args(["compile", ".", "--as-of", "2026-07-01", "--out", "out"])
                .current_dir(&folder)
                .env("LANG", way.locale)
                .env("LC_ALL", way.locale)
                .env("TZ", way.zone)
                .env("NO_COLOR", "1")
                .env("COLUMNS", "100")
                .env("RAYON_NUM_THREADS", way.threads)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let result = (
                output.status.code().unwrap_or(-1),
                testkit::project::written(&folder.join("out")),
                said,
            );
            std::fs::remove_dir_all(&folder).unwrap();
            match &first {
                None => first = Some(result),
                Some(first) => {
                    let name = format!(
                        "{} in {}, {}, {} threads",
                        example.display(),
                        way.folder,
                        way.locale,
                        way.threads
                    );
                    assert_eq!((first.0, &first.2), (result.0, &result.2), "{name}");
                    assert_eq!(
                        first.1.keys().collect::<Vec<_>>(),
                        result.1.keys().collect::<Vec<_>>(),
                        "{name}"
                    );
                    assert!(first.1 == result.1, "{name}: bytes differ");
                }
            }
        }
        let (code, files, said) = first.unwrap();
        println!(
            "{}: exit {code}, {} files{}",
            example.display(),
            files.len(),
            if code == 0 {
                String::new()
            } else {
                format!("\n{said}")
            }
        );
        built += usize::from(code == 0 && !files.is_empty());
    }
    let _ = std::fs::remove_dir_all(&scratch);
    println!("{built} examples give files");
}
