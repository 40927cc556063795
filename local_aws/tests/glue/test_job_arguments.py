"""Which arguments are Glue's own and which the script sees."""

import pytest

from local_aws.glue.arguments import parse, parse_conf


def test_script_sees_its_own_arguments_only():
    merged = {
        "--conf": "a=1",
        "--datalake-formats": "delta",
        "--extra-py-files": "s3://b/x.whl, s3://b/y.py",
        "--python-virtual-env": "s3://b/env.tar.gz",
        "--enable-metrics": "",
        "--job-language": "python",
        "--TempDir": "s3://b/tmp",
        "--dates": "2025-04-01,2025-04-02",
    }
    found = parse(merged, "job", "jr_1")
    assert found.script == [
        *("--TempDir", "s3://b/tmp", "--dates", "2025-04-01,2025-04-02"),
        *("--JOB_NAME", "job", "--JOB_RUN_ID", "jr_1"),
    ]
    assert found.py_files == ["s3://b/x.whl", "s3://b/y.py"]
    assert found.virtual_env == "s3://b/env.tar.gz"


@pytest.mark.parametrize(
    ("text", "conf"),
    [
        ("", {}),
        ("k=v", {"k": "v"}),
        ("k=v --conf k2=a=b", {"k": "v", "k2": "a=b"}),
        (" k=v  --conf  k2=x y ", {"k": "v", "k2": "x y"}),
    ],
)
def test_conf_holds_several_settings(text, conf):
    assert parse_conf(text) == conf


def test_conf_without_equals_is_named():
    with pytest.raises(ValueError, match="'oops'; each setting has the form key=value"):
        parse_conf("k=v --conf oops")


@pytest.mark.parametrize(
    ("merged", "own"),
    [
        ({}, False),
        ({"--conf": "spark.sql.shuffle.partitions=8"}, False),
        ({"--extra-jars": "s3://b/x.jar"}, False),
        ({"--conf": "spark.driver.extraJavaOptions=-Xss4m"}, True),
    ],
)
def test_driver_options_need_a_jvm_of_their_own(merged, own):
    assert parse(merged, "job", "jr_1").needs_own_jvm is own
