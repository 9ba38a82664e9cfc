//! Things of the provider's registry, as the rows say from which they are made.

use super::Place;

/// The things of one type that one file makes.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The address of the type.
    pub thing_type: String,
    /// Names of the attributes that some of them have, sorted.
    pub attributes: Vec<String>,
    /// Row by row, a thing's name and its values in order of the attributes, end to end.
    fields: String,
    /// Where each field ends.
    ends: Vec<u32>,
    /// Where: the file of the rows.
    pub place: Place,
}

impl Registered {
    /// No thing yet.
    #[must_use]
    pub fn new(thing_type: String, attributes: Vec<String>, place: Place) -> Self {
        Self {
            thing_type,
            attributes,
            fields: String::new(),
            ends: Vec::new(),
            place,
        }
    }

    /// Adds one field; false above 4 GiB of them.
    #[must_use]
    pub fn push(&mut self, field: &str) -> bool {
        self.fields.push_str(field);
        u32::try_from(self.fields.len()).is_ok_and(|end| {
            self.ends.push(end);
            true
        })
    }

    /// How many things there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len() / (self.attributes.len() + 1)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of the thing of a row.
    #[must_use]
    pub fn name(&self, row: usize) -> &str {
        self.field(row * (self.attributes.len() + 1))
    }

    /// The value of its attribute of this number; empty if it has none.
    #[must_use]
    pub fn value(&self, row: usize, attribute: usize) -> &str {
        self.field(row * (self.attributes.len() + 1) + 1 + attribute)
    }

    fn field(&self, number: usize) -> &str {
        let start = match number.checked_sub(1) {
            Some(before) => self.ends.get(before).copied().unwrap_or(u32::MAX),
            None => 0,
        };
        let end = self.ends.get(number).copied().unwrap_or(u32::MAX);
        self.fields.get(start as usize..end as usize).unwrap_or("")
    }
}
