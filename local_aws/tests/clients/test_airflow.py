"""Airflow's own operators, sensors and triggers of S3, SNS and SQS."""

import asyncio
import json

import boto3
import pytest


@pytest.fixture(scope="module", autouse=True)
def _airflow(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(tmp_path_factory.mktemp("airflow")))
        patch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
        patch.setenv("AIRFLOW_CONN_AWS_DEFAULT", '{"conn_type": "aws"}')
        yield


def first_event(trigger):
    async def wait():
        return await anext(aiter(trigger.run()))

    return asyncio.run(asyncio.wait_for(wait(), 30))


def test_s3_operators_make_copy_list_and_delete():
    from airflow.providers.amazon.aws.operators import s3

    s3.S3CreateBucketOperator(task_id="make", bucket_name="flow").execute({})
    s3.S3CreateObjectOperator(task_id="put", s3_bucket="flow", s3_key="in/a", data="x").execute({})
    s3.S3CopyObjectOperator(
        task_id="copy",
        source_bucket_key="in/a",
        dest_bucket_key="out/a",
        source_bucket_name="flow",
        dest_bucket_name="flow",
    ).execute({})
    assert s3.S3ListOperator(task_id="list", bucket="flow").execute({}) == ["in/a", "out/a"]
    assert s3.S3ListPrefixesOperator(task_id="folders", bucket="flow", prefix="", delimiter="/").execute(
        {}
    ) == ["in/", "out/"]
    s3.S3DeleteObjectsOperator(task_id="empty", bucket="flow", prefix="in/").execute({})
    assert s3.S3ListOperator(task_id="list", bucket="flow").execute({}) == ["out/a"]
    s3.S3DeleteBucketOperator(task_id="drop", bucket_name="flow", force_delete=True).execute({})
    assert "flow" not in [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]]


def test_the_s3_sensor_and_its_trigger_see_a_key(bucket):
    from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
    from airflow.providers.amazon.aws.triggers.s3 import S3KeyTrigger

    sensor = S3KeySensor(task_id="wait", bucket_name=bucket, bucket_key="in/*.csv", wildcard_match=True)
    assert not sensor.poke({})
    boto3.client("s3").put_object(Bucket=bucket, Key="in/a.csv", Body=b"x")
    assert sensor.poke({})
    trigger = S3KeyTrigger(
        bucket_name=bucket,
        bucket_key=["in/*.csv"],
        wildcard_match=True,
        aws_conn_id="aws_default",
        poke_interval=1,
        hook_params={},
    )
    assert first_event(trigger).payload["status"] == "success"


def test_a_message_goes_from_a_topic_to_the_trigger_of_a_queue():
    from airflow.providers.amazon.aws.operators.sns import SnsPublishOperator
    from airflow.providers.amazon.aws.operators.sqs import SqsPublishOperator
    from airflow.providers.amazon.aws.triggers.sqs import SqsSensorTrigger

    sns, sqs = boto3.client("sns"), boto3.client("sqs")
    topic, queue = sns.create_topic(Name="news")["TopicArn"], sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    trigger = SqsSensorTrigger(sqs_queue=queue, aws_conn_id="aws_default", waiter_delay=1)
    SnsPublishOperator(task_id="publish", target_arn=topic, message="done", subject="job").execute({})
    (message,) = first_event(trigger).payload["message_batch"]
    assert json.loads(message["Body"])["Message"] == "done"
    SqsPublishOperator(task_id="send", sqs_queue=queue, message_content="direct").execute({})
    (message,) = first_event(trigger).payload["message_batch"]
    assert message["Body"] == "direct"
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)
