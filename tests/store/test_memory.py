"""What the writer remembers is always what the tables hold, whatever was refused or rolled back between."""

import random

import pytest
from builders import BANANAS, BREAD, BULB, MILK, a_line
from msgspec.structs import replace
from shop import Lane, Person, Refused, Shop, refused

from kiosk_server.domain.basket import Totals
from kiosk_server.domain.commands import CallAttendant
from kiosk_server.domain.events import ItemScanned
from kiosk_server.store import memory
from kiosk_server.store.memory import RememberingRepositories


def remembered(shop: Shop) -> RememberingRepositories:
    return shop.bus._writer._repositories


def assert_same(shop: Shop, basket_id: str) -> None:
    """The writing thread is idle between commands, so its memory may be looked at here."""
    kept = remembered(shop)
    with shop.looks() as repositories:
        assert kept.basket(basket_id) == repositories.basket(basket_id)
        for name in ("lane3", "lane4"):
            assert kept.terminal(name) == repositories.terminal(name)
        for item in (MILK, BREAD, BULB, BANANAS):
            assert kept.item(item.item_id) == repositories.item(item.item_id)


@pytest.mark.parametrize("seed", range(8))
def test_memory_and_tables_agree_after_every_step(shop: Shop, lane3: Lane, attendant: Person, seed: int) -> None:
    chance = random.Random(seed)
    basket_id = lane3.scans(MILK)["basket_id"]
    neighbour = Lane(shop, "lane4")
    for _ in range(60):
        steps = [
            lambda: lane3.scans(chance.choice([MILK, BREAD, BULB, BANANAS]), quantity=chance.choice([1, 2, 990])),
            lambda: lane3.changes(chance.randrange(1, 9), chance.randrange(1, 5)),
            lambda: lane3.voids(chance.randrange(1, 9)),
            lambda: lane3.scans("garbage"),
            lambda: lane3.resumes(lane3.parks()),
            lambda: neighbour.resumes(lane3.parks()),
            lambda: lane3.resumes(neighbour.parks()),
            lambda: neighbour.scans(MILK),
            lane3.calls,
            lambda: lane3.goes_back() if chance.random() < 0.5 else lane3.pays(),
            lambda: attendant.takes_cash(basket_id) if chance.random() < 0.1 else lane3.voids_all(),
            lambda: shop.stocks([replace(MILK, price_cents=chance.randrange(50, 500))]),
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


def test_memory_is_bounded(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "BASKETS", 3)
    monkeypatch.setattr(memory, "ITEMS", 3)
    tills = [Lane(shop, f"till{number}") for number in range(5)]
    baskets = [till.scans(item)["basket_id"] for till in tills for item in (MILK, BREAD, BULB, BANANAS)]
    kept = remembered(shop)
    assert len(kept._baskets) == 3
    assert 0 < len(kept._items) <= 3
    assert 0 < len(kept._by_code) <= 3
    for basket_id in baskets:
        assert_same(shop, basket_id)


def test_price_that_was_imported_counts_at_the_next_scan(shop: Shop, lane3: Lane) -> None:
    assert lane3.scans(MILK)["line"]["unit_price_cents"] == MILK.price_cents
    shop.stocks([replace(MILK, price_cents=777)])
    assert lane3.scans(MILK)["line"]["unit_price_cents"] == 777


def test_item_that_was_not_known_is_found_once_it_is_imported(shop: Shop, lane3: Lane) -> None:
    strange = replace(MILK, item_id="4012345678901", code="4012345678901", name="Pencil")
    with refused("unknown_item"):
        lane3.scans(strange)
    shop.stocks([strange])
    assert lane3.scans(strange)["line"]["name"] == "Pencil"
