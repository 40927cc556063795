"""What carries out replication rules: workers that copy new versions soon after, in no order."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from moto.s3 import models

from local_aws.identity.access import AccessRequest, principal_keys
from local_aws.identity.policy import Decision, decide
from local_aws.identity.principal import Principal
from local_aws.s3.encryption import takes
from local_aws.s3.objects import StoredKey
from local_aws.s3.replication.copies import add_copy, add_delete_marker
from local_aws.s3.replication.rules import ReplicationRule, enabled_rules

LOG = logging.getLogger(__name__)
WORKERS = 4
RETRY_SECONDS = 0.5
PENDING, COMPLETED, FAILED = "PENDING", "COMPLETED", "FAILED"

type Passes = Callable[[str, str, str], bool]
"""Source, destination and name of an object → whether its copy may go now; may take its time to say so."""


@dataclass(frozen=True)
class _Version:
    account: str
    bucket: str
    name: str
    id: str


class Replicator:
    """Copies versions that buckets with rules get; each carries its state, so that a restart forgets none.

    Attributes:
        passes: Asked before every copy; a copy that may not go is tried again.
    """

    def __init__(self) -> None:
        self.passes: Passes = lambda _source, _destination, _name: True
        self._due: queue.SimpleQueue[_Version] = queue.SimpleQueue()

    def start(self) -> None:
        """Begin to copy, first of all what the last process left."""
        for account, _partition, backend in list(models.s3_backends.iter_backends()):
            for bucket in list(backend.buckets.values()):
                for version in [one for versions in dict.values(bucket.keys) for one in versions]:
                    if getattr(version, "replication_status", None) == PENDING:
                        self._due.put(_Version(account, bucket.name, version.name, version.version_id))
        for number in range(WORKERS):
            threading.Thread(target=self._work, name=f"replication-{number}", daemon=True).start()

    def offer(self, account: str, bucket: Any, version: Any) -> None:
        """Take in a new version, or delete marker, if a rule may concern it. Its tags may still be to come."""
        if any(version.name.startswith(rule.prefix) for rule in enabled_rules(bucket)):
            version.replication_status = PENDING
            self._due.put(_Version(account, bucket.name, version.name, version.version_id))

    def _work(self) -> None:
        while True:
            due = self._due.get()
            try:
                if not self._replicate(due):
                    time.sleep(RETRY_SECONDS)
                    self._due.put(due)
            except Exception:
                LOG.exception("%s/%s could not be replicated", due.bucket, due.name)

    def _replicate(self, due: _Version) -> bool:
        """Carry out the rules that concern a version; False where it is to be tried again."""
        backend = models.s3_backends[due.account]["aws"]
        bucket = backend.buckets.get(due.bucket)
        # A request holds the name until all of what it writes is written, its tags too.
        with backend.writing(due.bucket, due.name):
            versions = bucket.keys.getlist(due.name, []) if bucket else []
            version = next((one for one in versions if one.version_id == due.id), None)
        if version is None:
            return True
        rules = _rules_of(backend, bucket, version)
        if not all(self.passes(due.bucket, rule.destination, due.name) for rule in rules):
            return False
        done = [_carry_out(backend, bucket, version, rule) for rule in rules]
        version.replication_status = (FAILED if False in done else COMPLETED) if done else None
        StoredKey.files.changes += 1
        return True


def _carry_out(backend: Any, bucket: Any, version: Any, rule: ReplicationRule) -> bool:
    destination = backend.buckets.get(rule.destination)
    is_marker = isinstance(version, models.FakeDeleteMarker)
    action = "s3:ReplicateDelete" if is_marker else "s3:ReplicateObject"
    if destination is None or destination.versioning_status != "Enabled":
        return False
    if not _is_let_in(destination, action, version.name, bucket.replication.get("Role", "")):
        return False
    if not is_marker and not takes(destination, version.seal):
        return False
    with backend.writing(destination.name, version.name):
        if is_marker:
            add_delete_marker(destination, version)
        else:
            add_copy(backend, destination, version, rule)
    return True


def _rules_of(backend: Any, bucket: Any, version: Any) -> list[ReplicationRule]:
    """The rules that concern a version, one for a destination."""
    if isinstance(version, models.FakeDeleteMarker):
        # Rules with tags never replicate markers.
        found = [
            r
            for r in enabled_rules(bucket)
            if r.delete_markers and not r.tags and r.concerns(version.name, {})
        ]
    else:
        tags = backend.tagger.get_tag_dict_for_resource(version.arn)
        by_kms = version.encryption == "aws:kms"
        found = [
            r for r in enabled_rules(bucket) if r.concerns(version.name, tags) and (r.encrypted or not by_kms)
        ]
    return list({rule.destination: rule for rule in reversed(found)}.values())


def _is_let_in(destination: Any, action: str, name: str, role: str) -> bool:
    if destination.policy is None:
        return True
    account = role.split(":")[4] if role.count(":") > 4 else ""  # noqa: PLR2004 - arn:aws:iam::<account>:role/…
    who = Principal("AssumedRole", account, role, role)
    keys = principal_keys(who) | {"aws:securetransport": ["true"]}
    resource = f"arn:aws:s3:::{destination.name}/{name}"
    return decide(destination.policy, action, resource, AccessRequest(action, who, keys)) is not Decision.DENY
