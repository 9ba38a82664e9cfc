//! Rows of inventories in another order. The header stays, and the first line of NDJSON, which says what the columns are.

use super::Order;

/// The file with its rows moved, and which line each line was (from 1); `None` for what is no plain table.
#[must_use]
pub fn moved(path: &str, bytes: &[u8], order: &mut Order) -> Option<(Vec<u8>, Vec<usize>)> {
    let is_csv = path.ends_with(".csv");
    if !is_csv && !path.ends_with(".ndjson") {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    // A quoted cell may hold a line break.
    if is_csv && text.contains('"') {
        return None;
    }
    let mut lines: Vec<(usize, &str)> = (1..).zip(text.lines()).collect();
    if let Some(rows) = lines.get_mut(1..) {
        order.moves(rows);
    }
    let mut moved = String::with_capacity(text.len() + 1);
    for (_, line) in &lines {
        moved.push_str(line);
        moved.push('\n');
    }
    Some((
        moved.into_bytes(),
        lines.into_iter().map(|(was, _)| was).collect(),
    ))
}
