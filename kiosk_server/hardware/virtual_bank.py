"""The bank behind the virtual card readers: a ledger of its own that survives the server, as a real one would.

One JSON object a line, each a payment as it stands from then on; the last line about a payment counts. What stands
there happened, whatever the store knows of it: tests count charges in it after they have killed the server.
"""

import contextlib
import logging
import os
import threading
from enum import StrEnum
from pathlib import Path

import msgspec

log = logging.getLogger(__name__)


class Standing(StrEnum):
    BEGUN = "begun"  # at a reader; no money has moved
    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    REVERSED = "reversed"


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A payment at the bank; `amount_cents` is negative for a refund. `begun_at` is ms since 1970, UTC.

    `refunds` is the payment that it gives back, `behaviour` what the virtual customer and bank do with it.
    """

    payment_id: str
    lane: str
    amount_cents: int
    begun_at: int
    behaviour: str
    standing: Standing = Standing.BEGUN
    reason: str = ""
    refunds: str = ""


class VirtualBank:
    """All records by payment id, in memory and in `path`. May be used by any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._records: dict[str, Record] = {}
        self._load()

    def find(self, payment_id: str) -> Record | None:
        with self._lock:
            return self._records.get(payment_id)

    def put(self, record: Record) -> Record:
        """Keep the record; it is on the disk before this returns. Raises OSError, and then nothing has happened."""
        line = msgspec.json.encode(record) + b"\n"
        with self._lock:
            with self.path.open("ab") as file:
                whole = file.tell()
                try:
                    file.write(line)
                    file.flush()
                    os.fsync(file.fileno())
                except OSError:
                    # Half a line would spoil the next one.
                    with contextlib.suppress(OSError):
                        file.truncate(whole)
                    raise
            self._records[record.payment_id] = record
        return record

    def left_cents(self, payment_id: str) -> int:
        """What of an approved charge has not been given back yet; 0 where there is none."""
        with self._lock:
            charge = self._records.get(payment_id)
            if charge is None or charge.standing is not Standing.APPROVED:
                return 0
            given_back = sum(
                record.amount_cents
                for record in self._records.values()
                if record.refunds == payment_id and record.standing is Standing.APPROVED
            )
            return charge.amount_cents + given_back

    def records(self) -> tuple[Record, ...]:
        """All of them, in the order in which they came."""
        with self._lock:
            return tuple(self._records.values())

    def _load(self) -> None:
        try:
            text = self.path.read_bytes()
        except FileNotFoundError:
            return
        # A power cut tears the last line at most; what was promised before it is whole.
        whole = text.rfind(b"\n") + 1
        if whole < len(text):
            log.warning("the last line of %s is torn, and is cut off", self.path)
            os.truncate(self.path, whole)
        for line in text[:whole].splitlines():
            try:
                record = _decode(line)
            except msgspec.MsgspecError:
                log.exception("a line of %s is unreadable, and counts for nothing", self.path)
            else:
                self._records[record.payment_id] = record


_decode = msgspec.json.Decoder(Record).decode
