"""What a reader's words do to a payment, what is due after it, and coins that exist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk_server.domain.payment import (
    LATE,
    MACHINE,
    SAFE,
    UNSETTLED,
    WAITING,
    Event,
    Payment,
    State,
    TenderKind,
    cash_due_cents,
    cash_step_cents,
    due_cents,
    hear,
    tenders_of,
    waiting_of,
    with_payment,
)
from kiosk_server.domain.policy import CardRules, Policy

WORDS = [event for event in Event if event not in {Event.CAPTURE, Event.REVERSE}]
words = st.lists(st.sampled_from(WORDS), max_size=12)
states = st.sampled_from(list(State))


def a_payment(state: State = State.ASKED, amount_cents: int = 500, payment_id: str = "p1") -> Payment:
    return Payment(payment_id=payment_id, kind=TenderKind.CARD, amount_cents=amount_cents, state=state)


@given(states, words)
def test_word_that_is_repeated_changes_nothing_more(state: State, said: list[Event]) -> None:
    payment = a_payment(state)
    for word in said:
        payment = hear(payment, word)
        if payment.state is not State.REVERSING:
            assert hear(payment, word) == payment


@given(states, words)
def test_reader_alone_never_takes_back_what_is_safe_nor_pays_what_was_reversed(state: State, said: list[Event]) -> None:
    """Only the store captures and reverses; what was given back stays given back."""
    payment = a_payment(state)
    for word in said:
        before = payment.state
        payment = hear(payment, word)
        if before in {State.AUTHORISED, State.CAPTURED, State.REVERSED}:
            assert payment.state is before
        assert not (before is State.REVERSING and payment.state in SAFE | WAITING)


@pytest.mark.parametrize("state", sorted(UNSETTLED))
@pytest.mark.parametrize("event", [Event.AUTHORISE, Event.DECLINE, Event.CANCEL, Event.TIME_OUT, Event.GIVE_BACK])
def test_every_last_word_settles_what_it_can(state: State, event: Event) -> None:
    after = hear(a_payment(state), event).state
    if state is State.REVERSING and event is Event.AUTHORISE:
        assert after is State.REVERSING, "approved is what is being reversed"
    elif event is Event.GIVE_BACK and state is not State.REVERSING:
        assert after is state, "nobody asked for that"
    else:
        assert after not in UNSETTLED


@pytest.mark.parametrize("state", sorted(LATE))
def test_money_taken_after_all_goes_back_but_a_late_refund_is_left_to_people(state: State) -> None:
    assert hear(a_payment(state), Event.AUTHORISE).state is State.REVERSING
    refund = a_payment(state, amount_cents=-500)
    assert hear(refund, Event.AUTHORISE) == refund


@pytest.mark.parametrize("state", list(State))
def test_store_calls_off_whatever_may_hold_money(state: State) -> None:
    may_hold = state in WAITING or state is State.AUTHORISED
    assert MACHINE.allows(state, Event.REVERSE) == may_hold


@given(st.integers(0, 100_000), st.lists(st.tuples(states, st.integers(1, 50_000)), max_size=5))
def test_only_what_is_safe_is_no_longer_due(total_cents: int, paid: list[tuple[State, int]]) -> None:
    payments: tuple[Payment, ...] = ()
    for number, (state, cents) in enumerate(paid):
        payments = with_payment(payments, a_payment(state, cents, f"p{number}"))
    safe = sum(cents for state, cents in paid if state in SAFE)
    assert due_cents(total_cents, payments) == total_cents - safe
    waiting = waiting_of(payments)
    assert (waiting is None) == all(state not in WAITING for state, _ in paid)


def test_payment_that_moves_keeps_its_place() -> None:
    first, second = a_payment(payment_id="p1"), a_payment(payment_id="p2")
    moved = hear(first, Event.AUTHORISE)
    assert with_payment((first, second), moved) == (moved, second)


@given(st.integers(-1_000_000, 1_000_000), st.sampled_from([1, 5, 10, 50, 100, 500]))
def test_coins_are_the_nearest_that_exist(cents: int, step: int) -> None:
    coins = cash_due_cents(cents, step)
    assert coins % step == 0
    assert 2 * abs(coins - cents) <= step
    assert cash_due_cents(-cents, step) == -coins, "what comes back is rounded like what was paid"


@pytest.mark.parametrize(
    ("currency", "rounding", "step"),
    [("EUR", 0, 1), ("CHF", 0, 5), ("SEK", 0, 100), ("EUR", 5, 5), ("CHF", 10, 10)],
)
def test_smallest_coin_is_the_currencys_or_the_stores(currency: str, rounding: int, step: int) -> None:
    assert cash_step_cents(Policy(currency=currency, cash_rounding_cents=rounding)) == step


@pytest.mark.parametrize(
    ("readers", "has_card"),
    [
        ({}, False),
        ({"lane": "virtual"}, True),
        ({"lane": "virtual", "L1": "none"}, False),
        ({"*": "virtual", "lane": "none"}, False),
        ({"lane": "none", "L1": "virtual"}, True),
        ({"L2": "virtual"}, False),
    ],
)
def test_card_is_offered_where_a_reader_stands(readers: dict[str, str], has_card: bool) -> None:
    offered = tenders_of(Policy(cards=CardRules(by_terminal=readers)), "L1", "lane")
    assert (TenderKind.CARD in offered) == has_card
    assert offered[-2:] == (TenderKind.CASH, TenderKind.GIFT)
