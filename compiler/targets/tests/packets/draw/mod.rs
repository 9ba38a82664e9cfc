//! Drawn specs of a host among its peers, with what each packet must do: from the spec alone, by listing.

mod written;

use serde_json::{Value, json};

use self::written::text;

/// A linear congruential generator: the same seed draws the same.
pub(super) struct Draw(u64);

impl Draw {
    pub(super) fn new(seed: u64) -> Self {
        Self(
            seed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
                .wrapping_add(0x2545_f491_4f6c_dd1d),
        )
    }

    pub(super) fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % most
    }

    fn says(&mut self, of_ten: usize) -> bool {
        self.below(10) < of_ten
    }
}

/// What a case is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// A Linux host on premises, with its firewall.
    Host,
    /// A segment of a network of the provider, with its ACL, and a site.
    Acl,
}

/// One port of something, or ICMP.
#[derive(Clone, Copy)]
struct Door {
    name: &'static str,
    words: &'static str,
    protocol: &'static str,
    first: u16,
    last: u16,
}

const fn door(
    name: &'static str,
    words: &'static str,
    protocol: &'static str,
    first: u16,
    last: u16,
) -> Door {
    Door {
        name,
        words,
        protocol,
        first,
        last,
    }
}

const OWN: [Door; 7] = [
    door("web", "tcp=8080", "tcp", 8080, 8080),
    door("alt", "udp=8081", "udp", 8081, 8081),
    door("more", "tcp=\"8090-8092\"", "tcp", 8090, 8092),
    door("ping", "icmp=8", "icmp", 0, 0),
    door("ping6", "icmp6=128", "icmp6", 0, 0),
    door("pub", "tcp=7001", "tcp", 7001, 7001),
    door("pubs", "udp=7002", "udp", 7002, 7002),
];

const THEIRS: [Door; 4] = [
    door("opcua", "tcp=4840", "tcp", 4840, 4840),
    door("data", "udp=\"9000-9003\"", "udp", 9000, 9003),
    door("ping", "icmp=8", "icmp", 0, 0),
    door("ping6", "icmp6=128", "icmp6", 0, 0),
];

/// One who speaks with the host: where, by which addresses; without any it has its whole segment.
struct Peer {
    name: &'static str,
    segment: usize,
    at: &'static [&'static str],
}

const PEERS: [Peer; 4] = [
    Peer {
        name: "clock",
        segment: 0,
        at: &["10.10.1.5", "fd00:10:0:1::5"],
    },
    Peer {
        name: "pool",
        segment: 0,
        at: &["10.10.1.32/28"],
    },
    Peer {
        name: "store",
        segment: 1,
        at: &["10.10.2.9"],
    },
    Peer {
        name: "hall",
        segment: 1,
        at: &[],
    },
];

/// Addresses that are asked: of each peer, and beside.
const ASKED: [(&str, &[usize]); 10] = [
    ("10.10.1.5", &[0]),
    ("10.10.1.6", &[]),
    ("10.10.1.33", &[1]),
    ("10.10.1.48", &[]),
    ("10.10.2.9", &[2, 3]),
    ("10.10.2.10", &[3]),
    ("fd00:10:0:1::5", &[0]),
    ("fd00:10:0:1::6", &[]),
    ("fd00:10:0:2::9", &[3]),
    ("198.51.100.7", &[]),
];

const HOST: [&str; 2] = ["10.10.10.7", "fd00:10:0:a::7"];
const BRIDGE: [&str; 2] = ["172.17.0.1", "fd00:ffff::1"];
const CONTAINER: [&str; 2] = ["172.17.0.2", "fd00:ffff::2"];

/// A drawn spec with its probes, and what each must find.
pub(super) struct Drawn {
    pub(super) text: String,
    pub(super) probes: Vec<Value>,
    pub(super) wanted: Vec<bool>,
}

struct Case {
    sort: Sort,
    /// Whether the host has IPv6, and the two segments of its peers.
    own_six: bool,
    six: [bool; 2],
    /// Trusts, by peer and door.
    out: Vec<(usize, Door)>,
    into: Vec<(usize, Door)>,
    /// Whose packets are the host's: of IPv4, of IPv6.
    containers: [bool; 2],
    probes: Vec<Value>,
    wanted: Vec<bool>,
}

fn is_six(address: &str) -> bool {
    address.contains(':')
}

fn of(pair: [&'static str; 2], six: bool) -> &'static str {
    pair[usize::from(six)]
}

impl Case {
    fn holds(&self, peer: usize, at: &str, known: &[usize]) -> bool {
        known.contains(&peer) && (!is_six(at) || self.six[PEERS[peer].segment])
    }

    /// Whether some trust opens it, in a family that the host has.
    fn is_open(&self, egress: bool, at: &str, known: &[usize], protocol: &str, port: u16) -> bool {
        let trusts = if egress { &self.out } else { &self.into };
        (!is_six(at) || self.own_six)
            && trusts.iter().any(|(peer, door)| {
                self.holds(*peer, at, known)
                    && door.protocol == protocol
                    && (door.first..=door.last).contains(&port)
            })
    }

    fn add(&mut self, mut probe: Value, wanted: bool) {
        probe["patient"] = json!(wanted);
        self.probes.push(probe);
        self.wanted.push(wanted);
    }

    /// A packet to a port, `dialled`, of an address; it arrives at a server that may be another's, behind a translation.
    fn port(
        &mut self,
        kind: &str,
        (from, source): (&str, &str),
        (to, dialled): (&str, u16),
        (space, server, port): (&str, &str, u16),
        wanted: bool,
    ) {
        self.add(
            json!({ "kind": kind, "from": from, "source": source, "to": to, "dial": dialled, "space": space,
                "server": server, "port": port }),
            wanted,
        );
    }

    fn echo(&mut self, (from, source): (&str, &str), to: &str, wanted: bool) {
        self.add(
            json!({ "kind": "echo", "from": from, "source": source, "to": to }),
            wanted,
        );
    }

    fn outward(&mut self, draw: &mut Draw) {
        let ports = [
            ("tcp", 4840),
            ("tcp", 4841),
            ("udp", 9000),
            ("udp", 9004),
            ("tcp", 9001),
        ];
        for (at, known) in ASKED {
            let six = is_six(at);
            let icmp = if six { "icmp6" } else { "icmp" };
            let senders = [
                ("H", of(HOST, six), true),
                ("C", of(CONTAINER, six), self.containers[usize::from(six)]),
            ];
            for (space, source, is_own) in senders {
                if self.sort == Sort::Acl && space == "C" {
                    continue;
                }
                for (protocol, port) in ports {
                    let open = is_own && self.is_open(true, at, known, protocol, port);
                    // What an ACL lets back for replies reaches further than one port.
                    if self.sort == Sort::Acl && !open {
                        continue;
                    }
                    self.port(protocol, (space, source), (at, port), ("W", at, port), open);
                    if open && protocol == "tcp" && draw.says(5) {
                        self.port("send", (space, source), (at, port), ("W", at, port), true);
                    }
                }
                let open = is_own && self.is_open(true, at, known, icmp, 0);
                if self.sort == Sort::Host || open {
                    self.echo((space, source), at, open);
                }
                self.port("tcp", (space, source), (at, 22), ("W", at, 22), false);
            }
            if self.sort == Sort::Host && !six {
                // Containers that nothing declares.
                for (protocol, port) in ports {
                    self.port(protocol, ("D", "172.30.0.2"), (at, port), ("W", at, port), false);
                }
            }
        }
    }

    fn inward(&mut self, draw: &mut Draw) {
        let ports = [
            ("tcp", 8080),
            ("udp", 8080),
            ("udp", 8081),
            ("tcp", 8091),
            ("tcp", 8093),
        ];
        for (at, known) in ASKED {
            let six = is_six(at);
            let (host, from) = (of(HOST, six), ("W", at));
            for (protocol, port) in ports {
                let open = self.is_open(false, at, known, protocol, port);
                if self.sort == Sort::Acl && !open {
                    continue;
                }
                self.port(protocol, from, (host, port), ("H", host, port), open);
                if open && protocol == "tcp" && draw.says(5) {
                    self.port("fetch", from, (host, port), ("H", host, port), true);
                }
            }
            let icmp = if six { "icmp6" } else { "icmp" };
            let open = self.is_open(false, at, known, icmp, 0);
            if self.sort == Sort::Host || open {
                self.echo(from, host, open);
            }
            self.port("tcp", from, (host, 22), ("H", host, 22), false);
            if self.sort == Sort::Host {
                let container = of(CONTAINER, six);
                for (protocol, port) in [("tcp", 7001), ("tcp", 7003), ("udp", 7002), ("udp", 7001)] {
                    let open =
                        self.containers[usize::from(six)] && self.is_open(false, at, known, protocol, port);
                    self.port(protocol, from, (host, port), ("C", container, 80), open);
                }
                // To the address of a container leads nothing.
                self.port("tcp", from, (container, 7001), ("C", container, 7001), false);
                self.port("tcp", from, (container, 8080), ("C", container, 8080), false);
            }
        }
    }

    /// The host and its containers are one; those that nothing declares are not.
    fn inside(&mut self) {
        for six in [false, true] {
            let (bridge, container) = (of(BRIDGE, six), of(CONTAINER, six));
            let own = self.containers[usize::from(six)];
            self.port("tcp", ("H", bridge), (container, 81), ("C", container, 81), own);
            self.port("tcp", ("C", container), (bridge, 82), ("H", bridge, 82), own);
        }
        self.port(
            "tcp",
            ("H", "172.30.0.1"),
            ("172.30.0.2", 81),
            ("D", "172.30.0.2", 81),
            false,
        );
        self.port(
            "tcp",
            ("D", "172.30.0.2"),
            ("172.30.0.1", 82),
            ("H", "172.30.0.1", 82),
            false,
        );
        self.port(
            "tcp",
            ("D", "172.30.0.2"),
            ("172.17.0.2", 83),
            ("C", "172.17.0.2", 83),
            false,
        );
    }
}

/// One spec of a sort.
pub(super) fn drawn(sort: Sort, draw: &mut Draw) -> Drawn {
    let [ops_six, cells_six, hall_six] = [draw.says(7), draw.says(7), draw.says(5)];
    // A network that we create has no IPv6 of its own, and of one that exists the ACLs are its owner's.
    let ops_six = ops_six && sort == Sort::Host;
    let says_at = sort == Sort::Host && draw.says(4);
    // Its own addresses may leave IPv6 out.
    let at_six = ops_six && draw.says(5);
    let own_six = ops_six && (!says_at || at_six);
    let mut case = Case {
        sort,
        own_six,
        six: [cells_six, hall_six],
        out: Vec::new(),
        into: Vec::new(),
        containers: [false; 2],
        probes: Vec::new(),
        wanted: Vec::new(),
    };
    if sort == Sort::Host && draw.says(6) {
        case.containers = [true, ops_six && own_six && draw.says(6)];
    }
    let of_ten = 2 + draw.below(6);
    for (index, peer) in PEERS.iter().enumerate() {
        let peer_six = case.six[peer.segment] && (peer.at.is_empty() || peer.at.iter().any(|at| is_six(at)));
        for (own, doors) in [(false, &THEIRS[..]), (true, &OWN[..])] {
            for door in doors {
                let needs_six = door.protocol == "icmp6";
                let is_published = door.first / 10 == 700;
                if (needs_six && !(own_six && peer_six))
                    || (is_published && sort == Sort::Acl)
                    || !draw.says(of_ten)
                {
                    continue;
                }
                if own {
                    case.into.push((index, *door));
                } else {
                    case.out.push((index, *door));
                }
            }
        }
    }
    let [asks4, gives4, asks6, gives6] = [(); 4].map(|()| sort == Sort::Host && draw.says(2));
    let (asks6, gives6) = (asks6 && own_six, gives6 && own_six);
    let leases = [
        ("asks4", asks4),
        ("gives4", gives4),
        ("asks6", asks6),
        ("gives6", gives6),
    ];
    let text = text(
        &case,
        (ops_six, says_at.then_some(at_six)),
        leases.map(|(_, said)| said),
    );
    case.outward(draw);
    case.inward(draw);
    if sort == Sort::Host {
        case.inside();
        case.add(json!({ "kind": "advertised" }), own_six);
        case.add(json!({ "kind": "grouped" }), own_six);
        for (kind, said) in leases {
            case.add(json!({ "kind": kind }), said);
        }
    }
    Drawn {
        text,
        probes: case.probes,
        wanted: case.wanted,
    }
}
