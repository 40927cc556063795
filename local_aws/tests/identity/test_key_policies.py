"""The policy of a key says who may use it, before policies of IAM are asked."""

import pytest

from local_aws.tests.identity.test_enforced_iam import ACCOUNT, document, refused, statement, strict, user

__all__ = ["strict"]

BUCKET = "sealed"
EVERYTHING = statement("*", "*")
OF_ACCOUNT = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}


def of(name):
    return {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{name}"}}


@pytest.fixture
def sealed(strict):
    """A bucket, and a maker of keys with policies, each with an object that it encrypts; returns the key's ARN."""
    s3, kms = strict.client("s3"), strict.client("kms")
    s3.create_bucket(Bucket=BUCKET)

    def make(*statements):
        policy = document(*statements)
        key = kms.create_key(Policy=policy, BypassPolicyLockoutSafetyCheck=True)["KeyMetadata"]["Arn"]
        s3.put_object(Bucket=BUCKET, Key="k", Body=b"secret", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
        return key

    return make


def reading(strict, name, *statements):
    """The client of a new user, and the call that reads the object."""
    s3 = strict.client("s3", *user(strict, name, *statements))
    return s3, {"Bucket": BUCKET, "Key": "k"}


@pytest.mark.conforms(
    "kms:PutKeyPolicy",
    "kms/latest/developerguide/key-policies.html",
    "Unless the key policy explicitly allows it, you cannot use IAM policies to allow access to a KMS key.",
    differs="with serve --enforce-iam; the root of the account may use every key, and grants are not asked",
)
def test_policies_of_iam_count_only_where_the_key_says_so(strict, sealed):
    s3, at = reading(strict, "admin", EVERYTHING)
    key = sealed(statement("kms:*", "*") | of("somebody"))
    told = refused(s3.get_object, **at)
    assert f"is not authorized to perform: kms:Decrypt on resource: {key}" in told
    assert "because no resource-based policy allows the kms:Decrypt action" in told
    kms = strict.client("kms")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document(statement("kms:*", "*") | OF_ACCOUNT))
    assert s3.get_object(**at)["Body"].read() == b"secret"


def test_a_key_that_leaves_it_to_iam_needs_a_policy_there(strict, sealed):
    sealed(statement("kms:*", "*") | OF_ACCOUNT)
    s3, at = reading(strict, "clerk", statement("s3:*", "*"))
    assert "because no identity-based policy allows the kms:Decrypt action" in refused(s3.get_object, **at)


def test_a_key_may_let_a_user_in_by_itself(strict, sealed):
    key = sealed(statement("kms:Decrypt", "*") | of("named"))
    s3, at = reading(strict, "named", statement("s3:*", "*"))
    assert s3.get_object(**at)["Body"].read() == b"secret"
    again = {**at, "Body": b"x", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
    assert "because no resource-based policy allows the kms:GenerateDataKey action" in refused(
        s3.put_object, **again
    )


def test_what_a_key_denies_no_other_policy_allows(strict, sealed):
    deny = statement("kms:Decrypt", "*", "Deny") | of("barred")
    sealed(statement("kms:*", "*") | OF_ACCOUNT, deny)
    s3, at = reading(strict, "barred", EVERYTHING)
    assert "with an explicit deny in a resource-based policy" in refused(s3.get_object, **at)
    assert strict.client("s3").get_object(**at)["Body"].read() == b"secret"


def test_a_key_may_be_for_s3_alone(strict, sealed):
    via_s3 = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": ACCOUNT}}
    key = sealed(statement(["kms:Decrypt", "kms:Encrypt"], "*", Condition=via_s3) | of("through"))
    keys = user(strict, "through", statement("s3:*", "*"))
    assert strict.client("s3", *keys).get_object(Bucket=BUCKET, Key="k")["Body"].read() == b"secret"
    direct = strict.client("kms", *keys)
    told = refused(direct.encrypt, KeyId=key, Plaintext=b"x", code="AccessDeniedException")
    assert "because no resource-based policy allows the kms:Encrypt action" in told


def test_calls_of_kms_ask_the_key_by_any_of_its_names(strict, sealed):
    key = sealed(statement("kms:*", "*") | OF_ACCOUNT, statement("kms:Encrypt", "*", "Deny") | of("other"))
    strict.client("kms").create_alias(AliasName="alias/lake", TargetKeyId=key)
    other = strict.client("kms", *user(strict, "other", EVERYTHING))
    for name in (key, key.rpartition("/")[2], "alias/lake"):
        told = refused(other.encrypt, KeyId=name, Plaintext=b"x", code="AccessDeniedException")
        assert f"kms:Encrypt on resource: {key} with an explicit deny" in told
