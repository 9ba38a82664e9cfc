//! Where the simulator, and not a module, is why a second plan is not empty or why something fails. One that is not met any more fails.

use serde_json::Value;

use super::bench::Change;

/// An argument that the simulator does not keep: what stands there in a second plan is nothing.
pub(super) struct Artefact {
    pub(super) sort: &'static str,
    pub(super) argument: &'static str,
    pub(super) why: &'static str,
}

const fn lost(sort: &'static str, argument: &'static str, why: &'static str) -> Artefact {
    Artefact { sort, argument, why }
}

/// Of moto 5.2.1 behind the provider 5.100.
pub(super) const LOST: &[Artefact] = &[
    lost(
        "aws_vpc_security_group_ingress_rule",
        "description",
        "moto tells no description of a rule between groups",
    ),
    lost(
        "aws_vpc_security_group_egress_rule",
        "description",
        "moto tells no description of a rule between groups",
    ),
    lost(
        "aws_vpc_endpoint",
        "dns_options",
        "moto keeps no DNS options of an endpoint",
    ),
    lost(
        "aws_route53_zone",
        "vpc",
        "moto tells no network of a private zone",
    ),
    lost(
        "aws_db_parameter_group",
        "parameter",
        "moto keeps no parameter that it calls static",
    ),
    lost(
        "aws_kinesis_stream",
        "tags_all",
        "moto reads no tags at the making of a stream",
    ),
];

/// What fails because the simulator cannot do it: a part of what is said, and why.
pub(super) const CANNOT: &[(&str, &str)] = &[];

/// Whether nothing stands there: what is lost, and no value that somebody else wrote.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

/// The artefacts that explain a change; nothing if one of its arguments is explained by none.
pub(super) fn explain(change: &Change) -> Option<Vec<usize>> {
    if change.action != "update" {
        return None;
    }
    let one = |(name, (stands, _)): (&String, &(Value, Value))| {
        let found = |artefact: &Artefact| artefact.sort == change.sort && artefact.argument == name;
        is_nothing(stands).then(|| LOST.iter().position(found)).flatten()
    };
    change.arguments.iter().map(one).collect()
}

/// The place in `CANNOT` of what was said.
pub(super) fn cannot(said: &str) -> Option<usize> {
    CANNOT.iter().position(|(words, _)| said.contains(words))
}
