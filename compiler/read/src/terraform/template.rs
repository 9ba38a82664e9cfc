//! Strings of Terraform are templates: `${…}` refers to a value, `$${` and `%%{` are the characters themselves.

/// One piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Characters, escapes undone.
    Text(String),
    /// A reference.
    Reference(Reference),
}

/// `[data.]TYPE.LABEL.ATTRIBUTE`, the attribute being `NAME` or the `NAME` of the first in a list, `LIST[0].NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) is_data: bool,
    pub(crate) sort: String,
    pub(crate) label: String,
    pub(crate) attribute: String,
}

/// Reads a template; the reason if it holds more than text and references.
pub(crate) fn parse(text: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut open = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['$', '%']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        open.push_str(before);
        if let Some(after) = from.strip_prefix("$${") {
            if open.ends_with('$') {
                return Err("`$` before an escape".to_owned());
            }
            open.push_str("${");
            rest = after;
        } else if let Some(after) = from.strip_prefix("%%{") {
            open.push_str("%{");
            rest = after;
        } else if let Some(after) = from.strip_prefix("${") {
            let (inside, after) = after
                .split_once('}')
                .ok_or_else(|| "a reference without its `}`".to_owned())?;
            let reference = reference(inside).ok_or_else(|| format!("`${{{inside}}}` is no reference"))?;
            if !open.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut open)));
            }
            pieces.push(Piece::Reference(reference));
            rest = after;
        } else if from.starts_with("%{") {
            return Err("a directive `%{`".to_owned());
        } else {
            let mut chars = from.chars();
            open.extend(chars.next());
            rest = chars.as_str();
        }
    }
    open.push_str(rest);
    if !open.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Text(open));
    }
    Ok(pieces)
}

/// What takes an attribute of the first in a list.
const FIRST: &str = "[0].";

fn reference(inside: &str) -> Option<Reference> {
    let (is_data, rest) = match inside.strip_prefix("data.") {
        Some(rest) => (true, rest),
        None => (false, inside),
    };
    let mut parts = rest.splitn(3, '.');
    let (sort, label, attribute) = (parts.next()?, parts.next()?, parts.next()?);
    let (list, name) = attribute.split_once(FIRST).unwrap_or((attribute, attribute));
    let is_plain = [sort, label, list, name].into_iter().all(is_identifier);
    is_plain.then(|| Reference {
        is_data,
        sort: sort.to_owned(),
        label: label.to_owned(),
        attribute: attribute.to_owned(),
    })
}

/// `[data.]TYPE.LABEL`, as `depends_on` and `moved` write it.
pub(crate) fn address(text: &str) -> Option<(bool, &str, &str)> {
    let (is_data, rest) = match text.strip_prefix("data.") {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (sort, label) = rest.split_once('.')?;
    (is_identifier(sort) && is_identifier(label)).then_some((is_data, sort, label))
}

pub(crate) fn is_identifier(text: &str) -> bool {
    let starts = text
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    starts
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Piece {
        Piece::Text(text.to_owned())
    }

    #[test]
    fn escapes_are_undone_and_references_found() {
        assert_eq!(parse("a$${b}%%{c} $5 100%"), Ok(vec![text("a${b}%{c} $5 100%")]));
        let pieces = parse("arn/${data.aws_vpc.c-1.id}/x").unwrap();
        assert_eq!(pieces.len(), 3);
        assert!(
            matches!(&pieces[1], Piece::Reference(Reference { is_data: true, label, .. }) if label == "c-1")
        );
        assert_eq!(parse(""), Ok(vec![text("")]));
    }

    #[test]
    fn what_is_no_plain_reference_is_refused() {
        for bad in [
            "${a",
            "${a.b}",
            "${a.b.c.d}",
            "${a.b[0].c}",
            "${ a.b.c }",
            "%{if x}",
            "$$${a.b.c}",
            "${}",
            "${1.b.c}",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }
}
