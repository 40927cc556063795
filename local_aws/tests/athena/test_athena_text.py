"""Values as Athena prints them, and types as it and the catalog spell them; no engine needed."""

import pytest

from local_aws.athena import column_types, text


@pytest.mark.parametrize(
    ("value", "type_text", "expected"),
    [
        (None, "integer", None),
        (True, "boolean", "true"),
        (12, "bigint", "12"),
        ("10.50", "decimal(18,2)", "10.50"),
        ("", "varchar(3)", ""),
        (0.1, "double", "0.1"),
        (100.0, "double", "100.0"),
        (-0.001, "double", "-0.001"),
        (0.00012, "double", "1.2E-4"),
        (9999999.0, "double", "9999999.0"),
        (10000000.0, "double", "1.0E7"),
        (-123456789.5, "double", "-1.234567895E8"),
        (1e300, "double", "1.0E300"),
        (0.0, "double", "0.0"),
        ("NaN", "double", "NaN"),
        ("Infinity", "real", "Infinity"),
        ("2025-04-01", "date", "2025-04-01"),
        ("2025-04-01 11:27:00", "timestamp(0)", "2025-04-01 11:27:00.000"),
        ("2025-04-01 11:27:00.5", "timestamp(1)", "2025-04-01 11:27:00.500"),
        ("2025-04-01 11:27:00.123456", "timestamp(6)", "2025-04-01 11:27:00.123456"),
        ("2025-04-01 11:27:00.000 UTC", "timestamp(3) with time zone", "2025-04-01 11:27:00.000 UTC"),
        ("2025-04-01 11:27:00 UTC", "timestamp(0) with time zone", "2025-04-01 11:27:00.000 UTC"),
        ("11:27:00", "time(0)", "11:27:00.000"),
        ("AQL/", "varbinary", "01 02 ff"),
        ([1, None, 3], "array(integer)", "[1, null, 3]"),
        ([["a, b"], []], "array(array(varchar))", "[[a, b], []]"),
        ({"k": 1.0, "l": None}, "map(varchar, double)", "{k=1.0, l=null}"),
        ([1, "x"], 'row("id" integer, "name" varchar)', "{id=1, name=x}"),
        ([1, True], "row(integer, boolean)", "{1, true}"),
        ([[1, "1.50"]], "array(row(a integer, b decimal(9,2)))", "[{a=1, b=1.50}]"),
    ],
)
def test_text_of_a_value(value: object, type_text: str, expected: str | None) -> None:
    assert text.render(value, column_types.parse(type_text)) == expected


@pytest.mark.parametrize(
    ("type_text", "hive"),
    [
        ("integer", "int"),
        ("real", "float"),
        ("varchar", "string"),
        ("varchar(10)", "varchar(10)"),
        ("varbinary", "binary"),
        ("timestamp(3)", "timestamp"),
        ("timestamp(3) with time zone", "timestamp"),
        ("decimal(28,2)", "decimal(28,2)"),
        ("array(varchar)", "array<string>"),
        ("map(varchar, array(integer))", "map<string,array<int>>"),
        ('row("aa" integer, "b c" timestamp(3) with time zone)', "struct<aa:int,b c:timestamp>"),
    ],
)
def test_types_spelled_for_the_catalog(type_text: str, hive: str) -> None:
    assert column_types.hive_name(column_types.parse(type_text)) == hive


@pytest.mark.parametrize(
    ("type_text", "name", "precision", "scale", "case_sensitive"),
    [
        ("integer", "integer", 10, 0, False),
        ("real", "float", 17, 0, False),
        ("decimal(18,2)", "decimal", 18, 2, False),
        ("varchar", "varchar", 2147483647, 0, True),
        ("varchar(7)", "varchar", 7, 0, True),
        ("timestamp(6)", "timestamp", 3, 0, False),
        ("timestamp(3) with time zone", "timestamp with time zone", 3, 0, False),
        ("row(a integer)", "row", 0, 0, False),
    ],
)
def test_column_info(type_text: str, name: str, precision: int, scale: int, *, case_sensitive: bool) -> None:
    info = column_types.column_info("c", column_types.parse(type_text))
    assert (info["Name"], info["Label"], info["CatalogName"]) == ("c", "c", "hive")
    assert (info["Type"], info["Precision"], info["Scale"]) == (name, precision, scale)
    assert info["CaseSensitive"] is case_sensitive
