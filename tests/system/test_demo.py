"""The demo store: it starts, is full of people, and leaves nothing behind."""

import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from shop import Lane, Shop
from store_process import KIOSK_SERVER, Process, Store, ask, clean_environment

from kiosk_server.cli.demo import demo_config, free_port, host_zone, with_addresses
from kiosk_server.cli.demo_store import demo_items, demo_promotions, store_plan
from kiosk_server.config import DEFAULT_PORT, load
from kiosk_server.domain.catalog import ItemKind


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Process]:
    process = Process(
        [*KIOSK_SERVER, "demo", "--data-dir", str(tmp_path / "demo"), "--listen", "127.0.0.1:0"],
        clean_environment(PYTHONIOENCODING="utf-8"),
    )
    yield process
    process.clear_away()


def test_demo_opens_with_addresses_code_and_people(demo: Process, tmp_path: Path) -> None:
    demo.says(lambda line: line.startswith("Ready in"))
    said = "\n".join(demo.lines)
    urls = dict(re.findall(r"^ +(lane|stall|pump|kitchen) .*(http://\S+)$", said, re.MULTILINE))
    note = json.loads((tmp_path / "demo" / "server.json").read_text())
    store = Store(tmp_path / "demo")

    tokens = {kind: url.rpartition("/")[2] for kind, url in urls.items()}
    screens = {kind: ask(f"{note['url']}/api/v1/screen", token)["screen"] for kind, token in tokens.items()}

    assert "Main Street is open at http://127.0.0.1:" in said
    assert f"{note['url']}/signin?code=" in said
    assert "█" in said
    assert screens == {kind: kind for kind in ("lane", "stall", "pump", "kitchen")}
    demo.signal(signal.SIGINT)
    assert demo.ends() == 0
    assert "Closed." in demo.lines[-1]
    store.runs("verify")


def test_demo_is_alive_from_the_start_and_a_switch_stops_it(demo: Process, tmp_path: Path) -> None:
    demo.says(lambda line: line.startswith("Ready in"))
    store = Store(tmp_path / "demo")
    note = json.loads((tmp_path / "demo" / "server.json").read_text())
    store.url = note["url"]
    (console,) = [
        one["token"]
        for one in json.loads((tmp_path / "demo" / "demo.json").read_text())["terminals"]
        if one["kind"] == "manager"
    ]

    events: list[str] = []
    seq = 0
    while "item_scanned" not in events:  # the test's own timeout ends it
        found = ask(f"{store.url}/api/v1/journal?since={seq}&limit=1000", console)["events"]
        events += [event["type"] for event in found]
        seq = found[-1]["seq"] if found else seq

    assert "simulation_switched" in events
    reply = ask(
        f"{store.url}/api/v1/commands", console, {"key": "k1", "name": "switch_simulation", "data": {"is_on": False}}
    )
    assert reply["ok"]
    demo.signal(signal.SIGINT)
    assert demo.ends() == 0
    assert "\n0 errors" in (tmp_path / "demo" / "simulator.log").read_text()


def test_demo_keeps_its_hands_off_a_real_store(store: Store) -> None:
    store.adds("L1", "lane")

    said = store.runs("demo", "--listen", "127.0.0.1:0", code=64)

    assert "not the demo" in said
    assert [row["name"] for row in store.answers("terminal", "list")] == ["L1"]


def test_demo_store_holds_what_was_promised() -> None:
    items = list(demo_items(load(environ={"XDG_CONFIG_HOME": "/nonexistent"}).store.tax_rates_bp))
    kinds = {kind: [item for item in items if item.kind is kind] for kind in ItemKind}
    plan = store_plan()

    assert (len(kinds[ItemKind.GROCERY]), len(kinds[ItemKind.MENU]), len(kinds[ItemKind.FUEL])) == (207, 40, 4)
    assert len({item.item_id for item in items}) == len(items)
    assert sum(bool(item.modifier_groups) for item in kinds[ItemKind.MENU]) > 25
    assert sum(bool(item.allergens) for item in kinds[ItemKind.MENU]) > 20
    assert all(item.unit_price_mills and item.unit_price_mills > 1000 for item in kinds[ItemKind.FUEL])
    assert [len(plan["terminals"][kind]) for kind in ("lane", "stall", "pump", "kitchen", "manager")] == [6, 4, 4, 1, 1]


def test_demo_settings_give_way_to_those_of_a_person() -> None:
    environ = {"XDG_CONFIG_HOME": "/nonexistent"}
    plain = with_addresses(demo_config(load(environ=environ, flags={"listen": ("127.0.0.1:0",)})))
    chosen = with_addresses(demo_config(load(environ=environ, flags={"listen": ("10.0.0.1:0",), "store.name": "Mine"})))

    assert (plain.store.name, plain.mode, plain.store.zone) == ("Main Street", "private", host_zone())
    assert (chosen.store.name, chosen.mode) == ("Mine", "lan")


def test_demo_has_a_printer_unless_a_person_has_one() -> None:
    environ = {"XDG_CONFIG_HOME": "/nonexistent"}
    plain = demo_config(load(environ=environ)).policy
    own = demo_config(load(environ=environ, flags={"printer.addresses": '{ mine = "tcp://10.0.0.9" }'})).policy
    assert plain.printing.printer_of("L1", "lane") == "Front"
    assert plain.receipt.address == ("1 Main Street", "12345 Springfield")
    assert (own.printing.printers, own.printing.by_terminal) == (("mine",), {})


def test_demo_has_card_readers_at_its_lanes_unless_a_person_says_where() -> None:
    environ = {"XDG_CONFIG_HOME": "/nonexistent"}
    plain = demo_config(load(environ=environ, flags={"is_demo": True})).policy
    own = demo_config(load(environ=environ, flags={"is_demo": True, "card.readers": '{ L1 = "virtual" }'})).policy
    assert [plain.cards.reader_of(*place) for place in (("L1", "lane"), ("S1", "stall"))] == ["virtual", None]
    assert [own.cards.reader_of(name, "lane") for name in ("L1", "L2")] == ["virtual", None]


def test_demo_promotions_act_on_goods_that_it_has(tmp_path: Path) -> None:
    policy = demo_config(load(environ={"XDG_CONFIG_HOME": "/nonexistent"}, flags={"is_demo": True})).policy
    shop = Shop(tmp_path, policy)
    try:
        shop.stocks(tuple(demo_items(policy.tax_rates_bp)))
        assert shop.runs(*demo_promotions())["unknown_items"] == ()
        lane = Lane(shop, "L1")
        assert lane.scans("2600000000499", quantity=3)["totals"]["saved_cents"] == 57
        lane.scans("2400000000075")
        assert lane.scans("2400000000709")["totals"]["saved_cents"] == 57 + 48
        assert lane.scans("9900000000011")["saved_cents"] == 0
        assert lane.scans("2500000000638")["totals"]["saved_cents"] == 57 + 48 + 100
    finally:
        shop.closes()


def test_demo_takes_the_next_port_when_the_usual_one_is_taken() -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # somebody else may have it: all the better
            taken.bind(("127.0.0.1", DEFAULT_PORT))
            taken.listen(1)

        assert free_port(("127.0.0.1",)) > DEFAULT_PORT


def children_of(process: Process) -> list[int]:
    tasks = Path(f"/proc/{process.child.pid}/task").iterdir()
    return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


def test_customers_go_when_the_demo_is_killed(demo: Process) -> None:
    demo.says(lambda line: line.startswith("Ready in"))
    while not (children := children_of(demo)):  # they are called at the same moment
        pass
    descriptor = os.pidfd_open(children[0])

    demo.signal(signal.SIGKILL)
    demo.ends()

    assert select.select([descriptor], [], [], 60)[0], "the customers outlived the demo"
    os.close(descriptor)


def test_simulator_without_a_server_says_so() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kiosk_client", "simulate", "--terminal", "x", "--url", "https://shop.lan"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 66
    assert "http://host:port" in done.stderr


def test_second_demo_on_one_store_names_the_first(demo: Process, tmp_path: Path) -> None:
    demo.says(lambda line: line.startswith("Ready in"))
    second = Store(tmp_path / "demo")
    second.listen = ""  # it would choose its own

    said = second.runs("demo", code=75)

    assert f"process {demo.child.pid}" in said
