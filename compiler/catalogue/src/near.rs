//! Names that somebody may have meant.

use crate::key;

/// The name nearest to `written`, ignoring case; nothing if the nearest is far, or two are equally near.
pub(crate) fn nearest<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    // A third of a name wrong is another name.
    let bound = (written.len() / 5).clamp(1, 3);
    let mut best: Option<(usize, &str)> = None;
    let mut is_tied = false;
    for name in names {
        if name.len().abs_diff(written.len()) > bound {
            continue;
        }
        let far = distance(written, name);
        if far > bound {
            continue;
        }
        match best {
            Some((least, _)) if far > least => {}
            Some((least, other)) if far == least => is_tied |= key::compare(other, name).is_ne(),
            _ => {
                best = Some((far, name));
                is_tied = false;
            }
        }
    }
    best.filter(|_| !is_tied).map(|(_, name)| name)
}

/// Letters to insert, remove, change or swap with the next, ignoring case.
fn distance(left: &str, right: &str) -> usize {
    let lower = |text: &str| {
        text.bytes()
            .map(|byte| byte.to_ascii_lowercase())
            .collect::<Vec<u8>>()
    };
    let (left, right) = (lower(left), lower(right));
    let at = |row: &[usize], place: usize| row.get(place).copied().unwrap_or(usize::MAX / 2);
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (down, letter) in left.iter().enumerate() {
        let mut next = vec![down + 1];
        for (across, other) in right.iter().enumerate() {
            let change = at(&row, across) + usize::from(letter != other);
            let mut least = change.min(at(&row, across + 1) + 1).min(at(&next, across) + 1);
            let last =
                |text: &[u8], place: usize| place.checked_sub(1).and_then(|place| text.get(place).copied());
            if last(&left, down) == Some(*other) && last(&right, across) == Some(*letter) {
                least = least.min(at(&before, across.saturating_sub(1)) + 1);
            }
            next.push(least);
        }
        before = row;
        row = next;
    }
    at(&row, right.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_swap_is_one_mistake() {
        assert_eq!(distance("s3:GteObject", "s3:GetObject"), 1);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn a_wild_guess_is_not_made() {
        assert_eq!(
            nearest("sqs:Drop", ["sqs:SendMessage", "sqs:PurgeQueue"].into_iter()),
            None
        );
        assert_eq!(nearest("x:Puta", ["x:Putb", "x:Putc"].into_iter()), None);
    }
}
