//! Terraform: a root module for each account, region and stack, in its JSON syntax.
//!
//! | file | what is in it |
//! |---|---|
//! | `versions.tf.json` | the provider, its region and the one account that it accepts |
//! | `network.tf.json`, `routes.tf.json`, `acls.tf.json` | a network, its subnets and gateways; its routes; its ACLs |
//! | `groups.tf.json`, `rules.tf.json`, `endpoints.tf.json` | security groups; their rules, one peer each; private endpoints |
//! | `roles.tf.json`, `policies.tf.json` | roles and identity providers; policies of roles and resources |
//! | `keys.tf.json`, `stores.tf.json`, `balancers.tf.json`, `iot.tf.json` | what the means of kinds create; device classes and topic rules |
//! | `NAME.things.json`, `NAME.things.jsonl`, `NAME.template.json` | devices as things: rows of one resource, or what bulk registration takes |
//! | `data.tf.json`, `moved.tf.json` | what lies in other modules or exists already; what was renamed |

mod argument;
pub mod fault;
mod filter;
mod identity;
mod iot;
mod module;
mod network;
mod registry;
mod store;
mod text;

use aws::deployment::Deployment;
use diagnostics::Report;
use rayon::prelude::*;

use crate::{Files, Target};
use module::Module;

pub(crate) const TARGET: Target = Target {
    name: bundle::target::TERRAFORM,
    summary: "a Terraform root module per account, region and stack",
    emit,
};

fn emit(deployment: &Deployment, files: &mut Files<'_>, report: &mut Report) {
    let modules: Vec<(Vec<module::Written>, Report)> = (0..deployment.stacks.len())
        .into_par_iter()
        .map(|stack| {
            let mut report = Report::default();
            let Some(mut module) = Module::new(deployment, stack) else {
                report.compiler_bug("a stack without an account");
                return (Vec::new(), report);
            };
            network::write(&mut module);
            filter::write(&mut module, &mut report);
            identity::write(&mut module, &mut report);
            store::write(&mut module);
            iot::write(&mut module, &mut report);
            (module.finish(&mut report), report)
        })
        .collect();
    for (written, found) in modules {
        report.append(found);
        for (path, bytes, because) in written {
            files.add(&path, bytes, because);
        }
    }
}
