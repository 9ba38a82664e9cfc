//! Text, the slow way: filling of placeholders and matching of wildcards.

use std::collections::BTreeMap;

use arena::Name;
use model::Model;
use model::template::{Piece, Placeholder, Template};
use model::thing::{Detail, Thing, ThingId};
use model::value::Value;

/// One member of a fleet, with everything that its row says; or a thing alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// The class or the thing.
    pub thing: ThingId,
    /// The device's name; `None` for a thing alone.
    pub device: Option<String>,
    /// The row's columns by name.
    pub columns: BTreeMap<String, String>,
}

/// Every member of a class; a thing that has none stands for itself.
pub fn members(model: &Model, id: ThingId) -> Vec<Member> {
    let alone = || {
        vec![Member {
            thing: id,
            device: None,
            columns: BTreeMap::new(),
        }]
    };
    let Some(thing) = model.things.get(id) else {
        return Vec::new();
    };
    let Detail::Class(class) = &thing.detail else {
        return alone();
    };
    let Some(fleet) = class.fleet.and_then(|fleet| model.fleets.get(fleet)) else {
        return Vec::new();
    };
    let row = |row: usize| Member {
        thing: id,
        device: Some(fleet.member(row).to_owned()),
        columns: fleet
            .columns
            .iter()
            .map(|column| {
                (
                    model.names.text(column.name).to_owned(),
                    column.value(row).to_owned(),
                )
            })
            .collect(),
    };
    (0..fleet.len()).map(row).collect()
}

/// The members of the class that a family has one member for; the declaration itself if it is no family.
pub fn family(model: &Model, object: &Thing, id: ThingId) -> Vec<Member> {
    match object.family {
        Some(class) => members(model, class),
        None => vec![Member {
            thing: id,
            device: None,
            columns: BTreeMap::new(),
        }],
    }
}

/// A text in which some stretches are wildcards: `None` is `*`, `Some(c)` a character, and `?` is spelt by `ANY_ONE`.
pub type Glob = Vec<Option<char>>;

/// Stands for `?` in a [`Glob`].
pub const ANY_ONE: char = '\u{1}';

/// Whether a glob covers a text. Exponential in the worst case, which small specs never are.
pub fn covers(glob: &[Option<char>], text: &[char]) -> bool {
    match glob.split_first() {
        None => text.is_empty(),
        Some((None, rest)) => {
            (0..=text.len()).any(|skip| text.get(skip..).is_some_and(|text| covers(rest, text)))
        }
        Some((Some(c), rest)) => text
            .split_first()
            .is_some_and(|(first, text)| (c == first || *c == ANY_ONE) && covers(rest, text)),
    }
}

/// What a template of a kind is filled from.
pub struct Filling<'a> {
    /// The model.
    pub model: &'a Model,
    /// The declaration that the template is about.
    pub thing: &'a Thing,
    /// The family member that is meant.
    pub member: &'a Member,
    /// What the trust narrows to; `*` if it does not.
    pub part: &'a Glob,
}

impl Filling<'_> {
    /// The template of a kind, in which `*` and `?` are wildcards.
    pub fn words(&self, template: &Template) -> Glob {
        self.fill(template, true)
    }

    fn fill(&self, template: &Template, wild: bool) -> Glob {
        let mut glob = Glob::new();
        // Of what is delivered from a topic with `+`, that level may be anything.
        let is_topic = |glob: &Glob| wild && glob.ends_with(&plain(":topic/"));
        for piece in &template.pieces {
            match piece {
                Piece::Placeholder(Placeholder::Property(name)) if is_topic(&glob) => {
                    let path = self.placeholder(Placeholder::Property(*name));
                    glob.extend(path.into_iter().map(|letter| letter.filter(|c| *c != '+')));
                }
                Piece::Text(text) => {
                    for c in self.model.names.text(*text).chars() {
                        glob.push(match c {
                            '*' if wild => None,
                            '?' if wild => Some(ANY_ONE),
                            other => Some(other),
                        });
                    }
                }
                Piece::Placeholder(placeholder) => glob.extend(self.placeholder(*placeholder)),
            }
        }
        glob
    }

    fn text(&self, name: Name) -> Glob {
        plain(self.model.names.text(name))
    }

    fn placeholder(&self, placeholder: Placeholder) -> Glob {
        let account = self.thing.account.or(self.model.project.default_account);
        let account = account.and_then(|account| self.model.accounts.get(account));
        let of_account = |name: Option<Name>| name.map_or(Glob::new(), |name| self.text(name));
        match placeholder {
            Placeholder::Partition => of_account(account.map(|account| account.partition)),
            Placeholder::Account => of_account(account.map(|account| account.number)),
            Placeholder::Region => of_account(account.map(|account| account.region)),
            Placeholder::Environment => of_account(self.model.project.environment),
            Placeholder::Physical => match self.thing.existing {
                Some(existing) => self.text(existing.name),
                None if self.thing.family.is_some() => self.fill(&self.thing.physical.written, false),
                None => self.text(self.thing.physical.name),
            },
            Placeholder::Arn => self.arn(),
            Placeholder::Part => self.part.clone(),
            Placeholder::Name => match &self.member.device {
                Some(device) => plain(device),
                None => self.text(self.thing.name),
            },
            Placeholder::Attribute(name) | Placeholder::Property(name) => {
                match self.member.columns.get(self.model.names.text(name)) {
                    Some(value) => plain(value),
                    None => self.property(name),
                }
            }
            Placeholder::Sibling(..) | Placeholder::Reference(..) | Placeholder::Measure(..) => Glob::new(),
        }
    }

    fn property(&self, name: Name) -> Glob {
        let stated = self
            .thing
            .properties
            .iter()
            .find(|property| property.name == name);
        let mut glob = match stated.and_then(|property| property.values.first()) {
            Some(Value::Name(text) | Value::Text(text)) => self.text(*text),
            Some(Value::Template(template)) => self.fill(template, false),
            Some(_) | None => Glob::new(),
        };
        // A topic's path that ends in `/#` holds every topic below.
        if glob.ends_with(&[Some('/'), Some('#')]) {
            glob.pop();
            glob.extend(self.part.clone());
        }
        glob
    }

    /// The address. What the provider assigns is spelt in braces.
    fn arn(&self) -> Glob {
        let Some(kind) = self.model.kinds.get(self.thing.kind) else {
            return Glob::new();
        };
        let account = self.thing.account.or(self.model.project.default_account);
        let Some(account) = account.and_then(|account| self.model.accounts.get(account)) else {
            return Glob::new();
        };
        let [partition, region, number] =
            [account.partition, account.region, account.number].map(|name| self.model.names.text(name));
        // What exists says its whole address, or the name that stands in it.
        let existing = self
            .thing
            .existing
            .map(|existing| self.model.names.text(existing.name));
        if let Some(address) = existing.filter(|name| name.starts_with("arn:")) {
            return plain(address);
        }
        let physical = existing.unwrap_or_else(|| self.model.names.text(self.thing.physical.name));
        let service = kind
            .words
            .service
            .map_or("", |service| self.model.names.text(service));
        match (&kind.words.arn, service) {
            (None, _) if existing.is_some_and(|name| !name.starts_with("alias/")) => {
                plain(&format!("arn:{partition}:kms:{region}:{number}:key/{physical}"))
            }
            (None, _) => plain(&format!(
                "arn:{partition}:kms:{region}:{number}:key/{{kms:{number}:{region}:alias/{}#key-id}}",
                physical.strip_prefix("alias/").unwrap_or(physical)
            )),
            (Some(_), "secretsmanager") => plain(&format!(
                "arn:{partition}:secretsmanager:{region}:{number}:secret:{physical}-{{secretsmanager:{number}:{region}:{physical}#suffix}}"
            )),
            // A name that begins with a slash is a path, and brings it along.
            (Some(template), "ssm") if physical.starts_with('/') => {
                let mut arn = self.fill(template, true);
                if let Some(at) = arn.windows(2).position(|two| two == [Some('/'), Some('/')]) {
                    arn.remove(at);
                }
                arn
            }
            (Some(template), _) => self.fill(template, true),
        }
    }
}

/// A text without wildcards.
pub fn plain(text: &str) -> Glob {
    text.chars().map(Some).collect()
}

/// Concrete texts that a glob covers.
pub fn samples(glob: &Glob) -> Vec<String> {
    let with = |run: &str| {
        let pieces = glob.iter().map(|letter| match letter {
            None => run.to_owned(),
            Some(ANY_ONE) => "q".to_owned(),
            Some(c) => c.to_string(),
        });
        pieces.collect::<String>()
    };
    let mut samples = vec![with(""), with("x"), with("x/y")];
    samples.dedup();
    samples
}
