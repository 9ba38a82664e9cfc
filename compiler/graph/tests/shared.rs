//! Which names may stand for the same somebody.

#![expect(clippy::unwrap_used, reason = "a test that finds nothing fails")]

use std::collections::BTreeMap;

use diagnostics::Report;
use graph::shared::shares_members;
use model::Model;
use model::thing::ThingId;
use model::value::Date;
use source::{Origin, Sources};

const SPEC: &str = r#"project small edition="2026" {
    account plant id="111122223333" region=eu-central-1 { steward "role/ops/deploy" }
}
team data
owner data
provider okta { saml metadata="secret://idp/okta" }
provider entra { saml metadata="secret://idp/entra" }
provider github { oidc issuer="https://token.actions.githubusercontent.com" }
provider mirror { oidc issuer="https://token.actions.githubusercontent.com" }
provider gitlab { oidc issuer="https://gitlab.example" }
people ops from=okta { group "OT Ops" }
people night from=okta { group "OT ops" }
people other from=okta { group "Others" }
people elsewhere from=entra { group "OT Ops" }
people anybody from=okta
workload main runs-on=ci from=github { claim sub "repo:a/b" "repo:a/c" }
workload narrow runs-on=ci from=github { claim sub "repo:a/c"; claim actor "x" }
workload beside runs-on=ci from=github { claim sub "repo:a/d" }
workload actor runs-on=ci from=mirror { claim Actor "x" "y" }
workload foreign runs-on=ci from=gitlab { claim sub "repo:a/b" }
workload plain runs-on=lambda
workload plain-too runs-on=lambda
external reader { role "arn:aws:iam::999988887777:role/reader"; external-id "a-1" }
external house { account "999988887777" whole=#true; external-id "a-2" }
external apart { role "arn:aws:iam::888888888888:role/reader"; external-id "a-3" }
external address { at "203.0.113.0/24" }
"#;

fn model() -> Model {
    let mut report = Report::default();
    let mut sources = Sources::default();
    let file = sources.add("leastwise.kdl", SPEC, Origin::Project);
    let document = syntax::parse(file, SPEC, &syntax::Limits::STANDARD, &mut report);
    let inputs = resolve::Inputs {
        environment: None,
        as_of: Date::of(2026, 7, 1).unwrap(),
        files: &BTreeMap::new(),
    };
    let model = resolve::resolve(
        &[(file, document)],
        shelf::stdlib(),
        &mut sources,
        &inputs,
        &mut report,
    );
    assert!(!report.has_errors(), "{:?}", report.diagnostics());
    model
}

fn thing(model: &Model, wanted: &str) -> ThingId {
    let found = model
        .things
        .iter()
        .find(|(_, thing)| model.names.text(thing.name) == wanted);
    found.unwrap().0
}

/// The same answer whichever is named first.
fn share(model: &Model, a: &str, b: &str) -> bool {
    let (a, b) = (thing(model, a), thing(model, b));
    let found = shares_members(model, a, b);
    assert_eq!(found, shares_members(model, b, a));
    found
}

#[test]
fn people_share_a_group_of_their_provider() {
    let model = model();
    assert!(share(&model, "ops", "ops"));
    assert!(
        share(&model, "ops", "night"),
        "letter case may not tell groups apart"
    );
    assert!(!share(&model, "ops", "other"));
    assert!(!share(&model, "ops", "elsewhere"));
    assert!(
        share(&model, "ops", "anybody"),
        "no group is everybody of the provider"
    );
    assert!(!share(&model, "elsewhere", "anybody"));
}

#[test]
fn jobs_share_claims_that_can_hold_together() {
    let model = model();
    assert!(share(&model, "main", "narrow"));
    assert!(!share(&model, "main", "beside"));
    assert!(
        share(&model, "main", "actor"),
        "a claim that only one names keeps nobody apart"
    );
    assert!(
        share(&model, "narrow", "actor"),
        "names of claims have no letter case"
    );
    assert!(!share(&model, "main", "foreign"));
    assert!(!share(&model, "plain", "plain-too"));
    assert!(!share(&model, "main", "plain"));
    assert!(!share(&model, "main", "ops"));
}

#[test]
fn an_account_holds_its_roles() {
    let model = model();
    assert!(share(&model, "reader", "house"));
    assert!(!share(&model, "apart", "house"));
    assert!(!share(&model, "reader", "apart"));
    assert!(!share(&model, "reader", "address") && !share(&model, "address", "house"));
}
