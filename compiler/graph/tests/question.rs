//! Questions of graphs of small specs.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing fails")]

use std::collections::BTreeMap;
use std::sync::Arc;

use diagnostics::Report;
use graph::TrustGraph;
use graph::question::Index;
use model::Model;
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
        shelf::stdlib(),
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
