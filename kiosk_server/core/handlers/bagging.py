"""Scales: produce weighed for its price, and a bagging area that must agree with the basket."""

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import BaggingAnswer
from kiosk_server.core.handlers.checks import of_line
from kiosk_server.core.handlers.own import named_terminal, own_basket, shown_basket
from kiosk_server.core.handlers.people import raise_for, raise_or_revise, resolve, settle_lane
from kiosk_server.domain import bagging
from kiosk_server.domain import basket as baskets
from kiosk_server.domain.basket import Basket, Line, State
from kiosk_server.domain.commands import DeclareBag, ReportBagging, ReportPlacements, SkipBagging
from kiosk_server.domain.errors import ScaleNotReady
from kiosk_server.domain.events import BaggingTared, WeightLearned
from kiosk_server.domain.intervention import Evidence, Intervention, InterventionKind, Outcome
from kiosk_server.domain.scale import IS_WEIGHT
from kiosk_server.domain.terminal import Terminal

_ABOUT_WEIGHT = (InterventionKind.WEIGHT_MISMATCH, InterventionKind.WALK_OFF)


def declare_bag(command: DeclareBag, desk: Desk) -> BaggingAnswer:
    """The customer's own bag lies there: a light one is tared at once, a heavy one is looked at."""
    terminal, basket = own_basket(desk)
    baskets.check_open(basket)
    if command.measured_g is None:
        raise ScaleNotReady("This lane has no bagging scale that answers. Nothing was changed.", condition="unplugged")
    expectation = expect(desk, basket)
    extra_g = command.measured_g - expectation.expected_g
    if extra_g <= desk.policy.lane.tolerance_g:
        return BaggingAnswer(basket.basket_id, False)
    if extra_g <= desk.policy.lane.own_bag_g:
        _tare(desk, basket, extra_g, "own_bag")
        withdraw_about_weight(desk, terminal)
        return BaggingAnswer(basket.basket_id, False)
    evidence = Evidence(
        expected_g=expectation.expected_g, measured_g=command.measured_g, limit=desk.policy.lane.own_bag_g
    )
    raise_or_revise(desk, basket, InterventionKind.OWN_BAG, evidence)
    return BaggingAnswer(basket.basket_id, True)


def skip_bagging(command: SkipBagging, desk: Desk) -> BaggingAnswer:
    """This line stays in the hand or the trolley. A dear one is looked at first."""
    terminal, basket = own_basket(desk)
    baskets.check_open(basket)
    line = baskets.find_line(basket, command.line_id)
    weight_g = bagging.line_weight_g(line, desk.repositories.pieces([line]))
    if line.is_voided or weight_g == 0:
        return BaggingAnswer(basket.basket_id, False)
    if line.total_cents > desk.policy.lane.skip_bagging_cents:
        expectation = expect(desk, basket)
        evidence = of_line(
            line, reason="skipped", expected_g=expectation.expected_g, measured_g=expectation.expected_g - weight_g
        )
        raise_or_revise(desk, basket, InterventionKind.WEIGHT_MISMATCH, evidence)
        return BaggingAnswer(basket.basket_id, True)
    _tare(desk, basket, -weight_g, "skipped")
    withdraw_about_weight(desk, terminal)
    return BaggingAnswer(basket.basket_id, False)


def report_bagging(command: ReportBagging, desk: Desk) -> BaggingAnswer:
    """The scale has its say, and the basket is weighed again here: only what disagrees now holds the lane."""
    terminal = named_terminal(desk, command.terminal)
    _report_condition(desk, terminal, command)
    basket = shown_basket(desk, terminal)
    is_about_it = basket is not None and basket.basket_id == command.basket_id and basket.state is State.OPEN
    if basket is None or not is_about_it or command.condition not in IS_WEIGHT:
        return BaggingAnswer(command.basket_id, False)
    expectation = expect(desk, basket)
    if expectation.agrees(command.measured_g):
        withdraw_about_weight(desk, terminal)
        return BaggingAnswer(basket.basket_id, False)
    rules = desk.policy.lane
    is_gone = command.measured_g <= rules.tolerance_g < expectation.least_g
    kind = InterventionKind.WALK_OFF if is_gone and command.is_left else InterventionKind.WEIGHT_MISMATCH
    raise_or_revise(desk, basket, kind, _evidence(basket, expectation, command.measured_g))
    return BaggingAnswer(basket.basket_id, True)


def _evidence(basket: Basket, expectation: bagging.Expectation, measured_g: int) -> Evidence:
    """The line that was touched last is the likeliest; which it really is, a human sees."""
    line = _newest(basket)
    return Evidence(
        line_id=line.line_id if line else None,
        item_name=line.name if line else "",
        expected_g=expectation.expected_g,
        measured_g=measured_g,
        quantity=basket.totals.items,
        amount_cents=basket.totals.total_cents,
    )


def _newest(basket: Basket) -> Line | None:
    return next((line for line in reversed(basket.lines) if not line.is_voided), None)


def _report_condition(desk: Desk, terminal: Terminal, command: ReportBagging) -> None:
    """A scale that is out of order holds nobody up: somebody is asked to see to it."""
    known = [
        one
        for one in desk.repositories.open_interventions(terminal.name, InterventionKind.ASSISTANCE)
        if one.evidence.reason.startswith("scale_")
    ]
    if command.condition in IS_WEIGHT:
        for one in known:
            resolve(desk, one, Outcome.WITHDRAWN)
    elif not known:
        evidence = Evidence(reason=f"scale_{command.condition.value}")
        raise_for(desk, terminal.name, InterventionKind.ASSISTANCE, basket_id=terminal.basket_id, evidence=evidence)
        withdraw_about_weight(desk, terminal)
    settle_lane(desk, terminal.name)


def report_placements(command: ReportPlacements, desk: Desk) -> BaggingAnswer:
    """A basket was paid without a doubt: what its pieces weighed is worth learning."""
    items = desk.repositories.items_by_ids({placed.item_id for placed in command.placements})
    for placed in command.placements:
        if placed.item_id in items:
            _learn(desk, placed.item_id, placed.weight_g, command.terminal)
    return BaggingAnswer(command.basket_id, False)


def withdraw_about_weight(desk: Desk, terminal: Terminal) -> None:
    """The bagging area agrees again: nobody needs to look."""
    for one in desk.repositories.open_interventions(terminal.name):
        if one.kind in _ABOUT_WEIGHT and one.evidence.reason != "skipped":
            resolve(desk, one, Outcome.WITHDRAWN)
    settle_lane(desk, terminal.name)


def expect(desk: Desk, basket: Basket) -> bagging.Expectation:
    """What ought to lie in the bagging area of this basket, by all that the store knows."""
    pieces = desk.repositories.pieces(basket.lines)
    tare_g = desk.repositories.bagging_tare_g(basket.basket_id)
    return bagging.expect(basket.lines, pieces, desk.policy.lane, tare_g)


def _tare(desk: Desk, basket: Basket, more_g: int, reason: str) -> None:
    tare_g = desk.repositories.bagging_tare_g(basket.basket_id) + more_g
    desk.record(
        BaggingTared(
            terminal=basket.terminal,
            basket_id=basket.basket_id,
            tare_g=tare_g,
            reason=reason,
            by=desk.identity.name,
        )
    )


def _learn(desk: Desk, item_id: str, measured_g: int, terminal: str) -> bool:
    item = desk.repositories.item(item_id)
    known = desk.repositories.learned_weight(item_id)
    learned = bagging.learn(item, known, measured_g) if item else None
    if learned is None:
        return False
    desk.record(WeightLearned(terminal=terminal, learned=learned))
    return True


# -- what an attendant's word does (verdicts.py) --


def tare_and_learn(desk: Desk, intervention: Intervention, basket: Basket) -> None:
    """The attendant has seen that all is well: the area agrees from here on, and a single piece teaches its weight."""
    seen = intervention.evidence
    if seen.measured_g is None:
        return
    line = next((line for line in basket.lines if line.line_id == seen.line_id), None)
    if line is not None and line.quantity == 1 and not line.is_voided and line.weight_g is None and not seen.reason:
        pieces = desk.repositories.pieces([line])
        believed_g = bagging.line_weight_g(line, pieces)
        _learn(desk, line.item_id, seen.measured_g - (seen.expected_g or 0) + believed_g, basket.terminal)
    # What was learned already explains a part of it, or all.
    rest_g = seen.measured_g - expect(desk, basket).expected_g
    if rest_g:
        _tare(desk, basket, rest_g, "accepted")


def allow_bag(desk: Desk, intervention: Intervention, basket: Basket) -> None:
    seen = intervention.evidence
    _tare(desk, basket, (seen.measured_g or 0) - (seen.expected_g or 0), "own_bag")
