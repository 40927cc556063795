"""A stack makes, changes and deletes what moto alone would leave out."""

import json

import botocore.exceptions
import pytest

TEMPLATE = {
    "Parameters": {"Workers": {"Type": "Number", "Default": 2}},
    "Resources": {
        "Database": {
            "Type": "AWS::Glue::Database",
            "Properties": {"CatalogId": {"Ref": "AWS::AccountId"}, "DatabaseInput": {"Name": "of_a_stack"}},
        },
        "Job": {
            "Type": "AWS::Glue::Job",
            "Properties": {
                "Name": "of-a-stack",
                "Role": "arn:aws:iam::123456789012:role/x",
                "Command": {"Name": "glueetl", "ScriptLocation": "s3://x/y.py"},
                "NumberOfWorkers": {"Ref": "Workers"},
                "WorkerType": "G.1X",
                "Tags": {"ManagedBy": "cloudformation"},
            },
        },
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "of-a-stack"}},
        "Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": {"Ref": "Bucket"},
                "PolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Deny",
                            "Principal": "*",
                            "Action": "s3:*",
                            "Resource": "arn:aws:s3:::of-a-stack/*",
                            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                        }
                    ],
                },
            },
        },
    },
}


@pytest.fixture(scope="module")
def stack(storage):
    """A stack of two workers that was changed to three."""
    client = storage.client("cloudformation")
    for call, workers in ((client.create_stack, "2"), (client.update_stack, "3")):
        parameters = [{"ParameterKey": "Workers", "ParameterValue": workers}]
        call(StackName="one", TemplateBody=json.dumps(TEMPLATE), Parameters=parameters)
    return client


def test_the_stack_holds_all_and_takes_it_away(storage, stack):
    glue, s3 = storage.client("glue"), storage.client("s3")
    assert glue.get_database(Name="of_a_stack")["Database"]["Name"] == "of_a_stack"
    assert glue.get_job(JobName="of-a-stack")["Job"]["NumberOfWorkers"] == 3
    assert "SecureTransport" in s3.get_bucket_policy(Bucket="of-a-stack")["Policy"]
    types = {one["ResourceType"] for one in stack.describe_stack_resources(StackName="one")["StackResources"]}
    assert types == {resource["Type"] for resource in TEMPLATE["Resources"].values()}
    stack.delete_stack(StackName="one")
    with pytest.raises(botocore.exceptions.ClientError, match="EntityNotFound"):
        glue.get_job(JobName="of-a-stack")
    with pytest.raises(botocore.exceptions.ClientError, match="EntityNotFound"):
        glue.get_database(Name="of_a_stack")
