//! Section 12 of the language reference: what is read and not lowered yet is refused, each by its name, and nothing else is on the list.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the reference is a file, and one that is laid out otherwise fails the test"
)]

use std::collections::BTreeMap;

use testkit::golden::{self, Tree};
use testkit::project::{self, Depth, Outcome};

/// Codes by which something is refused since no phase makes it.
const CODES: [&str; 4] = [
    "not-lowered-yet",
    "not-emitted-yet",
    "unenforceable-address",
    "unsupported-login",
];

const PLACES: &str = r#"use "std/baseline/zero-trust"
network c cidr="10.40.0.0/16" { zones a b; segment seg cidr="10.40.0.0/22" { endpoints; exposure public } }
site p cidr="10.10.0.0/16" { connects c via=vpn { existing "vgw-0a1b2c3d4e5f60718" }; segment cell cidr="10.10.1.0/24" }
authority ca { root offline }
key k
bucket b { physical "acme-b"; encrypted key=k; retain "30d" }
workload w segment=seg runs-on=ecs { listens h tcp=443 tls=required }
provider okta { saml metadata="secret://idp/okta" }
people staff from=okta { group S; mfa accept=idp-mfa }
trust w -> b { allow read; because "x" }
topic m of=d { path "dt/{name}" }
trust d -> m { allow publish; because "x" }
trust staff -> b { allow write; because "x" }
"#;

const CLASS: &str = "device d segment=cell { hardware linux; identity x509 ca=ca key=file; fleet \"f.csv\"; speaks mqtt 8883; MORE }\n";

/// A whole spec, with a class that says more.
fn class(more: &str, rest: &str) -> String {
    format!("{PLACES}{}{rest}\n", CLASS.replace("MORE", more))
}

fn spec(rest: &str) -> String {
    class("listens s tcp=80 tls=none", rest)
}

/// What stands in the table, and a spec that says it: by row and by what is between the commas.
fn said() -> BTreeMap<(&'static str, &'static str), String> {
    let trust = |of: &str| spec(&format!("trust staff -> d {{ allow {of}; because \"x\" }}"));
    let when = |condition: &str| {
        spec(&format!(
            "trust staff -> b {{ allow read; when {{ {condition} }}; because \"x\" }}"
        ))
    };
    let hardware = spec("").replace("hardware linux", "hardware greengrass nucleus=classic");
    let anywhere = spec("trust d -> b { allow read; because \"x\" }")
        .replace("identity x509", "identity roles-anywhere")
        .replace("; speaks mqtt 8883", "");
    BTreeMap::from([
        (
            ("declarations", "posture"),
            spec("posture { stale-after \"24h\" down-to=1 }"),
        ),
        (("declarations", "group"), spec("group g of=d { where line l1 }")),
        (("declarations", "job"), spec("job j { rings a; }")),
        (
            ("declarations", "watch"),
            spec("watch account=main { audit weekly }"),
        ),
        (("declarations", "stack"), spec("stack base")),
        (("declarations", "retired"), spec("retired old kind=bucket")),
        (
            ("of the project", "state"),
            "project p edition=\"2026\" { account main id=\"111122223333\" region=eu-central-1; state s3 { lock } }\nteam t\nowner t\n".to_owned(),
        ),
        (
            ("of an account", "run-as"),
            "project p edition=\"2026\" { account main id=\"111122223333\" region=eu-central-1 { run-as \"role/x\" } }\nteam t\nowner t\n".to_owned(),
        ),
        (
            ("declarations", "a second network in one environment"),
            spec("network other cidr=\"10.41.0.0/16\" { zones a b; segment o cidr=\"10.41.0.0/24\" }"),
        ),
        (
            ("declarations", "use of another project"),
            spec("use \"../platform\" as=platform"),
        ),
        (("of a device", "enroll"), class("enroll registered", "")),
        (("of a device", "floor"), class("floor 3", "")),
        (("of a device", "patch"), class("patch at-most=\"14d\"", "")),
        (
            ("of a device", "firmware"),
            class("firmware at-least=\"2.4.0\"", ""),
        ),
        (
            ("of a device", "sessions"),
            class("sessions document=x into=y", ""),
        ),
        (("of a device", "judged-by"), class("judged-by x", "")),
        (("of a device", "identity ssm"), class("identity ssm", "")),
        (("of a device", "hardware greengrass"), hardware),
        (("trusts of", "session"), trust("session")),
        (("trusts of", "enroll"), trust("enroll")),
        (("trusts of", "activate"), trust("activate")),
        (
            ("trusts of", "forward"),
            spec("trust staff -> d.s { allow forward; because \"x\" }"),
        ),
        (
            ("trusts of", "of an account"),
            spec("trust w -> main { allow findings; because \"x\" }"),
        ),
        (
            ("trusts of", "with below-floor"),
            spec("trust d -> b { allow read; below-floor; because \"x\" }"),
        ),
        (
            ("trusts of", "with ssm"),
            spec("trust d -> b { allow read; with ssm; because \"x\" }"),
        ),
        (("conditions", "reason"), when("reason accept=detection")),
        (("conditions", "weekdays"), when("weekdays Mon-Fri accept=review")),
        (("conditions", "approval"), when("approval")),
        (
            ("of devices to", "topics on a device's own broker"),
            class(
                "listens mq tcp=1883 tls=none; topic st of=d { on mq; path \"x/{name}\" }",
                "trust d -> d.st { allow publish; because \"x\" }",
            ),
        ),
        (
            ("of devices to", "services of the provider other than MQTT"),
            spec("trust d -> b { allow read; because \"x\" }"),
        ),
        (("of devices to", "anything by roles-anywhere"), anywhere),
        (
            ("of workloads on a device to", "services of the provider"),
            spec("workload on runs-on=d\ntrust on -> b { allow read; because \"x\" }"),
        ),
        (
            ("of everybody to", "services of the provider"),
            spec("trust internet -> b { allow read; because \"x\" }"),
        ),
        (
            ("addresses", "an external's DNS name"),
            spec(
                "external e { at \"api.vendor.example\"; listens h tcp=443 tls=required }\ntrust w -> e.h { allow connect; because \"x\" }",
            ),
        ),
        (
            ("listeners", "a balancer's login"),
            spec(
                "provider sso { oidc issuer=\"https://sso.example\" audience=a }\n\
                 external e { at \"198.51.100.0/24\" }\n\
                 balancer f segment=seg { listens h tcp=443 tls=required login=sso accept=idp-assignment \
                 certificate=\"arn:aws:acm:eu-central-1:111122223333:certificate/5f0c2d0e-0003-4d2a-9c5e-0a1b2c3d4e5f\" }\n\
                 trust f -> w.h { allow connect; because \"x\" }\ntrust e -> f.h { allow connect; because \"x\" }",
            ),
        ),
    ])
}

/// The cells of the table, by row: what stands before a colon, between commas and semicolons.
fn listed(page: &str) -> Vec<(String, String)> {
    let (_, section) = page.split_once("## 12. Read, and not lowered yet").unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    let mut listed = Vec::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [what, which] = cells.as_slice() else {
            panic!("{row}")
        };
        let which = which.split(':').next().unwrap().replace('`', "");
        for one in which.split([',', ';']).map(str::trim) {
            listed.push(((*what).to_owned(), one.to_owned()));
        }
    }
    listed
}

fn compiled(text: &str) -> (Vec<Outcome>, &'static str) {
    let (mut files, main): (Tree, _) = project::of_text(text);
    files.insert("f.csv".to_owned(), b"name,line\nd1,l1\n".to_vec());
    (project::compile(&files, Depth::Proof), main)
}

#[test]
fn what_the_reference_lists_is_refused_by_name() {
    let page = std::fs::read_to_string(golden::root().join("docs/language.md")).unwrap();
    let said = said();
    let mut wrong = Vec::new();
    let mut seen = Vec::new();
    for (what, which) in listed(&page) {
        // The one line that says what is there.
        if which == "listeners are fine" {
            let (outcomes, main) = compiled(&spec(
                "trust internet -> w.h { allow connect; because \"x\" }\n\
                 waive public-ingress on=w until=\"2027-01-31\" by=docs { because \"x\" }",
            ));
            if outcomes.iter().any(|outcome| outcome.built.is_none()) {
                wrong.push(project::shown(&outcomes[0], main));
            }
            continue;
        }
        let found = said
            .iter()
            .find(|(key, _)| **key == (what.as_str(), which.as_str()));
        let Some((key, text)) = found else {
            wrong.push(format!("{what}: {which}: is listed, and no spec says it"));
            continue;
        };
        seen.push(*key);
        let (outcomes, main) = compiled(text);
        let refuses = outcomes.iter().all(|outcome| {
            let found = outcome.report.diagnostics();
            outcome.built.is_none() && found.iter().any(|one| CODES.contains(&one.code.name))
        });
        if !refuses {
            let shown = project::shown(&outcomes[0], main);
            wrong.push(format!("{what}: {which}: is not refused so, but says\n{shown}"));
        }
    }
    let lost = said.keys().filter(|key| !seen.contains(key));
    wrong.extend(lost.map(|(what, which)| format!("{what}: {which}: is not listed any more")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Without what is listed, the same spec is accepted: it is not refused for another reason.
#[test]
fn the_rest_of_the_spec_is_accepted() {
    let (outcomes, main) = compiled(&spec(""));
    let shown: String = outcomes
        .iter()
        .map(|outcome| project::shown(outcome, main))
        .collect();
    assert!(outcomes.iter().all(|outcome| outcome.built.is_some()), "{shown}");
}
