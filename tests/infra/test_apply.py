"""What Terraform makes is what the lakehouse needs, and making it again changes nothing."""

import itertools
import json
import time
from pathlib import Path
from typing import Any

import pytest

from lakehouse.address import bucket_of
from lakehouse.operations.deploy import deploy
from lakehouse.operations.glue_jobs import CODE_ARGUMENTS, STEPS, Artifacts, definition
from lakehouse.operations.pools import domains
from lakehouse.operations.replica_names import replicas
from lakehouse.settings import Settings
from lakehouse.storage.bucket.layout import landings_that_start
from lakehouse.storage.bucket.lifecycle import rules
from tests.infra.conftest import FILES, Applied, backend
from tests.infra.terraform import ROOT, Terraform
from tests.lakehouse.embedded_aws import CREDENTIALS


def test_a_second_plan_is_empty(applied: Applied) -> None:
    assert "Apply complete!" in applied.said
    assert applied.terraform.differences(*FILES) == ""


@pytest.fixture
def settings(applied: Applied, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings as whoever runs the lakehouse has them: from the root's output."""
    for name, value in applied.outputs["lakehouse_environment"].items():
        monkeypatch.setenv(name, value)
    return Settings()


def buckets(settings: Settings) -> list[str]:
    return sorted({name for domain in domains() for name in settings.buckets(domain).values()})


def test_every_bucket_of_the_settings_is_there(applied: Applied, settings: Settings) -> None:
    made = {bucket["Name"] for bucket in applied.client("s3").list_buckets()["Buckets"]}
    assert set(buckets(settings)) <= made


def test_buckets_are_closed_encrypted_versioned_and_logged(applied: Applied, settings: Settings) -> None:
    s3 = applied.client("s3")
    for bucket in buckets(settings):
        closed = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        assert all(closed.values())
        assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"]["TargetPrefix"] == f"{bucket}/"
        (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        wanted = "aws:kms" if bucket.startswith("metriccare-") else "AES256"
        assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == wanted


@pytest.mark.parametrize("domain", ["ecommerce", "clinical"])
def test_what_is_written_is_copied_to_the_other_region(
    applied: Applied, settings: Settings, domain: str
) -> None:
    s3, bucket = applied.client("s3"), settings.buckets(domain).get("gold") or settings.buckets(domain)["*"]
    written = s3.put_object(Bucket=bucket, Key="gold/written.txt", Body=b"written")
    replica = replicas(settings.buckets(domain))
    deadline = time.monotonic() + 30
    while s3.head_object(Bucket=bucket, Key="gold/written.txt")["ReplicationStatus"] == "PENDING":
        assert time.monotonic() < deadline
        time.sleep(0.1)

    copy = s3.head_object(Bucket=bucket_of("gold", replica), Key="gold/written.txt")

    assert copy["VersionId"] == written["VersionId"]
    assert s3.get_bucket_location(Bucket=bucket_of("gold", replica))["LocationConstraint"] == "us-west-2"
    if domain == "clinical":
        assert copy["ServerSideEncryption"] == "aws:kms"
        assert ":us-west-2:" in copy["SSEKMSKeyId"]


def test_lifecycle_is_that_of_the_setup_script(applied: Applied, settings: Settings) -> None:
    s3 = applied.client("s3")
    wanted = {rule["ID"]: comparable(rule) for rule in rules()}
    for bucket in buckets(settings):
        found = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        assert {rule["ID"]: comparable(rule) for rule in found} == wanted


def comparable(rule: dict[str, Any]) -> dict[str, Any]:
    """Without what S3 adds, and with `Days` 0 or an absent marker left out."""
    kept = {name: value for name, value in rule.items() if value}
    kept["Prefix"] = kept.pop("Filter", {}).get("Prefix", "")
    kept["Expiration"] = {name: value for name, value in kept.get("Expiration", {}).items() if value}
    return {name: value for name, value in kept.items() if value or name == "Prefix"}


def test_deliveries_alone_ring_the_bell(applied: Applied, settings: Settings) -> None:
    s3 = applied.client("s3")
    for domain in domains():
        bucket = settings.buckets(domain).get("raw") or settings.buckets(domain)["*"]
        found = s3.get_bucket_notification_configuration(Bucket=bucket).get("QueueConfigurations", [])
        prefixes = {
            one["Id"]: [rule["Value"] for rule in one["Filter"]["Key"]["FilterRules"]] for one in found
        }
        assert prefixes == {
            f"arrival-{name}": [f"{folder}/"] for name, folder in landings_that_start(domain).items()
        }


def test_an_arrival_reaches_the_queue(applied: Applied, settings: Settings) -> None:
    bucket = settings.resolved_bucket_name()
    applied.client("s3").put_object(Bucket=bucket, Key="raw/orders/orders.csv", Body=b"order_id\n")
    queue = applied.outputs["lakehouse_environment"]["LAKEHOUSE_ARRIVALS_QUEUE"]
    messages = applied.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]
    assert any("raw/orders/orders.csv" in message["Body"] for message in messages)


def test_a_deployment_leaves_no_difference(
    applied: Applied, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Terraform and `lakehouse deploy` do not undo each other (docs/adr/0010)."""
    for name, value in {**CREDENTIALS, "AWS_ENDPOINT_URL": applied.endpoint}.items():
        monkeypatch.setenv(name, value)
    checkout = small_checkout(tmp_path)

    wheel = deploy(settings, checkout, checkout / "log-store.jar", checkout / "environment.tar.gz")

    glue = applied.client("glue")
    for domain in domains():
        job = glue.get_job(JobName=settings.job_name("publish", domain))["Job"]
        assert job["DefaultArguments"]["--extra-py-files"] == wheel
        assert job["Command"]["ScriptLocation"].endswith("/scripts/glue/publish.py")
    clinical = glue.get_job(JobName=settings.job_name("publish", "clinical"))["Job"]
    assert clinical["SecurityConfiguration"] == "lakehouse-clinical"
    assert clinical["Role"].endswith("role/lakehouse-clinical-glue")
    assert applied.terraform.differences(*FILES) == ""


def small_checkout(folder: Path) -> Path:
    """What is deployed, by name only where its content does not matter."""
    for name in ("include", "expectations"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "dist").mkdir()
    for name in ("dist/lakehouse-0.1.0-py3-none-any.whl", "log-store.jar", "environment.tar.gz"):
        (folder / name).write_text(name)
    return folder


def test_jobs_are_those_that_deploy_would_make(applied: Applied, settings: Settings) -> None:
    artifacts = Artifacts("s3://x/scripts", "s3://x/wheel", "s3://x/jar", None)
    for domain, step in itertools.product(domains(), STEPS):
        job = applied.client("glue").get_job(JobName=settings.job_name(step, domain))["Job"]
        wanted = definition(settings, step, artifacts)
        for name in set(wanted) - {"Command", "DefaultArguments"}:
            assert job.get(name, 0) == wanted[name], name
        assert job["Command"]["Name"] == wanted["Command"]["Name"]
        for argument in set(wanted["DefaultArguments"]).difference(CODE_ARGUMENTS):
            assert job["DefaultArguments"][argument] == wanted["DefaultArguments"][argument]


def test_prod_is_planned_with_all_that_the_embedded_aws_cannot_hold(
    account: str, tmp_path: Path, settings: Settings
) -> None:
    prod = Terraform(tmp_path, account)
    prod.init(*backend("prod"))
    prod.run("plan", "-no-color", "-var-file=environments/prod.tfvars", "-out=prod.tfplan")
    plan = json.loads(prod.run("show", "-json", "prod.tfplan")[1])
    planned = {change["address"]: change["change"] for change in plan["resource_changes"]}

    assert {change["actions"][0] for change in planned.values()} <= {"create", "read"}
    assert 'module.monitoring.aws_budgets_budget.month["one"]' in planned
    copies = [address for address in planned if address.startswith("module.replicas[0].aws_s3_bucket.this")]
    assert len(copies) == len(buckets(settings))
    assert "module.mwaa[0].aws_mwaa_environment.this" in planned


def test_airflow_gets_the_settings_of_the_engine(applied: Applied, settings: Settings) -> None:
    """config/startup.sh makes the engine's variables of the section `engine`."""
    options = applied.outputs["airflow_options"]
    assert options["engine.bucket_name"] == settings.resolved_bucket_name()
    assert options["engine.region"] == settings.region
    assert options["engine.environment"] == "dev"
    assert json.loads(options["engine.buckets"]) == settings.bucket_overrides
    assert json.loads(options["engine.job_prefixes"]) == settings.job_prefixes
    assert options["engine.storage__bucket"] == settings.storage.bucket
    assert options["lakehouse.sns_topic_arn"] == applied.outputs["alert_topic_arns"]["failures"]


def test_what_cannot_be_held_is_planned(applied: Applied) -> None:
    said = applied.terraform.run(
        "plan",
        "-no-color",
        "-refresh=false",
        *(f"-var-file=environments/{name}.tfvars" for name in FILES),
        "-var=enable_mwaa=true",
    )[1]
    assert "module.mwaa[0].aws_mwaa_environment.this will be created" in said
    assert "0 to destroy" in said
