"""Orders about interventions: who asks for a look, who comes, how it ends."""

from kiosk_server.domain.commands.command import Cents, Command, Id, LineId, Note
from kiosk_server.domain.intervention import Evidence, Outcome


class CallAttendant(Command, frozen=True):
    """Ask for help. A second call while one waits changes nothing.

    `code` is one that was refused, if it is about one: the server judges it again, and the attendant reads why.
    """

    code: str = ""  # of any length, as in ScanItem


class AskForPrice(Command, frozen=True):
    """The shelf said another price for one piece of a line. A cashier decides; until then paying waits."""

    line_id: LineId
    unit_price_cents: Cents


class ClaimIntervention(Command, frozen=True):
    """An attendant is on the way, and the lane says so. Whoever claims last has it; a second tap changes nothing.

    Result: `{intervention_id, outcome, by}`: who has it, or how it has ended meanwhile and who said so.
    """

    intervention_id: Id


class ResolveIntervention(Command, frozen=True):
    """An attendant has looked: `done` where there is nothing to decide, else `approved` or `denied`.

    When a colleague was first, nothing happens twice, and the answer names them. Cash is resolved by ConfirmCash, a
    pump's call by AuthorisePump. `seen` is the evidence that was looked at: nobody approves ten bottles who saw two.
    Result: `{intervention_id, outcome, by}`. Refusals: wrong_state (something else is to be seen by now), bad_request
    (no `note` where money changes hands), forbidden.
    """

    intervention_id: Id
    outcome: Outcome = Outcome.DONE
    note: Note = ""
    seen: Evidence | None = None


class VoidBasketLine(Command, frozen=True):
    """Staff take one line of any open basket back. A second tap changes nothing. Result as ScanItem."""

    basket_id: Id
    line_id: LineId
    reason: Note = ""
