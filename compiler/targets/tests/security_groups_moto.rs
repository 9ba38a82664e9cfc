//! The script of `security-groups`, by execution: against a local `moto_server`, with the real AWS CLI.
//!
//! Runs if `LEASTWISE_ORACLES` is set, and needs `aws`, `moto_server`, `jq`, `bash` and `shellcheck`, in `.tools/venv/bin` or on the path. Otherwise it
//! says loudly that it was skipped.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "an oracle is another process: it needs files, a clock and the environment, and says when it was skipped"
)]

use std::collections::BTreeSet;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use aws::deployment::network::{Group, GroupRule, Network, Peer};
use aws::deployment::{Account, Because, Cause, Deployment, identity};
use bundle::Bundle;
use diagnostics::Report;
use model::value::{Block, Ports};
use serde_json::Value;
use shelf::oracle;

/// The account that moto answers for.
const ACCOUNT: &str = "123456789012";

/// Calls that change something.
const WRITES: [&str; 6] = [
    "create-",
    "authorize-",
    "revoke-",
    "delete-",
    "modify-",
    "update-",
];

#[test]
fn the_script_reaches_the_declared_state_and_the_second_run_writes_nothing() {
    if !oracle::is_asked("security groups against moto") {
        return;
    }
    let cloud = Cloud::start();
    let vpc = cloud.aws(&[
        "ec2",
        "create-vpc",
        "--cidr-block",
        "10.40.0.0/16",
        "--amazon-provided-ipv6-cidr-block",
    ]);
    let vpc = vpc["Vpc"]["VpcId"].as_str().unwrap().to_owned();
    cloud.aws(&[
        "ec2",
        "create-tags",
        "--resources",
        &vpc,
        "--tags",
        "Key=Name,Value=cloud",
    ]);
    // Another network with the same block, and a group of somebody else's.
    cloud.aws(&["ec2", "create-vpc", "--cidr-block", "10.40.0.0/16"]);
    let foreign = cloud.aws(&[
        "ec2",
        "create-security-group",
        "--group-name",
        "foreign",
        "--description",
        "x",
        "--vpc-id",
        &vpc,
    ]);
    let foreign = foreign["GroupId"].as_str().unwrap().to_owned();
    let before = cloud.state(&vpc, &["foreign", "default"]);

    let by_tag = cloud.install("by-tag", &emitted(None));
    let dry = cloud.run(&by_tag, &["--dry-run"]);
    assert_eq!(dry.code, Some(1), "a dry run that found a difference");
    assert_eq!(dry.writes, Vec::<String>::new(), "a dry run writes");

    let first = cloud.apply(&by_tag, &[]);
    assert!(
        first
            .text
            .contains("as declared: created 4 groups, added 13 rules"),
        "{}",
        first.text
    );
    let taken = counted(&first.text, "took ");
    let says = format!("4 groups to create, 13 rules to add, {taken} to take");
    assert!(dry.text.contains(&says), "{says}\n{}", dry.text);
    let nothing = cloud.run(&by_tag, &["--dry-run"]);
    assert_eq!(nothing.code, Some(0), "{}", nothing.text);
    assert_eq!(
        cloud.state(&vpc, &NAMES),
        declared(),
        "the state is not what is declared"
    );
    assert_eq!(
        cloud.state(&vpc, &["foreign", "default"]),
        before,
        "a group that is not listed was touched"
    );
    // One call for each group and direction that has rules, and one each to take what a new group starts with.
    let count = |writes: &[String], call: &str| writes.iter().filter(|line| line.contains(call)).count();
    assert_eq!(count(&first.writes, "create-security-group"), 4);
    assert_eq!(count(&first.writes, "authorize-"), 5);
    assert_eq!(count(&first.writes, "revoke-"), 4);

    let second = cloud.apply(&by_tag, &[]);
    assert_eq!(second.writes, Vec::<String>::new(), "the second run writes");
    assert!(
        second
            .text
            .contains("as declared: created 0 groups, added 0 rules, took 0 rules"),
        "{}",
        second.text
    );

    // Drift: a rule too many, one too few, a group that is not declared any more. The same network, named by id.
    let front = cloud.group(&vpc, "front");
    let surplus = r#"[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"0.0.0.0/0"}],"Ipv6Ranges":[{"CidrIpv6":"::/0"}]}]"#;
    cloud.aws(&[
        "ec2",
        "authorize-security-group-ingress",
        "--group-id",
        &front,
        "--ip-permissions",
        surplus,
    ]);
    let lost = r#"[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"Ipv6Ranges":[{"CidrIpv6":"::/0"}]}]"#;
    cloud.aws(&[
        "ec2",
        "revoke-security-group-ingress",
        "--group-id",
        &front,
        "--ip-permissions",
        lost,
    ]);
    cloud.aws(&[
        "ec2",
        "create-tags",
        "--resources",
        &foreign,
        "--tags",
        "Key=leastwise,Value=shop",
    ]);
    let by_id = cloud.install("by-id", &emitted(Some(&vpc)));
    let third = cloud.apply(&by_id, &[]);
    assert!(
        third
            .text
            .contains("created 0 groups, added 1 rules, took 2 rules"),
        "{}",
        third.text
    );
    assert!(
        third.text.contains("group \"foreign\" is not declared any more"),
        "{}",
        third.text
    );
    assert_eq!(cloud.state(&vpc, &NAMES), declared());

    // The wrong account, and a network that is not there: nothing is written.
    for (from, to) in [(ACCOUNT, "999988887777"), (vpc.as_str(), "vpc-00000000")] {
        let text = std::fs::read_to_string(by_id.join("network.json")).unwrap();
        std::fs::write(by_id.join("network.json"), text.replace(from, to)).unwrap();
        let refused = cloud.run(&by_id, &[]);
        assert!(!refused.ok, "{}", refused.text);
        assert_eq!(refused.writes, Vec::<String>::new());
        std::fs::write(by_id.join("network.json"), text).unwrap();
    }
}

/// Groups of listed names that are somebody else's: nothing is written until they are named.
#[test]
fn a_group_without_the_tag_is_left_alone_until_it_is_adopted() {
    if !oracle::is_asked("somebody else's security groups against moto") {
        return;
    }
    let cloud = Cloud::start();
    let vpc = cloud.network();
    let front = cloud.create(&vpc, "front", None);
    cloud.create(&vpc, "data", Some("shop"));
    let web = cloud.create(&vpc, NAMES[3], Some("another-project"));
    let rule = r#"[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"IpRanges":[{"CidrIp":"203.0.113.0/24"}]}]"#;
    cloud.allow(&front, rule);
    cloud.allow(&web, rule);
    let before = cloud.state(&vpc, &NAMES);
    let folder = cloud.install("foreign", &emitted(None));
    for arguments in [&[][..], &["--dry-run"], &["--adopt", "front"]] {
        let refused = cloud.run(&folder, arguments);
        assert_eq!(refused.code, Some(1), "{}", refused.text);
        assert_eq!(refused.writes, Vec::<String>::new(), "{arguments:?}");
        assert!(refused.text.contains("nothing was written"), "{}", refused.text);
        assert!(refused.text.contains(NAMES[3]), "{}", refused.text);
    }
    assert_eq!(cloud.state(&vpc, &NAMES), before);
    let unknown = cloud.run(&folder, &["--adopt", "fronts"]);
    assert_eq!(
        (unknown.code, unknown.writes.len()),
        (Some(1), 0),
        "{}",
        unknown.text
    );
    let usage = cloud.run(&folder, &["--adopt"]);
    assert_eq!(usage.code, Some(2), "{}", usage.text);

    let both = ["--adopt", "front", "--adopt", NAMES[3]];
    let dry = cloud.run(&folder, &[&both[..], &["--dry-run"]].concat());
    assert_eq!((dry.code, dry.writes.len()), (Some(1), 0), "{}", dry.text);
    assert!(
        dry.text.contains("taking over front: 2 of its rules go"),
        "{}",
        dry.text
    );
    assert!(
        dry.text.contains("203.0.113.0/24"),
        "what goes is not said: {}",
        dry.text
    );
    let adopted = cloud.apply(&folder, &both);
    assert_eq!(cloud.state(&vpc, &NAMES), declared(), "{}", adopted.text);
    let again = cloud.apply(&folder, &[]);
    assert_eq!(again.writes, Vec::<String>::new(), "{}", again.text);
}

/// Networks in every state that a run may find: after drift, and after a run that ended in the middle.
///
/// Three of them; all forty with `LEASTWISE_ORACLES=full`.
#[test]
fn from_whatever_state_a_run_ends_as_declared() {
    if !oracle::is_asked("the script from forty states against moto") {
        return;
    }
    let states = if oracle::is_full() { 40 } else { 3 };
    let cloud = Cloud::start();
    for state in 0..states {
        let vpc = cloud.network();
        let folder = cloud.install(&format!("state-{state}"), &emitted(Some(&vpc)));
        // A small generator: the same states in each run.
        let mut seed: u64 = 0x9e37_79b9_7f4a_7c15 ^ (state * 0x0100_0193);
        let mut draw = |below: u64| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        // A run that stops at some write, once or twice.
        for _ in 0..draw(3) {
            let stopped = cloud.run_until(&folder, 1 + draw(12));
            assert!(!stopped.ok || stopped.writes.is_empty() || stopped.text.contains("as declared"));
        }
        let names = cloud.groups(&vpc);
        let ours = names.iter().filter(|group| group["GroupName"] != "default");
        for group in ours {
            let id = group["GroupId"].as_str().unwrap();
            if draw(2) == 0 {
                let port = 1000 + draw(5000);
                let surplus = format!(
                    r#"[{{"IpProtocol":"tcp","FromPort":{port},"ToPort":{port},"IpRanges":[{{"CidrIp":"198.51.100.0/24"}}]}}]"#
                );
                cloud.allow(id, &surplus);
            }
            let present = group["IpPermissions"].as_array().unwrap();
            if draw(3) == 0 && !present.is_empty() {
                let lost = serde_json::to_string(&[&present[0]]).unwrap();
                cloud.aws(&[
                    "ec2",
                    "revoke-security-group-ingress",
                    "--group-id",
                    id,
                    "--ip-permissions",
                    &lost,
                ]);
            }
        }
        let run = cloud.apply(&folder, &[]);
        assert_eq!(
            cloud.state(&vpc, &NAMES),
            declared(),
            "state {state}: {}",
            run.text
        );
        let again = cloud.apply(&folder, &[]);
        assert_eq!(
            again.writes,
            Vec::<String>::new(),
            "state {state}: {}",
            again.text
        );
    }
}

#[test]
fn shellcheck_has_nothing_to_say() {
    if !oracle::is_asked("shellcheck of apply.sh") {
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/security_groups/apply.sh");
    let checked = Command::new("shellcheck")
        .arg(script)
        .env("PATH", tools())
        .output();
    let checked = checked
        .unwrap_or_else(|error| panic!("LEASTWISE_ORACLES is set, and there is no `shellcheck`: {error}"));
    assert!(checked.status.success(), "{}", text(&checked));
}

/// Where programs are looked for.
fn tools() -> String {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/venv/bin");
    format!(
        "{}:{}",
        tools.display(),
        std::env::var("PATH").unwrap_or_default()
    )
}

const NAMES: [&str; 4] = ["data", "endpoint-s3", "front", "web $(id) {x}"];

/// A group that carries rules of every shape, two that name each other, and names that a shell must not read.
fn network(existing: Option<&str>) -> Network {
    let tcp = |first, last| Ports {
        protocol: 6,
        first,
        last,
    };
    let all = |six| {
        Peer::Block(Block {
            six,
            first: 0,
            prefix_bits: 0,
        })
    };
    let four = Peer::Block(Block {
        six: false,
        first: 0x0a0a_0100,
        prefix_bits: 24,
    });
    let six = Peer::Block(Block {
        six: true,
        first: 0xfd00_0000_0000_0001 << 64,
        prefix_bits: 64,
    });
    let rule = |egress, ports, peer| GroupRule {
        egress,
        ports,
        peer,
        label: String::new(),
        description: "Shoppers; 100% `$(touch x)`".replace(['%', '`'], "-"),
        because: because(),
    };
    let group = |name: &str, rules| Group {
        name: name.to_owned(),
        address: String::new(),
        label: String::new(),
        renamed_from: None,
        description: format!("Identity of {name}"),
        rules,
        because: because(),
    };
    let groups = vec![
        group(
            "data",
            vec![
                rule(false, tcp(5432, 5432), Peer::Group(3)),
                rule(
                    false,
                    Ports {
                        protocol: 1,
                        first: 0x0800,
                        last: 0x08ff,
                    },
                    four.clone(),
                ),
                rule(
                    false,
                    Ports {
                        protocol: 58,
                        first: 0x8000,
                        last: 0x8000,
                    },
                    six.clone(),
                ),
                rule(
                    false,
                    Ports {
                        protocol: 50,
                        first: 0,
                        last: 65_535,
                    },
                    four.clone(),
                ),
            ],
        ),
        group("endpoint-s3", Vec::new()),
        group(
            "front",
            vec![
                rule(false, tcp(443, 443), all(false)),
                rule(false, tcp(443, 443), all(true)),
                rule(
                    false,
                    Ports {
                        protocol: 17,
                        first: 8000,
                        last: 8010,
                    },
                    six,
                ),
                rule(true, tcp(8080, 8080), Peer::Group(3)),
            ],
        ),
        group(
            NAMES[3],
            vec![
                rule(false, tcp(8080, 8080), Peer::Group(2)),
                rule(false, tcp(0, 65_535), Peer::Group(3)),
                rule(false, tcp(9090, 9091), four),
                rule(true, tcp(5432, 5432), Peer::Group(0)),
                rule(true, tcp(0, 65_535), Peer::Group(3)),
            ],
        ),
    ];
    Network {
        name: "cloud".to_owned(),
        account: "shop".to_owned(),
        stack: 0,
        address: String::new(),
        existing: existing.map(str::to_owned),
        cidr: Block {
            six: false,
            first: 0x0a28_0000,
            prefix_bits: 16,
        },
        cidr6: None,
        label: "cloud".to_owned(),
        renamed_from: None,
        subnets: Vec::new(),
        gateways: Vec::new(),
        attachment: None,
        tables: Vec::new(),
        acls: Vec::new(),
        groups,
        endpoints: Vec::new(),
        because: because(),
    }
}

fn because() -> Because {
    let span = source::Span {
        file: source::FileId(0),
        start: 0,
        end: 1,
    };
    [Cause {
        span,
        sentence: "Shoppers".into(),
    }]
    .into()
}

fn emitted(existing: Option<&str>) -> Bundle {
    let deployment = Deployment {
        project: "shop".to_owned(),
        environment: None,
        tags: Vec::new(),
        accounts: vec![Account {
            name: "shop".to_owned(),
            number: ACCOUNT.to_owned(),
            region: "eu-central-1".to_owned(),
            partition: "aws".to_owned(),
        }],
        symbols: arena::Names::default(),
        variables: arena::Names::default(),
        stacks: Vec::new(),
        origins: Vec::new(),
        identity: identity::Identity::default(),
        networks: vec![network(existing)],
        stores: Vec::new(),
        classes: Vec::new(),
        rules: Vec::new(),
        identifiers: std::collections::BTreeMap::new(),
        requests: Vec::new(),
        sides: Vec::new(),
    };
    let mut report = Report::default();
    let bundle = targets::emit(
        &deployment,
        &[bundle::target::SECURITY_GROUPS.to_owned()],
        &mut report,
    );
    let bundle = bundle.unwrap_or_else(|| panic!("{:?}", report.diagnostics()));
    // What is run here is what `read` takes for known.
    let facts = read::read(&bundle, &mut report);
    assert!(facts.iter().all(|facts| facts.unread.is_empty()), "{facts:?}");
    assert_eq!(facts.iter().map(|facts| facts.leaves.frozen).sum::<u64>(), 1);
    bundle
}

/// Rules as lines, worked out from the decisions and not from the emitted files.
fn declared() -> BTreeSet<String> {
    let network = network(None);
    let mut lines: BTreeSet<String> = network.groups.iter().map(|group| group.name.clone()).collect();
    for group in &network.groups {
        for rule in &group.rules {
            let way = if rule.egress { "out" } else { "in" };
            let ports = rule.ports;
            let ports = match ports.protocol {
                6 => format!("tcp {} {}", ports.first, ports.last),
                17 => format!("udp {} {}", ports.first, ports.last),
                1 => "icmp 8 -1".to_owned(),
                58 => "icmpv6 128 0".to_owned(),
                other => format!("{other} -1 -1"),
            };
            let peer = match &rule.peer {
                Peer::Group(index) => network.groups[*index].name.clone(),
                Peer::Worn(id) => id.clone(),
                Peer::Block(block) => block.to_string(),
            };
            lines.insert(format!("{} {way} {ports} {peer}", group.name));
        }
    }
    lines
}

/// What one run did.
struct Run {
    ok: bool,
    code: Option<i32>,
    text: String,
    writes: Vec<String>,
}

/// A moto server, and a folder whose `aws` notes every call. Both are gone in the end.
struct Cloud {
    server: Child,
    folder: PathBuf,
    port: u16,
    path: String,
}

impl Drop for Cloud {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Cloud {
    fn start() -> Self {
        let path = tools();
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let folder = std::env::temp_dir().join(format!("leastwise-moto-{}-{port}", std::process::id()));
        std::fs::create_dir_all(folder.join("bin")).unwrap();
        let find = Command::new("bash")
            .args(["-c", "command -v aws"])
            .env("PATH", &path)
            .output()
            .unwrap();
        let aws = String::from_utf8(find.stdout).unwrap();
        assert!(
            find.status.success(),
            "LEASTWISE_ORACLES is set, and there is no `aws`"
        );
        let wrapper = format!(
            "#!/bin/sh\nprintf '%s\\n' \"$*\" >>'{0}/calls'\n{2}exec '{1}' \"$@\"\n",
            folder.display(),
            aws.trim(),
            // The script is killed at its write number `stop`.
            format_args!(
                "if [ -f '{0}/stop' ] && [ \"$(grep -cE ' (create|authorize|revoke)-' '{0}/calls')\" -ge \"$(cat '{0}/stop')\" ]; then kill -9 $PPID; exit 1; fi\n",
                folder.display()
            )
        );
        std::fs::write(folder.join("bin/aws"), wrapper).unwrap();
        let made = Command::new("chmod")
            .arg("+x")
            .arg(folder.join("bin/aws"))
            .status()
            .unwrap();
        assert!(made.success());
        let server = Command::new("moto_server")
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env("PATH", &path)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("LEASTWISE_ORACLES is set, and `moto_server` does not start: {error}")
            });
        let cloud = Self {
            server,
            path: format!("{}:{path}", folder.join("bin").display()),
            folder,
            port,
        };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "moto_server does not answer"
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        cloud
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env("PATH", &self.path)
            .env("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.port))
            .env("AWS_ACCESS_KEY_ID", "testing")
            .env("AWS_SECRET_ACCESS_KEY", "testing")
            .env("AWS_CONFIG_FILE", self.folder.join("none"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.folder.join("none"))
            .env("AWS_DEFAULT_REGION", "eu-central-1")
            .env("NO_PROXY", "127.0.0.1")
            .current_dir(&self.folder);
        command
    }

    fn aws(&self, arguments: &[&str]) -> Value {
        let output = self
            .command(Path::new("aws"))
            .args(arguments)
            .args(["--output", "json"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", text(&output));
        serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
    }

    fn install(&self, name: &str, bundle: &Bundle) -> PathBuf {
        let to = self.folder.join(format!("{name} of the shop"));
        std::fs::create_dir_all(&to).unwrap();
        for (path, file) in bundle.iter() {
            let file_name = path.rsplit('/').next().unwrap();
            std::fs::write(to.join(file_name), &file.bytes).unwrap();
        }
        to
    }

    fn run(&self, folder: &Path, arguments: &[&str]) -> Run {
        let _ = std::fs::remove_file(self.folder.join("calls"));
        let output = self
            .command(Path::new("bash"))
            .arg(folder.join("apply.sh"))
            .args(arguments)
            .output()
            .unwrap();
        let calls = std::fs::read_to_string(self.folder.join("calls")).unwrap_or_default();
        let is_write = |line: &&str| WRITES.iter().any(|call| line.contains(&format!(" {call}")));
        let writes = calls.lines().filter(is_write).map(str::to_owned).collect();
        Run {
            ok: output.status.success(),
            code: output.status.code(),
            text: text(&output),
            writes,
        }
    }

    fn apply(&self, folder: &Path, arguments: &[&str]) -> Run {
        let run = self.run(folder, arguments);
        assert!(run.ok, "{}", run.text);
        run
    }

    /// The same, killed at its write of this number, counted from 1.
    fn run_until(&self, folder: &Path, write: u64) -> Run {
        std::fs::write(self.folder.join("stop"), write.to_string()).unwrap();
        let run = self.run(folder, &[]);
        std::fs::remove_file(self.folder.join("stop")).unwrap();
        run
    }

    /// A network that the script finds by its name.
    fn network(&self) -> String {
        let vpc = self.aws(&["ec2", "create-vpc", "--cidr-block", "10.40.0.0/16"]);
        let vpc = vpc["Vpc"]["VpcId"].as_str().unwrap().to_owned();
        self.aws(&[
            "ec2",
            "create-tags",
            "--resources",
            &vpc,
            "--tags",
            "Key=Name,Value=cloud",
        ]);
        vpc
    }

    /// A group, with the tag of a project if one is said.
    fn create(&self, vpc: &str, name: &str, project: Option<&str>) -> String {
        let group = self.aws(&[
            "ec2",
            "create-security-group",
            "--group-name",
            name,
            "--description",
            "x",
            "--vpc-id",
            vpc,
        ]);
        let id = group["GroupId"].as_str().unwrap().to_owned();
        if let Some(project) = project {
            let tag = format!("Key=leastwise,Value={project}");
            self.aws(&["ec2", "create-tags", "--resources", &id, "--tags", &tag]);
        }
        id
    }

    fn allow(&self, id: &str, permissions: &str) {
        self.aws(&[
            "ec2",
            "authorize-security-group-ingress",
            "--group-id",
            id,
            "--ip-permissions",
            permissions,
        ]);
    }

    fn groups(&self, vpc: &str) -> Vec<Value> {
        let filter = format!("Name=vpc-id,Values={vpc}");
        let groups = self.aws(&["ec2", "describe-security-groups", "--filters", &filter]);
        groups["SecurityGroups"].as_array().unwrap().clone()
    }

    fn group(&self, vpc: &str, name: &str) -> String {
        let groups = self.groups(vpc);
        let group = groups.iter().find(|group| group["GroupName"] == name).unwrap();
        group["GroupId"].as_str().unwrap().to_owned()
    }

    /// The groups of these names, and their rules, as lines.
    fn state(&self, vpc: &str, names: &[&str]) -> BTreeSet<String> {
        let groups = self.groups(vpc);
        let name_of = |id: &Value| {
            groups.iter().find(|group| group["GroupId"] == *id).unwrap()["GroupName"]
                .as_str()
                .unwrap()
        };
        let mut lines = BTreeSet::new();
        for group in groups
            .iter()
            .filter(|group| names.iter().any(|name| group["GroupName"] == *name))
        {
            let name = group["GroupName"].as_str().unwrap();
            lines.insert(name.to_owned());
            for (list, way) in [("IpPermissions", "in"), ("IpPermissionsEgress", "out")] {
                for rule in group[list].as_array().unwrap() {
                    let ports = format!(
                        "{} {} {}",
                        rule["IpProtocol"].as_str().unwrap(),
                        rule["FromPort"],
                        rule["ToPort"]
                    );
                    let peers = rule["UserIdGroupPairs"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|pair| name_of(&pair["GroupId"]).to_owned());
                    let four = rule["IpRanges"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|range| range["CidrIp"].as_str().unwrap().to_owned());
                    let six = rule["Ipv6Ranges"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|range| range["CidrIpv6"].as_str().unwrap().to_owned());
                    for peer in peers.chain(four).chain(six) {
                        assert!(
                            lines.insert(format!("{name} {way} {ports} {peer}")),
                            "twice: {name} {way} {ports} {peer}"
                        );
                    }
                }
            }
        }
        lines
    }
}

/// The number behind some words.
fn counted(text: &str, words: &str) -> u64 {
    let (_, after) = text.split_once(words).unwrap();
    after.split_whitespace().next().unwrap().parse().unwrap()
}

fn text(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
