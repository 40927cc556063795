"""The classes of Spark and Delta, parsed and verified once: a JVM that starts maps them from a file.

Java calls it class data sharing. An archive that does not fit Java, jars or class path any more is ignored by the
JVM, which is slower then and otherwise the same.
"""

import logging
import subprocess
import tempfile
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

from local_aws.config import Config
from local_aws.glue import spark
from local_aws.glue.credentials import Credentials
from local_aws.glue.processes import RUNTIME

TRAINING_SECONDS = 300
BUCKET = "training"
CREDENTIALS = Credentials("training", "training", "training")


class TrainingError(RuntimeError):
    """The job that loads the classes failed; the message ends with what it said."""


def make(config: Config) -> Path:
    """Run a job that does what Delta jobs commonly do and archive the classes that it loaded.

    Returns:
        The archive, beside the jars it was made from.

    Raises:
        TrainingError: The job failed.
        FileNotFoundError: There is no Glue interpreter.
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(config.host, 0, verbose=False)
    server.start()
    try:
        _, port = server.get_host_and_port()
        # Beside the jars, so that the archive takes its place at once: a JVM may have the old one in memory.
        with tempfile.TemporaryDirectory(prefix="training-", dir=config.jars_dir) as scratch:
            config = config.model_copy(update={"port": port})
            boto3.client(
                "s3",
                endpoint_url=config.endpoint,
                region_name=config.region,
                aws_access_key_id=CREDENTIALS.access_key_id,
                aws_secret_access_key=CREDENTIALS.secret_access_key,
            ).create_bucket(Bucket=BUCKET)
            return _train(config, Path(scratch))
    finally:
        server.stop()


def _train(config: Config, scratch: Path) -> Path:
    archive = spark.class_archive(config)
    made = scratch / archive.name
    submit = spark.submit_arguments(config, [], f"-XX:ArchiveClassesAtExit={made}")
    conf = spark.job_conf(config, "training", scratch, [], CREDENTIALS)
    environment = spark.job_environment(config, CREDENTIALS)
    environment["PYSPARK_SUBMIT_ARGS"] = spark.submit_line(submit, conf)
    try:
        done = subprocess.run(
            [config.glue_python, RUNTIME / "training.py", f"s3://{BUCKET}"],
            check=False,
            capture_output=True,
            text=True,
            env=environment,
            cwd=scratch,
            timeout=TRAINING_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise TrainingError(f"Spark's classes were not archived in {TRAINING_SECONDS} s") from error
    if done.returncode or not made.exists():
        raise TrainingError(f"Spark's classes could not be archived: {done.stderr[-2000:]}")
    return made.replace(archive)
