"""Every stall transition is in MACHINE. Nothing here knows time, sockets or SQL."""

from enum import StrEnum

from kiosk_server.domain.machine import Machine


class State(StrEnum):
    CLOSED = "closed"
    FREE = "free"
    ARRIVED = "arrived"
    ORDERING = "ordering"
    ORDERED = "ordered"
    PAID = "paid"
    SERVED = "served"


class Event(StrEnum):
    ARRIVE = "arrive"
    ADD = "add"
    PLACE = "place"
    RETRACT = "retract"  # the order was taken back before anybody paid or released it
    PAY = "pay"
    SERVE = "serve"
    FINISH = "finish"
    EMPTY = "empty"
    OPEN = "open"
    CLOSE = "close"


MACHINE = Machine(
    "stall",
    {
        (State.CLOSED, Event.OPEN): State.FREE,
        (State.FREE, Event.CLOSE): State.CLOSED,
        (State.FREE, Event.ARRIVE): State.ARRIVED,
        (State.FREE, Event.ADD): State.ORDERING,
        (State.ARRIVED, Event.ADD): State.ORDERING,
        (State.ARRIVED, Event.EMPTY): State.FREE,
        (State.ORDERING, Event.ADD): State.ORDERING,
        (State.ORDERING, Event.EMPTY): State.FREE,
        (State.ORDERING, Event.PLACE): State.ORDERED,
        (State.ORDERED, Event.RETRACT): State.ORDERING,
        (State.ORDERED, Event.EMPTY): State.FREE,
        (State.ORDERED, Event.PAY): State.PAID,
        (State.PAID, Event.SERVE): State.SERVED,
        # A released order may be handed over before the money is taken.
        (State.ORDERED, Event.SERVE): State.ORDERED,
        (State.SERVED, Event.FINISH): State.FREE,
        (State.SERVED, Event.CLOSE): State.CLOSED,
        (State.SERVED, Event.ARRIVE): State.ARRIVED,
        (State.SERVED, Event.ADD): State.ORDERING,
    },
)
