"""The restore drill: is the newest backup one that could be restored? Found out at night, not on the bad day."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kiosk_server.store import backup
from kiosk_server.store.faults import BackupBad
from kiosk_server.store.verify import verify

FILE = "drill.json"


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """The last drill. `at` is ISO 8601 in UTC; `problem` is '' when the backup could be restored."""

    at: str
    backup: str
    rows: int = 0
    problem: str = ""

    @property
    def is_good(self) -> bool:
        return not self.problem


def drill(folder: Path, *, now: datetime | None = None) -> Drill:
    """Rebuild the newest backup from its journal and compare it, and note the result in the folder."""
    at = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    newest = next(iter(backup.listed(folder)), None)
    if newest is None:
        result = Drill(at=at, backup="", problem=f"There is no backup in {folder}. Make one: kiosk-server backup")
    else:
        result = _try(newest, at)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = folder / f".{FILE}"
    unfinished.write_bytes(msgspec.json.encode(result) + b"\n")
    unfinished.replace(folder / FILE)
    return result


def last_drill(folder: Path) -> Drill | None:
    """What the last drill noted, or None before the first."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Drill)
    except (OSError, msgspec.MsgspecError):
        return None


def _try(newest: backup.Backup, at: str) -> Drill:
    try:
        backup.check(newest)
    except BackupBad as bad:
        return Drill(at=at, backup=newest.name, problem=str(bad))
    verdict = verify(newest.path, expected=newest.head)
    problem = (
        "" if verdict.is_whole else f"The backup {newest.path} could be restored, but is not right: {verdict.problem}."
    )
    return Drill(at=at, backup=newest.name, rows=verdict.rows, problem=problem)
