//! Device classes and topic rules.

use aws::deployment::device::{Class, RuleAction, TopicRule};
use aws::deployment::document::Engine;
use diagnostics::Report;
use serde_json::{Value, json};

use super::argument::Arguments;
use super::module::Module;
use super::registry;
use super::text::escaped;

/// The version of the language of rules. Source: <https://docs.aws.amazon.com/iot/latest/developerguide/iot-rule-sql-version.html>
const SQL_VERSION: &str = "2016-03-23";

/// Writes classes and rules of a module.
pub(super) fn write(module: &mut Module<'_>, report: &mut Report) {
    let number = module.number;
    for class in module
        .deployment
        .classes
        .iter()
        .filter(|class| class.stack == Some(number))
    {
        one_class(module, class, report);
    }
    for rule in module.deployment.rules.iter().filter(|rule| rule.stack == number) {
        one_rule(module, rule, report);
    }
}

fn one_class(module: &mut Module<'_>, class: &Class, report: &mut Report) {
    let mut arguments = Arguments::default();
    arguments.text("name", &class.physical);
    if !class.attributes.is_empty() {
        let attributes: Vec<String> = class
            .attributes
            .iter()
            .map(|attribute| escaped(attribute))
            .collect();
        arguments.value("properties", json!({ "searchable_attributes": attributes }));
    }
    module.resource(
        "iot",
        "aws_iot_thing_type",
        &class.label,
        arguments,
        &class.because,
    );
    if let Some(old) = &class.renamed_from {
        module.moved("aws_iot_thing_type", old, &class.label, &class.because);
    }
    registry::write(module, class);
    for (index, policy) in class.policies.iter().enumerate() {
        let number = index + 1;
        let (name, further) = match index {
            0 => (class.physical.clone(), String::new()),
            _ => (format!("{}-{number}", class.physical), format!("_{number}")),
        };
        let Some(text) = module.policy(policy, Engine::Iot, report) else {
            continue;
        };
        let mut arguments = Arguments::default();
        arguments.text("name", &name).template("policy", text);
        let label = format!("{}{further}", class.label);
        module.resource("iot", "aws_iot_policy", &label, arguments, &class.because);
        if let Some(old) = &class.renamed_from {
            module.moved(
                "aws_iot_policy",
                &format!("{old}{further}"),
                &label,
                &class.because,
            );
        }
    }
}

fn one_rule(module: &mut Module<'_>, rule: &TopicRule, report: &mut Report) {
    let Some(role) = module.deployment.identity.roles.get(rule.role) else {
        report.compiler_bug(format!("the rule `{}` has no role", rule.name));
        return;
    };
    let role = role.arn.clone();
    let mut arguments = Arguments::default();
    arguments
        .text("name", &rule.physical)
        .flag("enabled", true)
        .text("sql", &format!("SELECT * FROM '{}'", rule.filter))
        .text("sql_version", SQL_VERSION);
    let mut blocks: Vec<(&str, Vec<Value>)> = Vec::new();
    for one in &rule.actions {
        let (name, block) = action(module, one, &role);
        match blocks.iter_mut().find(|(known, _)| *known == name) {
            Some((_, of_name)) => of_name.push(block),
            None => blocks.push((name, vec![block])),
        }
    }
    blocks.sort_by_key(|(name, _)| *name);
    for (name, of_name) in blocks {
        arguments.value(name, of_name.into());
    }
    if let Some(errors) = &rule.errors {
        let (name, block) = action(module, errors, &role);
        arguments.value("error_action", json!({ name: block }));
    }
    module.resource("iot", "aws_iot_topic_rule", &rule.label, arguments, &rule.because);
}

/// One delivery: the name of its block, and what stands in it.
fn action(module: &Module<'_>, action: &RuleAction, role: &str) -> (&'static str, Value) {
    let role = escaped(role);
    match action {
        RuleAction::Stream { name, partition_key } => (
            "kinesis",
            json!({ "role_arn": role, "stream_name": escaped(name), "partition_key": escaped(partition_key) }),
        ),
        RuleAction::LogGroup { name } => (
            "cloudwatch_logs",
            json!({ "role_arn": role, "log_group_name": escaped(name) }),
        ),
        RuleAction::Bucket { name, key } => (
            "s3",
            json!({ "role_arn": role, "bucket_name": escaped(name), "key": escaped(key) }),
        ),
        RuleAction::Queue { name } => {
            let account = module.account;
            let suffix = if account.partition == "aws-cn" { ".cn" } else { "" };
            let url = format!(
                "https://sqs.{}.amazonaws.com{suffix}/{}/{name}",
                module.stack.region, account.number
            );
            (
                "sqs",
                json!({ "role_arn": role, "queue_url": escaped(&url), "use_base64": false }),
            )
        }
        RuleAction::Function { arn } => ("lambda", json!({ "function_arn": escaped(arn) })),
        RuleAction::TimeSeries { database, table } => (
            "timestream",
            json!({ "role_arn": role, "database_name": escaped(database), "table_name": escaped(table) }),
        ),
    }
}
