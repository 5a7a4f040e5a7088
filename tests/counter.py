"""A bus over a real store with a handful of small handlers, for the promises that hold whatever a handler does."""

from pathlib import Path
from typing import Any

from shop import PATIENCE_S, HandClock

from kiosk_server.core.bus import Bus, Entry, Reply
from kiosk_server.core.desk import Desk, Handler
from kiosk_server.domain.commands import CallAttendant, Command, Finish, SuspendBasket, SwitchSimulation
from kiosk_server.domain.errors import WrongState
from kiosk_server.domain.events import DayOpened, SimulationSwitched
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.store import journal
from kiosk_server.store.db import Database
from kiosk_server.store.repositories import driver_of

ADA = Identity(name="ada", role=Role.MANAGER)
BEN = Identity(name="ben", role=Role.MANAGER)
LANE = Identity(name="lane1", role=Role.LANE, terminal="lane1")
ON, OFF = SwitchSimulation(is_on=True), SwitchSimulation(is_on=False)


def switch(command: SwitchSimulation, desk: Desk) -> dict[str, int]:
    return {"seq": desk.record(SimulationSwitched(is_on=command.is_on, by=desk.identity.name))}


def refuse(_: Command, desk: Desk) -> None:
    desk.record(DayOpened(day="2026-01-01", opened_at=1))
    raise WrongState("No.", why="because")


def stumble(_: Command, desk: Desk) -> None:
    desk.record(DayOpened(day="2026-01-01", opened_at=1))
    desk.record(SimulationSwitched(is_on=True, by="nobody"))
    raise ZeroDivisionError


def tell(_: Command, desk: Desk) -> dict[str, object]:
    return {"day": desk.repositories.current_day(), "id": desk.new_id()}


HANDLERS: dict[type[Command], Handler] = {
    SwitchSimulation: switch,
    Finish: refuse,
    CallAttendant: stumble,
    SuspendBasket: tell,
}
ROLES = {kind: frozenset({Role.MANAGER}) for kind in HANDLERS}


class Counter:
    """A bus over a real store, with small handlers."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        self.clock = HandClock()
        self.database = Database(folder / "store.db")
        self.database.open()
        self.bus = Bus(self.database, Policy(), self.clock, **{"handlers": HANDLERS, "roles": ROLES, **changes})
        self.heard: list[Entry] = []
        self.bus.subscribe(self.heard.extend)

    def asks(self, command: Command, key: str, identity: Identity = ADA) -> Reply:
        return self.bus.submit(command, identity, key).result(PATIENCE_S)

    def journal(self) -> list[Entry]:
        with self.database.read() as conn:
            return journal.since(driver_of(conn), 0, 1_000_000)

    def closes(self) -> None:
        assert self.bus.stop(PATIENCE_S)
        self.database.close()
