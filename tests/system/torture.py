"""kill -9 a thousand times at random moments under load through the wire: run by `make torture`, not by the tests.

    python tests/system/torture.py [--kills 1000] [--lanes 12] [--seed 1]

Lanes scan, void, park and resume, and pay at a console as fast as they are answered, and write down every answer here,
outside the server. In the end: every acknowledged command is in the journal once and where its answer said, none is
half, no refused one left a trace, no receipt number is missing, `verify` finds the store whole, and every terminal goes
on where it was.
"""
# ruff: noqa: T201 - a program for people

import argparse
import random
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from store_process import Store

from kiosk_client.loop import Loop
from kiosk_client.wire import Wire
from kiosk_server.domain.catalog import Item

CODES = ("4006381333931", "7612100055557")
FREELY = {"KIOSK_LIMITS_COMMANDS_PER_S": "100000"}
LEAST_S, MOST_S = 0.0, 0.6  # from the first answer after a start to the next kill
SETTLED_S = 60.0


# What always leaves a row when it is done; a second tap on the rest is answered and changes nothing.
ALWAYS_RECORDED = frozenset({"scan_item", "confirm_cash"})


class Answers:
    """What was acknowledged, and what was refused, by key."""

    def __init__(self) -> None:
        self.seqs: dict[str, tuple[str, int]] = {}
        self.refused: set[str] = set()
        self.is_somebody_back = False
        self.back_s: float | None = None

    def forget_who_is_there(self) -> None:
        self.is_somebody_back, self.back_s = False, None

    def hear(self, key: str, name: str, reply: dict[str, Any]) -> None:
        if self.is_somebody_back and self.back_s is None:
            self.back_s = time.monotonic()
        if reply["ok"]:
            self.seqs[key] = name, reply["seq"]
        else:
            self.refused.add(key)


class Terminal:
    """One wire; gives its next command when the last one is answered."""

    def __init__(self, loop: Loop, url: str, token: str, answers: Answers, chance: random.Random) -> None:
        self.wire = Wire(loop, url, token, self, chance)
        self.answers, self.chance = answers, chance
        self.is_stopping = False
        self.refusal = ""
        self.wire.start()

    def on_event(self, event: dict[str, Any]) -> None: ...
    def on_offline(self, why: str) -> None: ...
    def on_refused(self, code: str, message: str) -> None:
        self.refusal = f"{code}: {message}"

    def on_snapshot(self, snapshot: dict[str, Any]) -> None:
        self.answers.is_somebody_back = True
        if not self.wire.waiting:
            self.goes_on({})

    def gives(self, name: str, then: Any = None, **data: Any) -> None:
        def answered(reply: dict[str, Any], _: float) -> None:
            self.answers.hear(key, name, reply)
            (then or self.goes_on)(reply)

        key = self.wire.give(name, data, answered)

    def goes_on(self, reply: dict[str, Any]) -> None:
        """After an answer, or when nothing waits."""


class Till(Terminal):
    """A lane whose customer never tires; `console` takes the money."""

    def __init__(self, *where: Any, console: Terminal) -> None:
        self.console = console
        self.parked: str | None = None
        super().__init__(*where)

    def goes_on(self, reply: dict[str, Any]) -> None:
        if self.is_stopping:
            return
        dice = self.chance.random()
        if dice < 0.80:
            self.gives("scan_item", code=self.chance.choice(CODES), quantity=self.chance.randint(1, 3))
        elif dice < 0.85:
            self.gives("void_line", line_id=1)
        elif dice < 0.88:
            self.gives("void_basket")
        elif dice < 0.91 and self.parked is None:
            self.gives("suspend_basket", self.parks)
        elif dice < 0.94 and self.parked is not None:
            basket_id, self.parked = self.parked, None
            self.gives("resume_basket", basket_id=basket_id)
        else:
            self.gives("choose_tender", self.pays, tender="cash")

    def parks(self, reply: dict[str, Any]) -> None:
        self.parked = reply["result"]["basket_id"] if reply["ok"] else None
        self.goes_on(reply)

    def pays(self, reply: dict[str, Any]) -> None:
        if not reply["ok"]:
            self.goes_on(reply)
            return
        basket_id = reply["result"]["basket_id"]
        self.console.gives(
            "confirm_cash", lambda _: self.gives("finish"), basket_id=basket_id, received_cents=9_999_999
        )


def main() -> int:
    """0 when nothing was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--lanes", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        store = Store(Path(folder) / "store")
        try:
            problems = torture(store, options.kills, options.lanes, random.Random(options.seed))
        finally:
            store.clear_away()
    print("\n".join(problems[:50]) or "Nothing was lost.")
    return 1 if problems else 0


def torture(store: Store, kills: int, lanes: int, chance: random.Random) -> list[str]:
    """Run it; what went wrong, one line each."""
    tokens = furnish(store, lanes)
    store.starts(**FREELY)
    answers, loop = Answers(), Loop()
    console = Terminal(loop, store.url, tokens["console"], answers, chance)
    tills = [
        Till(loop, store.url, token, answers, chance, console=console)
        for name, token in tokens.items()
        if name != "console"
    ]
    back_s: list[float] = []
    kill_at(loop, store, answers, kills, chance, back_s)
    loop.run()
    code = ended_by_itself(store)
    if code is not None:
        return [f"after {len(back_s)} kills the server ended by itself, with {code}"]
    problems = settle(loop, [console, *tills])
    for terminal in (console, *tills):
        terminal.wire.close()
    loop.close()
    if store.is_told_to_stop() != 0:
        problems.append("the server did not end cleanly")
    print(f"{kills} kills, {len(answers.seqs):,} commands acknowledged, {len(answers.refused):,} refused")
    print(
        f"from the kill to the next answer: median {sorted(back_s)[len(back_s) // 2]:.2f} s, most {max(back_s):.2f} s"
    )
    return problems + problems_of(store, answers)


def furnish(store: Store, lanes: int) -> dict[str, str]:
    """A catalog and terminals; their tokens by name."""
    from kiosk_server.cli.office import open_office
    from kiosk_server.config import load
    from kiosk_server.domain.commands import ImportItems

    items = tuple(Item(item_id=code, name=code, code=code, price_cents=129) for code in CODES)
    with open_office(load(environ=store.environment)) as office:
        office.give(ImportItems(items=items, source="torture"))
    return {"console": store.adds("console", "manager")} | {
        name: store.adds(name, "lane") for name in (f"L{n}" for n in range(lanes))
    }


def ended_by_itself(store: Store) -> int | None:
    """The exit code of a server that should be running, below 0 for a signal."""
    return None if store.server is None else store.server.child.poll()


def kill_at(loop: Loop, store: Store, answers: Answers, kills: int, chance: random.Random, back_s: list[float]) -> None:
    """Wait for an answer, then a random moment, then kill; again and again, until it was enough."""
    state = {"left": kills, "killed_s": time.monotonic()}

    def watch() -> None:
        if ended_by_itself(store) is not None:
            loop.stop()
        elif answers.back_s is not None:
            back_s.append(answers.back_s - state["killed_s"])
            loop.call_later(chance.uniform(LEAST_S, MOST_S), kill)
        else:
            loop.call_later(0.005, watch)

    def kill() -> None:
        if state["left"] == 0:
            loop.stop()
            return
        state["left"] -= 1
        store.is_killed()
        answers.forget_who_is_there()
        state["killed_s"] = time.monotonic()
        store.starts(**FREELY)
        if state["left"] % 100 == 0:
            print(f"{kills - state['left']} kills, {len(answers.seqs):,} answers", flush=True)
        watch()

    watch()


def settle(loop: Loop, terminals: list[Any]) -> list[str]:
    """Everybody's last command is answered, and everybody is there."""
    for terminal in terminals:
        terminal.is_stopping = True
    ends_s = time.monotonic() + SETTLED_S

    def look() -> None:
        is_quiet = all(terminal.wire.is_online and not terminal.wire.waiting for terminal in terminals)
        if is_quiet or time.monotonic() > ends_s:
            loop.stop()
        else:
            loop.call_later(0.05, look)

    look()
    loop.run()
    problems = [f"a terminal was refused: {one.refusal}" for one in terminals if one.refusal]
    problems += [f"the wire met: {fault}" for one in terminals for fault in one.wire.counts.faults]
    away = sum(not one.wire.is_online or one.wire.waiting > 0 for one in terminals)
    return [*problems, *([f"{away} terminals did not come back with their answers"] if away else [])]


def problems_of(store: Store, answers: Answers) -> list[str]:
    """The journal against what was heard."""
    seqs_of: dict[str, list[int]] = defaultdict(list)
    types_of: dict[str, list[str]] = defaultdict(list)
    numbers = []
    for row in store.journal():
        seqs_of[row["key"]].append(row["seq"])
        types_of[row["key"]].append(row["type"])
        if row["type"] == "basket_paid":
            numbers.append(row["data"]["receipt"]["number"])
    problems = []
    for key, (name, seq) in answers.seqs.items():
        if key in seqs_of and seqs_of[key][-1] != seq:
            problems.append(f"{name} {key} was answered as {seq} and is recorded at {seqs_of[key]}")
        if key not in seqs_of and name in ALWAYS_RECORDED:
            problems.append(f"{name} {key} was acknowledged as {seq} and is gone")
    for key, seqs in seqs_of.items():
        if seqs != list(range(seqs[0], seqs[0] + len(seqs))):
            problems.append(f"{key} is recorded in pieces: {seqs}")
        if types_of[key].count("item_scanned") > 1 or types_of[key].count("basket_paid") > 1:
            problems.append(f"{key} was done more than once: {types_of[key]}")
    problems += [f"{key} was refused and is recorded" for key in answers.refused if key in seqs_of]
    if numbers != list(range(1, len(numbers) + 1)):
        problems.append(f"receipt numbers are not gapless: {numbers[:50]}")
    print(f"{len(numbers):,} receipts, {sum(map(len, seqs_of.values())):,} journal rows")
    if not numbers:
        problems.append("nothing was sold, so nothing was proved")
    if "Whole" not in store.runs("verify"):
        problems.append("verify does not find the store whole")
    return problems


if __name__ == "__main__":
    sys.exit(main())
