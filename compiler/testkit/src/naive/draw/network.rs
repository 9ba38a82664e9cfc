//! Addresses: segments and hosts that several share, own addresses, externals near each other, and everybody.

use super::line::{Claims, Object, trust};
use super::{Drawn, Draws};

/// A spec about connections.
pub fn spec(draws: &mut Draws) -> Drawn {
    let mut out = Drawn::default();
    let leaves = if draws.is(60) {
        "leaves-by \"203.0.113.0/28\"; "
    } else {
        ""
    };
    out.declarations.extend(
        [
            "network cloud cidr=\"10.40.0.0/16\" { zones a b; segment ingest cidr=\"10.40.0.0/22\" level=3 { endpoints }; segment edge cidr=\"10.40.4.0/22\" level=3 { exposure public }; segment back cidr=\"10.40.8.0/22\" level=4 }",
            "provider okta { saml metadata=\"secret://idp/okta\" }",
            "people techs from=okta { group Techs; mfa accept=idp-mfa; session at-most=\"1h\" }",
            "people staff from=okta { group Staff; mfa accept=idp-mfa; session at-most=\"1h\" }",
            "workload web segment=edge runs-on=ecs { listens http tcp=8080 tls=required; listens admin tcp=\"8000-8010\" tls=required }",
            "workload api segment=back runs-on=ecs { listens rpc tcp=\"9000-9005\" tls=required; listens one tcp=9003 tls=required }",
            "workload job segment=ingest runs-on=ecs",
        ]
        .map(str::to_owned),
    );
    out.declarations.push(format!(
        "site plant cidr=\"10.10.0.0/16\" {{ connects cloud via=vpn {{ existing \"vgw-0a1b2c3d4e5f60718\" }}; {leaves}segment c1 cidr=\"10.10.1.0/24\" level=1; segment c2 cidr=\"10.10.2.0/24\" level=1; segment ops cidr=\"10.10.3.0/24\" level=2 }}"
    ));
    // Two servers on premises, in one segment or in two, with and without addresses of their own.
    let at = |draws: &mut Draws, text: &str| {
        if draws.is(55) {
            format!("at \"{text}\"; ")
        } else {
            String::new()
        }
    };
    let erp_at = at(draws, "10.10.3.16/28");
    let till_block = draws.one(&["10.10.3.32/28", "10.10.3.24/29"]);
    let till_at = at(draws, till_block);
    out.declarations.push(format!(
        "workload erp segment=ops runs-on=onprem {{ {erp_at}listens opc tcp=4840 tls=required }}"
    ));
    out.declarations.push(format!(
        "workload till segment=ops runs-on=onprem {{ {till_at}listens spool tcp=9100 tls=required }}"
    ));
    // Rows with addresses of their own, of which two may share one, and with no line at all. A stream of its own leaves what else
    // is drawn as it is.
    let mut more = draws.clone();
    let mut row = |draws: &mut Draws, name: &str, last: &[&str]| {
        let line = draws.one(&["l1", "l2"]);
        let line = if more.is(15) { "" } else { line };
        let cell = draws.one(&["c1", "c2"]);
        let net = cell.trim_start_matches('c');
        format!("{name},{line},{cell},10.10.{net}.{}\n", more.one(last))
    };
    let robots = ["r1", "r2"];
    let mut text = "name,line,cell,address\n".to_owned();
    for name in robots {
        text.push_str(&row(draws, name, &["11", "12", "13"]));
    }
    out.files.push(("fleet/robots.csv".to_owned(), text));
    let cams = ["v1", "v2"];
    let mut text = "name,line,cell,address\n".to_owned();
    for name in cams {
        text.push_str(&row(draws, name, &["21", "22", "11"]));
    }
    out.files.push(("fleet/cams.csv".to_owned(), text));
    let (robot_at, cam_at) = (at(&mut more, "{address}"), at(&mut more, "{address}"));
    let cam_hardware = more.one(&["network", "linux"]);
    out.declarations.push(format!(
        "device robot segment=\"{{cell}}\" {{ hardware linux; identity none; fleet \"fleet/robots.csv\"; {robot_at}listens state tcp=7000 tls=required; listens log udp=7001 tls=required }}"
    ));
    out.declarations.push(format!(
        "device cam segment=\"{{cell}}\" {{ hardware {cam_hardware}; identity none; fleet \"fleet/cams.csv\"; {cam_at}listens video tcp=554 tls=required }}"
    ));
    out.declarations
        .push("workload agent runs-on=robot { listens ui tcp=7443 tls=required }".to_owned());
    out.declarations.push("workload probe runs-on=robot".to_owned());
    let near = draws.one(&["198.51.100.0/24", "198.51.100.0/28", "198.51.100.128/25"]);
    out.declarations.push(format!(
        "external vendor {{ at \"{near}\"; listens https tcp=443 tls=required }}"
    ));
    out.declarations.push("external carrier { at \"198.51.100.8/29\"; listens https tcp=443 tls=required; listens sftp tcp=22 tls=required }".to_owned());
    let subjects = [
        "web", "api", "job", "erp", "till", "robot", "cam", "agent", "probe", "techs", "staff", "vendor",
        "carrier",
    ];
    let doors = [
        "web.http",
        "web.admin",
        "api.rpc",
        "api.one",
        "erp.opc",
        "till.spool",
        "robot.state",
        "robot.log",
        "agent.ui",
        "cam.video",
        "vendor.https",
        "carrier.https",
        "carrier.sftp",
    ];
    let mut said: Vec<(String, String)> = Vec::new();
    let accept = if draws.is(85) { " accept=segment" } else { "" };
    let mut is_open = false;
    for _ in 0..3 + draws.0.below(4) {
        let subject = draws.one(&subjects);
        let mut door = draws.one(&doors);
        let same =
            ["robot", "cam"].contains(&subject) && (door.starts_with("robot") || door.starts_with("cam"));
        let mut facts = Vec::new();
        match subject {
            "techs" | "staff" => {
                facts.push(draws.one(&[
                    "when { source \"203.0.113.64/26\" }",
                    "when { source \"203.0.113.64/27\" }",
                    "when { source \"203.0.113.0/28\" }",
                ]));
                door = draws.one(&["web.http", "web.admin"]);
            }
            "vendor" | "carrier" => door = draws.one(&["web.http", "web.admin"]),
            _ if door.starts_with(subject) => facts.push("others"),
            _ => {}
        }
        if door.starts_with(subject) && !["robot", "cam"].contains(&subject) {
            continue;
        }
        if same && draws.is(50) {
            facts.push("same line");
        }
        if said.contains(&(subject.to_owned(), door.to_owned())) {
            continue;
        }
        said.push((subject.to_owned(), door.to_owned()));
        out.declarations
            .push(trust(subject, door, &format!("connect{accept}"), &facts));
    }
    if draws.is(20) {
        is_open = true;
        out.declarations
            .push(trust("internet", "web.http", "connect", &[]));
    }
    if is_open {
        out.declarations.push(
            "waive public-ingress on=edge until=\"2027-03-31\" by=crew { because \"Drawn\" }".to_owned(),
        );
    }
    let connect: &[&str] = &["connect"];
    let mut objects: Vec<Object<'_>> = Vec::new();
    for door in &doors {
        let rows: &[&str] = if door.starts_with("robot") {
            &robots
        } else if door.starts_with("cam") {
            &cams
        } else {
            &[]
        };
        objects.push((door, connect, rows, &[]));
    }
    for (name, ..) in objects.clone() {
        if let Some((whole, _)) = name.split_once('.')
            && !objects.iter().any(|(known, ..)| *known == whole)
        {
            objects.push((whole, connect, &[], &[]));
        }
    }
    let mut asking: Vec<&str> = subjects.to_vec();
    asking.push("internet");
    // Objects of a test that says `can` are names; wholes stand in promises only.
    let trusted = said;
    let claims = Claims {
        subjects: &asking,
        selectors: &[
            "segment:c1",
            "segment:c2",
            "segment:ops",
            "level:1",
            "level:4",
            "site:plant",
            "network:cloud",
            "internet",
            "kind:device",
            "kind:external",
            "kind:people",
        ],
        objects: &objects,
        classes: &[
            ("robot", &robots, &["line", "cell"]),
            ("cam", &cams, &["line", "cell"]),
        ],
        trusted: &trusted,
        people: &[],
    };
    out.claims = claims.draw(draws);
    out
}
