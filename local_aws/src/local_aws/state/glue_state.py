"""The Glue catalog, jobs and finished runs as plain containers that can be pickled."""

from typing import Any

from moto.glue.models import glue_backends

State = dict[tuple[str, str], dict[str, Any]]
KEPT = (
    *("databases", "jobs", "tagger", "crawlers", "connections", "triggers", "workflows"),
    *("security_configurations", "resource_policies", "registries", "data_catalog_encryption_settings"),
)


def capture() -> State:
    """Collect what is kept of each account and region."""
    return {
        (account, region): {name: getattr(backend, name) for name in KEPT}
        for account, region, backend in list(glue_backends.iter_backends())
    }


def restore(state: State) -> None:
    """Put captured catalogs and jobs back; runs and crawls that were under way have failed."""
    for (account, region), content in state.items():
        backend = glue_backends[account][region]
        backend.__dict__.update(content)
        for job in backend.jobs.values():
            for run in job.job_runs:
                run.interrupted()
        for crawler in backend.crawlers.values():
            for crawl in crawler.crawls:
                crawl.interrupted()
