//! The files of `terraform`: root modules, a folder each.
//!
//! Read as core and provider read them: a block for each resource, references resolved, what is not said taken as the provider's
//! default. Modules of all accounts and regions are read together, so that a data source means the object of another stack.
//! What an argument means, and what its absence means, stands in `facts/`, one file a type.

mod addresses;
mod args;
mod assemble;
mod beside;
mod cx;
mod facts;
mod keyed;
mod module;
mod object;
mod quotas;
mod references;
mod registry;
mod removed;
mod row;
mod schema;
mod template;
mod world;

use std::sync::Arc;

use rayon::prelude::*;

use crate::at::At;
use crate::facts::object::Unread;
use crate::facts::{Facts, Place};
use crate::json::{self, Fold, Json};
use crate::letters;
use crate::sink::{Class, Sink};
use crate::{Choice, Files, Reader, line_of};
use args::Args;
use cx::Cx;
use row::{Row, Rule, free, inert, nested, only, optional};
use world::World;

/// Reads `terraform`.
pub(crate) const READER: Reader = Reader {
    target: bundle::target::TERRAFORM,
    read,
};

/// What may stand in every block.
const META: &[Row] = &[
    inert("tags"),
    inert("//"),
    // Taken by the block's reader, not by its type's.
    Row {
        name: "region",
        class: Class::Name,
        rule: Rule::Free(row::Values::Any),
        absent: row::Absent::Nothing,
        held: false,
    },
    Row {
        name: "depends_on",
        class: Class::Reference,
        rule: Rule::Free(row::Values::Any),
        absent: row::Absent::Nothing,
        held: false,
    },
    Row {
        name: "lifecycle",
        class: Class::Setting,
        rule: Rule::Free(row::Values::Any),
        absent: row::Absent::Nothing,
        held: false,
    },
    nested(
        "timeouts",
        &[free("create"), free("delete"), free("update"), free("read")],
    ),
];

const LIFECYCLE: &[Row] = &[
    optional("prevent_destroy", Class::Setting),
    Row {
        held: false,
        ..only("create_before_destroy", &["false", "true"])
    },
];

fn read(files: &Files<'_>) -> Facts {
    let mut facts = Facts::nothing(READER.target);
    let parsed: Vec<Result<Json<'_>, json::Fault>> = files
        .par_iter()
        .map(|(path, bytes)| match registry::is_lines(path) {
            true => Ok(Json::Null),
            false => json::parse(bytes, Fold::Exact),
        })
        .collect();
    let mut sink = Sink::default();
    let mut open = module::Open::default();
    let mut ignored: Vec<Arc<str>> = Vec::new();
    for ((path, bytes), file) in files.iter().zip(&parsed) {
        if module::is_ignored(path) {
            ignored.push((*path).into());
            continue;
        }
        if registry::is_lines(path) {
            open.lines(path, bytes, &mut sink);
            continue;
        }
        match file {
            Ok(value) => open.file(path, value, bytes, &mut sink),
            Err(fault) => {
                let path: Arc<str> = (*path).into();
                let pointer = format!("line {}", line_of(bytes, fault.offset));
                sink.unread.push(Unread {
                    place: Place { path, pointer },
                    what: fault.what.clone(),
                });
            }
        }
    }
    let (modules, blocks, registries) = open.close(&mut sink);
    let world = World::new(modules, blocks);
    let references::References { found, used, circle } = references::of(&world);
    for block in circle {
        let at = At::Root {
            path: &block.path,
            base: &block.pointer,
        };
        sink.unread(&at, "references that lead back to this block");
    }
    let letters = found.number();
    let mut cx = Cx::new(&world, &letters);
    for block in 0..world.blocks.len() {
        read_block(&mut cx, block);
        if !used.contains(&block) {
            looked_up_for_nothing(&mut cx, block);
        }
    }
    for block in world.repeated() {
        let place = world.blocks.get(block).map(|block| Place {
            path: Arc::clone(&block.path),
            pointer: block.pointer.clone(),
        });
        if let Some(place) = place {
            cx.unread(place, "a label that is declared twice");
        }
    }
    for (module, found) in registries.iter().enumerate() {
        let found = registry::read(&world, module, found, &mut sink);
        facts.registered.extend(found);
    }
    sink.absorb(std::mem::take(&mut cx.sink));
    let mut out = std::mem::take(&mut cx.out);
    for path in ignored {
        let address = format!("ignored:{path}");
        let pointer = String::new();
        let file = object::bare(
            "ignored-file",
            address.clone(),
            String::new(),
            Place { path, pointer },
        );
        out.objects.insert(address, file);
    }
    assemble::assemble(&world, &letters, out, &mut sink, &mut facts);
    drop(cx);
    drop(world);
    facts.leaves = sink.leaves;
    facts.unread = sink.unread;
    facts.measures = sink.measures;
    facts.symbols = letters.symbols;
    facts.variables = letters.variables;
    facts
}

/// An argument that is held to its kind.
pub(crate) fn choice(argument: &str) -> Option<Choice> {
    let (sort, path) = argument.split_once('.')?;
    let mut rows = facts::find(sort, false)?.rows;
    let mut names = path.split('.').peekable();
    while let Some(name) = names.next() {
        let row = rows.iter().find(|row| row.name == name)?;
        match row.rule {
            Rule::Nested(inner) => rows = inner,
            Rule::Taken | Rule::Free(_) | Rule::Only(_) => {
                let is_held = row.held && names.peek().is_none();
                return is_held.then(|| Choice {
                    default: row.default(),
                });
            }
        }
    }
    None
}

/// A data source that nothing refers to is an object of its own: nothing needs it.
fn looked_up_for_nothing(cx: &mut Cx<'_, '_>, id: usize) {
    let Some(block) = cx.world.blocks.get(id).filter(|block| block.sort.is_data) else {
        return;
    };
    // Trust policies name it by its ARN, without a reference: to look it up shows that it is there.
    if block.sort.name == "aws_iam_saml_provider" {
        return;
    }
    let place = Place {
        path: Arc::clone(&block.path),
        pointer: block.pointer.clone(),
    };
    let address = cx.world.unused(id).unwrap_or_default();
    let address = format!("lookup:{}:{address}", block.sort.name);
    let account = cx.world.module(id).map(|module| module.account.clone());
    let object = object::bare("lookup", address.clone(), account.unwrap_or_default(), place);
    cx.out.objects.insert(address, object);
}

fn read_block(cx: &mut Cx<'_, '_>, id: usize) {
    let Some(block) = cx.world.blocks.get(id) else {
        return;
    };
    let place = Place {
        path: Arc::clone(&block.path),
        pointer: block.pointer.clone(),
    };
    let mut reserved = false;
    for (_, value) in block.members {
        value.each_text(&mut |text| reserved |= letters::holds_reserved(text));
    }
    if reserved {
        cx.unread(place, "a code point of planes 15 or 16");
        return;
    }
    cx.refers.clear();
    cx.kept = false;
    if !schema::hold(
        block.sort,
        block.members,
        &block.path,
        &block.pointer,
        &mut cx.sink,
    ) {
        return;
    }
    let mut args = Args::new(
        block.sort.rows,
        block.members,
        id,
        Arc::clone(&block.path),
        block.pointer.clone(),
    );
    let good = args.check(cx, META) & meta(cx, id, &mut args);
    if !good || (block.sort.read)(cx, &mut args).is_err() {
        return;
    }
    args.finish(cx);
    let Some(owner) = cx.world.address(id) else {
        cx.unread(place, format!("a `{}` whose name is not known", block.sort.name));
        return;
    };
    let refers = std::mem::take(&mut cx.refers);
    if block.sort.is_data {
        // A source that is asked for nothing names nothing outside.
        if !block.sort.rows.is_empty() && !cx.emits(&owner) {
            cx.rely(&owner, place);
        }
        return;
    }
    cx.out.refers.entry(owner.to_string()).or_default().extend(refers);
}

/// Arguments of every block that mean something. Whether all is well.
fn meta(cx: &mut Cx<'_, '_>, id: usize, args: &mut Args<'_>) -> bool {
    let mut good = true;
    if let Some(value) = cx.world.argument(id, "region")
        && value.text() != cx.world.module(id).map(|module| module.region.as_str())
    {
        good &= args
            .fail::<()>(cx, "region", "another region than the module's")
            .is_ok();
    }
    if let Some(Json::Object(tags)) = cx.world.argument(id, "tags")
        && let Some(made) = cx.world.looked_up(id)
    {
        let borne =
            |(name, value): &(std::borrow::Cow<'_, str>, Json<'_>)| match cx.world.argument(made, "tags") {
                Some(Json::Object(own)) => own.iter().any(|(known, other)| known == name && other == value),
                _ => false,
            };
        if !tags.iter().all(borne) {
            good &= args
                .fail::<()>(cx, "tags", "tags that what is looked up does not bear")
                .is_ok();
        }
    }
    if let Some(value) = cx.world.argument(id, "depends_on") {
        let module = cx.world.blocks.get(id).map_or(0, |block| block.module);
        let Json::List(items) = value else {
            return args.fail::<()>(cx, "depends_on", "a list is expected").is_ok();
        };
        for item in items {
            let known = item
                .text()
                .and_then(template::address)
                .and_then(|(is_data, sort, label)| cx.world.find(module, is_data, sort, label));
            if known.is_none() {
                good &= args
                    .fail::<()>(cx, "depends_on", "a dependency on what is not declared")
                    .is_ok();
            }
        }
    }
    if let Some(value) = cx.world.argument(id, "lifecycle") {
        let items: &[Json<'_>] = match value {
            Json::List(items) => items,
            single => std::slice::from_ref(single),
        };
        if items.len() > 1 {
            good &= args.fail::<()>(cx, "lifecycle", "one block is expected").is_ok();
        }
        for item in items {
            let members = match item {
                Json::Object(members) => Some(members),
                // A list inside the list holds the parts of one block.
                Json::List(parts) => match parts.as_slice() {
                    [Json::Object(members)] => Some(members),
                    _ => None,
                },
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => None,
            };
            let Some(members) = members else {
                good &= args.fail::<()>(cx, "lifecycle", "an object is expected").is_ok();
                continue;
            };
            let mut inner = Args::new(
                LIFECYCLE,
                members,
                id,
                Arc::clone(&args.path),
                format!("{}/lifecycle", args.pointer),
            );
            good &= inner.check(cx, &[]);
            match inner.maybe_text(cx, "prevent_destroy") {
                Ok(Some(text)) if text == "true" => cx.kept = true,
                Ok(Some(text)) if text != "false" => {
                    good &= inner
                        .fail::<()>(cx, "prevent_destroy", "neither `true` nor `false`")
                        .is_ok();
                }
                Ok(_) => {}
                Err(cx::Failed) => good = false,
            }
        }
    }
    good
}
