//! Workloads in one network, each with a group of its own, and connections between them: groups and Terraform.
//!
//! At most as many workloads as an account has roles: one environment has one network.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::random::Random;
use super::workloads::WORKLOADS_PER_ACCOUNT;
use super::{Files, Targets};

/// Connections of one workload where connections are counted: far below the quota of rules of a group.
const CONNECTIONS: usize = 12;

/// About `count` connections.
pub(super) fn flows(count: usize, targets: Targets) -> Files {
    // Two more, since some are drawn to themselves and left out.
    network(count / CONNECTIONS + 2, CONNECTIONS, targets)
}

/// Workloads with so many connections to others.
pub(super) fn network(count: usize, connections: usize, targets: Targets) -> Files {
    let mut random = Random::new();
    let count = count.min(WORKLOADS_PER_ACCOUNT);
    let head = format!(
        "project bench edition=\"2026\" {{\n    account main id=\"111122223333\" region=eu-central-1\n{}}}\n\
         team bench\nowner bench\nnetwork cloud cidr=\"10.0.0.0/16\" {{\n    zones a b\n    segment app cidr=\"10.0.0.0/20\" {{ endpoints }}\n}}\n",
        targets.line("security-groups terraform")
    );
    let mut text = String::from("owner bench\n");
    for member in 0..count {
        let port = 8000 + member % 50;
        let _ = writeln!(
            text,
            "workload w{member} segment=app runs-on=ec2 {{ listens http tcp={port} tls=required }}"
        );
    }
    for member in 0..count {
        let first = random.below(count);
        // Seven apart, so that neighbours do not open the same listeners.
        let others: BTreeSet<usize> = (0..connections)
            .map(|trust| (first + trust * 7) % count)
            .collect();
        for other in others.iter().filter(|other| **other != member) {
            let _ = writeln!(
                text,
                "trust w{member} -> w{other}.http {{ allow connect; because \"Bench {member} {other}\"; expires \"2027-06-30\" }}"
            );
        }
    }
    vec![
        ("leastwise.kdl".to_owned(), head),
        ("workloads.kdl".to_owned(), text),
    ]
}
