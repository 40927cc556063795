"""Write locks/contracts.json anew from the contracts; refuse changes that break users without a new major version."""

import json
import sys
from pathlib import Path

from lakehouse.address import TABLE_LAYERS
from lakehouse.contract import Contract, tables
from lakehouse.contract_changes import Snapshot, snapshot, unversioned
from lakehouse.operations.pools import domains

LOCK = Path(__file__).parents[1] / "locks" / "contracts.json"
COMMAND = "python -m scripts.contract_snapshot"


def shipped() -> list[Contract]:
    """Every contract of every domain."""
    return [c for domain in domains() for layer in TABLE_LAYERS for c in tables(domain, layer)]


def committed() -> Snapshot:
    """The snapshot as it is committed; empty before the first."""
    made: Snapshot = json.loads(LOCK.read_text(encoding="utf-8")) if LOCK.exists() else {}
    return made


def problems(before: Snapshot, after: Snapshot) -> list[str]:
    """Why the committed snapshot does not stand for the contracts; empty where it does."""
    found = unversioned(before, after)
    if not found and before != after:
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        found = [f"{', '.join(changed)} changed: run `{COMMAND}` in .venv and commit {LOCK.name}"]
    return found


def main() -> int:
    made = snapshot(shipped())
    if refused := unversioned(committed(), made):
        print("\n".join(refused), file=sys.stderr)
        return 1
    LOCK.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    print(f"{LOCK.name} holds {len(made)} contracts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
