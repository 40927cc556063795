"""The AWS CLI, and what the README has people type."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from local_aws.tests.conftest import JARS, Server, free_port

README = Path(__file__).parents[2] / "README.md"
TRINO = JARS.parent / "trino"
TOTALS = "[(0, 1683), (1, 1617), (2, 1650)]"
"""Of 0 to 99 by what remains of a division by three: 33 * 51, 33 * 49 and 33 * 50."""

COMMANDS = os.pathsep.join(
    (str(Path(sys.executable).parent), str(JARS.parent / "awscli" / "bin"), os.environ["PATH"])
)


@pytest.fixture(autouse=True, scope="module")
def cli():
    assert shutil.which("aws", path=COMMANDS), "there is no AWS CLI: `make .cache/awscli/installed`"


def shell(script, folder, **variables):
    """What a script prints, in a shell that stops at the first command that fails."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        check=False,
        cwd=folder,
        env={**os.environ, "PATH": COMMANDS, **variables},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_cli_copies_syncs_lists_and_removes(bucket, tmp_path):
    for name in ("a.csv", "deep/b.csv"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        os.utime(path, (0, 0))  # S3 tells whole seconds, and what is newer by a part of one is copied again
    (tmp_path / "large").write_bytes(bytes(9_000_000))
    s3 = f"s3://{bucket}"
    shell(f"aws s3 sync data {s3}/data; aws s3 cp large {s3}/large --sse aws:kms", tmp_path)
    listed = shell(f"aws s3 ls --recursive {s3}", tmp_path)
    assert [line.split()[2:] for line in listed.splitlines()] == [
        ["5", "data/a.csv"],
        ["10", "data/deep/b.csv"],
        ["9000000", "large"],
    ]
    told = json.loads(shell(f"aws s3api head-object --bucket {bucket} --key large", tmp_path))
    assert (told["ServerSideEncryption"], told["ETag"][-3:]) == ("aws:kms", '-2"')
    assert shell(f"aws s3 sync data {s3}/data", tmp_path) == "", "nothing is left to copy"
    shell(f"aws s3 sync {s3}/data back; aws s3 rm --recursive {s3}/data", tmp_path)
    assert (tmp_path / "back" / "deep" / "b.csv").read_text() == "deep/b.csv"
    assert shell(f"aws s3 ls --recursive {s3}", tmp_path).split()[-1] == "large"


@pytest.fixture
def whole(tmp_path):
    """A server with Spark and Trino, as a user starts it."""
    server = Server(tmp_path / "state", trino=True, trino_home=TRINO, trino_port=free_port()).start()
    yield server
    server.stop()


@pytest.mark.stack
def test_the_example_of_the_readme_runs_as_it_is(whole, tmp_path):
    first, example = re.findall(r"```(?:sh)?\n(.*?)```", README.read_text(), re.DOTALL)[:2]
    bucket = [line for line in first.splitlines() if line.startswith("aws ")]
    said = shell("\n".join([*bucket, example]), tmp_path, AWS_ENDPOINT_URL=whole.endpoint)
    assert said.splitlines()[-1] == TOTALS
