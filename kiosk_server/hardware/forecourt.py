"""The forecourt: what the store needs of a controller of fuel pumps, and a virtual one that has its habits.

A driver hears what was committed (`on_entries`), moves its hardware, and comes back with commands (ReportFlow,
ReportFuelling) under keys made of point and transaction, so that a report sent twice counts once. It is never called
from inside a handler.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec

from kiosk_server.domain.commands import Command, ReportFuelling
from kiosk_server.domain.events import PumpMoved
from kiosk_server.domain.pump import FuellingPoint
from kiosk_server.hardware.meters import Meter, MeterFile
from kiosk_server.hardware.virtual_pump import Phase, VirtualPump, tank_ml
from kiosk_server.promise import Promise
from kiosk_server.store.journal import Entry

log = logging.getLogger(__name__)

TICK_S = 0.2  # five live readings a second
RETRY_S = 1.0
# The store has moved on without this report: saying it again would change nothing.
_FINAL = frozenset({"wrong_state", "illegal_transition", "not_found"})


class Forecourt(Protocol):
    """A controller of fuelling points. All methods may be called from any thread and return at once."""

    def start(self, points: Iterable[FuellingPoint]) -> None:
        """Begin, reconciling the hardware with what the store holds. Entries may have been heard before."""

    def on_entries(self, entries: Sequence[Entry]) -> None:
        """Hear what was committed; a subscriber of the bus."""

    def stop(self, timeout_s: float) -> bool:
        """Keep the counters and end. False if that took longer."""


class Answer(Protocol):
    """What comes of a submitted command: core's Reply, seen from below."""

    @property
    def ok(self) -> bool: ...
    @property
    def code(self) -> str: ...
    @property
    def message(self) -> str: ...


class Answered(msgspec.Struct, frozen=True):
    """The store's answer to a report, back on our own thread."""

    terminal: str
    key: str
    answer: Answer | None


Submit = Callable[[Command, str], Promise[Any]]
Live = Callable[[str, dict[str, int]], None]


class VirtualForecourt:
    """Pumps that fuel by a flow curve, on one thread of their own.

    `submit(command, key)` gives the promise of a Reply; `live(terminal, reading)` takes five readings a second while
    fuel flows; `meters` is the file that survives us. `speed` is a time lapse for demonstrations and tests.
    """

    def __init__(
        self,
        meters: Path,
        submit: Submit,
        live: Live,
        *,
        speed: float = 1.0,
        tank: Callable[[str, int], int] = tank_ml,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._file = MeterFile(meters)
        self._submit, self._live = submit, live
        self._speed, self._tank, self._monotonic = speed, tank, monotonic
        self._inbox: queue.SimpleQueue[FuellingPoint | Answered | None] = queue.SimpleQueue()
        self._meters: dict[str, Meter] = self._file.load()
        self._pumps: dict[str, VirtualPump] = {}
        self._points: dict[str, FuellingPoint] = {}
        self._sent: dict[str, str] = {}
        self._retry_at_s: dict[str, float] = {}
        self._stepped_at_s = 0.0
        self._thread = threading.Thread(target=self._run, name="forecourt", daemon=True)

    # -- called from other threads --

    def start(self, points: Iterable[FuellingPoint]) -> None:
        for point in points:
            self._inbox.put(point)
        self._thread.start()

    def on_entries(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if isinstance(entry.event, PumpMoved):
                self._inbox.put(entry.event.point)

    def stop(self, timeout_s: float = 5.0) -> bool:
        self._inbox.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # -- on the forecourt's own thread --

    def _run(self) -> None:
        self._stepped_at_s = self._monotonic()
        is_on = True
        while is_on:
            try:
                is_on = self._turn()
            except Exception:  # one pump's trouble must not stop the others
                log.exception("the virtual forecourt stumbled and goes on")
        self._file.save(self._meters, is_milestone=True)

    def _turn(self) -> bool:
        """Take what waits, or let one tick pass. False when it is time to end."""
        try:
            message = self._inbox.get(timeout=self._patience_s())
        except queue.Empty:
            self.tick()
            return True
        if message is None:
            return False
        if isinstance(message, Answered):
            self.hear(message)
        else:
            self.tick()  # what flowed until this moment flowed under the old state
            self.see(message)
        return True

    def _patience_s(self) -> float | None:
        is_busy = bool(self._retry_at_s) or any(pump.is_running for pump in self._pumps.values())
        return TICK_S if is_busy else None

    def see(self, point: FuellingPoint) -> None:
        """A point as it was committed."""
        pump = self._pumps.get(point.terminal)
        if pump is None:
            meter = self._meters.setdefault(point.terminal, Meter())
            pump = self._pumps[point.terminal] = VirtualPump(point.terminal, meter, self._tank)
        self._points[point.terminal] = point
        if pump.see(point):
            self._file.save(self._meters, is_milestone=True)
        self._send(pump)

    def tick(self) -> None:
        """Let the time since the last tick pass at every pump."""
        now_s = self._monotonic()
        passed_s, self._stepped_at_s = (now_s - self._stepped_at_s) * self._speed, now_s
        is_counting = False
        for pump in self._pumps.values():
            before_ml = pump.meter.volume_ml
            pump.step(passed_s, self._points[pump.terminal].transaction)
            self._send(pump)
            if pump.phase is Phase.FLOWING and pump.meter.volume_ml != before_ml:
                is_counting = True
                self._live(pump.terminal, pump.reading)
        if is_counting:
            self._file.save(self._meters)

    def _send(self, pump: VirtualPump) -> None:
        if pump.report is None:
            self._sent.pop(pump.terminal, None)
            self._retry_at_s.pop(pump.terminal, None)
            return
        command, key = pump.report
        is_waiting = self._monotonic() < self._retry_at_s.get(pump.terminal, 0.0)
        if is_waiting or self._sent.get(pump.terminal) == key:
            return
        self._sent[pump.terminal] = key
        self._retry_at_s.pop(pump.terminal, None)
        future = self._submit(command, key)
        future.add_done_callback(lambda done: self._inbox.put(_answered(pump.terminal, key, done)))

    def hear(self, answered: Answered) -> None:
        """The store's answer. What it could not take now is said again; what it will never take is let go."""
        pump = self._pumps[answered.terminal]
        if pump.report is None or pump.report[1] != answered.key:
            return
        answer = answered.answer
        if answer is not None and answer.ok:
            return  # the event that follows moves the pump on
        if answer is not None and answer.code in _FINAL:
            weight = logging.WARNING if isinstance(pump.report[0], ReportFuelling) else logging.INFO
            log.log(weight, "report %s was refused: %s", answered.key, answer.message)
            pump.phase, pump.report = Phase.RESTING, None
            self._sent.pop(answered.terminal, None)
            return
        log.warning("report %s waits: %s", answered.key, answer.message if answer else "no answer")
        self._sent.pop(answered.terminal, None)
        self._retry_at_s[answered.terminal] = self._monotonic() + RETRY_S


def _answered(terminal: str, key: str, done: Promise[Any]) -> Answered:
    failed = done.exception() is not None
    return Answered(terminal, key, None if failed else done.result())
