"""Glue databases and jobs, Athena work groups, buckets and their policies of a stack."""

import json
from typing import Any

from moto.core.common_models import CloudFormationModel

from local_aws.cloudformation.resources import CalledResource

_WHOLE_NUMBERS = {"MaxRetries", "NumberOfWorkers", "Timeout"}


class GlueDatabase(CalledResource, CloudFormationModel):  # type: ignore[misc]
    """`AWS::Glue::Database`."""

    service = "glue"
    type_name = "AWS::Glue::Database"

    @classmethod
    def create(cls, client: Any, properties: dict[str, Any]) -> str:
        client.create_database(DatabaseInput=properties["DatabaseInput"])
        return str(properties["DatabaseInput"]["Name"])

    @classmethod
    def update(cls, client: Any, name: str, properties: dict[str, Any]) -> None:
        client.update_database(Name=name, DatabaseInput=properties["DatabaseInput"])

    @classmethod
    def remove(cls, client: Any, name: str, properties: dict[str, Any]) -> None:  # noqa: ARG003
        client.delete_database(Name=name)


class GlueJob(CalledResource, CloudFormationModel):  # type: ignore[misc]
    """`AWS::Glue::Job`."""

    service = "glue"
    type_name = "AWS::Glue::Job"

    @classmethod
    def create(cls, client: Any, properties: dict[str, Any]) -> str:
        return str(client.create_job(**cls._typed(properties))["Name"])

    @classmethod
    def update(cls, client: Any, name: str, properties: dict[str, Any]) -> None:
        kept = {key: value for key, value in cls._typed(properties).items() if key not in {"Name", "Tags"}}
        client.update_job(JobName=name, JobUpdate=kept)

    @classmethod
    def remove(cls, client: Any, name: str, properties: dict[str, Any]) -> None:  # noqa: ARG003
        client.delete_job(JobName=name)

    @staticmethod
    def _typed(properties: dict[str, Any]) -> dict[str, Any]:
        """Parameters of a stack are text."""
        typed: dict[str, Any] = {
            key: int(value) if key in _WHOLE_NUMBERS else value for key, value in properties.items()
        }
        if limit := properties.get("ExecutionProperty"):
            typed["ExecutionProperty"] = {key: int(value) for key, value in limit.items()}
        return typed


class AthenaWorkGroup(CalledResource, CloudFormationModel):  # type: ignore[misc]
    """`AWS::Athena::WorkGroup`."""

    service = "athena"
    type_name = "AWS::Athena::WorkGroup"

    @classmethod
    def create(cls, client: Any, properties: dict[str, Any]) -> str:
        client.create_work_group(
            Name=properties["Name"],
            Description=properties.get("Description", ""),
            Configuration=properties.get("WorkGroupConfiguration", {}),
        )
        return str(properties["Name"])

    @classmethod
    def update(cls, client: Any, name: str, properties: dict[str, Any]) -> None:
        client.delete_work_group(WorkGroup=name, RecursiveDeleteOption=True)
        cls.create(client, properties)

    @classmethod
    def remove(cls, client: Any, name: str, properties: dict[str, Any]) -> None:  # noqa: ARG003
        client.delete_work_group(WorkGroup=name, RecursiveDeleteOption=True)


class BucketPolicy(CalledResource, CloudFormationModel):  # type: ignore[misc]
    """`AWS::S3::BucketPolicy`."""

    service = "s3"
    type_name = "AWS::S3::BucketPolicy"

    @classmethod
    def create(cls, client: Any, properties: dict[str, Any]) -> str:
        client.put_bucket_policy(Bucket=properties["Bucket"], Policy=json.dumps(properties["PolicyDocument"]))
        return str(properties["Bucket"])

    @classmethod
    def update(cls, client: Any, name: str, properties: dict[str, Any]) -> None:  # noqa: ARG003
        cls.create(client, properties)

    @classmethod
    def remove(cls, client: Any, name: str, properties: dict[str, Any]) -> None:  # noqa: ARG003
        # moto deletes a stack's resources in any order: with its bucket the policy is gone.
        if name in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
            client.delete_bucket_policy(Bucket=name)


class Bucket(CalledResource, CloudFormationModel):  # type: ignore[misc]
    """`AWS::S3::Bucket` with its versions, encryption and closure; without lifecycle and notifications."""

    service = "s3"
    type_name = "AWS::S3::Bucket"

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "Arn"

    def get_cfn_attribute(self, _attribute_name: str) -> str:
        return f"arn:aws:s3:::{self.name}"

    @classmethod
    def create(cls, client: Any, properties: dict[str, Any]) -> str:
        name = str(properties["BucketName"])
        client.create_bucket(Bucket=name)
        cls.update(client, name, properties)
        return name

    @classmethod
    def update(cls, client: Any, name: str, properties: dict[str, Any]) -> None:
        if versioning := properties.get("VersioningConfiguration"):
            client.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
        if closed := properties.get("PublicAccessBlockConfiguration"):
            client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=closed)
        if owned := properties.get("OwnershipControls"):
            client.put_bucket_ownership_controls(Bucket=name, OwnershipControls=owned)
        for rule in properties.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration", ()):
            applied = {"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]}
            client.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [applied]})

    @classmethod
    def remove(cls, client: Any, name: str, properties: dict[str, Any]) -> None:  # noqa: ARG003
        client.delete_bucket(Bucket=name)
