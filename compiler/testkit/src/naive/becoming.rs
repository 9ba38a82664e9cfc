//! Whom an identity becomes: what the trust policies of roles say.

use std::collections::BTreeSet;

use model::thing::{Detail, ThingId};

use super::actor::Actor;
use super::emitted;
use super::glob;
use super::request;
use super::world::World;
use crate::label::letter;
use crate::label::policy::{Kind, Statement, Who};

/// The only action by which a role that is named assumes another one.
const ASSUME: &str = "sts:assumerole";

impl World<'_> {
    /// Whether one identity may assume the role of another.
    #[must_use]
    pub fn becomes(&self, from: usize, to: usize) -> bool {
        let (from, to) = (&self.actors[from], &self.actors[to]);
        let Some(role) = &to.role else { return false };
        if from.member.thing == to.member.thing {
            return false;
        }
        let statements = self.trust_policy(to);
        let names = self.called(from);
        let meant = |statement: &&Statement, who: &dyn Fn(&Who) -> bool| {
            let mut actions = statement.actions.iter();
            actions.any(|name| letter::matches(name, &glob::word(ASSUME))) && statement.who.iter().any(who)
        };
        let is_named = |who: &Who| match who {
            Who::Anyone => true,
            Who::Named(name) => names.contains(name),
            Who::Own => false,
        };
        let allows = |who: &dyn Fn(&Who) -> bool| -> Vec<&Statement> {
            let all = statements.iter().filter(|statement| !statement.deny);
            all.filter(|statement| meant(statement, who)).collect()
        };
        let denies: Vec<&Statement> = statements
            .iter()
            .filter(|statement| statement.deny && meant(statement, &is_named))
            .collect();
        let passes =
            |grant: &[&Statement]| request::has_context(grant, &denies, &from.context, from.kind.engine());
        if allows(&is_named).iter().any(|statement| passes(&[statement])) {
            return true;
        }
        // A policy that names an account leaves it to the policies of its identities.
        let number = self.number(from);
        let is_account = |who: &Who| *who == Who::Named(format!("account {number}"));
        let own: Vec<&Statement> = from
            .statements
            .iter()
            .filter(|statement| !statement.deny && meant(statement, &|_| true))
            .filter(|statement| {
                let mut resources = statement.resources.iter();
                resources.any(|name| letter::matches(name, &glob::word(role)))
            })
            .collect();
        let pairs = allows(&is_account);
        pairs
            .iter()
            .any(|one| own.iter().any(|other| passes(&[one, other])))
    }

    fn trust_policy(&self, actor: &Actor) -> Vec<Statement> {
        let role = actor.role.as_ref();
        let name = role.and_then(|role| role.rsplit('/').next()).unwrap_or_default();
        let key = (actor.account.clone(), name.to_owned());
        let texts = self.emitted.trusts.get(&key).map_or(&[][..], Vec::as_slice);
        // Read when the project was looked at.
        emitted::statements(texts, Kind::Trust, &[]).unwrap_or_default()
    }

    /// The names by which policies know an identity: its role, and for an external the role and the account that it has.
    fn called(&self, actor: &Actor) -> BTreeSet<String> {
        let model = self.model;
        let mut out: BTreeSet<String> = actor.role.iter().cloned().collect();
        if let Some(Detail::External(external)) =
            model.things.get(actor.member.thing).map(|thing| &thing.detail)
        {
            out.extend(external.role.map(|(role, _)| model.names.text(role).to_owned()));
            let account = external.account.map(|(number, _)| model.names.text(number));
            out.extend(account.map(|number| format!("account {number}")));
        }
        out
    }

    fn number(&self, actor: &Actor) -> String {
        let role = actor.role.as_deref().unwrap_or_default();
        role.split(':').nth(4).unwrap_or_default().to_owned()
    }

    /// The identities that command, or are commanded by, what runs on their machine.
    pub(super) fn on_machine(&self, thing: ThingId, device: Option<&String>) -> BTreeSet<usize> {
        let is_here = |member: &crate::enumerate::text::Member| {
            member.thing == thing && member.device.as_ref() == device
        };
        let hosts = self
            .hosts
            .iter()
            .filter(|host| host.member.as_ref().is_some_and(is_here));
        let machines: BTreeSet<_> = hosts.filter_map(|host| host.machine.clone()).collect();
        let same = self.hosts.iter().enumerate();
        same.filter(|(_, host)| host.machine.as_ref().is_some_and(|one| machines.contains(one)))
            .map(|(index, _)| index)
            .collect()
    }
}
