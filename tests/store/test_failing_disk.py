"""Every call to the disk may fail: nobody hears a false yes, nothing is half, and one failure heals by itself.

strace makes the n-th write, sync or truncation of the store's files fail, below SQLite and below Python.
KIOSK_TORTURE=1 takes every n instead of a few.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk_server.store import journal
from kiosk_server.store.db import Database
from kiosk_server.store.repositories import driver_of
from kiosk_server.store.verify import verify

COMMANDS = 20
CALLS = "pwrite64,fdatasync,fsync,ftruncate"
A_FEW = 5
WORKLOAD = Path(__file__).with_name("failing_disk_workload.py")

pytestmark = pytest.mark.skipif(
    shutil.which("strace") is None, reason="FAILING DISK NOT TESTED: strace is not installed (apt-get install strace)"
)


class NothingFailedError(Exception):
    """This run made fewer calls than the healthy one: commands gather differently each time."""


def run(folder: Path, inject: str = "") -> list[str]:
    """Trade in `folder` with these calls failing; gives what was written to standard output."""
    files = [word for end in ("", "-wal", "-shm") for word in ("-P", str(folder / f"store.db{end}"))]
    tracer = ["strace", "-f", "-qq", "-o", str(folder.parent / "trace"), "-e", f"trace={CALLS}", *files]
    tracer += ["-e", f"inject={CALLS}:{inject}"] if inject else []
    command = [*tracer, sys.executable, str(WORKLOAD), str(folder), str(COMMANDS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    if inject and "INJECTED" not in (folder.parent / "trace").read_text():
        raise NothingFailedError(inject)
    return done.stdout.splitlines()


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that was opened and closed once."""
    folder = tmp_path_factory.mktemp("fresh") / "data"
    folder.mkdir()
    database = Database(folder / "store.db")
    database.open()
    database.close()
    return folder


@pytest.fixture(scope="module")
def calls(fresh: Path, tmp_path_factory: pytest.TempPathFactory) -> int:
    """How often a healthy run makes its most frequent call: strace counts to n for each call of each thread."""
    place = tmp_path_factory.mktemp("healthy") / "data"
    shutil.copytree(fresh, place)
    assert run(place)[-1] == "traded to the end"
    trace = (place.parent / "trace").read_text()
    made = Counter(re.findall(rf"^(\d+) +({CALLS.replace(',', '|')})\(", trace, re.MULTILINE))
    ((_, most),) = made.most_common(1)
    assert most > 2 * COMMANDS, "a commit is more than two writes"
    return most


def numbers(calls: int) -> list[int]:
    if os.environ.get("KIOSK_TORTURE"):
        return list(range(1, calls + 1))
    return sorted({max(1, calls * part // A_FEW) for part in range(A_FEW)})


def runs(fresh: Path, calls: int, folder: Path, inject: str) -> Iterator[tuple[Path, list[str]]]:
    """The store and what was told, for each number of the failing call; `inject` has a place for the number."""
    for number in numbers(calls):
        place = folder / str(number) / "data"
        shutil.copytree(fresh, place)
        try:
            told = run(place, inject.format(number, number + 2))
        except NothingFailedError:
            assert number > 0.9 * calls, f"call {number} of about {calls} was never made"
            return
        yield place / "store.db", told


def journaled(store: Path) -> list[str]:
    database = Database(store)
    database.open()
    with database.read() as conn:
        found = [entry.key for entry in journal.since(driver_of(conn), 0, 10_000)]
    database.close()
    return found


@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
def test_one_call_that_fails_costs_nothing_but_a_second_try(
    fresh: Path, calls: int, tmp_path: Path, error: str
) -> None:
    for store, told in runs(fresh, calls, tmp_path, f"error={error}:when={{}}"):
        assert told[-1] in {"traded to the end", "refused to open"}, (store, told)
        assert journaled(store) == told[:-1], store
        assert verify(store).is_whole, store


@pytest.mark.parametrize("error", ["EIO", "ENOSPC"])
def test_a_disk_that_fails_from_some_call_on_gets_no_false_yes(
    fresh: Path, calls: int, tmp_path: Path, error: str
) -> None:
    for store, told in runs(fresh, calls, tmp_path, f"error={error}:when={{}}+"):
        answered = [line for line in told if line.startswith("n")]
        kept = journaled(store)
        # A commit whose sync failed was answered with no; after a restart it may be there or not, and its key tells.
        assert kept[: len(answered)] == answered, store
        assert len(kept) <= len(answered) + 1, store
        assert verify(store).is_whole, store


def test_a_disk_that_is_read_only_for_a_while_is_waited_for(fresh: Path, calls: int, tmp_path: Path) -> None:
    """As the kernel remounts it after an error, and an administrator mounts it back: open files get EROFS meanwhile."""
    for store, told in runs(fresh, calls, tmp_path, "error=EROFS:when={0}..{1}"):
        assert told[-1] in {"traded to the end", "refused to open"}, (store, told)
        assert journaled(store) == told[:-1], store
        assert verify(store).is_whole, store


def test_a_disk_that_turns_read_only_for_good_gets_no_false_yes(fresh: Path, calls: int, tmp_path: Path) -> None:
    for store, told in runs(fresh, calls, tmp_path, "error=EROFS:when={}+"):
        answered = [line for line in told if line.startswith("n")]
        assert journaled(store)[: len(answered)] == answered, store
        assert "traded to the end" not in told, store
        assert verify(store).is_whole, store
