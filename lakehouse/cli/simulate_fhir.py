"""`lakehouse simulate fhir`: hospitals and their patients, told in FHIR R4."""

import json
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lakehouse.cli.failure import CommandError
from lakehouse.simulate.fhir.config import Simulation
from lakehouse.simulate.fhir.faults import Faults
from lakehouse.simulate.fhir.generate import generate


class Format(StrEnum):
    ndjson = "ndjson"
    bundle = "bundle"


def fhir_command(
    out: Annotated[Path, typer.Option(help="Folder to write into; its files are not removed first.")],
    patients: Annotated[int, typer.Option(min=1)] = 1000,
    hospitals: Annotated[int, typer.Option(min=1)] = 5,
    months: Annotated[int, typer.Option(min=1)] = 12,
    seed: Annotated[int, typer.Option(help="The same seed gives the same data.")] = 1,
    start: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="First day of admissions.")
    ] = datetime(2024, 1, 1),  # noqa: DTZ001
    deliveries: Annotated[int, typer.Option(min=1, help="How many times files come.")] = 30,
    vital_signs: Annotated[
        float, typer.Option(min=0, help="Per patient-day; 10 for a hundred resources a patient.")
    ] = 1.0,
    file_format: Annotated[
        Format, typer.Option("--format", help="A file a resource type, or a bundle.")
    ] = Format.ndjson,
    gzip: Annotated[bool, typer.Option("--gzip", help="Compress the files.")] = False,
    canary: Annotated[str, typer.Option(help="Text to plant in every free text and identifier.")] = "",
    fault: Annotated[list[str] | None, typer.Option(help="Such as invalid_json=0.001, xml_file=0.1.")] = None,
    ledger: Annotated[
        Path | None, typer.Option(help="Write the truth there: measures, counts, faults.")
    ] = None,
) -> None:
    """Write hospitals' patients, admissions, deaths, results and corrections.

    Example: `lakehouse simulate fhir --out Data --patients 1000 --seed 1 --ledger truth.json`
    """
    try:
        simulation = Simulation(
            seed=seed,
            patients=patients,
            hospitals=hospitals,
            start=start.date(),
            months=months,
            deliveries=deliveries,
            vital_signs=vital_signs,
            file_format=file_format.value,
            is_gzip=gzip,
            canary=canary,
            faults=Faults.parse(fault or ()),
        )
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    try:
        truth = generate(simulation, out)
        if ledger:
            ledger.write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CommandError(
            f"cannot write {error.filename or out}: {reason}; choose another --out or --ledger"
        ) from error
    records = sum(count["records"] for count in truth["resources"].values())
    Console().print(f"{len(truth['files'])} files with {records:,} records in {out}")
