//! A document as a value that is only ever written: members in order, texts borrowed where they can be.

use std::borrow::Cow;

use serde::{Serialize, Serializer};

/// One value.
#[derive(Clone, Debug)]
pub(crate) enum Json<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// Values in order.
    List(Vec<Json<'a>>),
    /// Members in order; whoever puts them in names none twice, and what reads them back refuses it.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Text(text) => serializer.serialize_str(text),
            Json::List(values) => serializer.collect_seq(values),
            Json::Object(members) => {
                serializer.collect_map(members.iter().map(|(name, value)| (&**name, value)))
            }
        }
    }
}
