"""Every fact of the store, in the past tense. Each carries all that is needed to draw it and to rebuild the state.

Wire and journal name: the class name in snake case. State tables are projections of these and of nothing else
(`store/projection.py`), which is why `verify` can rebuild them.
"""

import msgspec

from kiosk_server.domain.basket import Line, Totals
from kiosk_server.domain.catalog import Item
from kiosk_server.domain.errors import snake_case
from kiosk_server.domain.intervention import Intervention, Outcome
from kiosk_server.domain.kitchen import State as TicketState
from kiosk_server.domain.kitchen import Ticket
from kiosk_server.domain.network_order import NetworkOrder
from kiosk_server.domain.pump import FuellingPoint
from kiosk_server.domain.staff import (
    KeptTime,
    Member,
    RefusedAccess,
    Role,
    SecretKind,
    SessionEnd,
    StaffRole,
    WrongTries,
)
from kiosk_server.domain.tender import Receipt, TenderKind
from kiosk_server.domain.terminal import Terminal


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=snake_case):
    """What every event is. `terminal` names whom it is about ('' where it is about the whole house)."""

    terminal: str = ""


# -- terminals --


class TerminalAdded(Event, frozen=True):
    added: Terminal


class TerminalRetired(Event, frozen=True):
    """The terminal is out of the house; every socket of it must close."""


class TerminalMoved(Event, frozen=True):
    """The state of a terminal's screen changed. `since` is ms since 1970, UTC."""

    state: str
    since: int


# -- baskets --


class BasketOpened(Event, frozen=True):
    basket_id: str
    day: str
    opened_at: int


class ItemScanned(Event, frozen=True):
    """A line was added, or its quantity grew. `line` is the whole line as it stands now."""

    basket_id: str
    line: Line
    totals: Totals


class QuantityChanged(Event, frozen=True):
    basket_id: str
    line: Line
    totals: Totals


class LineVoided(Event, frozen=True):
    basket_id: str
    line: Line
    totals: Totals


class TenderStarted(Event, frozen=True):
    basket_id: str
    tender: TenderKind
    due_cents: int


class TenderLeft(Event, frozen=True):
    basket_id: str


class BasketPaid(Event, frozen=True):
    """Money and goods have changed hands. The receipt holds everything, for ever."""

    basket_id: str
    receipt: Receipt


class BasketVoided(Event, frozen=True):
    basket_id: str
    reason: str
    by: str


class BasketSuspended(Event, frozen=True):
    basket_id: str


class BasketResumed(Event, frozen=True):
    """`terminal` is where it goes on; `from_terminal` is where it was parked."""

    basket_id: str
    from_terminal: str


# -- people --


class InterventionRaised(Event, frozen=True):
    intervention: Intervention


class InterventionResolved(Event, frozen=True):
    intervention_id: str
    outcome: Outcome
    by: str
    resolved_at: int
    note: str = ""


# -- stall and kitchen --


class OrderPlaced(Event, frozen=True):
    basket_id: str
    due_cents: int


class OrderReleased(Event, frozen=True):
    basket_id: str
    by: str


class TicketFired(Event, frozen=True):
    ticket: Ticket


class TicketMoved(Event, frozen=True):
    ticket_id: str
    state: TicketState
    by: str
    moved_at: int


# -- pumps --


class PumpMoved(Event, frozen=True):
    """A fuelling point changed: `point` is the whole of it as it stands now."""

    point: FuellingPoint


class NozzleHung(Event, frozen=True):
    """The nozzle is back while fuel had flowed; the controller's totals follow with ReportFuelling."""


class FuellingFinished(Event, frozen=True):
    """A fuelling ended and is payable: it became the only line of `basket_id`."""

    basket_id: str
    transaction: int
    grade_id: str
    volume_ml: int
    unit_price_mills: int
    amount_cents: int


# -- the house --


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


# -- pairing --


class TerminalPaired(Event, frozen=True):
    """Another box took the place of a known terminal, which goes on with its basket; the old box's token is dead."""

    paired: Terminal


class PairingDenied(Event, frozen=True):
    """A browser at `address` asked to be paired and was sent away."""

    pairing_id: str
    address: str


# -- who may come in --


class StaffAdded(Event, frozen=True):
    member: Member


class SecretChanged(Event, frozen=True):
    """Somebody has another PIN or password. `fingerprint` is of the salted hash, which is in no event."""

    person: str
    secret_kind: SecretKind
    fingerprint: str


class RoleChanged(Event, frozen=True):
    person: str
    role: StaffRole


class StaffRetired(Event, frozen=True):
    """A person left; every session of theirs must end."""

    person: str


class SignedIn(Event, frozen=True):
    """`source` is where: `terminal:<name>` or `browser:<id>`. `is_by_code`: with a one-time code of the server."""

    session_id: str
    person: str
    role: Role
    source: str
    fingerprint: str
    is_by_code: bool = False


class SignedOut(Event, frozen=True):
    """A session is over; its screens must close."""

    session_id: str
    person: str
    why: SessionEnd


class SecretRefused(Event, frozen=True):
    """A wrong PIN or password. `person` is '' where nobody is called what was typed: it may be a secret."""

    person: str
    source: str
    tries: tuple[WrongTries, ...]


class LockLifted(Event, frozen=True):
    """A manager forgave a person's wrong tries."""

    person: str


class AccessRefused(Event, frozen=True):
    """Who was turned away in a while, counted; at most 64 rows, the rest in the last of them."""

    refusals: tuple[RefusedAccess, ...]


class TimesKept(Event, frozen=True):
    """The server stopped with these seconds left on its lockouts and gone by in its sessions."""

    locked_s: dict[str, int]
    sessions: dict[str, KeptTime]


class NetworkOrdered(Event, frozen=True):
    """A network was let in for a while, or put into quarantine."""

    order: NetworkOrder


class NetworkLifted(Event, frozen=True):
    network: str


EVENTS: dict[str, type[Event]] = {str(kind.__struct_config__.tag): kind for kind in Event.__subclasses__()}
