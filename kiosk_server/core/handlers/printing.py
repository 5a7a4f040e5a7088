"""Receipts on paper: what may be asked for, and what the drivers report."""

from kiosk_server.core.desk import Desk
from kiosk_server.core.handlers.answers import PrintAnswer
from kiosk_server.domain import printing
from kiosk_server.domain.commands import PrintReceipt, ReportPrint, SettlePrint
from kiosk_server.domain.errors import Forbidden, NotFound, WrongState
from kiosk_server.domain.events import PrintAsked, PrintFailed, PrintSettled, ReceiptPrinted
from kiosk_server.domain.printing import PrintJob, PrintOutcome, State
from kiosk_server.domain.receipt_words import choose_language


def print_receipt(command: PrintReceipt, desk: Desk) -> PrintAnswer:
    """Ask for paper. Nothing is printed here: the driver hears of the event after the commit."""
    terminal = _terminal_of(command, desk)
    earlier = desk.repositories.print_jobs_of(command.receipt_number)
    printer = _printer_for(command, desk, terminal)
    for job in earlier:
        if job.state is State.WAITING and job.printer == printer:
            return PrintAnswer(job)
    if desk.identity.terminal is not None:
        _check_first(earlier)
    for job in filter(printing.needs_a_person, earlier):
        desk.record(PrintSettled(terminal=terminal, job=printing.settle(job)))
    job = PrintJob(
        job_id=desk.new_id(),
        receipt_number=command.receipt_number,
        printer=printer,
        terminal=terminal,
        language=choose_language(command.language, desk.policy.languages),
        by=desk.identity.name,
        asked_at=desk.now_ms,
        # One that still waits at another printer will be on paper too.
        is_duplicate=printing.is_on_paper(earlier) or any(job.state is State.WAITING for job in earlier),
    )
    desk.record(PrintAsked(terminal=terminal, job=job))
    return PrintAnswer(job)


def _terminal_of(command: PrintReceipt, desk: Desk) -> str:
    """Where the receipt was paid. To a terminal, the receipts of others do not exist."""
    terminal = desk.repositories.terminal_of_receipt(command.receipt_number)
    own = desk.identity.terminal
    if terminal is None or (own is not None and own != terminal):
        raise NotFound(f"There is no receipt {command.receipt_number} here. Nothing was printed. Check the number.")
    if own is not None and command.printer is not None:
        raise Forbidden("A terminal prints where it is told to by the settings. Nothing was printed.")
    return terminal


def _printer_for(command: PrintReceipt, desk: Desk, terminal: str) -> str:
    rules = desk.policy.printing
    if command.printer is not None:
        if command.printer not in rules.printers:
            known = ", ".join(rules.printers) or "none"
            raise NotFound(f"There is no printer {command.printer}. Nothing was printed. The settings name: {known}.")
        return command.printer
    known_terminal = desk.repositories.terminal(terminal)
    chosen = rules.printer_of(terminal, known_terminal.kind if known_terminal else "")
    if chosen is None:
        raise NotFound(
            f"{terminal} has no printer. Nothing was printed. The setting printer.terminals names one.",
            terminal=terminal,
        )
    return chosen


def _check_first(earlier: tuple[PrintJob, ...]) -> None:
    """Copies are handed out by people, so that no customer leaves with two of them."""
    if printing.is_on_paper(earlier):
        raise WrongState(
            "This receipt is on paper already, or may be. Nothing was printed. Staff can print a duplicate.",
            receipt_number=earlier[0].receipt_number,
        )


def report_print(command: ReportPrint, desk: Desk) -> PrintAnswer:
    """The driver knows how it ended."""
    job = printing.end(_job(desk, command.job_id), command.outcome, has_begun=command.has_begun, ended_at=desk.now_ms)
    event = ReceiptPrinted if command.outcome is PrintOutcome.DONE else PrintFailed
    desk.record(event(terminal=job.terminal, job=job))
    return PrintAnswer(job)


def settle_print(command: SettlePrint, desk: Desk) -> PrintAnswer:
    """Two attendants look after the same job: one effect."""
    job = _job(desk, command.job_id)
    if job.state is State.SETTLED:
        return PrintAnswer(job)
    settled = printing.settle(job)
    desk.record(PrintSettled(terminal=job.terminal, job=settled))
    return PrintAnswer(settled)


def _job(desk: Desk, job_id: str) -> PrintJob:
    job = desk.repositories.print_job(job_id)
    if job is None:
        raise NotFound(f"There is no print job {job_id}. Nothing was changed.", job_id=job_id)
    return job
