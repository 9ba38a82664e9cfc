//! The language server: what [`ide`] knows, spoken in the Language Server Protocol.
//!
//! One loop takes messages and reads spelling at once. Two threads for each project find out what names mean and what can
//! be proved; a newer text makes what they do for an older one void. Only this crate knows the types of the protocol.
#![expect(
    clippy::disallowed_methods,
    reason = "it is part of the edge: an editor's files are watched and read from here"
)]

pub mod answer;
pub mod client;
pub mod convert;
pub mod findings;
pub mod lines;
pub mod pages;
pub mod parsed;
pub mod project_state;
pub mod reply;
pub mod server;
pub mod uri;
pub mod worker;

use lsp_server::{Connection, ProtocolError};
use serde_json::json;

use client::Client;
use server::Server;
pub use server::Surroundings;

/// Serves one client on standard input and output until it leaves.
///
/// # Errors
/// A client that does not speak the protocol, or that leaves without a word.
pub fn serve(surroundings: Surroundings) -> Result<(), ProtocolError> {
    let (connection, threads) = Connection::stdio();
    let served = run(&connection, surroundings);
    drop(connection);
    // The writer has nothing left to write; what went wrong with the pipe is nobody's to hear.
    let _ = threads.join();
    served
}

/// Serves one client on a connection.
///
/// # Errors
/// As [`serve`] says.
pub fn run(connection: &Connection, surroundings: Surroundings) -> Result<(), ProtocolError> {
    let (id, params) = connection.initialize_start()?;
    let client = Client::of(&params);
    let offered = json!({
        "capabilities": client.offered(),
        "serverInfo": { "name": "leastwise", "version": env!("CARGO_PKG_VERSION") },
    });
    connection.initialize_finish(id, offered)?;
    Server::new(connection, client, surroundings).run(&params);
    Ok(())
}
