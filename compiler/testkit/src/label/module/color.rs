//! Blocks up to their labels: two are the same if they say the same, refer to the same, and are referred to by the same.
//!
//! Colours are refined until nothing more is told apart, as in tests of graphs for being the same up to names. Blocks that are
//! wholly alike may change places.

use std::collections::BTreeMap;

use super::world::Node;

/// More rounds tell nothing apart that our chains of references do not.
const ROUNDS: usize = 8;

/// A colour for each block. What is looked up for nothing gives none to others.
pub(super) fn of(nodes: &[Node], is_there: &[bool]) -> Vec<u64> {
    let start = |node: &Node| {
        let mut text = format!(
            "{} {} {} {} {} ",
            node.sort,
            node.is_data,
            node.account,
            node.region,
            is_kept(node)
        );
        for (name, value) in &node.said.arguments {
            text.push_str(name);
            value.show(&|to| to.attribute.clone(), &mut text);
        }
        hash(&text)
    };
    let mut colors: Vec<u64> = nodes.iter().map(start).collect();
    let mut incoming: Vec<Vec<(usize, String)>> = vec![Vec::new(); nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        // Rules and routes are judged by what they do.
        if super::filter::is_filter(&node.sort) || !is_there[at] {
            continue;
        }
        for (name, value) in &node.said.arguments {
            value.refs(name, &mut |path, to| {
                incoming[to.node].push((at, format!("{path} {}", to.attribute)));
            });
        }
    }
    for _ in 0..ROUNDS {
        let next: Vec<u64> = nodes
            .iter()
            .enumerate()
            .map(|(at, node)| {
                let mut text = format!("{} ", colors[at]);
                for (name, value) in &node.said.arguments {
                    text.push_str(name);
                    value.show(&|to| format!("{}.{}", colors[to.node], to.attribute), &mut text);
                }
                let mut from: Vec<String> = incoming[at]
                    .iter()
                    .map(|(source, path)| format!("{path} {}", colors[*source]))
                    .collect();
                from.sort();
                text.extend(from);
                hash(&text)
            })
            .collect();
        let is_stable = classes(&next) == classes(&colors);
        colors = next;
        if is_stable {
            break;
        }
    }
    colors
}

/// Whether its object cannot be deleted: by Terraform, or by the provider.
pub(super) fn is_kept(node: &Node) -> bool {
    let protections = ["deletion_protection", "deletion_protection_enabled"];
    node.said.is_kept || protections.iter().any(|name| node.text(name) == Some("true"))
}

fn classes(colors: &[u64]) -> usize {
    colors.iter().collect::<std::collections::BTreeSet<_>>().len()
}

/// How often each colour stands.
pub(super) fn count(colors: impl Iterator<Item = u64>) -> BTreeMap<u64, usize> {
    let mut out = BTreeMap::new();
    for color in colors {
        *out.entry(color).or_default() += 1;
    }
    out
}

/// FNV-1a: the same on every machine.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
