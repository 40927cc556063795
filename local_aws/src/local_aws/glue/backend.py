"""moto's Glue backend with jobs that run and a catalog that Trino reads."""

from collections.abc import Callable
from typing import Any, ClassVar

from moto.glue import models
from moto.glue.exceptions import (
    AlreadyExistsException,
    ConcurrentRunsExceededException,
    CrawlerRunningException,
    EntityNotFoundException,
    JobRunNotFoundException,
)

from local_aws.glue.capacity import check_sizes
from local_aws.glue.catalog import normalised
from local_aws.glue.crawler import Crawl, Crawler
from local_aws.glue.runs import JobRun

Launch = Callable[[Any, models.FakeJob, JobRun, dict[str, str]], None]
StartCrawl = Callable[[Any, Crawler, Crawl], None]


class RunningGlueBackend(models.GlueBackend):  # type: ignore[misc]
    """Glue of one account and region."""

    launch: ClassVar[Launch]
    crawl: ClassVar[StartCrawl]

    @property
    def _url_module(self) -> Any:
        from local_aws.glue import urls  # noqa: PLC0415 - urls imports the responses, which import this module

        return urls

    # -- catalog: names are kept in lower case, as Glue does

    def create_database(
        self, database_name: str, database_input: dict[str, Any], tags: dict[str, str] | None = None
    ) -> models.FakeDatabase:
        name = database_name.lower()
        return super().create_database(name, {**database_input, "Name": name}, tags)

    def get_database(self, database_name: str) -> models.FakeDatabase:
        return super().get_database(database_name.lower())

    def create_table(
        self,
        database_name: str,
        table_name: str,
        table_input: dict[str, Any],
        open_table_format_input: dict[str, Any] | None = None,
    ) -> models.FakeTable:
        name = table_name.lower()
        table = normalised({**table_input, "Name": name})
        return super().create_table(database_name.lower(), name, table, open_table_format_input)

    def get_table(self, database_name: str, table_name: str) -> models.FakeTable:
        return super().get_table(database_name, table_name.lower())

    def update_table(self, database_name: str, table_name: str, table_input: dict[str, Any]) -> None:
        name = table_name.lower()
        super().update_table(database_name, name, normalised({**table_input, "Name": name}))

    def delete_table(self, database_name: str, table_name: str) -> None:
        super().delete_table(database_name, table_name.lower())

    # -- crawlers

    def start_crawler(self, name: str) -> None:
        """Start a crawl in the background.

        Raises:
            CrawlerNotFoundException: There is no such crawler.
            CrawlerRunningException: A crawl has not ended.
        """
        crawler = self.get_crawler(name)
        if crawler.status != "READY":
            raise CrawlerRunningException(f"Crawler with name {name} has already started")
        crawl = Crawl(name)
        crawler.crawls.append(crawl)
        type(self).crawl(self, crawler, crawl)

    # -- jobs

    def create_job(self, name: str, **definition: Any) -> None:
        if name in self.jobs:
            raise AlreadyExistsException(f"Job with name {name}")
        super().create_job(name, **definition)

    def update_job(self, name: str, definition: dict[str, Any]) -> None:
        """Replace a job's definition; what is not given is unset. Its runs stay."""
        old = self.get_job(name)
        new = models.FakeJob(name=name, tags={}, backend=self, **definition)
        new.job_runs, new.created_on = old.job_runs, old.created_on
        self.jobs[name] = new

    def start_job_run(self, name: str, arguments: dict[str, str] | None, *options: Any, **named: Any) -> str:
        """Start a run in the background; returns its id.

        Raises:
            EntityNotFoundException: There is no such job, or no run to retry.
            ConcurrentRunsExceededException: As many runs are active as the job allows (1 by default).
            InvalidInputError: The run's sizes do not fit.
        """
        if name not in self.jobs:
            raise EntityNotFoundException("Failed to start job run due to missing metadata.")
        job = self.get_job(name)
        fields = dict(zip(RUN_OPTIONS, options, strict=False)) | named
        check_sizes((job.command or {}).get("Name"), fields)
        if fields.get("previous_run_id") and self.find_run(name, fields["previous_run_id"]) is None:
            raise JobRunNotFoundException(fields["previous_run_id"])
        if sum(run.active for run in job.job_runs) >= (job.execution_property or {}).get(
            "MaxConcurrentRuns", 1
        ):
            raise ConcurrentRunsExceededException(f"Concurrent runs exceeded for {name}")
        queuing = fields.pop("queuing", None)
        run = JobRun(job, arguments or {}, **_effective(job, fields))
        run.queuing = job.queuing if queuing is None else queuing
        self._launch(job, run)
        return str(run.job_run_id)

    def retry(self, run: JobRun) -> None:
        """Start the next attempt of a run that has failed, if its job allows one more."""
        job = self.jobs.get(run.job_name)
        if job is not None and run.state == "FAILED" and run.attempt < (job.max_retries or 0):
            self._launch(job, run.next_attempt(job))

    def _launch(self, job: models.FakeJob, run: JobRun) -> None:
        job.job_runs.append(run)
        fixed = job.non_overridable_arguments or {}
        merged = {**(job.default_arguments or {}), **(run.arguments or {}), **fixed}
        type(self).launch(self, job, run, merged)

    def find_run(self, name: str, run_id: str) -> JobRun | None:
        """A run of an existing job, or None."""
        return next((run for run in self.get_job(name).job_runs if run.job_run_id == run_id), None)


RUN_OPTIONS = (
    *("allocated_capacity", "max_capacity", "timeout", "worker_type", "security_configuration"),
    *("number_of_workers", "notification_property", "previous_run_id", "execution_class"),
)


def _effective(job: models.FakeJob, fields: dict[str, Any]) -> dict[str, Any]:
    """What the run was started with, else what the job says."""
    sizes = ("allocated_capacity", "max_capacity", "worker_type", "number_of_workers")
    # A run's own size replaces the job's, which may be of the other kind.
    resized = any(fields.get(key) for key in sizes)
    result = {
        key: fields.get(key) or (None if resized and key in sizes else getattr(job, key, None))
        for key in RUN_OPTIONS
        if key != "previous_run_id"
    }
    return result | {"job_run_id": fields.get("previous_run_id")}
