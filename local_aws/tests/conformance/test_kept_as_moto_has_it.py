"""Services that are moto's own, as far as pipelines lean on them."""

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
