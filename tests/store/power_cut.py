"""What the disk may hold after the power goes: recorded from the real process, below SQLite.

strace writes down every write, sync and truncation of a store's files, and every acknowledgement (a line on standard
output), in the order in which the kernel saw them. A power cut after any of these operations leaves, by the rules of
POSIX: all that was synced, and of what was written since then each 512-byte sector old or new, in any combination,
and of the changes to names an unsynced tail gone. `Recording.states` builds such states; a store must open every one of
them, whole, with every command that had been acknowledged by then.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SECTOR = 512
CALLS = "pwrite64,write,ftruncate,fdatasync,fsync,unlink,rename"

_LINE = re.compile(
    r"^(?P<pid>\d+)\s+(?P<call>\w+)\("
    r"(?:(?P<fd>\d+)<(?P<path>[^>]*)>|\"(?P<name>[^\"]*)\")"
    r"(?:, )?(?P<rest>.*)\)\s+= (?P<result>-?\d+)"
)


@dataclass(frozen=True)
class Operation:
    """One thing the kernel was asked for: `kind` is write, sync, sync_folder, truncate, unlink, rename or ack."""

    kind: str
    file: str
    offset: int = 0
    data: bytes = b""


@dataclass
class _File:
    """One file: what is certainly on the platter, and what was written since the last sync."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[Operation] = field(default_factory=list)

    def apply(self, target: bytearray, operation: Operation) -> None:
        end = operation.offset + len(operation.data)
        if operation.kind == "truncate":
            del target[operation.offset :]
            target.extend(bytes(operation.offset - len(target)))
        else:
            target.extend(bytes(max(0, end - len(target))))
            target[operation.offset : end] = operation.data

    def sync(self) -> None:
        for operation in self.pending:
            self.apply(self.durable, operation)
        self.pending.clear()

    def after_power_cut(self, chance: random.Random) -> bytes:
        content = bytearray(self.durable)
        for operation in self.pending:
            for part in _torn(operation, chance):
                self.apply(content, part)
        return bytes(content)


class _Folder:
    """The files by name, and which names are certain. Names change in order, as a journaling file system does."""

    def __init__(self) -> None:
        self.names: dict[str, _File] = {}
        self.history: list[dict[str, _File]] = [{}]  # the certain one first, then one after each unsynced change
        self.acks: list[str] = []

    def replay(self, operation: Operation) -> None:
        kind, name = operation.kind, operation.file
        if kind == "ack":
            self.acks.extend(operation.data.decode().split())
        elif kind == "sync_folder":
            self.history = [dict(self.names)]
        elif kind == "unlink":
            self._rename(name, None)
        elif kind == "rename":
            self._rename(name, operation.data.decode())
        else:
            self._touch(name, operation)

    def _touch(self, name: str, operation: Operation) -> None:
        if name not in self.names:
            self.names[name] = _File()
            self.history.append(dict(self.names))
        if operation.kind == "sync":
            self.names[name].sync()
            # SQLite syncs the folder with the first sync of a file that it made.
            for listing in self.history:
                listing.setdefault(name, self.names[name])
        else:
            self.names[name].pending.append(operation)

    def _rename(self, name: str, new: str | None) -> None:
        file = self.names.pop(name, None)
        if file is not None and new is not None:
            self.names[new] = file
        self.history.append(dict(self.names))

    def after_power_cut(self, chance: random.Random, place: Path) -> None:
        for name, file in chance.choice(self.history).items():
            (place / name).write_bytes(file.after_power_cut(chance))


def _torn(operation: Operation, chance: random.Random) -> Iterator[Operation]:
    """What is left of an unsynced operation: nothing, all of it, or some of its sectors."""
    fate = chance.choice(("lost", "kept", "torn"))
    if fate == "kept" or (fate == "torn" and operation.kind == "truncate"):
        yield operation
    elif fate == "torn":
        start = operation.offset
        end = start + len(operation.data)
        while start < end:
            stop = min(end, (start // SECTOR + 1) * SECTOR)
            if chance.random() < 0.5:
                piece = operation.data[start - operation.offset : stop - operation.offset]
                yield Operation("write", operation.file, start, piece)
            start = stop


@dataclass
class Recording:
    """All operations on the files in `folder` and the acknowledgements between them, in order."""

    operations: list[Operation]

    def states(self, count: int, seed: int, folder: Path) -> Iterator[tuple[Path, list[str]]]:
        """`count` states of the disk after a power cut, each with the acknowledgements given before it.

        Each state is laid out in a fresh directory below `folder`, which is removed when the next one is asked for.
        """
        chance = random.Random(seed)
        for number, cut in enumerate(sorted(chance.randrange(len(self.operations)) for _ in range(count))):
            disk = _Folder()
            for operation in self.operations[: cut + 1]:
                disk.replay(operation)
            place = folder / f"cut-{number}"
            place.mkdir()
            disk.after_power_cut(chance, place)
            yield place, disk.acks
            shutil.rmtree(place)


def _bytes(quoted: str) -> bytes:
    return bytes.fromhex(quoted.replace("\\x", ""))


def _parse(line: str, folder: Path) -> Operation | None:
    match = _LINE.match(line)
    if match is None or int(match["result"]) < 0:
        return None
    call, rest = match["call"], match["rest"]
    path = Path(_bytes(match["path"] or match["name"] or "").decode())
    if call == "write" and match["fd"] == "1":
        return Operation("ack", "", data=_bytes(rest.split('"')[1]))
    if call in {"fdatasync", "fsync"} and path == folder:
        return Operation("sync_folder", "")
    # The -shm file is memory that happens to have a name: recovery never trusts it.
    if path.parent != folder or path.suffix == ".lock" or path.name.endswith("-shm"):
        return None
    if call in {"fdatasync", "fsync"}:
        return Operation("sync", path.name)
    if call == "unlink":
        return Operation("unlink", path.name)
    if call == "rename":
        return Operation("rename", path.name, data=Path(_bytes(rest.strip('"')).decode()).name.encode())
    if call == "ftruncate":
        return Operation("truncate", path.name, int(rest))
    _, quoted, tail = rest.split('"')
    return Operation("write", path.name, int(tail.split(",")[2]), _bytes(quoted))


def _whole_lines(trace: Path) -> Iterator[str]:
    """strace's lines with those that another thread interrupted put together again, where they began."""
    waiting: dict[tuple[str, str], str] = {}
    for line in trace.read_text().splitlines():
        if line.endswith("<unfinished ...>"):
            pid, call = re.match(r"(\d+)\s+(\w+)", line).groups()  # type: ignore[union-attr]
            waiting[pid, call] = line.removesuffix("<unfinished ...>").rstrip()
        elif resumed := re.match(r"(\d+)\s+<\.\.\. (\w+) resumed>(.*)", line):
            pid, call, rest = resumed.groups()
            yield waiting.pop((pid, call), f"{pid} {call}(") + rest
        else:
            yield line


def record(command: list[str], folder: Path, trace: Path) -> Recording:
    """Run `command` under strace and keep what it did to the files directly in `folder`.

    A sync counts from the moment it returned, an interrupted write too: that is when the program may rely on it.
    """
    tracer = ["strace", "-f", "-qq", "-y", "-xx", "-s", "4000000", "-e", f"trace={CALLS}", "-o", str(trace)]
    subprocess.run([*tracer, *command], check=True, stdout=subprocess.DEVNULL, timeout=100)
    found = (_parse(line, folder.resolve()) for line in _whole_lines(trace))
    return Recording([operation for operation in found if operation is not None])
