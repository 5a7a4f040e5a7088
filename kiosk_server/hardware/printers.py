"""The print room: one thread a printer, which prints what was committed and tells the store how it ended.

A job goes to paper at most once. Before its first byte leaves, the ledger says so on the disk; whatever happens then,
it is never sent again. `start` takes up the jobs that waited when the server stopped: those not begun are printed, the
others reported as far as anybody knows.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from kiosk_server.domain.commands import Command, ReportPrint
from kiosk_server.domain.events import PrintAsked, PrintFailed, ReceiptPrinted
from kiosk_server.domain.printing import PrintJob, PrintOutcome
from kiosk_server.domain.receipt_layout import Slip
from kiosk_server.domain.typesetting import typeset
from kiosk_server.hardware.escpos import FEED_AND_CUT, encode
from kiosk_server.hardware.print_ledger import PrintLedger
from kiosk_server.hardware.printer import Printer, PrinterAddress, Result
from kiosk_server.hardware.virtual_printer import VirtualPrinter
from kiosk_server.promise import Promise
from kiosk_server.store.journal import Entry

log = logging.getLogger(__name__)

RETRY_S: Final = 1.0
ANSWER_S: Final = 10.0
LATE_MS: Final = 15 * 60 * 1000
"""Nobody waits that long for a receipt. And a store that came from a backup may know jobs that were printed since."""

NOBODY_KNOWS: Final = Result(outcome=PrintOutcome.UNKNOWN, has_begun=True)
NOBODY_THERE: Final = Result(outcome=PrintOutcome.OFFLINE)
# The store has moved on without this report: saying it again would change nothing.
_FINAL: Final = frozenset({"illegal_transition", "wrong_state", "not_found"})

Submit = Callable[[Command, str], Promise[Any]]


class Station(msgspec.Struct, frozen=True):
    """A printer of the settings. `virtual` is the machine behind it where it is one of ours."""

    address: PrinterAddress
    printer: Printer
    virtual: VirtualPrinter | None = None


class PrinterState(msgspec.Struct, frozen=True, kw_only=True):
    """How a printer is, as far as its last job told. `waiting` counts the job that is being printed too."""

    name: str
    way: str
    waiting: int
    trouble: PrintOutcome | None = None
    is_paper_low: bool = False


class PrintRoom:
    """All printers of a store. `draw(job)` lays a receipt out; `submit(command, key)` gives the promise of a Reply."""

    def __init__(
        self,
        stations: Mapping[str, Station],
        draw: Callable[[PrintJob], Slip],
        ledger: Path,
        submit: Submit,
        now_ms: Callable[[], int],
    ) -> None:
        self.stations = stations
        self._now_ms = now_ms
        self._means = _Means(draw, PrintLedger(ledger), submit, threading.Event())
        self._lock = threading.Lock()
        self._known: set[str] = set()
        self._workers = {name: _Worker(name, station, self._means) for name, station in stations.items()}
        self._has_started = False

    # None of these waits for a printer, but `stop`.

    def start(self, waiting: Iterable[PrintJob]) -> None:
        """Begin, with the jobs that wait in the store. Entries about them may have been heard before."""
        jobs = tuple(waiting)
        self._means.ledger.keep_only({job.job_id for job in jobs})
        for job in jobs:
            self._take(job, self._found_again(job))
        with self._lock:
            self._has_started = True
            workers = tuple(self._workers.values())
        for worker in workers:
            worker.thread.start()

    def on_entries(self, entries: Sequence[Entry]) -> None:
        """Hear what was committed; a subscriber of the bus."""
        for entry in entries:
            event = entry.event
            if isinstance(event, PrintAsked):
                self._take(event.job, None)
            elif isinstance(event, ReceiptPrinted | PrintFailed):
                # Journal order: nobody can tell us of this job's beginning any more.
                with self._lock:
                    self._known.discard(event.job.job_id)

    def states(self) -> tuple[PrinterState, ...]:
        """Every printer of the settings, by name."""
        return tuple(self._workers[name].state() for name in sorted(self.stations))

    def stop(self, timeout_s: float = 5.0) -> bool:
        """Let every printer finish its job, and end. False if one took longer: the ledger then knows of it."""
        self._means.is_over.set()
        ends_s = time.monotonic() + timeout_s
        with self._lock:
            workers = tuple(self._workers.values())
        for worker in workers:
            worker.inbox.put(None)
        for worker in workers:
            if worker.thread.is_alive():
                worker.thread.join(max(0.0, ends_s - time.monotonic()))
        for station in self.stations.values():
            if station.virtual is not None:
                station.virtual.close()
        return not any(worker.thread.is_alive() for worker in workers)

    def _take(self, job: PrintJob, result: Result | None) -> None:
        """Hand the job to its printer's thread; with a `result`, only to report that."""
        with self._lock:
            if job.job_id in self._known:
                return
            self._known.add(job.job_id)
            worker = self._workers.get(job.printer)
            if worker is None:
                # The settings no longer name it. Somebody must still say that nothing came out.
                worker = self._workers[job.printer] = _Worker(job.printer, None, self._means)
                if self._has_started:
                    worker.thread.start()
        worker.inbox.put((job, result))

    def _found_again(self, job: PrintJob) -> Result | None:
        """After a restart: how a waiting job has ended, or None where it may still be printed."""
        ledger = self._means.ledger
        is_late = abs(self._now_ms() - job.asked_at) > LATE_MS
        return ledger.find(job.job_id) or (NOBODY_KNOWS if is_late or not ledger.is_trusted else None)


class _Means(msgspec.Struct, frozen=True):
    """What all printers of a room share."""

    draw: Callable[[PrintJob], Slip]
    ledger: PrintLedger
    submit: Submit
    is_over: threading.Event


class _Worker:
    """One printer's thread, and what it knows of its printer; no `station` for one that is there no more."""

    def __init__(self, name: str, station: Station | None, means: _Means) -> None:
        self.name = name
        self.inbox: queue.SimpleQueue[tuple[PrintJob, Result | None] | None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._run, name=f"printer {name}", daemon=True)
        self._station, self._means = station, means
        self._last: Result | None = None
        self._is_busy = False
        self._has_scrap = False

    def state(self) -> PrinterState:
        last = self._last or Result(outcome=PrintOutcome.DONE)
        return PrinterState(
            name=self.name,
            way=self._station.address.way if self._station else "",
            waiting=self.inbox.qsize() + self._is_busy,
            trouble=None if last.outcome is PrintOutcome.DONE else last.outcome,
            is_paper_low=last.is_paper_low,
        )

    def _run(self) -> None:
        while (order := self.inbox.get()) is not None and not self._means.is_over.is_set():
            self._is_busy = True
            job, known = order
            result = self._last = known or self._print(job)
            if result.has_begun:
                self._has_scrap = result.outcome is not PrintOutcome.DONE
            self._is_busy = False
            self._report(job, result)

    def _print(self, job: PrintJob) -> Result:
        if self._station is None:
            return NOBODY_THERE
        try:
            result = self._station.printer.print(
                self._drawn(job, self._station), lambda: self._means.ledger.begin(job.job_id)
            )
        except Exception:  # one receipt's trouble must not stop the others
            log.exception("print job %s could not be printed", job.job_id)
            return self._means.ledger.find(job.job_id) or NOBODY_THERE
        self._means.ledger.end(job.job_id, result)
        return result

    def _drawn(self, job: PrintJob, station: Station) -> bytes:
        slip = self._means.draw(job)
        rows = typeset(slip, station.address.columns)
        # What hangs out of the printer is a part of somebody else's receipt.
        scrap = FEED_AND_CUT if self._has_scrap else b""
        return scrap + encode(rows, is_rtl=slip.is_rtl, letters=station.address.letters)

    def _report(self, job: PrintJob, result: Result) -> None:
        """Tell the store, again each second until it takes it or we stop; then the ledger keeps it."""
        command = ReportPrint(job_id=job.job_id, outcome=result.outcome, has_begun=result.has_begun)
        while not self._has_taken(command):
            if self._means.is_over.wait(RETRY_S):
                return
        self._means.ledger.drop(job.job_id)

    def _has_taken(self, command: ReportPrint) -> bool:
        try:
            answer = self._means.submit(command, f"print/{command.job_id}").result(ANSWER_S)
        except Exception:
            log.warning("the report on print job %s waits: no answer", command.job_id, exc_info=True)
            return False
        if answer.ok:
            return True
        is_final = answer.code in _FINAL
        log.warning("the report on print job %s %s: %s", command.job_id, "is let go" if is_final else "waits", answer)
        return is_final
