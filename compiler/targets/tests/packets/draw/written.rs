//! A drawn case as a spec.

use std::fmt::Write as _;

use super::{Case, OWN, PEERS, Sort, THEIRS, is_six};

pub(super) fn text(
    case: &Case,
    (ops_six, at): (bool, Option<bool>),
    [asks4, gives4, asks6, gives6]: [bool; 4],
) -> String {
    let six = |is_said: bool, block: &str| {
        if is_said {
            format!(" cidr6=\"{block}\"")
        } else {
            String::new()
        }
    };
    let mut out =
        String::from("project p edition=\"2026\" { account main id=\"111122223333\" region=eu-central-1 }\n");
    let any = six(ops_six || case.six.contains(&true), "fd00:10::/48");
    let ops = six(ops_six, "fd00:10:0:a::/64");
    let peers = format!(
        "    segment cells cidr=\"10.10.1.0/24\"{}\n    segment vision cidr=\"10.10.2.0/24\"{}\n}}\n",
        six(case.six[0], "fd00:10:0:1::/64"),
        six(case.six[1], "fd00:10:0:2::/64")
    );
    let placed = match case.sort {
        Sort::Host => {
            let _ = write!(
                out,
                "site plant cidr=\"10.10.0.0/16\"{any} {{\n    segment ops cidr=\"10.10.10.0/24\"{ops}\n{peers}"
            );
            "device gateway segment=ops { hardware linux; identity none; fleet name=gw-1"
        }
        Sort::Acl => {
            let site = six(case.six.contains(&true), "fd00:10::/62");
            let _ = write!(
                out,
                "network cloud cidr=\"10.10.8.0/21\" {{\n    zones a b\n    segment ops cidr=\"10.10.10.0/24\"\n}}\n\
                 site plant cidr=\"10.10.0.0/21\"{site} {{\n    connects cloud via=vpn {{ existing \"vgw-0a1b2c3d4e5f60718\" }}\n{peers}"
            );
            "workload gateway segment=ops runs-on=ec2 {"
        }
    };
    out.push_str(placed);
    if let Some(at_six) = at {
        let more = if at_six { " \"fd00:10:0:a::7\"" } else { "" };
        let _ = write!(out, "; at \"10.10.10.7\"{more}");
    }
    if case.containers[0] {
        let more = six(case.containers[1], "fd00:ffff::/64");
        let _ = write!(out, "; containers docker0 cidr=\"172.17.0.0/16\"{more}");
    }
    for door in OWN.iter().filter(|door| door.protocol != "icmp6" || case.own_six) {
        let _ = write!(out, "; listens {} {} tls=none", door.name, door.words);
    }
    for (name, port, said) in [("four", 67, gives4), ("six", 547, gives6)] {
        if said {
            let _ = write!(out, "; listens {name} udp={port} tls=none");
        }
    }
    out.push_str(" }\n");
    for peer in &PEERS {
        let has_six = case.six[peer.segment];
        let said: Vec<String> = peer
            .at
            .iter()
            .filter(|at| has_six || !is_six(at))
            .map(|at| format!("\"{at}\""))
            .collect();
        let segment = ["cells", "vision"][peer.segment];
        let _ = write!(out, "workload {} segment={segment} runs-on=onprem {{", peer.name);
        if !said.is_empty() {
            let _ = write!(out, " at {};", said.join(" "));
        }
        let listens_six = has_six && (peer.at.is_empty() || peer.at.iter().any(|at| is_six(at)));
        for door in THEIRS
            .iter()
            .filter(|door| door.protocol != "icmp6" || listens_six)
        {
            let _ = write!(out, " listens {} {} tls=none;", door.name, door.words);
        }
        out.push_str(" }\n");
    }
    out.push_str("workload leases segment=ops runs-on=onprem { listens four udp=67 tls=none; listens six udp=547 tls=none }\n");
    let mut trust = |from: &str, to: String| {
        let _ = writeln!(
            out,
            "trust {from} -> {to} {{ allow connect accept=segment; because \"drawn\" }}"
        );
    };
    for (peer, door) in &case.out {
        trust("gateway", format!("{}.{}", PEERS[*peer].name, door.name));
    }
    for (peer, door) in &case.into {
        trust(PEERS[*peer].name, format!("gateway.{}", door.name));
    }
    for (from, to, said) in [
        ("gateway", "leases.four", asks4),
        ("gateway", "leases.six", asks6),
        ("leases", "gateway.four", gives4),
        ("leases", "gateway.six", gives6),
    ] {
        if said {
            trust(from, to.to_owned());
        }
    }
    if case.sort == Sort::Acl {
        out = out
            .lines()
            .filter(|line| !line.contains("workload leases"))
            .map(|line| format!("{line}\n"))
            .collect();
    }
    out.replace("{;", "{")
}
