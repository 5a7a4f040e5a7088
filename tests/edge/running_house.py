"""The tests' vocabulary: a running house, terminals in it, and what they see.

with House(path) as house:
    lane = house.lane("lane-1")
    lane.scans(MILK)
"""

import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import requests
import socketio
from requests.adapters import HTTPAdapter

from kiosk_server.app import Kiosk, create_app
from kiosk_server.config import Config
from kiosk_server.core.clock import Clock, SystemClock
from kiosk_server.domain.catalog import Item, ItemKind
from kiosk_server.domain.commands import AddTerminal
from kiosk_server.domain.terminal import Kind
from kiosk_server.edge.identity import LOCAL
from kiosk_server.transport import Limits, create_server

MILK = "4006381333931"
BREAD = "4000000000006"
PATIENCE_S = 30.0  # an upper bound for a deadlock, never a measure

ITEMS = (
    Item(item_id=MILK, name="Whole milk 1 l", code=MILK, price_cents=119),
    Item(item_id=BREAD, name="Rye bread", code=BREAD, price_cents=249),
    Item(item_id="burger", name="Cheeseburger", kind=ItemKind.MENU, price_cents=790),
    Item(item_id="diesel", name="Diesel", kind=ItemKind.FUEL, unit_price_mills=1799),
)


class House:
    """A server in this process, reached over real TCP."""

    def __init__(
        self,
        data_dir: Path,
        *,
        items: tuple[Item, ...] = ITEMS,
        clock: Clock | None = None,
        **settings: Any,
    ) -> None:
        self.data_dir = data_dir
        # From 127.0.0.2, so that tests may call 127.0.0.1 a proxy and still be the administrator beside it.
        self._office = requests.Session()
        self._office.mount("http://", FromAddress("127.0.0.2"))
        self.app = create_app(Config(data_dir=data_dir, **settings), clock=clock)
        self.kiosk: Kiosk = self.app.extensions["kiosk"]
        self.server = create_server(
            self.app,
            port=0,
            clear_untrusted_proxy_headers=False,  # as serve does: whom to believe is the guard's question
            accept_gate=self.kiosk.accept_gate,
            limits=Limits(ping_interval_s=1.0, ping_timeout_s=2.0),
        )
        self.kiosk.listening(self.server.addresses, self.server)
        self.port = self.server.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._items = items
        self._clients: list[Screen] = []
        self._browsers: list[requests.Session] = [self._office]
        self._thread = threading.Thread(target=self.server.run, name="test-server")

    def __enter__(self) -> "House":
        self._thread.start()
        if self._items and self.kiosk.bus.head_seq == 0:
            self.stocks(self._items)
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.leaves()
        self.server.drain(5)
        for browser in self._browsers:
            browser.close()
        self._thread.join(10)
        self.kiosk.stop(5)

    # -- people and boxes --

    def local(self) -> dict[str, str]:
        """The headers of this machine's administrator."""
        return bearer(self.kiosk.local_token)

    def gives(self, name: str, headers: dict[str, str] | None = None, key: str = "", **data: Any) -> dict[str, Any]:
        """A command by HTTP, as the local administrator unless `headers` say who."""
        body = {"key": key or secrets.token_hex(8), "name": name, "data": data}
        reply: dict[str, Any] = (
            self._line(headers)
            .post(f"{self.url}/api/v1/commands", json=body, headers=headers or self.local(), timeout=PATIENCE_S)
            .json()
        )
        return reply

    def stocks(self, items: tuple[Item, ...]) -> None:
        staged = self.data_dir / "staged"
        staged.mkdir(exist_ok=True)
        (staged / "batch.json").write_bytes(msgspec.json.encode(items))
        body = {"key": secrets.token_hex(8), "batch": "batch.json", "source": "test"}
        answer = self._office.post(
            f"{self.url}/api/v1/catalog/import", json=body, headers=self.local(), timeout=PATIENCE_S
        )
        assert answer.json()["ok"], answer.text

    def enrols(self, name: str, kind: str) -> str:
        """A new terminal; returns its token."""
        token = secrets.token_urlsafe(32)
        reply = self.gives(
            "add_terminal", terminal=name, kind=kind, token_hash=hashlib.sha256(token.encode()).hexdigest()
        )
        assert reply["ok"], reply
        return token

    def get(self, path: str, headers: dict[str, str] | None = None, **options: Any) -> requests.Response:
        return self._line(headers).get(
            self.url + path, headers=headers, timeout=PATIENCE_S, allow_redirects=False, **options
        )

    def post(self, path: str, body: object, headers: dict[str, str]) -> requests.Response:
        answer: requests.Response = self._line(headers).post(
            self.url + path, json=body, headers=headers, timeout=PATIENCE_S
        )
        return answer

    def _line(self, headers: dict[str, str] | None) -> Any:
        """From where a request comes: as through the proxy if it says for whom, else from this machine."""
        self._office.cookies.clear()  # each request stands for itself
        return requests if headers and "X-Forwarded-For" in headers else self._office

    def signs_in(self) -> requests.Session:
        """A browser in which a manager signed in with a one-time code."""
        browser = requests.Session()
        self._browsers.append(browser)
        page = browser.get(f"{self.url}/signin", timeout=PATIENCE_S).text
        form = {"code": self.kiosk.first_code(), "csrf_token": hidden_token(page)}
        answer = browser.post(
            f"{self.url}/signin",
            data=form,
            headers={"Origin": self.url},
            timeout=PATIENCE_S,
            allow_redirects=False,
        )
        assert answer.status_code == 303, answer.text
        return browser

    def fills_the_journal(self, events: int) -> None:
        """Many events at once, as a busy day would leave them."""
        added = [
            AddTerminal(terminal=f"t{n}", kind=Kind.LANE, token_hash=hashlib.sha256(str(n).encode()).hexdigest())
            for n in range(events)
        ]
        futures = [self.kiosk.bus.submit(command, LOCAL, f"fill-{command.terminal}") for command in added]
        assert all(future.result(PATIENCE_S).ok for future in futures)

    # -- screens --

    def screen(self, token: str, **auth: Any) -> "Screen":
        """A connected screen; its snapshot has arrived."""
        screen = Screen(self.url)
        self._clients.append(screen)
        screen.connects({"token": token, **auth})
        return screen

    def lane(self, name: str) -> "Screen":
        return self.screen(self.enrols(name, "lane"))

    def console(self, name: str = "console") -> "Screen":
        return self.screen(self.enrols(name, "manager"))


class FastClock(SystemClock):
    """A clock that can be pushed forward."""

    ahead_s = 0.0

    def monotonic_s(self) -> float:
        return super().monotonic_s() + self.ahead_s


class FromAddress(HTTPAdapter):
    """Requests with a source address of their own."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options, source_address=(self._address, 0))


class Screen:
    """A Socket.IO client as a screen is one: it keeps what it is told and can wait for more."""

    def __init__(self, url: str) -> None:
        self.url = url
        # websocket-client sends the Origin that a page of the server would have.
        self.client = socketio.Client(reconnection=False)
        self.snapshots: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []
        self.lives: list[dict[str, Any]] = []
        self.notices: list[dict[str, Any]] = []
        self.refusal: Any = None
        self.is_over = False
        self._news = threading.Condition()
        self.client.on("snapshot", lambda body: self._told(self.snapshots, body))
        self.client.on("event", lambda body: self._told(self.events, body))
        self.client.on("live", lambda body: self._told(self.lives, body))
        self.client.on("notice", lambda body: self._told(self.notices, body))
        self.client.on("connect_error", self._refused)
        self.client.on("disconnect", self._ended)

    def connects(self, auth: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        self._dials(auth, headers)
        self.waits(lambda: self.snapshots)

    def is_refused(self, auth: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
        """Try to connect; the error shape of the refusal."""
        try:
            self._dials(auth, headers)
        except socketio.exceptions.ConnectionError:
            self.waits(lambda: self.refusal)
            shape: dict[str, Any] = self.refusal["data"]
            return shape
        finally:
            self.leaves()
        raise AssertionError("the connection was accepted")

    def gives(self, name: str, key: str = "", **data: Any) -> dict[str, Any]:
        return self.says("command", {"key": key or secrets.token_hex(8), "name": name, "data": data})

    def scans(self, code: str, **more: Any) -> dict[str, Any]:
        return self.gives("scan_item", code=code, **more)

    def says(self, event: str, body: Any) -> dict[str, Any]:
        """Emit with ack; the ack."""
        answer: dict[str, Any] = self.client.call(event, body, timeout=PATIENCE_S)
        return answer

    def hears(self, kind: str) -> dict[str, Any]:
        """Wait for an event of this type; the last one."""
        self.waits(lambda: [event for event in self.events if event["type"] == kind])
        return [event for event in self.events if event["type"] == kind][-1]

    def waits(self, condition: Callable[[], Any]) -> None:
        with self._news:
            assert self._news.wait_for(condition, PATIENCE_S), f"never came; events: {self.events}, {self.notices}"

    def leaves(self) -> None:
        self.client.disconnect()
        # python-engineio forgets its WebSocket without closing it when the server was first.
        line = getattr(self.client.eio, "ws", None)
        if line is not None:
            line.shutdown()

    def _dials(self, auth: dict[str, Any], headers: dict[str, str] | None) -> None:
        self.client.connect(self.url, auth=auth, headers=headers or {}, transports=["websocket"], wait_timeout=30)

    def _told(self, where: list[dict[str, Any]], body: dict[str, Any]) -> None:
        with self._news:
            where.append(body)
            self._news.notify_all()

    def _refused(self, body: Any) -> None:
        with self._news:
            self.refusal = body
            self._news.notify_all()

    def _ended(self, *_: object) -> None:
        with self._news:
            self.is_over = True
            self._news.notify_all()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def hidden_token(page: str) -> str:
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]


def raw_post(house: House, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """A POST of bytes that no JSON library would write."""
    answer = requests.post(
        house.url + path,
        data=body,
        headers={"Content-Type": "application/json", **headers},
        timeout=PATIENCE_S,
    )
    return answer.status_code, answer.json()


def raw_request(house: House, head: bytes) -> bytes:
    """Bytes on a TCP connection; all that comes back."""
    with socket.create_connection(("127.0.0.1", house.port), timeout=PATIENCE_S) as line:
        line.sendall(head)
        line.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := line.recv(65536):
            answer += chunk
    return answer


def eventually(check: Callable[[], Any]) -> Any:
    """Ask until it is true: for what happens on another thread and tells nobody."""
    ends = time.monotonic() + PATIENCE_S
    while not (found := check()):
        assert time.monotonic() < ends, "never became true"
        time.sleep(0.01)
    return found


def of_json(text: str) -> Any:
    return json.loads(text)
