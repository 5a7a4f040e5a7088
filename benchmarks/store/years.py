"""A store of a million sales against an empty one: does age cost anything?

Both are open in this process, and each round asks one and then the other, so whatever else the machine does meets both.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random
from statistics import median
from threading import Thread

from benchmarks.outcome import Outcome, Row, Run, Target, at_most, middle_half, percentile, ratio
from benchmarks.running import die_with_parent, free_port
from benchmarks.store.growth import CODES, POLICY, make_store
from benchmarks.transport.stands import tell
from kiosk_server.core.bus import Bus
from kiosk_server.core.clock import SystemClock
from kiosk_server.core.handlers import HANDLERS, ROLES
from kiosk_server.domain import commands as c
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.store import backup, journal, past, queries
from kiosk_server.store.connection import READER_PRAGMAS, connect
from kiosk_server.store.db import Database
from kiosk_server.store.repositories import driver_of

SALES, QUICK_SALES, EMPTY_SALES = 1_000_000, 50_000, 3
SCANS = 200
RESYNC_ROWS = 500
NEEDED_BYTES = 9 * 10**9


def measure(run: Run) -> Outcome:
    """Grow one, ask both."""
    sales = run.scaled(SALES, QUICK_SALES)
    with tempfile.TemporaryDirectory(prefix="years-", dir=os.environ.get("KIOSK_BENCH_DIR")) as folder:
        free = shutil.disk_usage(folder).free
        if free < NEEDED_BYTES and not run.is_quick:
            reason = f"{free / 1e9:.0f} GB free, {NEEDED_BYTES / 1e9:.0f} needed; KIOSK_BENCH_DIR names another place"
            return Outcome(rows=[Row("a store of a million sales", None, note=reason)])
        began = time.monotonic()
        old_file = make_store(Path(folder) / "old", sales)
        took = time.monotonic() - began
        tell(f"{sales:,} sales, {old_file.stat().st_size / 1e9:.1f} GB", began)
        new_file = make_store(Path(folder) / "new", EMPTY_SALES)
        outcome = Outcome(rows=[Row(f"making a store of {sales:,} sales", took, "s", note=_size(old_file))])
        outcome.rows += _starts(run, old_file)
        with House(old_file) as old, House(new_file) as new:
            outcome.rows += _asks(run, old, new)
        return outcome


def _size(file: Path) -> str:
    with closing(connect(file, "ro")) as driver:
        rows = driver.execute("SELECT max(seq) FROM journal").fetchone()[0]
    return f"{rows:,} journal rows, {file.stat().st_size / 1e9:.2f} GB"


class House:
    """A store that sells, without the wire."""

    def __init__(self, file: Path) -> None:
        self.database = Database(file)
        self.chance = Random(7)
        self._number = 0

    def __enter__(self) -> "House":
        self.database.open()
        self.bus = Bus(self.database, POLICY, SystemClock(), handlers=HANDLERS, roles=ROLES)
        self.bus.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bus.stop(60)
        self.database.close()

    def scan(self) -> float:
        """One scan from its submission to its durable answer, ms."""
        self._number += 1
        n = self.chance.randrange(20)
        lane = Identity(name=f"lane{n}", role=Role.LANE, terminal=f"lane{n}")
        command = c.VoidBasket() if self._number % 10 == 0 else c.ScanItem(code=self.chance.choice(CODES))
        began = time.perf_counter()
        reply = self.bus.submit(command, lane, f"bench-{time.monotonic_ns()}").result(60)
        took = time.perf_counter() - began
        assert reply.ok or reply.code == "wrong_state", reply
        return took * 1e3

    def timed(self, ask: "Callable[[House], object]") -> float:
        """One question, ms."""
        began = time.perf_counter()
        ask(self)
        return (time.perf_counter() - began) * 1e3


def snapshot(house: House) -> None:
    with house.database.read() as conn:
        queries.screen_of(conn, "manager", "Mia", POLICY)


def report(house: House) -> None:
    with house.database.read() as conn:
        # Not today: by midnight the day of the last sales is over, and the scans of this benchmark pay for nothing.
        day = conn.exec_driver_sql("SELECT max(day) FROM receipts").scalar()
        assert queries.takings(conn, str(day), POLICY.zone).receipts


def resync(house: House) -> None:
    with house.database.read() as conn:
        seq = house.chance.randrange(max(1, queries.head_seq(conn) - RESYNC_ROWS))
        queries.events_since(conn, seq, RESYNC_ROWS)


def look_back(house: House) -> None:
    """A second of the store's life, found by the clock, then the floor as it was."""
    with house.database.read() as conn:
        driver = driver_of(conn)
        first, last = (
            entry.at for number in (0, queries.head_seq(conn) - 1) for entry in journal.since(driver, number, 1)
        )
        seq = past.seq_at(driver, house.chance.randint(first, last))
    with past.floor_as_of(house.database.path, seq, house.database.moments) as conn:
        queries.screen_of(conn, "manager", "Mia", POLICY)


def _scans(run: Run, old: House, new: House) -> tuple[float, tuple[float, float] | None, str]:
    """Both in turns: the ratio of their scans, its spread, and a note of what they took."""
    scans: dict[str, list[list[float]]] = {"old": [], "new": []}
    for number in range(run.scaled(16, 6)):
        for name, house in (("old", old), ("new", new)) if number % 2 else (("new", new), ("old", old)):
            taken = [house.scan() for _ in range(SCANS)]
            if number:  # the first warms up
                scans[name].append(taken)
    full, empty = (median(x for part in scans[name] for x in part) for name in ("old", "new"))
    return *ratio(scans["old"], scans["new"]), f"{full:.2f} ms, in the empty one {empty:.2f} ms"


def _age(run: Run, old: House, new: House) -> list[Row]:
    what = "a durable scan: full store / empty store"
    during, spread, note = _scans(run, old, new)
    is_reading = not old.database.is_checked
    while not old.database.is_checked:
        time.sleep(0.1)
    after, spread_after, note_after = _scans(run, old, new)
    note_after += "; one at a time, each with its own sync"
    rows = [Row(what, after, target=at_most(1.1), spread=spread_after, note=note_after)]
    if is_reading:  # a core is taken and the log cannot start afresh, both for as long as reading takes
        rows.append(
            Row("the same while the full one is still read whole, after its start", during, "", None, spread, note)
        )
    return rows


def _asks(run: Run, old: House, new: House) -> list[Row]:
    rows = _age(run, old, new)
    questions: list[tuple[str, Callable[[House], None], Target | None, str]] = [
        ("the console's snapshot", snapshot, at_most(50), ""),
        ("the day's report", report, at_most(300), ""),
        (f"a resync of {RESYNC_ROWS} rows, anywhere", resync, None, ""),
        ("the floor at a past moment, anywhere", look_back, at_most(1000), "the slowest of all rounds"),
    ]
    for what, ask, target, word in questions:
        times = [old.timed(ask) for _ in range(run.scaled(40, 10))]
        base = [new.timed(ask) for _ in range(run.scaled(40, 10))]
        figure = max(times) if word else percentile(times, 0.5)
        note = f"{word}; median {median(times):.1f}" if word else f"most {max(times):.1f}"
        note += f", in the empty one {median(base):.1f}"
        rows.append(Row(what, figure, "ms", target, middle_half(times), note))
    return [*rows, _backup(old)]


def _backup(house: House) -> Row:
    """While scans go on, as fast as one lane can."""
    made: list[backup.Backup] = []
    with tempfile.TemporaryDirectory(dir=house.database.path.parent) as folder:

        def take() -> None:
            with closing(connect(house.database.path, "ro", READER_PRAGMAS)) as source:
                made.append(backup.take(source, Path(folder)))

        thread = Thread(target=take)
        began, times = time.monotonic(), []
        thread.start()
        while thread.is_alive():
            times.append(house.scan())
        took = time.monotonic() - began
    note = (
        f"{made[0].bytes / took / 1e6:.0f} MB/s, with checksum; scans meanwhile p50 {percentile(times, 0.5):.1f} ms, "
    )
    return Row("a backup, while it sells", took, "s", note=note + f"p99 {percentile(times, 0.99):.1f} ms")


def _starts(run: Run, file: Path) -> list[Row]:
    """The real server, from exec until it would sell."""
    times = []
    for _ in range(run.scaled(5, 2)):
        port = free_port()
        environment = {**os.environ, "KIOSK_DATA_DIR": str(file.parent), "KIOSK_LISTEN": f"127.0.0.1:{port}"}
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "kiosk_server", "serve"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - the benchmark has one thread
        )
        try:
            _await_ready(port)
            times.append(time.monotonic() - began)
        finally:
            process.terminate()
            process.wait(60)
    return [Row("from starting the server to ready to sell", median(times), "s", at_most(2), middle_half(times))]


def _await_ready(port: int) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    ends = time.monotonic() + 120
    while time.monotonic() < ends:
        try:
            with opener.open(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError("the server was not ready within two minutes")
