//! Policies of AWS IoT Core: another language than IAM's, with a table of its own.
//!
//! They are attached to certificates and thing groups. Their actions are not those of the IAM catalogue:
//! that one lacks `iot:AssumeRoleWithCertificate` and half of the Greengrass data plane, gives other resource
//! types, and knows none of these condition keys.
//!
//! - Source: AWS IoT Core developer guide, "AWS IoT Core policies" and "AWS IoT Core policy actions"; AWS IoT
//!   Greengrass V2 developer guide, "Device authentication and authorization". Read on 2026-11-21.
//! - `*` and `?` are wildcards and reach over `/`; MQTT's `+` and `#` are plain characters.
//! - A device's jobs and shadows over MQTT are publications and subscriptions on reserved topics, not the
//!   actions named after them.

use crate::service::Value;
use crate::{arn, key, near};

/// An action of an AWS IoT Core policy.
#[derive(Debug, PartialEq, Eq)]
pub struct IotAction {
    /// `iot:Publish`.
    pub name: &'static str,
    /// What it acts on.
    pub resource: IotResource,
    /// Another action that a device needs for this one to work.
    pub needs: Option<&'static str>,
}

/// What an action of an AWS IoT Core policy acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IotResource {
    /// A client id.
    Client,
    /// A topic that is published to or delivered from.
    Topic,
    /// The text of a subscription, literally.
    TopicFilter,
    /// A thing; its named shadows follow after a `/`.
    ThingOrShadow,
    /// A thing.
    Thing,
    /// A role alias.
    RoleAlias,
    /// One version of a Greengrass component.
    ComponentVersion,
    /// Nothing that can be named: only `*`.
    StarOnly,
}

/// A condition key of an AWS IoT Core policy, also a variable of its resources.
#[derive(Debug, PartialEq, Eq)]
pub struct IotKey {
    /// What varies is `${…}`.
    pub name: &'static str,
    /// What its values are.
    pub value: Value,
    /// A request gives it a list.
    pub is_multi_valued: bool,
    /// What has to be so for the key to be there at all.
    pub present: Present,
}

/// When a condition key is there.
///
/// Where it is not, its `${…}` stays as text: an `Allow` then matches nothing, and a `Deny` does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Present {
    /// For every request.
    Always,
    /// Over MQTT, and MQTT over WebSocket, if the connection is that of a thing.
    Thing,
    /// For a request signed by a certificate that says so.
    Certificate,
    /// For a request through a VPC endpoint.
    Endpoint,
    /// For `iot:Connect`.
    Connect,
}

const fn act(name: &'static str, resource: IotResource) -> IotAction {
    IotAction {
        name,
        resource,
        needs: None,
    }
}

/// Every action, in order of name.
pub const ACTIONS: &[IotAction] = &[
    act("greengrass:Discover", IotResource::Thing),
    act(
        "greengrass:GetComponentVersionArtifact",
        IotResource::ComponentVersion,
    ),
    act("greengrass:GetConnectivityInfo", IotResource::Thing),
    act("greengrass:GetDeploymentConfiguration", IotResource::StarOnly),
    act("greengrass:ListThingGroupsForCoreDevice", IotResource::Thing),
    act("greengrass:PutCertificateAuthorities", IotResource::StarOnly),
    act("greengrass:ResolveComponentCandidates", IotResource::StarOnly),
    act("greengrass:UpdateConnectivityInfo", IotResource::Thing),
    act("greengrass:VerifyClientDeviceIdentity", IotResource::StarOnly),
    act(
        "greengrass:VerifyClientDeviceIoTCertificateAssociation",
        IotResource::Thing,
    ),
    act("iot:AssumeRoleWithCertificate", IotResource::RoleAlias),
    act("iot:Connect", IotResource::Client),
    act("iot:DeleteThingShadow", IotResource::ThingOrShadow),
    act("iot:DescribeJobExecution", IotResource::Thing),
    act("iot:GetPendingJobExecutions", IotResource::Thing),
    act("iot:GetRetainedMessage", IotResource::Topic),
    act("iot:GetThingShadow", IotResource::ThingOrShadow),
    act("iot:ListNamedShadowsForThing", IotResource::StarOnly),
    act("iot:ListRetainedMessages", IotResource::StarOnly),
    act("iot:Publish", IotResource::Topic),
    act("iot:Receive", IotResource::Topic),
    IotAction {
        name: "iot:RetainPublish",
        resource: IotResource::Topic,
        needs: Some("iot:Publish"),
    },
    act("iot:StartNextPendingJobExecution", IotResource::Thing),
    act("iot:Subscribe", IotResource::TopicFilter),
    act("iot:UpdateJobExecution", IotResource::Thing),
    act("iot:UpdateThingShadow", IotResource::ThingOrShadow),
];

const fn one(name: &'static str, value: Value, present: Present) -> IotKey {
    IotKey {
        name,
        value,
        is_multi_valued: false,
        present,
    }
}

/// The values that `iot:ConnectAttributes` may have.
pub const CONNECT_ATTRIBUTES: &[&str] = &["LastWill", "PersistentConnect"];

/// Condition keys, apart from those of a certificate's names; see [`condition_key`].
const KEYS: &[IotKey] = &[
    one("aws:SourceIp", Value::IpAddress, Present::Always),
    one("aws:SourceVpc", Value::String, Present::Endpoint),
    one("aws:SourceVpce", Value::String, Present::Endpoint),
    one("aws:VpcSourceIp", Value::IpAddress, Present::Endpoint),
    one(
        "iot:Certificate.AvailableKeys",
        Value::String,
        Present::Certificate,
    ),
    one(
        "iot:Certificate.SerialNumber",
        Value::String,
        Present::Certificate,
    ),
    one("iot:CertificateId", Value::String, Present::Certificate),
    one("iot:ClientId", Value::String, Present::Always),
    IotKey {
        name: "iot:ConnectAttributes",
        value: Value::String,
        is_multi_valued: true,
        present: Present::Connect,
    },
    one(
        "iot:Connection.Thing.Attributes[${Name}]",
        Value::String,
        Present::Thing,
    ),
    one("iot:Connection.Thing.IsAttached", Value::Bool, Present::Thing),
    one("iot:Connection.Thing.ThingName", Value::String, Present::Thing),
    one(
        "iot:Connection.Thing.ThingTypeName",
        Value::String,
        Present::Thing,
    ),
];

/// The parts of a certificate's subject and issuer.
const NAME_PARTS: &[&str] = &[
    "CommonName",
    "Country",
    "DistinguishedNameQualifier",
    "GenerationQualifier",
    "GivenName",
    "Initials",
    "Organization",
    "OrganizationalUnit",
    "Pseudonym",
    "SerialNumber",
    "State",
    "Surname",
    "Title",
];

/// The kinds of a certificate's alternative names.
const ALTERNATIVE_NAMES: &[&str] = &[
    "DNSName",
    "DirectoryName",
    "IPAddress",
    "RFC822Name",
    "UniformResourceIdentifier",
];

const PART: IotKey = one("iot:Certificate.${Part}", Value::String, Present::Certificate);
const PARTS: IotKey = IotKey {
    name: "iot:Certificate.${Part}.List",
    value: Value::String,
    is_multi_valued: true,
    present: Present::Certificate,
};

/// The action of a name, ignoring case; never a wildcard.
#[must_use]
pub fn action(name: &str) -> Option<&'static IotAction> {
    ACTIONS
        .iter()
        .find(|action| action.name.eq_ignore_ascii_case(name))
}

/// The action that somebody who wrote `name` may have meant.
#[must_use]
pub fn near_action(name: &str) -> Option<&'static str> {
    near::nearest(name, ACTIONS.iter().map(|action| action.name))
}

/// The condition key or variable of a name, ignoring case.
///
/// - Shape: a certificate's `Subject` and `Issuer` have parts, each also as `.1`, `.2`, … and `.List`; so have
///   the kinds of its `Subject.AlternativeName` and `Issuer.AlternativeName`.
#[must_use]
pub fn condition_key(name: &str) -> Option<&'static IotKey> {
    if let Some(known) = KEYS.iter().find(|own| key::matches(own.name, name)) {
        return Some(known);
    }
    const HEAD: &str = "iot:certificate.";
    let lower = name.to_ascii_lowercase();
    let rest = lower.strip_prefix(HEAD)?;
    let rest = rest
        .strip_prefix("subject.")
        .or_else(|| rest.strip_prefix("issuer."))?;
    let (parts, rest) = match rest.strip_prefix("alternativename.") {
        Some(rest) => (ALTERNATIVE_NAMES, rest),
        None => (NAME_PARTS, rest),
    };
    let (part, index) = rest.split_once('.').unwrap_or((rest, ""));
    if !parts.iter().any(|known| known.eq_ignore_ascii_case(part)) {
        return None;
    }
    match index {
        "list" => Some(&PARTS),
        "" if rest == part => Some(&PART),
        // Counted from one.
        _ => index
            .parse::<u32>()
            .ok()
            .filter(|place| *place > 0 && !index.starts_with(['0', '+']))
            .map(|_| &PART),
    }
}

impl IotAction {
    /// What it does, for the few that IAM's table does not have: what discovers, gets, lists or verifies, reads.
    #[must_use]
    pub fn effects(&self) -> crate::effect::Effects {
        let verb = self.name.split_once(':').map_or(self.name, |(_, verb)| verb);
        let reads = ["Discover", "Get", "List", "Resolve", "Verify", "Describe"]
            .iter()
            .any(|word| verb.starts_with(word));
        // What code a core runs, and by whom it is trusted, is told to it by these.
        let controls = matches!(verb, "PutCertificateAuthorities" | "AssumeRoleWithCertificate");
        crate::effect::Effects {
            reads,
            writes: !reads && !controls,
            controls,
        }
    }

    /// Whether a resource written so can match a request for this action.
    ///
    /// - Shape: `*`, or an ARN with `*` and `?` as in a policy; `{…}` and `${…}` stand for one name.
    #[must_use]
    pub fn matches_resource(&self, written: &str) -> bool {
        let template = match self.resource {
            IotResource::StarOnly => return written == "*",
            IotResource::Client => "arn:${Partition}:iot:${Region}:${Account}:client/${Id}",
            IotResource::Topic => "arn:${Partition}:iot:${Region}:${Account}:topic/${Topic}",
            IotResource::TopicFilter => "arn:${Partition}:iot:${Region}:${Account}:topicfilter/${Filter}",
            IotResource::ThingOrShadow | IotResource::Thing => {
                "arn:${Partition}:iot:${Region}:${Account}:thing/${Thing}"
            }
            IotResource::RoleAlias => "arn:${Partition}:iot:${Region}:${Account}:rolealias/${Alias}",
            IotResource::ComponentVersion => {
                "arn:${Partition}:greengrass:${Region}:${Account}:components:${Name}:versions:${Version}"
            }
        };
        let characters = match self.resource {
            IotResource::Client | IotResource::Topic | IotResource::TopicFilter => "/:",
            // A thing's name may hold a colon, and its shadow follows after a slash.
            IotResource::ThingOrShadow => "/:",
            IotResource::Thing => ":",
            IotResource::RoleAlias | IotResource::ComponentVersion | IotResource::StarOnly => "",
        };
        arn::overlap(written, template, characters)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publish_wants_a_topic_and_subscribe_a_filter() {
        let publish = action("iot:publish").unwrap();
        let subscribe = action("iot:Subscribe").unwrap();
        let topic = "arn:aws:iot:eu-central-1:111122223333:topic/dt/p1/${iot:Connection.Thing.ThingName}/raw";
        let filter = "arn:aws:iot:eu-central-1:111122223333:topicfilter/cmd/${iot:ClientId}/+";
        assert!(publish.matches_resource(topic) && !publish.matches_resource(filter));
        assert!(subscribe.matches_resource(filter) && !subscribe.matches_resource(topic));
    }

    #[test]
    fn what_cannot_be_named_takes_only_a_star() {
        let resolve = action("greengrass:ResolveComponentCandidates").unwrap();
        assert!(resolve.matches_resource("*"));
        assert!(
            !resolve.matches_resource("arn:aws:greengrass:r:1:components:com.example.app:versions:1.0.0")
        );
        let artifact = action("greengrass:GetComponentVersionArtifact").unwrap();
        assert!(
            artifact.matches_resource("arn:aws:greengrass:r:1:components:com.example.app:versions:1.0.0")
        );
    }

    #[test]
    fn only_shadows_follow_a_thing() {
        let named = "arn:aws:iot:r:1:thing/press-7/patch";
        assert!(action("iot:GetThingShadow").unwrap().matches_resource(named));
        assert!(!action("iot:UpdateJobExecution").unwrap().matches_resource(named));
    }

    #[test]
    fn actions_of_iam_alone_are_unknown() {
        assert!(action("iot:CreateThing").is_none());
        assert_eq!(near_action("iot:Subscibe"), Some("iot:Subscribe"));
        for known in ACTIONS {
            assert!(known.needs.is_none_or(|other| action(other).is_some()));
        }
        assert!(ACTIONS.is_sorted_by(|a, b| a.name < b.name));
    }

    #[test]
    fn condition_keys_of_things_and_certificates() {
        assert_eq!(
            condition_key("iot:Connection.Thing.Attributes[line]")
                .unwrap()
                .present,
            Present::Thing
        );
        assert_eq!(
            condition_key("iot:Connection.Thing.IsAttached").unwrap().value,
            Value::Bool
        );
        assert!(condition_key("iot:Certificate.Subject.CommonName").is_some());
        assert!(condition_key("iot:Certificate.Subject.CommonName.1").is_some());
        assert!(condition_key("iot:Certificate.Subject.CommonName.0").is_none());
        assert!(
            condition_key("iot:Certificate.Issuer.Organization.List")
                .unwrap()
                .is_multi_valued
        );
        assert!(condition_key("iot:Certificate.Subject.AlternativeName.DNSName.2").is_some());
        assert!(condition_key("iot:Certificate.Subject.Colour").is_none());
        assert!(condition_key("iot:Certificate.Subject.CommonName.").is_none());
        assert!(condition_key("aws:PrincipalArn").is_none());
    }
}
