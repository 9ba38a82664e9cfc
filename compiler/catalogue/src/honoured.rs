//! Which parts of a resource's own policy have an effect, by service. Some services store a policy and never look at parts of it:
//! such a part lets nobody in.
//!
//! A service without an entry here honours whatever IAM's own engine does.

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

/// Why a service passes over what a resource's policy allows; `None` if it counts.
///
/// - `action` is one action, in whatever case.
#[must_use]
pub fn passes_over(service: &str, sort: Sort, action: &str) -> Option<&'static str> {
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
    fn a_log_group_lets_in_services_only() {
        assert!(passes_over("logs", Sort::Account, "logs:PutLogEvents").is_some());
        assert_eq!(passes_over("logs", Sort::Service, "logs:putlogevents"), None);
        assert!(passes_over("logs", Sort::Service, "logs:GetLogEvents").is_some());
        assert!(passes_over("kinesis", Sort::Account, "kinesis:SubscribeToShard").is_some());
        assert_eq!(passes_over("s3", Sort::Anyone, "s3:GetObject"), None);
    }
}
