//! Numbers: which words are some, and what they are worth.

use diagnostics::{Code, Severity};

use crate::token::TokenKind;

pub(crate) static MALFORMED_NUMBER: Code = Code {
    name: "malformed-number",
    severity: Severity::Error,
    summary: "a number that KDL cannot read",
    docs: include_str!("pages/malformed_number.md"),
};

/// Whether a word begins as a number does, so that it may not be a bare string.
pub(crate) fn begins_number(word: &[u8]) -> bool {
    let mut rest = word.iter();
    let mut next = rest.next();
    if matches!(next, Some(b'+' | b'-')) {
        next = rest.next();
    }
    if matches!(next, Some(b'.')) {
        next = rest.next();
    }
    next.is_some_and(u8::is_ascii_digit)
}

/// The kind of a word that is a number.
pub(crate) fn classify(word: &[u8]) -> Option<TokenKind> {
    let unsigned = match word {
        [b'+' | b'-', rest @ ..] => rest,
        _ => word,
    };
    match unsigned {
        [b'0', b'x', digits @ ..] => {
            is_digits(digits, u8::is_ascii_hexdigit).then_some(TokenKind::Hexadecimal)
        }
        [b'0', b'o', digits @ ..] => {
            is_digits(digits, |digit| matches!(digit, b'0'..=b'7')).then_some(TokenKind::Octal)
        }
        [b'0', b'b', digits @ ..] => {
            is_digits(digits, |digit| matches!(digit, b'0' | b'1')).then_some(TokenKind::Binary)
        }
        _ => decimal(unsigned),
    }
}

fn decimal(unsigned: &[u8]) -> Option<TokenKind> {
    let (mantissa, exponent) = match unsigned.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => (unsigned.get(..at)?, unsigned.get(at + 1..)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.iter().position(|byte| *byte == b'.') {
        Some(at) => (mantissa.get(..at)?, mantissa.get(at + 1..)),
        None => (mantissa, None),
    };
    let exponent_digits = match exponent {
        Some([b'+' | b'-', rest @ ..]) => Some(rest),
        other => other,
    };
    let is_decimal = |digits: &[u8]| is_digits(digits, u8::is_ascii_digit);
    let fits = is_decimal(whole) && fraction.is_none_or(is_decimal) && exponent_digits.is_none_or(is_decimal);
    fits.then_some(if fraction.is_none() && exponent.is_none() {
        TokenKind::Integer
    } else {
        TokenKind::Float
    })
}

/// At least one digit, then digits and underscores.
fn is_digits(digits: &[u8], is_digit: impl Fn(&u8) -> bool) -> bool {
    digits.first().is_some_and(&is_digit) && digits.iter().all(|digit| *digit == b'_' || is_digit(digit))
}

/// The value of an integer, if it fits.
pub(crate) fn integer(kind: TokenKind, text: &str) -> Option<i128> {
    let (prefix, radix) = match kind {
        TokenKind::Integer => ("", 10),
        TokenKind::Hexadecimal => ("0x", 16),
        TokenKind::Octal => ("0o", 8),
        TokenKind::Binary => ("0b", 2),
        _ => return None,
    };
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = unsigned.strip_prefix(prefix)?;
    let mut value = 0_i128;
    for digit in digits.chars().filter(|digit| *digit != '_') {
        let digit = i128::from(digit.to_digit(radix)?);
        // Counted away from zero, so that the least integer fits too.
        let digit = if is_negative { -digit } else { digit };
        value = value.checked_mul(i128::from(radix))?.checked_add(digit)?;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_begin_as_numbers_are_known() {
        for word in ["0", "1a", "-1", "+1", ".1", "-.1", "+.1"] {
            assert!(begins_number(word.as_bytes()), "{word}");
        }
        for word in ["", "-", "+", ".", "-.", "--1", "a1", "..1", "_1"] {
            assert!(!begins_number(word.as_bytes()), "{word}");
        }
    }

    #[test]
    fn integers_are_exact_or_nothing() {
        let value = |text: &str| integer(classify(text.as_bytes()).unwrap(), text);
        assert_eq!(value("012345678901"), Some(12_345_678_901));
        assert_eq!(value("-0x_".replace('_', "ff").as_str()), Some(-255));
        assert_eq!(value("1_000"), Some(1000));
        assert_eq!(value("-170141183460469231731687303715884105728"), Some(i128::MIN));
        assert_eq!(value("170141183460469231731687303715884105728"), None);
        assert_eq!(integer(TokenKind::Float, "1.0"), None);
    }

    #[test]
    fn near_numbers_are_none() {
        for word in [
            "1.", "1._7", "0x_1", "0xg", "1e", "1.0.0", "90d", "1e1e1", "0b2", "0o8", "0X1",
        ] {
            assert_eq!(classify(word.as_bytes()), None, "{word}");
        }
    }
}
