"""The roles of Airflow and of the jobs: what they may do is what Terraform's roles of these names may do on AWS."""

import json
from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path
from string import Template
from typing import Any

import boto3
from botocore.exceptions import ClientError

from lakehouse.address import is_bucket
from lakehouse.operations.pools import domains
from lakehouse.settings import Settings
from laptop.layout import ACCOUNT, Layout

AIRFLOW_ROLE, JOB_ROLE = "lakehouse-mwaa", "lakehouse-glue"
_POLICIES = Path(__file__).parent / "policies"
_ROLES = {
    AIRFLOW_ROLE: ("airflow.json", "airflow.amazonaws.com"),
    JOB_ROLE: ("jobs.json", "glue.amazonaws.com"),
}
"""Role → its policy's file, and the service that assumes it."""


def ensure_roles(layout: Layout) -> None:
    """Make both roles with their policies, or bring the policies up to date."""
    iam = boto3.client("iam")
    names = _names(layout)
    for role, (file, service) in _ROLES.items():
        try:
            iam.create_role(RoleName=role, AssumeRolePolicyDocument=_trust(service))
        except ClientError as error:
            if error.response["Error"]["Code"] != "EntityAlreadyExists":
                raise
        policy = filled(json.loads((_POLICIES / file).read_text()), names)
        iam.put_role_policy(RoleName=role, PolicyName="lakehouse", PolicyDocument=json.dumps(policy))


def airflow_credentials(layout: Layout) -> dict[str, str]:
    """Variables with which Airflow acts as its role; none where policies are not enforced."""
    if not layout.enforce_iam:
        return {}
    owner = layout.client_environment()
    sts = boto3.client(
        "sts",
        endpoint_url=layout.endpoint,
        region_name=layout.region,
        aws_access_key_id=owner["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=owner["AWS_SECRET_ACCESS_KEY"],
    )
    arn = f"arn:aws:iam::{ACCOUNT}:role/{AIRFLOW_ROLE}"
    given = sts.assume_role(RoleArn=arn, RoleSessionName="AmazonMWAA-airflow")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


def filled(policy: dict[str, Any], names: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """A policy whose resources are named: a pattern with ``$bucket`` becomes one for each bucket."""
    statements = [
        {**statement, "Resource": [arn for text in statement["Resource"] for arn in _each(text, names)]}
        for statement in policy["Statement"]
    ]
    return {**policy, "Statement": statements}


def _each(text: str, names: Mapping[str, Sequence[str]]) -> list[str]:
    template = Template(text)
    used = template.get_identifiers()
    return [
        template.substitute(dict(zip(used, chosen, strict=True)))
        for chosen in product(*(names[name] for name in used))
    ]


def _names(layout: Layout) -> dict[str, list[str]]:
    settings = Settings()
    places = {place for domain in domains() for place in settings.buckets(domain).values()}
    return {
        "account": [ACCOUNT],
        "bucket": sorted(filter(is_bucket, places)),
        "domain": list(domains()),
        "prefix": settings.all_job_prefixes(),
        "region": [layout.region],
        "shared": [layout.bucket],
    }


def _trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
