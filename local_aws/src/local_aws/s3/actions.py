"""The IAM action of an S3 request: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html."""

from collections.abc import Collection

# Sub-resource in the query -> what follows Get, Put (or Delete) in the action's name.
BUCKET_PARTS = {
    "accelerate": "AccelerateConfiguration",
    "acl": "BucketAcl",
    "analytics": "AnalyticsConfiguration",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "inventory": "InventoryConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "metrics": "MetricsConfiguration",
    "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
BUCKET_LISTS = {"uploads": "ListBucketMultipartUploads", "versions": "ListBucketVersions"}
BUCKET_DEFAULTS = {"GET": "ListBucket", "HEAD": "ListBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}
DELETED_BY_NAME = {"policy", "website"}  # the other parts are deleted by their Put action

OBJECT_PARTS = {
    "acl": "Acl",
    "attributes": "Attributes",
    "legal-hold": "LegalHold",
    "retention": "Retention",
    "tagging": "Tagging",
}
WITH_VERSION = {"", "Acl", "Attributes", "Tagging"}
VERBS = {"GET": "Get", "HEAD": "Get", "PUT": "Put", "POST": "Put", "DELETE": "Delete"}


def bucket_action(method: str, query: Collection[str]) -> str:
    """Action of a request on a bucket, without the prefix ``s3:``."""
    if method == "GET":
        for name, action in BUCKET_LISTS.items():
            if name in query:
                return action
    for name, part in BUCKET_PARTS.items():
        if name in query:
            by_put = method == "DELETE" and name not in DELETED_BY_NAME
            return ("Put" if by_put else VERBS[method]) + part
    if method == "POST":
        return "DeleteObject" if "delete" in query else "PutObject"
    return BUCKET_DEFAULTS.get(method, "ListBucket")


def object_action(method: str, query: Collection[str]) -> str:
    """Action of a request on an object, without the prefix ``s3:``."""
    if "uploadId" in query and method in {"GET", "DELETE"}:
        return "ListMultipartUploadParts" if method == "GET" else "AbortMultipartUpload"
    if method == "POST" and "restore" in query:
        return "RestoreObject"
    if method == "POST" and "select" in query:
        return "GetObject"
    part = next((part for name, part in OBJECT_PARTS.items() if name in query), "")
    versioned = "versionId" in query and part in WITH_VERSION and method != "POST"
    return f"{VERBS.get(method, 'Get')}Object{'Version' if versioned else ''}{part}"
