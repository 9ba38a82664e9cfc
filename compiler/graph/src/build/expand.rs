//! Templates to patterns.

use arena::Name;
use model::fleet::Fleet;
use model::project::Account;
use model::template::{Piece, Placeholder, Template};
use model::thing::{Detail, Thing, ThingId};
use model::value::Value;
use pattern::pattern::{Builder, Pattern};

use super::Build;

/// Whose letters stand for a member of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whose {
    /// The acting member's own: `name`, `attr:ATTRIBUTE`.
    Own,
    /// The member's that is reached: `of:name`, `of:attr:ATTRIBUTE`.
    Reached,
}

/// What the placeholders of a template stand for.
#[derive(Clone, Copy)]
pub(crate) struct Filling<'a> {
    /// Of which thing.
    pub thing: ThingId,
    /// Whose letters.
    pub whose: Whose,
    /// `{part}`; `None` is the whole, `*`.
    pub part: Option<&'a Pattern>,
}

/// A pattern, and whether `{part}` had a place in it.
pub(crate) struct Filled {
    pub pattern: Pattern,
    pub has_part: bool,
}

/// How the text pieces of a template are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    /// `*` and `?` are wildcards: the words of a kind.
    Glob,
    /// Every character stands for itself: what a user wrote.
    Plain,
}

/// Deep enough for `on` → `{arn}` → `{path}` → `{line}`; a kind that nests deeper refers to itself.
const DEPTH_MAX: usize = 8;

struct Fill<'b, 'm, 'a> {
    build: &'b mut Build<'m>,
    filling: Filling<'a>,
    out: Builder,
    has_part: bool,
    /// The property that is filled is the path behind `topic/`: a `+` in it is one level of whatever topic.
    levels: bool,
    failed: bool,
}

/// Behind this, a path names the topics themselves; behind `topicfilter/`, the text of a subscription.
const TOPICS: &str = ":topic/";

impl<'m> Build<'m> {
    /// The pattern of a template of a thing's kind: text is a glob, what the user wrote is plain.
    pub(crate) fn fill(&mut self, template: &Template, filling: Filling<'_>) -> Option<Filled> {
        let thing = self.thing(filling.thing)?;
        let mut fill = Fill {
            build: self,
            filling,
            out: Builder::new(),
            has_part: false,
            levels: false,
            failed: false,
        };
        fill.template(template, thing, Text::Glob, 0);
        let (mut out, has_part, failed) = (fill.out, fill.has_part, fill.failed);
        let pattern = out.finish();
        if pattern.is_none() {
            let name = self.text(thing.name);
            self.impossible(format!("`{name}` holds characters that no name may hold"));
        }
        (!failed).then_some(())?;
        Some(Filled {
            pattern: pattern?,
            has_part,
        })
    }

    /// The letter of a member's name.
    pub(crate) fn name_letter(&mut self, whose: Whose) -> u32 {
        let key = match whose {
            Whose::Own => "name",
            Whose::Reached => "of:name",
        };
        self.graph.addresses.variables.intern(key).index() as u32
    }

    /// The letter of a member's attribute.
    pub(crate) fn attribute_letter(&mut self, whose: Whose, attribute: Name) -> u32 {
        let text = self.text(attribute);
        let key = match whose {
            Whose::Own => format!("attr:{text}"),
            Whose::Reached => format!("of:attr:{text}"),
        };
        self.graph.addresses.variables.intern(&key).index() as u32
    }

    /// The fleet of a class.
    pub(crate) fn fleet(&self, class: ThingId) -> Option<&'m Fleet> {
        match &self.model.things.get(class)?.detail {
            Detail::Class(detail) => self.model.fleets.get(detail.fleet?),
            Detail::Workload(_) | Detail::People(_) | Detail::External(_) | Detail::Resource => None,
        }
    }
}

impl<'m> Fill<'_, 'm, '_> {
    fn template(&mut self, template: &Template, thing: &'m Thing, text: Text, depth: usize) {
        if depth > DEPTH_MAX {
            self.fail(thing, "refers to itself");
            return;
        }
        let mut before = "";
        for piece in &template.pieces {
            match piece {
                Piece::Text(name) => {
                    before = self.build.text(*name);
                    self.text(before, text);
                }
                Piece::Placeholder(placeholder @ Placeholder::Property(_)) if text == Text::Glob => {
                    self.levels = before.ends_with(TOPICS);
                    self.placeholder(*placeholder, thing, depth);
                    self.levels = false;
                    before = "";
                }
                Piece::Placeholder(placeholder) => {
                    self.placeholder(*placeholder, thing, depth);
                    before = "";
                }
            }
        }
    }

    fn text(&mut self, written: &str, text: Text) {
        match text {
            // The broker delivers topics, which have no `+`: each stands for a level that may be anything. That is more
            // than one level, so it is exact only together with the subscription.
            Text::Plain if self.levels => {
                for (index, stretch) in written.split('+').enumerate() {
                    if index > 0 {
                        self.out.any();
                    }
                    self.out.text(stretch);
                }
            }
            Text::Plain => {
                self.out.text(written);
            }
            Text::Glob => match Pattern::glob(written) {
                Some(pattern) => {
                    self.out.pattern(&pattern);
                }
                None => self.failed = true,
            },
        }
    }

    fn fail(&mut self, thing: &Thing, what: &str) {
        self.failed = true;
        let name = self.build.text(thing.name);
        self.build.impossible(format!("a template of `{name}` {what}"));
    }

    fn placeholder(&mut self, placeholder: Placeholder, thing: &'m Thing, depth: usize) {
        match placeholder {
            Placeholder::Partition => self.account(thing, |account| account.partition),
            Placeholder::Account => self.account(thing, |account| account.number),
            Placeholder::Region => self.account(thing, |account| account.region),
            Placeholder::Environment => {
                if let Some(environment) = self.build.model.project.environment {
                    self.out.text(self.build.text(environment));
                }
            }
            Placeholder::Physical => self.physical(thing, depth),
            Placeholder::Arn => self.arn(thing, depth),
            Placeholder::Part => self.part(),
            Placeholder::Name => match thing.family {
                Some(_) => {
                    let letter = self.build.name_letter(self.filling.whose);
                    self.out.variable(letter);
                }
                None => {
                    self.out.text(self.build.text(thing.name));
                }
            },
            Placeholder::Attribute(attribute) => self.attribute(attribute, thing, depth),
            Placeholder::Property(property) => self.property(property, thing, depth),
            Placeholder::Sibling(..) | Placeholder::Reference(..) | Placeholder::Measure(..) => {
                self.fail(thing, "uses a Terraform reference outside a terraform block");
            }
        }
    }

    fn account(&mut self, thing: &Thing, of: fn(&Account) -> Name) {
        match self.build.account_of(thing) {
            Some((_, account)) => {
                self.out.text(self.build.text(of(account)));
            }
            None => self.fail(thing, "needs an account"),
        }
    }

    fn part(&mut self) {
        self.has_part = true;
        match self.filling.part {
            Some(part) => self.out.pattern(part),
            None => self.out.any(),
        };
    }

    fn physical(&mut self, thing: &'m Thing, depth: usize) {
        match thing.existing {
            Some(existing) => {
                let name = self.build.text(existing.name);
                self.out.text(self.in_address(thing, name));
            }
            None if thing.family.is_some() => {
                self.template(&thing.physical.written, thing, Text::Plain, depth + 1)
            }
            None => {
                let name = self.build.text(thing.physical.name);
                self.out.text(self.in_address(thing, name));
            }
        }
    }

    /// A name as it stands in an address: that of a parameter with a path has one slash, `parameter/app/pw` for `/app/pw`.
    ///
    /// Source: <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html>
    fn in_address(&self, thing: &Thing, name: &'m str) -> &'m str {
        let kind = self.build.model.kinds.get(thing.kind);
        let service = kind.and_then(|kind| kind.words.service);
        if service.is_some_and(|service| self.build.text(service) == "ssm") {
            name.strip_prefix('/').unwrap_or(name)
        } else {
            name
        }
    }

    fn arn(&mut self, thing: &'m Thing, depth: usize) {
        if let Some(existing) = thing.existing.map(|existing| self.build.text(existing.name))
            && existing.starts_with("arn:")
        {
            self.out.text(existing);
            return;
        }
        let Some(kind) = self.build.model.kinds.get(thing.kind) else {
            return;
        };
        let service = kind.words.service.map_or("", |service| self.build.text(service));
        match &kind.words.arn {
            Some(template) if service == "secretsmanager" => self.secret(template, thing, depth),
            Some(template) => self.template(template, thing, Text::Glob, depth + 1),
            None if service == "kms" => self.key(thing),
            None => self.fail(thing, "needs an `arn` that its kind does not have"),
        }
    }

    /// A key's address holds nothing but what the provider assigns.
    fn key(&mut self, thing: &'m Thing) {
        let Some((_, account)) = self.build.account_of(thing) else {
            return self.fail(thing, "needs an account");
        };
        let [partition, region, number] =
            [account.partition, account.region, account.number].map(|name| self.build.text(name));
        self.out
            .text(&format!("arn:{partition}:kms:{region}:{number}:key/"));
        // An alias leads to a key whose id is looked up.
        let existing = thing.existing.map(|existing| self.build.text(existing.name));
        match existing.filter(|name| crate::address::alias(name).is_none()) {
            Some(id) => {
                self.out.text(id);
            }
            None => self.symbol("key-id", thing),
        }
    }

    /// A secret's address ends in letters that the service adds: six wildcards in its kind, one symbol here.
    fn secret(&mut self, template: &'m Template, thing: &'m Thing, depth: usize) {
        const ADDED: &str = "??????";
        let stem = template
            .pieces
            .split_last()
            .and_then(|(last, before)| match last {
                Piece::Text(name) => Some((before, self.build.text(*name).strip_suffix(ADDED)?)),
                Piece::Placeholder(_) => None,
            });
        let Some((before, text)) = stem else {
            return self.template(template, thing, Text::Glob, depth + 1);
        };
        let head = Template {
            pieces: before.to_vec(),
            span: template.span,
        };
        self.template(&head, thing, Text::Glob, depth + 1);
        self.text(text, Text::Glob);
        self.symbol("suffix", thing);
    }

    fn attribute(&mut self, attribute: Name, thing: &'m Thing, depth: usize) {
        let column = thing
            .family
            .and_then(|class| self.build.fleet(class))
            .and_then(|fleet| fleet.column(attribute));
        if column.is_some() {
            let letter = self.build.attribute_letter(self.filling.whose, attribute);
            self.out.variable(letter);
        } else {
            self.property(attribute, thing, depth);
        }
    }

    fn property(&mut self, property: Name, thing: &'m Thing, depth: usize) {
        let written = thing
            .properties
            .iter()
            .find(|candidate| candidate.name == property)
            .and_then(|property| property.values.first());
        let kind = self.build.model.kinds.get(thing.kind);
        let declared = kind.and_then(|kind| {
            kind.words
                .properties
                .iter()
                .find(|candidate| candidate.name == property)
        });
        let Some(value) = written.or(declared.and_then(|declared| declared.default.as_ref())) else {
            if declared.is_some() {
                return self.fail(
                    thing,
                    &format!("needs `{}`, which is not said", self.build.text(property)),
                );
            }
            return self.assigned(property, thing);
        };
        match value {
            Value::Name(name) | Value::Text(name) | Value::Version(name) => {
                self.plain(self.build.text(*name))
            }
            Value::Template(template) => self.written(template, thing, depth),
            Value::Number(number) => self.plain(&number.to_string()),
            Value::Flag(flag) => self.plain(if *flag { "true" } else { "false" }),
            Value::Duration(duration) => self.plain(&duration.seconds.to_string()),
            Value::Date(date) => self.plain(&date.to_string()),
            Value::Block(block) => self.plain(&block.to_string()),
            Value::Thing(other) => {
                let other = self.build.thing(*other);
                if let Some(other) = other {
                    self.physical(other, depth + 1);
                }
            }
        }
    }

    /// What a user wrote; a topic path that ends in `/#` has `{part}` in place of the `#`.
    fn plain(&mut self, written: &str) {
        match written.strip_suffix("/#") {
            Some(above) => {
                self.text(above, Text::Plain);
                self.out.text("/");
                self.part();
            }
            None => self.text(written, Text::Plain),
        }
    }

    fn written(&mut self, template: &Template, thing: &'m Thing, depth: usize) {
        let Some((last, before)) = template.pieces.split_last() else {
            return;
        };
        let head = Template {
            pieces: before.to_vec(),
            span: template.span,
        };
        self.template(&head, thing, Text::Plain, depth + 1);
        match last {
            Piece::Text(name) => self.plain(self.build.text(*name)),
            Piece::Placeholder(placeholder) => self.placeholder(*placeholder, thing, depth + 1),
        }
    }

    /// A value that the provider assigns: a symbol, or what an existing thing is called.
    fn assigned(&mut self, attribute: Name, thing: &'m Thing) {
        if let Some(existing) = thing.existing {
            self.out.text(self.build.text(existing.name));
            return;
        }
        let attribute = self.build.text(attribute);
        self.symbol(attribute, thing);
    }

    fn symbol(&mut self, attribute: &str, thing: &'m Thing) {
        let Some(address) = self.build.assigned_address(thing) else {
            return self.fail(thing, "needs an account");
        };
        let key = format!("{address}#{attribute}");
        let symbol = self.build.graph.addresses.symbols.intern(&key).index() as u32;
        self.out.symbol(symbol);
    }
}
