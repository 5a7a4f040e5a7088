"""How interventions begin by hand and how they end: what each end does to the basket is one row in EFFECTS."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from msgspec.structs import replace

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import CallAnswer, LineAnswer, VerdictAnswer
from kiosk_server.core.handlers.bagging import allow_bag, tare_and_learn
from kiosk_server.core.handlers.basket import judge_code, take_away
from kiosk_server.core.handlers.checks import of_line, review
from kiosk_server.core.handlers.floor import home_of
from kiosk_server.core.handlers.offers import record_line
from kiosk_server.core.handlers.own import named_basket, own_basket, own_terminal
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
from kiosk_server.domain.commands import AskForPrice, CallAttendant, ResolveIntervention, VoidBasketLine
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
from kiosk_server.domain.terminal import Kind


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
    _check_has_verdict(command, intervention)
    check_may_resolve(desk.identity.role, intervention)
    _check_seen(command, intervention)
    resolve(desk, intervention, command.outcome, command.note)
    intervention = replace(intervention, note=command.note)  # the effects say why
    rule = RULES[intervention.kind]
    effect = {Outcome.APPROVED: rule.approved, Outcome.DENIED: rule.denied}.get(command.outcome, Effect.NOTHING)
    basket = desk.repositories.basket(intervention.basket_id) if intervention.basket_id else None
    if basket is not None and basket.state is State.OPEN:
        EFFECTS[effect](desk, intervention, basket)
        _look_again(desk, basket.basket_id)
    settle_lane(desk, intervention.terminal)
    return VerdictAnswer(intervention.intervention_id, command.outcome, desk.identity.name)


def _check_has_verdict(command: ResolveIntervention, intervention: Intervention) -> None:
    """Raises WrongState for what ends by itself, BadRequest for a word that does not end this kind."""
    rule = RULES[intervention.kind]
    if not rule.resolvers:
        raise WrongState(
            _ENDS_BY.get(intervention.kind, "This ends by itself. Nothing was changed."),
            intervention_id=intervention.intervention_id,
            basket_id=intervention.basket_id,
        )
    is_decided = command.outcome in {Outcome.APPROVED, Outcome.DENIED}
    if command.outcome is Outcome.WITHDRAWN or is_decided is not rule.has_decision:
        raise BadRequest(
            "This has to be approved or denied. Nothing was changed."
            if rule.has_decision
            else "Say that it is done. Nothing was changed.",
            kind=intervention.kind.value,
        )


_ENDS_BY: Final = MappingProxyType(
    {
        InterventionKind.CASH: "Money is confirmed with its amount, or the customer goes back from paying. "
        "Nothing was changed.",
        InterventionKind.PAYMENT: "This ends with the card reader's answer, or by stopping the payment. "
        "Nothing was changed.",
        InterventionKind.REFUND: "This ends by giving the money back: in cash, or on the card once more. "
        "Nothing was changed.",
    }
)


def _check_seen(command: ResolveIntervention, intervention: Intervention) -> None:
    """Raises BadRequest without the reason that money asks for, WrongState where other things are approved than seen.

    Denying is safe whatever there is to see.
    """
    if RULES[intervention.kind].needs_note and not command.note.strip():
        raise BadRequest("Say why: money changes hands by this. Nothing was changed.", kind=intervention.kind.value)
    is_other = command.seen is not None and command.seen != intervention.evidence
    if command.outcome is Outcome.APPROVED and is_other:
        raise WrongState(
            "What there is to see has changed meanwhile. Nothing was decided. Look again, then decide.",
            intervention_id=intervention.intervention_id,
        )


def _look_again(desk: Desk, basket_id: str) -> None:
    """What was taken back may leave something else to look at: no wine any more, but beer, which has its own age."""
    basket = desk.repositories.basket(basket_id)
    home = home_of(desk, basket) if basket is not None and basket.state is State.OPEN else None
    if basket is not None and home is not None and home.kind is Kind.LANE:
        review(desk, basket)


def void_basket_line(command: VoidBasketLine, desk: Desk) -> LineAnswer:
    """An attendant takes a line back, whatever it costs: what was asked about it has its answer."""
    basket = named_basket(desk, command.basket_id)
    line = baskets.find_line(basket, command.line_id)
    if line.kind is ItemKind.FUEL:
        raise WrongState(
            "The pump has delivered this fuel. Nothing was changed. Void the whole basket.", line_id=line.line_id
        )
    after = _void(desk, basket, command.line_id, command.reason)
    if after != basket:
        for waiting in desk.repositories.open_interventions(basket.terminal):
            is_about_it = waiting.basket_id == basket.basket_id and waiting.evidence.line_id == command.line_id
            if is_about_it and waiting.kind in _ABOUT_A_LINE:
                resolve(desk, waiting, Outcome.WITHDRAWN)
        _look_again(desk, basket.basket_id)
        settle_lane(desk, basket.terminal)
    return LineAnswer(basket.basket_id, baskets.find_line(after, command.line_id), after.totals)


_ABOUT_A_LINE: Final = frozenset({InterventionKind.VOID_ABOVE_LIMIT, InterventionKind.PRICE_OVERRIDE})


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
        _void(desk, basket, seen.line_id, intervention.note)
    elif not baskets.find_line(basket, seen.line_id).is_voided:
        _set_quantity(desk, basket, seen.line_id, seen.quantity)


def _reprice(desk: Desk, intervention: Intervention, basket: Basket) -> None:
    seen = intervention.evidence
    line = baskets.find_line(basket, seen.line_id or 0)
    if line.is_voided or seen.amount_cents is None:
        return
    after, line = baskets.reprice(basket, line.line_id, seen.amount_cents)
    by, why = desk.identity.name, intervention.intervention_id
    record_line(
        desk,
        basket,
        after,
        line.line_id,
        lambda line, totals: PriceOverridden(
            terminal=basket.terminal, basket_id=basket.basket_id, line=line, totals=totals, by=by, reason=why
        ),
    )


def _void_basket(desk: Desk, _intervention: Intervention, basket: Basket) -> None:
    take_away(desk, basket, "walk_off")


def _void(desk: Desk, basket: Basket, line_id: int, reason: str = "") -> Basket:
    after, _ = baskets.void_line(basket, line_id)
    if after != basket:
        after, _ = record_line(
            desk,
            basket,
            after,
            line_id,
            lambda line, totals: LineVoided(
                terminal=basket.terminal, basket_id=basket.basket_id, line=line, totals=totals, reason=reason
            ),
        )
    return after


def _set_quantity(desk: Desk, basket: Basket, line_id: int, quantity: int) -> Basket:
    after, _ = baskets.change_quantity(basket, line_id, quantity)
    if after != basket:
        after, _ = record_line(
            desk,
            basket,
            after,
            line_id,
            lambda line, totals: QuantityChanged(
                terminal=basket.terminal, basket_id=basket.basket_id, line=line, totals=totals
            ),
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
