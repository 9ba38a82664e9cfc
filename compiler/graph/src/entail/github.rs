//! Values that GitHub gives to the claims of a job. A value that it never gives is a role that nobody can take.
//!
//! Source: GitHub Docs, "OpenID Connect reference": claims of the token, examples of the subject, and its templates, in which
//! every part is `KEY:VALUE` but for `pull_request`. Read 2026-11-30.

/// What GitHub gives instead, if it never gives this value.
pub(super) fn instead(claim: &str, value: &str) -> Option<&'static str> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_so = match claim {
        "sub" => is_subject(value),
        "repository" => is_repository(value),
        "ref" => ["refs/heads/", "refs/tags/", "refs/pull/"]
            .iter()
            .any(|begin| value.starts_with(begin)),
        "job_workflow_ref" => value.contains("/.github/workflows/") && value.contains('@'),
        "actor_id" | "enterprise_id" | "repository_id" | "repository_owner_id" => is_number(value),
        _ => true,
    };
    let instead = match claim {
        "sub" => {
            "`repo:OWNER/NAME:ref:refs/heads/BRANCH`, `repo:OWNER/NAME:environment:NAME` or `repo:OWNER/NAME:pull_request`"
        }
        "repository" => "`OWNER/NAME`",
        "ref" => "`refs/heads/BRANCH` or `refs/tags/TAG`",
        "job_workflow_ref" => "`OWNER/NAME/.github/workflows/FILE@refs/heads/BRANCH`",
        _ => "a number",
    };
    (!is_so).then_some(instead)
}

/// `OWNER/NAME`
fn is_repository(text: &str) -> bool {
    let is_name = |part: &str| !part.is_empty() && !part.contains(['/', ':']);
    text.split_once('/')
        .is_some_and(|(owner, name)| is_name(owner) && is_name(name))
}

/// A subject: `repo:OWNER/NAME` and what follows, or another template of the repository's owner.
fn is_subject(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("repo:") else {
        return text.contains(':');
    };
    let (repository, context) = rest.split_once(':').unwrap_or((rest, "pull_request"));
    let is_context = match context.split_once(':') {
        Some(("ref", reference)) => ["refs/heads/", "refs/tags/", "refs/pull/"]
            .iter()
            .any(|begin| reference.starts_with(begin)),
        Some((key, value)) => !key.is_empty() && !value.is_empty(),
        None => context == "pull_request",
    };
    is_repository(repository) && is_context
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_github_gives_is_taken() {
        for (claim, value) in [
            ("sub", "repo:nordwind/shop:ref:refs/heads/main"),
            ("sub", "repo:nordwind/shop:environment:prod"),
            ("sub", "repo:nordwind/shop:pull_request"),
            ("sub", "repo:nordwind/shop"),
            ("sub", "repo:nordwind-1/shop-2:ref:refs/tags/v1"),
            (
                "sub",
                "repo:nordwind/shop:job_workflow_ref:nordwind/ci/.github/workflows/a.yml@refs/heads/main",
            ),
            ("sub", "repository_owner:nordwind"),
            ("repository_id", "74"),
            ("ref", "refs/heads/main"),
            ("environment", "prod"),
            (
                "job_workflow_ref",
                "nordwind/ci/.github/workflows/a.yml@refs/heads/main",
            ),
        ] {
            assert_eq!(instead(claim, value), None, "{claim} {value}");
        }
    }

    #[test]
    fn what_it_never_gives_is_not() {
        for (claim, value) in [
            ("sub", "repo:nordwind/shop:main"),
            ("sub", "repo:nordwind/shop:ref:main"),
            ("sub", "repo:nordwind/shop:environment:"),
            ("sub", "repo:nordwind:ref:refs/heads/main"),
            ("sub", "repo:nordwind/shop/main"),
            ("sub", "nordwind/shop"),
            ("repository_id", "shop"),
            ("repository", "shop"),
            ("ref", "main"),
            ("job_workflow_ref", "a.yml"),
        ] {
            assert!(instead(claim, value).is_some(), "{claim} {value}");
        }
    }
}
