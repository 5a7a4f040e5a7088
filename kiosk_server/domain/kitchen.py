"""Every ticket transition is in MACHINE. A ticket is the kitchen's view of an order."""

from enum import StrEnum

import msgspec

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
