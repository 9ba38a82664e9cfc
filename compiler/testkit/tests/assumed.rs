//! What the manifest says of a build besides that it holds: what is assumed, by name, what no target claims, and which promises rest
//! on declarations.
#![expect(clippy::panic, reason = "a test that fails says where")]

use std::collections::BTreeSet;

use prove::verified::{Statement, Status};
use testkit::golden::Tree;
use testkit::project::{self, Depth};

/// A project that emits these targets, or all.
fn statement<T>(targets: &str, text: &str, then: impl FnOnce(&Statement) -> T) -> T {
    let project = format!(
        "project docs edition=\"2026\" {{\n    account main id=\"111122223333\" region=eu-central-1 {{ steward \"role/ops/deploy\" }}\n    {targets}\n}}\n\
         use \"std/baseline/zero-trust\"\nteam docs\nowner docs\n{text}\n"
    );
    let files = Tree::from([
        ("leastwise.kdl".to_owned(), project.into_bytes()),
        ("f.csv".to_owned(), b"name,line\ns1,l1\ns2,l2\n".to_vec()),
    ]);
    let outcomes = project::compile(&files, Depth::Proof);
    let [outcome] = outcomes.as_slice() else {
        panic!("{} environments", outcomes.len());
    };
    match &outcome.built {
        Some(built) => then(built.verified.statement()),
        None => panic!("{}", project::shown(outcome, "leastwise.kdl")),
    }
}

/// What an assumption applies to; nothing if it is not made.
fn data(statement: &Statement, id: &str) -> BTreeSet<String> {
    let found = statement.assumptions.iter().find(|one| one.id == id);
    found
        .into_iter()
        .flat_map(|one| one.data.iter().cloned())
        .collect()
}

fn set<const N: usize>(lines: [&str; N]) -> BTreeSet<String> {
    lines.into_iter().map(str::to_owned).collect()
}

const STORES: &str = r#"
key k
bucket ours { physical "acme-ours"; encrypted key=k; retain "30d" }
bucket kept { existing "acme-kept"; encrypted key=k; policy ours }
bucket theirs { existing "acme-theirs"; encrypted key=k; retain "30d" }
queue jobs { existing "jobs" }
workload w runs-on=lambda
workload r runs-on=lambda
trust w -> ours kept theirs { allow write; because "x" }
trust r -> ours { allow read; because "x" }
trust r -> jobs { allow receive; because "x" }
"#;

/// A policy of ours that only denies what comes without TLS keeps no principal of the account out.
#[test]
fn every_store_rests_on_the_other_documents_of_its_account() {
    statement("", STORES, |statement| {
        assert_eq!(data(statement, "A3"), set(["jobs", "kept", "ours", "theirs"]));
    });
}

#[test]
fn what_exists_already_is_assumed_by_name() {
    statement("", STORES, |statement| {
        let data = data(statement, "A5");
        for line in ["kept: acme-kept", "theirs: acme-theirs", "jobs: jobs"] {
            assert!(data.contains(line), "{line} of {data:?}");
        }
    });
}

#[test]
fn what_a_role_that_exists_may_besides_is_assumed_by_name() {
    let text = r#"
workload old runs-on=lambda { existing "arn:aws:iam::111122223333:role/service/legacy"; policy added }
workload new runs-on=lambda
queue jobs { existing "jobs" }
trust old new -> jobs { allow receive; because "x" }
"#;
    statement("", text, |statement| {
        let role = "old: arn:aws:iam::111122223333:role/service/legacy";
        assert_eq!(data(statement, "A15"), set([role]));
    });
    statement("", STORES, |statement| {
        assert_eq!(data(statement, "A15"), set([]))
    });
}

#[test]
fn a_key_that_a_writer_may_pass_over_is_printed_with_the_store_and_the_writer() {
    statement("", STORES, |statement| {
        assert_eq!(
            data(statement, "A13"),
            set(["kept under k: w", "ours under k: w", "theirs under k: w"])
        );
    });
    let readers = STORES.replace(
        "trust w -> ours kept theirs { allow write; because \"x\" }",
        "trust w -> ours kept theirs { allow read; because \"x\" }",
    );
    statement("", &readers, |statement| {
        assert_eq!(data(statement, "A13"), BTreeSet::new());
    });
}

#[test]
fn facts_of_things_that_exist_and_restrictions_of_others_policies_are_printed() {
    statement("", STORES, |statement| {
        assert_eq!(
            data(statement, "A14"),
            set([
                "jobs: tls-only of zero-trust, in a policy that its owner writes",
                "kept: encrypted",
                "theirs: encrypted, retain",
                "theirs: tls-only of zero-trust, in a policy that its owner writes",
            ])
        );
    });
    // Without a target that makes it, nothing that is declared of a thing is held either.
    statement("targets aws-iam", STORES, |statement| {
        assert!(data(statement, "A14").contains("ours: encrypted, retain"));
    });
}

#[test]
fn facts_that_only_software_of_others_holds_are_printed() {
    let text = r#"
network c cidr="10.40.0.0/16" { zones a b; segment seg cidr="10.40.0.0/22" { endpoints } }
kind shelf service=s3 {
    global-name
    property encrypted type=reference kind=key
    property sorted type=flag
    arn "arn:{partition}:s3:::{physical}"
    reach service=s3 tcp=443
    capability look effect=read {
        action s3:GetObject on="{arn}/{part}" { condition StringEquals aws:ResourceAccount "{account}" }
        via key decrypt
    }
}
key k
shelf books { existing "acme-books"; sorted; encrypted key=k }
function f { runs code }
workload code segment=seg runs-on=ecs { listens https tcp=443 tls=required; listens plain tcp=80 tls=none }
workload w segment=seg runs-on=lambda
trust w -> f { allow invoke; because "x" }
trust w -> books { allow look; because "x" }
trust w -> code.https code.plain { allow connect; because "x" }
"#;
    statement("", text, |statement| {
        assert_eq!(
            data(statement, "A14"),
            set(["books: encrypted, sorted", "code.https: tls", "f: runs"])
        );
    });
}

/// Nothing that we emit makes the things of a registry: which certificate is whose is said by whoever enrols.
#[test]
fn a_device_is_the_thing_of_its_name_by_assumption() {
    let text = r#"
authority ca { root offline }
device sensor { physical "sensor-v2"; hardware embedded; identity x509 ca=ca key=file; fleet "f.csv"; speaks mqtt 8883 }
topic m of=sensor { path "dt/{line}/{name}" }
trust sensor -> m { allow publish; because "x" }
"#;
    statement("", text, |statement| {
        let data = data(statement, "A12");
        let things = data.iter().find(|line| line.starts_with("sensor: "));
        let things = things.unwrap();
        assert!(
            things.contains("the one thing of the registry that has the name of its row")
                && things.contains("`sensor-v2`"),
            "{things}"
        );
    });
}

#[test]
fn every_clause_is_said_of_every_target() {
    let said = |targets: &str| {
        statement(targets, STORES, |statement| {
            let clauses = statement.clauses.iter();
            let said = clauses.map(|one| ((one.number, one.target), one.status));
            said.collect::<std::collections::BTreeMap<_, _>>()
        })
    };
    let all = said("");
    for number in [1, 2, 3, 4, 5, 8] {
        for target in targets::names() {
            assert!(all.contains_key(&(number, target)), "clause {number}, {target}");
        }
    }
    assert_eq!(all.get(&(6, "")), Some(&Status::Exact));
    assert_eq!(all.get(&(4, "aws-iam")), Some(&Status::NotClaimed));
    assert_eq!(all.get(&(3, "aws-iam")), Some(&Status::NotClaimed));
    assert_eq!(all.get(&(4, "terraform")), Some(&Status::Exact));
    let iam = said("targets aws-iam");
    assert_eq!(iam.get(&(4, "aws-iam")), Some(&Status::NotClaimed));
    assert!(iam.keys().all(|(_, target)| matches!(*target, "" | "aws-iam")));
}

const PLACES: &str = r#"
network c cidr="10.40.0.0/16" { zones a b; segment seg cidr="10.40.0.0/22" { endpoints; exposure public } }
authority ca { root offline }
device sensor { hardware embedded; identity x509 ca=ca key=file; fleet "f.csv"; speaks mqtt 8883 }
topic m of=sensor { path "dt/{line}/{name}" }
log-group lg { retain "30d"; encrypted key=k }
stream st { retain "24h"; encrypted key=k }
rule ingest { errors lg }
trust sensor -> m { allow publish; because "x" }
topic all { path "dt/#" }
trust ingest -> all { allow subscribe; because "x" }
trust ingest -> st lg { allow write; because "x" }
key k
bucket b { physical "acme-b"; encrypted key=k; retain "30d" }
external partner { at "198.51.100.0/28"; listens https tcp=443 tls=required }
workload x segment=seg runs-on=ecs { listens h tcp=443 tls=required }
workload y segment=seg runs-on=ecs
workload free runs-on=lambda
site hall cidr="10.10.0.0/16" { connects c via=vpn { existing "vgw-0a1b2c3d4e5f60718" }; segment cell cidr="10.10.1.0/24" }
workload server segment=cell runs-on=onprem
trust x y free -> b { allow read; because "x" }
trust x -> partner.https { allow connect; because "x" }
trust y -> x.h { allow connect; because "x" }
never y -> b name=requests { allow write; because "p" }
never x -> y name=neighbours { because "p" }
never internet -> x name=from-internet { because "p" }
never server -> x name=another-place { because "p" }
never y -> internet name=to-internet { because "p" }
never y -> partner name=to-external { because "p" }
never free -> x name=without-place { because "p" }
never ingest -> b name=rule { because "p" }
never sensor -> b name=device { because "p" }
isolate sensor name=apart { because "p" }
test "t" { as y { can read b } }
"#;

/// What nobody declared was not read: a promise rests on it all the same.
#[test]
fn a_promise_is_read_only_if_every_layer_that_it_is_about_was() {
    let layers = |targets: &str| {
        statement(targets, PLACES, |statement| {
            let promises = statement.promises.iter();
            let said = promises.map(|one| {
                assert_eq!(one.is_read, one.layers.is_empty(), "{one:?}");
                (one.name.clone().unwrap(), one.layers.join(" and "))
            });
            let seven = statement.clauses.iter().find(|one| one.number == 7).unwrap();
            let tests = seven.counts.get("tests read").copied();
            (
                said.collect::<std::collections::BTreeMap<_, _>>(),
                seven.status,
                tests,
            )
        })
    };
    let (documents, devices, rules, connections) = (
        "policies of roles and resources",
        "device policies",
        "topic rules",
        "connections without a group or a host firewall at either end",
    );
    let (all, status, tests) = layers("");
    assert!(all.values().all(String::is_empty), "{all:?}");
    assert_eq!((status, tests), (Status::Exact, Some(1)));

    let (iam, status, tests) = layers("targets aws-iam");
    assert_eq!((status, tests), (Status::GuardsOnly, Some(0)));
    for (name, wanted) in [
        ("requests", ""),
        ("neighbours", connections),
        ("another-place", connections),
        ("from-internet", connections),
        ("to-internet", connections),
        ("to-external", connections),
        ("without-place", connections),
        ("rule", rules),
        ("device", devices),
        ("apart", devices),
    ] {
        assert_eq!(iam.get(name).map(String::as_str), Some(wanted), "{name}");
    }
    let (groups, status, _) = layers("targets security-groups");
    assert_eq!(status, Status::GuardsOnly);
    for (name, wanted) in [
        ("requests", documents),
        ("from-internet", ""),
        ("apart", devices),
        ("device", devices),
    ] {
        assert_eq!(groups.get(name).map(String::as_str), Some(wanted), "{name}");
    }
}

/// Guards that permit more than their share, flows that no target sees, and what nobody can block: each is said, with its reason.
#[test]
fn what_is_not_exact_is_listed_with_its_reason() {
    let text = r#"
network c cidr="10.40.0.0/16" { zones a b; segment seg cidr="10.40.0.0/22" { endpoints } }
site p cidr="10.10.0.0/16" { connects c via=vpn { existing "vgw-0a1b2c3d4e5f60718" }; segment cell cidr="10.10.1.0/24"; segment hall cidr="10.10.2.0/24" }
authority ca { root offline }
device gate segment=cell { hardware linux; identity x509 ca=ca key=file; fleet name=g1; listens h tcp=443 tls=required }
device cam segment=hall { hardware network; identity none; fleet name=c1; listens video tcp=554 tls=none }
device wall segment=hall { hardware network; identity none; fleet name=s1 }
key k
bucket b { physical "acme-b"; encrypted key=k; retain "30d" }
topic alarms { path "plant/+/alarm" }
workload w segment=seg runs-on=ecs
trust w -> b { allow read; because "x" }
trust w -> alarms { allow subscribe; because "x" }
trust w -> gate.h { allow connect; because "x" }
trust wall -> cam.video { allow connect accept=segment; because "x" }
"#;
    statement("", text, |statement| {
        let coarse = |guard: &str, why: &str| {
            let mut listed = statement.coarse.iter();
            listed.any(|one| one.guard.contains(guard) && one.why.contains(why))
        };
        for (guard, why) in [
            ("role/w", "exact only with the filter"),
            ("host firewall of gate", "addresses only"),
            ("acl of seg", "addresses and no state"),
            ("/s3", "principals share the endpoint"),
            ("/iot.data", "takes no policy"),
        ] {
            assert!(coarse(guard, why), "{guard}: {:?}", statement.coarse);
        }
        assert_eq!(statement.not_claimed, ["wall -> cam on tcp 554"]);
        let holes = |word: &str| statement.holes.iter().any(|hole| hole.contains(word));
        assert!(
            holes("resolver") && holes("DHCP") && holes("neighbour discovery"),
            "{:?}",
            statement.holes
        );
    });
    // Without groups and hosts, nothing is said of what they cannot block.
    statement("targets aws-iam", STORES, |statement| {
        assert!(statement.holes.is_empty() && statement.coarse.is_empty());
    });
}
