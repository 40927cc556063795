"""Each role may do all that its job does, and nothing of the other domains."""

import itertools
import json

import pytest

from lakehouse.operations.pools import domains
from tests.infra.conftest import Applied
from tests.infra.simulation import ACCOUNT, Simulation, simulation

GLUE = {
    "ecommerce": "lakehouse-glue",
    "market_data": "lakehouse-market-data-glue",
    "clinical": "lakehouse-clinical-glue",
    "operations": "lakehouse-operations-glue",
}
BUCKETS = {
    "ecommerce": ["ecommerce-lakehouse"],
    "market_data": ["market-data-vault"],
    "clinical": [
        f"metriccare-{name}" for name in ("metadata", "raw-data", "bronze-data", "silver-data", "gold-data")
    ],
    "operations": ["lakehouse-operations"],
}
SCRIPTS = f"arn:aws:s3:::ecommerce-lakehouse-{ACCOUNT}/scripts/glue/publish.py"
HERE = f"us-east-1:{ACCOUNT}"
OBJECT_ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
UNRESOURCED = {
    "PublishMetrics": "cloudwatch:PutMetricData knows no resource; narrowed by namespace",
    "EnvironmentMetrics": "cloudwatch:PutMetricData knows no resource; narrowed by namespace",
    "AccountPublicAccess": "s3:GetAccountPublicAccessBlock knows no resource",
    "DescribeLogGroups": "logs:DescribeLogGroups knows no resource",
    "RegistryToken": "ecr:GetAuthorizationToken knows no resource",
    "Trace": "xray:Put… know no resource",
}
"""Statements on every resource, and why."""


@pytest.fixture(scope="module")
def account_policies(applied: Applied) -> Simulation:
    return simulation(applied)


def test_the_table_knows_every_domain() -> None:
    assert sorted(GLUE) == sorted(BUCKETS) == domains()


def bucket_arns(domain: str) -> list[str]:
    return [f"arn:aws:s3:::{name}-{ACCOUNT}" for name in BUCKETS[domain]]


@pytest.mark.parametrize("domain", GLUE)
def test_glue_jobs_work_on_their_own_domain(account_policies: Simulation, domain: str) -> None:
    role = GLUE[domain]
    for arn in bucket_arns(domain):
        assert account_policies.allows(role, "s3:ListBucket", arn, s3__prefix="silver/")
        for action in OBJECT_ACTIONS:
            assert account_policies.allows(role, action, f"{arn}/silver/orders/_delta_log/00.json")
    assert account_policies.allows(role, "s3:GetObject", SCRIPTS)
    group = f"arn:aws:logs:{HERE}:log-group:/aws-glue/jobs/output:log-stream:jr_1"
    assert account_policies.allows(role, "logs:PutLogEvents", group)
    assert account_policies.allows(role, "cloudwatch:PutMetricData", "*", cloudwatch__namespace="Glue")


@pytest.mark.parametrize(("domain", "other"), itertools.permutations(GLUE, 2))
def test_glue_jobs_are_denied_the_other_domains(
    account_policies: Simulation, domain: str, other: str
) -> None:
    for arn in bucket_arns(other):
        for key in ("raw/orders/a.csv", "gold/daily_sales/part.parquet", "rejected/x", "metadata/x.json"):
            for action in OBJECT_ACTIONS:
                assert not account_policies.allows(GLUE[domain], action, f"{arn}/{key}")
        assert not account_policies.allows(GLUE[domain], "s3:ListBucket", arn, s3__prefix="gold/")


@pytest.mark.parametrize("domain", GLUE)
def test_no_job_changes_what_is_deployed_for_others(account_policies: Simulation, domain: str) -> None:
    if domain != "ecommerce":  # the bucket is ecommerce's own
        assert not account_policies.allows(GLUE[domain], "s3:PutObject", SCRIPTS)
    assert not account_policies.allows(
        GLUE[domain], "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/lakehouse-mwaa"
    )
    assert not account_policies.allows(GLUE[domain], "s3:PutBucketPolicy", bucket_arns(domain)[0])


def test_only_clinical_jobs_have_the_key_of_evidence(account_policies: Simulation) -> None:
    secret = f"arn:aws:secretsmanager:{HERE}:secret:lakehouse/clinical/evidence-key-Ab12Cd"
    allowed = {
        role
        for role in account_policies.identity
        if account_policies.allows(role, "secretsmanager:GetSecretValue", secret)
    }
    assert allowed == {GLUE["clinical"]}


def test_only_who_handles_clinical_data_may_decrypt_it(
    applied: Applied, account_policies: Simulation
) -> None:
    aliases = applied.client("kms").list_aliases()["Aliases"]
    key = next(one["TargetKeyId"] for one in aliases if one["AliasName"] == "alias/lakehouse-clinical")
    arn = f"arn:aws:kms:{HERE}:key/{key}"
    allowed = {
        role for role in account_policies.identity if account_policies.allows(role, "kms:Decrypt", arn)
    }
    assert allowed == {GLUE["clinical"], "lakehouse-mwaa"}


MWAA = "lakehouse-mwaa"


@pytest.mark.parametrize("domain", GLUE)
def test_airflow_runs_pipelines(account_policies: Simulation, domain: str) -> None:
    prefix = GLUE[domain].removesuffix("glue")
    for action in (
        "glue:StartJobRun",
        "glue:GetJobRun",
        "glue:GetJobRuns",
        "glue:BatchStopJobRun",
        "glue:GetJob",
    ):
        assert account_policies.allows(MWAA, action, f"arn:aws:glue:{HERE}:job/{prefix}bronze_to_silver")
    for arn in bucket_arns(domain):
        assert account_policies.allows(MWAA, "s3:ListBucket", arn, s3__prefix="raw/orders/")
        assert account_policies.allows(MWAA, "s3:GetObject", f"{arn}/metadata/runs/1/bronze/candidate.json")
        assert account_policies.allows(MWAA, "s3:DeleteObject", f"{arn}/raw/orders/a.csv")
        assert account_policies.allows(MWAA, "s3:PutObject", f"{arn}/raw/archive/orders/a.csv")
        assert account_policies.allows(MWAA, "s3:GetObject", f"{arn}/gold/daily_sales/part.parquet")
    table = f"arn:aws:glue:{HERE}:table/{domain}_gold/x"
    assert account_policies.allows(MWAA, "glue:UpdateTable", table)
    assert account_policies.allows(
        MWAA, "athena:StartQueryExecution", f"arn:aws:athena:{HERE}:workgroup/lakehouse"
    )
    for topic in ("alerts", "quality", "delays"):
        assert account_policies.allows(MWAA, "sns:Publish", f"arn:aws:sns:{HERE}:lakehouse-{topic}")
    metrics = f"arn:aws:logs:{HERE}:log-group:/lakehouse/metrics:log-stream:{domain}"
    assert account_policies.allows(MWAA, "logs:PutLogEvents", metrics)
    assert account_policies.allows(MWAA, "sqs:ReceiveMessage", f"arn:aws:sqs:{HERE}:lakehouse-arrivals")


def test_airflow_writes_no_table_and_no_job(account_policies: Simulation) -> None:
    for domain in GLUE:
        for arn in bucket_arns(domain):
            for layer in ("bronze", "silver", "gold", "rejected"):
                assert not account_policies.allows(MWAA, "s3:PutObject", f"{arn}/{layer}/orders/part.parquet")
                assert not account_policies.allows(
                    MWAA, "s3:DeleteObject", f"{arn}/{layer}/orders/part.parquet"
                )
            assert not account_policies.allows(MWAA, "s3:GetObject", f"{arn}/bronze/orders/part.parquet")
    assert not account_policies.allows(MWAA, "glue:UpdateJob", f"arn:aws:glue:{HERE}:job/lakehouse-publish")
    assert not account_policies.allows(MWAA, "glue:StartJobRun", f"arn:aws:glue:{HERE}:job/somebody-elses")


def test_the_recorder_adds_segments_and_nothing_else(account_policies: Simulation) -> None:
    role, vault = "lakehouse-recorder", bucket_arns("market_data")[0]
    segment = f"{vault}/raw/ready/coinbase/segment_20260101T00_00001.ndjson"
    assert account_policies.allows(role, "s3:PutObject", segment)
    assert account_policies.allows(role, "s3:ListBucket", vault, s3__prefix="raw/ready/coinbase/")
    assert not account_policies.allows(role, "s3:DeleteObject", segment)
    assert not account_policies.allows(role, "s3:PutObject", f"{vault}/gold/ohlcv_1m/part.parquet")
    assert not account_policies.allows(role, "s3:ListBucket", vault, s3__prefix="gold/")
    for other in ("ecommerce", "clinical"):
        for arn in bucket_arns(other):
            assert not account_policies.allows(role, "s3:GetObject", f"{arn}/raw/orders/a.csv")


def test_the_trigger_calls_one_environment(account_policies: Simulation) -> None:
    arn = f"arn:aws:airflow:{HERE}:role"
    assert account_policies.allows("lakehouse-trigger", "airflow:InvokeRestApi", f"{arn}/lakehouse-dev/Op")
    assert not account_policies.allows(
        "lakehouse-trigger", "airflow:InvokeRestApi", f"{arn}/lakehouse-dev/Admin"
    )
    assert not account_policies.allows(
        "lakehouse-trigger", "airflow:InvokeRestApi", f"{arn}/lakehouse-prod/Op"
    )


def test_plain_http_is_refused(account_policies: Simulation) -> None:
    for domain, role in GLUE.items():
        resource = f"{bucket_arns(domain)[0]}/silver/x"
        assert not account_policies.allows(role, "s3:GetObject", resource, aws__securetransport="false")


def test_a_principal_that_is_not_named_is_refused_whatever_its_policies_say(
    account_policies: Simulation,
) -> None:
    everything = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
    stranger = Simulation({"stranger": everything}, account_policies.buckets)
    for domain in GLUE:
        for arn in bucket_arns(domain):
            assert not stranger.allows("stranger", "s3:GetObject", f"{arn}/gold/x")


def test_wildcards_have_a_reason(account_policies: Simulation) -> None:
    for role, statements in account_policies.identity.items():
        for statement in statements:
            wild = [action for action in listed(statement["Action"]) if "*" in action]
            assert set(wild) <= {"kms:GenerateDataKey*"}, (role, wild)
            if "*" in listed(statement.get("Resource", [])):
                assert statement["Sid"] in UNRESOURCED, json.dumps(statement)


def listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
