"""A store with lanes that scan as fast as they are answered, to be killed from outside.

Run as a program: `lanes_under_load.py FOLDER LANES [LANE=NUMBER ...]`. Each lane begins with the number that it was not
answered, then goes on; every answer is written to standard output as `LANE NUMBER SEQ`, one write each, once heard.
"""

import os
import sys
import threading
from pathlib import Path

from builders import BREAD, CATALOG, MILK
from shop import LOCAL, Shop

from kiosk_server.core.clock import SystemClock
from kiosk_server.domain.commands import AddTerminal, ChooseTender, ConfirmCash, ImportItems, ScanItem
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.domain.tender import TenderKind
from kiosk_server.domain.terminal import Kind
from kiosk_server.store.repositories import Repositories

ADA = Identity(name="Ada", role=Role.ATTENDANT)
VISIT = 8  # six scans, pay, confirm; the next number begins with the following customer


def command_of(shop: Shop, lane: Identity, number: int) -> tuple[object, Identity]:
    """What this lane does at this number: always the same, so that it can be sent again after a restart."""
    step = number % VISIT
    if step == 6:
        return ChooseTender(tender=TenderKind.CASH), lane
    if step == 7:
        return ConfirmCash(basket_id=basket_of(shop, lane), received_cents=100_000), ADA
    return ScanItem(code=(MILK if step % 2 else BREAD).code or "", quantity=1 + step), lane


def basket_of(shop: Shop, lane: Identity) -> str:
    with shop.database.read() as conn:
        terminal = Repositories(conn).terminal(lane.name)
    assert terminal is not None
    return terminal.basket_id or ""


def shops(shop: Shop, lane: Identity, number: int) -> None:
    while True:
        command, identity = command_of(shop, lane, number)
        reply = shop.replies(command, identity, f"{lane.name}-{number}")  # type: ignore[arg-type]
        assert reply.ok, (number, reply)
        os.write(1, f"{lane.name} {number} {reply.seq}\n".encode())
        number += 1


def main() -> None:
    folder, lanes = Path(sys.argv[1]), int(sys.argv[2])
    done = {name: int(number) for name, number in (word.split("=") for word in sys.argv[3:])}
    shop = Shop(folder, clock=SystemClock())  # type: ignore[arg-type]
    shop.asks(ImportItems(items=CATALOG), LOCAL, "catalog")
    threads = []
    for n in range(lanes):
        name = f"lane{n}"
        shop.asks(AddTerminal(terminal=name, kind=Kind.LANE, token_hash=f"{n:064x}"), LOCAL, f"enrol-{name}")
        lane = Identity(name=name, role=Role.LANE, terminal=name)
        threads.append(threading.Thread(target=shops, args=(shop, lane, done.get(name, 0)), daemon=True))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
