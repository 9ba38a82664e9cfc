//! Inventories with many columns, several classes, and paths that use the columns.

use std::fmt::Write as _;

use super::{Files, Targets};

/// Classes, each with an inventory of its own.
const CLASSES: usize = 8;
/// The columns besides `name`, each with how many values it has.
const COLUMNS: [(&str, usize); 15] = [
    ("site", 12),
    ("line", 40),
    ("cell", 300),
    ("rack", 700),
    ("room", 90),
    ("storey", 9),
    ("asset", 977),
    ("model", 25),
    ("maker", 14),
    ("batch", 400),
    ("year", 11),
    ("contract", 30),
    ("owner-code", 60),
    ("zone", 6),
    ("note", 5_000),
];

/// So many rows, the same number for each class.
pub(super) fn files(rows: usize, targets: Targets) -> Files {
    let mut head = format!(
        "project bench edition=\"2026\" {{\n    account main id=\"111122223333\" region=eu-central-1\n{}}}\n\
         team bench\nowner bench\nauthority bench-ca {{ root offline }}\nworkload planner runs-on=lambda\n",
        targets.line("device-bundles")
    );
    let mut files = Vec::new();
    for class in 0..CLASSES {
        declare(&mut head, class);
        files.push((format!("class{class}.csv"), inventory(class, rows / CLASSES)));
    }
    files.push(("leastwise.kdl".to_owned(), head));
    files
}

/// A class, its topics, and its trusts: some to its own topics, some to those of the next class. A workload reads them all.
fn declare(text: &mut String, class: usize) {
    let next = (class + 1) % CLASSES;
    let trust = "expires \"2027-06-30\"";
    let _ = writeln!(
        text,
        "device c{class} {{\n    hardware embedded\n    identity x509 ca=bench-ca key=secure-element\n    fleet \"class{class}.csv\"\n    speaks mqtt 8883 443\n}}\n\
         topic data{class} of=c{class} {{ path \"dt{class}/{{site}}/{{line}}/{{name}}/raw\" }}\n\
         topic state{class} of=c{class} {{ path \"st{class}/{{site}}/{{room}}/{{rack}}/{{name}}\" }}\n\
         topic command{class} of=c{class} {{ path \"cmd{class}/{{zone}}/{{model}}/{{name}}/#\" }}\n\
         topic parts{class} of=c{class} {{ path \"parts{class}/{{asset}}/{{batch}}/{{maker}}/{{name}}\" }}\n\
         trust c{class} -> data{class} {{ allow publish; because \"Measurements\"; {trust} }}\n\
         trust c{class} -> state{class} {{ allow publish; because \"State\"; {trust} }}\n\
         trust c{class} -> command{class} {{ allow subscribe; because \"Commands\"; {trust} }}\n\
         trust c{class} -> parts{class} {{ allow subscribe; because \"Spare parts\"; {trust} }}\n\
         topic notice{class} of=c{class} {{ path \"nt{class}/{{site}}/{{line}}/notice\" }}\n\
         trust c{class} -> notice{next} {{ allow subscribe; same line site; because \"Neighbours of the line\"; {trust} }}\n\
         topic all{class} {{ path \"dt{class}/#\" }}\n\
         trust planner -> all{class} {{ allow subscribe; because \"Charts\"; {trust} }}"
    );
}

/// The rows of a class. Values of a column repeat, as they do where people keep such lists.
fn inventory(class: usize, rows: usize) -> String {
    let mut text = String::with_capacity(rows * 150);
    text.push_str("name");
    for (column, _) in COLUMNS {
        let _ = write!(text, ",{column}");
    }
    text.push('\n');
    for row in 0..rows {
        let _ = write!(text, "d{class}-{row:06}");
        for (at, (column, values)) in COLUMNS.iter().enumerate() {
            // Another step for each column, so that no two columns go together.
            let value = row * (2 * at + 1) % values;
            let letter = column.get(..1).unwrap_or_default();
            let _ = write!(text, ",{letter}{value}");
        }
        text.push('\n');
    }
    text
}
