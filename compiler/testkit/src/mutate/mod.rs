//! Changes of emitted bytes: generic over leaves, blind to what they mean.
//!
//! A [`Site`] is one change that could be made; sites are listed in a fixed order and cost little, so that a large bundle is
//! sampled by drawing sites. [`Site::apply`] makes the change. What a change means is the labeller's question.
#![expect(
    clippy::indexing_slicing,
    reason = "test support: an index out of bounds is a failed test, and its place is the message"
)]

pub mod block;
pub mod edit;
pub mod file;
pub mod grant;
pub mod json;
pub mod leaf;
pub mod seal;
pub mod seed;
pub mod specimen;
pub mod statement;
pub mod text;

use std::collections::BTreeMap;

use block::{Block, BlockEdit};
use edit::{Edit, Step};
use json::{Json, Style};

use crate::label::Files;

/// What sort of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each is said by its name, as tables print it")]
pub enum Operator {
    Delete,
    Duplicate,
    Swap,
    Borrow,
    Widen,
    Narrow,
    Retype,
    RenameKey,
    AddMember,
    DropBlock,
    CopyBlock,
    DropFile,
    CopyFile,
    ExchangeFiles,
    MoveToFile,
    Damage,
    // These are meant to keep the meaning; the labeller says whether they do.
    Reorder,
    Respell,
    Wrap,
    Case,
    Split,
    Merge,
    RenameId,
    Describe,
    Halve,
    Relabel,
    // What one guard grants, granted by another too; only where promises are asked.
    Grant,
}

/// One change that can be made to a bundle.
#[derive(Clone, Debug)]
pub struct Site {
    /// What sort of change.
    pub operator: Operator,
    /// Which sort of file.
    pub format: String,
    /// The argument that is changed.
    pub argument: String,
    change: Change,
}

/// A path, and the target and bytes of what now stands there, if anything.
type Replaced = (String, Option<(&'static str, Vec<u8>)>);

#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// In one file that is JSON.
    Edit {
        path: String,
        steps: Vec<Step>,
        edit: Edit,
    },
    /// One file written otherwise.
    Style {
        path: String,
        style: Style,
        reverse: bool,
    },
    /// Lines of one file that is a text.
    Lines { path: String, lines: text::Lines },
    /// A block of a module.
    Block { block: Block, edit: BlockEdit },
    /// Whole files: new bytes, or removal.
    Files(Vec<Replaced>),
}

impl Site {
    /// The bundle with the change made; `None` if it changes no byte.
    #[must_use]
    pub fn apply(&self, files: &Files) -> Option<Files> {
        let mut after = files.clone();
        match &self.change {
            Change::Edit { path, steps, edit } => {
                let (_, bytes) = after.get_mut(path)?;
                let mut document = json::parse(bytes).ok()?;
                edit::apply(&mut document, steps, edit)?;
                *bytes = document.write(Style::Pretty);
            }
            Change::Block { block, edit } => block::apply(&mut after, block, edit)?,
            Change::Style { path, style, reverse } => {
                let (_, bytes) = after.get_mut(path)?;
                let mut document = json::parse(bytes).ok()?;
                if *reverse {
                    edit::reverse(&mut document);
                }
                *bytes = document.write(*style);
            }
            Change::Lines { path, lines } => {
                let (_, bytes) = after.get_mut(path)?;
                *bytes = text::apply(bytes, lines)?;
            }
            Change::Files(changes) => {
                for (path, file) in changes {
                    match file {
                        Some(file) => drop(after.insert(path.clone(), file.clone())),
                        None => drop(after.remove(path)),
                    }
                }
            }
        }
        seal::seal(files, &mut after);
        (after != *files).then_some(after)
    }

    /// The change in a line.
    #[must_use]
    pub fn describe(&self) -> String {
        let what = match &self.change {
            Change::Edit { path, steps, edit } => format!("{path} {} {edit:?}", edit::pointer(steps)),
            Change::Block { block, edit } => format!("{} {edit:?}", block.describe()),
            Change::Style { path, style, reverse } => format!("{path} {style:?} reverse={reverse}"),
            Change::Lines { path, lines } => format!("{path} {lines:?}"),
            Change::Files(changes) => changes
                .iter()
                .map(|(path, file)| format!("{path}{}", if file.is_some() { "" } else { " removed" }))
                .collect::<Vec<_>>()
                .join(", "),
        };
        let mut line: String = format!("{:?} {} {what}", self.operator, self.argument)
            .chars()
            .take(400)
            .collect();
        line.retain(|c| c != '\n');
        line
    }
}

/// The sort of a file: its target and what its path ends in.
#[must_use]
pub fn format_of(target: &str, path: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let tail = file.split_once('.').map_or(file, |(_, tail)| tail);
    let tail = if target == "terraform" || target == "device-bundles" {
        file
    } else {
        tail
    };
    let tail = if let Some(further) = tail.strip_prefix("identity-") {
        further.split_once('.').map_or(tail, |_| "identity.json")
    } else {
        tail
    };
    format!("{target} {tail}")
}

/// A place in a document.
pub(crate) struct Node<'a> {
    pub(crate) path: &'a str,
    pub(crate) format: String,
    pub(crate) steps: Vec<Step>,
    /// The names on the way, without numbers and local labels.
    pub(crate) argument: String,
    pub(crate) value: Json,
}

/// Every change, in order of path and place.
#[must_use]
pub fn sites(files: &Files) -> Vec<Site> {
    let mut nodes = Vec::new();
    for (path, (target, bytes)) in files {
        if let Ok(document) = json::parse(bytes) {
            let format = format_of(target, path);
            edit::walk(&document, &mut |steps, argument, value| {
                nodes.push(Node {
                    path,
                    format: format.clone(),
                    steps,
                    argument,
                    value: value.clone(),
                });
            });
        }
    }
    // Values of the same argument, wherever they stand.
    let mut values: BTreeMap<(&str, &str), Vec<&Json>> = BTreeMap::new();
    for node in &nodes {
        let of = values
            .entry((node.format.as_str(), node.argument.as_str()))
            .or_default();
        if !of.contains(&&node.value) && of.len() < 24 {
            of.push(&node.value);
        }
    }
    let mut out = Vec::new();
    for node in &nodes {
        let others = values
            .get(&(node.format.as_str(), node.argument.as_str()))
            .map_or(&[][..], Vec::as_slice);
        let mut add = |operator, edit| {
            out.push(Site {
                operator,
                format: node.format.clone(),
                argument: node.argument.clone(),
                change: Change::Edit {
                    path: node.path.to_owned(),
                    steps: node.steps.clone(),
                    edit,
                },
            });
        };
        leaf::edits(node, others, &mut add);
        statement::edits(node, &mut add);
    }
    block::sites(files, &mut out);
    text::sites(files, &mut out);
    file::sites(files, &mut out);
    out
}
