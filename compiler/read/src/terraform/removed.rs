//! `removed`: what a state lets go of, and what stays as it is.
//!
//! Nothing of an account changes by it, and one use of it is read: the policy of a key stands in the key's own block, where earlier
//! output had it in a block beside. A state that still holds that block has to let it go: the provider deletes a policy by putting
//! its default in its place, which admits the whole account.
//!
//! Source: Terraform, "Remove a resource from state" (no key of an instance, no block of that name any more; `destroy` is true
//! unless it says otherwise), read 2026-11-30; the delete of `aws_kms_key_policy` of the AWS provider 5.100, seen 2026-11-29.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::module::{Folder, objects};
use super::template;
use crate::at::At;
use crate::json::Json;
use crate::sink::{Class, Sink};

const KEY: &str = "aws_kms_key";
const KEY_POLICY: &str = "aws_kms_key_policy";

/// What is let go.
pub(super) struct Removed<'a> {
    path: Arc<str>,
    pointer: String,
    from: &'a str,
}

/// Reads the blocks of a file.
pub(super) fn read<'a>(
    value: &'a Json<'a>,
    path: &Arc<str>,
    at: &At<'_>,
    sink: &mut Sink,
) -> Vec<Removed<'a>> {
    let mut out = Vec::new();
    for (index, members) in objects(value, at, sink).into_iter().enumerate() {
        let at = at.index(index);
        let (mut from, mut stays) = (None, false);
        for (name, value) in members {
            let at = at.key(name);
            match name.as_ref() {
                "from" => from = value.text(),
                "lifecycle" => stays = is_kept(value, &at, sink),
                _ => sink.unread(&at, "unknown argument"),
            }
        }
        let Some(from) = from.filter(|_| stays) else {
            sink.unread(&at, "what is removed and does not stay as it is");
            continue;
        };
        sink.count(Class::Inert, 2);
        out.push(Removed {
            path: Arc::clone(path),
            pointer: at.place().pointer,
            from,
        });
    }
    out
}

/// Whether it is said, and once, that nothing is deleted.
fn is_kept(value: &Json<'_>, at: &At<'_>, sink: &mut Sink) -> bool {
    match objects(value, at, sink).as_slice() {
        [[(name, Json::Bool(false))]] => name == "destroy",
        _ => false,
    }
}

/// Exactly the policies of the module's keys are let go, by every name that these had.
pub(super) fn check(folder: &Folder<'_>, sink: &mut Sink) {
    let declared = |sort: &'static str| {
        let blocks = folder.blocks.iter();
        blocks.filter(move |block| block.sort.name == sort && !block.sort.is_data)
    };
    let mut labels: BTreeSet<&str> = declared(KEY).map(|block| block.label).collect();
    let old = folder
        .moved
        .iter()
        .filter_map(|moved| template::address(moved.from));
    labels.extend(old.filter(|(_, sort, _)| *sort == KEY).map(|(.., label)| label));
    let mut found: BTreeSet<&str> = BTreeSet::new();
    for removed in &folder.removed {
        let label = template::address(removed.from)
            .filter(|(is_data, sort, label)| !is_data && *sort == KEY_POLICY && labels.contains(label))
            .map(|(.., label)| label);
        if label.is_none_or(|label| !found.insert(label)) {
            let at = At::Root {
                path: &removed.path,
                base: &removed.pointer,
            };
            sink.unread(&at, "what is removed is no policy of a key of this module");
        }
    }
    for block in declared(KEY_POLICY).filter(|block| found.contains(block.label)) {
        let at = At::Root {
            path: &block.path,
            base: &block.pointer,
        };
        sink.unread(&at, "a block that is removed as well");
    }
    let missing = labels.iter().find(|label| !found.contains(*label));
    if let (Some(label), Some(path)) = (missing, &folder.path) {
        let what = format!(
            "no `removed` lets go of `{KEY_POLICY}.{label}`: a state that holds it would give the key the provider's default policy"
        );
        sink.unread(&At::Root { path, base: "" }, what);
    }
}
