"""What happened to orders and tickets."""

from kiosk_server.domain.events.event import Event
from kiosk_server.domain.kitchen import State as TicketState
from kiosk_server.domain.kitchen import Ticket


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
