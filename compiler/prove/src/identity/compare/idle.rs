//! Statements that the others of the guard contain: removing them changes nothing.

use pattern::boxes::{self, NotDecided, Rectangle};
use pattern::union::Budget;

use super::{Context, Seen};
use crate::witness::{Refusal, Sort};

pub(super) fn judge(
    cx: &Context<'_>,
    allows: &[Seen<'_>],
    denies: &[Seen<'_>],
    budget: &mut Budget,
) -> Result<Vec<Refusal>, NotDecided> {
    let mut refusals = Vec::new();
    for statements in [allows, denies] {
        for (index, statement) in statements.iter().enumerate() {
            if is_contained(statements, index, budget)? {
                let message = format!("a statement of {} is contained in the others", cx.describe());
                refusals.push(Refusal::new(Sort::Idle, cx.target, message).at(&statement.statement.place));
            }
        }
    }
    Ok(refusals)
}

/// Whether the other statements say all that this one says.
fn is_contained(statements: &[Seen<'_>], index: usize, budget: &mut Budget) -> Result<bool, NotDecided> {
    let Some(own) = statements.get(index) else {
        return Ok(false);
    };
    let rectangles: Vec<Rectangle> = own.rectangles().collect();
    for who in &own.statement.who {
        for action in &own.statement.actions {
            let others: Vec<Rectangle> = statements
                .iter()
                .enumerate()
                .filter(|(other, seen)| *other != index && seen.names(who) && seen.has_action(action))
                .flat_map(|(_, seen)| seen.rectangles())
                .collect();
            if others.is_empty() && !rectangles.is_empty()
                || boxes::difference(&rectangles, &others, budget)?.is_some()
            {
                return Ok(false);
            }
        }
    }
    Ok(true)
}
