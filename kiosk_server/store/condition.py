"""How the store is: its size, its disk, its backups, and what the last drill found. For the console and /metrics."""

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from kiosk_server.store import backup
from kiosk_server.store.db import Database
from kiosk_server.store.drill import last_drill


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One look at the store. Times are ms since 1970, UTC; None where there was none yet.

    `drill_problem` is '' after a drill that went well. `is_checked` is False while a large store is still being read
    whole after its opening.
    """

    head_seq: int
    store_bytes: int
    disk_free_bytes: int
    disk_warn_bytes: int
    disk_stop_bytes: int
    is_checked: bool
    backup_at: int | None = None
    backup_seq: int | None = None
    backup_bytes: int | None = None
    drill_at: int | None = None
    drill_problem: str = ""
    drill_said: dict[str, Any] | None = None


def condition_of(database: Database) -> Condition:
    """Look now. Raises OSError when even that fails."""
    newest = next((one for one in backup.listed(database.backups) if not one.note), None)
    drilled = last_drill(database.backups)
    return Condition(
        head_seq=database.head().seq,
        store_bytes=sum(_size(database.path.with_name(database.path.name + end)) for end in ("", "-wal")),
        disk_free_bytes=database.free_bytes(),
        disk_warn_bytes=database.limits.warn_bytes,
        disk_stop_bytes=database.limits.stop_bytes,
        is_checked=database.is_checked,
        backup_at=_ms(newest.taken_at) if newest else None,
        backup_seq=newest.seq if newest else None,
        backup_bytes=newest.bytes if newest else None,
        drill_at=_ms(drilled.at) if drilled else None,
        drill_problem=drilled.problem if drilled else "",
        drill_said=drilled.said if drilled else None,
    )


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _ms(iso: str) -> int:
    return int(datetime.fromisoformat(iso).timestamp() * 1000)
