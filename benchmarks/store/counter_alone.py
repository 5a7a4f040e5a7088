"""The counter without a wire: commands that lie ready are done by the writer, on its disk, and answered right here.

`python -m benchmarks.store.counter_alone FOLDER SECONDS` scans in FOLDER/store.db, one command a lane at a time, and
prints one JSON line. With the server that has no store it tells what the two halves would do one after the other: they
share an interpreter, so no server made of them can do much more.
"""

import json
import secrets
import sys
import time
from pathlib import Path

from benchmarks.store.growth import POLICY
from benchmarks.store.lanes import code_of
from kiosk_server.core.bus import Bus
from kiosk_server.core.clock import SystemClock
from kiosk_server.core.handlers import HANDLERS, ROLES
from kiosk_server.core.waiting import Waiting
from kiosk_server.domain.commands import ScanItem
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.store.db import Database

_LANES = [Identity(name=f"L{n}", role=Role.LANE, terminal=f"L{n}") for n in range(200)]


def scan(bus: Bus, number: int) -> float:
    """Each lane scans once; seconds from the first command in the queue to the last answer."""
    command = ScanItem(code=code_of(number))
    orders = [Waiting(command, lane, secrets.token_hex(8), bytes(32)) for lane in _LANES]
    began = time.perf_counter()
    promises = [bus._enqueue(order) for order in orders]
    assert all(promise.result(60).ok for promise in promises)
    return time.perf_counter() - began


def main() -> None:
    """One run."""
    folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
    database = Database(folder / "store.db")
    database.open()
    bus = Bus(database, POLICY, SystemClock(), handlers=HANDLERS, roles=ROLES)
    bus.start()
    ends, spent_s, number = time.monotonic() + seconds, 0.0, 0
    while time.monotonic() < ends:
        spent_s += scan(bus, number)
        number += 1
    bus.stop()
    database.close()
    print(json.dumps({"per_s": number * len(_LANES) / spent_s}))


if __name__ == "__main__":
    main()
