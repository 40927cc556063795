"""Spark's classes come from the archive that setup made beside the jars."""

import subprocess

import pytest

from local_aws.config import Config
from local_aws.glue import spark
from local_aws.tests.conftest import GLUE_PYTHON, JARS


@pytest.fixture
def config(tmp_path):
    return Config(jars_dir=JARS, glue_python=GLUE_PYTHON, state_dir=tmp_path)


@pytest.mark.stack
def test_spark_takes_its_classes_from_the_archive(config, tmp_path):
    log = tmp_path / "classes.log"
    arguments = spark.submit_arguments(config, [])
    arguments[arguments.index("--driver-java-options") + 1] += f" -Xlog:class+load:file={log}"
    submit = spark.spark_home(config.glue_python) / "bin" / "spark-submit"
    subprocess.run(
        [submit, *arguments, "--version"], env=spark.base_environment(config), check=True, capture_output=True
    )
    loaded = [line for line in log.read_text().splitlines() if "org.apache.spark.deploy." in line]
    assert loaded
    assert [line for line in loaded if "Lambda" not in line and "shared objects file" not in line] == []


def test_without_an_archive_classes_come_from_the_jars(config, tmp_path):
    config = config.model_copy(update={"jars_dir": tmp_path})
    assert "SharedArchiveFile" not in " ".join(spark.submit_arguments(config, []))
