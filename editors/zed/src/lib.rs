//! What Zed demands to start a language server: the command. There is nothing else here.

use zed_extension_api::{register_extension, Command, Extension, LanguageServerId, Result, Worktree};

struct Leastwise;

impl Extension for Leastwise {
    fn new() -> Self {
        Self
    }

    fn language_server_command(&mut self, _server: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let Some(command) = worktree.which("leastwise") else {
            return Err("`leastwise` is not on PATH".to_owned());
        };
        Ok(Command {
            command,
            args: vec!["lsp".to_owned()],
            env: worktree.shell_env(),
        })
    }
}

register_extension!(Leastwise);
