"""The credentials that a job has: those of its role."""

import threading
from dataclasses import dataclass

from moto.sts.models import sts_backends

SESSION = "GlueJobRunnerSession"
HOUR_SECONDS = 3600
S3A_TEMPORARY = "org.apache.hadoop.fs.s3a.TemporaryAWSCredentialsProvider"


@dataclass(frozen=True)
class Credentials:
    """Access key, secret and session token of an assumed role."""

    access_key_id: str
    secret_access_key: str
    session_token: str

    def environment(self) -> dict[str, str]:
        """As AWS clients read them from the environment."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_access_key,
            "AWS_SESSION_TOKEN": self.session_token,
        }

    def s3a(self) -> dict[str, str]:
        """As S3A reads them from Hadoop's configuration."""
        return {
            "fs.s3a.aws.credentials.provider": S3A_TEMPORARY,
            "fs.s3a.access.key": self.access_key_id,
            "fs.s3a.secret.key": self.secret_access_key,
            "fs.s3a.session.token": self.session_token,
        }


class RoleCredentials:
    """Gives each role one session, so that jobs of a role share S3A's cached clients."""

    def __init__(self, account_id: str, region: str) -> None:
        self.account_id, self.region = account_id, region
        self._known: dict[str, Credentials] = {}
        self._lock = threading.Lock()

    def of(self, role: str) -> Credentials:
        """Credentials of a role, given by name or ARN."""
        with self._lock:
            if role not in self._known:
                self._known[role] = self.new(role)
            return self._known[role]

    def new(self, role: str) -> Credentials:
        """Credentials of a session of its own: what is done with them was done by one run."""
        arn = role if role.startswith("arn:") else f"arn:aws:iam::{self.account_id}:role/{role}"
        session = sts_backends[self.account_id]["aws"].assume_role(
            self.region, SESSION, arn, "", HOUR_SECONDS, ""
        )
        return Credentials(session.access_key_id, session.secret_access_key, session.session_token)
