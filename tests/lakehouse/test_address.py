import pytest

from lakehouse.address import LAYERS, Address, AddressError, bucket_of


@pytest.mark.parametrize("layer", LAYERS)
def test_text_and_back(layer: str) -> None:
    text = f"ecommerce.{layer}.order_items"

    assert Address.parse(text) == Address("ecommerce", layer, "order_items")
    assert str(Address.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("ecommerce.orders", "is not <domain>.<layer>.<table>"),
        ("ecommerce.silver.orders.order_id", "is not <domain>.<layer>.<table>"),
        ("", "is not <domain>.<layer>.<table>"),
        ("ecommerce.platinum.orders", "layer must be one of raw, bronze, silver, gold, rejected"),
        ("ecommerce.silver.Orders", "'Orders' must be lower-case"),
        ("ecommerce.silver.order-items", "'order-items' must be lower-case"),
        ("ecommerce.silver.2024_orders", "'2024_orders' must be lower-case"),
        ("ecommerce.silver.", "'' must be lower-case"),
        ("e/commerce.silver.orders", "'e/commerce' must be lower-case"),
        ("ecommerce.silver.orders\n", "must be lower-case"),
    ],
)
def test_no_address(text: str, complaint: str) -> None:
    with pytest.raises(AddressError, match=complaint):
        Address.parse(text)


def test_database_is_domain_and_layer() -> None:
    assert Address("ecommerce", "silver", "orders").database == "ecommerce_silver"


def test_uri_in_the_one_bucket() -> None:
    assert Address("ecommerce", "gold", "daily_sales").uri({"*": "lake"}) == "s3://lake/gold/daily_sales"


def test_a_layers_own_bucket_goes_before_the_shared_one() -> None:
    buckets = {"*": "lake", "silver": "vault"}

    assert Address("ecommerce", "silver", "orders").uri(buckets) == "s3://vault/silver/orders"
    assert Address("ecommerce", "bronze", "orders").uri(buckets) == "s3://lake/bronze/orders"


def test_no_bucket_names_the_layer_and_the_settings() -> None:
    with pytest.raises(AddressError, match=r"layer 'gold'.*ECOM_S3_BUCKET_NAME"):
        bucket_of("gold", {"silver": "vault"})


def test_the_same_table_in_another_layer() -> None:
    silver = Address("ecommerce", "silver", "orders")

    assert str(silver.at("rejected")) == "ecommerce.rejected.orders"
    with pytest.raises(AddressError):
        silver.at("platinum")


def test_cleaned_market_data_lies_where_its_readers_look() -> None:
    level2 = Address("market_data", "silver", "level2")

    assert level2.uri({"*": "market-data-vault"}) == "s3://market-data-vault/processed/coinbase/level2"
    assert level2.at("gold").uri({"*": "market-data-vault"}) == "s3://market-data-vault/gold/level2"


def test_a_local_vault_is_named_by_its_folder() -> None:
    assert Address("market_data", "gold", "ohlcv_1m").uri({"*": "/srv/vault"}) == "/srv/vault/gold/ohlcv_1m"
