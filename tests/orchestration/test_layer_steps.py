"""What the Glue runs of a layer are told, and what their tasks return."""

from typing import TYPE_CHECKING, Any

import pytest
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from orchestration.configuration import configuration
from orchestration.layer_steps import NOTHING_NEW, CandidateOperator, PublishOperator
from orchestration.plan import Plan
from tests.orchestration.documents_on_s3 import put
from tests.orchestration.running import a_context, a_plan

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RELEASE = {"table": "orders", "rule": "type:total_amount"}
SENSORS = ["wait_for.orders", "wait_for.products"]


def candidate_of(layer: str, sensors: list[str] | None = None) -> CandidateOperator:
    return CandidateOperator(
        task_id=f"{layer}.candidate",
        layer=layer,
        sensors=sensors or [],
        settings=configuration(),
        aws_conn_id=None,
        region_name="us-east-1",
    )


def arguments(layer: str, **plan: Any) -> dict[str, str] | None:
    return candidate_of(layer).arguments(a_plan(**plan), a_context())


@pytest.mark.parametrize(
    ("layer", "job"),
    [
        ("bronze", "lakehouse-raw_to_bronze"),
        ("silver", "lakehouse-bronze_to_silver"),
        ("gold", "lakehouse-silver_to_gold"),
    ],
)
def test_each_layer_has_its_job(layer: str, job: str) -> None:
    assert candidate_of(layer).job_name == job


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        ("bronze", {"--tables": "products,orders,order_items"}),
        ("silver", {"--tables": "products,orders,order_items", "--full-refresh": "false"}),
        ("gold", {"--tables": "daily_sales,product_performance", "--full-refresh": "false"}),
    ],
)
def test_an_ordinary_run(layer: str, told: dict[str, str]) -> None:
    assert arguments(layer) == told


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        ("bronze", {}),
        (
            "silver",
            {
                "--full-refresh": "true",
                "--rejected-share-limit": "0.0",
                "--release": '{"table":"orders","rule":"type:total_amount"}',
            },
        ),
        ("gold", {"--full-refresh": "true", "--dates": "2025-04-01,2025-04-02"}),
    ],
)
def test_the_form_reaches_the_layer_that_it_concerns(layer: str, told: dict[str, str]) -> None:
    form = {"full_refresh": True, "dates": ["2025-04-01", "2025-04-02"], "rejected_share_limit": 0.0}
    given = arguments(layer, **form, release=RELEASE) or {}
    given.pop("--tables")
    assert given == told


class TestFirstLayer:
    def told(self, plan: Plan, *found: str) -> dict[str, str] | None:
        context = a_context(plan, **{sensor.replace(".", "__"): True for sensor in found})
        return candidate_of("bronze", SENSORS).arguments(plan, context)

    def test_one_dataset_with_files_is_enough(self) -> None:
        assert self.told(a_plan(), "wait_for.products") == {"--tables": "products,orders,order_items"}

    def test_without_files_there_is_nothing_to_do(self) -> None:
        with pytest.raises(AirflowSkipException, match="nothing new"):
            self.told(a_plan())

    @pytest.mark.parametrize(
        "asked", [{"dates": ["2025-04-01"]}, {"full_refresh": True}, {"release": RELEASE}]
    )
    def test_dates_a_full_refresh_or_a_release_go_on_without_files_and_without_a_glue_run(
        self, asked: dict[str, Any]
    ) -> None:
        plan = a_plan(**asked)
        assert self.told(plan) is None
        operator = candidate_of("bronze", SENSORS)
        assert operator.execute(a_context(plan)) == NOTHING_NEW == {"outcome": "nothing_new", "tables": {}}

    def test_with_dates_and_files_bronze_takes_the_files(self) -> None:
        assert self.told(a_plan(dates=["2025-04-01"]), "wait_for.orders") is not None


def test_a_candidate_returns_the_outcome_of_each_table(
    lake: "S3Client", capfd: pytest.CaptureFixture[str]
) -> None:
    counts = {"read": 5, "published": 3, "rejected": 2}
    tables = {"orders": {"outcome": "candidate", "counts": counts}, "products": {"outcome": "nothing_new"}}
    document = {"outcome": "candidate", "tables": tables, "run_id": "run-1"}
    put(lake, "metadata/runs/run-1/silver/candidate.json", document)
    assert candidate_of("silver").result(a_plan()) == {
        "outcome": "candidate",
        "tables": {"orders": "candidate", "products": "nothing_new"},
    }
    log = capfd.readouterr().out
    assert "ecommerce.silver.orders: candidate; 5 read, 3 published, 2 rejected" in log


def test_a_run_that_wrote_no_document_is_a_failure_for_good(lake: "S3Client") -> None:
    with pytest.raises(AirflowFailException, match=r"runs/run-1/gold/candidate\.json does not exist"):
        candidate_of("gold").result(a_plan())


class TestPublish:
    def operator(self, layer: str = "silver") -> PublishOperator:
        return PublishOperator(
            task_id="bronze_to_silver.publish",
            layer=layer,
            candidate="bronze_to_silver.candidate",
            settings=configuration(),
            aws_conn_id=None,
            region_name="us-east-1",
        )

    def context(self, tables: dict[str, str]) -> Context:
        return a_context(bronze_to_silver__candidate={"outcome": "candidate", "tables": tables})

    def test_only_candidates_are_published_and_by_the_one_job(self) -> None:
        tables = {"orders": "candidate", "products": "nothing_new", "order_items": "candidate"}
        told = self.operator().arguments(a_plan(), self.context(tables))
        assert told == {"--layer": "silver", "--tables": "orders,order_items", "--full-refresh": "false"}
        assert self.operator().job_name == "lakehouse-publish"

    @pytest.mark.parametrize("layer", ["bronze", "silver", "gold"])
    def test_what_is_made_anew_is_made_as_the_candidate_was(self, layer: str) -> None:
        """Another run may publish in between: then the publish run makes the candidate once more."""
        form = {
            "full_refresh": True,
            "dates": ["2025-04-01"],
            "rejected_share_limit": 0.5,
            "release": RELEASE,
        }
        told = self.operator(layer).arguments(a_plan(**form), self.context({"orders": "candidate"}))
        of_the_candidate = arguments(layer, **form) or {}
        assert told == {**of_the_candidate, "--layer": layer, "--tables": "orders"}

    def test_versions_and_rows_are_returned(self, lake: "S3Client") -> None:
        tables = {"orders": {"version_before": 3, "version_after": 4, "rows": 500}}
        put(lake, "metadata/runs/run-1/silver/published.json", {"tables": tables})
        assert self.operator().result(a_plan()) == tables

    def test_a_publication_without_a_record_is_a_failure(self, lake: "S3Client") -> None:
        with pytest.raises(AirflowFailException, match=r"published\.json.*bronze_to_silver\.publish ended"):
            self.operator().result(a_plan())
