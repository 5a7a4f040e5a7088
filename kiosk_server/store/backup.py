"""Backups: taken while the store sells, proved by checksum and by a drill, and put back without destroying anything.

A backup is one SQLite file, store-20261120T210000Z.db, and beside it a JSON file with its checksum and the journal's
head, so that a cut-off tail is noticed later. Nothing here blocks the writer: copying reads one moment of the log.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kiosk_server.domain.sentence import Sentence
from kiosk_server.store.connection import connect, sync
from kiosk_server.store.faults import BackupBad, StoreUnusable
from kiosk_server.store.journal import Head, head_of

HOURLY = 24
DAILY = 30
BEFORE_MIGRATIONS = 5

_STAMP = "%Y%m%dT%H%M%SZ"


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """What is written beside a backup. `taken_at` is ISO 8601 in UTC; `hash` and `sha256` are hex.

    `number` counts up within a folder: which backup is the newest must not depend on a clock that can be set.
    """

    name: str
    taken_at: str
    seq: int
    hash: str
    bytes: int
    sha256: str
    note: str = ""
    folder: str = ""
    number: int = 0

    @property
    def path(self) -> Path:
        return Path(self.folder) / self.name

    @property
    def head(self) -> Head:
        return Head(self.seq, bytes.fromhex(self.hash))


def take(
    source: sqlite3.Connection, folder: Path, *, note: str = "", now: datetime | None = None, spare_bytes: int = 0
) -> Backup:
    """Copy the store as `source`, a read-only connection of its own, sees it now. Raises StoreUnusable.

    The file appears under its name only when it is complete and on the disk; of one that fails nothing is left.
    `spare_bytes` is the room that is to be left on that disk.
    """
    at = (now or datetime.now(UTC)).astimezone(UTC)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _swept(folder):
            _refuse_without_room(source, folder, spare_bytes)
            made = _take(source, folder, note, at)
    except (OSError, sqlite3.Error) as problem:
        raise StoreUnusable(
            f"No backup was made in {folder}: {getattr(problem, 'strerror', None) or problem}. The store itself is "
            f"untouched. Make room, or name another folder."
        ) from problem
    return msgspec.structs.replace(made, folder=str(folder))


def _take(source: sqlite3.Connection, folder: Path, note: str, at: datetime) -> Backup:
    name = _free_name(folder, f"store-{at.strftime(_STAMP)}" + (f"-{note}" if note else ""))
    unfinished, sidecar = folder / f".{name}.unfinished", folder / f"{name}.json"
    try:
        head = _copy(source, unfinished)
        made = Backup(
            name=name,
            taken_at=at.isoformat(timespec="seconds"),
            seq=head.seq,
            hash=head.hash.hex(),
            bytes=unfinished.stat().st_size,
            sha256=checksum(unfinished),
            note=note,
            number=1 + max((other.number for other in listed(folder)), default=0),
        )
        _write_synced(sidecar, msgspec.json.format(msgspec.json.encode(made)) + b"\n")
        os.replace(unfinished, folder / name)
    except BaseException:
        # What is half done may be the very room that the store lacks.
        for leftover in (*folder.glob(f"{unfinished.name}*"), sidecar):
            leftover.unlink(missing_ok=True)
        raise
    sync(folder)
    return made


@contextmanager
def _swept(folder: Path) -> Iterator[None]:
    """Whoever makes a backup holds the folder's lock with the others, and first, if alone, deletes what was left there
    by one that was killed.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # others are at it, or the file system knows no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for leftover in folder.glob(".store-*.unfinished*"):
                leftover.unlink(missing_ok=True)
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _refuse_without_room(source: sqlite3.Connection, folder: Path, spare_bytes: int) -> None:
    disk = os.statvfs(folder)
    free = disk.f_bavail * disk.f_frsize
    pages, size = (source.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    if free < pages * size + spare_bytes:
        kept = f" and {spare_bytes >> 20} MiB more must stay free" if spare_bytes else ""
        raise OSError(f"it takes {pages * size >> 20} MiB{kept}, but only {free >> 20} MiB are free")


def listed(folder: Path) -> list[Backup]:
    """The backups in a folder, newest first, whether they are good or not."""
    found = []
    for sidecar in folder.glob("store-*.db.json") if folder.is_dir() else ():
        try:
            described = msgspec.json.decode(sidecar.read_bytes(), type=Backup)
        except (OSError, msgspec.MsgspecError):
            continue
        found.append(msgspec.structs.replace(described, name=sidecar.name.removesuffix(".json"), folder=str(folder)))
    return sorted(found, key=lambda backup: (backup.number, backup.taken_at, backup.name), reverse=True)


def newest_good(folder: Path) -> Backup | None:
    """The newest backup whose checksum is right and whose pages are: a copy of a damaged store has a good checksum."""
    for backup in listed(folder):
        with suppress(BackupBad, sqlite3.DatabaseError):
            check(backup)
            with closing(connect(backup.path, "ro")) as driver:
                if driver.execute("PRAGMA quick_check(1)").fetchone() == ("ok",):
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

    The caller holds the store's lock. Raises BackupBad and StoreUnusable.
    """
    check(backup)
    copy = incoming(path)
    with _giving_back(copy, is_known=copy.exists() and not path.exists()):
        _bring(backup, copy)
        aside = _make_aside(path)
    try:
        if aside is not None:
            _set_aside(path, aside)
        # The new file must not be found beside the old log after a power cut.
        sync(path.parent)
        os.replace(copy, path)
        sync(path.parent)
    except OSError as problem:
        raise StoreUnusable(
            f"The restore of {backup.path} was cut short: {problem.strerror or problem}. What was there before lies in "
            f"{aside or path.parent}; delete nothing. Look at that disk, then run it again."
        ) from problem
    return aside


@contextmanager
def _giving_back(copy: Path, *, is_known: bool) -> Iterator[None]:
    """What fails before the store is touched gives its room back, and is told as that.

    `is_known` says that an earlier restore was cut short: then the name of the copy stays, because it alone keeps the
    next start from making a blank store.
    """
    try:
        yield
    except BaseException as problem:
        with suppress(OSError):
            if is_known:
                os.truncate(copy, 0)
            else:
                copy.unlink(missing_ok=True)
        if not isinstance(problem, OSError):
            raise
        raise StoreUnusable(
            f"The backup cannot be copied to {copy.parent}: {problem.strerror or problem}. Nothing was restored, and "
            "what is there is as it was. Make room there, as much as the backup takes, then run it again."
        ) from problem


def _bring(backup: Backup, copy: Path) -> None:
    shutil.copyfile(backup.path, copy)
    os.chmod(copy, 0o600)
    if checksum(copy) != backup.sha256:
        raise BackupBad(f"{backup.path} did not arrive whole at {copy.parent}. Nothing was changed; look at that disk.")
    sync(copy)


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


def _present(path: Path) -> list[Path]:
    companions = [path, *(path.with_name(path.name + end) for end in ("-wal", "-shm")), path.with_suffix(".head")]
    return [file for file in companions if file.exists()]


def _make_aside(path: Path) -> Path | None:
    if not _present(path):
        return None
    stem = f"replaced-{datetime.now(UTC).strftime(_STAMP)}"
    folder, number = path.parent / stem, 2
    while folder.exists():
        folder, number = path.parent / f"{stem}-{number}", number + 1
    folder.mkdir(mode=0o700)
    return folder


def _set_aside(path: Path, folder: Path) -> None:
    for file in _present(path):
        os.replace(file, folder / file.name)
    sync(folder)


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
