"""A disk that fails or fills: nobody hears a false yes, reading goes on, and selling begins again by itself."""

import queue
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from builders import CATALOG, MILK, POLICY
from shop import LOCAL, PATIENCE_S, HandClock

from kiosk_server.core.bus import Bus, Reply
from kiosk_server.core.handlers import HANDLERS, ROLES
from kiosk_server.domain.commands import AddTerminal, ImportItems, ScanItem, SwitchSimulation
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.domain.terminal import Kind
from kiosk_server.store import journal, queries
from kiosk_server.store.connection import connect
from kiosk_server.store.db import Database, DiskLimits
from kiosk_server.store.repositories import Repositories, driver_of
from kiosk_server.store.verify import verify

LANE = Identity(name="lane1", role=Role.LANE, terminal="lane1")
ON = SwitchSimulation(is_on=True)
PROBE_MS = 1000


class Roomy(Database):
    """A store on a disk whose free space the test decides."""

    free = 1 << 40

    def free_bytes(self) -> int:
        return self.free


class Till:
    def __init__(self, folder: Path) -> None:
        self.clock = HandClock()
        self.database = Roomy(folder / "store.db", limits=DiskLimits(warn_bytes=500, stop_bytes=50))
        self.database.open()
        self.driver = driver_of(self.database.writer)
        self.bus = Bus(self.database, POLICY, self.clock, handlers=HANDLERS, roles=ROLES)
        self.bus.start()
        assert self.asks(ImportItems(items=CATALOG), "import").ok
        assert self.asks(AddTerminal(terminal="lane1", kind=Kind.LANE, token_hash="a" * 64), "lane").ok

    def asks(self, command: SwitchSimulation | ScanItem | ImportItems | AddTerminal, key: str) -> Reply:
        identity = LANE if isinstance(command, ScanItem) else LOCAL
        return self.bus.submit(command, identity, key).result(PATIENCE_S)

    def switches(self, key: str) -> Reply:
        """The smallest command that always records something."""
        with self.database.read() as conn:
            is_on = Repositories(conn).is_simulating()
        return self.asks(SwitchSimulation(is_on=not is_on), key)

    def switches_until_refused(self) -> tuple[list[str], Reply]:
        """The keys that were acknowledged, and the first answer that was no."""
        acknowledged: list[str] = []
        for number in range(100_000):
            reply = self.switches(f"n{number}")
            if not reply.ok:
                return acknowledged, reply
            acknowledged.append(f"n{number}")
        raise AssertionError("the disk never filled")

    def journaled(self) -> list[str]:
        with self.database.read() as conn:
            return [entry.key for entry in journal.since(driver_of(conn), 0, 1_000_000)]


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    running = Till(tmp_path)
    yield running
    assert running.bus.stop(PATIENCE_S)
    running.database.close()
    verdict = verify(running.database.path)
    assert verdict.is_whole, verdict.problem


def fill(till: Till) -> Callable[[], None]:
    """A real SQLITE_FULL: the file may not grow beyond the pages it has. Returns what makes room again."""
    pages = till.driver.execute("PRAGMA page_count").fetchone()[0]
    most = till.driver.execute("PRAGMA max_page_count").fetchone()[0]
    till.driver.execute(f"PRAGMA max_page_count = {pages}")
    return lambda: till.driver.execute(f"PRAGMA max_page_count = {most}")


def test_a_full_disk_refuses_with_words_and_keeps_what_was_acknowledged(till: Till) -> None:
    fill(till)
    acknowledged, reply = till.switches_until_refused()
    assert reply.code == "read_only"
    assert "database or disk is full" in reply.message
    assert till.bus.is_read_only
    assert [key for key in till.journaled() if key.startswith("n")] == acknowledged
    assert till.bus.head_seq == till.database.head().seq


def test_reading_goes_on_while_the_disk_is_full(till: Till) -> None:
    assert till.asks(ScanItem(code=MILK.code or ""), "scan").ok
    fill(till)
    till.switches_until_refused()
    with till.database.read() as conn:
        seq, screen = queries.screen_of(conn, "lane", "lane1", POLICY)
    assert seq == till.bus.head_seq
    assert screen.basket.totals.items == 1  # type: ignore[attr-defined]


def test_selling_begins_again_by_itself_when_there_is_room(till: Till) -> None:
    make_room = fill(till)
    acknowledged, _ = till.switches_until_refused()
    assert till.switches("waits").code == "read_only"  # refused without touching the disk until the probe is due
    make_room()
    till.clock.passes(PROBE_MS)
    assert till.switches("after").ok
    assert not till.bus.is_read_only
    assert [key for key in till.journaled() if key.startswith("n") or key == "after"] == [*acknowledged, "after"]


def test_a_probe_that_fails_keeps_the_store_read_only(till: Till) -> None:
    fill(till)
    till.switches_until_refused()
    till.driver.execute("PRAGMA query_only = ON")
    till.clock.passes(PROBE_MS)
    assert till.switches("refused").code == "read_only"
    till.driver.execute("PRAGMA query_only = OFF")


def test_a_probe_of_a_failing_disk_hears_no(till: Till) -> None:
    till.database.free = 0
    till.clock.passes(PROBE_MS)
    assert till.bus.probe().result(PATIENCE_S).code == "read_only"


def test_a_refused_command_is_done_when_it_is_sent_again(till: Till) -> None:
    make_room = fill(till)
    acknowledged, _ = till.switches_until_refused()
    refused = f"n{len(acknowledged)}"
    make_room()
    till.clock.passes(PROBE_MS)
    assert till.switches(refused).ok
    assert till.journaled().count(refused) == 1


def test_everybody_in_a_batch_that_cannot_be_committed_hears_no(tmp_path: Path) -> None:
    till = Till(tmp_path)
    make_room = fill(till)
    futures = [till.bus.submit(SwitchSimulation(is_on=number % 2 == 0), LOCAL, f"n{number}") for number in range(3000)]
    assert all(future.result(PATIENCE_S) for future in futures)
    yes = [f"n{number}" for number, future in enumerate(futures) if future.result().ok]
    assert any(future.result().code == "read_only" for future in futures)
    assert [key for key in till.journaled() if key.startswith("n")] == yes
    make_room()
    assert till.bus.stop(PATIENCE_S)
    till.database.close()


def test_a_disk_that_is_nearly_full_stops_selling_before_sqlite_does(till: Till) -> None:
    till.database.free = 49
    till.clock.passes(PROBE_MS)
    reply = till.switches("a")
    assert reply.code == "read_only"
    assert "full" in reply.message
    till.clock.passes(PROBE_MS)
    assert till.switches("b").code == "read_only"
    till.database.free = 50
    till.clock.passes(PROBE_MS)
    assert till.switches("c").ok


def test_a_disk_that_fills_up_is_told_before_it_stops_anything(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    assert not till.bus.is_disk_low
    till.database.free = 499
    till.clock.passes(PROBE_MS)
    assert till.switches("a").ok
    assert till.bus.is_disk_low
    assert "fills up" in caplog.text
    till.database.free = 500
    till.clock.passes(PROBE_MS)
    assert till.switches("b").ok
    assert not till.bus.is_disk_low


def test_a_store_held_by_a_stranger_answers_instead_of_hanging(till: Till) -> None:
    till.driver.execute("PRAGMA busy_timeout = 10")
    stranger = connect(till.database.path, "rw")
    stranger.execute("BEGIN IMMEDIATE")
    assert till.switches("a").code == "read_only"
    stranger.execute("ROLLBACK")
    stranger.close()
    till.clock.passes(PROBE_MS)
    assert till.switches("a").ok


def test_the_writer_recovers_while_nobody_asks(tmp_path: Path) -> None:
    """With the machine's clock: the probe runs by itself."""
    till = Till(tmp_path)
    quick = Bus(till.database, POLICY, till.clock, handlers=HANDLERS, roles=ROLES, probe_interval_s=0.01)
    assert till.bus.stop(PATIENCE_S)
    news: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    quick.watch(news.put)
    quick.start()
    till.database.free = 0
    till.clock.passes(PROBE_MS)
    assert quick.submit(ON, LOCAL, "a").result(PATIENCE_S).code == "read_only"
    assert "full" in (news.get(timeout=PATIENCE_S) or "")
    till.database.free = 1 << 40
    till.clock.passes(PROBE_MS)
    assert news.get(timeout=PATIENCE_S) is None
    assert not quick.is_read_only
    assert quick.stop(PATIENCE_S)
    till.database.close()


def test_damage_found_while_the_disk_is_full_is_told_and_outlasts_it(till: Till) -> None:
    news: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    till.bus.watch(news.put)
    till.database.free = 0
    till.clock.passes(PROBE_MS)
    assert till.switches("a").code == "read_only"
    assert "full" in (news.get(timeout=PATIENCE_S) or "")
    till.bus._writer.condemn("page 7")
    assert "page 7" in (news.get(timeout=PATIENCE_S) or "")
    till.bus._writer._abandon([], OSError("the disk once more"))
    till.database.free = 1 << 40
    till.clock.passes(PROBE_MS)
    assert till.switches("b").code == "read_only"
    assert "page 7" in (till.bus.trouble or "")
    assert news.empty()


def test_damage_found_in_the_middle_of_a_probe_is_not_forgotten_with_its_success(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    till.database.free = 0
    till.clock.passes(PROBE_MS)
    assert till.switches("a").code == "read_only"
    writer = till.bus._writer
    monkeypatch.setattr(type(writer._keys), "probe", lambda *_: writer.condemn("page 7"))
    till.database.free = 1 << 40
    till.clock.passes(PROBE_MS)
    assert till.switches("b").code == "read_only"
    assert "page 7" in (till.bus.trouble or "")


ON_TMPFS = """
import sys
sys.path[:0] = {path!r}
from pathlib import Path
from test_read_only import Till, PROBE_MS, Roomy
Roomy.free_bytes = lambda self: 1 << 40
folder = Path({folder!r})
till = Till(folder)
ballast = folder / "ballast"
acknowledged, reply = till.switches_until_refused()
assert reply.code == "read_only", reply
kept = [key for key in till.journaled() if key.startswith("n")]
assert kept == acknowledged, (kept[-3:], acknowledged[-3:])
ballast.unlink()
till.clock.passes(PROBE_MS)
assert till.switches("after").ok
assert till.bus.stop(30)
till.database.close()
from kiosk_server.store.verify import verify
verdict = verify(till.database.path)
assert verdict.is_whole, verdict.problem
print("recovered after", len(acknowledged))
"""


def can_mount() -> bool:
    return subprocess.run(["unshare", "-Urm", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="this machine does not let users mount a tmpfs (unshare -Urm)")
def test_a_real_small_disk_fills_and_recovers(tmp_path: Path) -> None:
    mounted = tmp_path / "disk"
    mounted.mkdir()
    places = [str(Path(__file__).parent), str(Path(__file__).parents[1])]
    (tmp_path / "run.py").write_text(ON_TMPFS.format(path=places, folder=str(mounted)))
    command = (
        f"mount -t tmpfs -o size=16m tmpfs {mounted} && head -c 8m /dev/zero > {mounted}/ballast && "
        f"exec {sys.executable} {tmp_path}/run.py"
    )
    done = subprocess.run(
        ["unshare", "-Urm", "sh", "-c", command], capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("recovered after")
