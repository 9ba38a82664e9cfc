//! The policy of a key stood in a block of its own before: a state that still holds it has to let it go, and nothing else is let go.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

use prove::witness::Sort;
use serde_json::{Value, json};
use testkit::label::Files;

use crate::edited;

const PROJECT: &str = "terraform/renamed";

/// The files with another list of what is let go; none, if nothing is listed.
fn with(files: &Files, list: Option<Value>) -> Files {
    let mut files = files.clone();
    let path = files
        .keys()
        .find(|path| path.ends_with("/removed.tf.json"))
        .unwrap()
        .clone();
    match list {
        Some(list) => {
            let value = json!({ "removed": list });
            files.get_mut(&path).unwrap().1 = serde_json::to_vec_pretty(&value).unwrap();
        }
        None => drop(files.remove(&path)),
    }
    files
}

fn kept(from: &str) -> Value {
    json!({ "from": from, "lifecycle": { "destroy": false } })
}

#[test]
fn the_old_block_of_a_key_is_let_go_by_each_of_its_names() {
    edited::with(PROJECT, bundle::target::TERRAFORM, |specimen| {
        let path = specimen
            .files
            .keys()
            .find(|path| path.ends_with("/removed.tf.json"))
            .unwrap();
        let written: Value = serde_json::from_slice(&specimen.files[path].1).unwrap();
        let own: Vec<Value> = written["removed"].as_array().unwrap().clone();
        assert!(own.len() > 1, "a key of this project was renamed: {own:?}");
        let judged = |list: Option<Value>| {
            specimen
                .judge(&with(&specimen.files, list))
                .err()
                .unwrap_or_default()
        };

        let mut turned = own.clone();
        turned.reverse();
        assert!(judged(Some(turned.into())).is_empty());

        let others = |last: Value| {
            let mut list = own.clone();
            *list.last_mut().unwrap() = last;
            Some(Value::from(list))
        };
        let from = own.last().unwrap()["from"].as_str().unwrap();
        let more = [own.clone(), vec![kept("aws_kms_key_policy.stranger")]].concat();
        let key = [own.clone(), vec![kept(&from.replace("_policy", ""))]].concat();
        let wrong = [
            (None, "no `removed` lets go of"),
            (Some(own[1..].to_vec().into()), "no `removed` lets go of"),
            (Some(more.into()), "no policy of a key of this module"),
            (Some(key.into()), "no policy of a key of this module"),
            (others(json!({ "from": from })), "does not stay as it is"),
            (
                others(json!({ "from": from, "lifecycle": {} })),
                "does not stay as it is",
            ),
            (
                others(json!({ "from": from, "lifecycle": { "destroy": true } })),
                "does not stay as it is",
            ),
            (
                others(json!({ "from": from, "lifecycle": { "destroy": false }, "provisioner": {} })),
                "unknown argument",
            ),
        ];
        for (list, words) in wrong {
            let refusals = judged(list);
            let is_said = refusals
                .iter()
                .any(|refusal| refusal.sort == Sort::Unread && refusal.message.contains(words));
            assert!(is_said, "{words}: {}", edited::said(&refusals));
        }
    });
}
