"""Orders about fuelling points."""

from typing import Annotated

from msgspec import Meta

from kiosk_server.domain.commands.command import (
    Cents,
    Command,
    Id,
    Name,
)


class LiftNozzle(Command, frozen=True):
    """The customer takes the nozzle of one grade. Sent by the forecourt controller, or by the virtual pump's screen."""

    grade_id: Id


class HangNozzle(Command, frozen=True):
    """The nozzle is back: an unstarted fuelling ends without trace, a started one ends with its totals."""


class AuthorisePump(Command, frozen=True):
    """Let a fuelling point deliver, optionally up to an amount."""

    terminal: Name
    limit_cents: Cents | None = None


class StopPump(Command, frozen=True):
    """Suspend delivery (or take back an authorisation)."""

    terminal: Name


class ResumePump(Command, frozen=True):
    terminal: Name


class StopAllPumps(Command, frozen=True):
    """Emergency stop of the whole forecourt: one gesture. Result: `{stopped: [terminal]}`."""


class ReportFlow(Command, frozen=True):
    """Forecourt controller: the first drops have flowed at a fuelling point."""

    terminal: Name


class ReportFuelling(Command, frozen=True):
    """Forecourt controller: a fuelling ended with these totals. The meter's volume is the truth."""

    terminal: Name
    volume_ml: Annotated[int, Meta(ge=0, le=2_000_000)]
