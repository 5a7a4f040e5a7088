"""Backups: taken while the store sells, proved by checksum and by a drill, and put back without destroying anything.

A backup is one SQLite file, store-20261120T210000Z.db, and beside it a JSON file with its checksum and the journal's
head, so that a cut-off tail is noticed later. Nothing here blocks the writer: copying reads one moment of the log.
"""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kiosk_server.domain.sentence import Sentence
from kiosk_server.store.connection import sync
from kiosk_server.store.faults import BackupBad, StoreUnusable
from kiosk_server.store.journal import Head, head_of

HOURLY = 24
DAILY = 30
BEFORE_MIGRATIONS = 5

_STAMP = "%Y%m%dT%H%M%SZ"


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """What is written beside a backup. `taken_at` is ISO 8601 in UTC; `hash` and `sha256` are hex."""

    name: str
    taken_at: str
    seq: int
    hash: str
    bytes: int
    sha256: str
    note: str = ""
    folder: str = ""

    @property
    def path(self) -> Path:
        return Path(self.folder) / self.name

    @property
    def head(self) -> Head:
        return Head(self.seq, bytes.fromhex(self.hash))


def take(source: sqlite3.Connection, folder: Path, *, note: str = "", now: datetime | None = None) -> Backup:
    """Copy the store as `source`, a read-only connection of its own, sees it now. Raises StoreUnusable.

    The file appears under its name only when it is complete and on the disk.
    """
    at = (now or datetime.now(UTC)).astimezone(UTC)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = _free_name(folder, f"store-{at.strftime(_STAMP)}" + (f"-{note}" if note else ""))
        unfinished = folder / f".{name}.unfinished"
        unfinished.unlink(missing_ok=True)
        head = _copy(source, unfinished)
        made = Backup(
            name=name,
            taken_at=at.isoformat(timespec="seconds"),
            seq=head.seq,
            hash=head.hash.hex(),
            bytes=unfinished.stat().st_size,
            sha256=checksum(unfinished),
            note=note,
        )
        sidecar = folder / f"{name}.json"
        _write_synced(sidecar, msgspec.json.format(msgspec.json.encode(made)) + b"\n")
        os.replace(unfinished, folder / name)
        sync(folder)
    except (OSError, sqlite3.Error) as problem:
        raise StoreUnusable(
            f"No backup was made in {folder}: {problem}. The store itself is untouched. "
            f"Make room, or name another folder."
        ) from problem
    return msgspec.structs.replace(made, folder=str(folder))


def listed(folder: Path) -> list[Backup]:
    """The backups in a folder, newest first, whether they are good or not."""
    found = []
    for sidecar in folder.glob("store-*.db.json") if folder.is_dir() else ():
        try:
            described = msgspec.json.decode(sidecar.read_bytes(), type=Backup)
        except (OSError, msgspec.MsgspecError):
            continue
        found.append(msgspec.structs.replace(described, name=sidecar.name.removesuffix(".json"), folder=str(folder)))
    return sorted(found, key=lambda backup: (backup.taken_at, backup.name), reverse=True)


def newest_good(folder: Path) -> Backup | None:
    """The newest backup whose checksum is right."""
    for backup in listed(folder):
        try:
            check(backup)
        except BackupBad:
            continue
        return backup
    return None


def check(backup: Backup) -> None:
    """Raises BackupBad unless the file is, byte for byte, what was written."""
    try:
        size = backup.path.stat().st_size
        is_same = size == backup.bytes and checksum(backup.path) == backup.sha256
    except OSError as problem:
        english = "The backup {path} cannot be read ({problem})."
        raise BackupBad(Sentence("backup_unreadable", english, path=backup.path, problem=problem.strerror)) from problem
    if not is_same:
        english = (
            "The backup {path} is not what was written: {size} of {bytes} bytes, or another checksum. "
            "It cannot be trusted; use an older one, and look at the disk it lies on."
        )
        raise BackupBad(Sentence("backup_damaged", english, path=backup.path, size=size, bytes=backup.bytes))


def describe(path: Path) -> Backup:
    """The backup at `path`. Raises BackupBad without its description."""
    for backup in listed(path.parent):
        if backup.name == path.name:
            return backup
    raise BackupBad(f"{path} is not a backup of ours, or the {path.name}.json beside it is missing or unreadable.")


def rotate(folder: Path) -> list[Path]:
    """Delete what is neither of the last 24, nor the last of one of the last 30 days. Returns what was deleted."""
    ordinary = [backup for backup in listed(folder) if not backup.note]
    kept = {backup.name for backup in ordinary[:HOURLY]}
    newest_of_day: dict[str, str] = {}
    for backup in ordinary:
        newest_of_day.setdefault(backup.taken_at[:10], backup.name)
    kept.update(list(newest_of_day.values())[:DAILY])
    before_migrations = [backup for backup in listed(folder) if backup.note]
    kept.update(backup.name for backup in before_migrations[:BEFORE_MIGRATIONS])
    return _delete(backup for backup in (*ordinary, *before_migrations) if backup.name not in kept)


def restore(backup: Backup, path: Path) -> Path | None:
    """Put a backup in the place of the store at `path`; returns the folder to which the old files went.

    The caller holds the store's lock. Raises BackupBad before anything was changed.
    """
    check(backup)
    copy = incoming(path)
    shutil.copyfile(backup.path, copy)
    os.chmod(copy, 0o600)
    if checksum(copy) != backup.sha256:
        copy.unlink()
        raise BackupBad(f"{backup.path} did not arrive whole at {path.parent}. Nothing was changed; look at that disk.")
    sync(copy)
    kept = _set_aside(path)
    # The new file must not be found beside the old log after a power cut.
    sync(path.parent)
    os.replace(copy, path)
    sync(path.parent)
    return kept


def incoming(path: Path) -> Path:
    """What `restore` puts in the place of the store at `path`: while this is there and the store is not, it runs or
    was cut short.
    """
    return path.with_name(path.name + ".incoming")


def checksum(path: Path) -> str:
    """SHA-256 of a file in hex. Not for a store that is open (see db.py)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(source: sqlite3.Connection, target: Path) -> Head:
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        copy.execute("PRAGMA synchronous = FULL")
        source.backup(copy)
        # One file that needs no log beside it and can be opened on read-only media.
        copy.execute("PRAGMA journal_mode = DELETE")
        head = head_of(copy)
    os.chmod(target, 0o600)
    sync(target)
    return head


def _free_name(folder: Path, stem: str) -> str:
    name, number = f"{stem}.db", 2
    while (folder / name).exists():
        name, number = f"{stem}-{number}.db", number + 1
    return name


def _set_aside(path: Path) -> Path | None:
    companions = [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm")), path.with_suffix(".head")]
    present = [file for file in companions if file.exists()]
    if not present:
        return None
    stem = f"replaced-{datetime.now(UTC).strftime(_STAMP)}"
    folder, number = path.parent / stem, 2
    while folder.exists():
        folder, number = path.parent / f"{stem}-{number}", number + 1
    folder.mkdir(mode=0o700)
    for file in present:
        os.replace(file, folder / file.name)
    sync(folder)
    return folder


def _delete(backups: Iterable[Backup]) -> list[Path]:
    gone = []
    for backup in backups:
        backup.path.unlink(missing_ok=True)
        backup.path.with_name(backup.name + ".json").unlink(missing_ok=True)
        gone.append(backup.path)
    return gone


def _write_synced(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    sync(path)
