//! The bytes of one project prove another project's meaning exactly if both mean the same.
//!
//! Each `golden/mutation/crossing/NAME.kdl` is a project and, behind a line `// ---- LETTER`, what one variant adds to it. Variants of one
//! letter mean the same; others differ in one trust. A first line `// targets …` names the targets whose bytes tell them apart.
#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

use testkit::golden;
use testkit::mutate::specimen::{self, Texts};

struct Case {
    name: String,
    targets: Vec<&'static str>,
    /// Letter and text.
    variants: Vec<(String, String)>,
}

fn cases() -> Vec<Case> {
    let folder = golden::root().join("golden/mutation/crossing");
    let files = golden::tree(&folder);
    assert!(!files.is_empty());
    files
        .into_iter()
        .map(|(name, bytes)| {
            let text = String::from_utf8(bytes).unwrap();
            let named = text
                .lines()
                .next()
                .and_then(|line| line.strip_prefix("// targets "));
            let named: Vec<&str> = named.unwrap_or("aws-iam").split(' ').collect();
            let targets: Vec<&'static str> =
                targets::names().filter(|target| named.contains(target)).collect();
            assert_eq!(targets.len(), named.len(), "{name}: {named:?}");
            let mut parts = text.split("// ---- ");
            let base = parts.next().unwrap().to_owned();
            let variants = parts
                .map(|part| {
                    let (letter, rest) = part.split_once('\n').unwrap();
                    (letter.trim().to_owned(), format!("{base}{rest}"))
                })
                .collect();
            Case {
                name,
                targets,
                variants,
            }
        })
        .collect()
}

fn texts(text: &str) -> Texts {
    Texts::from([("leastwise.kdl".to_owned(), text.as_bytes().to_vec())])
}

#[test]
fn bytes_prove_their_own_meaning_and_no_other() {
    let mut wrong = Vec::new();
    let mut pairs = 0;
    for case in cases() {
        for target in case.targets.iter().copied() {
            let files: Vec<_> = case
                .variants
                .iter()
                .map(|(letter, text)| {
                    specimen::with(letter, &texts(text), None, target, |specimen| {
                        specimen.files.clone()
                    })
                    .unwrap_or_else(|why| panic!("{} {letter}: {why}", case.name))
                })
                .collect();
            for (i, (letter, text)) in case.variants.iter().enumerate() {
                let judged = specimen::with(letter, &texts(text), None, target, |specimen| {
                    files
                        .iter()
                        .map(|files| specimen.judge(files).err())
                        .collect::<Vec<_>>()
                });
                for (j, refused) in judged.unwrap().into_iter().enumerate() {
                    pairs += 1;
                    let same = *letter == case.variants[j].0;
                    if refused.is_none() != same {
                        let why = refused
                            .iter()
                            .flatten()
                            .next()
                            .map_or("proved", |refusal| refusal.message.as_str());
                        wrong.push(format!(
                            "{} {target}: meaning of variant {i} ({letter}), bytes of {j} ({}): {why}",
                            case.name, case.variants[j].0
                        ));
                    }
                }
            }
        }
    }
    println!("{pairs} pairs");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
