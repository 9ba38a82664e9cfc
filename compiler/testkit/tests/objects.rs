//! What an emitted object does besides its policies and its settings is compared with its declaration.

use crate::edited::{self, Edit};
use prove::witness::Sort;

const TERRAFORM: &str = bundle::target::TERRAFORM;

/// Each edit is refused so, and with these words.
fn refused(project: &str, edits: &[(Edit, Sort, &str)]) {
    edited::with(project, TERRAFORM, |specimen| {
        for (edit, sort, words) in edits {
            let refusals = edited::judged(specimen, *edit);
            let is_said = refusals
                .iter()
                .any(|refusal| refusal.sort == *sort && refusal.message.contains(words));
            assert!(is_said, "{edit:?}: {}", edited::said(&refusals));
        }
    });
}

fn edit(path: &'static str, from: &'static str, to: &'static str) -> Edit {
    Edit { path, from, to }
}

#[test]
fn a_bucket_is_made_in_the_account_and_region_of_its_declaration() {
    let file = "main/versions.tf.json";
    refused(
        "terraform/ci",
        &[
            (
                edit(file, "111122223333", "111122223334"),
                Sort::FallsShort,
                "is declared in 111122223333 eu-central-1",
            ),
            (
                edit(file, "eu-central-1", "eu-west-1"),
                Sort::FallsShort,
                "is declared in 111122223333 eu-central-1",
            ),
        ],
    );
}

#[test]
fn sessions_and_audiences_are_those_of_the_declaration() {
    let file = "main-roles/roles.tf.json";
    let audience = "\"client_id_list\": [\n          \"sts.amazonaws.com\"\n        ]";
    refused(
        "terraform/ci",
        &[
            (
                edit(file, "3600", "3601"),
                Sort::Setting,
                "last up to 3601 seconds",
            ),
            (
                edit(file, audience, "\"client_id_list\": []"),
                Sort::FallsShort,
                "lacks `audience:sts.amazonaws.com`",
            ),
            (
                edit(
                    file,
                    audience,
                    "\"client_id_list\": [\"sts.amazonaws.com\", \"elsewhere\"]",
                ),
                Sort::Exceeds,
                "has `audience:elsewhere`",
            ),
        ],
    );
}

#[test]
fn a_listener_has_its_port_its_certificate_and_its_targets() {
    let file = "shop/balancers.tf.json";
    refused(
        "terraform/balancer",
        &[
            (
                edit(file, "certificate/5f0c2d0e-0001", "certificate/5f0c2d0e-0002"),
                Sort::FallsShort,
                "certificate/5f0c2d0e-0001",
            ),
            (
                edit(
                    file,
                    "ELBSecurityPolicy-TLS13-1-2-2021-06",
                    "ELBSecurityPolicy-2016-08",
                ),
                Sort::Setting,
                "has ELBSecurityPolicy-2016-08",
            ),
            (
                edit(file, "\"target_type\": \"ip\",\n", ""),
                Sort::FallsShort,
                "lacks `targets:ip:HTTP/8080`",
            ),
            (
                edit(file, "\"port\": 8080", "\"port\": 8081"),
                Sort::Exceeds,
                "has `targets:ip:HTTP/8081`",
            ),
            (
                edit(
                    file,
                    "\"type\": \"forward\",\n          \"target_group_arn\": \"${aws_lb_target_group.front_site_http.arn}\"",
                    "\"type\": \"redirect\", \"redirect\": { \"protocol\": \"HTTPS\", \"port\": \"8443\", \"status_code\": \"HTTP_301\" }",
                ),
                Sort::Exceeds,
                "has `redirect:HTTPS/8443`",
            ),
            (
                edit(
                    file,
                    "\"internal\": false",
                    "\"internal\": false, \"access_logs\": { \"bucket\": \"elsewhere\", \"enabled\": true }",
                ),
                Sort::Exceeds,
                "has `copies-to:arn:aws:s3:::elsewhere`",
            ),
        ],
    );
}

#[test]
fn a_database_listens_and_is_set_as_declared() {
    let file = "shop/stores.tf.json";
    refused(
        "terraform/balancer",
        &[
            (
                edit(file, "\"port\": 5432", "\"port\": 5433"),
                Sort::Exceeds,
                "has `port:tcp/5433`",
            ),
            (
                edit(
                    file,
                    "\"parameter\": {\n          \"name\": \"rds.force_ssl\",\n          \"value\": \"1\"\n        }",
                    "\"parameter\": [{ \"name\": \"rds.force_ssl\", \"value\": \"1\" }, { \"name\": \"log_statement\", \"value\": \"all\" }]",
                ),
                Sort::Exceeds,
                "has `parameter:log_statement=all`",
            ),
        ],
    );
}

#[test]
fn what_contains_data_is_kept_with_it() {
    edited::with("terraform/stores", TERRAFORM, |specimen| {
        let (path, text) = specimen
            .files
            .iter()
            .find_map(|(path, (_, bytes))| {
                let text = String::from_utf8(bytes.clone()).unwrap();
                text.contains("aws_timestreamwrite_database\": {")
                    .then_some((path.clone(), text))
            })
            .unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let databases = value
            .pointer_mut("/resource/aws_timestreamwrite_database")
            .and_then(serde_json::Value::as_object_mut)
            .unwrap();
        for (_, database) in databases.iter_mut() {
            database.as_object_mut().unwrap().remove("lifecycle").unwrap();
        }
        let mut files = specimen.files.clone();
        files.get_mut(&path).unwrap().1 = serde_json::to_vec(&value).unwrap();
        let refusals = specimen.judge(&files).unwrap_err();
        let is_said = refusals.iter().any(|refusal| {
            refusal.sort == Sort::Setting && refusal.message.contains("deletion is not prevented")
        });
        assert!(is_said, "{}", edited::said(&refusals));
    });
}

#[test]
fn an_issuer_that_is_believed_is_made() {
    edited::with("terraform/ci", TERRAFORM, |specimen| {
        let mut files = specimen.files.clone();
        let (_, (_, bytes)) = files
            .iter_mut()
            .find(|(path, _)| path.ends_with("main-roles/roles.tf.json"))
            .unwrap();
        let mut value: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        let resources = value
            .get_mut("resource")
            .and_then(serde_json::Value::as_object_mut)
            .unwrap();
        resources.remove("aws_iam_openid_connect_provider").unwrap();
        let signer = resources.get_mut("aws_iam_role").unwrap().get_mut("signer");
        signer
            .unwrap()
            .as_object_mut()
            .unwrap()
            .remove("depends_on")
            .unwrap();
        *bytes = serde_json::to_vec(&value).unwrap();
        let refusals = specimen.judge(&files).unwrap_err();
        let is_said = refusals.iter().any(|refusal| {
            refusal.sort == Sort::FallsShort && refusal.message.contains("oidc-provider/token.actions")
        });
        assert!(is_said, "{}", edited::said(&refusals));
    });
}

/// A block of another kind names the bucket: a rule of it, a second say on its versions.
#[test]
fn what_another_thing_sets_on_a_bucket_is_declared_of_it() {
    let spec = |block: &str, facts: &str| {
        format!(
            "project docs edition=\"2026\" {{ account main id=\"111122223333\" region=eu-central-1 {{ steward \"role/ops/deploy\" }} }}\n\
             team docs\nowner docs\nuse \"std/baseline/zero-trust\"\nkey k\n\
             bucket b {{ physical \"exb-b\"; encrypted key=k{facts} }}\n\
             workload v runs-on=lambda\ntrust v -> b {{ allow read; because \"t\" }}\n\
             kind other service=sqs {{ arn \"arn:{{partition}}:sqs:{{region}}:{{account}}:{{physical}}\"; reach service=sqs tcp=443; \
             property encrypted type=reference kind=key; capability go effect=write {{ action sqs:SendMessage on=\"{{arn}}\" }}; \
             terraform aws_sqs_queue {{ name \"{{physical}}\"; kms_master_key_id \"{{encrypted.aws_kms_key.arn}}\" if=encrypted }}; {block} }}\n\
             other o {{ encrypted key=k }}\n"
        )
    };
    let rule = |what: &str| {
        format!(
            "terraform aws_s3_bucket_lifecycle_configuration {{ bucket exb-b; rule {{ id x; {what}; filter {{ prefix \"\" }} }} }}"
        )
    };
    let gone = rule("status Enabled; expiration { days 1 }");
    let off = rule("status Disabled; expiration { days 1 }");
    let versions =
        "terraform aws_s3_bucket_versioning { bucket exb-b; versioning_configuration { status Enabled } }";
    for (block, facts, code) in [
        (gone.as_str(), "", "setting-not-held"),
        (gone.as_str(), "; retain \"30d\"", "unread-output"),
        (off.as_str(), "; retain \"30d\"", "unread-output"),
        (versions, "", "setting-not-held"),
        ("", "; retain \"30d\"", ""),
    ] {
        let (tree, _) = testkit::project::of_text(&spec(block, facts));
        let outcomes = testkit::project::compile(&tree, testkit::project::Depth::Proof);
        let report = outcomes.first().unwrap().report.diagnostics();
        let errors = report
            .iter()
            .filter(|found| found.code.severity == diagnostics::Severity::Error);
        let codes: std::collections::BTreeSet<&str> = errors.map(|found| found.code.name).collect();
        let expected: std::collections::BTreeSet<&str> =
            [code].into_iter().filter(|code| !code.is_empty()).collect();
        assert_eq!(codes, expected, "{block} {facts}");
    }
}

/// The id of a key that is named by an alias is looked up: what Terraform makes under it takes it, and so do policies.
#[test]
fn an_alias_of_a_key_that_exists_leads_to_its_id() {
    let spec = "project docs edition=\"2026\" { account main id=\"111122223333\" region=eu-central-1 { steward \"role/ops/deploy\" }; targets terraform }\n\
        team docs\nowner docs\nuse \"std/baseline/zero-trust\"\nkey k { existing \"alias/shared\" }\n\
        queue q { encrypted key=k }\nworkload v runs-on=lambda\ntrust v -> q { allow send; because \"t\" }\n";
    let (tree, _) = testkit::project::of_text(spec);
    let outcomes = testkit::project::compile(&tree, testkit::project::Depth::Proof);
    let built = outcomes.first().unwrap().built.as_ref().unwrap();
    let of = |name: &str| {
        let mut files = built
            .verified
            .bundle()
            .iter()
            .filter(|(path, _)| path.ends_with(name));
        let (_, file) = files.next().unwrap();
        String::from_utf8(file.bytes.clone()).unwrap()
    };
    assert!(of("stores.tf.json").contains("${data.aws_kms_alias.k.target_key_arn}"));
    assert!(of("policies.tf.json").contains("key/${data.aws_kms_alias.k.target_key_id}"));
    assert!(of("data.tf.json").contains("\"alias/shared\""));
}
