//! Who is of another account or partition than what a trust lets it reach, where the provider would never let it in.

use diagnostics::Diagnostic;
use model::thing::{Detail, Thing};

use super::Build;
use super::trust::Subject;
use crate::fault::ACROSS_ACCOUNTS;

impl<'m> Build<'m> {
    /// Refuses a subject that the object could never answer. Whether it did.
    pub(super) fn refuse_across(&mut self, subject: &Subject<'m>, object: &'m Thing) -> bool {
        self.refuse_partition(subject, object) || self.refuse_key_of_service(subject, object)
    }

    /// A partition knows no principal of another.
    ///
    /// Source: AWS whitepaper "AWS Fault Isolation Boundaries", "Partitions", read 2026-11-30.
    fn refuse_partition(&mut self, subject: &Subject<'m>, object: &'m Thing) -> bool {
        let Some((_, there)) = self.account_of(object) else {
            return false;
        };
        let own = match &subject.thing.detail {
            Detail::External(external) => external
                .role
                .and_then(|(role, _)| self.text(role).split(':').nth(1)),
            Detail::Workload(_) | Detail::People(_) | Detail::Class(_) | Detail::Resource => {
                let home = self.account_of(subject.thing);
                home.map(|(_, account)| self.text(account.partition))
            }
        };
        let there = self.text(there.partition);
        let Some(own) = own.filter(|own| *own != there) else {
            return false;
        };
        let [name, of] = [subject.thing.name, object.name].map(|name| self.text(name));
        let message = format!("`{name}` is of the partition `{own}`, and `{of}` of `{there}`");
        self.report.push(
            Diagnostic::new(&ACROSS_ACCOUNTS, subject.span, message)
                .label(object.span, "the object")
                .note("no role of one partition is known in another: the trust could never be used")
                .help("give the subject an identity in the object's partition"),
        );
        true
    }

    /// What we make of a service that has no encryption without a key, and says no key, is under the service's own. Its policy names its
    /// own account, and nobody can change it.
    ///
    /// Source: Amazon Kinesis Data Streams developer guide, "Permissions to use user-generated KMS keys", read 2026-11-30; AWS Secrets
    /// Manager user guide, "Access secrets from a different account", read 2026-12-01.
    fn refuse_key_of_service(&mut self, subject: &Subject<'m>, object: &'m Thing) -> bool {
        let is_alone = self
            .service(object)
            .is_some_and(|service| matches!(self.text(service), "kinesis" | "secretsmanager"));
        let mut said = object.properties.iter().map(|property| self.text(property.name));
        let is_own = is_alone && object.existing.is_none() && !said.any(|name| name == "encrypted");
        if !is_own || !self.is_across(subject.thing, object) {
            return false;
        }
        let [name, of] = [subject.thing.name, object.name].map(|name| self.text(name));
        let message = format!("`{name}` reaches `{of}` from another account");
        self.report.push(
            Diagnostic::new(&ACROSS_ACCOUNTS, subject.span, message)
                .label(object.span, "the object")
                .note(format!(
                    "without `encrypted`, `{of}` is under the service's own key, which serves its own account only"
                ))
                .help(format!("say a key of yours: `{of} {{ encrypted key=NAME }}`")),
        );
        true
    }
}
