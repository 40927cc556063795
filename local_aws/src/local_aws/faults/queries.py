"""How Athena words queries that fail for no reason of theirs."""

from local_aws.athena import errors
from local_aws.athena.errors import QueryFailedError
from local_aws.faults.plan import Fault

FAILURES = {
    Fault.QUERY_FAILED: QueryFailedError(
        "GENERIC_INTERNAL_ERROR: Internal service error",
        errors.INTERNAL_ERROR,
        errors.SYSTEM,
        retryable=True,
    ),
    Fault.QUERY_TIMEOUT: QueryFailedError(
        "EXCEEDED_TIME_LIMIT: Query exceeded the maximum execution time limit of 30.00m",
        errors.ENGINE_ERROR,
        errors.SYSTEM,
    ),
}
