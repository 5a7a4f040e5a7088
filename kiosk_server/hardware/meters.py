"""The meters of the virtual forecourt: what has flowed, in a file of their own that survives the server.

A real controller counts in its own memory and the store asks it; the virtual one must be as independent, or a restart
in mid-fuelling would have to guess.
"""

import logging
import os
from pathlib import Path

import msgspec

log = logging.getLogger(__name__)


class Meter(msgspec.Struct):
    """One fuelling point's counters: the transaction under way, and totals that only grow (ml by grade)."""

    transaction: int = 0
    grade_id: str = ""
    unit_price_mills: int = 0
    limit_cents: int | None = None
    volume_ml: int = 0
    totals_ml: dict[str, int] = msgspec.field(default_factory=dict)

    def count(self, volume_ml: int) -> None:
        self.volume_ml += volume_ml
        self.totals_ml[self.grade_id] = self.totals_ml.get(self.grade_id, 0) + volume_ml


class MeterFile:
    """All meters in one JSON file, replaced whole so that a crash leaves the old one or the new one."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._decoder = msgspec.json.Decoder(dict[str, Meter])

    def load(self) -> dict[str, Meter]:
        """The meters as they were written last. A damaged file is kept beside, for whoever wants to know why."""
        try:
            return self._decoder.decode(self.path.read_bytes())
        except FileNotFoundError:
            return {}
        except msgspec.MsgspecError:
            kept = self.path.with_suffix(".damaged")
            os.replace(self.path, kept)
            log.exception("the meters of the virtual forecourt are unreadable; kept as %s, counting from zero", kept)
            return {}

    def save(self, meters: dict[str, Meter], *, is_milestone: bool = False) -> None:
        """Write all meters. Milestones (a fuelling begins, pauses, ends) reach the disk before this returns.

        A full disk is logged, not raised: the pumps go on counting in memory, and the next save tries again.
        """
        fresh = self.path.with_suffix(".new")
        try:
            with fresh.open("wb") as file:
                file.write(msgspec.json.encode(meters))
                if is_milestone:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(fresh, self.path)
        except OSError:
            log.exception("the meters of the virtual forecourt could not be saved")
