//! Every decision that the provider needs: documents packed under quotas, groups, routes, templates.
//!
//! `aws` chooses, `targets` print. A decision that the provider could refuse (a name, a charset) is refused here.

pub mod deployment;
