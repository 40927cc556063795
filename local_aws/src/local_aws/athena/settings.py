"""What the emulated Athena can be told, through ``LOCAL_AWS_ATHENA_*`` variables."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Limits of the query queue.

    Attributes:
        concurrent_queries: Queries that run at once; more wait QUEUED, in the order of their arrival.
        engine_start_seconds: How long a query waits QUEUED for a Trino that is starting before it fails.
    """

    model_config = SettingsConfigDict(env_prefix="LOCAL_AWS_ATHENA_", extra="ignore", frozen=True)

    concurrent_queries: int = Field(default=4, ge=1)
    engine_start_seconds: float = Field(default=90, gt=0)
