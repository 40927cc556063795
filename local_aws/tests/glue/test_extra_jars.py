"""Jars of a job (``--extra-jars``) are on the class path of its driver."""

import io
import zipfile

import pytest

pytestmark = pytest.mark.stack

READ = (
    "from pyspark.sql import SparkSession\n"
    "jvm = SparkSession.builder.getOrCreate()._jvm\n"
    "found = jvm.Thread.currentThread().getContextClassLoader().getResourceAsStream('word.txt')\n"
    "print(bytes(found.readAllBytes()).decode() if found else 'nothing')\n"
)


def jar(word):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("word.txt", word)
    return content.getvalue()


def word_seen(jobs, name, **arguments):
    run = jobs.run(name, **arguments)
    assert run["JobRunState"] == "SUCCEEDED", run.get("ErrorMessage")
    return jobs.lines(run["Id"])[-1]


def test_a_warm_job_finds_its_jar_and_a_newer_one_of_the_same_name(jobs, name):
    jobs.create(name, READ, {"--extra-jars": jobs.put("extra/words.jar", jar("old"))})
    assert word_seen(jobs, name) == "old"
    jobs.put("extra/words.jar", jar("new"))
    assert word_seen(jobs, name) == "new"


def test_a_job_with_a_jvm_of_its_own_finds_its_jar(jobs, name):
    jobs.create(name, READ, {"--extra-jars": jobs.put("extra/own.jar", jar("own"))})
    assert word_seen(jobs, name, conf="spark.driver.memory=1g") == "own"
