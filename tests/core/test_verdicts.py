"""Verdicts: who may say them, who was faster, what is left to look at afterwards, and what has gone meanwhile."""

import pytest
from builders import BREAD, MILK, an_item
from shop import Lane, Person, Shop, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain.basket import State
from kiosk_server.domain.commands.payments import PaymentOutcome
from kiosk_server.domain.intervention import RULES, Effect, Intervention, InterventionKind, Outcome
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.domain.tender import TenderKind

READER = Identity(name="reader", role=Role.DRIVER)
WINE = an_item("wine", name="Wine", code="9001", price_cents=899, minimum_age=18)
BEER = an_item("beer", name="Beer", code="9002", price_cents=149, minimum_age=16)
SUGAR = an_item("sugar", name="Sugar", code="9003", price_cents=99, max_quantity=2)
TELEVISION = an_item("television", name="Television", code="9004", price_cents=49_900)


@pytest.fixture
def lane3(shop: Shop) -> Lane:
    shop.stocks((WINE, BEER, SUGAR, TELEVISION))
    return Lane(shop, "lane3")


@pytest.fixture
def cashier(shop: Shop) -> Person:
    return Person(shop, "Cem", Role.CASHIER)


def only_call(shop: Shop) -> Intervention:
    (call,) = shop.inbox()
    return call


def kinds(shop: Shop) -> list[str]:
    return sorted(call.kind.value for call in shop.inbox())


def decide(person: Person, call: Intervention, outcome: Outcome, note: str = "", *, has_seen: bool = True) -> dict:  # type: ignore[type-arg]
    seen = call.evidence if has_seen else None
    answer: dict[str, str] = person.does(
        c.ResolveIntervention(intervention_id=call.intervention_id, outcome=outcome, note=note, seen=seen)
    )
    return answer


# -- two at once --


def test_attendant_claims_and_a_colleague_takes_over(
    shop: Shop, lane3: Lane, attendant: Person, manager: Person
) -> None:
    call_id = lane3.calls()
    with shop.records("intervention_claimed"):
        answer = attendant.does(c.ClaimIntervention(intervention_id=call_id))
    assert answer == {"intervention_id": call_id, "outcome": None, "by": "Ada"}
    with shop.changes_nothing():  # a second tap
        attendant.does(c.ClaimIntervention(intervention_id=call_id))
    manager.does(c.ClaimIntervention(intervention_id=call_id))
    assert only_call(shop).claimed_by == "Mia"


def test_attendant_claims_what_has_ended_and_hears_who_was_faster(
    shop: Shop, lane3: Lane, attendant: Person, manager: Person
) -> None:
    call_id = lane3.calls()
    manager.resolves(call_id)
    with shop.changes_nothing():
        answer = attendant.does(c.ClaimIntervention(intervention_id=call_id))
    assert (answer["outcome"], answer["by"]) == ("done", "Mia")


def test_two_attendants_decide_and_the_first_word_counts(
    shop: Shop, lane3: Lane, attendant: Person, manager: Person
) -> None:
    lane3.scans(WINE)
    call = only_call(shop)
    assert decide(attendant, call, Outcome.APPROVED)["by"] == "Ada"
    with shop.changes_nothing():
        answer = decide(manager, call, Outcome.DENIED, "too young")
    assert (answer["outcome"], answer["by"]) == ("approved", "Ada")
    assert not lane3.basket.lines[0].is_voided
    assert lane3.state == "scanning"


def test_second_click_on_deny_takes_nothing_more(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(SUGAR, quantity=3)
    call = only_call(shop)
    decide(attendant, call, Outcome.DENIED, "limit")
    with shop.changes_nothing():
        decide(attendant, call, Outcome.DENIED, "limit")
    assert lane3.basket.lines[0].quantity == 2


# -- what was seen --


def test_attendant_who_saw_fewer_does_not_approve_more(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(SUGAR, quantity=3)
    stale = only_call(shop)
    lane3.scans(SUGAR, quantity=5)
    with shop.changes_nothing(), refused("wrong_state"):
        decide(attendant, stale, Outcome.APPROVED)
    decide(attendant, only_call(shop), Outcome.APPROVED)
    assert lane3.basket.lines[0].quantity == 8
    assert shop.inbox() == ()


def test_attendant_who_saw_fewer_may_deny(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(SUGAR, quantity=3)
    stale = only_call(shop)
    lane3.scans(SUGAR, quantity=5)
    decide(attendant, stale, Outcome.DENIED)
    assert lane3.basket.lines[0].quantity == 2


# -- what is left to look at --


def test_denied_wine_leaves_beer_to_look_at(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(BEER)
    lane3.scans(WINE)
    assert only_call(shop).evidence.minimum_age == 18
    decide(attendant, only_call(shop), Outcome.DENIED, "under age")
    beer, wine = lane3.basket.lines
    assert wine.is_voided
    assert not beer.is_voided
    assert only_call(shop).evidence.minimum_age == 16, "whoever is not 18 may still not be 16"
    with refused("attendant_needed"):
        lane3.pays()


def test_approved_void_of_the_wine_ends_the_age_check(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(TELEVISION)
    lane3.scans(WINE)
    lane3.voids(1)
    assert kinds(shop) == ["age", "void_above_limit"]
    void = next(call for call in shop.inbox() if call.kind is InterventionKind.VOID_ABOVE_LIMIT)
    decide(attendant, void, Outcome.APPROVED, "display piece")
    assert kinds(shop) == ["age"]
    attendant.does(c.VoidBasketLine(basket_id=lane3.basket.basket_id, line_id=2))
    assert shop.inbox() == ()
    assert lane3.state == "scanning"


def test_approved_void_says_why_in_the_journal(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(TELEVISION)
    lane3.voids(1)
    decide(attendant, only_call(shop), Outcome.APPROVED, "wrong size")
    voided = next(entry for entry in shop.entries() if entry.type == "line_voided")
    assert (voided.event.reason, voided.by) == ("wrong size", "Ada")  # type: ignore[attr-defined]


def test_approved_void_of_the_basket_says_why(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(TELEVISION)
    basket_id = lane3.basket.basket_id
    lane3.voids_all()
    decide(attendant, only_call(shop), Outcome.APPROVED, "no money with them")
    assert shop.basket(basket_id).state is State.VOID
    voided = next(entry for entry in shop.entries() if entry.type == "basket_voided")
    assert voided.event.reason == "no money with them"  # type: ignore[attr-defined]
    assert lane3.state == "attract"


# -- roles and reasons --


def test_every_kind_that_changes_prices_or_takes_back_asks_why() -> None:
    asking = {kind for kind, rule in RULES.items() if rule.needs_note}
    assert asking == {kind for kind, rule in RULES.items() if rule.approved in {Effect.VOID_ASKED, Effect.REPRICE}}, (
        "whoever moves money by a word says why"
    )


@pytest.mark.parametrize("outcome", [Outcome.APPROVED, Outcome.DENIED])
@pytest.mark.parametrize("note", ["", "  "])
def test_cashier_who_does_not_say_why_changes_no_price(
    shop: Shop, lane3: Lane, cashier: Person, outcome: Outcome, note: str
) -> None:
    lane3.scans(BREAD)
    lane3.does(c.AskForPrice(line_id=1, unit_price_cents=199))
    with shop.changes_nothing(), refused("bad_request", kind="price_override"):
        decide(cashier, only_call(shop), outcome, note)


def test_attendant_may_not_decide_about_prices_but_goes_there(
    shop: Shop, lane3: Lane, attendant: Person, cashier: Person
) -> None:
    lane3.scans(BREAD)
    lane3.does(c.AskForPrice(line_id=1, unit_price_cents=199))
    call = only_call(shop)
    with shop.changes_nothing(), refused("forbidden", role="attendant"):
        decide(attendant, call, Outcome.APPROVED, "the shelf says so")
    attendant.does(c.ClaimIntervention(intervention_id=call.intervention_id))
    decide(cashier, only_call(shop), Outcome.APPROVED, "the shelf says so")
    assert lane3.basket.totals.total_cents == 199


def test_call_without_a_decision_is_done_and_never_approved(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.calls()
    with shop.changes_nothing(), refused("bad_request"):
        decide(attendant, only_call(shop), Outcome.APPROVED)
    with shop.changes_nothing(), refused("bad_request"):
        decide(attendant, only_call(shop), Outcome.WITHDRAWN)
    decide(attendant, only_call(shop), Outcome.DONE)
    assert shop.inbox() == ()


def test_decision_is_never_just_done(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(WINE)
    with shop.changes_nothing(), refused("bad_request"):
        attendant.resolves(only_call(shop).intervention_id)


# -- what has gone meanwhile --


def test_verdict_on_a_basket_that_was_parked_changes_nothing(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(WINE)
    call = only_call(shop)
    basket_id = lane3.parks()
    with shop.changes_nothing():
        answer = decide(attendant, call, Outcome.DENIED, "under age")
    assert answer["outcome"] == "withdrawn"
    assert not shop.basket(basket_id).lines[0].is_voided
    lane3.resumes(basket_id)
    assert only_call(shop).kind is InterventionKind.AGE, "it is asked again where the basket goes on"


def test_verdict_after_staff_voided_the_basket_changes_nothing(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(WINE)
    call = only_call(shop)
    attendant.voids(lane3.basket.basket_id)
    with shop.changes_nothing():
        assert decide(attendant, call, Outcome.APPROVED)["outcome"] == "withdrawn"
    assert lane3.state == "attract"


def test_help_at_a_lane_that_was_closed_meanwhile_is_done(shop: Shop, lane3: Lane, attendant: Person) -> None:
    call_id = lane3.calls()
    attendant.does(c.CloseTerminal(terminal="lane3"))
    attendant.resolves(call_id)
    assert shop.inbox() == ()
    assert lane3.state == "closed"


def test_lane_with_a_customer_is_not_closed_over_an_intervention(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(WINE)
    with shop.changes_nothing(), refused("wrong_state"):
        attendant.does(c.CloseTerminal(terminal="lane3"))


def test_staff_end_an_unknown_card_payment_once(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    payment_id = lane3.does(c.ChooseTender(tender=TenderKind.CARD))["payment_id"]
    for outcome in (PaymentOutcome.BEGUN, PaymentOutcome.UNKNOWN):
        shop.asks(c.ReportPayment(payment_id=payment_id, outcome=outcome), READER)
    assert kinds(shop) == ["payment"]
    with shop.changes_nothing(), refused("wrong_state"):
        attendant.resolves(only_call(shop).intervention_id)
    attendant.does(c.CancelPayment(payment_id=payment_id))
    with shop.changes_nothing():
        attendant.does(c.CancelPayment(payment_id=payment_id))
    shop.asks(c.ReportPayment(payment_id=payment_id, outcome=PaymentOutcome.REVERSED), READER)
    assert shop.inbox() == ()


def test_retired_lane_keeps_the_refund_that_a_card_refused(
    shop: Shop, lane3: Lane, cashier: Person, manager: Person
) -> None:
    call = refused_refund(shop, lane3, cashier)
    manager.retires("lane3")
    assert kinds(shop) == ["refund"]
    answer = cashier.does(c.SettleRefund(basket_id=call.basket_id or "", note="card expired"))
    assert answer["receipt"]["total_cents"] == -129
    assert shop.inbox() == ()


def test_refused_refund_is_settled_once_and_by_cashiers(
    shop: Shop, lane3: Lane, attendant: Person, cashier: Person
) -> None:
    call = refused_refund(shop, lane3, cashier)
    settle = c.SettleRefund(basket_id=call.basket_id or "")
    with shop.changes_nothing(), refused("forbidden"):
        attendant.does(settle)
    with shop.changes_nothing(), refused("wrong_state"):
        cashier.resolves(call.intervention_id)
    first = cashier.does(settle)
    with shop.changes_nothing():
        assert cashier.does(settle)["receipt"] == first["receipt"]


def refused_refund(shop: Shop, lane: Lane, cashier: Person) -> Intervention:
    lane.scans(MILK)
    payment_id = lane.does(c.ChooseTender(tender=TenderKind.CARD))["payment_id"]
    shop.asks(c.ReportPayment(payment_id=payment_id, outcome=PaymentOutcome.APPROVED), READER)
    number = lane.basket.receipt_number or 0
    answer = cashier.does(c.RefundReceipt(receipt_number=number, reason="sour"))
    refund_id = answer["payments"][0]["payment_id"]
    shop.asks(c.ReportPayment(payment_id=refund_id, outcome=PaymentOutcome.DECLINED, reason="card_expired"), READER)
    return only_call(shop)


# -- a line taken back by staff --


def test_attendant_voids_a_dear_line_without_asking_anybody(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(TELEVISION)
    lane3.scans(MILK)
    lane3.voids(1)
    assert kinds(shop) == ["void_above_limit"]
    order = c.VoidBasketLine(basket_id=lane3.basket.basket_id, line_id=1, reason="will not fit")
    assert attendant.does(order)["totals"]["total_cents"] == 129
    assert shop.inbox() == (), "what the customer asked for has its answer"
    with shop.changes_nothing():
        assert attendant.does(order)["line"]["is_voided"]


def test_attendant_voids_no_line_of_a_basket_that_is_being_paid(shop: Shop, lane3: Lane, attendant: Person) -> None:
    lane3.scans(MILK)
    lane3.pays()
    with shop.changes_nothing(), refused("wrong_state"):
        attendant.does(c.VoidBasketLine(basket_id=lane3.basket.basket_id, line_id=1))


def test_customer_does_not_void_lines_as_staff_do(shop: Shop, lane3: Lane) -> None:
    lane3.scans(TELEVISION)
    with shop.changes_nothing(), refused("forbidden"):
        lane3.does(c.VoidBasketLine(basket_id=lane3.basket.basket_id, line_id=1))


def test_unknown_intervention_is_said_to_be_unknown(shop: Shop, attendant: Person) -> None:
    with shop.changes_nothing(), refused("not_found"):
        attendant.does(c.ClaimIntervention(intervention_id="nothing"))
    with shop.changes_nothing(), refused("not_found"):
        attendant.resolves("nothing")
