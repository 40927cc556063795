"""How a header may differ from the contract, by policy."""

import pytest

from lakehouse.address import Address
from lakehouse.contract import Custom, load
from lakehouse.contract_rules import SchemaPolicy
from lakehouse.ingestion.drift import Drift, HeaderRules, drift, header_rules
from tests.lakehouse.contract_files import contract_of

POLICIES: tuple[SchemaPolicy, ...] = ("strict", "evolve", "permissive")
REMEDY = "rename the columns as in the contract, or change the contract"


def judged(header: str, policy: SchemaPolicy = "permissive") -> Drift:
    columns, required = ("order_id", "user_id", "total_amount"), frozenset({"order_id", "total_amount"})
    return drift(header.split(), HeaderRules(columns, required, policy))


@pytest.mark.parametrize("policy", POLICIES)
def test_the_contracts_columns_are_no_drift(policy: SchemaPolicy) -> None:
    found = judged("order_id user_id total_amount", policy)

    assert found == Drift()
    assert not found


@pytest.mark.parametrize("policy", POLICIES)
def test_the_order_is_free(policy: SchemaPolicy) -> None:
    assert judged("total_amount order_id user_id", policy) == Drift(reordered=True)


def test_added_columns_do_not_make_another_order() -> None:
    assert judged("coupon order_id note user_id total_amount") == Drift(added=("coupon", "note"))


@pytest.mark.parametrize(
    ("header", "refusals"),
    [
        (
            "order_id user_id total_amount coupon",
            {"strict": f"row 1 adds 'coupon', which the policy 'strict' refuses: {REMEDY}"},
        ),
        (
            "order_id total_amount",
            {"strict": f"row 1 lacks 'user_id', which the policy 'strict' refuses: {REMEDY}"},
        ),
        (
            "order_id user_id totl_amount",
            {
                "strict": "row 1 lacks 'total_amount' and adds 'totl_amount' ('totl_amount' may be 'total_amount'),"
                f" which the policy 'strict' refuses: {REMEDY}",
                "evolve": "row 1 lacks 'total_amount' ('totl_amount' may be 'total_amount'), which the policy 'evolve'"
                f" refuses: {REMEDY}",
            },
        ),
        (
            "user_id when",
            {
                "strict": "row 1 lacks 'order_id', 'total_amount' and adds 'when', which the policy 'strict' refuses:"
                f" {REMEDY}",
                "evolve": "row 1 lacks 'order_id', 'total_amount', which the policy 'evolve' refuses:"
                f" {REMEDY}",
            },
        ),
    ],
    ids=["added", "optional_removed", "required_renamed", "required_removed"],
)
def test_who_refuses_what(header: str, refusals: dict[SchemaPolicy, str]) -> None:
    assert {policy: judged(header, policy).refusal for policy in POLICIES} == {
        **dict.fromkeys(POLICIES, ""),
        **refusals,
    }


def test_what_is_told_of_a_header() -> None:
    assert judged("total_amount coupon order_id").as_document() == {
        "added": ["coupon"],
        "removed": ["user_id"],
        "reordered": True,
    }


def test_without_a_header_no_value_is_told() -> None:
    refusal = "row 1 names no column of the contract: is the header missing?"
    told = {policy: judged("jane doe 1985", policy) for policy in POLICIES}

    assert {found.added for found in told.values()} == {("column 1", "column 2", "column 3")}
    assert {policy: found.refusal for policy, found in told.items()} == {
        "strict": refusal,
        "evolve": refusal,
        "permissive": "",
    }


BY_ENVIRONMENT = {"prod": "strict", "default": "evolve"}


def test_by_default_every_header_is_accepted() -> None:
    assert header_rules(contract_of("orders", layer="bronze"), "prod") == HeaderRules(("order_id",))


def test_required_is_what_silver_requires() -> None:
    bronze = load(Address.parse("ecommerce.bronze.orders"))
    custom = (*bronze.customProperties, Custom(property="schemaPolicy", value=BY_ENVIRONMENT))
    bronze = bronze.model_copy(update={"customProperties": custom})

    rules = {environment: header_rules(bronze, environment) for environment in ("dev", "prod")}

    assert {environment: each.policy for environment, each in rules.items()} == {
        "dev": "evolve",
        "prod": "strict",
    }
    # The column that docs/data_model.md gives as optional is order_num.
    assert rules["dev"].required == {"order_id", "user_id", "order_timestamp", "total_amount", "date"}
    assert rules["dev"].columns[0] == "order_num"


@pytest.mark.parametrize("stated", ["loose", {"prod": "loose"}, ["strict"]])
def test_a_policy_that_does_not_exist_is_an_error(stated: object) -> None:
    with pytest.raises(ValueError, match="schemaPolicy"):
        contract_of("orders", layer="bronze", schemaPolicy=stated)
