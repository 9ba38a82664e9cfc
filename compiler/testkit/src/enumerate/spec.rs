//! Small specs, drawn at random: a fixed world of things, and a handful of trusts on it.

use proptest::prelude::*;

/// The world: every sort of actor, place and thing that is compared.
pub const WORLD: &str = r#"project small edition="2026" {
    account plant id="111122223333" region=eu-central-1 { steward "role/ops/deploy" }
    account audit id="444455556666" region=eu-west-1 { steward "role/ops/deploy" }
    default account=plant
}
team crew
owner crew
use "std/baseline/zero-trust"
network cloud cidr="10.40.0.0/16" account=plant {
    zones a b
    segment ingest cidr="10.40.0.0/24" { endpoints }
    segment edge cidr="10.40.1.0/24" { exposure public }
    segment db cidr="10.40.2.0/24" { exposure isolated }
}
site plant-1 cidr="10.10.0.0/16" {
    connects cloud via=vpn { existing "vgw-0a1b2c3d" }
    leaves-by "203.0.113.0/24"
    segment cell-l1 cidr="10.10.1.0/24"
    segment cell-l2 cidr="10.10.2.0/24"
    segment ops cidr="10.10.10.0/24"
}
authority plant-ca
provider okta { saml metadata="secret://idp/okta" }
device sensor segment="cell-{line}" {
    hardware embedded
    identity x509 ca=plant-ca key=file
    fleet "fleet/sensors.csv"
    speaks mqtt 8883 443
    listens diag tcp=9000 udp="9001-9003" tls=required
}
device gateway segment=ops {
    hardware linux
    identity x509 ca=plant-ca key=tpm
    fleet "fleet/gateways.csv"
    speaks mqtt 443
    listens broker tcp=8883 tls=required
}
workload reader segment=ingest runs-on=lambda
workload job runs-on=lambda
workload web segment=edge runs-on=ecs { listens http tcp=8080 tls=required }
workload store segment=db runs-on=ecs { listens pg tcp=5432 tls=required }
workload local runs-on=gateway { listens opcua tcp=4840 tls=required }
people techs from=okta { group Techs; mfa accept=idp-mfa; attributes line shift }
people staff from=okta { group Staff; mfa accept=idp-mfa }
external partner { role "arn:aws:iam::999988887777:role/reader"; external-id "p-7f3c"; at "198.51.100.0/28" }
key near-key
key far-key account=audit
bucket raw { physical "acme-raw"; encrypted key=near-key }
bucket plain { physical "acme-plain" }
bucket far account=audit { physical "acme-far"; encrypted key=far-key }
stream flow { encrypted key=near-key }
queue work { encrypted key=near-key }
secret login { encrypted key=near-key }
log-group notes
topic vib of=sensor { path "dt/{line}/vib/{name}/raw" }
topic orders of=sensor { path "cmd/{line}/{name}/#" }
topic agg of=gateway { path "dt/{line}/gw/{name}/agg" }
topic whole { path "dt/#" }
topic beat { path "beat/all" }
rule clean { physical "clean" }
"#;

/// The inventories of the world, by path. One sensor has no line's neighbour, one gateway has no side.
pub const FLEETS: [(&str, &str); 2] = [
    ("fleet/sensors.csv", "name,line,ring\ns1,l1,a\ns2,l1,b\nt1,l2,a\n"),
    ("fleet/gateways.csv", "name,line,side\ng1,l1,a\ng2,l2,\n"),
];

/// A spec of the world with up to six trusts. Few of them are refused.
pub fn spec() -> impl Strategy<Value = String> {
    prop::collection::vec(trust(), 1..6).prop_map(|trusts| {
        let mut spec = WORLD.to_owned();
        for trust in trusts {
            spec.push_str(&trust);
        }
        spec
    })
}

fn one_of(choices: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(choices)
}

fn trust() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => store_trust(),
        3 => topic_trust(),
        2 => listener_trust(),
    ]
}

fn written(subject: &str, object: &str, allow: &str, lines: &[&str]) -> String {
    let mut lines: Vec<&str> = lines.iter().copied().filter(|line| !line.is_empty()).collect();
    lines.dedup();
    format!(
        "trust {subject} -> {object} {{ allow {allow}; {}; because \"Drawn\" }}\n",
        lines.join("; ")
    )
    .replace("; ;", ";")
}

/// Stores: any actor of the cloud, with and without narrowing and conditions.
fn store_trust() -> impl Strategy<Value = String> {
    let subject = one_of(&["reader", "job", "job web", "techs", "staff", "partner", "clean"]);
    let object = prop_oneof![
        (
            one_of(&["raw", "plain", "far", "raw far"]),
            one_of(&["read", "write", "read write", "delete", "upload"]),
            narrowing()
        ),
        (one_of(&["flow"]), one_of(&["read", "write"]), Just("")),
        (one_of(&["work"]), one_of(&["send", "receive"]), Just("")),
        (one_of(&["login"]), one_of(&["read"]), Just("")),
        (one_of(&["notes"]), one_of(&["write", "read"]), Just("")),
        (one_of(&["near-key"]), one_of(&["decrypt"]), Just("")),
    ];
    (subject, object, conditions()).prop_map(|(subject, (object, allow, narrow), when)| {
        let when = match subject {
            "techs" => when,
            "staff" | "partner" if !when.contains("attribute") => when,
            "job" if !when.contains("attribute") && !when.contains("mfa") => when,
            _ => "",
        };
        let when = if subject == "partner" && when.contains("mfa") {
            ""
        } else {
            when
        };
        let narrow = if narrow.contains("{line}") && subject != "techs"
            || narrow.contains("{name}") && matches!(subject, "techs" | "staff")
        {
            ""
        } else {
            narrow
        };
        written(subject, object, allow, &[narrow, when])
    })
}

fn narrowing() -> impl Strategy<Value = &'static str> {
    one_of(&[
        "",
        "",
        "under \"a/\"",
        "under \"a/\" \"b/\"",
        "only \"a/x\"",
        "only \"b\" \"c\"",
        "under \"{name}/\"",
        "under \"{line}/\"",
    ])
}

fn conditions() -> impl Strategy<Value = &'static str> {
    one_of(&[
        "",
        "",
        "when { source \"203.0.113.0/24\" }",
        "when { until \"2027-06-30\" }",
        "when { attribute shift on late }",
        "when { mfa-age \"1h\" accept=idp-mfa; source \"203.0.113.0/24\" \"192.0.2.0/25\" }",
        "when { attribute shift on; until \"2026-12-31\"; source \"198.51.100.0/24\" }",
    ])
}

/// Topics: devices as themselves, as others, and everybody else.
fn topic_trust() -> impl Strategy<Value = String> {
    let own = (
        one_of(&["vib", "orders"]),
        one_of(&["publish", "subscribe", "publish subscribe"]),
        Just(""),
    )
        .prop_map(|(object, allow, members)| written("sensor", object, allow, &[members]));
    let narrowed = (
        one_of(&["sensor", "job", "reader"]),
        one_of(&["publish", "subscribe"]),
        one_of(&["only \"rate\"", "under \"a/\"", "only \"{name}\""]),
    )
        .prop_map(|(subject, allow, narrow)| written(subject, "orders", allow, &[narrow]));
    let other = (
        one_of(&["vib", "orders", "agg"]),
        one_of(&["publish", "subscribe"]),
        one_of(&["", "same line"]),
    )
        .prop_map(|(object, allow, same)| {
            written(
                "gateway",
                object,
                allow,
                &[if object == "agg" { "" } else { same }],
            )
        });
    let wide = (
        one_of(&["sensor", "gateway", "job", "clean", "reader clean"]),
        one_of(&["whole", "beat"]),
        one_of(&["publish", "subscribe"]),
    )
        .prop_map(|(subject, object, allow)| written(subject, object, allow, &[]));
    let people = (
        one_of(&["vib", "orders"]),
        one_of(&["publish", "subscribe"]),
        one_of(&["", "same line"]),
    )
        .prop_map(|(object, allow, same)| written("techs", object, allow, &[same]));
    let part = (
        one_of(&["sensor", "gateway"]),
        one_of(&["under \"{name}/\"", "only \"{line}/{name}\"", "under \"x/\""]),
    )
        .prop_map(|(subject, narrow)| written(subject, "whole", "publish", &[narrow]));
    prop_oneof![own, narrowed, other, wide, people, part]
}

/// Listeners: connections.
fn listener_trust() -> impl Strategy<Value = String> {
    let placed = (
        one_of(&["reader", "web", "local", "store"]),
        one_of(&["web.http", "store.pg"]),
    )
        .prop_map(|(subject, object)| {
            written(
                subject,
                if matches!(subject, "web" | "store" | "local") {
                    "web.http"
                } else {
                    object
                },
                "connect",
                &[],
            )
        });
    let devices = (
        one_of(&["sensor", "gateway"]),
        one_of(&["gateway.broker", "sensor.diag"]),
        one_of(&["", "same line", "others", "others; same line"]),
    )
        .prop_map(|(subject, object, members)| {
            let is_own = object.starts_with(subject);
            let members = match (is_own, members) {
                (false, "others" | "others; same line") => "same line",
                (true, "" | "same line") => "others",
                (_, members) => members,
            };
            written(subject, object, "connect", &[members])
        });
    let down = (
        one_of(&["reader", "web"]),
        one_of(&["gateway.broker", "sensor.diag", "local.opcua"]),
    )
        .prop_map(|(subject, object)| written(subject, object, "connect", &[]));
    let people = one_of(&["techs", "staff", "internet"]).prop_map(|subject| {
        written(
            subject,
            "web.http",
            "connect",
            &["when { source \"203.0.113.0/24\" \"10.10.10.0/25\" }"],
        )
    });
    let open =
        one_of(&["internet", "partner"]).prop_map(|subject| written(subject, "web.http", "connect", &[]));
    prop_oneof![placed, devices, down, people, open]
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use diagnostics::Report;
    use model::Model;
    use model::value::Date;
    use proptest::test_runner::{Config, TestRunner};
    use source::{Origin, Sources};

    use super::*;
    use crate::enumerate::compare::{Counts, compare};

    fn resolved(spec: &str) -> (Model, Report) {
        let mut report = Report::default();
        let mut sources = Sources::default();
        let file = sources.add("leastwise.kdl", spec, Origin::Project);
        let document = syntax::parse(file, spec, &syntax::Limits::STANDARD, &mut report);
        let files: BTreeMap<String, Arc<[u8]>> = FLEETS
            .iter()
            .map(|(path, rows)| ((*path).to_owned(), Arc::from(rows.as_bytes())))
            .collect();
        let as_of = Date::of(2026, 7, 1).unwrap();
        let inputs = resolve::Inputs {
            environment: None,
            as_of,
            files: &files,
        };
        let model = resolve::resolve(
            &[(file, document)],
            shelf::stdlib(),
            &mut sources,
            &inputs,
            &mut report,
        );
        (model, report)
    }

    fn messages(report: &Report) -> String {
        report
            .diagnostics()
            .iter()
            .map(|found| format!("{} {}\n", found.code.name, found.message))
            .collect()
    }

    #[test]
    fn the_world_is_accepted() {
        let (model, mut report) = resolved(WORLD);
        let graph = graph::build(&model, &mut report);
        assert!(!report.has_errors(), "{}", messages(&report));
        assert!(compare(&model, &graph).is_ok());
    }

    #[test]
    fn what_is_listed_one_by_one_equals_the_graph() {
        let total = RefCell::new((
            0usize,
            0usize,
            Counts::default(),
            BTreeMap::<String, usize>::new(),
        ));
        let mut runner = TestRunner::new_with_rng(
            Config {
                cases: 400,
                failure_persistence: None,
                ..Config::default()
            },
            proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
        );
        let outcome = runner.run(&spec(), |spec| {
            let (model, mut report) = resolved(&spec);
            let graph = graph::build(&model, &mut report);
            let mut total = total.borrow_mut();
            if report.has_errors() {
                total.0 += 1;
                for found in report.diagnostics() {
                    *total
                        .3
                        .entry(format!("{}: {}", found.code.name, found.message))
                        .or_default() += 1;
                }
                assert!(
                    !messages(&report).contains("compiler-bug"),
                    "{}",
                    messages(&report)
                );
                return Ok(());
            }
            total.1 += 1;
            let counts = compare(&model, &graph)
                .map_err(|difference| TestCaseError::fail(format!("{difference:?}")))?;
            total.2.requests += counts.requests;
            total.2.granted += counts.granted;
            total.2.packets += counts.packets;
            Ok(())
        });
        let (refused, accepted, counts, faults) = total.into_inner();
        println!("{accepted} accepted, {refused} refused, {counts:?}\n{faults:#?}");
        outcome.unwrap();
        assert!(accepted > refused, "too many specs are refused to show anything");
        assert!(counts.granted > 1000 && counts.packets > 100);
    }

    #[test]
    fn a_graph_that_gives_more_or_less_is_found() {
        let trusts = "trust sensor -> vib { allow publish; because \"Own\" }\n\
                      trust reader -> raw { allow read; under \"a/\"; because \"Part\" }\n\
                      trust gateway -> sensor.diag { allow connect; same line; because \"Line\" }\n";
        let (model, mut report) = resolved(&format!("{WORLD}{trusts}"));
        let graph = graph::build(&model, &mut report);
        assert!(!report.has_errors(), "{}", messages(&report));
        assert!(compare(&model, &graph).is_ok());
        let built = || graph::build(&model, &mut Report::default());
        for index in 0..graph.accesses.len() {
            let mut less = built();
            let gone = less.accesses.remove(index);
            let is_compared = !matches!(gone.principal, graph::access::Principal::Service(_))
                && !less.words.text(gone.action).starts_with("ec2:");
            assert_eq!(compare(&model, &less).is_err(), is_compared, "{gone:?}");
        }
        for index in 0..graph.accesses.len() {
            let mut more = built();
            let access = more.accesses[index];
            let text = more.words.text(access.action);
            if text.starts_with("ec2:") || matches!(access.principal, graph::access::Principal::Service(_)) {
                continue;
            }
            let wider = more
                .patterns
                .get(access.within)
                .unwrap()
                .concat(&pattern::pattern::Pattern::everything());
            if access.resource == graph::access::Resource::Unscoped
                || more.patterns.get(access.within) == Some(&wider)
            {
                continue;
            }
            more.accesses[index].within = more.patterns.intern(wider);
            assert!(compare(&model, &more).is_err(), "{access:?}");
        }
        for index in 0..graph.flows.len() {
            let mut less = built();
            let gone = less.flows.remove(index);
            assert!(compare(&model, &less).is_err(), "{gone:?}");
            let mut more = built();
            more.flows[index].pairs = more.pairs.intern(graph::access::Pairs::All);
            let changed = graph.flows[index].pairs != more.flows[index].pairs;
            assert_eq!(compare(&model, &more).is_err(), changed);
        }
    }
}
