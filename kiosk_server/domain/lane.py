"""Every lane transition is in MACHINE. Nothing here knows time, sockets or SQL."""

from enum import StrEnum

from kiosk_server.domain.machine import Machine


class State(StrEnum):
    CLOSED = "closed"
    ATTRACT = "attract"
    SCANNING = "scanning"
    INTERVENTION = "intervention"  # somebody will look; scanning goes on
    HELD = "held"  # somebody must look before anything more is scanned
    TENDERING = "tendering"
    RECEIPT = "receipt"


class Event(StrEnum):
    SCAN = "scan"
    CALL = "call"
    HOLD = "hold"
    RESOLVE = "resolve"
    TENDER = "tender"
    LEAVE_TENDER = "leave_tender"
    PAY = "pay"
    FINISH = "finish"
    EMPTY = "empty"  # the basket was voided or suspended
    OPEN = "open"
    CLOSE = "close"


MACHINE = Machine(
    "lane",
    {
        (State.CLOSED, Event.OPEN): State.ATTRACT,
        (State.ATTRACT, Event.CLOSE): State.CLOSED,
        (State.ATTRACT, Event.SCAN): State.SCANNING,
        (State.SCANNING, Event.SCAN): State.SCANNING,
        # A customer who is done looks at the receipt; the next one may scan at once.
        (State.RECEIPT, Event.SCAN): State.SCANNING,
        (State.SCANNING, Event.TENDER): State.TENDERING,
        (State.TENDERING, Event.LEAVE_TENDER): State.SCANNING,
        (State.TENDERING, Event.PAY): State.RECEIPT,
        (State.RECEIPT, Event.FINISH): State.ATTRACT,
        (State.RECEIPT, Event.CLOSE): State.CLOSED,
        (State.SCANNING, Event.EMPTY): State.ATTRACT,
        (State.TENDERING, Event.EMPTY): State.ATTRACT,
        (State.INTERVENTION, Event.EMPTY): State.ATTRACT,
        (State.SCANNING, Event.CALL): State.INTERVENTION,
        # Calling help does not stop the scanning: the customer may go on while somebody comes.
        (State.INTERVENTION, Event.SCAN): State.INTERVENTION,
        (State.INTERVENTION, Event.RESOLVE): State.SCANNING,
        (State.SCANNING, Event.HOLD): State.HELD,
        (State.INTERVENTION, Event.HOLD): State.HELD,
        # What held the lane is over, but others still wait for somebody.
        (State.HELD, Event.CALL): State.INTERVENTION,
        (State.HELD, Event.RESOLVE): State.SCANNING,
        (State.HELD, Event.EMPTY): State.ATTRACT,
    },
)
