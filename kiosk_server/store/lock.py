"""One process a store: a lock that the kernel gives back whatever kills the holder, and that names who holds it."""

import fcntl
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kiosk_server.store.faults import StoreInUse, StoreUnusable


class Holder(msgspec.Struct, frozen=True):
    """Who holds a store. `since` is ISO 8601 in UTC; `url` is empty until the server listens."""

    pid: int
    host: str
    since: str
    url: str = ""


class StoreLock:
    """An exclusive flock on `path`. The file stays when the lock goes; its text is only for people."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None
        self._since = ""

    def take(self, url: str = "") -> None:
        """Raises StoreInUse naming the holder."""
        try:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as problem:
            raise StoreUnusable(
                f"{self.path} cannot be opened ({problem.strerror}), so the store cannot be locked and was not opened. "
                f"Give this user write permission to {self.path.parent}."
            ) from problem
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise StoreInUse(_in_use(self.path, holder_of(self.path))) from None
        self._file = descriptor
        self._since = datetime.now(UTC).isoformat(timespec="seconds")
        with suppress(OSError):  # the lock holds without its text
            self.announce(url)

    def announce(self, url: str) -> None:
        """Write where the holder can be reached. Raises OSError when the disk does not let us; then it says nothing."""
        if self._file is None:
            return
        holder = Holder(pid=os.getpid(), host=socket.gethostname(), since=self._since, url=url)
        text = msgspec.json.encode(holder) + b"\n"
        try:
            os.pwrite(self._file, text, 0)
            os.ftruncate(self._file, len(text))
        except OSError:
            self._hush()
            raise

    def release(self) -> None:
        if self._file is not None:
            self._hush()
            os.close(self._file)
            self._file = None

    def _hush(self) -> None:
        """Rather no text than that of a holder who was killed."""
        if self._file is not None:
            with suppress(OSError):
                os.ftruncate(self._file, 0)


def holder_of(path: Path) -> Holder | None:
    """What the lock file says, whether or not anybody holds it now."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Holder)
    except (OSError, msgspec.MsgspecError):
        return None


def _in_use(path: Path, holder: Holder | None) -> str:
    if holder is None:
        who, stop = "another process", "Stop it first"
    else:
        at = f", reachable at {holder.url}" if holder.url else ""
        who = f"process {holder.pid} on {holder.host} since {holder.since}{at}"
        stop = f"Stop it first (kill {holder.pid})"
    return (
        f"This store is already in use by {who}. Two servers on one store would sell the same receipt number twice, "
        f"so this one did not start. {stop}, or use another data folder than {path.parent}."
    )
