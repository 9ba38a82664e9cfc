//! Condition keys: the type of each, and whether it arrives as a list.
//!
//! Sources, read 2026-11-21: IAM user guide, "AWS global condition context keys"; the service authorization reference of each
//! service; AWS IoT Core developer guide, "AWS IoT Core policy variables"; AWS KMS developer guide, "Condition keys".

use super::variables::Engine;

/// What values a key has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Text.
    Text,
    /// Text that is a resource's name.
    Arn,
    /// True or false.
    Flag,
    /// A whole number.
    Number,
    /// A point in time.
    Date,
    /// An address.
    Address,
    /// A list: outside the fragment that is decided.
    List,
}

/// The sort of a key; `None` if no table knows it.
pub(crate) fn sort(engine: Engine, key: &str) -> Option<Sort> {
    let folded = key.to_ascii_lowercase();
    let exact = match engine {
        Engine::Iam => EXACT,
        Engine::Iot => IOT_EXACT,
    };
    if let Ok(at) = exact.binary_search_by(|(name, _)| (*name).cmp(folded.as_str())) {
        return exact.get(at).map(|(_, sort)| *sort);
    }
    let open = match engine {
        Engine::Iam => OPEN,
        Engine::Iot => IOT_OPEN,
    };
    let by_head = open.iter().find_map(|(head, sort)| {
        let rest = folded.strip_prefix(head)?;
        (!rest.is_empty()).then_some(*sort)
    });
    by_head.or_else(|| (engine == Engine::Iam).then(|| federated(&folded)).flatten())
}

/// Keys of an OIDC provider: `HOST/PATH:CLAIM`.
fn federated(folded: &str) -> Option<Sort> {
    let (issuer, claim) = folded.rsplit_once(':')?;
    let is_host = issuer.contains('.')
        && issuer
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/'));
    if is_host && OF_ISSUERS.contains(&(issuer.split('/').next().unwrap_or_default(), claim)) {
        return Some(Sort::Text);
    }
    match claim {
        "sub" | "aud" | "azp" | "oaud" | "email" | "iss" if is_host => Some(Sort::Text),
        "amr" if is_host => Some(Sort::List),
        _ => None,
    }
}

/// Claims that the token service reads of some issuers besides those of each, by the issuer's host.
///
/// Source: IAM user guide, "Available keys for AWS OIDC federation", read 2026-11-30.
const OF_ISSUERS: &[(&str, &str)] = &[
    ("oidc.circleci.com", "oidc.circleci.com/project-id"),
    ("token.actions.githubusercontent.com", "actor"),
    ("token.actions.githubusercontent.com", "actor_id"),
    ("token.actions.githubusercontent.com", "enterprise_id"),
    ("token.actions.githubusercontent.com", "environment"),
    ("token.actions.githubusercontent.com", "job_workflow_ref"),
    ("token.actions.githubusercontent.com", "ref"),
    ("token.actions.githubusercontent.com", "repository"),
    ("token.actions.githubusercontent.com", "repository_id"),
    ("token.actions.githubusercontent.com", "repository_owner_id"),
    ("token.actions.githubusercontent.com", "workflow"),
];

/// Sorted by name, lower case.
const EXACT: &[(&str, Sort)] = &[
    ("aws:calledvia", Sort::List),
    ("aws:calledviafirst", Sort::Text),
    ("aws:calledvialast", Sort::Text),
    ("aws:currenttime", Sort::Date),
    ("aws:ec2instancesourceprivateipv4", Sort::Address),
    ("aws:ec2instancesourcevpc", Sort::Text),
    ("aws:federatedprovider", Sort::Text),
    ("aws:multifactorauthage", Sort::Number),
    ("aws:multifactorauthpresent", Sort::Flag),
    ("aws:principalaccount", Sort::Text),
    ("aws:principalarn", Sort::Arn),
    ("aws:principalisawsservice", Sort::Flag),
    ("aws:principalorgid", Sort::Text),
    ("aws:principalorgpaths", Sort::List),
    ("aws:principalservicename", Sort::Text),
    ("aws:principalservicenameslist", Sort::List),
    ("aws:principaltype", Sort::Text),
    ("aws:requestedregion", Sort::Text),
    ("aws:resourceaccount", Sort::Text),
    ("aws:resourceorgid", Sort::Text),
    ("aws:resourceorgpaths", Sort::List),
    ("aws:securetransport", Sort::Flag),
    ("aws:sourceaccount", Sort::Text),
    ("aws:sourcearn", Sort::Arn),
    ("aws:sourceidentity", Sort::Text),
    ("aws:sourceip", Sort::Address),
    ("aws:sourceorgid", Sort::Text),
    ("aws:sourceorgpaths", Sort::List),
    ("aws:sourcevpc", Sort::Text),
    ("aws:sourcevpce", Sort::Text),
    ("aws:tagkeys", Sort::List),
    ("aws:tokenissuetime", Sort::Date),
    ("aws:userid", Sort::Text),
    ("aws:username", Sort::Text),
    ("aws:viaawsservice", Sort::Flag),
    ("aws:vpceaccount", Sort::Text),
    ("aws:vpceorgid", Sort::Text),
    ("aws:vpceorgpaths", Sort::List),
    ("aws:vpcsourceip", Sort::Address),
    ("credentials-iot:awscertificateid", Sort::Text),
    ("credentials-iot:thingname", Sort::Text),
    ("credentials-iot:thingtypename", Sort::Text),
    ("dynamodb:attributes", Sort::List),
    ("dynamodb:enclosingoperation", Sort::Text),
    ("dynamodb:leadingkeys", Sort::List),
    ("dynamodb:returnvalues", Sort::Text),
    ("dynamodb:select", Sort::Text),
    ("iam:associatedresourcearn", Sort::Arn),
    ("iam:passedtoservice", Sort::Text),
    ("iam:permissionsboundary", Sort::Arn),
    ("iam:policyarn", Sort::Arn),
    ("iot:thinggrouparn", Sort::List),
    ("kms:calleraccount", Sort::Text),
    ("kms:encryptionalgorithm", Sort::Text),
    ("kms:encryptioncontextkeys", Sort::List),
    ("kms:grantconstrainttype", Sort::Text),
    ("kms:granteeprincipal", Sort::Text),
    ("kms:grantisforawsresource", Sort::Flag),
    ("kms:grantoperations", Sort::List),
    ("kms:keyorigin", Sort::Text),
    ("kms:keyspec", Sort::Text),
    ("kms:keyusage", Sort::Text),
    ("kms:messagetype", Sort::Text),
    ("kms:multiregion", Sort::Flag),
    ("kms:requestalias", Sort::Text),
    ("kms:resourcealiases", Sort::List),
    ("kms:retiringprincipal", Sort::Text),
    ("kms:signingalgorithm", Sort::Text),
    ("kms:viaservice", Sort::Text),
    ("lambda:functionarn", Sort::Arn),
    ("lambda:functionurlauthtype", Sort::Text),
    ("lambda:principal", Sort::Text),
    ("lambda:sourcefunctionarn", Sort::Arn),
    ("logs:loggeneratingresourcearns", Sort::List),
    ("s3:accessgrantsinstancearn", Sort::Arn),
    ("s3:authtype", Sort::Text),
    ("s3:dataaccesspointaccount", Sort::Text),
    ("s3:dataaccesspointarn", Sort::Arn),
    ("s3:delimiter", Sort::Text),
    ("s3:locationconstraint", Sort::Text),
    ("s3:max-keys", Sort::Number),
    ("s3:object-lock-mode", Sort::Text),
    ("s3:object-lock-remaining-retention-days", Sort::Number),
    ("s3:prefix", Sort::Text),
    ("s3:resourceaccount", Sort::Text),
    ("s3:signatureage", Sort::Number),
    ("s3:signatureversion", Sort::Text),
    ("s3:versionid", Sort::Text),
    ("s3:x-amz-acl", Sort::Text),
    ("s3:x-amz-content-sha256", Sort::Text),
    ("s3:x-amz-copy-source", Sort::Text),
    ("s3:x-amz-metadata-directive", Sort::Text),
    ("s3:x-amz-server-side-encryption", Sort::Text),
    ("s3:x-amz-server-side-encryption-aws-kms-key-id", Sort::Arn),
    ("s3:x-amz-storage-class", Sort::Text),
    ("saml:aud", Sort::Text),
    ("saml:doc", Sort::Text),
    ("saml:iss", Sort::Text),
    ("saml:namequalifier", Sort::Text),
    ("saml:sub", Sort::Text),
    ("saml:sub_type", Sort::Text),
    ("secretsmanager:blockpublicpolicy", Sort::Flag),
    ("secretsmanager:name", Sort::Text),
    ("secretsmanager:secretid", Sort::Arn),
    ("secretsmanager:versionid", Sort::Text),
    ("secretsmanager:versionstage", Sort::Text),
    ("sns:endpoint", Sort::Text),
    ("sns:protocol", Sort::Text),
    ("ssm:documentcategories", Sort::List),
    ("ssm:overwrite", Sort::Text),
    ("ssm:recursive", Sort::Text),
    ("ssm:sessiondocumentaccesscheck", Sort::Flag),
    ("ssm:sourceinstancearn", Sort::Arn),
    ("sts:amr", Sort::List),
    ("sts:awsservicename", Sort::Text),
    ("sts:durationseconds", Sort::Number),
    ("sts:externalid", Sort::Text),
    ("sts:rolesessionname", Sort::Text),
    ("sts:sourceidentity", Sort::Text),
    ("sts:transitivetagkeys", Sort::List),
];

/// Keys that end in a name: of a tag, of an encryption context.
const OPEN: &[(&str, Sort)] = &[
    ("aws:principaltag/", Sort::Text),
    ("aws:requesttag/", Sort::Text),
    ("aws:resourcetag/", Sort::Text),
    ("ec2:resourcetag/", Sort::Text),
    ("iam:resourcetag/", Sort::Text),
    ("kms:encryptioncontext:", Sort::Text),
    ("s3:existingobjecttag/", Sort::Text),
    ("s3:requestobjecttag/", Sort::Text),
    ("secretsmanager:resourcetag/", Sort::Text),
    ("ssm:resourcetag/", Sort::Text),
];

/// Sorted by name, lower case.
const IOT_EXACT: &[(&str, Sort)] = &[
    ("aws:sourceip", Sort::Address),
    ("aws:sourcevpc", Sort::Text),
    ("aws:sourcevpce", Sort::Text),
    ("aws:vpcsourceip", Sort::Address),
    ("iot:certificate.availablekeys", Sort::List),
    ("iot:certificate.serialnumber", Sort::Text),
    ("iot:certificate.subject.commonname", Sort::Text),
    ("iot:certificate.subject.organization", Sort::Text),
    ("iot:certificate.subject.organizationalunit", Sort::Text),
    ("iot:certificateid", Sort::Text),
    ("iot:clientid", Sort::Text),
    ("iot:connectattributes", Sort::List),
    ("iot:connection.thing.isattached", Sort::Flag),
    ("iot:connection.thing.thingname", Sort::Text),
    ("iot:connection.thing.thingtypename", Sort::Text),
];

const IOT_OPEN: &[(&str, Sort)] = &[("iot:connection.thing.attributes[", Sort::Text)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted() {
        assert!(EXACT.is_sorted_by(|a, b| a.0 < b.0));
        assert!(IOT_EXACT.is_sorted_by(|a, b| a.0 < b.0));
        assert!(
            EXACT
                .iter()
                .chain(OPEN)
                .chain(IOT_EXACT)
                .chain(IOT_OPEN)
                .all(|(name, _)| *name == name.to_ascii_lowercase())
        );
    }

    #[test]
    fn a_key_is_known_whatever_its_case() {
        assert_eq!(sort(Engine::Iam, "AWS:sourceIP"), Some(Sort::Address));
        assert_eq!(sort(Engine::Iam, "aws:PrincipalTag/line"), Some(Sort::Text));
        assert_eq!(sort(Engine::Iam, "aws:PrincipalTag/"), None);
        assert_eq!(
            sort(Engine::Iam, "token.actions.githubusercontent.com:sub"),
            Some(Sort::Text)
        );
        assert_eq!(sort(Engine::Iam, "nonsense:sub"), None);
        assert_eq!(sort(Engine::Iot, "aws:SecureTransport"), None);
    }
}
