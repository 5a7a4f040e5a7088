"""How interventions begin by hand and how they end: what each end does to the basket is one row in EFFECTS."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import CallAnswer, VerdictAnswer
from kiosk_server.core.handlers.bagging import allow_bag, tare_and_learn
from kiosk_server.core.handlers.basket import judge_code, take_away
from kiosk_server.core.handlers.checks import of_line
from kiosk_server.core.handlers.own import own_basket, own_terminal
from kiosk_server.core.handlers.people import (
    check_may_resolve,
    named_intervention,
    raise_for,
    resolve,
    settle_lane,
)
from kiosk_server.domain import basket as baskets
from kiosk_server.domain.basket import Basket, State
from kiosk_server.domain.catalog import ItemKind
from kiosk_server.domain.commands import AskForPrice, CallAttendant, ResolveIntervention
from kiosk_server.domain.errors import BadRequest, Refusal, WrongState
from kiosk_server.domain.events import LineVoided, PriceOverridden, QuantityChanged
from kiosk_server.domain.intervention import (
    RULES,
    Effect,
    Evidence,
    Intervention,
    InterventionKind,
    Outcome,
)


def call_attendant(command: CallAttendant, desk: Desk) -> CallAnswer:
    """A customer wants help. They may go on scanning; a second call while one waits is the first one."""
    terminal = own_terminal(desk)
    kind, evidence = _why_refused(desk, command.code) if command.code else (InterventionKind.ASSISTANCE, Evidence())
    for waiting in desk.repositories.open_interventions(terminal.name, kind):
        if waiting.evidence == evidence:
            return CallAnswer(waiting.intervention_id)
    raised = raise_for(desk, terminal.name, kind, basket_id=terminal.basket_id, evidence=evidence)
    # Help can be called in every state; only a lane that is scanning shows it as its state.
    settle_lane(desk, terminal.name)
    return CallAnswer(raised.intervention_id)


def _why_refused(desk: Desk, code: str) -> tuple[InterventionKind, Evidence]:
    """The server's own word on a code that was refused: never the browser's."""
    shown = code[:40]
    try:
        judge_code(desk, code)
    except Refusal as refusal:
        details = refusal.details
        item = desk.repositories.item(str(details.get("item_id", "")))
        evidence = Evidence(
            code=shown,
            item_id=item.item_id if item else "",
            item_name=item.name if item else "",
            expires_on=str(details.get("expired_on", "")),
        )
        return _kind_of(refusal), evidence
    return InterventionKind.ASSISTANCE, Evidence(code=shown)


def _kind_of(refusal: Refusal) -> InterventionKind:
    if refusal.code in {"unknown_item", "bad_code", "bad_check_digit", "code_too_long"}:
        return InterventionKind.UNKNOWN_ITEM
    if refusal.details.get("expired_on"):
        return InterventionKind.EXPIRED
    if refusal.details.get("reason") == "withdrawn":
        return InterventionKind.RECALLED
    return InterventionKind.NOT_FOR_SALE


def ask_for_price(command: AskForPrice, desk: Desk) -> CallAnswer:
    """The shelf said otherwise. The line stays as it is until a cashier has looked."""
    terminal, basket = own_basket(desk)
    baskets.check_open(basket)
    line = baskets.find_line(basket, command.line_id)
    if line.is_voided or line.kind is ItemKind.FUEL or line.weight_g is not None:
        raise WrongState(
            f"{line.name} has no price of a piece that could be changed. Nothing was changed. Call an attendant.",
            line_id=line.line_id,
        )
    evidence = of_line(line, amount_cents=command.unit_price_cents, quantity=line.quantity)
    for waiting in desk.repositories.open_interventions(terminal.name, InterventionKind.PRICE_OVERRIDE):
        if waiting.basket_id == basket.basket_id and waiting.evidence.line_id == line.line_id:
            return CallAnswer(waiting.intervention_id)
    raised = raise_for(
        desk, terminal.name, InterventionKind.PRICE_OVERRIDE, basket_id=basket.basket_id, evidence=evidence
    )
    settle_lane(desk, terminal.name)
    return CallAnswer(raised.intervention_id)


def resolve_intervention(command: ResolveIntervention, desk: Desk) -> VerdictAnswer:
    """An attendant has looked. When a colleague was first, nothing happens twice and the answer names them."""
    intervention = named_intervention(desk, command.intervention_id)
    if intervention.outcome is not None:
        return VerdictAnswer(intervention.intervention_id, intervention.outcome, intervention.resolved_by)
    _check_verdict(command, intervention)
    check_may_resolve(desk.identity.role, intervention)
    resolve(desk, intervention, command.outcome, command.note)
    rule = RULES[intervention.kind]
    effect = {Outcome.APPROVED: rule.approved, Outcome.DENIED: rule.denied}.get(command.outcome, Effect.NOTHING)
    basket = desk.repositories.basket(intervention.basket_id) if intervention.basket_id else None
    if basket is not None and basket.state is State.OPEN:
        EFFECTS[effect](desk, intervention, basket)
    settle_lane(desk, intervention.terminal)
    return VerdictAnswer(intervention.intervention_id, command.outcome, desk.identity.name)


def _check_verdict(command: ResolveIntervention, intervention: Intervention) -> None:
    if intervention.kind is InterventionKind.CASH:
        raise WrongState(
            "Money is confirmed with its amount, or the customer goes back from paying. Nothing was changed.",
            intervention_id=intervention.intervention_id,
            basket_id=intervention.basket_id,
        )
    is_decided = command.outcome in {Outcome.APPROVED, Outcome.DENIED}
    if command.outcome is Outcome.WITHDRAWN or is_decided < RULES[intervention.kind].has_decision:
        raise BadRequest(
            "This has to be approved or denied. Nothing was changed."
            if RULES[intervention.kind].has_decision
            else "Say that it is done. Nothing was changed.",
            kind=intervention.kind.value,
        )


# -- effects: on open baskets only; the intervention itself is resolved already --


def _nothing(_desk: Desk, _intervention: Intervention, _basket: Basket) -> None:
    """What was approved is remembered by the intervention itself."""


def _void_restricted(desk: Desk, intervention: Intervention, basket: Basket) -> None:
    """The age was denied: every line that needs it is taken back."""
    age = intervention.evidence.minimum_age or 0
    items = desk.repositories.items_by_ids({line.item_id for line in basket.lines})
    for line in basket.lines:
        item = items.get(line.item_id)
        # Whoever is not old enough for wine may still be old enough for beer: that is asked again.
        if not line.is_voided and item and item.minimum_age and item.minimum_age >= age:
            basket = _void(desk, basket, line.line_id)


def _cut_to_limit(desk: Desk, intervention: Intervention, basket: Basket) -> None:
    """The newest pieces beyond what the item allows are taken back."""
    seen = intervention.evidence
    of_it = [line for line in basket.lines if line.item_id == seen.item_id and not line.is_voided]
    surplus = sum(line.quantity for line in of_it) - (seen.limit or 0)
    for line in reversed(of_it):
        if surplus <= 0:
            return
        if line.quantity <= surplus:
            basket = _void(desk, basket, line.line_id)
        else:
            basket = _set_quantity(desk, basket, line.line_id, line.quantity - surplus)
        surplus -= line.quantity


def _void_asked(desk: Desk, intervention: Intervention, basket: Basket) -> None:
    seen = intervention.evidence
    if seen.line_id is None:
        take_away(desk, basket, intervention.note or "void_approved")
    elif seen.quantity is None or seen.quantity == 0:
        _void(desk, basket, seen.line_id)
    elif not baskets.find_line(basket, seen.line_id).is_voided:
        _set_quantity(desk, basket, seen.line_id, seen.quantity)


def _reprice(desk: Desk, intervention: Intervention, basket: Basket) -> None:
    seen = intervention.evidence
    line = baskets.find_line(basket, seen.line_id or 0)
    if line.is_voided or seen.amount_cents is None:
        return
    after, line = baskets.reprice(basket, line.line_id, seen.amount_cents)
    desk.record(
        PriceOverridden(
            terminal=basket.terminal,
            basket_id=basket.basket_id,
            line=line,
            totals=after.totals,
            by=desk.identity.name,
            reason=intervention.intervention_id,
        )
    )


def _void_basket(desk: Desk, _intervention: Intervention, basket: Basket) -> None:
    take_away(desk, basket, "walk_off")


def _void(desk: Desk, basket: Basket, line_id: int) -> Basket:
    after, line = baskets.void_line(basket, line_id)
    if after != basket:
        desk.record(LineVoided(terminal=basket.terminal, basket_id=basket.basket_id, line=line, totals=after.totals))
    return after


def _set_quantity(desk: Desk, basket: Basket, line_id: int, quantity: int) -> Basket:
    after, line = baskets.change_quantity(basket, line_id, quantity)
    if after != basket:
        desk.record(
            QuantityChanged(terminal=basket.terminal, basket_id=basket.basket_id, line=line, totals=after.totals)
        )
    return after


EFFECTS: Final[Mapping[Effect, Callable[[Desk, Intervention, Basket], None]]] = MappingProxyType(
    {
        Effect.NOTHING: _nothing,
        Effect.REMEMBER: _nothing,
        Effect.VOID_LINES: _void_restricted,
        Effect.CUT_TO_LIMIT: _cut_to_limit,
        Effect.TARE: tare_and_learn,
        Effect.ALLOW_BAG: allow_bag,
        Effect.VOID_ASKED: _void_asked,
        Effect.REPRICE: _reprice,
        Effect.VOID_BASKET: _void_basket,
    }
)
