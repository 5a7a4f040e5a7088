"""Orders about receipts on paper."""

from typing import Annotated

from msgspec import Meta

from kiosk_server.domain.commands.command import Command, Id, Name
from kiosk_server.domain.printing import PrintOutcome

ReceiptNumber = Annotated[int, Meta(ge=1, le=2**53)]
Language = Annotated[str, Meta(pattern=r"^[a-z]{2,3}$(?!\n)")]


class PrintReceipt(Command, frozen=True):
    """Put a receipt on paper: its own last one for a terminal, any for staff, who may name the printer.

    Result: `{job}`. While a job of the same receipt waits, that one is the answer. Refusals: not_found, forbidden,
    wrong_state (a terminal prints a receipt once).
    """

    receipt_number: ReceiptNumber
    language: Language | None = None
    printer: Name | None = None


class ReportPrint(Command, frozen=True):
    """Printer's driver: how a job ended. `has_begun`: bytes of it reached the printer."""

    job_id: Id
    outcome: PrintOutcome
    has_begun: bool


class SettlePrint(Command, frozen=True):
    """Staff have looked after a job that failed or whose end is unknown. A second time changes nothing."""

    job_id: Id
