"""Arguments of a Glue job: which are Glue's own, which the script sees.

https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html
"""

import re
from dataclasses import dataclass

# Spark settings that only a JVM of the run's own can take.
OWN_JVM_CONF = ("spark.jars", "spark.driver.extra", "spark.driver.memory", "spark.driver.defaultJava")
GLUE_OWN = {
    *("--additional-python-modules", "--auto-scale-within-microbatch", "--class", "--conf"),
    *("--continuous-log-logGroup", "--continuous-log-logStreamPrefix", "--continuous-log-conversionPattern"),
    *("--continuous-log-log-group", "--custom-logGroup-prefix", "--custom-logStream-prefix"),
    *("--customer-driver-env-vars", "--customer-executor-env-vars", "--datalake-formats"),
    *("--disable-proxy-v2", "--executor-cores", "--extra-files", "--extra-jars", "--extra-py-files"),
    *("--job-bookmark-from", "--job-bookmark-option", "--job-bookmark-to", "--job-language"),
    *("--python-modules-installer-option", "--python-virtual-env", "--scriptLocation"),
    *("--spark-event-logs-path", "--use-postgres-driver", "--user-jars-first"),
    *("--write-shuffle-files-to-s3", "--write-shuffle-spills-to-s3"),
}
_CONF = re.compile(r"(?:^|\s+)--conf\s+")


@dataclass(frozen=True)
class JobArguments:
    """A run's arguments, sorted by who reads them.

    Attributes:
        script: What the script finds in ``sys.argv`` after its name.
        conf: Spark settings of ``--conf``.
        py_files, jars, files: S3 URIs of ``--extra-py-files``, ``--extra-jars`` and ``--extra-files``.
        modules: Requirements of ``--additional-python-modules``; its wheels on S3 are among ``py_files``.
        virtual_env: S3 URI of ``--python-virtual-env``.
        language: ``python`` or ``scala``.
    """

    script: list[str]
    conf: dict[str, str]
    py_files: list[str]
    jars: list[str]
    files: list[str]
    modules: list[str]
    virtual_env: str | None
    language: str

    @property
    def needs_own_jvm(self) -> bool:
        return any(key.startswith(OWN_JVM_CONF) for key in self.conf)


def parse(merged: dict[str, str], job_name: str, run_id: str) -> JobArguments:
    """Sort the merged arguments (defaults, the run's, those not overridable) of one run."""
    modules = _uris(merged.get("--additional-python-modules"))
    wheels = [module for module in modules if module.startswith("s3://")]
    script = [word for key, value in merged.items() if not _is_glue_own(key) for word in (key, value)]
    return JobArguments(
        script=[*script, "--JOB_NAME", job_name, "--JOB_RUN_ID", run_id],
        conf=parse_conf(merged.get("--conf", "")),
        py_files=[*_uris(merged.get("--extra-py-files")), *wheels],
        jars=_uris(merged.get("--extra-jars")),
        files=_uris(merged.get("--extra-files")),
        modules=[module for module in modules if module not in wheels],
        virtual_env=merged.get("--python-virtual-env") or None,
        language=merged.get("--job-language", "python").lower(),
    )


def parse_conf(text: str) -> dict[str, str]:
    """Read Glue's form of several settings in one argument, ``k=v --conf k2=v2``.

    Raises:
        ValueError: A setting has no ``=``.
    """
    conf = {}
    for setting in _CONF.split(text.strip()):
        if not setting.strip():
            continue
        key, equals, value = setting.strip().partition("=")
        if not equals:
            raise ValueError(f"--conf holds {setting!r}; each setting has the form key=value")
        conf[key.strip()] = value.strip()
    return conf


def _is_glue_own(key: str) -> bool:
    return key in GLUE_OWN or key.startswith("--enable-")


def _uris(text: str | None) -> list[str]:
    return [uri.strip() for uri in (text or "").split(",") if uri.strip()]
