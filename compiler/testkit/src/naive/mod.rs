//! A second opinion on promises and tests: answered by looking.
//!
//! Written from the language reference, and from nothing that answers promises for a build. The emitted bytes are composed
//! point by point: every device by its row, every person by the attributes that occur, every word and every address at which
//! some pattern or some block begins or ends. A point is decided by the labelling evaluators. There is no algebra here, and
//! no letter stands for more than itself.
#![expect(
    clippy::indexing_slicing,
    reason = "test support: an index out of bounds is a failed test, and its place is the message"
)]

pub mod actor;
pub mod address;
pub mod becoming;
pub mod chain;
pub mod control;
pub mod delivery;
pub mod draw;
pub mod emitted;
pub mod glob;
pub mod host;
pub mod isolate;
pub mod limit;
pub mod object;
pub mod packet;
pub mod promise;
pub mod question;
pub mod request;
pub mod selector;
pub mod witness;
pub mod world;
