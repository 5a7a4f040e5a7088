"""Some thousand Socket.IO clients in one epoll loop, as light as Python allows.

Laws: nothing is computed per event that could be computed before; one read is one `recv_into` a
shared buffer; a frame of the known length is counted without being parsed, and the counts of every
single client are compared afterwards, so that a missing or doubled frame fails the round.
"""

import contextlib
import select
import socket
import struct
import time
from dataclasses import dataclass

from benchmarks.load import frames

TIMEOUT_S = 30.0
BUFFER_SIZE = 65536
NO_LINGER = struct.pack("ii", 1, 0)


class BrokenError(Exception):
    """The server did something that makes the figure meaningless."""


@dataclass(slots=True)
class Client:
    sock: socket.socket
    rest: bytes = b""
    is_upgraded: bool = False
    is_live: bool = False


class Swarm:
    """The clients of one server on 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.poller = select.epoll()
        self.clients: dict[int, Client] = {}
        self.states: dict[int, int] = {}
        self.acked: set[int] = set()
        self.buffer = bytearray(BUFFER_SIZE)
        self.retries = 0
        self.live = 0
        self._state_sent_ns = 0
        self._handshake = frames.handshake(port)

    # -- life of a connection

    def connect(self, count: int, parallel: int) -> tuple[float, float]:
        """Opens `count` more clients, at most `parallel` at a time; when it began and all were live."""
        began, wanted, started = time.monotonic(), self.live + count, 0
        deadline = began + max(TIMEOUT_S, count / 20)
        while self.live < wanted:
            while started < count and len(self.clients) - self.live < parallel:
                self._start()
                started += 1
            self._turn(deadline)
        return began, time.monotonic()

    def drop(self) -> None:
        """Resets every connection at once (RST)."""
        for client in self.clients.values():
            client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            client.sock.close()
        self.clients.clear()
        self.states.clear()
        self.live = self.retries = 0

    def _start(self) -> None:
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect_ex(("127.0.0.1", self.port))
        fd = sock.fileno()
        self.clients[fd] = Client(sock)
        self.states[fd] = 0
        self.poller.register(fd, select.EPOLLOUT)

    def _turn(self, deadline: float) -> None:
        """Handles what is ready, by the slow way that understands everything."""
        left = deadline - time.monotonic()
        if left <= 0:
            raise BrokenError(f"{self.live} of {len(self.clients)} clients were live in time")
        for fd, event in self.poller.poll(min(left, 1.0), max(1, len(self.clients))):
            client = self.clients[fd]
            try:
                if event & select.EPOLLOUT:
                    client.sock.send(self._handshake)
                    self.poller.modify(fd, select.EPOLLIN)
                    continue
                self._read(fd, client.sock.recv(BUFFER_SIZE))
            except BlockingIOError:
                continue
            except OSError as error:
                self._try_again(fd, client, error)

    def _try_again(self, fd: int, client: Client, error: OSError) -> None:
        if client.is_live:
            raise BrokenError(f"the server lost a live client: {error}") from error
        with contextlib.suppress(OSError):
            self.poller.unregister(fd)
        client.sock.close()
        del self.clients[fd], self.states[fd]
        self.retries += 1
        if self.retries > 20_000:
            raise BrokenError("the server refuses clients") from error
        self._start()

    def _read(self, fd: int, data: bytes) -> int:
        """What any client does with any bytes: grow up, answer pings, count; how many messages."""
        client = self.clients[fd]
        if not data:
            raise ConnectionResetError("end of stream")
        data = client.rest + data
        if not client.is_upgraded:
            head, found, data = data.partition(b"\r\n\r\n")
            if not found:
                client.rest = head
                return 0
            if b" 101 " not in head[:32]:
                raise ConnectionResetError(head[:80].decode("latin-1"))
            client.is_upgraded = True
        messages, client.rest = frames.take_messages(data)
        for message in messages:
            self._handle(fd, client, message)
        return len(messages)

    def _handle(self, fd: int, client: Client, message: bytes) -> None:
        if message.startswith(frames.STATE):
            self.states[fd] += 1
            self._state_sent_ns = frames.sent_at_ns(message)
        elif message.startswith(frames.ACK):
            self.acked.add(fd)
        elif message == frames.PING:
            client.sock.send(frames.client_frame(frames.PONG))
        elif message.startswith(frames.OPEN):
            client.sock.send(frames.client_frame(frames.CONNECT))
        elif message.startswith(frames.CONNECTED) and not client.is_live:
            client.is_live = True
            self.live += 1

    # -- what is measured

    def attend(self, stop_fd: int) -> None:
        """Keeps every client alive (pings) until `stop_fd` can be read."""
        self.poller.register(stop_fd, select.EPOLLIN)
        try:
            while True:
                for fd, _ in self.poller.poll():
                    if fd == stop_fd:
                        return
                    self._read(fd, self.clients[fd].sock.recv(BUFFER_SIZE))
        finally:
            self.poller.unregister(stop_fd)

    def listen(self, seconds: float) -> int:
        """Reads whatever is pushed for so long; how many states arrived, over all clients."""
        before, end = sum(self.states.values()), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            for fd, _ in self.poller.poll(left, max(1, len(self.clients))):
                self._read(fd, self.clients[fd].sock.recv(BUFFER_SIZE))
        return sum(self.states.values()) - before

    def broadcasts(self, count: int, gap_s: float) -> list[float]:
        """Milliseconds from the server's first stamp to the last client's frame, of each broadcast."""
        times_ms = []
        for _ in range(count):
            self.listen(gap_s)
            times_ms.append(self._broadcast())
        return times_ms

    def _broadcast(self) -> float:
        expected = {fd: count + 1 for fd, count in self.states.items()}
        receive = {fd: client.sock.recv_into for fd, client in self.clients.items()}
        buffer, states, poll, limit = self.buffer, self.states, self.poller.poll, len(receive)
        missing, size_of_state = limit, 0
        deadline = time.monotonic() + TIMEOUT_S
        with socket.create_connection(("127.0.0.1", self.port)) as control:
            control.sendall(frames.get(self.port, "/broadcast"))
            while missing > 0:
                ready = poll(1.0, limit)
                if time.monotonic() > deadline:
                    raise BrokenError(f"{missing} of {limit} clients never got the broadcast")
                for fd, _ in ready:
                    size = receive[fd](buffer)
                    if size == size_of_state:
                        states[fd] += 1
                        missing -= 1
                        continue
                    before = states[fd]
                    messages = self._read(fd, bytes(buffer[:size]))
                    missing -= states[fd] - before
                    if messages == 1 and states[fd] == before + 1:
                        size_of_state = size
            arrived_ns = time.monotonic_ns()
            control.settimeout(TIMEOUT_S)
            while control.recv(BUFFER_SIZE):
                pass
        if states != expected:
            raise BrokenError("a client got a broadcast twice while another got none")
        return (arrived_ns - self._state_sent_ns) / 1e6

    def acks(self, seconds: float) -> tuple[int, float, list[float]]:
        """A closed loop of acknowledged events: how many, in how many seconds, each one's ms."""
        request = {
            fd: frames.client_frame(b'420["scan",{"id":"%06d","code":"7616500657090","q":1}]' % fd)
            for fd in self.clients
        }
        send = {fd: client.sock.send for fd, client in self.clients.items()}
        receive = {fd: client.sock.recv_into for fd, client in self.clients.items()}
        asked, buffer, clock, times_ms = {}, self.buffer, time.monotonic, []
        began = clock()
        end, answered_in_time, waiting = began + seconds, 0, len(request)
        for fd, data in request.items():
            asked[fd] = clock()
            send[fd](data)
        while waiting:
            ready = self.poller.poll(1.0, len(request))
            if clock() > end + TIMEOUT_S:
                raise BrokenError(f"{waiting} events were never acknowledged")
            for fd, _ in ready:
                size = receive[fd](buffer)
                # Anything but one ack alone, a ping before it for one, goes the slow way.
                if buffer[1] != size - 2 or buffer[2:4] != frames.ACK:
                    self._read(fd, bytes(buffer[:size]))
                    if fd not in self.acked:
                        continue
                    self.acked.discard(fd)
                now = clock()
                times_ms.append((now - asked[fd]) * 1e3)
                if now < end:
                    answered_in_time += 1
                    asked[fd] = now
                    send[fd](request[fd])
                else:
                    waiting -= 1
        return answered_in_time, seconds, times_ms
