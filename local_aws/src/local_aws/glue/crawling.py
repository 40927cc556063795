"""What a crawl does: it reads Delta logs and registers their tables.

https://docs.aws.amazon.com/glue/latest/webapi/API_DeltaTarget.html
"""

import logging
import re
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from moto.glue.exceptions import EntityNotFoundException

from local_aws.config import Config
from local_aws.glue.crawler import Crawl, Crawler
from local_aws.glue.credentials import RoleCredentials

if TYPE_CHECKING:
    from local_aws.glue.backend import RunningGlueBackend

LOG = logging.getLogger(__name__)


class CrawlError(Exception):
    """Why a crawl fails; the message is the crawl's."""


class Crawling:
    """Crawls in the background, with the credentials of the crawlers' roles."""

    def __init__(self, config: Config, credentials: RoleCredentials) -> None:
        self._environment = config.client_environment()
        self._credentials = credentials

    def start(self, backend: "RunningGlueBackend", crawler: Crawler, crawl: Crawl) -> None:
        """Start a crawl."""
        name = f"crawl-{crawler.name}"
        threading.Thread(target=self._run, args=(backend, crawler, crawl), name=name, daemon=True).start()

    def _run(self, backend: "RunningGlueBackend", crawler: Crawler, crawl: Crawl) -> None:
        try:
            for location in list(_locations(crawler.targets)):
                if crawl.status == "STOPPING":
                    break
                _register(backend, crawler, crawl, location, self._columns(location, crawler.role))
        except CrawlError as error:
            crawl.finish(str(error))
        except Exception as error:
            LOG.exception("The crawler %s failed", crawler.name)
            crawl.finish(f"Internal service error: {error}")
        else:
            crawl.finish()

    def _columns(self, location: str, role: str) -> list[dict[str, str]]:
        from local_aws.athena import delta  # noqa: PLC0415 - the library of Delta loads slowly, and few crawl
        from local_aws.athena.errors import QueryFailedError  # noqa: PLC0415

        names = ("AWS_ENDPOINT_URL", "AWS_REGION")
        options = {"AWS_ALLOW_HTTP": "true", **{name: self._environment[name] for name in names}}
        try:
            return delta.columns(location, options | self._credentials.new(role).environment())
        except QueryFailedError as error:
            raise CrawlError(str(error).removeprefix("GENERIC_USER_ERROR: ")) from error


def _locations(targets: dict[str, Any]) -> Iterator[str]:
    """Locations of all Delta tables to crawl, if there is nothing else to do."""
    others = sorted(kind for kind, given in targets.items() if given and kind != "DeltaTargets")
    if others or not targets.get("DeltaTargets"):
        raise CrawlError(f"Only DeltaTargets are crawled here, not {', '.join(others) or 'nothing'}")
    for target in targets["DeltaTargets"]:
        if target.get("WriteManifest") or not target.get("CreateNativeDeltaTable"):
            raise CrawlError("Delta targets need CreateNativeDeltaTable here: no manifest is written")
        for location in target["DeltaTables"]:
            yield re.sub(r"^s3[an]://", "s3://", location).rstrip("/")


def _register(
    backend: "RunningGlueBackend",
    crawler: Crawler,
    crawl: Crawl,
    location: str,
    columns: list[dict[str, str]],
) -> None:
    from local_aws.athena.delta import table_input  # noqa: PLC0415 - as above

    folder = location.rsplit("/", 1)[-1]
    name = re.sub(r"\W", "_", f"{crawler.table_prefix or ''}{folder}".lower(), flags=re.ASCII)
    made = table_input(name, location, columns, {"UPDATED_BY_CRAWLER": crawler.name})
    try:
        known = _location(backend, crawler.database_name, name)
        if known is None:
            backend.create_table(crawler.database_name, name, made)
            crawl.tables_created += 1
        elif known != location:
            raise CrawlError(f"The table {name} is at {known} already, not at {location}")
        elif (crawler.schema_change_policy or {}).get("UpdateBehavior") != "LOG":
            backend.update_table(crawler.database_name, name, made)
            crawl.tables_updated += 1
    except EntityNotFoundException as error:
        raise CrawlError(error.message) from error


def _location(backend: "RunningGlueBackend", database_name: str, name: str) -> str | None:
    """Where the catalog has a table; None if it has none."""
    table = backend.get_database(database_name).tables.get(name)
    if table is None:
        return None
    storage = table.as_dict().get("StorageDescriptor") or {}
    return str(storage.get("Location", "")).rstrip("/")
