//! Regions and contexts for people.

use std::fmt;

use crate::region::{Context, Form, Region};

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Nothing => return f.write_str("never"),
            Form::Everything => return f.write_str("always"),
            Form::Node(_) => {}
        }
        for (index, cube) in self.cubes().iter().enumerate() {
            if index > 0 {
                f.write_str(" or ")?;
            }
            let terms: Vec<String> = cube
                .iter()
                .map(|(key, values)| format!("{key}: {values}"))
                .collect();
            f.write_str(&terms.join(" and "))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({self})")
    }
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("any context");
        }
        for (index, (key, value)) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            match value {
                Some(value) => write!(f, "{key} = {value}")?,
                None => write!(f, "{key} absent")?,
            }
        }
        Ok(())
    }
}
