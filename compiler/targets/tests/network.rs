//! The network layer, from specs to bytes and back: proved as it is emitted, refused with a witness where a byte that means
//! something moves.

mod spec;

use std::collections::BTreeSet;

use bundle::{Bundle, File};
use diagnostics::Report;
use prove::witness::{Refusal, Sort};
use spec::{Files, Spec, compare, golden, tree};

const GROUPS: &str = bundle::target::SECURITY_GROUPS;
const TERRAFORM: &str = bundle::target::TERRAFORM;

fn cases(folder: &str) -> Vec<std::path::PathBuf> {
    let mut cases: Vec<_> = std::fs::read_dir(golden(folder)).unwrap().flatten().map(|entry| entry.path()).collect();
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
                wrong.extend(spec.judge(&bundle).iter().map(|refused| format!("{}: {refused}", case.display())));
                for (path, file) in bundle.iter().filter(|(path, _)| !path.ends_with("apply.sh")) {
                    expected.insert(format!("expect/{path}"), file.bytes.clone());
                }
            }
            Err(report) => drop(expected.insert("expect/report.txt".to_owned(), report.into_bytes())),
        }
        let expected = expected.into_iter().map(|(path, bytes)| (path.strip_prefix("expect/").unwrap().to_owned(), bytes)).collect();
        wrong.extend(compare(&case.join("expect"), &expected).iter().map(|text| format!("{}/{text}", case.display())));
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
                    text = text.lines().filter(|line| is_network(line)).fold(String::new(), |all, line| all + line + "\n");
                    expected.insert(format!("{}.txt", one.target), text.into_bytes());
                }
                match judge(&spec, &bundle) {
                    Ok(statement) => drop(expected.insert("statement.txt".to_owned(), statement.into_bytes())),
                    Err(refusals) => wrong.extend(refusals.iter().map(|refusal| format!("{}: {refusal:?}", case.display()))),
                }
            }
            Err(report) => drop(expected.insert("report.txt".to_owned(), report.into_bytes())),
        }
        wrong.extend(compare(&case.join("expect"), &expected).iter().map(|text| format!("{}/{text}", case.display())));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn is_network(line: &str) -> bool {
    let sorts = ["network ", "subnet ", "table ", "acl ", "group ", "gateway ", "endpoint ", "interface ", "document endpoint", "relied-on "];
    sorts.iter().any(|sort| line.starts_with(sort))
}

/// What was proved of the network, as lines; or every refusal.
fn judge(spec: &Spec, bundle: &Bundle) -> Result<String, Vec<Refusal>> {
    let judged = spec.with(|checked, report| {
        let facts = read::read(bundle, report);
        let judged = prove::Judged { targets: &[GROUPS, TERRAFORM], limits: catalogue::limits::Limits::embedded() };
        Some(prove::judge(checked, &facts, &judged))
    });
    let statement = judged.unwrap_or_else(|report| panic!("{report}"))?;
    let mut lines: Vec<String> = Vec::new();
    for clause in &statement.clauses {
        let counts: Vec<String> = clause.counts.iter().map(|(name, count)| format!("{name}={count}")).collect();
        lines.push(format!("clause {} {} {:?} {}", clause.number, clause.target, clause.status, counts.join(" ")));
    }
    let coarse: BTreeSet<String> = statement.coarse.iter().map(|coarse| format!("coarse {}: {}", coarse.guard, coarse.why)).collect();
    lines.extend(coarse);
    lines.extend(statement.not_claimed.iter().map(|flow| format!("not claimed {flow}")));
    Ok(lines.join("\n") + "\n")
}

/// What others emit is proved as well.
#[test]
fn every_terraform_case_is_proved() {
    for case in cases("targets/terraform") {
        let spec = Spec::of(&inputs(&case));
        let Ok(bundle) = spec.emit(&[GROUPS, TERRAFORM]) else { continue };
        let refused = spec.judge(&bundle);
        assert!(refused.is_empty(), "{}:\n{}", case.display(), refused.join("\n"));
    }
}
