"""Tickets: fired once, moved by cooks, taken back with their basket."""

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import StateAnswer
from kiosk_server.core.handlers.floor import home_of, step_stall
from kiosk_server.domain import kitchen, stall
from kiosk_server.domain.basket import Basket
from kiosk_server.domain.commands import MoveTicket
from kiosk_server.domain.errors import NotFound
from kiosk_server.domain.events import TicketFired, TicketMoved
from kiosk_server.domain.terminal import Kind


def move_ticket(command: MoveTicket, desk: Desk) -> StateAnswer:
    """A cook's gesture. The second cook with the same gesture gets the same answer and changes nothing."""
    ticket = desk.repositories.ticket(command.ticket_id)
    if ticket is None:
        raise NotFound(f"There is no ticket {command.ticket_id}. Nothing was changed.", ticket_id=command.ticket_id)
    then = kitchen.moved(ticket, command.event)
    if then is not ticket.state:
        _record_move(desk, ticket, then)
        if then is kitchen.State.HANDED_OVER:
            _serve(desk, ticket)
    return StateAnswer(then.value)


def _serve(desk: Desk, ticket: kitchen.Ticket) -> None:
    """The stall has its food, if it still shows this order: the car may have gone, or a recalled ticket come late."""
    basket = desk.repositories.basket(ticket.basket_id)
    home = home_of(desk, basket) if basket else None
    if home is None or home.kind is not Kind.STALL:
        return
    if stall.MACHINE.allows(stall.State(home.state), stall.Event.SERVE):
        step_stall(desk, home, stall.Event.SERVE)


def fire_once(desk: Desk, basket: Basket, day: str) -> kitchen.Ticket | None:
    """The basket's ticket, fired now unless it was before. None when the kitchen has nothing to make of it."""
    fired = desk.repositories.ticket_of_basket(basket.basket_id)
    if fired is not None or not kitchen.kitchen_lines(basket):
        return fired
    ticket = kitchen.fire(
        basket,
        ticket_id=desk.new_id(),
        number=desk.repositories.next_ticket_number(day),
        fired_at=desk.now_ms,
        by=desk.identity.name,
    )
    desk.record(TicketFired(terminal=basket.terminal, ticket=ticket))
    return ticket


def take_back(desk: Desk, basket: Basket) -> None:
    """The basket is void: nobody cooks for it any more. What is ready already stays ready."""
    ticket = desk.repositories.ticket_of_basket(basket.basket_id)
    if ticket is not None and kitchen.MACHINE.allows(ticket.state, kitchen.Event.VOID):
        _record_move(desk, ticket, kitchen.State.VOIDED)


def _record_move(desk: Desk, ticket: kitchen.Ticket, then: kitchen.State) -> None:
    desk.record(
        TicketMoved(
            terminal=ticket.terminal,
            ticket_id=ticket.ticket_id,
            state=then,
            by=desk.identity.name,
            moved_at=desk.now_ms,
        )
    )
