//! Where the relation and the second opinion are known to differ on bytes that we do not emit.

use bundle::target::{AWS_IAM, DEVICE_BUNDLES, TERRAFORM};

use super::Difference;

/// What is left out. Each line goes once it is settled: one that leaves nothing out any more fails the test.
pub const OPEN: &[Open] = &[
    // The relation takes the letter for any text, which refuses more; a variable without a value matches nothing.
    ("an attribute that its bearer does not have", &[AWS_IAM], |one| {
        is_refused(one) && one.change.contains("${aws:PrincipalTag/")
    }),
    // The provider has no such request; the relation takes whatever names an address of a thing for one.
    ("an action on a resource that it is not for", &[AWS_IAM], |one| {
        let is_narrow =
            one.argument.ends_with("Statement.Action") || one.argument.ends_with("Statement.Resource");
        let of_list =
            one.what.contains("s3:ListBucket on arn:aws:s3:::") || one.claim.contains("cannot list");
        is_refused(one) && is_narrow && (of_list || one.change.contains("\"s3:ListBucket\""))
    }),
    // The documents lose the store and keep its key: by looking the key counts, to the relation it is still what the store entails.
    (
        "a limit, by the key of a store that is not reached any more",
        &[AWS_IAM],
        |one| !is_refused(one) && one.claim.starts_with("limit ") && one.argument == "Statement",
    ),
    // Who has a role in each of several accounts is one to the relation: what one role may by its own documents, it takes
    // the others for being able to do as well.
    (
        "a key's policy that names the role of another account",
        &[AWS_IAM],
        |one| is_refused(one) && one.argument == "Statement" && one.change.contains(":role/partner"),
    ),
    // By looking, only services that the spec knows are tried.
    ("a limit, by a service that nobody uses", &[AWS_IAM], |one| {
        is_refused(one) && one.claim.starts_with("limit ") && one.argument.ends_with("kms:ViaService")
    }),
    // A host admits more than it should, and one more thing counts that `internet` may open and no filter of this target sees: by
    // looking, such a trust is nobody's in particular.
    (
        "a limit, by what everybody may open beside a host",
        &[DEVICE_BUNDLES],
        |one| {
            let is_element = one.argument == "# . tcp . #" && one.change.contains("0.0.0.0/0 . tcp");
            is_refused(one) && one.claim.starts_with("limit ") && is_element && one.what.contains("web.http")
        },
    ),
    // By looking, what is reached in another account through a module is not always seen.
    (
        "a limit, by a statement of a module's role",
        &[TERRAFORM],
        |one| {
            let is_of_role = one.argument.starts_with("aws_iam_role_policy.policy.Statement");
            is_refused(one) && one.claim.starts_with("limit ") && is_of_role
        },
    ),
];

/// Whether the relation breaks what holds by looking: it refuses more than it has to.
fn is_refused(difference: &Difference) -> bool {
    difference.what.starts_with("broken, ")
}

/// What is left out: its name, the targets of whose files it is, and whether a difference is one.
pub type Open = (&'static str, &'static [&'static str], fn(&Difference) -> bool);

/// The line that leaves a difference out.
pub fn of(difference: &Difference) -> Option<&'static str> {
    let is_of = |target: &&str| difference.format.starts_with(*target);
    let mut found = OPEN
        .iter()
        .filter(|(_, targets, is)| targets.iter().any(is_of) && is(difference));
    found.next().map(|(name, ..)| *name)
}

/// The lines about files of a target.
pub fn names(target: &str) -> impl Iterator<Item = &'static str> {
    let own = OPEN
        .iter()
        .filter(move |(_, targets, _)| targets.contains(&target));
    own.map(|(name, ..)| *name)
}
