"""Cars, carhops and cooks: from the first touch of a stall to the food at the window."""

import pytest
from builders import BREAD, BURGER, COLA, MILK, an_item
from msgspec.structs import replace
from shop import Cook, Lane, Person, Shop, Stall, refused

from kiosk_server.domain.kitchen import Event, State, Ticket


def order(stall: Stall) -> str:
    stall.picks(BURGER, "cheese", "bacon")
    stall.picks(COLA, "small")
    basket_id: str = stall.orders()["basket_id"]
    return basket_id


def ticket_of(shop: Shop, basket_id: str) -> Ticket:
    ticket = shop.ticket_of(basket_id)
    assert ticket is not None
    return ticket


def test_car_orders_pays_and_is_served(shop: Shop, stall7: Stall, attendant: Person, cook: Cook) -> None:
    assert stall7.arrives() == "arrived"
    with shop.changes_nothing():
        assert stall7.arrives() == "arrived"
    stall7.picks(BURGER, "cheese", "bacon")
    with shop.changes_nothing():
        assert stall7.arrives() == "ordering"
    with shop.records("tender_started", "intervention_raised", "order_placed", "terminal_moved"):
        asked = stall7.orders()
    with shop.changes_nothing():
        assert stall7.orders() == asked
    assert (asked["due_cents"], stall7.state) == (860, "ordered")
    assert shop.ticket_of(asked["basket_id"]) is None, "nothing is cooked before it is paid or released"

    with shop.records("basket_paid", "intervention_resolved", "ticket_fired", "terminal_moved"):
        attendant.takes_cash(asked["basket_id"], 900)
    ticket = ticket_of(shop, asked["basket_id"])
    assert (ticket.number, ticket.state, stall7.state) == (1, State.NEW, "paid")
    assert ticket.lines[0].modifiers == ("cheese", "bacon")

    assert cook.moves(ticket, Event.START) == "in_progress"
    assert cook.moves(ticket, Event.BUMP) == "ready"
    with shop.records("ticket_moved", "terminal_moved"):
        cook.moves(ticket, Event.HAND_OVER)
    assert stall7.state == "served"
    assert stall7.finishes() == "free"
    assert not stall7.has_basket


def test_released_order_is_cooked_then_paid(shop: Shop, stall7: Stall, attendant: Person, cook: Cook) -> None:
    basket_id = order(stall7)
    with shop.records("order_released", "ticket_fired"):
        first = attendant.releases(basket_id)
    with shop.changes_nothing():
        assert attendant.releases(basket_id) == first
        with refused("wrong_state"):
            stall7.goes_back()

    ticket = ticket_of(shop, basket_id)
    cook.moves(ticket, Event.BUMP)
    with shop.records("ticket_moved"):
        cook.moves(ticket, Event.HAND_OVER)
    assert stall7.state == "ordered", "fed, but not paid"

    with shop.records("basket_paid", "intervention_resolved", "terminal_moved"):
        attendant.takes_cash(basket_id)
    assert stall7.state == "served", "paid and fed: nobody comes any more"
    with shop.changes_nothing():
        attendant.releases(basket_id)


def test_order_without_anything_to_cook_is_served_once_paid(shop: Shop, stall7: Stall, attendant: Person) -> None:
    stall7.picks(MILK)
    basket_id = stall7.orders()["basket_id"]
    assert attendant.releases(basket_id) == {"ticket_id": None, "number": None}
    attendant.takes_cash(basket_id)
    assert stall7.state == "served"
    assert shop.ticket_of(basket_id) is None


def test_customer_takes_the_order_back_and_changes_it(shop: Shop, stall7: Stall) -> None:
    order(stall7)
    with shop.changes_nothing(), refused("wrong_state", state="ordered"):
        stall7.picks(COLA, "large")
    with shop.records("tender_left", "intervention_resolved", "terminal_moved"):
        stall7.goes_back()
    with shop.changes_nothing():
        stall7.goes_back()
    stall7.voids(1)
    assert stall7.orders()["due_cents"] == 250


def test_order_more_waits_until_the_food_is_here(shop: Shop, stall7: Stall, attendant: Person, cook: Cook) -> None:
    basket_id = order(stall7)
    attendant.takes_cash(basket_id)
    with shop.changes_nothing():
        with refused("wrong_state", state="paid"):
            stall7.picks(COLA, "large")
        with refused("illegal_transition"):
            stall7.finishes()
    cook.moves(ticket_of(shop, basket_id), Event.BUMP)
    cook.moves(ticket_of(shop, basket_id), Event.HAND_OVER)
    stall7.picks(COLA, "large")
    assert (stall7.state, stall7.basket.totals.total_cents) == ("ordering", 330)


def test_two_cooks_bump_at_once_and_one_counts(shop: Shop, stall7: Stall, attendant: Person, cook: Cook) -> None:
    basket_id = order(stall7)
    attendant.takes_cash(basket_id)
    ticket = ticket_of(shop, basket_id)
    second = Cook(shop, "kitchen2")
    with shop.records("ticket_moved"):
        assert cook.moves(ticket, Event.BUMP) == "ready"
    with shop.changes_nothing():
        assert second.moves(ticket, Event.BUMP) == "ready"
    cook.moves(ticket, Event.HAND_OVER)
    with shop.changes_nothing(), refused("illegal_transition", state="handed_over"):
        second.moves(ticket, Event.BUMP)


def test_cook_cannot_void_an_order(shop: Shop, stall7: Stall, attendant: Person, cook: Cook) -> None:
    basket_id = order(stall7)
    attendant.releases(basket_id)
    with shop.changes_nothing(), refused("forbidden"):
        cook.moves(ticket_of(shop, basket_id), Event.VOID)


def test_voiding_a_released_order_stops_the_kitchen(shop: Shop, stall7: Stall, attendant: Person) -> None:
    basket_id = order(stall7)
    attendant.releases(basket_id)
    with shop.records("basket_voided", "intervention_resolved", "ticket_moved", "terminal_moved"):
        attendant.voids(basket_id)
    assert ticket_of(shop, basket_id).state is State.VOIDED
    assert stall7.state == "free"


def test_food_that_is_ready_stays_ready_when_its_order_is_voided(
    shop: Shop, stall7: Stall, attendant: Person, cook: Cook
) -> None:
    basket_id = order(stall7)
    attendant.releases(basket_id)
    cook.moves(ticket_of(shop, basket_id), Event.BUMP)
    attendant.voids(basket_id)
    assert ticket_of(shop, basket_id).state is State.READY


def test_recalled_ticket_does_not_serve_the_next_car(shop: Shop, stall7: Stall, attendant: Person, cook: Cook) -> None:
    first = order(stall7)
    attendant.takes_cash(first)
    ticket = ticket_of(shop, first)
    for event in (Event.BUMP, Event.HAND_OVER, Event.RECALL):
        cook.moves(ticket, event)
    second = order(stall7)
    attendant.takes_cash(second)

    cook.moves(ticket, Event.BUMP)
    with shop.records("ticket_moved"):
        cook.moves(ticket, Event.HAND_OVER)
    assert stall7.state == "paid", "the second car still waits"


def test_ticket_numbers_begin_again_each_day(shop: Shop, stall7: Stall, attendant: Person, cook: Cook) -> None:
    numbers = []
    for hours in (0, 1, 23):
        shop.clock.passes(hours * 3_600_000)
        basket_id = order(stall7)
        attendant.takes_cash(basket_id)
        ticket = ticket_of(shop, basket_id)
        numbers.append(ticket.number)
        cook.moves(ticket, Event.BUMP)
        cook.moves(ticket, Event.HAND_OVER)
    assert numbers == [1, 2, 1]
    assert shop.events().count("day_opened") == 2


def test_clock_set_back_opens_no_earlier_day(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    shop.clock.passes(-3 * 86_400_000)
    receipt = attendant.takes_cash(lane3.pays()["basket_id"])
    assert receipt.day == "2026-11-20"


@pytest.mark.parametrize(
    ("chosen", "refusal"),
    [
        ((), "out_of_range"),
        (("small", "large"), "out_of_range"),
        (("small", "small"), "out_of_range"),
        (("huge",), "not_found"),
    ],
)
def test_stall_refuses_choices_that_the_menu_does_not_allow(
    shop: Shop, stall7: Stall, chosen: tuple[str, ...], refusal: str
) -> None:
    with shop.changes_nothing(), refused(refusal):
        stall7.picks(COLA, *chosen)


def test_equal_choices_stay_lines_of_their_own(stall7: Stall) -> None:
    stall7.picks(COLA, "small")
    stall7.picks(COLA, "small")
    assert [line.quantity for line in stall7.basket.lines] == [1, 1]


def test_car_leaves_without_ordering(stall7: Stall) -> None:
    stall7.arrives()
    assert stall7.finishes() == "free"
    assert stall7.finishes() == "free"
    stall7.picks(BURGER)
    stall7.voids(1)
    assert stall7.finishes() == "free"
    assert not stall7.has_basket


def test_order_that_is_not_at_a_stall_is_not_released(
    shop: Shop, lane3: Lane, stall7: Stall, attendant: Person
) -> None:
    lane3.scans(BREAD)
    lane3.pays()
    stall7.picks(BURGER)
    with shop.changes_nothing():
        with refused("wrong_state"):
            attendant.releases(lane3.basket.basket_id)
        with refused("wrong_state", state="open"):
            attendant.releases(stall7.basket.basket_id)
        with refused("not_found"):
            attendant.releases("nothing")


def test_unknown_ticket_is_not_found(attendant: Person) -> None:
    with refused("not_found"):
        attendant.bumps("nothing")


def test_more_than_an_item_allows_is_not_counted_up_either(shop: Shop, stall7: Stall) -> None:
    shop.stocks([an_item("lighter", max_quantity=2)])
    stall7.picks(an_item("lighter"))
    stall7.changes(1, 2)
    with shop.changes_nothing(), refused("out_of_range", reason="max_quantity", quantity=3, limit=2):
        stall7.changes(1, 3)
    assert stall7.changes(1, 1)["line"]["quantity"] == 1


def test_what_is_recalled_before_it_is_ordered_is_not_sold(shop: Shop, stall7: Stall) -> None:
    stall7.picks(MILK)
    shop.stocks([replace(MILK, is_withdrawn=True)])
    with shop.changes_nothing(), refused("not_for_sale", reason="withdrawn", line_id=1):
        stall7.orders()
