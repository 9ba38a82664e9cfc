//! The network layer, from specs to bytes and back: proved as it is emitted, refused with a witness where a byte that means
//! something moves.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test reads its cases, and stops at the first surprise"
)]

use std::collections::{BTreeMap, BTreeSet};

use crate::spec::{Files, Spec, compare, golden, tree};
use bundle::{Bundle, File};
use diagnostics::Report;
use pattern::address::{Block, Fault};
use prove::witness::{Refusal, Sort};
use serde_json::Value;

const GROUPS: &str = bundle::target::SECURITY_GROUPS;
const TERRAFORM: &str = bundle::target::TERRAFORM;

fn cases(folder: &str) -> Vec<std::path::PathBuf> {
    let mut cases: Vec<_> = std::fs::read_dir(golden(folder))
        .unwrap()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    cases.sort();
    assert!(!cases.is_empty());
    cases
}

fn inputs(case: &std::path::Path) -> Files {
    let mut inputs = tree(case);
    inputs.retain(|path, _| path.ends_with(".kdl") || path.ends_with(".csv"));
    inputs
}

/// Each case is a project. `expect/` holds the files of `security-groups`, or `report.txt` says why it was refused.
#[test]
fn golden_groups() {
    let mut wrong = Vec::new();
    for case in cases("targets/security-groups") {
        let spec = Spec::of(&inputs(&case));
        let mut expected = Files::new();
        match spec.emit(&[GROUPS]) {
            Ok(bundle) => {
                wrong.extend(
                    spec.judge(&bundle)
                        .iter()
                        .map(|refused| format!("{}: {refused}", case.display())),
                );
                for (path, file) in bundle.iter().filter(|(path, _)| !path.ends_with("apply.sh")) {
                    expected.insert(format!("expect/{path}"), file.bytes.clone());
                }
            }
            Err(report) => drop(expected.insert("expect/report.txt".to_owned(), report.into_bytes())),
        }
        let expected = expected
            .into_iter()
            .map(|(path, bytes)| (path.strip_prefix("expect/").unwrap().to_owned(), bytes))
            .collect();
        wrong.extend(
            compare(&case.join("expect"), &expected)
                .iter()
                .map(|text| format!("{}/{text}", case.display())),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Each case is a project. `expect/facts.txt` is what its Terraform means for the network, `expect/statement.txt` what was proved.
#[test]
fn golden_networks() {
    let mut wrong = Vec::new();
    for case in cases("network") {
        let spec = Spec::of(&inputs(&case));
        let mut expected = Files::new();
        match spec.emit(&[GROUPS, TERRAFORM]) {
            Ok(bundle) => {
                let facts = read::read(&bundle, &mut Report::default());
                for one in &facts {
                    let mut text = read::dump::text(one, read::dump::Show::Meaning);
                    text = text
                        .lines()
                        .filter(|line| is_network(line))
                        .fold(String::new(), |all, line| all + line + "\n");
                    expected.insert(format!("{}.txt", one.target), text.into_bytes());
                }
                match judge(&spec, &bundle) {
                    Ok(statement) => {
                        drop(expected.insert("statement.txt".to_owned(), statement.into_bytes()))
                    }
                    Err(refusals) => wrong.extend(
                        refusals
                            .iter()
                            .map(|refusal| format!("{}: {refusal:?}", case.display())),
                    ),
                }
            }
            Err(report) => drop(expected.insert("report.txt".to_owned(), report.into_bytes())),
        }
        wrong.extend(
            compare(&case.join("expect"), &expected)
                .iter()
                .map(|text| format!("{}/{text}", case.display())),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn is_network(line: &str) -> bool {
    let sorts = [
        "network ",
        "subnet ",
        "table ",
        "acl ",
        "group ",
        "gateway ",
        "attachment ",
        "endpoint ",
        "zone ",
        "name ",
        "interface ",
        "document endpoint",
        "relied-on ",
    ];
    sorts.iter().any(|sort| line.starts_with(sort))
}

/// What was proved of the network, as lines; or every refusal.
fn judge(spec: &Spec, bundle: &Bundle) -> Result<String, Vec<Refusal>> {
    let judged = spec.with(|checked, report| {
        let facts = read::read(bundle, report);
        let sides = aws::lower(checked, report)?.sides;
        let judged = prove::Judged {
            targets: &[GROUPS, TERRAFORM],
            limits: catalogue::limits::Limits::embedded(),
            sides: &sides,
        };
        Some(prove::judge(checked, &facts, &judged))
    });
    let statement = judged.unwrap_or_else(|report| panic!("{report}"))?;
    let mut lines: Vec<String> = Vec::new();
    for clause in &statement.clauses {
        let counts: Vec<String> = clause
            .counts
            .iter()
            .map(|(name, count)| format!("{name}={count}"))
            .collect();
        lines.push(format!(
            "clause {} {} {:?} {}",
            clause.number,
            clause.target,
            clause.status,
            counts.join(" ")
        ));
    }
    let coarse: BTreeSet<String> = statement
        .coarse
        .iter()
        .map(|coarse| format!("coarse {}: {}", coarse.guard, coarse.why))
        .collect();
    lines.extend(coarse);
    lines.extend(
        statement
            .not_claimed
            .iter()
            .map(|flow| format!("not claimed {flow}")),
    );
    Ok(lines.join("\n") + "\n")
}

/// What others emit is proved as well.
#[test]
fn every_terraform_case_is_proved() {
    for case in cases("targets/terraform") {
        let spec = Spec::of(&inputs(&case));
        let Ok(bundle) = spec.emit(&[GROUPS, TERRAFORM]) else {
            continue;
        };
        let refused = spec.judge(&bundle);
        assert!(refused.is_empty(), "{}:\n{}", case.display(), refused.join("\n"));
    }
}

/// A network that exists, with IPv6 in places: what the script alone keeps.
const DUAL: &str = include_str!("../../../golden/network/dual-stack/main.kdl");

/// Every leaf of a value, by its path.
fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(name, value)| {
                leaves(
                    value,
                    &format!("{path}/{}", name.replace('~', "~0").replace('/', "~1")),
                    found,
                )
            });
        }
        Value::Array(items) if !items.is_empty() => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, value)| leaves(value, &format!("{path}/{index}"), found));
        }
        _ => found.push(path.to_owned()),
    }
}

/// Other values of a leaf that mean something else, each with a name.
fn others(value: &Value, alike: &BTreeSet<String>) -> Vec<(&'static str, Value)> {
    match value {
        Value::Bool(flag) => vec![("flipped", Value::from(!flag))],
        Value::Number(number) => {
            let number = number.as_i64().unwrap();
            vec![
                ("more", Value::from(number + 1)),
                ("less", Value::from(number - 1)),
            ]
        }
        Value::String(text) => {
            let mut found = Vec::new();
            if let Ok(block) = Block::parse(text) {
                let bits = block.prefix_bits();
                let halved = |first: String, bits: u8| match Block::parse(&format!("{first}/{bits}")) {
                    Ok(block) | Err(Fault::HostBits(block)) => Some(Value::from(block.to_string())),
                    Err(Fault::Malformed | Fault::PrefixTooLong) => None,
                };
                let first = text
                    .split_once('/')
                    .map_or(text.as_str(), |(first, _)| first)
                    .to_owned();
                let wider = bits.checked_sub(1).and_then(|bits| halved(first.clone(), bits));
                found.extend(wider.map(|value| ("widened", value)));
                found.extend(halved(first, bits + 1).map(|value| ("narrowed", value)));
            }
            found.extend(
                alike
                    .iter()
                    .filter(|other| *other != text)
                    .map(|other| ("exchanged", Value::from(other.clone()))),
            );
            found
        }
        Value::Null | Value::Array(_) | Value::Object(_) => Vec::new(),
    }
}

/// What no guard reads, by the last name of a path.
fn is_inert(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap();
    matches!(
        name,
        "description" | "Description" | "Name" | "project" | "format" | "leastwise"
    ) || path.contains("/tags/")
}

struct Tally {
    equal: usize,
    refused: usize,
    witnesses: usize,
}

/// One entry of an ACL: number, allow, protocol, ports, addresses.
type Entry = (i64, bool, String, i64, i64, u32, u32);

/// Whether two versions of `acls.tf.json` decide the same: by trying each corner of each list, without `read` and `prove`.
fn same_acls(one: &Value, two: &Value) -> bool {
    let lists = |value: &Value| -> BTreeMap<(String, bool), Vec<Entry>> {
        let mut lists: BTreeMap<_, Vec<Entry>> = BTreeMap::new();
        for (_, rule) in value["resource"]["aws_network_acl_rule"]
            .as_object()
            .into_iter()
            .flatten()
        {
            let Ok(Block::V4 { first, prefix_bits }) = Block::parse(rule["cidr_block"].as_str().unwrap())
            else {
                continue;
            };
            let last = first | u32::MAX.checked_shr(u32::from(prefix_bits)).unwrap_or(0);
            let key = (
                rule["network_acl_id"].to_string(),
                rule["egress"].as_bool().unwrap(),
            );
            // A type and its code take the place of a port.
            let icmp = |code: i64| Some(rule["icmp_type"].as_i64()? * 256 + code);
            let code = rule["icmp_code"].as_i64().filter(|code| *code >= 0);
            let from = rule["from_port"].as_i64().or_else(|| icmp(code.unwrap_or(0)));
            let to = rule["to_port"].as_i64().or_else(|| icmp(code.unwrap_or(255)));
            let (from, to) = (from.unwrap(), to.unwrap());
            let allow = rule["rule_action"] == "allow";
            lists.entry(key).or_default().push((
                rule["rule_number"].as_i64().unwrap(),
                allow,
                rule["protocol"].to_string(),
                from,
                to,
                first,
                last,
            ));
        }
        lists.values_mut().for_each(|list| list.sort());
        lists
    };
    let decides = |list: &[Entry], protocol: &str, port: i64, address: u32| {
        let hit = list.iter().find(|(_, _, own, from, to, first, last)| {
            own == protocol && (*from..=*to).contains(&port) && (*first..=*last).contains(&address)
        });
        hit.is_some_and(|(_, allow, ..)| *allow)
    };
    let (one, two) = (lists(one), lists(two));
    if one.is_empty() || !one.keys().eq(two.keys()) {
        return false;
    }
    one.iter().all(|(key, list)| {
        let other = &two[key];
        let both = || list.iter().chain(other);
        let ports: BTreeSet<i64> = both()
            .flat_map(|(_, _, _, from, to, _, _)| [*from, to + 1])
            .collect();
        let addresses: BTreeSet<u32> = both()
            .flat_map(|(.., first, last)| [*first, last.saturating_add(1)])
            .collect();
        let protocols: BTreeSet<&String> = both().map(|(_, _, protocol, ..)| protocol).collect();
        protocols.iter().all(|protocol| {
            ports.iter().all(|port| {
                addresses.iter().all(|address| {
                    decides(list, protocol, *port, *address) == decides(other, protocol, *port, *address)
                })
            })
        })
    })
}

/// Changes every leaf of a file that means something, and each must be refused.
fn mutate(spec: &Spec, bundle: &Bundle, path: &str, keep: &dyn Fn(&str) -> bool, tally: &mut Tally) {
    assert!(judge(spec, bundle).is_ok());
    let file = bundle.get(path).unwrap();
    let value: Value = serde_json::from_slice(&file.bytes).unwrap();
    let mut paths = Vec::new();
    leaves(&value, "", &mut paths);
    paths.retain(|path| !is_inert(path) && keep(path));
    for leaf in paths {
        let name = leaf.rsplit('/').next().unwrap();
        let own = value.pointer(&leaf).unwrap();
        let mut alike = Vec::new();
        leaves(&value, "", &mut alike);
        let of_name = alike
            .iter()
            .filter(|other| other.rsplit('/').next().unwrap() == name);
        let alike: BTreeSet<String> = of_name
            .filter_map(|other| value.pointer(other)?.as_str().map(str::to_owned))
            .take(40)
            .collect();
        for (what, other) in others(own, &alike) {
            let mut changed = value.clone();
            *changed.pointer_mut(&leaf).unwrap() = other.clone();
            let mut mutant = bundle.clone();
            mutant.set(
                path,
                Some(File {
                    bytes: serde_json::to_vec(&changed).unwrap(),
                    ..file.clone()
                }),
            );
            match judge(spec, &mutant) {
                Ok(_) if same_acls(&value, &changed) => tally.equal += 1,
                Ok(_) => panic!("{path} {leaf}: {own} {what} to {other} is accepted"),
                Err(refusals) if leaf.contains("aws_network_acl_rule") && same_acls(&value, &changed) => {
                    // The same packets, and an entry that is not needed for them any more.
                    assert!(
                        refusals.iter().all(|refusal| refusal.sort == Sort::Idle),
                        "{path} {leaf}: {refusals:?}"
                    );
                    tally.equal += 1;
                }
                Err(refusals) => {
                    tally.refused += 1;
                    let about = |refusal: &&Refusal| matches!(refusal.sort, Sort::Exceeds | Sort::FallsShort);
                    tally.witnesses += usize::from(
                        refusals
                            .iter()
                            .filter(about)
                            .any(|refusal| refusal.witness.is_some()),
                    );
                    let unconfirmed = refusals
                        .iter()
                        .find(|refusal| refusal.message.contains("does not confirm"));
                    assert!(unconfirmed.is_none(), "{path} {leaf}: {unconfirmed:?}");
                }
            }
        }
    }
}

#[test]
fn every_leaf_of_the_groups_means_something() {
    let mut tally = Tally {
        equal: 0,
        refused: 0,
        witnesses: 0,
    };
    for text in [
        DUAL.to_owned(),
        String::from_utf8(inputs(&golden("network/tiers"))["main.kdl"].clone()).unwrap(),
    ] {
        let spec = Spec::text(&text);
        let bundle = spec.emit(&[GROUPS, TERRAFORM]).unwrap();
        let paths: Vec<String> = bundle
            .of_target(GROUPS)
            .map(|(path, _)| path.to_owned())
            .collect();
        for path in paths.iter().filter(|path| path.ends_with(".json")) {
            mutate(&spec, &bundle, path, &|_| true, &mut tally);
        }
    }
    assert!(tally.refused > 150, "{} {}", tally.refused, tally.witnesses);
    assert!(
        tally.witnesses * 2 > tally.refused,
        "{} of {} with a witness",
        tally.witnesses,
        tally.refused
    );
}

#[test]
fn every_leaf_of_the_network_in_terraform_means_something() {
    let mut tally = Tally {
        equal: 0,
        refused: 0,
        witnesses: 0,
    };
    let spec = Spec::of(&inputs(&golden("network/tiers")));
    let bundle = spec.emit(&[GROUPS, TERRAFORM]).unwrap();
    let folder = "aws/main/terraform/eu-central-1/cloud";
    // A number orders entries that allow only, so that another one means the same.
    let keep = |path: &str| !path.ends_with("/rule_number") && !path.ends_with("/policy");
    for file in ["acls", "endpoints", "groups", "network", "routes", "rules"] {
        mutate(
            &spec,
            &bundle,
            &format!("{folder}/{file}.tf.json"),
            &keep,
            &mut tally,
        );
    }
    assert!(
        tally.refused > 300 && tally.equal < 20,
        "{} refused, {} equal",
        tally.refused,
        tally.equal
    );
}

fn edited(bundle: &Bundle, path: &str, edit: impl Fn(&mut Value)) -> Bundle {
    let file = bundle.get(path).unwrap();
    let mut value: Value = serde_json::from_slice(&file.bytes).unwrap();
    edit(&mut value);
    let mut mutant = bundle.clone();
    mutant.set(
        path,
        Some(File {
            bytes: serde_json::to_vec(&value).unwrap(),
            ..file.clone()
        }),
    );
    mutant
}

fn group<'v>(value: &'v mut Value, name: &str) -> &'v mut Value {
    value["groups"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .find(|group| group["name"] == name)
        .unwrap()
}

#[test]
fn groups_and_rules_are_neither_missing_nor_idle() {
    let spec = Spec::text(DUAL);
    let bundle = spec.emit(&[GROUPS, TERRAFORM]).unwrap();
    let path = "aws/main/security-groups/corp/groups.json";
    let sorts = |edit: &dyn Fn(&mut Value)| -> BTreeSet<Sort> {
        let mutant = edited(&bundle, path, edit);
        judge(&spec, &mutant)
            .err()
            .into_iter()
            .flatten()
            .map(|refusal| refusal.sort)
            .collect()
    };
    let only = |sort: Sort| BTreeSet::from([sort]);
    let rules =
        |value: &mut Value, name: &str, way: &str| group(value, name)[way].as_array().unwrap().clone();
    assert_eq!(sorts(&|_| {}), BTreeSet::new());
    // A rule twice, a rule within another, a group of nobody.
    let twice = |value: &mut Value| {
        let first = rules(value, "front", "ingress")[0].clone();
        group(value, "front")["ingress"]
            .as_array_mut()
            .unwrap()
            .push(first);
    };
    assert_eq!(sorts(&twice), only(Sort::Idle));
    let within = |value: &mut Value| {
        let rule = serde_json::json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]});
        group(value, "front")["ingress"]
            .as_array_mut()
            .unwrap()
            .push(rule);
    };
    assert_eq!(sorts(&within), only(Sort::Idle));
    let nobody = |value: &mut Value| {
        value["groups"]
            .as_array_mut()
            .unwrap()
            .push(serde_json::json!({"name": "nobody", "description": "x", "ingress": [], "egress": []}));
    };
    assert_eq!(sorts(&nobody), only(Sort::Idle));
    // A group less, and each rule less; the default egress that is not taken; everything open.
    let missing = |value: &mut Value| {
        value["groups"]
            .as_array_mut()
            .unwrap()
            .retain(|group| group["name"] != "web")
    };
    assert_eq!(sorts(&missing), only(Sort::FallsShort));
    for (name, way) in [
        ("front", "ingress"),
        ("front", "egress"),
        ("web", "ingress"),
        ("web", "egress"),
        ("endpoint-sqs", "ingress"),
    ] {
        let mut value: Value = serde_json::from_slice(&bundle.get(path).unwrap().bytes).unwrap();
        for index in 0..rules(&mut value, name, way).len() {
            let less =
                |value: &mut Value| drop(group(value, name)[way].as_array_mut().unwrap().remove(index));
            assert_eq!(sorts(&less), only(Sort::FallsShort), "{name} {way} {index}");
        }
    }
    for (protocol, list, block) in [("-1", "IpRanges", "CidrIp"), ("-1", "Ipv6Ranges", "CidrIpv6")] {
        let everywhere = if block == "CidrIp" { "0.0.0.0/0" } else { "::/0" };
        let open = |value: &mut Value| {
            let rule = serde_json::json!({"IpProtocol": protocol, list: [{block: everywhere}]});
            group(value, "web")["egress"].as_array_mut().unwrap().push(rule);
        };
        assert_eq!(sorts(&open), only(Sort::Exceeds));
    }
    // The same said otherwise: another order, and a block in two halves.
    let shuffled = |value: &mut Value| {
        value["groups"].as_array_mut().unwrap().reverse();
        let split = group(value, "front")["ingress"].as_array_mut().unwrap();
        let at = split
            .iter()
            .position(|rule| rule["IpRanges"][0]["CidrIp"] == "0.0.0.0/0")
            .unwrap();
        let mut half = split[at].clone();
        split[at]["IpRanges"][0]["CidrIp"] = "0.0.0.0/1".into();
        half["IpRanges"][0]["CidrIp"] = "128.0.0.0/1".into();
        split.push(half);
        split.reverse();
    };
    assert_eq!(sorts(&shuffled), BTreeSet::new());
    // The script itself.
    let mut mutant = bundle.clone();
    let script = bundle.get("aws/main/security-groups/corp/apply.sh").unwrap();
    let text = String::from_utf8(script.bytes.clone())
        .unwrap()
        .replace("revoke", "rewoke");
    mutant.set(
        "aws/main/security-groups/corp/apply.sh",
        Some(File {
            bytes: text.into_bytes(),
            ..script.clone()
        }),
    );
    assert!(
        judge(&spec, &mutant)
            .unwrap_err()
            .iter()
            .all(|refusal| refusal.sort == Sort::Unread)
    );
}

#[test]
fn what_is_read_through_an_acl_is_the_first_entry_that_matches() {
    let spec = Spec::of(&inputs(&golden("network/tiers")));
    let bundle = spec.emit(&[GROUPS, TERRAFORM]).unwrap();
    let path = "aws/main/terraform/eu-central-1/cloud/acls.tf.json";
    let sorts = |edit: &dyn Fn(&mut serde_json::Map<String, Value>)| -> BTreeSet<Sort> {
        let mutant = edited(&bundle, path, |value| {
            edit(value["resource"]["aws_network_acl_rule"].as_object_mut().unwrap())
        });
        judge(&spec, &mutant)
            .err()
            .into_iter()
            .flatten()
            .map(|refusal| refusal.sort)
            .collect()
    };
    let copy = |rules: &mut serde_json::Map<String, Value>, number: i64, action: &str| {
        let (_, rule) = rules
            .iter()
            .find(|(name, _)| name.starts_with("data_in_"))
            .unwrap();
        let mut rule = rule.clone();
        rule["rule_number"] = number.into();
        rule["rule_action"] = action.into();
        rules.insert("data_in_more".to_owned(), rule);
    };
    assert_eq!(
        sorts(&|rules| copy(rules, 1, "deny")),
        BTreeSet::from([Sort::FallsShort])
    );
    assert_eq!(
        sorts(&|rules| copy(rules, 32_766, "deny")),
        BTreeSet::from([Sort::Idle])
    );
    assert_eq!(
        sorts(&|rules| copy(rules, 32_766, "allow")),
        BTreeSet::from([Sort::Idle])
    );
    // Numbers are means: another order of what only allows is the same.
    let renumber = |rules: &mut serde_json::Map<String, Value>| {
        for (index, (_, rule)) in rules.iter_mut().enumerate() {
            rule["rule_number"] = (32_000 - index).into();
        }
    };
    assert_eq!(sorts(&renumber), BTreeSet::new());
    // Replies alone, or callers alone, are not enough.
    let value: Value = serde_json::from_slice(&bundle.get(path).unwrap().bytes).unwrap();
    for index in 0..value["resource"]["aws_network_acl_rule"]
        .as_object()
        .unwrap()
        .len()
    {
        let less = |rules: &mut serde_json::Map<String, Value>| {
            let name = rules.keys().nth(index).unwrap().clone();
            rules.remove(&name);
        };
        assert_eq!(sorts(&less), BTreeSet::from([Sort::FallsShort]), "{index}");
    }
}

#[test]
fn an_endpoint_lets_through_what_is_declared_and_no_more() {
    let spec = Spec::of(&inputs(&golden("network/tiers")));
    let bundle = spec.emit(&[GROUPS, TERRAFORM]).unwrap();
    let path = "aws/main/terraform/eu-central-1/cloud/endpoints.tf.json";
    let sorts = |from: &str, to: &str| -> BTreeSet<Sort> {
        let mutant = edited(&bundle, path, |value| {
            let policy = &mut value["resource"]["aws_vpc_endpoint"]["s3"]["policy"];
            let text = policy.as_str().unwrap();
            assert!(text.contains(from), "{text}");
            *policy = text.replace(from, to).into();
        });
        judge(&spec, &mutant)
            .err()
            .into_iter()
            .flatten()
            .map(|refusal| refusal.sort)
            .collect()
    };
    assert_eq!(sorts("/in/*", "/*"), BTreeSet::from([Sort::Exceeds]));
    assert_eq!(sorts("/in/*", "/in/a*"), BTreeSet::from([Sort::FallsShort]));
    assert_eq!(sorts("s3:PutObject", "s3:*"), BTreeSet::from([Sort::Exceeds]));
    assert_eq!(
        sorts("s3:PutObject", "s3:GetObject"),
        BTreeSet::from([Sort::Exceeds, Sort::FallsShort])
    );
    assert_eq!(sorts("Allow\"", "Deny\""), BTreeSet::from([Sort::NotDecided]));
    let open = edited(&bundle, path, |value| {
        value["resource"]["aws_vpc_endpoint"]["s3"]
            .as_object_mut()
            .unwrap()
            .remove("policy");
    });
    let refusals = judge(&spec, &open).unwrap_err();
    assert!(
        refusals
            .iter()
            .any(|refusal| refusal.sort == Sort::Exceeds && refusal.witness.is_some()),
        "{refusals:?}"
    );
}

#[test]
fn a_network_whose_default_group_stays_as_the_provider_makes_it_is_refused() {
    let spec = Spec::of(&inputs(&golden("network/tiers")));
    let bundle = spec.emit(&[GROUPS, TERRAFORM]).unwrap();
    let path = "aws/main/terraform/eu-central-1/cloud/groups.tf.json";
    let open = edited(&bundle, path, |value| {
        let types = value["resource"].as_object_mut().unwrap();
        types.remove("aws_default_security_group").unwrap();
    });
    let refusals = judge(&spec, &open).unwrap_err();
    let exceeds = refusals.iter().filter(|refusal| refusal.sort == Sort::Exceeds);
    assert!(
        exceeds.clone().count() > 0 && exceeds.clone().all(|refusal| refusal.witness.is_some()),
        "{refusals:?}"
    );
}

#[test]
fn a_gateway_that_exists_is_joined_to_the_network() {
    let spec = Spec::of(&inputs(&golden("network/site")));
    let bundle = spec.emit(&[GROUPS, TERRAFORM]).unwrap();
    let folder = "aws/main/terraform/eu-central-1/cloud";
    // The routes name the gateway by way of what joins it.
    let direct = edited(&bundle, &format!("{folder}/routes.tf.json"), |value| {
        let routes = value["resource"]["aws_route"].as_object_mut().unwrap();
        for route in routes.values_mut() {
            route["gateway_id"] = "vgw-0a1b2c3d4e5f60718".into();
        }
    });
    assert!(judge(&spec, &direct).is_ok());
    let apart = edited(&direct, &format!("{folder}/network.tf.json"), |value| {
        let types = value["resource"].as_object_mut().unwrap();
        types.remove("aws_vpn_gateway_attachment").unwrap();
    });
    let sorts = judge(&spec, &apart).unwrap_err();
    let sorts: BTreeSet<Sort> = sorts.iter().map(|refusal| refusal.sort).collect();
    assert_eq!(sorts, BTreeSet::from([Sort::FallsShort]));
}

#[test]
fn an_instance_has_a_profile_of_its_own_role() {
    let spec = Spec::of(&inputs(&golden("targets/terraform/network")));
    let bundle = spec.emit(&[GROUPS, TERRAFORM]).unwrap();
    let path = "aws/main/terraform/eu-central-1/main-roles/roles.tf.json";
    let sorts = |edit: &dyn Fn(&mut Value)| -> BTreeSet<Sort> {
        let refusals = judge(&spec, &edited(&bundle, path, edit)).unwrap_err();
        refusals.iter().map(|refusal| refusal.sort).collect()
    };
    let without = sorts(&|value| {
        let profiles = &mut value["resource"]["aws_iam_instance_profile"];
        profiles.as_object_mut().unwrap().remove("front").unwrap();
    });
    assert_eq!(without, BTreeSet::from([Sort::FallsShort]));
    let of_another = sorts(&|value| {
        value["resource"]["aws_iam_instance_profile"]["front"]["role"] = "${aws_iam_role.store.name}".into();
    });
    assert_eq!(of_another, BTreeSet::from([Sort::FallsShort, Sort::Idle]));
}
