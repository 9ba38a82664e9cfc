//! Texts of Terraform as templates: references, and characters that were escaped.

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Piece<R> {
    Text(String),
    Ref(R),
}

/// `[data.]TYPE.LABEL.ATTRIBUTE`, as written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Written {
    pub(super) is_data: bool,
    pub(super) sort: String,
    pub(super) label: String,
    pub(super) attribute: String,
}

/// The pieces of a text; the reason if it is more than text and references.
pub(super) fn read(text: &str) -> Result<Vec<Piece<Written>>, String> {
    let mut out = Vec::new();
    let mut open = String::new();
    let chars: Vec<char> = text.chars().collect();
    let starts = |at: usize, with: &str| chars[at..].iter().take(with.len()).copied().eq(with.chars());
    let mut at = 0;
    while at < chars.len() {
        if starts(at, "$${") || starts(at, "%%{") {
            open.push(chars[at]);
            open.push('{');
            at += 3;
        } else if starts(at, "${") {
            let end = chars[at..].iter().position(|c| *c == '}');
            let Some(end) = end else {
                return Err("a reference without its end".to_owned());
            };
            let inside: String = chars[at + 2..at + end].iter().collect();
            let written = reference(&inside).ok_or_else(|| format!("`{inside}` is no reference"))?;
            if !open.is_empty() {
                out.push(Piece::Text(std::mem::take(&mut open)));
            }
            out.push(Piece::Ref(written));
            at += end + 1;
        } else if starts(at, "%{") {
            return Err("a directive".to_owned());
        } else {
            open.push(chars[at]);
            at += 1;
        }
    }
    if !open.is_empty() || out.is_empty() {
        out.push(Piece::Text(open));
    }
    Ok(out)
}

fn reference(inside: &str) -> Option<Written> {
    let (is_data, rest) = inside
        .strip_prefix("data.")
        .map_or((false, inside), |rest| (true, rest));
    let (sort, rest) = rest.split_once('.')?;
    let (label, attribute) = rest.split_once('.')?;
    // Of an attribute that is a list of objects, a member of the first.
    let names: Vec<&str> = match attribute.split_once("[0].") {
        Some((list, member)) => vec![sort, label, list, member],
        None => vec![sort, label, attribute],
    };
    names.into_iter().all(is_identifier).then(|| Written {
        is_data,
        sort: sort.to_owned(),
        label: label.to_owned(),
        attribute: attribute.to_owned(),
    })
}

/// `[data.]TYPE.LABEL`, as `depends_on` and `moved` have it.
pub(super) fn address(text: &str) -> Option<(bool, &str, &str)> {
    let (is_data, rest) = text
        .strip_prefix("data.")
        .map_or((false, text), |rest| (true, rest));
    let (sort, label) = rest.split_once('.')?;
    (is_identifier(sort) && is_identifier(label)).then_some((is_data, sort, label))
}

/// A name that Terraform takes for a block.
pub(super) fn is_identifier(text: &str) -> bool {
    text.chars()
        .enumerate()
        .all(|(at, c)| c.is_ascii_alphabetic() || c == '_' || (at > 0 && (c.is_ascii_digit() || c == '-')))
        && !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_characters_and_references_are_found() {
        assert_eq!(
            read("a$${b}%%{").unwrap(),
            vec![Piece::Text("a${b}%{".to_owned())]
        );
        let pieces = read("x${data.aws_vpc.c-1.id}").unwrap();
        assert!(matches!(&pieces[1], Piece::Ref(Written { is_data: true, label, .. }) if label == "c-1"));
        for bad in [
            "${a",
            "${a.b}",
            "${a.b[0].c}",
            "%{if}",
            "${1.b.c}",
            "${a.b.c.d}",
            "${a.b.c[1].d}",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
