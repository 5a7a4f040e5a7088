"""What the fate of a basket does to the terminal that it belongs to. Retired terminals keep their last state."""

from enum import StrEnum
from typing import TypeVar

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.checks import check_may_scan
from kiosk_server.core.handlers.people import withdraw_all, withdraw_calls
from kiosk_server.domain import kitchen, lane, opening, stall
from kiosk_server.domain.basket import Basket
from kiosk_server.domain.errors import WrongState
from kiosk_server.domain.events import PumpMoved, TerminalMoved
from kiosk_server.domain.machine import Machine
from kiosk_server.domain.pump import without_unpaid
from kiosk_server.domain.terminal import Enrolment, Kind, Terminal

_WHY_NOT_NOW = {
    (Kind.LANE, lane.State.CLOSED.value): "This lane is closed. Nothing was added. Please use another one.",
    (Kind.STALL, stall.State.CLOSED.value): "This stall is closed. Nothing was added. Please use another one.",
    (Kind.STALL, stall.State.ORDERED.value): "Your order is placed. Nothing was added. Take it back to change it.",
    (Kind.STALL, stall.State.PAID.value): "Your order is being made. Nothing was added. Order more once it is here.",
}

_BETWEEN_CUSTOMERS = frozenset({lane.State.ATTRACT.value, lane.State.RECEIPT.value})

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


def check_may_add(desk: Desk, terminal: Terminal) -> None:
    """Raise WrongState or AttendantNeeded, saying why, unless this lane or stall takes something more now."""
    why_not = _WHY_NOT_NOW.get((terminal.kind, terminal.state))
    if why_not:
        raise WrongState(why_not, state=terminal.state)
    _check_hours(desk, terminal)
    check_may_scan(desk, terminal)


def _check_hours(desk: Desk, terminal: Terminal) -> None:
    """Nobody begins outside the opening hours; whoever has begun may finish, and practice goes on at night."""
    if terminal.kind is not Kind.LANE or terminal.is_training or terminal.state not in _BETWEEN_CUSTOMERS:
        return
    hours, zone = desk.policy.lane.hours, desk.policy.zone
    if not opening.is_open(hours, desk.now_ms, zone):
        raise WrongState(
            "The store is closed now. Nothing was added. The screen says when it opens.",
            state=lane.State.CLOSED.value,
            opens_at=opening.opens_next(hours, desk.now_ms, zone),
        )


def begin(desk: Desk, terminal: Terminal) -> None:
    """There is something in the basket of this lane or stall."""
    if terminal.kind is Kind.LANE:
        step_lane(desk, terminal, lane.Event.SCAN)
    else:
        step_stall(desk, terminal, stall.Event.ADD)


def step_lane(desk: Desk, terminal: Terminal, *events: lane.Event) -> str:
    """Move a lane through `events`; gives the state it is in then."""
    return _step(desk, terminal, lane.MACHINE, lane.State(terminal.state), events)


def step_stall(desk: Desk, terminal: Terminal, *events: stall.Event) -> str:
    """Move a stall through `events`; gives the state it is in then."""
    return _step(desk, terminal, stall.MACHINE, stall.State(terminal.state), events)


def _step(desk: Desk, terminal: Terminal, machine: Machine[S, E], state: S, events: tuple[E, ...]) -> str:
    for event in events:
        state = machine.next(state, event)
    if state.value != terminal.state:
        desk.record(TerminalMoved(terminal=terminal.name, state=state.value, since=desk.now_ms))
    return state.value


def home_of(desk: Desk, basket: Basket) -> Terminal | None:
    """The terminal whose screen shows this basket now. None when it was parked or its terminal retired."""
    terminal = desk.repositories.terminal(basket.terminal)
    if terminal is None or terminal.enrolment is not Enrolment.ACTIVE:
        return None
    return terminal if terminal.basket_id == basket.basket_id else None


def leave_basket(desk: Desk, terminal: Terminal) -> None:
    """The basket is gone from this lane or stall, unpaid: the screen is free again."""
    if terminal.kind is Kind.LANE:
        if terminal.state in {lane.State.INTERVENTION, lane.State.HELD, lane.State.TENDERING}:
            withdraw_all(desk, terminal)
        step_lane(desk, terminal, lane.Event.EMPTY)
    elif terminal.kind is Kind.STALL:
        step_stall(desk, terminal, stall.Event.EMPTY)


def show_paid(desk: Desk, terminal: Terminal, ticket: kitchen.Ticket | None) -> None:
    """The basket of this lane or stall is paid. A stall that nobody will bring anything to any more is served."""
    if terminal.kind is Kind.LANE:
        withdraw_calls(desk, terminal)  # whoever called for help while paying found the way alone
        step_lane(desk, terminal, lane.Event.PAY)
    elif terminal.kind is Kind.STALL:
        is_served = ticket is None or ticket.state is kitchen.State.HANDED_OVER
        step_stall(desk, terminal, stall.Event.PAY, *([stall.Event.SERVE] if is_served else []))


def clear_fuelling(desk: Desk, basket: Basket) -> None:
    """If the basket is an unpaid fuelling, its point has one fewer; also when the pump was retired meanwhile."""
    point = desk.repositories.point(basket.terminal)
    if point is not None and basket.basket_id in point.unpaid:
        desk.record(PumpMoved(terminal=point.terminal, point=without_unpaid(point, basket.basket_id)))
