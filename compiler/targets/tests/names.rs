//! Names that lead to private endpoints: a change of a zone or a record is refused, for the right reason.
#![expect(
    clippy::unwrap_used,
    reason = "a test reads its cases, and stops at the first surprise"
)]

use std::collections::BTreeSet;

use crate::spec::{Spec, golden, tree};
use bundle::{Bundle, File};
use diagnostics::Report;
use prove::witness::Sort;
use serde_json::{Value, json};

const TERRAFORM: &str = bundle::target::TERRAFORM;
const FOLDER: &str = "aws/main/terraform/eu-central-1/cloud";

fn site() -> (Spec, Bundle) {
    let mut inputs = tree(&golden("network/site"));
    inputs.retain(|path, _| path.ends_with(".kdl"));
    let spec = Spec::of(&inputs);
    let bundle = spec.emit(&[TERRAFORM]).unwrap();
    (spec, bundle)
}

fn edited(bundle: &Bundle, file: &str, edit: &dyn Fn(&mut Value)) -> Bundle {
    let path = format!("{FOLDER}/{file}.tf.json");
    let file = bundle.get(&path).unwrap();
    let mut value: Value = serde_json::from_slice(&file.bytes).unwrap();
    edit(&mut value);
    let mut mutant = bundle.clone();
    let bytes = serde_json::to_vec(&value).unwrap();
    mutant.set(
        &path,
        Some(File {
            bytes,
            ..file.clone()
        }),
    );
    mutant
}

/// The sorts of refusal.
fn verdict(spec: &Spec, bundle: &Bundle) -> BTreeSet<Sort> {
    let judged = spec.with(|checked, report| {
        let sides = aws::lower(checked, report)?.sides;
        let facts = read::read(bundle, &mut Report::default());
        let judged = prove::Judged {
            targets: &[TERRAFORM],
            limits: catalogue::limits::Limits::embedded(),
            sides: &sides,
        };
        Some(prove::judge(checked, &facts, &judged))
    });
    let refusals = judged.unwrap().err().unwrap_or_default();
    refusals.into_iter().map(|refusal| refusal.sort).collect()
}

#[test]
fn a_name_leads_to_the_endpoint_of_its_service_and_nothing_else() {
    let (spec, bundle) = site();
    assert_eq!(verdict(&spec, &bundle), BTreeSet::new());
    let of = |edit: &dyn Fn(&mut Value)| verdict(&spec, &edited(&bundle, "endpoints", edit));
    let wrong = BTreeSet::from([Sort::FallsShort, Sort::Idle]);

    // No record: the zone hides the public name, and has no answer.
    let no_record = of(&|value| {
        let records = value["resource"]["aws_route53_record"].as_object_mut().unwrap();
        records.remove("iot-data").unwrap();
    });
    assert_eq!(no_record, wrong);
    let neither = of(&|value| {
        for sort in ["aws_route53_record", "aws_route53_zone"] {
            value["resource"][sort]
                .as_object_mut()
                .unwrap()
                .remove("dynamodb");
        }
    });
    assert_eq!(neither, BTreeSet::from([Sort::FallsShort]));
    let elsewhere = of(&|value| {
        let records = &mut value["resource"]["aws_route53_record"];
        records["iot-data"]["alias"] = records["dynamodb"]["alias"].clone();
    });
    assert_eq!(elsewhere, wrong);
    // A zone without a network answers everybody.
    let public = of(&|value| {
        let zone = value["resource"]["aws_route53_zone"]["dynamodb"]
            .as_object_mut()
            .unwrap();
        zone.remove("vpc");
    });
    assert_eq!(public, wrong);
    let other_name = of(&|value| {
        for sort in ["aws_route53_record", "aws_route53_zone"] {
            value["resource"][sort]["dynamodb"]["name"] = "dynamodb.eu-west-1.amazonaws.com".into();
        }
    });
    assert_eq!(other_name, wrong);
    let other_answer = of(&|value| {
        value["resource"]["aws_route53_record"]["dynamodb"]["type"] = "AAAA".into();
    });
    assert_eq!(other_answer, wrong);
    let further = of(&|value| {
        value["resource"]["aws_route53_record"]["more"] = json!({
            "name": "more.dynamodb.eu-central-1.amazonaws.com",
            "zone_id": "${aws_route53_zone.dynamodb.zone_id}",
            "type": "TXT",
            "ttl": 60,
            "records": ["x"],
        });
    });
    assert_eq!(further, BTreeSet::from([Sort::Idle]));
}

#[test]
fn the_brokers_name_is_the_one_for_devices_certificates() {
    let (spec, bundle) = site();
    let old = edited(&bundle, "data", &|value| {
        value["data"]["aws_iot_endpoint"]["iot-data"]["endpoint_type"] = "iot:Data".into();
    });
    assert_eq!(
        verdict(&spec, &old),
        BTreeSet::from([Sort::FallsShort, Sort::Idle])
    );
}

#[test]
fn an_alias_names_one_target() {
    let (spec, bundle) = site();
    let mixed = edited(&bundle, "endpoints", &|value| {
        let records = &mut value["resource"]["aws_route53_record"];
        records["iot-data"]["alias"]["zone_id"] = records["dynamodb"]["alias"]["zone_id"].clone();
    });
    assert!(verdict(&spec, &mixed).contains(&Sort::Unread));
}
