"""A real house for the edge's tests: real store, real bus, real sockets on an ephemeral port of loopback."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from running_house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path) as running:
        yield running
