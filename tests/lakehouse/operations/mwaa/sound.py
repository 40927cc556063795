"""A build with nothing wrong, small enough to break in every way."""

import zipfile
from pathlib import Path

from lakehouse.operations.artifacts.archive import write_zip
from lakehouse.operations.artifacts.manifest import Environment, Manifest, artifacts_in

WHEEL = "lakehouse-0.1.0-py3-none-any.whl"
METADATA = """Metadata-Version: 2.4
Name: lakehouse
Version: 0.1.0
Requires-Dist: boto3>=1.42
Requires-Dist: great-expectations==1.24.1; extra == 'glue'
"""
REQUIREMENTS = f"""# What MWAA installs.
--constraint "https://raw.githubusercontent.com/apache/airflow/constraints-3.2.1/constraints-3.12.txt"
/usr/local/airflow/plugins/{WHEEL}
apache-airflow-providers-amazon[aiobotocore]
"""
PINS = {"apache-airflow": "3.2.1", "apache-airflow-providers-amazon": "9.25.0", "boto3": "1.42.84"}
DAG = """from airflow.sdk import DAG
from orchestration import NAME

with DAG(NAME, schedule=None) as dag:
    pass
"""


def make(folder: Path) -> Path:
    """Write the build."""
    wheel = folder / WHEEL
    (folder / "dags").mkdir(parents=True)
    (folder / "dags" / "shop.py").write_text(DAG)
    write_zip(wheel, {"lakehouse/__init__.py": b"", "lakehouse-0.1.0.dist-info/METADATA": METADATA.encode()})
    write_zip(folder / "plugins.zip", plugins(wheel))
    (folder / "requirements.txt").write_text(REQUIREMENTS)
    (folder / "startup.sh").write_text("#!/bin/bash\nexport LAKEHOUSE_ENVIRONMENT=dev\n")
    seal(folder)
    return folder


def plugins(wheel: Path) -> dict[str, bytes]:
    return {
        "orchestration/__init__.py": b'NAME = "shop"\n',
        "include/sql/shop/registration/tables.sql": b"SELECT 1;\n",
        wheel.name: wheel.read_bytes(),
    }


def change_plugins(folder: Path, added: dict[str, bytes], without: str | None = None) -> None:
    """Write plugins.zip anew with more files, or without those below a folder."""
    with zipfile.ZipFile(folder / "plugins.zip") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    kept = {
        name: content for name, content in files.items() if without is None or not name.startswith(without)
    }
    write_zip(folder / "plugins.zip", {**kept, **added})


def seal(folder: Path, version: str = "0" * 40) -> None:
    """Write the manifest of what the folder holds now."""
    Manifest(
        version=version,
        wheel=WHEEL,
        log_store="lakehouse-log-store.jar",
        environment=Environment(name="abc.tar.gz", platform="x86_64-manylinux_2_28", lock_sha256="0" * 64),
        artifacts=tuple(artifacts_in(folder)),
    ).write(folder)
