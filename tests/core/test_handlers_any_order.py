"""Everybody taps everything in any order: nothing breaks, and the store stays a store.

After each command: no handler failed, and the house's invariants hold. This is where forgotten pairs show up.
"""

import random
from pathlib import Path
from typing import Any

from builders import BREAD, CATALOG, MILK
from shop import DRIVER, Cook, Lane, Person, Pump, Shop, Stall

from kiosk_server.domain import commands as c
from kiosk_server.domain.basket import State, sum_up
from kiosk_server.domain.events import EVENTS
from kiosk_server.domain.intervention import InterventionKind
from kiosk_server.domain.kitchen import Event as TicketEvent
from kiosk_server.domain.staff import Role
from kiosk_server.domain.tender import TenderKind
from kiosk_server.domain.terminal import Kind
from kiosk_server.store.verify import verify

SEEDS = range(6)

CODES = [MILK.item_id, BREAD.item_id, "4011", "burger", "4006381333930", "diesel"]


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
            "scan": (c.ScanItem(code=CODES[what % 6]), customer),
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
        }
        return commands[kind]

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


COMMON = [
    *("scan", "scan", "scan", "pick", "pick", "pay", "order", "cash", "cash", "finish", "cook", "cook", "cook"),
    *("lift", "authorise", "flow", "hang", "totals"),
]
RARE = [
    *("change", "void_line", "void", "void_any", "park", "park", "resume", "resume", "back"),
    *("call", "resolve", "arrive", "release", "release", "release"),
    *("stop", "stop_all", "go_on", "open", "open", "close", "cash_any"),
]
BUT_SELDOM = ["retire", "pair", "pair"]

# Of the people and networks, who may come in: walked in test_handlers_access.py.
OF_ACCESS = {
    *("pairing_denied", "staff_added", "secret_changed", "role_changed", "staff_retired", "signed_in", "signed_out"),
    *("secret_refused", "lock_lifted", "access_refused", "times_kept", "network_ordered", "network_lifted"),
}


def walk(folder: Path, seed: int, steps: int) -> set[str]:
    """`steps` gestures of a crowd; gives the names of all events that came of them."""
    chance = random.Random(seed)
    shop = Shop(folder)
    shop.stocks(CATALOG)
    crowd = Crowd(shop)
    for step in range(steps):
        kinds = BUT_SELDOM if step % 200 == 199 else COMMON if chance.random() < 0.75 else RARE
        command, identity = crowd.gesture(chance.choice(kinds), chance.randrange(12), chance.randrange(30))
        reply = shop.replies(command, identity)
        assert reply.code not in {"internal", "read_only"}, (step, command, reply)
        crowd.check()
    found = set(shop.events())
    shop.closes()
    assert verify(folder / "store.db").problem == "", "the state follows from the journal"
    return found


def test_store_stays_whole_whatever_is_tapped(tmp_path: Path) -> None:
    found: set[str] = set()
    for seed in SEEDS:
        found |= walk(tmp_path / str(seed), seed, 400)
    assert found == set(EVENTS) - {"simulation_switched"} - OF_ACCESS, "the walks reach everything that can happen"
