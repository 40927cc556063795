"""The symmetric keys of KMS as plain containers: without them, objects that name them could not be read again."""

import sys
from typing import Any

State = dict[tuple[str, str], dict[str, Any]]
SYMMETRIC = "SYMMETRIC_DEFAULT"
_UNPICKLABLE = "private_key"  # which symmetric keys have in moto and do not use


def capture() -> State:
    """Collect the keys of each account and region; nothing, if nobody has asked for KMS."""
    models = sys.modules.get("moto.kms.models")
    if models is None:
        return {}
    return {
        (account, region): {
            "keys": [_fields(key) for key in list(backend.keys.values()) if key.key_spec == SYMMETRIC],
            "tagger": backend.tagger,
        }
        for account, region, backend in list(models.kms_backends.iter_backends())
        if backend.keys
    }


def _fields(key: Any) -> dict[str, Any]:
    return {name: value for name, value in key.__dict__.items() if name != _UNPICKLABLE}


def restore(state: State) -> None:
    """Put captured keys back."""
    if not state:
        return
    from moto.kms.models import Key, kms_backends  # noqa: PLC0415 - only who has keys waits for it

    for (account, region), content in state.items():
        backend = kms_backends[account][region]
        backend.tagger = content["tagger"]
        for fields in content["keys"]:
            key = Key.__new__(Key)
            key.__dict__.update(fields, **{_UNPICKLABLE: None})
            backend.keys[key.id] = key
