"""Show several steps that run at once: one live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
import sys
import threading
import time

_BAR_CELLS = 16


class Progress:
    """A line per finished step and, on a terminal, one live line of the running ones."""

    def __init__(self) -> None:
        self._live = sys.stdout.isatty()
        self._lock = threading.Lock()
        self._running: dict[str, tuple[float, str]] = {}
        self._announced: dict[str, int] = {}

    def start(self, step: str) -> None:
        """Show that a step has begun."""
        with self._lock:
            self._running[step] = (time.monotonic(), "")
            if not self._live:
                print(f"  … {step}", flush=True)
            self._draw()

    def advance(self, step: str, done: int, total: int, unit: str = "MB") -> None:
        """Show how far a step is; ``done`` and ``total`` are in ``unit``."""
        share = min(done / total, 1) if total else 0
        cells = round(share * _BAR_CELLS)
        bar = "━" * cells + "─" * (_BAR_CELLS - cells)
        with self._lock:
            if step in self._running:
                self._running[step] = (self._running[step][0], f"{bar} {done}/{total} {unit}")
            quarter = int(share * 4)
            if not self._live and quarter > self._announced.get(step, 0):
                self._announced[step] = quarter
                print(f"  … {step}: {done}/{total} {unit}", flush=True)
            self._draw()

    def finish(self, step: str, note: str = "") -> None:
        """Show that a step has ended, with its seconds."""
        with self._lock:
            started, _ = self._running.pop(step, (time.monotonic(), ""))
            self._clear()
            seconds = time.monotonic() - started
            print(f"  ✓ {step}{f' ({note})' if note else ''}  {seconds:.0f} s", flush=True)
            self._draw()

    def stop(self) -> None:
        """Take the live line away, after a failure as well."""
        with self._lock:
            self._running.clear()
            self._clear()

    def _clear(self) -> None:
        if self._live:
            print("\r\x1b[2K", end="", flush=True)

    def _draw(self) -> None:
        if not self._live or not self._running:
            return
        now = time.monotonic()
        parts = [
            f"{step} {detail or f'{now - started:.0f} s'}"
            for step, (started, detail) in self._running.items()
        ]
        width = shutil.get_terminal_size().columns - 1
        print("\r\x1b[2K" + ("  ▸ " + " · ".join(parts))[:width], end="", flush=True)

    def tick(self) -> None:
        """Redraw, so that the seconds of silent steps move."""
        with self._lock:
            self._draw()
