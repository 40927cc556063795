"""Evaluates alarms again and again, in the background."""

import logging
import threading
from collections.abc import Callable

from moto.cloudwatch.models import cloudwatch_backends

LOG = logging.getLogger(__name__)


class AlarmWatcher:
    """Evaluates the alarms of all accounts and regions.

    Args:
        seconds: Between two evaluations.
        before: Called before each, to publish what alarms watch; it does not raise.
    """

    def __init__(self, seconds: float, before: Callable[[], None]) -> None:
        self.seconds = seconds
        self._before = before
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="alarms", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End; an evaluation under way is finished first."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(self.seconds):
            self._before()
            for _, _, backend in list(cloudwatch_backends.iter_backends()):
                try:
                    backend.evaluate_alarms()
                except Exception:  # one alarm that cannot be judged must not end the watch
                    LOG.exception("Alarms of %s could not be evaluated", backend.region_name)
