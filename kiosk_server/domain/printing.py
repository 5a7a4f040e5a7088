"""Print jobs: a receipt on its way to paper. Every transition is in MACHINE.

A job is printed at most once. Nothing is ever printed again by itself: a second try is a second job that a person asked
for, and it says DUPLICATE as soon as paper may carry the receipt already. What nobody can know is `unknown`, and a
person looks at the paper.
"""

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from kiosk_server.domain.machine import Machine


class State(StrEnum):
    WAITING = "waiting"
    PRINTED = "printed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SETTLED = "settled"  # it failed or was unknown, and somebody has seen to it


class Event(StrEnum):
    PRINT = "print"
    FAIL = "fail"
    LOSE = "lose"
    SETTLE = "settle"


MACHINE = Machine(
    "print job",
    {
        (State.WAITING, Event.PRINT): State.PRINTED,
        (State.WAITING, Event.FAIL): State.FAILED,
        (State.WAITING, Event.LOSE): State.UNKNOWN,
        (State.FAILED, Event.SETTLE): State.SETTLED,
        (State.UNKNOWN, Event.SETTLE): State.SETTLED,
    },
)


class PrintOutcome(StrEnum):
    """What a printer's driver found out about a job."""

    DONE = "done"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


_EVENT_OF = {PrintOutcome.DONE: Event.PRINT, PrintOutcome.UNKNOWN: Event.LOSE}


class PrintJob(msgspec.Struct, frozen=True, kw_only=True):
    """One receipt for one printer. Times are ms since 1970, UTC.

    `has_begun`: bytes of it reached the printer, so paper may carry the receipt, or a part of it. `terminal` is where
    the receipt was paid, `by` who asked for the paper.
    """

    job_id: str
    receipt_number: int
    printer: str
    terminal: str
    language: str
    by: str
    asked_at: int
    state: State = State.WAITING
    outcome: PrintOutcome | None = None
    has_begun: bool = False
    is_duplicate: bool = False
    ended_at: int | None = None


def is_on_paper(jobs: Iterable[PrintJob]) -> bool:
    """Whether paper may carry the receipt of these jobs already: the next copy is a duplicate."""
    return any(job.has_begun for job in jobs)


def end(job: PrintJob, outcome: PrintOutcome, *, has_begun: bool, ended_at: int) -> PrintJob:
    """The job as its driver reports it. Raises IllegalTransition for one that has ended."""
    return msgspec.structs.replace(
        job,
        state=MACHINE.next(job.state, _EVENT_OF.get(outcome, Event.FAIL)),
        outcome=outcome,
        has_begun=has_begun,
        ended_at=ended_at,
    )


def settle(job: PrintJob) -> PrintJob:
    """Somebody has looked. Raises IllegalTransition for a job that waits, was printed, or is settled."""
    return msgspec.structs.replace(job, state=MACHINE.next(job.state, Event.SETTLE))


def needs_a_person(job: PrintJob) -> bool:
    return MACHINE.allows(job.state, Event.SETTLE)
