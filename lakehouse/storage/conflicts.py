"""Delta's conflicts between writers, as Python meets them."""

from delta import exceptions
from delta.exceptions import captured  # noqa: F401 - lets pyspark know them; nothing in delta itself imports it

CONFLICTS = (
    exceptions.DeltaConcurrentModificationException,
    exceptions.ConcurrentAppendException,
    exceptions.ConcurrentDeleteDeleteException,
    exceptions.ConcurrentDeleteReadException,
    exceptions.ConcurrentTransactionException,
    exceptions.ConcurrentWriteException,
    exceptions.MetadataChangedException,
    exceptions.ProtocolChangedException,
)
"""What a commit raises when another writer has committed first; in Python they have no common base."""
