//! Roles, identity providers, and policies.

use std::sync::Arc;

use aws::deployment::document::{Document, Engine};
use aws::deployment::identity::{Federation, FederationSort, ResourcePolicy, Role};
use aws::deployment::store::Store;
use diagnostics::{Diagnostic, Report};
use serde_json::Map;

use super::argument::Arguments;
use super::fault::UNSUPPORTED_BY_TARGET;
use super::module::Module;
use super::text::escaped;
use crate::document;

impl Module<'_> {
    /// A document as the text of an argument; what it cannot say is reported.
    pub(super) fn policy(&self, policy: &Document, engine: Engine, report: &mut Report) -> Option<String> {
        let value = document::value(self.deployment, policy, engine, &self.templates, report)?;
        serde_json::to_string(&value).ok()
    }
}

/// Writes the identity layer of a module.
pub(super) fn write(module: &mut Module<'_>, report: &mut Report) {
    let number = module.number;
    let identity = &module.deployment.identity;
    for federation in identity
        .federations
        .iter()
        .filter(|federation| federation.stack == number)
    {
        one_federation(module, federation);
    }
    for role in identity.roles.iter().filter(|role| role.stack == number) {
        one_role(module, role, report);
    }
    for policy in identity.resources.iter().filter(|policy| policy.stack == number) {
        resource_policy(module, policy, report);
    }
}

const OIDC: &str = "aws_iam_openid_connect_provider";

fn one_federation(module: &mut Module<'_>, federation: &Federation) {
    match &federation.sort {
        FederationSort::Saml { .. } => {
            let mut arguments = Map::new();
            arguments.insert("arn".to_owned(), escaped(&federation.arn).into());
            module.data(
                "aws_iam_saml_provider",
                &federation.provider,
                arguments,
                &federation.because,
            );
        }
        // Each role that it vouches for looks for it.
        FederationSort::Found => {}
        FederationSort::Oidc { issuer, audiences } => {
            let mut arguments = Arguments::default();
            let audiences: Vec<String> = audiences.iter().map(|audience| escaped(audience)).collect();
            arguments
                .text("url", issuer)
                .value("client_id_list", audiences.into());
            let label = &federation.provider;
            module.resource("roles", OIDC, label, arguments, &federation.because);
        }
    }
}

fn one_role(module: &mut Module<'_>, role: &Role, report: &mut Report) {
    let Some(trust) = &role.trust else {
        return added(module, role, report);
    };
    let Some(trust) = module.policy(trust, Engine::Iam, report) else {
        return;
    };
    let mut arguments = Arguments::default();
    arguments
        .text("name", &role.name)
        .template("assume_role_policy", trust)
        .number("max_session_duration", role.session_seconds);
    let depends = vouchers(module, role);
    if !depends.is_empty() {
        arguments.value("depends_on", depends.into());
    }
    module.resource("roles", "aws_iam_role", &role.label, arguments, &role.because);
    if let Some(old) = &role.renamed_from {
        module.moved("aws_iam_role", old, &role.label, &role.because);
    }
    if role.has_profile {
        profile(module, role);
    }
    let address = format!("aws_iam_role.{}", role.label);
    policies(module, role, &address, "access", report);
}

/// What we add to a role that exists: policies under a name of ours, since one of the same name would take the place of its owner's.
fn added(module: &mut Module<'_>, role: &Role, report: &mut Report) {
    const TYPE: &str = "aws_iam_role";
    let mut arguments = Map::new();
    arguments.insert("name".to_owned(), escaped(&role.name).into());
    module.data(TYPE, &role.label, arguments, &role.because);
    let deployment = module.deployment;
    let environment = deployment.environment.iter().map(|name| format!("-{name}"));
    let name = format!(
        "leastwise-{}{}",
        deployment.project,
        environment.collect::<String>()
    );
    policies(
        module,
        role,
        &format!("data.{TYPE}.{}", role.label),
        &name,
        report,
    );
}

/// The policies of the role at an address, each under its number behind a name.
fn policies(module: &mut Module<'_>, role: &Role, address: &str, name: &str, report: &mut Report) {
    for (index, policy) in role.identity.iter().enumerate() {
        let further = if index == 0 {
            String::new()
        } else {
            format!("_{}", index + 1)
        };
        let Some(text) = module.policy(policy, Engine::Iam, report) else {
            continue;
        };
        let mut arguments = Arguments::default();
        arguments
            .text("name", &format!("{name}{further}"))
            .template("role", format!("${{{address}.name}}"))
            .template("policy", text);
        let label = format!("{}{further}", role.label);
        module.resource(
            "policies",
            "aws_iam_role_policy",
            &label,
            arguments,
            &role.because,
        );
        if let Some(old) = &role.renamed_from {
            module.moved(
                "aws_iam_role_policy",
                &format!("{old}{further}"),
                &label,
                &role.because,
            );
        }
    }
}

/// An instance takes a role by a profile, which consoles name after the role.
fn profile(module: &mut Module<'_>, role: &Role) {
    const TYPE: &str = "aws_iam_instance_profile";
    let mut arguments = Arguments::default();
    arguments
        .text("name", &role.name)
        .template("role", format!("${{aws_iam_role.{}.name}}", role.label));
    module.resource("roles", TYPE, &role.label, arguments, &role.because);
    if let Some(old) = &role.renamed_from {
        module.moved(TYPE, old, &role.label, &role.because);
    }
}

/// Identity providers that a role's trust policy names: those of this module are made before it, those that exist are found.
fn vouchers(module: &mut Module<'_>, role: &Role) -> Vec<String> {
    use aws::deployment::document::{PrincipalName, Principals};
    let is_named = |arn: &str| {
        let statements = role.trust.iter().flat_map(|trust| &trust.statements);
        statements
            .filter_map(|statement| match &statement.principals {
                Some(Principals::These(names)) => Some(names),
                Some(Principals::Anyone) | None => None,
            })
            .flatten()
            .any(|name| matches!(name, PrincipalName::Federated(named) if named == arn))
    };
    let mut found = Vec::new();
    let federations = &module.deployment.identity.federations;
    for federation in federations.iter().filter(|federation| is_named(&federation.arn)) {
        let label = &federation.provider;
        match federation.sort {
            FederationSort::Oidc { .. } if federation.stack == module.number => {
                found.push(format!("{OIDC}.{label}"));
            }
            FederationSort::Found => {
                let mut arguments = Map::new();
                arguments.insert("arn".to_owned(), escaped(&federation.arn).into());
                module.data(OIDC, label, arguments, &federation.because);
                found.push(format!("data.{OIDC}.{label}"));
            }
            FederationSort::Saml { .. } | FederationSort::Oidc { .. } => {}
        }
    }
    found
}

/// How the policy of a service's resource is set.
struct Attachment {
    service: &'static str,
    resource_type: &'static str,
    /// The argument that names the resource.
    argument: &'static str,
    /// The block that makes the resource, and its attribute that goes there.
    of: (&'static str, &'static str),
    /// For an existing resource: the `data` source, its argument, what stands before the name, and its attribute.
    found: Option<(&'static str, &'static str, &'static str, &'static str)>,
}

const ATTACHMENTS: &[Attachment] = &[
    Attachment {
        service: "dynamodb",
        resource_type: "aws_dynamodb_resource_policy",
        argument: "resource_arn",
        of: ("aws_dynamodb_table", "arn"),
        found: Some(("aws_dynamodb_table", "name", "", "arn")),
    },
    Attachment {
        service: "kinesis",
        resource_type: "aws_kinesis_resource_policy",
        argument: "resource_arn",
        of: ("aws_kinesis_stream", "arn"),
        found: Some(("aws_kinesis_stream", "name", "", "arn")),
    },
    Attachment {
        service: "kms",
        resource_type: "aws_kms_key_policy",
        argument: "key_id",
        of: ("aws_kms_key", "key_id"),
        found: Some(("aws_kms_alias", "name", "alias/", "target_key_id")),
    },
    Attachment {
        service: "s3",
        resource_type: "aws_s3_bucket_policy",
        argument: "bucket",
        of: ("aws_s3_bucket", "id"),
        found: Some(("aws_s3_bucket", "bucket", "", "id")),
    },
    Attachment {
        service: "secretsmanager",
        resource_type: "aws_secretsmanager_secret_policy",
        argument: "secret_arn",
        of: ("aws_secretsmanager_secret", "arn"),
        found: Some(("aws_secretsmanager_secret", "name", "", "arn")),
    },
    Attachment {
        service: "sqs",
        resource_type: "aws_sqs_queue_policy",
        argument: "queue_url",
        of: ("aws_sqs_queue", "url"),
        found: Some(("aws_sqs_queue", "name", "", "url")),
    },
];

/// The service whose policies stand in the block of what they are of: a key with a policy of its own block has, for a moment, the
/// provider's default, and what is made under it in that moment fails.
const INNER: &str = "kms";

fn resource_policy(module: &mut Module<'_>, policy: &ResourcePolicy, report: &mut Report) {
    let attachment = ATTACHMENTS
        .iter()
        .find(|attachment| attachment.service == policy.service);
    let attached = attachment.and_then(|attachment| Some((attachment, owner(module, policy, attachment)?)));
    let Some((attachment, owner)) = attached else {
        let message = format!("Terraform cannot set the policy of `{}`", policy.thing);
        report.push(match policy.because.first() {
            Some(cause) => Diagnostic::new(&UNSUPPORTED_BY_TARGET, cause.span, message),
            None => Diagnostic::global(&UNSUPPORTED_BY_TARGET, message),
        });
        return;
    };
    let Some(text) = module.policy(&policy.document, Engine::Iam, report) else {
        return;
    };
    if let Some(store) = policy.store.filter(|_| policy.service == INNER) {
        let because = Arc::clone(&policy.because);
        module.inner_policies.insert(store, (text, because));
        return;
    }
    let mut arguments = Arguments::default();
    arguments
        .template(attachment.argument, owner)
        .template("policy", text);
    module.resource(
        "policies",
        attachment.resource_type,
        &policy.label,
        arguments,
        &policy.because,
    );
    let store = policy.store.and_then(|store| module.deployment.stores.get(store));
    let old = store
        .and_then(|store| store.blocks.first())
        .and_then(|block| block.renamed_from.clone());
    if let Some(old) = old {
        module.moved(attachment.resource_type, &old, &policy.label, &policy.because);
    }
}

/// A reference to the resource that a policy is of.
fn owner(module: &mut Module<'_>, policy: &ResourcePolicy, attachment: &Attachment) -> Option<String> {
    let (resource_type, attribute) = attachment.of;
    if let Some(store) = policy.store {
        let store: &Store = module.deployment.stores.get(store)?;
        let block = store
            .blocks
            .iter()
            .find(|block| block.resource_type == resource_type)?;
        return Some(format!("${{{resource_type}.{}.{attribute}}}", block.label));
    }
    // A key that the spec names by its id is not looked up.
    if let Some((_, id)) = policy
        .address
        .split_once(":key/")
        .filter(|_| policy.service == INNER)
    {
        return Some(escaped(id));
    }
    let (data_type, argument, before, attribute) = attachment.found?;
    let mut arguments = Map::new();
    let name = policy.physical.strip_prefix(before).unwrap_or(&policy.physical);
    arguments.insert(argument.to_owned(), escaped(&format!("{before}{name}")).into());
    module.data(data_type, &policy.label, arguments, &policy.because);
    Some(format!("${{data.{data_type}.{}.{attribute}}}", policy.label))
}
