"""Money against a model, by Hypothesis: what the drawer, the bank and the gift cards hold is what the receipts say.

The test is the customer, the cashier and the bank. A bank decides by itself whether it charges; its word may get lost,
come twice, or come late. Whatever happens, no cent is here that nothing stands for.
"""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

import msgspec
from builders import BREAD, BULB, CATALOG, MILK, POLICY
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from readers import CARD_READER
from shop import HandClock, Lane, Person, Shop

from kiosk_server.core.reply import Reply
from kiosk_server.domain import commands as c
from kiosk_server.domain import gift
from kiosk_server.domain.basket import Basket, Line, State
from kiosk_server.domain.catalog import Item, ItemKind
from kiosk_server.domain.commands.payments import PaymentOutcome
from kiosk_server.domain.events import BasketPaid, RefundStarted
from kiosk_server.domain.payment import SAFE, UNSETTLED, Payment, TenderKind, waiting_of
from kiosk_server.domain.payment import State as PaymentState
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.store.verify import verify

NUMBER = gift.draw_number("the model's", b"of the model")
HASH = gift.hash_of(NUMBER)
FRANCS = msgspec.structs.replace(POLICY, currency="CHF")
LANE = Identity(name="lane3", role=Role.LANE, terminal="lane3")
MIA = Identity(name="Mia", role=Role.MANAGER)

parts = st.one_of(st.none(), st.integers(1, 400))


@functools.cache
def furnished() -> Path:
    """A store with a catalog and a lane, made once and copied."""
    folder = Path(tempfile.mkdtemp(prefix="money-"))
    atexit.register(shutil.rmtree, folder)
    shop = Shop(folder, FRANCS)
    shop.stocks(CATALOG)
    Lane(shop, "lane3")
    Person(shop, "Mia", Role.MANAGER)
    shop.closes()
    return folder


class Money(RuleBasedStateMachine):
    """`bank` is what each card payment has moved there: the truth, whatever the store was told of it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="money-")) / "store"
        shutil.copytree(furnished(), self.folder)
        self.clock = HandClock()
        self.shop = Shop(self.folder, FRANCS, self.clock)
        self.bank: dict[str, int] = {}
        self.keys = 0

    def _asks(self, command: c.Command, who: Identity) -> Reply:
        self.keys += 1
        reply = self.shop.replies(command, who, f"m{self.keys}")
        assert reply.code != "internal", (command, reply)
        return reply

    @property
    def basket(self) -> Basket | None:
        basket_id = self.shop.terminal("lane3").basket_id
        return self.shop.basket(basket_id) if basket_id else None

    def _is(self, *states: State) -> bool:
        basket = self.basket
        return basket is not None and basket.state in states

    def _open_cards(self) -> list[Payment]:
        with self.shop.looks() as repositories:
            return [placed.payment for placed in repositories.unsettled_payments()]

    def _receipts(self) -> list[int]:
        return [entry.event.receipt.number for entry in self.shop.entries() if isinstance(entry.event, BasketPaid)]

    # -- the customer --

    @rule(item=st.sampled_from([MILK, BREAD, BULB]), quantity=st.integers(1, 3))
    def scans(self, item: Item, quantity: int) -> None:
        self._asks(c.ScanItem(code=item.code or "", quantity=quantity), LANE)

    @precondition(lambda self: self._is(State.OPEN, State.TENDERING))
    @rule(tender=st.sampled_from(TenderKind), part=parts, taps=st.integers(1, 2))
    def chooses(self, tender: TenderKind, part: int | None, taps: int) -> None:
        for _ in range(taps):
            self._asks(c.ChooseTender(tender=tender, amount_cents=part), LANE)

    @precondition(lambda self: self._is(State.TENDERING))
    @rule(part=parts)
    def shows_a_gift_card(self, part: int | None) -> None:
        self._asks(c.RedeemGift(number="", amount_cents=part, number_hash=HASH), LANE)

    @precondition(lambda self: self._is(State.TENDERING))
    @rule()
    def goes_back(self) -> None:
        self._asks(c.LeaveTender(), LANE)

    @precondition(lambda self: self._is(State.PAID, State.REFUNDED))
    @rule()
    def leaves(self) -> None:
        self._asks(c.Finish(), LANE)

    @precondition(lambda self: bool(self._open_cards()))
    @rule(is_staff=st.booleans(), data=st.data())
    def stops_a_payment(self, is_staff: bool, data: st.DataObject) -> None:
        payment = data.draw(st.sampled_from(self._open_cards()))
        self._asks(c.CancelPayment(payment_id=payment.payment_id), MIA if is_staff else LANE)

    # -- staff --

    @precondition(lambda self: self._is(State.TENDERING))
    @rule(extra=st.integers(0, 300))
    def takes_cash(self, extra: int) -> None:
        basket = self.basket
        assert basket is not None
        self._asks(c.ConfirmCash(basket_id=basket.basket_id, received_cents=basket.totals.due_cents + 5 + extra), MIA)

    @precondition(lambda self: self._is(State.OPEN))
    @rule(cents=st.integers(100, 900))
    def sells_a_gift_card(self, cents: int) -> None:
        basket = self.basket
        assert basket is not None
        order = c.SellGift(basket_id=basket.basket_id, amount_cents=cents, number_hash=HASH, masked="•••• 1")
        self._asks(order, MIA)

    @precondition(lambda self: self._is(State.OPEN, State.TENDERING))
    @rule()
    def takes_the_basket_away(self) -> None:
        basket = self.basket
        assert basket is not None
        self._asks(c.VoidBasket(basket_id=basket.basket_id, reason="walked off"), MIA)

    @precondition(lambda self: bool(self._receipts()))
    @rule(data=st.data(), is_whole=st.booleans())
    def takes_goods_back(self, data: st.DataObject, is_whole: bool) -> None:
        number = data.draw(st.sampled_from(self._receipts()))
        lines = () if is_whole else (c.RefundedLine(data.draw(st.integers(1, 3)), 1),)
        self._asks(c.RefundReceipt(receipt_number=number, reason="spoiled", lines=lines), MIA)

    @rule(tender=st.sampled_from([TenderKind.CASH, TenderKind.CARD]))
    def settles_refunds(self, tender: TenderKind) -> None:
        for row in self.shop.inbox():
            if row.kind == "refund":
                self._asks(c.SettleRefund(basket_id=row.basket_id or "", tender=tender), MIA)

    # -- the bank --

    @precondition(lambda self: bool(self._open_cards()))
    @rule(data=st.data(), is_charged=st.booleans(), is_heard=st.booleans(), taps=st.integers(1, 2))
    def bank_decides(self, data: st.DataObject, is_charged: bool, is_heard: bool, taps: int) -> None:
        """It moves the money or not; its word arrives, once or twice, or is lost."""
        payment = data.draw(st.sampled_from(self._open_cards()))
        if payment.payment_id not in self.bank:
            self.bank[payment.payment_id] = payment.amount_cents if is_charged else 0
        has_moved = self.bank[payment.payment_id] != 0
        outcome = PaymentOutcome.APPROVED if has_moved else PaymentOutcome.DECLINED
        for _ in range(taps):
            self._says(payment, outcome if is_heard else PaymentOutcome.UNKNOWN)

    @precondition(lambda self: any(one.state is PaymentState.REVERSING for one in self._open_cards()))
    @rule()
    def bank_gives_back(self) -> None:
        for payment in self._open_cards():
            if payment.state is PaymentState.REVERSING:
                has_moved = bool(self.bank.get(payment.payment_id))
                self.bank[payment.payment_id] = 0
                self._says(payment, PaymentOutcome.REVERSED if has_moved else PaymentOutcome.CANCELLED)

    def _says(self, payment: Payment, outcome: PaymentOutcome) -> None:
        assert self._asks(c.ReportPayment(payment_id=payment.payment_id, outcome=outcome), CARD_READER).ok

    # -- what is always so --

    @invariant()
    def every_cent_is_where_the_store_says(self) -> None:
        with self.shop.looks() as repositories:
            rows = repositories.driver.execute(
                "SELECT p.payment_id, b.state FROM payments p JOIN baskets b USING (basket_id)"
            ).fetchall()
            found = [(repositories.payment(payment_id), State(state)) for payment_id, state in rows]
            card = repositories.gift_card(gift.card_id_of(HASH))
        balance = 0
        for placed, basket_state in found:
            assert placed is not None
            payment = placed.payment
            if payment.state in SAFE:
                assert basket_state is not State.VOID
                is_done = basket_state in {State.PAID, State.REFUNDED}
                assert (payment.state is PaymentState.CAPTURED) == is_done
            if payment.kind is TenderKind.GIFT and payment.state in SAFE:
                balance -= payment.amount_cents
            if payment.kind is TenderKind.CARD and payment.state not in UNSETTLED:
                is_safe = payment.state in SAFE
                assert self.bank.get(payment.payment_id, 0) == (payment.amount_cents if is_safe else 0), payment
        balance += self._loaded_cents()
        assert (card[0].balance_cents if card else 0) == balance >= 0

    def _loaded_cents(self) -> int:
        """What was put on gift cards: by sales once they are paid, taken off by refunds as soon as they begin."""
        lines: list[Line] = []
        for entry in self.shop.entries():
            if isinstance(entry.event, BasketPaid) and entry.event.receipt.refund_of is None:
                lines += entry.event.receipt.lines
            elif isinstance(entry.event, RefundStarted):
                lines += entry.event.basket.lines
        return sum(line.total_cents for line in lines if line.kind is ItemKind.GIFT and not line.is_voided)

    @invariant()
    def receipts_are_paid_and_open_baskets_owe_the_rest(self) -> None:
        for entry in self.shop.entries():
            if isinstance(entry.event, BasketPaid):
                receipt = entry.event.receipt
                paid = sum(payment.amount_cents for payment in receipt.payments)
                assert paid == receipt.total_cents + receipt.rounding_cents
                # Coins that come back make up for how earlier ones of the same receipt were rounded.
                assert abs(receipt.rounding_cents) <= (2 if receipt.refund_of is None else 4)
        basket = self.basket
        if basket is not None and basket.state is State.TENDERING:
            safe = sum(payment.amount_cents for payment in basket.payments if payment.state in SAFE)
            assert basket.totals.due_cents == basket.totals.total_cents - safe > 0
            waits = waiting_of(basket.payments)
            assert waits is None or sum(one.state in UNSETTLED for one in basket.payments) >= 1

    def teardown(self) -> None:
        self.shop.closes()
        verdict = verify(self.folder / "store.db")
        shutil.rmtree(self.folder.parent)
        assert verdict.is_whole, verdict.problem


TestMoney = Money.TestCase
TestMoney.settings = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
