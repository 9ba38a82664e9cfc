//! Which parts of a resource's own policy have an effect, by service. Some services store a policy and never look at parts of it:
//! such a part lets nobody in.
//!
//! A service whose resources have policies and that has no entry of its own honours whatever IAM's own engine does.

/// Whom a statement speaks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A role, a user or an account.
    Account,
    /// A service of the provider.
    Service,
    /// A federation.
    Federated,
    /// Everybody.
    Anyone,
}

/// Which actions count.
#[derive(Clone, Copy, Debug)]
enum Actions {
    These(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}

/// What the policies of one service's resources say with effect.
#[derive(Debug)]
struct Honoured {
    service: &'static str,
    sorts: &'static [Sort],
    actions: Actions,
}

/// Sources, read 2026-11-30:
/// - logs: <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutResourcePolicy.html>
/// - kinesis: <https://docs.aws.amazon.com/streams/latest/dev/controlling-access.html>; `DescribeStream` for a function of another
///   account: <https://docs.aws.amazon.com/streams/latest/dev/resource-based-policy-examples.html>. What is done to a consumer is
///   granted by a policy of the consumer, which has an address of its own.
/// - dynamodb: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/rbac-iam-actions.html>
/// - sqs: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-limitations-of-custom-policies.html>
const ALL: &[Honoured] = &[
    Honoured {
        service: "logs",
        sorts: &[Sort::Service],
        actions: Actions::These(&["logs:PutLogEvents", "logs:CreateLogStream"]),
    },
    Honoured {
        service: "kinesis",
        sorts: &[Sort::Account],
        actions: Actions::These(&[
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
            "kinesis:PutRecord",
            "kinesis:PutRecords",
        ]),
    },
    Honoured {
        service: "dynamodb",
        sorts: &[Sort::Account],
        actions: Actions::These(&[
            "dynamodb:BatchGetItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:DeleteTable",
            "dynamodb:DescribeStream",
            "dynamodb:DescribeTable",
            "dynamodb:GetItem",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListTagsOfResource",
            "dynamodb:PutItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:TagResource",
            "dynamodb:UntagResource",
            "dynamodb:UpdateItem",
            "dynamodb:UpdateTable",
        ]),
    },
    Honoured {
        service: "sqs",
        sorts: &[Sort::Account, Sort::Service, Sort::Anyone],
        actions: Actions::AllBut(&[
            "sqs:AddPermission",
            "sqs:CancelMessageMoveTask",
            "sqs:CreateQueue",
            "sqs:DeleteQueue",
            "sqs:ListMessageMoveTasks",
            "sqs:ListQueueTags",
            "sqs:ListQueues",
            "sqs:RemovePermission",
            "sqs:SetQueueAttributes",
            "sqs:StartMessageMoveTask",
            "sqs:TagQueue",
            "sqs:UntagQueue",
        ]),
    },
];

/// The catalogue's services whose resources have a policy of their own.
///
/// Source: the actions by which such a policy is written, in the catalogue; and
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html>, read 2026-12-01. The policy of an
/// API is written by `apigateway`, that of a role by `iam`.
const HAVE_POLICIES: &[&str] = &[
    "dynamodb",
    "ecr",
    "events",
    "execute-api",
    "kinesis",
    "kms",
    "lambda",
    "logs",
    "s3",
    "secretsmanager",
    "sns",
    "sqs",
    "sts",
    "xray",
];

/// Services that let another account in only by way of a share, which nothing here makes.
///
/// Source: <https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-shared-parameters.html>, read 2026-12-01.
const SHARED_ONLY: &[&str] = &["ec2", "ssm"];

/// Why a service passes over what a resource's policy allows; `None` if it counts.
///
/// - `action` is one action, in whatever case.
#[must_use]
pub fn passes_over(service: &str, sort: Sort, action: &str) -> Option<&'static str> {
    // Whatever kind says so, it is the trust policy of a role.
    if action.starts_with("sts:Assume") {
        return None;
    }
    if SHARED_ONLY.contains(&service) {
        return Some("its policies are those of a share, which is another tool's");
    }
    if HAVE_POLICIES.binary_search(&service).is_err() {
        return Some("its resources have no policy of their own");
    }
    let honoured = ALL.iter().find(|honoured| honoured.service == service)?;
    let is_listed = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(action));
    let is_action = match honoured.actions {
        Actions::These(list) => is_listed(list),
        Actions::AllBut(list) => !is_listed(list),
    };
    if !honoured.sorts.contains(&sort) {
        return Some(match sort {
            Sort::Account => "its policies let in services of the provider, never a role or an account",
            Sort::Service | Sort::Federated | Sort::Anyone => {
                "its policies let in roles and accounts by name, never this sort of principal"
            }
        });
    }
    (!is_action).then_some("its policies do not share this action")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalogue;

    #[test]
    fn what_is_listed_is_known() {
        for honoured in ALL {
            let (Actions::These(list) | Actions::AllBut(list)) = honoured.actions;
            for action in list {
                assert!(Catalogue::embedded().action(action).is_some(), "{action}");
                assert!(action.starts_with(&format!("{}:", honoured.service)), "{action}");
            }
        }
    }

    #[test]
    fn who_has_policies_is_in_order_and_known() {
        assert!(HAVE_POLICIES.is_sorted());
        let catalogue = Catalogue::embedded();
        for service in HAVE_POLICIES {
            assert!(catalogue.service(service).is_some(), "{service}");
        }
        for service in catalogue.services() {
            let mut actions = catalogue.actions(service);
            let writes = actions.any(|action| action.name().ends_with(":PutResourcePolicy"));
            let is_listed = HAVE_POLICIES.contains(&service.prefix) || SHARED_ONLY.contains(&service.prefix);
            assert!(!writes || is_listed, "{} writes policies", service.prefix);
        }
    }

    #[test]
    fn what_has_no_policy_lets_nobody_in() {
        for service in ["ecs", "timestream", "ssm"] {
            assert!(passes_over(service, Sort::Account, "ecs:DescribeClusters").is_some());
        }
        assert_eq!(passes_over("sts", Sort::Account, "sts:AssumeRole"), None);
    }

    #[test]
    fn a_log_group_lets_in_services_only() {
        assert!(passes_over("logs", Sort::Account, "logs:PutLogEvents").is_some());
        assert_eq!(passes_over("logs", Sort::Service, "logs:putlogevents"), None);
        assert!(passes_over("logs", Sort::Service, "logs:GetLogEvents").is_some());
        assert!(passes_over("kinesis", Sort::Account, "kinesis:SubscribeToShard").is_some());
        assert_eq!(passes_over("s3", Sort::Anyone, "s3:GetObject"), None);
    }
}
