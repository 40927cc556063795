from typing import Any

import pytest

from lakehouse.storage.bucket.caller import Caller
from lakehouse.storage.bucket.policy import policy, same_policy
from tests.lakehouse.storage.bucket.policy_evaluation import denied

ACCOUNT = "111122223333"
ADMIN = Caller(ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/lakehouse-admin/alice")
ROLES = ["lakehouse-glue", "service-role/lakehouse-mwaa", "lakehouse-admin"]


def request(principal: str, *, secure: bool = True) -> dict[str, str]:
    return {
        "aws:PrincipalArn": f"arn:aws:iam::{principal}",
        "aws:SecureTransport": str(secure).lower(),
        "aws:PrincipalIsAWSService": "false",
    }


@pytest.mark.parametrize(
    "principal",
    [
        "111122223333:role/lakehouse-glue",
        "111122223333:role/service-role/lakehouse-mwaa",
        "111122223333:role/lakehouse-admin",
        "111122223333:root",
    ],
)
def test_named_roles_and_the_owner_have_access_over_https_only(principal: str) -> None:
    document = policy("lake", ADMIN, ROLES, {})
    assert not denied(document, request(principal))
    assert denied(document, request(principal, secure=False))


@pytest.mark.parametrize(
    "principal",
    [
        "111122223333:user/bob",
        "111122223333:role/lakehouse-glue-other",
        "111122223333:role/other/lakehouse-glue",
        "999999999999:role/lakehouse-glue",
        "999999999999:root",
    ],
)
def test_everyone_else_is_denied(principal: str) -> None:
    assert denied(policy("lake", ADMIN, ROLES, {}), request(principal))


def test_a_service_of_aws_may_deliver() -> None:
    context = {"aws:SecureTransport": "true", "aws:PrincipalIsAWSService": "true"}
    assert not denied(policy("lake", ADMIN, ROLES, {}), context)


def test_an_anonymous_request_is_denied() -> None:
    assert denied(policy("lake", ADMIN, ROLES, {}), {"aws:SecureTransport": "true"})


@pytest.mark.parametrize(
    ("arn", "principal"),
    [
        (f"arn:aws:iam::{ACCOUNT}:user/carol", f"{ACCOUNT}:user/carol"),
        (f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/ci", f"{ACCOUNT}:role/Deploy"),
        (
            f"arn:aws:sts::{ACCOUNT}:assumed-role/SSO_x/dave",
            f"{ACCOUNT}:role/aws-reserved/sso.amazonaws.com/SSO_x",
        ),
    ],
)
def test_the_caller_is_not_locked_out(arn: str, principal: str) -> None:
    document = policy("lake", Caller(ACCOUNT, arn), ROLES, {})
    assert not denied(document, request(principal))
    assert denied(policy("lake", ADMIN, ROLES, {}), request(principal))


def test_a_caller_with_a_named_role_is_not_named_twice() -> None:
    by_admin = policy("lake", ADMIN, ["lakehouse-admin"], {})
    by_root = policy("lake", Caller(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"), ["lakehouse-admin"], {})
    assert by_admin == by_root


def test_a_role_of_another_account_is_named_by_its_arn() -> None:
    document = policy("lake", ADMIN, ["arn:aws:iam::999999999999:role/reader"], {})
    assert not denied(document, request("999999999999:role/reader"))


def test_statements_of_others_stay_and_ours_are_replaced() -> None:
    log_delivery: dict[str, Any] = {
        "Sid": "Logs",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:PutObject",
    }
    once = policy("lake", ADMIN, ["lakehouse-glue"], {"Statement": log_delivery})
    twice = policy("lake", ADMIN, ROLES, once)
    assert [statement["Sid"] for statement in twice["Statement"]] == [
        "LakehouseHttpsOnly",
        "LakehouseNamedRolesOnly",
        "Logs",
    ]
    assert not denied(twice, request(f"{ACCOUNT}:role/service-role/lakehouse-mwaa"))


def test_china_has_its_own_partition() -> None:
    document = policy("lake", Caller(ACCOUNT, f"arn:aws-cn:iam::{ACCOUNT}:root"), ["r"], {})
    assert "arn:aws-cn:s3:::lake/*" in document["Statement"][0]["Resource"]
    assert f"arn:aws-cn:iam::{ACCOUNT}:role/r" in str(document)


def test_policies_are_compared_by_what_they_say() -> None:
    left = {"Statement": [{"Sid": "A", "Resource": ["x"]}, {"Sid": "B", "Resource": ["y", "z"]}]}
    right = {"Statement": [{"Sid": "B", "Resource": ["z", "y"]}, {"Sid": "A", "Resource": "x"}]}
    assert same_policy(left, right)
    assert not same_policy(left, {"Statement": left["Statement"][:1]})
