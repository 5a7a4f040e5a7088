"""Every fuelling-point transition is in MACHINE (IFSF states 1 to 9). Nothing here knows time, sockets or hardware.

Money: cents = round-half-up(volume_ml * unit_price_mills / 10_000), unit_price_mills being thousandths of the
currency unit per litre.
"""

from enum import StrEnum

import msgspec

from kiosk_server.domain.machine import Machine


class State(StrEnum):
    INOPERATIVE = "inoperative"
    CLOSED = "closed"
    IDLE = "idle"
    CALLING = "calling"
    AUTHORISED = "authorised"
    STARTED = "started"
    SUSPENDED_STARTED = "suspended_started"
    FUELLING = "fuelling"
    SUSPENDED_FUELLING = "suspended_fuelling"


IFSF_NUMBER = {state: number for number, state in enumerate(State, start=1)}


class Event(StrEnum):
    OPEN = "open"
    CLOSE = "close"
    FAIL = "fail"
    REPAIR = "repair"
    LIFT = "lift"
    HANG = "hang"
    AUTHORISE = "authorise"
    START = "start"
    FLOW = "flow"
    SUSPEND = "suspend"
    RESUME = "resume"
    STOP = "stop"


MACHINE = Machine(
    "pump",
    {
        (State.INOPERATIVE, Event.REPAIR): State.CLOSED,
        (State.CLOSED, Event.OPEN): State.IDLE,
        (State.IDLE, Event.CLOSE): State.CLOSED,
        (State.IDLE, Event.LIFT): State.CALLING,
        (State.IDLE, Event.AUTHORISE): State.AUTHORISED,
        (State.CALLING, Event.HANG): State.IDLE,
        (State.CALLING, Event.AUTHORISE): State.STARTED,
        (State.AUTHORISED, Event.LIFT): State.STARTED,
        (State.AUTHORISED, Event.STOP): State.IDLE,
        (State.STARTED, Event.FLOW): State.FUELLING,
        (State.STARTED, Event.HANG): State.IDLE,
        (State.STARTED, Event.SUSPEND): State.SUSPENDED_STARTED,
        (State.SUSPENDED_STARTED, Event.RESUME): State.STARTED,
        # Drops that were under way when the stop came are counted, not lost.
        (State.SUSPENDED_STARTED, Event.FLOW): State.SUSPENDED_FUELLING,
        (State.SUSPENDED_STARTED, Event.HANG): State.IDLE,
        (State.FUELLING, Event.SUSPEND): State.SUSPENDED_FUELLING,
        (State.SUSPENDED_FUELLING, Event.RESUME): State.FUELLING,
        (State.FUELLING, Event.HANG): State.IDLE,
        (State.SUSPENDED_FUELLING, Event.HANG): State.IDLE,
        **{(state, Event.FAIL): State.INOPERATIVE for state in State if state is not State.INOPERATIVE},
    },
)


class Grade(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of fuel. `unit_price_mills` is thousandths of the currency unit per litre (1.799 -> 1799)."""

    item_id: str
    name: str
    unit_price_mills: int


class FuellingPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What one pump is doing. Volume and amount are those of the current or the last fuelling.

    `transaction` counts the point's fuel transactions; (terminal, transaction) is the key of one.
    `unpaid` holds the baskets that are fuelled and not yet paid (postpay: at most 2). `is_hung`: the nozzle is back
    and the controller's totals are awaited; kept here so that a restart between the two loses neither.
    """

    terminal: str
    state: State = State.IDLE
    grade: Grade | None = None
    transaction: int = 0
    volume_ml: int = 0
    amount_cents: int = 0
    limit_cents: int | None = None
    unpaid: tuple[str, ...] = ()
    is_hung: bool = False
