"""A real store in a folder, and the people and terminals in it: `lane3.scans(milk)`, `attendant.takes_cash(basket)`.

Real SQLite, the real bus, the real handlers; only the clock is ours. Actors raise Refused when the store refuses, so a
test that expects a refusal says so: `with refused("wrong_state"):`.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from builders import CATALOG, POLICY
from readers import Refunded

from kiosk_server.core.bus import Bus, Entry, Reply
from kiosk_server.core.handlers import HANDLERS, ROLES
from kiosk_server.domain import commands as c
from kiosk_server.domain import gift
from kiosk_server.domain.basket import Basket
from kiosk_server.domain.catalog import Item
from kiosk_server.domain.intervention import Intervention
from kiosk_server.domain.kitchen import Event as TicketEvent
from kiosk_server.domain.kitchen import Ticket
from kiosk_server.domain.payment import Payment
from kiosk_server.domain.policy import Policy
from kiosk_server.domain.promotion import Promotion
from kiosk_server.domain.pump import FuellingPoint
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.domain.tender import Receipt, TenderKind
from kiosk_server.domain.terminal import Kind, Terminal
from kiosk_server.store import journal
from kiosk_server.store.db import Database
from kiosk_server.store.repositories import Repositories, driver_of

NOON_MS = 1_795_172_400_000  # 2026-11-20 11:00 UTC, noon in Berlin
PATIENCE_S = 30  # an upper bound for a deadlock, never a measure


class HandClock:
    """Time that stands until a test moves it; ids count up."""

    def __init__(self, now_ms: int = NOON_MS) -> None:
        self.ms = now_ms
        self._set_by_ms = 0
        self._numbers = itertools.count(1)

    def now_ms(self) -> int:
        return self.ms

    def monotonic_s(self) -> float:
        return (self.ms - self._set_by_ms) / 1000

    def new_id(self) -> str:
        return f"id{next(self._numbers):014}"

    def passes(self, ms: int) -> None:
        self.ms += ms

    def jumps(self, ms: int) -> None:
        """Somebody sets the wall clock; no time passes."""
        self.ms += ms
        self._set_by_ms += ms


class Refused(Exception):  # noqa: N818 - an answer, as in the product
    """The store said no; `reply` holds code, message and details."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.code}: {reply.message}")
        self.reply = reply


@contextmanager
def refused(code: str, **details: object) -> Iterator[None]:
    """Expects this refusal, with at least these details."""
    with pytest.raises(Refused) as caught:
        yield
    reply = caught.value.reply
    assert reply.code == code, reply
    assert reply.message.strip().endswith((".", "!", "?")), "a refusal is a sentence"
    for name, value in details.items():
        assert (reply.details or {}).get(name) == value, reply.details


class Shop:
    """One store that runs. `asks` is the only way in; the rest looks."""

    def __init__(self, folder: Path, policy: Policy = POLICY, clock: HandClock | None = None) -> None:
        self.clock = clock or HandClock()
        self.policy = policy
        self.database = Database(folder / "store.db")
        self.database.open()
        self.bus = Bus(self.database, policy, self.clock, handlers=HANDLERS, roles=ROLES)
        self.bus.start()
        self._keys = itertools.count(1)

    def closes(self) -> None:
        assert self.bus.stop(PATIENCE_S)
        self.database.close()

    def asks(self, command: c.Command, identity: Identity, key: str = "") -> Any:
        """The result of a command that is done; raises Refused for one that is not."""
        reply = self.replies(command, identity, key)
        if not reply.ok:
            raise Refused(reply)
        return reply.result

    def replies(self, command: c.Command, identity: Identity, key: str = "") -> Reply:
        return self.bus.submit(command, identity, key or f"key-{next(self._keys)}").result(PATIENCE_S)

    @contextmanager
    def looks(self) -> Iterator[Repositories]:
        with self.database.read() as conn:
            yield Repositories(conn)

    def entries(self, after: int = 0) -> Sequence[Entry]:
        with self.database.read() as conn:
            return journal.since(driver_of(conn), after, 100_000)

    def events(self, after: int = 0) -> list[str]:
        """The names of the events since `after`, in journal order."""
        return [entry.type for entry in self.entries(after)]

    @contextmanager
    def changes_nothing(self) -> Iterator[None]:
        head = self.bus.head_seq
        yield
        assert self.events(head) == []

    @contextmanager
    def records(self, *names: str) -> Iterator[None]:
        head = self.bus.head_seq
        yield
        assert self.events(head) == list(names)

    def terminal(self, name: str) -> Terminal:
        with self.looks() as repositories:
            found = repositories.terminal(name)
        assert found is not None
        return found

    def basket(self, basket_id: str) -> Basket:
        with self.looks() as repositories:
            found = repositories.basket(basket_id)
        assert found is not None
        return found

    def inbox(self) -> tuple[Intervention, ...]:
        with self.looks() as repositories:
            return repositories.open_interventions()

    def payment(self, payment_id: str) -> Payment:
        with self.looks() as repositories:
            found = repositories.payment(payment_id)
        assert found is not None
        return found.payment

    def gift_cents(self, number: str) -> int:
        """What a gift card holds."""
        with self.looks() as repositories:
            found = repositories.gift_card(gift.card_id_of(gift.hash_of(number)))
        assert found is not None
        return found[0].balance_cents

    def receipt(self, number: int) -> Receipt:
        with self.looks() as repositories:
            found = repositories.receipt(number)
        assert found is not None
        return found

    def ticket_of(self, basket_id: str) -> Ticket | None:
        with self.looks() as repositories:
            return repositories.ticket_of_basket(basket_id)

    def enrols(self, kind: Kind, name: str) -> Identity:
        token_hash = f"{next(self._keys):064x}"
        self.asks(c.AddTerminal(terminal=name, kind=kind, token_hash=token_hash), LOCAL)
        return Identity(name=name, role=Role(kind.value), terminal=name)

    def stocks(self, items: Sequence[Item]) -> Any:
        return self.asks(c.ImportItems(items=tuple(items)), LOCAL)

    def runs(self, *promotions: Promotion, is_all: bool = False) -> Any:
        """Puts promotions in force."""
        return self.asks(c.ImportPromotions(promotions=promotions, is_all=is_all), LOCAL)


@contextmanager
def a_shop(folder: Path, **rules: Any) -> Iterator[Shop]:
    """A running store with house rules of its own and the usual catalog."""
    running = Shop(folder, msgspec.structs.replace(POLICY, **rules))
    running.stocks(CATALOG)
    yield running
    running.closes()


LOCAL = Identity(name="local", role=Role.LOCAL)
DRIVER = Identity(name="forecourt", role=Role.DRIVER)


class Person:
    """Somebody of the staff."""

    def __init__(self, shop: Shop, name: str, role: Role) -> None:
        self.shop = shop
        self.identity = Identity(name=name, role=role)

    def does(self, command: c.Command, key: str = "") -> Any:
        return self.shop.asks(command, self.identity, key)

    def takes_cash(self, basket_id: str, received_cents: int = 100_000, key: str = "") -> Receipt:
        result = self.does(c.ConfirmCash(basket_id=basket_id, received_cents=received_cents), key)
        return msgspec.convert(result["receipt"], Receipt)

    def stops(self, payment_id: str) -> str:
        return str(self.does(c.CancelPayment(payment_id=payment_id))["payment"]["state"])

    def sells_gift(self, basket_id: str, amount_cents: int, number: str) -> Any:
        """Puts a gift card of this number into a basket; the door's part is done here."""
        sealed = {"number_hash": gift.hash_of(number), "masked": gift.masked_of(number)}
        return self.does(c.SellGift(basket_id=basket_id, amount_cents=amount_cents, **sealed))

    def refunds(self, receipt: Receipt, pieces: dict[int, int] | None = None, key: str = "") -> Refunded:
        """Takes goods back, all that are left of a receipt or `pieces` by line."""
        lines = tuple(c.RefundedLine(line_id, quantity) for line_id, quantity in (pieces or {}).items())
        order = c.RefundReceipt(receipt_number=receipt.number, reason="spoiled", lines=lines)
        return msgspec.convert(self.does(order, key), Refunded)

    def settles(self, basket_id: str, tender: TenderKind = TenderKind.CASH) -> Refunded:
        return msgspec.convert(self.does(c.SettleRefund(basket_id=basket_id, tender=tender)), Refunded)

    def voids(self, basket_id: str, reason: str = "changed their mind") -> Any:
        return self.does(c.VoidBasket(basket_id=basket_id, reason=reason))

    def releases(self, basket_id: str) -> Any:
        return self.does(c.ReleaseOrder(basket_id=basket_id))

    def authorises(self, terminal: str, limit_cents: int | None = None) -> str:
        return self.does(c.AuthorisePump(terminal=terminal, limit_cents=limit_cents))["state"]

    def resolves(self, intervention_id: str) -> Any:
        return self.does(c.ResolveIntervention(intervention_id=intervention_id))

    def retires(self, terminal: str) -> Any:
        return self.does(c.RetireTerminal(terminal=terminal))

    def bumps(self, ticket_id: str, event: TicketEvent = TicketEvent.BUMP) -> str:
        return self.does(c.MoveTicket(ticket_id=ticket_id, event=event))["state"]


class Actor:
    """A terminal and the customer before it."""

    kind: Kind

    def __init__(self, shop: Shop, name: str) -> None:
        self.shop = shop
        self.name = name
        self.identity = shop.enrols(self.kind, name)

    def does(self, command: c.Command, key: str = "") -> Any:
        return self.shop.asks(command, self.identity, key)

    @property
    def state(self) -> str:
        return self.shop.terminal(self.name).state

    @property
    def basket(self) -> Basket:
        basket_id = self.shop.terminal(self.name).basket_id
        assert basket_id is not None, f"{self.name} shows no basket"
        return self.shop.basket(basket_id)

    @property
    def has_basket(self) -> bool:
        return self.shop.terminal(self.name).basket_id is not None

    def calls(self) -> str:
        return self.does(c.CallAttendant())["intervention_id"]


class Customer(Actor):
    """What lanes and stalls have in common: a basket of one's own."""

    def scans(self, item: Item | str, quantity: int = 1, key: str = "") -> Any:
        code = item if isinstance(item, str) else item.code or item.item_id
        return self.does(c.ScanItem(code=code, quantity=quantity), key)

    def picks(self, item: Item, *modifiers: str, quantity: int = 1) -> Any:
        return self.does(c.AddItem(item_id=item.item_id, modifiers=modifiers, quantity=quantity))

    def changes(self, line_id: int, quantity: int) -> Any:
        return self.does(c.ChangeQuantity(line_id=line_id, quantity=quantity))

    def voids(self, line_id: int) -> Any:
        return self.does(c.VoidLine(line_id=line_id))

    def voids_all(self, basket_id: str | None = None) -> Any:
        return self.does(c.VoidBasket(basket_id=basket_id))

    def goes_back(self) -> Any:
        return self.does(c.LeaveTender())

    def parks(self) -> str:
        return self.does(c.SuspendBasket())["basket_id"]

    def resumes(self, basket_id: str) -> Any:
        return self.does(c.ResumeBasket(basket_id=basket_id))

    def hands_over(self) -> str:
        """The code that another lane must scan to go on with the basket."""
        return self.does(c.HandOffBasket())["code"]

    def takes_coupon_back(self, code: str) -> Any:
        return self.does(c.ReturnCoupon(code=code))

    def finishes(self) -> str:
        return self.does(c.Finish())["state"]


class Lane(Customer):
    kind = Kind.LANE

    def pays(self, key: str = "") -> Any:
        return self.does(c.ChooseTender(tender=TenderKind.CASH), key)

    def pays_by_card(self, amount_cents: int | None = None, key: str = "") -> str:
        """Asks for a card; gives the payment that waits for the reader."""
        chosen = self.does(c.ChooseTender(tender=TenderKind.CARD, amount_cents=amount_cents), key)
        return str(chosen["payment_id"])

    def pays_by_gift(self, number: str, amount_cents: int | None = None, key: str = "") -> Payment:
        """Chooses a gift card and shows its number; the door's part is done here."""
        self.does(c.ChooseTender(tender=TenderKind.GIFT, amount_cents=amount_cents))
        order = c.RedeemGift(number="", amount_cents=amount_cents, number_hash=gift.hash_of(number))
        return msgspec.convert(self.does(order, key)["payment"], Payment)

    def stops(self, payment_id: str) -> str:
        return str(self.does(c.CancelPayment(payment_id=payment_id))["payment"]["state"])


class Stall(Customer):
    kind = Kind.STALL

    def arrives(self) -> str:
        return self.does(c.Arrive())["state"]

    def orders(self, key: str = "") -> Any:
        return self.does(c.PlaceOrder(), key)


class Cook(Actor):
    kind = Kind.KITCHEN

    def moves(self, ticket: Ticket, event: TicketEvent) -> str:
        return self.does(c.MoveTicket(ticket_id=ticket.ticket_id, event=event))["state"]


class Pump(Actor):
    kind = Kind.PUMP

    def lifts(self, grade_id: str = "diesel") -> str:
        return self.does(c.LiftNozzle(grade_id=grade_id))["state"]

    def hangs(self) -> str:
        return self.does(c.HangNozzle())["state"]

    def flows(self) -> str:
        return self.shop.asks(c.ReportFlow(terminal=self.name), DRIVER)["state"]

    def reports(self, volume_ml: int, key: str = "") -> str:
        return self.shop.asks(c.ReportFuelling(terminal=self.name, volume_ml=volume_ml), DRIVER, key)["state"]

    def fuels(self, attendant: Person, volume_ml: int = 20_000, grade_id: str = "diesel") -> str:
        """A whole fuelling; gives the basket that waits for its money."""
        self.lifts(grade_id)
        attendant.authorises(self.name)
        self.flows()
        self.hangs()
        self.reports(volume_ml)
        return self.point.unpaid[-1]

    @property
    def point(self) -> FuellingPoint:
        with self.shop.looks() as repositories:
            found = repositories.point(self.name)
        assert found is not None
        return found
