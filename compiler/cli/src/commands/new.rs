//! `leastwise new`: start a project from an example.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap_complete::engine::ArgValueCandidates;

use crate::commands::completions::known;
use project::Trouble;

/// (example, path in it, text)
static EXAMPLES: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/examples.rs"));

/// The names of the examples.
pub(crate) fn examples() -> Vec<&'static str> {
    let mut known: Vec<&str> = EXAMPLES.iter().map(|(example, ..)| *example).collect();
    known.dedup();
    known
}

/// Arguments of `new`.
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The folder to create.
    folder: PathBuf,
    /// The example to start from; one of the folder's own name if there is one, else `minimal`.
    #[arg(long, value_name = "EXAMPLE", add = ArgValueCandidates::new(known::examples))]
    from: Option<String>,
}

/// Creates the folder and copies an example into it. Never writes into a folder that holds anything.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Trouble> {
    let named = arguments
        .folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let is_known = |name: &str| EXAMPLES.iter().any(|(example, ..)| *example == name);
    let example = match &arguments.from {
        Some(from) if is_known(from) => from.clone(),
        Some(from) => {
            return Err(Trouble::new(
                format!("there is no example {from}"),
                format!("there are: {}", examples().join(", ")),
            ));
        }
        None if is_known(&named) => named.clone(),
        None => "minimal".to_owned(),
    };
    let trouble = |path: &PathBuf, error: std::io::Error| {
        Trouble::new(format!("{}: {error}", path.display()), "choose another folder")
    };
    let is_empty = match fs::read_dir(&arguments.folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(trouble(&arguments.folder, error)),
    };
    if !is_empty {
        return Err(Trouble::new(
            format!("{}: the folder is not empty", arguments.folder.display()),
            "choose a folder that does not exist yet",
        ));
    }
    for (_, path, text) in EXAMPLES.iter().filter(|(name, ..)| *name == example) {
        let to = arguments.folder.join(path);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).map_err(|error| trouble(&to, error))?;
        }
        let own = match *path {
            "leastwise.kdl" => called(text, &named),
            _ => (*text).to_owned(),
        };
        fs::write(&to, own).map_err(|error| trouble(&to, error))?;
    }
    let shown = arguments.folder.display();
    println!("created {shown} from the example {example}");
    println!("next: cd {shown} && leastwise compile");
    Ok(ExitCode::SUCCESS)
}

/// The project bears the folder's name, as far as names have such characters.
fn called(text: &str, folder: &str) -> String {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let name: String = folder
        .chars()
        .map(|letter| if fits(letter) { letter } else { '-' })
        .collect();
    let name = name.trim_matches('-');
    let head = text
        .lines()
        .find_map(|line| line.strip_prefix("project "))
        .and_then(|rest| rest.split(' ').next());
    match head {
        Some(old) if !name.is_empty() => {
            text.replacen(&format!("project {old} "), &format!("project {name} "), 1)
        }
        _ => text.to_owned(),
    }
}
