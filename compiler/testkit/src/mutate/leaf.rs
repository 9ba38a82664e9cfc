//! Changes of one leaf, element or member, whatever it means.

use super::edit::{Edit, Step};
use super::json::Json;
use super::{Node, Operator};

/// How many other values of an argument a leaf takes.
const BORROWED_MAX: usize = 8;

/// Lists the changes of a node.
pub(crate) fn edits(node: &Node<'_>, others: &[&Json], add: &mut dyn FnMut(Operator, Edit)) {
    add(Operator::Delete, Edit::Remove);
    add(Operator::Duplicate, Edit::Double);
    add(Operator::Swap, Edit::SwapNext);
    for other in others
        .iter()
        .filter(|other| ***other != node.value)
        .take(BORROWED_MAX)
    {
        add(Operator::Borrow, Edit::Set((*other).clone()));
    }
    if matches!(node.steps.last(), Some(Step::Member(_))) {
        add(Operator::RenameKey, Edit::Rename("leastwise_unknown".to_owned()));
    }
    match &node.value {
        Json::Text(text) => of_text(node, text, add),
        Json::Number(number) => {
            for (operator, by) in [(Operator::Widen, 1), (Operator::Narrow, -1)] {
                if let Ok(number) = number.parse::<i64>() {
                    add(operator, Edit::Set(Json::Number((number + by).to_string())));
                }
            }
            add(Operator::Wrap, Edit::Set(Json::text(number)));
            add(Operator::Wrap, Edit::Set(Json::List(vec![node.value.clone()])));
        }
        Json::Bool(flag) => {
            add(Operator::Widen, Edit::Set(Json::Bool(!flag)));
            add(
                Operator::Wrap,
                Edit::Set(Json::text(if *flag { "true" } else { "false" })),
            );
        }
        Json::List(items) => {
            let mut reversed = items.clone();
            reversed.reverse();
            add(Operator::Reorder, Edit::Set(Json::List(reversed)));
            add(Operator::Delete, Edit::Set(Json::List(Vec::new())));
            if let [only] = items.as_slice() {
                add(Operator::Wrap, Edit::Set(only.clone()));
            }
        }
        Json::Object(members) => {
            let mut reversed = members.clone();
            reversed.reverse();
            add(Operator::Reorder, Edit::Set(Json::Object(reversed)));
            add(Operator::Delete, Edit::Set(Json::Object(Vec::new())));
            add(
                Operator::AddMember,
                Edit::Add("leastwise_unknown".to_owned(), Json::text("x")),
            );
            add(Operator::Wrap, Edit::Set(Json::List(vec![node.value.clone()])));
        }
        Json::Null => {}
    }
    let retyped: &[Json] = match node.value {
        Json::Text(_) | Json::Number(_) | Json::Bool(_) | Json::Null => {
            &[Json::Object(Vec::new()), Json::Null]
        }
        Json::List(_) | Json::Object(_) => &[Json::Null, Json::Bool(true)],
    };
    for value in retyped {
        add(Operator::Retype, Edit::Set(value.clone()));
    }
}

fn of_text(node: &Node<'_>, text: &str, add: &mut dyn FnMut(Operator, Edit)) {
    let set = |text: String| Edit::Set(Json::Text(text));
    let mut put = |operator, new: String| {
        if new != text {
            add(operator, set(new));
        }
    };
    put(Operator::Widen, format!("{text}*"));
    put(Operator::Widen, "*".to_owned());
    for separator in ['/', ':'] {
        if let Some((stem, _)) = text
            .trim_end_matches('*')
            .trim_end_matches(separator)
            .rsplit_once(separator)
        {
            put(Operator::Widen, format!("{stem}{separator}*"));
        }
    }
    put(Operator::Narrow, text.trim_end_matches('*').to_owned());
    put(Operator::Narrow, format!("{text}x"));
    put(
        Operator::Narrow,
        text.chars()
            .take(text.chars().count().saturating_sub(1))
            .collect(),
    );
    put(Operator::Narrow, text.replacen('*', "a*", 1));
    for (from, to) in [
        ("Allow", "Deny"),
        ("Deny", "Allow"),
        ("true", "false"),
        ("false", "true"),
        ("tcp", "-1"),
        ("tcp", "udp"),
    ] {
        if text == from {
            put(Operator::Swap, to.to_owned());
        }
    }
    if let Ok(number) = text.parse::<i64>() {
        put(Operator::Widen, (number + 1).to_string());
        put(Operator::Narrow, (number - 1).to_string());
    }
    // What is numbered: the next.
    if let Some(digit) = text.chars().next_back().and_then(|c| c.to_digit(10))
        && text.parse::<i64>().is_err()
    {
        let stem: String = text.chars().take(text.chars().count() - 1).collect();
        put(Operator::Narrow, format!("{stem}{}", (digit + 1) % 10));
    }
    if let Some((address, bits)) = text.split_once('/')
        && let (Ok(address), Ok(bits)) = (address.parse::<std::net::IpAddr>(), bits.parse::<u8>())
    {
        put(Operator::Widen, block(address, bits.saturating_sub(1)));
        put(Operator::Widen, block(address, bits / 16 * 8));
        put(Operator::Widen, block(address, 0));
        put(Operator::Narrow, block(address, bits + 1));
        if let Some(halves) = halves(address, bits) {
            if matches!(node.steps.last(), Some(Step::Item(_))) {
                add(Operator::Halve, Edit::Replace(halves.map(Json::Text).to_vec()));
            } else {
                add(
                    Operator::Halve,
                    Edit::Set(Json::List(halves.map(Json::Text).to_vec())),
                );
            }
        }
    }
    add(Operator::Case, set(text.to_ascii_uppercase()));
    add(Operator::Case, set(text.to_ascii_lowercase()));
    if !matches!(node.steps.last(), Some(Step::Item(_))) {
        add(Operator::Wrap, Edit::Set(Json::List(vec![node.value.clone()])));
        add(
            Operator::Duplicate,
            Edit::Set(Json::List(vec![node.value.clone(), node.value.clone()])),
        );
    }
    let last = node.argument.rsplit('.').next().unwrap_or_default();
    if last == "Effect" {
        let other = if text == "Allow" { "Deny" } else { "Allow" };
        add(Operator::Borrow, set(other.to_owned()));
    }
    if matches!(last, "Sid" | "Id") {
        add(Operator::RenameId, set("Renamed".to_owned()));
    }
    if matches!(last, "description" | "Description" | "comment") {
        add(Operator::Describe, set("another description".to_owned()));
    }
}

/// A block with its host bits cleared.
pub(super) fn block(address: std::net::IpAddr, bits: u8) -> String {
    match address {
        std::net::IpAddr::V4(four) => {
            let bits = bits.min(32);
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            format!("{}/{bits}", std::net::Ipv4Addr::from(u32::from(four) & mask))
        }
        std::net::IpAddr::V6(six) => {
            let bits = bits.min(128);
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            format!("{}/{bits}", std::net::Ipv6Addr::from(u128::from(six) & mask))
        }
    }
}

pub(crate) fn halves(address: std::net::IpAddr, bits: u8) -> Option<[String; 2]> {
    let upper = match address {
        std::net::IpAddr::V4(four) if bits < 32 => {
            (u32::from(four) | (1 << (31 - bits))).to_be_bytes().to_vec()
        }
        std::net::IpAddr::V6(six) if bits < 128 => {
            (u128::from(six) | (1 << (127 - bits))).to_be_bytes().to_vec()
        }
        std::net::IpAddr::V4(_) | std::net::IpAddr::V6(_) => return None,
    };
    let upper: std::net::IpAddr = match upper.len() {
        4 => <[u8; 4]>::try_from(upper).ok()?.into(),
        _ => <[u8; 16]>::try_from(upper).ok()?.into(),
    };
    Some([block(address, bits + 1), block(upper, bits + 1)])
}
