"""Every ticket transition is in MACHINE. A ticket is the kitchen's view of an order."""

from enum import StrEnum

import msgspec

from kiosk_server.domain.basket import Basket
from kiosk_server.domain.catalog import ItemKind
from kiosk_server.domain.errors import Forbidden
from kiosk_server.domain.machine import Machine


class State(StrEnum):
    NEW = "new"
    IN_PROGRESS = "in_progress"
    READY = "ready"
    HANDED_OVER = "handed_over"
    VOIDED = "voided"


class Event(StrEnum):
    START = "start"
    BUMP = "bump"
    HAND_OVER = "hand_over"
    RECALL = "recall"
    VOID = "void"


MACHINE = Machine(
    "ticket",
    {
        (State.NEW, Event.START): State.IN_PROGRESS,
        (State.NEW, Event.BUMP): State.READY,
        (State.IN_PROGRESS, Event.BUMP): State.READY,
        (State.READY, Event.HAND_OVER): State.HANDED_OVER,
        (State.READY, Event.RECALL): State.IN_PROGRESS,
        (State.HANDED_OVER, Event.RECALL): State.IN_PROGRESS,
        (State.NEW, Event.VOID): State.VOIDED,
        (State.IN_PROGRESS, Event.VOID): State.VOIDED,
    },
)


class TicketLine(msgspec.Struct, frozen=True, kw_only=True):
    line_id: int
    name: str
    quantity: int
    modifiers: tuple[str, ...] = ()


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the kitchen sees it. `number` restarts each business day; times are ms since 1970, UTC."""

    ticket_id: str
    number: int
    basket_id: str
    terminal: str
    state: State
    lines: tuple[TicketLine, ...]
    fired_at: int
    moved_at: int
    moved_by: str = ""


TARGETS = {
    Event.START: State.IN_PROGRESS,
    Event.BUMP: State.READY,
    Event.HAND_OVER: State.HANDED_OVER,
    Event.RECALL: State.IN_PROGRESS,
    Event.VOID: State.VOIDED,
}


def kitchen_lines(basket: Basket) -> tuple[TicketLine, ...]:
    """What the kitchen has to make of this basket."""
    return tuple(
        TicketLine(
            line_id=line.line_id,
            name=line.name,
            quantity=line.quantity,
            modifiers=tuple(modifier.name for modifier in line.modifiers),
        )
        for line in basket.lines
        if line.kind is ItemKind.MENU and not line.is_voided
    )


def fire(basket: Basket, *, ticket_id: str, number: int, fired_at: int, by: str) -> Ticket:
    """The ticket of a basket whose order may be made now."""
    return Ticket(
        ticket_id=ticket_id,
        number=number,
        basket_id=basket.basket_id,
        terminal=basket.terminal,
        state=State.NEW,
        lines=kitchen_lines(basket),
        fired_at=fired_at,
        moved_at=fired_at,
        moved_by=by,
    )


def moved(ticket: Ticket, event: Event) -> State:
    """The state that a cook's gesture leads to; the present one when another cook was first.

    Raises IllegalTransition for a gesture that contradicts the ticket, Forbidden for voiding: an order is taken back
    with its basket, or the customer would pay for food that nobody makes.
    """
    if event is Event.VOID:
        raise Forbidden("A ticket is taken back together with its basket, not in the kitchen. Nothing was changed.")
    if ticket.state is TARGETS[event]:
        return ticket.state
    return MACHINE.next(ticket.state, event)
