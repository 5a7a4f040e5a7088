"""Interventions: a human is asked to look, and says that they have."""

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import CallAnswer
from kiosk_server.core.handlers.own import own_terminal
from kiosk_server.domain import lane
from kiosk_server.domain.basket import Basket
from kiosk_server.domain.commands import CallAttendant, ResolveIntervention
from kiosk_server.domain.errors import NotFound, WrongState
from kiosk_server.domain.events import InterventionRaised, InterventionResolved, TerminalMoved
from kiosk_server.domain.intervention import Intervention, InterventionKind, Outcome
from kiosk_server.domain.terminal import Enrolment, Kind, Terminal


def call_attendant(_: CallAttendant, desk: Desk) -> CallAnswer:
    """A customer wants help. They may go on scanning; a second call while one waits is the first one."""
    terminal = own_terminal(desk)
    waiting = desk.repositories.open_interventions(terminal.name, InterventionKind.ASSISTANCE)
    if waiting:
        return CallAnswer(waiting[0].intervention_id)
    raised = raise_for(desk, terminal.name, InterventionKind.ASSISTANCE, basket_id=terminal.basket_id)
    # Help can be called in every state; only a lane that is scanning shows it as its state.
    if terminal.kind is Kind.LANE:
        _step_if_possible(desk, terminal, lane.Event.CALL)
    return CallAnswer(raised.intervention_id)


def resolve_intervention(command: ResolveIntervention, desk: Desk) -> CallAnswer:
    """An attendant has looked. When a colleague was first, nothing happens twice."""
    intervention = desk.repositories.intervention(command.intervention_id)
    if intervention is None:
        raise NotFound(
            f"There is no intervention {command.intervention_id}. Nothing was changed.",
            intervention_id=command.intervention_id,
        )
    if intervention.outcome is None:
        if intervention.kind is InterventionKind.CASH:
            raise WrongState(
                "Money is confirmed with its amount, or the customer goes back from paying. Nothing was changed.",
                intervention_id=intervention.intervention_id,
                basket_id=intervention.basket_id,
            )
        resolve(desk, intervention, command.outcome, command.note)
        _let_lane_go_on(desk, intervention)
    return CallAnswer(intervention.intervention_id)


def _let_lane_go_on(desk: Desk, intervention: Intervention) -> None:
    terminal = desk.repositories.terminal(intervention.terminal)
    if terminal is None or terminal.kind is not Kind.LANE or terminal.enrolment is not Enrolment.ACTIVE:
        return
    if not desk.repositories.open_interventions(terminal.name, InterventionKind.ASSISTANCE):
        _step_if_possible(desk, terminal, lane.Event.RESOLVE)


def _step_if_possible(desk: Desk, terminal: Terminal, event: lane.Event) -> None:
    state = lane.State(terminal.state)
    if lane.MACHINE.allows(state, event):
        then = lane.MACHINE.next(state, event)
        desk.record(TerminalMoved(terminal=terminal.name, state=then.value, since=desk.now_ms))


def raise_for(
    desk: Desk,
    terminal: str,
    kind: InterventionKind,
    *,
    basket_id: str | None = None,
    amount_cents: int | None = None,
) -> Intervention:
    """Put a row into the inbox."""
    intervention = Intervention(
        intervention_id=desk.new_id(),
        kind=kind,
        terminal=terminal,
        raised_at=desk.now_ms,
        basket_id=basket_id,
        amount_cents=amount_cents,
    )
    desk.record(InterventionRaised(terminal=terminal, intervention=intervention))
    return intervention


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
    """Nobody needs to come any more: the customer went on, or went away."""
    for intervention in desk.repositories.open_interventions(terminal.name, InterventionKind.ASSISTANCE):
        resolve(desk, intervention, Outcome.WITHDRAWN)


def cash_of(desk: Desk, basket: Basket) -> Intervention | None:
    """The row of the inbox that waits for this basket's money."""
    for intervention in desk.repositories.open_interventions(basket.terminal, InterventionKind.CASH):
        if intervention.basket_id == basket.basket_id:
            return intervention
    return None
