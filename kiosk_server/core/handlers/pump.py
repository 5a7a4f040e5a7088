"""Fuelling points: nozzles and staff on one side, the forecourt controller on the other."""

from collections.abc import Callable

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import StateAnswer, StopAnswer
from kiosk_server.core.handlers.day import open_day
from kiosk_server.core.handlers.own import named_terminal, own_terminal
from kiosk_server.core.handlers.paying import start_tender
from kiosk_server.core.handlers.people import raise_for, resolve
from kiosk_server.domain import basket as baskets
from kiosk_server.domain import pump
from kiosk_server.domain.basket import Basket
from kiosk_server.domain.catalog import Item, ItemKind
from kiosk_server.domain.commands import (
    AuthorisePump,
    HangNozzle,
    LiftNozzle,
    ReportFlow,
    ReportFuelling,
    ResumePump,
    StopAllPumps,
    StopPump,
)
from kiosk_server.domain.errors import NotFound, WrongState
from kiosk_server.domain.events import BasketOpened, FuellingFinished, ItemScanned, NozzleHung, PumpMoved
from kiosk_server.domain.intervention import InterventionKind, Outcome
from kiosk_server.domain.pricing import tax_rate_bp
from kiosk_server.domain.pump import FuellingPoint, State
from kiosk_server.domain.tender import TenderKind

_WHY_NO_NOZZLE = {
    State.CLOSED: "This pump is closed. Please use another one.",
    State.INOPERATIVE: "This pump is out of order. Please use another one.",
}


def lift_nozzle(command: LiftNozzle, desk: Desk) -> StateAnswer:
    """The customer takes a nozzle: the pump calls, or starts if it was authorised before."""
    point = _point(desk, own_terminal(desk).name)
    if pump.is_lifted_for(point, command.grade_id):
        return StateAnswer(point.state.value)
    if point.state in _WHY_NO_NOZZLE:
        raise WrongState(_WHY_NO_NOZZLE[point.state], state=point.state.value)
    lifted = pump.lift(point, _grade(desk, command.grade_id))
    _record(desk, lifted)
    if lifted.state is State.CALLING:
        raise_for(desk, point.terminal, InterventionKind.PUMP_CALL)
    return StateAnswer(lifted.state.value)


def _grade(desk: Desk, grade_id: str) -> pump.Grade:
    item = desk.repositories.item(grade_id)
    if item is None or item.kind is not ItemKind.FUEL or not item.unit_price_mills:
        raise NotFound(f"There is no fuel {grade_id} here. Nothing was changed.", grade_id=grade_id)
    tax_rate_bp(item, desk.policy)  # refused now rather than when the tank is full
    return pump.Grade(item_id=item.item_id, name=item.name, unit_price_mills=item.unit_price_mills)


def hang_nozzle(_: HangNozzle, desk: Desk) -> StateAnswer:
    """The nozzle is back. Where fuel has flowed, the controller is asked for its totals.

    A second report of the same gesture changes nothing: a nozzle that hangs is where it should be.
    """
    point = _point(desk, own_terminal(desk).name)
    if point.is_hung or point.state not in {State.CALLING, *pump.UNDER_WAY}:
        return StateAnswer(point.state.value)
    hung = pump.hang(point)
    _record(desk, hung)
    if hung.is_hung:
        desk.record(NozzleHung(terminal=point.terminal))
    _resolve_call(desk, point, Outcome.WITHDRAWN)
    return StateAnswer(hung.state.value)


def authorise_pump(command: AuthorisePump, desk: Desk) -> StateAnswer:
    """Staff let a point deliver, up to an amount if they say so."""
    point = _point(desk, named_terminal(desk, command.terminal).name)
    authorised = pump.authorise(point, command.limit_cents, desk.policy.unpaid_per_point)
    _record(desk, authorised)
    _resolve_call(desk, point, Outcome.APPROVED)
    return StateAnswer(authorised.state.value)


def stop_pump(command: StopPump, desk: Desk) -> StateAnswer:
    """Nothing flows there any more. Never refused, whatever the point is doing."""
    point = _point(desk, named_terminal(desk, command.terminal).name)
    return StateAnswer(_move(desk, point, pump.stop).state.value)


def resume_pump(command: ResumePump, desk: Desk) -> StateAnswer:
    point = _point(desk, named_terminal(desk, command.terminal).name)
    return StateAnswer(_move(desk, point, lambda it: pump.step(it, pump.Event.RESUME)).state.value)


def stop_all_pumps(_: StopAllPumps, desk: Desk) -> StopAnswer:
    """Emergency stop. Works from any combination of states; each point needs staff before it delivers again."""
    moved = [(point, _move(desk, point, pump.stop)) for point in desk.repositories.points()]
    return StopAnswer(tuple(before.terminal for before, after in moved if after != before))


def report_flow(command: ReportFlow, desk: Desk) -> StateAnswer:
    """The controller says that the first drops have flowed."""
    return StateAnswer(_move(desk, _point(desk, command.terminal), pump.flow).state.value)


def report_fuelling(command: ReportFuelling, desk: Desk) -> StateAnswer:
    """The controller's totals: the fuelling becomes a basket of its own that waits for its money.

    Nothing is owed for a fuelling that rounds to no money; the point just becomes free.
    """
    before = _point(desk, command.terminal)
    point = pump.finish(before, command.volume_ml)
    if point.amount_cents == 0 or point.grade is None:
        _record(desk, point)
        return StateAnswer(point.state.value)
    basket = _open_fuel_basket(desk, point, point.grade)
    start_tender(desk, basket, TenderKind.CASH)
    _record(desk, pump.with_unpaid(point, basket.basket_id))
    return StateAnswer(point.state.value)


def _open_fuel_basket(desk: Desk, point: FuellingPoint, grade: pump.Grade) -> Basket:
    basket_id = desk.new_id()
    # The grade may have left the catalog while it flowed; what is in the tank must still be paid.
    item = desk.repositories.item(grade.item_id) or Item(item_id=grade.item_id, name=grade.name, kind=ItemKind.FUEL)
    line = baskets.fuel_line(item, desk.policy, volume_ml=point.volume_ml, unit_price_mills=grade.unit_price_mills)
    day = open_day(desk)
    basket = Basket(
        basket_id=basket_id,
        terminal=point.terminal,
        lines=(line,),
        totals=baskets.sum_up([line]),
        opened_at=desk.now_ms,
        day=day,
    )
    desk.record(
        FuellingFinished(
            terminal=point.terminal,
            basket_id=basket_id,
            transaction=point.transaction,
            grade_id=grade.item_id,
            volume_ml=point.volume_ml,
            unit_price_mills=grade.unit_price_mills,
            amount_cents=point.amount_cents,
        )
    )
    desk.record(BasketOpened(terminal=point.terminal, basket_id=basket_id, day=day, opened_at=desk.now_ms))
    desk.record(ItemScanned(terminal=point.terminal, basket_id=basket_id, line=line, totals=basket.totals))
    return basket


def _point(desk: Desk, terminal: str) -> FuellingPoint:
    point = desk.repositories.point(terminal)
    if point is None:
        raise NotFound(f"{terminal} is not a fuelling point. Nothing was changed.", terminal=terminal)
    return point


def _move(desk: Desk, point: FuellingPoint, change: Callable[[FuellingPoint], FuellingPoint]) -> FuellingPoint:
    after = change(point)
    if after != point:
        _record(desk, after)
    return after


def _record(desk: Desk, point: FuellingPoint) -> None:
    desk.record(PumpMoved(terminal=point.terminal, point=point))


def _resolve_call(desk: Desk, point: FuellingPoint, outcome: Outcome) -> None:
    for call in desk.repositories.open_interventions(point.terminal, InterventionKind.PUMP_CALL):
        resolve(desk, call, outcome)
