"""A fuelling point as a value: what each gesture leaves behind, from every state it may meet."""

import pytest
from builders import a_grade, a_point

from kiosk_server.domain import pump
from kiosk_server.domain.errors import IllegalTransition, WrongState
from kiosk_server.domain.pump import State

STOPPED = {
    State.AUTHORISED: State.IDLE,
    State.STARTED: State.SUSPENDED_STARTED,
    State.FUELLING: State.SUSPENDED_FUELLING,
}


@pytest.mark.parametrize("state", State)
def test_stop_works_from_any_state_and_twice(state: State) -> None:
    point = pump.stop(a_point(state=state))
    assert point.state is STOPPED.get(state, state)
    assert pump.stop(point) == point


@pytest.mark.parametrize("state", State)
def test_stopped_point_never_delivers_without_staff(state: State) -> None:
    """From where a stop leaves a point, customer and controller alone cannot make it deliver."""
    reached, waiting = set(), [pump.stop(a_point(state=state)).state]
    while waiting:
        reached.add(now := waiting.pop())
        gestures = (pump.Event.LIFT, pump.Event.HANG, pump.Event.FLOW, pump.Event.FAIL)
        found = {pump.MACHINE.next(now, event) for event in gestures if pump.MACHINE.allows(now, event)}
        waiting.extend(found - reached)
    assert not reached & {State.STARTED, State.FUELLING, State.AUTHORISED}


@pytest.mark.parametrize("state", sorted(set(State) - pump.UNDER_WAY))
def test_totals_of_no_fuelling_are_refused(state: State) -> None:
    with pytest.raises(WrongState):
        pump.finish(a_point(state=state, grade=a_grade()), 1000)


@pytest.mark.parametrize("state", sorted(pump.UNDER_WAY))
@pytest.mark.parametrize("volume_ml", [0, 1, 20_000])
def test_totals_end_every_fuelling(state: State, volume_ml: int) -> None:
    before = a_point(state=state, grade=a_grade(), transaction=4, limit_cents=5000, is_hung=True)
    point = pump.finish(before, volume_ml)
    is_new = volume_ml > 0 and state not in pump.HAS_FLOWED
    assert (point.state, point.volume_ml, point.transaction) == (State.IDLE, volume_ml, 5 if is_new else 4)
    assert (point.limit_cents, point.is_hung) == (None, False)


def test_limit_is_kept_from_authorised_to_lifted_and_not_longer() -> None:
    point = pump.lift(pump.authorise(a_point(), 2000, 2), a_grade())
    assert (point.state, point.limit_cents) == (State.STARTED, 2000)
    assert pump.hang(point).limit_cents is None
    assert pump.stop(pump.authorise(a_point(), 2000, 2)).limit_cents is None


def test_unpaid_fuellings_are_counted() -> None:
    point = pump.with_unpaid(pump.with_unpaid(a_point(), "b1"), "b2")
    with pytest.raises(WrongState):
        pump.authorise(point, None, 2)
    assert pump.authorise(pump.without_unpaid(point, "b1"), None, 2).unpaid == ("b2",)
    assert pump.without_unpaid(point, "b9") == point


def test_nozzle_is_not_lifted_while_fuel_flows() -> None:
    with pytest.raises(IllegalTransition):
        pump.lift(a_point(state=State.FUELLING), a_grade())
