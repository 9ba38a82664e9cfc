//! A function in a segment needs its runtime to attach it to the network.
//!
//! The function service makes the interface with the function's own role, so the role must allow it; the actions know
//! no resource that could be named beforehand. What the function's own code asks for carries its address
//! (`lambda:SourceFunctionArn`), what the service asks for does not: so the access holds only where that key is absent,
//! and the code itself may do none of it.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>

use model::actor::RunsOn;
use model::thing::{Detail, ThingId};
use pattern::values::{Type, Values};

use crate::access::{Access, Principal, Resource};
use crate::build::Build;
use crate::reason::Rule;

const ACTIONS: [&str; 6] = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
];

impl Build<'_> {
    /// Lets the runtime of each placed function make its interfaces.
    pub(crate) fn entail_interfaces(&mut self) {
        let model = self.model;
        for (id, thing) in model.things.iter() {
            if let Detail::Workload(workload) = &thing.detail
                && workload.runs_on == Some(RunsOn::Lambda)
                && workload.segment.is_some()
            {
                self.interfaces(id, thing.span);
            }
        }
    }

    fn interfaces(&mut self, id: ThingId, span: source::Span) -> Option<()> {
        let of = self.declared(id, span)?;
        let because = self.entailed(of, Rule::Interfaces);
        let when = self.only("lambda:SourceFunctionArn", Values::absent(Type::Text));
        for action in ACTIONS {
            let action = self.graph.words.intern(action);
            self.access(Access {
                principal: Principal::Workload(id),
                action,
                resource: Resource::Unscoped,
                within: self.everywhere,
                pairs: self.all,
                when,
                because,
            });
        }
        Some(())
    }
}
