"""What happened to the house: its terminals, its catalog, its days."""

from kiosk_server.domain.catalog import Item
from kiosk_server.domain.events.event import Event
from kiosk_server.domain.terminal import Terminal


class TerminalAdded(Event, frozen=True):
    added: Terminal


class TerminalRetired(Event, frozen=True):
    """The terminal is out of the house; every socket of it must close."""


class TerminalMoved(Event, frozen=True):
    """The state of a terminal's screen changed. `since` is ms since 1970, UTC."""

    state: str
    since: int


class TrainingSwitched(Event, frozen=True):
    """What is sold at this lane from now on is practice, or counts again."""

    is_on: bool
    by: str


class ItemsImported(Event, frozen=True):
    """New or changed items, at most 500 an event."""

    items: tuple[Item, ...]
    source: str = ""


class SimulationSwitched(Event, frozen=True):
    is_on: bool
    by: str


class DayOpened(Event, frozen=True):
    """`day` is the business day's date in the store's zone, ISO 8601."""

    day: str
    opened_at: int
