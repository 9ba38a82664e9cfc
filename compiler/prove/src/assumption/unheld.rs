//! Facts of declarations that no emitted file sees to, each by its name.
//!
//! A setting is proved of an object that a selected target makes. What exists already, what is never made, what a listener's own
//! software does, and a policy that another owner writes, are as declared, or they are not: nothing that we emit decides.

use std::collections::{BTreeMap, BTreeSet};

use arena::Name;
use checks::Checked;
use model::kind::{Argument, ArgumentValue, BaselineRule, Kind, Restriction};
use model::template::{Piece, Placeholder, Template};
use model::thing::{Detail, PartDetail, Thing};
use read::facts::Facts;
use source::Span;

/// Every fact that rests on nothing but its declaration.
pub(super) fn unheld(checked: &Checked<'_>, facts: &[Facts]) -> BTreeSet<String> {
    let model = checked.model();
    let text = |name: Name| model.names.text(name);
    let makes = facts.iter().any(|one| one.target == bundle::target::TERRAFORM);
    let mut lines = BTreeSet::new();
    let mut used: BTreeMap<Name, Used> = BTreeMap::new();
    for (_, thing) in model.things.iter() {
        let name = text(thing.name);
        let Some(kind) = model.kinds.get(thing.kind) else {
            continue;
        };
        let is_made = makes && thing.existing.is_none();
        let is_resource = matches!(thing.detail, Detail::Resource);
        // What acts is made by a rule of the language, and proved with its role.
        if is_resource && (!is_made || kind.words.acts.is_none()) {
            let used = used.entry(kind.name).or_insert_with(|| Used::of(kind));
            let unheld: Vec<&str> = thing
                .properties
                .iter()
                .filter(|property| !used.defaults.contains(&property.span))
                .filter(|property| !used.address.contains(&property.name))
                .filter(|property| !(is_made && used.means.contains(&property.name)))
                .map(|property| text(property.name))
                .collect();
            if !unheld.is_empty() {
                lines.insert(format!("{name}: {}", unheld.join(", ")));
            }
        }
        if let Detail::People(people) = &thing.detail
            && people.session.is_some()
            && !is_made
        {
            lines.insert(format!("{name}: session"));
        }
        // A balancer and a database take no connection without TLS, since they are made so.
        for part in &thing.parts {
            let Some(part) = model.parts.get(*part) else {
                continue;
            };
            let PartDetail::Listener(listener) = &part.detail else {
                continue;
            };
            let is_required = listener.tls.is_some_and(|(required, _)| required);
            if is_required && !(is_resource && is_made) {
                lines.insert(format!("{name}.{}: tls", text(part.name)));
            }
        }
        lines.extend(restrictions(checked, thing));
    }
    lines
}

/// What baselines say of a thing whose policy another owner writes.
fn restrictions(checked: &Checked<'_>, thing: &Thing) -> Vec<String> {
    let model = checked.model();
    if thing.existing.is_none_or(|existing| existing.is_ours()) {
        return Vec::new();
    }
    let said = model.baselines.iter().filter_map(|(_, line)| match &line.rule {
        BaselineRule::Restrict { kinds, restriction } if kinds.contains(&thing.kind) => {
            let what = match restriction {
                Restriction::TlsOnly => "tls-only",
            };
            let (name, baseline) = (model.names.text(thing.name), model.names.text(line.name));
            Some(format!(
                "{name}: {what} of {baseline}, in a policy that its owner writes"
            ))
        }
        BaselineRule::Restrict { .. } | BaselineRule::Administer { .. } => None,
    });
    said.collect()
}

/// The properties that the lines of a kind use.
#[derive(Default)]
struct Used {
    /// In its address: a wrong value is another thing.
    address: BTreeSet<Name>,
    /// In what it is made of.
    means: BTreeSet<Name>,
    /// Where the kind says its defaults: those are no facts of a declaration.
    defaults: BTreeSet<Span>,
}

impl Used {
    fn of(kind: &Kind) -> Self {
        let mut used = Self {
            defaults: kind
                .words
                .properties
                .iter()
                .map(|property| property.span)
                .collect(),
            ..Self::default()
        };
        for address in kind.words.arn.iter().chain(&kind.words.more_arns) {
            in_template(address, &mut used.address);
        }
        for means in &kind.means {
            used.means
                .extend(means.condition.map(|condition| condition.property));
            in_body(&means.body, &mut used.means);
        }
        used
    }
}

fn in_body(body: &[Argument], out: &mut BTreeSet<Name>) {
    for argument in body {
        out.extend(argument.condition.map(|condition| condition.property));
        in_value(&argument.value, out);
    }
}

fn in_value(value: &ArgumentValue, out: &mut BTreeSet<Name>) {
    match value {
        ArgumentValue::Text(template) => in_template(template, out),
        ArgumentValue::List(values) => values.iter().for_each(|value| in_value(value, out)),
        ArgumentValue::Block(body) => in_body(body, out),
        ArgumentValue::Number(_) | ArgumentValue::Flag(_) => {}
    }
}

fn in_template(template: &Template, out: &mut BTreeSet<Name>) {
    for piece in &template.pieces {
        let Piece::Placeholder(placeholder) = piece else {
            continue;
        };
        match placeholder {
            Placeholder::Property(name)
            | Placeholder::Measure(name, _)
            | Placeholder::Reference(name, _, _) => drop(out.insert(*name)),
            Placeholder::Partition
            | Placeholder::Account
            | Placeholder::Region
            | Placeholder::Environment
            | Placeholder::Physical
            | Placeholder::Arn
            | Placeholder::Part
            | Placeholder::Name
            | Placeholder::Attribute(_)
            | Placeholder::Sibling(..) => {}
        }
    }
}
