//! Private endpoints to the provider's services: exactly those that flows need.
//!
//! An endpoint is shared by everything that reaches its service, so its policy says what may pass, not for whom:
//! principals share the endpoint; identity policies decide who. Conditions and letters (whose name, which assigned
//! value) belong to them as well; a letter becomes `*`, which also keeps the stack of a network free of references to
//! the stacks of its users.

use std::collections::{BTreeMap, BTreeSet};

use arena::{Id, Names};
use catalogue::limits::Limits;
use diagnostics::{Diagnostic, Report};
use graph::Word;
use graph::access::{Access, Principal, Resource};
use graph::address;
use graph::reason::{Reason, ReasonId, Rule};
use model::place::{Network, NetworkId};
use model::thing::ThingId;
use model::trust::{End, Trust};
use pattern::pattern::Pattern;
use pattern::word::Letter;
use pattern::words::Words;

use super::fault::SECOND_ENDPOINT_SEGMENT;
use super::group::Groups;
use super::layers;
use super::place::{Carrier, Places};
use super::reasons::Reasons;
use super::subnet::Subnets;
use super::text;
use crate::context::Context;
use crate::deployment::document::{Document, Principals, Statement};
use crate::deployment::network::{Endpoint, ServiceName};

/// Services whose endpoint takes no policy.
///
/// Source: <https://docs.aws.amazon.com/iot/latest/developerguide/IoTCore-VPC.html>
const WITHOUT_POLICY: [&str; 2] = ["iot.credentials", "iot.data"];

/// How the ordinary name of a service comes to lead to its endpoint.
///
/// Source: as above, "Create a private hosted zone", and
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-interface-endpoints.html>
fn name(service: &str, region: &str) -> ServiceName {
    match service {
        "dynamodb" => ServiceName::Hosted(format!("dynamodb.{region}.amazonaws.com")),
        "iot.credentials" => ServiceName::HostedBroker("iot:CredentialProvider"),
        "iot.data" => ServiceName::HostedBroker("iot:Data-ATS"),
        _ => ServiceName::Offered,
    }
}

/// The limit on the size of a policy.
const LIMIT: &str = "ec2.vpc-endpoint.policy";

/// What passes an endpoint: action → resources, and why.
pub(super) type Passing<'a> = BTreeMap<(NetworkId, Word), BTreeMap<&'a str, BTreeMap<Pattern, Reasons>>>;

/// What passes which endpoint, for all networks.
pub(super) fn passing<'a>(cx: &Context<'a>, places: &Places<'_>) -> Passing<'a> {
    let mut passing = Passing::new();
    for (index, access) in cx.graph.accesses.iter().enumerate() {
        let (Principal::Workload(actor) | Principal::Class(actor)) = access.principal else {
            continue;
        };
        let homes = places.homes(actor);
        if homes.is_empty() {
            continue;
        }
        let Some(within) = cx.graph.patterns.get(access.within) else {
            continue;
        };
        for (service, because) in services(cx, index, access) {
            let networks: BTreeSet<NetworkId> = homes
                .iter()
                .flat_map(|home| places.service_networks(*home, service))
                .collect();
            for network in &networks {
                let actions = passing.entry((*network, service)).or_default();
                actions
                    .entry(cx.word(access.action))
                    .or_default()
                    .entry(shared(&cx.graph.addresses.symbols, within))
                    .or_default()
                    .add(because);
            }
        }
    }
    layers::add(cx, places, &mut passing);
    passing
}

/// The services that the actor itself calls for an access. What one service asks of another on its behalf passes no endpoint.
fn services(cx: &Context<'_>, index: usize, access: &Access) -> BTreeMap<Word, ReasonId> {
    let mut services = BTreeMap::new();
    for reason in cx.reasons_of(index) {
        let Some(trust) = own_call(cx, reason) else {
            continue;
        };
        match access.resource {
            Resource::Thing(thing) => {
                if let Some(service) = service(cx, thing) {
                    services.entry(service).or_insert(reason);
                }
            }
            Resource::Unscoped => {
                let action = cx.word(access.action);
                let objects = trust.objects.iter().filter_map(|object| match object.end {
                    End::Thing(thing) => Some(thing),
                    End::Part(_) | End::Account(_) | End::Internet => None,
                });
                for thing in objects.filter(|thing| has_action(cx, *thing, action)) {
                    if let Some(service) = service(cx, thing) {
                        services.entry(service).or_insert(reason);
                    }
                }
            }
            Resource::Part(_) | Resource::Identity(_) => {}
        }
    }
    services
}

fn own_call<'a>(cx: &Context<'a>, reason: ReasonId) -> Option<&'a Trust> {
    match cx.graph.reasons.get(reason)? {
        Reason::Trust(trust) => cx.model.trusts.get(*trust),
        Reason::Declared(_) | Reason::Baseline(_) => None,
        Reason::Entailed { rule, .. } => match rule {
            Rule::Via
            | Rule::Become
            | Rule::Session
            | Rule::Client
            | Rule::ServiceFlow
            | Rule::ErrorDelivery
            | Rule::ServiceKey
            | Rule::Creation
            | Rule::Interfaces
            | Rule::Lease => None,
        },
    }
}

/// The endpoint's name of the service of a thing, as a word of the graph.
fn service(cx: &Context<'_>, thing: ThingId) -> Option<Word> {
    cx.graph.words.find(&address::service(cx.model, thing)?)
}

fn has_action(cx: &Context<'_>, thing: ThingId, action: &str) -> bool {
    let kind = cx.thing(thing).and_then(|thing| cx.model.kinds.get(thing.kind));
    let capabilities = kind.map_or(&[][..], |kind| &kind.words.capabilities);
    capabilities
        .iter()
        .flat_map(|capability| &capability.actions)
        .flat_map(|line| &line.actions)
        .any(|name| cx.text(*name) == action)
}

/// A pattern without letters: they become `*`, but for the six that the service adds to a secret's name. A `*` there would let
/// through secrets of longer names as well.
fn shared(symbols: &Names<address::OfSymbols>, pattern: &Pattern) -> Pattern {
    pattern.map_letters(&mut |letter| match letter {
        Letter::Symbol(id) if symbols.text(Id::new(id)).ends_with("#suffix") => Pattern::glob("??????"),
        Letter::Symbol(_) | Letter::Variable(_) | Letter::Scalar(_) => Some(Pattern::everything()),
    })
}

/// The endpoints of a network, sorted by service.
pub(super) fn endpoints(
    cx: &Context<'_>,
    places: &Places<'_>,
    (id, network): (NetworkId, &Network),
    at: &str,
    (groups, subnets): (&Groups, &Subnets),
    passing: &Passing<'_>,
    report: &mut Report,
) -> Vec<Endpoint> {
    let services = groups.of.iter().filter_map(|(carrier, group)| match carrier {
        Carrier::Service(service) => Some((cx.word(*service), *service, *group)),
        Carrier::Thing(_) | Carrier::Shared(_) => None,
    });
    let mut services: Vec<(&str, Word, usize)> = services.collect();
    services.sort_unstable();
    if services.is_empty() {
        return Vec::new();
    }
    let region = cx
        .account(network.account)
        .map_or("", |account| cx.text(account.region));
    let segments = places.endpoints.get(&id).map_or(&[][..], Vec::as_slice);
    let indices = stand(cx, segments, subnets, report);
    services
        .into_iter()
        .map(|(name, service, group)| Endpoint {
            service: name.to_owned(),
            address: address::endpoint(at, name),
            label: text::label(name),
            subnets: indices.clone(),
            group,
            name: self::name(name, region),
            policy: (!WITHOUT_POLICY.contains(&name)).then(|| policy(cx, passing.get(&(id, service)))),
            because: groups
                .list
                .get(group)
                .map(|group| group.because.clone())
                .unwrap_or_else(|| cx.declared(network.span, "declared")),
        })
        .collect()
}

/// Where endpoints stand: an endpoint has one subnet in each zone, so there is one segment for them.
fn stand(
    cx: &Context<'_>,
    segments: &[model::place::SegmentId],
    subnets: &Subnets,
    report: &mut Report,
) -> Vec<usize> {
    let declared: Vec<_> = segments
        .iter()
        .filter_map(|id| cx.model.segments.get(*id))
        .collect();
    if let [first, second, ..] = declared.as_slice() {
        let message = format!(
            "both `{}` and `{}` hold private endpoints",
            cx.text(first.name),
            cx.text(second.name)
        );
        report.push(
            Diagnostic::new(
                &SECOND_ENDPOINT_SEGMENT,
                second.endpoints.unwrap_or(second.span),
                message,
            )
            .label(first.endpoints.unwrap_or(first.span), "the other one")
            .note("an endpoint has one subnet in each zone")
            .help("say `endpoints` in one segment of a network"),
        );
    }
    let indices = segments
        .first()
        .and_then(|id| subnets.of.get(id))
        .cloned()
        .unwrap_or_default();
    if indices.is_empty() {
        report.compiler_bug("a segment that holds private endpoints has no subnet");
    }
    indices
}

/// Actions × resources that pass, each product exact; above the limit, resources of one service are taken together.
fn policy(cx: &Context<'_>, passing: Option<&BTreeMap<&str, BTreeMap<Pattern, Reasons>>>) -> Document {
    let nothing = BTreeMap::new();
    let passing = passing.unwrap_or(&nothing);
    let exact = document(cx, passing, &|pattern| pattern.clone());
    let most = Limits::embedded().get(LIMIT).map_or(0, |limit| limit.value);
    if size(&exact) <= most {
        return exact;
    }
    document(cx, passing, &whole_service)
}

/// Every resource of the same service and account: the resource part of an ARN becomes `*`.
fn whole_service(pattern: &Pattern) -> Pattern {
    let text = pattern.display(&|_| "*".to_owned());
    let head: Vec<&str> = text.splitn(6, ':').take(5).collect();
    match head.len() {
        5 => Pattern::glob(&format!("{}:*", head.join(":"))).unwrap_or_else(Pattern::everything),
        _ => pattern.clone(),
    }
}

fn document(
    cx: &Context<'_>,
    passing: &BTreeMap<&str, BTreeMap<Pattern, Reasons>>,
    map: &dyn Fn(&Pattern) -> Pattern,
) -> Document {
    // Resource → actions: what has the same actions shares a statement.
    let mut by_resource: BTreeMap<Pattern, (BTreeSet<&str>, Reasons)> = BTreeMap::new();
    for (action, resources) in passing {
        for resource in least(resources.keys().map(map)) {
            let (actions, reasons) = by_resource.entry(resource.clone()).or_default();
            actions.insert(*action);
            resources
                .iter()
                .filter(|(own, _)| resource.covers(own))
                .for_each(|(_, because)| reasons.absorb(because));
        }
    }
    let mut by_actions: BTreeMap<Vec<&str>, (Vec<Pattern>, Reasons)> = BTreeMap::new();
    for (resource, (actions, reasons)) in by_resource {
        let (resources, all) = by_actions.entry(actions.into_iter().collect()).or_default();
        resources.push(resource);
        all.absorb(&reasons);
    }
    let mut ids: BTreeMap<String, u32> = BTreeMap::new();
    let statements = by_actions.into_iter().map(|(actions, (resources, reasons))| {
        let stem = statement_id(actions.first().copied().unwrap_or_default());
        let count = ids.entry(stem.clone()).or_default();
        *count += 1;
        Statement {
            id: if *count == 1 {
                stem
            } else {
                format!("{stem}{count}")
            },
            deny: false,
            principals: Some(Principals::Anyone),
            actions: actions.into_iter().map(str::to_owned).collect(),
            resources,
            conditions: Vec::new(),
            because: cx.because_all(reasons.iter()),
        }
    });
    Document {
        statements: statements.collect(),
    }
}

/// `AllowS3GetObject`.
fn statement_id(action: &str) -> String {
    let (service, verb) = action.split_once(':').unwrap_or(("", action));
    let mut service = service.chars();
    let first: String = service
        .next()
        .map(|c| c.to_ascii_uppercase())
        .into_iter()
        .collect();
    format!("Allow{first}{}{verb}", service.as_str())
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect()
}

/// The fewest patterns that cover the same.
fn least(patterns: impl Iterator<Item = Pattern>) -> Vec<Pattern> {
    let patterns: BTreeSet<Pattern> = patterns.collect();
    if let Some(least) = Words::from_patterns(&patterns)
        .ok()
        .and_then(|words| words.patterns())
    {
        return least;
    }
    let covered = |own: &Pattern| patterns.iter().any(|other| other != own && other.covers(own));
    patterns.iter().filter(|own| !covered(own)).cloned().collect()
}

/// An upper bound of the size as compact JSON.
fn size(document: &Document) -> u64 {
    let quoted = |length: usize| length as u64 + 3;
    let statement = |statement: &Statement| {
        let actions: u64 = statement.actions.iter().map(|action| quoted(action.len())).sum();
        let resources: u64 = statement
            .resources
            .iter()
            .map(|resource| quoted(resource.char_len(&|_| 64)))
            .sum();
        actions + resources + statement.id.len() as u64 + 90
    };
    40 + document.statements.iter().map(statement).sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_letters_and_digits() {
        assert_eq!(statement_id("s3:GetObject"), "AllowS3GetObject");
        assert_eq!(statement_id("kinesis:GetRecords"), "AllowKinesisGetRecords");
    }

    #[test]
    fn letters_and_resources_are_widened_whole() {
        let mut builder = pattern::pattern::Builder::new();
        let named = builder
            .text("arn:aws:s3:::raw/")
            .variable(0)
            .text("/")
            .any()
            .finish()
            .unwrap();
        let mut symbols = Names::default();
        let suffix = symbols.intern("arn:aws:secretsmanager:eu-central-1:111122223333:secret:a#suffix");
        let shared = |pattern: &Pattern| super::shared(&symbols, pattern);
        assert_eq!(shared(&named), Pattern::glob("arn:aws:s3:::raw/*/*").unwrap());
        let secret = pattern::pattern::Builder::new()
            .text("secret:a-")
            .symbol(suffix.index() as u32)
            .finish()
            .unwrap();
        assert_eq!(shared(&secret), Pattern::glob("secret:a-??????").unwrap());
        assert_eq!(whole_service(&named), Pattern::glob("arn:aws:s3:::*").unwrap());
        assert_eq!(whole_service(&Pattern::everything()), Pattern::everything());
    }

    #[test]
    fn what_a_wider_resource_covers_is_left_out() {
        let glob = |text: &str| Pattern::glob(text).unwrap();
        assert_eq!(
            least([glob("a/*"), glob("a/b/*"), glob("c")].into_iter()),
            [glob("a/*"), glob("c")]
        );
        assert_eq!(least([glob("a/*/c"), glob("a/b/c")].into_iter()), [glob("a/*/c")]);
    }
}
