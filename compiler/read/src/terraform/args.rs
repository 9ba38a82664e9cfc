//! The arguments of one block, each taken once by the rule of its row.

use std::borrow::Cow;
use std::sync::Arc;

use super::cx::{Cx, Failed, Read};
use super::row::{Absent, Row, Rule, Values};
use super::world::{Part, plain, render};
use crate::at::At;
use crate::facts::Place;
use crate::json::Json;
use crate::sink::Class;

/// The arguments of a block or nested block.
pub(crate) struct Args<'w> {
    rows: &'static [Row],
    members: &'w [(Cow<'w, str>, Json<'w>)],
    taken: Vec<bool>,
    pub(crate) block: usize,
    pub(crate) path: Arc<str>,
    pub(crate) pointer: String,
    /// Names of the nested blocks on the way to these arguments, each with a dot behind it.
    within: String,
}

/// A value that names another object.
pub(crate) struct Wanted {
    /// What its address starts with.
    pub(crate) head: &'static str,
    /// By which attribute it is named.
    pub(crate) attribute: &'static str,
    /// What the id of an existing one starts with; empty if none may be named so.
    pub(crate) id: &'static str,
}

/// A network.
pub(crate) const VPC: Wanted = Wanted {
    head: "vpc:",
    attribute: "id",
    id: "vpc-",
};
/// A subnet.
pub(crate) const SUBNET: Wanted = Wanted {
    head: "subnet:",
    attribute: "id",
    id: "subnet-",
};
/// A security group.
pub(crate) const GROUP: Wanted = Wanted {
    head: "sg:",
    attribute: "id",
    id: "sg-",
};
/// A route table.
pub(crate) const TABLE: Wanted = Wanted {
    head: "route-table:",
    attribute: "id",
    id: "rtb-",
};
/// A network ACL.
pub(crate) const ACL: Wanted = Wanted {
    head: "acl:",
    attribute: "id",
    id: "",
};
/// A private endpoint.
pub(crate) const ENDPOINT: Wanted = Wanted {
    head: "vpce:",
    attribute: "id",
    id: "vpce-",
};

impl<'w> Args<'w> {
    pub(crate) fn new(
        rows: &'static [Row],
        members: &'w [(Cow<'w, str>, Json<'w>)],
        block: usize,
        path: Arc<str>,
        pointer: String,
    ) -> Self {
        Args {
            rows,
            members,
            taken: vec![false; members.len()],
            block,
            path,
            pointer,
            within: String::new(),
        }
    }

    pub(crate) fn place(&self) -> Place {
        Place {
            path: Arc::clone(&self.path),
            pointer: self.pointer.clone(),
        }
    }

    /// The place of an argument.
    pub(crate) fn place_of(&self, name: &str) -> Place {
        self.at().key(name).place()
    }

    fn at(&self) -> At<'_> {
        At::Root {
            path: &self.path,
            base: &self.pointer,
        }
    }

    /// Says that an argument is not read.
    pub(crate) fn fail<T>(&self, cx: &mut Cx<'_, '_>, name: &str, what: impl Into<String>) -> Read<T> {
        cx.sink.unread(&self.at().key(name), what);
        Err(Failed)
    }

    /// Says that the block is not read.
    pub(crate) fn fail_whole<T>(&self, cx: &mut Cx<'_, '_>, what: impl Into<String>) -> Read<T> {
        cx.sink.unread(&self.at(), what);
        Err(Failed)
    }

    /// Arguments that no row knows, and values that their rows refuse. Whether all is well.
    pub(crate) fn check(&mut self, cx: &mut Cx<'_, '_>, also: &'static [Row]) -> bool {
        let mut good = true;
        for index in 0..self.members.len() {
            let Some((name, value)) = self.members.get(index) else {
                continue;
            };
            if *value == Json::Null {
                self.mark(index);
                continue;
            }
            let row = self.rows.iter().chain(also).find(|row| row.name == name.as_ref());
            let Some(row) = row else {
                let _: Read<()> = self.fail(cx, name, "unknown argument");
                good = false;
                continue;
            };
            if row.held {
                self.hold(cx, row, value);
            }
            match row.rule {
                Rule::Taken | Rule::Nested(_) => {}
                Rule::Free(values) => {
                    good &= self.is_harmless(cx, name, value) && self.is_among(cx, name, value, values);
                    cx.sink.count(row.class, value.leaves());
                    self.mark(index);
                }
                Rule::Only(values) => {
                    self.mark(index);
                    cx.sink.count(row.class, value.leaves());
                    let items: &[Json<'_>] = match value {
                        Json::List(items) => items,
                        single => std::slice::from_ref(single),
                    };
                    for item in items {
                        good &= match self.scalar(cx, name, item) {
                            Ok(text) if values.contains(&text.as_str()) => true,
                            Ok(text) => self.fail::<()>(cx, name, format!("the value `{text}`")).is_ok(),
                            Err(Failed) => false,
                        };
                    }
                }
            }
        }
        for row in self.rows {
            let is_missing = matches!(row.absent, Absent::Refused) && self.find(row.name).is_none();
            if is_missing {
                let _: Read<()> = self.fail_whole(cx, format!("`{}` is missing", row.name));
                good = false;
            }
        }
        good
    }

    /// Notes what an argument says that is held to the kind; nothing if the provider takes that anyway.
    fn hold(&self, cx: &mut Cx<'_, '_>, row: &Row, value: &Json<'_>) {
        let Some(block) = cx
            .world
            .blocks
            .get(self.block)
            .filter(|block| !block.sort.is_data)
        else {
            return;
        };
        let shown = self.shown(cx, value);
        let is_empty = matches!(value, Json::List(items) if items.is_empty());
        if is_empty || row.default() == Some(shown.as_str()) {
            return;
        }
        let argument = format!("{}.{}{}", block.sort.name, self.within, row.name);
        if let Some(address) = cx.world.address(self.block) {
            cx.out
                .choices
                .entry(address.to_string())
                .or_default()
                .push((argument, shown));
        }
    }

    /// A value as one text.
    fn shown(&self, cx: &mut Cx<'_, '_>, value: &Json<'_>) -> String {
        match value {
            Json::Null => String::new(),
            Json::Bool(flag) => flag.to_string(),
            Json::Number(number) => (*number).to_owned(),
            // One that leads nowhere is told by whoever reads it.
            Json::Text(text) => cx
                .resolve(self.block, text)
                .unwrap_or_default()
                .iter()
                .map(|part| match part {
                    Part::Text(text) => text.clone(),
                    Part::Assigned(address, attribute) => format!("{address}.{attribute}"),
                })
                .collect(),
            Json::List(items) => {
                let mut items: Vec<String> = items.iter().map(|item| self.shown(cx, item)).collect();
                items.sort_unstable();
                items.join(", ")
            }
            Json::Object(members) => {
                let one =
                    |(name, value): &(Cow<'_, str>, Json<'_>)| format!("{name}={}", self.shown(cx, value));
                let mut members: Vec<String> = members.iter().map(one).collect();
                members.sort_unstable();
                members.join(", ")
            }
        }
    }

    /// Whether a value that decides nothing is at least well formed: references in it lead somewhere.
    fn is_harmless(&self, cx: &mut Cx<'_, '_>, name: &str, value: &Json<'_>) -> bool {
        let mut fault = None;
        value.each_text(&mut |text| {
            if let Err(what) = cx.resolve(self.block, text) {
                fault = Some(what);
            }
        });
        match fault {
            None => true,
            Some(what) => self.fail::<()>(cx, name, what).is_ok(),
        }
    }

    /// Whether a value is one that the provider takes.
    fn is_among(&self, cx: &mut Cx<'_, '_>, name: &str, value: &Json<'_>, values: Values) -> bool {
        if matches!(values, Values::Any) {
            return true;
        }
        let items: &[Json<'_>] = match value {
            Json::List(items) => items,
            single => std::slice::from_ref(single),
        };
        items.iter().all(|item| {
            let Ok(text) = self.scalar(cx, name, item) else {
                return false;
            };
            let fits = match values {
                Values::Any => true,
                Values::Words(words) => words.contains(&text.as_str()),
                Values::Whole(first, last) => text
                    .parse()
                    .is_ok_and(|number: i64| first <= number && number <= last),
                Values::Text(fits) => fits(&text),
            };
            fits || self
                .fail::<()>(
                    cx,
                    name,
                    format!("the value `{text}`, which the provider refuses"),
                )
                .is_ok()
        })
    }

    /// Arguments that nobody took: a table and its reader disagree.
    pub(crate) fn finish(&self, cx: &mut Cx<'_, '_>) {
        for (index, (name, _)) in self.members.iter().enumerate() {
            if self.taken.get(index) == Some(&false) {
                let _: Read<()> = self.fail(cx, name, "an argument that may not stand beside the others");
            }
        }
    }

    fn mark(&mut self, index: usize) {
        if let Some(taken) = self.taken.get_mut(index) {
            *taken = true;
        }
    }

    fn find(&self, name: &str) -> Option<(usize, &'w Json<'w>)> {
        let found = self
            .members
            .iter()
            .enumerate()
            .find(|(_, (known, _))| known == name);
        found
            .map(|(index, (_, value))| (index, value))
            .filter(|(_, value)| **value != Json::Null)
    }

    /// Whether an argument is there.
    pub(crate) fn is_said(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// Takes an argument: its value, counted.
    fn take(&mut self, cx: &mut Cx<'_, '_>, name: &str) -> Option<&'w Json<'w>> {
        let (index, value) = self.find(name)?;
        self.mark(index);
        let class = self
            .rows
            .iter()
            .find(|row| row.name == name)
            .map_or(Class::Setting, |row| row.class);
        cx.sink.count(class, value.leaves());
        Some(value)
    }

    fn default(&self, name: &str) -> Option<&'static str> {
        let row = self.rows.iter().find(|row| row.name == name)?;
        match row.absent {
            Absent::Means(value) => Some(value),
            Absent::Refused | Absent::Nothing => None,
        }
    }

    /// A scalar as text without values that the provider assigns.
    fn scalar(&self, cx: &mut Cx<'_, '_>, name: &str, value: &Json<'_>) -> Read<String> {
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
