"""The configuration files of the Trino child, and the options of its JVM."""

from collections.abc import Mapping
from pathlib import Path

from local_aws.config import Config

HIVE_CATALOG = "awsdatacatalog"
"""Athena's name for the Glue catalog; SQL and view definitions carry it."""

DELTA_CATALOG = "delta"

HEAP_MB = 1024
QUERY_MEMORY_MB = 384

LOG_LEVELS = {
    "io.trino": "WARN",
    "io.trino.server.Server": "INFO",
    "Bootstrap": "WARN",
    "org.hibernate": "WARN",
    # At INFO it writes the values that a query filters by.
    "org.apache.parquet": "WARN",
}

JVM_OPTIONS = (
    "-server",
    "-Xms64M",
    f"-Xmx{HEAP_MB}M",
    # A laptop runs short queries beside Spark: a small footprint and a quick start beat peak throughput.
    "-XX:+UseSerialGC",
    "-XX:MinHeapFreeRatio=20",
    "-XX:MaxHeapFreeRatio=40",
    "-XX:TieredStopAtLevel=1",
    "-XX:ReservedCodeCacheSize=128M",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:+EnableDynamicAgentLoading",
    "-XX:-UsePerfData",
    "-Djdk.attach.allowAttachSelf=true",
    "-Dfile.encoding=UTF-8",
    "-Duser.timezone=UTC",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
)


def command(config: Config, java_home: Path, etc: Path) -> list[str]:
    """Command line of the Trino server; its own launcher would only add a process and need a login shell."""
    return [
        str(java_home / "bin" / "java"),
        *JVM_OPTIONS,
        f"-Dconfig={etc / 'config.properties'}",
        f"-Dlog.levels-file={etc / 'log.properties'}",
        "-Dnode.environment=local",
        "-Dnode.id=local-aws",
        f"-Dnode.data-dir={etc.parent / 'data'}",
        "-cp",
        str(config.trino_home / "lib" / "*"),
        "io.trino.server.TrinoServer",
    ]


def write(config: Config, etc: Path) -> None:
    """Write every configuration file of the server into ``etc``, replacing those of an earlier run."""
    catalogs = etc / "catalog"
    catalogs.mkdir(parents=True, exist_ok=True)
    _properties(etc / "config.properties", _server(config, catalogs))
    _properties(etc / "log.properties", LOG_LEVELS)
    _properties(catalogs / f"{HIVE_CATALOG}.properties", _hive(config))
    _properties(catalogs / f"{DELTA_CATALOG}.properties", _delta(config))


def _server(config: Config, catalogs: Path) -> dict[str, object]:
    return {
        "coordinator": "true",
        "node-scheduler.include-coordinator": "true",
        "node.internal-address": config.host,
        "node.bind-ip": config.host,
        "http-server.http.port": config.trino_port,
        "discovery.uri": f"http://{config.host}:{config.trino_port}",
        "catalog.config-dir": catalogs,
        "plugin.dir": config.trino_home / "plugin",
        "web-ui.enabled": "false",
        "query.max-memory": f"{QUERY_MEMORY_MB}MB",
        "query.max-memory-per-node": f"{QUERY_MEMORY_MB}MB",
        "memory.heap-headroom-per-node": "256MB",
        "query.min-expire-age": "1m",
        "query.max-history": "20",
        "task.concurrency": "2",
        # Athena counts 100 partitions a query, Trino 100 a writer.
        "task.max-writer-count": "1",
        "task.max-worker-threads": "4",
    }


def _metastore_and_storage(config: Config) -> dict[str, object]:
    environment = config.client_environment()
    key, secret = environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
    return {
        "hive.metastore": "glue",
        "hive.metastore.glue.region": config.region,
        "hive.metastore.glue.endpoint-url": config.endpoint,
        "hive.metastore.glue.aws-access-key": key,
        "hive.metastore.glue.aws-secret-key": secret,
        "fs.native-s3.enabled": "true",
        "s3.endpoint": config.endpoint,
        "s3.path-style-access": "true",
        "s3.region": config.region,
        "s3.aws-access-key": key,
        "s3.aws-secret-key": secret,
    }


def _hive(config: Config) -> dict[str, object]:
    return {
        "connector.name": "hive",
        **_metastore_and_storage(config),
        "hive.delta-lake-catalog-name": DELTA_CATALOG,
        "hive.non-managed-table-writes-enabled": "true",
        # Hive's own views are translated; Presto's are stored as Athena stores them either way.
        "hive.hive-views.enabled": "true",
        # Athena reads the folders below a location too.
        "hive.recursive-directories": "true",
        "hive.collect-column-statistics-on-write": "false",
        # Glue is local and another process changes it: a cache would show tables of the past.
        "hive.metastore-cache-ttl": "0s",
    }


def _delta(config: Config) -> dict[str, object]:
    return {
        "connector.name": "delta_lake",
        **_metastore_and_storage(config),
        "delta.hive-catalog-name": HIVE_CATALOG,
        "delta.security": "read-only",
        "delta.metadata.cache-ttl": "0s",
        "delta.metadata.cache-max-retained-size": "0B",
        "delta.metadata.live-files.cache-ttl": "0s",
        "delta.metadata.live-files.cache-size": "0B",
    }


def _properties(path: Path, values: Mapping[str, object]) -> None:
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()), encoding="utf-8")
