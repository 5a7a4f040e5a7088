"""Lamps over lanes: each change is shown once, a lamp that was away is told again, and nobody waits for one."""

import threading
from collections.abc import Callable

import pytest
from builders import MILK_CODE, POLICY
from shop import Lane, Person, Shop

from kiosk_server.domain import commands as c
from kiosk_server.domain.light import Light, light_of
from kiosk_server.hardware.lamp import LampRoom
from kiosk_server.store.lights import lane_lights

PATIENCE_S = 10


class Bulbs:
    """A box of relays that can lose its line."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Light]] = []
        self.is_away = False
        self.news = threading.Condition()

    def show(self, lane: str, light: Light) -> None:
        with self.news:
            self.told.append((lane, light))
            self.news.notify_all()
        if self.is_away:
            raise OSError("no route to the relays")

    def until(self, is_so: Callable[[], bool]) -> None:
        with self.news:
            assert self.news.wait_for(is_so, PATIENCE_S), self.told


@pytest.mark.parametrize(
    ("state", "is_help_wanted", "is_open", "light"),
    [
        ("attract", False, True, Light.FREE),
        ("attract", False, False, Light.CLOSED),
        ("receipt", False, True, Light.FREE),
        ("receipt", False, False, Light.IN_USE),
        ("scanning", False, False, Light.IN_USE),
        ("tendering", False, True, Light.IN_USE),
        ("tendering", True, True, Light.HELP),
        ("held", False, True, Light.HELP),
        ("closed", True, True, Light.CLOSED),
    ],
)
def test_light_of_a_state(state: str, is_help_wanted: bool, is_open: bool, light: Light) -> None:
    assert light_of(state, is_help_wanted=is_help_wanted, is_open=is_open, is_training=False) is light


def test_practice_is_closed_to_customers_and_is_helped() -> None:
    assert light_of("attract", is_help_wanted=False, is_open=True, is_training=True) is Light.CLOSED
    assert light_of("scanning", is_help_wanted=True, is_open=True, is_training=True) is Light.HELP


def test_lamps_follow_what_happens_at_the_lanes(shop: Shop, manager: Person) -> None:
    bulbs = Bulbs()
    boards: list[dict[str, Light]] = []

    def lights_of() -> dict[str, Light]:
        with shop.database.read() as connection:
            return lane_lights(connection, POLICY, shop.clock.now_ms())

    lane, other = Lane(shop, "L2"), Lane(shop, "L10")
    room = LampRoom(bulbs, lights_of, lambda lights: boards.append(dict(lights)))
    end = shop.bus.subscribe(room.on_entries)
    room.start()
    bulbs.until(lambda: ("L10", Light.FREE) in bulbs.told)
    assert list(boards[0]) == ["L2", "L10"], "as people count"

    lane.scans(MILK_CODE)
    bulbs.until(lambda: ("L2", Light.IN_USE) in bulbs.told)
    lane.calls()
    bulbs.until(lambda: ("L2", Light.HELP) in bulbs.told)

    bulbs.is_away = True
    manager.does(c.CloseTerminal(terminal="L10"))
    bulbs.until(lambda: ("L10", Light.CLOSED) in bulbs.told)
    bulbs.is_away = False
    told = len(bulbs.told)
    lane.pays()  # whoever pays found the way alone; the cash is help again
    other.shop.asks(c.OpenTerminal(terminal="L10"), manager.identity)
    bulbs.until(lambda: bulbs.told[-1] == ("L10", Light.FREE) or ("L10", Light.FREE) in bulbs.told[told:])
    assert boards[-1]["L10"] is Light.FREE

    end()
    assert room.stop(PATIENCE_S)
