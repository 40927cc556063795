"""Put our Glue in the place of moto's."""

from moto.glue import models

from local_aws.config import Config
from local_aws.glue.backend import RunningGlueBackend
from local_aws.glue.crawler import Crawler
from local_aws.glue.crawling import Crawling
from local_aws.glue.job import CheckedJob
from local_aws.glue.launch import Launcher


def install(config: Config) -> Launcher:
    """Make moto build our backend; returns what runs its jobs."""
    launcher = Launcher(config)
    RunningGlueBackend.launch = staticmethod(launcher.launch)
    RunningGlueBackend.crawl = staticmethod(Crawling(config, launcher.credentials).start)
    models.FakeJob, models.FakeCrawler = CheckedJob, Crawler
    models.glue_backends.backend = RunningGlueBackend
    return launcher
