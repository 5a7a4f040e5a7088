"""Who hears of what, in which order, and what happens when telling fails."""

import json
from typing import Any

from kiosk_server.domain import events as e
from kiosk_server.domain.catalog import Item, ItemKind
from kiosk_server.domain.staff import Identity, Role
from kiosk_server.domain.terminal import Kind, Terminal
from kiosk_server.edge.guard_rules import Allow
from kiosk_server.edge.identity import Caller, terminal_identity
from kiosk_server.edge.network import parse_network
from kiosk_server.edge.proxies import Admission
from kiosk_server.edge.push import Push, replay
from kiosk_server.edge.registry import OpenSocket, Registry, stream_of
from kiosk_server.store.journal import Entry

ADMISSION = Admission("127.0.0.1", "127.0.0.1", False, "http", Allow(parse_network("127.0.0.0/8"), "loopback"))


class Wall:
    """What was emitted, and a fault on request."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, Any]] = []
        self.fails_at = 0

    def emit(self, event: str, *args: Any, to: str) -> None:
        self.told.append((event, to, args[0]))

    def emit_encoded(self, event: str, text: bytes, *, to: str) -> None:
        body = json.loads(text)
        if body["seq"] == self.fails_at:
            raise OSError("no")
        self.told.append((event, to, body))

    def emit_latest(self, event: str, data: Any, *, to: str, topic: str) -> None:
        self.told.append((event, to, data))

    def chain(self, stream: str) -> list[tuple[int, int]]:
        return [(body["prev"], body["seq"]) for _, to, body in self.told if to == stream]


def house(*terminals: Terminal) -> tuple[Push, Wall]:
    registry, wall = Registry(), Wall()
    for terminal in terminals:
        caller = Caller(terminal_identity(terminal))
        registry.add(OpenSocket(terminal.name, caller, terminal.kind.value, ADMISSION, 0))
    return Push(wall, registry, 10), wall


LANE, STALL, PUMP = (Terminal(name=f"{kind}-1", kind=kind) for kind in (Kind.LANE, Kind.STALL, Kind.PUMP))
CONSOLE = Terminal(name="console", kind=Kind.MANAGER)


def moved(seq: int, terminal: str) -> Entry:
    event = e.TerminalMoved(terminal=terminal, state="x", since=0)
    return Entry(seq, 0, "terminal_moved", "k", terminal, event, "test")


def test_each_stream_is_chained_by_itself() -> None:
    push, wall = house(LANE, STALL, CONSOLE)
    push.publish([moved(11, "lane-1"), moved(12, "stall-1"), moved(13, "lane-1")])
    push.publish([moved(14, "stall-1")])
    assert wall.chain("terminal:lane-1") == [(10, 11), (11, 13)]
    assert wall.chain("terminal:stall-1") == [(10, 12), (12, 14)]
    assert wall.chain("manager") == [(10, 11), (11, 12), (12, 13), (13, 14)]


def test_stream_that_nobody_follows_costs_nothing_and_keeps_its_place() -> None:
    push, wall = house(CONSOLE)
    push.publish([moved(11, "lane-1")])
    assert wall.chain("terminal:lane-1") == []
    push._registry.add(OpenSocket("s", Caller(terminal_identity(LANE)), "lane", ADMISSION, 0))
    push.publish([moved(12, "lane-1")])
    assert wall.chain("terminal:lane-1") == [(11, 12)]


def test_event_that_cannot_be_told_leaves_a_gap_that_everybody_sees() -> None:
    push, wall = house(LANE, STALL, CONSOLE)
    wall.fails_at = 12
    push.publish([moved(11, "stall-1"), moved(12, "lane-1"), moved(13, "lane-1"), moved(14, "stall-1")])
    assert wall.chain("terminal:lane-1") == [(12, 13)], "whose last is 10 sees that 12 is missing"
    assert wall.chain("terminal:stall-1")[-1] == (12, 14)


def test_catalog_is_cut_for_each_audience() -> None:
    items = tuple(Item(item_id=kind.value, name="x", kind=kind) for kind in ItemKind)
    entry = Entry(11, 0, "items_imported", "k", "", e.ItemsImported(items=items), "test")
    push, wall = house(LANE, STALL, PUMP, CONSOLE)
    push.publish([entry])
    seen = {to: [item["item_id"] for item in body["data"]["items"]] for _, to, body in wall.told}
    assert seen == {"terminal:stall-1": ["menu"], "terminal:pump-1": ["fuel"], "manager": ["menu", "fuel"]}


def test_replay_tells_the_same_as_the_push_did() -> None:
    entries = [moved(11, "lane-1"), moved(12, "stall-1"), moved(13, "lane-1")]
    push, wall = house(LANE)
    push.publish(entries)
    pushed = [body for _, _, body in wall.told]
    missed = replay(entries, "terminal:lane-1", Role.LANE, 10)
    assert [(event.seq, event.prev, event.type, event.data) for event in missed] == [
        (body["seq"], body["prev"], body["type"], body["data"]) for body in pushed
    ]


def test_every_role_follows_one_stream() -> None:
    streams = {role: stream_of(Identity(name="x", role=role, terminal="x")) for role in Role}
    assert streams[Role.LANE] == "terminal:x"
    assert streams[Role.PICKUP] == streams[Role.KITCHEN] == "kitchen"
    assert streams[Role.MANAGER] == streams[Role.OWNER] == "manager"
    assert streams[Role.ATTENDANT] == streams[Role.CASHIER] == "staff"


def test_attendant_sees_the_floor_but_not_who_comes_in() -> None:
    push, wall = house(CONSOLE)
    attendant = Identity(name="Ada", role=Role.ATTENDANT)
    push._registry.add(OpenSocket("phone", Caller(attendant), "manager", ADMISSION, 0))
    retired = Entry(12, 0, "staff_retired", "k", "", e.StaffRetired(person="Eve"), "test")
    entries = [moved(11, "lane-1"), retired, moved(13, "lane-1")]
    push.publish(entries)
    assert wall.chain("staff") == [(10, 11), (11, 13)], "no gap where nothing was theirs"
    assert wall.chain("manager") == [(10, 11), (11, 12), (12, 13)]
    assert [event.seq for event in replay(entries, "staff", Role.ATTENDANT, 10)] == [11, 13]
