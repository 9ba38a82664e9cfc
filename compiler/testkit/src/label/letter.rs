//! Texts with wildcards and variables, matched letter by letter. The plainest way that works: no automaton, no interval.

/// What one place of a text is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Letter {
    /// A character that stands for itself.
    Plain(char),
    /// A value that is substituted or assigned: equal to itself alone.
    Value(String),
    /// Any run.
    Any,
    /// One character.
    One,
}

/// A letter that no document uses: what is "anything else".
pub const FRESH: char = '~';

/// What stands for every value that the provider assigns, where it is not asked which.
pub const ASSIGNED: char = '\u{e000}';

/// Who substitutes variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// IAM.
    Iam,
    /// AWS IoT Core.
    Iot,
}

/// Reads a text; wildcards stand for themselves unless `glob`.
///
/// # Errors
/// What is wrong: a variable without its end, or one that nobody substitutes.
pub fn read(text: &str, glob: bool, engine: Engine) -> Result<Vec<Letter>, String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("${") {
            let (name, after) = after.split_once('}').ok_or("a variable without its end")?;
            rest = after;
            match (name, engine) {
                ("*" | "?" | "$", Engine::Iam) => out.extend(name.chars().map(Letter::Plain)),
                _ => out.push(Letter::Value(
                    value(name, engine).ok_or_else(|| format!("no variable `{name}`"))?,
                )),
            }
            continue;
        }
        rest = rest.strip_prefix(c).unwrap_or_default();
        out.push(match c {
            '*' if glob => Letter::Any,
            '?' if glob => Letter::One,
            c => Letter::Plain(c),
        });
    }
    Ok(out)
}

/// The variable of a spelling, as witnesses show it.
fn value(name: &str, engine: Engine) -> Option<String> {
    let attribute = |text: &str| format!("attr:{text}");
    match engine {
        Engine::Iam if name == "credentials-iot:ThingName" => Some("name".to_owned()),
        Engine::Iam => name
            .strip_prefix("aws:PrincipalTag/")
            .filter(|tag| is_tag(tag))
            .map(attribute),
        Engine::Iot if name == "iot:Connection.Thing.ThingName" => Some("name".to_owned()),
        Engine::Iot => {
            let inner = name
                .strip_prefix("iot:Connection.Thing.Attributes[")?
                .strip_suffix(']')?;
            Some(attribute(inner)).filter(|_| is_tag(inner))
        }
    }
}

fn is_tag(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "_-.:/".contains(c))
}

/// A word as a witness shows it: `{name}` and `<object#attribute>` are letters.
#[must_use]
pub fn shown(text: &str) -> Vec<Letter> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let end = match c {
            '{' => rest.find('}'),
            '<' => rest.find('>'),
            _ => None,
        };
        let inner = end.and_then(|end| rest.get(1..end));
        if let Some(inner) = inner {
            out.push(Letter::Value(inner.to_owned()));
            rest = rest.get(inner.len() + 2..).unwrap_or_default();
        } else {
            out.push(Letter::Plain(c));
            rest = rest.strip_prefix(c).unwrap_or_default();
        }
    }
    out
}

/// Letters as text, for people.
#[must_use]
pub fn spell(word: &[Letter]) -> String {
    word.iter()
        .map(|letter| match letter {
            Letter::Plain(c) => c.to_string(),
            Letter::Value(name) => format!("{{{name}}}"),
            Letter::Any => "*".to_owned(),
            Letter::One => "?".to_owned(),
        })
        .collect()
}

/// Whether a pattern matches a word without wildcards.
#[must_use]
pub fn matches(pattern: &[Letter], word: &[Letter]) -> bool {
    let (mut place, mut at) = (0, 0);
    // The last run, and where it ends as far as tried: an earlier one need not be tried again.
    let mut run = None;
    while at < word.len() {
        let letter = &word[at];
        let is_met = match pattern.get(place) {
            Some(Letter::Any) => {
                run = Some((place, at));
                place += 1;
                continue;
            }
            Some(Letter::One) => matches!(letter, Letter::Plain(_)),
            Some(wanted @ (Letter::Plain(_) | Letter::Value(_))) => wanted == letter,
            None => false,
        };
        if is_met {
            (place, at) = (place + 1, at + 1);
            continue;
        }
        let Some((start, end)) = run else { return false };
        run = Some((start, end + 1));
        (place, at) = (start + 1, end + 1);
    }
    // A run may be empty.
    pattern[place..].iter().all(|letter| *letter == Letter::Any)
}

/// Words that a pattern stands for: runs empty, short, and across a separator.
#[must_use]
pub fn words(pattern: &[Letter]) -> Vec<Vec<Letter>> {
    let fillings = [
        String::new(),
        FRESH.to_string(),
        format!("{FRESH}/{FRESH}"),
        format!("{FRESH}:{FRESH}"),
    ];
    let runs = pattern.iter().filter(|letter| **letter == Letter::Any).count();
    let mut out = Vec::new();
    // Up to two runs every combination, above that all runs alike.
    let combinations = if runs == 0 {
        1
    } else if runs <= 2 {
        fillings.len().pow(u32::try_from(runs).unwrap_or(0))
    } else {
        fillings.len()
    };
    for combination in 0..combinations {
        let mut left = combination;
        let mut word = Vec::new();
        for letter in pattern {
            match letter {
                Letter::Any => {
                    word.extend(fillings[left % fillings.len()].chars().map(Letter::Plain));
                    if runs <= 2 {
                        left /= fillings.len();
                    }
                }
                Letter::One => word.push(Letter::Plain(FRESH)),
                other => word.push(other.clone()),
            }
        }
        out.push(word);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meets(pattern: &str, word: &str) -> bool {
        matches(
            &read(pattern, true, Engine::Iam).unwrap(),
            &read(word, false, Engine::Iam).unwrap(),
        )
    }

    #[test]
    fn wildcards_match_as_the_manual_says() {
        assert!(meets("a*c", "ac") && meets("a*c", "abbc") && meets("a?c", "abc") && meets("*", ""));
        assert!(!meets("a*c", "acd") && !meets("a?c", "ac") && !meets("a?c", "a${aws:PrincipalTag/x}c"));
        assert!(meets("a/${aws:PrincipalTag/x}/*", "a/${aws:PrincipalTag/x}/b"));
        assert!(!meets("a/${aws:PrincipalTag/x}/*", "a/l1/b"));
        assert!(meets("a${*}", "a*") && !meets("a${*}", "ab"));
    }

    #[test]
    fn every_word_of_a_pattern_is_matched_by_it() {
        for pattern in ["a*", "*a*", "a?b*", "*a*b*c", "plain", "a/${aws:PrincipalTag/x}*"] {
            let pattern = read(pattern, true, Engine::Iam).unwrap();
            assert!(words(&pattern).iter().all(|word| matches(&pattern, word)));
        }
        assert_eq!(spell(&shown("a/{name}/<key k#arn>")), "a/{name}/{key k#arn}");
    }

    #[test]
    fn runs_are_tried_from_the_last_on() {
        assert!(meets("a*b*c", "aXbXbXc") && meets("a*b?", "abbc") && meets("a*", "a"));
        assert!(!meets("a*b", "abX") && !meets("a?", "a") && !meets("", "a") && !meets("a*a", "a"));
    }
}
