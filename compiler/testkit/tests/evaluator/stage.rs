//! Who stands where: the callers of a project, the homes of its resources, and the documents that have a say in a request.

use std::collections::BTreeMap;

use model::Model;
use model::kind::{BaselineRule, Restriction};
use model::project::Account;
use model::template::{Piece, Placeholder, Template};
use model::thing::{Detail, PolicyOf, Thing, ThingId};
use model::value::Date;
use serde_json::json;
use testkit::enumerate::request::{Concrete, Request, Who};
use testkit::enumerate::text::{Filling, Member, family, samples};
use testkit::naive::emitted::Emitted;

use super::process::Question;

/// An account that is nobody's here, and a role of it that may do everything on its own side.
pub const STRANGE: &str = "999900009999";
/// The day of every golden case, 2026-07-01, at noon, in seconds.
const NOW: i64 = 1_782_907_200;

/// Whose request it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Caller {
    /// A role, by its address, with the account that it is in.
    Role {
        /// Its address.
        arn: String,
        /// The account's number.
        number: String,
        /// The account's declared name; nothing for somebody else's.
        account: String,
    },
    /// A device.
    Device(Member),
}

/// A declared thing that has a name of its own, or one member of a family.
#[derive(Debug)]
struct Home {
    /// Its address, which those of its parts begin with.
    arn: String,
    thing: ThingId,
    number: String,
    /// The declared name of the account.
    account: String,
}

/// A project and what it emitted.
pub struct Stage<'m> {
    pub model: &'m Model,
    pub emitted: Emitted,
    homes: Vec<Home>,
    /// Values that the provider assigns, by the text that stands for them.
    assigned: Vec<(String, String)>,
}

impl<'m> Stage<'m> {
    /// A project with its documents.
    pub fn new(model: &'m Model, emitted: Emitted) -> Self {
        let mut stage = Self {
            model,
            emitted,
            homes: Vec::new(),
            assigned: Vec::new(),
        };
        for (id, thing) in model.things.iter() {
            if matches!(thing.detail, Detail::Resource) {
                stage.settle(id, thing);
            }
        }
        stage
    }

    /// The account of a thing.
    pub fn account_of(&self, thing: &Thing) -> Option<&'m Account> {
        let id = thing.account.or(self.model.project.default_account)?;
        self.model.accounts.get(id)
    }

    fn text(&self, name: arena::Name) -> &'m str {
        self.model.names.text(name)
    }

    fn settle(&mut self, id: ThingId, thing: &Thing) {
        let Some(account) = self.account_of(thing) else {
            return;
        };
        let address = Template {
            pieces: vec![Piece::Placeholder(Placeholder::Arn)],
            span: thing.span,
        };
        for member in family(self.model, thing, id) {
            let filling = Filling {
                model: self.model,
                thing,
                member: &member,
                part: &Vec::new(),
            };
            for written in samples(&filling.words(&address)).into_iter().take(1) {
                self.assign(id, thing, &written);
                let arn = self.placed(&written);
                // What exists may stand in another account than whoever declares it.
                let number = arn.split(':').nth(4).filter(|number| !number.is_empty());
                let number = number.unwrap_or_else(|| self.text(account.number)).to_owned();
                let account = self.text(account.name).to_owned();
                self.homes.push(Home {
                    arn,
                    thing: id,
                    number,
                    account,
                });
            }
        }
    }

    /// What the provider assigns to a thing: what the project says it did, or any value of its shape.
    fn assign(&mut self, id: ThingId, thing: &Thing, written: &str) {
        let Some((_, from)) = written.split_once('{') else {
            return;
        };
        let Some((name, _)) = from.split_once('}') else {
            return;
        };
        let said = self.model.project.identifiers.iter();
        let mut said = said.filter(|line| line.object == thing.name && self.text(line.attribute) == "id");
        let value = match said.next() {
            Some(line) => self.text(line.value).to_owned(),
            None if name.starts_with("kms:") => format!("1234abcd-12ab-34cd-56ef-{:012x}", id.index()),
            None => format!("Ab{:04x}", id.index()),
        };
        self.assigned.push((format!("{{{name}}}"), value));
    }

    /// A name in which every value that is assigned later has one.
    pub fn placed(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.assigned {
            text = text.replace(name, value);
        }
        text
    }

    fn home(&self, resource: &str) -> Option<&Home> {
        let holds = |home: &&Home| {
            let rest = resource.strip_prefix(&home.arn);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
        };
        self.homes.iter().filter(holds).max_by_key(|home| home.arn.len())
    }

    /// The number of the account that a resource is in.
    pub fn number_of(&self, resource: &str) -> Option<String> {
        if let Some(home) = self.home(resource) {
            return Some(home.number.clone());
        }
        let number = resource.split(':').nth(4)?;
        Some(if number.is_empty() { STRANGE } else { number }.to_owned())
    }

    /// The roles or devices that have an access. An external has a role in each account of which it reaches something: one of
    /// these numbers.
    pub fn callers(&self, concrete: &Concrete, numbers: &[String]) -> Vec<Caller> {
        let Who::Actor(member) = &concrete.who else {
            return self.steward(&concrete.who).into_iter().collect();
        };
        let Some(thing) = self.model.things.get(member.thing) else {
            return Vec::new();
        };
        let homes: Vec<&Account> = match thing.detail {
            Detail::Class(_) => return vec![Caller::Device(member.clone())],
            Detail::External(_) => {
                let accounts = self.model.accounts.iter().map(|(_, account)| account);
                let here =
                    |account: &&Account| numbers.iter().any(|number| number == self.text(account.number));
                accounts.filter(here).collect()
            }
            Detail::Workload(_) | Detail::People(_) | Detail::Resource => {
                self.account_of(thing).into_iter().collect()
            }
        };
        homes
            .into_iter()
            .map(|account| self.role(thing, account))
            .collect()
    }

    fn steward(&self, who: &Who) -> Option<Caller> {
        let Who::Steward(number) = who else { return None };
        let mut accounts = self.model.accounts.iter().map(|(_, account)| account);
        let account = accounts.find(|account| self.text(account.number) == number)?;
        let (steward, _) = account.steward?;
        let partition = self.text(account.partition);
        Some(Caller::Role {
            arn: format!("arn:{partition}:iam::{number}:{}", self.text(steward)),
            number: number.clone(),
            account: self.text(account.name).to_owned(),
        })
    }

    /// The role of an actor in an account.
    pub fn role(&self, thing: &Thing, account: &Account) -> Caller {
        let existing = thing.existing_role().map(|existing| existing.name);
        let called = self.text(existing.unwrap_or(thing.physical.name));
        let [partition, number] = [account.partition, account.number].map(|name| self.text(name));
        let arn = if called.starts_with("arn:") {
            called.to_owned()
        } else {
            format!("arn:{partition}:iam::{number}:role/{called}")
        };
        Caller::Role {
            arn,
            number: number.to_owned(),
            account: self.text(account.name).to_owned(),
        }
    }

    /// What a caller's own documents say.
    pub fn identity(&self, caller: &Caller) -> Vec<String> {
        let found = match caller {
            Caller::Role { arn, account, .. } => {
                let name = arn.rsplit('/').next().unwrap_or_default().to_owned();
                self.emitted.identities.get(&(account.clone(), name))
            }
            Caller::Device(member) => {
                let class = self.model.things.get(member.thing).unwrap();
                self.emitted.devices.get(self.text(class.name))
            }
        };
        found.cloned().unwrap_or_default()
    }

    /// Whether what the caller's account says is for its owner to write.
    pub fn is_theirs(&self, who: &Who) -> bool {
        match who {
            Who::Steward(_) => true,
            Who::Actor(member) => {
                let thing = self.model.things.get(member.thing);
                let existing = thing.and_then(Thing::existing_role);
                existing.is_some_and(|existing| existing.policy == PolicyOf::Theirs)
            }
        }
    }

    /// What the resource says; for what belongs to somebody else, that it leaves it to the caller's account.
    fn policy(&self, resource: &str, number: &str) -> Option<String> {
        let home = self.home(resource)?;
        let thing = self.model.things.get(home.thing)?;
        if thing.existing.is_some_and(|existing| !existing.is_ours()) {
            let account = json!({ "AWS": format!("arn:aws:iam::{number}:root") });
            return Some(statement(
                json!({ "Principal": account, "Action": "*", "Resource": "*" }),
            ));
        }
        let key = (home.account.clone(), self.text(thing.name).to_owned());
        let found = self.emitted.resources.get(&key)?;
        assert_eq!(found.len(), 1, "{key:?} has several policies");
        found.first().cloned()
    }

    /// Whether a resource is one of the project that is not somebody else's.
    pub fn is_ours(&self, resource: &str) -> bool {
        let thing = self
            .home(&self.placed(resource))
            .and_then(|home| self.model.things.get(home.thing));
        thing.is_none_or(|thing| thing.existing.is_none_or(|existing| existing.is_ours()))
    }

    /// Whether it is a thing that acts by itself.
    pub fn is_rule(&self, who: &Who) -> bool {
        let Who::Actor(member) = who else { return false };
        let thing = self.model.things.get(member.thing);
        let kind = thing.and_then(|thing| self.model.kinds.get(thing.kind));
        kind.is_some_and(|kind| kind.words.acts.is_some())
    }

    /// Who may become a role.
    pub fn trust(&self, role: &Caller) -> Option<String> {
        let Caller::Role { arn, account, .. } = role else {
            return None;
        };
        let name = arn.rsplit('/').next().unwrap_or_default().to_owned();
        self.emitted
            .trusts
            .get(&(account.clone(), name))?
            .first()
            .cloned()
    }

    /// The address of a thing.
    pub fn address(&self, thing: &Thing) -> Option<String> {
        let mut homes = self.homes.iter();
        let found = homes.find(|home| {
            self.model
                .things
                .get(home.thing)
                .is_some_and(|own| own.name == thing.name)
        });
        found.map(|home| home.arn.clone())
    }

    /// Whether the project lets nobody reach a resource without TLS, and it is for us to see to.
    pub fn is_tls_only(&self, resource: &str) -> bool {
        let home = self.home(&self.placed(resource));
        let Some(thing) = home.and_then(|home| self.model.things.get(home.thing)) else {
            return false;
        };
        let rules = self.model.baselines.iter().map(|(_, line)| &line.rule);
        let mut narrowed = rules.filter_map(|rule| match rule {
            BaselineRule::Restrict {
                kinds,
                restriction: Restriction::TlsOnly,
            } => Some(kinds),
            BaselineRule::Administer { .. } => None,
        });
        let is_ours = thing.existing.is_none_or(|existing| existing.is_ours());
        is_ours && narrowed.any(|kinds| kinds.contains(&thing.kind))
    }

    /// The role that asks, or the name that stands for a device, and the number of its account.
    fn principal(&self, caller: &Caller) -> (String, String) {
        match caller {
            Caller::Role { arn, number, .. } => (arn.clone(), number.clone()),
            Caller::Device(member) => {
                let class = self.model.things.get(member.thing).unwrap();
                let number = self
                    .account_of(class)
                    .map_or("", |account| self.text(account.number));
                // A device is no principal of IAM. Its policies name none, and no other has a say.
                (format!("arn:aws:iam::{number}:role/device"), number.to_owned())
            }
        }
    }

    /// A request with what every request of its caller says besides, but for keys that are to be absent.
    pub fn full(&self, caller: &Caller, request: &Request, absent: &[&String]) -> Request {
        let resource = self.placed(&request.resource);
        let (principal, own) = self.principal(caller);
        let account = self.number_of(&resource).unwrap_or_else(|| own.clone());
        let mut context = BTreeMap::new();
        let mut say = |key: &str, value: &str| context.insert(key.to_owned(), value.to_owned());
        say("aws:CurrentTime", &NOW.to_string());
        say("aws:SecureTransport", "true");
        say("aws:ResourceAccount", &account);
        match caller {
            Caller::Role { .. } => {
                say("aws:PrincipalArn", &principal);
                say("aws:PrincipalAccount", &own);
            }
            Caller::Device(member) => {
                let class = self.model.things.get(member.thing).unwrap();
                let name = member.device.as_deref().unwrap_or_default();
                say("iot:Connection.Thing.ThingName", name);
                say(
                    "iot:Connection.Thing.ThingTypeName",
                    self.text(class.physical.name),
                );
                say("iot:Connection.Thing.IsAttached", "true");
                // An attribute without a value is not there.
                for (column, value) in member.columns.iter().filter(|(_, value)| !value.is_empty()) {
                    say(&format!("iot:Connection.Thing.Attributes[{column}]"), value);
                }
            }
        }
        context.retain(|key, _| !absent.contains(&key));
        context.extend(request.context.clone());
        Request {
            context,
            ..request.clone()
        }
    }

    /// A full request as it is asked, with the documents that have a say.
    pub fn question(&self, caller: &Caller, request: &Request) -> Question {
        let resource = self.placed(&request.resource);
        let (principal, own) = self.principal(caller);
        let mut account = self.number_of(&resource).unwrap_or_else(|| own.clone());
        let mut context = BTreeMap::new();
        for (key, value) in &request.context {
            let value = match key.as_str() {
                "aws:CurrentTime" => date(value),
                // A bucket of that name in somebody else's account.
                "aws:ResourceAccount" if *value != account => {
                    STRANGE.clone_into(&mut account);
                    account.clone()
                }
                _ => self.placed(value),
            };
            context.insert(key.clone(), value);
        }
        Question {
            policy: self.policy(&resource, &own).filter(|_| account != STRANGE),
            identity: self.identity(caller),
            action: request.action.clone(),
            principal,
            resource,
            account,
            context,
            endpoint: None,
            is_checked: false,
        }
    }
}

/// Lets the caller's account allow what is asked: it is for its owner to say.
pub fn allow(question: &mut Question) {
    let own = json!({ "Action": question.action, "Resource": question.resource });
    question.identity.push(statement(own));
}

/// One statement that allows.
pub fn statement(mut body: serde_json::Value) -> String {
    body["Effect"] = json!("Allow");
    json!({ "Version": "2012-10-17", "Statement": [body] }).to_string()
}

/// Seconds as the evaluator reads dates.
fn date(seconds: &str) -> String {
    let seconds: i64 = seconds.parse().unwrap();
    let (day, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let day = Date(i32::try_from(day).unwrap());
    format!("{day}T{:02}:{:02}:{:02}Z", rest / 3600, rest / 60 % 60, rest % 60)
}
