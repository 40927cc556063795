"""The laws, each broken on purpose in one place, and the test that must notice.

python -m tests.broken_laws            every one of them
python -m tests.broken_laws order      those whose law or test holds the word
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """An exact text that occurs once in a file, and what stands there instead."""

    file: str
    text: str
    replacement: str


@dataclass(frozen=True)
class BrokenLaw:
    """`edits` break `law` as `what` says; `test` (file::name) must fail."""

    law: str
    what: str
    test: str
    edits: tuple[Edit, ...]


STEPS = "tests/lakehouse/steps"
PUBLICATION = "lakehouse/storage/publication.py"

BROKEN = (
    BrokenLaw(
        "conservation",
        "a row whose status is unknown is not noticed",
        f"{STEPS}/test_conservation.py::test_a_row_of_unknown_status_stops_the_run",
        (Edit("lakehouse/steps/bronze_to_silver.py", "if row[STATUS] not in STATUSES:", "if False:"),),
    ),
    BrokenLaw(
        "conservation",
        "a rejected row is not kept",
        f"{STEPS}/test_gates.py::test_a_delivery_with_too_many_broken_rows_stays_out",
        (
            Edit(
                "lakehouse/storage/rejections.py",
                """.whenNotMatchedInsert(f"judged.{STATUS} = 'rejected'", columns)""",
                """.whenNotMatchedInsert("judged.category = 'schema'", columns)""",
            ),
        ),
    ),
    BrokenLaw(
        "conservation",
        "a switch to a replay takes a file out of bronze that the archive lacks",
        f"{STEPS}/test_replay.py::test_a_delivery_after_the_switch_ends_as_without_it",
        (
            Edit(
                "lakehouse/steps/switch_replay.py",
                'if address.layer == "bronze" and lost:',
                "if False:",
            ),
        ),
    ),
    BrokenLaw(
        "idempotence",
        "bronze takes in the same content twice",
        f"{STEPS}/test_conservation.py::test_the_same_content_under_two_names_is_taken_in_once",
        (
            Edit(
                "lakehouse/steps/raw_to_bronze.py",
                "(duplicates if file.sha256 in seen else new).append(file)",
                "new.append(file)",
            ),
        ),
    ),
    BrokenLaw(
        "idempotence",
        "rejected rows are read as a dead run left them",
        f"{STEPS}/test_orphans.py::test_a_line_that_left_rejected_before_a_death_is_not_lost",
        (Edit("lakehouse/steps/judged_again.py", "if version is None:", "if True:"),),
    ),
    BrokenLaw(
        "order",
        "a file is replayed as if it was delivered when it was archived",
        "tests/lakehouse/ingestion/test_archived_files.py::test_files_are_what_they_were_when_they_were_delivered",
        (
            Edit(
                "lakehouse/ingestion/archived_files.py",
                'datetime.fromisoformat(told["delivered_at"])',
                's3.head_object(Bucket=bucket, Key=key)["LastModified"]',
            ),
        ),
    ),
    BrokenLaw(
        "order",
        "an earlier file is not read again for a row of it that is published",
        f"{STEPS}/test_touched.py::test_a_row_of_an_earlier_file_wins_against_a_later_one",
        (
            Edit(
                "lakehouse/steps/touched.py",
                'held.append(published.select(*contract.primary_key, "_source_hash"))',
                "pass",
            ),
        ),
    ),
    BrokenLaw(
        "idempotence",
        "bronze appends a zombie's files without a look at what was published meanwhile",
        f"{STEPS}/test_publish.py::test_two_attempts_of_one_run_publish_once",
        (
            Edit(
                "lakehouse/steps/writers.py",
                "known_hashes(spark, uri, loaded) if base != candidate.base else set()",
                "set[str]()",
            ),
        ),
    ),
    BrokenLaw(
        "idempotence",
        "a publication is no compare-and-set",
        f"{STEPS}/test_publish.py::test_an_older_candidate_never_undoes_a_newer_publication",
        (
            Edit(PUBLICATION, "if (found := delta_log.version(uri)) != base:", "if (found := base) != base:"),
            Edit(PUBLICATION, "values = (_APPLICATION, str(", "values = (publication.candidate, str("),
        ),
    ),
    BrokenLaw(
        "idempotence",
        "a publication that is in the log already is not looked for",
        f"{STEPS}/test_conservation.py::test_a_full_refresh_is_published_once",
        (Edit(PUBLICATION, "    if made is not None:\n        return made\n", ""),),
    ),
    BrokenLaw(
        "order",
        "the contract's tie-breaks do not count",
        "tests/lakehouse/records/test_resolve.py::test_tie_breaks_come_in_the_contracts_order",
        (
            Edit(
                "lakehouse/records/resolve.py",
                "return [*newest, *stated, *position]",
                "return [*newest, *position]",
            ),
        ),
    ),
    BrokenLaw(
        "order",
        "a line is not judged again when its parent arrives",
        f"{STEPS}/test_orphans.py::test_a_line_is_published_when_all_that_it_names_is_there",
        (
            Edit(
                "lakehouse/steps/judged_again.py",
                "return _unless_empty(reduce(DataFrame.union, adopted).distinct())",
                "return None if adopted else rejected",
            ),
        ),
    ),
    BrokenLaw(
        "nothing unaudited",
        "publishing does not ask for the verdict",
        f"{STEPS}/test_gates.py::test_without_a_verdict_nothing_is_published",
        (
            Edit(
                "lakehouse/steps/publish.py",
                "if candidate.verdict not in (allowed or _PASSED):",
                "if candidate.verdict == allowed:",
            ),
        ),
    ),
    BrokenLaw(
        "nothing unaudited",
        "a candidate that was made anew is published without a verdict of its own",
        f"{STEPS}/test_publish.py::test_what_is_made_anew_is_judged_anew",
        (
            Edit(
                "lakehouse/steps/publish.py",
                '_require_verdict(contract, made, "passed", stale.verdict)',
                "_require_verdict(contract, stale)",
            ),
        ),
    ),
    BrokenLaw(
        "nothing unaudited",
        "a broken critical expectation does not close the gate",
        "tests/orchestration/test_gate.py::test_a_broken_critical_expectation_closes_the_gate_for_good",
        (
            Edit(
                "plugins/orchestration/gate.py",
                'if verdict.outcome == "failed":',
                'if verdict.outcome == "broken":',
            ),
        ),
    ),
    BrokenLaw(
        "parity",
        "what is deployed asks whether it runs on a laptop",
        "tests/test_parity.py::test_nothing_that_is_deployed_asks_where_it_runs",
        (
            Edit(
                "lakehouse/session.py",
                "from pyspark.sql import SparkSession\n",
                "import os\n\nfrom pyspark.sql import SparkSession\n\n"
                'LOCAL = "127.0.0.1" in os.environ.get("AWS_ENDPOINT_URL", "")\n',
            ),
        ),
    ),
    BrokenLaw(
        "parity",
        "a changed script is not deployed again",
        "tests/lakehouse/operations/test_upload_scripts.py::test_only_what_changed_is_uploaded_again",
        (
            Edit(
                "lakehouse/operations/deploy.py",
                'if head and head["Metadata"].get(HASH_METADATA) == digest:',
                "if head:",
            ),
        ),
    ),
    BrokenLaw(
        "no data in reports",
        "verdicts and Data Docs hold values of rows",
        f"{STEPS}/test_checkpoint_values.py::test_what_a_checkpoint_leaves_behind_holds_no_value_of_a_row",
        (
            Edit(
                "lakehouse/quality/checkpoint.py",
                '"partial_unexpected_count": 0}',
                '"partial_unexpected_count": 3}',
            ),
        ),
    ),
    BrokenLaw(
        "no data in reports",
        "the run ledger quotes what a checkpoint observed of patients",
        "tests/orchestration/test_run_record.py::test_of_patients_only_counts_are_kept",
        (
            Edit(
                "plugins/orchestration/run_record.py",
                "if not contract.rules.restricted:",
                "if contract.rules.restricted:",
            ),
        ),
    ),
)
