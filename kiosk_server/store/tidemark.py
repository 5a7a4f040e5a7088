"""How high the journal has stood: a small file beside the store that notices when acknowledged rows are gone.

SQLite ends the recovery of a damaged write-ahead log silently at the damage, and a deleted or older file looks whole.
The mark is written after each commit and before its answers, without waiting for the disk: it survives the death of the
process, and after a power cut it is at worst too low, never too high, because the commit before it was synced.
"""

import os
from pathlib import Path

from kiosk_server.store.journal import Head


class Tidemark:
    """The mark of one store; `raise_to` costs one write into the page cache."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None

    def read(self) -> Head | None:
        """The mark, or None where there is none or a power cut left it unreadable."""
        try:
            text = self.path.read_bytes()
            seq, digest = text.decode("ascii").split()
            return Head(int(seq), bytes.fromhex(digest))
        except (OSError, ValueError):
            return None

    def open(self) -> None:
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def raise_to(self, head: Head) -> None:
        """Raises OSError when the disk is full or failing."""
        if self._file is not None:
            os.pwrite(self._file, f"{head.seq:020d} {head.hash.hex()}\n".encode(), 0)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
