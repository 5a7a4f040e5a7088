"""Which jobs printers have begun, in a file of its own that survives the server: what was begun is never begun again.

The store learns how a job ended; that it has begun is nobody's business but ours, until we come back and find it here.
"""

import logging
import os
import threading
from pathlib import Path

import msgspec

from kiosk_server.domain.printing import PrintOutcome
from kiosk_server.hardware.printer import Result

log = logging.getLogger(__name__)


class PrintLedger:
    """Job id -> how it ended, or None while nobody knows. May be used by any thread.

    `is_trusted` is False where the file was damaged: then any job may have begun.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_trusted = True
        self._lock = threading.Lock()
        self._begun: dict[str, Result | None] = self._load()

    def begin(self, job_id: str) -> None:
        """Note it, and have the note on the disk before this returns. Raises OSError; then nothing may be printed."""
        with self._lock:
            self._begun[job_id] = None
            try:
                self._save(is_synced=True)
            except OSError:
                del self._begun[job_id]
                raise

    def end(self, job_id: str, result: Result) -> None:
        """How it ended, until the store knows it too."""
        with self._lock:
            self._begun[job_id] = result
            self._try_to_save()

    def drop(self, job_id: str) -> None:
        """The store knows."""
        with self._lock:
            if job_id not in self._begun:
                return
            del self._begun[job_id]
            self._try_to_save()

    def find(self, job_id: str) -> Result | None:
        """How it ended or must be taken to have ended; None for a job that has not begun."""
        with self._lock:
            if job_id not in self._begun:
                return None
            return self._begun[job_id] or Result(outcome=PrintOutcome.UNKNOWN, has_begun=True)

    def keep_only(self, job_ids: set[str]) -> None:
        """Forget all others: the store has taken their reports."""
        with self._lock:
            if self._begun.keys() - job_ids:
                self._begun = {job_id: result for job_id, result in self._begun.items() if job_id in job_ids}
                self._try_to_save()

    def _load(self) -> dict[str, Result | None]:
        try:
            return msgspec.json.decode(self.path.read_bytes(), type=dict[str, Result | None])
        except FileNotFoundError:
            return {}
        except msgspec.MsgspecError:
            kept = self.path.with_suffix(".damaged")
            os.replace(self.path, kept)
            self.is_trusted = False
            log.exception("the ledger of print jobs is unreadable; kept as %s, jobs that wait count as unknown", kept)
            return {}

    def _try_to_save(self) -> None:
        # Without this the job is unknown after a crash, where it could have been known.
        try:
            self._save(is_synced=False)
        except OSError:
            log.exception("the ledger of print jobs could not be saved")

    def _save(self, *, is_synced: bool) -> None:
        fresh = self.path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(msgspec.json.encode(self._begun))
            if is_synced:
                file.flush()
                os.fsync(file.fileno())
        os.replace(fresh, self.path)
