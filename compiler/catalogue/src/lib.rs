//! The service catalogue: actions, resource types, condition keys.
//!
//! Facts about AWS that the compiler looks up and never works out: which actions there are, what each acts
//! on, which condition keys it fills in. Everything is packed data with a date and a digest, below
//! `stdlib/catalogue/`.
//!
//! - [`Catalogue`] is IAM: [`service`] what belongs to a service, [`action`] what an action accepts, [`effect`] what
//!   an action does, and which others do the same.
//! - [`iot`] is the other policy language, that of AWS IoT Core; its actions are not IAM's.
//! - [`honoured`] is what the policies of resources say with effect.
//! - [`limits`] holds quotas, [`terraform`] the arguments of the provider's types.
//!
//! Absent on purpose: dependent actions. The source lost them, and an empty list would read as "none".

pub mod action;
mod arn;
pub mod effect;
pub mod honoured;
pub mod iot;
mod key;
pub mod limits;
mod near;
mod parse;
pub mod service;
pub mod terraform;

use action::Action;
use effect::{Effects, Returns};
use service::{ConditionKey, Service};
use std::sync::OnceLock;

/// What a table that is not as [`Catalogue::parse`] wants it has wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// One-based.
    pub line: u32,
    /// One line, lower case.
    pub message: &'static str,
}

/// Everything known about the actions of IAM.
#[derive(Debug, Default)]
pub struct Catalogue {
    digest: &'static str,
    version: &'static str,
    date: &'static str,
    /// By name, ignoring case.
    globals: Vec<ConditionKey>,
    lists: Vec<Vec<&'static str>>,
    /// By prefix.
    services: Vec<Service>,
    /// By action, ignoring case: what it does where its levels mislead.
    effects: Vec<(&'static str, Effects)>,
    /// By action, ignoring case: by which others the same may be done.
    same: Vec<(&'static str, Vec<&'static str>)>,
    /// What manages a thing, in order of name.
    managing: Vec<&'static str>,
    /// By action, ignoring case: what it returns of what it wrote over.
    returns: Vec<(&'static str, Returns)>,
}

impl Catalogue {
    /// The catalogue that the compiler is built with.
    #[must_use]
    pub fn embedded() -> &'static Self {
        static EMBEDDED: OnceLock<Catalogue> = OnceLock::new();
        // A test parses the embedded table; if it were broken, the empty one knows no action and permits none.
        EMBEDDED.get_or_init(|| {
            Self::parse(include_str!("../../../stdlib/catalogue/aws-iam.txt")).unwrap_or_default()
        })
    }

    /// A catalogue of one's own: the table that `cargo xtask catalogue` writes.
    ///
    /// - Shape: whoever reads the table from a file keeps its text for as long as the process lives.
    ///
    /// # Errors
    /// The first line that is not understood.
    pub fn parse(text: &'static str) -> Result<Self, Malformed> {
        parse::parse(text)
    }

    /// SHA-256 of the table, everything after the line that holds it.
    #[must_use]
    pub fn digest(&self) -> &'static str {
        self.digest
    }

    /// The version of the package that the table was packed from.
    #[must_use]
    pub fn version(&self) -> &'static str {
        self.version
    }

    /// The day of the package's last update, `2026-09-26`.
    #[must_use]
    pub fn date(&self) -> &'static str {
        self.date
    }

    /// Every service, in order of prefix.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.iter()
    }

    /// The service of a prefix, ignoring case.
    #[must_use]
    pub fn service(&self, prefix: &str) -> Option<&Service> {
        let found = self
            .services
            .binary_search_by(|service| key::compare(service.prefix, prefix))
            .ok()?;
        self.services.get(found)
    }

    /// The action of a name such as `s3:GetObject`, ignoring case; never a wildcard.
    #[must_use]
    pub fn action(&self, name: &str) -> Option<Action<'_>> {
        let (prefix, _) = name.split_once(':')?;
        let service = self.service(prefix)?;
        let found = service
            .actions
            .binary_search_by(|row| key::compare(row.name, name))
            .ok()?;
        Some(Action {
            catalogue: self,
            service,
            row: service.actions.get(found)?,
        })
    }

    /// The actions of a service, in order of name.
    pub fn actions<'c>(&'c self, service: &'c Service) -> impl Iterator<Item = Action<'c>> {
        service.actions.iter().map(move |row| Action {
            catalogue: self,
            service,
            row,
        })
    }

    /// The actions that a written name with `*` and `?` stands for, ignoring case, in order of name.
    #[must_use]
    pub fn matching(&self, pattern: &str) -> Vec<Action<'_>> {
        let prefix = pattern.split_once(':').map_or("", |(prefix, _)| prefix);
        let mut found = Vec::new();
        for service in &self.services {
            if pattern != "*" && !prefix.eq_ignore_ascii_case(service.prefix) {
                continue;
            }
            let fits = |action: &Action<'_>| pattern == "*" || key::glob(pattern, action.name());
            found.extend(self.actions(service).filter(fits));
        }
        found
    }

    /// A global condition key, `aws:SourceVpce` or `aws:PrincipalTag/team`, ignoring case.
    #[must_use]
    pub fn global(&self, name: &str) -> Option<&ConditionKey> {
        key::find(&self.globals, name)
    }

    /// The known action that somebody who wrote `name` may have meant; nothing if none is near
    /// or `name` is right.
    #[must_use]
    pub fn near(&self, name: &str) -> Option<&'static str> {
        let (prefix, _) = name.split_once(':')?;
        let Some(service) = self.service(prefix) else {
            let other = near::nearest(prefix, self.services.iter().map(|service| service.prefix))?;
            let meant = name.replacen(prefix, other, 1);
            return self.action(&meant).map(|action| action.name());
        };
        near::nearest(name, service.actions.iter().map(|row| row.name))
            .filter(|near| !near.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests;
