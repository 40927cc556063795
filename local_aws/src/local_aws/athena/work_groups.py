"""UpdateWorkGroup: which of its instructions change which part of a work group's configuration."""

from typing import Any

_RESULT_PARTS = {
    "RemoveOutputLocation": "OutputLocation",
    "RemoveEncryptionConfiguration": "EncryptionConfiguration",
    "RemoveExpectedBucketOwner": "ExpectedBucketOwner",
    "RemoveAclConfiguration": "AclConfiguration",
}
_OWN_PARTS = {
    "RemoveBytesScannedCutoffPerQuery": "BytesScannedCutoffPerQuery",
    "RemoveCustomerContentEncryptionConfiguration": "CustomerContentEncryptionConfiguration",
}


def changed_configuration(configuration: dict[str, Any], updates: dict[str, Any]) -> dict[str, Any]:
    """Configuration of a work group after ``ConfigurationUpdates``: what is not named stays."""
    results = updates.get("ResultConfigurationUpdates") or {}
    others = {name: value for name, value in updates.items() if name != "ResultConfigurationUpdates"}
    changed = _applied(configuration, others, _OWN_PARTS)
    changed["ResultConfiguration"] = _applied(
        configuration.get("ResultConfiguration") or {}, results, _RESULT_PARTS
    )
    return changed


def _applied(current: dict[str, Any], updates: dict[str, Any], removals: dict[str, str]) -> dict[str, Any]:
    removed = {removals[name] for name, value in updates.items() if name in removals and value}
    kept = {name: value for name, value in current.items() if name not in removed}
    return {**kept, **{name: value for name, value in updates.items() if name not in removals}}
