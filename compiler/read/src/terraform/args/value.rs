//! Values of arguments, by what they have to be.

use super::{Args, Wanted};
use crate::json::Json;
use crate::terraform::cx::{Cx, Failed, Read};
use crate::terraform::row::{Row, Rule};
use crate::terraform::world::{Part, plain, render};
use std::sync::Arc;

impl<'w> Args<'w> {
    /// A scalar as text without values that the provider assigns.
    pub(super) fn scalar(&self, cx: &mut Cx<'_, '_>, name: &str, value: &Json<'_>) -> Read<String> {
        match value {
            Json::Text(text) => match cx.resolve(self.block, text).map(plain) {
                Ok(Some(text)) => Ok(text),
                Ok(None) => self.fail(cx, name, "a value that the provider assigns"),
                Err(what) => self.fail(cx, name, what),
            },
            Json::Number(number) => Ok((*number).to_owned()),
            Json::Bool(flag) => Ok(flag.to_string()),
            Json::Null | Json::List(_) | Json::Object(_) => {
                self.fail(cx, name, format!("one value is expected, not {}", value.sort()))
            }
        }
    }

    /// A text, its default if it is absent.
    pub(crate) fn maybe_text(&mut self, cx: &mut Cx<'_, '_>, name: &str) -> Read<Option<String>> {
        match self.take(cx, name) {
            Some(value) => self.scalar(cx, name, value).map(Some),
            None => Ok(self.default(name).map(str::to_owned)),
        }
    }

    /// A text that is there, or has a default.
    pub(crate) fn text(&mut self, cx: &mut Cx<'_, '_>, name: &str) -> Read<String> {
        match self.maybe_text(cx, name)? {
            Some(text) => Ok(text),
            None => self.fail_whole(cx, format!("`{name}` is missing")),
        }
    }

    /// A flag that is there, or has a default.
    pub(crate) fn flag(&mut self, cx: &mut Cx<'_, '_>, name: &str) -> Read<bool> {
        match self.text(cx, name)?.as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            other => self.fail(cx, name, format!("`{other}` is neither `true` nor `false`")),
        }
    }

    /// A whole number.
    pub(crate) fn maybe_number(&mut self, cx: &mut Cx<'_, '_>, name: &str) -> Read<Option<i64>> {
        match self.maybe_text(cx, name)? {
            None => Ok(None),
            Some(text) => match text.parse() {
                Ok(number) if !text.starts_with('+') => Ok(Some(number)),
                Ok(_) | Err(_) => self.fail(cx, name, format!("`{text}` is no whole number")),
            },
        }
    }

    /// A whole number that is there, or has a default.
    pub(crate) fn number(&mut self, cx: &mut Cx<'_, '_>, name: &str) -> Read<i64> {
        match self.maybe_number(cx, name)? {
            Some(number) => Ok(number),
            None => self.fail_whole(cx, format!("`{name}` is missing")),
        }
    }

    /// Texts of a list; none if it is absent.
    pub(crate) fn texts(&mut self, cx: &mut Cx<'_, '_>, name: &str) -> Read<Vec<String>> {
        let Some(value) = self.take(cx, name) else {
            return Ok(Vec::new());
        };
        let Json::List(items) = value else {
            return self.fail(cx, name, format!("a list is expected, not {}", value.sort()));
        };
        let mut texts = items
            .iter()
            .map(|item| self.scalar(cx, name, item))
            .collect::<Read<Vec<String>>>()?;
        texts.sort_unstable();
        Ok(texts)
    }

    /// A value with symbols in it, such as a policy: the text in which they stand as such.
    /// Its leaves are counted when it is read.
    pub(crate) fn maybe_wide(&mut self, cx: &mut Cx<'_, '_>, name: &str) -> Read<Option<String>> {
        let Some((index, value)) = self.find(name) else {
            return Ok(None);
        };
        self.mark(index);
        let Json::Text(text) = value else {
            return self.fail(cx, name, format!("text is expected, not {}", value.sort()));
        };
        match cx
            .resolve(self.block, text)
            .map(|parts| render(&parts, cx.letters))
        {
            Ok(Some(text)) => Ok(Some(text)),
            Ok(None) => self.fail(cx, name, "a symbol without a number"),
            Err(what) => self.fail(cx, name, what),
        }
    }

    /// The parts of a value.
    pub(crate) fn maybe_parts(&mut self, cx: &mut Cx<'_, '_>, name: &str) -> Read<Option<Vec<Part>>> {
        let Some(value) = self.take(cx, name) else {
            return Ok(None);
        };
        let Json::Text(text) = value else {
            return self.fail(cx, name, format!("text is expected, not {}", value.sort()));
        };
        match cx.resolve(self.block, text) {
            Ok(parts) => Ok(Some(parts)),
            Err(what) => self.fail(cx, name, what),
        }
    }

    /// The address of the object that an argument names.
    pub(crate) fn maybe_id(
        &mut self,
        cx: &mut Cx<'_, '_>,
        name: &str,
        wanted: &Wanted,
    ) -> Read<Option<String>> {
        match self.maybe_parts(cx, name)? {
            None => Ok(None),
            Some(parts) => self.address(cx, name, &parts, wanted).map(Some),
        }
    }

    /// The address of the object that an argument must name.
    pub(crate) fn id(&mut self, cx: &mut Cx<'_, '_>, name: &str, wanted: &Wanted) -> Read<String> {
        match self.maybe_id(cx, name, wanted)? {
            Some(address) => Ok(address),
            None => self.fail_whole(cx, format!("`{name}` is missing")),
        }
    }

    /// Addresses of the objects that a list names, sorted.
    pub(crate) fn ids(
        &mut self,
        cx: &mut Cx<'_, '_>,
        name: &str,
        wanted: &Wanted,
    ) -> Read<Option<Vec<String>>> {
        let Some(value) = self.take(cx, name) else {
            return Ok(None);
        };
        let Json::List(items) = value else {
            return self.fail(cx, name, format!("a list is expected, not {}", value.sort()));
        };
        let mut addresses = Vec::with_capacity(items.len());
        for item in items {
            let Some(text) = item.text() else {
                return self.fail(cx, name, format!("text is expected, not {}", item.sort()));
            };
            let parts = match cx.resolve(self.block, text) {
                Ok(parts) => parts,
                Err(what) => return self.fail(cx, name, what),
            };
            addresses.push(self.address(cx, name, &parts, wanted)?);
        }
        addresses.sort_unstable();
        addresses.dedup();
        Ok(Some(addresses))
    }

    fn address(&self, cx: &mut Cx<'_, '_>, name: &str, parts: &[Part], wanted: &Wanted) -> Read<String> {
        match parts {
            [Part::Assigned(address, attribute)]
                if *attribute == wanted.attribute && address.starts_with(wanted.head) =>
            {
                Ok(address.to_string())
            }
            [Part::Text(id)] if !wanted.id.is_empty() && is_id(id, wanted.id) => {
                let address = cx.module(self.block)?.of_id(id);
                cx.rely(&address, self.place_of(name));
                Ok(address)
            }
            _ => self.fail(cx, name, "a reference to something else"),
        }
    }

    /// Reads each nested block of a name. A block that is not read fails the whole, after the others were looked at.
    pub(crate) fn each(
        &mut self,
        cx: &mut Cx<'_, '_>,
        name: &'static str,
        read: &mut dyn FnMut(&mut Cx<'_, '_>, &mut Args<'_>) -> Read<()>,
    ) -> Read<usize> {
        let row = self.rows.iter().find(|row| row.name == name);
        let Some(Row {
            rule: Rule::Nested(rows),
            ..
        }) = row
        else {
            return self.fail(cx, name, "no nested block");
        };
        let Some((index, value)) = self.find(name) else {
            return Ok(0);
        };
        self.mark(index);
        let items: &[Json<'_>] = match value {
            Json::List(items) => items,
            single => std::slice::from_ref(single),
        };
        let mut result = Ok(items.iter().filter(|item| **item != Json::Null).count());
        for (index, item) in items.iter().enumerate() {
            if *item == Json::Null {
                continue;
            }
            // A list inside the list holds the parts of one block.
            let (item, part) = match item {
                Json::List(parts) => match parts.as_slice() {
                    [one] => (one, "/0"),
                    _ => (item, ""),
                },
                _ => (item, ""),
            };
            let Json::Object(members) = item else {
                result = self.fail(cx, name, format!("a block is an object, not {}", item.sort()));
                continue;
            };
            let pointer = match value {
                Json::List(_) => format!("{}/{name}/{index}{part}", self.pointer),
                _ => format!("{}/{name}", self.pointer),
            };
            let mut args = Args::new(rows, members, self.block, Arc::clone(&self.path), pointer);
            args.within = format!("{}{name}.", self.within);
            if !args.check(cx, &[]) || read(cx, &mut args).is_err() {
                result = Err(Failed);
                continue;
            }
            args.finish(cx);
        }
        result
    }
}

/// Whether a text is the id of an existing object: a head and hexadecimal digits.
fn is_id(text: &str, head: &str) -> bool {
    text.strip_prefix(head).is_some_and(|rest| {
        !rest.is_empty()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    })
}
