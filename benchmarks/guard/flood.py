"""A flood of refused connections beside visitors who belong: how much later do those get their page?

The flood comes from 127.0.1.x, which the gate of the measured server shows to the guard as ever new addresses of the
internet, so each connection costs a decision and a row in the ledger, as in a real flood. Flooder and visitors share
the machine with the server; the flooder runs when nobody else wants the processor and must keep pace all the same.
"""

import json
import subprocess
import sys

from benchmarks.outcome import Outcome, Row, Run, at_most, middle_half, percentile
from benchmarks.peers import Peer
from benchmarks.running import ROOT, Load, LoadError, Server, die_with_parent

ROUND_S = 3.0
GETS_PER_S = 200
FLOOD_PER_S = 2_000
TARGET = at_most(3)
GUARDED = Peer(
    "guarded", "Kiosk Server, guarded", lambda port, _: [sys.executable, "-m", "benchmarks.guard.server", str(port)]
)


def measure(run: Run) -> Outcome:
    """Quiet, flooded, quiet, ... ; the GETs are the same."""
    quiet: list[list[float]] = []
    flooded: list[list[float]] = []
    refused = 0
    try:
        with Server(GUARDED, 0) as server, Load(server) as gets:
            take(gets)  # warms up
            for _ in range(run.scaled(10, 2)):
                quiet.append(take(gets))
                with Flood(server.port) as flood:
                    flooded.append(take(gets))
                refused += flood.refused
    except LoadError as error:
        return Outcome(rows=[Row("p99 of a page beside a flood", None, target=TARGET, note=str(error))])
    return Outcome(rows=[row_of(quiet, flooded, refused)])


def take(gets: Load) -> list[float]:
    """Milliseconds of the GETs of one round."""
    return [ms for _, ms in gets.ask("gets", seconds=ROUND_S, per_second=GETS_PER_S)]


class Flood:
    """The flooder's process, for one round. Raises LoadError when a stranger was served or the pace was not kept."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.refused = 0

    def __enter__(self) -> "Flood":
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.guard.flooder", str(self.port), str(FLOOD_PER_S)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - the benchmark has one thread
        )
        return self

    def __exit__(self, *_: object) -> None:
        told, _nothing = self.process.communicate()  # its stdin ends, and so does the flood
        counts = json.loads(told or b"{}")
        self.refused = counts.get("refused", 0)
        if counts.get("served", 1):
            raise LoadError("the guard let a stranger in")
        if self.refused < 0.9 * FLOOD_PER_S * ROUND_S:
            raise LoadError(f"only {self.refused} connections were refused in {ROUND_S:.0f} s")


def row_of(quiet: list[list[float]], flooded: list[list[float]], refused: int) -> Row:
    """p99 over p99."""
    before, beside = (percentile([ms for part in parts for ms in part], 0.99) for parts in (quiet, flooded))
    rounds = [percentile(a, 0.99) / percentile(b, 0.99) for a, b in zip(flooded, quiet, strict=True)]
    note = f"p99 {beside:.2f} ms / {before:.2f} ms; {refused} connections refused, {FLOOD_PER_S} a second"
    return Row("p99 of a page beside a flood, over a quiet one", beside / before, "", TARGET, middle_half(rounds), note)
