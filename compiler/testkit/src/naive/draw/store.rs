//! Stores: parts inside parts, keys that two stores share, attributes in paths, and kinds of one's own.

use super::line::{Claims, Object, trust};
use super::{Drawn, Draws};

/// A spec about stores.
pub fn spec(draws: &mut Draws) -> Drawn {
    let mut out = Drawn {
        has_two_accounts: draws.is(35),
        ..Drawn::default()
    };
    let away = if out.has_two_accounts {
        " account=other"
    } else {
        ""
    };
    let mut second = draws.one(&["k1", "k2"]);
    let third = draws.one(&["k1", "k2"]);
    // A store of another account has a key of its own account.
    let of_second = if draws.is(60) { away } else { "" };
    if !away.is_empty() {
        second = if of_second.is_empty() { "k1" } else { "k2" };
    }
    let of_third = if third == "k2" { away } else { "" };
    let of_worker = if draws.is(60) { away } else { "" };
    out.declarations.extend(
        [
            "provider okta { saml metadata=\"secret://idp/okta\" }",
            "people techs from=okta { group Techs; mfa accept=idp-mfa; session at-most=\"1h\"; attributes line shift }",
            "workload w1 runs-on=lambda",
            "external partner { role \"arn:aws:iam::999988887777:role/reader\"; external-id \"drawn-1\" }",
            "key k1",
            "bucket b1 { physical \"drawn-b1\"; retain \"30d\"; encrypted key=k1 }",
        ]
        .map(str::to_owned),
    );
    out.declarations.push(format!("key k2{away}"));
    out.declarations
        .push(format!("workload w2{of_worker} runs-on=lambda"));
    let group = draws.one(&["Techs", "Staff"]);
    out.declarations.push(format!(
        "people staff from=okta {{ group {group}; mfa accept=idp-mfa; session at-most=\"1h\"; attributes line shift }}"
    ));
    out.declarations.push(format!(
        "bucket b2{of_second} {{ physical \"drawn-b2\"; retain \"30d\"; encrypted key={second} }}"
    ));
    out.declarations
        .push(format!("queue q{of_third} {{ encrypted key={third} }}"));
    out.declarations
        .push("stream st { retain \"24h\"; encrypted key=k1 }".to_owned());
    // One that lives in a segment with endpoints: its credentials work everywhere all the same.
    if draws.is(40) {
        out.declarations.push(
            "network cloud cidr=\"10.40.0.0/16\" { zones a b; segment ingest cidr=\"10.40.0.0/22\" { endpoints } }".to_owned(),
        );
        out.declarations
            .push("workload w3 segment=ingest runs-on=ecs".to_owned());
    } else {
        out.declarations.push("workload w3 runs-on=lambda".to_owned());
    }
    // A kind of one's own, of which one capability does what the others mean.
    let has_crate = draws.is(35);
    if has_crate {
        let looks = draws.one(&["read", "write"]);
        let when = "{ condition StringEquals aws:ResourceAccount \"{account}\" }";
        out.declarations.push(format!(
            "kind crate service=s3 {{ doc \"Drawn\"; global-name; arn \"arn:{{partition}}:s3:::{{physical}}\"; reach service=s3 tcp=443; capability look effect={looks} {{ action s3:GetObject on=\"{{arn}}/{{part}}\" {when}; helper s3:ListBucket on=\"{{arn}}\" {when} }}; capability stow effect=write {{ action s3:PutObject on=\"{{arn}}/{{part}}\" {when} }}; capability swap effect=write {{ does look stow; action s3:RestoreObject on=\"{{arn}}/{{part}}\" {when} }} }}"
        ));
        out.declarations
            .push("crate c1 { existing \"drawn-c1\" }".to_owned());
    }
    let has_shelf = draws.is(25);
    if has_shelf {
        let actions = draws.one(&["s3:GetObject", "s3:PutObject", "s3:GetObjectTagging"]);
        let effect = if actions == "s3:PutObject" {
            "write"
        } else {
            "read"
        };
        out.declarations.push(format!(
            "kind shelf service=s3 {{ doc \"Drawn\"; arn \"arn:{{partition}}:s3:::{{physical}}\"; reach service=s3 tcp=443; capability peek effect={effect} {{ action {actions} on=\"arn:{{partition}}:s3:::drawn-*/*\" {{ reaches bucket; condition StringEquals aws:ResourceAccount \"{{account}}\" }} }} }}"
        ));
        out.declarations
            .push("shelf far { existing \"drawn-far\" }".to_owned());
    }
    let buckets = ["b1", "b2"];
    let mut said: Vec<(String, String)> = Vec::new();
    for _ in 0..3 + draws.0.below(5) {
        let subject = draws.one(&["w1", "w2", "w3", "techs", "staff", "partner", "w1", "w2"]);
        let is_people = matches!(subject, "techs" | "staff");
        let (object, allow): (&str, &str) = match draws.0.below(7) {
            0..=3 => (
                draws.one(&buckets),
                draws.one(&["read", "write", "read write", "delete", "upload", "list", "erase"]),
            ),
            4 => ("q", draws.one(&["send", "receive"])),
            5 => ("st", draws.one(&["read", "write"])),
            _ if has_crate && draws.is(60) => ("c1", draws.one(&["look", "stow", "swap"])),
            _ if has_shelf => ("far", "peek"),
            _ => (draws.one(&["k1", "k2"]), draws.one(&["decrypt", "encrypt"])),
        };
        let narrow = if (buckets.contains(&object) || object == "c1") && allow != "list" && draws.is(60) {
            let open = [
                "under \"a/\"",
                "under \"a/b/\"",
                "under \"b/\"",
                "only \"a/x\"",
                "under \"a/\" \"c/\"",
                "under \"{name}/\"",
            ];
            let own = ["under \"{line}/\"", "under \"{shift}/\"", "under \"a/{line}/\""];
            if is_people && draws.is(60) {
                draws.one(&own)
            } else if is_people {
                draws.one(&open[..5])
            } else {
                draws.one(&open)
            }
        } else {
            ""
        };
        let when = if is_people && draws.is(30) {
            draws.one(&[
                "when { source \"203.0.113.0/24\" }",
                "when { attribute shift a b }",
                "when { attribute line l1; source \"203.0.113.0/25\" }",
                "when { mfa-age \"1h\" accept=idp-mfa }",
            ])
        } else {
            ""
        };
        if said.contains(&(subject.to_owned(), object.to_owned())) {
            continue;
        }
        said.push((subject.to_owned(), object.to_owned()));
        out.declarations
            .push(trust(subject, object, allow, &[narrow, when]));
    }
    let parts: &[&str] = &["a/", "a/b/", "b/", "l1/"];
    let bucket: &[&str] = &["read", "write", "list", "delete", "upload", "erase"];
    let mut objects: Vec<Object<'_>> = vec![
        ("b1", bucket, &[], parts),
        ("b2", bucket, &[], parts),
        ("kind:bucket", bucket, &[], &[]),
        ("q", &["send", "receive"], &[], &[]),
        ("st", &["read", "write"], &[], &[]),
        ("k1", &["decrypt", "encrypt"], &[], &[]),
        ("k2", &["decrypt", "encrypt"], &[], &[]),
    ];
    if has_crate {
        objects.push(("c1", &["look", "stow", "swap"], &[], parts));
    }
    if has_shelf {
        objects.push(("far", &["peek"], &[], &[]));
    }
    let trusted = said;
    let claims = Claims {
        subjects: &["w1", "w2", "w3", "techs", "staff", "partner"],
        selectors: &["kind:people", "kind:workload", "kind:key", "kind:bucket"],
        objects: &objects,
        classes: &[],
        trusted: &trusted,
        people: &[
            ("techs", "line", &["l1", "a", "b"]),
            ("staff", "shift", &["a", "b", "l1"]),
        ],
    };
    out.claims = claims.draw(draws);
    out
}
