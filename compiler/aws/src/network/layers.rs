//! Layers of container images: what the runtime of a task or a pod fetches of S3 before anything of ours runs.

use graph::access::{Principal, Resource};
use model::actor::RunsOn;
use model::place::Within;
use model::thing::Detail;
use pattern::pattern::Pattern;

use super::endpoint::Passing;
use super::place::Places;
use crate::context::Context;

/// Where the provider's registry keeps layers, and how they are fetched.
///
/// Source: Amazon ECR user guide, "Amazon ECR interface VPC endpoints", minimum permissions of the S3 bucket; read 2026-11-30.
const ACTION: &str = "s3:GetObject";

fn layers(partition: &str, region: &str) -> Option<Pattern> {
    Pattern::glob(&format!(
        "arn:{partition}:s3:::prod-{region}-starport-layer-bucket/*"
    ))
}

/// Lets layers pass the endpoint of S3, where one stands and something in the network runs as a container.
pub(super) fn add(cx: &Context<'_>, places: &Places<'_>, passing: &mut Passing<'_>) {
    let Some(s3) = cx.graph.words.find("s3") else {
        return;
    };
    // That the runtime becomes the actor's role is the reason why it fetches its image.
    for access in &cx.graph.accesses {
        let (Principal::Service(_), Resource::Identity(actor)) = (access.principal, access.resource) else {
            continue;
        };
        let Some(Detail::Workload(workload)) = cx.thing(actor).map(|thing| &thing.detail) else {
            continue;
        };
        if !matches!(workload.runs_on, Some(RunsOn::Ecs | RunsOn::Eks)) {
            continue;
        }
        for home in places.homes(actor) {
            let within = cx.model.segments.get(*home).map(|segment| segment.within);
            let Some(Within::Network(id)) = within else {
                continue;
            };
            let account = cx
                .model
                .networks
                .get(id)
                .and_then(|network| cx.account(network.account));
            let (Some(account), Some(actions)) = (account, passing.get_mut(&(id, s3))) else {
                continue;
            };
            let Some(layers) = layers(cx.text(account.partition), cx.text(account.region)) else {
                continue;
            };
            actions
                .entry(ACTION)
                .or_default()
                .entry(layers)
                .or_default()
                .add(access.because);
        }
    }
}
