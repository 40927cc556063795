"""What kind of statement a query is, as Athena tells its callers, and where its result goes."""

import re
from dataclasses import dataclass

NAME = r"""(?:"[^"]+"|`[^`]+`|[A-Za-z_$][\w$]*)"""
"""An identifier, quoted or not."""

QUALIFIED_NAME = rf"{NAME}(?:\s*\.\s*{NAME}){{0,2}}"

_TOKEN = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`)|(?P<other>.)""",
    re.DOTALL,
)

_KINDS: tuple[tuple[str, str, str | None], ...] = (
    (r"CREATE\s+TABLE\b.*?\bAS\s*\(*\s*(?:SELECT|WITH|VALUES|TABLE)\b", "DDL", "CREATE_TABLE_AS_SELECT"),
    (r"CREATE\s+(?:EXTERNAL\s+)?TABLE\b", "DDL", "CREATE_TABLE"),
    (r"CREATE\s+(?:OR\s+REPLACE\s+)?VIEW\b", "DDL", "CREATE_VIEW"),
    (r"CREATE\s+(?:DATABASE|SCHEMA)\b", "DDL", "CREATE_DATABASE"),
    (r"DROP\s+(?:DATABASE|SCHEMA)\b", "DDL", "DROP_DATABASE"),
    (r"DROP\s+TABLE\b", "DDL", "DROP_TABLE"),
    (r"DROP\s+VIEW\b", "DDL", "DROP_VIEW"),
    (r"ALTER\b", "DDL", "ALTER_TABLE"),
    (r"MSCK\b", "DDL", "MSCK_REPAIR"),
    (r"SHOW\s+(?:DATABASES|SCHEMAS)\b", "UTILITY", "SHOW_DATABASES"),
    (r"SHOW\s+CREATE\s+TABLE\b", "UTILITY", "SHOW_CREATE_TABLE"),
    (r"SHOW\s+CREATE\s+VIEW\b", "UTILITY", "SHOW_CREATE_VIEW"),
    (r"SHOW\s+TABLES\b", "UTILITY", "SHOW_TABLES"),
    (r"SHOW\s+VIEWS\b", "UTILITY", "SHOW_VIEWS"),
    (r"SHOW\s+COLUMNS\b", "UTILITY", "SHOW_COLUMNS"),
    (r"SHOW\s+PARTITIONS\b", "UTILITY", "SHOW_PARTITIONS"),
    (r"SHOW\s+TBLPROPERTIES\b", "UTILITY", "SHOW_TBLPROPERTIES"),
    (r"SHOW\s+FUNCTIONS\b", "UTILITY", "SHOW_FUNCTIONS"),
    (r"SHOW\b", "UTILITY", None),
    (r"DESC(?:RIBE)?\b", "UTILITY", "DESCRIBE_TABLE"),
    (r"EXPLAIN\b", "DML", "EXPLAIN"),
    (r"INSERT\b", "DML", "INSERT"),
    (r"UPDATE\b", "DML", "UPDATE"),
    (r"DELETE\b", "DML", "DELETE"),
    (r"MERGE\b", "DML", "MERGE"),
    (r"UNLOAD\b", "DML", "UNLOAD"),
    (r"PREPARE\b", "UTILITY", "PREPARE"),
    (r"EXECUTE\s+(?!IMMEDIATE\b)", "DML", "EXECUTE"),
    (r"DEALLOCATE\s+PREPARE\b", "UTILITY", "DEALLOCATE"),
    (r"\(*\s*(?:SELECT|WITH|VALUES|TABLE)\b", "DML", "SELECT"),
)
_PATTERNS = [(re.compile(pattern, re.IGNORECASE | re.DOTALL), kind, sub) for pattern, kind, sub in _KINDS]

_COUNTED = {"INSERT", "UPDATE", "DELETE", "MERGE", "CREATE_TABLE_AS_SELECT"}


@dataclass(frozen=True)
class Statement:
    """One statement of a query.

    Attributes:
        text: As sent, without surrounding blanks and a closing semicolon.
        bare: The same without comments: what patterns are matched against.
        kind: Athena's StatementType, DDL, DML or UTILITY.
        substatement: Athena's SubstatementType; None for one that Athena gives no name.
    """

    text: str
    bare: str
    kind: str
    substatement: str | None

    @property
    def changes_rows(self) -> bool:
        """Whether it answers with a count of rows instead of rows."""
        return self.substatement in _COUNTED

    @property
    def has_result_file(self) -> bool:
        """Whether its rows go to a result file; what writes data files has none."""
        return not self.changes_rows and self.substatement != "UNLOAD"

    @property
    def has_header(self) -> bool:
        """Whether the first row of its result holds the names of the columns."""
        return self.kind == "DML" or self.substatement == "SHOW_FUNCTIONS"

    def result_key(self, query_id: str) -> str:
        """Name of its result file, relative to the output location."""
        if self.substatement == "CREATE_TABLE_AS_SELECT":
            return f"tables/{query_id}"
        if self.substatement in {"INSERT", "UNLOAD"}:
            return query_id
        if self.substatement == "EXPLAIN" or not self.has_header:
            return f"{query_id}.txt"
        return f"{query_id}.csv"


def classify(sql: str) -> Statement:
    """Say what kind of statement a query is; an unknown one counts as DML, for the engine to refuse."""
    text = sql.strip().rstrip(";").rstrip()
    bare = without_comments(text).strip()
    for pattern, kind, substatement in _PATTERNS:
        if pattern.match(bare):
            return Statement(text, bare, kind, substatement)
    return Statement(text, bare, "DML", None)


def without_comments(sql: str) -> str:
    """Replace each comment by a blank; text in quotes is left alone."""
    return _TOKEN.sub(lambda match: " " if match["comment"] else match[0], sql)


def without_texts(sql: str) -> str:
    """Replace each comment, text and quoted name by a blank: what is left are the statement's own words."""
    return _TOKEN.sub(lambda match: match["other"] or " ", sql)


def name_parts(qualified: str) -> list[str]:
    """Part ``"Db".`Table``` into lower-case names; the catalog of a three-part name is dropped."""
    return [part.strip('"`').lower() for part in re.findall(NAME, qualified)][-2:]


def table_name(qualified: str, database: str) -> tuple[str, str]:
    """Database and table that a name means in the context of ``database``."""
    parts = name_parts(qualified)
    return (parts[0], parts[1]) if len(parts) > 1 else (database, parts[0])
