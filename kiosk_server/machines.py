"""The machines of a store: each driver made from the settings, and all of them begun and ended together.

They hear what was committed and come back with commands under an identity of their own; `app.py` hangs them on the bus.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kiosk_server.config import Config
from kiosk_server.core.bus import Bus
from kiosk_server.core.clock import Clock
from kiosk_server.domain.light import Light
from kiosk_server.domain.scale import LaneScales
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.hardware.card_readers import Readers, lane_finder
from kiosk_server.hardware.card_room import CardRoom
from kiosk_server.hardware.forecourt import Forecourt, Live, Submit, VirtualForecourt
from kiosk_server.hardware.lamp import LampRoom, VirtualLamp
from kiosk_server.hardware.printers import PrintRoom
from kiosk_server.hardware.scales import ScaleRoom, scale_room
from kiosk_server.hardware.stations import drawn_from, stations_of
from kiosk_server.store import prints
from kiosk_server.store.db import Database
from kiosk_server.store.lights import lane_lights
from kiosk_server.store.repositories import Repositories


@dataclass(eq=False, kw_only=True)
class Machines:
    """Every driver of a store. `readers` are those that `cards` works with."""

    forecourt: Forecourt
    printers: PrintRoom
    cards: CardRoom
    readers: Readers
    scales: ScaleRoom
    lamps: LampRoom

    def hear(self, bus: Bus) -> None:
        """Before the bus starts, so that nothing is missed."""
        for machine in (self.forecourt, self.printers, self.cards, self.scales, self.lamps):
            bus.subscribe(machine.on_entries)

    def start(self, database: Database) -> None:
        """Take up what waited when the server stopped."""
        with database.read() as connection:
            repositories = Repositories(connection)
            self.forecourt.start(repositories.points())
            self.printers.start(prints.waiting_jobs(connection))
            self.cards.start(repositories.unsettled_payments())
        self.scales.start()
        self.lamps.start()

    def stop(self, timeout_s: float) -> None:
        """While the bus still takes their reports, which half of the time is left for."""
        ends_s = time.monotonic() + timeout_s / 2
        for machine in (self.forecourt, self.printers, self.cards, self.scales, self.lamps):
            machine.stop(max(0.1, ends_s - time.monotonic()))


def machines_of(
    config: Config,
    database: Database,
    bus: Bus,
    clock: Clock,
    *,
    live: Live,
    tell_scales: Callable[[str, LaneScales], None],
    tell_lights: Callable[[Mapping[str, Light]], None],
    base_url: Callable[[], str],
) -> Machines:
    """All of them as the settings say; none has begun.

    `live(terminal, reading)` takes what flows at a pump, `tell_scales(terminal, scales)` what the plates of a lane say,
    `tell_lights(lights)` the lights over all lanes;
    `base_url()` is where customers' phones reach this server.
    """
    policy, folder = config.policy, config.data_path
    readers = Readers(policy.cards, folder / "card_bank.jsonl", clock.now_ms, config.card.virtual_pace_ms)
    printers = PrintRoom(
        stations_of(config.printer.addresses),
        drawn_from(database, policy, base_url),
        folder / "printing.json",
        _by(bus, "printers"),
        clock.now_ms,
    )

    def lights_of() -> Mapping[str, Light]:
        with database.read() as connection:
            return lane_lights(connection, policy, clock.now_ms())

    return Machines(
        forecourt=VirtualForecourt(folder / "meters.json", _by(bus, "forecourt"), live),
        printers=printers,
        cards=CardRoom(readers.reader_of, lane_finder(database), _by(bus, "card readers"), policy.currency),
        readers=readers,
        scales=scale_room(database, policy, _by(bus, "scales"), tell_scales),
        lamps=LampRoom(VirtualLamp(), lights_of, tell_lights),
    )


def _by(bus: Bus, name: str) -> Submit:
    """How a driver of this name comes back."""
    driver = Identity(name=name, role=Role.DRIVER)
    return lambda command, key: bus.submit(command, driver, key)
