"""The one client wire: connect, snapshot, events without gaps, commands that happen once however often they are sent.

The rules are the server's (its `connect`, `event`, `resync`, `command`); the ones that matter when things go wrong:

1. Every event carries `prev`, the number of the one before it for this audience. `seq` not above the last: seen
   already. `prev` above the last: something is missing, so ask with `resync` and hold back what comes meanwhile.
2. A command keeps its key until it is answered. After a reconnect all unanswered ones are sent again under the same
   key, and the server does each once.
3. Reconnecting waits between nothing and a ceiling that doubles from 0.5 s to 5 s (full jitter), so that a thousand
   terminals do not come back in the same instant.
"""

import itertools
import random
import secrets
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from kiosk_client import packets
from kiosk_client.connection import Connection
from kiosk_client.loop import Loop, Timer

BACKOFF_FIRST_S = 0.5
BACKOFF_MOST_S = 5.0
ANSWER_TIMEOUT_S = 10.0
RETRY_CODES = frozenset({"busy", "too_many"})

Reply = dict[str, Any]
Event = dict[str, Any]


class Listener(Protocol):
    """What a terminal hears."""

    def on_snapshot(self, snapshot: dict[str, Any]) -> None: ...
    def on_event(self, event: Event) -> None: ...
    def on_offline(self, why: str) -> None: ...
    def on_refused(self, code: str, message: str) -> None:
        """The server does not know this terminal (any more); the wire will not try again."""


@dataclass(slots=True)
class Order:
    """A command on its way. `sent_s` is when it was first sent; `resent` how often again."""

    key: str
    name: str
    data: dict[str, Any]
    on_reply: Callable[[Reply, float], None]
    sent_s: float = 0.0
    resent: int = 0
    number: int | None = None
    timer: Timer | None = None

    @property
    def body(self) -> dict[str, Any]:
        return {"key": self.key, "name": self.name, "data": self.data}


@dataclass(slots=True)
class Counts:
    """What became of a wire, for the report at the end."""

    connects: int = 0
    losses: int = 0
    resyncs: int = 0
    events: int = 0
    duplicates: int = 0
    resent: int = 0
    faults: list[str] = field(default_factory=list)


def read_url(url: str) -> tuple[str, int]:
    """Host and port of a server; raises ValueError. TLS ends at a proxy, which this client does not speak to."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise ValueError(f"{url!r} is no address of a server on the LAN: write http://host:port")
    return parts.hostname, parts.port or 80


class Wire:
    """One terminal's connection to the server at `url`, for as long as `start` to `close`."""

    def __init__(
        self, loop: Loop, url: str, token: str, listener: Listener, chance: random.Random | None = None
    ) -> None:
        self._loop = loop
        self._host, self._port = read_url(url)
        self._token = token
        self._listener = listener
        self._chance = chance or random.Random()  # noqa: S311 - jitter, no secret
        self._connection: Connection | None = None
        self._numbers = itertools.count(1)
        self._orders: dict[str, Order] = {}
        self._by_number: dict[int, Callable[[Any], None]] = {}
        self._held: list[Event] = []
        self._tries = 0
        self._timer: Timer | None = None
        self._silence: Timer | None = None
        self._patience_s = ANSWER_TIMEOUT_S
        self._is_resyncing = False
        self._is_over = False
        self.seq = -1
        self.is_online = False
        self.counts = Counts()

    # -- for the terminal --

    def start(self) -> None:
        self._connect()

    def close(self) -> None:
        self._is_over = True
        self._forget_connection()
        if self._timer is not None:
            self._timer.cancel()

    def give(self, name: str, data: dict[str, Any], on_reply: Callable[[Reply, float], None]) -> str:
        """Give a command; `on_reply(reply, seconds)` is called once, however many connections it takes.

        Returns its key; never calls `on_reply` before that.
        """
        order = Order(secrets.token_hex(12), name, data, on_reply)
        self._orders[order.key] = order
        if self.is_online:
            self._send(order)
        return order.key

    @property
    def waiting(self) -> int:
        """Commands without an answer."""
        return len(self._orders)

    # -- connection --

    def _connect(self) -> None:
        self._timer = None
        self._connection = Connection(self._loop, self._host, self._port, packets.PATH, self)
        self._connection.open()

    def on_open(self) -> None:
        self._hear_something()

    def on_close(self, why: str) -> None:
        was_online = self.is_online
        self._forget_connection()
        if was_online:
            self.counts.losses += 1
        self._listener.on_offline(why)
        if not self._is_over:
            ceiling_s = min(BACKOFF_MOST_S, BACKOFF_FIRST_S * 2 ** min(self._tries, 10))
            self._tries += 1
            self._timer = self._loop.call_later(self._chance.uniform(0, ceiling_s), self._connect)

    def _forget_connection(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        if self._silence is not None:
            self._silence.cancel()
        self._silence = None
        self.is_online = self._is_resyncing = False
        self._by_number.clear()
        self._held.clear()
        for order in self._orders.values():
            order.number = None
            if order.timer is not None:
                order.timer.cancel()

    def _drop(self, why: str) -> None:
        """End a connection that is no good, as if the server had."""
        self.counts.faults.append(why)
        self.on_close(why)

    def _hear_something(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
        self._silence = self._loop.call_later(self._patience_s, lambda: self.on_close("the server fell silent"))

    # -- what arrives --

    def on_text(self, text: str) -> None:
        self._hear_something()
        try:
            packet = packets.decode(text)
        except packets.PacketError as error:
            self._drop(f"no packet: {error}")
            return
        if packet.kind == packets.PING:
            self._say(packets.PONG)
        elif packet.kind == packets.EVENT:
            self._take_event(packet.body)
        elif packet.kind == packets.ACK:
            settle = self._by_number.pop(packet.number or 0, None)
            if settle is not None:
                settle(packet.body[0] if packet.body else None)
        elif packet.kind == packets.OPEN:
            self._patience_s = (packet.body["pingInterval"] + packet.body["pingTimeout"]) / 1000
            self._say(packets.connect({"token": self._token}))
        elif packet.kind == packets.CONNECT_ERROR:
            self._refused(packet.body)
        elif packet.kind == packets.DISCONNECT:
            self.on_close("sent away by the server")

    def _say(self, text: str) -> None:
        if self._connection is not None:
            self._connection.send(text)

    def _refused(self, body: Any) -> None:
        failure = (body or {}).get("data") or {}
        code, message = failure.get("code", "refused"), failure.get("message", "")
        if code in {"not_signed_in", "forbidden"}:
            self.close()
            self._listener.on_refused(code, message)
        else:
            self.on_close(f"{code}: {message}")

    def _take_event(self, body: Any) -> None:
        if not isinstance(body, list) or len(body) != 2 or not isinstance(body[1], dict):
            self._drop(f"no event of ours: {body!r:.80}")
            return
        name, data = body
        if name == "event":
            self._follow(data)
        elif name == "snapshot":
            self._restart(data)
        # `live` and `notice` are for eyes; nobody looks at this terminal.

    def _restart(self, snapshot: dict[str, Any]) -> None:
        self.seq = snapshot["seq"]
        self._is_resyncing = False
        if not self.is_online:
            self.is_online = True
            self._tries = 0
            self.counts.connects += 1
        self._listener.on_snapshot(snapshot)
        self._release_held()
        for order in [order for order in self._orders.values() if order.number is None]:
            self._send(order)

    def _follow(self, event: Event) -> None:
        if not self.is_online or self._is_resyncing:
            self._held.append(event)
        elif event["seq"] <= self.seq:
            self.counts.duplicates += 1
        elif event["prev"] > self.seq:
            self._held.append(event)
            self._resync()
        else:
            self._apply(event)

    def _apply(self, event: Event) -> None:
        self.seq = event["seq"]
        self.counts.events += 1
        self._listener.on_event(event)

    def _release_held(self) -> None:
        held, self._held = self._held, []
        for event in held:
            self._follow(event)

    def _resync(self) -> None:
        self._is_resyncing = True
        self.counts.resyncs += 1
        number = next(self._numbers)
        self._by_number[number] = self._resynced
        self._say(packets.event("resync", {"seq": self.seq}, number))

    def _resynced(self, answer: Any) -> None:
        if not isinstance(answer, dict) or not ("snapshot" in answer or "events" in answer):
            self._drop(f"no resync: {answer}")
            return
        self._is_resyncing = False
        if "snapshot" in answer:
            self._restart(answer["snapshot"])
            return
        for event in answer["events"]:
            if event["seq"] > self.seq:
                self._apply(event)
        self.seq = max(self.seq, answer.get("seq", self.seq))
        self._release_held()

    # -- commands --

    def _send(self, order: Order) -> None:
        if order.sent_s:
            order.resent += 1
            self.counts.resent += 1
        else:
            order.sent_s = self._loop.now_s()
        order.number = next(self._numbers)
        self._by_number[order.number] = lambda reply: self._settle(order, reply)
        order.timer = self._loop.call_later(ANSWER_TIMEOUT_S, lambda: self._drop(f"no answer to {order.name}"))
        self._say(packets.event("command", order.body, order.number))

    def _settle(self, order: Order, reply: Any) -> None:
        if order.timer is not None:
            order.timer.cancel()
        if not isinstance(reply, dict):
            self._drop(f"no reply: {reply!r}")
            return
        if reply.get("code") in RETRY_CODES:
            wait_s = float((reply.get("details") or {}).get("retry_after_s", 1))
            order.timer = self._loop.call_later(self._chance.uniform(wait_s, 2 * wait_s), lambda: self._again(order))
            return
        self._orders.pop(order.key, None)
        order.on_reply(reply, self._loop.now_s() - order.sent_s)

    def _again(self, order: Order) -> None:
        if self.is_online and order.key in self._orders:
            self._send(order)
