"""The console's own page in front of a made-up store: every kind of call at once, also those that take a scale."""

import time

from house import House, Screen
from playwright.sync_api import expect
from stage import Stage

from kiosk_server.domain.intervention import Evidence, Intervention, InterventionKind, is_stopping_scanning
from kiosk_server.domain.lane_rules import LaneRules
from kiosk_server.domain.screens import ManagerScreen, Store, Takings, Tile
from kiosk_server.edge import wire

K = InterventionKind
STORE = Store(name="Main Street", currency="EUR", languages=("en", "es", "fr", "de", "ar"), zone="Europe/Berlin")
GIN = {"line_id": 1, "item_id": "gin", "item_name": "Gin 700 ml"}
SEEN: dict[InterventionKind, Evidence] = {
    K.ASSISTANCE: Evidence(reason="scale_unplugged"),
    K.CASH: Evidence(),
    K.PUMP_CALL: Evidence(),
    K.AGE: Evidence(minimum_age=18, quantity=3, **GIN),
    K.UNKNOWN_ITEM: Evidence(code="4006381333931"),
    K.NOT_FOR_SALE: Evidence(code="2990000000095", item_name="Infant formula 800 g"),
    K.RECALLED: Evidence(code="2990000000132", item_name="Smoked salmon 200 g"),
    K.EXPIRED: Evidence(code="0104012345678901", item_name="Minced beef 500 g", expires_on="2026-11-19"),
    K.QUANTITY_CAP: Evidence(quantity=8, limit=2, item_id="tablets", item_name="Headache tablets, twenty"),
    K.WEIGHT_MISMATCH: Evidence(expected_g=1020, measured_g=1430, item_name="Potting soil 40 l"),
    K.OWN_BAG: Evidence(expected_g=1020, measured_g=1420, limit=150),
    K.VOID_ABOVE_LIMIT: Evidence(amount_cents=4_990, **GIN),
    K.PRICE_OVERRIDE: Evidence(unit_price_cents=1_499, amount_cents=1_299, quantity=2, **GIN),
    K.RANDOM_CHECK: Evidence(quantity=12, amount_cents=4_312),
    K.WALK_OFF: Evidence(expected_g=4_020, measured_g=0, quantity=7, amount_cents=2_950),
    K.PAYMENT: Evidence(code="0hx3k2", amount_cents=2_950, reason="unknown"),
    K.REFUND: Evidence(code="0hx3k3", amount_cents=-1_999, reason="card_expired"),
}


def calls(*kinds: InterventionKind, claimed_by: str = "") -> tuple[Intervention, ...]:
    """One of each, half a minute apart; the longest waiting first."""
    now = int(time.time() * 1000)
    return tuple(
        Intervention(
            intervention_id=f"call-{kind}",
            kind=kind,
            terminal="pump-1" if kind is K.PUMP_CALL else f"L{place}",
            raised_at=now - 30_000 * (len(kinds) - place),
            basket_id=f"basket-{place}",
            amount_cents=2_950 if kind in {K.CASH, K.PAYMENT, K.REFUND} else None,
            evidence=SEEN[kind],
            claimed_by=claimed_by,
            claimed_at=now if claimed_by else None,
            is_holding_scanning=is_stopping_scanning(kind, LaneRules()),
        )
        for place, kind in enumerate(kinds, 1)
    )


def console(*inbox: Intervention, role: str = "manager") -> ManagerScreen:
    now = int(time.time() * 1000)
    lanes = tuple(
        Tile(name=f"L{n}", kind="lane", state="scanning", state_since=now, is_online=True) for n in range(1, 5)
    )
    return ManagerScreen(
        store=STORE, terminals=lanes, inbox=inbox, takings=Takings(day="2026-11-20"), who="Mia", role=role
    )


class ConsoleStage(Stage):
    """The page of somebody of the staff."""

    def __init__(self, house: House, size: dict[str, int], language: str = "en") -> None:
        first = house.opens_console()
        state = first.page.context.storage_state()
        first.page.context.close()
        super().__init__(house, size, storage_state=state)
        self.page.add_init_script(f"sessionStorage.setItem('kiosk-language', '{language}')")
        self._url = f"{house.url}/manager"

    def stands(self, state: ManagerScreen) -> Screen:
        """Load the page, with this as the first thing that it hears."""
        self.page.goto(self._url)
        self.screen.house.until(lambda: self._socket is not None)
        self.says_all(state)
        expect(self.page.locator("#app > .console")).to_be_visible()
        return self.screen

    def says_all(self, state: ManagerScreen) -> None:
        self._seq += 1
        snapshot = wire.Snapshot(
            seq=self._seq, screen="manager", state=wire.plain(state), now=int(time.time() * 1000), build=""
        )
        self._sends("snapshot", wire.plain(snapshot))
