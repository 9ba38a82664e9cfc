//! `when { … }` to regions; what cannot be enforced for this subject is refused, or taken and printed.

use diagnostics::Diagnostic;
use model::actor::People;
use model::thing::{Detail, Thing};
use model::trust::{Condition, Trust};
use model::value::Block;
use pattern::address;
use pattern::key::Key;
use pattern::region::Region;
use pattern::values::Values;
use pattern::word::Word;
use pattern::words::Words;
use source::Span;

use super::Build;
use crate::access::RegionId;
use crate::fault::UNENFORCEABLE_CONDITION;
use crate::reason::Residual;

/// What a trust's conditions mean for one subject.
#[derive(Clone, Copy)]
pub(crate) struct Conditions {
    /// All that some layer enforces.
    pub when: RegionId,
    /// What is left of it when a service of the provider acts on the subject's behalf: it does not carry the subject's address.
    pub forwarded: RegionId,
}

impl<'m> Build<'m> {
    /// The conditions of a trust for one subject; `None` if one of them is refused.
    pub(crate) fn conditions(&mut self, trust: &Trust, subject: &'m Thing) -> Option<Conditions> {
        if trust.when.is_empty() {
            return Some(Conditions {
                when: self.everything,
                forwarded: self.everything,
            });
        }
        let (mut forwarded, mut source, mut refused) = (Region::everything(), Region::everything(), false);
        for condition in &trust.when {
            match condition {
                Condition::MfaAge { accept_idp, span, .. } => {
                    refused |= !self.mfa_age(subject, *accept_idp, *span)
                }
                Condition::Source { blocks, span } => {
                    if let Some(private) = blocks.iter().find(|block| block.is_private()) {
                        let what = format!("source {private}");
                        self.refuse_condition(
                            subject,
                            &what,
                            *span,
                            "the provider sees the public address of a request, and this block is private: it would never hold",
                            "write the addresses under which the requests leave your network",
                        );
                        refused = true;
                    } else if self.sends_address(subject, *span) {
                        source = source.and(&Region::only(
                            Key::new("aws:SourceIp"),
                            Values::addresses(blocks.iter().map(|block| converted(*block))),
                        ));
                    } else {
                        refused = true;
                    }
                }
                Condition::Attribute { name, values, span } => {
                    let Some(people) = self.vouched(subject, "attribute", *span) else {
                        refused = true;
                        continue;
                    };
                    if !people.attributes.iter().any(|(known, _)| known == name) {
                        let what = format!("attribute {}", self.text(*name));
                        self.refuse_condition(
                            subject,
                            &what,
                            *span,
                            "no provider vouches for it",
                            "declare it under `attributes`",
                        );
                        refused = true;
                    }
                    let words: Vec<Word> = values
                        .iter()
                        .filter_map(|value| Word::text(self.text(*value)))
                        .collect();
                    let key = Key::new(&format!("aws:PrincipalTag/{}", self.text(*name)));
                    forwarded = forwarded.and(&Region::only(key, Values::text(Words::from_words(&words))));
                }
                Condition::Until { date, span } => {
                    if matches!(subject.detail, Detail::Class(_)) {
                        self.refuse_condition(
                            subject,
                            "until",
                            *span,
                            "a device's policy knows no time",
                            "use `expires`, and take the trust out when it ends",
                        );
                        refused = true;
                    } else {
                        forwarded = forwarded.and(&Region::only(
                            Key::new("aws:CurrentTime"),
                            Values::dates([(i64::MIN, date.last_second())]),
                        ));
                    }
                }
            }
        }
        if refused {
            return None;
        }
        let when = self.graph.regions.intern(forwarded.and(&source));
        Some(Conditions {
            when,
            forwarded: self.graph.regions.intern(forwarded),
        })
    }

    /// `mfa-age`: an identity provider's word does not say how old the second factor is, so nothing enforces it.
    fn mfa_age(&mut self, subject: &'m Thing, accepted: bool, span: Span) -> bool {
        if self.vouched(subject, "mfa-age", span).is_none() {
            return false;
        }
        let name = self.text(subject.name);
        if accepted {
            self.residuals.insert(Residual {
                span,
                substitute: "idp-mfa".to_owned(),
                what: format!("the identity provider of `{name}` sees to the second factor and its age; no layer of the cloud does"),
            });
            return true;
        }
        self.impossible("`mfa-age` without its substitute");
        false
    }

    /// People whom a provider vouches for; anybody else is refused.
    fn vouched(&mut self, subject: &'m Thing, what: &str, span: Span) -> Option<&'m People> {
        match &subject.detail {
            Detail::People(people) if people.from.is_some() => Some(people),
            Detail::People(_) => {
                self.refuse_condition(
                    subject,
                    what,
                    span,
                    "no identity provider vouches for them",
                    "say `from=` where they are declared",
                );
                None
            }
            Detail::Workload(_) | Detail::Class(_) | Detail::External(_) | Detail::Resource => {
                self.refuse_condition(
                    subject,
                    what,
                    span,
                    "only people whom an identity provider vouches for have it",
                    "leave it out, or name the people",
                );
                None
            }
        }
    }

    /// Whether requests of the subject carry the address that it speaks from.
    fn sends_address(&mut self, subject: &'m Thing, span: Span) -> bool {
        let private = self
            .home(subject)
            .into_iter()
            .any(|segment| self.is_served(segment));
        if private {
            self.refuse_condition(
                subject,
                "source",
                span,
                "it speaks through private endpoints, where requests carry no public address",
                "leave it out: its segment is the limit",
            );
            return false;
        }
        match subject.detail {
            Detail::Resource => {
                self.refuse_condition(
                    subject,
                    "source",
                    span,
                    "the provider acts for it, from addresses of its own",
                    "leave it out",
                );
                false
            }
            Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::External(_) => true,
        }
    }

    pub(crate) fn refuse_condition(
        &mut self,
        subject: &Thing,
        what: &str,
        span: Span,
        why: &str,
        help: &str,
    ) {
        let name = self.text(subject.name);
        self.report.push(
            Diagnostic::new(
                &UNENFORCEABLE_CONDITION,
                span,
                format!("`{what}` cannot be enforced for `{name}`"),
            )
            .label(subject.span, "declared here")
            .note(why)
            .help(help),
        );
    }
}

/// A block as the set algebra has it.
pub(crate) fn converted(block: Block) -> address::Block {
    if block.six {
        address::Block::V6 {
            first: block.first,
            prefix_bits: block.prefix_bits,
        }
    } else {
        address::Block::V4 {
            first: u32::try_from(block.first).unwrap_or(u32::MAX),
            prefix_bits: block.prefix_bits,
        }
    }
}
