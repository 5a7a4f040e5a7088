"""`python -m benchmarks [--only fanout,acks] [--quick] [--check]`: installs the peers, measures, tells.

Law: `results/ROOM.json` and the chart come from one run of all benchmarks of that room on one machine, or not at all;
a part of a room and `--quick` print, and write nothing. `--only transport` is the whole room of that name.
"""

import argparse
import json
import signal
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from benchmarks import chart, machine, table
from benchmarks.outcome import Outcome, Run
from benchmarks.peers.install import install
from benchmarks.registry import BENCHES, ROOMS

RESULTS = Path(__file__).parent / "results"
LONGEST_S = 30 * 60


def main() -> int:
    """0, or 1 when --check is given and a target is not reached."""
    options = arguments()
    machine.allow_descriptors()
    for ending in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    signal.alarm(LONGEST_S)
    began_at = datetime.now(UTC).isoformat(timespec="seconds")
    missing = install()
    for part, reason in missing.items():
        print(f"not installed: {part}: {reason}", file=sys.stderr)
    neighbours = machine.Neighbours()
    outcomes = measure(options.only, Run(options.quick, missing))
    others = neighbours.share()
    table.show(outcomes, Console(width=max(160, Console().width)))
    print(f"Others used {others:.0%} of the processors meanwhile; above a tenth, run it again.")
    for room, parts in ROOMS.items():
        if not options.quick and set(parts) <= set(outcomes):
            write(room, {part: outcomes[part] for part in parts}, began_at, others)
    rows = [row for outcome in outcomes.values() for row in outcome.rows]
    return int(options.check and any(row.is_reached is False for row in rows))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", type=names, default=list(BENCHES), help=", ".join([*ROOMS, *BENCHES]))
    parser.add_argument("--quick", action="store_true", help="few rounds; figures are rough")
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
    return parser.parse_args()


def names(text: str) -> list[str]:
    """Names of benchmarks or of whole rooms, in the order of the registry."""
    asked = set(text.split(","))
    wanted = {part for room in asked & set(ROOMS) for part in ROOMS[room]} | asked - set(ROOMS) | asked & set(BENCHES)
    if unknown := wanted - set(BENCHES):
        raise argparse.ArgumentTypeError(f"no such benchmark: {', '.join(sorted(unknown))}")
    return [name for name in BENCHES if name in wanted]


def measure(wanted: list[str], run: Run) -> dict[str, Outcome]:
    """Each benchmark, one after the other."""
    outcomes = {}
    for name in wanted:
        began = time.monotonic()
        print(f"{name}: {BENCHES[name].title}", file=sys.stderr, flush=True)
        outcomes[name] = BENCHES[name].measure(run)
        print(f"  done in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return outcomes


def write(room: str, outcomes: dict[str, Outcome], began_at: str, others: float) -> None:
    """The files that are committed."""
    figures = {key: part for outcome in outcomes.values() for key, part in outcome.figures.items()}
    result = {
        "began_at": began_at,
        "share_of_processors_used_by_others": others,
        "machine": machine.describe(),
        "rows": table.as_json(outcomes),
        "figures": figures,
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{room}.json").write_text(json.dumps(rounded(result), indent=2) + "\n")
    if room == "transport":
        (RESULTS / "transport.svg").write_text(chart.transport(figures))


def rounded(value: object) -> object:
    """Four significant digits: more would be noise that changes every line of every run."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(part) for part in value]
    return value


if __name__ == "__main__":
    sys.exit(main())
