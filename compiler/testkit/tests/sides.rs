//! On which side an access is granted is said by lowering and checked by the proof: every other answer is refused.

use std::collections::BTreeMap;

use graph::access::Sides;
use relation::formula::{Formula, Met};
use testkit::golden;
use testkit::mutate::specimen;

/// Projects with two accounts, keys, federation, devices and topic rules among them.
const PROJECTS: [&str; 2] = ["examples/web-shop", "examples/minimal"];

fn other(sides: Sides) -> impl Iterator<Item = Sides> {
    let all = [false, true]
        .into_iter()
        .flat_map(|caller| [false, true].map(|reached| Sides { caller, reached }));
    all.filter(move |one| *one != sides)
}

#[test]
fn every_other_side_is_refused() {
    let mut asked: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for project in PROJECTS {
        let texts = specimen::load(&golden::root().join(project));
        let environment = specimen::environments(&texts).remove(0);
        let target = bundle::target::TERRAFORM;
        specimen::with(project, &texts, environment.as_deref(), target, |specimen| {
            specimen.judge(&specimen.files).unwrap();
            let (model, graph) = (specimen.checked.model(), specimen.checked.graph());
            for (position, access) in graph.accesses.iter().enumerate() {
                let formula = Formula::of_access(model, graph, access);
                for wrong in other(specimen.sides[position]) {
                    let mut sides = specimen.sides.clone();
                    sides[position] = wrong;
                    let verdict = specimen.judge_with(&specimen.files, &sides);
                    let what = match formula.met(wrong) {
                        Met::Exactly => "by the guards",
                        Met::Not => "not granted",
                        Met::Twice => "granted twice",
                    };
                    assert!(
                        verdict.is_err(),
                        "{project}: {} is taken with {wrong:?}",
                        graph.words.text(access.action)
                    );
                    *asked.entry((project, what)).or_default() += 1;
                }
            }
        })
        .unwrap();
    }
    println!("{asked:#?}");
    for what in ["by the guards", "not granted", "granted twice"] {
        assert!(asked.keys().any(|(_, found)| *found == what), "none was {what}");
    }
}
