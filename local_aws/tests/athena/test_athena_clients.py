"""Clients that we did not write: PyAthena, awswrangler, and Airflow's operator, trigger and hooks."""

import asyncio
import datetime as dt
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.stack

RESULTS = "s3://lake/results/"


@pytest.fixture(scope="module", autouse=True)
def _tables(shop: None) -> None:
    pass


@pytest.fixture(scope="module", autouse=True)
def _airflow(tmp_path_factory: pytest.TempPathFactory, aws: dict[str, str]) -> Iterator[None]:
    home: Path = tmp_path_factory.mktemp("airflow")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_HOME", str(home))
        patch.setenv("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
        patch.setenv("AIRFLOW_CONN_AWS_DEFAULT", '{"conn_type": "aws"}')
        patch.setenv(
            "AIRFLOW_CONN_ATHENA_DEFAULT",
            '{"conn_type": "athena", "schema": "shop", "extra": {"region_name": "us-east-1", '
            f'"s3_staging_dir": "{RESULTS}", "poll_interval": 0.1}}}}',
        )
        yield


def test_pyathena_cursor() -> None:
    from pyathena import connect

    with connect(s3_staging_dir=RESULTS, schema_name="shop", poll_interval=0.05) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT order_id, amount, placed, is_paid, note, share, date FROM orders ORDER BY 1")
        first, second, third = cursor.fetchall()
        columns = [(name, kind) for name, kind, *_ in cursor.description]
    assert columns[1] == ("amount", "decimal")
    placed = first[2]
    assert placed == dt.datetime(2025, 4, 1, 11, 27, tzinfo=dt.UTC)
    assert first[:2] + first[3:] == (1, Decimal("10.50"), True, 'say "hi"', 0.1, dt.date(2025, 4, 1))
    assert second[4] == ""
    assert third == (3, None, None, None, None, None, dt.date(2025, 4, 2))


def test_pyathena_parameters_and_failure() -> None:
    from pyathena import connect
    from pyathena.error import OperationalError

    with connect(s3_staging_dir=RESULTS, schema_name="shop", poll_interval=0.05) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT count(*) FROM orders WHERE date = %(date)s", {"date": dt.date(2025, 4, 1)})
        assert cursor.fetchone() == (2,)
        cursor.execute("SELECT note FROM orders WHERE order_id = ?", ["1"], paramstyle="qmark")
        assert cursor.fetchone() == ('say "hi"',)
        with pytest.raises(OperationalError, match="Column 'nope' cannot be resolved"):
            cursor.execute("SELECT nope FROM orders")
        names = [table.name for table in cursor.list_table_metadata(schema_name="shop")]
        assert {"orders", "returns"} <= set(names)


def test_pyathena_pandas_cursor() -> None:
    from pyathena import connect
    from pyathena.pandas.cursor import PandasCursor

    with connect(s3_staging_dir=RESULTS, schema_name="shop", poll_interval=0.05) as connection:
        frame = (
            connection.cursor(PandasCursor)
            .execute("SELECT order_id, note FROM orders ORDER BY 1")
            .as_pandas()
        )
    assert frame["order_id"].tolist() == [1, 2, 3]
    assert frame["note"].tolist()[0] == 'say "hi"'


def test_pyathena_cursors_of_its_manual() -> None:
    from pyathena import connect
    from pyathena.async_cursor import AsyncCursor
    from pyathena.cursor import DictCursor
    from pyathena.pandas.cursor import PandasCursor

    query = "SELECT order_id, note FROM orders ORDER BY order_id LIMIT 1"
    with connect(s3_staging_dir=RESULTS, schema_name="shop", poll_interval=0.05) as connection:
        assert connection.cursor(DictCursor).execute(query).fetchall() == [
            {"order_id": 1, "note": 'say "hi"'}
        ]
        with connection.cursor(AsyncCursor, max_workers=2) as cursor:
            _, future = cursor.execute(query)
            assert future.result().fetchall() == [(1, 'say "hi"')]
        unloaded = connection.cursor(PandasCursor, unload=True).execute(query).as_pandas()
        assert unloaded.to_dict("records") == [{"order_id": 1, "note": 'say "hi"'}]


def test_awswrangler_unloads_and_reads_in_chunks() -> None:
    import awswrangler as wr

    options: dict[str, Any] = {"database": "shop", "s3_output": RESULTS, "ctas_approach": False}
    query = "SELECT order_id, amount FROM orders"
    fresh = {
        **options,
        "s3_output": f"s3://lake/unloaded/{uuid.uuid4()}/",
    }  # UNLOAD wants a place without data
    unloaded = wr.athena.read_sql_query(query, unload_approach=True, **fresh)
    assert sorted(unloaded["order_id"]) == [1, 2, 3]
    chunks = list(wr.athena.read_sql_query(query, chunksize=2, **options))
    assert [len(chunk) for chunk in chunks] == [2, 1]
    query_id = wr.athena.start_query_execution(query, database="shop", s3_output=RESULTS)
    assert wr.athena.wait_query(query_id)["Status"]["State"] == "SUCCEEDED"
    bound = wr.athena.read_sql_query(f"{query} WHERE order_id = :id", params={"id": 1}, **options)
    assert bound["order_id"].tolist() == [1]


@pytest.mark.parametrize("ctas", [False, True])
def test_awswrangler_reads_a_query(*, ctas: bool) -> None:
    import awswrangler as wr

    frame = wr.athena.read_sql_query(
        "SELECT order_id, amount, is_paid, date FROM orders ORDER BY order_id",
        database="shop",
        ctas_approach=ctas,
        s3_output=RESULTS,
    )
    frame = frame.sort_values("order_id")  # a table that CTAS wrote has no order
    assert frame["order_id"].tolist() == [1, 2, 3]
    assert frame["amount"].tolist()[:2] == [Decimal("10.50"), Decimal("0.06")]
    assert frame["is_paid"].tolist()[:2] == [True, False]
    assert frame["date"].tolist() == [dt.date(2025, 4, 1), dt.date(2025, 4, 1), dt.date(2025, 4, 2)]
    assert "temp_table" not in " ".join(wr.catalog.tables(database="shop")["Table"])


@pytest.mark.filterwarnings("ignore:No `s3_output`:UserWarning")
def test_awswrangler_needs_no_argument_but_the_query_and_its_database() -> None:
    import awswrangler as wr

    frame = wr.athena.read_sql_query("SELECT count(*) AS n FROM orders", database="shop")
    assert frame["n"].tolist() == [3]


def test_awswrangler_shows_and_describes() -> None:
    import awswrangler as wr

    described = wr.athena.describe_table(table="orders", database="shop", s3_output=RESULTS)
    assert described["Column Name"].tolist()[:2] == ["order_id", "user_id"]
    assert described["Type"].tolist()[:2] == ["bigint", "int"]
    statement = wr.athena.show_create_table(table="orders", database="shop", s3_output=RESULTS)
    assert statement.startswith("CREATE EXTERNAL TABLE `shop.orders`(")
    with pytest.raises(wr.exceptions.QueryFailed, match="TABLE_NOT_FOUND"):
        wr.athena.read_sql_query(
            "SELECT * FROM nope", database="shop", ctas_approach=False, s3_output=RESULTS
        )


def operator(query: str, **options: Any) -> Any:
    from airflow.providers.amazon.aws.operators.athena import AthenaOperator

    return AthenaOperator(
        task_id="query",
        query=query,
        database="shop",
        output_location=RESULTS,
        sleep_time=1,
        do_xcom_push=False,
        **options,
    )


def test_airflow_operator_runs_a_query() -> None:
    task = operator("SELECT count(*) AS n FROM orders")
    query_id = task.execute(context={})
    result = task.hook.get_query_results(query_id)
    assert result["ResultSet"]["Rows"][1]["Data"] == [{"VarCharValue": "3"}]
    assert task.hook.get_output_location(query_id) == f"{RESULTS}{query_id}.csv"


def test_airflow_operator_fails_with_the_reason() -> None:
    with pytest.raises(
        Exception, match=r"Final state of Athena job is FAILED.*Column 'nope' cannot be resolved"
    ):
        operator("SELECT nope FROM orders").execute(context={})


def test_airflow_trigger_waits_for_a_query() -> None:
    from airflow.providers.amazon.aws.hooks.athena import AthenaHook
    from airflow.providers.amazon.aws.triggers.athena import AthenaTrigger

    query_id = AthenaHook().run_query("SELECT 1", {"Database": "shop"}, {"OutputLocation": RESULTS})
    trigger = AthenaTrigger(
        query_execution_id=query_id, waiter_delay=1, waiter_max_attempts=20, aws_conn_id="aws_default"
    )

    async def first_event() -> Any:
        return await anext(aiter(trigger.run()))

    assert asyncio.run(first_event()).payload == {"status": "success", "value": query_id}


@pytest.mark.parametrize(("query", "status"), [("SELECT 1", "success"), ("SELECT nope", "error")])
def test_airflow_operator_defers_until_a_query_ends(query: str, status: str) -> None:
    from airflow.sdk.exceptions import TaskDeferred

    task = operator(query, deferrable=True)
    with pytest.raises(TaskDeferred) as deferred:
        task.execute(context={})

    async def first_event() -> Any:
        return await anext(aiter(deferred.value.trigger.run()))

    payload = asyncio.run(first_event()).payload
    assert payload["status"] == status
    if status == "success":
        assert task.execute_complete({}, payload) == payload["value"]
        return
    with pytest.raises(Exception, match="COLUMN_NOT_FOUND"):
        task.execute_complete({}, payload)


def test_airflow_sensor_sees_the_end_of_a_query() -> None:
    from airflow.providers.amazon.aws.hooks.athena import AthenaHook
    from airflow.providers.amazon.aws.sensors.athena import AthenaSensor

    def ends(query: str) -> bool:
        query_id = AthenaHook().run_query(query, {"Database": "shop"}, {"OutputLocation": RESULTS})
        return bool(AthenaSensor(task_id="wait", query_execution_id=query_id, sleep_time=1).poke({}))

    assert ends("SELECT count(*) FROM orders")
    with pytest.raises(Exception, match="Athena sensor failed"):
        ends("SELECT nope FROM orders")


def test_airflow_sql_hook_needs_a_short_poll_interval() -> None:
    from airflow.providers.amazon.aws.hooks.athena_sql import AthenaSQLHook

    hook = AthenaSQLHook()
    assert hook.get_first("SELECT sum(amount) FROM orders") == (Decimal("10.56"),)
    assert hook.get_records("SELECT order_id FROM orders ORDER BY 1") == [(1,), (2,), (3,)]
