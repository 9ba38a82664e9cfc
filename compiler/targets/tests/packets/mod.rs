//! Real packets: drawn host firewalls and ACLs in network namespaces, each packet held to what the spec says.
//!
//! `LEASTWISE_ORACLES=1` draws 30 of the 200 by the commit, `full` takes all. `LEASTWISE_DRAWN_FROM` says another seed. A case that
//! fails is shown with its spec. The plant is `lab.py`; it needs `unshare`, `ip`, `nft` and `python3`, and no root.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails where its tools are not as it says"
)]

mod draw;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use shelf::oracle;

use self::draw::{Draw, Drawn, Sort, drawn};
use crate::spec::Spec;

/// How many there are: a quarter is about ACLs.
const ALL: usize = 200;
/// How many ordinary CI takes of them.
const SOME: usize = 30;
const TABLE: &str = "devices/gateway/tree/etc/nftables.d/leastwise.nft";

#[test]
fn packets_do_what_the_spec_says() {
    let what = "packets through drawn host firewalls and ACLs";
    if !oracle::is_asked(what) {
        return;
    }
    for tool in ["unshare", "ip", "nft", "python3"] {
        let found = Command::new("sh")
            .args(["-c", &format!("command -v {tool}")])
            .output();
        assert!(
            found.is_ok_and(|found| found.status.success()),
            "LEASTWISE_ORACLES is set, and there is no `{tool}`"
        );
    }
    let made = Command::new("unshare").args(["-rn", "true"]).output();
    if !made.is_ok_and(|made| made.status.success()) {
        oracle::skipped(what, "this machine makes no network namespaces");
        return;
    }
    let chosen = chosen();
    let mut cases = Vec::new();
    let mut all = Vec::new();
    for number in &chosen {
        let sort = if number % 4 == 3 { Sort::Acl } else { Sort::Host };
        let drawn = drawn(sort, &mut Draw::new(*number as u64));
        cases.push(emitted(*number, sort, &drawn));
        all.push(drawn);
    }
    // What finds nothing finds nothing wrong: a host without a table is too open, and is seen to be.
    let host = chosen.iter().position(|number| number % 4 != 3).unwrap();
    cases.push(
        json!({ "host": "table inet leastwise\ndelete table inet leastwise\n", "probes": all[host].probes }),
    );
    let mut observed = sent(&cases);
    let open = observed.pop().unwrap();
    let too_open = all[host]
        .wanted
        .iter()
        .zip(&open)
        .filter(|(wanted, seen)| !**wanted && **seen);
    assert!(too_open.count() > 20);
    let mut wrong = Vec::new();
    let mut asked = 0;
    for ((number, drawn), seen) in chosen.iter().zip(&all).zip(&observed) {
        assert_eq!(drawn.wanted.len(), seen.len());
        let differ = drawn.wanted.iter().zip(seen).zip(&drawn.probes);
        let differ: Vec<String> = differ
            .filter(|((wanted, seen), _)| wanted != seen)
            .map(|((wanted, _), probe)| format!("must {}pass: {probe}", if *wanted { "" } else { "not " }))
            .collect();
        asked += seen.len();
        if !differ.is_empty() {
            wrong.push(format!("case {number}\n{}\n{}", drawn.text, differ.join("\n")));
        }
    }
    assert_eq!(observed.len(), chosen.len());
    assert!(asked > chosen.len() * 50, "{asked} packets");
    assert!(wrong.is_empty(), "{} wrong\n{}", wrong.len(), wrong.join("\n\n"));
}

/// The numbers of the cases: those that the commit draws, or all.
fn chosen() -> Vec<usize> {
    if oracle::is_full() {
        return (0..ALL).collect();
    }
    let said = std::env::var("LEASTWISE_DRAWN_FROM").ok().or_else(|| {
        let head = Command::new("git")
            .args(["rev-parse", "HEAD"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output();
        head.ok()
            .map(|head| String::from_utf8_lossy(&head.stdout).into_owned())
    });
    let seed = said
        .unwrap_or_default()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
    let mut draw = Draw::new(seed);
    let mut left: Vec<usize> = (0..ALL).collect();
    let mut chosen: Vec<usize> = (0..SOME)
        .map(|_| left.swap_remove(draw.below(left.len())))
        .collect();
    chosen.sort_unstable();
    chosen
}

/// What is loaded and what is asked, for one case; its bytes are proved as well.
fn emitted(number: usize, sort: Sort, drawn: &Drawn) -> Value {
    let target = match sort {
        Sort::Host => bundle::target::DEVICE_BUNDLES,
        Sort::Acl => bundle::target::TERRAFORM,
    };
    let spec = Spec::text(&drawn.text);
    let bundle = spec
        .emit(&[target])
        .unwrap_or_else(|report| panic!("case {number}\n{}\n{report}", drawn.text));
    let refused = spec.judge(&bundle);
    assert!(
        refused.is_empty(),
        "case {number}\n{}\n{}",
        drawn.text,
        refused.join("\n")
    );
    match sort {
        Sort::Host => {
            let table = String::from_utf8(bundle.get(TABLE).unwrap().bytes.clone()).unwrap();
            json!({ "host": table, "probes": drawn.probes })
        }
        Sort::Acl => {
            let mut rules = Vec::new();
            for (path, file) in bundle.iter().filter(|(path, _)| path.ends_with(".tf.json")) {
                let value: Value =
                    serde_json::from_slice(&file.bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
                let found = value["resource"]["aws_network_acl_rule"].as_object();
                rules.extend(found.into_iter().flat_map(|found| found.values().cloned()));
            }
            rules.retain(|rule| rule["network_acl_id"] == "${aws_network_acl.ops.id}");
            assert!(!rules.is_empty(), "case {number}\n{}", drawn.text);
            json!({ "acl": acl(rules), "probes": drawn.probes })
        }
    }
}

/// An ACL as the router before its subnet has it: without state, the first entry that matches decides, and none is a refusal.
fn acl(mut rules: Vec<Value>) -> String {
    rules.sort_by_key(|rule| rule["rule_number"].as_u64());
    let mut out = String::from(
        "table inet acl {\n chain at {\n  type filter hook forward priority raw; policy accept;\n  \
         oifname \"r1\" jump into\n  iifname \"r1\" jump from\n }\n",
    );
    for (chain, egress, side) in [("into", false, "saddr"), ("from", true, "daddr")] {
        let _ = writeln!(out, " chain {chain} {{");
        for rule in rules.iter().filter(|rule| rule["egress"] == egress) {
            let (family, block) = match (rule["cidr_block"].as_str(), rule["ipv6_cidr_block"].as_str()) {
                (Some(block), None) => ("ip", block),
                (None, Some(block)) => ("ip6", block),
                _ => panic!("{rule}"),
            };
            let ports =
                |name: &str| format!("{}-{}", rule["from_port"], rule["to_port"]).replace('"', "") + name;
            let what = match rule["protocol"].as_str().unwrap() {
                "-1" => String::new(),
                protocol @ ("tcp" | "udp") => format!("{protocol} dport {}", ports("")),
                protocol @ ("icmp" | "icmpv6") => {
                    let number = |name: &str| rule[name].as_i64().filter(|number| *number >= 0);
                    let kind = number("icmp_type").map(|kind| format!("{protocol} type {kind} "));
                    let code = number("icmp_code").map(|code| format!("{protocol} code {code}"));
                    let all = format!("meta l4proto {protocol} ");
                    kind.unwrap_or(all) + &code.unwrap_or_default()
                }
                other => format!("meta l4proto {other}"),
            };
            let verdict = match rule["rule_action"].as_str().unwrap() {
                "allow" => "accept",
                "deny" => "drop",
                other => panic!("{other}"),
            };
            let _ = writeln!(out, "  {family} {side} {block} {what} {verdict}");
        }
        out.push_str("  drop\n }\n");
    }
    out.push_str("}\n");
    out
}

fn sent(cases: &[Value]) -> Vec<Vec<bool>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cases.json");
    std::fs::write(&path, serde_json::to_vec(cases).unwrap()).unwrap();
    let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packets/lab.py");
    let output = Command::new("unshare")
        .args(["-rn", "python3", "-B"])
        .arg(lab)
        .arg(&path)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}
