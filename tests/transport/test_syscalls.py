"""`recv` and `send` that keep the interpreter do what the socket's own methods do."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from kiosk_server.transport import syscalls
from kiosk_server.transport.syscalls import READ_BYTES, Reader, send

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


@pytest.fixture(params=["the library's", "the socket's own"])
def reader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Reader:
    if request.param == "the socket's own":
        monkeypatch.setattr(syscalls, "_recv", None)
        monkeypatch.setattr(syscalls, "_send", None)
    elif sys.platform != "win32":
        assert syscalls._recv is not None
        assert syscalls._send is not None
    return Reader()


def test_what_was_sent_is_received_zeros_and_all(reader: Reader, pair: Pair) -> None:
    ours, theirs = pair
    blob = bytes(range(256)) * 8
    theirs.sendall(blob)
    first = reader.recv(ours)
    theirs.sendall(b"\0next")
    assert reader.recv(ours) == b"\0next"
    assert first == blob, "what was given out is not overwritten by the next"
    assert send(ours, blob) == len(blob)
    assert theirs.recv(65536) == blob


def test_no_more_than_the_limit_is_received_at_once(reader: Reader, pair: Pair) -> None:
    ours, theirs = pair
    theirs.sendall(b"x" * (READ_BYTES + 3))
    assert len(reader.recv(ours)) == READ_BYTES
    assert reader.recv(ours) == b"xxx"


def test_nothing_there_blocks_nobody(reader: Reader, pair: Pair) -> None:
    with pytest.raises(BlockingIOError):
        reader.recv(pair[0])


def test_a_full_buffer_takes_a_part_and_then_nothing(reader: Reader, pair: Pair) -> None:
    ours, theirs = pair
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    sent = list[int]()

    def send_on() -> None:
        while True:
            sent.append(send(ours, b"y" * 10_000))

    with pytest.raises(BlockingIOError):
        send_on()
    theirs.settimeout(10)
    taken = 0
    while taken < sum(sent):
        taken += len(theirs.recv(65536))
    assert taken == sum(sent)


def test_a_blob_longer_than_is_kept_for_goes_out_whole(reader: Reader, pair: Pair) -> None:
    ours, theirs = pair
    blob, got = bytes(1_000_000), bytearray()

    def listen() -> None:
        while len(got) < len(blob):
            got.extend(theirs.recv(65536))

    listener = threading.Thread(target=listen)
    listener.start()
    ours.setblocking(True)  # so that the whole of it can be waited for
    assert send(ours, blob) == len(blob)
    listener.join(10)
    assert bytes(got) == blob


def test_an_end_is_nothing_and_a_peer_that_is_gone_an_error(reader: Reader, pair: Pair) -> None:
    ours, theirs = pair
    theirs.close()
    assert reader.recv(ours) == b""
    with pytest.raises(BrokenPipeError):  # and no SIGPIPE
        send(ours, b"anybody?")


def test_a_closed_socket_is_an_error_and_not_the_next_file(reader: Reader, pair: Pair) -> None:
    pair[0].close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        reader.recv(pair[0])
    with pytest.raises(OSError, match="Bad file descriptor"):
        send(pair[0], b"x")


def test_tls_is_told_from_plain(pair: Pair) -> None:
    assert syscalls.is_plain(pair[0])
    context = ssl.create_default_context()
    with context.wrap_socket(pair[1], server_hostname="kiosk", do_handshake_on_connect=False) as wrapped:
        assert not syscalls.is_plain(wrapped)


FORBIDDEN = """
import ctypes, sys
PR_SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
if ctypes.CDLL(None).prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0):
    sys.exit(77)
for name in [name for name in sys.modules if "ctypes" in name]:
    del sys.modules[name]  # it makes a function when it is imported
import socket
from kiosk_server.transport.syscalls import Reader, send
ours, theirs = socket.socketpair()
ours.setblocking(False)
theirs.sendall(b"in")
assert Reader().recv(ours) == b"in"
assert send(ours, b"out") == 3
assert theirs.recv(9) == b"out"
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what systemd's MemoryDenyWriteExecute does is Linux's")
def test_it_works_where_memory_may_not_become_a_program() -> None:
    done = subprocess.run([sys.executable, "-c", FORBIDDEN], capture_output=True, text=True, timeout=60, check=False)
    if done.returncode == 77:
        pytest.skip("this kernel (before 6.3) cannot forbid it to a single process")
    assert done.returncode == 0, done.stderr
