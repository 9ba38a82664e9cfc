//! Topics that overlap: families, literals that spell a member, trees, and levels that may be anything.

use super::line::{Claims, Object, trust};
use super::{Drawn, Draws};

/// Paths: as written, and of whose family.
const PATHS: [(&str, Option<&str>); 20] = [
    ("a/#", None),
    ("a/b", None),
    ("a/b/c", None),
    ("c/#", None),
    ("c/s1/#", None),
    ("c/s2/x", None),
    ("c/l1", None),
    ("c/g1/x", None),
    ("a/+", None),
    ("c/+/x", None),
    ("c/{name}/x", Some("sensor")),
    ("c/{name}/#", Some("sensor")),
    ("c/{name}/{line}", Some("sensor")),
    ("c/{line}", Some("sensor")),
    ("c/{peer}/x", Some("sensor")),
    ("c/{line}/{name}", Some("sensor")),
    ("c/{name}/#", Some("gateway")),
    ("c/{line}/x", Some("gateway")),
    ("d/{name}{line}", Some("sensor")),
    ("$aws/rules/drawn_ingest/{name}", Some("sensor")),
];

/// A spec about topics.
pub fn spec(draws: &mut Draws) -> Drawn {
    let mut out = Drawn::default();
    let lines = ["l1", "l2", "s1", "s2", "x"];
    let peers = ["s1", "s2", "s3", "g1", "l1"];
    let mut rows = |names: &[&str]| {
        let mut text = "name,line,peer\n".to_owned();
        for name in names {
            let line = if draws.is(70) {
                draws.one(&["l1", "l2"])
            } else {
                draws.one(&lines)
            };
            text.push_str(&format!("{name},{line},{}\n", draws.one(&peers)));
        }
        text
    };
    let sensors = ["s1", "s2", "s3"];
    let gateways = ["g1", "g2"];
    out.files.push(("fleet/sensors.csv".to_owned(), rows(&sensors)));
    out.files.push(("fleet/gateways.csv".to_owned(), rows(&gateways)));
    out.declarations.extend(
        [
            "network cloud cidr=\"10.40.0.0/16\" { zones a b; segment ingest cidr=\"10.40.0.0/22\" { endpoints } }",
            "site plant cidr=\"10.10.0.0/16\" { connects cloud via=vpn { existing \"vgw-0a1b2c3d4e5f60718\" }; segment cell cidr=\"10.10.1.0/24\"; segment ops cidr=\"10.10.2.0/24\" }",
            "authority ca { root offline }",
            "device sensor segment=cell { hardware embedded; identity x509 ca=ca key=file; fleet \"fleet/sensors.csv\"; speaks mqtt 8883 443 }",
            "device gateway segment=ops { hardware embedded; identity x509 ca=ca key=file; fleet \"fleet/gateways.csv\"; speaks mqtt 8883 443 }",
            "workload desk runs-on=lambda",
            "workload mill runs-on=lambda",
            "key k",
            "stream clean { retain \"24h\"; encrypted key=k }",
            "bucket raw { physical \"drawn-raw\"; retain \"30d\"; encrypted key=k }",
        ]
        .map(str::to_owned),
    );
    let count = 3 + draws.0.below(3);
    let mut topics: Vec<(String, &str, Option<&str>)> = Vec::new();
    while topics.len() < count {
        let (path, of) = PATHS[draws.0.below(PATHS.len())];
        if topics
            .iter()
            .all(|(_, known, owner)| (*known, *owner) != (path, of))
        {
            topics.push((format!("t{}", topics.len()), path, of));
        }
    }
    for (name, path, of) in &topics {
        let of = of.map(|of| format!(" of={of}")).unwrap_or_default();
        out.declarations
            .push(format!("topic {name}{of} {{ path \"{path}\" }}"));
    }
    let has_rule = draws.is(40);
    let mut subjects = vec!["sensor", "gateway", "desk", "mill"];
    if has_rule {
        out.declarations
            .push("log-group failed { retain \"30d\"; encrypted key=k }".to_owned());
        out.declarations
            .push("rule intake { physical \"drawn_ingest\"; errors failed }".to_owned());
        out.declarations.push(trust("intake", "failed", "write", &[]));
        let plain = topics
            .iter()
            .find(|(_, path, of)| of.is_none() && !path.contains('+'));
        let read = plain.map_or("t0", |(name, ..)| name.as_str());
        out.declarations.push(trust("intake", read, "subscribe", &[]));
        out.declarations.push(trust("intake", "clean", "write", &[]));
        subjects.push("intake");
    }
    let mut said = Vec::new();
    for _ in 0..3 + draws.0.below(4) {
        let (name, path, of) = &topics[draws.0.below(topics.len())];
        let subject = draws.one(&["sensor", "sensor", "gateway", "desk", "mill"]);
        let allow = if path.contains('+') {
            "subscribe"
        } else {
            draws.one(&["publish", "subscribe", "publish subscribe"])
        };
        let is_tree = path.ends_with("/#");
        let narrow = if is_tree && draws.is(40) {
            match subject {
                "sensor" => draws.one(&[
                    "under \"x/\"",
                    "under \"{name}/\"",
                    "under \"{peer}/\"",
                    "only \"{name}\"",
                    "only \"x\"",
                ]),
                _ => draws.one(&["under \"x/\"", "under \"s1/\"", "only \"x\"", "only \"b\""]),
            }
        } else {
            ""
        };
        let same = if *of == Some("sensor") && subject == "gateway" && draws.is(30) {
            "same line"
        } else {
            ""
        };
        if !said.contains(&(subject, name.clone(), allow)) {
            said.push((subject, name.clone(), allow));
            out.declarations
                .push(trust(subject, name, allow, &[narrow, same]));
        }
    }
    if draws.is(50) {
        out.declarations
            .push(trust("desk", "clean", draws.one(&["read", "write"]), &[]));
    }
    if draws.is(50) {
        out.declarations
            .push(trust("mill", draws.one(&["clean", "raw"]), "write", &[]));
    }
    let mut objects: Vec<Object<'_>> = topics
        .iter()
        .map(|(name, path, of)| {
            let rows: &[&str] = match of {
                Some("sensor") => &sensors,
                Some(_) => &gateways,
                None => &[],
            };
            let parts: &[&str] = if path.ends_with("/#") {
                &["x/", "s1/", "s2/"]
            } else {
                &[]
            };
            (name.as_str(), &["publish", "subscribe"][..], rows, parts)
        })
        .collect();
    objects.push(("clean", &["write", "read"], &[], &[]));
    objects.push(("kind:topic", &["publish", "subscribe"], &[], &[]));
    let trusted: Vec<(String, String)> = said
        .into_iter()
        .map(|(subject, name, _)| (subject.to_owned(), name))
        .collect();
    let claims = Claims {
        subjects: &subjects,
        selectors: &[
            "segment:cell",
            "site:plant",
            "kind:device",
            "kind:topic",
            "kind:stream",
        ],
        objects: &objects,
        classes: &[
            ("sensor", &sensors, &["line", "peer"]),
            ("gateway", &gateways, &["line", "peer"]),
        ],
        trusted: &trusted,
        people: &[],
    };
    out.claims = claims.draw(draws);
    out
}
