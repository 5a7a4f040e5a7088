"""A store that trades on a disk whose calls fail, run under strace by test_failing_disk.py: DATA_DIR COMMANDS.

What is refused is sent again with its key, as a terminal would. Every acknowledged key goes to standard output at once;
after it has been refused TRIES times in a row the store is left as it is.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from shop import LOCAL, Shop

from kiosk_server.core import writer
from kiosk_server.domain.commands import SwitchSimulation
from kiosk_server.store.faults import StoreFault

TRIES = 5
PROBE_MS = 1000


def trade(shop: Shop, number: int) -> bool:
    """Whether it was acknowledged in the end."""
    for _ in range(TRIES):
        reply = shop.replies(SwitchSimulation(is_on=number % 2 == 0), LOCAL, f"n{number}")
        if reply.ok:
            os.write(1, f"n{number}\n".encode())
            return True
        assert reply.code == "read_only", reply
        shop.clock.passes(PROBE_MS)
    return False


def main(folder: Path, commands: int) -> None:
    writer.CHECKPOINT_COMMANDS = 8  # so that checkpoints fail too
    try:
        shop = Shop(folder)
    except StoreFault:
        os.write(1, b"refused to open\n")
        return
    if all(trade(shop, number) for number in range(commands)):
        os.write(1, b"traded to the end\n")
    shop.closes()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
