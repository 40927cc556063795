"""Write records into the files of deliveries, in the order in which they come, with little of it in memory."""

import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from lakehouse.simulate.fhir.config import Simulation
from lakehouse.simulate.fhir.output import File
from lakehouse.simulate.fhir.records import Record, Resource
from lakehouse.simulate.fhir.resources.elements import ABSOLUTE

TIDY = timedelta(days=40)
"""After the last day, until the last delivery: by then every correction is made."""
BUNDLE_TYPES = ("transaction", "collection", "batch", "searchset")
"""One after the other, a delivery each; deletions always come in a transaction."""
DELETIONS = "deletions"
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Deliveries:
    """The files of every delivery: `<directory>/<folder>/<folder>-<number>-<date>.ndjson` or `.json`."""

    def __init__(self, directory: Path, simulation: Simulation) -> None:
        self._directory = directory
        self._simulation = simulation
        self._start = datetime.combine(simulation.start, time(tzinfo=UTC))
        end = datetime.combine(simulation.last_day, time(tzinfo=UTC)) + TIDY
        self._step = (end - self._start) / simulation.deliveries
        self._files: dict[tuple[int, str, str, str], File] = {}

    @property
    def files(self) -> list[str]:
        """Every file, relative to the directory, in the order of the names."""
        return sorted(file.name for file in self._files.values())

    def index(self, record: Record) -> int:
        """Which delivery brings the record, from 0."""
        natural = max(0, -((self._start - record.updated) // self._step) - 1)
        return min(natural + record.deliveries_late, self._simulation.deliveries - 1)

    def add(self, record: Record) -> None:
        """Put a record into its file."""
        index = self.index(record)
        if record.resource is None:
            self._add_deletion(index, record)
        else:
            self.add_resource(index, record.resource_type, record.resource)

    def add_resource(self, index: int, resource_type: str, resource: Resource) -> tuple[str, int]:
        """Put a resource into a delivery; the file's name and which piece of it this is, from 1."""
        if self._simulation.file_format == "ndjson":
            return self.add_line(index, resource_type, _encode(resource))
        bundle_type = BUNDLE_TYPES[index % len(BUNDLE_TYPES)]
        entry: Resource = {"fullUrl": f"{ABSOLUTE}{resource_type}/{resource.get('id')}", "resource": resource}
        if bundle_type in {"transaction", "batch"}:
            entry["request"] = {"method": "PUT", "url": f"{resource_type}/{resource.get('id')}"}
        return self._add_entry(index, "", bundle_type, _encode(entry))

    def add_line(self, index: int, resource_type: str, line: str) -> tuple[str, int]:
        """Put a line into the NDJSON file of a type, as it is."""
        file = self._file(index, resource_type.lower(), "", "ndjson")
        file.pieces += 1
        file.write(f"{line}\n")
        return file.name, file.pieces

    def add_file(self, index: int, folder: str, mark: str, content: str) -> tuple[str, int]:
        """Add a whole file, as it is."""
        file = self._file(index, folder, mark, "json")
        file.write(content)
        return file.name, file.pieces

    def close(self) -> None:
        """Finish every file."""
        for (_, folder, mark, _), file in self._files.items():
            if folder == "bundle" and mark in {"", DELETIONS}:
                file.write("\n]}\n")
            file.close()

    def _add_deletion(self, index: int, record: Record) -> None:
        url = f"{record.resource_type}/{record.resource_id}"
        entry = {"fullUrl": f"{ABSOLUTE}{url}", "request": {"method": "DELETE", "url": url}}
        self._add_entry(index, DELETIONS, "transaction", _encode(entry))

    def _add_entry(self, index: int, mark: str, bundle_type: str, entry: str) -> tuple[str, int]:
        file = self._file(index, "bundle", mark, "json")
        file.pieces += 1
        if file.pieces == 1:
            file.write(self.bundle_head(index, bundle_type))
        file.write(f"\n{entry}" if file.pieces == 1 else f",\n{entry}")
        return file.name, file.pieces

    def bundle_head(self, index: int, bundle_type: str) -> str:
        """How a bundle of a delivery begins."""
        at = self._time(index).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return f'{{"resourceType":"Bundle","type":"{bundle_type}","timestamp":"{at}","entry":['

    def _time(self, index: int) -> datetime:
        return self._start + self._step * (index + 1)

    def _file(self, index: int, folder: str, mark: str, suffix: str) -> File:
        key = index, folder, mark, suffix
        if key not in self._files:
            words = [
                folder,
                f"{index + 1:03d}",
                self._time(index).date().isoformat(),
                *([mark] if mark else []),
            ]
            is_gzip = self._simulation.is_gzip
            name = f"{'-'.join(words)}.{suffix}{'.gz' if is_gzip else ''}"
            self._files[key] = File(self._directory, f"{folder}/{name}", is_gzip=is_gzip)
        return self._files[key]
