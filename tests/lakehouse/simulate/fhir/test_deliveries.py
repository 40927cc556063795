import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lakehouse.cli.main import app
from lakehouse.simulate.fhir.faults import Faults
from tests.lakehouse.simulate.fhir.population import deliver, resources, texts

RESOURCES = [
    "condition",
    "coverage",
    "encounter",
    "location",
    "observation",
    "organization",
    "patient",
    "procedure",
]


def test_every_resource_type_has_a_folder_and_deletions_are_bundles(tmp_path: Path) -> None:
    truth = deliver(tmp_path, patients=200)

    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["bundle", *RESOURCES])
    assert sorted(texts(tmp_path)) == truth["files"]
    for name in truth["files"]:
        assert Path(name).name.startswith(f"{Path(name).parent}-")


def test_bundles_hold_what_ndjson_holds(tmp_path: Path) -> None:
    lines = deliver(tmp_path / "ndjson", patients=100)
    bundles = deliver(tmp_path / "bundle", patients=100, file_format="bundle")

    assert [path.name for path in (tmp_path / "bundle").iterdir()] == ["bundle"]
    assert records(tmp_path / "ndjson") == records(tmp_path / "bundle")
    assert lines["resources"] == bundles["resources"]
    types = {json.loads(text)["type"] for text in texts(tmp_path / "bundle").values()}
    assert types == {"transaction", "collection", "batch", "searchset"}


def test_compressed_files_hold_the_same(tmp_path: Path) -> None:
    deliver(tmp_path / "plain")
    deliver(tmp_path / "gzip", is_gzip=True)

    compressed = {name.removesuffix(".gz"): text for name, text in texts(tmp_path / "gzip").items()}
    assert compressed == texts(tmp_path / "plain")


def test_more_people_leave_the_first_as_they_are(tmp_path: Path) -> None:
    deliver(tmp_path / "few", patients=40)
    deliver(tmp_path / "many", patients=80)

    assert records(tmp_path / "few") <= records(tmp_path / "many")


def test_versions_come_late_twice_and_after_their_deletion(tmp_path: Path) -> None:
    truth = deliver(tmp_path, patients=400, deliveries=30, vital_signs=0)
    kinds = truth["resources"].values()

    assert sum(one["versions"] - one["resources"] for one in kinds) > 100
    assert sum(one["records"] - one["deletions"] - one["versions"] for one in kinds) > 30
    assert sum(one["deletions"] for one in kinds) > 5
    delivered: dict[tuple[str, str], list[tuple[int, str, str]]] = {}
    for name, text in texts(tmp_path).items():
        for number, line in enumerate(text.splitlines() if name.endswith(".ndjson") else ()):
            one = json.loads(line)
            order = int(Path(name).name.split("-")[1]) * 10**6 + number
            if "meta" in one:
                delivered.setdefault((one["resourceType"], one["id"]), []).append(
                    (order, one["meta"]["lastUpdated"], one["meta"]["versionId"])
                )
    overtaken = sum(
        later[1] < earlier[1]
        for versions in delivered.values()
        for earlier, later in zip(sorted(versions), sorted(versions)[1:], strict=False)
    )
    assert overtaken > 10
    numbers = {number for versions in delivered.values() for *_, number in versions}
    assert numbers == {"1", "2", "9", "10"}


def test_a_canary_is_in_every_free_text_and_identifier(tmp_path: Path) -> None:
    deliver(tmp_path, canary="CANARY-4711")

    for resource in resources(tmp_path):
        for path, value in leaves(resource):
            free = path[-1] in {
                "display",
                "div",
                "text",
                "family",
                "given",
                "line",
                "city",
                "postalCode",
                "description",
            }
            identified = path[-1] == "value" and path[-2] in {"identifier", "telecom"}
            assert ("CANARY-4711" in str(value)) == (free or identified), path


def leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    """Every value with the names on the way to it."""
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() for leaf in leaves(inner, (*path, name))]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner, path)]
    return [(path, value)]


def records(directory: Path) -> Counter[str]:
    """Every record that is no deletion, as text."""
    return Counter(json.dumps(one, sort_keys=True) for one in resources(directory))


@pytest.mark.parametrize(
    "text", ["nonsense=1", "invalid_json=2", "invalid_json=x", "invalid_json=nan", "invalid_json"]
)
def test_a_fault_that_is_none_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=text.partition("=")[0]):
        Faults.parse([text])


def test_the_command_writes_files_and_ledger(tmp_path: Path) -> None:
    ledger = tmp_path / "truth.json"
    options = ["--patients", "5", "--months", "2", "--deliveries", "2", "--gzip", "--ledger", str(ledger)]

    result = CliRunner().invoke(app, ["simulate", "fhir", "--out", str(tmp_path / "data"), *options])

    assert result.exit_code == 0, result.output
    truth = json.loads(ledger.read_text())
    assert truth["end_of_data"] == "2024-02-29"
    assert sorted(texts(tmp_path / "data")) == truth["files"]
    assert all(name.endswith(".gz") for name in truth["files"])


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["simulate", "fhir", "--out", str(tmp_path), "--fault", "nonsense=1"])

    assert result.exit_code == 2
    assert "nonsense" in result.output
