"""A human must look before the basket goes on: what for, with what evidence, and how it ended."""

from enum import StrEnum

import msgspec


class InterventionKind(StrEnum):
    ASSISTANCE = "assistance"
    CASH = "cash"
    PUMP_CALL = "pump_call"


class Outcome(StrEnum):
    DONE = "done"
    APPROVED = "approved"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"


class Intervention(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the console's inbox. `raised_at` is ms since 1970, UTC; the inbox is ordered by it."""

    intervention_id: str
    kind: InterventionKind
    terminal: str
    raised_at: int
    basket_id: str | None = None
    amount_cents: int | None = None
    outcome: Outcome | None = None
    resolved_at: int | None = None
    resolved_by: str = ""
    note: str = ""
