//! One trust: subjects × objects × capabilities.

use diagnostics::Diagnostic;
use model::actor::{IdentityWord, RunsOn};
use model::project::AccountId;
use model::thing::{Detail, PartDetail, Thing, ThingId};
use model::trust::{End, Named, Trust, TrustId};
use source::Span;

use super::Build;
use super::condition::Conditions;
use super::grant::Grant;
use super::member::{Members, Relation};
use crate::access::{Access, Principal, Resource};
use crate::entail::session::is_device_action;
use crate::fault::{ACROSS_ACCOUNTS, NO_IDENTITY, NOT_LOWERED};
use crate::reason::{Reason, ReasonId, Rule};

/// A subject of a trust that is a thing.
pub(crate) struct Subject<'m> {
    pub id: ThingId,
    pub thing: &'m Thing,
    pub(super) members: Members,
    /// Where the trust names it.
    pub span: Span,
}

impl<'m> Build<'m> {
    /// Adds what one trust gives.
    pub(super) fn trust(&mut self, id: TrustId, trust: &'m Trust) {
        let reason = self.reason(Reason::Trust(id));
        for named in trust.subjects.iter().chain(&trust.objects) {
            match named.end {
                End::Thing(thing) => self.name_thing(thing, reason),
                End::Part(part) => {
                    if let Some(part) = self.model.parts.get(part) {
                        self.name_thing(part.of, reason);
                    }
                }
                End::Account(_) | End::Internet => {}
            }
        }
        for named in &trust.subjects {
            self.subject(trust, reason, *named);
        }
    }

    fn subject(&mut self, trust: &'m Trust, reason: ReasonId, named: Named) {
        let subject = match named.end {
            End::Thing(id) => {
                let Some(thing) = self.thing(id) else { return };
                Some(Subject {
                    id,
                    thing,
                    members: self.members(id, thing),
                    span: named.span,
                })
            }
            End::Internet => None,
            End::Part(_) | End::Account(_) => {
                self.impossible("a part or an account is the subject of a trust");
                return;
            }
        };
        let mut cloud: Option<Option<Caller>> = None;
        for object in &trust.objects {
            match (object.end, &subject) {
                (End::Part(part), _) => match self.model.parts.get(part).map(|part| (part, &part.detail)) {
                    Some((part, PartDetail::Listener(listener))) => {
                        self.listener_trust(trust, reason, subject.as_ref(), part, listener, *object)
                    }
                    Some((part, PartDetail::LocalTopic(_))) => {
                        self.not_lowered(object.span, part.span, "a topic on a device's own broker")
                    }
                    None => self.impossible("a trust names a part that the model does not hold"),
                },
                (End::Thing(id), Some(subject)) => {
                    let Some(thing) = self.thing(id) else { continue };
                    self.granted.insert((subject.id, id));
                    if let Detail::Class(_) = thing.detail {
                        self.not_lowered(
                            object.span,
                            thing.span,
                            "session, enrolment and activation of a device",
                        );
                        continue;
                    }
                    let caller = match cloud {
                        Some(caller) => caller,
                        None => *cloud.insert(self.caller(trust, subject)),
                    };
                    if let Some(caller) = caller {
                        self.cloud_trust(trust, reason, subject, caller, id, thing);
                    }
                }
                (End::Thing(id), None) => {
                    let Some(thing) = self.thing(id) else { continue };
                    self.not_lowered(
                        object.span,
                        thing.span,
                        "access of everybody to a service of the provider",
                    );
                }
                (End::Account(account), _) => {
                    let Some(account) = self.model.accounts.get(account) else {
                        continue;
                    };
                    self.not_lowered(object.span, account.span, "access to an account");
                }
                (End::Internet, _) => {
                    self.not_lowered(object.span, object.span, "a trust whose object is every address")
                }
            }
        }
    }

    pub(super) fn not_lowered(&mut self, span: Span, declared: Span, what: &str) {
        let mut diagnostic = Diagnostic::new(&NOT_LOWERED, span, format!("{what} is not emitted yet"));
        if declared != span {
            diagnostic = diagnostic.label(declared, "declared here");
        }
        self.report
            .push(diagnostic.help("take this object out of the trust: nothing is dropped silently"));
    }

    /// Who calls the provider, and under which conditions; `None` if refused.
    fn caller(&mut self, trust: &'m Trust, subject: &Subject<'m>) -> Option<Caller> {
        let principal = self.principal(trust, subject)?;
        let conditions = self.conditions(trust, subject.thing)?;
        Some(Caller {
            principal,
            conditions,
        })
    }

    fn principal(&mut self, trust: &'m Trust, subject: &Subject<'m>) -> Option<Principal> {
        let (id, thing) = (subject.id, subject.thing);
        match &thing.detail {
            Detail::Workload(workload) => match workload.runs_on {
                None
                | Some(
                    RunsOn::Lambda | RunsOn::Ecs | RunsOn::Ec2 | RunsOn::Eks | RunsOn::Ci | RunsOn::IotOta,
                ) => Some(Principal::Workload(id)),
                Some(RunsOn::Onprem) => {
                    self.no_identity(
                        subject,
                        "what runs on premises has no identity in the cloud",
                        "let it connect to a workload in the cloud, and trust that one with the service",
                    );
                    None
                }
                Some(RunsOn::Device(_)) => {
                    self.not_lowered(
                        subject.span,
                        thing.span,
                        "an access of a workload on a device to a service of the provider",
                    );
                    None
                }
            },
            Detail::Class(class) => {
                let wanted = trust.with.map(|(word, _)| word);
                let has = |word| class.identities.iter().any(|identity| identity.word == word);
                match wanted {
                    None | Some(IdentityWord::X509) if has(IdentityWord::X509) => Some(Principal::Class(id)),
                    Some(IdentityWord::Ssm) | None | Some(IdentityWord::RolesAnywhere)
                        if wanted.map_or(has(IdentityWord::RolesAnywhere), has) =>
                    {
                        self.not_lowered(
                            subject.span,
                            thing.span,
                            "an access of a device by another identity than `x509`",
                        );
                        None
                    }
                    None
                    | Some(
                        IdentityWord::X509
                        | IdentityWord::RolesAnywhere
                        | IdentityWord::Ssm
                        | IdentityWord::Dot1x
                        | IdentityWord::SshHost
                        | IdentityWord::None,
                    ) => {
                        self.no_identity(
                            subject,
                            "the provider's services know a device by `x509` or `roles-anywhere`",
                            "say `identity x509 ca=…` in the class",
                        );
                        None
                    }
                }
            }
            Detail::People(people) => {
                if people.from.is_some() {
                    return Some(Principal::People(id));
                }
                self.no_identity(
                    subject,
                    "no identity provider vouches for them",
                    "say `from=` where they are declared",
                );
                None
            }
            Detail::External(external) => {
                if external.role.is_some() || external.account.is_some() {
                    return Some(Principal::External(id));
                }
                self.no_identity(
                    subject,
                    "an external acts here by a role of its own",
                    "say `role \"arn:…\"` and `external-id` where it is declared",
                );
                None
            }
            Detail::Resource => {
                if self.acts(thing).is_some() {
                    return Some(Principal::Acting(id));
                }
                self.no_identity(subject, "its kind does not act", "name the workload that does");
                None
            }
        }
    }

    fn no_identity(&mut self, subject: &Subject<'m>, why: &str, help: &str) {
        let name = self.text(subject.thing.name);
        self.report.push(
            Diagnostic::new(
                &NO_IDENTITY,
                subject.span,
                format!("`{name}` has no identity that a service of the provider could know"),
            )
            .label(subject.thing.span, "declared here")
            .note(why)
            .help(help),
        );
    }

    /// Adds the accesses of one subject to one thing, with what they entail.
    fn cloud_trust(
        &mut self,
        trust: &'m Trust,
        reason: ReasonId,
        subject: &Subject<'m>,
        caller: Caller,
        id: ThingId,
        thing: &'m Thing,
    ) {
        if self.refuse_across(subject, thing) {
            return;
        }
        let object = thing.family.map_or(Members::One, Members::Class);
        let relations = self.relations(trust, subject.members, object);
        let Some(parts) = self.narrowed(&trust.narrow, subject) else {
            return;
        };
        let has_letters = self
            .parts
            .get(parts)
            .is_some_and(|parts| parts.iter().any(|part| part.unknowns().next().is_some()));
        let via = self.entailed(reason, Rule::Via);
        let mut narrowed = trust.narrow.is_empty();
        let mut reached = false;
        for (name, _) in &trust.allow {
            for relation in &relations {
                let grants = self.grants((id, *name, parts, relation.whose));
                for grant in grants.iter() {
                    narrowed |= grant.has_part;
                    reached |= self.grant_access(
                        caller,
                        *relation,
                        *grant,
                        has_letters,
                        if grant.via { via } else { reason },
                        (subject, thing),
                    );
                }
            }
        }
        if !narrowed && !relations.is_empty() {
            self.impossible("what a trust narrows has no parts");
        }
        if reached {
            self.holder(caller.principal, subject.thing, thing, reason);
            self.entail_service_flow(subject, (id, thing), reason);
        }
    }

    fn grant_access(
        &mut self,
        caller: Caller,
        relation: Relation,
        grant: Grant,
        has_letters: bool,
        because: ReasonId,
        ends: (&Subject<'m>, &'m Thing),
    ) -> bool {
        let (subject, object) = ends;
        if let Principal::Class(class) = caller.principal {
            if grant.via || !is_device_action(self.graph.words.text(grant.action)) {
                self.not_lowered(
                    subject.span,
                    object.span,
                    "an access of a device to another service than MQTT",
                );
                return false;
            }
            self.sessions.insert((class, because));
        }
        // A device and a rule are of one region, too.
        let is_elsewhere = match caller.principal {
            Principal::Class(_) | Principal::Acting(_) => {
                let accounts = (self.account_of(subject.thing), self.account_of(object));
                matches!(accounts, (Some((one, _)), Some((other, _))) if one != other)
            }
            _ => self.is_across(subject.thing, object),
        };
        if self.graph.words.text(grant.action).starts_with("iot:") && is_elsewhere {
            let message = format!(
                "`{}` and `{}` are in different accounts, or in two regions of one",
                self.text(subject.thing.name),
                self.text(object.name)
            );
            self.report.push(
                Diagnostic::new(&ACROSS_ACCOUNTS, subject.span, message)
                    .label(object.span, "the object")
                    .note("the IoT service answers the devices and rules of its own account and region only")
                    .help("declare both in one account"),
            );
            return false;
        }
        let own_part = has_letters && grant.has_part && relation.pairs == self.all;
        let conditions = if grant.via {
            caller.conditions.forwarded
        } else {
            caller.conditions.when
        };
        let limit = self.both(conditions, relation.when);
        let when = self.both(limit, grant.when);
        let is_whole = matches!(grant.resource, Resource::Unscoped);
        let pairs = match (is_whole, own_part) {
            (true, _) => self.all,
            (false, true) => self.own,
            (false, false) => relation.pairs,
        };
        if !grant.via {
            // An external acts by a role in the account of what it reaches.
            let home = match caller.principal {
                Principal::External(_) => object,
                _ => subject.thing,
            };
            let home = self.account_of(home).map(|(account, _)| account);
            let action = self.graph.words.text(grant.action).to_owned();
            self.client(caller.principal, home, &action, (caller.conditions.when, because));
        }
        self.access(Access {
            principal: caller.principal,
            action: grant.action,
            resource: grant.resource,
            within: grant.within,
            pairs,
            when,
            because,
        });
        true
    }

    /// Whether two things lie in different accounts.
    pub(super) fn is_across(&self, subject: &Thing, object: &Thing) -> bool {
        match (self.account_of(subject), self.account_of(object)) {
            (Some((one, _)), Some((other, _))) => self.home_of(one) != self.home_of(other),
            (Some(_) | None, Some(_) | None) => false,
        }
    }

    /// Where the roles of an account are kept.
    pub(crate) fn home_of(&self, account: AccountId) -> AccountId {
        model::project::home_of(&self.model.accounts, account)
    }

    /// Notes who needs a role because of an access.
    fn holder(&mut self, principal: Principal, subject: &'m Thing, object: &'m Thing, reason: ReasonId) {
        let (id, home) = match principal {
            Principal::People(id) => (id, subject),
            Principal::External(id) => (id, object),
            Principal::Workload(_)
            | Principal::Class(_)
            | Principal::Acting(_)
            | Principal::Service(_)
            | Principal::Federation(..)
            | Principal::Steward(_)
            | Principal::Anyone => return,
        };
        if let Some((account, _)) = self.account_of(home) {
            // What an external reaches may lie in several regions of one account, and its role is one.
            let account = match principal {
                Principal::External(_) => self.home_of(account),
                _ => account,
            };
            self.holders.entry((id, account)).or_insert(reason);
        }
    }
}

/// Who calls the provider, under which conditions.
#[derive(Clone, Copy)]
struct Caller {
    principal: Principal,
    conditions: Conditions,
}
