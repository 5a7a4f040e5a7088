"""Why a store cannot be used, drawn as one tree. The text of each says what happened, what it means, what to do.

StoreFault
+-- StoreInUse         another process holds the store
+-- StoreCorrupt       the file is damaged, or rows that were acknowledged are gone
+-- StoreTooNew        written by a later version of this program
+-- StoreUnusable      the folder or file cannot be opened (permissions, not a store of ours)
+-- BackupBad          a backup is not what was written
"""


class StoreFault(Exception):  # noqa: N818 - the leaves read better without a suffix
    """The store cannot be used; nothing was changed."""


class StoreInUse(StoreFault): ...


class StoreCorrupt(StoreFault): ...


class StoreTooNew(StoreFault): ...


class StoreUnusable(StoreFault): ...


class BackupBad(StoreFault): ...


# What SQLite says when it is the disk, not the statement: BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT,
# FULL, CANTOPEN, PROTOCOL, NOTADB. Everything else is a mistake of one handler.
_DISK_CODES = frozenset({5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26})


def is_of_disk(problem: Exception) -> bool:
    """Whether SQLite complains about the disk and not about a statement."""
    code = getattr(problem, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _DISK_CODES
