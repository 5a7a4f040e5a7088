"""Tests own a vocabulary: builders.py has the values, shop.py the people and terminals of a real store in a folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import CATALOG
from shop import Cook, Lane, Person, Pump, Shop, Stall

from kiosk_server.domain.staff import Role


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A running store with the catalog of builders.py and no terminal yet."""
    running = Shop(tmp_path)
    running.stocks(CATALOG)
    yield running
    running.closes()


@pytest.fixture
def lane3(shop: Shop) -> Lane:
    return Lane(shop, "lane3")


@pytest.fixture
def stall7(shop: Shop) -> Stall:
    return Stall(shop, "stall7")


@pytest.fixture
def pump1(shop: Shop) -> Pump:
    return Pump(shop, "pump1")


@pytest.fixture
def cook(shop: Shop) -> Cook:
    return Cook(shop, "kitchen")


@pytest.fixture
def attendant(shop: Shop) -> Person:
    return Person(shop, "Ada", Role.ATTENDANT)


@pytest.fixture
def manager(shop: Shop) -> Person:
    return Person(shop, "Mia", Role.MANAGER)
