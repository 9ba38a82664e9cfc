//! A JSON value, borrowed from its text where it can be.

use std::borrow::Cow;

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is spelt.
    Number(&'a str),
    /// Text.
    Text(Cow<'a, str>),
    /// Values in order.
    List(Vec<Json<'a>>),
    /// Members in order. Invariant: no name twice, under the folding that the reader was told.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

/// When two names of members count as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fold {
    /// If they are the same.
    Exact,
    /// If they differ at most by ASCII case, as the provider reads policy documents.
    Case,
}

impl Json<'_> {
    /// What it is, for messages.
    pub(crate) fn sort(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a flag",
            Json::Number(_) => "a number",
            Json::Text(_) => "text",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }

    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::List(_) | Json::Object(_) => None,
        }
    }

    /// How many scalars it holds; an empty list or object counts as one.
    pub(crate) fn leaves(&self) -> u64 {
        match self {
            Json::List(items) if !items.is_empty() => items.iter().map(Json::leaves).sum(),
            Json::Object(members) if !members.is_empty() => {
                members.iter().map(|(_, value)| value.leaves()).sum()
            }
            Json::Null
            | Json::Bool(_)
            | Json::Number(_)
            | Json::Text(_)
            | Json::List(_)
            | Json::Object(_) => 1,
        }
    }

    /// Calls `visit` with every text in it, names of members apart.
    pub(crate) fn each_text<'s>(&'s self, visit: &mut dyn FnMut(&'s str)) {
        match self {
            Json::Text(text) => visit(text),
            Json::List(items) => items.iter().for_each(|item| item.each_text(visit)),
            Json::Object(members) => members.iter().for_each(|(_, value)| value.each_text(visit)),
            Json::Null | Json::Bool(_) | Json::Number(_) => {}
        }
    }
}
