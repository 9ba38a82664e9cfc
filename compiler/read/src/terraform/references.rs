//! What the blocks refer to: letters for what the provider assigns, blocks that something needs, and circles.

use std::collections::BTreeSet;

use super::template;
use super::world::{Block, Part, World, key};
use crate::letters::Found;

/// What all references come to.
pub(super) struct References<'w, 'a> {
    /// The keys of all letters.
    pub(super) found: Found,
    /// Blocks to which some reference leads.
    pub(super) used: BTreeSet<usize>,
    /// Blocks that cannot be made before themselves: Terraform plans none of the module.
    /// Source: Terraform, "Resource Graph", read 2026-11-30.
    pub(super) circle: Vec<&'w Block<'a>>,
}

/// Looks at every text of every block.
pub(super) fn of<'w, 'a>(world: &'w World<'a>) -> References<'w, 'a> {
    let mut found = Found::default();
    let mut needs: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); world.blocks.len()];
    for (block, needed) in world.blocks.iter().zip(&mut needs) {
        for (name, value) in block.members {
            value.each_text(&mut |text| {
                // To wait for what is looked up is a use: without it, nothing is applied.
                if name == "depends_on" {
                    let target = template::address(text)
                        .and_then(|(is_data, sort, label)| world.find(block.module, is_data, sort, label));
                    needed.extend(target);
                }
                if !text.contains("${") {
                    // A document may spell a variable with escapes, which Terraform leaves alone.
                    if text.contains("\\u") {
                        found.scan_document(text);
                    }
                    return;
                }
                let parts = world.resolve_with(block.module, text, &mut |target| {
                    needed.insert(target);
                });
                for part in parts.unwrap_or_default() {
                    match part {
                        Part::Text(text) => found.scan(&text),
                        Part::Assigned(address, attribute) => {
                            found.symbols.insert(key(&address, attribute));
                        }
                    }
                }
            });
        }
    }
    let circle = circle(&needs);
    References {
        found,
        used: needs.into_iter().flatten().collect(),
        circle: circle.into_iter().filter_map(|at| world.blocks.get(at)).collect(),
    }
}

/// What is left when each that needs nothing that is left has gone: the circles, and what leads to one.
fn circle(needs: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut open: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); needs.len()];
    for (at, needed) in needs.iter().enumerate() {
        for other in needed {
            if let Some(of) = needed_by.get_mut(*other) {
                of.push(at);
            }
        }
    }
    let mut ready: Vec<usize> = (0..needs.len()).filter(|at| open.get(*at) == Some(&0)).collect();
    while let Some(at) = ready.pop() {
        for dependent in needed_by.get(at).into_iter().flatten() {
            if let Some(count) = open.get_mut(*dependent) {
                *count -= 1;
                if *count == 0 {
                    ready.push(*dependent);
                }
            }
        }
    }
    (0..needs.len()).filter(|at| open.get(*at) != Some(&0)).collect()
}
