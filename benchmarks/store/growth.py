"""Years of sales in minutes: `python -m benchmarks.store.growth FOLDER SALES [--verify]`.

One sale is made by the real counter; then copies of its journal rows and of the state that they leave are stamped with
new numbers, ids, times and lanes, in a chain of hashes like any other. Nothing here knows what a sale consists of, and
`verify`, which rebuilds the state from the journal, tells that the copies are as good as the first (`--verify`; the
tests do it with a small store).
"""

import argparse
import re
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from kiosk_server.core.bus import Bus
from kiosk_server.core.handlers import HANDLERS, ROLES
from kiosk_server.domain import commands as c
from kiosk_server.domain.catalog import Item
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.domain.tender import TenderKind
from kiosk_server.domain.terminal import Kind
from kiosk_server.store import journal
from kiosk_server.store.connection import connect
from kiosk_server.store.db import Database
from kiosk_server.store.moments import Moments
from kiosk_server.store.tables import STATE_TABLES
from kiosk_server.store.tidemark import Tidemark
from kiosk_server.store.verify import verify

LANES = 20
CODES = ("4006381333931", "7612100055557")
POLICY = Policy(store_name="Years", zone="UTC")
LOCAL = Identity(name="local", role=Role.LOCAL)
ADA = Identity(name="Ada", role=Role.ATTENDANT)
SALES_A_DAY = 1_000
DAY_MS = 24 * 3600 * 1000
KEYS_MS = 7 * DAY_MS
CHUNK = 1_000  # about a moment of the time machine
BULK_PRAGMAS = ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -262144")
PATTERN_LINES = (1, 2, 1)  # items of neighbouring sales: 10.3 journal rows a sale in the mean

Row = tuple[Any, ...]
Stamp = dict[str, Any]


class _StillClock:
    """Time stands while the pattern is made, so that its times can be told from other numbers."""

    def __init__(self, now_ms: int, number: int) -> None:
        self.now = now_ms
        self._number = number * 1_000

    def now_ms(self) -> int:
        return self.now

    def monotonic_s(self) -> float:
        return 0.0

    def new_id(self) -> str:
        self._number += 1
        return f"pattern{self._number:09}"


@dataclass(frozen=True)
class Pattern:
    """One sale with holes: `rows` of the journal, `state` and `keys` by table, each cell a function of the stamp."""

    rows: tuple[tuple[str, str, str, str, str], ...]
    state: tuple[tuple[str, int, tuple[Callable[[Stamp], Any], ...]], ...]
    keys: tuple[tuple[Callable[[Stamp], Any], ...], ...]
    takings: tuple[Row, ...]
    by_tender: tuple[Row, ...]
    sold: tuple[Row, ...]


# Rows that every sale adds to, instead of leaving one of its own.
SUMS = frozenset({"takings", "takings_by_tender", "items"})


def make_store(folder: Path, sales: int, tell: Callable[[int], None] = lambda _: None) -> Path:
    """A store of so many sales that ends an hour ago; gives its file. What is there already is not overwritten."""
    folder.mkdir(parents=True)
    path = folder / "store.db"
    ends = int(time.time() * 1000) - 3600 * 1000
    step = DAY_MS // SALES_A_DAY
    begins = ends - (sales + 2 * len(PATTERN_LINES)) * step
    patterns = [_make_pattern(path, begins, number, lines) for number, lines in enumerate(PATTERN_LINES)]
    with closing(connect(path, "rw", BULK_PRAGMAS)) as driver:
        moments = Moments(folder / "moments")
        _Bulk(driver, patterns, begins + step, step, ends, moments).write(sales - len(patterns), tell)
        driver.execute("PRAGMA journal_mode = WAL")
    # The mark is that of the patterns' last commit; a later start raises it.
    with closing(connect(path, "ro")) as driver:
        mark = Tidemark(path.with_suffix(".head"))
        mark.open()
        mark.raise_to(journal.head_of(driver))
        mark.close()
    return path


# -- the pattern --


def _make_pattern(path: Path, now_ms: int, number: int, lines: int) -> Pattern:
    """Sell `lines` items at one lane by the real counter, and see what that left."""
    lane = Identity(name=f"pattern{number}", role=Role.LANE, terminal=f"pattern{number}")
    database = Database(path)
    database.open()
    bus = Bus(database, POLICY, _StillClock(now_ms + number, number), handlers=HANDLERS, roles=ROLES)
    bus.start()

    def give(command: c.Command, identity: Identity, key: str) -> Any:
        reply = bus.submit(command, identity, f"{key}-{number}").result(30)
        assert reply.ok, reply
        return reply.result

    try:
        if number == 0:
            _furnish(give)
        give(c.AddTerminal(terminal=lane.name, kind=Kind.LANE, token_hash=f"{number:064x}"), LOCAL, "enrol")
        give(c.ScanItem(code=CODES[0]), lane, "opens-the-day")
        give(c.VoidBasket(), lane, "leaves")
        with database.read() as conn:
            driver = conn.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)
            before, head = _state(driver), journal.head_of(driver).seq
        for code in CODES[:lines]:
            give(c.ScanItem(code=code), lane, f"scan-{code}")
        basket_id = give(c.ChooseTender(tender=TenderKind.CASH), lane, "pays")["basket_id"]
        give(c.ConfirmCash(basket_id=basket_id, received_cents=5000), ADA, "takes")
        give(c.Finish(), lane, "leaves-again")
    finally:
        bus.stop()
        database.close()
    with closing(connect(path, "ro")) as driver:
        return _pattern(driver, before, head, basket_id, lane.name, now_ms + number)


def _furnish(give: Callable[[c.Command, Identity, str], Any]) -> None:
    items = tuple(
        Item(item_id=code, name=f"Item {code}", code=code, price_cents=129 + 120 * n, tax_class="reduced")
        for n, code in enumerate(CODES)
    )
    give(c.ImportItems(items=items), LOCAL, "catalog")
    for n in range(LANES):
        command = c.AddTerminal(terminal=f"lane{n}", kind=Kind.LANE, token_hash=f"{n + 1000:064x}")
        give(command, LOCAL, f"enrol-lane{n}")


def _state(driver: sqlite3.Connection) -> dict[str, set[Row]]:
    return {table.name: set(driver.execute(f"SELECT * FROM {table.name}")) for table in STATE_TABLES}


def _pattern(
    driver: sqlite3.Connection, before: dict[str, set[Row]], head: int, basket_id: str, lane: str, now_ms: int
) -> Pattern:
    number = driver.execute("SELECT number FROM receipts WHERE basket_id = ?", (basket_id,)).fetchone()[0]
    help_id = driver.execute("SELECT intervention_id FROM interventions WHERE basket_id = ?", (basket_id,)).fetchone()[
        0
    ]
    query = "SELECT payment_id FROM payments WHERE basket_id = ?"
    payment_id = driver.execute(query, (basket_id,)).fetchone()[0]
    day = datetime.fromtimestamp(now_ms / 1000, UTC).date().isoformat()
    names = {
        basket_id: "basket",
        help_id: "help",
        payment_id: "payment",
        lane: "lane",
        day: "day",
        str(now_ms): "at",
    }

    def holed(text: str) -> str:
        found = text.replace("%", "%%")
        for value, name in names.items():
            found = found.replace(value, f"%({name})s")
        return re.sub(rf'"number":{number}\b', '"number":%(number)s', found)

    rows = []
    for _, _, kind, key, by, terminal, data, _ in journal.walk(driver, head):
        rows.append((kind, key, holed(by), holed(terminal), holed(data)))
    after = _state(driver)
    state = []
    for table in STATE_TABLES:
        if table.name in SUMS | {"terminals"}:
            continue
        columns = [column.name for column in table.columns]
        cell = _cell_of(table.name, names, number, head)
        new = sorted(after[table.name] - before[table.name], key=str)
        state += [(table.name, len(columns), tuple(map(cell, columns, row))) for row in new]
    taken = tuple(_takings_of(before["takings"], after["takings"]))
    by_tender = tuple(_tenders_of(before["takings_by_tender"], after["takings_by_tender"]))
    sold = tuple(_sold(driver, basket_id))
    keys = []
    for identity, key, body, _, reply in driver.execute(
        "SELECT identity, key, body, at, reply FROM command_keys ORDER BY row_id DESC LIMIT ?", (len(rows),)
    ):
        if key in {row[1] for row in rows}:
            who = holed(identity)
            keys.append(
                (
                    lambda s, who=who: who % s,
                    lambda s, key=key: f"{key}-{s['number']}",
                    lambda _, body=body: body,
                    lambda s: s["at"],
                    lambda _, reply=reply: reply,
                )
            )
    return Pattern(tuple(rows), tuple(state), tuple(keys), taken, by_tender, sold)


def _cell_of(table: str, names: dict[str, str], number: int, head: int) -> Callable[[str, Any], Callable[[Stamp], Any]]:
    def cell(column: str, value: Any) -> Callable[[Stamp], Any]:
        if column in {"number", "receipt_number"} and value == number:
            return lambda s: s["number"]
        if table == "receipts" and column == "seq":
            return lambda s: s["seq"] + value - head - 1
        name = names.get(str(value))
        if name is not None:
            return lambda s: s[name]
        return lambda _: value

    return cell


def _takings_of(before: set[Row], after: set[Row]) -> Iterator[Row]:
    """(kind, receipts, cents) that one sale added."""
    known = {row[:3]: row for row in before}
    for row in sorted(after - before):
        old = known.get(row[:3], (*row[:3], 0, 0))
        yield row[2], row[3] - old[3], row[4] - old[4]


def _tenders_of(before: set[Row], after: set[Row]) -> Iterator[Row]:
    """(tender, cents) that one sale added."""
    known = {row[:2]: row[2] for row in before}
    for day, kind, cents in sorted(after - before):
        yield kind, cents - known.get((day, kind), 0)


def _sold(driver: sqlite3.Connection, basket_id: str) -> Iterator[Row]:
    """(item_id, pieces) of one sale."""
    query = "SELECT item_id, sum(quantity) FROM lines WHERE basket_id = ? AND NOT is_voided GROUP BY item_id"
    yield from driver.execute(query, (basket_id,))


# -- the copies --


class _Bulk:
    """Writes copies of the patterns, `step` ms apart."""

    def __init__(
        self, driver: sqlite3.Connection, patterns: list[Pattern], at: int, step: int, ends: int, moments: Moments
    ) -> None:
        self.driver, self.patterns, self.at, self.step, self.ends = driver, patterns, at, step, ends
        self.moments = moments
        self.head = journal.head_of(driver)
        self.number: int = driver.execute("SELECT max(number) FROM receipts").fetchone()[0]
        self.day = datetime.fromtimestamp((at - step) / 1000, UTC).date().isoformat()
        self.rows: list[Row] = []
        self.state: dict[str, list[Row]] = {}
        self.takings: dict[Row, list[int]] = {}
        self.by_tender: Counter[Row] = Counter()
        self.sold: Counter[str] = Counter()
        self.last: dict[str, int] = {}
        widths = {name: width for pattern in patterns for name, width, _ in pattern.state}
        self.inserts = {name: f"INSERT INTO {name} VALUES ({', '.join('?' * width)})" for name, width in widths.items()}

    def write(self, sales: int, tell: Callable[[int], None]) -> None:
        for number in range(sales):
            self._sell(self.patterns[number % len(self.patterns)], f"lane{number % LANES}")
            if number % CHUNK == CHUNK - 1:
                self._flush()
                tell(number + 1)
        self._flush()

    def _sell(self, pattern: Pattern, lane: str) -> None:
        self.at += self.step
        self.number += 1
        self.last[lane] = self.at
        day = datetime.fromtimestamp(self.at / 1000, UTC).date().isoformat()
        number = self.number
        if day != self.day:
            self.day = day
            self._append(
                "day_opened", f"day-{number}", lane, "", f'{{"terminal":"","day":"{day}","opened_at":{self.at}}}'
            )
            self.state.setdefault("days", []).append((day, self.at))
        stamp: Stamp = {
            "at": self.at,
            "basket": f"b{number:015}",
            "help": f"h{number:015}",
            "payment": f"p{number:015}",
            "lane": lane,
            "day": day,
            "number": number,
            "seq": self.head.seq + 1,
        }
        for kind, key, by, terminal, data in pattern.rows:
            self._append(kind, f"{key}-{number}", by % stamp, terminal % stamp, data % stamp)
        for table, _, cells in pattern.state:
            self.state.setdefault(table, []).append(tuple(cell(stamp) for cell in cells))
        if self.at > self.ends - KEYS_MS:
            self.state.setdefault("keys", []).extend(tuple(cell(stamp) for cell in key) for key in pattern.keys)
        slot = self.at - self.at % (15 * 60 * 1000)
        for taken_kind, receipts, cents in pattern.takings:
            found = self.takings.setdefault((day, slot, taken_kind), [0, 0])
            found[0] += receipts
            found[1] += cents
        self.by_tender.update({(day, tender): cents for tender, cents in pattern.by_tender})
        self.sold.update(dict(pattern.sold))

    def _append(self, kind: str, key: str, by: str, terminal: str, data: str) -> None:
        seq = self.head.seq + 1
        row = f'[{seq},{self.at},"{kind}","{key}","{by}","{terminal}",{data}]'
        digest = sha256(f"{self.head.hash.hex()}\n{row}".encode()).digest()
        self.rows.append((seq, self.at, kind, key, by, terminal, data, digest))
        self.head = journal.Head(seq, digest)

    def _flush(self) -> None:
        self.driver.execute("BEGIN")
        self.driver.executemany("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self.rows)
        keys = self.state.pop("keys", [])
        self.driver.executemany("INSERT INTO command_keys VALUES (NULL, ?, ?, ?, ?, ?)", keys)
        for table, rows in self.state.items():
            insert = self.inserts.get(table) or f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})"
            self.driver.executemany(insert, rows)
        since = [(at, lane) for lane, at in self.last.items()]
        self.driver.executemany("UPDATE terminals SET state_since = ? WHERE name = ?", since)
        self.driver.executemany(
            "INSERT INTO takings VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "receipts = receipts + excluded.receipts, cents = cents + excluded.cents",
            [(*key, receipts, cents) for key, (receipts, cents) in sorted(self.takings.items())],
        )
        self.driver.executemany(
            "INSERT INTO takings_by_tender VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET cents = cents + excluded.cents",
            [(*key, cents) for key, cents in sorted(self.by_tender.items())],
        )
        sold = [(pieces, item_id) for item_id, pieces in self.sold.items()]
        self.driver.executemany("UPDATE items SET sold = sold + ? WHERE item_id = ?", sold)
        self.driver.execute("COMMIT")
        self.rows, self.state, self.takings = [], {}, {}
        self.by_tender.clear()
        self.sold.clear()
        self.moments.note(self.driver, head=self.head)


def main() -> None:
    """Make one, and say how long it took."""
    parser = argparse.ArgumentParser(description="Make a store of many sales.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("sales", type=int)
    parser.add_argument("--verify", action="store_true")
    options = parser.parse_args()
    began = time.monotonic()
    path = make_store(options.folder, options.sales, lambda done: print(f"\r{done:,}", end="", flush=True))
    took = time.monotonic() - began
    print(f"\r{options.sales:,} sales, {path.stat().st_size / 1e9:.2f} GB, {took:.0f} s")
    if options.verify:
        print(verify(path))


if __name__ == "__main__":
    main()
