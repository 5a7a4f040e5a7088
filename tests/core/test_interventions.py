"""Every kind of intervention, from the moment it is raised to each of its ends: who may decide, what the lane does
meanwhile, what is left of the basket, and that paying waits.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from builders import MILK
from intervention_cases import CASES, Case, K, a_shop, decide, person, says_scale
from shop import Lane, Shop, refused

from kiosk_server.domain import commands as c
from kiosk_server.domain.intervention import RULES, Intervention, InterventionKind, Outcome
from kiosk_server.domain.staff import Role

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


def raised(lane: Lane, case: Case) -> Intervention:
    case.raises(lane)
    (call,) = lane.shop.inbox()
    return call


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
