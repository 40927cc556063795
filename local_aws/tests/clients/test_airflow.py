"""Airflow's own operators, sensors and triggers of S3, SNS, SQS and Glue."""

import asyncio
import json
import uuid
from types import SimpleNamespace

import boto3
import pytest

CONTEXT = {"ti": SimpleNamespace(xcom_push=lambda **_: None)}
"""Of a task: operators of Glue tell Airflow the run's id at once."""


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


def test_the_s3_sensor_defers_until_a_key_comes(bucket):
    from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
    from airflow.sdk.exceptions import TaskDeferred

    sensor = S3KeySensor(
        task_id="wait", bucket_name=bucket, bucket_key="in/a.csv", deferrable=True, poke_interval=1
    )
    with pytest.raises(TaskDeferred) as deferred:
        sensor.execute({})
    boto3.client("s3").put_object(Bucket=bucket, Key="in/a.csv", Body=b"x")
    assert first_event(deferred.value.trigger).payload["status"] == "success"


@pytest.mark.parametrize("deferrable", [False, True])
def test_the_sqs_sensor_takes_a_message_away(bucket, deferrable):
    from airflow.providers.amazon.aws.sensors.sqs import SqsSensor
    from airflow.sdk.exceptions import TaskDeferred

    sqs, told = boto3.client("sqs"), {}
    queue = sqs.create_queue(QueueName=bucket)["QueueUrl"]
    context = {"ti": SimpleNamespace(xcom_push=lambda key, value: told.update({key: value}))}
    sensor = SqsSensor(task_id="wait", sqs_queue=queue, deferrable=deferrable, poke_interval=1)
    if deferrable:
        with pytest.raises(TaskDeferred) as deferred:
            sensor.execute(context)
        sqs.send_message(QueueUrl=queue, MessageBody="go")
        sensor.execute_complete(context, first_event(deferred.value.trigger).payload)
    else:
        assert not sensor.poke(context)
        sqs.send_message(QueueUrl=queue, MessageBody="go")
        assert sensor.poke(context)
    assert [message["Body"] for message in told["messages"]] == ["go"]
    assert "Messages" not in sqs.receive_message(QueueUrl=queue)


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


@pytest.fixture
def script(bucket):
    """Location of a script that prints its `--shop`, and fails where there is none."""
    source = b"import sys\nprint('shop', sys.argv[sys.argv.index('--shop') + 1])\n"
    boto3.client("s3").put_object(Bucket=bucket, Key="script.py", Body=source)
    return f"s3://{bucket}/script.py"


@pytest.fixture
def glue_job(script):
    """Makes Airflow's operator of a job of Python, which it creates."""
    from airflow.providers.amazon.aws.operators.glue import GlueJobOperator

    name = f"airflow-{uuid.uuid4().hex}"
    boto3.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")

    def operator(**options):
        command = {"Name": "pythonshell", "ScriptLocation": script, "PythonVersion": "3.9"}
        return GlueJobOperator(
            task_id="run",
            job_name=name,
            iam_role_name=name,
            script_location=script,
            create_job_kwargs={"Command": command},
            num_of_dpus=1,
            job_poll_interval=1,
            waiter_delay=1,
            do_xcom_push=False,
            **options,
        )

    return operator


def test_the_glue_operator_creates_a_job_runs_it_and_reads_its_log(glue_job):
    run = glue_job(script_args={"--shop": "mine"}, verbose=True).execute(CONTEXT)
    job = boto3.client("glue").get_job_run(JobName=glue_job().job_name, RunId=run)["JobRun"]
    assert job["JobRunState"] == "SUCCEEDED"
    (line,) = [
        event["message"]
        for event in boto3.client("logs").filter_log_events(
            logGroupName="/aws-glue/python-jobs/output", logStreamNames=[run]
        )["events"]
    ]
    assert line == "shop mine"


def test_a_glue_job_that_fails_fails_the_operator(glue_job):
    from airflow.exceptions import AirflowException

    with pytest.raises(AirflowException, match="FAILED"):
        glue_job().execute(CONTEXT)


@pytest.mark.parametrize("arguments", [{"--shop": "mine"}, {}], ids=["good", "bad"])
def test_the_glue_trigger_waits_for_a_deferred_run(glue_job, arguments):
    from airflow.exceptions import AirflowException
    from airflow.sdk.exceptions import TaskDeferred

    operator = glue_job(script_args=arguments, deferrable=True)
    with pytest.raises(TaskDeferred) as deferred:
        operator.execute(CONTEXT)
    event = first_event(deferred.value.trigger)
    if arguments:
        assert operator.execute_complete({}, event.payload) == event.payload["run_id"]
        return
    with pytest.raises(AirflowException, match="FAILED"):
        operator.execute_complete({}, event.payload)


def test_the_glue_sensor_and_its_trigger_see_the_end_of_a_run(glue_job):
    from airflow.providers.amazon.aws.sensors.glue import GlueJobSensor
    from airflow.sdk.exceptions import TaskDeferred

    run = glue_job(script_args={"--shop": "mine"}).execute(CONTEXT)
    waiting = {"job_name": glue_job().job_name, "run_id": run, "poke_interval": 1}
    assert GlueJobSensor(task_id="poked", **waiting).poke({})
    with pytest.raises(TaskDeferred) as deferred:
        GlueJobSensor(task_id="deferred", deferrable=True, **waiting).execute({})
    assert first_event(deferred.value.trigger).payload["status"] == "success"


@pytest.mark.parametrize("deferrable", [False, True])
def test_the_crawler_operator_registers_a_delta_table(bucket, storage, deferrable):
    import pyarrow as pa
    from airflow.providers.amazon.aws.operators.glue_crawler import GlueCrawlerOperator
    from airflow.providers.amazon.aws.sensors.glue_crawler import GlueCrawlerSensor
    from airflow.sdk.exceptions import TaskDeferred
    from deltalake import write_deltalake

    name = f"crawled_{'later' if deferrable else 'now'}"
    options = {"AWS_ALLOW_HTTP": "true", "AWS_ENDPOINT_URL": storage.endpoint}
    write_deltalake(f"s3://{bucket}/{name}", pa.table({"k": [1]}), storage_options=options)
    boto3.client("glue").create_database(DatabaseInput={"Name": name})
    target = {"DeltaTables": [f"s3://{bucket}/{name}"], "CreateNativeDeltaTable": True}
    crawl = GlueCrawlerOperator(
        task_id="crawl",
        config={"Name": name, "Role": "lake", "DatabaseName": name, "Targets": {"DeltaTargets": [target]}},
        poll_interval=1,
        deferrable=deferrable,
    )
    if deferrable:
        with pytest.raises(TaskDeferred) as deferred:
            crawl.execute({})
        assert crawl.execute_complete({}, first_event(deferred.value.trigger).payload) == name
    else:
        assert crawl.execute({}) == name
    assert GlueCrawlerSensor(task_id="wait", crawler_name=name).poke({})
    (metrics,) = boto3.client("glue").get_crawler_metrics(CrawlerNameList=[name])["CrawlerMetricsList"]
    assert (metrics["TablesCreated"], metrics["TablesUpdated"]) == (1, 0)
    (table,) = boto3.client("glue").get_tables(DatabaseName=name)["TableList"]
    assert table["Parameters"]["spark.sql.sources.provider"] == "delta"
