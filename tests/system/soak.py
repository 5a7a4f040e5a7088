"""Ten minutes of a busy store whose server is killed again and again: run by `make soak`, not by the tests.

    python tests/system/soak.py [--minutes 10] [--pace 30] [--seed 1]

Simulated people at fourteen terminals; kill -9 at a random moment every few seconds. Exits 1 if the simulated people
met an error, if a receipt number is missing or doubled, if a command was done twice, or if `verify` finds the store not
whole.
"""
# ruff: noqa: T201 - a program for people

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from store_process import Store, clean_environment

from kiosk_server.config import samples_dir

DEMO = samples_dir() / "demo"
TERMINALS = {
    **{f"L{n}": "lane" for n in range(1, 7)},
    **{f"S{n}": "stall" for n in range(1, 4)},
    **{f"P{n}": "pump" for n in range(1, 4)},
    "K1": "kitchen",
    "console": "manager",
}
LEAST_S, MOST_S = 2.0, 12.0


def main() -> int:
    """0 when nothing was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--pace", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        store = Store(Path(folder) / "store")
        try:
            problems = soak(store, Path(folder), options)
        finally:
            store.clear_away()
    print("\n".join(problems) or "Nothing was lost.")
    return 1 if problems else 0


def soak(store: Store, folder: Path, options: argparse.Namespace) -> list[str]:
    """Run it; what went wrong, one line each."""
    fill(store)
    tokens = folder / "tokens.json"
    tokens.write_text(json.dumps([{"token": store.adds(name, kind)} for name, kind in TERMINALS.items()]))
    store.starts()
    people = open_doors(store, tokens, options)
    starts_s = kill_again_and_again(store, random.Random(options.seed), options.minutes * 60)
    people.send_signal(signal.SIGINT)
    outcome = json.loads(people.communicate(timeout=60)[0])
    code = store.is_told_to_stop()
    report(outcome, starts_s)
    return [*problems_of(store, outcome), *([f"the server ended with {code}"] if code else [])]


def fill(store: Store) -> None:
    """The demo's groceries, menu and fuels."""
    from kiosk_server.cli.demo_store import demo_items
    from kiosk_server.cli.office import open_office
    from kiosk_server.config import load
    from kiosk_server.domain.commands import ImportItems

    config = load(environ=store.environment)
    with open_office(config) as office:
        office.give(ImportItems(items=tuple(demo_items(config.store.tax_rates_bp)), source="soak"))


def open_doors(store: Store, tokens: Path, options: argparse.Namespace) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "kiosk_client", "simulate", "--json", "--url", store.url]
    command += ["--terminals", str(tokens), "--pace", str(options.pace), "--seed", str(options.seed)]
    command += ["--catalog", str(DEMO / "catalog.csv"), "--baskets", str(DEMO / "baskets.csv")]
    return subprocess.Popen(
        command, env=clean_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )


def kill_again_and_again(store: Store, chance: random.Random, seconds: float) -> list[float]:
    """How long each start took until the server listened."""
    ends_s = time.monotonic() + seconds
    starts_s = []
    while time.monotonic() < ends_s:
        time.sleep(min(chance.uniform(LEAST_S, MOST_S), max(0.0, ends_s - time.monotonic())))
        store.is_killed()
        began_s = time.monotonic()
        store.starts()
        starts_s.append(time.monotonic() - began_s)
    time.sleep(5)  # everybody is back and has its answers
    return starts_s


def report(outcome: dict[str, Any], starts_s: list[float]) -> None:
    print(f"{len(starts_s)} kills; listening again after {max(starts_s):.2f} s at most")
    for name in ("receipts", "commands", "accepted", "refused", "unanswered", "lost_connections", "resent", "resyncs"):
        print(f"{name:<18}{outcome[name]}")
    print(f"acknowledged      p50 {outcome['p50_ms']} ms, p99 {outcome['p99_ms']} ms, most {outcome['most_ms']} ms")


def problems_of(store: Store, outcome: dict[str, Any]) -> list[str]:
    problems = [f"simulated people met an error: {fault}" for fault in outcome["faults"]]
    if outcome["errors"] and not problems:
        problems.append(f"{outcome['errors']} errors, refused: {outcome['refused']}")
    journal = store.journal()
    numbers = [row["data"]["receipt"]["number"] for row in journal if row["type"] == "basket_paid"]
    if numbers != list(range(1, len(numbers) + 1)):
        problems.append(f"receipt numbers are not gapless: {numbers[:50]}")
    if not numbers:
        problems.append("nothing was sold, so nothing was proved")
    scans = Counter(row["key"] for row in journal if row["type"] == "item_scanned" and row["by"] in TERMINALS)
    problems += [f"the command {key} was done {times} times" for key, times in scans.items() if times > 1]
    if "Whole" not in store.runs("verify"):
        problems.append("verify does not find the store whole")
    return problems


if __name__ == "__main__":
    sys.exit(main())
