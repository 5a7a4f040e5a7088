"""A simulated person at a terminal, as a script of what they do: a generator that yields steps.

yield Pause(2)                       wait (shorter at a higher pace; for as long as the simulation is switched off)
reply = yield Give("finish", {})     give a command and get its reply, however many connections that takes
done = yield Until(test, 60)         wait until the screen shows it; False after so many seconds
yield Lay({"put_g": 700})            a hand at the lane's virtual plate, where it has one
"""

import random
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

from kiosk_client.loop import Loop, Timer
from kiosk_client.mirror import Mirror
from kiosk_client.shopping import Shelves, lay_on_plate
from kiosk_client.wire import Wire

LATENCIES_KEPT = 100_000

# Refusals that happen to honest customers: the others are faults of a client or a server.
HONEST = frozenset(
    {
        "unknown_item",
        "not_for_sale",
        "wrong_state",
        "illegal_transition",
        "basket_empty",
        "not_found",
        "out_of_range",
        "attendant_needed",
        "bagging_disagrees",
        "scale_not_ready",
        "weight_needed",
    }
)


@dataclass(frozen=True, slots=True)
class Pause:
    """`is_busy`: something is in motion that must be ended even when the simulation is switched off."""

    seconds: float
    is_busy: bool = False


@dataclass(frozen=True, slots=True)
class Give:
    name: str
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Until:
    test: Callable[[Mirror], bool]
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Lay:
    what: dict[str, Any]


Step = Pause | Give | Until | Lay
Script = Generator[Step, Any, None]


@dataclass
class Crew:
    """What all simulated people share. Times in `latencies_s` are from giving a command to its reply."""

    loop: Loop
    chance: random.Random
    pace: float = 1.0
    shelves: Shelves | None = None
    is_on: bool = True
    names: set[str] = field(default_factory=set)
    terminals: list["Terminal"] = field(default_factory=list)
    commands: int = 0
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    latencies_s: deque[float] = field(default_factory=lambda: deque(maxlen=LATENCIES_KEPT))
    gone: list[str] = field(default_factory=list)

    def between(self, least: float, most: float) -> float:
        return self.chance.uniform(least, most)

    def switch(self, *, is_on: bool) -> None:
        """Everybody stops where they stand, or goes on."""
        if is_on != self.is_on:
            self.is_on = is_on
            for terminal in self.terminals:
                terminal.look_again()


class Terminal:
    """One terminal and the person at it; a Listener of its own wire."""

    def __init__(self, crew: Crew, url: str, token: str, scripts: dict[str, Callable[[Crew, Mirror], Script]]) -> None:
        self.crew = crew
        self.mirror = Mirror()
        self.wire = Wire(crew.loop, url, token, self, crew.chance)
        self._url, self._token = url, token
        self._scripts = scripts
        self._script: Script | None = None
        self._step: Step | None = None
        self._timer: Timer | None = None
        self._is_rested = False

    def start(self) -> None:
        self.wire.start()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self.wire.close()

    # -- what the wire says --

    def on_snapshot(self, snapshot: dict[str, Any]) -> None:
        self.mirror.restart(snapshot)
        self._follow_switch()
        if self._script is None:
            self.crew.names.add(self.mirror.name)
            play = self._scripts.get(self.mirror.kind)
            if play is not None:
                self._script = play(self.crew, self.mirror)
                self._advance(None)
        self.look_again()

    def on_event(self, event: dict[str, Any]) -> None:
        self.mirror.apply(event)
        if event["type"] == "simulation_switched":
            self._follow_switch()
        self.look_again()

    def on_offline(self, why: str) -> None:
        """The person waits; the wire tries again by itself."""

    def on_refused(self, code: str, message: str) -> None:
        self.crew.gone.append(f"{self.mirror.name or 'a terminal'}: {message or code}")
        if self._timer is not None:
            self._timer.cancel()
        self._script = None

    def _follow_switch(self) -> None:
        # Only the console of a demo store has a switch; elsewhere the simulation runs until it is ended.
        if self.mirror.kind == "manager" and self.mirror.can_simulate:
            self.crew.switch(is_on=self.mirror.is_simulating)

    # -- what the person does --

    def look_again(self) -> None:
        """Something changed: perhaps what the person waits for."""
        step = self._step
        if isinstance(step, Until) and step.test(self.mirror):
            self._advance(True)
        elif isinstance(step, Pause) and self._is_rested and self.crew.is_on:
            self._advance(None)

    def _advance(self, outcome: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._is_rested = False
        if self._script is None:
            return
        self._step = None
        try:
            self._step = self._script.send(outcome)
        except StopIteration:
            self._script = None
            return
        self._begin(self._step)

    def _begin(self, step: Step) -> None:
        later = self.crew.loop.call_later
        if isinstance(step, Give):
            self.crew.commands += 1
            self.wire.give(step.name, step.data, self._replied)
        elif isinstance(step, Pause):
            self._timer = later(step.seconds / self.crew.pace, self._rested)
        elif isinstance(step, Lay):
            # Beside the loop: whoever lays something down does not wait until the server has seen it.
            arguments = (self._url, self._token, self.mirror.name, step.what)
            threading.Thread(target=lay_on_plate, args=arguments, daemon=True).start()
            self._timer = later(0, lambda: self._advance(None))
        elif step.test(self.mirror):
            # By way of the loop: a script that waits for what is already there must not recurse.
            self._timer = later(0, lambda: self._advance(True))
        else:
            self._timer = later(step.timeout_s, lambda: self._advance(False))

    def _rested(self) -> None:
        self._is_rested = True
        if self.crew.is_on or (isinstance(self._step, Pause) and self._step.is_busy):
            self._advance(None)

    def _replied(self, reply: dict[str, Any], seconds: float) -> None:
        self.crew.latencies_s.append(seconds)
        if reply.get("ok"):
            self.crew.accepted += 1
        else:
            self.crew.refused[str(reply.get("code"))] += 1
        self._advance(reply)
