"""Every fuelling-point transition is in MACHINE (IFSF states 1 to 9). Nothing here knows time, sockets or hardware.

Money: cents = round-half-up(volume_ml * unit_price_mills / 10_000), unit_price_mills being thousandths of the
currency unit per litre. Every operation takes a FuellingPoint and gives the next one.
"""

from enum import StrEnum

import msgspec

from kiosk_server.domain.errors import OutOfRange, WrongState
from kiosk_server.domain.machine import Machine
from kiosk_server.domain.money import fuel_amount_cents


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


UNDER_WAY = frozenset({State.STARTED, State.SUSPENDED_STARTED, State.FUELLING, State.SUSPENDED_FUELLING})
HAS_FLOWED = frozenset({State.FUELLING, State.SUSPENDED_FUELLING})

_WHEN_STOPPED = {
    State.AUTHORISED: Event.STOP,
    State.STARTED: Event.SUSPEND,
    State.FUELLING: Event.SUSPEND,
}


def step(point: FuellingPoint, event: Event) -> FuellingPoint:
    return msgspec.structs.replace(point, state=MACHINE.next(point.state, event))


def lift(point: FuellingPoint, grade: Grade) -> FuellingPoint:
    """The nozzle of `grade` is taken; its price holds until the nozzle is back."""
    limit_cents = point.limit_cents if point.state is State.AUTHORISED else None
    return msgspec.structs.replace(
        step(point, Event.LIFT), grade=grade, volume_ml=0, amount_cents=0, limit_cents=limit_cents, is_hung=False
    )


def is_lifted_for(point: FuellingPoint, grade_id: str) -> bool:
    """Whether this nozzle is up already and nothing has flowed: a second report of the same gesture."""
    waiting = point.state in {State.CALLING, State.STARTED}
    return waiting and point.grade is not None and point.grade.item_id == grade_id


def hang(point: FuellingPoint) -> FuellingPoint:
    """The nozzle is back. Where fuel has flowed, the point waits for the controller's totals."""
    if point.state in HAS_FLOWED:
        return msgspec.structs.replace(point, is_hung=True)
    return msgspec.structs.replace(step(point, Event.HANG), grade=None, limit_cents=None)


def authorise(point: FuellingPoint, limit_cents: int | None, unpaid_limit: int) -> FuellingPoint:
    """Let it deliver. Raises WrongState when too many fuellings are unpaid, OutOfRange for a limit of nothing."""
    if limit_cents == 0:
        raise OutOfRange("A limit of nothing would let nothing flow. Nothing was changed.", limit_cents=0)
    if len(point.unpaid) >= unpaid_limit:
        raise WrongState(
            f"{point.terminal} has {len(point.unpaid)} unpaid fuellings, and {unpaid_limit} are allowed. "
            "Nothing was changed. Take the money for one first.",
            unpaid=list(point.unpaid),
            limit=unpaid_limit,
        )
    return msgspec.structs.replace(step(point, Event.AUTHORISE), limit_cents=limit_cents)


def stop(point: FuellingPoint) -> FuellingPoint:
    """Nothing flows after this. A stop is never refused: where nothing can flow, the point stays as it is.

    Every stopped point needs a deliberate act of staff before it delivers again.
    """
    event = _WHEN_STOPPED.get(point.state)
    if event is None:
        return point
    stopped = step(point, event)
    return msgspec.structs.replace(stopped, limit_cents=None) if stopped.state is State.IDLE else stopped


def flow(point: FuellingPoint) -> FuellingPoint:
    """The first drops: a fuel transaction begins and gets its number."""
    return msgspec.structs.replace(step(point, Event.FLOW), transaction=point.transaction + 1)


def finish(point: FuellingPoint, volume_ml: int) -> FuellingPoint:
    """The controller's totals are here. They count even if the first drops were never reported: the meter is right.

    Raises WrongState where nothing can have flowed.
    """
    if point.state not in UNDER_WAY:
        raise WrongState(
            f"{point.terminal} is {point.state.value}; no fuelling is under way that could end. Nothing was booked.",
            state=point.state.value,
            volume_ml=volume_ml,
        )
    if volume_ml and point.state in UNDER_WAY - HAS_FLOWED:
        point = flow(point)
    idle = step(point, Event.HANG)
    mills = point.grade.unit_price_mills if point.grade else 0
    return msgspec.structs.replace(
        idle,
        volume_ml=volume_ml,
        amount_cents=fuel_amount_cents(volume_ml, mills),
        limit_cents=None,
        is_hung=False,
    )


def with_unpaid(point: FuellingPoint, basket_id: str) -> FuellingPoint:
    return msgspec.structs.replace(point, unpaid=(*point.unpaid, basket_id))


def without_unpaid(point: FuellingPoint, basket_id: str) -> FuellingPoint:
    return msgspec.structs.replace(point, unpaid=tuple(unpaid for unpaid in point.unpaid if unpaid != basket_id))
