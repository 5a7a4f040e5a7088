"""`message_queue` with a real Redis, and servers in processes of their own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from wire_client import Client

from kiosk_server.transport import SocketIO

pytest.importorskip("redis", reason="the redis package of the scale extra is not installed")
if shutil.which("redis-server") is None:
    pytest.skip("redis-server is not installed", allow_module_level=True)


class Joined(Client):
    """A client in the main namespace."""

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address)
        self.sid = self.join()


Pair = tuple[Joined, Joined]


class Redis:
    """A Redis of our own, on a port that stays the same when it starts again."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._folder = folder
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = f"--port {self.port} --bind 127.0.0.1 --appendonly no --dir {self._folder}".split()
        self._process = subprocess.Popen(["redis-server", *options, "--save", ""], stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        # Its last word before it serves; the pipe holds all that it says after.
        assert any(b"Ready to accept connections" in line for line in self._process.stdout), "redis-server ended"

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    redis = Redis(tmp_path)
    yield redis
    redis.stop()


@pytest.fixture
def servers(redis: Redis) -> Iterator[list[tuple[str, int]]]:
    """Two servers on one queue."""
    command = [sys.executable, str(Path(__file__).with_name("queue_process.py")), redis.url]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(2)]
    addresses = []
    for process in processes:
        assert process.stdout is not None
        addresses.append(("127.0.0.1", int(process.stdout.readline())))
    yield addresses
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def pair(servers: list[tuple[str, int]]) -> Iterator[Pair]:
    """A client of each, both of which hear what the queue carries."""
    with ExitStack() as stack:
        one, two = (Joined(address) for address in servers)
        stack.enter_context(one)
        stack.enter_context(two)
        meet(one, two)
        yield one, two


def meet(one: Client, two: Client) -> None:
    """Say things until both servers have subscribed and all that was said before is read."""
    one.sock.settimeout(0.3)
    two.sock.settimeout(0.3)
    for speaker, listener in ((one, two), (two, one)):
        for attempt in range(100):
            speaker.emit("say", f"hello {attempt}")
            try:
                while listener.event() != ["said", f"hello {attempt}"]:
                    pass
                break
            except TimeoutError:
                continue
        else:
            pytest.fail("the servers never met")
    for client in (one, two):
        client.sock.settimeout(8)
        client.emit("say", "met")
    for client in (one, two):
        met = 0
        while met < 2:
            met += client.event() == ["said", "met"]


def test_broadcast_reaches_the_clients_of_both_servers_once(pair: Pair) -> None:
    one, two = pair
    one.emit("say", {"price": 129})
    two.emit("say", "after")
    for client in pair:
        heard = [client.event(), client.event()]
        assert sorted(map(str, heard)) == sorted(map(str, [["said", {"price": 129}], ["said", "after"]]))


def test_room_spans_both_servers_and_is_closed_to_others(pair: Pair) -> None:
    one, two = pair
    two.emit("join", "tills", ack=1)
    assert two.answer(1) == ["tills"]
    one.emit("say", "to tills", "tills")
    assert two.event() == ["said", "to tills"]
    one.emit("say", "to all")
    assert one.event() == ["said", "to all"]


def test_client_is_asked_by_the_other_server_and_its_answer_comes_back(pair: Pair) -> None:
    one, two = pair
    one.emit("ask", two.sid)
    question = two.recv()
    assert isinstance(question, str)
    number = question.removeprefix("42").removesuffix('["question"]')
    two.send(f'43{number}["yes",2]')
    assert one.event() == ["answered", "yes", 2]
    assert two.event() == ["answered", "yes", 2]


def test_client_is_put_out_by_the_other_server(pair: Pair) -> None:
    one, two = pair
    one.emit("put_out", two.sid)
    assert two.recv() == "41"


def test_process_without_a_server_emits_through_the_queue(pair: Pair, redis: Redis) -> None:
    outside = SocketIO(message_queue=redis.url)
    outside.emit("said", "from outside")
    for client in pair:
        assert client.event() == ["said", "from outside"]
    outside.server.manager.redis.close()  # python-socketio leaves that to the end of the process


def test_servers_go_on_without_the_queue_and_meet_again_when_it_is_back(pair: Pair, redis: Redis) -> None:
    one, two = pair
    redis.stop()
    one.emit("join", "alone", ack=1)
    assert one.answer(1) == ["alone"]
    redis.start()
    meet(one, two)
