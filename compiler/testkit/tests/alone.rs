//! What is promised by the clock: in a process of its own, so that nothing else has its threads.
#![expect(
    clippy::disallowed_methods,
    reason = "a test looks at the clock where that is the promise"
)]

use std::time::{Duration, Instant};

use testkit::project::{self, Depth};

/// Questions about everything of a kind take time for what is granted, and not for each thing that there is.
#[test]
fn a_thousand_tests_over_a_thousand_objects_are_answered_at_once() {
    let things: String = (0..1_000)
        .map(|at| format!("bucket b{at} {{ physical \"acme-b{at}\"; encrypted key=k; retain \"30d\" }}\n"))
        .collect();
    let spec = |tests: usize| {
        let tests: String = (0..tests)
            .map(|at| {
                // One of them is wrong.
                let capability = if at == 500 { "write" } else { "delete" };
                format!("test \"{at}\" {{ as w {{ cannot {capability} kind:bucket }} }}\n")
            })
            .collect();
        let text = format!(
            "use \"std/baseline/zero-trust\"\nkey k\n{things}workload w runs-on=lambda\n\
             trust w -> b7 {{ allow write; because \"x\" }}\n{tests}"
        );
        project::of_text(&text)
    };
    let timed = |tests: usize| {
        let (files, main) = spec(tests);
        let start = Instant::now();
        let outcomes = project::compile(&files, Depth::Proof);
        (start.elapsed(), outcomes, main)
    };
    let (without, ..) = timed(0);
    let (with, outcomes, main) = timed(1_000);
    let [outcome] = outcomes.as_slice() else {
        panic!("one environment")
    };
    let broken: Vec<String> = project::shown(outcome, main)
        .lines()
        .filter(|line| line.contains("broken-test"))
        .map(str::to_owned)
        .collect();
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].contains("test \"500\""), "{broken:?}");
    let took = with.saturating_sub(without);
    assert!(took < Duration::from_secs(2), "{took:?}");
}
