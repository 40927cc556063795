"""Functions run: their answers, errors, time-outs, logs and events."""

import base64
import io
import json
import time
import uuid
import zipfile

import pytest
from botocore.exceptions import ClientError

SECONDS = 30


@pytest.fixture
def function(storage):
    """Makes a function from the body of its handler; returns its ARN."""
    client, iam = storage.client("lambda"), storage.client("iam")
    name = f"function-{uuid.uuid4().hex}"
    try:
        role = iam.create_role(RoleName="function-role", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    except iam.exceptions.EntityAlreadyExistsException:
        role = iam.get_role(RoleName="function-role")["Role"]["Arn"]

    def make(source, *, runtime="python3.13", **settings):
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as files:
            files.writestr("app/main.py", source)
            files.writestr("app/helper.py", "NAME = 'helper'\n")
        made = client.create_function(
            FunctionName=name,
            Role=role,
            Runtime=runtime,
            Handler="app/main.handle",
            Code={"ZipFile": package.getvalue()},
            **settings,
        )
        return made["FunctionArn"]

    return make


def invoke(storage, arn, event=None, **options):
    answer = storage.client("lambda").invoke(
        FunctionName=arn, Payload=json.dumps(event or {}).encode(), **options
    )
    text = answer["Payload"].read()
    return answer, json.loads(text) if text else None


def messages_of(storage, url, count=1):
    sqs, found, until = storage.client("sqs"), [], time.monotonic() + SECONDS
    while len(found) < count and time.monotonic() < until:
        answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1, MessageAttributeNames=["All"])
        found += answer.get("Messages", [])
    return found


def queue(storage):
    sqs = storage.client("sqs")
    url = sqs.create_queue(QueueName=uuid.uuid4().hex)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


@pytest.mark.conforms(
    "lambda:Invoke",
    "lambda/latest/api/API_Invoke.html",
    "Keep the connection open until the function returns a response or times out.",
    differs="functions run in the server's own Python, whatever version they name, without limits of memory",
)
def test_a_function_answers_with_what_its_handler_returns(storage, function):
    arn = function(
        "import os\n"
        "from app.helper import NAME\n"
        "def handle(event, context):\n"
        "    left = context.get_remaining_time_in_millis()\n"
        "    told = [context.function_name, context.invoked_function_arn, context.memory_limit_in_mb]\n"
        "    return {'twice': event['n'] * 2, 'helper': NAME, 'own': os.environ['OWN'], 'told': told,\n"
        "            'in_time': 0 < left <= 20000}\n",
        Environment={"Variables": {"OWN": "yes"}},
        Timeout=20,
        MemorySize=256,
    )
    answer, payload = invoke(storage, arn, {"n": 21})
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in answer
    told = [arn.rpartition(":")[2], arn, "256"]
    assert payload == {"twice": 42, "helper": "helper", "own": "yes", "told": told, "in_time": True}


def test_a_function_acts_as_its_role(storage, function):
    arn = function(
        "import boto3\n"
        "def handle(event, context):\n"
        "    return boto3.client('sts').get_caller_identity()['Arn']\n",
        Timeout=30,
    )
    name = arn.rpartition(":")[2]
    _, payload = invoke(storage, arn)
    assert payload == f"arn:aws:sts::123456789012:assumed-role/function-role/{name}"


@pytest.mark.conforms(
    "lambda:Invoke",
    "lambda/latest/api/API_Invoke.html",
    "Details about the error are included in the response payload.",
)
def test_an_exception_is_the_answer(storage, function):
    arn = function("def handle(event, context):\n    raise ValueError('no ' + event['what'])\n", Timeout=20)
    answer, payload = invoke(storage, arn, {"what": "orders"})
    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert (payload["errorType"], payload["errorMessage"]) == ("ValueError", "no orders")
    (frame,) = payload["stackTrace"]
    assert "app/main.py" in frame


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("import nowhere\n", "Runtime.ImportModuleError", "No module named 'nowhere'"),
        ("other = 1\n", "Runtime.HandlerNotFound", "Handler 'handle' missing on module 'app/main'"),
        ("def handle(event, context):\n    return {1, 2}\n", "Runtime.MarshalError", "Unable to marshal"),
        (
            "import os\ndef handle(event, context):\n    os._exit(3)\n",
            "Runtime.ExitError",
            "Runtime exited with error: exit status 3",
        ),
    ],
)
def test_a_function_that_cannot_answer_says_why(storage, function, source, kind, message):
    answer, payload = invoke(storage, function(source, Timeout=20))
    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorType"] == kind
    assert message in payload["errorMessage"]


@pytest.mark.conforms(
    "lambda:CreateFunction",
    "lambda/latest/api/API_CreateFunction.html",
    "The amount of time (in seconds) that Lambda allows a function to run before stopping it.",
)
def test_a_function_is_stopped_with_its_children_when_its_time_is_over(storage, function, tmp_path):
    alive = tmp_path / "alive"
    arn = function(
        "import subprocess, time\n"
        "def handle(event, context):\n"
        f"    subprocess.Popen(['sh', '-c', 'sleep 3; touch {alive}'])\n"
        "    time.sleep(60)\n",
        Timeout=1,
    )
    began = time.monotonic()
    answer, payload = invoke(storage, arn)
    assert time.monotonic() - began < 20
    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorType"] == "Sandbox.Timedout"
    assert payload["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    time.sleep(3)
    assert not alive.exists()


@pytest.mark.conforms(
    "lambda:Invoke",
    "lambda/latest/api/API_Invoke.html",
    "The last 4 KB of the execution log, which is base64-encoded.",
)
def test_what_a_function_prints_is_in_its_log_group(storage, function):
    arn = function("def handle(event, context):\n    print('counted', len(event))\n", Timeout=20)
    answer, payload = invoke(storage, arn, {"a": 1, "b": 2}, LogType="Tail")
    assert payload is None
    assert "counted 2" in base64.b64decode(answer["LogResult"]).decode()
    assert "LogResult" not in invoke(storage, arn)[0]
    logs, group = storage.client("logs"), f"/aws/lambda/{arn.rpartition(':')[2]}"
    events = logs.filter_log_events(logGroupName=group)["events"]
    first = [event["message"].split(" RequestId")[0] for event in events][:4]
    assert first == ["START", "counted 2", "END", "REPORT"]


@pytest.mark.conforms(
    "lambda:Invoke",
    "lambda/latest/api/API_Invoke.html",
    "For example, if you invoke a function asynchronously and it returns an error, Lambda executes the function up to "
    "two more times.",
    differs="at once, not after one and two minutes",
)
def test_an_event_is_tried_three_times_then_goes_to_the_dead_letters(storage, function):
    tries, _ = queue(storage)
    dead, target = queue(storage)
    arn = function(
        "import boto3\n"
        "def handle(event, context):\n"
        f"    boto3.client('sqs').send_message(QueueUrl='{tries}', MessageBody=context.aws_request_id)\n"
        "    raise KeyError('gone')\n",
        Timeout=30,
        DeadLetterConfig={"TargetArn": target},
    )
    answer, payload = invoke(storage, arn, {"n": 1}, InvocationType="Event")
    assert (answer["StatusCode"], payload) == (202, None)
    (letter,) = messages_of(storage, dead)
    assert json.loads(letter["Body"]) == {"n": 1}
    requests = [message["Body"] for message in messages_of(storage, tries, 3)]
    assert requests == [letter["MessageAttributes"]["RequestID"]["StringValue"]] * 3


def test_a_dry_run_runs_nothing(storage, function, tmp_path):
    trace = tmp_path / "trace"
    arn = function(f"def handle(event, context):\n    open('{trace}', 'w')\n", Timeout=20)
    assert invoke(storage, arn, InvocationType="DryRun")[0]["StatusCode"] == 204
    assert not trace.exists()


@pytest.mark.conforms(
    "lambda:CreateFunction",
    "lambda/latest/api/API_CreateFunction.html",
    "Set to Image for container image and set to Zip for .zip file archive.",
    absent="zips of Python run, without layers; other runtimes and images are kept, and Invoke refuses them",
)
def test_other_runtimes_are_refused_at_the_first_call(storage, function):
    arn = function("exports.handle = async () => 1\n", runtime="nodejs22.x")
    with pytest.raises(ClientError) as error:
        invoke(storage, arn)
    answer = error.value.response
    assert answer["Error"]["Code"] == "InvalidRuntimeException"
    assert "The runtime nodejs22.x does not run here" in answer["Error"]["Message"]


def test_an_event_that_is_no_json_is_refused(storage, function):
    arn = function("def handle(event, context):\n    return 1\n")
    with pytest.raises(ClientError, match="InvalidRequestContentException"):
        storage.client("lambda").invoke(FunctionName=arn, Payload=b"{")


@pytest.mark.conforms(
    "s3:PutBucketNotificationConfiguration",
    "AmazonS3/latest/API/API_LambdaFunctionConfiguration.html",
    "The Amazon Resource Name (ARN) of the Lambda function that Amazon S3 invokes when the specified event type "
    "occurs.",
    differs="the function's policy is not asked",
)
def test_objects_that_arrive_run_a_function(storage, s3, bucket, function):
    arn = function(
        "import boto3\n"
        "def handle(event, context):\n"
        "    (record,) = event['Records']\n"
        "    s3, lake = boto3.client('s3'), record['s3']['bucket']['name']\n"
        "    body = s3.get_object(Bucket=lake, Key=record['s3']['object']['key'])['Body'].read()\n"
        "    s3.put_object(Bucket=lake, Key='upper', Body=body.upper())\n",
        Timeout=30,
    )
    rules = [{"Name": "prefix", "Value": "raw/"}]
    wanted = {
        "LambdaFunctionArn": arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": rules}},
    }
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [wanted]}
    )
    s3.put_object(Bucket=bucket, Key="raw/a", Body=b"orders")
    names = lambda: [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]]  # noqa: E731
    storage.wait_until(lambda: "upper" in names(), "the function to write", SECONDS)
    assert s3.get_object(Bucket=bucket, Key="upper")["Body"].read() == b"ORDERS"


def test_a_rule_of_eventbridge_runs_a_function(storage, function):
    url, _ = queue(storage)
    arn = function(
        "import boto3, json\n"
        "def handle(event, context):\n"
        f"    boto3.client('sqs').send_message(QueueUrl='{url}', MessageBody=json.dumps(event['detail']))\n",
        Timeout=30,
    )
    events = storage.client("events")
    events.put_rule(Name="runs", EventPattern=json.dumps({"source": ["runs-a-function"]}))
    events.put_targets(Rule="runs", Targets=[{"Id": "1", "Arn": arn}])
    events.put_events(
        Entries=[{"Source": "runs-a-function", "DetailType": "x", "Detail": json.dumps({"n": 7})}]
    )
    (message,) = messages_of(storage, url)
    assert json.loads(message["Body"]) == {"n": 7}
