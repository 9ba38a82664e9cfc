//! Declared names that may be written: of a sort, as an end of a trust, as a selector.

use std::collections::BTreeSet;

use model::Model;
use model::thing::Detail;

use super::offers::Offers;
use super::{Item, Sort};

impl Offers<'_> {
    /// Declared names of a sort.
    pub(super) fn names(&mut self, what: &str) {
        for view in &self.snapshot.views {
            let model = &view.analysis.model;
            let text = |name| model.names.text(name).to_owned();
            let mut found: Vec<(String, String)> = Vec::new();
            let is_any = what == "declaration";
            let mut of = |sort: &str, names: Vec<String>| {
                if what == sort || is_any {
                    found.extend(names.into_iter().map(|name| (name, sort.to_owned())));
                }
            };
            of(
                "account",
                model.accounts.iter().map(|(_, one)| text(one.name)).collect(),
            );
            of(
                "authority",
                model.authorities.iter().map(|(_, one)| text(one.name)).collect(),
            );
            of(
                "provider",
                model.providers.iter().map(|(_, one)| text(one.name)).collect(),
            );
            of(
                "network",
                model.networks.iter().map(|(_, one)| text(one.name)).collect(),
            );
            of(
                "site",
                model.sites.iter().map(|(_, one)| text(one.name)).collect(),
            );
            of(
                "segment",
                model.segments.iter().map(|(_, one)| text(one.name)).collect(),
            );
            match what {
                "team" => found.extend(
                    model
                        .teams
                        .iter()
                        .map(|(_, one)| (text(one.name), what.to_owned())),
                ),
                "data-class" => {
                    let classes = model.project.data_classes.iter();
                    found.extend(classes.map(|(name, _)| (text(*name), what.to_owned())));
                }
                "promise" => {
                    let names = model.promises.iter().filter_map(|(_, promise)| promise.name);
                    found.extend(names.map(|name| (text(name), what.to_owned())));
                }
                "environment" => {
                    let names = self.snapshot.spec.environments().into_iter();
                    found.extend(names.map(|name| (name, what.to_owned())));
                }
                "profile" => found.extend(self.profiles()),
                _ => {
                    for (_, thing) in model.things.iter() {
                        let kind = kind_of(model, thing.kind);
                        if what == "thing" || is_any || what == kind {
                            found.push((text(thing.name), kind));
                        }
                    }
                }
            }
            for (name, detail) in found {
                self.push(Sort::Name, &name, &detail);
            }
        }
    }

    /// The profiles that can be applied: the project's, and those of the files that it uses.
    fn profiles(&self) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (_, document) in self.snapshot.spec.documents() {
            for node in document.nodes().filter(|node| node.name() == "profile") {
                let name = node.argument(0).and_then(|name| name.as_str());
                found.extend(name.map(|name| (name.into_owned(), "profile".to_owned())));
            }
        }
        let sources = self.snapshot.views.iter().map(|view| &view.analysis.sources);
        for (_, file) in sources.flat_map(|sources| sources.iter()) {
            if file.path.starts_with("std/profile/") {
                let names = file.text.lines().filter_map(|line| line.strip_prefix("profile "));
                let names = names.filter_map(|line| line.split_whitespace().next());
                found.extend(names.map(|name| (name.to_owned(), file.path.to_string())));
            }
        }
        found
    }

    /// What a trust or a test names.
    pub(super) fn ends(&mut self) {
        for view in &self.snapshot.views {
            let model = &view.analysis.model;
            let mut found = Vec::new();
            for (_, thing) in model.things.iter() {
                let name = model.names.text(thing.name);
                let kind = kind_of(model, thing.kind);
                let acts = match thing.detail {
                    Detail::Workload(_) | Detail::Class(_) | Detail::People(_) | Detail::External(_) => {
                        "acts"
                    }
                    Detail::Resource => "is reached",
                };
                found.push((name.to_owned(), format!("{kind}, {acts}")));
                for part in thing.parts.iter().filter_map(|part| model.parts.get(*part)) {
                    let part_name = model.names.text(part.name);
                    found.push((format!("{name}.{part_name}"), kind_of(model, part.kind)));
                }
            }
            for (_, account) in model.accounts.iter() {
                found.push((model.names.text(account.name).to_owned(), "account".to_owned()));
            }
            for (name, detail) in found {
                self.push(Sort::Name, &name, &detail);
            }
        }
        self.push(Sort::Name, "internet", "everybody, unauthenticated");
    }

    pub(super) fn selectors(&mut self) {
        self.push(Sort::Selector, "*", "everything");
        self.push(Sort::Selector, "aws", "the provider");
        for word in resolve::SELECTOR_WORDS {
            let before: BTreeSet<Item> = std::mem::take(&mut self.items);
            match *word {
                "kind" => self.kinds(""),
                "segment" | "site" | "network" | "account" | "data-class" => self.names(word),
                "owner" => self.names("team"),
                _ => self.push(Sort::Selector, "", ""),
            }
            let found = std::mem::replace(&mut self.items, before);
            for item in found {
                self.push(Sort::Selector, &format!("{word}:{}", item.label), "selector");
            }
        }
    }
}

fn kind_of(model: &Model, kind: model::kind::KindId) -> String {
    let kind = model.kinds.get(kind);
    kind.map_or_else(String::new, |kind| model.names.text(kind.name).to_owned())
}
