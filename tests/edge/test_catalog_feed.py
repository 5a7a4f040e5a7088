"""What a lane keeps of the catalog: everything once, then only changes, and anew after a store went back in time."""

from typing import Any

import pytest
import requests
from msgspec.structs import replace
from running_house import BREAD, ITEMS, MILK, House, bearer

from kiosk_server.domain.catalog import Item

ROUTE = "/api/v1/catalog"
MANY = tuple(Item(item_id=f"g{n:05}", name=f"Grocery number {n}", price_cents=n + 1) for n in range(5_000))


class Keeper:
    """A lane that keeps the catalog as the browser does."""

    def __init__(self, house: House, name: str = "lane-1") -> None:
        self.house, self.who = house, bearer(house.enrols(name, "lane"))
        self.cursor = ""
        self.items: dict[str, list[Any]] = {}

    def asks(self, **query: object) -> dict[str, Any]:
        answer = self.house.get(f"{ROUTE}?" + "&".join(f"{key}={value}" for key, value in query.items()), self.who)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def catches_up(self, limit: int = 2_000) -> list[int]:
        """Asks until there is nothing more; gives the size of each answer."""
        sizes = []
        while True:
            feed = self.asks(cursor=self.cursor, limit=limit)
            if feed["is_anew"]:
                self.items.clear()
            self.items.update({row[0]: row for row in feed["items"]})
            self.cursor = feed["cursor"]
            sizes.append(len(feed["items"]))
            if feed["is_last"]:
                return sizes


@pytest.fixture
def keeper(house: House) -> Keeper:
    return Keeper(house)


def test_lane_keeps_groceries_and_nothing_else(keeper: Keeper) -> None:
    assert keeper.catches_up() == [2]
    assert keeper.items == {
        MILK: [MILK, "Whole milk 1 l", 119, None],
        BREAD: [BREAD, "Rye bread", 249, None],
    }
    assert keeper.catches_up() == [0]


def test_lane_hears_only_what_changed(keeper: Keeper) -> None:
    keeper.catches_up()
    milk = next(item for item in ITEMS if item.item_id == MILK)
    plums = Item(item_id="plums", name="Plums", code="4042", price_per_kg_cents=299)
    keeper.house.stocks((replace(milk, price_cents=129), plums))
    assert keeper.catches_up() == [2]
    assert keeper.items[MILK][2] == 129
    assert keeper.items["plums"] == ["plums", "Plums", None, "4042"]


def test_withdrawn_item_loses_its_price(keeper: Keeper) -> None:
    keeper.catches_up()
    milk = next(item for item in ITEMS if item.item_id == MILK)
    keeper.house.stocks((replace(milk, is_withdrawn=True),))
    keeper.catches_up()
    assert keeper.items[MILK][2] is None


def test_changes_while_somebody_pages_are_not_missed(keeper: Keeper) -> None:
    keeper.house.stocks(MANY)
    first = keeper.asks(limit=1_000)
    keeper.items.update({row[0]: row for row in first["items"]})
    keeper.cursor = first["cursor"]
    dearer = replace(MANY[0], price_cents=99_999)  # on the page that was fetched already
    keeper.house.stocks((dearer,))
    keeper.catches_up()
    assert len(keeper.items) == len(MANY) + 2
    assert keeper.items["g00000"][2] == 99_999


def test_cursor_of_another_history_begins_anew(keeper: Keeper) -> None:
    keeper.catches_up()
    seq, row, digest = keeper.cursor.split(".")
    for stranger in (
        "garbage",
        f"{seq}.{row}.{digest[::-1]}",
        f"{int(seq) + 500}.{row}.{digest}",
        "'; DROP TABLE items",
    ):
        feed = keeper.asks(cursor=stranger)
        assert feed["is_anew"], stranger
        assert len(feed["items"]) == 2


def test_catalog_comes_compressed_to_whoever_takes_that(keeper: Keeper) -> None:
    keeper.house.stocks(MANY)
    url, headers = keeper.house.url + ROUTE, keeper.who
    plain = requests.get(url, headers={**headers, "Accept-Encoding": "identity"}, timeout=30)
    small = requests.get(url, headers={**headers, "Accept-Encoding": "gzip"}, timeout=30)
    assert plain.json() == small.json()
    assert small.headers["Content-Encoding"] == "gzip"
    assert int(small.headers["Content-Length"]) * 4 < int(plain.headers["Content-Length"])
    assert "Content-Encoding" not in plain.headers


def test_strangers_and_bad_questions_are_refused(house: House) -> None:
    assert requests.get(house.url + ROUTE, timeout=30).status_code == 401
    lane = bearer(house.enrols("lane-1", "lane"))
    for query in ("limit=0", "limit=2001", "cursor=" + "9" * 65, "since=3"):
        assert house.get(f"{ROUTE}?{query}", lane).status_code == 400, query
