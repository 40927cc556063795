"""What the emulated Athena can be told, through ``LOCAL_AWS_ATHENA_*`` variables."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Limits of the query queue.

    Attributes:
        concurrent_queries: Queries that run at once; more wait QUEUED, in the order of their arrival.
        status_hold_seconds: How long GetQueryExecution holds its answer for a query that has not finished.
            Clients sleep seconds between two looks, most queries end within one: the answer that waits a
            little saves them the sleep.
        engine_start_seconds: How long a query waits QUEUED for a Trino that is starting before it fails.
    """

    model_config = SettingsConfigDict(env_prefix="LOCAL_AWS_ATHENA_", extra="ignore", frozen=True)

    concurrent_queries: int = Field(default=4, ge=1)
    status_hold_seconds: float = Field(default=1, ge=0)
    engine_start_seconds: float = Field(default=90, gt=0)
