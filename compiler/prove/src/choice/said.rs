//! What the blocks of a kind say for one declaration, as far as it is held.

use arena::Name;
use checks::Checked;
use model::kind::{Argument, ArgumentValue, Condition, Kind};
use model::template::{Piece, Placeholder, Template, Unit};
use model::thing::Thing;
use model::value::Value;

/// What a kind wants an argument to be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wanted {
    Exactly(String),
    /// Some value of an object of this address and this name.
    Of {
        address: String,
        name: String,
    },
}

impl Wanted {
    pub(super) fn accepts(&self, value: &str) -> bool {
        match self {
            Self::Exactly(wanted) => wanted == value,
            Self::Of { address, name } => {
                value == name
                    || value == address
                    || value
                        .strip_prefix(address.as_str())
                        .is_some_and(|rest| rest.starts_with('.'))
            }
        }
    }
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(text) => write!(f, "`{text}`"),
            Self::Of { name, .. } => write!(f, "a value of `{name}`"),
        }
    }
}

/// A declaration, and the kind that says how it is made.
pub(super) struct Context<'a> {
    pub(super) checked: &'a Checked<'a>,
    pub(super) address: &'a str,
    pub(super) thing: &'a Thing,
    pub(super) kind: &'a Kind,
}

impl<'a> Context<'a> {
    pub(super) fn text(&self, name: Name) -> &'a str {
        self.checked.model().names.text(name)
    }

    /// Whether a condition is met by what the declaration says, or the kind by default; `#false` is not said.
    pub(super) fn is_met(&self, condition: Option<Condition>) -> bool {
        condition.is_none_or(|condition| {
            let value = self.value(condition.property);
            value.is_some_and(|value| *value != Value::Flag(false)) == condition.said
        })
    }

    fn value(&self, name: Name) -> Option<&'a Value> {
        let own = self
            .thing
            .properties
            .iter()
            .find(|property| property.name == name);
        own.and_then(|property| property.values.first()).or_else(|| {
            let known = self.kind.words.properties.iter();
            known
                .filter(|property| property.name == name)
                .find_map(|property| property.default.as_ref())
        })
    }

    /// What arguments of a block say, as far as they are held and differ from the provider's default.
    pub(super) fn said(&self, within: &str, body: &[Argument], out: &mut Vec<(String, Option<Wanted>)>) {
        for argument in body.iter().filter(|argument| self.is_met(argument.condition)) {
            let path = format!("{within}.{}", self.text(argument.name));
            match &argument.value {
                ArgumentValue::Block(inner) => self.said(&path, inner, out),
                value => {
                    let Some(choice) = read::choice(&path) else {
                        continue;
                    };
                    let wanted = self.wanted(value);
                    let is_default = matches!(
                        (&wanted, choice.default),
                        (Some(Wanted::Exactly(text)), Some(default)) if text == default
                    );
                    if !is_default {
                        out.push((path, wanted));
                    }
                }
            }
        }
    }

    fn wanted(&self, value: &ArgumentValue) -> Option<Wanted> {
        match value {
            ArgumentValue::Text(template) => self.filled(template),
            ArgumentValue::Number(number) => Some(Wanted::Exactly(number.to_string())),
            ArgumentValue::Flag(flag) => Some(Wanted::Exactly(flag.to_string())),
            ArgumentValue::List(items) => {
                let one = |item| match self.wanted(item) {
                    Some(Wanted::Exactly(text)) => Some(text),
                    Some(Wanted::Of { .. }) | None => None,
                };
                let mut items = items.iter().map(one).collect::<Option<Vec<String>>>()?;
                items.sort_unstable();
                Some(Wanted::Exactly(items.join(", ")))
            }
            ArgumentValue::Block(_) => None,
        }
    }

    fn filled(&self, template: &Template) -> Option<Wanted> {
        if let [Piece::Placeholder(placeholder)] = template.pieces.as_slice() {
            return self.placeholder(*placeholder);
        }
        let mut out = String::new();
        for piece in &template.pieces {
            match piece {
                Piece::Text(text) => out.push_str(self.text(*text)),
                Piece::Placeholder(placeholder) => match self.placeholder(*placeholder)? {
                    Wanted::Exactly(text) => out.push_str(&text),
                    Wanted::Of { .. } => return None,
                },
            }
        }
        Some(Wanted::Exactly(out))
    }

    fn placeholder(&self, placeholder: Placeholder) -> Option<Wanted> {
        let model = self.checked.model();
        let account = || model.accounts.get(self.thing.account?);
        let text = match placeholder {
            Placeholder::Partition => self.text(account()?.partition).to_owned(),
            Placeholder::Account => self.text(account()?.number).to_owned(),
            Placeholder::Region => self.text(account()?.region).to_owned(),
            Placeholder::Environment => model
                .project
                .environment
                .map_or("", |name| self.text(name))
                .to_owned(),
            Placeholder::Physical => self.text(self.thing.physical.name).to_owned(),
            Placeholder::Name => self.text(self.thing.name).to_owned(),
            Placeholder::Property(name) => return self.property(name),
            Placeholder::Measure(name, unit) => {
                let Value::Duration(duration) = self.value(name)? else {
                    return None;
                };
                let seconds = match unit {
                    Unit::Seconds => 1,
                    Unit::Minutes => 60,
                    Unit::Hours => 3_600,
                    Unit::Days => 86_400,
                };
                (duration.seconds / seconds).to_string()
            }
            Placeholder::Reference(name, ..) => {
                let Value::Thing(other) = self.value(name)? else {
                    return None;
                };
                let other_thing = model.things.get(*other)?;
                return Some(Wanted::Of {
                    address: self.checked.graph().addresses.objects.get(other)?.clone(),
                    name: self.text(other_thing.physical.name).to_owned(),
                });
            }
            // Its own address, or a value of another block of its own.
            Placeholder::Arn | Placeholder::Sibling(..) => {
                return Some(Wanted::Of {
                    address: self.address.to_owned(),
                    name: self.text(self.thing.physical.name).to_owned(),
                });
            }
            Placeholder::Attribute(_) | Placeholder::Part => return None,
        };
        Some(Wanted::Exactly(text))
    }

    fn property(&self, name: Name) -> Option<Wanted> {
        let text = match self.value(name)? {
            Value::Name(word) | Value::Text(word) | Value::Version(word) => self.text(*word).to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Flag(flag) => flag.to_string(),
            Value::Date(date) => date.to_string(),
            Value::Block(block) => block.to_string(),
            Value::Duration(duration) => format!("{}s", duration.seconds),
            Value::Thing(other) => self
                .text(self.checked.model().things.get(*other)?.name)
                .to_owned(),
            Value::Template(template) => return self.filled(template),
        };
        Some(Wanted::Exactly(text))
    }
}
