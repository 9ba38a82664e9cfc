//! What blocks beside a thing's own set on it: a rule of a bucket, its versions, a lock.

use std::collections::{BTreeMap, BTreeSet};

use checks::Checked;
use graph::setting::Object;
use model::thing::{Thing, ThingId};
use read::facts::Facts;
use read::facts::object::{Object as Emitted, Setting};

use crate::setting::setting_of;
use crate::witness::{Refusal, Sort};

/// What blocks beside a bucket's own set on it is declared of it: another thing's block may name the bucket too.
pub(crate) fn prove(
    checked: &Checked<'_>,
    facts: &Facts,
    emitted: &BTreeMap<&str, Vec<&Emitted>>,
    refusals: &mut Vec<Refusal>,
) {
    let (model, graph) = (checked.model(), checked.graph());
    let declared: BTreeSet<(ThingId, Setting)> = graph
        .settings
        .iter()
        .filter_map(|setting| match setting.object {
            Object::Thing(thing) => Some((thing, setting_of(setting.property))),
            Object::Identity(_) | Object::Network(_) => None,
        })
        .collect();
    for (id, address) in &graph.addresses.objects {
        let Some(thing) = model.things.get(*id).filter(|thing| thing.existing.is_none()) else {
            continue;
        };
        // Its own kind may make the block: then no other may.
        let own = |resource_type: &str| {
            let kind = model.kinds.get(thing.kind);
            let means = kind.into_iter().flat_map(|kind| &kind.means);
            let mut means = means.filter(|means| model.names.text(means.resource_type) == resource_type);
            means.any(|means| {
                means
                    .condition
                    .is_none_or(|condition| is_said(checked, thing, condition.property) == condition.said)
            })
        };
        for object in emitted.get(address.as_str()).into_iter().flatten() {
            let is_set_beside = |setting: Setting, found: &str| {
                object.sort == "bucket"
                    && match setting {
                        Setting::RetainSeconds => {
                            found != "no end" && !own("aws_s3_bucket_lifecycle_configuration")
                        }
                        Setting::LockSeconds => !own("aws_s3_bucket_object_lock_configuration"),
                        Setting::Versioned => found != "false" && !own("aws_s3_bucket_versioning"),
                        _ => false,
                    }
            };
            let foreign = object.settings.iter();
            let foreign = foreign.filter(|(setting, found)| is_set_beside(*setting, found));
            for (setting, found) in foreign.filter(|(setting, _)| !declared.contains(&(*id, *setting))) {
                let message =
                    format!("`{address}` has {found} for {setting:?}, which nothing declares of it");
                refusals.push(
                    Refusal::new(Sort::Setting, facts.target, message)
                        .declared(Some(thing.span))
                        .at(&object.place),
                );
            }
        }
    }
}

/// Whether a property is said, or has a default.
fn is_said(checked: &Checked<'_>, thing: &Thing, property: arena::Name) -> bool {
    let kind = checked.model().kinds.get(thing.kind);
    let mut known = kind.into_iter().flat_map(|kind| &kind.words.properties);
    thing.properties.iter().any(|own| own.name == property)
        || known.any(|known| known.name == property && known.default.is_some())
}
