//! Selectors: what a promise or a `cannot` names besides single things.

use diagnostics::Diagnostic;
use model::promise::Selector;
use model::trust::End;
use source::Span;

use crate::cx::Cx;
use crate::heard::Takes;
use crate::kinds;
use crate::line::Arg;
use crate::names::UNDECLARED_NAME;

/// The words before a colon.
pub(crate) const SORTS: &[&str] = &[
    "kind",
    "segment",
    "site",
    "network",
    "level",
    "account",
    "owner",
    "tag",
    "data-class",
];

impl<'a> Cx<'a, '_> {
    /// One selector.
    pub(crate) fn selector(&mut self, arg: &Arg<'a>) -> Option<(Selector, Span)> {
        let text = self.text(arg);
        self.hear(arg.span, || Takes::Selector);
        let selector = match &*text {
            "*" => Selector::Everything,
            "aws" => Selector::Provider,
            "internet" => Selector::Internet,
            _ => match text.split_once(':') {
                Some((sort, of)) => self.sorted_selector(arg, sort, of)?,
                None => Selector::End(self.end(arg)?.end),
            },
        };
        Some((selector, arg.span))
    }

    fn sorted_selector(&mut self, arg: &Arg<'a>, sort: &str, of: &str) -> Option<Selector> {
        let inner = Arg {
            text: of.to_owned().into(),
            span: arg.span,
            value: arg.value,
        };
        Some(match sort {
            "kind" => {
                self.hear_kind(of, arg.span);
                match self.kinds.get(of) {
                    Some(kind) => Selector::Kind(*kind),
                    None => {
                        kinds::unknown_kind(self, of, arg.span);
                        return None;
                    }
                }
            }
            "segment" => Selector::Segment(self.segment(&inner)?),
            "site" => Selector::Site(self.site(&inner)?),
            "network" => Selector::Network(self.network(&inner)?),
            "level" => match of.parse() {
                Ok(level) => Selector::Level(level),
                Err(_) => {
                    let message = format!("`{of}` is not a level");
                    self.push(
                        Diagnostic::new(&crate::convert::WRONG_TYPE, arg.span, message)
                            .help("write `level:2`"),
                    );
                    return None;
                }
            },
            "account" => Selector::Account(self.account(&inner)?),
            "owner" => Selector::Owner(self.team(&inner)?),
            "tag" => {
                let name = self.intern(of);
                let known = self.model.project.tags.iter().any(|(key, _)| *key == name)
                    || self
                        .model
                        .things
                        .iter()
                        .any(|(_, thing)| thing.tags.iter().any(|(key, _)| *key == name))
                    || self
                        .model
                        .segments
                        .iter()
                        .any(|(_, one)| one.tags.iter().any(|(key, _)| *key == name));
                if !known {
                    let message = format!("nothing has the tag `{of}`");
                    self.push(Diagnostic::new(&UNDECLARED_NAME, arg.span, message));
                    return None;
                }
                Selector::Tag(name)
            }
            "data-class" => {
                let name = self.intern(of);
                if !crate::things::is_data_class(self, name, arg.span) {
                    crate::things::undeclared_data_class(self, of, arg.span);
                    return None;
                }
                Selector::DataClass(name)
            }
            _ => {
                let message = format!("`{sort}:` begins no selector");
                let mut diagnostic = Diagnostic::new(&crate::convert::UNKNOWN_WORD, arg.span, message);
                diagnostic = match self.near.find(sort, SORTS.iter().copied()) {
                    Some(near) => diagnostic.help(format!("did you mean `{near}:{of}`?")),
                    None => diagnostic.help("it is one of `kind:`, `segment:`, `site:`, `network:`, `level:`, `account:`, `owner:`, `tag:`, `data-class:`"),
                };
                self.push(diagnostic);
                return None;
            }
        })
    }

    /// A name that a test or an exception takes: no selector.
    pub(crate) fn plain_end(&mut self, arg: &Arg<'a>) -> Option<(End, Span)> {
        let named = self.end(arg)?;
        Some((named.end, named.span))
    }
}
