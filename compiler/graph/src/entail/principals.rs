//! Which service principals become a workload's role.
//!
//! A service's principal is `SERVICE.amazonaws.com` in every partition: with the domain of China most are refused when the role
//! is made. EC2 is the exception: in China both are asked for, by different calls.
//!
//! Source: `@aws-cdk/region-info` 2.269.0 (the names by partition), <https://github.com/aws/aws-cdk/issues/2198> (what China refuses),
//! <https://github.com/terraform-aws-modules/terraform-aws-eks/issues/1904> and
//! <https://github.com/hashicorp/terraform-provider-aws/pull/47141> (EC2 in China), read 2026-11-30.

use model::actor::RunsOn;

/// The principals that start code of this sort, in a partition; none for what no service starts.
pub(crate) fn of(runs_on: RunsOn, partition: &str) -> &'static [&'static str] {
    match (runs_on, partition) {
        (RunsOn::Lambda, _) => &["lambda.amazonaws.com"],
        (RunsOn::Ec2, "aws-cn") => &["ec2.amazonaws.com", "ec2.amazonaws.com.cn"],
        (RunsOn::Ec2, _) => &["ec2.amazonaws.com"],
        (RunsOn::Ecs, _) => &["ecs-tasks.amazonaws.com"],
        (RunsOn::Eks, _) => &["pods.eks.amazonaws.com"],
        (RunsOn::IotOta, _) => &["iot.amazonaws.com"],
        (RunsOn::Ci | RunsOn::Onprem | RunsOn::Device(_), _) => &[],
    }
}
