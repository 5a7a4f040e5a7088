"""Durable commands through the wire: a scan is acknowledged when it is on the disk, and how many are a second?

200 lanes, each a terminal with its own token and basket, against our writer, against the same server with a connection
and a commit per thread (both also on a slower disk), against the same server without any store, against the counter
without any wire, and against the transport alone.
"""

import contextlib
import hashlib
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.outcome import Outcome, Row, Run, at_least, at_most, middle_half, percentile, ratio
from benchmarks.running import ROOT, LoadError, die_with_parent, free_port
from benchmarks.store.growth import LOCAL, POLICY
from benchmarks.store.lanes import CODES, code_of
from benchmarks.store.slow_disk import SYNC_S
from benchmarks.transport.stands import tell, turned
from kiosk_server.core.bus import Bus
from kiosk_server.core.clock import SystemClock
from kiosk_server.core.handlers import HANDLERS, ROLES
from kiosk_server.domain.catalog import Item
from kiosk_server.domain.commands import AddTerminal, ImportItems
from kiosk_server.domain.terminal import Kind
from kiosk_server.store.db import Database

LANES = 200
ROUND_S = 3.0
OPEN_PER_S = 500
SERVERS = {
    "ours": ["kiosk_server", "serve"],
    "threads": ["benchmarks.store.commit_per_thread"],
    "no store": ["benchmarks.store.no_store"],
    "transport": ["benchmarks.peers.ours_server"],
    "ours, slow disk": ["benchmarks.store.slow_disk", "ours"],
    "threads, slow disk": ["benchmarks.store.slow_disk", "threads"],
}


def measure(run: Run) -> Outcome:
    """All are up at the same time and take turns."""
    rates: dict[str, list[float]] = {name: [] for name in SERVERS}
    p99s: dict[str, list[float]] = {name: [] for name in SERVERS}
    counter: list[float] = []
    with (
        tempfile.TemporaryDirectory(prefix="durable-", dir=os.environ.get("KIOSK_BENCH_DIR")) as place,
        contextlib.ExitStack() as stack,
    ):
        folder = Path(place)
        tokens = [secrets.token_hex(16) for _ in range(LANES)]
        (folder / "tokens.json").write_text(json.dumps(tokens))
        began = time.monotonic()
        ports = {name: stack.enter_context(a_server(name, folder, tokens)) for name in SERVERS}
        (folder / "counter").mkdir()
        _furnish(folder / "counter" / "store.db", tokens)
        tell(f"{LANES} lanes enrolled in each", began)
        for number in range(run.scaled(9, 3)):
            for name in turned(list(SERVERS), number):
                answer = _load(ports[name], folder, "bare" if name == "transport" else "closed", 0, ROUND_S)
                if number:  # the first warms up
                    rates[name].append(answer["per_s"])
                    p99s[name].append(percentile(answer["times_ms"], 0.99))
            if number:
                counter.append(_run("benchmarks.store.counter_alone", str(folder / "counter"), str(ROUND_S))["per_s"])
        opened = [_load(ports["ours"], folder, "open", OPEN_PER_S, 8.0) for _ in range(run.scaled(5, 2))]
        late = [percentile(answer["times_ms"], 0.99) for answer in opened]
    rows = [*_rows(rates, p99s, late), *_halves(rates, counter)]
    return Outcome(rows=rows, figures={"durable_per_s": {n: median(r) for n, r in rates.items()}})


def _rows(rates: dict[str, list[float]], p99s: dict[str, list[float]], late: list[float]) -> list[Row]:
    single = {name: [[rate] for rate in found] for name, found in rates.items()}
    by_thread, by_thread_spread = ratio(single["ours"], single["threads"])
    of_ack, of_ack_spread = ratio(single["ours"], single["no store"])
    of_bare, of_bare_spread = ratio(single["ours"], single["transport"])
    by_slow, by_slow_spread = ratio(single["ours, slow disk"], single["threads, slow disk"])
    most = median(rates["transport"]) / median(rates["threads"])
    rows = [
        Row(
            "durable scans a second: ours / a commit per thread",
            by_thread,
            "",
            at_least(8),
            by_thread_spread,
            f"on this disk; the transport alone is x {most:.1f} of it",
        ),
        Row(
            f"the same where a sync takes {SYNC_S * 1000:.0f} ms longer",
            by_slow,
            "",
            at_least(8),
            by_slow_spread,
            "as on a consumer's SSD",
        ),
        Row("durable scans a second: ours / without any store", of_ack, "", at_least(0.5), of_ack_spread),
        Row("durable scans a second: ours / the bare transport", of_bare, "", None, of_bare_spread),
        Row(f"{OPEN_PER_S} scans a second, open loop: p99", median(late), "ms", at_most(25), middle_half(late)),
    ]
    for name, found in rates.items():
        note = f"p99 {median(p99s[name]):.0f} ms"
        rows.append(Row(f"scans a second, closed loop: {name}", median(found), "/s", None, middle_half(found), note))
    return rows


def _halves(rates: dict[str, list[float]], counter: list[float]) -> list[Row]:
    """What the wire without a store and the counter without a wire would do, one after the other on one interpreter."""
    both = [1 / (1 / wire + 1 / store) for wire, store in zip(rates["no store"], counter, strict=True)]
    most, most_spread = ratio([[rate] for rate in both], [[rate] for rate in rates["threads"]])
    note = "wire and counter, each alone on this machine; they share an interpreter"
    return [
        Row("scans a second: the counter without a wire", median(counter), "/s", None, middle_half(counter)),
        Row("both halves, one after the other / a commit per thread", most, "", None, most_spread, note),
    ]


@contextlib.contextmanager
def a_server(name: str, folder: Path, tokens: list[str]) -> Iterator[int]:
    """One of the four, with the lanes enrolled; gives its port."""
    data, port = folder / name.replace(" ", "-"), free_port()
    data.mkdir()
    if name != "transport":
        _furnish(data / "store.db", tokens)
    environment = {
        **os.environ,
        "KIOSK_DATA_DIR": str(data),
        "KIOSK_LISTEN": f"127.0.0.1:{port}",
        "KIOSK_LIMITS_COMMANDS_PER_S": "1000000",
    }
    arguments = [str(port)] if name == "transport" else []
    with (data / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *SERVERS[name], *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - the benchmark has one thread
        )
    try:
        _await(port, "/plain" if name == "transport" else "/healthz", process, data / "log")
        yield port
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _furnish(file: Path, tokens: list[str]) -> None:
    database = Database(file)
    database.open()
    bus = Bus(database, POLICY, SystemClock(), handlers=HANDLERS, roles=ROLES)
    bus.start()
    codes = [code_of(n) for n in range(CODES)]
    items = tuple(Item(item_id=f"plu-{code}", name=f"Item {code}", code=code, price_cents=129) for code in codes)
    futures = [bus.submit(ImportItems(items=items), LOCAL, "catalog")]
    for n, token in enumerate(tokens):
        digest = hashlib.sha256(token.encode()).hexdigest()
        futures.append(
            bus.submit(AddTerminal(terminal=f"L{n}", kind=Kind.LANE, token_hash=digest), LOCAL, f"enrol-{n}")
        )
    assert all(future.result(60).ok for future in futures)
    bus.stop()
    database.close()


def _await(port: int, path: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    ends = time.monotonic() + 60
    while time.monotonic() < ends and process.poll() is None:
        with contextlib.suppress(OSError), opener.open(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.05)
    raise LoadError(f"a server did not start: {log.read_text(errors='replace')[-500:]}")


def _load(port: int, folder: Path, mode: str, rate: int, seconds: float) -> dict[str, Any]:
    return _run("benchmarks.store.lanes", str(port), str(folder / "tokens.json"), mode, str(rate), str(seconds))


def _run(module: str, *arguments: str) -> dict[str, Any]:
    """What a program of ours answers in one line of JSON."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=200, check=False
    )
    answer = json.loads(done.stdout or '{"error": "no answer"}')
    if "error" in answer:
        raise LoadError(f"{module} {' '.join(arguments[2:3])}: {answer['error']} {done.stderr[-300:]}")
    return answer  # type: ignore[no-any-return]
