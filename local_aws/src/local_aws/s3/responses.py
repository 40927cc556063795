"""moto's S3 responses with policies in front, atomic conditional writes and bodies that are streamed."""

import io
import ipaddress
import logging
import re
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from moto.core.responses import ActionResult
from moto.s3.exceptions import ReplicationConfigurationNotFoundError, S3ClientError
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response

from local_aws.identity import permissions
from local_aws.identity.access import AccessRequest, principal_keys, serving
from local_aws.identity.policy import Decision, MalformedPolicyError, decide, statements
from local_aws.identity.principal import Principal, access_key_of, principal_of
from local_aws.s3 import customer_keys
from local_aws.s3.actions import bucket_action, object_action
from local_aws.s3.backend import StoredS3Backend
from local_aws.s3.encryption import BUCKET_KEY_HEADER, HEADER, KEY_HEADER, Encryption, blocked_by, is_true
from local_aws.s3.files import Body, UnstoredError
from local_aws.s3.listing import ROOTS, listing_xml
from local_aws.s3.objects import StoredKey
from local_aws.s3.replication.rules import described

LOG = logging.getLogger(__name__)
# moto gives every error that AWS's model does not describe the status 400.
INTERNAL_ERROR = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    "<Error><Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message></Error>"
)
# The owner can always undo a policy that locks everybody out.
OWNER_ACTIONS = {"s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"}
CONDITION_HEADERS = (
    *("x-amz-acl", "x-amz-copy-source", "x-amz-metadata-directive", "x-amz-storage-class"),
    *(HEADER, KEY_HEADER, customer_keys.ALGORITHM_HEADER),
)
CONDITION_QUERY = {"prefix": "s3:prefix", "delimiter": "s3:delimiter", "versionId": "s3:versionid"}
_BLOCKED = re.compile(rb"<EncryptionType>([^<]+)</EncryptionType>")
MUTATING = {"PUT", "POST", "DELETE"}


def _denied(access: AccessRequest, resource: str, why: str) -> S3ClientError:
    who = access.principal.arn or "anonymous"
    return S3ClientError(
        "AccessDenied",
        f'User: {who} is not authorized to perform: {access.action} on resource: "{resource}" {why}',
    )


class StoredS3Response(S3Response):  # type: ignore[misc]
    """Serves one S3 request."""

    @property
    def backend(self) -> StoredS3Backend:
        return s3_backends[self.current_account]["aws"]  # type: ignore[no-any-return]

    def _bucket_response(self, request: Any, full_url: str) -> Any:
        action = bucket_action(request.method, request.args)
        access = self._access(request, f"s3:{action}")
        # A delete of many objects is judged object by object.
        if self.bucket_name and action != "DeleteObject":
            self._judge(access, self.bucket_name, None)
        with serving(access):
            result = super()._bucket_response(request, full_url)
        if request.method in MUTATING:
            StoredKey.files.changes += 1
        return result

    def _bucket_response_put(self, request: Any, bucket_name: str, querystring: Any) -> Any:
        if "policy" in querystring:
            try:
                statements(self.body)
            except MalformedPolicyError as error:
                raise S3ClientError("MalformedPolicy", str(error)) from error
        return super()._bucket_response_put(request, bucket_name, querystring)

    def _key_response(self, request: Any, full_url: str) -> Any:
        key_name = self.parse_key_name()
        access = self._access(request, f"s3:{object_action(request.method, request.args)}")
        self._judge(access, self.bucket_name, key_name)
        self._judge_copy_source(access)
        with serving(access), customer_keys.serving(self.headers):
            if request.method not in MUTATING:
                return super()._key_response(request, full_url)
            # The check of If-Match and If-None-Match and the write it allows are one step.
            with self.backend.writing(self.bucket_name, key_name):
                try:
                    result = super()._key_response(request, full_url)
                except UnstoredError as error:
                    LOG.error("%s", error)  # noqa: TRY400 - the message says all
                    return 500, {"content-type": "application/xml"}, INTERNAL_ERROR
        StoredKey.files.changes += 1
        return result

    def _access(self, request: Any, action: str) -> AccessRequest:
        key = access_key_of(request.headers.get("Authorization"), request.args)
        principal = principal_of(key, self.current_account)
        return AccessRequest(action, principal, _condition_keys(request, principal))

    def _judge(self, access: AccessRequest, bucket_name: str, key_name: str | None) -> None:
        bucket = self.backend.buckets.get(bucket_name)
        if bucket is None:
            return
        owner = access.principal.kind == "Account" and access.principal.account_id == bucket.account_id
        if owner and access.action in OWNER_ACTIONS:
            return
        resource = f"arn:{bucket.partition}:s3:::{bucket_name}" + (f"/{key_name}" if key_name else "")
        decision = (
            decide(bucket.policy, access.action, resource, access) if bucket.policy else Decision.NEUTRAL
        )
        if decision is Decision.DENY:
            raise _denied(access, resource, "with an explicit deny in a resource-based policy")
        if self.backend.enforces_iam and not permissions.may(access, resource, decision):
            raise _denied(
                access, resource, f"because no identity-based policy allows the {access.action} action"
            )

    def _judge_copy_source(self, access: AccessRequest) -> None:
        source = self.headers.get("x-amz-copy-source")
        if source:
            bucket_name, _, key_name = unquote(source.split("?")[0]).lstrip("/").partition("/")
            reading = AccessRequest("s3:GetObject", access.principal, access.keys)
            self._judge(reading, bucket_name, key_name)

    def _key_response_post(self, *arguments: Any) -> Any:
        status, headers, content = super()._key_response_post(*arguments)
        return status, {**headers, **self._encrypted()}, content

    def _encrypted(self) -> Any:
        """Headers on the encryption of an upload that this request began or completed."""
        action, result = self.data.get("Action"), getattr(self, "_result", {})
        if action == "CreateMultipartUpload":
            upload = self.backend.get_bucket(self.bucket_name).multiparts[result["UploadId"]]
            asked = self.headers.get(BUCKET_KEY_HEADER)
            if asked and upload.encryption.key_arn:
                upload.encryption = replace(upload.encryption, bucket_key=is_true(asked))
            return upload.encryption.headers()
        if action == "CompleteMultipartUpload":
            return Encryption.of(self.backend.get_object(self.bucket_name, result["Key"])).headers()
        return {}

    def serialized(self, action_result: ActionResult) -> Any:
        action, self._result = self.data.get("Action"), action_result.result
        if action in ROOTS and isinstance(action_result.result, dict):
            return 200, {"content-type": "application/xml"}, listing_xml(action, action_result.result)
        return super().serialized(action_result)

    def get_bucket_encryption(self) -> Any:
        """With what the bucket blocks, which moto's own leaves out."""
        self.data["Action"] = "GetBucketEncryption"
        rule = self.backend.get_bucket_encryption(self.bucket_name)["Rule"]
        told = {
            **rule,
            "BucketKeyEnabled": is_true(rule.get("BucketKeyEnabled")),
            "BlockedEncryptionTypes": {"EncryptionType": blocked_by(rule)},
        }
        return self.serialized(ActionResult({"ServerSideEncryptionConfiguration": {"Rules": [told]}}))

    def _encryption_config_from_body(self) -> dict[str, Any]:
        """A rule may speak of nothing but what the bucket blocks, which moto's own refuses."""
        blocked = [found.decode() for found in _BLOCKED.findall(self.body)]
        if blocked and b"<ApplyServerSideEncryptionByDefault>" not in self.body:
            return {"Rule": {"BlockedEncryptionTypes": {"EncryptionType": blocked}}}
        return super()._encryption_config_from_body()  # type: ignore[no-any-return]

    def get_bucket_replication(self) -> Any:
        """With filters, delete markers and criteria, which moto's own leaves out."""
        self.data["Action"] = "GetBucketReplication"
        found = self.backend.get_bucket_replication(self.bucket_name)
        if not found:
            raise ReplicationConfigurationNotFoundError(bucket_name=self.bucket_name)
        rules = [described(rule) for rule in found["Rule"]]
        answer = {"ReplicationConfiguration": {"Role": found.get("Role", ""), "Rules": rules}}
        return self.serialized(ActionResult(answer))

    def key_response(self, request: Any, full_url: str, headers: Any) -> Any:
        status, headers, content = super().key_response(request, full_url, headers)
        return status, headers, iter(content) if isinstance(content, Body) else content

    def get_object(self) -> Any:
        self._streamed = True
        return super().get_object()

    def _get_key(self, validate_storage_class: bool = True) -> Any:
        key, not_modified = super()._get_key(validate_storage_class)
        if getattr(self, "_streamed", False) and not not_modified:
            self.backend.read_key(key, customer_keys.given().own)
        return (_Streamed(key) if getattr(self, "_streamed", False) else key), not_modified

    def _handle_encoded_body(self, body: Any) -> bytes:
        """Decode ``aws-chunked`` in one pass; moto's own takes quadratic time."""
        stream = io.BytesIO(body) if isinstance(body, bytes) else body
        chunks = []
        while size := int(stream.readline().split(b";")[0].strip() or b"0", 16):
            chunks.append(stream.read(size))
            stream.readline()
        return b"".join(chunks)


class _Streamed:
    """A key whose ``value`` is its body on disk, not bytes in memory."""

    def __init__(self, key: StoredKey) -> None:
        self._key = key

    @property
    def value(self) -> Body:
        return self._key.body

    def __getattr__(self, name: str) -> Any:
        return getattr(self._key, name)


def _condition_keys(request: Any, principal: Principal) -> dict[str, list[str]]:
    keys = principal_keys(principal)
    address = request.remote_addr or "127.0.0.1"
    # Nothing on the way to a loopback address can read along: it counts as secure transport.
    secure = request.scheme == "https" or ipaddress.ip_address(address).is_loopback
    keys["aws:securetransport"] = ["true" if secure else "false"]
    keys["aws:sourceip"] = [address]
    keys["aws:useragent"] = [request.headers.get("User-Agent", "")]
    keys["aws:viaawsservice"] = ["false"]
    keys["s3:tlsversion"] = ["1.3"] if secure else []
    for header in CONDITION_HEADERS:
        if header in request.headers:
            keys[f"s3:{header}"] = [request.headers[header]]
    for name, key in CONDITION_QUERY.items():
        if name in request.args:
            keys[key] = [request.args[name]]
    return keys
