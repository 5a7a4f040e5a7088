"""Everybody taps everything in any order: nothing breaks, and the store stays a store.

After each command: no handler failed, and the house's invariants hold. This is where forgotten pairs show up.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from builders import BREAD, BURGER, CATALOG, COLA, MILK
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shop import DRIVER, Cook, Lane, Person, Pump, Shop, Stall

from kiosk_server.domain import commands as c
from kiosk_server.domain.basket import State, sum_up
from kiosk_server.domain.intervention import InterventionKind
from kiosk_server.domain.kitchen import Event as TicketEvent
from kiosk_server.domain.staff import Role
from kiosk_server.domain.tender import TenderKind
from kiosk_server.domain.terminal import Kind

CODES = [MILK.item_id, BREAD.item_id, "4011", "burger", "4006381333930", "diesel"]


class Crowd:
    """One lane pair, one stall, one pump, one cook and staff; each number below picks somebody and something."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.customers = [Lane(shop, "lane1"), Lane(shop, "lane2"), Stall(shop, "stall1")]
        self.pump, self.cook = Pump(shop, "pump1"), Cook(shop, "cook1")
        self.staff = Person(shop, "Mia", Role.MANAGER)
        self.names = ["lane1", "lane2", "stall1", "pump1"]

    def baskets(self) -> list[str]:
        return sorted({e.event.basket_id for e in self.shop.entries() if e.type == "basket_opened"})  # type: ignore[attr-defined]

    def tickets(self) -> list[str]:
        return [e.event.ticket.ticket_id for e in self.shop.entries() if e.type == "ticket_fired"]  # type: ignore[attr-defined]

    def gesture(self, kind: str, who: int, what: int) -> tuple[c.Command, Any]:
        customer = self.customers[who % 3].identity
        basket = (self.baskets() or ["none"])[what % max(1, len(self.baskets()))]
        ticket = (self.tickets() or ["none"])[what % max(1, len(self.tickets()))]
        terminal, staff, pump = self.names[who % 4], self.staff.identity, self.pump.identity
        inbox = [row.intervention_id for row in self.shop.inbox()] or ["none"]
        commands: dict[str, tuple[c.Command, Any]] = {
            "scan": (c.ScanItem(code=CODES[what % 6]), customer),
            "pick": (c.AddItem(item_id="cola", modifiers=("large",)), customer),
            "change": (c.ChangeQuantity(line_id=what % 3 + 1, quantity=what + 1), customer),
            "void_line": (c.VoidLine(line_id=what % 3 + 1), customer),
            "void": (c.VoidBasket(), customer),
            "void_any": (c.VoidBasket(basket_id=basket), staff),
            "park": (c.SuspendBasket(), customer),
            "resume": (c.ResumeBasket(basket_id=basket), customer),
            "pay": (c.ChooseTender(tender=TenderKind.CASH), customer),
            "order": (c.PlaceOrder(), self.customers[2].identity),
            "back": (c.LeaveTender(), customer),
            "cash": (c.ConfirmCash(basket_id=basket, received_cents=10_000 * (what % 9)), staff),
            "finish": (c.Finish(), customer),
            "call": (c.CallAttendant(), customer),
            "resolve": (c.ResolveIntervention(intervention_id=inbox[what % len(inbox)]), staff),
            "arrive": (c.Arrive(), self.customers[2].identity),
            "release": (c.ReleaseOrder(basket_id=basket), staff),
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
        }
        return commands[kind]

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
            assert (basket.state is State.TENDERING) == (basket_id in waiting), "whoever pays is in the inbox"
            assert (basket.state is State.PAID) == (basket.receipt_number is not None)
            assert basket.totals.total_cents == sum_up(basket.lines).total_cents
            is_unpaid_fuel = basket.terminal == "pump1" and basket.state is State.TENDERING
            assert (basket_id in point.unpaid) == is_unpaid_fuel
        for terminal in terminals:
            shown = baskets.get(terminal.basket_id or "")
            state = shown.state if shown else None
            if terminal.kind is Kind.LANE and terminal.enrolment == "active":
                assert (terminal.state in {"scanning", "intervention"}) == (state is State.OPEN)
                assert (terminal.state == "tendering") == (state is State.TENDERING)
                assert (terminal.state == "receipt") == (state is State.PAID)
            if terminal.kind is Kind.STALL and terminal.enrolment == "active":
                assert (terminal.state == "ordering") == (state is State.OPEN)
                assert (terminal.state == "ordered") == (state is State.TENDERING)
                assert (terminal.state in {"paid", "served"}) == (state is State.PAID)
        held = [terminal.basket_id for terminal in terminals if terminal.basket_id and terminal.enrolment == "active"]
        assert len(held) == len(set(held)), "a basket is at one terminal"
        numbers = [basket.receipt_number for basket in baskets.values() if basket and basket.receipt_number]
        assert sorted(numbers) == list(range(1, len(numbers) + 1)), "receipts without gaps"


COMMON = ["scan", "scan", "pick", "pay", "order", "cash", "cash", "finish", "cook", "lift", "authorise", "flow", "hang"]
RARE = [
    *("change", "void_line", "void", "void_any", "park", "resume", "back", "call", "resolve", "arrive", "release"),
    *("stop", "stop_all", "go_on", "totals", "totals", "open", "close"),
]
GESTURES = st.lists(
    st.tuples(st.sampled_from(COMMON + COMMON + RARE + ["retire"]), st.integers(0, 11), st.integers(0, 29)),
    min_size=30,
    max_size=120,
)


@contextmanager
def a_crowd() -> Iterator[Crowd]:
    with TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        shop.stocks(CATALOG)
        try:
            yield Crowd(shop)
        finally:
            shop.closes()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example])
@given(GESTURES)
def test_store_stays_whole_whatever_is_tapped(gestures: list[tuple[str, int, int]]) -> None:
    assert {BURGER, COLA} <= set(CATALOG)
    with a_crowd() as crowd:
        for kind, who, what in gestures:
            command, identity = crowd.gesture(kind, who, what)
            reply = crowd.shop.replies(command, identity)
            assert reply.code not in {"internal", "read_only"}, (command, reply)
            crowd.check()
