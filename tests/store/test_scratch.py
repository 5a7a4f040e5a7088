"""A scratch file can grow as large as its store: nothing may leave one behind, and what was left is swept away."""

import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from shop import Shop

from kiosk_server.store.db import Database
from kiosk_server.store.verify import verify

_READS = (
    "import sys; from pathlib import Path; from kiosk_server.store.scratch import beside\n"
    "with beside(Path(sys.argv[1])) as scratch:\n"
    "    scratch.execute('CREATE TABLE much (b)'); scratch.execute('PRAGMA cache_size = 8')\n"
    "    scratch.executemany('INSERT INTO much VALUES (zeroblob(4000))', [()] * 1_000)\n"
    "    print(scratch.execute('SELECT count(*) FROM much').fetchone()[0], flush=True)\n"
    "    sys.stdin.read()\n"
)
_MAKES = (
    "import sys; from pathlib import Path; from kiosk_server.store.scratch import named\n"
    "with named(Path(sys.argv[1]).parent) as folder:\n"
    "    (folder / 'scratch.db').touch()\n"
    "    print(folder, flush=True)\n"
    "    sys.stdin.read()\n"
    "    assert (folder / 'scratch.db').exists()\n"
)


_OPENS = (
    "import sys; from pathlib import Path; from kiosk_server.store.db import Database\n"
    "database = Database(Path(sys.argv[1])); database.open(); database.close()\n"
)


def can_mount() -> bool:
    return subprocess.run(["unshare", "-Urm", "true"], capture_output=True, check=False).returncode == 0


@contextmanager
def doing(script: str, store: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that has come so far as to print a line, and waits for the end of its input."""
    command = [sys.executable, "-c", script, str(store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().rstrip("\n")


def opens(store: Path) -> None:
    """A start, and its end."""
    database = Database(store)
    database.open()
    database.close()


def left(*folders: Path) -> list[Path]:
    return [path for folder in folders for path in folder.glob(".scratch-*")]


@pytest.fixture
def store(shop: Shop) -> Path:
    """One that nobody has open."""
    shop.closes()
    return shop.database.path


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_whoever_is_killed_leaves_no_scratch_file(shop: Shop, ending: signal.Signals) -> None:
    store = shop.database.path
    present = set(store.parent.iterdir())
    with doing(_READS, store) as (reader, said):
        assert said == "1000"
        reader.send_signal(ending)
    assert reader.returncode == -ending
    assert set(store.parent.iterdir()) == present


def test_start_sweeps_what_was_left_by_whoever_was_killed_while_making_it(store: Path) -> None:
    with doing(_MAKES, store) as (maker, folder):
        maker.kill()
    assert left(store.parent) == [Path(folder)]

    opens(store)

    assert not left(store.parent)


def test_start_sweeps_what_earlier_versions_left_and_nothing_else(store: Path, tmp_path: Path) -> None:
    backups = store.parent / "backups"
    backups.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "kept").touch()
    before = {*store.parent.iterdir(), *elsewhere.iterdir()}
    for room in (store.parent, backups):
        (Path(tempfile.mkdtemp(prefix=".scratch-", dir=room)) / "scratch.db").write_bytes(b"much")
        (room / ".scratch-file").touch()
        (room / ".scratch-link").symlink_to(elsewhere)

    opens(store)

    assert not left(store.parent, backups)
    assert before <= {*store.parent.iterdir(), *elsewhere.iterdir()}


def test_start_leaves_alone_what_is_being_made_beside_it(store: Path) -> None:
    with doing(_MAKES, store) as (maker, folder):
        opens(store)
        assert left(store.parent) == [Path(folder)]
        maker.communicate()
    assert maker.returncode == 0

    opens(store)
    assert not left(store.parent)


def test_reader_of_an_earlier_version_keeps_the_file_that_it_has_open(store: Path) -> None:
    """Those kept the name to the end, and no lock on it."""
    with (
        tempfile.TemporaryDirectory(prefix=".scratch-", dir=store.parent) as folder,
        closing(sqlite3.connect(Path(folder) / "scratch.db", isolation_level=None)) as scratch,
    ):
        scratch.execute("PRAGMA journal_mode = OFF")
        scratch.execute("PRAGMA cache_size = 8")
        scratch.execute("CREATE TABLE much (b)")
        subprocess.run([sys.executable, "-c", _OPENS, str(store)], check=True, timeout=60)
        assert not left(store.parent)
        scratch.executemany("INSERT INTO much VALUES (zeroblob(4000))", [()] * 1_000)
        assert scratch.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert scratch.execute("SELECT sum(length(b)) FROM much").fetchone() == (4_000_000,)


def test_reading_beside_a_start_is_not_disturbed(shop: Shop) -> None:
    store = shop.database.path
    with doing(_READS, store) as (reader, _):
        shop.closes()
        opens(store)
        assert verify(store).is_whole
        reader.communicate()
    assert reader.returncode == 0


@pytest.mark.skipif(not can_mount(), reason="this machine does not let users mount a tmpfs (unshare -Urm)")
def test_what_cannot_be_deleted_keeps_nobody_from_starting(store: Path) -> None:
    mounted = store.parent / ".scratch-busy"
    mounted.mkdir()
    script = 'mount -t tmpfs tmpfs "$1" && shift && exec "$@"'
    command = ["unshare", "-Urm", "sh", "-c", script, "sh", str(mounted), sys.executable, "-c", _OPENS, str(store)]
    subprocess.run(command, check=True, timeout=60)
    assert left(store.parent) == [mounted]
