//! Least privilege, hygiene and promises: one file and one page for each check. Knows no provider.

mod context;
mod hygiene;
mod identity;
mod network;
mod promise;
mod trust;
mod waiver;

pub use context::{Check, Checked, Context, Findings, Selection, run};
pub use waiver::settle;

use diagnostics::Code;

/// Every check, in order of name.
pub static ALL: &[&Check] = &[
    &identity::any_pull_request::CHECK,
    &network::equal_addresses::CHECK,
    &trust::expired::CHECK,
    &trust::late_expiry::CHECK,
    &trust::meets_nobody::CHECK,
    &network::over_broad_ports::CHECK,
    &trust::past_until::CHECK,
    &identity::people_without_mfa::CHECK,
    &network::plaintext_listener::CHECK,
    &promise::names_nothing::CHECK,
    &network::public_ingress::CHECK,
    &network::shared_port::CHECK,
    &trust::without_because::CHECK,
    &hygiene::unencrypted_store::CHECK,
    &hygiene::unmade::CHECK,
    &promise::require::CHECK,
    &hygiene::unused_addresses::CHECK,
    &hygiene::unused_name::CHECK,
    &hygiene::unused_team::CHECK,
    &trust::void::CHECK,
    &hygiene::without_owner::CHECK,
    &network::without_reach::CHECK,
    &hygiene::without_trust::CHECK,
];

/// Every code of this crate.
pub fn codes() -> impl Iterator<Item = &'static Code> {
    ALL.iter()
        .map(|check| check.code)
        .chain(waiver::CODES.iter().copied())
}
