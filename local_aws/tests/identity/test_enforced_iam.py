"""Users and roles may do what their policies allow, once the server is told to ask IAM."""

import json

import boto3
import pytest
from botocore.exceptions import ClientError

from local_aws.tests.conftest import Server

ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def strict(tmp_path_factory):
    """A server that asks IAM, with a bucket of two folders and a queue."""
    server = Server(tmp_path_factory.mktemp("strict"), glue_warm="false", enforce_iam="true").start()
    s3 = server.client("s3")
    s3.create_bucket(Bucket="lake")
    for key in ("in/a", "out/b"):
        s3.put_object(Bucket="lake", Key=key, Body=b"x")
    server.client("sqs").create_queue(QueueName="jobs")
    yield server
    server.stop()


def statement(action, resource, effect="Allow", **condition):
    return {"Effect": effect, "Action": action, "Resource": resource, **condition}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def user(server, name, *statements):
    """Credentials of a new user with an inline policy."""
    iam = server.client("iam")
    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return key["AccessKeyId"], key["SecretAccessKey"]


def refused(call, *, code="AccessDenied", **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert error.value.response["Error"]["Code"] == code
    return str(error.value)


@pytest.mark.conforms(
    "iam:PutUserPolicy",
    "IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html",
    "By default, all requests are implicitly denied with the exception of the AWS account root user, which has full "
    "access.",
    differs="with serve --enforce-iam; keys that IAM and STS did not give out are the root",
)
def test_what_no_policy_allows_is_denied(strict):
    s3 = strict.client("s3", *user(strict, "nobody"))
    told = refused(s3.get_object, Bucket="lake", Key="in/a")
    assert f"arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: s3:GetObject" in told
    assert "because no identity-based policy allows the s3:GetObject action" in told
    assert strict.client("s3").get_object(Bucket="lake", Key="in/a")["Body"].read() == b"x"


def test_a_policy_allows_its_actions_on_its_resources(strict):
    allowed = [
        statement("s3:GetObject", "arn:aws:s3:::lake/in/*"),
        statement("s3:ListBucket", "arn:aws:s3:::lake", Condition={"StringLike": {"s3:prefix": "in/*"}}),
        statement("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:jobs"),
    ]
    keys = user(strict, "reader", *allowed)
    s3, sqs = strict.client("s3", *keys), strict.client("sqs", *keys)
    assert s3.get_object(Bucket="lake", Key="in/a")["Body"].read() == b"x"
    assert s3.list_objects_v2(Bucket="lake", Prefix="in/")["KeyCount"] == 1
    refused(s3.get_object, Bucket="lake", Key="out/b")
    refused(s3.list_objects_v2, Bucket="lake", Prefix="out/")
    refused(s3.put_object, Bucket="lake", Key="in/c", Body=b"x")
    url = strict.client("sqs").get_queue_url(QueueName="jobs")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="go")
    refused(sqs.receive_message, QueueUrl=url, code="AccessDeniedException")


@pytest.mark.conforms(
    "iam:PutUserPolicy",
    "IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html",
    "An explicit deny overrides an explicit allow.",
)
def test_an_explicit_deny_wins(strict):
    keys = user(
        strict, "careful", statement("s3:*", "*"), statement("s3:DeleteObject", "arn:aws:s3:::lake/*", "Deny")
    )
    s3 = strict.client("s3", *keys)
    s3.put_object(Bucket="lake", Key="in/d", Body=b"x")
    refused(s3.delete_object, Bucket="lake", Key="in/d")


def test_groups_and_managed_policies_count(strict):
    iam = strict.client("iam")
    keys = user(strict, "member")
    iam.create_group(GroupName="readers")
    policy = iam.create_policy(PolicyName="read", PolicyDocument=document(statement("s3:GetObject", "*")))[
        "Policy"
    ]
    iam.attach_group_policy(GroupName="readers", PolicyArn=policy["Arn"])
    s3 = strict.client("s3", *keys)
    refused(s3.get_object, Bucket="lake", Key="in/a")
    iam.add_user_to_group(GroupName="readers", UserName="member")
    assert s3.get_object(Bucket="lake", Key="in/a")["Body"].read() == b"x"


def test_a_bucket_policy_may_allow_what_identity_policies_do_not(strict):
    root = strict.client("s3")
    root.create_bucket(Bucket="shared")
    root.put_object(Bucket="shared", Key="k", Body=b"x")
    keys = user(strict, "guest")
    allow = {
        **statement("s3:GetObject", "arn:aws:s3:::shared/*"),
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/guest"},
    }
    root.put_bucket_policy(Bucket="shared", Policy=document(allow))
    s3 = strict.client("s3", *keys)
    assert s3.get_object(Bucket="shared", Key="k")["Body"].read() == b"x"
    refused(s3.put_object, Bucket="shared", Key="k", Body=b"y")


@pytest.mark.conforms(
    "iam:PutRolePermissionsBoundary",
    "IAM/latest/UserGuide/access_policies_boundaries.html",
    "A permissions boundary is an advanced feature for using a managed policy to set the maximum permissions that an "
    "identity-based policy can grant to an IAM entity.",
    differs="of roles, not of users; a role's trust policy is not asked",
)
def test_a_role_acts_within_its_boundary(strict):
    iam = strict.client("iam")
    bound = iam.create_policy(PolicyName="bound", PolicyDocument=document(statement("s3:Get*", "*")))[
        "Policy"
    ]["Arn"]
    role = iam.create_role(RoleName="job", AssumeRolePolicyDocument=document(), PermissionsBoundary=bound)[
        "Role"
    ]
    iam.put_role_policy(RoleName="job", PolicyName="own", PolicyDocument=document(statement("s3:*", "*")))
    given = strict.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="run")["Credentials"]
    session = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    s3 = strict.client("s3", *session)
    assert s3.get_object(Bucket="lake", Key="in/a")["Body"].read() == b"x"
    refused(s3.put_object, Bucket="lake", Key="in/e", Body=b"x")
    assert strict.client("sts", *session).get_caller_identity()["Arn"].endswith("assumed-role/job/run")
    refused(strict.client("glue", *session).get_databases, code="AccessDeniedException")


@pytest.mark.conforms(
    "s3:PutBucketPolicy",
    "IAM/latest/UserGuide/reference_policies_elements_principal.html",
    "When you specify an AWS account, you can use the account ARN",
)
def test_a_bucket_policy_for_the_account_leaves_it_to_policies_of_iam(strict):
    root = strict.client("s3")
    root.create_bucket(Bucket="delegated")
    root.put_object(Bucket="delegated", Key="k", Body=b"x")
    to_all = {
        **statement("s3:GetObject", "arn:aws:s3:::delegated/*"),
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
    }
    root.put_bucket_policy(Bucket="delegated", Policy=document(to_all))
    refused(strict.client("s3", *user(strict, "outsider")).get_object, Bucket="delegated", Key="k")
    insider = strict.client("s3", *user(strict, "insider", statement("s3:GetObject", "*")))
    assert insider.get_object(Bucket="delegated", Key="k")["Body"].read() == b"x"


def test_anonymous_callers_need_a_bucket_policy(strict):
    from botocore import UNSIGNED
    from botocore.config import Config

    s3 = boto3.client(
        "s3", endpoint_url=strict.endpoint, region_name="us-east-1", config=Config(signature_version=UNSIGNED)
    )
    refused(s3.get_object, Bucket="lake", Key="in/a")


@pytest.mark.conforms(
    "s3:CreateMultipartUpload",
    "AmazonS3/latest/API/API_CreateMultipartUpload.html",
    "The requester must also have permissions for the kms:GenerateDataKey action for the CreateMultipartUpload API. "
    "Then, the requester needs permissions for the kms:Decrypt action on the UploadPart and UploadPartCopy APIs.",
    differs="with serve --enforce-iam; grants are not asked",
)
def test_the_key_of_an_object_is_asked_of_its_callers(strict):
    key = strict.client("kms").create_key()["KeyMetadata"]["Arn"]
    by = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    everything = statement("s3:*", "*")
    via_s3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
    writer = strict.client(
        "s3", *user(strict, "sealer", everything, statement("kms:GenerateDataKey", key, Condition=via_s3))
    )
    reader = strict.client("s3", *user(strict, "opener", everything, statement("kms:Decrypt", key)))
    told = refused(reader.put_object, Bucket="lake", Key="sealed", Body=b"x", **by)
    assert f"is not authorized to perform: kms:GenerateDataKey on resource: {key}" in told
    writer.put_object(Bucket="lake", Key="sealed", Body=b"x", **by)
    assert "kms:Decrypt" in refused(writer.get_object, Bucket="lake", Key="sealed")
    assert "kms:Decrypt" in refused(writer.copy_object, Bucket="lake", Key="plain", CopySource="lake/sealed")
    assert reader.get_object(Bucket="lake", Key="sealed")["Body"].read() == b"x"
    begun = writer.create_multipart_upload(Bucket="lake", Key="parts", **by)["UploadId"]
    part = {"Bucket": "lake", "Key": "parts", "UploadId": begun, "PartNumber": 1, "Body": b"x"}
    assert "kms:Decrypt" in refused(writer.upload_part, **part)
    # Its own key S3 uses for everybody who may use S3.
    reader.put_object(Bucket="lake", Key="managed", Body=b"x", ServerSideEncryption="aws:kms")
