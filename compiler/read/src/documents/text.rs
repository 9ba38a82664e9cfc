//! A text of a document as a pattern: symbols, variables and wildcards become letters.

use pattern::pattern::{Builder, Pattern};

use super::contested;
use super::variables::{self, Engine};
use crate::letters::{self, Letters};

/// Whether `*` and `?` are wildcards in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wild {
    /// They are.
    Glob,
    /// They stand for themselves.
    Literal,
}

/// A text that was read.
#[derive(Debug)]
pub(crate) struct Text {
    pub(crate) pattern: Pattern,
    /// Whether a variable is in it.
    pub(crate) has_variable: bool,
}

/// Why a text has no pattern.
#[derive(Debug)]
pub(crate) enum Refused {
    /// No rule reads it.
    Unread(String),
    /// It depends on what is not decided.
    NotDecided(String),
}

/// Reads a text in which variables may stand.
pub(crate) fn with_variables(
    text: &str,
    wild: Wild,
    engine: Engine,
    letters: &Letters,
) -> Result<Text, Refused> {
    let is_plain = !text.contains('$') && (text.is_ascii() || !text.contains(letters::is_half));
    if is_plain {
        let pattern = match wild {
            Wild::Glob => Pattern::glob(text),
            Wild::Literal => Pattern::literal(text),
        };
        return finish(pattern, false);
    }
    let mut builder = Builder::new();
    let mut has_variable = false;
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((id, after)) = letters::leading_symbol(rest) {
            builder.symbol(id);
            rest = after;
            continue;
        }
        if let Some(after) = rest.strip_prefix("${") {
            let Some((name, after)) = after.split_once('}') else {
                return Err(Refused::Unread("a variable without its `}`".to_owned()));
            };
            rest = after;
            has_variable |= variable(name, engine, letters, &mut builder)?;
            continue;
        }
        if engine == Engine::Iot && rest.starts_with("$(") {
            return Err(Refused::NotDecided(contested::ESCAPES_IN_IOT.says()));
        }
        match (c, wild) {
            ('*', Wild::Glob) => builder.any(),
            ('?', Wild::Glob) => builder.one(),
            _ => builder.text(c.encode_utf8(&mut [0; 4])),
        };
        rest = rest.strip_prefix(c).unwrap_or_default();
    }
    finish(builder.finish(), has_variable)
}

/// Appends a variable, or the character that an escape stands for; whether it is a variable.
fn variable(name: &str, engine: Engine, letters: &Letters, builder: &mut Builder) -> Result<bool, Refused> {
    if matches!(name, "*" | "?" | "$") {
        if engine == Engine::Iot {
            return Err(Refused::NotDecided(contested::ESCAPES_IN_IOT.says()));
        }
        builder.text(name);
        return Ok(false);
    }
    let known = variables::known(name).filter(|variable| variable.engine == engine);
    match known.and_then(|variable| letters.variable(&variable.key)) {
        Some(id) => {
            builder.variable(id);
            Ok(true)
        }
        None => Err(Refused::Unread(format!("unknown variable `${{{name}}}`"))),
    }
}

fn finish(pattern: Option<Pattern>, has_variable: bool) -> Result<Text, Refused> {
    match pattern {
        Some(pattern) => Ok(Text {
            pattern,
            has_variable,
        }),
        None => Err(Refused::Unread(
            "a code point that is kept for symbols".to_owned(),
        )),
    }
}
