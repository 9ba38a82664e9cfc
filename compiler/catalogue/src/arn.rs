//! Written ARNs against the templates of resource types.

/// Whether some ARN fits both what is written and the template.
///
/// The first five fields are compared one by one, the resource as a whole. In both, a literal text must agree,
/// so that `proxy:` is told from `db-proxy:`. In the template a placeholder stands for a name of one character
/// or more, without `/` and `:` unless `characters` has them. In what is written, `*` and `?` are those of a
/// policy and `{…}` and `${…}` stand for one name.
pub(crate) fn overlap(written: &str, template: &str, characters: &str) -> bool {
    if written == "*" {
        return true;
    }
    let (mut written, mut template) = (written, template);
    for _ in 0..5 {
        let (Some((own, own_rest)), Some((other, other_rest))) = (field(written), field(template)) else {
            // Too few fields: only a `*` that stands for the rest can match, as in `arn:aws:s3:*`.
            return written.ends_with('*')
                && meet(
                    &read(written, Side::Policy),
                    &read(template, Side::Template("/:")),
                );
        };
        if !meet(&read(own, Side::Policy), &read(other, Side::Template(""))) {
            return false;
        }
        (written, template) = (own_rest, other_rest);
    }
    meet(
        &read(written, Side::Policy),
        &read(template, Side::Template(characters)),
    )
}

/// The text up to the next colon that is in no placeholder, and what follows it.
fn field(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0_u32;
    for (place, letter) in text.char_indices() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ':' if depth == 0 => return Some((text.get(..place)?, text.get(place + 1..)?)),
            _ => {}
        }
    }
    None
}

/// Which of the two a text is.
#[derive(Clone, Copy)]
enum Side<'t> {
    Policy,
    /// The characters that its names may hold.
    Template(&'t str),
}

/// A piece of a pattern: one character, or any number of characters of a class.
#[derive(Clone, Copy, PartialEq)]
enum Piece {
    Literal(char),
    One(Class),
    Many(Class),
}

/// Any character, apart from `/` and `:` unless they are let in.
#[derive(Clone, Copy, PartialEq)]
struct Class {
    slash: bool,
    colon: bool,
}

const ANY: Class = Class {
    slash: true,
    colon: true,
};

impl Class {
    fn has(self, letter: char) -> bool {
        match letter {
            '/' => self.slash,
            ':' => self.colon,
            _ => true,
        }
    }
}

fn read(text: &str, side: Side<'_>) -> Vec<Piece> {
    let name = match side {
        Side::Policy => Class {
            slash: false,
            colon: false,
        },
        Side::Template(characters) => Class {
            slash: characters.contains('/'),
            colon: characters.contains(':'),
        },
    };
    let mut pieces = Vec::new();
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        let placeholder = match letter {
            '$' => rest.as_str().strip_prefix('{'),
            '{' => Some(rest.as_str()),
            _ => None,
        };
        if let Some((_, after)) = placeholder.and_then(|inside| inside.split_once('}')) {
            pieces.extend([Piece::One(name), Piece::Many(name)]);
            rest = after.chars();
            continue;
        }
        match (letter, side) {
            ('*', Side::Policy) => pieces.push(Piece::Many(ANY)),
            ('?', Side::Policy) => pieces.push(Piece::One(ANY)),
            // A star in a template varies like a placeholder: it is no glob.
            ('*', Side::Template(_)) => pieces.extend([Piece::One(name), Piece::Many(name)]),
            _ => pieces.push(Piece::Literal(letter)),
        }
    }
    pieces
}

/// Whether some text fits both: the pairs of places that one text can reach in both, row by row.
fn meet(left: &[Piece], right: &[Piece]) -> bool {
    let width = right.len() + 1;
    let mut row = vec![false; width];
    if let Some(start) = row.first_mut() {
        *start = true;
    }
    for own in left.iter().map(Some).chain([None]) {
        let mut next = vec![false; width];
        for place in 0..width {
            if !row.get(place).copied().unwrap_or(false) {
                continue;
            }
            let other = right.get(place);
            let mut reach = |row: &mut Vec<bool>, down: bool, across: bool| {
                let target = place + usize::from(across);
                let slot = if down {
                    next.get_mut(target)
                } else {
                    row.get_mut(target)
                };
                if let Some(slot) = slot {
                    *slot = true;
                }
            };
            // A `Many` may end here.
            if matches!(own, Some(Piece::Many(_))) {
                reach(&mut row, true, false);
            }
            if matches!(other, Some(Piece::Many(_))) {
                reach(&mut row, false, true);
            }
            let (Some(own), Some(other)) = (own, other) else {
                continue;
            };
            if share(*own, *other) {
                let stays = |piece: &Piece| matches!(piece, Piece::Many(_));
                reach(&mut row, !stays(own), !stays(other));
            }
        }
        if own.is_none() {
            return row.last().copied().unwrap_or(false);
        }
        row = next;
    }
    false
}

/// Whether one character fits both.
fn share(left: Piece, right: Piece) -> bool {
    match (left, right) {
        (Piece::Literal(own), Piece::Literal(other)) => own == other,
        (Piece::Literal(own), Piece::One(class) | Piece::Many(class)) => class.has(own),
        (Piece::One(class) | Piece::Many(class), Piece::Literal(other)) => class.has(other),
        // Any two classes share every letter.
        (Piece::One(_) | Piece::Many(_), Piece::One(_) | Piece::Many(_)) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}";
    const INDEX: &str =
        "arn:${Partition}:dynamodb:${Region}:${Account}:table/${TableName}/index/${IndexName}";

    #[test]
    fn a_name_does_not_reach_over_a_slash() {
        assert!(overlap(
            "arn:aws:dynamodb:eu-central-1:111122223333:table/orders",
            TABLE,
            ""
        ));
        assert!(!overlap(
            "arn:aws:dynamodb:eu-central-1:111122223333:table/orders/index/x",
            TABLE,
            ""
        ));
        assert!(overlap(
            "arn:aws:dynamodb:eu-central-1:111122223333:table/orders/index/*",
            INDEX,
            ""
        ));
        assert!(!overlap(
            "arn:aws:dynamodb:eu-central-1:111122223333:table/{name}",
            INDEX,
            ""
        ));
        assert!(overlap(
            "arn:aws:dynamodb:eu-central-1:111122223333:table/*",
            INDEX,
            ""
        ));
    }

    #[test]
    fn fields_are_compared_one_by_one() {
        assert!(!overlap("arn:aws:dynamodb::111122223333:table/orders", TABLE, ""));
        assert!(!overlap(
            "arn:aws:sqs:eu-central-1:111122223333:table/orders",
            TABLE,
            ""
        ));
        assert!(overlap("arn:*:dynamodb:*:*:table/orders", TABLE, ""));
        assert!(overlap(
            "arn:${Partition}:dynamodb:${Region}:${Account}:table/{table}",
            TABLE,
            ""
        ));
        assert!(overlap("arn:aws:dynamodb:*", TABLE, ""));
        assert!(!overlap("arn:aws:dynamodb", TABLE, ""));
    }

    #[test]
    fn a_field_that_is_empty_in_the_template_stays_empty() {
        let bucket = "arn:${Partition}:s3:::${BucketName}";
        assert!(overlap("arn:aws:s3:::orders", bucket, ""));
        assert!(overlap("arn:aws:s3:*:*:orders", bucket, ""));
        assert!(!overlap("arn:aws:s3:eu-central-1::orders", bucket, ""));
        assert!(!overlap("arn:aws:s3:::", bucket, ""));
    }

    #[test]
    fn a_variable_of_a_policy_holds_its_colon() {
        let topic = "arn:${Partition}:iot:${Region}:${Account}:topic/${TopicName}";
        assert!(overlap(
            "arn:aws:iot:eu-central-1:${aws:PrincipalAccount}:topic/dt/${iot:ClientId}/raw",
            topic,
            "/:"
        ));
    }
}
