//! Rights with fewer actions.

use std::collections::BTreeSet;

use arena::Name;
use pattern::pattern::Pattern;
use pattern::word::Word;

use super::{Requests, Right};

impl Requests<'_> {
    /// A right without some actions; `None` if nothing is left of it.
    #[must_use]
    pub fn but(&self, right: &Right, gone: &BTreeSet<String>) -> Option<Right> {
        self.only(right, &|action| !gone.contains(action))
    }

    /// Of a right what receives. Filters say nothing of what else it lets through: that stays as it is.
    pub(super) fn receiving(&mut self, right: Right) -> Option<Right> {
        if right.is_wild {
            self.rights.push(right);
            return None;
        }
        let receives = self.only(&right, &|action| action == "iot:receive");
        let others = self.only(&right, &|action| action != "iot:receive");
        self.rights.extend(others);
        receives
    }

    /// A right with these of its actions. One that is a pattern stays.
    fn only(&self, right: &Right, is_kept: &dyn Fn(&str) -> bool) -> Option<Right> {
        let is_action_kept = |action: &&Pattern| {
            let word = action.word();
            let text = word.as_ref().and_then(Word::as_text);
            text.is_none_or(|text| is_kept(&text))
        };
        let actions: Vec<Pattern> = right.actions.iter().filter(is_action_kept).cloned().collect();
        let numbers = right.numbers.iter().copied();
        let numbers = numbers.filter(|number| is_kept(self.actions.text(Name::new(*number))));
        (!actions.is_empty()).then(|| Right {
            actions: actions.into(),
            numbers: numbers.collect(),
            ..right.clone()
        })
    }
}
