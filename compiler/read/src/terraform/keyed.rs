//! Keys that encrypt, as several types name them.

use super::args::Args;
use super::cx::{Cx, Read};
use super::world::Part;
use crate::facts::object::Setting;

/// The provider's own key.
pub(crate) const PROVIDER: &str = "provider";
/// No encryption at rest.
pub(crate) const NONE: &str = "none";

/// The address of the key that an argument names; `provider` for the provider's own one.
pub(crate) fn maybe_key(cx: &mut Cx<'_, '_>, args: &mut Args<'_>, name: &str) -> Read<Option<String>> {
    let Some(parts) = args.maybe_parts(cx, name)? else {
        return Ok(None);
    };
    match parts.as_slice() {
        [Part::Assigned(address, "arn" | "key-id")] if address.starts_with("kms:") => {
            Ok(Some(address.to_string()))
        }
        [Part::Text(text)] => named(cx, args, name, text).map(Some),
        _ => args.fail(cx, name, "a reference to something else than a key"),
    }
}

fn named(cx: &mut Cx<'_, '_>, args: &Args<'_>, name: &str, text: &str) -> Read<String> {
    let module = cx.module(args.block)?;
    let alias = match text.strip_prefix("alias/") {
        Some(_) => Some(text.to_owned()),
        None => text
            .strip_prefix(&module.arn("kms", ""))
            .filter(|rest| rest.starts_with("alias/"))
            .map(str::to_owned),
    };
    match alias {
        Some(alias) if alias.starts_with("alias/aws/") => Ok(PROVIDER.to_owned()),
        Some(alias) => Ok(module.address("kms", &alias)),
        None if text.starts_with("arn:") && text.contains(":key/") => {
            cx.rely(text, args.place_of(name));
            Ok(text.to_owned())
        }
        None => args.fail(cx, name, format!("`{text}` names no key")),
    }
}

/// Reads an argument whose absence means the provider's own key.
pub(crate) fn set_key(cx: &mut Cx<'_, '_>, args: &mut Args<'_>, name: &str, of: &str) -> Read<()> {
    let key = maybe_key(cx, args, name)?.unwrap_or_else(|| PROVIDER.to_owned());
    let place = args.place();
    cx.set(of, Setting::EncryptionKey, key, place);
    Ok(())
}
