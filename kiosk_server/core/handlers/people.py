"""Interventions: a human is asked to look, and says that they have. How each ends is verdicts.py."""

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import VerdictAnswer
from kiosk_server.domain import lane
from kiosk_server.domain.basket import Basket
from kiosk_server.domain.commands import ClaimIntervention
from kiosk_server.domain.errors import Forbidden, NotFound
from kiosk_server.domain.events import (
    InterventionClaimed,
    InterventionRaised,
    InterventionResolved,
    InterventionRevised,
    TerminalMoved,
)
from kiosk_server.domain.intervention import (
    RULES,
    Evidence,
    Intervention,
    InterventionKind,
    Outcome,
    holding_scanning,
    is_of_a_machine,
    is_stopping_scanning,
)
from kiosk_server.domain.staff import Role
from kiosk_server.domain.terminal import Enrolment, Kind, Terminal


def claim_intervention(command: ClaimIntervention, desk: Desk) -> VerdictAnswer:
    """Somebody is on the way. The customer sees it; colleagues need not run too. What has ended says how."""
    intervention = named_intervention(desk, command.intervention_id)
    if intervention.outcome is not None:
        return VerdictAnswer(intervention.intervention_id, intervention.outcome, intervention.resolved_by)
    if intervention.claimed_by != desk.identity.name:
        desk.record(
            InterventionClaimed(
                terminal=intervention.terminal,
                intervention_id=intervention.intervention_id,
                by=desk.identity.name,
                claimed_at=desk.now_ms,
            )
        )
    return VerdictAnswer(intervention.intervention_id, None, desk.identity.name)


def named_intervention(desk: Desk, intervention_id: str) -> Intervention:
    intervention = desk.repositories.intervention(intervention_id)
    if intervention is None:
        raise NotFound(
            f"There is no intervention {intervention_id}. Nothing was changed.", intervention_id=intervention_id
        )
    return intervention


def check_may_resolve(role: Role, intervention: Intervention) -> None:
    """Raises Forbidden for a role that the kind's row does not name."""
    if role not in RULES[intervention.kind].resolvers:
        raise Forbidden(
            f"A {role.value} may not decide this. Nothing was changed. Ask a cashier or a manager.",
            role=role.value,
            kind=intervention.kind.value,
        )


def settle_lane(desk: Desk, name: str) -> None:
    """Bring a lane into the state that its open interventions ask for. Lanes that are paying or at rest stay so."""
    terminal = desk.repositories.terminal(name)
    if terminal is None or terminal.kind is not Kind.LANE or terminal.enrolment is not Enrolment.ACTIVE:
        return
    waiting = [one for one in desk.repositories.open_interventions(name) if not is_of_a_machine(one)]
    event = lane.Event.RESOLVE
    if holding_scanning(waiting):
        event = lane.Event.HOLD
    elif waiting:
        event = lane.Event.CALL
    state = lane.State(terminal.state)
    if lane.MACHINE.allows(state, event):
        then = lane.MACHINE.next(state, event)
        desk.record(TerminalMoved(terminal=name, state=then.value, since=desk.now_ms))


def raise_for(
    desk: Desk,
    terminal: str,
    kind: InterventionKind,
    *,
    basket_id: str | None = None,
    amount_cents: int | None = None,
    evidence: Evidence | None = None,
) -> Intervention:
    """Put a row into the inbox."""
    intervention = Intervention(
        intervention_id=desk.new_id(),
        kind=kind,
        terminal=terminal,
        raised_at=desk.now_ms,
        basket_id=basket_id,
        amount_cents=amount_cents,
        evidence=evidence or Evidence(),
        is_holding_scanning=is_stopping_scanning(kind, desk.policy.lane),
        is_holding_paying=RULES[kind].stops_paying,
    )
    desk.record(InterventionRaised(terminal=terminal, intervention=intervention))
    return intervention


def raise_or_revise(desk: Desk, basket: Basket, kind: InterventionKind, evidence: Evidence) -> Intervention:
    """One row of a kind for a basket and item: what is open already is told what has changed, and the lane follows."""
    for known in desk.repositories.open_interventions(basket.terminal, kind):
        if known.basket_id == basket.basket_id and known.evidence.item_id == evidence.item_id:
            revise(desk, known, evidence)
            return known
    raised = raise_for(desk, basket.terminal, kind, basket_id=basket.basket_id, evidence=evidence)
    settle_lane(desk, basket.terminal)
    return raised


def revise(desk: Desk, known: Intervention, evidence: Evidence) -> None:
    if known.evidence != evidence:
        desk.record(
            InterventionRevised(terminal=known.terminal, intervention_id=known.intervention_id, evidence=evidence)
        )


def resolve(desk: Desk, intervention: Intervention, outcome: Outcome, note: str = "") -> None:
    desk.record(
        InterventionResolved(
            terminal=intervention.terminal,
            intervention_id=intervention.intervention_id,
            outcome=outcome,
            by=desk.identity.name,
            resolved_at=desk.now_ms,
            note=note,
        )
    )


def withdraw_calls(desk: Desk, terminal: Terminal) -> None:
    """Nobody needs to come any more: the customer went on without."""
    for intervention in desk.repositories.open_interventions(terminal.name):
        if RULES[intervention.kind].is_call and not is_of_a_machine(intervention):
            resolve(desk, intervention, Outcome.WITHDRAWN)


_ABOUT_MONEY = frozenset({InterventionKind.CASH, InterventionKind.PAYMENT, InterventionKind.REFUND})


def withdraw_all(desk: Desk, terminal: Terminal) -> None:
    """The basket has left this terminal: there is nothing to look at any more. Money is withdrawn with its tender."""
    for intervention in desk.repositories.open_interventions(terminal.name):
        if intervention.kind not in _ABOUT_MONEY and not is_of_a_machine(intervention):
            resolve(desk, intervention, Outcome.WITHDRAWN)


def cash_of(desk: Desk, basket: Basket) -> Intervention | None:
    """The row of the inbox that waits for this basket's money."""
    for intervention in desk.repositories.open_interventions(basket.terminal, InterventionKind.CASH):
        if intervention.basket_id == basket.basket_id:
            return intervention
    return None
