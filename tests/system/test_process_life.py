"""The life of the server process: it starts, is killed, is asked to leave, and is watched."""

import json
import select
import signal
import socket
import stat
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from store_process import Process, Store, ask, give

from kiosk_client.loop import Loop
from kiosk_client.wire import Wire

MILK = "2000000000077"
BREAD = "2000000000145"
BARCODES = f"barcode,name,price\n{MILK},Milk,1.29\n{BREAD},Bread,3.49\n"


@pytest.fixture
def stocked(store: Store, tmp_path: Path) -> Store:
    """A store with two items and no server yet."""
    (tmp_path / "items.csv").write_text(BARCODES)
    store.runs("catalog", "import", str(tmp_path / "items.csv"))
    return store


def names(screen: dict[str, Any]) -> list[tuple[str, int]]:
    return [(line["name"], line["quantity"]) for line in screen["state"]["basket"]["lines"]]


def test_killed_server_goes_on_with_the_same_basket(stocked: Store) -> None:
    token = stocked.adds("L1", "lane")
    stocked.starts()
    assert give(stocked, token, "k1", "scan_item", code=MILK)["ok"]
    answered = give(stocked, token, "k2", "scan_item", code=BREAD, quantity=2)
    before = ask(f"{stocked.url}/api/v1/screen", token)

    stocked.is_killed()
    stocked.starts()

    after = ask(f"{stocked.url}/api/v1/screen", token)
    assert after["state"]["basket"] == before["state"]["basket"]
    assert names(after) == [("Milk", 1), ("Bread", 2)]
    # A terminal that had not heard the answer sends again: the first answer, and nothing done twice.
    assert give(stocked, token, "k2", "scan_item", code=BREAD, quantity=2) == answered
    assert names(ask(f"{stocked.url}/api/v1/screen", token)) == [("Milk", 1), ("Bread", 2)]
    stocked.runs("verify")


def test_request_that_never_reaches_the_house_is_answered_with_its_headers(stocked: Store) -> None:
    stocked.starts()
    host, _, port = stocked.url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(b"GET / HTTP/9.9\r\nHost: x\r\n\r\n")
        answer = client.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.0 400 ")
    assert "Content-Security-Policy: default-src 'none'" in answer
    assert "Cache-Control: no-store" in answer
    assert "X-Frame-Options: DENY" in answer


def test_second_server_on_a_store_refuses_and_names_the_first(stocked: Store) -> None:
    first = stocked.starts()

    said = stocked.runs("serve", "--listen", "127.0.0.1:0", code=75)

    assert f"process {first.child.pid}" in said
    assert stocked.url in said
    assert ask(f"{stocked.url}/healthz", "") is not None


def test_taken_port_is_told_and_leaves_no_trace(store: Store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"

        said = store.runs("serve", "--listen", address, code=69)

    assert address in said
    assert "--listen" in said
    assert not (store.folder / "server.json").exists()


def test_server_note_is_for_its_owner_alone_and_goes_with_the_server(store: Store) -> None:
    store.starts()
    note = store.folder / "server.json"

    written = json.loads(note.read_text())
    mode = stat.S_IMODE(note.stat().st_mode)
    code = store.is_told_to_stop()

    assert mode == 0o600
    assert written["url"] == store.url
    assert code == 0
    assert not note.exists()


class Watcher:
    """A terminal that only listens, and writes down what it hears."""

    def __init__(self, loop: Loop) -> None:
        self.heard: list[str] = []
        self._loop = loop

    def on_snapshot(self, snapshot: dict[str, Any]) -> None:
        self.heard.append("snapshot")
        self._loop.stop()

    def on_event(self, event: dict[str, Any]) -> None:
        self.heard.append(event["type"])

    def on_offline(self, why: str) -> None:
        self.heard.append(why)
        self._loop.stop()

    def on_refused(self, code: str, message: str) -> None:
        self.heard.append(code)
        self._loop.stop()


def test_server_told_to_stop_says_goodbye_and_leaves_with_zero(store: Store) -> None:
    token = store.adds("L1", "lane")
    server = store.starts()
    loop = Loop()
    watcher = Watcher(loop)
    wire = Wire(loop, store.url, token, watcher)
    wire.start()
    loop.run()

    server.signal(signal.SIGTERM)
    loop.run()
    wire.close()
    loop.close()

    assert server.ends() == 0
    assert watcher.heard[0] == "snapshot"
    assert "1001" in watcher.heard[-1]


def test_hangup_reads_the_networks_again_and_goes_on(store: Store) -> None:
    server = store.starts()

    server.signal(signal.SIGHUP)
    server.says(lambda line: "networks" in line)

    assert ask(f"{store.url}/healthz", "") is not None


@pytest.fixture
def manager_socket(tmp_path: Path) -> Iterator[socket.socket]:
    """What systemd would listen on."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(str(tmp_path / "notify"))
        sock.settimeout(60)
        yield sock


def test_service_manager_hears_ready_life_and_stopping(store: Store, manager_socket: socket.socket) -> None:
    server = store.starts(NOTIFY_SOCKET=manager_socket.getsockname(), WATCHDOG_USEC="200000")

    heard = [manager_socket.recv(100).decode()]
    while "WATCHDOG=1" not in heard:
        heard.append(manager_socket.recv(100).decode())
    server.signal(signal.SIGTERM)
    while "STOPPING=1" not in heard:
        heard.append(manager_socket.recv(100).decode())

    assert "READY=1" in heard
    assert server.ends() == 0


def test_sockets_that_systemd_opened_are_taken_over(store: Store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mine:
        port = mine.getsockname()[1]
        script = (
            "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid());"
            "os.execv(sys.executable, [sys.executable, '-m', 'kiosk_server', 'serve'])"
        )
        environment = store.environment | {"LISTEN_FDS": "1"}
        server = Process([sys.executable, "-c", script, str(mine.fileno())], environment, pass_fds=(mine.fileno(),))
        try:
            server.says(lambda line: f"127.0.0.1:{port}" in line)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30) as answer:
                assert answer.status == 200
            server.signal(signal.SIGTERM)
            assert server.ends() == 0
        finally:
            server.clear_away()


def test_every_line_of_the_log_is_json(store: Store) -> None:
    token = store.adds("L1", "lane")
    # A store without an owner says on standard output how to become it; this one has nothing to say but its log.
    store.runs("staff", "add", "--secret-from-stdin", "--role", "owner", "Olga", stdin="correct horse battery\n")
    server = store.starts(KIOSK_LOG_LEVEL="debug")
    give(store, token, "k1", "scan_item", code="nonsense\n\x00")
    store.is_told_to_stop()

    lines = [json.loads(line) for line in server.lines]

    assert all({"at", "level", "from", "message"} <= line.keys() for line in lines)
    assert not any(token in line for line in server.lines)


def test_two_signals_end_it_at_once_even_with_a_request_that_hangs(store: Store) -> None:
    server = store.starts()
    host, _, port = store.listen.partition(":")
    with socket.create_connection((host, int(port))) as half:
        half.sendall(b"POST /api/v1/commands HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
        server.signal(signal.SIGTERM)
        server.says(lambda line: "leaving" in line)
        server.signal(signal.SIGTERM)
        select.select([half], [], [], 30)

        assert server.ends() == 0
