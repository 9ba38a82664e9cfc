//! Accesses, one by one.

mod client;
mod grant;
mod steward;

use std::collections::{BTreeMap, BTreeSet};

use model::Model;
use model::thing::ThingId;
use model::trust::{End, Trust};

use crate::enumerate::text::{Glob, Member, covers, family, members, plain, samples};

use grant::Grant;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// A workload, people, an external, a rule; or one device.
    Actor(Member),
    /// The steward of an account, by its number.
    Steward(String),
}

/// One concrete request. A key that is not in the context is absent.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// Who asks.
    pub who: Who,
    /// The provider's action.
    pub action: String,
    /// The resource's whole name; `*` for an action without one.
    pub resource: String,
    /// The context.
    pub context: BTreeMap<String, String>,
}

/// What a condition asks of one key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Test {
    /// Some of these globs covers the value.
    Like(Vec<Glob>),
    /// The address lies in one of these blocks.
    Within(Vec<(bool, u128, u8)>),
    /// The time, in seconds, is at most this.
    AtMost(i64),
}

/// A grant with nothing left open: one member, one action, one narrowing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Concrete {
    /// Who may.
    pub who: Who,
    /// The action.
    pub action: String,
    /// Covers the resource. Parts that depend on a person's attribute are filled from the request.
    pub resource: Vec<Bit>,
    /// All must hold.
    pub tests: Vec<(String, TestOf)>,
}

/// A stretch of a resource.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bit {
    /// As it stands.
    Fixed(Glob),
    /// The person's attribute, as the provider vouches for it.
    Tag(String),
}

/// A test, or one that depends on a person's attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TestOf {
    /// As it stands.
    Fixed(Test),
    /// Some of these alternatives covers the value.
    Bits(Vec<Vec<Bit>>),
    /// The value is this one, or the request does not say the key.
    IfThere(Vec<Bit>),
}

impl Concrete {
    /// Whether a request is granted.
    pub fn grants(&self, request: &Request) -> bool {
        if self.who != request.who || self.action != request.action {
            return false;
        }
        let Some(resource) = filled(&self.resource, request) else {
            return false;
        };
        let text: Vec<char> = request.resource.chars().collect();
        // An action without a resource is asked for `*` and for nothing else.
        let fits = if resource == vec![None] {
            request.resource == "*"
        } else {
            covers(&resource, &text)
        };
        if !fits {
            return false;
        }
        self.tests.iter().all(|(key, test)| holds(key, test, request))
    }

    /// Requests that this grants, and requests that differ from them in one point.
    pub fn requests(&self) -> Vec<Request> {
        let mut context = BTreeMap::new();
        for (key, test) in &self.tests {
            context.insert(key.clone(), satisfying(test));
        }
        let tags = self.resource.iter().filter_map(|bit| match bit {
            Bit::Tag(tag) => Some(tag.clone()),
            Bit::Fixed(_) => None,
        });
        for tag in tags {
            context
                .entry(format!("aws:PrincipalTag/{tag}"))
                .or_insert_with(|| "l1".to_owned());
        }
        let template = Request {
            who: self.who.clone(),
            action: self.action.clone(),
            resource: String::new(),
            context,
        };
        let Some(glob) = filled(&self.resource, &template) else {
            return Vec::new();
        };
        let mut requests = Vec::new();
        let resources = if glob == vec![None] {
            vec!["*".to_owned()]
        } else {
            samples(&glob)
        };
        for resource in resources {
            let request = Request {
                resource,
                ..template.clone()
            };
            for key in request.context.keys() {
                let mut absent = request.clone();
                absent.context.remove(key);
                requests.push(absent);
                let mut other = request.clone();
                other.context.insert(key.clone(), otherwise(key));
                requests.push(other);
                let mut empty = request.clone();
                if key.starts_with("aws:PrincipalTag/") {
                    empty.context.insert(key.clone(), String::new());
                    requests.push(empty);
                }
            }
            let mut longer = request.clone();
            longer.resource.push_str("-more");
            requests.push(longer);
            let mut shorter = request.clone();
            shorter.resource.pop();
            requests.push(shorter);
            requests.push(request);
        }
        requests
    }
}

fn filled(bits: &[Bit], request: &Request) -> Option<Glob> {
    let mut glob = Glob::new();
    for bit in bits {
        match bit {
            Bit::Fixed(fixed) => glob.extend(fixed),
            Bit::Tag(tag) => glob.extend(plain(request.context.get(&format!("aws:PrincipalTag/{tag}"))?)),
        }
    }
    Some(glob)
}

fn holds(key: &str, test: &TestOf, request: &Request) -> bool {
    let Some(value) = request.context.get(key) else {
        return matches!(test, TestOf::IfThere(_));
    };
    let text: Vec<char> = value.chars().collect();
    match test {
        TestOf::Fixed(Test::Like(globs)) => globs.iter().any(|glob| covers(glob, &text)),
        TestOf::Fixed(Test::AtMost(limit)) => value.parse::<i64>().is_ok_and(|time| time <= *limit),
        TestOf::Fixed(Test::Within(blocks)) => value.parse::<std::net::IpAddr>().is_ok_and(|address| {
            let (six, bits) = match address {
                std::net::IpAddr::V4(four) => (false, u128::from(four.to_bits())),
                std::net::IpAddr::V6(six) => (true, six.to_bits()),
            };
            blocks.iter().any(|(of_six, first, prefix)| {
                let free = (if six { 128 } else { 32 }) - u32::from(*prefix);
                *of_six == six && (free >= 128 || bits >> free == first >> free)
            })
        }),
        TestOf::Bits(choices) => choices
            .iter()
            .any(|bits| filled(bits, request).is_some_and(|glob| covers(&glob, &text))),
        TestOf::IfThere(bits) => filled(bits, request).is_some_and(|glob| covers(&glob, &text)),
    }
}

fn satisfying(test: &TestOf) -> String {
    match test {
        TestOf::Fixed(Test::Like(globs)) => globs
            .first()
            .and_then(|glob| samples(glob).into_iter().next())
            .unwrap_or_default(),
        TestOf::Fixed(Test::AtMost(limit)) => limit.to_string(),
        TestOf::Fixed(Test::Within(blocks)) => blocks.first().map_or(String::new(), |(six, first, _)| {
            if *six {
                std::net::Ipv6Addr::from_bits(*first).to_string()
            } else {
                std::net::Ipv4Addr::from_bits(*first as u32).to_string()
            }
        }),
        TestOf::Bits(choices) => spelt(choices.first().map_or(&[], Vec::as_slice)),
        TestOf::IfThere(bits) => spelt(bits),
    }
}

fn spelt(bits: &[Bit]) -> String {
    let fixed = bits.iter().map(|bit| match bit {
        Bit::Fixed(glob) => samples(glob).into_iter().next().unwrap_or_default(),
        Bit::Tag(_) => "l1".to_owned(),
    });
    fixed.collect()
}

fn otherwise(key: &str) -> String {
    match key {
        "aws:SourceIp" => "192.0.2.77".to_owned(),
        "aws:CurrentTime" => "9000000000".to_owned(),
        "iot:Connection.Thing.IsAttached" | "aws:SecureTransport" | "kms:GrantIsForAWSResource" => {
            "false".to_owned()
        }
        _ => "other".to_owned(),
    }
}

/// Every access of a spec, with nothing left open.
pub fn accesses(model: &Model) -> BTreeSet<Concrete> {
    let mut list = BTreeSet::new();
    for (_, trust) in model.trusts.iter() {
        for subject in &trust.subjects {
            let End::Thing(subject) = subject.end else {
                continue;
            };
            for object in &trust.objects {
                let End::Thing(object) = object.end else { continue };
                pair(model, trust, subject, object, &mut list);
            }
        }
    }
    sessions(model, &mut list);
    steward::makers(model, &mut list);
    steward::stewards(model, &mut list);
    list
}

fn pair(model: &Model, trust: &Trust, subject: ThingId, object_id: ThingId, list: &mut BTreeSet<Concrete>) {
    let (Some(acting), Some(object)) = (model.things.get(subject), model.things.get(object_id)) else {
        return;
    };
    let Some(kind) = model.kinds.get(object.kind) else {
        return;
    };
    for who in members(model, subject) {
        for member in family(model, object, object_id) {
            if !meets(model, trust, &who, &member) {
                continue;
            }
            for (name, _) in &trust.allow {
                for capability in kind
                    .words
                    .capabilities
                    .iter()
                    .filter(|capability| capability.name == *name)
                {
                    let grant = Grant {
                        model,
                        trust,
                        acting,
                        who: &who,
                        object,
                        member: &member,
                        service: None,
                    };
                    grant.capability(capability, list);
                    grant.client(capability, list);
                }
            }
        }
    }
}

/// `of`, `others` and `same`, for one device and one device.
fn meets(model: &Model, trust: &Trust, who: &Member, member: &Member) -> bool {
    if who.thing == member.thing && who.device != member.device && trust.others.is_none() {
        return false;
    }
    trust.same.iter().all(|(attribute, _)| {
        let name = model.names.text(*attribute);
        let values: Vec<&String> = [who, member]
            .iter()
            .filter(|side| side.device.is_some())
            .filter_map(|side| side.columns.get(name))
            .collect();
        values
            .iter()
            .all(|value| !value.is_empty() && Some(value) == values.first().as_ref().copied())
    })
}

/// A device that reaches a topic connects as itself.
fn sessions(model: &Model, list: &mut BTreeSet<Concrete>) {
    let mut connect = BTreeSet::new();
    for concrete in list.iter().filter(|concrete| concrete.action.starts_with("iot:")) {
        let Who::Actor(member) = &concrete.who else {
            continue;
        };
        let (Some(device), Some(thing)) = (&member.device, model.things.get(member.thing)) else {
            continue;
        };
        let account = thing
            .account
            .or(model.project.default_account)
            .and_then(|account| model.accounts.get(account));
        let Some(account) = account else { continue };
        let [partition, region, number] =
            [account.partition, account.region, account.number].map(|name| model.names.text(name));
        let client = plain(&format!("arn:{partition}:iot:{region}:{number}:client/{device}"));
        let of_class = plain(model.names.text(thing.physical.name));
        let tests = vec![
            (
                "iot:Connection.Thing.IsAttached".to_owned(),
                TestOf::Fixed(Test::Like(vec![plain("true")])),
            ),
            (
                "iot:Connection.Thing.ThingTypeName".to_owned(),
                TestOf::Fixed(Test::Like(vec![of_class])),
            ),
        ];
        let who = concrete.who.clone();
        connect.insert(Concrete {
            who,
            action: "iot:Connect".to_owned(),
            resource: vec![Bit::Fixed(client)],
            tests,
        });
    }
    list.extend(connect);
}
