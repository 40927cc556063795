"""What AWS does and the embedded AWS does not."""

import json
import time

import pytest

SETTLED_SECONDS = 1


@pytest.mark.conforms(
    "glue:StartCrawler",
    "glue/latest/webapi/API_CrawlerTargets.html",
    "Specifies Amazon Simple Storage Service (Amazon S3) targets.",
    absent="of all targets only those of Delta are crawled; with others the crawl fails and says so",
)
def test_a_crawler_of_files_registers_nothing(storage, bucket):
    glue = storage.client("glue")
    glue.create_database(DatabaseInput={"Name": "crawled"})
    storage.client("s3").put_object(Bucket=bucket, Key="t/a.csv", Body=b"a,b\n1,2\n")
    targets = {"S3Targets": [{"Path": f"s3://{bucket}/t"}]}
    glue.create_crawler(Name="c", Role="lake", DatabaseName="crawled", Targets=targets)
    glue.start_crawler(Name="c")
    time.sleep(SETTLED_SECONDS)
    last = glue.get_crawler(Name="c")["Crawler"]["LastCrawl"]
    assert last["Status"] == "FAILED"
    assert last["ErrorMessage"] == "Only DeltaTargets are crawled here, not S3Targets"
    assert glue.get_tables(DatabaseName="crawled")["TableList"] == []


@pytest.mark.conforms(
    "glue:StartTrigger",
    "glue/latest/webapi/API_StartTrigger.html",
    "Starts an existing trigger.",
    absent="triggers are kept and can be read; none starts a job",
)
def test_a_trigger_starts_no_job(storage):
    glue = storage.client("glue")
    command = {"Name": "pythonshell", "ScriptLocation": "s3://none/none.py"}
    glue.create_job(Name="triggered", Role="lake", Command=command)
    glue.create_trigger(Name="triggered", Type="ON_DEMAND", Actions=[{"JobName": "triggered"}])
    glue.start_trigger(Name="triggered")
    assert glue.get_job_runs(JobName="triggered")["JobRuns"] == []


@pytest.mark.conforms(
    "events:PutRule",
    "eventbridge/latest/APIReference/API_PutRule.html",
    "Rules with ScheduleExpressions self-trigger based on the given schedule.",
    absent="schedules do not fire, and their targets get no events",
)
def test_a_schedule_delivers_nothing(storage):
    events, sqs = storage.client("events"), storage.client("sqs")
    url = sqs.create_queue(QueueName="scheduled")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="scheduled", ScheduleExpression="rate(1 minute)")
    events.put_targets(Rule="scheduled", Targets=[{"Id": "1", "Arn": arn}])
    events.put_events(Entries=[{"Source": "any", "DetailType": "any", "Detail": json.dumps({})}])
    assert "Messages" not in sqs.receive_message(QueueUrl=url)
