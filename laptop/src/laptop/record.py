"""What is known of a stack that was started: its parts and its layout, on disk between commands."""

from pathlib import Path

import psutil
from pydantic import BaseModel, ValidationError

from laptop.layout import Layout

FILE = "stack.json"


class Part(BaseModel):
    """One process that ``up`` started, leader of a session of its own.

    Attributes:
        name: Such as ``airflow-scheduler``.
        pid: Process id, which is the session's id too.
        created: Start of the process in seconds since 1970: a number that is used again is another process.
    """

    name: str
    pid: int
    created: float

    def process(self) -> psutil.Process | None:
        """The running process, None if it has ended, also if its number belongs to another one now."""
        try:
            process = psutil.Process(self.pid)
            same = abs(process.create_time() - self.created) < 1
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.Error:
            return None


class Record(BaseModel):
    """A stack as it was started."""

    layout: Layout
    parts: list[Part] = []

    def part(self, name: str) -> Part | None:
        """The running part of this name."""
        return next((part for part in self.parts if part.name == name and part.process()), None)

    def remember(self, part: Part) -> None:
        """Add a part, in place of an earlier one of its name, and save."""
        self.parts = [other for other in self.parts if other.name != part.name] + [part]
        self.save()

    def save(self) -> None:
        """Write the record; a reader sees the old or the new one."""
        path = self.layout.state_dir / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(self.model_dump_json(indent=2))
        partial.rename(path)


def load(state_dir: Path) -> Record | None:
    """The last stack that was started here and not stopped; None if there is none or it cannot be read."""
    try:
        return Record.model_validate_json((state_dir / FILE).read_text())
    except (FileNotFoundError, ValidationError):
        return None


def forget(state_dir: Path) -> None:
    """Remove the record of a stopped stack."""
    (state_dir / FILE).unlink(missing_ok=True)
