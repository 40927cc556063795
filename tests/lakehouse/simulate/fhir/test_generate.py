from pathlib import Path

import pytest
from fhir.resources.R4B import get_fhir_model_class

from tests.lakehouse.simulate.fhir.population import deliver, resources, texts


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second, other = (deliver(tmp_path / str(n), seed=seed) for n, seed in enumerate((3, 3, 4)))

    assert first == second
    assert texts(tmp_path / "0") == texts(tmp_path / "1")
    assert texts(tmp_path / "0") != texts(tmp_path / "2")
    assert other != first


@pytest.mark.parametrize("file_format", ["ndjson", "bundle"])
def test_every_resource_is_valid_r4(tmp_path: Path, file_format: str) -> None:
    ledger = deliver(tmp_path, file_format=file_format, canary="canary-7")

    count = 0
    for resource in resources(tmp_path):
        get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        count += 1

    delivered = ledger["resources"].values()
    assert count == sum(one["records"] - one["deletions"] for one in delivered)
