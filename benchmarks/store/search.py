"""Search as somebody types, over 100,000 items: each key is a question, and the screen waits for the answer.

The catalog is real names where they lie beside the checkout (the demo's otherwise), each in ten makes, with barcodes
that count up. Every prefix of what is typed is asked, so short ones, which match most, weigh as much as they do at a
lane; misspelt words and words in the middle of others are asked too.
"""

import csv
import itertools
import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.outcome import Outcome, Row, Run, at_most, middle_half, percentile
from benchmarks.store.growth import POLICY
from kiosk_server.config import samples_dir
from kiosk_server.core.bus import Bus
from kiosk_server.core.clock import SystemClock
from kiosk_server.core.handlers import HANDLERS, ROLES
from kiosk_server.domain import commands as c
from kiosk_server.domain.catalog import Item
from kiosk_server.domain.gtin import with_check_digit
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.store import queries
from kiosk_server.store.db import Database

ITEMS = 100_000
BATCH = 10_000
TYPED = 60
REAL_NAMES = Path(__file__).parents[3] / "shared" / "data" / "openfoodfacts-products.csv"
MAKES = ("", "organic ", "family pack ", "light ", "mini ", "extra ", "vegan ", "classic ", "zero ", "fresh ")


def measure(run: Run) -> Outcome:
    """Each prefix of what is typed once a round; the figure is the slowest hundredth of all."""
    with tempfile.TemporaryDirectory(prefix="search-", dir=os.environ.get("KIOSK_BENCH_DIR")) as folder:
        names = list(read_names())
        database = Database(Path(folder) / "store.db")
        database.open()
        try:
            stock(database, names)
            typed = list(what_is_typed(names))
            rounds = [ask(database, typed) for _ in range(run.scaled(7, 2))]
        finally:
            database.close()
    every = [took for one in rounds for took in one]
    p99s = [percentile(one, 0.99) for one in rounds]
    return Outcome(
        rows=[
            Row(
                "an answer while somebody types, p99 (100,000 items)",
                percentile(every, 0.99),
                "ms",
                at_most(50),
                middle_half(p99s),
                f"{len(every):,} questions, median {percentile(every, 0.5):.1f} ms, slowest {max(every):.1f} ms",
            )
        ]
    )


def read_names() -> Iterator[str]:
    """Names of goods, in many languages and scripts where the real ones are there."""
    file = REAL_NAMES if REAL_NAMES.exists() else samples_dir() / "demo" / "catalog.csv"
    with file.open(encoding="utf-8", newline="") as opened:
        yield from (row["name"] for row in csv.DictReader(opened) if row["name"].strip())


def stock(database: Database, names: list[str]) -> None:
    """Fill the catalog through the bus, as an import does."""
    bus = Bus(database, POLICY, SystemClock(), handlers=HANDLERS, roles=ROLES)
    bus.start()
    makes = ((make + name)[:200] for make in MAKES for name in names)
    goods = enumerate(itertools.islice(itertools.cycle(makes), ITEMS))
    local = Identity(name="bench", role=Role.LOCAL)
    while batch := tuple(itertools.islice(goods, BATCH)):
        items = tuple(
            Item(item_id=code, code=code, name=" ".join(name.split()), price_cents=199)
            for code, name in ((with_check_digit(f"4{number:011}"), name) for number, name in batch)
        )
        reply = bus.submit(c.ImportItems(items=items), local, f"stock-{batch[0][0]}").result()
        if not reply.ok:
            raise RuntimeError(f"the catalog was refused: {reply.message}")
    bus.stop()


def what_is_typed(names: list[str]) -> Iterator[str]:
    """Every prefix of some names and codes, key by key; then a word misspelt and the middle of a word."""
    chance = random.Random(3)
    for name in chance.sample(names, TYPED):
        wanted = name[:14]
        yield from (wanted[:length] for length in range(1, len(wanted) + 1))
        word = max(name.split(), key=len)
        yield word[:3] + word[4:]
        yield word[2:7]
    for number in chance.sample(range(ITEMS), TYPED // 3):
        code = with_check_digit(f"4{number:011}")
        yield from (code[:length] for length in range(1, len(code) + 1))


def ask(database: Database, typed: list[str]) -> list[float]:
    """Milliseconds of each question, from the reader's begin to the items in hand."""
    took = []
    for text in typed:
        began = time.perf_counter()
        with database.read() as connection:
            queries.search_items(connection, text, 20)
        took.append((time.perf_counter() - began) * 1e3)
    return took
