//! Statements that a resource's service stores and never looks at: they say something, and it does not happen.

use catalogue::honoured::{self, Sort};

use crate::facts::document::{Effect, PrincipalName, Principals, Statement};
use crate::facts::object::Unread;
use crate::sink::Sink;

/// Notes each allowing statement of a resource's own policy that its service passes over.
pub(crate) fn check(service: &str, statements: &[Statement], sink: &mut Sink) {
    for statement in statements.iter().filter(|one| one.effect == Effect::Allow) {
        let named = match &statement.principals {
            None => continue,
            Some(Principals::Anyone) => vec![Sort::Anyone],
            Some(Principals::These(names)) => names.iter().map(sort).collect(),
        };
        let actions: Vec<String> = statement.actions.iter().map(ToString::to_string).collect();
        let passed = named.iter().find_map(|sort| {
            let mut actions = actions.iter();
            actions.find_map(|action| honoured::passes_over(service, *sort, action))
        });
        if let Some(why) = passed {
            sink.unread.push(Unread {
                place: statement.place.clone(),
                what: format!("a statement that `{service}` passes over: {why}"),
            });
        }
    }
}

fn sort(name: &PrincipalName) -> Sort {
    match name {
        PrincipalName::Role(_) | PrincipalName::Account(_) => Sort::Account,
        PrincipalName::Service(_) => Sort::Service,
        PrincipalName::Federated(_) => Sort::Federated,
    }
}
