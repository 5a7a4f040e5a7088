"""Scales: produce weighed for its price, and a bagging area that must agree with the basket."""

import zlib
from types import MappingProxyType
from typing import Final

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import BaggingAnswer
from kiosk_server.core.handlers.checks import of_line
from kiosk_server.core.handlers.own import named_terminal, own_basket, shown_basket
from kiosk_server.core.handlers.people import raise_for, raise_or_revise, resolve, revise, settle_lane
from kiosk_server.domain import bagging
from kiosk_server.domain import basket as baskets
from kiosk_server.domain.basket import Basket, Line, State
from kiosk_server.domain.commands import (
    ChooseTender,
    DeclareBag,
    ReportBagging,
    ReportPlacements,
    SkipBagging,
    WeighItem,
)
from kiosk_server.domain.errors import BaggingDisagrees, ScaleNotReady
from kiosk_server.domain.events import BaggingSkipped, BaggingTared, WeightLearned
from kiosk_server.domain.intervention import (
    SCALE_FAULT,
    SKIPPED,
    Evidence,
    Intervention,
    InterventionKind,
    Outcome,
    is_of_a_machine,
    is_of_the_bagging_area,
)
from kiosk_server.domain.scale import IS_WEIGHT, Condition, Deviation
from kiosk_server.domain.terminal import Kind, Terminal

_ONE_IN: Final = 8  # baskets that teach what is known well already

_WHY_NOT_WEIGHED: Final = MappingProxyType(
    {
        Condition.STABLE: "The scale gave no weight. Nothing was added. Please try again.",
        Condition.ZERO: "Nothing lies on the scale. Nothing was added. Please put it on, then try again.",
        Condition.UNSTABLE: "The scale is still moving. Nothing was added. Please take your hand away and try again.",
        Condition.NEGATIVE: "The scale stands below zero. Nothing was added. Please take everything off for a moment.",
        Condition.OVERLOAD: "That is too heavy for this scale. Nothing was added. Please weigh less of it at a time.",
        Condition.UNPLUGGED: "This lane has no scale that answers. Nothing was added. Please call an attendant.",
    }
)

_WHY_NOT_PAID: Final = MappingProxyType(
    {
        Deviation.MISSING: "Something that was scanned is not in the bagging area. Nothing was booked. "
        "Put it there, then pay.",
        Deviation.SURPLUS: "Something lies in the bagging area that was not scanned. Nothing was booked. "
        "Scan it or take it away, then pay.",
    }
)


def weight_on_plate(command: WeighItem) -> int:
    """What the scale said, in grams. Raises ScaleNotReady."""
    if command.weight_g is None or command.condition is not Condition.STABLE:
        raise ScaleNotReady(_WHY_NOT_WEIGHED[command.condition], condition=command.condition.value)
    return command.weight_g


def declare_bag(command: DeclareBag, desk: Desk) -> BaggingAnswer:
    """The customer's own bag lies there: a light one is tared at once, a heavy one is looked at.

    All bags of a basket together are as light as one may be: bag by bag, nobody makes room for a ham.
    """
    terminal, basket = own_basket(desk)
    baskets.check_open(basket)
    if command.measured_g is None or command.condition not in IS_WEIGHT:
        raise ScaleNotReady(
            "The bagging area cannot be weighed just now. Nothing was changed. Wait until nothing moves on it, "
            "or call an attendant.",
            condition=command.condition.value,
        )
    rules = desk.policy.lane
    expectation = expect(desk, basket)
    extra_g = command.measured_g - expectation.expected_g
    known_g = max(0, desk.repositories.beside(basket.basket_id).tare_g)
    if rules.tolerance_g < extra_g and known_g + extra_g <= rules.own_bag_g:
        _tare(desk, basket, extra_g, "own_bag")
        extra_g = 0
    if extra_g <= rules.tolerance_g:
        _weigh_again(desk, terminal, basket, command.measured_g)
        return BaggingAnswer(basket.basket_id, False)
    _withdraw_others(desk, terminal, InterventionKind.OWN_BAG)
    evidence = Evidence(expected_g=expectation.expected_g, measured_g=command.measured_g, limit=rules.own_bag_g)
    raise_or_revise(desk, basket, InterventionKind.OWN_BAG, evidence)
    return BaggingAnswer(basket.basket_id, True)


def skip_bagging(command: SkipBagging, desk: Desk) -> BaggingAnswer:
    """This line stays in the hand or the trolley. A dear one is looked at first; a second tap changes nothing."""
    terminal, basket = own_basket(desk)
    baskets.check_open(basket)
    line = baskets.find_line(basket, command.line_id)
    beside = desk.repositories.beside(basket.basket_id)
    weight_g = bagging.line_weight_g(line, desk.repositories.pieces([line]), beside)
    if line.is_voided or beside.skipped.get(line.line_id, 0) >= line.quantity:
        return BaggingAnswer(basket.basket_id, False)
    if line.total_cents > desk.policy.lane.skip_bagging_cents:
        expected_g = expect(desk, basket).expected_g
        evidence = of_line(
            line,
            reason=SKIPPED,
            expected_g=expected_g,
            measured_g=expected_g - weight_g,
            quantity=line.quantity,
            amount_cents=line.total_cents,
        )
        raise_or_revise(desk, basket, InterventionKind.WEIGHT_MISMATCH, evidence)
        return BaggingAnswer(basket.basket_id, True)
    _skip(desk, basket, line, line.quantity)
    _weigh_again(desk, terminal, basket)
    return BaggingAnswer(basket.basket_id, False)


def check_bags(command: ChooseTender, desk: Desk, terminal: Terminal, basket: Basket) -> None:
    """Nothing is paid while the area disagrees: the scale's own patience decides when somebody is asked to look.

    A scale that is out of order holds nobody up. Raises BaggingDisagrees, ScaleNotReady.
    """
    if terminal.kind is not Kind.LANE or baskets.is_empty(basket) or _of_the_area(desk, terminal):
        return  # what is being looked at holds the paying by itself
    if command.condition is Condition.UNSTABLE:
        raise ScaleNotReady(
            "Something still moves in the bagging area. Nothing was booked. Take your hand away, then pay.",
            condition=command.condition.value,
        )
    if command.measured_g is None or command.condition not in IS_WEIGHT:
        return
    deviation = expect(desk, basket).deviation(command.measured_g)
    if deviation is not Deviation.NONE:
        raise BaggingDisagrees(_WHY_NOT_PAID[deviation], deviation=deviation.value)


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
    _complain(desk, terminal, basket, command, expectation)
    return BaggingAnswer(basket.basket_id, True)


def _complain(
    desk: Desk, terminal: Terminal, basket: Basket, command: ReportBagging, expectation: bagging.Expectation
) -> None:
    """One row for one bagging area: whatever it says now takes the place of what it said before."""
    bags = [one for one in _of_the_area(desk, terminal) if one.kind is InterventionKind.OWN_BAG]
    if bags:  # somebody looks at that bag anyway, and only it can be what is too much
        revise(desk, bags[0], _weighed_again(bags[0].evidence, command.measured_g))
        return
    is_gone = command.measured_g <= desk.policy.lane.tolerance_g < expectation.least_g
    kind = InterventionKind.WALK_OFF if is_gone and command.is_left else InterventionKind.WEIGHT_MISMATCH
    _withdraw_others(desk, terminal, kind)
    raise_or_revise(desk, basket, kind, _evidence(basket, expectation, command.measured_g))


def _weighed_again(evidence: Evidence, measured_g: int) -> Evidence:
    return Evidence(expected_g=evidence.expected_g, measured_g=measured_g, limit=evidence.limit)


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
        if is_of_a_machine(one)
    ]
    if command.condition in IS_WEIGHT:
        for one in known:
            resolve(desk, one, Outcome.WITHDRAWN)
        return
    evidence = Evidence(reason=f"{SCALE_FAULT}{command.condition.value}")
    if known:
        revise(desk, known[0], evidence)
    else:
        raise_for(desk, terminal.name, InterventionKind.ASSISTANCE, evidence=evidence)
    withdraw_about_weight(desk, terminal)


def report_placements(command: ReportPlacements, desk: Desk) -> BaggingAnswer:
    """A basket was paid without a doubt: what its pieces weighed is worth learning.

    What is known well is learned from some baskets only: every piece of every day would fill the journal with the same.
    """
    items = desk.repositories.items_by_ids({placed.item_id for placed in command.placements})
    is_drawn = zlib.crc32(command.basket_id.encode()) % _ONE_IN == 0
    for placed in command.placements:
        known = desk.repositories.learned_weight(placed.item_id)
        is_well_known = known is not None and len(known.samples) >= bagging.SAMPLES
        if placed.item_id in items and (is_drawn or not is_well_known):
            _learn(desk, placed.item_id, placed.weight_g, command.terminal)
    return BaggingAnswer(command.basket_id, False)


def withdraw_about_weight(desk: Desk, terminal: Terminal) -> None:
    """The bagging area agrees again: nobody needs to look."""
    for one in _of_the_area(desk, terminal):
        resolve(desk, one, Outcome.WITHDRAWN)
    settle_lane(desk, terminal.name)


def _weigh_again(desk: Desk, terminal: Terminal, basket: Basket, measured_g: int | None = None) -> None:
    """Less is expected now: withdraw what is explained by that, going by what the scale has said last."""
    expectation = expect(desk, basket)
    for one in _of_the_area(desk, terminal):
        last_g = one.evidence.measured_g if measured_g is None else measured_g
        if last_g is not None and expectation.agrees(last_g):
            resolve(desk, one, Outcome.WITHDRAWN)
    settle_lane(desk, terminal.name)


def _withdraw_others(desk: Desk, terminal: Terminal, kind: InterventionKind) -> None:
    for one in _of_the_area(desk, terminal):
        if one.kind is not kind:
            resolve(desk, one, Outcome.WITHDRAWN)


def _of_the_area(desk: Desk, terminal: Terminal) -> list[Intervention]:
    return [one for one in desk.repositories.open_interventions(terminal.name) if is_of_the_bagging_area(one)]


def expect(desk: Desk, basket: Basket) -> bagging.Expectation:
    """What ought to lie in the bagging area of this basket, by all that the store knows."""
    pieces = desk.repositories.pieces(basket.lines)
    return bagging.expect(basket.lines, pieces, desk.policy.lane, desk.repositories.beside(basket.basket_id))


def _tare(desk: Desk, basket: Basket, more_g: int, reason: str) -> None:
    tare_g = desk.repositories.beside(basket.basket_id).tare_g + more_g
    desk.record(
        BaggingTared(
            terminal=basket.terminal,
            basket_id=basket.basket_id,
            tare_g=tare_g,
            reason=reason,
            by=desk.identity.name,
        )
    )


def _skip(desk: Desk, basket: Basket, line: Line, pieces: int) -> None:
    desk.record(
        BaggingSkipped(
            terminal=basket.terminal,
            basket_id=basket.basket_id,
            line_id=line.line_id,
            pieces=pieces,
            by=desk.identity.name,
        )
    )


def _learn(desk: Desk, item_id: str, measured_g: int, terminal: str) -> None:
    lane = desk.repositories.terminal(terminal)
    if lane is not None and lane.is_training:
        return  # whoever practises lays down what they like
    item = desk.repositories.item(item_id)
    known = desk.repositories.learned_weight(item_id)
    learned = bagging.learn(item, known, measured_g) if item else None
    if learned is not None:
        desk.record(WeightLearned(terminal=terminal, learned=learned))


# -- what an attendant's word does (verdicts.py) --


def tare_and_learn(desk: Desk, intervention: Intervention, basket: Basket) -> None:
    """The attendant has seen that all is well: the area agrees from here on, and a single piece teaches its weight."""
    seen = intervention.evidence
    line = next((line for line in basket.lines if line.line_id == seen.line_id), None)
    if seen.reason == SKIPPED:
        if line is not None and not line.is_voided:
            _skip(desk, basket, line, seen.quantity or line.quantity)
        return
    if seen.measured_g is None:
        return
    if line is not None and _is_the_only_doubt(desk, basket, line):
        believed_g = bagging.line_weight_g(line, desk.repositories.pieces([line]))
        _learn(desk, line.item_id, seen.measured_g - (seen.expected_g or 0) + believed_g, basket.terminal)
    # What was learned already explains a part of it, or all.
    rest_g = seen.measured_g - expect(desk, basket).expected_g
    if rest_g:
        _tare(desk, basket, rest_g, "accepted")


def _is_the_only_doubt(desk: Desk, basket: Basket, line: Line) -> bool:
    """Whether a difference can only be this one piece's: it is single, and all others have a weight that is known."""
    beside = desk.repositories.beside(basket.basket_id)
    pieces = desk.repositories.pieces(basket.lines)
    if line.quantity != 1 or line.is_voided or line.weight_g is not None or beside.skipped.get(line.line_id):
        return False
    others = (other for other in basket.lines if other.line_id != line.line_id)
    return all(
        other.weight_g is not None or pieces[other.item_id].weight_g is not None
        for other in others
        if beside.pieces_expected(other, pieces.get(other.item_id, bagging.Piece()).bagging)
    )


def allow_bag(desk: Desk, intervention: Intervention, basket: Basket) -> None:
    """The heavy bag may lie there: from here on it is a part of what is expected."""
    seen = intervention.evidence
    _tare(desk, basket, (seen.measured_g or 0) - (seen.expected_g or 0), "own_bag")
