"""Everybody taps everything in any order: nothing breaks, and the store stays a store.

After each command: no handler failed, and the house's invariants hold. This is where forgotten pairs show up.
"""

import random
from pathlib import Path
from typing import Any

import msgspec
from builders import BREAD, CATALOG, MILK, POLICY, a_piece_of, an_item, an_offer
from shop import DRIVER, Cook, Lane, Person, Pump, Shop, Stall

from kiosk_server.domain import commands as c
from kiosk_server.domain.basket import Basket, State, sum_up
from kiosk_server.domain.commands.bagging import Placement
from kiosk_server.domain.commands.payments import PaymentOutcome
from kiosk_server.domain.events import EVENTS, BasketPaid, PaymentMoved, PrintAsked
from kiosk_server.domain.gift import draw_number, hash_of, masked_of
from kiosk_server.domain.intervention import RULES, InterventionKind, Outcome
from kiosk_server.domain.kitchen import Event as TicketEvent
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.payment import SAFE, WAITING, safe_cents
from kiosk_server.domain.policy import PrintRules
from kiosk_server.domain.printing import PrintOutcome
from kiosk_server.domain.staff import Role
from kiosk_server.domain.tender import TenderKind
from kiosk_server.domain.terminal import Kind
from kiosk_server.store.verify import verify

SEEDS = range(8)

BEER = an_item("beer", code="301", price_cents=450, minimum_age=18)
BATTERY = an_item("battery", code="302", price_cents=700, max_quantity=2)
CHEESE = an_item("cheese", code="303", price_cents=None, price_per_kg_cents=1990)
CODES = [MILK.item_id, BREAD.item_id, "4011", "burger", "4006381333930", "diesel", "301", "302", "303"]
HOUSE = msgspec.structs.replace(
    POLICY,
    lane=LaneRules(void_limit_cents=1_500, random_check_permille=150),
    printing=PrintRules(printers=("front",), by_terminal={"*": "front"}),
)
OFFERS = (
    an_offer(),
    an_offer("percent_off", a_piece_of(BREAD.item_id), percent_bp=5_000, coupon="SUMMER"),
    an_offer("basket_percent", percent_bp=1_000, threshold_cents=1_000),
)
GIFT = draw_number("a card", b"of the walk")


def recent(ids: list[str], what: int) -> str:
    """One of the last four: what people tap is mostly what they see."""
    return ids[-1 - what % min(4, len(ids))] if ids else "none"


class Crowd:
    """One lane pair, one stall, one pump, one cook and staff; each number below picks somebody and something."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.customers = [Lane(shop, "lane1"), Lane(shop, "lane2"), Stall(shop, "stall1")]
        self.pump, self.cook = Pump(shop, "pump1"), Cook(shop, "cook1")
        self.staff = Person(shop, "Mia", Role.MANAGER)
        self.names = ["lane1", "lane2", "stall1", "pump1"]
        self.code = "hoffbcdfgh"  # the last under which a basket was carried away

    def baskets(self) -> list[str]:
        return sorted({e.event.basket_id for e in self.shop.entries() if e.type == "basket_opened"})  # type: ignore[attr-defined]

    def tickets(self) -> list[str]:
        return [e.event.ticket.ticket_id for e in self.shop.entries() if e.type == "ticket_fired"]  # type: ignore[attr-defined]

    def gesture(self, kind: str, who: int, what: int) -> tuple[c.Command, Any]:
        customer = self.customers[min(who % 4, 2)].identity  # the stall twice as often as a lane
        basket, ticket = recent(self.baskets(), what), recent(self.tickets(), what)
        with self.shop.looks() as repositories:
            parked = recent([found.basket_id for found in repositories.suspended_baskets()] or self.baskets(), what)
        terminal, staff, pump = self.names[who % 4], self.staff.identity, self.pump.identity
        call = recent([row.intervention_id for row in self.shop.inbox()], what)
        owing = recent([row.basket_id or "" for row in self.shop.inbox() if row.basket_id], what)
        commands: dict[str, tuple[c.Command, Any]] = {
            "scan": (c.ScanItem(code=CODES[what % len(CODES)]), customer),
            "pick": (c.AddItem(item_id="cola", modifiers=("large",)), customer),
            "change": (c.ChangeQuantity(line_id=what % 3 + 1, quantity=what + 1), customer),
            "void_line": (c.VoidLine(line_id=what % 3 + 1), customer),
            "void": (c.VoidBasket(), customer),
            "void_any": (c.VoidBasket(basket_id=basket), staff),
            "park": (c.SuspendBasket(), customer),
            "resume": (c.ResumeBasket(basket_id=parked), customer),
            "pay": (c.ChooseTender(tender=TenderKind.CASH), customer),
            "order": (c.PlaceOrder(), self.customers[2].identity),
            "back": (c.LeaveTender(), customer),
            "cash": (c.ConfirmCash(basket_id=owing, received_cents=10_000 * (what % 9)), staff),
            "cash_any": (c.ConfirmCash(basket_id=basket, received_cents=10_000), staff),
            "finish": (c.Finish(), customer),
            "call": (c.CallAttendant(), customer),
            "resolve": (c.ResolveIntervention(intervention_id=call), staff),
            "arrive": (c.Arrive(), self.customers[2].identity),
            "release": (c.ReleaseOrder(basket_id=owing), staff),
            "cook": (c.MoveTicket(ticket_id=ticket, event=list(TicketEvent)[what % 5]), self.cook.identity),
            "lift": (c.LiftNozzle(grade_id="diesel"), pump),
            "hang": (c.HangNozzle(), pump),
            "authorise": (c.AuthorisePump(terminal="pump1", limit_cents=[None, 0, 500][what % 3]), staff),
            "stop": (c.StopPump(terminal="pump1"), staff),
            "stop_all": (c.StopAllPumps(), staff),
            "go_on": (c.ResumePump(terminal="pump1"), staff),
            "flow": (c.ReportFlow(terminal="pump1"), DRIVER),
            "totals": (c.ReportFuelling(terminal="pump1", volume_ml=what * 1000), DRIVER),
            "open": (c.OpenTerminal(terminal=terminal), staff),
            "close": (c.CloseTerminal(terminal=terminal), staff),
            "retire": (c.RetireTerminal(terminal=terminal), staff),
            "pair": (self.pairing(terminal, what), staff),
            "coupon": (c.ScanItem(code="summer"), customer),
            "no_coupon": (c.ReturnCoupon(code="SUMMER"), customer),
            "hand_off": (c.HandOffBasket(), customer),
            "take_over": (c.ScanItem(code=self.code), customer),
            **self.of_money(customer, staff, owing, what),
            **self.of_scales(customer, basket, call, what),
        }
        return commands[kind]

    def of_money(self, customer: Any, staff: Any, owing: str, what: int) -> dict[str, tuple[c.Command, Any]]:
        """Cards and their readers, gift cards, refunds, receipts on paper."""
        entries = self.shop.entries()
        moved = recent([e.event.payment.payment_id for e in entries if isinstance(e.event, PaymentMoved)], what)
        job = recent([e.event.job.job_id for e in entries if isinstance(e.event, PrintAsked)], what)
        number = what % 6 + 1
        part = [None, 100, 500][what % 3]
        card = {"number": "", "number_hash": hash_of(GIFT)}
        outcome = list(PaymentOutcome)[what % len(PaymentOutcome)]
        return {
            "card": (c.ChooseTender(tender=TenderKind.CARD, amount_cents=part), customer),
            "gift": (c.ChooseTender(tender=TenderKind.GIFT), customer),
            "reader": (c.ReportPayment(payment_id=moved, outcome=outcome, reference="r", reason="declined"), DRIVER),
            "approve": (c.ReportPayment(payment_id=moved, outcome=PaymentOutcome.APPROVED), DRIVER),
            "cancel": (c.CancelPayment(payment_id=moved), customer if what % 2 else staff),
            "sell_gift": (c.SellGift(basket_id=owing, amount_cents=1_000, masked=masked_of(GIFT), **card), staff),
            "redeem": (c.RedeemGift(amount_cents=part, **card), customer),
            "refund": (c.RefundReceipt(receipt_number=number, reason="broken", lines=self.some_lines(what)), staff),
            "settle": (c.SettleRefund(basket_id=owing, tender=[TenderKind.CASH, TenderKind.CARD][what % 2]), staff),
            "print": (c.PrintReceipt(receipt_number=number), staff),
            "printed": (self.printed(job, what), DRIVER),
            "settle_print": (c.SettlePrint(job_id=job), staff),
        }

    def some_lines(self, what: int) -> tuple[c.RefundedLine, ...]:
        return (c.RefundedLine(line_id=what % 3 + 1),) if what % 4 else ()

    def printed(self, job: str, what: int) -> c.Command:
        return c.ReportPrint(job_id=job, outcome=list(PrintOutcome)[what % len(PrintOutcome)], has_begun=what % 2 == 0)

    def agreed(self, what: int) -> c.Command:
        return c.ResolveIntervention(
            intervention_id=self.undecided(what), outcome=Outcome.APPROVED, note="the shelf says so"
        )

    def undecided(self, what: int) -> str:
        return recent([one.intervention_id for one in self.shop.inbox() if RULES[one.kind].has_decision], what)

    def of_scales(self, customer: Any, basket: str, call: str, what: int) -> dict[str, tuple[c.Command, Any]]:
        """The lane's scale and bagging area, and what staff say of it."""
        verdict = [Outcome.APPROVED, Outcome.DENIED, Outcome.DONE][what % 3]
        weighed = c.ReportBagging(
            terminal="lane1", basket_id=basket, measured_g=what * 100 - 300, is_left=what % 2 == 0
        )
        placed = (Placement(item_id=MILK.item_id, weight_g=1_030 + what),)
        staff = self.staff.identity
        return {
            "weigh": (c.WeighItem(item_id="cheese", weight_g=100 + what), customer),
            "bag": (c.DeclareBag(measured_g=what * 20), customer),
            "skip": (c.SkipBagging(line_id=what % 3 + 1), customer),
            "bagging": (weighed, DRIVER),
            "placements": (c.ReportPlacements(terminal="lane1", basket_id=basket, placements=placed), DRIVER),
            "price": (c.AskForPrice(line_id=what % 3 + 1, unit_price_cents=50), customer),
            "agree": (self.agreed(what), staff),
            "claim": (c.ClaimIntervention(intervention_id=call), staff),
            "verdict": (c.ResolveIntervention(intervention_id=call, outcome=verdict), staff),
        }

    def pairing(self, terminal: str, what: int) -> c.Command:
        """Another box in the place of a terminal, as the front door hands it over."""
        kind = Kind(terminal.rstrip("12"))
        token_hash = f"{what:032x}{len(self.shop.entries()):032x}"
        return c.ConfirmPairing(code="X", terminal=terminal, kind=kind, is_replacing=True, token_hash=token_hash)

    def check(self) -> None:
        """What is true of a store at any moment."""
        inbox = [row for row in self.shop.inbox() if row.kind is InterventionKind.CASH]
        waiting = {row.basket_id for row in inbox}
        assert len(waiting) == len(inbox), "one row of the inbox a payment"
        with self.shop.looks() as repositories:
            baskets = {basket_id: repositories.basket(basket_id) for basket_id in self.baskets()}
            terminals = repositories.terminals()
            point = repositories.point("pump1")
        assert point is not None
        for basket_id, basket in baskets.items():
            assert basket is not None
            if basket.tender in {None, "cash"} and not basket.payments:
                is_paying = basket.state is State.TENDERING
                assert is_paying == (basket_id in waiting), "whoever pays cash is in the inbox"
            self.check_money(basket)
            assert (basket.state in {State.PAID, State.REFUNDED}) == (basket.receipt_number is not None)
            summed = sum_up(basket.lines)
            assert basket.totals.total_cents == summed.total_cents
            assert basket.totals.saved_cents == summed.saved_cents
            assert all(line.total_cents >= line.deposit_cents for line in basket.lines) or basket.refund_of
            is_unpaid_fuel = basket.terminal == "pump1" and basket.state is State.TENDERING
            assert (basket_id in point.unpaid) == is_unpaid_fuel
        self.check_refunds()
        for terminal in terminals:
            shown = baskets.get(terminal.basket_id or "")
            state = shown.state if shown else None
            if terminal.kind is Kind.LANE and terminal.enrolment == "active":
                assert (terminal.state in {"scanning", "intervention", "held"}) == (state is State.OPEN)
                assert (terminal.state == "tendering") == (state is State.TENDERING)
                assert (terminal.state == "receipt") == (state in {State.PAID, State.REFUNDED})
            if terminal.kind is Kind.STALL and terminal.enrolment == "active":
                assert (terminal.state == "ordering") == (state is State.OPEN)
                assert (terminal.state == "ordered") == (state is State.TENDERING)
                assert (terminal.state in {"paid", "served"}) == (state in {State.PAID, State.REFUNDED})
        held = [terminal.basket_id for terminal in terminals if terminal.basket_id and terminal.enrolment == "active"]
        assert len(held) == len(set(held)), "a basket is at one terminal"
        numbers = [e.event.receipt.number for e in self.shop.entries() if e.type == "basket_paid"]  # type: ignore[attr-defined]
        assert numbers == list(range(1, len(numbers) + 1)), "receipts without gaps"

    def check_money(self, basket: Basket) -> None:
        """No money is here that nothing stands for, and none is missing."""
        here = safe_cents(basket.payments)
        if basket.state in {State.PAID, State.REFUNDED}:
            assert here == basket.totals.total_cents, "paid to the cent"
        elif basket.state is State.TENDERING:
            assert basket.totals.due_cents == basket.totals.total_cents - here
        else:
            assert not [paid for paid in basket.payments if paid.state in SAFE], "what was paid went back"
        assert sum(paid.state in WAITING for paid in basket.payments) <= 1, "one tender at a time"

    def check_refunds(self) -> None:
        """Nobody gets back more than they paid, in goods or in money."""
        with self.shop.looks() as repositories:
            card = repositories.gift_card(hash_of(GIFT)[:16])
            assert card is None or card[0].balance_cents >= 0
            for entry in self.shop.entries():
                if not isinstance(entry.event, BasketPaid) or entry.event.receipt.refund_of is not None:
                    continue
                receipt = entry.event.receipt
                back = repositories.refunded_lines(receipt.number)
                for line in receipt.lines:
                    pieces, cents = back.get(line.line_id, (0, 0))
                    assert pieces <= line.quantity
                    assert cents <= line.total_cents
                for paid in receipt.payments:
                    assert 0 <= repositories.refunded_of(paid.payment_id) <= paid.amount_cents


COMMON = [
    *("scan", "scan", "scan", "pick", "pick", "pay", "order", "cash", "cash", "finish", "cook", "cook", "cook"),
    *("lift", "authorise", "flow", "hang", "totals"),
]
RARE = [
    *("change", "void_line", "void", "void_any", "park", "park", "resume", "resume", "back"),
    *("card", "card", "card", "approve", "approve", "reader", "reader", "reader", "cancel", "gift", "redeem"),
    *("sell_gift", "refund", "refund", "settle", "print", "printed", "printed", "settle_print"),
    *("weigh", "weigh", "bag", "skip", "bagging", "bagging", "placements", "price", "price", "claim"),
    *("verdict", "verdict", "agree", "agree", "price", "price", "call", "resolve", "arrive"),
    *("release", "release", "release", "coupon", "coupon", "no_coupon", "hand_off", "hand_off", "take_over"),
    *("stop", "stop_all", "go_on", "open", "open", "close", "cash_any"),
]
BUT_SELDOM = ["retire", "pair", "pair"]

# Of the people and networks, who may come in: walked in test_handlers_access.py.
OF_ACCESS = {
    *("pairing_denied", "staff_added", "secret_changed", "role_changed", "staff_retired", "signed_in", "signed_out"),
    *("secret_refused", "lock_lifted", "access_refused", "times_kept", "network_ordered", "network_lifted"),
}

# Walked where they are at home, in test_handlers_house.py and test_training.py.
ELSEWHERE = {"simulation_switched", "training_switched"}


def walk(folder: Path, seed: int, steps: int) -> set[str]:
    """`steps` gestures of a crowd; gives the names of all events that came of them."""
    chance = random.Random(seed)
    shop = Shop(folder, HOUSE)
    shop.stocks([*CATALOG, BEER, BATTERY, CHEESE])
    shop.runs(*OFFERS)
    crowd = Crowd(shop)
    for step in range(steps):
        kinds = BUT_SELDOM if step % 200 == 199 else COMMON if chance.random() < 0.6 else RARE
        command, identity = crowd.gesture(chance.choice(kinds), chance.randrange(12), chance.randrange(30))
        reply = shop.replies(command, identity)
        assert reply.code not in {"internal", "read_only"}, (step, command, reply)
        if reply.ok and isinstance(command, c.HandOffBasket):
            crowd.code = reply.result["code"]
        crowd.check()
    found = set(shop.events())
    shop.closes()
    assert verify(folder / "store.db").problem == "", "the state follows from the journal"
    return found


def test_store_stays_whole_whatever_is_tapped(tmp_path: Path) -> None:
    found: set[str] = set()
    for seed in SEEDS:
        found |= walk(tmp_path / str(seed), seed, 400)
    assert found == set(EVENTS) - ELSEWHERE - OF_ACCESS, "the walks reach everything that can happen"
