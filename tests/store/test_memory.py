"""What the writer remembers of a basket is always what the tables hold, whatever was refused or rolled back between."""

import random

import pytest
from builders import BANANAS, BREAD, BULB, MILK, a_line
from shop import Lane, Refused, Shop

from kiosk_server.domain.basket import Totals
from kiosk_server.domain.commands import CallAttendant
from kiosk_server.domain.events import ItemScanned
from kiosk_server.store.memory import BASKETS, RememberingRepositories


def remembered(shop: Shop) -> RememberingRepositories:
    return shop.bus._writer._repositories


def assert_same(shop: Shop, basket_id: str) -> None:
    """The writing thread is idle between commands, so its memory may be looked at here."""
    assert remembered(shop).basket(basket_id) == shop.basket(basket_id)


@pytest.mark.parametrize("seed", range(5))
def test_memory_and_tables_agree_after_every_step(shop: Shop, lane3: Lane, seed: int) -> None:
    chance = random.Random(seed)
    basket_id = lane3.scans(MILK)["basket_id"]
    for _ in range(60):
        steps = [
            lambda: lane3.scans(chance.choice([MILK, BREAD, BULB, BANANAS]), quantity=chance.choice([1, 2, 990])),
            lambda: lane3.changes(chance.randrange(1, 9), chance.randrange(1, 5)),
            lambda: lane3.voids(chance.randrange(1, 9)),
            lambda: lane3.scans("garbage"),
            lambda: lane3.resumes(lane3.parks()),
        ]
        try:
            chance.choice(steps)()
        except Refused:
            continue
        finally:
            assert_same(shop, basket_id)


def test_what_was_rolled_back_is_forgotten(shop: Shop, lane3: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    basket_id = lane3.scans(MILK)["basket_id"]

    def record_and_fail(command: object, desk: object) -> None:
        desk.record(  # type: ignore[attr-defined]
            ItemScanned(terminal="lane3", basket_id=basket_id, line=a_line(2), totals=Totals(2, 258, 258))
        )
        assert len(desk.repositories.basket(basket_id).lines) == 2  # type: ignore[attr-defined]
        raise ZeroDivisionError

    handlers = dict(shop.bus._writer._handlers)
    handlers[CallAttendant] = record_and_fail
    monkeypatch.setattr(shop.bus._writer, "_handlers", handlers)
    with pytest.raises(Refused, match="internal"):
        lane3.calls()
    assert_same(shop, basket_id)
    assert len(shop.basket(basket_id).lines) == 1


def test_memory_is_bounded(shop: Shop, lane3: Lane) -> None:
    memory = remembered(shop)
    for number in range(BASKETS + 10):
        memory.basket(f"none-{number}")
    basket_id = lane3.scans(MILK)["basket_id"]
    assert len(memory._remembered) <= BASKETS
    assert_same(shop, basket_id)
