//! Which guards a target claims: one that is not claimed is neither required nor permitted in its files.

use crate::guard::Guard;

/// The layers whose guards a target writes, as its documentation says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// Roles: identity and trust.
    pub roles: bool,
    /// Policies of resources and keys.
    pub resources: bool,
    /// IoT policies.
    pub devices: bool,
    /// What topic rules select.
    pub rules: bool,
    /// Security groups.
    pub groups: bool,
    /// Networks, subnets, routes, ACLs, endpoints, interfaces.
    pub paths: bool,
    /// Host firewalls of Linux classes.
    pub hosts: bool,
}

impl Claims {
    /// What a target claims.
    #[must_use]
    pub fn of(target: &str) -> Self {
        let nothing = Self::default();
        match target {
            bundle::target::AWS_IAM => Self {
                roles: true,
                resources: true,
                ..nothing
            },
            bundle::target::TERRAFORM => Self {
                roles: true,
                resources: true,
                devices: true,
                rules: true,
                groups: true,
                paths: true,
                hosts: false,
            },
            bundle::target::SECURITY_GROUPS => Self {
                groups: true,
                ..nothing
            },
            bundle::target::DEVICE_BUNDLES => Self {
                devices: true,
                hosts: true,
                ..nothing
            },
            _ => nothing,
        }
    }

    /// Whether a guard of documents is claimed.
    #[must_use]
    pub fn has(self, guard: &Guard) -> bool {
        match guard {
            Guard::Identity(..) | Guard::Trust(..) => self.roles,
            Guard::Resource(_) => self.resources,
            Guard::Device(_) => self.devices,
            Guard::Rule(_) => self.rules,
        }
    }

    /// Whether some guard of documents is claimed.
    #[must_use]
    pub fn has_documents(self) -> bool {
        self.roles || self.resources || self.devices || self.rules
    }
}
