"""A run that dies between two commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest

from lakehouse.steps import writers
from lakehouse.storage.publication import publish_once


@contextmanager
def death_before_the_table() -> Iterator[None]:
    """Silver's publishing dies when the rejected rows are committed and the table is not."""

    def die(spark: Any, uri: str, *arguments: Any) -> int:
        if "/silver/" in uri:
            raise KeyboardInterrupt
        return publish_once(spark, uri, *arguments)

    with patch.object(writers, "publish_once", die), pytest.raises(KeyboardInterrupt):
        yield
