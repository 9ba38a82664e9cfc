//! An actor runs with its role: the runtime, the federation or the service becomes it.
//!
//! | actor | who becomes it | by | when |
//! |---|---|---|---|
//! | workload on `lambda` | `lambda.amazonaws.com` | `sts:AssumeRole` | always |
//! | on `ecs` | `ecs-tasks.amazonaws.com` | `sts:AssumeRole` | for a task of this account and region |
//! | on `ec2` | `ec2.amazonaws.com` | `sts:AssumeRole` | always |
//! | on `eks` | `pods.eks.amazonaws.com` | `sts:AssumeRole`, `sts:TagSession` | for the cluster, namespace and service account of its claims, in this account |
//! | on `iot-ota` | `iot.amazonaws.com` | `sts:AssumeRole` | for something of this account and region |
//! | on `ci` | its provider | `sts:AssumeRoleWithWebIdentity` | the audience and every `claim` are exactly as declared |
//! | a kind that acts | its service principal | `sts:AssumeRole` | for this account and this very thing |
//! | people | their provider | `sts:AssumeRoleWithSAML`, and `sts:TagSession` if they have attributes | the answer is for the cloud |
//! | external | the role or account that it names | `sts:AssumeRole` | its external id is given |
//!
//! A service that sends its source is held to it, so that nobody else's tasks, rules or jobs become the role. Lambda and EC2
//! send none; who hands them a role is of the role's account, since `iam:PassRole` does not cross accounts. EKS tells by tags
//! whose pod asks; the source that it sends is not documented.
//!
//! Who becomes a role that exists is not ours to say: that is an assumption.
//!
//! A workload that says no `runs-on` has a role that nothing becomes. What runs on premises has none. A workload and a
//! thing that acts have their role always, since whoever deploys them names it; people and externals have one as soon
//! as they hold an access: people in their account, an external in each account that holds what it reaches.

use diagnostics::Diagnostic;
use model::actor::{External, People, RunsOn, Workload};
use model::project::{Account, AccountId};
use model::thing::{Detail, Thing, ThingId};
use pattern::key::Key;
use pattern::pattern::Pattern;
use pattern::region::Region;
use pattern::values::Values;
use pattern::word::Word;
use pattern::words::Words;

use super::principals;
use crate::access::{Principal, RegionId};
use crate::build::Build;
use crate::fault::{FEDERATION_WITHOUT_SUBJECT, NO_IDENTITY};
use crate::reason::{ReasonId, Rule};

impl<'m> Build<'m> {
    /// Lets each actor become its role, and each device connect.
    pub(crate) fn entail_identities(&mut self) {
        let model = self.model;
        for (id, thing) in model.things.iter() {
            match &thing.detail {
                Detail::Workload(workload) => {
                    self.workload_role(id, thing, workload);
                }
                Detail::Resource => {
                    self.acting_role(id, thing);
                }
                Detail::Class(_) | Detail::People(_) | Detail::External(_) => {}
            }
        }
        for ((id, account), reason) in std::mem::take(&mut self.holders) {
            let (Some(thing), Some(held)) = (self.thing(id), model.accounts.get(account)) else {
                continue;
            };
            let role = self.role(thing, held);
            let arn = role.arn.clone();
            self.graph.addresses.roles.insert((id, account), role);
            let because = self.entailed(reason, Rule::Become);
            match &thing.detail {
                Detail::People(people) => {
                    self.people_role(id, thing, people, (account, held), &arn, because);
                }
                Detail::External(external) => {
                    self.external_role(id, external, &arn, because);
                }
                Detail::Workload(_) | Detail::Class(_) | Detail::Resource => {}
            }
        }
        self.entail_sessions();
        self.entail_clients();
    }

    fn workload_role(&mut self, id: ThingId, thing: &'m Thing, workload: &'m Workload) -> Option<()> {
        let (account_id, account) = self.account_of(thing)?;
        let arn = self.graph.addresses.roles.get(&(id, account_id))?.arn.clone();
        let of = self.declared(id, thing.span)?;
        let because = self.entailed(of, Rule::Become);
        // Who becomes a role that exists stands in a document that we do not write.
        let runs_on = workload.runs_on.filter(|_| thing.existing.is_none())?;
        let (actions, when): (&[&str], RegionId) = match runs_on {
            RunsOn::Lambda | RunsOn::Ec2 => (&["sts:AssumeRole"], self.everything),
            RunsOn::Eks => (
                &["sts:AssumeRole", "sts:TagSession"],
                self.claims_of_pod(workload, account)?,
            ),
            RunsOn::Ecs => (&["sts:AssumeRole"], self.for_anything_of(account, "ecs")?),
            RunsOn::IotOta => (&["sts:AssumeRole"], self.for_anything_of(account, "iot")?),
            RunsOn::Ci => {
                return self.job_role(id, thing, workload, (account_id, account), &arn, because);
            }
            RunsOn::Onprem | RunsOn::Device(_) => return None,
        };
        for service in principals::of(runs_on, self.text(account.partition)) {
            let service = self.graph.words.intern(service);
            for action in actions {
                self.becoming(Principal::Service(service), action, id, &arn, when, because);
            }
        }
        Some(())
    }

    /// The service principal, for whatever of its service lies in an account and its region.
    ///
    /// Source: <https://docs.aws.amazon.com/iot/latest/developerguide/cross-service-confused-deputy-prevention.html>,
    /// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html>
    fn for_anything_of(&mut self, account: &Account, service: &str) -> Option<RegionId> {
        let [partition, region, number] =
            [account.partition, account.region, account.number].map(|name| self.text(name));
        let source = Pattern::glob(&format!("arn:{partition}:{service}:{region}:{number}:*"))?;
        self.for_source(account, &source)
    }

    /// The service principal, for one account and one source.
    fn for_source(&mut self, account: &Account, source: &Pattern) -> Option<RegionId> {
        let number = Word::text(self.text(account.number))?;
        let of_account = Region::only(Key::new("aws:SourceAccount"), Values::text(Words::just(&number)));
        let of_source = Region::only(Key::new("aws:SourceArn"), Values::text(Words::of(source)?));
        Some(self.graph.regions.intern(of_account.and(&of_source)))
    }

    fn acting_role(&mut self, id: ThingId, thing: &'m Thing) -> Option<()> {
        let service = self.acts(thing)?;
        let (account_id, account) = self.account_of(thing)?;
        let arn = self.graph.addresses.roles.get(&(id, account_id))?.arn.clone();
        let source = self.graph.addresses.things.get(&id)?.clone();
        let when = self.for_source(account, &source)?;
        let of = self.declared(id, thing.span)?;
        let because = self.entailed(of, Rule::Become);
        let service = self.word(service);
        self.becoming(
            Principal::Service(service),
            "sts:AssumeRole",
            id,
            &arn,
            when,
            because,
        );
        Some(())
    }

    fn job_role(
        &mut self,
        id: ThingId,
        thing: &'m Thing,
        workload: &'m Workload,
        (account_id, account): (AccountId, &Account),
        arn: &str,
        because: ReasonId,
    ) -> Option<()> {
        let provider = workload
            .from
            .and_then(|from| Some((from, self.model.providers.get(from)?)));
        let Some((from, oidc)) = provider.and_then(|(from, provider)| Some((from, provider.oidc?))) else {
            self.report.push(
                Diagnostic::new(
                    &NO_IDENTITY,
                    thing.span,
                    format!(
                        "`{}` runs on `ci`, and no provider says who its jobs are",
                        self.text(thing.name)
                    ),
                )
                .help("say `from=` a provider with `oidc issuer=…`, and the job's `claim sub`"),
            );
            return None;
        };
        if workload.claims.is_empty() {
            self.impossible("a job without claims");
            return None;
        }
        if !workload
            .claims
            .iter()
            .any(|(claim, _, _)| self.text(*claim) == "sub")
        {
            self.without_subject(
                thing,
                "every job of everybody at this provider would be it",
                "add `claim sub \"…\"` with the exact subject of the job",
            );
            return None;
        }
        let host = issuer_host(self.text(oidc.issuer));
        let audience = Word::text(self.text(oidc.audience))?;
        let region = Region::only(
            Key::new(&format!("{host}:aud")),
            Values::text(Words::just(&audience)),
        );
        let claims = self.claims_of_job(workload, account, host)?;
        let when = self.graph.regions.intern(region.and(&claims));
        self.becoming(
            Principal::Federation(from, self.home_of(account_id)),
            "sts:AssumeRoleWithWebIdentity",
            id,
            arn,
            when,
            because,
        );
        Some(())
    }

    fn people_role(
        &mut self,
        id: ThingId,
        thing: &'m Thing,
        people: &People,
        (account_id, account): (AccountId, &Account),
        arn: &str,
        because: ReasonId,
    ) -> Option<()> {
        let from = people.from?;
        if self.model.providers.get(from)?.saml.is_none() {
            self.without_subject(
                thing,
                "a token of `oidc` does not say which role its bearer may take",
                "give the provider `saml metadata=…`",
            );
            return None;
        }
        let audience = match self.text(account.partition) {
            "aws-cn" => "https://signin.amazonaws.cn/saml",
            "aws-us-gov" => "https://signin.amazonaws-us-gov.com/saml",
            _ => "https://signin.aws.amazon.com/saml",
        };
        let when = self.only("SAML:aud", Values::text(Words::just(&Word::text(audience)?)));
        let federation = Principal::Federation(from, self.home_of(account_id));
        self.becoming(federation, "sts:AssumeRoleWithSAML", id, arn, when, because);
        if !people.attributes.is_empty() {
            self.becoming(federation, "sts:TagSession", id, arn, when, because);
        }
        Some(())
    }

    fn external_role(
        &mut self,
        id: ThingId,
        external: &External,
        arn: &str,
        because: ReasonId,
    ) -> Option<()> {
        let Some((external_id, _)) = external.external_id else {
            self.impossible("an external has a role here and no external id");
            return None;
        };
        let word = Word::text(self.text(external_id))?;
        let when = self.only("sts:ExternalId", Values::text(Words::just(&word)));
        self.becoming(Principal::External(id), "sts:AssumeRole", id, arn, when, because);
        Some(())
    }

    fn without_subject(&mut self, thing: &Thing, why: &str, help: &str) {
        let message = format!(
            "nothing says which of the provider's subjects is `{}`",
            self.text(thing.name)
        );
        self.report.push(
            Diagnostic::new(&FEDERATION_WITHOUT_SUBJECT, thing.span, message)
                .note(why)
                .help(help),
        );
    }
}

/// An issuer as condition keys name it: without the scheme.
fn issuer_host(issuer: &str) -> &str {
    issuer
        .strip_prefix("https://")
        .unwrap_or(issuer)
        .trim_end_matches('/')
}
