"""The startup script, run by bash with the options that MWAA makes variables of."""

import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[4] / "config" / "startup.sh"


def variables_after(options: dict[str, str]) -> dict[str, str]:
    """The environment after MWAA sourced the script."""
    done = subprocess.run(
        ["bash", "-c", f"set -eu; source '{SCRIPT}'; env --null"],
        check=True,
        env={"PATH": "/usr/bin:/bin", **options},
        capture_output=True,
        text=True,
    )
    return dict(entry.split("=", 1) for entry in done.stdout.split("\0") if entry)


def test_options_become_the_settings_of_the_engine() -> None:
    found = variables_after(
        {
            "AIRFLOW__ENGINE__BUCKET_NAME": "lake-prod",
            "AIRFLOW__ENGINE__REGION": "eu-central-1",
            "AIRFLOW__ENGINE__ENVIRONMENT": "prod",
            "AIRFLOW__ENGINE__BUCKETS": '{"clinical": "a b", "x": "y="}',
            "AIRFLOW__ENGINE__STORAGE__BUCKET": "vault=",
            "AIRFLOW__LAKEHOUSE__WAIT_MINUTES": "60",
        }
    )
    made = {name: value for name, value in found.items() if name.startswith(("ECOM_", "LAKEHOUSE_"))}
    assert made == {
        "ECOM_S3_BUCKET_NAME": "lake-prod",
        "ECOM_AWS_REGION": "eu-central-1",
        "LAKEHOUSE_ENVIRONMENT": "prod",
        "LAKEHOUSE_BUCKETS": '{"clinical": "a b", "x": "y="}',
        "LAKEHOUSE_STORAGE__BUCKET": "vault=",
    }


def test_without_options_nothing_is_set() -> None:
    found = variables_after({})
    assert [name for name in found if name.startswith(("ECOM_", "LAKEHOUSE_"))] == []
