"""The files of a checkout as git sees them, so that nothing else is ever shipped."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from lakehouse.operations.artifacts.failure import ArtifactsError

SHIPPED = (
    "config/startup.sh",
    "dags",
    "expectations",
    "include",
    "lakehouse",
    "locks",
    "plugins",
    "pyproject.toml",
)
"""What the artifacts are made of, besides requirements.txt."""


@dataclass(frozen=True)
class Sources:
    """A checkout.

    Attributes:
        root: Its folder.
    """

    root: Path

    def version(self) -> str:
        """The commit's SHA; `<sha>-dirty` where what is shipped differs from the commit.

        Raises:
            ArtifactsError: The folder is no checkout of git with a commit.
        """
        sha = self._git("rev-parse", "HEAD").strip()
        changed = self._git("status", "--porcelain", "--", *SHIPPED, "requirements.txt").strip()
        return f"{sha}-dirty" if changed else sha

    def files(self, folder: str, pattern: str = "*") -> list[Path]:
        """Files below a folder, relative to it, in order; what git ignores is none of them."""
        listed = self._git("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", folder)
        paths = [self.root / name for name in listed.split("\0") if name]
        return sorted(
            path.relative_to(self.root / folder) for path in paths if path.is_file() and path.match(pattern)
        )

    def _git(self, *words: str) -> str:
        try:
            done = subprocess.run(["git", *words], check=True, cwd=self.root, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError) as error:
            reason = (getattr(error, "stderr", "") or str(error)).strip()
            raise ArtifactsError(
                f"git {words[0]} fails in {self.root}: {reason}; artifacts are built from a checkout with a commit"
            ) from error
        return done.stdout
