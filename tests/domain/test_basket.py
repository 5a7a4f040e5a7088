"""Baskets under any order of gestures: the total is the sum of the lines, never negative, the same in every order."""

from typing import Any

import pytest
from builders import (
    BANANAS,
    BREAD,
    BULB,
    BURGER,
    COLA,
    DIESEL,
    MILK,
    POLICY,
    UNPRICED,
    a_basket,
    a_fuel,
    a_group,
    a_line,
    a_menu_item,
    a_modifier,
    an_item,
)
from hypothesis import given
from hypothesis import strategies as st

from kiosk_server.domain import basket as baskets
from kiosk_server.domain.basket import MAX_LINES, MAX_QUANTITY, Basket, Event, State
from kiosk_server.domain.catalog import ItemKind, choose, faults
from kiosk_server.domain.errors import BasketEmpty, NotForSale, NotFound, OutOfRange, WrongState
from kiosk_server.domain.kitchen import kitchen_lines
from kiosk_server.domain.money import MAX_CENTS
from kiosk_server.domain.payment import Payment
from kiosk_server.domain.payment import State as PaymentState
from kiosk_server.domain.pricing import piece_cents
from kiosk_server.domain.tender import TenderKind, pay

SHELF = [MILK, BREAD, BULB, BANANAS]
GESTURES = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(SHELF), st.integers(1, MAX_QUANTITY)),
        st.tuples(st.just("change"), st.integers(1, 8), st.integers(1, MAX_QUANTITY)),
        st.tuples(st.just("void"), st.integers(1, 8), st.none()),
    ),
    max_size=40,
)


def after(gestures: list[Any], basket: Basket | None = None) -> Basket:
    """The basket after these gestures; those that are refused change nothing."""
    basket = basket or a_basket()
    for name, what, how_many in gestures:
        before = basket
        try:
            if name == "add":
                basket, _ = baskets.add(basket, what, POLICY, how_many)
            elif name == "change":
                basket, _ = baskets.change_quantity(basket, what, how_many)
            else:
                basket, _ = baskets.void_line(basket, what)
        except (NotFound, OutOfRange, WrongState):
            assert basket is before
    return basket


@given(GESTURES)
def test_total_is_the_sum_of_the_lines_whatever_is_done(gestures: list[Any]) -> None:
    basket = after(gestures)
    counted = [line for line in basket.lines if not line.is_voided]
    assert basket.totals.total_cents == sum(line.quantity * line.unit_price_cents for line in counted)
    assert basket.totals.items == sum(line.quantity for line in counted)
    assert basket.totals.due_cents == basket.totals.total_cents >= 0
    assert [line.line_id for line in basket.lines] == list(range(1, len(basket.lines) + 1)), "numbers are never reused"
    assert all(1 <= line.quantity <= MAX_QUANTITY for line in basket.lines)
    assert baskets.is_empty(basket) == (not counted)


@given(st.lists(st.tuples(st.just("add"), st.sampled_from(SHELF), st.integers(1, 20)), max_size=30), st.randoms())
def test_order_of_scanning_does_not_matter(scans: list[Any], random: Any) -> None:
    shuffled = list(scans)
    random.shuffle(shuffled)
    one, other = after(scans), after(shuffled)
    assert one.totals == other.totals
    assert {line.item_id: line.quantity for line in one.lines} == {line.item_id: line.quantity for line in other.lines}
    assert len(one.lines) == len({item.item_id for _, item, _ in scans}), "one line an item"


@given(GESTURES)
def test_operations_never_touch_the_basket_they_were_given(gestures: list[Any]) -> None:
    basket = a_basket(a_line())
    after(gestures, basket)
    assert basket == a_basket(a_line())


@given(GESTURES.filter(lambda gestures: any(name == "add" for name, _, _ in gestures)), st.integers(0, 10_000))
def test_receipt_adds_up(gestures: list[Any], extra_cents: int) -> None:
    basket = baskets.move(after(gestures), Event.TENDER)
    received = basket.totals.due_cents + extra_cents
    cash = Payment(
        payment_id="p1",
        kind=TenderKind.CASH,
        amount_cents=basket.totals.due_cents,
        state=PaymentState.AUTHORISED,
        received_cents=received,
        change_cents=extra_cents,
    )
    receipt = pay(basket, (cash,), number=7, day="2026-11-20", paid_at=1, by="Ada")
    assert receipt.total_cents + receipt.change_cents == receipt.received_cents
    assert sum(tax.gross_cents for tax in receipt.taxes) == receipt.total_cents
    assert receipt.lines == basket.lines, "what was taken back stays on record"


def test_changed_price_begins_a_new_line() -> None:
    basket, _ = baskets.add(a_basket(), MILK, POLICY)
    basket, line = baskets.add(basket, an_item(MILK.item_id, price_cents=139, tax_class="reduced"), POLICY)
    assert (line.line_id, basket.totals.total_cents) == (2, 268)


def test_choices_keep_lines_apart_and_are_priced_by_the_piece() -> None:
    chosen = choose(BURGER, ["cheese", "bacon"])
    basket, line = baskets.add(a_basket(), BURGER, POLICY, 2, chosen)
    basket, plain = baskets.add(basket, BURGER, POLICY)
    assert (line.total_cents, plain.line_id, basket.totals.total_cents) == (1720, 2, 2370)


def test_choices_never_make_money() -> None:
    assert piece_cents(100, [a_modifier("discount", -150)]) == 0
    assert piece_cents(100, [a_modifier("discount", -150), a_modifier("extra", 70)]) == 20


@pytest.mark.parametrize("item", [UNPRICED, DIESEL, an_item("x", tax_class="luxury")])
def test_basket_refuses_what_is_not_for_sale(item: Any) -> None:
    with pytest.raises(NotForSale):
        baskets.add(a_basket(), item, POLICY)


def test_basket_has_limits() -> None:
    with pytest.raises(OutOfRange):
        baskets.add(a_basket(), MILK, POLICY, MAX_QUANTITY + 1)
    with pytest.raises(OutOfRange):
        baskets.add(a_basket(), an_item("gold", price_cents=MAX_CENTS), POLICY, 2)
    rich = a_basket(a_line(unit_price_cents=MAX_CENTS, total_cents=MAX_CENTS))
    with pytest.raises(OutOfRange):
        baskets.add(rich, MILK, POLICY)
    full = a_basket(*(a_line(number, item_id=f"i{number}") for number in range(1, MAX_LINES + 1)))
    with pytest.raises(OutOfRange):
        baskets.add(full, BREAD, POLICY)
    assert baskets.add(full, an_item("i1", price_cents=129, tax_class="reduced"), POLICY)[1].quantity == 2


@pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
def test_basket_that_is_not_open_keeps_its_lines(state: State) -> None:
    basket = a_basket(a_line(), state=state, receipt_number=41)
    for change in (
        lambda: baskets.add(basket, MILK, POLICY),
        lambda: baskets.change_quantity(basket, 1, 2),
        lambda: baskets.void_line(basket, 1),
    ):
        with pytest.raises(WrongState) as refusal:
            change()
        assert refusal.value.code == "wrong_state"
        assert refusal.value.details["state"] == state.value
        assert ("41" in refusal.value.message) == (state is State.PAID)


def test_empty_basket_is_not_paid() -> None:
    for basket in (a_basket(), a_basket(a_line(is_voided=True))):
        with pytest.raises(BasketEmpty):
            baskets.check_not_empty(basket)


def test_fuel_line_cannot_be_edited_but_is_exact() -> None:
    line = baskets.fuel_line(DIESEL, POLICY, volume_ml=31_415, unit_price_mills=1799)
    assert (line.total_cents, line.quantity, line.tax_rate_bp) == (5652, 1, 1900)
    with pytest.raises(WrongState):
        baskets.change_quantity(a_basket(line), 1, 2)


def test_kitchen_makes_only_what_is_on_the_menu_and_still_wanted() -> None:
    menu = {"kind": ItemKind.MENU, "name": "Burger"}
    basket = a_basket(a_line(), a_line(2, **menu), a_line(3, is_voided=True, **menu))
    assert [line.line_id for line in kitchen_lines(basket)] == [2]


# -- what may stand in the catalog --


@pytest.mark.parametrize(
    ("ids", "chosen"), [((), ()), (("cheese",), ("cheese",)), (("bacon", "no_onions"), ("no_onions", "bacon"))]
)
def test_choices_come_in_the_order_of_the_menu(ids: tuple[str, ...], chosen: tuple[str, ...]) -> None:
    assert tuple(modifier.modifier_id for modifier in choose(BURGER, ids)) == chosen


@pytest.mark.parametrize(
    ("ids", "refusal"),
    [
        (["cheese", "bacon", "no_onions"], OutOfRange),
        (["cheese", "cheese"], OutOfRange),
        (["large"], NotFound),
    ],
)
def test_choices_beyond_the_menu_are_refused(ids: list[str], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        choose(BURGER, ids)


def test_group_that_must_be_chosen_is_asked_for_by_name() -> None:
    with pytest.raises(OutOfRange) as refusal:
        choose(COLA, [])
    assert refusal.value.details == {
        "item_id": "cola",
        "group_id": "size",
        "at_least": 1,
        "at_most": 1,
        "chosen": 0,
    }


CLASSES = POLICY.tax_rates_bp


@pytest.mark.parametrize("item", [MILK, BREAD, COLA, BURGER, DIESEL, UNPRICED, an_item("free", price_cents=0)])
def test_sound_items_have_no_faults(item: Any) -> None:
    assert faults(item, CLASSES) == []


@pytest.mark.parametrize(
    "item",
    [
        an_item("x", name=""),
        an_item("x", name="   "),
        an_item("x", name="a" * 201),
        an_item("x", name="bell\x07"),
        an_item("x", price_cents=-1),
        an_item("x", price_cents=10_000_001),
        an_item("x", tax_class="luxury"),
        an_item("x", unit_price_mills=1799),
        an_item("x" * 65),
        an_item("ö"),
        an_item(""),
        a_fuel("x", 0),
        a_menu_item("x", modifier_groups=(a_group(a_modifier("a"), at_least=2, at_most=2),)),
        a_menu_item("x", modifier_groups=(a_group(a_modifier("a"), at_least=1, at_most=0),)),
        a_menu_item("x", modifier_groups=(a_group(a_modifier("a")), a_group(a_modifier("a"), group_id="two"))),
    ],
)
def test_unsound_items_are_told_why(item: Any) -> None:
    assert len(faults(item, CLASSES)) == 1
