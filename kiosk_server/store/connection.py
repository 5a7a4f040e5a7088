"""How SQLite is opened here: the pragmas of the one that writes and of those that read, and nobody else's BEGINs."""

import os
from pathlib import Path

from kiosk_server.store.pen import Pen

_PRAGMAS = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA busy_timeout = 5000",
    # The writer checkpoints after it has answered, not inside somebody's commit; readers never do.
    "PRAGMA wal_autocheckpoint = 0",
)
WRITER_PRAGMAS = (
    *_PRAGMAS,
    "PRAGMA cache_size = -65536",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA journal_size_limit = 67108864",
)
READER_PRAGMAS = (*_PRAGMAS, "PRAGMA cache_size = -8192", "PRAGMA query_only = ON")


def connect(path: Path, mode: str, pragmas: tuple[str, ...] = ()) -> Pen:
    """A driver connection in `mode` ro, rw or rwc. Python's own BEGINs are off, so transactions are ours."""
    driver = Pen(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=512,
    )
    try:
        for pragma in pragmas:
            driver.execute(pragma)
    except BaseException:
        driver.close()
        raise
    return driver


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, would survive a power cut. Not for a store that is open."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
