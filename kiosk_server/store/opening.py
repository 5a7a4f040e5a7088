"""Before the store is opened: is it there, whole, ours, and of this version? Asked before the first sale.

The order of the questions matters: nothing is written until the file has proved whole, a backup is taken before a
migration, and a missing or empty file beside signs of an older one is never silently replaced by a blank.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import SQLAlchemyError

from kiosk_server.hints import as_typed
from kiosk_server.store import backup, journal, migrations
from kiosk_server.store.connection import connect, sync
from kiosk_server.store.faults import StoreCorrupt, StoreTooNew, StoreUnusable
from kiosk_server.store.journal import Head, head_of
from kiosk_server.store.tidemark import Tidemark

APPLICATION_ID = 0x4B494F53  # "KIOS", so that file(1) and doctor can tell ours from any other SQLite file
_MAGIC = b"SQLite format 3\x00"
_COMPLAINTS = 5
_MIB = 1024 * 1024
# A store up to this size is read whole before it opens, in under a second from a cold disk. Of a larger one only the
# part that every sale touches is, and the rest while it sells (core/checkup.py): a till that opens minutes after a
# power cut is worth more to a store than a row of last year found damaged before breakfast instead of after.
CHECKED_WHOLE_BYTES = 64 * _MIB
_HOT_TABLES = ("terminals", "points", "days", "house", "items", "store_facts", "alembic_version")
_TAIL = 500


def make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as problem:
        raise StoreUnusable(
            f"The data folder {folder} cannot be made, because a file stands in its way; so there is no store. "
            "Name a folder with --data-dir or KIOSK_DATA_DIR."
        ) from problem
    except OSError as problem:
        raise StoreUnusable(
            f"The data folder {folder} cannot be made ({problem.strerror}), so there is no store. "
            f"Make it, or give this user write permission to {folder.parent}."
        ) from problem


def prepare(path: Path, backups: Path, tidemark: Tidemark) -> bool:
    """Make a new store, or check and migrate the one that is there. Raises StoreFault; then nothing was changed.

    Returns whether all of it was checked; False for a large store, of which the rest is to be checked while it runs.
    """
    if not path.exists() or path.stat().st_size == 0:
        _refuse_blank(path, backups, tidemark)
        _create(path)
        return True
    is_checked, revision = _examine(path, backups, tidemark, _inspecting(path))
    if revision != migrations.SCHEMA_REVISION:
        _migrate(path, backups, revision)
    return is_checked


def look(path: Path, backups: Path, tidemark: Tidemark) -> bool:
    """Ask all that `prepare` asks, and change nothing; a server may sell on the store meanwhile. Raises StoreFault.

    Returns what `prepare` does; True also where there is no store, nor a trace of one, and a start would make it.
    """
    if not path.exists() or path.stat().st_size == 0:
        _refuse_blank(path, backups, tidemark)
        return True
    return _examine(path, backups, tidemark, _reading(path))[0]


def _examine(
    path: Path, backups: Path, tidemark: Tidemark, opened: AbstractContextManager[sqlite3.Connection]
) -> tuple[bool, str | None]:
    """Whether all of the store was checked, and its revision."""
    _check_magic(path, backups, tidemark)
    try:
        with opened as driver:
            _check_size(driver, path)
            is_checked = _check_pages(driver, path.stat().st_size)
            _check_tidemark(driver, tidemark)
            return is_checked, _check_ours(driver, path)
    except sqlite3.OperationalError as problem:
        # The disk or its permissions, not the content: a backup would not help.
        raise unusable(path, problem) from problem
    except (sqlite3.DatabaseError, _Damage) as problem:
        raise StoreCorrupt(_corrupt_text(path, backups, tidemark, str(problem))) from problem


def check_readable(path: Path) -> None:
    """Before reading without the lock. Raises StoreUnusable, StoreCorrupt or StoreTooNew."""
    if not path.exists():
        raise StoreUnusable(f"There is no store at {path}. Start the server once, or name the right data folder.")
    try:
        with closing(connect(path, "ro")) as driver:
            revision = _check_ours(driver, path)
    except sqlite3.OperationalError as problem:
        raise StoreUnusable(
            f"{path} cannot be read: {problem}. Look at the disk and the permissions of {path.parent}."
        ) from problem
    except sqlite3.DatabaseError as problem:
        raise StoreCorrupt(
            f"The store {path} is damaged: {problem}. It was left as it is. Keep the file, and look at "
            f"`{as_typed('backup', '--list', data_dir=path.parent)}`."
        ) from problem
    if revision != migrations.SCHEMA_REVISION:
        raise StoreUnusable(f"{path} is of revision {revision} and has to be migrated first: start the server once.")


def unusable(path: Path, problem: Exception) -> StoreUnusable:
    """What to say when the disk refuses. `problem` is an OSError or SQLite's error."""
    return StoreUnusable(
        f"The store {path} cannot be opened: {problem}. It was left as it is, and nothing is sold. Look at the disk "
        f"(room, errors in dmesg, permissions of {path.parent}), then start the server again."
    )


@contextmanager
def _inspecting(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection whose closing leaves the write-ahead log as it is.

    The last to close a store moves its log into it and deletes the log, be it for a start that was refused: then what
    was written behind some damage is gone for good. One that can only read cannot do that, so such a one closes last.
    """
    with closing(connect(path, "ro")) as last, closing(connect(path, "rw")) as driver:
        for one in (driver, last):
            with suppress(sqlite3.DatabaseError):  # whoever looks for damage will meet it
                one.execute("PRAGMA schema_version").fetchone()
        yield driver


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(path, "ro")) as driver:
        yield driver


class _Damage(Exception):  # noqa: N818 - turned into StoreCorrupt at the only place that sees it
    """What is wrong with the file, in a few words."""


def _refuse_blank(path: Path, backups: Path, tidemark: Tidemark) -> None:
    wal = path.with_name(path.name + "-wal")
    mark = tidemark.read()
    if not path.exists() and backup.incoming(path).exists():
        aside = max(path.parent.glob("replaced-*"), default=path.parent)
        what = f"a restore was cut short. Run it again; what was there before it lies in {aside}"
        raise StoreCorrupt(_corrupt_text(path, backups, tidemark, what))
    is_lost = path.exists() or wal.exists() or (mark is not None and mark.seq > 0) or backup.newest_good(backups)
    if is_lost:
        what = "the file is empty" if path.exists() else "the file is gone, though there are traces of it"
        raise StoreCorrupt(_corrupt_text(path, backups, tidemark, what))


def _create(path: Path) -> None:
    """A new store appears under its name only when it is complete."""
    unfinished = path.with_name(path.name + ".new")
    for leftover in (
        unfinished,
        *(unfinished.with_name(unfinished.name + end) for end in ("-wal", "-shm", "-journal")),
    ):
        leftover.unlink(missing_ok=True)
    try:
        _upgrade(unfinished)
        with closing(connect(unfinished, "rw")) as driver:
            driver.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            driver.execute("PRAGMA journal_mode = WAL")
        os.chmod(unfinished, 0o600)
        os.replace(unfinished, path)
        sync(path.parent)
    except (OSError, sqlite3.Error, SQLAlchemyError) as problem:
        raise StoreUnusable(
            f"The store {path} cannot be made: {getattr(problem, 'orig', None) or problem}. "
            f"Give this user write permission and room on {path.parent}."
        ) from problem


def _check_magic(path: Path, backups: Path, tidemark: Tidemark) -> None:
    # No connection of this process has the file open yet, so reading it by hand is safe here (see db.py).
    try:
        with path.open("rb") as file:
            magic = file.read(len(_MAGIC))
    except OSError as problem:
        raise StoreUnusable(
            f"{path} cannot be read ({problem.strerror}). Give this user read and write permission to it."
        ) from problem
    if magic != _MAGIC:
        raise StoreCorrupt(_corrupt_text(path, backups, tidemark, "its first bytes are not those of a database"))


def _check_size(driver: sqlite3.Connection, path: Path) -> None:
    pages, size = (driver.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size"))
    wal = path.with_name(path.name + "-wal")
    if not (wal.exists() and wal.stat().st_size) and path.stat().st_size < pages * size:
        raise _Damage("the file is shorter than it says")


def _check_pages(driver: sqlite3.Connection, size: int) -> bool:
    if size <= CHECKED_WHOLE_BYTES:
        _quick_check(driver, str(_COMPLAINTS))
        return True
    for table in _HOT_TABLES:
        _quick_check(driver, table)
    head = head_of(driver)
    before = driver.execute(
        "SELECT seq, hash FROM journal WHERE seq <= ? ORDER BY seq DESC LIMIT 1", (head.seq - _TAIL,)
    )
    _, broken = journal.check(driver, Head(*(before.fetchone() or (0, Head().hash))))
    if broken is not None:
        raise _Damage(broken.what)
    return False


def _quick_check(driver: sqlite3.Connection, argument: str) -> None:
    found = [str(row[0]) for row in driver.execute(f"PRAGMA quick_check({argument})")]
    if found != ["ok"]:
        raise _Damage("; ".join(found))


def _check_tidemark(driver: sqlite3.Connection, tidemark: Tidemark) -> None:
    mark = tidemark.read()
    if mark is None or mark.seq == 0:
        return
    row = driver.execute("SELECT hash FROM journal WHERE seq = ?", (mark.seq,)).fetchone()
    if row is None:
        head = head_of(driver)
        raise _Damage(f"the journal ends at row {head.seq}, but row {mark.seq} was acknowledged")
    if row[0] != mark.hash:
        raise _Damage(f"row {mark.seq} of the journal is not the one that was acknowledged")


def _check_ours(driver: sqlite3.Connection, path: Path) -> str | None:
    revision = migrations.revision_of(driver)
    if revision is None:
        raise StoreUnusable(f"{path} is a database, but not a store of Kiosk Server. Name another data folder.")
    if revision != migrations.SCHEMA_REVISION and revision not in migrations.known_revisions():
        raise StoreTooNew(
            f"{path} was written by a later version of Kiosk Server (schema {revision}; this one knows "
            f"{migrations.SCHEMA_REVISION}). It was not touched. Install that version again, or restore a backup of "
            f"this one."
        )
    return revision


def _migrate(path: Path, backups: Path, revision: str | None) -> None:
    with closing(connect(path, "ro")) as driver:
        backup.take(driver, backups, note=f"before-{migrations.SCHEMA_REVISION}-from-{revision}")
    _upgrade(path)


def _upgrade(path: Path) -> None:
    engine = create_engine(
        "sqlite+pysqlite://",
        creator=lambda: connect(path, "rwc", ("PRAGMA synchronous = FULL",)),
        poolclass=NullPool,
    )
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        migrations.upgrade(conn)


def _corrupt_text(path: Path, backups: Path, tidemark: Tidemark, what: str) -> str:
    mark = tidemark.read() or Head()
    good = backup.newest_good(backups)
    text = f"The store {path} is damaged: {what}. No server starts on it, and the file was left as it is."
    if good is None:
        return (
            f"{text} There is no good backup in {backups}; keep the file and ask for help before you delete anything."
        )
    gap = f" Rows {good.seq + 1} to {mark.seq} of the journal" if mark.seq > good.seq else " What was written"
    # Always with the data folder: whoever types this may be another user, with another default.
    command = as_typed("restore", str(good.path.absolute()), data_dir=path.parent)
    return (
        f"{text} The last good backup is {good.path} of {good.taken_at} (journal up to row {good.seq})."
        f"{gap} since then would be lost. To go back to it, keeping the damaged file: "
        f"{command}"
    )
