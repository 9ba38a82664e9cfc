//! The project itself, its accounts and teams, and what each file says for all its declarations.

use std::borrow::Cow;

use diagnostics::{Code, Diagnostic, Severity};
use model::project::{Account, Identifier, Team};

use crate::body::{self, Body};
use crate::cx::{Cx, Defaults};
use crate::entries::Entries;
use crate::gather::{self, Decl, Gathered, Sort};
use crate::granted;
use crate::heard::Takes;
use crate::inventory::path;
use crate::json::Cursor;
use crate::line::Line;
use crate::literal;

pub(crate) static MISSING_PROJECT: Code = Code {
    name: "missing-project",
    severity: Severity::Error,
    summary: "no file declares the project",
    docs: include_str!("pages/missing_project.md"),
};

pub(crate) static UNREADABLE_INPUT: Code = Code {
    name: "unreadable-input",
    severity: Severity::Error,
    summary: "a file beside the spec cannot be read",
    docs: include_str!("pages/unreadable_input.md"),
};

/// Editions that this compiler reads.
const EDITIONS: &[(&str, ())] = &[("2026", ())];

/// Reads `project NAME edition=… { … }`; its accounts are declarations like any other.
pub(crate) fn read<'a>(cx: &mut Cx<'a, '_>, gathered: &Gathered<'a>) {
    let Some(line) = &gathered.project else {
        cx.push(
            Diagnostic::global(&MISSING_PROJECT, "no file declares the project")
                .help("write `project NAME edition=\"2026\"` in `leastwise.kdl`"),
        );
        return;
    };
    cx.model.project.span = line.head();
    let mut entries = Entries::of(cx, line);
    if let Some(name) = entries.need(cx, "a name") {
        let text = cx.text(&name);
        crate::spelling::check_text(cx, &text, name.span);
        cx.model.project.name = cx.intern(&text);
    }
    if let Some(edition) = entries.need_prop(cx, "edition", "\"2026\"") {
        cx.text(&edition);
        if edition.is_text() {
            cx.word(&edition, "an edition of the language", EDITIONS);
        }
    }
    entries.finish(cx);
    facts(cx, line);
    if cx.model.project.default_account.is_none() && cx.model.accounts.len() == 1 {
        cx.model.project.default_account = cx.model.accounts.ids().next();
    }
    chosen_environment(cx, line);
}

fn facts<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) {
    let mut body = Body::of(Cow::Borrowed("project"), std::slice::from_ref(line));
    // Gathered with the other accounts.
    body.all("account");
    if let Some(line) = body.one(cx, "environments") {
        let mut entries = Entries::of(cx, &line);
        for name in entries.need_rest(cx, "names of environments") {
            let text = cx.text(&name);
            crate::spelling::check_text(cx, &text, name.span);
        }
        entries.finish_leaf(cx);
    }
    if let Some(line) = body.one(cx, "default") {
        let mut entries = Entries::of(cx, &line);
        if let Some(account) = entries.need_prop(cx, "account", "NAME") {
            cx.model.project.default_account = cx.account(&account);
        }
        entries.finish_leaf(cx);
    }
    cx.model.project.tags = tags(cx, &mut body);
    if let Some(line) = body.one(cx, "data-classes") {
        let mut entries = Entries::of(cx, &line);
        for class in entries.need_rest(cx, "names of data classes") {
            let text = cx.text(&class);
            crate::spelling::check_text(cx, &text, class.span);
            let name = cx.intern(&text);
            match cx
                .model
                .project
                .data_classes
                .iter()
                .find(|(earlier, _)| *earlier == name)
            {
                Some((_, first)) => {
                    let first = *first;
                    body::duplicate(cx, &text, class.span, first);
                }
                None => cx.model.project.data_classes.push((name, class.span)),
            }
        }
        entries.finish_leaf(cx);
    }
    if let Some(line) = body.one(cx, "targets") {
        let mut entries = Entries::of(cx, &line);
        for target in entries.need_rest(cx, "names of targets") {
            let text = cx.text(&target);
            let name = cx.intern(&text);
            cx.model.project.targets.push((name, target.span));
        }
        entries.finish_leaf(cx);
    }
    if let Some(line) = body.one(cx, "identifiers") {
        identifiers(cx, &line);
    }
    if let Some(line) = body.one(cx, "state") {
        gather::refuse(cx, "where a state is kept (`state`)", line.head());
    }
    body.finish(cx);
}

fn chosen_environment<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) {
    let declared = gather::declared_environments(line);
    let message = match cx.environment {
        Some(chosen) if !declared.iter().any(|name| name == chosen) => {
            format!("the project declares no environment `{chosen}`")
        }
        None if !declared.is_empty() => "the project has environments, and none is chosen".to_owned(),
        Some(_) | None => return,
    };
    let names: Vec<String> = declared.iter().map(|name| format!("`{name}`")).collect();
    let mut diagnostic = Diagnostic::new(&gather::UNDECLARED_ENVIRONMENT, line.head(), message);
    if !names.is_empty() {
        diagnostic = diagnostic.help(format!("it is one of {}", names.join(", ")));
    }
    cx.push(diagnostic);
}

/// `tag NAME=VALUE…`; lines add up, a name is said once.
pub(crate) fn tags<'a>(cx: &mut Cx<'a, '_>, body: &mut Body<'a>) -> Vec<(arena::Name, arena::Name)> {
    let mut found: Vec<(arena::Name, arena::Name, source::Span)> = Vec::new();
    for line in body.all("tag") {
        let mut entries = Entries::of(cx, &line);
        let given = entries.free();
        if given.is_empty() {
            let message = "`tag` lacks a tag";
            cx.push(
                Diagnostic::new(&crate::entries::MISSING_VALUE, line.head(), message)
                    .help("write `tag cost-center=ot-4711`"),
            );
        }
        for (name, span, value) in given {
            let text = cx.text(&value);
            let (key, value) = (cx.intern(&name), cx.intern(&text));
            match found.iter().find(|(earlier, _, _)| *earlier == key) {
                Some((_, _, first)) => body::duplicate(cx, &format!("tag {name}"), span, *first),
                None => found.push((key, value, span)),
            }
        }
        entries.finish_leaf(cx);
    }
    found.into_iter().map(|(key, value, _)| (key, value)).collect()
}

/// `identifiers "file.json"`: `{ "OBJECT": { "ATTRIBUTE": "VALUE" } }`.
fn identifiers<'a>(cx: &mut Cx<'a, '_>, line: &Line<'a>) {
    let mut entries = Entries::of(cx, line);
    let file = entries.need(cx, "a file, `\"identifiers.json\"`");
    entries.finish_leaf(cx);
    let Some(file) = file else { return };
    let text = cx.text(&file);
    if !path::check(cx, &text, file.span) {
        return;
    }
    let Some(bytes) = cx.inventories.get(&*text) else {
        path::missing(cx, &text, file.span);
        return;
    };
    let content = match std::str::from_utf8(bytes) {
        Ok(content) => content.trim_start_matches('\u{feff}'),
        Err(_) => {
            unreadable(cx, &text, file.span, "it is not UTF-8");
            return;
        }
    };
    let mut found: Vec<Identifier> = Vec::new();
    let mut cursor = Cursor::new(content);
    let names = &mut cx.model.names;
    let outcome = cursor.object(|object, cursor| {
        let object = names.intern(&object);
        cursor.object(|attribute, cursor| {
            let attribute = names.intern(&attribute);
            let value = names.intern(&cursor.string()?);
            found.push(Identifier {
                object,
                attribute,
                value,
            });
            Ok(())
        })
    });
    let outcome = match outcome {
        Ok(()) if !cursor.is_done() => Err("something stands behind the object".into()),
        other => other,
    };
    if let Err(why) = outcome {
        let why = format!("line {}: {why}", cursor.line());
        unreadable(cx, &text, file.span, &why);
        return;
    }
    found.sort();
    let twice = found.windows(2).find_map(|pair| match pair {
        [a, b] if (a.object, a.attribute) == (b.object, b.attribute) => Some((a.object, a.attribute)),
        _ => None,
    });
    if let Some((object, attribute)) = twice {
        let why = format!(
            "it gives `{}` of `{}` twice",
            cx.text_of(attribute),
            cx.text_of(object)
        );
        unreadable(cx, &text, file.span, &why);
    }
    cx.model.project.identifiers = found;
}

fn unreadable(cx: &mut Cx<'_, '_>, path: &str, span: source::Span, why: &str) {
    cx.push(
        Diagnostic::new(&UNREADABLE_INPUT, span, format!("`{path}` cannot be read: {why}"))
            .help("write `{ \"OBJECT\": { \"ATTRIBUTE\": \"VALUE\" } }`"),
    );
}

/// Reads `account NAME id=… region=… { steward … }`.
pub(crate) fn accounts<'a>(cx: &mut Cx<'a, '_>, gathered: &Gathered<'a>) {
    for decl in gathered.of(Sort::Account) {
        let account = account(cx, decl);
        let (number, region) = (account.number, account.region);
        let is_same = |known: &Account| (known.number, known.region) == (number, region);
        let same = cx.model.accounts.iter().find(|(_, known)| is_same(known));
        if let Some(first) = same.map(|(_, known)| known.span) {
            let message = format!(
                "`{}` is account {} in {} again",
                decl.name.text,
                cx.text_of(number),
                cx.text_of(region)
            );
            cx.push(
                Diagnostic::new(&crate::names::DUPLICATE_DECLARATION, account.span, message)
                    .label(first, "declared here")
                    .note("a place stands for all that is in it, and this one would have two names")
                    .help("declare it once, and name that everywhere"),
            );
        }
        cx.model.accounts.push(account);
    }
}

fn account<'a>(cx: &mut Cx<'a, '_>, decl: &Decl<'a>) -> Account {
    let what = format!("account `{}`", decl.name.text);
    let mut number = Cow::Borrowed("");
    let mut region = Cow::Borrowed("");
    if let Some(mut entries) = Entries::of_head(cx, &decl.lines) {
        if let Some(id) = entries.need_prop(cx, "id", "\"111122223333\"") {
            number = cx.text(&id);
            if id.is_text() && !literal::is_account_number(&number) {
                cx.push(
                    Diagnostic::new(
                        &crate::convert::WRONG_TYPE,
                        id.span,
                        format!("`{number}` is not an account's id"),
                    )
                    .help("an account's id has twelve digits: `id=\"111122223333\"`"),
                );
            }
        }
        if let Some(given) = entries.need_prop(cx, "region", "eu-central-1") {
            cx.hear(given.span, || Takes::Region);
            region = cx.text(&given);
            if given.is_text() && !literal::is_region(&region) {
                cx.push(
                    Diagnostic::new(
                        &crate::convert::WRONG_TYPE,
                        given.span,
                        format!("`{region}` is not a region"),
                    )
                    .help(literal::near_region(&region)),
                );
            }
        }
        entries.finish(cx);
    }
    let mut body = Body::of(Cow::Owned(what), &decl.lines);
    let steward = body.one(cx, "steward").and_then(|line| {
        let mut entries = Entries::of(cx, &line);
        let role = entries.need(cx, "a role, `\"role/ops/deploy\"`");
        entries.finish_leaf(cx);
        let role = role?;
        let text = cx.text(&role);
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@/-".contains(&byte);
        let path = text
            .strip_prefix("role/")
            .filter(|path| !path.is_empty() && path.bytes().all(fits));
        if path.is_none_or(|path| path.split('/').any(str::is_empty)) && role.is_text() {
            cx.push(
                Diagnostic::new(
                    &crate::convert::WRONG_TYPE,
                    role.span,
                    format!("`{text}` is not a role of the account"),
                )
                .help("write its path and name: `\"role/ops/deploy\"`"),
            );
        }
        Some((cx.intern(&text), role.span))
    });
    if let Some(line) = body.one(cx, "run-as") {
        gather::refuse(cx, "who applies a stack (`run-as`)", line.head());
    }
    if literal::is_elsewhere(&region) {
        let message = format!("the partition of the region `{region}` is not known here");
        cx.push(
            Diagnostic::new(&crate::convert::WRONG_TYPE, decl.head(), message)
                .note("its services have other names and addresses than those of `aws`, `aws-cn` and `aws-us-gov`")
                .help("declare accounts of these three partitions only"),
        );
    }
    let quotas = granted::quotas(cx, &mut body);
    let cells = granted::cells(cx, &mut body);
    let owner = owner(cx, &mut body, decl.file);
    body.finish(cx);
    Account {
        name: cx.intern(&decl.name.text),
        span: decl.head(),
        number: cx.intern(&number),
        partition: cx.intern(literal::partition(&region)),
        region: cx.intern(&region),
        steward,
        quotas,
        cells,
        owner,
    }
}

/// Teams first: everything else may name one.
pub(crate) fn teams<'a>(cx: &mut Cx<'a, '_>, gathered: &Gathered<'a>) {
    for decl in gathered.of(Sort::Team) {
        if let Some(entries) = Entries::of_head(cx, &decl.lines) {
            entries.finish(cx);
        }
        Body::of(Cow::Borrowed("team"), &decl.lines).finish(cx);
        let team = Team {
            name: cx.intern(&decl.name.text),
            span: decl.head(),
        };
        let target = cx.model.teams.push(team);
        let aside = crate::names::Aside {
            target,
            span: decl.name.span,
            is_used: false,
        };
        cx.scope.teams.insert(decl.name.text.clone(), aside);
    }
}

/// `owner` and `expires` at the top level of a file.
pub(crate) fn defaults<'a>(cx: &mut Cx<'a, '_>, gathered: &Gathered<'a>) {
    for (file, line) in &gathered.defaults {
        let mut entries = Entries::of(cx, line);
        let mut defaults: Defaults = cx.file_defaults(*file);
        if line.word() == "owner" {
            defaults.owner = entries.need(cx, "a team").and_then(|team| cx.team(&team));
        } else {
            let date = entries.need(cx, "a date, `\"2027-06-30\"`");
            defaults.expires = date.and_then(|date| Some((cx.date(&date)?, date.span)));
        }
        entries.finish_leaf(cx);
        cx.defaults.insert(*file, defaults);
    }
}

/// The owner of a declaration, its own or its file's.
pub(crate) fn owner<'a>(
    cx: &mut Cx<'a, '_>,
    body: &mut Body<'a>,
    file: source::FileId,
) -> Option<model::project::TeamId> {
    match body.one(cx, "owner") {
        Some(line) => {
            let mut entries = Entries::of(cx, &line);
            let team = entries.need(cx, "a team");
            entries.finish_leaf(cx);
            team.and_then(|team| cx.team(&team))
        }
        None => cx.file_defaults(file).owner,
    }
}
