"""What the commands of a query do with events."""

import pytest

ORDERS = [
    {"level": "INFO", "rows": 90, "table": {"name": "orders", "keys": ["id", "day"]}},
    {"level": "ERROR", "rows": 7, "table": {"name": "orders"}, "share": 0.5},
    {"level": "ERROR", "rows": "many", "table": {"name": "lines"}},
    "ERROR no document",
]


@pytest.mark.conforms(
    "logs:StartQuery",
    "AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html",
    "Use filter to get log events that match one or more conditions.",
    differs="AWS does not tell how fields that are missing, truth values or text compare with numbers: here what is "
    "missing meets no comparison, true is the text true, and only what looks like a number is more or less",
)
@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ('level = "ERROR"', [1, 2]),
        ("level != 'ERROR'", [0]),
        ("(rows>7)", [0]),
        ("rows >= 7 and rows < 90.5", [0, 1]),
        ("rows <= 7", [1]),
        ("rows = 90.0", [0]),
        ("rows != 90", [1, 2]),
        ("share = 0.5", [1]),
        ("share > -1", [1]),
        ("level = 'INFO' or rows = 7 and share = 1", [0]),
        ("(level = 'INFO' or rows = 7) and share = 0.5", [1]),
        ("not level = 'ERROR'", [0, 3]),
        ("table.keys.1 = 'day'", [0]),
        ("`table.name` = 'lines' # the last", [2]),
    ],
)
def test_a_filter_keeps_what_meets_its_condition(group, condition, met):
    group.put(
        *[
            document | {"n": str(n)} if isinstance(document, dict) else f"{document} {n}"
            for n, document in enumerate(ORDERS)
        ]
    )
    found = group.query(f"fields n, @message | filter {condition} \n| sort @timestamp asc")
    assert [int(row.get("n") or row["@message"][-1]) for row in found] == met


@pytest.mark.conforms(
    "logs:StartQuery",
    "AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Filter.html",
    "The filter command supports the use of regular expressions.",
    differs="as Python has them",
)
@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ('@message like "a|b/"', ["a|b/c"]),
        (r"@message like /^a.b\//", ["a|b/c"]),
        ("@message =~ /(?i)ERR/", ["Error: x", "no err"]),
        ("@message like 'err'", ["no err"]),
        ("@message not like /r/", ["a|b/c"]),
        ("missing not like /r/", []),
    ],
)
def test_like_searches_for_text_or_a_pattern(group, condition, met):
    group.put("a|b/c", "Error: x", "no err")
    assert group.values("@message", f"filter {condition} | sort @timestamp asc") == met


@pytest.mark.conforms(
    "logs:StartQuery",
    "AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Sort.html",
    "All non-number values come before all number values.",
)
def test_sorting_is_natural_as_on_the_page(group):
    # The page's own example.
    page = ["!", "#", "*%04", "0#", "5A", "111A", "2345_", "@", "@_", "A", "A9876fghj", "a12345hfh"]
    page += ["0", "01", "1", "2", "3"]
    group.put(*[{"v": value} for value in page[1::2] + page[::2]])
    assert group.values("v", "sort v asc") == page
    assert group.values("v", "sort v desc") == page[::-1]


def test_a_second_key_orders_what_the_first_leaves_equal(group):
    group.put({"a": 1, "b": 9}, {"a": 2, "b": 10}, {"a": 1, "b": 10}, {"b": 0})
    assert group.query("fields a, b | sort a desc, b asc") == [
        {"a": "2", "b": "10"},
        {"a": "1", "b": "9"},
        {"a": "1", "b": "10"},
        {"b": "0"},
    ]


@pytest.mark.conforms(
    "logs:StartQuery",
    "AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html",
    "stats count(*) by queryType, bin(1h)",
    differs="of the functions only count(*), and without bin; groups come in the order of their latest events",
)
def test_events_are_counted_by_fields(group):
    group.put(*ORDERS)
    assert group.query("stats count(*)") == [{"count(*)": "4"}]
    counted = "filter @message like /ERROR/ | stats count(*) as n by level, table.name"
    assert group.query(f"{counted} | sort table.name asc") == [
        {"n": "1"},
        {"level": "ERROR", "table.name": "lines", "n": "1"},
        {"level": "ERROR", "table.name": "orders", "n": "1"},
    ]
    assert group.query("stats count(*) as n by table.name | filter n > 1 | limit 1") == [
        {"table.name": "orders", "n": "2"}
    ]


@pytest.mark.conforms(
    "logs:PutLogEvents",
    "AmazonCloudWatch/latest/logs/CWL_AnalyzeLogData-discoverable-fields.html",
    "CloudWatch Logs also automatically discovers the log fields contained in the logs.",
    differs="in messages that are one JSON object; not in those of Lambda, VPC and Route 53",
)
def test_fields_are_discovered_in_json(group):
    group.put(
        {"a": {"b": [{"c": 1.50}, True]}, "none": None, "@x": "at"}, '[{"a": 1}]', '{"a": 1', 'x {"a": 1}'
    )
    found = group.query("fields a.b.0.c, a.b.1, none, @@x, a | filter a.b.1 = 'true'")
    assert found == [{"a.b.0.c": "1.5", "a.b.1": "true", "@@x": "at"}]
    assert len(group.query("fields a | filter a = 1")) == 0


def test_the_first_200_fields_are_discovered(group):
    group.put({f"f{n}": n for n in range(1, 202)})
    assert group.query("fields f200, f201") == [{"f200": "200"}]
