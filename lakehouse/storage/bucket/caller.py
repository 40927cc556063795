"""Who calls AWS: the account that will own the bucket, and the principal that must keep access to it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lakehouse.storage.bucket.failure import named_failures

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient


@dataclass(frozen=True)
class Caller:
    """The identity that STS reports."""

    account: str
    arn: str

    @property
    def partition(self) -> str:
        """`aws`, `aws-cn` or `aws-us-gov`."""
        return self.arn.split(":")[1]

    def role_arn(self, role: str) -> str:
        """The ARN of a role of this account by its name, with its path if it has one; an ARN stays."""
        return role if role.startswith("arn:") else f"arn:{self.partition}:iam::{self.account}:role/{role}"

    def principal_arns(self) -> list[str]:
        """What `aws:PrincipalArn` can be for this caller.

        A role's session has the role's ARN, whose path the session does not show; role names are unique
        in an account whatever their path.
        """
        resource = self.arn.split(":", 5)[5]
        if not resource.startswith("assumed-role/"):
            return [self.arn]
        name = resource.split("/")[1]
        return [self.role_arn(name), self.role_arn(f"*/{name}")]


def identify(sts: "STSClient") -> Caller:
    """Ask STS; raises BucketError."""
    with named_failures("the AWS account"):
        identity = sts.get_caller_identity()
    return Caller(identity["Account"], identity["Arn"])
