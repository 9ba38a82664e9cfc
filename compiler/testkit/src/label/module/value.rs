//! Values in one spelling: flags and numbers as text, sets in order, members in order, references to blocks.

use std::collections::BTreeMap;

use super::template::Piece;

/// A reference to a block, by its place among them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ref {
    pub(super) node: usize,
    pub(super) sort: String,
    pub(super) attribute: String,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    /// One text, flag or number.
    One(Vec<Piece<Ref>>),
    /// Several, in an order that counts.
    List(Vec<Value>),
    /// Several, each once.
    Set(Vec<Value>),
    /// A block, or values by name.
    Members(BTreeMap<String, Value>),
}

impl Value {
    /// A text.
    pub(super) fn text(text: &str) -> Self {
        Self::One(vec![Piece::Text(text.to_owned())])
    }

    /// The text, if it is nothing else.
    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::One(pieces) => match pieces.as_slice() {
                [Piece::Text(text)] => Some(text),
                _ => None,
            },
            Self::List(_) | Self::Set(_) | Self::Members(_) => None,
        }
    }

    /// Visits every reference, with the names on the way.
    pub(super) fn refs(&self, path: &str, visit: &mut dyn FnMut(&str, &Ref)) {
        match self {
            Self::One(pieces) => {
                for piece in pieces {
                    if let Piece::Ref(to) = piece {
                        visit(path, to);
                    }
                }
            }
            Self::List(items) | Self::Set(items) => items.iter().for_each(|item| item.refs(path, visit)),
            Self::Members(members) => {
                for (name, value) in members {
                    value.refs(&format!("{path}.{name}"), visit);
                }
            }
        }
    }

    /// As text, references as `name` says.
    pub(super) fn show(&self, name: &dyn Fn(&Ref) -> String, out: &mut String) {
        match self {
            Self::One(pieces) => {
                out.push('"');
                for piece in pieces {
                    match piece {
                        Piece::Text(text) => out.push_str(text),
                        Piece::Ref(to) => {
                            out.push('<');
                            out.push_str(&name(to));
                            out.push('>');
                        }
                    }
                }
                out.push('"');
            }
            Self::List(items) => {
                out.push('[');
                items.iter().for_each(|item| item.show(name, out));
                out.push(']');
            }
            // The names of references may order them otherwise than their places do.
            Self::Set(items) => {
                let mut shown: Vec<String> = items
                    .iter()
                    .map(|item| {
                        let mut out = String::new();
                        item.show(name, &mut out);
                        out
                    })
                    .collect();
                shown.sort();
                shown.dedup();
                out.push('{');
                out.extend(shown);
                out.push('}');
            }
            Self::Members(members) => {
                out.push('(');
                for (of, value) in members {
                    out.push_str(of);
                    out.push('=');
                    value.show(name, out);
                }
                out.push(')');
            }
        }
    }
}
