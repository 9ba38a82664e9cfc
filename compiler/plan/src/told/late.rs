//! What takes effect late, or not at all for what is open already.

use crate::access::{Piece, Sort};

/// One sentence about some changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Late {
    /// Of what.
    pub sort: &'static str,
    /// How many.
    pub count: usize,
    /// What is so about them.
    pub sentence: &'static str,
}

/// Actions by which a session is opened that the provider ends only when somebody asks it to.
const SESSIONS: [&str; 2] = ["ssm:startsession", "ssm:resumesession"];

/// Once for each sort.
pub(super) fn late(less: &[Piece], closed: usize) -> Vec<Late> {
    let of = |is: &dyn Fn(&Piece) -> bool| less.iter().filter(|piece| is(piece)).count();
    let is_session = |piece: &Piece| SESSIONS.contains(&piece.action.as_str());
    let is_device = |piece: &Piece| piece.sort == Sort::Device;
    let all = [
        (
            "connections",
            closed,
            "a group and a host firewall let a connection that is tracked already go on until it is idle",
        ),
        (
            "device policies",
            of(&is_device),
            "the broker takes some minutes to see a changed device policy",
        ),
        (
            "roles",
            of(&|piece| piece.sort == Sort::Trust),
            "who became a role keeps its session until the session ends",
        ),
        (
            "sessions",
            of(&is_session),
            "a session on a host that is open stays open until somebody ends it",
        ),
    ];
    let found = all.into_iter().filter(|(_, count, _)| *count > 0);
    found
        .map(|(sort, count, sentence)| Late {
            sort,
            count,
            sentence,
        })
        .collect()
}
