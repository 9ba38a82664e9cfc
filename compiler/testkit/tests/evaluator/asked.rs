//! What is asked, and what the spec says of it.

use super::process::{Answer, Question};

/// One request and what is meant.
#[derive(Clone, Debug)]
pub struct Asked {
    /// In which point it differs from a declared one; `declared` if in none.
    pub what: String,
    /// The request.
    pub question: Question,
    /// Whether the spec grants it.
    pub is_granted: bool,
}

impl Asked {
    pub fn new(what: &str, question: Question, is_granted: bool) -> Self {
        Self {
            what: what.to_owned(),
            question,
            is_granted,
        }
    }

    /// For people, if the evaluator says otherwise.
    pub fn fault(&self, answer: &Answer) -> Option<String> {
        if answer.is_allowed() == self.is_granted {
            return None;
        }
        let Question {
            principal,
            action,
            resource,
            context,
            ..
        } = &self.question;
        let meant = if self.is_granted {
            "is declared"
        } else {
            "is not declared"
        };
        Some(format!(
            "({}) {principal} {action} {resource} in {context:?} {meant}, and is {}",
            self.what, answer.result
        ))
    }
}

/// A declared request with its neighbours.
#[derive(Clone, Debug)]
pub struct Group {
    /// The project, as it is called among all that are emitted.
    pub project: String,
    /// The access or the role, for people.
    pub of: String,
    /// First what is declared.
    pub asked: Vec<Asked>,
}
