"""Orders of stalls and of the kitchen."""

from kiosk_server.domain.commands.command import Command, Id
from kiosk_server.domain.kitchen import Event as TicketEvent


class Arrive(Command, frozen=True):
    """First touch or call button on a stall; the clock starts."""


class PlaceOrder(Command, frozen=True):
    """Send the order: the kitchen sees it once the carhop has the cash or releases it. Result as ChooseTender."""


class ReleaseOrder(Command, frozen=True):
    """Staff let the kitchen start before the money is taken."""

    basket_id: Id


class MoveTicket(Command, frozen=True):
    """Start, bump, hand over or recall a ticket. When another cook was first, nothing happens twice.

    Result: `{state}`, the state the ticket is in now.
    """

    ticket_id: Id
    event: TicketEvent
