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
