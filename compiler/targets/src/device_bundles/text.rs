//! Prose and configuration from templates that refuse what they cannot quote.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};

/// What is refused, for a diagnostic.
#[derive(Debug)]
pub(super) struct Refused {
    /// What it is of the class.
    pub(super) what: &'static str,
    /// Why.
    pub(super) text: String,
}

/// Renders a template. Every value that it names must be given, and hold nothing that could end a line or start a substitution.
pub(super) fn render(what: &'static str, template: &str, values: Value) -> Result<Vec<u8>, Refused> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let mut syntax = SyntaxConfig::builder();
    syntax
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true);
    match syntax.build() {
        Ok(syntax) => environment.set_syntax(syntax),
        Err(error) => {
            return Err(Refused {
                what,
                text: error.to_string(),
            });
        }
    }
    environment.set_formatter(plain);
    match environment.render_str(template, values) {
        Ok(text) => Ok(text.into_bytes()),
        Err(error) => Err(Refused {
            what,
            text: error.detail().unwrap_or("not given").to_owned(),
        }),
    }
}

/// Letters, digits and marks that mean nothing to any reader of these files.
fn plain(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    const MARKS: &str = " ._-:/@+=,`'()%";
    let text = value.to_string();
    let odd = text
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !MARKS.contains(*c));
    if value.is_undefined() || value.is_none() || odd.is_some() {
        return Err(Error::new(ErrorKind::InvalidOperation, format!("{text:?}")));
    }
    out.write_str(&text)
        .map_err(|_| Error::new(ErrorKind::WriteFailure, "a string"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_more_than_text_is_refused() {
        let render = |text: &str| render("it", "{{ it }}\n", minijinja::context! { it => text });
        assert_eq!(render("gw-1 (a.b)").unwrap(), b"gw-1 (a.b)\n");
        for text in ["a\nb", "$x", "\"", "\\", "#", "ü", "{{", "a\0"] {
            assert!(render(text).is_err(), "{text}");
        }
        assert!(super::render("it", "{{ other }}", minijinja::context! {}).is_err());
    }
}
