"""Networks as a trusted proxy on loopback shows them, and bytes that no client of ours would send."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import websocket
from running_house import MILK, PATIENCE_S, House, Screen, bearer

from kiosk_server.config import NetworkConfig

OFFICE, SHOP, STRANGER = ({"X-Forwarded-For": address} for address in ("192.168.10.5", "10.0.0.7", "8.8.8.8"))


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[House]:
    network = NetworkConfig(trusted_proxies=("127.0.0.1",), zones={"manager": ("192.168.10.0/26",)})
    with House(tmp_path, mode="lan", network=network) as house:
        yield house


def test_stranger_behind_the_proxy_gets_nothing(proxied: House) -> None:
    for path in ("/", "/static/app/manifest.json", "/nowhere", "/socket.io/?EIO=4&transport=websocket"):
        assert proxied.get(path, STRANGER).status_code == 403, path


def test_quarantine_closes_open_sockets_and_no_others(proxied: House) -> None:
    token = proxied.enrols("lane-1", "lane")
    in_shop, in_office = Screen(proxied.url), Screen(proxied.url)
    in_shop.connects({"token": token}, SHOP)
    in_office.connects({"token": token}, OFFICE)
    proxied.kiosk.guard.quarantine("10.0.0.7", "test")
    in_shop.waits(lambda: in_shop.is_over)
    assert in_office.scans(MILK)["ok"]
    in_shop.leaves()
    in_office.leaves()


def test_console_opens_only_from_the_office(proxied: House) -> None:
    token = proxied.enrols("console", "manager")
    console = Screen(proxied.url)
    shape = console.is_refused({"token": token}, SHOP)
    assert shape["code"] == "forbidden"
    for path in ("/manager", "/api/v1/screen", "/api/v1/journal"):
        assert proxied.get(path, {**bearer(token), **SHOP}).status_code == 403, path
        assert proxied.get(path, {**bearer(token), **OFFICE}).status_code == 200, path
    reply = proxied.gives("stop_all_pumps", {**bearer(token), **SHOP})
    assert reply["code"] == "forbidden"


def test_local_token_from_elsewhere_is_nobody(proxied: House) -> None:
    """Somebody who read the file but sits on another machine."""
    stolen = bearer(proxied.kiosk.local_token)
    assert proxied.get("/api/v1/journal", {**stolen, **SHOP}).status_code == 401


def raw(house: House) -> websocket.WebSocket:
    address = f"ws://127.0.0.1:{house.port}/socket.io/?EIO=4&transport=websocket"
    line: websocket.WebSocket = websocket.create_connection(address, timeout=PATIENCE_S)
    assert line.recv().startswith("0{")
    return line


def is_closed_by_the_server(line: websocket.WebSocket) -> bool:
    try:
        while True:
            opcode, _ = line.recv_data(control_frame=True)
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return True
    except websocket.WebSocketConnectionClosedException:
        return True
    except websocket.WebSocketTimeoutException:
        return False


HOSTILE = {
    "event before connect": '42["command",{}]',
    "deep json": "42" + "[" * 60_000,
    "digits": '42["command",{"key":"k","name":"scan_item","data":{"code":' + "1" * 5_000 + "}}]",
    "attachments announced": '4599999999-["command"]',
    "event that is no name": '42[{"a":1}]',
    "reserved event": '42["disconnect"]',
    "no packet": "9",
    "lone quote": '42["',
}


@pytest.mark.parametrize("packet", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_packet_ends_its_socket_and_nothing_else(house: House, packet: str) -> None:
    lane, token = house.lane("lane-1"), house.enrols("lane-2", "lane")
    line = raw(house)
    try:
        if packet != HOSTILE["event before connect"]:
            line.send("40" + json.dumps({"token": token}))
            assert line.recv().startswith("40")
        line.send(packet)
        assert is_closed_by_the_server(line)
    finally:
        line.shutdown()
    assert lane.scans(MILK)["ok"]


def test_nan_in_a_socket_command_is_a_bad_request(house: House) -> None:
    line = raw(house)
    try:
        line.send("40" + json.dumps({"token": house.enrols("lane-1", "lane")}))
        line.send('421["command",{"key":"k","name":"scan_item","data":{"code":"4","quantity":NaN}}]')
        while not (packet := line.recv()).startswith("431"):
            assert packet, "the socket was closed"
        assert json.loads(packet[3:])[0]["code"] == "bad_request"
    finally:
        line.close(timeout=1)
