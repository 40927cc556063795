"""Crawlers as the catalog keeps them, and their crawls."""

from statistics import median
from typing import Any

from moto.core.utils import utcnow
from moto.glue import models

_LAST_STATUS = {"COMPLETED": "SUCCEEDED", "STOPPED": "CANCELLED", "FAILED": "FAILED"}


class Crawl(models.FakeCrawl):  # type: ignore[misc]
    """One crawl; moto's is over when it has been looked at.

    Attributes:
        tables_created: How many tables it registered.
        tables_updated: How many it found registered, and brought up to date.
    """

    tables_created = tables_updated = 0

    def __init__(self, crawler_name: str) -> None:
        super().__init__(crawler_name)
        self.dpu_hour = 0
        self.error_message: str | None = None

    @property
    def status(self) -> str:
        """``RUNNING``, ``STOPPING``, ``COMPLETED``, ``STOPPED`` or ``FAILED``."""
        return self._status

    @status.setter
    def status(self, value: str) -> None:
        self._status = value

    def advance(self) -> None:
        """Ignore moto's simulated progress."""

    def finish(self, error_message: str | None = None) -> None:
        """Enter a final state: FAILED with an error, STOPPED if the crawl was being stopped."""
        self.end_time = utcnow()
        self.error_message = error_message
        done = "STOPPED" if self.status == "STOPPING" else "COMPLETED"
        self.status = "FAILED" if error_message else done

    @property
    def seconds(self) -> float:
        """How long it took; 0 while it runs."""
        return float((self.end_time - self.start_time).total_seconds()) if self.end_time else 0.0

    def interrupted(self) -> None:
        """Close a crawl that was under way when the server ended."""
        if self.end_time is None:
            self.finish("The server ended during the crawl")

    def as_dict(self) -> dict[str, Any]:
        told = {"ErrorMessage": self.error_message} if self.error_message else {}
        return {**super().as_dict(), **told}


class Crawler(models.FakeCrawler):  # type: ignore[misc]
    """One crawler; moto's tells the crawl under way as the last one."""

    def as_dict(self) -> dict[str, Any]:
        told: dict[str, Any] = super().as_dict()
        told.pop("LastCrawl", None)
        ended = [crawl for crawl in self.crawls if crawl.end_time]
        return {**told, "LastCrawl": _last(ended[-1])} if ended else told

    def metrics(self) -> dict[str, Any]:
        """As GetCrawlerMetrics answers them."""
        ended = [crawl for crawl in self.crawls if crawl.end_time]
        is_running = len(ended) < len(self.crawls)
        return {
            "CrawlerName": self.name,
            "TimeLeftSeconds": 0.0,
            "StillEstimating": is_running,
            "LastRuntimeSeconds": ended[-1].seconds if ended else 0.0,
            "MedianRuntimeSeconds": median(crawl.seconds for crawl in ended) if ended else 0.0,
            "TablesCreated": sum(crawl.tables_created for crawl in self.crawls),
            "TablesUpdated": sum(crawl.tables_updated for crawl in self.crawls),
            "TablesDeleted": 0,
        }


def _last(crawl: Crawl) -> dict[str, Any]:
    told = crawl.as_dict()
    names = ("ErrorMessage", "LogGroup", "LogStream", "MessagePrefix", "StartTime")
    return {"Status": _LAST_STATUS[crawl.status], **{name: told[name] for name in names if name in told}}
