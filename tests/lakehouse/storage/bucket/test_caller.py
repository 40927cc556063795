import pytest

from lakehouse.storage.bucket.caller import Caller


def test_a_role_by_name_path_and_arn() -> None:
    caller = Caller("1", "arn:aws-us-gov:iam::1:user/a")
    assert caller.role_arn("r") == "arn:aws-us-gov:iam::1:role/r"
    assert caller.role_arn("path/r") == "arn:aws-us-gov:iam::1:role/path/r"
    assert caller.role_arn("arn:aws:iam::2:role/r") == "arn:aws:iam::2:role/r"


@pytest.mark.parametrize(
    ("arn", "principals"),
    [
        ("arn:aws:iam::1:user/a", ["arn:aws:iam::1:user/a"]),
        ("arn:aws:sts::1:assumed-role/R/session", ["arn:aws:iam::1:role/R", "arn:aws:iam::1:role/*/R"]),
        ("arn:aws:sts::1:federated-user/f", ["arn:aws:sts::1:federated-user/f"]),
    ],
)
def test_the_principal_arns_of_a_caller(arn: str, principals: list[str]) -> None:
    assert Caller("1", arn).principal_arns() == principals
