"""Several tables at once: a small table's time goes into planning and commits, which leave executors idle."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from lakehouse.address import Address
from lakehouse.contract import Contract

TABLES_AT_ONCE = 4


def for_each_table[Result](
    contracts: Sequence[Contract], work: Callable[[Contract], Result]
) -> dict[str, Result]:
    """What `work` returns for each table, by name; a table's work starts when that of its parents is done.

    `contracts` come parents first. Raises what the first table's work raised, when no work is running any more.
    """
    begun: dict[Address, Future[Result]] = {}

    def after_parents(contract: Contract) -> Result:
        for reference in contract.references.values():
            if reference.address in begun and reference.address != contract.address:
                begun[reference.address].result()
        return work(contract)

    with ThreadPoolExecutor(TABLES_AT_ONCE, thread_name_prefix="table") as pool:
        for contract in contracts:
            begun[contract.address] = pool.submit(after_parents, contract)
    return {contract.name: begun[contract.address].result() for contract in contracts}
