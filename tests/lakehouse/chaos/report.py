"""What became of each kill point, kept as it is found: a run of hours that was stopped goes on where it was."""

import json
import subprocess
from pathlib import Path
from typing import Any

_CODE = ("lakehouse", "include")


class Report:
    """The stories of one seed on one state of the code; nothing is kept without a file.

    Attributes:
        stories: One for each point so far.
    """

    def __init__(self, file: Path | None, seed: int) -> None:
        self.file = file
        self.about = {"seed": seed, "code": code() if file else {}}
        self.stories: list[dict[str, Any]] = []
        if file and file.exists():
            kept = json.loads(file.read_text())
            if {name: kept.get(name) for name in self.about} == self.about:
                self.stories = kept["points"]

    def story_of(self, point: str) -> dict[str, Any] | None:
        """What was found of a point before."""
        return next((story for story in self.stories if story["point"] == point), None)

    def add(self, story: dict[str, Any]) -> None:
        """Keep what was found of a point."""
        self.stories.append(story)
        if self.file:
            self.file.write_text(json.dumps({**self.about, "points": self.stories}, indent=1))


def code() -> dict[str, str]:
    """Folder → git's hash of what is committed of it, and of what is changed there since."""
    return {folder: f"{_git('rev-parse', f'HEAD:{folder}')}{_changes(folder)}" for folder in _CODE}


def _changes(folder: str) -> str:
    changed = _git("diff", "HEAD", "--", folder)
    return "+" + _git("hash-object", "--stdin", text=changed) if changed else ""


def _git(*arguments: str, text: str = "") -> str:
    done = subprocess.run(["git", *arguments], check=True, input=text, capture_output=True, text=True)
    return done.stdout.strip()
