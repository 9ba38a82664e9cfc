//! Questions of graphs of small specs.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diagnostics::Report;
use graph::TrustGraph;
use graph::question::Index;
use graph::question::chain::{Chains, How, Reached, Wanted};
use graph::question::select::Selected;
use model::Model;
use model::promise::{Selector, Through};
use model::thing::ThingId;
use model::trust::End;
use model::value::Date;
use source::{Origin, Sources};

const HEAD: &str = r#"project small edition="2026" {
    account plant id="111122223333" region=eu-central-1 { steward "role/ops/deploy" }
    data-classes internal
}
team data
owner data
authority ca
network cloud cidr="10.40.0.0/16" account=plant {
    zones a b
    segment app cidr="10.40.0.0/24" level=3 { endpoints }
    segment edge cidr="10.40.1.0/24" { exposure public }
}
site works cidr="10.10.0.0/16" {
    connects cloud via=vpn { existing "vgw-0a1b2c3d" }
    segment cell-l1 cidr="10.10.1.0/24" level=2
    segment cell-l2 cidr="10.10.2.0/24" level=2
}
device sensor segment="cell-{line}" {
    identity x509 ca=ca key=file
    fleet "sensors.csv"
    listens diag tcp=9000 tls=required
}
device robot segment="cell-{line}" { identity x509 ca=ca key=file; fleet "robots.csv"; listens arm tcp=7000 tls=required }
topic raw of=sensor { path "dt/{line}/{name}/raw" }
topic orders of=sensor { path "cmd/{line}/{name}/#" }
topic everything { path "dt/#" }
rule clean { physical "clean" }
bucket store { physical "acme-store" }
bucket images { physical "acme-images" }
workload model segment=app runs-on=lambda
workload signer runs-on=lambda
workload web segment=edge runs-on=ecs { listens http tcp=80 tls=required }
"#;

fn built(trusts: &str) -> (Model, TrustGraph) {
    let spec = format!("{HEAD}{trusts}");
    let mut report = Report::default();
    let mut sources = Sources::default();
    let file = sources.add("leastwise.kdl", spec.as_str(), Origin::Project);
    let document = syntax::parse(file, spec.as_str(), &syntax::Limits::STANDARD, &mut report);
    let rows: Arc<[u8]> = Arc::from(&b"name,line\ns1,l1\ns2,l1\nt1,l2\n"[..]);
    let robots: Arc<[u8]> = Arc::from(&b"name,line\nr1,l1\nr2,l1\nq1,l2\n"[..]);
    let files = BTreeMap::from([
        ("sensors.csv".to_owned(), rows),
        ("robots.csv".to_owned(), robots),
    ]);
    let inputs = resolve::Inputs {
        environment: None,
        as_of: Date::of(2026, 7, 1).unwrap(),
        files: &files,
    };
    let model = resolve::resolve(
        &[(file, document)],
        &resolve::Library::embedded(),
        &mut sources,
        &inputs,
        &mut report,
    );
    let graph = graph::build(&model, &mut report);
    let found: Vec<String> = report
        .diagnostics()
        .iter()
        .map(|found| found.message.clone())
        .collect();
    assert!(!report.has_errors(), "{found:#?}");
    (model, graph)
}

fn named(model: &Model, name: &str) -> ThingId {
    let found = model
        .things
        .iter()
        .find(|(_, thing)| model.names.text(thing.name) == name);
    found.map(|(id, _)| id).unwrap()
}

fn one(index: &Index<'_>, name: &str) -> Selected {
    index.select(Selector::End(End::Thing(named(index.model, name))))
}

fn chain(
    index: &Index<'_>,
    from: &str,
    to: &str,
    allow: &[&str],
    through: Option<Through>,
) -> Option<Vec<(How, String)>> {
    let (subjects, objects) = (one(index, from), one(index, to));
    let allow: Vec<arena::Name> = allow
        .iter()
        .map(|name| index.model.names.find(name).unwrap())
        .collect();
    let wanted = Wanted {
        subjects: &subjects,
        objects: &objects,
        allow: &allow,
        except: &Selected::default(),
        through,
    };
    let found = Chains::new(index).shortest(&wanted)?;
    let text = |id: ThingId| {
        index
            .model
            .names
            .text(index.model.things.get(id).unwrap().name)
            .to_owned()
    };
    Some(found.steps.iter().map(|step| (step.how, text(step.to))).collect())
}

const DATA: Option<Through> = Some(Through {
    control: false,
    data: true,
});

#[test]
fn a_chain_follows_topics_that_overlap() {
    let (model, graph) = built(
        "trust sensor -> raw { allow publish; because \"a\" }\n\
         trust clean -> everything { allow subscribe; because \"a\" }\n\
         trust clean -> store { allow write; because \"a\" }\n\
         trust model -> store { allow read; because \"a\" }\n\
         trust model -> images { allow write; because \"a\" }\n",
    );
    let index = Index::new(&model, &graph);
    let expected = vec![(How::Data, "clean".to_owned()), (How::Data, "model".to_owned())];
    assert_eq!(
        chain(&index, "sensor", "images", &["write"], DATA),
        Some(expected)
    );
    assert_eq!(chain(&index, "sensor", "images", &["write"], None), None);
    assert_eq!(chain(&index, "sensor", "images", &["read"], DATA), None);
    assert_eq!(chain(&index, "sensor", "raw", &[], None), Some(Vec::new()));
    assert_eq!(chain(&index, "signer", "images", &[], DATA), None);
}

#[test]
fn what_is_written_elsewhere_is_not_read() {
    let (model, graph) = built(
        "trust signer -> store { allow write; under \"a/\"; because \"a\" }\n\
         trust model -> store { allow read; under \"b/\"; because \"a\" }\n\
         trust model -> images { allow write; because \"a\" }\n",
    );
    let index = Index::new(&model, &graph);
    assert_eq!(chain(&index, "signer", "images", &[], DATA), None);
}

#[test]
fn a_connection_carries_data_both_ways() {
    let (model, graph) = built(
        "trust web -> sensor.diag { allow connect; because \"a\" }\n\
         trust sensor -> raw { allow publish; because \"a\" }\n",
    );
    let index = Index::new(&model, &graph);
    assert_eq!(
        chain(&index, "web", "raw", &["publish"], DATA),
        Some(vec![(How::Connection, "sensor".to_owned())])
    );
    assert_eq!(
        chain(&index, "sensor", "web", &[], DATA),
        None,
        "the sensor opens nothing to it"
    );
    let by = Wanted {
        subjects: &one(&index, "web"),
        objects: &one(&index, "sensor"),
        allow: &[],
        except: &Selected::default(),
        through: None,
    };
    assert!(matches!(
        Chains::new(&index).shortest(&by).unwrap().reached,
        Reached::Flow(_)
    ));
}

#[test]
fn places_tell_members_of_one_class_apart() {
    let segment = |model: &Model, name: &str| {
        let found = model
            .segments
            .iter()
            .find(|(_, segment)| model.names.text(segment.name) == name);
        Selector::Segment(found.map(|(id, _)| id).unwrap())
    };
    let apart = "trust sensor -> robot.arm { allow connect; same line; because \"a\" }\n";
    let across = "trust sensor -> robot.arm { allow connect; because \"a\" }\n";
    for (trust, meets) in [(apart, false), (across, true)] {
        let (model, graph) = built(trust);
        let index = Index::new(&model, &graph);
        let (from, to) = (
            index.select(segment(&model, "cell-l1")),
            index.select(segment(&model, "cell-l2")),
        );
        assert_eq!(
            graph
                .flows
                .iter()
                .any(|flow| index.flow_between(flow, &from, &to)),
            meets
        );
        assert!(
            graph
                .flows
                .iter()
                .any(|flow| index.flow_between(flow, &from, &from))
        );
    }
}

#[test]
fn a_limit_that_a_wider_trust_gives_is_void() {
    let (model, graph) = built(
        "trust model -> store { allow read; under \"a/\"; because \"narrow\" }\n\
         trust model -> store { allow read; because \"wide\" }\n\
         trust signer -> store { allow read; under \"a/\"; because \"alone\" }\n\
         trust signer -> images { allow write; under \"a/\" \"b/\"; because \"twice\" }\n\
         trust signer -> images { allow write; under \"a/\"; because \"again\" }\n",
    );
    let index = Index::new(&model, &graph);
    let voids: Vec<(usize, usize)> = index
        .void_trusts()
        .iter()
        .map(|void| (void.trust.index(), void.wider.index()))
        .collect();
    assert_eq!(voids, [(0, 1)]);
}

#[test]
fn a_device_that_reaches_another_is_found() {
    let classes = |model: &Model| BTreeSet::from([named(model, "sensor"), named(model, "robot")]);
    let (model, graph) = built(
        "trust sensor -> raw { allow publish; because \"a\" }\ntrust sensor -> orders { allow subscribe; because \"a\" }\n",
    );
    assert_eq!(
        Index::new(&model, &graph).isolation_breaches(&classes(&model)),
        []
    );
    let (model, graph) = built("trust robot -> raw { allow publish; because \"a\" }\n");
    assert_eq!(
        Index::new(&model, &graph)
            .isolation_breaches(&classes(&model))
            .len(),
        1
    );
    let (model, graph) = built(
        "trust sensor -> everything { allow publish; under \"{name}/\"; because \"a\" }\n\
         trust robot -> everything { allow publish; because \"a\" }\n",
    );
    let index = Index::new(&model, &graph);
    let breaches = index.isolation_breaches(&classes(&model));
    assert_eq!(breaches.len(), 1);
    assert!(breaches[0].word.ends_with(":topic/dt/b/"), "{}", breaches[0].word);
}

#[test]
fn objects_are_counted_once() {
    let (model, graph) = built(
        "trust sensor -> raw orders { allow publish; because \"a\" }\n\
         trust sensor -> raw { allow subscribe; because \"a\" }\n\
         trust sensor -> web.http { allow connect; because \"a\" }\n",
    );
    let index = Index::new(&model, &graph);
    assert_eq!(index.objects_of(End::Thing(named(&model, "sensor"))).len(), 3);
    assert!(index.is_public(named(&model, "web")).is_none());
}
