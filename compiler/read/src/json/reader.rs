//! Bytes to a value. Depth is capped, so that recursion is.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::value::{Fold, Json};

/// The deepest nesting that is read: far above any policy or module, far below any stack.
const DEPTH_MAX: u32 = 64;

/// Objects up to this many members are searched for repetitions without a set.
const FEW: usize = 12;

/// Why bytes are no JSON that we read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Where, in bytes.
    pub(crate) offset: usize,
    /// What is wrong, in one line.
    pub(crate) what: String,
}

/// Reads one value that takes up the whole input.
pub(crate) fn parse(bytes: &[u8], fold: Fold) -> Result<Json<'_>, Fault> {
    let text = std::str::from_utf8(bytes).map_err(|error| Fault {
        offset: error.valid_up_to(),
        what: "not JSON: not UTF-8".to_owned(),
    })?;
    let mut reader = Reader {
        text,
        at: 0,
        fold,
        items: Vec::new(),
        members: Vec::new(),
    };
    let value = reader.value(0)?;
    reader.space();
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(reader.fault("not JSON: something follows the value")),
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    fold: Fold,
    /// Items of the lists that are open, end to end: a list that ends takes its own away, and so has room for these alone.
    items: Vec<Json<'a>>,
    /// Members of the objects that are open likewise.
    members: Vec<Member<'a>>,
}

type Member<'a> = (Cow<'a, str>, Json<'a>);

impl<'a> Reader<'a> {
    fn fault(&self, what: impl Into<String>) -> Fault {
        Fault {
            offset: self.at,
            what: what.into(),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.at += rest.iter().position(|byte| !is_space(byte)).unwrap_or(rest.len());
    }

    fn take(&mut self, byte: u8, what: &str) -> Result<(), Fault> {
        if self.peek() != Some(byte) {
            return Err(self.fault(format!("not JSON: {what}")));
        }
        self.at += 1;
        Ok(())
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn value(&mut self, depth: u32) -> Result<Json<'a>, Fault> {
        self.space();
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => Ok(Json::Text(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => self.word(),
            None => Err(self.fault("not JSON: it ends too early")),
        }
    }

    fn word(&mut self) -> Result<Json<'a>, Fault> {
        for (word, value) in [
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
            ("null", Json::Null),
        ] {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(value);
            }
        }
        Err(self.fault("not JSON: no value starts here"))
    }

    fn enter(&mut self, depth: u32) -> Result<u32, Fault> {
        if depth >= DEPTH_MAX {
            return Err(self.fault(format!("nested more than {DEPTH_MAX} deep")));
        }
        self.at += 1;
        self.space();
        Ok(depth + 1)
    }

    fn list(&mut self, depth: u32) -> Result<Json<'a>, Fault> {
        let depth = self.enter(depth)?;
        let first = self.items.len();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::List(Vec::new()));
        }
        loop {
            let item = self.value(depth)?;
            self.items.push(item);
            self.space();
            if self.peek() == Some(b',') {
                self.at += 1;
            } else {
                self.take(b']', "a list goes on with `,` or ends with `]`")?;
                return Ok(Json::List(self.items.split_off(first)));
            }
        }
    }

    fn object(&mut self, depth: u32) -> Result<Json<'a>, Fault> {
        let depth = self.enter(depth)?;
        let first = self.members.len();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(Vec::new()));
        }
        let mut names = BTreeSet::new();
        loop {
            self.space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.fault("not JSON: a member starts with its name"));
            }
            let name = self.string()?;
            let members = self.members.get(first..).unwrap_or_default();
            if self.is_repeated(&name, members, &mut names) {
                return Err(Fault {
                    offset: start,
                    what: format!("duplicate key `{name}`"),
                });
            }
            self.space();
            self.take(b':', "a name is followed by `:`")?;
            let value = self.value(depth)?;
            self.members.push((name, value));
            self.space();
            if self.peek() == Some(b',') {
                self.at += 1;
            } else {
                self.take(b'}', "an object goes on with `,` or ends with `}`")?;
                return Ok(Json::Object(self.members.split_off(first)));
            }
        }
    }

    fn is_repeated(&self, name: &str, members: &[Member<'a>], names: &mut BTreeSet<String>) -> bool {
        let folded = |name: &str| match self.fold {
            Fold::Exact => name.to_owned(),
            Fold::Case => name.to_ascii_lowercase(),
        };
        if members.len() < FEW {
            return members.iter().any(|(known, _)| match self.fold {
                Fold::Exact => known == name,
                Fold::Case => known.eq_ignore_ascii_case(name),
            });
        }
        if names.is_empty() {
            names.extend(members.iter().map(|(known, _)| folded(known)));
        }
        !names.insert(folded(name))
    }

    fn number(&mut self) -> Result<Json<'a>, Fault> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let whole = self.digits();
        let is_padded = whole > 1 && self.text.as_bytes().get(self.at - whole) == Some(&b'0');
        let mut fits = whole > 0 && !is_padded;
        if self.peek() == Some(b'.') {
            self.at += 1;
            fits &= self.digits() > 0;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            fits &= self.digits() > 0;
        }
        match self.text.get(start..self.at) {
            Some(number) if fits => Ok(Json::Number(number)),
            Some(_) | None => Err(Fault {
                offset: start,
                what: "not JSON: a malformed number".to_owned(),
            }),
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        self.at += 1;
        let mut built: Option<String> = None;
        loop {
            let rest = self.rest();
            let end = memchr::memchr2(b'"', b'\\', rest.as_bytes());
            let part = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
            if let Some(control) = part.bytes().position(|byte| byte < 0x20) {
                self.at += control;
                return Err(self.fault("not JSON: a control character in a text"));
            }
            if end.is_none() {
                return Err(self.fault("not JSON: a text without its end"));
            }
            self.at += part.len();
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(match built {
                        None => Cow::Borrowed(part),
                        Some(mut text) => {
                            text.push_str(part);
                            Cow::Owned(text)
                        }
                    });
                }
                Some(b'\\') => {
                    let text = built.get_or_insert_with(String::new);
                    text.push_str(part);
                    let c = self.escape()?;
                    text.push(c);
                }
                Some(_) | None => return Err(self.fault("not JSON: a text without its end")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Fault> {
        self.at += 1;
        let plain = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            Some(_) | None => return Err(self.fault("not JSON: an unknown escape")),
        };
        self.at += 1;
        Ok(plain)
    }

    /// At the `u` of an escape.
    fn unicode(&mut self) -> Result<char, Fault> {
        let first = self.unit()?;
        let code = match first {
            0xD800..=0xDBFF => {
                if !self.rest().starts_with("\\u") {
                    return Err(self.fault("not JSON: half of a surrogate pair"));
                }
                self.at += 1;
                let second = self.unit()?;
                if !(0xDC00..=0xDFFF).contains(&second) {
                    return Err(self.fault("not JSON: half of a surrogate pair"));
                }
                0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00)
            }
            other => other,
        };
        char::from_u32(code).ok_or_else(|| self.fault("not JSON: half of a surrogate pair"))
    }

    fn unit(&mut self) -> Result<u32, Fault> {
        self.at += 1;
        let digits = self
            .rest()
            .get(..4)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let unit = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let unit = unit.ok_or_else(|| self.fault("not JSON: an escape needs four hexadecimal digits"))?;
        self.at += 4;
        Ok(unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Json<'_>, String> {
        parse(text.as_bytes(), Fold::Case).map_err(|fault| fault.what)
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(
            read(r#""a\n\u00e9\ud83d\ude00""#),
            Ok(Json::Text("a\né😀".into()))
        );
    }

    #[test]
    fn what_is_not_strict_json_is_refused() {
        for text in [
            "",
            " ",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "01",
            "+1",
            "1.",
            "1e",
            "nul",
            "\"\u{1}\"",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\\udc00\"",
            "\"\\ud800\\u0041\"",
            "1 2",
            "'a'",
            "{a:1}",
            "\u{feff}1",
            "// a\n1",
            "NaN",
            "-",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(parse(b"\"\xff\"", Fold::Exact).is_err());
    }

    #[test]
    fn a_key_that_differs_by_case_is_a_duplicate() {
        assert_eq!(
            read(r#"{"Action":1,"action":2}"#),
            Err("duplicate key `action`".to_owned())
        );
        assert!(parse(br#"{"Action":1,"action":2}"#, Fold::Exact).is_ok());
        let many: String = (0..30).map(|n| format!("\"k{n}\":1,")).collect();
        assert!(read(&format!("{{{many}\"K3\":1}}")).is_err());
        assert!(read(&format!("{{{many}\"x\":1}}")).is_ok());
    }

    #[test]
    fn depth_is_capped() {
        let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
        assert!(read(&deep(64)).is_ok());
        assert!(read(&deep(65)).is_err());
        assert!(read(&"[".repeat(1_000_000)).is_err());
    }
}
