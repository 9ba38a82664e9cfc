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
    segment web cidr="10.40.1.0/24" { exposure public }
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
workload web segment=web runs-on=ecs { listens http tcp=8080 tls=required }
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
log-group journal of=sensor { physical "journal-{line}-{name}" }
topic vib of=sensor { path "dt/{line}/vib/{name}/raw" }
topic orders of=sensor { path "cmd/{line}/{name}/#" }
topic agg of=gateway { path "dt/{line}/gw/{name}/agg" }
topic plant { path "dt/#" }
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
        1 => family_trust(),
    ]
}

fn written(subject: &str, object: &str, allow: &str, lines: &[&str]) -> String {
    let mut lines: Vec<&str> = lines.iter().copied().filter(|line| !line.is_empty()).collect();
    lines.dedup();
    format!("trust {subject} -> {object} {{ allow {allow}; {}; because \"Drawn\" }}\n", lines.join("; ")).replace("; ;", ";")
}

/// Stores: any actor of the cloud, with and without narrowing and conditions.
fn store_trust() -> impl Strategy<Value = String> {
    let subject = one_of(&["reader", "job", "job web", "techs", "staff", "partner", "clean"]);
    let object = prop_oneof![
        (one_of(&["raw", "plain", "far", "raw far"]), one_of(&["read", "write", "read write", "list", "delete"]), narrowing()),
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
        let when = if subject == "partner" && when.contains("mfa") { "" } else { when };
        let narrow = if narrow.contains("{line}") && subject != "techs" || narrow.contains("{name}") && matches!(subject, "techs" | "staff") { "" } else { narrow };
        written(subject, object, allow, &[narrow, when])
    })
}

fn narrowing() -> impl Strategy<Value = &'static str> {
    one_of(&["", "", "under \"a/\"", "under \"a/\" \"b/\"", "only \"a/x\"", "under \"a/\"; only \"b\"", "under \"{name}/\"", "under \"{line}/\"", "only \"*\""])
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
    let own = (one_of(&["vib", "orders"]), one_of(&["publish", "subscribe", "publish subscribe"]), one_of(&["", "", "others", "others; same line"]))
        .prop_map(|(object, allow, members)| written("sensor", object, allow, &[members]));
    let narrowed = (one_of(&["sensor", "job", "reader"]), one_of(&["publish", "subscribe"]), one_of(&["only \"rate\"", "under \"a/\"", "only \"{name}\""]))
        .prop_map(|(subject, allow, narrow)| written(subject, "orders", allow, &[narrow]));
    let other = (one_of(&["vib", "orders", "agg"]), one_of(&["publish", "subscribe"]), one_of(&["", "same line"]))
        .prop_map(|(object, allow, same)| written("gateway", object, allow, &[if object == "agg" { "" } else { same }]));
    let wide = (one_of(&["sensor", "gateway", "job", "clean", "reader clean"]), one_of(&["plant", "beat"]), one_of(&["publish", "subscribe"]))
        .prop_map(|(subject, object, allow)| written(subject, object, allow, &[]));
    let people = (one_of(&["vib", "orders"]), one_of(&["publish", "subscribe"]), one_of(&["", "same line"]))
        .prop_map(|(object, allow, same)| written("techs", object, allow, &[same]));
    let part = (one_of(&["sensor", "gateway"]), one_of(&["under \"{name}/\"", "only \"{line}/{name}\"", "under \"x/\""]))
        .prop_map(|(subject, narrow)| written(subject, "plant", "publish", &[narrow]));
    prop_oneof![own, narrowed, other, wide, people, part]
}

/// Listeners: connections.
fn listener_trust() -> impl Strategy<Value = String> {
    let placed = (one_of(&["reader", "web", "local", "store"]), one_of(&["web.http", "store.pg"]))
        .prop_map(|(subject, object)| written(subject, if subject == "web" || subject == "store" { "web.http" } else { object }, "connect", &[]));
    let devices = (one_of(&["sensor", "gateway"]), one_of(&["gateway.broker", "sensor.diag"]), one_of(&["", "same line", "others", "others; same line"])).prop_map(
        |(subject, object, members)| {
            let is_own = object.starts_with(subject);
            let members = match (is_own, members) {
                (false, "others" | "others; same line") => "same line",
                (true, "" | "same line") => "others",
                (_, members) => members,
            };
            written(subject, object, "connect", &[members])
        },
    );
    let down = (one_of(&["reader", "web"]), one_of(&["gateway.broker", "sensor.diag", "local.opcua"])).prop_map(|(subject, object)| written(subject, object, "connect", &[]));
    let people = one_of(&["techs", "staff", "internet"])
        .prop_map(|subject| written(subject, "web.http", "connect", &["when { source \"203.0.113.0/24\" \"10.10.10.0/25\" }"]));
    let open = one_of(&["internet", "partner"]).prop_map(|subject| written(subject, "web.http", "connect", &[]));
    prop_oneof![placed, devices, down, people, open]
}

/// A family that is no topic.
fn family_trust() -> impl Strategy<Value = String> {
    (one_of(&["job", "techs", "clean"]), one_of(&["read", "write"]), one_of(&["", "same line"]))
        .prop_map(|(subject, allow, same)| written(subject, "journal", allow, &[if subject == "techs" { same } else { "" }]))
}
