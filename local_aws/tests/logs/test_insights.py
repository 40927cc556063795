"""Queries of log groups, through a server."""

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError


def moment(seconds):
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S.000")


@pytest.mark.conforms(
    "logs:GetQueryResults",
    "AmazonCloudWatchLogs/latest/APIReference/API_GetQueryResults.html",
    "Only the fields requested in the query are returned, along with a @ptr field, which is the identifier for the "
    "log record.",
    differs="GetLogRecord does not take it",
)
def test_fields_of_events_are_returned(group, logs):
    group.put("one", {"level": "INFO"})
    found = logs.get_query_results(queryId=group.start("fields @timestamp, level\n| fields @logStream, @log"))
    log = {"field": "@log", "value": f"123456789012:{group.name}"}
    stream = {"field": "@logStream", "value": "s"}
    later, earlier = found["results"]
    assert later[:-1] == [
        {"field": "@timestamp", "value": moment(group.noon + 1)},
        {"field": "level", "value": "INFO"},
        stream,
        log,
    ]
    assert earlier[:-1] == [{"field": "@timestamp", "value": moment(group.noon)}, stream, log]
    assert {row[-1]["field"] for row in (later, earlier)} == {"@ptr"}
    assert later[-1]["value"] != earlier[-1]["value"]
    scanned = {"recordsScanned": 2.0, "recordsMatched": 2.0, "bytesScanned": len('one{"level": "INFO"}')}
    assert found["statistics"] == scanned


def test_without_fields_the_message_is_shown(group):
    group.put("one")
    assert group.query("limit 5") == [{"@timestamp": moment(group.noon), "@message": "one"}]


@pytest.mark.conforms(
    "logs:StartQuery",
    "AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html",
    "The range is inclusive, so the specified end time is included in the query.",
)
def test_the_times_are_inclusive(group):
    group.put(*"abcd")
    found = group.query("fields @message", startTime=group.noon + 1, endTime=group.noon + 2)
    assert [row["@message"] for row in found] == ["c", "b"]


@pytest.mark.conforms(
    "logs:StartQuery",
    "AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html",
    "The maximum number of log events to return in the query.",
)
def test_the_request_and_the_query_limit_the_results(group):
    group.put(*"abcd")
    by = "sort @timestamp asc"
    assert [len(group.query(by, limit=2)), len(group.query(f"{by} | limit 3"))] == [2, 3]
    assert [row["@message"] for row in group.query(f"{by} | limit 3", limit=2)] == ["a", "b"]


@pytest.mark.conforms(
    "logs:StartQuery",
    "AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html",
    "You can specify them by the log group name or ARN.",
)
def test_groups_are_named_in_one_way(group, logs):
    group.put("one")
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{group.name}"
    for given in ({"logGroupNames": [group.name]}, {"logGroupIdentifiers": [arn]}):
        assert len(group.query("fields @message", **given)) == 1
    with pytest.raises(logs.exceptions.InvalidParameterException):
        group.start("fields @message", logGroupName=group.name, logGroupNames=[group.name])
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        group.start("fields @message", logGroupName="none")


@pytest.mark.conforms(
    "logs:StopQuery",
    "AmazonCloudWatchLogs/latest/APIReference/API_StopQuery.html",
    "If the query has already ended, the operation returns an error indicating that the specified query is not "
    "running.",
    differs="every query has ended when its start is answered; the error is worded by us",
)
def test_a_query_that_has_ended_cannot_be_stopped(group, logs):
    query = group.start("fields @message")
    with pytest.raises(logs.exceptions.InvalidParameterException, match="not running"):
        logs.stop_query(queryId=query)
    for call in (logs.stop_query, logs.get_query_results):
        with pytest.raises(logs.exceptions.ResourceNotFoundException):
            call(queryId="none")


@pytest.mark.conforms(
    "logs:StartQuery",
    "AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html",
    "The query syntax supports different functions and operations that include but aren't limited to general "
    "functions, arithmetic and comparison operations, and regular expressions.",
    differs="fields, filter, stats count(*), sort and limit, without functions and arithmetic; all else is refused",
)
@pytest.mark.parametrize(
    "query",
    [
        "",
        "fields @message |",
        "fields @message limit 5",
        "fields strlen(@message)",
        "fields a + b",
        "fields a as b",
        "parse @message '* *' as a, b",
        "display @message",
        "dedup a",
        "filter a",
        "filter a = b",
        "filter a in [1, 2]",
        "filter a like b",
        "filter a < 'text'",
        "filter ispresent(a)",
        "filter (a = 1",
        "filter @message like /(/",
        "filter @message like 'open",
        "sort a",
        "limit 0",
        "limit 10001",
        "limit 5 | fields a",
        "stats sum(a)",
        "stats count(a)",
        "stats count(*) by bin(5m)",
        "stats count(*) | fields a",
        "stats count(*) by a | stats count(*)",
    ],
)
def test_what_is_not_supported_is_refused(group, logs, query):
    with pytest.raises(logs.exceptions.MalformedQueryException):
        group.start(query)


@pytest.mark.conforms(
    "logs:StartQuery",
    "AmazonCloudWatchLogs/latest/APIReference/API_StartQuery.html",
    "Details about this error are displayed in a QueryCompileError object.",
    differs="the error is worded by us",
)
def test_an_error_tells_where_it_is(group):
    with pytest.raises(ClientError) as caught:
        group.start("fields @message | parse x")
    error = caught.value.response["queryCompileError"]
    assert error["location"] == {"startCharOffset": 18, "endCharOffset": 23}
    assert "parse" in error["message"]
