//! The arguments of one block, each taken once by the rule of its row.

mod value;

use std::borrow::Cow;
use std::sync::Arc;

use crate::at::At;
use crate::facts::Place;
use crate::json::Json;
use crate::sink::Class;
use crate::terraform::cx::{Cx, Failed, Read};
use crate::terraform::row::{Absent, Row, Rule, Values};
use crate::terraform::world::Part;

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
}
