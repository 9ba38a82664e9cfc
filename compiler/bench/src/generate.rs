//! A seeded generator of specs of any size: workloads spread over accounts so that quotas hold, fan-in bounded.

use std::fmt::Write as _;

/// Workloads in one account: the provider's default is 1,000 roles, some of which the account needs for itself.
const WORKLOADS_PER_ACCOUNT: usize = 900;
/// Workloads that share a set of stores: bounds how many principals a key policy names.
const WORKLOADS_PER_TEAM: usize = 10;
/// Stores that such a team has.
const STORES_PER_TEAM: usize = 8;

/// A small generator of numbers with a seed: the same spec on every machine.
/// Source: Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled" (xorshift64*).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        (number % bound.max(1) as u64) as usize
    }
}

/// Files of a project, by path.
pub(crate) type Files = Vec<(String, String)>;

/// Workloads with `trusts` trusts each.
pub(crate) fn workloads(count: usize, trusts: usize, seed: u64) -> Files {
    let mut random = Random::new(seed);
    let accounts = count.div_ceil(WORKLOADS_PER_ACCOUNT);
    let mut head = String::from("project bench edition=\"2026\" {\n");
    for account in 0..accounts {
        let _ = writeln!(
            head,
            "    account a{account} id=\"{:012}\" region=eu-central-1 {{ steward \"role/ops/deploy\" }}",
            100_000_000_000u64 + account as u64
        );
    }
    head.push_str("    default account=a0\n    targets aws-iam\n}\nuse \"std/baseline/zero-trust\"\nteam bench\nowner bench\n");
    let mut files = vec![("leastwise.kdl".to_owned(), head)];
    let teams = count.div_ceil(WORKLOADS_PER_TEAM);
    let mut text = String::new();
    for team in 0..teams {
        let account = team * WORKLOADS_PER_TEAM / WORKLOADS_PER_ACCOUNT;
        let _ = writeln!(text, "key k{team} account=a{account}");
        for store in 0..STORES_PER_TEAM {
            let _ = match store % 4 {
                0 | 1 => writeln!(
                    text,
                    "bucket b{team}-{store} account=a{account} {{ physical \"bench-b{team}-{store}\"; encrypted key=k{team}; retain \"30d\" }}"
                ),
                2 => writeln!(
                    text,
                    "queue b{team}-{store} account=a{account} {{ encrypted key=k{team} }}"
                ),
                _ => writeln!(
                    text,
                    "table b{team}-{store} account=a{account} {{ encrypted key=k{team} }}"
                ),
            };
        }
        for member in 0..WORKLOADS_PER_TEAM.min(count - team * WORKLOADS_PER_TEAM) {
            let _ = writeln!(
                text,
                "workload w{team}-{member} account=a{account} runs-on=lambda"
            );
            let first = random.below(STORES_PER_TEAM);
            for trust in 0..trusts {
                let store = (first + trust) % STORES_PER_TEAM;
                let (allow, narrow) = match store % 4 {
                    0 => ("write", format!("under \"w{member}/\"; ")),
                    1 => ("read", format!("under \"in{}/\"; ", random.below(100))),
                    2 => ("send", String::new()),
                    _ => ("read", String::new()),
                };
                let _ = writeln!(
                    text,
                    "trust w{team}-{member} -> b{team}-{store} {{ allow {allow}; {narrow}because \"Bench {team} {member} {store}\"; expires \"2027-06-30\" }}"
                );
            }
        }
        // Files of a size that people write.
        if text.len() > 200_000 || team + 1 == teams {
            let path = format!("teams-{:04}.kdl", files.len());
            files.push((path, format!("owner bench\n{text}")));
            text.clear();
        }
    }
    files
}

/// The same workloads with promises and tests about them, all of which hold: fifty chains, fifty limits, a hundred others,
/// and two hundred tests.
pub(crate) fn promises(count: usize, trusts: usize, seed: u64) -> Files {
    let mut files = workloads(count, trusts, seed);
    let teams = count.div_ceil(WORKLOADS_PER_TEAM);
    let mut random = Random::new(seed);
    let mut text = String::from("owner bench\n");
    let because = "because \"Bench\"";
    for _ in 0..50 {
        let one = random.below(teams);
        let other = (one + 1 + random.below(teams - 1)) % teams;
        let _ = writeln!(
            text,
            "never w{one}-0 -> b{other}-0 {{ through control data; {because} }}\n\
             limit w{one}-1 {{ objects at-most={STORES_PER_TEAM}; {because} }}\n\
             never w{one}-2 -> b{other}-1 {{ {because} }}\n\
             never * -> b{other}-0 {{ allow delete; {because} }}"
        );
    }
    for test in 0..200 {
        let one = random.below(teams);
        let other = (one + 1 + random.below(teams - 1)) % teams;
        let _ = writeln!(
            text,
            "test \"{test}\" {{ as w{one}-3 {{ cannot write b{other}-0; cannot receive kind:queue }} }}"
        );
    }
    files.push(("promises.kdl".to_owned(), text));
    files
}

/// Workloads in one network, each with a group of its own and `trusts` connections to others: groups and Terraform.
///
/// At most as many as an account has roles: one environment has one network.
pub(crate) fn network(count: usize, trusts: usize, seed: u64) -> Files {
    let mut random = Random::new(seed);
    let count = count.min(WORKLOADS_PER_ACCOUNT);
    let head = "project bench edition=\"2026\" {\n    account main id=\"111122223333\" region=eu-central-1\n    targets security-groups terraform\n}\n\
        team bench\nowner bench\nnetwork cloud cidr=\"10.0.0.0/16\" {\n    zones a b\n    segment app cidr=\"10.0.0.0/20\" { endpoints }\n}\n";
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
        let others = (0..trusts).map(|trust| (first + trust * 7) % count);
        for other in others.filter(|other| *other != member) {
            let _ = writeln!(
                text,
                "trust w{member} -> w{other}.http {{ allow connect; because \"Bench {member} {other}\"; expires \"2027-06-30\" }}"
            );
        }
    }
    vec![
        ("leastwise.kdl".to_owned(), head.to_owned()),
        ("workloads.kdl".to_owned(), text),
    ]
}

/// A fleet of `count` devices in one class whose members share their policy.
pub(crate) fn fleet(count: usize) -> Files {
    let head = "project bench edition=\"2026\" {\n    account main id=\"111122223333\" region=eu-central-1\n}\nteam bench\nowner bench\n\
        authority bench-ca { root offline }\n\
        device sensor {\n    hardware embedded\n    identity x509 ca=bench-ca key=secure-element\n    fleet \"sensors.csv\"\n    speaks mqtt 8883\n}\n\
        topic data of=sensor { path \"dt/{line}/{name}/raw\" }\n\
        trust sensor -> data { allow publish; because \"Data\"; expires \"2027-06-30\" }\n";
    let mut rows = String::with_capacity(count * 24);
    rows.push_str("name,line,asset\n");
    for row in 0..count {
        let _ = writeln!(rows, "s{row:07},l{},stand {}", row % 50, row % 977);
    }
    vec![
        ("leastwise.kdl".to_owned(), head.to_owned()),
        ("sensors.csv".to_owned(), rows),
    ]
}
