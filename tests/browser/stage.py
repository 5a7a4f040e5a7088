"""A lane's own page in front of a made-up store, so that every state can be looked at, also those that take an hour.

The page is the real one of a running house; only its socket ends here. What it is shown are the structs that the server
sends, through the server's own wire, so that a state that cannot be sent cannot be shown either.
"""

import json
import time
from typing import Any

from house import LANDSCAPE, House, Screen
from lane_states import CIABATTA
from playwright.sync_api import WebSocketRoute, expect

from kiosk_server.domain.screens import LaneScreen
from kiosk_server.domain.why import Rule, Step, Why
from kiosk_server.edge import wire

HOUR_MS = 3_600_000
# No pings for an hour, so that a test may let the page's clock run.
HANDSHAKE = {"sid": "stage", "upgrades": [], "pingInterval": HOUR_MS, "pingTimeout": HOUR_MS, "maxPayload": 1_000_000}

LINK = {"path": "/r/1042.x", "url": "http://192.168.1.10:8080/r/1042.Jq3xTz9wLk0c5VnY7bRd2A", "until": 0}
WHY = Why(
    basket_id="b1",
    line=CIABATTA,
    steps=(
        Step(rule=Rule.PRICE, amount_cents=350, sum_cents=350, quantity=2, unit_price_cents=175),
        Step(rule=Rule.PROMOTION, amount_cents=-50, sum_cents=300, name="2 for 3.00"),
    ),
    history=(),
)


class Stage:
    """One lane's page. `shows` puts a state on it; commands are noted in `asked` and answered with a yes."""

    def __init__(self, house: House, size: dict[str, int] = LANDSCAPE, **options: Any) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.answers: dict[str, Any] = {}
        self._socket: WebSocketRoute | None = None
        self._seq = 0
        # Who is known need not enrol again, and again, until the door says that it is too often.
        self.screen = house.screen(size, **{"storage_state": house.stage_pass, **options})
        self.page = self.screen.page
        self.page.route_web_socket("**/socket.io/**", self._meets)
        self.page.route("**/api/v1/receipts/*/link", lambda asked: asked.fulfill(json=LINK))
        self.page.route("**/api/v1/baskets/*/lines/*/why", lambda asked: asked.fulfill(json=wire.plain(WHY)))
        self._url = house.url if house.stage_pass else f"{house.url}/enrol/{house.token('L1')}"

    def _meets(self, socket: WebSocketRoute) -> None:
        self._socket = socket
        socket.on_message(self._hears)
        socket.send(f"0{json.dumps(HANDSHAKE)}")

    def _hears(self, message: str | bytes) -> None:
        assert self._socket is not None
        text = message if isinstance(message, str) else message.decode()
        if text.startswith("40"):
            self._socket.send('40{"sid":"stage"}')
        elif text.startswith("42"):
            number, _, body = text.removeprefix("42").partition("[")
            name, order = json.loads(f"[{body}")
            assert name == "command", name
            self.asked.append((order["name"], order["data"]))
            reply = {"ok": True, "seq": self._seq, "result": self.answers.get(order["name"], {})}
            self._socket.send(f"43{number}{json.dumps([reply])}")

    def speaks(self, language: str) -> None:
        """The language that somebody picked here before; for what is opened from now on."""
        self.page.add_init_script(f"sessionStorage.setItem('kiosk-language', '{language}')")

    def needs(self, need: str) -> None:
        """What somebody asked for here before."""
        self.page.add_init_script(f"sessionStorage.setItem('kiosk-comfort', '{need}')")

    def opens(self, state: LaneScreen) -> Screen:
        """Load the page, with this as the first thing that it hears."""
        self.page.goto(self._url)
        self.screen.house.until(lambda: self._socket is not None)
        self.screen.house.stage_pass = {"cookies": self.page.context.storage_state()["cookies"], "origins": []}
        self.shows(state)
        expect(self.page.locator("#app > .lane")).to_be_visible()
        return self.screen

    def shows(self, state: LaneScreen) -> None:
        """The whole state, as after a reconnect."""
        self._seq += 1
        snapshot = wire.Snapshot(
            seq=self._seq, screen="lane", state=wire.plain(state), now=int(time.time() * 1000), build=""
        )
        self._sends("snapshot", wire.plain(snapshot))

    def says(self, topic: str, **data: Any) -> None:
        """A live reading."""
        self._sends("live", {"topic": topic, "data": data})

    def _sends(self, event: str, data: Any) -> None:
        assert self._socket is not None
        self._socket.send(f"42{json.dumps([event, data])}")
