//! Everything that acts or is reached: facts that any declaration may say, and those that its kind defines.

use std::borrow::Cow;
use std::collections::BTreeMap;

use diagnostics::{Code, Diagnostic, Severity};
use model::actor::RunsOn;
use model::kind::KindId;
use model::project::{AccountId, Physical, TeamId};
use model::thing::{Detail, Existing, Thing, ThingId};
use source::Span;

use crate::actors;
use crate::body::{self, Body};
use crate::cx::Cx;
use crate::devices;
use crate::entries::Entries;
use crate::existing;
use crate::gather::{Decl, Gathered, Sort};
use crate::line::Line;
use crate::names::{Target, UNDECLARED_NAME};
use crate::parts;
use crate::places;
use crate::project;
use crate::template::{self, Filled, Members};

pub(crate) static MISSING_PHYSICAL: Code = Code {
    name: "missing-physical",
    severity: Severity::Error,
    summary: "a name must be unique in the world, and none is given",
    docs: include_str!("pages/missing_physical.md"),
};

pub(crate) static PHYSICAL_COLLISION: Code = Code {
    name: "physical-collision",
    severity: Severity::Error,
    summary: "two things have the same name in the cloud",
    docs: include_str!("pages/physical_collision.md"),
};

/// Enters the names of all things, and reads the fleets, whose columns other declarations use.
pub(crate) fn declare<'a>(cx: &mut Cx<'a, '_>, gathered: &Gathered<'a>) {
    let mut index = 0;
    for decl in &gathered.decls {
        match decl.sort {
            Sort::Thing => {
                let id = ThingId::new(index);
                index += 1;
                cx.declare(&decl.name, Target::Thing(id));
                cx.scope.kinds_of_things.push(decl.word.clone());
                if decl.word == "device" {
                    devices::read_fleet(cx, id, decl);
                }
            }
            Sort::Refused => cx.declare(&decl.name, Target::Refused),
            Sort::Team
            | Sort::Account
            | Sort::Authority
            | Sort::Provider
            | Sort::Network
            | Sort::Site
            | Sort::Kind
            | Sort::Profile
            | Sort::Baseline => {}
        }
    }
}

/// Reads all things, in the order in which their names were entered.
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, gathered: &Gathered<'a>) {
    for (index, decl) in gathered.of(Sort::Thing).enumerate() {
        let id = ThingId::new(index as u32);
        let thing = thing(cx, id, decl);
        cx.fact(thing.span);
        cx.model.things.push(thing);
        parts::listeners(cx, id, decl);
    }
    // A topic on a broker names a listener of its own class, and another class.
    for (index, decl) in gathered.of(Sort::Thing).enumerate() {
        if decl.word == "device" {
            parts::topics(cx, ThingId::new(index as u32), decl);
        }
    }
    collisions(cx);
}

/// What a thing is, before its facts are read.
struct Head {
    account: Option<AccountId>,
    segment: Option<model::place::SegmentId>,
    family: Option<ThingId>,
    detail: Detail,
}

fn thing<'a>(cx: &mut Cx<'a, '_>, id: ThingId, decl: &Decl<'a>) -> Thing {
    // A kind that is not there was reported where the declaration was gathered.
    let kind = cx.kinds.get(&*decl.word).copied().unwrap_or(KindId::new(0));
    for line in &decl.lines {
        cx.hear_kind(&decl.word, line.word_span());
    }
    let mut body = Body::of(
        Cow::Owned(format!("{} `{}`", decl.word, decl.name.text)),
        &decl.lines,
    );
    let head = head(cx, id, decl, &mut body, kind);
    parts::ask(cx, decl, &mut body, kind);
    let members = head.family.map_or(Members::Own, Members::Of);
    let members = if decl.word == "device" {
        Members::Of(id)
    } else {
        members
    };
    let common = common(cx, decl, &mut body, &head, members, kind);
    existing::used(cx, &decl.name.text, &head.detail, common.existing.as_ref());
    let properties = crate::properties::read(cx, decl, &mut body, kind, members);
    body.finish(cx);
    Thing {
        name: cx.intern(&decl.name.text),
        span: decl.head(),
        kind,
        account: head.account,
        segment: head.segment,
        physical: kept_name(common.physical, common.renamed_from),
        renamed_from: common.renamed_from,
        owner: common.owner,
        open_to: common.open_to,
        tags: common.tags,
        data_class: common.data_class,
        existing: common.existing,
        family: head.family,
        properties,
        parts: Vec::new(),
        detail: head.detail,
    }
}

fn head<'a>(cx: &mut Cx<'a, '_>, id: ThingId, decl: &Decl<'a>, body: &mut Body<'a>, kind: KindId) -> Head {
    let mut head = Head {
        account: None,
        segment: None,
        family: None,
        detail: Detail::Resource,
    };
    let Some(mut entries) = Entries::of_head(cx, &decl.lines) else {
        return head;
    };
    match &*decl.word {
        "workload" => {
            head.account = places::account_of(cx, &mut entries, false);
            head.detail = actors::workload(cx, decl, &mut entries, body);
            let has_role = matches!(
                &head.detail,
                Detail::Workload(workload)
                    if !matches!(workload.runs_on, None | Some(RunsOn::Onprem | RunsOn::Device(_)))
            );
            let mut said = decl.lines.iter().flat_map(Line::entries);
            let is_said = said.any(|(name, _)| name.is_some_and(|(name, _)| name == "account"));
            // A project without an account is told so elsewhere.
            if has_role && head.account.is_none() && !is_said && !cx.model.accounts.is_empty() {
                places::no_account(cx, decl.head());
            }
        }
        "device" => {
            head.account = places::account_of(cx, &mut entries, false);
            head.detail = devices::read(cx, id, decl, &mut entries, body);
        }
        "people" => {
            head.account = places::account_of(cx, &mut entries, false);
            head.detail = actors::people(cx, &mut entries, body);
        }
        "external" => head.detail = crate::externals::read(cx, decl, body),
        _ => {
            head.account = places::account_of(cx, &mut entries, true);
            head.family = entries
                .prop("of")
                .and_then(|class| cx.thing(&class, Some("device")));
            if is_placed(cx, kind) {
                head.segment = entries.prop("segment").and_then(|segment| cx.segment(&segment));
            }
        }
    }
    entries.finish(cx);
    head
}

/// Whether things of this kind stand in a segment: those that are neither a service's of the provider nor act for it.
pub(crate) fn is_placed(cx: &Cx<'_, '_>, kind: KindId) -> bool {
    cx.model
        .kinds
        .get(kind)
        .is_some_and(|kind| kind.words.reach.is_none() && kind.words.acts.is_none())
}

/// Facts that any declaration of a thing may say.
struct Common {
    physical: Physical,
    renamed_from: Option<(arena::Name, Span)>,
    owner: Option<TeamId>,
    open_to: Vec<TeamId>,
    tags: Vec<(arena::Name, arena::Name)>,
    data_class: Option<(arena::Name, Span)>,
    existing: Option<Existing>,
}

fn common<'a>(
    cx: &mut Cx<'a, '_>,
    decl: &Decl<'a>,
    body: &mut Body<'a>,
    head: &Head,
    members: Members,
    kind: KindId,
) -> Common {
    let is_resource = matches!(head.detail, Detail::Resource);
    let existing = existing::of(cx, decl, body, members, is_resource && is_placed(cx, kind));
    if let Some((existing, segment)) = existing.zip(head.segment).filter(|_| is_resource) {
        existing::in_a_network(cx, decl, &existing, segment);
    }
    existing::key_id(cx, kind, existing.as_ref());
    let physical = physical(cx, decl, body, head, existing.is_some(), kind);
    let renamed_from = places::renamed_from(cx, body);
    let owner = project::owner(cx, body, decl.file);
    let mut open_to = Vec::new();
    if let Some(line) = body.one(cx, "open-to") {
        let mut entries = Entries::of(cx, &line);
        for team in entries.need_rest(cx, "a team") {
            open_to.extend(cx.team(&team));
        }
        entries.finish_leaf(cx);
    }
    let tags = project::tags(cx, body);
    let data_class = body.one(cx, "data-class").and_then(|line| {
        let mut entries = Entries::of(cx, &line);
        let class = entries.need(cx, "a data class of the project");
        entries.finish_leaf(cx);
        let class = class?;
        let text = cx.text(&class);
        let name = cx.intern(&text);
        if !is_data_class(cx, name, class.span) {
            undeclared_data_class(cx, &text, class.span);
        }
        Some((name, class.span))
    });
    Common {
        physical,
        renamed_from,
        owner,
        open_to,
        tags,
        data_class,
        existing,
    }
}

/// Whether the project declares a data class.
pub(crate) fn is_data_class(cx: &mut Cx<'_, '_>, name: arena::Name, at: Span) -> bool {
    cx.hear_name(at, "data-class");
    let classes = &cx.model.project.data_classes;
    let declared = classes.iter().find(|(declared, _)| *declared == name);
    let declared = declared.map(|(_, span)| *span);
    if let Some(declared) = declared {
        cx.hear_use(at, declared);
    }
    declared.is_some()
}

/// Reports a data class that the project does not declare.
pub(crate) fn undeclared_data_class(cx: &mut Cx<'_, '_>, text: &str, span: Span) {
    let mut diagnostic = Diagnostic::new(
        &UNDECLARED_NAME,
        span,
        format!("the project declares no data class `{text}`"),
    );
    let declared = cx
        .model
        .project
        .data_classes
        .iter()
        .map(|(name, _)| cx.model.names.text(*name));
    diagnostic = match cx.near.find(text, declared) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic.help("declare it in the project: `data-classes public internal`"),
    };
    cx.push(diagnostic);
}

/// What was deployed under an old name keeps that name in the cloud, unless the declaration says another: most things
/// cannot be renamed there, and would be replaced.
fn kept_name(physical: Physical, renamed_from: Option<(arena::Name, Span)>) -> Physical {
    let Some((old, span)) = renamed_from.filter(|_| !physical.declared) else {
        return physical;
    };
    let written = model::template::Template {
        pieces: vec![model::template::Piece::Text(old)],
        span,
    };
    Physical {
        written,
        name: old,
        span,
        declared: false,
    }
}

fn physical<'a>(
    cx: &mut Cx<'a, '_>,
    decl: &Decl<'a>,
    body: &mut Body<'a>,
    head: &Head,
    is_existing: bool,
    kind: KindId,
) -> Physical {
    let said = body.one(cx, "physical").and_then(|line| {
        let mut entries = Entries::of(cx, &line);
        let name = entries.need(cx, "its name in the cloud");
        entries.finish_leaf(cx);
        name
    });
    let is_global = cx
        .model
        .kinds
        .get(kind)
        .is_some_and(|kind| kind.words.global_name);
    let Some(said) = said else {
        if is_global && !is_existing {
            let message = format!("`{}` needs a name that is unique in the world", decl.name.text);
            cx.push(
                Diagnostic::new(&MISSING_PHYSICAL, decl.head(), message)
                    .note(format!(
                        "a `{}` shares its name space with everybody else's",
                        decl.word
                    ))
                    .help(format!("write `physical \"COMPANY-{}\"`", decl.name.text)),
            );
        }
        let name = cx.intern(&decl.name.text);
        let written = model::template::Template {
            pieces: vec![model::template::Piece::Text(name)],
            span: decl.name.span,
        };
        return Physical {
            written,
            name,
            span: decl.name.span,
            declared: false,
        };
    };
    if is_existing {
        let message = format!(
            "`{}` exists, and is given a second name in the cloud",
            decl.name.text
        );
        cx.push(
            Diagnostic::new(&body::DUPLICATE_FACT, said.span, message)
                .help("`existing` says what it is called"),
        );
    }
    let text = cx.text(&said);
    let account = head.account.and_then(|account| cx.model.accounts.get(account));
    let account = account.map(|account| (account.number, account.region));
    let own = decl.name.text.clone();
    let family = head.family;
    let written = template::read(cx, &text, said.span, |cx, word| match (word, account, family) {
        ("account", Some((number, _)), _) => Filled::Text(cx.text_of(number).to_owned()),
        ("region", Some((_, region)), _) => Filled::Text(cx.text_of(region).to_owned()),
        ("name", _, None) => Filled::Text(own.to_string()),
        ("environment", _, _) if cx.environment.is_some() => {
            Filled::Text(cx.environment.unwrap_or_default().to_owned())
        }
        (_, _, _) => Filled::Unknown(physical_words(cx)),
    });
    let expanded = template::flat(cx, &written);
    let name = cx.intern(&expanded);
    Physical {
        written,
        name,
        span: said.span,
        declared: true,
    }
}

fn physical_words(cx: &Cx<'_, '_>) -> Vec<String> {
    let mut words = vec!["account".to_owned(), "region".to_owned(), "name".to_owned()];
    if cx.environment.is_some() {
        words.push("environment".to_owned());
    }
    words
}

/// No two things of one name space have one name in the cloud, letter case apart.
fn collisions(cx: &mut Cx<'_, '_>) {
    type Space = (Option<AccountId>, Option<KindId>);
    let mut seen: BTreeMap<(Space, Cow<'_, str>), Span> = BTreeMap::new();
    let mut problems = Vec::new();
    let model = &cx.model;
    for (_, thing) in model.things.iter() {
        let Some(kind) = model.kinds.get(thing.kind) else {
            continue;
        };
        let space = match &thing.detail {
            Detail::External(_) => continue,
            // Each of them has a role: one name space.
            Detail::Workload(_) | Detail::Class(_) | Detail::People(_) => None,
            Detail::Resource => Some(thing.kind),
        };
        let account = if kind.words.global_name {
            None
        } else {
            thing.account
        };
        let (name, span) = match thing.existing {
            Some(existing) => (existing.name, existing.span),
            None => (thing.physical.name, thing.physical.span),
        };
        let text = model.names.text(name);
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase());
        let folded = if plain {
            Cow::Borrowed(text)
        } else {
            Cow::Owned(text.to_lowercase())
        };
        let first = *seen.entry(((account, space), folded)).or_insert(span);
        if first != span {
            problems.push(
                Diagnostic::new(
                    &PHYSICAL_COLLISION,
                    span,
                    format!(
                        "`{}` is the name in the cloud of two things",
                        model.names.text(name)
                    ),
                )
                .label(first, "the other one")
                .note("names in the cloud are compared without regard to letter case")
                .help("give one of them another `physical`"),
            );
        }
    }
    for problem in problems {
        cx.push(problem);
    }
}
