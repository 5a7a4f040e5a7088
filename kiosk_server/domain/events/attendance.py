"""What happened about interventions, and in the bagging area."""

from kiosk_server.domain.bagging import LearnedWeight
from kiosk_server.domain.basket import Line, Totals
from kiosk_server.domain.events.event import Event
from kiosk_server.domain.intervention import Evidence, Intervention, Outcome


class InterventionRaised(Event, frozen=True):
    intervention: Intervention


class InterventionClaimed(Event, frozen=True):
    """Somebody is on the way. The last claim counts."""

    intervention_id: str
    by: str
    claimed_at: int


class InterventionRevised(Event, frozen=True):
    """What there is to see has changed: more was laid down, say. `evidence` is the whole of it."""

    intervention_id: str
    evidence: Evidence


class InterventionResolved(Event, frozen=True):
    intervention_id: str
    outcome: Outcome
    by: str
    resolved_at: int
    note: str = ""


class PriceOverridden(Event, frozen=True):
    """A line costs what somebody of the staff decided. `line` is the whole line as it stands now."""

    basket_id: str
    line: Line
    totals: Totals
    by: str
    reason: str


class BaggingTared(Event, frozen=True):
    """From here on `tare_g` in the bagging area is no item: bags and accepted differences.

    It is all of it together, and may be negative. `reason` is a word: `own_bag`, `accepted`.
    """

    basket_id: str
    tare_g: int
    reason: str
    by: str


class BaggingSkipped(Event, frozen=True):
    """`pieces` of this line, all of them together, may stay out of the bagging area."""

    basket_id: str
    line_id: int
    pieces: int
    by: str


class WeightLearned(Event, frozen=True):
    """What one piece of an item weighs, as far as is known now."""

    learned: LearnedWeight
