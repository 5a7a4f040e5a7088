"""Fuelling points: called, authorised, fuelled, stopped, paid; and the forecourt controller's word on the meter."""

import itertools

import pytest
from builders import a_fuel
from shop import Actor, Person, Pump, Shop, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain.pump import State


def test_customer_fuels_and_pays(shop: Shop, pump1: Pump, attendant: Person) -> None:
    with shop.records("pump_moved", "intervention_raised"):
        assert pump1.lifts() == "calling"
    with shop.changes_nothing():
        assert pump1.lifts() == "calling", "a second report of the same gesture"
    with shop.records("pump_moved", "intervention_resolved"):
        assert attendant.authorises("pump1") == "started"
    assert pump1.flows() == "fuelling"
    with shop.records("pump_moved", "nozzle_hung"):
        assert pump1.hangs() == "fuelling", "the totals are awaited"
    with shop.changes_nothing():
        assert pump1.hangs() == "fuelling"
    with shop.records(
        "day_opened",
        "fuelling_finished",
        "basket_opened",
        "item_scanned",
        "tender_started",
        "intervention_raised",
        "pump_moved",
    ):
        assert pump1.reports(31_415) == "idle"

    (basket_id,) = pump1.point.unpaid
    (line,) = shop.basket(basket_id).lines
    assert (line.volume_ml, line.unit_price_mills, line.total_cents) == (31_415, 1799, 5652)
    assert [row.amount_cents for row in shop.inbox()] == [5652]
    assert pump1.point.transaction == 1

    with shop.records("basket_paid", "intervention_resolved", "pump_moved"):
        receipt = attendant.takes_cash(basket_id, 6000)
    assert (receipt.total_cents, receipt.change_cents) == (5652, 348)
    assert pump1.point.unpaid == ()
    assert shop.inbox() == ()


def test_customer_hangs_up_without_fuelling(shop: Shop, pump1: Pump) -> None:
    pump1.lifts()
    with shop.records("pump_moved", "intervention_resolved"):
        assert pump1.hangs() == "idle"
    with shop.changes_nothing():
        assert pump1.hangs() == "idle"
    assert pump1.point.transaction == 0


def test_authorised_pump_starts_with_the_nozzle_and_keeps_its_limit(pump1: Pump, attendant: Person) -> None:
    assert attendant.authorises("pump1", 2000) == "authorised"
    assert pump1.lifts() == "started"
    assert pump1.point.limit_cents == 2000
    pump1.hangs()
    assert pump1.point.limit_cents is None, "the next customer does not inherit it"


def test_pump_takes_two_unpaid_fuellings_and_no_third(shop: Shop, pump1: Pump, attendant: Person) -> None:
    first = pump1.fuels(attendant)
    pump1.fuels(attendant)
    pump1.lifts()
    with shop.changes_nothing(), refused("wrong_state", limit=2):
        attendant.authorises("pump1")
    attendant.takes_cash(first)
    assert attendant.authorises("pump1") == "started"


def test_price_change_takes_effect_at_the_next_transaction(shop: Shop, pump1: Pump, attendant: Person) -> None:
    pump1.lifts()
    attendant.authorises("pump1")
    shop.stocks([a_fuel("diesel", 9999)])
    pump1.flows()
    pump1.hangs()
    pump1.reports(10_000)
    assert shop.basket(pump1.point.unpaid[0]).totals.total_cents == 1799
    pump1.lifts()
    assert pump1.point.grade is not None
    assert pump1.point.grade.unit_price_mills == 9999


def test_report_repeated_with_its_key_bills_once(shop: Shop, pump1: Pump, attendant: Person) -> None:
    pump1.lifts()
    attendant.authorises("pump1")
    pump1.flows()
    pump1.hangs()
    pump1.reports(10_000, key="pump1-1")
    with shop.changes_nothing():
        pump1.reports(10_000, key="pump1-1")
        with refused("wrong_state", state="idle"):
            pump1.reports(10_000)


def test_meter_counts_even_if_the_first_drops_were_never_reported(pump1: Pump, attendant: Person) -> None:
    pump1.lifts()
    attendant.authorises("pump1")
    pump1.reports(5_000)
    assert (pump1.state, len(pump1.point.unpaid), pump1.point.transaction) == ("idle", 1, 1)


def test_drops_that_flowed_as_the_stop_came_are_counted(pump1: Pump, attendant: Person) -> None:
    pump1.lifts()
    attendant.authorises("pump1")
    attendant.does(c.StopPump(terminal="pump1"))
    assert pump1.flows() == "suspended_fuelling"


def test_fuelling_of_nothing_owes_nothing(shop: Shop, pump1: Pump, attendant: Person) -> None:
    pump1.lifts()
    attendant.authorises("pump1")
    pump1.flows()
    pump1.hangs()
    with shop.records("pump_moved"):
        pump1.reports(0)
    assert (pump1.state, pump1.point.unpaid, pump1.point.is_hung) == ("idle", (), False)


def bring_to(pump: Pump, attendant: Person, manager: Person, state: State) -> None:
    """By the shortest way of real commands."""
    if state is State.CLOSED:
        manager.does(c.CloseTerminal(terminal=pump.name))
    elif state is State.AUTHORISED:
        attendant.authorises(pump.name)
    elif state is not State.IDLE:
        pump.lifts()
        if state is not State.CALLING:
            attendant.authorises(pump.name)
        if state in {State.FUELLING, State.SUSPENDED_FUELLING}:
            pump.flows()
        if state in {State.SUSPENDED_STARTED, State.SUSPENDED_FUELLING}:
            attendant.does(c.StopPump(terminal=pump.name))
    assert pump.state == state


AFTER_STOP = {
    State.CLOSED: State.CLOSED,
    State.IDLE: State.IDLE,
    State.CALLING: State.CALLING,
    State.AUTHORISED: State.IDLE,
    State.STARTED: State.SUSPENDED_STARTED,
    State.SUSPENDED_STARTED: State.SUSPENDED_STARTED,
    State.FUELLING: State.SUSPENDED_FUELLING,
    State.SUSPENDED_FUELLING: State.SUSPENDED_FUELLING,
}


@pytest.mark.parametrize(("before", "after"), AFTER_STOP.items())
def test_stop_is_never_refused(
    shop: Shop, pump1: Pump, attendant: Person, manager: Person, before: State, after: State
) -> None:
    bring_to(pump1, attendant, manager, before)
    assert attendant.does(c.StopPump(terminal="pump1")) == {"state": after.value}
    with shop.changes_nothing():
        attendant.does(c.StopPump(terminal="pump1"))


def test_emergency_stop_stops_every_pump_whatever_it_does(shop: Shop, attendant: Person, manager: Person) -> None:
    pumps = [Pump(shop, f"pump{number}") for number, _ in enumerate(AFTER_STOP)]
    for pump, state in zip(pumps, AFTER_STOP, strict=True):
        bring_to(pump, attendant, manager, state)

    stopped = attendant.does(c.StopAllPumps())["stopped"]

    assert [pump.state for pump in pumps] == [state.value for state in AFTER_STOP.values()]
    assert list(stopped) == [
        pump.name for pump, (before, after) in zip(pumps, AFTER_STOP.items(), strict=True) if before is not after
    ]
    with shop.changes_nothing():
        assert not attendant.does(c.StopAllPumps())["stopped"]


def test_stopped_fuelling_goes_on_and_is_billed_whole(shop: Shop, pump1: Pump, attendant: Person) -> None:
    pump1.lifts()
    attendant.authorises("pump1")
    pump1.flows()
    attendant.does(c.StopPump(terminal="pump1"))
    assert attendant.does(c.ResumePump(terminal="pump1")) == {"state": "fuelling"}
    pump1.hangs()
    pump1.reports(10_000)
    assert shop.basket(pump1.point.unpaid[0]).totals.total_cents == 1799


def test_pump_refuses_what_it_cannot_do(shop: Shop, pump1: Pump, attendant: Person, manager: Person) -> None:
    with shop.changes_nothing():
        with refused("not_found"):
            pump1.lifts("milk")
        with refused("illegal_transition", state="idle"):
            attendant.does(c.ResumePump(terminal="pump1"))
        with refused("out_of_range"):
            attendant.authorises("pump1", 0)
        with refused("not_found"):
            attendant.authorises("pump9")
        with refused("illegal_transition"):
            pump1.flows()
    manager.does(c.CloseTerminal(terminal="pump1"))
    with refused("wrong_state", state="closed"):
        pump1.lifts()


def test_other_terminals_are_no_fuelling_points(shop: Shop, lane3: Actor, attendant: Person) -> None:
    with shop.changes_nothing(), refused("not_found", terminal="lane3"):
        attendant.authorises("lane3")


def test_drive_off_is_voided_and_leaves_the_inbox(shop: Shop, pump1: Pump, attendant: Person) -> None:
    basket_id = pump1.fuels(attendant)
    with shop.records("basket_voided", "intervention_resolved", "pump_moved"):
        attendant.voids(basket_id, "drove off")
    assert (pump1.point.unpaid, shop.inbox()) == ((), ())


def test_transactions_count_up(pump1: Pump, attendant: Person) -> None:
    for number in itertools.islice(itertools.count(1), 3):
        attendant.takes_cash(pump1.fuels(attendant))
        assert pump1.point.transaction == number
