//! Places in documents, and changes made there. A document inside a text is entered like any other.

use super::json::{self, Json, Style};

/// One step down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a member, by its place.
    Member(usize),
    /// Into an element.
    Item(usize),
    /// Into the document that a text holds.
    Inside,
}

/// A change at a place.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// The element or member goes.
    Remove,
    /// It stands twice.
    Double,
    /// It changes places with the next: elements as wholes, members their values.
    SwapNext,
    /// Another value.
    Set(Json),
    /// Another name for the member.
    Rename(String),
    /// One more member of the object, at its end.
    Add(String, Json),
    /// Several elements instead of one.
    Replace(Vec<Json>),
}

/// Steps as text.
#[must_use]
pub fn pointer(steps: &[Step]) -> String {
    steps
        .iter()
        .map(|step| match step {
            Step::Member(at) => format!("/{at}"),
            Step::Item(at) => format!("/[{at}]"),
            Step::Inside => "/inside".to_owned(),
        })
        .collect()
}

/// Visits every place but the root.
pub fn walk(document: &Json, visit: &mut dyn FnMut(Vec<Step>, String, &Json)) {
    down(document, &[], &[], visit);
}

fn down(value: &Json, steps: &[Step], names: &[&str], visit: &mut dyn FnMut(Vec<Step>, String, &Json)) {
    let with = |step: Step| steps.iter().copied().chain([step]).collect::<Vec<_>>();
    match value {
        Json::Object(members) => {
            for (at, (name, value)) in members.iter().enumerate() {
                let steps = with(Step::Member(at));
                let names: Vec<&str> = names.iter().copied().chain([name.as_str()]).collect();
                visit(steps.clone(), argument(&names), value);
                down(value, &steps, &names, visit);
            }
        }
        Json::List(items) => {
            for (at, value) in items.iter().enumerate() {
                let steps = with(Step::Item(at));
                visit(steps.clone(), argument(names), value);
                down(value, &steps, names, visit);
            }
        }
        Json::Text(text) if text.starts_with('{') => {
            if let Ok(inner) = json::parse(text.as_bytes()) {
                down(&inner, &with(Step::Inside), names, visit);
            }
        }
        Json::Text(_) | Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// Names on the way; in a module, a resource's type instead of its local label.
fn argument(names: &[&str]) -> String {
    match names {
        ["resource" | "data", _, _] => names.get(1).copied().unwrap_or_default().to_owned(),
        ["resource" | "data", sort, _, rest @ ..] => format!("{sort}.{}", rest.join(".")),
        _ => names.join("."),
    }
}

/// Makes a change; `None` if the place does not take it.
pub fn apply(value: &mut Json, steps: &[Step], edit: &Edit) -> Option<()> {
    let [step, rest @ ..] = steps else {
        match edit {
            Edit::Set(new) => *value = new.clone(),
            Edit::Add(name, new) => {
                let Json::Object(members) = value else { return None };
                members.push((name.clone(), new.clone()));
            }
            Edit::Remove | Edit::Double | Edit::SwapNext | Edit::Rename(_) | Edit::Replace(_) => return None,
        }
        return Some(());
    };
    let is_own = matches!(edit, Edit::Set(_) | Edit::Add(..));
    match (step, value) {
        (Step::Inside, Json::Text(text)) => {
            let mut inner = json::parse(text.as_bytes()).ok()?;
            apply(&mut inner, rest, edit)?;
            *text = String::from_utf8(inner.write(Style::Compact)).ok()?;
            Some(())
        }
        (Step::Member(at), Json::Object(members)) if rest.is_empty() && !is_own => {
            let at = *at;
            match edit {
                Edit::Remove => drop(members.remove(at)),
                Edit::Double => members.insert(at, members.get(at)?.clone()),
                Edit::SwapNext => {
                    let next = members.get(at + 1)?.1.clone();
                    let own = std::mem::replace(&mut members.get_mut(at)?.1, next);
                    members.get_mut(at + 1)?.1 = own;
                }
                Edit::Rename(name) => members.get_mut(at)?.0.clone_from(name),
                Edit::Set(_) | Edit::Add(..) | Edit::Replace(_) => return None,
            }
            Some(())
        }
        (Step::Item(at), Json::List(items)) if rest.is_empty() && !is_own => {
            let at = *at;
            match edit {
                Edit::Remove => drop(items.remove(at)),
                Edit::Double => items.insert(at, items.get(at)?.clone()),
                Edit::SwapNext if at + 1 < items.len() => items.swap(at, at + 1),
                Edit::Replace(new) => drop(items.splice(at..=at, new.iter().cloned())),
                Edit::SwapNext | Edit::Rename(_) | Edit::Set(_) | Edit::Add(..) => return None,
            }
            Some(())
        }
        (Step::Member(at), Json::Object(members)) => apply(&mut members.get_mut(*at)?.1, rest, edit),
        (Step::Item(at), Json::List(items)) => apply(items.get_mut(*at)?, rest, edit),
        (Step::Member(_) | Step::Item(_) | Step::Inside, _) => None,
    }
}

/// Members and elements in the opposite order, everywhere.
pub fn reverse(value: &mut Json) {
    match value {
        Json::Object(members) => {
            members.reverse();
            members.iter_mut().for_each(|(_, value)| reverse(value));
        }
        Json::List(items) => {
            items.reverse();
            items.iter_mut().for_each(reverse);
        }
        Json::Text(text) if text.starts_with('{') => {
            if let Ok(mut inner) = json::parse(text.as_bytes()) {
                reverse(&mut inner);
                *text = String::from_utf8(inner.write(Style::Compact)).unwrap_or_default();
            }
        }
        Json::Text(_) | Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_in_a_text_is_changed_in_place() {
        let mut document =
            json::parse(br#"{"resource":{"aws_x":{"l":{"policy":"{\"a\":[1,2]}"}}}}"#).unwrap();
        let mut places = Vec::new();
        walk(&document, &mut |steps, argument, value| {
            places.push((steps, argument, value.clone()))
        });
        let (steps, argument, value) = places.last().unwrap();
        assert_eq!(
            (argument.as_str(), value),
            ("aws_x.policy.a", &Json::Number("2".to_owned()))
        );
        apply(&mut document, steps, &Edit::Remove).unwrap();
        assert_eq!(
            document.write(Style::Compact),
            br#"{"resource":{"aws_x":{"l":{"policy":"{\"a\":[1]}"}}}}"#
        );
    }
}
