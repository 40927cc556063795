"""One address names a table on every shelf: contract, transform, suite, SQL, S3 prefix and catalog entry."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

TABLE_LAYERS = ("bronze", "silver", "gold")
"""Layers that have contracts, in the order of the flow."""
LAYERS = ("raw", *TABLE_LAYERS, "rejected")
FOLDERS = {("market_data", "silver"): "processed/coinbase"}
"""Folders of layers that are not called after the layer, by domain and layer."""
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")


class AddressError(ValueError):
    """An address that is not `<domain>.<layer>.<table>`."""


@dataclass(frozen=True, order=True)
class Address:
    """`<domain>.<layer>.<table>`, such as `ecommerce.silver.orders`."""

    domain: str
    layer: str
    table: str

    def __post_init__(self) -> None:
        if self.layer not in LAYERS:
            raise AddressError(f"{self}: layer must be one of {', '.join(LAYERS)}")
        for part in (self.domain, self.table):
            if not _NAME.match(part):
                raise AddressError(f"{self}: {part!r} must be lower-case letters, digits and underscores")

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read `<domain>.<layer>.<table>`; raises AddressError."""
        parts = text.split(".")
        if len(parts) != 3:  # noqa: PLR2004
            raise AddressError(f"{text!r} is not <domain>.<layer>.<table>, such as ecommerce.silver.orders")
        return cls(*parts)

    def __str__(self) -> str:
        return f"{self.domain}.{self.layer}.{self.table}"

    @property
    def database(self) -> str:
        """The Glue database, `<domain>_<layer>`."""
        return f"{self.domain}_{self.layer}"

    def uri(self, buckets: Mapping[str, str]) -> str:
        """The table's URI; `buckets` maps layer → bucket, `*` standing for every layer not named."""
        return f"{root_of(self.layer, buckets)}/{self.folder}"

    @property
    def folder(self) -> str:
        """Where the table is in its layer's bucket, such as `silver/orders`."""
        return f"{FOLDERS.get((self.domain, self.layer), self.layer)}/{self.table}"

    def at(self, layer: str) -> "Address":
        """The table of the same name in another layer."""
        return Address(self.domain, layer, self.table)


def query_results_uri(buckets: Mapping[str, str]) -> str | None:
    """Where Athena puts results of queries of a domain that has a bucket for them; None: where the work group says."""
    bucket = buckets.get("athena_queries")
    return f"s3://{bucket}/athena_queries/" if bucket else None


def root_of(layer: str, buckets: Mapping[str, str]) -> str:
    """What the URIs of a layer begin with: its bucket, or the folder of a local vault. Raises AddressError."""
    place = bucket_of(layer, buckets)
    return f"s3://{place}" if is_bucket(place) else place


def is_bucket(place: str) -> bool:
    """Whether a layer lives in an S3 bucket of that name; a local vault's is the absolute path of its folder."""
    return not place.startswith("/")


def bucket_of(layer: str, buckets: Mapping[str, str]) -> str:
    """The bucket of a layer; raises AddressError when none is set."""
    try:
        return buckets.get(layer) or buckets["*"]
    except KeyError:
        raise AddressError(
            f"no bucket is set for layer {layer!r}: set ECOM_S3_BUCKET_NAME or LAKEHOUSE_BUCKETS"
        ) from None
