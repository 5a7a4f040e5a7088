"""`kiosk-client simulate`: a store full of people, over the real wire, and an honest count at the end."""

import json
import random
import signal
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from kiosk_client.loop import WATCH_READ, Loop
from kiosk_client.people import SCRIPTS
from kiosk_client.script import HONEST, Crew, Terminal
from kiosk_client.shopping import Goods, Shelves, fetch_goods

SHOWN_EVERY_S = 0.5
START_SPREAD_S = 0.05
FETCH_FOR_S = 30.0


@dataclass(frozen=True)
class Plan:
    """What is to be simulated. `pace` 1 is how people are; `seconds` None goes on until a signal ends it.

    `until_eof` is a descriptor whose end ends the simulation too.
    """

    url: str
    tokens: Sequence[str]
    pace: float = 1.0
    seconds: float | None = None
    baskets: Sequence[Sequence[str]] = ()
    goods: Goods = field(default_factory=dict)
    seed: int | None = None
    until_eof: int | None = None


def simulate(plan: Plan, console: Console, *, is_shown: bool) -> dict[str, Any]:
    """Run the plan; returns the closing count."""
    loop = Loop()
    chance = random.Random(plan.seed)  # noqa: S311 - shopping, no secret
    goods = plan.goods or _goods(plan)
    crew = Crew(loop, chance, pace=plan.pace, shelves=Shelves(goods, plan.baskets, chance))
    crew.terminals = [Terminal(crew, plan.url, token, SCRIPTS) for token in plan.tokens]
    for number, terminal in enumerate(crew.terminals):
        loop.call_later(number * START_SPREAD_S, terminal.start)
    if plan.seconds is not None:
        loop.call_later(plan.seconds, loop.stop)
    if plan.until_eof is not None:
        loop.watch(plan.until_eof, WATCH_READ, lambda _: loop.stop())
    began_s = loop.now_s()
    with _signals(loop), Live(console=console, auto_refresh=False, transient=True, screen=False) as live:
        if is_shown:
            _show(crew, live, began_s)
        loop.run()
    outcome = count(crew, loop.now_s() - began_s)
    for terminal in crew.terminals:
        terminal.close()
    loop.close()
    return outcome


def _goods(plan: Plan) -> Goods:
    """The store may be starting too, so it is asked for a while; without an answer lanes have nothing to scan."""
    ends_s = time.monotonic() + FETCH_FOR_S
    while True:
        try:
            return fetch_goods(plan.url, plan.tokens[0])
        except OSError:
            if time.monotonic() > ends_s:
                raise
            time.sleep(0.5)


class _signals:  # noqa: N801 - used as a context, like contextlib's own
    """SIGINT and SIGTERM end the loop; the wait in it is woken by their descriptor."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def __enter__(self) -> None:
        self._wake = signal.set_wakeup_fd(self._loop.wake_descriptor, warn_on_full_buffer=False)
        self._before = {
            number: signal.signal(number, lambda *_: self._loop.stop()) for number in (signal.SIGINT, signal.SIGTERM)
        }

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self._wake)
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _show(crew: Crew, live: Live, began_s: float) -> None:
    live.update(Text(_line(count(crew, crew.loop.now_s() - began_s))), refresh=True)
    crew.loop.call_later(SHOWN_EVERY_S, lambda: _show(crew, live, began_s))


def _line(outcome: dict[str, Any]) -> str:
    minutes, seconds = divmod(int(outcome["seconds"]), 60)
    state = "" if outcome["is_on"] else "  (switched off at the console)"
    return (
        f"{minutes:02}:{seconds:02}  {outcome['online']}/{outcome['terminals']} online  "
        f"{outcome['commands']} commands  {outcome['receipts']} receipts  "
        f"p50 {outcome['p50_ms']:.0f} ms  p99 {outcome['p99_ms']:.0f} ms  {outcome['errors']} errors{state}"
    )


def count(crew: Crew, seconds: float) -> dict[str, Any]:
    """What happened so far. `errors` are what no honest customer would meet; lost connections are counted apart."""
    wires = [terminal.wire for terminal in crew.terminals]
    times_ms = sorted(latency * 1000 for latency in crew.latencies_s)
    faults = [fault for wire in wires for fault in wire.counts.faults]
    dishonest = sum(number for code, number in crew.refused.items() if code not in HONEST)
    return {
        "seconds": round(seconds, 1),
        "terminals": len(wires),
        "online": sum(wire.is_online for wire in wires),
        "is_on": crew.is_on,
        "commands": crew.commands,
        "accepted": crew.accepted,
        "refused": dict(crew.refused),
        "unanswered": sum(wire.waiting for wire in wires),
        "receipts": _receipts(crew),
        "events": sum(wire.counts.events for wire in wires),
        "p50_ms": round(quantile(times_ms, 0.50), 2),
        "p99_ms": round(quantile(times_ms, 0.99), 2),
        "most_ms": round(times_ms[-1], 2) if times_ms else 0.0,
        "lost_connections": sum(wire.counts.losses for wire in wires),
        "resent": sum(wire.counts.resent for wire in wires),
        "resyncs": sum(wire.counts.resyncs for wire in wires),
        "errors": dishonest + len(faults) + len(crew.gone),
        "faults": (faults + crew.gone)[:20],
    }


def _receipts(crew: Crew) -> int:
    """As a console saw them, or where there is none, as the terminals did themselves."""
    consoles = [one.mirror.receipts for one in crew.terminals if one.mirror.kind == "manager"]
    return max(consoles) if consoles else sum(one.mirror.receipts for one in crew.terminals)


def quantile(ordered: Sequence[float], share: float) -> float:
    """The value that this share of the ordered values does not exceed (nearest rank); 0 for none."""
    return ordered[max(0, -(-int(len(ordered) * share * 1000) // 1000) - 1)] if ordered else 0.0


def words(outcome: dict[str, Any]) -> str:
    """The closing count for people."""
    refused = ", ".join(f"{number} {code}" for code, number in sorted(outcome["refused"].items())) or "none"
    lines = [
        f"{outcome['seconds']:.0f} s, {outcome['terminals']} terminals, {outcome['receipts']} receipts",
        f"{outcome['commands']} commands: {outcome['accepted']} accepted, refused: {refused}, "
        f"{outcome['unanswered']} unanswered",
        f"acknowledged after p50 {outcome['p50_ms']} ms, p99 {outcome['p99_ms']} ms, at most {outcome['most_ms']} ms",
        f"{outcome['events']} events, {outcome['lost_connections']} connections lost, {outcome['resent']} commands "
        f"sent again, {outcome['resyncs']} resyncs",
        f"{outcome['errors']} errors" + "".join(f"\n  {fault}" for fault in outcome["faults"]),
    ]
    return "\n".join(lines)


def read_tokens(path: Path) -> list[str]:
    """Tokens of a JSON file: a list of `{"token": ...}` as `terminal add --json` prints them. Raises ValueError."""
    rows = json.loads(path.read_text("utf-8"))
    try:
        return [str(row["token"]) for row in rows]
    except (TypeError, KeyError) as error:
        raise ValueError(f"{path}: write a JSON list of objects with a token each") from error
