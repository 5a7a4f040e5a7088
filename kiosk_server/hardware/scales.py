"""The room of the scales: one thread for all plates of a store, which watches the bagging areas of its lanes.

It hears what was committed (`on_entries`), asks the store what that means for the lane, compares, and comes back with
commands. It sleeps until a plate speaks, something was committed, or somebody's patience ends.
"""

import logging
import secrets
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from kiosk_server.domain import events as e
from kiosk_server.domain.commands import Command
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.scale import LaneScales, Plate
from kiosk_server.hardware.lane_plates import LanePlates
from kiosk_server.hardware.scale import Scale, Way, parse_scale
from kiosk_server.hardware.toledo_scale import ToledoScale
from kiosk_server.hardware.virtual_scale import Laying, VirtualScale
from kiosk_server.promise import Promise
from kiosk_server.store.bagging import BaggingArea, bagging_area, lanes
from kiosk_server.store.db import Database
from kiosk_server.store.journal import Entry

log = logging.getLogger(__name__)

RETRY_S: Final = 1.0

# What may change what is expected of a bagging area, who is asked to look at it, or which lanes there are.
_TELLING: Final = (
    e.ItemScanned,
    e.QuantityChanged,
    e.LineVoided,
    e.TenderStarted,
    e.TenderLeft,
    e.BasketPaid,
    e.BasketVoided,
    e.BasketSuspended,
    e.BasketResumed,
    e.BaggingTared,
    e.BaggingSkipped,
    e.InterventionRaised,
    e.InterventionRevised,
    e.InterventionResolved,
    e.TerminalMoved,
    e.TerminalAdded,
    e.TerminalPaired,
    e.TerminalRetired,
)

Areas = Mapping[str, BaggingArea | None]


class ScaleRoom:
    """All scales of a store. `ask(terminals)` gives the bagging areas of these lanes (None: of all), as committed;
    `submit(command, key)` the promise of a Reply; `tell(terminal, scales)` hears of every reading that has changed.
    """

    def __init__(
        self,
        rules: LaneRules,
        ask: Callable[[Collection[str] | None], Areas],
        submit: Callable[[Command, str], Promise[Any]],
        tell: Callable[[str, LaneScales], None],
        *,
        is_demo: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rules = rules
        self._ask, self._submit, self._tell = ask, submit, tell
        self._is_demo = is_demo
        self._monotonic = monotonic
        self._has_scales = bool(rules.produce_scales or rules.bagging_scales)
        self._lanes: dict[str, LanePlates] = {}
        self._shown: dict[str, LaneScales] = {}
        self._changed: set[str] = set()
        self._orders: deque[Callable[[], None]] = deque()
        self._is_over = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._watched: dict[Scale, int] = {}
        self._ear, self._mouth = socket.socketpair()
        for end in (self._ear, self._mouth):
            end.setblocking(False)
        self._selector.register(self._ear, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, name="scales", daemon=True)

    # -- called from other threads; none of it waits, but `stop` --

    def start(self) -> None:
        """Begin with what the store holds. A store without scales needs no thread."""
        if self._has_scales:
            self._order(self._see_all)
            self._thread.start()

    def on_entries(self, entries: Sequence[Entry]) -> None:
        """Hear what was committed; a subscriber of the bus."""
        if not self._has_scales or self._is_over.is_set():
            return
        terminals = {entry.event.terminal for entry in entries if isinstance(entry.event, _TELLING)}
        weighing = {terminal for terminal in terminals if self._has_plates(terminal)}
        if weighing:
            self._order(lambda: self._changed.update(weighing))

    def scales(self, terminal: str) -> LaneScales:
        """What the scales of this lane say now."""
        return self._shown.get(terminal, LaneScales())

    def lay(self, terminal: str, laying: Laying) -> Promise[LaneScales | None]:
        """A hand at a virtual plate; None where that lane has no such plate."""
        done: Promise[LaneScales | None] = Promise()
        if not self._has_scales or self._is_over.is_set():
            done.set_result(None)
            return done
        self._order(lambda: done.set_result(self._lay(terminal, laying)))
        return done

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Let go of all plates. False if that took longer."""
        self._is_over.set()
        self._wake()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        has_ended = not self._thread.is_alive()
        if has_ended:
            for lane in self._lanes.values():
                lane.close()
            for closing in (self._selector, self._ear, self._mouth):
                closing.close()
        return has_ended

    def _has_plates(self, terminal: str) -> bool:
        return any(self._rules.scale_of(terminal, plate) for plate in Plate)

    def _order(self, order: Callable[[], None]) -> None:
        self._orders.append(order)
        self._wake()

    def _wake(self) -> None:
        with suppress(OSError):  # it has been woken often enough, or has ended
            self._mouth.send(b"\0")

    # -- on the room's own thread --

    def _run(self) -> None:
        while not self._is_over.is_set():
            try:
                self._turn()
            except Exception:  # the store may not be readable just now
                log.exception("the scales stumbled and go on")
                self._is_over.wait(RETRY_S)

    def _turn(self) -> None:
        """Wait for something to do, and do it."""
        self._watch_plates()
        due_s = self.due_s()
        wait_s = None if due_s is None else max(0.0, due_s - self._monotonic())
        for key, _ in self._selector.select(wait_s):
            if key.fileobj is self._ear:
                self._ear.recv(4096)
        self.work()

    def work(self) -> None:
        """Do all that waits to be done now."""
        while self._orders:
            self._orders.popleft()()
        if self._changed:
            changed, self._changed = self._changed, set()
            self._look_up(changed)
        self.tick()

    def _see_all(self) -> None:
        self._look_up(None)

    def _look_up(self, terminals: set[str] | None) -> None:
        try:
            areas = self._ask(terminals)
        except Exception:
            self._changed |= terminals or set()
            if terminals is None:
                self._orders.append(self._see_all)
            raise
        for terminal, area in areas.items():
            self.see(terminal, area)

    def see(self, terminal: str, area: BaggingArea | None) -> None:
        """A lane as the store holds it; None: it is no lane, or no more."""
        if area is None:
            gone = self._lanes.pop(terminal, None)
            self._shown.pop(terminal, None)
            if gone is not None:
                gone.close()
            return
        lane = self._lanes.get(terminal)
        if lane is None:
            plates = plates_of(terminal, self._rules)
            if not plates:
                return
            lane = self._lanes[terminal] = LanePlates(terminal, plates, self._rules, is_demo=self._is_demo)
        for command, key in lane.see(area, self._monotonic()):
            self._send(terminal, command, key)

    def tick(self) -> None:
        """Look at every plate, tell of what has changed, and report what is due."""
        now_s = self._monotonic()
        for terminal, lane in self._lanes.items():
            try:
                self._look_at(terminal, lane, now_s)
            except Exception:  # one lane's trouble must not stop the others
                log.exception("the scales of %s stumbled and go on", terminal)

    def _look_at(self, terminal: str, lane: LanePlates, now_s: float) -> None:
        lane.look(now_s)
        scales = lane.scales
        if scales != self._shown.get(terminal):
            self._shown[terminal] = scales
            self._tell(terminal, scales)
        report = lane.report(now_s)
        if report is not None:
            self._send(terminal, report, f"bagging/{secrets.token_hex(8)}")

    def due_s(self) -> float | None:
        """When the next tick is due by itself."""
        now_s = self._monotonic()
        return min((due_s for lane in self._lanes.values() if (due_s := lane.due_s(now_s)) is not None), default=None)

    def _send(self, terminal: str, command: Command, key: str) -> None:
        def hear(done: Promise[Any]) -> None:
            if done.exception() is not None or not done.result().ok:
                log.warning("the store did not take %s of %s: %s", type(command).__name__, terminal, done)
            # Whatever it said: how things stand there now decides what is told next.
            self._order(lambda: self._changed.add(terminal))

        self._submit(command, key).add_done_callback(hear)

    def _lay(self, terminal: str, laying: Laying) -> LaneScales | None:
        lane = self._lanes.get(terminal)
        now_s = self._monotonic()
        if lane is None or not lane.lay(laying, now_s):
            return None
        lane.look(now_s)
        return lane.scales

    def _watch_plates(self) -> None:
        """Wait for those plates that can speak up by themselves."""
        speaking = {
            scale: scale.descriptor
            for lane in self._lanes.values()
            for scale in lane.plates.values()
            if scale.descriptor is not None
        }
        if speaking == self._watched:
            return
        for descriptor in self._watched.values():
            with suppress(KeyError, ValueError, OSError):  # it may be closed, and its number somebody else's
                self._selector.unregister(descriptor)
        for descriptor in speaking.values():
            self._selector.register(descriptor, selectors.EVENT_READ)
        self._watched = {scale: number for scale, number in speaking.items() if number is not None}


def plates_of(terminal: str, rules: LaneRules) -> dict[Plate, Scale]:
    """The plates that the settings give a lane."""
    found: dict[Plate, Scale] = {}
    for plate in Plate:
        text = rules.scale_of(terminal, plate)
        if text is not None:
            address = parse_scale(text)
            found[plate] = VirtualScale(plate) if address.way is Way.VIRTUAL else ToledoScale(address)
    return found


def scale_room(
    database: Database,
    policy: Policy,
    submit: Callable[[Command, str], Promise[Any]],
    tell: Callable[[str, LaneScales], None],
) -> ScaleRoom:
    """The room of this store."""

    def ask(terminals: Collection[str] | None) -> Areas:
        with database.read() as connection:
            return {name: bagging_area(connection, name, policy.lane) for name in terminals or lanes(connection)}

    return ScaleRoom(policy.lane, ask, submit, tell, is_demo=policy.is_demo)
