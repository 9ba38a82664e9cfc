//! A device connects as itself before it publishes or subscribes.
//!
//! A class with an `x509` identity that reaches a topic may connect: as the client whose id is the device's name, on
//! the address of the IoT service in the account of the class, if the certificate is attached to a thing
//! (`iot:Connection.Thing.IsAttached`) and the thing is of the type of the class (`iot:Connection.Thing.ThingTypeName`).
//! So a certificate that is attached to nothing, or to a device of another class, connects to nothing.
//!
//! Source: <https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html>

use model::thing::ThingId;
use pattern::key::Key;
use pattern::pattern::Builder;
use pattern::region::Region;
use pattern::values::Values;
use pattern::word::Word;
use pattern::words::Words;

use crate::access::{Access, Principal, Resource};
use crate::build::{Build, Whose};
use crate::reason::{ReasonId, Rule};

/// What a device does through its certificate, by MQTT.
///
/// Source: <https://docs.aws.amazon.com/iot/latest/developerguide/iot-policy-actions.html>
const DEVICE_ACTIONS: [&str; 5] = [
    "iot:Publish",
    "iot:Receive",
    "iot:RetainPublish",
    "iot:GetRetainedMessage",
    "iot:Subscribe",
];

/// Whether a device's own policy decides this action, for a connection by MQTT.
pub(crate) fn is_device_action(action: &str) -> bool {
    DEVICE_ACTIONS.contains(&action)
}

impl Build<'_> {
    /// Lets each class that reaches a topic connect.
    pub(crate) fn entail_sessions(&mut self) {
        let sessions: Vec<(ThingId, ReasonId)> = std::mem::take(&mut self.sessions).into_iter().collect();
        for (class, because) in sessions {
            self.entail_session(class, because);
        }
    }

    fn entail_session(&mut self, class: ThingId, because: ReasonId) -> Option<()> {
        let thing = self.thing(class)?;
        let (_, account) = self.account_of(thing)?;
        let [partition, region, number] =
            [account.partition, account.region, account.number].map(|name| self.text(name));
        let mut client = Builder::new();
        client
            .text(&format!("arn:{partition}:iot:{region}:{number}:client/"))
            .variable(self.name_letter(Whose::Own));
        let within = self.graph.patterns.intern(client.finish()?);
        let thing_type = Word::text(self.physical(thing))?;
        let attached = Region::only(Key::new("iot:Connection.Thing.IsAttached"), Values::flag(true));
        let of_type = Region::only(
            Key::new("iot:Connection.Thing.ThingTypeName"),
            Values::text(Words::just(&thing_type)),
        );
        let when = self.graph.regions.intern(attached.and(&of_type));
        let action = self.graph.words.intern("iot:Connect");
        let because = self.entailed(because, Rule::Session);
        let access = Access {
            principal: Principal::Class(class),
            action,
            resource: Resource::Identity(class),
            within,
            pairs: self.own,
            when,
            because,
        };
        self.access(access);
        Some(())
    }
}
