"""What simulated customers put into their baskets: the store's own items, in the order real people bought theirs."""

import csv
import json
import random
import string
import urllib.parse
import urllib.request
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

MEAN_ITEMS = 4.4  # of 9,835 baskets of one grocery outlet (Hahsler et al., 2006)
MOST_ITEMS = 24
FETCH_TIMEOUT_S = 10.0

Goods = dict[str, str]
"""Name to code, of items that have both a code and a price."""


def fetch_goods(url: str, token: str) -> Goods:
    """The items for sale, as the store's own search finds them letter by letter. Raises OSError."""
    goods: Goods = {}
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for letter in string.ascii_lowercase:
        query = urllib.parse.urlencode({"q": letter, "limit": 100, "kind": "grocery"})
        request = urllib.request.Request(  # noqa: S310 - http, checked by the wire
            f"{url}/api/v1/items?{query}", headers={"Authorization": f"Bearer {token}"}
        )
        with opener.open(request, timeout=FETCH_TIMEOUT_S) as answer:
            for item in json.load(answer)["items"]:
                if item.get("code") and item.get("price_cents"):
                    goods[item["name"]] = item["code"]
    return goods


def lay_on_plate(url: str, token: str, lane: str, what: dict[str, Any]) -> None:
    """A hand at a virtual plate. A store that will not have it is none of a customer's business."""
    request = urllib.request.Request(  # noqa: S310 - http, checked by the wire
        f"{url}/api/v1/virtual-scales/{urllib.parse.quote(lane, safe='')}",
        json.dumps(what).encode(),
        {"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with suppress(OSError), opener.open(request, timeout=FETCH_TIMEOUT_S):
        pass


def read_baskets(path: Path) -> list[list[str]]:
    """One basket a line, its items separated by commas, by name. Raises OSError, UnicodeDecodeError."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = ([cell.strip() for cell in row if cell.strip()] for row in csv.reader(file))
        return [row for row in rows if row]


class Shelves:
    """Hands out baskets, for ever: those of a file in a random order, or made up with the same mean size."""

    def __init__(self, goods: Goods, baskets: Sequence[Sequence[str]], chance: random.Random) -> None:
        self._by_name = {name.casefold(): code for name, code in goods.items()}
        self._codes = sorted(goods.values())
        self._chance = chance
        self._chance.shuffle(self._codes)
        # A few things are in every basket and most in hardly any: popularity falls with rank (Zipf).
        self._weights = [1 / rank for rank in range(1, len(self._codes) + 1)]
        self._baskets = baskets
        self._order = self._shuffled()

    @property
    def is_empty(self) -> bool:
        return not self._codes

    def basket(self) -> list[str]:
        """The codes of one customer's items, in the order they are scanned."""
        if self._baskets:
            return [self._code(name) for name in next(self._order)[:MOST_ITEMS]]
        size = 1
        while size < MOST_ITEMS and self._chance.random() > 1 / MEAN_ITEMS:
            size += 1
        return self._chance.choices(self._codes, self._weights, k=size)

    def _shuffled(self) -> Iterator[Sequence[str]]:
        while True:
            yield from self._chance.sample(self._baskets, len(self._baskets))

    def _code(self, name: str) -> str:
        """The item of that name, or for names this store does not know always the same other one."""
        known = self._by_name.get(name.casefold())
        return known or self._codes[zlib.crc32(name.encode()) % len(self._codes)]
