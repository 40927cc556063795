"""Arguments that several commands read the same way."""

import re

from lakehouse.address import Address, AddressError
from lakehouse.cli.failure import CommandError
from lakehouse.contract import tables
from lakehouse.operations.pools import domains


def table_address(text: str, layer: str) -> Address:
    """`<domain>.<table>` in `layer`, or a full address; raises CommandError."""
    parts = text.split(".")
    try:
        address = Address(parts[0], layer, parts[1]) if len(parts) == 2 else Address.parse(text)  # noqa: PLR2004
    except AddressError as error:
        raise CommandError(str(error)) from error
    require_domain(address.domain)
    shelf = "silver" if address.layer == "rejected" else "bronze" if address.layer == "raw" else address.layer
    known = [contract.name for contract in tables(address.domain, shelf)]
    if address.table not in known:
        raise CommandError(
            f"{address.domain}.{shelf} has no table {address.table!r}; it has {', '.join(known)}"
        )
    return address


def require_domain(domain: str) -> None:
    """Raises CommandError where there is no such domain."""
    if domain not in domains():
        raise CommandError(f"there is no domain {domain!r}; there is {', '.join(domains())}")


def key_safe(run_id: str) -> str:
    """A run id as keys on S3 and rejected rows hold it; Airflow shows it with characters that they replace."""
    return re.sub(r"[^A-Za-z0-9_.-]", "-", run_id)
