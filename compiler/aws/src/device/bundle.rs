//! What a class's provisioning bundle says besides its policy: hardware, members, identities, services, host firewall.

use diagnostics::Report;
use model::thing::ThingId;

use crate::context::Context;
use crate::deployment::device::Class;

/// Fills in everything of a class but its names and its IoT policies.
pub(crate) fn complete(_cx: &Context<'_>, _id: ThingId, _class: &mut Class, _report: &mut Report) {}
