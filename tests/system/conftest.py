"""Stores that run in processes of their own; nothing of them outlives its test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from store_process import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    house = Store(tmp_path / "store")
    yield house
    house.clear_away()


@pytest.fixture(params=["stopped", "running"])
def either(request: pytest.FixtureRequest, store: Store) -> Store:
    """A store whose server is stopped, then one whose server runs."""
    if request.param == "running":
        store.starts()
    return store
