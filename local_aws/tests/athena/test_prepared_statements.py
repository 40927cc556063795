"""Prepared statements, by SQL and by the API."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

pytestmark = pytest.mark.stack

Query = Callable[..., dict[str, Any]]
Rows = Callable[..., list[list[str | None]]]


@pytest.fixture(autouse=True)
def _tables(shop: None) -> None:
    pass


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/querying-with-prepared-statements.html",
    "To replace the parameters with values when you run the query, use the USING clause in the EXECUTE statement.",
)
@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/querying-with-prepared-statements.html",
    "To remove a prepared statement from the prepared statements in a workgroup, use the DEALLOCATE PREPARE statement.",
)
def test_sql_prepares_executes_and_forgets(athena: Any, run: Query, succeed: Query, rows: Rows) -> None:
    succeed("PREPARE of_day FROM SELECT order_id FROM orders WHERE date = ? AND note <> ? ORDER BY 1")
    assert rows("EXECUTE of_day USING DATE '2025-04-01', 'it''s'") == [["order_id"], ["1"], ["2"]]
    execution = succeed("EXECUTE of_day USING DATE '2025-04-01', ''")
    assert execution["Query"] == "EXECUTE of_day USING DATE '2025-04-01', ''"
    assert execution["ResultConfiguration"]["OutputLocation"].endswith(".csv")
    kept = athena.get_prepared_statement(StatementName="of_day", WorkGroup="primary")["PreparedStatement"]
    assert kept["QueryStatement"].startswith("SELECT order_id FROM orders")
    succeed("DEALLOCATE PREPARE of_day")
    with pytest.raises(ClientError, match="PreparedStatement of_day was not found in workGroup primary"):
        run("EXECUTE of_day USING 1")


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/querying-with-prepared-statements.html",
    "Prepared statements are workgroup specific; you cannot run them outside the context of the workgroup to which "
    "they belong.",
)
@pytest.mark.conforms(
    "athena:CreatePreparedStatement",
    "athena/latest/APIReference/API_CreatePreparedStatement.html",
    "Creates a prepared statement for use with SQL queries in Athena.",
)
def test_statements_belong_to_a_work_group(athena: Any, run: Query, rows: Rows) -> None:
    athena.create_work_group(
        Name="readers", Configuration={"ResultConfiguration": {"OutputLocation": "s3://lake/r/"}}
    )
    named = {"StatementName": "above", "WorkGroup": "readers"}
    athena.create_prepared_statement(**named, QueryStatement="SELECT count(*) FROM orders WHERE order_id > ?")
    assert rows("EXECUTE above USING 1", WorkGroup="readers")[1] == ["2"]
    assert rows("EXECUTE above", WorkGroup="readers", ExecutionParameters=["2"])[1] == ["1"]
    with pytest.raises(ClientError, match="not found"):
        run("EXECUTE above USING 1")


@pytest.mark.conforms(
    "athena:UpdatePreparedStatement",
    "athena/latest/APIReference/API_UpdatePreparedStatement.html",
    "Updates a prepared statement.",
)
@pytest.mark.conforms(
    "athena:ListPreparedStatements",
    "athena/latest/APIReference/API_ListPreparedStatements.html",
    "Lists the prepared statements in the specified workgroup.",
)
@pytest.mark.conforms(
    "athena:DeletePreparedStatement",
    "athena/latest/APIReference/API_DeletePreparedStatement.html",
    "Deletes the prepared statement with the specified name from the specified workgroup.",
)
def test_statements_are_listed_changed_and_deleted(athena: Any) -> None:
    athena.create_work_group(Name="writers")
    for name in ("b", "a"):
        athena.create_prepared_statement(StatementName=name, WorkGroup="writers", QueryStatement="SELECT 1")
    listed = athena.list_prepared_statements(WorkGroup="writers")["PreparedStatements"]
    assert [statement["StatementName"] for statement in listed] == ["a", "b"]
    athena.update_prepared_statement(
        StatementName="a", WorkGroup="writers", QueryStatement="SELECT 2", Description="two"
    )
    batch = athena.batch_get_prepared_statement(WorkGroup="writers", PreparedStatementNames=["a", "c"])
    (found,) = batch["PreparedStatements"]
    assert (found["QueryStatement"], found["Description"]) == ("SELECT 2", "two")
    assert [missing["StatementName"] for missing in batch["UnprocessedPreparedStatementNames"]] == ["c"]
    athena.delete_prepared_statement(StatementName="a", WorkGroup="writers")
    with pytest.raises(ClientError) as missing:
        athena.get_prepared_statement(StatementName="a", WorkGroup="writers")
    assert missing.value.response["Error"]["Code"] == "ResourceNotFoundException"
    with pytest.raises(ClientError, match="already exists"):
        athena.create_prepared_statement(StatementName="b", WorkGroup="writers", QueryStatement="SELECT 1")


@pytest.mark.conforms(
    "athena:StartQueryExecution",
    "athena/latest/ug/querying-with-prepared-statements.html",
    "parameterized queries are supported only for SELECT, INSERT INTO, CTAS, and UNLOAD statements.",
    differs="the error is worded by us",
)
def test_ddl_cannot_be_prepared(run: Query) -> None:
    with pytest.raises(ClientError, match="can be prepared"):
        run("PREPARE bad FROM DROP TABLE orders")
