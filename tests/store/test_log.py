"""The write-ahead log of a server that is never ended properly: it is taken over, and does not grow for ever."""

import subprocess
import sys
from contextlib import closing
from pathlib import Path

from kiosk_server.store.connection import READER_PRAGMAS, connect
from kiosk_server.store.db import Database
from kiosk_server.store.journal import head_of
from kiosk_server.store.verify import verify

EVENINGS = 8
SALES = 40
# Sells a little, far less than what makes a server empty its log, and is killed.
DAY = """
import os, sys
from pathlib import Path
from shop import LOCAL, Shop
from kiosk_server.domain.commands import SwitchSimulation

shop = Shop(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    shop.asks(SwitchSimulation(is_on=number % 2 == 0), LOCAL, f"{sys.argv[2]}-{number}")
os._exit(9)
"""


def sells_and_is_killed(folder: Path, day: int) -> None:
    arguments = [sys.executable, "-c", DAY, str(folder), str(day), str(SALES)]
    done = subprocess.run(arguments, check=False, timeout=60, env={"PYTHONPATH": ":".join(sys.path)})
    assert done.returncode == 9


def test_a_server_that_is_killed_every_evening_does_not_grow_its_log_for_ever(tmp_path: Path) -> None:
    log = tmp_path / "store.db-wal"
    sizes = []
    for day in range(EVENINGS):
        sells_and_is_killed(tmp_path, day)
        sizes.append(log.stat().st_size)
    assert max(sizes[1:]) <= 1.5 * sizes[1], "each day's log holds that day"
    assert verify(tmp_path / "store.db").is_whole


def test_what_a_killed_server_left_in_the_log_is_in_the_file_after_the_next_start(tmp_path: Path) -> None:
    sells_and_is_killed(tmp_path, 1)
    database = Database(tmp_path / "store.db")
    database.open()
    alone = tmp_path / "alone.db"
    alone.write_bytes((tmp_path / "store.db").read_bytes())
    head = database.head()
    database.close()
    with closing(connect(alone, "ro", READER_PRAGMAS)) as driver:
        assert head_of(driver) == head
    assert head.seq == SALES


def test_a_start_waits_for_nobody_who_still_reads_the_log(tmp_path: Path) -> None:
    sells_and_is_killed(tmp_path, 1)
    with closing(connect(tmp_path / "store.db", "ro", READER_PRAGMAS)) as reader:
        reader.execute("BEGIN")
        assert head_of(reader).seq == SALES
        database = Database(tmp_path / "store.db")
        database.open()
        assert database.head().seq == SALES
        database.close()
        assert head_of(reader).seq == SALES
