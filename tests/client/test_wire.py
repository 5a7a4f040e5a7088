"""The client's wire against a server that makes trouble: gaps, doubles, lost answers, silence."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from difficult_server import DifficultServer, Peer

from kiosk_client import packets
from kiosk_client.loop import Loop
from kiosk_client.wire import BACKOFF_FIRST_S, BACKOFF_MOST_S, Wire, read_url

OK = {"ok": True, "seq": 1, "result": None}


class Terminal:
    """What a terminal heard, in order; `until` runs the loop until it has heard that."""

    def __init__(self) -> None:
        self.loop = Loop()
        self.heard: list[str] = []
        self.replies: list[dict[str, Any]] = []
        self._awaited: Callable[[], bool] = lambda: False
        self.wire: Wire | None = None

    def connects(self, server: DifficultServer) -> Wire:
        self.wire = Wire(self.loop, server.url, "secret", self, random.Random(1))
        self.wire.start()
        return self.wire

    def until(self, awaited: Callable[[], bool]) -> None:
        self._awaited = awaited
        if not awaited():
            self.loop.run()

    def gives(self, name: str) -> None:
        assert self.wire is not None
        self.wire.give(name, {}, lambda reply, _: self._hear("reply", reply))

    def on_snapshot(self, snapshot: dict[str, Any]) -> None:
        self._hear(f"snapshot {snapshot['seq']}")

    def on_event(self, event: dict[str, Any]) -> None:
        self._hear(event["type"])

    def on_offline(self, why: str) -> None:
        self._hear(f"offline: {why}")

    def on_refused(self, code: str, message: str) -> None:
        self._hear(f"refused: {code}")

    def _hear(self, what: str, reply: dict[str, Any] | None = None) -> None:
        self.heard.append(what)
        if reply is not None:
            self.replies.append(reply)
        if self._awaited():
            self.loop.stop()

    def leaves(self) -> None:
        if self.wire is not None:
            self.wire.close()
        self.loop.close()


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    one = Terminal()
    yield one
    one.leaves()


def test_wire_says_its_token_and_hears_events_in_order(terminal: Terminal) -> None:
    said: list[dict[str, Any]] = []

    def script(peer: Peer) -> None:
        said.append(peer.welcomes(seq=4))
        peer.event(5, prev=4)
        peer.event(9, prev=5)

    server = DifficultServer(script)
    wire = terminal.connects(server)
    terminal.until(lambda: "happened_9" in terminal.heard)
    server.close()

    assert said == [{"token": "secret"}]
    assert terminal.heard == ["snapshot 4", "happened_5", "happened_9"]
    assert wire.seq == 9


def test_event_seen_already_is_not_heard_again(terminal: Terminal) -> None:
    def script(peer: Peer) -> None:
        peer.welcomes(seq=4)
        for seq, prev in ((3, 2), (4, 3), (5, 4), (5, 4), (6, 5)):
            peer.event(seq, prev)

    server = DifficultServer(script)
    wire = terminal.connects(server)
    terminal.until(lambda: "happened_6" in terminal.heard)
    server.close()

    assert terminal.heard == ["snapshot 4", "happened_5", "happened_6"]
    assert wire.counts.duplicates == 3


def test_gap_is_filled_before_what_came_after_it(terminal: Terminal) -> None:
    def script(peer: Peer) -> None:
        peer.welcomes(seq=4)
        peer.event(8, prev=6)
        number, name, body = peer.asked()
        assert (name, body) == ("resync", {"seq": 4})
        peer.event(9, prev=8)  # comes while the answer is on its way
        missed = [{"seq": seq, "prev": seq - 1, "at": 0, "type": f"happened_{seq}", "data": {}} for seq in (5, 6, 8)]
        peer.acknowledges(number, {"events": missed, "seq": 8})

    server = DifficultServer(script)
    wire = terminal.connects(server)
    terminal.until(lambda: "happened_9" in terminal.heard)
    server.close()

    assert terminal.heard == ["snapshot 4", "happened_5", "happened_6", "happened_8", "happened_9"]
    assert wire.counts.resyncs == 1


def test_gap_too_wide_ends_with_a_new_snapshot(terminal: Terminal) -> None:
    def script(peer: Peer) -> None:
        peer.welcomes(seq=4)
        peer.event(9000, prev=8999)
        number, _, _ = peer.asked()
        peer.acknowledges(number, {"snapshot": {"seq": 9000, "screen": "lane", "state": {}, "now": 0}})
        peer.event(9001, prev=9000)

    server = DifficultServer(script)
    terminal.connects(server)
    terminal.until(lambda: "happened_9001" in terminal.heard)
    server.close()

    assert terminal.heard == ["snapshot 4", "snapshot 9000", "happened_9001"]


def test_command_whose_answer_was_lost_is_sent_again_under_its_key(terminal: Terminal) -> None:
    bodies: list[dict[str, Any]] = []

    def first(peer: Peer) -> None:
        peer.welcomes()
        bodies.append(peer.asked()[2])
        peer.hangs_up()

    def second(peer: Peer) -> None:
        peer.welcomes()
        number, _, body = peer.asked()
        bodies.append(body)
        peer.acknowledges(number, OK)

    server = DifficultServer(first, second)
    wire = terminal.connects(server)
    terminal.gives("finish")
    terminal.until(lambda: bool(terminal.replies))
    server.close()

    assert bodies[0] == bodies[1]
    assert bodies[0]["name"] == "finish"
    assert terminal.replies == [OK]
    assert (wire.counts.losses, wire.counts.resent, wire.waiting) == (1, 1, 0)


def test_busy_server_is_asked_again_under_the_same_key(terminal: Terminal) -> None:
    keys: list[str] = []

    def script(peer: Peer) -> None:
        peer.welcomes()
        for answer in ({"ok": False, "code": "busy", "message": "", "details": {"retry_after_s": 0.01}}, OK):
            number, _, body = peer.asked()
            keys.append(body["key"])
            peer.acknowledges(number, answer)

    server = DifficultServer(script)
    terminal.connects(server)
    terminal.gives("finish")
    terminal.until(lambda: bool(terminal.replies))
    server.close()

    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert terminal.replies == [OK]


def test_refusal_is_an_answer_and_not_repeated(terminal: Terminal) -> None:
    refusal = {"ok": False, "code": "unknown_item", "message": "no"}

    def script(peer: Peer) -> None:
        peer.welcomes()
        peer.acknowledges(peer.asked()[0], refusal)

    server = DifficultServer(script)
    wire = terminal.connects(server)
    terminal.gives("scan_item")
    terminal.until(lambda: bool(terminal.replies))
    server.close()

    assert terminal.replies == [refusal]
    assert wire.waiting == 0


def test_unknown_token_ends_the_wire_for_good(terminal: Terminal) -> None:
    server = DifficultServer(lambda peer: peer.refuses("not_signed_in"))
    wire = terminal.connects(server)
    terminal.until(lambda: bool(terminal.heard))
    server.close()

    assert terminal.heard == ["refused: not_signed_in"]
    assert not wire.is_online


def test_silent_server_is_left_and_found_again(terminal: Terminal) -> None:
    def silent(peer: Peer) -> None:
        peer.welcomes(seq=1, ping_interval_ms=100)
        with pytest.raises(ConnectionError):
            peer.hears()

    server = DifficultServer(silent, lambda peer: peer.welcomes(seq=2) and None)
    terminal.connects(server)
    terminal.until(lambda: "snapshot 2" in terminal.heard)
    server.close()

    assert terminal.heard == ["snapshot 1", "offline: the server fell silent", "snapshot 2"]


def test_ping_is_answered(terminal: Terminal) -> None:
    answers: list[str] = []

    def script(peer: Peer) -> None:
        peer.welcomes(seq=1)
        peer.says("2")
        answers.append(peer.hears())
        peer.event(2, prev=1)

    server = DifficultServer(script)
    terminal.connects(server)
    terminal.until(lambda: "happened_2" in terminal.heard)
    server.close()

    assert answers == ["3"]


@pytest.mark.parametrize("text", ["9 what is this", "42", "42[]", '42["event"]', '42["event",7]', "42{"])
def test_garbage_ends_the_connection_and_is_counted(terminal: Terminal, text: str) -> None:
    def garbage(peer: Peer) -> None:
        peer.welcomes(seq=1)
        peer.says(text)

    server = DifficultServer(garbage, lambda peer: peer.welcomes(seq=2) and None)
    wire = terminal.connects(server)
    terminal.until(lambda: "snapshot 2" in terminal.heard)
    server.close()

    assert len(wire.counts.faults) == 1


def test_reconnecting_waits_longer_each_time_and_never_too_long(terminal: Terminal) -> None:
    ceilings: list[float] = []

    class Chance(random.Random):
        def uniform(self, a: float, b: float) -> float:
            ceilings.append(b)
            return 0.0

    server = DifficultServer()
    server.close()
    terminal.wire = Wire(terminal.loop, server.url, "secret", terminal, Chance())
    terminal.wire.start()
    terminal.until(lambda: len(terminal.heard) > 6)

    assert ceilings[0] == BACKOFF_FIRST_S
    assert ceilings == sorted(ceilings)
    assert ceilings[-1] == BACKOFF_MOST_S


@pytest.mark.parametrize("url", ["https://shop.lan", "shop.lan:8080", "", "ftp://x"])
def test_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="http://host:port"):
        read_url(url)


@pytest.mark.parametrize("text", ["", "5", "42", "4x", '42["a"', "45-"])
def test_packet_that_is_none_is_an_error_or_empty(text: str) -> None:
    if text == "42":
        assert packets.decode(text).body is None
    else:
        with pytest.raises(packets.PacketError):
            packets.decode(text)
