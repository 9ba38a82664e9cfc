//! Declarations that say too little, or that nothing uses.

pub(crate) mod unencrypted_store;
pub(crate) mod unmade;
pub(crate) mod unused_addresses;
pub(crate) mod unused_name;
pub(crate) mod unused_team;
pub(crate) mod without_owner;
pub(crate) mod without_trust;
