//! What a resolved model holds, and properties of resolving any text.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail")]

use std::collections::BTreeMap;
use std::sync::Arc;

use arena::Name;
use diagnostics::Report;
use model::Model;
use model::promise::Rule;
use model::template::{Piece, Placeholder, Template};
use model::thing::{Detail, PartDetail, Thing};
use model::trust::End;
use model::value::{Date, Value};
use proptest::prelude::*;
use resolve::Inputs;
use source::{FileId, Origin, Sources};
use syntax::document::Document;

const PROJECT: &str = "project nordwind edition=\"2026\" {
    account plant id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" }
}
team ot-platform
team security
";

struct Resolved {
    model: Model,
    problems: Vec<(String, String)>,
}

fn resolved(files: &[(&str, &str)], environment: Option<&str>) -> Resolved {
    let mut sources = Sources::default();
    let mut report = Report::default();
    let mut documents: Vec<(FileId, Document)> = Vec::new();
    let mut inputs: BTreeMap<String, Arc<[u8]>> = BTreeMap::new();
    for (path, text) in files {
        if path.ends_with(".kdl") {
            let id = sources.add(path, *text, Origin::Project);
            documents.push((
                id,
                syntax::parse(id, *text, &syntax::Limits::STANDARD, &mut report),
            ));
        } else {
            inputs.insert((*path).to_owned(), text.as_bytes().into());
        }
    }
    let inputs = Inputs {
        environment,
        as_of: Date::parse("2026-07-01").unwrap(),
        files: &inputs,
    };
    let model = resolve::resolve(&documents, shelf::stdlib(), &mut sources, &inputs, &mut report);
    let problems = report.diagnostics().iter();
    let problems = problems
        .map(|one| (one.code.name.to_owned(), one.message.clone()))
        .collect();
    Resolved { model, problems }
}

fn whole(files: &[(&str, &str)], environment: Option<&str>) -> Model {
    let found = resolved(files, environment);
    assert_eq!(found.problems, []);
    found.model
}

fn one(spec: &str) -> Model {
    whole(&[("leastwise.kdl", &format!("{PROJECT}{spec}"))], None)
}

fn thing<'m>(model: &'m Model, name: &str) -> &'m Thing {
    model
        .things
        .as_slice()
        .iter()
        .find(|thing| model.names.text(thing.name) == name)
        .unwrap()
}

fn text(model: &Model, template: &Template) -> String {
    let shown = |name: &Name| model.names.text(*name).to_owned();
    let pieces = template.pieces.iter().map(|piece| match piece {
        Piece::Text(name) => shown(name),
        Piece::Placeholder(Placeholder::Name) => "<name>".to_owned(),
        Piece::Placeholder(Placeholder::Attribute(name)) => format!("<{}>", shown(name)),
        Piece::Placeholder(other) => format!("<{other:?}>"),
    });
    pieces.collect()
}

const ENVIRONMENTS: &str = r#"
project shop edition="2026" { environments dev prod }
bucket uploads { physical "acme-{environment}-uploads" }
in dev { account shop id="111111111111" region=eu-west-1 }
in prod {
    account shop id="222222222222" region=eu-west-1
    bucket uploads { retain "365d" }
    key extra
}
"#;

#[test]
fn an_in_block_adds_facts_and_declarations() {
    let files = [("leastwise.kdl", ENVIRONMENTS)];
    let (dev, prod) = (whole(&files, Some("dev")), whole(&files, Some("prod")));
    assert_eq!(dev.things.len(), 1);
    assert_eq!(prod.things.len(), 2);
    assert_eq!(
        dev.names.text(thing(&dev, "uploads").physical.name),
        "acme-dev-uploads"
    );
    assert_eq!(
        prod.names.text(thing(&prod, "uploads").physical.name),
        "acme-prod-uploads"
    );
    assert!(thing(&dev, "uploads").properties.is_empty());
    let retain = &thing(&prod, "uploads").properties[0];
    assert_eq!(prod.names.text(retain.name), "retain");
    assert!(matches!(retain.values[0], Value::Duration(duration) if duration.seconds == 365 * 86_400));
    assert_eq!(
        prod.names.text(prod.accounts.as_slice()[0].number),
        "222222222222"
    );
}

#[test]
fn files_say_owner_and_expiry_for_what_is_silent() {
    let data = "owner ot-platform\nexpires \"2027-06-30\"\nworkload web\nworkload api { owner security }\n\
                bucket raw { physical \"raw\" }\ntrust web -> raw { allow read; because \"x\" }\n\
                trust api -> raw { allow read; because \"x\"; owner security; expires \"2026-12-31\" }";
    let model = whole(&[("data.kdl", data), ("leastwise.kdl", PROJECT)], None);
    let team = |id| model.names.text(model.teams.get(id).unwrap().name);
    assert_eq!(team(thing(&model, "web").owner.unwrap()), "ot-platform");
    assert_eq!(team(thing(&model, "api").owner.unwrap()), "security");
    // In order of what they say: `api` before `web`.
    let [second, first] = model.trusts.as_slice() else {
        panic!()
    };
    assert_eq!(
        (team(first.owner.unwrap()), team(second.owner.unwrap())),
        ("ot-platform", "security")
    );
    let dates: Vec<String> = [first, second]
        .iter()
        .map(|trust| trust.expires.unwrap().0.to_string())
        .collect();
    assert_eq!(dates, ["2027-06-30", "2026-12-31"]);
}

#[test]
fn places_are_carved_and_classes_spread_over_segments() {
    let spec = format!(
        "{PROJECT}network cloud cidr=\"10.40.0.0/16\" {{ zones a b c; segment web cidr=\"10.40.0.0/24\" level=3 {{ endpoints }} }}
        site hall cidr=\"10.10.0.0/16\" {{
            connects cloud via=vpn {{ existing \"vgw-1\" }}
            segment cell-l1 cidr=\"10.10.1.0/24\" level=2
            segment cell-l2 cidr=\"10.10.2.0/24\" level=2
        }}
        device robot segment=\"cell-{{line}}\" {{ fleet \"robots.csv\" }}
        workload plc runs-on=robot {{ listens opcua tcp=4840 udp=\"100-101\" tls=required }}"
    );
    let csv = "name,line\nr1,l1\nr2,l2\nr3,l1\n";
    let model = whole(&[("leastwise.kdl", &spec), ("robots.csv", csv)], None);
    assert_eq!(model.networks.as_slice()[0].carve, 4);
    assert_eq!(model.networks.as_slice()[0].segments.len(), 1);
    assert!(model.segments.as_slice()[0].endpoints.is_some());
    let Detail::Class(class) = &thing(&model, "robot").detail else {
        panic!()
    };
    let rows: Vec<(&str, u32)> = class
        .segments
        .iter()
        .map(|own| {
            (
                model.names.text(model.segments.get(own.segment).unwrap().name),
                own.rows,
            )
        })
        .collect();
    assert_eq!(rows, [("cell-l1", 2), ("cell-l2", 1)]);
    let PartDetail::Listener(listener) = &model.parts.as_slice()[0].detail else {
        panic!()
    };
    let ports: Vec<(u8, u16, u16)> = listener
        .ports
        .iter()
        .map(|own| (own.protocol, own.first, own.last))
        .collect();
    assert_eq!(ports, [(6, 4840, 4840), (17, 100, 101)]);
}

#[test]
fn texts_keep_the_members_placeholders() {
    let spec = format!(
        "{PROJECT}device sensor {{ fleet \"sensors.csv\" }}
        topic vibration of=sensor {{ path \"dt/{{line}}/{{name}}/#\" }}
        bucket raw {{ physical \"raw\" }}
        trust sensor -> vibration {{ allow publish; under \"x/\"; because \"x\" }}
        trust sensor -> raw {{ allow write; under \"{{name}}/{{line}}/\"; because \"x\" }}"
    );
    let model = whole(
        &[("leastwise.kdl", &spec), ("sensors.csv", "name,line\ns1,l1\n")],
        None,
    );
    let Value::Template(path) = &thing(&model, "vibration").properties[0].values[0] else {
        panic!()
    };
    assert_eq!(text(&model, path), "dt/<line>/<name>/#");
    assert_eq!(
        text(&model, &model.trusts.as_slice()[0].narrow[0].path),
        "<name>/<line>/"
    );
}

#[test]
fn what_a_capability_means_is_told_from_what_it_needs() {
    let model = one("kind shelf service=s3 {
            arn \"arn:{partition}:s3:::{physical}\"
            arn \"arn:{partition}:s3:::{physical}-index\"
            capability list effect=read { action s3:ListBucket on=\"{arn}\" }
            capability read effect=write {
                does list
                helper s3:ListBucket on=\"arn:{partition}:s3:::{physical}-index\"
                action s3:GetObject on=\"{arn}/{part}\"
                helper s3:PutObject on=\"arn:{partition}:s3:::log-{account}/*\" { reaches bucket }
            }
        }
        shelf one
        shelf two
        workload web
        function shop { runs web }
        trust web -> one { allow read; because \"x\" }
        never web -> * { besides one two; because \"x\" }");
    let own = |name: &Name| model.names.text(*name).to_owned();
    let (_, kind) = model
        .kinds
        .iter()
        .find(|(_, kind)| own(&kind.name) == "shelf")
        .unwrap();
    assert_eq!(kind.words.more_arns.len(), 1);
    let read = &kind.words.capabilities[1];
    let lines: Vec<(String, bool, Vec<String>)> = read
        .actions
        .iter()
        .map(|used| {
            let reaches = used.reaches.iter().map(|(kind, _)| own(kind)).collect();
            (own(&used.actions[0]), used.helper, reaches)
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("s3:GetObject".to_owned(), false, vec![]),
            ("s3:ListBucket".to_owned(), true, vec![]),
            ("s3:PutObject".to_owned(), true, vec!["bucket".to_owned()]),
        ]
    );
    let does: Vec<String> = read.does.iter().map(|(name, _)| own(name)).collect();
    assert_eq!(does, ["list"]);
    let Rule::Never { besides, .. } = &model.promises.as_slice()[0].rule else {
        panic!()
    };
    assert_eq!(besides.len(), 2);
    let shop = thing(&model, "shop");
    let runs = model
        .things
        .iter()
        .find(|(_, thing)| own(&thing.name) == "web")
        .unwrap()
        .0;
    assert_eq!(shop.properties[0].values, [Value::Thing(runs)]);
}

#[test]
fn a_function_runs_a_workload_and_nothing_else() {
    let spec = format!("{PROJECT}key k\nfunction shop {{ runs k }}");
    let found = resolved(&[("leastwise.kdl", &spec)], None);
    let codes: Vec<&str> = found.problems.iter().map(|(code, _)| code.as_str()).collect();
    assert_eq!(codes, ["mismatched-name"]);
}

#[test]
fn a_profile_is_applied_as_often_as_it_is_named() {
    let model = one("device sensor { fleet name=s1 }
        topic a of=sensor { path \"a/{name}\" }
        topic b of=sensor { path \"b/{name}\" }
        workload web
        network n cidr=\"10.0.0.0/16\" { zones a; segment s cidr=\"10.0.0.0/24\" }
        workload api segment=s { listens http tcp=80 tls=none }
        profile speaks {
            param class kind=device
            param topic kind=topic
            trust $class -> $topic { allow publish; because \"x\" }
        }
        profile reaches {
            param server kind=workload
            param until type=date
            trust web -> $server.http { allow connect; because \"x\"; expires $until }
            never $server -> internet
        }
        apply speaks class=sensor topic=a
        apply speaks class=sensor topic=b
        apply reaches server=api until=\"2027-01-01\"");
    let objects: Vec<End> = model
        .trusts
        .as_slice()
        .iter()
        .map(|trust| trust.objects[0].end)
        .collect();
    assert_eq!(objects.len(), 3);
    assert!(matches!(objects[0], End::Part(_)));
    assert_ne!(objects[1], objects[2]);
    assert!(
        model
            .trusts
            .as_slice()
            .iter()
            .all(|trust| trust.applied.is_some())
    );
    assert_eq!(
        model.trusts.as_slice()[0].expires.unwrap().0.to_string(),
        "2027-01-01"
    );
    assert!(matches!(model.promises.as_slice()[0].rule, Rule::Never { .. }));
}

#[test]
fn profiles_that_double_are_refused_in_time() {
    let mut spec =
        format!("{PROJECT}workload web\nprofile p0 {{ param w kind=workload; never $w -> internet }}\n");
    for step in 1..60 {
        let inner = step - 1;
        spec.push_str(&format!(
            "profile p{step} {{ param w kind=workload; apply p{inner} w=$w; apply p{inner} w=$w }}\n"
        ));
    }
    spec.push_str("apply p59 w=web\n");
    let found = resolved(&[("leastwise.kdl", &spec)], None);
    assert_eq!(found.problems.len(), 1);
    assert_eq!(found.problems[0].0, "too-many-applied");
}

#[test]
fn at_is_the_addresses_of_each_row() {
    let spec = format!(
        "{PROJECT}site s cidr=\"10.10.0.0/16\" {{ segment c1 cidr=\"10.10.1.0/24\"; segment c2 cidr=\"10.10.2.0/24\" }}
device d segment=\"c{{line}}\" {{ hardware linux; identity none; fleet \"f.csv\"; at \"{{address}}\" \"10.10.{{line}}.{{host}}\" }}
workload w segment=c2 runs-on=onprem {{ at \"10.10.2.9\" \"10.10.2.4/31\" }}
workload x segment=c2 runs-on=onprem"
    );
    let rows =
        "name,line,address,host\na,1,10.10.1.4,1\nb,2,10.10.2.0/28,1\nc,2,10.10.2.0/28,2\nd,1,10.10.1.4,1\n";
    let model = whole(&[("leastwise.kdl", &spec), ("f.csv", rows)], None);
    let Detail::Class(class) = &thing(&model, "d").detail else {
        panic!("a class");
    };
    let shown: Vec<(Vec<String>, Vec<u32>)> = class
        .at
        .iter()
        .map(|at| {
            (
                at.values.iter().map(ToString::to_string).collect(),
                at.rows.clone(),
            )
        })
        .collect();
    let own = |values: &[&str], rows: &[u32]| {
        (
            values.iter().map(|value| (*value).to_owned()).collect(),
            rows.to_vec(),
        )
    };
    assert_eq!(
        shown,
        [
            own(&["10.10.1.4/32", "10.10.2.0/28"], &[0, 1, 1, 0]),
            own(&["10.10.1.1/32", "10.10.2.1/32", "10.10.2.2/32"], &[0, 1, 2, 0]),
        ]
    );
    let at = |name: &str| match &thing(&model, name).detail {
        Detail::Workload(workload) => workload
            .at
            .iter()
            .map(|(block, _)| block.to_string())
            .collect::<Vec<_>>(),
        _ => panic!("a workload"),
    };
    assert_eq!(at("w"), ["10.10.2.9/32", "10.10.2.4/31"]);
    assert!(at("x").is_empty());
}

#[test]
fn a_trust_to_connect_may_accept_the_segment() {
    let model = one(
        "network n cidr=\"10.0.0.0/16\" { zones a; segment s cidr=\"10.0.0.0/24\" }
workload a segment=s runs-on=ecs { listens x tcp=443 tls=required }
workload b segment=s runs-on=ecs
trust b -> a.x { allow connect accept=segment; because \"x\" }
trust a -> a.x { allow connect; because \"x\" }",
    );
    let accepts: Vec<bool> = model
        .trusts
        .iter()
        .map(|(_, trust)| trust.accept_segment.is_some())
        .collect();
    assert_eq!(accepts, [false, true]);
}

#[test]
fn what_nobody_names_is_listed() {
    let model = one(
        "provider okta { saml metadata=\"secret://idp/okta\" }\nauthority ca { root offline }\nkey k { owner security }",
    );
    let unused: Vec<(&str, &str)> = model
        .unused
        .iter()
        .map(|unused| (unused.word, model.names.text(unused.name)))
        .collect();
    assert_eq!(
        unused,
        [("team", "ot-platform"), ("provider", "okta"), ("authority", "ca")]
    );
}

#[test]
fn the_library_loads_whole_and_says_nothing() {
    let library = shelf::stdlib();
    let mut spec = String::from(PROJECT);
    for file in library.files() {
        if !file.path.starts_with("aws/") {
            spec.push_str(&format!(
                "use \"std/{}\"\n",
                file.path.strip_suffix(".kdl").unwrap()
            ));
        }
        for kind in &file.kinds {
            spec.push_str(&format!("never kind:{kind} -> internet\n"));
        }
    }
    let model = whole(&[("leastwise.kdl", &spec)], None);
    let kinds: usize = library.files().iter().map(|file| file.kinds.len()).sum();
    assert_eq!(model.kinds.len(), kinds);
    assert_eq!(library.digest().len(), 64);
}

/// The cells of a table: printable, with what CSV must quote.
fn tables() -> impl Strategy<Value = Vec<Vec<String>>> {
    let row = prop::collection::vec("[ -~]{0,6}", 2..=2);
    prop::collection::vec(row, 1..40)
}

fn columns(model: &Model) -> Vec<Vec<String>> {
    let fleet = &model.fleets.as_slice()[0];
    (0..fleet.len())
        .map(|row| {
            let mut cells = vec![fleet.member(row).to_owned()];
            cells.extend(fleet.columns.iter().map(|column| column.value(row).to_owned()));
            cells
        })
        .collect()
}

fn fleet_of(path: &str, content: &str) -> Vec<Vec<String>> {
    let spec = format!("{PROJECT}device d {{ fleet \"{path}\" }}\n");
    columns(&whole(&[("leastwise.kdl", &spec), (path, content)], None))
}

/// Top-level lines, none of which stands out by its place.
const LINES: &[&str] = &[
    "workload web",
    "workload api",
    "bucket raw { physical \"raw\"; encrypted key=k }",
    "key k",
    "trust web -> raw { allow read; because \"x\" }",
    "trust api -> raw { allow write; under \"a/\"; because \"x\" }",
    "trust nobody -> raw { allow read; because \"x\" }",
    "never api -> raw { allow delete }",
    "bukcet typo",
    "kind archive service=s3 { capability read effect=read }",
    "archive old",
    "apply twice who=web",
    "profile twice { param who kind=workload; trust $who -> raw { allow list; because \"x\" } }",
    "test \"x\" { as web { can read raw } }",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn csv_is_read_as_another_reader_does(table in tables()) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["name", "a", "b"]).unwrap();
        for (index, row) in table.iter().enumerate() {
            writer.write_record([format!("d{index}"), row[0].clone(), row[1].clone()]).unwrap();
        }
        let content = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let mut reader = csv::Reader::from_reader(content.as_bytes());
        let expected: Vec<Vec<String>> =
            reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
        prop_assert_eq!(fleet_of("f.csv", &content), expected);
    }

    #[test]
    fn ndjson_says_what_csv_says(table in tables()) {
        let mut content = String::new();
        for (index, row) in table.iter().enumerate() {
            let quote = |cell: &str| format!("\"{}\"", cell.replace('\\', "\\\\").replace('"', "\\\""));
            content.push_str(&format!("{{\"name\":\"d{index}\",\"a\":{},\"b\":{}}}\n", quote(&row[0]), quote(&row[1])));
        }
        let expected: Vec<Vec<String>> = table
            .iter()
            .enumerate()
            .map(|(index, row)| vec![format!("d{index}"), row[0].clone(), row[1].clone()])
            .collect();
        prop_assert_eq!(fleet_of("f.ndjson", &content), expected);
    }

    #[test]
    fn order_of_declarations_never_matters(order in Just((0..LINES.len()).collect::<Vec<_>>()).prop_shuffle()) {
        let problems = |order: &[usize]| {
            let lines: Vec<&str> = order.iter().map(|index| LINES[*index]).collect();
            let found = resolved(&[("leastwise.kdl", &format!("{PROJECT}{}", lines.join("\n")))], None);
            let mut problems = found.problems;
            problems.sort();
            (problems, found.model.trusts.len(), found.model.things.len())
        };
        let straight: Vec<usize> = (0..LINES.len()).collect();
        prop_assert_eq!(problems(&order), problems(&straight));
    }

    #[test]
    fn any_text_gives_a_model(cuts in prop::collection::vec((0usize..4000, 0usize..40, "[a-z{}\"=;>$*. \\-\n]{0,6}"), 1..6)) {
        let mut text = ENVIRONMENTS.to_owned() + &LINES.join("\n") + include_str!("../../../stdlib/aws/bucket.kdl");
        for (at, length, new) in cuts {
            let at = at % text.len();
            let end = (at + length).min(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(end) {
                text.replace_range(at..end, &new);
            }
        }
        resolved(&[("leastwise.kdl", &text), ("f.csv", "name\nx\n")], Some("prod"));
    }
}
