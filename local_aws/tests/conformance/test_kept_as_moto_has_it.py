"""Services that are moto's own, as far as pipelines lean on them."""

import json

import pytest


@pytest.mark.conforms(
    "ssm:GetParameter",
    "systems-manager/latest/APIReference/API_GetParameter.html",
    "Return decrypted values for secure string parameters.",
)
def test_a_secure_parameter_is_read_decrypted(storage):
    ssm = storage.client("ssm")
    ssm.put_parameter(Name="/lake/token", Value="secret", Type="SecureString")
    sealed = ssm.get_parameter(Name="/lake/token")["Parameter"]["Value"]
    assert sealed != "secret"
    assert ssm.get_parameter(Name="/lake/token", WithDecryption=True)["Parameter"]["Value"] == "secret"
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name="/lake/none")


@pytest.mark.conforms(
    "secretsmanager:GetSecretValue",
    "secretsmanager/latest/apireference/API_GetSecretValue.html",
    "If you don't specify either a VersionStage or VersionId, Secrets Manager returns the AWSCURRENT version.",
)
def test_a_secret_is_read_in_its_current_version(storage):
    secrets = storage.client("secretsmanager")
    secrets.create_secret(Name="lake/db", SecretString="old")
    secrets.put_secret_value(SecretId="lake/db", SecretString="new")
    assert secrets.get_secret_value(SecretId="lake/db")["SecretString"] == "new"
    previous = secrets.get_secret_value(SecretId="lake/db", VersionStage="AWSPREVIOUS")
    assert previous["SecretString"] == "old"


@pytest.mark.conforms(
    "dynamodb:PutItem",
    "amazondynamodb/latest/APIReference/API_PutItem.html",
    "the attribute_not_exists function will only succeed if no matching item exists.",
)
def test_an_item_is_put_once_on_condition(storage):
    table = storage.client("dynamodb")
    table.create_table(
        TableName="locks",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    item = {
        "TableName": "locks",
        "Item": {"id": {"S": "a"}},
        "ConditionExpression": "attribute_not_exists(id)",
    }
    table.put_item(**item)
    with pytest.raises(table.exceptions.ConditionalCheckFailedException):
        table.put_item(**item)


@pytest.fixture
def table(storage):
    """A table whose items have a shop and a number."""
    dynamodb = storage.client("dynamodb")
    keys = [("shop", "HASH", "S"), ("number", "RANGE", "N")]
    dynamodb.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind, _ in keys],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": of} for name, _, of in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    yield dynamodb
    dynamodb.delete_table(TableName="orders")


def order(shop, number):
    return {"shop": {"S": shop}, "number": {"N": str(number)}}


@pytest.mark.conforms(
    "dynamodb:Query",
    "amazondynamodb/latest/APIReference/API_Query.html",
    "If LastEvaluatedKey is present in the response, you will need to paginate the result set.",
)
def test_items_of_a_key_are_queried_in_pages(table):
    for number in range(5):
        table.put_item(TableName="orders", Item=order("mine", number))
    table.put_item(TableName="orders", Item=order("other", 9))
    asked = {
        "TableName": "orders",
        "KeyConditionExpression": "shop = :shop AND #n >= :least",
        "ExpressionAttributeNames": {"#n": "number"},
        "ExpressionAttributeValues": {":shop": {"S": "mine"}, ":least": {"N": "1"}},
        "Limit": 3,
    }
    first = table.query(**asked)
    last = table.query(**asked, ExclusiveStartKey=first["LastEvaluatedKey"])
    assert [item["number"]["N"] for item in first["Items"] + last["Items"]] == ["1", "2", "3", "4"]
    assert "LastEvaluatedKey" not in last


@pytest.mark.conforms(
    "dynamodb:TransactWriteItems",
    "amazondynamodb/latest/APIReference/API_TransactWriteItems.html",
    "The actions are completed atomically so that either all of them succeed, or all of them fail.",
)
def test_a_transaction_is_whole_or_nothing(table):
    table.put_item(TableName="orders", Item=order("mine", 1))
    new = {"Put": {"TableName": "orders", "Item": order("mine", 2)}}
    taken = {
        "Put": {
            "TableName": "orders",
            "Item": order("mine", 1),
            "ConditionExpression": "attribute_not_exists(shop)",
        }
    }
    with pytest.raises(table.exceptions.TransactionCanceledException):
        table.transact_write_items(TransactItems=[new, taken])
    assert "Item" not in table.get_item(TableName="orders", Key=order("mine", 2))
    table.transact_write_items(TransactItems=[new])
    assert table.get_item(TableName="orders", Key=order("mine", 2))["Item"] == order("mine", 2)


@pytest.mark.conforms(
    "secretsmanager:DeleteSecret",
    "secretsmanager/latest/apireference/API_DeleteSecret.html",
    "At any time before recovery window ends, you can use RestoreSecret to remove the DeletionDate and cancel the "
    "deletion of the secret.",
)
def test_a_deleted_secret_is_refused_and_can_be_restored(storage):
    secrets = storage.client("secretsmanager")
    secrets.create_secret(Name="lake/old", SecretString="kept")
    with pytest.raises(secrets.exceptions.ResourceExistsException):
        secrets.create_secret(Name="lake/old", SecretString="other")
    secrets.delete_secret(SecretId="lake/old", RecoveryWindowInDays=7)
    with pytest.raises(secrets.exceptions.InvalidRequestException):
        secrets.get_secret_value(SecretId="lake/old")
    secrets.restore_secret(SecretId="lake/old")
    assert secrets.get_secret_value(SecretId="lake/old")["SecretString"] == "kept"
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.get_secret_value(SecretId="lake/none")


@pytest.mark.conforms(
    "ssm:GetParametersByPath",
    "systems-manager/latest/APIReference/API_GetParametersByPath.html",
    "Retrieve information about one or more parameters under a specified level in a hierarchy.",
)
def test_parameters_are_read_by_their_path(storage):
    ssm = storage.client("ssm")
    for name in ("/shop/a", "/shop/deep/b", "/shops"):
        ssm.put_parameter(Name=name, Value=name, Type="String")

    def names(**options):
        return sorted(
            found["Name"] for found in ssm.get_parameters_by_path(Path="/shop", **options)["Parameters"]
        )

    assert names() == ["/shop/a"]
    assert names(Recursive=True) == ["/shop/a", "/shop/deep/b"]
    ssm.put_parameter(Name="/shop/a", Value="new", Type="String", Overwrite=True)
    assert ssm.get_parameter(Name="/shop/a")["Parameter"]["Version"] == 2
    assert ssm.get_parameter(Name="/shop/a:1")["Parameter"]["Value"] == "/shop/a"


@pytest.mark.conforms(
    "sns:Subscribe",
    "sns/latest/api/API_Subscribe.html",
    "The simple JSON object that lets your subscriber receive only a subset of messages, rather than receiving every "
    "message published to the topic.",
)
@pytest.mark.conforms(
    "sns:Subscribe",
    "sns/latest/api/API_Subscribe.html",
    "When set to true, enables raw message delivery to Amazon SQS or HTTP/S endpoints.",
)
def test_a_subscription_filters_and_delivers_raw_messages(storage):
    sns, sqs = storage.client("sns"), storage.client("sqs")
    topic, url = sns.create_topic(Name="kept")["TopicArn"], sqs.create_queue(QueueName="kept")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    wanted = {"FilterPolicy": json.dumps({"severity": ["critical"]}), "RawMessageDelivery": "true"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=wanted)
    for severity in ("warning", "critical"):
        named = {"severity": {"DataType": "String", "StringValue": severity}}
        sns.publish(TopicArn=topic, Message=f"a {severity} one", MessageAttributes=named)
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in received] == ["a critical one"]


@pytest.mark.conforms(
    "sqs:SendMessage",
    "AWSSimpleQueueService/latest/APIReference/API_SendMessage.html",
    "If a message with a particular MessageDeduplicationId is sent successfully, any messages sent with the same "
    "MessageDeduplicationId are accepted successfully but aren't delivered during the 5-minute deduplication interval.",
)
def test_a_queue_in_order_takes_a_message_once(storage):
    sqs = storage.client("sqs")
    url = sqs.create_queue(QueueName="kept.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for number, body in (("1", "first"), ("1", "again"), ("2", "second")):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=number)
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert [message["Body"] for message in received] == ["first", "second"]


@pytest.mark.conforms(
    "sts:AssumeRole",
    "STS/latest/APIReference/API_AssumeRole.html",
    "The temporary security credentials, which include an access key ID, a secret access key, and a security (or "
    "session) token.",
    differs="the role's trust policy is not asked",
)
def test_a_role_is_taken_on_by_its_session(storage):
    role = storage.client("iam").create_role(RoleName="kept", AssumeRolePolicyDocument="{}")["Role"]
    given = storage.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="me")["Credentials"]
    session = storage.client("sts", given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert session.get_caller_identity()["Arn"] == "arn:aws:sts::123456789012:assumed-role/kept/me"
