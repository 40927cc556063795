from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from lakehouse.address import Address
from lakehouse.release import Release
from lakehouse.steps.run import Run, Source, parse_run

REQUIRED = [
    *("--domain", "ecommerce"),
    *("--run-id", "manual-1"),
    *("--buckets", '{"*": "lake"}'),
    *("--expectations-uri", "s3://lake/scripts/expectations"),
]
RUN = Run("ecommerce", "manual-1", {"*": "lake", "gold": "vault"}, "s3://lake/e", attempt="0a1b2c3d")


def test_the_required_arguments_suffice() -> None:
    run = parse_run(REQUIRED)

    assert (run.domain, run.run_id, run.buckets) == ("ecommerce", "manual-1", {"*": "lake"})
    assert run.expectations_uri == "s3://lake/scripts/expectations"
    assert (run.tables, run.full_refresh, run.dates, run.layer) == ((), False, (), "")
    assert (run.rejected_share_limit, run.release, run.dry_run) == (None, None, False)
    assert (run.source, run.switch) == ("", False)
    assert run.log_level == "INFO"


def test_the_build_is_the_folder_of_the_suites() -> None:
    deployed = [*REQUIRED[:-1], "s3://lake/releases/0a1b2c/expectations"]

    assert (parse_run(REQUIRED).build, parse_run(deployed).build) == ("scripts", "0a1b2c")


def test_every_argument() -> None:
    run = parse_run(
        [
            *REQUIRED,
            *("--tables", "products,orders"),
            *("--full-refresh", "True"),
            *("--dates", "2025-04-01,2025-04-02"),
            *("--rejected-share-limit", "0.05"),
            *("--release", '{"table": "orders", "rule": "type:total_amount"}'),
            *("--environment", "prod"),
            *("--layer", "silver"),
            *("--dry-run", "true"),
            *("--source", "archive"),
            *("--switch", "true"),
            *("--log-level", "DEBUG"),
        ]
    )

    assert run.tables == ("products", "orders")
    assert run.full_refresh is True
    assert run.dates == (date(2025, 4, 1), date(2025, 4, 2))
    assert run.rejected_share_limit == 0.05
    assert run.release == Release(table="orders", rule="type:total_amount")
    assert (run.environment, run.layer, run.dry_run) == ("prod", "silver", True)
    assert (run.source, run.switch) == ("archive", True)
    assert run.log_level == "DEBUG"


def test_empty_lists_are_no_choice() -> None:
    run = parse_run([*REQUIRED, "--tables", "", "--dates", "", "--full-refresh", "false"])

    assert (run.tables, run.dates, run.full_refresh) == ((), (), False)


def test_what_glue_adds_is_passed_over() -> None:
    added = [
        *("--JOB_NAME", "lakehouse-publish"),
        *("--JOB_RUN_ID", "jr_0123"),
        *("--JOB_ID", "j_4567"),
        *("--enable-metrics", "true"),
        *("--TempDir", "s3://aws-glue-assets/temporary/"),
    ]

    run = parse_run([*added[:4], *REQUIRED, *added[4:], "--layer", "gold"])

    assert (run.domain, run.layer) == ("ecommerce", "gold")


@pytest.mark.parametrize("missing", REQUIRED[::2])
def test_a_missing_argument_is_named(missing: str, capsys: pytest.CaptureFixture[str]) -> None:
    position = REQUIRED.index(missing)

    with pytest.raises(SystemExit):
        parse_run([*REQUIRED[:position], *REQUIRED[position + 2 :]])

    assert missing in capsys.readouterr().err


def test_an_abbreviation_is_another_argument(capsys: pytest.CaptureFixture[str]) -> None:
    """Glue 6.0 refuses abbreviated names; a step must not read `--table` as `--tables` either."""
    assert parse_run([*REQUIRED, "--table", "orders", "--full", "true"]).tables == ()

    with pytest.raises(SystemExit):
        parse_run(["--dom", *REQUIRED[1:]])

    assert "--domain" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("--buckets", "lake"),
        ("--full-refresh", "yes"),
        ("--dry-run", "perhaps"),
        ("--dates", "01.04.2025"),
        ("--dates", "2025-04-31"),
        ("--rejected-share-limit", "one percent"),
        ("--release", "orders"),
        ("--release", '{"rule": "type:total_amount"}'),
        ("--release", '{"table": "orders", "rows": "all"}'),
        ("--release", '{"table": "orders", "category": "bad"}'),
    ],
)
def test_a_bad_value_is_named(name: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse_run([*REQUIRED, name, value])

    assert name in capsys.readouterr().err


def test_two_attempts_never_share_a_candidate() -> None:
    orders = Address("ecommerce", "silver", "orders")

    assert parse_run(REQUIRED).candidate_uri(orders) != parse_run(REQUIRED).candidate_uri(orders)


def test_the_start_is_an_instant_of_utc() -> None:
    before = datetime.now(UTC)

    assert before <= parse_run(REQUIRED).started_at <= datetime.now(UTC)


def test_where_a_run_keeps_its_documents() -> None:
    orders = Address("ecommerce", "silver", "orders")

    assert RUN.uri(orders) == "s3://lake/silver/orders"
    assert RUN.candidate_uri(orders) == "s3://lake/silver/processing/manual-1/orders-0a1b2c3d"
    assert RUN.candidate_document("silver") == "s3://lake/metadata/runs/manual-1/silver/candidate.json"
    assert RUN.published_document("silver") == "s3://lake/metadata/runs/manual-1/silver/published.json"
    assert RUN.verdict_document(orders) == "s3://lake/metadata/validations/manual-1/silver/orders.json"
    assert RUN.docs_page(orders) == "s3://lake/metadata/data_docs/manual-1/silver/orders.html"
    assert RUN.maintenance_document == "s3://lake/metadata/maintenance/ecommerce/manual-1.json"
    assert RUN.manifest_document("latest") == "s3://lake/metadata/manifests/ecommerce/latest.json"


def test_a_layers_own_bucket_keeps_tables_and_candidates_but_no_documents() -> None:
    sales = Address("ecommerce", "gold", "daily_sales")
    assert RUN.uri(sales) == "s3://vault/gold/daily_sales"
    assert RUN.candidate_uri(sales) == "s3://vault/gold/processing/manual-1/daily_sales-0a1b2c3d"
    assert RUN.candidate_document("gold") == "s3://lake/metadata/runs/manual-1/gold/candidate.json"


def test_contracts_of_the_run_come_parents_first() -> None:
    every = [c.name for c in RUN.contracts("silver")]
    chosen = parse_run([*REQUIRED, "--tables", "order_items,orders"])

    assert sorted(every) == ["order_items", "orders", "products"]
    assert every[-1] == "order_items"
    assert [c.name for c in chosen.contracts("silver")] == ["orders", "order_items"]


@pytest.mark.parametrize(
    ("source", "layer", "uri"),
    [
        ("", "silver", "s3://lake/silver/orders"),
        ("bronze", "bronze", "s3://lake/bronze/orders"),
        ("archive", "bronze", "s3://lake/bronze/processing/manual-1/replay/bronze/orders"),
        ("bronze", "rejected", "s3://lake/silver/processing/manual-1/replay/rejected/orders"),
        ("archive", "gold", "s3://vault/gold/processing/manual-1/replay/gold/orders"),
    ],
)
def test_a_replay_lies_among_the_candidates_of_its_layer(source: Source, layer: str, uri: str) -> None:
    assert replace(RUN, source=source).uri(Address("ecommerce", layer, "orders")) == uri


def test_what_a_replay_says_is_not_said_of_the_live_tables() -> None:
    replayed, orders = replace(RUN, source="bronze"), Address("ecommerce", "silver", "orders")
    assert (
        replayed.candidate_document("silver")
        == "s3://lake/metadata/replays/runs/manual-1/silver/candidate.json"
    )
    assert replayed.verdict_document(orders) != RUN.verdict_document(orders)
    assert replayed.manifest_document("latest") == RUN.manifest_document("latest")
