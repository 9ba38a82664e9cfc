//! Device bundles: byte for byte what is expected, archive and folder alike, read back, and checked by the tools of a host.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test fails where its files are not as it says"
)]

use std::io::Read as _;
use std::path::Path;
use std::process::Command;

use bundle::Bundle;
use diagnostics::Report;
use shelf::oracle;

use crate::spec::{Files, Spec, compare, golden, tree};

const TARGET: &str = bundle::target::DEVICE_BUNDLES;

fn cases() -> Vec<std::path::PathBuf> {
    let mut cases: Vec<_> = std::fs::read_dir(golden("targets/device-bundles"))
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

fn emitted(case: &Path) -> Result<Bundle, String> {
    let mut inputs = tree(case);
    inputs.retain(|path, _| !path.starts_with("expect/") && path != "report.txt");
    Spec::of(&inputs).emit(&[TARGET])
}

/// Each case is a project; `expect/` holds the files, `report.txt` why it was refused.
#[test]
fn golden_cases() {
    let mut wrong = Vec::new();
    for case in cases() {
        let (files, report) = match emitted(&case) {
            Ok(bundle) => {
                for facts in read::read(&bundle, &mut Report::default()) {
                    wrong.extend(
                        facts
                            .unread
                            .iter()
                            .map(|unread| format!("{}: {unread:?}", case.display())),
                    );
                }
                (
                    bundle
                        .iter()
                        .map(|(path, file)| (path.to_owned(), file.bytes.clone()))
                        .collect(),
                    String::new(),
                )
            }
            Err(report) => (Files::new(), report),
        };
        wrong.extend(
            compare(&case.join("expect"), &files)
                .iter()
                .map(|text| format!("{}/{text}", case.display())),
        );
        let said = Files::from([("report.txt".to_owned(), report.into_bytes())]);
        let only = tree(&case)
            .into_iter()
            .filter(|(path, _)| path == "report.txt")
            .collect::<Files>();
        if only != said {
            if std::env::var("BLESS").is_ok_and(|bless| bless == "1") {
                write(&case.join("report.txt"), &said["report.txt"], false);
            } else {
                wrong.push(format!(
                    "{}: report\n{}",
                    case.display(),
                    String::from_utf8_lossy(&said["report.txt"])
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What host firewalls accept is what trusts open: proved from the bytes.
#[test]
fn bundles_are_proved() {
    for case in cases() {
        let mut inputs = tree(&case);
        inputs.retain(|path, _| !path.starts_with("expect/") && path != "report.txt");
        let spec = Spec::of(&inputs);
        let Ok(bundle) = spec.emit(&[TARGET]) else {
            continue;
        };
        let refused = spec.judge(&bundle);
        assert!(refused.is_empty(), "{}\n{}", case.display(), refused.join("\n"));
    }
}

/// The archive holds the files of the folder, in order, and nothing of the machine.
#[test]
fn the_archive_is_the_folder() {
    for case in cases() {
        let Ok(bundle) = emitted(&case) else { continue };
        for (path, file) in bundle.iter().filter(|(path, _)| path.ends_with(".tar.gz")) {
            let folder = format!("{}/tree/", path.rsplit_once('/').unwrap().0);
            let wanted: Files = bundle
                .iter()
                .filter_map(|(path, file)| Some((path.strip_prefix(&folder)?.to_owned(), file.bytes.clone())))
                .collect();
            let mut held = Vec::new();
            let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file.bytes.as_slice()));
            for entry in archive.entries().unwrap() {
                let mut entry = entry.unwrap();
                let name = entry.path().unwrap().to_string_lossy().into_owned();
                let header = entry.header();
                let (mode, uid, gid) = (
                    header.mode().unwrap(),
                    header.uid().unwrap(),
                    header.gid().unwrap(),
                );
                assert_eq!((uid, gid, header.mtime().unwrap()), (0, 0, 315_532_800));
                assert_eq!(mode, if name.ends_with(".sh") { 0o755 } else { 0o644 });
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).unwrap();
                held.push((name, bytes));
            }
            assert!(held.is_sorted());
            assert_eq!(held.into_iter().collect::<Files>(), wanted);
        }
    }
}

/// The script says yes to what was emitted, and no to whatever was changed.
#[test]
fn the_script_tells_a_whole_bundle_from_a_changed_one() {
    let bundle = emitted(&golden("targets/device-bundles/gateway")).unwrap();
    let runs = |alter: &dyn Fn(&Path)| {
        let folder = tempfile::tempdir().unwrap();
        for (path, file) in bundle.iter() {
            if let Some(name) = path.strip_prefix("devices/gateway/tree/") {
                write(&folder.path().join(name), &file.bytes, file.executable);
            }
        }
        alter(folder.path());
        Command::new("sh")
            .arg(folder.path().join("verify.sh"))
            .output()
            .unwrap()
            .status
            .success()
    };
    assert!(runs(&|_| {}));
    assert!(!runs(&|folder| write(
        &folder.join("README.txt"),
        b"other",
        false
    )));
    assert!(!runs(&|folder| write(&folder.join("more.txt"), b"more", false)));
    assert!(!runs(
        &|folder| std::fs::remove_file(folder.join("README.txt")).unwrap()
    ));
    assert!(!runs(
        &|folder| std::fs::remove_file(folder.join("SHA256SUMS")).unwrap()
    ));
    assert!(!runs(&|folder| {
        // A key whose digest is right.
        let text = format!("-----BEGIN EC {}-----\n", concat!("PRIV", "ATE KEY"));
        write(&folder.join("README.txt"), text.as_bytes(), false);
        let sums = Command::new("sh")
            .arg("-c")
            .arg("sha256sum $(cut -c 67- SHA256SUMS)")
            .current_dir(folder)
            .output()
            .unwrap();
        write(&folder.join("SHA256SUMS"), &sums.stdout, false);
    }));
}

/// Linters and the kernel's own parser, where they are installed and asked for.
#[test]
fn oracles_agree() {
    if !oracle::is_asked("shellcheck and nft of device bundles") {
        return;
    }
    let mut asked = 0;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/device_bundles/verify.sh");
    match Command::new("shellcheck").arg("--shell=sh").arg(&script).output() {
        Ok(output) => assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        ),
        Err(error) => panic!("LEASTWISE_ORACLES is set, and there is no `shellcheck`: {error}"),
    }
    for case in cases() {
        let Ok(bundle) = emitted(&case) else { continue };
        for (path, file) in bundle.iter().filter(|(path, _)| path.ends_with(".nft")) {
            let folder = tempfile::tempdir().unwrap();
            let table = folder.path().join("leastwise.nft");
            write(&table, &file.bytes, false);
            // Checked, loaded twice, and listed, in a network of its own.
            let script = format!(
                "nft -c -f {0} && nft -f {0} && nft -f {0} && nft list table inet leastwise",
                table.display()
            );
            match Command::new("unshare")
                .args(["-rn", "sh", "-c", &script])
                .output()
            {
                Ok(output) => {
                    assert!(
                        output.status.success(),
                        "{path}: {}",
                        String::from_utf8_lossy(&output.stderr)
                    );
                    asked += 1;
                }
                Err(error) => panic!("LEASTWISE_ORACLES is set, and there is no `unshare`: {error}"),
            }
        }
    }
    assert!(asked > 0);
}

fn write(path: &Path, bytes: &[u8], executable: bool) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
    let mode = if executable { 0o755 } else { 0o644 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Whatever byte of a bundle is changed, it is not read as the same bundle: digests bind every file to every other.
#[test]
fn no_byte_can_be_changed() {
    let bundle = emitted(&golden("targets/device-bundles/gateway")).unwrap();
    let refused = |bundle: &Bundle| {
        read::read(bundle, &mut Report::default())
            .iter()
            .any(|facts| !facts.unread.is_empty())
    };
    assert!(!refused(&bundle));
    for (path, file) in bundle
        .iter()
        .filter(|(path, _)| path.starts_with("devices/gateway/"))
    {
        let step = (file.bytes.len() / 60).max(1);
        for at in (0..file.bytes.len()).step_by(step) {
            let mut mutant = bundle.clone();
            let mut bytes = file.bytes.clone();
            bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
            mutant.set(
                path,
                Some(bundle::File {
                    bytes,
                    ..file.clone()
                }),
            );
            assert!(refused(&mutant), "{path} at {at}");
        }
        let mut mutant = bundle.clone();
        mutant.set(path, None);
        assert!(refused(&mutant), "{path} is missing");
        let mut longer = bundle.clone();
        let mut bytes = file.bytes.clone();
        bytes.push(b'\n');
        longer.set(
            path,
            Some(bundle::File {
                bytes,
                ..file.clone()
            }),
        );
        assert!(refused(&longer), "{path} is longer");
    }
    let any = bundle.get("devices/gateway/tree/README.txt").unwrap().clone();
    for path in [
        "devices/gateway/tree/more.txt",
        "devices/gateway/more",
        "devices/x/tree/a/../b",
        "devices/README.txt",
    ] {
        let mut mutant = bundle.clone();
        mutant.set(path, Some(any.clone()));
        assert!(refused(&mutant), "{path}");
    }
}

/// A changed table is refused for what it means, even if whoever changed it mended every digest.
#[test]
fn a_table_is_read_for_what_it_means() {
    let folder = golden("targets/device-bundles/gateway");
    let mut inputs = tree(&folder);
    inputs.retain(|path, _| !path.starts_with("expect/") && path != "report.txt");
    let spec = Spec::of(&inputs);
    let bundle = spec.emit(&[TARGET]).unwrap();
    let path = "devices/gateway/tree/etc/nftables.d/leastwise.nft";
    let table = String::from_utf8(bundle.get(path).unwrap().bytes.clone()).unwrap();
    for (from, to) in [
        ("10.10.1.0/24 . tcp . 4840", "10.10.1.0/24 . tcp . 4841"),
        ("10.10.1.0/24 . tcp . 4840", "10.10.0.0/16 . tcp . 4840"),
        ("icmp type 8 accept", "icmp type 9 accept"),
        ("policy drop", "policy accept"),
        ("        ct state invalid drop\n", ""),
    ] {
        assert!(table.contains(from));
        let mut mutant = bundle.clone();
        let file = bundle.get(path).unwrap().clone();
        mutant.set(
            path,
            Some(bundle::File {
                bytes: table.replacen(from, to, 1).into_bytes(),
                ..file
            }),
        );
        let refused = spec.judge(&mutant);
        let is_meant = |text: &String| text.contains("host firewall of") || text.contains("leastwise.nft");
        assert!(refused.iter().any(is_meant), "{from} -> {to}: {refused:?}");
    }
}

const ALL: [&str; 3] = [
    bundle::target::TERRAFORM,
    bundle::target::SECURITY_GROUPS,
    bundle::target::DEVICE_BUNDLES,
];

/// The case about own addresses, with some texts of it changed.
fn own_addresses(changes: &[(&str, &str)]) -> Spec {
    let mut inputs = tree(&golden("targets/device-bundles/own-addresses"));
    inputs.retain(|path, _| !path.starts_with("expect/") && path != "report.txt");
    let mut text = String::from_utf8(inputs.remove("main.kdl").unwrap()).unwrap();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replace(old, new);
    }
    inputs.insert("main.kdl".to_owned(), text.into_bytes());
    Spec::of(&inputs)
}

#[test]
fn how_addresses_are_written_changes_nothing() {
    let bytes = |changes: &[(&str, &str)]| -> Files {
        let bundle = own_addresses(changes).emit(&ALL).unwrap();
        bundle
            .iter()
            .map(|(path, file)| (path.to_owned(), file.bytes.clone()))
            .collect()
    };
    let as_written = bytes(&[]);
    for same in [
        "\"10.10.10.8/31\"",
        "\"10.10.10.8\" \"10.10.10.9/32\"",
        "\"10.10.10.9\" \"10.10.10.9\" \"10.10.10.8\"",
    ] {
        let written = bytes(&[("\"10.10.10.9\" \"10.10.10.8\" \"10.10.10.8/31\"", same)]);
        assert!(written == as_written, "{same}");
    }
}

/// The proof finds by itself what an actor's addresses are, and what nothing declares.
#[test]
fn bytes_of_other_addresses_are_refused() {
    let changes = [
        ("at \"10.10.10.32/28\"", "at \"10.10.10.32/29\""),
        ("at \"10.10.10.32/28\"", "at \"10.10.10.32/27\""),
        (
            " at \"10.20.1.128/25\"",
            " at \"10.20.1.128/25\" \"2001:db8:20:1::/80\"",
        ),
        ("    leaves-by \"203.0.113.16/28\"\n", ""),
        ("leaves-by \"203.0.113.16/28\"", "leaves-by \"203.0.113.16/29\""),
        (
            "at \"198.51.100.16/28\"",
            "at \"198.51.100.16/28\" \"192.0.2.0/24\"",
        ),
        ("10.10.10.8/31", "10.10.10.10"),
    ];
    let straight = own_addresses(&[]);
    assert_eq!(straight.judge(&straight.emit(&ALL).unwrap()), [] as [String; 0]);
    for change in changes {
        let other = own_addresses(&[change]);
        for (spec, bytes) in [(&straight, &other), (&other, &straight)] {
            let said = spec.judge(&bytes.emit(&ALL).unwrap());
            assert!(!said.is_empty(), "{change:?}");
        }
        assert_eq!(
            other.judge(&other.emit(&ALL).unwrap()),
            [] as [String; 0],
            "{change:?}"
        );
    }
    // Without addresses of its own it has the segment's, and shares them with its neighbours.
    let shared = own_addresses(&[("at \"10.10.10.32/28\"; ", "")]);
    for (spec, bytes) in [(&straight, &shared), (&shared, &straight)] {
        assert!(!spec.judge(&bytes.emit(&ALL).unwrap()).is_empty());
    }
    let said = shared.judge(&shared.emit(&ALL).unwrap());
    assert!(
        !said.is_empty() && said.iter().all(|one| one.starts_with("shared-address")),
        "{said:?}"
    );
}

/// Who has no address of a family that the other side has cannot speak with it: that is no silent nothing.
#[test]
fn ends_without_a_common_family_are_refused() {
    let six_only = [("at \"10.20.1.128/25\"", "at \"2001:db8:20:1::/80\"")];
    let said = own_addresses(&six_only).emit(&[TARGET]).unwrap_err();
    assert!(
        said.contains("missing-path: `tracker` has an IPv6 address, and `weather` an IPv4"),
        "{said}"
    );
}
