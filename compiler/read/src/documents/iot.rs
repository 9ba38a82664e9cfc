//! Actions that the engine of AWS IoT Core knows. The catalogue of IAM is no judge of them.
//!
//! Source: AWS IoT Core developer guide, "AWS IoT Core policy actions" and "action resources"; AWS IoT Greengrass V2 developer guide,
//! "Device authentication and authorization"; read 2026-11-21.

/// Lower case, sorted.
const ACTIONS: &[&str] = &[
    "greengrass:discover",
    "greengrass:getcomponentversionartifact",
    "greengrass:getconnectivityinfo",
    "greengrass:getdeploymentconfiguration",
    "greengrass:listthinggroupsforcoredevice",
    "greengrass:putcertificateauthorities",
    "greengrass:resolvecomponentcandidates",
    "greengrass:updateconnectivityinfo",
    "greengrass:verifyclientdeviceidentity",
    "greengrass:verifyclientdeviceiotcertificateassociation",
    "iot:assumerolewithcertificate",
    "iot:connect",
    "iot:deletethingshadow",
    "iot:describejobexecution",
    "iot:getpendingjobexecutions",
    "iot:getretainedmessage",
    "iot:getthingshadow",
    "iot:listnamedshadowsforthing",
    "iot:listretainedmessages",
    "iot:publish",
    "iot:receive",
    "iot:retainpublish",
    "iot:startnextpendingjobexecution",
    "iot:subscribe",
    "iot:updatejobexecution",
    "iot:updatethingshadow",
];

/// Whether the engine knows an action, or a wildcard that covers all of its own.
pub(crate) fn knows(action: &str) -> bool {
    matches!(action, "*" | "iot:*" | "greengrass:*") || ACTIONS.binary_search(&action).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        assert!(ACTIONS.is_sorted());
        assert!(knows("iot:publish") && !knows("iot:updatething") && !knows("s3:getobject"));
    }
}
