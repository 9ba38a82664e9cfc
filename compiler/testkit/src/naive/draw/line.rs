//! Lines of trusts, promises and tests.

use super::Draws;

/// A trust.
#[must_use]
pub fn trust(subject: &str, object: &str, allow: &str, facts: &[&str]) -> String {
    let facts: Vec<&str> = facts.iter().copied().filter(|fact| !fact.is_empty()).collect();
    let facts = facts.iter().map(|fact| format!("{fact}; ")).collect::<String>();
    format!("trust {subject} -> {object} {{ allow {allow}; {facts}because \"Drawn\" }}")
}

/// A `never`.
#[must_use]
pub fn never(subject: &str, object: &str, facts: &[&str]) -> String {
    let facts: Vec<&str> = facts.iter().copied().filter(|fact| !fact.is_empty()).collect();
    let facts = facts.iter().map(|fact| format!("{fact}; ")).collect::<String>();
    format!("never {subject} -> {object} {{ {facts}because \"Drawn\" }}")
}

/// An object: its name, its capabilities, its rows, and parts of it.
pub type Object<'a> = (&'a str, &'a [&'a str], &'a [&'a str], &'a [&'a str]);

/// What may be drawn into promises and tests of a spec.
#[derive(Clone, Copy, Debug)]
pub struct Claims<'a> {
    /// Actors by name.
    pub subjects: &'a [&'a str],
    /// Places and kinds of which a promise is asked too.
    pub selectors: &'a [&'a str],
    /// Objects.
    pub objects: &'a [Object<'a>],
    /// Subjects with rows: name, rows, attributes to differ by.
    pub classes: &'a [(&'a str, &'a [&'a str], &'a [&'a str])],
    /// Who is trusted with what, by name.
    pub trusted: &'a [(String, String)],
    /// People with attributes: name, attribute, values.
    pub people: &'a [(&'a str, &'a str, &'a [&'a str])],
}

impl Claims<'_> {
    /// Promises and tests of a spec.
    pub fn draw(&self, draws: &mut Draws) -> Vec<String> {
        let mut out = Vec::new();
        for _ in 0..3 + draws.0.below(3) {
            out.push(self.never(draws));
        }
        if !self.classes.is_empty() && draws.is(40) {
            let names: Vec<&str> = self.classes.iter().map(|(name, ..)| *name).collect();
            out.push(format!(
                "isolate {} {{ because \"Drawn\" }}",
                draws.some(&names, 2).join(" ")
            ));
        }
        for _ in 0..1 + draws.0.below(2) {
            let subject = draws.one(self.subjects);
            if subject != "internet" {
                out.push(format!(
                    "limit {subject} {{ objects at-most={} }}",
                    1 + draws.0.below(3)
                ));
            }
        }
        out.push(self.test(draws));
        out
    }

    /// A subject and an object; this many of a hundred are of a trust.
    fn pair(&self, draws: &mut Draws, percent: usize) -> (&str, Object<'_>) {
        if !self.trusted.is_empty() && draws.is(percent) {
            let (subject, object) = &self.trusted[draws.0.below(self.trusted.len())];
            let found = self.objects.iter().find(|(name, ..)| name == object);
            let subject = self.subjects.iter().find(|name| *name == subject);
            if let (Some(subject), Some(found)) = (subject, found) {
                return (subject, *found);
            }
        }
        (
            draws.one(self.subjects),
            self.objects[draws.0.below(self.objects.len())],
        )
    }

    fn never(&self, draws: &mut Draws) -> String {
        let (who, (object, capabilities, ..)) = self.pair(draws, 25);
        let subject = if draws.is(15) { "*" } else { who };
        let is_whole = capabilities == ["connect"] && !object.contains('.');
        let allow = if !is_whole && draws.is(45) {
            format!("allow {}", draws.some(capabilities, 2).join(" "))
        } else {
            String::new()
        };
        let (mut subject, mut object) = (subject.to_owned(), object.to_owned());
        let mut facts = vec![allow];
        match draws.0.below(10) {
            0 | 1 => facts.push("through data".to_owned()),
            2 if !self.classes.is_empty() => {
                // Both sides have rows, and both have the attribute.
                let of_rows: Vec<_> = self
                    .objects
                    .iter()
                    .filter(|(_, _, rows, _)| !rows.is_empty())
                    .collect();
                if !of_rows.is_empty() {
                    let (class, _, attributes) = self.classes[draws.0.below(self.classes.len())];
                    let (of, capabilities, ..) = of_rows[draws.0.below(of_rows.len())];
                    let allow = if draws.is(30) {
                        format!("allow {}", draws.some(capabilities, 2).join(" "))
                    } else {
                        String::new()
                    };
                    class.clone_into(&mut subject);
                    (*of).clone_into(&mut object);
                    // Half of them of a trust between two that have rows.
                    let has_rows = |name: &String| of_rows.iter().any(|(of, ..)| of == name);
                    let is_class = |name: &String| self.classes.iter().any(|(class, ..)| class == name);
                    let between = self
                        .trusted
                        .iter()
                        .filter(|(who, what)| is_class(who) && has_rows(what));
                    let between: Vec<_> = between.collect();
                    if !between.is_empty() && draws.is(60) {
                        let (who, what) = between[draws.0.below(between.len())];
                        who.clone_into(&mut subject);
                        what.clone_into(&mut object);
                    }
                    facts = vec![allow, format!("differ {}", draws.one(attributes))];
                }
            }
            3 | 4 => {
                if draws.is(30) {
                    facts.push("through data".to_owned());
                }
                let names: Vec<&str> = self
                    .subjects
                    .iter()
                    .copied()
                    .filter(|name| *name != "internet")
                    .collect();
                "*".clone_into(&mut subject);
                facts.push(format!("except {}", draws.some(&names, 3).join(" ")));
            }
            5 | 6 => {
                let names: Vec<&str> = self
                    .objects
                    .iter()
                    .map(|(name, ..)| *name)
                    .filter(|name| !name.contains(':'))
                    .collect();
                "*".clone_into(&mut object);
                if names.is_empty() {
                    return line_of(&subject, &object, &facts);
                }
                let names = draws.some(&names, 4);
                facts.push(format!("besides {}", names.join(" ")));
            }
            7 if !self.selectors.is_empty() => draws.one(self.selectors).clone_into(&mut subject),
            8 if !self.selectors.is_empty() => {
                draws.one(self.selectors).clone_into(&mut object);
                facts.clear();
            }
            _ => {}
        }
        line_of(&subject, &object, &facts)
    }

    fn test(&self, draws: &mut Draws) -> String {
        let mut cases = Vec::new();
        for _ in 0..2 {
            let (who, object) = self.pair(draws, 60);
            let mut subject = who.to_owned();
            if let Some((_, rows, _)) = self.classes.iter().find(|(name, ..)| **name == subject)
                && draws.is(60)
            {
                subject.push_str(&format!(" device={}", draws.one(rows)));
            }
            if let Some((_, attribute, values)) = self.people.iter().find(|(name, ..)| **name == subject)
                && draws.is(60)
            {
                subject.push_str(&format!(" {attribute}={}", draws.one(values)));
            }
            if ["techs", "staff"].contains(&who) && draws.is(30) {
                let mfa = draws.one(&["mfa=#false", "mfa-age=\"10m\"", "mfa-age=\"2h\""]);
                subject.push_str(&format!(" {mfa}"));
            }
            if ["techs", "staff", "partner", "w1", "w2"].contains(&who) && draws.is(25) {
                let source = draws.one(&["203.0.113.7", "203.0.113.70", "192.0.2.1", "198.51.100.9"]);
                subject.push_str(&format!(" source=\"{source}\""));
            }
            let other = self.objects[draws.0.below(self.objects.len())];
            let asked = [self.question(draws, object), self.question(draws, other)];
            cases.push(format!("as {subject} {{ {} }}", asked.join("; ")));
        }
        format!("test \"drawn\" {{ {} }}", cases.join("; "))
    }

    fn question(&self, draws: &mut Draws, (object, capabilities, rows, parts): Object<'_>) -> String {
        // A selector is asked with `cannot` only, and so is a whole, which holds its parts there.
        let is_name = !object.contains(':') && (capabilities != ["connect"] || object.contains('.'));
        let word = if is_name && draws.is(50) { "can" } else { "cannot" };
        let capability = draws.one(capabilities);
        let mut out = format!("{word} {capability} {object}");
        if !rows.is_empty() && draws.is(50) {
            out.push_str(&format!(" device={}", draws.one(rows)));
        }
        if !parts.is_empty() && capability != "list" && draws.is(50) {
            if draws.is(75) {
                out.push_str(&format!(" under=\"{}\"", draws.one(parts)));
            } else {
                out.push_str(&format!(" only=\"{}x\"", draws.one(parts)));
            }
        }
        out
    }
}

fn line_of(subject: &str, object: &str, facts: &[String]) -> String {
    let facts: Vec<&str> = facts.iter().map(String::as_str).collect();
    never(subject, object, &facts)
}
