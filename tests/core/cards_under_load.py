"""A store whose customers pay by card as fast as their readers let them, to be killed from outside.

Run as a program: `cards_under_load.py FOLDER LANES SEED`. Customers act on what they see, tap twice, change their mind,
pay in parts and bring things back; a line on standard output says that all of them have begun.
"""

import os
import random
import sys
import threading
from pathlib import Path

from builders import BULB, CATALOG, MILK
from card_counter import Counter
from shop import LOCAL, Shop

from kiosk_server.core.clock import SystemClock
from kiosk_server.domain import commands as c
from kiosk_server.domain.basket import Basket, State
from kiosk_server.domain.payment import TenderKind, waiting_of
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.domain.terminal import Kind
from kiosk_server.hardware.virtual_reader import Behaviour

MIA = Identity(name="Mia", role=Role.MANAGER)
PACE_MS = 20
USUAL = [Behaviour.APPROVE] * 8 + [
    *(Behaviour.SLOW, Behaviour.LOSE_APPROVAL, Behaviour.LOSE_APPROVAL, Behaviour.LOSE_DECLINE),
    *(Behaviour.INSUFFICIENT_FUNDS, Behaviour.CUSTOMER_CANCELS, Behaviour.UNPLUGGED, Behaviour.REFUSE_REFUNDS),
]


class Customer:
    """One after the other at a lane, each acting on what the screen shows."""

    def __init__(self, shop: Shop, counter: Counter, name: str, chance: random.Random) -> None:
        self.shop, self.counter, self.chance = shop, counter, chance
        self.identity = Identity(name=name, role=Role.LANE, terminal=name)

    def gives(self, command: c.Command, identity: Identity | None = None, *, taps: int = 1) -> None:
        """Refusals are answers, too: whoever taps twice meets some."""
        futures = [
            self.shop.bus.submit(command, identity or self.identity, self.chance.randbytes(8).hex())
            for _ in range(taps)
        ]
        for future in futures:
            assert future.result(30).code not in {"internal", "read_only"}, (command, future.result())

    def goes_on(self) -> None:
        basket = self.sees()
        if basket is None or basket.state is State.OPEN:
            self.gives(c.ScanItem(code=self.chance.choice([MILK, BULB]).code or ""))
            if self.chance.random() < 0.6:
                self.pays(None)
        elif basket.state is State.TENDERING:
            self.stands_at_the_reader(basket)
        else:
            number = basket.receipt_number or 0
            if self.chance.random() < 0.3:
                self.gives(c.RefundReceipt(receipt_number=number, reason="spoiled"), MIA, taps=2)
            self.gives(c.Finish())

    def sees(self) -> Basket | None:
        terminal = self.shop.terminal(self.identity.name)
        return self.shop.basket(terminal.basket_id) if terminal.basket_id else None

    def pays(self, amount_cents: int | None) -> None:
        self.counter.reader(self.identity.name).choose(self.chance.choice(USUAL))
        self.gives(c.ChooseTender(tender=TenderKind.CARD, amount_cents=amount_cents), taps=2)

    def stands_at_the_reader(self, basket: Basket) -> None:
        if waiting_of(basket.payments) is None:
            self.pays(self.chance.choice([None, 50, basket.totals.due_cents]))
        elif self.chance.random() < 0.05:
            self.gives(c.LeaveTender(), taps=2)
        elif self.chance.random() < 0.05:
            self.gives(c.VoidBasket(basket_id=basket.basket_id, reason="walked off"), MIA)
        else:
            threading.Event().wait(0.02)


def main() -> None:
    folder, lanes, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    shop = Shop(folder, clock=SystemClock())  # type: ignore[arg-type]
    shop.asks(c.ImportItems(items=CATALOG), LOCAL, "catalog")
    counter = Counter(shop, folder, pace_ms=PACE_MS)
    for number in range(lanes):
        name, token_hash = f"lane{number}", f"{number:064x}"
        shop.asks(c.AddTerminal(terminal=name, kind=Kind.LANE, token_hash=token_hash), LOCAL, f"enrol-{name}")
        customer = Customer(shop, counter, name, random.Random(seed * 1000 + number))
        threading.Thread(target=shops, args=(customer,), daemon=True).start()
    os.write(1, b"begun\n")
    threading.Event().wait()


def shops(customer: Customer) -> None:
    while True:
        customer.goes_on()


if __name__ == "__main__":
    main()
