"""Candidates of runs that ended without tidying up: no run can still publish them."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from lakehouse.address import TABLE_LAYERS, root_of
from lakehouse.lifetime import stale_after
from lakehouse.steps.run import Run
from lakehouse.storage.objects.factory import store_at
from lakehouse.storage.objects.store import ObjectStore


def sweep_stale_candidates(run: Run) -> dict[str, int]:
    """Delete what runs left whose candidates are all old; returns its URI → files. A dry run deletes nothing."""
    before = run.started_at - stale_after()
    swept = {}
    for store, folder, paths in stale_candidates(run, before):
        if not run.dry_run:
            store.delete(*paths)
        swept[f"{store.uri(folder)}/"] = len(paths)
    return swept


def stale_candidates(run: Run, before: datetime) -> Iterator[tuple[ObjectStore, str, list[str]]]:
    """Store, folder and files of each run's candidates of a layer of which nothing was written since that instant."""
    for layer in TABLE_LAYERS:
        store, shelf = store_at(f"{root_of(layer, run.buckets)}/{layer}/processing")
        for folder, found in groupby(store.files(shelf), key=lambda file: _folder(file.path, shelf)):
            files = list(found)
            if folder and max(file.modified for file in files) < before:
                yield store, folder, [file.path for file in files]


def _folder(path: str, shelf: str) -> str:
    """`silver/processing/<run>`; empty for a file in the shelf itself."""
    name, slash, _ = path.removeprefix(f"{shelf}/").partition("/")
    return f"{shelf}/{name}" if slash else ""
