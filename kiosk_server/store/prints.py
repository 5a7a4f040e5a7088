"""Print jobs and the list of receipts as the store holds them: rows to values, and what screens and drivers ask for."""

import msgspec
from sqlalchemy import Connection

from kiosk_server.domain.printing import PrintJob, PrintOutcome, State
from kiosk_server.store.rows import Row

COLUMNS = (
    "job_id, receipt_number, printer, terminal, language, asked_by, asked_at, state, outcome, has_begun, is_duplicate, "
    "ended_at"
)
SELECT = f"SELECT {COLUMNS} FROM print_jobs"
OPEN = "state IN ('failed', 'unknown')"


class ReceiptRow(msgspec.Struct, frozen=True, kw_only=True):
    """One receipt in a list. `job` is the last attempt to put it on paper. `paid_at` is ms since 1970, UTC."""

    number: int
    terminal: str
    day: str
    paid_at: int
    total_cents: int
    by: str
    job: PrintJob | None = None


def job_of(row: Row) -> PrintJob:
    job_id, number, printer, terminal, language, by, asked_at, state, outcome, has_begun, is_duplicate, ended_at = row
    return PrintJob(
        job_id=job_id,
        receipt_number=number,
        printer=printer,
        terminal=terminal,
        language=language,
        by=by,
        asked_at=asked_at,
        state=State(state),
        outcome=None if outcome is None else PrintOutcome(outcome),
        has_begun=bool(has_begun),
        is_duplicate=bool(is_duplicate),
        ended_at=ended_at,
    )


def row_of(job: PrintJob) -> Row:
    return (
        job.job_id,
        job.receipt_number,
        job.printer,
        job.terminal,
        job.language,
        job.by,
        job.asked_at,
        job.state.value,
        None if job.outcome is None else job.outcome.value,
        int(job.has_begun),
        int(job.is_duplicate),
        job.ended_at,
    )


def waiting_jobs(conn: Connection) -> tuple[PrintJob, ...]:
    """Those whose end nobody has reported, oldest first."""
    return _jobs(conn, "state = 'waiting' ORDER BY asked_at, job_id")


def open_jobs(conn: Connection) -> tuple[PrintJob, ...]:
    """Those that a person has to look after, oldest first."""
    return _jobs(conn, f"{OPEN} ORDER BY asked_at, job_id")


def last_job(conn: Connection, receipt_number: int) -> PrintJob | None:
    """The latest attempt to put this receipt on paper."""
    return next(
        iter(_jobs(conn, "receipt_number = ? ORDER BY asked_at DESC, job_id DESC LIMIT 1", receipt_number)), None
    )


def has_paper(conn: Connection, receipt_number: int) -> bool:
    """Whether paper may carry this receipt."""
    query = "SELECT 1 FROM print_jobs WHERE receipt_number = ? AND has_begun LIMIT 1"
    return conn.exec_driver_sql(query, (receipt_number,)).fetchone() is not None


def receipt_rows(conn: Connection, before: int, limit: int) -> tuple[ReceiptRow, ...]:
    """The receipts with a number below `before`, newest first."""
    query = (
        f"SELECT r.number, r.terminal, r.day, r.paid_at, r.total_cents, r.by, {_of('j')} FROM receipts r "
        "LEFT JOIN print_jobs j ON j.job_id = (SELECT job_id FROM print_jobs WHERE receipt_number = r.number "
        "ORDER BY asked_at DESC, job_id DESC LIMIT 1) WHERE r.number < ? ORDER BY r.number DESC LIMIT ?"
    )
    found = conn.exec_driver_sql(query, (before, limit)).fetchall()
    return tuple(
        ReceiptRow(
            number=row[0],
            terminal=row[1],
            day=row[2],
            paid_at=row[3],
            total_cents=row[4],
            by=row[5],
            job=None if row[6] is None else job_of(tuple(row[6:])),
        )
        for row in found
    )


def _of(table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in COLUMNS.split(", "))


def _jobs(conn: Connection, which: str, *values: object) -> tuple[PrintJob, ...]:
    found = conn.exec_driver_sql(f"{SELECT} WHERE {which}", values or None).fetchall()
    return tuple(job_of(tuple(row)) for row in found)
