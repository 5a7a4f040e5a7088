"""What happened to a basket and the people about it."""

from kiosk_server.domain.basket import Line, Totals
from kiosk_server.domain.events.event import Event
from kiosk_server.domain.tender import Receipt, TenderKind


class BasketOpened(Event, frozen=True):
    basket_id: str
    day: str
    opened_at: int
    is_training: bool = False


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
    """A line was taken back. `reason` is what staff said about it; the customer's own have none."""

    basket_id: str
    line: Line
    totals: Totals
    reason: str = ""


class PromotionsApplied(Event, frozen=True):
    """What the offers take off these lines has changed. `lines` are the whole lines as they stand now."""

    basket_id: str
    lines: tuple[Line, ...]
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
