"""Every kind of intervention, from the moment it is raised to each of its ends: who may decide, what the lane does
meanwhile, what is left of the basket, and that paying waits.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from builders import CATALOG, MILK, MILK_CODE, POLICY, an_item
from shop import Lane, Person, Shop, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain.basket import Basket
from kiosk_server.domain.intervention import RULES, Intervention, InterventionKind, Outcome
from kiosk_server.domain.lane_rules import AgeCheck, LaneRules
from kiosk_server.domain.scale import Condition
from kiosk_server.domain.staff import Identity, Role

K = InterventionKind
SCALES = Identity(name="scales", role=Role.DRIVER)
STAFF = frozenset({Role.ATTENDANT, Role.CASHIER, Role.MANAGER, Role.OWNER, Role.LOCAL})
CASHIERS = STAFF - {Role.ATTENDANT}

WINE = an_item("wine", name="Wine", code="9001", price_cents=899, minimum_age=18)
SUGAR = an_item("sugar", name="Sugar", code="9003", price_cents=99, max_quantity=2)
TELEVISION = an_item("television", name="Television", code="9004", price_cents=49_900)
OLD_MEAT = an_item("meat", name="Meat", code="9005", price_cents=799, is_withdrawn=True)
EXPIRED = "]d2010400638133393117261119"  # milk, best before 2026-11-19; it is the 20th


def a_shop(folder: Path, **rules: Any) -> Shop:
    shop = Shop(folder, msgspec.structs.replace(POLICY, lane=LaneRules(**rules)))
    shop.stocks((*CATALOG, WINE, SUGAR, TELEVISION, OLD_MEAT))
    return shop


def says_scale(lane: Lane, measured_g: int, **more: Any) -> None:
    report = c.ReportBagging(terminal=lane.name, basket_id=lane.basket.basket_id, measured_g=measured_g, **more)
    lane.shop.asks(report, SCALES)


def scans(lane: Lane, item: Any, quantity: int = 1) -> None:
    lane.scans(item, quantity)


def brings_a_bag(lane: Lane) -> None:
    lane.does(c.DeclareBag(measured_g=900, condition=Condition.STABLE))


def asks_for_price(lane: Lane) -> None:
    lane.does(c.AskForPrice(line_id=1, unit_price_cents=99))


def calls_about(code: str) -> Callable[[Lane], None]:
    def call(lane: Lane) -> None:
        lane.does(c.CallAttendant(code=code))

    return call


@dataclass(frozen=True)
class Case:
    """One kind: how a customer with a pint of milk comes to it, and what the table says about it, in words of its own.

    `revises` does it once more with other evidence; `withdraws` is how the customer ends it alone.
    """

    kind: InterventionKind
    raises: Callable[[Lane], Any]
    state: str = "intervention"
    is_holding_paying: bool = True
    deciders: frozenset[Role] = STAFF
    revises: Callable[[Lane], Any] | None = None
    withdraws: Callable[[Lane], Any] | None = None
    approved: Callable[[Basket], bool] = lambda basket: basket.totals.total_cents == 129
    denied: Callable[[Basket], bool] = lambda basket: basket.totals.total_cents == 129
    is_call: bool = False
    rules: tuple[tuple[str, Any], ...] = ()


CASES = {
    "age at payment": Case(
        K.AGE,
        lambda lane: scans(lane, WINE),
        withdraws=lambda lane: lane.voids(2),
        approved=lambda basket: basket.totals.total_cents == 129 + 899,
    ),
    "age at scan": Case(
        K.AGE,
        lambda lane: scans(lane, WINE),
        state="held",
        withdraws=lambda lane: lane.voids(2),
        approved=lambda basket: basket.totals.total_cents == 129 + 899,
        rules=(("age_check", AgeCheck.SCAN),),
    ),
    "quantity cap": Case(
        K.QUANTITY_CAP,
        lambda lane: scans(lane, SUGAR, 3),
        revises=lambda lane: scans(lane, SUGAR, 2),
        withdraws=lambda lane: lane.changes(2, 2),
        approved=lambda basket: basket.lines[1].quantity >= 3,
        denied=lambda basket: basket.lines[1].quantity == 2,
    ),
    "void above the limit": Case(
        K.VOID_ABOVE_LIMIT,
        lambda lane: (scans(lane, TELEVISION), lane.voids(2)),
        approved=lambda basket: basket.lines[1].is_voided and basket.totals.total_cents == 129,
        denied=lambda basket: basket.totals.total_cents == 129 + 49_900,
    ),
    "price override": Case(
        K.PRICE_OVERRIDE,
        asks_for_price,
        deciders=CASHIERS,
        withdraws=lambda lane: (scans(lane, SUGAR), lane.voids(1)),
        approved=lambda basket: basket.totals.total_cents == 99,
    ),
    "random check": Case(K.RANDOM_CHECK, lambda lane: lane.pays(), rules=(("random_check_permille", 1000),)),
    "own bag": Case(
        K.OWN_BAG, brings_a_bag, state="held", withdraws=lambda lane: says_scale(lane, 0), rules=(("own_bag_g", 100),)
    ),
    "weight mismatch": Case(
        K.WEIGHT_MISMATCH,
        lambda lane: (scans(lane, SUGAR), lane.voids(1), says_scale(lane, -300)),
        state="held",
        revises=lambda lane: says_scale(lane, -400),
        withdraws=lambda lane: says_scale(lane, 0),
        approved=lambda basket: basket.totals.total_cents == 99,
        denied=lambda basket: basket.totals.total_cents == 99,
    ),
    "unknown item": Case(K.UNKNOWN_ITEM, calls_about("5449000000996"), is_holding_paying=False, is_call=True),
    "not for sale": Case(K.NOT_FOR_SALE, calls_about("96385074"), is_holding_paying=False, is_call=True),
    "recalled": Case(K.RECALLED, calls_about("9005"), is_holding_paying=False, is_call=True),
    "expired": Case(K.EXPIRED, calls_about(EXPIRED), is_holding_paying=False, is_call=True),
    "help": Case(K.ASSISTANCE, lambda lane: lane.calls(), is_holding_paying=False, is_call=True),
}

# Money's own rows are ended by money (test_handlers_payments.py), a pump's by fuel (test_handlers_pump.py), a walk-off
# needs a weight that is known (below).
ELSEWHERE = frozenset({K.CASH, K.PAYMENT, K.REFUND, K.PUMP_CALL, K.WALK_OFF})


def only_cases(wanted: Callable[[Case], bool]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", [name for name, case in CASES.items() if wanted(case)], indirect=True)


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]


@pytest.fixture
def lane3(tmp_path: Path, case: Case) -> Iterator[Lane]:
    """A customer with a pint of milk, in a store with the case's rules."""
    running = a_shop(tmp_path, **dict(case.rules))
    lane = Lane(running, "lane3")
    lane.scans(MILK)
    yield lane
    running.closes()


def person(lane: Lane, role: Role) -> Person:
    return Person(lane.shop, f"the {role.value}", role)


def raised(lane: Lane, case: Case) -> Intervention:
    case.raises(lane)
    (call,) = lane.shop.inbox()
    return call


def decide(somebody: Person, call: Intervention, outcome: Outcome) -> Any:
    seen = call.evidence
    order = c.ResolveIntervention(intervention_id=call.intervention_id, outcome=outcome, note="seen", seen=seen)
    return somebody.does(order)


def ends_of(case: Case) -> tuple[Outcome, ...]:
    return (Outcome.DONE,) if case.is_call else (Outcome.APPROVED, Outcome.DENIED)


def test_every_kind_has_its_cases() -> None:
    assert {case.kind for case in CASES.values()} | ELSEWHERE == set(InterventionKind)


def test_intervention_is_raised_and_the_lane_shows_it(lane3: Lane, case: Case) -> None:
    call = raised(lane3, case)
    assert (call.kind, call.terminal, call.basket_id) == (case.kind, "lane3", lane3.basket.basket_id)
    assert lane3.state == case.state
    assert call.is_holding_paying is case.is_holding_paying
    assert call.is_holding_scanning is (case.state == "held")


def test_customer_scans_on_where_it_is_safe(lane3: Lane, case: Case) -> None:
    raised(lane3, case)
    before = lane3.basket.totals.items
    if case.state == "held":
        with lane3.shop.changes_nothing(), refused("attendant_needed", kinds=[case.kind.value]):
            lane3.scans(MILK)
    else:
        lane3.scans(MILK)
        assert lane3.basket.totals.items == before + 1


def test_paying_waits_for_what_has_to_be_looked_at(lane3: Lane, case: Case) -> None:
    call = raised(lane3, case)
    if case.is_holding_paying:
        with (
            lane3.shop.changes_nothing(),
            refused("attendant_needed", kinds=[case.kind.value], interventions=[call.intervention_id]),
        ):
            lane3.pays()
    else:
        lane3.pays()
        assert lane3.state == "tendering"
        assert [one.kind for one in lane3.shop.inbox()] == [K.CASH], "whoever pays found the way alone"


def test_second_click_raises_no_second_row(lane3: Lane, case: Case) -> None:
    call = raised(lane3, case)
    if case.kind is K.RANDOM_CHECK:
        with refused("attendant_needed"):
            case.raises(lane3)
    elif case.kind is K.VOID_ABOVE_LIMIT:
        lane3.voids(2)
    elif case.kind is K.WEIGHT_MISMATCH:
        says_scale(lane3, -300)
    elif case.state != "held" or case.kind is K.OWN_BAG:
        case.raises(lane3)
    assert [one.intervention_id for one in lane3.shop.inbox()] == [call.intervention_id]


@only_cases(lambda case: case.revises is not None)
def test_other_evidence_revises_the_row_that_is_open(lane3: Lane, case: Case) -> None:
    assert case.revises is not None
    call = raised(lane3, case)
    case.revises(lane3)
    (after,) = lane3.shop.inbox()
    assert (after.intervention_id, after.raised_at) == (call.intervention_id, call.raised_at)
    assert after.evidence != call.evidence


def test_attendant_claims_it_and_it_stays_open(lane3: Lane, case: Case) -> None:
    call = raised(lane3, case)
    person(lane3, Role.ATTENDANT).does(c.ClaimIntervention(intervention_id=call.intervention_id))
    (after,) = lane3.shop.inbox()
    assert after.claimed_by == "the attendant"
    assert lane3.state == case.state


@pytest.mark.parametrize("role", [Role.ATTENDANT, Role.CASHIER, Role.MANAGER, Role.OWNER])
def test_only_those_of_its_row_decide(lane3: Lane, case: Case, role: Role) -> None:
    call = raised(lane3, case)
    if role in case.deciders:
        decide(person(lane3, role), call, ends_of(case)[0])
        assert lane3.shop.inbox() == ()
    else:
        with lane3.shop.changes_nothing(), refused("forbidden", role=role.value):
            decide(person(lane3, role), call, ends_of(case)[0])


@pytest.mark.parametrize("role", [Role.KITCHEN, Role.LANE, Role.DRIVER])
def test_nobody_else_decides(lane3: Lane, case: Case, role: Role) -> None:
    call = raised(lane3, case)
    with lane3.shop.changes_nothing(), refused("forbidden"):
        decide(person(lane3, role), call, ends_of(case)[0])


def test_approved_or_done_the_basket_goes_on_and_is_not_asked_again(lane3: Lane, case: Case) -> None:
    call = raised(lane3, case)
    decide(person(lane3, Role.CASHIER), call, ends_of(case)[0])
    assert lane3.shop.inbox() == ()
    assert lane3.state == "scanning"
    assert case.approved(lane3.basket)
    lane3.pays()
    assert lane3.state == "tendering"


@only_cases(lambda case: not case.is_call)
def test_denied_the_basket_is_as_the_store_will_have_it(lane3: Lane, case: Case) -> None:
    call = raised(lane3, case)
    decide(person(lane3, Role.CASHIER), call, Outcome.DENIED)
    assert lane3.shop.inbox() == ()
    assert lane3.state == "scanning"
    assert case.denied(lane3.basket)
    if case.kind is K.RANDOM_CHECK:
        lane3.pays()
        assert [one.kind for one in lane3.shop.inbox()] == [K.RANDOM_CHECK], "it is looked at before it is paid"
    else:
        lane3.pays()
        assert lane3.state == "tendering"


def test_second_click_of_a_verdict_changes_nothing_and_names_the_first(lane3: Lane, case: Case) -> None:
    call = raised(lane3, case)
    first = decide(person(lane3, Role.CASHIER), call, ends_of(case)[-1])
    with lane3.shop.changes_nothing():
        assert decide(person(lane3, Role.MANAGER), call, ends_of(case)[0]) == first


@only_cases(lambda case: case.withdraws is not None)
def test_customer_ends_it_alone_where_nothing_is_left_to_look_at(lane3: Lane, case: Case) -> None:
    assert case.withdraws is not None
    call = raised(lane3, case)
    case.withdraws(lane3)
    assert lane3.shop.inbox() == ()
    assert lane3.state == "scanning"
    with lane3.shop.looks() as repositories:
        ended = repositories.intervention(call.intervention_id)
    assert ended is not None
    assert ended.outcome is Outcome.WITHDRAWN
    with lane3.shop.changes_nothing():
        assert decide(person(lane3, Role.CASHIER), call, ends_of(case)[0])["outcome"] == "withdrawn"


def test_parked_basket_leaves_no_row_behind_and_the_lane_is_free(lane3: Lane, case: Case) -> None:
    raised(lane3, case)
    lane3.parks()
    assert lane3.shop.inbox() == ()
    assert (lane3.state, lane3.has_basket) == ("attract", False)


def test_row_survives_a_restart_of_the_store(lane3: Lane, case: Case, tmp_path: Path) -> None:
    call = raised(lane3, case)
    folder = lane3.shop.database.path.parent
    lane3.shop.closes()
    lane3.shop = Shop(folder, lane3.shop.policy, lane3.shop.clock)
    assert lane3.shop.inbox() == (call,)
    assert lane3.state == case.state
    decide(person(lane3, Role.CASHIER), call, ends_of(case)[0])
    assert lane3.state == "scanning"


def test_table_says_what_the_cases_say() -> None:
    for case in CASES.values():
        rule = RULES[case.kind]
        assert rule.resolvers == case.deciders, case.kind
        assert rule.is_call is case.is_call, case.kind
        assert rule.stops_paying is case.is_holding_paying, case.kind


# -- what is special about some --


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Lane]:
    """A lane in a store with the usual rules."""
    running = a_shop(tmp_path)
    yield Lane(running, "lane7")
    running.closes()


def open_call(lane: Lane, kind: InterventionKind) -> Intervention:
    return next(one for one in lane.shop.inbox() if one.kind is kind)


def test_one_look_at_the_customer_serves_every_bottle(alone: Lane) -> None:
    alone.scans(WINE)
    alone.scans(WINE, quantity=2)
    assert open_call(alone, K.AGE).evidence.quantity == 3
    decide(person(alone, Role.ATTENDANT), open_call(alone, K.AGE), Outcome.APPROVED)
    alone.scans(WINE)
    assert alone.shop.inbox() == ()


def test_next_customer_is_looked_at_again(alone: Lane) -> None:
    alone.scans(WINE)
    decide(person(alone, Role.ATTENDANT), open_call(alone, K.AGE), Outcome.APPROVED)
    person(alone, Role.ATTENDANT).takes_cash(alone.pays()["basket_id"])
    alone.scans(WINE)
    assert open_call(alone, K.AGE).basket_id == alone.basket.basket_id


def test_more_than_was_approved_is_asked_again(alone: Lane) -> None:
    alone.scans(SUGAR, quantity=3)
    decide(person(alone, Role.ATTENDANT), open_call(alone, K.QUANTITY_CAP), Outcome.APPROVED)
    alone.scans(SUGAR)
    assert open_call(alone, K.QUANTITY_CAP).evidence.quantity == 4


def test_small_voids_add_up_to_the_limit(alone: Lane) -> None:
    for code, price_cents in (("9201", 1_400), ("9202", 1_400), ("9203", 100)):
        alone.shop.stocks([an_item(code, code=code, price_cents=price_cents)])
        alone.scans(code)
    alone.voids(1)
    alone.voids(3)
    assert alone.shop.inbox() == ()
    answer = alone.voids(2)
    assert not answer["line"].get("is_voided")
    assert open_call(alone, K.VOID_ABOVE_LIMIT).evidence.amount_cents == 1_400


def test_fewer_of_a_dear_line_is_the_latest_wish(alone: Lane) -> None:
    alone.scans(TELEVISION, quantity=5)
    alone.changes(1, 3)
    alone.changes(1, 1)
    call = open_call(alone, K.VOID_ABOVE_LIMIT)
    assert (call.evidence.quantity, len(alone.shop.inbox())) == (1, 1)
    decide(person(alone, Role.ATTENDANT), call, Outcome.APPROVED)
    assert alone.basket.lines[0].quantity == 1


def test_whole_basket_above_the_limit_is_taken_back_by_an_attendant(alone: Lane) -> None:
    alone.scans(TELEVISION)
    alone.voids_all()
    assert alone.basket.totals.items == 1
    decide(person(alone, Role.ATTENDANT), open_call(alone, K.VOID_ABOVE_LIMIT), Outcome.APPROVED)
    assert (alone.state, alone.has_basket) == ("attract", False)


def test_several_rows_hold_the_lane_until_the_last_of_them_is_ended(alone: Lane) -> None:
    alone.scans(WINE)
    alone.scans(SUGAR, quantity=3)
    alone.calls()
    says_scale(alone, -500)
    assert alone.state == "held"
    assert [one.kind for one in alone.shop.inbox()] == [K.AGE, K.QUANTITY_CAP, K.ASSISTANCE, K.WEIGHT_MISMATCH]
    attendant = person(alone, Role.ATTENDANT)
    decide(attendant, open_call(alone, K.WEIGHT_MISMATCH), Outcome.APPROVED)
    assert alone.state == "intervention", "nothing holds it any more, but somebody is still to come"
    decide(attendant, open_call(alone, K.AGE), Outcome.APPROVED)
    with refused("attendant_needed", kinds=["quantity_cap"]):
        alone.pays()
    decide(attendant, open_call(alone, K.QUANTITY_CAP), Outcome.DENIED)
    assert alone.state == "intervention"
    alone.pays()
    assert [one.kind for one in alone.shop.inbox()] == [K.CASH]


def test_random_check_draws_some_baskets_and_the_same_ones_again(tmp_path: Path) -> None:
    shop = a_shop(tmp_path, random_check_permille=300)
    try:
        drawn = []
        for number in range(40):
            lane = Lane(shop, f"lane{number}")
            lane.scans(MILK)
            lane.pays()
            drawn.append(lane.state == "intervention")
            if lane.state == "tendering":
                lane.goes_back()
                lane.pays()
                assert lane.state == "tendering", "who was not drawn is not drawn at the second try"
        assert 3 <= sum(drawn) <= 25
    finally:
        shop.closes()


def test_walk_off_holds_the_lane_until_somebody_has_looked(alone: Lane) -> None:
    alone.shop.stocks([an_item("stone", code="9301", weight_g=2_000)])
    alone.scans("9301")
    basket_id = alone.basket.basket_id
    says_scale(alone, 0, is_left=True)
    assert alone.state == "held"
    for denied in (lambda: alone.scans(MILK), alone.pays):
        with refused("attendant_needed", kinds=["walk_off"]):
            denied()
    with refused("forbidden"):
        decide(person(alone, Role.KITCHEN), open_call(alone, K.WALK_OFF), Outcome.APPROVED)
    decide(person(alone, Role.ATTENDANT), open_call(alone, K.WALK_OFF), Outcome.APPROVED)
    assert (alone.state, alone.shop.basket(basket_id).state) == ("attract", "void")


def test_evidence_of_a_refused_code_is_the_stores_own_word(alone: Lane) -> None:
    alone.scans(MILK)
    alone.does(c.CallAttendant(code="9005"))
    evidence = open_call(alone, K.RECALLED).evidence
    assert (evidence.item_name, evidence.code) == ("Meat", "9005")
    alone.does(c.CallAttendant(code=EXPIRED))
    assert open_call(alone, K.EXPIRED).evidence.expires_on == "2026-11-19"


def test_code_that_can_be_sold_after_all_is_plain_help(alone: Lane) -> None:
    alone.does(c.CallAttendant(code=MILK_CODE))
    assert open_call(alone, K.ASSISTANCE).evidence.code == MILK_CODE


def test_price_of_a_line_that_was_taken_back_is_not_asked_for(alone: Lane) -> None:
    alone.scans(MILK)
    alone.voids(1)
    with alone.shop.changes_nothing(), refused("wrong_state"):
        alone.does(c.AskForPrice(line_id=1, unit_price_cents=10))
