//! JSON as it is written: members keep their order, and a name may stand twice.

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Json {
    /// `null`.
    Null,
    /// A flag.
    Bool(bool),
    /// A number, as spelt.
    Number(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(String, Json)>),
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Two spaces a level, a line each, a newline at the end.
    Pretty,
    /// No white space.
    Compact,
    /// Odd white space everywhere.
    Spaced,
    /// The first character of every text, and every `$`, as an escape.
    Escaped,
}

impl Json {
    /// A text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// The first member of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        match self {
            Self::Object(members) => members
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// The elements of a list, or the value alone.
    #[must_use]
    pub fn each(&self) -> &[Json] {
        match self {
            Self::List(items) => items,
            single => std::slice::from_ref(single),
        }
    }

    /// A name that stands twice in one object, case aside if `fold`.
    #[must_use]
    pub fn repeated(&self, fold: bool) -> Option<&str> {
        match self {
            Self::Object(members) => {
                let mut seen = std::collections::BTreeSet::new();
                for (name, _) in members {
                    if !seen.insert(if fold {
                        name.to_ascii_lowercase()
                    } else {
                        name.clone()
                    }) {
                        return Some(name);
                    }
                }
                members.iter().find_map(|(_, value)| value.repeated(fold))
            }
            Self::List(items) => items.iter().find_map(|item| item.repeated(fold)),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => None,
        }
    }

    /// The value as bytes.
    #[must_use]
    pub fn write(&self, style: Style) -> Vec<u8> {
        let mut out = String::new();
        self.put(style, 0, &mut out);
        if style != Style::Compact {
            out.push('\n');
        }
        out.into_bytes()
    }

    fn put(&self, style: Style, depth: usize, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Number(number) => out.push_str(number),
            Self::Text(text) => put_text(text, style, out),
            Self::List(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    separate(index, style, depth + 1, out);
                    item.put(style, depth + 1, out);
                }
                close(items.is_empty(), style, depth, out);
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    separate(index, style, depth + 1, out);
                    put_text(name, style, out);
                    out.push_str(match style {
                        Style::Pretty => ": ",
                        Style::Compact | Style::Escaped => ":",
                        Style::Spaced => " \t:\r\n ",
                    });
                    value.put(style, depth + 1, out);
                }
                close(members.is_empty(), style, depth, out);
                out.push('}');
            }
        }
    }
}

fn separate(index: usize, style: Style, depth: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
    match style {
        Style::Pretty => {
            out.push('\n');
            out.push_str(&"  ".repeat(depth));
        }
        Style::Compact | Style::Escaped => {}
        Style::Spaced => out.push_str("\n\n   \t"),
    }
}

fn close(is_empty: bool, style: Style, depth: usize, out: &mut String) {
    match style {
        Style::Pretty if !is_empty => {
            out.push('\n');
            out.push_str(&"  ".repeat(depth));
        }
        Style::Pretty | Style::Compact | Style::Escaped => {}
        Style::Spaced => out.push_str("  "),
    }
}

fn put_text(text: &str, style: Style, out: &mut String) {
    use std::fmt::Write as _;
    out.push('"');
    for (at, c) in text.chars().enumerate() {
        match c {
            _ if style == Style::Escaped && (at == 0 || c == '$') => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if (c as u32) < 0x20 => drop(write!(out, "\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Reads one strict JSON value that takes up the whole text.
///
/// # Errors
/// What is wrong, in a few words.
pub fn parse(bytes: &[u8]) -> Result<Json, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "not UTF-8".to_owned())?;
    let mut reader = Reader {
        chars: text.chars().collect(),
        at: 0,
    };
    let value = reader.value(0)?;
    reader.space();
    if reader.at < reader.chars.len() {
        Err("something follows the value".to_owned())
    } else {
        Ok(value)
    }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += 1;
        c
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json, String> {
        if depth > 60 {
            return Err("too deep".to_owned());
        }
        self.space();
        match self.peek() {
            Some('"') => Ok(Json::Text(self.string()?)),
            Some('[') => {
                self.at += 1;
                let mut items = Vec::new();
                while !self.ends(']', items.is_empty())? {
                    items.push(self.value(depth + 1)?);
                }
                Ok(Json::List(items))
            }
            Some('{') => {
                self.at += 1;
                let mut members = Vec::new();
                while !self.ends('}', members.is_empty())? {
                    self.space();
                    if self.peek() != Some('"') {
                        return Err("a member without its name".to_owned());
                    }
                    let name = self.string()?;
                    self.space();
                    if self.next() != Some(':') {
                        return Err("a name without `:`".to_owned());
                    }
                    members.push((name, self.value(depth + 1)?));
                }
                Ok(Json::Object(members))
            }
            _ => self.plain(),
        }
    }

    /// Whether a container ends here; takes the comma if it does not.
    fn ends(&mut self, end: char, first: bool) -> Result<bool, String> {
        self.space();
        match self.peek() {
            Some(c) if c == end => {
                self.at += 1;
                Ok(true)
            }
            Some(',') if !first => {
                self.at += 1;
                self.space();
                if self.peek() == Some(end) {
                    Err("a comma before the end".to_owned())
                } else {
                    Ok(false)
                }
            }
            Some(_) if first => Ok(false),
            _ => Err("a container without its end".to_owned()),
        }
    }

    fn plain(&mut self) -> Result<Json, String> {
        let start = self.at;
        while self
            .peek()
            .is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.'))
        {
            self.at += 1;
        }
        let word: String = self.chars.iter().take(self.at).skip(start).collect();
        match word.as_str() {
            "null" => Ok(Json::Null),
            "true" => Ok(Json::Bool(true)),
            "false" => Ok(Json::Bool(false)),
            number if serde_json::from_str::<serde_json::Number>(number).is_ok() => Ok(Json::Number(word)),
            _ => Err("no value".to_owned()),
        }
    }

    fn string(&mut self) -> Result<String, String> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.next() {
                Some('"') => break,
                Some('\\') => self.at += 1,
                Some(_) => {}
                None => return Err("a text without its end".to_owned()),
            }
        }
        // A second opinion on escapes is not the point here.
        let raw: String = self.chars.iter().take(self.at).skip(start).collect();
        serde_json::from_str(&raw).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_style_reads_back() {
        let text = br#"{"a":[1,true,null,{}],"b":{"c":"x\n\u00e9${y}"},"a":[]}"#;
        let value = parse(text).unwrap();
        assert_eq!(value.repeated(false), Some("a"));
        for style in [Style::Pretty, Style::Compact, Style::Spaced, Style::Escaped] {
            assert_eq!(parse(&value.write(style)), Ok(value.clone()), "{style:?}");
        }
        for broken in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "[,1]",
            "{\"a\"}",
            "01",
            "1 2",
            "\"\\x\"",
            "nul",
        ] {
            assert!(parse(broken.as_bytes()).is_err(), "{broken}");
        }
    }
}
