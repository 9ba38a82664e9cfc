//! Devices of one class, whose members share their policy.

use std::fmt::Write as _;

use super::{Files, Targets};

/// A fleet of `count` devices.
pub(super) fn files(count: usize, targets: Targets) -> Files {
    let head = format!(
        "project bench edition=\"2026\" {{\n    account main id=\"111122223333\" region=eu-central-1\n{}}}\nteam bench\nowner bench\n\
         authority bench-ca {{ root offline }}\n\
         device sensor {{\n    hardware embedded\n    identity x509 ca=bench-ca key=secure-element\n    fleet \"sensors.csv\"\n    speaks mqtt 8883\n}}\n\
         topic data of=sensor {{ path \"dt/{{line}}/{{name}}/raw\" }}\n\
         trust sensor -> data {{ allow publish; because \"Data\"; expires \"2027-06-30\" }}\n",
        targets.line("device-bundles")
    );
    let mut rows = String::with_capacity(count * 24);
    rows.push_str("name,line,asset\n");
    for row in 0..count {
        let _ = writeln!(rows, "s{row:07},l{},stand {}", row % 50, row % 977);
    }
    vec![
        ("leastwise.kdl".to_owned(), head),
        ("sensors.csv".to_owned(), rows),
    ]
}
