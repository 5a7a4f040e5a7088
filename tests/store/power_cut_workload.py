"""A store from its first moment through some trade, run under strace by test_power_cut.py: DATA_DIR COMMANDS.

Every acknowledged key goes to standard output at once, so that the recording knows what had been promised when.
"""

import os
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from builders import CATALOG
from shop import HandClock, Lane, Shop


def trade(lane: Lane, name: str, commands: int) -> None:
    code = next(item.code for item in CATALOG if item.code and item.price_cents)
    for number in range(commands):
        key = f"{name}-{number}"
        lane.scans(code, key=key)
        os.write(1, f"{key}\n".encode())


def main(folder: Path, commands: int) -> None:
    shop = Shop(folder, clock=HandClock())
    shop.stocks(CATALOG)
    lanes = [Lane(shop, f"L{number}") for number in range(4)]
    threads = [threading.Thread(target=trade, args=(lane, lane.name, commands // 4)) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    shop.database.writer.connection.driver_connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
    trade(lanes[0], "after-checkpoint", commands // 4)
    shop.closes()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
