//! Changes of whole blocks of a module: gone, twice, under other labels, in two parts.
//!
//! A block stands below its section, type and label. References to it are texts in the files of its folder.

use super::json::{self, Json, Style};
use super::{Change, Operator, Site, format_of, leaf};
use crate::label::Files;

/// Where a block stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    path: String,
    section: String,
    sort: String,
    label: String,
}

/// A change of a block.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum BlockEdit {
    /// It goes, and what holds nothing else with it.
    Drop,
    /// It stands a second time, under another label.
    Copy,
    /// Another label, and all that refers to it follows.
    Relabel,
    /// It changes labels with another of its type, and all that refers to them follows.
    Exchange(String),
    /// Two blocks instead of one: what each says otherwise.
    Part([Vec<(String, Json)>; 2]),
}

impl Block {
    /// How other blocks name it.
    fn address(&self, label: &str) -> String {
        let data = if self.section == "data" { "data." } else { "" };
        format!("{data}{}.{label}", self.sort)
    }

    pub(crate) fn describe(&self) -> String {
        format!("{} {}", self.path, self.address(&self.label))
    }
}

/// What a second block of a label is called.
const SECOND: &str = "_second";

pub(crate) fn sites(files: &Files, out: &mut Vec<Site>) {
    for (path, (target, bytes)) in files.iter().filter(|(path, _)| path.ends_with(".tf.json")) {
        let Ok(document) = json::parse(bytes) else {
            continue;
        };
        for section in ["resource", "data"] {
            let Some(Json::Object(sorts)) = document.get(section) else {
                continue;
            };
            for (sort, labels) in sorts {
                let Json::Object(labels) = labels else { continue };
                for (at, (label, body)) in labels.iter().enumerate() {
                    let mut add = |operator, edit| {
                        out.push(Site {
                            operator,
                            format: format_of(target, path),
                            argument: sort.clone(),
                            change: Change::Block {
                                block: Block {
                                    path: path.clone(),
                                    section: section.to_owned(),
                                    sort: sort.clone(),
                                    label: label.clone(),
                                },
                                edit,
                            },
                        });
                    };
                    add(Operator::DropBlock, BlockEdit::Drop);
                    add(Operator::CopyBlock, BlockEdit::Copy);
                    add(Operator::Relabel, BlockEdit::Relabel);
                    if let Some((next, _)) = labels.get(at + 1) {
                        add(Operator::Relabel, BlockEdit::Exchange(next.clone()));
                    }
                    for parts in parts(body) {
                        add(Operator::Halve, BlockEdit::Part(parts));
                    }
                }
            }
        }
    }
}

/// Pairs of changes that take what a block says apart: halves of its addresses, halves of its ports.
fn parts(body: &Json) -> Vec<[Vec<(String, Json)>; 2]> {
    let Json::Object(members) = body else {
        return Vec::new();
    };
    let mut out = Vec::new();
    for (name, value) in members {
        let block = value.as_text().and_then(|text| text.split_once('/'));
        if let Some((address, bits)) = block
            && let (Ok(address), Ok(bits)) = (address.parse(), bits.parse())
            && let Some(halves) = leaf::halves(address, bits)
        {
            out.push(halves.map(|half| vec![(name.clone(), Json::Text(half))]));
        }
    }
    let number = |name: &str| match body.get(name) {
        Some(Json::Number(number)) => number.parse::<i64>().ok(),
        _ => None,
    };
    if let (Some(first), Some(last)) = (number("from_port"), number("to_port"))
        && first < last
    {
        let middle = first + (last - first) / 2;
        let port = |name: &str, port: i64| vec![(name.to_owned(), Json::Number(port.to_string()))];
        out.push([port("to_port", middle), port("from_port", middle + 1)]);
    }
    // Where a number says which comes first, the second part comes next.
    if let Some(number) = number("rule_number") {
        let numbered = |parts: &[Vec<(String, Json)>; 2]| {
            let mut parts = parts.clone();
            parts[1].push(("rule_number".to_owned(), Json::Number((number + 1).to_string())));
            parts
        };
        out = out.iter().map(numbered).collect();
    }
    out
}

/// Makes a change; `None` if the block is not there.
pub(crate) fn apply(files: &mut Files, block: &Block, edit: &BlockEdit) -> Option<()> {
    match edit {
        BlockEdit::Drop => change(files, block, &mut |labels, at| {
            labels.remove(at);
        }),
        BlockEdit::Copy => change(files, block, &mut |labels, at| {
            let (label, body) = labels[at].clone();
            labels.push((format!("{label}{SECOND}"), body));
        }),
        BlockEdit::Part(parts) => change(files, block, &mut |labels, at| {
            let (label, body) = labels[at].clone();
            let [first, second] = parts.each_ref().map(|part| with(&body, part));
            labels[at].1 = first;
            labels.push((format!("{label}{SECOND}"), second));
        }),
        BlockEdit::Relabel => {
            let new = format!("{}{SECOND}", block.label);
            change(files, block, &mut |labels, at| labels[at].0.clone_from(&new))?;
            follow(files, block, &[(&block.label, &new)]);
            Some(())
        }
        BlockEdit::Exchange(other) => {
            change(files, block, &mut |labels, at| {
                if let Some(with) = labels.iter().position(|(label, _)| label == other) {
                    labels[at].0.clone_from(other);
                    labels[with].0.clone_from(&block.label);
                }
            })?;
            follow(files, block, &[(&block.label, other), (other, &block.label)]);
            Some(())
        }
    }
}

/// A body that says some things otherwise.
fn with(body: &Json, changes: &[(String, Json)]) -> Json {
    let mut body = body.clone();
    if let Json::Object(members) = &mut body {
        for (name, new) in changes {
            members
                .iter_mut()
                .filter(|(known, _)| known == name)
                .for_each(|(_, value)| value.clone_from(new));
        }
    }
    body
}

/// The blocks of a type by label, and the place of one.
type Among<'a> = dyn FnMut(&mut Vec<(String, Json)>, usize) + 'a;

/// Changes the labels among which a block stands; what is empty then goes.
fn change(files: &mut Files, block: &Block, edit: &mut Among<'_>) -> Option<()> {
    let (_, bytes) = files.get_mut(&block.path)?;
    let mut document = json::parse(bytes).ok()?;
    let sections = members(&mut document)?;
    let section = sections.iter().position(|(name, _)| *name == block.section)?;
    let sorts = members(&mut sections[section].1)?;
    let sort = sorts.iter().position(|(name, _)| *name == block.sort)?;
    let labels = members(&mut sorts[sort].1)?;
    let label = labels.iter().position(|(name, _)| *name == block.label)?;
    edit(labels, label);
    if labels.is_empty() {
        sorts.remove(sort);
    }
    if sorts.is_empty() {
        sections.remove(section);
    }
    *bytes = document.write(Style::Pretty);
    Some(())
}

fn members(value: &mut Json) -> Option<&mut Vec<(String, Json)>> {
    match value {
        Json::Object(members) => Some(members),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => None,
    }
}

/// Every reference in the block's folder to its new label.
fn follow(files: &mut Files, block: &Block, labels: &[(&String, &String)]) {
    let folder = block.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let own = files
        .iter_mut()
        .filter(|(path, _)| path.rsplit_once('/').is_some_and(|(of, _)| of == folder));
    for (_, (_, bytes)) in own {
        let Ok(mut document) = json::parse(bytes) else {
            continue;
        };
        if retell(&mut document, &|text| renamed(text, block, labels)) {
            *bytes = document.write(Style::Pretty);
        }
    }
}

/// A text in which references follow their blocks, if it has any.
fn renamed(text: &str, block: &Block, labels: &[(&String, &String)]) -> Option<String> {
    if let Some((_, new)) = labels.iter().find(|(old, _)| block.address(old) == text) {
        return Some(block.address(new));
    }
    let mut out = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find("${") {
        let (head, tail) = rest.split_at(at + 2);
        out.push_str(head);
        let hit = labels.iter().find_map(|(old, new)| {
            let own = tail.strip_prefix(&block.address(old))?;
            own.starts_with('.').then_some((own, *new))
        });
        rest = match hit {
            Some((own, new)) => {
                found = true;
                out.push_str(&block.address(new));
                own
            }
            None => tail,
        };
    }
    out.push_str(rest);
    found.then_some(out)
}

/// Changes texts. Whether any was.
fn retell(value: &mut Json, new: &dyn Fn(&str) -> Option<String>) -> bool {
    match value {
        Json::Text(text) => match new(text) {
            Some(other) => {
                *text = other;
                true
            }
            None => false,
        },
        Json::List(items) => {
            let mut any = false;
            for item in items {
                any |= retell(item, new);
            }
            any
        }
        Json::Object(members) => {
            let mut any = false;
            for (_, value) in members {
                any |= retell(value, new);
            }
            any
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Files {
        Files::from([("a/x.tf.json".to_owned(), ("terraform", text.as_bytes().to_vec()))])
    }

    fn after(edit: &BlockEdit) -> String {
        let mut files = files(
            r#"{"resource":{"aws_a":{"l":{"c":"10.0.0.0/8"}},"aws_b":{"m":{"r":"x${aws_a.l.id}","depends_on":["aws_a.l"]}}}}"#,
        );
        let block = Block {
            path: "a/x.tf.json".to_owned(),
            section: "resource".to_owned(),
            sort: "aws_a".to_owned(),
            label: "l".to_owned(),
        };
        apply(&mut files, &block, edit).unwrap();
        let document = json::parse(&files["a/x.tf.json"].1).unwrap();
        String::from_utf8(document.write(Style::Compact)).unwrap()
    }

    #[test]
    fn references_follow_a_label() {
        assert_eq!(
            after(&BlockEdit::Relabel),
            r#"{"resource":{"aws_a":{"l_second":{"c":"10.0.0.0/8"}},"aws_b":{"m":{"r":"x${aws_a.l_second.id}","depends_on":["aws_a.l_second"]}}}}"#
        );
    }

    #[test]
    fn what_is_empty_goes_with_the_block() {
        assert_eq!(
            after(&BlockEdit::Drop),
            r#"{"resource":{"aws_b":{"m":{"r":"x${aws_a.l.id}","depends_on":["aws_a.l"]}}}}"#
        );
    }

    #[test]
    fn addresses_come_in_halves() {
        let body = json::parse(br#"{"c":"10.0.0.0/8","from_port":1,"to_port":4}"#).unwrap();
        let parts = parts(&body);
        assert_eq!(parts.len(), 2);
        assert_eq!(parts[0][1], vec![("c".to_owned(), Json::text("10.128.0.0/9"))]);
        assert_eq!(
            parts[1][0],
            vec![("to_port".to_owned(), Json::Number("2".to_owned()))]
        );
    }
}
