"""Counters, opened and closed."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from counter import Counter


@pytest.fixture
def opens(tmp_path: Path) -> Iterator[Callable[..., Counter]]:
    made: list[Counter] = []

    def make(**changes: Any) -> Counter:
        made.append(Counter(tmp_path, **changes))
        return made[-1]

    yield make
    for counter in made:
        counter.closes()


@pytest.fixture
def counter(opens: Callable[..., Counter]) -> Counter:
    made = opens()
    made.bus.start()
    return made
