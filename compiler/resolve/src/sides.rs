//! Who acts and what is reached: the two sides of `->`.

use diagnostics::{Diagnostic, Edit, Safety};

use crate::cx::Cx;
use crate::entries::Entries;
use crate::line::{Arg, Line};

/// The arguments on both sides of `->`.
pub(crate) fn sides<'a>(
    cx: &mut Cx<'a, '_>,
    line: &Line<'a>,
    entries: &mut Entries<'a>,
) -> Option<[Vec<Arg<'a>>; 2]> {
    let args = entries.rest();
    let arrow = args.iter().position(|arg| arg.is_word("->"));
    let Some(arrow) = arrow else {
        let message = format!(
            "`{}` lacks `->` between who acts and what is reached",
            line.word()
        );
        let near = args.iter().find(|arg| {
            matches!(
                &*arg.text,
                "=>" | ">" | "<-" | "-->" | "–>" | "—>" | "→" | "to" | "-" | "~>" | "\u{2212}>"
            )
        });
        cx.push(match near {
            Some(near) => {
                let message = format!("`{}` stands where `->` should", near.text);
                let diagnostic = Diagnostic::new(&crate::entries::MISSING_VALUE, near.span, message)
                    .help("write `->`: a hyphen and a greater-than sign");
                // `<-` may be meant the other way round, `to` and `-` may be names.
                match &*near.text {
                    "=>" | "-->" | "–>" | "—>" | "→" | "~>" | "\u{2212}>" => {
                        let edit = Edit {
                            span: near.span,
                            text: "->".to_owned(),
                        };
                        diagnostic.fix("write `->`", Safety::Safe, vec![edit])
                    }
                    _ => diagnostic,
                }
            }
            None => {
                let glued = args.iter().find_map(|arg| arg.text.split_once("->"));
                let help = match glued {
                    Some((subject, object)) if !subject.is_empty() || !object.is_empty() => {
                        format!(
                            "an arrow has a space on either side: `{} -> {}`",
                            subject.trim(),
                            object.trim()
                        )
                    }
                    _ => format!("write `{} SUBJECT -> OBJECT`", line.word()),
                };
                Diagnostic::new(&crate::entries::MISSING_VALUE, line.head(), message).help(help)
            }
        });
        return None;
    };
    let mut subjects = args;
    let objects = subjects.split_off(arrow + 1);
    subjects.pop();
    if let Some(second) = objects.iter().find(|arg| arg.is_word("->")) {
        let message = "a second `->` stands on the line";
        cx.push(
            Diagnostic::new(&crate::entries::SURPLUS_VALUE, second.span, message)
                .help("write one line for each step"),
        );
        return None;
    }
    let fact = objects.iter().skip(1).find(|arg| {
        let is_fact = ["allow", "because", "under", "only", "when"]
            .iter()
            .any(|word| arg.is_word(word));
        is_fact && !cx.scope.names.contains_key(&arg.text)
    });
    if let Some(fact) = fact {
        let message = format!("`{}` begins a fact, and facts stand in a block", fact.text);
        cx.push(
            Diagnostic::new(&crate::entries::SURPLUS_VALUE, fact.span, message)
                .help("put them into braces: `{ allow …; because \"…\" }`"),
        );
        return None;
    }
    for (side, what) in [(&subjects, "who acts"), (&objects, "what is reached")] {
        if side.is_empty() {
            let message = format!("`{}` does not say {what}", line.word());
            cx.push(
                Diagnostic::new(&crate::entries::MISSING_VALUE, line.head(), message)
                    .help(format!("write `{} SUBJECT -> OBJECT`", line.word())),
            );
            return None;
        }
    }
    Some([subjects, objects])
}
