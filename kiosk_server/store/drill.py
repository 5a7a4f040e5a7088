"""The restore drill: is the newest backup one that could be restored? Found out at night, not on the bad day."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from kiosk_server.domain.sentence import Sentence, as_wire
from kiosk_server.store import backup
from kiosk_server.store.faults import BackupBad, StoreUnusable
from kiosk_server.store.verify import verify

FILE = "drill.json"


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """The last drill. `at` is ISO 8601 in UTC; `problem` is '' when the backup could be restored.

    `said` is the problem as domain/sentence.py has it for other languages.
    """

    at: str
    backup: str
    rows: int = 0
    problem: str = ""
    said: dict[str, Any] | None = None

    @property
    def is_good(self) -> bool:
        return not self.problem


def drill(folder: Path, *, now: datetime | None = None) -> Drill:
    """Rebuild the newest backup from its journal and compare it, and note the result in the folder.

    Raises StoreUnusable where there is no room to find out, or to note what was found.
    """
    at = (now or datetime.now(UTC)).astimezone(UTC).isoformat(timespec="seconds")
    newest = next(iter(backup.listed(folder)), None)
    if newest is None:
        result = _failed(at, "", Sentence("no_backup", "There is no backup in {folder}.", folder=folder))
    else:
        result = _try(newest, at)
    _note(result, folder)
    return result


def last_drill(folder: Path) -> Drill | None:
    """What the last drill noted, or None before the first."""
    try:
        return msgspec.json.decode((folder / FILE).read_bytes(), type=Drill)
    except (OSError, msgspec.MsgspecError):
        return None


def _note(result: Drill, folder: Path) -> None:
    unfinished = folder / f".{FILE}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.write_bytes(msgspec.json.encode(result) + b"\n")
        unfinished.replace(folder / FILE)
    except OSError as problem:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        found = result.problem or f"{result.backup} could be restored."
        raise StoreUnusable(
            f"The restore drill was done, but its result cannot be noted in {folder}: {problem.strerror}. So the "
            f"console shows the drill before it. What it found: {found} Make room there, then run it again."
        ) from problem


def _try(newest: backup.Backup, at: str) -> Drill:
    try:
        backup.check(newest)
    except BackupBad as bad:
        return _failed(at, newest.name, bad.args[0])
    verdict = verify(newest.path, expected=newest.head)
    if verdict.is_whole:
        return Drill(at=at, backup=newest.name, rows=verdict.rows)
    english = "The backup {path} could be restored, but is not right: {problem}."
    said = Sentence("backup_wrong", english, path=newest.path, problem=verdict.problem)
    return _failed(at, newest.name, said, verdict.rows)


def _failed(at: str, backup_name: str, said: str, rows: int = 0) -> Drill:
    return Drill(at=at, backup=backup_name, rows=rows, problem=str(said), said=as_wire(said))
