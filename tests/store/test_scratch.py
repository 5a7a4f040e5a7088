"""A scratch file can grow as large as its store: nothing may leave one behind."""

import signal
import subprocess
import sys

import pytest
from shop import Shop

_READS = (
    "import sys; from pathlib import Path; from kiosk_server.store.scratch import beside\n"
    "with beside(Path(sys.argv[1])) as scratch:\n"
    "    scratch.execute('CREATE TABLE much (b)'); scratch.execute('PRAGMA cache_size = 8')\n"
    "    scratch.executemany('INSERT INTO much VALUES (zeroblob(4000))', [()] * 1_000)\n"
    "    print(scratch.execute('SELECT count(*) FROM much').fetchone()[0], flush=True)\n"
    "    sys.stdin.read()\n"
)


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_whoever_is_killed_leaves_no_scratch_file(shop: Shop, ending: signal.Signals) -> None:
    store = shop.database.path
    present = set(store.parent.iterdir())
    command = [sys.executable, "-c", _READS, str(store)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "1000\n"
        reader.send_signal(ending)
    assert reader.returncode == -ending
    assert set(store.parent.iterdir()) == present
